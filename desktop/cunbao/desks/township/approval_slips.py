"""数字证书申请核对单 (10): what the officer fills in by hand while the applicant reads his code.

The digits are the applicant's to read out: a slip printed here leaves their boxes empty, or the officer would compare
his screen with itself. Source: print.md §6, §7; protocol §4.
"""

from __future__ import annotations

from cunbao.desks.clock import LOCAL
from cunbao.desks.township import registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.paper import ApprovalSlip, Drawn, draw_approval_slip


def approval_slip(desk: TownshipDesk, key: str) -> Drawn:
    """The slip of a computer that asks; key: of its RequestView. DeskError "request.gone"."""
    from cunbao.trust.enrol import read_request

    record = registry.asked(desk, key)
    request = read_request(desk.workspace.object(record.request))
    village = desk.village(record.office)
    county = desk.county.short if desk.county else ""
    order = [one.id for one in sorted(desk.workspace.devices(record.office), key=lambda one: (one.since, one.id))]
    slip = ApprovalSlip(
        county=county,
        office=village,
        full_name=f"{county}{desk.office.short}{village.name}",
        township=desk.office,
        number=f"{order.index(record.id) + 1:02d}",
        person=request.person,
        role="",
        device=f"{request.device[:4]}-{request.device[4:8]}".upper(),
        made_at=request.made_at.astimezone(LOCAL),
        printed_at=desk.clock().astimezone(LOCAL),
        digits="",
        qr="",
    )
    desk.journal("approval_slip", office=record.office, key=key)
    return draw_approval_slip(slip)
