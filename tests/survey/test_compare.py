"""What a reviewer sees of two versions of a return: every cell that differs, as a person reads it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.survey.compare import ChangeKind, about, all_lines, changes, unchanged
from cunbao.survey.sample import MANBANG
from cunbao.survey.values import Cell
from world.signed import a_return, edited, number, the_form
from world.villages import a_village, last_year, the_task

YAN = {"name": "岩温", "id": number(1), "post": "11", "phone": "13800000001", "pay": "2500"}
YU = {"name": "玉香", "id": number(2), "post": "12"}
BEFORE = a_return(head="岩叫", area="484", uses="01", rented="0", m={"r1": YAN, "r2": YU}, f={"f1": {"name": "凉亭"}})


def seen(after, before=BEFORE):
    return {one.cell: one for one in changes(the_form(), before, after)}


def texts(after, before=BEFORE):
    return [
        (one.row_label, one.label, one.before, one.after, one.difference) for one in changes(the_form(), before, after)
    ]


def test_the_same_return_has_no_changes_and_every_cell_is_unchanged():
    assert changes(the_form(), BEFORE, BEFORE) == ()
    assert unchanged(the_form(), BEFORE, BEFORE) == len(all_lines(the_form(), BEFORE)) == 16


def test_changed_cells_come_in_the_forms_order_with_labels_and_signed_differences():
    after = edited(BEFORE, area="532.5", uses="01 02", head="岩光", m={"r1": {"pay": "2600.5"}})
    assert texts(after) == [
        ("", "负责人", "岩叫", "岩光", ""),
        ("", "建筑面积", "484.00", "532.50", "+48.50"),
        ("", "用途", "办公", "办公、活动", ""),
        ("", "每百户面积", "121", "133.13", "+12.13"),
        ("第 1 行 岩温", "月报酬", "2500.00", "2600.50", "+100.50"),
    ]
    assert seen(after)[Cell("per100")].calculated and not seen(after)[Cell("area")].calculated
    assert seen(after)[Cell("area")].unit == "平方米"


def test_a_number_that_was_empty_has_no_difference_since_unknown_is_not_zero():
    after = edited(BEFORE, hours="42", area="")
    assert [(one.before, one.after, one.difference) for one in changes(the_form(), BEFORE, after)] == [
        ("", "42", ""),
        ("484.00", "", ""),
        ("121", "", ""),
    ]


def test_a_text_in_a_number_cell_is_shown_as_it_was_typed():
    found = seen(edited(BEFORE, area="四百"))[Cell("area")]
    assert (found.after, found.difference) == ("四百", "")


@given(st.decimals(-(10**12), 10**12, places=2), st.decimals(-(10**12), 10**12, places=2))
def test_a_difference_is_exact(old, new):
    found = seen(a_return(area=str(new)), a_return(area=str(old))).get(Cell("area"))
    if old == new:
        assert found is None
    else:
        assert found is not None
        assert Decimal(found.difference) == new - old
        assert found.difference[0] == ("+" if new > old else "-") and found.difference[-3] == "."


def test_a_row_that_came_is_one_change_and_unfolds_into_its_cells():
    found = seen(edited(BEFORE, m={"r9": {"name": "岩坎", "id": number(9), "post": "12", "phone": "13900000000"}}))
    new = found[Cell("m", "r9")]
    assert (new.kind, new.label, new.row_label, new.row_name) == (ChangeKind.ADDED_ROW, "整行", "第 3 行 岩坎", "岩坎")
    assert (new.before, new.after) == ("", "委员")
    assert [(one.label, one.after, one.mask, one.kind) for one in new.cells] == [
        ("姓名", "岩坎", "", ChangeKind.ADDED_ROW),
        ("身份证号", number(9), "id", ChangeKind.ADDED_ROW),
        ("职务", "委员", "", ChangeKind.ADDED_ROW),
        ("手机号", "13900000000", "phone", ChangeKind.ADDED_ROW),
    ]
    assert set(found) == {Cell("m", "r9"), Cell("n")}  # and the number of people


def test_a_row_that_went_is_told_with_its_old_place_where_it_stood():
    found = [one for one in changes(the_form(), BEFORE, edited(BEFORE, delete=("r1",), m={"r2": {"post": "11"}}))]
    assert [(one.kind, one.row_label, one.before, one.after) for one in found if one.cell.row] == [
        (ChangeKind.DELETED_ROW, "原第 1 行 岩温", "书记", ""),
        (ChangeKind.CHANGED, "第 1 行 玉香", "委员", "书记"),
    ]
    assert [one.before for one in found[0].cells] == ["岩温", number(1), "书记", "13800000001", "2500.00"]


def test_one_person_typed_again_on_another_computer_is_compared_and_not_new():
    after = edited(BEFORE, delete=("r1",), m={"x7": {**YAN, "post": "12"}})
    assert [(one.cell, one.label, one.before, one.after) for one in changes(the_form(), BEFORE, after)] == [
        (Cell("m_post", "x7"), "职务", "书记", "委员")
    ]


def test_moving_rows_changes_nothing():
    turned = a_return(
        head="岩叫", area="484", uses="01", rented="0", m={"r2": YU, "r1": YAN}, f={"f1": {"name": "凉亭"}}
    )
    assert changes(the_form(), BEFORE, turned) == ()


def test_the_first_return_is_new_throughout():
    found = changes(the_form(), None, BEFORE)
    assert [one.cell for one in found if one.kind is ChangeKind.ADDED_ROW] == [
        Cell("m", "r1"),
        Cell("m", "r2"),
        Cell("f", "f1"),
    ]
    assert all(one.before == "" for one in found)
    assert unchanged(the_form(), None, BEFORE) == 0


def test_helpers_that_nobody_sees_are_not_shown():
    after = edited(BEFORE, m={"r1": {"cert": "1", "cert_no": "滇-1"}})
    assert [one.label for one in changes(the_form(), BEFORE, after)] == ["持证", "证号"]


def test_words_about_a_row_never_hold_personal_data():
    repeat = the_form().repeat("m")
    row = a_return(m={"r1": {"name": "岩温", "id": number(1), "phone": "13800000001", "pay": "2500"}}).rows["m"][0]
    assert about(repeat, row) == "月报酬 2500.00"


@pytest.mark.parametrize("form", ["B01", "B02", "B03", "B04", "B05", "B06", "B07"])
def test_every_form_is_compared_with_last_year_and_all_cells_are_accounted_for(form):
    task, now, before = the_task(), a_village(MANBANG).signed()[form], last_year(MANBANG)[form]
    sheet = task.forms[form]
    found = changes(sheet, before, now)
    assert found
    flat = [one for line in found for one in (line.cells or (line,))]
    there = sum(one.kind is not ChangeKind.DELETED_ROW and bool(one.after) for one in flat)
    assert unchanged(sheet, before, now) + there == len(all_lines(sheet, now))
    assert {one.mask for one in all_lines(sheet, now)} >= ({"id", "phone"} if form in ("B03", "B04") else {""})
