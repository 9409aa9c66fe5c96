"""操作日志: who did what, each entry chained to the one before by hash. Never changed, never shortened.

A chain proves that nothing before its head was altered, to somebody who kept a head. Heads travel in packages and
come back in receipts; `verify_journal` says up to where somebody outside has seen it (protocol §5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cunbao.store.base import Base
from cunbao.store.objects import canonical
from cunbao.store.times import moment, text

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. chain: 1, and one more each time writing went on after a broken chain; hash: over all the others."""

    n: int
    chain: int
    at: datetime
    who: str
    act: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """first_bad: number of the first entry that does not hold (None: all hold); entries before it stay readable.
    witnessed: number of the last entry that a head kept outside vouches for, 0 none; beyond it only the file speaks.
    head: hash of the last entry. contradicted: entries that somebody outside kept otherwise than they stand here."""

    good: bool
    length: int
    head: str
    first_bad: int | None
    witnessed: int
    contradicted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the journal. since, until: moments, until is not included; who: "" anybody; acts: None any;
    not_acts: leave these out; words: any of them stands in the act, its maker or its facts, () any."""

    since: datetime | None = None
    until: datetime | None = None
    who: str = ""
    acts: tuple[str, ...] | None = None
    not_acts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def sql(self) -> tuple[str, tuple[Any, ...]]:
        """The condition of a SELECT and its values."""
        parts, values = ["1 = 1"], []
        if self.since is not None:
            parts.append("at >= ?")
            values.append(text(self.since))
        if self.until is not None:
            parts.append("at < ?")
            values.append(text(self.until))
        if self.who:
            parts.append("who = ?")
            values.append(self.who)
        if self.acts is not None:
            parts.append("act IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(self.acts)))
        if self.not_acts:
            parts.append("act NOT IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(self.not_acts)))
        if self.words:
            parts.append("EXISTS (SELECT 1 FROM json_each(?) AS w WHERE instr(who || act || detail, w.value))")
            values.append(json.dumps(list(self.words), ensure_ascii=False))
        return " AND ".join(parts), tuple(values)


class Journal(Base):
    """The part of a workspace that remembers acts."""

    def journal(self, act: str, who: str, detail: Mapping[str, Any], *, now: datetime) -> Entry:
        """Add an entry. detail: JSON, already masked where it names people."""
        with self.atomic():
            self._note_time(now)
            last = self._db.execute("SELECT n, chain, hash FROM journal ORDER BY n DESC LIMIT 1").fetchone()
            n, chain, previous = last or (0, 1, START)
            return self._append(n + 1, chain, text(now), who, act, dict(detail), previous)

    def begin_new_chain(self, who: str, reason: str, *, now: datetime) -> Entry:
        """Go on writing after a broken chain; the old one stays as it is."""
        with self.atomic():
            n, chain = self._db.execute("SELECT coalesce(max(n), 0), coalesce(max(chain), 0) FROM journal").fetchone()
            return self._append(n + 1, chain + 1, text(now), who, "另起日志", {"reason": reason}, START)

    def _append(self, n: int, chain: int, at: str, who: str, act: str, detail: dict[str, Any], previous: str) -> Entry:
        said = canonical(detail).decode()
        name = _hash(n, chain, at, who, act, said, previous)
        self._db.execute(
            "INSERT INTO journal (n, chain, at, who, act, detail, previous, hash) VALUES (?,?,?,?,?,?,?,?)",
            (n, chain, at, who, act, said, previous, name),
        )
        return Entry(n, chain, moment(at), who, act, detail, previous, name)

    def journal_entries(self, *, newest: int | None = None) -> tuple[Entry, ...]:
        """All entries, oldest first, or only the `newest` so many."""
        rows = self._all(
            "SELECT n, chain, at, who, act, detail, previous, hash FROM journal ORDER BY n DESC LIMIT ?",
            (-1 if newest is None else newest,),
        )
        return tuple(_entry(row) for row in reversed(rows))

    def journal_count(self, of: Sought) -> int:
        """How many entries a search finds."""
        where, values = of.sql()
        found = self._one(f"SELECT count(*) FROM journal WHERE {where}", values)
        return int(found[0]) if found else 0

    def journal_page(self, of: Sought, offset: int = 0, most: int = 200) -> tuple[Entry, ...]:
        """What a search finds, newest first: `most` of them from `offset` on."""
        where, values = of.sql()
        rows = self._all(
            "SELECT n, chain, at, who, act, detail, previous, hash FROM journal "
            f"WHERE {where} ORDER BY n DESC LIMIT ? OFFSET ?",
            (*values, most, offset),
        )
        return tuple(_entry(row) for row in rows)

    def journal_entry(self, n: int) -> Entry | None:
        """One entry by its number."""
        found = self._one("SELECT n, chain, at, who, act, detail, previous, hash FROM journal WHERE n = ?", (n,))
        return None if found is None else _entry(found)

    def journal_people(self) -> tuple[str, ...]:
        """Everybody who ever did something here, sorted."""
        return tuple(who for (who,) in self._all("SELECT DISTINCT who FROM journal ORDER BY who"))

    def journal_acts(self) -> tuple[str, ...]:
        """Every act that was ever done here, sorted."""
        return tuple(act for (act,) in self._all("SELECT DISTINCT act FROM journal ORDER BY act"))

    def journal_head(self) -> tuple[int, str]:
        """Length and head hash, as a manifest names them."""
        found = self._one("SELECT n, hash FROM journal ORDER BY n DESC LIMIT 1")
        return (0, START) if found is None else (found[0], found[1])

    def verify_journal(self, witnessed: Mapping[int, str] | None = None) -> Verdict:
        """Walk the whole chain. witnessed: heads that came back in receipts, hash by entry number."""
        rows = self._all("SELECT n, chain, at, who, act, detail, previous, hash FROM journal ORDER BY n")
        heads = witnessed or {}
        first_bad: int | None = None
        seen, contradicted = 0, []
        before_n, before_chain, before = 0, 0, START
        for n, chain, at, who, act, detail, previous, name in rows:
            begins = chain == before_chain + 1 and previous == START
            follows = n == before_n + 1 and (begins or (chain == before_chain and previous == before))
            holds = follows and _hash(n, chain, at, who, act, detail, previous) == name
            if not holds and first_bad is None:
                first_bad = n
            if n in heads and heads[n] == name:
                seen = n
            elif n in heads:
                contradicted.append(n)
            before_n, before_chain, before = n, chain, name
        contradicted += [n for n in sorted(heads) if n > before_n]  # shortened: the end that others saw is gone
        return Verdict(
            good=first_bad is None and not contradicted,
            length=before_n,
            head=before,
            first_bad=first_bad,
            witnessed=seen,
            contradicted=tuple(contradicted),
        )


def _entry(row: tuple[Any, ...]) -> Entry:
    n, chain, at, who, act, detail, previous, name = row
    return Entry(n, chain, moment(at), who, act, json.loads(detail), previous, name)


def _hash(n: int, chain: int, at: str, who: str, act: str, detail: str, previous: str) -> str:
    return sha256(canonical([n, chain, at, who, act, detail, previous])).hexdigest()
