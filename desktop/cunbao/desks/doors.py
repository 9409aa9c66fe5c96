"""The door to a workspace of any kind: keys.json says whether a village, a township or a county lies in the folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from cunbao.desks import keyring, start
from cunbao.desks.clock import Clock, local_day, system_clock
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.store import Sought

OPEN, CLOSE = "open", "close"  # acts of the journal
VILLAGE, TOWNSHIP, COUNTY = "village", "township", "county"
Desk = VillageDesk | TownshipDesk | CountyDesk


def kind_of(folder: Path) -> str:
    """What kind of desk the folder holds: village, township, county. StoreError "workspace.foreign": not ours."""
    return str(keyring.keys_of(folder).get("kind", VILLAGE))


def unlock(folder: Path, person: str, password: str, *, clock: Clock = system_clock, read_only: bool = False) -> Desk:
    """Open the folder's workspace as the desk that it is, and note in its journal who opened it. Errors as in
    `start.unlock`."""
    kind, before = kind_of(folder), keyring.tries(folder)
    desk: Desk
    if kind == COUNTY:
        from cunbao.desks.county.desk import unlock_county

        desk = unlock_county(folder, person, password, clock=clock, read_only=read_only)
    elif kind == TOWNSHIP:
        from cunbao.desks.township.desk import unlock_township

        desk = unlock_township(folder, person, password, clock=clock, read_only=read_only)
    else:
        desk = start.unlock(folder, person, password, clock=clock, read_only=read_only)
    _note_opening(desk, wrong=before.count + (keyring.TRIES if before.until is not None else 0))
    return desk


def _note_opening(desk: Desk, *, wrong: int) -> None:
    """登录, once as long as the same person goes on that day: neither a screen that locked itself nor one command after
    another fills the journal. wrong: passwords that were tried in vain before, which are always noted."""
    last = next(iter(desk.workspace.journal_page(Sought(acts=(OPEN, CLOSE)), most=1)), None)
    goes_on = last is not None and (last.act, last.who) == (OPEN, desk.person.name)
    if desk.read_only or (goes_on and last is not None and local_day(last.at) == local_day(desk.clock()) and not wrong):
        return
    with suppress(CunbaoError):  # a full disk keeps nobody out of his returns
        desk.journal(OPEN, role=desk.person.role, **({"wrong": wrong} if wrong else {}))


def close(desk: Desk, *, locked: bool = False) -> None:
    """Close in order, with the day's backup. locked: only until the password is typed again, which is no news."""
    if not (desk.read_only or locked):
        with suppress(CunbaoError):
            desk.journal(CLOSE)
    start.close_with_backup(desk)
