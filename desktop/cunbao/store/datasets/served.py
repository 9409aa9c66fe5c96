"""PostgreSQL over the tables that were kept in it (`engine`)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cunbao.errors import StoreError
from cunbao.store.datasets.engine import Engine
from cunbao.store.datasets.expressions import Dialect
from cunbao.store.datasets.postgres import SCHEMA, checked, columns_of, short, version_of
from cunbao.store.datasets.server import connected
from cunbao.store.sums import quoted

if TYPE_CHECKING:
    from cunbao.store.datasets.postgres import Connection


class ServedEngine(Engine):
    """Counties of a schema. What is kept for the questions that follow lives as long as the connection."""

    dialect = Dialect("numeric", lambda words, pattern: f"{words} ~ '{pattern}'")

    def __init__(self, connection: Connection, schema: str, counties: Collection[str]) -> None:
        self._db = connection
        self._schema = schema
        self._counties = tuple(counties)
        self._known: dict[str, dict[str, str]] = {}
        self._made: dict[str, str] = {}
        rows = self.all(
            f"SELECT DISTINCT _period FROM {quoted(schema)}.partition WHERE _county IN ({self._in()}) ORDER BY 1"
        )
        self._periods = tuple(period for (period,) in rows)

    @property
    def periods(self) -> tuple[str, ...]:
        return self._periods

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return self._db.execute(sql).fetchall()  # no values: a % in the words stays one

    def beside(self, table: str, period: str) -> str:
        self._there(period)
        return self._kept(f"SELECT * FROM {self._named(table)} WHERE {self._where(period)}")

    def figures(self, table: str, period: str, columns: Mapping[str, bool]) -> str | None:
        self._there(period)
        known = self._columns(table)
        if not known:
            return None
        picked = ["_office"]
        for name, figure in columns.items():
            column = quoted(short(name))
            if short(name) not in known:
                picked.append(f"CAST(NULL AS {'bigint' if figure else 'text'}) AS {quoted(name)}")
            elif figure:
                picked.append(f"CAST({column} * 100 AS bigint) AS {quoted(name)}")
            else:
                picked.append(f"CAST({column} AS text) AS {quoted(name)}")
        return self._kept(f"SELECT {', '.join(picked)} FROM {self._named(table)} WHERE {self._where(period)}")

    def base(self, sql: str) -> str:
        return self._kept(sql)

    def _kept(self, sql: str) -> str:
        """The rows in a table of this session, counted: a planner that does not know how many there are walks every
        row of one table for every row of the other."""
        if sql not in self._made:
            name = f"pg_temp.kept{len(self._made)}"
            self._db.execute(f"CREATE TEMP TABLE kept{len(self._made)} ON COMMIT DROP AS {sql}")
            self._db.execute(f"ANALYZE {name}")
            self._made[sql] = name
        return self._made[sql]

    def has(self, table: str, period: str) -> Mapping[str, bool]:
        return {name: kind == "numeric" for name, kind in self._columns(table).items() if name[0] != "_"}

    def _columns(self, table: str) -> dict[str, str]:
        if table not in self._known:
            self._known[table] = columns_of(self._db, self._schema, table)
        return self._known[table]

    def _there(self, period: str) -> None:
        if period not in self.periods:
            raise StoreError(
                "dataset.no_period",
                happened=f"PostgreSQL 里没有 {period} 这一期",
                safe="那里的数据没有改动",
                todo=f"有的是 {'、'.join(self.periods) or '没有'}；请换一期，或者先导出这一期",
            )

    def _named(self, table: str) -> str:
        return f"{quoted(self._schema)}.{quoted(short(table.lower()))}"

    def _where(self, period: str) -> str:
        return f"_period = '{period}' AND _county IN ({self._in()})"

    def _in(self) -> str:
        return ", ".join(f"'{one}'" for one in self._counties) or "NULL"


@contextmanager
def served(dsn: str, schema: str = SCHEMA) -> Iterator[tuple[Connection, dict[str, dict[str, Any]]]]:
    """The connection, and what is told of each county's newest period. StoreError as of `server.connected`, and
    "dataset.none", "postgres.newer", "postgres.foreign"."""
    checked(schema)
    with connected(dsn) as connection:
        told: dict[str, dict[str, Any]] = {}
        if version_of(connection, schema) is not None:
            rows = connection.execute(
                f"SELECT _county, facts, task FROM {quoted(schema)}.partition ORDER BY _county, _period"
            ).fetchall()
            told = {county: {**json.loads(facts), "files": task} for county, facts, task in rows}
        if not told:
            raise StoreError(
                "dataset.none",
                happened=f"PostgreSQL 的模式 {schema} 里没有数据集",
                safe="那里的数据没有改动",
                todo="请先用 cunbao export --postgres 写一次，或者核对 --schema",
            )
        yield connection, told


def task_files(connection: Connection, schema: str, digest: str) -> bytes:
    """The zip of the task that these counties were issued."""
    found = connection.execute(f"SELECT files FROM {quoted(schema)}.task WHERE sha256 = %s", (digest,)).fetchone()
    return bytes(found[0]) if found else b""
