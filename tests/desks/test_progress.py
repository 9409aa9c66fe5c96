"""进度 of a county: a village takes the state of its least advanced form, and 迟报 is said only after the deadline."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.county import chasing, progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding, forwarding
from cunbao.errors import DeskError
from cunbao.survey.decision import Comment
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from world.desk import MANBANG, MANGUO, a_clock, a_county_desk, a_town_desk, bundle_file
from world.readers import text_of

FORMS = ("B01", "B02", "B03", "B04", "B05")


def told(folder: Path) -> CountyDesk:
    """A county that got one township's bundle: one village accepted whole, one accepted but for a form sent back."""
    town, county = a_town_desk(folder), a_county_desk(folder)
    receiving.receive(town, [bundle_file(folder / "stick", office) for office in (MANBANG, MANGUO)])
    for form in FORMS:
        deciding.accept(town, MANBANG, form)
    for form in FORMS[1:]:
        deciding.accept(town, MANGUO, form)
    deciding.send_back(town, MANGUO, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    receiving.receive(county, [forwarding.write_forward(town, folder, include_received=True).path])
    return county


def test_a_village_stands_where_its_slowest_form_stands(tmp_path: Path) -> None:
    county = told(tmp_path)
    view = progress.progress(county)
    here = next(line for line in view.rows if line.office == MANBANG[:9] + "000")
    assert here.counts[ReturnState.ACCEPTED] == 1 and here.counts[ReturnState.RETURNED] == 1
    assert here.units == sum(here.counts.values()) == sum(one.parent == here.office for one in county.villages)
    assert here.late == here.counts[ReturnState.MISSING]
    assert (here.sequence, here.came_at is not None) == (1, True)
    lines = {line.office: line for line in progress.villages(county, here.office)}
    assert lines[MANBANG].state is ReturnState.ACCEPTED and lines[MANGUO].words == "退回 B01"
    assert view.total.units == view.villages == len(county.villages)
    matrix = progress.matrix(county, here.office)
    row = next(line for line in matrix.rows if line.office == MANGUO)
    assert row.states == (ReturnState.RETURNED, *(ReturnState.ACCEPTED,) * 4)


def test_by_form_every_return_is_counted_once(tmp_path: Path) -> None:
    county = told(tmp_path)
    view = progress.progress(county, by_form=True)
    assert view.total.units == len(county.villages) * len(FORMS)
    assert (view.total.counts[ReturnState.ACCEPTED], view.total.counts[ReturnState.RETURNED]) == (9, 1)
    assert view.total.late == view.total.units - 10


def test_late_is_said_only_after_the_deadline(tmp_path: Path) -> None:
    county = told(tmp_path)
    last_day = county.task.deadline
    county.clock = a_clock(last_day.year, last_day.month, last_day.day, 1)
    assert not progress.progress(county).overdue and progress.frame(county).late == 0
    assert not any(line.late for line in progress.villages(county, MANBANG[:9] + "000"))
    after = last_day + timedelta(days=1)
    county.clock = a_clock(after.year, after.month, after.day, 1)
    assert progress.progress(county).overdue and progress.frame(county).late == progress.progress(county).chase > 0
    missing = {line.office for line in progress.villages(county, MANBANG[:9] + "000") if line.late}
    assert missing and not missing & {MANBANG, MANGUO}


def test_a_township_is_chased_by_one_notice_that_names_its_villages(tmp_path: Path) -> None:
    county = told(tmp_path)
    township = MANBANG[:9] + "000"
    drawn = chasing.notices(county, [township])
    (paper := tmp_path / "催报.pdf").write_bytes(drawn.pdf)
    text = text_of(paper)
    assert "催报通知" in text and "勐混镇" in text
    assert "曼国" in text and "B01（退回未改）" in text and "曼蚌" not in text
    assert chasing.notices(county, [township]).pdf == drawn.pdf  # the same paper keeps its number
    assert county.workspace.journal_entries()[-1].act == "chase_notices"


def test_nobody_is_chased_where_all_is_in(tmp_path: Path) -> None:
    county = told(tmp_path)
    with pytest.raises(DeskError) as told_so:
        chasing.notices(county, [])
    assert told_so.value.code == "chase.nobody"
