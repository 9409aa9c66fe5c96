"""Pages over the window: keys are theirs alone, they are printed, and kept as a file where there is no printer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.ui import printing
from cunbao.ui.screens.help import Help
from cunbao.ui.screens.preview import Preview
from cunbao.ui.shell import Shell
from ui.town import TownDesk
from ui.town_views import area_page
from ui.townhall import Answers, Some

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk() -> TownDesk:
    return TownDesk()


@pytest.fixture
def shell(show, desk: TownDesk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


@pytest.fixture
def page(shell: Shell) -> Preview:
    return Preview(shell, "催报单", area_page(), "1 个村，2 页")


def press(qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key, held)


def test_no_key_reaches_what_the_pages_cover(
    shell: Shell, page: Preview, desk: TownDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shell.screen_here
    printed: list[str] = []
    monkeypatch.setattr(printing, "print_pages", lambda shell, data, title: printed.append(title))
    went: list[str] = []
    for name in ("undo", "go_on", "preview", "key"):
        monkeypatch.setattr(here, name, lambda *words, name=name: bool(went.append(name)))
    for key, held in ((KEY.Key_Z, CONTROL), (KEY.Key_Return, CONTROL), (KEY.Key_3, CONTROL), (KEY.Key_F9, None)):
        press(qtbot, key, *([held] if held else []))
    assert shell.screen_here is here and page.isVisible() and (went, desk.undone) == ([], [])
    press(qtbot, KEY.Key_P, CONTROL)
    assert printed == ["催报单"] and shell.findChildren(Preview) == [page]
    press(qtbot, KEY.Key_Escape)
    assert not page.isVisible()


def test_without_a_printer_the_pages_are_kept_as_a_file(
    shell: Shell, page: Preview, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: []))
    asked: list[str] = []

    def choose(parent: object, title: str, offered: str, kinds: str) -> tuple[str, str]:
        asked.append(Path(offered).name)
        return str(tmp_path / "催报单.pdf"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    answers = Answers(shell)
    answers.press("close", "save", "close")
    press(qtbot, KEY.Key_P, CONTROL)
    assert answers.titles == ["这台电脑还没有装打印机"] and not asked
    press(qtbot, KEY.Key_P, CONTROL)
    qtbot.waitUntil(lambda: answers.titles[-1] == "存好了")
    assert asked == ["催报单.pdf"] and (tmp_path / "催报单.pdf").read_bytes() == area_page()
    assert page.isVisible()


def test_f1_over_the_pages_says_how_they_are_read_and_comes_back_to_them(
    shell: Shell, page: Preview, qtbot: QtBot
) -> None:
    press(qtbot, KEY.Key_F1)
    shown = shell.findChild(Help)
    assert shown is not None and shown.section is not None and shown.section.key == "preview"
    press(qtbot, KEY.Key_Escape)
    assert not shown.isVisible() and page.isVisible() and page.isAncestorOf(QApplication.focusWidget())
