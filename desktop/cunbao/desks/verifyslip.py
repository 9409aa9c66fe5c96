"""打印验证单: the page that says what was found of a file; journalled, because it leaves on paper."""

from __future__ import annotations

from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat
from cunbao.desks.verified import Mark, Verified
from cunbao.paper.verified import VerifiedSheet, draw_verified

WORDS = {Mark.GOOD: "对", Mark.BAD: "不对", Mark.UNKNOWN: "不能判断"}


def slip(seat: Seat, found: Verified) -> bytes:
    """The PDF. PaperError when a file's name cannot be printed."""
    at = found.at.astimezone(LOCAL)
    until = found.revocations.astimezone(LOCAL) if found.revocations is not None else None
    revoked = f"，吊销名单到 {until:%Y-%m-%d}" if until is not None else "，没有吊销过证书"
    sheet = VerifiedSheet(
        name=found.name,
        kind=found.kind,
        size=found.size,
        sha256=found.sha256,
        found=found.head,
        advice=found.advice,
        rows=[(one.subject, WORDS[one.mark], one.text, one.detail.replace("**", "")) for one in found.lines],
        against=f"{found.here}存的证书{revoked}；没有联网",
        number=f"验证 {at:%Y%m%d-%H%M%S}",
        office=seat.office.name,
        person=f"{seat.person.name}（{seat.person.role}）",
        verified_at=at,
    )
    if not seat.read_only:
        seat.journal("print_verify", file_name=found.name, file=found.sha256, result=found.head)
    return draw_verified(sheet).pdf
