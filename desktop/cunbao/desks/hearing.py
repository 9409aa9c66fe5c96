"""What the others say they hold of what this workspace wrote: kept as they say it, and read off again as ids that need
not be carried. The same for village, township and county. Source: protocol §5.

What is said is kept by life of a computer. A life ends when another of the same computer begins, and what it said is
void: the new one may come from an older backup. But a copied computer goes on in two lives at once: an earlier one that
names a package which was written here after the later life had begun is alive, and each is told what it has not got.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from cunbao.desks import closed, devices
from cunbao.desks.sequences import TAKEN
from cunbao.store import Heard, Outgoing, Workspace

if TYPE_CHECKING:
    from cunbao.exchange import Manifest


def hear(workspace: Workspace, manifest: Manifest) -> tuple[str, ...]:
    """Keep at a township or county what the sender of a verified package, already taken, says it holds: of this
    computer's packages by their numbers, of closed periods by their digests. Gives the periods that differ."""
    hear_numbers(workspace, manifest)
    written = workspace.outgoing(office=manifest.office) if manifest.closed else ()
    return closed.hear(workspace, manifest, _by_numbers(workspace, manifest.device, manifest.epoch, written))


def hear_numbers(workspace: Workspace, manifest: Manifest) -> None:
    """Keep what the sender says it holds of this computer's packages. One that comes late, after another of the same
    life that said more, takes nothing back."""
    own = devices.device(workspace)
    said = {one.own_epoch: one for one in workspace.heard(manifest.device, manifest.epoch)}
    for one in manifest.acknowledges:
        before = said.get(one.epoch)
        if one.device == own.id and (before is None or before.through <= one.through):
            workspace.hear(Heard(manifest.device, one.epoch, manifest.epoch, one.through, one.missing))


def known(workspace: Workspace, office: str, device: str, kind: str) -> frozenset[str]:
    """Ids of what a computer of `office` says that it took of our packages of that kind: of each of its lives that go
    on. What it sent itself it may have lost since, and come back from an older backup: that too is carried until it
    says so."""
    written = workspace.outgoing(office=office, kind=kind)
    lives = [_taken(workspace, device, life, written) for life in living(workspace, office, device, written)]
    return frozenset.intersection(*lives) if lives else frozenset()


def unheard(workspace: Workspace, office: str, device: str) -> tuple[Outgoing, ...]:
    """The packages of this life to `office` which some life of that computer has not acknowledged, oldest first."""
    written = workspace.outgoing(office=office)
    said = [_said(workspace, device, life) for life in living(workspace, office, device, written)]
    own = [one for one in written if one.epoch == workspace.epoch]
    return tuple(one for one in own if not said or not all(_covers(some, one) for some in said))


def living(workspace: Workspace, office: str, device: str, written: Iterable[Outgoing]) -> tuple[str, ...]:
    """The lives of a computer that go on: the newest, and those that have read what was written since a later began."""
    lives = [life for of, life in workspace.lives(office, TAKEN) if of == device]
    if len(lives) < 2:
        return tuple(lives)
    began = workspace.lives_began(office, TAKEN)
    found = []
    for life, after in pairwise(lives):
        said = _said(workspace, device, life)
        if any(one.at > began[device, after] and _covers(said, one) for one in written):
            found.append(life)
    return (*found, lives[-1])


def _taken(workspace: Workspace, device: str, life: str, written: Iterable[Outgoing]) -> frozenset[str]:
    return closed.corrected(workspace, device, life, _by_numbers(workspace, device, life, written))


def _by_numbers(workspace: Workspace, device: str, life: str, written: Iterable[Outgoing]) -> frozenset[str]:
    said = _said(workspace, device, life)
    return frozenset(name for one in written if _covers(said, one) for name in one.objects)


def _said(workspace: Workspace, device: str, life: str) -> dict[str, Heard]:
    return {one.own_epoch: one for one in workspace.heard(device, life)}


def _covers(said: dict[str, Heard], one: Outgoing) -> bool:
    return one.epoch in said and said[one.epoch].covers(one.seq)
