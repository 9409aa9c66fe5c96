"""待发箱 in a real window over a real server: it sends by itself, and what the network does never holds up 已保存."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from cunbao.desks import offered, outbox
from cunbao.desks.outbox import FOLDER, WEBDAV, Box
from cunbao.desks.sync import sync
from cunbao.desks.village import sending
from cunbao.store import QueuedState, Workspace
from cunbao.ui.kit.buttons import Button
from cunbao.ui.screens.receive import ReceiveScreen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from cunbao.ui.village import Village
from world.badline import Fault, Line, a_bad_line
from world.desk import PASSWORD, a_clock, a_town_desk, a_village_desk, cell, text
from world.drops import Drop, a_server

LONG = 30_000  # ms, for a busy machine


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Drop]:
    with a_server(tmp_path / "dav") as drop:
        yield drop


@pytest.fixture
def line(server: Drop) -> Iterator[Line]:
    with a_bad_line(server.port) as line:
        yield line


@pytest.fixture
def village(show: Any, tmp_path: Path) -> Iterator[Shell]:
    desk = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    shell = Shell(Village(), asks_to_close=False)
    shell.open_desk(desk)
    show(shell, 1366, 696)
    yield shell
    shell.carrier.stop()
    shell.jobs.stop()
    desk.close()


def settles(qtbot: QtBot, shell: Shell) -> None:
    qtbot.waitUntil(lambda: not shell.carrier.busy and shell.jobs.idle, timeout=LONG)


def states(shell: Shell) -> list[QueuedState]:
    return [one.state for one in shell.desk.workspace.queued()]


def test_the_box_is_set_up_on_its_screen_and_the_bundle_goes_by_itself(
    village: Shell, server: Drop, qtbot: QtBot
) -> None:
    screen = village.go("settings")
    next(one for one in screen.findChildren(Button) if one.text() == "设待发箱").click()
    here: Any = village.screen_here
    here.place.set_text("没有这样的地址")
    here.save.click()
    settles(qtbot, village)
    assert "https://" in here.row.message.text.text() and outbox.box_of(village.desk.workspace) is None
    here.place.set_text(server.url)
    here.save.click()
    settles(qtbot, village)
    sending.write_bundle(village.desk, outbox.going_folder(village.desk), PASSWORD)
    here.refresh()
    assert here.grid.row(0).cell("state").text == "等着送"
    village.carrier.look()
    settles(qtbot, village)
    assert states(village) == [QueuedState.PROVED] and len(server.files()) == 1
    assert here.grid.row(0).cell("state").text == "读回一致"
    end = village.carrier.end_words()
    assert end is not None and end.word == "待发箱都送到了"


def test_keeping_an_answer_asks_nothing_of_the_queue(
    show: Any, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    desk = a_village_desk(tmp_path, "filled", clock=a_clock(2025, 12, 15, 7))
    outbox.set_up(desk, Box(FOLDER, str(tmp_path / "share")))
    shell = Shell(Village(), asks_to_close=False)
    shell.open_desk(desk)
    show(shell, 1366, 696)
    settles(qtbot, shell)
    asked: list[object] = []
    sizes = Workspace.queue_sizes
    monkeypatch.setattr(Workspace, "queue_sizes", lambda self: (asked.append(self), sizes(self))[1])
    shell.keep("B01", desk.type("B01", cell(desk, "B01", "b01_grids"), "9").edits)
    qtbot.waitUntil(lambda: shell._pending == 0, timeout=LONG)
    assert text(desk, "B01", "b01_grids") == "9" and not asked
    shell.refresh_frame()
    assert asked  # what else happens may have moved it
    shell.carrier.stop()
    shell.jobs.stop()
    desk.close()


def test_an_answer_is_on_the_disk_while_the_server_hangs(village: Shell, line: Line, qtbot: QtBot) -> None:
    desk = village.desk
    outbox.set_up(desk, Box(WEBDAV, line.url))
    sending.write_bundle(desk, outbox.going_folder(desk), PASSWORD)
    line.choose = lambda method, path: Fault("hang")
    village.carrier.look()
    qtbot.waitUntil(lambda: bool(line.met), timeout=LONG)  # the request is out, and nothing comes back
    village.go("home")
    desk.workspace.set_setting("probe", 1)
    kept: list[object] = []
    village.jobs.start(lambda progress, cancel: desk.workspace.setting("probe"), done=kept.append)
    qtbot.waitUntil(lambda: bool(kept), timeout=LONG)
    assert village.carrier.busy and states(village) == [QueuedState.SENDING]
    village.carrier.stop()  # closing the window waits for nobody either
    assert outbox.plan(desk) is not None  # and what was under way goes with the next pass


def test_a_township_finds_what_was_fetched_in_its_inbox_and_reads_it_in(
    show: Any, village: Shell, server: Drop, tmp_path: Path, qtbot: QtBot
) -> None:
    outbox.set_up(village.desk, Box(WEBDAV, server.url))
    sending.write_bundle(village.desk, outbox.going_folder(village.desk), PASSWORD)
    assert sync(village.desk).done
    town = a_town_desk(tmp_path)
    outbox.set_up(town, Box(WEBDAV, server.url))
    shell = Shell(Township(), asks_to_close=False)
    shell.open_desk(town)
    show(shell, 1366, 696)
    settles(qtbot, shell)
    screen = shell.go("receive")
    assert isinstance(screen, ReceiveScreen) and screen.inbox.text() == "收件箱 1"
    screen.inbox.click()
    settles(qtbot, shell)
    qtbot.waitUntil(lambda: len(screen._lines) == 1, timeout=LONG)
    assert screen._lines[0].label == "已接收" and offered.offers(town) == ()
    shell.carrier.stop()
    shell.jobs.stop()
    town.close()
