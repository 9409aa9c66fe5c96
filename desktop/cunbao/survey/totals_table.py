"""Which numbers of a form its 汇总表 shows: what task.toml puts first, then every other number, then its rosters.

Works out columns and what must be summed for them; sums nothing itself (`totals`). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.task import ROW_NUMBER, Task
from cunbao.survey.totals_layout import NUMBERS, AskedColumn, TotalsLayout

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
        self.unsummed = task.totals.get(form.id, TotalsLayout()).unsummed
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
            target=self.task.params.get(asked.target),
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
            summed=can_be_summed(field) and field.name not in self.unsummed,
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


_PATHS = re.compile(r"(?:/[\w.-]+)+")


def made_of(form: Form, name: str) -> tuple[str, str] | None:
    """The roster and its column that the form adds up to this field, ("b02_f", "b02_f_area_c"); column "" when it
    counts the rows. None: it was typed, carried over, or made of something else."""
    nodes = {"/" + "/".join(path): bind for path, bind in form.binds.items()}
    own = next((bind for bind in form.binds.values() if bind.kind == "field" and bind.name == name), None)
    used = {nodes[path].name: nodes[path] for path in _PATHS.findall(own.calculate if own else "") if path in nodes}
    found = {(one.repeat, "" if one.kind == "repeat" else one.name) for one in used.values() if one.repeat}
    return found.pop() if len(found) == 1 and own is not None and not own.repeat else None
