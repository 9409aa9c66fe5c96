"""county-08, the table: what stands in a return's row, the counts above it, and what a job's items are called."""

from __future__ import annotations

from collections.abc import Sequence

from cunbao.desks.county.printables import Narrow, Printable, Shelf, Sign, narrowed
from cunbao.desks.county.printjob import PrintJob
from cunbao.desks.county.volumes import Item
from cunbao.ui.face import clock_words
from cunbao.ui.kit.filters import Filter
from cunbao.ui.kit.grid import GridCell, GridColumn, GridRow
from cunbao.ui.kit.tokens import look

ALL = "*"
LOOKS = {Sign.GOOD: ("seal", "ok"), Sign.OLD: ("seal", "info"), Sign.BAD: ("alert-circle", "error")}


def columns() -> tuple[GridColumn, ...]:
    """Beside the side panel at 125 % there is no room for number and signer: the preview says who signed."""
    every = (
        GridColumn("tick", "", 34, kind="tick"),
        GridColumn("number", "序", 40, kind="number", role="small", tone="text_2"),
        GridColumn("office", "村", 74, 12, bold=True),
        GridColumn("form", "报表", 112, 18),
        GridColumn("version", "版", 66, 6),
        GridColumn("signer", "签名人", 84, 8),
        GridColumn("at", "签名时间", 92, 4, role="small"),
        GridColumn("sign", "签名核对", 80, 10, kind="state"),
        GridColumn("pages", "页", 32, kind="number"),
        GridColumn("printed", "打印", 88, 4, kind="state", role="small"),
    )
    tight = look.scale > 1.0 and not look.narrow
    return tuple(one for one in every if not (tight and one.key in ("number", "signer")))


def row_of(line: Printable, number: int, job: PrintJob | None, *, on: bool) -> GridRow:
    """One return. number: from 1; on: chosen."""
    icon, tone = LOOKS[line.sign]
    may = line.may_print
    kept = f"第 {line.version} 版" + (f"，{line.watermark}" if line.watermark else "")
    return GridRow(
        line.revision,
        {
            "tick": GridCell(on=on) if may else GridCell(icon="lock", tip=line.reason),
            "number": GridCell(str(number)),
            "office": GridCell(line.office.short),
            "form": GridCell(f"{line.form} {line.title}"),
            "version": GridCell(kept),
            "signer": GridCell(line.signer),
            "at": GridCell(clock_words(line.signed_at)),
            "sign": GridCell(line.sign.value if may else line.reason, icon=icon, tone=tone, tip=line.reason),
            "pages": GridCell(str(line.pages) if line.pages else "—"),
            "printed": _printed(line, job),
        },
        label=f"{line.office.short} {line.form}",
        ground="" if may else "row_problem",
    )


def _printed(line: Printable, job: PrintJob | None) -> GridCell:
    """Where a return of the job stands; nothing for those that are not in it."""
    if not line.may_print:
        return GridCell("不能打", tone="error")
    if job is None or line.revision not in returns_of(job):
        return GridCell()
    if job.printed(line.revision):
        return GridCell("已打", icon="check", tone="ok")
    here = job.here
    if job.stopped and here is not None and here.line is not None and here.line.revision == line.revision:
        return GridCell("停在这里", icon="alert", tone="warn")
    return GridCell("等着", tone="text_3")


def counts(lines: Sequence[Printable]) -> tuple[Filter, ...]:
    number = {sign: sum(one.sign is sign for one in lines) for sign in Sign}
    return (
        Filter(ALL, "全部", str(len(lines))),
        *(Filter(sign.name, sign.value, str(number[sign]), LOOKS[sign][0], tone=LOOKS[sign][1]) for sign in Sign),
    )


def returns_of(job: PrintJob) -> tuple[str, ...]:
    return tuple(one.line.revision for one in job.items if one.line is not None)


def accepted(shelf: Shelf) -> set[str]:
    """What is ticked at first: all that was accepted and may be printed."""
    return {one.revision for one in narrowed(shelf, Narrow()) if one.may_print}


def name_of(item: Item) -> str:
    if item.line is not None:
        return f"{item.line.office.short} {item.line.form}"
    return f"{item.office.short}的封面" if item.office is not None else "目录"
