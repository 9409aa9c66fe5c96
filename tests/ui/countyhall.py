"""A county's window over a desk that stands in: screens ask the desk's modules, tests put the answers there."""

from __future__ import annotations

from PySide6.QtCore import QDeadlineTimer, QEvent
from PySide6.QtWidgets import QApplication

from cunbao.ui.county import County
from cunbao.ui.kit.progress import Waiting
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell
from ui.townhall import Elsewhere


class SomeCounty(County):
    """The county's window with only some screens real."""

    def __init__(self, *real: str) -> None:
        self.real = real

    def make_screen(self, shell: Shell, name: str) -> Screen:
        return super().make_screen(shell, name) if name in self.real else Elsewhere(shell, name)


def settled(shell: Shell) -> None:
    """What the worker reads is shown, and its waiting is gone."""
    deadline = QDeadlineTimer(60_000)
    while not shell.jobs.idle or shell.findChildren(Waiting):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not deadline.hasExpired()
