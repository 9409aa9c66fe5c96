"""乡镇补充表 in a real window over a real township: filled by keyboard, checked, signed, sent on, answered, mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving
from cunbao.desks.county import answers as county_answers
from cunbao.desks.township import forwarding, supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import checking, practice, signing
from cunbao.survey import sample
from cunbao.survey.decision import Act, Comment
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.check import CheckScreen
from cunbao.ui.screens.form import FormScreen
from cunbao.ui.screens.own_sign import OwnSign
from cunbao.ui.screens.sendon import SendOnScreen
from cunbao.ui.screens.supplement import SupplementScreen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import PASSWORD, a_clock, a_county_desk, a_town_desk

KEY, CONTROL, PLAIN = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG = 30_000  # ms, for a busy machine drawing pages
TOWN = "532822103000"


class Officer:
    """Somebody at the township's window who fills the township's own form."""

    def __init__(self, bot: QtBot, desk: TownshipDesk, window: Shell) -> None:
        self.bot, self.desk, self.window = bot, desk, window
        self.dialogs = Answers(window)

    @property
    def own(self) -> supplement.OwnDesk:
        return supplement.asked(self.desk)

    @property
    def screen(self) -> SupplementScreen:
        here = self.window.screen_here
        assert isinstance(here, SupplementScreen), here
        return here

    @property
    def inner(self) -> Any:
        return self.screen.here

    @property
    def focus(self) -> QWidget:
        here = QApplication.focusWidget()
        assert here is not None
        return here

    def settles(self) -> None:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=LONG)
        QApplication.processEvents()

    def presses(self, *keys: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
        for key in keys:
            QTest.keyClick(self.focus, key, held)
        self.settles()

    def goes(self) -> None:
        self.window.go("supplement", form="T01")
        self.settles()

    def fills(self) -> None:
        """All of it as the sample has it, nothing checked yet."""
        practice.fill(self.own, "T01", sample.sample_answers(self.own.task, TOWN, "2025")["T01"])
        self.own.set_ret(sample.sample_ret(self.own.task, TOWN, "2025-12-16"))

    def signs(self) -> None:
        practice.explain_all(self.own)
        supplement.sign(self.desk, signing.prepare(self.own), PASSWORD)

    def on_disk(self, name: str) -> str:
        self.settles()
        return self.desk.workspace.draft(self.own.key("T01")).answers.values.get(name, "")

    def reads(self) -> str:
        shown = [one for one in self.window.findChildren(Text) if one.isVisible()]
        return "\n".join(one.text() for one in shown)


@pytest.fixture
def sits(show: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Any]:
    made: list[Officer] = []

    def sit(desk: TownshipDesk | None = None) -> Officer:
        desk = desk or a_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10))
        window = Shell(Township(), asks_to_close=False)
        window.open_desk(desk)
        show(window, 1366, 696)
        made.append(Officer(qtbot, desk, window))
        return made[-1]

    yield sit
    for one in made:
        one.window.jobs.stop()
        one.desk.close()


def test_the_officer_types_the_form_from_where_he_sends_on_and_it_is_on_the_disk(sits: Any) -> None:
    here = sits()
    here.window.go("sendon")
    here.settles()
    assert isinstance(here.window.screen_here, SendOnScreen)
    assert "乡镇补充表 T01 未开始：最迟 12-25 签好" in here.reads()
    here.presses(KEY.Key_T)
    assert isinstance(here.inner, FormScreen) and here.inner.form == "T01"
    QTest.keyClicks(here.focus, "2")
    here.presses(KEY.Key_Return)
    assert here.on_disk("t01_elder_n") == "2"
    assert here.own.state("T01") is ReturnState.FILLING
    here.presses(KEY.Key_Z, held=CONTROL)
    assert here.on_disk("t01_elder_n") == ""


def test_checked_explained_and_signed_by_keyboard_it_waits_for_the_county(sits: Any) -> None:
    here = sits()
    here.fills()
    here.goes()
    here.presses(KEY.Key_F5)
    assert isinstance(here.inner, CheckScreen)
    (card,) = checking.run(here.own).findings
    assert card.finding.check == "K-111" and "县里审核" in here.reads()
    practice.explain_all(here.own)
    here.presses(KEY.Key_F5)
    here.presses(KEY.Key_Return, held=CONTROL)
    here.settles()
    assert isinstance(here.inner, OwnSign)
    here.inner._seen.set_on(True)
    here.inner.first_focus()
    types_chinese(here.focus, PASSWORD)
    here.presses(KEY.Key_Return)
    assert here.own.state("T01") is ReturnState.SIGNED
    assert here.desk.workspace.standing(TOWN, "T01", "2025").head
    assert "1 张表都签好了" in here.reads()
    here.presses(KEY.Key_Return)  # 去报县
    assert isinstance(here.window.screen_here, SendOnScreen)
    assert "乡镇自己填的，已签名" in here.reads() and not here.window.screen_here.own.isVisible()


def test_what_the_county_sends_back_stands_at_its_cell_and_can_be_typed(sits: Any, tmp_path: Path) -> None:
    here, county = sits(), a_county_desk(tmp_path)
    here.fills()
    here.signs()
    receiving.receive(county, [forwarding.write_forward(here.desk, tmp_path).path])
    head = county.workspace.standing(TOWN, "T01", "2025").head
    said = [Comment(Cell("t01_elder_beds"), "与民政台账对不上")]
    county_answers.decide(county, Act.RETURN, head, reason="床位请核对", comments=said)
    receiving.receive(here.desk, [county_answers.write_answer(county, TOWN, tmp_path)])
    here.goes()
    words = here.reads()
    assert "县里退回：T01 床位请核对" in words and "县里意见：与民政台账对不上" in words
    here.inner.go_to(Cell("t01_elder_beds"))
    here.focus.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(here.focus, "60")
    here.presses(KEY.Key_Return)
    assert here.on_disk("t01_elder_beds") == "60" and here.own.correcting("T01")


def test_a_signature_can_be_taken_back_until_it_was_sent_on(sits: Any) -> None:
    here = sits()
    here.fills()
    here.signs()
    here.goes()
    assert "T01 已签名，内容锁定" in here.reads()
    here.dialogs.press("take")
    next(one for one in here.window.findChildren(Button) if one.isVisible() and one.text() == "撤回签名").click()
    here.settles()
    assert here.own.newest("T01") is None and here.own.state("T01").editable


def test_every_section_of_the_form_fits_the_laptop_s_window_at_each_size(sits: Any) -> None:
    here = sits()
    here.fills()
    for scale in (1.0, 1.25, 1.5):
        here.window.set_look(scale, False)
        here.goes()
        assert len(here.inner.sheet.sections) == 5
        for at in range(5):
            here.inner._show_section(at)
            QApplication.processEvents()
            frame = here.inner.frame
            assert frame.head.title.text() == "T01 乡镇补充表" and frame.next.isVisible()
            assert frame.next.mapTo(here.window, frame.next.rect().bottomRight()).y() <= here.window.height()
    here.window.set_look(1.0, False)
