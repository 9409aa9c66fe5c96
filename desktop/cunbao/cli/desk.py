"""The village desk as commands. A password comes from CUNBAO_PASSWORD or is asked for, never as an argument."""

from __future__ import annotations

import argparse
import getpass
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cunbao.desks import checking, sending, settings, signing, start
from cunbao.desks.clock import system_clock
from cunbao.desks.views import Person
from cunbao.desks.village import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey.values import Cell, Edit

DONE, FINDINGS = 0, 1


def add_parser(commands: Any) -> None:
    _init(commands)
    for name, words, run in (
        ("check", "检查所有报表，列出问题", check),
        ("journal", "操作日志；--verify 核对有没有被改过", journal),
        ("backup", "写一份备份并核对", backup_now),
        ("rebuild", "由签名的对象重建索引和汇总用的表", rebuild),
        ("home", "各表到哪一步了", home),
    ):
        parser = _command(commands, name, words, run)
        if name == "journal":
            parser.add_argument("--verify", action="store_true")
        if name == "backup":
            parser.add_argument("--to", type=Path, help="第二处，例如 U 盘")
    fill_parser = _command(commands, "fill", "由 JSON 填一张表（格式同 form eval）", fill)
    fill_parser.add_argument("form")
    fill_parser.add_argument("--answers", type=Path, required=True)
    explain_parser = _command(commands, "explain", "给一条“需要说明”写说明", explain)
    explain_parser.add_argument("key", help="check 列出的编号")
    explain_parser.add_argument("text")
    sign_parser = _command(commands, "sign", "签所有待签名的报表", sign)
    sign_parser.add_argument("--form", action="append", help="只签这一张（可重复）")
    for box, word in (("head", "单位负责人"), ("stat-head", "统计负责人"), ("filler", "填表人"), ("phone", "联系电话")):
        sign_parser.add_argument(f"--{box}", help=word)
    send_parser = _command(commands, "send", "写报送包到 U 盘或文件夹", send)
    send_parser.add_argument("--to", type=Path, required=True)
    print_parser = _command(commands, "print", "把一张表写成 PDF", print_form)
    print_parser.add_argument("form")
    print_parser.add_argument("--out", type=Path, required=True)
    print_parser.add_argument("--kind", choices=("original", "copy", "draft", "blank"), default="copy")
    verify_parser = commands.add_parser("verify", help="验证一个文件：谁签的，有没有改过")
    verify_parser.add_argument("file", type=Path)
    verify_parser.add_argument("--root", type=Path, help="县级根证书（root.pem）")
    verify_parser.add_argument("--json", action="store_true")
    verify_parser.set_defaults(run=verify)


def _command(commands: Any, name: str, words: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.add_argument("folder", type=Path, help="资料所在的文件夹")
    parser.add_argument("--person", help="谁在操作；默认名单里第一个")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)
    return parser


def _init(commands: Any) -> None:
    parser = commands.add_parser("init", help="由任务包建立一个村的资料")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pack", type=Path, required=True, help=".cbtask 文件")
    parser.add_argument("--office", required=True, help="12 位单位代码")
    parser.add_argument("--person", required=True)
    parser.add_argument("--role", default="填报人")
    parser.add_argument("--root-code", required=True, help="通知上印的 24 位比对码")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=init)


def _password(who: str) -> str:
    return os.environ.get("CUNBAO_PASSWORD") or getpass.getpass(f"{who}的密码：")


def _open(asked: argparse.Namespace) -> tuple[VillageDesk, str]:
    view = start.unlock_view(asked.folder, system_clock())
    person = asked.person or view.people[0].name
    password = _password(person)
    return start.unlock(asked.folder, person, password), password


def _say(asked: argparse.Namespace, facts: Mapping[str, Any], text: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if asked.json else text)


def init(asked: argparse.Namespace) -> int:
    desk = start.begin(
        asked.folder,
        asked.pack.read_bytes(),
        office=asked.office,
        person=Person(asked.person, asked.role),
        password=_password(asked.person),
        root_code=asked.root_code,
    )
    _say(
        asked,
        {"office": asked.office, "forms": list(desk.task.forms)},
        f"{desk.directory.line}的资料建好了：{asked.folder}",
    )
    desk.close()
    return DONE


def home(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    lines = desk.home().forms
    facts = {
        "forms": [
            {"form": one.form, "state": one.state.value, "filled": one.filled, "asked": one.asked} for one in lines
        ]
    }
    _say(asked, facts, "\n".join(f"{one.form} {one.title} {one.filled}/{one.asked} {one.state.value}" for one in lines))
    desk.close()
    return DONE


def fill(asked: argparse.Namespace) -> int:
    """Answers as in `form eval`: names to texts or numbers, a repeat a list of objects (row_id keeps a row)."""
    desk, _ = _open(asked)
    form = desk.task.forms.get(asked.form)
    given = json.loads(asked.answers.read_text("utf-8"))
    repeats = {one.name: one for one in form.repeats} if form else {}
    unknown = [name for name in given if form is None or not (name in form.by_name or name in repeats)]
    if form is None or unknown:
        desk.close()
        raise DeskError(
            "fill.unknown",
            happened=f"{asked.form} 没有这些项：{'、'.join(unknown) or '这张表'}",
            safe="什么也没有写",
            todo="请对照表式里的名字改好再填",
        )
    edits: list[Edit] = []
    for name, value in given.items():
        if name in repeats:
            for row in value:
                values = {key: str(text) for key, text in row.items() if key != "row_id"}
                edits += desk.add_row(asked.form, name, values, row_id=row.get("row_id", "")).edits
        else:
            edits += desk.type(asked.form, Cell(name), "" if value is None else str(value)).edits
    desk.keep(asked.form, edits)
    left = desk.instance(asked.form).findings()
    _say(
        asked,
        {"edits": len(edits), "findings": [one.message for one in left]},
        f"写了 {len(edits)} 处，还有 {len(left)} 处问题",
    )
    desk.close()
    return FINDINGS if left else DONE


def check(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    view = checking.run(desk)
    facts = {
        "must_fix": view.must_fix,
        "to_explain": view.to_explain - view.explained,
        "findings": [
            {
                "key": card.finding.key,
                "check": card.finding.check,
                "severity": card.finding.severity.value,
                "form": card.finding.form,
                "path": card.path,
                "message": card.finding.message,
                "explained": card.explained,
            }
            for card in view.findings
        ],
    }
    lines = [
        f"{card.finding.severity.value}{'（已说明）' if card.explained else ''}  {card.path}：{card.finding.message}"
        f"  [{card.finding.key}]"
        for card in view.findings
    ]
    _say(asked, facts, "\n".join(lines) or "没有问题")
    desk.close()
    return DONE if view.may_sign else FINDINGS


def explain(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    found = {one.key: one for one in checking.findings(desk)}
    if asked.key not in found:
        desk.close()
        raise DeskError(
            "explain.unknown", happened=f"没有编号 {asked.key} 的问题", safe="什么也没有写", todo="先运行 check 看编号"
        )
    checking.explain(desk, found[asked.key], asked.text)
    _say(asked, {"explained": asked.key}, "说明写好了")
    desk.close()
    return DONE


def sign(asked: argparse.Namespace) -> int:
    from dataclasses import replace

    desk, password = _open(asked)
    boxes = {"head": asked.head, "stat_head": asked.stat_head, "filler": asked.filler, "phone": asked.phone}
    ret = replace(desk.ret(), **{name: text for name, text in boxes.items() if text is not None})
    prepared = signing.prepare(desk, asked.form, ret=ret)
    done = signing.sign(desk, prepared, password)
    facts = {"signed": [{"form": one.form, "revision": one.revision, "code": one.code} for one in done]}
    _say(asked, facts, "\n".join(f"{one.form} 已签名，验证码 {one.code}" for one in done) or "没有待签名的报表")
    desk.close()
    return DONE if done else FINDINGS


def send(asked: argparse.Namespace) -> int:
    desk, password = _open(asked)
    view = sending.write_bundle(desk, asked.to, password)
    facts = {"file": str(view.path), "sequence": view.sequence, "size": view.size, "check_code": view.check_code}
    _say(asked, facts, f"{view.path} 已写好，读回核对一致，核对码 {view.check_code}")
    desk.close()
    return DONE


def print_form(asked: argparse.Namespace) -> int:
    from cunbao.desks import media

    desk, _ = _open(asked)
    if asked.kind == "original":
        data = signing.original(desk, asked.form)
    elif asked.kind == "copy":
        data = signing.reading_copy(desk, asked.form).pdf
    elif asked.kind == "draft":
        data = signing.draft_pdf(desk, asked.form).pdf
    else:
        data = signing.blank(desk, asked.form).pdf
    media.write_file(asked.out, data, what="PDF")
    _say(asked, {"file": str(asked.out), "size": len(data)}, f"写好了：{asked.out}")
    desk.close()
    return DONE


def journal(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    entries = desk.workspace.journal_entries()
    verdict = desk.workspace.verify_journal() if asked.verify else None
    facts: dict[str, Any] = {"entries": [{"n": one.n, "act": one.act, "who": one.who} for one in entries]}
    lines = [f"{one.n} {one.at:%Y-%m-%d %H:%M} {one.who} {one.act}" for one in entries]
    if verdict is not None:
        facts["whole"] = verdict.good
        lines.append("日志完整" if verdict.good else f"第 {verdict.first_bad} 条起对不上")
    _say(asked, facts, "\n".join(lines))
    desk.close()
    return DONE if verdict is None or verdict.good else FINDINGS


def backup_now(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    report = settings.back_up(desk, asked.to)
    _say(asked, {"folder": str(report.path)}, f"备份写好并核对过：{report.path}")
    desk.close(backed_up=True)
    return DONE


def rebuild(asked: argparse.Namespace) -> int:
    desk, _ = _open(asked)
    desk.workspace.rebuild(lambda revision: desk.task.forms[revision.form])
    _say(asked, {"rebuilt": True}, "索引重建好了")
    desk.close()
    return DONE


def verify(asked: argparse.Namespace) -> int:
    """Who signed a file, and is it whole? Needs no workspace; without --root nobody can be vouched for."""
    from cunbao.desks import verifying

    verdict = verifying.verify_file(asked.file, asked.root)
    facts = {"kind": verdict.kind, "standing": verdict.standing, "reason": verdict.reason, "signer": verdict.signer}
    _say(
        asked,
        facts,
        "\n".join(part for part in (f"{verdict.kind}：{verdict.standing}", verdict.reason, verdict.signer) if part),
    )
    return DONE if verdict.good else FINDINGS
