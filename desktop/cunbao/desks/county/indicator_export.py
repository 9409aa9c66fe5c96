"""指标表 as a workbook: the whole plan in its own order, the same by township and by village, and 说明 of what counts.

Every figure has its numerator and denominator beside it as exact numbers, and each village the verification codes of
the returns that they come from, so that whoever reads it can add up and walk back by himself. No data of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from cunbao.desks import media
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import indicator_detail, indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import BoardView, IndicatorRow
from cunbao.desks.township.totals_book import Block, Page, Value, book
from cunbao.survey import codes, targets
from cunbao.survey.indicators import NoFigure
from cunbao.survey.task import Indicator

WHAT = "指标表"
UNREVIEWED = "含未审定"
SHEET_ROWS = 500_000  # Excel holds 1,048,576
_PLACES = 2


@dataclass(frozen=True, slots=True)
class Exported:
    """path: where it lies; sheets: names of its pages; rows: of the page by village."""

    path: Path
    size: int
    sheets: tuple[str, ...]
    rows: int


def export_name(desk: CountyDesk, plan: str, *, received: bool = False) -> str:
    """勐海县-2025年度-指标表-003-20251222.xlsx."""
    day = desk.clock().astimezone(LOCAL)
    words = f"{WHAT}（{UNREVIEWED}）" if received else WHAT
    return f"{desk.office.short}-{desk.task.period_title}-{words}-{plan}-{day:%Y%m%d}.xlsx"


def export_xlsx(desk: CountyDesk, path: Path, plan: str = "", *, received: bool = False) -> Exported:
    """Write the workbook of one plan. DeskError "plan.unknown", "disk.full", "folder.readonly", "medium.gone"; an
    earlier file of the same name stays until the new one is whole."""
    now = desk.clock()
    view = indicators.board(desk, plan, received=received, places=_PLACES)
    asked = [row.indicator for row in view.rows if row.indicator.numerator]
    by_village = list(_villages(desk, asked, received))
    pages = [
        _plan_page(desk, view),
        _township_page(desk, view, asked, received),
        *_village_pages(desk, view, by_village),
        _about_page(desk, view),
    ]
    data = book(
        pages,
        head=desk.full_name,
        foot=f"村报　{now.astimezone(LOCAL):%Y-%m-%d %H:%M} 导出",
        mark=UNREVIEWED if view.unreviewed else "",
        made=now,
    )
    if not desk.read_only:
        detail = {"file": path.name, "plan": view.plan, "unreviewed": view.unreviewed}
        desk.journal("export_indicators", **detail)
    media.write_file(path, data, what=WHAT)
    return Exported(path, len(data), tuple(one.name for one in pages), len(by_village))


# --- pages -----------------------------------------------------------------------------------------------------------

_PLAN_HEADS = (
    *("编号", "指标", "原文位置", "属性", "适用范围", "单位", "基期", "目标", "目标年"),
    *("本期", "分子合计", "分母合计", "算进", "适用", "缺报", "没填", "分母为零", "豁免", "达标单位", "上期"),
    *("结果", "差多少", "说明"),
)
_PLAN_PLACES = (*(None,) * 6, None, None, None, 2, 2, 4, 0, 0, 0, 0, 0, 0, None, None, None, None, None)


def _plan_page(desk: CountyDesk, view: BoardView) -> Page:
    rows = tuple(tuple(_plan_row(row)) for row in view.rows)
    return Page(
        name=WHAT,
        title=f"{view.plans[view.plan]}指标表",
        line=_line(desk, view),
        blocks=(Block(_PLAN_HEADS, rows, _PLAN_PLACES),),
        notes=_notes(view),
        fixed=2,
    )


def _plan_row(row: IndicatorRow) -> Iterator[Value]:
    one, found = row.indicator, row.total
    yield from (one.number, one.name, one.where, one.attribute, one.scope, row.unit or one.unit)
    yield from (row.base, row.target, one.target_year)
    if not one.numerator:
        yield from ("", "", "", *("",) * 6, "", "", row.verdict_words, "", row.why_not)
        return
    yield _figure(one, found.value)
    yield from (found.numerator, found.denominator if one.kind == "ratio" else "", found.counted, found.asked)
    yield from (found.left_out - found.unfilled, found.unfilled, found.zero, found.exempt)
    yield f"{found.meeting}／{found.judged}" if found.judged else "—"
    yield from (row.last, row.verdict_words, row.lacks, one.note)


def _township_page(desk: CountyDesk, view: BoardView, asked: Sequence[Indicator], received: bool) -> Page:
    names = {one.code: one.short for one in desk.townships}
    found = indicators.by_township(desk, asked, received=received)
    rows = tuple(
        (
            *(one.number, one.name, code, names.get(code, "")),
            *(total.numerator, total.denominator if one.kind == "ratio" else "", _figure(one, total.value)),
            *(targets.shown_unit(one), total.counted, total.asked),
            f"{total.meeting}／{total.judged}" if total.judged else "—",
        )
        for one in asked
        for code, total in found[one.number].items()
    )
    return Page(
        name="按乡镇",
        title="按乡镇",
        line=_line(desk, view),
        blocks=(
            Block(
                ("编号", "指标", "乡镇代码", "乡镇", "分子", "分母", "数值", "单位", "算进", "适用", "达标单位"),
                rows,
                (None, None, None, None, 2, 4, 2, None, 0, 0, None),
            ),
        ),
        fixed=4,
    )


def _villages(desk: CountyDesk, asked: Sequence[Indicator], received: bool) -> Iterator[tuple[Value, ...]]:
    """A line an indicator and village, in the plan's order."""
    words = {True: "是", False: "否", None: ""}
    for one in asked:
        for row in indicator_detail.detail(desk, one.number, received=received, places=_PLACES).offices:
            known = not row.why
            yield (
                *(one.number, one.name, row.office, row.name, row.township),
                *((row.above, row.below) if known or row.above or row.below else ("", "")),
                *(_figure(one, row.value, office=True) if known else "", targets.office_unit(one), words[row.met]),
                "，".join(filter(None, (row.why.value, row.reason))) or row.source,
                "；".join(f"{form} {codes.verification_code(name)}" for form, name in row.revisions.items()),
            )


_VILLAGE_HEADS = (
    *("编号", "指标", "村代码", "村", "乡镇", "分子", "分母", "数值", "单位", "达标", "来源或原因", "报表验证码"),
)
_VILLAGE_PLACES = (None, None, None, None, None, 2, 2, 2, None, None, None, None)


def _village_pages(desk: CountyDesk, view: BoardView, rows: Sequence[tuple[Value, ...]]) -> Iterator[Page]:
    for start in range(0, max(1, len(rows)), SHEET_ROWS):
        yield Page(
            name="按村" if len(rows) <= SHEET_ROWS else f"按村{start // SHEET_ROWS + 1}",
            title="按村",
            line=_line(desk, view),
            blocks=(Block(_VILLAGE_HEADS, tuple(rows[start : start + SHEET_ROWS]), _VILLAGE_PLACES),),
            fixed=4,
        )


def _about_page(desk: CountyDesk, view: BoardView) -> Page:
    task, now = desk.task, desk.clock().astimezone(LOCAL)
    told = (
        ("汇总单位", desk.full_name),
        ("规划", f"{view.plan} {view.plans[view.plan]}"),
        ("任务", f"{task.title}（第 {task.version} 版，{task.sha256[:12]}）"),
        ("报告期", task.period_title),
        ("数据截至", f"{now:%Y-%m-%d %H:%M}，{desk.person.name} 导出"),
        ("算法", "分子合计÷分母合计，不是各单位平均；“每个”的目标数达到的单位；存的是准确数，显示时才四舍五入。"),
        ("没有数的", "缺报、没填、分母为零、豁免的单位分子分母都不算，都不当 0；零报告是有签名的 0，照算。"),
        ("数据不全", "算得出的单位不到适用单位的一半，就不说达标不达标。"),
        ("单元格", "数字是数字格式；代码、名称、验证码都是文本格式，位数不会丢。"),
    )
    return Page(
        name="说明",
        title="说明",
        line=_line(desk, view),
        blocks=(Block(("", ""), told, (None, None)),),
        notes=_notes(view),
        plain=True,
    )


def _notes(view: BoardView) -> tuple[str, ...]:
    notes = []
    if not view.applies:
        notes.append("这份规划不适用于本县，只显示，不判达标。")
    if view.unreviewed:
        notes.append(f"含 {view.unreviewed} 个单位已接收、还没有审定的报表，审定以后数字可能变动。")
    return tuple(notes)


def _line(desk: CountyDesk, view: BoardView) -> str:
    return "　".join(
        (f"综合机关名称：{desk.full_name}", view.period_title, f"{view.accepted}／{view.villages} 个村已通过")
    )


def _figure(one: Indicator, value: Decimal | NoFigure, *, office: bool = False) -> Value:
    """As it is shown with two places, so that a cell never says more than paper; a ratio of heads as words."""
    if isinstance(value, NoFigure):
        return value.value
    if one.op == "ratio" and office:
        return targets.display(one, value, None, _PLACES, office=True)
    return value.quantize(Decimal(1).scaleb(-_PLACES), ROUND_HALF_UP)
