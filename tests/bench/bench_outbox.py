"""Sending through the outbox, whole path, against the bare HTTP client that puts the same bytes to the same server.

The server is of another make (WsgiDAV on cheroot), a process of its own on this machine. Ours reads each file, hashes
it, puts it under a part name, moves it without overwriting, reads back as much as a pass reads back, and keeps what
became of each in the workspace; the bare loop is one `httpx.Client.put` a file on one connection.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

import httpx

from bench.measure import Row, milliseconds
from cunbao.desks import outbox
from cunbao.desks.outbox import WEBDAV, Box
from cunbao.desks.sync import sync
from cunbao.store import QueuedState
from world.drops import Drop, a_server
from world.seats import BareSeat, a_seat

BUNDLES, ROUNDS = 300, 3
SIZE = 1_700_000  # bytes of a village's bundle of seven forms with their signed pages, as in the sample round
VILLAGE, TOWN = "532822103203", "532822103000"


def rows() -> Iterator[Row]:
    place = Path(tempfile.mkdtemp(prefix="cunbao-bench-"))
    try:
        with a_server(place / "dav") as drop:
            yield _upload(place, drop)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _upload(place: Path, drop: Drop) -> Row:
    seat = a_seat(place / "village", VILLAGE, "village")
    (drop.root / "ours").mkdir()
    (drop.root / "bare").mkdir()
    outbox.set_up(seat, Box(WEBDAV, f"{drop.url}ours"))
    chance = Random(9)
    ours, base = [], []
    with httpx.Client() as client:
        client.request("OPTIONS", drop.url)
        for number in range(ROUNDS):
            files = [chance.randbytes(SIZE) for _ in range(BUNDLES)]
            _queue(seat, files, number)

            def bare(files: list[bytes] = files, number: int = number) -> None:
                for n, data in enumerate(files):
                    client.put(f"{drop.url}bare/{number}-{n}", content=data).raise_for_status()

            if number % 2:
                base.append(milliseconds(bare))
            ours.append(milliseconds(lambda: sync(seat)))
            if not number % 2:
                base.append(milliseconds(bare))
    went = seat.workspace.queued([QueuedState.SENT, QueuedState.PROVED])
    assert len(went) == BUNDLES * ROUNDS
    seat.close()
    return Row("待发箱：送 300 个报送包对裸 HTTP 客户端", median(ours), median(base), "ms", 1.3, BUNDLES)


def _queue(seat: BareSeat, files: list[bytes], number: int) -> None:
    folder = outbox.going_folder(seat)
    for n, data in enumerate(files):
        path = folder / f"第{number}-{n}次.cbsync"
        path.write_bytes(data)
        outbox.keep(seat.workspace, path, data, TOWN, now=seat.clock())
