"""The workspace folder: made, opened, closed. Everything a desk keeps goes through `Workspace`.

Never derives a key from a password (trust does) and never repairs anything by itself: what does not hold is refused
with its sentence and left as it is. Source: design.md §4.
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from cunbao import __version__
from cunbao.errors import StoreError
from cunbao.store import schema
from cunbao.store.arrivals import Arrivals
from cunbao.store.backup import BACKUPS, write_backup
from cunbao.store.base import DATA_FILE, identity
from cunbao.store.compare import prove_pages
from cunbao.store.driver import Connection, DatabaseError, connect, make_durable
from cunbao.store.journal import Journal
from cunbao.store.keyfile import settle_keys
from cunbao.store.lock import FolderLock, LastRun, last_run
from cunbao.store.outbox import Outbox
from cunbao.store.pages import refuse_at_sight, salt_of, why_closed
from cunbao.store.people import People
from cunbao.store.place import place_of
from cunbao.store.rebuild import Rebuilding
from cunbao.store.signedthings import SignedThings
from cunbao.store.times import moment, text
from cunbao.store.trouble import NOTADB, clock_back, foreign, newer, occupied, older, told

_AHEAD = "clock/ahead"  # setting: moments that `trust_clock` found wrong


class Workspace(People, Rebuilding, Arrivals, Journal, SignedThings, Outbox):
    """An open workspace of one office, or of several that one desk serves.

    kind: "village", "township", "county". last_run: how the run before ended. moved: it woke up on another machine or
    volume, so a new epoch has begun. clock_doubt: it was opened, or something was kept, before `last_known`.
    """

    kind: str
    last_run: LastRun
    moved: bool
    _lock: FolderLock | None
    _closed = False

    # --- made, opened, closed ----------------------------------------------------------------------------------------

    @classmethod
    def create(cls, folder: Path, key: bytes, *, kind: str, now: datetime) -> Workspace:
        """Make a workspace in `folder` (made if it is not there) and open it.

        key: 32 random bytes, wrapped into keys.json by the desk. StoreError "folder.occupied" when one is there;
        "folder.readonly", "disk.full" leave nothing behind.
        """
        made = not folder.exists()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise told(error, folder, doing="没有建成") from error
        try:
            lock = FolderLock.take(folder, now=now)
        except StoreError:
            if made:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        if (folder / DATA_FILE).exists():
            lock.abandon()
            raise occupied(folder)
        part = folder / f"{DATA_FILE}.part"
        try:
            part.unlink(missing_ok=True)
            _make(part, key, kind=kind, now=now, place=place_of(folder))
            part.chmod(0o600)
            part.replace(folder / DATA_FILE)
            return cls._open(folder, key, now=now, lock=lock, read_only=False)
        except (DatabaseError, OSError) as error:
            lock.abandon()
            for leftover in (part, part.with_name(f"{part.name}-journal")):
                leftover.unlink(missing_ok=True)
            if made:
                shutil.rmtree(folder, ignore_errors=True)
            raise told(error, folder, doing="没有建成") from error

    @classmethod
    def open(cls, folder: Path, key: bytes, *, now: datetime, read_only: bool = False) -> Workspace:
        """Open the workspace in `folder`; an older one is upgraded on a verified backup first.

        read_only (只看不改): beside another window or with a doubtful clock; every writing call is refused.
        StoreError: workspace.busy (WorkspaceBusy), .foreign, .key, .damaged, .newer, folder.readonly, disk.full.
        """
        if not (folder / DATA_FILE).is_file():
            raise foreign(folder, detail=f"no {DATA_FILE}")
        lock = None if read_only else FolderLock.take(folder, now=now)
        try:
            refuse_at_sight(folder / DATA_FILE)
            return cls._open(folder, key, now=now, lock=lock, read_only=read_only)
        except BaseException as error:
            if lock is not None:
                lock.abandon()
            if isinstance(error, (DatabaseError, OSError)):
                raise told(error, folder, doing="打不开") from error
            raise

    @classmethod
    def _open(cls, folder: Path, key: bytes, *, now: datetime, lock: FolderLock | None, read_only: bool) -> Workspace:
        before = lock.before if lock else last_run(folder)
        connection = _connected(folder, key, before.salt, read_only=read_only)
        try:
            if lock is not None:
                lock.note_salt(salt_of(folder / DATA_FILE))
                if before.cut_off:
                    prove_pages(connection)
                with suppress(StoreError):  # what cannot be settled now is read rightly all the same
                    settle_keys(folder)
            _bring_up_to_date(connection, folder, key, now=now, read_only=read_only)
            meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
            workspace = cls(folder, connection, key, epoch=meta["epoch"], read_only=read_only)
            workspace.kind = meta["kind"]
            workspace._lock = lock
            workspace.last_run = before
            workspace.last_known = workspace._last_moment()
            workspace.clock_doubt = workspace.clock_went_back(now)
            workspace.moved = not read_only and meta["place"] != place_of(folder)
            if workspace.moved:
                workspace._new_epoch()
        except BaseException:
            connection.close()
            raise
        return workspace

    def close(self, *, now: datetime | None = None, backed_up: bool = False) -> None:
        """Close in order; closing twice is harmless. now: written down as the moment of closing (None: that of the last
        thing kept); backed_up: a backup was made just before."""
        with self._turn:
            if self._closed:
                return
            self._closed = True
            self._db.close()
            if self._lock is not None:
                self._lock.release(now=now or self.last_known or self._lock.since, backed_up=backed_up)
                self._lock = None

    def _reopen(self, key: bytes) -> None:
        """Go on with the file that lies there now; `rekey` has put it there and closed the one before."""
        self._db = _connected(self.folder, key, b"", read_only=False)
        self.key = key
        self._identity = identity(self.folder / DATA_FILE)
        if self._lock is not None:
            self._lock.note_salt(salt_of(self.folder / DATA_FILE))

    # --- what it knows of itself -------------------------------------------------------------------------------------

    def announce(self, window: str) -> None:
        """Tell a second start on which local socket this window can be asked to come to the front."""
        if self._lock is not None:
            self._lock.announce(window)

    def self_check(self) -> None:
        """Read every page and prove it, beside the running work. StoreError "workspace.damaged"."""
        with closing(connect(self.folder / DATA_FILE, self.key, read_only=True)) as connection:
            try:
                prove_pages(connection)
            except DatabaseError as error:
                raise told(error, self.folder, doing="自检没有做完") from error

    def last_backup(self, place: Path | None = None) -> datetime | None:
        """When a backup was last written, read back and compared, anywhere or in `place`; None: never."""
        kept = self.settings("backup/") if place is None else {"": self.setting(f"backup/{place}")}
        return max((moment(at) for at in kept.values() if at is not None), default=None)

    def backup_due(self, now: datetime) -> bool:
        """Is today's backup still to be made? The day is that of now's zone."""
        last = self.last_backup()
        return last is None or last.astimezone(now.tzinfo).date() != now.date()

    def note_backup(self, place: Path, now: datetime) -> None:
        """`backup` says here that one was made."""
        self.set_setting(f"backup/{place}", text(now))

    def clock_went_back(self, now: datetime) -> bool:
        """Is `now` before the last thing that was kept?"""
        return self.last_known is not None and now < self.last_known

    def clock_trouble(self, now: datetime) -> StoreError | None:
        """The sentence for a clock that is behind what was kept last; None when it is not. Never raised here."""
        last = self.last_known
        return clock_back(now, last) if last is not None and now < last else None

    def trust_clock(self, now: datetime) -> None:
        """Somebody says that `now` is right: moments after it, written by a clock far ahead, raise no more doubt."""
        self.set_setting(_AHEAD, [at for at in self._moments() if at > text(now)])
        self.last_known = now
        self.clock_doubt = False

    def _last_moment(self) -> datetime | None:
        """When something was kept last, by the order of keeping, without what a wrong clock is known to have put."""
        ahead = set(self.setting(_AHEAD, []))
        return max((moment(at) for at in self._moments() if at not in ahead), default=None)

    def _moments(self) -> list[str]:
        """The last moment of every line of drafts, and of the journal."""
        found = self._all(
            "SELECT (SELECT at FROM edit WHERE edit.line = line.id ORDER BY seq DESC LIMIT 1) FROM line "
            "UNION ALL SELECT * FROM (SELECT at FROM journal ORDER BY n DESC LIMIT 1)"
        )
        return [at for (at,) in found if at is not None]

    def _new_epoch(self) -> None:
        """A new life begins: sequences count anew, earlier signatures can no longer be taken back."""
        epoch = secrets.token_hex(16)
        with self.atomic():
            for name, value in (("epoch", epoch), ("place", place_of(self.folder))):
                self._db.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
        self.epoch = epoch


def _make(part: Path, key: bytes, *, kind: str, now: datetime, place: str) -> None:
    """A whole database under a name that nobody opens; renamed only when it is complete."""
    connection = connect(part, key)
    try:
        schema.migrate(connection)
        connection.executemany(
            "INSERT INTO meta (name, value) VALUES (?,?)",
            [
                ("kind", kind),
                ("id", secrets.token_hex(16)),
                ("epoch", secrets.token_hex(16)),
                ("place", place),
                ("made_at", text(now)),
                ("program", __version__),
            ],
        )
    finally:
        connection.close()


def _connected(folder: Path, key: bytes, known_salt: bytes, *, read_only: bool) -> Connection:
    """A connection whose key is proved and whose settings have been read back."""
    connection = connect(folder / DATA_FILE, key, read_only=read_only)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not read_only:
            make_durable(connection)
    except DatabaseError as error:
        connection.close()
        if int(getattr(error, "sqlite_errorcode", 0)) & 0xFF == NOTADB:
            raise why_closed(folder / DATA_FILE, key, known_salt) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: Connection, folder: Path, key: bytes, *, now: datetime, read_only: bool) -> None:
    """Upgrade an older file, on a verified backup that is made first; refuse a newer one."""
    done = schema.applied(connection)
    if not done:
        raise foreign(folder, detail="none of our tables")
    if set(done) - set(schema.NAMES):
        found = connection.execute("SELECT value FROM meta WHERE name = 'program'").fetchone()
        raise newer(found[0] if found else "?", __version__)
    if done == schema.NAMES:
        return
    if read_only:
        raise older()
    write_backup(folder, key, folder / BACKUPS, now=now, why="upgrade")
    schema.migrate(connection)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'program'", (__version__,))
