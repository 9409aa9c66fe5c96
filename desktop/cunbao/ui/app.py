"""Start-up: application, fonts, the window; first run or unlock; then the desk's screens. Called by __main__ alone.

Order: QApplication → looks (size and contrast, needed before any password) → style → window → first run or unlock.
Cryptography, PDF and form compilers are loaded by the acts that need them, never here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from cunbao.desks.filekinds import RECOVERY_ANSWER, is_ours
from cunbao.errors import CunbaoError
from cunbao.ui.kit import style
from cunbao.ui.kit.tokens import look
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village

if TYPE_CHECKING:
    from datetime import datetime

    from cunbao.desks.clock import Clock
    from cunbao.desks.views import PackView, Person
    from cunbao.ui.face import Face

SHOW_AND_END = "CUNBAO_SHOW_AND_END"  # set: the first window is shown, painted and closed (packages and bench try it)
STICK_LOOK_MS = 3000  # how often a stick put in later is looked for
KEYS_FILE = "keys.json"


def data_home() -> Path:
    """Where workspaces and looks lie: the user's data folder of the system."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("cunbao", appauthor=False))


def run_window(words: Sequence[str] = (), *, clock: Clock | None = None) -> int:
    """Open the window; `words` may name a workspace folder or files of ours. Returns the exit code."""
    if _no_display():
        print(
            "没有图形界面（DISPLAY 和 WAYLAND_DISPLAY 都没有设）。请在桌面里打开，或用 cunbao --help 看命令。",
            file=sys.stderr,
        )
        return 3
    app = QApplication.instance() or QApplication(["cunbao"])
    assert isinstance(app, QApplication)
    app.setApplicationName("cunbao")
    app.setApplicationDisplayName("村报")
    start = App(app, data_home(), clock or now)
    if not start.begin([Path(word) for word in words]):
        return 0
    if os.environ.get(SHOW_AND_END):
        for _ in range(3):
            app.processEvents()
        start.window.close()
        return 0
    return app.exec()


def now() -> datetime:
    """The system's clock, loaded when it is first asked."""
    from cunbao.desks.clock import system_clock

    return system_clock()


def _no_display() -> bool:
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform.startswith("linux") and not wanted and not shown


class App(QObject):
    """Which bare screen is shown, and what its buttons do. One window, one workspace."""

    def __init__(self, app: QApplication, home: Path, clock: Clock) -> None:
        super().__init__()
        self.app, self.home, self.clock = app, home, clock
        kept = self._read_looks()
        style.apply(app, float(kept.get("scale", 1.0)), bool(kept.get("contrast", False)))
        self.window = Shell(Village())
        self.window.looked.connect(self._keep_looks)
        self.window.closing.connect(self._close_desk)
        self.window.restore_asked.connect(self.restore)
        self._sticks = QTimer(self)
        self._sticks.timeout.connect(self._look_for_packs)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self.lock)
        self._folder: Path | None = None
        self._carried: list[Path] = []  # files that the start was given, for the desk that will be opened
        self._minutes = 10
        self._ended = False
        self._listener: Any = None
        app.installEventFilter(self)

    def begin(self, words: Sequence[Path]) -> bool:
        """First window: what the named files ask for, the named folder, else the workspace used last, else first run.
        False: another window has taken the files, there is nothing to show."""
        if words and is_ours(words[0].name):
            from cunbao.ui import opening

            shown = opening.begin(self, words)
        else:
            shown = True
            self.show_usual(words[0] if words else None)
        if shown:
            self.window.show()
        return shown

    def show_usual(self, folder: Path | None = None) -> None:
        """Unlock `folder`, else the workspace used last; first run when there is none."""
        folder = folder or next(iter(self.workspaces()), None)
        if folder is not None and (folder / KEYS_FILE).exists():
            self.show_unlock(folder)
        else:
            self.show_first_run()

    def carry(self, folder: Path, files: Sequence[Path]) -> bool:
        """Take files to a workspace: its password is asked, then they are offered. False: it is open in another window,
        which has come to the front with them."""
        from cunbao.store import last_run
        from cunbao.ui.otherwindow import come_forward

        if come_forward(last_run(folder).window, files):
            return False
        if files[0].suffix.casefold() == RECOVERY_ANSWER.suffix:
            self.recover(folder, files[0])
        else:
            self._carried = list(files)
            self.show_unlock(folder)
        return True

    def workspaces(self) -> list[Path]:
        """Workspace folders below the data folder, last used first."""
        found = [path.parent for path in self.home.glob(f"*/{KEYS_FILE}")]
        return sorted(
            found,
            key=lambda folder: (folder / "lock").stat().st_mtime if (folder / "lock").exists() else 0.0,
            reverse=True,
        )

    # --- first run -----------------------------------------------------------------------------------------------

    def show_first_run(self) -> None:
        from cunbao.ui.screens.first_run import FirstRun

        screen = FirstRun()
        screen.take.connect(self.show_begin)
        screen.choose_pack.connect(self.choose_pack)
        screen.sample.connect(self.practise)
        screen.town_sample.connect(self.practise_township)
        screen.restore.connect(self.restore)
        screen.township.connect(self.show_begin_township)
        screen.county.connect(self.show_begin_county)
        screen.larger.connect(
            lambda: self.window.set_look(1.0 if look.scale >= 1.5 else look.scale + 0.25, look.contrast)
        )
        self.window.show_bare(screen)
        self._sticks.start(STICK_LOOK_MS)
        QTimer.singleShot(200, self, self._look_for_packs)  # after the first paint: reading a pack loads cryptography

    def _look_for_packs(self) -> None:
        from cunbao.ui.screens.first_run import FirstRun

        if self._ended or not isinstance(self.window.bare, FirstRun):
            self._sticks.stop()
            return
        if self.window.jobs.idle:
            self.window.jobs.start(
                lambda progress, cancel: _packs_on_sticks(), done=self._found_packs, failed=lambda error: None
            )

    def _found_packs(self, packs: tuple[PackView, ...]) -> None:
        from cunbao.ui.screens.first_run import FirstRun

        screen = self.window.bare
        if isinstance(screen, FirstRun) and [one.path for one in packs] != [one.path for one in screen.packs]:
            screen.show_packs(packs)
            screen.first_focus()

    def choose_pack(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        name, _ = QFileDialog.getOpenFileName(self.window, "打开任务包", "", "任务包 (*.cbtask)")
        if name:
            self.look_at(Path(name))

    def look_at(self, path: Path) -> None:
        """Read a task pack and ask what it needs, or say why it cannot be used."""
        from cunbao.desks.tasks import look_at_pack

        self.window.run_job(lambda progress, cancel: look_at_pack(path), title="正在核对任务包", done=self._looked)

    def _looked(self, pack: PackView) -> None:
        """A pack for an office that has its workspace on this computer is carried there when wanted: the password comes
        first, then what it changes is said."""
        if pack.valid:
            known = self._concerned(pack)
            if known is None or not self._ask_to_carry(known):
                self.show_begin(pack)
                return
            assert pack.path is not None  # it was read from a file
            if not self.carry(known, [pack.path]):
                self.window.close()
        else:
            self.window.show_error(
                CunbaoError(
                    "pack.invalid",
                    happened=f"这个任务包不能用：{pack.why_not}",
                    safe="没有改动任何资料",
                    todo="请向乡镇或县民政局重新要一份",
                )
            )

    def _concerned(self, pack: PackView) -> Path | None:
        """The workspace used last of those that the pack is for, under the root that they trust; None: a first one."""
        from cunbao.desks.newpacks import concerned

        return next((folder for folder in self.workspaces() if concerned(folder, pack)), None)

    def _ask_to_carry(self, folder: Path) -> bool:
        from cunbao.desks.start import unlock_view
        from cunbao.ui.kit.dialog import Choice, DialogBox

        office = unlock_view(folder, self.clock()).office
        box = DialogBox(
            f"这台电脑上有{office}的资料",
            "任务包可以读进去，也可以给别的单位新建一份。",
            "原来填的数都在，先看改了什么，再决定用不用",
            "",
            (Choice("new", "给别的单位新建"), Choice("open", f"打开{office}")),
            icon="package",
            tone="accent",
        )
        return self.window.ask(box, escape="new") == "open"

    def show_begin(self, pack: PackView) -> None:
        from cunbao.ui.screens.begin import Begin

        screen = Begin(pack)
        screen.back.connect(self.show_first_run)
        screen.begin.connect(
            lambda code, office, person, password: self._begin(screen, pack, code, office, person, password)
        )
        self.window.show_bare(screen)

    def _begin(self, screen: Any, pack: PackView, code: str, office: str, person: Person, password: str) -> None:
        from cunbao.desks.start import begin

        folder = self._free(office)
        assert pack.path is not None
        path = pack.path
        self.window.run_job(
            lambda progress, cancel: begin(
                folder,
                path.read_bytes(),
                office=office,
                person=person,
                password=password,
                root_code=code,
                clock=self.clock,
            ),
            title="正在建资料，请稍等",
            done=lambda desk: self._opened(desk, folder),
            failed=screen.show_error,
        )

    def show_begin_county(self) -> None:
        """县级开始: the one computer of a county that issues packs and certificates."""
        from cunbao.ui.screens.begin_county import BeginCounty

        screen = BeginCounty()
        screen.back.connect(self.show_first_run)
        screen.begin.connect(
            lambda code, name, person, password: self._begin_county(screen, code, name, person, password)
        )
        self.window.show_bare(screen)
        self._read_national()

    def show_begin_township(self) -> None:
        """乡镇开始: a township's computer, before it has anything of the county."""
        from cunbao.ui.screens.begin_township import BeginTownship

        screen = BeginTownship()
        screen.back.connect(self.show_first_run)
        screen.begin.connect(
            lambda code, name, person, password: self._begin_township(screen, code, name, person, password)
        )
        self.window.show_bare(screen)
        self._read_national()

    def _read_national(self) -> None:
        """The list of the country's counties, on the worker, so that the field opens at once. What is wrong with it the
        field says when it is opened."""

        def work(progress: Any, cancel: Any) -> None:
            from cunbao.desks import national

            national.counties()

        self.window.jobs.start(work, failed=lambda trouble: None)

    def _begin_township(self, screen: Any, code: str, name: str, person: Person, password: str) -> None:
        folder = self._free(code)

        def work(progress: Any, cancel: Any) -> Any:
            from cunbao.desks.township import beginning

            return beginning.begin(folder, code, person=person, password=password, name=name, clock=self.clock)

        self.window.run_job(
            work, title="正在建乡镇资料", done=lambda desk: self._opened(desk, folder), failed=screen.show_error
        )

    def _begin_county(self, screen: Any, code: str, name: str, person: Person, password: str) -> None:
        folder, (token, pin) = self._free(code), screen.token.chosen()

        def work(progress: Any, cancel: Any) -> Any:
            from cunbao.desks.county import beginning

            return beginning.begin(
                folder, code, person=person, password=password, name=name, clock=self.clock, progress=progress,
                token=token, pin=pin,
            )  # fmt: skip

        self.window.run_job(
            work, title="正在建县级资料", done=lambda desk: self._opened(desk, folder), failed=screen.show_error
        )

    def _free(self, office: str) -> Path:
        """A new folder for an office; an older workspace that cannot be opened any more stays where it is."""
        number, folder = 1, self.home / office
        while folder.exists():
            number += 1
            folder = self.home / f"{office}-{number}"
        return folder

    def practise(self) -> None:
        """先用样例练一练: a workspace of an invented village, thrown away at will."""
        folder = self.home / "sample"

        def work(progress: Any, cancel: Any) -> Any:
            from cunbao.desks.start import unlock
            from cunbao.desks.village.practice import CLERK, PASSWORD, begin_sample

            if (folder / KEYS_FILE).exists():
                return unlock(folder, CLERK.name, PASSWORD, clock=self.clock)
            return begin_sample(folder, clock=self.clock, progress=progress, cancel=cancel)

        self.window.run_job(work, title="正在备好样例", done=lambda desk: self._opened(desk, folder), may_cancel=True)

    def practise_township(self) -> None:
        """乡镇样例: a practice township with villages in several states."""
        folder = self.home / "sample-township"

        def work(progress: Any, cancel: Any) -> Any:
            from cunbao.desks.story.practice_township import OFFICER, begin_sample
            from cunbao.desks.township.desk import unlock_township
            from cunbao.desks.village.practice import PASSWORD

            if (folder / KEYS_FILE).exists():
                return unlock_township(folder, OFFICER.name, PASSWORD, clock=self.clock)
            return begin_sample(folder, clock=self.clock, progress=progress, cancel=cancel)

        self.window.run_job(
            work, title="正在备好乡镇样例", done=lambda desk: self._opened(desk, folder), may_cancel=True
        )

    def restore(self) -> None:
        """从备份恢复: choose a backup, give the old password; a new life of the workspace."""
        from cunbao.ui.screens.restore import ask_restore

        ask_restore(self.window, self.home, self.clock, self._opened)

    # --- unlock --------------------------------------------------------------------------------------------------

    def show_unlock(self, folder: Path) -> None:
        from cunbao.desks.start import unlock_view
        from cunbao.ui.screens.unlock import Unlock

        try:
            view = unlock_view(folder, self.clock())
        except CunbaoError as trouble:
            self.show_first_run()
            QTimer.singleShot(0, self, lambda error=trouble: self._cannot_read(folder, error))
            return
        if _face(kind_in(folder)) is None:
            self.show_first_run()
            QTimer.singleShot(0, self, lambda: self.window.show_error(_no_screens(view.office)))
            return
        screen = Unlock(view, town=kind_in(folder) == "township")
        screen.manual = kind_in(folder)
        screen.unlock.connect(lambda person, password: self._unlock(screen, folder, person, password))
        screen.other.connect(self.other_office)
        screen.recover.connect(lambda: self.recover(folder))
        screen.restart.connect(lambda: self.restart(view.may_recover))
        self._folder = folder
        self.window.setWindowTitle(f"村报 — {view.office}")
        self.window.show_bare(screen)

    def other_office(self) -> None:
        """换一个单位: the other workspaces of this computer, or a new task pack."""
        from cunbao.ui.screens.offices import choose_office

        chosen = choose_office(self.window, self.workspaces(), self.clock())
        if chosen == "new":
            self.show_first_run()
        elif isinstance(chosen, Path):
            self.show_unlock(chosen)

    def recover(self, folder: Path, answer: Path | None = None) -> None:
        """找回密码: ask the superior, or take its answer (a file that was double-clicked is chosen already)."""
        from cunbao.ui.screens.recovery import show_recovery

        back = lambda: self.show_unlock(folder)  # noqa: E731
        show_recovery(self.window, folder, self.clock, self._opened, back, answer=answer)

    def restart(self, may_recover: bool) -> None:
        """重新开始: a new workspace beside the old one, which stays."""
        from cunbao.ui.screens.recovery import ask_restart

        if ask_restart(self.window, may_recover=may_recover):
            self.show_first_run()

    def _cannot_read(self, folder: Path, error: CunbaoError) -> None:
        """Not even the office's name can be read: a backup in its place, where there is one."""
        from cunbao.ui.screens.trouble import answer

        self._way_out(answer(self.window, folder, error), folder)

    def _way_out(self, act: str, folder: Path) -> None:
        if act in ("restore", "other"):
            from cunbao.ui.screens.restore import restore_in_place

            restore_in_place(self.window, folder, self.clock, self._opened, choose=act == "other")
        elif act == "close":
            self.window.close()

    def _unlock(self, screen: Any, folder: Path, person: str, password: str, *, read_only: bool = False) -> None:
        from cunbao.desks import doors

        screen.set_busy(True)
        self.window.run_job(
            lambda progress, cancel: doors.unlock(folder, person, password, clock=self.clock, read_only=read_only),
            title="正在打开",
            done=lambda desk: self._opened(desk, folder),
            failed=lambda error: self._not_opened(screen, folder, person, password, error),
        )

    def _not_opened(self, screen: Any, folder: Path, person: str, password: str, error: CunbaoError) -> None:
        """A wrong password is told under the field; trouble with the workspace is one of the dialogs of village-13."""
        from cunbao.ui.screens.trouble import answer

        screen.set_busy(False)
        if error.code.startswith("password."):
            screen.show_error(error)
            return
        act = answer(self.window, folder, error)
        if act == "look":
            self._unlock(screen, folder, person, password, read_only=True)
        elif act == "again":
            self._unlock(screen, folder, person, password)
        else:
            self._way_out(act, folder)

    def _opened(self, desk: Any, folder: Path) -> None:
        self._folder = folder
        self.window.open_desk(desk, _face(kind_in(folder)))
        self._rest()
        carried, self._carried = self._carried, []
        if carried:
            from cunbao.ui import opening

            QTimer.singleShot(0, self, lambda: opening.offer(self.window, carried))
        QTimer.singleShot(0, self, lambda: self._listen(desk, folder))
        if desk.clock_doubt:
            from cunbao.ui.screens.trouble import tell_clock

            QTimer.singleShot(0, self, lambda: tell_clock(self.window, desk))

    def _listen(self, desk: Any, folder: Path) -> None:
        """A second start of the same workspace asks here for this window to come to the front, with files perhaps."""
        from hashlib import sha256

        from cunbao.ui.otherwindow import Listener

        if self._listener is None:
            self._listener = Listener(self)
            self._listener.asked.connect(self._come_forward)
        name = f"cunbao-{os.getpid()}-{sha256(str(folder).encode()).hexdigest()[:8]}"
        if self._listener.listen(name):
            desk.workspace.announce(name)

    def _come_forward(self, files: list[Path]) -> None:
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        if files:
            from cunbao.ui import opening

            opening.offer(self.window, files)

    # --- leaving and locking -------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # PySide may hand over what lay at the event's address before, a layout's spacer for one: not a key, not a click
        kind = getattr(event, "type", None)
        if kind is None or self._ended:
            return False
        if kind() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self._rest()
        return False

    def _rest(self) -> None:
        """Somebody is here: the time to locking begins anew."""
        desk = self.window.desk
        if desk is not None:
            minutes = int(desk.workspace.setting("lock_minutes", 10)) if not self._idle.isActive() else self._minutes
            self._minutes = minutes
            self._idle.start(minutes * 60_000)

    def lock(self) -> None:
        """Nobody has typed for a while: what is on screen goes, the password is asked again. Nothing is lost."""
        folder = self._folder
        if self.window.desk is None or folder is None:
            return
        if not self.window.jobs.idle:
            self._idle.start(60_000)
            return
        if (here := self.window.screen_here) is not None:
            here.leave()
        desk, self.window.desk = self.window.desk, None
        self.window.run_job(
            lambda progress, cancel: _close(desk, locked=True),
            title="正在锁上",
            done=lambda _: (self.window.forget_screens(), self.show_unlock(folder)),
        )

    def _close_desk(self) -> None:
        """The window is closing and the worker has ended: close in order, with the day's backup."""
        self._ended = True
        self._sticks.stop()
        self._idle.stop()
        desk, self.window.desk = self.window.desk, None
        if desk is not None:
            _close(desk)

    # --- looks ---------------------------------------------------------------------------------------------------

    def _read_looks(self) -> dict[str, Any]:
        try:
            found = json.loads((self.home / "looks.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _keep_looks(self, scale: float, contrast: bool) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            (self.home / "looks.json").write_text(json.dumps({"scale": scale, "contrast": contrast}), "utf-8")
        except OSError:
            pass  # looks only: the next start is at 100 %


def _packs_on_sticks() -> tuple[PackView, ...]:
    from cunbao.desks.media import sticks
    from cunbao.desks.tasks import packs_on

    return packs_on([stick.path for stick in sticks()])


def kind_in(folder: Path) -> str:
    """What lies in a folder; one that cannot be read is a village's, whose way out is known."""
    from cunbao.desks.doors import VILLAGE, kind_of

    try:
        return kind_of(folder)
    except CunbaoError:
        return VILLAGE


def _face(kind: str) -> Face | None:
    """What a kind of desk brings to the window, None for a kind that has no screens."""
    if kind == "township":
        from cunbao.ui.township import Township

        return Township()
    if kind == "county":
        from cunbao.ui.county import County

        return County()
    return Village() if kind == "village" else None


def _no_screens(office: str) -> CunbaoError:
    return CunbaoError(
        "desk.no_screens",
        happened=f"{office}的工作台还没有画面",
        safe="资料没有打开，也没有改动",
        todo="请在命令行里用 cunbao 办，见 cunbao --help",
    )


def _close(desk: Any, *, locked: bool = False) -> None:
    from cunbao.desks.doors import close

    close(desk, locked=locked)
