"""What each version has to say before it is merged: the cells that take part, rows by the ids that stand. Pure.

A side says a text, "" for an empty cell, or nothing (None) where the cell is not asked there. The base knows a text, or
nothing (None) where there is none or where several disagree. Source: protocol.md §3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.pairing import renamed, row_name, same_rows
from cunbao.survey.values import Answers, Cell, Row


@dataclass(frozen=True, slots=True)
class Pair:
    """Rows that were taken for one because their identity number is one. row: the id that stands, the base's or the
    smaller; base, left, right: the ids as they are in the versions, "" where the row is missing."""

    repeat: str
    row: str
    who: str
    base: str
    left: str
    right: str


Rows = Mapping[str, Mapping[str, Row]]  # roster → id that stands → row with the id it had


@dataclass(frozen=True, slots=True)
class Side:
    """One version. Cells that are not asked there are not in it; `silent` names them by the row ids that it had."""

    name: str
    values: Mapping[str, str]
    rows: Rows
    silent: frozenset[Cell]

    def text(self, field: Field, key: str) -> str | None:
        row = self.rows[field.repeat].get(key) if field.repeat else None
        if (field.repeat and row is None) or Cell(field.name, row.id if row else "") in self.silent:
            return None
        return (row.values if row else self.values).get(field.name, "")

    def has(self, repeat: Repeat, key: str) -> bool | None:
        return None if Cell(repeat.name) in self.silent else key in self.rows[repeat.name]

    def answers(self) -> Answers:
        rows = {name: tuple(Row(key, row.values) for key, row in some.items()) for name, some in self.rows.items()}
        return Answers(self.values, MappingProxyType({name: some for name, some in rows.items() if some}))


@dataclass(frozen=True, slots=True)
class Base:
    """None, one or several versions; several know what all of them agree on. rows: of each, roster → id → the rows
    that are one."""

    values: tuple[Mapping[str, str], ...]
    rows: tuple[Mapping[str, Mapping[str, tuple[Row, ...]]], ...]

    def text(self, field: Field, key: str) -> str | None:
        if not field.repeat:
            said = {values.get(field.name, "") for values in self.values}
        elif self.has(field.repeat, key) is False:
            return ""
        else:
            found = [rows[field.repeat].get(key, ()) for rows in self.rows]
            if not all(found):
                return None
            said = {row.values.get(field.name, "") for some in found for row in some}
        return said.pop() if len(said) == 1 else None

    def has(self, repeat: str, key: str) -> bool | None:
        said = {key in rows[repeat] for rows in self.rows}
        return said.pop() if len(said) == 1 else None

    def row(self, repeat: str, key: str) -> Row | None:
        return next((some[0] for rows in self.rows if (some := rows[repeat].get(key))), None)

    def order(self, repeat: str) -> tuple[str, ...]:
        return tuple(key for key in (self.rows[0][repeat] if self.rows else ()) if self.has(repeat, key))


def takes_part(field: Field) -> bool:
    """Is it somebody's answer, and not worked out or carried over?"""
    return not (field.calculated or field.source or field.kind is Kind.NOTE)


def own(fields: Sequence[Field], values: Mapping[str, str]) -> Mapping[str, str]:
    """The filled ones among the fields that take part."""
    return MappingProxyType({one.name: values[one.name] for one in fields if takes_part(one) and values.get(one.name)})


def side_of(form: Form, name: str, answers: Answers, silent: frozenset[Cell] = frozenset()) -> Side:
    """The version without what takes no part; silent: what it does not ask."""

    def heard(fields: Sequence[Field], values: Mapping[str, str], row: str) -> Mapping[str, str]:
        return own([one for one in fields if Cell(one.name, row) not in silent], values)

    rows = {
        repeat.name: {
            row.id: Row(row.id, heard(repeat.fields, row.values, row.id))
            for row in answers.rows.get(repeat.name, ())
            if Cell(repeat.name) not in silent
        }
        for repeat in form.repeats
    }
    return Side(name, heard(form.fields, answers.values, ""), rows, silent)


def paired(form: Form, bases: Sequence[Side], left: Side, right: Side) -> tuple[Base, Side, Side, tuple[Pair, ...]]:
    """All by the row ids that stand, and which rows have got another one."""
    rosters = {
        one.name: _roster(one, [base.rows[one.name] for base in bases], left.rows[one.name], right.rows[one.name])
        for one in form.repeats
    }
    base = Base(
        tuple(one.values for one in bases),
        tuple({name: roster.bases[at] for name, roster in rosters.items()} for at in range(len(bases))),
    )
    left = replace(left, rows={name: one.left for name, one in rosters.items()})
    right = replace(right, rows={name: one.right for name, one in rosters.items()})
    return base, left, right, tuple(pair for one in form.repeats for pair in _pairs(one, rosters[one.name]))


@dataclass(frozen=True, slots=True)
class _Roster:
    """One roster of all versions, by the ids that stand."""

    bases: tuple[Mapping[str, tuple[Row, ...]], ...]
    left: Mapping[str, Row]
    right: Mapping[str, Row]


def _roster(
    repeat: Repeat, bases: Sequence[Mapping[str, Row]], left: Mapping[str, Row], right: Mapping[str, Row]
) -> _Roster:
    """A side's row stands under the base's id, rows that both sides added under the smaller of theirs."""
    bases = [renamed(rows, same_rows(repeat, bases[0], rows)) for rows in bases]
    known = {key: row for rows in reversed(bases) for key, row in rows.items()}
    left, right = (renamed(rows, same_rows(repeat, known, rows)) for rows in (left, right))
    stands: dict[str, str] = {}
    for twins in same_rows(repeat, left, right).items():
        old = [key for key in twins if key in known]
        stands |= dict.fromkeys(twins, min(old or twins))
    return _Roster(tuple(_together(rows, stands) for rows in bases), renamed(left, stands), renamed(right, stands))


def _together(rows: Mapping[str, Row], stands: Mapping[str, str]) -> Mapping[str, tuple[Row, ...]]:
    """Two rows of a base are one when one side kept the first and the other the second."""
    found: dict[str, tuple[Row, ...]] = {}
    for key, row in rows.items():
        stand = stands.get(key, key)
        found[stand] = (*found.get(stand, ()), row)
    return found


def _pairs(repeat: Repeat, roster: _Roster) -> Iterator[Pair]:
    for key in dict.fromkeys((*roster.left, *roster.right)):
        old = [row for rows in roster.bases for row in rows.get(key, ())]
        left, right = roster.left.get(key), roster.right.get(key)
        sides = [row for row in (left, right) if row]
        if len({row.id for row in (*old, *sides)}) > 1:
            yield Pair(
                repeat.name,
                key,
                row_name(repeat, sides[0]),
                base=old[0].id if old else "",
                left=left.id if left else "",
                right=right.id if right else "",
            )
