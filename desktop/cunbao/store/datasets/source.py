"""The rows of a dataset's tables out of a workspace, as lines of CSV: what DuckDB and PostgreSQL both take in.

SQLite writes the lines of the large tables itself, which is as quick as handing the values over one by one and half of
the work afterwards. Figures stay the exact integers that are kept (`shape.Holds`); what is empty is empty, never 0.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cunbao.store.datasets.shape import (
    CODES,
    DEFINITIONS,
    EXEMPTIONS,
    INDICATORS,
    MISFITS,
    OFFICE,
    OFFICES,
    POSITION,
    RETURNS,
    REVISION,
    ROW,
    Table,
    form_tables,
    without_personal,
)
from cunbao.store.sums import quoted
from cunbao.store.workspace import Workspace
from cunbao.survey.codes import verification_code
from cunbao.survey.form import CodeList, Form
from cunbao.survey.personal import personal
from cunbao.survey.task import Indicator
from cunbao.survey.values import Office

WHY = ("counted", "missing", "unfilled", "zero", "outside", "exempt")  # by what store.parts keeps
_CHUNK = 2000  # lines
_MOST = 100  # arguments of one call; SQLite takes 127


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes into a dataset of one period. forms: of the task, and those that it asks no more; reporting: offices
    that report for the period, the others of `offices` are known; silent: (office, indicator) of which nothing has
    come though it is asked; exempt: office → indicator → reason, of those that are asked; at_close: ids that the 封账
    names, None while the period is open."""

    period: str
    forms: Mapping[str, Form]
    offices: Sequence[Office]
    reporting: Collection[str]
    indicators: Sequence[Indicator]
    lists: Mapping[str, CodeList]
    silent: Collection[tuple[str, str]] = ()
    exempt: Mapping[str, Mapping[str, str]] | None = None
    at_close: frozenset[str] | None = None
    personal: bool = False
    only: Mapping[str, Collection[str]] | None = None  # form → offices: rows of forms' tables, of these alone


@dataclass(frozen=True, slots=True)
class Lines:
    """A table and its rows; reading them again gives the same ones."""

    table: Table
    _read: Any

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())


def gathered(workspace: Workspace, asked: Asked) -> tuple[Lines, ...]:
    """Every table of the period, in the order in which they depend on each other."""
    found = [
        Lines(OFFICES, lambda: _lines(_offices(asked))),
        Lines(CODES, lambda: _lines(_codes(asked))),
        Lines(DEFINITIONS, lambda: _lines(_definitions(asked))),
        Lines(
            RETURNS if asked.personal else without_personal(RETURNS), lambda: _lines(_returns(workspace, asked))
        ),
    ]
    for table in form_tables(asked.forms, with_personal=asked.personal):
        if workspace._columns(_figure(table)):
            found.append(_of_form(workspace, asked, table))
    found += [
        Lines(INDICATORS, lambda: _indicators(workspace, asked)),
        Lines(EXEMPTIONS, lambda: _lines(_exemptions(asked))),
        Lines(MISFITS, lambda: _lines(_misfits(workspace, asked))),
    ]
    return tuple(found)


def _figure(table: Table) -> str:
    return f"figure_{table.name}"


def _of_form(workspace: Workspace, asked: Asked, table: Table) -> Lines:
    form = asked.forms[table.form]
    known = workspace._known(form, table.repeat)
    columns = {name: column for name, (column, _) in (known.columns if known else {}).items()}
    own = (OFFICE, REVISION, ROW, POSITION)
    line = _line(
        [(one.name if one.name in own else columns.get(one.name), one.holds.figure) for one in table.columns]
    )
    order = "_office, _position" if table.repeat else "_office"
    narrowed, values = "", tuple[str, ...]((asked.period,))
    if asked.only is not None:
        narrowed = " AND _office IN (SELECT value FROM json_each(?))"
        values += (json.dumps(sorted(asked.only.get(table.form, ()))),)
    sql = f"SELECT {line} FROM {quoted(_figure(table))} WHERE _period = ?{narrowed} ORDER BY {order}"
    return Lines(table, lambda: _selected(workspace, sql, values))


def _line(columns: Sequence[tuple[str | None, bool]]) -> str:
    """The line as SQL: column (None: there is none) and whether it holds figures. By format(), which writes a line
    once, where || would copy what it has so far with every column; its %w doubles the quotes of a text."""
    parts = []
    for start in range(0, len(columns), _MOST):
        some = columns[start : start + _MOST]
        shapes = ",".join("" if column is None else "%s" if figure else '"%w"' for column, figure in some)
        named = [
            quoted(column) if figure else f"ifnull({quoted(column)}, '')"  # %w writes (NULL) for NULL
            for column, figure in some
            if column is not None
        ]
        parts.append(f"format({', '.join((repr(shapes), *named))})")
    return " || ',' || ".join(parts) + " || char(10)"


def _joined(terms: Sequence[str]) -> str:
    return " || ',' || ".join(terms) + " || char(10)"


def _selected(workspace: Workspace, sql: str, values: tuple[Any, ...]) -> Iterator[str]:
    """Some thousand lines at a time."""
    with workspace._reading():
        cursor = workspace._db.execute(sql, values)
        while rows := cursor.fetchmany(_CHUNK):
            yield "".join([line for (line,) in rows])


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for row in rows:
        yield ",".join(map(_cell, row)) + "\n"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace('"', '""') + '"'


# --- the tables beside the forms -------------------------------------------------------------------------------------


def _offices(asked: Asked) -> Iterator[Sequence[Any]]:
    for one in asked.offices:
        yield (
            *(one.code, one.level, one.name, one.short, one.kind, one.ur_class, one.parent),
            *(one.since, one.until, one.successor, one.code in asked.reporting),
        )


def _codes(asked: Asked) -> Iterator[Sequence[Any]]:
    for name, one in sorted(asked.lists.items()):
        for choice in {choice.code: choice for choice in one.choices}.values():
            yield name, choice.code, choice.label


def _definitions(asked: Asked) -> Iterator[Sequence[Any]]:
    for one in asked.indicators:
        yield (
            *(one.number, one.plan, one.name, one.kind, one.scope, one.unit, one.op),
            *(_plain(one.target), _plain(one.target_high), one.per_office, one.judged),
            *(one.applies, one.numerator, one.denominator, one.above_words, one.below_words),
        )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _exemptions(asked: Asked) -> Iterator[Sequence[Any]]:
    for office, reasons in sorted((asked.exempt or {}).items()):
        for number, reason in sorted(reasons.items()):
            yield office, number, reason


def counted_sql(names: Iterable[str]) -> str:
    """The ids of what counts in these form tables."""
    return " UNION ALL ".join(f"SELECT _revision FROM {quoted(name)} WHERE _period = ?1" for name in names)


_ACCEPTED = (
    "SELECT d.id FROM decision d, standing s WHERE d.revision = r.id AND d.act = 'accept' AND s.period = r.period AND "
    "s.office = r.office AND s.form = r.form AND instr(' ' || s.effective || ' ', ' ' || d.id || ' ') "
    "ORDER BY d.n DESC, d.id LIMIT 1"
)


def _returns(workspace: Workspace, asked: Asked) -> Iterator[Sequence[Any]]:
    names = [f"figure_{form}" for form in asked.forms if workspace._columns(f"figure_{form}")]
    if not names:
        return
    rows = workspace._all(
        "SELECT r.id, r.office, r.form, r.kind, r.version, r.signed_at, d.office, d.at, d.id, d.by "
        f"FROM revision r LEFT JOIN decision d ON d.id = ({_ACCEPTED}) "
        f"WHERE r.id IN ({counted_sql(names)}) ORDER BY r.office, r.form",
        (asked.period,),
    )
    for name, office, form, kind, version, signed_at, by, at, decision, person in rows:
        closed = None if asked.at_close is None else name in asked.at_close
        line = (name, office, form, kind, version, verification_code(name), signed_at, by, at, decision)
        yield (*line, person, closed) if asked.personal else (*line, closed)


_MET = "CASE met WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END"
_WHY = "CASE why " + " ".join(f"WHEN {at} THEN '{word}'" for at, word in enumerate(WHY)) + " END"


def _indicators(workspace: Workspace, asked: Asked) -> Iterator[str]:
    """What is kept, and on top of it who is 不计入 and of whom nothing has come (as `county.measured` counts them)."""
    exempt = sorted((office, number) for office, some in (asked.exempt or {}).items() for number in some)
    code = "town || village"
    terms = (
        *(f"'\"' || {code} || '\"'", "'\"' || indicator || '\"'", _WHY),
        "CASE WHEN odd IS NOT NULL OR why = 3 THEN '' ELSE above END",
        "CASE WHEN odd IS NOT NULL THEN '' ELSE below END",
        _MET,
        "CASE WHEN why = 3 OR lacks = '' THEN '' ELSE '\"' || lacks || '\"' END",
        # what was reported where there is nothing to divide by stands in `lacks` (store.parts)
        "CASE WHEN why = 3 THEN '\"' || lacks || ' 0\"' ELSE ifnull('\"' || odd || '\"', '') END",
    )
    sql = (
        f"SELECT {_joined(terms)} FROM indicator_part WHERE period = ?1 AND "
        f"{code} || ' ' || indicator NOT IN (SELECT value FROM json_each(?2)) ORDER BY indicator, town, village"
    )
    yield from _selected(workspace, sql, (asked.period, json.dumps([" ".join(one) for one in exempt])))
    nothing = (None, None, None, "", "")
    silent = sorted({*asked.silent}.difference(exempt))
    yield from _lines((office, number, "missing", *nothing) for office, number in silent)
    yield from _lines((office, number, "exempt", *nothing) for office, number in exempt)


def _misfits(workspace: Workspace, asked: Asked) -> Iterator[Sequence[Any]]:
    rows = workspace._all(
        "SELECT r.office, m.revision, r.form, m.field, m.row, m.text FROM misfit m "
        "JOIN revision r ON r.id = m.revision WHERE r.period = ? ORDER BY r.office, r.form, m.field, m.row",
        (asked.period,),
    )
    hidden = {form: frozenset() if asked.personal else personal(one) for form, one in asked.forms.items()}
    for office, revision, form, field, row, text in rows:
        if form in asked.forms and field not in hidden[form]:
            yield office, revision, form, field, row, text

