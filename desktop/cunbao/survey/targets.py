"""An indicator's figure against its plan: reached or not, what is lacking, what would close the gap, in which words.

Whether a target is reached is `indicators.meets`, on exact figures; here nothing is compared after rounding. Counts of
a province are never held against a county's; a plan of elsewhere is shown without a word of reaching.
Source: ui/design.md county-02 and -03, indicators.md.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from cunbao.survey.formulas import levels, missing_params, reads
from cunbao.survey.indicators import SCALE, NoFigure, Total, alone, meets
from cunbao.survey.task import Indicator, Task
from cunbao.survey.xpath_functions import EXACT

_SIGNS = {">=": "≥", "<=": "≤", "=": "="}
_TERRITORY = {"国": "仅全国", "省": "仅省级", "市": "仅市级", "州": "仅州级"}
_DIVISOR = re.compile(r"[\w.]+ div (\d+)")
TWICE = "去重"  # in an indicator's note: across offices each counts once
_SMALLEST = Decimal("0.01")
_DEEPEST = 8  # places, beyond which nobody looks


class Verdict(StrEnum):
    """What the last column of the board says. The words are official and stand here once."""

    MET = "已达到"
    NOT_MET = "没达到"
    THIN = "数据不全"
    UNSET = "缺参数"
    ABOVE = "仅上级"
    PEOPLE = "只报人次"
    SHOWN = "只显示"
    ELSEWHERE = "只列数"
    NOBODY = "不适用"
    CANNOT = "报表答不了"


def verdict(task: Task, found: Total) -> Verdict:
    """数据不全 when fewer than half of the offices that are asked could be computed: then no word of reaching."""
    one = found.indicator
    if not one.numerator:
        return Verdict.CANNOT
    if not found.asked:
        return Verdict.NOBODY
    if missing_params(task, one):
        return Verdict.UNSET
    if found.counted * 2 < found.asked or isinstance(found.value, NoFigure):
        return Verdict.THIN
    if counts_heads(task, one):
        return Verdict.PEOPLE
    if not one.judged or one.target is None:
        return Verdict.SHOWN
    if above_us(one):
        return Verdict.ABOVE
    if one.plan not in task.plans:
        return Verdict.ELSEWHERE
    return {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.SHOWN}[found.met]


def counts_heads(task: Task, indicator: Indicator) -> bool:
    """May the same one be in several offices' numbers, with nothing to tell it by? Then what is added up counts heads,
    not people (人次), and is held against no target (indicators.md). People in rosters with their identity numbers are
    told apart: whoever stands in two villages is found when their returns are reviewed (`crosscheck`)."""
    if indicator.kind == "distinct":
        return True
    if TWICE not in indicator.note:
        return False
    forms = {form for form, _ in reads(task, indicator)}
    return not any(f"{one.name}_id" in task.forms[form].by_name for form in forms for one in task.forms[form].repeats)


def verdict_words(indicator: Indicator, said: Verdict) -> str:
    """仅省级 where the target is a province's total."""
    return _TERRITORY.get(indicator.territory, said.value) if said is Verdict.ABOVE else said.value


def above_us(indicator: Indicator) -> bool:
    """Is the target the total of a territory above the county, so that a county's count cannot reach it?"""
    return indicator.kind in ("count", "distinct") and indicator.territory in _TERRITORY


def target_words(indicator: Indicator) -> str:
    """≥ 30, = 100, 7—9, 1 : 300; "" without a target."""
    low, high = indicator.target, indicator.target_high
    if low is None:
        return ""
    if indicator.op == "range" and high is not None:
        return f"{plain(low)}—{plain(high)}"
    if indicator.op == "ratio" and high is not None:
        return f"{plain(low)} : {plain(high)}"
    each = f"每个 {_SIGNS.get(indicator.op, indicator.op)} {plain(low)}" if alone(indicator) else ""
    return each or f"{_SIGNS.get(indicator.op, indicator.op)} {plain(low)}"


def display(
    indicator: Indicator, value: Decimal | NoFigure, met: bool | None, places: int, *, office: bool = False
) -> str:
    """The value in so many places, in more where it would look as if it had reached what it has not (29.96 is not
    30.0), or the other way round; counts without places. A ratio of heads (1 : 300) is turned round. office: one
    office's own value, which is no share even where the total says how many offices meet a standard."""
    if isinstance(value, NoFigure):  # that the county has not put in a figure is said in words (`verdict`)
        return (NoFigure.MISSING if value is NoFigure.UNSET else value).value
    share = alone(indicator) and indicator.judged and not office
    if indicator.op == "ratio" and value and not share:
        return f"1 : {fixed(1 / value, places)}"
    if value == value.to_integral_value() and indicator.kind != "ratio" and not share:
        return f"{value:.0f}"
    scale = SCALE.get(indicator.unit, Decimal(1))
    for some in range(places, _DEEPEST):
        kept = value.quantize(Decimal(1).scaleb(-some), ROUND_HALF_UP)
        seen = _share_met(kept) if share else meets(indicator, kept / scale, Decimal(1))
        if met is None or seen is met:
            return f"{kept:f}"
    return fixed(value, _DEEPEST)


def _share_met(share: Decimal) -> bool:
    return share == 100


def shown_unit(indicator: Indicator) -> str:
    """The unit of a total: of a standard for each office it is the share of those that meet it."""
    if alone(indicator) and indicator.judged:
        return "%"
    return "" if indicator.op == "ratio" else indicator.unit


def office_unit(indicator: Indicator) -> str:
    """The unit of one office's own value."""
    return "" if indicator.op == "ratio" else indicator.unit


def lacking(found: Total) -> Decimal | None:
    """How far the value is from the target, in its own unit and never 0; None: it is reached or nothing is judged."""
    one, value = found.indicator, found.value
    if found.met is not False or one.target is None or isinstance(value, NoFigure) or alone(one):
        return None
    away = abs(_bound(one, value) - value)
    return max(away.quantize(_SMALLEST, ROUND_HALF_UP), _SMALLEST)


def closing(indicator: Indicator, numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """What the numerator lacks to the target, or has too much of (then negative), exact; None: nothing.

    m² for an area, people for people, offices for a share of offices."""
    if indicator.target is None or meets(indicator, numerator, denominator) is not False:
        return None
    if indicator.op == "ratio" and indicator.target_high:
        return EXACT.subtract(denominator * indicator.target / indicator.target_high, numerator)
    scale = SCALE.get(indicator.unit, Decimal(1))
    bound = _bound(indicator, numerator * scale / denominator)
    return EXACT.subtract(EXACT.multiply(bound, denominator) / scale, numerator)


def _bound(indicator: Indicator, value: Decimal) -> Decimal:
    """The end of the target that is nearer."""
    assert indicator.target is not None
    if indicator.op == "range" and indicator.target_high is not None and value > indicator.target:
        return indicator.target_high
    return indicator.target


def rounded_up(amount: Decimal, unit: str) -> str:
    """What has to be added, so that it is enough: whole people and offices, one place of an area."""
    places = 1 if unit == "平方米" else 0
    return f"{abs(amount).quantize(Decimal(1).scaleb(-places), ROUND_CEILING):f}"


def above_unit(task: Task, indicator: Indicator) -> str:
    """What the numerator counts: 平方米, 人 …; 个村 where each office is one."""
    return _unit(task, indicator, indicator.numerator)


def below_unit(task: Task, indicator: Indicator) -> str:
    return _unit(task, indicator, indicator.denominator)


def _unit(task: Task, indicator: Indicator, words: str) -> str:
    if indicator.denominator == "1":
        return "个乡镇" if levels(task, indicator) == {"township"} else "个村"
    for form, name in reads(task, indicator):
        field = task.forms[form].by_name.get(name)
        if f"{form}.{name}" in words and field is not None and field.unit:
            return field.unit
    return indicator.unit if indicator.kind != "ratio" else ""


def divisor(indicator: Indicator) -> Decimal:
    """What the denominator was divided by in its own expression: 100 of 百户, 10000 of 万人, else 1."""
    found = _DIVISOR.fullmatch(indicator.denominator.strip())
    return Decimal(found[1]) if found else Decimal(1)


def sum_words(task: Task, found: Total) -> str:
    """How the value came about: 10 965.7 平方米 ÷ 37 635 户 × 100."""
    one = found.indicator
    if alone(one):
        return f"{found.meeting} 个达到 ÷ {found.judged} 个能判的"
    above = f"{grouped(found.numerator)} {above_unit(task, one)}".strip()
    if one.kind != "ratio":
        return above
    if found.value is NoFigure.UNSET:
        return f"{above} ÷ {one.below_words}"
    times = divisor(one)
    below = f"{grouped(found.denominator * times)} {below_unit(task, one)}".strip()
    factor = times * SCALE.get(one.unit, Decimal(1))
    return f"{above} ÷ {below}{f' × {plain(factor)}' if factor != 1 else ''}"


def fixed(value: Decimal, places: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


def plain(value: Decimal) -> str:
    """Without an exponent and without trailing noughts."""
    said = f"{value:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def grouped(value: Decimal) -> str:
    """Thousands apart by a narrow blank."""
    return f"{Decimal(plain(value)):,f}".replace(",", "\u2009")
