"""What stands between heading lines and persons on a return: answers, tables, 补充资料, explanations, notes.

Turns answers into units of the flow; places on the page are flow's and parts'. Source: print.md §3–§5, fields.md §0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cunbao.paper import grid, parts, text
from cunbao.paper.changes import Changes
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS_BOLD, SERIF
from cunbao.paper.parts import Layout
from cunbao.paper.pen import CENTRE, Pen
from cunbao.paper.sheet import ReturnSheet, Signed
from cunbao.paper.table import Align, Column, Entry, Table, Total
from cunbao.paper.words import NOT_APPLICABLE, answer, is_number, label, printed, skipped_cells, total, words
from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.pairing import row_name
from cunbao.survey.task import ROW_NUMBER, PaperColumn
from cunbao.survey.values import Cell, Row

STEMS = "甲乙丙丁戊己庚辛壬癸"
MANY_COLUMNS = 10  # more make a dense roster: smaller type, higher rows
FORM_ROW, ROSTER_ROW, ROSTER_TOTAL = 8.0, 11.0, 9.0  # mm
CLOSER_ROWS = (7.2, 6.4)  # mm, of a form that would need a further sheet of paper
CELL, DENSE = 10.0, 9.5  # pt
SHORT = 6  # characters: a column of such words is centred
ZERO_HIGH = 34.0  # mm
STUB = (("指标名称", 93.0), ("计量单位", 24.0), ("代码", 16.0), ("数量", 34.0))  # 甲 乙 丙 1
STUB_OF_WORDS = (("指标名称", 71.0), ("计量单位", 20.0), ("代码", 14.0), ("数量（内容）", 62.0))  # with 多选 among them
SHEET_WORDS = {1: "一", 2: "二"}


class Body:
    """The body of one return. masked: identity numbers and phones are covered."""

    def __init__(self, sheet: ReturnSheet, at: Layout, *, masked: bool) -> None:
        self.sheet, self.at, self.masked = sheet, at, masked
        self.form, self.paper = sheet.form, sheet.paper
        self.landscape = self.paper.orientation == "landscape"
        self.skipped = skipped_cells(sheet.form, sheet.answers, sheet.last, sheet.when.date())
        self.changes = Changes(sheet.form, sheet.answers, sheet.replaces, masked=masked)

    def units(self, form_row: float) -> list[Unit]:
        """All of it in order. form_row: height of a line of a form without roster, mm."""
        zero = self.sheet.kind == "zero"
        found = self.own_answers()
        if not self.paper.columns:
            found += self.stub_table(form_row)
        elif zero:
            found += self.zero_table()
        else:
            found += self.rosters()
        if zero:
            found += self.zero_statement()
        found += self.supplement()
        found += parts.labels((("更正说明", self.corrections()), ("填报说明", self.explanations())), self.at)
        if not zero:  # nothing was counted that they could explain
            found += parts.labels((("指标解释与审核关系", self.notes()),), self.at)
        return found

    def own_answers(self) -> list[Unit]:
        """The form's single answers above its roster; they stand on page 1 only."""
        if not self.paper.columns:
            return []
        placed = {*self.paper.singles, self.paper.headline}
        fields = [one for one in self.form.fields if one.name not in placed and printed(one)]
        values = [(label(one), self.value(one)) for one in fields]
        rows = grid.pairs(self.at.left, self.at.wide, values)
        return grid.units(rows, grid.GridFrame(self.at.left, self.at.wide), 0.0)

    def supplement(self) -> list[Unit]:
        """补充资料: computed and carried-over figures, the headline figure last."""
        if not (self.paper.singles or self.paper.headline):
            return []
        names = {one.name: one for one in self.form.fields}
        values = [(label(names[name]), self.value(names[name])) for name in self.paper.singles]
        top = names.get(self.paper.headline)
        headline = (label(top), self.value(top)) if top is not None else None
        rows = grid.supplement(self.at.left, self.at.wide, values, headline, 3 if self.landscape else 2)
        frame = grid.GridFrame(self.at.left, self.at.wide)
        return [parts.section_head(self.at, "补充资料", gap=2.4), *grid.units(rows, frame, 0.6)]

    def explanations(self) -> list[Unit]:
        """填报说明: check, row, text; for a 补报 also the days."""
        found = []
        for one in self.sheet.explanations:
            told = f"{self._where(one.cells)}：{one.text}" if one.cells else one.text
            found.append(parts.note(self.at, one.check, told, hang=14.5))
        stage = self.sheet.stage
        if self.sheet.kind == "late" and isinstance(stage, Signed):
            told = f"截止日期 {self.sheet.task.deadline}，签名日期 {stage.signed_at:%Y-%m-%d}。"
            found.append(parts.note(self.at, "补报", told, hang=14.5))
        return found

    def corrections(self) -> list[Unit]:
        return [parts.note(self.at, f"{count}．", told) for count, told in enumerate(self.changes.told(), 1)]

    def notes(self) -> list[Unit]:
        return [parts.note(self.at, f"{count}．", told) for count, told in enumerate(self.paper.notes, 1)]

    # --- tables ----------------------------------------------------------------------------------------------------

    def stub_table(self, row_high: float) -> list[Unit]:
        """甲 指标名称, 乙 计量单位, 丙 代码, 1 数量: one line a field (fields.md §0.1)."""
        fields = [one for one in self.form.fields if printed(one)]
        stub = STUB_OF_WORDS if any(one.kind is Kind.SELECT_MULTIPLE for one in fields) else STUB
        scale = self.at.wide / sum(wide for _, wide in stub)
        aligns = (Align.LEFT, Align.CENTRE, Align.CENTRE, Align.NUMBER)
        columns = tuple(
            Column((name,), wide * scale, code, align)
            for (name, wide), code, align in zip(stub, (*STEMS[:3], "1"), aligns, strict=True)
        )
        figures = [
            Entry(self.value(one), self.changes.old(one), grows=one.kind in (Kind.SELECT_MULTIPLE, Kind.TEXT))
            for one in fields
        ]
        rows = stub_rows(self.form, fields, figures)
        return table_units(Table(self.at.left, columns, rows, CELL, row_high, row_high))

    def rosters(self) -> list[Unit]:
        """表一, and 表二 for the columns that the paper is too narrow for."""
        sheets = sorted({column.sheet for column in self.paper.columns})
        found: list[Unit] = []
        for which in sheets:
            units = table_units(self.roster(which))
            if len(sheets) > 1:
                found.append(parts.section_head(self.at, f"表{SHEET_WORDS[which]}", gap=3.0))
            elif found or self.own_answers():
                units[0] = spaced_from_above(units[0], 2.6)
            found += units
        return found

    def roster(self, which: int) -> Table:
        """One sheet of the roster: every row, 合计 last."""
        columns = self.columns(which)
        fields = [self._field(column.field) for column in columns]
        rows = self._rows()
        entries = []
        for count, row in enumerate(rows, 1):
            entries.append(
                tuple(
                    Entry(str(count)) if field is None else Entry(self.cell(field, row), self.changes.old(field, row))
                    for field in fields
                )
            )
        dense = len(columns) > MANY_COLUMNS or self.landscape
        figures = {
            at: total(field, (row.values.get(field.name, "") for row in rows))
            for at, (column, field) in enumerate(zip(columns, fields, strict=True))
            if column.total and field is not None
        }
        return Table(
            x=self.at.left,
            columns=self._heads(which, columns, fields, entries),
            rows=tuple(entries),
            size=DENSE if dense else CELL,
            row_high=ROSTER_ROW if dense else FORM_ROW,
            total_high=ROSTER_TOTAL if dense else FORM_ROW,
            total=self._total(which, figures, len(rows)),
        )

    def _total(self, which: int, figures: dict[int, str], rows: int) -> Total | None:
        """合计 of one sheet: its figures, or how many there are. 表二 without figures has none."""
        counted = self.paper.unit if len(self.paper.unit) == 1 else ""  # 人, 处; 平方米 counts nothing
        if not figures and which > 1:
            return None
        return Total(figures, f"{rows} {counted}".strip())

    def columns(self, which: int) -> tuple[PaperColumn, ...]:
        return tuple(column for column in self.paper.columns if column.sheet == which)

    def _heads(
        self,
        which: int,
        columns: Sequence[PaperColumn],
        fields: Sequence[Field | None],
        entries: Sequence[tuple[Entry, ...]],
    ) -> tuple[Column, ...]:
        """Codes of the code row: 甲 乙 for 序号 and the name, then numbers that go on through 表二."""
        before = len(self.columns(1)) - 2 if which == 2 else 0
        found = []
        for at, (column, field) in enumerate(zip(columns, fields, strict=True)):
            code = STEMS[at] if at < 2 else str(before + at - 1)
            longest = max((len(row[at].text) for row in entries), default=0)
            found.append(Column(column.heads, float(column.mm), code, alignment(field, longest)))
        return tuple(found)

    def zero_table(self) -> list[Unit]:
        """The head, one cell 本期无应填内容 and 合计 with 0."""
        columns = self.columns(1)
        fields = [self._field(column.field) for column in columns]
        figures = {
            at: total(field, ())
            for at, (column, field) in enumerate(zip(columns, fields, strict=True))
            if column.total and field is not None
        }
        table = Table(
            x=self.at.left,
            columns=self._heads(1, columns, fields, ()),
            rows=(),
            size=CELL,
            row_high=FORM_ROW,
            total_high=ROSTER_TOTAL,
            total=self._total(1, figures, 0),
        )

        def empty(pen: Pen, top: float) -> None:
            middle = (self.at.left + self.at.right) / 2
            pen.text(middle, top + 15.2, "本期无应填内容（零报告）", SANS_BOLD, 13, align=CENTRE)
            pen.text(middle, top + 22.4, "以下空白", SERIF, 10, align=CENTRE)

        gap = 2.6 if self.own_answers() else 0.0
        return [
            Unit(ZERO_HIGH, empty, head=table, gap=gap, glued=True),
            Unit(ROSTER_TOTAL, table.draw_total, head=table, final=True),
        ]

    def zero_statement(self) -> list[Unit]:
        """零报告声明: what is declared, why, last period's figure and who filled it in."""
        sheet = self.sheet
        asked = next((one for one in self.form.fields if one.name.endswith("_zero")), None)
        what = asked.label.partition("：")[2] if asked is not None else ""
        what = (what or "本村没有符合本表填报范围的内容").removeprefix("本村").removeprefix("本单位")
        declared = (
            f"{sheet.office.name}经核查确认：{sheet.task.period_title}{what}，各项合计为 0。"
            "本表不是漏报，日后查明有应填内容的，按更正办理。"
        )
        units = [parts.paragraph(self.at, declared)]
        reason = next((one for one in self.form.fields if one.name.endswith("_zero_reason")), None)
        why = sheet.answers.values.get(reason.name, "") if reason is not None else ""
        if why:
            units.append(parts.paragraph(self.at, f"零报告原因：{why}"))
        values = [
            ("上年同期", self._last_figure()),
            ("填表人", text.spaced(sheet.ret.filler) or NOT_APPLICABLE),
        ]
        rows = grid.pairs(self.at.left, self.at.wide, values)
        frame = grid.GridFrame(self.at.left, self.at.wide)
        return [parts.section_head(self.at, "零报告声明"), *units, *grid.units(rows, frame, 3.0)]

    def _last_figure(self) -> str:
        """The headline figure of the period before, — when none is known."""
        last = self.sheet.last
        top = next((one for one in self.form.fields if one.name == self.paper.headline), None)
        if last is None or top is None or not (raw := last.values.get(top.name, "")):
            return NOT_APPLICABLE
        return f"{words(top, raw, masked=self.masked)} {top.unit}".strip()

    # --- answers ---------------------------------------------------------------------------------------------------

    def value(self, field: Field) -> str:
        raw, skipped = self.sheet.answers.values.get(field.name, ""), Cell(field.name) in self.skipped
        return answer(field, raw, masked=self.masked, skipped=skipped)

    def cell(self, field: Field, row: Row) -> str:
        raw, skipped = row.values.get(field.name, ""), Cell(field.name, row.id) in self.skipped
        return answer(field, raw, masked=self.masked, skipped=skipped)

    def _rows(self) -> tuple[Row, ...]:
        repeat = self._repeat()
        return self.sheet.answers.rows.get(repeat.name, ()) if repeat is not None else ()

    def _repeat(self) -> Repeat | None:
        names = {column.field for column in self.paper.columns}
        return next((one for one in self.form.repeats if any(field.name in names for field in one.fields)), None)

    def _field(self, name: str) -> Field | None:
        return None if name == ROW_NUMBER else self.form.field(name)

    def _where(self, cells: Sequence[Cell]) -> str:
        """4 老年活动室 建筑面积: number and name of the row, label of the field."""
        cell = cells[0]
        try:
            field = self.form.field(cell.field)
        except KeyError:
            return cell.field
        for repeat in self.form.repeats:
            for count, row in enumerate(self.sheet.answers.rows.get(repeat.name, ()), 1):
                if row.id == cell.row:
                    return f"{count} {row_name(repeat, row)} {field.label}"
        return field.label


def stub_rows(form: Form, fields: Sequence[Field], figures: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """甲 乙 丙 1 of each field, under the heading of its group where the form has groups."""
    rows: list[tuple[Entry, ...]] = []
    above = ""
    for count, (one, figure) in enumerate(zip(fields, figures, strict=True), 1):
        group = form.groups.get(one.name, "")
        if group and group != above:
            rows.append((Entry(group, strong=True),))
        above = group
        indent = "\u3000\u3000" if one.label.startswith("其中") else ""
        rows.append((Entry(indent + one.label), Entry(one.unit or NOT_APPLICABLE), Entry(f"{count:02d}"), figure))
    return tuple(rows)


def alignment(field: Field | None, longest: int) -> Align:
    """序号, codes, dates and short words in the middle, figures by their point, words from the left."""
    if field is None or field.mask:
        return Align.CENTRE
    if is_number(field):
        return Align.NUMBER
    if field.kind in (Kind.DATE, Kind.TIME, Kind.DATETIME) or field.calculated or field.readonly:
        return Align.CENTRE
    if field.kind is Kind.SELECT_ONE and longest <= SHORT:
        return Align.CENTRE
    return Align.LEFT


def table_units(table: Table) -> list[Unit]:
    """The rows of a table; its last two and 合计 are one."""
    count, found = len(table.rows), []
    for at in range(count):
        last = at == count - 1 and table.total is None
        found.append(
            Unit(
                table.heights[at],
                partial(_draw_row, table, at),
                head=table,
                glued=(at >= count - 2 and not last) or len(table.rows[at]) == 1,
                final=at >= count - 2,
            )
        )
    if table.total is not None:
        found.append(Unit(table.total_high, table.draw_total, head=table, final=True))
    return found


def _draw_row(table: Table, at: int, pen: Pen, top: float) -> None:
    table.draw_row(pen, top, at)


def spaced_from_above(unit: Unit, gap: float) -> Unit:
    return Unit(unit.high, unit.draw, unit.head, gap, unit.glued, unit.final, unit.section)
