"""The part of the form screen with single fields: a section of questions in three columns."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit.fieldgrid import FieldGrid
from cunbao.ui.kit.fields import CodeField
from cunbao.ui.kit.panel import column, scrolled
from cunbao.ui.screens.cellrow import CellRow
from cunbao.ui.screens.sheet import Sheet


class FieldsPart(QWidget):
    """Signals as CellRow's, and `beyond(step)` when Enter leaves the section."""

    committed = Signal(object, str)
    half = Signal(object, str)
    entered = Signal(object)
    escaped = Signal(object)
    history = Signal(object)
    reveal = Signal()
    paged = Signal(int)
    beyond = Signal(int)

    def __init__(self, sheet: Sheet, section: Section) -> None:
        super().__init__()
        self.sheet, self.section = sheet, section
        self.rows: dict[Cell, CellRow] = {}
        self.grid = FieldGrid(3)
        made = []
        for name in section.fields:
            if sheet.form.field(name).hidden:
                continue
            shown = CellRow(sheet, Cell(name))
            for signal in ("committed", "half", "entered", "escaped", "history", "reveal", "paged"):
                getattr(shown, signal).connect(getattr(self, signal).emit)
            self.rows[shown.cell] = shown
            self.grid.put_away(shown, not shown.asked())
            made.append((shown, shown.span))
        self.grid.set_fields(made)
        self.grid.beyond.connect(self.beyond.emit)
        self.area: QScrollArea = scrolled(self.grid)
        column(self).addWidget(self.area)

    def show_cells(self, cells: Iterable[Cell], typing: Cell | None = None) -> None:
        """Show these cells anew; the one that is being typed in is left alone."""
        moved = False
        for cell in cells:
            shown = self.rows.get(cell)
            if shown is not None and cell != typing:
                shown.show_cell()
                moved = self.grid.put_away(shown, not shown.asked()) or moved
        if moved:
            self.grid.lay()

    def refresh(self) -> None:
        self.show_cells(tuple(self.rows))

    def focus_first(self, last: bool = False) -> bool:
        return self.grid.focus_last() if last else self.grid.focus_field()

    def go_to(self, cell: Cell) -> bool:
        shown = self.rows.get(cell)
        if shown is None:
            return False
        shown.field.setFocus()
        self.area.ensureWidgetVisible(shown, 0, 60)
        return True

    def leave(self) -> None:
        """Commit the field that has the cursor; close its list."""
        for shown in self.rows.values():
            field = shown.field
            if isinstance(field, CodeField) and field.picker is not None:
                field.picker.leave()
            if hasattr(field, "edit") and field.edit.hasFocus():
                leave = getattr(field, "on_leave", None)
                if leave is not None:
                    leave()
                else:
                    field.edit.clearFocus()
