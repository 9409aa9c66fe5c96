"""Where files are dropped: a dashed frame with words and buttons. The screen around it takes the drop."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit.panel import Icon, row
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look


class DropZone(Styled):
    """Icon and words at the left, buttons (`add`) at the right. `set_over(True)` while something hangs above it."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._over = False
        self._words = words
        self._parts = row(self, 12, (17, 0, 10, 0))
        self._icon = Icon("inbox-in")
        self._parts.addWidget(self._icon)
        self.text = Text(words, tone="text_2")
        self._parts.addWidget(self.text, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(look.px(48))

    def add(self, widget: QWidget) -> QWidget:
        self._parts.addWidget(widget)
        return widget

    def set_over(self, over: bool) -> None:
        if over != self._over:
            self._over = over
            self.text.setText("松开就读" if over else self._words)
            self.text.set_tone("accent" if over else "text_2", bold=over)
            self._icon.set("inbox-in", "accent" if over else "text_2")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self._over else look.line
        pen = QPen(look.color("accent" if self._over else "line_strong"), width)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(look.color("accent_tint") if self._over else Qt.BrushStyle.NoBrush)
        half = width / 2
        radius = look.radius("card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
