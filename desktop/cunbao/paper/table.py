"""A ruled table: heads of one or two levels, code row, rows that grow, 合计. Measures itself before it is drawn.

It only knows texts and millimetres; what they mean is returns.py's. Source: print.md §2, §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from itertools import groupby

from cunbao.paper import fonts, text
from cunbao.paper.fonts import SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.pen import CENTRE, FRAME, MIDDLE, MM, NUMBER_UNDER_MIDDLE, THIN, UNDER_MIDDLE, Pen
from cunbao.paper.words import NOT_APPLICABLE

HEAD, HEAD_LEAST, CODE = 9.5, 8.0, 8.5  # pt
CODE_HIGH = 5.5  # mm
HEAD_HIGH, GROUP_HIGH, LOWER_HIGH = 10.8, 6.8, 9.4  # mm, at least
PADDING, NARROW = 1.6, 0.6  # mm beside text that is left-aligned, centred
UPRIGHT = 0.8  # mm above and below the lines of a row
TALL = 60.0  # mm, of a row that grows: more than any answer needs
OLD = 7.5  # pt, the replaced value of a 更正


class Align(Enum):
    LEFT = auto()
    CENTRE = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell. old: the value that a 更正 replaces, printed under it and struck through; None = not changed.
    strong: a word that must not be overlooked (未报 in a 汇总表). grows: several things in one cell, for which the row
    grows before its words shrink. high: what will be drawn into it by other means, mm."""

    text: str
    old: str | None = None
    strong: bool = False
    grows: bool = False
    high: float = 0.0

    @property
    def face(self) -> str:
        return SANS_MEDIUM if self.strong else SERIF if self.old is None else SERIF_BOLD


@dataclass(frozen=True, slots=True)
class Column:
    """heads: group head first; wide: mm; code: 甲 or 1 in the code row."""

    heads: tuple[str, ...]
    wide: float
    code: str
    align: Align


@dataclass(frozen=True, slots=True)
class Total:
    """合计: figures by column; without any, `line` stands right of the label (12 人)."""

    figures: dict[int, str]
    line: str = ""
    label: str = "合\u3000计"


@dataclass(frozen=True)
class Table:
    """size: of the cells, pt; row_high, total_high: mm. A row of one entry is a heading across the table. Positions
    given to the draw_ methods are mm from the top."""

    x: float
    columns: tuple[Column, ...]
    rows: tuple[tuple[Entry, ...], ...]
    size: float
    row_high: float
    total_high: float
    total: Total | None = None

    @cached_property
    def left(self) -> tuple[float, ...]:
        """The vertical lines, one more than columns."""
        found = [self.x]
        for column in self.columns:
            found.append(found[-1] + column.wide)
        return tuple(found)

    # --- heads -----------------------------------------------------------------------------------------------------

    @cached_property
    def head_high(self) -> float:
        """Of heads and code row, mm."""
        one = [head_text(c.heads[0], c.wide).height + 2.4 for c in self.columns if len(c.heads) == 1]
        two = [head_text(c.heads[-1], c.wide).height + 2 for c in self.columns if len(c.heads) > 1]
        if two:
            return max(GROUP_HIGH + max(LOWER_HIGH, *two), *one) + CODE_HIGH
        return max(HEAD_HIGH, *one) + CODE_HIGH

    def draw_head(self, pen: Pen, top: float) -> None:
        left, code_top, bottom = self.left, top + self.head_high - CODE_HIGH, top + self.head_high
        group_low = top + GROUP_HIGH
        ruling = []
        at = 0
        for group, members in groupby(self.columns, key=lambda c: c.heads[0] if len(c.heads) > 1 else ""):
            columns = tuple(members)
            end = at + len(columns)
            high_lines_from = top
            if group:
                self._head_cell(pen, left[at], left[end], top, group_low, group)
                ruling.append((left[at], group_low, left[end], group_low))
                high_lines_from = group_low
            for one, column in enumerate(columns, at):
                self._head_cell(pen, left[one], left[one + 1], high_lines_from, code_top, column.heads[-1])
                if one > at:
                    ruling.append((left[one], high_lines_from, left[one], bottom))
            if at:
                ruling.append((left[at], top, left[at], bottom))
            at = end
        for one, column in enumerate(self.columns):
            middle = (code_top + bottom) / 2 + UNDER_MIDDLE * CODE / MM
            pen.text((left[one] + left[one + 1]) / 2, middle, column.code, SERIF, CODE, align=CENTRE)
        ruling.append((left[0], code_top, left[-1], code_top))
        pen.lines(ruling, THIN)
        pen.line(left[0], bottom, left[-1], bottom, MIDDLE)

    def _head_cell(self, pen: Pen, x1: float, x2: float, y1: float, y2: float, words: str) -> None:
        block(pen, head_text(words, x2 - x1), (x1 + x2) / 2, (y1 + y2) / 2, SANS_MEDIUM)

    # --- rows ------------------------------------------------------------------------------------------------------

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Of each row, mm."""
        return tuple(max(self.row_high, *(self._needs(at, entry) for at, entry in enumerate(row))) for row in self.rows)

    def _fitted(self, at: int, entry: Entry) -> text.Fitted:
        """A changed value stands bold over the old one, so less height is left for it."""
        column = self.columns[at]
        wide = column.wide - 2 * (PADDING if column.align is Align.LEFT or entry.grows else NARROW)
        high = TALL if entry.grows else self.row_high
        room = high - 2 * UPRIGHT - (OLD * text.LEAD / MM if entry.old is not None else 0)
        return text.fit(entry.text, wide, room, entry.face, self.size)

    def _old(self, at: int, entry: Entry) -> text.Fitted:
        wide = self.columns[at].wide - 2 * NARROW
        return text.Fitted(text.wrap(entry.old or "（空）", wide, SERIF, OLD), OLD)

    def _needs(self, at: int, entry: Entry) -> float:
        high = self._fitted(at, entry).height
        if entry.old is not None:
            high += self._old(at, entry).height
        return max(high + 2 * UPRIGHT, entry.high)

    def draw_row(self, pen: Pen, top: float, number: int) -> None:
        high = self.heights[number]
        for at, entry in enumerate(self.rows[number]):
            self._draw_entry(pen, at, entry, top, high)
        if len(self.rows[number]) > 1:
            pen.lines([(x, top, x, top + high) for x in self.left[1:-1]])
        if number + 1 < len(self.rows):
            pen.line(self.left[0], top + high, self.left[-1], top + high)

    def _draw_entry(self, pen: Pen, at: int, entry: Entry, top: float, high: float) -> None:
        column, x1, x2 = self.columns[at], self.left[at], self.left[at + 1]
        middle, face = top + high / 2, entry.face
        fitted = self._fitted(at, entry)
        old = self._old(at, entry) if entry.old is not None else None
        if old is not None:
            middle -= old.height / 2
        if column.align is Align.NUMBER and is_figure(entry.text) and fitted.lines == (entry.text,):
            self._figure(pen, at, entry.text, middle, face, fitted.size)
        elif entry.text != NOT_APPLICABLE and (column.align is Align.LEFT or (entry.grows and len(fitted.lines) > 1)):
            block(pen, fitted, x1 + PADDING, middle, face, centred=False)
        else:
            block(pen, fitted, (x1 + x2) / 2, middle, face)
        if old is not None:
            self._strike(pen, at, middle + (fitted.height + old.height) / 2, old)

    def _strike(self, pen: Pen, at: int, middle: float, old: text.Fitted) -> None:
        """The value that was replaced, struck through, under the new one."""
        from_left = self.columns[at].align is Align.LEFT
        x = self.left[at] + (PADDING if from_left else self.columns[at].wide / 2)
        block(pen, old, x, middle, SERIF, centred=not from_left)
        for count, words in enumerate(old.lines):
            y = middle + (count - (len(old.lines) - 1) / 2) * old.lead
            wide = fonts.width(words, SERIF, OLD) / MM
            start = x if from_left else x - wide / 2
            pen.line(start, y, start + wide, y)

    # --- figures ---------------------------------------------------------------------------------------------------

    @cached_property
    def _points(self) -> tuple[tuple[float, float], ...]:
        """By column: how far its decimal point lies from the left line, and its widest whole part, mm.

        Points stand under one another, the widest value in the middle of the column."""
        found = []
        for at, column in enumerate(self.columns):
            values = [row[at].text for row in self.rows if at < len(row) and is_figure(row[at].text)]
            sized = [(value, SERIF) for value in values]
            if self.total and is_figure(self.total.figures.get(at, "")):
                sized.append((self.total.figures[at], SERIF_BOLD))
            if column.align is not Align.NUMBER or not sized:
                found.append((0.0, 0.0))
                continue
            parts = [(value.partition("."), face) for value, face in sized]
            whole = max(fonts.digits_width(part[0], face, self.size) for part, face in parts) / MM
            rest = max(fonts.digits_width(part[1] + part[2], face, self.size) for part, face in parts) / MM
            found.append(((column.wide - whole - rest) / 2 + whole, whole))
        return tuple(found)

    def _figure(self, pen: Pen, at: int, value: str, middle: float, face: str, size: float) -> None:
        whole = fonts.digits_width(value.partition(".")[0], face, size) / MM
        x = self.left[at] + self._points[at][0] - whole
        pen.number(x, middle + NUMBER_UNDER_MIDDLE * size / MM, value, face, size)

    # --- 合计 ------------------------------------------------------------------------------------------------------

    def draw_total(self, pen: Pen, top: float) -> None:
        assert self.total is not None
        left, middle, bottom = self.left, top + self.total_high / 2, top + self.total_high
        pen.line(left[0], top, left[-1], top, MIDDLE)
        figures = self.total.figures
        first = min(figures, default=min(2, len(self.columns)))
        room = left[first] - left[0] - 2 * NARROW
        label = text.fit(self.total.label, room, self.total_high - 2 * UPRIGHT, SANS_MEDIUM, self.size)
        block(pen, label, (left[0] + left[first]) / 2, middle, SANS_MEDIUM)
        pen.line(left[first], top, left[first], bottom)
        if not figures:
            pen.text(left[first] + 2, middle + UNDER_MIDDLE * self.size / MM, self.total.line, SERIF, self.size)
            return
        for at in range(first, len(self.columns)):
            if at > first:
                pen.line(left[at], top, left[at], bottom)
            value = figures.get(at, "")
            if is_figure(value):
                size = self.size
                while fonts.digits_width(value, SERIF_BOLD, size) / MM > self.columns[at].wide - 2 * NARROW:
                    size -= text.STEP
                self._figure(pen, at, value, middle, SERIF_BOLD, size)
            elif self.columns[at].align is Align.LEFT and value != NOT_APPLICABLE:
                block(pen, text.Fitted((value,), self.size), left[at] + PADDING, middle, SERIF_BOLD, centred=False)
            else:
                block(pen, text.Fitted((value,), self.size), (left[at] + left[at + 1]) / 2, middle, SERIF_BOLD)

    def close(self, pen: Pen, top: float, bottom: float) -> None:
        """The outer frame of the part that stands on this page."""
        pen.box(self.left[0], top, self.left[-1] - self.left[0], bottom - top, FRAME)


def block(pen: Pen, fitted: text.Fitted, x: float, middle: float, face: str, *, centred: bool = True) -> None:
    """Lines around a middle height: each centred at x, or beginning there."""
    first = middle - (len(fitted.lines) - 1) / 2 * fitted.lead + UNDER_MIDDLE * fitted.size / MM
    for count, line in enumerate(fitted.lines):
        y = first + count * fitted.lead
        if centred:
            pen.text(x, y, line, face, fitted.size, align=CENTRE)
        else:
            pen.text(x, y, line, face, fitted.size)


def head_text(words: str, wide: float) -> text.Fitted:
    """A head breaks anywhere, into lines as even as they go: 使用/状况, 居民活/动区域."""
    room = (wide - 2 * NARROW) * MM
    size = HEAD
    while True:
        for count in (1, 2) if size > HEAD_LEAST else range(1, len(words) + 1):
            lines = even(words, count)
            if all(fonts.width(line, SANS_MEDIUM, size) <= room for line in lines) or count == len(words):
                return text.Fitted(lines, size)
        size -= text.STEP


def even(words: str, count: int) -> tuple[str, ...]:
    """The words in `count` lines of nearly one length; brackets and the like stay where lines may begin and end."""
    parts = text.pieces(words)
    lines, rest, left = [], parts, count
    while left > 1 and len(rest) > left:
        goal = sum(map(len, rest)) / left
        take, size = 1, len(rest[0])
        while take < len(rest) - left + 1 and size + len(rest[take]) / 2 <= goal:
            size += len(rest[take])
            take += 1
        lines.append("".join(rest[:take]))
        rest, left = rest[take:], left - 1
    return (*lines, "".join(rest))


def is_figure(value: str) -> bool:
    """A number as words.number writes it."""
    bare = value.removeprefix("\u2212").replace(".", "", 1)
    return value != NOT_APPLICABLE and bare.isascii() and bare.isdigit()
