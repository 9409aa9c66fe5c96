"""FieldGrid: field rows in two or three columns, tab order by rows; Enter goes from one to the next.

Rows stay the same widgets while they come and go (a question that no longer applies), so the cursor is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.ui.kit.fields import FieldBox, FieldRow
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

LEAST_COLUMN = 196  # px at 100 %: narrower, and a column less is shown
LOCKED = ("readonly", "disabled")


class FieldGrid(Styled):
    """`beyond(step)` when Enter leaves the last (+1) or Shift+Enter the first field (-1). most: columns at best."""

    beyond = Signal(int)

    def __init__(self, most: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most, self._columns = most, most
        self._laid: tuple[int, ...] = ()
        self._fields: list[tuple[FieldRow, int]] = []
        self._wired: set[FieldRow] = set()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(20, 14, 20, 14)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(10)
        self._styling = False

    @property
    def fields(self) -> tuple[FieldRow, ...]:
        return tuple(shown for shown, _ in self._fields)

    def set_fields(self, fields: Sequence[tuple[FieldRow, int]]) -> None:
        """Rows in order, each with the columns it spans. Rows that are not named any more are deleted."""
        stay = {shown for shown, _ in fields}
        for old, _ in self._fields:
            if old not in stay:
                self._grid.removeWidget(old)
                self._wired.discard(old)
                old.hide()
                old.deleteLater()
        self._fields = list(fields)
        for shown, _ in self._fields:
            if shown not in self._wired:
                self._wired.add(shown)
                if shown.parentWidget() is not self:  # a row that is away has no place yet, and must be no window
                    shown.setParent(self)
                    shown.setVisible(not shown.property("away"))
                if isinstance(shown.field, FieldBox):
                    shown.field.next.connect(lambda step, row=shown: self.step(row, step))
        self.lay()

    def lay(self) -> None:
        """Place the rows anew; hidden ones take no room."""
        columns = self._columns
        self._laid = self._spans()
        for old in range(self._most):
            self._grid.setColumnStretch(old, 1 if old < columns else 0)
            self._grid.setColumnMinimumWidth(old, 0)
        line = at = 0
        before: QWidget | None = None
        for (shown, _), wide in zip(self._fields, self._laid, strict=True):
            if shown.property("away"):
                continue
            if at + wide > columns:
                line, at = line + 1, 0
            self._grid.removeWidget(shown)
            self._grid.addWidget(shown, line, at, 1, wide, Qt.AlignmentFlag.AlignTop)
            if before is not None:
                QWidget.setTabOrder(before, shown.field)
            before = shown.field
            at += wide
        for old in range(self._grid.rowCount()):
            self._grid.setRowStretch(old, 0)
        self._grid.setRowStretch(line + 1, 1)

    def _spans(self) -> tuple[int, ...]:
        """Columns that each row takes: one more than asked where what stands over its field would be cut."""
        columns = self._columns
        room = (self.width() - 40 - 20 * (columns - 1)) // columns
        return tuple(min(span + (span == 1 and 0 < room < shown.head_wide()), columns) for shown, span in self._fields)

    def put_away(self, shown: FieldRow, away: bool) -> bool:
        """Hide a row that is not asked now, or bring it back; True when that changed anything (then call `lay`)."""
        if bool(shown.property("away")) == away:
            return False
        shown.setProperty("away", away)
        if away:
            self._grid.removeWidget(shown)
        if shown.parentWidget() is not None:
            shown.setVisible(not away)
        return True

    def focus_field(self, number: int = 0) -> bool:
        """Cursor into the first field at or after `number` that can be typed in."""
        for shown, _ in self._fields[number:]:
            if self._open(shown):
                shown.field.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    def focus_last(self) -> bool:
        for shown, _ in reversed(self._fields):
            if self._open(shown):
                shown.field.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False

    def step(self, row: FieldRow, step: int) -> None:
        """Go on from a row as Enter does."""
        order = [shown for shown, _ in self._fields]
        at = order.index(row) + step
        while 0 <= at < len(order):
            if self._open(order[at]):
                order[at].field.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            at += step
        self.beyond.emit(step)

    @staticmethod
    def _open(shown: FieldRow) -> bool:
        return not shown.property("away") and getattr(shown.field, "state", "") not in LOCKED

    def restyle(self) -> None:
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 40
        best = max(1, (room + 20) // (look.px(LEAST_COLUMN) + 20))
        columns = min(self._most, 2 if look.narrow and self._most > 2 else self._most, best)
        before, self._columns = self._columns, columns
        if columns != before or self._spans() != self._laid:
            self.lay()
