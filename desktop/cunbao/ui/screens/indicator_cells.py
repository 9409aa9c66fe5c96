"""How a row of the county's indicators stands in a table: columns, colours and icons of what the desk's views say."""

from __future__ import annotations

from cunbao.desks.county.indicator_views import BoardView, Group, IndicatorRow, OfficeRow, TownshipRow, Why
from cunbao.survey.targets import Verdict
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.tokens import look

VERDICTS = {
    Verdict.MET: ("check-circle", "ok"),
    Verdict.NOT_MET: ("alert", "warn"),
    Verdict.THIN: ("circle-dashed", "text_2"),
    Verdict.CANNOT: ("minus", "text_2"),
}
OTHER = ("info", "text_2")
BARS = {Verdict.MET: "ok", Verdict.NOT_MET: "warn"}
WHY = {
    Why.MISSING: ("clock-alert", "late"),
    Why.UNFILLED: ("circle-dashed", "text_2"),
    Why.ZERO: ("minus", "text_2"),
    Why.EXEMPT: ("check", "text_2"),
}


def columns_of(view: BoardView, group: Group) -> tuple[GridColumn, ...]:
    """Columns of the board; a plan without an earlier figure keeps its columns, so that nothing moves. Where there is
    less room, what was gives way first."""
    head = "专栏1 主要指标" if group is Group.MAIN else group.value
    if group is Group.CANNOT:
        return (
            GridColumn("no", "编号", 64, 0, role="small", tone="text_2"),
            GridColumn("name", head, 300, 3, bold=True, lines=2),
            GridColumn("target", "目标", 92, 0, align="right"),
            GridColumn("scope", "谁能答", 80, 1),
            GridColumn("note", "为什么", 260, 3, role="small", lines=2),
        )
    if look.narrow:
        return (
            GridColumn("no", "编号", 66, 0, role="small", tone="text_2"),
            GridColumn("name", head, 140, 3, bold=True, lines=2),
            GridColumn("value", f"{view.year} 年", 104, 0, kind="measure", role="lead", bold=True),
            GridColumn("bar", "到目标", 62, 0, kind="bar"),
            GridColumn("target", "目标", 70, 0, align="right"),
            GridColumn("meeting", "达标村", 66, 0, align="right"),
            GridColumn("counted", "算进 / 适用", 112, 2, kind="two"),
            GridColumn("verdict", "结果", 112, 1, kind="verdict"),
        )
    if look.scale > 1:
        return (
            GridColumn("no", "编号", 62, 0, role="small", tone="text_2"),
            GridColumn("name", head, 190, 3, bold=True, lines=2),
            GridColumn("value", f"{view.year} 年", 96, 0, kind="measure", role="lead", bold=True),
            GridColumn("bar", "到目标", 58, 0, kind="bar"),
            GridColumn("target", "目标", 64, 0, align="right"),
            GridColumn("last", f"上期 {view.last_year}", 92, 0, kind="measure"),
            GridColumn("meeting", "达标村", 60, 0, align="right"),
            GridColumn("counted", "算进 / 适用", 104, 2, kind="two"),
            GridColumn("verdict", "结果", 112, 1, kind="verdict"),
        )
    return (
        GridColumn("no", "编号", 66, 0, role="small", tone="text_2"),
        GridColumn("name", head, 214, 4, bold=True, lines=2),
        GridColumn("value", f"{view.year} 年", 100, 0, kind="measure", role="lead", bold=True),
        GridColumn("bar", "到目标", 92, 0, kind="bar"),
        GridColumn("target", "目标", 66, 0, align="right"),
        GridColumn("last", f"上期 {view.last_year}", 102, 0, kind="measure"),
        GridColumn("base", _base_head(view), 50, 0, align="right", tone="text_2"),
        GridColumn("meeting", "达标村", 68, 0, align="right"),
        GridColumn("counted", "算进 / 适用", 192, 1, kind="two"),
        GridColumn("verdict", "结果", 130, 0, kind="verdict"),
    )


def row_of(one: IndicatorRow) -> GridRow:
    """One row of the board."""
    found, indicator, elsewhere = one.total, one.indicator, one.verdict is Verdict.ELSEWHERE
    icon, tone = VERDICTS.get(one.verdict, OTHER)
    moved = "" if one.better is None else "ok" if one.better else "warn"
    cells = {
        "no": GridCell(indicator.number),
        "name": GridCell(indicator.name),
        "value": GridCell(one.shown, more=one.unit),
        "bar": GridCell(share=one.fill, target=one.stroke, tone=BARS.get(one.verdict, "text_2")),
        "target": GridCell(one.target.removeprefix("每个 "), tip=one.target),
        "last": GridCell(one.last, mark=one.moved, tone=moved or "text_2"),
        "base": GridCell(one.base, tip=_base_tip(one)),
        "meeting": GridCell(f"{found.meeting} / {found.judged}" if found.judged and not elsewhere else "—"),
        "counted": GridCell(f"{found.counted} / {found.asked}", sub=one.left),
        "verdict": GridCell(one.verdict_words, icon=icon, tone=tone, sub=one.lacks),
        "scope": GridCell(indicator.scope),
        "note": GridCell(one.why_not),
    }
    return GridRow(indicator.number, cells, label=f"{indicator.number} {indicator.name}")


def _base_head(view: BoardView) -> str:
    """2020 where all have the same year."""
    years = {one.indicator.base_year for one in view.rows if one.indicator.base is not None}
    return next(iter(years)) if len(years) == 1 else "基期"


def _base_tip(one: IndicatorRow) -> str:
    return f"{one.indicator.base_year} 年 {one.base}" if one.indicator.base is not None else ""


# --- county-03 -------------------------------------------------------------------------------------------------------


def township_columns(unit: str) -> tuple[GridColumn, ...]:
    return (
        GridColumn("name", "按乡镇", 70, 1),
        GridColumn("bar", "", 70, 2, kind="bar"),
        GridColumn("value", unit, 58, 0, kind="number", bold=True),
        GridColumn("counted", "算进/适用", 74, 0, kind="number", role="small", tone="text_2"),
    )


def township_row(one: TownshipRow, stroke: float | None) -> GridRow:
    tone = {True: "ok", False: "warn", None: "text_2"}[one.met]
    return GridRow(one.office, {
        "name": GridCell(one.name),
        "bar": GridCell(share=one.fill or 0.0, target=stroke, tone=tone),
        "value": GridCell(one.shown),
        "counted": GridCell(f"{one.total.counted} / {one.total.asked}"),
    }, label=one.name)  # fmt: skip


def office_columns(heads: tuple[str, str, str, str], *, tight: bool) -> tuple[GridColumn, ...]:
    """tight: the township, which the table at the left tells, gives way."""
    below, above, value, lacks = heads
    figures = (("below", below, 70), ("above", above, 72), ("value", value, 66), ("lacks", lacks, 72))
    return (
        GridColumn("no", "序", 36, 0, align="right", role="small", tone="text_2"),
        GridColumn("name", "村（社区）", 84, 2, bold=True),
        *(() if tight else (GridColumn("town", "乡镇", 88, 2, tone="text_2"),)),
        *(GridColumn(key, head, wide, 0, kind="number", bold=key == "value") for key, head, wide in figures if head),
        GridColumn("source", "来源", 108 if tight else 166, 3, kind="state", role="small"),
    )


def office_row(number: int, one: OfficeRow, below: str, above: str) -> GridRow:
    """One village; those without a figure say why instead of where it comes from."""
    tone = {True: "", False: "warn", None: "text_2"}[one.met]
    if one.why:
        icon, ink = WHY[one.why]
        source = GridCell(f"{one.why.value}  {one.reason}".strip(), icon=icon, tone="text_2" if ink == "late" else ink)
        if ink == "late":
            source = GridCell(f"{one.why.value}  {one.reason}".strip(), icon=icon, state="late")
    else:
        source = GridCell(one.source, icon="seal", tone="warn" if one.unreviewed else "ok")
    cells = {
        "no": GridCell(str(number) if not one.why else ""),
        "name": GridCell(one.name),
        "town": GridCell(one.township),
        "below": GridCell(below),
        "above": GridCell(above),
        "value": GridCell(one.shown, tone=tone),
        "lacks": GridCell(one.closing_words.split(" ")[0] if one.closing_words else "—"),
        "source": source,
    }
    return GridRow(one.office, cells, label=one.name)
