"""The parts of a printed form that are no table: head and foot, title, heading lines, notes, persons, signature, seal.

Places in mm as measured on the reference pages (print/png, print.md §1–§3); nothing here decides what is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from cunbao.paper import fonts, qr, text
from cunbao.paper.flow import Frame, Unit
from cunbao.paper.fonts import SANS, SANS_BOLD, SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.pen import CENTRE, MM, RIGHT, SEAL_GREY, SOFT, THIN, UNDER_MIDDLE, Pen
from cunbao.paper.sheet import Draft, ReturnSheet, Signed
from cunbao.survey.people import mask

NOTE, NOTE_LEAD, HANG = 9.0, 14 / MM, 4.4  # pt, mm, mm
SECTION = 10.0  # pt
BOX_WIDE, BOX_HIGH = 112.0, 42.0  # mm, signature box
BEIJING = "（北京时间）"
TO_BE_CONTINUED = "（续下页）"
COPY_LINE = "参阅件：个人信息已遮盖，不作为报表正本使用。"
VALID = (
    "本表已由填报单位用数字证书签名，内容一经改动，签名即失效。纸质件与电子件不一致的，以电子件为准；"
    "核对请扫码，或在“村报”打印中心输入验证码。"
)
MARKS = {"zero": "零报告", "correction": "更正", "late": "补报", "proxy": "代报"}


@dataclass(frozen=True, slots=True)
class Layout:
    """The fixed places of one orientation, mm. table: where the first page's table begins; again: on other pages."""

    left: float
    right: float
    head: float
    head_rule: float
    foot: float
    foot_rule: float
    title: float
    block: float
    line: float
    again_title: float
    again_line: float
    table: float
    again: float
    end: float
    persons: float
    box: float

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def frame(self) -> Frame:
        return Frame(first=self.table, others=self.again, end=self.end, foot=self.persons - 7)


PORTRAIT = Layout(
    left=25, right=192, head=13, head_rule=14.6, foot=286, foot_rule=282, title=26, block=34.6, line=51.6,
    again_title=26, again_line=33.5, table=53.8, again=36.4, end=272, persons=210.8, box=216.5,
)  # fmt: skip
LANDSCAPE = Layout(
    left=15, right=282, head=17, head_rule=18.6, foot=201, foot_rule=197, title=29.2, block=35.4, line=51.6,
    again_title=29.2, again_line=36.6, table=54.3, again=39.4, end=188.5, persons=138.4, box=143.8,
)  # fmt: skip


# --- head and foot -------------------------------------------------------------------------------------------------


def head(pen: Pen, at: Layout, left: str, right: str) -> None:
    pen.text(at.left, at.head, left, SANS, 8, grey=SOFT)
    pen.text(at.right, at.head, right, SANS, 8, align=RIGHT, grey=SOFT)
    pen.line(at.left, at.head_rule, at.right, at.head_rule, 0.25)


def foot(pen: Pen, at: Layout, left: str, page: int, pages: int, right: str) -> None:
    pen.line(at.left, at.foot_rule, at.right, at.foot_rule, 0.25)
    pen.text(at.left, at.foot, left, SANS, 8, grey=SOFT)
    pen.text((at.left + at.right) / 2, at.foot, f"第 {page} 页，共 {pages} 页", SANS, 8, align=CENTRE, grey=SOFT)
    pen.text(at.right, at.foot, right, SANS, 8, align=RIGHT, grey=SOFT)


# --- title and heading lines ---------------------------------------------------------------------------------------


def title(pen: Pen, at: Layout, words: str) -> None:
    size = 20 if len(words) <= 18 else 17
    pen.text((at.left + at.right) / 2, at.title, words, SERIF_BOLD, size, align=CENTRE, space=1)


def title_again(pen: Pen, at: Layout, words: str) -> None:
    pen.text((at.left + at.right) / 2, at.again_title, f"{words}（续）", SERIF_BOLD, 14, align=CENTRE, space=0.6)


def kind_mark(pen: Pen, at: Layout, words: str) -> None:
    """零报告 代报 更正 补报 in a heavy box, left beside the title, above the heading lines."""
    wide, top = 6.0 * len(words) + 6, at.title - 1
    pen.box(at.left, top, wide, 8, 1.2)
    pen.text(at.left + wide / 2, top + 4 + UNDER_MIDDLE * 13 / MM, words, SANS_BOLD, 13, align=CENTRE, space=2)


def form_block(pen: Pen, at: Layout, number: str, issuer: str, *, sort: str = "表") -> None:
    """表号, 制定机关 and the sentence about approval, right. sort: what the number is of, 表 or 汇."""
    third = "内部工作用表，未经统计审批"
    width = max(15.5 + fonts.width(f"：{issuer}", SERIF, 9) / MM, fonts.width(third, SERIF, 9) / MM)
    x = at.right - max(width, 47.0)
    for count, (name, value) in enumerate((("表号", f"村报 {number}{sort}"), ("制定机关", issuer))):
        pen.spread(x, at.block + 5 * count, name, 15.5)
        pen.text(x + 15.5, at.block + 5 * count, f"：{value}", SERIF, 9)
    pen.text(x, at.block + 10, third, SERIF, 9)


def office_lines(pen: Pen, at: Layout, code: str, township: str) -> None:
    """统计用区划代码 and 综合机关名称, left above the line with 填报单位."""
    pen.text(at.left, at.block + 5, f"统计用区划代码：{code}", SERIF, 10)
    pen.text(at.left, at.block + 10.4, f"综合机关名称：{township}", SERIF, 10)


def unit_line(pen: Pen, at: Layout, y: float, office: str, period: str, unit: str, *, label: str = "填报单位") -> None:
    """填报单位 left, period in the middle, 计量单位 right. A long name moves the period to the right."""
    size = 10.0
    office = f"{label}：{office}"
    right = f"计量单位：{unit}"
    left_end = at.left + fonts.width(office, SERIF, size) / MM
    half = fonts.width(period, SERIF, size) / MM / 2
    right_start = at.right - fonts.width(right, SERIF, size) / MM
    centre = (at.left + at.right) / 2
    if left_end + 3 > centre - half:
        centre = (left_end + right_start) / 2
    while left_end + 2 > centre - half and size > text.SMALLEST:
        size -= text.STEP
        left_end = at.left + fonts.width(office, SERIF, size) / MM
        half = fonts.width(period, SERIF, size) / MM / 2
        right_start = at.right - fonts.width(right, SERIF, size) / MM
        centre = (left_end + right_start) / 2
    pen.text(at.left, y, office, SERIF, size)
    pen.text(centre, y, period, SERIF, size, align=CENTRE)
    pen.text(at.right, y, right, SERIF, size, align=RIGHT)


def continued(pen: Pen, at: Layout, y: float) -> None:
    pen.text(at.right, y + 4.2, TO_BE_CONTINUED, SERIF, 9, align=RIGHT)


# --- notes ---------------------------------------------------------------------------------------------------------


def section_head(at: Layout, words: str, *, gap: float = 5.0, glued: bool = True) -> Unit:
    """A section's title; the next unit follows on the same page."""
    high = 4.4

    def draw(pen: Pen, top: float) -> None:
        pen.text(at.left, top + 3.4, words, SANS_MEDIUM, SECTION)

    return Unit(high, draw, gap=gap, glued=glued, section=True)


def note(at: Layout, number: str, words: str, *, hang: float = HANG, size: float = NOTE) -> Unit:
    """One numbered note with its later lines hanging."""
    lines = text.wrap(words, at.wide - hang, SERIF, size)

    def draw(pen: Pen, top: float) -> None:
        y = top + NOTE_LEAD / 2 + UNDER_MIDDLE * size / MM
        pen.text(at.left, y, number, SERIF, size)
        for count, line in enumerate(lines):
            pen.text(at.left + hang, y + count * NOTE_LEAD, line, SERIF, size)

    return Unit(len(lines) * NOTE_LEAD, draw)


def paragraph(at: Layout, words: str, *, size: float = 10.5, lead: float = 18 / MM, gap: float = 1.2) -> Unit:
    """Prose with its first line moved in by two characters."""
    inward = 2 * size / MM
    lines = text.wrap(words, at.wide, SERIF, size, first=at.wide - inward)

    def draw(pen: Pen, top: float) -> None:
        for count, line in enumerate(lines):
            y = top + count * lead + lead / 2 + UNDER_MIDDLE * size / MM
            pen.text(at.left + (0 if count else inward), y, line, SERIF, size)

    return Unit(len(lines) * lead, draw, gap=gap)


# --- persons, signature, seal --------------------------------------------------------------------------------------


def long_date(day: str) -> str:
    """2025 年 12 月 15 日 for 2025-12-15; a text that is no date stays."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.year} 年 {found.month} 月 {found.day} 日"


def persons(pen: Pen, at: Layout, sheet: ReturnSheet, *, masked: bool) -> None:
    ret = sheet.ret
    phone = mask("phone", ret.phone) if masked else ret.phone
    parts = [
        f"单位负责人：{text.spaced(ret.head)}",
        f"统计负责人：{text.spaced(ret.stat_head)}",
        f"填表人：{text.spaced(ret.filler)}",
        f"联系电话：{phone}",
    ]
    if pen.landscape:
        parts.append(f"报出日期：{reported_on(sheet)}")
    spread_line(pen, at, at.persons, parts)


def spread_line(pen: Pen, at: Layout, y: float, parts: Sequence[str]) -> None:
    """Short texts evenly spread over one line, smaller when they are too long."""
    size = 10.0
    while (rest := at.wide - sum(fonts.width(part, SERIF, size) / MM for part in parts)) < 4 * (len(parts) - 1):
        size -= text.STEP
        if size < text.SMALLEST:
            break
    x = at.left
    for part in parts:
        x += pen.text(x, y, part, SERIF, size) + max(rest, 0) / (len(parts) - 1)


def reported_on(sheet: ReturnSheet) -> str:
    if isinstance(sheet.stage, Draft):
        return "\u3000\u3000年\u3000\u3000月\u3000\u3000日"
    return long_date(sheet.ret.reported_on or f"{sheet.stage.signed_at:%Y-%m-%d}")


def signature(pen: Pen, at: Layout, sheet: ReturnSheet, stage: Signed, version: str) -> None:
    """The box of a return: of whoever filled it, or of the office that filled it for another."""
    proxy = sheet.kind == "proxy"
    unit = f"{stage.unit}（代{sheet.office.name}）" if sheet.proxy is not None else stage.unit
    words = "电子签名（代报）" if proxy else "电子签名"
    signature_box(pen, at.left, at.box, words, replace(stage, unit=unit), ("版次", version))


def signature_box(pen: Pen, x: float, y: float, words: str, stage: Signed, last: tuple[str, str]) -> None:
    """The box with QR, signer and code; it is page content, the PAdES field over it shows nothing. last: its fifth
    line, which says what the paper belongs to."""
    pen.box(x, y, BOX_WIDE, BOX_HIGH, 1)
    pen.text(x + 34, y + 6.4, words, SANS_BOLD, 11)
    approved = "（登记前）" if stage.before_enrolment else ""
    lines = (
        ("签名人", signed_by(stage) if stage.named else f"{signed_by(stage)}{OFFICE_SAYS}"),
        ("签名单位", stage.unit),
        ("证书编号", f"{stage.certificate_no}{approved}"),
        ("签名时间", f"{stage.signed_at:%Y-%m-%d %H:%M:%S}{BEIJING}"),
        last,
    )
    for count, (name, value) in enumerate(lines):
        line_y = y + 11.6 + 4.75 * count
        label = 4 * 9 / MM
        pen.spread(x + 34, line_y, name, label)
        size = 9.0
        while fonts.width(f"：{value}", SERIF, size) / MM > BOX_WIDE - 34 - label - 2 and size > text.SMALLEST:
            size -= text.STEP
        pen.text(x + 34 + label, line_y, f"：{value}", SERIF, size)
    pen.line(x + 34, y + 34.6, x + BOX_WIDE - 3.5, y + 34.6, THIN)
    pen.text(x + 34, y + 39.2, "验证码", SANS_MEDIUM, 9.5)
    pen.text(x + 47, y + 39.2, stage.code, SANS_MEDIUM, 11, space=0.3)
    qr.draw(pen, x + 3.5, y + 3.5, 26, stage.qr)
    pen.text(x + 16.5, y + 34, "扫码核对", SANS, 8, align=CENTRE)


OFFICE_SAYS = "，姓名由单位填写"  # the certificate is the computer's (protocol §4)


def signed_by(stage: Signed) -> str:
    """玉罕（镇审核员）."""
    return f"{stage.signer}（{stage.role}）" if stage.role else stage.signer


def draft_box(pen: Pen, at: Layout, stage: Draft) -> None:
    x, y, middle = at.left, at.box, at.left + BOX_WIDE / 2
    pen.box(x, y, BOX_WIDE, BOX_HIGH, 0.75, dash="3 2")
    pen.text(middle, y + 14.6, "草稿，未签名，不能作为报表报送", SANS_BOLD, 11, align=CENTRE)
    edited = f"{stage.edited_at:%Y-%m-%d %H:%M}" if stage.edited_at else "还没有填"
    lines = (
        f"检查结果：必须改正 {stage.must_fix} 处，需要说明 {stage.to_explain} 处",
        f"打印时间：{stage.printed_at:%Y-%m-%d %H:%M}\u3000\u3000最后改动：{edited}",
        "只供核对用，核对后请粉碎或交回填表人",
    )
    for count, line in enumerate(lines):
        pen.text(middle, y + 21.8 + 5.3 * count, line, SERIF, 9, align=CENTRE)


def seal(pen: Pen, at: Layout, words: str, day: str, *, label: str = "报出日期", dated: bool = False) -> None:
    """The free place for a seal, right of the box, 45 × 45 mm; the date below it on a portrait page, or where no line
    of persons has it (dated)."""
    middle = at.right - 23.5
    y = at.box + (BOX_HIGH / 2 - 2 if not pen.landscape else 19.5)
    pen.text(middle, y, words, SERIF, 10, align=CENTRE, grey=SEAL_GREY)
    if dated or not pen.landscape:
        pen.text(at.right - 1, at.box + 39.5, f"{label}：{day}", SERIF, 10, align=RIGHT)


def closing(pen: Pen, at: Layout, sentence: str, copy: str) -> None:
    """The sentence on validity, and on a masked copy what it is: under the box, or right of it on a landscape page."""
    x, y, wide = (at.left, at.box + BOX_HIGH + 5, at.wide) if not pen.landscape else (at.left + 118, at.box + 4.4, 84.0)
    for count, line in enumerate(text.wrap(sentence, wide, SERIF, NOTE) if sentence else ()):
        pen.text(x, y + count * NOTE_LEAD, line, SERIF, NOTE)
    if copy:
        pen.text(x, at.box + 30 if pen.landscape else at.foot_rule - 4, copy, SANS_MEDIUM, 9.5)


def labels(sections: Sequence[tuple[str, Sequence[Unit]]], at: Layout) -> list[Unit]:
    """Sections with their titles, those without content left out."""
    found: list[Unit] = []
    for words, units in sections:
        if units:
            found += (section_head(at, words), *units)
    return found
