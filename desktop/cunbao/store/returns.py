"""Revisions, decisions and packages: indexes over objects, by which the desks find what is signed.

Never changes a signed byte. What is known of a revision only grows, but for one case: a signature that nobody outside
has seen may be taken back, and leaves a 作废 record. Source: protocol.md §2, §5, §6; no order here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cunbao.errors import StoreError
from cunbao.store.objects import Objects
from cunbao.store.times import moment, text

REVISION_COLUMNS = (
    "id, office, form, period, kind, version, n, device, signed_at, header, answers, cms, pdf, accepted, sent_in, "
    "left_by, retracted, epoch"
)


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One signed version of a return. id: SHA-256 of the header; header, answers, cms, pdf: hashes of objects held
    ("" for a cms or pdf that is not). kind: "normal", "zero", "correction", "late", "proxy". n: its place in the order
    (protocol §2). parents: ids, held or not. sent_in: number of the package that carried it first. left_by: how it
    first left this workspace ("package", "pdf", "print"), "" not yet. epoch: the life of the workspace that signed it,
    filled in by the store."""

    id: str
    office: str
    form: str
    period: str
    kind: str
    version: int
    n: int
    parents: tuple[str, ...]
    device: str
    signed_at: datetime
    header: str
    answers: str
    cms: str = ""
    pdf: str = ""
    accepted: bool = False
    sent_in: int | None = None
    left_by: str = ""
    retracted: bool = False
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Voided:
    """作废记录: a signature that was taken back. code: the verification code that stood on its pages."""

    revision: str
    code: str
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One signed decision. id: hash of its object; act: "accept", "return", "withdraw" …; n: its place in the order;
    by: who, in the words of the screen."""

    id: str
    revision: str
    act: str
    n: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """第 n 次报送: seq counts within (device, epoch); sha256: of the file as written; revisions: those carried."""

    seq: int
    sha256: str
    file_name: str
    written_at: datetime
    revisions: tuple[str, ...]
    addressee: str = ""
    epoch: str = ""


class Returns(Objects):
    """The part of a workspace that knows what was signed, sent and decided."""

    # --- revisions ---------------------------------------------------------------------------------------------------

    def add_revision(self, revision: StoredRevision) -> None:
        """Keep a signed revision whose objects are held already. Repeating is harmless. One that came signed from
        elsewhere (rebirth) may bring accepted, sent_in and left_by with it."""
        kept = replace(revision, epoch=revision.epoch or self.epoch)
        with self.atomic():
            self._index_revision(kept)
            self._record("revision", **_revision_content(kept))

    def _index_revision(self, one: StoredRevision) -> None:
        cursor = self._db.execute(
            f"INSERT INTO revision ({REVISION_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING",
            (
                one.id,
                one.office,
                one.form,
                one.period,
                one.kind,
                one.version,
                one.n,
                one.device,
                text(one.signed_at),
                one.header,
                one.answers,
                one.cms or None,
                one.pdf or None,
                one.accepted,
                one.sent_in,
                one.left_by,
                one.retracted,
                one.epoch,
            ),  # fmt: skip
        )
        if cursor.rowcount:
            self._db.executemany(
                "INSERT INTO parent (revision, parent, place) VALUES (?,?,?)",
                [(one.id, parent, place) for place, parent in enumerate(one.parents)],
            )

    def revision(self, revision_id: str) -> StoredRevision | None:
        """One revision by its id, taken back or not."""
        found = self._select("WHERE id = ?", (revision_id,))
        return found[0] if found else None

    def revisions(self, office: str, form: str, period: str) -> tuple[StoredRevision, ...]:
        """Every revision of a return that was not taken back, in the order (n, id): oldest first."""
        return self._select(
            "WHERE office = ? AND form = ? AND period = ? AND retracted = 0 ORDER BY n, id", (office, form, period)
        )

    def newest(self, office: str, form: str, period: str) -> StoredRevision | None:
        """The last of `revisions`, None when there is none or all were taken back."""
        found = self.revisions(office, form, period)
        return found[-1] if found else None

    def unsent(self, office: str = "") -> tuple[StoredRevision, ...]:
        """Signed here and carried by no package yet; of one office or of all."""
        return self._select(
            "WHERE retracted = 0 AND sent_in IS NULL AND epoch = ? AND (? = '' OR office = ?) ORDER BY n, id",
            (self.epoch, office, office),
        )

    def next_n(self, office: str) -> int:
        """1 + the largest n held of the office (protocol §2)."""
        found = self._one(
            "SELECT max(n) FROM (SELECT n FROM revision WHERE office = ?1 UNION ALL SELECT d.n FROM decision d "
            "JOIN revision r ON r.id = d.revision WHERE r.office = ?1)",
            (office,),
        )
        return 1 + int((found[0] if found else 0) or 0)

    def _select(self, where: str, values: tuple[Any, ...]) -> tuple[StoredRevision, ...]:
        with self._reading():
            rows = self._all(f"SELECT {REVISION_COLUMNS} FROM revision {where}", values)
            return tuple(self._stored(row) for row in rows)

    def _stored(self, row: tuple[Any, ...]) -> StoredRevision:
        parents = self._all("SELECT parent FROM parent WHERE revision = ? ORDER BY place", (row[0],))
        (identity, office, form, period, kind, version, n, device, signed_at, header, answers, cms, pdf) = row[:13]
        accepted, sent_in, left_by, retracted, epoch = row[13:]
        return StoredRevision(
            identity, office, form, period, kind, version, n, tuple(parent for (parent,) in parents), device,
            moment(signed_at), header, answers, cms or "", pdf or "", bool(accepted), sent_in, left_by, bool(retracted),
            epoch,
        )  # fmt: skip

    # --- a signature taken back --------------------------------------------------------------------------------------

    def mark_left(self, revision_id: str, how: str) -> None:
        """Note that a revision has left by "pdf" (exported) or "print" (original printed): it cannot be taken back."""
        with self.atomic():
            self._db.execute("UPDATE revision SET left_by = ? WHERE id = ? AND left_by = ''", (how, revision_id))
            self._record("left", revision=revision_id, how=how)

    def why_not_retract(self, revision_id: str) -> str:
        """Why the signature stays, in the clerk's words; "" when it may be taken back."""
        found = self.revision(revision_id)
        if found is None or found.retracted:
            return "这个版本不在了"
        if found.epoch != self.epoch:
            return "这个签名是恢复备份之前签的"
        if found.sent_in is not None:
            return f"第 {found.sent_in} 次报送已经带走它"
        if found.left_by:
            return {"print": "正本已经打印", "pdf": "PDF 已经导出"}.get(found.left_by, "它已经交出去")
        child = self._one(
            "SELECT 1 FROM parent JOIN revision ON revision.id = parent.revision "
            "WHERE parent.parent = ? AND retracted = 0",
            (revision_id,),
        )
        return "它后面已经有新的版本" if child else ""

    def retract(self, revision_id: str, *, code: str, who: str, now: datetime, reason: str = "") -> Voided:
        """Take a signature back. StoreError "revision.left" when anybody outside may have seen it."""
        why_not = self.why_not_retract(revision_id)
        if why_not:
            raise StoreError(
                "revision.left",
                happened=f"不能撤回签名：{why_not}",
                safe="签过名的内容没有改动",
                todo="要改，请另做一版“更正”",
            )
        voided = Voided(revision_id, code, who, reason, now)
        with self.atomic():
            self._index_retraction(voided)
            self._record("retract", revision=revision_id, code=code, who=who, reason=reason, at=text(now))
        return voided

    def _index_retraction(self, one: Voided) -> None:
        self._db.execute("UPDATE revision SET retracted = 1 WHERE id = ?", (one.revision,))
        self._db.execute(
            "INSERT INTO retraction (revision, code, who, reason, at) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            (one.revision, one.code, one.who, one.reason, text(one.at)),
        )

    def voided(self, office: str, form: str, period: str) -> tuple[Voided, ...]:
        """作废记录 of a return, oldest first."""
        rows = self._all(
            "SELECT t.revision, t.code, t.who, t.reason, t.at FROM retraction t JOIN revision r ON r.id = t.revision "
            "WHERE r.office = ? AND r.form = ? AND r.period = ? ORDER BY t.at, t.revision",
            (office, form, period),
        )
        return tuple(Voided(revision, code, who, reason, moment(at)) for revision, code, who, reason, at in rows)

    # --- packages ----------------------------------------------------------------------------------------------------

    def next_seq(self) -> int:
        """第几次报送: counts within this epoch, from 1."""
        found = self._one("SELECT max(seq) FROM package WHERE epoch = ?", (self.epoch,))
        return 1 + int((found[0] if found else 0) or 0)

    def add_package(self, package: PackageRecord) -> None:
        """Note a package that was written, read back and compared; its revisions can no longer be taken back."""
        kept = replace(package, epoch=package.epoch or self.epoch)
        with self.atomic():
            self._index_package(kept)
            self._record(
                "package", epoch=kept.epoch, seq=kept.seq, sha256=kept.sha256, file_name=kept.file_name,
                written_at=text(kept.written_at), addressee=kept.addressee, revisions=list(kept.revisions),
            )  # fmt: skip

    def _index_package(self, one: PackageRecord) -> None:
        self._db.execute(
            "INSERT INTO package (epoch, seq, sha256, file_name, written_at, addressee) VALUES (?,?,?,?,?,?)",
            (one.epoch, one.seq, one.sha256, one.file_name, text(one.written_at), one.addressee),
        )
        for place, revision in enumerate(one.revisions):
            self._db.execute(
                "INSERT INTO package_revision (epoch, seq, revision, place) VALUES (?,?,?,?)",
                (one.epoch, one.seq, revision, place),
            )
            self._db.execute(
                "UPDATE revision SET sent_in = coalesce(sent_in, ?), "
                "left_by = CASE left_by WHEN '' THEN 'package' ELSE left_by END WHERE id = ?",
                (one.seq, revision),
            )

    def packages(self) -> tuple[PackageRecord, ...]:
        """Every package written, oldest first, over all epochs."""
        with self._reading():
            rows = self._all(
                "SELECT epoch, seq, sha256, file_name, written_at, addressee FROM package ORDER BY written_at, seq"
            )
            return tuple(
                PackageRecord(seq, sha, name, moment(at), self._carried(epoch, seq), addressee, epoch)
                for epoch, seq, sha, name, at, addressee in rows
            )

    def _carried(self, epoch: str, seq: int) -> tuple[str, ...]:
        rows = self._all(
            "SELECT revision FROM package_revision WHERE epoch = ? AND seq = ? ORDER BY place", (epoch, seq)
        )
        return tuple(revision for (revision,) in rows)

    # --- decisions ---------------------------------------------------------------------------------------------------

    def add_decision(self, decision: DecisionRecord) -> None:
        """Keep a decision whose object is held. Of several on one revision the last by (n, id) has its effect."""
        with self.atomic():
            self._index_decision(decision)
            self._record(
                "decision", id=decision.id, revision=decision.revision, act=decision.act, n=decision.n, by=decision.by,
                at=text(decision.at),
            )  # fmt: skip

    def _index_decision(self, one: DecisionRecord) -> None:
        self._db.execute(
            "INSERT INTO decision (id, revision, act, n, by, at) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (one.id, one.revision, one.act, one.n, one.by, text(one.at)),
        )
        last = self._db.execute(
            "SELECT act FROM decision WHERE revision = ? AND act IN ('accept', 'return', 'withdraw') "
            "ORDER BY n DESC, id DESC LIMIT 1",
            (one.revision,),
        ).fetchone()
        if last is not None:
            self._db.execute("UPDATE revision SET accepted = ? WHERE id = ?", (last[0] == "accept", one.revision))

    def decisions(self, revision_id: str) -> tuple[DecisionRecord, ...]:
        """Decisions on a revision in their order (n, id)."""
        rows = self._all(
            "SELECT id, revision, act, n, by, at FROM decision WHERE revision = ? ORDER BY n, id", (revision_id,)
        )
        return tuple(DecisionRecord(name, rev, act, n, by, moment(at)) for name, rev, act, n, by, at in rows)

    # --- what counts -------------------------------------------------------------------------------------------------

    def counted(self, office: str, form: str, period: str) -> StoredRevision | None:
        """The accepted revision without an accepted descendant. Two such: the last common accepted ancestor."""
        return counted(self.revisions(office, form, period))


def counted(revisions: Iterable[StoredRevision]) -> StoredRevision | None:
    """What counts among the revisions of one return (protocol §2), None when nothing does."""
    held = {one.id: one for one in revisions}
    ancestors: dict[str, frozenset[str]] = {}

    def above(name: str) -> frozenset[str]:
        if name not in ancestors:
            ancestors[name] = frozenset()  # a cycle, which only a forged header could make, ends here
            parents = [parent for parent in held[name].parents if parent in held]
            ancestors[name] = frozenset(parents).union(*(above(parent) for parent in parents))
        return ancestors[name]

    accepted = {name for name, one in held.items() if one.accepted}
    covered = frozenset[str]().union(*(above(name) for name in accepted))
    heads = sorted(accepted - covered)
    if len(heads) > 1:
        common = frozenset.intersection(*(above(name) for name in heads)) & accepted
        return max((held[name] for name in common), key=lambda one: (one.n, one.id), default=None)
    return held[heads[0]] if heads else None


def _revision_content(one: StoredRevision) -> dict[str, Any]:
    return {
        "id": one.id, "office": one.office, "form": one.form, "period": one.period, "kind": one.kind,
        "version": one.version, "n": one.n, "parents": list(one.parents), "device": one.device,
        "signed_at": text(one.signed_at), "header": one.header, "answers": one.answers, "cms": one.cms, "pdf": one.pdf,
        "accepted": one.accepted, "sent_in": one.sent_in, "left_by": one.left_by, "retracted": one.retracted,
        "epoch": one.epoch,
    }  # fmt: skip
