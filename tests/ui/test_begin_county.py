"""县级开始 from the first window: which county, a password, and the county's own window opens over its directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import national
from cunbao.desks.county import beginning, rootkey
from cunbao.desks.views import Person
from cunbao.errors import CunbaoError
from cunbao.ui.app import App
from cunbao.ui.county import County
from cunbao.ui.screens.begin_county import BeginCounty
from cunbao.ui.screens.first_run import FirstRun
from world.desk import QUICK, a_clock
from world.effort import calls
from world.tokens import PIN, a_module

LONG = 60_000


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    made = App(qapp, tmp_path / "home", a_clock(2025, 11, 10, 1))
    made.begin([])
    yield made
    made.window._asks = False
    made.window.close()


def test_a_county_begins_in_the_window_with_its_offices_and_the_way_to_a_pack(
    app: App, qtbot: QtBot, tmp_path: Path
) -> None:
    first = app.window.bare
    assert isinstance(first, FirstRun)
    first.begin_county.click()
    here = app.window.bare
    assert isinstance(here, BeginCounty)
    here.go_on()
    assert here._county_row.message.text.text() == "还没选县"
    here.county.edit.setText("云南省西双版纳傣族自治州勐海县")
    here.county.commit()
    assert here.office.text() == "勐海县民政局"
    here.name.set_text("玉坎")
    for field in (here.first, here.second):
        field.set_text("山茶花2025")
    here.go_on()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=LONG)
    desk = app.window.desk
    assert isinstance(app.window.face, County)
    assert (desk.office.code, len(desk.townships), len(desk.villages)) == ("532822000000", 11, 105)
    assert (tmp_path / "home" / "532822000000" / "keys.json").exists()
    app.window.go("tasks")
    assert app.window.screen_here is not None and app.window.screen_here.nav == "tasks"


def test_the_country_s_counties_are_read_on_the_worker_before_the_field_is_opened(
    app: App, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[QThread] = []
    choices = national.counties()

    def counties() -> tuple[national.CountyChoice, ...]:
        threads.append(QThread.currentThread())
        return choices

    monkeypatch.setattr(national, "counties", counties)
    app.show_begin_county()
    qtbot.waitUntil(lambda: app.window.jobs.idle, timeout=LONG)
    assert len(threads) == 1 and threads[0] is not QApplication.instance().thread()  # type: ignore[union-attr]
    here = app.window.bare
    assert isinstance(here, BeginCounty)
    here.county.open()
    assert here.county.picker is not None
    first = calls(lambda: here.county.picker.filter("m"))  # type: ignore[union-attr]
    assert calls(lambda: here.county.picker.filter("mh")) < first / 2  # type: ignore[union-attr]
    assert "云南省西双版纳傣族自治州勐海县" in {
        one.label for one in here.county.picker._shown if one is not None
    }


def test_the_root_s_key_can_be_made_on_a_token_and_stays_there(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    module = a_module("county-begins")
    app.show_begin_county()
    here = app.window.bare
    assert isinstance(here, BeginCounty) and here.token is not None
    here.county.edit.setText("云南省西双版纳傣族自治州勐海县")
    here.county.commit()
    here.name.set_text("玉坎")
    for field in (here.first, here.second):
        field.set_text("山茶花2025")
    held = here.token
    qtbot.keyClick(held.on, Qt.Key.Key_Space)
    assert held.pin.isVisible()
    held.module.set_text(str(tmp_path / "none.so"))
    held.look()
    assert "驱动用不了" in held._module_row.message.text.text()
    held.module.set_text(module)
    while held.label.text() != "county-begins":  # 找 U 盾 goes from one to the next
        held.seek.click()
    here.go_on()
    assert held._pin_row.message.text.text() == "还没输 U 盾的 PIN"
    held.pin.set_text("999999")
    here.go_on()
    qtbot.waitUntil(lambda: "PIN 不对" in here._trouble.title.text(), timeout=LONG)
    assert not list((tmp_path / "home").glob("*/keys.json"))
    held.pin.set_text(PIN)
    here.go_on()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=LONG)
    view = rootkey.root_view(app.window.desk)
    assert (view.place, view.warning) == (rootkey.ON_TOKEN, "")  # and so no screen warns of it
    assert not app.window.desk.workspace.settings("root:")


def test_a_beginning_that_fails_takes_its_key_off_the_token_again(tmp_path: Path) -> None:
    token = rootkey.chosen(a_module("fails-once"), "fails-once")
    (tmp_path / "file").write_text("in the way")
    person = Person("玉坎", "县级管理员")
    for folder, works in ((tmp_path / "file" / "county", False), (tmp_path / "county", True)):
        with nullcontext() if works else pytest.raises((CunbaoError, OSError)):
            beginning.begin(
                folder, "532822", person=person, password="山茶花2025", clock=a_clock(), stretch=QUICK,
                token=token, pin=PIN,
            ).close()  # fmt: skip


def test_escape_leaves_nothing_behind(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    app.show_begin_county()
    assert app.window.bare is not None
    qtbot.keyClick(app.window.bare, Qt.Key.Key_Escape)
    assert isinstance(app.window.bare, FirstRun) and not list((tmp_path / "home").glob("*/keys.json"))
