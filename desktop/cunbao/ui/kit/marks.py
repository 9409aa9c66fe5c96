"""Small signs: the state chip (always icon + word + colour), a number in a circle, the program's mark, a bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import StateLook, look


class _Small(Styled):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Chip(_Small):
    """State chip. `Chip.state("filling")`, `Chip.severity("must_fix")`, or `Chip("warn", "clock", "还有 8 天")`."""

    def __init__(self, tone: str, icon: str, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token, self._kind = tone, "tone"
        self._icon, self._word = icon, word
        self.setAccessibleName(word)

    @classmethod
    def state(cls, token: str, more: str = "") -> Chip:
        """A return or form state; more: a count after the word (有问题 1)."""
        made = cls("info", "", "")
        made.set_state(token, more)
        return made

    @classmethod
    def severity(cls, token: str) -> Chip:
        made = cls("info", "", "")
        made._token, made._kind = token, "severity"
        made.set_word("")
        return made

    def set_state(self, token: str, more: str = "", word: str = "") -> None:
        self._token, self._kind = token, "state"
        self._word = f"{word or look.state(token).word} {more}".strip()
        self._icon = ""
        self._refresh()

    def set(self, tone: str, icon: str, word: str) -> None:
        self._token, self._kind, self._icon, self._word = tone, "tone", icon, word
        self._refresh()

    def set_word(self, word: str) -> None:
        self._word = word
        self._refresh()

    def _refresh(self) -> None:
        self.setAccessibleName(self._word or self._inks().word)
        self.updateGeometry()
        self.update()

    def _inks(self) -> StateLook:
        if self._kind == "state":
            return look.state(self._token)
        if self._kind == "severity":
            return look.severity(self._token)
        return look.tone(self._token)

    def sizeHint(self) -> QSize:
        word = self._word or self._inks().word
        return QSize(paint.width(word, "small") + look.control("icon_small") + 5 + 16, look.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        inks, painter = self._inks(), QPainter(self)
        paint.frame(painter, self.rect(), look.radius("control"), inks.bg, inks.line, look.line)
        inner = self.rect().adjusted(8, 0, 0, 0)
        paint.icon_words(painter, inner, self._icon or inks.icon, self._word or inks.word, inks.fg, gap=5)


class StateWord(_Small):
    """A state without a box: icon and word in the state's colour, as in tables and the header."""

    def __init__(
        self, icon: str = "", word: str = "", tone: str = "text_2", role: str = "base", *, ink: str = ""
    ) -> None:
        super().__init__()
        self._role = role
        self.set(icon, word, tone, ink)

    def set(self, icon: str, word: str, tone: str, ink: str = "", *, bold: bool = False) -> None:
        """tone: colour of the icon (token or "#RRGGBB"); ink: colour of the word, the same unless given."""
        self._icon, self._word, self._tone, self._ink, self._bold = icon, word, tone, ink or tone, bold
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = paint.width(self._word, self._role, self._bold) + look.control("icon_small") + 6
        return QSize(wide, look.line_height(self._role))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.control("icon_small")
        icons.paint(painter, self._icon, 0, (self.height() - side) // 2, side, self._tone)
        box = self.rect().adjusted(side + 6, 0, 2, 0)
        paint.words(painter, box, self._word, self._ink, self._role, bold=self._bold)


class Number(_Small):
    """A number in a circle of 26: steps of first use, of what comes next, of comments."""

    def __init__(self, number: int, *, filled: bool = False, tone: str = "line_strong") -> None:
        super().__init__()
        self._number, self._filled, self._tone = number, filled, tone

    def sizeHint(self) -> QSize:
        return QSize(look.px(26), look.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_number(QPainter(self), self.rect(), str(self._number), filled=self._filled, line=self._tone)


def paint_number(painter: QPainter, box: QRect, text: str, *, filled: bool, line: str, ink: str = "text") -> None:
    paint.frame(
        painter, box, box.height() / 2, "accent" if filled else "surface", "accent" if filled else line, look.line
    )
    tone = "text_on_accent" if filled else ink
    paint.words(painter, box, text, tone, "small", bold=filled, align=paint.CENTER)


class Logo(_Small):
    """The program's mark: 报 on a blue ground. size: side at 100 %."""

    def __init__(self, size: int = 40) -> None:
        super().__init__()
        self._size = size
        self.setAccessibleName("村报")

    def sizeHint(self) -> QSize:
        return QSize(look.px(self._size), look.px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.frame(painter, self.rect(), look.radius("control"), "accent")
        font = look.font("base", bold=True)
        font = type(font)(font)
        font.setPixelSize(round(look.px(self._size) * 0.56))
        painter.setFont(font)
        painter.setPen(look.color("text_on_accent"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "报")


class Bar(Styled):
    """A determinate bar 8 high; mark: where the target stands (0…1), None for none."""

    def __init__(self, tone: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self.tone, self.value = tone, 0.0
        self.mark: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, value: float, mark: float | None = None, tone: str = "") -> None:
        self.value, self.mark = min(1.0, max(0.0, value)), mark
        self.tone = tone or self.tone
        self.setAccessibleName(f"{round(self.value * 100)}%")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, look.px(8) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, high = QPainter(self), look.px(8)
        box = QRect(0, (self.height() - high) // 2, self.width(), high)
        paint.frame(painter, box, high / 2, "surface_sunken", "line" if not look.contrast else "line_strong", 1)
        full = box.adjusted(1, 1, -1, -1)
        done = QRect(full.left(), full.top(), round(full.width() * self.value), full.height())
        if done.width() > 0:
            paint.frame(painter, done, min(done.width(), done.height()) / 2, self.tone)
        if self.mark is not None:
            x = full.left() + round(full.width() * self.mark)
            painter.fillRect(QRect(x - 1, 0, 2, self.height()), look.color("text"))
