"""验证文件 outside the county: a village gets there from 回执, a township from 接收, and sees what a file is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks.signedpages import signed_pdfs
from cunbao.desks.verified import Outcome
from cunbao.ui.face import Face
from cunbao.ui.kit.buttons import Button
from cunbao.ui.screens.verify_file import VerifyFile
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from cunbao.ui.village import Village
from world.desk import MANBANG, a_town_desk, a_village_desk, bundle_file

LONG = 60_000  # ms
Window = Callable[[Face, object], Shell]


@pytest.fixture
def window(show: Callable[..., QWidget]) -> Iterator[Window]:
    made: list[Shell] = []

    def opened(face: Face, desk: object) -> Shell:
        shell = Shell(face, asks_to_close=False)
        made.append(shell)
        shell.open_desk(desk)
        show(shell, 1366, 696)
        return shell

    yield opened
    for shell in made:
        shell.jobs.stop()


def verifies(bot: QtBot, shell: Shell, start: str, path: Path) -> VerifyFile:
    """By the button of the screen where files are read."""
    shell.go(start)
    bot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    assert shell.screen_here is not None
    (button,) = [one for one in shell.screen_here.findChildren(Button) if one.text() == "验证文件" and one.isVisible()]
    button.click()
    here = shell.screen_here
    assert isinstance(here, VerifyFile) and here.nav_key() == start
    here.read([path])
    bot.waitUntil(lambda: shell.jobs.idle and bool(here.found), timeout=LONG)
    return here


def test_a_village_verifies_its_own_signed_page(window: Window, tmp_path: Path, qtbot: QtBot) -> None:
    desk = a_village_desk(tmp_path, "signed")
    (one, *_) = desk.workspace.revisions(MANBANG, "B01", "2025")
    path = tmp_path / "B01.pdf"
    path.write_bytes(desk.workspace.object(signed_pdfs(desk.workspace, one)[0]))
    here = verifies(qtbot, window(Village(), desk), "receipt", path)
    assert here.found[0].outcome is Outcome.GENUINE and here.found[0].here == "村里"
    here.back()
    assert here.shell.screen_here is not here
    desk.close()


def test_a_township_verifies_a_bundle_that_was_bent_and_takes_nothing_in(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = a_town_desk(tmp_path)
    path = bundle_file(tmp_path / "stick", MANBANG)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    here = verifies(qtbot, window(Township(), desk), "receive", path)
    assert not here.found[0].good and here.found[0].here == "镇里"
    assert desk.workspace.arrivals(office=MANBANG, period="2025") == ()
    desk.close()
