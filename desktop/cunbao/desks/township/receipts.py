"""回执: to each village what was decided, what has come and what has not, in one encrypted package for its computers.

A receipt carries every revision and decision which some live computer of the office has not acknowledged, also those of
its other computer; writing it again is harmless. It is read back before anything counts as told. Source: protocol §5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import closed, devices, evidence, filelog, hearing, ledger, media, packing, receiving, witness
from cunbao.desks.township import certified
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileResult, WrittenReceipt
from cunbao.errors import CunbaoError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, EvidenceRecord, Outgoing, StoredRevision
from cunbao.survey.decision import Decision
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange import Acknowledgement, Manifest
    from cunbao.exchange.notes import Notice
    from cunbao.paper import Drawn

KIND = "receipt"
WHAT = "回执"
FOLDER = "回执"  # 勐混镇回执/ on the stick
MOST = 50  # gaps and troubles that a notice tells; a reader takes no endless list
REFUSED = (FileResult.BROKEN.name, FileResult.SIGNATURE.name, FileResult.STRANGER.name)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the next receipt of a village holds. fresh: ids that no receipt to it has carried."""

    office: Office
    revisions: tuple[StoredRevision, ...]
    decisions: tuple[DecisionRecord, ...]
    scans: tuple[EvidenceRecord, ...]
    certificates: tuple[str, ...]  # object ids
    readers: tuple[bytes, ...]  # DER of its computers' decryption certificates
    proposals: tuple[dict[str, Any], ...]
    notice: Notice
    acknowledges: tuple[Acknowledgement, ...]
    fresh: frozenset[str]


# --- what goes in ----------------------------------------------------------------------------------------------------


def parcel(desk: TownshipDesk, office: Office, *, everything: bool = False, restore: str = "") -> Parcel:
    """What the village has not got. everything: all that is held of it, for a computer that lost all (全部还原)."""
    workspace = desk.workspace
    live = certified.live_certificates(desk, office.code)
    computers = _computers(desk, office.code)
    periods = [period for _, period in workspace.offices_with_returns([office.code])]
    held = [one for period in periods for one in workspace.revisions_of(office.code, period)]
    decided = [one for period in periods for one in workspace.decisions_of(office.code, period)]
    decided += [one for one in workspace.decisions_at_large() if _concerns(desk, one, office)]
    known = [hearing.known(workspace, office.code, one, KIND) for one in computers] or [frozenset[str]()]
    everybody = frozenset.intersection(*known)
    told = {name for one in workspace.outgoing(office=office.code, kind=KIND) for name in one.objects}
    certificates = tuple(record.id for record in live)
    proposals = _proposals(desk, office.code)
    notice = _notice(desk, office, restore)
    carried = {one.id for one in decided} | set(certificates) | {one["id"] for one in proposals}
    fresh = {*(carried - told), *((notice_id(notice),) if _says_more(desk, office, notice) else ())}
    return Parcel(
        office=office,
        revisions=tuple(one for one in held if everything or one.id not in everybody),
        decisions=tuple(one for one in decided if everything or one.id not in everybody),
        scans=tuple(_scans(desk, office, periods, everybody | set(computers), everything=everything)),
        certificates=certificates,
        readers=tuple(workspace.object(record.id) for record in live if not record.signs),
        proposals=proposals,
        notice=notice,
        acknowledges=receiving.acknowledgements(desk, office.code),
        fresh=frozenset(fresh),
    )


def _scans(
    desk: TownshipDesk, office: Office, periods: Sequence[str], known: frozenset[str], *, everything: bool
) -> Iterator[EvidenceRecord]:
    """Scans of papers that the office has not got; large as they are, its own do not come back but when all is lost.
    known: ids and computers."""
    for at in periods:
        for one in desk.workspace.evidence_of(office.code, at):
            if everything or (one.id not in known and evidence.maker(desk.workspace, one) not in known):
                yield one


def _concerns(desk: TownshipDesk, one: DecisionRecord, office: Office) -> bool:
    """Is it about this office, its township, or about all (封账, and taking one back)?"""
    about = Decision.decode(desk.workspace.object(one.id)).of("office")
    return about in ("", office.code, desk.office.code)


def _proposals(desk: TownshipDesk, office: str) -> tuple[dict[str, Any], ...]:
    """Proposals whose heads still contend."""
    found = []
    for form in desk.task.forms:
        kept = desk.workspace.setting(f"proposal/{office}/{desk.task.period}/{form}", None)
        if kept and set(kept["heads"]) == set(desk.workspace.standing(office, form, desk.task.period).heads):
            found.append({**kept, "form": form})
    return tuple(found)


def _notice(desk: TownshipDesk, office: Office, restore: str) -> Notice:
    from cunbao.exchange.notes import Gap, Notice, Trouble

    gaps = []
    for device, epoch in desk.workspace.lives(office.code, receiving.TAKEN):
        for lost, numbers in (
            (False, receiving.missing_numbers(desk, device, epoch)),
            (True, receiving.lost_numbers(desk, device, epoch)),
        ):
            if numbers:
                gaps.append(Gap(device, epoch, numbers, lost))
    last = last_written(desk, office.code)
    troubles: dict[str, Trouble] = {}
    for one in desk.workspace.arrivals(office=office.code):
        if last is not None and one.at <= last.at:
            break
        if one.result in receiving.TAKEN:
            break  # a whole one has come since
        if one.result in REFUSED and len(troubles) < MOST:
            line = filelog.line_of(one)
            troubles[one.file_name] = Trouble(one.file_name, line.happened or line.read, line.todo_long or line.todo)
    return Notice(
        deadline=desk.task.deadline,
        gaps=tuple(gaps[-MOST:]),
        troubles=tuple(troubles.values()),
        text=desk.workspace.setting(f"receipt/text/{office.code}", ""),
        restore=restore,
        seen=witness.seen(desk, office.code),
    )


def notice_id(notice: Notice) -> str:
    """What a notice tells people: the journal heads in it are for the computer, and change with every bundle."""
    from hashlib import sha256

    return sha256(replace(notice, seen=()).encode()).hexdigest()


def _says_more(desk: TownshipDesk, office: Office, notice: Notice) -> bool:
    if not (notice.gaps or notice.troubles or notice.text):
        return False
    return bool(desk.workspace.setting(f"receipt/notice/{office.code}", "") != notice_id(notice))


def last_written(desk: TownshipDesk, office: str) -> Outgoing | None:
    written = desk.workspace.outgoing(office=office, kind=KIND)
    return written[-1] if written else None


# --- written ---------------------------------------------------------------------------------------------------------


def write_receipts(
    desk: TownshipDesk,
    folder: Path,
    offices: Sequence[str],
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[WrittenReceipt, ...]:
    """Write one receipt for each of `offices`; each is read back. One that fails leaves the others valid, and what it
    would have told stays untold."""
    done: list[WrittenReceipt] = []
    place = place_in(desk, folder)
    for number, code in enumerate(offices):
        if cancel is not None:
            cancel.check()
        office = desk.village(code)
        progress(Progress(number, len(offices), f"写 {office.short} 的回执"))
        try:
            done += [_written(office, one) for one in write_receipt(desk, place, parcel(desk, office))]
        except CunbaoError as trouble:
            done.append(WrittenReceipt(code, office.short, place, 0, False, f"{trouble.happened}。{trouble.todo}"))
    progress(Progress(len(offices), len(offices), "写好了，可以拔"))
    return tuple(done)


def place_in(desk: TownshipDesk, folder: Path) -> Path:
    """Where receipts lie on a stick: 勐混镇回执/."""
    return folder / f"{desk.office.short}{FOLDER}"


def _written(office: Office, one: Outgoing) -> WrittenReceipt:
    return WrittenReceipt(office.code, office.short, Path(one.folder) / one.file_name, one.size, True)


def write_receipt(desk: TownshipDesk, place: Path, what: Parcel) -> tuple[Outgoing, ...]:
    """Seal, write, read back, note. DeskError "receipt.nobody" when no computer of the village is known."""
    from cunbao.errors import DeskError

    if not what.readers:
        raise DeskError(
            "receipt.nobody",
            happened=f"{what.office.short}还没有登记过的电脑，回执没有人打得开",
            safe="没有写出文件，审核决定都在",
            todo="请打印纸质回单，或者先核准村里的电脑",
        )
    workspace, own = desk.workspace, devices.device(desk.workspace)
    make_place(place)
    volume = media.volume_of(place, what=WHAT)
    roots = ledger.judge_of(workspace).roots
    post = packing.Post(
        workspace, what.office.code, _unheard(desk, what.office.code), place, WHAT,
        partial(file_name, desk, what.office), own.readers, roots, volume,
    )  # fmt: skip
    ids = {
        *(one.id for one in what.revisions),
        *(one.id for one in what.decisions),
        *(one.id for one in what.scans),
        *what.certificates,
        *(one["id"] for one in what.proposals),
    }
    noted: list[Outgoing] = []

    def note(one: packing.Written) -> None:
        with workspace.atomic():
            noted.append(packing.outgoing(one, KIND, what.office.code, ids))
            workspace.add_outgoing(noted[-1])
            desk.journal("receipt", office=what.office.code, file=one.sha256)

    what = replace(what, scans=evidence.sign(workspace, desk.signs(), what.scans))
    packing.send(manifest(desk, what), groups(desk, what), desk.signs(), what.readers, post, note)
    workspace.set_setting(f"receipt/notice/{what.office.code}", notice_id(what.notice))
    return tuple(noted)


def _unheard(desk: TownshipDesk, office: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """The receipts of this life that some computer of the office has not acknowledged."""
    some = [hearing.unheard(desk.workspace, office, device) for device in _computers(desk, office)]
    missing = {one.seq: one for unheard in some for one in unheard}
    return [(number, one.sha256, one.objects) for number, one in sorted(missing.items())]


def _computers(desk: TownshipDesk, office: str) -> list[str]:
    """The computers of an office whose certificates live."""
    read = [certified.certificate_of(desk, one) for one in certified.live_certificates(desk, office) if one.signs]
    return sorted({one.device for one in read})


def manifest(desk: TownshipDesk, what: Parcel) -> Manifest:
    """Of the next receipt to an office, before it is known how many parts it takes."""
    from cunbao import exchange

    workspace = desk.workspace
    sequence, previous = workspace.next_outgoing(what.office.code)
    length, head = workspace.journal_head()
    return exchange.Manifest(
        kind=exchange.PackageKind.RECEIPT,
        office=desk.office.code,
        device=devices.device(workspace).id,
        epoch=workspace.epoch,
        to=(what.office.code,),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=sequence,
        written_at=desk.clock(),
        members=(),
        previous=previous,
        acknowledges=what.acknowledges,
        closed=closed.for_village(workspace, what.office.code, _computers(desk, what.office.code)),
        journal_length=length,
        journal_head=head if length else "",
    )


def groups(desk: TownshipDesk, what: Parcel) -> list[packing.Group]:
    """The content in groups, the notice with each of them: no part is without."""
    from cunbao.exchange import ObjectKind

    workspace = desk.workspace
    notice: packing.Group = ((what.notice.encode(), ObjectKind.NOTICE, ""),)
    names = (*what.certificates, *_own_certificates(desk))
    first: packing.Group = tuple((packing.kept(workspace, name), ObjectKind.CERTIFICATE, "") for name in names)
    listed = workspace.setting(certified.CRL, None)
    if listed:
        first = (*first, (packing.kept(workspace, listed["object"]), ObjectKind.CRL, ""))
    found: list[packing.Group] = [first]
    for one in what.proposals:
        found.append(
            (
                (packing.kept(workspace, one["id"]), ObjectKind.PROPOSAL, ""),
                (packing.kept(workspace, one["answers"]), ObjectKind.ANSWERS, one["id"]),
            )
        )
    found += [packing.decision_group(workspace, one) for one in what.decisions]
    found += packing.revision_groups(workspace, what.revisions)
    found += packing.evidence_groups(workspace, what.scans)
    return [(*notice, *group) for group in found]


def _own_certificates(desk: TownshipDesk) -> tuple[str, ...]:
    """Ids of this desk's certificates and its CA's: by these the village reads and writes when they are other ones than
    its task pack brought."""
    own = devices.device(desk.workspace)
    ders = (own.certificate, own.decryption, *own.chain[:1])
    return tuple(dict.fromkeys(desk.workspace.add_object("certificate", der) for der in ders))


def slip(desk: TownshipDesk, office: str) -> Drawn:
    """回单: what is to be told, on paper, for a village that has no computer."""
    from cunbao.desks.township import paper_receipts

    return paper_receipts.slip(desk, office)


def make_place(place: Path) -> None:
    """The folder of the receipts on the stick. DeskError when it cannot be made."""
    try:
        place.mkdir(exist_ok=True)
    except OSError as trouble:
        raise media.medium_error(trouble, place.parent, what="回执", share=0.0) from trouble


def file_name(desk: TownshipDesk, office: Office, manifest: Manifest) -> str:
    """曼蚌村-2025年度-回执第1次.cbsync."""
    return packing.file_name(f"{office.short}-{desk.task.period_title}-回执", manifest)
