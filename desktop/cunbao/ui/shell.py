"""The window: nav, header, one screen, status bar; keys; what is saved; jobs and dialogs. Bare screens fill it whole.

The shell knows no form and no desk. It asks the desk for `frame()` and the desk's face (`ui.face`) what that means,
shows the screen that a nav item names, and is what screens use to go elsewhere (`go`), work (`run_job`), write (`keep`)
and ask (`ask`). Source: ui/design.md (layout grid, keyboard).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from cunbao.errors import CunbaoError
from cunbao.ui.carrier import Carrier
from cunbao.ui.face import Face
from cunbao.ui.jobs import Job, Jobs, Work
from cunbao.ui.kit import style
from cunbao.ui.kit.panel import Panel, column, row
from cunbao.ui.kit.tokens import SCALES, look, tokens
from cunbao.ui.screen import Screen

if TYPE_CHECKING:  # not needed before the first window stands
    from cunbao.survey.values import Edit
    from cunbao.ui.kit.dialog import DialogBox

MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)
COVERS = ("dialog", "waiting", "help")  # object names of what lies over the window and takes its keys


class Shell(Panel):
    """One window. `desk` is set when a workspace is open; `face` is what that kind of desk brings."""

    looked = Signal(float, bool)  # the user's scale and contrast, to be remembered
    closing = Signal()
    restore_asked = Signal()  # 从备份恢复, answered by the one who knows the folders
    locked = Signal()  # nobody has typed for a while

    def __init__(self, face: Face, *, asks_to_close: bool = True) -> None:
        super().__init__("bg")
        self.desk: Any = None
        self.face = face
        self.jobs = Jobs(self)
        self.carrier = Carrier(self)
        self._screens: dict[str, Screen] = {}
        self._here = ""
        self._back_to = ""
        self._frame_view: Any = None
        self._pending = 0
        self._unsaved: list[tuple[str, tuple[Edit, ...], str]] = []
        self._asks = asks_to_close
        self.setWindowTitle("村报")
        self.setAcceptDrops(True)
        self.setMinimumSize(*tokens()["frame_px"]["window_min"])
        self.resize(1366, 696)
        self._whole = QStackedWidget()
        column(self).addWidget(self._whole)
        self._framed: QWidget | None = None
        self._shortcuts()

    def _make_frame(self) -> QWidget:
        """Nav, header, ground and status bar, made when the first workspace opens: the first window is quicker."""
        from cunbao.ui.kit.frame import Header, Nav, ProxyBand, StatusBar

        self.nav, self.header, self.status, self.band = Nav(), Header(), StatusBar(), ProxyBand()
        self.band.hide()
        self.band.stopped.connect(lambda: self.face.stop_proxy(self))
        self.nav.chosen.connect(self.go_to)
        self.header.undo.connect(self.undo)
        self.header.redo.connect(self.redo)
        self.pages = QStackedWidget()
        framed = QWidget()
        across = row(framed)
        across.addWidget(self.nav)
        right = column()
        right.addWidget(self.header)
        right.addWidget(self.band)
        self._ground = Panel("bg")
        self._content = column(self._ground, 0, (20, 16, 20, 16))
        self._content.addWidget(self.pages)
        right.addWidget(self._ground, 1)
        right.addWidget(self.status)
        across.addLayout(right, 1)
        self._whole.addWidget(framed)
        return framed

    # --- screens -------------------------------------------------------------------------------------------------

    @property
    def screen_here(self) -> Screen | None:
        return self._screens.get(self._here)

    @property
    def bare(self) -> QWidget | None:
        """The screen that fills the window (first run, unlock), None inside the frame."""
        shown = self._whole.currentWidget()
        return None if shown is None or shown is self._framed else shown

    def show_bare(self, screen: QWidget) -> None:
        """First run or unlock: no nav, no header."""
        self._close_help()
        old = self.bare
        self._whole.addWidget(screen)
        self._whole.setCurrentWidget(screen)
        if old is not None and old is not screen:
            self._whole.removeWidget(old)
            old.deleteLater()
        if hasattr(screen, "first_focus"):
            screen.first_focus()

    def open_desk(self, desk: Any, face: Face | None = None) -> None:
        """A workspace is open: show the frame and its first screen. face: of another kind of desk than before."""
        self._close_help()
        self.desk, self.face = desk, face or self.face
        self.forget_screens()
        old = self.bare
        if self._framed is None:
            self._framed = self._make_frame()
        self._whole.setCurrentWidget(self._framed)
        if old is not None:
            self._whole.removeWidget(old)
            old.deleteLater()
        self.setWindowTitle(f"村报 — {desk.directory.full_name}")
        self.go(self.face.home)
        self.carrier.begin()

    def forget_screens(self) -> None:
        for screen in self._screens.values():  # none before the frame is made
            self.pages.removeWidget(screen)
            screen.deleteLater()
        self._screens.clear()
        self._here = ""

    def go_to(self, key: str) -> None:
        """A nav item: "home", "form/B02", "check" …"""
        if key == "help":
            self.show_help()
            return
        name, _, form = key.partition("/")
        self.go(name, **({"form": form} if form else {}))

    def go(self, name: str, **where: Any) -> Screen:
        """Show a screen, perhaps at a place in it."""
        here = self.screen_here
        if here is not None:
            here.leave()
            if self._here != name:
                self._back_to = self._here
        screen = self._screens.get(name)
        if screen is None:
            screen = self._screens[name] = self.face.make_screen(self, name)
            self.pages.addWidget(screen)
        self._here = name
        self.pages.setCurrentWidget(screen)
        self._pad(screen)
        screen.open(**where)
        if self.screen_here is screen:
            self._pad(screen)  # what it shows may need the whole width
        self.refresh_frame()
        screen.first_focus()
        return screen

    def _pad(self, screen: Screen) -> None:
        self._content.setContentsMargins(20, 16, *((0, 0) if screen.to_edge else (20, 16)))

    def take_files(self, paths: Sequence[Path]) -> bool:
        """Files dropped on the window or given at the start go where this kind of desk takes them in."""
        return self.desk is not None and self.face.take_files(self, paths)

    def go_back(self) -> None:
        """Where the user came from; the first screen if from nowhere."""
        self.go(self._back_to or self.face.home)

    # --- the frame -----------------------------------------------------------------------------------------------

    def refresh_frame(self, *, typed: bool = False) -> None:
        """Header, nav and status bar from the desk. typed: an answer was kept, which moves nothing of the outbox."""
        if self.desk is None:
            return
        self._frame_view = view = self.desk.frame()
        office = f"{view.office}（练习）" if view.sample else view.office
        self.header.set_task(office, view.period, f"{view.deadline:%Y-%m-%d}", view.days_left)
        own = self.screen_here.may_step() if self.screen_here is not None else None
        self.header.set_steps(*(own or (view.can_undo, self.face.may_redo(view))))
        self._tell_saved()
        nav = self.face.nav(view)
        self.nav.set_items(nav.items, nav.strip, nav.covers)
        here = self.screen_here
        self.band.set_village(self.face.proxy_for(view), here=here is not None and here.nav_key() == "proxy")
        if here is not None:
            self.nav.set_current(here.nav_key())
            self.status.set_keys(here.keys())
        carried = self.carrier.end_words(anew=not typed)
        ends = [end for end in self.face.ends(view) if carried is None or end.icon != "wifi-off"]
        ends = [*((carried,) if carried is not None else ()), *ends]
        self.status.set_ends([(end.icon, end.word, end.tone, end.bold) for end in ends])

    def _tell_saved(self) -> None:
        if self._frame_view is None:
            return
        if self._unsaved:
            self.header.set_saved("alert", "没存上", "error")
        elif self._pending:
            self.header.set_saved("disk", "正在保存", "text_2")
        else:
            saved = self.face.saved(self._frame_view)
            self.header.set_saved(saved.icon, saved.word, saved.tone, locked=saved.locked)

    # --- saving --------------------------------------------------------------------------------------------------

    def keep(self, form: str, edits: Sequence[Edit], *, group: str = "") -> None:
        """Write edits to the disk on the worker; the header says when they are there. Nothing is dropped on failure."""
        if not edits:
            return
        self._unsaved.append((form, tuple(edits), group)) if self._unsaved else self._write(form, tuple(edits), group)

    def _write(self, form: str, edits: tuple[Edit, ...], group: str) -> None:
        self._pending += 1
        self._tell_saved()
        desk = self.desk
        self.jobs.start(
            lambda progress, cancel: desk.keep(form, edits, group=group),
            done=lambda kept: self._kept(),
            failed=lambda error: self._not_kept(error, (form, edits, group)),
        )

    def _kept(self) -> None:
        self._pending -= 1
        if self._pending == 0 and not self._unsaved:
            self.refresh_frame(typed=True)

    def _not_kept(self, error: CunbaoError, what: tuple[str, tuple[Edit, ...], str]) -> None:
        self._pending -= 1
        self._unsaved.append(what)
        self._tell_saved()
        if len(self._unsaved) == 1:
            QTimer.singleShot(0, self, lambda: self._ask_to_save_again(error))

    @property
    def unsaved(self) -> bool:
        """Did the disk refuse something that is still to be written?"""
        return bool(self._unsaved)

    def _ask_to_save_again(self, error: CunbaoError) -> None:
        from cunbao.ui.kit.dialog import Choice, DialogBox

        count = sum(len(edits) for _, edits, _ in self._unsaved)
        box = DialogBox(
            error.happened,
            f"新填的 {count} 格还没存下。",
            f"{error.safe}。",
            f"{error.todo}。",
            (Choice("later", "先不存"), Choice("again", "再存一次")),
            icon="disk",
            tone="error",
            detail=error.detail,
        )
        if self.ask(box, escape="later") == "again":
            self.save_again()

    def save_again(self) -> None:
        """Ctrl+S: write what is still unsaved; with nothing open it only says so."""
        here = self.screen_here
        if here is not None:
            here.leave()
        again, self._unsaved = self._unsaved, []
        for form, edits, group in again:
            self._write(form, edits, group)
        self._tell_saved()

    def undo(self) -> None:
        here = self.screen_here
        if here is None or not here.undo():
            self._step("undo")

    def redo(self) -> None:
        here = self.screen_here
        if here is None or not here.redo():
            self._step("redo")

    def _step(self, name: str) -> None:
        here, desk = self.screen_here, self.desk
        if desk is None or here is None:
            return
        here.leave()

        def done(found: Any) -> None:
            if found is not None:
                here.refresh()
            self.refresh_frame()

        self.run_job(
            lambda progress, cancel: getattr(desk, name)(), done=done, title="撤销" if name == "undo" else "重做"
        )

    # --- work and dialogs ----------------------------------------------------------------------------------------

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
        """Long work with busy line, bar and 取消 (`may_cancel`); an error becomes a dialog unless `failed` takes it.

        work(progress, cancel) runs on the worker; `done(result)` on the window, `cancelled()` when it was stopped. Keys
        wait meanwhile. stop: another word than 取消 and what it leaves, for work that keeps what is done."""
        from cunbao.ui.kit.progress import Waiting

        waiting = Waiting(self, title, may_cancel=may_cancel, stop=stop)
        focus = QApplication.focusWidget()

        def over() -> None:
            waiting.hide()
            waiting.deleteLater()
            try:
                if focus is not None and focus.isVisible():
                    focus.setFocus()
            except RuntimeError:
                pass

        def take(result: Any) -> None:
            over()
            if done is not None:
                done(result)

        def fail(error: CunbaoError) -> None:
            over()
            (failed or self.show_error)(error)

        def stopped() -> None:
            over()
            if cancelled is not None:
                cancelled()

        job = self.jobs.start(work, done=take, failed=fail, cancelled=stopped, progress=waiting.report)
        waiting.cancelled.connect(job.cancel.ask)
        waiting.setFocus()
        return job

    def show_error(self, error: CunbaoError) -> None:
        """The three sentences and 详情; the window stays as it was."""
        from cunbao.ui.kit.dialog import error_box

        if not self.face.answers(self, error):
            self.ask(error_box(error))

    def ask(self, box: DialogBox, *, escape: str = "", focus: QWidget | None = None) -> str:
        """Show a dialog over this window and wait for its answer: the key of a choice."""
        from cunbao.ui.kit.dialog import Dialog

        return Dialog(self, box, escape=escape, focus=focus).ask()

    def show_help(self, place: str = "") -> None:
        """F1: the manual at this place, or at the screen or dialog that is open. Work that runs is not covered."""
        from cunbao.ui.screens.help import Asked, Help

        if self._covered_by("waiting") or self._covered_by("help"):
            return
        shown = self.bare or self.screen_here
        dialogs = [one.box.help for one in reversed(self._covered_by("dialog")) if one.box.help]
        Help(
            self,
            Asked(
                self.face.manual_of(shown),
                (*([place] if place else []), *dialogs, self._place_here()),
                tuple(getattr(shown, "help", ())),
                tuple(shown.keys()) if isinstance(shown, Screen) else (),
            ),
            self.face,
        )

    def _place_here(self) -> str:
        """Where the user is, as the manual names it: "form/roster" of a screen, "unlock" of a window before it."""
        if self.bare is not None:
            return str(getattr(self.bare, "help_place", ""))
        part = self.screen_here.help_part() if self.screen_here is not None else ""
        return f"{self._here}/{part}" if part else self._here

    # --- look ----------------------------------------------------------------------------------------------------

    def set_look(self, scale: float, contrast: bool) -> None:
        """Take another size or contrast at once, in every window."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        style.apply(app, scale, contrast)
        if self.desk is not None:
            self.refresh_frame()
            if self.screen_here is not None:
                self._pad(self.screen_here)
                self.screen_here.refresh()
        self.looked.emit(look.scale, look.contrast)

    def larger(self, step: int) -> None:
        """The next size of type up or down."""
        at = SCALES.index(look.scale) + step
        if 0 <= at < len(SCALES):
            self.set_look(SCALES[at], look.contrast)

    # --- keys ----------------------------------------------------------------------------------------------------

    def _shortcuts(self) -> None:
        for keys, act in (
            (("Ctrl++", "Ctrl+="), lambda: self.larger(1)),
            (("Ctrl+-",), lambda: self.larger(-1)),
            (("Ctrl+S",), self.save_again),
            (("Ctrl+Z",), self.undo),
            (("Ctrl+Y", "Ctrl+Shift+Z"), self.redo),
            (("F5",), lambda: self._screen("check_again")),
            (("F8",), lambda: self._screen("next_problem", 1)),
            (("Shift+F8",), lambda: self._screen("next_problem", -1)),
            (("Ctrl+Return", "Ctrl+Enter"), lambda: self._screen("go_on")),
            (("Ctrl+N",), lambda: self._screen("add")),
            (("Ctrl+F",), lambda: self._screen("find")),
            (("Ctrl+P",), lambda: self._screen("preview")),
            (("Ctrl+V",), lambda: self._screen("paste")),
        ):
            for key in keys:
                self._bind(key, act)
        self._bind("F1", self.show_help, over=True)
        for number in range(1, 11):  # Ctrl+0 is the tenth
            self._bind(f"Ctrl+{number % 10}", partial(self._go_number, number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that neither a field nor the screen has taken, by their names: F9, C, Ctrl+E, Ctrl+Tab, 1."""
        here = self.screen_here
        if self.bare is not None or here is None or self._modal() or event.key() in MODIFIERS:
            event.ignore()
            return
        event.setAccepted(here.key(_key_name(event)))

    def _bind(self, key: str, act: Callable[[], object], *, over: bool = False) -> None:
        """over: also while a dialog is open."""
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(lambda: act() if over else self._pressed(act))

    def _pressed(self, act: Callable[[], object]) -> None:
        if not self._modal():
            act()

    @property
    def engaged(self) -> bool:
        """Is something being asked, or at work? A file handed over waits until it is over."""
        return self._modal() or not self.jobs.idle

    def _modal(self) -> bool:
        """A dialog or running work has the window: only its own keys count."""
        return any(self._covered_by(name) for name in COVERS)

    def _covered_by(self, name: str) -> list[Any]:
        """What of this kind lies over the window, the undermost first."""
        found: Any = self.findChildren(QWidget, name, Qt.FindChildOption.FindDirectChildrenOnly)
        return [one for one in found if one.isVisible()]

    def _close_help(self) -> None:
        """What is read belongs to the place that goes now."""
        for one in self._covered_by("help"):
            one.end()

    def _screen(self, name: str, *values: Any) -> None:
        target: Any = self.bare or self.screen_here
        act = getattr(target, name, None)
        if act is not None:
            act(*values)

    def _go_number(self, number: int) -> None:
        if self.bare is None and number <= len(self.nav.items):
            self.go_to(self.nav.items[number - 1].key)

    # --- the end -------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        here = self.screen_here
        if here is not None:
            here.leave()
        if self._unsaved and self._asks:
            from cunbao.ui.kit.dialog import Choice, DialogBox

            count = sum(len(edits) for _, edits, _ in self._unsaved)
            box = DialogBox(
                f"还有 {count} 格没存上",
                "现在关闭，这几格就没有了。",
                "其他已填的内容都在。",
                "腾出硬盘空间后按“再存一次”。",
                (Choice("drop", "不要这几格，关闭", "danger"), Choice("again", "再存一次")),
                icon="disk",
                tone="error",
            )
            if self.ask(box, escape="again") == "again":
                self.save_again()
                event.ignore()
                return
        self.carrier.stop()
        self.jobs.stop()
        self.closing.emit()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.desk is not None and not self._modal() and dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.take_files(dropped(event.mimeData())):
            event.acceptProposedAction()

    def sizeHint(self) -> QSize:
        return QSize(1366, 696)


def dropped(data: QMimeData) -> list[Path]:
    """The files and folders of this computer that something dragged carries."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _key_name(event: QKeyEvent) -> str:
    """The name of a key with its modifiers as `Screen.key` is given it; the number block counts as the row above."""
    modifiers, key = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, event.key()
    if key == Qt.Key.Key_Backtab:
        key = Qt.Key.Key_Tab
    return QKeySequence(modifiers.value | key).toString(QKeySequence.SequenceFormat.PortableText)
