"""A code that one side reads aloud and the other writes down before comparing: what slips 10 and 14 have in common.

Source: print.md §6, §7; pictures 10 and 14.
"""

from __future__ import annotations

from collections.abc import Sequence

from cunbao.paper import letter
from cunbao.paper.fonts import SANS_MEDIUM, SERIF
from cunbao.paper.letter import AT, GROUP_WIDE, GROUPS
from cunbao.paper.pen import CENTRE, FRAME, MM, SOFT, UNDER_MIDDLE, Pen

DIGITS = 4  # of a group
WRITTEN_HIGH = 11.0  # mm
CHOICE_HIGH, LABEL_WIDE, TICK = 9.0, 30.0, 3.3  # mm


def to_read(pen: Pen, top: float, label: str, told: str, digits: str) -> None:
    """Six large groups of four under a label; "" leaves the boxes empty. 24 mm high."""
    wide = pen.text(AT.left, top + 4.0, label, SANS_MEDIUM, 10.5)
    pen.text(AT.left + wide + 3.8, top + 3.9, told, SERIF, 9.5)
    if digits:
        letter.code_boxes(pen, top + 7.4, digits)
        return
    for at in range(GROUPS):
        pen.box(letter.group_x(at), top + 7.4, GROUP_WIDE, letter.CODE_HIGH, FRAME)
    letter.group_names(pen, top + 7.4 + letter.CODE_HIGH)


def to_write(pen: Pen, top: float) -> None:
    """Six groups of four empty boxes, for what is heard."""
    for at in range(GROUPS):
        x = letter.group_x(at)
        pen.box(x, top, GROUP_WIDE, WRITTEN_HIGH, FRAME)
        for digit in range(1, DIGITS):
            line = x + digit * GROUP_WIDE / DIGITS
            pen.line(line, top, line, top + WRITTEN_HIGH, 0.4, grey=SOFT)
    letter.group_names(pen, top + WRITTEN_HIGH)


def choices(pen: Pen, top: float, rows: Sequence[tuple[str, Sequence[str]]]) -> float:
    """A grid of boxes to tick: label and words of each row; a row without words is left to the caller. Gives its
    lower edge, mm."""
    bottom = top + CHOICE_HIGH * len(rows)
    pen.box(AT.left, top, AT.wide, bottom - top, FRAME)
    pen.line(AT.left + LABEL_WIDE, top, AT.left + LABEL_WIDE, bottom)
    for at, (name, words) in enumerate(rows):
        middle = top + CHOICE_HIGH * (at + 0.5)
        y = middle + UNDER_MIDDLE * 10 / MM
        pen.text(AT.left + LABEL_WIDE / 2, y, name, SANS_MEDIUM, 10, align=CENTRE)
        if at:
            pen.line(AT.left, top + CHOICE_HIGH * at, AT.right, top + CHOICE_HIGH * at)
        x = AT.left + LABEL_WIDE + 2.7
        for word in words:
            pen.box(x, middle - TICK / 2, TICK, TICK, 0.75)
            x += TICK + 1.5 + pen.text(x + TICK + 1.5, y, word, SERIF, 10) + 6.5
    return bottom
