"""找回密码 at a township's and a county's window: digits as they are heard, three misses, the answer on the stick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import answering, recovery
from cunbao.desks.recovery import RecoveryAsked
from cunbao.ui.county import County
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.kit.heard import SAME, WRONG
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.answer_recovery import AnswerRecovery
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from desks.test_answering import ASKED_ON, NEW, QUICK, a_stick, a_village_asks, asks, wrong
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import OFFICER, PASSWORD, a_clock, a_county_desk, a_town_desk
from world.papers import text_of

LONG = 30_000  # ms, for a busy machine


class Room:
    """找回密码 of an open desk."""

    def __init__(self, bot: QtBot, desk: Any, window: Shell) -> None:
        self.bot, self.desk, self.window = bot, desk, window
        self.dialogs = Answers(window)

    @property
    def screen(self) -> AnswerRecovery:
        here = self.window.screen_here
        assert isinstance(here, AnswerRecovery)
        return here

    @property
    def words(self) -> str:
        return " ".join(text.text() for text in self.screen.findChildren(Text) if text.isVisible())

    def settles(self) -> None:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=LONG)
        QApplication.processEvents()

    def reads(self, asked: RecoveryAsked) -> None:
        assert asked.path is not None
        self.screen.read_request(asked.path)
        self.bot.waitUntil(lambda: bool(self.screen.list.entries), timeout=LONG)
        self.settles()

    def hears(self, digits: str) -> None:
        """Typed on the keys, wherever the focus is: it must be in the boxes."""
        for digit in digits:
            QTest.keyClick(QApplication.focusWidget(), digit)
        self.settles()


@pytest.fixture
def sits(show: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Any]:
    made: list[Room] = []

    def sit(desk: Any = None, face: Any = None) -> Room:
        desk = desk or a_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10))
        window = Shell(face or Township(), asks_to_close=False)
        window.open_desk(desk)
        show(window, 1366, 696)
        window.go("recovery")
        made.append(Room(qtbot, desk, window))
        return made[-1]

    yield sit
    for one in made:
        one.window.jobs.stop()
        one.desk.close()


def test_digits_are_compared_as_they_are_heard_and_the_answer_opens_that_computer(
    sits: Any, tmp_path: Path
) -> None:
    room, asked = sits(), a_village_asks(tmp_path)
    assert "还没有人来找回密码" in room.words
    room.reads(asked)
    groups = asked.code.split()
    room.hears(groups[0])
    assert room.screen.heard.marks[0] == SAME and not any(group in room.words for group in groups)
    room.hears(wrong(groups[1]))
    assert room.screen.heard.marks[1] == WRONG and "再错 2 组" in room.words
    room.hears(groups[1] + groups[2][:1])
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backspace)
    room.hears(groups[2] + "12")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F2)
    room.hears(groups[3] + groups[4] + groups[5])
    assert room.screen.heard.digits() == asked.code.replace(" ", "")
    room.screen.use_place(a_stick(tmp_path))
    assert room.screen.yes.toolTip() == "还没选方式"
    for ring, key in ((room.screen.way, Qt.Key.Key_Right), (room.screen.identity, Qt.Key.Key_Right)):
        ring.setFocus()
        QTest.keyClick(ring, key)
    assert room.screen.yes.isEnabled()

    def own(dialog: Dialog) -> None:
        types_chinese(dialog.box.findChildren(PasswordField)[-1].edit, PASSWORD)
        dialog.box.buttons["act"].click()

    room.dialogs.act(own)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    room.bot.waitUntil(lambda: "读回核对一致" in room.words, timeout=LONG)
    (one,) = answering.requests(room.desk)
    assert one.state == answering.ANSWERED and "已答复" in room.screen.list.entries[0].right
    data = (tmp_path / "stick" / one.answer).read_bytes()
    recovery.take(tmp_path / "village", data, NEW, clock=ASKED_ON, stretch=QUICK).close()


def test_three_wrong_groups_end_it_and_the_window_says_so(sits: Any, tmp_path: Path) -> None:
    room, asked = sits(), a_village_asks(tmp_path)
    room.reads(asked)
    bad = wrong(asked.code.split()[0])
    room.hears(bad + bad)
    room.dialogs.press("close")
    room.hears(bad)
    room.bot.waitUntil(lambda: room.dialogs.titles == ["错了三组，这份申请作废"], timeout=LONG)
    room.settles()
    assert "核对码错了三次" in room.words and not room.screen.heard.isVisible()


def test_delete_refuses_after_asking_and_the_nav_counts_what_waits(sits: Any, tmp_path: Path) -> None:
    room, asked = sits(), a_village_asks(tmp_path)
    room.reads(asked)
    (item,) = [one for one in room.window.nav.items if one.key == "recovery"]
    assert item.count == "1"
    room.dialogs.press("stay")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    room.bot.waitUntil(lambda: len(room.dialogs.titles) == 1, timeout=LONG)
    assert answering.waiting(room.desk) == 1
    room.dialogs.press("no")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    room.bot.waitUntil(lambda: answering.waiting(room.desk) == 0, timeout=LONG)
    room.settles()
    assert "不答复" in room.words


def test_the_slip_that_is_printed_here_shows_no_digit(sits: Any, tmp_path: Path) -> None:
    room, asked = sits(), a_village_asks(tmp_path)
    room.reads(asked)
    room.bot.waitUntil(lambda: room.screen.pages.count == 1, timeout=LONG)
    assert not any(group in text_of(room.screen._pdf) for group in asked.code.split())
    assert room.screen.print.isEnabled()


def test_a_county_answers_its_townships_on_the_same_screen(sits: Any, tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    town.close()
    asked = asks(tmp_path, tmp_path / "town", person=OFFICER)
    room = sits(a_county_desk(tmp_path), County())
    assert "乡镇忘了密码，由县里答复" in room.words
    room.reads(asked)
    assert "审核电脑" in room.words and room.screen.list.entries[0].text == "勐混镇"
    room.hears(asked.code.replace(" ", ""))
    assert room.screen.heard.missing() == 0


@pytest.mark.parametrize(
    ("scale", "contrast", "size"),
    [
        (1.0, False, (1366, 696)),
        (1.0, False, (1180, 640)),
        (1.25, False, (1180, 640)),
        (1.5, False, (1366, 696)),
        (1.5, True, (1366, 696)),
    ],
)
def test_it_fits_the_laptop_s_window(
    sits: Any, tmp_path: Path, scale: float, contrast: bool, size: tuple[int, int]
) -> None:
    room, asked = sits(), a_village_asks(tmp_path)
    room.reads(asked)
    room.window.set_look(scale, contrast)
    room.window.resize(*size)
    room.settles()
    assert (room.window.width(), room.window.height()) == size
    shown = [one for one in room.screen.findChildren(Button) if one.isVisible()]
    room.bot.waitUntil(
        lambda: max(one.mapTo(room.window, one.rect().topRight()).x() for one in shown) < size[0], timeout=LONG
    )
    for text in room.screen.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
