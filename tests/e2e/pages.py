"""What a clerk sees and presses, screen by screen, with the keyboard alone. Pages hide widgets; stories stay his words.

Every act is a key pressed in the real window; what he sees is what visible widgets say. A page's methods give the page
that he is on afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks.story.demo import StoryClock
from cunbao.ui.app import App
from ui.hands import types_chinese

Key = Qt.Key
CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
NAV = {"home": 1, "B01": 2, "B02": 3, "B03": 4, "B04": 5, "B05": 6, "check": 7, "sign": 8, "send": 9}
LONG = 20_000  # ms that any wait of a story may take on a slow machine
MOST_TABS = 120
LOOK_MS = 20  # how often it is looked whether a dialog has come


@dataclass
class Page:
    """The window and the hands on its keyboard."""

    bot: QtBot
    app: App
    clock: StoryClock

    # --- hands ---------------------------------------------------------------------------------------------------

    @property
    def focus(self) -> QWidget:
        """What takes the keys; a screen that has just come may take them a moment later."""
        self.bot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=LONG)
        here = QApplication.focusWidget()
        assert here is not None, "nothing takes the keys"
        return here

    def press(self, *keys: Key, held: Qt.KeyboardModifier = NONE) -> None:
        for key in keys:
            QTest.keyClick(self.focus, key, held)
            QApplication.processEvents()

    def write(self, text: str) -> None:
        """Latin keys are clicked, Chinese is committed as an input method does."""
        if text.isascii():
            QTest.keyClicks(self.focus, text)
        else:
            types_chinese(self.focus, text)
        QApplication.processEvents()

    def tab_to(self, name: str) -> None:
        """Press Tab until what bears that name has the keys."""
        for _ in range(MOST_TABS):
            if name in named(self.focus):
                return
            self.press(Key.Key_Tab)
        raise AssertionError(f"no Tab leads to {name}; the last stop was {named(self.focus)}")

    def over(self) -> None:
        """Wait until nothing runs any more."""
        self.bot.waitUntil(lambda: self.app.window.jobs.idle, timeout=LONG)

    def picks(self, path: Path, press: Callable[[], object]) -> None:
        """`press` opens the system's dialog for a file or folder; the path is pasted into it."""
        assert path.exists(), path
        self.names(path, press)

    def names(self, path: Path, press: Callable[[], object]) -> None:
        """The same for a file that is to be written."""
        QApplication.clipboard().setText(str(path))

        def paste() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                return
            timer.stop()
            edit = dialog.findChild(QLineEdit)
            assert edit is not None
            edit.setFocus()
            edit.selectAll()
            QTest.keyClick(edit, Key.Key_V, CTRL)
            QTest.keyClick(edit, Key.Key_Return)

        timer = QTimer(self.app.window)
        timer.timeout.connect(paste)
        timer.start(LOOK_MS)
        press()
        self.bot.waitUntil(lambda: QApplication.focusWidget() is not None, timeout=LONG)
        self.over()

    # --- eyes ----------------------------------------------------------------------------------------------------

    def seen(self) -> str:
        """All that stands in the window now."""
        words = [self.app.window.windowTitle()]
        for one in self.app.window.findChildren(QWidget):
            if one.isVisible():
                words.append(said(one))
        return "\n".join(word for word in words if word)

    def sees(self, *words: str) -> Any:
        """These words appear, sooner or later."""
        for word in words:
            try:
                self.bot.waitUntil(lambda word=word: word in self.seen(), timeout=LONG)  # type: ignore[misc]
            except Exception as late:
                raise AssertionError(f"“{word}” is not to be seen in:\n{self.seen()}") from late
        return self

    def goes_to(self, place: str) -> Any:
        """Ctrl and the number that stands in the nav."""
        self.press(getattr(Key, f"Key_{NAV[place]}"), held=CTRL)
        self.over()
        kinds: dict[str, Callable[..., Page]] = {"home": Home, "check": Check, "sign": Sign, "send": Send}
        return kinds.get(place, FormPage)(self.bot, self.app, self.clock)

    def turns(self, kind: Callable[..., Any]) -> Any:
        return kind(self.bot, self.app, self.clock)


def named(widget: QWidget) -> str:
    """What a screen reader would call it; the inner line edit of a field bears the field's name."""
    words = [widget.accessibleName()]
    parent = widget.parentWidget()
    if isinstance(widget, QLineEdit) and parent is not None:
        words.append(parent.accessibleName())
    return " ".join(words)


def said(widget: QWidget) -> str:
    """What a widget says to a reader of the screen."""
    words = [widget.accessibleName()]
    for name in ("text", "title"):
        value = getattr(widget, name, None)
        if callable(value):
            try:
                found = value()
            except TypeError:
                continue
            if isinstance(found, str):
                words.append(found)
    return "\n".join(word for word in words if word)


class First(Page):
    """village-01: nothing is here yet."""

    def practises(self) -> Home:
        self.press(Key.Key_L, held=CTRL)
        self.bot.waitUntil(lambda: self.app.window.desk is not None, timeout=LONG)
        return self.turns(Home)  # type: ignore[no-any-return]


class Begin(Page):
    """A pack has been opened: the digits of the notice, the office, a name, a password."""

    def begins(self, digits: str, office: str, name: str, password: str) -> Home:
        self.write(digits)
        self.press(Key.Key_Return)
        self.write(office)
        self.press(Key.Key_Return)
        self.write(name)
        self.press(Key.Key_Return)
        self.press(Key.Key_Return)  # 填报人, as it stands
        self.write(password)
        self.press(Key.Key_Return)
        self.write(password)
        self.press(Key.Key_Return, held=CTRL)
        self.bot.waitUntil(lambda: self.app.window.desk is not None, timeout=LONG)
        return self.turns(Home)  # type: ignore[no-any-return]


class Unlock(Page):
    """village-02."""

    def unlocks(self, password: str) -> Home:
        self.write(password)
        self.press(Key.Key_Return)
        self.bot.waitUntil(lambda: self.app.window.desk is not None, timeout=LONG)
        return self.turns(Home)  # type: ignore[no-any-return]


class Home(Page):
    """village-03: Enter is the next step."""

    def takes_the_next_step(self) -> Any:
        self.press(Key.Key_Return)
        self.over()
        return self.turns(FormPage)

    def imports_from_a_tablet(self, folder: Path) -> Tablet:
        """从平板导入, and 选文件夹."""
        self.tab_to("从平板导入")
        self.press(Key.Key_Space)
        self.over()
        self.picks(folder, lambda: self.press(Key.Key_Return))
        return self.turns(Tablet)  # type: ignore[no-any-return]


class Tablet(Page):
    """从平板导入: 2 is the tablet's value, Ctrl+Enter takes all."""

    def takes_the_tablets(self) -> FormPage:
        self.press(Key.Key_2)
        self.press(Key.Key_Return, held=CTRL)
        self.over()
        return self.turns(FormPage)  # type: ignore[no-any-return]


class FormPage(Page):
    """village-04 and -05."""

    def goes_to_the_problem(self) -> FormPage:
        self.press(Key.Key_F8)
        self.over()
        return self

    def types(self, text: str) -> FormPage:
        """Over what stands in the cell, and Enter."""
        self.press(Key.Key_A, held=CTRL)
        self.write(text)
        self.press(Key.Key_Return)
        self.over()
        return self


class Check(Page):
    """village-08."""

    def goes_to_mend(self) -> FormPage:
        self.press(Key.Key_Return)
        self.over()
        return self.turns(FormPage)  # type: ignore[no-any-return]

    def explains(self, text: str) -> Check:
        """Write a 说明 into the next card that asks for one, and Enter."""
        for _ in range(MOST_TABS):
            here = self.focus
            if isinstance(here, QLineEdit) and "情况说明" in named(here) and not here.text():
                break
            self.press(Key.Key_Tab)
        self.write(text)
        self.press(Key.Key_Return)
        self.over()
        return self

    def checks_again(self) -> Check:
        self.press(Key.Key_F5)
        self.over()
        return self


class Sign(Page):
    """village-09: read, tick, password. After signing the way leads on to 报送."""

    def signs(self, password: str) -> Send:
        self.sees("的签名密码")
        self.tab_to("我看过")
        self.press(Key.Key_Space)
        self.tab_to("签名密码")
        self.write(password)
        self.press(Key.Key_Return)
        self.over()
        return self.turns(Send)  # type: ignore[no-any-return]


class Send(Page):
    """village-10."""

    def chooses(self, folder: Path) -> Send:
        """选文件夹."""
        self.tab_to("选文件夹")
        self.picks(folder, lambda: self.press(Key.Key_Space))
        return self.sees(str(folder))  # type: ignore[no-any-return]

    def writes(self, password: str) -> Send:
        self.tab_to("签名密码")
        self.write(password)
        self.press(Key.Key_Return)
        self.over()
        return self
