"""From the first window to a workspace that is locked, opened again and closed: and what is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QSpacerItem
from pytestqt.qtbot import QtBot

from cunbao.store import read_keys
from cunbao.ui.app import App
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.screens.begin import Begin
from cunbao.ui.screens.board import BoardScreen
from cunbao.ui.screens.first_run import FirstRun
from cunbao.ui.screens.home import Home
from cunbao.ui.screens.receive import ReceiveScreen
from cunbao.ui.screens.unlock import Unlock
from ui.hands import types_chinese
from world.desk import CLERK, MANBANG, PASSWORD, a_clock, begun, the_seat


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def started(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Callable[..., App]]:
    made: list[App] = []

    def start(*words: Path) -> App:
        app = App(qapp, home, a_clock())
        made.append(app)
        qtbot.addWidget(app.window)
        app.begin(words)
        app.window.activateWindow()
        qtbot.waitUntil(app.window.isActiveWindow)
        return app

    yield start
    for app in made:
        qapp.removeEventFilter(app)
        app.window.close()


def a_pack(folder: Path) -> Path:
    path = folder / "勐海县-2025年度-任务包-第1版.cbtask"
    path.write_bytes(the_seat().pack)
    return path


def answers(app: App, key: str, seen: list[str] | None = None) -> QTimer:
    """Press a button of the dialog that will come."""

    def press() -> None:
        for dialog in app.window.findChildren(Dialog):
            if dialog.isVisible():
                timer.stop()
                if seen is not None:
                    seen.append(dialog.box.accessibleName())
                dialog.box.buttons[key].click()

    timer = QTimer(app)
    timer.timeout.connect(press)
    timer.start(20)
    return timer


def screen(app: App, kind: type) -> Any:
    shown = app.window.bare or app.window.screen_here
    assert isinstance(shown, kind), shown
    return shown


def test_a_new_computer_offers_a_pack_the_sample_and_a_backup(started: Callable[..., App]) -> None:
    app = started()
    first = screen(app, FirstRun)
    assert [card.accessibleName().split("，")[0] for card in (first.other, first.trial, first.again)] == [
        "打开别的任务包", "先用样例练一练", "从备份恢复",
    ]  # fmt: skip
    assert first.town_trial.accessibleName().split("，")[0] == "乡镇样例"
    assert QApplication.focusWidget() is first.other


def test_a_pack_becomes_a_workspace_and_the_next_step_is_said(
    started: Callable[..., App], qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    app = started(a_pack(tmp_path))
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Begin), timeout=20_000)
    begin = screen(app, Begin)
    qtbot.keyClicks(begin.code.edit, the_seat().root_code)
    begin.office.set_code(MANBANG)
    types_chinese(begin.name.edit, CLERK.name)
    types_chinese(begin.first.edit, PASSWORD)
    types_chinese(begin.second.edit, PASSWORD)
    begin.go_on()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=60_000)
    assert QApplication.focusWidget().accessibleName() == "开始填报"
    assert app.window.windowTitle() == "村报 — 勐海县勐混镇曼蚌村民委员会"
    assert read_keys(home / MANBANG)["office"]["code"] == MANBANG


def test_a_wrong_comparison_code_makes_nothing(
    started: Callable[..., App], qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    app = started(a_pack(tmp_path))
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Begin), timeout=20_000)
    begin = screen(app, Begin)
    qtbot.keyClicks(begin.code.edit, "1234 1234 1234 1234 1234 1234")
    begin.office.set_code(MANBANG)
    types_chinese(begin.name.edit, CLERK.name)
    for field in (begin.first, begin.second):
        types_chinese(field.edit, PASSWORD)
    begin.go_on()
    qtbot.waitUntil(lambda: begin.code.state == "error", timeout=20_000)
    assert not (home / MANBANG).exists()
    assert app.window.desk is None


def test_what_is_missing_is_said_at_its_place(started: Callable[..., App], qtbot: QtBot, tmp_path: Path) -> None:
    app = started(a_pack(tmp_path))
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Begin), timeout=20_000)
    begin = screen(app, Begin)
    begin.go_on()
    assert begin._code_row.message.text.text() == "还没填比对码"
    assert QApplication.focusWidget() is begin.code.edit


def test_a_broken_pack_is_refused_with_the_next_step(started: Callable[..., App], qtbot: QtBot, tmp_path: Path) -> None:
    path = a_pack(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    seen: list[str] = []
    app = started()
    answers(app, "close", seen)
    app.look_at(path)
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert seen[0].startswith("这个任务包不能用")
    assert isinstance(app.window.bare, FirstRun)


def test_the_password_opens_what_was_begun_and_a_wrong_one_says_how_many_tries_are_left(
    started: Callable[..., App], qtbot: QtBot, home: Path
) -> None:
    begun(home / MANBANG).close()
    app = started()
    unlock = screen(app, Unlock)
    assert QApplication.focusWidget() is unlock.password.edit
    qtbot.keyClicks(unlock.password.edit, "wrong one")
    qtbot.keyClick(unlock.password.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: unlock.trouble.text.text() == "密码不对，还可以试 4 次", timeout=20_000)
    types_chinese(unlock.password.edit, PASSWORD)
    qtbot.keyClick(unlock.password.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=20_000)
    screen(app, Home)


def test_a_window_left_alone_locks_and_forgets_what_it_showed(
    started: Callable[..., App], qtbot: QtBot, home: Path
) -> None:
    begun(home / MANBANG).close()
    app = started()
    unlock = screen(app, Unlock)
    types_chinese(unlock.password.edit, PASSWORD)
    unlock.button.click()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=20_000)
    assert app._idle.isActive() and app._idle.interval() == 10 * 60_000
    qtbot.waitUntil(lambda: app.window.jobs.idle, timeout=20_000)  # what is at work is not locked over
    app._idle.timeout.emit()
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Unlock), timeout=30_000)
    assert app.window.desk is None and app.window.screen_here is None
    assert list((home / MANBANG / "backups").iterdir())  # closed in order, with the day's backup


def test_what_lay_where_an_event_lies_now_is_no_key(started: Callable[..., App]) -> None:
    app = started()
    assert app.eventFilter(app.window, QSpacerItem(1, 1)) is False  # type: ignore[arg-type]  # seen in a full suite


def test_closing_the_window_backs_up_and_lets_the_workspace_go(
    started: Callable[..., App], qtbot: QtBot, home: Path
) -> None:
    begun(home / MANBANG).close()
    app = started()
    unlock = screen(app, Unlock)
    types_chinese(unlock.password.edit, PASSWORD)
    unlock.button.click()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=20_000)
    app.window.close()
    assert list((home / MANBANG / "backups").iterdir())
    again = started()
    assert screen(again, Unlock).password.isVisible()


def test_a_second_window_is_told_and_may_look_only(started: Callable[..., App], qtbot: QtBot, home: Path) -> None:
    desk = begun(home / MANBANG)  # holds the lock, as another window would
    app = started()
    seen: list[str] = []
    unlock = screen(app, Unlock)
    types_chinese(unlock.password.edit, PASSWORD)
    answers(app, "look", seen)
    unlock.button.click()
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=20_000)
    assert seen == ["这个村的报表已经打开"]
    assert app.window.desk.read_only
    app.window.close()
    desk.close()


def test_size_and_contrast_are_kept_for_the_next_start(started: Callable[..., App], home: Path) -> None:
    app = started()
    app.window.set_look(1.5, True)
    app.window.close()
    from cunbao.ui.kit.tokens import look

    started()
    assert (look.scale, look.contrast) == (1.5, True)


def test_the_practice_township_is_one_key_away_and_its_stick_is_offered(
    started: Callable[..., App], qtbot: QtBot, home: Path
) -> None:
    app = started()
    qtbot.keyClick(screen(app, FirstRun), Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=120_000)
    board = screen(app, BoardScreen)
    assert app.window.header.office.text().endswith("（练习）")
    assert board.grid.count == 7
    app.window.go("receive")
    here = screen(app, ReceiveScreen)
    assert here.stick.text() == "读 U 盘（样例）"
    before = here.main.text()
    here.stick.click()
    qtbot.waitUntil(lambda: "从样例 U 盘读了" in here.head.line.text(), timeout=60_000)
    qtbot.waitUntil(lambda: here.main.text() != before)  # a village whose file was still on the stick
    assert read_keys(home / "sample-township")["kind"] == "township"
