"""A workbook of tables: pages in, bytes of an .xlsx out. Knows openpyxl, and nothing of villages.

Numbers go in as numbers with their decimals, everything else as text: a code or an identity number keeps every digit,
and a name that begins with = + - @ stays a name. Each page prints on A4 with its heads and first columns on every
sheet of paper.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Value = Decimal | int | date | str | None

FONT = "宋体"
EXACT_DIGITS = 15  # what a number of Excel holds; a longer one is written as text rather than rounded
TEXT_WIDTH = 110  # characters that a title or note takes, as far as a small window shows
EMPTY_WIDTH = 8.0  # of a column in which nothing stands
PRINTED_WIDTH = 200  # characters across A4 that can still be read; a broader table takes several sheets side by side
NARROW, WIDE = 6, 40  # least and most characters of a column
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of a page. caption: over it, "" none; places: decimals of each column of numbers, None for texts;
    total: the last line, () none."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    places: tuple[int | None, ...]
    total: tuple[Value, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet. line: under the title; notes: under the tables; fixed: columns that stay when scrolling sideways;
    plain: 说明, without frames and with wide texts."""

    name: str
    title: str
    line: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    fixed: int = 0
    plain: bool = False


def book(pages: Sequence[Page], *, head: str, foot: str, mark: str, made: datetime) -> bytes:
    """The workbook. head, foot: on every printed sheet, mark: in the middle of its head (含未审核), "" none."""
    from openpyxl import Workbook

    made_book = Workbook()
    made_book.remove(made_book.active)
    made_book.properties.creator = "村报"
    made_book.properties.created = made.replace(tzinfo=None)
    styles = _Styles(made_book)
    for page, name in zip(pages, sheet_names(one.name for one in pages), strict=True):
        sheet = made_book.create_sheet(name)
        _Drawing(sheet, styles, page).draw()
        _print_setup(sheet, head=f"{head}　{page.title}", foot=foot, mark=mark)
    written = io.BytesIO()
    made_book.save(written)
    return written.getvalue()


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """What Excel takes for names: 31 characters, none of its signs, no two alike."""
    names: list[str] = []
    for one in wanted:
        name = plain = _NOT_IN_A_NAME.sub(" ", one).strip()[:31] or "表"
        number = 2
        while name.lower() in {other.lower() for other in names}:
            name = f"{plain[:27]} {number}"
            number += 1
        names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. size: points."""

    across: str = "left"
    size: int = 10
    bold: bool = False
    framed: bool = False
    filled: bool = False
    wrapped: bool = False


LOOKS = {
    "title": Look(across="center", size=16, bold=True),
    "line": Look(),
    "caption": Look(bold=True),
    "note": Look(wrapped=True),
    "head": Look(across="center", bold=True, framed=True, filled=True, wrapped=True),
    "text": Look(framed=True),
    "number": Look(across="right", framed=True),
    "total text": Look(framed=True, bold=True),
    "total number": Look(across="right", framed=True, bold=True),
}


class _Styles:
    """Each look made once and copied: making it for every cell would take longer than all the rest."""

    def __init__(self, made_book: Any) -> None:
        self.scratch = made_book.create_sheet("scratch")
        self.made_book = made_book
        self.made: dict[tuple[str, str], Any] = {}
        made_book.remove(self.scratch)

    def put(self, cell: Any, look: str, number_format: str) -> None:
        key = (look, number_format)
        if key not in self.made:
            self.made[key] = self.style(look, number_format)
        cell._style = copy(self.made[key])

    def style(self, name: str, number_format: str) -> Any:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        look = LOOKS[name]
        cell = self.scratch.cell(1, 1)
        line = Side(style="thin", color="FF808080")
        cell.font = Font(name=FONT, size=look.size, bold=look.bold)
        cell.border = Border(left=line, right=line, top=line, bottom=line) if look.framed else Border()
        cell.fill = PatternFill("solid", fgColor="FFEDEDE8") if look.filled else PatternFill()
        cell.alignment = Alignment(horizontal=look.across, vertical="center", wrap_text=look.wrapped)
        cell.number_format = number_format
        return copy(cell._style)


class _Drawing:
    def __init__(self, sheet: Any, styles: _Styles, page: Page) -> None:
        self.sheet = sheet
        self.styles = styles
        self.page = page
        self.at = 0  # the last row written
        self.widths = [18.0, 100.0] if page.plain else _widths(page.blocks)
        self.broad, self.room = self.text_room()

    def text_room(self) -> tuple[int, float]:
        """How many columns a title or note takes, and their width: as far as a window shows, over empty columns too."""
        taken, room = 0, 0.0
        while room < TEXT_WIDTH and not (self.page.plain and taken == len(self.widths)):
            room += self.widths[taken] if taken < len(self.widths) else EMPTY_WIDTH
            taken += 1
        return taken, room

    def draw(self) -> None:
        from openpyxl.utils import get_column_letter

        page, sheet = self.page, self.sheet
        self.text(page.title, "title", height=26)
        self.text(page.line, "line")
        first_head = 0
        for block in page.blocks:
            if block.caption:
                self.at += 1
                self.text(block.caption, "caption")
            first_head = first_head or self.at + 1
            self.block(block)
        self.at += 1
        for note in page.notes:
            self.text(note, "note", height=15.0 * -(-_width(note) // int(self.room)))
        for at, width in enumerate(self.widths, 1):
            sheet.column_dimensions[get_column_letter(at)].width = width
        if len(page.blocks) == 1 and not page.plain:
            sheet.freeze_panes = f"{get_column_letter(page.fixed + 1)}{first_head + 1}"
            sheet.print_title_rows = f"1:{first_head}"
            if page.fixed:
                sheet.print_title_cols = f"A:{get_column_letter(page.fixed)}"
        sheet.page_setup.fitToWidth = max(1, -(-int(sum(self.widths)) // PRINTED_WIDTH))

    def text(self, words: str, look: str, *, height: float | None = None) -> None:
        """One line over the whole breadth."""
        self.at += 1
        self.put(self.at, 1, words, look)
        self.sheet.merge_cells(start_row=self.at, end_row=self.at, start_column=1, end_column=self.broad)
        if height:
            self.sheet.row_dimensions[self.at].height = height

    def block(self, block: Block) -> None:
        if block.heads and not self.page.plain:
            self.at += 1
            for at, head in enumerate(block.heads, 1):
                self.put(self.at, at, head, "head")
            self.sheet.row_dimensions[self.at].height = 30
        for row in block.rows:
            self.row(row, block.places, "")
        if block.total:
            self.row(block.total, block.places, "total ")

    def row(self, row: tuple[Value, ...], places: tuple[int | None, ...], total: str) -> None:
        self.at += 1
        for at, (value, decimals) in enumerate(zip(row, places, strict=True), 1):
            self.value(self.at, at, value, decimals, total)

    def value(self, row: int, column: int, value: Value, places: int | None, total: str) -> None:
        kind = "text" if places is None else "number"
        if self.page.plain:
            self.put(row, column, value, "note")
        elif isinstance(value, Decimal | int) and _fits(value):
            self.put(row, column, value, f"{total}number", f"0.{'0' * places}" if places else "0")
        elif isinstance(value, date):
            self.put(row, column, value, f"{total}text", "yyyy-mm-dd")
        else:
            self.put(row, column, "" if value is None else str(value), f"{total}{kind}")

    def put(self, row: int, column: int, value: Value, look: str, number_format: str = "@") -> None:
        cell = self.sheet.cell(row, column)
        self.styles.put(cell, look, number_format)
        if isinstance(value, str):
            words = _FORBIDDEN.sub("\ufffd", value)
            cell.value = words
            cell.data_type = "s"  # a text stays a text, whatever it begins with or looks like
            if words.startswith(FORMULA):
                cell.quotePrefix = True
        else:
            cell.value = value


def _fits(value: Decimal | int) -> bool:
    """Does a number of Excel hold every digit?"""
    return len(Decimal(value).normalize().as_tuple().digits) <= EXACT_DIGITS


def _print_setup(sheet: Any, *, head: str, foot: str, mark: str) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0  # as many sheets down as the rows need
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    for side in ("left", "right"):
        setattr(sheet.page_margins, side, 0.5)
    for part, words in ((sheet.oddHeader.left, head), (sheet.oddHeader.center, mark), (sheet.oddFooter.left, foot)):
        part.text = _FORBIDDEN.sub("\ufffd", words).replace("&", "&&") or None
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def _widths(blocks: Sequence[Block]) -> list[float]:
    """Of each column: what its longest line needs; a head may break once."""
    broad = max((len(block.heads) for block in blocks), default=0)
    needed = [NARROW] * broad
    for block in blocks:
        for at, head in enumerate(block.heads):
            cells = [row[at] for row in (*block.rows, block.total) if row]
            widths = [_width(str(cell)) for cell in cells if cell is not None]
            needed[at] = max(needed[at], -(-_width(head) // 2), *widths)
    return [min(width, WIDE) + 2 for width in needed]


def _width(text: str) -> int:
    """In halves of a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
