"""F1: the section of the place where the user is, read and searched by the keyboard alone, and back where one was."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao import manual
from cunbao.errors import ManualError
from cunbao.ui.kit.dialog import Choice, Dialog, DialogBox
from cunbao.ui.screens.help import Help
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.conftest import Show
from ui.desk import PlainDesk
from ui.hands import types_chinese

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shell(show: Show):  # type: ignore[no-untyped-def]
    made = Shell(Village(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(PlainDesk())
    yield made
    made.jobs.stop()


def pressed_f1(shell: Shell, qtbot: QtBot) -> Help:
    qtbot.keyClick(QApplication.focusWidget() or shell, Qt.Key.Key_F1)
    found = [one for one in shell.findChildren(Help) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def key(qtbot: QtBot, name: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, name, modifier)


def test_f1_shows_the_section_of_this_screen_and_escape_gives_the_focus_back(shell: Shell, qtbot: QtBot) -> None:
    before = QApplication.focusWidget()
    shown = pressed_f1(shell, qtbot)
    assert shown.section is not None and shown.section.key == "home"
    read = shown.article.toPlainText()
    assert "本期任务" in read and "这里现在能用的键" in read and "到处都能用的键" in read and "继续填报" in read
    assert QApplication.focusWidget() is shown.article
    key(qtbot, Qt.Key.Key_Escape)
    assert not shown.isVisible() and QApplication.focusWidget() is before


def test_it_is_read_and_searched_by_the_keyboard_alone(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    key(qtbot, Qt.Key.Key_PageDown)
    assert shown.article.verticalScrollBar().value() > 0
    key(qtbot, Qt.Key.Key_F, CONTROL)
    types_chinese(shown.search.edit, "密码")
    found = [entry.key for entry in shown.contents.entries]
    assert found and shown.section is not None and shown.section.key == found[0]
    assert shown.article.extraSelections(), "the word is marked on the page"
    key(qtbot, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is shown.contents
    key(qtbot, Qt.Key.Key_Down)
    assert shown.section.key == found[1]
    key(qtbot, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is shown.article
    key(qtbot, Qt.Key.Key_Left, ALT)
    assert shown.section.key == found[0]
    key(qtbot, Qt.Key.Key_Right, ALT)
    assert shown.section.key == found[1]
    key(qtbot, Qt.Key.Key_Escape)
    assert shown.isVisible() and shown.search.text() == "" and len(shown.contents.entries) > len(found)
    key(qtbot, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_nothing_found_is_a_sentence(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    key(qtbot, Qt.Key.Key_F, CONTROL)
    types_chinese(shown.search.edit, "没有这个词")
    assert shown._nothing.isVisible() and "没有这个词" in shown._nothing.text() and not shown.contents.entries


def test_tab_stays_inside_and_other_keys_do_not_reach_the_screen(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    for _ in range(40):
        key(qtbot, Qt.Key.Key_Tab)
        assert shown.isAncestorOf(QApplication.focusWidget())
    shown.article.setFocus()
    key(qtbot, Qt.Key.Key_3, CONTROL)
    key(qtbot, Qt.Key.Key_Z, CONTROL)
    assert shell.desk.undone == 0 and shown.isVisible() and shell._here == "home"
    key(qtbot, Qt.Key.Key_F1)
    assert not shown.isVisible()


def test_a_dialog_has_its_own_section_and_stays_open(shell: Shell, qtbot: QtBot) -> None:
    box = DialogBox("撤回报送？", "", "", "", (Choice("no", "不撤回"),), help="home")
    dialog = Dialog(shell, box)
    shown = pressed_f1(shell, qtbot)
    assert shown.asked.place == "home"
    key(qtbot, Qt.Key.Key_Escape)
    assert dialog.isVisible() and QApplication.focusWidget() is box.safe_button
    key(qtbot, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_links_outside_lead_nowhere(shell: Shell, qtbot: QtBot) -> None:
    from PySide6.QtCore import QUrl

    shown = pressed_f1(shell, qtbot)
    for address in ("https://example.org/", "file:///etc/passwd", "#no-such-place"):
        shown.article.anchorClicked.emit(QUrl(address))
    assert shown.section is not None and shown.section.key == "home" and len(shown._trail) == 1


@pytest.mark.parametrize("code", ["manual.missing", "manual.damaged"])
def test_without_a_manual_the_keys_are_still_shown(
    shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def broken(kind: str) -> manual.Manual:
        raise ManualError(code, happened="手册的文件不在", safe="资料都在", todo="重新安装")

    monkeypatch.setattr(manual, "read", broken)
    shown = pressed_f1(shell, qtbot)
    read = shown.article.toPlainText()
    for words in ("手册的文件不在。", "蓝色按钮是现在最该做的一步", "继续填报", "下一处问题"):
        assert words in read
    key(qtbot, Qt.Key.Key_Escape)
    assert not shown.isVisible()
    key(qtbot, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: shell.desk.undone == 1)  # the program goes on


def test_the_letters_grow_while_reading(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    before = shown.article.document().defaultFont().pixelSize()
    key(qtbot, Qt.Key.Key_Plus, CONTROL)
    qtbot.waitUntil(lambda: shown.article.document().defaultFont().pixelSize() > before)
    assert shown.section is not None and shown.section.key == "home"
