"""从平板导入: submissions of ODK Collect are looked at, decided on, and come into drafts; what does not fit is told."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from cunbao.desks.odkfiles import MOST_SUBMISSIONS
from cunbao.desks.village import tablet
from cunbao.desks.village.desk import VillageDesk
from cunbao.desks.village.tabletviews import KEEP, TabletCell, TabletView
from cunbao.errors import CunbaoError
from cunbao.survey.people import check_digit
from cunbao.survey.values import Cell
from world.desk import MANBANG, MANGUO, a_village_desk, text, types

Rows = Sequence[Mapping[str, str]]
AI = "99902219880312811" + check_digit("99902219880312811")
NAN = "99902219950606822" + check_digit("99902219950606822")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[VillageDesk]:
    """A village before anything is filled; last year's returns are accepted."""
    made = a_village_desk(tmp_path / "desk", "enrolled")
    yield made
    made.close()


def xml(form: str, values: Mapping[str, str], rows: Mapping[str, Rows] | None = None, *, version: str = "2025.1",
        name: str = "", uid: str = "uuid:1", replaces: str = "") -> str:  # fmt: skip
    """A submission as ODK Collect writes it: empty elements for what is not filled, meta in a namespace of its own."""
    inside = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in values.items())
    for roster, some in (rows or {}).items():
        for row in some:
            cells = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in row.items() if key != "row_id")
            known = f' row_id="{row["row_id"]}"' if "row_id" in row else ""
            inside += f"<{roster}{known}>{cells}</{roster}>"
    meta = f"<orx:instanceID>{uid}</orx:instanceID><orx:instanceName>{name}</orx:instanceName>"
    meta += f"<orx:deprecatedID>{replaces}</orx:deprecatedID>" if replaces else ""
    return (
        f'<?xml version=\'1.0\' ?><data id="{form}" version="{version}" xmlns:orx="http://openrosa.org/xforms" '
        f'xmlns:jr="http://openrosa.org/javarosa">{inside}<orx:meta>{meta}</orx:meta></data>'
    )


def lay(place: Path, *some: tuple[str, str]) -> Path:
    """Instance folders as on a tablet: (name of the folder, XML)."""
    for name, content in some:
        (place / name).mkdir(parents=True)
        (place / name / f"{name}.xml").write_text(content, encoding="utf-8")
    return place


def at(seen: TabletView, field: str, row: str = "") -> TabletCell:
    found = [one for one in seen.cells if one.cell.field == field and (not row or one.cell.row == row)]
    assert len(found) == 1, [one.cell for one in seen.cells]
    return found[0]


def taken(desk: VillageDesk, place: Path, *, choose: int = 0) -> TabletView:
    seen = tablet.look(desk, place)
    tablet.take(desk, seen, {one.key: choose for one in seen.asked}, group="tablet")
    return seen


# --- a cell ----------------------------------------------------------------------------------------------------------


def test_looking_changes_nothing(desk: VillageDesk, tmp_path: Path) -> None:
    place = lay(tmp_path / "instances", ("B01_2025-12-10_09-00-00", xml("B01", {"b01_grids": "6"})))
    before = desk.instance("B01").answers()
    assert at(tablet.look(desk, place), "b01_grids").given[0].shown == "6"
    assert desk.instance("B01").answers() == before


def test_an_empty_cell_is_filled_and_a_left_one_says_nothing(desk: VillageDesk, tmp_path: Path) -> None:
    types(desk, "B01", "b01_groups", "7")
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "6", "b01_groups": ""})))
    seen = taken(desk, place)
    assert not seen.asked and (text(desk, "B01", "b01_grids"), text(desk, "B01", "b01_groups")) == ("6", "7")


def test_a_cell_that_differs_is_asked_for_before_anything_is_written(desk: VillageDesk, tmp_path: Path) -> None:
    types(desk, "B01", "b01_groups", "7")
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "6", "b01_groups": "8"})))
    seen = tablet.look(desk, place)
    assert [one.label for one in seen.asked] == ["村（居）民小组数"]
    assert (at(seen, "b01_groups").here_shown, at(seen, "b01_groups").given[0].shown) == ("7", "8")
    with pytest.raises(CunbaoError) as refused:
        tablet.take(desk, seen, group="tablet")
    assert refused.value.code == "tablet.undecided" and text(desk, "B01", "b01_grids") == ""
    done = tablet.take(desk, seen, {at(seen, "b01_groups").key: KEEP}, group="tablet")
    assert (done.cells, done.kept) == (1, 1) and text(desk, "B01", "b01_groups") == "7"
    assert text(desk, "B01", "b01_grids") == "6"


def test_the_tablet_wins_where_the_clerk_says_so(desk: VillageDesk, tmp_path: Path) -> None:
    types(desk, "B01", "b01_groups", "7")
    taken(desk, lay(tmp_path / "instances", ("a", xml("B01", {"b01_groups": "8"}))))
    assert text(desk, "B01", "b01_groups") == "8"


def test_what_says_the_same_is_no_news(desk: VillageDesk, tmp_path: Path) -> None:
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "６", "b01_area_km2": "12.50"})))
    taken(desk, place)
    seen = tablet.look(desk, place)
    assert (seen.cells, seen.rows, seen.same) == ((), (), 2)


def test_a_wrong_value_is_kept_and_marked(desk: VillageDesk, tmp_path: Path) -> None:
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "很多", "b01_kind": "99"})))
    seen = taken(desk, place)
    assert "不是数字" in at(seen, "b01_grids").problem and seen.problems == 1
    assert text(desk, "B01", "b01_grids") == "很多" and desk.instance("B01").findings_at(Cell("b01_grids"))


def test_one_undo_takes_a_form_back(desk: VillageDesk, tmp_path: Path) -> None:
    types(desk, "B01", "b01_groups", "7")
    place = lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "6", "b01_groups": "8", "b01_compounds": "0"})))
    taken(desk, place)
    desk.undo()
    assert [text(desk, "B01", name) for name in ("b01_grids", "b01_groups", "b01_compounds")] == ["", "7", ""]


def test_a_draft_that_moved_after_the_look_is_looked_at_again(desk: VillageDesk, tmp_path: Path) -> None:
    seen = tablet.look(desk, lay(tmp_path / "instances", ("a", xml("B01", {"b01_grids": "6"}))))
    types(desk, "B01", "b01_grids", "9")
    with pytest.raises(CunbaoError) as refused:
        tablet.take(desk, seen, group="tablet")
    assert refused.value.code == "tablet.moved" and text(desk, "B01", "b01_grids") == "9"


# --- rosters ---------------------------------------------------------------------------------------------------------


def test_a_person_is_known_by_his_number_and_a_new_one_makes_a_row(desk: VillageDesk, tmp_path: Path) -> None:
    desk.keep("B04", desk.add_row("B04", "b04_p", {"b04_p_name": "岩爱", "b04_p_id": AI}).edits)
    (row,) = desk.instance("B04").rows("b04_p")
    people = [
        {"b04_p_name": "玉南", "b04_p_id": NAN.lower(), "b04_p_phone": "19900000322"},
        {"b04_p_name": "岩爱", "b04_p_id": AI, "b04_p_phone": "19900000321"},
        {"b04_p_name": "", "b04_p_id": ""},
    ]
    seen = taken(desk, lay(tmp_path / "instances", ("a", xml("B04", {}, {"b04_p": people}))))
    assert [one.name for one in seen.rows] == ["玉南"] and seen.rows[0].cells == 3
    assert len(desk.instance("B04").rows("b04_p")) == 2
    assert desk.instance("B04").text(Cell("b04_p_phone", row)) == "19900000321"
    assert at(seen, "b04_p_id").given[0].shown.count("*") == 8  # a number is masked where it is shown


def test_a_row_is_known_by_its_id(desk: VillageDesk, tmp_path: Path) -> None:
    desk.keep("B02", desk.add_row("B02", "b02_f", {"b02_f_name": "活动室"}).edits)
    (row,) = desk.instance("B02").rows("b02_f")
    place = lay(tmp_path / "instances", ("a", xml("B02", {}, {"b02_f": [{"row_id": row, "b02_f_name": "文化活动室"}]})))
    assert at(tablet.look(desk, place), "b02_f_name").here_shown == "活动室"
    taken(desk, place)
    assert desk.instance("B02").rows("b02_f") == (row,)


def test_reading_a_folder_twice_adds_no_row_twice(desk: VillageDesk, tmp_path: Path) -> None:
    rooms = [{"b02_f_name": "活动室", "b02_f_area": "30"}, {"b02_f_name": "活动室", "b02_f_area": "30"}]
    place = lay(tmp_path / "instances", ("a", xml("B02", {}, {"b02_f": rooms})))
    taken(desk, place)
    assert len(desk.instance("B02").rows("b02_f")) == 2
    seen = tablet.look(desk, place)
    assert (seen.rows, seen.cells) == ((), ())


def test_a_submission_that_was_mended_finds_the_row_that_it_made(desk: VillageDesk, tmp_path: Path) -> None:
    taken(desk, lay(tmp_path / "one", ("a", xml("B02", {}, {"b02_f": [{"b02_f_name": "活动室", "b02_f_area": "30"}]}))))
    again = xml("B02", {}, {"b02_f": [{"b02_f_name": "活动室", "b02_f_area": "33.5"}]})
    seen = tablet.look(desk, lay(tmp_path / "two", ("a", again)))
    assert seen.rows == () and [one.cell.field for one in seen.asked] == ["b02_f_area"]


def test_one_submission_a_person_makes_one_roster(desk: VillageDesk, tmp_path: Path) -> None:
    first = xml("B04", {}, {"b04_p": [{"b04_p_name": "岩爱", "b04_p_id": AI}]}, uid="uuid:1")
    other = xml("B04", {}, {"b04_p": [{"b04_p_name": "玉南", "b04_p_id": NAN}]}, uid="uuid:2")
    more = xml("B04", {}, {"b04_p": [{"b04_p_id": AI, "b04_p_phone": "19900000321"}]}, uid="uuid:3")
    seen = taken(desk, lay(tmp_path / "instances", ("a", first), ("b", other), ("c", more)))
    assert [one.name for one in seen.rows] == ["岩爱", "玉南"] and not seen.asked
    rows = desk.instance("B04").rows("b04_p")
    assert [desk.instance("B04").text(Cell("b04_p_phone", row)) for row in rows] == ["19900000321", ""]


def test_two_submissions_that_say_two_things_are_asked_about(desk: VillageDesk, tmp_path: Path) -> None:
    late = ("B01_2025-12-11_08-00-00", xml("B01", {"b01_grids": "6"}, uid="uuid:2"))
    early = ("B01_2025-12-10_08-00-00", xml("B01", {"b01_grids": "5"}, uid="uuid:1"))
    seen = tablet.look(desk, lay(tmp_path / "instances", late, early))
    assert [one.when[:10] for one in seen.files] == ["2025-12-10", "2025-12-11"]
    (asked,) = seen.asked
    assert [(one.text, one.files) for one in asked.given] == [("5", (0,)), ("6", (1,))]
    tablet.take(desk, seen, {asked.key: 0}, group="tablet")
    assert text(desk, "B01", "b01_grids") == "5"


# --- what cannot be used ---------------------------------------------------------------------------------------------

GOOD = ("good", xml("B01", {"b01_grids": "6"}, uid="uuid:good"))
ENTITIES = "<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><data id='B01'><b01_grids>&b;</b01_grids></data>"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "读不下去"),
        (b"<data id='B01'><b01_grids>6", "读不下去"),
        (b"\x00\x01\x02", "UTF-8"),
        (GOOD[1].encode("utf-16"), "UTF-8"),
        (b"<?xml version='1.0' encoding='gb18030'?><data id='B01'/>", "UTF-8"),
        (ENTITIES.encode(), "文档类型"),
        (b"<data id='B01'>" + b"<a/>" * 400_001 + b"</data>", "项数太多"),
        (b"<data id='B01'>" + b" " * 20_000_001 + b"</data>", "太大"),
        (b"<a>" * 5000, "读不下去"),
        (b"<data><a>1</a></data>", "没有写是哪张表"),
        (b"<data id='B01' encrypted='yes'><base64EncryptedKey/></data>", "加密"),
        (xml("B99", {"a": "1"}).encode(), "没有这张表"),
        (xml("T01", {"a": "1"}).encode(), "没有这张表"),
        (xml("B01", {"b01_grids": "1"}, name=f"{MANGUO} 曼国村 B01 2025").encode(), MANGUO),
        (xml("B01", {"b01_grids": "1"}, name=f"{MANBANG} 曼蚌村 B01 2024").encode(), "2024"),
    ],
)
def test_each_that_cannot_be_used_is_told_and_the_others_are_offered(
    desk: VillageDesk, tmp_path: Path, content: bytes, words: str
) -> None:
    place = lay(tmp_path / "instances", GOOD)
    (place / "bad").mkdir()
    (place / "bad" / "bad.xml").write_bytes(content)
    seen = taken(desk, place)
    told = {one.name: one for one in seen.files}
    assert words in told["bad"].refused and told["bad"].todo and not told["good"].refused
    assert text(desk, "B01", "b01_grids") == "6"


def test_another_version_is_taken_by_name_and_what_was_dropped_is_told(desk: VillageDesk, tmp_path: Path) -> None:
    content = xml("B01", {"b01_grids": "6", "b01_old": "3", "b01_gone": ""}, version="2024.1")
    seen = taken(desk, lay(tmp_path / "instances", ("a", content)))
    assert seen.files[0].unknown == (("b01_old", "3"),)
    assert any("2024.1" in note for note in seen.files[0].notes) and any("b01_old" in n for n in seen.files[0].notes)
    assert text(desk, "B01", "b01_grids") == "6"


def test_groups_of_the_tablet_are_of_no_matter(desk: VillageDesk, tmp_path: Path) -> None:
    content = "<data id='B01' version='2025.1'><g><h><b01_grids>6</b01_grids></h></g></data>"
    taken(desk, lay(tmp_path / "instances", ("a", content)))
    assert text(desk, "B01", "b01_grids") == "6"


def test_what_the_program_works_out_is_not_taken(desk: VillageDesk, tmp_path: Path) -> None:
    seen = tablet.look(desk, lay(tmp_path / "instances", ("a", xml("B01", {"b01_aged": "99", "b01_grids": "6"}))))
    assert [one.cell.field for one in seen.cells] == ["b01_grids"]


def test_a_signed_return_is_left_alone(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    seen = tablet.look(desk, lay(tmp_path / "instances", GOOD))
    assert "已签名" in seen.files[0].refused and "撤回签名" in seen.files[0].todo and not seen.cells
    desk.close()


def test_a_submission_is_taken_once_and_in_its_newest_edit(desk: VillageDesk, tmp_path: Path) -> None:
    old = xml("B01", {"b01_grids": "5"}, uid="uuid:1")
    new = xml("B01", {"b01_grids": "6"}, uid="uuid:2", replaces="uuid:1")
    seen = taken(desk, lay(tmp_path / "instances", ("a", old), ("b", new), ("c", new)))
    assert ["改过" in one.refused for one in seen.files] == [True, False, False]
    assert seen.files[2].refused == tablet.SAME_FILE
    assert text(desk, "B01", "b01_grids") == "6"


# --- places ----------------------------------------------------------------------------------------------------------


def test_a_folder_pulled_from_a_tablet_is_read_with_all_that_lies_about(desk: VillageDesk, tmp_path: Path) -> None:
    top = tmp_path / "org.odk.collect.android" / "files" / "projects" / "7f3a"
    lay(top / "instances", GOOD)
    (top / "instances" / "good" / "1733.jpg").write_bytes(b"\xff\xd8")
    (top / "forms").mkdir()
    (top / "forms" / "B01.xml").write_text('<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>', encoding="utf-8")
    (top / "metadata.db").write_bytes(b"SQLite")
    seen = tablet.look(desk, tmp_path / "org.odk.collect.android")
    assert [one.name for one in seen.files] == ["good"] and seen.files[0].attachments == ("1733.jpg",)
    assert "没有取" in seen.files[0].notes[0]


def test_a_zip_of_instance_folders_and_one_file_are_read_too(desk: VillageDesk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "from.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("instances/good/good.xml", GOOD[1])
        archive.writestr("instances/bomb/bomb.xml", b" " * 30_000_000)
    seen = tablet.look(desk, tmp_path / "from.zip")
    assert {one.name: bool(one.refused) for one in seen.files} == {"good": False, "bomb": True}
    (tmp_path / "one.xml").write_text(GOOD[1], encoding="utf-8")
    assert at(tablet.look(desk, tmp_path / "one.xml"), "b01_grids")


def test_what_a_server_exports_as_csv_is_read_too(desk: VillageDesk, tmp_path: Path) -> None:
    main = (
        "SubmissionDate,b02_zero,meta-instanceID,meta-instanceName,KEY,FormVersion\r\n"
        f"2025-12-11T08:00:00.000Z,0,uuid:1,{MANBANG} 曼蚌村 B02 2025,uuid:1,2025.1\r\n"
        f"2025-12-11T09:00:00.000Z,1,uuid:2,{MANGUO} 曼国村 B02 2025,uuid:2,2025.1\r\n"
    )
    rooms = (
        "b02_f_name,room-b02_f_area,b02_f_rooms,b02_f_rooms/11,PARENT_KEY,KEY\r\n"
        "活动室,30,11 12,1,uuid:1,uuid:1/b02_f[1]\r\n卫生室,41.5,,0,uuid:1,uuid:1/b02_f[2]\r\n"
        "别村的,9,,0,uuid:2,uuid:2/b02_f[1]\r\n"
    )
    with zipfile.ZipFile(tmp_path / "B02.csv.zip", "w") as archive:
        archive.writestr("B02.csv", "\ufeff" + main)
        archive.writestr("B02-b02_f.csv", rooms)
        archive.writestr("media/1.jpg", b"")
    seen = taken(desk, tmp_path / "B02.csv.zip")
    assert [bool(one.refused) for one in seen.files] == [False, True] and seen.files[0].when == "2025-12-11 08:00:00"
    rows = desk.instance("B02").rows("b02_f")
    assert [desk.instance("B02").text(Cell("b02_f_name", row)) for row in rows] == ["活动室", "卫生室"]
    assert desk.instance("B02").text(Cell("b02_f_rooms", rows[0])) == "11 12" and text(desk, "B02", "b02_zero") == "0"
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "yes_no.csv").write_text("code,label\n1,是\n", encoding="utf-8")
    with pytest.raises(CunbaoError) as refused:
        tablet.look(desk, tmp_path / "lists")
    assert refused.value.code == "tablet.none"
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "B02.csv").write_bytes(b"SubmissionDate,KEY\n\xff\xfe,1\n")
    assert "CSV" in tablet.look(desk, tmp_path / "bad").files[0].refused


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("gone", None, "tablet.missing"), ("a.zip", b"PK\3\4cut", "tablet.zip"), ("empty", b"", "tablet.none")],
)
def test_a_place_without_submissions_is_told(
    desk: VillageDesk, tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    place = tmp_path / name
    if content == b"":
        place.mkdir()
    elif content is not None:
        place.write_bytes(content)
    with pytest.raises(CunbaoError) as refused:
        tablet.look(desk, place)
    assert refused.value.code == code


def test_a_whole_card_of_submissions_is_too_many(desk: VillageDesk, tmp_path: Path) -> None:
    place = tmp_path / "instances"
    place.mkdir()
    for number in range(MOST_SUBMISSIONS + 1):
        (place / f"{number}.xml").write_text("<data id='B01'/>", encoding="utf-8")
    with pytest.raises(CunbaoError) as refused:
        tablet.look(desk, place)
    assert refused.value.code == "tablet.many"


def test_the_journal_says_what_was_taken(desk: VillageDesk, tmp_path: Path) -> None:
    taken(desk, lay(tmp_path / "instances", GOOD))
    newest = desk.workspace.journal_entries()[-1]
    assert newest.act == "tablet"
