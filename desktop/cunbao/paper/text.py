"""Breaking lines and fitting text into cells: kinsoku, whole numbers and words, never clipped, never with dots.

Widths in mm, sizes in pt. Source: print.md §5 (a name that does not fit), fonts.md rule 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cunbao.paper import fonts
from cunbao.paper.pen import MM

NOT_FIRST = frozenset("，。、；：？！）》」』】％’”·…—〉〕")
NOT_LAST = frozenset("（《「『【‘“〈〔")
LEAD = 1.25  # of a line in a cell, in sizes
SMALLEST = 7.0
STEP = 0.5
_WORD = re.compile(r"[0-9A-Za-z.,:/%+\-−*≤≥=]+|.", re.DOTALL)
_GOOD_BREAK_BEFORE = "（"
_GOOD_BREAK_AFTER = "·、"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What stands in a cell. height: of the lines together, mm."""

    lines: tuple[str, ...]
    size: float

    @property
    def lead(self) -> float:
        """From one baseline to the next, mm."""
        return self.size * LEAD / MM

    @property
    def height(self) -> float:
        return len(self.lines) * self.lead


def pieces(text: str) -> list[str]:
    """What may not be broken: a word or number, or one character with the signs that cling to it."""
    found: list[str] = []
    opened = False
    for word in _WORD.findall(text):
        if found and (opened or word[0] in NOT_FIRST):
            found[-1] += word
        else:
            found.append(word)
        opened = word in NOT_LAST
    return found


def wrap(text: str, wide: float, face: str, size: float, *, first: float | None = None) -> tuple[str, ...]:
    """The text in lines of at most `wide` mm (first: another width for the first). A newline breaks as well.

    A piece that is wider than a line is broken where it must be."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for piece in pieces(part):
            room = (wide if lines or first is None else first) * MM + 0.01
            if fonts.width(line + piece, face, size) <= room:
                line += piece
                continue
            if line:
                lines.append(line.rstrip())
                line, room = "", wide * MM + 0.01
            piece = piece.lstrip()
            while piece and fonts.width(piece, face, size) > room:
                count = max(1, sum(fonts.width(piece[: at + 1], face, size) <= room for at in range(len(piece))))
                lines.append(piece[:count])
                piece, room = piece[count:], wide * MM + 0.01
            line = piece
        lines.append(line.rstrip())
    return tuple(lines)


@lru_cache(maxsize=20_000)
def fit(text: str, wide: float, high: float, face: str, size: float) -> Fitted:
    """The text for a cell of wide × high mm inside its padding.

    First one line, then up to 0.5 pt smaller, then two lines (broken at · 、 or （ first), then two lines down to 7 pt;
    what fails even so keeps a readable size and more lines than fit: the row grows by `height`.
    """
    broken = "\n" in text  # by whoever wrote it: such a text is wrapped, never put on one line
    if not broken:
        for smaller in (size, size - STEP):
            if fonts.width(text, face, smaller) <= wide * MM:
                return Fitted((text,), smaller)
    tried = size
    while tried >= SMALLEST:
        if 2 * tried * LEAD / MM <= high:
            lines = (() if broken else _two_lines(text, wide, face, tried)) or wrap(text, wide, face, tried)
            if len(lines) <= 2:
                return Fitted(lines, tried)
        tried -= STEP
    if not broken and fonts.width(text, face, SMALLEST) <= wide * MM:
        return Fitted((text,), SMALLEST)  # a cell too low for two lines
    readable = max(SMALLEST, size - 1.5)
    return Fitted(wrap(text, wide, face, readable), readable)


def _two_lines(text: str, wide: float, face: str, size: float) -> tuple[str, ...]:
    """Two lines broken at a good place, as even as they go; () when there is no such place or they do not fit."""
    places = [at for at in range(1, len(text)) if text[at] in _GOOD_BREAK_BEFORE or text[at - 1] in _GOOD_BREAK_AFTER]
    halves = [(text[:at], text[at:]) for at in places if text[at] not in NOT_FIRST]
    fitting = [half for half in halves if all(fonts.width(one, face, size) <= wide * MM for one in half)]
    return min(fitting, key=lambda half: abs(len(half[0]) - len(half[1])), default=())


def spaced(name: str) -> str:
    """A name of two characters with one full-width space between, as forms have it (print.md §3)."""
    return f"{name[0]}\u3000{name[1]}" if len(name) == 2 else name
