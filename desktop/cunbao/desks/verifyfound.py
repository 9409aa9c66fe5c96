"""What can be known of a PDF that somebody handed in: its signature, what lies inside, which return it wants to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.desks.pagetext import page_texts
from cunbao.desks.seat import Seat
from cunbao.errors import CunbaoError
from cunbao.store import StoredRevision
from cunbao.survey import codes
from cunbao.survey.revision import Header

if TYPE_CHECKING:
    from cunbao.trust.certs import Certificate
    from cunbao.trust.chain import ChainVerdict
    from cunbao.trust.pades import PdfVerdict


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the PDF. inside: its attachments, believed only as far as the verdict goes; header: of the
    return that it wants to be; stored: that return as we hold it; chain: who vouches for its signer."""

    data: bytes
    verdict: PdfVerdict
    inside: Mapping[str, bytes]
    header: Header | None
    stored: StoredRevision | None
    signer: Certificate | None
    chain: ChainVerdict | None
    updates: int = 0


def read(seat: Seat, judge: ledger.Judge, data: bytes) -> Found:
    from cunbao.trust.pades import Fault, carried, verify_pdf

    def verified(pdf: bytes) -> PdfVerdict:
        return verify_pdf(pdf, judge.roots, revocations=judge.revocations, certificates=judge.authorities)

    verdict, updates = verified(data), 0
    first = verdict
    if verdict.fault is Fault.CHANGED and verdict.signed_bytes:
        # something was added behind the signature: what was signed is still there
        first = verified(data[: verdict.signed_bytes])
        updates = max(1, data.count(b"startxref", verdict.signed_bytes))
    inside = first.attachments or carried(data)
    header = _header(inside)
    signer = first.signature.signer if first.signature is not None else None
    stored = _held(seat, header, inside, data)
    chain = None
    if signer is not None and first.signature is not None and first.signature.computes:
        at = header.signed_at if header is not None else first.signature.signed_at
        object_id = id_of(inside)
        if at is not None:
            _, chain = judge.chain(signer, (one.der for one in first.signature.chain), at=at, object_id=object_id)
    return Found(data, verdict, inside, header, stored, signer, chain, updates)


def _header(inside: Mapping[str, bytes]) -> Header | None:
    from cunbao.trust.pades import HEADER

    try:
        return Header.decode(inside[HEADER]) if HEADER in inside else None
    except CunbaoError:
        return None


def id_of(inside: Mapping[str, bytes]) -> str:
    from cunbao.trust.pades import HEADER

    return sha256(inside.get(HEADER, b"")).hexdigest()


def _held(seat: Seat, header: Header | None, inside: Mapping[str, bytes], data: bytes) -> StoredRevision | None:
    """What we hold for it: the very revision, else the one of that number, else the one whose code is printed."""
    workspace = seat.workspace
    if header is None:
        return _by_printed_code(seat, data)
    same = workspace.revision(id_of(inside))
    if same is not None:
        return same
    versions = workspace.revisions(header.office, header.form, header.period)
    return next(
        (one for one in reversed(versions) if one.version == header.version), versions[-1] if versions else None
    )


def _by_printed_code(seat: Seat, data: bytes) -> StoredRevision | None:
    from cunbao.desks.verifying import by_code

    try:
        words = [word for text in page_texts(data) for word in text.split()]
    except CunbaoError:
        return None
    for word in words:
        if len(word) == 19 and word.count("-") == 3:
            try:
                return by_code(seat, codes.read_code(word))
            except CunbaoError:
                continue
    return None
