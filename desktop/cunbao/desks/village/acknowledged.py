"""What the township holds of a village, as its receipts say: by the numbers of bundles, of a closed period by its
digest; and what this computer holds of its superiors' packages, which the next bundle says. Source: protocol §5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cunbao.desks import closed, devices, hearing, sequences
from cunbao.desks.closed import Word
from cunbao.desks.village import retracting
from cunbao.desks.village.desk import VillageDesk

if TYPE_CHECKING:
    from cunbao.exchange import Acknowledgement, Manifest
    from cunbao.exchange.content import Content

EPOCH = "receipt/epoch"  # setting: the life of the township's workspace that acknowledged last
DIFFERING = "closed/differing"  # setting: [closed periods of which the township holds something else]


def take(desk: VillageDesk, manifest: Manifest, content: Content) -> None:
    """What the township holds need not be carried again. A new life of its workspace voids what the one before held.
    Inside the transaction that took the receipt."""
    workspace, office = desk.workspace, desk.office.code
    hearing.hear_numbers(workspace, manifest)
    if manifest.office != desk.directory.township.code:
        return
    if workspace.setting(EPOCH, manifest.epoch) != manifest.epoch:
        workspace.unacknowledge(office, desk.task.period)
        retracting.forget(desk)
    workspace.set_setting(EPOCH, manifest.epoch)
    held = {*(one.id for one in content.revisions), *(one.id for one in content.evidence)}
    _hold(desk, held | _by_numbers(desk, manifest))
    _closed_periods(desk, manifest)


def acknowledgements(desk: VillageDesk) -> tuple[Acknowledgement, ...]:
    """What this computer holds of its superiors' packages, for the next bundle."""
    above = (desk.directory.township.code, desk.directory.county.code)
    return tuple(one for office in above for one in sequences.acknowledgements(desk, office))


def unheard(desk: VillageDesk) -> list[tuple[int, str, tuple[str, ...]]]:
    """(number, hash, what it held) of the bundles of this life that the township, as it lives now, has not
    acknowledged; oldest first."""
    workspace = desk.workspace
    now = workspace.setting(EPOCH, "")
    lives = workspace.lives(desk.directory.township.code, sequences.TAKEN)
    said = [
        one
        for device, life in lives
        if life == now
        for one in workspace.heard(device, life)
        if one.own_epoch == workspace.epoch
    ]
    own = [one for one in workspace.packages(desk.office.code) if one.epoch == workspace.epoch]
    return [
        (number, one.sha256, one.revisions)
        for number, one in enumerate(own, 1)  # an older version counted each period anew in the record alone
        if not any(heard.covers(number) for heard in said)
    ]


def differing(desk: VillageDesk) -> tuple[str, ...]:
    """Closed periods of which the township holds something else: they are carried again."""
    return tuple(desk.workspace.setting(DIFFERING, []))


def _by_numbers(desk: VillageDesk, manifest: Manifest) -> set[str]:
    own, workspace = devices.device(desk.workspace), desk.workspace
    ours = [one for one in workspace.packages(desk.office.code) if one.epoch == workspace.epoch]
    held: set[str] = set()
    for ack in manifest.acknowledges:
        if ack.device == own.id and ack.epoch == workspace.epoch:
            for number, one in enumerate(ours, 1):
                if number <= ack.through and number not in ack.missing:
                    held |= set(one.revisions)
    return held


def _hold(desk: VillageDesk, held: set[str]) -> None:
    """The township holds these; what is no news is not noted again."""
    desk.workspace.acknowledge(sorted(held & _waiting(desk)))
    retracting.acknowledged(desk, held)


def _waiting(desk: VillageDesk) -> set[str]:
    """Revisions and scans that no receipt has acknowledged, of every period held."""
    workspace, office = desk.workspace, desk.office.code
    found: set[str] = set()
    for _, at in workspace.offices_with_returns([office]):
        found |= {one.id for one in workspace.revisions_of(office, at) if not one.acknowledged}
        found |= {one.id for one in workspace.evidence_of(office, at) if not one.acknowledged}
    return found


def _closed_periods(desk: VillageDesk, manifest: Manifest) -> None:
    """Where the digest is ours nothing of the period goes any more; where it is another's all of it goes again."""
    if not manifest.closed and not differing(desk):
        return
    workspace, office = desk.workspace, desk.office.code
    own, known = devices.device(workspace).id, closed.periods(workspace, office)
    differ = []
    for at in dict.fromkeys(one.period for one in manifest.closed):
        ours = closed.by_village(workspace, office, at, own)
        on_its_way = _waiting(desk) | {one.id for one in retracting.outgoing(desk)}
        word = closed.weigh([one.digest for one in manifest.closed if one.period == at], ours, on_its_way)
        if word is Word.SAME:
            _hold(desk, set(ours))
        elif word is Word.DIFFERS and at in known:
            workspace.unacknowledge(office, at)
            if at == desk.task.period:
                retracting.forget(desk)
            differ.append(at)
    workspace.set_setting(DIFFERING, differ)
