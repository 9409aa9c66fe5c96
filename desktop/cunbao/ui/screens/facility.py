"""The facility table of the form screen: rows typed in place, last period beside, messages beneath, totals last.

What does not stand in the row is in the row editor (全部 at the end of the row, or Alt+Enter).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cunbao.survey.form import Field, Kind
from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit.area import AreaTable
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dates import tidy
from cunbao.ui.kit.fields import CodeField
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.table import CellShow, Column, Note, TableRow
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.cellrow import FieldKeys
from cunbao.ui.screens.sheet import NUMBERS, Sheet, number

LAST, NUMBER, MORE = "/last", "#", "*"
WIDTHS = {Kind.INTEGER: 72, Kind.DECIMAL: 94, Kind.DATE: 118, Kind.TEXT: 112, Kind.SELECT_ONE: 100}
TALLEST = 12  # rows that show without a scroll bar of the table's own at 150 %
LAST_WIDTH, NUMBER_WIDTH, MORE_WIDTH = 68, 28, 66


class FacilityTable(AreaTable):
    """AreaTable whose editor tells its strokes. Cells are named by (row id, field)."""

    half = Signal(str, str, str)
    entered = Signal(str, str)
    escaped = Signal(str, str)
    history = Signal(str, str)
    resized = Signal()
    paged = Signal(int)

    def _make_editor(self) -> None:
        super()._make_editor()
        field, (row_id, key) = self._editor, self._place_of
        assert field is not None
        if not isinstance(field, CodeField):
            field.typed.connect(lambda text: self.half.emit(row_id, key, text))
        keys = FieldKeys(field.edit)
        keys.history.connect(lambda: self.history.emit(row_id, key))
        keys.escaped.connect(lambda: self.escaped.emit(row_id, key))
        keys.whole.connect(lambda: self.opened.emit(row_id))
        keys.paged.connect(self.paged.emit)
        self.entered.emit(row_id, key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # what no cell took goes to the screen, not to the scroll bars

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class FacilityPart(QWidget):
    """Signals with cells: `committed(cell, text)`, `half(cell, text)`, `entered(cell)`, `escaped(cell)`,
    `history(cell)`; `opened(row_id, field)` for the row editor, `add()`, `beyond(step)`."""

    committed = Signal(object, str)
    half = Signal(object, str)
    entered = Signal(object)
    escaped = Signal(object)
    history = Signal(object)
    opened = Signal(str, str)
    add = Signal()
    paged = Signal(int)
    beyond = Signal(int)

    Table: ClassVar = FacilityTable

    def __init__(self, sheet: Sheet, section: Section) -> None:
        super().__init__()
        self.sheet, self.section = sheet, section
        self.repeat = sheet.form.repeat(section.repeat)
        self.columns: tuple[Field, ...] = tuple(self.repeat.field(name) for name in section.columns)
        self._lasts: tuple[str, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._summed: dict[str, dict[str, Decimal]] = {}
        self._sums: dict[str, Decimal] = {}
        self._typing: Cell | None = None
        self.table: FacilityTable = self.Table(
            self._columns(), lambda row_id, key: sheet.items(Cell(key, row_id)), name=section.title
        )
        self.table.committed.connect(self._commit)
        self.table.half.connect(lambda row_id, key, text: self.half.emit(Cell(key, row_id), text))
        self.table.entered.connect(lambda row_id, key: self.entered.emit(Cell(key, row_id)))
        self.table.escaped.connect(lambda row_id, key: self.escaped.emit(Cell(key, row_id)))
        self.table.history.connect(lambda row_id, key: self.history.emit(Cell(key, row_id)))
        self.table.opened.connect(lambda row_id: self.opened.emit(row_id, ""))
        self.table.pressed.connect(self._pressed)
        self.table.beyond.connect(self.beyond.emit)
        self.table.paged.connect(self.paged.emit)
        self.table.resized.connect(self._fit)
        self._box = column(self)
        self._box.addWidget(self.table)
        noun = section.title.removesuffix("设施") or section.title
        self._empty_button = Button("增加一行", icon="plus", key="Ctrl+N")
        self._empty_button.clicked.connect(self.add.emit)
        self._empty = EmptyState(
            f"还没有{noun}{'设施' if noun != section.title else ''}。有一处填一行，没有就不用填。", self._empty_button
        )
        self._box.addWidget(self._empty, 1)
        self._foot = QWidget()
        line = row(self._foot, 0, (12, 4, 12, 8))
        self.add_button = Button("增加一行", kind="quiet", icon="plus")
        self.add_button.clicked.connect(self.add.emit)
        line.addWidget(self.add_button)
        line.addStretch(1)
        self._box.addWidget(self._foot)
        self._box.addStretch(0)
        self._spring = QWidget()
        self._box.addWidget(self._spring, 1)
        self.refresh()

    # --- columns -------------------------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        """上年 stands beside as many figures as there is room for, the first ones first."""
        made = [Column(NUMBER, "行", NUMBER_WIDTH, align="right", kind="number")]
        lasts: list[str] = []
        for one in self.columns:
            choice = one.kind in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE)
            title = self.sheet.short(one)
            made.append(
                Column(
                    one.name, title, self._width(one, title), 2 if one.kind is Kind.TEXT else int(choice),
                    align="right" if one.kind in NUMBERS else "left", kind="choice" if choice else "input",
                )
            )  # fmt: skip
            if one.kind is Kind.DECIMAL and self._room_for(len(lasts) + 1):
                made.append(Column(one.name + LAST, "上年", LAST_WIDTH, align="right", kind="last"))
                lasts.append(one.name)
        made.append(Column(MORE, "", MORE_WIDTH, kind="button"))
        self._lasts = tuple(lasts)
        return tuple(made)

    @staticmethod
    def _width(one: Field, title: str) -> int:
        return max(WIDTHS.get(one.kind, 118), 13 * len(title) + 18 if one.kind in NUMBERS else 0)

    def _room_for(self, lasts: int) -> bool:
        least = NUMBER_WIDTH + MORE_WIDTH + sum(self._width(one, self.sheet.short(one)) for one in self.columns)
        wide = self.table.viewport().width() if hasattr(self, "table") else look.px(600)
        return lasts == 1 or look.px(least + lasts * LAST_WIDTH) <= wide

    def _fit(self) -> None:
        before = self._lasts
        columns = self._columns()
        if self._lasts != before:
            self.table.set_columns(columns)
            self.refresh()

    # --- rows ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Make every row anew."""
        self._rows = self.sheet.rows_of(self.section)
        self._summed = {one.name: {} for one in self.columns if one.kind is Kind.DECIMAL}
        for name, parts in self._summed.items():
            for row_id in self._rows:
                parts[row_id] = self._part(name, row_id)
            self._sums[name] = sum(parts.values(), Decimal())
        self.table.set_rows([self._row(at, row_id) for at, row_id in enumerate(self._rows)], self._total())
        if look.narrow:  # the page scrolls, not the table
            self.table.setMinimumHeight(min(self.table.sizeHint().height(), look.px(45) * TALLEST))
        filled, may = bool(self._rows), self.sheet.editable
        self.table.setVisible(filled)
        self._empty.setVisible(not filled)
        self._empty_button.setVisible(may)
        self._foot.setVisible(filled and may)
        self._spring.setVisible(filled)

    def show_cells(self, cells: Iterable[Cell], typing: Cell | None = None) -> None:
        """Show the rows of these cells anew; the message of a cell that is being typed in waits."""
        self._typing = typing
        touched = {cell.row for cell in cells if cell.row}
        where = set(self.section.where) | {self.section.repeat}
        if any(cell.field in where for cell in cells) and self.sheet.rows_of(self.section) != self._rows:
            self.refresh()
            return
        index = {row_id: at for at, row_id in enumerate(self._rows)} if touched else {}
        for row_id in touched & index.keys():
            for name, parts in self._summed.items():
                new = self._part(name, row_id)
                self._sums[name] += new - parts[row_id]
                parts[row_id] = new
            self.table.set_row(self._row(index[row_id], row_id))
        if touched:
            self.table.total = self._total()

    def _part(self, name: str, row_id: str) -> Decimal:
        return number(self.sheet.instance.text(Cell(name, row_id))) or Decimal()

    def _row(self, at: int, row_id: str) -> TableRow:
        sheet, instance, editable = self.sheet, self.sheet.instance, self.sheet.editable
        shown = {NUMBER: CellShow(str(at + 1))}
        inside = {one.name for one in self.columns}
        notes, missing = [], 0
        for one in self.repeat.fields:
            if one.hidden:
                continue
            cell = Cell(one.name, row_id)
            message = sheet.message(cell) if cell != self._typing else None
            away = one.name not in inside
            for said in (message, sheet.comment(cell)):
                if said is not None:
                    words = f"{one.label}：{said.text}" if away or said is not message else said.text
                    button = "去改" if away and said.tone != "note" else ""
                    notes.append(Note(said.tone, words, self.columns[0].name, button))
            if one.name not in inside:
                missing += any(found.check == "required" for found in instance.findings_at(cell))
                continue
            tone = "error" if message is not None and message.tone == "error" else ""
            if not instance.relevant(cell):
                tone = "off"
            elif one.calculated or not editable:
                tone = "readonly"
            shown[one.name] = CellShow(instance.shown(cell), raw=instance.text(cell), tone=tone)
            if one.name in self._lasts:
                shown[one.name + LAST] = CellShow(sheet.last_shown(cell) if instance.relevant(cell) else "")
        if (said := sheet.comment(Cell(self.repeat.name, row_id))) is not None:
            notes.append(Note(said.tone, f"整行：{said.text}", self.columns[0].name))
        shown[MORE] = CellShow(f"缺 {missing}" if missing else "全部")
        return TableRow(row_id, shown, tuple(notes), instance.shown(Cell(self.columns[0].name, row_id)))

    def _total(self) -> TableRow:
        shown = {self.columns[0].name: CellShow("合计")}
        last = self.sheet.last
        for name, value in self._sums.items():
            if any(self._summed[name].values()):
                shown[name] = CellShow(f"{value:.{self.repeat.field(name).places or 0}f}")
            if name in self._lasts and last is not None:
                before = [
                    number(one.values.get(name, ""))
                    for one in last.rows.get(self.section.repeat, ())
                    if self._was_here(one.values)
                ]
                shown[name + LAST] = CellShow(f"{sum((one for one in before if one), Decimal()):f}")
        return TableRow("sum", shown)

    def _was_here(self, values: object) -> bool:
        return all(values.get(column, "") in codes for column, codes in self.section.where.items())  # type: ignore[attr-defined]

    # --- acts ----------------------------------------------------------------------------------------------------

    def _commit(self, row_id: str, key: str, text: str) -> None:
        one = self.repeat.field(key)
        self.committed.emit(Cell(key, row_id), tidy(text) if one.kind is Kind.DATE else text)

    def _pressed(self, row_id: str, key: str) -> None:
        cells = [Cell(one.name, row_id) for one in self.repeat.fields if one.name not in self.section.columns]
        bad = next((cell for cell in cells if self.sheet.says(cell)), None) if key != MORE else None
        self.opened.emit(row_id, bad.field if bad else "")

    def focus_first(self, last: bool = False) -> bool:
        if not self._rows or not self.sheet.editable:
            return False
        row_id = self._rows[-1 if last else 0]
        names = [one.name for one in self.columns]
        for name in reversed(names) if last else names:
            self.table.edit(row_id, name)
            if self.table.editor() is not None:
                return True
        return False

    def go_to(self, cell: Cell) -> bool:
        """Cursor into a cell of the table; False when it stands in the row editor only."""
        if cell.row not in self._rows or cell.field not in self.section.columns:
            return False
        self.table.edit(cell.row, cell.field)
        return True

    def edit_new(self, row_id: str) -> None:
        """Cursor into the first column of a row just added."""
        self.table.edit(row_id, self.columns[0].name)

    def row_here(self) -> str:
        return self.table.current_id() if self._rows else ""

    def leave(self) -> None:
        self.table.leave()
