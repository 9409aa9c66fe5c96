"""The county's side of the round: what the townships sent on is answered, a return decided over their heads where it
must be, a period closed. Screens come with the county desk; these are its use cases. Source: protocol §2, §5, §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from cunbao.desks import devices, ledger, media, packing, receiving, taking, witness
from cunbao.desks.county import CountyDesk
from cunbao.desks.registry import keep_decision
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord
from cunbao.survey.decision import Act, Comment, Decision, next_n

KIND = "receipt"
WHAT = "回执"


def decide(
    desk: CountyDesk, act: Act, revision_id: str, *, reason: str = "", comments: Sequence[Comment] = ()
) -> DecisionRecord:
    """The county's own decision on a revision; it outranks a township's that did not know of it."""
    workspace = desk.workspace
    held = workspace.revision(revision_id)
    if held is None:
        raise DeskError(
            "revision.unknown", happened="县里没有这份报表", safe="没有改变任何报表的状态", todo="请先接收乡镇的报县包"
        )
    decided = Decision(
        act=act,
        revision=revision_id,
        office=desk.office.code,
        n=workspace.next_n(held.office, held.period),
        seen=workspace.decision_heads(held.office, held.period),
        person=desk.person.name,
        at=desk.clock().replace(microsecond=0),
        reason=reason,
        comments=tuple(comments),
    )
    with workspace.atomic():
        kept = keep_decision(desk, decided)
        taking.rejudge(workspace, desk.task, {held.office})
        desk.journal("decide", what=act.value, revision=revision_id)
    return kept


def close_period(desk: CountyDesk, reason: str = "") -> DecisionRecord:
    """封账: names every revision that counts now; what comes later is 补报. Reopening is a withdrawal of it."""
    workspace, period = desk.workspace, desk.task.period
    counted = sorted(stands.counted for _, _, stands in workspace.standings(period) if stands.counted)
    decided = Decision(
        act=Act.CLOSE,
        revision="",
        office=desk.office.code,
        n=next_n(max((workspace.next_n(office, at) for office, at in workspace.offices_with_returns()), default=1)),
        seen=(),
        person=desk.person.name,
        at=desk.clock().replace(microsecond=0),
        reason=reason,
        names=tuple(counted),
        about=(("period", period),),
    )
    with workspace.atomic():
        kept = keep_decision(desk, decided)
        taking.rejudge(workspace, desk.task, None)
        desk.journal("close_period", period=period, returns=len(counted))
    return kept


def write_answer(desk: CountyDesk, township: str, folder: Path) -> Path:
    """The county's receipt to a township: what has come of it, the county's decisions, closings, revocations."""
    from cunbao import exchange
    from cunbao.exchange import ObjectKind
    from cunbao.exchange.notes import Notice

    workspace, own, now = desk.workspace, devices.device(desk.workspace), desk.clock()
    decided = [
        one
        for office, period in workspace.offices_with_returns()
        if office.startswith(township[:9])
        for one in workspace.decisions_of(office, period)
        if one.office == desk.office.code
    ]
    decided += [one for act in (Act.CLOSE, Act.REVOKE, Act.EXEMPT) for one in workspace.decisions_of_act(act.value)]
    ours = {one.id: one for one in decided if one.office == desk.office.code}
    sequence, previous = workspace.next_outgoing(township)
    length, head = workspace.journal_head()
    manifest = exchange.Manifest(
        kind=exchange.PackageKind.RECEIPT,
        office=desk.office.code,
        device=own.id,
        epoch=workspace.epoch,
        to=(township,),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=sequence,
        written_at=now,
        members=(),
        previous=previous,
        acknowledges=receiving.acknowledgements(desk, township),
        journal_length=length,
        journal_head=head if length else "",
    )
    said = Notice(deadline=desk.task.deadline, seen=witness.seen(desk, township))
    notice: packing.Group = ((said.encode(), ObjectKind.NOTICE, ""),)
    groups = [(*notice, *packing.decision_group(workspace, one)) for one in ours.values()] or [notice]
    reader = bytes.fromhex(workspace.setting("townships", {})[township][2])
    office = workspace.office(township)
    stem = f"{office.short if office else township}-{desk.task.period_title}-县回执"
    volume, roots = media.volume_of(folder, what=WHAT), ledger.judge_of(workspace).roots
    post = packing.Post(folder, WHAT, partial(packing.file_name, stem), own.readers, roots, volume)

    def note(one: packing.Written) -> None:
        with workspace.atomic():
            workspace.add_outgoing(packing.outgoing(one, KIND, township, ours))
            desk.journal("answer", office=township, file=one.sha256)

    return packing.send(manifest, groups, desk.signs(), [reader], post, note)[-1].path
