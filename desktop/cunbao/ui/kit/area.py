"""AreaTable: the facility table. Input cells lie inside the rows; one editor follows the current cell.

The cell that has the cursor is a real field (`FieldBox` or `CodeField`), all others are painted like one. Enter goes to
the next cell, Shift+Enter back, the arrows go where they point; leaving a cell commits it,
Esc brings the old text back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.fields import CodeField, FieldBox
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.table import Column, Table

Items = Callable[[str, str], Sequence[Item]]


class AreaTable(Table):
    """Signals: `committed(row_id, key, text)`; `beyond(step)` when Enter leaves the last (+1) or first (-1) cell.

    items(row_id, key): the code list of a choice cell, asked when it opens. `opened`, `pressed`, `moved` as in Table.
    """

    committed = Signal(str, str, str)
    beyond = Signal(int)

    row_px = 45

    def __init__(
        self,
        columns: Sequence[Column],
        items: Items = lambda row, key: (),
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._items = items
        self._editor: FieldBox | None = None
        self._leaving = False
        self._place_of: tuple[str, str] = ("", "")
        super().__init__(columns, name=name, parent=parent)
        self.selected = False

    # --- the editor ----------------------------------------------------------------------------------------------

    def editor(self) -> FieldBox | None:
        """The field of the current cell, None while the table has no cursor."""
        return self._editor

    def edit(self, row_id: str, key: str) -> None:
        """Put the cursor into a cell, its text selected."""
        if row_id not in self._index or not self._writable(self._index[row_id], self._number(key)):
            return
        self._bring(self._index[row_id], self._number(key))  # first: with the field gone Qt would paint all anew
        self._drop_editor()
        self._at, self._column = self._index[row_id], self._number(key)
        self._show_current()
        self._make_editor()

    def leave(self) -> None:
        """Commit and close the editor."""
        self._drop_editor()

    def _number(self, key: str) -> int:
        return next((n for n, column in enumerate(self.columns) if column.key == key), -1)

    def _writable(self, number: int, column: int) -> bool:
        if not (0 <= number < len(self.rows) and 0 <= column < len(self.columns)):
            return False
        shown = self.columns[column]
        cell = self.rows[number].cells.get(shown.key)
        return (
            shown.kind in ("input", "choice") and cell is not None and cell.tone not in ("readonly", "off", "disabled")
        )

    def _make_editor(self) -> None:
        row, column = self.rows[self._at], self.columns[self._column]
        cell = row.cells[column.key]
        name = f"第 {self._at + 1} 行 {row.label} {column.title}"
        raw = cell.text if cell.raw is None else cell.raw
        field: FieldBox
        if column.kind == "choice":
            field = CodeField(lambda: self._items(row.id, column.key), name=name, parent=self.viewport())
            field.set_code(raw, cell.text)
        else:
            field = self.make_field(column, raw, name)
        field.set_state("error" if cell.tone == "error" else "")
        field.committed.connect(lambda text: self.committed.emit(row.id, column.key, text))
        field.next.connect(self._next)
        field.pasted.connect(self.pasted.emit)
        field.edit.installEventFilter(self)
        self._editor, self._place_of = field, (row.id, column.key)
        self.placed()
        field.show()
        field.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def make_field(self, column: Column, raw: str, name: str) -> FieldBox:
        """The field in which a cell without a code list is typed."""
        return FieldBox(raw, align=column.align, name=name, parent=self.viewport())

    def _drop_editor(self) -> None:
        field, self._editor = self._editor, None
        if field is None:
            return
        field.edit.removeEventFilter(self)
        if isinstance(field, CodeField) and field.picker is not None:
            field.picker.leave()
        field.commit()
        self._leaving = True  # hiding the field gives the focus to the table, which must not open the cell again
        if field.edit.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        field.hide()
        self._leaving = False
        field.deleteLater()
        self._update_row(self._at)

    def placed(self) -> None:
        if getattr(self, "_editor", None) is None:
            return
        row_id, key = self._place_of
        assert self._editor is not None
        if row_id not in self._index or self._number(key) < 0:
            field, self._editor = self._editor, None
            field.deleteLater()
            return
        box = self.input_rect(self._index[row_id], self._number(key))
        self._editor.setFixedHeight(box.height())
        self._editor.setGeometry(box)
        cell = self.rows[self._index[row_id]].cells.get(key)
        if cell is not None:
            state = "error" if cell.tone == "error" else ""
            if state != self._editor.state:
                self._editor.set_state(state)
                self._editor.setFixedHeight(box.height())
            raw = cell.text if cell.raw is None else cell.raw
            if isinstance(self._editor, CodeField):
                if raw != self._editor.code() and self._editor.picker is None:
                    self._editor.set_code(raw, cell.text)
            elif not self._editor.edit.isModified():
                self._editor.set_text(raw)
        self._editor.setVisible(box.top() >= self._head_high() - 4)

    def set_row(self, row: object) -> None:
        super().set_row(row)  # type: ignore[arg-type]
        self.placed()

    def row_ground(self, number: int) -> str:
        """No tint: the cell itself is framed, and white inputs must stay white."""
        return self.rows[number].ground

    # --- moving --------------------------------------------------------------------------------------------------

    def _cells(self) -> list[int]:
        return [number for number, column in enumerate(self.columns) if column.kind in ("input", "choice")]

    def _next(self, step: int) -> None:
        """The next cell that can be typed in, in reading order."""
        cells = self._cells()
        if not cells:
            return
        row = self._at
        place = cells.index(self._column) if self._column in cells else 0
        while True:
            place += step
            if not 0 <= place < len(cells):
                row, place = row + step, 0 if step > 0 else len(cells) - 1
            if not 0 <= row < len(self.rows):
                self.leave()
                self.beyond.emit(step)
                return
            if self._writable(row, cells[place]):
                self.edit(self.rows[row].id, self.columns[cells[place]].key)
                return

    def _step_row(self, step: int) -> bool:
        row = self._at + step
        while 0 <= row < len(self.rows):
            if self._writable(row, self._column):
                self.edit(self.rows[row].id, self.columns[self._column].key)
                return True
            row += step
        return False

    def _step_column(self, step: int) -> bool:
        cells = self._cells()
        place = (cells.index(self._column) if self._column in cells else 0) + step
        while 0 <= place < len(cells):
            if self._writable(self._at, cells[place]):
                self.edit(self.rows[self._at].id, self.columns[cells[place]].key)
                return True
            place += step
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and self._editor is not None and watched is self._editor.edit:
            return self._editor_key(event)  # type: ignore[arg-type]
        return super().eventFilter(watched, event)

    def _editor_key(self, event: QKeyEvent) -> bool:
        """Arrows and Tab; the field itself has had its turn for Enter and Esc."""
        assert self._editor is not None
        field, key, free = self._editor, event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        listing = isinstance(field, CodeField) and field.picker is not None
        edit = field.edit
        whole = edit.selectionLength() == len(edit.text())
        if listing:
            return False
        if key == Qt.Key.Key_Tab and free:
            self._next(1)
            return True
        if key == Qt.Key.Key_Backtab:
            self._next(-1)
            return True
        if free and key == Qt.Key.Key_Up:
            return self._step_row(-1) or True
        if free and key == Qt.Key.Key_Down:
            return self._step_row(1) or True
        if free and key == Qt.Key.Key_Left and (whole or (edit.cursorPosition() == 0 and not edit.hasSelectedText())):
            return self._step_column(-1)
        at_end = edit.cursorPosition() == len(edit.text()) and not edit.hasSelectedText()
        if free and key == Qt.Key.Key_Right and (whole or at_end):
            return self._step_column(1)
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing to draw: the focus is always seen at the field. Qt's own way would paint the whole table anew."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._leaving:
            return
        if self._editor is None and self.rows and event.reason() != Qt.FocusReason.MouseFocusReason:
            cells = self._cells()
            if self._writable(self._at, self._column):
                self.edit(self.current_id(), self.current_key())
                return
            backwards = event.reason() == Qt.FocusReason.BacktabFocusReason
            self._at = len(self.rows) - 1 if backwards else 0
            self._column = cells[-1] + 1 if backwards and cells else -1
            if cells and not backwards and self._writable(0, cells[0]):
                self.edit(self.rows[0].id, self.columns[cells[0]].key)
            elif cells:
                self._column = cells[-1 if backwards else 0]
                if self._writable(self._at, self._column):
                    self.edit(self.current_id(), self.current_key())
                else:
                    self._next(-1 if backwards else 1)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return super().focusNextPrevChild(forward)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number, column = self.row_at(at.y()), self.column_at(at.x())
        self._drop_editor()
        super().mousePressEvent(event)
        if number >= 0 and self._writable(number, column) and self.input_rect(number, column).contains(at):
            self.edit(self.rows[number].id, self.columns[column].key)
            if isinstance(self._editor, CodeField):
                self._editor.open()
