"""A township's own return in the county's window: opened from 进度, commented on, sent back, accepted, all by keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving
from cunbao.desks.county import reviewing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import forwarding
from cunbao.survey.states import ReturnState
from cunbao.ui.kit import style
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.screens.county_review import CountyReview
from cunbao.ui.screens.progress import ProgressScreen
from cunbao.ui.shell import Shell
from desks.test_supplement import signed
from ui.countyhall import SomeCounty
from ui.townhall import Answers
from world.desk import MENGHUN, a_county_desk, a_town_desk

KEY = Qt.Key
LONG = 60_000  # ms


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyDesk]:
    town, made = a_town_desk(tmp_path), a_county_desk(tmp_path)
    signed(town)
    receiving.receive(made, [forwarding.write_forward(town, tmp_path).path])
    town.close()
    yield made
    made.close()


@pytest.fixture
def shell(show, county: CountyDesk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(SomeCounty("progress", "return"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    yield made
    made.jobs.stop()


def press(qtbot: QtBot, shell: Shell, key: Qt.Key) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key)
    settled(qtbot, shell)


def settled(qtbot: QtBot, shell: Shell) -> None:
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def opened(qtbot: QtBot, shell: Shell) -> CountyReview:
    """T on the township's line."""
    here = shell.screen_here
    assert isinstance(here, ProgressScreen)
    here.grid.go(here.grid.find_row(MENGHUN))
    press(qtbot, shell, KEY.Key_T)
    shown = shell.screen_here
    assert isinstance(shown, CountyReview) and shown.view is not None
    return shown


def state(county: CountyDesk) -> ReturnState:
    return county.workspace.standing(MENGHUN, "T01", "2025").state


def test_t_opens_it_and_f9_accepts(shell: Shell, county: CountyDesk, qtbot: QtBot) -> None:
    here = opened(qtbot, shell)
    assert here.view is not None and (here.view.form, here.view.state) == ("T01", ReturnState.RECEIVED)
    assert here.pages is not None and here.lines is not None and here.lines.grid.count > 5
    more = dict(here.more())
    assert more["纸质报表已收到"] is not None and "免去这一处的说明" in more and "没有问题的一起通过" not in more
    press(qtbot, shell, KEY.Key_F9)
    assert state(county) is ReturnState.ACCEPTED and here.view is None  # nothing else waits
    press(qtbot, shell, KEY.Key_Escape)
    assert isinstance(shell.screen_here, ProgressScreen)


def test_a_comment_and_f10_send_it_back_and_a_reason_takes_that_back(
    shell: Shell, county: CountyDesk, qtbot: QtBot
) -> None:
    here = opened(qtbot, shell)
    assert here.lines is not None and here.view is not None
    cell = here.view.all_lines[0].cell
    here.comments.say(cell, "请核对")
    settled(qtbot, shell)
    press(qtbot, shell, KEY.Key_F10)
    assert state(county) is ReturnState.RETURNED
    shell.go("return", office=MENGHUN, form="T01")
    settled(qtbot, shell)
    assert here.view.state is ReturnState.RETURNED and here.view.may_withdraw
    answers = Answers(shell)

    def fill(dialog: Dialog) -> None:
        dialog.findChildren(QLineEdit)[0].setText("看错了")
        dialog.box.answer("withdraw")

    answers.act(fill)
    (act,) = [act for word, act in here.more() if word == "撤回决定"]
    assert act is not None
    act()
    settled(qtbot, shell)
    assert state(county) is ReturnState.RECEIVED
    assert [words for words, _ in here.more()][-1] == "审核记录"
    assert reviewing.review(county, MENGHUN, "T01").comments == 1


@pytest.mark.parametrize("scale", [1.25, 1.5])
def test_nothing_is_cut_at_larger_letters(shell: Shell, qapp: QApplication, qtbot: QtBot, scale: float) -> None:
    style.apply(qapp, scale, False)
    shell.go("progress")
    here = opened(qtbot, shell)
    assert here.lines is not None and here.lines.grid.horizontalScrollBar().maximum() == 0
    assert here.lines.width() <= shell.pages.width()
