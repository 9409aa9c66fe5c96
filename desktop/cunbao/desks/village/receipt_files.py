"""回执 on a stick: the file that the township wrote for this office last.

A name is only where to look, and its number begins at 1 again when the township was restored: which one is the newest
stands inside. What a file says is believed for good when `replies.take_receipt` has verified it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices, ledger, media
from cunbao.desks.sequences import TAKEN
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import ExchangeError

if TYPE_CHECKING:
    from cunbao.exchange import Manifest

MOST = 2000  # entries of a folder that are looked at
OPENED = 40  # files of the right name that are opened, those that the stick calls newest


def found_at(desk: VillageDesk, places: Sequence[Path]) -> tuple[Path, ...]:
    """The newest receipt for this office and period in these places, all its parts; () when there is none. Opens the
    files, so it belongs on the worker.

    A life of the township that is over here writes no newer one than any other; within the rest it goes by the moment
    of writing, all in one township's clock. Where none can be opened, by the numbers in the names: reading then says
    what is wrong."""
    names = list(_named(desk, places))
    judge = ledger.judge_of(desk.workspace)
    read = [(path, manifest) for path in names if (manifest := _opened(desk, judge, path)) is not None]
    if not read:
        return _by_name(desk, names)
    lives = desk.workspace.lives(desk.directory.township.code, TAKEN)
    over = {life for _, life in lives[:-1]}
    _, newest = max(read, key=lambda one: (one[1].epoch not in over, one[1].written_at, one[1].sequence))
    same = [one for one in read if (one[1].epoch, one[1].written_at) == (newest.epoch, newest.written_at)]
    parts = {manifest.sequence: path for path, manifest in same}
    return tuple(path for _, path in sorted(parts.items()))


def _named(desk: VillageDesk, places: Sequence[Path]) -> Iterator[Path]:
    """Files whose name says that they are such receipts, those written last first."""
    shape = _shape(desk)
    folders = [folder for place in places for folder in (place, place / f"{desk.directory.township.short}回执")]
    found = [path for folder in folders for path in _files(folder) if shape.fullmatch(path.name)]
    yield from sorted(found, key=_changed, reverse=True)[:OPENED]


def _opened(desk: VillageDesk, judge: ledger.Judge, path: Path) -> Manifest | None:
    """What the file says of itself, None when it is no receipt for this computer."""
    from cunbao.exchange import PackageKind, read_package
    from cunbao.exchange.limits import PACKAGE

    try:
        _, data = media.read_whole(path, PACKAGE.file)
        package = read_package(
            data, devices.device(desk.workspace).readers, judge.roots, us=(desk.office.code,),
            certificates=judge.authorities,
        )  # fmt: skip
    except (OSError, ExchangeError):
        return None
    manifest = package.manifest
    right = manifest.kind is PackageKind.RECEIPT and manifest.office == desk.directory.township.code
    return manifest if right and manifest.period == desk.task.period else None


def _by_name(desk: VillageDesk, names: Iterable[Path]) -> tuple[Path, ...]:
    shape, found = _shape(desk), dict[int, list[Path]]()
    for path in names:
        match = shape.fullmatch(path.name)
        assert match is not None  # it was found by that shape
        first = int(match[1]) - int(match[2] or 1) + 1  # each part has a number of its own
        found.setdefault(first, []).append(path)
    return tuple(sorted(found[max(found)])) if found else ()


def _shape(desk: VillageDesk) -> re.Pattern[str]:
    name = re.escape(f"{desk.office.short}-{desk.task.period_title}-回执第")
    return re.compile(rf"{name}([0-9]+)次(?:-([0-9]+)of[0-9]+)?(?:（[0-9]+）)?\.cbsync")


def _files(folder: Path) -> Iterator[Path]:
    try:
        for number, path in enumerate(folder.iterdir()):
            if number >= MOST:
                return
            yield path
    except OSError:  # a stick that was pulled out, a folder that is not there
        return


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
