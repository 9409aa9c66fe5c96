"""DuckDB over the Parquet files of a dataset (`engine`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cunbao.errors import StoreError
from cunbao.store.datasets.duck import Duck, text
from cunbao.store.datasets.engine import Engine
from cunbao.store.datasets.expressions import Dialect
from cunbao.store.datasets.files import PARQUET, Place, damaged, partitions
from cunbao.store.sums import quoted


class ParquetEngine(Engine):
    """Use as a context. StoreError "dataset.none", "dataset.no_parquet", "dataset.damaged"."""

    dialect = Dialect("HUGEINT", lambda words, pattern: f"regexp_matches({words}, '{pattern}')")

    def __init__(self, folder: Path, counties: Collection[str] = ()) -> None:
        self.places = tuple(one for one in partitions(folder) if not counties or one.county in counties)
        self._folder = folder
        self._duck = Duck()
        self._made: dict[tuple[str, str, tuple[tuple[str, bool], ...]], str] = {}
        self._known: dict[tuple[str, str], dict[str, bool]] = {}

    def __enter__(self) -> ParquetEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._duck.__exit__()

    @property
    def periods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.period for one in self.places))

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            return self._duck.all(sql)
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise damaged(self._folder, str(error)) from error

    def beside(self, table: str, period: str) -> str:
        files = [one.file(table) for one in self._of(period)]
        if table == "indicators":  # large, and few of its columns are asked for at a time
            return _read(files)
        return self._table((table, period, ()), files, "*")

    def figures(self, table: str, period: str, columns: Mapping[str, bool]) -> str | None:
        files = self._files(table, period)
        if not files:
            return None
        known = self.has(table, period)
        picked = ["_office"]
        for name, figure in columns.items():
            if name not in known:
                picked.append(f"CAST(NULL AS {'BIGINT' if figure else 'VARCHAR'}) AS {quoted(name)}")
            elif figure:
                picked.append(f"CAST({quoted(name)} * 100 AS BIGINT) AS {quoted(name)}")
            else:
                picked.append(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}")
        return self._table((table, period, tuple(columns.items())), files, ", ".join(picked))

    def has(self, table: str, period: str) -> Mapping[str, bool]:
        key = (table, period)
        if key not in self._known:
            files = self._files(table, period)
            rows = self.all(f"DESCRIBE SELECT * FROM {_read(files)}") if files else []
            self._known[key] = {
                name: kind.startswith(("BIGINT", "DECIMAL", "HUGEINT")) for name, kind, *_ in rows if name[0] != "_"
            }
        return self._known[key]

    def base(self, sql: str) -> str:
        name = f"base{len(self._made)}"
        self._made[name, "", ()] = name
        self.all(f"CREATE TABLE {name} AS {sql}")
        return name

    def _table(self, key: tuple[str, str, tuple[tuple[str, bool], ...]], files: list[Path], picked: str) -> str:
        """What was read of the files, kept for the questions that follow."""
        if key not in self._made:
            name = f"t{len(self._made)}"
            self.all(f"CREATE TABLE {name} AS SELECT {picked} FROM {_read(files)}")
            self._made[key] = name
        return self._made[key]

    def _of(self, period: str) -> list[Place]:
        found = [one for one in self.places if one.period == period]
        if not found:
            raise StoreError(
                "dataset.no_period",
                happened=f"数据集里没有 {period} 这一期",
                safe="没有改动那里的任何文件",
                todo=f"有的是 {'、'.join(self.periods)}；请换一期，或者先导出这一期",
            )
        if not all(one.file("indicators").is_file() for one in found):
            raise StoreError(
                "dataset.no_parquet",
                happened=f"“{self._folder.name}”里没有 Parquet 文件，算不了",
                safe="没有改动那里的任何文件",
                todo="请用 --parquet 再导出一次",
            )
        return found

    def _files(self, table: str, period: str) -> list[Path]:
        return [
            path for one in self._of(period) for path in sorted(one.path.glob(f"form=*/table={table}/data.{PARQUET}"))
        ]


def _read(files: list[Path]) -> str:
    return f"read_parquet([{', '.join(map(text, files))}], union_by_name = true, hive_partitioning = false)"
