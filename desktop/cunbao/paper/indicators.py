"""指标表 (13): a plan's indicators against their targets, and charts by township as horizontal bars.

A table as in yearbooks, with open sides; bars at or over the target are grey, others white, the target a dashed line,
and every value stands beside its bar, so that nothing depends on tone. Every figure comes in finished; nothing is added
up here. Source: print.md §3 (5), §4; picture 13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from cunbao.paper import flow, fonts, letter, parts, qr, text
from cunbao.paper.body import STEMS, table_units
from cunbao.paper.flow import Frame, Unit
from cunbao.paper.fonts import SANS, SANS_MEDIUM, SERIF, SERIF_BOLD
from cunbao.paper.parts import BEIJING, PORTRAIT
from cunbao.paper.pen import CENTRE, MM, RIGHT, SEAL_GREY, THIN, UNDER_MIDDLE, Pen
from cunbao.paper.sheet import Drawn, Signed
from cunbao.paper.table import CODE_HIGH, HEAD, HEAD_HIGH, Align, Column, Entry, block
from cunbao.paper.totals import NOTE, NOTE_GAP, NOTE_LEAD, OpenTable

AT = PORTRAIT
PLAN_AT, OFFICE_AT, FIRST, AGAIN = 33.7, 39.7, 43.2, 36.4  # mm
ROW = 9.2  # mm
SIGN_TOP, SIGN_SIDE = 250.8, 22.0  # mm
FOOT, END = 247.0, 274.0  # mm: where the last page's end begins; where the others end
SIZE = 10.0
# a chart, mm: place of its names, axis and columns of figures; heights
NAMES_END, AXIS, AXIS_END, VALUES_END, UNITS_AT = 60.0, 62.0, 152.2, 172.0, 182.0
CAPTION, SCALE, STEP, BAR, LEGEND = 10.0, 6.5, 5.7, 3.65, 8.0
MOST_BARS = 26  # of one chart; more go on in another
FILLED = 0.35  # 65 % grey
TARGET_LINE = 1.1  # pt
TICKS = 4


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator. base, target, actual: as they are shown, "—", "…" or "／" where there is none; met: 是, 否, —;
    meeting: 63／101."""

    name: str
    unit: str
    base: str
    target: str
    actual: str
    met: str
    meeting: str


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One township. value: on the axis, None = no bar; shown, meeting: printed beside it; met: None = no judgement."""

    name: str
    value: float | None
    shown: str
    meeting: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Chart:
    """title: 各乡镇每百户居民拥有社区综合服务设施面积（平方米）; target: None = no line; end: of the axis; told: what
    stands under it."""

    title: str
    bars: tuple[ChartBar, ...]
    target: float | None
    target_words: str
    end: float
    told: str


@dataclass(frozen=True, slots=True)
class IndicatorSheet:
    """A plan's table ready for paper.

    title: “十四五”城乡社区服务体系建设指标完成情况; plan: its title; year, base_year, target_year: for the heads;
    office_name: 勐海县民政局; county: 勐海县; counted: 应报 105 个，已计入 101 个; as_of: local; number: of this table
    this period; mark: 含未审定, "" none; signed None: no QR, no code."""

    title: str
    plan: str
    year: str
    base_year: str
    target_year: str
    office_name: str
    office_code: str
    county: str
    counted: str
    lines: tuple[IndicatorLine, ...]
    notes: tuple[str, ...]
    charts: tuple[Chart, ...]
    as_of: datetime
    number: int = 1
    mark: str = ""
    signed: Signed | None = None


class _Actual(Entry):
    """The figure that the table is about."""

    @property
    def face(self) -> str:
        return SERIF_BOLD


class _Plan(OpenTable):
    """Heads stand in the lines in which they are written."""

    @property
    def head_high(self) -> float:
        return HEAD_HIGH + CODE_HIGH

    def _head_cell(self, pen: Pen, x1: float, x2: float, y1: float, y2: float, words: str) -> None:
        block(pen, text.Fitted(tuple(words.split("\n")), HEAD), (x1 + x2) / 2, (y1 + y2) / 2, SANS_MEDIUM)


def draw_indicators(sheet: IndicatorSheet) -> Drawn:
    """The pages of a plan's table with its charts. PaperError "paper.character", "paper.too_high"."""
    when = sheet.signed.signed_at if sheet.signed is not None else sheet.as_of
    pen = Pen(
        landscape=False, title=f"{sheet.title}，{sheet.county}，{sheet.year}年", author=sheet.office_name, when=when
    )
    units = [*table_units(_table(sheet)), *_notes(sheet)]
    for count, chart in enumerate(sheet.charts, 1):
        units += _chart_units(chart, count)
    pages = flow.paginate(units, Frame(FIRST, AGAIN, END, FOOT))
    for number, placed in enumerate(pages):
        _top(pen, sheet, first=number == 0)
        flow.draw(pen, placed)
        last = number + 1 == len(pages)
        if last:
            _end(pen, sheet)
        elif placed and placed[-1][0].head is not None:
            parts.continued(pen, AT, placed[-1][1] + placed[-1][0].high)
        left = f"验证码 {sheet.signed.code}" if sheet.signed is not None else letter.UNSIGNED
        parts.foot(pen, AT, left, number + 1, len(pages), f"指标表 {sheet.number} · {when:%Y-%m-%d}")
        if not last:
            pen.next_page()
    box = pen.rectangle(AT.left, SIGN_TOP, 112.0, SIGN_SIDE) if sheet.signed is not None else (0.0, 0.0, 0.0, 0.0)
    return Drawn(pdf=pen.finish(), pages=len(pages), box_page=len(pages) - 1, box=box)


def _top(pen: Pen, sheet: IndicatorSheet, *, first: bool) -> None:
    mark = f"{sheet.mark} · " if sheet.mark else ""
    code = sheet.office_code.removesuffix("000").removesuffix("000")
    parts.head(pen, AT, f"{sheet.county}规划指标监测", f"{mark}指标表 · {code}")
    if not first:
        parts.title_again(pen, AT, sheet.title)
        return
    parts.title(pen, AT, sheet.title)
    pen.text(AT.left, PLAN_AT, f"规划：{sheet.plan}", SERIF, 10)
    pen.text(AT.right, PLAN_AT, "内部工作用表，未经统计审批", SERIF, 9, align=RIGHT)
    pen.text(AT.left, OFFICE_AT, f"综合机关名称：{sheet.office_name}", SERIF, 10)
    pen.text((AT.left + AT.right) / 2, OFFICE_AT, f"{sheet.year} 年", SERIF, 10, align=CENTRE)
    pen.text(AT.right, OFFICE_AT, sheet.counted, SERIF, 10, align=RIGHT)


def _table(sheet: IndicatorSheet) -> OpenTable:
    base = f"{sheet.base_year} 年\n基期" if sheet.base_year else "基期"
    target = f"{sheet.target_year} 年\n目标" if sheet.target_year else "目标"
    columns = (
        Column(("序号",), 10.0, STEMS[0], Align.CENTRE),
        Column(("指标",), 60.0, STEMS[1], Align.LEFT),
        Column(("单位",), 16.5, STEMS[2], Align.CENTRE),
        Column((base,), 16.0, "1", Align.NUMBER),
        Column((target,), 18.0, "2", Align.NUMBER),
        Column((f"{sheet.year} 年\n实际",), 18.0, "3", Align.NUMBER),
        Column(("是否\n达标",), 12.0, "4", Align.CENTRE),
        Column(("达标单位",), 16.5, "5", Align.CENTRE),
    )
    rows = tuple(
        (
            *(Entry(str(at)), Entry(one.name), Entry(one.unit), Entry(one.base), Entry(one.target)),
            *(_Actual(one.actual), Entry(one.met, strong=one.met == "否"), Entry(one.meeting)),
        )
        for at, one in enumerate(sheet.lines, 1)
    )
    return _Plan(AT.left, columns, rows, SIZE, ROW, 0.0)


def _notes(sheet: IndicatorSheet) -> list[Unit]:
    lines = [line for told in sheet.notes for line in text.wrap(told, AT.wide, SERIF, NOTE)]
    if not lines:
        return []
    units = [Unit(NOTE_LEAD, partial(_line, line)) for line in lines]
    return [replace(units[0], gap=NOTE_GAP, section=True), *units[1:]]


def _line(words: str, pen: Pen, top: float) -> None:
    pen.text(AT.left, top + NOTE_LEAD / 2 + UNDER_MIDDLE * NOTE / MM, words, SERIF, NOTE)


# --- charts ----------------------------------------------------------------------------------------------------------


def _chart_units(chart: Chart, number: int) -> list[Unit]:
    """The chart as one piece that is not split (in several when it has many bars), and the sentence under it."""
    units = []
    for start in range(0, len(chart.bars), MOST_BARS):
        bars = chart.bars[start : start + MOST_BARS]
        title = f"图 {number}\u3000{chart.title}" + ("（续）" if start else "")
        high = CAPTION + SCALE + STEP * len(bars) + LEGEND
        last = start + MOST_BARS >= len(chart.bars)
        glued = last and bool(chart.told)
        units.append(Unit(high, partial(_chart, chart, bars, title), gap=6.0, section=True, glued=glued))
    told = [Unit(NOTE_LEAD, partial(_line, line)) for line in text.wrap(chart.told, AT.wide, SERIF, NOTE)]
    return [*units, *(replace(one, glued=at + 1 < len(told)) for at, one in enumerate(told))]


def _chart(chart: Chart, bars: Sequence[ChartBar], title: str, pen: Pen, top: float) -> None:
    pen.text(AT.left, top + 4.0, title, SANS_MEDIUM, 11)
    first = top + CAPTION + SCALE
    bottom = first + STEP * len(bars)
    for tick, words in _ticks(chart.end):
        x = _x(chart, tick)
        pen.text(x, first - 2.4, words, SANS, 8, align=CENTRE)
        pen.line(x, first - 0.8, x, bottom, 0.35, grey=0.55)
    pen.text(VALUES_END, first - 2.4, "数值", SANS, 8, align=RIGHT)
    pen.text(UNITS_AT, first - 2.4, "达标单位", SANS, 8, align=CENTRE)
    middles = [first + STEP * (at + 0.5) for at in range(len(bars))]
    _bars(chart, bars, middles, pen)
    for bar, middle in zip(bars, middles, strict=True):
        y = middle + UNDER_MIDDLE * 9 / MM
        pen.text(NAMES_END, y, bar.name, SERIF, _fitting(bar.name), align=RIGHT)
        pen.text(VALUES_END, y, bar.shown, SERIF, 9.5, align=RIGHT)
        pen.text(UNITS_AT, y, bar.meeting, SERIF, 9.5, align=CENTRE)
    pen.line(AXIS, first - 0.8, AXIS, bottom, THIN)
    if chart.target is not None:
        x = _x(chart, chart.target)
        pen.line(x, first - 0.8, x, bottom + 0.8, TARGET_LINE, dash="3 2")
        pen.text(x, bottom + 4.6, chart.target_words, SANS_MEDIUM, 8.5, align=CENTRE)
    _legend(chart, bottom + 2.6, pen)


def _bars(chart: Chart, bars: Sequence[ChartBar], middles: Sequence[float], pen: Pen) -> None:
    for bar, middle in zip(bars, middles, strict=True):
        if bar.value is None:
            continue
        wide = max(_x(chart, bar.value) - AXIS, 0.2)
        if bar.met is not False:
            pen.blocks([(AXIS, middle - BAR / 2, wide, BAR)], grey=FILLED)
        else:
            pen.blocks([(AXIS, middle - BAR / 2, wide, BAR)], grey=1.0)  # over the lines of the scale
        pen.box(AXIS, middle - BAR / 2, wide, BAR, THIN)


def _legend(chart: Chart, top: float, pen: Pen) -> None:
    if all(bar.met is None for bar in chart.bars):
        return
    x = AXIS
    for words, grey in (("达标", FILLED), ("未达标", 1.0)):
        pen.blocks([(x, top, 5.4, 2.6)], grey=grey)
        pen.box(x, top, 5.4, 2.6, THIN)
        x += 6.6 + pen.text(x + 6.6, top + 2.1, words, SANS, 8) + 3.0


def _x(chart: Chart, value: float) -> float:
    return AXIS + (AXIS_END - AXIS) * min(max(value / chart.end, 0.0), 1.0)


def _ticks(end: float) -> list[tuple[float, str]]:
    return [(end * at / TICKS, f"{end * at / TICKS:g}") for at in range(TICKS + 1)]


def _fitting(name: str) -> float:
    """Size in which a long name fits left of the axis, pt."""
    size = 9.5
    while fonts.width(name, SERIF, size) / MM > NAMES_END - AT.left and size > text.SMALLEST:
        size -= text.STEP
    return size


def _end(pen: Pen, sheet: IndicatorSheet) -> None:
    """QR and four lines at the left, the seal over unit and day at the right."""
    signed = sheet.signed
    when = signed.signed_at if signed is not None else sheet.as_of
    pen.text(165.4, SIGN_TOP + 5.0, "（公\u3000章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
    pen.text(165.4, SIGN_TOP + 13.8, sheet.office_name, SERIF, 10, align=CENTRE)
    pen.text(165.4, SIGN_TOP + 20.4, parts.long_date(f"{when:%Y-%m-%d}"), SERIF, 10, align=CENTRE)
    if signed is None:
        return
    qr.draw(pen, AT.left, SIGN_TOP, SIGN_SIDE, signed.qr)
    lines = (
        ("签名人", parts.signed_by(signed)),
        ("签名时间", f"{signed.signed_at:%Y-%m-%d %H:%M:%S}{BEIJING}"),
        ("数据截至", f"{sheet.as_of:%Y-%m-%d %H:%M}"),
        ("验证码", signed.code),
    )
    for count, (name, value) in enumerate(lines):
        y = SIGN_TOP + 4.0 + 5.6 * count
        pen.spread(AT.left + 27, y, name, 15.5)
        pen.text(AT.left + 42.5, y, f"：{value}", SERIF, 9)
