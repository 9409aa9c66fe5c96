"""RosterTable: rows of 42 px that are read and opened, not typed in: people, forms, packages, revisions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent

from cunbao.ui.kit import paint
from cunbao.ui.kit.table import Table


class RosterTable(Table):
    """Arrows choose a row, Enter or a double click opens it (`opened(row_id)`), typing goes to the screen's search.

    A note's button and a button column give `pressed(row_id, key)`. Identity numbers come masked from the screen.
    """

    pad = 9

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = event.key(), len(self.rows) - 1
        page = max(1, self.verticalScrollBar().pageStep() // max(1, self._row_high()))
        to = {
            Qt.Key.Key_Up: self._at - 1,
            Qt.Key.Key_Down: self._at + 1,
            Qt.Key.Key_PageUp: self._at - page,
            Qt.Key.Key_PageDown: self._at + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(key))
        if event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().text())
        elif to is not None and self.rows and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._at = max(0, min(last, to))
            self._show_current()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + (80 if key == Qt.Key.Key_Right else -80))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and self.rows:
            self.opened.emit(self.current_id())
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number = self.row_at(at.y())
        if number >= 0 and not self._button_under(number, at):
            self.opened.emit(self.rows[number].id)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self.rows:
            painter = QPainter(self.viewport())
            painter.setClipRect(self.viewport().rect().adjusted(0, self._head_high(), 0, 0))
            box = self.row_rect(self._at)
            box.setLeft(0)
            box.setWidth(self.viewport().width())
            paint.frame(painter, box, 0, "", "focus", 2)
