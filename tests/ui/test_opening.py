"""A double click on one of our files: the right desk, one question, and nothing applied unasked; in real windows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import recovery
from cunbao.ui import opening
from cunbao.ui.app import App
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.screen import Screen
from cunbao.ui.screens import intake
from cunbao.ui.screens.answer_recovery import AnswerRecovery
from cunbao.ui.screens.begin import Begin
from cunbao.ui.screens.enrol import EnrolScreen
from cunbao.ui.screens.recovery import Recovery
from cunbao.ui.screens.town_settings import TownSettings
from cunbao.ui.screens.unlock import Unlock
from cunbao.ui.township import Township
from ui.hands import types_chinese
from world.desk import CLERK, MANBANG, MENGHUN, PASSWORD, QUICK, a_clock, a_town_desk, begun, the_seat


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


class Computer:
    """Starts of the program on one computer, and whoever answers its dialogs."""

    def __init__(self, qapp: QApplication, qtbot: QtBot, home: Path) -> None:
        self.qapp, self.qtbot, self.home = qapp, qtbot, home
        self.asked: list[str] = []  # titles of dialogs, in their order
        self.said: list[str] = []  # what they said
        self.press: dict[str, str] = {}  # beginning of a title → button
        self.apps: list[App] = []
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(20)

    def start(self, *words: Path) -> App | None:
        """A start with files; None when another window has taken them."""
        app = App(self.qapp, self.home, a_clock())
        self.apps.append(app)
        self.qtbot.addWidget(app.window)
        return app if app.begin(words) else None

    def unlock(self, app: App) -> Any:
        screen = app.window.bare
        assert isinstance(screen, Unlock), screen
        types_chinese(screen.password.edit, PASSWORD)
        screen.button.click()
        self.qtbot.waitUntil(lambda: app.window.desk is not None, timeout=20_000)
        return app.window.desk

    def _look(self) -> None:
        for app in self.apps:
            for dialog in app.window.findChildren(Dialog):
                title = dialog.box.accessibleName()
                key = next((key for start, key in self.press.items() if title.startswith(start)), None)
                if dialog.isVisible() and key is not None:
                    self.asked.append(title)
                    self.said.append(dialog.box.accessibleDescription())
                    dialog.box.buttons[key].click()

    def end(self) -> None:
        self._timer.stop()
        for app in self.apps:
            self.qapp.removeEventFilter(app)
            app.window.close()


@pytest.fixture
def computer(qapp: QApplication, qtbot: QtBot, home: Path) -> Iterator[Computer]:
    made = Computer(qapp, qtbot, home)
    yield made
    made.end()


def a_file(folder: Path, name: str, data: bytes = b"sealed") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Path, ...]]]:
    """What desks were told to read: the acts themselves are tested with their screens."""
    found: list[tuple[str, tuple[Path, ...]]] = []
    shown: Callable[..., Screen] = lambda self, shell, name: Screen(shell)  # noqa: E731
    monkeypatch.setattr(Township, "make_screen", shown)
    monkeypatch.setattr(intake, "read", lambda shell, paths: found.append(("village", tuple(paths))))
    before = Screen.open
    monkeypatch.setattr(
        Screen, "open", lambda self, **where: (found.append(("township", tuple(where.get("paths", ())))), before)[1]
    )
    return found


def test_a_bundle_is_offered_at_the_townships_desk_and_read_when_wanted(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path, taken: list[Any]
) -> None:
    a_town_desk(home, name=MENGHUN).close()
    bundle = a_file(tmp_path, "曼蚌村-2025年度-第1次.cbsync")
    app = computer.start(bundle)
    assert app is not None
    computer.press["读入"] = "read"
    computer.unlock(app)
    qtbot.waitUntil(lambda: ("township", (bundle,)) in taken, timeout=20_000)
    assert computer.asked == ["读入报送包或回执吗"]
    assert "曼蚌村-2025年度-第1次.cbsync" in computer.said[0]
    assert app.window.windowTitle() == "村报 — 勐海县勐混镇人民政府"


def test_every_other_file_goes_to_the_screen_that_takes_it(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_town_desk(home, name=MENGHUN).close()
    app = computer.start()
    assert app is not None
    computer.press["读入"] = "read"
    computer.unlock(app)
    taken: list[tuple[str, Path]] = []
    for screen, act in ((EnrolScreen, "read_request"), (AnswerRecovery, "read_request"), (TownSettings, "take_papers")):
        name = screen.__name__
        monkeypatch.setattr(screen, act, lambda self, path, name=name: taken.append((name, path)))
    files = {
        "EnrolScreen": a_file(tmp_path, "曼国村.cbreq", b"0"),
        "AnswerRecovery": a_file(tmp_path, "曼国村.cbrec"),
        "TownSettings": a_file(tmp_path, "勐混镇.cbca"),
    }
    for number, (name, path) in enumerate(files.items(), 1):
        opening.offer(app.window, [path])
        qtbot.waitUntil(lambda wanted=number: len(taken) == wanted, timeout=20_000)
        assert taken[-1] == (name, path)
    computer.press["这是"] = "done"
    opening.offer(app.window, [a_file(tmp_path, "县根.cbroot")])
    assert computer.asked[-1] == "这是县根钥匙备份" and len(taken) == 3


def test_nothing_is_read_when_the_clerk_does_not_want_it(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path, taken: list[Any]
) -> None:
    begun(home / MANBANG).close()
    app = computer.start(a_file(tmp_path, "曼蚌村.cbcert"))
    assert app is not None
    computer.press["读入"] = "later"
    computer.unlock(app)
    qtbot.waitUntil(lambda: computer.asked == ["读入村级证书吗"], timeout=20_000)
    assert all(who != "village" for who, _ in taken)


def test_with_two_offices_on_the_computer_the_user_says_which(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path, taken: list[Any]
) -> None:
    a_town_desk(home, name=MENGHUN).close()
    begun(home / MANBANG).close()
    receipt = a_file(tmp_path, "曼蚌村-2025年度-回执第1次.CBSYNC")  # a stick written by another system
    computer.press["用哪个单位打开"] = "open"
    computer.press["读入"] = "read"
    app = computer.start(receipt)
    assert app is not None
    qtbot.waitUntil(lambda: computer.asked == ["用哪个单位打开"], timeout=20_000)
    qtbot.waitUntil(lambda: "曼蚌村" in app.window.windowTitle(), timeout=20_000)  # a receipt names its village
    computer.unlock(app)
    qtbot.waitUntil(lambda: ("village", (receipt,)) in taken, timeout=20_000)


def test_without_a_desk_for_it_the_computer_says_what_the_file_is_and_what_to_do(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    computer.press["这是"] = "done"
    computer.start(a_file(tmp_path, "勐混镇-证书申请.cbreq", b'{"kind":"township-ca"}'))
    qtbot.waitUntil(lambda: computer.asked == ["这是证书申请"], timeout=20_000)
    assert "要用县级的资料打开，这里没有" in computer.said[0]
    assert "乡镇的申请交给县里" in computer.said[0]
    assert not home.exists()


def test_a_file_that_is_gone_or_no_file_of_ours_is_told(computer: Computer, qtbot: QtBot, tmp_path: Path) -> None:
    computer.press |= {"文件打不开": "done", "看不出": "done"}
    computer.start(tmp_path / "没有了.cbsync")
    computer.start(a_file(tmp_path, "照片.cunbao", b"\xff\xd8" * 100))
    qtbot.waitUntil(lambda: computer.asked == ["文件打不开", "看不出这是什么文件"], timeout=20_000)


def test_a_pack_without_its_own_ending_still_begins_a_first_run(
    computer: Computer, qtbot: QtBot, tmp_path: Path
) -> None:
    app = computer.start(a_file(tmp_path, "县里发的.cunbao", the_seat().pack))
    assert app is not None
    qtbot.waitUntil(lambda: isinstance(app.window.bare, Begin), timeout=20_000)


def test_the_answer_to_a_forgotten_password_opens_the_page_that_waits_for_it(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    begun(home / MANBANG).close()
    answer = a_file(tmp_path, "曼蚌村-恢复答复.cbrea")
    computer.press["这是恢复答复"] = "done"
    computer.start(answer)
    qtbot.waitUntil(lambda: computer.asked == ["这是恢复答复"], timeout=20_000)  # nobody has asked for one
    recovery.ask(home / MANBANG, CLERK.name, "新的密码2025", tmp_path, clock=a_clock(), stretch=QUICK)
    app = computer.start(answer)
    assert app is not None
    page = app.window.bare
    assert isinstance(page, Recovery)
    assert page._file == answer


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # the offscreen platform alone
def test_a_second_start_hands_the_file_to_the_window_that_is_open(
    computer: Computer, qtbot: QtBot, home: Path, tmp_path: Path, taken: list[Any]
) -> None:
    begun(home / MANBANG).close()
    first = computer.start()
    assert first is not None
    computer.unlock(first)
    qtbot.waitUntil(lambda: first._listener is not None, timeout=20_000)
    computer.press["读入"] = "read"
    receipt = a_file(tmp_path, "曼蚌村-2025年度-回执第1次.cbsync")
    code = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from cunbao.ui.app import App, now
app = QApplication(["cunbao"])
sys.exit(7 if App(app, Path(sys.argv[1]), now).begin([Path(sys.argv[2])]) else 0)
"""
    second = subprocess.Popen([sys.executable, "-c", code, str(home), str(receipt)])
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
    assert second.returncode == 0  # it shows no window of its own
    qtbot.waitUntil(lambda: ("village", (receipt,)) in taken, timeout=20_000)
