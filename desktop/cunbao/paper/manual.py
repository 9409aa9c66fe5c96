"""The manual on paper: title and contents, then chapters with lists, tables and pictures; bookmarks; page numbers.

No signature and no clock: the day is the caller's. Links lead to their sections in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cunbao.manual import Block, Heading, Listing, Manual, Note, Paragraph, Picture, Section, Span, Table
from cunbao.paper import flow, fonts, parts, spans, text
from cunbao.paper.flow import Frame, Unit
from cunbao.paper.fonts import SANS, SANS_BOLD, SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.letter import long_day
from cunbao.paper.parts import PORTRAIT
from cunbao.paper.pen import CENTRE, FRAME, MM, RIGHT, SOFT, THIN, UNDER_MIDDLE, Pen

AT = PORTRAIT
FIRST, OTHERS, END = 38.0, 22.0, 274.0  # mm: under a chapter's title, on its other pages, above the foot
SIZE, LEAD = 10.5, 17 / MM  # pt, mm
SMALL, SMALL_LEAD = 9.5, 14.5 / MM
GAP, INWARD = 1.6, 6.5  # mm between pieces, of a list's items
CELL_SIDE, CELL_UP = 1.6, 1.3  # mm
PICTURE_WIDE, PICTURE_HIGH = 158.0, 100.0  # mm, at most
LINE_HIGH, CONTENTS_TOP, CONTENTS_FIRST = 6.4, 30.0, 56.0  # mm

Pictures = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the body: what stands on it, the chapter's title when it begins one."""

    placed: list[flow.Placed]
    chapter: str = ""


def draw_manual(manual: Manual, pictures: Pictures, when: datetime) -> tuple[bytes, int]:
    """The whole manual and its number of pages. pictures: the PNG of a name, None where it is not there."""
    pen = Pen(landscape=False, title=manual.title, author="村报", when=when)
    pages, starts = _body(manual, pictures)
    contents = _contents(manual, starts)
    total = len(pages) + len(contents)
    names = {section.key: len(contents) + page for section, page in starts}
    for number, lines in enumerate(contents):
        _draw_contents(pen, manual, lines, names, first=number == 0, when=when)
        _foot(pen, number + 1, total)
        pen.next_page()
    for number, page in enumerate(pages):
        parts.head(pen, AT, manual.title, page.chapter or "村报")
        flow.draw(pen, page.placed)
        _foot(pen, len(contents) + number + 1, total)
        if number + 1 < len(pages):
            pen.next_page()
    return pen.finish(), total


def _foot(pen: Pen, page: int, pages: int) -> None:
    parts.foot(pen, AT, "村报手册", page, pages, "画面里的人和数都是编的")


# --- the body ------------------------------------------------------------------------------------------------------


def _body(manual: Manual, pictures: Pictures) -> tuple[list[_Page], list[tuple[Section, int]]]:
    """The pages, and on which of them (from 1) every section begins. A chapter begins a page."""
    pages: list[_Page] = []
    starts: list[tuple[Section, int]] = []
    for chapter in _chapters(manual.sections):
        begun: list[tuple[Section, Unit]] = []
        units: list[Unit] = []
        for section in chapter:
            head = _title(section)
            begun.append((section, head))
            units += (head, *_blocks(section.blocks, pictures))
        placed = flow.paginate(units, Frame(first=OTHERS, others=OTHERS, end=END, foot=END))
        where = {id(unit): number for number, page in enumerate(placed, len(pages) + 1) for unit, _ in page}
        starts += [(section, where[id(unit)]) for section, unit in begun]
        pages += [_Page(page, chapter[0].title) for page in placed]
    return pages, starts


def _chapters(sections: Sequence[Section]) -> list[list[Section]]:
    found: list[list[Section]] = []
    for section in sections:
        if section.level == 2 or not found:
            found.append([])
        found[-1].append(section)
    return found


def _title(section: Section) -> Unit:
    chapter = section.level == 2
    size, high = (18.0, 13.0) if chapter else (13.0, 8.4)
    lines = text.wrap(section.title, AT.wide, SANS_BOLD, size)

    def draw(pen: Pen, top: float) -> None:
        pen.outline(section.title, 0 if chapter else 1, section.key, top)
        for place in section.places[1:]:
            pen.place(place, top)
        for count, line in enumerate(lines):
            pen.text(AT.left, top + high * 0.62 + count * high, line, SANS_BOLD, size)
        if not chapter:
            pen.line(AT.left, top + high * len(lines) - 1.2, AT.right, top + high * len(lines) - 1.2, THIN, grey=0.5)

    return Unit(high * len(lines) + 1, draw, gap=0.0 if chapter else 7.0, glued=True, section=True)


def _blocks(blocks: Sequence[Block], pictures: Pictures, left: float = 0.0) -> list[Unit]:
    found: list[Unit] = []
    for at, block in enumerate(blocks):
        units = _units(block, pictures, left)
        if isinstance(block, Paragraph) and at + 1 < len(blocks) and isinstance(blocks[at + 1], Picture):
            units[-1] = replace(units[-1], glued=True)  # what is said of a picture stands on its page
        found += units
    return found


def _units(block: Block, pictures: Pictures, left: float) -> list[Unit]:
    if isinstance(block, Heading):
        return [_heading(block, left)]
    if isinstance(block, Paragraph):
        return [_paragraph(block.spans, left)]
    if isinstance(block, Listing):
        return _listing(block, pictures, left)
    if isinstance(block, Table):
        return _table(block, left)
    if isinstance(block, Note):
        return _note(block, pictures, left)
    return [_picture(block, pictures, left)]


def _heading(block: Heading, left: float) -> Unit:
    def draw(pen: Pen, top: float) -> None:
        for place in block.places:
            pen.place(place, top)
        pen.text(AT.left + left, top + 4.6, block.text, SANS_MEDIUM, 11)

    return Unit(6.6, draw, gap=3.4, glued=True)


def _paragraph(
    words: tuple[Span, ...], left: float, *, mark: str = "", gap: float = GAP, size: float = SIZE, lead: float = LEAD
) -> Unit:
    """Prose from `left` mm, with its mark or number before it."""
    lines = spans.broken(words, AT.wide - left, size)

    def draw(pen: Pen, top: float) -> None:
        y = top + lead / 2 + UNDER_MIDDLE * size / MM
        if mark:
            pen.text(AT.left + left - 1.6, y, mark, SERIF, size, align=RIGHT)
        for count, line in enumerate(lines):
            spans.draw(pen, AT.left + left, y + count * lead, line, size)

    return Unit(lead * len(lines), draw, gap=gap)


def _listing(block: Listing, pictures: Pictures, left: float) -> list[Unit]:
    found: list[Unit] = []
    inner = left + INWARD
    for number, item in enumerate(block.items):
        mark = f"{block.start + number}." if block.start else "·"
        if item and isinstance(item[0], Paragraph):
            found.append(_paragraph(item[0].spans, inner, mark=mark, gap=0.9 if number else GAP))
            item = item[1:]
        found += _blocks(item, pictures, inner)
    return found


def _note(block: Note, pictures: Pictures, left: float) -> list[Unit]:
    """A bar at the left of what is set apart."""

    def barred(unit: Unit) -> Unit:
        def draw(pen: Pen, top: float) -> None:
            pen.blocks([(AT.left + left, top - 0.2, 0.9, unit.high + 0.4)], grey=0.45)
            unit.draw(pen, top)

        return Unit(unit.high, draw, head=unit.head, gap=unit.gap, glued=unit.glued)

    return [barred(unit) for unit in _blocks(block.blocks, pictures, left + 4.0)]


def _picture(block: Picture, pictures: Pictures, left: float) -> Unit:
    data = pictures(block.name)
    size = None if data is None else _size(data)
    if data is None or size is None:
        return _paragraph((Span(f"（这里的图不在：{block.caption}）"),), left)
    room = min(PICTURE_WIDE, AT.wide - left)
    scale = min(room / size[0], PICTURE_HIGH / size[1])
    wide, high = size[0] * scale, size[1] * scale

    def draw(pen: Pen, top: float) -> None:
        x = AT.left + left + (AT.wide - left - wide) / 2
        pen.picture(x, top, wide, high, data)
        pen.box(x, top, wide, high, THIN, grey=0.5)
        pen.text(x + wide / 2, top + high + 4.6, block.caption, SANS, 8.5, align=CENTRE, grey=SOFT)

    return Unit(high + 6.4, draw, gap=2.4)


def _size(data: bytes) -> tuple[int, int] | None:
    """Pixels of a PNG; None for what is none."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


# --- tables --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Head:
    """The head of a table, drawn again on every page; it closes the frame."""

    x: float
    wides: tuple[float, ...]
    cells: tuple[tuple[spans.Line, ...], ...]

    @property
    def head_high(self) -> float:
        return _row_high(self.cells)

    def draw_head(self, pen: Pen, top: float) -> None:
        pen.blocks([(self.x, top, sum(self.wides), self.head_high)], grey=0.93)
        _draw_row(pen, self.x, top, self.wides, self.cells)
        pen.line(self.x, top + self.head_high, self.x + sum(self.wides), top + self.head_high, THIN)

    def close(self, pen: Pen, top: float, bottom: float) -> None:
        pen.box(self.x, top, sum(self.wides), bottom - top, FRAME)
        xs = [self.x + sum(self.wides[:at]) for at in range(1, len(self.wides))]
        pen.lines([(x, top, x, bottom) for x in xs], THIN)


def _table(block: Table, left: float) -> list[Unit]:
    wides = _wides(block, AT.wide - left)
    x = AT.left + left
    strong = tuple(tuple(Span(span.text, "strong", span.link) for span in cell) for cell in block.head)
    head = _Head(x, wides, _broken(strong, wides))
    found = []
    for number, row in enumerate(block.rows):
        cells = _broken(row, wides)
        high = _row_high(cells)

        def draw(
            pen: Pen, top: float, cells: tuple[tuple[spans.Line, ...], ...] = cells, high: float = high
        ) -> None:
            _draw_row(pen, x, top, wides, cells)
            pen.line(x, top + high, x + sum(wides), top + high, THIN, grey=0.5)

        found.append(Unit(high, draw, head=head, gap=0.0 if number else 2.0))
    return found


def _broken(cells: Sequence[tuple[Span, ...]], wides: Sequence[float]) -> tuple[tuple[spans.Line, ...], ...]:
    return tuple(
        spans.broken(cell, wide - 2 * CELL_SIDE, SMALL) for cell, wide in zip(cells, wides, strict=True)
    )


def _row_high(cells: Sequence[Sequence[spans.Line]]) -> float:
    return max(len(lines) for lines in cells) * SMALL_LEAD + 2 * CELL_UP


def _draw_row(
    pen: Pen, x: float, top: float, wides: Sequence[float], cells: Sequence[Sequence[spans.Line]]
) -> None:
    for wide, lines in zip(wides, cells, strict=True):
        y = top + CELL_UP + SMALL_LEAD / 2 + UNDER_MIDDLE * SMALL / MM
        for count, line in enumerate(lines):
            spans.draw(pen, x + CELL_SIDE, y + count * SMALL_LEAD, line, SMALL)
        x += wide


def _wides(block: Table, room: float) -> tuple[float, ...]:
    """mm of the columns: what their longest cell takes, the last ones narrowed to fit."""
    longest = [
        max(sum(run.wide for run in spans.broken(row[at], 10_000, SMALL)[0]) for row in (block.head, *block.rows))
        + 2 * CELL_SIDE + 0.6
        for at in range(len(block.head))
    ]  # fmt: skip
    spare = room - sum(longest)
    if spare >= 0:
        return (*longest[:-1], longest[-1] + spare)
    fair = room / len(longest)
    fixed = [wide if wide <= fair else 0.0 for wide in longest]
    rest = room - sum(fixed)
    wanting = sum(wide for wide, kept in zip(longest, fixed, strict=True) if not kept)
    return tuple(kept or rest * wide / wanting for wide, kept in zip(longest, fixed, strict=True))


# --- title and contents --------------------------------------------------------------------------------------------


def _contents(manual: Manual, starts: Sequence[tuple[Section, int]]) -> list[list[Section]]:
    """The sections on each page of the contents."""
    pages: list[list[Section]] = [[]]
    y = CONTENTS_FIRST
    for section, _ in starts:
        if y + LINE_HIGH > END:
            pages.append([])
            y = CONTENTS_TOP
        pages[-1].append(section)
        y += LINE_HIGH
    return pages


def _draw_contents(
    pen: Pen, manual: Manual, lines: Sequence[Section], pages: dict[str, int], *, first: bool, when: datetime
) -> None:
    middle = (AT.left + AT.right) / 2
    if first:
        pen.outline("目录", 0, "contents", 0)
        pen.text(middle, 36, manual.title, SERIF_BOLD, 24, align=CENTRE, space=2)
        pen.text(middle, 46, f"村报 · {long_day(when.date())}印", SERIF, 10.5, align=CENTRE, grey=SOFT)
    else:
        parts.head(pen, AT, manual.title, "目录")
    y = (CONTENTS_FIRST if first else CONTENTS_TOP) + 3.5
    for section in lines:
        chapter = section.level == 2
        face, size = (SANS_MEDIUM, 11.0) if chapter else (SERIF, SIZE)
        x = AT.left + (0 if chapter else INWARD)
        page = str(pages[section.key])
        end = x + pen.text(x, y, section.title, face, size)
        start = AT.right - fonts.width(page, SERIF, SIZE) / MM
        pen.text(AT.right, y, page, SERIF, SIZE, align=RIGHT)
        if start - end > 6:
            pen.line(end + 2, y - 0.6, start - 2, y - 0.6, 0.5, grey=0.6, dash="0.5 3")
        pen.link(x, y - 4.6, AT.right - x, LINE_HIGH - 0.6, section.key)
        y += LINE_HIGH

