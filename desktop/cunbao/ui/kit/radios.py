"""One of a few sentences: rings one under the other. Up and Down choose, a click chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.gridcells import paint_radio
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look


class RadioList(Styled):
    """[(key, words, grey words)]; `chosen(key)`. Use it for at most a handful; a longer list is a CodeField."""

    chosen = Signal(str)

    def __init__(
        self,
        options: Sequence[tuple[str, str, str]],
        current: str = "",
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self.options = tuple(options)
        self._at = next((n for n, (key, _, _) in enumerate(self.options) if key == current), 0)
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    def current(self) -> str:
        return self.options[self._at][0] if self.options else ""

    def choose(self, key: str) -> None:
        """Show another one as chosen; says nothing to anybody."""
        self._at = next((n for n, (known, _, _) in enumerate(self.options) if known == key), self._at)
        self._tell()
        self.update()

    def _take(self, at: int) -> None:
        changed, self._at = at != self._at, at
        self._tell()
        self.update()
        if changed:
            self.chosen.emit(self.current())

    def _tell(self) -> None:
        self.setAccessibleName(self._name)
        if self.options:
            _, words, more = self.options[self._at]
            self.setAccessibleDescription(f"{words} {more}，第 {self._at + 1} 个，共 {len(self.options)} 个")

    def _high(self) -> int:
        return look.px(30)

    def sizeHint(self) -> QSize:
        wide = max((paint.width(words) + paint.width(more, "small") for _, words, more in self.options), default=0)
        return QSize(wide + look.control("checkbox") + 24, self._high() * len(self.options))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(120), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if 0 <= self._at + step < len(self.options):
                self._take(self._at + step)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = int(event.position().y()) // self._high()
        if 0 <= at < len(self.options):
            self._take(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.control("checkbox")
        for number, (_, words, more) in enumerate(self.options):
            line = QRect(0, number * self._high(), self.width(), self._high())
            ring = QRect(4, line.top() + (line.height() - side) // 2, side, side)
            here = number == self._at
            paint_radio(painter, ring, here)
            if here and self.hasFocus():
                paint.frame(painter, ring.adjusted(-3, -3, 3, 3), ring.height() / 2 + 3, "", "focus", 2)
            rest = line.adjusted(side + 14, 0, 0, 0)
            paint.words(painter, rest, words, "text" if self.isEnabled() else "text_disabled", bold=here)
            wide = paint.width(words, bold=here) + 10
            paint.words(painter, rest.adjusted(wide, 0, 0, 0), more, "text_2", "small")
