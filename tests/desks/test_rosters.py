"""Rosters filled without typing twice: pasted, read from a workbook, carried over, taken from another roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from cunbao.desks.views import PastePreview
from cunbao.desks.village import practice, rosters
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.people import check_digit
from cunbao.survey.values import Cell
from world.desk import a_village_desk, cell, reopened, text, the_sample
from world.disks import told_on_a_disk


def a_number(day: str, order: int) -> str:
    first = f"999022{day}{order}"
    return first + check_digit(first)


AI = a_number("19880312", 811)  # a man
NAN = a_number("19950606", 822)  # a woman
HEADS = ("姓　名", "公民身份号码", "性别", "出生年月", "民族", "学历", "联系电话", "备注")


def pasted(*rows: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """As Excel puts it on the clipboard."""
    return rosters.read_clipboard("\r\n".join("\t".join(row) for row in rows) + "\r\n")


def look(desk: VillageDesk, *rows: Sequence[str], **how: object) -> PastePreview:
    return rosters.preview(desk, "B04", "b04_p", pasted(*rows), **how)  # type: ignore[arg-type]


def row_ids(desk: VillageDesk) -> tuple[str, ...]:
    return desk.instance("B04").rows("b04_p")


# --- paste -----------------------------------------------------------------------------------------------------------


def test_heads_in_use_find_their_columns_and_looking_changes_nothing(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    before = desk.instance("B04").answers()
    seen = look(desk, HEADS, ("岩爱", AI, "男", "1988年3月12日", "傣族", "普通高中毕业", "19900000321", "新来"))
    assert seen.header and seen.heads == HEADS
    assert seen.mapping == (
        "b04_p_name", "b04_p_id", "b04_p_sex", "b04_p_birth", "b04_p_ethnic", "b04_p_edu", "b04_p_phone", "",
    )  # fmt: skip
    assert (seen.news, seen.updates, seen.problems) == (1, 0, 0)
    assert seen.rows[0].name == "岩爱" and seen.rows[0].cells[4].shown == "傣族"
    assert desk.instance("B04").answers() == before
    desk.close()


def test_taken_over_it_is_on_the_disk_and_one_undo_takes_all_of_it_back(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    before = row_ids(desk)
    seen = look(
        desk,
        HEADS,
        ("岩爱", AI, "男", "1988-3-12", "傣族", "普通高中毕业", "19900000321", ""),
        ("玉南", NAN, "女", "19950606", "哈尼族", "大学本科毕业", "19900000322", ""),
    )
    assert rosters.take_over(desk, seen, group="paste-1") == (0, 2)
    assert desk.workspace.journal_entries()[-1].act == "paste"
    desk.close()
    desk = reopened(tmp_path / "village")
    rows = row_ids(desk)
    assert rows[: len(before)] == before and len(rows) == len(before) + 2
    assert text(desk, "B04", "b04_p_name", len(rows)) == "玉南" and text(desk, "B04", "b04_p_id", len(rows)) == NAN
    assert text(desk, "B04", "b04_p_sex", len(rows)) == "2"  # derived, never pasted
    assert desk.undo() is not None and row_ids(desk) == before
    assert desk.redo() is not None and row_ids(desk) == rows
    desk.close()


def test_a_known_identity_number_updates_the_row_that_is_there(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    known, here = text(desk, "B04", "b04_p_id", 2), row_ids(desk)
    seen = look(desk, ("姓名", "身份证", "手机"), ("岩新名", known, "19900000333"))
    assert (seen.updates, seen.news) == (1, 0) and seen.rows[0].row_id == here[1]
    assert rosters.take_over(desk, seen, group="g") == (1, 0)
    assert row_ids(desk) == here
    assert text(desk, "B04", "b04_p_name", 2) == "岩新名" and text(desk, "B04", "b04_p_phone", 2) == "19900000333"
    assert text(desk, "B04", "b04_p_edu", 2)  # what the paste does not name stays
    desk.close()


def test_digits_that_excel_lost_are_not_taken_over(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    seen = look(desk, ("姓名", "身份证号"), ("岩爱", "5.32822E+17"))
    assert seen.problems == 1 and seen.rows[0].outcome == "problem"
    assert "后几位已丢" in seen.rows[0].cells[1].problem
    assert rosters.take_over(desk, seen, group="g") == (0, 0)
    mended = look(desk, ("姓名", "身份证号"), ("岩爱", "5.32822E+17"), mended={(1, 1): AI})
    assert (mended.problems, mended.news) == (0, 1)
    assert rosters.take_over(desk, mended, group="g") == (0, 1)
    desk.close()


def test_a_word_that_is_in_no_list_offers_what_is_likely_meant(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    seen = look(desk, ("姓名", "文化程度"), ("岩爱", "高中/中专"))
    problem = seen.rows[0].cells[1]
    assert seen.problems == 1 and "不在代码表里" in problem.problem
    assert problem.choices and any("高中" in label for _, label in problem.choices)
    code = problem.choices[0][0]
    assert look(desk, ("姓名", "文化程度"), ("岩爱", "高中/中专"), mended={(1, 1): code}).problems == 0
    desk.close()


@pytest.mark.parametrize(
    "spelled", ["2025-9-15", "2025/09/15", "2025.9.15", "2025年9月15日", "20250915", "2025/9/15 0:00:00", "2025-09-15"]
)
def test_dates_are_understood_as_offices_write_them(tmp_path: Path, spelled: str) -> None:
    desk = a_village_desk(tmp_path, "filled")
    seen = look(desk, ("姓名", "参加培训日期"), ("岩爱", spelled))
    assert seen.rows[0].cells[1].text == "2025-09-15" and seen.problems == 0
    desk.close()


@pytest.mark.parametrize("spelled", ["2025-13-01", "去年", "9月15日", "2099-01-01"])
def test_dates_that_are_none_are_shown_with_the_reason(tmp_path: Path, spelled: str) -> None:
    desk = a_village_desk(tmp_path, "filled")
    seen = look(desk, ("姓名", "参加培训日期"), ("岩爱", spelled))
    assert seen.rows[0].outcome == "problem" and seen.rows[0].cells[1].problem
    desk.close()


def test_columns_that_follow_from_the_number_are_only_compared(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    assert look(desk, HEADS[:4], ("岩爱", AI, "男", "1988.3"), ("玉南", NAN, "女性", "1995年6月")).problems == 0
    seen = look(desk, HEADS[:4], ("岩爱", AI, "女", "1988-03-12"), ("玉南", NAN, "女", "1995-06-07"))
    assert "由身份证号得出的是“男性”" in seen.rows[0].cells[2].problem
    assert "1995-06-06" in seen.rows[1].cells[3].problem
    assert [one for one in seen.fields if one[0] == "b04_p_sex"] == [("b04_p_sex", "性别（只核对）")]
    desk.close()


def test_the_same_person_twice_in_one_paste_is_named(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    seen = look(desk, ("姓名", "身份证号"), ("岩爱", AI), ("岩爱爱", AI))
    assert [row.outcome for row in seen.rows] == ["new", "problem"]
    assert "第 2 行" in seen.rows[1].cells[1].problem
    desk.close()


def test_a_column_can_be_left_out_or_given_another_meaning(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    rows = (("甲", "乙"), ("岩爱", AI))
    assert look(desk, *rows).header is False
    seen = look(desk, *rows, mapping=("", "b04_p_id"), header=True)
    assert [cell.text for cell in seen.rows[0].cells] == ["岩爱", AI] and seen.rows[0].name == ""
    rosters.take_over(desk, seen, group="g")
    assert text(desk, "B04", "b04_p_name", len(row_ids(desk))) == ""
    desk.close()


def test_cells_with_line_breaks_and_quotes_stay_whole() -> None:
    assert rosters.read_clipboard('姓名\t住址\n岩爱\t"一组\n二组 ""老寨"""\n') == (
        ("姓名", "住址"),
        ("岩爱", '一组\n二组 "老寨"'),
    )


def test_an_empty_clipboard_and_a_whole_sheet_are_refused(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    with pytest.raises(CunbaoError) as said:
        rosters.preview(desk, "B04", "b04_p", rosters.read_clipboard("\n\t\n"))
    assert said.value.code == "paste.empty"
    with pytest.raises(CunbaoError) as said:
        rosters.read_clipboard("岩爱\n" * (rosters.MOST_ROWS + 1))
    assert said.value.code == "paste.too_many"
    desk.close()


def test_a_paste_that_the_disk_refuses_is_not_half_on_the_screen(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        4000,
        """
        from cunbao.desks.village import rosters
        desk = a_village_desk(disk, "filled")
        before = desk.instance("B04").answers()
        rows = [("姓名", "手机号")] + [("岩" + "爱" * 20, f"199{n:08}") for n in range(200)]
        seen = rosters.preview(desk, "B04", "b04_p", rows)
        fill(leave=4096)
        print(refused(lambda: rosters.take_over(desk, seen, group="g")))
        print(desk.instance("B04").answers() == before)
        (disk / "filler").unlink()
        types(desk, "B04", "b04_lecture", "3")
        desk.close()
        desk = reopened(disk / "village")
        print(len(desk.instance("B04").rows("b04_p")) == len(before.rows["b04_p"]), text(desk, "B04", "b04_lecture"))
        desk.close()
        """,
    )
    assert said.splitlines() == ["disk.full", "True", "True 3"]


# --- workbooks -------------------------------------------------------------------------------------------------------


def test_a_workbook_gives_what_is_typed_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "空表"
    sheet = book.create_sheet("名册")
    sheet.append(["姓名", "身份证号", "手机号", "本年培训学时", "参加培训日期"])
    sheet.append(["岩爱", AI, 19900000321, 12.5, date(2025, 9, 15)])
    sheet.append(["玉南", float(NAN[:17] + "0"), "19900000322", 8, datetime(2025, 9, 15, 10, 30)])  # noqa: DTZ001 (Excel knows no zone)
    sheet.append([None, None, None, None, None])
    path = tmp_path / "名册.xlsx"
    book.save(path)
    cells = rosters.read_workbook(path)
    assert cells[1] == ("岩爱", AI, "19900000321", "12.5", "2025-09-15")
    assert cells[2][1].startswith("9.99022E+17") and cells[2][3:] == ("8", "2025-09-15")
    desk = a_village_desk(tmp_path, "filled")
    seen = rosters.preview(desk, "B04", "b04_p", cells)
    assert "b04_p_hours" in seen.mapping and "后几位已丢" in seen.rows[1].cells[1].problem
    desk.close()


def test_what_is_no_workbook_gets_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "名册.xlsx").write_bytes(b"PK not a zip")
    for path in (tmp_path / "名册.xlsx", tmp_path / "没有.xlsx"):
        with pytest.raises(CunbaoError) as said:
            rosters.read_workbook(path)
        assert said.value.code == "workbook.unreadable" and path.name in said.value.happened


# --- last period -----------------------------------------------------------------------------------------------------


def test_who_stays_comes_over_with_his_row_and_without_figures_of_the_year(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    last = desk.last("B03")
    assert last is not None
    then = last.rows["b03_m"]
    lines = rosters.carry_lines(desk, "B03", "b03_m")
    assert [line.row_id for line in lines] == [row.id for row in then]
    assert lines[0].name == then[0].values["b03_m_name"] and "书记" in lines[0].line
    staying = [line.row_id for line in lines][:-1]
    assert rosters.carry_over(desk, "B03", "b03_m", staying, group="carry") is not None
    assert desk.instance("B03").rows("b03_m") == tuple(staying)
    for number in range(1, len(staying) + 1):
        assert text(desk, "B03", "b03_m_id", number) == then[number - 1].values["b03_m_id"]
        assert text(desk, "B03", "b03_m_hours", number) == ""  # 本年培训学时
    assert [line.here for line in rosters.carry_lines(desk, "B03", "b03_m")] == [True] * len(staying) + [False]
    assert rosters.carry_over(desk, "B03", "b03_m", staying, group="again") is None  # nobody twice
    desk.close()
    desk = reopened(tmp_path / "village")
    assert desk.undo() is not None and desk.instance("B03").rows("b03_m") == ()
    desk.close()


def test_without_a_last_period_there_is_nothing_to_carry(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "new")
    assert rosters.carry_lines(desk, "B03", "b03_m") == ()
    assert rosters.carry_over(desk, "B03", "b03_m", [], group="g") is None
    desk.close()


# --- the same person elsewhere ---------------------------------------------------------------------------------------


def test_the_same_person_of_another_roster_is_offered_and_nothing_of_his_is_typed_twice(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    practice.fill(desk, "B03", the_sample(desk)["B03"])
    number, phone = text(desk, "B03", "b03_m_id", 1), text(desk, "B03", "b03_m_phone", 1)
    change = desk.add_row("B04", "b04_p", {"b04_p_id": number, "b04_p_edu": "11"})
    desk.keep("B04", change.edits)
    row = row_ids(desk)[0]
    (offer,) = rosters.offers(desk, "B04", "b04_p", row)
    assert (offer.form, offer.name) == ("B03", text(desk, "B03", "b03_m_name", 1))
    rosters.take_offer(desk, "B04", row, offer, group="offer")
    assert text(desk, "B04", "b04_p_name", 1) == offer.name and text(desk, "B04", "b04_p_phone", 1) == phone
    assert text(desk, "B04", "b04_p_edu", 1) == "11"  # what was typed stays
    assert text(desk, "B04", "b04_p_hours", 1) == ""  # hours of another training are not his here
    assert rosters.offers(desk, "B04", "b04_p", row) == ()
    assert desk.undo() is not None and text(desk, "B04", "b04_p_name", 1) == ""
    desk.close()


def test_another_person_of_the_same_name_is_not_taken_for_him(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    practice.fill(desk, "B03", the_sample(desk)["B03"])
    name = text(desk, "B03", "b03_m_name", 1)
    desk.keep("B04", desk.add_row("B04", "b04_p", {"b04_p_name": name, "b04_p_id": AI}).edits)
    desk.keep("B04", desk.add_row("B04", "b04_p", {"b04_p_name": name, "b04_p_phone": "19911111111"}).edits)
    assert [rosters.offers(desk, "B04", "b04_p", row) for row in row_ids(desk)] == [(), ()]
    desk.close()


def test_people_elsewhere_are_offered_until_they_are_here(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    practice.fill(desk, "B03", the_sample(desk)["B03"])
    names = [text(desk, "B03", "b03_m_name", n) for n in range(1, len(desk.instance("B03").rows("b03_m")) + 1)]
    offered = rosters.people_elsewhere(desk, "B04", "b04_p")
    assert [one.name for one in offered] == names
    values = {name: value for name, value, _ in offered[0].values}
    desk.keep("B04", desk.add_row("B04", "b04_p", values).edits)
    assert [one.name for one in rosters.people_elsewhere(desk, "B04", "b04_p")] == names[1:]
    assert desk.instance("B04").text(Cell("b04_p_id", row_ids(desk)[0])) == text(desk, "B03", "b03_m_id", 1)
    assert cell(desk, "B04", "b04_p_name", 1).row == row_ids(desk)[0]
    desk.close()
