"""What notices and slips share: their pages, a place for signature and seal, lines for a hand, what offices are called.

A letter has a large title, its number left and its day right, pieces that flow, and on its last page an end that stands
at a fixed place. Source: print.md §2, §3 (6), §6; pictures 08, 09, 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from cunbao.paper import flow, fonts, grid, parts, text
from cunbao.paper.body import table_units
from cunbao.paper.flow import Frame, Unit
from cunbao.paper.fonts import SANS, SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.parts import BOX_HIGH, BOX_WIDE, PORTRAIT
from cunbao.paper.pen import CENTRE, FRAME, MM, RIGHT, SEAL_GREY, SOFT, UNDER_MIDDLE, Pen
from cunbao.paper.sheet import Signed
from cunbao.paper.slips import ListTable
from cunbao.paper.table import Align, Column, Entry, Total
from cunbao.survey.codes import grouped
from cunbao.survey.people import mask

AT = PORTRAIT
TITLE, TITLE_AT, NUMBER_AT = 22, 28.2, 37.0  # pt, mm (baselines)
FIRST, OTHERS, END = 40.0, 33.0, 272.0  # mm: under the number, under a continuation's title, above the foot
HEADING, HANG = 10.5, 5.4  # pt, mm
SEAL_MIDDLE = 165.4  # mm, of the free place right of the signature box
GROUPS, GROUP_WIDE, CODE_HIGH = 6, 26.6, 13.0  # of a comparison code; mm
UNSIGNED = "未签名 · 无验证码"
LEVELS = {"街道办事处": "街道", "街道": "街道", "镇人民政府": "镇", "镇": "镇", "乡人民政府": "乡", "乡": "乡"}


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring. unit: 社会事务办公室; phone, mobile: whole, they are masked on paper unless asked for; place: where
    things are handed in. What is "" is not printed."""

    person: str
    unit: str = ""
    phone: str = ""
    mobile: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice or slip. Heads and feet stand on every page; number: 编号：勐混退 2025-0017."""

    title: str
    number: str
    day: date
    head_left: str
    head_right: str
    foot_left: str
    foot_right: str


def draw_letter(pen: Pen, letter: Letter, units: Sequence[Unit], foot: float, end: Callable[[Pen], None]) -> int:
    """All pages of one letter; `end` draws what stands below `foot` mm on the last. Leaves the pen on that page and
    gives the number of pages."""
    pages = flow.paginate(_movable(units), Frame(first=FIRST, others=OTHERS, end=END, foot=foot))
    middle = (AT.left + AT.right) / 2
    for number, placed in enumerate(pages):
        parts.head(pen, AT, letter.head_left, letter.head_right)
        if number:
            parts.title_again(pen, AT, letter.title)
        else:
            pen.text(middle, TITLE_AT, letter.title, SERIF_BOLD, TITLE, align=CENTRE, space=2)
            pen.text(AT.left, NUMBER_AT, letter.number, SERIF, 10)
            pen.text(AT.right, NUMBER_AT, long_day(letter.day), SERIF, 10, align=RIGHT)
        flow.draw(pen, placed)
        last = number + 1 == len(pages)
        if last:
            end(pen)
        elif placed[-1][0].head is not None:
            parts.continued(pen, AT, placed[-1][1] + placed[-1][0].high)
        parts.foot(pen, AT, letter.foot_left, number + 1, len(pages), letter.foot_right)
        if not last:
            pen.next_page()
    return len(pages)


def _movable(units: Sequence[Unit]) -> list[Unit]:
    """Only the last section, or its last rows, may move to the end's page; tables before it stay filled."""
    last = max((at for at, unit in enumerate(units) if unit.section), default=0)
    return [replace(unit, final=False) if at < last else unit for at, unit in enumerate(units)]


def pen_for(title: str, author: str, day: date, signed: Signed | None) -> Pen:
    """A pen for one letter or several. Dated at signing; without a signature on the day that it bears."""
    when = signed.signed_at if signed is not None else datetime.combine(day, time(), UTC)
    return Pen(landscape=False, title=title, author=author, when=when)


def foot_of(signed: Signed | None) -> str:
    return UNSIGNED if signed is None else f"验证码 {signed.code}"


# --- pieces of the flow --------------------------------------------------------------------------------------------


def heading(words: str, *, gap: float, size: float = HEADING, high: float = 5.6) -> Unit:
    """一、审核结果: a section's title; what follows stays on its page."""

    def draw(pen: Pen, top: float) -> None:
        pen.text(AT.left, top + 3.7, words, SANS_MEDIUM, size)

    return Unit(high, draw, gap=gap, glued=True, section=True)


def lines(
    words: str, *, size: float, lead: float, gap: float = 0.0, above: float = 0.0, number: str = "", face: str = SERIF
) -> Unit:
    """Plain lines without indent, hanging behind a `number`. lead: pt; above: mm that stay free on a page's top too."""
    hang = HANG if number else 0.0
    wrapped = text.wrap(words, AT.wide - hang, face, size)
    step = lead / MM

    def draw(pen: Pen, top: float) -> None:
        y = top + above + step / 2 + UNDER_MIDDLE * size / MM
        pen.text(AT.left, y, number, face, size)
        for count, line in enumerate(wrapped):
            pen.text(AT.left + hang, y + count * step, line, face, size)

    return Unit(above + len(wrapped) * step, draw, gap=gap)


def numbered(sentences: Sequence[str], *, size: float, lead: float) -> list[Unit]:
    """1．2．3．"""
    return [lines(told, size=size, lead=lead, number=f"{at}．") for at, told in enumerate(sentences, 1)]


def fact_units(
    rows: Sequence[Sequence[tuple[str, str]]], wides: Sequence[float], high: float, gap: float = 0.0
) -> list[Unit]:
    """A ruled grid of labels and values, two pairs in a row. wides: mm of the four columns; high: mm of a row."""
    found = []
    for row in rows:
        words = [said for pair in row for said in zip(pair, ("head", "text"), strict=True)]
        cells = tuple(
            grid.GridCell(wide, said, kind, side=1.8) for wide, (said, kind) in zip(wides, words, strict=True)
        )
        found.append(grid.GridRow(AT.left, cells, high))
    return grid.units(found, grid.GridFrame(AT.left, AT.wide), gap)


@dataclass(frozen=True, slots=True)
class ListColumn:
    head: str
    wide: float
    align: Align = Align.CENTRE


def list_units(
    columns: Sequence[ListColumn],
    rows: Sequence[Sequence[str]],
    *,
    size: float,
    head: float,
    row: float,
    gap: float = 0.0,
    total: Total | None = None,
) -> list[Unit]:
    """A framed list that breaks over pages with its heads repeated. head, row: mm; columns fill 167 mm."""
    table = ListTable(
        x=AT.left,
        columns=tuple(Column((one.head,), one.wide, "", one.align) for one in columns),
        rows=tuple(tuple(Entry(words) for words in one) for one in rows),
        size=size,
        row_high=row,
        total_high=row,
        total=total,
        head=head,
    )
    found = table_units(table)
    return [replace(found[0], gap=gap), *found[1:]]


# --- a comparison code ---------------------------------------------------------------------------------------------


def code_boxes(pen: Pen, top: float, digits: str, *, high: float = CODE_HIGH) -> None:
    """24 digits to be compared or read aloud: six groups of four in boxes from `top` mm, their numbers beneath."""
    for at, group in enumerate(grouped(digits).split()):
        pen.box(group_x(at), top, GROUP_WIDE, high, FRAME)
        y = top + high / 2 + UNDER_MIDDLE * 21 / MM
        pen.text(group_x(at) + GROUP_WIDE / 2, y, group, SANS_MEDIUM, 21, align=CENTRE, space=0.6)
    group_names(pen, top + high)


def group_x(at: int) -> float:
    """Left edge of the box of a group, from 0."""
    return AT.left + at * (GROUP_WIDE + (AT.wide - GROUPS * GROUP_WIDE) / (GROUPS - 1))


def group_names(pen: Pen, top: float) -> None:
    """第 1 组 … under the boxes."""
    for at in range(GROUPS):
        pen.text(group_x(at) + GROUP_WIDE / 2, top + 3.1, f"第 {at + 1} 组", SANS, 7.5, align=CENTRE, grey=SOFT)


# --- the end -------------------------------------------------------------------------------------------------------


def sign_and_seal(pen: Pen, top: float, signed: Signed | None, unit: str, day: date, last: tuple[str, str]) -> None:
    """The signature box from `top`, and right of it the seal's place over unit and day. Without signature the seal
    stands alone. last: the box's fifth line."""
    if signed is not None:
        parts.signature_box(pen, AT.left, top, "电子签名", signed, last)
    pen.text(SEAL_MIDDLE, top + 17.9, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
    size = 10.0
    while fonts.width(unit, SERIF, size) / MM > AT.right - AT.left - BOX_WIDE - 4 and size > text.SMALLEST:
        size -= text.STEP
    pen.text(SEAL_MIDDLE, top + 33.0, unit, SERIF, size, align=CENTRE)
    pen.text(SEAL_MIDDLE, top + 39.6, long_day(day), SERIF, 10, align=CENTRE)


def field_of(pen: Pen, top: float, signed: Signed | None) -> tuple[float, float, float, float]:
    """Where the PAdES field of that box goes; all 0 without one."""
    return (0, 0, 0, 0) if signed is None else pen.rectangle(AT.left, top, BOX_WIDE, BOX_HIGH)


def cut_line(pen: Pen, y: float, words: str) -> None:
    """沿虚线裁开, dashed from 10 mm to the edge less 10 mm, the words in the middle."""
    middle = pen.width / 2
    half = fonts.width(words, SANS, 8) / MM / 2 + 1.8
    pen.line(10, y, middle - half, y, dash="3 2")
    pen.text(middle, y + UNDER_MIDDLE * 8 / MM, words, SANS, 8, align=CENTRE, grey=SOFT)
    pen.line(middle + half, y, pen.width - 10, y, dash="3 2")


def hand_line(pen: Pen, x: float, y: float, label: str, wide: float, size: float = 10) -> None:
    """A label and a line of `wide` mm to write on behind it."""
    start = x + pen.text(x, y, label, SERIF, size) + 0.4
    pen.line(start, y + 1.0, start + wide, y + 1.0)


def day_by_hand(pen: Pen, x: float, y: float, label: str, *, before: int = 3) -> None:
    """日期：　　　年　　月　　日 for a pen. before: full-width spaces for the year."""
    pen.text(x, y, label + "\u3000" * before + "年\u3000\u3000月\u3000\u3000日", SERIF, 10)


# --- words ---------------------------------------------------------------------------------------------------------


def long_day(day: date) -> str:
    """2025 年 12 月 17 日."""
    return parts.long_date(f"{day:%Y-%m-%d}")


def short_day(day: date) -> str:
    """12 月 22 日."""
    return f"{day.month} 月 {day.day} 日"


def level(township: str) -> str:
    """镇 of 勐混镇人民政府: 镇, 乡 or 街道; 乡镇 where the name does not say."""
    return next((word for ending, word in LEVELS.items() if township.endswith(ending)), "乡镇")


def government(township: str) -> str:
    """镇政府, 乡政府, 街道办: what people call it."""
    word = level(township)
    return f"{word}办" if word == "街道" else f"{word}政府"


def is_community(office: str) -> bool:
    return office.endswith("居民委员会")


def seat(office: str) -> str:
    """村委会 or 居委会."""
    return "居委会" if is_community(office) else "村委会"


def place(office: str) -> str:
    """村 or 社区: 你村, 本社区."""
    return "社区" if is_community(office) else "村"


def phone_words(phone: str, *, masked: bool) -> str:
    return mask("phone", phone) if masked and phone else phone
