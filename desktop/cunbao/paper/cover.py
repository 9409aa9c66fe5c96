"""The cover of a printed volume: what lies in it, office by office, and on which page each begins; and the sheet that
stands before one village's returns.

Townships and offices with dotted leaders and page numbers, what is special about an office in brackets; an office
without a return shows —. A list that is too long goes on on further pages. Source: print.md §4, §7; picture 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import flow, fonts, parts, qr, text
from cunbao.paper.flow import Frame
from cunbao.paper.fonts import SANS, SANS_BOLD, SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.letter import ListColumn, fact_units, list_units
from cunbao.paper.parts import PORTRAIT
from cunbao.paper.pen import CENTRE, FRAME, MM, RIGHT, SEAL_GREY, SOFT, Pen
from cunbao.paper.table import Align

AT = PORTRAIT
COLUMN = 79.0  # mm; two columns, 9 mm between
COLUMNS = (AT.left, AT.right - COLUMN)
LIST_TOP, LIST_END, NOTES_TOP, NOTES_END = 92.8, 234.0, 178.8, 236.0  # mm, first page
FACTS_TOP = 61.9
MORE_TOP, MORE_END = 37.0, 276.0  # mm, pages after it
PITCH, TIGHT = 8.16, 5.6  # mm a line
BEFORE_TOWNSHIP = 2.9  # mm more
INDENT = 5.0
NAME, MARK, PAGE = 10.5, 9.0, 10.5  # pt
DOT = 0.95  # mm from dot to dot
LEAST_DOTS = 4.0  # mm of leader that always stand
NOTES = (
    "每个单位的报表按表号排列，起页就是目录所列页码；本册页码连续编排，印在页脚下方中间。",
    "“—”表示没有可打印的报表。",
    "本册含个人信息，只供内部工作使用；借阅登记，销毁用碎纸机。",
    "更正的报表放在原表前面，原表印“已更正”；还没审核通过的印“未审定”。",
)


@dataclass(frozen=True, slots=True)
class CoverLine:
    """One line of the list. mark: what stands in brackets behind the name, "" nothing; page: where it begins in the
    volume, None for an office without a return; head: a township, whose offices follow."""

    name: str
    page: int | None
    mark: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class CoverSheet:
    """One volume. place: 勐海县 2025 年度; title: …汇编; units, returns, checked: the three facts in words; printed_at:
    local; code: of what lies in the volume; pages: of the whole volume, these among them; number: 汇编 2025-02."""

    place: str
    title: str
    volume: int
    volumes: int
    townships: tuple[str, ...]
    units: str
    returns: str
    checked: str
    lines: tuple[CoverLine, ...]
    pages: int
    number: str
    issuer: str
    person: str
    printed_at: datetime
    code: str
    qr: str


def cover_pages(lines: Sequence[CoverLine]) -> int:
    """How many pages the list takes: known before the page numbers in it are."""
    return max(at.page for at in _places(lines)[0]) + 1 if lines else 1


def draw_cover(sheet: CoverSheet) -> bytes:
    """The cover as PDF: one page, more when the list is long."""
    pen = Pen(landscape=False, title=f"{sheet.title}第 {sheet.volume} 册", author=sheet.issuer, when=sheet.printed_at)
    pages = cover_pages(sheet.lines)
    places, pitch = _places(sheet.lines)
    for number in range(pages):
        parts.head(pen, AT, f"{sheet.issuer} 打印中心", sheet.number)
        if number == 0:
            _first(pen, sheet)
        else:
            parts.title_again(pen, AT, "目录")
        for place, line in zip(places, sheet.lines, strict=True):
            if place.page == number:
                _entry(pen, place, line, pitch)
        day = f"{sheet.printed_at:%Y-%m-%d}"
        parts.foot(pen, AT, f"验证码 {sheet.code}", number + 1, sheet.pages, f"第 {sheet.volume} 册 · {day}")
        if number + 1 < pages:
            pen.next_page()
    return pen.finish()


def _first(pen: Pen, sheet: CoverSheet) -> None:
    middle = (AT.left + AT.right) / 2
    pen.text(middle, 32.4, sheet.place, SERIF_BOLD, 18, align=CENTRE, space=2)
    size = 24.0
    while fonts.width(sheet.title, SERIF_BOLD, size) / MM + len(sheet.title) * 0.7 > AT.wide and size > 14:
        size -= 1
    pen.text(middle, 44.8, sheet.title, SERIF_BOLD, size, align=CENTRE, space=2)
    _townships(pen, middle, sheet)
    wides = (18.0, 58.2, 18.3, AT.wide - 94.5)
    facts = (
        (("单位", sheet.units), ("报表", sheet.returns)),
        (("页数", f"本册 {sheet.pages} 页（含本页）"), ("核验", sheet.checked)),
    )
    top = FACTS_TOP
    for unit in fact_units(facts, wides, 8.4):
        unit.draw(pen, top)
        top += unit.high
    pen.box(AT.left, FACTS_TOP, AT.wide, top - FACTS_TOP, FRAME)
    pen.text(middle, top + 11.0, "目\u3000录", SANS_BOLD, 15, align=CENTRE)
    _notes(pen)
    _signature(pen, sheet)


def _townships(pen: Pen, middle: float, sheet: CoverSheet) -> None:
    """第 2 册（共 4 册）　打洛镇、勐混镇: smaller where many townships are in it, and named by number at worst."""
    which = f"第 {sheet.volume} 册（共 {sheet.volumes} 册）"
    words = f"{which}\u3000{'、'.join(sheet.townships)}"
    size = 12.5
    while fonts.width(words, SERIF, size) / MM > AT.wide and size > 9:
        size -= text.STEP
    if fonts.width(words, SERIF, size) / MM > AT.wide:
        words = f"{which}\u3000{sheet.townships[0]}等 {len(sheet.townships)} 个乡镇"
    pen.text(middle, 54.8, words, SERIF, size, align=CENTRE)


def _notes(pen: Pen) -> None:
    left = COLUMNS[1]
    y = NOTES_TOP + 5.6
    pen.text(left + 3, y, "使用说明", SANS_MEDIUM, 9.5)
    for number, words in enumerate(NOTES, 1):
        for count, line in enumerate(text.wrap(words, COLUMN - 6 - 5, SERIF, 9)):
            y += 4.9
            if count == 0:
                pen.text(left + 3, y, f"{number}.", SERIF, 9)
            pen.text(left + 8, y, line, SERIF, 9)
    pen.box(left, NOTES_TOP, COLUMN, min(y + 3 - NOTES_TOP, NOTES_END - NOTES_TOP))


def _signature(pen: Pen, sheet: CoverSheet) -> None:
    qr.draw(pen, AT.left, 242.0, 24.0, sheet.qr)
    facts = (
        ("打印机关", sheet.issuer),
        ("打印时间", f"{sheet.printed_at:%Y-%m-%d %H:%M}"),
        ("打印人", sheet.person),
        ("验证码", sheet.code),
    )
    for count, (name, value) in enumerate(facts):
        y = 246.4 + 6.0 * count
        pen.spread(AT.left + 29, y, name, 16.5, size=10)
        pen.text(AT.left + 45.6, y, f"：{value}", SERIF, 10)
    pen.text(169, 258.4, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line stands: its page from 0, left edge and baseline, mm."""

    page: int
    x: float
    y: float


def _places(lines: Sequence[CoverLine]) -> tuple[list[_Place], float]:
    """Where each line stands, and the pitch: wide when all fit so on the first page, else tight."""
    found = _flow(lines, PITCH)
    if found and found[-1].page > 0:
        return _flow(lines, TIGHT), TIGHT
    return found, PITCH


def _flow(lines: Sequence[CoverLine], pitch: float) -> list[_Place]:
    """Down the left column, then the right, then on: a township never stands alone at the foot of a column."""
    found: list[_Place] = []
    page = column = 0
    y = LIST_TOP
    for number, line in enumerate(lines):
        end = _column_end(page, column)
        top = MORE_TOP if page else LIST_TOP
        lead = pitch + (BEFORE_TOWNSHIP if line.head and y > top else 0)
        follows = pitch if line.head and number + 1 < len(lines) and not lines[number + 1].head else 0
        if y + lead + follows > end:
            page, column = (page, 1) if column == 0 else (page + 1, 0)
            y, lead = (MORE_TOP if page else LIST_TOP), pitch
        y += lead
        found.append(_Place(page, COLUMNS[column], y))
    return found


def _column_end(page: int, column: int) -> float:
    if page:
        return MORE_END
    return NOTES_TOP - 3 if column else LIST_END


def _entry(pen: Pen, place: _Place, line: CoverLine, pitch: float) -> None:
    face = SANS_MEDIUM if line.head else SERIF
    x = place.x + (0 if line.head else INDENT)
    end = place.x + COLUMN
    shown = "—" if line.page is None else str(line.page)
    shown_wide = fonts.width(shown, SERIF, PAGE) / MM
    mark = f"（{line.mark}）" if line.mark else ""
    size, mark_size = NAME if pitch == PITCH else NAME - 1, MARK if pitch == PITCH else MARK - 1
    room = end - x - shown_wide - LEAST_DOTS - 3

    def needed() -> float:
        return (fonts.width(line.name, face, size) + fonts.width(mark, SERIF, mark_size)) / MM

    while needed() > room and size > text.SMALLEST:
        size, mark_size = size - text.STEP, max(mark_size - text.STEP, text.SMALLEST)
    x += pen.text(x, place.y, line.name, face, size) + 0.6
    if mark:
        x += pen.text(x, place.y, mark, SERIF, mark_size)
    pen.text(end, place.y, shown, SERIF, PAGE, align=RIGHT)
    dots = int((end - shown_wide - 2.4 - x - 1.2) / DOT)
    if dots > 0:
        start = end - shown_wide - 2.4 - dots * DOT
        pen.text(start, place.y, "." * dots, SERIF, 7, space=DOT * MM - fonts.width(".", SERIF, 7))


# --- one village -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DividerSheet:
    """The sheet before one office's returns. rows: (form, version and marks, pages, where it begins in the volume)."""

    office: str
    township: str
    code: str
    place: str
    issuer: str
    printed_at: datetime
    rows: tuple[tuple[str, str, str, str], ...]


def draw_divider(sheet: DividerSheet) -> bytes:
    """One page: whose returns follow, and which."""
    pen = Pen(landscape=False, title=f"{sheet.office}报表封面", author=sheet.issuer, when=sheet.printed_at)
    middle = (AT.left + AT.right) / 2
    parts.head(pen, AT, f"{sheet.issuer} 打印中心", sheet.code)
    pen.text(middle, 62.0, sheet.place, SERIF_BOLD, 15, align=CENTRE, space=1)
    size = 26.0
    while fonts.width(sheet.office, SERIF_BOLD, size) / MM + len(sheet.office) * 0.7 > AT.wide and size > 14:
        size -= 1
    pen.text(middle, 78.0, sheet.office, SERIF_BOLD, size, align=CENTRE, space=2)
    pen.text(middle, 89.0, sheet.township, SERIF, 12.5, align=CENTRE)
    columns = (
        ListColumn("报表", 79, Align.LEFT),
        ListColumn("版本", 46),
        ListColumn("页数", 21),
        ListColumn("本册起页", 21),
    )
    units = list_units(columns, sheet.rows, size=10, head=8, row=8)
    (placed, *_) = flow.paginate(units, Frame(first=104.0, others=104.0, end=AT.foot_rule - 8, foot=AT.foot_rule - 8))
    flow.draw(pen, placed)
    last, top = placed[-1]
    pen.text(AT.right, top + last.high + 7, f"共 {len(sheet.rows)} 张", SERIF, 10, align=RIGHT)
    pen.line(AT.left, AT.foot_rule, AT.right, AT.foot_rule, 0.25)
    pen.text(AT.left, AT.foot, "本页是封面，不是报表", SANS, 8, grey=SOFT)
    pen.text(AT.right, AT.foot, f"{sheet.printed_at:%Y-%m-%d}", SANS, 8, align=RIGHT, grey=SOFT)
    return pen.finish()
