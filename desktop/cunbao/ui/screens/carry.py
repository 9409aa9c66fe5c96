"""带出上年: the people of the last period, each 继续任职 or 离任; those who stay come over as one undo step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cunbao.desks.views import CarryLine
from cunbao.desks.village import rosters
from cunbao.ui.kit.buttons import Segmented
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SEEN = 7  # lines that show without scrolling
STAYS, LEFT = 0, 1


class CarryBox(DialogBox):
    """The list with its choices. `staying()` are the row ids of those who go on."""

    def __init__(self, lines: tuple[CarryLine, ...], unit: str, previous: str, words: tuple[str, str]) -> None:
        self._lines = tuple(line for line in lines if not line.here)
        self._unit = unit
        inner = QWidget()
        box = column(inner, 4)
        self._choices: list[Segmented] = []
        for line in self._lines:
            across = row(gap=12)
            across.addWidget(Text(line.name, bold=True))
            across.addWidget(Text(line.line, "small", "text_2"), 1)
            choice = Segmented(words, STAYS if line.stays else LEFT, roles=("small", "small"), name=line.name)
            choice.chosen.connect(self._count)
            across.addWidget(choice)
            self._choices.append(choice)
            box.addLayout(across)
        area = scrolled(inner)
        area.setFixedHeight(min(SEEN, len(self._lines)) * (look.control("height") + 4))
        super().__init__(
            f"带出 {previous} 年的 {len(self._lines)} {unit}",
            f"{words[LEFT]}的不带过来。带来后逐{unit}核对；本年的数（学时、次数）要重新填。",
            "带错了可按 Ctrl+Z 一次撤回",
            "",
            (Choice("stay", "先不带"), Choice("carry", "带过来")),
            icon="copy",
            tone="accent",
            body=area,
            help="form/carry",
        )
        self._count()

    def staying(self) -> tuple[str, ...]:
        return tuple(
            line.row_id for line, choice in zip(self._lines, self._choices, strict=True) if choice.current == STAYS
        )

    def _count(self) -> None:
        count = len(self.staying())
        self.buttons["carry"].setText(f"带过来 {count} {self._unit}")
        self.buttons["carry"].set_why("" if count else "没有选继续的")


def ask_carry(shell: Shell, form: str, repeat: str, unit: str, *, people: bool) -> bool:
    """Ask who goes on and bring them over. True when rows have come."""
    desk = shell.desk
    lines = rosters.carry_lines(desk, form, repeat)
    if all(line.here for line in lines):
        return False
    words = ("继续任职", "离任") if people else ("还在用", "没有了")
    box = CarryBox(lines, unit, desk.task.previous_period, words)
    if shell.ask(box, escape="stay") != "carry" or not box.staying():
        return False
    staying, group = box.staying(), desk.new_id()

    def done(_: object) -> None:
        here = shell.screen_here
        if here is not None:
            here.refresh()
        shell.refresh_frame()

    shell.run_job(
        lambda progress, cancel: rosters.carry_over(desk, form, repeat, staying, group=group),
        done=done,
        title="带出上年",
    )
    return True
