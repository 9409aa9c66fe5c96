"""What every screen inside the frame answers. It shows a view of the desk and calls the desk; it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell


class Screen(QWidget):
    """Base of all screens. The shell makes one the first time it is needed and keeps it.

    nav: the nav item that is lit. Override what applies; the shell calls `open` each time it is shown, `refresh` when
    the desk has changed under it, `leave` before another one is shown, and the key methods.
    """

    nav = "home"
    help: Sequence[str] = ()  # sentences that F1 shows above the keys where there is no manual

    @property
    def to_edge(self) -> bool:
        """True when the page scrolls as a whole: it then reaches the right edge and the status bar."""
        return False

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell

    def open(self, **where: Any) -> None:
        """Shown now, perhaps at a place: form="B02", cell=Cell(…)."""
        self.refresh()

    def refresh(self) -> None:
        """Take a fresh view from the desk and show it."""

    def leave(self) -> None:
        """Commit what is being typed."""

    def keys(self) -> Sequence[tuple[str, str]]:
        """At most four keys that work now, for the status bar."""
        return ()

    def help_part(self) -> str:
        """What of this screen is open now, as the manual names it: "roster" of "form/roster"; "" for all of it."""
        return ""

    def nav_key(self) -> str:
        return self.nav

    def first_focus(self) -> None:
        """Put the focus where the clerk begins."""

    # keys of ui/design.md; False = not used here
    def main_step(self) -> bool:
        """Enter with no field focused: the filled button."""
        return False

    def go_on(self) -> bool:
        """Ctrl+Enter."""
        return False

    def next_problem(self, step: int) -> bool:
        """F8 and Shift+F8."""
        return False

    def check_again(self) -> bool:
        """F5."""
        return False

    def add(self) -> bool:
        """Ctrl+N."""
        return False

    def delete(self) -> bool:
        """Delete, when no field has the focus."""
        return False

    def find(self) -> bool:  # type: ignore[override]  # Qt's own find(window id) is of no use here
        """Ctrl+F."""
        return False

    def preview(self) -> bool:
        """Ctrl+P."""
        return False

    def paste(self) -> bool:
        """Ctrl+V, when no field has the focus."""
        return False

    def undo(self) -> bool:
        """Ctrl+Z: True when this screen takes back something of its own; else the desk's last step is."""
        return False

    def redo(self) -> bool:
        """Ctrl+Y, likewise."""
        return False

    def may_step(self) -> tuple[bool, bool] | None:
        """Can something be undone, redone here? None = as the desk's frame says."""
        return None

    def page(self, step: int) -> bool:
        """PgUp and PgDn."""
        return False

    def back(self) -> bool:
        """Esc."""
        return False

    def key(self, name: str) -> bool:
        """Any other key that nothing has taken, by its name: "F9", "C", "Ctrl+E", "Ctrl+Tab", "Space", "1"."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no field or button has taken."""
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        used = False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            used = self.main_step()
        elif key == Qt.Key.Key_Escape and plain:
            used = self.back()
        elif key == Qt.Key.Key_Delete and plain:
            used = self.delete()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and plain:
            used = self.page(-1 if key == Qt.Key.Key_PageUp else 1)
        event.setAccepted(used)
