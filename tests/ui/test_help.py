"""F1: the section of the place where the user is, read and searched by the keyboard alone, and back where one was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao import manual
from cunbao.desks.views import Person, UnlockView
from cunbao.errors import DeskError, ManualError
from cunbao.manual import Heading
from cunbao.ui.kit.article import PictureView
from cunbao.ui.kit.dialog import Choice, Dialog, DialogBox, error_box
from cunbao.ui.screens import dialogs
from cunbao.ui.screens.begin_county import BeginCounty
from cunbao.ui.screens.first_run import FirstRun
from cunbao.ui.screens.help import Help
from cunbao.ui.screens.unlock import Unlock
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.conftest import Show
from ui.desk import PlainDesk
from ui.hands import types_chinese
from world.papers import text_of

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


def test_the_contents_show_where_one_is_however_far_down(shell: Shell, qtbot: QtBot) -> None:
    shell.show_help("terms")
    shown = shell.findChild(Help)
    seen = shown._scroll.viewport()

    def in_sight() -> bool:
        box = shown.contents.box_of(shown.contents.at)
        top = shown.contents.mapTo(seen, box.topLeft()).y()
        return 0 <= top <= seen.height() - box.height()

    qtbot.waitUntil(in_sight)
    assert shown._scroll.verticalScrollBar().value() > 0


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
    assert shown.asked.places[0] == "home"
    key(qtbot, Qt.Key.Key_Escape)
    assert dialog.isVisible() and QApplication.focusWidget() is box.safe_button
    key(qtbot, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


TROUBLE = DeskError("disk.full", happened="硬盘满了", safe="已填的都在", todo="腾出 200 MB 再存一次")
WHEN = datetime(2025, 12, 12, 2, 5, tzinfo=UTC)
BOXES: dict[str, Callable[[], DialogBox]] = {
    "trouble": lambda: error_box(TROUBLE),
    "trouble/disk": lambda: dialogs.disk_full(TROUBLE, 1),
    "trouble/stick": lambda: dialogs.stick_gone(TROUBLE, 1),
    "trouble/clock": lambda: dialogs.clock_back(date(2025, 1, 3), date(2025, 12, 12)),
    "trouble/second": lambda: dialogs.second_window(WHEN),
    "trouble/damaged": lambda: dialogs.damaged(WHEN),
    "trouble/newer": lambda: dialogs.newer("1.2", "1.3"),
    "trouble/restored": lambda: dialogs.restored(WHEN),
}


@pytest.mark.parametrize("place", BOXES)
def test_f1_in_a_dialog_of_trouble_shows_what_is_written_of_it(shell: Shell, qtbot: QtBot, place: str) -> None:
    dialog = Dialog(shell, BOXES[place]())
    shown = pressed_f1(shell, qtbot)
    book = shown.manual
    assert book is not None and shown.section is book.at(place) and shown.section is not book.at("home")
    heads = [block.text for block in shown.section.blocks if isinstance(block, Heading) and place in block.places]
    assert all(head in shown.article.toPlainText() for head in heads)
    if heads:  # far down its section, and in sight at once
        assert shown.article.verticalScrollBar().value() > 0
    key(qtbot, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    dialog.box.answer(next(iter(dialog.box.buttons)))


LOCKED = UnlockView(Path("manbang"), "曼蚌村", "勐海县勐混镇", (Person("玉香", "填报人"),), None, False, 5, None)


@pytest.mark.parametrize(("place", "make"), [
    ("first-run", FirstRun),
    ("begin-county", BeginCounty),
    ("unlock", lambda: Unlock(LOCKED)),
])  # fmt: skip
def test_f1_before_a_desk_is_open_shows_that_window(
    show: Show, qtbot: QtBot, place: str, make: Callable[[], QWidget]
) -> None:
    window = Shell(Village(), asks_to_close=False)
    show(window, 1366, 696)
    window.show_bare(make())
    shown = pressed_f1(window, qtbot)
    assert shown.section is not None and shown.section.key == place
    key(qtbot, Qt.Key.Key_Escape)
    window.show_bare(FirstRun())
    window.jobs.stop()


def test_what_is_read_goes_with_the_window_it_was_about(shell: Shell, qtbot: QtBot) -> None:
    """The workspace locks itself while somebody reads."""
    shown = pressed_f1(shell, qtbot)
    shell.show_bare(FirstRun())
    assert not shown.isVisible()


def test_links_outside_lead_nowhere(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    for address in ("https://example.org/", "file:///etc/passwd", "#no-such-place"):
        shown.article.anchorClicked.emit(QUrl(address))
    assert shown.section is not None and shown.section.key == "home" and len(shown._trail) == 1


@pytest.mark.parametrize(("name", "act"), [(Qt.Key.Key_P, "print_pages"), (Qt.Key.Key_S, "save_pages")])
def test_it_is_printed_or_kept_as_a_file_from_where_it_is_read(
    shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: Qt.Key, act: str
) -> None:
    from cunbao.ui import printing

    given: list[tuple[bytes, str]] = []
    monkeypatch.setattr(printing, act, lambda window, data, title: given.append((data, title)))
    shown = pressed_f1(shell, qtbot)
    key(qtbot, name, CONTROL)
    qtbot.waitUntil(lambda: bool(given), timeout=30_000)
    assert given[0][1] == "村级手册" and "本期任务" in text_of(given[0][0])
    assert shown.isVisible()


def test_a_picture_is_looked_at_larger_and_any_key_comes_back(shell: Shell, qtbot: QtBot) -> None:
    shown = pressed_f1(shell, qtbot)
    shown.article.anchorClicked.emit(QUrl("picture:village-home"))
    view = shown.findChild(PictureView)
    assert view is not None and view.isVisible() and view.hasFocus()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible() and shown.isVisible() and QApplication.focusWidget() is shown.article


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
