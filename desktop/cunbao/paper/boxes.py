"""What a hand needs on a blank form: boxes for digits, boxes to tick, 年 月 日, or room. Source: print.md §6."""

from __future__ import annotations

from collections.abc import Sequence

from cunbao.paper import fonts
from cunbao.paper.fonts import SANS, SERIF
from cunbao.paper.pen import CENTRE, MM, SEAL_GREY, SOFT, THIN, UNDER_MIDDLE, Pen
from cunbao.paper.words import is_number
from cunbao.survey.form import Field, Kind

DIGIT_WIDE, DIGIT_LEAST, DIGIT_HIGH = 3.7, 3.0, 7.0  # mm, boxes in tables
CODE_WIDE, CODE_HIGH = 5.0, 6.5  # mm, boxes elsewhere
BOX = 0.4  # pt
TICK, CHOICE = 3.0, 8.5  # mm, pt
TICK_LINE = 5.0  # mm, of a list of boxes in a row that grows
MOST_CHOICES = 4  # more are written as a word
WHOLE, CENTS = 4, 2  # digits of an area in a roster; one more before the point where there is room
AUTO = "自动"  # what the program finds out by itself


def asked(field: Field) -> bool:
    """Does a hand fill it in? Not what is computed or carried over."""
    return not (field.calculated or field.readonly or field.source)


def is_prose(field: Field) -> bool:
    return field.kind is Kind.TEXT and not field.mask


def choices(field: Field) -> tuple[str, ...]:
    """The words beside tick boxes; () when the answer is written."""
    if field.kind is not Kind.SELECT_ONE or field.list is None or len(field.list.choices) > MOST_CHOICES:
        return ()
    return tuple(one.label for one in field.list.choices)


def listed(field: Field) -> tuple[str, ...]:
    """All the words of a list outside a roster, where the row may grow: several may be ticked, or one of many."""
    if field.list is None or field.kind not in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE):
        return ()
    many = field.kind is Kind.SELECT_MULTIPLE or len(field.list.choices) > MOST_CHOICES
    return tuple(one.label for one in field.list.choices) if many else ()


def room_for(field: Field) -> float:
    """mm that the answer asks for outside rosters."""
    if words := choices(field):
        return sum(TICK + 2.5 + fonts.width(word, SERIF, CHOICE) / MM for word in words) + 3
    if is_number(field):
        return 6 * DIGIT_WIDE + 4
    return 44.0 if field.kind is Kind.DATE else 50.0


def fill_in(pen: Pen, field: Field, x: float, wide: float, top: float, high: float) -> None:
    """What a hand needs in a cell: digit boxes, tick boxes, 年 月 日, or nothing but room."""
    middle = top + high / 2
    if not asked(field):
        y = middle + UNDER_MIDDLE * 8 / MM
        pen.text(x + wide / 2, y, AUTO, SANS, 8, align=CENTRE, grey=SEAL_GREY)
    elif words := choices(field):
        tick_boxes(pen, words, x, wide, top, high)
    elif is_number(field):
        point = CENTS if field.kind is Kind.DECIMAL else 0
        most = int((wide - 1.6) // DIGIT_LEAST)
        count = min(most, WHOLE + point + (1 if wide > 30 else 0))
        if count >= (WHOLE + point if point else 3):
            one = min(DIGIT_WIDE, (wide - 1.6) / count)
            box_high = min(DIGIT_HIGH, high - 1.2)
            start = x + (wide - one * count) / 2
            digit_boxes(pen, start, middle - box_high / 2, count, one, box_high, point=count - point if point else 0)
    elif field.kind is Kind.DATE and wide >= 36:
        size = 9.0
        day = "\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"
        pen.text(x + wide / 2, middle + UNDER_MIDDLE * size / MM, day, SERIF, size, align=CENTRE)


def tick_boxes(pen: Pen, words: Sequence[str], x: float, wide: float, top: float, high: float) -> None:
    """Boxes with words, in one line or in lines of two or one; none where even that is too narrow."""
    for across in (len(words), 2, 1):
        lines = [words[start : start + across] for start in range(0, len(words), across)]
        one = max(fonts.width(word, SERIF, CHOICE) / MM for word in words) + TICK + 0.8
        if one * across + 1.2 * (across - 1) > wide - 1.6 or len(lines) * 3.9 > high - 0.6:
            continue
        step = min((high - 0.8) / len(lines), 5.0)
        first = top + high / 2 - step * (len(lines) - 1) / 2
        start = x + (wide - one * across - 1.2 * (across - 1)) / 2
        for count, line in enumerate(lines):
            middle = first + count * step
            for at, word in enumerate(line):
                left = start + at * (one + 1.2)
                pen.box(left, middle - TICK / 2, TICK, TICK, THIN)
                pen.text(left + TICK + 0.8, middle + UNDER_MIDDLE * CHOICE / MM, word, SERIF, CHOICE)
        return


def tick_lines(words: Sequence[str], wide: float) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Boxes with words one after another, as many in a line as fit `wide` mm: each word with where its box begins."""
    lines: list[list[tuple[str, float]]] = [[]]
    x = 0.0
    for word in words:
        one = TICK + 0.8 + fonts.width(word, SERIF, CHOICE) / MM
        if lines[-1] and x + one > wide:
            lines.append([])
            x = 0.0
        lines[-1].append((word, x))
        x += one + 2.4
    return tuple(tuple(line) for line in lines)


def tick_list(pen: Pen, lines: Sequence[Sequence[tuple[str, float]]], x: float, top: float, high: float) -> None:
    """`tick_lines` in a cell, from the left."""
    first = top + high / 2 - TICK_LINE * (len(lines) - 1) / 2
    for count, line in enumerate(lines):
        middle = first + count * TICK_LINE
        for word, left in line:
            pen.box(x + left, middle - TICK / 2, TICK, TICK, THIN)
            pen.text(x + left + TICK + 0.8, middle + UNDER_MIDDLE * CHOICE / MM, word, SERIF, CHOICE)


def digit_boxes(
    pen: Pen, x: float, top: float, count: int, wide: float, high: float, *, digits: str = "", point: int = 0
) -> None:
    """Boxes for one digit each. digits: those already printed; point: how many boxes stand before the decimal point."""
    pen.box(x, top, wide * count, high, BOX, grey=SOFT)
    for at in range(1, count):
        pen.line(x + at * wide, top, x + at * wide, top + high, BOX, grey=SOFT)
    if point:
        pen.blocks([(x + point * wide - 0.4, top + high - 0.4, 0.8, 0.8)])
    for at, digit in enumerate(digits):
        if digit != " ":
            y = top + high / 2 + UNDER_MIDDLE * 11 / MM
            pen.text(x + (at + 0.5) * wide, y, digit, SANS, 11, align=CENTRE)
