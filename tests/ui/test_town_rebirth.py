"""全部还原 in the township's window: a sealed slip, the right digits and a password bring a lost village back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import media, receiving
from cunbao.desks.township import rebirth, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import enrolment, replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.enrol import EnrolScreen
from cunbao.ui.screens.rebirth import SlipFields, WriteFields
from cunbao.ui.screens.whereto import WhereTo
from cunbao.ui.shell import Shell
from ui.hands import types_chinese
from ui.townhall import Answers, Some
from world.desk import MANBANG, PASSWORD, a_clock, a_town_desk, begun, bundle_file

KEY = Qt.Key
COUNTY = "勐海县民政局"


@dataclass
class Lost:
    """A township that holds a village's five returns; the village's new computer has asked, `code` is its 24 digits."""

    town: TownshipDesk
    new: VillageDesk
    code: str
    stick: Path


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Lost]:
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "came", MANBANG)])
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 15, 1))
    asked = enrolment.write_request(new, tmp_path)
    registry.add_request(town, asked.path)
    (tmp_path / "stick").mkdir()
    yield Lost(town, new, asked.code.replace(" ", ""), tmp_path / "stick")
    new.close()
    town.close()


@pytest.fixture
def shell(show, lost: Lost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(media, "sticks", lambda: ())
    made = Shell(Some("enrol"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(lost.town)
    made.go("enrol")
    yield made
    made.jobs.stop()


@pytest.fixture
def dialogs(shell: Shell) -> Answers:
    return Answers(shell)


def screen(shell: Shell) -> EnrolScreen:
    here = shell.screen_here
    assert isinstance(here, EnrolScreen)
    return here


def body(dialog: Dialog, kind: type[Any]) -> Any:
    found: Any = dialog.findChild(kind)
    assert found is not None
    return found


def fits(dialog: Dialog) -> None:
    """Nothing in the box is squeezed, cut or outside of the window."""
    QApplication.processEvents()
    box = dialog.box
    assert box.height() >= box.heightForWidth(box.width()) and dialog.rect().contains(box.geometry())
    for text in box.findChildren(Text):
        assert not text.isVisible() or not text.text() or not text.is_cut, text.text()


def fills_the_slip(dialog: Dialog, lost: Lost, *, alive: bool = False) -> SlipFields:
    slip: SlipFields = body(dialog, SlipFields)
    types_chinese(slip.reason.edit, "笔记本被偷，报过案")
    types_chinese(slip.brought_by.edit, "岩温")
    slip.sealed.toggle()
    (slip.alive if alive else next(iter(slip.gone.values()))).toggle()
    dialog.box.buttons["next"].click()
    return slip


def writes(lost: Lost, *, code: str = "", password: str = PASSWORD, folder: Path | None = None) -> Any:
    """Fills the second box and goes on; what it held before stays."""

    def do(dialog: Dialog) -> None:
        fits(dialog)
        fields: WriteFields = body(dialog, WriteFields)
        if code:
            fields.code.clear()
            types_chinese(fields.code.edit, code)
        fields.where.use_folder(folder or lost.stick)
        types_chinese(fields.password.edit, password)
        dialog.box.buttons["act"].click()

    return do


def test_a_slip_that_is_refused_keeps_all_that_was_typed_and_nothing_is_approved(
    shell: Shell, lost: Lost, dialogs: Answers, qtbot: QtBot
) -> None:
    said: list[str] = []

    def fill(dialog: Dialog) -> None:
        slip: SlipFields = body(dialog, SlipFields)
        assert slip.second.code() == COUNTY  # this desk has one officer: only the county can agree

        def on() -> None:
            dialog.box.buttons["next"].click()
            assert dialog.isVisible()
            said.append(slip.trouble.text.text())
            fits(dialog)

        on()
        types_chinese(slip.reason.edit, "笔记本被偷，报过案")
        on()
        slip.sealed.toggle()
        types_chinese(slip.brought_by.edit, "岩温")
        on()
        assert slip.slip() == rebirth.Slip("笔记本被偷，报过案", "岩温", sealed=True, second=COUNTY)
        (gone,) = slip.gone.values()
        slip.alive.toggle()
        gone.toggle()
        assert not slip.alive.is_on() and len(slip.lost()) == 1
        slip.alive.toggle()
        assert not gone.is_on() and slip.lost() == ()
        dialog.box.buttons["stay"].click()

    dialogs.act(fill)
    qtbot.keyClick(screen(shell)._cards[0].code.edit, KEY.Key_F10)
    qtbot.waitUntil(lambda: len(said) == 3)
    wanted = ("原因写了 0 个字", "没有盖章的还原申请单、没有写谁送来的", "请勾丢了的")
    for told, words in zip(said, wanted, strict=True):
        assert words in told
    assert len(registry.enrol_view(lost.town).requests) == 1 and len(rebirth.lost_ones(lost.town, MANBANG)) == 1


def test_the_lost_village_comes_back_after_a_wrong_code_and_a_wrong_password(
    shell: Shell, lost: Lost, dialogs: Answers, qtbot: QtBot
) -> None:
    here, typed = screen(shell), []

    def back_and_on(dialog: Dialog) -> None:
        dialog.box.buttons["back"].click()

    def again(dialog: Dialog) -> None:
        slip: SlipFields = body(dialog, SlipFields)
        typed.append(slip.slip())
        dialog.box.buttons["next"].click()

    qtbot.keyClicks(here._cards[0].code.edit, "9" * 24)
    dialogs.act(lambda dialog: fills_the_slip(dialog, lost))
    dialogs.act(writes(lost))  # the digits typed on the card
    dialogs.act(back_and_on)
    dialogs.act(again)
    dialogs.act(writes(lost, code=lost.code, password="错的密码"))
    dialogs.act(writes(lost))
    here._cards[0].whole.click()
    qtbot.waitUntil(lambda: not here._cards, timeout=60_000)
    qtbot.waitUntil(lambda: here.restored.isVisible())
    assert typed == [rebirth.Slip("笔记本被偷，报过案", "岩温", sealed=True, second=COUNTY)]
    assert rebirth.lost_ones(lost.town, MANBANG)[0].words.endswith("没有报送过")  # the new one alone lives
    (path,) = (lost.stick / "勐混镇回执").glob("*.cbsync")
    said = " ".join(one.text() for one in here.restored.findChildren(Text))
    assert str(path) in said and "草稿要重新填" in said
    assert replies.take_receipt(lost.new, path).restored == 5


def test_a_stick_that_fails_leaves_a_banner_from_which_the_receipt_is_written(
    shell: Shell, lost: Lost, dialogs: Answers, qtbot: QtBot
) -> None:
    here, gone = screen(shell), lost.stick / "pulled-out"
    gone.mkdir()

    def without_stick(dialog: Dialog) -> None:
        shutil.rmtree(gone)
        (lost.stick / "pulled-out").write_bytes(b"")
        writes(lost, code=lost.code, folder=gone)(dialog)

    dialogs.act(lambda dialog: fills_the_slip(dialog, lost, alive=True))
    dialogs.act(without_stick)
    dialogs.press("close")
    here._cards[0].whole.click()
    qtbot.waitUntil(lambda: not here._cards and here._banner.isVisible(), timeout=60_000)
    words = [one.text() for one in here._banner.findChildren(Text) if one.isVisible()]
    assert words[0] == "曼蚌村的还原回执还没写出来" and not here.restored.isVisible()
    assert len(rebirth.lost_ones(lost.town, MANBANG)) == 2  # the old computer lives on

    def write(dialog: Dialog) -> None:
        fits(dialog)
        dialog.box.buttons["act"].click()
        assert dialog.isVisible()  # nowhere to write to
        body(dialog, WhereTo).use_folder(lost.stick)
        dialog.box.buttons["act"].click()

    button = next(one for one in here._banner.findChildren(type(here.read)) if one.text() == "写还原回执")
    dialogs.act(write)
    button.click()
    qtbot.waitUntil(lambda: here.restored.isVisible(), timeout=60_000)
    assert not here._banner.isVisible() and not registry.unwritten(lost.town)
    (path,) = (lost.stick / "勐混镇回执").glob("*.cbsync")
    assert replies.take_receipt(lost.new, path).restored == 5

    offered: list[list[str]] = []  # and later from the certificate, when that stick is lost too
    dialogs.act(lambda dialog: (offered.append(list(dialog.box.buttons)), dialog.box.buttons["again"].click()))
    dialogs.press("stay")
    here.grid.go(next(n for n, one in enumerate(here._shown) if one.office == MANBANG))
    qtbot.keyClick(here.grid, KEY.Key_Return)
    qtbot.waitUntil(lambda: dialogs.titles[-1] == "再写一次曼蚌村的还原回执？")
    assert offered == [["again", "revoke", "renew", "close"]]


@pytest.mark.parametrize(("scale", "contrast"), [(1.25, False), (1.5, False), (1.5, True)])
def test_both_boxes_fit_at_every_size(
    shell: Shell, lost: Lost, dialogs: Answers, scale: float, contrast: bool, qtbot: QtBot
) -> None:
    shell.set_look(scale, contrast)
    QApplication.processEvents()

    def on(dialog: Dialog) -> None:
        dialog.box.buttons["next"].click()  # a sentence of what is missing comes in
        fits(dialog)
        fills_the_slip(dialog, lost)

    def last(dialog: Dialog) -> None:
        dialog.box.buttons["act"].click()
        fits(dialog)
        dialog.box.buttons["stay"].click()

    dialogs.act(on)
    dialogs.act(last)
    screen(shell)._cards[0].whole.click()
    assert dialogs.titles == ["给曼蚌村全部还原：照盖章的申请单", "核准曼蚌村的新电脑，写还原回执"]
    for text in screen(shell).findChildren(Text):
        assert not text.isVisible() or not text.text() or not text.is_cut, text.text()


def test_many_computers_scroll_and_the_one_the_keys_are_at_is_in_sight(
    shell: Shell, dialogs: Answers, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    some = tuple(rebirth.Lost(f"k{n}", f"电脑 {n}", "证书到 2028-01-06，第 12 次报送") for n in range(7))
    monkeypatch.setattr(rebirth, "lost_ones", lambda desk, office: some)
    shell.set_look(1.5, True)
    QApplication.processEvents()
    seen: list[str] = []

    def walk(dialog: Dialog) -> None:
        dialog.box.buttons["next"].click()
        fits(dialog)
        slip: SlipFields = body(dialog, SlipFields)
        slip.sealed.setFocus()
        for one in slip.gone.values():
            qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Tab)
            QApplication.processEvents()
            assert QApplication.focusWidget() is one and one.visibleRegion().boundingRect().height() == one.height()
            seen.append(one.accessibleName())
        dialog.box.buttons["stay"].click()

    dialogs.act(walk)
    screen(shell)._cards[0].whole.click()
    assert len(seen) == 7
