"""人员 in the settings, in a real window: another one added, one removed, the own password; by keys as by clicks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import keyring, people
from cunbao.desks.village.desk import VillageDesk
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.people_card import NewPassword, PersonFields
from cunbao.ui.screens.settings import Settings
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from cunbao.ui.village import Village
from desks.test_people import HERS, NEW, NEXT_DAY, YUXIANG, two_at_a_village
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import CLERK, PASSWORD, a_clock, a_town_desk, a_village_desk

LONG = 30_000  # ms, for a busy machine


class Room:
    def __init__(self, bot: QtBot, desk: Any, window: Shell) -> None:
        self.bot, self.desk, self.window = bot, desk, window
        self.dialogs = Answers(window)

    @property
    def screen(self) -> Settings:
        here = self.window.screen_here
        assert isinstance(here, Settings)
        return here

    @property
    def words(self) -> str:
        return " ".join(text.text() for text in self.screen.findChildren(Text) if text.isVisible())

    def settles(self) -> None:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=LONG)
        QApplication.processEvents()


@pytest.fixture
def sits(show: Any, qtbot: QtBot) -> Iterator[Any]:
    made: list[Room] = []

    def sit(desk: Any) -> Room:
        window = Shell(Village() if isinstance(desk, VillageDesk) else Township(), asks_to_close=False)
        window.open_desk(desk)
        show(window, 1366, 696)
        window.go("settings")
        made.append(Room(qtbot, desk, window))
        return made[-1]

    yield sit
    for one in made:
        one.window.jobs.stop()
        one.desk.close()


def part(dialog: Dialog, kind: type[QWidget]) -> Any:
    return dialog.box.findChildren(kind)[0]


def agrees(password: str = PASSWORD, *, first: Callable[[Dialog], object] = lambda dialog: None) -> Any:
    """Fills in what the dialog asks, then the own password, and presses its button."""

    def act(dialog: Dialog) -> None:
        first(dialog)
        types_chinese(dialog.box.findChildren(PasswordField)[-1].edit, password)
        dialog.box.buttons["act"].click()

    return act


def test_a_village_adds_somebody_who_sets_his_own_password(sits: Any, tmp_path: Path) -> None:
    room = sits(a_village_desk(tmp_path, "filled"))

    def fill(dialog: Dialog) -> None:
        fields = part(dialog, PersonFields)
        types_chinese(fields.name.edit, YUXIANG.name)
        for field in (fields.password, fields.again):
            types_chinese(field.edit, HERS)
        assert fields.missing() == "还没选身份"
        fields.role.setFocus()
        QTest.keyClick(fields.role, Qt.Key.Key_Right)
        QTest.keyClick(fields.role, Qt.Key.Key_Right)

    room.dialogs.act(agrees(first=fill))
    room.screen.people.add_button.click()
    room.bot.waitUntil(lambda: YUXIANG.name in room.words, timeout=LONG)
    assert [(one.name, one.role) for one in people.people(room.desk)][1] == (YUXIANG.name, YUXIANG.role)


def test_who_is_removed_is_told_with_what_older_backups_still_open(sits: Any, tmp_path: Path) -> None:
    room = sits(two_at_a_village(tmp_path, "filled"))
    key = room.desk.workspace.key
    room.dialogs.press("stay")
    room.screen.people.buttons["remove", YUXIANG.name].click()
    assert room.desk.workspace.key == key
    room.dialogs.act(agrees())
    room.dialogs.press("close")
    room.screen.people.buttons["remove", YUXIANG.name].click()
    room.bot.waitUntil(lambda: f"{YUXIANG.name}已经移出" in room.dialogs.titles, timeout=LONG)
    room.settles()
    assert all("以前的备份" in said for said in room.dialogs.said)
    assert YUXIANG.name not in room.words and room.desk.workspace.key != key
    assert [one.name for one in keyring.people_of(tmp_path / "village")] == [CLERK.name]


def test_the_own_password_is_changed_where_two_typings_agree(sits: Any, tmp_path: Path) -> None:
    room = sits(a_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10)))

    def fill(dialog: Dialog) -> None:
        fields = part(dialog, NewPassword)
        types_chinese(fields.password.edit, NEW)
        types_chinese(fields.again.edit, NEW + "x")
        assert fields.missing() == "两次输的密码不一样"
        fields.again.edit.clear()
        types_chinese(fields.again.edit, NEW)

    room.dialogs.act(agrees(first=fill))
    room.dialogs.press("close")
    room.screen.people.buttons["password", room.desk.person.name].click()
    room.bot.waitUntil(lambda: "密码改好了" in room.dialogs.titles, timeout=LONG)
    assert keyring.data_key(tmp_path / "town", room.desk.person.name, NEW, now=NEXT_DAY()) == room.desk.workspace.key


def test_who_lost_his_signing_key_gets_it_again_without_telling_his_password(sits: Any, tmp_path: Path) -> None:
    desk = two_at_a_village(tmp_path, "filled")
    desk.workspace.set_setting(f"device/signing:{YUXIANG.name}", None)
    room = sits(desk)
    assert "不能签名" in {one.accessibleName() for one in room.screen.findChildren(QWidget)}
    room.dialogs.act(agrees())
    room.screen.people.buttons["sign", YUXIANG.name].click()
    room.bot.waitUntil(lambda: all(one.may_sign for one in people.people(desk)), timeout=LONG)
    room.settles()


@pytest.mark.parametrize(("scale", "size"), [(1.0, (1180, 640)), (1.25, (1180, 640)), (1.25, (1366, 696))])
def test_a_township_s_settings_stay_within_a_small_window(
    sits: Any, tmp_path: Path, scale: float, size: tuple[int, int]
) -> None:
    room = sits(a_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10)))
    room.window.set_look(scale, False)
    room.window.resize(*size)
    room.settles()

    def widest() -> int:
        shown = [one for one in room.screen.findChildren(Button) if one.isVisible()]
        return max(one.mapTo(room.window, one.rect().topRight()).x() for one in shown)

    room.bot.waitUntil(lambda: widest() < size[0] - 10, timeout=LONG)
    assert (room.window.width(), room.window.height()) == size
