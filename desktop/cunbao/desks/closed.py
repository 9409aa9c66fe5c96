"""A closed period is acknowledged by its digest: one value says that all of it is held (protocol §5).

Numbers say which packages came, and are void once their receiver lives a new life. What is closed is then not sent all
over again: who writes a package says of each closed period the digest of what it holds of that which its reader may
send, the reader hashes the same of its own, and where these are equal nothing need go. Where they differ it is said,
and the whole period goes again, whatever the numbers had said of it.

What may be sent: by a village's computer its office's revisions and decisions and the scans that it signed for; to a
village the revisions and every decision on them; by a township to its county what counts or is named by the 封账, the
versions these follow and were filled against, with scans and all decisions but the county's; by the county the
decisions on these. What touches no revision, and certificates, are of no period: these go by numbers.

Two digests are not compared as if nothing were on its way: a sender asks first whether the other holds all
(`Word.SAME`), then whether it holds all but what it may not have got yet (`Word.BEHIND`); what is neither differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from hashlib import sha256
from typing import TYPE_CHECKING

from cunbao.desks import ledger
from cunbao.desks.evidence import maker
from cunbao.store import Workspace
from cunbao.survey.decision import Act

if TYPE_CHECKING:
    from cunbao.exchange import ClosedPeriod, Manifest

HEARD = "closed/heard"  # setting: {device: {life: {period: [word, [ids that it was said of]]}}}
LIVES = 4  # of a computer whose words are kept
TOWNSHIP, COUNTY = "000", "000000"  # how the 12 digits of these offices end


class Word(Enum):
    """What the other's digest of a period says. SAME: it holds all that we may send it. BEHIND: all but what is on
    its way to it. DIFFERS: neither."""

    SAME = auto()
    BEHIND = auto()
    DIFFERS = auto()


# --- what is closed, what may be sent --------------------------------------------------------------------------------


def periods(workspace: Workspace, office: str) -> tuple[str, ...]:
    """The periods that the county has closed for `office` as far as is known here, sorted. Reopened ones are open."""
    named = workspace.named_by(Act.CLOSE.value, "period")
    judge = ledger.judge_of(workspace) if named else None
    return tuple(at for at in named if judge is not None and ledger.closed_ids(judge, office, at) is not None)


def by_village(workspace: Workspace, office: str, period: str, computer: str) -> frozenset[str]:
    """Ids of what a village's computer may send its township of a period."""
    if workspace.moved_out_year(period) is not None:
        mine = {"decision": office, "evidence": computer}
        stubs = workspace.stubs(period, offices=[office])
        return frozenset(one.id for one in stubs if one.what == "revision" or one.by == mine[one.what])
    revisions = {one.id for one in workspace.revisions_of(office, period)}
    decided = {one.id for one in workspace.decisions_of(office, period) if one.office == office}
    scans = {
        one.id for one in workspace.evidence_of(office, period) if one.signatures and maker(workspace, one) == computer
    }
    return frozenset(revisions | decided | scans)


def to_village(workspace: Workspace, office: str, period: str) -> frozenset[str]:
    """Ids of what a township may bring a village of a period."""
    if workspace.moved_out_year(period) is not None:
        return frozenset(one.id for one in workspace.stubs(period, offices=[office]) if one.what != "evidence")
    revisions = {one.id for one in workspace.revisions_of(office, period)}
    return frozenset(revisions | {one.id for one in workspace.decisions_of(office, period)})


def by_township(workspace: Workspace, township: str, period: str) -> frozenset[str]:
    """Ids of what a township may send on to its county of a period."""
    return frozenset(_sent_on(workspace, township, period, by_county=False))


def by_county(workspace: Workspace, township: str, period: str) -> frozenset[str]:
    """Ids of what the county may bring a township of a period."""
    return frozenset(_sent_on(workspace, township, period, by_county=True))


def _sent_on(workspace: Workspace, township: str, period: str, *, by_county: bool) -> Iterator[str]:
    judge = ledger.judge_of(workspace)
    if workspace.moved_out_year(period) is not None:
        yield from _sent_on_before(workspace, judge, township, period, by_county=by_county)
        return
    for office in workspace.offices_of_period(period, under=township[:9]):
        reached = _reached(workspace, office, period, ledger.closed_ids(judge, office, period) or ())
        decided = [one for one in workspace.decisions_of(office, period) if one.revision in reached]
        yield from (one.id for one in decided if by_county or not one.office.endswith(COUNTY))
        if not by_county:
            yield from reached
            scans = workspace.evidence_of(office, period)
            yield from (one.id for one in scans if one.signatures and one.revision in reached)


def _sent_on_before(
    workspace: Workspace, judge: ledger.Judge, township: str, period: str, *, by_county: bool
) -> Iterator[str]:
    """The same of a year that was moved out, by what stayed of it."""
    stubs = workspace.stubs(period, under=township[:9])
    held = {one.id: one for one in stubs if one.what == "revision"}
    waiting = [one.id for one in held.values() if one.counted]
    for office in {one.office for one in held.values()}:
        waiting += ledger.closed_ids(judge, office, period) or ()
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in held and name not in reached:
            reached.add(name)
            waiting += held[name].follows
    on = [one for one in stubs if one.revision in reached]
    yield from (one.id for one in on if one.what == "decision" and (by_county or not one.by.endswith(COUNTY)))
    if not by_county:
        yield from reached
        yield from (one.id for one in on if one.what == "evidence" and one.by)


def _reached(workspace: Workspace, office: str, period: str, named: Iterable[str]) -> set[str]:
    """What counts now or is named, with what that follows and was filled against."""
    held = {one.id: one for one in workspace.revisions_of(office, period)}
    waiting = [*named, *(stands.counted for _, _, stands in workspace.standings(period, [office]))]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in held and name not in reached:
            reached.add(name)
            header = ledger.header_of(workspace.object(held[name].header))
            waiting += [*held[name].parents, *(used for _, used in header.uses)]
    return reached


def digest(ids: Iterable[str]) -> str:
    """SHA-256 hex over the sorted ids, a line each."""
    return sha256("".join(f"{name}\n" for name in sorted(ids)).encode()).hexdigest()


# --- said ------------------------------------------------------------------------------------------------------------


def for_village(workspace: Workspace, office: str, computers: Iterable[str]) -> tuple[ClosedPeriod, ...]:
    """What a township's receipt says: a digest for each closed period and computer of the office."""
    found = {(at, by_village(workspace, office, at, one)) for at in periods(workspace, office) for one in computers}
    return _said(found)


def from_village(workspace: Workspace, office: str) -> tuple[ClosedPeriod, ...]:
    """What a village's bundle says."""
    return _said((at, to_village(workspace, office, at)) for at in periods(workspace, office))


def for_township(workspace: Workspace, township: str) -> tuple[ClosedPeriod, ...]:
    """What the county's receipt to a township says."""
    return _said((at, by_township(workspace, township, at)) for at in periods(workspace, township))


def for_county(workspace: Workspace, township: str) -> tuple[ClosedPeriod, ...]:
    """What a township's bundle to its county says."""
    return _said((at, by_county(workspace, township, at)) for at in periods(workspace, township))


def _said(some: Iterable[tuple[str, frozenset[str]]]) -> tuple[ClosedPeriod, ...]:
    from cunbao.exchange import ClosedPeriod
    from cunbao.exchange.limits import CLOSED

    return tuple(sorted({ClosedPeriod(at, digest(ids)) for at, ids in some})[-CLOSED:])


# --- heard -----------------------------------------------------------------------------------------------------------


def weigh(theirs: Iterable[str], ours: frozenset[str], not_heard_of: Iterable[str]) -> Word:
    """What the other's digests of a period say. not_heard_of: those of ours that it may not have got yet."""
    told = set(theirs)
    if digest(ours) in told:
        return Word.SAME
    return Word.BEHIND if digest(ours.difference(not_heard_of)) in told else Word.DIFFERS


def hear(workspace: Workspace, manifest: Manifest, known: frozenset[str]) -> tuple[str, ...]:
    """Keep at a township or county what the sender of a verified package, already taken, says of closed periods. known:
    ids that it has acknowledged by numbers. Gives the periods that differ."""
    said: dict[str, tuple[str, list[str]]] = {}
    closed = periods(workspace, manifest.office) if manifest.closed else ()
    for at in dict.fromkeys(one.period for one in manifest.closed):
        theirs = [one.digest for one in manifest.closed if one.period == at]
        ours = _ours(workspace, manifest, at)
        word = weigh(theirs, ours, ours - known - _made_by(workspace, manifest, ours))
        if word is Word.SAME or at in closed:  # of a period that is open here the numbers speak
            said[at] = (word.name, sorted(ours))
    kept = workspace.setting(HEARD, {})
    lives = {**kept.get(manifest.device, {})}
    before = lives.pop(manifest.epoch, None)
    if said or before:
        lives[manifest.epoch] = said
        newest = dict(list(lives.items())[-LIVES:])
        workspace.set_setting(HEARD, {**kept, manifest.device: newest})
    return tuple(at for at, (word, _) in said.items() if word == Word.DIFFERS.name)


def corrected(workspace: Workspace, device: str, life: str, known: frozenset[str]) -> frozenset[str]:
    """What a life of a computer holds by its numbers (`known`), put right by what it said of closed periods."""
    for word, ids in workspace.setting(HEARD, {}).get(device, {}).get(life, {}).values():
        if word == Word.SAME.name:
            known |= frozenset(ids)
        elif word == Word.DIFFERS.name:
            known -= frozenset(ids)
    return known


def differing(workspace: Workspace, device: str, life: str) -> tuple[str, ...]:
    """The closed periods of which that life of a computer holds something else than this workspace."""
    said = workspace.setting(HEARD, {}).get(device, {}).get(life, {})
    return tuple(at for at, (word, _) in said.items() if word == Word.DIFFERS.name)


def _ours(workspace: Workspace, manifest: Manifest, period: str) -> frozenset[str]:
    """What this desk may send to the sender, of what the sender's digest is over."""
    sender = manifest.office
    if sender.endswith(COUNTY):
        return by_township(workspace, manifest.to[0], period)
    if sender.endswith(TOWNSHIP):
        return by_county(workspace, sender, period)
    return to_village(workspace, sender, period)


def _made_by(workspace: Workspace, manifest: Manifest, ours: Iterable[str]) -> frozenset[str]:
    """Those of ours that came from the sender, so that it has got them: what a computer signed, and what a township
    sent on, which is all but the county's decisions."""
    sender, found = manifest.office, set()
    for name in ours:
        decider, computer = _makers(workspace, name)
        mine = computer == manifest.device
        if decider:
            mine = decider == sender or (
                sender.endswith(TOWNSHIP) and not sender.endswith(COUNTY) and not decider.endswith(COUNTY)
            )
        if mine:
            found.add(name)
    return frozenset(found)


def _makers(workspace: Workspace, name: str) -> tuple[str, str]:
    """(office that decided, computer that signed) of a decision or a revision, here or moved out."""
    decision, revision = workspace.decision(name), workspace.revision(name)
    if decision is not None:
        return decision.office, ""
    if revision is not None:
        return "", revision.device
    stub = workspace.stub(name)
    if stub is None or stub.what == "evidence":
        return "", ""
    return (stub.by, "") if stub.what == "decision" else ("", stub.by)


def words(periods_: Sequence[str], who: str, how: str) -> str:
    """2025 年度已封账，县里的和本机的不一样，下次报县会再带上."""
    return f"{'、'.join(periods_)} 年度已封账，{who}的和本机的不一样，{how}会再带上这一期的全部内容"
