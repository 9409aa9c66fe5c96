"""A comparison code written down as it is heard: six boxes of four digits, each compared elsewhere when it is full.

Nothing to compare with is known here. Digits fall into the first group that is not yet the same.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.digits import GROUP, GROUPS
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

WIDE, LEAST, HIGH, GAP = 72, 52, 42, 8  # px at 100 %
SAME, WRONG, ASKED = "same", "wrong", "asked"
WORDS = {SAME: "相同", WRONG: "不同，重听", ASKED: "正在比"}


class HeardCode(Styled):
    """`filled(group, digits)` when a group is full; `changed()` at every stroke. `mark` says what came of it."""

    filled = Signal(int, str)
    changed = Signal()

    def __init__(self, *, name: str = "听到的核对码", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self.groups = [""] * GROUPS
        self.marks = [""] * GROUPS
        self.at = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # digits, whatever method is on
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._tell()

    def clear(self) -> None:
        self.groups, self.marks, self.at = [""] * GROUPS, [""] * GROUPS, 0
        self._stroke()

    def digits(self) -> str:
        """All that was heard and is the same: 24 when all of it is there."""
        return "".join(group for group, mark in zip(self.groups, self.marks, strict=True) if mark == SAME)

    def missing(self) -> int:
        """How many groups are not yet the same."""
        return sum(mark != SAME for mark in self.marks)

    def mark(self, group: int, same: bool) -> None:
        """What the comparison of a full group gave; a wrong one is to be heard again first."""
        self.marks[group] = SAME if same else WRONG
        open_ones = [at for at, mark in enumerate(self.marks) if mark != SAME]
        wrong = [at for at in open_ones if self.marks[at] == WRONG]
        self.at = wrong[0] if wrong else open_ones[0] if open_ones else GROUPS - 1
        self._stroke()

    def again(self) -> None:
        """整组重听: the group at hand, else the one before it, is written anew."""
        at = self.at if self.groups[self.at] or not self.at else self.at - 1
        self._reopen(at)

    def _reopen(self, at: int) -> None:
        self.groups[at], self.marks[at], self.at = "", "", at
        self._stroke()

    def type_digit(self, digit: str) -> None:
        at = self.at
        if self.marks[at] in (SAME, ASKED):
            return
        if self.marks[at] == WRONG:
            self.groups[at], self.marks[at] = "", ""
        self.groups[at] += digit
        if len(self.groups[at]) == GROUP:
            self.marks[at] = ASKED
            rest = [n for n in range(GROUPS) if not self.marks[n] and n != at]
            self.at = rest[0] if rest else at
            self._stroke()
            self.filled.emit(at, self.groups[at])
        else:
            self._stroke()

    def _rub_out(self) -> None:
        at = self.at
        if not self.groups[at] and at:
            at -= 1
        if self.marks[at] == ASKED:
            return
        self.groups[at], self.marks[at], self.at = self.groups[at][:-1], "", at
        self._stroke()

    def _stroke(self) -> None:
        self._tell()
        self.update()
        self.changed.emit()

    def _tell(self) -> None:
        said = [f"第 {n + 1} 组 {self.groups[n]} {self._word(n)}" for n in range(GROUPS) if self.groups[n]]
        self.setAccessibleDescription(f"{'，'.join(said)}，在写第 {self.at + 1} 组".lstrip("，"))

    def _word(self, at: int) -> str:
        return WORDS.get(self.marks[at]) or ("正在听" if at == self.at and self.hasFocus() else "还没念")

    # --- hands and eyes ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        digit = str(int(text)) if len(text) == 1 and text.isdecimal() else ""
        if digit and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.type_digit(digit)
        elif event.key() == Qt.Key.Key_Backspace:
            self._rub_out()
        elif event.key() == Qt.Key.Key_F2:
            self.again()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = next((n for n in range(GROUPS) if self._box(n).contains(event.position().toPoint())), -1)
        if at >= 0 and self.marks[at] not in (SAME, ASKED):
            self.at = at
            self._stroke()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def _wide(self) -> int:
        room = (self.width() - (GROUPS - 1) * GAP) // GROUPS
        return max(look.px(LEAST), min(look.px(WIDE), room))

    def _box(self, at: int) -> QRect:
        return QRect(at * (self._wide() + GAP), 0, self._wide(), look.px(HIGH))

    def sizeHint(self) -> QSize:
        return QSize(GROUPS * look.px(WIDE) + (GROUPS - 1) * GAP, look.px(HIGH) + 4 + look.line_height("small"))

    def minimumSizeHint(self) -> QSize:
        return QSize(GROUPS * look.px(LEAST) + (GROUPS - 1) * GAP, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, radius = QPainter(self), look.radius("control")
        for at, (group, mark) in enumerate(zip(self.groups, self.marks, strict=True)):
            box, here = self._box(at), at == self.at and self.hasFocus() and self.marks[at] not in (SAME, ASKED)
            ground, line = {SAME: ("ok_bg", "ok"), WRONG: ("error_bg", "error")}.get(mark, ("surface", "line_strong"))
            paint.frame(
                painter, box, radius, ground, "focus" if here else line, 2 if here or mark == WRONG else look.line
            )
            self._paint_digits(painter, box, group, here)
            under = QRect(box.left() - GAP // 2, box.bottom() + 4, box.width() + GAP, look.line_height("small"))
            tone = {SAME: "ok", WRONG: "error"}.get(mark, "text_2")
            if mark == SAME:
                wide = paint.width(self._word(at), "small") + look.control("icon_small") + 4
                spot = under.adjusted((under.width() - wide) // 2, 0, 4, 0)
                paint.icon_words(painter, spot, "check", self._word(at), tone, "small", gap=4)
            else:
                paint.words(painter, under, self._word(at), tone, "small", align=paint.CENTER)

    def _paint_digits(self, painter: QPainter, box: QRect, group: str, here: bool) -> None:
        step = min((box.width() - 16) // GROUP, look.px(15))
        left = box.left() + (box.width() - step * GROUP) // 2
        for n, digit in enumerate(group):
            spot = QRect(left + n * step, box.top(), step, box.height())
            paint.words(painter, spot, digit, "text", "title", bold=True, align=paint.CENTER)
        if here and len(group) < GROUP:
            caret = QRect(left + len(group) * step + 1, box.top() + look.px(9), 2, box.height() - look.px(18))
            painter.fillRect(caret, look.color("text"))
