"""待发箱 and what came from the drop box: files that wait to go, and files that were fetched. This workspace's own log:
no state is computed from it, no digest reads it. The bytes lie beside the database, in `outbox/` and `fetched/`.

Source: design §10, protocol §5 (the remote name is the file's hash, the readable name is local).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from enum import StrEnum

from cunbao.store.base import Base
from cunbao.store.times import moment, text


class QueuedState(StrEnum):
    """Of a file that goes. WAITS: for its next try; SENDING: under way; SENT: the box has taken it; PROVED: and gave
    the same bytes back; REFUSED: trying again is of no use before somebody has done something; DROPPED: no longer to be
    sent."""

    WAITS = "waits"
    SENDING = "sending"
    SENT = "sent"
    PROVED = "proved"
    REFUSED = "refused"
    DROPPED = "dropped"


class FetchedState(StrEnum):
    """Of a file that came. OFFERED: here whole, nobody has read it in; TAKEN: read in; BAD: not here, for a reason."""

    OFFERED = "offered"
    TAKEN = "taken"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Queued:
    """A file that goes to `place` (12 digits of an office, 6 of a county). file_name: readable, in `outbox/`; remote:
    its name on the box, "" before it is there; tries: since it last moved on; next_at: not before; code, happened,
    todo: of the last trouble, "" none."""

    sha256: str
    place: str
    suffix: str
    file_name: str
    size: int
    put_at: datetime
    state: QueuedState = QueuedState.WAITS
    tries: int = 0
    next_at: datetime | None = None
    remote: str = ""
    at: datetime | None = None
    code: str = ""
    happened: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of the box in one of our folders. file_name: in `fetched/`, "" while it is not here; size: of its bytes;
    of a bad one, as the box says."""

    place: str
    remote: str
    sha256: str
    suffix: str
    size: int
    at: datetime
    state: FetchedState
    file_name: str = ""
    tries: int = 0
    next_at: datetime | None = None
    code: str = ""
    happened: str = ""
    todo: str = ""


_QUEUED = ", ".join(one.name for one in fields(Queued))
_FETCHED = ", ".join(one.name for one in fields(Fetched))


class Outbox(Base):
    """The part of a workspace that knows what goes over a network and what came."""

    # --- goes --------------------------------------------------------------------------------------------------------

    def queue(self, one: Queued) -> None:
        """Queue a file. What is queued for the same place already stays as it is; one that was dropped waits anew."""
        with self.atomic():
            marks = _marks(Queued)
            self._db.execute(f"INSERT INTO outbox ({_QUEUED}) VALUES ({marks}) ON CONFLICT DO NOTHING", _row(one))
            self._db.execute(
                "UPDATE outbox SET state = ?, next_at = NULL WHERE sha256 = ? AND place = ? AND state = ?",
                (QueuedState.WAITS.value, one.sha256, one.place, QueuedState.DROPPED.value),
            )

    def queued(self, states: Iterable[QueuedState] = QueuedState) -> tuple[Queued, ...]:
        """What goes and went, in the order of putting."""
        wanted = [one.value for one in states]
        rows = self._all(
            f"SELECT {_QUEUED} FROM outbox WHERE state IN ({','.join('?' * len(wanted))}) ORDER BY id", tuple(wanted)
        )
        found = []
        for sha, place, suffix, name, size, put, state, tries, due, remote, at, code, happened, todo in rows:
            found.append(
                Queued(
                    sha, place, suffix, name, size, moment(put), QueuedState(state), tries, _maybe(due), remote,
                    _maybe(at), code, happened, todo,
                )
            )  # fmt: skip
        return tuple(found)

    def queue_sizes(self) -> Mapping[QueuedState, int]:
        """How many files are in each state; states that none is in are left out."""
        found = self._all("SELECT state, COUNT(*) FROM outbox GROUP BY state", ())
        return {QueuedState(state): count for state, count in found}

    def set_queued(self, one: Queued) -> None:
        """Keep what became of it."""
        with self.atomic():
            self._db.execute(
                "UPDATE outbox SET file_name = ?, state = ?, tries = ?, next_at = ?, remote = ?, at = ?, code = ?, "
                "happened = ?, todo = ? WHERE sha256 = ? AND place = ?",
                (
                    *(one.file_name, one.state.value, one.tries, _text(one.next_at), one.remote, _text(one.at)),
                    *(one.code, one.happened, one.todo, one.sha256, one.place),
                ),
            )

    # --- came --------------------------------------------------------------------------------------------------------

    def set_fetched(self, one: Fetched) -> None:
        """Keep a file that came, or why it has not."""
        with self.atomic():
            self._db.execute(f"INSERT OR REPLACE INTO fetched ({_FETCHED}) VALUES ({_marks(Fetched)})", _row(one))

    def fetched(self, states: Iterable[FetchedState] = FetchedState) -> tuple[Fetched, ...]:
        """What came, oldest first."""
        wanted = [one.value for one in states]
        rows = self._all(
            f"SELECT {_FETCHED} FROM fetched WHERE state IN ({','.join('?' * len(wanted))}) ORDER BY at, remote",
            tuple(wanted),
        )
        return tuple(
            Fetched(
                place, remote, sha, suffix, size, moment(at), FetchedState(state), name, tries, _maybe(due), code,
                happened, todo,
            )
            for place, remote, sha, suffix, size, at, state, name, tries, due, code, happened, todo in rows
        )  # fmt: skip


def _marks(of: type[Queued] | type[Fetched]) -> str:
    return ",".join("?" * len(fields(of)))


def _row(one: Queued | Fetched) -> tuple[object, ...]:
    return tuple(text(value) if isinstance(value, datetime) else value for value in map(_plain, astuple(one)))


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def _text(at: datetime | None) -> str | None:
    return None if at is None else text(at)


def _maybe(at: str | None) -> datetime | None:
    return None if at is None else moment(at)
