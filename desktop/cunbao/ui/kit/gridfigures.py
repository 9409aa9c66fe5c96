"""Cells of tables of figures: a value with its unit small behind it, a verdict over what is lacking, a row that parts
two groups of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from cunbao.ui.kit import paint
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:
    from cunbao.ui.kit.gridcells import GridCell, GridColumn

GAP = 4  # between a value and its unit
QUIET = "text_3"


def paint_measure(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    """29.1 平方米: the value at the right, then `more` small and grey, then `mark` small in the tone of the cell."""
    right = box.right() + 1
    for words, ink in ((cell.mark, cell.tone or "text_2"), (cell.more, "text_2")):
        if words:
            wide = paint.width(words, "small") + 1
            spot = QRect(right - wide, box.top() + look.px(1), wide, box.height())
            paint.words(painter, spot, words, QUIET if grey else ink, "small")
            right -= wide + GAP
    ink = QUIET if grey else column.tone if cell.mark else cell.tone or column.tone
    rest = QRect(box.left(), box.top(), right - box.left(), box.height())
    bold = cell.bold or column.bold
    paint.words(painter, rest, cell.text, ink, column.role, bold=bold, align=paint.RIGHT)


def paint_verdict(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    """An icon and a word in the colour of the verdict; under them, small and grey, what `sub` says."""
    ink = QUIET if grey else cell.tone or column.tone
    if not cell.sub:
        paint.icon_words(painter, box, cell.icon, cell.text, ink, column.role, bold=cell.bold)
        return
    first, second = look.line_height(column.role) - 2, look.line_height("small")
    top = box.top() + (box.height() - first - second) // 2
    paint.icon_words(painter, QRect(box.left(), top, box.width(), first), cell.icon, cell.text, ink, column.role)
    lower = QRect(box.left(), top + first, box.width(), second)
    paint.words(painter, lower, cell.sub, "text_2", "small")


def paint_band(painter: QPainter, title: str, words: str, line: QRect) -> None:
    """A row across the whole table that tells what the rows below it are."""
    painter.fillRect(line, look.color("table_head"))
    side = look.control("icon_small")
    inner = line.adjusted(2 * side, 0, -10, 0)
    wide = min(paint.width(title, "small", True) + 2, inner.width())
    paint.words(painter, QRect(inner.left(), inner.top(), wide, inner.height()), title, "text", "small", bold=True)
    rest = inner.adjusted(wide + 12, 0, 0, 0)
    if rest.width() > 0:
        paint.words(painter, rest, words, "text_2", "small")
