"""报送: all that no receipt has acknowledged, in one encrypted package on a stick, read back before it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cunbao.desks import closed, evidence, media, ownkeys, packing
from cunbao.desks.devices import device, unlock_signer
from cunbao.desks.pagetext import PDFIUM
from cunbao.desks.views import BundleFile, BundleView, ExportView
from cunbao.desks.village import acknowledged, enrolment, retracting, superiors
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, EvidenceRecord, PackageRecord, StoredRevision
from cunbao.survey.codes import check_code

if TYPE_CHECKING:
    from cunbao.exchange import Manifest, Member

WHAT = "报送包"


def export_view(desk: VillageDesk) -> ExportView:
    """village-10 before writing: what goes in, under which name, and what stands in the way."""
    going = outgoing(desk)
    why_not = why_not_sendable(desk, going)
    manifest, written = _manifest(desk), last_written(desk)
    decided = retracting.outgoing(desk)
    groups = _groups(desk, going, outgoing_scans(desk), request=b"", decided=decided)
    parts = len(packing.parts_of(groups)) if groups else 1
    return ExportView(
        state=min((desk.state(form) for form in desk.task.forms), key=lambda state: state.step),
        sequence=manifest.sequence,
        file_name=several(file_name(desk, replace(manifest, parts=parts)), parts),
        forms=tuple(dict.fromkeys(one.form for one in going)),
        may_send=not why_not,
        why_not=why_not,
        last=bundle_view(desk, written) if written else None,
        send_to=f"{desk.directory.township.short}社会事务办",
        deadline=desk.task.deadline,
        correct=next(iter(moved_sources(desk)), ""),
        retracted=retracting.forms_of(desk, decided),
    )


def outgoing(desk: VillageDesk) -> tuple[StoredRevision, ...]:
    """Every revision of this period that no receipt has acknowledged, in the order of forms, oldest first."""
    return tuple(
        one
        for form in desk.task.forms
        for one in desk.workspace.revisions(desk.office.code, form, desk.task.period)
        if not one.acknowledged
    )


def outgoing_scans(desk: VillageDesk) -> tuple[EvidenceRecord, ...]:
    """Every scan of this period's sealed papers that no receipt has acknowledged."""
    return tuple(one for one in desk.workspace.evidence_of(desk.office.code, desk.task.period) if not one.acknowledged)


def why_not_sendable(desk: VillageDesk, going: Sequence[StoredRevision]) -> str:
    """ "" when a bundle may be written. K-116 (必报表) and moved sources (decision 15) stand here, not at signing."""
    if not going and not outgoing_scans(desk) and not retracting.outgoing(desk):
        return "还没有签过名的报表，先签名再报送"
    missing = [form for form in desk.task.required_forms if form in desk.task.forms and desk.newest(form) is None]
    if missing:
        return f"还有必报表没有签名：{'、'.join(missing)}"
    moved = moved_sources(desk)
    if moved:
        return f"{'、'.join(moved)} 依据的数后来变了，请更正后重新签名再报送"
    return ""


def moved_sources(desk: VillageDesk, forms: Iterable[str] | None = None) -> tuple[str, ...]:
    """Signed forms (or these of them) whose taken-over (取自) values differ from their newest signed source."""
    moved = []
    for form in desk.task.forms if forms is None else forms:
        asked = desk.task.forms[form]
        newest = desk.newest(form)
        if newest is None:
            continue
        signed = desk.signed_answers(newest)
        for one in asked.fields:
            source, _, wanted = one.source.partition(".")
            theirs = desk.newest(source) if source in desk.task.forms else None
            if theirs is None:
                continue
            if signed.values.get(one.name, "") != desk.signed_answers(theirs).values.get(wanted, ""):
                moved.append(form)
                break
    return tuple(moved)


def file_name(desk: VillageDesk, manifest: Manifest) -> str:
    """曼蚌村-2025年度-第1次.cbsync."""
    return packing.file_name(_stem(desk), manifest)


def _stem(desk: VillageDesk) -> str:
    return f"{desk.office.short}-{desk.task.period_title}-"


def write_bundle(
    desk: VillageDesk,
    folder: Path,
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> BundleView:
    """Write the bundle into `folder`, read it back from the medium, open it and compare; only then it counts as 报送.
    More than one file takes is written in parts, each of which counts by itself.

    DeskError "send.nothing", "disk.full", "folder.readonly", "medium.gone", "medium.differs"; TrustError
    "password.wrong". After a failure nothing of the file that failed counts, and its number stays free."""
    begun = perf_counter()
    going = outgoing(desk)
    why_not = why_not_sendable(desk, going)
    if why_not:
        raise DeskError("send.nothing", happened=why_not, safe="填的内容和签名都在", todo="处理好以后再来报送")
    volume = media.volume_of(folder, what=WHAT)
    progress(Progress(0, len(packing.STEPS), packing.STEPS[0]))
    workspace, own = desk.workspace, device(desk.workspace)
    signer = unlock_signer(workspace, desk.person, password)
    if enrolment.sign_again(desk, ownkeys.unlock(desk, password)):
        going = outgoing(desk)
    scans = evidence.sign(workspace, signer, outgoing_scans(desk))
    decided = retracting.outgoing(desk)
    ids = [one.id for some in (going, scans, decided) for one in some]
    post = packing.Post(
        workspace, desk.directory.township.code, acknowledged.unheard(desk), folder, WHAT, partial(file_name, desk),
        own.readers, desk.roots(), volume,
    )  # fmt: skip

    def note(one: packing.Written) -> None:
        with workspace.atomic():
            record = _record(desk, one, [name for name in ids if name in one.objects], seconds=perf_counter() - begun)
            workspace.add_package(record)
            forms = [held.form for held in going if held.id in record.revisions]
            desk.journal("send", package=one.sha256, sequence=record.seq, forms=forms)

    packing.send(
        _manifest(desk), _groups(desk, going, scans, request=b"" if own.enrolled else own.request, decided=decided),
        signer, [superiors.reader(desk)], post, note, progress=progress, cancel=cancel,
    )  # fmt: skip
    return bundle_view(desk, last_written(desk))


def _manifest(desk: VillageDesk) -> Manifest:
    from cunbao import exchange

    workspace, own = desk.workspace, device(desk.workspace)
    before = [one for one in workspace.packages(desk.office.code) if one.epoch == workspace.epoch]
    length, head = workspace.journal_head()
    return exchange.Manifest(
        kind=exchange.PackageKind.BUNDLE,
        office=desk.office.code,
        device=own.id,
        epoch=workspace.epoch,
        to=(desk.directory.township.code,),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=workspace.next_seq(),
        written_at=desk.clock(),
        members=(),
        previous=before[-1].sha256 if before else "",
        acknowledges=acknowledged.acknowledgements(desk),
        closed=closed.from_village(workspace, desk.office.code),
        journal_length=length,
        journal_head=head if length else "",
    )


def _record(desk: VillageDesk, one: packing.Written, names: Sequence[str], *, seconds: float) -> PackageRecord:
    return PackageRecord(
        office=desk.office.code,
        period=desk.task.period,
        seq=one.manifest.sequence,
        sha256=one.sha256,
        file_name=one.path.name,
        folder=str(one.path.parent),
        size=one.size,
        written_at=one.manifest.written_at,
        revisions=tuple(names),
        seconds=seconds,
    )


def carried(
    desk: VillageDesk, going: Sequence[StoredRevision], *, request: bytes
) -> tuple[tuple[Member, ...], dict[str, bytes]]:
    """Members and bytes of what travels: each revision with what belongs to it."""
    return packing.members_of(_groups(desk, going, (), request=request))


def _groups(
    desk: VillageDesk,
    going: Sequence[StoredRevision],
    scans: Sequence[EvidenceRecord],
    *,
    request: bytes,
    decided: Sequence[DecisionRecord] = (),
) -> list[packing.Group]:
    """request: of a computer that waits for its certificate; each part by itself must be able to ask for it."""
    from cunbao.exchange import ObjectKind

    asks: packing.Group = ((request, ObjectKind.REQUEST, ""),) if request else ()
    groups = packing.revision_groups(desk.workspace, going) + packing.evidence_groups(desk.workspace, scans)
    groups += [packing.decision_group(desk.workspace, one) for one in decided]
    return [(*asks, *group) for group in groups]


def pdf_pages(data: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        try:
            return len(document)
        finally:
            document.close()


def last_written(desk: VillageDesk) -> tuple[PackageRecord, ...]:
    """The files of the newest bundle of this period, () before the first."""
    written = desk.workspace.packages(desk.office.code, desk.task.period)
    return tuple(one for one in written if one.written_at == written[-1].written_at)


def bundle_view(desk: VillageDesk, records: Sequence[PackageRecord]) -> BundleView:
    """What was written at once: one file, or the parts of one bundle."""
    names = dict.fromkeys(name for one in records for name in one.revisions)
    carried_revisions = [one for one in map(desk.workspace.revision, names) if one is not None]
    scans = desk.workspace.evidence_of(desk.office.code, records[0].period)
    scanned = [desk.workspace.revision(one.revision) for one in scans if one.id in names]
    shown = [one for one in scanned if one is not None]
    last = records[-1]
    return BundleView(
        path=Path(last.folder) / last.file_name,
        file_name=several(records[0].file_name, len(records)),
        size=sum(one.size for one in records),
        sequence=last.seq,
        forms=len({one.form for one in (*carried_revisions, *shown)}),
        pages=sum(pdf_pages(desk.signed_pdf(one)) for one in carried_revisions),
        reader=desk.directory.township.short,
        check_code=check_code(records[0].sha256) if len(records) == 1 else "每个文件各有一个，见送件单",
        written_at=last.written_at,
        seconds=last.seconds,
        files=tuple(BundleFile(one.file_name, one.size, one.seq, check_code(one.sha256)) for one in records),
    )


def several(name: str, files: int) -> str:
    """What the parts of one bundle are called on the screen."""
    return name if files == 1 else f"{name} 等 {files} 个文件"
