"""A screen of the township that shows a village's screens inside it: keys and steps go to the one that is shown."""

from __future__ import annotations

from typing import Any

from cunbao.ui.screen import Screen
from cunbao.ui.screens.inside import Inside
from cunbao.ui.shell import Shell


class Hosting(Screen):
    """inside: what holds the village's screens, None while there is nothing to fill."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.inside: Inside | None = None

    @property
    def here(self) -> Screen | None:
        """The village's screen that is shown."""
        return self.inside.screen_here if self.inside is not None else None

    def leave(self) -> None:
        if self.here is not None:
            self.here.leave()

    def next_problem(self, step: int) -> bool:
        return self.here.next_problem(step) if self.here is not None else False

    def check_again(self) -> bool:
        return self.here.check_again() if self.here is not None else False

    def add(self) -> bool:
        return self.here.add() if self.here is not None else False

    def delete(self) -> bool:
        return self.here.delete() if self.here is not None else False

    def find(self) -> bool:  # type: ignore[override]  # Qt's own find(window id) is of no use here
        return self.here.find() if self.here is not None else False

    def preview(self) -> bool:
        return self.here.preview() if self.here is not None else False

    def paste(self) -> bool:
        return self.here.paste() if self.here is not None else False

    def page(self, step: int) -> bool:
        return self.here.page(step) if self.here is not None else False

    def may_step(self) -> tuple[bool, bool] | None:
        if self.inside is None:
            return None
        view = self.inside.desk.frame()
        return view.can_undo, view.can_redo

    def undo(self) -> bool:
        return self._step("undo")

    def redo(self) -> bool:
        return self._step("redo")

    def tell(self) -> None:
        """What a form says of itself has changed."""

    def _step(self, name: str) -> bool:
        here, inside = self.here, self.inside
        if inside is None or here is None:
            return False
        here.leave()

        def done(found: Any) -> None:
            if found is not None:
                here.refresh()
            self.tell()
            self.shell.refresh_frame()

        self.shell.run_job(
            lambda progress, cancel: getattr(inside.desk, name)(),
            done=done,
            title="撤销" if name == "undo" else "重做",
        )
        return True
