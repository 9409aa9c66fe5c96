"""Everything that can be made again is made again from what cannot: indexes and form tables from objects, drafts from
the log of edits. Never touches an object, an edit or the journal. Source: design §4 (`cunbao rebuild`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cunbao.progress import Progress, Report, silent
from cunbao.store.carried import DecisionRecord, EvidenceRecord, PackageRecord
from cunbao.store.compare import TableFigures, figures
from cunbao.store.drafts import Drafts
from cunbao.store.figures import Figures
from cunbao.store.parts import Parts
from cunbao.store.returns import StoredRevision, Voided
from cunbao.store.standings import CertificateRecord
from cunbao.store.times import moment
from cunbao.survey.form import Form
from cunbao.survey.revision import read_answers

_INDEXES = (
    *("standing", "certificate", "misfit", "package_revision", "package", "retraction", "countersign", "evidence"),
    *("indicator_part", "decision", "signature", "parent", "revision"),
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """records: facts replayed; returns: revisions put into form tables; edits: replayed into drafts; changed: tables
    that came out otherwise than they were (() means that nothing had been wrong)."""

    records: int
    returns: int
    edits: int
    changed: tuple[str, ...]


class Rebuilding(Drafts, Figures, Parts):
    """The part of a workspace that trusts nothing but objects and the log."""

    def rebuild(
        self, form_of: Callable[[StoredRevision], Form], settle: Callable[[], object], *, report: Report = silent
    ) -> Rebuilt:
        """Drop and make again revisions, decisions, packages, form tables and drafts, in one transaction.

        form_of: the form of the version that a revision was made with. settle: judges every return anew
        (`desks.ledger.settle_all`), called when the indexes stand. StoreError "workspace.damaged" when an object is not
        its own; then everything is as it was.
        """
        with self.atomic():
            before = figures(self._db)
            self._drop_tables()
            for table in _INDEXES:
                self._db.execute(f"DELETE FROM {table}")
            records = self._records()
            for done, record in enumerate(records):
                self._replay(record)
                report(Progress(done + 1, len(records), "重建索引"))
            settle()
            returns = self._count_all(form_of)
            edits = self.rebuild_drafts()
            changed = _changed(before, figures(self._db))
        return Rebuilt(len(records), returns, edits, changed)

    def _replay(self, record: dict[str, Any]) -> None:
        """Put one recorded fact into the indexes again."""
        said = dict(record)
        what = said.pop("what")
        for name in ("at", "signed_at", "written_at", "not_before", "not_after"):
            if name in said:
                said[name] = moment(said[name])
        for name in ("parents", "revisions", "seen"):
            if name in said:
                said[name] = tuple(said[name])
        if what == "revision":
            self._index_revision(StoredRevision(**said))
        elif what == "signature":
            self._index_signature(said["revision"], said["cms"], said["pdf"])
        elif what == "acknowledge":
            self._index_acknowledged(said["revision"])
        elif what == "unacknowledge":
            self._index_unacknowledged(said["office"], said["period"])
        elif what == "left":
            self._index_left(said["revision"], said["how"])
        elif what == "retract":
            self._index_retraction(Voided(**said))
        elif what == "package":
            seconds = said.pop("took") / 1000
            self._index_package(PackageRecord(seconds=seconds, **said))
        elif what == "decision":
            self._index_decision(DecisionRecord(**said))
        elif what == "evidence":
            self._index_evidence(EvidenceRecord(**said))
        elif what == "countersign":
            self._index_countersign(said["object"], said["cms"])
        elif what == "certificate":
            self._index_certificate(CertificateRecord(**said))
        elif what == "moved_out":  # what lies in the file has its stubs, which no rebuild touches
            pass
        else:
            raise ValueError(f"a record of an unknown kind: {what}")

    def _count_all(self, form_of: Callable[[StoredRevision], Form]) -> int:
        returns = self._all("SELECT DISTINCT office, form, period FROM revision ORDER BY period, form, office")
        number = 0
        for office, form_id, period in returns:
            found = self.counted(office, form_id, period)
            if found is not None:
                form = form_of(found)
                self.count_revision(form, found.id, read_answers(form, self.object(found.answers)))
                number += 1
        return number


def _changed(before: Any, after: Any) -> tuple[str, ...]:
    none = TableFigures(0, "")
    return tuple(sorted(name for name in {*before, *after} if before.get(name, none) != after.get(name, none)))
