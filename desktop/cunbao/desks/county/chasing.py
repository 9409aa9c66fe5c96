"""催报 of a county: one notice a township, which names its villages that owe something; never straight to a village.

Numbered and signed like every paper of a desk, printed, and put down in the journal. Source: ui/design.md, county-01.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cunbao.desks.clock import LOCAL
from cunbao.desks.county import progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.stamps import stamp
from cunbao.errors import DeskError

if TYPE_CHECKING:
    from cunbao.paper import Drawn
    from cunbao.paper.county_notices import TownshipNotice


def notices(desk: CountyDesk, townships: Sequence[str]) -> Drawn:
    """The notices to these townships in one file; asking for the same again on the same day gives the same pages.

    DeskError "chase.nobody" when none of them has a village that owes something."""
    from cunbao.paper.county_notices import draw_township_notices

    owing = [(code, progress.owed(desk, code)) for code in townships]
    owing = [(code, owed) for code, owed in owing if owed]
    if not owing:
        raise DeskError(
            "chase.nobody", happened="没有要催的村", safe="没有改动任何资料", todo="请在进度表里选还有村没报齐的乡镇"
        )
    with desk.workspace.atomic():
        ready = [_notice(desk, code, owed) for code, owed in owing]
        desk.journal("chase_notices", offices=[code for code, _ in owing])
    return draw_township_notices(ready)


def _notice(desk: CountyDesk, code: str, owed: Sequence[progress.Owed]) -> TownshipNotice:
    from cunbao.paper.county_notices import OwingVillage, TownshipNotice

    task, township = desk.task, next(one for one in desk.townships if one.code == code)
    villages = [one for one in desk.villages if one.parent == code]
    asked = len(progress.forms_of(desk, "village"))
    late = max(0, (desk.today - task.deadline).days)
    notice = TownshipNotice(
        task_title=task.title,
        county=desk.full_name,
        county_code=desk.office.code,
        township=township,
        number="",
        order=0,
        at=desk.clock().astimezone(LOCAL),
        deadline=task.deadline,
        villages=tuple(
            OwingVillage(office=office, missing=gone, returned=back, asked=asked, days_late=late if gone else 0)
            for office, gone, back in owed
        ),
        asked=len(villages),
        person=desk.person.name,
    )
    said = {"to": code, "owed": [[one.office.code, *one.missing, *one.returned] for one in notice.villages]}
    made = stamp(desk, "chase", code, said, qr=("N", (desk.office.code[:9],)))
    number = (
        f"{desk.office.short.removesuffix('县').removesuffix('区').removesuffix('市')}催 {task.period}-{made.order:04d}"
    )
    return replace(notice, number=number, order=made.order, at=made.at, signed=made.signed)
