"""汇总表 of a desk: the villages' numbers added up, the same people crossed by two codes, and every number's source.

Only accepted revisions are in the sums, and a village without one is named with the state of its return, never 0.
With `received` (what has come and is not accepted yet, by office and form) the title says 含未审核; an accepted
revision stands until its correction is accepted too. Nothing here is written but the workbook (`totals_export`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from cunbao.desks.clock import LOCAL, Clock
from cunbao.desks.township.totals_views import (
    CrosstabChoice,
    CrosstabView,
    LeftOut,
    TotalsCell,
    TotalsHead,
    TotalsRow,
    TotalsView,
)
from cunbao.desks.views import Person
from cunbao.store import CountedReturn, Workspace
from cunbao.survey.crosstab import axes, axis_of, count_answers, crosstab
from cunbao.survey.form import Form
from cunbao.survey.indicators import NoFigure
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.task import Task
from cunbao.survey.totals import (
    Figure,
    Sums,
    Unit,
    figure,
    met,
    shortfall,
    shown,
    sums_of,
    together,
    units_of,
    value,
)
from cunbao.survey.totals_table import Column, Place, TotalsTable, of_people, roster_label, row_word, totals_table
from cunbao.survey.values import Answers, Office

UNREVIEWED = "含未审核"
ACCEPTED = ReturnState.ACCEPTED.value
# What needs work first; any other word after them.
_ORDER = ("有冲突", "退回", "已接收", "证书待核准", "未报")
SIGNS = "“…”表示没有可计入的报表，“／”表示分母为零，“—”表示不适用；三种都不是 0。"

States = Mapping[tuple[str, str], str]  # the word of each return, by office and form; one not named is 未报
Received = Mapping[tuple[str, str], Answers]  # newest received answers that are not accepted, by office and form


class TotalsSource(Protocol):
    """What of a desk totals need. villages: those that are to report, in the order of the table."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def task(self) -> Task: ...
    @property
    def villages(self) -> Sequence[Office]: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def office(self) -> Office: ...
    @property
    def person(self) -> Person: ...
    @property
    def full_name(self) -> str: ...


def totals_forms(task: Task) -> tuple[tuple[str, str], ...]:
    """The forms that villages fill, with the words of their tabs: ("B02", "设施面积 B02")."""
    return tuple((name, tab(task, name)) for name, level in task.levels.items() if level == "village")


def tab(task: Task, form: str) -> str:
    return f"{task.screens[form].nav} {form}"


# --- the table ---------------------------------------------------------------------------------------------------


def totals_view(desk: TotalsSource, form: str, *, states: States, received: Received | None = None) -> TotalsView:
    """The 汇总表 of a form. received None: only what was accepted; a mapping, even an empty one: 含未审核."""
    return _Filling(desk, form, states, received).view()


class _Filling:
    def __init__(self, desk: TotalsSource, form: str, states: States, received: Received | None) -> None:
        self.desk = desk
        self.form = desk.task.forms[form]
        self.table = totals_table(desk.task, form)
        self.states = states
        self.received = received
        self.accepted = accepted(desk, self.form)
        self.units = _units(desk, self.table, received or {})

    def view(self) -> TotalsView:
        table, name = self.table, self.form.id
        rows = tuple(self.row(one) for one in self.desk.villages)
        counted = [one for one in rows if one.counted or one.unreviewed]
        heads = tuple(_head(self.desk.task, table, one) for one in table.columns)
        formulas = tuple(f"{one.head}＝{one.formula}" for one in heads if one.formula)
        places = {one.key: at for at, one in enumerate(heads)}
        lacking = self.lacking(counted)
        gone = _left_out(one for one in rows if one not in counted)
        return TotalsView(
            form=name,
            tab=tab(self.desk.task, name),
            title=table.title + (f"（{UNREVIEWED}）" if self.received is not None else ""),
            unreviewed=self.received is not None,
            heads=heads,
            screen=tuple(places[key] for key in table.screen),
            paper=tuple(places[key] for key in table.paper),
            rows=rows,
            total=_cells(table, together(self.units[one.office] for one in counted)),
            counted=len(counted),
            villages=len(rows),
            meeting={
                one.key: sum(row.cells[at].met is True for row in counted)
                for at, one in enumerate(heads)
                if one.target is not None
            },
            lacking=lacking,
            left_out=gone,
            can_include=sum(one.state == ReturnState.RECEIVED and not one.counted for one in rows),
            formulas=formulas,
            notes=self.notes(rows, gone, formulas, lacking, heads),
            at=self.desk.clock(),
        )

    def row(self, office: Office) -> TotalsRow:
        unit = self.units.get(office.code, {})
        held = self.accepted.get(office.code)
        state = self.states.get((office.code, self.form.id), ACCEPTED if held else ReturnState.MISSING.value)
        return TotalsRow(
            office=office.code,
            name=office.short,
            state=str(state),
            counted=held is not None,
            unreviewed=held is None and bool(unit),
            proxy=held is not None and held.kind == Kind.PROXY.code,
            revision=held.revision if held else "",
            cells=_cells(self.table, unit),
        )

    def lacking(self, counted: list[TotalsRow]) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for at, column in enumerate(self.table.columns):
            names = tuple(one.name for one in counted if isinstance(one.cells[at].value, NoFigure))
            if names:
                found[column.key] = names
        return found

    def notes(
        self,
        rows: tuple[TotalsRow, ...],
        gone: tuple[LeftOut, ...],
        formulas: tuple[str, ...],
        lacking: Mapping[str, tuple[str, ...]],
        heads: tuple[TotalsHead, ...],
    ) -> tuple[str, ...]:
        """What stands under the table on paper and in the workbook."""
        told = [missing_line(len(rows), gone)]
        if any(one.unreviewed for one in rows):
            told.append(f"{UNREVIEWED}：{'、'.join(one.name for one in rows if one.unreviewed)}已接收，还没有审核。")
        for head in heads:
            short = lacking.get(head.key, ())
            if short and (head.ratio or head.form != self.form.id):
                told.append(f"“{head.head}”不含{'、'.join(short)}：这 {len(short)} 个村没有这个数。")
        told += self.misfits(rows)
        told.append(SIGNS)
        if formulas:
            told.append(f"{'；'.join(formulas)}。合计行按各村合计数相除，不是各村平均。")
        proxies = [one.name for one in rows if one.proxy]
        if proxies:
            told.append(f"代报 {len(proxies)} 个村（{'、'.join(proxies)}）。")
        at = self.desk.clock().astimezone(LOCAL)
        told.append(f"数据截至 {at:%Y-%m-%d %H:%M}，每个数都可以查到对应的签名报表。")
        return tuple(told)

    def misfits(self, rows: tuple[TotalsRow, ...]) -> list[str]:
        """Signed numbers that no sum can hold: said, not left out in silence."""
        found = []
        for row in rows:
            if row.counted:
                for one in self.desk.workspace.misfits(row.office, self.form.id, self.desk.task.period):
                    label = self.form.field(one.field).label
                    found.append(f"{row.name}“{label}”填的“{one.text}”不能相加，没有计入。")
        return found


def accepted(desk: TotalsSource, form: Form) -> Mapping[str, CountedReturn]:
    """The revisions that count among the desk's villages, by office."""
    return desk.workspace.returns_that_count(form, desk.task.period, offices=_codes(desk))


def missing_line(villages: int, gone: tuple[LeftOut, ...]) -> str:
    """没有计入：曼赛村（未报）、贺开村（退回）。应报 7 个村，合计不含这 2 个村。"""
    named = [f"{name}（{one.state}）" for one in gone for _, name in one.offices]
    if not named:
        return f"应报 {villages} 个村，全部计入。"
    return f"没有计入：{'、'.join(named)}。应报 {villages} 个村，合计不含这 {len(named)} 个村。"


def _units(desk: TotalsSource, table: TotalsTable, received: Received) -> dict[str, Unit]:
    """What each village says that is in the sums: an accepted return of the form, or else a received one."""
    said: dict[Place, Mapping[str, Sums]] = {}
    for (form, repeat), asked in table.asked.items():
        said[form, repeat] = desk.workspace.sums_that_count(
            desk.task.forms[form], desk.task.period, asked, repeat=repeat, offices=_codes(desk)
        )
    units = {office: dict(unit) for office, unit in units_of(said).items()}
    for (office, form), answers in received.items():
        unit = units.setdefault(office, {})
        if (form, "") not in unit:
            own = {place: sums for place, sums in sums_of(table, {form: answers}).items() if place[0] == form}
            unit.update(own)
    return {office: unit for office, unit in units.items() if (table.form, "") in unit}


def _cells(table: TotalsTable, unit: Unit) -> tuple[TotalsCell, ...]:
    return tuple(cell_of(one, figure(one, unit)) for one in table.columns)


def cell_of(column: Column, own: Figure) -> TotalsCell:
    """A figure as it is shown."""
    found = value(column, own)
    short = shortfall(column, own)
    reached = met(column, own)
    verdict = "" if reached is None else "达到" if reached else f"差 {short}"
    return TotalsCell(found, shown(column, found), reached, short, verdict)


def _head(task: Task, table: TotalsTable, one: Column) -> TotalsHead:
    return TotalsHead(
        key=one.key,
        form=one.form,
        head=one.head,
        short=one.short,
        unit=one.unit,
        places=one.places,
        ratio=one.is_ratio,
        target=one.target,
        formula=formula_of(task, table, one),
    )


def formula_of(task: Task, table: TotalsTable, column: Column) -> str:
    """计入面积÷常住户数×100, in the words of the columns' own heads; "" when it is no ratio."""
    if not column.is_ratio:
        return ""

    def words(names: tuple[str, ...]) -> str:
        heads = {one.key: one.head for one in table.columns}
        known = [heads.get(name) or task.forms[column.form].field(name).label for name in names]
        told = [one.removeprefix("其中：") for one in known]
        return told[0] if len(told) == 1 else f"（{'＋'.join(told)}）"

    times = "" if column.per == 1 else f"×{column.per.normalize():f}"
    return f"{words(column.numerator)}÷{words(column.denominator)}{times}"


def _left_out(rows: Iterable[TotalsRow]) -> tuple[LeftOut, ...]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.state, []).append((row.office, row.name))
    order = [*(state for state in _ORDER if state in found), *(state for state in found if state not in _ORDER)]
    return tuple(LeftOut(state, tuple(found[state])) for state in order)


def _codes(desk: TotalsSource) -> list[str]:
    return [one.code for one in desk.villages]


# --- cross-tabs --------------------------------------------------------------------------------------------------


def crosstab_choices(task: Task) -> tuple[CrosstabChoice, ...]:
    """The 交叉表 that the task asks for; of a roster of which it says nothing, its first two coded columns."""
    found = []
    for name, _ in totals_forms(task):
        form, table = task.forms[name], totals_table(task, name)
        for repeat in form.repeats:
            pairs = [pair for pair in table.crosstabs if form.field(pair[0]).repeat == repeat.name]
            known = [one.field for one in axes(form, repeat.name)]
            if not pairs and len(known) > 1:
                pairs = [(known[0], known[1])]
            found += [_choice(form, repeat.name, *pair) for pair in pairs]
    return tuple(found)


def _choice(form: Form, repeat: str, rows: str, columns: str) -> CrosstabChoice:
    label = f"{axis_of(form, repeat, rows).label} × {axis_of(form, repeat, columns).label}"
    return CrosstabChoice(form.id, repeat, rows, columns, label)


def crosstab_view(
    desk: TotalsSource, form: str, repeat: str, rows: str, columns: str, *, received: Received | None = None
) -> CrosstabView:
    """Rows of a roster by two of its coded columns (`rows`, `columns`: their fields; the age's field for 年龄段).
    Nothing is hidden on screen. Raises KeyError for what is no coded column of it."""
    asked = desk.task.forms[form]
    roster = asked.repeat(repeat)
    by = (axis_of(asked, repeat, rows), axis_of(asked, repeat, columns))
    counts = dict(desk.workspace.count_rows(asked, desk.task.period, repeat, by, offices=_codes(desk)))
    more = unreviewed(desk, asked, received or {})
    for codes, count in count_answers(more.values(), repeat, by).items():
        counts[codes] = counts.get(codes, 0) + count
    counted = len(accepted(desk, asked)) + len(more)
    title = f"{roster_label(roster)}：{_choice(asked, repeat, rows, columns).label}"
    return CrosstabView(
        form=form,
        repeat=repeat,
        title=title + (f"（{UNREVIEWED}）" if received is not None else ""),
        unreviewed=received is not None,
        table=crosstab(*by, counts),
        unit=row_word(roster),
        people=of_people(roster),
        axes=tuple((one.field, one.label) for one in axes(asked, repeat)),
        counted=counted,
        missing=len(desk.villages) - counted,
    )


def unreviewed(desk: TotalsSource, form: Form, received: Received) -> dict[str, Answers]:
    """What was received of this form from villages of which nothing counts yet, by office in the desk's order."""
    held = accepted(desk, form)
    return {
        one.code: received[one.code, form.id]
        for one in desk.villages
        if one.code not in held and (one.code, form.id) in received
    }
