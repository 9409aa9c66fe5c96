"""township-03, the unfolded line: what the check found, what the village says, scans, and the comment at this cell."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.desks.township.review_views import NoteView, ReviewLine
from cunbao.survey.values import Severity
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Message, TextArea
from cunbao.ui.kit.panel import Icon, Panel, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.review_comments import PHRASES

LABEL = 58
LONG = 12  # characters of a text that is also told beneath, whole
MOST = 200  # characters of one comment
TONES = {
    Severity.MUST_FIX: ("error", "alert-circle"),
    Severity.EXPLAIN: ("warn", "alert"),
    Severity.HINT: ("info", "info"),
}


def has_more(line: ReviewLine) -> bool:
    """Is there anything to unfold beside a comment?"""
    return bool(line.notes or line.last_comment or line.outside or is_long(line))


def is_long(line: ReviewLine) -> bool:
    """Does one of its texts hardly fit its column?"""
    return not line.masked and max(len(line.before), len(line.now)) > LONG


class LineDetail(Panel):
    """`typed(text)` at every stroke, `kept(text)` when the box is left, `ended()` on Esc and Ctrl+S: back to the table.
    `attachment(id, name)`: a scan is asked for.

    number: of the comment, 0 when nothing may be said here any more (`text` is then shown as it was said).
    sent_back: this is the very version that was sent back, so what was said then is not 上次's."""

    typed = Signal(str)
    kept = Signal(str)
    ended = Signal()
    attachment = Signal(str, str)

    def __init__(
        self,
        line: ReviewLine,
        attachments: Sequence[tuple[str, str]] = (),
        *,
        number: int = 0,
        text: str = "",
        sent_back: bool = False,
    ) -> None:
        super().__init__("row_selected", "b")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 2, 10, 10)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.box: TextArea | None = None
        for label, whole in (("上次", line.before), ("这次", line.now)) if is_long(line) else ():
            if whole:
                self._add(label, Text(whole, "small", lines=0))
        for note in line.notes:
            self._note(note)
        if line.outside:
            self._add("上次退回", Message("warn", "上次退回没有提到这一格，村里也改了", "alert"))
        if line.last_comment:
            self._add("意见" if sent_back else "上次意见", Text(line.last_comment, "small", lines=0))
        if attachments and line.notes:
            self._attachments(attachments)
        if number:
            self._comment(number, text)
        elif text:
            self._add("意见", Text(text, "small", lines=0))

    def _add(self, label: str, what: QWidget, *, top: int = 0) -> None:
        at = self._grid.rowCount()
        name = QWidget()
        name.setFixedWidth(look.px(LABEL))
        column(name, 0, (0, 2 if isinstance(what, Message) else top, 0, 0)).addWidget(Text(label, "small", "text_2"))
        self._grid.addWidget(name, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(what, at, 1)

    def _note(self, note: NoteView) -> None:
        tone, icon = ("ok", "check") if note.waived else TONES[note.severity]
        words = f"{note.message}（已免说明）" if note.waived else note.message
        self._add("跨村核对" if note.cross else "检查", Message(tone, words, icon))
        if note.explanation:
            self._add("村里说明", Text(note.explanation, "small", lines=0))
        elif note.severity is Severity.EXPLAIN and not note.waived:
            self._add("村里说明", Text("没有写", "small", "text_2"))

    def _attachments(self, attachments: Sequence[tuple[str, str]]) -> None:
        shown = QWidget()
        line = row(shown, 6)
        for key, name in attachments:
            line.addWidget(Icon("form", "text", 15))
            line.addWidget(Text(name, "small"))
            link = Link("打开")
            link.setAccessibleDescription(name)
            link.clicked.connect(lambda _=False, key=key, name=name: self.attachment.emit(key, name))
            line.addWidget(link)
        line.addStretch(1)
        self._add("附件", shown)

    def _comment(self, number: int, text: str) -> None:
        self.box = TextArea(text, lines=2, hint="写给村里：哪里不对，请他们怎么改", name=f"意见 {number}")
        self.box.typed.connect(self._typed)
        self.box.committed.connect(self.kept.emit)
        self.box.edit.installEventFilter(self)
        self._grid.setRowMinimumHeight(self._grid.rowCount(), 4)
        self._add(f"意见 {number}", self.box, top=6)
        foot = QWidget()
        line = row(foot, 8, (0, 4, 0, 0))
        line.addWidget(Text("常用：", "small", "text_2"))
        for phrase in PHRASES:
            button = Button(phrase, size="small")
            button.clicked.connect(lambda _=False, phrase=phrase: self._put(phrase))
            line.addWidget(button)
        line.addStretch(1)
        self.keep_button = Button("存下意见", size="small", key="Ctrl+S")
        self.keep_button.clicked.connect(self.keep)
        line.addWidget(self.keep_button)
        self._grid.addWidget(foot, self._grid.rowCount(), 1)

    def _typed(self, text: str) -> None:
        """A text that is too long for the receipt is framed red while it is written; the desk says so at 退回."""
        assert self.box is not None
        state = "error" if len(text) > MOST else ""
        if state != self.box.state:
            self.box.set_state(state)
        self.typed.emit(text)

    def write(self) -> None:
        """Put the caret behind what is said so far."""
        if self.box is not None:
            self.box.edit.moveCursor(self.box.edit.textCursor().MoveOperation.End)
            self.box.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep(self) -> None:
        """存下意见, and back to the table."""
        if self.box is not None:
            self.kept.emit(self.box.text())
            self.ended.emit()

    @property
    def writing(self) -> bool:
        return self.box is not None and self.box.edit.hasFocus()

    def _put(self, phrase: str) -> None:
        """A usual phrase after what is there already."""
        assert self.box is not None
        said = self.box.text()
        self.box.edit.setPlainText(f"{said.rstrip('。；')}；{phrase}" if said else phrase)
        self.write()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+S and Esc in the box are its own; so is Ctrl+Z, which Qt gives it by itself."""
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            save = event.matches(QKeySequence.StandardKey.Save)
            if save or event.key() == Qt.Key.Key_Escape:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    self.keep() if save else self.ended.emit()
                return True
        return super().eventFilter(watched, event)


class Link(Button):
    """Underlined words in a line of text."""

    def __init__(self, text: str) -> None:
        super().__init__(text, kind="quiet", size="small")

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), look.line_height("small"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        wide, high = self.sizeHint().width() - 16, look.line_height("small")
        QPainter(self).fillRect(8, high - 3, wide, 1, look.color("accent"))
