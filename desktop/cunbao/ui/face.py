"""What a kind of desk brings to the window: its screens, its nav, the words of header and status bar.

The shell asks the face and knows neither a form nor a desk. `village.Village` and `township.Township` are the faces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:  # not needed before the first window stands
    from datetime import datetime
    from pathlib import Path

    from cunbao.errors import CunbaoError
    from cunbao.ui.kit.dialog import DialogBox
    from cunbao.ui.kit.frame import NavItem
    from cunbao.ui.screen import Screen
    from cunbao.ui.shell import Shell

Keys = tuple[tuple[str, str], ...]


def clock_words(moment: datetime | None) -> str:
    """12-11 17:20, in local time; "" for never."""
    return f"{local(moment):%m-%d %H:%M}" if moment else ""


def local(moment: datetime) -> datetime:
    """A moment as it stands on the clock on the wall."""
    from cunbao.desks.clock import LOCAL

    return moment.astimezone(LOCAL)


@dataclass(frozen=True, slots=True)
class NavView:
    """items: with words; strip: the same at 150 %; covers: key of an item → the strip key that stands for it."""

    items: Sequence[NavItem]
    strip: Sequence[NavItem]
    covers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What the header says about saving. locked: nothing can be typed any more, so there is nothing to undo."""

    icon: str
    word: str
    tone: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """One piece at the right of the status bar."""

    icon: str
    word: str
    tone: str = "text_2"
    bold: bool = False


class Face:
    """Base of the faces. `view` is what the desk's `frame()` gives; every method is a question about it."""

    SCREENS: ClassVar[Mapping[str, tuple[str, str]]] = {}  # name in Shell.go → module in screens, class
    kind = ""  # of desk: village, township, county
    home = "home"  # the screen that is shown first
    help_keys: Sequence[Keys] = ()  # keys that work on every screen, for F1
    help_close = "回去接着填"
    manual = "village"  # whose manual F1 shows
    receipts = "receipt"  # the screen where a superior's receipt is read
    verifies = ""  # the nav item of 验证文件; "" where it is reached from `receipts`

    def make_screen(self, shell: Shell, name: str) -> Screen:
        """The screen of a name, made for this window. Each module is loaded when its screen is first shown."""
        module, kind = self.SCREENS[name]
        made: Screen = getattr(import_module(f"cunbao.ui.screens.{module}"), kind)(shell)
        return made

    def manual_of(self, shown: object) -> str:
        """Whose manual F1 shows: a window before a desk opens may be of another kind than this face."""
        return str(getattr(shown, "manual", "") or self.manual)

    def nav(self, view: Any) -> NavView:
        raise NotImplementedError

    def saved(self, view: Any) -> Saved:
        raise NotImplementedError

    def ends(self, view: Any) -> Sequence[End]:
        """What stands at the right of the status bar."""
        raise NotImplementedError

    def may_redo(self, view: Any) -> bool:
        raise NotImplementedError

    def take_files(self, shell: Shell, paths: Sequence[Path]) -> bool:
        """Files dropped on the window or given at the start; False = this desk takes none in."""
        return False

    def newest_first(self, of: datetime) -> DialogBox:
        """What is asked before the first signature of a workspace restored from the backup of that moment. Answers:
        later, none, receipt."""
        from cunbao.ui.screens import dialogs

        return dialogs.restored(of)

    def answers(self, shell: Shell, error: CunbaoError) -> bool:
        """Can the refusal be answered here? Then it is asked instead of only said."""
        from cunbao.desks import restored

        of = restored.asks(shell.desk) if error.code == restored.UNASKED else None
        if of is None:
            return False
        said = shell.ask(self.newest_first(of), escape="later")
        if said == "receipt":
            shell.go(self.receipts)
        elif said == "none":
            shell.run_job(
                lambda progress, cancel: restored.answered(shell.desk, restored.NONE),
                done=lambda nothing: shell.refresh_frame(),
                title="记下没有回执",
            )
        return True

    def proxy_for(self, view: Any) -> str:
        """The village that is being filled for: the band under the header names it, "" shows none."""
        return ""

    def stop_proxy(self, shell: Shell) -> None:
        """停下代报, from the band."""


def backup_end(moment: datetime | None) -> End:
    backed = clock_words(moment)
    return End("backup", f"备份 {backed}" if backed else "还没备份过", "text_2" if backed else "warn")
