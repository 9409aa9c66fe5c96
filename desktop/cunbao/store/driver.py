"""The one place that opens SQLCipher, with the settings everything else relies on.

Never runs a statement of the trade. sqlite_utils is imported here alone, and only when tables must be made or
changed: it costs 250 ms, more with pandas, which is kept out even when it is installed (decision 12).
Source: facts.md §2.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

KEY_BYTES = 32
PAGE = 4096
WAIT = 5000  # ms for another connection to let go
FULL = 2  # what PRAGMA synchronous reads back

Connection = Any  # sqlcipher3 has no types of its own
DatabaseError: type[Exception] = dbapi2.Error


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Connection:
    """Open (or make) an encrypted file; the key is not proved before the first read.

    key: 32 bytes, used as they are (no password derivation here: that is trust's). Transactions are ours to begin.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a database key has 32 bytes")
    connection = dbapi2.connect(
        str(path), timeout=WAIT / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA cipher_log_level=NONE")  # its ERROR lines on stderr are nobody's sentence
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute("PRAGMA temp_store=MEMORY")  # a temporary file would hold answers in plain text
    if read_only:
        connection.execute("PRAGMA query_only=ON")
    return connection


def make_durable(connection: Connection) -> None:
    """WAL, a flush at each commit, foreign keys; read back, since a pragma that does not take is silent.

    Raises DatabaseError when the file cannot be read with its key.
    """
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    foreign_keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    if (mode, synchronous, foreign_keys) != ("wal", FULL, 1):
        raise OSError(5, f"journal_mode={mode} synchronous={synchronous} foreign_keys={foreign_keys}")


def sqlite_utils_database(connection: Connection) -> Any:
    """sqlite_utils.Database over our connection, with SQLCipher's error classes and without pandas."""
    with _stand_ins():
        from sqlite_utils import Database
    return Database(connection, execute_plugins=False)


def sqlite_utils_migrations(name: str) -> Any:
    """An empty sqlite_utils.migrations.Migrations set called `name`."""
    with _stand_ins():
        from sqlite_utils.migrations import Migrations
    return Migrations(name)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """While sqlite_utils is imported the first time: our driver as pysqlite3 and in the place of
    Python's own sqlite3, which a packaged program does not have; no pandas or numpy."""
    if "sqlite_utils" in sys.modules:
        yield
        return
    ours = ("pysqlite3", "pysqlite3.dbapi2", "sqlite3")
    names = (*ours, "pandas", "numpy")
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    hidden: dict[str, Any] = sys.modules  # None in sys.modules makes an import fail
    hidden.update({**dict.fromkeys(ours, dbapi2), "pandas": None, "numpy": None})
    try:
        yield
    finally:
        for name in names:
            if name in before:
                sys.modules[name] = before[name]
            else:
                del sys.modules[name]
