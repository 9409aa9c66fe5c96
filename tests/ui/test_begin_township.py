"""乡镇开始 from the first window, up to where the county's papers and its pack have come and it can receive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.county import certificates
from cunbao.desks.county.desk import CountyDesk, root_code
from cunbao.desks.township import town_papers
from cunbao.desks.township.desk import take_task
from cunbao.ui.app import App
from cunbao.ui.screens.begin_township import BeginTownship
from cunbao.ui.screens.first_run import FirstRun
from cunbao.ui.screens.help import Help
from cunbao.ui.screens.no_task import NoTask
from cunbao.ui.township import Township
from world.desk import PASSWORD, a_clock, a_county_desk, the_seat

LONG = 60_000


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    made = App(qapp, tmp_path / "home", a_clock(2025, 11, 10, 1))
    made.begin([])
    yield made
    made.window._asks = False
    made.window.close()


def begins(app: App, qtbot: QtBot) -> None:
    """The officer's hands on 乡镇开始."""
    first = app.window.bare
    assert isinstance(first, FirstRun)
    first.begin_township.click()
    here = app.window.bare
    assert isinstance(here, BeginTownship)
    here.go_on()
    assert here._county_row.message.text.text() == "还没选县" and here._town_row.message.text.text() == "还没选乡镇"
    here.county.edit.setText("云南省西双版纳傣族自治州勐海县")
    here.county.commit()
    here.town.edit.setText("勐混镇")
    here.town.commit()
    assert here.office.text() == "勐混镇人民政府" and here.code() == "532822103000"
    here.name.set_text("玉罕")
    for field in (here.first, here.second):
        field.set_text(PASSWORD)
    here.go_on()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=LONG)


def test_a_township_begins_and_its_window_says_where_to_go_on(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    begins(app, qtbot)
    window = app.window
    assert isinstance(window.face, Township) and isinstance(window.screen_here, NoTask)
    assert (window.desk.office.code, window.desk.office.short) == ("532822103000", "勐混镇")
    assert (tmp_path / "home" / "532822103000" / "keys.json").exists()
    window.go("settings")
    path, code = town_papers.write_request(window.desk, tmp_path)
    assert path.exists() and len(code.replace(" ", "")) == 24


def test_with_the_county_s_papers_and_its_pack_it_receives(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    begins(app, qtbot)
    town, seat = app.window.desk, the_seat()
    county: CountyDesk = a_county_desk(tmp_path)
    certificates.revoke_township(county, town.office.code, "换了电脑", PASSWORD)
    path, code = town_papers.write_request(town, tmp_path)
    answer = certificates.approve(county, path, code, PASSWORD, tmp_path)
    town_papers.take(town, answer, PASSWORD, root_code=root_code(county))
    take_task(town, seat.pack)
    app.window.forget_screens()
    app.window.go("board")
    qtbot.waitUntil(lambda: app.window.jobs.idle, timeout=LONG)
    assert not isinstance(app.window.screen_here, NoTask)
    assert [one.short for one in town.villages] == ["曼国村", "曼蚌村", "曼赛村"]
    county.close()


def test_f1_there_opens_the_township_s_manual(app: App, qtbot: QtBot) -> None:
    app.show_begin_township()
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow, timeout=LONG)  # a shortcut is the active window's
    qtbot.keyClick(QApplication.focusWidget() or app.window, Qt.Key.Key_F1)
    shown = app.window.findChild(Help)
    assert shown is not None and shown.manual is not None and shown.manual.kind == "township"
    assert shown.section is not None and shown.section.key == "begin-township"
    shown.end()
    assert app.window.bare is not None
    qtbot.keyClick(app.window.bare, Qt.Key.Key_Escape)
    assert isinstance(app.window.bare, FirstRun)
