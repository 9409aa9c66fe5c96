"""Columns and lines of a 汇总表 on screen."""

from __future__ import annotations

from cunbao.desks.township.totals_views import TotalsHead, TotalsRow, TotalsView
from cunbao.ui.kit import paint
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.totals_side import grouped, state_look

FIGURE_PX = 64  # the least that a column of numbers takes


def target_of(view: TotalsView) -> TotalsHead | None:
    """The first column on screen that is to reach something: the last column says whether it does."""
    return next((view.heads[at] for at in view.screen if view.heads[at].target is not None), None)


def columns_of(view: TotalsView, *, one_line: bool) -> tuple[GridColumn, ...]:
    """Heads with their units, in one line or two; none narrower than its sum."""

    def made(at: int) -> GridColumn:
        head = view.heads[at]
        figures = paint.width(grouped(view.total[at].text), "base", True) / look.scale + 15
        unit = f"（{head.unit}）" if head.unit else ""
        if one_line:
            words = f"{head.short}{unit}"
            wide = paint.width(words, "small") / look.scale + 15
            return GridColumn(head.key, words, round(max(FIGURE_PX, wide, figures)), 10, kind="number")
        wide = max(
            paint.width(head.short, "base", True) / look.scale + 15, paint.width(head.unit, "small") / look.scale + 15
        )
        wide = round(max(FIGURE_PX, wide, figures))
        return GridColumn(head.key, head.short, wide, 10, kind="number", head_sub=head.unit or " ")

    target = target_of(view)
    last = f"目标 {target.target:f}" if target is not None and target.target is not None else "状态"
    return (
        GridColumn("n", "序", 32, kind="number", tone="text_2", stop=False),
        GridColumn("name", "村", 78, 6, stop=False),
        *(made(at) for at in view.screen),
        GridColumn("state", last, 92, 4, kind="state", role="small", stop=False),
    )


def row_of(view: TotalsView, number: int, target: TotalsHead | None) -> GridRow:
    line = view.rows[number]
    inside = line.counted or line.unreviewed
    cells: dict[str, GridCell] = {
        "n": GridCell(str(number + 1)),
        "name": GridCell(line.name, tone="" if inside else "text_2"),
        "state": _state(view, line, target),
    }
    for head, cell in zip(view.heads, line.cells, strict=True):
        cells[head.key] = GridCell(grouped(cell.text), tone="" if inside else "text_3")
    return GridRow(line.office, cells, label=line.name)


def _state(view: TotalsView, line: TotalsRow, target: TotalsHead | None) -> GridCell:
    """达到 or how much is lacking; who is not counted by the word of the return."""
    if not line.counted:
        icon, ink = state_look(line.state)
        return GridCell(line.state, icon=icon, tone=ink)
    verdict = line.cells[view.heads.index(target)].verdict if target is not None else ""
    tip = "镇里代报" if line.proxy else ""
    if not verdict:
        icon, ink = state_look("通过")
        return GridCell("代报" if line.proxy else "通过", icon="pencil" if line.proxy else icon, tone=ink, tip=tip)
    met = verdict == "达到"
    return GridCell(verdict, icon="check" if met else "alert", tone="ok" if met else "warn", tip=tip)


def sums_of(view: TotalsView, target: TotalsHead | None) -> GridRow:
    cells = {head.key: GridCell(grouped(cell.text)) for head, cell in zip(view.heads, view.total, strict=True)}
    reached = ""
    if target is not None and target.target is not None:
        reached = f"{view.meeting.get(target.key, 0)} 村达到 {target.target:f}"
    return GridRow("sum", {"name": GridCell(f"合计 {view.counted} 村"), **cells, "state": GridCell(reached)})
