"""The national list of codes, to choose from where a county or a township begins. What has changed since is put right
in 单位名录; the list itself is never written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cunbao.errors import DeskError
from cunbao.survey import resources
from cunbao.survey.regions import Level, Region, Regions

BUREAU, GOVERNMENT, STREET_OFFICE = "民政局", "人民政府", "办事处"


@dataclass(frozen=True, slots=True)
class CountyChoice:
    """A county of the national list. path: 云南省西双版纳傣族自治州勐海县."""

    code: str
    name: str
    path: str

    @property
    def office(self) -> str:
        """勐海县民政局: what its desk is called unless somebody writes otherwise."""
        return f"{self.name}{BUREAU}"


@dataclass(frozen=True, slots=True)
class TownChoice:
    """A township of the national list. code: 12 digits; name: 勐混镇."""

    code: str
    name: str

    @property
    def office(self) -> str:
        """勐混镇人民政府, 东城街道办事处: what its desk is called unless somebody writes otherwise."""
        street = self.name.endswith("街道")
        return f"{self.name}{STREET_OFFICE if street else GOVERNMENT}"


@cache
def counties() -> tuple[CountyChoice, ...]:
    """Every county of the national list, by code."""
    found = []
    for province in regions().children():
        for city in regions().children(province.code):
            some = (city,) if city.level is Level.COUNTY else regions().children(city.code)
            found += [_county(one) for one in some if one.level is Level.COUNTY]
    return tuple(sorted(found, key=lambda one: one.code))


def county_of(code: str) -> CountyChoice:
    """The county of a code of 6 or 12 digits. DeskError "county.unknown"."""
    found = regions().get(code[:6])
    if found is None or found.level is not Level.COUNTY or len(code) not in (6, 12) or code[6:].strip("0"):
        raise DeskError(
            "county.unknown",
            happened=f"全国名录里没有代码是 {code} 的县",
            safe="没有建立任何资料",
            todo="请核对县（市、区）的 6 位或 12 位代码",
        )
    return _county(found)


def towns(county: str) -> tuple[TownChoice, ...]:
    """The townships of a county by its 6 or 12 digits, by code; () for a county that the list has not."""
    return tuple(TownChoice(one.code, one.short) for one in regions().children(county[:6]))


def town_of(code: str) -> TownChoice:
    """The township of a code of 12 digits. DeskError "township.unknown"."""
    found = regions().get(code[:9]) if len(code) == 12 and code.endswith("000") else None
    if found is None or found.level is not Level.TOWNSHIP:
        raise DeskError(
            "township.unknown",
            happened=f"全国名录里没有代码是 {code} 的乡镇",
            safe="没有建立任何资料",
            todo="请核对乡镇（街道）的 12 位代码",
        )
    return TownChoice(found.code, found.short)


@cache
def regions() -> Regions:
    """The list itself, read once."""
    return Regions.load(resources.path("regions/regions.zst"))


def _county(one: Region) -> CountyChoice:
    return CountyChoice(one.code, one.short, one.path)
