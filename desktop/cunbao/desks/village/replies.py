"""回执 at the village: a receipt is read, verified and taken whole. How it is shown is in `receiptpage`.

Certificates for this computer, decisions, acknowledgements, versions of the office's other computer, proposals and the
notice come in one file and one transaction. Nothing is changed in a draft but where nobody has typed (protocol §5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, ledger, media, ownkeys, packs, restored, sequences, taking, witness
from cunbao.desks.views import ReceiptTaken
from cunbao.desks.village import acknowledged, lineage, newpack, retracting, superiors
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.store import Arrival, DecisionRecord
from cunbao.survey.decision import Act
from cunbao.survey.states import ReturnState

if TYPE_CHECKING:
    from cunbao.exchange import Package
    from cunbao.exchange.content import CarriedProposal, Content
    from cunbao.exchange.notes import Notice

TAKEN = "TAKEN"
NOTICE = "receipt/notice"  # setting: {period: object id}
NOTICE_NUMBER = "receipt/notice_number"  # setting: {period: [epoch, number of the receipt that brought it]}


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
    there = newpack.desk_of(desk, package.manifest.period)
    taking.refuse_other_forms(there.task, content)
    _refuse_others_returns(desk, content)
    taken = _take(there, package, content, name)
    desk.forget_last()
    if there is desk:
        return taken
    return replace(taken, words=f"{there.task.period_title}的回执：{taken.words}；在“设置”里打开那一期看")


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
    if manifest.task not in {desk.task.id, *(one.task for one in packs.held(desk.workspace))}:
        said = f"这份回执是任务“{taking.brief(manifest.task)}”的，不是“{desk.task.title}”的"
        raise _other(said, "请核对是不是拿错了文件", code="receipt.task")
    return package


def _other(
    happened: str, todo: str = "请核对是不是拿错了文件；不是的话，请乡镇重新写一份", *, code: str = "receipt.other"
) -> DeskError:
    return DeskError(code, happened=happened, safe="原来的内容没有改动", todo=todo)


def _refuse_others_returns(desk: VillageDesk, content: Content) -> None:
    theirs = [one.header.office for one in content.revisions] + [one.proposal.office for one in content.proposals]
    if any(office != desk.office.code for office in theirs):
        raise taking.refused("package.content", "回执里有别的村的报表", "请乡镇重新写一份回执")


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
    """This computer's own certificates and its people's, when the receipt has newer ones of the very keys held."""
    whose = [("", devices.device(desk.workspace)), *ownkeys.cards(desk.workspace).items()]
    return any([_install_one(desk, content, person, own) for person, own in whose])


def _install_one(desk: VillageDesk, content: Content, person: str, own: devices.Device) -> bool:
    """person: whose own key it is, "" the computer's."""
    from cunbao.trust.chain import Standing, judge_chain

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
    if person:
        ownkeys.install(desk.workspace, person, newest.der, chain)
    else:
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
    accepted, returned = forms_in(desk, ReturnState.ACCEPTED), forms_in(desk, ReturnState.RETURNED)
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


def forms_in(desk: VillageDesk, state: ReturnState) -> tuple[str, ...]:
    return tuple(form for form in desk.task.forms if desk.state(form) is state)


# --- asked of what was taken -----------------------------------------------------------------------------------------


def last_taken(desk: VillageDesk) -> Arrival | None:
    """The receipt of this period that was read last, None before the first."""
    came = (one for one in desk.workspace.arrivals(period=desk.task.period) if one.result == TAKEN)
    return next(came, None)


def decisions(desk: VillageDesk) -> list[DecisionRecord]:
    """Acceptances and returns of this period, in their order."""
    settling = (Act.ACCEPT.value, Act.RETURN.value)
    return [one for one in desk.workspace.decisions_of(desk.office.code, desk.task.period) if one.act in settling]


def notice_of(desk: VillageDesk) -> Notice | None:
    """The township's newest notice of this period."""
    from cunbao.exchange.notes import Notice

    kept = desk.workspace.setting(NOTICE, {}).get(desk.task.period)
    return Notice.decode(desk.workspace.object(kept)) if kept else None


def deadline_told(desk: VillageDesk) -> date:
    """The deadline as the township said last, else the task's."""
    notice = notice_of(desk)
    return notice.deadline if notice is not None else desk.task.deadline
