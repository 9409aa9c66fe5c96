"""报县: the villages' own signed revisions and the township's signed decisions, in one package to the county.

By default what is accepted and not yet acknowledged; decisions go whether or not their return does, so that one taken
back later is told too. Nothing counted is silently unreviewed. Source: protocol §5, §6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cunbao.desks import closed, devices, evidence, hearing, ledger, media, packing, receiving
from cunbao.desks.clock import LOCAL
from cunbao.desks.township import board
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FormCount, SendOnView, StaysOut
from cunbao.desks.views import BundleFile, BundleView
from cunbao.desks.village.sending import several
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, EvidenceRecord, Outgoing, StoredRevision, Workspace
from cunbao.survey.codes import check_code
from cunbao.survey.decision import Act
from cunbao.survey.states import Kind, ReturnState

if TYPE_CHECKING:
    from cunbao.exchange import Manifest

KIND = "forward"
WHAT = "报县包"
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
    scans: tuple[EvidenceRecord, ...]
    certificates: tuple[str, ...]
    going: int  # returns of this period that count and are news to the county
    told: int
    own: int  # returns that the township signed of itself and are news to the county


# --- what goes -------------------------------------------------------------------------------------------------------


def load(desk: TownshipDesk, *, include_received: bool = False) -> Load:
    """Counted revisions with the versions that they follow and the forms they were filled against, decisions,
    computers' certificates; what the county has acknowledged is left out. include_received: also what waits for review
    (未经乡镇审核)."""
    workspace = desk.workspace
    known = acknowledged(desk)
    ours = [one.code for one in desk.villages]
    revisions: dict[str, StoredRevision] = {}
    going = told = own = 0
    decisions: dict[str, DecisionRecord] = {}
    scans: list[EvidenceRecord] = []
    for office, period in workspace.offices_with_returns([*ours, desk.office.code]):
        held = {one.id: one for one in workspace.revisions_of(office, period)}
        for form, stands in [(form, stands) for _, form, stands in workspace.standings(period, [office])]:
            wanted = {stands.counted} if stands.counted else set()
            if office == desk.office.code and stands.head:  # nobody here reviews it
                wanted.add(stands.head)
                own += period == desk.task.period and stands.head not in known
            if include_received and stands.head and period == desk.task.period:
                wanted.add(stands.head)
            if period == desk.task.period and form in desk.task.forms and stands.counted:
                told += stands.counted in known
                going += stands.counted not in known
            for name in _with_bases(workspace, wanted, held):
                if name not in known:
                    revisions[name] = held[name]
        scans += [
            one
            for one in workspace.evidence_of(office, period)
            if one.id not in known and (one.revision in known or one.revision in revisions)
        ]
        decisions |= {one.id: one for one in workspace.decisions_of(office, period) if one.id not in known}
    for one in workspace.decisions_of_act(Act.REVOKE.value):
        if one.office == desk.office.code and one.id not in known:
            decisions[one.id] = one
    certificates = [
        record.id
        for office in ours
        for record in workspace.certificates(office=office)  # those to read with too: for a township that lost all
        if record.id not in known
    ]
    return Load(
        tuple(revisions.values()), tuple(decisions.values()), tuple(scans), tuple(certificates), going, told, own
    )


def _news(desk: TownshipDesk, what: Load) -> bool:
    """Is there anything that the county did not say itself? Its own decisions go back to it with other news."""
    ours = any(one.office != _county(desk) for one in what.decisions)
    return bool(what.revisions or what.scans or ours)


def _with_bases(workspace: Workspace, names: set[str], held: Mapping[str, StoredRevision]) -> list[str]:
    """With the versions that they follow, and the other forms that they were filled against (protocol §6)."""
    found: dict[str, None] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in held and name not in found:
            found[name] = None
            header = ledger.header_of(workspace.object(held[name].header))
            waiting += [*held[name].parents, *(used for _, used in header.uses)]
    return sorted(found, key=lambda name: (held[name].n, name))


def acknowledged(desk: TownshipDesk) -> frozenset[str]:
    """What the county says it holds of what this workspace sent on."""
    computer = _county_computer(desk)
    return hearing.known(desk.workspace, _county(desk), computer, KIND) if computer else frozenset()


def _unheard(desk: TownshipDesk) -> tuple[Outgoing, ...]:
    return hearing.unheard(desk.workspace, _county(desk), _county_computer(desk))


def _county_computer(desk: TownshipDesk) -> str:
    """The computer from which the county answered in its newest life, "" before it has."""
    lives = desk.workspace.lives(_county(desk), receiving.TAKEN)
    return lives[-1][0] if lives else ""


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
    begun = perf_counter()
    what = load(desk, include_received=include_received)
    if not _news(desk, what):
        raise DeskError(
            "forward.nothing",
            happened="没有新的内容要报县",
            safe="县里已收到的都算数",
            todo="有新通过的报表，或者撤回了决定，再来报",
        )
    progress(Progress(0, len(packing.STEPS), packing.STEPS[0]))
    workspace, own = desk.workspace, devices.device(desk.workspace)
    volume = media.volume_of(folder, what=WHAT)
    roots = ledger.judge_of(workspace).roots
    unheard = [(one.seq, one.sha256, one.objects) for one in _unheard(desk)]
    post = packing.Post(
        workspace, _county(desk), unheard, folder, WHAT, partial(file_name, desk), own.readers, roots, volume
    )
    manifest = _manifest(desk)
    what = replace(what, scans=evidence.sign(workspace, desk.signs(), what.scans))
    ids = {*(one.id for one in what.revisions), *(one.id for one in what.decisions)}
    ids |= {*(one.id for one in what.scans), *what.certificates}

    def note(one: packing.Written) -> None:
        with workspace.atomic():
            workspace.add_outgoing(packing.outgoing(one, KIND, _county(desk), ids))
            desk.journal("forward", file=one.sha256, part=one.manifest.part, parts=one.manifest.parts)

    done = packing.send(
        manifest, _groups(desk, what), desk.signs(), [_reader(desk)], post, note, progress=progress, cancel=cancel
    )
    last = done[-1]
    return BundleView(
        path=last.path,
        file_name=several(done[0].path.name, len(done)),
        size=sum(one.size for one in done),
        sequence=last.manifest.sequence,
        forms=what.going + what.own,
        pages=0,
        reader=desk.county.short if desk.county else "县",
        check_code="、".join(check_code(one.sha256) for one in done),
        written_at=manifest.written_at,
        seconds=perf_counter() - begun,
        files=tuple(BundleFile(one.path.name, one.size, one.manifest.sequence, check_code(one.sha256)) for one in done),
    )


def _manifest(desk: TownshipDesk) -> Manifest:
    from cunbao import exchange

    workspace = desk.workspace
    sequence, previous = workspace.next_outgoing(_county(desk))
    length, head = workspace.journal_head()
    return exchange.Manifest(
        kind=exchange.PackageKind.FORWARD,
        office=desk.office.code,
        device=devices.device(workspace).id,
        epoch=workspace.epoch,
        to=(_county(desk),),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=sequence,
        written_at=desk.clock(),
        members=(),
        previous=previous,
        acknowledges=receiving.acknowledgements(desk, _county(desk)),
        closed=closed.for_county(workspace, desk.office.code),
        journal_length=length,
        journal_head=head if length else "",
    )


def _groups(desk: TownshipDesk, what: Load) -> list[packing.Group]:
    from cunbao.exchange import ObjectKind

    workspace = desk.workspace
    groups: list[packing.Group] = [
        ((packing.kept(workspace, name), ObjectKind.CERTIFICATE, ""),) for name in what.certificates
    ]
    groups += [packing.decision_group(workspace, one) for one in what.decisions]
    groups += packing.revision_groups(workspace, what.revisions)
    return groups + packing.evidence_groups(workspace, what.scans)


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


def file_name(desk: TownshipDesk, manifest: Manifest) -> str:
    """勐混镇-2025年度-第1次.cbsync."""
    return packing.file_name(f"{desk.office.short}-{desk.task.period_title}-", manifest)


# --- shown -----------------------------------------------------------------------------------------------------------


def send_on_view(desk: TownshipDesk, *, include_received: bool = False) -> SendOnView:
    """township-10."""
    from cunbao.desks.township import supplement

    what = load(desk, include_received=include_received)
    states = board.states(desk)
    decided = [one for one in what.decisions if _period(desk, one.revision) == desk.task.period]
    forms = tuple(
        FormCount(
            form=form,
            title=desk.task.screens[form].nav,
            by_state=Counter(state for (_, of), state in states.items() if of == form),
            asked=len(desk.villages),
        )
        for form in desk.task.forms
    )
    manifest, groups, news = _manifest(desk), _groups(desk, what), _news(desk, what)
    parts = len(packing.parts_of(groups)) if groups else 1
    written = desk.workspace.outgoing(kind=KIND)
    last = ""
    if written:
        count = sum(desk.workspace.revision(name) is not None for name in written[-1].objects)
        last = f"第 {written[-1].seq} 次 {written[-1].at.astimezone(LOCAL):%m-%d %H:%M}，{count} 张"
    owed = [key for key, state in states.items() if state is not ReturnState.ACCEPTED]
    county = desk.county.short if desk.county else ""
    return SendOnView(
        to=f"{county}民政局",
        number=manifest.sequence,
        forms=forms,
        going=what.going,
        own=supplement.lines(desk),
        own_going=what.own,
        acknowledged=what.told,
        decisions=len(decided),
        decisions_line=_decisions_line(decided),
        earlier=_earlier(desk, what),
        out=tuple(_stays_out(desk, states)),
        chase_line=f"{len({office for office, _ in owed})} 个村，{len(owed)} 张，含退回和等重签"
        if owed
        else "没有缺报的",
        proxies=_proxies(desk, what),
        received_too=sum(state is ReturnState.RECEIVED for state in states.values()),
        file_name=several(file_name(desk, replace(manifest, parts=parts)), parts),
        size=sum(desk.workspace.object_size(name) for one in what.revisions for name in one.objects),
        may_send=news,
        why_not="" if news else "没有新的内容要报县",
        last=last,
    )


def _period(desk: TownshipDesk, revision: str) -> str:
    """Of which period a decision on this revision is; one that touches none is of this one."""
    held = desk.workspace.revision(revision) if revision else None
    return held.period if held is not None else desk.task.period


def _earlier(desk: TownshipDesk, what: Load) -> str:
    """What goes along of earlier periods, on which those of this one rest; "" nothing."""
    returns = Counter(one.period for one in what.revisions)
    decided = Counter(_period(desk, one.revision) for one in what.decisions)
    before = sorted({*returns, *decided} - {desk.task.period})
    return "；".join(f"{one} 年度 {returns[one]} 张报表、{decided[one]} 个决定" for one in before)


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
