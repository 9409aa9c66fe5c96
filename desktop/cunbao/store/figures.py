"""Form tables: the answers of the revisions that count, typed and narrow, one table a form and one a roster.

What totals, exports and pandas read. Only copies: made again from objects by `rebuild`, never typed into. A number
column holds exact integers of hundredths (protocol §8), so that SQL sums without a rounding; 未填 is NULL, never
0; what cannot be held exactly is a misfit with its text, never a guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cunbao.store.driver import DatabaseError, sqlite_utils_database
from cunbao.store.standings import Standings
from cunbao.store.sums import OFFICE_DIGITS, added, counts_read, counts_sql, plain_sql, sums_read, sums_sql, where
from cunbao.store.sums import quoted as _quoted
from cunbao.store.times import moment
from cunbao.survey.beneath import figure_of
from cunbao.survey.crosstab import Axis, Codes
from cunbao.survey.form import Field, Form, Kind
from cunbao.survey.totals import Sums, hundredths
from cunbao.survey.totals_table import Sum
from cunbao.survey.values import Answers

_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)
_OURS = ("_office", "_period", "_revision")
_IN_ROSTERS = ("_row", "_position")


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One row of a form table. row: the roster row's id, "" for the form itself; values: by field name, a Decimal for a
    number, a text otherwise, None for 未填."""

    office: str
    revision: str
    row: str
    values: Mapping[str, Decimal | str | None]


@dataclass(frozen=True, slots=True)
class CountedReturn:
    """The revision that counts for an office. kind: as in StoredRevision; signed_at: aware UTC."""

    office: str
    revision: str
    kind: str
    version: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Misfit:
    """A signed text that its number column cannot hold: no number, or more than two places."""

    revision: str
    field: str
    row: str
    text: str


_Line = tuple[tuple[Any, ...], Mapping[str, str]]  # (row id, position) or () for the form itself, and its texts


@dataclass(frozen=True, slots=True)
class _Table:
    """A form table as it is: columns by field name, with the field."""

    name: str
    repeat: str
    columns: Mapping[str, tuple[str, Field]]  # field name → column, field


class Figures(Standings):
    """The part of a workspace that totals read."""

    # --- written -----------------------------------------------------------------------------------------------------

    def count_revision(self, form: Form, revision_id: str, answers: Answers) -> tuple[Misfit, ...]:
        """Let this revision's answers (signed: canonical, calculated included) stand for its office and period."""
        with self.atomic():
            found = self.revision(revision_id)
            if found is None:
                raise KeyError(revision_id)
            self.uncount(form.id, found.office, found.period)
            ours = (found.office, found.period, found.id)
            misfits: list[Misfit] = []
            for table in self._tables(form):
                self._fill(table, ours, _lines(table, answers), misfits)
            for one in misfits:
                self._db.execute(
                    "INSERT INTO misfit (revision, field, row, text) VALUES (?,?,?,?)",
                    (one.revision, one.field, one.row, one.text),
                )
        return tuple(misfits)

    def uncount(self, form_id: str, office: str, period: str) -> None:
        """Nothing of this return counts any more."""
        with self.atomic():
            for (name,) in self._all("SELECT name FROM figure_form WHERE form = ?", (form_id,)):
                self._db.execute(
                    "DELETE FROM misfit WHERE revision IN "
                    "(SELECT id FROM revision WHERE form = ? AND office = ? AND period = ?)",
                    (form_id, office, period),
                )
                self._db.execute(f"DELETE FROM {_quoted(name)} WHERE _office = ? AND _period = ?", (office, period))

    def _fill(
        self,
        table: _Table,
        ours: tuple[str, ...],
        lines: Iterable[_Line],
        misfits: list[Misfit],
    ) -> None:
        columns = [*_OURS, *(_IN_ROSTERS if table.repeat else ()), *(column for column, _ in table.columns.values())]
        sql = (
            f"INSERT INTO {_quoted(table.name)} ({', '.join(map(_quoted, columns))}) "
            f"VALUES ({', '.join('?' * len(columns))})"
        )
        for place, values in lines:
            typed = []
            for name, (_, field) in table.columns.items():
                said = values.get(name, "")
                value = _stored(field, said)
                if value is None and said:
                    misfits.append(Misfit(ours[2], name, place[0] if place else "", said))
                typed.append(value)
            self._db.execute(sql, (*ours, *place, *typed))

    # --- read --------------------------------------------------------------------------------------------------------

    def rows_that_count(
        self, form: Form, period: str, *, repeat: str = "", offices: Sequence[str] | None = None
    ) -> tuple[CountedRow, ...]:
        """Rows of the revisions that count, by office and place; of all offices or of those given."""
        table = self._known(form, repeat)
        if table is None:
            return ()
        columns = list(table.columns.items())
        picked = "".join(f", {_quoted(column)}" for _, (column, _) in columns)
        row, order = ("_row", "_office, _position") if repeat else ("''", "_office")
        found = self._all(
            f"SELECT _office, _revision, {row}{picked} FROM {_quoted(table.name)} WHERE {_WHERE} ORDER BY {order}",
            (period, _json(offices)),
        )
        return tuple(
            CountedRow(
                office,
                revision,
                row_id,
                {name: _read(field, value) for (name, (_, field)), value in zip(columns, values, strict=True)},
            )
            for office, revision, row_id, *values in found
        )

    def sums(
        self, form: Form, period: str, *, repeat: str = "", offices: Sequence[str] | None = None
    ) -> Mapping[str, Decimal | None]:
        """Exact Σ of every number field, None where nobody filled it in."""
        table = self._known(form, repeat)
        numbers = [name for name, (_, one) in (table.columns if table else {}).items() if one.kind in _NUMBERS]
        asked = [Sum((name,)) for name in numbers]
        found = self.sums_that_count(form, period, asked, repeat=repeat, offices=offices, digits=0).get("")
        exact = found.hundredths if found else [None] * len(numbers)
        return {name: None if value is None else _decimal(value) for name, value in zip(numbers, exact, strict=True)}

    def figures_under(self, form: Form, period: str, name: str, *, under: str) -> Mapping[str, Decimal | None]:
        """One number field of the revisions that count, exact, by office; of the offices whose codes begin with
        `under`. None: nothing is filled in, or no number."""
        table = self._known(form, "")
        column = table.columns.get(name) if table is not None else None
        if table is None or column is None:
            return {}
        rows = self._all(
            f"SELECT _office, {_quoted(column[0])}, m.text FROM {_quoted(table.name)} "
            "LEFT JOIN misfit m ON m.revision = _revision AND m.field = ?1 AND m.row = '' "
            "WHERE _period = ?2 AND _office >= ?3 AND _office < ?3 || ':' ORDER BY _office",
            (name, period, under),
        )
        return {
            office: figure_of(text) if text is not None else None if value is None else _decimal(value)
            for office, value, text in rows
        }

    def returns_that_count(
        self, form: Form, period: str, *, offices: Sequence[str] | None = None
    ) -> Mapping[str, CountedReturn]:
        """The revisions that count, by office."""
        table = self._known(form, "")
        if table is None:
            return {}
        narrowed, value = where(offices)
        found = self._all(
            f"SELECT _office, id, kind, version, signed_at FROM {_quoted(table.name)} JOIN revision ON id = _revision "
            f"WHERE _period = ?{narrowed} ORDER BY _office",
            (period, *value),
        )
        return {
            office: CountedReturn(office, revision, kind, version, moment(signed_at))
            for office, revision, kind, version, signed_at in found
        }

    def sums_that_count(
        self,
        form: Form,
        period: str,
        asked: Sequence[Sum],
        *,
        repeat: str = "",
        offices: Sequence[str] | None = None,
        digits: int = OFFICE_DIGITS,
    ) -> Mapping[str, Sums]:
        """Rows and exact sums of every office, or of those together whose codes share the first `digits` (0: of all),
        in one pass over the form's table or a roster's. Who has nothing that counts is not there."""
        table = self._known(form, repeat)
        if table is None:
            return {}
        narrowed, value = where(offices)
        columns = {name: column for name, (column, field) in table.columns.items() if field.kind in _NUMBERS}
        single = not repeat and digits == OFFICE_DIGITS
        source, behind = _quoted(table.name), f"_period = ?{narrowed}"
        sql = sums_sql(source, columns, asked, digits=digits, single=single, narrowed=behind)
        try:
            found = sums_read(self._all(sql, (period, *value)), asked)
        except DatabaseError as error:
            if "integer overflow" not in str(error):
                raise
            found = None
        if found is None:
            sql, fields = plain_sql(table.name, columns, asked, narrowed=narrowed)
            found = added(self._all(sql, (period, *value)), fields, asked, digits=digits)
        return found

    def count_rows(
        self, form: Form, period: str, repeat: str, by: Sequence[Axis], *, offices: Sequence[str] | None = None
    ) -> Mapping[Codes, int]:
        """How many rows of a roster stand at each combination of codes that occurs."""
        table = self._known(form, repeat)
        if table is None:
            return {}
        narrowed, value = where(offices)
        columns = {name: column for name, (column, _) in table.columns.items()}
        sql = counts_sql(_quoted(table.name), columns, by, narrowed=f"_period = ?{narrowed}")
        return counts_read(self._all(sql, (period, *value)), by)

    def misfits(self, office: str, form_id: str, period: str) -> tuple[Misfit, ...]:
        """What of the counted revision no number column could hold."""
        rows = self._all(
            "SELECT m.revision, m.field, m.row, m.text FROM misfit m JOIN revision r ON r.id = m.revision "
            "WHERE r.office = ? AND r.form = ? AND r.period = ? ORDER BY m.field, m.row",
            (office, form_id, period),
        )
        return tuple(Misfit(*row) for row in rows)

    # --- tables ------------------------------------------------------------------------------------------------------

    def _tables(self, form: Form) -> tuple[_Table, ...]:
        """The tables of a form, made or widened where this version of it asks more. Inside a transaction."""
        asked = [("", form.fields), *((one.name, one.fields) for one in form.repeats)]
        return tuple(self._table(form.id, repeat, fields) for repeat, fields in asked)

    def _table(self, form_id: str, repeat: str, fields: Sequence[Field]) -> _Table:
        name = _name(form_id, repeat)
        there = self._columns(name)
        table = _shaped(name, repeat, fields, there)
        missing = {column: _type(field) for column, field in table.columns.values() if column not in there}
        if not there:
            place = {"_row": str, "_position": int} if repeat else {}
            made = sqlite_utils_database(self._db)[name]
            made.create(
                {"_office": str, "_period": str, "_revision": str, **place, **missing},
                pk=("_office", "_period", "_row") if repeat else ("_office", "_period"),
                foreign_keys=[("_revision", "revision", "id")],
            )
            self._db.execute("INSERT INTO figure_form (name, form, repeat) VALUES (?,?,?)", (name, form_id, repeat))
        else:
            for column, kind in missing.items():
                sqlite_utils_database(self._db)[name].add_column(column, kind)
        return table

    def _known(self, form: Form, repeat: str) -> _Table | None:
        """The table with the columns that it has; None before anything was counted."""
        name = _name(form.id, repeat)
        there = self._columns(name)
        fields = form.repeat(repeat).fields if repeat else form.fields
        if not there:
            return None
        table = _shaped(name, repeat, fields, there)
        return _Table(name, repeat, {key: one for key, one in table.columns.items() if one[0] in there})

    def _columns(self, name: str) -> dict[str, str]:
        return {column: kind for column, kind in self._all("SELECT name, type FROM pragma_table_info(?)", (name,))}

    def drop_figures(self, form_id: str) -> None:
        """Away with the tables of one form: it asks other cells now, and what counts is put into new ones."""
        with self.atomic():
            for (name,) in self._all("SELECT name FROM figure_form WHERE form = ?", (form_id,)):
                self._db.execute(f"DROP TABLE {_quoted(name)}")
            self._db.execute("DELETE FROM figure_form WHERE form = ?", (form_id,))
            self._db.execute(
                "DELETE FROM misfit WHERE revision IN (SELECT id FROM revision WHERE form = ?)", (form_id,)
            )

    def _drop_tables(self) -> None:
        for (name,) in self._all("SELECT name FROM figure_form"):
            self._db.execute(f"DROP TABLE {_quoted(name)}")
        self._db.execute("DELETE FROM figure_form")


_WHERE = "_period = ?1 AND (?2 IS NULL OR _office IN (SELECT value FROM json_each(?2)))"


def _name(form_id: str, repeat: str) -> str:
    return f"figure_{form_id}_{repeat}" if repeat else f"figure_{form_id}"


def _shaped(name: str, repeat: str, fields: Sequence[Field], there: Mapping[str, str]) -> _Table:
    """Columns of the fields, numbers first (they are what is summed, and SQLite reads a row up to what it needs).

    A field that was a text in an earlier version and is a number now gets a column of its own beside the old one."""
    asked = [field for field in fields if field.kind is not Kind.NOTE]
    asked.sort(key=lambda field: field.kind not in _NUMBERS)
    columns = {}
    for field in asked:
        kind = "INTEGER" if _type(field) is int else "TEXT"
        same = there.get(field.name, kind) == kind
        columns[field.name] = (field.name if same else f"{field.name}__{kind.lower()}", field)
    return _Table(name, repeat, columns)


def _lines(table: _Table, answers: Answers) -> list[_Line]:
    if not table.repeat:
        return [((), answers.values)]
    return [((row.id, place), row.values) for place, row in enumerate(answers.rows.get(table.repeat, ()))]


def _type(field: Field) -> type:
    return int if field.kind in _NUMBERS else str


def _stored(field: Field, said: str) -> int | str | None:
    """What the column holds: hundredths for a number, None for nothing and for what does not fit."""
    if not said:
        return None
    if field.kind not in _NUMBERS:
        return said
    return hundredths(said)


def _read(field: Field, value: Any) -> Decimal | str | None:
    if value is None:
        return None
    return _decimal(value) if field.kind in _NUMBERS else str(value)


def _decimal(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


def _json(offices: Sequence[str] | None) -> str | None:
    return None if offices is None else json.dumps(list(offices))
