"""The door to a workspace of any kind: keys.json says whether a village or a township lies in the folder."""

from __future__ import annotations

from pathlib import Path

from cunbao.desks import start
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.township import TownshipDesk
from cunbao.desks.village import VillageDesk

VILLAGE, TOWNSHIP = "village", "township"


def kind_of(folder: Path) -> str:
    """What kind of desk the folder holds: village, township. StoreError "workspace.foreign" when it is not ours."""
    return str(start.keys_of(folder).get("kind", VILLAGE))


def unlock(
    folder: Path, person: str, password: str, *, clock: Clock = system_clock, read_only: bool = False
) -> VillageDesk | TownshipDesk:
    """Open the folder's workspace as the desk that it is. Errors as in `start.unlock`."""
    if kind_of(folder) == TOWNSHIP:
        from cunbao.desks.township import unlock_township

        return unlock_township(folder, person, password, clock=clock, read_only=read_only)
    return start.unlock(folder, person, password, clock=clock, read_only=read_only)


def close(desk: VillageDesk | TownshipDesk) -> None:
    """Close in order, with the day's backup."""
    start.close_with_backup(desk)
