"""Task packs as commands: a county is begun, a folder of forms looked at, a pack issued, a further one taken."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, FINDINGS, ask_password, command, opened, place, say, to
from cunbao.cli.wrong import WrongUse
from cunbao.desks import newpacks
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.packnews import PackNews
from cunbao.desks.views import Person
from cunbao.survey.taskcheck import TaskFault

REFUSED = 3


def add_parser(commands: Any) -> None:
    task = commands.add_parser("task", help="县：任务包——检验一个文件夹，签发").add_subparsers(
        dest="act", required=True, metavar="动作"
    )
    check = task.add_parser("check", help="列出文件夹里的每一处错：表式、代码表、审核关系、指标、规划")
    check.add_argument("folder", type=Path, metavar="FOLDER")
    check.add_argument("--form", action="append", help="只发这一张（可重复）；默认都发")
    check.add_argument("--plan", action="append", help="按哪个规划算（可重复）；默认照 task.toml")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)
    issue = command(task, "issue", "签名，写到 U 盘或文件夹，读回核对", run_issue)
    issue.add_argument("--task", type=Path, required=True, metavar="FOLDER", help="表式的文件夹")
    to(issue)
    issue.add_argument("--form", action="append", help="只发这一张（可重复）")
    issue.add_argument("--plan", action="append")
    issue.add_argument("--title")
    issue.add_argument("--period", metavar="YYYY", help="换一个年度，日期跟着变")
    issue.add_argument("--deadline", type=date.fromisoformat, metavar="YYYY-MM-DD", help="村报乡镇")
    issue.add_argument("--town-deadline", type=date.fromisoformat, metavar="YYYY-MM-DD", help="乡镇报县")
    issue.add_argument("--notice", type=Path, metavar="PDF", help="另写一份印着比对码的通知，不要放进同一个 U 盘")
    issue.add_argument(
        "--param", action="append", metavar="NAME=数=来源", type=_param,
        help="县里填的数（可重复），如 org_units=412=县委组织部2025年11月统计；NAME== 收回",
    )  # fmt: skip
    take = command(commands, "take-pack", "村、乡镇、县：读入新的一版任务包；--look 只看改了什么", run_take)
    take.add_argument("pack", type=Path)
    take.add_argument("--look", action="store_true")


def init_county(asked: argparse.Namespace) -> int:
    """`init --county DIR`: the county's workspace, its root key, the offices of the national list."""
    from cunbao.desks.county import beginning
    from cunbao.desks.county.desk import root_code

    desk = beginning.begin(
        asked.folder,
        asked.office,
        person=Person(asked.person, beginning.ROLE if asked.role == "填报人" else asked.role),
        password=ask_password(asked.person),
        name=asked.name or "",
        clock=asked.clock,
    )
    facts = {
        "office": desk.office.code,
        "townships": len(desk.townships),
        "villages": len(desk.villages),
        "root_code": root_code(desk),
    }
    say(
        asked,
        facts,
        f"{desk.office.name}的资料建好了：{asked.folder}\n"
        f"单位名录 {facts['townships']} 个乡镇、{facts['villages']} 个村（社区）\n"
        f"县根证书比对码 {facts['root_code']}\n根钥匙丢了全县要重来：请马上备份到两个 U 盘，分开保存。",
    )
    desk.close()
    return DONE


def run_check(asked: argparse.Namespace) -> int:
    """Exit 3 on any fault, as `form check`; 1 when nothing is wrong and the county has figures to put in."""
    from cunbao.survey.taskcheck import inspect
    from cunbao.survey.taskfolder import read_wanted

    if not asked.folder.is_dir():
        raise WrongUse("task.folder", f"没有文件夹 {asked.folder}", "请核对文件夹")
    wanted = read_wanted(asked.folder)
    wanted = replace(wanted, forms=tuple(asked.form or wanted.forms), plans=tuple(asked.plan or wanted.plans))
    found = inspect(asked.folder, wanted)
    missing = [one for one in found.params if one.missing]
    if asked.json:
        params = [
            {"param": one.asked.name, "label": one.asked.label, "unit": one.asked.unit, "needed": list(one.needed)}
            for one in missing
        ]
        print(json.dumps([*(asdict(one) for one in found.faults), *params], ensure_ascii=False, indent=1))
    else:
        for one in found.faults:
            print(_told(one))
        for line in missing:
            print(f"{line.words}。用 task issue --param {line.asked.name}=数=来源 填，或者在窗口的“任务包”里填。")
        sent = f"报表 {len(found.sent)} 张，{sum(one.cells for one in found.sent)} 格"
        print(
            f"{len(found.faults)} 处错"
            if found.faults
            else f"没有错：{sent}，检查 {found.must_fix + found.to_explain} 条"
        )
    return REFUSED if found.faults else FINDINGS if missing else DONE


def run_issue(asked: argparse.Namespace) -> int:
    from cunbao.desks.county import building, issuing

    chosen = {
        "title": asked.title,
        "deadline": asked.deadline,
        "town_deadline": asked.town_deadline,
        "forms": tuple(asked.form) if asked.form else None,
        "plans": tuple(asked.plan) if asked.plan else None,
    }
    with opened(asked, CountyDesk) as (desk, password):
        building.choose_folder(desk, asked.task)
        if asked.period:
            building.choose_period(desk, asked.period)
        building.change(desk, **{name: value for name, value in chosen.items() if value is not None})
        for name, value, source in asked.param or ():
            building.give_param(desk, name, value, source)
        seen = building.check(desk)
        if seen.faults:
            faults = [asdict(one) for one in seen.faults]
            say(asked, {"faults": faults}, "\n".join([*map(_told, seen.faults), f"{len(faults)} 处错，没有签发"]))
            return REFUSED
        made = issuing.issue(desk, place(asked, desk), password)
        if asked.notice:
            asked.notice.write_bytes(issuing.notice(desk, seen, made).pdf)
    missing = [one for one in seen.params if one.missing]
    facts = {"file": str(made.path), "version": made.version, "sha256": made.sha256, "size": made.size}
    told = [f"写好了，读回核对一致：{made.path}，核对码 {made.check_code}", *(f"{one.words}。" for one in missing)]
    say(asked, {**facts, "missing_params": [one.asked.name for one in missing]}, "\n".join(told))
    return DONE


def run_take(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        news = newpacks.look(desk, asked.pack) if asked.look else newpacks.take(desk, asked.pack)
    say(asked, _facts(news), _words(news, taken=not asked.look))
    return DONE


def _param(words: str) -> tuple[str, str, str]:
    name, sign, rest = words.partition("=")
    value, _, source = rest.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"“{words}”应写成 NAME=数=来源")
    return name.strip(), value, source


def _told(one: TaskFault) -> str:
    place = "·".join(
        part
        for part in (
            one.file or one.form,
            one.sheet,
            f"第{one.row}行" if one.row else "",
            one.column,
        )
        if part
    )
    return f"{place}：{one.found}。{one.remedy}。"


def _facts(news: PackNews) -> dict[str, Any]:
    forms = [
        {"form": one.form, "kind": one.kind, "added": one.added, "gone": one.gone, "changed": one.changed,
         "happens": one.happens}
        for one in news.forms
    ]  # fmt: skip
    said = {"period": news.period, "version": news.version, "before": news.before, "next_period": news.next_period}
    return {**said, "forms": forms, "lines": news.lines}


def _words(news: PackNews, *, taken: bool) -> str:
    lines = [f"{one.form} {one.title}：{one.words}{f'；{one.happens}' if one.happens else ''}" for one in news.forms]
    return "\n".join([*lines, *news.lines, f"{news.name}{'采用了' if taken else '还没有采用'}"])
