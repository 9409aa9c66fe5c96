"""县里填的数: a county is asked for the figures that no return has, each with its source; what is missing is said as
such, and what was corrected by a further pack is computed anew."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.desks import measuring, receiving
from cunbao.desks.county import building, indicators, issuing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding, forwarding
from cunbao.errors import CunbaoError
from cunbao.survey.indicators import NoFigure
from cunbao.survey.targets import Verdict
from world.desk import MANBANG, PASSWORD, a_clock, a_county_desk, a_town_desk, bundle_file
from world.packs import edit, task_folder

# the five forms of the desks' tests need no figure of the county: one indicator is given such a denominator
ROW = (
    "003,003-99,报到党组织占全县的比例,专栏3第1项,0,任务,ratio,城乡,%,,,2025,100,=,,州,委员人数,机关和企事业单位党组织总数,"
    "B03.b03_n,,,B03.b03_n,PARAM.org_units\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = task_folder(tmp_path / "task")
    table = made / "indicators.csv"
    table.write_text(table.read_text("utf-8").rstrip("\n") + "\n" + ROW, "utf-8")
    return made


@pytest.fixture
def county(tmp_path: Path, folder: Path) -> CountyDesk:
    """With B03 of one village accepted, and a draft of the folder."""
    county, town = a_county_desk(tmp_path, clock=a_clock(2025, 12, 18, 1)), a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    deciding.accept(town, MANBANG, "B03")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    town.close()
    building.choose_folder(county, folder)
    return county


def issue(county: CountyDesk, tmp_path: Path) -> None:
    assert building.check(county).may_issue
    (tmp_path / "out").mkdir(exist_ok=True)
    issuing.issue(county, tmp_path / "out", PASSWORD)


def row(county: CountyDesk) -> indicators.IndicatorRow:
    return next(one for one in indicators.board(county, "003").rows if one.indicator.number == "003-99")


def test_a_missing_figure_is_named_and_keeps_nobody_from_issuing(county: CountyDesk, tmp_path: Path) -> None:
    view = building.check(county)
    line = next(one for one in view.params if one.asked.name == "org_units")
    assert line.missing and line.needed == ("003-99",) and view.may_issue
    assert line.words == "县里还没填机关和企事业单位党组织总数（个）：003-99 没有数"
    issue(county, tmp_path)
    shown = row(county)
    assert (shown.shown, shown.verdict, shown.verdict_words) == ("…", Verdict.UNSET, "缺参数")
    assert shown.lacks == "县里还没填机关和企事业单位党组织总数"
    assert shown.total.value is NoFigure.UNSET and shown.fill is None
    asked = len(county.villages)
    assert shown.left == f"缺报 {asked - 1}" and shown.total.counted == 1  # whoever reported is at no fault
    county.close()


def test_what_was_put_in_travels_signed_and_a_correction_is_computed_anew(county: CountyDesk, tmp_path: Path) -> None:
    building.give_param(county, "org_units", "40", "县委组织部2025年11月统计")
    issue(county, tmp_path)
    assert county.task.params["org_units"] == 40
    assert county.task.param_sources["org_units"] == "县委组织部2025年11月统计"
    above = row(county).total.numerator
    assert above > 0 and row(county).total.value == above * 100 / 40
    building.give_param(county, "org_units", "80.5", "更正：原来漏了企业")
    issue(county, tmp_path)
    assert measuring.stale(county.workspace, county.task)
    assert (row(county).total.numerator, row(county).total.denominator) == (above, Decimal("80.5"))
    building.give_param(county, "org_units", "")
    assert next(one for one in building.check(county).params if one.asked.name == "org_units").missing
    county.close()


@pytest.mark.parametrize(
    ("value", "source", "code"),
    [
        ("四十", "组织部", "pack.param_text"),
        ("-1", "组织部", "pack.param_text"),
        ("1e400", "组织部", "pack.param_text"),
        ("NaN", "组织部", "pack.param_text"),
        ("40", " ", "pack.param_source"),
    ],
)
def test_what_is_no_figure_or_has_no_source_is_refused_and_nothing_changes(
    county: CountyDesk, value: str, source: str, code: str
) -> None:
    building.give_param(county, "org_units", "12", "组织部")
    with pytest.raises(CunbaoError) as said:
        building.give_param(county, "org_units", value, source)
    assert said.value.code == code and said.value.todo
    draft = building.draft_of(county)
    assert draft is not None and [one.value for one in draft.wanted.params if one.name == "org_units"] == [Decimal(12)]
    county.close()


def test_a_word_in_task_toml_where_a_figure_belongs_has_its_place(county: CountyDesk, folder: Path) -> None:
    edit(folder, "task.toml", ("[params]", '[params]\norg_units = "约四十"'))
    (fault,) = building.check(county).faults
    assert (fault.file, fault.column, fault.there) == ("task.toml", "params.org_units", "约四十")
    building.give_param(county, "org_units", "40", "组织部")  # what the county puts in stands in its place
    assert building.check(county).faults == ()
    county.close()


def test_another_year_asks_for_its_own_figures(county: CountyDesk) -> None:
    building.give_param(county, "org_units", "40", "组织部")
    building.choose_period(county, "2026")
    draft = building.draft_of(county)
    assert draft is not None and [one.name for one in draft.wanted.params] == ["target_per100"]
    county.close()
