"""回执 on a stick: the file that the township wrote for this office, by the name that it gives it.

A name is only where to look: what a file says is believed after `replies.take_receipt` has verified it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cunbao.desks.village.desk import VillageDesk

MOST = 2000  # entries of a folder that are looked at


def found_at(desk: VillageDesk, places: Sequence[Path]) -> tuple[Path, ...]:
    """The newest receipt for this office and period in these places, all its parts; () when there is none."""
    name = re.escape(f"{desk.office.short}-{desk.task.period_title}-回执第")
    shape = re.compile(rf"{name}([0-9]+)次(?:-([0-9]+)of[0-9]+)?(?:（[0-9]+）)?\.cbsync")
    found: dict[int, list[Path]] = {}
    for place in places:
        for folder in (place, place / f"{desk.directory.township.short}回执"):
            for path in _files(folder):
                if match := shape.fullmatch(path.name):
                    first = int(match[1]) - int(match[2] or 1) + 1  # each part has a number of its own
                    found.setdefault(first, []).append(path)
    return tuple(sorted(found[max(found)])) if found else ()


def _files(folder: Path) -> Iterator[Path]:
    try:
        for number, path in enumerate(folder.iterdir()):
            if number >= MOST:
                return
            yield path
    except OSError:  # a stick that was pulled out, a folder that is not there
        return
