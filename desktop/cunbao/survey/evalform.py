"""Hold the engine against other ODK programs: answers in, every value, relevance and finding out (decision 8).

In: an object of names, groups flattened, a roster is a list of objects. Out: numbers as decimal text without exponent
or trailing zeros, empty and not relevant as None, rosters as lists in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from cunbao.errors import SurveyError
from cunbao.survey.form import Form, Repeat
from cunbao.survey.instance import Instance
from cunbao.survey.values import Answers, Cell, Env, Finding, Row
from cunbao.survey.xpath_values import plain, text


class UnknownName(SurveyError):
    """An answer to a question that the form has not; the command ends with 2."""

    def __init__(self, form: str, name: str) -> None:
        super().__init__(
            "answers.name", happened=f"表式 {form} 没有问题 {name}", safe="没有写出任何文件", todo="请核对问题名"
        )


def eval_form(form: Form, given: Mapping[str, Any], *, env: Env, sources: Mapping[str, Answers] | None = None,
              last: Answers | None = None) -> dict[str, Any]:  # fmt: skip
    """{values, relevant, required, findings: [{path, kind, message}]}. Raises UnknownName."""
    instance = fill(form, given, env=env, sources=sources or {}, last=last)
    return {
        "values": _table(form, instance, lambda cell: _value(instance, cell)),
        "relevant": _table(form, instance, instance.relevant),
        "required": _table(form, instance, instance.required),
        "findings": [_finding(form, instance, one) for one in instance.findings()],
    }


def fill(
    form: Form, given: Mapping[str, Any], *, env: Env, sources: Mapping[str, Answers], last: Answers | None
) -> Instance:
    """An instance that holds the given answers; defaults stand where nothing was given, not even null."""
    _check_names(form, given)
    instance = Instance(form, env, sources=sources, last=last)
    instance.start()
    rosters = {repeat.name for repeat in form.repeats}
    singles = [(Cell(name), as_text(value)) for name, value in given.items() if name not in rosters]
    rows: list[tuple[Cell, str]] = []
    for cell, typed in singles:
        instance.set(cell, typed)
    for repeat in form.repeats:
        already = list(instance.rows(repeat.name))  # a repeat_count may have made rows
        for at, row in enumerate(given.get(repeat.name) or ()):
            values = {name: as_text(value) for name, value in row.items()}
            if at < len(already):
                row_id = already[at]
                for name, typed in values.items():
                    instance.set(Cell(name, row_id), typed)
            else:
                instance.add_row(repeat.name, values=values)
                row_id = instance.rows(repeat.name)[-1]
            rows += [(Cell(name, row_id), typed) for name, typed in values.items()]
    for cell, typed in singles + rows:  # what was given wins over what a trigger put there meanwhile
        instance.set(cell, typed)
    return instance


def as_text(value: Any) -> str:
    """One JSON value as a typed text; a list is the codes of a select_multiple."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return " ".join(as_text(one) for one in value)
    return str(value)


def as_answers(given: Mapping[str, Any]) -> Answers:
    """The answers of another form or of last period, whose form is not at hand: lists of objects are rosters."""
    rows = {
        name: tuple(
            Row(str(at), {column: as_text(cell) for column, cell in row.items()}) for at, row in enumerate(value, 1)
        )
        for name, value in given.items()
        if isinstance(value, list) and all(isinstance(row, dict) for row in value)
    }
    return Answers(
        MappingProxyType({name: as_text(value) for name, value in given.items() if name not in rows}),
        MappingProxyType(rows),
    )


def _check_names(form: Form, given: Mapping[str, Any]) -> None:
    rosters = {repeat.name: {one.name for one in repeat.fields} for repeat in form.repeats}
    singles = {one.name for one in form.fields}
    for name, value in given.items():
        if name in rosters:
            if not isinstance(value, list | None) or not all(isinstance(row, dict) for row in value or ()):
                raise UnknownName(form.id, f"{name}（名册要写成列表）")
            for row in value or ():
                for column in row:
                    if column not in rosters[name]:
                        raise UnknownName(form.id, f"{name}/{column}")
        elif name not in singles:
            raise UnknownName(form.id, name)


def _table(form: Form, instance: Instance, ask: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in form.items:
        if isinstance(item, Repeat):
            found[item.name] = [
                {one.name: ask(Cell(one.name, row)) for one in item.fields} for row in instance.rows(item.name)
            ]
        else:
            found[item.name] = ask(Cell(item.name))
    return found


def _value(instance: Instance, cell: Cell) -> str | None:
    if not instance.relevant(cell):
        return None
    value = instance.value(cell)
    if value is None:
        return instance.text(cell) or None  # a text in a number cell is kept as typed; its finding says so
    return text(value)


def _finding(form: Form, instance: Instance, one: Finding) -> dict[str, str]:
    cell = one.cells[0]
    path = cell.field
    if cell.row:
        repeat = form.field(cell.field).repeat
        path = f"{repeat}[{instance.rows(repeat).index(cell.row) + 1}]/{cell.field}"
    return {"path": path, "kind": one.check, "message": instance.own_message(cell, one.check) or one.message}
