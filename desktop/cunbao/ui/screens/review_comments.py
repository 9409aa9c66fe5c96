"""What the officer says at the cells of one return (批注): kept while it is typed, and numbered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cunbao.errors import CunbaoError
from cunbao.survey.values import Cell
from cunbao.ui.screens.typist import HALF, after

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

PHRASES = ("请附依据", "请核对数字", "单位不对")


def at_township() -> Any:
    """The use cases of a township's review; the county's have the same names."""
    from cunbao.desks.township import reviewing

    return reviewing


class Comments(QObject):
    """The comments of the return that is open. `changed(cell)` when a text is other; the desk keeps it a moment later.

    `begin` before anything else; `flush` before the return is left or decided. acts(): the desk's use cases."""

    changed = Signal(object)

    def __init__(self, shell: Shell, acts: Callable[[], Any] = at_township) -> None:
        super().__init__(shell)
        self._shell, self._acts = shell, acts
        self._place = ("", "")
        self._order: dict[Cell, int] = {}
        self._texts: dict[Cell, str] = {}
        self._kept: dict[Cell, str] = {}
        self._open: Cell | None = None
        self._timer = after(self, HALF, self.flush)

    def begin(self, office: str, form: str, order: Sequence[Cell], texts: Mapping[Cell, str]) -> None:
        """Another return, or the same one read anew. order: its cells as they follow each other."""
        self._timer.stop()
        self._place, self._open = (office, form), None
        self._order = {cell: number for number, cell in enumerate(order)}
        self._texts = {cell: text for cell, text in texts.items() if text}
        self._kept = dict(self._texts)

    @property
    def count(self) -> int:
        return len(self._texts)

    def cells(self) -> tuple[Cell, ...]:
        """The cells at which something is said, in the order of the form."""
        return tuple(sorted(self._texts, key=lambda cell: self._order.get(cell, len(self._order))))

    def text(self, cell: Cell) -> str:
        return self._texts.get(cell, "")

    def number(self, cell: Cell) -> int:
        """1, 2 …; of a cell at which nothing is said yet, the number that it would have."""
        at = self._order.get(cell, len(self._order))
        return 1 + sum(one != cell and self._order.get(one, len(self._order)) < at for one in self._texts)

    def half(self, cell: Cell, text: str) -> None:
        """A stroke: the text so far. It is kept by itself after a moment."""
        if self._open is not None and self._open != cell:
            self.flush()
        before = self.text(cell)
        if text:
            self._texts[cell] = text
        else:
            self._texts.pop(cell, None)
        self._open = cell
        if not self._timer.isActive():
            self._timer.start()
        if bool(before) != bool(text):
            self.changed.emit(cell)

    def say(self, cell: Cell, text: str) -> None:
        """Keep a text at once; "" takes the comment away."""
        self.half(cell, text)
        self.flush()

    def flush(self) -> None:
        """Keep what is still being typed."""
        self._timer.stop()
        cell, self._open = self._open, None
        if cell is None or self.text(cell) == self._kept.get(cell, ""):
            return
        text, place, desk = self.text(cell), self._place, self._shell.desk
        self._kept[cell] = text

        self._shell.jobs.start(
            lambda progress, cancel: self._acts().comment(desk, *place, cell, text),
            done=lambda nothing: self._shell.refresh_frame(),
            failed=lambda error: self._not_kept(place, cell, error),
        )

    def _not_kept(self, place: tuple[str, str], cell: Cell, error: CunbaoError) -> None:
        if place == self._place:
            self._kept.pop(cell, None)  # so that leaving it tries again
        self._shell.show_error(error)
