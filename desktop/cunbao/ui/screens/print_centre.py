"""county-08 打印中心: the signed returns, each checked just now; print them, go on where a printer stopped, or make one
PDF of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county import binding, printables, printing, volumes
from cunbao.desks.county.printables import Narrow, Printable, Shelf, Sign, Which
from cunbao.desks.county.printjob import PrintJob
from cunbao.errors import CunbaoError
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.filters import FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridRow
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.select import Select
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.print_rows import ALL, accepted, columns, counts, name_of, returns_of, row_of
from cunbao.ui.screens.print_side import PagesCard, PaperCard
from cunbao.ui.screens.print_told import bound, from_start, handed_over
from cunbao.ui.screens.town import TownScreen

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 290, 300


class PrintCentre(TownScreen):
    nav = "print"
    help = (
        "能打的都刚核对过签名；“有问题”的锁着，看得到原因。“有效，旧证书”是吊销之前签的，仍然承认。",
        "打到哪一份记在硬盘上。打印机停了，弄好后按 Ctrl+P 接着打；最后一份没出来，就退一份。",
        "还没审核通过的也能打，每页印“未审定”。合成一个 PDF 时，签名的原件附在里面。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._shelf: Shelf | None = None
        self._job: PrintJob | None = None
        self._lines: tuple[Printable, ...] = ()
        self._on: set[str] = set()
        self._ended = ""  # the job that came to its end while the screen was open
        self.halves = Twofold(SIDE, larger=SIDE_125)
        column(self).addWidget(self.halves)
        self._make_head()
        self._make_filters()
        self.card = Card()
        self.grid = Grid(columns(), name="可以打印的报表", row_px=30, head_px=30, paging=False)
        self.grid.installEventFilter(self)
        self.grid.ticked.connect(self._tick)
        self.grid.head_ticked.connect(self._tick_all)
        self.grid.moved.connect(lambda number, key: self._look())
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.checking = EmptyState("正在核对签名。")
        read = Button("读入报县包", icon="inbox-in")
        read.clicked.connect(lambda: self.shell.go("receive"))
        self.empty = EmptyState("县里还没有收到签名的报表。", read)
        self.halves.main.addWidget(self.checking)
        self.halves.main.addWidget(self.empty)
        self.halves.main.addStretch(1)
        self.pages = PagesCard()
        self.pages.enlarge.connect(self._enlarge)
        self.halves.side.addWidget(self.pages, 1)
        self.paper = PaperCard()
        self.paper.changed.connect(self._options_changed)
        self.halves.side.addWidget(self.paper)

    def _make_head(self) -> None:
        self.head = PageHead("打印中心")
        self.again = Button("从头打")
        self.again.clicked.connect(self.print_from_start)
        self.one = Button("合成一个 PDF", icon="form")
        self.one.clicked.connect(self.make_pdf)
        self.main = Button("打印", kind="filled", icon="printer", key="Ctrl+P")
        self.main.clicked.connect(lambda: self.preview())
        for button in (self.again, self.one, self.main):
            self.head.add(button)
        self.halves.add_head(self.head)
        self.back_one = Button("", size="small")
        self.back_one.clicked.connect(self.step_back)
        self.banner = Banner("warn", "", button=self.back_one, icon="printer", bold=False)
        self.halves.top.addWidget(self.banner)

    def _make_filters(self) -> None:
        line = QWidget()
        parts = row(line, 8)
        self.town = Select(name="乡镇")
        self.form = Select(name="报表")
        self.which = Select([(one.name, one.value) for one in Which], name="哪些")
        for select in (self.town, self.form, self.which):
            select.chosen.connect(lambda key: self._narrow())
            parts.addWidget(select)
        self.signs = FilterRow(name="签名核对")
        self.signs.chosen.connect(lambda key: self._narrow())
        parts.addWidget(self.signs, 1)
        self.search = FieldBox(icon="search", name="找村")
        self.search.set_hint("找村")
        self.search.typed.connect(lambda text: self._narrow())
        self.search.setMaximumWidth(132)
        parts.addWidget(self.search)
        self.halves.top.addWidget(line)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        self.halves.settle()
        self.refresh()
        if self._shelf is None:
            self.check_again()

    def refresh(self) -> None:
        self._job = printing.current(self.shell.desk)
        self.paper.set_printers()
        if self._job is not None and self._shelf is not None and not self._job.finished:
            self.paper.set_options(self._job.options)
        self._show()

    def keys(self) -> Sequence[tuple[str, str]]:
        word = "接着打" if self._goes_on() else "打印"
        return (("Space", "选 / 不选"), ("Ctrl+P", word), ("Ctrl+E", "合成 PDF"), ("PgDn", "预览下一页"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def check_again(self) -> bool:
        """F5: every signature anew."""
        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: printables.shelf(desk, progress, cancel),
            title="核对签名",
            done=self._take,
            failed=self._failed,
            may_cancel=True,
        )
        return True

    def preview(self) -> bool:
        """Ctrl+P: print, or go on printing."""
        if self._goes_on():
            self._run()
        elif self.main.isEnabled() and self._on:
            self._begin()
        return True

    def main_step(self) -> bool:
        return self.preview()

    def key(self, name: str) -> bool:
        if name == "Ctrl+E":
            self.make_pdf()
            return True
        return False

    def page(self, step: int) -> bool:
        self.pages.step(step)
        return True

    def find(self) -> bool:  # type: ignore[override]
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """PgUp and PgDn turn the pages beside the table; the page around it would scroll instead."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()), 0)
            if step and not event.modifiers():
                return self.page(step)
        return super().eventFilter(watched, event)

    # --- what is on the shelf ------------------------------------------------------------------------------------

    def _failed(self, error: CunbaoError) -> None:
        self.shell.show_error(error)

    def _take(self, shelf: Shelf) -> None:
        first = self._shelf is None
        self._shelf = shelf
        towns = dict.fromkeys((one.township.code, one.township.short) for one in shelf.lines)
        self.town.set_items([(ALL, "全部乡镇"), *towns])
        forms = dict.fromkeys((one.form, f"{one.form} {one.title}") for one in shelf.lines)
        self.form.set_items([(ALL, f"全部 {len(forms)} 张表"), *forms])
        may = {one.revision for one in shelf.lines if one.may_print}
        if first:
            job = self._job
            going = job is not None and not job.finished
            self._on = set(returns_of(job)) & may if job is not None and going else accepted(shelf)
            if job is not None and going:
                self.paper.set_options(job.options)
        else:
            self._on &= may
        self._show()
        self.shell.refresh_frame()
        if first:
            self.first_focus()

    def _narrow(self) -> None:
        self._show()

    def _options_changed(self) -> None:
        job = self._job
        if job is not None and not job.finished and job.options.printer != self.paper.options().printer:
            self._job = printing.on_printer(self.shell.desk, self.paper.options().printer)
        self._show()

    def _by(self, sign: Sign | None) -> Narrow:
        town, form = self.town.current(), self.form.current()
        return Narrow(
            township="" if town == ALL else town,
            form="" if form == ALL else form,
            which=Which[self.which.current()],
            sign=sign,
            words=self.search.text(),
        )

    def _show(self) -> None:
        shelf = self._shelf
        self.halves.settle()
        ready = shelf is not None and bool(shelf.lines)
        for part in (self.card, self.pages, self.paper, self.one):
            show_if(part, ready)
        show_if(self.checking, shelf is None)
        show_if(self.empty, shelf is not None and not ready)
        if shelf is None:
            self._tell()
            return
        chosen = self.signs.current()
        every = printables.narrowed(shelf, self._by(None))
        self.signs.set_filters(counts(every))
        sign = Sign[chosen] if chosen in Sign.__members__ else None
        found = printables.narrowed(shelf, self._by(sign))
        order = self.paper.options().order
        self._lines = volumes.in_order(found, order, tuple(self.shell.desk.task.forms))
        here = self.grid.current_id()
        self.grid.set_columns(columns())
        self.grid.set_source(len(self._lines), self._row)
        self.grid.go(max(0, self.grid.find_row(here) if here else self._stopped_at()))
        self.halves.fit(self.grid)
        self._tell()
        self._look()

    def _stopped_at(self) -> int:
        job = self._job
        item = job.here if job is not None else None
        if item is None or item.line is None:
            return 0
        return next((n for n, one in enumerate(self._lines) if one.revision == item.line.revision), 0)

    def _row(self, number: int) -> GridRow:
        line = self._lines[number]
        return row_of(line, number + 1, self._job, on=line.revision in self._on)

    # --- words ---------------------------------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        """Is there a job to go on with, and is nothing else chosen?"""
        job = self._job
        return job is not None and not job.finished and job.place > 0 and self._on == set(returns_of(job))

    def _chosen(self) -> tuple[Printable, ...]:
        return self._shelf.chosen(tuple(self._on)) if self._shelf is not None else ()

    def _tell(self) -> None:
        lines, job = self._chosen(), self._job
        pages = sum(one.pages for one in lines)
        self.head.line.setText(f"已选 {len(lines)} 份，{pages} 页" if self._shelf is not None else "")
        going = self._goes_on()
        why = "" if self.paper.options().printer else "没有装打印机，可以合成 PDF"
        why = why or ("" if lines else "还没有选要打的")
        left = job.returns_left if going and job is not None else len(lines)
        self.main.setText(f"接着打 {left} 份" if going else f"打印 {left} 份")
        self.main.set_why(why)
        self.one.set_why("" if lines else "还没有选要打的")
        show_if(self.main, self._shelf is not None)
        show_if(self.again, going)
        may = [one for one in self._lines if one.may_print]
        self.grid.set_head_tick(all(one.revision in self._on for one in may) if may else None)
        self._tell_banner()
        if going and job is not None:
            covers = sum(one.line is None for one in job.left)
            self.paper.tell(job.sheets_left, job.pages_left, covers, still=True)
        elif self._shelf is not None:
            seen = printing.outlook(self.shell.desk, lines, self.paper.options())
            self.paper.tell(seen.sheets, seen.pages, seen.covers, still=False)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _tell_banner(self) -> None:
        job = self._job
        ended = job is not None and job.finished and self._ended == job.id
        shown = job is not None and job.place > 0 and (ended or (not job.finished and bool(job.stopped)))
        show_if(self.banner, shown)
        if job is None or not shown:
            return
        done = job.returns_done
        self.back_one.setText(f"第 {done} 份没出来？退一份")
        show_if(self.back_one, done > 0)
        if ended:
            self.banner.set_words(f"这一批 {done} 份都交给打印机了。请点一点份数。")
            return
        day = clock_words(job.stopped_at)
        item = job.here
        where = name_of(item) if item is not None else ""
        self.banner.set_words(f"{day} 打到第 {done} 份停下（{job.stopped}）。从{where} 接着打，打过的不会重复。")

    def _look(self) -> None:
        number = self.grid.current_row()
        if self._shelf is None or not 0 <= number < len(self._lines):
            self.pages.show_line(None, b"", {})
            return
        line = self._lines[number]
        self.pages.show_line(line, *printables.pages_of(self.shell.desk, line))

    # --- choosing ------------------------------------------------------------------------------------------------

    def _tick(self, number: int) -> None:
        line = self._lines[number]
        if line.may_print:
            self._on ^= {line.revision}
            self.grid.again(number)
            self._tell()

    def _tick_all(self) -> None:
        """All that is listed; when all of it is ticked, none of it."""
        may = {one.revision for one in self._lines if one.may_print}
        self._on = self._on - may if may <= self._on else self._on | may
        self.grid.again()
        self._tell()

    # --- printing ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        desk, shelf, options = self.shell.desk, self._shelf, self.paper.options()
        assert shelf is not None  # nothing is ticked before
        try:
            self._job = printing.begin(desk, shelf, tuple(self._on), options)
        except CunbaoError as error:
            self.shell.show_error(error)
            return
        self._run()

    def _run(self) -> None:
        from cunbao.ui import printrun

        desk, job = self.shell.desk, self._job
        assert job is not None  # begun just now, or stopped before
        self.shell.run_job(
            lambda progress, cancel: printrun.run(desk, job, progress, cancel),
            title="打印",
            done=self._printed_so_far,
            may_cancel=True,
            stop=("停下", "打好的都算数，位置记下，随时接着打"),
        )

    def _printed_so_far(self, job: PrintJob) -> None:
        self._job = job
        self._ended = job.id if job.finished else ""
        self._show()
        self.shell.refresh_frame()
        if job.finished:
            self.shell.ask(handed_over(job))

    def print_from_start(self) -> None:
        """从头打: the same job again from its first page."""
        if self.shell.ask(from_start(), escape="keep") == "again":
            self._job = printing.restart(self.shell.desk)
            self._run()

    def step_back(self) -> None:
        """退一份."""
        try:
            self._job = printing.step_back(self.shell.desk)
        except CunbaoError as error:
            self.shell.show_error(error)
            return
        self._show()

    def make_pdf(self) -> None:
        """Ctrl+E 合成一个 PDF: asks where to, and says when it is there."""
        lines, shelf = self._chosen(), self._shelf
        if not lines or shelf is None:
            return
        desk, options = self.shell.desk, self.paper.options()
        name = binding.pdf_name(desk, lines)
        chosen, _ = QFileDialog.getSaveFileName(self.shell, "存到哪里", str(Path.home() / name), "PDF (*.pdf)")
        self.shell.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if not chosen:
            return
        path, wanted = Path(chosen), tuple(one.revision for one in lines)
        self.shell.run_job(
            lambda progress, cancel: binding.to_pdf(desk, shelf, wanted, options, path, progress, cancel),
            title="合成一个 PDF",
            done=lambda made: self.shell.ask(bound(made)),
            may_cancel=True,
        )

    def _enlarge(self) -> None:
        number = self.grid.current_row()
        if not 0 <= number < len(self._lines):
            return
        from cunbao.ui.screens.preview import Preview

        line = self._lines[number]
        data, covered = printables.pages_of(self.shell.desk, line)
        if data:
            Preview(self.shell, f"{line.office.short} {line.form}", data, f"{line.pages} 页", covered)
