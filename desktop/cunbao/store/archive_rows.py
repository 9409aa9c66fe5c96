"""Which rows of which tables a year is, as an archive copies them, takes them out and puts them back.

A year is every revision of its period with what is about them: parents, signatures, evidence, decisions, the objects of
all these and the records from which `rebuild` makes their indexes. What touches no revision (封账, 吊销, certificates,
task packs, the directory) stays in the workspace and is copied along, so that the file can be judged by itself. Where
returns stand, form tables and parts of indicators are sums, taken out and made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.store.compare import TableFigures
from cunbao.store.driver import Connection, connect
from cunbao.store.sums import quoted
from cunbao.store.trouble import damaged

if TYPE_CHECKING:
    from cunbao.store.workspace import Workspace

# In the temporary tables `y_revision`, `y_about`, `y_object` stand the ids of the year.
_OF_YEAR = {
    "revision": "id IN (SELECT id FROM temp.y_revision)",
    "parent": "revision IN (SELECT id FROM temp.y_revision)",
    "signature": "revision IN (SELECT id FROM temp.y_revision)",
    "retraction": "revision IN (SELECT id FROM temp.y_revision)",
    "evidence": "id IN (SELECT id FROM temp.y_about)",
    "decision": "id IN (SELECT id FROM temp.y_about)",
    "countersign": "object IN (SELECT id FROM temp.y_about)",
}
# What is copied along and stays: to judge by, and to read.
_ALONG = {
    "at_large": "SELECT * FROM decision WHERE revision = '' ORDER BY n, id",
    "certificate": "SELECT * FROM certificate ORDER BY id",
    "office": "SELECT * FROM office ORDER BY code",
    "standing": "SELECT * FROM standing WHERE period = (SELECT period FROM temp.y_period) ORDER BY office, form",
    "along": "SELECT * FROM object WHERE sha256 IN (SELECT sha256 FROM temp.y_along) ORDER BY id",
}
_ORDER = {
    "revision": "id",
    "parent": "revision, place",
    "signature": "revision, place",
    "retraction": "revision",
    "evidence": "id",
    "decision": "id",
    "countersign": "object, place",
    "object": "id",
}
_NAMED_BY_RECORD = (
    "kind = 'record' AND CASE json_extract(CAST(data AS TEXT), '$.what') "
    "WHEN 'unacknowledge' THEN json_extract(CAST(data AS TEXT), '$.period') = (SELECT period FROM temp.y_period) "
    "WHEN 'countersign' THEN json_extract(CAST(data AS TEXT), '$.object') IN (SELECT id FROM temp.y_about) "
    "WHEN 'decision' THEN json_extract(CAST(data AS TEXT), '$.id') IN (SELECT id FROM temp.y_about) "
    "WHEN 'evidence' THEN json_extract(CAST(data AS TEXT), '$.id') IN (SELECT id FROM temp.y_about) "
    "WHEN 'revision' THEN json_extract(CAST(data AS TEXT), '$.id') IN (SELECT id FROM temp.y_revision) "
    "WHEN 'acknowledge' THEN json_extract(CAST(data AS TEXT), '$.revision') IN "
    "(SELECT id FROM temp.y_revision UNION SELECT id FROM temp.y_about) "
    "WHEN 'signature' THEN json_extract(CAST(data AS TEXT), '$.revision') IN (SELECT id FROM temp.y_revision) "
    "WHEN 'left' THEN json_extract(CAST(data AS TEXT), '$.revision') IN (SELECT id FROM temp.y_revision) "
    "WHEN 'retract' THEN json_extract(CAST(data AS TEXT), '$.revision') IN (SELECT id FROM temp.y_revision) "
    "ELSE 0 END"
)
_STILL_NAMED = (
    "SELECT header AS name FROM revision UNION SELECT answers FROM revision UNION SELECT cms FROM revision "
    "UNION SELECT pdf FROM revision UNION SELECT cms FROM signature UNION SELECT pdf FROM signature "
    "UNION SELECT id FROM evidence UNION SELECT content FROM evidence UNION SELECT id FROM decision "
    "UNION SELECT cms FROM decision UNION SELECT cms FROM countersign UNION SELECT id FROM certificate "
    "UNION SELECT request FROM device UNION SELECT certificate FROM device"
)


# --- chosen ----------------------------------------------------------------------------------------------------------


@contextmanager
def chosen(db: Connection, period: str, pack: str) -> Iterator[None]:
    """The ids of a year in temporary tables, for as long as they are asked for. pack: of the task, copied along."""
    _forget(db)
    try:
        db.execute("CREATE TEMP TABLE y_period (period TEXT)")
        db.execute("INSERT INTO temp.y_period VALUES (?)", (period,))
        for name in ("y_revision", "y_about"):
            db.execute(f"CREATE TEMP TABLE {name} (id TEXT PRIMARY KEY) WITHOUT ROWID")
        for name in ("y_named", "y_along"):
            db.execute(f"CREATE TEMP TABLE {name} (sha256 TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute("CREATE TEMP TABLE y_object (id INTEGER PRIMARY KEY)")
        db.execute("INSERT INTO temp.y_revision SELECT id FROM revision WHERE period = ?", (period,))
        db.execute(
            "INSERT INTO temp.y_about SELECT id FROM decision WHERE revision IN (SELECT id FROM temp.y_revision) "
            "UNION SELECT id FROM evidence WHERE revision IN (SELECT id FROM temp.y_revision)"
        )
        _choose_objects(db, pack)
        yield
    finally:
        _forget(db)


def _choose_objects(db: Connection, pack: str) -> None:
    columns = {
        "revision": ("header", "answers", "cms", "pdf"),
        "signature": ("cms", "pdf"),
        "evidence": ("id", "content"),
        "decision": ("id", "cms"),
        "countersign": ("cms",),
    }
    for table, names in columns.items():
        for name in names:
            db.execute(
                f"INSERT OR IGNORE INTO temp.y_named SELECT {name} FROM {table} "
                f"WHERE {_OF_YEAR[table]} AND {name} IS NOT NULL"
            )
    db.execute(
        "INSERT INTO temp.y_object SELECT id FROM object WHERE sha256 IN (SELECT sha256 FROM temp.y_named) "
        f"UNION SELECT id FROM object WHERE {_NAMED_BY_RECORD}"
    )
    db.execute(
        "INSERT OR IGNORE INTO temp.y_along SELECT id FROM certificate UNION SELECT id FROM decision WHERE "
        "revision = '' UNION SELECT cms FROM decision WHERE revision = '' AND cms IS NOT NULL UNION SELECT ?",
        (pack,),
    )


def _forget(db: Connection) -> None:
    for name in ("y_period", "y_revision", "y_about", "y_named", "y_along", "y_object"):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _picked() -> Mapping[str, str]:
    """name of the table in the archive → the SELECT that fills it, in its order."""
    own = {name: f"SELECT * FROM {name} WHERE {where} ORDER BY {_ORDER[name]}" for name, where in _OF_YEAR.items()}
    objects = "SELECT * FROM object WHERE id IN (SELECT id FROM temp.y_object) ORDER BY id"
    return {**own, "object": objects, **_ALONG}


# --- copied, counted -------------------------------------------------------------------------------------------------


def copy_out(db: Connection, target: Path, key: bytes) -> Mapping[str, TableFigures]:
    """Write the chosen rows into a new encrypted file, row by row under its own connection; flushed. Gives what was
    written."""
    written = {}
    connection = connect(target, key)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN")
        for name, sql in _picked().items():
            cursor = db.execute(sql)
            columns = [quoted(one[0]) for one in cursor.description]
            connection.execute(f"CREATE TABLE {quoted(name)} ({', '.join(columns)})")
            insert = f"INSERT INTO {quoted(name)} VALUES ({', '.join('?' * len(columns))})"
            sums = _Sums(name)
            for row in cursor:
                connection.execute(insert, row)
                sums.add(row)
            written[name] = sums.said()
        connection.execute("COMMIT")
    finally:
        connection.close()
    return written


def expected(db: Connection) -> Mapping[str, TableFigures]:
    """Rows and digests of what is chosen in the workspace."""
    return {name: _counted(db, name, sql) for name, sql in _picked().items()}


def found(archive: Connection) -> Mapping[str, TableFigures]:
    """Rows and digests of what an archive holds, every object hashed."""
    names = [
        name
        for (name,) in archive.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    ]
    return {name: _counted(archive, name, f"SELECT * FROM {quoted(name)} ORDER BY rowid") for name in names}


def _counted(db: Connection, name: str, sql: str) -> TableFigures:
    sums = _Sums(name)
    for row in db.execute(sql):
        sums.add(row)
    return sums.said()


class _Sums:
    """Counts rows and hashes them; an object's bytes are held against its own hash instead."""

    def __init__(self, name: str) -> None:
        self._objects = name in ("object", "along")
        self._digest, self._rows = sha256(), 0

    def add(self, row: tuple[object, ...]) -> None:
        if self._objects:
            number, name, kind, size, data = row
            if sha256(bytes(data)).hexdigest() != name:  # type: ignore[call-overload]
                raise damaged(f"object {name}")
            row = (number, name, kind, size)
        self._digest.update(repr(row).encode())
        self._rows += 1

    def said(self) -> TableFigures:
        return TableFigures(self._rows, self._digest.hexdigest())


def signed_ids(archive: Connection) -> set[str]:
    """Ids of the revisions, decisions and evidence in an archive."""
    rows = archive.execute(
        "SELECT id FROM revision WHERE retracted = 0 UNION SELECT id FROM decision UNION SELECT id FROM evidence"
    )
    return {name for (name,) in rows}


# --- taken out, put back ---------------------------------------------------------------------------------------------


@contextmanager
def unreferenced(ws: Workspace) -> Iterator[None]:
    """Foreign keys are looked at once at the end of the act instead of at every row: an object is named by columns that
    have no index, and a year has thousands."""
    with ws._turn:
        ws._db.execute("PRAGMA foreign_keys=OFF")
        try:
            yield
        finally:
            ws._db.execute("PRAGMA foreign_keys=ON")


def refuse_loose_ends(db: Connection) -> None:
    """StoreError "workspace.damaged" when a row names another that is not there: the transaction is taken back."""
    faults = db.execute("PRAGMA foreign_key_check").fetchmany(5)
    if faults:
        raise damaged("; ".join(map(repr, faults)))


def remove(db: Connection, period: str) -> None:
    """Take the chosen rows out. An object that something else names stays. Inside a transaction."""
    db.execute("DELETE FROM misfit WHERE revision IN (SELECT id FROM temp.y_revision)")
    for (name,) in db.execute("SELECT name FROM figure_form").fetchall():
        db.execute(f"DELETE FROM {quoted(name)} WHERE _period = ?", (period,))
    db.execute("DELETE FROM standing WHERE period = ?", (period,))
    db.execute("DELETE FROM indicator_part WHERE period = ?", (period,))
    for table, where in reversed(_OF_YEAR.items()):
        db.execute(f"DELETE FROM {table} WHERE {where}")
    db.execute(
        "DELETE FROM object WHERE id IN (SELECT id FROM temp.y_object) AND (kind = 'record' OR "
        f"sha256 NOT IN (SELECT name FROM ({_STILL_NAMED}) WHERE name IS NOT NULL))"
    )
    refuse_loose_ends(db)


def put_back(db: Connection, archive: Connection) -> None:
    """Put the rows of an archive where they were. What is there is the same, but for a signature over a decision that
    came again meanwhile: both are kept. Inside a transaction."""
    for number, *rest in archive.execute("SELECT id, sha256, kind, size, data FROM object ORDER BY id"):
        taken = db.execute("SELECT 1 FROM object WHERE id = ?", (number,)).fetchone()
        db.execute(
            "INSERT INTO object (id, sha256, kind, size, data) VALUES (?,?,?,?,?) ON CONFLICT (sha256) DO NOTHING",
            (None if taken else number, *rest),
        )
    for name in (one for one in _OF_YEAR if one != "countersign"):
        cursor = archive.execute(f"SELECT * FROM {quoted(name)} ORDER BY rowid")
        columns = [one[0] for one in cursor.description]
        sql = (
            f"INSERT INTO {quoted(name)} ({', '.join(map(quoted, columns))}) "
            f"VALUES ({', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING"
        )
        for row in cursor:
            if not db.execute(sql, row).rowcount and name == "decision":
                said = dict(zip(columns, row, strict=True))
                _countersign(db, said["id"], 0, said["cms"])
    for object_id, place, cms in archive.execute("SELECT object, place, cms FROM countersign ORDER BY rowid"):
        _countersign(db, object_id, place, cms)
    refuse_loose_ends(db)


def _countersign(db: Connection, object_id: str, place: int, cms: str | None) -> None:
    """Keep a signature at its place, or behind the others where another stands there; a known one is no news."""
    known = (
        "SELECT cms FROM countersign WHERE object = ?1 UNION ALL SELECT cms FROM decision WHERE id = ?1 "
        "AND cms IS NOT NULL"
    )
    if cms is None or (cms,) in db.execute(known, (object_id,)).fetchall():
        return
    held = [at for (at,) in db.execute("SELECT place FROM countersign WHERE object = ?", (object_id,)).fetchall()]
    db.execute(
        "INSERT INTO countersign (object, place, cms) VALUES (?,?,?)",
        (object_id, max(held) + 1 if place in held else place, cms),
    )
