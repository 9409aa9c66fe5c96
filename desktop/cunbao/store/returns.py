"""Revisions: the index over signed versions of returns, by which the desks find them, and what counts of them.

Never changes a signed byte. What is known of a revision only grows, but for one case: a signature that nobody outside
has seen may be taken back, and leaves a 作废 record. Source: protocol.md §2, §5; no order here reads a clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from cunbao.errors import StoreError
from cunbao.store.objects import Objects
from cunbao.store.times import moment, text

REVISION_COLUMNS = (
    "id, office, form, period, kind, version, n, device, signed_at, header, answers, cms, pdf, accepted, sent_in, "
    "left_by, retracted, acknowledged, epoch"
)


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One signed version of a return. id: SHA-256 of the header; header, answers, cms, pdf: hashes of objects held
    ("" for a cms or pdf that is not). kind: "normal", "zero", "correction", "late", "proxy". n: its place in the order
    (protocol §2). parents: ids, held or not. accepted: the decisions say 通过. sent_in: number of the package that
    carried it first. left_by: how it first left this workspace ("package", "pdf", "print"), "" not yet. acknowledged:
    a receipt names it. epoch: the life of the workspace that signed it, filled in by the store. others: hashes of
    further signatures and PDFs over the same header (the one made when the certificate came)."""

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
    acknowledged: bool = False
    epoch: str = ""
    others: tuple[str, ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """Hashes of all that makes up this revision: what a package must carry."""
        return tuple(name for name in (self.header, self.answers, self.cms, self.pdf, *self.others) if name)


@dataclass(frozen=True, slots=True)
class Voided:
    """作废记录: a signature that was taken back. code: the verification code that stood on its pages."""

    revision: str
    code: str
    at: datetime
    who: str = ""
    reason: str = ""


class Returns(Objects):
    """The part of a workspace that knows what was signed."""

    def add_revision(self, revision: StoredRevision) -> None:
        """Keep a signed revision whose objects are held already. Repeating is harmless. One that came signed from
        elsewhere (rebirth) may bring accepted, sent_in and left_by with it."""
        kept = replace(revision, epoch=revision.epoch or self.epoch)
        content = {**asdict(kept), "signed_at": text(kept.signed_at)}
        del content["others"]
        with self.atomic():
            self._index_revision(kept)
            self._record("revision", **content)

    def _index_revision(self, one: StoredRevision) -> None:
        row = (
            *(one.id, one.office, one.form, one.period, one.kind, one.version, one.n, one.device, text(one.signed_at)),
            *(one.header, one.answers, one.cms or None, one.pdf or None, one.accepted, one.sent_in),
            *(one.left_by, one.retracted, one.acknowledged, one.epoch),
        )
        cursor = self._db.execute(
            f"INSERT INTO revision ({REVISION_COLUMNS}) VALUES ({','.join('?' * len(row))}) ON CONFLICT DO NOTHING", row
        )
        if cursor.rowcount:
            self._db.executemany(
                "INSERT INTO parent (revision, parent, place) VALUES (?,?,?)",
                [(one.id, parent, place) for place, parent in enumerate(one.parents)],
            )

    def add_signature(self, revision_id: str, cms: str, pdf: str = "") -> None:
        """Keep a further signature over the same header (protocol §4); cms, pdf: hashes of objects held."""
        with self.atomic():
            self._index_signature(revision_id, cms, pdf)
            self._record("signature", revision=revision_id, cms=cms, pdf=pdf)

    def _index_signature(self, revision_id: str, cms: str, pdf: str) -> None:
        self._db.execute(
            "INSERT INTO signature (revision, place, cms, pdf) "
            "SELECT ?1, count(*), ?2, ?3 FROM signature WHERE revision = ?1",
            (revision_id, cms, pdf or None),
        )

    def acknowledge(self, revisions: Iterable[str]) -> None:
        """Note that a receipt names these revisions and evidence: later bundles need not carry them."""
        with self.atomic():
            for name in revisions:
                self._index_acknowledged(name)
                self._record("acknowledge", revision=name, after=self._records_kept())

    def unacknowledge(self, office: str, period: str) -> None:
        """The receiver lives a new life: what the one before held of this period is carried again."""
        with self.atomic():
            self._index_unacknowledged(office, period)
            self._record("unacknowledge", office=office, period=period, after=self._records_kept())

    def _records_kept(self) -> int:
        """A number that grows with every object: two records that say the same at different times are two, also when a
        year was moved out between them."""
        found = self._one("SELECT coalesce(max(id), 0) FROM object")
        return int(found[0]) if found else 0

    def _index_acknowledged(self, name: str) -> None:
        for table in ("revision", "evidence"):
            self._db.execute(f"UPDATE {table} SET acknowledged = 1 WHERE id = ?", (name,))

    def _index_unacknowledged(self, office: str, period: str) -> None:
        where = "office = ? AND period = ?"
        self._db.execute(f"UPDATE revision SET acknowledged = 0 WHERE {where}", (office, period))
        self._db.execute(
            f"UPDATE evidence SET acknowledged = 0 WHERE revision IN (SELECT id FROM revision WHERE {where})",
            (office, period),
        )

    # --- found again -------------------------------------------------------------------------------------------------

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
        found = self._select(
            "WHERE office = ? AND form = ? AND period = ? AND retracted = 0 ORDER BY n DESC, id DESC LIMIT 1",
            (office, form, period),
        )
        return found[0] if found else None

    def revisions_of(self, office: str, period: str) -> tuple[StoredRevision, ...]:
        """Every revision of an office's period that was not taken back, in the order (form, n, id)."""
        return self._select("WHERE office = ? AND period = ? AND retracted = 0 ORDER BY form, n, id", (office, period))

    def offices_with_returns(
        self, offices: Sequence[str] | None = None, *, since: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """(office, period) of what is held, by period; of all offices or of those given, from a period on."""
        narrowed = "" if offices is None else "AND office IN (SELECT value FROM json_each(?))"
        rows = self._all(
            f"SELECT DISTINCT office, period FROM revision WHERE period >= ? {narrowed} ORDER BY period, office",
            (since,) if offices is None else (since, json.dumps(list(offices))),
        )
        return tuple((office, period) for office, period in rows)

    def offices_of_period(self, period: str, *, under: str = "") -> tuple[str, ...]:
        """The offices of which a return of the period is held, by code; of all, or of those whose codes begin with
        `under`."""
        rows = self._all(
            "SELECT DISTINCT office FROM revision WHERE period = ? AND substr(office, 1, ?) = ? ORDER BY office",
            (period, len(under), under),
        )
        return tuple(office for (office,) in rows)

    def _select(self, where: str, values: tuple[Any, ...]) -> tuple[StoredRevision, ...]:
        with self._reading():
            rows = self._all(f"SELECT {REVISION_COLUMNS} FROM revision {where}", values)
            return tuple(self._stored(row) for row in rows)

    def _stored(self, row: tuple[Any, ...]) -> StoredRevision:
        (name, office, form, period, kind, version, n, device, signed_at, header, answers, cms, pdf, *rest) = row
        accepted, sent_in, left_by, retracted, acknowledged, epoch = rest
        parents = self._all("SELECT parent FROM parent WHERE revision = ? ORDER BY place", (name,))
        others = self._all("SELECT cms, pdf FROM signature WHERE revision = ? ORDER BY place", (name,))
        return StoredRevision(
            id=name,
            office=office,
            form=form,
            period=period,
            kind=kind,
            version=version,
            n=n,
            parents=tuple(parent for (parent,) in parents),
            device=device,
            signed_at=moment(signed_at),
            header=header,
            answers=answers,
            cms=cms or "",
            pdf=pdf or "",
            accepted=bool(accepted),
            sent_in=sent_in,
            left_by=left_by,
            retracted=bool(retracted),
            acknowledged=bool(acknowledged),
            epoch=epoch,
            others=tuple(sha for pair in others for sha in pair if sha),
        )

    # --- a signature taken back --------------------------------------------------------------------------------------

    def mark_left(self, revision_id: str, how: str) -> None:
        """Note that a revision has left by "pdf" (exported) or "print" (original printed): it cannot be taken back."""
        with self.atomic():
            self._index_left(revision_id, how)
            self._record("left", revision=revision_id, how=how)

    def _index_left(self, revision_id: str, how: str) -> None:
        self._db.execute("UPDATE revision SET left_by = ? WHERE id = ? AND left_by = ''", (how, revision_id))

    def has_left(self, revision_id: str) -> bool:
        """May the signature no longer be taken back?"""
        return bool(self.why_not_retract(revision_id))

    def why_not_retract(self, revision_id: str) -> str:
        """Why the signature stays, in the clerk's words; "" when it may be taken back."""
        found = self.revision(revision_id)
        if found is None or found.retracted:
            return "这个版本不在了"
        if found.epoch != self.epoch:
            return "这个签名是换电脑或恢复备份之前签的"
        if found.sent_in is not None:
            return f"第 {found.sent_in} 次报送已经带走它"
        if found.left_by:
            return {"print": "正本已经打印", "pdf": "PDF 已经导出"}.get(found.left_by, "它已经交出去")
        child = self._one(
            "SELECT 1 FROM parent JOIN revision ON revision.id = parent.revision "
            "WHERE parent.parent = ? AND retracted = 0",
            (revision_id,),
        )
        if child:
            return "它后面已经有新的版本"
        decided = self._one("SELECT 1 FROM decision WHERE revision = ?", (revision_id,))
        return "已经有审核决定" if decided else ""

    def retract(self, revision_id: str, *, code: str, now: datetime, who: str = "", reason: str = "") -> Voided:
        """Take a signature back. StoreError "revision.left" when anybody outside may have seen it."""
        why_not = self.why_not_retract(revision_id)
        if why_not:
            raise StoreError(
                "revision.left",
                happened=f"不能撤回签名：{why_not}",
                safe="签过名的内容没有改动",
                todo="要改，请另做一版“更正”",
            )
        voided = Voided(revision_id, code, now, who, reason)
        with self.atomic():
            self._index_retraction(voided)
            self._record("retract", revision=revision_id, code=code, who=who, reason=reason, at=text(now))
        return voided

    def _index_retraction(self, one: Voided) -> None:
        self._db.execute("UPDATE revision SET retracted = 1 WHERE id = ?", (one.revision,))
        self._db.execute(
            "INSERT INTO retraction (revision, code, who, reason, at) VALUES (?,?,?,?,?)",
            (one.revision, one.code, one.who, one.reason, text(one.at)),
        )

    def voided(self, office: str, form: str, period: str) -> tuple[Voided, ...]:
        """作废记录 of a return, oldest first."""
        rows = self._all(
            "SELECT t.revision, t.code, t.at, t.who, t.reason FROM retraction t JOIN revision r ON r.id = t.revision "
            "WHERE r.office = ? AND r.form = ? AND r.period = ? ORDER BY t.at, t.revision",
            (office, form, period),
        )
        return tuple(Voided(name, code, moment(at), who, reason) for name, code, at, who, reason in rows)
