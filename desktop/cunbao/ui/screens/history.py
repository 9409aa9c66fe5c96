"""以前的值: what a cell held before, newest first; one of them can be taken back. Taking back is a step like typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cunbao.desks.clock import LOCAL
from cunbao.survey.values import Cell
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.sheet import Sheet

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

MOST = 8  # lines of the list


def ask_earlier(shell: Shell, sheet: Sheet, cell: Cell) -> str | None:
    """Show the earlier values of a cell; the text that the clerk wants back, or None."""
    one = sheet.form.field(cell.field)
    earlier = sheet.desk.earlier(sheet.id, cell)[:MOST]
    if not earlier:
        box = DialogBox(
            f"“{one.label}”没有以前的值",
            "这一格还没改过。",
            "",
            "",
            (Choice("close", "回去接着填"),),
            icon="clock",
            tone="accent",
            help="form/history",
        )
        shell.ask(box)
        return None
    body = QWidget()
    lines = column(body, 4)
    box = DialogBox(
        f"“{one.label}”以前的值", f"现在是 {sheet.shown(cell) or '空的'}。", "", "",
        (Choice("close", "不改，回去"),), icon="clock", tone="accent", body=body,
        help="form/history",
    )  # fmt: skip
    for number, before in enumerate(earlier):
        line = row(gap=12)
        line.addWidget(Text(f"{before.at.astimezone(LOCAL):%m-%d %H:%M}", "small", "text_2"))
        line.addWidget(Text(sheet.covered(one, before.shown), bold=True), 1)
        button = Button("改回这个", size="small")
        button.setAccessibleName(f"改回 {sheet.covered(one, before.shown)}")
        button.clicked.connect(lambda _=False, key=f"take{number}": box.answered.emit(key))
        line.addWidget(button)
        lines.addLayout(line)
    answer = shell.ask(box)
    return earlier[int(answer.removeprefix("take"))].text if answer.startswith("take") else None
