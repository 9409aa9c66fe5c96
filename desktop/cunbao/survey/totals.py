"""汇总表: exact sums over many offices, and ratios Σ ÷ Σ.

Everything stays exact integers of hundredths until it is shown; the one division is `value` (protocol §8). An office
without a return that counts, a figure that does not apply and nothing to divide by are three different answers, none
of them 0. Pure: where the sums come from (`store.sums`, or the answers of a return) is not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from cunbao.survey.indicators import DIVISION, NoFigure
from cunbao.survey.totals_table import Column, Place, Sum, TotalsTable
from cunbao.survey.values import Answers
from cunbao.survey.xpath_functions import EXACT

HUNDRED = Decimal(100)
LARGEST = 2**63 - 1  # hundredths, what a column of the store holds


@dataclass(frozen=True, slots=True)
class Sums:
    """What one office, or several, say in one place. rows: returns of the form, or rows of the roster; hundredths: in
    the order in which they were asked for, None where nobody filled it in."""

    rows: int
    hundredths: tuple[int | None, ...]


Unit = Mapping[Place, Sums]  # all that one office, or several together, say


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a table, exact: numerator and denominator in hundredths (100 when there is none), or why none."""

    above: int
    below: int = 100
    missing: NoFigure | None = None

    @property
    def numerator(self) -> Decimal:
        return _decimal(self.above)

    @property
    def denominator(self) -> Decimal:
        return _decimal(self.below)


# --- sums --------------------------------------------------------------------------------------------------------


def hundredths(text: str) -> int | None:
    """A number as exact hundredths; None for nothing and for what does not fit, which is never guessed at."""
    if not text:
        return None
    try:
        scaled = EXACT.multiply(Decimal(text), HUNDRED)
        whole = int(scaled) if scaled.is_finite() and scaled.adjusted() < 20 else None
    except InvalidOperation:
        return None
    return whole if whole is not None and whole == scaled and abs(whole) <= LARGEST else None


def sums_of(table: TotalsTable, answers: Mapping[str, Answers]) -> Unit:
    """What one office's answers, by form, say: the same as the store would say of a return that counts."""
    unit = {}
    for (form, repeat), asked in table.asked.items():
        if form in answers:
            said = answers[form]
            rows = [one.values for one in said.rows.get(repeat, ())] if repeat else [said.values]
            unit[form, repeat] = Sums(len(rows), tuple(_added(one, rows) for one in asked))
    return unit


def _added(one: Sum, rows: Sequence[Mapping[str, str]]) -> int | None:
    found = None
    for row in rows:
        values = {name: hundredths(row.get(name, "")) for name in one.needed}
        added = [value for name in one.fields if (value := values[name]) is not None]
        if None not in values.values():
            found = (found or 0) + sum(added)
    return found


def units_of(said: Mapping[Place, Mapping[str, Sums]]) -> dict[str, Unit]:
    """The other way round: from what the store says place by place to what each office (or group) says."""
    units: dict[str, dict[Place, Sums]] = {}
    for place, by_office in said.items():
        for office, sums in by_office.items():
            units.setdefault(office, {})[place] = sums
    return dict(units)


def together(units: Iterable[Unit]) -> Unit:
    """Σ over offices. Nobody having filled something in is not 0."""
    said: dict[Place, list[Sums]] = {}
    for unit in units:
        for place, one in unit.items():
            said.setdefault(place, []).append(one)
    return {place: _all_of(found) for place, found in said.items()}


def all_together(said: Mapping[Place, Mapping[str, Sums]]) -> Unit:
    """The same straight from what the store says, place by place."""
    return {place: _all_of(list(by_office.values())) for place, by_office in said.items() if by_office}


def _all_of(said: list[Sums]) -> Sums:
    columns = zip(*(one.hundredths for one in said), strict=True)
    return Sums(sum(one.rows for one in said), tuple(_summed(column) for column in columns))


def _summed(column: tuple[int | None, ...]) -> int | None:
    if None not in column:
        return sum(column)  # type: ignore[arg-type]  # the line above says so
    filled = [exact for exact in column if exact is not None]
    return sum(filled) if filled else None


def figure(column: Column, unit: Unit) -> Figure:
    """The column's number for these offices."""
    returns = unit.get((column.form, ""))
    if returns is None or not returns.rows:
        return _NO_RETURN
    own = unit.get((column.form, column.repeat)) if column.repeat else returns
    if own is None or (column.repeat and not own.rows):
        return Figure(0)  # no row is nobody, which is a number
    if column.above is None:
        return Figure(100 * own.rows)
    above = own.hundredths[column.above]
    if above is None or (not column.summed and own.rows > 1):
        return _NOT_ASKED
    if column.below is None:
        return Figure(above)
    below = own.hundredths[column.below]
    return _NOT_ASKED if below is None else Figure(above, below)


_NO_RETURN = Figure(0, missing=NoFigure.MISSING)
_NOT_ASKED = Figure(0, missing=NoFigure.OUT_OF_SCOPE)


def value(column: Column, own: Figure) -> Decimal | NoFigure:
    """The number itself, a ratio unrounded to 28 digits; else why there is none."""
    if own.missing is not None:
        return own.missing
    if column.below is None:
        return own.numerator
    if not own.below:
        return NoFigure.ZERO_BASE
    return DIVISION.divide(EXACT.multiply(Decimal(own.above), column.per), Decimal(own.below))


def met(column: Column, own: Figure) -> bool | None:
    """Is the target reached? By cross-multiplication, so that no rounding decides; None: no figure, or no target."""
    if column.target is None or own.missing is not None or not own.below:
        return None
    return EXACT.multiply(Decimal(own.above), column.per) >= EXACT.multiply(column.target, Decimal(own.below))


def shortfall(column: Column, own: Figure) -> Decimal | None:
    """How much is lacking to the target, in the places shown and never 0 while it is not reached; None: nothing."""
    reached = value(column, own)
    if met(column, own) is not False or column.target is None or isinstance(reached, NoFigure):
        return None
    unit = Decimal(1).scaleb(-column.places)
    return max((column.target - reached).quantize(unit, ROUND_HALF_UP), unit)


def shown(column: Column, found: Decimal | NoFigure) -> str:
    """At least the column's places, half up where a ratio goes on; a minus as U+2212; else the sign of why not."""
    if isinstance(found, NoFigure):
        return found.value
    unit = Decimal(1).scaleb(-column.places)
    kept = found.quantize(unit, ROUND_HALF_UP, EXACT)
    if kept != found and not column.is_ratio:
        kept = found  # an exact sum is never cut
    return f"{kept:f}".replace("-", "\u2212")


def _decimal(exact: int) -> Decimal:
    return EXACT.scaleb(Decimal(exact), -2)
