"""A county that holds what its townships sent on: made once a run, copied from then on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cunbao.desks import receiving
from cunbao.desks.county import desk as county
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.story.demo import StoryClock
from cunbao.desks.township import certified, deciding, forwarding
from cunbao.desks.township.desk import TownshipDesk
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_clock,
    a_county_desk,
    a_town_desk,
    bundle_file,
    reopened_town,
    the_shelf,
)

WAITING = (MANGUO, "B03")  # sent on without a decision
ACCEPTED = ("B01", "B02", "B03", "B04", "B05")


@cache
def the_returns() -> Path:
    """A closed county with ten returns of two villages of 勐混镇: nine accepted, one not reviewed yet."""
    place = the_shelf() / "county-returns"
    place.mkdir()
    town, desk = a_town_desk(place), a_county_desk(place)
    receiving.receive(town, [bundle_file(place / "stick", office) for office in (MANBANG, MANGUO)])
    for office in (MANBANG, MANGUO):
        for form in ACCEPTED:
            if (office, form) != WAITING:
                deciding.accept(town, office, form)
    sent = forwarding.write_forward(town, place, include_received=True)
    receiving.receive(desk, [sent.path])
    town.close()
    desk.close()
    return place / "county"


def the_town_sends(tmp_path: Path, act: Callable[[TownshipDesk], object]) -> Path:
    """What the township of those returns sends on after it has done something more."""
    the_returns()
    folder = tmp_path / "town"
    shutil.copytree(the_shelf() / "county-returns" / "town", folder)
    town = reopened_town(folder, a_clock(2025, 12, 23, 1))
    act(town)
    sent = forwarding.write_forward(town, tmp_path, include_received=True)
    town.close()
    return sent.path


def revokes(office: str, words: str) -> Callable[[TownshipDesk], object]:
    """吊销 the computer of a village; words: 认收到的全部, 一次也不认."""

    def act(town: TownshipDesk) -> str:
        (key,) = {one.key for one in town.workspace.certificates(office=office) if one.signs}
        choice = next(one for one in certified.revoke_choices(town, key) if one.words == words)
        return certified.revoke(town, key, choice, "电脑丢了", PASSWORD)

    return act


def a_county_with_returns(tmp_path: Path, *, clock: StoryClock | None = None) -> CountyDesk:
    """An unlocked county of its own in `tmp_path`/county, with those returns."""
    folder = tmp_path / "county"
    shutil.copytree(the_returns(), folder)
    return county.unlock_county(folder, "县管理员", PASSWORD, clock=clock or a_clock(2025, 12, 22, 3))


def reopened_county(folder: Path, *, clock: StoryClock | None = None) -> CountyDesk:
    return county.unlock_county(folder, "县管理员", PASSWORD, clock=clock or a_clock(2025, 12, 23, 3))
