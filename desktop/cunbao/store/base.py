"""What every part of a workspace stands on: one connection, one transaction at a time, one door for errors.

Never holds rules of the trade. Calls may come from several threads; each waits for its turn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

from cunbao.store.driver import Connection, DatabaseError
from cunbao.store.trouble import gone, looking_only, told

DATA_FILE = "data.db"


class Base:
    """An open, unlocked workspace folder. `epoch` is the id of this life of it (protocol §5)."""

    def __init__(self, folder: Path, connection: Connection, key: bytes, *, epoch: str, read_only: bool) -> None:
        self.folder = folder
        self.epoch = epoch
        self.read_only = read_only
        self.key = key  # for backups, which carry the same one
        self._db = connection
        self.last_known: datetime | None = None  # when something was last kept
        self.clock_doubt = False  # something was kept, or the workspace opened, before that moment
        self._turn = RLock()
        self._depth = 0
        self._identity = identity(folder / DATA_FILE)
        self._forget: list[Callable[[], None]] = []  # what is remembered of the disk, and must not outlive a rollback

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing, on the disk when the outermost block ends; blocks nest.

        StoreError tells what the disk refused; whatever the error, nothing of the block is kept.
        """
        if self.read_only:
            raise looking_only()
        with self._turn:
            outermost = self._depth == 0
            mark = f"s{self._depth}"
            self._depth += 1
            try:
                self._db.execute("BEGIN IMMEDIATE" if outermost else f"SAVEPOINT {mark}")
                yield
                self._db.execute("COMMIT" if outermost else f"RELEASE {mark}")
                if outermost:
                    self._still_there()
            except BaseException as error:
                self._take_back(outermost, mark)
                if isinstance(error, DatabaseError):
                    raise told(error, self.folder) from error
                raise
            finally:
                self._depth -= 1

    def _take_back(self, outermost: bool, mark: str) -> None:
        for forget in self._forget:
            forget()
        if not self._db.in_transaction:  # SQLite has rolled back by itself, as it does on a full disk
            return
        try:
            self._db.execute("ROLLBACK" if outermost else f"ROLLBACK TO {mark}")
            if not outermost:
                self._db.execute(f"RELEASE {mark}")
        except DatabaseError:  # the file is gone; the error that brought us here tells more
            pass

    def _still_there(self) -> None:
        """A commit into a file that has been deleted or moved away succeeds on Linux; it is not 已保存."""
        if identity(self.folder / DATA_FILE) != self._identity:
            raise gone(self.folder)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One thread at a time, and errors as sentences."""
        with self._turn:
            try:
                yield
            except DatabaseError as error:
                raise told(error, self.folder, doing="读不出来") from error

    def _note_time(self, now: datetime) -> None:
        """Every dated act passes here: a clock that goes back while the window is open is noticed too."""
        if self.last_known is not None and now < self.last_known:
            self.clock_doubt = True
        self.last_known = now

    def _all(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._reading():
            rows: list[tuple[Any, ...]] = self._db.execute(sql, values).fetchall()
            return rows

    def _one(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        with self._reading():
            row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
            return row

    def _insert(self, sql: str, values: tuple[Any, ...]) -> int:
        """Run an INSERT inside a transaction; the number of the row."""
        return int(self._db.execute(sql, values).lastrowid)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies under a name; None: none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
