"""回执 at the village: a receipt is read, verified and taken whole; then what the township said stands at the cells.

Certificates for this computer, decisions, acknowledgements, versions of the office's other computer, proposals and the
notice come in one file and one transaction. Nothing is changed in a draft but where nobody has typed (protocol §5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import checking, devices, lineage, taking
from cunbao.desks.clock import LOCAL
from cunbao.desks.views import CommentLine, Letter, OtherVersion, ReceiptTaken, ReceiptView
from cunbao.desks.village import VillageDesk, words_of
from cunbao.errors import DeskError, ExchangeError
from cunbao.store import Arrival
from cunbao.survey.compare import changes
from cunbao.survey.decision import Act, Comment
from cunbao.survey.people import mask
from cunbao.survey.revision import read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Cell

if TYPE_CHECKING:
    from cunbao.exchange import Package
    from cunbao.exchange.content import CarriedProposal, Content
    from cunbao.exchange.notes import Notice

TAKEN = "TAKEN"
EPOCH = "receipt/epoch"  # setting: the life of the township's workspace that acknowledged last
NOTICE = "receipt/notice"  # setting: {period: object id}


# --- taken -----------------------------------------------------------------------------------------------------------


def take_receipt(desk: VillageDesk, path: Path) -> ReceiptTaken:
    """Read a receipt and take all of it. ExchangeError "package.…"; DeskError "file.unreadable", "receipt.other"
    (not of our superior), "receipt.task". After an error nothing has changed."""
    from cunbao.exchange.content import read_content
    from cunbao.exchange.limits import PACKAGE
    from cunbao.exchange.package import package_id

    try:
        if path.stat().st_size > PACKAGE.file:
            raise OSError(f"{path.stat().st_size} bytes")
        data = path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来，或不是回执包",
            safe="原来的内容没有改动",
            todo="请看 U 盘插好了没有，选乡镇给的回执文件再试",
            detail=str(trouble),
        ) from trouble
    if desk.workspace.arrival(package_id(data), [TAKEN]) is not None:
        return ReceiptTaken(True, (), (), False, (), (), 0, "这份回执先前已经读过，没有新内容")
    package = _read(desk, data)
    content = read_content(package)
    taking.refuse_other_forms(desk.task, content)
    _refuse_others_returns(desk, content)
    return _take(desk, package, content, path.name)


def _read(desk: VillageDesk, data: bytes) -> Package:
    """The package, from our own township's or county's desk, under the root trusted here."""
    from cunbao.exchange import PackageKind, read_package
    from cunbao.trust.certs import CertRole

    own = devices.device(desk.workspace)
    package = read_package(
        data, own.readers, desk.roots(), us=(desk.office.code,), certificates=desk.township_certificates()[:1]
    )
    superiors = {
        desk.directory.township.code: CertRole.TOWNSHIP_DESK,
        desk.directory.county.code: CertRole.COUNTY_DESK,
    }
    manifest = package.manifest
    right = superiors.get(manifest.office) is package.verdict.role and package.verdict.valid
    if manifest.kind is not PackageKind.RECEIPT or not right or desk.office.code not in manifest.to:
        raise DeskError(
            "receipt.other",
            happened=f"这个文件不是本村上级给的回执：{package.verdict.reason}",
            safe="原来的内容没有改动",
            todo="请核对是不是拿错了文件；不是的话，请乡镇重新写一份",
        )
    if manifest.task != desk.task.id:
        raise DeskError(
            "receipt.task",
            happened=f"这份回执是任务“{manifest.task}”的，不是“{desk.task.title}”的",
            safe="原来的内容没有改动",
            todo="请核对是不是拿错了文件",
        )
    return package


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
    before = {form: stands for _, form, stands in workspace.standings(desk.task.period, [desk.office.code])}
    with workspace.atomic():
        certified = _install(desk, content)
        news = taking.apply(workspace, desk.task, content, epoch=manifest.epoch)
        _acknowledged(desk, package, content)
        for one in content.proposals:
            _keep_proposal(desk, one)
        if content.notice is not None:
            kept = dict(workspace.setting(NOTICE, {}))
            kept[manifest.period] = workspace.add_object("notice", content.notice.encode())
            workspace.set_setting(NOTICE, kept)
        for form in desk.task.forms:
            lineage.follow(desk, form)
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
        desk.journal("take_receipt", file=package.sha256)
    desk.forget_last()
    return _said(desk, content, before, certified=certified, news=news)


def _install(desk: VillageDesk, content: Content) -> bool:
    """This computer's own certificates, when the receipt has newer ones of the very keys that we hold."""
    from cunbao.trust.chain import Standing, judge_chain

    own = devices.device(desk.workspace)
    signing = [one for one in content.certificates if one.key_id == own.read.key_id and one.may_sign]
    reading = [one for one in content.certificates if one.device == own.id and not one.may_sign]
    newest = max(signing, key=lambda one: one.not_after, default=None)
    if newest is None or (own.enrolled and newest.not_after <= own.read.not_after):
        return False
    chain = (desk.township_certificates()[0], *desk.roots())
    found = judge_chain(newest, others=chain, roots=desk.roots(), at=desk.clock(), object_id="")
    if found.standing is not Standing.VALID or newest.office != desk.office.code:
        return False
    decryption = max(reading, key=lambda one: one.not_after, default=None)
    devices.install(desk.workspace, newest.der, decryption.der if decryption else b"", chain)
    desk.journal("take_certificate", certificate=newest.number)
    return True


def _acknowledged(desk: VillageDesk, package: Package, content: Content) -> None:
    """What the township holds need not be carried again. A new life of its workspace voids what the one before held."""
    workspace, manifest = desk.workspace, package.manifest
    if manifest.office != desk.directory.township.code:
        return
    if workspace.setting(EPOCH, manifest.epoch) != manifest.epoch:
        workspace.unacknowledge(desk.office.code, desk.task.period)
    workspace.set_setting(EPOCH, manifest.epoch)
    own = devices.device(workspace)
    ours = [one for one in workspace.packages(desk.office.code) if one.epoch == workspace.epoch]
    held = {one.id for one in content.revisions}
    for ack in manifest.acknowledges:
        if ack.device == own.id and ack.epoch == workspace.epoch:
            for number, one in enumerate(ours, 1):
                if number <= ack.through and number not in ack.missing:
                    held |= set(one.revisions)
    known = [one for one in map(workspace.revision, sorted(held)) if one is not None and not one.acknowledged]
    workspace.acknowledge([one.id for one in known])


def _keep_proposal(desk: VillageDesk, one: CarriedProposal) -> None:
    said = one.proposal
    if said.form not in desk.task.forms or said.period != desk.task.period:
        return
    desk.workspace.add_object("proposal", one.data)
    kept = {
        "id": one.id,
        "answers": desk.workspace.add_object("answers", one.answers),
        "heads": list(said.heads),
        "by": said.by,
        "note": said.note,
    }
    desk.workspace.set_setting(f"proposal/{desk.office.code}/{desk.task.period}/{said.form}", kept)


def _said(desk: VillageDesk, content: Content, before: object, *, certified: bool, news: taking.News) -> ReceiptTaken:
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


def receipt_view(desk: VillageDesk) -> ReceiptView:
    """village-11: what was said, at which cells, and what of it is done."""
    accepted = _forms_in(desk, ReturnState.ACCEPTED)
    comments = tuple(_comments(desk))
    waiting = _forms_in(desk, ReturnState.RETURNED)
    returned = tuple(form for form in desk.task.forms if form in waiting or any(c.form == form for c in comments))
    came = [one for one in desk.workspace.arrivals(period=desk.task.period) if one.result == TAKEN]
    state = min((desk.state(form) for form in desk.task.forms), key=lambda one: one.step)
    still = sum(one.state == "open" for one in comments)
    others = tuple(_others(desk))
    at = came[0].at if came else None
    sent = desk.workspace.packages(desk.office.code, desk.task.period)
    number = f"第 {sent[-1].seq} 次报送，" if sent else ""
    day = at.astimezone(LOCAL) if at else None
    town = desk.directory.township.short
    if returned:
        title = f"{town}退回，有 {still} 处要改" if still else f"{town}退回的 {len(comments)} 处都改好了"
        advice = (
            f"其他内容不用动。改完重新检查、签名，再报一次（第 {(sent[-1].seq if sent else 0) + 1} 次），"
            f"{desk.task.deadline:%m-%d} 前都不算迟报。"
        )
    elif others:
        title, advice = f"有 {len(others)} 张表要看一看", "看过以后，采用它，或者以本机的为准，再签名报送。"
    elif len(accepted) == len(desk.task.forms):
        title, advice = "全部通过，本期办结", "不用再做什么；以后要改，可以做更正。"
    else:
        title, advice = f"通过 {len(accepted)} 张，其余等乡镇审核", "不用做什么，回执来了再读。"
    return ReceiptView(
        at=at,
        state=ReturnState.RETURNED if returned else state,
        step=min(state.step, 7),
        line=f"{number}{day:%m-%d %H:%M} {'退回' if returned else '回执'}" if day else "",
        title=title,
        advice=advice,
        by=_by(desk),
        comments=comments,
        accepted=accepted,
        returned=returned,
        others=others,
        reminders=tuple(_reminders(desk)),
        may_begin=bool(waiting),
    )


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


def _others(desk: VillageDesk) -> Iterator[OtherVersion]:
    for form in desk.task.forms:
        title = desk.task.screens[form].nav
        kept = desk.workspace.setting(f"proposal/{desk.office.code}/{desk.task.period}/{form}", None)
        if kept and lineage.based_on(desk, form) != tuple(kept["heads"]):
            line = f"{desk.directory.township.short} {kept['by']}把两份合成的建议稿，看过、签名才算数"
            yield OtherVersion(form, title, "proposal", kept["id"], line, _differs(desk, form, "proposal", kept["id"]))
            continue
        for held in lineage.other_heads(desk, form):
            who = "乡镇代报的一份" if held.kind == "proxy" else "另一台电脑签的一份"
            day = held.signed_at.astimezone(LOCAL)
            line = f"{who}，第 {held.version} 版，{day:%m-%d} 签名"
            yield OtherVersion(form, title, "head", held.id, line, _differs(desk, form, "head", held.id))


def _differs(desk: VillageDesk, form: str, what: str, name: str) -> tuple[str, ...]:
    answers, _ = _answers_of(desk, form, what, name)
    mine = desk.instance(form).answers(signed=True)
    found = changes(desk.task.forms[form], mine, answers)
    return tuple(" ".join(part for part in (one.row_label, one.label) if part) for one in found if not one.calculated)


def _comments(desk: VillageDesk) -> Iterator[CommentLine]:
    """Comments of the returns that are sent back, or are being answered, in the order of the forms."""
    number = 0
    for form in desk.task.forms:
        stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
        sent_back = dict(stands.comments).get(stands.head, ())
        if not sent_back:
            continue
        filed_revision = desk.workspace.revision(stands.head)
        filed = desk.signed_answers(filed_revision) if filed_revision is not None else Answers({})
        replies = lineage.replies(desk, form)
        for said in sent_back:
            number += 1
            yield _comment(desk, form, number, said, filed, replies.get(said.cell, ""))


def _comment(desk: VillageDesk, form: str, number: int, said: Comment, filed: Answers, reply: str) -> CommentLine:
    asked, cell = desk.task.forms[form], said.cell
    field = asked.by_name.get(cell.field)
    before = _text(filed, cell)
    now = desk.instance(form).text(cell) if _there(desk, form, cell) else ""
    state = "changed" if desk.correcting(form) and now != before else "answered" if reply else "open"
    shown = words_of(field, before) if field is not None else before
    return CommentLine(
        number=number,
        form=form,
        cell=cell,
        path=" › ".join([form, *checking.cell_path(desk, form, cell)[:-1]]),
        label=field.label if field is not None else "整行",
        unit=field.unit if field is not None else "",
        filed=shown,
        masked=mask(field.mask, before) if field is not None and field.mask and before else "",
        text=said.text,
        state=state,
        reply=reply,
    )


def _text(answers: Answers, cell: Cell) -> str:
    if not cell.row:
        return answers.values.get(cell.field, "")
    rows = (row for some in answers.rows.values() for row in some)
    return next((row.values.get(cell.field, "") for row in rows if row.id == cell.row), "")


def _there(desk: VillageDesk, form: str, cell: Cell) -> bool:
    asked = desk.task.forms[form]
    if cell.field not in asked.by_name:
        return False
    repeat = asked.field(cell.field).repeat
    return not cell.row or (bool(repeat) and cell.row in desk.instance(form).rows(repeat))


def _by(desk: VillageDesk) -> str:
    decided = [
        one
        for one in desk.workspace.decisions_of(desk.office.code, desk.task.period)
        if one.act in (Act.ACCEPT.value, Act.RETURN.value)
    ]
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


def _reminders(desk: VillageDesk) -> Iterator[tuple[str, str]]:
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
    came = [one for one in desk.workspace.arrivals(period=desk.task.period) if one.result == TAKEN]
    if not came:
        return ()
    found = receipt_view(desk)
    return (
        Letter(
            title=f"{desk.task.period} 年度回执",
            line=found.title,
            on=came[0].at.astimezone(LOCAL).date(),
            state=ReturnState.RETURNED if found.returned else ReturnState.ACCEPTED if found.accepted else None,
        ),
    )


def acknowledgements(desk: VillageDesk) -> tuple[tuple[str, str, int, tuple[int, ...]], ...]:
    """What this computer holds of its superiors' packages: (device, epoch, through, missing), for the next bundle."""
    lives: dict[tuple[str, str], set[int]] = {}
    for one in desk.workspace.arrivals():
        if one.result == TAKEN and one.seq:
            lives.setdefault((one.device, one.epoch), set()).add(one.seq)
    found = []
    for (device, epoch), have in sorted(lives.items()):
        through = max(have)
        found.append((device, epoch, through, tuple(n for n in range(1, through) if n not in have)))
    return tuple(found)
