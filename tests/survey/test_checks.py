"""The whole check as the clerk meets it: what is wrong, where, said once; silent where nothing is known yet."""

from collections import Counter
from dataclasses import replace

import pytest

from cunbao.errors import SurveyError
from cunbao.survey import people
from cunbao.survey.checks import check, judge
from cunbao.survey.logic import World, formula
from cunbao.survey.sample import COMMUNITY, JINGZHEN, MANBANG, MANLING
from cunbao.survey.values import Answers, Cell, Ret, Row, Severity
from world.effort import calls
from world.villages import a_village, must_fix, the_task


def found(village, check_id, **facts):
    return [one for one in village.findings(**facts) if one.check == check_id]


# --- three values ---------------------------------------------------------------------------------------------------


def said(expression, **values):
    world = World(forms=the_task().forms, answers={"B01": Answers(values)}, lists=the_task().lists)
    return formula(expression, the_task().forms)(world)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("B01.b01_groups > 3", True),
        ("B01.b01_grids > 3", None),  # empty: nothing is known
        ("B01.b01_groups > 9 and B01.b01_grids > 3", False),  # false whatever the other is
        ("B01.b01_groups > 3 and B01.b01_grids > 3", None),
        ("B01.b01_groups > 3 or B01.b01_grids > 3", True),
        ("B01.b01_groups > 9 or B01.b01_grids > 3", None),
        ("B01.b01_grids = ''", True),
        ("B01.b01_groups = ''", False),
        ("B01.b01_grids != ''", False),
        ("B01.b01_grids != 3", None),
        ("B01.b01_groups div 0 > 1", None),
        ("coalesce(B01.b01_grids, 0) = 0", True),
        ("not(B01.b01_grids > 3)", None),
        ("(B01.b01_groups = 5) = (B01.b01_kind = '10')", True),
        ("if(B01.b01_groups > 3, 1, 0) = 1", True),
        ("0.1 + 0.2 = 0.3", True),
        ("max(B01.b01_groups, B01.b01_grids) = 5", None),
        ("subset('1 2', '3 2 1')", True),
        ("subset('1 4', '3 2 1')", False),
        ("minage('11') = 25", True),
        ("minage('12') > 0", None),
        ("translate('2025-12-15', '-', '') = '20251215'", True),
        ("isdate('2025-02-29')", False),
        ("provinceok('999022')", False),
    ],
)
def test_empty_fields_say_nothing_either_way(expression, expected):
    assert said(expression, b01_groups="5", b01_kind="10") is expected


def test_text_in_a_number_cell_is_no_figure():
    assert said("B01.b01_groups >= 0", b01_groups="五") is None


@pytest.mark.parametrize(
    "broken",
    [
        "B01.nothing > 1",
        "B09.x = 1",
        "frob(1)",
        "every(B01.b01_kind, 1)",
        "b01_kind = 1",
        "without(B07.b07_honour, B07.b07_nothing)",
        "without(B01.b01_groups, B01.b01_grids)",
        "without('01', B07.b07_honour)",
    ],
)
def test_an_expression_that_names_what_is_not_there_is_refused(broken):
    with pytest.raises(SurveyError):
        formula(broken, the_task().forms)


# --- findings -------------------------------------------------------------------------------------------------------


def test_a_finding_names_the_cells_the_values_and_what_to_do():
    village = a_village(MANBANG).types("B01", "b01_dibao_hh", "999").types("B01", "b01_dibao_pop", "50")
    (one,) = found(village, "K-011")
    assert one.severity is Severity.MUST_FIX and one.form == "B01"
    assert {cell.field for cell in one.cells} == {"b01_dibao_pop", "b01_dibao_hh"}
    assert one.message == "低保999户、50人，人数不能少于户数"


def test_what_to_do_stands_apart_from_what_is_wrong():
    village = a_village(MANBANG).types("B03", "b03_m_pay", "0", row=2)
    (one,) = found(village, "K-071")
    assert (one.message, one.remedy) == ("第2行玉香月报酬为0", "请说明") or one.message.startswith("第2行")
    assert one.remedy == "请说明"
    assert one.cells == (Cell("b03_m_pay", village.instances["B03"].rows("b03_m")[1]),)
    assert one.key == f"K-071:{one.cells[0].row}"


def test_each_failing_row_is_one_finding():
    village = a_village(MANBANG).types("B03", "b03_m_review", "0", row=1).types("B03", "b03_m_review", "0", row=4)
    assert [one.message[:3] for one in found(village, "K-065")] == ["第1行", "第4行"]


def test_the_same_person_twice_names_both_rows():
    village = a_village(MANBANG)
    rows = village.instances["B03"].rows("b03_m")
    village.types("B03", "b03_m_id", village.instances["B03"].text(Cell("b03_m_id", rows[0])), row=3)
    (one,) = found(village, "K-046")
    assert {cell.row for cell in one.cells} == {rows[0], rows[2]}
    assert one.cells[0].row == rows[2]  # jump to the later one
    assert "第1行和第3行" in one.message


def test_one_phone_for_two_people_is_told_with_both_names_and_masked():
    village = a_village(MANBANG)
    first = village.instances["B03"].rows("b03_m")[0]
    phone = village.instances["B03"].text(Cell("b03_m_phone", first))
    name = village.instances["B03"].text(Cell("b03_m_name", first))
    (one,) = found(village.types("B05", "b05_p_phone", phone, row=1), "K-049")
    assert one.form == "B05" and one.cells[0].field == "b05_p_phone"
    assert phone not in one.message and "199****" in one.message and name in one.message


def test_the_same_person_may_stand_in_two_rosters_with_one_phone():
    village = a_village(MANBANG)
    first = village.instances["B03"].rows("b03_m")[0]
    for column in ("name", "phone"):
        text = village.instances["B03"].text(Cell(f"b03_m_{column}", first))
        village.types("B05", f"b05_p_{column}", text, row=1)
    assert found(village, "K-049") == []


def test_a_person_with_two_names_is_found_by_his_number():
    village = a_village(MANBANG)
    first = village.instances["B03"].rows("b03_m")[0]
    village.types("B04", "b04_p_id", village.instances["B03"].text(Cell("b03_m_id", first)), row=1)
    (one,) = found(village, "K-050")
    for form, repeat in (("B03", "b03_m"), ("B04", "b04_p")):
        instance = village.instances[form]
        assert instance.text(Cell(f"{repeat}_name", instance.rows(repeat)[0])) in one.message


def test_a_rule_that_is_also_a_field_rule_is_told_once_by_the_field_with_the_checks_number():
    village = a_village(MANBANG)
    area = village.instances["B02"].text(Cell("b02_f_area", village.instances["B02"].rows("b02_f")[0]))
    village.types("B02", "b02_f_off", area, row=1)
    about = [one for one in village.findings() if one.form == "B02" and one.severity is Severity.MUST_FIX]
    assert [one.check for one in about] == ["K-022"]
    assert area in about[0].message


def test_a_form_that_is_not_begun_keeps_the_checks_about_it_silent():
    village = a_village(MANBANG)
    del village.instances["B01"]
    assert {"K-069", "K-072", "K-078"}.isdisjoint(one.check for one in village.findings())


def test_an_explanation_holds_until_a_compared_value_changes():
    village = a_village(MANBANG).types("B03", "b03_m_pay", "0", row=2)
    before = found(village, "K-071")[0].compared
    village.types("B03", "b03_m_hours", "33", row=2)
    assert found(village, "K-071")[0].compared == before
    village.types("B01", "b01_pop_out", "1")
    first = found(village, "K-004")[0].compared
    village.types("B01", "b01_pop_out", "2")
    assert found(village, "K-004")[0].compared != first


def test_last_year_is_compared_by_person_not_by_row():
    village = a_village(MANBANG)
    rows = village.instances["B03"].rows("b03_m")
    village.instances["B03"].move_row("b03_m", rows[0], 2)
    village.spread()
    assert found(village, "K-070") == []
    village.types("B03", "b03_m_pay", "30000", row=1)
    (one,) = found(village, "K-070")
    assert one.message.startswith(village.instances["B03"].text(Cell("b03_m_name", rows[1])))


def test_without_last_year_such_checks_are_skipped():
    village = a_village(MANBANG)
    village.last = {}
    village.types("B01", "b01_area_km2", "1999")
    assert found(village, "K-021") == []


def test_a_year_without_any_change_wants_a_sentence():
    village = a_village(MANBANG)
    village.last = village.signed()
    assert len(found(village, "K-117")) == 1
    village.types("B01", "b01_deputies", "99")
    assert found(village, "K-117") == []


def test_empty_signing_boxes_are_named():
    (one,) = found(a_village(MANBANG), "K-118", ret=Ret(filler="玉香", head="岩温"))
    assert one.message == "报表签字栏缺：统计负责人、联系电话"


def test_missing_required_forms_are_named():
    village = a_village(MANBANG)
    del village.instances["B03"]
    (one,) = found(village, "K-116")
    assert "B03" in one.message


def test_province_is_looked_at_only_where_people_are_real():
    village = a_village(MANBANG)
    assert found(village, "K-038") == []
    real = found(village, "K-038", sample=False)
    assert len(real) == sum(len(village.instances[f].rows(r)) for f, r in (("B03", "b03_m"), ("B04", "b04_p")))
    assert "“99”不是省级代码" in real[0].message


def test_an_imported_sex_that_the_number_contradicts_is_told_right_after_the_import_only():
    village = a_village(MANBANG)
    row = village.instances["B03"].rows("b03_m")[0]
    sheet = {"B03": {row: {"b03_m_sex": "女", "b03_m_birth": "1960/1/2"}}}
    (one,) = found(village, "K-040", imported=sheet)
    assert "“女”" in one.message and "“男性”" in one.message
    assert len(found(village, "K-041", imported=sheet)) == 1
    assert found(village, "K-040") == []
    birth = village.instances["B03"].text(Cell("b03_m_birth", row)).replace("-", "/")
    assert found(village, "K-041", imported={"B03": {row: {"b03_m_birth": birth}}}) == []


def test_an_optional_field_worth_filling_is_a_hint():
    village = a_village(COMMUNITY).types("B01", "b01_built_area", "")
    (one,) = [one for one in village.findings() if one.check == "optional" and one.form == "B01"]
    assert one.severity is Severity.HINT and one.cells == (Cell("b01_built_area"),)
    assert [one for one in a_village(MANBANG).findings() if one.check == "optional" and one.form == "B01"] == []


def test_a_zero_report_needs_a_reason_and_a_sentence_but_nothing_else():
    village = a_village(JINGZHEN)
    about = [one for one in village.findings() if one.form == "B05"]
    assert must_fix(tuple(about)) == []
    assert "K-081" in [one.check for one in about]


def test_no_finding_is_told_twice():
    village = a_village(MANLING).types("B03", "b03_m_id", "12345", row=1).types("B01", "b01_pop_65", "99999")
    told = Counter((one.form, one.check, one.cells) for one in village.findings())
    assert max(told.values()) == 1


# --- many rows ------------------------------------------------------------------------------------------------------


def crowd(count):
    """A B03 and a B04 of many rows, every number its own."""
    signed = a_village(MANBANG).signed()
    answers = dict(signed)
    for form, repeat, start in (("B03", "b03_m", 0), ("B04", "b04_p", 100_000)):
        pattern = signed[form].rows[repeat][0]
        rows = []
        for at in range(count):
            first17 = f"99902219{60 + at % 30}0101{(at // 30) * 2 + 1:03}"
            values = dict(pattern.values)
            values[f"{repeat}_id"] = first17 + people.check_digit(first17)
            values[f"{repeat}_phone"] = f"1{30_0000_0000 + start + at}"
            values[f"{repeat}_name"] = f"样{at}"
            rows.append(Row(f"{form}-{at}", values))
        answers[form] = replace(signed[form], rows={repeat: tuple(rows)})
    return answers


def test_ten_times_the_rows_are_ten_times_the_work_and_not_a_hundred():
    village = a_village(MANBANG)
    facts = replace(village.facts(), last=crowd(1000))
    work = {}
    for count in (100, 1000):
        answers = crowd(count)
        judge(village.task, answers, facts)
        work[count] = calls(lambda answers=answers: judge(village.task, answers, facts))
    assert work[1000] < 20 * work[100]


def test_check_reads_and_changes_nothing():
    village = a_village(MANBANG)
    before = village.signed()
    check(village.task, village.instances, village.facts())
    assert village.signed() == before
