"""A township's window over the desk of the pictures: screens ask the desk's modules, tests put the answers there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township


class Elsewhere(Screen):
    """Stands for every screen that a test is not about, and remembers where it was opened."""

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__(shell)
        self.nav, self.opened = name, []

    def open(self, **where: Any) -> None:
        self.opened.append(where)

    def nav_key(self) -> str:
        return self.nav


class Some(Township):
    """The township's window with only some screens real."""

    def __init__(self, *real: str) -> None:
        self.real = real

    def make_screen(self, shell: Shell, name: str) -> Screen:
        return super().make_screen(shell, name) if name in self.real else Elsewhere(shell, name)


def where(shell: Shell) -> tuple[str, dict[str, Any]]:
    """The screen that was gone to, and its place."""
    here = shell.screen_here
    assert isinstance(here, Elsewhere), here
    return here.nav, here.opened[-1]


class Answers:
    """Answers dialogs as they come: each press is a function of the dialog; `titles` is what was asked."""

    def __init__(self, window: QWidget) -> None:
        self.window = window
        self.titles: list[str] = []
        self.said: list[str] = []
        self._presses: list[Callable[[Dialog], object]] = []
        self._seen: set[Dialog] = set()
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._look)
        self._timer.start(10)

    def press(self, *keys: str) -> None:
        """Press these buttons, one in each dialog that comes."""
        for key in keys:
            self._presses.append(lambda dialog, key=key: dialog.box.buttons[key].click())

    def act(self, do: Callable[[Dialog], object]) -> None:
        """Do something in the next dialog; it must close it in the end."""
        self._presses.append(do)

    def _look(self) -> None:
        for dialog in self.window.findChildren(Dialog):
            if dialog.isVisible() and dialog not in self._seen and self._presses:
                self._seen.add(dialog)
                self.titles.append(dialog.box.accessibleName())
                self.said.append(dialog.box.accessibleDescription())
                self._presses.pop(0)(dialog)
                return
