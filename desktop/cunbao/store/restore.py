"""Restoring a backup into a folder: copied, proved against its own proof, then put in place under a new epoch.

Never overwrites: what lies in the folder is moved aside first, for the county to look at.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cunbao.errors import StoreError
from cunbao.store.backup import Backup, read_backup, unreadable
from cunbao.store.base import DATA_FILE
from cunbao.store.compare import proven_figures
from cunbao.store.driver import DatabaseError, connect
from cunbao.store.keyfile import KEYS_FILE, flush_folder
from cunbao.store.lock import FolderLock
from cunbao.store.pages import why_closed
from cunbao.store.place import place_of
from cunbao.store.times import text
from cunbao.store.trouble import occupied, told

RESTORED = "restored"  # setting: {"at", "state_of", "lost_epoch"}; signing asks for the newest receipt (protocol §5)
_PART = ".restore"
_FILES = (DATA_FILE, f"{DATA_FILE}-wal", f"{DATA_FILE}-shm", KEYS_FILE)


@dataclass(frozen=True, slots=True)
class Restored:
    """backup: what was restored; epoch: of the new life; aside: where the former files lie, None: there were none."""

    backup: Backup
    folder: Path
    epoch: str
    aside: Path | None


def restore(path: Path, folder: Path, key: bytes, *, now: datetime, set_aside: bool = False) -> Restored:
    """Put the backup at `path` into `folder`. key: from the backup's own keys.json.

    set_aside: move the (damaged) workspace that lies there into a folder beside it; otherwise "folder.occupied".
    StoreError backup.damaged, workspace.key, workspace.busy, disk.full, folder.readonly; then `folder` is as it was.
    """
    backup, expected = read_backup(path)
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise told(error, folder, doing="没有恢复") from error
    lock: FolderLock | None = None
    part = folder / _PART
    try:
        lock = FolderLock.take(folder, now=now)
        if (folder / DATA_FILE).exists() and not set_aside:
            raise occupied(folder)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name in (DATA_FILE, KEYS_FILE):
            if (path / name).exists():
                _copy(path / name, part / name)
        _prove(part / DATA_FILE, key)
        if proven_figures(part / DATA_FILE, key) != expected:
            raise unreadable(path, "the copy differs from its proof")
        epoch = _new_life(part / DATA_FILE, key, folder, backup, now)
        aside = _move_aside(folder, now)
        for name in (KEYS_FILE, DATA_FILE):  # the database last: with it the workspace is there
            if (part / name).exists():
                (part / name).replace(folder / name)
        flush_folder(folder)
        shutil.rmtree(part, ignore_errors=True)
    except (DatabaseError, OSError, StoreError) as error:
        shutil.rmtree(part, ignore_errors=True)
        if lock is not None:
            lock.abandon()
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise told(error, folder, doing="没有恢复") from error
    lock.release(now=now, backed_up=True)
    return Restored(backup, folder, epoch, aside)


def _prove(data_file: Path, key: bytes) -> None:
    """StoreError "workspace.key" before anything else is said of the copy."""
    with closing(connect(data_file, key, read_only=True)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except DatabaseError as error:
            raise why_closed(data_file, key, b"") from error


def _new_life(data_file: Path, key: bytes, folder: Path, backup: Backup, now: datetime) -> str:
    """A new epoch, so that earlier signatures stay and acknowledgements are asked for again."""
    epoch = secrets.token_hex(16)
    said = {"at": text(now), "state_of": text(backup.at), "lost_epoch": backup.epoch}
    with closing(connect(data_file, key)) as connection:
        connection.execute("BEGIN")
        connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
        connection.execute("UPDATE meta SET value = ? WHERE name = 'place'", (place_of(folder),))
        connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?,?)", (RESTORED, json.dumps(said)))
        connection.execute("COMMIT")
    return epoch


def _move_aside(folder: Path, now: datetime) -> Path | None:
    """Move the former files into "damaged-<moment>"; their log too, or it would be read into the new file."""
    there = [name for name in _FILES if (folder / name).exists()]
    if DATA_FILE not in there and f"{DATA_FILE}-wal" not in there:
        return None
    aside = folder / f"damaged-{text(now)[:19].replace(':', '').replace('-', '')}"
    aside.mkdir()
    for name in there:
        (folder / name).replace(aside / name)
    flush_folder(aside)
    return aside


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
