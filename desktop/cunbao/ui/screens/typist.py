"""From the key to the disk: what is typed is calculated at once, and is kept in less than a second.

A cell that is being typed in is kept every `HALF` ms as it stands, so that a power cut takes one word at most. All that
one visit of a cell writes is one undo step. Source: ui/design.md (Nothing gets lost), design.md (key to disk ≤ 1 s).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from cunbao.errors import CunbaoError
from cunbao.survey.recalculation import Change
from cunbao.survey.values import Cell

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

HALF = 600  # ms from the first stroke until the text of an open cell is kept


def after(parent: QObject, wait: int, act: Callable[[], object]) -> QTimer:
    """A timer that runs `act` once, `wait` ms after each `start`."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(wait)
    timer.timeout.connect(lambda: act())
    return timer


class Typist(QObject):
    """`changed(form, Change)` after every calculation. `open` is the cell that is being typed in: its own problems
    are not shown before it is left."""

    changed = Signal(str, object)

    def __init__(self, shell: Shell, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self.open: Cell | None = None
        self._form = ""
        self._text = ""
        self._before = ""
        self._group = ""
        self._timer = after(self, HALF, self._keep_half)

    def half(self, form: str, cell: Cell, text: str) -> None:
        """A stroke: the text so far. Kept by itself after HALF ms, whether or not the clerk goes on typing."""
        if (form, cell) != (self._form, self.open):
            self.flush()
            self._form, self.open = form, cell
            self._group = self._shell.desk.new_id()
            self._before = self._shell.desk.instance(form).text(cell)
        self._text = text
        if not self._timer.isActive():
            self._timer.start()

    def commit(self, form: str, cell: Cell, text: str) -> Change | None:
        """The cell is left with this text. None: it was refused, and the reason has been shown."""
        group = self._group if (form, cell) == (self._form, self.open) else ""
        if (form, cell) != (self._form, self.open):
            self.flush()
        self._timer.stop()
        self._forget()
        return self._put(form, cell, text, group)

    def drop(self, cell: Cell) -> bool:
        """The clerk took the text back with Esc: the cell holds again what it held before. True when it was open."""
        if cell != self.open:
            return False
        self.commit(self._form, cell, self._before)
        return True

    def flush(self) -> None:
        """Keep an open text now, as when the screen or the window is left."""
        if self._timer.isActive():
            self._timer.stop()
            self._keep_half()
        self._forget()

    def _forget(self) -> None:
        self.open, self._form, self._group = None, "", ""

    def _keep_half(self) -> None:
        if self.open is not None:
            self._put(self._form, self.open, self._text, self._group)

    def _put(self, form: str, cell: Cell, text: str, group: str) -> Change | None:
        desk = self._shell.desk
        try:
            change: Change = desk.type(form, cell, text)
        except CunbaoError as error:
            self._shell.show_error(error)
            return None
        self._shell.keep(form, change.edits, group=group)
        self.changed.emit(form, change)
        return change
