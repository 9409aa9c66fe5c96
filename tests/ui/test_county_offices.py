"""单位名录 in the window: faults first, of two rows with one code one stays, nothing is written while one is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cunbao.desks.county.desk import CountyDesk
from cunbao.survey.directory import Change
from cunbao.ui.screens.offices_list import OfficesScreen
from cunbao.ui.shell import Shell
from ui.countyhall import SomeCounty
from world.desk import MANBANG, MANGUO, a_county_desk

KEY = Qt.Key
LINES = (
    "代码,名称,上级代码,生效,失效,并入",
    "532822103000,勐混镇人民政府,532822,,,",
    f"{MANBANG},曼蚌新村,532822103,,,",
    f"{MANGUO},曼国村民委员会,532822103,,,",
    f"{MANGUO},曼国新村,532822103,,,",
    "532822103211,新龙村,532822104,2025-06-01,,",
)


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_desk(tmp_path)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    (path := tmp_path / "勐海县单位名录.csv").write_text("\n".join(LINES), "utf-8-sig")
    return path


@pytest.fixture
def shell(show, county: CountyDesk, listed: Path, qtbot: QtBot) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(SomeCounty("offices"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    made.go("offices", path=str(listed))
    qtbot.waitUntil(lambda: screen(made)._view is not None and screen(made)._view.comparison is not None)
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> OfficesScreen:
    here = shell.screen_here
    assert isinstance(here, OfficesScreen)
    return here


def test_it_stands_on_the_first_fault_and_f8_leads_to_the_next(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.main.accessibleName() == "下一处错" and "3 行有错" in here.banner.title.text()
    assert here.grid.current_id() == "4"
    for row in ("5", "6", "4"):
        qtbot.keyClick(here.grid, KEY.Key_F8)
        assert here.grid.current_id() == row
    assert here.grid.row(here.grid.find_row("6")).cell("parent").framed


def test_of_two_rows_one_is_kept_by_its_key(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.keep_second.isVisible() and here.keep_second.accessibleName().startswith("留 5 曼国新村")
    qtbot.keyClick(here.grid, KEY.Key_2)
    assert here._view is not None and here._view.comparison is not None
    assert here._view.comparison.faults == 1
    changes = {one.row.row: one.change for one in here._view.comparison.rows}
    assert changes == {2: Change.SAME, 3: Change.CHANGED, 5: Change.CHANGED, 6: Change.WRONG}


def test_the_mended_file_is_read_again_and_written_whole(
    shell: Shell, qtbot: QtBot, listed: Path, county: CountyDesk
) -> None:
    here = screen(shell)
    listed.write_text("\n".join((*LINES[:3], LINES[5].replace("532822104", "532822103"))), "utf-8-sig")
    qtbot.keyClick(here.grid, KEY.Key_F5)
    qtbot.waitUntil(lambda: here.main.accessibleName() == "写进名录")
    here.main.click()
    qtbot.waitUntil(lambda: county.workspace.office("532822103211") is not None)
    named = county.workspace.office(MANBANG)
    assert named is not None and named.name == "曼蚌新村"


def test_unchanged_rows_are_folded_and_can_be_shown(shell: Shell) -> None:
    here = screen(shell)
    assert here.grid.row(0).id == "fold-2"
    here._unfold(0)
    assert here.grid.row(0).id == "2" and not here.fold.is_on()
