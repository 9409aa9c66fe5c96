"""The county's side of the round: what the townships sent on is answered, a return decided over their heads where it
must be, a period closed. Screens come with the county desk; these are its use cases. Source: protocol §2, §5, §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import (
    closed,
    decisions,
    devices,
    exempted,
    hearing,
    ledger,
    media,
    packing,
    receiving,
    taking,
    witness,
)
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, Workspace
from cunbao.survey.decision import Act, Comment, Decision

if TYPE_CHECKING:
    from cunbao.exchange import Manifest

KIND = "receipt"
WHAT = "回执"


def decide(
    desk: CountyDesk,
    act: Act,
    revision_id: str,
    *,
    reason: str = "",
    comments: Sequence[Comment] = (),
    names: Sequence[str] = (),
) -> DecisionRecord:
    """The county's own decision on a revision; it outranks a township's that did not know of it."""
    held = desk.workspace.revision(revision_id)
    if held is None:
        raise DeskError(
            "revision.unknown", happened="县里没有这份报表", safe="没有改变任何报表的状态", todo="请先接收乡镇的报县包"
        )
    return deciding.decide(desk, act, held, reason=reason, comments=comments, names=names)


def close_period(desk: CountyDesk, reason: str = "") -> DecisionRecord:
    """封账: names every revision that counts now, and every 不计入 in effect, so that the figures of this day never
    move; what comes later is 补报. Reopening is a withdrawal of it."""
    workspace, period = desk.workspace, desk.task.period
    counted = [stands.counted for _, _, stands in workspace.standings(period) if stands.counted]
    left_out = [one.id for one in exempted.in_effect(workspace, period)]
    with workspace.atomic():
        kept = decisions.at_large(
            desk,
            Act.CLOSE,
            period,
            reporting(workspace, period),
            reason=reason,
            names=[*counted, *left_out],
            about=(("period", period),),
        )
        taking.rejudge(workspace, desk.task, None, since=period)
        desk.journal("close_period", period=period, returns=len(counted))
    return kept


def reopen_period(desk: CountyDesk, reason: str) -> DecisionRecord:
    """Take the 封账 of the period back: what comes from now on is no 补报. DeskError "close.none", "close.reason"."""
    workspace, period = desk.workspace, desk.task.period
    closes = workspace.decisions_about(Act.CLOSE.value, "period", period)
    mine = [one for one in closes if one.office == desk.office.code]
    if ledger.closed_ids(ledger.judge_of(workspace), desk.office.code, period) is None:
        raise DeskError(
            "close.none", happened="这一期没有封账", safe="没有改变任何报表的状态", todo="直接接收、审核就可以"
        )
    if not reason.strip():
        raise DeskError("close.reason", happened="没有写原因", safe="还是封账的样子", todo="请写一句为什么要撤回封账")
    with workspace.atomic():
        kept = decisions.at_large(
            desk,
            Act.WITHDRAW,
            period,
            reporting(workspace, period),
            reason=reason,
            names=[one.id for one in mine],
        )
        taking.rejudge(workspace, desk.task, None, since=period)
        desk.journal("reopen_period", period=period)
    return kept


def reporting(workspace: Workspace, period: str) -> tuple[str, ...]:
    """The offices of which a return of the period is held: whom a closing concerns."""
    return tuple(office for office, at in workspace.offices_with_returns() if at == period)


def write_answer(desk: CountyDesk, township: str, folder: Path) -> Path:
    """The county's receipt to a township: what has come of it, every decision on its villages that its desk has not
    acknowledged, closings, revocations, and the certificates of its computers. Gives the (last) file's path."""
    return _write(desk, township, folder, everything=False)[-1]


def write_everything(desk: CountyDesk, township: str, folder: Path) -> tuple[Path, ...]:
    """全部还原 of a township: all that the county holds of its villages, for a desk that lost its own."""
    return _write(desk, township, folder, everything=True)


def untold(desk: CountyDesk, township: str) -> tuple[DecisionRecord, ...]:
    """The county's own decisions that concern the township and that no receipt to it has carried yet."""
    written = desk.workspace.outgoing(office=township, kind=KIND)
    told = frozenset(name for one in written for name in one.objects) | _known(desk, township)
    return tuple(one for one in _decisions(desk, township, told) if one.office == desk.office.code)


def reachable(desk: CountyDesk, township: str) -> bool:
    """Is there a key for which an answer to this township can be sealed?"""
    return township in desk.workspace.setting("townships", {})


def _write(desk: CountyDesk, township: str, folder: Path, *, everything: bool) -> tuple[Path, ...]:
    from cunbao.exchange import ObjectKind
    from cunbao.exchange.notes import Notice

    workspace, own = desk.workspace, devices.device(desk.workspace)
    known = frozenset[str]() if everything else _known(desk, township)
    decided = _decisions(desk, township, known)
    groups = [packing.decision_group(workspace, one) for one in decided]
    ids = {one.id for one in decided}
    for office, period in _returns(desk, township) if everything else ():
        revisions, scans = workspace.revisions_of(office, period), workspace.evidence_of(office, period)
        ids |= {*(one.id for one in revisions), *(one.id for one in scans)}
        groups += packing.revision_groups(workspace, revisions) + packing.evidence_groups(workspace, scans)
    said = Notice(deadline=desk.task.deadline, seen=witness.seen(desk, township))
    notice: packing.Group = ((said.encode(), ObjectKind.NOTICE, ""),)
    held = [one.id for one in workspace.certificates() if one.office.startswith(township[:9])]
    certificates: packing.Group = tuple((packing.kept(workspace, one), ObjectKind.CERTIFICATE, "") for one in held)
    reader = _reader(desk, township)
    volume, roots = media.volume_of(folder, what=WHAT), ledger.judge_of(workspace).roots
    unheard = [
        (one.seq, one.sha256, one.objects) for one in hearing.unheard(workspace, township, _computer(desk, township))
    ]
    post = packing.Post(
        workspace,
        township,
        unheard,
        folder,
        WHAT,
        partial(packing.file_name, _stem(desk, township)),
        own.readers,
        roots,
        volume,
    )

    def note(one: packing.Written) -> None:
        with workspace.atomic():
            workspace.add_outgoing(packing.outgoing(one, KIND, township, ids))
            desk.journal("answer", office=township, file=one.sha256)

    whole = [(*notice, *group) for group in (certificates, *groups)]
    done = packing.send(_manifest(desk, township), whole, desk.signs(), [reader], post, note)
    return tuple(one.path for one in done)


def next_name(desk: CountyDesk, township: str) -> str:
    """勐混镇-2025年度-县回执第2次.cbsync: what the next answer to it will be called."""
    return packing.file_name(_stem(desk, township), _manifest(desk, township))


def _stem(desk: CountyDesk, township: str) -> str:
    known = desk.workspace.office(township)
    return f"{known.short if known else township}-{desk.task.period_title}-县回执"


def _reader(desk: CountyDesk, township: str) -> bytes:
    """The decryption certificate of a township's desk (DER). DeskError "township.unknown"."""
    kept = desk.workspace.setting("townships", {}).get(township)
    if kept is None:
        raise DeskError(
            "township.unknown",
            happened=f"任务包里没有 {township} 这个乡镇",
            safe="没有写出文件，收到的内容都在",
            todo="请核对乡镇的 12 位代码",
        )
    return bytes.fromhex(kept[2])


def _manifest(desk: CountyDesk, township: str) -> Manifest:
    from cunbao import exchange

    workspace = desk.workspace
    sequence, previous = workspace.next_outgoing(township)
    length, head = workspace.journal_head()
    return exchange.Manifest(
        kind=exchange.PackageKind.RECEIPT,
        office=desk.office.code,
        device=devices.device(workspace).id,
        epoch=workspace.epoch,
        to=(township,),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=sequence,
        written_at=desk.clock(),
        members=(),
        previous=previous,
        acknowledges=receiving.acknowledgements(desk, township),
        closed=closed.for_township(workspace, township),
        journal_length=length,
        journal_head=head if length else "",
    )


def _returns(desk: CountyDesk, township: str) -> list[tuple[str, str]]:
    """(office, period) of the township's villages, as far as held."""
    return [one for one in desk.workspace.offices_with_returns() if one[0].startswith(township[:9])]


def _decisions(desk: CountyDesk, township: str, known: frozenset[str]) -> list[DecisionRecord]:
    """Decisions on returns of the township's villages, also its own, and those that touch no return, but for what is
    不计入 of another township."""
    workspace = desk.workspace
    found = [one for office, period in _returns(desk, township) for one in workspace.decisions_of(office, period)]
    found += [
        one
        for one in workspace.decisions_at_large()
        if one.office in (desk.office.code, township) and not _of_others(workspace, one, township)
    ]
    return [one for one in dict.fromkeys(found) if one.id not in known]


def _of_others(workspace: Workspace, one: DecisionRecord, township: str) -> bool:
    if one.act != Act.EXEMPT.value:
        return False
    return not Decision.decode(workspace.object(one.id)).of("office").startswith(township[:9])


def _known(desk: CountyDesk, township: str) -> frozenset[str]:
    """What the township's desk says that it took of our answers."""
    computer = _computer(desk, township)
    return hearing.known(desk.workspace, township, computer, KIND) if computer else frozenset()


def _computer(desk: CountyDesk, township: str) -> str:
    """The computer of the township's newest life, "" before one has sent anything."""
    lives = desk.workspace.lives(township, receiving.TAKEN)
    return lives[-1][0] if lives else ""
