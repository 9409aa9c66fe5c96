"""The tables and how they came to be: migrations forward only, each in one transaction with its record.

Never goes back a step and never drops what a person typed. Whether a file is up to date is asked with one plain
SELECT, so that an ordinary start does not import sqlite_utils.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cunbao.store.driver import Connection, sqlite_utils_database, sqlite_utils_migrations

MIGRATION_SET = "cunbao"


def m001_first(db: Any) -> None:
    """Everything of the first version.

    Drafts: `line` is what undo runs along (office × period), `draft_key` one return in it. `edit` is the log and the
    truth; `draft` and `draft_row` are its sum and can be made again from it. WITHOUT ROWID: the log of a line lies
    together and grows at its end, so keeping an answer writes two pages.
    Objects, and the records kept as objects, are the truth of all that is signed; `revision` and its neighbours are
    indexes over them.
    """
    for statement in _FIRST:
        db.execute(statement)


def m002_township(db: Any) -> None:
    """What a receiving desk needs, and what a village needs of its answers.

    `standing` is the sum of all signed things held of a return (survey.standing), kept so that a board of thousands is
    one query; `arrival`, `outgoing`, `heard` are this workspace's own log of files: no `rebuild` makes them, and no
    state digest reads them. `aside` holds files of computers that wait for their certificate, bounded by the desk.
    """
    for statement in _TOWNSHIP:
        db.execute(statement)


def m003_countersigned(db: Any) -> None:
    """Evidence is signed like a decision, and is acknowledged by itself. `countersign`: every signature over evidence,
    and those over a decision beside the first that came: a foreign one must not keep the right one out."""
    for statement in _COUNTERSIGNED:
        db.execute(statement)


def m004_earlier_packages(db: Any) -> None:
    """What later packages say of those before them, and what each life of a computer says that it holds.

    `told`: a package that some later one names, with what it held and no package has brought since; `teller` is the one
    that named it first. `heard` is kept by life: of a computer that was cloned two lives go on side by side.
    """
    for statement in _EARLIER:
        db.execute(statement)


def m005_indicator_parts(db: Any) -> None:
    """What each office contributes to each indicator, so that a board of any level is one GROUP BY. A copy of what
    counts: whoever opens the board has it made when it is not there yet. The code of an office stands in two parts, so
    that the rows of a township lie together."""
    for statement in _PARTS:
        db.execute(statement)


def m006_directory(db: Any) -> None:
    """From when to when an office reports, and whom it was merged into."""
    for column in ("since", "until", "successor"):
        db.execute(f"ALTER TABLE office ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


def m007_moved_out(db: Any) -> None:
    """Closed years whose objects lie in an archive file: which, and what must stay behind of each signed thing, so that
    it is found by its code, acknowledged by its digest and compared with what the next year was filled against."""
    for statement in _MOVED_OUT:
        db.execute(statement)


def m008_outbox(db: Any) -> None:
    """待发箱: what goes over a network, and what came from there."""
    for statement in _OUTBOX:
        db.execute(statement)


MIGRATIONS: tuple[Callable[[Any], None], ...] = (
    *(m001_first, m002_township, m003_countersigned),
    m004_earlier_packages,
    m005_indicator_parts,
    m006_directory,
    m007_moved_out,
    m008_outbox,
)
NAMES = tuple(step.__name__ for step in MIGRATIONS)


def applied(connection: Connection) -> tuple[str, ...]:
    """Names of the steps that the file has gone through, () for a file without our tables."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    if known is None:
        return ()
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (MIGRATION_SET,)
    )
    return tuple(name for (name,) in rows)


def migrate(connection: Connection) -> None:
    """Bring the file up to date. A step that fails leaves no trace, and its error goes up."""
    migrations = sqlite_utils_migrations(MIGRATION_SET)
    for step in MIGRATIONS:
        migrations()(step)
    migrations.apply(sqlite_utils_database(connection))


def _never(table: str, *acts: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_never_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for act in acts
    )


_FIRST = (
    # --- what this workspace is --------------------------------------------------------------------------------------
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # --- drafts ------------------------------------------------------------------------------------------------------
    "CREATE TABLE line (id INTEGER PRIMARY KEY, office TEXT NOT NULL, period TEXT NOT NULL, UNIQUE (office, period)) "
    "STRICT",
    "CREATE TABLE draft_key (id INTEGER PRIMARY KEY, line INTEGER NOT NULL REFERENCES line, form TEXT NOT NULL, "
    "UNIQUE (line, form)) STRICT",
    "CREATE TABLE edit (line INTEGER NOT NULL, seq INTEGER NOT NULL, draft INTEGER NOT NULL REFERENCES draft_key, "
    "step INTEGER NOT NULL, grp TEXT NOT NULL, act TEXT NOT NULL, field TEXT NOT NULL, row TEXT NOT NULL, "
    "old TEXT NOT NULL, new TEXT NOT NULL, undoes INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (line, seq)) "
    "STRICT, WITHOUT ROWID",
    *_never("edit", "UPDATE", "DELETE"),
    "CREATE TABLE draft (draft INTEGER NOT NULL REFERENCES draft_key, row TEXT NOT NULL, field TEXT NOT NULL, "
    "value TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (draft, row, field)) STRICT, WITHOUT ROWID",
    "CREATE TABLE draft_row (draft INTEGER NOT NULL REFERENCES draft_key, repeat TEXT NOT NULL, row TEXT NOT NULL, "
    "position INTEGER NOT NULL, deleted INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (draft, repeat, row)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE explanation (id INTEGER PRIMARY KEY, draft INTEGER NOT NULL REFERENCES draft_key, "
    "key TEXT NOT NULL, check_id TEXT NOT NULL, text TEXT NOT NULL, cells TEXT NOT NULL, compared TEXT NOT NULL, "
    "at TEXT NOT NULL) STRICT",
    "CREATE INDEX explanation_of ON explanation (draft, key)",
    *_never("explanation", "UPDATE", "DELETE"),
    # --- objects and the indexes over them ---------------------------------------------------------------------------
    "CREATE TABLE object (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
    "size INTEGER NOT NULL, data BLOB NOT NULL) STRICT",
    "CREATE INDEX object_kind ON object (kind)",
    *_never("object", "UPDATE"),
    "CREATE TABLE revision (id TEXT PRIMARY KEY, office TEXT NOT NULL, form TEXT NOT NULL, period TEXT NOT NULL, "
    "kind TEXT NOT NULL, version INTEGER NOT NULL, n INTEGER NOT NULL, device TEXT NOT NULL, signed_at TEXT NOT NULL, "
    "header TEXT NOT NULL REFERENCES object (sha256), answers TEXT NOT NULL REFERENCES object (sha256), "
    "cms TEXT REFERENCES object (sha256), pdf TEXT REFERENCES object (sha256), accepted INTEGER NOT NULL, "
    "sent_in INTEGER, left_by TEXT NOT NULL, retracted INTEGER NOT NULL, "
    "acknowledged INTEGER NOT NULL, epoch TEXT NOT NULL) STRICT",
    "CREATE INDEX revision_of ON revision (office, form, period)",
    "CREATE TABLE parent (revision TEXT NOT NULL REFERENCES revision, parent TEXT NOT NULL, place INTEGER NOT NULL, "
    "PRIMARY KEY (revision, parent)) STRICT, WITHOUT ROWID",
    "CREATE INDEX child_of ON parent (parent)",
    "CREATE TABLE signature (revision TEXT NOT NULL REFERENCES revision, place INTEGER NOT NULL, "
    "cms TEXT NOT NULL REFERENCES object (sha256), pdf TEXT REFERENCES object (sha256), "
    "PRIMARY KEY (revision, place)) STRICT, WITHOUT ROWID",
    "CREATE TABLE evidence (id TEXT PRIMARY KEY REFERENCES object (sha256), revision TEXT NOT NULL, "
    "content TEXT NOT NULL REFERENCES object (sha256), name TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    "CREATE INDEX evidence_of ON evidence (revision)",
    "CREATE TABLE decision (id TEXT PRIMARY KEY REFERENCES object (sha256), revision TEXT NOT NULL, "
    "act TEXT NOT NULL, n INTEGER NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL, seen TEXT NOT NULL) STRICT",
    "CREATE INDEX decision_on ON decision (revision)",
    "CREATE TABLE retraction (revision TEXT PRIMARY KEY REFERENCES revision, code TEXT NOT NULL, who TEXT NOT NULL, "
    "reason TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    "CREATE TABLE package (id INTEGER PRIMARY KEY, epoch TEXT NOT NULL, office TEXT NOT NULL, period TEXT NOT NULL, "
    "seq INTEGER NOT NULL, sha256 TEXT NOT NULL, file_name TEXT NOT NULL, folder TEXT NOT NULL, size INTEGER NOT NULL, "
    "written_at TEXT NOT NULL, took INTEGER NOT NULL, UNIQUE (epoch, office, period, seq)) STRICT",
    "CREATE TABLE package_revision (package INTEGER NOT NULL REFERENCES package, revision TEXT NOT NULL, "
    "place INTEGER NOT NULL, PRIMARY KEY (package, revision)) STRICT, WITHOUT ROWID",
    "CREATE TABLE office (code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, ur_class TEXT NOT NULL, "
    "short_name TEXT NOT NULL, parent TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX office_under ON office (parent)",
    "CREATE TABLE person (name TEXT PRIMARY KEY, role TEXT NOT NULL, since TEXT NOT NULL, active INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE device (id TEXT PRIMARY KEY, office TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, "
    "request TEXT REFERENCES object (sha256), certificate TEXT REFERENCES object (sha256), since TEXT NOT NULL) STRICT",
    # --- figures: what `figure_form` names are further tables, made when a form is first counted ----------------------
    "CREATE TABLE figure_form (name TEXT PRIMARY KEY, form TEXT NOT NULL, repeat TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE misfit (revision TEXT NOT NULL REFERENCES revision, field TEXT NOT NULL, row TEXT NOT NULL, "
    "text TEXT NOT NULL, PRIMARY KEY (revision, field, row)) STRICT, WITHOUT ROWID",
    # --- journal -----------------------------------------------------------------------------------------------------
    "CREATE TABLE journal (n INTEGER PRIMARY KEY, chain INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, "
    "act TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
    *_never("journal", "UPDATE", "DELETE"),
)

_TOWNSHIP = (
    "ALTER TABLE decision ADD COLUMN office TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE decision ADD COLUMN cms TEXT REFERENCES object (sha256)",
    "CREATE INDEX decision_act ON decision (act)",
    "CREATE TABLE certificate (id TEXT PRIMARY KEY REFERENCES object (sha256), key TEXT NOT NULL, "
    "office TEXT NOT NULL, role TEXT NOT NULL, signs INTEGER NOT NULL, not_before TEXT NOT NULL, "
    "not_after TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX certificate_key ON certificate (key)",
    "CREATE INDEX certificate_office ON certificate (office)",
    "CREATE TABLE standing (period TEXT NOT NULL, office TEXT NOT NULL, form TEXT NOT NULL, state TEXT NOT NULL, "
    "head TEXT NOT NULL, heads TEXT NOT NULL, counted TEXT NOT NULL, accepted TEXT NOT NULL, returned TEXT NOT NULL, "
    "marks TEXT NOT NULL, effective TEXT NOT NULL, comments TEXT NOT NULL, PRIMARY KEY (period, office, form)) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE arrival (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, at TEXT NOT NULL, result TEXT NOT NULL, "
    "kind TEXT NOT NULL, office TEXT NOT NULL, period TEXT NOT NULL, device TEXT NOT NULL, epoch TEXT NOT NULL, "
    "seq INTEGER NOT NULL, previous TEXT NOT NULL, file_name TEXT NOT NULL, size INTEGER NOT NULL, "
    "journal_length INTEGER NOT NULL, journal_head TEXT NOT NULL, objects TEXT NOT NULL, line TEXT NOT NULL) STRICT",
    "CREATE INDEX arrival_file ON arrival (sha256)",
    "CREATE INDEX arrival_number ON arrival (device, epoch, seq)",
    "CREATE INDEX arrival_office ON arrival (office, period)",
    "CREATE TABLE aside (sha256 TEXT PRIMARY KEY, key TEXT NOT NULL, office TEXT NOT NULL, period TEXT NOT NULL, "
    "forms TEXT NOT NULL, at TEXT NOT NULL, file_name TEXT NOT NULL, data BLOB NOT NULL) STRICT",
    "CREATE INDEX aside_key ON aside (key)",
    "CREATE TABLE outgoing (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, office TEXT NOT NULL, period TEXT NOT NULL, "
    "epoch TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL, file_name TEXT NOT NULL, folder TEXT NOT NULL, "
    "size INTEGER NOT NULL, at TEXT NOT NULL, objects TEXT NOT NULL, UNIQUE (epoch, office, seq)) STRICT",
    "CREATE INDEX outgoing_office ON outgoing (office, period)",
    "CREATE TABLE heard (device TEXT NOT NULL, own_epoch TEXT NOT NULL, their_epoch TEXT NOT NULL, "
    "through INTEGER NOT NULL, missing TEXT NOT NULL, PRIMARY KEY (device, own_epoch)) STRICT, WITHOUT ROWID",
)

_COUNTERSIGNED = (
    "ALTER TABLE evidence ADD COLUMN n INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE evidence ADD COLUMN acknowledged INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE countersign (object TEXT NOT NULL, place INTEGER NOT NULL, "
    "cms TEXT NOT NULL REFERENCES object (sha256), PRIMARY KEY (object, place)) STRICT, WITHOUT ROWID",
)

_EARLIER = (
    "CREATE TABLE told (device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL, "
    "objects TEXT NOT NULL, teller TEXT NOT NULL, PRIMARY KEY (device, epoch, seq, sha256)) STRICT, WITHOUT ROWID",
    "CREATE TABLE heard_by_life (device TEXT NOT NULL, own_epoch TEXT NOT NULL, their_epoch TEXT NOT NULL, "
    "through INTEGER NOT NULL, missing TEXT NOT NULL, PRIMARY KEY (device, their_epoch, own_epoch)) "
    "STRICT, WITHOUT ROWID",
    "INSERT INTO heard_by_life SELECT device, own_epoch, their_epoch, through, missing FROM heard",
    "DROP TABLE heard",
    "ALTER TABLE heard_by_life RENAME TO heard",
)

_PARTS = (
    "CREATE TABLE indicator_part (period TEXT NOT NULL, indicator TEXT NOT NULL, town TEXT NOT NULL, "
    "village TEXT NOT NULL, above INTEGER NOT NULL, below INTEGER NOT NULL, why INTEGER NOT NULL, met INTEGER, "
    "lacks TEXT NOT NULL, odd TEXT, PRIMARY KEY (period, indicator, town, village)) STRICT, WITHOUT ROWID",
)

_MOVED_OUT = (
    "CREATE TABLE moved_out (period TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, file_name TEXT NOT NULL, "
    "folder TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, key TEXT NOT NULL, returns INTEGER NOT NULL, "
    "offices INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE stub (id TEXT PRIMARY KEY, period TEXT NOT NULL, office TEXT NOT NULL, what TEXT NOT NULL, "
    "form TEXT NOT NULL, version INTEGER NOT NULL, revision TEXT NOT NULL, by TEXT NOT NULL, content TEXT NOT NULL, "
    "follows TEXT NOT NULL, counted INTEGER NOT NULL, signed INTEGER NOT NULL, at TEXT NOT NULL, "
    "signatures TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX stub_of ON stub (period, office)",
    "CREATE INDEX stub_by ON stub (by)",
    "CREATE INDEX revision_in ON revision (period, office)",
    "CREATE INDEX arrival_period ON arrival (period, office)",
)

_OUTBOX = (
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, place TEXT NOT NULL, suffix TEXT NOT NULL, "
    "file_name TEXT NOT NULL, size INTEGER NOT NULL, put_at TEXT NOT NULL, state TEXT NOT NULL, "
    "tries INTEGER NOT NULL, next_at TEXT, remote TEXT NOT NULL, at TEXT, code TEXT NOT NULL, happened TEXT NOT NULL, "
    "todo TEXT NOT NULL, UNIQUE (sha256, place)) STRICT",
    "CREATE INDEX outbox_state ON outbox (state)",
    "CREATE TABLE fetched (place TEXT NOT NULL, remote TEXT NOT NULL, sha256 TEXT NOT NULL, suffix TEXT NOT NULL, "
    "size INTEGER NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, file_name TEXT NOT NULL, tries INTEGER NOT NULL, "
    "next_at TEXT, code TEXT NOT NULL, happened TEXT NOT NULL, todo TEXT NOT NULL, PRIMARY KEY (place, remote)) "
    "STRICT, WITHOUT ROWID",
    "CREATE INDEX fetched_file ON fetched (sha256)",
)
