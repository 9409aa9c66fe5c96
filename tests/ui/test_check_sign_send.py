"""检查, 签名, 报送 in a real window over a real workspace: what is seen, what is pressed, what is on the disk then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cunbao.survey.states import ReturnState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox, PasswordField
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.export import ExportScreen
from cunbao.ui.screens.sign import SignScreen
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import MANGUO, PASSWORD, a_village_desk, types

LONG = 30_000  # ms, for a busy machine drawing five returns


class Open:
    """A window with a desk in it."""

    def __init__(self, qtbot: QtBot, shell: Shell) -> None:
        self.qtbot, self.shell = qtbot, shell

    def goes(self, name: str) -> Any:
        screen = self.shell.go(name)
        self.settles()
        return screen

    def settles(self) -> None:
        self.qtbot.waitUntil(lambda: self.shell.jobs.idle, timeout=LONG)

    def presses(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        self.qtbot.keyClick(widget or self.shell.focusWidget() or self.shell, key)
        self.settles()


@pytest.fixture
def opens(show: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Any]:
    made: list[Shell] = []

    def open_at(stage: str, **more: Any) -> Open:
        desk = a_village_desk(tmp_path, stage, **more)
        shell = Shell(Village(), asks_to_close=False)
        shell.open_desk(desk)
        show(shell, 1366, 696)
        made.append(shell)
        return Open(qtbot, shell)

    yield open_at
    for shell in made:
        shell.jobs.stop()
        shell.desk.close()


def test_the_check_counts_what_must_be_mended_and_enter_goes_there(opens: Any) -> None:
    window = opens("ready", office=MANGUO)
    desk = window.shell.desk
    types(desk, "B02", "b02_f_year", "2205", row=1)
    check = window.goes("check")
    assert check._view.must_fix == 1
    assert not check._sign.isEnabled()
    window.presses(Qt.Key.Key_Return)
    assert window.shell.screen_here.nav_key() == "form/B02"


def test_an_explanation_typed_at_its_card_is_kept_and_opens_the_way_to_sign(opens: Any) -> None:
    window = opens("filled", office=MANGUO)
    check = window.goes("check")
    wanting = [card for one, card in check._cards if card.box_text is not None]
    assert wanting
    while wanting:
        box = wanting[0].box_text
        box.setFocus()
        types_chinese(box.edit, "分户多，外出的人回来了")
        window.presses(Qt.Key.Key_Return, box.edit)
        check.setFocus()
        check.refresh()
        wanting = [card for one, card in check._cards if card.box_text is not None and not one.explained]
    assert check._view.may_sign
    assert check._sign.isEnabled()
    assert {window.shell.desk.state(form) for form in window.shell.desk.task.forms} == {ReturnState.TO_SIGN}


def test_too_short_an_explanation_is_not_kept(opens: Any) -> None:
    window = opens("filled", office=MANGUO)
    check = window.goes("check")
    one, card = next((one, card) for one, card in check._cards if card.box_text is not None)
    types_chinese(card.box_text.edit, "对的")
    window.presses(Qt.Key.Key_Return, card.box_text.edit)
    assert window.shell.desk.workspace.explanations(window.shell.desk.key(one.finding.form)) == ()


def signs(window: Open, password: str = PASSWORD) -> SignScreen:
    sign: SignScreen = window.goes("sign")
    sign._seen.set_on(True)
    assert isinstance(sign._password, PasswordField)
    types_chinese(sign._password.edit, password)
    window.presses(Qt.Key.Key_Return, sign._password.edit)
    return sign


def test_one_password_signs_every_return_and_leads_to_the_stick(opens: Any) -> None:
    window = opens("ready")
    signs(window)
    desk = window.shell.desk
    assert all(desk.state(form) is ReturnState.SIGNED for form in desk.task.forms)
    assert isinstance(window.shell.screen_here, ExportScreen)


def test_the_pages_shown_are_the_bytes_that_get_signed(opens: Any) -> None:
    window = opens("ready")
    sign = window.goes("sign")
    shown = {one.form: one.drawn.pdf for one in sign._prepared}
    sign._seen.set_on(True)
    types_chinese(sign._password.edit, PASSWORD)
    window.presses(Qt.Key.Key_Return, sign._password.edit)
    desk = window.shell.desk
    for form, pages in shown.items():
        assert desk.signed_pdf(desk.newest(form)).startswith(pages)


def test_enter_does_not_sign_before_the_pages_were_looked_at(opens: Any) -> None:
    window = opens("ready")
    sign = window.goes("sign")
    types_chinese(sign._password.edit, PASSWORD)
    window.presses(Qt.Key.Key_Return, sign._password.edit)
    assert window.shell.desk.newest("B01") is None
    assert "我看过" in sign._note.text.text()


def test_a_wrong_password_signs_nothing_and_is_said_at_its_place(opens: Any) -> None:
    window = opens("ready")
    sign = signs(window, "不是这个密码")
    assert window.shell.desk.newest("B01") is None
    assert "密码不对" in sign._note.text.text()
    assert sign._password is not None and sign._password.text() == ""


def test_after_a_restore_signing_first_asks_for_the_newest_receipt(opens: Any) -> None:
    from cunbao.store import RESTORED
    from cunbao.ui.screens.receipt import Receipt

    window = opens("ready")
    desk = window.shell.desk
    of = desk.clock().isoformat()
    desk.workspace.set_setting(RESTORED, {"at": of, "state_of": of, "lost_epoch": "a"})
    told: list[str] = []

    def says(key: str) -> None:
        window.shell.ask = lambda box, **more: told.append(box.accessibleName()) or key

    says("later")
    signs(window)
    assert told == ["签名前，先读最新的回执"] and desk.newest("B01") is None
    says("receipt")
    signs(window)
    assert isinstance(window.shell.screen_here, Receipt) and desk.newest("B01") is None
    says("none")
    signs(window)
    assert len(told) == 3 and all(desk.state(form) is ReturnState.SIGNED for form in desk.task.forms)


def test_identity_numbers_are_covered_on_the_screen_and_whole_in_the_bytes(opens: Any) -> None:
    from cunbao.desks.village import signing

    window = opens("ready")
    sign = window.goes("sign")
    covered = signing.covered(window.shell.desk, sign._prepared)
    number = next(text for text in covered if len(text) == 18)
    assert covered[number] == f"{number[:6]}********{number[-4:]}"
    roster = next(one for one in sign._prepared if one.form == "B03")
    assert number.encode() in roster.revision.answers_bytes


def test_a_signature_is_taken_back_until_it_has_left(opens: Any) -> None:
    window = opens("signed")
    window.goes("sign")
    from cunbao.ui.screens.signed import SignedList

    shown = window.shell.screen_here.findChild(SignedList)
    shown._take_back("B02")
    window.settles()
    desk = window.shell.desk
    assert desk.state("B02").editable
    assert window.shell.screen_here.nav_key() == "form/B02"


def test_a_return_whose_figures_moved_is_corrected_in_one_step_from_home_and_from_the_stick(
    opens: Any, tmp_path: Path
) -> None:
    from cunbao.desks.village import practice, sending, signing
    from world.desk import text

    window = opens("signed")
    desk = window.shell.desk
    (tmp_path / "stick").mkdir()
    sending.write_bundle(desk, tmp_path / "stick", PASSWORD)
    homes = int(text(desk, "B01", "b01_hh_resident"))
    signing.begin_correction(desk, "B01")
    types(desk, "B01", "b01_hh_resident", str(homes - 1))
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
    send: ExportScreen = window.goes("send")
    assert send._view is not None and (send._view.correct, send._view.may_send) == ("B02", False)
    home = window.goes("home")
    assert home._next.button.text() == "做更正" and "依据已变" in home._row(home._view.forms[1]).label
    window.presses(Qt.Key.Key_Return, home._next.button)
    assert window.shell.screen_here.nav_key() == "form/B02"
    assert text(desk, "B02", "b02_hh") == str(homes - 1)


def test_the_bundle_is_written_read_back_and_said_with_its_code(opens: Any, tmp_path: Path) -> None:
    window = opens("signed")
    stick = tmp_path / "stick"
    stick.mkdir()
    send: ExportScreen = window.goes("send")
    send.use_folder(stick)
    assert send._password is not None
    types_chinese(send._password.edit, PASSWORD)
    window.presses(Qt.Key.Key_Return, send._password.edit)
    (written,) = stick.glob("*.cbsync")
    assert written.name == "曼蚌村-2025年度-第1次.cbsync"
    assert send._view is not None and send._view.last is not None
    assert send._view.last.path == written
    assert window.shell.desk.state("B01") is ReturnState.SENT


def test_a_stick_that_cannot_be_written_leaves_everything_unsent(opens: Any, tmp_path: Path, qtbot: QtBot) -> None:
    window = opens("signed")
    send: ExportScreen = window.goes("send")
    send.use_folder(tmp_path / "gone")
    assert send._password is not None
    types_chinese(send._password.edit, PASSWORD)
    told: list[Any] = []
    window.shell.ask = lambda box, **more: told.append(box.accessibleName()) or "later"  # type: ignore[method-assign]
    window.presses(Qt.Key.Key_Return, send._password.edit)
    assert told
    assert window.shell.desk.state("B01") is ReturnState.SIGNED


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
@pytest.mark.parametrize(
    ("stage", "name"), [("ready", "check"), ("ready", "sign"), ("signed", "send"), ("signed", "sign")]
)
def test_every_size_of_letters_shows_the_page(opens: Any, scale: float, stage: str, name: str) -> None:
    window = opens(stage)
    window.shell.set_look(scale, False)
    screen = window.goes(name)
    assert look.scale == scale
    assert screen.isVisible()
    assert window.shell.width() <= 1366


def test_a_return_that_was_sent_is_taken_back_by_keyboard_and_goes_with_the_next_stick(
    opens: Any, tmp_path: Path
) -> None:
    from cunbao.desks.village import sending
    from cunbao.ui.kit.dialog import Dialog
    from cunbao.ui.screens.signed import SignedList

    window = opens("signed")
    desk, shell = window.shell.desk, window.shell
    (tmp_path / "stick").mkdir()
    sending.write_bundle(desk, tmp_path / "stick", PASSWORD)
    window.goes("sign")
    shown = shell.screen_here.findChild(SignedList)
    keys = shell.screen_here.keys()
    assert ("Delete", "撤回报送") in keys
    dialogs = Answers(shell)

    def field(dialog: Dialog, kind: Any) -> Any:
        return next(one for one in dialog.findChildren(kind) if type(one) is kind)

    def say_why(dialog: Dialog) -> None:
        """First he forgets the reason."""
        types_chinese(field(dialog, PasswordField).edit, PASSWORD)
        dialog.box.buttons["act"].click()
        assert dialog.isVisible() and "还没写为什么撤回" in [one.text() for one in dialog.findChildren(Text)]
        assert dialog.box.safe_button.text() == "先不办"
        types_chinese(field(dialog, FieldBox).edit, "户数抄错了一行")
        window.qtbot.keyClick(field(dialog, PasswordField).edit, Qt.Key.Key_Return)

    dialogs.act(say_why)
    button = next(one for one in shown._lines["B02"].findChildren(Button) if one.text() == "撤回报送")
    button.setFocus()
    window.presses(Qt.Key.Key_Delete, button)
    window.qtbot.waitUntil(lambda: shell.screen_here.nav_key() == "form/B02", timeout=LONG)
    window.settles()
    assert dialogs.titles == ["撤回 B02 的报送？"] and desk.state("B02").editable
    assert desk.workspace.decisions(desk.newest("B02").id)[0].act == "retract"
    send: ExportScreen = window.goes("send")
    assert send._view is not None and send._view.retracted == ("B02",) and send._password is not None
    window.goes("sign")
    words = [text.text() for text in shell.screen_here._list.findChildren(Text)]
    assert "已撤回报送，要报送出去乡镇才知道" in words
