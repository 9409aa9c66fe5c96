"""A place as small framed words: 工作表 survey, 第 27 行; and what stands there, on grey, cut where it is long."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

PAD = 8


class Tag(Styled):
    """quoted: what stands in a cell, on a grey ground without a line; it gives way where there is no room."""

    def __init__(self, word: str, *, quoted: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._word, self._quoted = word, quoted
        wide = QSizePolicy.Policy.Maximum if quoted else QSizePolicy.Policy.Fixed
        self.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        if quoted:
            self.setToolTip(word)

    def sizeHint(self) -> QSize:
        return QSize(paint.width(self._word, "small") + 2 * PAD, look.px(26))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(48), look.px(26)) if self._quoted else self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, line = ("readonly_bg", "") if self._quoted else ("surface", "line_strong")
        paint.frame(painter, self.rect(), look.radius("small"), ground, line, look.line if line else 0)
        inner = QRect(PAD, 0, self.width() - 2 * PAD, self.height())
        paint.words(painter, inner, self._word, "text", "small", align=paint.CENTER)
