"""What is wrong with one cell, in the clerk's words: 还没填…, not a number, not in the list, the form's own rule.

Looks at one record and one compiled Judge; changes nothing but the record's `required` flag. Wording: ui/design.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from cunbao.survey.cells import shown
from cunbao.survey.form import Choice, Field, Form, Kind
from cunbao.survey.program import Judge, Program
from cunbao.survey.records import Record
from cunbao.survey.values import Cell, Finding, Severity
from cunbao.survey.xpath_compile import Run
from cunbao.survey.xpath_values import Value, scalar, text

LONG = 20  # characters; a longer answer is not repeated in its message


def judge(program: Program, rule: Judge, slot: int, record: Record) -> tuple[Finding, ...]:
    """The findings of one cell as it is now."""
    one = rule.field
    if not record.on[slot]:
        record.required[slot] = False
        return ()
    scope = record.scope
    required = rule.required is not None and bool(rule.required(scope))
    record.required[slot] = required
    value = record.typed[slot]
    kept = text(value) if one.calculated else record.texts[slot]
    if not kept:
        return (_required(program, rule, record, slot),) if required else ()
    wrong = record.wrong[slot]
    if wrong is not None and not one.calculated:
        check = "character" if one.kind in (Kind.TEXT, Kind.NOTE) else "type"
        return (_finding(program.form, one, record, check, _about(one) + wrong[0], wrong[1]),)
    strange = _not_listed(program, rule, record, kept) if not one.calculated else ""
    if strange:
        return (_finding(program.form, one, record, "list", f"“{strange}”不在代码表里", "请选一个"),)
    if rule.constraint is not None and not rule.constraint(scope):
        message, remedy = _constraint(rule, record, one, kept, value, program.form)
        return (_finding(program.form, one, record, "constraint", message, remedy),)
    return ()


def words(form: Form, parts: Sequence[tuple[str, Run | None]], record: Record) -> str:
    """A text with its live parts filled in; an empty value reads 未填."""
    return "".join(part if run is None else _live(form, part, run, record) for part, run in parts).strip()


def _live(form: Form, name: str, run: Run, record: Record) -> str:
    value: Value = scalar(run(record.scope))
    kept = text(value)
    return shown(form.field(name), kept, value) if name and kept else kept


def _finding(form: Form, one: Field, record: Record, check: str, message: str, remedy: str) -> Finding:
    cell = Cell(one.name, record.id)
    key = f"{check}:{one.name}" + (f":{record.id}" if record.id else "")
    return Finding(check, Severity.MUST_FIX, form.id, (cell,), message, remedy, key=key, forms=(form.id,))


def _required(program: Program, rule: Judge, record: Record, slot: int) -> Finding:
    own = words(program.form, rule.required_message, record)
    message = own or ("" if rule.field.kind is not Kind.NOTE else rule.field.label) or f"还没填{rule.field.label}"
    return _finding(
        program.form, rule.field, record, "required", message, "" if rule.field.kind is Kind.NOTE else "请补上"
    )


def _about(one: Field) -> str:
    return "" if one.kind not in (Kind.TEXT, Kind.NOTE) else one.label


def _constraint(rule: Judge, record: Record, one: Field, kept: str, value: Value, form: Form) -> tuple[str, str]:
    """The form's own sentence; before it what was typed, unless that is long, personal or already in the sentence."""
    own = words(form, rule.constraint_message, record)
    seen = shown(one, kept, value)
    if not own:
        return f"{one.label}填的是{seen}，不符合要求" if not one.mask else f"{one.label}不符合要求", "请核对后改正"
    if one.mask or len(seen) > LONG or seen in own:
        return own, ""
    return f"填的是{f'“{seen}”' if one.list is not None else seen}，{own}", ""


def _not_listed(program: Program, rule: Judge, record: Record, kept: str) -> str:
    """The first code that is in no list, or not offered here by the choice filter."""
    one = rule.field
    if one.kind not in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE) or one.list is None:
        return ""
    for code in kept.split() if one.kind is Kind.SELECT_MULTIPLE else (kept,):
        if one.list.get(code) is None:
            return code
        if rule.filter is not None and not any(choice.code == code for choice in allowed(program, rule, record, code)):
            return one.list.label(code) or code
    return ""


def allowed(program: Program, rule: Judge, record: Record, code: str | None = None) -> tuple[Choice, ...]:
    """The choices offered here, in list order; with `code` only those of that code."""
    one = rule.field
    if one.list is None:
        return ()
    choices = one.list.choices if code is None else tuple(choice for choice in one.list.choices if choice.code == code)
    if rule.filter is None:
        return choices
    test, scope = rule.filter, record.scope
    return tuple(choice for at, choice in enumerate(choices, 1) if test(scope.look(scope.row, choice, at)))
