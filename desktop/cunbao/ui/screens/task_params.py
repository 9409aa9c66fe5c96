"""县里填的数: what no return has and the chosen plans need. Enter asks for the figure and where it is from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.building import BuilderView
from cunbao.errors import CunbaoError
from cunbao.survey.targets import grouped
from cunbao.survey.taskcheck import ParamLine
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, Message
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import SideCard, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.shell import Shell

ROW_PX = 26


class ParamsCard(SideCard):
    """`changed()`: a figure was put in or taken back."""

    changed = Signal()

    def __init__(self, shell: Shell) -> None:
        super().__init__("县里填的数", "pencil")
        self._shell = shell
        self._lines: tuple[ParamLine, ...] = ()
        self.note = StateWord("alert", "", "warn", "small")
        self.head_line.addWidget(self.note)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.grid = Grid(
            (
                GridColumn("label", "", 200, 6),
                GridColumn("value", "", 110, 2, kind="number", role="small"),
                GridColumn("source", "", 120, 7, tone="text_2", role="small"),
            ),
            name="县里填的数",
            row_px=ROW_PX,
            head_px=0,
            quiet=True,
        )
        self.grid.activated.connect(lambda number, key: self.ask(number))
        self.body.addWidget(self.grid)

    def show_view(self, view: BuilderView) -> None:
        self._lines = view.params
        show_if(self, bool(view.params))
        gone = sum(one.missing for one in view.params)
        show_if(self.note, bool(gone))
        self.note.set("alert", f"{gone} 个没填", look.tone("warn").fg)
        self.note.setToolTip("没填的也能签发，用到它的指标显示缺参数")
        self.grid.set_rows([_row(one) for one in view.params])

    def ask(self, number: int) -> None:
        """One figure and its source; what is refused stays on the screen with the reason."""
        line = self._lines[number]
        given = line.given
        value = FieldBox(f"{given.value:f}" if given is not None else "", name=f"{line.asked.label}{_unit(line)}")
        source = FieldBox(given.source if given is not None else "", name="哪里来的数")
        wrong = Message("", "")
        body = QWidget()
        box = column(body, 6)
        for field in (value, source):
            box.addWidget(Text(field.edit.accessibleName(), "small", "text_2"))
            box.addWidget(field)
        box.addWidget(wrong)
        dialog = DialogBox(
            line.asked.label,
            f"{line.asked.note or '村和乡镇的报表里没有这个数'}。填的数和来源跟任务包一起签名；数空着就是收回。",
            "",
            "",
            (Choice("stay", "不改"), Choice("take", "填好")),
            icon="pencil",
            tone="accent",
            body=body,
            help="tasks/params",
            accepts=lambda key: key != "take" or self._taken(line, value.text(), source.text(), wrong),
        )
        value.next.connect(lambda step: source.setFocus() if step > 0 else None)
        source.next.connect(lambda step: dialog.answer("take") if step > 0 else value.setFocus())
        if self._shell.ask(dialog, escape="stay", focus=value) == "take":
            self.changed.emit()
            self.grid.setFocus()

    def _taken(self, line: ParamLine, value: str, source: str, wrong: Message) -> bool:
        from cunbao.desks.county import building

        try:
            building.give_param(self._shell.desk, line.asked.name, value, source)
        except CunbaoError as trouble:
            wrong.set("error", f"{trouble.happened}。{trouble.todo}。")
            return False
        return True


def _unit(line: ParamLine) -> str:
    return f"（{line.asked.unit}）" if line.asked.unit else ""


def _row(line: ParamLine) -> GridRow:
    told = "还没填" if line.given is None else f"{grouped(line.given.value)} {line.asked.unit}".strip()
    tip = line.words if line.given is None else f"{line.asked.label}{_unit(line)}，来源：{line.given.source or '没写'}"
    return GridRow(
        line.asked.name,
        {
            "label": GridCell(line.asked.label, tip=tip),
            "value": GridCell(told, tone="warn" if line.missing else ""),
            "source": GridCell(line.asked.note if line.given is None else line.given.source, tip=tip),
        },
        label=f"{line.asked.label} {told}",
    )
