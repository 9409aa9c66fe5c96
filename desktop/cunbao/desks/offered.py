"""What was fetched from the drop box and nobody has read in: offered to the screens and commands that take files,
applied by nothing else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cunbao.desks.outbox import CAME
from cunbao.desks.seat import Seat
from cunbao.store import Fetched, FetchedState, Workspace

WHAT = {
    ".cbtask": "任务包",
    ".cbreq": "证书申请",
    ".cbcert": "证书",
    ".cbca": "县里签发的证书",
    ".cbdesk": "乡镇电脑证书",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that came and that nobody has read in. path: of the whole file here; what: in words."""

    sha256: str
    path: Path
    suffix: str
    what: str
    size: int
    at: datetime


def offers(desk: Seat) -> tuple[Offer, ...]:
    """What came and nobody has read in, oldest first. What has been read in meanwhile, in whatever way, is put down."""
    workspace, found = desk.workspace, []
    folder = workspace.folder / CAME
    for one in workspace.fetched([FetchedState.OFFERED]):
        path = folder / one.file_name
        if _read_in(workspace, one):
            if not desk.read_only:
                taken(workspace, one.sha256)
        elif path.is_file():
            found.append(Offer(one.sha256, path, one.suffix, _what(desk, one), one.size, one.at))
    return tuple(found)


def _read_in(workspace: Workspace, one: Fetched) -> bool:
    if one.suffix == ".cbsync":
        return one.sha256 in workspace.arrived()
    if one.suffix == ".cbtask":
        from cunbao.desks import packs

        return any(had.sha256 == one.sha256 for had in packs.held(workspace))
    return False


def _what(desk: Seat, one: Fetched) -> str:
    if one.suffix != ".cbsync":
        return WHAT[one.suffix]
    return {"village": "回执", "township": "报送包或县回执", "county": "报县包"}[desk.workspace.kind]


def taken(workspace: Workspace, sha256: str) -> None:
    """A file was read in, or is not wanted: it is not offered any longer, nor fetched again."""
    for one in workspace.fetched([FetchedState.OFFERED]):
        if one.sha256 == sha256:
            workspace.set_fetched(replace(one, state=FetchedState.TAKEN, file_name=""))
            with suppress(OSError):
                (workspace.folder / CAME / one.file_name).unlink(missing_ok=True)


def taken_file(workspace: Workspace, path: Path) -> None:
    """The same of a file by where it lies; one that lies elsewhere is no concern of ours."""
    if path.parent == workspace.folder / CAME:
        for one in workspace.fetched([FetchedState.OFFERED]):
            if one.file_name == path.name:
                taken(workspace, one.sha256)
