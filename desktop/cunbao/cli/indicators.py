"""`cunbao indicators`: a plan's indicators over the county, in the plan's own order; by township or village as well.
Over a workspace, or over a dataset of one county or several, which needs neither workspace nor password."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks.county import dataset_board, indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import BoardView, Group, IndicatorRow
from cunbao.desks.county.measured import OfficePart, measured, parts
from cunbao.store.parts import Part
from cunbao.survey.indicators import NoFigure, Total, office_value
from cunbao.survey.targets import display, plain
from cunbao.survey.task import Indicator

_Beneath = Mapping[str, Mapping[str, dict[str, Any]]]


def add_parser(commands: Any) -> None:
    one = command(commands, "indicators", "县：一份规划的指标，按规划里的次序", show, folder=False)
    one.add_argument("folder", nargs="?", type=Path, help="县的资料所在的文件夹；算数据集时不用")
    one.add_argument("--dataset", type=Path, metavar="文件夹", help="在导出的数据集（Parquet）上算")
    one.add_argument("--postgres", metavar="DSN", help="在 PostgreSQL 里的数据集上算")
    one.add_argument("--schema", default="", help="PostgreSQL 的模式，默认 cunbao")
    one.add_argument("--period", default="", metavar="期", help="数据集的哪一期；默认任务的这一期")
    one.add_argument("--plan", default="", help="规划号，如 003；默认是本县适用的第一份")
    one.add_argument("--by", choices=("township", "village"), help="再列到乡镇，或列到村")
    one.add_argument("--only", action="append", default=[], metavar="编号", help="只看这个指标，如 003-04（可重复）")
    one.add_argument("--xlsx", type=Path, metavar="FILE", help="写成 Excel：规划、乡镇、村、说明各一页")
    one.add_argument("--pdf", type=Path, metavar="FILE", help="排成指标表（PDF，带图）")
    one.add_argument("--group", choices=[one.name.lower() for one in Group], help="PDF 排哪一组，默认主要指标")
    one.add_argument("--chart", default="", metavar="编号", help="PDF 里按乡镇画哪个指标，默认第一个没达到的")
    one.add_argument("--include-received", action="store_true", help="含已接收、未审定的")


def show(asked: argparse.Namespace) -> int:
    over = [one for one in (asked.folder, asked.dataset, asked.postgres) if one is not None]
    if len(over) != 1:
        todo = "请写县的资料文件夹，或者 --dataset、--postgres，三样里选一样"
        raise WrongUse("indicators.over", "没有说在哪里算，或者说了不止一处", todo)
    if asked.folder is None and (asked.xlsx or asked.pdf):
        raise WrongUse("indicators.files", "数据集上不能写指标表", "请写县的资料文件夹，再加 --xlsx、--pdf")
    if not asked.pdf and (asked.group or asked.chart):
        raise WrongUse("indicators.group", "--group、--chart 只用在 PDF 上", "请加 --pdf FILE，或者去掉这两项")
    if asked.postgres is not None:
        with dataset_board.over_postgres(asked.postgres, asked.schema) as counties:
            return _show_dataset(asked, counties)
    if asked.dataset is not None:
        with dataset_board.over_files(asked.dataset) as counties:
            return _show_dataset(asked, counties)
    return _show_workspace(asked)


def _show_workspace(asked: argparse.Namespace) -> int:
    received = asked.include_received
    with opened(asked, CountyDesk) as (desk, _):
        for number in asked.only:
            indicators.find(desk.task, number)
        view = indicators.board(desk, asked.plan, received=received, places=indicators.PAPER_PLACES)
        rows = [one for one in view.rows if not asked.only or one.indicator.number in asked.only]
        beneath = _beneath(desk, asked.by, [one.indicator for one in rows if one.indicator.numerator], received)
        names = {one.code: one.short for one in (*desk.townships, *desk.villages)}
        files = _files(asked, desk, view.plan)
    return _say(asked, view, rows, beneath, names, files)


def _files(asked: argparse.Namespace, desk: CountyDesk, plan: str) -> dict[str, dict[str, Any]]:
    """What --xlsx and --pdf write, as the window's 导出 and 打印指标表."""
    from cunbao.desks.county import indicator_export, indicator_paper

    if asked.chart:
        indicators.find(desk.task, asked.chart)
    found: dict[str, dict[str, Any]] = {}
    if asked.xlsx:
        made = indicator_export.export_xlsx(desk, asked.xlsx, plan, received=asked.include_received)
        found["xlsx"] = {"file": str(made.path), "sheets": list(made.sheets), "rows": made.rows}
    if asked.pdf:
        group = Group[asked.group.upper()] if asked.group else None
        drawn = indicator_paper.write_pdf(
            desk, asked.pdf, plan, group=group, chart=asked.chart, received=asked.include_received
        )
        found["pdf"] = {"file": str(asked.pdf), "pages": drawn.pages}
    return found


def _show_dataset(asked: argparse.Namespace, counties: Sequence[dataset_board.Some]) -> int:
    if asked.include_received:
        raise WrongUse("indicators.received", "数据集里只有通过的报表", "要看含已接收的，请在县的资料上算")
    for number in asked.only:
        indicators.find(counties[0].task, number)
    view = dataset_board.board(counties, asked.plan, period=asked.period, places=indicators.PAPER_PLACES)
    rows = [one for one in view.rows if not asked.only or one.indicator.number in asked.only]
    some = [one.indicator for one in rows if one.indicator.numerator]
    beneath: _Beneath = {}
    if asked.by == "township":
        found = dataset_board.by_township(counties, view.year, some)
        beneath = {number: {code: _total(one) for code, one in towns.items()} for number, towns in found.items()}
    elif asked.by == "village":
        beneath = {
            one.number: {
                code: _figure(one, own) for code, own in dataset_board.by_village(counties, view.year, one).items()
            }
            for one in some
        }
    names = {code: one.short for code, one in dataset_board.names(counties, view.year).items()}
    return _say(asked, view, rows, beneath, names)


def _say(
    asked: argparse.Namespace,
    view: BoardView,
    rows: Sequence[IndicatorRow],
    beneath: _Beneath,
    names: Mapping[str, str],
    files: Mapping[str, dict[str, Any]] | None = None,
) -> int:
    facts = {
        "plan": view.plan,
        "title": view.plans[view.plan],
        "period": view.year,
        "applies": view.applies,
        "accepted": view.accepted,
        "villages": view.villages,
        "unreviewed": view.unreviewed,
        "indicators": [_facts(one, beneath.get(one.indicator.number)) for one in rows],
        **({"files": files} if files else {}),
    }
    written = [f"写好了：{one['file']}" for one in (files or {}).values()]
    say(asked, facts, "\n".join([*_words(view, rows, beneath, names), *written]))
    return DONE


def _beneath(desk: CountyDesk, by: str | None, some: Sequence[Indicator], received: bool) -> _Beneath:
    """number → code of the office → its figure."""
    if by == "township":
        found = indicators.by_township(desk, some, received=received)
        return {number: {code: _total(one) for code, one in towns.items()} for number, towns in found.items()}
    if by == "village":
        seen = measured(desk, received=received)
        return {one.number: {own.office.code: _part(one, own) for own in parts(seen, one)} for one in some}
    return {}


def _total(found: Total) -> dict[str, Any]:
    return {
        "numerator": plain(found.numerator),
        "denominator": plain(found.denominator),
        "value": _value(found.value),
        "shown": display(found.indicator, found.value, found.met, indicators.PAPER_PLACES),
        "met": found.met,
        "counted": found.counted,
        "asked": found.asked,
        "meeting": found.meeting,
        "judged": found.judged,
        "missing": found.left_out - found.unfilled,
        "unfilled": found.unfilled,
        "zero_base": found.zero,
        "exempt": found.exempt,
    }


def _part(one: Indicator, own: OfficePart) -> dict[str, Any]:
    return {**_figure(one, own.part), "reason": own.reason, "unreviewed": own.unreviewed}


def _figure(one: Indicator, part: Part) -> dict[str, Any]:
    figure, value = part.figure, office_value(one, part.figure)
    return {
        "numerator": plain(figure.numerator),
        "denominator": plain(figure.denominator),
        "value": _value(value),
        "shown": display(one, value, part.met, indicators.PAPER_PLACES, office=True),
        "met": part.met,
        "lacks": list(figure.lacks),
    }


def _facts(row: IndicatorRow, beneath: Mapping[str, dict[str, Any]] | None) -> dict[str, Any]:
    one = row.indicator
    facts: dict[str, Any] = {
        "no": one.number,
        "name": one.name,
        "where": one.where,
        "main": one.main,
        "kind": one.kind,
        "scope": one.scope,
        "unit": one.unit,
        "attribute": one.attribute,
        "base": None if one.base is None else plain(one.base),
        "target": row.target,
        "target_year": one.target_year,
        "territory": one.territory,
        "verdict": row.verdict_words,
        "last": row.last,
        "note": one.note,
    }
    facts |= _total(row.total) if one.numerator else {"value": None}
    return facts if beneath is None else {**facts, "offices": beneath}


def _value(value: object) -> str | None:
    return None if isinstance(value, NoFigure) else plain(value)  # type: ignore[arg-type]


def _words(view: BoardView, rows: Sequence[IndicatorRow], beneath: _Beneath, names: Mapping[str, str]) -> Sequence[str]:
    title = " ".join(dict.fromkeys((view.plan, view.plans[view.plan])))  # a plan without a title is its number
    lines = [f"{title}　{view.period_title}　{view.accepted}/{view.villages} 个村已通过"]
    if not view.applies:
        lines.append("这份规划不适用于本县，只显示，不判达标")
    if view.unreviewed:
        lines.append(f"含 {view.unreviewed} 个单位未审定的报表")
    for row in rows:
        found, one = row.total, row.indicator
        parts_of_line = [f"{one.number} {one.name}", f"{row.shown} {row.unit}".strip(), row.target]
        if one.numerator:
            parts_of_line.append(f"{found.counted}/{found.asked}{f'（{row.left}）' if row.left else ''}")
        lines.append("　".join(filter(None, (*parts_of_line, row.verdict_words, row.lacks))))
        lines += [
            f"    {names.get(code, code)}　{own['shown']}　{own['numerator']}/{own['denominator']}"
            for code, own in beneath.get(one.number, {}).items()
        ]
    return lines
