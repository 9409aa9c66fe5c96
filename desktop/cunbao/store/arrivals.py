"""Files that came and went: which package of which computer has arrived, what waits aside, what was written for whom,
what the others say they hold. This workspace's own log: no state is computed from it (protocol §7).

Source: protocol §1 (待核准 area), §5 (sequences, acknowledgement).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cunbao.store.returns import Returns
from cunbao.store.times import moment, text

_ARRIVAL = (
    "sha256, at, result, kind, office, period, device, epoch, seq, previous, file_name, size, journal_length, "
    "journal_head, objects, line"
)
_OUTGOING = "kind, office, period, epoch, seq, sha256, file_name, folder, size, at, objects"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file that was read. result: name of the desk's FileResult; kind: "bundle", "receipt" …; device, epoch, seq,
    previous: as its manifest says ("" and 0 for a file that could not be opened). objects: ids of what it carried;
    line: what the screen shows, as JSON."""

    sha256: str
    at: datetime
    result: str
    kind: str = ""
    office: str = ""
    period: str = ""
    device: str = ""
    epoch: str = ""
    seq: int = 0
    previous: str = ""
    file_name: str = ""
    size: int = 0
    journal_length: int = 0
    journal_head: str = ""
    objects: tuple[str, ...] = ()
    line: str = "{}"


@dataclass(frozen=True, slots=True)
class Aside:
    """A whole file that waits until its key is approved. forms: what it carries, by its sender's word."""

    sha256: str
    key: str
    office: str
    period: str
    forms: tuple[str, ...]
    at: datetime
    file_name: str
    size: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A package written by a township or county: for whom, its number to that office in this epoch, what it carried."""

    kind: str
    office: str
    period: str
    epoch: str
    seq: int
    sha256: str
    file_name: str
    folder: str
    size: int
    at: datetime
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a life (`their_epoch`) of another computer says it holds of what this workspace wrote in `own_epoch`: all up
    to `through` but `missing`."""

    device: str
    own_epoch: str
    their_epoch: str
    through: int
    missing: tuple[int, ...] = ()

    def covers(self, seq: int) -> bool:
        return seq <= self.through and seq not in self.missing


@dataclass(frozen=True, slots=True)
class Told:
    """A package that a later one of the same life names, whether it came or not. lacking: ids of what it held that the
    package which names it does not carry. teller: hash of the package that named it first."""

    device: str
    epoch: str
    seq: int
    sha256: str
    lacking: tuple[str, ...]
    teller: str


class Arrivals(Returns):
    """The part of a workspace that knows which files came and went."""

    # --- came --------------------------------------------------------------------------------------------------------

    def add_arrival(self, one: Arrival) -> int:
        """Note a file; gives its number in the log."""
        row = (
            *(one.sha256, text(one.at), one.result, one.kind, one.office, one.period, one.device, one.epoch, one.seq),
            *(one.previous, one.file_name, one.size, one.journal_length, one.journal_head),
            *(" ".join(one.objects), one.line),
        )
        with self.atomic():
            return self._insert(f"INSERT INTO arrival ({_ARRIVAL}) VALUES ({','.join('?' * len(row))})", row)

    def arrivals(self, *, office: str | None = None, period: str | None = None, most: int = -1) -> tuple[Arrival, ...]:
        """Files that came, newest first; of one office or period, or of all."""
        return self._arrivals(
            "WHERE (?1 IS NULL OR office = ?1) AND (?2 IS NULL OR period = ?2) ORDER BY id DESC LIMIT ?3",
            (office, period, most),
        )

    def arrived(self) -> frozenset[str]:
        """The hashes of all files that came."""
        return frozenset(sha for (sha,) in self._all("SELECT DISTINCT sha256 FROM arrival", ()))

    def arrival(self, sha256: str, results: Iterable[str]) -> Arrival | None:
        """The file of that hash that came with one of these results, the newest."""
        found = self._arrivals(
            "WHERE sha256 = ? AND result IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1",
            (sha256, json.dumps(sorted(results))),
        )
        return found[0] if found else None

    def last_arrivals(self, period: str, results: Iterable[str]) -> dict[str, Arrival]:
        """office → the file of it that came last with one of these results."""
        found = self._arrivals(
            "WHERE id IN (SELECT max(id) FROM arrival WHERE period = ? AND result IN "
            "(SELECT value FROM json_each(?)) GROUP BY office)",
            (period, json.dumps(sorted(results))),
        )
        return {one.office: one for one in found}

    def numbers(self, device: str, epoch: str, results: Iterable[str]) -> tuple[int, ...]:
        """Numbers of a computer's packages that were taken, sorted."""
        rows = self._all(
            "SELECT DISTINCT seq FROM arrival WHERE device = ? AND epoch = ? AND result IN "
            "(SELECT value FROM json_each(?)) ORDER BY seq",
            (device, epoch, json.dumps(sorted(results))),
        )
        return tuple(seq for (seq,) in rows)

    def packages_of(self, device: str, epoch: str, results: Iterable[str]) -> tuple[Arrival, ...]:
        """A computer's packages that were taken, by number."""
        return self._arrivals(
            "WHERE device = ? AND epoch = ? AND result IN (SELECT value FROM json_each(?)) ORDER BY seq, id",
            (device, epoch, json.dumps(sorted(results))),
        )

    def lives(self, office: str, results: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """(device, epoch) of every life of an office's computers from which something was taken, oldest first."""
        rows = self._all(
            "SELECT device, epoch FROM arrival WHERE office = ? AND result IN (SELECT value FROM json_each(?)) "
            "GROUP BY device, epoch ORDER BY min(id)",
            (office, json.dumps(sorted(results))),
        )
        return tuple((device, epoch) for device, epoch in rows)

    def lives_began(self, office: str, results: Iterable[str]) -> dict[tuple[str, str], datetime]:
        """(device, epoch) → when the first file of that life of an office's computers was taken, by this clock."""
        rows = self._all(
            "SELECT device, epoch, min(at) FROM arrival WHERE office = ? AND result IN "
            "(SELECT value FROM json_each(?)) GROUP BY device, epoch",
            (office, json.dumps(sorted(results))),
        )
        return {(device, epoch): moment(at) for device, epoch, at in rows}

    def journal_heads_of(self, office: str, results: Iterable[str]) -> tuple[tuple[str, str, int, str], ...]:
        """(device, epoch, length, head) of the longest journal that came from each life of an office's computers,
        oldest life first."""
        rows = self._all(
            "SELECT device, epoch, max(journal_length), journal_head FROM arrival WHERE office = ? AND "
            "journal_length > 0 AND result IN (SELECT value FROM json_each(?)) GROUP BY device, epoch ORDER BY min(id)",
            (office, json.dumps(sorted(results))),
        )
        return tuple((device, epoch, length, head) for device, epoch, length, head in rows)

    def _arrivals(self, where: str, values: tuple[Any, ...]) -> tuple[Arrival, ...]:
        found = []
        for sha, at, *rest, objects, line in self._all(f"SELECT {_ARRIVAL} FROM arrival {where}", values):
            result, kind, office, period, device, epoch, seq, previous, name, size, length, head = rest
            found.append(
                Arrival(
                    sha, moment(at), result, kind, office, period, device, epoch, seq, previous, name, size, length,
                    head, tuple(objects.split()), line,
                )
            )  # fmt: skip
        return tuple(found)

    # --- named by later ones -----------------------------------------------------------------------------------------

    def tell(self, one: Told) -> None:
        """Keep what a package says of one before it. Whatever each of several says is not here lacks no more than all
        of them say: what they carry themselves has come."""
        where = "WHERE device = ? AND epoch = ? AND seq = ? AND sha256 = ?"
        key = (one.device, one.epoch, one.seq, one.sha256)
        with self.atomic():
            before = self._one(f"SELECT objects FROM told {where}", key)
            if before is None:
                self._db.execute(
                    "INSERT INTO told (device, epoch, seq, sha256, objects, teller) VALUES (?,?,?,?,?,?)",
                    (*key, " ".join(one.lacking), one.teller),
                )
            elif before[0]:
                lacking = [name for name in str(before[0]).split() if name in set(one.lacking)]
                self._db.execute(f"UPDATE told SET objects = ? {where}", (" ".join(lacking), *key))

    def told(self, device: str, epoch: str) -> tuple[Told, ...]:
        """What the packages of a life say of those before them, by number."""
        rows = self._all(
            "SELECT seq, sha256, objects, teller FROM told WHERE device = ? AND epoch = ? ORDER BY seq, sha256",
            (device, epoch),
        )
        return tuple(Told(device, epoch, seq, sha, tuple(names.split()), teller) for seq, sha, names, teller in rows)

    # --- waits aside -------------------------------------------------------------------------------------------------

    def put_aside(self, one: Aside, data: bytes) -> None:
        """Keep a whole file outside the state. The desk bounds how much."""
        with self.atomic():
            self._db.execute(
                "INSERT INTO aside (sha256, key, office, period, forms, at, file_name, data) VALUES (?,?,?,?,?,?,?,?) "
                "ON CONFLICT DO NOTHING",
                (
                    *(one.sha256, one.key, one.office, one.period, " ".join(one.forms), text(one.at), one.file_name),
                    data,
                ),
            )

    def aside(self, key: str | None = None) -> tuple[Aside, ...]:
        """What waits, oldest first; of one key, or all."""
        rows = self._all(
            "SELECT sha256, key, office, period, forms, at, file_name, length(data) FROM aside "
            "WHERE ?1 IS NULL OR key = ?1 ORDER BY at, sha256",
            (key,),
        )
        return tuple(
            Aside(sha, of, office, period, tuple(forms.split()), moment(at), name, size)
            for sha, of, office, period, forms, at, name, size in rows
        )

    def aside_data(self, sha256: str) -> bytes:
        found = self._one("SELECT data FROM aside WHERE sha256 = ?", (sha256,))
        if found is None:
            raise KeyError(sha256)
        return bytes(found[0])

    def drop_aside(self, sha256: str) -> None:
        """It was taken, or refused for good."""
        with self.atomic():
            self._db.execute("DELETE FROM aside WHERE sha256 = ?", (sha256,))

    # --- went --------------------------------------------------------------------------------------------------------

    def next_outgoing(self, office: str) -> tuple[int, str]:
        """Number of the next package of this epoch to an office, and the hash of the one before it ("" none): each
        addressee sees an unbroken row of numbers."""
        found = self._one(
            "SELECT seq, sha256 FROM outgoing WHERE epoch = ? AND office = ? ORDER BY seq DESC LIMIT 1",
            (self.epoch, office),
        )
        return (1 + int(found[0]), str(found[1])) if found else (1, "")

    def add_outgoing(self, one: Outgoing) -> None:
        """Note a package that was written, read back and compared; no signature in it can be taken back any more."""
        row = (
            *(one.kind, one.office, one.period, one.epoch, one.seq, one.sha256, one.file_name, one.folder, one.size),
            *(text(one.at), " ".join(one.objects)),
        )
        with self.atomic():
            self._insert(f"INSERT INTO outgoing ({_OUTGOING}) VALUES ({','.join('?' * len(row))})", row)
            for (name,) in self._all(
                "SELECT id FROM revision WHERE left_by = '' AND id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(one.objects)),),
            ):
                self.mark_left(name, "package")  # 代报: the only ones signed here

    def outgoing(self, *, office: str | None = None, kind: str | None = None) -> tuple[Outgoing, ...]:
        """Packages in the order of writing; to one office or of one kind, or all."""
        rows = self._all(
            f"SELECT {_OUTGOING} FROM outgoing WHERE (?1 IS NULL OR office = ?1) AND (?2 IS NULL OR kind = ?2) "
            "ORDER BY id",
            (office, kind),
        )
        return tuple(
            Outgoing(said, to, period, epoch, seq, sha, name, folder, size, moment(at), tuple(objects.split()))
            for said, to, period, epoch, seq, sha, name, folder, size, at, objects in rows
        )

    # --- what the others hold ----------------------------------------------------------------------------------------

    def hear(self, one: Heard) -> None:
        """Keep what a life of a computer says that it holds, in the place of what it said before."""
        with self.atomic():
            self._db.execute(
                "INSERT OR REPLACE INTO heard (device, own_epoch, their_epoch, through, missing) VALUES (?,?,?,?,?)",
                (one.device, one.own_epoch, one.their_epoch, one.through, json.dumps(list(one.missing))),
            )

    def heard(self, device: str, their_epoch: str | None = None) -> tuple[Heard, ...]:
        """What a computer said; of one life of it, or of all."""
        rows = self._all(
            "SELECT device, own_epoch, their_epoch, through, missing FROM heard "
            "WHERE device = ?1 AND (?2 IS NULL OR their_epoch = ?2) ORDER BY their_epoch, own_epoch",
            (device, their_epoch),
        )
        return tuple(Heard(of, own, theirs, n, tuple(json.loads(missing))) for of, own, theirs, n, missing in rows)
