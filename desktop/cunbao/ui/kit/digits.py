"""A comparison code typed as it is read aloud: 24 digits that fall into six groups of four by themselves."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.tokens import look

GROUP, GROUPS = 4, 6
LENGTH = GROUP * GROUPS


def grouped(digits: str) -> str:
    """1234 5678 9…"""
    return " ".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


def only_digits(text: str) -> str:
    """The digits of what was typed or pasted; full-width ones count, everything else is left out."""
    return "".join(str(int(mark)) for mark in text if mark.isdecimal())[:LENGTH]


class DigitsField(FieldBox):
    """`digits()` is what was typed, `full` when all 24 are there. Backspace takes the digit before a blank too."""

    def __init__(self, *, name: str = "比对码", parent: QWidget | None = None) -> None:
        super().__init__(name=name, parent=parent)
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.set_hint("请对方念，边听边输")

    def restyle(self) -> None:
        super().restyle()
        font = QFont(look.font("lead", bold=bool(self.edit.text())))
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1)
        self.edit.setFont(font if self.edit.text() else look.font())
        self.line.setContentsMargins(10, 0, 20 + look.px(48), 2 * look.lift())

    def digits(self) -> str:
        return only_digits(self.edit.text())

    @property
    def full(self) -> bool:
        return len(self.digits()) == LENGTH

    def clear(self) -> None:
        self.set_text("")
        self.restyle()
        self.update()

    def _edited(self, text: str) -> None:
        before = len(only_digits(text[: self.edit.cursorPosition()]))
        shown = grouped(only_digits(text))
        if shown != text:
            self.edit.setText(shown)
            self.edit.setCursorPosition(_place(shown, before))
        self.restyle()
        super()._edited(shown)
        self.update()

    def on_key(self, event: QKeyEvent) -> bool:
        at, text = self.edit.cursorPosition(), self.edit.text()
        if event.key() == Qt.Key.Key_Backspace and not self.edit.hasSelectedText() and text[at - 1 : at] == " ":
            self.edit.setCursorPosition(at - 1)  # the blank is ours: the digit before it goes
        return super().on_key(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        count = len(self.digits())
        if count:
            tone = "ok" if count == LENGTH else "text_2"
            box = QRect(0, 0, self.width() - 11, self.height())
            paint.words(QPainter(self), box, f"{count} / {LENGTH}", tone, "small", align=paint.RIGHT)


def _place(shown: str, digits: int) -> int:
    """Where the cursor stands after so many digits; after a whole group behind its blank."""
    seen = 0
    for at, mark in enumerate(shown):
        if seen == digits:
            return at + (mark == " ")
        seen += mark != " "
    return len(shown)
