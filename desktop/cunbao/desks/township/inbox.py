"""收件箱: a folder of the officer's choice into which files come from elsewhere – mail, a chat, a shared drive.

The program watches nothing: it counts what it has not read yet, and reads when it is told to.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cunbao.desks.media import shown_name
from cunbao.desks.receiving import files_in
from cunbao.desks.township.desk import TownshipDesk

FOLDER = "receive/inbox"


@dataclass(frozen=True, slots=True)
class InboxView:
    """folder: None until one was chosen, or when it is gone. new: files whose names were never read."""

    folder: Path | None
    new: int


def inbox(desk: TownshipDesk) -> InboxView:
    chosen = desk.workspace.setting(FOLDER, "")
    folder = Path(chosen) if chosen else None
    if folder is None or not folder.is_dir():
        return InboxView(None, 0)
    known = {one.file_name for one in desk.workspace.arrivals()}
    return InboxView(folder, sum(shown_name(path) not in known for path in files_in([folder])))


def choose_inbox(desk: TownshipDesk, folder: Path) -> None:
    desk.workspace.set_setting(FOLDER, str(folder))
