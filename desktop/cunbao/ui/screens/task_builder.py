"""county-04 任务包: which forms, when, by which plans; each fault with its place. What is saved is read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QFileSystemWatcher, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.building import ABOUT, BuilderView
from cunbao.errors import CunbaoError
from cunbao.survey.taskcheck import TaskFault
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, Icon, row
from cunbao.ui.kit.panel import column as upright
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.faultlist import FaultList
from cunbao.ui.screens.task_params import ParamsCard
from cunbao.ui.screens.task_rows import form_columns, form_row
from cunbao.ui.screens.task_side import PlansCard, TimesCard, UnitsCard
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 336, 356
SOON = 500  # ms after a file was saved: office programs write it in several steps
SHEETS = "XLSForm (*.xlsx *.md)"


class TaskBuilder(TownScreen):
    nav = "tasks"
    help = (
        "表式在一个文件夹里：一张表一个 XLSForm，可以用 Excel 改。改好存盘，这里自动重新检验。",
        "一张表有一处错，这张表就不能发；每处错都写明在哪张工作表、第几行、哪一列、怎么改。",
        "试填是开一个临时的单位试一试，关掉就没有了。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: BuilderView | None = None
        self._found: BuilderView | None = None  # of the last 检验, for views made without another one
        self._busy = False
        self._again = False
        self.halves = Twofold(SIDE, larger=SIDE_125)
        upright(self).addWidget(self.halves)
        self._make_top()
        self._make_forms()
        self.faults = FaultList()
        self.faults.opened.connect(self.open_fault)
        self.faults.moved.connect(lambda number: self._mark_form())
        self.halves.main.addWidget(self.faults, 1000)
        self.params = ParamsCard(self.shell)
        self.params.changed.connect(self._changed)
        self.halves.main.addWidget(self.params)
        self._make_empty()
        self._make_side()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._saved_elsewhere)
        self._watch = QFileSystemWatcher(self)
        self._watch.fileChanged.connect(lambda path: self._soon.start())
        self._watch.directoryChanged.connect(lambda path: self._soon.start())

    def _make_top(self) -> None:
        self.head = PageHead("任务包")
        self.chip = Chip("info", "pencil", "草稿")
        self.named = Button("改名称", kind="quiet", size="small", icon="pencil")
        self.named.clicked.connect(self.ask_title)
        self.trial = Button("试填一遍", icon="eye")
        self.trial.clicked.connect(self.try_out)
        self.main = Button("下一处错", kind="filled", key="F8")
        self.main.clicked.connect(self._main)
        for part in (self.named, self.chip, self.trial, self.main):
            self.head.add(part)
        self.halves.add_head(self.head)

    def _make_forms(self) -> None:
        self.card = Card()
        top = QWidget()
        line = row(top, 8, (16, 0, 12, 0))
        line.addWidget(Icon("form"))
        self.counts = Text("", bold=True)
        line.addWidget(self.counts, 1)
        self.folder_button = Button("换文件夹", kind="quiet", size="small", icon="folder")
        self.folder_button.clicked.connect(self.ask_folder)
        self.more = Button("加一张 XLSForm", kind="quiet", size="small", icon="plus")
        self.more.clicked.connect(self.ask_form)
        line.addWidget(self.folder_button)
        line.addWidget(self.more)
        self._forms_head = top
        self.restyle()
        self.card.add(top)
        self.card.add_line()
        self.grid = Grid((), name="报表", row_px=34, head_px=30)
        self.grid.ticked.connect(self._tick_form)
        self.grid.activated.connect(lambda number, key: self.open_form())
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)

    def _make_empty(self) -> None:
        choose = Button("选表式的文件夹", kind="filled", icon="folder")
        choose.clicked.connect(self.ask_folder)
        self.empty_button = choose
        self.empty = Card()
        self.empty.add(EmptyState("还没有选表式的文件夹。里面要有 task.toml 和一张表一个的 XLSForm。", choose))
        self.halves.main.addWidget(self.empty)
        self.halves.main.addStretch(1)

    def _make_side(self) -> None:
        self.units = UnitsCard()
        self.units.look.clicked.connect(lambda: self.shell.go("offices"))
        self.times = TimesCard(self.shell)
        self.times.changed.connect(self._change)
        self.times.period_chosen.connect(self._choose_period)
        self.plans = PlansCard()
        self.plans.grid.ticked.connect(self._tick_plan)
        for card in (self.units, self.times, self.plans):
            self.halves.side.addWidget(card)
        self.halves.side.addStretch(1)

    def restyle(self) -> None:
        self._forms_head.setFixedHeight(look.px(39))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_forms_head"):
            self.restyle()

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        self.refresh()
        self.check_again()

    def leave(self) -> None:
        self.times.leave()

    def refresh(self) -> None:
        from cunbao.desks.county import building

        self._show(building.view(self.shell.desk, self._found))

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._view is None or self._view.draft is None:
            return (("Enter", "选文件夹"), ("F1", "帮助"))
        first = ("F8", "下一处错") if self._view.faults else ("Ctrl+Enter", "去签发")
        return (first, ("Space", "发 / 不发"), ("Enter", "打开报表"), ("F5", "重新检验"), ("Ctrl+T", "试填"))

    def first_focus(self) -> None:
        target: QWidget = self.grid if self.grid.isVisible() else self.empty_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        self._main()
        return True

    def go_on(self) -> bool:
        """Ctrl+Enter: on to 签发, when nothing is wrong."""
        if self._view is not None and self._view.may_issue:
            self.shell.go("issue")
        return True

    def next_problem(self, step: int) -> bool:
        if self._view is not None and self._view.faults:
            self.faults.step(step)
        return True

    def check_again(self) -> bool:
        """F5, and whenever something was chosen or saved: look at everything again, on the worker."""
        from cunbao.desks.county import building

        desk = self.shell.desk
        if building.draft_of(desk) is None:
            return True
        if self._busy:
            self._again = True
            return True
        self._busy = True
        self.counts.setText("正在检验……")

        def work(progress: Any, cancel: Any) -> BuilderView:
            return building.check(desk, progress=progress, cancel=cancel)

        self.shell.jobs.start(work, done=self._checked, failed=self._not_checked)
        return True

    def key(self, name: str) -> bool:
        if name == "Ctrl+T":
            self.try_out()
            return True
        return False

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: BuilderView) -> None:
        self._view = view
        self.halves.settle()
        draft, bare = view.draft, view.draft is None
        for part in (self.card, self.faults, self.trial, self.chip, self.named, self.main, self.times, self.plans,
                     self.params):  # fmt: skip
            show_if(part, not bare)
        show_if(self.empty, bare)
        self.units.show_view(view, may_look="offices" in self.shell.face.SCREENS)
        if draft is None:
            self.head.line.setText("从放表式的文件夹开始")
            return
        self.head.line.setText(f"{draft.wanted.title}，第 {view.version} 版")
        self.chip.set("info", "pencil", "草稿")
        if not self._busy:
            checks = f"，检查 {view.must_fix + view.to_explain} 条" if view.must_fix + view.to_explain else ""
            self.counts.setText(f"报表 {len(view.sent)} 张，{view.cells} 格{checks}")
        self.grid.set_columns(form_columns())
        self.grid.set_rows([form_row(one, view) for one in view.forms])
        self.halves.fit(self.grid)
        self.faults.set_faults(view.faults)
        self.faults.setMinimumHeight(look.px(150) if view.faults else 0)
        self.times.show_view(view)
        self.plans.show_view(view)
        self.params.show_view(view)
        self.halves.fit(self.plans.grid)
        self._tell_main()
        self._mark_form()
        self._follow()

    def _tell_main(self) -> None:
        assert self._view is not None  # it is being shown
        wrong = bool(self._view.faults)
        self.main.setText("下一处错" if wrong else "去签发")
        self.main.set_key("F8" if wrong else "Ctrl+Enter")
        self.main.set_why("" if wrong or self._view.may_issue else "正在检验" if self._busy else "先检验一遍（F5）")
        self.trial.set_why("" if any(not one.faults for one in self._view.forms) else "没有一张表能用")
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _mark_form(self) -> None:
        """The form of the fault at hand is the current row."""
        fault = self.faults.here()
        if fault is not None and fault.form and (number := self.grid.find_row(fault.form)) >= 0:
            self.grid.go(number)

    def _follow(self) -> None:
        """Watch what the draft is made of."""
        from cunbao.desks.county import building

        assert self._view is not None and self._view.draft is not None
        folder = self._view.draft.folder
        wanted = {str(path) for path in building.watched(self._view.draft).values()}
        wanted |= {str(one) for one in (folder, folder / "lists") if one.is_dir()}
        watched = {*self._watch.files(), *self._watch.directories()}
        if gone := sorted(watched - wanted):
            self._watch.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watch.addPaths(new)

    def _saved_elsewhere(self) -> None:
        """A file was saved: looked at again, while this screen is seen; else when it opens."""
        if self.shell.desk is not None and self.isVisible():
            self.check_again()

    # --- acts ----------------------------------------------------------------------------------------------------

    def _main(self) -> None:
        if self._view is None or self._view.draft is None:
            self.ask_folder()
        elif self._view.faults:
            self.faults.step(1)
        else:
            self.go_on()

    def _checked(self, view: BuilderView) -> None:
        self._busy = False
        self._found = view
        if self._again:
            self._again = False
            self.check_again()
            return
        self._show(view)
        self.shell.refresh_frame()

    def _not_checked(self, error: CunbaoError) -> None:
        self._busy = self._again = False
        self.counts.setText("没有检验成")
        self.shell.show_error(error)

    def _tick_form(self, number: int) -> None:
        from cunbao.desks.county import building

        view = self._view
        assert view is not None and view.draft is not None  # there are rows
        form = view.forms[number].form
        building.send_form(self.shell.desk, form, on=form not in view.draft.wanted.forms)
        self._changed()

    def _tick_plan(self, number: int) -> None:
        from cunbao.desks.county import building

        assert self._view is not None  # there are rows
        one = self._view.plans[number]
        building.choose_plan(self.shell.desk, one.plan, on=not one.chosen)
        self._changed()

    def _change(self, name: str, value: object) -> None:
        from cunbao.desks.county import building

        building.change(self.shell.desk, **{name: value})
        self._changed()

    def ask_title(self) -> None:
        """改名称: of the task, as it stands on every page and in the villages' windows."""
        assert self._view is not None and self._view.draft is not None  # the button is hidden before
        field = FieldBox(self._view.draft.wanted.title, name="任务名称")
        box = DialogBox(
            "任务叫什么",
            "印在每张报表的页头，村里打开任务包也看得到。",
            "",
            "",
            (Choice("stay", "不改"), Choice("take", "改好")),
            icon="pencil",
            tone="accent",
            body=field,
            accepts=lambda key: key != "take" or bool(field.text().strip()),
        )
        field.next.connect(lambda step: box.answer("take") if step > 0 else None)
        if self.shell.ask(box, escape="stay", focus=field) == "take":
            self._change("title", field.text().strip())

    def _choose_period(self, period: str) -> None:
        from cunbao.desks.county import building

        building.choose_period(self.shell.desk, period)
        self._changed()

    def _changed(self) -> None:
        self.refresh()
        self.check_again()

    def ask_folder(self) -> None:
        """选表式的文件夹: the built-in forms are where it begins."""
        from cunbao.desks.county import building

        draft = building.draft_of(self.shell.desk)
        start = str(draft.folder) if draft is not None else str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "选表式的文件夹", start)
        self.window().activateWindow()
        if chosen:
            self.use_folder(Path(chosen))

    def use_folder(self, folder: Path) -> None:
        """What choosing a folder does after the choice."""
        from cunbao.desks.county import building

        try:
            building.choose_folder(self.shell.desk, folder)
        except CunbaoError as trouble:
            self.shell.show_error(trouble)
            return
        self._found = None
        self._changed()
        self.first_focus()

    def ask_form(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "加一张 XLSForm", "", SHEETS)
        self.window().activateWindow()
        if name:
            self.add_form(Path(name))

    def add_form(self, path: Path) -> None:
        from cunbao.desks.county import building

        try:
            building.add_form(self.shell.desk, path)
        except CunbaoError as trouble:
            self.shell.show_error(trouble)
            return
        self._changed()

    def open_form(self) -> None:
        """Enter: the form in the program that edits it."""
        if self._view is not None and self._view.draft is not None and self.grid.current_id():
            line = next(one for one in self._view.forms if one.form == self.grid.current_id())
            self._open(self._view.draft.folder / line.file)

    def open_fault(self, fault: TaskFault) -> None:
        """打开这一行: its file; no program can be told the row, so the tags beside it stay in sight."""
        if self._view is not None and self._view.draft is not None and fault.file != ABOUT:
            self._open(self._view.draft.folder / fault.file)

    def _open(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def try_out(self) -> None:
        """Ctrl+T: the current form at a throw-away office, in a window of its own."""
        from cunbao.ui.screens.task_trial import open_trial

        view = self._view
        if view is None or view.draft is None:
            return
        line = next((one for one in view.forms if one.form == self.grid.current_id()), None)
        if line is not None and line.faults:
            line = None
        line = line or next((one for one in view.forms if not one.faults), None)
        if line is not None:
            open_trial(self.shell, line.form)
