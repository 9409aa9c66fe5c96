"""What goes into which cell of a superior's table: rows are offices, columns are fields, counts or indicators.

The table is read by its words: a column of office names says the rows, the words above say the columns. What is not
understood is asked for, never guessed at. The mapping is kept with the words that stood there, so that next year's
issue of the same table is recognised and what moved is said. Pure. Source: ui/design.md county-12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cunbao.survey.task import Task
from cunbao.survey.totals_table import can_be_summed, is_figure, places_of
from cunbao.survey.values import Office
from cunbao.survey.workbook import BookSheet, letters_of, number_of

TOTAL_WORDS = ("合计", "总计", "全县", "小计")
ORDER_WORDS = ("序号", "编号", "序")
BLANK = re.compile(r"[_＿]{2,}")
UNITS = re.compile(r"[（(][^（）()]*[)）]")
NOISE = re.compile(r"[\s、，。：:；;“”\"'（）()/／·\-—_]+")
LEAST = 2  # offices that make a column one of names
SHORTEST = 3  # characters of a head that may be a part of a label


class Kind(StrEnum):
    """What a cell is filled with. The value is the word on screen."""

    OFFICE = "单位"
    COUNT = "单位数"
    FIELD = "报表格"
    INDICATOR = "指标"
    TEXT = "文字"
    SKIP = "不填"


@dataclass(frozen=True, slots=True)
class Rule:
    """kind and what: FIELD "B02.b02_area_total", INDICATOR "003-04", COUNT "villages" or "accepted", TEXT "issuer",
    "period", "day", "person". places: decimals, None as they are."""

    kind: Kind
    what: str = ""
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be filled in. words: by which it is found; more: its number or form."""

    rule: Rule
    words: str
    more: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """office_column: letters; rows: row number → 12-digit code; total: number of the 合计 row, 0 none; head: number of
    the row of heads above the first office."""

    office_column: str
    rows: Mapping[int, str]
    total: int
    head: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What goes where in one sheet. columns: letters → rule, for every office row and the 合计; cells: single cells;
    heads: letters → words that stood above when it was chosen."""

    sheet: str
    rows: Rows
    columns: Mapping[str, Rule] = field(default_factory=dict)
    cells: Mapping[str, Rule] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)

    def rule(self, ref: str) -> Rule | None:
        """What a cell is filled with: its own rule, else its column's where an office's row is."""
        if ref in self.cells:
            return self.cells[ref]
        letters, number = _parts(ref)
        inside = number in self.rows.rows or number == self.rows.total != 0
        return self.columns.get(letters) if inside else None


@dataclass(frozen=True, slots=True)
class Moved:
    """What is no longer where it stood: from, to: letters, to "" when it was not found."""

    words: str
    before: str
    after: str


# --- what there is to choose from ------------------------------------------------------------------------------------

COUNTS = (
    Entry(Rule(Kind.COUNT, "villages"), "村（社区）数", "单位数"),
    Entry(Rule(Kind.COUNT, "accepted"), "已通过的村（社区）数", "单位数"),
)
TEXTS = (
    Entry(Rule(Kind.TEXT, "issuer"), "填报单位", "文字"),
    Entry(Rule(Kind.TEXT, "period"), "报告期", "文字"),
    Entry(Rule(Kind.TEXT, "day"), "填表日期", "文字"),
    Entry(Rule(Kind.TEXT, "person"), "填表人", "文字"),
)
# heads that superiors write for what the counts mean
COUNT_WORDS = {
    "村社区数": "villages", "村数": "villages", "村居数": "villages", "社区数": "villages", "单位数": "villages",
    "已通过": "accepted", "已报": "accepted", "已上报": "accepted", "上报数": "accepted", "通过数": "accepted",
}  # fmt: skip
TEXT_WORDS = {
    "填报单位": "issuer", "填报机关": "issuer", "单位名称": "issuer", "报告期": "period", "年度": "period",
    "填表日期": "day", "填报日期": "day", "报出日期": "day", "填表人": "person", "填报人": "person", "制表人": "person",
}  # fmt: skip


def catalog(task: Task) -> tuple[Entry, ...]:
    """Everything that can go into a cell: counts, number fields of the villages' forms, computed indicators, texts."""
    found: list[Entry] = list(COUNTS)
    for form_id, form in task.forms.items():
        for one in form.fields:
            if is_figure(one) and can_be_summed(one) and not one.source:  # what is taken over stands at its source
                rule = Rule(Kind.FIELD, f"{form_id}.{one.name}", places_of(one))
                found.append(Entry(rule, one.label, form_id, one.unit))
    # the county's own plans first: where several plans have one indicator, a head means theirs
    for indicator in sorted(task.indicators, key=lambda one: one.plan not in task.plans):
        if indicator.numerator:
            rule = Rule(Kind.INDICATOR, indicator.number, 1)
            found.append(Entry(rule, indicator.name, indicator.number, indicator.unit))
    return (*found, *TEXTS)


def search(entries: Sequence[Entry], typed: str, kind: Kind | None = None, most: int = 50) -> tuple[Entry, ...]:
    """What fits what was typed: in the words or the number; of one kind, or of all."""
    wanted = plain(typed)
    fits = [
        one
        for one in entries
        if (kind is None or one.rule.kind is kind)
        and (not wanted or wanted in plain(one.words) or wanted in plain(one.more))
    ]
    return tuple(sorted(fits, key=lambda one: (len(one.words), one.more))[:most])


# --- understanding a table -------------------------------------------------------------------------------------------


def rows_of(sheet: BookSheet, offices: Sequence[Office]) -> Rows | None:
    """Which rows are which offices: by the column that names most of them. None when no column does."""
    names: dict[str, str] = {}
    for one in offices:
        for name in (one.short, one.name, one.short.removesuffix("镇").removesuffix("乡")):
            if len(name) > 1:
                names.setdefault(plain(name), one.code)
    best: tuple[str, dict[int, str]] = ("", {})
    for column in range(1, sheet.columns + 1):
        letters = letters_of(column)
        found: dict[int, str] = {}
        for row in range(1, sheet.rows + 1):
            code = _office(plain(sheet.cell(f"{letters}{row}").text), names)
            if code and code not in found.values():
                found[row] = code
        if len(found) > len(best[1]):
            best = (letters, found)
    letters, rows = best
    if len(rows) < LEAST:
        return None
    first, last = min(rows), max(rows)
    head = next((row for row in range(first - 1, 0, -1) if _says(sheet, row)), 0)
    return Rows(letters, rows, _total(sheet, letters, last), head)


def _office(said: str, names: Mapping[str, str]) -> str:
    """An office by what a cell says: exactly, or by the beginning that only one has (格朗和乡 for 格朗和哈尼族乡)."""
    if not said:
        return ""
    if said in names:
        return names[said]
    stem = said[:-1] if said[-1:] in "镇乡" and len(said) > SHORTEST - 1 else ""
    fits = {code for name, code in names.items() if stem and name.startswith(stem)}
    return fits.pop() if len(fits) == 1 else ""


def _total(sheet: BookSheet, letters: str, last: int) -> int:
    for row in range(last + 1, min(sheet.rows, last + 5) + 1):
        for column in range(1, number_of(letters) + 1):
            if "".join(sheet.cell(f"{letters_of(column)}{row}").text.split()) in TOTAL_WORDS:
                return row
    return 0


def _says(sheet: BookSheet, row: int) -> bool:
    return sum(bool(sheet.cell(f"{letters_of(at)}{row}").text) for at in range(1, sheet.columns + 1)) >= LEAST


def head_of(sheet: BookSheet, letters: str, rows: Rows) -> str:
    """The words above a column: its own, behind those of a head that it shares with its neighbours. A title over the
    whole table is no head."""
    parts = [sheet.cell(f"{letters}{rows.head}").text or _shared(sheet, letters, rows.head, rows)]
    for row in range(rows.head - 1, max(0, rows.head - 3), -1):
        said = _shared(sheet, letters, row, rows) or ("" if parts[0] else sheet.cell(f"{letters}{row}").text)
        if said and said not in parts and not BLANK.search(said):
            parts.insert(0, said)
    return "".join("".join(parts).split())


def _shared(sheet: BookSheet, letters: str, row: int, rows: Rows) -> str:
    """What a merged head says, as long as it does not reach over the offices' names too."""
    own, names = number_of(letters), number_of(rows.office_column)
    for area in sheet.merged:
        (left, top), (right, bottom) = (_parts(one) for one in area.split(":"))
        first, last = number_of(left), number_of(right)
        if first <= own <= last and top <= row <= bottom and not (first < last and first <= names <= last):
            return sheet.cell(f"{left}{top}").text
    return ""


def _parts(ref: str) -> tuple[str, int]:
    """("G", 4) of G4."""
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :])


def guess(sheet: BookSheet, offices: Sequence[Office], entries: Sequence[Entry]) -> Layout | None:
    """A first mapping by the words alone; a column that fits nothing, or several things, is left open."""
    rows = rows_of(sheet, offices)
    if rows is None:
        return None
    columns: dict[str, Rule] = {rows.office_column: Rule(Kind.OFFICE)}
    heads: dict[str, str] = {}
    for at in range(1, sheet.columns + 1):
        letters = letters_of(at)
        head = head_of(sheet, letters, rows)
        heads[letters] = head
        if letters in columns or not _open(sheet, letters, rows):
            continue
        if plain(head) in {plain(word) for word in ORDER_WORDS} or not head:
            continue
        found = fitting(entries, head)
        if found is not None:
            columns[letters] = found.rule
    return Layout(sheet.name, rows, columns, texts_of(sheet, rows), heads)


def fitting(entries: Sequence[Entry], head: str) -> Entry | None:
    """The one entry that a head means, None for none or several. Exactly the same words first, then the one label that
    has them all, or the longest label that they have."""
    said = plain(UNITS.sub("", head)) or plain(head)
    if said in COUNT_WORDS:
        return next(one for one in COUNTS if one.rule.what == COUNT_WORDS[said])
    same = [one for one in entries if said in (plain(one.words), plain(UNITS.sub("", one.words)))]
    if same:
        kinds = {one.rule.kind for one in same}
        return same[0] if len(kinds) == 1 and (len(same) == 1 or kinds == {Kind.INDICATOR}) else None
    if len(said) < SHORTEST:
        return None
    wider = [one for one in entries if said in plain(one.words) and one.rule.kind is not Kind.TEXT]
    return wider[0] if len(wider) == 1 else None


def texts_of(sheet: BookSheet, rows: Rows) -> dict[str, Rule]:
    """Cells outside the table that ask for a word: 填表日期：____."""
    found: dict[str, Rule] = {}
    for ref, cell in sheet.cells.items():
        number = int(re.sub(r"[A-Z]+", "", ref))
        if cell.formula or number in rows.rows or number == rows.total or number == rows.head:
            continue
        label = re.split(r"[：:]", cell.text, maxsplit=1)
        word = TEXT_WORDS.get(plain(label[0])) if len(label) == 2 else None
        if word:
            found[ref] = Rule(Kind.TEXT, word)
    return found


def blanks(sheet: BookSheet, held: Layout) -> tuple[str, ...]:
    """Cells that want something and have no rule: empty ones of a column with a head, and 负责人：____."""
    found: list[str] = []
    numbers = [*sorted(held.rows.rows), *([held.rows.total] if held.rows.total else [])]
    for at in range(1, sheet.columns + 1):
        letters = letters_of(at)
        if letters in held.columns or letters in sheet.hidden or not held.heads.get(letters):
            continue
        if plain(held.heads[letters]) in {plain(word) for word in ORDER_WORDS}:
            continue
        found += [
            f"{letters}{row}"
            for row in numbers[:1]
            if _wants(sheet, f"{letters}{row}") and _open(sheet, letters, held.rows)
        ]
    for ref, cell in sheet.cells.items():
        if BLANK.search(cell.text) and ref not in held.cells:
            found.append(ref)
    return tuple(sorted(found, key=_order))


def _wants(sheet: BookSheet, ref: str) -> bool:
    cell = sheet.cell(ref)
    return not cell.formula and (not cell.text or cell.number)


def _open(sheet: BookSheet, letters: str, rows: Rows) -> bool:
    """May the column be filled: none of its office rows holds a formula or words."""
    return all(_wants(sheet, f"{letters}{row}") for row in rows.rows) and letters not in sheet.hidden


def _order(ref: str) -> tuple[int, int]:
    letters, number = _parts(ref)
    return number, number_of(letters)


# --- next year -------------------------------------------------------------------------------------------------------


def carried(kept: Layout, sheet: BookSheet, offices: Sequence[Office]) -> tuple[Layout, tuple[Moved, ...]] | None:
    """Last year's mapping laid over this year's issue: columns are found again by the words above them. Gives the
    mapping and what moved; None when this sheet is another table (under half of the words are there)."""
    rows = rows_of(sheet, offices)
    if rows is None:
        return None
    now = {letters_of(at): head_of(sheet, letters_of(at), rows) for at in range(1, sheet.columns + 1)}
    places = {plain(words): letters for letters, words in reversed(now.items()) if words}
    known = [letters for letters in kept.columns if kept.heads.get(letters)]
    again = [letters for letters in known if plain(kept.heads[letters]) in places]
    if not known or 2 * len(again) < len(known):
        return None
    columns: dict[str, Rule] = {rows.office_column: Rule(Kind.OFFICE)}
    moved: list[Moved] = []
    for letters in known:
        if kept.columns[letters].kind is Kind.OFFICE:
            continue
        words = kept.heads[letters]
        stays = plain(now.get(letters, "")) == plain(words)
        after = letters if stays else places.get(plain(words), "")
        if after != letters:
            moved.append(Moved(words, letters, after))
        if after:
            columns[after] = kept.columns[letters]
    return Layout(sheet.name, rows, columns, texts_of(sheet, rows), now), tuple(moved)


def with_column(held: Layout, letters: str, rule: Rule | None) -> Layout:
    """往下填: the whole column. None takes it back."""
    columns = {name: one for name, one in held.columns.items() if name != letters}
    if rule is not None:
        columns[letters] = rule
    return replace(held, columns=columns)


def with_cell(held: Layout, ref: str, rule: Rule | None) -> Layout:
    cells = {name: one for name, one in held.cells.items() if name != ref}
    if rule is not None:
        cells[ref] = rule
    return replace(held, cells=cells)


def as_json(held: Layout) -> dict[str, object]:
    return {
        "sheet": held.sheet,
        "office_column": held.rows.office_column,
        "columns": {name: [one.kind.name, one.what, one.places] for name, one in held.columns.items()},
        "cells": {name: [one.kind.name, one.what, one.places] for name, one in held.cells.items()},
        "heads": dict(held.heads),
    }


def from_json(said: Mapping[str, object]) -> Layout:
    """A kept mapping; its rows are those of the sheet that it will be laid over."""

    def rules(of: object) -> dict[str, Rule]:
        assert isinstance(of, dict)
        return {name: Rule(Kind[kind], what, places) for name, (kind, what, places) in of.items()}

    heads = said["heads"]
    assert isinstance(heads, dict)
    rows = Rows(str(said["office_column"]), {}, 0, 0)
    return Layout(str(said["sheet"]), rows, rules(said["columns"]), rules(said["cells"]), heads)


def plain(text: str) -> str:
    """A head or label without spaces, brackets and punctuation."""
    return NOISE.sub("", text).replace("㎡", "平方米").lower()
