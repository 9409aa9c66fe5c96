"""设置 of a township in a real window: another officer, another task pack, the county's certificate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.township import desk as township
from cunbao.desks.township import officers, proxying
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.exchange.papers import read_ca_request, write_papers
from cunbao.survey import sample
from cunbao.survey.codes import grouped
from cunbao.survey.values import Cell
from cunbao.trust.certs import fingerprint24
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import FieldBox, PasswordField
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.board import BoardScreen
from cunbao.ui.screens.newpack import NewPackScreen
from cunbao.ui.screens.no_task import NoTask
from cunbao.ui.screens.people_card import PersonFields
from cunbao.ui.screens.town_settings import TownSettings
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from desks.test_proxying import BASIS, HIS, YANLA
from desks.test_town_papers import a_new_township, seat  # noqa: F401  # a fixture
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import PASSWORD, a_bare_town_desk, a_clock, a_county_desk
from world.packs import issued, task_folder

LONG = 30_000  # ms, for a busy machine


class Room:
    """The settings of an open township."""

    def __init__(self, bot: QtBot, desk: TownshipDesk, window: Shell) -> None:
        self.bot, self.desk, self.window = bot, desk, window
        self.dialogs = Answers(window)

    @property
    def screen(self) -> TownSettings:
        here = self.window.screen_here
        assert isinstance(here, TownSettings)
        return here

    @property
    def words(self) -> set[str]:
        return {text.text() for text in self.screen.findChildren(Text) if text.isVisible()}

    def settles(self) -> None:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=LONG)
        QApplication.processEvents()


@pytest.fixture
def sits(show: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Any]:
    made: list[Room] = []

    def sit(desk: TownshipDesk | None = None) -> Room:
        desk = desk or a_bare_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10))
        window = Shell(Township(), asks_to_close=False)
        window.open_desk(desk)
        show(window, 1366, 696)
        window.go("settings")
        made.append(Room(qtbot, desk, window))
        return made[-1]

    yield sit
    for one in made:
        one.window.jobs.stop()
        one.desk.close()


def own_password(dialog: Dialog) -> PasswordField:
    return dialog.box.findChildren(PasswordField)[-1]


def test_another_officer_sets_his_own_password_and_opens_the_desk_with_it(sits: Any, tmp_path: Path) -> None:
    room = sits()

    def write(dialog: Dialog) -> None:
        fields = dialog.box.findChildren(PersonFields)[0]
        dialog.box.buttons["act"].click()
        assert dialog.isVisible()  # the name is missing
        types_chinese(fields.name.edit, YANLA)
        QTest.keyClicks(fields.password.edit, "short")
        dialog.box.buttons["act"].click()
        assert dialog.isVisible() and fields.missing() == "他的密码至少 6 个字"
        for field in (fields.password, fields.again):
            field.edit.clear()
            types_chinese(field.edit, HIS)
        types_chinese(own_password(dialog).edit, "不是这个")
        dialog.box.buttons["act"].click()

    def again(dialog: Dialog) -> None:
        assert dialog.box.findChildren(PersonFields)[0].name.text() == YANLA  # nothing is written twice
        types_chinese(own_password(dialog).edit, PASSWORD)
        dialog.box.buttons["act"].click()

    room.dialogs.act(write)
    room.dialogs.act(again)
    room.screen.people.add_button.click()
    room.bot.waitUntil(lambda: YANLA in room.words, timeout=LONG)
    assert [one.name for one in officers.officers(room.desk)] == ["玉罕", YANLA]
    room.window.desk = None
    room.desk.close()
    other = township.unlock_township(tmp_path / "town", YANLA, HIS, clock=a_clock(2025, 12, 17, 1))
    assert other.signer is not None and other.signer.person == YANLA
    room.desk = other


def test_a_task_pack_is_looked_at_told_and_taken_and_a_proxy_return_goes_on(sits: Any, tmp_path: Path) -> None:
    room = sits()
    village = proxying.begin(room.desk, sample.MANSAI, BASIS)
    room.desk.keep("B01", village.type("B01", Cell("b01_groups"), "7").edits)
    county = a_county_desk(tmp_path, clock=a_clock(2025, 12, 10, 1))
    pack = issued(county, task_folder(tmp_path / "task"), tmp_path / "stick", title="换了名称的统计")
    county.close()
    room.screen.take_pack(pack)
    room.settles()
    asked = room.window.screen_here
    assert isinstance(asked, NewPackScreen) and asked.banner.title.text() == "2025年度 第2版，没有改格"
    acts = [one.act for one in room.desk.workspace.journal_entries()]
    asked.go_on()
    room.bot.waitUntil(lambda: len(room.desk.workspace.journal_entries()) > len(acts), timeout=LONG)
    room.settles()
    assert room.desk.workspace.journal_entries()[-1].act == "take_task"
    assert room.desk.task.title == "换了名称的统计"
    going_on = proxying.current(room.desk)
    assert room.desk.proxy_for == sample.MANSAI and going_on is not None and going_on is not village
    assert going_on.instance("B01").text(Cell("b01_groups")) == "7"
    assert isinstance(room.window.go("board"), BoardScreen)


def test_a_pack_that_is_none_is_told_and_changes_nothing(sits: Any, tmp_path: Path) -> None:
    room = sits()
    before = len(room.desk.workspace.journal_entries())
    (tmp_path / "坏.cbtask").write_bytes(b"nothing")
    room.dialogs.press("close")
    room.screen.take_pack(tmp_path / "坏.cbtask")
    room.bot.waitUntil(lambda: bool(room.dialogs.titles))
    assert room.dialogs.titles[0] and isinstance(room.window.screen_here, BoardScreen)
    assert len(room.desk.workspace.journal_entries()) == before


def test_the_county_s_certificate_is_asked_for_and_taken_with_the_digits_of_the_notice(
    sits: Any,
    tmp_path: Path,
    seat: Any,  # noqa: F811
) -> None:
    from cunbao.desks.county import desk as county
    from cunbao.desks.county import keys as county_keys

    room = sits(a_new_township(tmp_path / "new"))
    for name in room.window.face.SCREENS:  # none of them can show anything yet, and each says where to go
        room.window.go(name)
        if name not in ("pack", "outbox"):  # there a pack is looked at, or a drop box set up, which needs none
            assert isinstance(room.window.screen_here, TownSettings if name == "settings" else NoTask)
    room.window.go("board")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert "还没有证书" in room.words
    buttons = {one.text(): one for one in room.screen.findChildren(Button)}
    assert not buttons["读入任务包"].isEnabled() and buttons["读入任务包"].toolTip() == "先读入县里的证书"
    room.dialogs.act(lambda dialog: dialog.box.buttons["done"].click())
    room.screen.write_request(tmp_path)
    room.bot.waitUntil(lambda: room.dialogs.titles == ["证书申请写好了"], timeout=LONG)
    asked = read_ca_request((tmp_path / "勐混镇-证书申请.cbreq").read_bytes())
    county_keys.revoke_township(seat, asked.office, "换电脑")  # one live workspace a township
    made = county.certify_township(seat, sample.SAMPLE_TOWNSHIPS[0], asked.public, PASSWORD)
    (tmp_path / "a.cbca").write_bytes(write_papers(asked.office, made.certificate, made.chain))

    def write(dialog: Dialog) -> None:
        code = next(one for one in dialog.box.findChildren(FieldBox) if not isinstance(one, PasswordField))
        types_chinese(own_password(dialog).edit, PASSWORD)
        QTest.keyClicks(code.edit, "1234")
        dialog.box.buttons["act"].click()
        assert dialog.isVisible()  # 24 digits are wanted
        code.edit.clear()
        QTest.keyClicks(code.edit, grouped(fingerprint24(seat.root)))
        dialog.box.buttons["act"].click()

    room.dialogs.act(write)
    room.screen.take_papers(tmp_path / "a.cbca")
    room.bot.waitUntil(lambda: any("有效" in words for words in room.words), timeout=LONG)
    assert room.desk.signer is not None and room.desk.person == Person("玉罕", "乡镇审核员")


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
def test_it_fits_the_laptop_s_window(sits: Any, scale: float, contrast: bool) -> None:
    room = sits()
    room.window.set_look(scale, contrast)
    room.settles()
    assert (room.window.width(), room.window.height()) == (1366, 696)
    for text in room.screen.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()

    def widest() -> int:
        shown = [one for one in room.screen.findChildren(Button) if one.isVisible()]
        return max(one.mapTo(room.window, one.rect().topRight()).x() for one in shown)

    room.bot.waitUntil(lambda: widest() < 1366)
