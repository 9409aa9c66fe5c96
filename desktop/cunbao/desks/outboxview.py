"""待发箱 as it is looked at: every file that goes with its state in words, what came, what is wrong with the box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cunbao.desks.offered import Offer, offers
from cunbao.desks.outbox import LAST, OPEN, Box, Trouble, box_of, trouble_of
from cunbao.desks.seat import Seat
from cunbao.store import Fetched, FetchedState, Queued, QueuedState, Workspace

WORDS = {
    QueuedState.WAITS: "等着送",
    QueuedState.SENDING: "正在送",
    QueuedState.SENT: "送到了",
    QueuedState.PROVED: "送到了，读回核对一致",
    QueuedState.REFUSED: "没送成",
    QueuedState.DROPPED: "不送了",
}


@dataclass(frozen=True, slots=True)
class GoingLine:
    """A file that goes, as it is shown. why: what went wrong and what to do, "" nothing; next_at: of its next try."""

    sha256: str
    place: str
    file_name: str
    office: str
    office_name: str
    size: int
    state: QueuedState
    word: str
    why: str
    tries: int
    put_at: datetime
    at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxView:
    """place: where the box is, "" before it was set up; line: the state of all of it in one sentence; open: files that
    wait or were refused; bad: files of the box that could not be fetched."""

    place: str
    on: bool
    line: str
    trouble: Trouble | None
    last: datetime | None
    going: tuple[GoingLine, ...]
    came: tuple[Offer, ...]
    bad: tuple[Fetched, ...]
    open: int
    refused: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What a status bar says of the outbox. open: files that wait or were refused; troubled: the box as a whole is not
    reached; came: what lies here to be read in, each kind once."""

    open: int
    refused: int
    troubled: bool
    came: tuple[str, ...]


def glance(desk: Seat) -> Glance:
    """The outbox by a few counts, however much has gone through it."""
    sizes = desk.workspace.queue_sizes()
    return Glance(
        open=sum(sizes.get(state, 0) for state in OPEN),
        refused=sizes.get(QueuedState.REFUSED, 0),
        troubled=trouble_of(desk.workspace) is not None,
        came=tuple(dict.fromkeys(one.what for one in offers(desk))),
    )


def outbox_view(desk: Seat, *, most: int = 200) -> OutboxView:
    """The queue, the newest first; what wants somebody before what waits, that before what went."""
    workspace = desk.workspace
    box = box_of(workspace)
    rows = [one for one in workspace.queued() if one.state is not QueuedState.DROPPED]
    order = {QueuedState.REFUSED: 0, QueuedState.SENDING: 1, QueuedState.WAITS: 2}
    rows.sort(key=lambda one: (order.get(one.state, 3), -one.put_at.timestamp()))
    still = [one for one in rows if one.state in OPEN]
    trouble, last = trouble_of(workspace), workspace.setting(LAST, "")
    came = offers(desk)
    return OutboxView(
        place=box.place if box else "",
        on=box is not None and box.on,
        line=_line(box, trouble, len(still), len(came)),
        trouble=trouble,
        last=datetime.fromisoformat(last) if last else None,
        going=tuple(_going(workspace, one) for one in rows[:most]),
        came=came,
        bad=workspace.fetched([FetchedState.BAD]),
        open=len(still),
        refused=sum(one.state is QueuedState.REFUSED for one in still),
    )


def _line(box: Box | None, trouble: Trouble | None, waiting: int, came: int) -> str:
    if box is None:
        return "还没有设待发箱，写好的包只在 U 盘或文件夹里"
    if not box.on:
        return f"待发箱停用着，{waiting} 个等着送" if waiting else "待发箱停用着"
    if trouble is not None:
        return f"{trouble.happened}；{waiting} 个等着送"
    parts = [f"{waiting} 个等着送" if waiting else "都送到了"]
    return "，".join([*parts, *([f"来了 {came} 个文件"] if came else [])])


def _going(workspace: Workspace, one: Queued) -> GoingLine:
    known = workspace.office(one.place)
    return GoingLine(
        sha256=one.sha256,
        place=one.place,
        file_name=one.file_name,
        office=one.place,
        office_name=known.short if known else "全县各单位" if len(one.place) == 6 else one.place,
        size=one.size,
        state=one.state,
        word=WORDS[one.state],
        why=f"{one.happened}。{one.todo}。" if one.happened else "",
        tries=one.tries,
        put_at=one.put_at,
        at=one.at,
        next_at=one.next_at,
    )
