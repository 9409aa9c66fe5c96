"""What went out and what came back: packages, decisions, evidence. Indexes over objects; nothing signed is changed.

Source: protocol.md §2 (order), §5 (sequences). Effects here are the village's: a decision marks the revision that it
names. No order reads a clock.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from cunbao.store.returns import Returns
from cunbao.store.times import moment, text
from cunbao.survey.decision import next_n
from cunbao.survey.evidence import Evidence

_SIGNED = "coalesce((SELECT group_concat(c.cms, ' ') FROM countersign c WHERE c.object = {}), '')"
_ABOUT = "(SELECT json_extract(CAST(o.data AS TEXT), ?2) FROM object o WHERE o.sha256 = d.id)"
PACKAGE_COLUMNS = "id, epoch, office, period, seq, sha256, file_name, folder, size, written_at, took"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One signed decision. id: hash of its object; act: "accept", "return", "withdraw" …; n: its place in the order;
    by: who, in the words of the screen; seen: the decision heads that its signer knew. office: 12 digits of the
    decider; cms: hash of its signature, "" when that is not held; others: of further ones over the same decision."""

    id: str
    revision: str
    act: str
    n: int
    by: str
    at: datetime
    seen: tuple[str, ...] = ()
    office: str = ""
    cms: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """The scan of the sealed paper (decision 16). id: hash of the object that names revision and scan; content: hash
    of the scan; name: its file name; n: its place in the order, 0 where an older version wrote it. acknowledged: a
    receipt names it. signatures: hashes of those held over it, () none."""

    id: str
    revision: str
    content: str
    name: str
    at: datetime
    n: int = 0
    acknowledged: bool = False
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """One file of a 报送, written, read back and compared: 第 seq 次. sha256: of the file; folder: where it was
    written; size: bytes; revisions: those carried; seconds: how long it took; epoch: filled in by the store."""

    office: str
    period: str
    seq: int
    sha256: str
    file_name: str
    folder: str
    size: int
    written_at: datetime
    revisions: tuple[str, ...]
    seconds: float = 0.0
    epoch: str = ""


class Carried(Returns):
    """The part of a workspace that knows what was sent, decided and attached."""

    # --- packages ----------------------------------------------------------------------------------------------------

    def next_seq(self) -> int:
        """第几次报送, the same number as in the manifest: counts from 1 within this epoch, over all periods."""
        found = self._one("SELECT max(count(*), coalesce(max(seq), 0)) FROM package WHERE epoch = ?", (self.epoch,))
        return 1 + int(found[0] if found else 0)  # an older version counted each period anew: no number twice

    def add_package(self, package: PackageRecord) -> None:
        """Note a package that was written, read back and compared; its revisions can no longer be taken back."""
        kept = replace(package, epoch=package.epoch or self.epoch)
        content = {**asdict(kept), "written_at": text(kept.written_at), "took": round(kept.seconds * 1000)}
        del content["seconds"]
        with self.atomic():
            self._index_package(kept)
            self._record("package", **content)

    def _index_package(self, one: PackageRecord) -> None:
        package = self._insert(
            f"INSERT INTO package ({PACKAGE_COLUMNS}) VALUES (NULL,?,?,?,?,?,?,?,?,?,?)",
            (
                *(one.epoch, one.office, one.period, one.seq, one.sha256, one.file_name, one.folder, one.size),
                *(text(one.written_at), round(one.seconds * 1000)),
            ),
        )
        for place, revision in enumerate(one.revisions):
            self._db.execute(
                "INSERT INTO package_revision (package, revision, place) VALUES (?,?,?)", (package, revision, place)
            )
            self._db.execute("UPDATE revision SET sent_in = coalesce(sent_in, ?) WHERE id = ?", (one.seq, revision))
            self._index_left(revision, "package")

    def packages(self, office: str | None = None, period: str | None = None) -> tuple[PackageRecord, ...]:
        """Packages in the order of writing, over all epochs; of one office or period, or of all."""
        with self._reading():
            rows = self._all(
                f"SELECT {PACKAGE_COLUMNS} FROM package WHERE (?1 IS NULL OR office = ?1) "
                "AND (?2 IS NULL OR period = ?2) ORDER BY id",
                (office, period),
            )
            return tuple(
                PackageRecord(
                    at_office, at_period, seq, sha, name, folder, size, moment(at), self._revisions_in(package),
                    took / 1000, epoch,
                )
                for package, epoch, at_office, at_period, seq, sha, name, folder, size, at, took in rows
            )  # fmt: skip

    def _revisions_in(self, package: int) -> tuple[str, ...]:
        rows = self._all("SELECT revision FROM package_revision WHERE package = ? ORDER BY place", (package,))
        return tuple(revision for (revision,) in rows)

    # --- order -------------------------------------------------------------------------------------------------------

    def next_n(self, office: str, period: str) -> int:
        """1 + the largest n held of the office's task (protocol §2). Revisions taken back count too."""
        return next_n(self._largest_n([office], period))

    def _largest_n(self, offices: Sequence[str], period: str) -> int:
        where = "office IN (SELECT value FROM json_each(?1)) AND {}period = ?2"
        found = self._one(
            f"SELECT coalesce(max(n), 0) FROM (SELECT n FROM revision WHERE {where.format('')} UNION ALL "
            f"SELECT d.n FROM decision d JOIN revision r ON r.id = d.revision WHERE r.{where.format('r.')} UNION ALL "
            f"SELECT e.n FROM evidence e JOIN revision r ON r.id = e.revision WHERE r.{where.format('r.')})",
            (json.dumps(list(offices)), period),
        )
        return int(found[0] if found else 0)

    def decision_heads(self, office: str, period: str) -> tuple[str, ...]:
        """Decisions of the office's task that no other one held has seen, sorted: what a new header names as `seen`."""
        held = self._decisions("WHERE r.office = ? AND r.period = ?", (office, period))
        seen = {name for one in held for name in one.seen}
        return tuple(sorted(one.id for one in held if one.id not in seen))

    def order_at_large(self, period: str, offices: Sequence[str]) -> tuple[int, tuple[str, ...]]:
        """n and `seen` of a decision that touches no revision (封账, 吊销, 不计入) but concerns the task of these
        offices: 1 + the largest n held of any of them and of what was decided at large, and the heads among these."""
        held = self._decisions(
            "WHERE d.revision = '' OR (r.period = ? AND r.office IN (SELECT value FROM json_each(?)))",
            (period, json.dumps(list(offices))),
        )
        seen = {name for one in held for name in one.seen}
        n = max([self._largest_n(offices, period), *(one.n for one in held)])
        return next_n(n), tuple(sorted(one.id for one in held if one.id not in seen))

    # --- decisions ---------------------------------------------------------------------------------------------------

    def add_decision(self, decision: DecisionRecord) -> None:
        """Keep a decision whose object is held. What it changes is said by `set_standing`, once the desk has judged."""
        with self.atomic():
            self._index_decision(decision)
            content = {**asdict(decision), "at": text(decision.at)}
            del content["others"]
            self._record("decision", **content)

    def _index_decision(self, one: DecisionRecord) -> None:
        self._db.execute(
            "INSERT INTO decision (id, revision, act, n, by, at, seen, office, cms) VALUES (?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING",
            (
                *(one.id, one.revision, one.act, one.n, one.by, text(one.at), " ".join(one.seen), one.office),
                one.cms or None,
            ),
        )

    def decisions(self, revision_id: str) -> tuple[DecisionRecord, ...]:
        """Decisions on a revision in their order (n, id)."""
        return self._decisions("WHERE d.revision = ?", (revision_id,))

    def decisions_of_act(self, act: str) -> tuple[DecisionRecord, ...]:
        """Every decision of an act ("close", "revoke" …), in the order (n, id)."""
        return self._decisions("WHERE d.act = ?", (act,))

    def decisions_about(self, act: str, name: str, value: str) -> tuple[DecisionRecord, ...]:
        """Those of an act whose `about` says `value` under `name` (the 封账 of a period), in the order (n, id).

        One names thousands of ids, and is read through only where it is the one asked for."""
        return self._decisions(f"WHERE d.act = ?1 AND {_ABOUT} = ?3", (act, f"$.about.{name}", value))

    def named_by(self, act: str, name: str) -> tuple[str, ...]:
        """All that the `about` of decisions of an act says under `name`, sorted."""
        sql = f"SELECT DISTINCT {_ABOUT} FROM decision d WHERE d.act = ?1 ORDER BY 1"
        rows = self._all(sql, (act, f"$.about.{name}"))
        return tuple(said for (said,) in rows if said)

    def decisions_at_large(self) -> tuple[DecisionRecord, ...]:
        """Every decision that touches no revision (封账 and its withdrawal, 吊销, 不计入), in the order (n, id)."""
        return self._decisions("WHERE d.revision = ''", ())

    def decisions_of(self, office: str, period: str) -> tuple[DecisionRecord, ...]:
        """Every decision on a revision held of an office's period, in the order (n, id)."""
        return self._decisions("WHERE r.office = ? AND r.period = ?", (office, period))

    def decision(self, decision_id: str) -> DecisionRecord | None:
        found = self._decisions("WHERE d.id = ?", (decision_id,))
        return found[0] if found else None

    def _decisions(self, where: str, values: tuple[str, ...]) -> tuple[DecisionRecord, ...]:
        rows = self._all(
            f"SELECT d.id, d.revision, d.act, d.n, d.by, d.at, d.seen, d.office, d.cms, {_SIGNED.format('d.id')} "
            f"FROM decision d LEFT JOIN revision r ON r.id = d.revision {where} ORDER BY d.n, d.id",
            values,
        )
        return tuple(
            DecisionRecord(
                name, revision, act, n, by, moment(at), tuple(seen.split()), office, cms or "", tuple(others.split())
            )
            for name, revision, act, n, by, at, seen, office, cms, others in rows
        )

    # --- signatures beside the first ---------------------------------------------------------------------------------

    def countersign(self, object_id: str, cms: str) -> None:
        """Keep a signature over evidence, or a further one over a decision; cms: hash of an object held. One that is
        known is no news."""
        with self.atomic():
            if self._index_countersign(object_id, cms):
                self._record("countersign", object=object_id, cms=cms)

    def _index_countersign(self, object_id: str, cms: str) -> bool:
        known = "SELECT 1 FROM countersign WHERE object = ?1 AND cms = ?2"
        cursor = self._db.execute(
            "INSERT INTO countersign (object, place, cms) SELECT ?1, (SELECT count(*) FROM countersign WHERE "
            f"object = ?1), ?2 WHERE NOT EXISTS ({known})",
            (object_id, cms),
        )
        return bool(cursor.rowcount > 0)

    # --- evidence ----------------------------------------------------------------------------------------------------

    def add_evidence(self, said: Evidence, scan: bytes) -> EvidenceRecord:
        """Keep the scan or photo of the sealed paper beside a revision; it touches neither PDF nor signature.
        `countersign` keeps what signs it."""
        with self.atomic():
            self.add_object("scan", scan)
            name = self.add_object("evidence", said.encode())
            one = EvidenceRecord(name, said.revision, said.content, said.name, said.at, said.n)
            self.take_evidence(one)
        return one

    def take_evidence(self, one: EvidenceRecord) -> None:
        """Index evidence whose object and scan are held. Repeating is harmless."""
        content = {**asdict(one), "at": text(one.at)}
        del content["signatures"]
        with self.atomic():
            if self._index_evidence(one):
                self._record("evidence", **content)

    def _index_evidence(self, one: EvidenceRecord) -> bool:
        cursor = self._db.execute(
            "INSERT INTO evidence (id, revision, content, name, at, n, acknowledged) VALUES (?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING",
            (one.id, one.revision, one.content, one.name, text(one.at), one.n, one.acknowledged),
        )
        return bool(cursor.rowcount > 0)

    def evidence(self, revision_id: str) -> tuple[EvidenceRecord, ...]:
        """What was attached to a revision, oldest first."""
        return self._evidence("WHERE e.revision = ? ORDER BY e.at, e.id", (revision_id,))

    def evidence_of(self, office: str, period: str) -> tuple[EvidenceRecord, ...]:
        """Everything attached to the revisions held of an office's period, in the order (n, id)."""
        return self._evidence(
            "JOIN revision r ON r.id = e.revision WHERE r.office = ? AND r.period = ? AND r.retracted = 0 "
            "ORDER BY e.n, e.id",
            (office, period),
        )

    def _evidence(self, where: str, values: tuple[str, ...]) -> tuple[EvidenceRecord, ...]:
        rows = self._all(
            "SELECT e.id, e.revision, e.content, e.name, e.at, e.n, e.acknowledged, "
            f"{_SIGNED.format('e.id')} FROM evidence e {where}",
            values,
        )
        return tuple(
            EvidenceRecord(one, revision, content, name, moment(at), n, bool(acknowledged), tuple(signed.split()))
            for one, revision, content, name, at, n, acknowledged, signed in rows
        )
