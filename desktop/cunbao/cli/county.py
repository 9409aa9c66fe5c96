"""The county desk as commands: closing, 不计入, what it answers to townships, and what follows when one lost its keys.

A password as in `desk`. Each is one call into `desks.county`; a further act is a further function and its line below.
"""

from __future__ import annotations

import argparse
from typing import Any

from cunbao.cli.desk import DONE, command, opened, place, say, to
from cunbao.desks.county import answers, closing, exempting, keys
from cunbao.desks.county.desk import CountyDesk


def add_parser(commands: Any) -> None:
    one = command(commands, "close", "县：封账，以后来的算补报", close)
    one.add_argument("--reason", default="", help="一句话，乡镇和村里看得到")
    one = command(commands, "reopen", "县：撤回封账", reopen)
    one.add_argument("--reason", required=True)
    one = command(commands, "exempt", "县：一个单位不计入一个指标；--take-back 恢复计入", exempt)
    one.add_argument("office", help="12 位单位代码")
    one.add_argument("indicator", help="指标编号，如 003-04")
    one.add_argument("--reason", required=True, help="一句话，乡镇和村里看得到")
    one.add_argument("--take-back", action="store_true", help="恢复计入")
    command(commands, "exemptions", "县：本期哪些单位不计入哪些指标", exemptions)
    _to_township(commands, "answer", "县：给一个乡镇写回执", answer)
    _to_township(commands, "restore-township", "县：全部还原，把一个乡镇的所有内容写给它", restore_township)
    one = command(commands, "revoke-township", "县：乡镇的电脑丢了，吊销它的证书", revoke_township)
    one.add_argument("office", help="乡镇的 12 位代码")
    one.add_argument("--reason", required=True)
    one.add_argument("--honour", action="append", metavar="编号", help="还认哪一把钥匙（可重复）；默认县里知道的都认")


def _to_township(commands: Any, name: str, words: str, run: Any) -> None:
    one = command(commands, name, words, run)
    one.add_argument("office", help="乡镇的 12 位代码")
    to(one)


def close(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        made, period = answers.close_period(desk, asked.reason), desk.task.period
        closed = closing.at_closing(desk.workspace, period)
        named = len(closed.closing) if closed is not None else 0
    say(asked, {"decision": made.id, "period": period, "returns": named}, f"{period} 封账了，计入 {named} 张表")
    return DONE


def reopen(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        made = answers.reopen_period(desk, asked.reason)
        period = desk.task.period
    say(asked, {"decision": made.id, "period": period}, f"{period} 的封账撤回了")
    return DONE


def exempt(asked: argparse.Namespace) -> int:
    act, done = (exempting.take_back, "恢复计入") if asked.take_back else (exempting.exempt, "不计入")
    with opened(asked, CountyDesk) as (desk, _):
        made = act(desk, asked.office, asked.indicator, asked.reason)
    say(asked, {"decision": made.id}, f"{asked.office} {done} {asked.indicator}，随下一份回执告诉乡镇")
    return DONE


def exemptions(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        found = exempting.exemptions(desk)
    facts = [
        {"office": one.office, "indicator": one.indicator, "reason": one.reason, "by": one.said.person} for one in found
    ]
    text = "\n".join(f"{one.indicator}\t{one.office}\t{one.reason}\t{one.said.person}" for one in found)
    say(asked, {"exemptions": facts}, text or "没有不计入的单位")
    return DONE


def answer(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        path = answers.write_answer(desk, asked.office, place(asked, desk))
    say(asked, {"file": str(path)}, f"回执写好并读回：{path}")
    return DONE


def restore_township(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        files = answers.write_everything(desk, asked.office, place(asked, desk))
        away = desk.workspace.moved_out()
    names = "、".join(one.name for one in files)
    left = "".join(f"\n{one.period} 年度已移出，不在里面；要还原它，先从 {one.file_name} 移回" for one in away)
    facts = {"files": [str(one) for one in files], "moved_out": [one.period for one in away]}
    say(asked, facts, f"全部还原写好并读回，共 {len(files)} 个文件：{names}{left}")
    return DONE


def revoke_township(asked: argparse.Namespace) -> int:
    with opened(asked, CountyDesk) as (desk, _):
        honoured = tuple(asked.honour or keys.certified_by(desk, asked.office))
        made = keys.revoke_township(desk, asked.office, asked.reason, honoured=honoured)
    facts = {"decisions": [one.id for one in made], "honoured": list(honoured)}
    say(asked, facts, f"{asked.office} 的证书吊销了；它核准过的钥匙还认 {len(honoured)} 把")
    return DONE
