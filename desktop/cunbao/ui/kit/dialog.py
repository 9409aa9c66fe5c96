"""Dialogs of three sentences: what happened (title and line), what is safe (green), what to do. The safe button leads.

A dialog lies inside the window over a veil, so it works the same everywhere; `Dialog.ask` waits for the answer and the
focus goes back to the cell it left. There is no bare 是, 否 or 确定.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Card, Icon, Panel, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

WIDTH = 426


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of a dialog. key: what `ask` gives back; kind as in Button; cap: the key shown inside."""

    key: str
    word: str
    kind: str = "outlined"
    cap: str = ""
    icon: str = ""


def round_off(box: QWidget, radius: int) -> None:
    """Nothing of a box lies in its corners."""
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(box.rect()), radius, radius)
    box.setMask(QRegion(shape.toFillPolygon().toPolygon()))


class DialogBox(Card):
    """The box itself (the sheet of dialogs and the gallery show it bare). The last choice is the safe, filled one.

    body: an extra widget between the sentences and the buttons (a password field, a list). accepts(key): whether the
    dialog may close with this button; it says itself what is missing. help: the place in the manual that F1 opens, ""
    for the screen's. `answered(key)`.
    """

    answered = Signal(str)

    def __init__(
        self,
        title: str,
        happened: str,
        safe: str,
        todo: str,
        choices: Sequence[Choice],
        *,
        icon: str = "alert",
        tone: str = "warn",
        body: QWidget | None = None,
        detail: str = "",
        accepts: Callable[[str], bool] = lambda key: True,
        help: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(line="line_strong", radius="dialog", parent=parent)
        self._accepts = accepts
        self.help = help
        self.setAccessibleName(title)
        self.setAccessibleDescription(" ".join(part for part in (happened, safe, todo) if part))
        inner = QWidget()
        box = column(inner, 0, (20, 17, 20, 16))
        head = row(gap=11)
        head.addWidget(Icon(icon, tone, 22))
        head.addWidget(Text(title, "lead", bold=True, lines=2), 1)
        box.addLayout(head)
        box.addSpacing(11)
        for text, tint, role in ((happened, "text", "base"), (safe, "ok", "small"), (todo, "text_2", "base")):
            if text:
                line = row(gap=6)
                if tint == "ok":
                    line.addWidget(Icon("check-circle", "ok", 15), 0, Qt.AlignmentFlag.AlignVCenter)
                line.addWidget(Text(text, role, tint, lines=0), 1)
                box.addLayout(line)
                box.addSpacing(6)
        if body is not None:
            box.addSpacing(8)
            box.addWidget(body)
        self._detail = Text(detail, "small", "text_2", lines=0)
        self._detail.hide()
        if detail:
            self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            box.addWidget(self._detail)
        box.addStretch(1)
        self.add(inner, 1)
        foot = Panel("bg", "t")
        foot.paintEvent = self._foot_paint(foot)  # type: ignore[method-assign]
        buttons = row(foot, 8, (20, 12, 20, 12))
        if detail:
            more = Button("详情", kind="quiet")
            more.clicked.connect(self._fold)
            buttons.addWidget(more)
        buttons.addStretch(1)
        self.buttons: dict[str, Button] = {}
        for number, choice in enumerate(choices):
            kind = "filled" if number == len(choices) - 1 and choice.kind == "outlined" else choice.kind
            button = Button(choice.word, kind=kind, key=choice.cap, icon=choice.icon)
            button.clicked.connect(lambda _=False, key=choice.key: self.answer(key))
            buttons.addWidget(button)
            self.buttons[choice.key] = button
        self.safe_button = self.buttons[choices[-1].key]
        self.add(foot)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(look.px(236))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing of the box lies in its corners: what is dimmed behind it shows there."""
        super().resizeEvent(event)
        round_off(self, look.radius(self._radius))

    def answer(self, key: str) -> None:
        """A button was pressed, or Enter in the last field."""
        if self._accepts(key):
            self.answered.emit(key)

    def _fold(self) -> None:
        self._detail.setVisible(not self._detail.isVisible())
        around = self.parentWidget()
        if isinstance(around, Dialog):
            around.place()

    @staticmethod
    def _foot_paint(foot: QWidget):  # type: ignore[no-untyped-def]
        """The foot keeps inside the rounded corners of the box."""

        def paint(event: QPaintEvent) -> None:
            from cunbao.ui.kit.paint import frame

            painter = QPainter(foot)
            frame(painter, foot.rect().adjusted(0, -8, 0, 0), look.radius("dialog") - 1, "bg")
            painter.fillRect(0, 0, foot.width(), look.line, look.color("line"))

        return paint

    def sizeHint(self) -> QSize:
        wide = look.px(WIDTH)
        return QSize(wide, max(look.px(236), self.heightForWidth(wide)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Dialog(QWidget):
    """A box over a veil in a window. `ask()` returns the key of the button; Esc gives the safe key, or `escape`."""

    def __init__(self, window: QWidget, box: DialogBox, *, escape: str = "", focus: QWidget | None = None) -> None:
        super().__init__(window)
        self.setObjectName("dialog")
        self.box, self._escape = box, escape
        self._answer = ""
        self._loop = QEventLoop()
        box.setParent(self)
        box.answered.connect(self._done)
        self._back = QApplication.focusWidget()
        window.installEventFilter(self)
        box.installEventFilter(self)
        self.place()
        self.show()
        self.raise_()
        box.show()
        (focus or box.safe_button).setFocus(Qt.FocusReason.PopupFocusReason)

    def ask(self) -> str:
        """Wait for a button. The window behind takes no keys meanwhile."""
        self._loop.exec()
        return self._answer

    def _done(self, key: str) -> None:
        self._answer = key
        self.parentWidget().removeEventFilter(self)
        self.hide()
        self._loop.quit()
        self.deleteLater()
        try:
            if self._back is not None:
                self._back.setFocus(Qt.FocusReason.PopupFocusReason)
        except RuntimeError:  # the cell it left is gone by now
            pass

    def place(self) -> None:
        window = self.parentWidget()
        self.setGeometry(window.rect())
        wide = min(self.box.sizeHint().width(), self.width() - 32)
        high = min(self.height() - 32, max(look.px(200), self.box.heightForWidth(wide)))
        self.box.setGeometry((self.width() - wide) // 2, max(16, (self.height() - high) // 3), wide, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box keeps to the window, and has room for what comes into it: a sentence about what is missing."""
        if event.type() == (QEvent.Type.LayoutRequest if watched is self.box else QEvent.Type.Resize):
            self.place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._done(self._escape or next(reversed(self.box.buttons)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.box.safe_button.click()

    def focusNextPrevChild(self, forward: bool) -> bool:
        children: Any = self.findChildren(QWidget)
        inside = [one for one in children if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible()]
        here = QApplication.focusWidget()
        if inside:
            at = inside.index(here) if here in inside else -1
            inside[(at + (1 if forward else -1)) % len(inside)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        from cunbao.ui.kit.paint import blend

        QPainter(self).fillRect(self.rect(), blend("text", 0.28))


def error_box(error: CunbaoError, choices: Sequence[Choice] = (), *, title: str = "") -> DialogBox:
    """The three sentences of an error as a dialog; 详情 holds the technical text for the county's help."""
    head = title or error.happened
    return DialogBox(
        head,
        f"{error.happened}。" if title else "",
        f"{error.safe}。",
        f"{error.todo}。",
        tuple(choices) or (Choice("close", "知道了"),),
        icon="alert-circle",
        tone="error",
        detail=" ".join(part for part in (error.code, error.detail) if part),
        help="trouble",
    )
