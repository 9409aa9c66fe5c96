"""The QR code of a page, drawn as black squares: model 2, level M, alphanumeric. Source: print.md §7."""

from __future__ import annotations

import segno

from cunbao.errors import PaperError
from cunbao.paper.pen import Pen


def draw(pen: Pen, x: float, y: float, side: float, line: str) -> None:
    """The code of `line` in a square of `side` mm whose top left corner is (x, y). The quiet zone is the caller's.

    PaperError when the line does not fit the alphanumeric mode: a caller's mistake that no scanner would read.
    """
    try:
        # boost off: the same line always gives the same pattern, whatever the library thinks better
        code = segno.make_qr(line, error="m", mode="alphanumeric", boost_error=False)
    except ValueError as error:
        raise PaperError(
            "paper.qr",
            happened="核对二维码做不出来",
            safe="没有生成文件，填的内容都在",
            todo="请把这条提示告诉县里",
            detail=str(error),
        ) from error
    rows = [list(row) for row in code.matrix]
    module = side / len(rows)
    squares = []
    for down, row in enumerate(rows):
        across = 0
        while across < len(row):
            if not row[across]:
                across += 1
                continue
            start = across
            while across < len(row) and row[across]:
                across += 1
            squares.append((x + start * module, y + down * module, (across - start) * module, module))
    pen.blocks(squares)
