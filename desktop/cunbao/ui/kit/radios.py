"""One of a few sentences: rings one under the other. Up and Down choose, a click chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
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
            ring = QRect(line.left() + 4, line.top() + (line.height() - side) // 2, side, side)
            here = number == self._at
            paint_radio(painter, ring, here)
            if here and self.hasFocus():
                paint.frame(painter, ring.adjusted(-3, -3, 3, 3), ring.height() / 2 + 3, "", "focus", 2)
            rest = line.adjusted(side + 14, 0, 0, 0)
            paint.words(painter, rest, words, "text" if self.isEnabled() else "text_disabled", bold=here)
            wide = paint.width(words, bold=here) + 10
            paint.words(painter, rest.adjusted(wide, 0, 0, 0), more, "text_2", "small")


class RadioRow(RadioList):
    """The same side by side, and none is chosen before somebody chooses: `current()` is "" until then."""

    ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
    GAP = 24

    def __init__(self, options: Sequence[tuple[str, str]], *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__([(key, words, "") for key, words in options], name=name, parent=parent)
        self.clear()

    def clear(self) -> None:
        self._at = -1
        self.setAccessibleName(self._name)
        self.setAccessibleDescription("还没选")
        self.update()

    def current(self) -> str:
        return super().current() if self._at >= 0 else ""

    def _tell(self) -> None:
        if self._at >= 0:
            super()._tell()

    def _boxes(self) -> list[QRect]:
        return self._placed(self.width())

    def _placed(self, room: int) -> list[QRect]:
        """One beside the other; what finds no room goes on in a further line."""
        found: list[QRect] = []
        left = top = 0
        for _, words, _more in self.options:
            wide = look.control("checkbox") + 22 + paint.width(words, bold=True)
            if found and left + wide > room:
                left, top = 0, top + self._high()
            found.append(QRect(left, top, wide, self._high()))
            left += wide + self.GAP
        return found

    def sizeHint(self) -> QSize:
        return QSize(self._placed(1 << 20)[-1].right() + 1, self._boxes()[-1].bottom() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._at < 0:  # nothing is chosen yet: the first ring shows where the keys go
            side, first = look.control("checkbox"), self._boxes()[0]
            ring = QRect(4, first.top() + (first.height() - side) // 2, side, side)
            paint.frame(QPainter(self), ring.adjusted(-3, -3, 3, 3), ring.height() / 2 + 3, "", "focus", 2)
