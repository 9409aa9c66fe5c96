"""检查: the fields' own findings and the 审核关系 of the task, each once, with the cells that a screen can jump to.

A check is data (checks.csv) in the dialect of logic.py; this module knows the shapes that a check may have: one
judgement over the return, every(rows, …), unique(rows, …) and nodup(columns…). Never changes answers; knows no clock.
Source: fields.md §9, decisions 1 and 7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from types import MappingProxyType

from cunbao.errors import SurveyError
from cunbao.survey import xpath
from cunbao.survey.form import Field, Form
from cunbao.survey.instance import Instance
from cunbao.survey.logic import (
    PERSON,
    Formula,
    RowView,
    Scope,
    Value,
    World,
    figure,
    formula,
    formula_of,
    rows_of,
    unusable,
)
from cunbao.survey.task import Check, Task
from cunbao.survey.values import Answers, Cell, Finding, Office, Ret, Severity
from cunbao.survey.xpath_values import plain, text

TOWNSHIP_ONLY = frozenset({"K-035", "K-115"})  # they look over villages
NOT_IN_SAMPLE = frozenset({"K-038"})  # sample people have numbers that no province gives out
BOXES = {"filler": "填表人", "stat_head": "统计负责人", "head": "单位负责人", "phone": "联系电话"}  # order of K-118
NOTHING: Mapping[str, Answers] = MappingProxyType({})
BLANK = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What checks know besides the forms. last: the counted answers of the last period by form; params: PARAM.x;
    sample: a workspace with invented people; imported: form → row id → column → text as the sheet had it, only right
    after an import (K-040, K-041)."""

    office: Office
    ret: Ret
    last: Mapping[str, Answers]
    params: Mapping[str, Decimal]
    sample: bool = False
    imported: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=lambda: MappingProxyType({}))


def check(
    task: Task, instances: Mapping[str, Instance], facts: Facts, *, beside: Mapping[str, Answers] = NOTHING
) -> tuple[Finding, ...]:
    """The whole check of the forms that have been started: field findings, 提示, then the checks in their order.

    beside: signed answers of further forms, which the checks look at too."""
    own = [one for name, instance in instances.items() for one in (*instance.findings(), *hints(task, name, instance))]
    answers = {**beside, **{name: one.answers(signed=True) for name, one in instances.items()}}
    judged = judge(task, {name: answers[name] for name in task.forms if name in answers}, facts)
    twins = {one.id for one in task.checks if one.from_field}
    for twin in (one for one in judged if one.check in twins):
        own = _named(own, twin)
    return (*own, *(one for one in judged if one.check not in twins))


def judge(task: Task, answers: Mapping[str, Answers], facts: Facts) -> tuple[Finding, ...]:
    """The checks alone, over answers as they would be signed (calculated included, nothing that is not relevant)."""
    world = world_of(task, answers, facts)
    skipped = TOWNSHIP_ONLY | (NOT_IN_SAMPLE if facts.sample else frozenset())
    return tuple(
        finding for rule in compiled_checks(task) if rule.check.id not in skipped for finding in rule.findings(world)
    )


def hints(task: Task, name: str, instance: Instance) -> Iterator[Finding]:
    """提示 for the optional fields that task.toml lists, where they are asked and empty."""
    form = task.forms[name]
    for hinted in task.screens[name].hints:
        repeat = next((one for one in form.repeats if any(column.name == hinted for column in one.fields)), None)
        asked = repeat.field(hinted) if repeat else form.field(hinted)
        for row in instance.rows(repeat.name) if repeat else ("",):
            cell = Cell(hinted, row)
            if instance.relevant(cell) and not instance.text(cell):
                yield Finding(
                    check="optional",
                    severity=Severity.HINT,
                    form=name,
                    cells=(cell,),
                    message=f"还没填{asked.label}",
                    remedy="不影响签名和报送",
                    key=f"optional:{hinted}:{row}",
                    forms=(name,),
                )


def values_hash(form: Form, answers: Answers) -> str:
    """Digest of what was asked by hand, row ids left out: equal when nothing was changed since the last period."""
    kept = {one.name: answers.values.get(one.name, "") for one in form.fields if not one.calculated}
    rows = {
        repeat.name: [
            [row.values.get(one.name, "") for one in repeat.fields if not one.calculated]
            for row in answers.rows.get(repeat.name, ())
        ]
        for repeat in form.repeats
    }
    return _hash([kept, rows])


# --- rules ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled check. parts: each judges by itself and gives its own findings."""

    check: Check
    parts: tuple[Callable[[World], Iterator[Finding]], ...]

    def findings(self, world: World) -> Iterator[Finding]:
        for part in self.parts:
            yield from part(world)


_COMPILED: dict[tuple[str, tuple[str, ...]], tuple[Rule, ...]] = {}


def compiled_checks(task: Task) -> tuple[Rule, ...]:
    """The task's checks as rules, compiled once a task. Raises SurveyError for an expression that cannot be used."""
    key = (task.sha256, tuple(task.forms))  # what villages and townships see of a task has other checks
    if key not in _COMPILED:
        if len(_COMPILED) > 8:  # a desk works on one or two tasks; tests on many
            _COMPILED.clear()
        _COMPILED[key] = tuple(
            _Builder(task, one).rule() for one in task.checks if one.id not in TOWNSHIP_ONLY and _may_run(task, one)
        )
    return _COMPILED[key]


def rule_of(task: Task, asked: Check) -> Rule:
    """One check, compiled. SurveyError for an expression that cannot be used."""
    return _Builder(task, asked).rule()


def _may_run(task: Task, asked: Check) -> bool:
    """Every form that the rule looks at is in the task (decision 1)."""
    named = set(re.findall(r"(?<![\w.])([BT][0-9]{2})\.", f"{asked.expression} {asked.value}"))
    return named <= set(task.forms)


class _Builder:
    """Finds a check's shape and compiles its parts."""

    def __init__(self, task: Task, asked: Check) -> None:
        self.task = task
        self.check = asked

    def rule(self) -> Rule:
        try:
            return self.shape()
        except SurveyError as error:
            raise unusable(f"{self.check.id}：{error.happened}") from error

    def shape(self) -> Rule:
        node = xpath.parse(self.check.expression)
        conjuncts = list(_conjuncts(node))
        if all(isinstance(one, xpath.Call) and one.name == "every" for one in conjuncts):
            return Rule(self.check, tuple(self.every(one) for one in conjuncts))  # type: ignore[arg-type]
        if isinstance(node, xpath.Call) and node.name == "unique":
            return Rule(self.check, (self.unique(node),))
        if isinstance(node, xpath.Call) and node.name == "nodup":
            return Rule(self.check, (self.nodup(node),))
        return Rule(self.check, (self.whole(node),))

    def whole(self, node: xpath.Node) -> Callable[[World], Iterator[Finding]]:
        test = formula_of(node, self.task.forms)
        value = formula(self.check.value, self.task.forms) if self.check.value else None
        form, cells = self.cells(test)

        def run(world: World) -> Iterator[Finding]:
            if test.forms <= set(world.answers) and test(world) is False:
                words = _Words(world, form, value=value(world) if value else None)
                yield self.finding(words, form, cells, key=self.check.id, compared=compared(test, world))

        return run

    def every(self, call: xpath.Call) -> Callable[[World], Iterator[Finding]]:
        rows, at = self.rows(call)
        test = formula_of(call.args[1], self.task.forms, at)
        value = formula(self.check.value, self.task.forms, at) if self.check.value else None
        other = _other_name(call.args[1], self.task.forms, at)
        needed = rows.forms | test.forms

        def run(world: World) -> Iterator[Finding]:
            if not needed <= set(world.answers):
                return
            for row in chosen(rows, world):
                if test(world, row) is False:
                    words = _Words(world, at[0], row, value=value(world, row) if value else None)
                    words.name2 = text(found) if other and (found := other(world, row)) is not None else ""
                    cells = tuple(Cell(name, row.row.id) for name in self.columns(test, at))
                    key = f"{self.check.id}:{row.row.id}"
                    yield self.finding(words, at[0], cells, key=key, compared=compared(test, world, row))

        return run

    def unique(self, call: xpath.Call) -> Callable[[World], Iterator[Finding]]:
        rows, at = self.rows(call)
        key = formula_of(call.args[1], self.task.forms, at)

        def run(world: World) -> Iterator[Finding]:
            if not rows.forms <= set(world.answers):
                return
            first: dict[Value, RowView] = {}
            for row in chosen(rows, world):
                value = key(world, row)
                if value is None or value == "":
                    continue
                before = first.setdefault(value, row)
                if before is not row:
                    cells = tuple(Cell(name, one.row.id) for one in (row, before) for name in self.columns(key, at))
                    words = _Words(world, at[0], before, row2=row)
                    name = f"{self.check.id}:{row.row.id}"
                    yield self.finding(words, at[0], cells, key=name, compared=_hash([text(value), name]))

        return run

    def nodup(self, call: xpath.Call) -> Callable[[World], Iterator[Finding]]:
        """No value in two rows whose names differ; forms that are not begun have no rows yet."""
        columns = []
        for arg in call.args:
            if not isinstance(arg, xpath.Path) or len(arg.steps) != 2:
                raise unusable("nodup 里应是 名册/栏")
            form, _, repeat = arg.steps[0].name.rpartition(".")
            formula_of(arg, self.task.forms)  # refuses what no form has
            columns.append((form, repeat, arg.steps[1].name))

        def run(world: World) -> Iterator[Finding]:
            first: dict[str, tuple[RowView, str]] = {}
            for form, repeat, column in columns:
                if form not in world.answers:
                    continue
                for row in world.rows(form, repeat):
                    value = row.row.values.get(column, "")
                    name = row.row.values.get(f"{repeat}_name", "")
                    if not value or not name:
                        continue
                    before, whose = first.setdefault(value, (row, name))
                    if whose != name:
                        same_form = [Cell(column, before.row.id)] if before.form == form else []
                        words = _Words(world, form, row, value=value)
                        words.name2 = whose
                        key = f"{self.check.id}:{row.row.id}"
                        cells = (Cell(column, row.row.id), *same_form)
                        yield self.finding(words, form, cells, key=key, compared=_hash([value, name, whose]))

        return run

    def rows(self, call: xpath.Call) -> tuple[Formula, tuple[str, str]]:
        path = call.args[0] if len(call.args) == 2 else None
        if not isinstance(path, xpath.Path) or len(path.steps) != 1:
            raise unusable(f"{call.name} 的第一项应是一个名册")
        form, _, repeat = path.steps[0].name.rpartition(".")
        return formula_of(path, self.task.forms), (form, repeat)

    def cells(self, test: Formula) -> tuple[str, tuple[Cell, ...]]:
        """The form whose single fields the rule looks at first, and those fields, nearest to the hand first."""
        order = self.check.forms or tuple(self.task.forms)
        for form in order:
            named = {one.name: one for one in self.task.forms[form].fields}
            fields = [named[name] for place, name in test.reads if place == form and name in named]
            if fields:
                return form, tuple(Cell(one.name) for one in sorted(fields, key=_far))
        first = self.task.forms[order[0]]
        asked = next((one for one in first.fields if not one.calculated), first.fields[0])
        return first.id, (Cell(asked.name),)

    def columns(self, test: Formula, at: tuple[str, str]) -> list[str]:
        """The columns that the clerk can change: what the rule reads, and for age, sex and birthday the number."""
        repeat = self.task.forms[at[0]].repeat(at[1])
        read = [repeat.field(name) for place, name in test.reads if place == "row"]
        asked = [one.name for one in read if not one.calculated]
        computed = [one.name for one in read if one.calculated and not one.hidden]
        number = [one.name for one in repeat.fields if one.mask == "id" and computed and one.name not in asked]
        return [*number, *asked, *computed] or [repeat.fields[0].name]

    def finding(self, words: _Words, form: str, cells: tuple[Cell, ...], *, key: str, compared: str) -> Finding:
        message, remedy = message_of(self.check)
        return Finding(
            check=self.check.id,
            severity=self.check.severity,
            form=form,
            cells=cells,
            message=words.fill(message),
            remedy=words.fill(remedy),
            compared=compared,
            key=key,
            forms=self.check.forms or tuple(self.task.forms),
        )


def message_of(asked: Check) -> tuple[str, str]:
    """What is wrong, and what to do ("" when the message does not say): 请… at its end."""
    whole = asked.message
    cut = whole.rfind("，请")
    return (whole, "") if cut < 0 else (whole[:cut], whole[cut + 1 :])


def in_words(world: World, form: str, message: str, row: RowView, value: Value) -> str:
    """A message about one row, its blanks filled. value: of {v}."""
    return _Words(world, form, row, value=value).fill(message)


def _far(one: Field) -> int:
    """How far the clerk's hand is: asked here, computed here, carried over from elsewhere."""
    return 2 if one.source else 1 if one.calculated else 0


def _conjuncts(node: xpath.Node) -> Iterator[xpath.Node]:
    if isinstance(node, xpath.Binary) and node.op == "and":
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    else:
        yield node


def chosen(rows: Formula, world: World) -> Sequence[RowView]:
    """The rows that a compiled path like B03.b03_m[…] selects."""
    return rows_of(rows.fetch(Scope(world)))


def _other_name(node: xpath.Node, forms: Mapping[str, Form], at: tuple[str, str]) -> Formula | None:
    """{name2} of a rule with lookup(): what the look-up finds."""
    call = next((one for one in xpath.walk(node) if isinstance(one, xpath.Call) and one.name == "lookup"), None)
    return formula_of(call, forms, at) if call else None


# --- what was compared, and the words about it ---------------------------------------------------------------------


def compared(test: Formula, world: World, row: RowView | None = None) -> str:
    """Digest of everything the rule looked at: a 说明 holds as long as this stays the same."""
    seen: list[object] = []
    for place, name in test.reads:
        form = place.removeprefix("P.")
        if place in ("row", "P.row"):
            source = row if place == "row" else (world.before(row) if row else None)
            seen.append([place, name, source.row.values.get(name, "") if source else ""])
        elif form in world.forms:
            answers = (world.last if place.startswith("P.") else world.answers).get(form)
            seen.append([place, name, _seen(world.forms[form], answers, name) if answers else ""])
        elif place != "I":
            value = world.words.get(place, {}).get(name)
            seen.append([place, name, "" if value is None else text(value)])
    return _hash(seen)


def _seen(form: Form, answers: Answers, name: str) -> object:
    """A field's text, a column's texts, or how many rows a roster has."""
    for repeat in form.repeats:
        rows = answers.rows.get(repeat.name, ())
        if repeat.name == name:
            return len(rows)
        if any(one.name == name for one in repeat.fields):
            return [row.values.get(name, "") for row in rows]
    return answers.values.get(name, "")


class _Words:
    """Fills the blanks of a message: {x} a field of that row or form, choices by label, and the few special names."""

    def __init__(
        self, world: World, form: str, row: RowView | None = None, *, row2: RowView | None = None, value: Value = None
    ) -> None:
        self.world = world
        self.form = form
        self.row = row
        self.row2 = row2
        self.value = value
        self.name2 = ""

    def fill(self, message: str) -> str:
        return BLANK.sub(lambda blank: self.one(blank.group(1), message[blank.end() :].startswith("%")), message)

    def one(self, name: str, percent: bool) -> str:
        if name == "v":
            return _figure_words(self.value, percent)
        if name == "row":
            return str(self.row.at) if self.row else ""
        if name == "row2":
            return str(self.row2.at) if self.row2 else ""
        if name == "name2":
            return self.name2
        if name == "phone_masked":
            number = text(self.value) if self.value is not None else ""
            return f"{number[:3]}****{number[-4:]}"
        if name.startswith("I.") and self.row:
            column = f"{self.row.repeat}_{name[2:]}"
            return self.world.imported.get(self.form, {}).get(self.row.row.id, {}).get(column, "")
        if name.startswith("P."):
            return self.last(name[2:])
        place, _, word = name.rpartition(".")
        if place:
            value = self.world.words.get(place, {}).get(word)
            return "" if value is None else text(value)
        return self.field(name)

    def field(self, name: str) -> str:
        if self.row:
            column = f"{self.row.repeat}_{name}" if name in PERSON else name
            if column in self.row.fields:
                return shown(self.row.fields[column], self.row.row.values.get(column, ""))
        return self.single(self.world.answers, name)

    def last(self, name: str) -> str:
        before = self.world.before(self.row) if self.row else None
        if before and name in before.fields:
            return shown(before.fields[name], before.row.values.get(name, ""))
        return self.single(self.world.last, name)

    def single(self, answers: Mapping[str, Answers], name: str) -> str:
        for form, found in answers.items():
            asked = next((one for one in self.world.forms[form].fields if one.name == name), None)
            if asked:
                return shown(asked, found.values.get(name, ""))
        return ""


def shown(asked: Field, words: str) -> str:
    """A field's text as people read it: labels instead of codes."""
    if asked.list is None or not words:
        return words
    return "、".join(asked.list.label(code) or code for code in words.split())


def _figure_words(value: Value, percent: bool) -> str:
    """Percentages with one decimal, other figures with two at most; texts as they are."""
    if value is None:
        return ""
    found = figure(value) if isinstance(value, Decimal) else None
    if found is None:
        return text(value)
    if percent:
        return str(found.quantize(Decimal("0.1"), ROUND_HALF_UP))
    return plain(found.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _named(own: list[Finding], twin: Finding) -> list[Finding]:
    """A `*` check is reported from its field: the field's finding gets the check's id. When no field rule says it
    (it should), the check speaks itself, unless its cells have another finding already."""
    cells = set(twin.cells)
    touching = [one for one in own if one.form == twin.form and cells & set(one.cells)]
    if not touching:
        return [*own, twin]
    same = [one for one in touching if one.check == "constraint"][:1]
    return [replace(one, check=twin.check) if one in same else one for one in own]


def world_of(task: Task, answers: Mapping[str, Answers], facts: Facts) -> World:
    office, ret = facts.office, facts.ret
    boxes: dict[str, Value] = {name: getattr(ret, name) for name in (*BOXES, "reported_on")}
    missing = [form for form in task.required_forms if form not in answers]
    now = [values_hash(task.forms[form], answers[form]) for form in task.forms if form in answers]
    before = [values_hash(task.forms[form], facts.last[form]) for form in task.forms if form in facts.last]
    whole = len(now) == len(before) == len(task.forms)
    words: dict[str, Mapping[str, Value]] = {
        "OFFICE": {"code": office.code, "name": office.name, "kind": office.kind, "ur_class": office.ur_class},
        "PARAM": dict(facts.params),
        "RET": {
            **boxes,
            "forms_filled": Decimal(len(answers)),
            "missing_forms": "、".join(f"{form}{task.forms[form].title}" for form in missing),
            "empty_boxes": "、".join(label for name, label in BOXES.items() if not boxes[name]),
            "values_hash": _hash(now) if whole else "",
        },
        "P.RET": {"values_hash": _hash(before) if whole else ""},
    }
    return World(
        forms=task.forms, answers=answers, last=facts.last, words=words, imported=facts.imported, lists=task.lists
    )


def _hash(value: object) -> str:
    return sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
