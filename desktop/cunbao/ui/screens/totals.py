"""township-08 汇总表: villages × numbers with their sums, who is missing, where each number comes from, and 交叉表."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFileDialog

from cunbao.desks.township.totals_views import (
    CrosstabView,
    ExportedTotals,
    SourceView,
    TotalsHead,
    TotalsRow,
    TotalsView,
)
from cunbao.ui.kit import paint
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import Check, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.tabs import PAD, Tabs
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.totals_cross import CrossTab
from cunbao.ui.screens.totals_rows import columns_of, row_of, sums_of, target_of
from cunbao.ui.screens.totals_side import LeftOutCard, SourceCard, why_not
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE = 268
CROSS = "cross"
NOT_ZERO = "没报的不当 0 算；导出时名单写在表下面。"
EVERY = "没报的不当 0 算。"
FEW = "屏幕上每一格都显示。打印和导出时，不满 3 人的格不显示。"
HEAD_PX, TALL_HEAD_PX = 30, 46


class TotalsScreen(TownScreen):
    nav = "totals"
    help = (
        "只算通过的报表；没报的村不当 0 算，名单在右边，也写在导出的表下面。",
        "用方向键走到一个数，右边说它从哪里来；按 Enter 打开村里报的那一格。",
        "比率是合计除以合计，不是各村平均。Ctrl+Tab 换下一张汇总表，最后是交叉表。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: TotalsView | None = None
        self._words: tuple[tuple[str, str, str], ...] = ()  # form, word of its tab without and with the number
        self._source: SourceView | None = None
        self._received: Any = None  # answers that wait for review while they are looked at too
        self.halves = Twofold(SIDE)
        column(self).addWidget(self.halves)
        self._make_head()
        self.card = Card()
        self.tabs = Tabs(name="汇总表")
        self.tabs.chosen.connect(lambda key: self._chosen())
        self.card.add(self.tabs)
        self.card.add_line()
        self.grid = Grid((), name="汇总表", cursor="cell", frozen=2, row_px=29)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.activated.connect(lambda number, key: self.look_at_cell())
        self.card.add(self.grid)
        self.cross = CrossTab()
        self.cross.chosen.connect(self._show)
        self.card.add(self.cross)
        self.card.installEventFilter(self)
        self.halves.main.addWidget(self.card)
        self.empty = EmptyState("任务包里没有本镇的村。请县里核对名录，重新发任务包。")
        self.halves.main.addWidget(self.empty)
        self.note = Message("note", "")
        self.halves.main.addWidget(self.note)
        self.halves.main.addStretch(1)
        self.source = SourceCard()
        self.source.pages.connect(self.look_at_pages)
        self.source.cell.connect(self.look_at_cell)
        self.left = LeftOutCard()
        self.halves.side.addWidget(self.source)
        self.halves.side.addWidget(self.left)
        self.halves.side.addStretch(1)

    def _make_head(self) -> None:
        self.head = PageHead("汇总表")
        self.too = Check("", role="base")
        self.too.toggled.connect(self._with_received)
        self.printer = Button("打印", icon="printer")
        self.printer.clicked.connect(self.preview)
        self.main = Button("导出 Excel", kind="filled", icon="table", key="Ctrl+E")
        self.main.clicked.connect(self.choose_file)
        for part in (self.too, self.printer, self.main):
            self.head.add(part)
        self.halves.add_head(self.head)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """form: the table; office: the village to stand on."""
        self._tabs()
        if where.get("form"):
            self.tabs.choose(str(where["form"]))
        self.refresh()
        if where.get("office"):
            self.grid.go(self.grid.find_row(str(where["office"])))

    def refresh(self) -> None:
        if self.too.is_on():
            self._with_received(True)
        else:
            self._show()

    def keys(self) -> Sequence[tuple[str, str]]:
        if self.tabs.current() == CROSS:
            return (("↑↓", "走行"), ("Ctrl+Tab", "下一张汇总表"), ("Ctrl+P", "打印"), ("Ctrl+E", "导出"))
        return (("↑↓←→", "走格"), ("Enter", "看这一格"), ("Ctrl+Tab", "下一张汇总表"), ("Ctrl+E", "导出"))

    def first_focus(self) -> None:
        (self.cross.grid if self.tabs.current() == CROSS else self.grid).setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, name: str) -> bool:
        step = {"Ctrl+Tab": 1, "Ctrl+Shift+Tab": -1}.get(name, 0)
        if step:
            self.tabs.step(step)
        elif name == "Ctrl+E":
            self.choose_file()
        return bool(step) or name == "Ctrl+E"

    def preview(self) -> bool:
        """Ctrl+P: the table that is seen, on paper."""
        from cunbao.ui.screens.preview import show_preview

        desk, received, form = self.shell.desk, self._received, self.tabs.current()
        choice = self.cross.choice()

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.township import totals_paper, totals_town

            if form == CROSS and choice is not None:
                where = (choice.form, choice.repeat, choice.rows, choice.columns)
                return totals_paper.crosstab_pages(desk, *where, received=received)
            return totals_paper.totals_pages(desk, form, states=totals_town.words(desk), received=received)

        title = "交叉表" if form == CROSS else "汇总表"
        self.shell.run_job(
            work,
            title=f"排版{title}",
            done=lambda drawn: show_preview(self.shell, title, drawn.pdf, f"{drawn.pages} 页"),
        )
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _tabs(self) -> None:
        from cunbao.desks.township import totals

        task = self.shell.desk.task
        self._words = tuple((form, task.screens[form].nav, word) for form, word in totals.totals_forms(task))
        self._fit()
        self.cross.set_choices(totals.crosstab_choices(task), task)

    def _fit(self) -> None:
        """Tabs and heads say less where there is less room: no form number, the unit in a second line."""
        room = self.card.width()
        whole = sum(paint.width(word, "base", True) + 2 * PAD for _, _, word in self._words) + look.px(100)
        short = bool(room) and whole > room
        tabs = [(form, nav if short else word) for form, nav, word in self._words]
        self.tabs.set_tabs((*tabs, (CROSS, "交叉表")))
        if self._view is not None and self.tabs.current() != CROSS:
            self._set_columns(self._view)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.card and event.type() == QEvent.Type.Resize and self._words:
            self._fit()
        return super().eventFilter(watched, event)

    def _chosen(self) -> None:
        """Another tab: the focus goes to its table, unless it walks along the tabs themselves."""
        along = self.tabs.hasFocus()
        self._show()
        if not along:
            self.first_focus()

    def _show(self) -> None:
        from cunbao.desks.township import totals, totals_town

        desk, key = self.shell.desk, self.tabs.current()
        self.halves.settle()
        choice = self.cross.choice() if key == CROSS else None
        form = choice.form if choice is not None else key
        if not form:
            return
        view = totals.totals_view(desk, form, states=totals_town.words(desk), received=self._received)
        self._view = view
        for part, on in ((self.grid, key != CROSS), (self.cross, key == CROSS), (self.source, key != CROSS)):
            show_if(part, on)
        show_if(self.card, bool(view.rows))
        show_if(self.empty, not view.rows)
        self.note.set("", "")
        self._say_head(view)
        said = NOT_ZERO
        if choice is not None:
            where = (choice.form, choice.repeat, choice.rows, choice.columns)
            crossed = totals.crosstab_view(desk, *where, received=self._received)
            self._show_cross(crossed)
            said = FEW if crossed.people else EVERY
        else:
            self._show_table(view)
        self.left.show_left(view.left_out, said)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _say_head(self, view: TotalsView) -> None:
        what = "通过的和已接收的" if view.unreviewed else "只算通过的"
        self.head.line.setText(f"{what}，{view.counted} / {view.villages} 村")
        if view.unreviewed:
            self.head.chip.set("warn", "alert", "含未审核")
        show_if(self.head.chip, view.unreviewed)
        may = view.can_include or self.too.is_on()
        self.too.set_text(f"连已接收的 {view.can_include} 村一起看" if may else "没有已接收的村")
        self.too.setEnabled(bool(may))

    def _show_table(self, view: TotalsView) -> None:
        heads = [view.heads[at] for at in view.screen]
        target = target_of(view)
        self._set_columns(view)
        here = self.grid.current_id()
        at = next((n for n, one in enumerate(view.rows) if one.office == here), -1)
        if at < 0:
            at = next((n for n, one in enumerate(view.rows) if one.counted), 0)
        self.grid.set_source(len(view.rows), lambda number: row_of(view, number, target), sums_of(view, target), at=at)
        if self.grid.current_key() not in {head.key for head in heads} and heads:
            self.grid.go(at, heads[0].key)
        self.halves.fit(self.grid)
        self._moved()

    def _set_columns(self, view: TotalsView) -> None:
        columns = columns_of(view, one_line=True)
        if sum(look.px(one.width) for one in columns) > self.card.width() - 4:
            columns = columns_of(view, one_line=False)
        self.grid.head_px = TALL_HEAD_PX if any(one.head_sub for one in columns) else HEAD_PX
        self.grid.set_columns(columns)

    def _show_cross(self, view: CrosstabView) -> None:
        self.cross.show_view(view)
        self.halves.fit(self.cross.grid)

    def _place(self) -> tuple[TotalsRow, TotalsHead, int] | None:
        """The village, the column and its number under the cursor."""
        view, number, key = self._view, self.grid.current_row(), self.grid.current_key()
        if view is None or number < 0 or self.tabs.current() == CROSS:
            return None
        found = next((at for at, head in enumerate(view.heads) if head.key == key), -1)
        return (view.rows[number], view.heads[found], found) if found >= 0 else None

    def _moved(self) -> None:
        from cunbao.desks.township import totals_source

        place, view = self._place(), self._view
        if place is None or view is None:
            return
        line, head, _ = place
        self._source = None
        if line.counted or line.unreviewed:
            desk = self.shell.desk
            self._source = totals_source.source_of(desk, line.office, view.form, head.key, received=self._received)
        if self._source is not None and self._source.revision:
            self.source.show_source(self._source)
        else:
            self.source.show_words(f"{line.name}，{head.head}", why_not(line, head, view.form))

    # --- acts ----------------------------------------------------------------------------------------------------

    def _with_received(self, on: bool) -> None:
        """连已接收的一起看: their answers are read on the worker."""
        if not on:
            self._received = None
            self._show()
            return
        desk = self.shell.desk

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.township import totals_town

            return totals_town.received(desk)

        def done(found: Any) -> None:
            self._received = found
            self._show()

        self.shell.run_job(work, title="读已接收的报表", done=done)

    def look_at_cell(self) -> None:
        """Enter: that cell of the village's return."""
        view = self._source
        if view is not None and view.revision:
            self.shell.go("review", office=view.office, form=view.form, cell=view.cell)

    def look_at_pages(self) -> None:
        """看报表: the pages that the village signed."""
        from cunbao.ui.screens.preview import Preview

        view, desk = self._source, self.shell.desk
        if view is None or not view.revision:
            return
        revision = view.revision

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.township import totals_town

            return totals_town.signed_pages(desk, revision)

        self.shell.run_job(
            work,
            title="打开报表",
            done=lambda pages: Preview(self.shell, pages.title, pages.pdf, pages.line, pages.covered),
        )

    def choose_file(self) -> None:
        """导出 Excel: asks where to."""
        from cunbao.desks.township import totals_export

        name = totals_export.export_name(self.shell.desk, unreviewed=self._received is not None)
        chosen, _ = QFileDialog.getSaveFileName(self, "汇总表存到哪里", str(Path.home() / name), "Excel (*.xlsx)")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.write_to(Path(chosen))

    def write_to(self, path: Path) -> None:
        """What 导出 Excel does after the choice: every form, every roster, every 交叉表; numbers of people masked."""
        desk, received = self.shell.desk, self._received

        def work(progress: object, cancel: object) -> ExportedTotals:
            from cunbao.desks.township import totals_export, totals_town

            return totals_export.export_xlsx(desk, path, states=totals_town.words(desk), received=received)

        def done(found: ExportedTotals) -> None:
            marked = "，每页都标了含未审核" if found.unreviewed else ""
            self.note.set("ok", f"已写到 {found.path}：{len(found.sheets)} 页，名册 {found.rows} 行{marked}。")

        self.shell.run_job(work, title="写汇总表", done=done)
