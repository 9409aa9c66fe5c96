"""What 报县 shows: the table by form and state, what stays out, what is in the package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import FormCount, OwnLine, SendOnView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.panel import Card, Icon, Line, SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

UNREVIEWED = "未经乡镇审核"


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
    accepted = sum_of(view, ReturnState.ACCEPTED)
    told = f"县里已回执 {view.acknowledged}，不重复报" if view.acknowledged else "县里还没有回执过"
    parts = [_part("form", "通过的报表和签名 PDF", f"共通过 {accepted}，{told}", f"{view.going} 张")]
    for one in view.own:
        told = "县里已经收到，不重复报" if one.signed and not view.own_going else f"乡镇自己填的，{one.state.value}"
        parts.append(_part("form", f"{one.nav} {one.form}", told, f"{view.own_going} 张" if one.signed else "0 张"))
    if received:
        parts.append(_part("alert", "已接收的报表", f"标“{UNREVIEWED}”，县里不算数", f"{view.received_too} 张", "warn"))
    parts.append(_part("check-circle", "镇里的审核决定", view.decisions_line or "没有新的决定", f"{view.decisions} 个"))
    if view.earlier:
        parts.append(_part("calendar", "以前年度的，作上年数", view.earlier, ""))
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


def own_words(missing: Sequence[OwnLine], today: date) -> tuple[str, list[tuple[str, bool, str]]]:
    """乡镇补充表 T01 未开始：最迟 … : the tone, and the words. Before its deadline it is only told."""
    names = "、".join(f"{one.nav} {one.form}" for one in missing)
    state = "、".join(dict.fromkeys(one.state.value for one in missing))
    last = min(one.deadline for one in missing)
    tone = "warn" if today >= last else "info"
    return tone, [(names, True, ""), (f" {state}：最迟 {last:%m-%d} 签好，随最后一次报县；这次可以先不带。", False, "")]


def rest_words(view: SendOnView, out: int) -> list[tuple[str, bool, str]]:
    """还有 33 张没通过，不放进包里。先报新通过的 25 张 …"""
    next_ = f"其余以后做第 {view.number + 1} 次补上；县里看得到还差哪些村。"
    first = f"先报新通过的 {view.going} 张，" if view.going else "这次没有新通过的，"
    return [
        ("还有 ", False, ""), (f"{out} 张", True, ""), ("没通过，", False, ""), ("不放进包里", True, ""),
        (f"。{first}{next_}", False, ""),
    ]  # fmt: skip


# --- the table -------------------------------------------------------------------------------------------------------


def sum_of(view: SendOnView, state: ReturnState) -> int:
    return sum(one.by_state.get(state, 0) for one in view.forms)


def columns_of(shown: Sequence[ReturnState]) -> tuple[GridColumn, ...]:
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


def row_of(one: FormCount, shown: Sequence[ReturnState]) -> GridRow:
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


def sums_of(view: SendOnView, shown: Sequence[ReturnState]) -> GridRow:
    return GridRow("sum", {
        "title": GridCell("合计"),
        **{state.name: GridCell(str(sum_of(view, state))) for state in shown},
        "asked": GridCell(str(sum(one.asked for one in view.forms))),
    })  # fmt: skip
