"""Where words stand on the pages of a PDF, and which of them is the cell of a return: read from the pages' own text.

The pages are somebody else's signed bytes, so places are found, never known: a cell by its words beside the name of its
field, or in the line of its row under the head of its column. What is not found is not shown. Pure but for `words_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

LEAST = 2  # characters that a piece of a wrapped head or name must have to be taken for it
NOWHERE = 10_000.0  # worse than any distance on a page
MOST_LETTERS = 20_000  # of a page that are looked at; one of ours has 2,000
GAP = 0.6  # em between two letters that belong to different words
_UNIT = re.compile(r"[（(][^（()）]*[)）]$")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_PREFIX = re.compile(r"^其中[：:]")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points from the lower left corner of its page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def beside(self, other: Box) -> bool:
        """Do they stand in one line?"""
        return self.bottom < (other.bottom + other.top) / 2 < self.top or other.bottom < self._height < other.top

    @property
    def _height(self) -> float:
        return (self.bottom + self.top) / 2

    def joined(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )

    def holds(self, x: float, y: float, around: float = 4) -> bool:
        return self.left - around <= x <= self.right + around and self.bottom - around <= y <= self.top + around


@dataclass(frozen=True, slots=True)
class Word:
    """Letters that stand together: on our pages the text of one cell, or one line of it."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Spot:
    """page: from 0."""

    page: int
    box: Box


def words_of(page: Any) -> tuple[Word, ...]:
    """The words of one pypdfium2 page, as they follow each other in the file."""
    from pypdfium2 import raw

    text = page.get_textpage()
    made: list[Word] = []
    letters, box = "", Box(0, 0, 0, 0)
    for number in range(min(text.count_chars(), MOST_LETTERS)):
        letter = chr(raw.FPDFText_GetUnicode(text.raw, number))
        if letter.isspace() or letter in "\0\ufffe":
            if letters:
                made.append(Word(letters, box))
            letters = ""
            continue
        here = Box(*text.get_charbox(number, loose=True))
        if letters and not _follows(box, here):
            made.append(Word(letters, box))
            letters = ""
        letters, box = (letters + letter, box.joined(here)) if letters else (letter, here)
    if letters:
        made.append(Word(letters, box))
    text.close()
    return tuple(made)


def _follows(before: Box, here: Box) -> bool:
    high = before.top - before.bottom
    return -high < here.left - before.right < GAP * high and abs(here.bottom - before.bottom) < high / 2


def cell_spot(pages: Sequence[Sequence[Word]], text: str, label: str, row: str = "") -> Spot | None:
    """Where a cell stands. text: what it says, whole; label: its field; row: the name of its row in a roster."""
    ranked = [
        (score, number, box)
        for number, words in enumerate(pages)
        for score, box in (_in_row(words, text, label, row) if row else _by_label(words, text, label))
    ]
    if ranked:
        _, number, box = min(ranked, key=lambda one: one[:2])
        return Spot(number, box)
    alone = [] if row else [Spot(n, one.box) for n, words in enumerate(pages) for one in words if _says(one.text, text)]
    return alone[0] if len(alone) == 1 else None


def row_spot(pages: Sequence[Sequence[Word]], row: str) -> Spot | None:
    """The first line in which a row of a roster stands, from its first word to its last."""
    for number, words in enumerate(pages):
        for name in _named(words, row):
            box = name.box
            for one in words:
                if one.box.beside(name.box):
                    box = box.joined(one.box)
            return Spot(number, box)
    return None


def _in_row(words: Sequence[Word], text: str, label: str, row: str) -> Iterator[tuple[float, Box]]:
    for name in _named(words, row):
        if text == row:
            yield 0, name.box
            continue
        after = [one for one in words if one.box.left > name.box.right]
        hits = [one for one in after if _says(one.text, text) and one.box.beside(name.box)] or _wrapped(
            after, text, name.box
        )
        heads = [one.box.middle for one in words if one.box.bottom > name.box.top and _heads(one.text, label)]
        for hit in hits:
            far = min((abs(hit.box.middle - head) for head in heads), default=NOWHERE)
            if far < NOWHERE or len(hits) == 1:
                yield far, hit.box


def _wrapped(words: Sequence[Word], text: str, name: Box) -> list[Word]:
    """Cells that say it in several lines, one under the other around the middle of the row."""
    made = []
    for number, first in enumerate(words):
        if not _begins(first.text, text) or abs(first.box.bottom - name.bottom) > 1.2 * (name.top - name.bottom):
            continue
        said, box = first.text, first.box
        for one in words[number + 1 :]:
            if said == text or not text.startswith(said + one.text):
                break
            said, box = said + one.text, box.joined(one.box)
        if said == text:
            made.append(Word(text, box))
    return made


def _by_label(words: Sequence[Word], text: str, label: str) -> Iterator[tuple[float, Box]]:
    names = [one for one in words if one.text.startswith(label)]
    names = names or [one for one in words if len(one.text) > LEAST and label.startswith(one.text)]
    for name in names:
        for one in words:
            near = one.box.beside(name.box) or abs(one.box.bottom - name.box.bottom) < name.box.top - name.box.bottom
            if near and one.box.left >= name.box.left and one is not name and _says(one.text, text):
                yield one.box.left - name.box.right, one.box
        if len(name.text) > len(label) and name.text.endswith(text):  # 填报单位：曼蚌村 in one piece
            yield 0, name.box


def _named(words: Sequence[Word], row: str) -> list[Word]:
    """The words that name a row; a long name is printed in several lines, and its first one is taken."""
    return [one for one in words if one.text == row] or [one for one in words if _begins(one.text, row)]


def _says(piece: str, text: str) -> bool:
    """Is it the text of the cell? Paper may print a number with more places: 733.00 for 733."""
    if piece == text:
        return True
    return bool(_NUMBER.match(text) and _NUMBER.match(piece)) and Decimal(piece) == Decimal(text)


def _begins(piece: str, whole: str) -> bool:
    return len(piece) >= LEAST and piece != whole and whole.startswith(piece)


def _heads(piece: str, label: str) -> bool:
    """Is it the head of the column of a field, or a line of it? Paper leaves out units, 其中 and what goes without
    saying: 报灾次数 stands for 本年报送灾情次数."""
    plain, head = (_PREFIX.sub("", _UNIT.sub("", one)) for one in (label, piece))
    return len(head) >= LEAST and (plain in head or _in_order(head, plain))


def _in_order(head: str, label: str) -> bool:
    """Has the label all signs of the head, in their order?"""
    signs = iter(label)
    return all(sign in signs for sign in head)
