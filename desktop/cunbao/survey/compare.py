"""What changed between two versions of a return, cell by cell, as a person reads it. Pure.

Texts are whole, also of personal data: `mask` says how a screen has to cover them. Internal helpers and notes are left
out, as on paper (decision 21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from cunbao.survey.cells import coerce, parse, shown
from cunbao.survey.form import NONE, Field, Form, Kind, Repeat
from cunbao.survey.pairing import renamed, row_name, same_rows, woven
from cunbao.survey.people import mask
from cunbao.survey.values import EMPTY, Answers, Cell, Row
from cunbao.survey.xpath_functions import EXACT

WHOLE_ROW = "整行"
TOLD = 3  # coded columns that tell a row from the others


class ChangeKind(StrEnum):
    """What happened to a cell."""

    SAME = "same"
    CHANGED = "changed"
    ADDED_ROW = "added row"
    DELETED_ROW = "deleted row"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of two versions, or one row that came or went.

    cell: of a row Cell(roster, row id); the row's id is that of the later version, of a deleted row that of the
    earlier. row_label: 第 4 行 老年活动室, "" outside rosters; row_name: 老年活动室. before, after: labels of codes,
    numbers with the places the field keeps, "" where empty; of a whole row some words about it, never personal data.
    difference: +12.0, signed and exact, of two numbers, else "". mask: "id", "phone", or "" when nothing is to be
    covered. cells: what stands in a row that came or went; else ().
    """

    cell: Cell
    label: str
    before: str
    after: str
    kind: ChangeKind
    unit: str = ""
    row_label: str = ""
    row_name: str = ""
    difference: str = ""
    calculated: bool = False
    mask: str = ""
    cells: tuple[Change, ...] = ()


def changes(form: Form, before: Answers | None, after: Answers) -> tuple[Change, ...]:
    """All that differs, in the form's order; a row that came or went is one of them. Without an earlier version all
    that is filled is new. Rows are matched by id, else by identity number."""
    return tuple(one for one in _compared(form, before or EMPTY, after) if one.kind is not ChangeKind.SAME)


def everything(form: Form, before: Answers | None, after: Answers) -> tuple[Change, ...]:
    """All that is filled in either, what is as it was too, in the form's order."""
    return tuple(_compared(form, before or EMPTY, after))


def unchanged(form: Form, before: Answers | None, after: Answers) -> int:
    """How many filled cells are as they were."""
    return sum(one.kind is ChangeKind.SAME for one in _compared(form, before or EMPTY, after))


def all_lines(form: Form, answers: Answers) -> tuple[Change, ...]:
    """Every filled cell, in the form's order."""
    return tuple(_compared(form, answers, answers))


def reads(field: Field, text: str) -> str:
    """The raw text of an answer as a person reads it."""
    if field.list is not None and field.kind is not Kind.SELECT_MULTIPLE:
        return field.list.label(text) or text
    _, value, _ = parse(field, text)
    return shown(field, text, coerce(field, value) if field.calculated else value)


def about(repeat: Repeat, row: Row) -> str:
    """A few words about a row beside its name: its first codes, else what else is filled; never personal data."""
    name = row_name(repeat, row)
    filled = [
        one for one in repeat.fields if row.values.get(one.name) and visible(one) and not (one.mask or one.calculated)
    ]
    codes = [reads(one, row.values[one.name]) for one in filled if one.kind is Kind.SELECT_ONE]
    others = [f"{one.label} {reads(one, row.values[one.name])}" for one in filled if row.values[one.name] != name]
    return "、".join((codes or others)[:TOLD])


def covered(field: Field, text: str) -> str:
    """As `reads`, with personal data masked: for sentences that quote a cell."""
    return mask(field.mask, text) if field.mask else reads(field, text)


def visible(field: Field) -> bool:
    """Does a person ever see it?"""
    return not field.hidden and field.kind is not Kind.NOTE


def difference(field: Field, before: str, after: str) -> str:
    """+12.0: `after` less `before`, exact, with the places that the field keeps; "" when either is no number."""
    old, new = (_figure(field, text) for text in (before, after))
    if old is None or new is None:
        return ""
    return f"{EXACT.subtract(new, old):+f}"


def _figure(field: Field, text: str) -> Decimal | None:
    if field.kind not in (Kind.INTEGER, Kind.DECIMAL) or field.list is not None or not text:
        return None
    _, value, _ = parse(field, text)
    return value if isinstance(value, Decimal) else None


def _compared(form: Form, before: Answers, after: Answers) -> Iterator[Change]:
    for item in form.items:
        if isinstance(item, Repeat):
            yield from _rows(item, before, after)
        elif visible(item) and (found := _cell(item, "", before.values, after.values)):
            yield found


def _rows(repeat: Repeat, before: Answers, after: Answers) -> Iterator[Change]:
    new = {row.id: row for row in after.rows.get(repeat.name, ())}
    first = {row.id: row for row in before.rows.get(repeat.name, ())}
    old = renamed(first, same_rows(repeat, new, first))
    places = {key: f"原第 {at} 行" for at, key in enumerate(old, 1)}
    places |= {key: f"第 {at} 行" for at, key in enumerate(new, 1)}
    for key in woven(tuple(new), old):
        yield from _row(repeat, old.get(key), new.get(key), places[key])


def _row(repeat: Repeat, old: Row | None, new: Row | None, place: str) -> Iterator[Change]:
    row = new or old
    assert row is not None  # it comes from one of the two
    name = row_name(repeat, row)
    kind = None if old and new else ChangeKind.ADDED_ROW if new else ChangeKind.DELETED_ROW
    cells = tuple(
        replace(found, kind=kind or found.kind, row_label=f"{place} {name}".rstrip(), row_name=name)
        for one in repeat.fields
        if visible(one) and (found := _cell(one, row.id, old.values if old else NONE, new.values if new else NONE))
    )
    if kind is None:
        yield from cells
        return
    yield Change(
        cell=Cell(repeat.name, row.id),
        label=WHOLE_ROW,
        before=about(repeat, old) if old else "",
        after=about(repeat, new) if new else "",
        kind=kind,
        row_label=f"{place} {name}".rstrip(),
        row_name=name,
        cells=cells,
    )


def _cell(field: Field, row: str, before: Mapping[str, str], after: Mapping[str, str]) -> Change | None:
    """None when it is empty in both."""
    old, new = before.get(field.name, ""), after.get(field.name, "")
    if not old and not new:
        return None
    return Change(
        cell=Cell(field.name, row),
        label=field.label,
        before=reads(field, old),
        after=reads(field, new),
        kind=ChangeKind.SAME if old == new else ChangeKind.CHANGED,
        unit=field.unit,
        difference="" if old == new else difference(field, old, new),
        calculated=field.calculated,
        mask=field.mask,
    )
