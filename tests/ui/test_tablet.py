"""从平板导入 in the window: seen first, asked where it differs, taken with the keyboard, undone in one step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.ui.kit.text import Text
from cunbao.ui.screens.form import FormScreen
from cunbao.ui.screens.home import Home
from cunbao.ui.screens.tablet import TabletScreen
from desks.test_tablet import GOOD, lay, xml
from ui.conftest import Show
from ui.filling import Clerk, a_clerk
from world.desk import MANGUO, a_village_desk, types

Key = Qt.Key


@pytest.fixture
def clerk(qtbot: QtBot, show: Show, tmp_path: Path) -> Iterator[Clerk]:
    """At a village that reported last year and has typed one figure."""
    desk = a_village_desk(tmp_path / "desk", "enrolled")
    types(desk, "B01", "b01_groups", "7")
    made = a_clerk(qtbot, show, desk)
    yield made
    made.saved().window.close()
    made.desk.close()


def looks(clerk: Clerk, place: Path) -> TabletScreen:
    assert clerk.window.take_files([place])  # dropped on the window
    clerk.saved()
    screen = clerk.window.screen_here
    assert isinstance(screen, TabletScreen)
    return screen


def said(screen: TabletScreen) -> str:
    return "\n".join(one.text() for one in screen.side.findChildren(Text))


def test_a_folder_is_looked_at_decided_on_and_taken_with_the_keyboard(clerk: Clerk, tmp_path: Path) -> None:
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "6", "b01_groups": "8"})))
    screen = looks(clerk, place)
    assert [one.label for one in screen.lines] == ["村（居）民小组数", "网格数"]
    assert not screen.main.isEnabled() and "还差 1 处" in screen.main.text()
    clerk.with_ctrl(Key.Key_Return).saved()
    assert clerk.on_disk("B01", "b01_grids") == "", "nothing is taken while a cell waits for an answer"
    clerk.presses(Key.Key_2)
    assert screen.main.isEnabled() and screen.main.text().startswith("导入 2 格")
    clerk.with_ctrl(Key.Key_Return).saved()
    assert isinstance(clerk.window.screen_here, FormScreen)
    assert (clerk.on_disk("B01", "b01_grids"), clerk.on_disk("B01", "b01_groups")) == ("6", "8")
    clerk.with_ctrl(Key.Key_Z).saved()
    assert (clerk.on_disk("B01", "b01_grids"), clerk.on_disk("B01", "b01_groups")) == ("", "7")


def test_the_draft_stays_where_the_clerk_wants_it(clerk: Clerk, tmp_path: Path) -> None:
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_groups": "8"})))
    screen = looks(clerk, place)
    screen.keep_all.click()
    assert not screen.main.isEnabled()
    screen.take_all.click()
    assert screen.main.isEnabled()
    clerk.presses(Key.Key_1).presses(Key.Key_Escape).saved()
    assert isinstance(clerk.window.screen_here, Home) and clerk.on_disk("B01", "b01_groups") == "7"


def test_what_cannot_be_used_says_why_beside_what_can(clerk: Clerk, tmp_path: Path) -> None:
    other = xml("B01", {"b01_grids": "1"}, name=f"{MANGUO} 曼国村 B01 2025")
    screen = looks(clerk, lay(tmp_path / "instances", GOOD, ("坏的", "<data id='B01'>"), ("别村的", other)))
    words = said(screen)
    assert "坏的" in words and "读不下去" in words and MANGUO in words
    assert [one.label for one in screen.lines] == ["网格数"]


def test_a_folder_without_submissions_is_an_error_with_a_way_on(
    clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *said: str(tmp_path / "photos"))
    clerk.window.go("tablet")
    told: list[str] = []

    monkeypatch.setattr(clerk.window, "show_error", lambda error: told.append(error.happened))
    clerk.presses(Key.Key_Return).saved()
    assert told == ["这里没有 ODK 提交"]
    screen = clerk.window.screen_here
    assert isinstance(screen, TabletScreen) and screen.first.isVisible()
