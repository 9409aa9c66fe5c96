"""After a restore: what was signed since the backup may be known to the superior alone, so the next signature of a
village and the next decision of a township first ask for the newest receipt, or for an explicit 没有 (protocol §5).
Typing, looking and receiving go on; only signing waits. Nobody stands above a county.
"""

from __future__ import annotations

from datetime import datetime

from cunbao.desks.clock import LOCAL
from cunbao.desks.seat import Seat
from cunbao.errors import DeskError
from cunbao.store import RESTORED, Workspace

READ, NONE = "receipt", "none"  # how the question was answered
UNASKED = "sign.restored"  # code of the refusal while it is open
ABOVE = {"village": "乡镇", "township": "县里"}


def asks(desk: Seat) -> datetime | None:
    """The moment of the backup that was restored, while the question is open; None: nothing is asked."""
    return _open(desk.workspace)


def refuse_unasked(workspace: Workspace) -> None:
    """DeskError "sign.restored" while the question is open."""
    of = _open(workspace)
    if of is not None:
        raise DeskError(
            UNASKED,
            happened=f"这里的资料是从 {of.astimezone(LOCAL):%Y-%m-%d %H:%M} 的备份恢复的，后来签过的可能不在里面",
            safe="什么也没有签，资料都在",
            todo=f"请先读入{ABOVE[workspace.kind]}给的最新回执；一份也没有收到过的，选“没有回执”",
        )


def answered(desk: Seat, how: str) -> None:
    """A receipt was read, or somebody says that there is none. Kept, and journalled the first time."""
    if asks(desk) is None:
        return
    with desk.workspace.atomic():
        desk.workspace.set_setting(RESTORED, {**desk.workspace.setting(RESTORED, {}), "answered": how})
        desk.journal("after_restore", answered=how)


def _open(workspace: Workspace) -> datetime | None:
    said = workspace.setting(RESTORED, None)
    if said is None or said.get("answered") or workspace.kind not in ABOVE:
        return None
    return datetime.fromisoformat(said["state_of"])
