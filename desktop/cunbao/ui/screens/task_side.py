"""What stands beside the forms of a task pack: the offices, the days, the plans by which is judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.building import BuilderView
from cunbao.survey.taskcheck import PlanLine
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dates import DateField
from cunbao.ui.kit.fields import CodeField, Message
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.shell import Shell

LABEL = 78  # px of the words before a field
AROUND = (-1, 0, 1, 2)  # years that are offered besides the one at hand
SHORT = re.compile(r"^(.*?[”’])")


class UnitsCard(SideCard):
    """11 个乡镇 93 个村（社区）, and the townships whose villages could not send yet."""

    def __init__(self) -> None:
        super().__init__("单位", "building")
        self.note = StateWord("alert", "", "warn", "small")
        self.head_line.addWidget(self.note)
        self.look = Button("看名录", kind="quiet", size="small")
        self.head_line.addWidget(self.look)
        line = row(gap=16)
        self.towns, self.villages = Text("", "lead"), Text("", "lead")
        line.addWidget(self.towns)
        line.addWidget(self.villages)
        line.addStretch(1)
        self.body.addLayout(line)

    def show_view(self, view: BuilderView, *, may_look: bool) -> None:
        show_if(self.look, may_look)
        self.towns.set_runs([(f"{view.townships}", True, ""), (" 个乡镇", False, "")])
        self.villages.set_runs([(f"{view.villages}", True, ""), (" 个村（社区）", False, "")])
        some = view.uncertified
        show_if(self.note, bool(some))
        self.note.set("alert", f"{len(some)} 个乡镇没有证书", look.tone("warn").fg)
        self.note.setToolTip(f"{'、'.join(some)}：那里的村能填，要等下一版任务包才能报送")


class TimesCard(SideCard):
    """`changed(name, value)`: a field of the draft was given another value; `period_chosen(year)`."""

    changed = Signal(str, object)
    period_chosen = Signal(str)

    def __init__(self, shell: Shell) -> None:
        super().__init__("时间", "calendar")
        self._shell = shell
        self._period = ""
        self.body.setSpacing(8)
        self.body.setContentsMargins(16, 10, 16, 10)
        self.period = CodeField(self._years, name="报告期")
        self.period.committed.connect(self._chosen)
        today = shell.desk.clock().date() if shell.desk is not None else date(2025, 1, 1)
        self.days = {
            name: DateField(today=today, name=words)
            for name, words in (("deadline", "村报乡镇"), ("town_deadline", "乡镇报县"))
        }
        fields = (self.period, *self.days.values())
        for words, field in ((one.edit.accessibleName(), one) for one in fields):
            line = row(gap=8)
            label = Text(words)
            label.setFixedWidth(look.px(LABEL))
            line.addWidget(label)
            line.addWidget(field, 1)
            self.body.addLayout(line)
        for name, field in self.days.items():
            field.committed.connect(lambda text, name=name: self._day(name, text))
        self.note = Message()
        self.body.addWidget(self.note)

    def show_view(self, view: BuilderView) -> None:
        assert view.draft is not None  # the card is hidden before
        wanted = view.draft.wanted
        self._period = wanted.period
        self.period.set_code(wanted.period, f"{wanted.period} 年度")
        self.days["deadline"].set_text(wanted.deadline.isoformat())
        self.days["town_deadline"].set_text(wanted.town_deadline.isoformat())
        self.note.set("note" if view.issued else "", f"本期已签发{'、'.join(view.issued)}。" if view.issued else "")

    def leave(self) -> None:
        for field in self.days.values():
            field.commit()

    def _years(self) -> Sequence[Item]:
        here = int(self._period) if self._period.isdigit() else 2025
        return [Item(str(here + by), f"{here + by} 年度") for by in AROUND]

    def _chosen(self, code: str) -> None:
        if code and code != self._period:
            self.period_chosen.emit(code)

    def _day(self, name: str, text: str) -> None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.note.set("error", f"“{text}”不是日期，请写成 2025-12-20 这样。")
            return
        self.note.set("", "")
        self.changed.emit(name, day)


class PlansCard(SideCard):
    """Space or a click chooses a plan; beside each what can be computed of it."""

    def __init__(self) -> None:
        super().__init__("按哪些规划算", "chart")
        self.head_line.addWidget(Text("算得出 / 全部指标", "small", "text_2"))
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.grid = Grid(
            _plan_columns(),
            name="按哪些规划算",
            row_px=30,
            head_px=0,
            quiet=True,
        )
        self.body.addWidget(self.grid)
        foot = QWidget()
        box = column(foot, 0, (16, 8, 16, 10))
        self.sum = Text("", "small", "text_2", lines=2)
        box.addWidget(self.sum)
        self.body.addWidget(foot)

    def show_view(self, view: BuilderView) -> None:
        self.grid.set_columns(_plan_columns())
        self.grid.set_rows([_plan_row(one) for one in view.plans])
        chosen = sum(one.chosen for one in view.plans)
        self.sum.setText(f"选了 {chosen} 个，算得出 {view.computable} 项；外省的只供对照")


def _plan_columns() -> tuple[GridColumn, ...]:
    """At 125 % the name stands for the plan's number too."""
    number = (GridColumn("plan", "", 40, tone="text_2", role="small"),) if look.scale != 1.25 else ()
    return (
        GridColumn("on", "", 38, kind="tick"),
        *number,
        GridColumn("title", "", 120, 10),
        GridColumn("count", "", 62, kind="number", role="small"),
    )


def _plan_row(one: PlanLine) -> GridRow:
    found = SHORT.match(one.title)
    return GridRow(
        one.plan,
        {
            "on": GridCell(on=one.chosen),
            "plan": GridCell(one.plan),
            "title": GridCell(found[1] if found else one.title, tip=one.title),
            "count": GridCell(f"{one.computable} / {one.count}"),
        },
        label=one.title,
    )
