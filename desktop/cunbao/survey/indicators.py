"""指标: numerator and denominator of one office, their sums over many, and the one division (protocol.md §8).

Figures stay exact Decimals until they are shown. A missing return, nothing to divide by, not being asked and being
exempt are four different answers, none of them 0. Pure: answers in, figures out. What a figure is worth against its
target stands in `targets`. Source: fields.md §10, indicators.md, ui/design.md county-02 and -03.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from operator import add, sub
from typing import NamedTuple

from cunbao.survey.beneath import MARK, TOWN, At, Beneath, beneath
from cunbao.survey.formulas import all_summed, compiled, computable, levels, missing_params
from cunbao.survey.logic import Value, World, figure, truth
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Answers, Office
from cunbao.survey.xpath_functions import EXACT

DIVISION = Context(prec=28, rounding=ROUND_HALF_UP)  # the one division, protocol.md §8
SCALE = {"%": Decimal(100), "‰": Decimal(1000)}
PLACES, ONE = Decimal("0.01"), Decimal(1)
RURAL = "10"  # code of list village_kind: 行政村


class NoFigure(StrEnum):
    """Why there is no figure. The value is the sign on paper (print.md §5)."""

    MISSING = "…"  # no return that counts, or a field that it needs is empty
    ZERO_BASE = "／"  # the denominator is nought
    OUT_OF_SCOPE = "—"  # the indicator does not ask this office
    UNSET = "缺参数"  # the county has not put in a figure that it needs
    EXEMPT = "不计入"  # the county has decided so, with a reason; its return may have come all the same


@dataclass(frozen=True, slots=True)
class OfficeFigure:
    """One office's part of an indicator: exact numerator and denominator (1 when there is none), or why not.

    lacks: what is missing, sorted: forms without a return that counts ("B02"), else fields left empty
    ("B01.b01_built_area"), or figures that the county has not put into its task ("PARAM.org_units"); of a sum over a
    township's villages "V:B07", "V:B07.b07_kinder". With ZERO_BASE the two figures are those that were reported."""

    numerator: Decimal
    denominator: Decimal
    missing: NoFigure | None = None
    lacks: tuple[str, ...] = ()

    @property
    def unfilled(self) -> bool:
        """The returns have come; a field that the indicator needs is empty in one."""
        return self.missing is NoFigure.MISSING and bool(self.lacks) and all("." in one for one in self.lacks)


class Tally(NamedTuple):
    """What several offices contribute together: Σ over those that count, and how many stand where. A tuple, because a
    province has hundreds of thousands of them.

    judged: those of the counted that can be held against the target by themselves; meeting: those that reach it.
    missing: no return that counts; unfilled: a field is empty; zero: nothing to divide by; outside: not asked."""

    above: Decimal = Decimal(0)
    below: Decimal = Decimal(0)
    counted: int = 0
    judged: int = 0
    meeting: int = 0
    missing: int = 0
    unfilled: int = 0
    zero: int = 0
    outside: int = 0
    exempt: int = 0

    def plus(self, other: Tally) -> Tally:
        return Tally._make(map(add, self, other))

    def minus(self, other: Tally) -> Tally:
        return Tally._make(map(sub, self, other))

    @property
    def asked(self) -> int:
        """适用: offices that the indicator asks, whether they could be computed or not."""
        return self.counted + self.missing + self.unfilled + self.zero + self.exempt


class Total(NamedTuple):
    """An indicator over several offices.

    numerator, denominator: Σ over `counted` offices; value: numerator ÷ denominator, times 100 or 1000 by the unit,
    unrounded; for `each` the share of offices that meet it, in %. judged, meeting: offices that can be held against
    the target by themselves, and those that meet it (0 of counts). met: against the target; None when there is nothing
    to judge. left_out: offices without the figure, unfilled: those of them whose return has come with a field empty;
    zero: offices with nothing to divide by; out_of_scope: offices that are not asked; exempt: those 不计入.
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
    judged: int = 0
    unfilled: int = 0
    zero: int = 0

    @property
    def asked(self) -> int:
        """适用: offices that the indicator asks."""
        return self.counted + self.left_out + self.zero + self.exempt


def asks(task: Task, indicator: Indicator, office: Office) -> bool:
    """Does the indicator ask this office, by what the directory alone says of it? A return may say that it does not
    after all (新建社区 only …); of whom the directory says too little is asked."""
    if office.level not in levels(task, indicator):
        return False
    applies = compiled(task, indicator).applies
    if applies is not None:
        said = truth(applies(_world(task, office, _from_directory(task, office))))
        if said is not None:
            return said
    if office.level != "village" or not office.kind:
        return True
    return {"城市": office.kind != RURAL, "农村": office.kind == RURAL}.get(indicator.scope, True)


def _from_directory(task: Task, office: Office) -> Mapping[str, Answers]:
    """What its returns will say of the office itself: fields carried over from the directory (取自 OFFICE)."""
    known = {"OFFICE.kind": office.kind, "OFFICE.ur_class": office.ur_class, "OFFICE.code": office.code}
    return {
        name: Answers({one.name: known[one.source] for one in form.fields if known.get(one.source)})
        for name, form in task.forms.items()
        if task.levels[name] == office.level
    }


def _world(
    task: Task, office: Office, answers: Mapping[str, Answers], villages: Beneath | None = None
) -> World:
    own = {"code": office.code, "kind": office.kind, "ur_class": office.ur_class, "level": office.level}
    words = {**_params(task), "OFFICE": own}
    return World(forms=task.forms, answers=answers, words=words, lists=task.lists, beneath=villages)


def _params(task: Task) -> dict[str, Mapping[str, Value]]:
    return {"PARAM": dict(task.params)}


def office_figures(
    task: Task,
    office: Office,
    answers: Mapping[str, Answers],
    *,
    exempt: frozenset[str] = frozenset(),
    only: Collection[Indicator] | None = None,
    villages: Beneath | None = None,
) -> Mapping[str, OfficeFigure]:
    """What one office contributes to each computable indicator (or to those of `only`), by its number. answers: signed
    ones, by form.

    exempt: numbers of the indicators into which the office is 不计入, whatever it reported; villages: of a township,
    what those beneath it say."""
    world = _world(task, office, answers, villages)
    return {
        one.number: _without(NoFigure.EXEMPT) if one.number in exempt else _office_figure(task, one, office, world)
        for one in (computable(task) if only is None else only)
    }


def figures_of(
    task: Task,
    offices: Mapping[str, Office],
    answers: Mapping[str, Mapping[str, Answers]],
    exempt: Mapping[str, Collection[str]],
    villages: Collection[str],
) -> list[Mapping[str, OfficeFigure]]:
    """Every office's figures from finished answers, by code; a township's with what its villages say. offices: what the
    directory knows, by code; villages: codes of those that report, whether they have or not."""
    asked, under = all_summed(task), dict[str, list[str]]()
    for code in {*villages, *answers}:
        under.setdefault(f"{code[:TOWN]}000", []).append(code)
    found = []
    for code in sorted({*answers, *(under if asked else ())}):
        beneath_it = [one for one in under.get(code, ()) if one != code]
        said = beneath(
            asked, [one for one in beneath_it if one in villages], {one: answers.get(one, {}) for one in beneath_it}
        )
        if code in answers or not said.silent:
            own, left_out = offices.get(code) or Office(code, code), frozenset(exempt.get(code, ()))
            found.append(office_figures(task, own, answers.get(code, {}), exempt=left_out, villages=said))
    return found


def office_value(indicator: Indicator, own: OfficeFigure) -> Decimal | NoFigure:
    """One office's own figure, unrounded."""
    if own.missing is not None:
        return own.missing
    return _divided(indicator, own.numerator, own.denominator)


def office_meets(indicator: Indicator, own: OfficeFigure) -> bool | None:
    """Does this office by itself meet the target? None: no figure, no target, or one that no office can meet alone."""
    if own.missing is not None or indicator.kind in ("count", "distinct"):
        return None
    return meets(indicator, own.numerator, own.denominator)


def combine(task: Task, offices: Iterable[Mapping[str, OfficeFigure]]) -> Mapping[str, Total]:
    """Σ ÷ Σ over the offices, never a mean of ratios; `each` standards count the offices that meet them."""
    found = list(offices)
    return {
        one.number: whole(task, one, tally(one, [office[one.number] for office in found]))
        for one in computable(task)
    }


def whole(task: Task, indicator: Indicator, said: Tally) -> Total:
    """The indicator over all offices. A figure that the county has not put in leaves it without a value, whoever has
    reported: then nobody is at fault below."""
    found = total(indicator, as_whole(task, indicator, said))
    if indicator.numerator and missing_params(task, indicator):
        return found._replace(value=NoFigure.UNSET, met=None)
    return found


def as_whole(task: Task, indicator: Indicator, said: Tally) -> Tally:
    """The tally of all offices together. Where the denominator is one figure for the whole county, which it puts into
    its task (PARAM), it stands once, however many offices there are."""
    own = compiled(task, indicator)
    if not own.once or own.denominator is None or not said.counted:
        return said
    return said._replace(below=figure(own.denominator(World(task.forms, {}, words=_params(task)))) or Decimal(0))


def tally(indicator: Indicator, figures: Iterable[OfficeFigure]) -> Tally:
    """The offices' figures added up."""
    said = Tally()
    for own in figures:
        said = said.plus(tally_of(indicator, own))
    return said


def tally_of(indicator: Indicator, own: OfficeFigure) -> Tally:
    """One office alone."""
    if own.missing is None:
        met = office_meets(indicator, own)
        return Tally(own.numerator, own.denominator, 1, judged=int(met is not None), meeting=int(met is True))
    if own.missing is NoFigure.MISSING:
        return Tally(unfilled=1) if own.unfilled else Tally(missing=1)
    if own.missing is NoFigure.ZERO_BASE:
        return Tally(zero=1)
    return Tally(exempt=1) if own.missing is NoFigure.EXEMPT else Tally(outside=1)


def total(indicator: Indicator, said: Tally) -> Total:
    """The indicator over the offices that were added up."""
    value: Decimal | NoFigure
    if not said.counted:
        value = _nobody(said)
    elif alone(indicator):
        value = DIVISION.divide(Decimal(said.meeting * 100), Decimal(said.judged)) if said.judged else said.above
    elif indicator.kind == "ratio":
        value = _divided(indicator, said.above, said.below)
    else:
        value = said.above
    met = reached(indicator, said)
    left = said.missing + said.unfilled
    return Total(  # by place: a province asks for a hundred thousand of them
        *(indicator, said.above, said.below, value, met, said.counted, said.meeting, left, said.outside),
        *(said.exempt, said.judged, said.unfilled, said.zero),
    )


def reached(indicator: Indicator, said: Tally) -> bool | None:
    """Do these offices together reach the target? None: nobody counts, or nothing is judged. Divides nothing."""
    if not said.counted:
        return None
    if alone(indicator):
        return said.meeting == said.judged if said.judged else None
    return meets(indicator, said.above, said.below if indicator.kind == "ratio" else ONE)


def alone(indicator: Indicator) -> bool:
    """Is every office held against the target by itself, so that the total says how many meet it?"""
    return indicator.kind == "each" or indicator.per_office


def meets(indicator: Indicator, numerator: Decimal, denominator: Decimal) -> bool | None:
    """By cross-multiplication, so that no rounding decides."""
    if indicator.target is None or not indicator.judged or not denominator:
        return None
    scale = SCALE.get(indicator.unit)
    left = numerator if scale is None else EXACT.multiply(numerator, scale)
    right = EXACT.multiply(indicator.target, denominator)
    if indicator.op == ">=":
        return left >= right
    if indicator.op == "<=":
        return left <= right
    if indicator.op == "=":
        return left == right
    if indicator.op == "range" and indicator.target_high is not None:
        return right <= left <= EXACT.multiply(indicator.target_high, denominator)
    if indicator.op == "ratio" and indicator.target_high is not None:  # 1 : 300 means at most 300 a head
        return right <= EXACT.multiply(numerator, indicator.target_high)
    return None


def shown(indicator: Indicator, value: Decimal | NoFigure) -> str:
    """Ratios and measures with two places, half up; counts without; else the sign of why there is none."""
    if isinstance(value, NoFigure):
        return value.value
    counts = indicator.kind != "ratio" and value == value.to_integral_value() and not indicator.per_office
    return str(value.to_integral_value()) if counts else str(value.quantize(PLACES, ROUND_HALF_UP))


def _office_figure(task: Task, indicator: Indicator, office: Office, world: World) -> OfficeFigure:
    own = compiled(task, indicator)
    read = [one for one in own.reads if task.levels[one[0]] == office.level]
    summed = own.beneath if office.level == "township" else ()
    if not read and not summed:
        return _without(NoFigure.OUT_OF_SCOPE)
    said = None if own.applies is None else truth(own.applies(world))
    if not (asks(task, indicator, office) if said is None else said):
        return _without(NoFigure.OUT_OF_SCOPE)
    short = _short(summed, world)
    forms = {form for form, _ in read} - set(world.answers) | {one for one in short if "." not in one}
    if forms:
        return _without(NoFigure.MISSING, tuple(sorted(forms)))
    above = figure(own.numerator(world)) if own.numerator else None
    below = Decimal(0) if own.once else figure(own.denominator(world)) if own.denominator else Decimal(1)
    if above is None or below is None or (own.applies is not None and said is None):
        gone = tuple(f"PARAM.{name}" for name in missing_params(task, indicator))
        return _without(NoFigure.MISSING, gone or tuple(sorted({*_empty(read, world), *short})))
    if own.once:  # the county's own figure stands below all of them together (`as_whole`)
        return OfficeFigure(above, below)
    # where a township adds to the villages' figures it has a numerator alone
    zero = NoFigure.ZERO_BASE if not below and len(own.levels) == 1 else None
    return OfficeFigure(above, below, zero)


def _short(summed: Iterable[At], world: World) -> set[str]:
    """What villages lack of the sums over them."""
    if world.beneath is None:
        return {f"{MARK}{form}" for form, _ in summed}
    return {one for at in summed if (one := world.beneath.lacks(*at))}


def _empty(read: Iterable[At], world: World) -> tuple[str, ...]:
    """Of the fields read, those with nothing in them; rosters are never empty in this sense."""
    fields = {form: {one.name for one in world.forms[form].fields} for form, _ in read}
    return tuple(
        sorted(
            f"{form}.{name}" for form, name in read if name in fields[form] and world.value(form, name) in (None, "")
        )
    )


def _nobody(said: Tally) -> NoFigure:
    """Why no office counts: a return is missing before all else, then nothing to divide by, then 不计入, then that
    nobody is asked."""
    if said.missing or said.unfilled or not said.asked + said.outside:
        return NoFigure.MISSING
    if said.zero:
        return NoFigure.ZERO_BASE
    return NoFigure.EXEMPT if said.exempt else NoFigure.OUT_OF_SCOPE


def _divided(indicator: Indicator, above: Decimal, below: Decimal) -> Decimal | NoFigure:
    if not below:
        return NoFigure.ZERO_BASE
    scale = SCALE.get(indicator.unit)
    return DIVISION.divide(above if scale is None else EXACT.multiply(above, scale), below)


def _without(why: NoFigure, lacks: tuple[str, ...] = ()) -> OfficeFigure:
    return OfficeFigure(Decimal(0), Decimal(0), why, lacks)
