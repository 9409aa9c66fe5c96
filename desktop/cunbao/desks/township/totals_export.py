"""汇总表 as a workbook: a sheet a form, every roster joined in a sheet of its own, the 交叉表, and 说明 of what counts.

Identity numbers and phones are masked unless whole ones are asked for, which the journal remembers. Counts of fewer
than three people are not told in a 交叉表 that leaves the house. Each table names the villages that it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from cunbao.desks import media
from cunbao.desks.clock import LOCAL
from cunbao.desks.township.totals import (
    ACCEPTED,
    UNREVIEWED,
    Received,
    States,
    TotalsSource,
    crosstab_choices,
    crosstab_view,
    missing_line,
    totals_forms,
    totals_view,
    unreviewed,
)
from cunbao.desks.township.totals_book import Block, Page, Value, book
from cunbao.desks.township.totals_views import CrosstabView, ExportedTotals, TotalsCell, TotalsHead, TotalsView
from cunbao.survey.crosstab import LEAST, Hidden, suppressed
from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.indicators import NoFigure
from cunbao.survey.people import mask
from cunbao.survey.states import ReturnState
from cunbao.survey.totals import hundredths
from cunbao.survey.totals_layout import NUMBERS
from cunbao.survey.totals_table import is_figure, places_of, roster_label
from cunbao.survey.values import Office

WHAT = "汇总表"


def export_name(desk: TotalsSource, *, unreviewed: bool = False) -> str:
    """勐混镇-2025年度-汇总表-20251216.xlsx, what the file is called unless somebody says otherwise."""
    day = desk.clock().astimezone(LOCAL)
    words = f"{WHAT}（{UNREVIEWED}）" if unreviewed else WHAT
    return f"{desk.office.short}-{desk.task.period_title}-{words}-{day:%Y%m%d}.xlsx"


def export_xlsx(
    desk: TotalsSource, path: Path, *, states: States, received: Received | None = None, full: bool = False
) -> ExportedTotals:
    """Write the workbook of all forms. full: with whole identity numbers and phones.

    DeskError "disk.full", "folder.readonly", "medium.gone"; an earlier file of the same name stays until the new one
    is whole."""
    now = desk.clock()
    views = [totals_view(desk, form, states=states, received=received) for form, _ in totals_forms(desk.task)]
    rosters = [
        _roster_page(desk, desk.task.forms[form], repeat, received, full)
        for form, _ in totals_forms(desk.task)
        for repeat in desk.task.forms[form].repeats
    ]
    pages = [
        *(_form_page(desk, one) for one in views),
        *rosters,
        *_crosstab_pages(desk, received),
        _about_page(desk, views, full, received is not None),
    ]
    data = book(
        pages,
        head=desk.full_name,
        foot=f"村报　{now.astimezone(LOCAL):%Y-%m-%d %H:%M} 导出",
        mark=UNREVIEWED if received is not None else "",
        made=now,
    )
    if full or not desk.workspace.read_only:
        detail = {"file": path.name, "full": full, "unreviewed": received is not None}
        desk.workspace.journal("export_totals", desk.person.name, detail, now=now)
    media.write_file(path, data, what=WHAT)
    return ExportedTotals(
        path=path,
        size=len(data),
        sheets=tuple(one.name for one in pages),
        rows=sum(len(one.blocks[0].rows) for one in rosters),
        unreviewed=received is not None,
        full=full,
    )


# --- a form ------------------------------------------------------------------------------------------------------


def _form_page(desk: TotalsSource, view: TotalsView) -> Page:
    """The table as on screen, with every number of the form; a target has a column of its own beside its ratio."""
    heads = ["序号", "村代码", "村", "状态"]
    places: list[int | None] = [0, None, None, None]
    for head in view.heads:
        heads += [_headed(head), *([f"达标（≥{head.target:f}）"] if head.target is not None else [])]
        places += [head.places, *([None] if head.target is not None else [])]
    rows = [
        (at, row.office, row.name, row.state, *_cells(view.heads, row.cells)) for at, row in enumerate(view.rows, 1)
    ]
    total = ("", "", f"合计（已计入 {view.counted} 个村）", f"{view.counted}／{view.villages}")
    return Page(
        name=view.tab,
        title=view.title,
        line=_line(desk),
        blocks=(Block(tuple(heads), tuple(rows), tuple(places), (*total, *_totals(view))),),
        notes=view.notes,
        fixed=3,
    )


def _headed(head: TotalsHead) -> str:
    return f"{head.head}（{head.unit}）" if head.unit else head.head


def _cells(heads: tuple[TotalsHead, ...], cells: tuple[TotalsCell, ...]) -> Iterable[Value]:
    for head, cell in zip(heads, cells, strict=True):
        yield _number(head, cell)
        if head.target is not None:
            yield "" if cell.met is None else "是" if cell.met else "否"


def _totals(view: TotalsView) -> Iterable[Value]:
    for head, cell in zip(view.heads, view.total, strict=True):
        yield _number(head, cell)
        if head.target is not None:
            yield f"{view.meeting[head.key]} 个村"


def _number(head: TotalsHead, cell: TotalsCell) -> Value:
    """An exact sum whole; a ratio as it is shown, so that a cell never says more than paper."""
    if isinstance(cell.value, NoFigure):
        return cell.text
    return Decimal(cell.text.replace("\u2212", "-")) if head.ratio else cell.value


# --- a roster ----------------------------------------------------------------------------------------------------


def _roster_page(desk: TotalsSource, form: Form, repeat: Repeat, received: Received | None, full: bool) -> Page:
    """All rows of all villages in the sums, in the order of the villages and of their rosters."""
    fields = [one for one in repeat.fields if not one.hidden and one.kind is not Kind.NOTE]
    rows = [
        (office.code, office.short, state, *values)
        for office in desk.villages
        for state, values in _rows(desk, form, repeat, office, fields, received, full)
    ]
    masked = [one.label for one in fields if one.mask]
    notes = []
    if masked:
        words = "、".join(masked)
        notes.append(f"{words}是完整的，请妥善保管，用完删除。" if full else f"{words}中间几位已经遮盖。")
    what = roster_label(repeat)
    return Page(
        name=f"{form.id} {what}名册",
        title=f"{desk.task.papers[form.id].title}：{what}" + (f"（{UNREVIEWED}）" if received is not None else ""),
        line=_line(desk),
        blocks=(
            Block(
                heads=("序号", "村代码", "村", "状态", *(_labelled(one) for one in fields)),
                rows=tuple((at, *row) for at, row in enumerate(rows, 1)),
                places=(0, None, None, None, *(places_of(one) if is_figure(one) else None for one in fields)),
            ),
        ),
        notes=tuple(notes),
        fixed=3,
    )


def _rows(
    desk: TotalsSource,
    form: Form,
    repeat: Repeat,
    office: Office,
    fields: list[Field],
    received: Received | None,
    full: bool,
) -> Iterable[tuple[str, list[Value]]]:
    answers = unreviewed(desk, form, received or {}).get(office.code)
    if answers is not None:
        for row in answers.rows.get(repeat.name, ()):
            yield ReturnState.RECEIVED.value, [_typed(one, row.values.get(one.name), full) for one in fields]
        return
    period = desk.task.period
    texts = {(one.row, one.field): one.text for one in desk.workspace.misfits(office.code, form.id, period)}
    for held in desk.workspace.rows_that_count(form, period, repeat=repeat.name, offices=[office.code]):
        said = {**held.values, **{field: text for (row, field), text in texts.items() if row == held.row}}
        yield ACCEPTED, [_typed(one, said.get(one.name), full) for one in fields]


def _typed(field: Field, said: Decimal | str | None, full: bool) -> Value:
    """A number as a number, a day as a day, a code by its label, everything else as its text."""
    if said is None or said == "":
        return None
    if field.kind in NUMBERS:
        number = said if isinstance(said, Decimal) else _decimal(said)
        if number is None or field.list is None:
            return said if number is None else number
        said = f"{number.normalize():f}"
    text = str(said)
    if field.kind is Kind.SELECT_MULTIPLE and field.list is not None:
        return "、".join(field.list.label(code) or code for code in text.split())
    if field.list is not None:
        return field.list.label(text) or text
    if field.mask and not full:
        return mask(field.mask, text)
    return _day(text) if field.kind is Kind.DATE else text


def _decimal(text: str) -> Decimal | None:
    exact = hundredths(text)
    return None if exact is None else Decimal(exact).scaleb(-2)


def _day(text: str) -> Value:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _labelled(field: Field) -> str:
    return f"{field.label}（{field.unit}）" if field.unit else field.label


# --- cross-tabs --------------------------------------------------------------------------------------------------


def _crosstab_pages(desk: TotalsSource, received: Received | None) -> list[Page]:
    """A sheet a roster, its tables one under the other."""
    views: dict[tuple[str, str], list[CrosstabView]] = {}
    for one in crosstab_choices(desk.task):
        view = crosstab_view(desk, one.form, one.repeat, one.rows, one.columns, received=received)
        views.setdefault((one.form, one.repeat), []).append(view)
    return [_crosstab_page(desk, form, found) for (form, _), found in views.items()]


def _crosstab_page(desk: TotalsSource, form: str, views: list[CrosstabView]) -> Page:
    first = views[0]
    notes = [f"已计入 {first.counted} 个村，没有计入 {first.missing} 个村。"]
    if first.people:
        notes.append(f"“{Hidden.FEW}”：不满 {LEAST} 人，不显示；“{Hidden.BESIDE}”：为免从合计推算，一并不显示。")
    what = roster_label(desk.task.forms[form].repeat(first.repeat))
    return Page(
        name=f"{form} {what}交叉表",
        title=f"{what}交叉表" + (f"（{UNREVIEWED}）" if first.unreviewed else ""),
        line=_line(desk, f"计量单位：{first.unit}"),
        blocks=tuple(_crosstab_block(one) for one in views),
        notes=tuple(notes),
    )


def _crosstab_block(view: CrosstabView) -> Block:
    table = view.table
    told: list[list[Value]]
    if view.people:
        told = [[one.value if isinstance(one, Hidden) else one for one in line] for line in suppressed(table)]
    else:
        told = [[*line, total] for line, total in zip(table.counts, table.row_totals, strict=True)]
        told.append([*table.column_totals, table.total])
    lines = [(label, *line) for (_, label), line in zip([*table.rows, ("", "合计")], told, strict=True)]
    return Block(
        heads=(f"{table.row_axis.label}＼{table.column_axis.label}", *(label for _, label in table.columns), "合计"),
        rows=tuple(lines[:-1]),
        total=lines[-1],
        places=(None, *(0 for _ in table.columns), 0),
        caption=view.title,
    )


# --- what counts -------------------------------------------------------------------------------------------------


def _about_page(desk: TotalsSource, views: list[TotalsView], full: bool, received: bool) -> Page:
    """说明: what is in the sums, who is missing, how ratios are made, when and from which task."""
    task = desk.task
    now = desk.clock().astimezone(LOCAL)
    told: list[tuple[str, str]] = [
        ("汇总单位", desk.full_name),
        ("任务", f"{task.title}（第 {task.version} 版，{task.sha256[:12]}）"),
        ("报告期", task.period_title),
        ("数据截至", f"{now:%Y-%m-%d %H:%M}，{desk.person.name} 导出"),
        ("什么算数", _counts(received)),
        ("没报的", "没有可计入报表的村不当 0 算，各表下面写着名单。"),
    ]
    told += [(one.tab, missing_line(one.villages, one.left_out)) for one in views]
    told += [(f"{one.tab} 比率", formula) for one in views for formula in one.formulas]
    told += [
        (
            "比率",
            "分子合计÷分母合计，不是各村平均；有一项空着的村，分子分母都不算它。数是多少就存多少，只在显示时四舍五入。",
        ),
        ("符号", "… 没有可计入的报表；／ 分母为零；— 不适用；0 就是零。"),
        ("名册", "身份证号、手机号是完整的，请妥善保管，用完删除。" if full else "身份证号、手机号中间几位已经遮盖。"),
        ("交叉表", f"不满 {LEAST} 人的格写“{Hidden.FEW}”，为免从合计推算而一并不显示的写“{Hidden.BESIDE}”。"),
        ("单元格", "数字是数字格式；代码、身份证号、手机号、名称都是文本格式，位数不会丢。"),
    ]
    return Page(
        name="说明",
        title="说明",
        line=_line(desk),
        blocks=(Block(heads=("", ""), rows=tuple(told), places=(None, None)),),
        plain=True,
    )


def _counts(received: bool) -> str:
    if received:
        return "含未审核：通过的报表都算；还没有通过的村，已接收的最新一份也算在内，审核以后可能会变。"
    return "只算审核通过的报表；更正通过以前，原来通过的那一份算数。"


def _line(desk: TotalsSource, more: str = "") -> str:
    return "　".join(one for one in (f"综合机关名称：{desk.full_name}", desk.task.period_title, more) if one)
