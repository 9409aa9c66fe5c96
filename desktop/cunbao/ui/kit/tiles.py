"""Tiles: a large count with its word and a small line, four side by side above a table. Pressed, one filters the table.

A tile that says nothing to filter by is no button and takes no focus."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

HIGH = 60  # px at 100 %
PAD, GAP = 18, 12
ICON = 26


class Tile(Styled):
    """`pressed()` when it is chosen by click, Enter or Space. on: it filters now."""

    pressed = Signal()

    def __init__(self, icon: str, tone: str, word: str, *, plain: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._icon, self._tone, self._word, self._plain = icon, tone, word, plain
        self._count, self._line, self._on = "", "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if not plain:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set("", "")

    def set(self, count: str, line: str, *, on: bool = False) -> None:
        self._count, self._line, self._on = count, line, on
        self.setAccessibleName(f"{self._word} {count}，{line}")
        self.setToolTip(line)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(look.px(160), look.px(HIGH))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(110), look.px(HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, box = QPainter(self), self.rect()
        ground, line = ("row_selected", "accent") if self._on else ("surface", "line")
        if self.hasFocus():
            line = "focus"
        paint.frame(painter, box, look.radius("card"), ground, line, 2 if self.hasFocus() else look.line)
        if self.hasFocus() and self._on:  # a chosen one has that colour already
            paint.frame(painter, box.adjusted(4, 4, -4, -4), look.radius("control"), "", "focus", look.line)
        x = box.left() + (PAD if look.scale == 1 else PAD // 2)
        if look.scale == 1:  # where there is less room, the count and its word are worth more than the icon
            side = look.px(ICON)
            icons.paint(painter, self._icon, x, box.top() + (box.height() - side) // 2, side, self._tone)
            x += side + GAP
        wide = paint.width(self._count, "display", True)
        paint.words(painter, QRect(x, box.top(), wide + 2, box.height()), self._count, role="display", bold=True)
        x += wide + GAP
        room = QRect(x, box.top(), max(0, box.right() - 10 - x), box.height())
        first, second = look.line_height("base") - 2, look.line_height("small")
        top = room.top() + (room.height() - first - second) // 2
        paint.words(painter, QRect(x, top, room.width(), first), self._word, bold=True)
        paint.words(painter, QRect(x, top + first, room.width(), second), self._line, "text_2", "small")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._plain and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not self._plain:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
