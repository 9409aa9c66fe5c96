"""The SQL of totals: exact sums and counts over form tables, one statement a table (protocol §8).

Texts alone; `figures` runs them. Whole hundredths go in and come out. SQLite adds in 64 bits: what passes that stops
with an error or turns into a float, and is then added up here instead, where integers have no end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cunbao.survey.crosstab import Axis, Codes
from cunbao.survey.totals import Sums
from cunbao.survey.totals_table import Sum

OFFICE_DIGITS = 12
Columns = Mapping[str, str]  # field → column; a field that the table does not have yet is missing


def where(offices: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """What follows WHERE behind `_period = ?`, and its value. By the key when offices are given."""
    if offices is None:
        return "", ()
    return " AND _office IN (SELECT value FROM json_each(?))", (json.dumps(list(offices)),)


def sums_sql(
    source: str,
    columns: Columns,
    asked: Sequence[Sum],
    *,
    digits: int,
    single: bool,
    narrowed: str,
    wide: str = "",
) -> str:
    """One line a group of offices (those whose codes share the first digits; 0: all are one): key, rows, each sum.

    source: what stands behind FROM; narrowed: behind WHERE, or ""; wide: a type that holds any sum, in engines that
    have one (store.datasets). single: the source has one row an office and each office is a group of its own, so
    nothing is grouped."""
    # Grouped by the bare column SQLite would walk the index and look up every row by itself: half as slow again.
    key = "_office" if single else f"substr(_office, 1, {int(digits)})" if digits else "''"
    terms = [_term(columns, one, wide) for one in asked]
    picked = terms if single else [f"sum({term})" for term in terms]
    lines = ["1" if single else "count(*)", *picked]
    return (
        f"SELECT {key}, {', '.join(lines)} FROM {source}{f' WHERE {narrowed}' if narrowed else ''}"
        f"{'' if single or not digits else ' GROUP BY 1'}"
    )


def sums_read(rows: Sequence[tuple[Any, ...]], asked: Sequence[Sum]) -> dict[str, Sums] | None:
    """By group; None when SQLite left the integers on the way, which only adding several fields of a row can do."""
    risky = [at for at, one in enumerate(asked, 2) if len(one.fields) > 1]
    if any(isinstance(row[at], float) for at in risky for row in rows):
        return None
    return {row[0]: Sums(row[1], row[2:]) for row in rows}


def plain_sql(table: str, columns: Columns, asked: Sequence[Sum], *, narrowed: str) -> tuple[str, tuple[str, ...]]:
    """The rows themselves, and the fields that stand in them, for `added`."""
    fields = tuple(dict.fromkeys(name for one in asked for name in one.needed))
    picked = [quoted(columns[name]) if name in columns else "NULL" for name in fields]
    return f"SELECT {', '.join(('_office', *picked))} FROM {quoted(table)} WHERE _period = ?{narrowed}", fields


def added(
    rows: Iterable[tuple[Any, ...]], fields: Sequence[str], asked: Sequence[Sum], *, digits: int
) -> dict[str, Sums]:
    """The same sums in integers without end."""
    counts: dict[str, int] = {}
    sums: dict[str, list[int | None]] = {}
    for office, *values in rows:
        key = office[:digits]
        row = dict(zip(fields, values, strict=True))
        counts[key] = counts.get(key, 0) + 1
        so_far = sums.setdefault(key, [None] * len(asked))
        for at, one in enumerate(asked):
            if all(row[name] is not None for name in one.needed):
                so_far[at] = (so_far[at] or 0) + sum(row[name] for name in one.fields)
    return {key: Sums(counts[key], tuple(sums[key])) for key in counts}


def counts_sql(source: str, columns: Columns, by: Sequence[Axis], *, narrowed: str) -> str:
    """Rows by what stands in the columns of the axes; a band by its number. source, narrowed: as in sums_sql."""
    keys = [_key(columns, axis) for axis in by]
    places = ", ".join(str(at) for at in range(1, len(keys) + 1))
    behind = f" WHERE {narrowed}" if narrowed else ""
    return f"SELECT {', '.join((*keys, 'count(*)'))} FROM {source}{behind} GROUP BY {places}"


def counts_read(rows: Iterable[tuple[Any, ...]], by: Sequence[Axis]) -> dict[Codes, int]:
    """By codes, "" where nothing is filled in."""
    found: dict[Codes, int] = {}
    for *said, count in rows:
        codes = tuple(_code(axis, one) for axis, one in zip(by, said, strict=True))
        found[codes] = found.get(codes, 0) + count
    return found


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _term(columns: Columns, one: Sum, wide: str) -> str:
    """The sum's part of one row: NULL, which sum() leaves out, when anything that it needs is empty."""
    if any(name not in columns for name in one.needed):
        return f"CAST(NULL AS {wide})" if wide else "NULL"

    def named(name: str) -> str:
        return f"CAST({quoted(columns[name])} AS {wide})" if wide else quoted(columns[name])

    beside = [f"0 * {named(name)}" for name in one.beside if name not in one.fields]
    return " + ".join((*map(named, one.fields), *beside))


def _key(columns: Columns, axis: Axis) -> str:
    if axis.field not in columns:
        return "NULL"
    column = quoted(columns[axis.field])
    if not axis.cuts:
        return column
    bands = " ".join(f"WHEN {column} <= {cut * 100} THEN {at}" for at, cut in enumerate(axis.cuts))
    return f"CASE WHEN {column} IS NULL THEN NULL {bands} ELSE {len(axis.cuts)} END"


def _code(axis: Axis, said: Any) -> str:
    if said is None:
        return ""
    return axis.code_of(int(said)) if axis.number and not axis.cuts else str(said)
