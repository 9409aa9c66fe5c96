"""The window around a township's screens: where keys lead, what waits, for whom one is filling."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.ui.kit import style
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.frame import NavItem
from cunbao.ui.kit.panel import column
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from ui.town import TownDesk

CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


class Page(Screen):
    """A screen that writes down its keys, with one field in it."""

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__(shell)
        self.nav, self.heard = name, []
        self.field = FieldBox("", name="意见")
        column(self).addWidget(self.field)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def key(self, name: str) -> bool:
        self.heard.append(name)
        return True

    def stop(self) -> None:
        self.heard.append("stop")


class Pages(Township):
    def make_screen(self, shell: Shell, name: str) -> Screen:
        return Page(shell, name)


@pytest.fixture
def desk() -> TownDesk:
    return TownDesk()


@pytest.fixture
def shell(show, desk: TownDesk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Pages(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


def here(shell: Shell) -> Page:
    page = shell.screen_here
    assert isinstance(page, Page)
    return page


def test_the_township_begins_with_the_board_and_says_who_waits(shell: Shell) -> None:
    assert here(shell).nav == "board"
    assert shell.windowTitle() == "村报 — 勐海县勐混镇人民政府"
    assert [(item.text, item.count) for item in shell.nav.items if item.count] == [
        ("审核", "16"), ("冲突", "1"), ("登记", "2"), ("催报", "7"),
    ]  # fmt: skip
    groups = {item.group: item.text for item in shell.nav.items if item.group}
    assert groups == {"收件": "接收", "办理": "代报", "上报": "汇总表"}
    assert [end.accessibleName() for end in shell.status._ends if end.isVisible()] == [
        "审核员 玉罕",
        "备份 12-15 17:40",
    ]
    assert shell.header.saved.accessibleName() == "已保存 08:36"


def test_control_and_a_number_go_to_the_townships_screens(shell: Shell, qtbot: QtBot) -> None:
    walked = []
    for number in range(1, 10):
        qtbot.keyClick(shell, Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        walked.append(here(shell).nav)
    assert walked == ["board", "receive", "review", "conflict", "enrol", "proxy", "chase", "receipts", "recovery"]
    shell.go_back()
    assert here(shell).nav == "receipts"


def test_letters_digits_and_function_keys_reach_the_screen_unless_somebody_types(shell: Shell, qtbot: QtBot) -> None:
    page = here(shell)
    page.setFocus()
    for key, modifiers in (
        (Qt.Key.Key_F9, PLAIN), (Qt.Key.Key_F10, PLAIN),
        (Qt.Key.Key_C, PLAIN), (Qt.Key.Key_R, PLAIN),
        (Qt.Key.Key_E, CONTROL), (Qt.Key.Key_O, CONTROL), (Qt.Key.Key_Tab, CONTROL),
        (Qt.Key.Key_3, PLAIN), (Qt.Key.Key_3, Qt.KeyboardModifier.KeypadModifier),
        (Qt.Key.Key_Backtab, CONTROL | Qt.KeyboardModifier.ShiftModifier), (Qt.Key.Key_Space, PLAIN),
    ):  # fmt: skip
        qtbot.keyClick(page, key, modifiers)
    assert page.heard == [
        "F9", "F10", "C", "R", "Ctrl+E", "Ctrl+O", "Ctrl+Tab", "3", "3", "Ctrl+Shift+Tab", "Space",
    ]  # fmt: skip
    page.heard.clear()
    page.field.edit.setFocus()
    qtbot.keyClicks(page.field.edit, "C3 R")
    assert page.heard == [] and page.field.text() == "C3 R"
    qtbot.keyClick(page.field.edit, Qt.Key.Key_F9)
    assert page.heard == ["F9"]


def test_the_last_decision_is_taken_back_with_control_z(shell: Shell, desk: TownDesk, qtbot: QtBot) -> None:
    qtbot.keyClick(shell, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: desk.undone == ["undo"])


def test_a_blue_band_says_for_whom_one_fills_on_every_screen(shell: Shell, desk: TownDesk, qtbot: QtBot) -> None:
    assert not shell.band.isVisible()
    desk.proxy_for = "拉巴村"
    shell.go("totals")
    assert shell.band.isVisible() and shell.band.words.text() == "代报：正在替 拉巴村 填"
    assert shell.status._ends[0].accessibleName() == "代报 拉巴村"
    assert shell.band.button._key == ""  # Esc goes back to the board here
    qtbot.mouseClick(shell.band.button, Qt.MouseButton.LeftButton)
    assert here(shell).nav == "proxy" and here(shell).heard == ["stop"] and shell.band.button._key == "Esc"
    desk.proxy_for = ""
    shell.refresh_frame()
    assert not shell.band.isVisible()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_the_nav_has_room_for_everything_in_the_smallest_window(shell: Shell, qapp: QApplication, scale: float) -> None:
    style.apply(qapp, scale, False)
    shell.refresh_frame()
    shell.resize(1180, 640)
    QApplication.processEvents()
    shown: list[tuple[NavItem, object]] = shell.nav._shown()
    assert len(shown) == (12 if scale == 1.5 else 13)
    boxes = [box for _, box in shell.nav._shown()]
    for above, below in pairwise(boxes):
        assert above.bottom() < below.top()
    assert boxes[-1].bottom() <= shell.nav.height()


def test_help_tells_the_townships_keys(shell: Shell) -> None:
    from cunbao.ui.screens.help import Help

    shell.show_help()
    shown = shell.findChild(Help)
    assert shown.asked.kind == "township" and shown.close_button.text() == "回去"
    shown.end()
