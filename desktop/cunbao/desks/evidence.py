"""The scan or photo of the sealed paper (盖章扫描件): evidence beside a signed return, never part of it (decision 16).

It touches no PDF and makes no revision; the next bundle carries it, signed by whoever's password writes the bundle.
Pictures are made smaller where they must be.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices
from cunbao.desks.pagetext import PDFIUM
from cunbao.desks.seat import Seat
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.store import EvidenceRecord, StoredRevision, Workspace
from cunbao.survey.evidence import Evidence

if TYPE_CHECKING:
    from cunbao.trust.keys import Signer

MB = 1024 * 1024
MOST_READ = 64 * MB  # bytes of a file that is looked at at all; a phone's photo has 3 to 15
MOST_PIXELS = 120_000_000
LONGEST = (3500, 2800, 2200, 1700)  # pixels of the longer side; A4 at 300, 240, 190, 145 dpi
QUALITY = (88, 75, 60)
MOST_NAME = 80  # characters


def attach(desk: VillageDesk, form: str, path: Path) -> EvidenceRecord:
    """Keep the scan at `path` (.jpg, .png or .pdf) beside the newest signed version of `form`.

    DeskError "evidence.unsigned", ".unreadable", ".kind", ".too_large"; nothing is kept then."""
    newest = desk.newest(form)
    if newest is None:
        raise DeskError(
            "evidence.unsigned",
            happened=f"{desk.task.forms[form].title}还没有签名",
            safe="没有加上任何文件",
            todo="先签名、打印、盖章，再把扫描件加进来",
        )
    data = fitting(path)
    with desk.workspace.atomic():
        kept = keep(desk, newest, data, path.name[-MOST_NAME:], says=desk.office.code)
        desk.journal("evidence", form=form, revision=newest.id, content=kept.content)
    return kept


def keep(desk: Seat, revision: StoredRevision, scan: bytes, name: str, *, says: str) -> EvidenceRecord:
    """Lay a scan beside a revision. says: 12 digits of the office whose word it is; its computer signs for it when it
    is sent (`sign`). Inside the caller's transaction."""
    workspace = desk.workspace
    said = Evidence(
        revision=revision.id,
        content=sha256(scan).hexdigest(),
        name=name,
        at=desk.clock().replace(microsecond=0),
        office=says,
        device=devices.device(workspace).id,
        person=desk.person.name,
        n=workspace.next_n(revision.office, revision.period),
        seen=workspace.decision_heads(revision.office, revision.period),
    )
    return workspace.add_evidence(said, scan)


def sign(workspace: Workspace, signer: Signer, some: Iterable[EvidenceRecord]) -> tuple[EvidenceRecord, ...]:
    """Sign what this computer says of these scans and has not signed yet; gives them all as they are held then."""
    from cunbao.trust.cms import sign_detached

    own, found = devices.device(workspace).id, []
    for one in some:
        data = workspace.object(one.id)
        said = Evidence.decode(data)
        if said.device == own and not one.signatures:
            with workspace.atomic():
                cms = workspace.add_object("cms", sign_detached(data, signer, when=said.at))
                workspace.countersign(one.id, cms)
            one = replace(one, signatures=(cms,))
        found.append(one)
    return tuple(found)


def maker(workspace: Workspace, one: EvidenceRecord) -> str:
    """The computer that says what this scan shows, "" where an older version did not write it."""
    return Evidence.decode(workspace.object(one.id)).device


def attached(desk: VillageDesk, form: str) -> tuple[EvidenceRecord, ...]:
    """What lies beside the newest version, oldest first."""
    newest = desk.newest(form)
    return () if newest is None else desk.workspace.evidence(newest.id)


def fitting(path: Path) -> bytes:
    """The bytes to keep: the file's own where it is small enough, else the picture made smaller."""
    from cunbao.exchange.limits import ATTACHMENT

    data = _read(path)
    if data.startswith(b"%PDF-"):
        _refuse_broken_pdf(data, path)
        if len(data) > ATTACHMENT:
            raise _too_large(path, len(data), "请用 150 dpi、灰度重扫一次，或者改用拍照")
        return data
    return _picture(data, path, ATTACHMENT)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_READ:
            raise _too_large(path, size, "请换一张小一些的照片")
        return path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "evidence.unreadable",
            happened=f"“{path.name}”读不出来",
            safe="没有加上任何文件",
            todo="请看文件还在不在，U 盘有没有插好，再选一次",
            detail=str(trouble),
        ) from trouble


def _refuse_broken_pdf(data: bytes, path: Path) -> None:
    import pypdfium2

    try:
        with PDFIUM:
            document = pypdfium2.PdfDocument(data)
            try:
                pages = len(document)
            finally:
                document.close()
    except pypdfium2.PdfiumError as trouble:
        raise _no_scan(path, str(trouble)) from trouble
    if pages == 0:
        raise _no_scan(path, "no pages")


def _picture(data: bytes, path: Path, most: int) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _too_large(path, len(data), "请换一张小一些的照片")
                opened.load()  # all of it: half a picture is none
                if len(data) <= most:
                    return data
                whole = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as trouble:
        raise _no_scan(path, str(trouble)) from trouble
    for longest in LONGEST:
        smaller = whole.copy()
        smaller.thumbnail((longest, longest))
        for quality in QUALITY:
            out = io.BytesIO()
            smaller.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= most:
                return out.getvalue()
    raise _too_large(path, len(data), "请换一张小一些的照片")


def _no_scan(path: Path, detail: str) -> DeskError:
    return DeskError(
        "evidence.kind",
        happened=f"“{path.name}”不是完整的 .jpg、.png 或 .pdf",
        safe="没有加上任何文件",
        todo="请选扫描件或照片；打不开的，重新扫描或拍一张",
        detail=detail,
    )


def _too_large(path: Path, size: int, todo: str) -> DeskError:
    return DeskError(
        "evidence.too_large",
        happened=f"“{path.name}”有 {max(1, size // MB)} MB，太大了",
        safe="没有加上任何文件",
        todo=todo,
    )
