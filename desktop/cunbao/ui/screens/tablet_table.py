"""从平板导入, the tables: one line a cell with what the draft and the tablet say, and one line a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cunbao.desks.village.tabletviews import KEEP, TabletCell, TabletFile, TabletView
from cunbao.survey.values import Cell
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow

MOST_GIVEN = 3  # of one cell that are offered side by side; older ones are left to the tablet
HERE = "here"
Chosen = Mapping[tuple[str, Cell], int]


def offered(one: TabletCell) -> tuple[int, ...]:
    """Places in `given` that have a column, the newest first."""
    return tuple(reversed(range(len(one.given))))[:MOST_GIVEN]


def answer(one: TabletCell, chosen: Chosen) -> int | None:
    """What holds now: a place in `given`, KEEP, or None while somebody must say."""
    return chosen.get(one.key, None if one.asked else 0)


def is_open(one: TabletCell, chosen: Chosen) -> bool:
    return answer(one, chosen) is None


def columns(view: TabletView) -> tuple[GridColumn, ...]:
    """Which cell, the draft, the newest of the tablet; more columns where submissions differ; what comes of it."""
    most = max((len(offered(one)) for one in view.cells), default=1)
    heads = ("平板", "平板，较早的", "平板，更早的")
    return (
        GridColumn("where", "哪一格", 140, 10, kind="two", bold=True),
        GridColumn(HERE, "1　草稿", 112, 8, kind="radio", role="small"),
        *(GridColumn(f"given{at}", f"{at + 2}　{heads[at]}", 112, 8, kind="radio", role="small") for at in range(most)),
        GridColumn("result", "结果", 112, 9, kind="state", role="small"),
    )


def row_of(one: TabletCell, chosen: Chosen, *, new_row: bool) -> GridRow:
    """A line: what is taken is tinted, what waits for an answer is red."""
    now = answer(one, chosen)
    result, tone, icon = _result(one, now, new_row=new_row)
    cells = {
        "where": GridCell(one.label, sub="　".join(part for part in (one.form, one.row_name) if part)),
        HERE: GridCell(
            one.here_shown or "没填",
            on=now == KEEP,
            tone="" if one.here else "text_2",
            ground="row_selected" if now == KEEP else "",
        ),
        "result": GridCell(result, icon=icon, tone=tone, tip=one.problem or result),
    }
    for at, place in enumerate(offered(one)):
        taken = now == place
        cells[f"given{at}"] = GridCell(
            one.given[place].shown, on=taken, ground="row_selected" if taken else "", tip=one.given[place].shown
        )
    ground = "row_problem" if now is None else "surface"
    return GridRow(row_id(one), cells, f"{one.form} {one.row_name} {one.label}", ground=ground)


def row_id(one: TabletCell) -> str:
    return f"{one.form}/{one.cell.row}/{one.cell.field}"


def _result(one: TabletCell, now: int | None, *, new_row: bool) -> tuple[str, str, str]:
    if now is None:
        return ("还没选" if one.here else "两份不一样"), "error", "alert-circle"
    if now == KEEP:
        return ("草稿不动" if one.here else "不取"), "text_2", "minus"
    if one.problem:
        return one.problem, "warn", "alert"
    if one.here:
        return "改成平板的", "info", "pencil"
    return ("新的一行" if new_row else "新填"), "ok", "plus"


def order(view: TabletView) -> list[TabletCell]:
    """What must be answered first, then what is wrong, then the rest; each in the forms' order."""
    return sorted(view.cells, key=lambda one: (not one.asked, not one.problem))


def file_words(one: TabletFile) -> tuple[str, str, Sequence[str]]:
    """(icon, tone, lines) of a submission at the right."""
    form = f"{one.form} {one.title}".strip()
    head = "　".join(part for part in (form, one.when[:16]) if part)
    if one.refused:
        return "alert-circle", "error", (one.refused, f"{one.todo}。")
    return "check", "ok", (head, *one.notes)
