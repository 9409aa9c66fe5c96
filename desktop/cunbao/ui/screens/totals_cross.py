"""交叉表: which roster, which two of its columns, and the counts. On screen every count is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.totals_views import CrosstabChoice, CrosstabView
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Line, column
from cunbao.ui.kit.text import Text

SUM = "sum"


class CrossTab(QWidget):
    """`chosen()` when another table is asked for."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices: tuple[CrosstabChoice, ...] = ()
        box = column(self)
        tools = QWidget()
        lines = column(tools, 8, (12, 10, 12, 10))
        self.forms = FilterRow(name="名册", small=True)
        self.pairs = FilterRow(name="按什么交叉", small=True)
        self.forms.chosen.connect(lambda key: self._formed())
        self.pairs.chosen.connect(lambda key: self.chosen.emit())
        lines.addWidget(self.forms)
        lines.addWidget(self.pairs)
        self.line = Text("", "small", "text_2")
        lines.addWidget(self.line)
        box.addWidget(tools)
        box.addWidget(Line())
        self.grid = Grid((), name="交叉表", frozen=1, row_px=29)
        box.addWidget(self.grid)

    def set_choices(self, choices: Sequence[CrosstabChoice], task: Any) -> None:
        """What the task offers, by roster."""
        self._choices = tuple(choices)
        names = dict.fromkeys(one.form for one in choices)
        self.forms.set_filters([Filter(form, task.screens[form].nav, form) for form in names])
        self._pairs()

    def _formed(self) -> None:
        self._pairs()
        self.chosen.emit()

    def _pairs(self) -> None:
        form = self.forms.current()
        self.pairs.set_filters(
            [Filter(f"{n}", one.label, "") for n, one in enumerate(self._choices) if one.form == form]
        )

    def choice(self) -> CrosstabChoice | None:
        key = self.pairs.current()
        return self._choices[int(key)] if key else None

    def show_view(self, view: CrosstabView) -> None:
        table = view.table
        self.line.setText(f"{view.title}，已计入 {view.counted} 个村，没有计入 {view.missing} 个村，单位：{view.unit}")
        self.grid.set_columns((
            GridColumn("label", table.row_axis.label, 170, 3),
            *(
                GridColumn(f"c{at}", label, max(60, 13 * len(label) + 20), 1, kind="number")
                for at, (_, label) in enumerate(table.columns)
            ),
            GridColumn(SUM, "合计", 70, 1, kind="number", bold=True),
        ))  # fmt: skip
        rows = [
            GridRow(code or "-", {"label": GridCell(label), **_counts(line), SUM: GridCell(f"{total:,}")}, label=label)
            for (code, label), line, total in zip(table.rows, table.counts, table.row_totals, strict=True)
        ]
        sums = GridRow(
            SUM, {"label": GridCell("合计"), **_counts(table.column_totals), SUM: GridCell(f"{table.total:,}")}
        )
        self.grid.set_rows(rows, sums)


def _counts(line: Sequence[int]) -> dict[str, GridCell]:
    return {f"c{at}": GridCell(f"{count:,}", tone="" if count else "text_3") for at, count in enumerate(line)}
