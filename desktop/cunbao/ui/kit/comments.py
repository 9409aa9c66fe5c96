"""CommentList: what the township said, one entry a place, as high as its words need; arrows and clicks choose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.lists import Entry, EntryList
from cunbao.ui.kit.marks import paint_number
from cunbao.ui.kit.tokens import look

MOST_LINES = 3  # of one comment; the rest is read beside the list
RING = 24


@dataclass(frozen=True, slots=True)
class Said(Entry):
    """lead: its number, or the name of an icon; path: small, above; text: what it is about, bold; more: beside that;
    said: the words; icon, right, ink: what became of it."""

    path: str = ""
    said: str = ""


class CommentList(EntryList):
    """Entries are `Said`. Otherwise as every list: `chosen(key)`, Up and Down. `measured(high)`: how high it is now."""

    measured = Signal(int)

    lines = True
    pad = 14
    inset, gap = 10, 4  # above and below the words of an entry; under the path

    def __init__(self, *, name: str = "") -> None:
        self._tops: list[int] = [0]
        super().__init__(name=name)

    @property
    def _left(self) -> int:
        return self.pad + look.px(RING) + 10

    def set_entries(self, entries: object, key: str = "") -> None:
        super().set_entries(entries, key)  # type: ignore[arg-type]
        self._measure()

    def _measure(self) -> None:
        self._tops = list(accumulate((self._high_of(one) for one in self.entries), initial=0))
        self.measured.emit(self._tops[-1])
        self.updateGeometry()
        self.update()

    def _words(self, entry: Entry) -> str:
        return entry.said if isinstance(entry, Said) else ""

    def _lines_of(self, entry: Entry) -> list[str]:
        wide = self.width() - self._left - self.pad - look.control("icon_small") - 6
        return _broken(self._words(entry), max(60, wide))

    def _high_of(self, entry: Entry) -> int:
        words = look.line_height("small") + look.line_height() * (1 + len(self._lines_of(entry)))
        return 2 * self.inset + self.gap + words

    def sizeHint(self) -> QSize:
        return QSize(look.px(320), self._tops[-1])

    def box_of(self, number: int) -> QRect:
        return QRect(0, self._tops[number], self.width(), self._tops[number + 1] - self._tops[number])

    def _under(self, y: int) -> int:
        return next((n for n in range(len(self.entries)) if self._tops[n] <= y < self._tops[n + 1]), -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def _tell(self) -> None:
        super()._tell()
        if self.at < len(self.entries) and (words := self._words(self.entries[self.at])):
            entry = self.entries[self.at]
            self.setAccessibleDescription(f"{entry.lead} {entry.text} {entry.more}，{words}，{entry.right}")

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        small, base, side = look.line_height("small"), look.line_height(), look.px(RING)
        top, left = box.top() + self.inset, box.left() + side + 10
        ring = QRect(box.left(), top - (side - small) // 2, side, side)
        if entry.lead.isdigit():
            paint_number(painter, ring, entry.lead, filled=False, line="line_strong")
        else:
            icons.paint(painter, entry.lead, ring.left() + 2, ring.top() + 2, side - 4, entry.ink)
        state = paint.width(entry.right) + look.control("icon_small") + 6
        spot = QRect(box.right() + 1 - state, top - (base - small) // 2, state + 2, base)
        paint.icon_words(painter, spot, entry.icon, entry.right, entry.ink, "base")
        path = entry.path if isinstance(entry, Said) else ""
        paint.words(painter, QRect(left, top, spot.left() - left - 8, small), path, "text_2", "small")
        top += small + self.gap
        wide = paint.width(entry.text, bold=True)
        room = box.right() + 1 - left
        paint.words(painter, QRect(left, top, room, base), entry.text, bold=True)
        paint.words(painter, QRect(left + wide + 16, top, max(0, room - wide - 16), base), entry.more, "text_2")
        mark = look.control("icon_small")
        for number, line in enumerate(self._lines_of(entry)):
            top += base
            if number == 0:
                icons.paint(painter, "message", left, top + (base - mark) // 2, mark, "text")
            paint.words(painter, QRect(left + mark + 6, top, room - mark - 6, base), line)


def _broken(words: str, wide: int) -> list[str]:
    """The words in lines of that width; the last may be longer and is then drawn with …"""
    found: list[str] = []
    rest = words.strip()
    while rest and len(found) < MOST_LINES - 1:
        line = _first_line(rest, wide)
        found.append(line.strip())
        rest = rest[len(line) :].lstrip("\n")
    return [*found, " ".join(rest.split("\n"))] if rest else found


def _first_line(words: str, wide: int) -> str:
    """As many characters as stand in one line; a line break ends it."""
    words, metrics = words.partition("\n")[0], QFontMetrics(look.font())
    low, high = 1, max(1, len(words))
    while low < high:
        middle = (low + high + 1) // 2
        if metrics.horizontalAdvance(words[:middle].strip()) <= wide:
            low = middle
        else:
            high = middle - 1
    return words[:low]
