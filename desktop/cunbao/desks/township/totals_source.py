"""这个数从哪里来: from a number of a 汇总表 back to the signed revision that says it, the rows that make it up, the
package that brought it and the decision that lets it count.

Read from the signed answers themselves, not from the tables that the sums come from. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from cunbao.desks.township.totals import Received, TotalsSource, cell_of, formula_of, unreviewed
from cunbao.desks.township.totals_views import SourcePart, SourceView
from cunbao.store import StoredRevision
from cunbao.survey.decision import Act
from cunbao.survey.form import Form
from cunbao.survey.form import Kind as FieldKind
from cunbao.survey.revision import read_answers
from cunbao.survey.states import Kind
from cunbao.survey.totals import figure, hundredths, sums_of
from cunbao.survey.totals_table import Column, made_of, places_of, totals_table
from cunbao.survey.values import EMPTY, Answers, Cell, Row


def source_of(desk: TotalsSource, office: str, form: str, key: str, *, received: Received | None = None) -> SourceView:
    """The number in column `key` of the form's table, for one village. Raises KeyError for no such column; a village
    that is not in the sums gives a view without a revision."""
    task, workspace = desk.task, desk.workspace
    table = totals_table(task, form)
    column = table.column(key)
    asked = task.forms[column.form]
    held = workspace.returns_that_count(asked, task.period, offices=[office]).get(office)
    answers = unreviewed(desk, asked, received or {}).get(office)
    revision = workspace.revision(held.revision) if held else None
    if revision is not None:
        answers = read_answers(asked, workspace.object(revision.answers))
    elif answers is not None:
        revision = workspace.newest(office, asked.id, task.period)
    cell = cell_of(column, figure(column, sums_of(table, {} if answers is None else {asked.id: answers})))
    parts, place = _parts(asked, column, answers or EMPTY)
    came = _arrival(desk, revision)
    decided = _acceptance(desk, revision) if held else ("", None)
    field = asked.by_name.get(place.field)
    return SourceView(
        office=office,
        name=next((one.short for one in desk.villages if one.code == office), office),
        form=asked.id,
        label=column.head,
        unit=column.unit,
        value=cell.value,
        text=cell.text,
        formula=formula_of(task, table, column),
        parts=parts,
        cell=place,
        carried=field.source.partition(".")[0] if field else "",
        revision=revision.id if revision else "",
        version=revision.version if revision else 0,
        kind=Kind[revision.kind.upper()].value if revision else "",
        signed_at=revision.signed_at if revision else None,
        package=came[0],
        received_at=came[1],
        accepted_by=decided[0],
        accepted_at=decided[1],
        counted=held is not None,
    )


def _parts(form: Form, column: Column, answers: Answers) -> tuple[tuple[SourcePart, ...], Cell]:
    """What the number is made of, and the cell of the return where it stands."""
    name = column.key.rpartition(".")[2]
    if column.is_ratio:
        terms = dict.fromkeys((*column.numerator, *column.denominator))
        return tuple(_terms(form, answers, terms)), Cell(name if name in form.by_name else column.numerator[0])
    if column.repeat:
        counted = "" if column.above is None else name
        rows = tuple(_added(form, answers, column.repeat, counted))
        return rows, Cell(name, rows[0].row if rows else "")
    made = made_of(form, name)
    return tuple(_added(form, answers, *made)) if made else (), Cell(name)


def _terms(form: Form, answers: Answers, names: Iterable[str]) -> Iterable[SourcePart]:
    """The figures of a ratio."""
    for name in names:
        field = form.field(name)
        exact = hundredths(answers.values.get(name, ""))
        if exact is not None:
            yield _part(field.label, exact, places_of(field), field.unit, "")


def _added(form: Form, answers: Answers, repeat: str, column: str) -> Iterable[SourcePart]:
    """The rows that add something, by their names; column "": every row, as one."""
    field = form.field(column) if column else None
    for at, row in enumerate(answers.rows.get(repeat, ()), 1):
        exact = hundredths(row.values.get(column, "")) if column else 100
        if exact:
            places, unit = (places_of(field), field.unit) if field else (0, "")
            yield _part(_name(form, repeat, row) or f"第 {at} 行", exact, places, unit, row.id)


def _name(form: Form, repeat: str, row: Row) -> str:
    """What a row is called: its name, else its first text."""
    texts = [one.name for one in form.repeat(repeat).fields if one.kind is FieldKind.TEXT and not one.mask]
    called = f"{repeat}_name" if f"{repeat}_name" in texts else next(iter(texts), "")
    return row.values.get(called, "")


def _part(label: str, exact: int, places: int, unit: str, row: str) -> SourcePart:
    amount = Decimal(exact).scaleb(-2)
    least = amount.quantize(Decimal(1).scaleb(-places))
    return SourcePart(label, amount, f"{least if least == amount else amount:f}".replace("-", "\u2212"), unit, row)


def _arrival(desk: TotalsSource, revision: StoredRevision | None) -> tuple[int | None, datetime | None]:
    """The number and time of the first package that brought the revision; it may have come by no package at all."""
    if revision is None:
        return None, None
    came = desk.workspace.arrivals(office=revision.office, period=revision.period)
    first = next((one for one in reversed(came) if revision.id in one.objects), None)
    return (first.seq, first.at) if first else (revision.sent_in, None)


def _acceptance(desk: TotalsSource, revision: StoredRevision | None) -> tuple[str, datetime | None]:
    """Who let it count, and when."""
    made = desk.workspace.decisions(revision.id) if revision else ()
    last = next((one for one in reversed(made) if one.act == Act.ACCEPT), None)
    return (last.by, last.at) if last else ("", None)
