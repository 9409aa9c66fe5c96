"""DuckDB: the one door to it. In memory, on the processors of this machine, and it never goes to the network by itself.

Imported only by what exports or computes on a dataset, and inside the function that needs it: a start must not load it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cunbao.store.datasets.shape import Column, Holds

_TYPES = {Holds.TEXT: "VARCHAR", Holds.DAY: "VARCHAR", Holds.FLAG: "BOOLEAN"}
_EXACT = {
    Holds.NUMBER: ("0.01::DECIMAL(3,2)", "DECIMAL(20,2)"),
    Holds.EXACT: ("0.000001::DECIMAL(7,6)", "DECIMAL(26,6)"),
}
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Duck:
    """An open database in memory."""

    def __init__(self) -> None:
        import duckdb

        self._open = duckdb.connect(
            ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
        )

    def __enter__(self) -> Duck:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        self._open.execute(sql, values)

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._open.execute(sql, values).fetchall()
        return rows

    def cursor(self, sql: str) -> Any:
        """Something with fetchmany, for what is too large to hold at once."""
        return self._open.execute(sql)


def text(words: str | Path) -> str:
    """A text in SQL."""
    return "'" + str(words).replace("'", "''") + "'"


def take_in(duck: Duck, name: str, columns: Sequence[Column], lines: Path) -> None:
    """A table of what the lines (source.Lines, in a file) say, in the order in which they stand there."""
    from cunbao.store.sums import quoted

    named = ", ".join(f"{text(one.name)}: {text(_TYPES.get(one.holds, 'BIGINT'))}" for one in columns)
    duck.run(
        f"CREATE TABLE {quoted(name)} AS SELECT * FROM read_csv({text(lines)}, header = false, auto_detect = false, "
        "delim = ',', quote = '\"', escape = '\"', nullstr = '', new_line = '\\n', max_line_size = 100000000, "
        f"columns = {{{named}}})"
    )


def settled(duck: Duck, name: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns as they can be written: where an integer is asked and something else was signed there, two places;
    where a day is asked and something else stands there, a text. Nothing is ever cut to fit."""
    from cunbao.store.sums import quoted

    doubtful = [one for one in columns if one.holds in (Holds.WHOLE, Holds.DAY)]
    if not doubtful:
        return tuple(columns)
    tests = ", ".join(
        f"bool_or({quoted(one.name)} % 100 <> 0)"
        if one.holds is Holds.WHOLE
        else f"bool_or(NOT regexp_full_match({quoted(one.name)}, '{_DAY}') OR "
        f"TRY_CAST({quoted(one.name)} AS DATE) IS NULL AND {quoted(one.name)} IS NOT NULL)"
        for one in doubtful
    )
    (found,) = duck.all(f"SELECT {tests} FROM {quoted(name)}")
    wider = {Holds.WHOLE: Holds.NUMBER, Holds.DAY: Holds.TEXT}
    changed = {one.name: wider[one.holds] for one, wrong in zip(doubtful, found, strict=True) if wrong}
    return tuple(_holding(one, changed[one.name]) if one.name in changed else one for one in columns)


def _holding(column: Column, holds: Holds) -> Column:
    from dataclasses import replace

    return replace(column, holds=holds)


def meant(column: Column) -> str:
    """What stands in the column of a table taken in, as the number or day that it means."""
    from cunbao.store.sums import quoted

    named = quoted(column.name)
    if column.holds is Holds.WHOLE:
        return f"{named} // 100 AS {named}"
    if column.holds in _EXACT:
        unit, kind = _EXACT[column.holds]
        return f"CAST({named} * {unit} AS {kind}) AS {named}"
    return f"CAST({named} AS DATE) AS {named}" if column.holds is Holds.DAY else named


def write_parquet(duck: Duck, name: str, columns: Sequence[Column], path: Path) -> None:
    """The table as one Parquet file. Equal rows give equal bytes."""
    from cunbao.store.sums import quoted

    picked = ", ".join(meant(one) for one in columns)
    duck.run(
        f"COPY (SELECT {picked} FROM {quoted(name)}) TO {text(path)} "
        "(FORMAT parquet, COMPRESSION zstd, PRESERVE_ORDER true)"
    )
