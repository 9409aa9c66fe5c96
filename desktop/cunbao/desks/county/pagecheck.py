"""Does the page say what its data say? Asked of every return before it is printed as valid, and remembered.

A signature holds over a page that prints 24 beside data of 42 as well, so the page is drawn anew and compared, as a
reviewer's is (`proofing`). That costs some tenths of a second, so it is not done for all that could be printed, but for
what is; what was found of immutable bytes is kept until program, task or what the page rests on are others.
"""

from __future__ import annotations

from hashlib import sha256

from cunbao import TOOL
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.reviewing import above
from cunbao.desks.township import proofing
from cunbao.desks.township.proofing import Opened
from cunbao.store import StoredRevision

KEPT = "page"  # setting page/<hash of the PDF>: {against, fault}


def fault(desk: CountyDesk, stored: StoredRevision, pdf: str, signer: bytes) -> str:
    """What on the page of this PDF (its hash) is not what the data say; "" nothing. signer: its certificate, DER."""
    from cunbao.trust.certs import read_certificate

    known = remembered(desk, stored, pdf)
    if known is not None:
        return known
    by = above(desk, stored.office)
    page = desk.workspace.object(pdf)
    said = proofing.compare_page(by, _opened(desk, stored), page, read_certificate(signer)).differs
    if not desk.read_only:
        kept = {"against": _against(desk, stored), "fault": said}
        desk.workspace.set_setting(f"{KEPT}/{pdf}", kept)
    return said


def remembered(desk: CountyDesk, stored: StoredRevision, pdf: str) -> str | None:
    """What `fault` found before, without looking again; None when it has not looked, or things are others now."""
    kept = desk.workspace.setting(f"{KEPT}/{pdf}", None) if pdf else None
    return str(kept["fault"]) if kept and kept["against"] == _against(desk, stored) else None


def _opened(desk: CountyDesk, stored: StoredRevision) -> Opened:
    return proofing.opened(above(desk, stored.office), stored)


def _against(desk: CountyDesk, stored: StoredRevision) -> str:
    """Digest of what the page is held against: which program, which task, and what of that it rests on is here."""
    rests = [*stored.parents[:1], _opened(desk, stored).used("last")]
    held = [name for name in rests if name and desk.workspace.revision(name) is not None]
    return sha256("\n".join([TOOL, desk.task.sha256, *held]).encode()).hexdigest()
