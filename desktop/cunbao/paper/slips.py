"""Pages beside the returns: a list to work through (问题单), a slip that goes with a stick (送件单). No signature.

A title, a line of who and when, key–value pairs, one table, sentences under it. Source: print.md §1–§4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import flow, grid, parts
from cunbao.paper.body import table_units
from cunbao.paper.flow import Frame
from cunbao.paper.parts import PORTRAIT
from cunbao.paper.pen import MIDDLE, THIN, Pen
from cunbao.paper.sheet import Drawn
from cunbao.paper.table import Align, Column, Entry, Table

TOP, AGAIN, END = 41.0, 32.0, 272.0  # mm: under the title, under a continuation's title, above the foot
HEAD, ROW, SIZE = 8.0, 11.0, 10.0  # mm, mm (two lines fit), pt
GAP = 5.0  # mm between the parts


@dataclass(frozen=True)
class ListTable(Table):
    """A table whose columns need no code row, since no check refers to them. head: height of its heads, mm."""

    head: float = HEAD

    @property
    def head_high(self) -> float:
        return self.head

    def draw_head(self, pen: Pen, top: float) -> None:
        for at, column in enumerate(self.columns):
            self._head_cell(pen, self.left[at], self.left[at + 1], top, top + self.head, column.heads[-1])
        pen.lines([(x, top, x, top + self.head) for x in self.left[1:-1]], THIN)
        pen.line(self.left[0], top + self.head, self.left[-1], top + self.head, MIDDLE)


@dataclass(frozen=True, slots=True)
class SlipColumn:
    """head; wide: mm, all columns of a slip fill 167; centred: short words and numbers."""

    head: str
    wide: float
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """head_left, head_right: on every page; printed_at: local, in the foot. pairs: name → value above the table."""

    title: str
    line: str
    head_left: str
    head_right: str
    printed_at: datetime
    pairs: Sequence[tuple[str, str]] = ()
    columns: Sequence[SlipColumn] = ()
    rows: Sequence[Sequence[str]] = ()
    sentences: Sequence[str] = ()


def draw_slip(slip: Slip) -> Drawn:
    """The pages of a slip. PaperError for a character that no font has."""
    at = PORTRAIT
    pen = Pen(landscape=False, title=slip.title, author=slip.head_left, when=slip.printed_at)
    pages = flow.paginate(_units(slip), Frame(first=TOP, others=AGAIN, end=END, foot=END))
    for number, placed in enumerate(pages):
        parts.head(pen, at, slip.head_left, slip.head_right)
        if number == 0:
            parts.title(pen, at, slip.title)
            pen.text(at.left, 36, slip.line, size=SIZE)
        else:
            parts.title_again(pen, at, slip.title)
        flow.draw(pen, placed)
        last = number + 1 == len(pages)
        parts.foot(pen, at, "不作为报表", number + 1, len(pages), f"打印 {slip.printed_at:%Y-%m-%d %H:%M}")
        if not last:
            pen.next_page()
    return Drawn(pdf=pen.finish(), pages=len(pages), box_page=0, box=(0, 0, 0, 0))


def _units(slip: Slip) -> list[flow.Unit]:
    at = PORTRAIT
    units: list[flow.Unit] = []
    if slip.pairs:
        frame = grid.GridFrame(at.left, at.wide)
        units += grid.units(grid.pairs(at.left, at.wide, slip.pairs), frame, 0.0)
    if slip.rows:
        table = ListTable(
            x=at.left,
            columns=tuple(
                Column((one.head,), one.wide, "", Align.CENTRE if one.centred else Align.LEFT) for one in slip.columns
            ),
            rows=tuple(tuple(Entry(text) for text in row) for row in slip.rows),
            size=SIZE,
            row_high=ROW,
            total_high=ROW,
        )
        rows = table_units(table)
        units += [flow.Unit(rows[0].high, rows[0].draw, rows[0].head, GAP, rows[0].glued), *rows[1:]]
    for number, sentence in enumerate(slip.sentences):
        units.append(parts.paragraph(at, sentence, gap=GAP if number == 0 else 1.2))
    return units
