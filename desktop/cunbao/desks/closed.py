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
from cunbao.store import Stub, Workspace
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
    mine = {"decision": office, "evidence": computer}
    some = workspace.signed_things(period, under=office)
    return frozenset(one.id for one in some if one.what == "revision" or one.by == mine[one.what])


def to_village(workspace: Workspace, office: str, period: str) -> frozenset[str]:
    """Ids of what a township may bring a village of a period."""
    return _ids(_to_village(workspace, office, period))


def by_township(workspace: Workspace, township: str, period: str) -> frozenset[str]:
    """Ids of what a township may send on to its county of a period."""
    return _ids(_sent_on(workspace, township, period, by_county=False))


def by_county(workspace: Workspace, township: str, period: str) -> frozenset[str]:
    """Ids of what the county may bring a township of a period."""
    return _ids(_sent_on(workspace, township, period, by_county=True))


def _ids(some: Iterable[Stub]) -> frozenset[str]:
    return frozenset(one.id for one in some)


def _to_village(workspace: Workspace, office: str, period: str) -> Iterator[Stub]:
    yield from (one for one in workspace.signed_things(period, under=office) if one.what != "evidence")


def _sent_on(workspace: Workspace, township: str, period: str, *, by_county: bool) -> Iterator[Stub]:
    """What counts or is named, with what that follows and was filled against, and what is said of it."""
    judge = ledger.judge_of(workspace)
    some = workspace.signed_things(period, under=township[:9])
    held = {one.id: one for one in some if one.what == "revision"}
    named = ledger.closed_ids(judge, township, period) or ()
    waiting = [one.id for one in held.values() if one.counted or one.id in named]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in held and name not in reached:
            reached.add(name)
            waiting += held[name].follows
    for one in some:
        if one.what == "decision":
            if one.revision in reached and (by_county or not one.by.endswith(COUNTY)):
                yield one
        elif not by_county and (one.id in reached or (one.revision in reached and one.signatures)):
            yield one


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
        some = tuple(_ours(workspace, manifest, at))
        ours = _ids(some)
        word = weigh(theirs, ours, ours - known - _ids(one for one in some if _made_by(manifest, one)))
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


def _ours(workspace: Workspace, manifest: Manifest, period: str) -> Iterator[Stub]:
    """What this desk may send to the sender, of what the sender's digest is over."""
    sender = manifest.office
    if sender.endswith(COUNTY):
        return _sent_on(workspace, manifest.to[0], period, by_county=False)
    if sender.endswith(TOWNSHIP):
        return _sent_on(workspace, sender, period, by_county=True)
    return _to_village(workspace, sender, period)


def _made_by(manifest: Manifest, one: Stub) -> bool:
    """Did it come from the sender, so that he has got it? What a computer signed, and what a township sent on, which
    is all but the county's decisions."""
    sender = manifest.office
    if one.what == "decision":
        township = sender.endswith(TOWNSHIP) and not sender.endswith(COUNTY)
        return one.by == sender or (township and not one.by.endswith(COUNTY))
    return one.what == "revision" and one.by == manifest.device


def words(periods_: Sequence[str], who: str, how: str) -> str:
    """2025 年度已封账，县里的和本机的不一样，下次报县会再带上."""
    return f"{'、'.join(periods_)} 年度已封账，{who}的和本机的不一样，{how}会再带上这一期的全部内容"
