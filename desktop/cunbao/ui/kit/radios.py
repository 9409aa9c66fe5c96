"""One of a few sentences: rings one under the other. Up and Down choose, a click chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.gridcells import paint_radio
from cunbao.ui.kit.oneof import OneOf
from cunbao.ui.kit.tokens import look


class RadioList(OneOf):
    """[(key, words, grey words)]; `chosen(key)`. Use it for at most a handful; a longer list is a CodeField."""

    ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)

    def __init__(
        self,
        options: Sequence[tuple[str, str, str]],
        current: str = "",
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name=name, parent=parent)
        self.options = tuple(options)
        self._at = next((n for n, (key, _, _) in enumerate(self.options) if key == current), 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    def _keys(self) -> Sequence[str]:
        return [key for key, _, _ in self.options]

    def _told(self, at: int) -> str:
        _, words, more = self.options[at]
        return f"{words} {more}".rstrip()

    def _boxes(self) -> list[QRect]:
        return [QRect(0, n * self._high(), self.width(), self._high()) for n in range(len(self.options))]

    def _high(self) -> int:
        return look.px(30)

    def sizeHint(self) -> QSize:
        wide = max((paint.width(words) + paint.width(more, "small") for _, words, more in self.options), default=0)
        return QSize(wide + look.control("checkbox") + 24, self._high() * len(self.options))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.control("checkbox")
        for number, ((_, words, more), line) in enumerate(zip(self.options, self._boxes(), strict=True)):
            ring = QRect(4, line.top() + (line.height() - side) // 2, side, side)
            here = number == self._at
            paint_radio(painter, ring, here)
            if here and self.hasFocus():
                paint.frame(painter, ring.adjusted(-3, -3, 3, 3), ring.height() / 2 + 3, "", "focus", 2)
            rest = line.adjusted(side + 14, 0, 0, 0)
            paint.words(painter, rest, words, "text" if self.isEnabled() else "text_disabled", bold=here)
            wide = paint.width(words, bold=here) + 10
            paint.words(painter, rest.adjusted(wide, 0, 0, 0), more, "text_2", "small")
