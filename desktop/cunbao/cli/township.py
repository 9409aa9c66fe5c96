"""The township desk as commands, and those that any desk answers: receive, state. A password as in `desk`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cunbao.cli.desk import DONE, FINDINGS, ask_password, command, opened, place, say, to
from cunbao.cli.wrong import WrongUse, read_bytes
from cunbao.desks import digest, receiving
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import board, certified, deciding, forwarding, rebirth, receipts, registry
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import Person
from cunbao.survey.decision import Comment
from cunbao.survey.values import Cell

ACTS = ("accept", "return", "choose", "withdraw", "waive", "paper")


def add_parser(commands: Any) -> None:
    one = command(commands, "take-task", "乡镇：导入县里发的任务包（.cbtask）", take_task)
    one.add_argument("pack", type=Path)
    one = command(commands, "receive", "乡镇、县：接收报送包（文件或文件夹）", receive)
    one.add_argument("files", type=Path, nargs="+")
    command(commands, "board", "乡镇：各村各表到哪一步了", show_board)
    one = command(commands, "decide", "乡镇、县：通过、退回、选定、撤回、免说明、纸质已收", decide)
    one.add_argument("office", help="12 位单位代码")
    one.add_argument("form")
    one.add_argument("act", choices=ACTS)
    one.add_argument("--comment", action="append", default=[], metavar="格=意见", help="格写 字段 或 字段:行编号")
    one.add_argument("--reason", default="")
    one.add_argument("--revision", default="", help="选定哪一份（choose）")
    one.add_argument("--key", default="", help="免哪一条说明（waive）")
    command(commands, "requests", "乡镇：等核准的电脑和已发的证书", requests)
    one = command(commands, "approve", "乡镇：核准一台电脑", approve)
    one.add_argument("key", help="requests 列出的编号，或 .cbreq 文件")
    one.add_argument("--code", required=True, help="对方念的 24 位数字")
    one = command(commands, "restore-village", "乡镇：全部还原，把内容全写给丢了电脑的村", restore_village)
    one.add_argument("key", help="requests 列出的编号，或 .cbreq 文件；--again 时写村的 12 位代码")
    one.add_argument("--code", default="", help="对方念的 24 位数字")
    one.add_argument("--reason", default="", help="为什么还原")
    one.add_argument("--brought-by", default="", metavar="姓名", help="还原申请单是谁送来的")
    one.add_argument("--second", default="", metavar="姓名", help="同意的另一位审核员，或县民政局")
    one.add_argument("--sealed", action="store_true", help="有盖章的还原申请单")
    which = one.add_mutually_exclusive_group()
    which.add_argument("--lost", action="append", metavar="电脑", help="丢了的电脑，吊销它的证书（可重复）")
    which.add_argument("--alive", action="store_true", help="原来的电脑还在用，一台也不吊销")
    which.add_argument("--again", action="store_true", help="核准过了，U 盘没写成或丢了：只把还原回执再写一次")
    to(one)
    command(commands, "certify-again", "乡镇：换了证书以后，给县里还认的电脑重新发证书", certify_again)
    one = command(commands, "receipt", "乡镇：写回执", receipt)
    to(one)
    one.add_argument("--office", action="append", help="只写这个村的（可重复）；默认有新内容的都写")
    one = command(commands, "forward", "乡镇：做成报县包", forward)
    to(one)
    one.add_argument("--include-received", action="store_true", help="连已接收、未审核的一起")
    one = command(commands, "chase", "乡镇：谁还没报齐；可写成 Excel", chase)
    one.add_argument("--xlsx", type=Path)
    one = command(commands, "total", "乡镇：汇总表，写成 Excel", total)
    one.add_argument("--xlsx", type=Path, required=True)
    one.add_argument("--include-received", action="store_true", help="含未审核")
    one = command(commands, "take-receipt", "村：读入乡镇的回执", take_receipt)
    one.add_argument("file", type=Path)
    command(commands, "state", "状态摘要：两台电脑的摘要一样，看到的就一样", state)


def init_township(asked: argparse.Namespace) -> int:
    """`init --township DIR`: a township's workspace, which waits for the county's certificates."""
    from cunbao.desks.township import beginning

    desk = beginning.begin(
        asked.folder,
        asked.office,
        person=Person(asked.person, beginning.ROLE if asked.role == "填报人" else asked.role),
        password=ask_password(asked.person),
        name=asked.name or "",
        clock=asked.clock,
    )
    words = f"{desk.office.name}的资料建好了：{asked.folder}\n接着向县里申请证书，领到以后读入任务包。"
    say(asked, {"office": desk.office.code, "name": desk.office.name}, words)
    desk.close()
    return DONE


def take_task(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, _):
        task = township.take_task(desk, read_bytes(asked.pack))
        say(asked, {"task": task.id, "villages": [one.code for one in desk.villages]}, f"任务包导入好了：{task.title}")
    return DONE


def receive(asked: argparse.Namespace) -> int:
    """Exit 1 when a file was not taken: the others were."""
    with opened(asked, TownshipDesk, CountyDesk) as (desk, _):
        seen = receiving.receive(desk, asked.files)
    lines = [
        {
            **asdict(one),
            "check_code": one.check_code,
            "result": one.result.name,
            "at": one.at.isoformat() if one.at else "",
        }
        for one in seen.lines
    ]
    text = "\n".join(f"{one.label}\t{one.file_name}\t{one.read}；{one.todo}" for one in seen.lines)
    say(
        asked, {"taken": seen.taken, "known": seen.known, "refused": seen.refused, "lines": lines}, text or "没有报送包"
    )
    return FINDINGS if seen.refused else DONE


def show_board(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, _):
        seen = board.board(desk)
    rows = [
        {
            "office": row.office,
            "name": row.name,
            "states": {cell.form: cell.state.value for cell in row.cells},
            "marks": {cell.form: list(cell.marks) for cell in row.cells if cell.marks},
            "remark": row.remark,
        }
        for row in seen.rows
    ]
    text = "\n".join(
        f"{row.name}\t" + "\t".join(f"{cell.form} {cell.state.value}" for cell in row.cells) + f"\t{row.remark}"
        for row in seen.rows
    )
    counts = {state.value: count for state, count in seen.counts.items()}
    say(asked, {"rows": rows, "counts": counts, "total": seen.total}, text)
    return DONE


def decide(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk, CountyDesk) as (desk, _):
        office, form = asked.office, asked.form
        if form not in desk.task.forms:
            raise WrongUse("form.unknown", f"没有 {form} 这张表", f"表有：{'、'.join(desk.task.forms)}")
        if isinstance(desk, CountyDesk):
            _decide_at_county(desk, asked)
        else:
            desk.village(office)
            _decide_at_township(desk, asked)
        stands = desk.workspace.standing(office, form, desk.task.period)
        held = desk.workspace.office(office)
    name = held.short if held is not None else office
    say(asked, {"office": office, "form": form, "state": stands.state.value}, f"{name} {form}：{stands.state.value}")
    return DONE


def _decide_at_township(desk: TownshipDesk, asked: argparse.Namespace) -> None:
    from cunbao.desks.township import reviewing

    if asked.act == "choose":
        deciding.choose(desk, asked.office, asked.form, asked.revision)
    else:
        _settle(reviewing, desk, asked)


def _decide_at_county(desk: CountyDesk, asked: argparse.Namespace) -> None:
    from cunbao.desks.county import reviewing

    if asked.act == "choose":
        reviewing.choose(desk, asked.office, asked.form, asked.revision)
    else:
        _settle(reviewing, desk, asked)


def _settle(reviewing: Any, desk: Any, asked: argparse.Namespace) -> None:
    """通过, 退回, 撤回, 免说明 or 纸质已收, by the use cases of either desk."""
    office, form = asked.office, asked.form
    if asked.act == "accept":
        reviewing.accept(desk, office, form)
    elif asked.act == "waive":
        reviewing.waive(desk, office, form, asked.key, asked.reason)
    elif asked.act == "paper":
        reviewing.mark_paper(desk, office, form)
    elif asked.act == "withdraw":
        reviewing.withdraw(desk, office, form, asked.reason)
    else:
        for text in asked.comment:
            said = _comment(text)
            reviewing.comment(desk, office, form, said.cell, said.text)
        reviewing.send_back(desk, office, form)


def _comment(text: str) -> Comment:
    """字段[:行]=意见."""
    place, equals, said = text.partition("=")
    if not equals or not said.strip():
        raise WrongUse("comment.form", f"意见“{text}”写得不对", "请写成 字段=意见 或 字段:行编号=意见")
    field, _, row = place.partition(":")
    return Comment(Cell(field, row), said.strip())


def requests(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, _):
        seen = registry.enrol_view(desk)
    facts = {
        "requests": [asdict(one) for one in seen.requests],
        "certificates": [{**asdict(one), "until": one.until.isoformat()} for one in seen.certificates],
    }
    lines = [f"等核准\t{one.name}\t{one.device}\t{one.person}\t{one.sha256}" for one in seen.requests]
    lines += [
        f"证书\t{one.name}\t{one.device}\t{one.until:%Y-%m-%d}\t{one.words}\t{one.key}" for one in seen.certificates
    ]
    say(asked, facts, "\n".join(lines) or "没有等核准的电脑，也没有发过证书")
    return DONE


def approve(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, password):
        key = _request_key(desk, asked.key)
        taken = registry.approve(desk, key, asked.code, password)
    say(asked, {"key": key, "taken": list(taken)}, f"核准好了，证书随下一份回执去；收下等着的文件 {len(taken)} 个")
    return DONE


def restore_village(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, password):
        if asked.again:
            done = rebirth.write_again(desk, asked.key, place(asked, desk))
        else:
            key = _request_key(desk, asked.key)
            slip = rebirth.Slip(asked.reason, asked.brought_by, asked.sealed, asked.second)
            lost = _lost(asked, rebirth.lost_ones(desk, registry.office_of_request(desk, key)))
            done = rebirth.restore(desk, key, asked.code, slip, lost, place(asked, desk), password)
        name = desk.village(done.office).short
    files = [str(one) for one in done.files]
    facts = {"office": done.office, "files": files, "taken": list(done.taken)}
    say(asked, facts, f"{name}的还原回执写好并读回：{'、'.join(files)}\n请村里在新电脑上读入它；没签名的草稿要重新填")
    return DONE


def _lost(asked: argparse.Namespace, known: Sequence[rebirth.Lost]) -> list[str]:
    """Keys of the computers that `--lost` names by key or by device. WrongUse when it is not said which."""
    named = "、".join(f"{one.device}（{one.key}）" for one in known)
    if known and not asked.lost and not asked.alive:
        raise WrongUse("restore.which", "没有说哪一台电脑丢了", f"请写 --lost 加电脑，或写 --alive；登记过的有 {named}")
    found = []
    for said in asked.lost or ():
        fits = [one.key for one in known if said in (one.key, one.device)]
        if len(fits) != 1:
            raise WrongUse("restore.which", f"分不清“{said}”是哪一台", f"请照编号写；登记过的有 {named or '0 台'}")
        found += fits
    return found


def _request_key(desk: TownshipDesk, said: str) -> str:
    """A request by its number, or by its file, which is read in first."""
    return registry.add_request(desk, Path(said)).sha256 if Path(said).suffix == ".cbreq" else said


def certify_again(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, password):
        done = certified.certify_again(desk, password)
    say(asked, {"computers": done}, f"重新发了 {done} 台电脑的证书，随下一份回执去" if done else "没有要重新发的证书")
    return DONE


def receipt(asked: argparse.Namespace) -> int:
    """Exit 1 when one could not be written: the others were."""
    from cunbao.desks.township import receipt_words

    with opened(asked, TownshipDesk) as (desk, _):
        offices: Sequence[str] = asked.office or [
            one.office for one in receipt_words.receipts_view(desk).lines if one.ticked
        ]
        written = receipts.write_receipts(desk, place(asked, desk), offices)
    facts = [{"office": one.office, "file": str(one.path), "ok": one.ok, "trouble": one.trouble} for one in written]
    text = "\n".join(f"{one.name}\t{one.path if one.ok else one.trouble}" for one in written)
    say(asked, {"receipts": facts}, text or "没有要告诉村里的新内容")
    return DONE if all(one.ok for one in written) else FINDINGS


def forward(asked: argparse.Namespace) -> int:
    with opened(asked, TownshipDesk) as (desk, _):
        sent = forwarding.write_forward(desk, place(asked, desk), include_received=asked.include_received)
    files = [str(sent.path.with_name(one.file_name)) for one in sent.files]
    say(
        asked,
        {"file": str(sent.path), "sequence": sent.sequence, "returns": sent.forms, "files": files},
        f"报县包写好并读回：{'、'.join(files)}",
    )
    return DONE


def chase(asked: argparse.Namespace) -> int:
    from cunbao.desks.township import chasing

    with opened(asked, TownshipDesk) as (desk, _):
        seen = chasing.chase_view(desk)
        if asked.xlsx:
            chasing.export_xlsx(desk, asked.xlsx)
    lines = [{"office": one.office, "name": one.name, "owes": one.owes, "what": one.what} for one in seen.lines]
    text = "\n".join(f"{one.name}\t还差 {one.owes} 张\t{one.what}\t{one.contact} {one.phone}" for one in seen.lines)
    say(asked, {"owes": seen.owes, "complete": seen.complete, "lines": lines}, text or "都报齐了")
    return DONE


def total(asked: argparse.Namespace) -> int:
    from cunbao.desks.township.totals_export import export_xlsx

    with opened(asked, TownshipDesk) as (desk, _):
        received = board.received_answers(desk) if asked.include_received else None
        written = export_xlsx(desk, asked.xlsx, states=board.state_words(desk), received=received)
    say(asked, {"file": str(asked.xlsx)}, f"汇总表写好了：{written.path}")
    return DONE


def take_receipt(asked: argparse.Namespace) -> int:
    from cunbao.desks.village import replies
    from cunbao.desks.village.desk import VillageDesk

    with opened(asked, VillageDesk) as (desk, _):
        taken = replies.take_receipt(desk, asked.file)
    say(asked, asdict(taken), taken.words)
    return DONE


def state(asked: argparse.Namespace) -> int:
    with opened(asked) as (desk, _):
        found = digest.state_digest(desk.workspace, desk.task)
    facts = {
        "periods": {
            one.period: {"objects": one.objects, "state": one.state, **({"moved": one.moved} if one.moved else {})}
            for one in found.periods
        },
        "whole": found.whole,
    }
    lines = [
        f"{one.period}\tobjects {one.objects}\tstate {one.state}" + (f"\t已移出，在 {one.moved}" if one.moved else "")
        for one in found.periods
    ]
    say(asked, facts, "\n".join([*lines, found.whole]))
    return DONE
