"""汇总表: which numbers of a form are added up, their exact sums over many offices, and ratios Σ ÷ Σ.

Everything stays exact integers of hundredths until it is shown; the one division is `value` (protocol §8). An office
without a return that counts, a figure that does not apply and nothing to divide by are three different answers, none
of them 0. Pure: where the sums come from (`store.sums`, or the answers of a return) is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.indicators import DIVISION, NoFigure
from cunbao.survey.task import ROW_NUMBER, Task
from cunbao.survey.totals_layout import NUMBERS, AskedColumn, TotalsLayout
from cunbao.survey.values import Answers
from cunbao.survey.xpath_functions import EXACT

HUNDRED = Decimal(100)
LARGEST = 2**63 - 1  # hundredths, what a column of the store holds
PLACES = 2  # of areas and percentages; counts have none

Place = tuple[str, str]  # form, and roster of it or "" for the form itself


@dataclass(frozen=True, slots=True)
class Sum:
    """Σ of `fields` added up, over the rows where each of them and of `beside` is filled in: a ratio leaves an office
    with an empty field out of its numerator and its denominator (fields.md §10)."""

    fields: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.fields, *self.beside)))


@dataclass(frozen=True, slots=True)
class Sums:
    """What one office, or several, say in one place. rows: returns of the form, or rows of the roster; hundredths: in
    the order in which they were asked for, None where nobody filled it in."""

    rows: int
    hundredths: tuple[int | None, ...]


Unit = Mapping[Place, Sums]  # all that one office, or several together, say


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a 汇总表. key: unique in its table; form, repeat: where its numbers stand.

    above, below: places in Sums.hundredths; above None: the rows themselves are counted; below None: no ratio.
    numerator, denominator: fields of a ratio; per: what it is multiplied by; target: at least this is to be reached.
    summed: False where a sum would mean nothing (a share that each office computed itself).
    """

    key: str
    form: str
    repeat: str
    head: str
    short: str
    unit: str
    places: int
    above: int | None
    below: int | None = None
    summed: bool = True
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    per: Decimal = Decimal(1)
    target: Decimal | None = None

    @property
    def is_ratio(self) -> bool:
        return self.below is not None


@dataclass(frozen=True, slots=True)
class TotalsTable:
    """What the 汇总表 of a form shows. screen, paper: keys of the columns shown there, in order; asked: what must be
    summed where, in the order to which columns point; crosstabs: pairs of roster columns."""

    form: str
    title: str
    columns: tuple[Column, ...]
    screen: tuple[str, ...]
    paper: tuple[str, ...]
    asked: Mapping[Place, tuple[Sum, ...]]
    crosstabs: tuple[tuple[str, str], ...]

    def column(self, key: str) -> Column:
        """Raises KeyError."""
        for one in self.columns:
            if one.key == key:
                return one
        raise KeyError(key)


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


# --- which columns -----------------------------------------------------------------------------------------------


def totals_table(task: Task, form_id: str) -> TotalsTable:
    """The columns that task.toml puts first, then every other number of the form in its order, then its rosters."""
    form = task.forms[form_id]
    layout = task.totals.get(form_id, TotalsLayout())
    building = _Building(task, form)
    for asked in layout.columns:
        building.add(building.named(asked))
    named = {one.key for one in building.columns}
    for column in building.every(named):
        building.add(column)
    every = tuple(one.key for one in building.columns)
    return TotalsTable(
        form=form_id,
        title=totals_title(task.papers[form_id].title),
        columns=tuple(building.columns),
        screen=layout.screen or every,
        paper=layout.paper or every,
        asked={place: tuple(sums) for place, sums in building.asked.items()},
        crosstabs=layout.crosstabs,
    )


def totals_title(title: str) -> str:
    """综合服务设施面积汇总表 of 综合服务设施面积表."""
    return title.removesuffix("表").removesuffix("名册") + "汇总表"


class _Building:
    def __init__(self, task: Task, form: Form) -> None:
        self.task = task
        self.form = form
        self.columns: list[Column] = []
        self.asked: dict[Place, list[Sum]] = {(form.id, ""): [], **{(form.id, one.name): [] for one in form.repeats}}

    def add(self, column: Column) -> None:
        self.columns.append(column)

    def at(self, place: Place, one: Sum) -> int:
        """Where in Sums.hundredths this sum will stand."""
        sums = self.asked.setdefault(place, [])
        if one not in sums:
            sums.append(one)
        return sums.index(one)

    def named(self, asked: AskedColumn) -> Column:
        if asked.numerator:
            return self.ratio(asked)
        other, dot, name = asked.field.partition(".")
        form = self.task.forms[other] if dot else self.form
        repeat = next((one for one in form.repeats if one.name == asked.field), None)
        if repeat is not None:
            return self.rows(repeat, asked)
        return self.sum(form, form.field(name if dot else asked.field), asked)

    def ratio(self, asked: AskedColumn) -> Column:
        place = (self.form.id, "")
        field = self.form.by_name.get(asked.field)
        head = asked.head or (field.label if field else asked.field)
        return Column(
            key=asked.field,
            form=self.form.id,
            repeat="",
            head=head,
            short=asked.short or head,
            unit=asked.unit or (field.unit if field else ""),
            places=PLACES,
            above=self.at(place, Sum(asked.numerator, asked.denominator)),
            below=self.at(place, Sum(asked.denominator, asked.numerator)),
            numerator=asked.numerator,
            denominator=asked.denominator,
            per=asked.per,
            target=self.task.params[asked.target] if asked.target else None,
        )

    def sum(self, form: Form, field: Field, asked: AskedColumn | None = None) -> Column:
        asked = asked or AskedColumn(field.name)
        head = asked.head or field.label
        return Column(
            key=asked.field,
            form=form.id,
            repeat=field.repeat,
            head=head,
            short=asked.short or head,
            unit=asked.unit or field.unit,
            places=places_of(field),
            above=self.at((form.id, field.repeat), Sum((field.name,))),
            summed=can_be_summed(field),
        )

    def rows(self, repeat: Repeat, asked: AskedColumn | None = None) -> Column:
        asked = asked or AskedColumn(repeat.name)
        head = asked.head or f"{roster_label(repeat)}名册"
        return Column(
            key=repeat.name,
            form=self.form.id,
            repeat=repeat.name,
            head=head,
            short=asked.short or head,
            unit=asked.unit or row_word(repeat),
            places=0,
            above=None,
        )

    def every(self, named: set[str]) -> Iterable[Column]:
        """All other numbers: fields in their order, then each roster's rows and what its paper adds up."""
        for field in self.form.fields:
            if is_figure(field) and field.name not in named:
                yield self.sum(self.form, field)
        printed = {one.field for one in self.task.papers[self.form.id].columns if one.field != ROW_NUMBER}
        totalled = {one.field for one in self.task.papers[self.form.id].columns if one.total}
        for repeat in self.form.repeats:
            if repeat.name not in named:
                yield self.rows(repeat)
            for field in repeat.fields:
                # A year or an age is a number too; the paper says which columns have a 合计.
                wanted = field.name in totalled if field.name in printed else can_be_summed(field)
                if is_figure(field) and wanted and field.name not in named:
                    yield self.sum(self.form, field)


def is_figure(field: Field) -> bool:
    """Is it a number to be shown? Helpers are not, and neither are numbers that are codes."""
    return field.kind in NUMBERS and field.list is None and not field.hidden


def can_be_summed(field: Field) -> bool:
    """A share or a figure per something is not added up over offices."""
    return field.unit not in ("%", "‰") and "/" not in field.unit


def places_of(field: Field) -> int:
    if field.kind is Kind.INTEGER:
        return 0
    return PLACES if field.places is None else field.places


def roster_label(repeat: Repeat) -> str:
    """成员 for 成员（一人一行）."""
    return repeat.label.partition("（")[0] or repeat.name


def of_people(repeat: Repeat) -> bool:
    """Does a row of it stand for a person? Then it has an identity number or a phone."""
    return any(one.mask for one in repeat.fields)


def row_word(repeat: Repeat) -> str:
    return "人" if of_people(repeat) else "行"


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


# --- where a number comes from -----------------------------------------------------------------------------------

_PATHS = re.compile(r"(?:/[\w.-]+)+")


def made_of(form: Form, name: str) -> tuple[str, str] | None:
    """The roster and its column that the form adds up to this field, ("b02_f", "b02_f_area_c"); column "" when it
    counts the rows. None: it was typed, carried over, or made of something else."""
    nodes = {"/" + "/".join(path): bind for path, bind in form.binds.items()}
    own = next((bind for bind in form.binds.values() if bind.kind == "field" and bind.name == name), None)
    used = {nodes[path].name: nodes[path] for path in _PATHS.findall(own.calculate if own else "") if path in nodes}
    found = {(one.repeat, "" if one.kind == "repeat" else one.name) for one in used.values() if one.repeat}
    return found.pop() if len(found) == 1 and own is not None and not own.repeat else None
