"""A dataset on the disk: partitions period=…/county=…, each written whole beside its place and then renamed into it.

What lies there is replaced whole or not at all; a run that was cut off leaves the earlier partition, which the next run
(or reader) puts back if it had been moved aside already. Beside the files of the tables lie `datapackage.json`
(`dictionary`) and whatever the desk adds. OSError for what the disk refuses.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cunbao.errors import StoreError
from cunbao.store.datasets.duck import Duck, meant, settled, take_in, text, write_parquet
from cunbao.store.datasets.shape import Holds, Table
from cunbao.store.datasets.source import Lines
from cunbao.store.sums import quoted

PARQUET, CSV = "parquet", "csv"
DICTIONARY = "datapackage.json"
BOM = "\ufeff"
# What a spreadsheet would take for a formula, or for a number of which it keeps fifteen digits; and our own mark.
GUARDED = r"^[=+\-@\t\r'']|^[0-9]{16,}$"
_OLD, _PART = ".old~", ".part~"


@dataclass(frozen=True, slots=True)
class Place:
    """One partition of a dataset."""

    folder: Path
    period: str
    county: str

    @property
    def path(self) -> Path:
        return self.folder / f"period={self.period}" / f"county={self.county}"

    def beside(self, mark: str) -> Path:
        return self.path.with_name(f"{mark}{self.path.name}")

    def file(self, table: str, suffix: str = PARQUET) -> Path:
        """Of a table beside the forms."""
        return self.path / table / f"data.{suffix}"


@dataclass(frozen=True, slots=True)
class Written:
    """One table as it was written. table: with its columns as they are there; path: inside the partition, by /."""

    table: Table
    format: str
    path: str
    rows: int
    size: int


class Stage:
    """A partition being written. Use as a context: what was not put in place is taken away again."""

    def __init__(self, place: Place, formats: Sequence[str]) -> None:
        self.place = place
        self.formats = tuple(formats)
        self.written: list[Written] = []
        self._part = place.beside(_PART)
        self._duck: Duck | None = None

    def __enter__(self) -> Stage:
        restore_moved(self.place)
        if self.place.path.exists() and not (self.place.path / DICTIONARY).is_file():
            raise _foreign(self.place)
        shutil.rmtree(self._part, ignore_errors=True)
        self._part.mkdir(parents=True)
        self._duck = Duck()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._duck is not None
        self._duck.__exit__()
        shutil.rmtree(self._part, ignore_errors=True)
        with suppress(OSError):
            self.place.path.parent.rmdir()  # only when nothing was put there

    @property
    def duck(self) -> Duck:
        assert self._duck is not None
        return self._duck

    def take(self, lines: Lines, *, keep: bool = False) -> Table:
        """Write a table in every format; keep: its rows are read later (`rows`)."""
        asked, name = lines.table, lines.table.name
        raw = self._part / "lines"
        with self._disk():
            with raw.open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
            take_in(self.duck, name, asked.columns, raw)
            raw.unlink()
            table = replace(asked, columns=settled(self.duck, name, asked.columns))
            for kind in self.formats:
                self._write(table, kind)
        if not keep:
            self.duck.run(f"DROP TABLE {quoted(name)}")
        return table

    def _write(self, table: Table, kind: str) -> None:
        place = f"{table.folder}/data.{kind}"
        path = self._part / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == PARQUET:
            write_parquet(self.duck, table.name, table.columns, path)
        else:
            self._write_csv(table, path)
        ((rows,),) = self.duck.all(f"SELECT count(*) FROM {quoted(table.name)}")
        self.written.append(Written(table, kind, place, rows, path.stat().st_size))

    def _write_csv(self, table: Table, path: Path) -> None:
        """UTF-8 with its mark, so that Excel reads Chinese; a text that Excel would change has an apostrophe before it,
        and so has one that begins with an apostrophe: whoever takes the first one away has what was signed."""
        body = path.with_suffix(".body")
        picked = ", ".join(_guarded(one) for one in table.columns)
        self.duck.run(
            f"COPY (SELECT {picked} FROM {quoted(table.name)}) TO {text(body)} (FORMAT csv, HEADER false, NULLSTR '')"
        )
        with path.open("wb") as file, body.open("rb") as rest:
            file.write((BOM + ",".join(_head(one) for one in table.names) + "\n").encode())
            shutil.copyfileobj(rest, file)
        body.unlink()

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        """The rows of a table that was kept, as values."""
        picked = ", ".join(meant(one) for one in table.columns)
        cursor = self.duck.cursor(f"SELECT {picked} FROM {quoted(table.name)}")
        while rows := cursor.fetchmany(2000):
            yield from rows

    def add(self, name: str, data: bytes) -> None:
        """One more file of the partition, by its name with /."""
        path = self._part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def put_in_place(self) -> None:
        """Everything is written: flush it to the disk, and let it take the place of what was there."""
        for path in sorted(self._part.rglob("*")):
            _flush(path)
        _flush(self._part)
        old = self.place.beside(_OLD)
        if self.place.path.exists():
            self.place.path.rename(old)
        try:
            self._part.rename(self.place.path)
        except OSError:
            restore_moved(self.place)
            raise
        _flush(self.place.path.parent)
        shutil.rmtree(old, ignore_errors=True)

    def _disk(self) -> _Disk:
        return _Disk()


class _Disk:
    """DuckDB's words for a disk that refuses, as the system's error."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import duckdb

        if isinstance(error, duckdb.IOException):
            full = "No space left" in str(error) or "quota" in str(error)
            number = errno.ENOSPC if full else errno.EACCES if "ermission" in str(error) else errno.EIO
            raise OSError(number, str(error)) from error


def restore_moved(place: Place) -> None:
    """A run was cut off between moving the earlier partition aside and putting the new one there: the earlier one
    comes back."""
    old = place.beside(_OLD)
    if not old.exists():
        return
    if place.path.exists():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.rename(place.path)


def partitions(folder: Path) -> tuple[Place, ...]:
    """Every partition that is whole, by period and county. StoreError "dataset.none" when there is none."""
    found = []
    for period in sorted(folder.glob("period=*")):
        for aside in period.glob(f"{_OLD}county=*"):
            restore_moved(Place(folder, period.name[7:], aside.name.removeprefix(f"{_OLD}county=")))
        for county in sorted(period.glob("county=*")):
            if re.fullmatch(r"[0-9]+", county.name[7:]) and (county / DICTIONARY).is_file():
                found.append(Place(folder, period.name[7:], county.name[7:]))
    if not found:
        raise StoreError(
            "dataset.none",
            happened=f"“{folder.name or folder}”里没有数据集",
            safe="没有改动那里的任何文件",
            todo="请选导出数据集的那个文件夹（里面有 period=… 的子文件夹）",
        )
    return tuple(found)


def facts(place: Place) -> dict[str, Any]:
    """What the dictionary says of the partition. StoreError "dataset.damaged"."""
    try:
        found = json.loads((place.path / DICTIONARY).read_bytes())["cunbao:partition"]
        if isinstance(found, dict) and isinstance(found.get("task"), dict):
            return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(place.folder, str(error)) from error
    raise damaged(place.folder, DICTIONARY)


def damaged(folder: Path, detail: str) -> StoreError:
    return StoreError(
        "dataset.damaged",
        happened=f"“{folder.name or folder}”里的数据集读不出来，有文件坏了或者缺了",
        safe="县里的资料没有受影响，那里的文件没有改动",
        todo="请把数据集再导出一次",
        detail=detail,
    )


def _foreign(place: Place) -> StoreError:
    return StoreError(
        "dataset.foreign",
        happened=f"“{place.path.parent.name}/{place.path.name}”里有别的东西，不是村报导出的数据集",
        safe="没有写任何东西，那里的文件没有改动",
        todo="请换一个文件夹，或者先把那里的文件移走",
    )


def _guarded(column: Any) -> str:
    named = quoted(column.name)
    if column.holds is Holds.TEXT:
        return f"CASE WHEN regexp_matches({named}, '{GUARDED}') THEN '''' || {named} ELSE {named} END AS {named}"
    return meant(column)


def _head(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\n\r]', name) else name


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folder
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sizes(written: Iterable[Written]) -> int:
    return sum(one.size for one in written)
