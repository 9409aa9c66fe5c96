"""Builders for the store's tests: workspaces in temporary folders, edits, revisions, raw connections, small disks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao.store import DraftKey, StoredRevision, Workspace
from cunbao.store.driver import connect
from cunbao.survey.values import Edit, EditAct
from world.mounts import own_mounts

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
NOW = datetime(2025, 12, 12, 2, 42, tzinfo=UTC)
VILLAGE = "532822103203"
PERIOD = "2025"
B01 = DraftKey(VILLAGE, "B01", PERIOD)
B02 = DraftKey(VILLAGE, "B02", PERIOD)
B03 = DraftKey(VILLAGE, "B03", PERIOD)
DESKTOP = Path(__file__).resolve().parents[2] / "desktop"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_workspace(folder: Path, *, now: datetime = NOW) -> Workspace:
    return Workspace.create(folder, KEY, kind="village", now=now)


def opened(folder: Path, *, now: datetime = NOW, **how: Any) -> Workspace:
    return Workspace.open(folder, KEY, now=now, **how)


def put(field: str, old: str, new: str, row: str = "") -> Edit:
    return Edit(EditAct.SET, field, row, old, new)


def add_row(repeat: str, row: str, position: int) -> Edit:
    return Edit(EditAct.ADD_ROW, repeat, row, "", str(position))


def delete_row(repeat: str, row: str, position: int) -> Edit:
    return Edit(EditAct.DELETE_ROW, repeat, row, str(position), "")


def move_row(repeat: str, row: str, old: int, new: int) -> Edit:
    return Edit(EditAct.MOVE_ROW, repeat, row, str(old), str(new))


def a_revision(
    ws: Workspace, key: DraftKey = B02, *, n: int = 0, parents: Sequence[str] = (), answers: bytes = b"", **changes: Any
) -> StoredRevision:
    """Kept in `ws` with objects of its own; bytes stand for header, CMS and PDF, which the store never looks into."""
    n = n or ws.next_n(key.office, key.period)
    header = f"header {key} {n} {changes.get('device', 'd')}".encode()
    made = StoredRevision(
        id=sha256(header).hexdigest(),
        office=key.office,
        form=key.form,
        period=key.period,
        kind="correction" if parents else "normal",
        version=1 + len(parents),
        n=n,
        parents=tuple(parents),
        device="d",
        signed_at=NOW,
        header=ws.add_object("header", header),
        answers=ws.add_object("answers", answers or b"answers" + header),
        cms=ws.add_object("cms", b"cms" + header),
        pdf=ws.add_object("pdf", b"pdf" + header),
    )
    made = StoredRevision(**{**{name: getattr(made, name) for name in made.__slots__}, **changes})
    ws.add_revision(made)
    return made


def rows_of(folder: Path, sql: str, *values: Any, key: bytes = KEY) -> list[tuple[Any, ...]]:
    """What another program with the key would read."""
    with closing(connect(folder / "data.db", key)) as connection:
        found: list[tuple[Any, ...]] = connection.execute(sql, values).fetchall()
        return found


def tampered(folder: Path, *statements: str, key: bytes = KEY) -> None:
    """Change a closed workspace behind its back, as somebody with the key could."""
    with closing(connect(folder / "data.db", key)) as connection:
        for statement in statements:
            connection.execute(statement)


def flip(path: Path, offset: int) -> None:
    """One byte of a file, as a bad sector leaves it."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(bytes(data))


def on_a_small_disk(tmp_path: Path, kilobytes: int, body: str) -> str:
    """Run `body` in a process of its own that sees a real file system of that size at `disk`; returns what it prints.

    `tmp_path` lies on the big disk. The mount is private to the process and ends with it.
    """
    disk = tmp_path / "disk"
    disk.mkdir()
    program = tmp_path / "body.py"
    program.write_text(_HEAD.format(disk=str(disk), big=str(tmp_path)) + body, "utf-8")
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" && exec "$1" "$2"'
    done = subprocess.run(
        [*own_mounts(), "sh", "-c", mount, str(disk), sys.executable, str(program)],
        env={
            "PYTHONPATH": f"{DESKTOP}:{Path(__file__).resolve().parents[1]}",
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_HEAD = """
import os, subprocess
from pathlib import Path
from cunbao.errors import StoreError
from cunbao.store import *
from store.folders import *
disk, big = Path({disk!r}), Path({big!r})

def fill(leave=0):
    "Take all room but `leave` bytes."
    with open(disk / "filler", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))

def refused(act):
    "The code of the sentence that `act` ends with."
    try:
        act()
    except StoreError as error:
        assert error.happened and error.safe and error.todo
        return error.code
    raise AssertionError("nothing was refused")
"""
