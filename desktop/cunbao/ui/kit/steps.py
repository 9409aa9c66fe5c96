"""The step bar 填报→检查→签名→报送→接收→通过: done has a check, the current one is filled, a returned one is orange.

The same for any other row of steps, by its words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.marks import paint_number
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

STEPS = ("填报", "检查", "签名", "报送", "接收", "通过")


class StepBar(Styled):
    """at: the step at hand from 1, one more than there are: all done; returned: it was sent back (退回)."""

    def __init__(
        self,
        at: int = 1,
        *,
        returned: bool = False,
        high: int = 54,
        words: Sequence[str] = STEPS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self._words = tuple(words)
        self._high = high
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set(at, returned=returned)

    def set(self, at: int, *, returned: bool = False) -> None:
        self.at, self.returned = at, returned
        count = len(self._words)
        word = "退回" if returned else self._words[min(at, count) - 1]
        self.setAccessibleName("全部办完" if at > count else f"第 {at} 步，共 {count} 步：{word}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(look.px(560), look.px(self._high))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(400), look.px(self._high))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.frame(painter, self.rect(), look.radius("card"), "surface", "line", look.line)
        side, middle = look.px(24), self.height() // 2
        words = [("退回" if self.returned and n == self.at else word) for n, word in enumerate(self._words, 1)]
        wide = [side + 8 + paint.width(word, "base", n == self.at) for n, word in enumerate(words, 1)]
        gaps = max(0, self.width() - 40 - sum(wide)) / (len(self._words) - 1)
        x = 20.0
        for number, word in enumerate(words, 1):
            self._paint_step(painter, QRect(round(x), middle - side // 2, side, side), number, word)
            after = x + wide[number - 1]
            if number < len(words) and gaps > 30:
                paint.hline(painter, round(after + 12), round(after + gaps - 12), middle, "line_strong", look.line)
            x = after + gaps

    def _paint_step(self, painter: QPainter, ring: QRect, number: int, word: str) -> None:
        here, inner = number == self.at, look.px(15)
        place = (ring.left() + (ring.width() - inner) // 2, ring.top() + (ring.height() - inner) // 2)
        ink = "text" if number < self.at else "text_2"
        if number < self.at:
            paint.frame(painter, ring, ring.height() / 2, "surface", "ok", look.line)
            icons.paint(painter, "check", *place, inner, "ok")
        elif here and self.returned:
            ink = look.state("returned").fg
            paint.frame(painter, ring, ring.height() / 2, ink)
            icons.paint(painter, "return", *place, inner, "text_on_accent")
        else:
            paint_number(painter, ring, str(number), filled=here, line="line_strong", ink="text_2")
            ink = "accent" if here else ink
        text = QRect(ring.right() + 9, 0, 400, self.height())
        paint.words(painter, text, word, ink, bold=here)
