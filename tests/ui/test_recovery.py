"""A forgotten password and a damaged workspace in the window: every way out by keyboard, and what is on the disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import answering, keyring, recovery, settings, start
from cunbao.desks.answering import Identity, Way
from cunbao.ui.app import App
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.first_run import FirstRun
from cunbao.ui.screens.home import Home
from cunbao.ui.screens.recovery import CodeGroups, Recovery
from cunbao.ui.screens.unlock import Unlock
from ui.hands import types_chinese
from world.desk import CLERK, MANBANG, PASSWORD, a_clock, reopened, text, the_seat, the_template, types

NEW = "新的密码2025"
SOON = 30_000  # ms


def an_answer(request: bytes, code: str) -> bytes:
    """By the township, which called back and knows him."""
    town = the_seat().township(MANBANG)
    return answering.answer(town, request, code, PASSWORD, way=Way.CALLED_BACK, identity=Identity.KNOWN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The workspace of a village that has filled its forms, with a backup from then."""
    made = Path(shutil.copytree(the_template(MANBANG, "filled"), tmp_path / "data" / MANBANG))
    desk = reopened(made)
    settings.back_up(desk)
    desk.close()
    return made


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def started(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """A window; `first(app)` runs before it shows anything, for dialogs that come by themselves."""
    made: list[App] = []

    def start_window(first: Callable[[App], object] = lambda app: None) -> App:
        app = App(qapp, tmp_path / "data", a_clock(2025, 12, 13, 2))
        made.append(app)
        qtbot.addWidget(app.window)
        first(app)
        app.begin([])
        app.window.activateWindow()
        qtbot.waitUntil(app.window.isActiveWindow)
        return app

    yield start_window
    for app in made:
        qapp.removeEventFilter(app)
        app.window.close()


def screen(app: App, kind: type) -> Any:
    shown = app.window.bare or app.window.screen_here
    assert isinstance(shown, kind), shown
    return shown


def presses(app: App, *keys: str, typed: str = "") -> list[str]:
    """Answer the dialogs that will come, one button each; gives their titles as they come. typed: into a password."""
    seen: list[str] = []
    left = list(keys)

    def press() -> None:
        for dialog in app.window.findChildren(Dialog):
            if dialog.isVisible() and left:
                seen.append(dialog.box.accessibleName())
                for field in dialog.findChildren(PasswordField):
                    types_chinese(field.edit, typed)
                dialog.box.buttons[left.pop(0)].click()
                if not left:
                    timer.stop()
                return

    timer = QTimer(app)
    timer.timeout.connect(press)
    timer.start(20)
    return seen


def enters(qtbot: QtBot, field: Any, words: str) -> None:
    """Type a password where the keyboard is, and press Enter."""
    assert QApplication.focusWidget() is field.edit
    types_chinese(field.edit, words)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)


def asks(app: App, qtbot: QtBot, stick: Path) -> Recovery:
    """From the unlock screen to the code that is read aloud, without a mouse."""
    screen(app, Unlock).ask_button.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    asking = screen(app, Recovery)
    asking.use_place(stick)
    enters(qtbot, asking.first, NEW)
    enters(qtbot, asking.second, NEW)
    qtbot.waitUntil(lambda: app.window.bare is not asking and isinstance(app.window.bare, Recovery), timeout=SOON)
    return screen(app, Recovery)


def answered(stick: Path, folder: Path) -> Path:
    """What the township brings back."""
    (request,) = stick.glob("*.cbrec")
    kept = recovery.asked(folder)
    assert kept is not None
    path = stick / answering.answer_name(request.read_bytes())
    path.write_bytes(an_answer(request.read_bytes(), kept.code))
    return path


def shown_words(widget: QWidget) -> str:
    return " ".join(one.text() for one in widget.findChildren(Text) if one.isVisible())


def test_a_forgotten_password_is_asked_for_answered_and_new(
    started: Callable[..., App], qtbot: QtBot, folder: Path, stick: Path
) -> None:
    app = started()
    waiting = asks(app, qtbot, stick)
    kept = recovery.asked(folder)
    assert kept is not None
    (groups,) = waiting.findChildren(CodeGroups)
    assert groups.accessibleName() == f"核对码 {kept.code}"
    assert all(group in shown_words(groups) for group in kept.code.split(" "))
    waiting.use_file(answered(stick, folder))
    seen = presses(app, "on")
    enters(qtbot, waiting.first, NEW)
    qtbot.waitUntil(lambda: app.window.desk is not None and bool(seen), timeout=SOON)
    assert seen == ["新密码能用了"]
    screen(app, Home)
    assert text(app.window.desk, "B01", "b01_kind") != ""
    app.window.close()
    desk = start.unlock(folder, CLERK.name, NEW, clock=a_clock(2025, 12, 13, 3))
    desk.close()
    assert not (folder / keyring.RECOVERY_FILE).exists()


def test_the_code_is_there_again_after_a_restart_and_another_request_can_be_written(
    started: Callable[..., App], qtbot: QtBot, folder: Path, stick: Path
) -> None:
    first = started()
    asks(first, qtbot, stick)
    first.window.close()
    app = started()
    unlock = screen(app, Unlock)
    assert unlock.ask_button.text() == "看核对码，读入答复"
    unlock.ask_button.click()
    waiting = screen(app, Recovery)
    kept = recovery.asked(folder)
    assert kept is not None and kept.code.split(" ")[0] in shown_words(waiting)
    waiting.again.emit()
    assert screen(app, Recovery).button.text() == "写恢复申请"
    qtbot.keyClick(screen(app, Recovery).first.edit, Qt.Key.Key_Escape)
    assert screen(app, Unlock).password.isVisible()


def test_what_is_missing_is_said_at_its_place_and_nothing_is_written(
    started: Callable[..., App], qtbot: QtBot, folder: Path, stick: Path
) -> None:
    app = started()
    screen(app, Unlock).ask_button.click()
    asking = screen(app, Recovery)
    asking.go_on()
    assert "还没设新密码" in shown_words(asking) and QApplication.focusWidget() is asking.first.edit
    types_chinese(asking.first.edit, NEW)
    types_chinese(asking.second.edit, NEW + "x")
    asking.go_on()
    assert "两遍密码不一样" in shown_words(asking)
    asking.second.set_text(NEW)
    asking.go_on()
    assert "还没选写到哪里" in shown_words(asking)
    asking.use_place(stick)
    asking.first.set_text("短")
    asking.second.set_text("短")
    asking.go_on()
    qtbot.waitUntil(lambda: "至少用 6 个字" in shown_words(asking), timeout=SOON)
    assert list(stick.iterdir()) == [] and recovery.asked(folder) is None


def test_a_wrong_new_password_and_a_broken_answer_are_told_and_change_nothing(
    started: Callable[..., App], qtbot: QtBot, folder: Path, stick: Path
) -> None:
    app = started()
    waiting = asks(app, qtbot, stick)
    answer = answered(stick, folder)
    waiting.use_file(answer)
    enters(qtbot, waiting.first, "别的密码2025")
    qtbot.waitUntil(lambda: "不是写恢复申请时设的新密码" in shown_words(waiting), timeout=SOON)
    broken = stick / "broken.cbrea"
    broken.write_bytes(answer.read_bytes()[:-40])
    waiting.use_file(broken)
    waiting.first.set_text(NEW)
    waiting.go_on()
    qtbot.waitUntil(lambda: "答复文件损坏" in shown_words(waiting), timeout=SOON)
    assert app.window.desk is None
    start.unlock(folder, CLERK.name, PASSWORD, clock=a_clock(2025, 12, 13, 3)).close()


def test_without_a_task_pack_the_unlock_screen_says_that_nobody_can_help(
    started: Callable[..., App], folder: Path
) -> None:
    keys = json.loads((folder / "keys.json").read_text())
    (folder / "keys.json").write_text(json.dumps(keys | {"recovery": []}))
    unlock = screen(started(), Unlock)
    assert "乡镇恢复不了" in shown_words(unlock) and not unlock.ask_button.isVisible()


def test_starting_anew_asks_first_and_keeps_the_old_workspace(
    started: Callable[..., App], qtbot: QtBot, folder: Path
) -> None:
    before = (folder / "data.db").read_bytes()
    app = started()
    seen = presses(app, "stay")
    screen(app, Unlock).restart.emit()
    assert seen == ["重新开始，另建一份资料？"] and isinstance(app.window.bare, Unlock)
    presses(app, "restart")
    screen(app, Unlock).restart.emit()
    screen(app, FirstRun)
    assert (folder / "data.db").read_bytes() == before


def damaged(folder: Path) -> bytes:
    """What a power cut may leave. Gives the damaged bytes."""
    data = bytearray((folder / "data.db").read_bytes())
    data[20] ^= 0xFF
    (folder / "data.db").write_bytes(bytes(data))
    return bytes(data)


def aside(folder: Path) -> Path:
    (found,) = folder.glob("damaged-*")
    return found


def test_a_damaged_workspace_is_restored_where_it_lies_and_the_damaged_file_is_kept(
    started: Callable[..., App], qtbot: QtBot, folder: Path
) -> None:
    desk = reopened(folder)
    before = text(desk, "B01", "b01_groups")
    types(desk, "B01", "b01_groups", "99")  # after the backup
    desk.close()
    broken = damaged(folder)
    app = started()
    unlock = screen(app, Unlock)
    seen = presses(app, "restore", "restore", typed=PASSWORD)
    enters(qtbot, unlock.password, PASSWORD)
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=SOON)
    assert seen == ["资料文件损坏，打不开", "从备份恢复"]
    assert app.window.desk.workspace.folder == folder
    assert text(app.window.desk, "B01", "b01_groups") == before
    assert (aside(folder) / "data.db").read_bytes() == broken


def test_a_wrong_password_of_the_backup_is_asked_again(started: Callable[..., App], qtbot: QtBot, folder: Path) -> None:
    broken = damaged(folder)
    app = started()
    unlock = screen(app, Unlock)
    seen = presses(app, "other", "restore", "leave", typed="不对的密码")
    enters(qtbot, unlock.password, PASSWORD)
    qtbot.waitUntil(lambda: len(seen) == 3, timeout=SOON)
    assert seen == ["资料文件损坏，打不开", "从备份恢复", "从备份恢复"]
    assert (folder / "data.db").read_bytes() == broken and list(folder.glob("damaged-*")) == []
    assert isinstance(app.window.bare, Unlock)


def test_torn_keys_have_the_same_way_out(started: Callable[..., App], qtbot: QtBot, folder: Path) -> None:
    (folder / "keys.json").write_text("{")
    seen: list[list[str]] = []
    app = started(lambda app: seen.append(presses(app, "restore", "restore", typed=PASSWORD)))
    qtbot.waitUntil(lambda: app.window.desk is not None, timeout=SOON)
    assert seen == [["资料文件损坏，打不开", "从备份恢复"]]
    assert (aside(folder) / "keys.json").read_text() == "{"


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_the_next_step_is_in_sight_in_the_smallest_window(
    started: Callable[..., App], qtbot: QtBot, folder: Path, stick: Path, scale: float
) -> None:
    app = started()
    app.window.set_look(scale, False)
    app.window.resize(1366, 696)
    waiting = asks(app, qtbot, stick)
    app.window.resize(1366, 696)
    qtbot.waitUntil(lambda: waiting.button.isVisible())
    corner = waiting.button.mapTo(app.window, waiting.button.rect().bottomRight())
    assert app.window.rect().contains(corner) and (app.window.width(), app.window.height()) == (1366, 696)
