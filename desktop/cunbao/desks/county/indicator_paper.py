"""指标表 on paper: the figures of the screen with charts by township, numbered and signed by the county; and the list
of villages that fall short, for whoever has to act. Source: print.md §3 (5), §4, §5; picture 13.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import media
from cunbao.desks.clock import LOCAL
from cunbao.desks.county import indicator_detail, indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import BoardView, DetailView, Group, IndicatorRow, OfficeRow
from cunbao.desks.stamps import stamp
from cunbao.errors import DeskError
from cunbao.survey import targets
from cunbao.survey.indicators import NoFigure, alone
from cunbao.survey.targets import Verdict
from cunbao.survey.values import Ret

if TYPE_CHECKING:
    from cunbao.paper import Drawn, TotalsSheet
    from cunbao.paper.indicators import Chart, IndicatorLine, IndicatorSheet

UNREVIEWED = "含未审定"
_PLACES = 2
_MET = {Verdict.MET: "是", Verdict.NOT_MET: "否"}
_WHOSE = re.compile(r"^.*?(?=“十)")
NAMED = 12  # villages or townships that a sentence names; more are counted


def pages(
    desk: CountyDesk, plan: str = "", *, group: Group = Group.MAIN, chart: str = "", received: bool = False
) -> Drawn:
    """One group of a plan on paper, journalled. chart: number of the indicator that is drawn by township; without one
    the first that is not reached. DeskError "plan.unknown"."""
    from cunbao.paper.indicators import draw_indicators

    view = indicators.board(desk, plan, received=received, places=_PLACES)
    rows = view.of(group)
    with desk.workspace.atomic():
        sheet = _sheet(desk, view, rows, _charted(rows, chart), group)
        if not desk.read_only:
            desk.journal("print_indicators", plan=view.plan, number=sheet.number, unreviewed=view.unreviewed)
    return draw_indicators(sheet)


def write_pdf(
    desk: CountyDesk,
    path: Path,
    plan: str = "",
    *,
    group: Group | None = None,
    chart: str = "",
    received: bool = False,
) -> Drawn:
    """The same into a file. group: None for the first of the plan that has rows. DeskError as of `pages`, "disk.full",
    "folder.readonly", "medium.gone"; an earlier file of that name stays until the new one is whole."""
    view = indicators.board(desk, plan, received=received, places=_PLACES)
    first = next((one for one in Group if view.of(one)), Group.MAIN)
    drawn = pages(desk, view.plan, group=group or first, chart=chart, received=received)
    media.write_file(path, drawn.pdf, what="指标表")
    return drawn


def _charted(rows: Sequence[IndicatorRow], chosen: str) -> IndicatorRow | None:
    """The row to be drawn: the chosen one, else the first that is not reached, else the first that has bars."""
    may = [row for row in rows if row.fill is not None]
    wanted = [row for row in may if row.indicator.number == chosen]
    short = [row for row in may if row.verdict is Verdict.NOT_MET]
    return next(iter((*wanted, *short, *may)), None)


def _sheet(
    desk: CountyDesk, view: BoardView, rows: Sequence[IndicatorRow], charted: IndicatorRow | None, group: Group
) -> IndicatorSheet:
    from cunbao.paper.indicators import IndicatorSheet

    lines = tuple(_line(row) for row in rows)
    detail = None
    if charted is not None:
        detail = indicator_detail.detail(desk, charted.indicator.number, received=view.received, places=_PLACES)
    charts = () if detail is None else (_chart(detail),)
    title = _WHOSE.sub("", view.plans[view.plan]).removesuffix("规划")
    sheet = IndicatorSheet(
        title=f"{title}指标完成情况" if group is Group.MAIN else f"{title}{group.value}",
        plan=view.plans[view.plan],
        year=view.year,
        base_year=_one_year(row.indicator.base_year for row in rows if row.indicator.base is not None),
        target_year=_one_year(row.indicator.target_year for row in rows),
        office_name=desk.full_name,
        office_code=desk.office.code,
        county=desk.office.short,
        counted=f"应报 {view.villages} 个，已计入 {view.accepted} 个",
        lines=lines,
        notes=tuple(_notes(view, rows)),
        charts=charts,
        as_of=desk.clock().astimezone(LOCAL),
        mark=UNREVIEWED if view.unreviewed else "",
    )
    said = {
        "plan": view.plan,
        "group": group.name,
        "unreviewed": view.unreviewed,
        "lines": [[one.name, one.target, one.actual, one.met, one.meeting] for one in lines],
        "bars": [[bar.name, bar.shown, bar.meeting] for one in charts for bar in one.bars],
    }
    made = stamp(
        desk, "indicators", f"{view.plan}/{group.name}", said, qr=("I", (desk.office.code, view.plan, view.year))
    )
    return replace(sheet, as_of=made.at, number=made.order, signed=made.signed)


def _one_year(years: object) -> str:
    """The year where all have the same, else ""."""
    found = sorted({str(one) for one in years})  # type: ignore[attr-defined]
    return found[0] if len(found) == 1 else ""


def _line(row: IndicatorRow) -> IndicatorLine:
    from cunbao.paper.indicators import IndicatorLine

    one, found = row.indicator, row.total
    judged = bool(found.judged) and bool(one.numerator) and row.verdict is not Verdict.ELSEWHERE
    return IndicatorLine(
        name=one.name,
        unit="单位数%" if alone(one) and one.judged else one.unit,
        base="—" if one.base is None else targets.fixed(one.base, _PLACES),
        target=_target(row),
        actual=_actual(row),
        met=_MET.get(row.verdict, "—"),
        meeting=f"{found.meeting}／{found.judged}" if judged else "／" if found.counted else "…",
    )


def _target(row: IndicatorRow) -> str:
    one = row.indicator
    if one.target is None or one.target_high is not None or alone(one):
        return row.target.replace(" ", "") or "—"
    if one.kind in ("count", "distinct"):
        return targets.plain(one.target)
    return targets.fixed(one.target, _PLACES)


def _actual(row: IndicatorRow) -> str:
    if not row.indicator.numerator:
        return "—"
    return row.total.value.value if isinstance(row.total.value, NoFigure) else row.shown


def _notes(view: BoardView, rows: Sequence[IndicatorRow]) -> list[str]:
    said = ["合计按分子合计÷分母合计计算，不是各村平均；“每个”的目标数达到的单位。"
            "达标单位＝达到目标的单位数／能判的单位数。"]  # fmt: skip
    thin = [str(at) for at, row in enumerate(rows, 1) if row.verdict is Verdict.THIN]
    if thin:
        said[0] += f"第 {'、'.join(thin)} 项算得出的不到适用单位的一半，不判达标。"
    said[0] += "“…”没有可计入的数；“／”不逐个单位评价；“—”没有基期值、不判达标或报表答不了。"
    left = max((row.total for row in rows), key=lambda one: one.asked - one.counted, default=None)
    if left is not None and left.asked > left.counted:
        said.append("缺报、没填、分母为零、豁免的单位分子分母都不算，都不当 0。")
    if not view.applies:
        said.append("这份规划不适用于本县，只列数，不判达标。")
    if view.unreviewed:
        said.append(f"本表含 {view.unreviewed} 个单位已接收、还没有审定的报表，审定以后数字可能变动。")
    return said


def _chart(view: DetailView) -> Chart:
    from cunbao.paper.indicators import Chart, ChartBar

    one = view.row.indicator
    aim = indicators.aim(one) if view.row.verdict is not Verdict.SHOWN else None
    bars = tuple(
        ChartBar(
            name=each.name,
            value=None if isinstance(each.total.value, NoFigure) else float(each.total.value),
            shown=each.shown,
            meeting=f"{each.total.meeting}／{each.total.judged}" if each.total.judged else "…",
            met=each.met if view.row.verdict in _MET else None,
        )
        for each in sorted(view.townships, key=lambda each: each.office)
    )
    unit = view.row.unit
    return Chart(
        title=f"各乡镇{one.name}" + (f"（{unit}）" if unit else ""),
        bars=bars,
        target=None if aim is None else float(aim),
        target_words=f"目标 {targets.plain(aim)}" if aim is not None else "",
        end=_nice(view.top),
        told=_told(view),
    )


def _nice(top: Decimal) -> float:
    """The end of an axis that divides into four round parts."""
    end = float(top)
    step = 10 ** (len(str(int(end))) - 1) if end >= 1 else 0.1
    for part in (1, 2, 4, 6, 8, 10):
        if part * step >= end:
            return float(part * step)
    return end


def _told(view: DetailView) -> str:
    """合计 30.87，是…；11 个乡镇中 8 个达到目标，… 没有计入的 4 个村：…."""
    said = f"合计 {view.row.shown}，{view.sums.replace(chr(0x2009), '')}。"
    judged = [each for each in view.townships if each.met is not None]
    if view.row.verdict in _MET and judged:
        short = [each.name for each in judged if not each.met]
        said += f"{len(judged)} 个乡镇中 {len(judged) - len(short)} 个达到目标"
        said += f"，{_named(short)}没有达到。" if short else "。"
    left = [f"{row.township}{row.name}" for row in view.without]
    if left:
        said += f"没有计入的 {len(left)} 个村：{_named(left)}。"
    return said


def _named(names: Sequence[str]) -> str:
    return "、".join(names[:NAMED]) + (f"等 {len(names)} 个" if len(names) > NAMED else "")


# --- villages that fall short ----------------------------------------------------------------------------------------


def shortfall_pages(desk: CountyDesk, number: str, *, received: bool = False) -> Drawn:
    """没达标的村 of one indicator, by township, each with what would close its gap; journalled. DeskError
    "shortfall.none" when every village that can be judged meets it."""
    from cunbao.paper import draw_totals

    view = indicator_detail.detail(desk, number, received=received, places=_PLACES)
    short = sorted((row for row in view.computed if row.met is False), key=lambda row: row.office)
    if not short:
        raise DeskError(
            "shortfall.none", happened="没有没达标的村", safe="没有打印任何东西", todo="算不出的村请在进度里催报"
        )
    with desk.workspace.atomic():
        sheet = _shortfall(desk, view, short)
        if not desk.read_only:
            desk.journal("print_shortfall", indicator=number, villages=len(short))
    return draw_totals(sheet)


def _shortfall(desk: CountyDesk, view: DetailView, short: Sequence[OfficeRow]) -> TotalsSheet:
    from cunbao.paper import SheetColumn, SheetRow, TotalsSheet

    one, task = view.row.indicator, desk.task
    below, above, value, lacks = view.heads
    columns = [SheetColumn(head, places=None) for head in (below, above, value, lacks or "还差") if head]
    rows = tuple(
        SheetRow((row.name, row.township), tuple(
            said for head, said in (
                (below, targets.plain(row.below)), (above, targets.plain(row.above)), (value, row.shown),
                ("还差", row.closing_words or "—"),
            ) if head
        ))
        for row in short
    )  # fmt: skip
    said = {
        "indicator": one.number,
        "received": view.received,
        "rows": [[*row.names, *map(str, row.values)] for row in rows],
    }
    made = stamp(desk, "shortfall", one.number, said, qr=("I", (desk.office.code, one.number, task.period)))
    aim = f"{one.name}，目标 {view.row.target} {one.unit}".rstrip()
    return TotalsSheet(
        title="没达标的村",
        form=one.number,
        task_title=task.title,
        period_title=task.period_title,
        issuer=task.issuer,
        office_code=desk.office.code,
        office_name=desk.full_name,
        unit=one.unit,
        columns=tuple(columns),
        rows=rows,
        total=None,
        as_of=made.at,
        counted=0,
        asked=0,
        persons=Ret(filler=desk.person.name, reported_on=f"{made.at:%Y-%m-%d}"),
        names=("村（社区）", "乡镇"),
        told=(f"{aim}。{len(short)} 个村没有达到；“还差”是再加多少就达到。", f"数据截至 {made.at:%Y-%m-%d %H:%M}。"),
        unreviewed=view.received,
        number=made.order,
        signed=made.signed,
    )
