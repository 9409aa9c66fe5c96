"""意见: what the township said at the cells of a return sent back, what became of each since, and what a change does.

Reads the desk and changes nothing. A comment belongs to the version that it was written on; it is open until its cell
differs from what was sent, or a reason for leaving it was written (`lineage.reply`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from cunbao.desks.views import CommentLine
from cunbao.desks.village import checking, lineage
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.compare import reads
from cunbao.survey.decision import Comment
from cunbao.survey.form import Field
from cunbao.survey.people import mask
from cunbao.survey.task import Live
from cunbao.survey.values import Answers, Cell

OPEN, CHANGED, ANSWERED = "open", "changed", "answered"
WHOLE_ROW = "整行"
BRACES = re.compile(r"\{(\w+)\}")
MOST_FIGURES = 2  # sums that follow a change and are told beside it, the form's own figure not counted


def all_of(desk: VillageDesk) -> tuple[CommentLine, ...]:
    """Comments of the returns that are sent back, or are being answered, in the order of the forms."""
    found: list[CommentLine] = []
    for form in desk.task.forms:
        found += of_form(desk, form, first=len(found) + 1)
    return tuple(found)


def of_form(desk: VillageDesk, form: str, *, first: int = 1) -> tuple[CommentLine, ...]:
    """The comments of one form in the order of its cells, numbered from `first`; () when it was not sent back."""
    stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
    asked = desk.task.forms[form]
    known = {*asked.by_name, *(one.name for one in asked.repeats)}  # a cell that is gone needs no answer
    said = [one for one in dict(stands.comments).get(stands.head, ()) if one.cell.field in known]
    if not said:
        return ()
    sent = _sent(desk, form, stands.head)
    replies = lineage.replies(desk, form)
    ordered = sorted(said, key=lambda one: _place(desk, form, sent, one.cell))
    return tuple(
        _line(desk, form, number, one, sent, replies.get(one.cell, "")) for number, one in enumerate(ordered, first)
    )


def open_of(desk: VillageDesk, form: str) -> int:
    """How many comments of a form are still to be dealt with."""
    return sum(one.state == OPEN for one in of_form(desk, form))


def state_now(desk: VillageDesk, one: CommentLine) -> str:
    """What became of a comment by now; the line itself says how it was when it was asked for."""
    changed = desk.correcting(one.form) and _held(desk, one.form, one.cell) != one.sent
    return CHANGED if changed else ANSWERED if one.reply else OPEN


def _sent(desk: VillageDesk, form: str, revision: str) -> Answers:
    held = desk.workspace.revision(revision)
    return desk.signed_answers(held) if held is not None else Answers({})


def _place(desk: VillageDesk, form: str, sent: Answers, cell: Cell) -> tuple[int, int, int]:
    """Where a cell stands: its row's number among what was sent, then its field."""
    asked = desk.task.forms[form]
    names = [getattr(one, "name", "") for one in asked.items]
    field = asked.by_name.get(cell.field)
    item = (field.repeat or field.name) if field is not None else cell.field
    rows = [row.id for row in sent.rows.get(item, ())]
    inside = list(asked.by_name)
    return (
        names.index(item) if item in names else len(names),
        rows.index(cell.row) if cell.row in rows else len(rows),
        inside.index(cell.field) if cell.field in inside else -1,
    )


def _line(desk: VillageDesk, form: str, number: int, said: Comment, sent: Answers, reply: str) -> CommentLine:
    asked, cell = desk.task.forms[form], said.cell
    field = asked.by_name.get(cell.field)
    before = _was(asked.by_name.get(cell.field), sent, cell)
    path = checking.cell_path(desk, form, cell)
    shown = reads(field, before) if field is not None and before else ""
    made = CommentLine(
        number=number,
        form=form,
        cell=cell,
        path=" › ".join([form, *(path[:-1] if field is not None else path)]),
        label=field.label if field is not None else WHOLE_ROW,
        unit=field.unit if field is not None else "",
        filed=shown,
        masked=mask(field.mask, before) if field is not None and field.mask and before else "",
        text=said.text,
        state=OPEN,
        reply=reply,
        sent=before,
    )
    return replace(made, state=state_now(desk, made))


def _was(field: Field | None, sent: Answers, cell: Cell) -> str:
    """What was sent in the cell; of a whole row all of it, "" when it was not there."""
    if not cell.row:
        return sent.values.get(cell.field, "")
    row = next((one for some in sent.rows.values() for one in some if one.id == cell.row), None)
    if row is None:
        return ""
    return row.values.get(cell.field, "") if field is not None else _whole(row.values)


def _held(desk: VillageDesk, form: str, cell: Cell) -> str:
    """What stands in the cell now, in the same spelling."""
    instance, asked = desk.instance(form), desk.task.forms[form]
    field = asked.by_name.get(cell.field)
    repeat = field.repeat if field is not None else cell.field
    if cell.row and cell.row not in instance.rows(repeat):
        return ""
    if field is not None:
        return instance.text(cell) if instance.relevant(cell) else ""
    rows = instance.answers(signed=True).rows.get(repeat, ())
    return next((_whole(one.values) for one in rows if one.id == cell.row), "")


def _whole(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={text}" for name, text in sorted(values.items()))


# --- what a change does ----------------------------------------------------------------------------------------------


def effect(desk: VillageDesk, form: str) -> str:
    """改后合计 131.50 平方米，每百户面积 31.9 平方米，仍达到目标 30: what was sent against what stands now; "" while no
    figure that the form works out is another."""
    stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
    held = desk.workspace.revision(stands.head)
    if held is None:
        return ""
    sent, live = desk.signed_answers(held), desk.task.screens[form].live
    moved = [one for one in _figures(desk, form) if _text(desk, form, one) != sent.values.get(one.name, "")]
    inside = BRACES.findall(live.formula) if live else []
    lead = [one for one in moved if one.name in inside]
    told = (lead or [one for one in moved if live is None or one.name != live.field])[:MOST_FIGURES]
    parts = [_figure(desk, form, one) for one in told]
    if live is not None and any(one.name == live.field for one in moved):
        parts += _live(desk, form, live, sent)
    return f"改后{'，'.join(parts)}。" if parts else ""


def _figures(desk: VillageDesk, form: str) -> Iterator[Field]:
    for one in desk.task.forms[form].fields:
        if one.calculated and not one.hidden and not one.source and one.unit:
            yield one


def _text(desk: VillageDesk, form: str, one: Field) -> str:
    return desk.instance(form).text(Cell(one.name))


def _figure(desk: VillageDesk, form: str, one: Field) -> str:
    label = "合计" if one.label.endswith("合计") else one.label
    return f"{label} {desk.instance(form).shown(Cell(one.name)) or '—'} {one.unit}"


def _live(desk: VillageDesk, form: str, live: Live, sent: Answers) -> Iterator[str]:
    """The figure that stands beside the form, and whether it still reaches its target."""
    now = desk.instance(form).text(Cell(live.field))
    yield f"{live.label} {now or '—'}{'' if live.unit == '%' else ' '}{live.unit if now else ''}".rstrip()
    target = desk.task.params.get(live.target) if live.target else None
    figure, before = _decimal(now), _decimal(sent.values.get(live.field, ""))
    if target is None or figure is None:
        return
    reached, was = figure >= target, before is not None and before >= target
    word = ("仍达到" if was else "达到") if reached else ("达不到" if was else "仍没达到")
    yield f"{word}目标 {target:f}"


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
