"""The door to a workspace of any kind: keys.json says whether a village, a township or a county lies in the folder."""

from __future__ import annotations

from pathlib import Path

from cunbao.desks import keyring, start
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village.desk import VillageDesk

VILLAGE, TOWNSHIP, COUNTY = "village", "township", "county"
Desk = VillageDesk | TownshipDesk | CountyDesk


def kind_of(folder: Path) -> str:
    """What kind of desk the folder holds: village, township, county. StoreError "workspace.foreign": not ours."""
    return str(keyring.keys_of(folder).get("kind", VILLAGE))


def unlock(folder: Path, person: str, password: str, *, clock: Clock = system_clock, read_only: bool = False) -> Desk:
    """Open the folder's workspace as the desk that it is. Errors as in `start.unlock`."""
    kind = kind_of(folder)
    if kind == COUNTY:
        from cunbao.desks.county.desk import unlock_county

        return unlock_county(folder, person, password, clock=clock, read_only=read_only)
    if kind == TOWNSHIP:
        from cunbao.desks.township.desk import unlock_township

        return unlock_township(folder, person, password, clock=clock, read_only=read_only)
    return start.unlock(folder, person, password, clock=clock, read_only=read_only)


def close(desk: Desk) -> None:
    """Close in order, with the day's backup."""
    start.close_with_backup(desk)
