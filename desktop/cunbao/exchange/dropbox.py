"""A drop box 网盘: a place on a network where packages lie until the addressee fetches them. It need not be trusted.

What it learns is who writes to whom and when: a folder an office, named by its code; a file's name is the SHA-256 of
its bytes and a suffix. Nothing there is ever replaced or deleted by us: a file is put under a part name and moved to
its own without overwriting, so a repeated upload is harmless and nobody fetches half of one. `webdav` and `dropfolder`
are the two kinds; both speak `DropBox`, and every refusal is a `BoxError`. Source: protocol §5, facts §9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final, Protocol

from cunbao.errors import ExchangeError
from cunbao.exchange.limits import APPROVAL_FILE, PACKAGE, PAPERS_FILE, SMALL, TASK

SAFE = "要送的文件都还在本机，没有丢"
PART = ".partial"  # not ".part": Nextcloud keeps that ending to itself and refuses it
CHUNK = 256 * 1024  # bytes that go or come between two looks at `cancel`
LISTED = 20_000  # files of one folder that are looked at
OTHER_NAMES = 3  # names beside its own under which a file is offered, where other bytes hold them

# How large a file of each kind may be, as it is carried
MOST: Final[Mapping[str, int]] = {
    ".cbsync": PACKAGE.file,
    ".cbtask": TASK.file,
    ".cbreq": SMALL,
    ".cbcert": APPROVAL_FILE,
    ".cbca": PAPERS_FILE,
    ".cbdesk": PAPERS_FILE,
}
_NAME = re.compile(r"([0-9a-f]{64})(?:-[0-9a-f]{8})?(\.[a-z]{2,8})")
_PLACE = re.compile(r"[0-9]{6}|[0-9]{12}")


class BoxError(ExchangeError):
    """A drop box that does not do as it is asked.

    asks: trying again by itself is of no use, somebody must do something; ends: it concerns the box and not this file
    alone, so the rest need not be tried now; after: seconds that the server asks us to wait, 0 where it says
    nothing."""

    def __init__(
        self,
        code: str,
        *,
        happened: str,
        todo: str,
        safe: str = SAFE,
        detail: str = "",
        asks: bool = False,
        ends: bool = False,
        after: float = 0.0,
    ) -> None:
        super().__init__(code, happened=happened, safe=safe, todo=todo, detail=detail)
        self.asks, self.ends, self.after = asks, ends, after


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of ours in a folder of the box. sha256: what its bytes must be, by its name; size: as the box says, -1
    where it does not."""

    name: str
    sha256: str
    suffix: str
    size: int


class DropBox(Protocol):
    """What both kinds can do. `place` is a folder: 12 digits of the addressee, or 6 digits for everybody in a
    county. turn: held while the bytes of a file go; several connections share one, so that one file has the line."""

    turn: Lock

    def hello(self) -> None:
        """Is it there, may we in, is it what it should be? BoxError when not."""

    def put(self, place: str, name: str, data: bytes) -> bool:
        """Put a file; False when the name is taken, whatever it holds. BoxError."""

    def entries(self, place: str) -> tuple[Entry, ...]:
        """Files of ours there, by name; () for a folder that nobody has made yet. BoxError."""

    def get(self, place: str, name: str, most: int, sink: Callable[[bytes], object]) -> None:
        """Give the bytes of a file to `sink` as they come, no more than `most`. BoxError "dropbox.toolarge", …"""

    def close(self) -> None: ...


def entry(name: str, size: int) -> Entry | None:
    """A file of the box by its name, None for what is none of ours."""
    found = _NAME.fullmatch(name)
    if found is None or found[2] not in MOST:
        return None
    return Entry(name, found[1], found[2], size)


def refuse_place(place: str) -> None:
    """A folder of the box is named by digits alone. ValueError: a mistake of ours, never of the user's."""
    if not _PLACE.fullmatch(place):
        raise ValueError(f"no place of a drop box: {place!r}")


def deliver(
    box: DropBox, place: str, data: bytes, digest: str, suffix: str, token: Callable[[], str]
) -> tuple[str, bool]:
    """Put a file under its hash, `digest`: (its name there, whether its own name held other bytes). What lies there
    already with the very bytes counts as delivered; where other bytes hold the name, it goes under a random suffix (8
    hex digits of `token`). BoxError."""
    name = f"{digest}{suffix}"
    for _ in range(1 + OTHER_NAMES):
        if box.put(place, name, data) or holds(box, place, name, digest, len(data)):
            return name, name != f"{digest}{suffix}"
        name = f"{digest}-{token()}{suffix}"
    raise BoxError(
        "dropbox.differs",
        happened="网盘上这个名字已经有别的内容，换了名字还是一样",
        todo="请告诉管网盘的人；也可以改用 U 盘送",
        asks=True,
    )


def holds(box: DropBox, place: str, name: str, digest: str, size: int) -> bool:
    """Does the box give back exactly these bytes under that name? BoxError where it gives nothing."""
    found, length = sha256(), 0

    def take(piece: bytes) -> None:
        nonlocal length
        length += len(piece)
        found.update(piece)

    try:
        box.get(place, name, size, take)
    except BoxError as trouble:
        if trouble.code == "dropbox.toolarge":
            return False
        raise
    return length == size and found.hexdigest() == digest
