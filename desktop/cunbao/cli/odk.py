"""ODK as commands: forms out, returns out as submissions, tablets' submissions in. One call of `desks` each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, FINDINGS, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks import odk, odkreturns
from cunbao.desks.township import supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import tablet
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.tabletviews import KEEP, TabletCell, TabletFile, TabletView


def add_form_export(commands: Any) -> None:
    """`form export`, beside check, eval and compile."""
    one = commands.add_parser("export", help="把表式导出成 ODK 用的 .xlsx（XLSForm）和要放在旁边的文件")
    one.add_argument("source", type=Path, metavar="TASKDIR|WORKSPACE", help="任务目录；或资料文件夹，带上本单位的数")
    one.add_argument("folder_out", type=Path, metavar="DIR", help="写到哪个文件夹")
    one.add_argument("--form", action="append", default=[], metavar="B03", help="只要这一张（可重复）")
    one.add_argument("--person", help="资料文件夹：谁在操作")
    one.add_argument("--personal", action="store_true", help="资料文件夹：旁边的文件里也带姓名、号码；记入操作日志")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=form_export)


def form_export(asked: argparse.Namespace) -> int:
    office = ""
    if (asked.source / "keys.json").is_file():
        asked.folder = asked.source
        with opened(asked) as (desk, _):
            made = odk.export_forms_of(desk, asked.folder_out, forms=asked.form, personal=asked.personal)
            office = desk.office.code
    else:
        made = odk.export_forms(asked.source, asked.folder_out, forms=asked.form)
    facts = {
        "folder": str(asked.folder_out),
        "office": office,
        "forms": [
            {
                "form": one.form,
                "version": one.version,
                "media": [{"file": f.name, "kind": f.kind, "filled": f.filled} for f in one.media],
                "dropped": [f"{it.sheet}：{it.reason}" for it in one.dropped],
            }
            for one in made
        ],
    }
    lines = [
        f"{one.form} {one.title}：{one.form}.xlsx、{one.form}.xml，{one.folder} 里有 {len(one.media)} 个文件"
        for one in made
    ]
    lines += [f"{one.form} 没有带走：{it.sheet}，{it.reason}" for one in made for it in one.dropped]
    say(asked, facts, "\n".join([*lines, f"清单在 {asked.folder_out / odk.MANIFEST}"]))
    return DONE


def add_parser(commands: Any) -> None:
    """`odk export` and `odk import`."""
    parser = commands.add_parser("odk", help="ODK：报表导出成提交，平板收的提交读入草稿")
    acts = parser.add_subparsers(dest="odk_command", required=True, metavar="动作")
    one = command(acts, "export", "把签了名的报表（乡镇、县：计入的）写成 ODK 提交", export)
    one.add_argument("folder_out", type=Path, metavar="DIR", help="写到哪个文件夹")
    one.add_argument("--form", action="append", default=[], metavar="B03", help="只要这一张（可重复）")
    one.add_argument("--period", default="", help="哪一期，默认本期")
    one.add_argument("--personal", action="store_true", help="带上姓名、身份证号、电话和扫描件；记入操作日志")
    one = command(acts, "import", "把 ODK Collect 收的提交读入草稿，由填报人检查、签名", take)
    one.add_argument("place", type=Path, metavar="FOLDER", help="instances 文件夹、压缩包，或一个 .xml")
    one.add_argument("--look", action="store_true", help="只看会取什么，不写")
    one.add_argument("--differing", choices=("keep", "take"), help="和草稿不一样的格：keep 保留草稿，take 采用平板")


def export(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        made = odkreturns.export_returns(
            desk, asked.folder_out, forms=asked.form, period=asked.period, personal=asked.personal
        )
    facts = {
        "folder": str(asked.folder_out),
        "personal": asked.personal,
        "submissions": [
            {
                "form": one.form,
                "office": one.office,
                "revision": one.revision,
                "instance_id": one.instance_id,
                "file": f"{one.folder}/{one.folder}.xml",
                "attachments": list(one.attachments),
                "left_out": list(one.left_out),
            }
            for one in made
        ],
    }
    kept = "" if asked.personal else "；姓名、身份证号、电话和扫描件没有带，要带请加 --personal"
    words = f"写了 {len(made)} 份提交，清单在 {asked.folder_out / odkreturns.INDEX}{kept}"
    say(asked, facts, words if made else "没有可以导出的报表")
    return DONE if made else FINDINGS


def take(asked: argparse.Namespace) -> int:
    """Without --differing a cell that says something else than the draft stops the import, and is listed."""
    with opened(asked, VillageDesk, TownshipDesk) as (desk, _):
        own = supplement.asked(desk) if isinstance(desk, TownshipDesk) else desk
        seen = tablet.look(own, asked.place)
        if not asked.look and seen.asked and asked.differing is None:
            _tell(asked, seen, {})
            raise WrongUse(
                "tablet.undecided",
                f"有 {len(seen.asked)} 格和草稿不一样，或者两份提交说的不一样",
                "请看过再加 --differing keep（保留草稿）或 --differing take（采用平板）",
            )
        done: dict[str, Any] = {}
        if not asked.look:
            chosen = {one.key: KEEP if asked.differing == "keep" else len(one.given) - 1 for one in seen.asked}
            taken = tablet.take(own, seen, chosen, group=f"tablet-{own.new_id()}")
            done = {"forms": list(taken.forms), "cells": taken.cells, "kept": taken.kept, "rows": taken.rows}
    _tell(asked, seen, done)
    return FINDINGS if seen.problems or any(one.refused for one in seen.files) else DONE


def _tell(asked: argparse.Namespace, seen: TabletView, taken: dict[str, Any]) -> None:
    facts = {
        "files": [_file(one) for one in seen.files],
        "rows": [{"form": one.form, "repeat": one.repeat, "row": one.row, "name": one.name} for one in seen.rows],
        "cells": [_cell(one) for one in seen.cells],
        "same": seen.same,
        "taken": taken or None,
    }
    lines = []
    for one in seen.files:
        lines.append(f"{one.name}　{one.form}　{one.refused or '可以取'}" + (f"。{one.todo}" if one.refused else ""))
        lines += [f"　　{note}" for note in one.notes]
    lines += [f"{one.form} 增加一行：{one.name}" for one in seen.rows]
    for cell in seen.cells:
        where = "　".join(part for part in (cell.form, cell.row_name, cell.label) if part)
        given = " / ".join(one.shown for one in cell.given)
        lines.append(f"{where}：{cell.here_shown or '空'} → {given}" + (f"（{cell.problem}）" if cell.problem else ""))
    if taken:
        lines.append(f"写了 {taken['cells']} 格，增加 {taken['rows']} 行，保留草稿 {taken['kept']} 格")
    say(asked, facts, "\n".join(lines))


def _file(one: TabletFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "form": one.form,
        "notes": list(one.notes),
        "refused": one.refused,
        "todo": one.todo,
        "unknown": [path for path, _ in one.unknown],
        "attachments": list(one.attachments),
    }


def _cell(one: TabletCell) -> dict[str, Any]:
    return {
        "form": one.form,
        "field": one.cell.field,
        "row": one.cell.row,
        "label": one.label,
        "here": one.here_shown,
        "given": [given.shown for given in one.given],
        "asked": one.asked,
        "problem": one.problem,
    }
