"""After a restore: what was signed since the backup may be known to the township alone, so the next signature first
asks for the newest receipt, or for an explicit 没有 (protocol §5). Typing goes on; only signing waits.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cunbao.desks.clock import LOCAL
from cunbao.errors import DeskError
from cunbao.store import RESTORED

if TYPE_CHECKING:
    from cunbao.desks.village.desk import VillageDesk

READ, NONE = "receipt", "none"  # how the question was answered


def asks(desk: VillageDesk) -> datetime | None:
    """The moment of the backup that was restored, while the question is open; None: nothing is asked."""
    said = desk.workspace.setting(RESTORED, None)
    if said is None or said.get("answered") or desk.workspace.kind != "village":
        return None  # where a township fills, the versions of its villages come in their bundles
    return datetime.fromisoformat(said["state_of"])


def refuse_unasked(desk: VillageDesk) -> None:
    """DeskError "sign.restored" while the question is open."""
    of = asks(desk)
    if of is not None:
        raise DeskError(
            "sign.restored",
            happened=f"这里的资料是从 {of.astimezone(LOCAL):%Y-%m-%d %H:%M} 的备份恢复的，后来签过的可能不在里面",
            safe="一张也没有签，填的内容都在",
            todo="请先读入乡镇给的最新回执；一份也没有收到过的，选“没有回执”",
        )


def answered(desk: VillageDesk, how: str) -> None:
    """A receipt was read, or the clerk says that there is none. Kept, and journalled the first time."""
    if asks(desk) is None:
        return
    with desk.workspace.atomic():
        desk.workspace.set_setting(RESTORED, {**desk.workspace.setting(RESTORED, {}), "answered": how})
        desk.journal("after_restore", answered=how)
