"""进度: who has reported and who is missing; counts filter, Enter opens a township, one notice a township."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.county import chasing, progress
from cunbao.desks.county.views import ProgressView
from cunbao.ui.screens import preview
from cunbao.ui.screens.progress import ProgressScreen
from cunbao.ui.shell import Shell
from ui.county_views import VILLAGES, CountyStandIn, code_of, matrix_view, progress_view
from ui.countyhall import SomeCounty
from ui.townhall import where

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def asked() -> list[tuple[str, ...]]:
    return []


@pytest.fixture
def shell(show, asked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    def notices(desk: Any, townships: Any) -> Any:
        asked.append(tuple(townships))
        return SimpleNamespace(pdf=b"%PDF", pages=len(townships))

    monkeypatch.setattr(progress, "progress", lambda desk, by_form=False: progress_view(by_form=by_form))
    monkeypatch.setattr(progress, "villages", lambda desk, township: VILLAGES)
    monkeypatch.setattr(progress, "matrix", lambda desk, township: matrix_view())
    monkeypatch.setattr(chasing, "notices", notices)
    monkeypatch.setattr(preview, "show_preview", lambda shell, title, data, line="": asked.append((title, line)))
    made = Shell(SomeCounty("progress"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(CountyStandIn())
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> ProgressScreen:
    here = shell.screen_here
    assert isinstance(here, ProgressScreen)
    return here


def listed(shell: Shell) -> list[str]:
    shown = screen(shell).list
    return [shown.row(number).label for number in range(shown.count)]


def test_the_first_screen_says_who_is_missing(shell: Shell) -> None:
    here = screen(shell)
    assert QApplication.focusWidget() is here.grid
    assert here.main.accessibleName() == "催报 9 个村"
    assert here.grid.total is not None and here.grid.total.cell("units").text == "93"
    assert here.grid.total.cell("own").text == "5 / 11"
    progress_item = next(item for item in shell.nav.items if item.key == "progress")
    assert progress_item.count == "9"


def test_enter_opens_the_township_form_by_form_and_esc_leads_back(shell: Shell, qtbot: QtBot) -> None:
    grid = screen(shell).grid
    grid.go(9)
    qtbot.keyClick(grid, KEY.Key_Return)
    assert [column.head for column in grid.columns][1:] == [f"B0{n}" for n in range(1, 8)]
    assert grid.row(0).label == "班章村"
    qtbot.keyClick(grid, KEY.Key_Escape)
    assert grid.current_id() == code_of(9)


def test_a_number_key_shows_one_kind_and_the_same_again_all(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    here.grid.go(1)
    qtbot.keyClick(here.grid, KEY.Key_5)
    assert here.grid.row(1).grey and not here.grid.row(2).grey
    assert here.grid.current_id() == code_of(2)  # to the first that has it
    assert listed(shell) == ["班章村", "曼囡村", "结良村"]
    qtbot.keyClick(here.grid, KEY.Key_1)
    assert listed(shell) == ["勐昂村", "章家村", "新龙村"]
    qtbot.keyClick(here.grid, KEY.Key_1)
    assert len(listed(shell)) == len(VILLAGES)


def test_before_the_deadline_nobody_is_late(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    view: list[ProgressView] = [progress_view(overdue=False)]
    monkeypatch.setattr(progress, "progress", lambda desk, by_form=False: view[0])
    screen(shell).refresh()
    assert next(column for column in screen(shell).grid.columns if column.key == "late").head == "未报"


def test_ctrl_enter_writes_one_notice_a_township(shell: Shell, qtbot: QtBot, asked: list[tuple[str, ...]]) -> None:
    qtbot.keyClick(screen(shell).grid, KEY.Key_Return, CTRL)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[0] == tuple(code_of(number) for number in (2, 3, 6, 8, 9, 10))
    assert asked[1] == ("催报通知单", "6 个乡镇，6 页")


def test_by_form_counts_returns(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    here.ways.setFocus()
    qtbot.keyClick(here.ways, KEY.Key_Right)
    assert here.grid.total is not None and here.grid.total.cell("units").text == "651"


def test_files_that_are_dropped_are_read(shell: Shell) -> None:
    shell.take_files([])
    assert where(shell) == ("receive", {"paths": ()})
