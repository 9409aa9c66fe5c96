"""指标: the plan's rows over the county against their targets, and the same by township (ui/design.md county-02).

Every figure is Σ ÷ Σ of what counts; who could not be computed stands beside it with the reason, never as 0. What a
figure is worth is `survey.targets`; from which offices it comes is `indicator_detail`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from cunbao.desks import measuring
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import BoardView, Group, IndicatorRow
from cunbao.desks.county.measured import Groups, Measured, measured, tallies
from cunbao.errors import DeskError
from cunbao.progress import Report, silent
from cunbao.store.parts import roll_up
from cunbao.survey import targets
from cunbao.survey.formulas import missing_params
from cunbao.survey.indicators import NoFigure, Tally, Total, alone, total
from cunbao.survey.indicators import whole as over_all
from cunbao.survey.targets import Verdict
from cunbao.survey.task import FORM_OF_A_NAME, Indicator, Task

PLACES = 1  # on the screen; more where rounding would deceive
PAPER_PLACES = 2
_ABOVE = {"县": "县级", "市州": "市（州）", "省": "省级"}
_FAR = 50
_BEYOND = Decimal("1.5")  # a bar that is no share ends at so many times the target


def must_measure(desk: CountyDesk) -> bool:
    """Has another task or another directory been taken, so that every village has to be computed anew first?"""
    return not desk.read_only and measuring.stale(desk.workspace, desk.task)


def measure(desk: CountyDesk, report: Report = silent) -> None:
    """Compute them, on the worker: some hundredths of a second a village."""
    measuring.refresh(desk.workspace, desk.task, report)


def plans(task: Task) -> dict[str, str]:
    """Every plan of the indicators, number → title: those that apply here first."""
    held = dict.fromkeys(one.plan for one in task.indicators)
    order = [*(one for one in task.plans if one in held), *(one for one in sorted(held) if one not in task.plans)]
    return {one: task.plan_titles.get(one, one) for one in order}


def board(desk: CountyDesk, plan: str = "", *, received: bool = False, places: int = PLACES) -> BoardView:
    """The board of one plan (the first that applies without one). DeskError "plan.unknown"."""
    task, titles = desk.task, plans(desk.task)
    chosen = plan or next(iter(titles), "")
    if chosen not in titles:
        raise no_such("plan.unknown", f"没有编号 {plan} 的规划")
    some = [one for one in task.indicators if one.plan == chosen]
    now, before = measured(desk, received=received), measured(desk, task.previous_period)
    asked = [one for one in some if one.numerator]
    found, earlier = tallies(now, asked), tallies(before, asked)
    return BoardView(
        county=desk.office.short,
        plan=chosen,
        plans=titles,
        applies=chosen in task.plans,
        period_title=task.period_title,
        year=task.period,
        last_year=task.previous_period,
        rows=tuple(row_between(task, one, whole(task, one, found), whole(task, one, earlier), places) for one in some),
        villages=len(desk.villages),
        accepted=_accepted(now),
        received=received,
        unreviewed=len(now.unreviewed),
    )


def row_of(desk: CountyDesk, indicator: Indicator, now: Measured, before: Measured, places: int) -> IndicatorRow:
    """One row by itself, as the board has it."""
    asked = [indicator] if indicator.numerator else []
    found, earlier = tallies(now, asked), tallies(before, asked)
    return row_between(
        desk.task, indicator, whole(desk.task, indicator, found), whole(desk.task, indicator, earlier), places
    )


def find(task: Task, number: str) -> Indicator:
    """The indicator of that number. DeskError "indicator.unknown"."""
    found = next((one for one in task.indicators if one.number == number), None)
    if found is None:
        raise no_such("indicator.unknown", f"没有编号 {number} 的指标")
    return found


def whole(task: Task, indicator: Indicator, groups: Groups) -> Total:
    """Over all offices."""
    if not indicator.numerator:
        return total(indicator, Tally())
    return over_all(task, indicator, roll_up(groups[indicator.number], 0).get("", Tally()))


def by_township(
    desk: CountyDesk, some: Sequence[Indicator], *, received: bool = False
) -> Mapping[str, dict[str, Total]]:
    """number → 12-digit code of the township → its total, in the order of the codes. Every township of the directory
    is there, also one of which nothing has come."""
    groups = tallies(measured(desk, received=received), some)
    towns = sorted({*(one.code[:9] for one in desk.townships), *(key for one in groups.values() for key in one)})
    return {
        one.number: {f"{key}000": total(one, groups[one.number].get(key, Tally())) for key in towns} for one in some
    }


def axis(indicator: Indicator) -> Decimal | None:
    """Where a bar ends: at 100 for a share, at 1.5 times the target otherwise and where that is far below 100; None:
    there is nothing to draw."""
    if alone(indicator):
        return Decimal(100)
    if indicator.kind != "ratio" or not indicator.target or not indicator.judged:
        return Decimal(100) if indicator.unit == "%" else None
    beyond = indicator.target * _BEYOND
    return Decimal(100) if indicator.unit == "%" and beyond >= _FAR else beyond


def aim(indicator: Indicator) -> Decimal | None:
    """Where the upright stroke stands on that axis."""
    return Decimal(100) if alone(indicator) and indicator.judged else indicator.target


def share_of(value: Decimal | NoFigure | None, end: Decimal | None) -> float | None:
    if end is None or value is None or isinstance(value, NoFigure):
        return None
    return float(min(max(value / end, Decimal(0)), Decimal(1)))


def left_words(found: Total) -> str:
    """缺报 24，没填 3，分母为零 1，豁免 1. What the county itself has not put in is no office's gap."""
    counts = (
        ("缺报", found.left_out - found.unfilled),
        ("没填", found.unfilled if found.value is not NoFigure.UNSET else 0),
        ("分母为零", found.zero),
        ("豁免", found.exempt),
    )
    return "，".join(f"{words} {number}" for words, number in counts if number)


def lacks_words(found: Total, said: Verdict, places: int) -> str:
    """差 0.9 平方米; how many offices are missing of a standard for each; 只算得出 4 个 where data are thin."""
    one = found.indicator
    if said is Verdict.THIN:
        return f"只算得出 {found.counted} 个"
    if said is not Verdict.NOT_MET:
        return ""
    if alone(one):
        return f"{found.judged - found.meeting} 个没达到"
    away = targets.lacking(found)
    if away is None:
        return ""
    places = places if targets.fixed(away, places).strip("0.") else PAPER_PLACES
    word = "超" if one.op == "<=" else "差"
    return f"{word} {targets.fixed(away, places)} {'个百分点' if one.unit == '%' else one.unit}"


def row_between(task: Task, one: Indicator, now: Total, before: Total, places: int) -> IndicatorRow:
    """One row: this period's total and the one before."""
    if missing_params(task, one):  # also where the sums come from elsewhere (datasets)
        now = now._replace(value=NoFigure.UNSET, met=None)
    said = targets.verdict(task, now)
    judged = now.met if said in (Verdict.MET, Verdict.NOT_MET) else None
    moved, better = _moved(now, before, places)
    end = axis(one)
    return IndicatorRow(
        indicator=one,
        group=Group.CANNOT if not one.numerator else Group.MAIN if one.main else Group.OTHER,
        total=now,
        shown=targets.display(one, now.value, judged, places) if one.numerator else "—",
        unit=targets.shown_unit(one),
        target=targets.target_words(one),
        verdict=said,
        verdict_words=targets.verdict_words(one, said),
        lacks=unset_words(task, one) or lacks_words(now, said, places),
        left=left_words(now),
        last="—" if isinstance(before.value, NoFigure) else targets.display(one, before.value, None, places),
        moved=moved,
        better=better,
        base="—" if one.base is None else targets.plain(one.base),
        fill=share_of(now.value, end) if one.numerator else None,
        stroke=share_of(aim(one), end),
        why_not="" if one.numerator else why_not(task, one),
    )


def unset_words(task: Task, one: Indicator) -> str:
    """What the county itself has not put into its task."""
    if not one.numerator:
        return ""
    labels = {each.name: each.label for each in task.asked_params}
    gone = [labels.get(name, name) for name in missing_params(task, one)]
    return f"县里还没填{'、'.join(gone)}" if gone else ""


def why_not(task: Task, one: Indicator) -> str:
    """Why the task's returns cannot answer: a form that it does not send out, or nobody below the county knows."""
    gone = [form for form in dict.fromkeys(FORM_OF_A_NAME.findall(one.collected_at)) if form not in task.forms]
    if gone:
        return f"这一期没有发 {'、'.join(gone)} 表"
    who = _ABOVE.get(one.scope)
    said = f"由{who}掌握，村和乡镇报不出" if who else "村和乡镇的报表里没有这个数"
    return f"{said}；{one.note}" if one.note else said


def _moved(now: Total, before: Total, places: int) -> tuple[str, bool | None]:
    """Against the last period, and whether that is the way to the target."""
    if isinstance(now.value, NoFigure) or isinstance(before.value, NoFigure) or now.indicator.op == "ratio":
        return "", None
    away = now.value - before.value
    if not away:
        return "持平", None
    counts = now.indicator.kind in ("count", "distinct")
    said = targets.fixed(abs(away), 0 if counts and away == away.to_integral_value() else places)
    up = away > 0
    wanted_down = now.indicator.op == "<=" and not alone(now.indicator)
    return f"{'+' if up else '−'}{said}", up is not wanted_down


def _accepted(seen: Measured) -> int:
    """Villages of which every form counts: as 进度 counts them, a village stands where its slowest form stands."""
    needed = set(seen.task.at("village").forms)
    have: dict[str, set[str]] = {}
    for office, form, stands in seen.desk.workspace.standings(seen.period):
        if stands.counted and form in needed:
            have.setdefault(office, set()).add(form)
    return sum(have.get(one.code, set()) == needed for one in seen.desk.villages)


def no_such(code: str, happened: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表", todo="请在指标表里选一个")
