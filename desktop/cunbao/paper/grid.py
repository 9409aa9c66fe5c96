"""Grids of labels and values: the form's own answers above a roster, 补充资料 under it. Source: print.md §2, §3 (1).

A grid is rows of pairs as wide as the text; a row is one unit of the flow and keeps its height rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cunbao.paper import fonts, text
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.pen import FRAME, MM, NUMBER_UNDER_MIDDLE, Pen
from cunbao.paper.table import UPRIGHT, block, is_figure

LABEL, VALUE = 9.5, 10.0  # pt
ROW, LAST_ROW = 7.6, 8.6  # mm
SIDE = 1.4  # mm of padding
TWO_LINES = 10.5  # mm, room for two lines at full size: a row grows before its words shrink
LABEL_MOST = 46.0  # mm; a longer label takes two lines
CODE_WIDE = 9.0  # mm


@dataclass(frozen=True)
class GridCell:
    """One ruled cell. kind: "label", "text" from the left; "value", "code", "head" (a label) in the middle; "figure"
    from the right. side: padding, mm."""

    wide: float
    words: str
    kind: str
    bold: bool = False
    side: float = SIDE

    @property
    def face(self) -> str:
        return SANS_MEDIUM if self.kind in ("label", "head") else SERIF_BOLD if self.bold else SERIF

    @property
    def fitted(self) -> text.Fitted:
        size = LABEL if self.kind in ("label", "head") else 9.0 if self.kind == "code" else VALUE
        return text.fit(self.words, self.wide - 2 * self.side, TWO_LINES - 2 * UPRIGHT, self.face, size)


@dataclass(frozen=True)
class GridRow:
    """One line of a grid; the frame around it and its neighbours is GridFrame's."""

    x: float
    cells: tuple[GridCell, ...]
    least: float = ROW

    @property
    def high(self) -> float:
        return max(self.least, *(cell.fitted.height + 2 * UPRIGHT for cell in self.cells))

    def draw(self, pen: Pen, top: float) -> None:
        x, high = self.x, self.high
        for at, cell in enumerate(self.cells):
            if at:
                pen.line(x, top, x, top + high)
            fitted = cell.fitted
            middle = top + high / 2
            if cell.kind == "figure" and is_figure(cell.words):
                wide = fonts.digits_width(cell.words, cell.face, fitted.size) / MM
                y = middle + NUMBER_UNDER_MIDDLE * fitted.size / MM
                pen.number(x + cell.wide - 3 - wide, y, cell.words, cell.face, fitted.size)
            elif cell.kind in ("label", "text") or len(fitted.lines) > 1:
                block(pen, fitted, x + cell.side, middle, cell.face, centred=False)
            else:
                block(pen, fitted, x + cell.wide / 2, middle, cell.face)
            x += cell.wide
        pen.line(self.x, top + high, x, top + high)


@dataclass(frozen=True)
class GridFrame:
    """The frame around the rows of one grid that stand on one page."""

    x: float
    wide: float
    head_high: float = 0.0

    def draw_head(self, pen: Pen, top: float) -> None:
        """A grid has no head."""

    def close(self, pen: Pen, top: float, bottom: float) -> None:
        pen.box(self.x, top, self.wide, bottom - top, FRAME)


def pairs(x: float, wide: float, values: Sequence[tuple[str, str]]) -> tuple[GridRow, ...]:
    """Label beside value, as many pairs in a row as fit; a long text has a row of its own."""
    rows: list[list[tuple[str, str, float, float]]] = [[]]
    used = 0.0
    for label, value in values:
        label_wide = min(fonts.width(label, SANS_MEDIUM, LABEL) / MM + 2 * SIDE + 0.4, LABEL_MOST)
        value_wide = min(max(fonts.width(value, SERIF, VALUE) / MM + 2 * SIDE + 2, 13.0), wide - label_wide)
        if rows[-1] and used + label_wide + value_wide > wide:
            rows.append([])
            used = 0.0
        rows[-1].append((label, value, label_wide, value_wide))
        used += label_wide + value_wide
    found = []
    for row in rows:
        spare = (wide - sum(one[2] + one[3] for one in row)) / max(len(row), 1)
        cells: list[GridCell] = []
        for label, value, label_wide, value_wide in row:
            cells += (GridCell(label_wide, label, "label"), GridCell(value_wide + spare, value, "value"))
        found.append(GridRow(x, tuple(cells)))
    return tuple(row for row in found if row.cells)


def supplement(
    x: float, wide: float, values: Sequence[tuple[str, str]], headline: tuple[str, str] | None, across: int
) -> tuple[GridRow, ...]:
    """补充资料: label, code 01…, figure; `across` of them in a row; the headline last, bold, over the full width."""
    one, figure = wide / across, 24.0
    rows = []
    for start in range(0, len(values), across):
        cells: list[GridCell] = []
        for at in range(start, min(start + across, len(values))):
            label, value = values[at]
            cells += (
                GridCell(one - CODE_WIDE - figure, label, "text"),
                GridCell(CODE_WIDE, f"{at + 1:02d}", "code"),
                GridCell(figure, value, "figure"),
            )
        if (missing := start + across - len(values)) > 0:
            cells.append(GridCell(one * missing, "", "text"))
        rows.append(GridRow(x, tuple(cells)))
    if headline is not None:
        cells = [
            GridCell(wide - CODE_WIDE - figure, headline[0], "label"),
            GridCell(CODE_WIDE, f"{len(values) + 1:02d}", "code"),
            GridCell(figure, headline[1], "figure", bold=True),
        ]
        rows.append(GridRow(x, tuple(cells), LAST_ROW))
    return tuple(rows)


def units(rows: Sequence[GridRow], frame: GridFrame, gap: float, *, section: bool = False) -> list[Unit]:
    """The rows as units of the flow; the first and second, the last but one and last stay together."""
    found = []
    for at, row in enumerate(rows):
        glued = at == 0 or at == len(rows) - 2
        found.append(
            Unit(
                row.high, row.draw, head=frame, gap=0.0 if at else gap, glued=glued and at + 1 < len(rows),
                section=section and at == 0,
            )
        )  # fmt: skip
    return found
