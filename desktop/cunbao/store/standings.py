"""Where each return stands, as the desk has judged it from the signed things held: one row a return, so that a board is
one query. A copy like the form tables: `rebuild` has it made again. Also the certificates by which signers are judged.

Never judges by itself: `survey.standing` says where a return stands, `trust` who may sign, `desks.ledger` asks both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cunbao.store.carried import Carried
from cunbao.store.objects import canonical
from cunbao.store.returns import StoredRevision
from cunbao.store.times import moment, text
from cunbao.survey.decision import Comment
from cunbao.survey.standing import NOTHING, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell

_NONE = "[]"  # most returns have neither marks nor comments, and a board reads thousands
_COLUMNS = "state, head, heads, counted, accepted, returned, marks, effective, comments"


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate held as an object. key: key_id; role: value of trust's CertRole; signs: False for a decryption
    certificate."""

    id: str
    key: str
    office: str
    role: str
    signs: bool
    not_before: datetime
    not_after: datetime


class Standings(Carried):
    """The part of a workspace that knows what counts."""

    # --- where returns stand -----------------------------------------------------------------------------------------

    def set_standing(self, office: str, form: str, period: str, found: Standing) -> bool:
        """Keep where a return stands; True when something of it is news. NOTHING is not kept: after the only signature
        was taken back it is as if there had been none."""
        said = canonical([[name, [[c.cell.field, c.cell.row, c.text] for c in some]] for name, some in found.comments])
        row = (
            *(found.state.name, found.head, " ".join(found.heads), found.counted),
            *(" ".join(sorted(found.accepted)), " ".join(sorted(found.returned))),
            *(json.dumps(found.marks, ensure_ascii=False), " ".join(found.effective)),
            said.decode(),
        )
        with self.atomic():
            before = self._one(
                f"SELECT {_COLUMNS} FROM standing WHERE period = ? AND office = ? AND form = ?", (period, office, form)
            )
            if before == row or (before is None and found == NOTHING):
                return False
            if found == NOTHING:
                place = "WHERE period = ? AND office = ? AND form = ?"
                self._db.execute(f"DELETE FROM standing {place}", (period, office, form))
            else:
                self._db.execute(
                    f"INSERT OR REPLACE INTO standing (period, office, form, {_COLUMNS}) "
                    f"VALUES ({','.join('?' * (3 + len(row)))})",
                    (period, office, form, *row),
                )
            self._db.execute(
                "UPDATE revision SET accepted = id IN (SELECT value FROM json_each(?)) "
                "WHERE office = ? AND form = ? AND period = ?",
                (json.dumps(sorted(found.accepted)), office, form, period),
            )
        return True

    def standing(self, office: str, form: str, period: str) -> Standing:
        """Where a return stands; MISSING when nothing was ever judged."""
        found = self._one(
            f"SELECT {_COLUMNS} FROM standing WHERE period = ? AND office = ? AND form = ?", (period, office, form)
        )
        return NOTHING if found is None else _standing(found)

    def standings(self, period: str, offices: Sequence[str] | None = None) -> tuple[tuple[str, str, Standing], ...]:
        """(office, form, where it stands) of a period, sorted; of all offices or of those given."""
        rows = self._all(
            f"SELECT office, form, {_COLUMNS} FROM standing WHERE period = ?1 AND "
            "(?2 IS NULL OR office IN (SELECT value FROM json_each(?2))) ORDER BY office, form",
            (period, None if offices is None else json.dumps(list(offices))),
        )
        return tuple((office, form, _standing(tuple(rest))) for office, form, *rest in rows)

    def periods(self) -> tuple[str, ...]:
        """Every period of which a return was judged, sorted."""
        return tuple(period for (period,) in self._all("SELECT DISTINCT period FROM standing ORDER BY period"))

    def counted_signed_at(self, period: str) -> dict[tuple[str, str], datetime]:
        """(office, form) → when the revision that counts was signed."""
        rows = self._all(
            "SELECT s.office, s.form, r.signed_at FROM standing s JOIN revision r ON r.id = s.counted "
            "WHERE s.period = ?",
            (period,),
        )
        return {(office, form): moment(at) for office, form, at in rows}

    def counted(self, office: str, form: str, period: str) -> StoredRevision | None:
        """The revision that counts (protocol §2), None when none does."""
        found = self._one(
            "SELECT counted FROM standing WHERE period = ? AND office = ? AND form = ?", (period, office, form)
        )
        return self.revision(found[0]) if found and found[0] else None

    # --- certificates ------------------------------------------------------------------------------------------------

    def add_certificate(self, one: CertificateRecord) -> None:
        """Index a certificate whose object is held. Repeating is harmless."""
        with self.atomic():
            if self._index_certificate(one):
                said = {**asdict(one), "not_before": text(one.not_before), "not_after": text(one.not_after)}
                self._record("certificate", **said)

    def _index_certificate(self, one: CertificateRecord) -> bool:
        cursor = self._db.execute(
            "INSERT INTO certificate (id, key, office, role, signs, not_before, not_after) VALUES (?,?,?,?,?,?,?) "
            "ON CONFLICT DO NOTHING",
            (one.id, one.key, one.office, one.role, one.signs, text(one.not_before), text(one.not_after)),
        )
        return bool(cursor.rowcount > 0)

    def certificates(
        self, *, office: str | None = None, key: str | None = None, role: str | None = None
    ) -> tuple[CertificateRecord, ...]:
        """Certificates held, by office and start; of one office, key or role, or of all."""
        rows = self._all(
            "SELECT id, key, office, role, signs, not_before, not_after FROM certificate WHERE "
            "(?1 IS NULL OR office = ?1) AND (?2 IS NULL OR key = ?2) AND (?3 IS NULL OR role = ?3) "
            "ORDER BY office, not_before, id",
            (office, key, role),
        )
        return tuple(
            CertificateRecord(name, key_id, at, said, bool(signs), moment(since), moment(until))
            for name, key_id, at, said, signs, since, until in rows
        )

    def signed_ids(self, period: str) -> tuple[str, ...]:
        """Ids of revisions and decisions of a period and of every certificate, sorted: what the state digest begins
        with. Evidence joins them where its signature holds, which is not known here."""
        rows = self._all(
            "SELECT id FROM revision WHERE period = ?1 AND retracted = 0 UNION "
            "SELECT d.id FROM decision d JOIN revision r ON r.id = d.revision WHERE r.period = ?1 UNION "
            "SELECT id FROM decision WHERE revision = '' UNION "
            "SELECT id FROM stub WHERE period = ?1 AND signed = 1 UNION "
            "SELECT id FROM certificate ORDER BY 1",
            (period,),
        )
        return tuple(name for (name,) in rows)


def _standing(row: Iterable[Any]) -> Standing:
    state, head, heads, counted, accepted, returned, marks, effective, comments = row
    return Standing(
        state=ReturnState[state],
        head=head,
        heads=tuple(heads.split()),
        counted=counted,
        accepted=frozenset(accepted.split()),
        returned=frozenset(returned.split()),
        marks=tuple(json.loads(marks)) if marks != _NONE else (),
        effective=tuple(effective.split()),
        comments=tuple(
            (name, tuple(Comment(Cell(field, at), said) for field, at, said in some))
            for name, some in (json.loads(comments) if comments != _NONE else ())
        ),
    )
