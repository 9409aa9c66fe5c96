"""Where one return stands: a pure function of the signed things held of it, so that no order of arrival matters.

Heads, what counts, contradictions, withdrawals, forks: the rules of protocol §2 and §3, one place for village, township
and county. Never asks who may sign (the caller says what is admissible) and never reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.states import Kind, ReturnState

FORKED = "有冲突"
TWO_DECISIONS = "两个决定"
LATE_RETURN = "补报"
RETRACTED = "已撤回"


class Trusted(IntEnum):
    """What is known of the signer of a revision or decision."""

    NO = 0  # revoked, expired when signed, of another office: kept, counts nowhere
    UNKNOWN = 1  # its computer is not approved yet
    YES = 2


class Level(IntEnum):
    """Who decided; the county's decision outranks a concurrent one of the township."""

    VILLAGE = 1
    TOWNSHIP = 2
    COUNTY = 3


# Signer roles of each act (protocol §2). By another signer an act is kept and has no effect.
MAY = {
    Act.ACCEPT: {Level.TOWNSHIP, Level.COUNTY},
    Act.RETURN: {Level.TOWNSHIP, Level.COUNTY},
    Act.CHOOSE: {Level.TOWNSHIP, Level.COUNTY},
    Act.WITHDRAW: {Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY},
    Act.RETRACT: {Level.VILLAGE, Level.TOWNSHIP},  # the township only what it signed itself (代报)
    Act.WAIVE: {Level.TOWNSHIP, Level.COUNTY},
    Act.EXEMPT: {Level.COUNTY},
    Act.PAPER: {Level.TOWNSHIP, Level.COUNTY},
    Act.CLOSE: {Level.COUNTY},
    Act.REVOKE: {Level.TOWNSHIP, Level.COUNTY},
}


@dataclass(frozen=True, slots=True)
class Held:
    """One revision of the return. answers: SHA-256 of its answers; office: 12 digits; person: who signed it;
    by_township: signed with the township's key (代报). marks: remarks on its signature (a clock that is off …)."""

    id: str
    n: int
    parents: tuple[str, ...]
    kind: str
    form_version: str
    answers: str
    person: str
    trusted: Trusted
    by_township: bool = False
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision whose signer is admissible. level: who decided."""

    id: str
    decision: Decision
    level: Level


@dataclass(frozen=True, slots=True)
class Standing:
    """state: of the one head; head: its id, "" for none or several. heads: every open head, by (n, id).

    counted: id of the revision that counts, "" none. accepted, returned: ids by effective decision. marks: beside the
    state, sorted. effective: ids of the decisions that have an effect, sorted. comments: (revision, comments) of what
    was sent back, the head's and superseded ones'."""

    state: ReturnState
    head: str
    heads: tuple[str, ...]
    counted: str
    accepted: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    effective: tuple[str, ...] = ()
    comments: tuple[tuple[str, tuple[Comment, ...]], ...] = ()


NOTHING = Standing(ReturnState.MISSING, "", (), "")


def standing(
    revisions: Iterable[Held],
    rulings: Iterable[Ruling],
    *,
    closing: frozenset[str] | None = None,
    seen: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Standing:
    """Where the return with these revisions stands. closing: ids that a 封账 of the period names, None: still open.

    rulings may hold decisions on other returns; those that touch none of the revisions have no effect here. seen: what
    the decisions held had seen that are no rulings: what one has seen through them it has seen all the same."""
    held = {one.id: one for one in revisions}
    rulings = tuple(rulings)
    live, knew = effective(rulings, held), {**seen, **{one.id: one.decision.seen for one in rulings}}
    parents = {name: one.parents for name, one in held.items()}
    gone = _retracted(live, held)
    good = {name for name, one in held.items() if one.trusted is Trusted.YES and name not in gone}
    accepted, returned, divided = _verdicts(live, good, knew)
    closed, undecided = _closed(live, good, knew)
    heads = _heads(held, good, parents)
    open_heads = [name for name in heads if name not in closed]
    counted, torn = _counted(held, accepted - closed, parents)
    marks = set[str]()
    if len(open_heads) > 1 or torn:
        marks.add(FORKED)
    if undecided or any(name in divided for name in open_heads):
        marks.add(TWO_DECISIONS)
    if gone and not heads:
        marks.add(RETRACTED)
    head = open_heads[0] if len(open_heads) == 1 else ""
    if head:
        marks |= set(held[head].marks)
        if closing is not None and head not in closing:
            marks.add(LATE_RETURN)
        marks |= {held[head].kind} & {Kind.PROXY.code, Kind.CORRECTION.code, Kind.LATE.code, Kind.ZERO.code}
    return Standing(
        state=_state(held, open_heads, accepted, returned),
        head=head,
        heads=tuple(open_heads),
        counted=counted,
        accepted=frozenset(accepted),
        returned=frozenset(returned),
        marks=tuple(sorted(marks)),
        effective=tuple(sorted(one.id for one in live if one.decision.revision in held)),
        comments=_comments(live, returned, held),
    )


def effective(rulings: Iterable[Ruling], held: Mapping[str, Held]) -> tuple[Ruling, ...]:
    """The decisions that are neither withdrawn nor made by somebody who may not, by (n, id); withdrawals left out."""
    by_id = {one.id: one for one in rulings if one.level in MAY[one.decision.act]}
    against: dict[str, list[Ruling]] = {}
    for one in by_id.values():
        if one.decision.act is Act.WITHDRAW:
            for name in one.decision.names:
                against.setdefault(name, []).append(one)
    known: dict[str, bool] = {}

    def stands(one: Ruling) -> bool:
        if one.id not in known:
            known[one.id] = True  # a name is a hash, so no withdrawal can name itself; this only ends a forged loop
            known[one.id] = not any(_may_withdraw(by, one) and stands(by) for by in against.get(one.id, ()))
        return known[one.id]

    found = [one for one in by_id.values() if one.decision.act is not Act.WITHDRAW and stands(one)]
    found = [one for one in found if not _own_proxy(one, held)]
    return tuple(sorted(found, key=lambda one: (one.decision.n, one.id)))


def withdrawable(one: Ruling, rulings: Iterable[Ruling], held: Mapping[str, Held]) -> bool:
    """Is the decision in effect, so that taking it back would change something?"""
    return any(found.id == one.id for found in effective(rulings, held))


def _may_withdraw(by: Ruling, target: Ruling) -> bool:
    return by.level is Level.COUNTY or by.decision.office == target.decision.office


def _own_proxy(one: Ruling, held: Mapping[str, Held]) -> bool:
    """Whoever filled a 代报 cannot accept it himself; another officer of the township, or the county, does."""
    target = held.get(one.decision.revision)
    return (
        one.decision.act is Act.ACCEPT
        and one.level is Level.TOWNSHIP
        and target is not None
        and target.by_township
        and target.person == one.decision.person
    )


def _behind(names: Iterable[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    """All that these lead to: themselves only where one follows another. Edges lead through what is inadmissible too;
    n plays no part, for a forged one must not cut what follows from what. A forged loop ends where it began."""
    found = set[str]()
    waiting = [one for name in names for one in edges.get(name, ())]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += edges.get(here, ())
    return found


def _retracted(live: Sequence[Ruling], held: Mapping[str, Held]) -> frozenset[str]:
    """What its own office took back; an acceptance that stands wins over it (protocol §2: before acceptance)."""
    accepted = {one.decision.revision for one in live if one.decision.act is Act.ACCEPT}
    return frozenset(
        one.decision.revision
        for one in live
        if one.decision.act is Act.RETRACT
        and one.decision.revision in held
        and one.decision.revision not in accepted
        and (one.level is Level.TOWNSHIP) == held[one.decision.revision].by_township
    )


def _verdicts(
    live: Sequence[Ruling], good: set[str], knew: Mapping[str, Sequence[str]]
) -> tuple[set[str], set[str], set[str]]:
    """Accepted, returned, and those on which two decisions contradict each other."""
    accepted, returned, divided = set[str](), set[str](), set[str]()
    on: dict[str, list[Ruling]] = {}
    for one in live:
        if one.decision.act in (Act.ACCEPT, Act.RETURN) and one.decision.revision in good:
            on.setdefault(one.decision.revision, []).append(one)
    for name, rulings in on.items():
        last = _outranked(_latest(rulings, knew))
        acts = {one.decision.act for one in last}
        if len(acts) > 1:
            divided.add(name)
        else:
            (accepted if acts == {Act.ACCEPT} else returned).add(name)
    return accepted, returned, divided


def _latest(rulings: Sequence[Ruling], knew: Mapping[str, Sequence[str]]) -> list[Ruling]:
    """Those that no other one of them had seen, directly or through one that it had seen: a withdrawal too, and one
    without effect."""
    seen = _behind((one.id for one in rulings), knew)
    return [one for one in rulings if one.id not in seen]


def _outranked(rulings: list[Ruling]) -> list[Ruling]:
    highest = max(one.level for one in rulings)
    return [one for one in rulings if one.level is highest]


def _closed(live: Sequence[Ruling], good: set[str], knew: Mapping[str, Sequence[str]]) -> tuple[set[str], bool]:
    """Heads that a choice has closed; and whether two choices contradict each other, so that neither does."""
    choices = [one for one in live if one.decision.act is Act.CHOOSE and one.decision.revision in good]
    if not choices:
        return set(), False
    last = _outranked(_latest(choices, knew))
    closed = {name for one in choices for name in one.decision.names} - {one.decision.revision for one in choices}
    kept = {one.decision.revision for one in last}
    torn = any(other.decision.revision in one.decision.names for one in last for other in last if other is not one)
    if torn:
        return closed - kept, True
    for one in last:
        closed |= set(one.decision.names) - {one.decision.revision}
    return closed - kept, False


def _heads(held: Mapping[str, Held], good: set[str], parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Admissible revisions that no admissible one follows, by (n, id); of twins the first."""
    followed = _behind(good, parents)
    found: dict[tuple[str, str], str] = {}
    for name in sorted(good - followed, key=lambda key: (held[key].n, key)):
        found.setdefault((held[name].answers, held[name].form_version), name)
    return list(found.values())


def _counted(held: Mapping[str, Held], accepted: set[str], parents: Mapping[str, Sequence[str]]) -> tuple[str, bool]:
    """The revision that counts ("" none), and whether two accepted ones contend for it."""
    tops = _tops(accepted, parents, held)
    if len({(held[name].answers, held[name].form_version) for name in tops}) <= 1:
        return (tops[0] if tops else ""), False
    common = set.intersection(accepted, *(_behind([name], parents) for name in tops))
    below = _tops(common, parents, held)
    return (below[-1] if below else ""), True


def _tops(some: set[str], parents: Mapping[str, Sequence[str]], held: Mapping[str, Held]) -> list[str]:
    return sorted(some - _behind(some, parents), key=lambda key: (held[key].n, key))


def _state(held: Mapping[str, Held], heads: Sequence[str], accepted: set[str], returned: set[str]) -> ReturnState:
    if len(heads) > 1:
        return ReturnState.FORK
    if not heads:
        waiting = any(one.trusted is Trusted.UNKNOWN for one in held.values())
        return ReturnState.CERT_PENDING if waiting else ReturnState.MISSING
    if heads[0] in accepted:
        return ReturnState.ACCEPTED
    return ReturnState.RETURNED if heads[0] in returned else ReturnState.RECEIVED


def _comments(
    live: Sequence[Ruling], returned: set[str], held: Mapping[str, Held]
) -> tuple[tuple[str, tuple[Comment, ...]], ...]:
    found: dict[str, set[Comment]] = {}
    for one in live:
        if one.decision.act is Act.RETURN and one.decision.revision in held and one.decision.revision in returned:
            found.setdefault(one.decision.revision, set()).update(one.decision.comments)
    return tuple((name, tuple(sorted(found[name]))) for name in sorted(found))
