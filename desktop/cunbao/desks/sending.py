"""报送: all that no receipt has acknowledged, in one encrypted package on a stick, read back before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cunbao.desks import enrolment, media, packing, replies
from cunbao.desks.devices import device, unlock_signer
from cunbao.desks.pagetext import PDFIUM
from cunbao.desks.views import BundleView, ExportView
from cunbao.desks.village import VillageDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import PackageRecord, StoredRevision

if TYPE_CHECKING:
    from cunbao.exchange import Member

STEPS = ("打包", "写入", "读回", "核对")


def export_view(desk: VillageDesk) -> ExportView:
    """village-10 before writing: what goes in, under which name, and what stands in the way."""
    going = outgoing(desk)
    why_not = why_not_sendable(desk, going)
    sequence = desk.workspace.next_seq(desk.office.code, desk.task.period)
    written = desk.workspace.packages(desk.office.code, desk.task.period)
    return ExportView(
        state=min((desk.state(form) for form in desk.task.forms), key=lambda state: state.step),
        sequence=sequence,
        file_name=file_name(desk, sequence),
        forms=tuple(dict.fromkeys(one.form for one in going)),
        may_send=not why_not,
        why_not=why_not,
        last=_bundle_view(desk, written[-1]) if written else None,
        send_to=f"{desk.directory.township.short}社会事务办",
        deadline=desk.task.deadline,
    )


def outgoing(desk: VillageDesk) -> tuple[StoredRevision, ...]:
    """Every revision of this period that no receipt has acknowledged, in the order of forms, oldest first."""
    return tuple(
        one
        for form in desk.task.forms
        for one in desk.workspace.revisions(desk.office.code, form, desk.task.period)
        if not one.acknowledged
    )


def why_not_sendable(desk: VillageDesk, going: Sequence[StoredRevision]) -> str:
    """ "" when a bundle may be written. K-116 (必报表) and moved sources (decision 15) stand here, not at signing."""
    if not going:
        return "还没有签过名的报表，先签名再报送"
    missing = [form for form in desk.task.required_forms if form in desk.task.forms and desk.newest(form) is None]
    if missing:
        return f"还有必报表没有签名：{'、'.join(missing)}"
    moved = moved_sources(desk)
    if moved:
        return f"{'、'.join(moved)} 依据的数后来变了，请更正后重新签名再报送"
    return ""


def moved_sources(desk: VillageDesk) -> tuple[str, ...]:
    """Signed forms whose taken-over (取自) values differ from their newest signed source."""
    moved = []
    for form, asked in desk.task.forms.items():
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


def file_name(desk: VillageDesk, sequence: int) -> str:
    """曼蚌村-2025年度-第1次.cbsync."""
    return f"{desk.office.short}-{desk.task.period_title}-第{sequence}次.cbsync"


def write_bundle(
    desk: VillageDesk,
    folder: Path,
    password: str,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> BundleView:
    """Write the bundle into `folder`, read it back from the medium, open it and compare; only then it counts as 报送.

    DeskError "send.nothing", "disk.full", "folder.readonly", "medium.gone", "medium.differs"; TrustError
    "password.wrong". After a failure nothing counts as sent, and the number 第 n 次 stays free."""
    from cunbao import exchange

    begun = perf_counter()
    going = outgoing(desk)
    why_not = why_not_sendable(desk, going)
    if why_not:
        raise DeskError("send.nothing", happened=why_not, safe="填的内容和签名都在", todo="处理好以后再来报送")
    volume = media.volume_of(folder, what="报送包")
    progress(Progress(0, len(STEPS), STEPS[0]))
    workspace, own = desk.workspace, device(desk.workspace)
    signer = unlock_signer(workspace, desk.person, password)
    if enrolment.sign_again(desk, signer):
        going = outgoing(desk)
    now, sequence = desk.clock(), workspace.next_seq(desk.office.code, desk.task.period)
    members, objects = carried(desk, going, request=b"" if own.enrolled else own.request)
    # 第 n 次 counts the period's; the manifest's own number counts all of this device and epoch (protocol §5)
    before = [one for one in workspace.packages(desk.office.code) if one.epoch == workspace.epoch]
    length, head = workspace.journal_head()
    manifest = exchange.Manifest(
        kind=exchange.PackageKind.BUNDLE,
        office=desk.office.code,
        device=own.id,
        epoch=workspace.epoch,
        to=(desk.directory.township.code,),
        task=desk.task.id,
        task_version=desk.task.version,
        period=desk.task.period,
        sequence=len(before) + 1,
        written_at=now,
        members=members,
        previous=before[-1].sha256 if before else "",
        acknowledges=tuple(exchange.Acknowledgement(*one) for one in replies.acknowledgements(desk)),
        journal_length=length,
        journal_head=head if length else "",
    )
    reader = desk.township_certificates()[2]
    data = exchange.write_package(manifest, objects, signer, [reader], when=now)
    path = folder / file_name(desk, sequence)
    if cancel is not None:
        cancel.check()
    progress(Progress(1, len(STEPS), STEPS[1]))
    media.write_file(path, data, what="报送包", on=volume)
    progress(Progress(2, len(STEPS), STEPS[2]))
    found = media.read_back(path, data, what="报送包")
    progress(Progress(3, len(STEPS), STEPS[3]))
    package = exchange.read_package(found, own.readers, desk.roots(), us=(desk.office.code,))
    if package.manifest != manifest or package.objects != objects:
        raise DeskError(
            "medium.differs",
            happened="读回的报送包内容不齐",
            safe="报表和签名都在本机，没有受影响",
            todo="请换一个 U 盘再写一次",
        )
    record = PackageRecord(
        office=desk.office.code,
        period=desk.task.period,
        seq=sequence,
        sha256=package.sha256,
        file_name=path.name,
        folder=str(folder),
        size=len(data),
        written_at=now,
        revisions=tuple(one.id for one in going),
        seconds=perf_counter() - begun,
    )
    with workspace.atomic():
        workspace.add_package(record)
        desk.journal("send", package=package.sha256, sequence=sequence, forms=[one.form for one in going])
    progress(Progress(4, len(STEPS), "写好了，可以拔"))
    return _bundle_view(desk, record)


def carried(
    desk: VillageDesk, going: Sequence[StoredRevision], *, request: bytes
) -> tuple[tuple[Member, ...], dict[str, bytes]]:
    """Members and bytes of what travels: each revision with what belongs to it, and what was taken back."""
    return packing.members_of(_groups(desk, going, request=request))


def _groups(desk: VillageDesk, going: Sequence[StoredRevision], *, request: bytes) -> list[packing.Group]:
    from cunbao.exchange import ObjectKind

    groups: list[packing.Group] = [((request, ObjectKind.REQUEST, ""),)] if request else []
    return [*groups, *(packing.revision_group(desk.workspace, one) for one in going)]


def pdf_pages(data: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        try:
            return len(document)
        finally:
            document.close()


def _bundle_view(desk: VillageDesk, record: PackageRecord) -> BundleView:
    carried_revisions = [one for one in map(desk.workspace.revision, record.revisions) if one is not None]
    return BundleView(
        path=Path(record.folder) / record.file_name,
        file_name=record.file_name,
        size=record.size,
        sequence=record.seq,
        forms=len({one.form for one in carried_revisions}),
        pages=sum(pdf_pages(desk.signed_pdf(one)) for one in carried_revisions),
        reader=desk.directory.township.short,
        check_code=check_code(record.sha256),
        written_at=record.written_at,
        seconds=record.seconds,
    )


def check_code(digest: str) -> str:
    """核对码: the first 12 hex digits of the file's SHA-256, in groups of four (decision 20)."""
    return " ".join(digest[n : n + 4].upper() for n in (0, 4, 8))
