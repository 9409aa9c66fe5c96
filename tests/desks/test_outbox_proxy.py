"""The outbox behind an office's proxy server: everything goes through it, and what it will not do is said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.desks import offered, outbox
from cunbao.desks.outbox import WEBDAV, Box
from cunbao.desks.sync import sync
from cunbao.errors import DeskError
from cunbao.store import QueuedState
from world.badline import Fault, Line, a_bad_line
from world.drops import Drop, a_server
from world.seats import BareSeat, a_seat

VILLAGE, TOWN = "532822103203", "532822103000"
DATA = b"a bundle" * 50_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drop]:
    with a_server(tmp_path_factory.mktemp("dav")) as drop:
        yield drop


@pytest.fixture
def proxy(server: Drop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with a_bad_line(server.port) as line:
        yield line


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[tuple[BareSeat, BareSeat]]:
    village, town = a_seat(tmp_path / "v", VILLAGE, "village"), a_seat(tmp_path / "t", TOWN, "township")
    yield village, town
    village.close()
    town.close()


def set_up(seat: BareSeat, server: Drop, box: str, proxy: str) -> None:
    (server.root / box).mkdir(exist_ok=True)
    outbox.set_up(seat, Box(WEBDAV, f"{server.url}{box}", proxy=proxy))


def queue(seat: BareSeat) -> None:
    path = outbox.going_folder(seat) / "第1次.cbsync"
    path.write_bytes(DATA)
    assert outbox.keep(seat.workspace, path, DATA, TOWN, now=seat.clock())


def state(seat: BareSeat) -> QueuedState:
    (one,) = (one for one in seat.workspace.queued() if one.sha256 == sha256(DATA).hexdigest())
    return one.state


@pytest.mark.parametrize("how", ["named", "the system's"])
def test_everything_goes_through_the_proxy_and_nothing_past_it(
    how: str,
    ends: tuple[BareSeat, BareSeat],
    server: Drop,
    proxy: Line,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if how == "named":
        said = proxy.url
    else:
        monkeypatch.setenv("http_proxy", proxy.url)
        said = "系统"
    village, town = ends
    for seat in ends:
        set_up(seat, server, tmp_path.name, said)
    queue(village)
    assert sync(village).sent == 1 and sync(town).fetched == 1
    assert [one.path.read_bytes() for one in offered.offers(town)] == [DATA]
    methods = {method for method, _ in proxy.asked}
    assert {"PROPFIND", "PUT", "MOVE", "GET"} <= methods
    assert all(path.startswith(server.url) for _, path in proxy.asked)  # asked of the proxy, not of the server


@pytest.mark.parametrize("said", ["代理", "ftp://gate:21", "http://"])
def test_an_address_that_is_no_proxy_s_is_asked_for_again(
    said: str, ends: tuple[BareSeat, BareSeat], server: Drop, tmp_path: Path
) -> None:
    with pytest.raises(DeskError) as refused:
        set_up(ends[0], server, tmp_path.name, said)
    assert refused.value.code == "outbox.proxy" and outbox.box_of(ends[0].workspace) is None


def test_a_proxy_that_cuts_loses_nothing(
    ends: tuple[BareSeat, BareSeat], server: Drop, proxy: Line, tmp_path: Path
) -> None:
    village, _ = ends
    set_up(village, server, tmp_path.name, proxy.url)
    queue(village)
    proxy.choose = lambda method, path: Fault("body") if method == "PUT" and not proxy.met else None
    assert sync(village).sent == 1 and proxy.met == [Fault("body")]
    assert state(village) is QueuedState.PROVED


@pytest.mark.parametrize(("number", "words"), [(407, "代理服务器要用户名和密码"), (502, "")])
def test_what_a_proxy_refuses_is_said_and_the_bundle_waits(
    number: int, words: str, ends: tuple[BareSeat, BareSeat], server: Drop, proxy: Line, tmp_path: Path
) -> None:
    village, _ = ends
    set_up(village, server, tmp_path.name, proxy.url)
    queue(village)
    proxy.choose = lambda method, path: Fault("status", number)
    done = sync(village)
    assert done.trouble is not None and words in done.trouble.happened and done.trouble.todo
    assert state(village) is QueuedState.WAITS


def test_a_proxy_that_is_gone_is_said_and_the_bundle_waits(
    ends: tuple[BareSeat, BareSeat], server: Drop, proxy: Line, tmp_path: Path
) -> None:
    village, _ = ends
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        gone = nobody.getsockname()[1]
    set_up(village, server, tmp_path.name, f"http://127.0.0.1:{gone}")
    queue(village)
    done = sync(village)
    assert done.trouble is not None and done.trouble.todo
    assert state(village) is QueuedState.WAITS and not proxy.asked
