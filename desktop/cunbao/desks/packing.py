"""What goes into a package: revisions and decisions with all that belongs to them, in groups that are never torn; and
packages sealed, written, read back and compared, part by part where one would be too large (protocol §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import media
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, StoredRevision, Workspace

if TYPE_CHECKING:
    from cunbao.exchange import Manifest, Member, ObjectKind
    from cunbao.trust.keys import PrivateKey, Signer

Group = tuple[tuple[bytes, "ObjectKind", str], ...]  # (bytes, what it is, id of what it stands beside)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One part, ready to be written."""

    manifest: Manifest
    objects: dict[str, bytes] = field(repr=False)
    data: bytes = field(repr=False)


def revision_group(workspace: Workspace, one: StoredRevision) -> Group:
    """A revision with answers, signatures, pages and the scans of its paper."""
    from cunbao.exchange import ObjectKind

    held = workspace.object
    parts = [
        (held(one.header), ObjectKind.HEADER, ""),
        (held(one.answers), ObjectKind.ANSWERS, one.id),
        (held(one.cms), ObjectKind.CMS, one.id),
    ]
    if one.pdf:
        parts.append((held(one.pdf), ObjectKind.PDF, one.id))
    for other in map(held, one.others):  # signed again when the certificate came
        parts.append((other, ObjectKind.PDF if other.startswith(b"%PDF") else ObjectKind.CMS, one.id))
    for paper in workspace.evidence(one.id):
        parts += [(held(paper.id), ObjectKind.EVIDENCE, ""), (held(paper.content), ObjectKind.ATTACHMENT, paper.id)]
    return tuple(parts)


def decision_group(workspace: Workspace, one: DecisionRecord) -> Group:
    """A decision with its signature."""
    from cunbao.exchange import ObjectKind

    return ((workspace.object(one.id), ObjectKind.DECISION, ""), (workspace.object(one.cms), ObjectKind.CMS, one.id))


def members_of(groups: Iterable[Group]) -> tuple[tuple[Member, ...], dict[str, bytes]]:
    """One line an object, the first that names it: the same photo may stand beside two returns."""
    from cunbao.exchange import member

    found: dict[str, Member] = {}
    objects: dict[str, bytes] = {}
    for group in groups:
        for data, kind, of in group:
            one = member(data, kind, of=of)
            found.setdefault(one.sha256, one)
            objects[one.sha256] = data
    return tuple(found.values()), objects


def seal(
    manifest: Manifest, groups: Sequence[Group], signer: Signer, recipients: Sequence[bytes], *, when: datetime
) -> tuple[Sealed, ...]:
    """The parts of a package, each complete by itself with a number of its own from `manifest.sequence` on."""
    from cunbao.exchange import split, write_package

    lined = [members_of([group])[0] for group in groups]
    parts = split(lined)
    _, objects = members_of(groups)
    done: list[Sealed] = []
    for number, members in enumerate(parts, 1):
        before = sha256(done[-1].data).hexdigest() if done else manifest.previous
        own = replace(
            manifest,
            members=_one_line_each(members),
            part=number,
            parts=len(parts),
            sequence=manifest.sequence + number - 1,
            previous=before,
        )
        inside = {one.sha256: objects[one.sha256] for one in own.members}
        done.append(Sealed(own, inside, write_package(own, inside, signer, recipients, when=when)))
    return tuple(done)


def _one_line_each(members: Iterable[Member]) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    for one in members:
        found.setdefault(one.sha256, one)
    return tuple(found.values())


def write(
    one: Sealed, path: Path, readers: Sequence[PrivateKey], roots: Sequence[bytes], *, office: str, what: str,
    volume: int | None = None,
) -> str:  # fmt: skip
    """Write a part, read it back from the medium, open it and compare; gives the SHA-256 of the file. DeskError
    "disk.full", "folder.readonly", "medium.gone", "medium.differs"."""
    from cunbao.exchange import read_package

    media.write_file(path, one.data, what=what, on=volume)
    found = media.read_back(path, one.data, what=what)
    package = read_package(found, readers, roots, us=(office,))
    if package.manifest != one.manifest or package.objects != one.objects:
        raise DeskError(
            "medium.differs",
            happened=f"读回的{what}内容不齐",
            safe="报表和决定都在本机，没有受影响",
            todo="请换一个 U 盘再写一次",
        )
    return package.sha256
