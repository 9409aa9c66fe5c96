"""指标: numerator and denominator of one office, their sums over many, and the one division (protocol.md §8).

Figures stay exact Decimals until they are shown. A missing return, nothing to divide by, not being asked and being
exempt are four different answers, none of them 0. Pure: answers in, figures out. Source: fields.md §10, indicators.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from cunbao.survey.logic import Formula, Value, World, figure, formula, truth
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Answers, Office
from cunbao.survey.xpath_functions import EXACT

DIVISION = Context(prec=28, rounding=ROUND_HALF_UP)  # the one division, protocol.md §8
SCALE = {"%": Decimal(100), "‰": Decimal(1000)}
PLACES = Decimal("0.01")


class NoFigure(StrEnum):
    """Why there is no figure. The value is the sign on paper (print.md §5)."""

    MISSING = "…"  # no return that counts, or a field that it needs is empty
    ZERO_BASE = "／"  # the denominator is nought
    OUT_OF_SCOPE = "—"  # the indicator does not ask this office
    EXEMPT = "不计入"  # the county has decided so, with a reason; its return may have come all the same


@dataclass(frozen=True, slots=True)
class OfficeFigure:
    """One office's part of an indicator: exact numerator and denominator (1 when there is none), or why not."""

    numerator: Decimal
    denominator: Decimal
    missing: NoFigure | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """An indicator over several offices.

    numerator, denominator: Σ over `counted` offices; value: numerator ÷ denominator, times 100 or 1000 by the unit,
    unrounded; for `each` the share of offices that meet it, in %. meeting: offices that meet the target by
    themselves (each standards only, else 0). met: against the target; None when there is nothing to judge.
    left_out: offices without the figure; out_of_scope: offices that are not asked; exempt: those 不计入.
    """

    indicator: Indicator
    numerator: Decimal
    denominator: Decimal
    value: Decimal | NoFigure
    met: bool | None
    counted: int
    meeting: int
    left_out: int
    out_of_scope: int
    exempt: int = 0


def computable(task: Task) -> tuple[Indicator, ...]:
    """The indicators that the task's forms can answer."""
    return tuple(one for one in task.indicators if one.numerator)


def office_figures(
    task: Task, office: Office, answers: Mapping[str, Answers], *, exempt: frozenset[str] = frozenset()
) -> Mapping[str, OfficeFigure]:
    """What one office contributes to each computable indicator, by its number. answers: signed ones, by form.

    exempt: numbers of the indicators into which the office is 不计入, whatever it reported."""
    words: dict[str, Mapping[str, Value]] = {
        "PARAM": dict(task.params),
        "OFFICE": {"code": office.code, "kind": office.kind, "ur_class": office.ur_class},
    }
    world = World(forms=task.forms, answers=answers, words=words, lists=task.lists)
    return {
        one.number: (
            _without(NoFigure.EXEMPT) if one.number in exempt else _office_figure(one, _formulas(task, one), world)
        )
        for one in computable(task)
    }


def office_value(indicator: Indicator, own: OfficeFigure) -> Decimal | NoFigure:
    """One office's own figure, unrounded."""
    if own.missing is not None:
        return own.missing
    return _divided(indicator, own.numerator, own.denominator)


def office_meets(indicator: Indicator, own: OfficeFigure) -> bool | None:
    """Does this office by itself meet the target? None: no figure, or no target."""
    return None if own.missing is not None else meets(indicator, own.numerator, own.denominator)


def combine(task: Task, offices: Iterable[Mapping[str, OfficeFigure]]) -> Mapping[str, Total]:
    """Σ ÷ Σ over the offices, never a mean of ratios; `each` standards count the offices that meet them."""
    figures = list(offices)
    return {one.number: _total(one, [office[one.number] for office in figures]) for one in computable(task)}


def meets(indicator: Indicator, numerator: Decimal, denominator: Decimal) -> bool | None:
    """By cross-multiplication, so that no rounding decides."""
    if indicator.target is None or not denominator:
        return None
    left = EXACT.multiply(numerator, SCALE.get(indicator.unit, Decimal(1)))
    right = EXACT.multiply(indicator.target, denominator)
    if indicator.op == ">=":
        return left >= right
    if indicator.op == "<=":
        return left <= right
    if indicator.op == "=":
        return left == right
    if indicator.op == "range" and indicator.target_high is not None:
        return right <= left <= EXACT.multiply(indicator.target_high, denominator)
    return None


def shown(indicator: Indicator, value: Decimal | NoFigure) -> str:
    """Ratios and measures with two places, half up; counts without; else the sign of why there is none."""
    if isinstance(value, NoFigure):
        return value.value
    counts = indicator.kind != "ratio" and value == value.to_integral_value() and not indicator.per_office
    return str(value.to_integral_value()) if counts else str(value.quantize(PLACES, ROUND_HALF_UP))


def _office_figure(indicator: Indicator, formulas: tuple[Formula | None, ...], world: World) -> OfficeFigure:
    applies, numerator, denominator = formulas
    needed = frozenset[str]().union(*(one.forms for one in formulas if one))
    if not needed <= set(world.answers):
        return _without(NoFigure.MISSING)
    asked = True if applies is None else truth(applies(world))
    if asked is not True:
        return _without(NoFigure.OUT_OF_SCOPE if asked is False else NoFigure.MISSING)
    above = figure(numerator(world)) if numerator else None
    below = figure(denominator(world)) if denominator else Decimal(1)
    if above is None or below is None:
        return _without(NoFigure.MISSING)
    return OfficeFigure(above, below)


def _total(indicator: Indicator, figures: list[OfficeFigure]) -> Total:
    counted = [one for one in figures if one.missing is None]
    above = sum((one.numerator for one in counted), Decimal(0))
    below = sum((one.denominator for one in counted), Decimal(0))
    single = indicator.kind == "each" or indicator.per_office
    meeting = sum(office_meets(indicator, one) is True for one in counted) if single else 0
    value: Decimal | NoFigure
    if not counted:
        value, met = _nobody(figures), None
    elif single:
        judged = sum(office_meets(indicator, one) is not None for one in counted)
        value = DIVISION.divide(Decimal(meeting * 100), Decimal(judged)) if judged else NoFigure.ZERO_BASE
        met = meeting == judged if judged else None
    elif indicator.kind == "ratio":
        value, met = _divided(indicator, above, below), meets(indicator, above, below)
    else:
        value, met = above, meets(indicator, above, Decimal(1))
    return Total(
        indicator=indicator,
        numerator=above,
        denominator=below,
        value=value,
        met=met,
        counted=len(counted),
        meeting=meeting,
        left_out=sum(one.missing is NoFigure.MISSING for one in figures),
        out_of_scope=sum(one.missing is NoFigure.OUT_OF_SCOPE for one in figures),
        exempt=sum(one.missing is NoFigure.EXEMPT for one in figures),
    )


def _nobody(figures: list[OfficeFigure]) -> NoFigure:
    """Why no office counts: a return is missing before all else, then 不计入, then that nobody is asked."""
    found = {one.missing for one in figures}
    if not found or NoFigure.MISSING in found:
        return NoFigure.MISSING
    return NoFigure.EXEMPT if NoFigure.EXEMPT in found else NoFigure.OUT_OF_SCOPE


def _divided(indicator: Indicator, above: Decimal, below: Decimal) -> Decimal | NoFigure:
    if not below:
        return NoFigure.ZERO_BASE
    return DIVISION.divide(above * SCALE.get(indicator.unit, Decimal(1)), below)


def _without(why: NoFigure) -> OfficeFigure:
    return OfficeFigure(Decimal(0), Decimal(0), why)


_COMPILED: dict[tuple[str, str], tuple[Formula | None, ...]] = {}


def _formulas(task: Task, one: Indicator) -> tuple[Formula | None, ...]:
    """applies, numerator, denominator, compiled once a task."""
    key = (task.sha256, one.number)
    if key not in _COMPILED:
        if len(_COMPILED) > 2000:  # some eight tasks
            _COMPILED.clear()
        _COMPILED[key] = tuple(
            formula(words, task.forms) if words else None for words in (one.applies, one.numerator, one.denominator)
        )
    return _COMPILED[key]
