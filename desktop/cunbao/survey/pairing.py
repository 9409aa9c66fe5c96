"""Rows of two versions that are one row: of the same id, or of the same identity number (protocol.md §3). Pure.

Two computers that both add a person give him two ids; the number says that he is one. A number that stands twice in one
version pairs nobody: which of the two is meant only a person can say, and the checks ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cunbao.survey.form import Field, Kind, Repeat
from cunbao.survey.values import Row

IDENTITY = "id"  # Field.mask of an identity number 公民身份号码


def identity_column(repeat: Repeat) -> Field | None:
    """The column of a roster that says who the row is; None for rosters of things."""
    return next((one for one in repeat.fields if one.mask == IDENTITY and not one.calculated), None)


def row_name(repeat: Repeat, row: Row) -> str:
    """What a person calls a row: its first text."""
    first = next((one for one in repeat.fields if one.kind is Kind.TEXT and not one.mask), None)
    return row.values.get(first.name, "") if first is not None else ""


def same_rows(repeat: Repeat, first: Mapping[str, Row], second: Mapping[str, Row]) -> dict[str, str]:
    """id in `second` → id in `first` of the rows that have one identity number and no id in common. By id."""
    column = identity_column(repeat)
    if column is None:
        return {}
    theirs = _by_number(column, first)
    return {
        row: theirs[number]
        for number, row in _by_number(column, second).items()
        if row not in first and number in theirs and theirs[number] not in second
    }


def renamed(rows: Mapping[str, Row], names: Mapping[str, str]) -> dict[str, Row]:
    """The same rows in the same order, by their new ids; each row keeps the id that it had."""
    return {names.get(key, key): row for key, row in rows.items()}


def woven(primary: Sequence[str], other: Iterable[str]) -> tuple[str, ...]:
    """`primary`, and each of `other` that it lacks behind the nearest one before it that it has."""
    behind: dict[str, list[str]] = {key: [] for key in primary}
    first: list[str] = []
    place = first
    for key in other:
        if key in behind:
            place = behind[key]
        else:
            place.append(key)
    return (*first, *(key for one in primary for key in (one, *behind[one])))


def merged_order(base: Sequence[str], left: Sequence[str], right: Sequence[str]) -> tuple[str, ...]:
    """The order of all rows of three versions: an order that one side changed is taken; where both did, the base's
    rows come first, then what left added, then what right added."""
    if _follows(left, base):
        return woven(right, base)
    if _follows(right, base) or left == right:
        return woven(left, base)
    known = set(base)
    old, new = (tuple(key for key in side if key in known) for side in (left, right))
    first = woven(new, base) if _follows(old, base) else woven(old, base) if _follows(new, base) else base
    return tuple(dict.fromkeys((*first, *left, *right)))


def _follows(side: Sequence[str], base: Sequence[str]) -> bool:
    """Are these rows of the base in the base's order, with none added?"""
    rest = iter(base)
    return all(key in rest for key in side)


def _by_number(column: Field, rows: Mapping[str, Row]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for key, row in rows.items():
        if number := row.values.get(column.name, ""):
            found.setdefault(number, []).append(key)
    return {number: keys[0] for number, keys in found.items() if len(keys) == 1}
