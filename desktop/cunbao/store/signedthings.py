"""Every signed thing of a period in one look, whether the period is here or lies in an archive file: what a closed
period's digest is over. A handful of queries, however many returns: nothing is decoded, and no body but a header read.
"""

from __future__ import annotations

from collections import defaultdict

from cunbao.store.movedout import MovedOutYears, Stub
from cunbao.store.times import moment

_HERE = "r.period = ?1 AND substr(r.office, 1, length(?2)) = ?2 AND r.retracted = 0"


class SignedThings(MovedOutYears):
    """The part of a workspace that tells of a period by ids alone."""

    def signed_things(self, period: str, *, under: str = "") -> tuple[Stub, ...]:
        """Revisions, the decisions and evidence about them, as stubs, of offices whose codes begin with `under`.
        `content` is not said of what is here, `signed` is always True, signatures only of evidence."""
        if self.moved_out_year(period) is not None:
            return self.stubs(period, under=under)
        return (*self._revisions_there(period, under), *self._said_of_them(period, under))

    def _revisions_there(self, period: str, under: str) -> list[Stub]:
        at = (period, under)
        follows: dict[str, list[str]] = defaultdict(list)
        for name, parent in self._all(
            f"SELECT p.revision, p.parent FROM revision r JOIN parent p ON p.revision = r.id WHERE {_HERE} "
            "UNION ALL SELECT r.id, u.value FROM revision r JOIN object o ON o.sha256 = r.header, "
            f"json_each(CAST(o.data AS TEXT), '$.uses') u WHERE {_HERE}",
            at,
        ):
            follows[name].append(parent)
        counted = {name for (name,) in self._all("SELECT counted FROM standing WHERE period = ?", (period,))}
        rows = self._all(
            f"SELECT r.id, r.office, r.form, r.version, r.device, r.signed_at FROM revision r WHERE {_HERE}", at
        )
        return [
            Stub(
                *(name, period, office, "revision", moment(signed_at)),
                form=form,
                version=version,
                by=device,
                follows=tuple(follows[name]),
                counted=name in counted,
            )
            for name, office, form, version, device, signed_at in rows
        ]

    def _said_of_them(self, period: str, under: str) -> list[Stub]:
        at = (period, under)
        decided = self._all(
            "SELECT d.id, r.office, d.at, d.revision, d.office FROM decision d JOIN revision r ON r.id = d.revision "
            "WHERE r.period = ?1 AND substr(r.office, 1, length(?2)) = ?2",
            at,
        )
        scans = self._all(
            "SELECT e.id, r.office, e.at, e.revision, coalesce(json_extract(CAST(o.data AS TEXT), '$.device'), ''), "
            "coalesce((SELECT group_concat(c.cms, ' ') FROM countersign c WHERE c.object = e.id), '') "
            "FROM evidence e JOIN revision r ON r.id = e.revision JOIN object o ON o.sha256 = e.id "
            f"WHERE {_HERE}",
            at,
        )
        found = [
            Stub(name, period, office, "decision", moment(made), revision=about, by=by)
            for name, office, made, about, by in decided
        ]
        for name, office, made, about, by, signed in scans:
            own = by if signed else ""
            cms = tuple(signed.split())
            found.append(Stub(name, period, office, "evidence", moment(made), revision=about, by=own, signatures=cms))
        return found
