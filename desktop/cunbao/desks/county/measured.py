"""What the county's indicators are made of, office by office and added up: the kept parts of what counts, and on top of
them who is 不计入, who reported nothing and, when asked for, what is received and not yet reviewed.

Sums come from one GROUP BY (store.parts); only the few offices that stand otherwise are looked at one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cunbao.desks import exempted, measuring, reporting
from cunbao.desks.county.desk import CountyDesk
from cunbao.store.parts import Part
from cunbao.survey.beneath import TOWN
from cunbao.survey.formulas import computable, summed
from cunbao.survey.indicators import NoFigure, OfficeFigure, Tally, asks, tally_of
from cunbao.survey.states import ReturnState
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Office

Groups = dict[str, dict[str, Tally]]  # number of the indicator → first nine digits → tally


@dataclass(frozen=True, slots=True)
class OfficePart:
    """One office that an indicator asks. reason: why the county left it out, "" of all others; unreviewed: its part
    rests on a return that nobody has accepted yet."""

    office: Office
    part: Part
    reason: str = ""
    unreviewed: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a period. offices: of the directory, villages and townships, by code; waiting: parts of offices
    computed for this look; unreviewed: those of them that rest on a return which nobody has accepted (未审定); exempt:
    office → number → reason; silent: offices of which nothing is kept."""

    desk: CountyDesk
    period: str
    offices: Mapping[str, Office]
    waiting: Mapping[str, Mapping[str, Part]]
    unreviewed: frozenset[str]
    exempt: Mapping[str, Mapping[str, str]]
    silent: tuple[Office, ...]

    @property
    def task(self) -> Task:
        return self.desk.task


def measured(desk: CountyDesk, period: str = "", *, received: bool = False) -> Measured:
    """A look at a period (the task's own without one). received: 含已接收, what no township has reviewed counts too."""
    workspace, task, period = desk.workspace, desk.task, period or desk.task.period
    offices = {one.code: one for one in reporting.offices(workspace, task, period)}
    stale = measuring.stale(workspace, task)
    if stale and not desk.read_only:
        measuring.refresh(workspace, task)
    waiting, newer = _waiting(desk, period, offices, received=received, everything=stale and desk.read_only)
    kept = {*workspace.offices_with_parts(period), *waiting}
    return Measured(
        desk=desk,
        period=period,
        offices=offices,
        waiting=waiting,
        unreviewed=newer,
        exempt=exempted.exempted(workspace, period),
        silent=tuple(one for code, one in offices.items() if code not in kept),
    )


def tallies(seen: Measured, some: Collection[Indicator]) -> Groups:
    """Every indicator added up by township: number → the township's nine digits → tally."""
    task, numbers = seen.task, {one.number: one for one in some}
    kept = seen.desk.workspace.tallies(seen.period, numbers, without=tuple(seen.waiting))
    found: Groups = {number: dict(kept.get(number, {})) for number in numbers}

    def add(number: str, town: str, said: Tally) -> None:
        found[number][town] = found[number].get(town, Tally()).plus(said)

    for office, parts in seen.waiting.items():
        for number, one in numbers.items():
            add(number, office[:TOWN], tally_of(one, parts[number].figure))
    alike = Counter((one.code[:TOWN], _said_of(one)) for one in seen.silent)
    example = {_said_of(one): one for one in seen.silent}
    asked = {(number, kind) for number, one in numbers.items() for kind, own in example.items() if asks(task, one, own)}
    for (town, kind), count in alike.items():
        for number in numbers:
            if (number, kind) in asked:
                add(number, town, Tally(missing=count))
    for office, number, part in left_out(seen, some):
        add(number, office[:TOWN], Tally(exempt=1).minus(tally_of(numbers[number], part.figure)))
    return found


def left_out(seen: Measured, some: Collection[Indicator]) -> Iterator[tuple[str, str, Part]]:
    """Offices 不计入 of indicators that ask them: (office, number, what it would contribute)."""
    numbers = {one.number: one for one in some}
    for office, reasons in seen.exempt.items():
        for number in reasons.keys() & numbers.keys():
            part = _part(seen, numbers[number], office)
            if part is not None and part.figure.missing is not NoFigure.OUT_OF_SCOPE:
                yield office, number, part


def parts(seen: Measured, indicator: Indicator) -> tuple[OfficePart, ...]:
    """Every office that the indicator asks, by code."""
    kept = seen.desk.workspace.parts(seen.period, indicator.number)
    codes = sorted({*kept, *seen.offices, *seen.waiting})
    over_villages, newer_towns = bool(summed(seen.task, indicator)), {code[:TOWN] for code in seen.unreviewed}
    found = []
    for code in codes:
        part = _part(seen, indicator, code, kept)
        if part is None or part.figure.missing is NoFigure.OUT_OF_SCOPE:
            continue
        office = seen.offices.get(code) or seen.desk.workspace.office(code) or Office(code, code)
        reason = seen.exempt.get(code, {}).get(indicator.number)
        if reason is not None:
            part = Part(OfficeFigure(part.figure.numerator, part.figure.denominator, NoFigure.EXEMPT), None)
        waits = code in seen.unreviewed or (over_villages and code[:TOWN] in newer_towns and office.level == "township")
        found.append(OfficePart(office, part, reason or "", waits))
    return tuple(found)


def _said_of(office: Office) -> tuple[str, str, str]:
    """All that the directory says of an office, by which an indicator asks it or not."""
    return office.level, office.kind, office.ur_class


def _part(seen: Measured, indicator: Indicator, code: str, kept: Mapping[str, Part] | None = None) -> Part | None:
    """What the office contributes, its exemption aside; None: it is not asked."""
    if code in seen.waiting:
        return seen.waiting[code][indicator.number]
    if kept is None:
        kept = seen.desk.workspace.parts_of_office(code, seen.period, [indicator.number])
        found = kept.get(indicator.number)
    else:
        found = kept.get(code)
    if found is not None:
        return found
    office = seen.offices.get(code)
    if office is None or not asks(seen.task, indicator, office):
        return None
    return Part(OfficeFigure(_NOUGHT, _NOUGHT, NoFigure.MISSING), None)


def _waiting(
    desk: CountyDesk, period: str, offices: Mapping[str, Office], *, received: bool, everything: bool
) -> tuple[dict[str, dict[str, Part]], frozenset[str]]:
    """Parts of the offices of which a return is received that nobody has reviewed; everything: of all offices, where
    nothing can be kept because the workspace is only looked at. Beside them the offices with such a return."""
    workspace, task = desk.workspace, desk.task
    counts: dict[str, dict[str, str]] = {}
    newer: dict[str, dict[str, str]] = {}
    for office, form, stands in workspace.standings(period):
        if stands.counted:
            counts.setdefault(office, {})[form] = stands.counted
        if received and stands.state is ReturnState.RECEIVED and stands.head:
            newer.setdefault(office, {})[form] = stands.head
    looked = {office: {**counts.get(office, {}), **newer.get(office, {})} for office in {**counts, **newer}}
    some = looked if everything else {office: looked[office] for office in newer}
    answers = {office: measuring.answers_of(workspace, task, ids) for office, ids in some.items()}
    found = {}
    for office in sorted({*some, *map(measuring.town_of, some)}):
        own = offices.get(office) or Office(office, office)
        villages = None
        if own.level == "township":
            if office not in answers:
                answers[office] = measuring.answers_of(workspace, task, counts.get(office, {}))
            villages = measuring.villages_of(workspace, task, office, period, answers)
            if not answers[office] and villages.silent:
                continue
        found[office] = measuring.parts_of(task, own, answers[office], computable(task), villages)
    return found, frozenset(newer)


_NOUGHT = Tally().above
