"""登记: a computer is approved when the 24 digits that its village reads aloud are the right ones, and never else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import media
from cunbao.desks.township import approval_slips, certified, registry
from cunbao.desks.township.views import EnrolView, RequestView, RevokeChoice
from cunbao.errors import DeskError, TrustError
from cunbao.paper import draw_approval_slip
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.fields import FieldBox, PasswordField
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.enrol import EnrolScreen
from cunbao.ui.screens.preview import Preview
from cunbao.ui.shell import Shell
from ui.hands import said, types_chinese
from ui.town import REQUESTS, TownDesk, code_of, enrol_view
from ui.townhall import Answers, Some
from world.township_papers import an_approval_slip

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CODE = "1234 5678 9012 3456 7890 1234"
PASSWORD = "勐混2025"
CHOICES = (
    RevokeChoice(-1, "认收到的全部", ("a", "b", "c")), RevokeChoice(1, "认到第 1 次", ("a",)),
    RevokeChoice(0, "一次也不认", ()),
)  # fmt: skip


class Desk:
    """A registry that knows one right code and one right password."""

    def __init__(self) -> None:
        self.requests: tuple[RequestView, ...] = REQUESTS
        self.approved: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str]] = []
        self.revoked: list[tuple[str, RevokeChoice, str]] = []
        self.renewed: list[str] = []
        self.tries = 3

    def view(self, desk: Any) -> EnrolView:
        return enrol_view(self.requests)

    def _unlock(self, password: str) -> None:
        if password != PASSWORD:
            raise TrustError("password.wrong", happened="密码不对", safe="没有改动任何资料", todo="请再输一次")

    def approve(self, desk: Any, key: str, code: str, password: str) -> tuple[str, ...]:
        self._unlock(password)
        if code != CODE.replace(" ", ""):
            self.tries -= 1
            left = self.tries
            self.requests = tuple(
                replace(one, tries_left=left) if one.sha256 == key else one
                for one in self.requests
                if left or one.sha256 != key
            )
            todo = f"请对方再念一遍，还可以试 {left} 次" if left else "三次都不对，这份申请作废"
            raise TrustError("enrol.code", happened="输入的比对码不一样", safe="没有签发证书", todo=todo)
        self.approved.append((key, code))
        self.requests = tuple(one for one in self.requests if one.sha256 != key)
        return ("曼弄村-2025年度-第1次.cbsync",)

    def refuse(self, desk: Any, key: str, reason: str) -> None:
        self.refused.append((key, reason))
        self.requests = tuple(one for one in self.requests if one.sha256 != key)

    def revoke(self, desk: Any, key: str, choice: RevokeChoice, reason: str, password: str) -> str:
        self._unlock(password)
        self.revoked.append((key, choice, reason))
        return "decision"

    def renew(self, desk: Any, key: str, password: str) -> None:
        self._unlock(password)
        self.renewed.append(key)

    def add_request(self, desk: Any, path: Path) -> RequestView:
        if path.suffix != ".cbreq":
            raise DeskError("file.unreadable", happened="不是证书申请", safe="没有改动", todo="请选 .cbreq 文件")
        asked = replace(REQUESTS[1], sha256="c3" * 32, office=code_of(5), name="曼冈村")
        self.requests = (*self.requests, asked)
        return asked


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(registry, "enrol_view", made.view)
    monkeypatch.setattr(certified, "revoke_choices", lambda desk, key: CHOICES)
    for name in ("approve", "refuse", "add_request"):
        monkeypatch.setattr(registry, name, getattr(made, name))
    for name in ("revoke", "renew"):
        monkeypatch.setattr(certified, name, getattr(made, name))
    monkeypatch.setattr(media, "sticks", lambda: ())
    return made


@pytest.fixture
def shell(show, desk: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("enrol"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(TownDesk())
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


def child(dialog: Dialog, kind: type[QWidget], name: str = "") -> Any:
    """A field of the dialog, by its kind and perhaps its name."""
    found: list[Any] = dialog.findChildren(kind)
    return next(one for one in found if type(one) is kind and (not name or one.edit.accessibleName() == name))


def gives(password: str, *, button: str = "act") -> Any:
    """Types a password into the dialog and presses Enter, or a button."""

    def do(dialog: Dialog) -> None:
        types_chinese(child(dialog, PasswordField).edit, password)
        dialog.box.buttons[button].click()

    return do


# --- the field -------------------------------------------------------------------------------------------------------


def test_digits_fall_into_groups_as_they_are_typed(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = DigitsField()
    show(field, 420, 60)
    heard = said(field.typed)
    field.setFocus()
    qtbot.keyClicks(field.edit, "12345")
    assert field.text() == "1234 5" and field.digits() == "12345" and not field.full
    qtbot.keyClicks(field.edit, " 678 x90")
    assert field.text() == "1234 5678 90"
    qtbot.keyClick(field.edit, KEY.Key_Backspace)
    qtbot.keyClick(field.edit, KEY.Key_Backspace)
    qtbot.keyClick(field.edit, KEY.Key_Backspace)  # the blank goes with the digit before it
    assert field.digits() == "1234567"
    field.edit.setCursorPosition(2)
    qtbot.keyClicks(field.edit, "99")
    assert field.text() == "1299 3456 7" and field.edit.cursorPosition() == 5
    types_chinese(field.edit, "１２")  # full-width digits of an input method
    assert field.digits().isascii()
    assert heard[0] == "1"


def test_no_more_than_24_digits_are_taken_and_all_of_them_make_it_full(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = DigitsField()
    show(field, 420, 60)
    field.setFocus()
    qtbot.keyClicks(field.edit, "1" * 30)
    assert field.full and len(field.digits()) == 24 and field.text().count(" ") == 5


# --- approving -------------------------------------------------------------------------------------------------------


def test_the_code_is_nowhere_on_the_screen_and_the_button_waits_for_24_digits(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    card = here._cards[0]
    assert QApplication.focusWidget() is card.code.edit
    shown = " ".join(text.text() for text in here.findChildren(Text))
    assert not any(REQUESTS[0].sha256[:4] in part for part in shown.split())
    assert not card.yes.isEnabled() and card.yes.kind == "filled" and here._cards[1].yes.kind == "outlined"
    qtbot.keyClicks(card.code.edit, CODE[:-1])
    assert not card.yes.isEnabled()
    qtbot.keyClick(card.code.edit, KEY.Key_Return)
    assert card.message.text.text() == "还差 1 位，请对方接着念"
    qtbot.keyClicks(card.code.edit, "4")
    assert card.yes.isEnabled()


def test_the_right_code_and_the_password_approve_the_computer(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    qtbot.keyClicks(here._cards[0].code.edit, CODE)
    dialogs.act(gives(PASSWORD))
    qtbot.keyClick(here._cards[0].code.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: desk.approved == [(REQUESTS[0].sha256, CODE.replace(" ", ""))])
    qtbot.waitUntil(lambda: len(here._cards) == 1)
    assert dialogs.titles == ["核准曼弄村的这台电脑？"]
    words = ["曼弄村的电脑核准好了", "等着的 1 个文件已经收下。证书随下一次回执带给村里。"]
    qtbot.waitUntil(lambda: [one.text() for one in here._banner.findChildren(Text) if one.isVisible()] == words)
    assert QApplication.focusWidget() is here._cards[0].code.edit


def test_a_wrong_password_is_asked_for_again_and_costs_no_try(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    qtbot.keyClicks(here._cards[0].code.edit, CODE)
    dialogs.act(gives("错的"))
    dialogs.act(gives(PASSWORD))
    here._cards[0].yes.click()
    qtbot.waitUntil(lambda: len(desk.approved) == 1)
    assert desk.tries == 3 and len(dialogs.titles) == 2


def test_a_wrong_code_is_said_at_the_card_and_the_third_miss_ends_the_request(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    for left in (2, 1):
        qtbot.keyClicks(here._cards[0].code.edit, "9" * 24)
        dialogs.act(gives(PASSWORD))
        here._cards[0].yes.click()
        qtbot.waitUntil(lambda left=left: here._cards[0].request.tries_left == left)
        qtbot.waitUntil(lambda: "不一样" in here._cards[0].message.text.text())
        assert here._cards[0].code.text() == ""
    qtbot.keyClicks(here._cards[0].code.edit, "9" * 24)
    dialogs.act(gives(PASSWORD))
    dialogs.press("close")
    here._cards[0].yes.click()
    qtbot.waitUntil(lambda: [card.request.name for card in here._cards] == ["广别村"])
    assert dialogs.titles[-1] == "输入的比对码不一样" and desk.approved == []


def test_what_is_typed_at_one_card_stays_while_another_is_decided(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    qtbot.keyClicks(here._cards[1].code.edit, "1234 56")

    def refuse(dialog: Dialog) -> None:
        types_chinese(child(dialog, FieldBox, "原因").edit, "不是村里的电脑")
        dialog.box.buttons["refuse"].click()

    dialogs.act(refuse)
    here._cards[0].no.click()
    qtbot.waitUntil(lambda: desk.refused == [(REQUESTS[0].sha256, "不是村里的电脑")])
    qtbot.waitUntil(lambda: len(here._cards) == 1)
    assert here._cards[0].code.digits() == "123456"


def test_the_slip_of_a_request_is_shown_before_it_is_printed(
    shell: Shell, desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def slip(desk: Any, key: str) -> Any:
        asked.append(key)
        return draw_approval_slip(an_approval_slip(digits="", qr=""))

    monkeypatch.setattr(approval_slips, "approval_slip", slip)
    assert ("Ctrl+P", "打印核对单") in tuple(screen(shell).keys())
    qtbot.keyClick(shell, KEY.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(shell.findChildren(Preview)))
    assert asked == [REQUESTS[0].sha256] and shell.findChildren(Preview)[0].viewer.pages.count == 1
    qtbot.keyClick(shell.findChildren(Preview)[0], KEY.Key_Escape)
    button = next(one for one in screen(shell)._cards[1].findChildren(Button) if one.text() == "打印核对单")
    button.click()
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == REQUESTS[1].sha256


def test_nothing_is_refused_without_a_reason(shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot) -> None:
    here = screen(shell)
    here.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    here.setFocus()

    def without(dialog: Dialog) -> None:
        dialog.box.buttons["refuse"].click()
        assert dialog.isVisible()
        dialog.box.buttons["stay"].click()

    dialogs.act(without)
    qtbot.keyClick(here, KEY.Key_Delete)
    assert desk.refused == [] and dialogs.titles == ["不核准曼弄村的这台电脑？"]


def test_a_request_file_is_read_and_its_card_takes_the_focus(
    shell: Shell, desk: Desk, monkeypatch: pytest.MonkeyPatch, dialogs: Answers, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *rest: ("/media/E/曼冈村.cbreq", ""))
    here = screen(shell)
    qtbot.keyClick(here._cards[0].code.edit, KEY.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(here._cards) == 3)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is here._cards[2].code.edit)
    assert here.to_edge  # three cards: the page scrolls
    dialogs.press("close")
    here.read_request(Path("/media/E/照片.jpg"))
    qtbot.waitUntil(lambda: dialogs.titles == ["不是证书申请"])


def test_it_opens_at_the_village_that_was_asked_for(shell: Shell) -> None:
    shell.go("enrol", office=code_of(10))
    assert QApplication.focusWidget() is screen(shell)._cards[1].code.edit


# --- certificates ----------------------------------------------------------------------------------------------------


def press_row(shell: Shell, row: int, qtbot: QtBot) -> None:
    grid = screen(shell).grid
    grid.go(row)
    cell = grid.cell_rect(row, "act")
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(cell.right() - 20, cell.center().y()))


def test_counts_filter_the_certificates(shell: Shell) -> None:
    here = screen(shell)
    assert [(one.word, one.count) for one in here.filters.filters] == [
        ("全部", "13"), ("30 天内到期", "1"), ("已吊销", "1"),
    ]  # fmt: skip
    assert here.grid.count == 13
    here.filters.press(2)
    assert [here.grid.row(n).label for n in range(here.grid.count)] == ["曼扫村 文书电脑"]
    assert here.grid.row(0).cell("act").text == "换发"


def test_revoking_asks_what_still_counts_a_reason_and_the_password(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    def revoke(dialog: Dialog) -> None:
        types_chinese(child(dialog, PasswordField).edit, PASSWORD)
        dialog.box.buttons["act"].click()
        assert dialog.isVisible()  # no reason yet
        types_chinese(child(dialog, FieldBox, "原因").edit, "电脑丢了")
        rings = next(one for one in dialog.findChildren(QWidget) if one.accessibleName() == "哪些还算数")
        qtbot.keyClick(rings, KEY.Key_Down)
        assert dialog.box.safe_button.text() == "先不办"
        dialog.box.buttons["act"].click()

    dialogs.act(revoke)
    press_row(shell, 2, qtbot)
    qtbot.waitUntil(lambda: desk.revoked == [("C-0103", CHOICES[1], "电脑丢了")])
    assert dialogs.titles == ["吊销曼蚌村这台电脑的证书？"]


def test_a_wrong_password_keeps_the_reason_and_the_choice(
    shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    def wrong(dialog: Dialog) -> None:
        types_chinese(child(dialog, FieldBox, "原因").edit, "电脑丢了")
        gives("错的")(dialog)

    dialogs.act(wrong)
    dialogs.act(gives(PASSWORD))
    press_row(shell, 2, qtbot)
    qtbot.waitUntil(lambda: desk.revoked == [("C-0103", CHOICES[0], "电脑丢了")])


def test_a_certificate_that_ends_soon_is_renewed(shell: Shell, desk: Desk, dialogs: Answers, qtbot: QtBot) -> None:
    dialogs.act(gives(PASSWORD))
    press_row(shell, 4, qtbot)
    qtbot.waitUntil(lambda: desk.renewed == ["C-0105"])
    assert dialogs.titles == ["给曼扫村换发证书？"]


def test_enter_tells_a_certificate_and_a_revoked_one_can_only_be_looked_at(
    shell: Shell, dialogs: Answers, qtbot: QtBot
) -> None:
    grid = screen(shell).grid
    grid.setFocus()
    grid.go(6)
    offered: list[list[str]] = []
    dialogs.act(lambda dialog: (offered.append(list(dialog.box.buttons)), dialog.box.buttons["close"].click()))
    qtbot.keyClick(grid, KEY.Key_Return)
    dialogs.act(lambda dialog: (offered.append(list(dialog.box.buttons)), dialog.box.buttons["close"].click()))
    grid.go(0)
    qtbot.keyClick(grid, KEY.Key_Return)
    assert offered == [["close"], ["revoke", "renew", "close"]]
    assert "已吊销，认到第 1 次" in dialogs.said[0]


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
@pytest.mark.parametrize("requests", [0, 2, 3])
def test_it_fits_the_laptops_window(shell: Shell, desk: Desk, scale: float, contrast: bool, requests: int) -> None:
    desk.requests = (*REQUESTS, replace(REQUESTS[0], sha256="d4" * 32))[:requests]
    shell.go("enrol")
    shell.set_look(scale, contrast)
    QApplication.processEvents()
    assert (shell.width(), shell.height()) == (1366, 696)
    here = screen(shell)
    for text in here.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
            assert not text.is_cut, text.text()
    assert here.grid.height() >= 4 * here.grid.places.row
    assert here.grid.horizontalScrollBar().maximum() == 0
