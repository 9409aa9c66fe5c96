"""待发箱 as commands: `outbox` sets it up and looks at it, `sync` makes one pass. The box's password comes from
CUNBAO_BOX_PASSWORD or is asked for, never as an argument."""

from __future__ import annotations

import argparse
import getpass
import os
from dataclasses import replace
from typing import Any

from cunbao.cli.desk import DONE, FINDINGS, command, opened, say
from cunbao.cli.wrong import WrongUse
from cunbao.desks import offered, outbox, outboxview
from cunbao.desks.outbox import FOLDER, WEBDAV, Box
from cunbao.desks.sync import sync


def add_parser(commands: Any) -> None:
    one = command(commands, "outbox", "待发箱：设在哪里，还有什么没送到，来了什么", run_outbox)
    one.add_argument("--to", help="网盘地址 https://…（WebDAV），或者共享文件夹")
    one.add_argument("--user", help="网盘的用户名；密码放在环境变量 CUNBAO_BOX_PASSWORD，没有就问")
    one.add_argument("--pin", help="只认这一张服务器证书：它的 SHA-256 指纹；不填就看系统认不认")
    one.add_argument("--proxy", help="代理服务器 http://服务器:端口；system 照系统的设置")
    one.add_argument("--off", action="store_true", help="停用，等着送的留着")
    one.add_argument("--on", action="store_true", help="再启用")
    command(commands, "sync", "联网送一次、取一次；取来的只是放着，用 receive、take-receipt 等读入", run_sync)


def run_outbox(asked: argparse.Namespace) -> int:
    if asked.on and asked.off:
        raise WrongUse("outbox.both", "--on 和 --off 不能一起用", "请只用一个")
    with opened(asked) as (desk, _):
        if asked.to is not None or asked.user is not None or asked.pin is not None or asked.proxy is not None:
            outbox.set_up(desk, _box(asked, outbox.box_of(desk.workspace)))
        if asked.on or asked.off:
            outbox.switch(desk, asked.on)
        view = outboxview.outbox_view(desk)
    facts = {
        "to": view.place,
        "on": view.on,
        "trouble": view.trouble.code if view.trouble else "",
        "going": [
            {"file": one.file_name, "to": one.office, "state": one.state.value, "tries": one.tries, "why": one.why}
            for one in view.going
        ],
        "came": [{"file": str(one.path), "what": one.what} for one in view.came],
    }
    lines = [view.line, *(f"{one.word}  {one.file_name} → {one.office_name}  {one.why}" for one in view.going)]
    lines += [f"来了  {one.what}  {one.path}" for one in view.came]
    say(asked, facts, "\n".join(lines))
    return FINDINGS if view.open or view.trouble else DONE


def _box(asked: argparse.Namespace, before: Box | None) -> Box:
    """What is said, over what was set up before."""
    if asked.to is None and before is None:
        raise WrongUse("outbox.to", "还没有说送到哪里", "请加上 --to 地址或文件夹")
    box = before or Box(FOLDER, "")
    if asked.to is not None:
        kind = WEBDAV if "://" in asked.to else FOLDER
        box = replace(box, kind=kind, place=asked.to, on=True)
    said = {"user": asked.user, "pin": asked.pin, "proxy": asked.proxy}
    box = replace(box, **{name: text for name, text in said.items() if text is not None})
    if asked.user:
        secret = os.environ.get("CUNBAO_BOX_PASSWORD") or getpass.getpass(f"网盘用户 {asked.user} 的密码：")
        box = replace(box, password=secret)
    return box


def run_sync(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        done = sync(desk)
        came = offered.offers(desk)
    trouble = done.trouble
    facts = {
        "sent": done.sent,
        "fetched": done.fetched,
        "open": done.open,
        "trouble": {"code": trouble.code, "happened": trouble.happened, "todo": trouble.todo} if trouble else None,
        "came": [{"file": str(one.path), "what": one.what} for one in came],
    }
    lines = [f"送到 {done.sent} 个，取来 {done.fetched} 个，还有 {done.open} 个没送到"]
    lines += [f"{trouble.happened}。{trouble.todo}。"] if trouble else []
    lines += [f"{one.what}  {one.path}" for one in came]
    say(asked, facts, "\n".join(lines))
    return DONE if done.done else FINDINGS
