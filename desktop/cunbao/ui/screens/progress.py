"""county-01 进度: the townships and where their villages stand; Enter opens one as village × form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.views import ProgressView, TownshipLine, VillageLine
from cunbao.survey.states import ReturnState
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button, Segmented
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.progress_table import (
    KINDS,
    LATE,
    count_of,
    number_cell,
    side_columns,
    side_row,
    sums_of,
    township_columns,
)
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 284, 300
MISSED = 6  # townships of which villages are named beside the table
PRESSED = ("1", "2", "3", "4", "5")
NOT_HELD = ("", ReturnState.MISSING.token, ReturnState.CERT_PENDING.token)  # of a cell: nothing is there to be shown


class ProgressScreen(TownScreen):
    nav = "progress"
    help = (
        "每行一个乡镇。一个村按它最慢的那张表算；过了截止还有表没来的，才叫迟报。",
        "按 1–5 只看一种，右边只列这一种的村，再按一次看全部。Enter 打开本乡，看到每个村每张表，再按 Enter 看报表。",
        "乡镇自己填的表由县里审核：按 T 打开，F9 通过，在格上按 C 写意见，F10 退回。",
        "催报一个乡镇一张通知单，由乡镇去催村里。F10 封账：以后来的算补报；封错了再按一次撤回。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: ProgressView | None = None
        self._villages: tuple[VillageLine, ...] = ()
        self._inside = ""  # the township that is open as village × form
        self._only = ""  # key of KINDS, "" = all
        self.halves = Twofold(SIDE, larger=SIDE_125, wide=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self.card = Card()
        self.grid = Grid((), name="各乡镇进度", row_px=37, head_px=34)
        self.grid.activated.connect(lambda number, key: self._activated(key))
        self.grid.moved.connect(lambda number, key: self._moved())
        self.grid.head_pressed.connect(self._pressed_head)
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        read = Button("读入报县包", kind="filled", icon="inbox-in")
        read.clicked.connect(lambda: self.shell.go("receive"))
        self.empty = EmptyState("还没有收到报县包。", read)
        self.halves.main.addWidget(self.empty)
        self.halves.main.addStretch(1)
        self._make_side()

    def _make_top(self) -> None:
        self.head = PageHead("进度")
        self.ways = Segmented(("按村", "按表"), 0, name="按村还是按表数")
        self.ways.chosen.connect(lambda at: self.refresh())
        self.main = Button("", kind="filled", icon="megaphone", key="Ctrl+Enter")
        self.main.clicked.connect(self.chase_all)
        self.closing = Button("封账", kind="quiet", icon="lock", key="F10")
        self.closing.clicked.connect(self.close_or_reopen)
        self.head.add(self.ways)
        self.head.add(self.closing)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.note = Message("ok", "")
        self.halves.top.addWidget(self.note)

    def _make_side(self) -> None:
        self.side = Card()
        top = QWidget()
        line = row(top, 8, (16, 8, 16, 8))
        self.side_name = Text("", bold=True)
        self.side_count = Text("", "small", "text_2", align="right")
        line.addWidget(self.side_name, 1)
        line.addWidget(self.side_count)
        self.side.add(top)
        self.side.add_line()
        self.list = Grid(side_columns(), name="本乡的村", row_px=44, head_px=0, quiet=True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the table at the left has the keys
        self.side.add(self.list)
        self.nobody = Text("", "small", "text_2", lines=2, align="center")
        self.nobody.setContentsMargins(16, 20, 16, 20)
        self.side.add(self.nobody)
        self.side.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (12, 8, 12, 8))
        self.into = Button("打开本乡", kind="quiet", icon="jump")
        self.into.clicked.connect(self.open_township)
        self.only_this = Button("只催本乡", icon="megaphone", size="small")
        self.only_this.clicked.connect(self.chase_one)
        buttons.addWidget(self.into)
        buttons.addStretch(1)
        buttons.addWidget(self.only_this)
        self.side.add(foot)
        self.own_line = QWidget()
        self.own = Button("", kind="quiet", icon="form", key="T")
        self.own.clicked.connect(self.open_own)
        row(self.own_line, 8, (12, 0, 12, 8)).addWidget(self.own, 0, Qt.AlignmentFlag.AlignLeft)
        self.side.add(self.own_line)
        self.halves.side.addWidget(self.side)
        self.others = Card()
        self.others_body = QWidget()
        self._others = column(self.others_body, 2, (16, 10, 16, 12))
        self.others.add(self.others_body)
        self.halves.side.addWidget(self.others)
        self.halves.side.addStretch(1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """office: the township to stand on."""
        self._inside = ""
        self.refresh()
        if where.get("office"):
            self.grid.go(max(0, self.grid.find_row(str(where["office"]))))

    def refresh(self) -> None:
        from cunbao.desks.county import progress

        self._show(progress.progress(self.shell.desk, by_form=self.ways.current == 1))

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._inside:
            return (("↑↓←→", "走格"), ("Enter", "看这张表"), ("Esc", "回到乡镇"), ("Ctrl+Enter", "催报"))
        return (("↑↓", "选乡镇"), ("Enter", "打开本乡"), ("1–5", "只看一种"), ("Ctrl+P", "打印催报单"))

    def first_focus(self) -> None:
        target: QWidget = self.grid if self._view is not None and not self._view.nothing_yet else self.empty
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def go_on(self) -> bool:
        """Ctrl+Enter."""
        if self.main.isVisibleTo(self):
            self.chase_all()
        return True

    def preview(self) -> bool:
        """Ctrl+P."""
        return self.go_on()

    def check_again(self) -> bool:
        """F5."""
        self.refresh()
        return True

    def key(self, name: str) -> bool:
        if name == "F10" and self.closing.isVisibleTo(self):
            self.close_or_reopen()
            return True
        if name == "T" and self.own.isEnabled():
            self.open_own()
            return True
        if name not in PRESSED or self._inside:
            return False
        self._filter(KINDS[int(name) - 1][0])
        return True

    def back(self) -> bool:
        """Esc: out of the township, then all kinds again."""
        if self._inside:
            inside, self._inside = self._inside, ""
            self.refresh()
            self.grid.go(self.grid.find_row(inside))
            self.first_focus()
        elif self._only:
            self._filter(self._only)
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: ProgressView) -> None:
        self._view = view
        self.halves.settle()
        each = f"每村 {view.forms} 张表"
        self.head.line.setText(f"{len(view.rows)} 个乡镇，{view.villages} 个村（社区），{each}")
        self.main.setText(f"催报 {view.chase} 个村")
        show_if(self.main, view.chase > 0 and not view.nothing_yet)
        show_if(self.card, not view.nothing_yet)
        show_if(self.empty, view.nothing_yet)
        for part in (self.side, self.others, self.ways, self.closing):
            show_if(part, not view.nothing_yet)
        self.closing.setText("封账" if view.closed_on is None else "撤回封账")
        if view.closed_on is not None:
            self.head.chip.set("info", "lock", f"已封账 {view.closed_on:%m-%d}")
        show_if(self.head.chip, view.closed_on is not None)
        self.grid.head_px = 46 if self._inside else 34
        if self._inside:
            self._show_inside()
        else:
            self.grid.cell_cursor = False
            self.grid.set_columns(township_columns(view, self._only), 0)
            self.grid.set_rows([self._row(line) for line in view.rows], sums_of(view))
        self.halves.fit(self.grid)
        self._moved()
        self.halves.fit(self.list)

    def _row(self, line: TownshipLine) -> GridRow:
        view = self._view
        assert view is not None
        grey = bool(self._only) and not count_of(line, self._only)
        share = line.accepted / line.units if line.units else 0.0
        came = clock_words(line.came_at)[:5]
        cells = {key: number_cell(line, key, overdue=view.overdue) for key, _, _ in KINDS}
        cells |= {
            "name": GridCell(line.name),
            "units": GridCell(str(line.units)),
            "share": GridCell(f"{share:.0%}", share=share, tone="ok", bold=line.units > 0 and share == 1),
            "own": state_cell(line.own, boxed=False) if line.own is not None else GridCell(),
            "came": GridCell(f"{came} 第 {line.sequence} 次" if came else "—"),
        }
        return GridRow(line.office, cells, label=line.name, grey=grey)

    def _show_inside(self) -> None:
        """The villages of one township, form by form."""
        from cunbao.desks.county import progress

        matrix = progress.matrix(self.shell.desk, self._inside)
        self.head.line.setText(f"{matrix.name}，{len(matrix.rows)} 个村（社区），每村 {len(matrix.forms)} 张表")
        self.grid.cell_cursor = True
        self.grid.set_columns(
            (
                GridColumn("name", "村（社区）", 96, 10, bold=True, stop=False),
                *(
                    GridColumn(form, form, 88, 12, kind="state", role="small", head_sub=head)
                    for form, head in matrix.forms
                ),
            ),
            1,
        )
        self.grid.set_rows([
            GridRow(line.office, {
                "name": GridCell(line.name),
                **{form: state_cell(state, boxed=False) for (form, _), state in zip(
                    matrix.forms, line.states, strict=True)},
            }, label=line.name)
            for line in matrix.rows
        ])  # fmt: skip

    def _moved(self) -> None:
        view, here = self._view, self._here()
        if view is None or here is None:
            return
        from cunbao.desks.county import progress

        if not self._inside or not self._villages:
            self._villages = progress.villages(self.shell.desk, here.office)
        shown = [one for one in self._villages if self._fits(one)]
        self.side_name.setText(here.name)
        self.side_count.setText(f"{sum(one.state is ReturnState.ACCEPTED for one in self._villages)} / "
                                f"{len(self._villages)} 通过")  # fmt: skip
        self.list.set_rows([side_row(one) for one in shown])
        show_if(self.list, bool(shown))
        show_if(self.nobody, not shown)
        self.nobody.setText("没有这一种的村。" if self._villages else "名录里没有本乡的村。")
        gone = sum(one.late or one.state is ReturnState.MISSING for one in self._villages)
        self.only_this.set_why("" if gone else "都报齐了")
        show_if(self.into, not self._inside)
        show_if(self.own_line, bool(view.own_form))
        self.own.setText(f"看 {view.own_form}")
        self.own.set_why("" if here.own not in (None, ReturnState.MISSING) else "还没有报来")
        self._show_others(here.office)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _show_others(self, township: str) -> None:
        assert self._view is not None
        while (item := self._others.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        names = {line.office: line.name for line in self._view.rows}
        rest = [(names[office], gone) for office, gone in self._view.missing if office != township]
        count = sum(len(gone) for _, gone in rest)
        show_if(self.others, count > 0)
        self._others.addWidget(Text(f"其他乡镇还没报齐的 {count} 个村", "small", bold=True))
        for name, gone in rest[:MISSED]:
            shown = QWidget()
            line = row(shown, 12)
            town = Text(name, "small", "text_2")
            town.setFixedWidth(look.px(76))
            line.addWidget(town, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Text("、".join(gone), "small", lines=2), 1)
            self._others.addWidget(shown)
        if len(rest) > MISSED:
            self._others.addWidget(Text(f"另有 {len(rest) - MISSED} 个乡镇", "small", "text_2"))

    def _here(self) -> TownshipLine | None:
        if self._view is None:
            return None
        wanted = self._inside or self.grid.current_id()
        return next((line for line in self._view.rows if line.office == wanted), None)

    # --- filters -------------------------------------------------------------------------------------------------

    def _pressed_head(self, key: str) -> None:
        if not self._inside and any(key == one for one, _, _ in KINDS):
            self._filter(key)

    def _filter(self, key: str) -> None:
        """Only one kind: the others go grey; the same again shows all."""
        self._only = "" if self._only == key else key
        if self._view is not None:
            self._show(self._view)
            if self._only and (here := self._here()) is not None and not count_of(here, self._only):
                first = next((n for n, line in enumerate(self._view.rows) if count_of(line, self._only)), None)
                if first is not None:
                    self.grid.go(first)

    def _fits(self, line: VillageLine) -> bool:
        if self._only == LATE:
            return line.late or line.state is ReturnState.MISSING
        wanted = next((state for key, _, state in KINDS if key == self._only), None)
        return wanted is None or line.state is wanted

    # --- acts ----------------------------------------------------------------------------------------------------

    def open_township(self) -> None:
        here = self._here()
        if here is not None and not self._inside:
            self._inside = here.office
            self.refresh()
            self.grid.go(0)
            self.first_focus()

    def close_or_reopen(self) -> None:
        """F10: 封账 of an open period, 撤回封账 of a closed one; each says first what it does."""
        from cunbao.desks.county import closingday
        from cunbao.ui.screens import period_closing

        view, desk = self._view, self.shell.desk
        if view is None or view.nothing_yet:
            return
        ask = period_closing.ask_close if view.closed_on is None else period_closing.ask_reopen
        words = "封账了" if view.closed_on is None else "封账撤回了"
        self.note.set("", "")
        self.shell.run_job(
            lambda progress, cancel: closingday.preview(desk),
            done=lambda found: ask(self.shell, found, lambda made: self._closed(words)),
            title="正在数报来的表",
        )

    def _closed(self, words: str) -> None:
        self.refresh()
        self.shell.refresh_frame()
        self.note.set("ok", f"{words}。各乡镇读了下一份县回执就知道。")

    def _activated(self, key: str) -> None:
        """Enter: into the township; within it, the return in hand."""
        if not self._inside:
            self.open_township()
        elif self.grid.row(self.grid.current_row()).cell(key).state not in NOT_HELD:
            self.shell.go("return", office=self.grid.current_id(), form=key)

    def open_own(self) -> None:
        """T: the return that the township fills of itself, to be accepted or sent back."""
        here = self._here()
        if here is not None and self._view is not None:
            self.shell.go("return", office=here.office, form=self._view.own_form)

    def chase_all(self) -> None:
        if self._view is not None:
            self._chase([office for office, _ in self._view.missing])

    def chase_one(self) -> None:
        here = self._here()
        if here is not None:
            self._chase([here.office])

    def _chase(self, townships: Sequence[str]) -> None:
        from cunbao.desks.county import chasing
        from cunbao.ui.screens.preview import show_preview

        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: chasing.notices(desk, townships),
            title="正在排催报单",
            done=lambda drawn: show_preview(
                self.shell, "催报通知单", drawn.pdf, f"{len(townships)} 个乡镇，{drawn.pages} 页"
            ),
        )
