"""county-02 指标: the rows of the chosen plan against their targets; Enter goes down to the villages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.indicator_views import BoardView, Group, IndicatorRow
from cunbao.progress import Report
from cunbao.survey.targets import Verdict
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, Message
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridRow
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tiles import Tile
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import EDGE
from cunbao.ui.screens.indicator_cells import columns_of, row_of
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

ROW_PX, HEAD_PX = 56, 30
PLAN_WIDE, WHICH_WIDE = 432, 150
ACCEPTED, RECEIVED = "1", "2"
WHICH = (Item(ACCEPTED, "只算已通过的"), Item(RECEIVED, "含已接收的"))
TILES = (
    (Verdict.MET, "check-circle", "ok"),
    (Verdict.NOT_MET, "alert", "warn"),
    (Verdict.THIN, "circle-dashed", "text_2"),
)
NUMBERS_TOLD = 4  # of the rows that a tile counts


class IndicatorsScreen(TownScreen):
    nav = "indicators"
    help = (
        "每行一个指标：全县分子合计除以分母合计，不是各村平均。算不出的村单独数，都不当 0 算。",
        "达标按精确的数比，显示时才四舍五入。一半以上的村算不出时，不说达标不达标。",
        "按 1、2、3 换一组，Enter 看到村，Ctrl+P 打印指标表，Ctrl+E 导出，Ctrl+D 导出数据集。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: BoardView | None = None
        self._plan, self._received, self._wanted = "", False, ""
        self._first = False  # stand on the first row when the new ones are there
        self._only: Verdict | None = None
        self._rows: tuple[IndicatorRow, ...] = ()
        box = column(self, 8)
        self._make_head()
        box.addWidget(self.head)
        self._make_tiles()
        box.addWidget(self.tiles)
        self._make_tools()
        box.addWidget(self.tools)
        self.note = Message("note", "")
        box.addWidget(self.note)
        self.card = Card()
        self.grid = Grid((), name="指标", row_px=ROW_PX, head_px=HEAD_PX, framed=True)
        self.grid.activated.connect(lambda number, key: self.open_row())
        self.grid.moved.connect(lambda number, key: self._moved())
        self.card.add(self.grid)
        box.addWidget(self.card)
        self.empty = EmptyState("这一组没有指标。")
        box.addWidget(self.empty)
        box.addStretch(1)

    def _make_head(self) -> None:
        self.head = PageHead("指标")
        self.plan = CodeField(self._plans, name="规划")
        self.plan.committed.connect(self._other_plan)
        self.main = Button("", kind="filled", icon="chart", key="Enter")
        self.main.clicked.connect(self.open_row)
        self.head.add(self.plan)
        self.head.add(self.main)

    def _make_tiles(self) -> None:
        self.tiles = QWidget()
        line = row(self.tiles, 12)
        self.by_verdict = {one: Tile(icon, tone, one.value) for one, icon, tone in TILES}
        for verdict, tile in self.by_verdict.items():
            tile.pressed.connect(lambda verdict=verdict: self.only(verdict))
            line.addWidget(tile, 1)
        self.accepted = Tile("inbox-in", "accent", "个村已通过", plain=True)
        line.addWidget(self.accepted, 1)

    def _make_tools(self) -> None:
        self.tools = QWidget()
        line = row(self.tools, 8)
        self.groups = FilterRow(name="哪一组指标")
        self.groups.chosen.connect(lambda key: self._show_rows())
        line.addWidget(self.groups, 1)
        self.which_word = Text("算哪些报表", "small", "text_2")
        line.addWidget(self.which_word)
        self.which = CodeField(lambda: WHICH, ACCEPTED, name="算哪些报表")
        self.which.committed.connect(self._other_returns)
        self.export = Button("导出", size="small", icon="table")
        self.export.clicked.connect(self.choose_file)
        self.dataset = Button("数据集", size="small", icon="folder")
        self.dataset.clicked.connect(self.ask_dataset)
        self.printer = Button("打印指标表", size="small", icon="printer")
        self.printer.clicked.connect(self.preview)
        for part in (self.which, self.export, self.dataset, self.printer):
            line.addWidget(part)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """plan, number: the plan to show and the row to stand on."""
        self._plan = str(where.get("plan") or self._plan)
        self._wanted = str(where.get("number") or "")
        self.refresh()

    def refresh(self) -> None:
        """On the worker; what is shown stays until the new figures are there."""
        from cunbao.desks.county import indicators

        desk, plan, received = self.shell.desk, self._plan, self._received
        anew = indicators.must_measure(desk)

        def work(progress: Report, cancel: object) -> BoardView:
            if anew:
                indicators.measure(desk, progress)
            return indicators.board(desk, plan, received=received)

        def take(view: BoardView) -> None:
            if (plan, received) == (self._plan, self._received):  # else another was asked for meanwhile
                self._take(view)

        title = "正在按新的任务或名录重算指标" if anew else "正在读指标"
        self.shell.run_job(work, title=title, done=take)

    def _take(self, view: BoardView) -> None:
        self._show(view)
        if self._first:
            self.grid.go(0)
        if self._wanted:
            self._stand_on(self._wanted)
        self._wanted, self._first = "", False
        if self.shell.screen_here is self:
            self.first_focus()

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("↑↓", "选指标"), ("Enter", "看到村"), ("1–3", "换一组"), ("Ctrl+P", "打印"))

    def first_focus(self) -> None:
        (self.grid if self._rows else self.groups).setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        self.open_row()
        return True

    def check_again(self) -> bool:
        """F5."""
        self.refresh()
        return True

    def key(self, name: str) -> bool:
        if name == "Ctrl+E":
            self.choose_file()
            return True
        if name == "Ctrl+D":
            self.ask_dataset()
            return True
        if name in ("1", "2", "3"):
            self._only = None
            return self.groups.press(int(name))
        return False

    def back(self) -> bool:
        """Esc: all verdicts again, then home."""
        if self._only is not None:
            self.only(self._only)
            return True
        return super().back()

    def preview(self) -> bool:
        """Ctrl+P: the plan's table on paper."""
        from cunbao.ui.screens.preview import show_preview

        desk, plan, received = self.shell.desk, self._plan, self._received
        chosen, group = self.grid.current_id(), Group[self.groups.current() or Group.MAIN.name]

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.county import indicator_paper

            return indicator_paper.pages(desk, plan, group=group, chart=chosen, received=received)

        self.shell.run_job(
            work,
            title="正在排指标表",
            done=lambda drawn: show_preview(self.shell, "指标表", drawn.pdf, f"{drawn.pages} 页"),
        )
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _plans(self) -> Sequence[Item]:
        view = self._view
        if view is None:
            return ()
        return [Item(number, title) for number, title in view.plans.items()]

    def _show(self, view: BoardView) -> None:
        self._view, self._plan = view, view.plan
        self.head.line.setText(f"{view.county} {view.year} 年度")
        if view.received and view.unreviewed:
            self.head.chip.set("warn", "alert", f"含 {view.unreviewed} 个单位未审定的")
        show_if(self.head.chip, bool(view.received and view.unreviewed))
        self.plan.set_code(view.plan, f"{view.plan}\u3000{view.plans[view.plan]}")
        self.which.set_code(RECEIVED if view.received else ACCEPTED)
        self.groups.set_filters([Filter(one.name, one.value, str(len(view.of(one)))) for one in Group])
        self._fit()
        left = view.villages - view.accepted
        self.accepted.set(f"{view.accepted} / {view.villages}", f"另 {left} 个不算进来" if left else "都报齐了")
        self.note.set("note" if not view.applies else "", "" if view.applies else
                      "这份规划不是本县适用的，只显示，不判达标。")  # fmt: skip
        self._show_rows()

    def _fit(self) -> None:
        """Fields as wide as the look asks for."""
        narrow = look.narrow
        self.plan.setFixedWidth(min(look.px(PLAN_WIDE), 480) if not narrow else look.px(300))
        self.which.setFixedWidth(look.px(WHICH_WIDE))
        show_if(self.which_word, not narrow)
        self.layout().setContentsMargins(0, 0, EDGE if narrow else 0, 0)

    def _show_rows(self) -> None:
        view = self._view
        if view is None:
            return
        group = Group[self.groups.current() or Group.MAIN.name]
        for verdict, tile in self.by_verdict.items():
            held = [one.indicator.number for one in view.of(group) if one.verdict is verdict]
            tile.set(str(len(held)), _numbers(held), on=self._only is verdict)
        self._rows = tuple(one for one in view.of(group) if self._only in (None, one.verdict))
        self.grid.set_columns(columns_of(view, group))
        self.grid.set_source(len(self._rows), self._row, at=max(0, self.grid.current_row()))
        show_if(self.card, bool(self._rows))
        show_if(self.empty, not self._rows)
        self._moved()

    def _row(self, number: int) -> GridRow:
        return row_of(self._rows[number])

    def _moved(self) -> None:
        here = self._here()
        self.main.setText(f"看 {here.indicator.number}" if here is not None else "看到村")
        self.main.set_why("" if here is not None and here.indicator.numerator else "村和乡镇的报表答不了这个指标")
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _here(self) -> IndicatorRow | None:
        at = self.grid.current_row()
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def _stand_on(self, number: str) -> None:
        view = self._view
        row = next((one for one in view.rows if one.indicator.number == number), None) if view is not None else None
        if row is None:
            return
        self._only = None
        self.groups.choose(row.group.name)
        self._show_rows()
        self.grid.go(next(at for at, one in enumerate(self._rows) if one is row))

    # --- acts ----------------------------------------------------------------------------------------------------

    def only(self, verdict: Verdict) -> None:
        """A tile: only the rows that it counts; the same again shows all."""
        self._only = None if self._only is verdict else verdict
        self._show_rows()
        self.first_focus()

    def open_row(self) -> None:
        here = self._here()
        if here is not None and here.indicator.numerator:
            self.shell.go("indicator", number=here.indicator.number, received=self._received)

    def _other_plan(self, plan: str) -> None:
        self._plan, self._only = plan or self._plan, None
        self._first = True
        self.refresh()

    def _other_returns(self, which: str) -> None:
        self._received = which == RECEIVED
        self.refresh()

    def choose_file(self) -> None:
        """导出: asks where to."""
        from cunbao.desks.county import indicator_export

        name = indicator_export.export_name(self.shell.desk, self._plan, received=self._received)
        chosen, _ = QFileDialog.getSaveFileName(self, "指标表存到哪里", str(Path.home() / name), "Excel (*.xlsx)")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if chosen:
            self.write_to(Path(chosen))

    def write_to(self, path: Path) -> None:
        """What 导出 does after the choice: the whole plan, by township and by village."""
        desk, plan, received = self.shell.desk, self._plan, self._received

        def work(progress: object, cancel: object) -> Any:
            from cunbao.desks.county import indicator_export

            return indicator_export.export_xlsx(desk, path, plan, received=received)

        self.shell.run_job(
            work,
            title="正在写指标表",
            done=lambda found: self.note.set("ok", f"已写到 {found.path}：{len(found.sheets)} 页。"),
        )

    def ask_dataset(self) -> None:
        """数据集: what counts, for those who compute further."""
        from cunbao.ui.screens.dataset import ask_dataset

        ask_dataset(self.shell, self.told_dataset)

    def told_dataset(self, found: Any) -> None:
        open_ones = [one.period for one in found.periods if not one.closed]
        told = f"，{'、'.join(open_ones)} 还没有封账" if open_ones else ""
        returns = sum(one.returns for one in found.periods)
        self.note.set("ok", f"数据集已写到 {found.folder}：{returns} 张报表{told}。")


def _numbers(held: Sequence[str]) -> str:
    """003-01、02、05: the plan once, then the running numbers."""
    told = [*held[:1], *(one.partition("-")[2] for one in held[1:NUMBERS_TOLD])]
    return "、".join(told) + (f" 等 {len(held)} 个" if len(held) > NUMBERS_TOLD else "") if held else "没有"
