"""The sheets and the eye that the screens of one window share, so that what one screen shows the other knows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from cunbao.ui.screens.reveal import Eye
from cunbao.ui.screens.sheet import Sheet

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell


class Shared:
    """Of one window and the desk that is open in it."""

    def __init__(self, shell: Shell) -> None:
        self.desk = shell.desk
        self.sheets: dict[str, Sheet] = {}
        self.eye = Eye(shell)
        self.eye.changed.connect(self._reveal)

    def _reveal(self, on: bool) -> None:
        for sheet in self.sheets.values():
            sheet.revealed = on


_shared: WeakKeyDictionary[Shell, Shared] = WeakKeyDictionary()


def _of(shell: Shell) -> Shared:
    found = _shared.get(shell)
    if found is None or found.desk is not shell.desk:
        found = _shared[shell] = Shared(shell)
    return found


def sheet_of(shell: Shell, form: str) -> Sheet:
    shared = _of(shell)
    sheet = shared.sheets.get(form)
    if sheet is None:
        sheet = shared.sheets[form] = Sheet(shell.desk, form)
        sheet.revealed = shared.eye.open
    return sheet


def eye_of(shell: Shell) -> Eye:
    return _of(shell).eye
