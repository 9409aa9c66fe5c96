"""回执 at the village: a receipt is read, verified and taken whole; then what the township said stands at the cells.

Certificates for this computer, decisions, acknowledgements, versions of the office's other computer, proposals and the
notice come in one file and one transaction. Nothing is changed in a draft but where nobody has typed (protocol §5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import closed, devices, ledger, media, restored, sequences, taking, witness
from cunbao.desks.clock import LOCAL
from cunbao.desks.views import CommentLine, Differing, FormLine, Letter, OtherVersion, ReceiptTaken, ReceiptView
from cunbao.desks.village import acknowledged, basis, lineage, opinions, retracting, superiors
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError, ExchangeError
from cunbao.store import Arrival, DecisionRecord
from cunbao.survey.compare import Change, ChangeKind, changes
from cunbao.survey.decision import Act
from cunbao.survey.people import mask
from cunbao.survey.revision import read_answers
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Answers

if TYPE_CHECKING:
    from cunbao.exchange import Package
    from cunbao.exchange.content import CarriedProposal, Content
    from cunbao.exchange.notes import Notice

TAKEN = "TAKEN"
NOTICE = "receipt/notice"  # setting: {period: object id}
NOTICE_NUMBER = "receipt/notice_number"  # setting: {period: [epoch, number of the receipt that brought it]}
SENT_BACK = 5  # the step of the bar that a return sent back stands at: 接收


# --- taken -----------------------------------------------------------------------------------------------------------


def take_receipt(desk: VillageDesk, path: Path) -> ReceiptTaken:
    """Read a receipt and take all of it. ExchangeError "package.…"; DeskError "file.unreadable", "receipt.other"
    (not of our superior), "receipt.task". After an error nothing has changed."""
    from cunbao.exchange.content import read_content
    from cunbao.exchange.limits import PACKAGE
    from cunbao.exchange.package import package_id

    name = media.shown_name(path)
    try:
        size, data = media.read_whole(path, PACKAGE.file)
        if size > PACKAGE.file:
            raise OSError(f"{size} bytes")
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{name}”读不出来，或不是回执包",
            safe="原来的内容没有改动",
            todo="请看 U 盘插好了没有，选乡镇给的回执文件再试",
            detail=str(trouble),
        ) from trouble
    if desk.workspace.arrival(package_id(data), [TAKEN]) is not None:
        restored.answered(desk, restored.READ)
        return ReceiptTaken(True, (), (), False, (), (), 0, "这份回执先前已经读过，没有新内容")
    package = _read(desk, data)
    content = read_content(package)
    taking.refuse_other_forms(desk.task, content)
    _refuse_others_returns(desk, content)
    return _take(desk, package, content, name)


def _read(desk: VillageDesk, data: bytes) -> Package:
    """The package, from our own township's or county's desk, under the root trusted here."""
    from cunbao.exchange import PackageKind, read_package
    from cunbao.trust.certs import CertRole

    own, judge = devices.device(desk.workspace), ledger.judge_of(desk.workspace)
    package = read_package(
        data,
        own.readers,
        desk.roots(),
        us=(desk.office.code,),
        certificates=(desk.township_certificates()[0], *judge.authorities),
        revocations=judge.revocations,
    )
    superiors = {
        desk.directory.township.code: CertRole.TOWNSHIP_DESK,
        desk.directory.county.code: CertRole.COUNTY_DESK,
    }
    manifest, verdict = package.manifest, package.verdict
    if manifest.office == desk.office.code:
        raise _other("这是本村自己写的报送包，不是回执")
    if manifest.office not in superiors or manifest.kind is not PackageKind.RECEIPT:
        raise _other(f"这个文件是{manifest.office}写的，不是本村上级给的回执")
    if desk.office.code not in manifest.to:
        raise _other(f"这份回执是给{'、'.join(manifest.to[:3])}的，不是给本村的")
    if superiors[manifest.office] is not verdict.role or not verdict.valid:
        raise _other(f"这份回执的签名不能采用：{verdict.reason}")
    if manifest.task != desk.task.id:
        raise DeskError(
            "receipt.task",
            happened=f"这份回执是任务“{taking.brief(manifest.task)}”的，不是“{desk.task.title}”的",
            safe="原来的内容没有改动",
            todo="请核对是不是拿错了文件",
        )
    return package


def _other(happened: str) -> DeskError:
    return DeskError(
        "receipt.other",
        happened=happened,
        safe="原来的内容没有改动",
        todo="请核对是不是拿错了文件；不是的话，请乡镇重新写一份",
    )


def _refuse_others_returns(desk: VillageDesk, content: Content) -> None:
    theirs = [one.header.office for one in content.revisions] + [one.proposal.office for one in content.proposals]
    if any(office != desk.office.code for office in theirs):
        raise ExchangeError(
            "package.content",
            happened="回执里有别的村的报表",
            safe="没有导入任何内容，原文件没有改动",
            todo="请乡镇重新写一份回执",
        )


def _take(desk: VillageDesk, package: Package, content: Content, file_name: str) -> ReceiptTaken:
    workspace, manifest = desk.workspace, package.manifest
    with workspace.atomic():
        for form in desk.task.forms:
            lineage.pin(desk, form)
        certified = _install(desk, content)
        news = taking.apply(workspace, desk.task, content, epoch=manifest.epoch)
        sequences.note_former(workspace, manifest, package.sha256)
        superiors.rewrap(desk)
        if not _is_over(desk, package):
            acknowledged.take(desk, manifest, content)
            retracting.acknowledged(desk, (one.id for one in content.decisions))
            for one in content.proposals:
                _keep_proposal(desk, one, [manifest.epoch, manifest.sequence])
            _keep_notice(desk, package, content)
        for form in desk.task.forms:
            lineage.follow(desk, form)
            retracting.follow(desk, form)
        workspace.add_arrival(
            Arrival(
                sha256=package.sha256,
                at=desk.clock(),
                result=TAKEN,
                kind=manifest.kind.value,
                office=manifest.office,
                period=manifest.period,
                device=manifest.device,
                epoch=manifest.epoch,
                seq=manifest.sequence,
                previous=manifest.previous,
                file_name=file_name,
                size=package.size,
                journal_length=manifest.journal_length,
                journal_head=manifest.journal_head,
                objects=content.ids,
            )
        )
        restored.answered(desk, restored.READ)
        witness.keep(desk, content.notice.seen if content.notice else ())
        desk.journal("take_receipt", file=package.sha256)
    desk.forget_last()
    return _said(desk, content, certified=certified, news=news)


def _install(desk: VillageDesk, content: Content) -> bool:
    """This computer's own certificates, when the receipt has newer ones of the very keys that we hold."""
    from cunbao.trust.chain import Standing, judge_chain

    own = devices.device(desk.workspace)
    signing = [one for one in content.certificates if one.key_id == own.read.key_id and one.may_sign]
    reading = [one for one in content.certificates if one.device == own.id and not one.may_sign]
    newest = max(signing, key=lambda one: one.not_after, default=None)
    if newest is None or (own.enrolled and newest.not_after <= own.read.not_after):
        return False
    above = [one.der for one in content.certificates if one.role.authority]  # a new CA, where the old one was lost
    others = (desk.township_certificates()[0], *above)
    found = judge_chain(newest, others=others, roots=desk.roots(), at=desk.clock(), object_id="")
    if found.standing is not Standing.VALID or newest.office != desk.office.code:
        return False
    decryption = max(reading, key=lambda one: one.not_after, default=None)
    chain = tuple(one.der for one in found.path[1:])
    devices.install(desk.workspace, newest.der, decryption.der if decryption else b"", chain)
    desk.journal("take_certificate", certificate=newest.number)
    return True


def _is_over(desk: VillageDesk, package: Package) -> bool:
    """Was it written in a life of the superior's workspace after which another has begun? What such a late one decides
    is taken; what it says of what is held, missing or proposed no longer holds."""
    manifest = package.manifest
    lives = [life for device, life in desk.workspace.lives(manifest.office, [TAKEN]) if device == manifest.device]
    return manifest.epoch in lives[:-1]


def _keep_notice(desk: VillageDesk, package: Package, content: Content) -> None:
    """The newest by its number: receipts may be read in any order."""
    workspace, manifest = desk.workspace, package.manifest
    if content.notice is None:
        return
    kept, numbers = dict(workspace.setting(NOTICE, {})), dict(workspace.setting(NOTICE_NUMBER, {}))
    epoch, number = numbers.get(manifest.period, ("", 0))
    if epoch == manifest.epoch and number > manifest.sequence:
        return
    kept[manifest.period] = workspace.add_object("notice", content.notice.encode())
    workspace.set_setting(NOTICE, kept)
    workspace.set_setting(NOTICE_NUMBER, {**numbers, manifest.period: (manifest.epoch, manifest.sequence)})


def _keep_proposal(desk: VillageDesk, one: CarriedProposal, number: list[Any]) -> None:
    """number: epoch and number of the receipt. An older one read later takes no newer one's place."""
    said = one.proposal
    if said.form not in desk.task.forms or said.period != desk.task.period:
        return
    name = f"proposal/{desk.office.code}/{desk.task.period}/{said.form}"
    epoch, newest = (desk.workspace.setting(name, None) or {}).get("number", ("", 0))
    if epoch == number[0] and newest > number[1]:
        return
    desk.workspace.add_object("proposal", one.data)
    kept = {
        "id": one.id,
        "answers": desk.workspace.add_object("answers", one.answers),
        "heads": list(said.heads),
        "by": said.by,
        "note": said.note,
        "number": number,
    }
    desk.workspace.set_setting(name, kept)


def _said(desk: VillageDesk, content: Content, *, certified: bool, news: taking.News) -> ReceiptTaken:
    accepted, returned = _forms_in(desk, ReturnState.ACCEPTED), _forms_in(desk, ReturnState.RETURNED)
    proposals = tuple(one.proposal.form for one in content.proposals)
    others = tuple(form for form in desk.task.forms if lineage.other_heads(desk, form))
    restored = len(news.revisions) if content.notice is not None and content.notice.restore else 0
    parts = [f"通过 {len(accepted)} 张"] if accepted else []
    if returned:
        parts.append(f"退回 {len(returned)} 张")
    if certified:
        parts.append("证书已办好")
    if proposals:
        parts.append(f"建议稿 {len(proposals)} 张")
    if restored:
        parts.append(f"还原 {restored} 份")
    words = "，".join(parts) or "没有新的审核决定"
    return ReceiptTaken(False, accepted, returned, certified, proposals, others, restored, f"回执读好了：{words}")


def _forms_in(desk: VillageDesk, state: ReturnState) -> tuple[str, ...]:
    return tuple(form for form in desk.task.forms if desk.state(form) is state)


# --- shown -----------------------------------------------------------------------------------------------------------


def last_taken(desk: VillageDesk) -> Arrival | None:
    """The receipt of this period that was read last, None before the first."""
    came = (one for one in desk.workspace.arrivals(period=desk.task.period) if one.result == TAKEN)
    return next(came, None)


def receipt_view(desk: VillageDesk) -> ReceiptView:
    """village-11: what was said, at which cells, and what of it is done."""
    lines = tuple(desk.form_line(form) for form in desk.task.forms)
    comments, others = opinions.all_of(desk), tuple(_others(desk))
    back = tuple(one.form for one in lines if one.state is ReturnState.RETURNED)
    returned = tuple(form for form in desk.task.forms if form in back or any(c.form == form for c in comments))
    came = last_taken(desk)
    state = desk.least(lines).state
    title, advice = _told(desk, comments, returned, len(others))
    still = any(one.state == opinions.OPEN for one in comments)
    after = ("", "") if back or others or still or desk.read_only else _next(desk, lines)
    return ReceiptView(
        at=came.at if came else None,
        state=ReturnState.RETURNED if returned else ReturnState.FORK if others else state,
        step=SENT_BACK if back else min(state.step, 7),
        line=_came(desk, came, returned) if came else "",
        title=title,
        advice=advice,
        by=_by(desk),
        comments=comments,
        accepted=tuple(one.form for one in lines if one.state is ReturnState.ACCEPTED),
        returned=returned,
        others=others,
        reminders=tuple(reminders(desk)),
        may_begin=bool(back) and not desk.read_only,
        next=after[0],
        next_form=after[1],
        forms=lines,
    )


def _next(desk: VillageDesk, lines: Sequence[FormLine]) -> tuple[str, str]:
    """What comes next for the forms that are being corrected, must be, or are signed and not sent; and which form."""
    open_ones = [one.state for one in lines if one.state.editable and desk.correcting(one.form)]
    if open_ones:
        return ("sign" if all(state is ReturnState.TO_SIGN for state in open_ones) else "check"), ""
    moved = basis.to_correct(desk)
    if moved is not None:
        return "correct", moved.form
    return ("send" if any(one.state is ReturnState.SIGNED for one in lines) else ""), ""


def _told(desk: VillageDesk, comments: Sequence[CommentLine], returned: Sequence[str], others: int) -> tuple[str, str]:
    """The sentence of the banner and what to do."""
    still, town = sum(one.state == opinions.OPEN for one in comments), desk.directory.township.short
    if returned and still:
        return (
            f"{town}退回，有 {still} 处要改",
            f"其他内容不用动。改完重新检查、签名，再报一次（第 {_next_number(desk)} 次），{_in_time(desk)}。",
        )
    if others:
        return f"有 {others} 份要看一看", "看过以后，采用它，或者以本机的为准；再检查、签名、报送。"
    if returned and not comments:  # decided without a word at a cell
        return f"{town}退回 {len(returned)} 张表", f"请问清楚要改哪里；改完再检查、签名、报送，{_in_time(desk)}。"
    if returned:
        how = f"接着检查、签名，再报一次（第 {_next_number(desk)} 次），{_in_time(desk)}。"
        return f"{town}退回的 {len(comments)} 处都办好了", how
    accepted = _forms_in(desk, ReturnState.ACCEPTED)
    if len(accepted) == len(desk.task.forms):
        return "全部通过，本期办结", "不用再做什么；以后要改，可以做更正。"
    again = [form for form in desk.task.forms if desk.state(form).editable and desk.correcting(form)]
    if again:
        how = f"改完接着检查、签名，再报一次（第 {_next_number(desk)} 次）；不想改了，在表里点“放弃更正”。"
        return f"{'、'.join(again)} 正在更正", how
    held = _forms_in(desk, ReturnState.RECEIVED)
    parts = [f"通过 {len(accepted)} 张"] if accepted else []
    parts += [f"{len(held)} 张等{town}审核"] if held else []
    rest = len(desk.task.forms) - len(accepted) - len(held)
    parts += [f"{rest} 张还没送到"] if rest and parts else []
    signed = len(_forms_in(desk, ReturnState.SIGNED))
    advice = f"签好的 {signed} 张还没送出，请去报送。" if signed else "不用做什么，下一份回执来了再读。"
    return "，".join(parts) or "回执里没有新的审核决定", advice


def _next_number(desk: VillageDesk) -> int:
    """第几次 the next bundle of this computer is."""
    return desk.workspace.next_seq()


def _in_time(desk: VillageDesk) -> str:
    until = deadline_told(desk)
    return f"{until:%m-%d} 前都不算迟报" if desk.today <= until else f"截止 {until:%m-%d} 已过，请尽快"


def _came(desk: VillageDesk, came: Arrival, returned: Sequence[str]) -> str:
    """第 1 次报送，12-16 09:30 退回: the newest bundle written before the receipt was read; when it was decided."""
    packages = desk.workspace.packages(desk.office.code, desk.task.period)
    written = [one for one in packages if one.written_at <= came.at]
    number = f"第 {written[-1].seq} 次报送，" if written else ""
    decided = [one.at for one in decisions(desk) if one.act == Act.RETURN.value] if returned else []
    at = max(decided, default=came.at).astimezone(LOCAL)
    return f"{number}{at:%m-%d %H:%M} {'退回' if returned else '读入回执'}"


def begin_changes(desk: VillageDesk) -> tuple[str, ...]:
    """开始修改: every returned form opens for a further version. Gives the forms."""
    forms = _forms_in(desk, ReturnState.RETURNED)
    for form in forms:
        lineage.begin_again(desk, form)
    return forms


def take_other(desk: VillageDesk, form: str, what: str, name: str) -> None:
    """采用 a proposal ("proposal") or another computer's version ("head")."""
    lineage.adopt(desk, form, *_answers_of(desk, form, what, name))


def _answers_of(desk: VillageDesk, form: str, what: str, name: str) -> tuple[Answers, tuple[str, ...]]:
    if what == "proposal":
        kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
        if kept is None or kept["id"] != name:
            raise DeskError(
                "proposal.gone", happened="这份建议稿已经不在了", safe="填的内容没有动", todo="请读最新的回执再看"
            )
        return read_answers(desk.task.forms[form], desk.workspace.object(kept["answers"])), tuple(kept["heads"])
    held = desk.workspace.revision(name)
    if held is None:
        raise DeskError("version.gone", happened="这一版已经不在了", safe="填的内容没有动", todo="请读最新的回执再看")
    return desk.signed_answers(held), (held.id,)


def waiting(desk: VillageDesk) -> tuple[tuple[str, str, str], ...]:
    """What came from elsewhere and was not looked at yet: (form, "proposal" or "head", id)."""
    found = []
    for form in desk.task.forms:
        kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
        if kept and not set(kept["heads"]) <= set(lineage.based_on(desk, form) or ()):
            found.append((form, "proposal", kept["id"]))
        else:
            found += [(form, "head", one.id) for one in lineage.other_heads(desk, form)]
    return tuple(found)


def _others(desk: VillageDesk) -> Iterator[OtherVersion]:
    own = devices.device(desk.workspace).id
    for form, what, name in waiting(desk):
        title, differs = f"{form} {desk.task.screens[form].nav}", _differs(desk, form, what, name)
        if what == "proposal":
            kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
            line = f"{desk.directory.township.short} {kept['by']}把两份合在一起，看过、签名才算数"
            note = f"{line}。{kept['note']}" if kept["note"] else line
            yield OtherVersion(form, title, what, name, "乡镇的建议稿", note, differs)
            continue
        held = desk.workspace.revision(name)
        assert held is not None  # `waiting` has just read it
        who = "乡镇代报的一份" if held.kind == Kind.PROXY.code else "另一台电脑签的一份"
        who = "本机签过的一份" if held.device == own else who
        line = f"第 {held.version} 版，{held.signed_at.astimezone(LOCAL):%m-%d %H:%M} 签名"
        yield OtherVersion(form, title, what, name, who, line, differs)


def _differs(desk: VillageDesk, form: str, what: str, name: str) -> tuple[Differing, ...]:
    answers, _ = _answers_of(desk, form, what, name)
    mine = desk.instance(form).answers(signed=True)
    return tuple(_differing(one) for one in changes(desk.task.forms[form], mine, answers) if not one.calculated)


def _differing(one: Change) -> Differing:
    row, label = one.row_label, one.label
    if one.kind is ChangeKind.ADDED_ROW:
        return Differing(row, label, "没有这一行", one.after or "有这一行")
    if one.kind is ChangeKind.DELETED_ROW:
        return Differing(row, label, one.before or "有这一行", "没有这一行")
    here, there = (mask(one.mask, text) if one.mask else text for text in (one.before, one.after))
    unit = f" {one.unit}" if one.unit else ""
    return Differing(row, label, f"{here}{unit}" if here else "没填", f"{there}{unit}" if there else "没填")


def decisions(desk: VillageDesk) -> list[DecisionRecord]:
    """Acceptances and returns of this period, in their order."""
    settling = (Act.ACCEPT.value, Act.RETURN.value)
    return [one for one in desk.workspace.decisions_of(desk.office.code, desk.task.period) if one.act in settling]


def _by(desk: VillageDesk) -> str:
    decided = decisions(desk)
    town = f"{desk.directory.township.short}社会事务办"
    return f"审核人 {decided[-1].by}，{town}" if decided else town


def notice_of(desk: VillageDesk) -> Notice | None:
    """The township's newest notice of this period."""
    from cunbao.exchange.notes import Notice

    kept = desk.workspace.setting(NOTICE, {}).get(desk.task.period)
    return Notice.decode(desk.workspace.object(kept)) if kept else None


def deadline_told(desk: VillageDesk) -> date:
    """The deadline as the township said last, else the task's."""
    notice = notice_of(desk)
    return notice.deadline if notice is not None else desk.task.deadline


def reminders(desk: VillageDesk) -> Iterator[tuple[str, str]]:
    """(tone, words) of the township's newest notice: files it could not take, bundles it lacks, what else it says."""
    for moved in basis.moved(desk):
        yield "warn", f"{moved.form} {moved.words}，{'要' if moved.values else '可以'}做更正"
    for at in acknowledged.differing(desk):
        yield "warn", closed.words([at], desk.directory.township.short, "下次报送")
    notice = notice_of(desk)
    if notice is None:
        return
    for trouble in notice.troubles:
        yield "error", f"{trouble.file}：{trouble.happened}。{trouble.todo}"
    own = devices.device(desk.workspace)
    for gap in notice.gaps:
        which = "" if gap.device == own.id else "另一台电脑的"
        numbers = "、".join(map(str, gap.numbers))
        yield (
            ("info", f"{which}第 {numbers} 次报送乡镇没收到，已登记遗失；里面的内容后来的报送都带着")
            if gap.lost
            else ("warn", f"{which}第 {numbers} 次报送乡镇还没收到；找得到文件就再送一次")
        )
    if notice.text:
        yield "info", notice.text


def letters(desk: VillageDesk) -> Sequence[Letter]:
    """乡镇来件 of this period, for home."""
    came = last_taken(desk)
    if came is None:
        return ()
    comments = opinions.all_of(desk)
    returned = _forms_in(desk, ReturnState.RETURNED) or tuple(one.form for one in comments)
    others = waiting(desk)
    title, _ = _told(desk, comments, returned, len(others))
    passed = len(_forms_in(desk, ReturnState.ACCEPTED)) == len(desk.task.forms)
    state = ReturnState.FORK if others else ReturnState.ACCEPTED if passed else None
    return (
        Letter(
            title=f"{desk.task.period} 年度回执",
            line=title,
            on=came.at.astimezone(LOCAL).date(),
            state=ReturnState.RETURNED if returned else state,
        ),
    )
