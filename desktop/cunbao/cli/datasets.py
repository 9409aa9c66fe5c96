"""`cunbao export`: what counts as a dataset for those who compute further, in files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks.county import dataset
from cunbao.desks.county.desk import CountyDesk


def add_parser(commands: Any) -> None:
    one = command(commands, "export", "县：导出数据集（计入的报表、指标、数据字典）", export)
    one.add_argument("to", type=Path, nargs="?", metavar="文件夹", help="写到哪里；已有的同一期整个换新")
    one.add_argument("--parquet", action="store_true", help="Parquet（默认）")
    one.add_argument("--csv", action="store_true", help="CSV，UTF-8，Excel 能直接打开")
    one.add_argument("--xlsx", action="store_true", help="Excel 工作簿")
    one.add_argument("--period", action="append", default=[], metavar="期", help="只导出这一期（可重复）；默认全部")
    one.add_argument("--personal", action="store_true", help="含身份证号、电话、姓名等个人信息，记入操作日志")


def export(asked: argparse.Namespace) -> int:
    formats = [name for name in dataset.FORMATS if getattr(asked, name)]
    if asked.to is None:
        raise WrongUse("export.nowhere", "没有说导出到哪里", "请写一个文件夹")
    with opened(asked, CountyDesk) as (desk, password):
        done = dataset.export(
            desk,
            asked.to,
            formats=formats or [dataset.PARQUET],
            some=asked.period,
            personal=asked.personal,
            password=password,
        )
    facts = {
        "folder": str(done.folder),
        "formats": list(done.formats),
        "personal": done.personal,
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
            for one in done.periods
        ],
    }
    lines = [
        f"{one.period}：计入 {one.returns} 张报表，{one.rows} 行"
        f"{'' if one.closed else '，还没有封账'}　{one.path}"
        for one in done.periods
    ]
    lines.append("含个人信息，请妥善保管，用完删除" if done.personal else "不含身份证号、电话、姓名")
    say(asked, facts, "\n".join(lines))
    return DONE
