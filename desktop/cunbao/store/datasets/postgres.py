"""The tables of a dataset kept in PostgreSQL: one schema, rows of any number of counties and periods.

Only returns whose counted revision changed are touched; what counts no more leaves; all in one transaction, so that a
run that is cut off leaves what was there, and a run that finds nothing new changes nothing. Never drops a column:
another county may fill it. A schema of a newer program is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cunbao.errors import StoreError
from cunbao.store.datasets.shape import OFFICE, RETURNS, REVISION, Column, Holds, Table
from cunbao.store.datasets.source import Asked, Lines, gathered
from cunbao.store.sums import quoted
from cunbao.store.workspace import Workspace

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = "cunbao"
VERSION = 1  # of our schema
_TYPES = {Holds.TEXT: "text", Holds.DAY: "text", Holds.FLAG: "boolean", Holds.COUNT: "bigint"}  # others: numeric
_LONGEST = 63  # bytes of a name
_WHERE = "_county = %s AND _period = %s"
_PLACE = (Column("_county", Holds.TEXT, "县代码"), Column("_period", Holds.TEXT, "报告期"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What one run did of a county's period. new, changed, gone: returns; same: those left alone."""

    period: str
    new: int
    changed: int
    gone: int
    same: int

    @property
    def touched(self) -> int:
        return self.new + self.changed + self.gone


class Keeper:
    """A county's side of a schema."""

    def __init__(self, connection: Connection, schema: str = SCHEMA) -> None:
        self._db = connection
        self._schema = checked(schema)

    # --- the schema --------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the schema where there is none; one run at a time from here on. StoreError "postgres.newer",
        "postgres.foreign"."""
        self._db.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"cunbao {self._schema}",))
        version = version_of(self._db, self._schema)
        if version is None:
            self._db.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._schema)}")
            self._db.execute(f"CREATE TABLE {self._named('meta')} (name text PRIMARY KEY, value text NOT NULL)")
            self._db.execute(
                f"CREATE TABLE {self._named('partition')} (_county text, _period text, facts text NOT NULL, "
                "shape text NOT NULL, task text NOT NULL, PRIMARY KEY (_county, _period))"
            )
            self._db.execute(f"CREATE TABLE {self._named('task')} (sha256 text PRIMARY KEY, files bytea NOT NULL)")
            self._db.execute(f"CREATE TABLE {self._named('form_table')} (name text PRIMARY KEY, form text NOT NULL)")
            self._db.execute(f"INSERT INTO {self._named('meta')} VALUES ('version', %s)", (str(VERSION),))

    def _named(self, table: str) -> str:
        return f"{quoted(self._schema)}.{quoted(short(table.lower()))}"

    def _ensure(self, table: Table) -> None:
        """The table with every column that is asked, and what they mean as comments."""
        name, columns = self._named(table.name), (*_PLACE, *table.columns)
        there = columns_of(self._db, self._schema, table.name)
        if not there:
            made = ", ".join(f"{quoted(short(one.name))} {_type(one)}" for one in columns)
            key = ", ".join(quoted(short(one)) for one in ("_county", "_period", *table.key)) if table.key else ""
            self._db.execute(f"CREATE TABLE {name} ({made}{f', PRIMARY KEY ({key})' if key else ''})")
            self._db.execute(f"COMMENT ON TABLE {name} IS {_text(table.title)}")
            if table.form:
                self._db.execute(
                    f"INSERT INTO {self._named('form_table')} VALUES (%s, %s)", (short(table.name.lower()), table.form)
                )
        for one in columns:
            if short(one.name) in there:
                continue
            if there:
                self._db.execute(f"ALTER TABLE {name} ADD COLUMN {quoted(short(one.name))} {_type(one)}")
            words = f"{one.label}（{one.unit}）" if one.unit else one.label
            told = "；".join(filter(None, (words, one.note)))
            self._db.execute(f"COMMENT ON COLUMN {name}.{quoted(short(one.name))} IS {_text(told)}")

    # --- one period --------------------------------------------------------------------------------------------------

    def keep(
        self, workspace: Workspace, asked: Asked, county: str, facts: Mapping[str, Any], task: bytes
    ) -> Kept:
        """Make the rows of this county and period those of the workspace. Commits nothing."""
        at = (county, asked.period)
        tables = gathered(workspace, asked)
        for lines in tables:
            self._ensure(lines.table)
        shape = _shape(lines.table for lines in tables)
        anew = self._shape_of(at) != shape
        returns = next(lines for lines in tables if lines.table.name == RETURNS.name)
        self._copy(returns, "new")
        held = self._revisions(self._named(RETURNS.name), at)
        fresh = self._revisions("new", ())
        touched: dict[str, set[str]] = {}
        for office, form in held.keys() | fresh.keys():
            if anew or held.get((office, form)) != fresh.get((office, form)):
                touched.setdefault(form, set()).add(office)
        self._place(returns.table, at, anew=anew)
        for lines in tables:
            if not lines.table.form and lines is not returns:
                self._copy(lines, "new")
                self._place(lines.table, at)
        self._leave(at, touched)
        narrowed = replace(asked, only={form: frozenset(some) for form, some in touched.items()})
        for lines in gathered(workspace, narrowed):
            if touched.get(lines.table.form):
                self._copy(lines, "new")
                columns = ", ".join(quoted(short(one)) for one in lines.table.names)
                self._insert(self._named(lines.table.name), columns, at, f"SELECT {columns} FROM pg_temp.new")
        self._note(at, facts, shape, task)
        return Kept(
            asked.period,
            new=len(fresh.keys() - held.keys()),
            changed=sum(held[one] != fresh[one] for one in fresh.keys() & held.keys()),
            gone=len(held.keys() - fresh.keys()),
            same=sum(held[one] == fresh[one] for one in fresh.keys() & held.keys()),
        )

    def _copy(self, lines: Lines, name: str) -> None:
        """What the workspace says, in a table of this session, as the figures that are meant."""
        columns = lines.table.columns
        self._db.execute(f"DROP TABLE IF EXISTS pg_temp.raw, pg_temp.{name}")
        made = ", ".join(f"{quoted(short(one.name))} {_raw(one)}" for one in columns)
        self._db.execute(f"CREATE TEMP TABLE raw ({made}) ON COMMIT DROP")
        texts = ", ".join(quoted(short(one.name)) for one in columns if _raw(one) == "text")
        empty = f", FORCE_NULL ({texts})" if texts else ""  # an empty text is nothing, quoted or not
        with self._db.cursor().copy(f"COPY pg_temp.raw FROM STDIN (FORMAT csv{empty})") as copy:
            for some in lines:
                copy.write(some)
        picked = ", ".join(_meant(one) for one in columns)
        self._db.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {picked} FROM pg_temp.raw")
        self._db.execute(f"ANALYZE pg_temp.{name}")

    def _place(self, table: Table, at: tuple[str, str], *, anew: bool = False) -> None:
        """The rows of "new" take the place of those that differ from them; anew: of all, so that no column keeps what
        is asked no more."""
        name, columns = self._named(table.name), ", ".join(quoted(short(one)) for one in table.names)
        if anew or not table.key:
            self._db.execute(f"DELETE FROM {name} WHERE {_WHERE}", at)
            self._insert(name, columns, at, f"SELECT {columns} FROM pg_temp.new")
            return
        key = ", ".join(quoted(short(one)) for one in table.key)
        mine = f"SELECT {columns} FROM {name} WHERE {_WHERE}"
        self._db.execute(
            f"DELETE FROM {name} WHERE {_WHERE} AND ({key}) IN "
            f"(SELECT {key} FROM ({mine} EXCEPT SELECT {columns} FROM pg_temp.new) AS d)",
            (*at, *at),
        )
        self._insert(name, columns, at, f"SELECT {columns} FROM pg_temp.new EXCEPT {mine}", at)

    def _insert(self, name: str, columns: str, at: tuple[str, str], select: str, values: Sequence[str] = ()) -> None:
        self._db.execute(
            f"INSERT INTO {name} (_county, _period, {columns}) SELECT %s, %s, s.* FROM ({select}) AS s", (*at, *values)
        )

    def _leave(self, at: tuple[str, str], touched: Mapping[str, Iterable[str]]) -> None:
        """Away with the rows of these forms' offices."""
        rows = self._db.execute(f"SELECT name, form FROM {self._named('form_table')} ORDER BY name").fetchall()
        for table, form in rows:
            if touched.get(form):
                self._db.execute(
                    f"DELETE FROM {self._named(table)} WHERE {_WHERE} AND _office = ANY(%s)",
                    (*at, sorted(touched[form])),
                )

    def _revisions(self, name: str, at: Sequence[str]) -> dict[tuple[str, str], str]:
        where = f" WHERE {_WHERE}" if at else ""
        source = name if at else f"pg_temp.{name}"
        rows = self._db.execute(f"SELECT {OFFICE}, form, {REVISION} FROM {source}{where}", tuple(at)).fetchall()
        return {(office, form): revision for office, form, revision in rows}

    def _shape_of(self, at: tuple[str, str]) -> str:
        found = self._db.execute(f"SELECT shape FROM {self._named('partition')} WHERE {_WHERE}", at).fetchone()
        return found[0] if found else ""

    def _note(self, at: tuple[str, str], facts: Mapping[str, Any], shape: str, task: bytes) -> None:
        digest = sha256(task).hexdigest()
        self._db.execute(
            f"INSERT INTO {self._named('task')} VALUES (%s, %s) ON CONFLICT (sha256) DO NOTHING", (digest, task)
        )
        told = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        self._db.execute(
            f"INSERT INTO {self._named('partition')} AS p VALUES (%s, %s, %s, %s, %s) ON CONFLICT (_county, _period) "
            "DO UPDATE SET facts = excluded.facts, shape = excluded.shape, task = excluded.task "
            "WHERE (p.facts, p.shape, p.task) IS DISTINCT FROM (excluded.facts, excluded.shape, excluded.task)",
            (*at, told, shape, digest),
        )


# --- names and types -------------------------------------------------------------------------------------------------


def checked(schema: str) -> str:
    """A name that nobody has to quote. StoreError "postgres.schema"."""
    if re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema) and not schema.startswith("pg_"):
        return schema
    raise StoreError(
        "postgres.schema",
        happened=f"“{schema}”不能作 PostgreSQL 的模式名",
        safe="那里的数据没有改动，县里的资料也没有受影响",
        todo="请用小写字母、数字和下划线，字母开头，不以 pg_ 开头，最长 63 个",
    )


def version_of(connection: Connection, schema: str) -> int | None:
    """Of the schema, None where there is none of ours. StoreError "postgres.newer", "postgres.foreign"."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        (schema,),
    ).fetchall()
    names = {name for (name,) in rows}
    if not names:
        return None
    if not {"meta", "partition", "task"} <= names:
        raise StoreError(
            "postgres.foreign",
            happened=f"PostgreSQL 的模式 {schema} 里是别的程序的表",
            safe="那里的表没有改动，县里的资料也没有受影响",
            todo="请用 --schema 换一个名字",
        )
    found = connection.execute(f"SELECT value FROM {quoted(schema)}.meta WHERE name = 'version'").fetchone()
    version = int(found[0]) if found and str(found[0]).isdigit() else 0
    if version > VERSION:
        raise StoreError(
            "postgres.newer",
            happened=f"PostgreSQL 的模式 {schema} 是更新的村报写的（第 {version} 版，这里认到第 {VERSION} 版）",
            safe="那里的数据没有改动，县里的资料也没有受影响",
            todo="请先把村报换成新的，再试",
        )
    return version


def columns_of(connection: Connection, schema: str, table: str) -> dict[str, str]:
    """Name → type of a table's columns; {} where there is no such table."""
    rows = connection.execute(
        "SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND "
        "NOT a.attisdropped ORDER BY a.attnum",
        (schema, short(table.lower())),
    ).fetchall()
    return dict(rows)


def short(name: str) -> str:
    """A name that PostgreSQL does not cut: a long one (in Chinese, 21 characters) ends in its hash."""
    data = name.encode()
    if len(data) <= _LONGEST:
        return name
    return data[: _LONGEST - 9].decode(errors="ignore") + "_" + sha256(data).hexdigest()[:8]


def _type(column: Column) -> str:
    return _TYPES.get(column.holds, "numeric")


def _raw(column: Column) -> str:
    return _TYPES.get(column.holds, "bigint")


def _meant(column: Column) -> str:
    named = quoted(short(column.name))
    places = column.holds.scale
    return f"trim_scale({named} * 0.{'0' * (places - 1)}1) AS {named}" if places else named


def _shape(tables: Iterable[Table]) -> str:
    """What the tables of forms are asked to hold: another shape is another reading of what was signed."""
    told = [f"{one.name} {column.name} {column.holds}" for one in tables if one.form for column in one.columns]
    return sha256("\n".join(told).encode()).hexdigest()


def _text(words: str) -> str:
    told = words.replace("'", "''")
    return f"'{told}'" if "\\" not in words else "E'" + told.replace("\\", "\\\\") + "'"
