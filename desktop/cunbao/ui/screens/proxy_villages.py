"""The villages that may be filled for: who has no computer, what was filled already, who reports by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import ProxyVillage
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.style import show_if

if TYPE_CHECKING:
    from cunbao.survey.task import Task


class Villages(QWidget):
    """`begin()`: the chosen village is to be filled for."""

    begin = Signal()

    def __init__(self) -> None:
        super().__init__()
        box = column(self, 12)
        self.head = PageHead("代报", "没有电脑、报不了的村，照它盖过章的纸质表替它填")
        self.main = Button("开始代报", kind="filled", icon="pencil", key="Enter")
        self.main.clicked.connect(self.begin.emit)
        self.head.add(self.main)
        box.addWidget(self.head)
        self.banner = Banner("ok", "")
        self.banner.hide()
        box.addWidget(self.banner)
        self.card = Card()
        self.grid = Grid((), name="可以代报的村", row_px=34)
        self.grid.activated.connect(lambda number, key: self.begin.emit())
        self.grid.moved.connect(lambda number, key: self._moved())
        self.card.add(self.grid)
        box.addWidget(self.card)
        self.empty = EmptyState("任务包里没有本镇的村。请县里核对名录，重新发任务包。")
        box.addWidget(self.empty)
        box.addStretch(1)
        self._villages: tuple[ProxyVillage, ...] = ()

    def show_villages(self, villages: Sequence[ProxyVillage], task: Task) -> None:
        here = self.grid.current_id()
        self._villages = tuple(villages)
        self.grid.set_columns(_columns(task))
        self.grid.set_rows([_row(one) for one in villages])
        if here:
            self.grid.go(max(0, self.grid.find_row(here)))
        show_if(self.card, bool(villages))
        show_if(self.empty, not villages)
        self._moved()

    def chosen(self) -> str:
        """12 digits of the village that is looked at, "" none."""
        return self.grid.current_id()

    def tell(self, village: str) -> None:
        """It was stopped just now."""
        self.banner.set_words(f"{village}的代报停下了，填的都在", "要接着填，选中它再按“接着填”。")
        self.banner.show()

    def first_focus(self) -> None:
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _moved(self) -> None:
        one = next((one for one in self._villages if one.office == self.chosen()), None)
        word = "接着填" if one is not None and one.basis is not None else "开始代报"
        self.main.setText(f"{word}：{one.name}" if one is not None else word)
        self.main.set_why("" if one is not None else "先选一个村")


def _columns(task: Task) -> tuple[GridColumn, ...]:
    return (
        GridColumn("name", "村", 84),
        *(
            GridColumn(form, f"{form} {task.screens[form].nav}", 112, 12, kind="state", role="small", stop=False)
            for form in task.forms
        ),
        GridColumn("note", "说明", 150, 40, role="small", tone="text_2", stop=False),
    )


def _row(one: ProxyVillage) -> GridRow:
    note = f"{one.basis.reason}；{one.basis.basis}" if one.basis is not None else one.warn or "没有登记过的电脑"
    cells = {form: state_cell(state, boxed=False) for form, _, state in one.states}
    return GridRow(one.office, {"name": GridCell(one.name), **cells, "note": GridCell(note, tip=note)}, label=one.name)
