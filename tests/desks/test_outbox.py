"""待发箱: what is written goes to the drop box by itself; what lies there is fetched and offered, never applied."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.desks import carrying, offered, outbox, outboxview, receiving
from cunbao.desks.outbox import FOLDER, WEBDAV, Box
from cunbao.desks.sync import sync
from cunbao.desks.township import deciding, receipts
from cunbao.desks.village import replies, sending
from cunbao.exchange import boxwords
from cunbao.exchange.dropbox import DropBox
from cunbao.progress import Cancel
from cunbao.store import QueuedState
from cunbao.survey.states import ReturnState
from world.desk import MANBANG, MENGHUN, PASSWORD, a_clock, a_town_desk, a_village_desk
from world.drops import Drop, a_server
from world.effort import calls
from world.seats import BareSeat, a_seat


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drop]:
    with a_server(tmp_path_factory.mktemp("dav")) as drop:
        yield drop


@pytest.fixture(params=[WEBDAV, FOLDER])
def box(request: pytest.FixtureRequest, server: Drop, tmp_path: Path) -> Box:
    """An empty drop box of either kind."""
    if request.param == FOLDER:
        (tmp_path / "share").mkdir()
        return Box(FOLDER, str(tmp_path / "share"))
    name = tmp_path.name
    (server.root / name).mkdir()
    return Box(WEBDAV, f"{server.url}{name}")


def test_a_bundle_goes_up_and_its_receipt_comes_back_without_a_stick(tmp_path: Path, box: Box) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    outbox.set_up(village, box)
    outbox.set_up(town, box)
    bundle = sending.write_bundle(village, outbox.going_folder(village), PASSWORD)
    data = bundle.path.read_bytes()
    (waiting,) = outboxview.outbox_view(village).going
    assert (waiting.state, waiting.file_name) == (QueuedState.WAITS, "曼蚌村-2025年度-第1次.cbsync")

    assert sync(village).done
    (went,) = outboxview.outbox_view(village).going
    assert went.state is QueuedState.PROVED and went.office == MENGHUN
    assert not bundle.path.exists()  # it is there, and was read back

    assert sync(town).fetched == 1
    (offer,) = offered.offers(town)
    assert offer.path.read_bytes() == data and offer.sha256 == sha256(data).hexdigest()
    assert town.workspace.standing(MANBANG, "B01", "2025").state is not ReturnState.RECEIVED  # nothing is applied
    assert receiving.receive(town, [offer.path]).taken == 1
    assert offered.offers(town) == ()

    deciding.accept(town, MANBANG, "B01")
    (written,) = receipts.write_receipts(town, outbox.going_folder(town), [MANBANG])
    assert written.ok and sync(town).sent == 1
    assert sync(village).fetched == 1
    (answer,) = offered.offers(village)
    assert village.state("B01") is ReturnState.SENT
    assert replies.take_receipt(village, answer.path).accepted == ("B01",)
    assert (sync(village).fetched, sync(town).fetched) == (0, 0)  # what came once does not come again


# --- two connections, and what is seen of much ------------------------------------------------------------------------

MANY = 8  # files: enough for a second connection


def with_many(place: Path, box: Box, many: int = MANY) -> BareSeat:
    seat = a_seat(place / "v", MANBANG, "village")
    outbox.set_up(seat, box)
    for number in range(many):
        path, data = outbox.going_folder(seat) / f"第{number}次.cbsync", bytes([number % 256]) * (1000 + number)
        path.write_bytes(data)
        outbox.keep(seat.workspace, path, data, MENGHUN, now=seat.clock())
    return seat


class Once:
    """Opens the first connection; of a second one happens what the test says."""

    def __init__(self, second: Exception) -> None:
        self.second, self.opened = second, 0

    def __call__(self, box: Box, cancel: Cancel) -> DropBox:
        self.opened += 1
        if self.opened > 1:
            raise self.second
        return carrying.open_box(box, cancel)


def test_where_a_server_takes_one_connection_everything_goes_over_it(tmp_path: Path, box: Box) -> None:
    seat, opens = with_many(tmp_path, box), Once(boxwords.cut("second", doing="连网盘"))
    assert sync(seat, opens=opens).sent == MANY and opens.opened == 2
    seat.close()


def test_a_bug_on_the_second_connection_is_not_swallowed_and_nothing_is_lost(tmp_path: Path, box: Box) -> None:
    seat = with_many(tmp_path, box)
    with pytest.raises(ZeroDivisionError):
        sync(seat, opens=Once(ZeroDivisionError("a bug")))
    assert sync(seat).done and len(seat.workspace.queued()) == MANY
    seat.close()


def test_a_glance_costs_the_same_however_much_has_gone(tmp_path: Path, box: Box) -> None:
    few, many = (with_many(tmp_path / str(count), box, count) for count in (4, 200))
    assert outboxview.glance(many).open == 200
    outboxview.glance(few)  # what is loaded once
    assert calls(lambda: outboxview.glance(many)) == calls(lambda: outboxview.glance(few))
    few.close()
    many.close()
