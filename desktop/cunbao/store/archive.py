"""A closed year moved out of the workspace into one file, and back: written, read back and compared before anything
leaves; then one transaction (design §4, issue 9).

The file (`.cbyear`) is a plain zip: `data.db`, an SQLCipher database under the workspace's key with every object of the
year and the indexes over them, with the directory, certificates and decisions that they are judged by; `keys.json`,
which leads from a password to that key; `archive.json`, what is in it, with digests; `open.py`, which takes it apart
without this program. Nothing personal lies in it unencrypted. A file that is written is never written again.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao import __version__
from cunbao.errors import StoreError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import archive_rows as rows
from cunbao.store import schema
from cunbao.store.backup import file_hash
from cunbao.store.base import DATA_FILE
from cunbao.store.compare import TableFigures, prove_pages
from cunbao.store.driver import Connection, DatabaseError, connect
from cunbao.store.keyfile import KEYS_FILE, flush_folder, read_keys
from cunbao.store.movedout import MovedOut, Stub
from cunbao.store.openyear import SCRIPT
from cunbao.store.times import moment, text
from cunbao.store.trouble import gone, looking_only, told
from cunbao.store.workspace import Workspace

SUFFIX = ".cbyear"
VERSION = 1
WRITING = "没有移出"
READING = "没有移回"
_FACTS, _SCRIPT = "archive.json", "open.py"
_PART = ".part"
_BLOCK = 1 << 20
_MOST_FACTS = 1 << 20  # bytes of archive.json and keys.json that are believed


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive file that was read and held whole. workspace, kind, office: whose; state: the period's state digest
    when it was written; tables: rows and digest by table; sha256, size: of the file."""

    path: Path
    period: str
    at: datetime
    who: str
    workspace: str
    kind: str
    office: str
    state: str
    tables: Mapping[str, TableFigures]
    sha256: str
    size: int
    file_hash: str  # of the data.db in it


# --- written ---------------------------------------------------------------------------------------------------------


def write_archive(
    ws: Workspace,
    period: str,
    target: Path,
    *,
    who: str,
    office: str,
    state: str,
    pack: str,
    now: datetime,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Archive:
    """Write the year into the file `target`, which must not be there, read it back from the disk and compare. The
    workspace is not changed. pack: hash of the period's task pack, "" none.

    StoreError disk.full, folder.readonly, folder.gone, archive.differs; then no file of that name is left."""
    part, data = target.with_name(target.name + _PART), target.with_name(f".{target.name}.data{_PART}")
    try:
        _remove(part, data)
        progress(Progress(0, 4, "写出这一年的资料"))
        with ws._turn, rows.chosen(ws._db, period, pack):
            tables = rows.copy_out(ws._db, data, ws.key)
            expected = rows.expected(ws._db)
        _stop(cancel)
        progress(Progress(1, 4, "读回核对"))
        if tables != expected or _proved(data, ws.key) != expected:
            raise _differs("the copy differs from the workspace")
        facts: dict[str, Any] = {
            "v": VERSION,
            "period": period,
            "at": text(now),
            "who": who,
            "office": office,
            "workspace": ws.workspace_id(),
            "kind": ws.kind,
            "program": __version__,
            "schema": list(schema.NAMES),
            "state": state,
            "sha256": file_hash(data),
            "tables": {name: [one.rows, one.digest] for name, one in expected.items()},
        }
        _stop(cancel)
        progress(Progress(2, 4, "合成一个文件"))
        _bind(part, data, facts, read_keys(ws.folder))
        _stop(cancel)
        progress(Progress(3, 4, "再读回核对"))
        _refuse_other_bytes(part, facts)
        _place(part, target)
        return read_archive(target)
    except (DatabaseError, OSError) as error:
        if not target.parent.is_dir():
            raise gone(target.parent, doing=WRITING, detail=str(error)) from error
        raise told(error, target.parent, doing=WRITING) from error
    finally:
        _remove(part, data)


def _place(part: Path, target: Path) -> None:
    """Give the file its name, unless something of that name came meanwhile."""
    if target.exists():
        raise FileExistsError(17, "exists", str(target))
    part.replace(target)
    flush_folder(target.parent)


def _bind(part: Path, data: Path, facts: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """The zip, members stored, dates fixed; flushed."""
    with part.open("xb") as file:
        os.chmod(part, 0o600)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as bound:
            for name, body in (
                (_FACTS, json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode()),
                (KEYS_FILE, json.dumps(keys, ensure_ascii=False, indent=1, sort_keys=True).encode()),
                (_SCRIPT, SCRIPT.encode()),
            ):
                bound.writestr(zipfile.ZipInfo(name), body)
            with bound.open(zipfile.ZipInfo(DATA_FILE), "w", force_zip64=True) as inside, data.open("rb") as source:
                while block := source.read(_BLOCK):
                    inside.write(block)
        file.flush()
        os.fsync(file.fileno())


def _refuse_other_bytes(path: Path, facts: Mapping[str, Any]) -> None:
    with zipfile.ZipFile(path) as bound, bound.open(DATA_FILE) as inside:
        if _hash(inside) != facts["sha256"]:
            raise _differs("data.db in the zip differs")


def _proved(data: Path, key: bytes) -> Mapping[str, TableFigures]:
    """Every page, every object by its hash, every table counted anew, by a connection of its own."""
    with closing(connect(data, key, read_only=True)) as connection:
        prove_pages(connection)
        return rows.found(connection)


# --- read ------------------------------------------------------------------------------------------------------------


def read_archive(path: Path) -> Archive:
    """What the file says it is; its bytes are those that were written. StoreError "archive.unread", "archive.newer"."""
    try:
        with zipfile.ZipFile(path) as bound:
            facts = _json(bound, _FACTS)
            if not isinstance(facts, dict) or int(facts["v"]) > VERSION or set(facts["schema"]) - set(schema.NAMES):
                raise _newer(path, str(facts.get("program", "?")) if isinstance(facts, dict) else "?")
            with bound.open(DATA_FILE) as inside:
                if _hash(inside) != facts["sha256"]:
                    raise _unread(path, "data.db changed since it was written")
        return Archive(
            path=path,
            period=str(facts["period"]),
            at=moment(facts["at"]),
            who=str(facts["who"]),
            workspace=str(facts["workspace"]),
            kind=str(facts["kind"]),
            office=str(facts["office"]),
            state=str(facts["state"]),
            tables={str(name): TableFigures(int(n), str(digest)) for name, (n, digest) in facts["tables"].items()},
            sha256=file_hash(path),
            size=path.stat().st_size,
            file_hash=str(facts["sha256"]),
        )
    except OSError as error:
        raise _unread(path, str(error)) from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise _unread(path, str(error)) from error
    except (RuntimeError, EOFError, AttributeError) as error:
        raise _unread(path, str(error)) from error


def _json(bound: zipfile.ZipFile, name: str) -> Any:
    if bound.getinfo(name).file_size > _MOST_FACTS:
        raise ValueError(f"{name} is too large")
    return json.loads(bound.read(name))


@contextmanager
def _taken_out(archive: Archive, key: bytes, beside: Path) -> Iterator[Connection]:
    """The database of an archive, in a copy of its own (encrypted as it was), proved; gone afterwards."""
    data = beside / f".{archive.period}.year{_PART}"
    try:
        _remove(data)
        with zipfile.ZipFile(archive.path) as bound, bound.open(DATA_FILE) as inside, data.open("xb") as copy:
            os.chmod(data, 0o600)
            while block := inside.read(_BLOCK):
                copy.write(block)
        if file_hash(data) != archive.file_hash:
            raise _unread(archive.path, "data.db changed while it was read")
        try:
            if _proved(data, key) != archive.tables:
                raise _unread(archive.path, "tables differ from archive.json")
        except DatabaseError as error:
            raise _unread(archive.path, str(error)) from error
        with closing(connect(data, key, read_only=True)) as connection:
            yield connection
    finally:
        _remove(data)


# --- moved -----------------------------------------------------------------------------------------------------------


def move_out(
    ws: Workspace,
    archive: Archive,
    stubs: Collection[Stub],
    *,
    returns: int,
    offices: int,
    pack: str,
    now: datetime,
    note: Callable[[MovedOut], object],
) -> MovedOut:
    """Take out of the workspace what the archive holds, in one transaction. note: what is to be written with it.
    StoreError "archive.differs" when something of the year has changed since it was written."""
    if ws.read_only:
        raise looking_only()
    year = MovedOut(
        period=archive.period,
        at=now,
        who=archive.who,
        file_name=archive.path.name,
        folder=str(archive.path.parent),
        size=archive.size,
        sha256=archive.sha256,
        key=ws.key,
        returns=returns,
        offices=offices,
        state=archive.state,
    )
    with rows.unreferenced(ws), ws.atomic(), rows.chosen(ws._db, archive.period, pack):
        if rows.expected(ws._db) != archive.tables:
            raise _differs("the year changed while it was written")
        ws.note_move(archive.period, archive.sha256)
        ws._leave_stubs(year, stubs)
        rows.remove(ws._db, archive.period)
        note(year)
    return year


def bring_back(ws: Workspace, archive: Archive, key: bytes, settle: Callable[[], object]) -> None:
    """Put a year back as it was, in one transaction. settle: judges its returns and makes the form tables again, called
    when objects and indexes are there. StoreError "archive.unread", "archive.other"; then nothing has changed."""
    if ws.read_only:
        raise looking_only()
    try:
        with _taken_out(archive, key, ws.folder) as year:
            ids = {one.id for one in ws.stubs(archive.period)}
            if rows.signed_ids(year) != ids:
                raise other_archive(archive.path, "its ids are not those that were moved out")
            with rows.unreferenced(ws), ws.atomic():
                ws._drop_stubs(archive.period)
                rows.put_back(ws._db, year)
                settle()
    except OSError as error:
        raise told(error, ws.folder, doing=READING) from error


# --- sentences -------------------------------------------------------------------------------------------------------


def _differs(detail: str) -> StoreError:
    return StoreError(
        "archive.differs",
        happened="写出的文件读回来和原资料不一致，这一年没有移出",
        safe="资料都还在，没有改动",
        todo="请换一个盘再移一次",
        detail=detail,
    )


def _unread(path: Path, detail: str) -> StoreError:
    return StoreError(
        "archive.unread",
        happened=f"“{path.name}”读不出来，或写好以后变过",
        safe="现在的资料没有改动",
        todo="请找移出时写的那个文件（.cbyear），或它的另一份拷贝",
        detail=detail,
    )


def _newer(path: Path, program: str) -> StoreError:
    return StoreError(
        "archive.newer",
        happened=f"“{path.name}”是更新的村报（{program}）写的，这一版读不了",
        safe="现在的资料没有改动",
        todo="请先更新村报，再移回",
    )


def other_archive(path: Path, detail: str = "") -> StoreError:
    """The sentence for a file that is whole and not the one asked for."""
    return StoreError(
        "archive.other",
        happened=f"“{path.name}”不是本机移出那一年时写的文件",
        safe="现在的资料没有改动",
        todo="请找移出时写的那个文件，名字在“移出的年度”里",
        detail=detail,
    )


# --- small -----------------------------------------------------------------------------------------------------------


def _hash(file: Any) -> str:
    digest = sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _remove(*paths: Path) -> None:
    for path in paths:
        for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)


def _stop(cancel: Cancel | None) -> None:
    if cancel is not None:
        cancel.check()
