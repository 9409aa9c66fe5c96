"""汇总表 and 交叉表 on paper: the figures of the screen, numbered and signed by the township.

Counts of fewer than three people are not told on paper either. Source: print.md §4, §5; picture 11.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cunbao.desks.stamps import stamp
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.totals import Received, States, crosstab_view, totals_view
from cunbao.desks.township.totals_views import CrosstabView, TotalsCell, TotalsHead, TotalsRow, TotalsView
from cunbao.survey.crosstab import LEAST, Hidden, suppressed
from cunbao.survey.indicators import NoFigure
from cunbao.survey.values import Ret

if TYPE_CHECKING:
    from cunbao.paper import Drawn, SheetColumn, TotalsSheet

EACH = "见各栏"
WHOLE = {"街道": "全街道", "乡": "全乡", "镇": "全镇"}


def totals_pages(desk: TownshipDesk, form: str, *, states: States, received: Received | None = None) -> Drawn:
    """The 汇总表 of a form on paper, journalled. received as in `totals_view`: with it every page says 含未审核."""
    from cunbao.paper import draw_totals

    view = totals_view(desk, form, states=states, received=received)
    with desk.workspace.atomic():
        sheet = sheet_of(desk, view)
        desk.journal("print_totals", form=form, number=sheet.number, unreviewed=view.unreviewed)
    return draw_totals(sheet)


def crosstab_pages(
    desk: TownshipDesk, form: str, repeat: str, rows: str, columns: str, *, received: Received | None = None
) -> Drawn:
    """One 交叉表 on paper, journalled."""
    from cunbao.paper import draw_totals

    view = crosstab_view(desk, form, repeat, rows, columns, received=received)
    with desk.workspace.atomic():
        sheet = crosstab_sheet(desk, view)
        desk.journal("print_crosstab", form=form, rows=rows, columns=columns, number=sheet.number)
    return draw_totals(sheet)


# --- the sheets ------------------------------------------------------------------------------------------------------


def sheet_of(desk: TownshipDesk, view: TotalsView) -> TotalsSheet:
    from cunbao.paper import LeftOut, SheetRow

    heads = [view.heads[at] for at in view.paper]
    targets = [head for head in heads if head.target is not None]
    rows = tuple(
        SheetRow((row.name, row.office), _values(view, row.cells, targets), _word(row), row.counted or row.unreviewed)
        for row in view.rows
    )
    reached = tuple(f"{view.meeting.get(head.key, 0)} 个" for head in targets)
    units = {head.unit for head in heads if head.unit}
    return _sheet(
        desk,
        slot=view.form,
        title=view.title.removesuffix("（含未审核）"),
        form=view.form,
        unit=units.pop() if len(units) == 1 else EACH,
        columns=(*(_column(head) for head in heads), *(_met(head) for head in targets)),
        rows=rows,
        total=SheetRow((), (*_figures(view, view.total), *reached)),
        counted=view.counted,
        asked=view.villages,
        left_out=tuple(LeftOut(name, one.state) for one in view.left_out for _, name in one.offices),
        formulas=tuple(f"{head.head}＝{head.formula}" for head in heads if head.formula),
        proxies=tuple(row.name for row in view.rows if row.proxy),
        notes=tuple(one for one in view.notes if (one.startswith("“") and "表示" not in one) or "不能相加" in one),
        unreviewed=view.unreviewed,
    )


def crosstab_sheet(desk: TownshipDesk, view: CrosstabView) -> TotalsSheet:
    from cunbao.paper import SheetColumn, SheetRow

    table = view.table
    lines: list[tuple[Decimal | str, ...]]
    if view.people:
        told = suppressed(table)
        lines = [tuple(one.value if isinstance(one, Hidden) else Decimal(one) for one in line) for line in told]
    else:
        lines = [
            tuple(map(Decimal, (*line, total))) for line, total in zip(table.counts, table.row_totals, strict=True)
        ]
        lines.append(tuple(map(Decimal, (*table.column_totals, table.total))))
    notes = [f"已计入 {view.counted} 个村，没有计入 {view.missing} 个村。"]
    if view.people:
        notes.append(f"“{Hidden.FEW}”：不满 {LEAST} 人，不显示；“{Hidden.BESIDE}”：为免从合计推算，一并不显示。")
    return _sheet(
        desk,
        slot=f"{view.repeat}/{table.row_axis.field}/{table.column_axis.field}",
        title=view.title.removesuffix("（含未审核）"),
        form=view.form,
        unit=view.unit,
        columns=tuple(SheetColumn(label) for label in (*(label for _, label in table.columns), "合计")),
        rows=tuple(SheetRow((label,), line) for (_, label), line in zip(table.rows, lines[:-1], strict=True)),
        total=SheetRow((), lines[-1]),
        names=(table.row_axis.label,),
        total_label="合\u3000计",
        counted=view.counted,
        asked=0,  # who is counted stands in the notes
        notes=tuple(notes),
        unreviewed=view.unreviewed,
    )


def _sheet(desk: TownshipDesk, *, slot: str, **parts: object) -> TotalsSheet:
    """With what every sheet has, its number and its signature."""
    from cunbao.paper import TotalsSheet

    task, form = desk.task, str(parts["form"])
    rows = parts["rows"]
    total = parts["total"]
    said = {
        "form": form,
        "title": str(parts["title"]),
        "unreviewed": bool(parts["unreviewed"]),
        "rows": [[*one.names, one.state, *map(str, one.values)] for one in (*rows, total)],  # type: ignore[misc]
    }
    made = stamp(desk, f"totals/{form}", slot, said, qr=("T", (desk.office.code, form, task.period)))
    return TotalsSheet(
        task_title=task.title,
        period_title=task.period_title,
        issuer=task.issuer,
        office_code=desk.office.code,
        office_name=desk.full_name,
        as_of=made.at,
        persons=Ret(filler=desk.person.name, reported_on=f"{made.at:%Y-%m-%d}"),
        whole=next((word for end, word in WHOLE.items() if desk.office.short.endswith(end)), "全镇"),
        number=made.order,
        signed=made.signed,
        **parts,  # type: ignore[arg-type]
    )


def _column(head: TotalsHead) -> SheetColumn:
    from cunbao.paper import SheetColumn

    return SheetColumn(head.head, head.unit, head.places)


def _met(head: TotalsHead) -> SheetColumn:
    """达标≥30."""
    from cunbao.paper import SheetColumn

    return SheetColumn(f"达标≥{head.target:f}", places=None)


def _figures(view: TotalsView, cells: tuple[TotalsCell, ...]) -> tuple[Decimal | str, ...]:
    """The printed columns: sums exact, ratios as they are shown."""
    return tuple(_figure(view.heads[at], cells[at]) for at in view.paper)


def _figure(head: TotalsHead, cell: TotalsCell) -> Decimal | str:
    if isinstance(cell.value, NoFigure):
        return cell.text
    return Decimal(cell.text.replace("\u2212", "-")) if head.ratio else cell.value


def _values(view: TotalsView, cells: tuple[TotalsCell, ...], targets: list[TotalsHead]) -> tuple[Decimal | str, ...]:
    places = {head.key: at for at, head in enumerate(view.heads)}
    met = [cells[places[head.key]].met for head in targets]
    words = {True: "是", False: "否", None: "—"}
    return (*_figures(view, cells), *(words[one] for one in met))


def _word(row: TotalsRow) -> str:
    """代报 stands for 通过 where the township filled it."""
    return "代报" if row.proxy else row.state


__all__ = ["crosstab_pages", "crosstab_sheet", "sheet_of", "totals_pages"]
