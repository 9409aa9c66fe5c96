"""Where everything in a `Grid` lies, in pixels of the viewport: plain sums, without a widget.

All rows are of one height, so a place costs the same in ten rows and in ten thousand. One row may carry a detail
beneath it, the first columns may be frozen, the head stays above and the sum row below.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from PySide6.QtCore import QRect

from cunbao.ui.kit.gridcells import GridColumn
from cunbao.ui.kit.tokens import look


@dataclass(slots=True)
class Places:
    """count: rows; edges: x of each column in the content, and the end; x, y: how far it is scrolled; row, head,
    total, detail: heights. detail_row: -1 for none."""

    frozen: int = 0
    count: int = 0
    width: int = 0
    height: int = 0
    row: int = 1
    head: int = 0
    total: int = 0
    detail: int = 0
    detail_row: int = -1
    x: int = 0
    y: int = 0
    edges: list[int] = field(default_factory=lambda: [0])

    def spread(self, columns: Sequence[GridColumn]) -> None:
        """Give every column its least width, and what is left to those that stretch."""
        least = [look.px(column.width) for column in columns]
        spare = max(0, self.width - sum(least))
        shares = sum(column.stretch for column in columns)
        widths = [
            wide + (spare * column.stretch // shares if shares else 0)
            for wide, column in zip(least, columns, strict=True)
        ]
        if shares:  # what integer division left over goes to the last that stretches
            last = max(n for n, column in enumerate(columns) if column.stretch)
            widths[last] += max(0, self.width - sum(widths))
        self.edges = list(accumulate(widths, initial=0))

    @property
    def columns(self) -> int:
        return len(self.edges) - 1

    @property
    def fixed(self) -> int:
        """x where the frozen columns end."""
        return self.edges[min(self.frozen, self.columns)]

    @property
    def rows_high(self) -> int:
        return self.count * self.row + self.detail

    def body(self) -> QRect:
        """Where rows are seen: between head and sum row."""
        return QRect(0, self.head, self.width, max(0, self.height - self.head - self.total))

    def total_rect(self) -> QRect:
        """The sum row: after the last row, and never below the lower edge."""
        top = min(self.head + self.rows_high - self.y, self.height - self.total)
        return QRect(0, top, self.width, self.total)

    def top_of(self, number: int) -> int:
        """Upper edge of a row in the content."""
        return number * self.row + (self.detail if 0 <= self.detail_row < number else 0)

    def row_rect(self, number: int) -> QRect:
        """The line of cells of a row; its lowest pixel is the line beneath."""
        return QRect(0, self.head + self.top_of(number) - self.y, max(self.width, self.edges[-1]), self.row)

    def left(self, column: int) -> int:
        return self.edges[column] - (0 if column < self.frozen else self.x)

    def cell(self, line: QRect, column: int) -> QRect:
        """A cell of the row that lies in `line`, without the line beneath."""
        wide = self.edges[column + 1] - self.edges[column]
        return QRect(self.left(column), line.top(), wide, line.height() - look.line)

    def row_at(self, y: int) -> int:
        """Number of the row at a height, -1 for none; a detail belongs to its row."""
        if not self.head <= y < self.head + self.body().height():
            return -1
        below = y - self.head + self.y
        if self.detail_row >= 0:
            edge = (self.detail_row + 1) * self.row
            if below >= edge:
                below = max(edge - 1, below - self.detail)
        number = below // self.row
        return number if number < self.count else -1

    def column_at(self, x: int) -> int:
        number = bisect_right(self.edges, x + self.x if x >= self.fixed else x) - 1
        return number if 0 <= number < self.columns else -1

    def across(self) -> list[tuple[int, QRect | None]]:
        """The columns that are seen, and where each may be drawn: nothing that is scrolled shows under the frozen
        ones. None means everywhere."""
        beside = QRect(self.fixed, 0, self.width - self.fixed, self.height)
        made: list[tuple[int, QRect | None]] = []
        for column in range(self.columns):
            left = self.left(column)
            right = left + self.edges[column + 1] - self.edges[column]
            if column < self.frozen or not self.x:
                made.append((column, None))
            elif right > self.fixed and left < self.width:
                made.append((column, beside if left < self.fixed else None))
        return made
