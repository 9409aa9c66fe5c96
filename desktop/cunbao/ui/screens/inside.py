"""A village's screens inside a screen of the township: filling, checking and signing a 代报 are the village's own.

`Inside` is what those screens take for their window. Going somewhere stays in here; saving, work, dialogs and the frame
are the real window's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from cunbao.errors import CunbaoError
from cunbao.ui.kit.panel import column
from cunbao.ui.screen import Screen

if TYPE_CHECKING:
    from cunbao.desks.village.desk import VillageDesk
    from cunbao.survey.values import Edit
    from cunbao.ui.jobs import Job, Work
    from cunbao.ui.kit.dialog import DialogBox
    from cunbao.ui.shell import Shell

SCREENS = {
    "form": ("proxy_form", "ProxyForm"),
    "row": ("proxy_form", "ProxyRow"),
    "paste": ("paste", "PasteScreen"),
    "check": ("check", "CheckScreen"),
    "sign": ("proxy_sign", "ProxySign"),
}


class Inside(QWidget):
    """`went(name)` before and `came()` after another of the screens has its place; `told()` when what a form says of
    itself has changed; `ended()` when there is nothing more to do."""

    went = Signal(str)
    came = Signal()
    told = Signal()
    ended = Signal()

    def __init__(
        self, outer: Shell, desk: VillageDesk, screens: Mapping[str, tuple[str, str]] = MappingProxyType(SCREENS)
    ) -> None:
        super().__init__()
        self.outer, self.desk, self._known = outer, desk, screens
        self.face, self.jobs, self.status = outer.face, outer.jobs, outer.status
        self.here = ""
        self._screens: dict[str, Screen] = {}
        self._pages = QStackedWidget()
        column(self).addWidget(self._pages)

    @property
    def screen_here(self) -> Screen | None:
        return self._screens.get(self.here)

    def go(self, name: str, **where: Any) -> Screen | None:
        """Show one of the screens, perhaps at a place in it. Where a village would go on from here (报送, 本期任务)
        there is nothing more to do."""
        if name not in self._known:
            self.ended.emit()
            return self.screen_here
        before = self.screen_here
        if before is not None:
            before.leave()
        screen = self._screens.get(name)
        if screen is None:
            module, kind = self._known[name]
            made = getattr(import_module(f"cunbao.ui.screens.{module}"), kind)
            screen = self._screens[name] = made(cast("Shell", self))
            self._pages.addWidget(screen)
        self.here = name
        self._pages.setCurrentWidget(screen)
        for name_of, page in self._screens.items():  # one that nobody sees asks for no room
            policy = QSizePolicy.Policy.Preferred if name_of == name else QSizePolicy.Policy.Ignored
            page.setSizePolicy(policy, policy)
        self.went.emit(name)  # first: how wide a screen is depends on what lies beside it
        screen.open(**where)
        self.told.emit()
        self.outer.refresh_frame()
        screen.first_focus()
        self.came.emit()
        return screen

    # --- the window's ------------------------------------------------------------------------------------------------

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> None:
        """Write, and say so when it is on the disk: the form's state may be another one."""
        self.outer.keep(form, edits, group=group)
        self.jobs.start(lambda progress, cancel: None, done=lambda nothing: self.told.emit(), failed=self.show_error)

    def run_job(
        self,
        work: Work,
        *,
        title: str,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[CunbaoError], None] | None = None,
        cancelled: Callable[[], object] | None = None,
        may_cancel: bool = False,
        stop: tuple[str, str] | None = None,
    ) -> Job:
        return self.outer.run_job(
            work, title=title, done=done, failed=failed, cancelled=cancelled, may_cancel=may_cancel, stop=stop
        )

    def ask(self, box: DialogBox, *, escape: str = "", focus: QWidget | None = None) -> str:
        return self.outer.ask(box, escape=escape, focus=focus)

    def show_error(self, error: CunbaoError) -> None:
        self.outer.show_error(error)

    def show_help(self, place: str = "") -> None:
        self.outer.show_help(place)

    def refresh_frame(self) -> None:
        self.outer.refresh_frame()
