"""A comparison code to be read aloud or compared: six framed groups of four digits, their numbers beneath."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

GROUPS = 6
WIDE, HIGH, GAP, MOST = 76, 36, 8, 84  # px of a group; MOST: no wider


class CodeGroups(Styled):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._groups: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_code(self, code: str) -> None:
        """code: 24 digits with or without blanks."""
        digits = "".join(code.split())
        self._groups = tuple(digits[at : at + 4] for at in range(0, len(digits), 4))
        self.setAccessibleName(" ".join(self._groups))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(GROUPS * (look.px(WIDE) + GAP), look.px(HIGH) + look.line_height("small") + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(GROUPS * (look.px(58) + GAP), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wide = min(look.px(MOST), self.width() // GROUPS - GAP)
        font = QFont(look.font("title", True))
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 2)
        for at, group in enumerate(self._groups):
            box = QRect(at * (wide + GAP), 0, wide, look.px(HIGH))
            paint.frame(painter, box, look.radius("control"), "bg", "line_strong", look.line)
            painter.setFont(font)
            painter.setPen(look.color("text"))
            painter.drawText(box.adjusted(2, 0, 0, 0), paint.CENTER, group)
            under = QRect(box.left(), box.bottom() + 2, wide, look.line_height("small"))
            paint.words(painter, under, f"第 {at + 1} 组", "text_2", "small", align=paint.CENTER)
