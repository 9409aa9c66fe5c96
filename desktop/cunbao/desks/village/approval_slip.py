"""数字证书申请核对单 (10) at the village: who asks, and the 24 digits that are read to the township's officer.

It is printed where the digits are the applicant's own; the township's copy (`township.approval_slips`) leaves their
boxes empty. Source: print.md §6, §7; protocol §4.
"""

from __future__ import annotations

from cunbao.desks.clock import LOCAL
from cunbao.desks.devices import device
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.paper import ApprovalSlip, Drawn, draw_approval_slip
from cunbao.survey import codes


def approval_slip(desk: VillageDesk) -> Drawn:
    """The slip of this computer's request. DeskError "request.answered" when the township has approved it."""
    from cunbao.trust.enrol import read_request

    own = device(desk.workspace)
    if own.enrolled:
        raise DeskError(
            "request.answered",
            happened="这台电脑的证书已经核准",
            safe="什么也没有改动",
            todo="不用再打核对单，直接签名、报送就可以",
        )
    request, place = read_request(own.request), desk.directory
    number = request.device[:4].upper()  # a village does not know how many of its computers have asked
    slip = ApprovalSlip(
        county=place.county.short,
        office=desk.office,
        full_name=f"{place.county.short}{place.township.short}{desk.office.name}",
        township=place.township,
        number=number,
        person=request.person,
        role=desk.person.role if desk.person.name == request.person else "",
        device=f"{request.device[:4]}-{request.device[4:8]}".upper(),
        made_at=request.made_at.astimezone(LOCAL),
        printed_at=desk.clock().astimezone(LOCAL),
        digits="".join(own.comparison_code.split()),
        qr=codes.qr_text("E", (desk.office.code, number), request.sha256),
    )
    desk.journal("approval_slip", office=desk.office.code)
    return draw_approval_slip(slip)
