"""Picking an office out of the whole country's regions."""

from pathlib import Path

import pytest

from cunbao.errors import SurveyError
from cunbao.survey.regions import ENDINGS, Level, Region, Regions, split_name

RESOURCE = Path(__file__).resolve().parents[2] / "resources" / "regions" / "regions.zst"
MENGHAI = {
    "勐海镇": 20, "打洛镇": 7, "勐混镇": 7, "勐遮镇": 17, "勐满镇": 8, "勐阿镇": 8, "勐宋乡": 9, "勐往乡": 6,
    "格朗和哈尼族乡": 5, "布朗山布朗族乡": 7, "西定哈尼族布朗族乡": 11,
}  # fmt: skip


@pytest.fixture(scope="module")
def regions() -> Regions:
    return Regions.load(RESOURCE)


def names(found: list[Region]) -> list[str]:
    return [region.short for region in found]


def test_the_whole_country_is_there(regions):
    assert len(regions) == 665_271
    # 31 + 342 + 2,978 + 41,352 + 620,573, less five rows that only stand in for the one above (东莞, 金门 …)
    assert len(regions.children()) == 31
    assert regions.day == "2023-06-30"


def test_menghai_has_its_105_villages_and_communities(regions):
    towns = regions.children("532822")
    assert {town.short: len(regions.children(town.code)) for town in towns} == MENGHAI
    assert sum(MENGHAI.values()) == 105
    assert {town.level for town in towns} == {Level.TOWNSHIP}


def test_a_village_knows_its_names_and_where_it_lies(regions):
    village = regions.get("532822103203")
    assert village == Region(
        code="532822103203",
        name="曼蚌村民委员会",
        short="曼蚌村",
        level=Level.VILLAGE,
        parents=("云南省", "西双版纳傣族自治州", "勐海县", "勐混镇"),
    )
    assert village.path == "云南省西双版纳傣族自治州勐海县勐混镇曼蚌村"


def test_a_town_is_found_by_its_short_and_its_long_code(regions):
    assert regions.get("532822103") == regions.get("532822103000")
    assert regions.get("532822103").short == "勐混镇"


@pytest.mark.parametrize("code", ["", "5", "532822103999", "53282210320３", "勐混", "999999999999", "5328221032033"])
def test_a_code_that_does_not_exist_gives_nothing(regions, code):
    assert regions.get(code) is None


def test_typing_digits_finds_by_code(regions):
    assert names(regions.find("532822103")) == [
        "勐混镇", "勐混村", "曼国村", "曼蚌村", "曼赛村", "曼扫村", "贺开村", "曼冈村",
    ]  # fmt: skip
    assert names(regions.find("53282210320")) == names(regions.find("532822103"))[1:]


def test_typing_a_name_finds_towns_and_villages(regions):
    assert names(regions.find("勐混")) == ["勐混镇", "勐混村"]


def test_the_official_name_finds_the_same_village(regions):
    assert names(regions.find("勐混村民委员会")) == ["勐混村"]
    assert [region.name for region in regions.find("黎明社区居民委员会", within="532822")] == ["黎明社区居民委员会"]


def test_one_name_in_two_towns_is_shown_with_both_towns(regions):
    assert [region.path.removeprefix("云南省西双版纳傣族自治州") for region in regions.find("曼扫村")] == [
        "勐海县勐混镇曼扫村",
        "勐海县勐遮镇曼扫村",
    ]


def test_typing_initials_finds_within_the_own_county(regions):
    assert names(regions.find("mhz", within="532822")) == ["勐海镇", "勐混镇"]
    assert names(regions.find("MBC", within="532822103")) == ["曼蚌村"]
    assert names(regions.find("hk", within="532822")) == ["贺开村"]


def test_a_search_stays_within_its_region_to_the_last_row(regions):
    last = regions.children("532822")[-1]
    inside = regions.named("村", within=last.code[:9], limit=100)
    assert len(inside) == len(regions.children(last.code))
    assert all(region.code.startswith(last.code[:9]) for region in inside)
    final = regions.starting("65")[0], regions.named("村", within="659", limit=10_000)[-1]
    assert final[1].code > final[0].code


def test_a_code_outside_the_own_region_is_not_found(regions):
    assert regions.find("53", within="44") == []
    assert names(regions.find("5328", within="532822103", limit=1)) == ["勐混镇"]


def test_a_long_list_is_cut_at_the_limit(regions):
    assert len(regions.find("村", limit=7)) == 7


@pytest.mark.parametrize("typed", ["", "  ", "\n", "没有这个地方啊", "zzzzzzzzzzzz", "村\n勐"])
def test_what_is_nowhere_gives_an_empty_list(regions, typed):
    assert regions.find(typed) == []


def test_a_city_without_counties_stands_once_in_the_path(regions):
    town = regions.get("441900003")
    assert town.parents == ("广东省", "东莞市")
    assert town.path == "广东省东莞市东城街道"
    assert town in regions.children("4419")


def test_a_step_that_is_no_place_is_left_out_of_the_path(regions):
    assert regions.get("110101001").path == "北京市东城区东华门街道"


@pytest.mark.parametrize(
    ("official", "everyday"),
    [
        ("勐混村民委员会", "勐混村"),
        ("杨家村村民委员会", "杨家村"),
        ("幸福社区村民委员会", "幸福社区"),
        ("黎明社区居民委员会", "黎明社区"),
        ("灯市口社区居委会", "灯市口社区"),
        ("孟堡村委会", "孟堡村"),
        ("王庄村村委会", "王庄村"),
        ("勐混镇", "勐混镇"),
        ("村委会", "村委会"),
    ],
)
def test_people_drop_the_committee_from_the_name(official, everyday):
    stem, ending = split_name(official)
    assert stem == everyday
    assert stem + ENDINGS[ending] == official


def test_every_official_name_is_kept_whole(regions):
    for region in regions.starting("5328", limit=10_000):
        assert split_name(region.name)[0] == region.short


@pytest.mark.parametrize("damage", ["other file", "cut", "flipped"])
def test_a_damaged_resource_is_refused_with_a_way_out(damage):
    data = bytearray(RESOURCE.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
    spoiled = {"other file": b"PK\x03\x04", "cut": bytes(data[:100_000]), "flipped": bytes(data)}[damage]
    with pytest.raises(SurveyError, match="12 位区划代码"):
        Regions.load(spoiled)


class Looked:
    """The table of codes, counting how many are looked at."""

    def __init__(self, codes):
        self.codes, self.times = codes, 0

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, at):
        self.times += 1
        return self.codes[at]


def test_every_county_of_the_country_is_found_without_walking_over_its_villages(regions, monkeypatch):
    looked = Looked(regions._codes)
    monkeypatch.setattr(regions, "_codes", looked)
    found = [
        county
        for province in regions.children()
        for city in regions.children(province.code)
        for county in ((city,) if city.level is Level.COUNTY else regions.children(city.code))
    ]
    assert len(found) > 2900 and looked.times < len(regions) / 2  # it was three times the whole table
    one = looked.times
    regions.children("532822")
    assert looked.times - one < 11 * 200  # some dozens a township
