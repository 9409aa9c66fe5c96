"""写到哪里 for the township's packages: the sticks that are in, or a folder; one put in later is found by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from cunbao.desks.views import StickView
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Line, SideCard
from cunbao.ui.kit.places import Place, PlaceList
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

LOOK_MS = 3000  # how often a stick put in later is looked for
OWN = "folder"


class WhereTo(SideCard):
    """`changed()` when another place is chosen. inside: the folder that is made there (勐混镇回执), "" none. framed:
    False: the places alone, for a card that says more."""

    changed = Signal()

    def __init__(self, shell: Shell, note: str, *, inside: str = "", framed: bool = True) -> None:
        super().__init__("写到哪里")
        if not framed:
            self.head.hide()
            self.under.hide()
            self.outside = self.ground
            self.set_colors(line=self.ground)
            self.body.setContentsMargins(0, 0, 0, 0)
        self._shell, self._inside = shell, inside
        self._own: Path | None = None
        self._sticks: tuple[StickView, ...] = ()
        self.body.setSpacing(8)
        self.list = PlaceList()
        self.list.chosen.connect(lambda key: self.changed.emit())
        self.list.asked.connect(lambda key: self.choose())
        self.body.addWidget(self.list)
        if note:
            self.body.addWidget(Line())
            self.body.addWidget(Text(note, "small", "text_2", lines=0))
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look_for_sticks)

    # --- what the screen calls -----------------------------------------------------------------------------------

    def begin(self) -> None:
        """The screen is shown: look at once, then every three seconds."""
        self.look_for_sticks(first=True)
        self._timer.start()

    def end(self) -> None:
        self._timer.stop()

    def set_inside(self, inside: str) -> None:
        self._inside = inside
        self._show()

    @property
    def folder(self) -> Path | None:
        """Where the package goes; None when nothing is chosen."""
        place = self.list.place()
        return place.folder if place is not None else None

    @property
    def on_stick(self) -> bool:
        place = self.list.place()
        return place is not None and place.key not in (OWN, "outbox")

    def choose(self) -> None:
        start = str(self._own or Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "写到哪个文件夹", start)
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.use_folder(Path(chosen))

    def use_folder(self, folder: Path) -> None:
        """What choosing a folder does after the choice."""
        self._own = folder
        self._show()
        self.list.choose(OWN)
        self.changed.emit()

    def look_for_sticks(self, *, first: bool = False) -> None:
        from cunbao.desks import media

        sticks = media.sticks()
        if first or sticks != self._sticks:
            before = self.folder
            self._sticks = sticks
            self._show()
            if self.folder != before:
                self.changed.emit()

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        from cunbao.desks import outbox

        sticks = [
            Place(
                key=str(one.path),
                title=one.title,
                folder=one.path,
                icon="usb",
                more=f"空 {free_words(one.free)}",
                line=str(one.path / self._inside) if self._inside else "",
            )
            for one in self._sticks
        ]
        box = outbox.place_of(self._shell.desk)
        if box is not None:
            sticks.append(Place("outbox", "待发箱", box, "send", "", "有网络时自己送到网盘"))
        own = self._own
        title = "别的文件夹" if sticks else "文件夹"
        line = str(own / self._inside if self._inside else own) if own else ""
        before = self.folder
        self.list.set_places((*sticks, Place(OWN, title if own else f"{title}…", own, "folder", "", line, asks=True)))
        if before is None and sticks:
            self.list.choose(sticks[0].key)


class WrittenBanner(Banner):
    """Says that it is written, and ejects the stick that it was written to. Hidden until it has something to say."""

    def __init__(self, shell: Shell) -> None:
        eject = Button("弹出 U 盘", icon="usb")
        super().__init__("ok", "", button=eject)
        self.eject, self._shell = eject, shell
        self._folder: Path | None = None
        self.eject.clicked.connect(self._eject)
        self.hide()

    def say(self, tone: str, title: str, line: str) -> None:
        self.set_tone(tone)
        self.set_words(title, line)
        self.show()

    def may_eject(self, folder: Path | None) -> None:
        """folder: on the stick; None: nothing to eject."""
        self._folder = folder
        show_if(self.eject, folder is not None)

    def _eject(self) -> None:
        from cunbao.desks import media

        folder = self._folder
        if folder is None:
            return

        def done(word: str) -> None:
            self.say("ok" if not word else "warn", *eject_words(word))
            show_if(self.eject, bool(word))

        self._shell.run_job(lambda progress, cancel: media.eject(folder), title="弹出 U 盘", done=done)


def free_words(free: int) -> str:
    """14.2 GB; 640 MB under one."""
    return f"{free / 1_000_000_000:.1f} GB" if free >= 1_000_000_000 else f"{max(1, round(free / 1_000_000))} MB"


def eject_words(word: str) -> tuple[str, str]:
    """Title and line after 弹出: what `media.eject` gives, "" when the stick is out."""
    return ("可以拔了", "U 盘已经安全弹出") if not word else ("没能自动弹出", word)
