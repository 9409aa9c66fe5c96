"""What a database holds, in figures that two copies can be compared by. Only reads.

A backup counts when its copy, opened again with the key, holds on every page and gives the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cunbao.store.driver import Connection, connect
from cunbao.store.trouble import damaged


@dataclass(frozen=True, slots=True)
class TableFigures:
    """Rows of a table, and a SHA-256 over them in the order of its key."""

    rows: int
    digest: str


def figures(connection: Connection) -> Mapping[str, TableFigures]:
    """Every table by name. StoreError "workspace.damaged" when an object is not what its hash says."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    return {name: _objects(connection) if name == "object" else _table(connection, name) for (name,) in names}


def _table(connection: Connection, name: str) -> TableFigures:
    digest, rows = sha256(), 0
    columns = connection.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
    key = [f'"{column}"' for column, place in sorted(columns, key=lambda one: int(one[1])) if place]
    for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY {", ".join(key) or "rowid"}'):
        digest.update(repr(row).encode())
        rows += 1
    return TableFigures(rows, digest.hexdigest())


def _objects(connection: Connection) -> TableFigures:
    """Every object is hashed anew; the digest is over hash, kind and size."""
    digest, rows = sha256(), 0
    for name, kind, size, data in connection.execute("SELECT sha256, kind, size, data FROM object ORDER BY id"):
        if sha256(data).hexdigest() != name:
            raise damaged(f"object {name}")
        digest.update(repr((name, kind, size)).encode())
        rows += 1
    return TableFigures(rows, digest.hexdigest())


def prove_pages(connection: Connection) -> None:
    """Every page, index and reference. StoreError "workspace.damaged" or the driver's error when one does not hold."""
    faults = [str(fault) for (fault,) in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
    faults += [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)").fetchall() if row[0] != "ok"]
    faults += [str(row) for row in connection.execute("PRAGMA foreign_key_check").fetchall()]
    if faults:
        raise damaged("; ".join(faults[:5]))


def proven_figures(data_file: Path, key: bytes) -> Mapping[str, TableFigures]:
    """Open a copy with its key, prove every page, and count."""
    connection = connect(data_file, key, read_only=True)
    try:
        prove_pages(connection)
        return figures(connection)
    finally:
        connection.close()
