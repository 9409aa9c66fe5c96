"""township-10 报县: what goes to the county, what stays out and why, where it is written and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.desks.township_views import FormCount, SendOnView
from cunbao.desks.views import BundleView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import Check, Message
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.panel import Card, Icon, Line, SideCard, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.twofold import Twofold
from cunbao.ui.screen import Screen
from cunbao.ui.screens.board import ORDER
from cunbao.ui.screens.export import size_words
from cunbao.ui.screens.whereto import WhereTo, eject_words
from cunbao.ui.shell import Shell

SIDE, SIDE_125 = 372, 340
# columns of the table; 证书待核准 only while there is one
STATES = (
    ReturnState.ACCEPTED, ReturnState.RECEIVED, ReturnState.RETURNED, ReturnState.FORK, ReturnState.CERT_PENDING,
    ReturnState.MISSING,
)  # fmt: skip
STOP = ("不做了", "没有写完的不算，县里的不变。")
UNREVIEWED = "未经乡镇审核"


class SendOnScreen(Screen):
    nav = "sendon"
    help = (
        "把通过的报表连同镇里的审核决定，做成一个加密的报县包。村里签的原件原样带去，镇里不改。",
        "没通过的不放进去，以后再做一次补上；在数上按 Enter，看是哪几张。",
        "写完从 U 盘读回核对一遍，出现“可以拔”才算报了。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: SendOnView | None = None
        self._written_to: Path | None = None
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
        self.main = Button("做成报县包", kind="filled", icon="package", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.head.add(self.past)
        self.head.add(self.main)
        self.halves.add_head(self.head)
        self.eject = Button("弹出 U 盘", icon="usb")
        self.eject.clicked.connect(self._eject)
        self.done = Banner("ok", "", button=self.eject)
        self.rest = Banner("warn", "", bold=False)
        for banner in (self.done, self.rest):
            banner.hide()
            self.halves.top.addWidget(banner)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def to_edge(self) -> bool:
        return look.narrow

    def open(self, **where: Any) -> None:
        self.done.hide()
        self.where.begin()
        self.refresh()

    def leave(self) -> None:
        self.where.end()

    def refresh(self) -> None:
        from cunbao.desks import forwarding

        self._show(forwarding.send_on_view(self.shell.desk, include_received=self.too.is_on()))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Ctrl+Enter", "做成报县包"), ("Tab", "下一处"), ("Enter", "看是哪几张"), ("F1", "帮助"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def back(self) -> bool:
        self.shell.go(self.shell.face.home)
        return True

    def go_on(self) -> bool:
        """Ctrl+Enter: write the bundle."""
        why_not = self._why_not()
        if why_not:
            self.note.set("warn", f"{why_not}。")
            return True
        desk, folder, too = self.shell.desk, self.where.folder, self.too.is_on()
        assert folder is not None

        def work(progress: Any, cancel: Any) -> BundleView:
            from cunbao.desks import forwarding

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
        show_if(self.rest, bool(out))
        self.rest.title.set_runs(_rest_words(view, out))
        shown = [state for state in STATES if state is not ReturnState.CERT_PENDING or _sum(view, state)]
        self.grid.set_columns(_columns(shown))
        self.grid.set_rows([_row(one, shown) for one in view.forms], _sums(view, shown))
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
        self._written_to = folder
        self.done.set_tone("ok")
        self.done.set_words(
            "报县包写好了，读回核对一致，可以拔",
            f"{made.file_name}，{size_words(made.size)}，{made.forms} 张报表，核对码 {made.check_code}",
        )
        show_if(self.eject, self.where.on_stick)
        self.done.show()
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()

    def _eject(self) -> None:
        from cunbao.desks import media

        folder = self._written_to
        if folder is None:
            return

        def done(word: str) -> None:
            self.done.set_tone("ok" if not word else "warn")
            self.done.set_words(*eject_words(word))
            show_if(self.eject, bool(word))

        self.shell.run_job(lambda progress, cancel: media.eject(folder), title="弹出 U 盘", done=done)


class OutCard(Card):
    """不放进包里 33 张: by state, whose they are, and what they wait for."""

    def __init__(self) -> None:
        super().__init__()
        head = QWidget()
        line = row(head, 8, (16, 0, 16, 0))
        self.title = Text("", bold=True)
        line.addWidget(self.title, 1)
        line.addWidget(Text("村名后面是张数", "small", "text_2"))
        self._head = head
        self.add(head)
        self.add_line()
        self.grid = Grid(
            (
                GridColumn("state", "状态", 112, kind="state", role="small"),
                GridColumn("count", "张数", 66, kind="number", bold=True),
                GridColumn("who", "哪些村", 200, 1, role="small", lines=2),
                GridColumn("why", "等什么", 110, align="right", role="small", tone="text_2"),
            ),
            name="不放进包里的",
            row_px=30,
            head_px=0,
            quiet=True,
        )
        self.add(self.grid)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_head"):
            self._head.setFixedHeight(look.px(36))

    def show_out(self, view: SendOnView, count: int) -> None:
        self.title.setText(f"不放进包里 {count} 张")
        self.grid.row_px = 30 if look.scale == 1.0 else 40
        self.grid.set_rows([
            GridRow(
                one.state.name,
                {
                    "state": state_cell(one.state, boxed=False),
                    "count": GridCell(f"{one.count} 张"),
                    "who": GridCell(one.who),
                    "why": GridCell(one.why),
                },
                label=one.state.value,
            )
            for one in view.out
        ])  # fmt: skip


class InsideCard(SideCard):
    """包里有什么: each kind with its number, the file and its size."""

    def __init__(self) -> None:
        super().__init__("包里有什么", "package")
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)

    def show_view(self, view: SendOnView, *, received: bool) -> None:
        while (item := self.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, part in enumerate(_parts(view, received=received)):
            if number:
                self.body.addWidget(Line())
            self.body.addWidget(part)
        self.body.addWidget(Line("line_strong"))
        foot = QWidget()
        line = row(foot, 8, (16, 8, 16, 8))
        line.addWidget(Text(view.file_name, "small", bold=True), 1)
        line.addWidget(Text(f"约 {_about(view.size)}", "small", "text_2"))
        self.body.addWidget(foot)


def _parts(view: SendOnView, *, received: bool) -> list[QWidget]:
    accepted = _sum(view, ReturnState.ACCEPTED)
    told = f"县里已回执 {view.acknowledged}，不重复报" if view.acknowledged else "县里还没有回执过"
    parts = [_part("form", "通过的报表和签名 PDF", f"共通过 {accepted}，{told}", f"{view.going} 张")]
    if received:
        parts.append(_part("alert", "已接收的报表", f"标“{UNREVIEWED}”，县里不算数", f"{view.received_too} 张", "warn"))
    parts.append(_part("check-circle", "镇里的审核决定", view.decisions_line or "没有新的决定", f"{view.decisions} 个"))
    if view.proxies:
        parts.append(_part("pencil", "代报说明和纸质原表", view.proxies, ""))
    return parts


def _part(icon: str, title: str, line: str, count: str, tone: str = "text_2") -> QWidget:
    shown = QWidget()
    parts = row(shown, 10, (16, 5, 16, 5))
    parts.addWidget(Icon(icon, tone))
    words = column(gap=0)
    words.addWidget(Text(title, lines=2))
    words.addWidget(Text(line, "small", "text_2", lines=2))
    parts.addLayout(words, 1)
    parts.addWidget(Text(count, bold=True))
    return shown


def _about(size: int) -> str:
    """28 MB: whole megabytes are enough for what is not written yet."""
    return f"{max(1, round(size / 1_000_000))} MB" if size >= 500_000 else f"{max(1, round(size / 1000))} KB"


def _rest_words(view: SendOnView, out: int) -> list[tuple[str, bool, str]]:
    """还有 33 张没通过，不放进包里。先报新通过的 25 张 …"""
    next_ = f"其余以后做第 {view.number + 1} 次补上；县里看得到还差哪些村。"
    first = f"先报新通过的 {view.going} 张，" if view.going else "这次没有新通过的，"
    return [
        ("还有 ", False, ""), (f"{out} 张", True, ""), ("没通过，", False, ""), ("不放进包里", True, ""),
        (f"。{first}{next_}", False, ""),
    ]  # fmt: skip


# --- the table -------------------------------------------------------------------------------------------------------


def _sum(view: SendOnView, state: ReturnState) -> int:
    return sum(one.by_state.get(state, 0) for one in view.forms)


def _columns(shown: Sequence[ReturnState]) -> tuple[GridColumn, ...]:
    def made(state: ReturnState) -> GridColumn:
        inks = look.state(state.token)
        return GridColumn(
            state.name, state.value, 40 + 13 * len(state.value), 8, kind="number",
            ground="ok_bg" if state is ReturnState.ACCEPTED else "",
            head_icon="split" if state is ReturnState.FORK else inks.icon, head_tone=inks.fg,
        )  # fmt: skip

    return (
        GridColumn("form", "编号", 50, tone="text_2", stop=False),
        GridColumn("title", "报表", 96, 10, bold=True, stop=False),
        *(made(state) for state in shown),
        GridColumn("asked", "应报", 50, 2, kind="number", tone="text_2", stop=False),
    )


def _row(one: FormCount, shown: Sequence[ReturnState]) -> GridRow:
    counts = {state: one.by_state.get(state, 0) for state in shown}
    return GridRow(
        one.form,
        {
            "form": GridCell(one.form),
            "title": GridCell(one.title),
            **{state.name: GridCell(str(count) if count else "—", tone="" if count else "text_3")
               for state, count in counts.items()},
            "asked": GridCell(str(one.asked)),
        },
        label=f"{one.form} {one.title}",
    )  # fmt: skip


def _sums(view: SendOnView, shown: Sequence[ReturnState]) -> GridRow:
    return GridRow("sum", {
        "title": GridCell("合计"),
        **{state.name: GridCell(str(_sum(view, state))) for state in shown},
        "asked": GridCell(str(sum(one.asked for one in view.forms))),
    })  # fmt: skip
