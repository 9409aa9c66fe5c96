"""进度: who has reported and who is missing; counts filter, Enter opens a township, one notice a township."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cunbao.desks.county import chasing, closingday, progress
from cunbao.desks.county.views import ClosingView, ProgressView
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.text import Text
from cunbao.ui.screens import preview
from cunbao.ui.screens.progress import ProgressScreen
from cunbao.ui.shell import Shell
from ui.county_views import VILLAGES, CountyStandIn, code_of, matrix_view, progress_view
from ui.countyhall import SomeCounty
from ui.townhall import Answers, where

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


def test_enter_on_a_cell_opens_its_return_and_on_one_that_never_came_nothing(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    here.open_township()
    for form in ("B05", "name"):  # 未报; the village's name
        here.grid.go(0, form)
        qtbot.keyClick(here.grid, KEY.Key_Return)
        assert shell.screen_here is here
    here.grid.go(0, "B04")
    qtbot.keyClick(here.grid, KEY.Key_Return)
    assert where(shell) == ("return", {"office": VILLAGES[0].office, "form": "B04"})


def test_t_opens_the_township_s_own_return(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    here.grid.go(9)  # its own return never came
    qtbot.keyClick(here.grid, KEY.Key_T)
    assert shell.screen_here is here and not here.own.isEnabled()
    here.grid.go(0)
    qtbot.keyClick(here.grid, KEY.Key_T)
    assert where(shell) == ("return", {"office": code_of(0), "form": "T01"})


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


def closing_view(**changes: Any) -> ClosingView:
    missing = (("勐混镇", ("曼冈村", "广别村")), ("勐遮镇", ("南楞村",)))
    return replace(ClosingView(None, "", 640, 4, missing), **changes)


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    made: list[tuple[str, str, str]] = []

    def does(word: str, day: date | None) -> Any:
        def act(desk: Any, reason: str, password: str) -> None:
            made.append((word, reason, password))
            monkeypatch.setattr(
                progress, "progress", lambda desk, by_form=False: replace(progress_view(), closed_on=day)
            )
            monkeypatch.setattr(closingday, "preview", lambda desk: closing_view(closed_on=day))

        return act

    monkeypatch.setattr(closingday, "preview", lambda desk: closing_view())
    monkeypatch.setattr(closingday, "close", does("close", date(2025, 12, 22)))
    monkeypatch.setattr(closingday, "reopen", does("reopen", None))
    return made


def fills(reason: str, password: str = "密码密码") -> Any:
    """Type into the dialog's two fields, the lower one the password, and press Enter there."""

    def do(dialog: Dialog) -> None:
        said, secret = dialog.findChildren(QLineEdit)
        said.setText(reason)
        secret.setText(password)
        dialog.box.answer("act")
        if dialog.isVisible():
            dialog.box.answer("stay")

    return do


def test_a_period_is_closed_and_opened_again_by_the_same_key(
    shell: Shell, qtbot: QtBot, decided: list[tuple[str, str, str]]
) -> None:
    here, answers = screen(shell), Answers(shell)
    answers.act(lambda dialog: (answers.said.append(words_of(dialog)), fills("都报齐了")(dialog)))
    qtbot.keyClick(here.grid, KEY.Key_F10)
    qtbot.waitUntil(lambda: len(decided) == 1 and shell.jobs.idle)
    assert decided == [("close", "都报齐了", "密码密码")]
    assert "640 张通过的表，还有 4 张没通过，不计入" in answers.said[-1]
    assert "3 个村：勐混镇曼冈村、广别村；勐遮镇南楞村。以后来的算补报" in answers.said[-1]
    qtbot.waitUntil(here.head.chip.isVisible)
    assert here.head.chip.accessibleName() == "已封账 12-22" and here.closing.text() == "撤回封账"
    answers.act(fills(" "))  # without a reason it is not taken back
    qtbot.keyClick(here.grid, KEY.Key_F10)
    qtbot.waitUntil(lambda: len(answers.titles) == 2 and shell.jobs.idle)
    assert len(decided) == 1
    answers.act(fills("漏了一个村"))
    qtbot.keyClick(here.grid, KEY.Key_F10)
    qtbot.waitUntil(lambda: len(decided) == 2 and shell.jobs.idle)
    assert decided[1] == ("reopen", "漏了一个村", "密码密码")
    qtbot.waitUntil(lambda: not here.head.chip.isVisible())
    assert here.closing.text() == "封账" and "撤回" in here.note.text.text()


def words_of(dialog: Dialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(Text))
