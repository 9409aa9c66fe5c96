"""Buttons, key caps and the segmented choice. One filled button a screen: the step most clerks need now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

SIZES = {
    "small": ("height_small", "small", 10),
    "normal": ("height", "base", 16),
    "large": ("height_large", "lead", 20),
}
CAP_PAD = 5


def cap_width(key: str) -> int:
    return paint.width(key, "small") + 2 * CAP_PAD + 2


def paint_cap(painter: QPainter, x: int, middle: int, key: str, color: str, line: str, fill: str = "") -> int:
    """One key cap with its left edge at x, centred on `middle`; returns its width."""
    height = look.px(20)
    box = QRect(x, middle - height // 2, cap_width(key), height)
    paint.frame(painter, box, look.radius("small"), fill, line, 1)
    paint.words(painter, box, key, color, "small", align=paint.CENTER)
    return box.width()


class Button(QAbstractButton):
    """A button with a verb. kind: filled, outlined, quiet, danger (red text and line), danger_quiet (red text).

    size: small 28, normal 36, large 44. key: the key cap shown inside ("Ctrl+Enter"); the screen binds the key.
    why: the reason shown as tooltip while it is off; put the same words beside the button (ui/design.md).
    Enter and Space press it. The focus ring of a filled button lies outside, so keep 4 px around it.
    """

    def __init__(
        self,
        text: str,
        *,
        kind: str = "outlined",
        size: str = "normal",
        icon: str = "",
        key: str = "",
        bold: bool | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind, self._size, self._icon, self._key = kind, size, icon, key
        self._bold = kind == "filled" if bold is None else bold
        self._hover = False
        self._ring: Ring | None = None
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def set_kind(self, kind: str) -> None:
        self.kind, self._bold = kind, kind == "filled"
        self.updateGeometry()
        self.update()

    def set_key(self, key: str) -> None:
        """Another key cap inside."""
        self._key = key
        self.updateGeometry()
        self.update()

    def set_why(self, why: str) -> None:
        """Off with a reason, or on again with ""."""
        self.setEnabled(not why)
        self.setToolTip(why)
        self.setAccessibleDescription(why)

    @property
    def _role(self) -> str:
        return SIZES[self._size][1]

    @property
    def _pad(self) -> int:
        return 8 if self.kind.endswith("quiet") else SIZES[self._size][2] + 1

    @property
    def _side(self) -> int:
        return look.control("icon" if self._size != "small" else "icon_small")

    def sizeHint(self) -> QSize:
        width = paint.width(self.text(), self._role, self._bold) + 2 * self._pad
        if self._icon:
            width += self._side + 8
        if self._key:
            width += cap_width(self._key) + 8
        return QSize(width, look.control(SIZES[self._size][0]))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self.updateGeometry()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.kind == "filled":
            self._ring = Ring(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._ring is not None:
            self._ring.leave()
            self._ring = None

    def colors(self) -> tuple[str, str, str]:
        """Ground, line and ink as it stands now."""
        over, down = self.underMouse() and self.isEnabled(), self.isDown()
        if not self.isEnabled():
            quiet = self.kind.endswith("quiet")
            return ("" if quiet else "disabled_bg", "" if quiet else "line", "text_disabled")
        if self.kind == "filled":
            ground = "accent_down" if down else "accent_hover" if over else "accent"
            return ground, ground, "text_on_accent"
        ground = "surface_hover" if over or down else ""
        if self.kind == "quiet":
            return ground, "", "accent"
        if self.kind == "danger_quiet":
            return "error_bg" if over else "", "", "error"
        if self.kind == "danger":
            return "error_bg" if over or down else "surface", "error", "error"
        return ground or "surface", "line_strong", "text"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, line, ink = self.colors()
        paint.frame(painter, self.rect(), look.radius("control"), ground, line, look.line if line else 0)
        if self.hasFocus() and self.kind != "filled":
            paint.frame(painter, self.rect(), look.radius("control"), "", "focus", 2)
        hint = self.sizeHint().width()
        x = self._pad + max(0, (self.width() - hint) // 2)
        middle = self.height() // 2
        if self._icon:
            icons.paint(painter, self._icon, x, middle - self._side // 2, self._side, ink)
            x += self._side + 8
        wide = paint.width(self.text(), self._role, self._bold)
        paint.words(painter, QRect(x, 0, wide + 2, self.height()), self.text(), ink, self._role, bold=self._bold)
        if self._key:
            cap = "text_on_accent" if ink == "text_on_accent" else "line_strong" if self.isEnabled() else "line"
            tone = ink if ink != "text" else "text_2"
            paint_cap(painter, x + wide + 8, middle, self._key, tone, cap)


class Ring(QWidget):
    """The focus ring 2 px outside a filled button. It follows the button and belongs to no layout."""

    def __init__(self, button: QWidget) -> None:
        super().__init__(button.parentWidget())
        self._button = button
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        button.installEventFilter(self)
        self._follow()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._follow()
        return False

    def _follow(self) -> None:
        self.setGeometry(self._button.geometry().adjusted(-4, -4, 4, 4))
        self.setVisible(self._button.isVisible())
        self.raise_()

    def leave(self) -> None:
        self._button.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint.frame(painter, self.rect(), look.radius("card"), "", "focus", 2)
        paint.frame(painter, self.rect().adjusted(2, 2, -2, -2), look.radius("control"), "", "surface", 2)


class IconButton(Button):
    """A button of one icon, 28 wide and high; `name` is its tooltip and accessible name. framed: with a line."""

    def __init__(self, icon: str, name: str, *, framed: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("", kind="outlined" if framed else "quiet", size="small", icon=icon, parent=parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(look.control("min_click"), look.control("min_click"))

    def set_why(self, why: str) -> None:
        self.setEnabled(not why)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, line, ink = self.colors()
        ink = "text_2" if ink == "accent" else ink
        paint.frame(painter, self.rect(), look.radius("control"), ground, line, look.line if line else 0)
        if self.hasFocus():
            paint.frame(painter, self.rect(), look.radius("control"), "", "focus", 2)
        side = look.control("icon")
        icons.paint(painter, self._icon, (self.width() - side) // 2, (self.height() - side) // 2, side, ink)


class Keys(Styled):
    """Key caps with what they do, as in the status bar: [("Enter", "下一格"), …]. Not a control."""

    def __init__(self, keys: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._keys: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set(keys)

    def set(self, keys: Sequence[tuple[str, str]]) -> None:
        self._keys = tuple(keys)
        self.setAccessibleName("，".join(f"{key} {does}" for key, does in keys))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = sum(cap_width(key) + (4 + paint.width(does, "small") if does else 0) + 16 for key, does in self._keys)
        return QSize(max(0, wide - 16), look.px(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, look.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x = 0
        for key, does in self._keys:
            if x + cap_width(key) + (4 + paint.width(does, "small") if does else 0) > self.width():
                break  # there is no room for the last ones: none is cut in half
            x += paint_cap(painter, x, self.height() // 2, key, "text_2", "line_strong", "surface")
            if does:
                wide = paint.width(does, "small")
                paint.words(painter, QRect(x + 4, 0, wide + 2, self.height()), does, "text_2", "small")
                x += 4 + wide
            x += 16


class Segmented(Styled):
    """A choice of few: 100 % | 125 % | 150 %. The chosen one is filled and has a check. Arrow keys move it."""

    chosen = Signal(int)

    def __init__(
        self,
        words: Sequence[str],
        current: int = 0,
        *,
        roles: Sequence[str] = (),
        marks: Sequence[str] = (),
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self._words = tuple(words)
        self._roles = tuple(roles) or ("base",) * len(words)
        self._marks = tuple(marks) or ("",) * len(words)
        self.current = current
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._tell()

    def set_current(self, index: int) -> None:
        self.current = index
        self._tell()
        self.updateGeometry()
        self.update()

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name} {self._words[self.current]}".strip())

    def _widths(self) -> list[int]:
        side = look.control("icon_small")
        made = []
        for number, word in enumerate(self._words):
            wide = paint.width(word, self._roles[number], number == self.current) + 33
            made.append(wide + (side + 6 if number == self.current or self._marks[number] else 0))
        return made

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 2, look.control("height"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(
            Qt.Key(event.key()), 0
        )
        if not step:
            super().keyPressEvent(event)
        elif 0 <= self.current + step < len(self._words):
            self.set_current(self.current + step)
            self.chosen.emit(self.current)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, at = 1, int(event.position().x())
        for number, wide in enumerate(self._widths()):
            if x <= at < x + wide and number != self.current:
                self.set_current(number)
                self.chosen.emit(number)
                return
            x += wide

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        radius, side = look.radius("control"), look.control("icon_small")
        paint.frame(painter, self.rect(), radius, "surface", "line_strong", look.line)
        x = 1
        for number, wide in enumerate(self._widths()):
            picked = number == self.current
            box = QRect(x, 0, wide, self.height())
            ink = "text"
            if picked:
                ink = "text_on_accent"
                paint.frame(painter, box.adjusted(-1, 0, 1, 0), radius, "accent")
                if number < len(self._words) - 1:
                    painter.fillRect(box.adjusted(box.width() - radius, 0, 0, 0), look.color("accent"))
                if number:
                    painter.fillRect(QRect(box.left(), 0, radius, box.height()), look.color("accent"))
            elif number and number - 1 != self.current:
                painter.fillRect(QRect(x, 0, look.line, self.height()), look.color("line_strong"))
            mark = "check" if picked else self._marks[number]
            inner = box.adjusted(16, 0, -8, 0)
            if mark:
                paint.icon_words(
                    painter, inner, mark, self._words[number], ink, self._roles[number], bold=picked, size=side
                )
            else:
                paint.words(painter, inner, self._words[number], ink, self._roles[number], bold=picked)
            x += wide
        if self.hasFocus():
            paint.frame(painter, self.rect(), radius, "", "focus", 2)
            paint.frame(painter, self.rect().adjusted(2, 2, -2, -2), radius - 1, "", "surface", 1)
