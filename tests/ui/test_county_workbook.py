"""上级表格 in the window: columns are mapped by words, F8 leads to what is open, Enter fills a column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.county.desk import CountyDesk
from cunbao.survey.superior import Kind
from cunbao.ui.screens.workbook import WorkbookScreen
from cunbao.ui.shell import Shell
from ui.countyhall import SomeCounty
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import a_county_desk

KEY = Qt.Key


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_desk(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    book = Workbook()
    for row in (["设施表"], ["乡镇", "村数", "说不清的数", "备注"], ["勐混镇"], ["勐遮镇"], ["合计", "=SUM(B3:B4)"]):
        book.active.append(row)  # type: ignore[union-attr]
    book.active.column_dimensions["D"].hidden = True  # type: ignore[union-attr]
    book.save(made := tmp_path / "州表.xlsx")
    return made


@pytest.fixture
def shell(show, county: CountyDesk, path: Path, qtbot: QtBot) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(SomeCounty("workbook"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    made.go("workbook", path=str(path))
    qtbot.waitUntil(lambda: screen(made)._view is not None, timeout=20_000)
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> WorkbookScreen:
    here = shell.screen_here
    assert isinstance(here, WorkbookScreen)
    return here


def test_what_is_not_understood_is_found_by_f8_chosen_and_filled_down(
    shell: Shell, qtbot: QtBot, county: CountyDesk, tmp_path: Path
) -> None:
    here = screen(shell)
    assert here.main.accessibleName() == "下一处没对上"
    assert here.grid.row(2).cell("B").text == str(sum(one.code.startswith("532822103") for one in county.villages))
    qtbot.keyClick(here.grid, KEY.Key_F8)
    assert here._ref() == "C3" and QApplication.focusWidget() is here.typed.edit
    here.kind.set_current(2)
    types_chinese(here.typed.edit, "每百户居民拥有")
    qtbot.keyClick(here.typed.edit, KEY.Key_Return)
    assert QApplication.focusWidget() is here.choices
    qtbot.keyClick(here.choices, KEY.Key_Return)
    assert here._table is not None and here._table.layout is not None
    assert here._table.layout.columns["C"].kind is Kind.INDICATOR
    assert here.main.accessibleName() == "写出 Excel" and here.grid.row(4).cell("C").text == "—"
    answers = Answers(shell)
    answers.press("close")
    here.write_to(tmp_path / "出.xlsx")
    qtbot.waitUntil(lambda: answers.titles == ["写好了"], timeout=20_000)
    sheet = load_workbook(tmp_path / "出.xlsx").active
    assert sheet is not None and sheet["C3"].value == "—" and sheet["B5"].value == "=SUM(B3:B4)"


def test_a_formula_cannot_be_filled_and_says_so(shell: Shell) -> None:
    here = screen(shell)
    here.grid.go(4, "B")
    assert not here.take_it.isEnabled() and "公式" in here.sum.text.text()
    here.take()
    assert here._table is not None and "B5" not in (here._table.layout.cells if here._table.layout else {})


def test_this_cell_may_stay_as_it_is(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    here.grid.go(2, "B")
    assert here.leave_it.isVisible()
    here.skip()
    assert here._view is not None and "B3" not in here._view.values and "B4" in here._view.values
