"""`cunbao indicators`: a plan's table complete and in its own order, by township and village; wrong use has words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cli.conftest import Cunbao
from cunbao.survey.resources import forms_path
from world.desk import MANBANG, a_county_desk, a_village_desk
from world.readers import text_of
from world.villages import TASK


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A county's folder to which nothing has come yet."""
    desk = a_county_desk(tmp_path)
    desk.close()
    return desk.workspace.folder


def plan(number: str) -> list[dict[str, str]]:
    with (forms_path(TASK) / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["plan"] == number]


@pytest.mark.parametrize(("number", "rows"), [("000", 54), ("002", 60), ("003", 70)])
def test_a_plan_comes_out_complete_and_in_its_own_order(cunbao: Cunbao, county: Path, number: str, rows: int) -> None:
    said = cunbao("indicators", county, "--plan", number, "--json").json
    asked = plan(number)
    assert [one["no"] for one in said["indicators"]] == [row["no"] for row in asked] and len(asked) == rows
    told = {one["no"]: one for one in said["indicators"]}
    assert all(told[row["no"]]["name"] == row["name"] for row in asked)
    assert said["applies"] is (number == "003")
    for one in told.values():
        if "asked" in one:  # nothing has come: that is a reason, and never nought
            assert one["value"] is None and one["met"] is None and one["counted"] == 0
            assert one["missing"] + one["unfilled"] == one["asked"]
        else:
            assert one["verdict"] == "报表答不了"
    assert sum("asked" in one for one in told.values()) >= 10


def test_every_township_and_village_that_is_asked_is_listed(cunbao: Cunbao, county: Path) -> None:
    towns = cunbao("indicators", county, "--plan", "003", "--by", "township", "--only", "003-04", "--json").json
    (one,) = towns["indicators"]
    assert len(one["offices"]) >= 2 and all(code.endswith("000") for code in one["offices"])
    villages = cunbao("indicators", county, "--by", "village", "--only", "003-04", "--only", "003-13", "--json").json
    area, station = villages["indicators"]
    assert MANBANG in area["offices"] and area["offices"][MANBANG]["shown"] == "…"
    assert len(area["offices"]) == area["asked"] and set(station["offices"]) == set(one["offices"])


def test_it_reads_well_and_says_what_a_plan_of_elsewhere_is(cunbao: Cunbao, county: Path) -> None:
    said = cunbao("indicators", county)
    assert (
        said.code == 0 and said.out.startswith("003 西双版纳州") and "003-08" in said.out and "报表答不了" in said.out
    )
    assert "不判达标" in cunbao("indicators", county, "--plan", "000").out


def test_wrong_use_has_its_words(cunbao: Cunbao, county: Path, tmp_path: Path) -> None:
    assert cunbao("indicators", county, "--plan", "999").code == 3
    assert cunbao("indicators", county, "--only", "003-99", "--json").json["error"]["code"] == "indicator.unknown"
    village = a_village_desk(tmp_path / "village", "enrolled")
    village.close()
    assert cunbao("indicators", village.workspace.folder).code == 2


def test_the_plan_is_written_as_a_workbook_and_as_pages_with_a_chart(
    cunbao: Cunbao, county: Path, tmp_path: Path
) -> None:
    book, pages = tmp_path / "out.xlsx", tmp_path / "out.pdf"
    said = cunbao("indicators", county, "--plan", "003", "--xlsx", book, "--pdf", pages, "--json").json
    assert load_workbook(book).sheetnames == said["files"]["xlsx"]["sheets"]
    assert said["files"]["pdf"]["pages"] >= 1 and "每百户居民拥有社区综合服务设施面积" in text_of(pages)
    others = tmp_path / "others.pdf"
    told = cunbao("indicators", county, "--plan", "003", "--pdf", others, "--group", "other", "--chart", "003-13")
    assert told.code == 0 and f"写好了：{others}" in told.out and "乡镇（街道）社会工作站覆盖率" in text_of(others)
    assert cunbao("indicators", county, "--plan", "001", "--pdf", tmp_path / "none.pdf").code == 0  # no main rows


def test_what_cannot_be_written_is_told_and_leaves_no_file(cunbao: Cunbao, county: Path, tmp_path: Path) -> None:
    assert cunbao("indicators", county, "--chart", "003-04").code == 2
    assert cunbao("indicators", "--dataset", tmp_path, "--pdf", tmp_path / "a.pdf").code == 2
    assert cunbao("indicators", county, "--pdf", tmp_path / "a.pdf", "--chart", "003-99").code == 3
    assert cunbao("indicators", county, "--xlsx", tmp_path / "nowhere" / "a.xlsx").code == 3
    assert not list(tmp_path.glob("*.pdf")) and not list(tmp_path.glob("*.xlsx"))
