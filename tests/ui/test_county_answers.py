"""县回执 in the county's window: what is new is ticked, Ctrl+Enter writes it, F10 gives a township all that is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from cunbao.desks import media
from cunbao.desks.county import answer_words, closingday
from cunbao.desks.county.desk import CountyDesk
from cunbao.ui.kit import style
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.answers import AnswersScreen
from cunbao.ui.shell import Shell
from ui.countyhall import SomeCounty
from ui.town_more import a_stick
from ui.townhall import Answers
from world.county_returns import a_county_with_returns
from world.desk import MENGHUN, PASSWORD

KEY, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
LONG = 60_000  # ms


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyDesk]:
    made = a_county_with_returns(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shell(show, county: CountyDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    sticks = (a_stick(tmp_path / "E"),)
    monkeypatch.setattr(media, "sticks", lambda: sticks)
    made = Shell(SomeCounty("answers"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(county)
    made.go("answers")
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> AnswersScreen:
    here = shell.screen_here
    assert isinstance(here, AnswersScreen)
    return here


def press(qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def test_what_is_new_is_ticked_written_by_control_enter_and_then_no_news(
    shell: Shell, county: CountyDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    here = screen(shell)
    assert here.head.line.text() == "还没有写过回执，有 1 个乡镇要告诉"
    assert here.grid.current_id() == MENGHUN and here.main.text() == "写出 1 份回执"
    assert "收下 1 个报县包" in [one.text() for one in here.seen.findChildren(Text)]
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert here.banner.title.text() == "1 份回执写好了，逐份读回核对一致，可以拔"
    (written,) = (tmp_path / "E" / "勐海县回执").glob("*.cbsync")
    assert written.name == "勐混镇-2025年度-县回执第1次.cbsync"
    assert here.head.line.text().endswith("没有要告诉的乡镇") and not here.main.isEnabled()
    closingday.close(county, "", PASSWORD)
    shell.go("answers")
    assert here.main.text() == f"写出 {len(county.townships)} 份回执"  # a closing concerns them all


def test_all_that_is_held_is_given_back_with_a_reason_and_the_password(
    shell: Shell, tmp_path: Path, qtbot: QtBot
) -> None:
    here, answers = screen(shell), Answers(shell)

    def fill(dialog: Dialog) -> None:
        reason, password = dialog.findChildren(QLineEdit)
        password.setText(PASSWORD)
        dialog.box.answer("act")
        assert dialog.isVisible()  # not without a reason
        reason.setText("电脑丢了")
        dialog.box.answer("act")

    answers.act(fill)
    press(qtbot, shell, KEY.Key_F10)
    assert answers.titles == ["把勐混镇的全部内容写给它？"]
    assert here.banner.title.text().startswith("勐混镇的全部还原写好了，共 1 个文件")
    assert len(list((tmp_path / "E" / "勐海县回执").glob("*.cbsync"))) == 1


def test_a_township_that_nobody_could_read_it_in_is_not_ticked(shell: Shell, county: CountyDesk, qtbot: QtBot) -> None:
    held = county.workspace.setting("townships", {})
    county.workspace.set_setting("townships", {code: one for code, one in held.items() if code != MENGHUN})
    here = screen(shell)
    shell.go("answers")
    assert not here.main.isEnabled()
    here.grid.go(here.grid.find_row(MENGHUN))
    press(qtbot, shell, KEY.Key_Space)
    assert answer_words.NO_KEY in here.note.text.text() and not here.main.isEnabled()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_nothing_is_cut_at_any_size(shell: Shell, qapp: QApplication, scale: float) -> None:
    style.apply(qapp, scale, False)
    shell.go("answers")
    QApplication.processEvents()
    here = screen(shell)
    assert here.grid.horizontalScrollBar().maximum() == 0 and not here.head.title.is_cut
    right = here.main.mapTo(shell, here.main.rect().topRight()).x()
    assert right < shell.width() and here.main.width() >= here.main.sizeHint().width()
