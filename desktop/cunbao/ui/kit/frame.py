"""The frame round every screen: nav at the left, header above, page head, foot row, status bar below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.buttons import Button, IconButton, Keys
from cunbao.ui.kit.marks import Chip, StateWord
from cunbao.ui.kit.panel import Icon, Line, Panel, row
from cunbao.ui.kit.style import Styled, show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place to go. short: the word in the strip at 150 % ("" = not there); mark: icon, ink, count at the right.

    foot: stands at the lower end (设置, 帮助); group: a heading above the first item of a group.
    """

    key: str
    text: str
    icon: str
    short: str = ""
    group: str = ""
    mark: str = ""
    ink: str = "text_2"
    count: str = ""
    foot: bool = False


class Nav(Styled):
    """The nav, 200 wide with words, or a strip of 104 with icon over word at 150 %. `chosen(key)`.

    strip: keys that stand for others there (填报 stands for all forms). Ctrl+1…9 are bound by the shell.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self.items: tuple[NavItem, ...] = ()
        self._strip: tuple[NavItem, ...] = ()
        self._current = ""
        self._covers: Mapping[str, str] = {}
        self._over = self._focus = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("导航")
        self.restyle()

    def restyle(self) -> None:
        from cunbao.ui.kit.tokens import tokens

        frame = tokens()["frame_px"]
        self.setFixedWidth(frame["nav_collapsed"] if look.narrow else look.px(frame["nav"]))

    def set_items(self, items: Sequence[NavItem], strip: Sequence[NavItem], covers: Mapping[str, str]) -> None:
        """items: with words; strip: the same at 150 %; covers: key of an item → the strip key that stands for it."""
        self.items, self._strip, self._covers = tuple(items), tuple(strip), covers
        self.update()

    def set_current(self, key: str) -> None:
        self._current = key
        named = next((item.text for item in self.items if item.key == key), "")
        self.setAccessibleDescription(f"现在在 {named}" if named else "")
        self.update()

    def _shown(self) -> list[tuple[NavItem, QRect]]:
        items = self._strip if look.narrow else self.items
        high, gap = self._heights(items)
        made: list[tuple[NavItem, QRect]] = []
        y = 8
        for item in items:
            if item.foot:
                continue
            if item.group and not look.narrow:
                y += gap
            made.append((item, QRect(0, y, self.width() - look.line, high)))
            y += high
        foot = [item for item in items if item.foot]
        y = self.height() - 8 - high * len(foot)
        for item in foot:
            made.append((item, QRect(0, y, self.width() - look.line, high)))
            y += high
        return made

    def _heights(self, items: Sequence[NavItem]) -> tuple[int, int]:
        """Of an item and of a group's heading: less than usual where many items must fit a low window."""
        room = self.height() - 16
        if look.narrow:
            return max(look.px(28), min(73, room // max(1, len(items)))), 0
        high, gap = look.control("nav_item"), look.px(36)
        groups = sum(bool(item.group) for item in items)
        over = high * len(items) + gap * groups - room
        if over > 0 and groups:
            gap = max(look.px(24), gap - -(-over // groups))
            over = high * len(items) + gap * groups - room
        return (high if over <= 0 else max(look.control("min_click"), (room - gap * groups) // len(items))), gap

    def _here(self, item: NavItem) -> bool:
        return item.key == (self._covers.get(self._current, self._current) if look.narrow else self._current)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("nav"))
        painter.fillRect(QRect(self.width() - look.line, 0, look.line, self.height()), look.color("line"))
        for number, (item, box) in enumerate(self._shown()):
            if look.narrow:
                self._paint_strip(painter, item, box, number)
            else:
                self._paint_item(painter, item, box, number)

    def _paint_item(self, painter: QPainter, item: NavItem, box: QRect, number: int) -> None:
        here = self._here(item)
        if item.group:
            gap = self._heights(self.items)[1]  # less than usual where many items must fit
            high = min(look.px(28), gap - 2)
            head = QRect(16, box.top() - min(look.px(30), gap), box.width() - 16, high)
            paint.words(painter, head, item.group, "text_2", "small")
        if here or number == self._over:
            painter.fillRect(box, look.color("surface" if here else "surface_hover"))
        if here:
            painter.fillRect(QRect(0, box.top(), 3, box.height()), look.color("accent"))
        side = look.control("icon")
        icons.paint(painter, item.icon, 16, box.center().y() - side // 2 + 1, side, "accent" if here else "text_2")
        right = box.right() - 12
        if item.mark or item.count:
            small = look.control("icon_small")
            role = "base" if item.count else "small"
            wide = paint.width(item.count, role, here) if item.count else 0
            if item.count:
                spot = QRect(right - wide + 1, box.top(), wide + 2, box.height())
                paint.words(painter, spot, item.count, item.ink, role, bold=here)
                right -= wide + 6
            if item.mark:
                top = box.center().y() - small // 2 + 1
                icons.paint(painter, item.mark, right - small + 1, top, small, item.ink)
                right -= small
        text = QRect(16 + side + 10, box.top(), right - 16 - side - 14, box.height())
        paint.words(painter, text, item.text, "text", bold=here)
        if self.hasFocus() and number == self._focus:
            paint.frame(painter, box, 0, "", "focus", 2)

    def _paint_strip(self, painter: QPainter, item: NavItem, box: QRect, number: int) -> None:
        here = self._here(item)
        if here:
            painter.fillRect(box, look.color("accent"))
        elif number == self._over:
            painter.fillRect(box, look.color("surface_hover"))
        ink = "text_on_accent" if here else "text"
        side, line = look.control("icon"), look.line_height("small")
        beside = box.height() < side + line  # too low for one over the other
        if beside:
            top = box.center().y() - side // 2
            icons.paint(painter, item.icon, box.left() + 8, top, side, ink)
            word = QRect(box.left() + 12 + side, box.top(), box.width() - 14 - side, box.height())
        else:
            top = box.top() + max(1, (box.height() - side - line) // 2 - 1)
            icons.paint(painter, item.icon, box.center().x() - side // 2, top, side, ink)
            word = QRect(box.left(), top + side, box.width(), line)
        across = paint.LEFT if beside else paint.CENTER
        paint.words(painter, word, item.short or item.text, ink, "small", bold=here, align=across)
        if item.count and not here:
            high = look.line_height("small")
            at = box.right() - 18 if beside else box.center().x() + side // 2 + 2
            paint.words(painter, QRect(at, box.center().y() - high // 2 if beside else top - 4, 40, 24), item.count,
                        item.ink, "small", bold=True)  # fmt: skip
        if self.hasFocus() and number == self._focus:
            paint.frame(painter, box, 0, "", "focus", 2)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        over = next((n for n, (_, box) in enumerate(self._shown()) if box.contains(at)), -1)
        if over != self._over:
            self._over = over
            self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the release does it

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        for item, box in self._shown():
            if box.contains(event.position().toPoint()):
                self.chosen.emit(item.key)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shown = self._shown()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and shown:
            self._focus = max(0, min(len(shown) - 1, self._focus + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and 0 <= self._focus < len(shown):
            self.chosen.emit(shown[self._focus][0].key)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus = next((n for n, (item, _) in enumerate(self._shown()) if self._here(item)), 0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), 400)


class Header(Panel):
    """Office, period, deadline with the days left, save state, undo and redo. `undo()`, `redo()`."""

    undo = Signal()
    redo = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("surface", "b", parent=parent)
        line = row(self, 12, (20, 0, 14, 0))
        self.office = Text("", "lead", bold=True)
        self.period = Text("")
        self.deadline = Text("")
        self.days = Chip("warn", "clock", "")
        line.addWidget(self.office)
        line.addSpacing(4)
        line.addWidget(_Upright())
        line.addSpacing(4)
        line.addWidget(self.period)
        line.addSpacing(4)
        line.addWidget(_Upright())
        line.addSpacing(4)
        until = row(gap=8)
        self._calendar = Icon("calendar", "text")
        until.addWidget(self._calendar)
        until.addWidget(self.deadline)
        until.addWidget(self.days)
        line.addLayout(until)
        self.extra = row(gap=8)
        line.addLayout(self.extra)
        line.addStretch(1)
        self.saved = StateWord("check", "", "ok", ink="text_2")
        line.addWidget(self.saved)
        line.addSpacing(4)
        end = row(gap=7)
        self._bar = _Upright()
        end.addWidget(self._bar)
        self.undo_button = IconButton("undo", "撤销 Ctrl+Z")
        self.redo_button = IconButton("redo", "重做 Ctrl+Y")
        for button, signal in ((self.undo_button, self.undo), (self.redo_button, self.redo)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # undo must not take the cursor out of a cell
            button.clicked.connect(signal.emit)
        pair = row()
        pair.addWidget(self.undo_button)
        pair.addWidget(self.redo_button)
        end.addLayout(pair)
        line.addLayout(end)
        self._line: QHBoxLayout = line
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(52 if look.scale < 1.25 else 56 if look.scale < 1.5 else 62)
        if hasattr(self, "_calendar"):
            self._calendar.setVisible(not look.narrow)
            # at 150 % there is room for the save state only; the keys Ctrl+Z and Ctrl+Y stay
            for part in (self.undo_button, self.redo_button, self._bar):
                part.setVisible(not look.narrow and not self.property("locked"))

    def set_task(self, office: str, period: str, deadline: str, days_left: int) -> None:
        self.office.setText(office)
        self.period.setText(period)
        self.deadline.setText(f"截止 {deadline}")
        if days_left > 0:
            self.days.set("warn" if days_left <= 10 else "info", "clock", f"还有 {days_left} 天")
        elif days_left == 0:
            self.days.set("warn", "clock", "今天截止")
        else:
            self.days.set_state("late", f"{-days_left} 天")

    def set_saved(self, icon: str, word: str, tone: str, *, locked: bool = False) -> None:
        """已保存 10:42 / 正在保存 / 没存上 / 已签名，内容锁定."""
        self.saved.set(icon, word, tone, "text_2" if tone in ("ok", "text_2") else "")
        self.setProperty("locked", locked)
        self.restyle()

    def set_steps(self, undo: bool, redo: bool) -> None:
        self.undo_button.setEnabled(undo)
        self.redo_button.setEnabled(redo)


class _Upright(Line):
    def __init__(self) -> None:
        super().__init__(upright=True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class ProxyBand(Panel):
    """The blue band under the header while the township fills for a village (代报). `stopped()`: 停下代报."""

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("accent_tint", "b", "accent", parent=parent)
        line = row(self, 12, (20, 0, 20, 2))
        line.addWidget(Icon("pencil", "accent"))
        self.words = Text("", "lead", "accent", bold=True)
        line.addWidget(self.words)
        self._more = Text("填的、签的都记在你名下，报表每页印“代报”", tone="accent")
        line.addWidget(self._more, 1)
        self.button = Button("停下代报", size="small", icon="x", key="Esc")
        self.button.clicked.connect(self.stopped.emit)
        line.addWidget(self.button)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(look.px(44))

    def set_village(self, village: str, *, here: bool = True) -> None:
        """ "" hides the band. here: the screen of 代报 is shown; Esc does something else on every other one."""
        self.words.setText(f"代报：正在替 {village} 填")
        self.button.set_key("Esc" if here else "")
        self.setVisible(bool(village))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QPainter(self).fillRect(QRect(0, self.height() - 2, self.width(), 2), look.color("accent"))


class StatusBar(Panel):
    """At most five keys that work now; at the right what the desk's face says: network, person, last backup."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bg", "t", parent=parent)
        line = row(self, 16, (20, look.line, 20, 0))
        self.keys = Keys()
        line.addWidget(self.keys)
        line.addStretch(1)
        self._line = line
        self._ends: list[StateWord] = []
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(28 if look.scale < 1.25 else 31 if look.scale < 1.5 else 35)

    def set_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        self.keys.set(keys[:5])

    def set_ends(self, ends: Sequence[tuple[str, str, str, bool]]) -> None:
        """(icon, word, tone, bold) from left to right."""
        while len(self._ends) < len(ends):
            made = StateWord(role="small")
            self._ends.append(made)
            self._line.addWidget(made)
        for number, shown in enumerate(self._ends):
            shown.setVisible(number < len(ends))
            if number < len(ends):
                icon, word, tone, bold = ends[number]
                shown.set(icon, word, tone, bold=bold)


class PageHead(QWidget):
    """Page title 21 px, state chip, count or a line; secondary buttons at the right. crumb: B03 两委成员 › 第 6 人."""

    def __init__(self, title: str, line: str = "", *, crumb: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = row(self, 12)
        self.title = Text(title, "title", bold=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # the line after it gives way
        self._parts.addWidget(self.title)
        self._arrow = Icon("chev-r", "text_2")
        self.crumb = Text(crumb, "title")
        show_if(self._arrow, bool(crumb))
        show_if(self.crumb, bool(crumb))
        self._parts.addWidget(self._arrow)
        self._parts.addWidget(self.crumb)
        self.chip = Chip("info", "info", "")
        self.chip.hide()
        self._parts.addWidget(self.chip)
        self.line = Text(line, tone="text_2")
        self._parts.addWidget(self.line)
        self._parts.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_crumb(self, crumb: str) -> None:
        self.crumb.setText(crumb)
        for part in (self._arrow, self.crumb):
            part.setVisible(bool(crumb))

    def set_state(self, token: str, more: str = "", word: str = "") -> None:
        self.chip.set_state(token, more, word)
        self.chip.show()

    def lead(self, widget: QWidget) -> None:
        """A way back, or a number, before the title."""
        self._parts.insertWidget(self._parts.indexOf(self.title), widget)

    def add_mark(self, chip: QWidget) -> None:
        """A further chip behind the state."""
        self._parts.insertWidget(self._parts.indexOf(self.line), chip)

    def add(self, widget: QWidget) -> QWidget:
        """A button or chip at the right."""
        self._parts.addWidget(widget)
        return widget

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), max(36, look.control("height")))


class FootRow(QWidget):
    """36 high: words or the previous step at the left, the next step at the far right."""

    def __init__(self, line: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = row(self, 8, (0, 0, 0, 0))
        self.line = Text(line, tone="text_2")
        self._parts.addWidget(self.line)
        self._parts.addStretch(1)

    def add_left(self, widget: QWidget) -> QWidget:
        self._parts.insertWidget(0, widget)
        return widget

    def add(self, widget: QWidget) -> QWidget:
        self._parts.addWidget(widget)
        return widget
