"""单位名录 of a county: written whole or not at all; who ended leaves the list, stays readable; it goes into packs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cunbao.desks.county import directory, progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError
from cunbao.survey.directory import Change
from cunbao.survey.values import Office
from world.desk import MANBANG, MANGUO, a_county_desk


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_desk(tmp_path)


def a_list(folder: Path, *lines: str) -> Path:
    (path := folder / "名录.csv").write_text("代码,名称,失效,并入\n" + "\n".join(lines), "utf-8-sig")
    return path


def test_a_list_is_written_whole_and_journalled(county: CountyDesk, tmp_path: Path) -> None:
    path = a_list(tmp_path, "532822103209,新寨村", f"{MANGUO},曼国新村")
    seen = directory.view(county, directory.read_file(path))
    assert seen.comparison is not None and seen.levels == (0, 0, 2)
    directory.write(county, seen.comparison)
    named = county.workspace.office(MANGUO)
    assert named is not None and named.name == "曼国新村"
    assert any(one.code == "532822103209" and one.kind == "10" for one in county.villages)
    last = county.workspace.journal_entries()[-1]
    assert last.act == "write_directory" and last.detail == {"added": 1, "updated": 1, "ended": 0}
    again = directory.view(county, directory.read_file(path))
    assert again.comparison is not None
    with pytest.raises(DeskError) as told:
        directory.write(county, again.comparison)
    assert told.value.code == "offices.same"


def test_nothing_is_written_while_a_row_is_wrong(county: CountyDesk, tmp_path: Path) -> None:
    path = a_list(tmp_path, f"{MANGUO},曼国新村", "53282210320,缺一位村")
    seen = directory.view(county, directory.read_file(path))
    assert seen.comparison is not None
    with pytest.raises(DeskError) as told:
        directory.write(county, seen.comparison)
    assert told.value.code == "offices.faults" and "1 行有错" in told.value.happened
    kept = county.workspace.office(MANGUO)
    assert kept is not None and kept.name != "曼国新村"


def test_an_ended_village_leaves_the_list_and_its_returns_stay(county: CountyDesk, tmp_path: Path) -> None:
    path = a_list(tmp_path, f"{MANGUO},曼国村,2025-06-30,{MANBANG}")
    seen = directory.view(county, directory.read_file(path))
    assert seen.comparison is not None and seen.comparison.rows[0].change is Change.ENDED
    before = len(county.villages)
    directory.write(county, seen.comparison)
    assert len(county.villages) == before - 1 and MANGUO not in {one.code for one in county.villages}
    assert MANGUO not in {line.office for line in progress.villages(county, MANGUO[:9] + "000")}
    assert county.workspace.office(MANGUO) is not None
    assert MANGUO in {one.code for one in directory.offices(county, ended=True)}


def test_a_village_that_ends_with_the_period_still_reports_for_it(county: CountyDesk) -> None:
    held = county.workspace.office(MANGUO)
    assert held is not None
    last = county.task.ref_date
    county.workspace.add_office(replace(held, until=last.isoformat(), successor=MANBANG))
    assert MANGUO in {one.code for one in county.villages}
    county.workspace.add_office(replace(held, until=f"{last.year}-12-30", successor=MANBANG))
    assert MANGUO not in {one.code for one in county.villages}


def test_the_national_list_names_every_village_of_a_county() -> None:
    held = directory.national("532822000000")
    codes = {one.code for one in held.rows}
    assert {MANBANG, MANGUO, "532822103000"} <= codes and all(code.startswith("532822") for code in codes)
    with pytest.raises(DeskError) as told:
        directory.national("999999000000")
    assert told.value.code == "offices.county"


def test_days_and_successors_travel_in_a_pack() -> None:
    from cunbao.exchange import taskpack

    office = Office(MANGUO, "曼国村", "10", "220", "", MANGUO[:9] + "000", "2001-01-01", "2025-06-30", MANBANG)
    data = taskpack._directory((office,))
    assert taskpack._read_directory(data) == (office,)
    old = b"code,name,kind,ur_class,short_name,parent\n532822103202,x,10,220,,532822103000\n"
    assert taskpack._read_directory(old) == (Office(MANGUO, "x", "10", "220", "", MANGUO[:9] + "000"),)
    assert not office.reports_on(date(2025, 7, 1)) and office.reports_on(date(2025, 6, 30))
