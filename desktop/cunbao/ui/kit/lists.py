"""Short lists beside the main part: sections of a form, people of a roster, counts that filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `lead` (number or icon name), text, a grey second word, and at the right an icon and a word.

    ink: colour of the right end (token or "#RRGGBB"); icon and text may stand alone.
    """

    key: str
    text: str
    lead: str = ""
    more: str = ""
    icon: str = ""
    right: str = ""
    ink: str = "text_2"
    tone: str = ""  # colour of lead icon and text, for counts


class EntryList(Styled):
    """A painted list with one chosen line; Up and Down choose, a click chooses. `chosen(key)`. Base of the three."""

    chosen = Signal(str)
    row_px = 38
    pad = 12
    lines = False
    bar = True  # the 3 px bar of the chosen line
    bold = True  # the chosen line is bold

    def __init__(self, entries: Sequence[Entry] = (), *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self.entries: tuple[Entry, ...] = ()
        self.at = 0
        self._over = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.set_entries(entries)

    def set_entries(self, entries: Sequence[Entry], key: str = "") -> None:
        here = key or (self.entries[self.at].key if self.at < len(self.entries) else "")
        self.entries = tuple(entries)
        self.at = next((n for n, entry in enumerate(self.entries) if entry.key == here), 0)
        self._tell()
        self.updateGeometry()
        self.update()

    def set_entry(self, entry: Entry) -> None:
        """Show one line anew; the list keeps its size."""
        at = next(n for n, known in enumerate(self.entries) if known.key == entry.key)
        if self.entries[at] != entry:
            self.entries = (*self.entries[:at], entry, *self.entries[at + 1 :])
            self._tell()
            self.update(self.box_of(at))

    def choose(self, key: str) -> None:
        """Show a line as chosen; says nothing to anybody."""
        before = self.at
        self.at = next((n for n, entry in enumerate(self.entries) if entry.key == key), self.at)
        if self.at != before:
            self._tell()
            self.update()

    def current(self) -> str:
        return self.entries[self.at].key if self.at < len(self.entries) else ""

    def _tell(self) -> None:
        if self.at < len(self.entries):
            entry = self.entries[self.at]
            self.setAccessibleDescription(f"{entry.lead} {entry.text} {entry.more} {entry.right}".strip())

    def _high(self) -> int:
        return look.px(self.row_px)

    def sizeHint(self) -> QSize:
        return QSize(look.px(180), self._high() * len(self.entries) + 2 * self._edge())

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(100), self.sizeHint().height())

    def _edge(self) -> int:
        return 0 if self.lines else 4

    def box_of(self, number: int) -> QRect:
        return QRect(0, self._edge() + number * self._high(), self.width(), self._high())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
        elif 0 <= self.at + step < len(self.entries):
            self._take(self.at + step)

    def _take(self, number: int) -> None:
        self.at = number
        self._tell()
        self.update()
        self.chosen.emit(self.entries[number].key)

    def _under(self, y: int) -> int:
        number = (y - self._edge()) // self._high()
        return number if 0 <= number < len(self.entries) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._under(int(event.position().y()))
        if number >= 0:
            self._take(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._under(int(event.position().y()))
        if number != self._over:
            self._over = number
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._under(event.pos().y())
            if number >= 0:
                entry = self.entries[number]
                QToolTip.showText(event.globalPos(), f"{entry.text} {entry.more}".strip(), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, entry in enumerate(self.entries):
            box, here = self.box_of(number), number == self.at
            if not event.rect().intersects(box):  # a thousand people, of whom a dozen are seen
                continue
            ground = "row_selected" if here else "surface_hover" if number == self._over else ""
            if ground:
                painter.fillRect(box, look.color(ground))
            if here and self.bar:
                painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), look.color("accent"))
            self.paint_entry(painter, box.adjusted(self.pad, 0, -self.pad, 0), entry, here)
            if self.lines and number < len(self.entries) - 1:
                paint.hline(painter, 0, self.width(), box.bottom(), "line", 1)
            if here and (self.hasFocus() or (look.contrast and self.bar)):
                paint.frame(painter, box, 0, "", "focus", 2)
        if self.hasFocus() and look.contrast:  # the chosen line has its frame anyway
            paint.frame(painter, self.rect(), 0, "", "focus", 2)

    def paint_right(self, painter: QPainter, box: QRect, entry: Entry, bold: bool) -> int:
        """The state at the right end; returns its width."""
        side = look.control("icon_small")
        small = paint.width(entry.right, "small", bold) if entry.right else 0
        wide = (side if entry.icon else 0) + (6 if entry.icon and entry.right else 0) + small
        spot = QRect(box.right() + 1 - wide, box.top(), wide + 2, box.height())
        if entry.icon and entry.right:
            paint.icon_words(painter, spot, entry.icon, entry.right, entry.ink, "small", bold=bold)
        elif entry.icon:
            icons.paint(painter, entry.icon, spot.left(), box.center().y() - side // 2 + 1, side, entry.ink)
        elif entry.right:
            paint.words(painter, spot, entry.right, entry.ink, "small", bold=bold)
        return wide

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        bold = here and self.bold
        wide = self.paint_right(painter, box, entry, bold and bool(entry.icon))
        text = f"{entry.lead} {entry.text}".strip()
        paint.words(painter, box.adjusted(0, 0, -wide - 6, 0), text, "text", bold=bold)


class SectionList(EntryList):
    """Sections of a form: number and title; at the right a check, a problem count, or 缺 3 格."""


class PeopleList(EntryList):
    """The roster narrowed at the left of the row editor: number, name in bold, post, and a mark."""

    row_px = 44
    lines = True

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        wide = self.paint_right(painter, box, entry, False)
        lead = look.px(26)
        paint.words(painter, box, entry.lead, "text_2")
        name = paint.width(entry.text, "base", True)
        room = box.adjusted(lead, 0, -wide - 8, 0)
        paint.words(painter, room, entry.text, "text", bold=True)
        rest = room.adjusted(max(look.px(44), name + 14), 0, 0, 0)
        if rest.width() > 20:
            paint.words(painter, rest, entry.more, "text_2", "small")


class CountList(EntryList):
    """Counts that filter: icon, word, and the number at the right, in the colour of the severity."""

    pad = 16
    bar = False
    bold = False

    def _edge(self) -> int:
        return 0

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        tone = entry.tone or "text"
        side = look.control("icon")
        if entry.lead:
            icons.paint(painter, entry.lead, box.left(), box.center().y() - side // 2, side, tone)
        paint.words(painter, box.adjusted(side + 8, 0, 0, 0), entry.text, tone)
        paint.words(painter, box, entry.right, tone, bold=True, align=paint.RIGHT)
