"""A further task pack in a workspace that has one: answers stay, signatures stay where nothing signed has changed, the
next period opens beside the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import packs
from cunbao.desks.village import checking, newpack, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from world.desk import PASSWORD, a_clock, a_county_desk, a_village_desk, reopened, text, types
from world.packs import edit, issued, say, task_folder

GROUPS = "|  | integer | b01_groups | 村（居）民小组数 |"
NEW_CELL = "|  | integer | b01_wells | 水井数 |  | yes |  | . >= 0 | 应为0或以上 |  |  |  | 口 |  |\n"


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """第2版: B01 has one cell more and one less, B02 other words, one check of B04 is another."""
    place = tmp_path_factory.mktemp("second")
    county = a_county_desk(place, clock=a_clock(2025, 12, 1, 1))
    folder = without_compounds(task_folder(place / "task"))
    edit(folder, "B02.md", (_label(folder, "B02", "b02_f_name"), " | b02_f_name | 设施的名称 | "))
    path = issued(county, folder, place / "stick")
    county.close()
    return path


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("next")
    county = a_county_desk(place, clock=a_clock(2026, 11, 1, 1))
    path = issued(county, task_folder(place / "task"), place / "stick", period="2026")
    county.close()
    return path


def without_compounds(folder: Path) -> Path:
    """B01 asks for wells instead of housing estates."""
    say(folder, "B01", GROUPS, NEW_CELL + GROUPS)
    edit(folder, "B01.md", _line(folder, "B01", "b01_compounds"))
    places = '"b01_grids", "{}", "b01_built_area"'
    edit(folder, "task.toml", (places.format("b01_compounds"), places.format("b01_wells")))
    _forget(folder, "b01_compounds")
    return folder


def _line(folder: Path, form: str, name: str) -> tuple[str, str]:
    line = next(one for one in (folder / f"{form}.md").read_text("utf-8").splitlines() if f"| {name} |" in one)
    return line + "\n", ""


def _label(folder: Path, form: str, name: str) -> str:
    line = next(one for one in (folder / f"{form}.md").read_text("utf-8").splitlines() if f"| {name} |" in one)
    return f" | {name} | {line.split('|')[4].strip()} | "


def _forget(folder: Path, name: str) -> None:
    """Checks and indicators that read a field which is gone go too."""
    for file in ("checks.csv", "indicators.csv"):
        lines = (folder / file).read_text("utf-8-sig").splitlines()
        (folder / file).write_text("\n".join(one for one in lines if name not in one) + "\n", "utf-8")


def marks(desk: VillageDesk) -> dict[str, str]:
    found = [one for one in checking.findings(desk) if one.check == "pack"]
    assert all(one.severity is Severity.HINT for one in found)
    return {one.cells[0].field: one.message for one in found}


def test_what_a_further_version_changes_is_said_before_anything_is_taken(second: Path, tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    seq = desk.workspace.draft_mark(desk.key("B01")).seq
    news = newpack.look(desk, second)
    assert (news.before, news.name, news.next_period) == ("2025年度 第1版", "2025年度 第2版", False)
    told = {one.form: one for one in news.forms}
    assert told["B01"].words == "加了 1 格：水井数；去掉 1 格：住宅小区数"
    assert told["B01"].happens == "变回待签名，改动的格标出来，补填后重签；住宅小区数填过的不再报"
    assert (told["B02"].words, told["B02"].happens) == ("只改了文字或审核", "不用重新签名")
    assert told["B03"].words == "没有变"
    assert desk.state("B01") is ReturnState.SIGNED and "b01_wells" not in desk.task.forms["B01"].by_name
    assert desk.workspace.draft_mark(desk.key("B01")).seq == seq
    desk.close()


def test_answers_stay_and_only_the_form_whose_cells_changed_is_signed_again(second: Path, tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    before = {form: desk.newest(form) for form in desk.task.forms}
    groups = text(desk, "B01", "b01_groups")
    newpack.take(desk, second)
    assert text(desk, "B01", "b01_groups") == groups and text(desk, "B01", "b01_wells") == ""
    assert desk.state("B01").editable
    assert [desk.state(form) for form in ("B02", "B03", "B04", "B05")] == [ReturnState.SIGNED] * 4
    assert {form: desk.newest(form) for form in ("B02", "B03")} == {form: before[form] for form in ("B02", "B03")}
    assert marks(desk) == {"b01_wells": "第2版新加的一格"}
    types(desk, "B01", "b01_wells", "3")
    checking.run(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
    assert desk.state("B01") is ReturnState.SIGNED and marks(desk) == {}
    signed = desk.newest("B01")
    assert signed is not None
    answers = desk.signed_answers(signed)
    assert answers.values["b01_wells"] == "3" and "b01_compounds" not in answers.values
    folder = desk.workspace.folder
    desk.close()
    again = reopened(folder)
    assert text(again, "B01", "b01_wells") == "3" and packs.held(again.workspace)[-1].version == 2
    again.close()


def test_a_draft_goes_on_under_the_further_version_and_undo_stops_there(second: Path, tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    types(desk, "B01", "b01_compounds", "2")
    newpack.take(desk, second)
    assert desk.workspace.draft(desk.key("B01")).answers.values["b01_compounds"] == "2"  # nothing typed is thrown away
    assert not desk.frame().can_undo
    types(desk, "B01", "b01_wells", "3")
    assert desk.undo() is not None and desk.undo() is None
    assert desk.state("B01") is ReturnState.FILLING
    desk.close()


def test_what_was_accepted_stays_accepted_until_the_township_decides(second: Path, tmp_path: Path) -> None:
    from cunbao.desks.township import desk as township
    from world.desk import the_seat

    desk = a_village_desk(tmp_path, "signed")
    newest = desk.newest("B01")
    assert newest is not None
    desk.take_decision(
        *township.accept(the_seat().township(desk.office.code), desk.workspace.object(newest.header), PASSWORD)
    )
    assert desk.state("B01") is ReturnState.ACCEPTED
    assert {one.form: one for one in newpack.look(desk, second).forms}["B01"].happens == (
        "已通过的不动，乡镇要改时会退回；住宅小区数填过的不再报"
    )
    newpack.take(desk, second)
    assert desk.state("B01") is ReturnState.ACCEPTED and marks(desk) == {}
    signing.begin_correction(desk, "B01")  # what was accepted under the first version can be corrected under the second
    assert text(desk, "B01", "b01_groups") == desk.signed_answers(newest).values["b01_groups"]
    desk.close()


def test_the_same_an_older_and_a_foreign_pack_are_refused_with_a_sentence(second: Path, tmp_path: Path) -> None:
    from world.desk import the_seat

    first = tmp_path / "first.cbtask"
    first.write_bytes(the_seat().pack)
    desk = a_village_desk(tmp_path, "enrolled")
    newpack.take(desk, second)
    with pytest.raises(CunbaoError) as same:
        newpack.take(desk, second)
    assert (same.value.code, same.value.happened) == ("pack.same", "2025年度 第2版已经在用了")
    with pytest.raises(CunbaoError) as older:
        newpack.look(desk, first)
    assert (older.value.code, older.value.happened) == ("pack.older", "这是第1版，本机已经在用第2版")
    assert packs.held(desk.workspace)[-1].version == 2
    desk.close()


def test_a_pack_of_another_county_root_is_refused(tmp_path: Path) -> None:
    from cunbao.desks.county import desk as county
    from cunbao.desks.views import Person
    from cunbao.survey import sample
    from world.desk import QUICK

    other = county.init_county(
        tmp_path / "other", sample.SAMPLE_COUNTY, person=Person("别人", "县级管理员"), password=PASSWORD,
        clock=a_clock(2025, 12, 1, 1), stretch=QUICK,
    )  # fmt: skip
    for office in (*sample.SAMPLE_TOWNSHIPS, *sample.SAMPLE_OFFICES):
        other.workspace.add_office(office)
    path = issued(other, task_folder(tmp_path / "task"), tmp_path / "stick")
    other.close()
    desk = a_village_desk(tmp_path, "enrolled")
    with pytest.raises(CunbaoError) as said:
        newpack.look(desk, path)
    assert said.value.code == "task.other_root" and said.value.todo
    desk.close()


def test_the_next_periods_pack_opens_it_with_last_years_figures_and_leaves_the_old_one(
    next_year: Path, tmp_path: Path
) -> None:
    from cunbao.desks.township import desk as township
    from world.desk import the_seat

    desk = a_village_desk(tmp_path, "signed")
    newest = desk.newest("B01")
    assert newest is not None
    desk.take_decision(
        *township.accept(the_seat().township(desk.office.code), desk.workspace.object(newest.header), PASSWORD)
    )
    news = newpack.look(desk, next_year)
    assert news.next_period and [one.happens for one in news.forms] == ["从头填"] * 5
    assert "上年数取自 2025 年度通过的 1 张表" in news.lines
    newpack.take(desk, next_year)
    assert (desk.task.period, desk.frame().period) == ("2026", "2026 年度")
    assert [desk.state(form) for form in desk.task.forms] == [ReturnState.NOT_STARTED] * 5
    last = desk.last("B01")
    assert last is not None and last.values["b01_groups"] == desk.signed_answers(newest).values["b01_groups"]
    types(desk, "B01", "b01_groups", "11")
    old = newpack.at_period(desk, "2025")
    assert old.state("B01") is ReturnState.ACCEPTED and text(old, "B01", "b01_groups") == last.values["b01_groups"]
    assert text(desk, "B01", "b01_groups") == "11"
    folder = desk.workspace.folder
    desk.close()
    again = reopened(folder, a_clock(2026, 11, 3, 1))
    assert again.task.period == "2026" and text(again, "B01", "b01_groups") == "11"
    assert [one.period for one in packs.periods(again.workspace)] == ["2026", "2025"]
    again.close()


def test_a_pack_cut_off_on_its_way_changes_nothing(second: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.cbtask"
    cut.write_bytes(second.read_bytes()[:-500])
    desk = a_village_desk(tmp_path, "signed")
    with pytest.raises(CunbaoError) as said:
        newpack.take(desk, cut)
    assert said.value.safe and said.value.todo
    assert desk.state("B01") is ReturnState.SIGNED and len(packs.held(desk.workspace)) == 1
    assert Cell("b01_compounds").field in desk.task.forms["B01"].by_name
    desk.close()


def test_a_round_goes_on_when_a_cell_and_a_whole_form_are_asked_no_more(tmp_path: Path) -> None:
    """What was sent back at a cell that is gone needs no answer; what was accepted of a form that is gone stays."""
    from shutil import copytree

    from cunbao.desks import ledger, newpacks, receiving
    from cunbao.desks.county import building, issuing
    from cunbao.desks.township import deciding, forwarding, receipts
    from cunbao.desks.village import opinions, replies, sending
    from cunbao.survey.decision import Comment
    from world.desk import MANBANG, a_town_desk, bundle_file, the_shelf

    county = a_county_desk(tmp_path, clock=a_clock(2025, 12, 1, 1))
    folder = without_compounds(task_folder(tmp_path / "task"))
    building.choose_folder(county, folder)
    building.send_form(county, "B05", on=False)
    assert building.check(county).may_issue
    for name in ("stick", "back", "again", "up"):
        (tmp_path / name).mkdir()
    pack = issuing.issue(county, tmp_path / "stick", PASSWORD).path
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "bundle", MANBANG)])
    for form in ("B02", "B05"):
        deciding.accept(town, MANBANG, form)
    asked = [Comment(Cell("b01_compounds"), "这个数不对，请核对"), Comment(Cell("b01_groups"), "小组数再核一下")]
    deciding.send_back(town, MANBANG, "B01", asked)
    receipts.write_receipts(town, tmp_path / "back", [MANBANG])
    copytree(the_shelf() / f"{MANBANG}-sent", tmp_path / "sent")
    village = reopened(tmp_path / "sent", a_clock(2025, 12, 17, 1))
    replies.take_receipt(village, next((tmp_path / "back").rglob("*.cbsync")))

    assert {one.form: one.happens for one in newpack.look(village, pack).forms}["B05"] == "签过的留着，不再报"
    newpack.take(village, pack)
    assert list(village.task.forms) == ["B01", "B02", "B03", "B04"] and village.frame().comments == 1
    types(village, "B01", "b01_wells", "3")
    types(village, "B01", "b01_groups", "13")
    assert opinions.open_of(village, "B01") == 0
    checking.run(village)
    assert [one.form for one in signing.sign(village, signing.prepare(village), PASSWORD)] == ["B01"]
    bundle = sending.write_bundle(village, tmp_path / "again", PASSWORD).path
    assert ledger.rebuild(village.workspace, village.task).changed == ()
    village.close()

    assert [one.result.name for one in receiving.receive(town, [bundle]).lines] == ["NEWER"]  # filled under 第2版
    newpacks.take(town, pack)
    assert [one.result.name for one in receiving.receive(town, [bundle]).lines] == ["TAKEN"]
    deciding.accept(town, MANBANG, "B01")
    assert ledger.rebuild(town.workspace, town.task).changed == ()
    assert town.workspace.counted(MANBANG, "B05", "2025") is not None
    up = forwarding.write_forward(town, tmp_path / "up").path
    assert [one.result.name for one in receiving.receive(county, [up]).lines] == ["TAKEN"]
    town.close()
    county.close()


def test_a_receipt_of_last_year_is_taken_at_last_years_returns(next_year: Path, tmp_path: Path) -> None:
    """Whoever has begun the next year still hears what became of the year before, and sees it as 上年."""
    from shutil import copytree

    from cunbao.desks import receiving
    from cunbao.desks.township import deciding, receipts
    from cunbao.desks.village import replies
    from world.desk import MANBANG, a_town_desk, bundle_file, the_shelf

    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "bundle", MANBANG)])
    deciding.accept(town, MANBANG, "B01")
    (tmp_path / "back").mkdir()
    receipts.write_receipts(town, tmp_path / "back", [MANBANG])
    town.close()
    copytree(the_shelf() / f"{MANBANG}-sent", tmp_path / "sent")
    village = reopened(tmp_path / "sent", a_clock(2026, 11, 3, 1))
    newpack.take(village, next_year)
    assert village.task.period == "2026" and village.last("B01") is None
    taken = replies.take_receipt(village, next((tmp_path / "back").rglob("*.cbsync")))
    assert taken.words.startswith("2025年度的回执：")
    assert newpack.at_period(village, "2025").state("B01") is ReturnState.ACCEPTED
    assert village.last("B01") is not None and village.state("B01") is ReturnState.NOT_STARTED
    village.close()
