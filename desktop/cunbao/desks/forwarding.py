"""报县: the villages' own signed revisions and the township's signed decisions, in one package to the county.

By default what is accepted and not yet acknowledged; decisions go whether or not their return does, so that one taken
back later is told too. Nothing counted is silently unreviewed. Source: protocol §5, §6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from cunbao.desks import board, devices, ledger, media, packing, receiving
from cunbao.desks.clock import LOCAL
from cunbao.desks.sending import check_code
from cunbao.desks.township import TownshipDesk
from cunbao.desks.township_views import FormCount, SendOnView, StaysOut
from cunbao.desks.views import BundleView
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, Outgoing, StoredRevision
from cunbao.survey.decision import Act
from cunbao.survey.states import Kind, ReturnState

KIND = "forward"
STEPS = ("打包", "写入", "读回、核对")
WAITS = {
    ReturnState.RECEIVED: "等镇里审核",
    ReturnState.RETURNED: "等村里改",
    ReturnState.FORK: "等村里重签",
    ReturnState.CERT_PENDING: "等核准证书",
    ReturnState.MISSING: "等村里报",
}


@dataclass(frozen=True, slots=True)
class Load:
    """What the next bundle to the county holds. told: returns of this period that the county has acknowledged."""

    revisions: tuple[StoredRevision, ...]
    decisions: tuple[DecisionRecord, ...]
    certificates: tuple[str, ...]
    going: int  # returns of this period that count and are news to the county
    told: int


# --- what goes -------------------------------------------------------------------------------------------------------


def load(desk: TownshipDesk, *, include_received: bool = False) -> Load:
    """Counted revisions with the versions that they follow, decisions, computers' certificates; what the county has
    acknowledged is left out. include_received: also what waits for review (未经乡镇审核)."""
    workspace = desk.workspace
    known = acknowledged(desk)
    ours = [one.code for one in desk.villages]
    revisions: dict[str, StoredRevision] = {}
    going = told = 0
    decisions: dict[str, DecisionRecord] = {}
    for office, period in workspace.offices_with_returns(ours):
        held = {one.id: one for one in workspace.revisions_of(office, period)}
        for form, stands in [(form, stands) for _, form, stands in workspace.standings(period, [office])]:
            wanted = {stands.counted} if stands.counted else set()
            if include_received and stands.head and period == desk.task.period:
                wanted.add(stands.head)
            if period == desk.task.period and form in desk.task.forms and stands.counted:
                told += stands.counted in known
                going += stands.counted not in known
            for name in _with_ancestors(wanted, held):
                if name not in known:
                    revisions[name] = held[name]
        decisions |= {one.id: one for one in workspace.decisions_of(office, period) if one.id not in known}
    for one in workspace.decisions_of_act(Act.REVOKE.value):
        if one.office == desk.office.code and one.id not in known:
            decisions[one.id] = one
    certificates = [
        record.id
        for office in ours
        for record in workspace.certificates(office=office)
        if record.signs and record.id not in known
    ]
    return Load(tuple(revisions.values()), tuple(decisions.values()), tuple(certificates), going, told)


def _with_ancestors(names: set[str], held: Mapping[str, StoredRevision]) -> list[str]:
    found: dict[str, None] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in held and name not in found:
            found[name] = None
            waiting += held[name].parents
    return sorted(found, key=lambda name: (held[name].n, name))


def acknowledged(desk: TownshipDesk) -> frozenset[str]:
    """What the county says it holds of what this workspace sent on."""
    workspace = desk.workspace
    computers = {device for device, _ in workspace.lives(_county(desk), receiving.TAKEN)}
    heard = {one.own_epoch: one for device in sorted(computers) for one in workspace.heard(device)}
    return frozenset(
        name
        for one in workspace.outgoing(kind=KIND)
        if one.epoch in heard and heard[one.epoch].covers(one.seq)
        for name in one.objects
    )


def _county(desk: TownshipDesk) -> str:
    return desk.office.code[:6] + "000000"


# --- written ---------------------------------------------------------------------------------------------------------


def write_forward(
    desk: TownshipDesk,
    folder: Path,
    *,
    include_received: bool = False,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> BundleView:
    """Write the bundle to the county, read it back, note it. DeskError "forward.nothing", "disk.full",
    "folder.readonly", "medium.gone", "medium.differs"; after a failure nothing counts as sent on."""
    from cunbao import exchange

    begun = perf_counter()
    what = load(desk, include_received=include_received)
    if not what.revisions and not what.decisions:
        raise DeskError(
            "forward.nothing",
            happened="没有新的内容要报县",
            safe="县里已收到的都算数",
            todo="有新通过的报表，或者撤回了决定，再来报",
        )
    workspace, own, now = desk.workspace, devices.device(desk.workspace), desk.clock()
    progress(Progress(0, len(STEPS), STEPS[0]))
    sequence, previous = workspace.next_outgoing(_county(desk))
    length, head = workspace.journal_head()
    manifest = exchange.Manifest(
        kind=exchange.PackageKind.FORWARD,
        office=desk.office.code,
        device=own.id,
        epoch=workspace.epoch,
        to=(_county(desk),),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=sequence,
        written_at=now,
        members=(),
        previous=previous,
        acknowledges=receiving.acknowledgements(desk, _county(desk)),
        journal_length=length,
        journal_head=head if length else "",
    )
    parts = packing.seal(manifest, _groups(desk, what), desk.signs(), [_reader(desk)], when=now)
    if cancel is not None:
        cancel.check()
    progress(Progress(1, len(STEPS), STEPS[1]))
    volume = media.volume_of(folder, what="报县包")
    ids = {*(one.id for one in what.revisions), *(one.id for one in what.decisions), *what.certificates}
    roots = ledger.judge_of(workspace).roots
    noted: list[Outgoing] = []
    with workspace.atomic():
        for part in parts:
            name = file_name(desk, sequence, part.manifest.part, part.manifest.parts)
            sha = packing.write(
                part, folder / name, own.readers, roots, office=desk.office.code, what="报县包", volume=volume
            )
            outgoing = Outgoing(
                kind=KIND,
                office=_county(desk),
                period=desk.task.period,
                epoch=workspace.epoch,
                seq=part.manifest.sequence,
                sha256=sha,
                file_name=name,
                folder=str(folder),
                size=len(part.data),
                at=now,
                objects=tuple(sorted(ids & part.objects.keys())),
            )
            workspace.add_outgoing(outgoing)
            noted.append(outgoing)
        desk.journal("forward", files=[one.sha256 for one in noted], returns=what.going)
    progress(Progress(3, len(STEPS), "写好了，可以拔"))
    last = noted[-1]
    return BundleView(
        path=Path(last.folder) / last.file_name,
        file_name=last.file_name,
        size=sum(one.size for one in noted),
        sequence=sequence,
        forms=what.going,
        pages=0,
        reader=desk.county.short if desk.county else "县",
        check_code=check_code(last.sha256),
        written_at=now,
        seconds=perf_counter() - begun,
    )


def _groups(desk: TownshipDesk, what: Load) -> list[packing.Group]:
    from cunbao.exchange import ObjectKind

    held = desk.workspace.object
    groups: list[packing.Group] = [((held(name), ObjectKind.CERTIFICATE, ""),) for name in what.certificates]
    groups += [packing.decision_group(desk.workspace, one) for one in what.decisions]
    return [*groups, *(packing.revision_group(desk.workspace, one) for one in what.revisions)]


def _reader(desk: TownshipDesk) -> bytes:
    """The county desk's decryption certificate, from the task pack."""
    from cunbao.trust.certs import CertRole

    found = [one for one in desk.workspace.certificates(role=CertRole.COUNTY_DESK.value) if not one.signs]
    if not found:
        raise DeskError(
            "county.unknown",
            happened="任务包里没有县里的收件证书",
            safe="审核决定都在，没有写出文件",
            todo="请向县里要一份新的任务包",
        )
    return desk.workspace.object(max(found, key=lambda one: one.not_before).id)


def file_name(desk: TownshipDesk, number: int, part: int = 1, parts: int = 1) -> str:
    """勐混镇-2025年度-第1次.cbsync."""
    which = f"-{part}of{parts}" if parts > 1 else ""
    return f"{desk.office.short}-{desk.task.period_title}-第{number}次{which}{receiving.SUFFIX}"


# --- shown -----------------------------------------------------------------------------------------------------------


def send_on_view(desk: TownshipDesk, *, include_received: bool = False) -> SendOnView:
    """township-10."""
    what = load(desk, include_received=include_received)
    states = board.states(desk)
    forms = tuple(
        FormCount(
            form=form,
            title=desk.task.screens[form].nav,
            by_state=Counter(state for (_, of), state in states.items() if of == form),
            asked=len(desk.villages),
        )
        for form in desk.task.forms
    )
    number, _ = desk.workspace.next_outgoing(_county(desk))
    written = desk.workspace.outgoing(kind=KIND)
    last = ""
    if written:
        count = sum(desk.workspace.revision(name) is not None for name in written[-1].objects)
        last = f"第 {written[-1].seq} 次 {written[-1].at.astimezone(LOCAL):%m-%d %H:%M}，{count} 张"
    owed = [key for key, state in states.items() if state is not ReturnState.ACCEPTED]
    county = desk.county.short if desk.county else ""
    return SendOnView(
        to=f"{county}民政局",
        number=number,
        forms=forms,
        going=what.going,
        acknowledged=what.told,
        decisions=len(what.decisions),
        decisions_line=_decisions_line(what.decisions),
        out=tuple(_stays_out(desk, states)),
        chase_line=f"{len({office for office, _ in owed})} 个村，{len(owed)} 张，含退回和等重签"
        if owed
        else "没有缺报的",
        proxies=_proxies(desk, what),
        received_too=sum(state is ReturnState.RECEIVED for state in states.values()),
        file_name=file_name(desk, number),
        size=sum(len(desk.workspace.object(name)) for one in what.revisions for name in one.objects),
        may_send=bool(what.revisions or what.decisions),
        why_not="" if what.revisions or what.decisions else "没有新的内容要报县",
        last=last,
    )


def _decisions_line(decisions: Sequence[DecisionRecord]) -> str:
    counts = Counter(Act(one.act).word for one in decisions)
    return "，".join(f"{word} {count}" for word, count in counts.most_common())


def _stays_out(desk: TownshipDesk, states: Mapping[tuple[str, str], ReturnState]) -> list[StaysOut]:
    found = []
    for state, why in WAITS.items():
        by_village = Counter(office for (office, _), one in states.items() if one is state)
        if by_village:
            who = "、".join(f"{one.short} {by_village[one.code]}" for one in desk.villages if by_village[one.code])
            found.append(StaysOut(state, sum(by_village.values()), who, why))
    return found


def _proxies(desk: TownshipDesk, what: Load) -> str:
    names = {one.code: one.short for one in desk.villages}
    found: dict[str, list[str]] = {}
    for one in what.revisions:
        if one.kind == Kind.PROXY.code and one.period == desk.task.period:
            found.setdefault(names.get(one.office, one.office), []).append(one.form)
    return "；".join(f"{name} {'、'.join(sorted(set(forms)))}" for name, forms in found.items())
