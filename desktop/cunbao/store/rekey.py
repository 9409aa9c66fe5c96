"""Another key for the whole workspace, so that whoever knew the old one opens nothing that is written from now on.

A copy is written under the new key and proved like a backup; then its rename over data.db is the one moment at which
everything changes. keys.json says before it what will hold after it, told apart by how the file begins: whenever the
power goes, what lies there opens (`keyfile.read_keys`). A backup under the old key is made first and stays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cunbao.errors import StoreError
from cunbao.progress import Cancel, Report, silent
from cunbao.store.backup import BACKUPS, Backup, copy_proved, write_backup
from cunbao.store.base import DATA_FILE
from cunbao.store.driver import WAIT, DatabaseError, connect
from cunbao.store.keyfile import REKEY_PART, flush_folder, foretell_keys, settle_keys
from cunbao.store.pages import salt_of
from cunbao.store.trouble import looking_only, told
from cunbao.store.workspace import Workspace

DOING = "没有换成钥匙"


def rekey(
    ws: Workspace,
    key: bytes,
    keys: Mapping[str, Any],
    *,
    now: datetime,
    change: Callable[[Workspace], None],
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Backup:
    """Give an open workspace another database key (32 bytes). keys: what keys.json says then. change: what is to hold
    together with it, written into the copy. Gives the backup of before, which opens with the old key.

    StoreError disk.full, folder.readonly, backup.differs …, workspace.busy while another window looks on: then the old
    key holds and nothing has changed."""
    if ws.read_only:
        raise looking_only()
    part = ws.folder / REKEY_PART
    with ws._turn:
        before = write_backup(
            ws.folder, ws.key, ws.folder / BACKUPS, now=now, why="rekey", progress=progress, cancel=cancel
        )
        try:
            remove(part)
            copy_proved(ws.folder, ws.key, part, key, progress=progress, cancel=cancel)
            _change(ws, part, key, change)
            foretell_keys(ws.folder, salt_of(part), keys)
            swap(ws, part, key)
        except BaseException as error:
            remove(part)
            settle_keys(ws.folder)
            if isinstance(error, (DatabaseError, OSError)):
                raise told(error, ws.folder, doing=DOING) from error
            raise
        settle_keys(ws.folder)
    return before


def _change(ws: Workspace, part: Path, key: bytes, change: Callable[[Workspace], None]) -> None:
    """Let `change` write into the copy, as if it were the workspace; flushed when it is done."""
    connection = connect(part, key)
    try:
        connection.execute("PRAGMA foreign_keys=ON")
        change(Workspace(ws.folder, connection, key, epoch=ws.epoch, read_only=False))
    finally:
        connection.close()
    flush(part)


def flush(part: Path) -> None:
    """On the disk before anything relies on it."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def swap(ws: Workspace, part: Path, key: bytes) -> None:
    """A proved copy takes the place of data.db. Its log must be gone by then, or it would be read into the new file."""
    ws._db.execute("PRAGMA busy_timeout=0")
    try:
        ws._db.execute("PRAGMA journal_mode=DELETE").fetchone()
    except DatabaseError as error:
        ws._db.execute(f"PRAGMA busy_timeout={WAIT}")
        raise _looked_on(str(error)) from error
    ws._db.close()
    try:
        part.replace(ws.folder / DATA_FILE)
        flush_folder(ws.folder)
    except OSError:
        ws._reopen(ws.key)
        raise
    ws._reopen(key)


def remove(part: Path) -> None:
    """A copy and what SQLite laid beside it."""
    for name in (part.name, f"{part.name}-journal", f"{part.name}-wal", f"{part.name}-shm"):
        part.with_name(name).unlink(missing_ok=True)


def _looked_on(detail: str) -> StoreError:
    return StoreError(
        "workspace.busy",
        happened="另一个窗口正在看这份资料，不能换钥匙",
        safe="钥匙没有换，资料没有改动",
        todo="请关掉只看不改的那个窗口，再来一次",
        detail=detail,
    )
