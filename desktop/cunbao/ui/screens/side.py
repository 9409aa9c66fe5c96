"""The side panel of the form screen: the figure that moves while typing, and how the cell with the cursor is filled."""

from __future__ import annotations

import re
from decimal import Decimal

from cunbao.survey.form import Field
from cunbao.survey.task import Live
from cunbao.survey.values import Cell
from cunbao.ui.kit.cards import IndicatorCard
from cunbao.ui.kit.panel import SideCard
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.sheet import Sheet, number

BRACES = re.compile(r"\{(\w+)\}")
OVER = Decimal(4) / 3  # the bar reaches a third beyond the target


class LiveCard(IndicatorCard):
    """Screen.live of a form, kept up to date by `show_now`."""

    def __init__(self, sheet: Sheet, live: Live) -> None:
        super().__init__(live.label)
        self._sheet, self._live = sheet, live
        self.cells = {Cell(live.field), *(Cell(name) for name in BRACES.findall(live.formula))}
        self.show_now()

    def show_now(self) -> None:
        sheet, live = self._sheet, self._live
        value = number(sheet.instance.text(Cell(live.field)))
        target = sheet.desk.task.params.get(live.target) if live.target else None
        before = number(sheet.last.values.get(live.field, "")) if sheet.last is not None else None
        whole = target * OVER if target else Decimal(100)
        whole = max(whole, value or Decimal())
        reached: bool | None = None
        word = "还算不出来" if value is None else "随填随算"
        if value is not None and target is not None:
            reached = value >= target
            gap = f"{abs(value - target):f} {live.unit}"
            word = (
                (f"已达到目标，多 {gap}" if value > target else "正好达到目标") if reached else f"没达到目标，差 {gap}"
            )
        formula = BRACES.sub(lambda found: sheet.instance.shown(Cell(found[1])) or "…", live.formula)
        facts = [("算法", formula)] if live.formula else []
        facts.append(("上年", f"{before:f} {live.unit}" if before is not None else "—"))
        self.set(
            "" if value is None else f"{value:f}",
            live.unit,
            float((value or Decimal()) / whole),
            float(target / whole) if target else 1.0,
            f"目标 {target:f}" if target else "",
            reached,
            word,
            facts,
        )


class HelpCard(SideCard):
    """建成年份怎么填. F1 and the cursor change it."""

    def __init__(self) -> None:
        super().__init__("怎么填", "info")
        self._words = Text("", "small", lines=0)
        self._more = Text("", "small", "text_2", lines=0)
        self.body.addWidget(self._words)
        self.body.addWidget(self._more)

    def show_section(self, title: str, hint: str) -> None:
        self._show(f"{title}怎么填", hint or "逐格填，按 Enter 到下一格。", "")

    def show_field(self, one: Field, last: str, source: str) -> None:
        words = one.hint or one.constraint_message or "照实填。"
        parts = [f"上年 {last}"] if last not in ("", "—") else []
        if source:
            parts.append(source)
        if one.optional and not one.calculated:
            parts.append("没有就空着")
        self._show(f"{one.label.removeprefix('其中：')}怎么填", words, "；".join(parts))

    def _show(self, title: str, words: str, more: str) -> None:
        self.title.setText(title)
        self._words.setText(words)
        self._more.setText(more)
        self._more.setVisible(bool(more))
