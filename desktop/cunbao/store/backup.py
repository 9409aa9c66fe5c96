"""Backups: written, reopened with the key, compared with the original, and only then called one (design §4).

Never touches the live workspace but to note that a backup was made; never deletes an older backup before the new one
is proved. A backup is a folder: data.db, keys.json, proof.json. Restoring makes a new life (epoch) of the workspace.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.errors import StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store.base import DATA_FILE
from cunbao.store.compare import TableFigures, figures, proven_figures
from cunbao.store.driver import DatabaseError, connect
from cunbao.store.keyfile import KEYS_FILE, flush_folder, read_keys, replace_file, write_keys
from cunbao.store.times import moment, text
from cunbao.store.trouble import gone, told

if TYPE_CHECKING:
    from cunbao.store.workspace import Workspace

PROOF_FILE = "proof.json"
BACKUPS = "backups"  # inside the workspace folder, the first place
KEEP = 10
_PART = ".part-"
_STEP = 256  # pages copied between two looks at `cancel`


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was proved when it was written. path: its folder; at: the state it holds, UTC; workspace, epoch,
    kind: whose; rows: by table, of original and copy alike; size: bytes; why: "", "upgrade" or "rekey"."""

    path: Path
    at: datetime
    workspace: str
    epoch: str
    kind: str
    rows: Mapping[str, int]
    size: int
    why: str


def backup(
    ws: Workspace,
    into: Path | None = None,
    *,
    now: datetime,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Backup:
    """Back up an open workspace into `into` (None: its own backups folder) and note when that was done.

    A second place (another disk, a stick) must be there; it is never made out of nothing where a stick was mounted.
    """
    place = into or ws.folder / BACKUPS
    done = write_backup(ws.folder, ws.key, place, now=now, progress=progress, cancel=cancel)
    if not ws.read_only:
        ws.note_backup(place, now)
    return done


def write_backup(
    folder: Path,
    key: bytes,
    into: Path,
    *,
    now: datetime,
    why: str = "",
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Backup:
    """Copy the workspace in `folder` as it is at this moment into a new folder under `into`, prove it, prune old ones.

    Typing may go on meanwhile. StoreError disk.full, folder.readonly, folder.gone, backup.differs, workspace.damaged:
    nothing half-written stays where it can be removed, and older backups are untouched.
    """
    part = into / f"{_PART}{_mark(folder)}"
    begun = False
    try:
        into.mkdir(exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)  # of a run that was cut off
        part.mkdir()
        begun = True
        proof = _copy_and_prove(folder, key, part, now=now, why=why, progress=progress, cancel=cancel)
        path = _free_name(into, f"{proof['at'][:19].replace(':', '').replace('-', '')}Z-{proof['workspace'][:8]}")
        part.replace(path)
        flush_folder(into)
    except (DatabaseError, OSError) as error:
        doing = "备份没有写完"
        pulled_out = begun and not part.is_dir()  # the place may still be there, empty: a folder where a stick was
        shutil.rmtree(part, ignore_errors=True)
        raise (gone(into, doing=doing, detail=str(error)) if pulled_out else told(error, into, doing=doing)) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    _prune(into, proof["workspace"])
    return _read_proof(path)


def _copy_and_prove(
    folder: Path, key: bytes, part: Path, *, now: datetime, why: str, progress: Report, cancel: Cancel | None
) -> dict[str, Any]:
    meta, expected = copy_proved(folder, key, part / DATA_FILE, key, progress=progress, cancel=cancel)
    if (folder / KEYS_FILE).exists():
        keys = read_keys(folder)
        write_keys(part, keys)
        if read_keys(part) != keys:
            raise _differs(KEYS_FILE)
    proof: dict[str, Any] = {
        "v": 1,
        "at": text(now),
        "workspace": meta["id"],
        "epoch": meta["epoch"],
        "kind": meta["kind"],
        "why": why,
        "size": (part / DATA_FILE).stat().st_size,
        "sha256": file_hash(part / DATA_FILE),
        "tables": {name: [one.rows, one.digest] for name, one in expected.items()},
    }
    replace_file(part / PROOF_FILE, json.dumps(proof, indent=1, sort_keys=True).encode())
    return proof


def copy_proved(
    folder: Path, key: bytes, target: Path, target_key: bytes, *, progress: Report, cancel: Cancel | None
) -> tuple[dict[str, str], Mapping[str, TableFigures]]:
    """Copy the data.db in `folder` as it is at this moment to the file `target`, under another key if that is given,
    and prove the copy. Gives its `meta` and the figures of its tables. StoreError "backup.differs"."""
    with closing(connect(folder / DATA_FILE, key, read_only=True)) as source:
        source.execute("BEGIN")  # holds one state of the source, whatever is typed meanwhile
        meta: dict[str, str] = dict(source.execute("SELECT name, value FROM meta").fetchall())
        with closing(connect(target, target_key)) as copy:
            source.backup(copy, pages=_STEP, progress=_between_steps(progress, cancel))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        _flush(target)
        expected = figures(source)
    found = proven_figures(target, target_key)
    if found != expected:
        raise _differs(", ".join(sorted(name for name in expected if found.get(name) != expected[name])))
    return meta, expected


def list_backups(into: Path) -> tuple[Backup, ...]:
    """Backups under `into`, newest first; a folder without a readable proof is none. An absent folder holds none."""
    found = []
    try:
        folders = sorted(into.iterdir())
    except OSError:
        return ()
    for path in folders:
        if not path.name.startswith(_PART):
            try:
                found.append(_read_proof(path))
            except StoreError:
                continue
    return tuple(sorted(found, key=lambda one: (one.at, one.path.name), reverse=True))


def read_backup(path: Path) -> tuple[Backup, Mapping[str, TableFigures]]:
    """A backup whose file is still as it was proved. StoreError "backup.damaged" when it is not."""
    found = _read_proof(path)
    proof = json.loads((path / PROOF_FILE).read_bytes())
    try:
        same = file_hash(path / DATA_FILE) == proof["sha256"]
    except OSError as error:
        raise unreadable(path, str(error)) from error
    if not same:
        raise unreadable(path, "data.db changed since it was proved")
    return found, {name: TableFigures(*one) for name, one in proof["tables"].items()}


def _read_proof(path: Path) -> Backup:
    try:
        proof = json.loads((path / PROOF_FILE).read_bytes())
        return Backup(
            path=path,
            at=moment(proof["at"]),
            workspace=proof["workspace"],
            epoch=proof["epoch"],
            kind=proof["kind"],
            rows={name: int(one[0]) for name, one in proof["tables"].items()},
            size=int(proof["size"]),
            why=proof["why"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise unreadable(path, str(error)) from error


def _prune(into: Path, workspace: str) -> None:
    """Keep the newest of this workspace's backups; what cannot be removed stays."""
    mine = [one for one in list_backups(into) if one.workspace == workspace]
    for one in mine[KEEP:]:
        shutil.rmtree(one.path, ignore_errors=True)


def _between_steps(progress: Report, cancel: Cancel | None) -> Callable[[int, int, int], None]:
    def between(status: int, remaining: int, total: int) -> None:
        if cancel is not None:
            cancel.check()
        progress(Progress(total - remaining, total, "写备份"))

    return between


def _mark(folder: Path) -> str:
    """Tells the half-written backups of one workspace from those of another on the same stick."""
    return sha256(str(folder.resolve()).encode()).hexdigest()[:8]


def _free_name(into: Path, name: str) -> Path:
    path, number = into / name, 1
    while path.exists():
        number += 1
        path = into / f"{name}-{number}"
    return path


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _differs(detail: str) -> StoreError:
    return StoreError(
        "backup.differs",
        happened="备份读回来和原资料不一致，这份备份不算数",
        safe="原资料和以前的备份都没有动",
        todo="请换一个盘或 U 盘再备份一次",
        detail=detail,
    )


def unreadable(path: Path, detail: str) -> StoreError:
    return StoreError(
        "backup.damaged",
        happened=f"备份“{path.name}”读不出来，或写好以后变过",
        safe="现在的资料和别的备份没有动",
        todo="请换一份备份",
        detail=detail,
    )
