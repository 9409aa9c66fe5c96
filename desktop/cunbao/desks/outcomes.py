"""What became of the files that a pass carried: kept in the queue, with when it is tried again and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cunbao.desks.outbox import GOING, JITTER, LAST, LONGEST_WAIT, PASSWORD, TROUBLE, folder_of, trouble_of
from cunbao.desks.seat import Seat
from cunbao.errors import CunbaoError
from cunbao.store import Fetched, FetchedState, Queued, QueuedState, Workspace

FIRST_WAIT = 30.0  # seconds before the second try; twice as long each time


@dataclass(frozen=True, slots=True)
class Went:
    """What became of a file that goes. trouble: None when it went."""

    item: Queued
    state: QueuedState
    remote: str = ""
    trouble: CunbaoError | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a file that lay there for us. file_name: in `fetched/`."""

    place: str
    remote: str
    sha256: str
    suffix: str
    size: int
    file_name: str = ""
    trouble: CunbaoError | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The pass is over. trouble: of the box as a whole."""

    trouble: CunbaoError | None = None


Outcome = Went | Came | Ended


def note(desk: Seat, outcomes: Sequence[Outcome], *, chance: Callable[[], float]) -> None:
    """Keep what became of them, in one transaction."""
    workspace, now = desk.workspace, desk.clock()
    gone: list[str] = []
    with workspace.atomic():
        for one in outcomes:
            if isinstance(one, Went):
                gone += _note_went(workspace, one, now, chance)
            elif isinstance(one, Came):
                _note_came(workspace, one, now, chance)
            else:
                _note_ended(workspace, one, now, chance)
    for name in gone:
        with suppress(OSError):
            (folder_of(workspace, GOING) / name).unlink(missing_ok=True)


def _note_went(workspace: Workspace, one: Went, now: datetime, chance: Callable[[], float]) -> list[str]:
    """Gives the names of files that are no longer needed."""
    item, trouble = one.item, one.trouble
    if trouble is None:
        done = replace(
            item, state=one.state, remote=one.remote or item.remote, next_at=None, at=now, code="", happened="",
            todo="", tries=0 if one.state is QueuedState.PROVED else item.tries,
        )  # fmt: skip
        workspace.set_queued(done)
        return [item.file_name] if one.state is QueuedState.PROVED else []
    tries = item.tries + 1
    workspace.set_queued(
        replace(
            item,
            state=one.state,
            remote=one.remote or item.remote,
            tries=tries,
            next_at=now + wait(tries, chance, after=getattr(trouble, "after", 0.0)),
            at=now,
            code=trouble.code,
            happened=trouble.happened,
            todo=trouble.todo,
        )
    )
    return []


def _note_came(workspace: Workspace, one: Came, now: datetime, chance: Callable[[], float]) -> None:
    if one.trouble is None:
        what = (one.place, one.remote, one.sha256, one.suffix, one.size)
        workspace.set_fetched(Fetched(*what, now, FetchedState.OFFERED, one.file_name))
        return
    before = next((had for had in workspace.fetched() if (had.place, had.remote) == (one.place, one.remote)), None)
    tries = 1 + (before.tries if before is not None else 0)
    workspace.set_fetched(
        Fetched(
            *(one.place, one.remote, one.sha256, one.suffix, one.size, now, FetchedState.BAD),
            tries=tries,
            next_at=now + wait(tries, chance),
            code=one.trouble.code,
            happened=one.trouble.happened,
            todo=one.trouble.todo,
        )
    )


def _note_ended(workspace: Workspace, one: Ended, now: datetime, chance: Callable[[], float]) -> None:
    """What was planned and not reached waits again, without a try of its own counted."""
    for left in workspace.queued([QueuedState.SENDING]):
        workspace.set_queued(replace(left, state=QueuedState.WAITS))
    if one.trouble is None:
        workspace.set_setting(TROUBLE, None)
        workspace.set_setting(LAST, now.isoformat())
        return
    before = trouble_of(workspace)
    tries = 1 + (before.tries if before is not None else 0)
    pause = wait(tries, chance, after=getattr(one.trouble, "after", 0.0))
    if getattr(one.trouble, "asks", False):
        pause = max(pause, wait(99, chance))
    kept: dict[str, Any] = {
        "code": one.trouble.code,
        "happened": one.trouble.happened,
        "todo": one.trouble.todo,
        "tries": tries,
        "next_at": None if one.trouble.code == PASSWORD else (now + pause).isoformat(),
    }
    workspace.set_setting(TROUBLE, kept)


def wait(tries: int, chance: Callable[[], float], *, after: float = 0.0) -> timedelta:
    """How long to wait after so many tries (1 …): doubling, with jitter, no less than the server asks. chance: 0 …
    1."""
    plain = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 20))
    return timedelta(seconds=max(after, plain * (1 - JITTER + 2 * JITTER * chance())))
