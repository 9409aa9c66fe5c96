"""催报: who owes what, whom to ring, the notice to copy and print, and a record of every call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving, settings
from cunbao.desks.township import chasing
from cunbao.desks.township.views import ChaseView
from cunbao.errors import TrustError
from cunbao.survey.sample import MANSAI
from cunbao.ui.kit import style
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import FieldBox, PasswordField, TextArea
from cunbao.ui.kit.text import Text
from cunbao.ui.screens import preview as preview_screen
from cunbao.ui.screens.chase import ChaseScreen
from cunbao.ui.screens.chase_notice import Said
from cunbao.ui.screens.preview import Preview
from cunbao.ui.shell import Shell
from ui.hands import types_chinese
from ui.town_more import NOTICE, a_town, chase_view, code
from ui.townhall import Answers, Some, where
from world.desk import MANBANG, MANGUO, PASSWORD, a_town_desk, bundle_file

KEY = Qt.Key
CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG = 60_000  # ms


class Desk:
    """What the desk's modules answer, and what they were asked."""

    def __init__(self) -> None:
        self.view: ChaseView = chase_view()
        self.noted: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.printed: list[list[str]] = []
        self.exported: list[tuple[str, bool]] = []
        self.shown: list[tuple[str, str]] = []

    def notices(self, desk: Any, offices: Any) -> Any:
        self.printed.append(list(offices))
        return SimpleNamespace(pdf=b"%PDF", pages=len(offices))

    def export(self, desk: Any, path: Path, *, full: bool = False) -> int:
        self.exported.append((path.name, full))
        return 5000


def right_password(desk: Any, password: str) -> None:
    if password != PASSWORD:
        raise TrustError("password.wrong", happened="密码不对", safe="没有显示任何电话", todo="还可以试 4 次")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(chasing, "chase_view", lambda desk: made.view)
    monkeypatch.setattr(chasing, "note", lambda desk, *said: made.noted.append(said))
    monkeypatch.setattr(chasing, "body_for", lambda desk, office: NOTICE[1])
    monkeypatch.setattr(chasing, "set_text", lambda desk, *said: made.texts.append(said))
    monkeypatch.setattr(chasing, "notices", made.notices)
    monkeypatch.setattr(chasing, "export_xlsx", made.export)
    monkeypatch.setattr(settings, "confirm_password", right_password)
    monkeypatch.setattr(
        preview_screen, "show_preview", lambda shell, title, data, line: made.shown.append((title, line))
    )
    return made


@pytest.fixture
def shell(show, answers: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("chase"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(a_town())
    made.go("chase")
    yield made
    made.jobs.stop()


@pytest.fixture
def dialogs(shell: Shell) -> Answers:
    return Answers(shell)


def screen(shell: Shell) -> ChaseScreen:
    here = shell.screen_here
    assert isinstance(here, ChaseScreen)
    return here


def press(qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def names(here: ChaseScreen) -> list[str]:
    return [here.grid.row(number).label for number in range(here.grid.count)]


def phones(here: ChaseScreen) -> list[str]:
    return [here.grid.row(number).cell("contact").sub for number in range(here.grid.count)]


def sheet(here: ChaseScreen) -> list[str]:
    return [one.text().strip() for one in here.sheet.paper.findChildren(Text) if one.isVisible()]


# --- who -------------------------------------------------------------------------------------------------------------


def test_who_has_sent_nothing_is_first_and_those_to_be_chased_are_ticked(shell: Shell) -> None:
    here = screen(shell)
    assert here.head.line.text() == "9 个村还差 25 张，5 个村齐了"
    assert names(here)[:3] == ["曼冈村", "广别村", "贺开村"] and names(here)[-1] == "拉巴村"
    assert here.count.text() == "勾了 6 个村，18 张"
    assert here.rule.text() == "12-20 过后没报的，自动标迟报"
    first = here.grid.row(0)
    assert (first.cell("owes").text, first.cell("what").text) == ("5", "5 张都没报，上次文件签名对不上")
    assert (first.cell("last").text, first.cell("last").sub) == ("12-10 通知", "没回话")


def test_the_counts_filter_and_digits_choose_them(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_4)
    assert here.filters.current() == "returned" and names(here) == ["贺开村", "曼召村", "曼蚌村"]
    assert here.count.text() == "勾了 6 个村，18 张"  # what a filter hides stays ticked
    press(qtbot, shell, KEY.Key_6)
    assert names(here) == []
    press(qtbot, shell, KEY.Key_Escape)
    assert here.filters.current() == "all" and len(names(here)) == 9
    press(qtbot, shell, KEY.Key_Escape)
    assert where(shell)[0] == "board"


def test_from_the_board_it_stands_on_that_village(shell: Shell) -> None:
    shell.go("board")
    here = shell.go("chase", office=code("曼迈村"), form="B05")
    assert isinstance(here, ChaseScreen) and here.grid.current_id() == code("曼迈村")


def test_after_the_deadline_it_says_who_is_late(shell: Shell, answers: Desk) -> None:
    late = tuple(replace(one, late=one.kind == "nothing") for one in answers.view.lines)
    answers.view = replace(answers.view, lines=late, overdue=True)
    here = shell.go("chase")
    assert isinstance(here, ChaseScreen)
    assert here.rule.text() == "12-20 已过，没报的都标了迟报"
    assert here.grid.row(0).cell("name").sub == "迟报"


def test_when_nobody_owes_anything_it_says_so(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    answers.view = ChaseView((), 0, 14, dict.fromkeys(answers.view.counts, 0), answers.view.deadline, False)
    here = shell.go("chase")
    assert isinstance(here, ChaseScreen)
    assert here.empty.isVisible() and not here.card.isVisible() and not here.main.isVisible()
    assert here.head.line.text() == "14 个村齐了"


# --- the notice ------------------------------------------------------------------------------------------------------


def test_the_notice_of_the_village_under_the_cursor_is_shown(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Down)
    press(qtbot, shell, KEY.Key_Down)
    assert here.sheet.place.text() == "贺开村，3 / 6"
    assert sheet(here)[:2] == ["催报通知", "贺开村民委员会："] and sheet(here)[-1] == "2025 年 12 月 16 日"
    here.sheet.after.click()
    assert here.grid.current_id() == code("曼召村")
    here.grid.go(6)
    assert here.sheet.place.text() == "曼蚌村"  # not ticked: no number among those
    here.sheet.before.click()
    assert here.grid.current_id() == code("曼迈村")


def test_control_c_copies_the_text_for_a_chat(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Down)
    press(qtbot, shell, KEY.Key_C, CONTROL)
    copied = QApplication.clipboard().text()
    assert copied.startswith("广别村民委员会：") and copied.endswith("2025 年 12 月 16 日")
    assert here.note.text.text() == "广别村的通知已复制，可以粘贴到微信里。"


def test_control_p_prints_the_ticked_villages(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Space)  # 曼冈村 out
    press(qtbot, shell, KEY.Key_P, CONTROL)
    assert answers.printed == [[code(name) for name in ("广别村", "贺开村", "曼召村", "曼弄村", "曼迈村")]]
    assert answers.shown == [("催报单", "5 个村，5 页")]
    here.grid.head_ticked.emit()
    here.grid.head_ticked.emit()
    assert here.count.text() == "还没有勾选要催的村" and here.main.toolTip() == "先勾选一个村"
    press(qtbot, shell, KEY.Key_P, CONTROL)
    assert len(answers.printed) == 1 and here.note.text.text() == "先勾选一个村，再打印。"


def test_the_text_is_changed_for_this_round_or_taken_back(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)

    def writes(dialog: Dialog) -> None:
        area = dialog.findChild(TextArea)
        assert area is not None and area.text() == NOTICE[1]
        area.edit.setPlainText("岩光书记：今天下班前务必送来。")
        dialog.box.buttons["change"].click()

    dialogs.act(writes)
    here.sheet.change.click()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert answers.texts == [(code("曼冈村"), "岩光书记：今天下班前务必送来。")]
    assert here.note.text.text() == "曼冈村的通知改好了，只用这一次。"
    dialogs.press("usual", "stay")
    here.sheet.change.click()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    here.sheet.change.click()
    assert answers.texts[1:] == [(code("曼冈村"), "")]


# --- the record ------------------------------------------------------------------------------------------------------


def test_r_notes_what_was_said_with_the_keyboard_alone(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Down)

    def says(dialog: Dialog) -> None:
        said = dialog.findChild(Said)
        assert said is not None
        qtbot.keyClick(said.ways, KEY.Key_Right)
        qtbot.keyClick(said.ways, KEY.Key_Right)
        types_chinese(said.field.edit, "答应 12-18 送")
        qtbot.keyClick(said.field.edit, KEY.Key_Return)

    dialogs.act(says)
    press(qtbot, shell, KEY.Key_R)
    assert answers.noted == [(code("广别村"), "微信", "答应 12-18 送")]
    assert dialogs.titles == ["记一次：催广别村"] and dialogs.said[0].startswith("上次：12-15 电话，答应 12-18 送")
    assert here.note.text.text() == "记下了：广别村 微信，答应 12-18 送。"
    assert QApplication.focusWidget() is here.grid


def test_nothing_is_noted_when_the_dialog_is_left(shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot) -> None:
    dialogs.act(lambda dialog: qtbot.keyClick(dialog.findChild(FieldBox).edit, KEY.Key_Escape))
    press(qtbot, shell, KEY.Key_R)
    assert answers.noted == []


# --- telephones ------------------------------------------------------------------------------------------------------


def test_telephones_are_covered_until_the_password_is_typed(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = screen(shell)
    assert phones(here)[0] == "138****0000" and phones(here)[-1] == "没有电脑"
    assert here.masked.accessibleName() == "电话中间 4 位已隐藏"

    def types(password: str) -> Any:
        def act(dialog: Dialog) -> None:
            field = dialog.findChild(PasswordField)
            assert field is not None
            types_chinese(field.edit, password)
            dialog.box.buttons["show"].click()

        return act

    dialogs.act(types("不对"))
    dialogs.press("stay")
    here.show_button.click()
    qtbot.waitUntil(lambda: len(dialogs.titles) == 2 and shell.jobs.idle)
    assert phones(here)[0] == "138****0000" and dialogs.titles[0] == "显示完整的电话号码"
    dialogs.act(types(PASSWORD))
    here.show_button.click()
    qtbot.waitUntil(lambda: here.eye.open)
    assert phones(here)[0] == "13800000000" and here.show_button.text() == "盖住"
    here.write_to(Path("名单.xlsx"))
    qtbot.waitUntil(lambda: shell.jobs.idle)
    shell.go("board")
    shell.go("chase")
    assert phones(here)[0] == "138****0000"  # covered on leaving
    here.write_to(Path("名单.xlsx"))
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert answers.exported == [("名单.xlsx", True), ("名单.xlsx", False)]
    assert here.note.text.text() == "已写到 名单.xlsx，电话中间 4 位已隐藏。"


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True)])
def test_nothing_is_cut_or_covered_at_any_size(shell: Shell, qapp: QApplication, scale: float, contrast: bool) -> None:
    style.apply(qapp, scale, contrast)
    here = shell.go("chase")
    assert isinstance(here, ChaseScreen)
    QApplication.processEvents()
    assert here.grid.horizontalScrollBar().maximum() == 0
    assert [one.text() for one in here.sheet.findChildren(Text) if one.isVisible() and one.is_cut] == []
    shell.resize(1180, 640)
    QApplication.processEvents()
    assert here.main.mapTo(shell, here.main.rect().topRight()).x() < shell.width()
    assert not here.head.title.is_cut and not here.count.is_cut
    buttons = (here.sheet.change, here.sheet.noted, here.sheet.copied)
    assert [one.text() for one in buttons if one.width() < one.sizeHint().width()] == []


def test_what_was_done_in_the_window_is_in_the_workspace(show, qtbot: QtBot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path, office) for office in (MANBANG, MANGUO)])
    shell = Shell(Some("chase"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(town)
    here = shell.go("chase")
    assert isinstance(here, ChaseScreen) and names(here) == ["曼赛村"]
    dialogs = Answers(shell)
    dialogs.press("note")
    press(qtbot, shell, KEY.Key_R)
    assert [one.how for one in chasing.record(town, MANSAI)] == ["电话"]
    assert here.grid.row(0).cell("last").text == "12-16 电话"
    press(qtbot, shell, KEY.Key_C, CONTROL)
    assert QApplication.clipboard().text() == chasing.text_for(town, MANSAI)
    here.write_to(tmp_path / "名单.xlsx")
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    assert load_workbook(tmp_path / "名单.xlsx").active["B4"].value == "曼赛村"
    press(qtbot, shell, KEY.Key_P, CONTROL)
    page = shell.findChild(Preview)
    assert page is not None and page.viewer.pages.count == 1
    shell.jobs.stop()
    town.close()
