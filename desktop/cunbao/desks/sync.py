"""One pass of the outbox for an open desk: `cunbao sync`, and the samples. A window does the same with the middle part
on a thread of its own (`ui.carrier`)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from cunbao.desks import carrying, outbox, outcomes
from cunbao.desks.outcomes import Came, Ended, Outcome, Went
from cunbao.desks.seat import Seat
from cunbao.progress import Cancel, Report, silent
from cunbao.store import QueuedState

TOGETHER = 32  # outcomes that are kept in one transaction


@dataclass(frozen=True, slots=True)
class Synced:
    """What a pass did. sent, fetched: files; open: still waiting or refused; trouble: of the box, None when it was
    reached."""

    sent: int
    fetched: int
    open: int
    trouble: outbox.Trouble | None

    @property
    def done(self) -> bool:
        return self.trouble is None and not self.open


def sync(
    desk: Seat,
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
    chance: Callable[[], float] = random.random,
    new_token: Callable[[], str] = carrying.token,
    opens: carrying.Opens = carrying.open_box,
) -> Synced:
    """Send what waits, fetch what lies there for this office. DeskError "outbox.none", "outbox.off"."""
    outbox.refuse_closed(desk)
    plan = outbox.plan(desk, asked=True)
    told = _Told(desk, chance)
    if plan is not None:
        carrying.carry(plan, told.take, progress=progress, cancel=cancel, new_token=new_token, opens=opens)
    left = len(desk.workspace.queued([QueuedState.WAITS, QueuedState.SENDING, QueuedState.REFUSED]))
    return Synced(told.sent, told.fetched, left, outbox.trouble_of(desk.workspace))


class _Told:
    """Outcomes, kept some at a time: what is not kept when the power goes is sent again, which does no harm."""

    def __init__(self, desk: Seat, chance: Callable[[], float]) -> None:
        self.desk, self.chance = desk, chance
        self.waiting: list[Outcome] = []
        self.sent = self.fetched = 0

    def take(self, one: Outcome) -> None:
        self.waiting.append(one)
        self.sent += isinstance(one, Went) and one.state is QueuedState.SENT
        self.fetched += isinstance(one, Came) and one.trouble is None
        if isinstance(one, Ended) or len(self.waiting) >= TOGETHER:
            outcomes.note(self.desk, self.waiting, chance=self.chance)
            self.waiting = []
