"""A county puts a pack together and issues it: what changed after 检验 is looked at again, the stick is read back, and
every version stays as it went out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cunbao.desks import media, packs, tasks
from cunbao.desks.county import building, issuing, rootkey, trying
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import CunbaoError
from cunbao.survey.values import Cell, Office
from world.desk import PASSWORD, a_clock, a_county_desk
from world.packs import edit, issued, say, task_folder

SMALL = ("B01", "B02")


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_desk(tmp_path, clock=a_clock(2025, 11, 10, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return task_folder(tmp_path / "task")


def code_of(act: object) -> str:
    with pytest.raises(CunbaoError) as said:
        act()  # type: ignore[operator]
    assert said.value.happened and said.value.safe and said.value.todo
    return said.value.code


def test_a_pack_is_read_back_kept_and_opened_by_whoever_trusts_the_root(
    county: CountyDesk, folder: Path, tmp_path: Path
) -> None:
    path = issued(county, folder, tmp_path / "stick", title="换了名称的统计")
    assert path.name == "勐海县-2025年度-任务包-第2版.cbtask"  # the first is the world's
    seen = tasks.look_at_pack(path)
    assert seen.valid and seen.title == "换了名称的统计"
    pack = tasks.read_pack(path.read_bytes())
    assert pack.version == 2 and set(pack.townships) == {one.code for one in county.townships}
    assert county.task.title == "换了名称的统计" and county.workspace.object(pack.sha256) == path.read_bytes()
    assert [one.version for one in packs.held(county.workspace)] == [1, 2]
    again = issuing.write_again(county, pack.sha256, tmp_path)
    assert again.path.read_bytes() == path.read_bytes()
    county.close()


def test_a_form_with_any_fault_keeps_the_whole_pack_back(county: CountyDesk, folder: Path, tmp_path: Path) -> None:
    edit(folder, "B01.md", ("round(${b01_pop_60} div", "round(${b01_pop_6O} div"))
    building.choose_folder(county, folder)
    view = building.check(county)
    assert [one.form for one in view.faults] == ["B01"] and view.checked and not view.may_issue
    assert code_of(lambda: issuing.issue(county, tmp_path, PASSWORD)) == "pack.faults"
    assert len(packs.held(county.workspace)) == 1 and not list(tmp_path.glob("*.cbtask"))
    county.close()


@pytest.mark.parametrize("what", ["file", "day", "office"])
def test_what_changes_after_the_check_has_to_be_checked_again(
    county: CountyDesk, folder: Path, tmp_path: Path, what: str
) -> None:
    building.choose_folder(county, folder)
    view = building.check(county)
    assert view.may_issue
    if what == "file":
        edit(folder, "B01.md", ("保留两位小数", "保留两位"))
    elif what == "day":
        building.change(county, deadline=date(2025, 12, 19))
    else:
        county.workspace.add_office(Office("532822103208", "新村民委员会", "10", "220", "新村", "532822103000"))
    assert not building.view(county, view).checked
    assert code_of(lambda: issuing.issue(county, tmp_path, PASSWORD)) == "pack.unchecked"
    building.check(county)
    assert issuing.issue(county, tmp_path, PASSWORD).version == 2
    county.close()


def test_days_that_cannot_be_and_offices_that_are_none_are_faults(county: CountyDesk, folder: Path) -> None:
    building.choose_folder(county, folder)
    building.change(county, deadline=date(2025, 11, 1), town_deadline=date(2025, 10, 1))
    found = building.check(county).faults
    assert [(one.file, one.column) for one in found] == [("任务包", "村报乡镇"), ("任务包", "乡镇报县")]
    assert "2025-11-01 已经过了" in found[0].found
    county.close()


def test_cells_that_change_under_the_same_version_of_a_form_are_a_fault(county: CountyDesk, folder: Path) -> None:
    unit = "| integer | b01_groups | 村（居）民小组数 |"
    edit(folder, "B01.md", (unit, unit.replace("integer", "decimal")))
    building.choose_folder(county, folder)
    fault = next(iter(building.check(county).faults))
    assert (fault.form, fault.sheet, fault.column, fault.there) == ("B01", "settings", "version", "2025.1")
    assert fault.remedy == "请把 version 改大，如 2025.2"
    edit(folder, "B01.md", (" | 2025.1 | ", " | 2025.2 | "))
    assert building.check(county).may_issue
    county.close()


def test_another_period_counts_its_versions_anew_and_both_stay(
    county: CountyDesk, folder: Path, tmp_path: Path
) -> None:
    path = issued(county, folder, tmp_path / "stick", period="2026")
    assert path.name == "勐海县-2026年度-任务包-第1版.cbtask"
    assert county.task.period == "2026" and county.task.previous_period == "2025"
    assert county.task.deadline == date(2026, 12, 20) and "2026年度" in county.task.title
    assert [(one.period, one.version) for one in packs.periods(county.workspace)] == [("2026", 1), ("2025", 1)]
    assert tasks.task_of(county.workspace, "2025").title.startswith("2025")
    county.close()


def test_a_stick_that_gives_back_something_else_leaves_no_version(
    county: CountyDesk, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.choose_folder(county, folder)
    building.check(county)
    whole = media.read_back

    def spoilt(path: Path, expected: bytes, *, what: str) -> bytes:
        path.write_bytes(expected[:-1] + b"x")
        return whole(path, expected, what=what)

    monkeypatch.setattr(media, "read_back", spoilt)
    assert code_of(lambda: issuing.issue(county, tmp_path, PASSWORD)) == "medium.differs"
    assert not list(tmp_path.glob("*.cbtask")) and building.version_of(county, "2025") == 2
    monkeypatch.undo()
    assert issuing.issue(county, tmp_path, PASSWORD).version == 2
    county.close()


def test_a_wrong_password_signs_nothing(county: CountyDesk, folder: Path, tmp_path: Path) -> None:
    building.choose_folder(county, folder)
    building.check(county)
    assert code_of(lambda: issuing.issue(county, tmp_path, "不是这个")) == "password.wrong"
    assert not list(tmp_path.glob("*.cbtask")) and len(packs.held(county.workspace)) == 1
    county.close()


def test_without_the_roots_key_a_pack_still_goes_out_and_what_can_be_done_is_said(
    county: CountyDesk, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = issued(county, folder, tmp_path / "stick")
    assert issuing.root_lost(county) == ""
    monkeypatch.setattr(rootkey, "where", lambda desk: rootkey.LOST)
    assert "备份" in issuing.root_lost(county)
    edit(folder, "B01.md", ("保留两位小数", "保留两位"))
    second = issued(county, folder, tmp_path / "stick")
    packs_out = [tasks.read_pack(path.read_bytes()) for path in (first, second)]
    assert packs_out[1].version == 3 and packs_out[1].crls == packs_out[0].crls  # the list that went out last
    county.close()


def test_a_township_without_certificates_is_named_and_the_pack_goes_without_it(
    county: CountyDesk, folder: Path, tmp_path: Path
) -> None:
    county.workspace.add_office(Office("532822105000", "勐满镇人民政府", "51", "", "勐满镇", "532822000000"))
    county.workspace.add_office(Office("532822105201", "勐满村民委员会", "10", "220", "勐满村", "532822105000"))
    building.choose_folder(county, folder)
    assert building.check(county).uncertified == ("勐满镇",)
    pack = tasks.read_pack(issuing.issue(county, tmp_path, PASSWORD).path.read_bytes())
    assert "532822105000" not in pack.townships and "532822105201" in {one.code for one in pack.offices}
    county.close()


def test_a_form_laid_beside_the_others_is_sent_after_it_was_added(
    county: CountyDesk, folder: Path, tmp_path: Path
) -> None:
    building.choose_folder(county, folder)
    new = tmp_path / "B09-新表.md"
    new.write_text(
        "| survey |\n| | type | name | label |\n| | integer | b09_a | 甲 |\n| settings |\n"
        "| | form_title | form_id | version |\n| | 新表 | B09 | 2025.1 |\n",
        "utf-8",
    )
    building.add_form(county, new)
    view = building.check(county)
    assert view.faults == () and [one.form for one in view.sent][-1] == "B09" and (folder / "B09.md").exists()
    assert code_of(lambda: building.add_form(county, new)) == "pack.form_there"
    (tmp_path / "表.md").write_text("", "utf-8")
    assert code_of(lambda: building.add_form(county, tmp_path / "表.md")) == "pack.form_name"
    building.send_form(county, "B09", on=False)
    assert [one.form for one in building.check(county).sent][-1] == "B05"
    county.close()


def test_a_form_is_tried_out_at_an_office_that_goes_again(county: CountyDesk, folder: Path) -> None:
    say(folder, "B01", "保留两位小数", "试填时看到的话")
    building.choose_folder(county, folder)
    journal = len(county.workspace.journal_entries())
    tried = trying.try_out(county, "B01")
    tried.keep("B01", tried.type("B01", Cell("b01_groups"), "7").edits)
    assert tried.task.forms["B01"].field("b01_area_km2").hint == "试填时看到的话"
    assert tried.frame().office == "试填镇 试填村"
    place = tried.workspace.folder
    trying.done(tried)
    assert not place.exists() and len(county.workspace.journal_entries()) == journal
    edit(folder, "B02.md", ("| integer | b02_n |", "| intger | b02_n |"))
    assert code_of(lambda: trying.try_out(county, "B02")) == "pack.form_faulty"
    other = trying.try_out(county, "B01")  # what is right can be tried while another form is not
    assert "B02" not in other.task.forms
    trying.done(other)
    county.close()


def test_the_notice_says_the_code_the_days_and_the_forms(county: CountyDesk, folder: Path, tmp_path: Path) -> None:
    from cunbao.desks.county.desk import root_code
    from world.readers import text_of

    building.choose_folder(county, folder)
    drawn = issuing.notice(county, building.check(county))
    (tmp_path / "notice.pdf").write_bytes(drawn.pdf)
    words = text_of(tmp_path / "notice.pdf")
    assert drawn.pages == 1 and all(group in words for group in root_code(county).split())
    for wanted in (
        "任务包启用通知",
        "勐海县-2025年度-任务包-第2版.cbtask",
        "2025 年 12 月 20 日",
        "综合服务设施面积表",
    ):
        assert wanted.replace(" ", "") in words.replace(" ", ""), wanted
    county.close()


def test_a_townships_form_is_tried_out_as_a_township(county: CountyDesk, tmp_path: Path) -> None:
    building.choose_folder(county, task_folder(tmp_path / "task", ("B01", "T01")))
    tried = trying.try_out(county, "T01")
    assert list(tried.task.forms) == ["T01"] and tried.office.level == "township"
    assert tried.instance("T01").shown(Cell("t01_kind")) == "镇"
    tried.keep("T01", tried.type("T01", Cell("t01_elder_beds"), "7").edits)
    trying.done(tried)
    county.close()
