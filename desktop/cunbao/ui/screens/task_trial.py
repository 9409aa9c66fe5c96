"""试填 in a window of its own: the village's screens over a throw-away office; closing it takes everything away."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from cunbao.desks.village.desk import VillageDesk
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village

TITLE = "试填（关掉就没有了）"


class TrialFace(Village):
    """Only what is filled in: nothing is signed, sent or set at an office that does not exist."""

    def nav(self, view: Any) -> Any:
        from dataclasses import replace

        made = super().nav(view)
        keep = ("home", "form/", "check", "help")

        def kept(items: Any) -> list[Any]:
            return [one for one in items if one.key.startswith(keep)]

        return replace(made, items=kept(made.items), strip=kept(made.strip))


class Trial(Shell):
    """The window. It belongs to the one over which it was opened and is closed with it."""

    def __init__(self, above: Shell) -> None:
        super().__init__(TrialFace(), asks_to_close=False)
        self.setParent(above, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.closing.connect(self._over)
        above.closing.connect(self.close)

    def show_form(self, desk: VillageDesk, form: str) -> None:
        self.open_desk(desk)
        self.setWindowTitle(f"村报 — {TITLE}")
        self.go("form", form=form)
        self.resize(1280, 660)
        self.show()
        self.activateWindow()

    def _over(self) -> None:
        from cunbao.desks.county import trying

        desk, self.desk = self.desk, None
        if desk is not None:
            trying.done(desk)


def open_trial(shell: Shell, form: str) -> None:
    """Make the office on the worker, then show it."""
    desk = shell.desk

    def work(progress: Any, cancel: Any) -> VillageDesk:
        from cunbao.desks.county import trying

        return trying.try_out(desk, form, progress=progress, cancel=cancel)

    shell.run_job(
        work, title=f"备好 {form} 的试填", done=lambda made: Trial(shell).show_form(made, form), may_cancel=True
    )
