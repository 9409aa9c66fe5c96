"""`cunbao export`: what counts as a dataset for those who compute further, in files or kept in PostgreSQL; and
`cunbao totals`: a form's 汇总表 over such a dataset."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks.county import dataset, dataset_board, dataset_postgres, dataset_totals
from cunbao.desks.county.desk import CountyDesk
from cunbao.survey.targets import plain
from cunbao.survey.totals import Figure, met, shown, value
from cunbao.survey.totals_table import Column


def add_parser(commands: Any) -> None:
    one = command(commands, "export", "县：导出数据集（计入的报表、指标、数据字典）", export)
    one.add_argument("to", type=Path, nargs="?", metavar="文件夹", help="写到哪里；已有的同一期整个换新")
    one.add_argument("--parquet", action="store_true", help="Parquet（默认）")
    one.add_argument("--csv", action="store_true", help="CSV，UTF-8，Excel 能直接打开")
    one.add_argument("--xlsx", action="store_true", help="Excel 工作簿")
    one.add_argument("--postgres", metavar="DSN", help="写入 PostgreSQL，只动变了的；密码可放在 PGPASSWORD")
    one.add_argument("--schema", default="", help="PostgreSQL 的模式，默认 cunbao")
    one.add_argument("--period", action="append", default=[], metavar="期", help="只导出这一期（可重复）；默认全部")
    one.add_argument("--personal", action="store_true", help="含身份证号、电话、姓名等个人信息，记入操作日志")
    one = command(commands, "totals", "在数据集上算一张表的汇总表", totals, folder=False)
    one.add_argument("--dataset", type=Path, metavar="文件夹", help="导出的数据集（Parquet）")
    one.add_argument("--postgres", metavar="DSN", help="PostgreSQL 里的数据集")
    one.add_argument("--schema", default="", help="PostgreSQL 的模式，默认 cunbao")
    one.add_argument("--form", required=True, help="哪张表，如 B02")
    one.add_argument("--period", default="", metavar="期", help="默认任务的这一期")
    one.add_argument("--by", choices=("township", "village"), help="再列到乡镇，或列到村")


def export(asked: argparse.Namespace) -> int:
    formats = [name for name in dataset.FORMATS if getattr(asked, name)]
    if asked.to is None and asked.postgres is None:
        raise WrongUse("export.nowhere", "没有说导出到哪里", "请写一个文件夹，或者 --postgres DSN")
    if asked.to is None and formats:
        raise WrongUse("export.nowhere", "没有说文件写到哪里", "请写一个文件夹")
    facts: dict[str, Any] = {"personal": asked.personal}
    lines: list[str] = []
    with opened(asked, CountyDesk) as (desk, password):
        if asked.to is not None:
            written = dataset.export(
                desk,
                asked.to,
                formats=formats or [dataset.PARQUET],
                some=asked.period,
                personal=asked.personal,
                password=password,
            )
            facts |= _files(written)
            lines += [
                f"{one.period}：计入 {one.returns} 张报表，{one.rows} 行"
                f"{'' if one.closed else '，还没有封账'}　{one.path}"
                for one in written.periods
            ]
        if asked.postgres is not None:
            kept = dataset_postgres.keep(
                desk,
                asked.postgres,
                schema=asked.schema,
                some=asked.period,
                personal=asked.personal,
                password=password,
            )
            facts |= _served(kept)
            lines += [
                f"{one.period}：新的 {one.new} 张，换了版本的 {one.changed} 张，撤下的 {one.gone} 张，"
                f"没变的 {one.same} 张　{kept.where}"
                for one in kept.periods
            ]
    lines.append("含个人信息，请妥善保管，用完删除" if asked.personal else "不含身份证号、电话、姓名")
    say(asked, facts, "\n".join(lines))
    return DONE


def _files(written: dataset.ExportedDataset) -> dict[str, Any]:
    return {
        "folder": str(written.folder),
        "formats": list(written.formats),
        "periods": [
            {
                "period": one.period,
                "path": str(one.path),
                "closed": one.closed,
                "returns": one.returns,
                "tables": one.tables,
                "rows": one.rows,
                "size": one.size,
            }
            for one in written.periods
        ],
    }


def _served(kept: dataset_postgres.KeptDataset) -> dict[str, Any]:
    return {
        "postgres": kept.where,
        "schema": kept.schema,
        "kept": [
            {"period": one.period, "new": one.new, "changed": one.changed, "gone": one.gone, "same": one.same}
            for one in kept.periods
        ],
    }


def totals(asked: argparse.Namespace) -> int:
    if (asked.dataset is None) == (asked.postgres is None):
        raise WrongUse("totals.over", "没有说在哪里算，或者说了两处", "请写 --dataset 或 --postgres，选一样")
    over = (
        dataset_board.over_files(asked.dataset)
        if asked.dataset is not None
        else dataset_board.over_postgres(asked.postgres, asked.schema)
    )
    digits = {"township": 9, "village": 12}.get(asked.by, 0)
    with over as counties:
        found = dataset_totals.form_totals(counties, asked.form, period=asked.period, digits=digits)
    columns = found.table.columns
    facts = {
        "form": asked.form,
        "period": found.period,
        "columns": [{"key": one.key, "head": one.head, "unit": one.unit, "ratio": one.is_ratio} for one in columns],
        "groups": {
            key: {
                "returns": found.returns[key],
                **{one.key: _cell(one, own) for one, own in zip(columns, line, strict=True)},
            }
            for key, line in found.groups.items()
        },
    }
    lines = [f"{found.table.title}　{found.period}"]
    for key, line in found.groups.items():
        lines.append(f"{found.names.get(key, key) if key else '合计'}　计入 {found.returns[key]} 张")
        lines += [
            f"    {one.head}　{shown(one, value(one, own))} {one.unit}".rstrip()
            for one, own in zip(columns, line, strict=True)
        ]
    say(asked, facts, "\n".join(lines))
    return DONE


def _cell(column: Column, own: Figure) -> dict[str, Any]:
    """Exact numerator and denominator, what is shown, and whether the target is reached."""
    return {
        "numerator": plain(own.numerator),
        "denominator": plain(own.denominator),
        "shown": shown(column, value(column, own)),
        "met": met(column, own),
    }
