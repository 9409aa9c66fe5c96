"""township-02 总览: who is where, village × form. Counts are filters; Enter opens what the cell needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cunbao.desks.township.views import BoardCell, BoardRow, BoardView
from cunbao.survey.states import ReturnState
from cunbao.ui.face import clock_words
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.initials import matches
from cunbao.ui.kit.marks import Bar
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell

ALL = "all"
# the order of the counts, which is also that of the keys 2–7
ORDER = (
    ReturnState.RECEIVED, ReturnState.FORK, ReturnState.CERT_PENDING, ReturnState.RETURNED, ReturnState.MISSING,
    ReturnState.ACCEPTED,
)  # fmt: skip
# where Enter leads; every other state is looked at in 审核
PLACES = {ReturnState.FORK: "conflict", ReturnState.CERT_PENDING: "enrol", ReturnState.MISSING: "chase"}
FEW_FORMS = 5  # with more, not all columns stand in a window of 1366 px
REMARK_ICONS = {"warn": "alert", "error": "alert-circle", "info": "pencil"}


class BoardScreen(Screen):
    nav = "board"
    help = (
        "每行一个村，每列一张表。上面的数就是筛选：按 1–7 只看一种，别的变灰。",
        "在格子上按 Enter：有冲突的去比对，证书待核准的去登记，未报的去催报，其余去审核。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._view: BoardView | None = None
        self._been = False
        self._facts: dict[int, dict[str, GridCell]] = {}  # of the rows that were seen: what no filter changes
        box = column(self, 0)
        self.head = PageHead("总览")
        self.bar = Bar("ok")
        self.share = Text("", "small", "text_2")
        self.main = Button("", kind="filled", icon="list", key="Enter")
        self.main.clicked.connect(self.go_next)
        for part in (self.bar, self.share, self.main):
            self.head.add(part)
        box.addWidget(self.head)
        box.addSpacing(8)
        self._tools = QWidget()
        self._tools_box = column(self._tools, 8)
        self.filters = FilterRow(name="按状态筛选")
        self.filters.chosen.connect(lambda key: self._filtered())
        self.search = FieldBox(icon="search", name="找村")
        self.search.set_hint("找村 Ctrl+F")
        self.search.typed.connect(self._find)
        self.search.next.connect(lambda step: self._found())
        self._tools_line: QHBoxLayout = row(gap=12)
        self._tools_line.addWidget(self.filters, 1)
        self._tools_line.addWidget(self.search)
        self._tools_box.addLayout(self._tools_line)
        box.addWidget(self._tools)
        box.addSpacing(8)
        self.card = Card()
        self.grid = Grid((), name="总览", cursor="cell", frozen=2, row_px=30)
        self.grid.activated.connect(self._open)
        self.grid.moved.connect(lambda number, key: self._moved())
        self.card.add(self.grid)
        box.addWidget(self.card)
        self.empty = EmptyState("任务包里没有本镇的村。请县里核对名录，重新发任务包。")
        box.addWidget(self.empty, 1)
        box.addStretch(1)

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """office, form: a cell to stand on."""
        self.refresh()
        office, form = str(where.get("office", "")), str(where.get("form", ""))
        if self._view is not None and not self._been and not office and self._view.next is not None:
            office, form, _ = self._view.next
        self._been = True
        if office:
            self.grid.go(self._number(office), form)
        self._moved()

    def refresh(self) -> None:
        from cunbao.desks.township import board

        self._show(board.board(self.shell.desk))

    def keys(self) -> Sequence[tuple[str, str]]:
        word = {"conflict": "比对", "enrol": "核准", "chase": "催报"}.get(self._place(), "审核")
        return (("↑↓←→", "走格"), ("Enter", word), ("1–7", "筛选"), ("Ctrl+F", "找村"))

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def find(self) -> bool:  # type: ignore[override]
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def key(self, name: str) -> bool:
        return name.isdecimal() and self.filters.press(int(name))

    def main_step(self) -> bool:
        return self.go_on()

    def go_on(self) -> bool:
        """Ctrl+Enter: the next one that waits."""
        self.go_next()
        return True

    def undo(self) -> bool:
        """Ctrl+Z: the last decision is taken back, and the cursor shows which it was."""
        desk = self.shell.desk

        def done(found: tuple[str, str] | None) -> None:
            if found is not None:
                self.refresh()
                self.grid.go(self._number(found[0]), found[1])
            self.shell.refresh_frame()

        self.shell.run_job(lambda progress, cancel: desk.undo(), done=done, title="收回决定")
        return True

    def back(self) -> bool:
        """Esc: out of the search, then all states again."""
        if self.search.edit.hasFocus() or self.search.text():
            self.search.set_text("")
            self.first_focus()
            return True
        return self.filters.press(1)

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: BoardView) -> None:
        here = self.grid.current_id()
        self._view = view
        self._facts.clear()
        villages, forms = len(view.rows), len(view.forms)
        self.head.line.setText(f"{villages} 个村 × {forms} 张表 = {view.total} 张")
        done = view.counts.get(ReturnState.ACCEPTED, 0)
        share = done / view.total if view.total else 0.0
        self.bar.set(share)
        self.bar.setFixedWidth(look.px(140))
        self.share.setText(f"通过 {done} / {view.total}（{round(share * 100)}%）")
        show_if(self.main, view.next is not None)
        self.filters.set_filters([
            Filter(ALL, "全部", str(view.total)),
            *(
                Filter(state.name, state.value, str(view.counts.get(state, 0)), state=state.token,
                       icon="split" if state is ReturnState.FORK else "")
                for state in ORDER
            ),
        ])  # fmt: skip
        self._place_search()
        show_if(self.card, bool(villages))
        show_if(self.empty, not villages)
        show_if(self._tools, bool(villages))
        self.grid.set_columns(_columns(view))
        self.grid.set_source(villages, self._row, _sums(view), at=max(0, self._number(here)))
        self._moved()

    def _number(self, office: str) -> int:
        """Row of a village, -1 for none."""
        rows = self._view.rows if self._view is not None else ()
        return next((number for number, line in enumerate(rows) if line.office == office), -1)

    def _place_search(self) -> None:
        """Beside the counts where there is room, else in a line of its own."""
        self.search.setFixedWidth(look.px(150))
        if look.narrow != (self._tools_box.count() > 1):
            if look.narrow:
                self._tools_box.addWidget(self.search, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                self._tools_line.addWidget(self.search)

    def _row(self, number: int) -> GridRow:
        assert self._view is not None
        line, chosen = self._view.rows[number], self._chosen()
        if number not in self._facts:
            self._facts[number] = _facts(line, number)
        cells = dict(self._facts[number])
        for cell in line.cells:
            cells[cell.form] = _state(cell.state, cell.marks, chosen)
        grey = chosen is not None and all(cell.state is not chosen for cell in line.cells)
        return GridRow(line.office, cells, label=line.name, grey=grey)

    def _chosen(self) -> ReturnState | None:
        key = self.filters.current()
        return ReturnState[key] if key and key != ALL else None

    def _filtered(self) -> None:
        """Nothing moves: what the filter leaves out goes grey, and the cursor to the first that it shows."""
        self.grid.again()
        chosen, view = self._chosen(), self._view
        if chosen is None or view is None:
            return
        here = self.grid.current_row()
        order = [*range(here, len(view.rows)), *range(here)]
        for number in order:
            form = next((cell.form for cell in view.rows[number].cells if cell.state is chosen), "")
            standing = next((c for c in view.rows[number].cells if c.form == self.grid.current_key()), None)
            if standing is not None and standing.state is chosen:
                form = standing.form
            if form:
                self.grid.go(number, form)
                return

    def _moved(self) -> None:
        """The button's Enter is the cell's Enter only while the cursor stands on what comes next."""
        view = self._view
        if view is None or view.next is None:
            return
        office, form, words = view.next
        self.main.setText(f"审核：{words}")
        here = (self.grid.current_id(), self.grid.current_key()) == (office, form)
        self.main.set_key("Enter" if here else "Ctrl+Enter")
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    # --- acts ----------------------------------------------------------------------------------------------------

    def go_next(self) -> None:
        if self._view is not None and self._view.next is not None:
            office, form, _ = self._view.next
            self.shell.go("review", office=office, form=form)

    def _cell(self) -> tuple[BoardRow, BoardCell] | None:
        """The return under the cursor; beside the forms the one of the village that needs something first."""
        view, number, key = self._view, self.grid.current_row(), self.grid.current_key()
        if view is None or number < 0 or not view.rows[number].cells:
            return None
        line = view.rows[number]
        found = next((cell for cell in line.cells if cell.form == key), None)
        return line, found or min(line.cells, key=lambda cell: ORDER.index(cell.state) if cell.state in ORDER else 9)

    def _place(self) -> str:
        found = self._cell()
        return PLACES.get(found[1].state, "review") if found is not None else "review"

    def _open(self, number: int, key: str) -> None:
        found = self._cell()
        if found is not None:
            line, cell = found
            self.shell.go(self._place(), office=line.office, form=cell.form)

    def _find(self, typed: str) -> None:
        """The first village from the cursor on that fits what was typed: name or pinyin initials."""
        view = self._view
        if view is None or not typed.strip():
            return
        here = max(0, self.grid.current_row())
        for number in [*range(here, len(view.rows)), *range(here)]:
            if matches(typed, view.rows[number].name):
                self.grid.go(number)
                self.search.set_state("")
                return
        self.search.set_state("error")

    def _found(self) -> None:
        """Enter in the search: on to the village that was found."""
        self.search.set_text("")
        self.search.set_state("")
        self.first_focus()


def _columns(view: BoardView) -> tuple[GridColumn, ...]:
    came = (
        GridColumn("came", "最近收到", 96, role="small", tone="text_2", stop=False),
        GridColumn("seq", "次", 42, kind="number", role="small", tone="text_2", stop=False),
    )
    remark = GridColumn("remark", "备注", 100, 26, role="small", stop=False)
    return (
        GridColumn("n", "序", 34, kind="number", tone="text_2", stop=False),
        GridColumn("name", "村", 74),
        *(GridColumn(form, head, 121, 15, kind="chip") for form, head in view.forms),
        GridColumn("done", "通过", 66, kind="number", stop=False),
        # what is beyond the edge where there are many forms is what is asked for least
        *((*came, remark) if len(view.forms) <= FEW_FORMS else (remark, *came)),
    )


def _sums(view: BoardView) -> GridRow:
    """The last row: accepted of all, by form."""
    villages = len(view.rows)
    done = view.counts.get(ReturnState.ACCEPTED, 0)
    by_form = {form: GridCell(f"{count} / {villages}") for (form, _), count in zip(
        view.forms, view.accepted_by_form, strict=True)}  # fmt: skip
    return GridRow("sum", {
        "name": GridCell("已通过"), **by_form, "done": GridCell(f"{done} / {view.total}"),
        "remark": GridCell(f"完 {view.complete} 村"),
    })  # fmt: skip


def _facts(line: BoardRow, number: int) -> dict[str, GridCell]:
    """The cells beside the states: no filter changes them."""
    return {
        "n": GridCell(str(number + 1)),
        "name": GridCell(line.name),
        "done": GridCell(f"{line.accepted} / {len(line.cells)}", tone="ok" if line.accepted == len(line.cells) else ""),
        "came": GridCell(_came(line)),
        "seq": GridCell(str(line.sequence) if line.sequence is not None else "—"),
        "remark": GridCell(line.remark, icon=_remark_icon(line), tone=line.tone),
    }


@cache
def _state(state: ReturnState, marks: tuple[str, ...], chosen: ReturnState | None) -> GridCell:
    """grey when the filter leaves it out; what it shows has its ground even where none is needed otherwise."""
    shown = state_cell(state, mark=marks[0] if marks else "")
    tip = "、".join(marks) if len(marks) > 1 else ""
    if chosen is None:
        return replace(shown, tip=tip)
    return replace(shown, tip=tip, grey=state is not chosen, boxed=state is chosen)


def _came(line: BoardRow) -> str:
    """12-16 08:31; 12-15 纸质; — for never."""
    words = clock_words(line.received_at)
    return f"{words[:5]} 纸质" if words and line.on_paper else words or "—"


def _remark_icon(line: BoardRow) -> str:
    if line.tone == "error" and "没读全" in line.remark:
        return "broken"
    return REMARK_ICONS.get(line.tone, "") if line.remark else ""
