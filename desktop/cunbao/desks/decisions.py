"""A decision signed and kept: the one place where a desk's word becomes an object, whoever's word it is.

What may be decided is asked by the caller; what it changes is `survey.standing`'s. Source: protocol §2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cunbao.desks import restored
from cunbao.desks.seat import Seat
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, StoredRevision, Workspace
from cunbao.survey.decision import Act, Decision
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.keys import Signer

REASON = (2, 200)  # characters


class Decider(Seat, Protocol):
    """A desk whose officer's key is open: a township's or a county's."""

    def signs(self) -> Signer: ...


def keep(workspace: Workspace, decided: Decision, signer: Signer) -> DecisionRecord:
    """Sign a decision and keep it. Inside the caller's transaction, which judges anew. DeskError "sign.restored" while
    a restored workspace has not read its superior's newest receipt."""
    from cunbao.trust.cms import sign_detached

    restored.refuse_unasked(workspace)
    data = decided.encode()
    record = DecisionRecord(
        id=workspace.add_object("decision", data),
        revision=decided.revision,
        act=decided.act.value,
        n=decided.n,
        by=decided.person,
        at=decided.at,
        seen=decided.seen,
        office=decided.office,
        cms=workspace.add_object("cms", sign_detached(data, signer, when=decided.at)),
    )
    workspace.add_decision(record)
    return record


def at_large(
    desk: Decider,
    act: Act,
    period: str,
    offices: Sequence[str],
    *,
    reason: str = "",
    names: Iterable[str] = (),
    about: Sequence[tuple[str, str]] = (),
) -> DecisionRecord:
    """Sign a decision that touches no revision and concerns the task of these offices, knowing all that was decided of
    it. Inside the caller's transaction, which judges anew."""
    n, seen = desk.workspace.order_at_large(period, offices)
    return keep(
        desk.workspace,
        Decision(
            act=act,
            revision="",
            office=desk.office.code,
            n=n,
            seen=seen,
            person=desk.person.name,
            at=desk.clock().replace(microsecond=0),
            reason=reason.strip(),
            names=tuple(sorted(names)),
            about=tuple(about),
        ),
        desk.signs(),
    )


def taken_back(workspace: Workspace, one: StoredRevision) -> DecisionRecord | None:
    """The 撤回报送 that is in effect on a revision; None when there is none, or an acceptance came before it. Of what a
    township fills for itself nobody's is."""
    if one.office.endswith("000"):
        return None
    stands = workspace.standing(one.office, one.form, one.period)
    on = [made for made in workspace.decisions(one.id) if made.id in stands.effective]
    if any(made.act == Act.ACCEPT.value for made in on):
        return None
    signer = one.office[:9] + "000" if one.kind == Kind.PROXY.code else one.office
    back = [made for made in on if made.act == Act.RETRACT.value and made.office == signer]
    return back[-1] if back else None


def a_reason(text: str) -> str:
    """A reason of 2–200 characters. DeskError "reason.length"."""
    said = " ".join(text.split())
    if not REASON[0] <= len(said) <= REASON[1]:
        raise DeskError(
            "reason.length",
            happened=f"原因写了 {len(said)} 个字",
            safe="没有改变任何报表的状态",
            todo=f"请写 {REASON[0]} 到 {REASON[1]} 个字",
        )
    return said


def acceptance(header: bytes, signer: Signer, office: Office, now: datetime) -> tuple[bytes, bytes]:
    """The bytes of 通过 by `office` on the revision of this header, and their detached signature (DER)."""
    from cunbao.trust.cms import sign_detached

    read = Header.decode(header)
    decision = Decision(
        act=Act.ACCEPT,
        revision=sha256(header).hexdigest(),
        office=office.code,
        n=read.n + 1,
        seen=read.seen,
        person=signer.person,
        at=now,
    ).encode()
    return decision, sign_detached(decision, signer, when=now)
