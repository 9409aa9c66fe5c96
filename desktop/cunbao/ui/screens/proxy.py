"""township-09 代报: the paper at the left, the village's form in the middle, on what it rests at the right.

Without a village there is the list of those that may be filled for. Filling, checking and signing are the village's own
screens (`inside`); what is typed goes to the township's workspace. The band stays on every screen until it is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QStackedWidget

from cunbao.desks.township import proxying
from cunbao.desks.views import ProxyBasis
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.hosting import Hosting
from cunbao.ui.screens.inside import Inside
from cunbao.ui.screens.proxy_begin import ask_basis
from cunbao.ui.screens.proxy_page import ProxyPage
from cunbao.ui.screens.proxy_paper import PICTURES
from cunbao.ui.screens.proxy_villages import Villages
from cunbao.ui.shell import Shell

BESIDE = ("form", "row")  # what is filled beside the paper; anything else has the whole width


class ProxyScreen(Hosting):
    nav = "proxy"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._pages = QStackedWidget()
        column(self).addWidget(self._pages)
        self.villages = Villages()
        self.villages.begin.connect(lambda: self.begin(self.villages.chosen()))
        self._pages.addWidget(self.villages)
        self.spread = page = ProxyPage()
        self.paper, self.basis, self.reviewer, self.forms = page.paper, page.basis, page.reviewer, page.forms
        self.paper.asked.connect(self._ask_scan)
        self.paper.put_away.connect(self._drop_scan)
        self.paper.grown.connect(self._grown)
        self.basis.changed.connect(self._change_basis)
        self.reviewer.chosen.connect(self._choose_reviewer)
        self.forms.chosen.connect(lambda form: self.inside and self.inside.go("form", form=form))
        self._pages.addWidget(page)

    # --- what the shell asks -----------------------------------------------------------------------------------------

    @property
    def help(self) -> Sequence[str]:  # type: ignore[override]
        here = self.here
        if here is None:
            return ("村里没有电脑，或者报不了的，照它盖过章的纸质表替它填。", "填的、签的都记在你名下，由别人审核。")
        if self.inside is not None and self.inside.here in BESIDE:
            return (*here.help, "按 F7 把原表放大；Ctrl+P 看打印稿，Ctrl+V 从 Excel 粘贴。")
        return here.help

    @property
    def to_edge(self) -> bool:
        here = self.here
        if here is not None and self.inside is not None and self.inside.here not in BESIDE:
            return here.to_edge
        return look.narrow and here is not None

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.paper.large:
            return (("PgDn", "下一张"), ("Enter", "放大"), ("F7", "回去填"))
        here = self.here
        return here.keys() if here is not None else (("↑↓", "选村"), ("Enter", "开始代报"))

    def open(self, office: str = "", form: str = "", **where: Any) -> None:
        """office: a village to be filled for; form: one of the forms of who is being filled for."""
        desk = self.shell.desk
        filled = proxying.current(desk)
        if filled is None or (self.inside is not None and self.inside.desk is not filled):
            self._leave_inside()
        if filled is not None and self.inside is None:
            self._enter(filled)
        self._show()
        if self.inside is not None and filled is not None and (not office or office == filled.office.code):
            at = form or getattr(self.here, "form", "") or next(iter(desk.task.forms))
            name = "form" if form or not self.inside.here else self.inside.here
            self.inside.go(name, **({"form": at} if name == "form" else {}))
        elif office:
            self.begin(office)

    def refresh(self) -> None:
        here, held = self.here, self._holds_focus()
        self._lay()
        self._show()
        if here is not None:
            here.refresh()
            if held and not self._holds_focus():  # what had the cursor was made anew, larger
                self.first_focus()

    def _holds_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def first_focus(self) -> None:
        here = self.here
        if self.paper.large:
            self.paper.view.setFocus(Qt.FocusReason.OtherFocusReason)
        elif here is not None:
            here.first_focus()
        else:
            self.villages.first_focus()

    # --- keys --------------------------------------------------------------------------------------------------------

    def main_step(self) -> bool:
        here = self.here
        if self.paper.large:
            return False
        return here.main_step() if here is not None else self.begin(self.villages.chosen())

    def go_on(self) -> bool:
        here = self.here
        return here.go_on() if here is not None and not self.paper.large else False

    def key(self, name: str) -> bool:
        if name == "F7" and self.inside is not None:
            self.paper.grow(not self.paper.large)  # without a scan: to the button that adds one
            return True
        here = self.here
        return here.key(name) if here is not None else False

    def back(self) -> bool:
        """Esc: the paper small again; out of row editor, check and signing to the form; there it stops."""
        if self.paper.large:
            self.paper.grow(False)
        elif self.inside is None:
            self.shell.go_back()
        elif self.inside.here == "form":
            self.stop()
        elif self.here is not None and not self.here.back():
            self.inside.go("form", form=self._form())
        return True

    # --- beginning and stopping --------------------------------------------------------------------------------------

    def begin(self, office: str) -> bool:
        """Ask on what basis, then fill."""
        desk = self.shell.desk
        ask_basis(
            self.shell,
            lambda village, said: proxying.begin(desk, village, said, confirmed=True),
            office=office,
            done=lambda filled: self._begun(),
        )
        return True

    def _begun(self) -> None:
        self._leave_inside()
        self.villages.banner.hide()
        self.open()
        self.shell.refresh_frame()
        self.first_focus()

    def stop(self) -> None:
        """停下代报: what was filled stays; nothing that is still to be written is left behind."""
        if self.inside is None:
            return
        self.leave()
        if self.shell.unsaved:
            self.shell.save_again()
            return
        desk, name = self.shell.desk, self.inside.desk.office.short
        self.paper.grow(False)
        self.shell.run_job(
            lambda progress, cancel: proxying.stop(desk),
            title="停下代报",
            done=lambda nothing: self._stopped(desk, name),
        )

    def _stopped(self, desk: Any, name: str) -> None:
        self._leave_inside()
        self._show()
        self.villages.tell(name)
        self.shell.refresh_frame()
        self.first_focus()

    def _enter(self, filled: Any) -> None:
        self.inside = inside = Inside(self.shell, filled)
        inside.went.connect(lambda name: self._went())
        inside.told.connect(self.tell)
        inside.came.connect(self.spread.to_top)
        inside.ended.connect(self.stop)
        self.spread.middle.addWidget(inside)
        self._went()

    def _leave_inside(self) -> None:
        inside, self.inside = self.inside, None
        if inside is not None:
            inside.hide()
            inside.deleteLater()
            self.spread.lift(None)

    # --- the page ----------------------------------------------------------------------------------------------------

    def _lay(self) -> None:
        self.spread.lay(beside=self.inside is None or self.inside.here in BESIDE)

    def _show(self) -> None:
        """The list of villages, or the one that is filled for."""
        desk = self.shell.desk
        if self.inside is None:
            self._pages.setCurrentWidget(self.villages)
            self.villages.show_villages(proxying.proxy_villages(desk), desk.task)
            return
        self._pages.setCurrentWidget(self.spread)
        office = self.inside.desk.office.code
        scans = proxying.scans(desk, office)
        files = [desk.workspace.object(one.content) for one in scans]
        self.paper.show_scans(files, [one.at for one in scans], may_add=not desk.read_only)
        self._show_basis()
        self.tell()

    def _show_basis(self) -> None:
        if self.inside is not None:
            desk, said = self.shell.desk, self.inside.desk.proxy or proxying.NO_BASIS
            self.basis.show_basis(said, desk.person.name)
            self.reviewer.show_reviewers(proxying.reviewers(desk), said.reviewer)

    def _went(self) -> None:
        """Another of the village's screens is shown."""
        if self.paper.large:
            self.paper.grow(False)
        self._lay()
        self.tell()

    def tell(self) -> None:
        """What stands beside the form; its head is lifted above all."""
        if self.inside is None:
            return
        filled, desk = self.inside.desk, self.shell.desk
        frame = getattr(self.here, "frame", None)
        if frame is not None and self.inside.here == "form":
            self.spread.lift(frame.head)
        self.forms.show_states(filled.office.short, proxying.states(desk, filled.office.code), self._form())

    def _form(self) -> str:
        return str(getattr(self.here, "form", "")) or next(iter(self.shell.desk.task.forms))

    def _grown(self, on: bool) -> None:
        self._lay()
        self.shell.status.set_keys(self.keys())
        if not on:
            self.first_focus()

    # --- basis and paper ---------------------------------------------------------------------------------------------

    def _change_basis(self) -> None:
        if self.inside is None:
            return
        desk, office = self.shell.desk, self.inside.desk.office.code
        self.leave()
        ask_basis(
            self.shell,
            lambda village, said: proxying.set_basis(desk, village, said),
            office=office,
            known=True,
            done=lambda nothing: self._show_basis(),
        )

    def _choose_reviewer(self, name: str) -> None:
        if self.inside is None:
            return
        desk, office = self.shell.desk, self.inside.desk.office.code
        said: ProxyBasis = replace(self.inside.desk.proxy or proxying.NO_BASIS, reviewer=name)
        self.shell.run_job(
            lambda progress, cancel: proxying.set_basis(desk, office, said),
            title="写下审核的人",
            done=lambda nothing: self._show_basis(),
        )

    def _ask_scan(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "选纸质原表的扫描件或照片", "", PICTURES)
        if names:
            self.add_scans([Path(name) for name in names])

    def add_scans(self, paths: Sequence[Path]) -> None:
        """What 加扫描件 does after the choice."""
        if self.inside is None:
            return
        desk, office = self.shell.desk, self.inside.desk.office.code

        def work(progress: Any, cancel: Any) -> int:
            for path in paths:
                proxying.add_scan(desk, office, path)
            return len(paths)

        def shown(result: Any = None) -> None:
            self._show()
            self.paper.view.go(self.paper.view.count - 1)

        self.shell.run_job(
            work, title="存入扫描件", done=shown, failed=lambda error: (shown(), self.shell.show_error(error))[0]
        )

    def _drop_scan(self) -> None:
        if self.inside is None:
            return
        desk, office = self.shell.desk, self.inside.desk.office.code
        scans = proxying.scans(desk, office)
        one = scans[min(self.paper.shown, len(scans) - 1)]
        box = DialogBox(
            f"去掉“{one.name}”？",
            "以后签的表不再带它。",
            "已经签过的表还带着它",
            "",
            (Choice("drop", "去掉这一份", "danger"), Choice("stay", "留着")),
            icon="trash",
            tone="error",
        )
        if self.shell.ask(box, escape="stay") == "drop":
            self.shell.run_job(
                lambda progress, cancel: proxying.drop_scan(desk, office, one.content),
                title="去掉扫描件",
                done=lambda nothing: self._show(),
            )
