"""Who still owes what: a village's returns that never came, were sent back or wait to be signed again; whom to ring.

Read from what is held; nothing is written. What has come and waits for the township (已接收, 证书待核准, 有冲突 and no
proposal yet) is not the village's debt. Source: ui/design.md, township-07.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cunbao.desks.clock import local_day
from cunbao.desks.township import board
from cunbao.desks.township.board import Whereabouts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.store import Arrival, Outgoing
from cunbao.survey.decision import Act
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Office

NOTHING, MISSING, RETURNED, RESIGN, PROXY, LATE = "nothing", "missing", "returned", "resign", "proxy", "late"
UNKNOWN = "—"
RECEIPT = "receipt"  # kind of a package that answers a village


@dataclass(frozen=True, slots=True)
class Owed:
    """What one village owes, by form in the task's order. late: forms that are 迟报; fresh: all that was sent back was
    told today, or is not told yet; proxy: the township fills for it; refused: 上次文件签名对不上, "" none."""

    office: Office
    asked: int
    missing: tuple[str, ...]
    returned: tuple[str, ...]
    resign: tuple[str, ...]
    late: tuple[str, ...]
    fresh: bool
    proxy: bool
    refused: str

    @property
    def count(self) -> int:
        return len(self.missing) + len(self.returned) + len(self.resign)

    @property
    def nothing(self) -> bool:
        """一张没报: of all that it has to file nothing has come."""
        return len(self.missing) == self.asked

    @property
    def kind(self) -> str:
        """What stands first: by whom the village is rung, and why."""
        if self.proxy:
            return PROXY
        if self.nothing:
            return NOTHING
        return MISSING if self.missing else RETURNED if self.returned else RESIGN

    @property
    def groups(self) -> tuple[str, ...]:
        """The counts that this village is in; one that lacks some and has others back is in two."""
        held = {
            NOTHING: self.nothing and not self.proxy,
            MISSING: bool(self.missing) and (self.proxy or not self.nothing),
            RETURNED: bool(self.returned),
            RESIGN: bool(self.resign),
            PROXY: self.proxy,
            LATE: bool(self.late),
        }
        return tuple(name for name, here in held.items() if here)

    @property
    def rank(self) -> int:
        """Its place: who has sent nothing, who lacks and has some back, who lacks or was told earlier, who was told
        just now, who has to sign again, and last for whom the township fills."""
        if self.proxy:
            return 5
        if self.nothing:
            return 0
        if self.missing:
            return 1 if self.returned else 2
        if self.returned:
            return 3 if self.fresh else 2
        return 4

    @property
    def words(self) -> str:
        """缺 B05；退回 2 张：B03、B04."""
        if self.nothing and not self.proxy:
            return f"{self.asked} 张都没报" + (f"，{self.refused}" if self.refused else "")
        parts = []
        if self.missing:
            parts.append(f"{'镇里代报，' if self.proxy else ''}缺 {'、'.join(self.missing)}")
        if self.returned:
            parts.append(f"退回 {len(self.returned)} 张：{'、'.join(self.returned)}")
        if self.resign:
            parts.append(f"{'、'.join(self.resign)} 建议稿等重签")
        return "；".join(parts)


def owed_of(desk: TownshipDesk) -> tuple[Owed, ...]:
    """The villages that owe something, in the order in which they are chased."""
    facts, receipts, waiting = board.whereabouts(desk), receipts_of(desk), proposed(desk)
    found = [_owed(desk, office, facts, receipts, waiting) for office in desk.villages]
    return tuple(sorted((one for one in found if one.count), key=lambda one: (one.rank, -one.count, one.office.code)))


def village_forms(desk: TownshipDesk) -> tuple[str, ...]:
    """The forms that villages fill."""
    return tuple(name for name, level in desk.task.levels.items() if level == "village")


def receipts_of(desk: TownshipDesk) -> dict[str, list[Outgoing]]:
    """office → receipts written for it, in their order."""
    found: dict[str, list[Outgoing]] = {}
    for one in desk.workspace.outgoing(kind=RECEIPT):
        found.setdefault(one.office, []).append(one)
    return found


def proposed(desk: TownshipDesk) -> frozenset[tuple[str, str]]:
    """(office, form) for which a 建议稿 was made while the same heads still contend: the village has not signed yet."""
    workspace, period = desk.workspace, desk.task.period
    made = workspace.settings("proposal/")
    found = set()
    for office, form, stands in workspace.standings(period):
        kept = made.get(f"proposal/{office}/{period}/{form}")
        if kept and set(kept["heads"]) == set(stands.heads):
            found.add((office, form))
    return frozenset(found)


def _owed(
    desk: TownshipDesk,
    office: Office,
    facts: Whereabouts,
    receipts: Mapping[str, list[Outgoing]],
    waiting: frozenset[tuple[str, str]],
) -> Owed:
    forms = village_forms(desk)
    states = {form: board.state_of(facts, office.code, form) for form in forms}
    returned = tuple(form for form in forms if states[form] is ReturnState.RETURNED)
    resign = tuple(form for form in forms if states[form] is ReturnState.FORK and (office.code, form) in waiting)
    missing = tuple(form for form in forms if states[form] is ReturnState.MISSING)
    standings = [facts.standings[office.code, form] for form in forms if (office.code, form) in facts.standings]
    refused = facts.refused.get(office.code)
    return Owed(
        office=office,
        asked=len(forms),
        missing=missing,
        returned=returned,
        resign=resign,
        late=tuple(form for form in (*missing, *returned, *resign) if board.is_late(desk, facts, office.code, form)),
        fresh=all(_told_now(desk, facts, office.code, form, receipts.get(office.code, [])) for form in returned),
        proxy=any(Kind.PROXY.code in one.marks for one in standings) or _filled_for(desk, facts, office),
        refused=_refused(refused) if refused else "",
    )


def _filled_for(desk: TownshipDesk, facts: Whereabouts, office: Office) -> bool:
    """Does the township fill for it? It wrote down why, and no computer of the village has sent anything."""
    from cunbao.desks.township import proxying

    return office.code not in facts.computers and proxying.basis(desk, office.code) is not None


def _refused(one: Arrival) -> str:
    """第2次没读全; 上次文件签名对不上."""
    said = board.trouble_of(one)
    return said if said.startswith("第") else f"上次文件{said}"


def _told_now(desk: TownshipDesk, facts: Whereabouts, office: str, form: str, receipts: list[Outgoing]) -> bool:
    """Was the 退回 told today for the first time, or not yet? Then there is nothing to chase today."""
    stands = facts.standings[office, form]
    sent_back = [
        one.id for one in desk.workspace.decisions(stands.head) if one.id in stands.effective and one.act == Act.RETURN
    ]
    told = next((one.at for one in receipts if any(name in one.objects for name in sent_back)), None)
    return told is None or local_day(told) == desk.today


# --- whom to ring ----------------------------------------------------------------------------------------------------


def contact_of(desk: TownshipDesk, owed: Owed) -> tuple[str, str]:
    """Name and whole telephone number: of the newest header held of this period, else of the last. 代报 do not count:
    their filler is the township's; there it is who brought the paper."""
    from cunbao.desks.township import proxying

    for period in (desk.task.period, desk.task.previous_period):
        for header in _headers(desk, owed.office.code, period):
            if header.ret.filler or header.ret.phone:
                return header.ret.filler or UNKNOWN, header.ret.phone
    basis = proxying.basis(desk, owed.office.code) if owed.proxy else None
    return (basis.received_from if basis is not None else "") or UNKNOWN, ""


def _headers(desk: TownshipDesk, office: str, period: str) -> Iterator[Header]:
    """The newest first, by the order that needs no clock."""
    for one in sorted(desk.workspace.revisions_of(office, period), key=lambda one: (one.n, one.id), reverse=True):
        if one.kind != Kind.PROXY.code:
            yield Header.decode(desk.workspace.object(one.header))
