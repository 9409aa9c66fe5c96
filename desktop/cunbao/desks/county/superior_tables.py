"""上级表格: a superior's workbook filled from accepted returns, by a mapping that is remembered for next year.

Only what counts goes in; what cannot be computed becomes —, never 0; a 合计 of a ratio is Σ ÷ Σ over all offices, not
the mean of the rows. The file itself is only changed in the mapped cells. Source: ui/design.md county-12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from cunbao.desks import media
from cunbao.desks.clock import LOCAL, local_day
from cunbao.desks.county import indicators, measured, progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError
from cunbao.survey import superior, workbook
from cunbao.survey.indicators import NoFigure, Total, office_value
from cunbao.survey.states import ReturnState
from cunbao.survey.superior import Entry, Kind, Layout, Moved, Rule
from cunbao.survey.task import Indicator
from cunbao.survey.totals_table import Sum
from cunbao.survey.values import Office
from cunbao.survey.workbook import Book, Value, letters_of

KEPT = "superior/tables"  # setting: [{file, layout}], the newest at the end
MOST_KEPT = 40
NONE = "—"  # what stands where nothing can be computed


@dataclass(frozen=True, slots=True)
class Table:
    """A workbook that is being filled. layout: None when no column of office names was found. moved: what last year's
    mapping found elsewhere; notes: what is odd in the file."""

    book: Book
    sheet: str
    layout: Layout | None
    moved: tuple[Moved, ...] = ()
    notes: tuple[str, ...] = ()
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class TableView:
    """county-12. values: what goes into each mapped cell; kept: cells with words or formulas that stay; open: cells
    that want something and have no rule; accepted, villages: how many of them the figures rest on."""

    table: Table
    values: Mapping[str, Value]
    kept: int
    open: tuple[str, ...]
    accepted: int
    villages: int

    @property
    def mapped(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Explained:
    """What stands behind one cell. level: of which offices; sum: 勐海镇 2515.1 ÷ 7113 × 100，6 个村（社区）."""

    ref: str
    rule: Rule | None
    label: str
    level: str
    value: str
    sum: str


def open_table(desk: CountyDesk, path: Path, sheet: str = "") -> Table:
    """Read a workbook and understand it: by last year's mapping where it fits, else by its words.

    SurveyError "book.file", "book.macros"; DeskError "task.none"."""
    book = workbook.read_book(path)
    return lay(desk, book, sheet or book.sheets[0].name)


def lay(desk: CountyDesk, book: Book, sheet: str) -> Table:
    """One sheet of it."""
    held, offices = book.sheet(sheet), _offices(desk)
    for one in reversed(desk.workspace.setting(KEPT, [])):
        found = superior.carried(superior.from_json(one["layout"]), held, offices)
        if found is not None:
            return Table(book, sheet, found[0], found[1], book.notes, remembered=True)
    return Table(book, sheet, superior.guess(held, offices, entries(desk)), (), book.notes)


def entries(desk: CountyDesk) -> tuple[Entry, ...]:
    """What can be chosen: of the villages' forms and of all computed indicators."""
    return superior.catalog(desk.task.at("village"))


def set_column(table: Table, letters: str, rule: Rule | None) -> Table:
    """往下填: what a column is filled with."""
    return replace(table, layout=superior.with_column(_layout(table), letters, rule))


def set_cell(table: Table, ref: str, rule: Rule | None) -> Table:
    """One cell by itself; SKIP leaves it as it is."""
    return replace(table, layout=superior.with_cell(_layout(table), ref, rule))


def remember(desk: CountyDesk, table: Table) -> None:
    """存成模板: the mapping comes back with the next issue of this table."""
    kept = [one for one in desk.workspace.setting(KEPT, []) if one["file"] != table.book.name]
    said = {"file": table.book.name, "layout": superior.as_json(_layout(table))}
    desk.workspace.set_setting(KEPT, [*kept, said][-MOST_KEPT:])
    desk.journal("keep_table", name=table.book.name)


def view(desk: CountyDesk, table: Table) -> TableView:
    """What would be written now."""
    held = table.book.sheet(table.sheet)
    filled = values(desk, table) if table.layout is not None else {}
    return TableView(
        table=table,
        values=filled,
        kept=sum(bool(cell.text) and ref not in filled for ref, cell in held.cells.items()),
        open=superior.blanks(held, table.layout) if table.layout is not None else (),
        accepted=sum(_accepted(desk).values()),
        villages=len(desk.villages),
    )


def values(desk: CountyDesk, table: Table) -> dict[str, Value]:
    """Every mapped cell and what goes into it. Numbers are rounded half up to the rule's places, exact before that."""
    layout = _layout(table)
    held = table.book.sheet(table.sheet)
    asked = _Asked(desk, layout)
    found: dict[str, Value] = {}
    for letters, rule in layout.columns.items():
        if rule.kind in (Kind.OFFICE, Kind.SKIP):
            continue
        rows = [*layout.rows.rows.items(), *([(layout.rows.total, desk.office.code)] if layout.rows.total else [])]
        for row, code in rows:
            ref = f"{letters}{row}"
            if not held.cell(ref).formula and ref not in layout.cells:
                found[ref] = asked.value(rule, code)
    for ref, rule in layout.cells.items():
        if rule.kind is not Kind.SKIP and not held.cell(ref).formula:
            found[ref] = asked.text(rule, held.cell(ref).text) if rule.kind is Kind.TEXT else asked.value(
                rule, layout.rows.rows.get(int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), desk.office.code)
            )  # fmt: skip
    return found


def explain(desk: CountyDesk, table: Table, ref: str) -> Explained:
    """Why this number stands there."""
    layout = _layout(table)
    rule = layout.rule(ref)
    row = int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    code = layout.rows.rows.get(row, desk.office.code)
    office = desk.workspace.office(code)
    name = office.short if office is not None else code
    if rule is None:
        return Explained(ref, None, "", "", "", "")
    label = next((one.words for one in entries(desk) if one.rule.what == rule.what and one.rule.kind is rule.kind), "")
    asked = _Asked(desk, layout)
    value = asked.text(rule, "") if rule.kind is Kind.TEXT else asked.value(rule, code)
    level = "全县合计" if row == layout.rows.total else f"{name}（第 {layout.rows.office_column} 列，逐行）"
    return Explained(ref, rule, label, level, str(value), f"{name} {asked.sum_words(rule, code)}".strip())


def write(desk: CountyDesk, table: Table, path: Path) -> int:
    """写出 Excel: the filled workbook, journalled. Gives its bytes' number. SurveyError "book.protected",
    "book.formula"; DeskError "disk.full" …"""
    filled = values(desk, table)
    data = workbook.fill_book(table.book, table.sheet, filled)
    media.write_file(path, data, what="上级表格")
    desk.journal("write_table", name=path.name, rows=len(filled))
    return len(data)


# --- figures ---------------------------------------------------------------------------------------------------------


class _Asked:
    """Figures asked for once and kept while one table is filled."""

    def __init__(self, desk: CountyDesk, layout: Layout) -> None:
        self.desk = desk
        self.villages = any(not code.endswith("000") for code in layout.rows.rows.values())
        self._sums: dict[tuple[str, int], Mapping[str, Decimal | None]] = {}
        self._totals: dict[str, tuple[Total, Mapping[str, Total]]] = {}
        self._accepted = _accepted(desk)

    def value(self, rule: Rule, code: str) -> Value:
        """What goes into the row of an office: a county's is the sum of all."""
        if rule.kind is Kind.COUNT:
            return self._count(rule.what, code)
        if rule.kind is Kind.FIELD:
            found = self._field(rule.what, code)
            return NONE if found is None else _rounded(found, rule.places)
        if rule.kind is Kind.INDICATOR:
            value = self._indicator(rule.what, code)
            return NONE if isinstance(value, NoFigure) else _rounded(value, rule.places)
        return NONE

    def text(self, rule: Rule, before: str) -> str:
        """填表日期：2025-12-22, behind what stood there."""
        now = self.desk.clock().astimezone(LOCAL)
        said = {
            "issuer": self.desk.full_name,
            "period": self.desk.task.period_title,
            "day": f"{now:%Y-%m-%d}",
            "person": self.desk.person.name,
        }[rule.what]
        for mark in ("：", ":"):
            if mark in before:
                return f"{before.split(mark, 1)[0]}{mark}{said}"
        return said

    def sum_words(self, rule: Rule, code: str) -> str:
        """2515.1 ÷ 7113 × 100，6 个村（社区）."""
        counted = sum(yes for village, yes in self._accepted.items() if _within(village, code))
        of = f"，{counted} 个已通过的村（社区）"
        if rule.kind is Kind.INDICATOR:
            whole, towns = self._total(rule.what)
            one = whole if code.endswith("000000") else towns.get(code)
            if one is None or not one.counted:
                return "算不出：没有能算的报表"
            from cunbao.survey.targets import sum_words

            return f"{sum_words(self.desk.task, one)}，{one.counted} 个村（社区）"
        if rule.kind is Kind.FIELD:
            return f"各村相加{of}"
        return ""

    def _count(self, what: str, code: str) -> int:
        if what == "accepted":
            return sum(yes for village, yes in self._accepted.items() if _within(village, code))
        return sum(_within(one.code, code) for one in self.desk.villages)

    def _field(self, what: str, code: str) -> Decimal | None:
        form, _, name = what.partition(".")
        digits = 0 if code.endswith("000000") else 9 if code.endswith("000") else 12
        key = (what, digits)
        if key not in self._sums:
            found = self.desk.workspace.sums_that_count(
                self.desk.task.forms[form], self.desk.task.period, (Sum((name,)),), digits=digits,
                offices=[one.code for one in self.desk.villages],
            )  # fmt: skip
            self._sums[key] = {
                group: None if one.hundredths[0] is None else Decimal(one.hundredths[0]).scaleb(-2)
                for group, one in found.items()
            }
        return self._sums[key].get(code[:digits])

    def _total(self, number: str) -> tuple[Total, Mapping[str, Total]]:
        if number not in self._totals:
            indicator = indicators.find(self.desk.task, number)
            groups = measured.tallies(measured.measured(self.desk), [indicator])
            towns = indicators.by_township(self.desk, [indicator])[number]
            self._totals[number] = (indicators.whole(self.desk.task, indicator, groups), towns)
        return self._totals[number]

    def _indicator(self, number: str, code: str) -> Decimal | NoFigure:
        whole, towns = self._total(number)
        if code.endswith("000000"):
            return whole.value
        if code.endswith("000"):
            return towns[code].value if code in towns else NoFigure.MISSING
        indicator: Indicator = whole.indicator
        seen = measured.measured(self.desk)
        own = next((one for one in measured.parts(seen, indicator) if one.office.code == code), None)
        return NoFigure.OUT_OF_SCOPE if own is None else office_value(indicator, own.part.figure)


def _accepted(desk: CountyDesk) -> dict[str, bool]:
    """Village → are all its forms accepted?"""
    known, forms = progress.facts(desk), progress.forms_of(desk, "village")
    return {
        one.code: all(progress.state_of(known, one.code, form) is ReturnState.ACCEPTED for form in forms)
        for one in desk.villages
    }


def _within(village: str, code: str) -> bool:
    return code.endswith("000000") or village == code or (code.endswith("000") and village[:9] == code[:9])


def _rounded(value: Decimal, places: int | None) -> Value:
    if places is None:
        return value
    kept = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return int(kept) if not places else kept


def _offices(desk: CountyDesk) -> tuple[Office, ...]:
    return (*desk.townships, *desk.villages)


def _layout(table: Table) -> Layout:
    if table.layout is None:
        raise DeskError(
            "table.rows", happened="这张表里没有找到一列乡镇或村的名字", safe="没有改动文件",
            todo="请换一张工作表；表里要有一列是本县乡镇（或村）的名字",
        )  # fmt: skip
    return table.layout


def file_name(desk: CountyDesk, table: Table) -> str:
    """西双版纳州-设施情况统计表-已填-20251222.xlsx."""
    stem = table.book.name.rsplit(".", 1)[0]
    return f"{stem}-已填-{local_day(desk.clock()):%Y%m%d}.xlsx"


def column_tag(rule: Rule | None) -> str:
    """What stands over a column: 单位, 单位数, B02, 指标."""
    if rule is None:
        return ""
    return rule.what.split(".")[0] if rule.kind is Kind.FIELD else rule.kind.value


def letters(sheet_columns: int) -> Sequence[str]:
    return [letters_of(at) for at in range(1, sheet_columns + 1)]
