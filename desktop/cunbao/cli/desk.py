"""Filling, checking, signing and sending as commands: of a village, or of a township's own form. A password comes from
CUNBAO_PASSWORD or is asked for, never as an argument."""

from __future__ import annotations

import argparse
import getpass
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cunbao.cli.wrong import WrongUse, read_bytes, read_object
from cunbao.desks import doors, evidence, ledger, outbox, settings, start, witness
from cunbao.desks.township import supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.desks.village import checking, enrolment, retracting, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.form import Form, Repeat
from cunbao.survey.values import Cell, Edit

DONE, FINDINGS = 0, 1


def add_parser(commands: Any) -> None:
    _init(commands)
    command(commands, "home", "各表到哪一步了", home)
    command(commands, "check", "检查所有报表，列出问题", check)
    one = command(commands, "fill", "由 JSON 填一张表（格式同 form eval）", fill)
    one.add_argument("form")
    one.add_argument("--answers", type=Path, required=True)
    one = command(commands, "explain", "给一条“需要说明”写说明", explain)
    one.add_argument("key", help="check 列出的编号")
    one.add_argument("text")
    one = command(commands, "sign", "签所有待签名的报表", sign)
    one.add_argument("--form", action="append", help="只签这一张（可重复）")
    for box, word in (("head", "单位负责人"), ("stat-head", "统计负责人"), ("filler", "填表人"), ("phone", "联系电话")):
        one.add_argument(f"--{box}", help=word)
    command(commands, "unsign", "撤回签名（还没报送、没打印时）", unsign).add_argument("form")
    one = command(commands, "retract", "撤回报送（送出以后、乡镇通过以前）", retract)
    one.add_argument("form")
    one.add_argument("--reason", required=True, help="为什么撤回，乡镇看得到")
    command(commands, "correct", "开始更正一张已报送的报表", correct).add_argument("form")
    one = command(commands, "evidence", "把盖章的扫描件或照片附在已签名的报表旁", attach)
    one.add_argument("form")
    one.add_argument("file", type=Path)
    to(command(commands, "send", "写报送包到 U 盘或文件夹", send))
    one = command(commands, "request", "写证书申请（.cbreq），交给乡镇", request)
    one.add_argument("--out", type=Path, required=True, help="写到哪个文件夹")
    one = command(commands, "take-certificate", "读入乡镇给的证书（.cbcert）", take_certificate)
    one.add_argument("file", type=Path)
    one = command(commands, "journal", "操作日志；--verify 核对有没有被改过", journal)
    one.add_argument("--verify", action="store_true")
    command(commands, "backup", "写一份备份并核对", backup_now).add_argument(
        "--to", type=Path, help="第二处，例如 U 盘"
    )
    command(commands, "rebuild", "由签名的对象重建索引和汇总用的表", rebuild)


def command(commands: Any, name: str, words: str, run: Any, *, folder: bool = True) -> argparse.ArgumentParser:
    """folder: False where a command says by itself what it works on."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    if folder:
        parser.add_argument("folder", type=Path, help="资料所在的文件夹")
    parser.add_argument("--person", help="谁在操作；默认上次打开的人")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)
    return parser


def _init(commands: Any) -> None:
    parser = commands.add_parser("init", help="由任务包建一个村的资料；--township 建乡镇的，--county 建县的")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--county", action="store_true", help="建县级资料和根钥匙，不要任务包")
    parser.add_argument("--township", action="store_true", help="建乡镇资料，不要任务包；证书以后向县里申请")
    parser.add_argument("--pack", type=Path, help=".cbtask 文件")
    parser.add_argument("--office", required=True, help="12 位单位代码")
    parser.add_argument("--name", help="县、乡镇：单位全称，默认某某县民政局、某某镇人民政府")
    parser.add_argument("--person", required=True)
    parser.add_argument("--role", default="填报人")
    parser.add_argument("--root-code", help="通知上印的 24 位比对码")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=init)


def to(parser: argparse.ArgumentParser) -> None:
    """Where to write; without it, to the outbox alone."""
    parser.add_argument("--to", type=Path, help="写到哪个文件夹；设了待发箱的可以不写，只经网络送")


def place(asked: argparse.Namespace, desk: Any) -> Path:
    """What `--to` says, else the outbox. DeskError "outbox.none"."""
    return asked.to if asked.to is not None else outbox.going_folder(desk)


def ask_password(who: str) -> str:
    return os.environ.get("CUNBAO_PASSWORD") or getpass.getpass(f"{who}的密码：")


@contextmanager
def opened(asked: argparse.Namespace, *kinds: type) -> Iterator[tuple[Any, str]]:
    """The desk of whatever kind the folder holds, for as long as the command runs, closed in order whatever comes of
    it; and the password. WrongUse "desk.kind" when it is none of `kinds`."""
    person = asked.person or start.unlock_view(asked.folder, asked.clock()).people[0].name
    password = ask_password(person)
    desk = doors.unlock(asked.folder, person, password, clock=asked.clock)
    try:
        if kinds and not isinstance(desk, kinds):
            raise WrongUse("desk.kind", "这个文件夹不是这个命令要的那一级的资料", "请核对文件夹")
        yield desk, password
    finally:
        desk.close()


@contextmanager
def _opened(asked: argparse.Namespace) -> Iterator[tuple[VillageDesk, str]]:
    """A village's desk, as `opened`."""
    with opened(asked, VillageDesk) as (desk, password):
        yield desk, password


@contextmanager
def _filling(asked: argparse.Namespace) -> Iterator[tuple[VillageDesk, str]]:
    """The desk at which the office's own forms are filled: a village's, or what a township has for its own."""
    with opened(asked, VillageDesk, TownshipDesk) as (desk, password):
        yield supplement.asked(desk) if isinstance(desk, TownshipDesk) else desk, password


def say(asked: argparse.Namespace, facts: Mapping[str, Any], text: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if asked.json else text)


def _form(desk: VillageDesk, name: str) -> Form:
    if name not in desk.task.forms:
        raise WrongUse("form.unknown", f"没有 {name} 这张表", f"表有：{'、'.join(desk.task.forms)}")
    return desk.task.forms[name]


# --- the commands ----------------------------------------------------------------------------------------------------


def init(asked: argparse.Namespace) -> int:
    if asked.county:
        from cunbao.cli.task import init_county

        return init_county(asked)
    if asked.township:
        from cunbao.cli.township import init_township

        return init_township(asked)
    if asked.pack is None or not asked.root_code:
        todo = "请加上 --pack 和 --root-code；建乡镇、县级资料用 --township、--county"
        raise WrongUse("init.pack", "建村级资料要有任务包和比对码", todo)
    desk = start.begin(
        asked.folder,
        read_bytes(asked.pack),
        office=asked.office,
        person=Person(asked.person, asked.role),
        password=ask_password(asked.person),
        root_code=asked.root_code,
        clock=asked.clock,
    )
    facts = {"office": asked.office, "forms": list(desk.task.forms)}
    say(asked, facts, f"{desk.directory.line}的资料建好了：{asked.folder}")
    desk.close()
    return DONE


def home(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
        lines = desk.home().forms
    facts = {
        "forms": [
            {"form": one.form, "state": one.state.value, "filled": one.filled, "asked": one.asked} for one in lines
        ]
    }
    say(asked, facts, "\n".join(f"{one.form} {one.title} {one.filled}/{one.asked} {one.state.value}" for one in lines))
    return DONE


def fill(asked: argparse.Namespace) -> int:
    """Answers as in `form eval`: names to texts or numbers, a repeat a list of objects. A row with the row_id of one
    that is there is changed, any other is added. All of it is one undo step."""
    given = read_object(asked.answers)
    with _filling(asked) as (desk, _):
        form = _form(desk, asked.form)
        unknown = _unknown_names(form, given)
        if unknown:
            raise WrongUse(
                "fill.unknown", f"{asked.form} 没有这些项：{'、'.join(unknown)}", "请对照表式里的名字改好再填"
            )
        edits: list[Edit] = []
        for name, value in given.items():
            if name in form.by_name:
                edits += desk.type(form.id, Cell(name), _text(value)).edits
            else:
                edits += _rows(desk, form.id, form.repeat(name), value)
        desk.keep(form.id, edits)
        left = desk.instance(form.id).findings()
    facts = {"edits": len(edits), "findings": [one.message for one in left]}
    say(asked, facts, f"写了 {len(edits)} 处，还有 {len(left)} 处问题")
    return FINDINGS if left else DONE


def _unknown_names(form: Form, given: Mapping[str, Any]) -> list[str]:
    unknown = []
    repeats = {one.name: one for one in form.repeats}
    for name, value in given.items():
        if name in repeats:
            columns = {one.name for one in repeats[name].fields} | {"row_id"}
            if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
                unknown.append(f"{name}（应是一行一个对象的列表）")
            else:
                unknown += sorted({f"{name}/{key}" for row in value for key in row if key not in columns})
        elif name not in form.by_name or form.by_name[name].repeat:
            unknown.append(name)
    return unknown


def _rows(desk: VillageDesk, form: str, repeat: Repeat, rows: list[dict[str, Any]]) -> list[Edit]:
    edits: list[Edit] = []
    for row in rows:
        values = {key: _text(value) for key, value in row.items() if key != "row_id"}
        row_id = _text(row.get("row_id"))
        if row_id and row_id in desk.instance(form).rows(repeat.name):
            for name, text in values.items():
                edits += desk.type(form, Cell(name, row_id), text).edits
        else:
            edits += desk.add_row(form, repeat.name, values, row_id=row_id).edits
    return edits


def _text(value: Any) -> str:
    """What JSON holds, as it would be typed: a list is the codes of a select_multiple, null is empty."""
    if isinstance(value, list):
        return " ".join(_text(one) for one in value)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def check(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
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
    say(asked, facts, "\n".join(lines) or "没有问题")
    return DONE if view.may_sign else FINDINGS


def explain(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
        found = {one.key: one for one in checking.findings(desk)}
        if asked.key not in found:
            raise WrongUse("explain.unknown", f"没有编号 {asked.key} 的问题", "先运行 check 看编号")
        checking.explain(desk, found[asked.key], asked.text)
        checking.run(desk)
    say(asked, {"explained": asked.key}, "说明写好了")
    return DONE


def sign(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, password):
        for form in asked.form or ():
            _form(desk, form)
        boxes = {"head": asked.head, "stat_head": asked.stat_head, "filler": asked.filler, "phone": asked.phone}
        ret = replace(desk.ret(), **{name: text for name, text in boxes.items() if text is not None})
        done = signing.sign(desk, signing.prepare(desk, asked.form, ret=ret), password)
    facts = {"signed": [{"form": one.form, "revision": one.revision, "code": one.code} for one in done]}
    say(asked, facts, "\n".join(f"{one.form} 已签名，验证码 {one.code}" for one in done) or "没有待签名的报表")
    return DONE if done else FINDINGS


def unsign(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
        signing.unsign(desk, _form(desk, asked.form).id)
    say(asked, {"unsigned": asked.form}, f"{asked.form} 的签名撤回了，留了作废记录")
    return DONE


def retract(asked: argparse.Namespace) -> int:
    with _opened(asked) as (desk, password):
        form = _form(desk, asked.form).id
        made = retracting.retract(desk, form, asked.reason, password)
        state = desk.state(form).value
    facts = {"form": form, "decision": made.id, "revision": made.revision, "state": state}
    say(asked, facts, f"{form} 的报送撤回了，可以接着改；要报送出去，乡镇才知道")
    return DONE


def correct(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
        signing.begin_correction(desk, _form(desk, asked.form).id)
        state = desk.state(asked.form)
    say(asked, {"form": asked.form, "state": state.value}, f"{asked.form} 可以改了，改好后再检查、签名、报送")
    return DONE


def attach(asked: argparse.Namespace) -> int:
    with _filling(asked) as (desk, _):
        kept = evidence.attach(desk, _form(desk, asked.form).id, asked.file)
        size = len(desk.workspace.object(kept.content))
    facts = {"evidence": kept.id, "content": kept.content, "size": size}
    say(asked, facts, f"{kept.name} 附在 {asked.form} 旁边了，下次报送一起带走")
    return DONE


def send(asked: argparse.Namespace) -> int:
    with _opened(asked) as (desk, password):
        view = sending.write_bundle(desk, place(asked, desk), password)
    written = [(view.path.with_name(one.file_name), one) for one in view.files]
    facts = {
        "file": str(view.path),
        "sequence": view.sequence,
        "size": view.size,
        "check_code": view.check_code,
        "files": [{"file": str(path), "sequence": one.sequence, "check_code": one.check_code} for path, one in written],
    }
    say(asked, facts, "\n".join(f"{path} 已写好，读回核对一致，核对码 {one.check_code}" for path, one in written))
    return DONE


def request(asked: argparse.Namespace) -> int:
    with _opened(asked) as (desk, _):
        written = enrolment.write_request(desk, asked.out)
    words = f"{written.path}\n核对码 {written.code}，念给乡镇听，对上了才核准"
    say(asked, {"file": str(written.path), "code": written.code}, words)
    return DONE


def take_certificate(asked: argparse.Namespace) -> int:
    with _opened(asked) as (desk, _):
        fresh = enrolment.take_certificate(desk, asked.file)
        waiting = len(enrolment.signed_before(desk))
    again = f"；登记前签的 {waiting} 张下次输密码时自动补签" if waiting else ""
    say(asked, {"certificate": fresh.certificate_no, "to_sign_again": waiting}, f"{fresh.line}{again}")
    return DONE


def journal(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        entries = desk.workspace.journal_entries()
        checked = witness.verify(desk.workspace) if asked.verify else None
    facts: dict[str, Any] = {
        "entries": [{"n": one.n, "at": one.at.isoformat(), "act": one.act, "who": one.who} for one in entries]
    }
    lines = [f"{one.n} {one.at:%Y-%m-%d %H:%M} {one.who} {one.act}" for one in entries]
    if checked is not None:
        facts |= {
            "whole": checked.good,
            "first_bad": checked.first_bad,
            "witnessed": checked.witnessed,
            "alone": checked.alone,
            "contradicted": list(checked.contradicted),
        }
        lines += checked.words
    say(asked, facts, "\n".join(lines))
    return DONE if checked is None or checked.good else FINDINGS


def backup_now(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        report = settings.back_up(desk, asked.to)
        desk.close(backed_up=True)
    say(asked, {"folder": str(report.path)}, f"备份写好并核对过：{report.path}")
    return DONE


def rebuild(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        ledger.rebuild(desk.workspace, desk.task)
    say(asked, {"rebuilt": True}, "索引重建好了")
    return DONE
