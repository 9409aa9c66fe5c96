"""单位名录: rows of a list as it was handed in, held against the directory in force; every fault with its row.

Nothing is taken while a row is wrong. A code is never used for another office; 撤并 and 村改居 give the old office a
last day and a successor. Pure: rows in, a comparison out. Source: ui/design.md county-05; fields.md §0.2 for the codes.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from cunbao.survey.values import OFFICE_CODE, Office

ALWAYS = "2000-01-01"  # lists write this for offices that have always been there
SHORT_ENDINGS = (
    ("村民委员会", "村"),
    ("村委会", "村"),
    ("居民委员会", ""),
    ("居委会", ""),
    ("人民政府", ""),
    ("办事处", ""),
)
# words that lists use for a kind → code of the lists village_kind and office_kind
KINDS = {
    "村委会": "10", "行政村": "10", "村": "10", "村民委员会": "10", "行政村（村委会）": "10",
    "村民委员会（行政村）": "10",
    "居委会": "20", "社区": "20", "居民委员会": "20", "城市社区": "20", "城市社区（居委会）": "20",
    "城市社区居民委员会": "20",
    "涉农社区": "21", "村改居": "21", "涉农社区居民委员会": "21", "涉农社区（村改居，有自然村）": "21",
    "街道": "51", "街道办事处": "51", "镇": "52", "乡": "53", "民族乡": "53", "乡（含民族乡）": "53", "农场": "54",
    "农场、园区等类似乡级单位": "54",
}  # fmt: skip
# kinds by the last three (village) or middle three (township) digits: fields.md §0.2
VILLAGE_RANGES = ((1, 199, "20"), (200, 399, "10"), (400, 499, "20"), (500, 599, "10"))
TOWNSHIP_RANGES = ((1, 99, "51"), (100, 199, "52"), (200, 399, "53"), (400, 599, "54"))
EXPONENT = re.compile(r"[0-9][.0-9]*[eE]\+?[0-9]+")


class Change(StrEnum):
    """What a row is, held against the directory. The value is the word on screen."""

    SAME = "没变"
    CHANGED = "改名称"
    NEW = "新设"
    ENDED = "撤并"
    WRONG = "有错"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row as it was written, trimmed. row: Excel's number. merged: a merged cell hides what stands in this row."""

    row: int
    code: str = ""
    name: str = ""
    kind: str = ""
    parent: str = ""
    since: str = ""
    until: str = ""
    successor: str = ""
    ur_class: str = ""
    raw_name: str = ""  # as written, with its blanks
    merged: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong. field: of ListRow; word: 代码重复; line: what is there and what to do; twin: the other row."""

    field: str
    word: str
    line: str
    twin: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One row and what it would do. office: None while it is wrong; line: 原来写成“曼 轰村”，去掉空格."""

    row: ListRow
    change: Change
    line: str = ""
    office: Office | None = None
    faults: tuple[RowFault, ...] = ()

    @property
    def word(self) -> str:
        return self.faults[0].word if self.faults else self.change.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows in the order of the file. untouched: offices in force that the file does not name: they stay."""

    rows: tuple[Compared, ...]
    untouched: tuple[Office, ...]

    @property
    def counts(self) -> Mapping[Change, int]:
        return Counter(one.change for one in self.rows)

    @property
    def faults(self) -> int:
        """Rows that are wrong."""
        return sum(one.change is Change.WRONG for one in self.rows)

    @property
    def ready(self) -> bool:
        """Every row is right and one of them changes something."""
        return not self.faults and any(one.change is not Change.SAME for one in self.rows)

    def offices(self) -> tuple[Office, ...]:
        """What is to be written, once nothing is wrong."""
        return tuple(one.office for one in self.rows if one.office is not None and one.change is not Change.SAME)


def compare(
    rows: Sequence[ListRow], known: Mapping[str, Office], county: Office, *, dropped: frozenset[int] = frozenset()
) -> Comparison:
    """Hold a list against the directory in force. known: by code, ended offices included; dropped: numbers of rows that
    were left out because another row with the same code stays."""
    kept = [one for one in rows if one.row not in dropped]
    twins: dict[str, list[int]] = defaultdict(list)
    for one in kept:
        twins[_padded(one.code)].append(one.row)
    listed = {_padded(one.code) for one in kept}
    found = tuple(_compared(one, known, county, twins, listed | set(known)) for one in kept)
    named = {_padded(one.code) for one in kept}
    rest = tuple(office for code, office in sorted(known.items()) if code not in named and not office.until)
    return Comparison(found, rest)


def _compared(
    row: ListRow, known: Mapping[str, Office], county: Office, twins: Mapping[str, Sequence[int]], codes: set[str]
) -> Compared:
    faults = _faults(row, known, county, twins, codes)
    if faults:
        return Compared(row, Change.WRONG, faults[0].line, None, tuple(faults))
    office = _office(row, known.get(_padded(row.code)))
    before = known.get(office.code)
    if before is None:
        begins = f"{office.since} 起填报" if office.since else "从本期起填报"
        return Compared(row, Change.ENDED if office.until else Change.NEW, begins, office)
    if office == before:
        return Compared(row, Change.SAME, "", office)
    if office.until and not before.until:
        into = known.get(office.successor)
        words = f"并入 …{office.successor[-3:]} {into.short if into else ''}".rstrip()
        return Compared(row, Change.ENDED, f"{words}，旧报表照样查得到", office)
    return Compared(row, Change.CHANGED, _changed(row, office, before), office)


def _changed(row: ListRow, office: Office, before: Office) -> str:
    if office.name != before.name:
        blanks = "，去掉空格" if row.raw_name and row.raw_name != row.name else ""
        return f"原来写成“{before.name}”{blanks}"
    told = [
        word
        for word, field in (("类别", "kind"), ("城乡分类", "ur_class"), ("生效", "since"), ("失效", "until"),
                            ("并入", "successor"), ("上级", "parent"), ("简称", "short_name"))
        if getattr(office, field) != getattr(before, field)
    ]  # fmt: skip
    return f"改了{'、'.join(told)}"


def _office(row: ListRow, before: Office | None) -> Office:
    """The office that a right row says. What the list leaves blank stays as it is."""
    code = _padded(row.code)
    since, until = _day(row.since) or "", _day(row.until) or ""
    base = before or Office(code=code, name=row.name)
    return replace(
        base,
        name=row.name,
        short_name=short_name(row.name) if before is None or before.name != row.name else before.short_name,
        kind=KINDS.get(row.kind, row.kind) or base.kind or kind_by_code(code),
        ur_class=row.ur_class or base.ur_class,
        parent=_parent_of(code),
        since="" if since in ("", ALWAYS) else since,
        until=until,
        successor=_padded(row.successor) if row.successor else "",
    )


def _faults(
    row: ListRow, known: Mapping[str, Office], county: Office, twins: Mapping[str, Sequence[int]], codes: set[str]
) -> list[RowFault]:
    found: list[RowFault] = []

    def wrong(field: str, word: str, line: str, twin: int = 0) -> None:
        found.append(RowFault(field, word, line, twin))

    if row.merged:
        wrong("code", "合并单元格", f"{row.merged} 合并了，这一行的内容看不到；请取消合并，逐行填写")
        return found
    code = _padded(row.code)
    if EXPONENT.fullmatch(row.code):
        wrong("code", "代码坏了", f"代码被 Excel 变成了 {row.code}，请把这一列设成文本后重输")
    elif not OFFICE_CODE.fullmatch(code):
        wrong("code", "代码不对", f"“{row.code}”不是 12 位代码" if row.code else "没有写代码")
    elif len(twins[code]) > 1:
        others = [number for number in twins[code] if number != row.row]
        wrong("code", "代码重复", f"和第 {others[0]} 行代码相同", others[0])
    elif code[:6] != county.code[:6]:
        wrong("code", "不是本县的", f"代码前 6 位是 {code[:6]}，本县是 {county.code[:6]}")
    if found:
        return found
    if not row.name:
        wrong("name", "没有名称", "请填单位名称")
    before = known.get(code)
    if before is not None and before.until and row.name and row.name != before.name and not row.until:
        wrong("code", "代码用过", f"{before.name} {before.until} 撤并，代码不能再给别的单位")
    _wrong_parent(row, code, known, wrong)
    kind = KINDS.get(row.kind, row.kind)
    level = "village" if not code.endswith("000") else "township" if not code.endswith("000000") else "county"
    fits = {"village": ("10", "20", "21"), "township": ("51", "52", "53", "54")}.get(level)
    if kind and fits and kind not in fits:
        wrong("kind", "类别不对", f"“{row.kind}”不是{'村（社区）' if level == 'village' else '乡镇'}的类别")
    elif not kind and before is None and fits and not kind_by_code(code):
        wrong("kind", "没有类别", "从代码看不出是村委会还是居委会，请填类别")
    _wrong_days(row, code, codes, known, wrong)
    return found


def _wrong_parent(row: ListRow, code: str, known: Mapping[str, Office], wrong) -> None:  # type: ignore[no-untyped-def]
    due = _parent_of(code)
    if row.parent and due and _padded(row.parent) != due:
        by_code, said = known.get(due), known.get(_padded(row.parent))
        ours = by_code.short if by_code else due[:9]
        theirs = said.short if said else row.parent
        wrong("parent", "上级不对", f"代码前 9 位是{ours}，上级写成{theirs}")


def _wrong_days(  # type: ignore[no-untyped-def]
    row: ListRow, code: str, codes: set[str], known: Mapping[str, Office], wrong
) -> None:
    since, until = _day(row.since), _day(row.until)
    if since is None:
        wrong("since", "生效不对", f"“{row.since}”不是日期，请写成 2025-06-01")
    if until is None:
        wrong("until", "失效不对", f"“{row.until}”不是日期，请写成 2025-06-30")
    if since and until and until < since:
        wrong("until", "失效不对", "失效比生效还早")
    into = _padded(row.successor) if row.successor else ""
    if until and not into:
        wrong("successor", "没写并入", "有失效日期的，要写并入哪个单位的代码")
    elif into and not until:
        wrong("until", "没写失效", "写了并入的，要写失效日期")
    elif into and (into == code or into not in codes):
        wrong("successor", "并入不对", "不能并入自己" if into == code else f"名录里没有 {row.successor}")
    elif into and (target := known.get(into)) is not None and target.until:
        wrong("successor", "并入不对", f"{target.short} {target.until} 已经撤并")


def kind_by_code(code: str) -> str:
    """The kind that the digits of a code say, "" for none (fields.md §0.2)."""
    if code.endswith("000000"):
        return ""
    number, ranges = (int(code[6:9]), TOWNSHIP_RANGES) if code.endswith("000") else (int(code[9:]), VILLAGE_RANGES)
    return next((kind for low, high, kind in ranges if low <= number <= high), "")


def short_name(name: str) -> str:
    """曼蚌村 for 曼蚌村民委员会, 勐混镇 for 勐混镇人民政府; "" when it is its own."""
    for ending, kept in SHORT_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending) + kept
    return ""


def _padded(code: str) -> str:
    """12 digits of a code that a list may give with 6 (county) or 9 (township)."""
    return code + "0" * (12 - len(code)) if code.isascii() and code.isdigit() and len(code) in (6, 9) else code


def _parent_of(code: str) -> str:
    if code.endswith("000000"):
        return ""
    return code[:6] + "000000" if code.endswith("000") else code[:9] + "000"


def _day(text: str) -> str | None:
    """YYYY-MM-DD of what was written, "" for nothing, None for no date."""
    if not text or text in ("—", "-", "长期"):
        return ""
    plain = re.sub(r"[年月./]", "-", text.strip().removesuffix("日").split(" ")[0].split("T")[0])
    parts = plain.split("-")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        try:
            return date(*(int(part) for part in parts)).isoformat()
        except ValueError:
            return None
    return None


def predecessors(offices: Sequence[Office], code: str, day: date) -> tuple[str, ...]:
    """Whose figures of a period that ended on `day` stand for this office: its own when it reported then, and those of
    every office that was merged into it since, through several mergers too."""
    by_successor: dict[str, list[Office]] = defaultdict(list)
    own = next((one for one in offices if one.code == code), None)
    for one in offices:
        if one.successor:
            by_successor[one.successor].append(one)
    found: list[str] = [code] if own is None or own.reports_on(day) else []
    waiting, seen = [code], {code}
    while waiting:
        for one in by_successor.get(waiting.pop(), ()):
            if one.code not in seen:
                seen.add(one.code)
                waiting.append(one.code)
                if one.reports_on(day):
                    found.append(one.code)
    return tuple(found)
