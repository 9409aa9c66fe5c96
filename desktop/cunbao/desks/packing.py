"""What goes into a package: revisions and decisions with all that belongs to them, in groups that are never torn; and
packages sealed, written, read back, compared and noted, part by part where one would be too large (protocol §5).

One number a file: 第 n 次 in its name is the manifest's own sequence, so that a gap is told by the number that the
clerk finds on the stick. A part that was read back counts even when the next one fails: it is complete by itself.

Each names the packages before it that nobody has acknowledged, with what they held and it does not carry. A file is put
down before a byte of it is written: where the medium fails its number is given again, and what was left on the medium
all the same is named too, or whoever reads both would take them for two computers' (`sequences.copied`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import media, outbox
from cunbao.errors import CunbaoError, DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, EvidenceRecord, Outgoing, StoredRevision, Workspace
from cunbao.survey.revision import Header

if TYPE_CHECKING:
    from cunbao.exchange import Former, Manifest, Member, ObjectKind
    from cunbao.trust.keys import PrivateKey, Signer

SUFFIX = ".cbsync"
JOINED = 24 * 1024 * 1024  # bytes of a return with all that it was filled against
TRIES = "send/tries"  # setting: {office written to: [[epoch, number, hash, [ids]], …]}, files that were begun
KEPT_TRIES = 20
SIGNED = ("header", "decision", "evidence", "certificate")  # kinds of objects that are signed by themselves
STEPS = ("打包", "写入", "读回", "核对")
DONE = "写好了，可以拔"


@dataclass(frozen=True, slots=True)
class Kept:
    """An object of the workspace that is read only when the part which carries it is sealed."""

    workspace: Workspace = field(repr=False)
    sha256: str
    size: int

    def read(self) -> bytes:
        return self.workspace.object(self.sha256)


Piece = tuple["bytes | Kept", "ObjectKind", str]  # what, which kind, id of what it stands beside
Group = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One part, ready to be written."""

    manifest: Manifest
    objects: dict[str, bytes] = field(repr=False)
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """One part that was written, read back from the medium, opened and compared. sha256, size: of the file; objects:
    hashes of what it carries."""

    manifest: Manifest
    path: Path
    sha256: str
    size: int
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Post:
    """Where a package goes. office: 12 digits of the addressee; unheard: packages of this life to it that nobody there
    has acknowledged: (number, hash, ids of what it held), oldest first. what: 报送包, 回执 … in sentences; name: the
    name of a part's file; volume: of the folder when it was chosen; readers, roots: ours, by which what was written is
    opened again."""

    workspace: Workspace = field(repr=False)
    office: str
    unheard: Sequence[tuple[int, str, Sequence[str]]] = field(repr=False)
    folder: Path
    what: str
    name: Callable[[Manifest], str]
    readers: Sequence[PrivateKey] = field(repr=False)
    roots: Sequence[bytes] = field(repr=False)
    volume: int | None = None


# --- groups ----------------------------------------------------------------------------------------------------------


def kept(workspace: Workspace, name: str) -> Kept:
    return Kept(workspace, name, workspace.object_size(name))


def revision_group(workspace: Workspace, one: StoredRevision) -> Group:
    """A revision with answers, signatures and pages."""
    from cunbao.exchange import ObjectKind

    parts: list[Piece] = [
        (kept(workspace, one.header), ObjectKind.HEADER, ""),
        (kept(workspace, one.answers), ObjectKind.ANSWERS, one.id),
        (kept(workspace, one.cms), ObjectKind.CMS, one.id),
    ]
    if one.pdf:
        parts.append((kept(workspace, one.pdf), ObjectKind.PDF, one.id))
    for other in one.others:  # signed again when the certificate came
        kind = ObjectKind.PDF if workspace.object_begins(other, b"%PDF") else ObjectKind.CMS
        parts.append((kept(workspace, other), kind, one.id))
    return tuple(parts)


def revision_groups(workspace: Workspace, going: Sequence[StoredRevision]) -> list[Group]:
    """A group a revision, with those of `going` that it was filled against: whoever opens one part alone can check what
    he reads (protocol §6). Where that would be too large for a part each goes by itself."""
    own = {one.id: revision_group(workspace, one) for one in going}
    headers = {one.id: Header.decode(workspace.object(one.header)) for one in going}
    uses = {name: [used for _, used in header.uses if used in own] for name, header in headers.items()}
    found = []
    for one in going:
        names = _reached(one.id, uses)
        whole = tuple(piece for name in names for piece in own[name])
        found.append(whole if sum(_line(piece).size for piece in whole) <= JOINED else own[one.id])
    return found


def _reached(name: str, uses: Mapping[str, Sequence[str]]) -> list[str]:
    found, waiting = {name: None}, [name]
    while waiting:
        for one in uses[waiting.pop()]:
            if one not in found:
                found[one] = None
                waiting.append(one)
    return list(found)


def decision_group(workspace: Workspace, one: DecisionRecord) -> Group:
    """A decision with every signature over it."""
    from cunbao.exchange import ObjectKind

    signed = [(kept(workspace, name), ObjectKind.CMS, one.id) for name in (one.cms, *one.others)]
    return ((kept(workspace, one.id), ObjectKind.DECISION, ""), *signed)


def evidence_groups(workspace: Workspace, some: Iterable[EvidenceRecord]) -> list[Group]:
    """Scans of sealed papers with who signed for them, a group each. One that nobody signed, as an older version wrote
    it, goes with the return that it shows."""
    from cunbao.exchange import ObjectKind

    found: list[Group] = []
    for one in some:
        beside: Group = ()
        shown = workspace.revision(one.revision)
        if not one.signatures:
            if shown is None:
                continue
            beside = revision_group(workspace, shown)
        signed = [(kept(workspace, name), ObjectKind.CMS, one.id) for name in one.signatures]
        scan = (kept(workspace, one.content), ObjectKind.ATTACHMENT, one.id)
        found.append((*beside, (kept(workspace, one.id), ObjectKind.EVIDENCE, ""), *signed, scan))
    return found


def members_of(groups: Iterable[Group]) -> tuple[tuple[Member, ...], dict[str, bytes]]:
    """Members and bytes of a package that is not split. One line an object, the first that names it: the same photo may
    stand beside two returns."""
    found: dict[str, Member] = {}
    objects: dict[str, bytes] = {}
    for group in groups:
        for piece in group:
            one = _line(piece)
            found.setdefault(one.sha256, one)
            objects[one.sha256] = _bytes(piece)
    return tuple(found.values()), objects


def _line(piece: Piece) -> Member:
    from cunbao.exchange import Member, member

    what, kind, of = piece
    return Member(what.sha256, what.size, kind, of) if isinstance(what, Kept) else member(what, kind, of=of)


def _bytes(piece: Piece) -> bytes:
    return piece[0].read() if isinstance(piece[0], Kept) else piece[0]


# --- sealed ----------------------------------------------------------------------------------------------------------


def parts_of(groups: Sequence[Group]) -> tuple[tuple[Member, ...], ...]:
    """The members of each part, without reading a byte of what is kept."""
    from cunbao.exchange import split

    return tuple(_one_line_each(part) for part in split([_one_line_each(map(_line, group)) for group in groups]))


def seal(
    manifest: Manifest, groups: Sequence[Group], signer: Signer, recipients: Sequence[bytes], *, when: datetime
) -> Iterator[Sealed]:
    """The parts of a package one after another, each complete by itself with a number of its own from
    `manifest.sequence` on; one part at a time is in memory. Of `manifest.earlier`, the newest are named for which there
    is room."""
    from cunbao.exchange import Former, write_package

    parts, pieces = parts_of(groups), _pieces(groups)
    before, earlier = manifest.previous, manifest.earlier
    for number, members in enumerate(parts, 1):
        own = replace(
            manifest,
            members=members,
            part=number,
            parts=len(parts),
            sequence=manifest.sequence + number - 1,
            previous=before,
            earlier=_named(earlier, members),
        )
        inside = {one.sha256: _bytes(pieces[one.sha256]) for one in own.members}
        data = write_package(own, inside, signer, recipients, when=when)
        before = sha256(data).hexdigest()
        earlier = (*earlier, Former(own.sequence, before, _signed(members)))
        yield Sealed(own, inside, data, before)


def _named(earlier: Sequence[Former], members: Sequence[Member]) -> tuple[Former, ...]:
    """What a package with these members says of those before it, as far as a manifest may."""
    from cunbao.exchange.limits import EARLIER, ELSEWHERE

    here, room = {one.sha256 for one in members}, ELSEWHERE
    found: list[Former] = []
    for one in sorted(earlier, reverse=True):
        elsewhere = tuple(name for name in one.elsewhere if name not in here)
        if len(found) == EARLIER or len(elsewhere) > room:
            break
        room -= len(elsewhere)
        found.append(replace(one, elsewhere=elsewhere))
    return tuple(found)


def _signed(members: Iterable[Member]) -> tuple[str, ...]:
    return tuple(one.sha256 for one in members if one.kind.value in SIGNED)


def former(post: Post, number: int) -> tuple[Former, ...]:
    """The packages before number `number` that nobody has acknowledged, and the files that were begun under one of
    their numbers, or under this one, and do not count. `elsewhere` is all that each of them held."""
    from cunbao.exchange import Former
    from cunbao.exchange.limits import EARLIER

    workspace, newest = post.workspace, post.unheard[-EARLIER:]
    signed = workspace.held({name for _, _, names in newest for name in names}, SIGNED)
    found = {sha: Former(at, sha, tuple(signed.intersection(names))) for at, sha, names in newest}
    open_ones = {one.sequence for one in found.values()}
    for epoch, at, sha, names in workspace.setting(TRIES, {}).get(post.office, []):
        if epoch == workspace.epoch and (at in open_ones or at == number):
            found.setdefault(sha, Former(at, sha, tuple(names)))
    return tuple(found.values())


def _begin(post: Post, sealed: Sealed) -> None:
    """Put down that a file is about to be written. Of one that is finished `Post.unheard` says the same."""
    kept, own = post.workspace.setting(TRIES, {}), sealed.manifest
    tries = [*kept.get(post.office, []), [own.epoch, own.sequence, sealed.sha256, list(_signed(own.members))]]
    post.workspace.set_setting(TRIES, {**kept, post.office: tries[-KEPT_TRIES:]})


def _pieces(groups: Sequence[Group]) -> Mapping[str, Piece]:
    return {_line(piece).sha256: piece for group in groups for piece in group}


def _one_line_each(members: Iterable[Member]) -> tuple[Member, ...]:
    found: dict[str, Member] = {}
    for one in members:
        found.setdefault(one.sha256, one)
    return tuple(found.values())


# --- written ---------------------------------------------------------------------------------------------------------


def file_name(stem: str, manifest: Manifest) -> str:
    """`stem`第3次.cbsync; of several parts 第3次-1of2, 第4次-2of2: the number is each file's own (protocol §5)."""
    which = f"-{manifest.part}of{manifest.parts}" if manifest.parts > 1 else ""
    return f"{stem}第{manifest.sequence}次{which}{SUFFIX}"


def send(
    manifest: Manifest,
    groups: Sequence[Group],
    signer: Signer,
    recipients: Sequence[bytes],
    post: Post,
    note: Callable[[Written], None],
    *,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> tuple[Written, ...]:
    """Seal, write, read back, compare and note part by part. note: keeps that a part is out, in a transaction.

    DeskError "disk.full", "folder.readonly", "medium.gone", "medium.differs"; of a part that failed nothing counts and
    its number stays free, the parts before it stand, and the error says so. Stopping (cancel) is possible before each
    part."""
    done: list[Written] = []
    manifest = replace(manifest, earlier=former(post, manifest.sequence))
    for sealed in seal(manifest, groups, signer, recipients, when=manifest.written_at):
        try:
            if cancel is not None:
                cancel.check()
            done.append(_send_one(sealed, post, note, progress))
        except CunbaoError as trouble:
            if not done:
                raise
            raise _partly(trouble, done, post.what) from trouble
    progress(Progress(1 + 3 * len(done), 1 + 3 * len(done), DONE))
    return tuple(done)


def outgoing(one: Written, kind: str, office: str, ids: Collection[str]) -> Outgoing:
    """What is noted of a part written to `office`. ids: of what the package tells; those in this part are kept."""
    return Outgoing(
        kind=kind,
        office=office,
        period=one.manifest.period,
        epoch=one.manifest.epoch,
        seq=one.manifest.sequence,
        sha256=one.sha256,
        file_name=one.path.name,
        folder=str(one.path.parent),
        size=one.size,
        at=one.manifest.written_at,
        objects=tuple(sorted(one.objects.intersection(ids))),
    )


def _send_one(sealed: Sealed, post: Post, note: Callable[[Written], None], progress: Report) -> Written:
    path = media.free_path(post.folder / post.name(sealed.manifest))
    part, parts = sealed.manifest.part, sealed.manifest.parts
    which = f" {part}/{parts}" if parts > 1 else ""

    def step(number: int) -> None:
        progress(Progress(3 * (part - 1) + number, 1 + 3 * parts, STEPS[number] + which))

    _begin(post, sealed)
    try:
        step(1)
        media.write_file(path, sealed.data, what=post.what, on=post.volume)
        step(2)
        found = media.read_back(path, sealed.data, what=post.what)
        step(3)
        digest = _opened(sealed, found, post)
        written = Written(sealed.manifest, path, digest, len(sealed.data), frozenset(sealed.objects))
        with post.workspace.atomic():  # what counts as sent goes over the network too, where there is an outbox
            note(written)
            outbox.keep(post.workspace, path, sealed.data, post.office, now=sealed.manifest.written_at)
    except BaseException:
        with suppress(OSError):  # what does not count must not be carried away under a number that is given again
            path.unlink(missing_ok=True)
        raise
    return written


def _opened(sealed: Sealed, found: bytes, post: Post) -> str:
    from cunbao.exchange import read_package

    package = read_package(found, post.readers, post.roots, us=(sealed.manifest.office,))
    if package.manifest != sealed.manifest or package.objects != sealed.objects:
        raise DeskError(
            "medium.differs",
            happened=f"读回的{post.what}内容不齐",
            safe="报表和决定都在本机，没有受影响",
            todo="请换一个 U 盘再写一次",
        )
    return package.sha256


def _partly(trouble: CunbaoError, done: Sequence[Written], what: str) -> CunbaoError:
    names = "、".join(str(one.manifest.sequence) for one in done)
    return type(trouble)(
        trouble.code,
        happened=trouble.happened,
        safe=f"{what}第 {names} 次已经写好、核对过，算数；{trouble.safe}",
        todo=f"{trouble.todo}，只写没写好的",
        detail=trouble.detail,
    )
