"""Closed years that were moved out into an archive file, and the stub that stays of each signed thing in them.

A stub is no copy: it says which id, of what, by whom, and what it follows, so that a code is still found, a closed
period still acknowledged by its digest (protocol §5), and next year's returns still compared with what they were filled
against. The objects are in the file; `store.archive` moves them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cunbao.store.objects import Objects
from cunbao.store.times import moment, text

_COLUMNS = "id, period, office, what, form, version, revision, by, at, content, follows, signatures, counted, signed"


@dataclass(frozen=True, slots=True)
class MovedOut:
    """A year that lies in a file. folder, file_name: where it was written; sha256, size: of the file; key: of the
    database in it; returns, offices: how many; state: the period's state digest when it left."""

    period: str
    at: datetime
    who: str
    file_name: str
    folder: str
    size: int
    sha256: str
    key: bytes = field(repr=False)
    returns: int
    offices: int
    state: str


@dataclass(frozen=True, slots=True)
class Stub:
    """What stays of a signed thing. what: "revision", "decision", "evidence"; office: of the return; form, version:
    of a revision; revision: that a decision or evidence is about; by: the computer of a revision or of evidence, the
    office that decided; at: when it was signed, by its own clock; content: what a revision's answers say
    (`content_sha256`); follows: its parents and what it was filled against; signatures: hashes of those held over it;
    counted: it counts; signed: it stands in the period's digest of objects."""

    id: str
    period: str
    office: str
    what: str
    at: datetime
    form: str = ""
    version: int = 0
    revision: str = ""
    by: str = ""
    content: str = ""
    follows: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    counted: bool = False
    signed: bool = True


class MovedOutYears(Objects):
    """The part of a workspace that knows what lies in archive files."""

    def moved_out(self) -> tuple[MovedOut, ...]:
        """The years in files, sorted."""
        rows = self._all(
            "SELECT period, at, who, file_name, folder, size, sha256, key, returns, offices, state FROM moved_out "
            "ORDER BY period"
        )
        return tuple(
            MovedOut(period, moment(at), who, name, folder, size, sha, bytes.fromhex(key), returns, offices, state)
            for period, at, who, name, folder, size, sha, key, returns, offices, state in rows
        )

    def moved_out_year(self, period: str) -> MovedOut | None:
        """The archive of a period, None while it is here."""
        return next((one for one in self.moved_out() if one.period == period), None)

    def stub(self, name: str) -> Stub | None:
        """What stays of one signed thing, None when it is here or was never held."""
        found = self._stubs("WHERE id = ?", (name,))
        return found[0] if found else None

    def stubs(self, period: str, *, offices: Sequence[str] | None = None, under: str = "") -> tuple[Stub, ...]:
        """What stays of a period, by id; of all offices, of those given, or of those whose codes begin with `under`."""
        return self._stubs(
            "WHERE period = ?1 AND (?2 IS NULL OR office IN (SELECT value FROM json_each(?2))) "
            "AND substr(office, 1, ?3) = ?4 ORDER BY id",
            (period, None if offices is None else json.dumps(list(offices)), len(under), under),
        )

    def stubs_by(self, makers: Collection[str], *, office: str | None = None) -> tuple[Stub, ...]:
        """What stays of what these computers signed, or these offices decided, by id; of one office's returns, or of
        all."""
        return self._stubs(
            "WHERE by IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR office = ?2) ORDER BY id",
            (json.dumps(sorted(makers)), office),
        )

    def counted_then(self, office: str, form: str, period: str) -> Stub | None:
        """The revision that counted of a return that was moved out, None when none did."""
        found = self._stubs(
            "WHERE period = ? AND office = ? AND what = 'revision' AND form = ? AND counted = 1", (period, office, form)
        )
        return found[0] if found else None

    def _stubs(self, where: str, values: tuple[Any, ...]) -> tuple[Stub, ...]:
        found = []
        for name, period, office, what, form, version, revision, by, at, content, follows, cms, *rest in self._all(
            f"SELECT {_COLUMNS} FROM stub {where}", values
        ):
            counted, signed = map(bool, rest)
            found.append(
                Stub(
                    name, period, office, what, moment(at), form, version, revision, by, content,
                    tuple(follows.split()), tuple(cms.split()), counted, signed,
                )
            )  # fmt: skip
        return tuple(found)

    def workspace_id(self) -> str:
        """Random, made with the workspace: the same through restores and other keys."""
        found = self._one("SELECT value FROM meta WHERE name = 'id'")
        return str(found[0]) if found else ""

    def note_move(self, period: str, sha256: str) -> None:
        """Keep as an object that the year went into that file. With it the numbers of objects go on behind those that
        left, so that these find their places again."""
        self._record("moved_out", period=period, sha256=sha256, after=self._last_object())

    def _last_object(self) -> int:
        found = self._one("SELECT coalesce(max(id), 0) FROM object")
        return int(found[0]) if found else 0

    def _leave_stubs(self, year: MovedOut, stubs: Collection[Stub]) -> None:
        """Write down what was moved out. Inside the transaction that does."""
        self._db.execute(
            "INSERT INTO moved_out (period, at, who, file_name, folder, size, sha256, key, returns, offices, state) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(year.period, text(year.at), year.who, year.file_name, year.folder, year.size, year.sha256),
                *(year.key.hex(), year.returns, year.offices, year.state),
            ),
        )
        self._db.executemany(
            f"INSERT INTO stub ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    *(one.id, one.period, one.office, one.what, one.form, one.version, one.revision, one.by),
                    *(text(one.at), one.content, " ".join(one.follows), " ".join(one.signatures)),
                    *(one.counted, one.signed),
                )
                for one in stubs
            ],
        )

    def _drop_stubs(self, period: str) -> None:
        """The year is back. Inside the transaction that brought it."""
        self._db.execute("DELETE FROM stub WHERE period = ?", (period,))
        self._db.execute("DELETE FROM moved_out WHERE period = ?", (period,))
