"""Tabs over a table, the chosen one underlined: 改动 6 · 检查 1 · 全部 24 格. The screen binds Ctrl+Tab (`step`)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.oneof import OneOf
from cunbao.ui.kit.tokens import look

PAD, EDGE, BAR = 12, 8, 3
LEAST_PAD = 5  # where many tabs stand side by side, they move together before a word is cut


class Tabs(OneOf):
    """[(key, word)]; `chosen(key)` on a click, Left and Right, or `step(±1)`, which goes round."""

    COUNTED = "页"

    def __init__(
        self, tabs: Sequence[tuple[str, str]] = (), *, name: str = "分页", parent: QWidget | None = None
    ) -> None:
        super().__init__(name=name, hover=True, parent=parent)
        self.tabs: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_tabs(tabs)

    def set_tabs(self, tabs: Sequence[tuple[str, str]]) -> None:
        """Other words; what is chosen stays chosen."""
        here = self.current()
        self.tabs = tuple(tabs)
        self._renewed(here)

    def step(self, by: int) -> None:
        if self.tabs:
            self._take((self._at + by) % len(self.tabs))

    def _keys(self) -> Sequence[str]:
        return [key for key, _ in self.tabs]

    def _told(self, at: int) -> str:
        return self.tabs[at][1]

    def _words(self) -> list[int]:
        """Their widths, as bold as when chosen, so that nothing moves."""
        return [paint.width(word, "base", True) for _, word in self.tabs]

    def _pad(self) -> int:
        """Left and right of each word."""
        spare = self.width() - 2 * EDGE - sum(self._words())
        return max(LEAST_PAD, min(PAD, spare // (2 * len(self.tabs)))) if self.tabs else PAD

    def _boxes(self) -> list[QRect]:
        pad = self._pad()
        wishes = [wide + 2 * pad for wide in self._words()]
        room, need = self.width() - 2 * EDGE, sum(wishes)
        made, x = [], EDGE
        for wish in wishes:
            wide = wish if need <= room or need == 0 else max(2 * pad, wish * room // need)
            made.append(QRect(x, 0, wide, self.height()))
            x += wide
        return made

    def sizeHint(self) -> QSize:
        wide = sum(self._words()) + 2 * PAD * len(self.tabs)
        return QSize(wide + 2 * EDGE, look.px(38))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * EDGE + 2 * LEAST_PAD * len(self.tabs), look.px(38))

    def _hovered(self) -> None:
        over = self._over
        self.setToolTip(self.tabs[over][1] if over >= 0 and self._cut(over) else "")

    def _cut(self, at: int) -> bool:
        wide = QFontMetrics(look.font("base", True)).horizontalAdvance(self.tabs[at][1])
        return wide > self._boxes()[at].width() - 2 * self._pad()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, pad = QPainter(self), self._pad()
        for number, ((_, word), box) in enumerate(zip(self.tabs, self._boxes(), strict=True)):
            here = number == self._at
            ink = "accent" if here else "text" if number == self._over else "text_2"
            paint.words(painter, box.adjusted(pad, 0, -pad + 2, 0), word, ink, bold=here, align=paint.LEFT)
            if here:
                bar = QRect(box.left(), box.bottom() - BAR + 1, box.width(), BAR)
                painter.fillRect(bar, look.color("accent"))
                if self.hasFocus():
                    paint.frame(painter, box.adjusted(1, 3, -1, -BAR - 2), look.radius("small"), "", "focus", 2)
