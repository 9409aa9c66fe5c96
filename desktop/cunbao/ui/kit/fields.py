"""Input fields: one frame (`FieldBox`) for text, numbers, codes, dates, masked and locked values; `FieldRow` around it.

A field gives what was typed as text and refuses nothing: the form says what is wrong and `FieldRow.show_message` shows
it beneath. `committed` comes once when the clerk leaves a changed field or presses Enter; Esc brings the old text back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.buttons import IconButton
from cunbao.ui.kit.fonts import cover
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.picker import Item, Picker
from cunbao.ui.kit.style import Styled, show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FieldBox(Styled):
    """One input of 36 px: a line edit in a frame, an optional icon at the right.

    state: "" | "error" | "warn" | "readonly" (grey, lock, text selectable) | "disabled". Signals: `committed(text)` on
    leaving a changed field; `typed(text)` at every stroke; `next(step)` on Enter (+1) and Shift+Enter (-1);
    `pasted(text)` when the clipboard holds more than one cell.
    """

    committed = Signal(str)
    typed = Signal(str)
    next = Signal(int)
    entered = Signal()
    pasted = Signal(str)

    def __init__(
        self, text: str = "", *, align: str = "left", icon: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self.state = ""
        self._icon = icon
        self._kept = ""
        self.edit = QLineEdit()
        self.edit.setFrame(False)
        self.edit.setAlignment(paint.FACES[align])
        self.edit.installEventFilter(self)
        self.edit.textEdited.connect(self._edited)
        self.line: QHBoxLayout = row(self, 4, (10, 0, 10, 0))
        self.line.addWidget(self.edit, 1)
        self.setFocusProxy(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_name(name)
        self.set_text(text)
        self.restyle()

    def restyle(self) -> None:
        self.edit.setFont(look.font())
        self.setFixedHeight(look.control("height"))
        right = 10 + (look.control("icon") + 6 if self._icon or self.state == "readonly" else 0)
        self.line.setContentsMargins(10, 0, right, 2 * look.lift())

    def set_name(self, name: str) -> None:
        self.edit.setAccessibleName(name)

    def text(self) -> str:
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Show a value from outside; nothing is committed. A field that is being typed in keeps its cursor."""
        self._kept = text
        if text != self.edit.text():
            cover(text)
            self.edit.setText(text)
            if not self.edit.hasFocus():
                self.edit.setCursorPosition(0)

    def set_hint(self, text: str) -> None:
        self.edit.setPlaceholderText(text)

    def set_state(self, state: str) -> None:
        self.state = state
        self.edit.setReadOnly(state in ("readonly", "disabled") or self._never_typed())
        self.edit.setEnabled(state != "disabled")
        self.restyle()
        self.update()

    def _never_typed(self) -> bool:
        return False

    def commit(self) -> None:
        """Give out the text if it differs from the value last shown or committed."""
        text = self.edit.text()
        if text != self._kept:
            self._kept = text
            self.committed.emit(text)

    def _edited(self, text: str) -> None:
        cover(text)
        self.typed.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusIn:
            self.on_focus(event)  # type: ignore[arg-type]
            self.update()
            self.entered.emit()
        elif kind == QEvent.Type.FocusOut:
            self.on_leave()
            self.update()
        elif kind == QEvent.Type.ShortcutOverride and self.edit.text() == self._kept:
            # nothing typed yet: Ctrl+Z and Ctrl+Y are the window's, not the line's own
            if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):  # type: ignore[attr-defined]
                event.ignore()
                return True
        elif kind == QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Paste) and self._many_cells():  # type: ignore[attr-defined]
                self.pasted.emit(QGuiApplication.clipboard().text())
                return True
            return self.on_key(event)  # type: ignore[arg-type]
        return False

    @staticmethod
    def _many_cells() -> bool:
        """Does the clipboard hold more than one cell? Then the preview is opened instead."""
        text = QGuiApplication.clipboard().text().rstrip("\r\n")
        return "\t" in text or "\n" in text

    def on_focus(self, event: QFocusEvent) -> None:
        if event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason):
            self.edit.selectAll()

    def on_leave(self) -> None:
        self.commit()

    def on_key(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if event.key() in ENTER and (plain or shift):
            self.commit()
            self.next.emit(-1 if shift else 1)
            return True
        if event.key() == Qt.Key.Key_Escape and self.edit.text() != self._kept:
            self.edit.setText(self._kept)
            self.edit.selectAll()
            return True
        return False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def sizeHint(self) -> QSize:
        return QSize(look.px(140), look.control("height"))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(64), look.control("height"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        radius = look.radius("control")
        ground, line, width = paint.field_colors(self.state, self.edit.hasFocus())
        paint.frame(painter, self.rect(), radius, ground, line, width)
        icon = "lock" if self.state == "readonly" else self._icon
        if icon:
            side = look.control("icon_small" if icon == "lock" else "icon")
            tone = "text_2" if self.state != "disabled" else "text_disabled"
            icons.paint(painter, icon, self.width() - 11 - side, (self.height() - side) // 2, side, tone)


class PasswordField(FieldBox):
    """A password with 看一下 at the right, and a sign when Caps Lock seems on. `wordy`: the word beside the eye."""

    caps = Signal(bool)

    def __init__(self, *, name: str = "密码", wordy: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name=name, parent=parent)
        from cunbao.ui.kit.buttons import Button

        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.peek = Button("看一下", kind="quiet", size="small", icon="eye") if wordy else IconButton("eye", "看一下")
        self.peek.setCheckable(True)
        self.peek.toggled.connect(self._show)
        self.line.addWidget(self.peek)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        self.line.setContentsMargins(10, 0, 4, 0)
        if self.edit.echoMode() == QLineEdit.EchoMode.Password:
            font = QFont(look.font())
            font.setPixelSize(look.px(10))  # dots of 8 px
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, look.px(4))
            self.edit.setFont(font)

    def _show(self, on: bool) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.restyle()
        word = "盖住" if on else "看一下"
        if self.peek.text():
            self.peek.setText(word)
        else:
            self.peek.setToolTip(word)
            self.peek.setAccessibleName(word)

    def on_key(self, event: QKeyEvent) -> bool:
        text = event.text()
        if text.isalpha() and text.isascii():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps.emit(text.isupper() != shift)
        elif event.key() == Qt.Key.Key_CapsLock:
            self.caps.emit(False)
        return super().on_key(event)

    def on_leave(self) -> None:
        """A password is never committed by leaving: only its button or Enter takes it."""

    def commit(self) -> None:
        return


class CodeField(FieldBox):
    """A value of a code list. Typing filters (code, name, pinyin initials); F4 or Alt+Down opens the whole list.

    items: called when the list opens. `code()` is what is committed; a text outside the list cannot be committed and
    falls back to the old value. many=True: several codes, space-separated; the list stays open and ticks them.
    """

    def __init__(
        self,
        items: Callable[[], Sequence[Item]],
        code: str = "",
        *,
        many: bool = False,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        self._items, self._many, self._code = items, many, ""
        self.picker: Picker | None = None
        super().__init__(icon="chev-d", name=name, parent=parent)
        self.edit.textEdited.connect(self._filter)
        self.set_code(code)

    def code(self) -> str:
        return self._code

    def set_code(self, code: str, shown: str | None = None) -> None:
        """Show a code; `shown` saves looking the label up."""
        self._code = code
        if shown is None:
            labels = {item.code: item.label for item in self._items()} if code else {}
            shown = "、".join(labels.get(part, part) for part in code.split(" ")) if code else ""
        self.set_text(shown)

    def commit(self) -> None:
        """Typed text that is exactly a code or a label is taken; anything else falls back."""
        text = self.edit.text().strip()
        if text == self._kept:
            return
        if not text and not self._many:
            self._take("")
            return
        found = [item for item in self._items() if text in (item.code, item.label)]
        if found and not self._many:
            self._take(found[0].code, found[0].label)
        else:
            self.edit.setText(self._kept)

    def _take(self, code: str, label: str | None = None) -> None:
        changed = code != self._code
        self.set_code(code, "" if not code else label)
        if changed:
            self.committed.emit(code)

    def open(self, typed: str = "") -> None:
        """Open the list below the field, or above it when there is no room."""
        if self.state in ("readonly", "disabled"):
            return
        if self.picker is None:
            self.picker = Picker(self, self._items(), chosen=self._code, many=self._many)
            self.picker.picked.connect(self._picked)
            self.picker.toggled.connect(self._ticked)
            self.picker.closed.connect(self._closed)
        self.picker.filter(typed)

    def _filter(self, typed: str) -> None:
        self.open(typed)

    def _picked(self, code: str, label: str) -> None:
        self._take(code, label)
        self.edit.selectAll()
        self.next.emit(1)

    def _ticked(self, codes: str) -> None:
        self._take(codes)

    def _closed(self) -> None:
        self.picker = None
        if self.edit.text() != self._kept:
            self.edit.setText(self._kept)

    def on_leave(self) -> None:
        if self.picker is not None:
            self.picker.leave()
        self.commit()

    def on_key(self, event: QKeyEvent) -> bool:
        if self.picker is not None and self.picker.on_key(event):
            return True
        alt_down = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if (event.key() == Qt.Key.Key_F4 and not event.modifiers()) or alt_down:
            self.open()
            return True
        return super().on_key(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.picker is None:
            self.open()
        else:
            self.picker.leave()


class MaskedField(FieldBox):
    """A value shown masked (证件号码, 电话). Typing replaces it; the eye asks by `reveal`, the screen decides.

    `mask(text)` makes the shown text; in the field itself the whole value is shown only after `show_whole(True)`.
    """

    reveal = Signal()

    def __init__(
        self, mask: Callable[[str], str], text: str = "", *, name: str = "", parent: QWidget | None = None
    ) -> None:
        self._mask, self._whole, self._raw, self._fresh = mask, False, "", False
        super().__init__(name=name, parent=parent)
        self.eye = IconButton("eye", "显示全部数字")
        self.eye.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.eye.clicked.connect(self.reveal.emit)
        self.line.addWidget(self.eye)
        self.edit.textEdited.connect(self._begin)
        self.restyle()
        self.set_text(text)

    def restyle(self) -> None:
        super().restyle()
        self.line.setContentsMargins(10, 0, 4, 0)

    def set_text(self, text: str) -> None:
        self._raw, self._fresh = text, False
        super().set_text(text if self._whole else self._mask(text))

    def show_whole(self, on: bool) -> None:
        self._whole = on
        self.set_text(self._raw)

    def _begin(self, text: str) -> None:
        self._fresh = True

    def on_key(self, event: QKeyEvent) -> bool:
        # The first stroke replaces the masked text whole: nobody can edit stars.
        if not self._whole and not self._fresh and ((event.text().isprintable() and event.text()) or event.key() in (
            Qt.Key.Key_Backspace, Qt.Key.Key_Delete,
        )) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:  # fmt: skip
            self.edit.selectAll()
        return super().on_key(event)

    def commit(self) -> None:
        if self._fresh and self.edit.text() != self._raw:
            self._raw = self.edit.text()
            self._kept = self._raw
            self.committed.emit(self._raw)

    def on_leave(self) -> None:
        self.commit()
        self.set_text(self._raw)


class TextArea(Styled):
    """Several lines of text in a frame; `limit` shows 27 / 200. `committed(text)` on leaving a changed text."""

    committed = Signal(str)
    typed = Signal(str)

    def __init__(
        self,
        text: str = "",
        *,
        lines: int = 3,
        limit: int = 0,
        hint: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self._lines, self._limit, self._kept, self.state = lines, limit, text, ""
        self.edit = QPlainTextEdit(text)
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(name)
        self.edit.setTabChangesFocus(True)
        self.edit.installEventFilter(self)
        self.edit.textChanged.connect(lambda: (self.update(), self.typed.emit(self.text())))
        self.edit.document().setDocumentMargin(2)
        self.box = row(self, 0, (8, 4, 8, 4))
        self.box.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        self.edit.setFont(look.font())
        self.setFixedHeight(look.line_height() * self._lines + 16)
        self.box.setContentsMargins(8, 5, 8 + (look.px(64) if self._limit else 0), 4)

    def text(self) -> str:
        return self.edit.toPlainText().strip()

    def set_text(self, text: str) -> None:
        self._kept = text
        if text != self.text():
            self.edit.setPlainText(text)

    def set_state(self, state: str) -> None:
        self.state = state
        self.edit.setReadOnly(state in ("readonly", "disabled"))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self.text() != self._kept:
            self._kept = self.text()
            self.committed.emit(self._kept)
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, line, width = paint.field_colors(self.state, self.edit.hasFocus())
        paint.frame(painter, self.rect(), look.radius("control"), ground, line, width)
        if self._limit and self.text():
            box = QRect(0, self.height() - look.px(26) - 2, self.width() - 11, look.px(22))
            tone = "error" if len(self.text()) > self._limit else "text_3"
            paint.words(painter, box, f"{len(self.text())} / {self._limit}", tone, "small", align=paint.RIGHT)


class Check(Styled):
    """A tick box of 18 with its words; Space or a click changes it."""

    toggled = Signal(bool)

    def __init__(self, text: str, on: bool = False, *, role: str = "small", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._text, self._on, self._role = text, on, role
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleName(self._text)
        self.setAccessibleDescription("已勾选" if self._on else "没有勾选")

    def is_on(self) -> bool:
        return self._on

    def set_on(self, on: bool) -> None:
        self._on = on
        self._tell()
        self.update()

    def set_text(self, text: str) -> None:
        self._text = text
        self._tell()
        self.updateGeometry()
        self.update()

    def toggle(self) -> None:
        self.set_on(not self._on)
        self.toggled.emit(self._on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.toggle()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def sizeHint(self) -> QSize:
        gap = 8 if self._text else 0
        return QSize(
            look.control("checkbox") + 4 + gap + paint.width(self._text, self._role), look.control("min_click")
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(look.control("checkbox") + 4, look.control("min_click"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.control("checkbox")
        box = QRect(2, (self.height() - side) // 2, side, side)
        paint_check(painter, box, self._on, enabled=self.isEnabled())
        if self.hasFocus():
            paint.frame(painter, box.adjusted(-2, -2, 2, 2), look.radius("control"), "", "focus", 2)
        tone = "text" if self.isEnabled() else "text_disabled"
        paint.words(painter, self.rect().adjusted(side + 10, 0, 0, 0), self._text, tone, self._role)


def paint_check(painter: QPainter, box: QRect, on: bool, *, enabled: bool = True) -> None:
    ground = "disabled_bg" if not enabled else "accent" if on else "surface"
    line = "line" if not enabled else "accent" if on else "line_input"
    paint.frame(painter, box, look.radius("small"), ground, line, look.line)
    if on:
        tone = "text_on_accent" if enabled else "text_disabled"
        icons.paint(painter, "check", box.left() + 2, box.top() + 2, box.width() - 4, tone)


class FieldRow(QWidget):
    """Label above (上年 … at its right), the input, then hint or message. Optional fields carry 选填.

    field: any input of this module. The unit stands in the label: 建筑面积（平方米）.
    """

    def __init__(
        self,
        label: str,
        field: QWidget,
        *,
        unit: str = "",
        last: str = "",
        hint: str = "",
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._hint = hint
        box = column(self, 2)
        head = row(gap=8)
        self.label = Text(f"{label}（{unit}）" if unit else label)
        head.addWidget(self.label)
        self.optional = Text("选填", "small", "text_3")
        show_if(self.optional, optional)
        head.addWidget(self.optional)
        head.addStretch(1)
        self.last = Text(last, "small", "text_3", align="right")
        head.addWidget(self.last)
        box.addLayout(head)
        box.addWidget(field)
        self.message = Message()
        box.addWidget(self.message)
        box.addStretch(1)
        if isinstance(field, FieldBox):
            field.set_name(label)
        self.show_message()

    def set_last(self, text: str) -> None:
        self.last.setText(text)

    def head_wide(self) -> int:
        """px that label, 选填 and 上年 need beside one another."""
        shown = [one for one in (self.label, self.optional, self.last) if one.text() and not one.isHidden()]
        return sum(one.sizeHint().width() for one in shown) + 8 * len(shown)

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        self.show_message()

    def show_message(self, tone: str = "", text: str = "") -> None:
        """error, warn or ok with a sentence; without one the hint comes back. Only an error reframes the field."""
        self.message.set(tone if text else "", text or self._hint)
        state = getattr(self.field, "state", "")
        if isinstance(self.field, FieldBox | TextArea) and state in ("", "error", "warn"):
            self.field.set_state(tone if text and tone == "error" else "")


class Message(Styled):
    """One line of words under a field or row, with the icon of its tone; wraps to as many lines as it needs."""

    ICONS: ClassVar[dict[str, str]] = {
        "error": "alert-circle",
        "warn": "message",
        "ok": "check-circle",
        "info": "info",
        "note": "info",
        "returned": "return",
    }

    def __init__(self, tone: str = "", text: str = "", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._tone, self._icon = tone, icon
        self.text = Text(text, "small", lines=0, parent=self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set(tone, text, icon)

    def set(self, tone: str, text: str, icon: str = "") -> None:
        """tone "" is a hint: grey, without an icon. icon: another one than the tone's own."""
        self._icon = icon
        self._tone = tone
        self.text.setText(text)
        self.text.set_tone(tone if tone in ("error", "warn", "ok", "info", "returned") else "text_2")
        show_if(self, bool(text))
        self._place()
        self.updateGeometry()
        self.update()

    def _indent(self) -> int:
        return look.control("icon_small") + 6 if self._tone else 0

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.text.heightForWidth(max(1, width - self._indent())) + 4

    def sizeHint(self) -> QSize:
        hint = self.text.sizeHint()
        return QSize(hint.width() + self._indent(), hint.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(40), look.line_height("small") + 4)

    def _place(self) -> None:
        wide = max(0, self.width() - self._indent())
        self.text.setGeometry(self._indent(), 1, wide, max(0, self.height() - 2))

    def resizeEvent(self, event: object) -> None:
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._tone:
            side = look.control("icon_small")
            high = self.text.heightForWidth(self.text.width())
            top = 1 + (self.height() - 2 - high) // 2 + (look.line_height("small") - side) // 2
            tone = self._tone if self._tone != "note" else "text_2"
            icons.paint(QPainter(self), self._icon or self.ICONS[self._tone], 0, top, side, tone)
