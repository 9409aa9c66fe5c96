"""township-10 报县: what goes to the county, what stays out and why, where it is written and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from cunbao.desks.township.views import SendOnView
from cunbao.desks.views import BundleView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import Check, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.panel import Card, Line, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screens.board import ORDER
from cunbao.ui.screens.export import size_words
from cunbao.ui.screens.sendon_parts import (
    UNREVIEWED,
    InsideCard,
    OutCard,
    columns_of,
    own_words,
    rest_words,
    row_of,
    sum_of,
    sums_of,
)
from cunbao.ui.screens.town import TownScreen
from cunbao.ui.screens.whereto import WhereTo, WrittenBanner
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 372, 340
# columns of the table; 证书待核准 only while there is one
STATES = (
    ReturnState.ACCEPTED, ReturnState.RECEIVED, ReturnState.RETURNED, ReturnState.FORK, ReturnState.CERT_PENDING,
    ReturnState.MISSING,
)  # fmt: skip
STOP = ("不做了", "没有写完的不算，县里的不变。")


class SendOnScreen(TownScreen):
    nav = "sendon"
    help = (
        "把通过的报表连同镇里的审核决定，做成一个加密的报县包。村里签的原件原样带去，镇里不改。",
        "没通过的不放进去，以后再做一次补上；在数上按 Enter，看是哪几张。乡镇补充表签了名就一起带去。",
        "写完从 U 盘读回核对一遍，出现“可以拔”才算报了。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: SendOnView | None = None
        self.halves = Twofold(SIDE, larger=SIDE_125, flows=True)
        column(self).addWidget(self.halves)
        self._make_top()
        self.card = Card()
        self.grid = Grid((), name="各表报县的张数", cursor="cell", row_px=34)
        self.grid.activated.connect(lambda number, key: self._look(key))
        self.card.add(self.grid)
        self.halves.main.addWidget(self.card)
        self.out = OutCard()
        self.out.grid.activated.connect(lambda number, key: self._look(self.out.grid.current_id()))
        self.halves.main.addWidget(self.out)
        self.note = Message("note", "")
        self.halves.main.addWidget(self.note)
        self.halves.main.addStretch(1)
        self.inside = InsideCard()
        self.halves.side.addWidget(self.inside)
        self.where = WhereTo(shell, "")
        self.where.changed.connect(self._tell_main)
        self.too = Check("", role="base")
        self.too.toggled.connect(lambda on: self.refresh())
        self.where.body.addWidget(Line())
        self.where.body.addWidget(self.too)
        self.halves.side.addWidget(self.where)
        self.halves.side.addStretch(1)

    def _make_top(self) -> None:
        self.head = PageHead("报县")
        self.past = Button("上次报的", kind="quiet", icon="clock")
        self.past.clicked.connect(self.look_back)
        self.to_own = Button("补充表", kind="quiet", icon="form", key="T")
        self.to_own.clicked.connect(lambda: self.shell.go("supplement"))
        self.main = Button("做成报县包", kind="filled", icon="package", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.head.add(self.to_own)
        self.head.add(self.past)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.done = WrittenBanner(self.shell)
        self.rest = Banner("warn", "", bold=False)
        self.rest.hide()
        self.own_button = Button("去填补充表", icon="form")
        self.own_button.clicked.connect(lambda: self.shell.go("supplement"))
        self.own = Banner("info", "", bold=False, button=self.own_button)
        self.own.hide()
        for banner in (self.done, self.own, self.rest):
            self.halves.top.addWidget(banner)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        self.done.hide()
        self.where.begin()
        self.refresh()

    def leave(self) -> None:
        self.where.end()

    def refresh(self) -> None:
        from cunbao.desks.township import forwarding

        self._show(forwarding.send_on_view(self.shell.desk, include_received=self.too.is_on()))

    def keys(self) -> Sequence[tuple[str, str]]:
        second = ("T", "填补充表") if self.own.isVisible() else ("Tab", "下一处")
        return (("Ctrl+Enter", "做成报县包"), second, ("Enter", "看是哪几张"), ("F1", "帮助"))

    def key(self, name: str) -> bool:
        if name == "T" and self._view is not None and self._view.own:
            self.shell.go("supplement")
            return True
        return False

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def go_on(self) -> bool:
        """Ctrl+Enter: write the bundle."""
        why_not = self._why_not()
        if why_not:
            self.note.set("warn", f"{why_not}。")
            return True
        desk, folder, too = self.shell.desk, self.where.folder, self.too.is_on()
        assert folder is not None

        def work(progress: Any, cancel: Any) -> BundleView:
            from cunbao.desks.township import forwarding

            return forwarding.write_forward(desk, folder, include_received=too, progress=progress, cancel=cancel)

        self.shell.run_job(
            work, title="做报县包", done=lambda made: self._written(made, folder), may_cancel=True, stop=STOP
        )
        return True

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: SendOnView) -> None:
        self._view = view
        self.halves.settle()
        self.head.line.setText(f"{view.to}，第 {view.number} 次")
        show_if(self.past, bool(view.last))
        out = sum(one.count for one in view.out)
        self._show_own(view)
        show_if(self.rest, bool(out) and not (self.done.isVisible() and self.own.isVisible()))  # two at most
        self.rest.title.set_runs(rest_words(view, out))
        shown = [state for state in STATES if state is not ReturnState.CERT_PENDING or sum_of(view, state)]
        self.grid.set_columns(columns_of(shown))
        self.grid.set_rows([row_of(one, shown) for one in view.forms], sums_of(view, shown))
        self.halves.fit(self.grid)
        self.out.show_out(view, out)
        self.halves.fit(self.out.grid)
        show_if(self.out, bool(view.out))
        self.inside.show_view(view, received=self.too.is_on())
        may = view.received_too or self.too.is_on()
        self.too.set_text(f"连已接收的 {view.received_too} 张，标“{UNREVIEWED}”" if may else "没有已接收的报表")
        self.too.setEnabled(bool(may))
        self.note.set("", "")
        self._tell_main()

    def _show_own(self, view: SendOnView) -> None:
        """What the township has not signed of its own: a bundle may go without, the last one may not."""
        missing = [one for one in view.own if not one.signed]
        if missing:
            tone, runs = own_words(missing, self.shell.desk.today)
            self.own.set_tone(tone)
            self.own.title.set_runs(runs)
        show_if(self.own, bool(missing))
        show_if(self.to_own, bool(view.own) and not missing)

    def _tell_main(self) -> None:
        why_not = self._why_not()
        self.main.set_why(why_not)
        if why_not and not self.done.isVisible():
            self.note.set("note", f"{why_not}。")
        elif not why_not:
            self.note.set("", "")

    def _why_not(self) -> str:
        if self._view is not None and not self._view.may_send:
            return self._view.why_not
        return "" if self.where.folder is not None else "先插上 U 盘，或选一个文件夹"

    # --- acts ----------------------------------------------------------------------------------------------------

    def _look(self, key: str) -> None:
        """Enter: which ones they are, on the board with that count as its filter."""
        state = ReturnState.__members__.get(key)
        board = self.shell.go("board")
        if state in ORDER:
            board.key(str(2 + ORDER.index(state)))

    def look_back(self) -> None:
        """上次报的."""
        if self._view is None or not self._view.last:
            return
        view = self._view
        told = f"县里已经回执 {view.acknowledged} 张。" if view.acknowledged else "县里还没有回执。"
        box = DialogBox(
            "上次报的",
            f"{view.last}。",
            told,
            "没有回执的，下一次会再带上；重复收到没有害处。",
            (Choice("close", "知道了"),),
            icon="clock",
            tone="accent",
        )
        self.shell.ask(box)

    def _written(self, made: BundleView, folder: Path) -> None:
        self.done.say(
            "ok",
            "报县包写好了，读回核对一致，可以拔",
            f"{made.file_name}，{size_words(made.size)}，{made.forms} 张报表，核对码 {made.check_code}",
        )
        self.done.may_eject(folder if self.where.on_stick else None)
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()
