"""证书申请: the request that goes to the township, the certificate that comes back, and what was signed before it.

A village signs from its first minute. When the certificate arrives, the next password entry signs the same headers
again with the issued chain; both signatures stay (protocol §4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import media, ownkeys
from cunbao.desks.devices import Device, device, install
from cunbao.desks.village import signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError, ExchangeError
from cunbao.paper import draw_return
from cunbao.store import StoredRevision
from cunbao.survey.revision import Header

if TYPE_CHECKING:
    from cunbao.exchange.enrol import Approval
    from cunbao.trust.keys import Signer

MOST = 1024 * 1024  # bytes of a certificate file that is looked at


@dataclass(frozen=True, slots=True)
class Asked:
    """path: the .cbreq that was written; code: 24 digits in six groups, read to the township by phone or on paper."""

    path: Path
    code: str


def write_request(desk: VillageDesk, folder: Path) -> Asked:
    """Write this computer's enrolment request into `folder`. DeskError "disk.full", "folder.readonly", …"""
    from cunbao.exchange import enrol

    computer, whose = device(desk.workspace), ""
    own = computer
    if computer.enrolled and ownkeys.wanted(desk):
        own, whose = ownkeys.signs_by(desk), f"-{desk.person.name}"
    path = folder / f"{desk.office.short}{whose}-证书申请.cbreq"
    media.write_file(path, enrol.write_request(own.request), what="证书申请")
    desk.journal("request_certificate", device=own.id)
    return Asked(path=path, code=own.comparison_code)


def take_certificate(desk: VillageDesk, path: Path) -> Device:
    """Take the certificate of a .cbcert over: only of the very keys asked for, signed by our superior, under our root.

    ExchangeError "approval.…"; DeskError "file.unreadable". The old certificates stay until all of it is verified."""

    try:
        if path.stat().st_size > MOST:
            raise OSError(f"{path.stat().st_size} bytes")
        data = path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来，或不是证书文件",
            safe="原来的证书和填报的内容没有改动",
            todo="请选乡镇给的 .cbcert 文件",
            detail=str(trouble),
        ) from trouble
    person, approval = _answered(desk, data)
    with desk.workspace.atomic():
        issued = approval.issued
        if person:
            fresh = ownkeys.install(desk.workspace, person, issued.signing, issued.chain)
        else:
            fresh = install(desk.workspace, issued.signing, issued.decryption, issued.chain)
        desk.journal("take_certificate", certificate=fresh.certificate_no)
    return fresh


def _answered(desk: VillageDesk, data: bytes) -> tuple[str, Approval]:
    """Whose request is answered: "" the computer's, else a person's own; and the answer. ExchangeError of the
    computer's request when it is nobody's."""
    from cunbao.exchange import enrol

    for person, card in ownkeys.cards(desk.workspace).items():
        try:
            return person, enrol.read_approval(data, card.request, desk.roots())
        except ExchangeError as trouble:
            if trouble.code != "approval.other":
                raise
    return "", enrol.read_approval(data, device(desk.workspace).request, desk.roots())


def signed_before(desk: VillageDesk) -> tuple[StoredRevision, ...]:
    """This period's revisions that carry only a signature from before the certificate came."""
    return tuple(_unvouched(desk)) if ownkeys.signs_by(desk).enrolled else ()


def sign_again(desk: VillageDesk, signer: Signer) -> int:
    """A second CMS and PDF over each same header, now with the issued chain. Gives how many; called with the signer
    that a password has just unlocked. The first signature and its PDF stay."""
    from cunbao.trust.cms import sign_detached
    from cunbao.trust.pades import sign_pdf

    own, done = ownkeys.signs_by(desk), 0
    for revision in signed_before(desk):
        header_bytes = desk.workspace.object(revision.header)
        header = Header.decode(header_bytes)
        drawn = draw_return(signing.signed_sheet(desk, header, revision.id, desk.signed_answers(revision), own))
        now = desk.clock().replace(microsecond=0)
        cms = sign_detached(header_bytes, signer, when=now)
        attachments = {
            "header.json": header_bytes,
            "answers.xml": desk.workspace.object(revision.answers),
            "header.cms": cms,
        }
        pdf = sign_pdf(drawn.pdf, signer, when=now, attachments=attachments, box=drawn.box, page=drawn.box_page)
        with desk.workspace.atomic():
            kept = desk.workspace.add_object("cms", cms), desk.workspace.add_object("pdf", pdf)
            desk.workspace.add_signature(revision.id, *kept)
            desk.journal("sign_again", form=header.form, revision=revision.id)
        done += 1
    return done


def _unvouched(desk: VillageDesk) -> Iterator[StoredRevision]:
    from cunbao.trust.cms import read_signed

    own = ownkeys.signs_by(desk).id
    for form in desk.task.forms:
        for revision in desk.workspace.revisions(desk.office.code, form, desk.task.period):
            if revision.device != own or revision.others:  # another computer's is not ours to sign
                continue
            if read_signed(desk.workspace.object(revision.cms)).signer.self_signed:
                yield revision
