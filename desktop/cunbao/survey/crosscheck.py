"""Checks that look over several villages: only a superior who holds their returns can run them. Pure; never decides.

Shared facilities (K-035): the expression of checks.csv, with group(rows, key) read as "all rows of all villages with
the same key". The 两委: one identity number in two villages' rosters. What a single return has to say is taken out of
it once (`seen_in`) and may be kept; comparing what was taken out is quick. Source: fields.md §9.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cunbao.errors import SurveyError
from cunbao.survey import xpath
from cunbao.survey.checks import TOWNSHIP_ONLY, Facts, Rule, chosen, in_words, message_of, rule_of, world_of
from cunbao.survey.form import Form
from cunbao.survey.logic import Formula, Value, World, figure, formula_of, unusable
from cunbao.survey.pairing import identity_column, row_name
from cunbao.survey.people import mask
from cunbao.survey.task import Check, Task
from cunbao.survey.values import Answers, Cell, Finding, Row, Severity
from cunbao.survey.xpath_values import text

GROUP = "group"
SHARED_BY = "b02_f_share_n"  # how many villages use the facility together
WHOLE = 100  # %
ONCE = ("B03",)  # rosters in which a person stands in one village only
ONCE_CHECK = "K-046"  # the same rule within a village

Shared = Mapping[str, tuple[Row, ...]]  # key of a group → one village's rows of it


@dataclass(frozen=True, slots=True)
class Seen:
    """What one return says to the others. shared: by check; people: identity number → row id and name."""

    shared: Mapping[str, Shared]
    people: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CrossNote:
    """One thing found between villages, as it concerns one of them. others: codes of the other villages."""

    office: str
    finding: Finding
    others: tuple[str, ...]


Returns = Mapping[tuple[str, str], Seen]  # (office, form) → what it says


def compared_forms(task: Task) -> tuple[str, ...]:
    """The forms of which something is compared, in the task's order."""
    grouped = {one.form for one in _compiled(task)}
    return tuple(form for form in task.forms if form in grouped or form in ONCE)


def seen_in(task: Task, form: str, answers: Answers) -> Seen:
    """What a signed return has to say to the others."""
    world = World(forms=task.forms, answers={form: answers})
    shared = {one.check.id: one.rows_by_key(world) for one in _compiled(task) if one.form == form}
    people = _people(task.forms[form], answers) if form in ONCE else {}
    return Seen(MappingProxyType(shared), MappingProxyType(people))


def crosscheck(task: Task, returns: Returns, names: Mapping[str, str]) -> tuple[CrossNote, ...]:
    """What does not fit between the villages' returns. names: of the offices, for the sentences."""
    found = [note for one in _compiled(task) for note in one.notes(task, returns, names)]
    for form in (name for name in ONCE if name in task.forms):
        found += _twice(task, form, returns, names)
    return tuple(found)


# --- one person in two villages --------------------------------------------------------------------------------------


def _people(form: Form, answers: Answers) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for repeat in form.repeats:
        column = identity_column(repeat)
        if column is None:
            continue
        for row in answers.rows.get(repeat.name, ()):
            if number := row.values.get(column.name, ""):
                found.setdefault(number, (row.id, row_name(repeat, row)))
    return found


def _twice(task: Task, form: str, returns: Returns, names: Mapping[str, str]) -> Iterator[CrossNote]:
    where: dict[str, list[str]] = {}
    for office, name in returns:
        for number in returns[office, name].people if name == form else ():
            where.setdefault(number, []).append(office)
    columns = [one for one in map(identity_column, task.forms[form].repeats) if one is not None]
    for number, offices in where.items():
        for office in offices if len(offices) > 1 else ():
            row, who = returns[office, form].people[number]
            others = tuple(other for other in offices if other != office)
            places = "、".join(names.get(other, other) for other in others)
            finding = Finding(
                check=ONCE_CHECK,
                severity=Severity.MUST_FIX,
                form=form,
                cells=(Cell(columns[0].name, row),),
                message=f"{who}（{mask('id', number)}）也登记在{places}的“{task.screens[form].nav}”里",
                remedy="请核实是哪个村的，另一个村删去",
                key=f"{ONCE_CHECK}:{row}:{'、'.join(others)}",
                forms=(form,),
            )
            yield CrossNote(office, finding, others)


# --- rows of all villages by a key -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grouped:
    """A compiled check over groups. rows, key: within one village; test, value: over all rows of a group, put together
    as one roster; column: the one that the group is summed by."""

    check: Check
    form: str
    repeat: str
    rows: Formula
    key: Formula
    test: Formula
    value: Formula | None
    column: str

    def rows_by_key(self, world: World) -> Shared:
        found: dict[str, tuple[Row, ...]] = {}
        for one in chosen(self.rows, world):
            key = self.key(world, one)
            if key is not None and key != "":
                found[text(key)] = (*found.get(text(key), ()), one.row)
        return MappingProxyType(found)

    def notes(self, task: Task, returns: Returns, names: Mapping[str, str]) -> Iterator[CrossNote]:
        groups: dict[str, list[tuple[str, Row]]] = {}
        for (office, form), seen in returns.items():
            for key, rows in seen.shared.get(self.check.id, {}).items() if form == self.form else ():
                groups.setdefault(key, []).extend((office, row) for row in rows)
        for group in groups.values():
            yield from self._judged(task, group, names)

    def _judged(self, task: Task, group: Sequence[tuple[str, Row]], names: Mapping[str, str]) -> Iterator[CrossNote]:
        # row ids of two villages may be one; here they only tell the rows apart
        together = tuple(Row(str(at), row.values) for at, (_, row) in enumerate(group))
        world = World(forms=task.forms, answers={self.form: Answers({}, {self.repeat: together})})
        value = self.value(world) if self.value else None
        offices = tuple(dict.fromkeys(office for office, _ in group))
        if self.test(world) is not False or _more_to_come(together, len(offices), value):
            return
        parts = "、".join(f"{names.get(at, at)}{_share(row.values.get(self.column, ''))}" for at, row in group)
        message, remedy = message_of(self.check)
        for (office, row), view in zip(group, world.rows(self.form, self.repeat), strict=True):
            finding = Finding(
                check=self.check.id,
                severity=self.check.severity,
                form=self.form,
                cells=(Cell(self.column, row.id),),
                message=f"{in_words(world, self.form, message, view, value)}（{parts}）",
                remedy=remedy,
                key=f"{self.check.id}:{row.id}",
                forms=self.check.forms,
            )
            yield CrossNote(office, finding, tuple(other for other in offices if other != office))


def _share(percent: str) -> str:
    return f" {percent}%" if percent else "没填"


def _more_to_come(rows: Sequence[Row], offices: int, value: Value) -> bool:
    """Less than the whole says nothing while not all that share have reported; more is wrong already."""
    found = figure(value)
    sharing = max((int(said) for row in rows if (said := row.values.get(SHARED_BY, "")).isdecimal()), default=0)
    return found is not None and found < WHOLE and offices < sharing


def judge_over_villages(
    task: Task, own: Mapping[str, Answers], sums: Mapping[str, Answers], facts: Facts
) -> tuple[Finding, ...]:
    """The checks that hold a form of the township against the sums over its villages (K-115), for the one who fills it.

    own: the township's forms as they would be signed; sums: form → Σ of each number over the villages that count."""
    if task.sha256 not in _OVER_VILLAGES:
        if len(_OVER_VILLAGES) > 8:
            _OVER_VILLAGES.clear()
        asked = [one for one in task.checks if one.id in TOWNSHIP_ONLY and f"{GROUP}(" not in one.expression]
        _OVER_VILLAGES[task.sha256] = tuple(rule_of(task, one) for one in asked)
    world = world_of(task, {**sums, **own}, facts)
    return tuple(finding for rule in _OVER_VILLAGES[task.sha256] for finding in rule.findings(world))


_OVER_VILLAGES: dict[str, tuple[Rule, ...]] = {}
_COMPILED: dict[tuple[str, tuple[str, ...]], tuple[_Grouped, ...]] = {}


def _compiled(task: Task) -> tuple[_Grouped, ...]:
    """The task's checks over groups, compiled once. SurveyError for an expression that cannot be used."""
    key = (task.sha256, tuple(task.forms))
    if key not in _COMPILED:
        if len(_COMPILED) > 8:
            _COMPILED.clear()
        asked = [one for one in task.checks if one.id in TOWNSHIP_ONLY and f"{GROUP}(" in one.expression]
        _COMPILED[key] = tuple(_compile(task, one) for one in asked if set(one.forms) <= set(task.forms))
    return _COMPILED[key]


def _compile(task: Task, asked: Check) -> _Grouped:
    node = xpath.parse(asked.expression)
    found = [one for one in xpath.walk(node) if isinstance(one, xpath.Path) and _groups(one)]
    match found:
        case [xpath.Path(start=xpath.Call(args=(xpath.Path(steps=(step,)) as rows, key)), steps=(column,))]:
            form, _, repeat = step.name.rpartition(".")
        case _:
            raise unusable(f"{asked.id}：{GROUP} 应写成 group(名册[…], 键)/栏")
    try:
        value = formula_of(_together(xpath.parse(asked.value)), task.forms) if asked.value else None
        return _Grouped(
            check=asked,
            form=form,
            repeat=repeat,
            rows=formula_of(rows, task.forms),
            key=formula_of(key, task.forms, (form, repeat)),
            test=formula_of(_together(node), task.forms),
            value=value,
            column=column.name,
        )
    except SurveyError as error:
        raise unusable(f"{asked.id}：{error.happened}") from error


def _groups(path: xpath.Path) -> bool:
    return isinstance(path.start, xpath.Call) and path.start.name == GROUP


def _together(node: xpath.Node) -> xpath.Node:
    """The expression with each group(rows, key)/column read as roster/column: it is asked of one group at a time."""
    match node:
        case xpath.Path(start=xpath.Call(name="group", args=(xpath.Path(steps=(step,)), _)), steps=steps):
            return xpath.Path("", (replace(step, predicates=()), *steps))
        case xpath.Binary(left=left, right=right):
            return replace(node, left=_together(left), right=_together(right))
        case xpath.Negate(of=of):
            return replace(node, of=_together(of))
        case xpath.Call(args=args):
            return replace(node, args=tuple(map(_together, args)))
        case _:
            return node
