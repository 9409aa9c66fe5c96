"""township-04, the table: one line a difference, the common ancestor, two sides with rings, and what comes of it."""

from __future__ import annotations

from cunbao.desks.township.review_views import ConflictLine, ConflictView, SideView
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.tokens import look

SIDES = ("left", "right")


def is_open(line: ConflictLine) -> bool:
    """Must somebody still choose?"""
    return not line.automatic and not line.chosen


def taken(line: ConflictLine) -> tuple[str, ...]:
    """The sides that the result takes now: both where they say the same."""
    if line.automatic and line.left == line.right:
        return SIDES
    return (line.chosen,) if line.chosen else ()


def around(view: ConflictView) -> tuple[object, ...]:
    """What is told of the two versions beside their differences."""
    return view.left, view.right, view.others, view.paired, view.problems, view.proposal


def columns(view: ConflictView) -> tuple[GridColumn, ...]:
    """Who, the common ancestor, the two sides with their computers and signatures, the result with its count."""
    left = sum(is_open(line) for line in view.lines)
    made = sum(bool(line.chosen) and not line.automatic for line in view.lines)
    auto = sum(line.automatic for line in view.lines)
    if look.scale == 1.0:
        counts = f"自动定 {auto} 处，已选 {made} 处" + (f"，还差 {left} 处" if left else "")
    else:
        counts = f"已选 {made}，还差 {left}" if left else f"自动定 {auto}，已选 {made}"
    base = "共同的上一版"
    return (
        GridColumn("who", "谁、哪一栏", 84, 28, kind="two", bold=True),
        GridColumn("base", base, 96, 64, tone="text_2", lines=2, head_sub=view.base_line or "没有"),
        _side("left", view.left),
        _side("right", view.right),
        GridColumn("result", "结果", 176, 60, kind="state", role="small", head_sub=counts),
    )


def _side(key: str, side: SideView) -> GridColumn:
    sign = ("seal", "签名有效", "ok") if side.valid else ("alert-circle", "签名没核实", "warn")
    if not side.revision:  # what was chosen between the versions before
        sign = ("pencil", "还没签名", "text_2")
    return GridColumn(key, f"{side.letter}　{side.device}", 150, 158, kind="radio", head_sub=side.line, head_end=sign)


def row_of(line: ConflictLine) -> GridRow:
    """One difference: the side that is taken is tinted, a row that waits for a choice is red."""
    sides = taken(line)
    texts, changed = {"left": line.left, "right": line.right}, {"left": line.left_changed, "right": line.right_changed}
    tone, icon = "text_2", "check"
    if is_open(line):
        tone, icon = "error", "alert-circle"
    elif not line.automatic:
        tone, icon = "ok", "check-circle"
    cells = {
        "who": GridCell(line.who or line.column, sub=line.column if line.who else ""),
        "base": GridCell(line.base or "—"),
        "result": GridCell(line.result, icon=icon, tone=tone, tip=line.result),
    }
    for side in SIDES:
        cells[side] = GridCell(
            texts[side] or "没填",
            on=side in sides,
            badge="改" if changed[side] else "",
            ground="row_selected" if side in sides else "",
            tone="" if texts[side] else "text_2",
        )
    return GridRow(
        line.key, cells, f"{line.who} {line.column}".strip(), ground="row_problem" if is_open(line) else "surface"
    )
