"""收件箱: a folder of the officer's choice into which files come from elsewhere – mail, a chat, a shared drive.

The program watches nothing: it counts what it has not read yet, and reads when it is told to.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cunbao.desks import offered
from cunbao.desks.media import shown_name
from cunbao.desks.receiving import SUFFIX, files_in
from cunbao.desks.township.desk import TownshipDesk

FOLDER = "receive/inbox"


@dataclass(frozen=True, slots=True)
class InboxView:
    """folder: None until one was chosen, or when it is gone. new: files whose names were never read, and those that
    were fetched from the drop box, `fetched`."""

    folder: Path | None
    new: int
    fetched: tuple[Path, ...] = ()


def inbox(desk: TownshipDesk) -> InboxView:
    chosen = desk.workspace.setting(FOLDER, "")
    folder = Path(chosen) if chosen else None
    fetched = tuple(one.path for one in offered.offers(desk) if one.suffix == SUFFIX)
    if folder is None or not folder.is_dir():
        return InboxView(None, len(fetched), fetched)
    known = {one.file_name for one in desk.workspace.arrivals()}
    new = sum(shown_name(path) not in known for path in files_in([folder]))
    return InboxView(folder, new + len(fetched), fetched)


def choose_inbox(desk: TownshipDesk, folder: Path) -> None:
    desk.workspace.set_setting(FOLDER, str(folder))
