"""The outbox over lines that cut, hang, lie and refuse: nothing lost, nothing doubled, nothing half read."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from cunbao.desks import offered, outbox, outboxview
from cunbao.desks.outbox import WEBDAV, Box
from cunbao.desks.sync import Synced, sync
from cunbao.exchange.webdav import Account, WebDav
from cunbao.progress import Cancel
from cunbao.store import QueuedState
from world.badline import ALL, Line, a_bad_line, anywhere
from world.drops import Drop, a_server
from world.seats import BareSeat, a_seat

VILLAGE, TOWN = "532822103203", "532822103000"
SEEDS = 12
PASSES = 60  # more than any of the seeds needs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drop]:
    with a_server(tmp_path_factory.mktemp("dav")) as drop:
        yield drop


@pytest.fixture(scope="module")
def line(server: Drop) -> Iterator[Line]:
    with a_bad_line(server.port) as line:
        yield line


def impatient(box: Box, cancel: Cancel) -> WebDav:
    return WebDav(Account(box.place), cancel=cancel, connect=5, stall=0.25)


def one_pass(seat: BareSeat, seed: int) -> Synced:
    chance = Random(seed)
    return sync(seat, chance=chance.random, new_token=lambda: f"{chance.getrandbits(32):08x}", opens=impatient)


def a_file(seat: BareSeat, data: bytes, name: str) -> None:
    path = outbox.going_folder(seat) / name
    path.write_bytes(data)
    assert outbox.keep(seat.workspace, path, data, TOWN, now=seat.clock())


def came_whole(seat: BareSeat) -> list[bytes]:
    return [one.path.read_bytes() for one in offered.offers(seat)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BareSeat, BareSeat]]:
    place = tmp_path_factory.mktemp("seats")
    village, town = a_seat(place / "v", VILLAGE, "village"), a_seat(place / "t", TOWN, "township")
    yield village, town
    village.close()
    town.close()


@pytest.fixture
def ends(
    pair: tuple[BareSeat, BareSeat], tmp_path: Path, server: Drop, line: Line
) -> Iterator[tuple[BareSeat, BareSeat]]:
    """A village and its township, at an empty box of their own behind the line."""
    (server.root / tmp_path.name).mkdir()
    for seat in pair:
        outbox.set_up(seat, Box(WEBDAV, f"{line.url}{tmp_path.name}"))
    yield pair
    line.choose = lambda method, path: None
    for one in offered.offers(pair[1]):
        offered.taken(pair[1].workspace, one.sha256)


def states(village: BareSeat, files: list[bytes]) -> set[QueuedState]:
    names = {sha256(data).hexdigest() for data in files}
    return {one.state for one in village.workspace.queued() if one.sha256 in names}


@pytest.mark.parametrize("number", range(SEEDS))
def test_whatever_the_line_does_every_file_comes_once_and_whole(
    number: int, ends: tuple[BareSeat, BareSeat], line: Line, same_chance: int
) -> None:
    seed = same_chance + number
    print(f"seed {seed}")
    village, town = ends
    chance = Random(seed)
    sizes = [chance.choice((0, 1, 700, 30_000, 300_000)) for _ in range(4)]
    files = [bytes([number, n]) + chance.randbytes(size) for n, size in enumerate(sizes)]
    for n, data in enumerate(files):
        a_file(village, data, f"第{n}次.cbsync")
    line.choose = anywhere(seed, 0.35, 12)
    for _ in range(PASSES):
        one_pass(village, seed)
        one_pass(town, seed)
        offered = came_whole(town)
        assert len(offered) == len(set(offered)) and set(offered) <= set(files)  # at every moment, not at the end alone
        if states(village, files) == {QueuedState.PROVED} and len(offered) == len(files):
            break
    assert sorted(came_whole(town)) == sorted(files)
    assert states(village, files) == {QueuedState.PROVED}
    assert not list((town.workspace.folder / outbox.CAME).glob("*.part"))


@pytest.mark.parametrize("method", ["PROPFIND", "PUT", "MOVE", "GET"])
def test_each_fault_at_each_step_says_what_happened_and_mends_with_a_later_pass(
    method: str, ends: tuple[BareSeat, BareSeat], line: Line
) -> None:
    village, town = ends
    for number, fault in enumerate(ALL):
        print(fault)
        data = method.encode() + bytes([number]) * 100_000
        a_file(village, data, f"第{number}次.cbsync")
        line.met.clear()
        line.choose = lambda asked, path, fault=fault: fault if asked == method and not line.met else None
        first = one_pass(village, 1)
        assert line.met == [fault]
        (row,) = (one for one in outboxview.outbox_view(village).going if one.sha256 == sha256(data).hexdigest())
        if first.open:
            assert row.state in (QueuedState.WAITS, QueuedState.REFUSED)
            assert (first.trouble.happened if first.trouble else row.why)
        for _ in range(3):
            if states(village, [data]) != {QueuedState.PROVED}:
                one_pass(village, 2)
        one_pass(town, 2)
        assert data in came_whole(town)
