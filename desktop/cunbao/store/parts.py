"""Parts of indicators: what each office contributes to each indicator of a period, one row an office and indicator.

Kept so that an indicator of a province is one GROUP BY over rows that are there, whatever the level. Only copies, made
from the returns that count (`desks.measuring`), changed where a return changed and made again by `rebuild`. A numerator
or denominator is an exact integer of millionths, since a plan counts in 万人; what would not fit exactly stands as text
and is added up here, where numbers have no end. Never judges: whether an office meets the target was asked before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cunbao.store.driver import DatabaseError
from cunbao.store.standings import Standings
from cunbao.survey.beneath import TOWN
from cunbao.survey.indicators import NoFigure, OfficeFigure, Tally
from cunbao.survey.xpath_functions import EXACT

_MILLION, _MILLIONTH = Decimal(10**6), Decimal("0.000001")
_LARGEST = 2**63 - 1
_COUNTED, _MISSING, _UNFILLED, _ZERO, _OUTSIDE, _EXEMPT = range(6)  # what `why` says
_WHY = {NoFigure.ZERO_BASE: _ZERO, NoFigure.OUT_OF_SCOPE: _OUTSIDE, NoFigure.EXEMPT: _EXEMPT}
_SIGNS = (None, NoFigure.MISSING, NoFigure.MISSING, NoFigure.ZERO_BASE, NoFigure.OUT_OF_SCOPE, NoFigure.EXEMPT)
_AT = "period = ? AND indicator = ? AND town = ? AND village = ?"

Groups = Mapping[str, Mapping[str, Tally]]  # number of the indicator → first digits of the offices → tally


@dataclass(frozen=True, slots=True)
class Part:
    """One office's part of an indicator. met: does it reach the target by itself; None: there is nothing to judge."""

    figure: OfficeFigure
    met: bool | None


class Parts(Standings):
    """The part of a workspace that indicators read."""

    def set_parts(self, office: str, period: str, parts: Mapping[str, Part]) -> None:
        """Keep an office's parts, by the indicator's number, in place of what stood there."""
        place = (office[:TOWN], office[TOWN:])
        with self.atomic():
            self._db.executemany(
                "INSERT OR REPLACE INTO indicator_part (period, indicator, town, village, above, below, why, met, "
                "lacks, odd) VALUES (?,?,?,?,?,?,?,?,?,?)",
                [(period, number, *place, *columns_of(one)) for number, one in parts.items()],
            )

    def drop_parts(self, office: str, period: str, numbers: Iterable[str]) -> None:
        """The office contributes nothing to these indicators any more, and nothing is known of it."""
        place = (office[:TOWN], office[TOWN:])
        with self.atomic():
            self._db.executemany(
                f"DELETE FROM indicator_part WHERE {_AT}", [(period, number, *place) for number in numbers]
            )

    def clear_parts(self) -> None:
        """Nothing is kept any more."""
        self._db.execute("DELETE FROM indicator_part")

    def parts_of_office(self, office: str, period: str, numbers: Collection[str]) -> dict[str, Part]:
        """What is kept of an office, by the indicator's number."""
        rows = self._all(
            "SELECT indicator, above, below, why, met, lacks, odd FROM indicator_part WHERE period = ? AND "
            "indicator IN (SELECT value FROM json_each(?)) AND town = ? AND village = ?",
            (period, json.dumps(sorted(numbers)), office[:TOWN], office[TOWN:]),
        )
        return {number: _part(*said) for number, *said in rows}

    def parts(self, period: str, number: str, *, under: str = "") -> dict[str, Part]:
        """What is kept of one indicator, by office in the order of their codes. under: first digits of the offices."""
        rows = self._all(
            "SELECT town || village, above, below, why, met, lacks, odd FROM indicator_part "
            "WHERE period = ? AND indicator = ? AND substr(town || village, 1, ?) = ? ORDER BY town, village",
            (period, number, len(under), under),
        )
        return {office: _part(*said) for office, *said in rows}

    def offices_with_parts(self, period: str) -> tuple[str, ...]:
        """Every office of which something is kept, sorted."""
        rows = self._all("SELECT DISTINCT town || village FROM indicator_part WHERE period = ? ORDER BY 1", (period,))
        return tuple(office for (office,) in rows)

    def tallies(
        self, period: str, numbers: Collection[str], *, without: Collection[str] = (), under: str = ""
    ) -> Groups:
        """Every indicator asked for, added up by township in one pass over its rows; roll_up makes the levels above.

        without: offices that are left out of it; under: first digits of the townships."""
        narrowed, values = "", tuple[str, ...]()
        if under:
            narrowed, values = f" AND substr(town, 1, {len(under[:TOWN])}) = ?", (under[:TOWN],)
        if without:
            narrowed += " AND town || village NOT IN (SELECT value FROM json_each(?))"
            values += (json.dumps(list(without)),)
        found: dict[str, dict[str, Tally]] = {}
        for number in numbers:  # one by one: the rows of an indicator lie in the order of their townships
            try:
                rows = self._all(_GROUPED.format(narrowed=narrowed), (period, number, *values))
            except DatabaseError as error:
                if "integer overflow" not in str(error):
                    raise
                rows = [(1,)]
            if any(row[-1] for row in rows):
                found[number] = self._added(number, period, without, under)
            else:
                found[number] = {
                    town: Tally._make((Decimal(above) * _MILLIONTH, Decimal(below) * _MILLIONTH, *rest))
                    for town, above, below, *rest, _ in rows
                }  # a sum has 19 digits at most, which no context rounds
        return found

    def _added(self, number: str, period: str, without: Collection[str], under: str) -> dict[str, Tally]:
        """The same in numbers without end, for what 64 bits or millionths do not hold."""
        groups: dict[str, Tally] = {}
        for office, part in self.parts(period, number, under=under[:TOWN]).items():
            if office not in without:
                groups[office[:TOWN]] = groups.get(office[:TOWN], Tally()).plus(_tally(part))
        return groups


def roll_up(groups: Mapping[str, Tally], digits: int) -> dict[str, Tally]:
    """Townships' tallies added up by the first digits of their codes; 0: all in one under ""."""
    if digits >= TOWN:
        return dict(groups)
    found: dict[str, Tally] = {}
    for town, said in groups.items():
        key = town[:digits]
        found[key] = found[key].plus(said) if key in found else said
    return found


# A tally in SQL, as every engine that adds up parts reads it (store.datasets): the fields of Tally, then how many rows
# must be added by hand.
COLUMNS_OF_TALLY = (
    "town, sum(above), sum(below), count(*) FILTER (WHERE why = 0), count(met), coalesce(sum(met), 0), "
    + ", ".join(f"count(*) FILTER (WHERE why = {why})" for why in range(_MISSING, _EXEMPT + 1))
    + ", count(odd)"
)
_GROUPED = (
    f"SELECT {COLUMNS_OF_TALLY} FROM indicator_part WHERE period = ? AND indicator = ?{{narrowed}} GROUP BY town"
)


def columns_of(part: Part) -> tuple[Any, ...]:
    """above, below, why, met, lacks, odd. What an office with nothing to divide by reported joins no sum: it stands in
    `lacks`, where it lacks nothing else."""
    own, met = part.figure, None if part.met is None else int(part.met)
    why = _COUNTED if own.missing is None else _WHY.get(own.missing, _UNFILLED if own.unfilled else _MISSING)
    if why == _ZERO:
        return 0, 0, why, met, f"{own.numerator:f}", None
    lacks, above, below = " ".join(own.lacks), _millionths(own.numerator), _millionths(own.denominator)
    if above is None or below is None:
        return 0, 0, why, met, lacks, f"{own.numerator:f} {own.denominator:f}"
    return above, below, why, met, lacks, None


def _part(above: int, below: int, why: int, met: int | None, lacks: str, odd: str | None) -> Part:
    if why == _ZERO:
        return Part(OfficeFigure(Decimal(lacks), Decimal(0), NoFigure.ZERO_BASE), None)
    if odd is not None:
        over, under = map(Decimal, odd.split())
    else:
        over, under = _decimal(above), _decimal(below)
    own = OfficeFigure(over, under, _SIGNS[why], tuple(lacks.split()))
    return Part(own, None if met is None else bool(met))


def _tally(part: Part) -> Tally:
    own = part.figure
    if own.missing is None:
        return Tally(own.numerator, own.denominator, 1, int(part.met is not None), int(part.met is True))
    if own.missing is NoFigure.MISSING:
        return Tally(unfilled=1) if own.unfilled else Tally(missing=1)
    if own.missing is NoFigure.ZERO_BASE:
        return Tally(zero=1)
    return Tally(exempt=1) if own.missing is NoFigure.EXEMPT else Tally(outside=1)


def _millionths(value: Decimal) -> int | None:
    scaled = EXACT.multiply(value, _MILLION)
    whole = int(scaled)
    return whole if whole == scaled and abs(whole) <= _LARGEST else None


def _decimal(millionths: int) -> Decimal:
    return Decimal(millionths) * _MILLIONTH
