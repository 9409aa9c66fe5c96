"""What stands in the tables of 进度: the counts of a township, their columns, sums, and the villages beside them."""

from __future__ import annotations

from cunbao.desks.county.views import ProgressView, TownshipLine, VillageLine
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.tokens import look

LATE = "late"
NARROW, WIDE = 62, 79  # px of a count at 100 %: at 1366 all columns stand beside the villages, and the longest name
# the counts in the order of the columns and of the keys 1–5; 迟报 is no state and has its own key
KINDS: tuple[tuple[str, str, ReturnState | None], ...] = (
    ("accepted", "通过", ReturnState.ACCEPTED),
    ("received", "已接收", ReturnState.RECEIVED),
    ("returned", "退回", ReturnState.RETURNED),
    ("pending", "待核准", ReturnState.CERT_PENDING),
    (LATE, "迟报", None),
)


def count_of(line: TownshipLine, key: str) -> int:
    state = next((state for one, _, state in KINDS if one == key), None)
    return line.late if state is None else line.counts.get(state, 0)


def number_cell(line: TownshipLine, key: str, *, overdue: bool) -> GridCell:
    count = count_of(line, key)
    if key == LATE and count:
        return GridCell(str(count), state="late" if overdue else "not_started")
    return GridCell(str(count), tone="" if count else "text_3", boxed=False)


def township_columns(view: ProgressView, only: str) -> tuple[GridColumn, ...]:
    states = {"accepted": "accepted", "received": "received", "returned": "returned", "pending": "cert_pending"}
    heads = []
    for key, word, _ in KINDS:
        token = states.get(key, "late" if view.overdue else "not_started")
        said = word if key != LATE or view.overdue else "未报"
        inks = look.state(token)
        heads.append(
            GridColumn(
                key,
                said,
                WIDE if len(word) > 2 else NARROW,
                kind="chip" if key == LATE else "number",
                align="right",
                head_icon=inks.icon,
                head_tone=inks.fg,
                ground="info_bg" if key == only else "",
            )
        )
    own = (GridColumn("own", f"{view.own_form} 表", 78, kind="state", role="small"),) if view.own_form else ()
    return (
        GridColumn("name", "乡镇", 138, 10, bold=True),
        GridColumn("units", "村数" if not view.by_form else "张数", 50, kind="number"),
        *heads,
        GridColumn("share", "通过的村占比" if not view.by_form else "通过的表占比", 100, 6, kind="bar"),
        *own,
        GridColumn("came", "最近报县", 98, role="small", tone="text_2"),
    )


def sums_of(view: ProgressView) -> GridRow:
    total = view.total
    share = total.accepted / total.units if total.units else 0.0
    cells = {key: GridCell(str(count_of(total, key))) for key, _, _ in KINDS}
    cells |= {
        "name": GridCell("合计"),
        "units": GridCell(str(total.units)),
        "share": GridCell(f"{share:.0%}", bold=True),
        "own": GridCell(f"{view.own_accepted} / {len(view.rows)}"),
    }
    return GridRow("sum", cells)


def side_columns() -> tuple[GridColumn, ...]:
    return (
        GridColumn("name", "村", 120, 1, kind="two", bold=True),
        GridColumn("state", "状态", 96, kind="state", align="right"),
    )


def side_row(one: VillageLine) -> GridRow:
    shown = GridCell("迟报", state="late") if one.late else state_cell(one.state, boxed=False)
    return GridRow(one.office, {"name": GridCell(one.name, sub=one.words), "state": shown}, label=one.name)
