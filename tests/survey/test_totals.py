"""汇总表: exact sums, ratios as Σ ÷ Σ, three answers that are no number, people counted by two codes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import SurveyError
from cunbao.survey.compile import compiled_task
from cunbao.survey.crosstab import Hidden, axes, axis_of, count_answers, crosstab, suppressed
from cunbao.survey.indicators import NoFigure
from cunbao.survey.resources import forms_path
from cunbao.survey.sample import JINGZHEN, SAMPLE_OFFICES
from cunbao.survey.task import Task, load_task
from cunbao.survey.totals import Unit, figure, hundredths, met, shortfall, shown, sums_of, together, value
from cunbao.survey.totals_table import totals_table
from cunbao.survey.values import Answers, Row
from world.villages import TASK, a_village, the_task

B02 = totals_table(the_task(), "B02")
PER100 = B02.column("b02_per100")
HOMES = B02.column("b02_hh")
numbers = st.decimals(min_value=0, max_value=10**9, places=2).map(str)


def said(**values: str) -> Unit:
    """What one village says in B02."""
    return sums_of(B02, {"B02": Answers(values)})


def per100(*units: Unit) -> Decimal | NoFigure:
    return value(PER100, figure(PER100, together(units)))


def text(key: str, *units: Unit) -> str:
    column = B02.column(key)
    return shown(column, value(column, figure(column, together(units))))


# --- which columns -----------------------------------------------------------------------------------------------


def test_what_the_task_names_stands_first_and_no_number_is_lost():
    form = the_task().forms["B02"]
    keys = [one.key for one in B02.columns]
    assert keys[:3] == ["b02_hh", "B01.b01_pop_resident", "b02_n"]
    visible = {one.name for one in form.fields if one.kind in ("integer", "decimal") and not one.hidden}
    assert visible <= set(keys) and len(keys) == len(set(keys))
    assert keys[-6:] == ["b02_f", "b02_f_area", "b02_f_act", "b02_f_off", "b02_f_site", "b02_f_sport"]
    assert (PER100.head, PER100.short, PER100.unit, PER100.target) == ("每百户面积", "每百户", "平方米", Decimal(30))
    assert B02.title == "综合服务设施面积汇总表"


def test_a_task_that_says_nothing_of_totals_gets_every_number_in_order():
    plain = totals_table(replace(the_task(), totals={}), "B02")
    form = the_task().forms["B02"]
    singles = [one.name for one in form.fields if one.kind in ("integer", "decimal")]
    assert [one.key for one in plain.columns][: len(singles)] == singles
    share = plain.column("b02_act_rate")
    two = together([sums_of(plain, {"B02": Answers({"b02_act_rate": "70"})})] * 2)
    assert figure(share, two).missing is NoFigure.OUT_OF_SCOPE  # shares of offices are not added up


def test_years_ages_and_codes_are_no_sums():
    for form in the_task().forms:
        keys = {one.key for one in totals_table(the_task(), form).columns}
        assert keys.isdisjoint({"b02_f_year", "b02_f_share_n", "b03_m_age", "b03_m_pay", "b02_zero"})


def test_minutes_and_years_of_villages_are_shown_and_not_added_up():
    table = totals_table(the_task(), "B07")
    unsummed = [one.key for one in table.columns if not one.summed]
    assert {"b07_min_shop", "b07_net_hours", "b07_vplan"} <= set(unsummed) and "b07_items" not in unsummed
    pay = totals_table(the_task(), "B06").column("b06_cw_pay")
    assert not pay.summed  # 元/月
    share = table.column("b07_visit_rate")
    two = together([sums_of(table, {"B07": Answers({"b07_visit": seen, "b07_elder": "10"})}) for seen in ("10", "5")])
    assert shown(share, value(share, figure(share, two))) == "75.00"


def test_a_section_of_totals_with_faults_is_refused_with_every_fault(tmp_path: Path):
    folder = tmp_path / TASK
    shutil.copytree(forms_path(TASK), folder)
    toml = (folder / "task.toml").read_text("utf-8")
    for right, wrong in (
        ('{ field = "b02_n", head = "设施数" }', '{ field = "b02_m" }'),
        ('denominator = "b02_hh", target = "target_per100"', 'denominator = "b02_f_area", target = "target"'),
        ('["b02_f_kind", "b02_f_state"]', '["b02_f_kind", "b02_zero"]'),
        ('screen = ["b03_n",', 'screen = ["b03_m",'),
        ('unsummed = ["b07_net_hours",', 'unsummed = ["b07_nought",'),
    ):
        assert right in toml
        toml = toml.replace(right, wrong)
    (folder / "task.toml").write_text(toml, "utf-8")
    with pytest.raises(SurveyError) as refused:
        load_task(folder, compiled_task(forms_path(TASK)))
    for fault in (
        "b02_m",
        "没有数 b02_f_area",
        "没有参数 target",
        "交叉表",
        "columns 里没有 b03_m",
        "没有数 b07_nought",
    ):
        assert fault in refused.value.detail


# --- exact -------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(numbers | st.just(""), numbers | st.just("")), max_size=20))
def test_sums_are_what_decimal_says_and_ratios_are_sum_over_sum(villages: list[tuple[str, str]]):
    units = [said(b02_area_total=area, b02_hh=homes) for area, homes in villages]
    both = [(Decimal(area), Decimal(homes)) for area, homes in villages if area and homes]
    given_homes = [Decimal(homes) for _, homes in villages if homes]
    total = figure(HOMES, together(units))
    assert (total.missing is None) == bool(given_homes)
    assert total.numerator == sum(given_homes, Decimal(0))
    areas, homes = (sum(one, Decimal(0)) for one in zip(*both, strict=True)) if both else (None, None)
    if areas is None:
        assert per100(*units) is (NoFigure.OUT_OF_SCOPE if villages else NoFigure.MISSING)
    elif not homes:
        assert per100(*units) is NoFigure.ZERO_BASE
    else:
        found = per100(*units)
        assert isinstance(found, Decimal)
        exact = Fraction(areas) * 100 / Fraction(homes)
        assert abs(Fraction(found) - exact) <= Fraction(1, 2) * Fraction(Decimal(1).scaleb(found.adjusted() - 27))
        assert met(PER100, figure(PER100, together(units))) is (exact >= 30)


def test_a_ratio_is_no_mean_of_ratios_and_leaves_an_empty_office_out_of_both_sums():
    small, large = said(b02_area_total="90", b02_hh="100"), said(b02_area_total="100", b02_hh="900")
    assert per100(small, large) == Decimal(19)
    assert per100(small, large, said(b02_hh="1000"), said(b02_area_total="1000")) == Decimal(19)


def test_no_rounding_decides_whether_a_target_is_reached():
    just = said(b02_area_total="299999.99", b02_hh="1000000")
    own = figure(PER100, just)
    assert text("b02_per100", just) == "30.00" and met(PER100, own) is False
    assert shortfall(PER100, own) == Decimal("0.01")  # never 0 while it is not reached
    assert met(PER100, figure(PER100, said(b02_area_total="300000", b02_hh="1000000"))) is True


def test_three_answers_are_no_number_and_nought_is_one():
    assert text("b02_hh") == "…" == text("b02_per100")  # no return that counts
    assert text("b02_built_area", said(b02_hh="1")) == "—"  # does not apply here
    assert text("b02_per100", said(b02_area_total="5", b02_hh="0")) == "／"
    assert text("b02_area_total", said(b02_area_total="0")) == "0.00"
    assert text("b02_f", said(b02_zero="1")) == "0" == text("b02_f", said())  # a zero report has no facility: that is 0


def test_the_roster_sums_are_those_of_the_rows():
    rows = (Row("a", {"b02_f_area": "48"}), Row("b", {"b02_f_area": "20.5"}), Row("c", {"b02_f_site": "7"}))
    unit = sums_of(B02, {"B02": Answers({}, {"b02_f": rows})})
    assert (text("b02_f", unit), text("b02_f_area", unit), text("b02_f_act", unit)) == ("3", "68.50", "—")


def test_a_number_of_another_form_comes_from_that_form():
    answers = {"B02": Answers({"b02_hh": "5"}), "B01": Answers({"b01_pop_resident": "17"})}
    assert text("B01.b01_pop_resident", sums_of(B02, answers)) == "17"
    assert text("B01.b01_pop_resident", said(b02_hh="5")) == "…"


@pytest.mark.parametrize("words", ["1.005", "十二", "1e400", "NaN", "-Infinity", "99999999999999999999", "sNaN"])
def test_what_hundredths_cannot_hold_is_nothing(words: str):
    assert hundredths(words) is None


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_every_number_of_two_places_is_its_hundredths(number: Decimal):
    assert hundredths(str(number)) == number * 100


def test_what_is_shown_is_half_up_and_an_exact_sum_is_never_cut():
    assert text("b02_per100", said(b02_area_total="1", b02_hh="800")) == "0.13"  # 0.125
    assert text("b02_hh", said(b02_hh="2.5")) == "2.50"
    assert text("b02_hh", said(b02_hh="-3")) == "\u22123"


def test_the_sample_township_adds_up():
    units = [sums_of(B02, a_village(one.code).signed()) for one in SAMPLE_OFFICES]
    areas = sum(Decimal(a_village(one.code).signed()["B02"].values["b02_area_total"]) for one in SAMPLE_OFFICES)
    assert text("b02_area_total", *units) == f"{areas:.2f}"


# --- cross-tabs --------------------------------------------------------------------------------------------------


def members(*rows: dict[str, str]) -> Answers:
    return Answers({}, {"b03_m": tuple(Row(str(at), row) for at, row in enumerate(rows))})


def a_crosstab(task: Task, rows: str, columns: str, *answers: Answers):
    by = (axis_of(task.forms["B03"], "b03_m", rows), axis_of(task.forms["B03"], "b03_m", columns))
    return crosstab(*by, count_answers(answers, "b03_m", by))


def test_coded_columns_of_a_roster_and_its_age_can_be_crossed():
    found = [one.field for one in axes(the_task().forms["B03"], "b03_m")]
    assert found[:6] == [
        "b03_m_sex", "b03_m_age", "b03_m_ethnic", "b03_m_edu", "b03_m_political", "b03_m_post_party",
    ]  # fmt: skip
    assert "b05_p_equip" not in [one.field for one in axes(the_task().forms["B05"], "b05_p")]  # several at once
    with pytest.raises(KeyError):
        axis_of(the_task().forms["B03"], "b03_m", "b03_m_name")


def test_ages_fall_into_their_bands():
    ages = members(*({"b03_m_age": str(age), "b03_m_sex": "1"} for age in (18, 35, 36, 45, 46, 55, 56, 60, 61, 90)), {})
    table = a_crosstab(the_task(), "b03_m_age", "b03_m_sex", ages)
    assert [(label, sum(line)) for (_, label), line in zip(table.rows, table.counts, strict=True)] == [
        ("35岁及以下", 2), ("36至45岁", 2), ("46至55岁", 2), ("56至60岁", 2), ("61岁及以上", 2), ("未填", 1),
    ]  # fmt: skip
    assert [label for _, label in table.columns] == ["男性", "未填"]


@given(st.lists(st.tuples(st.sampled_from(["21", "31", "99", ""]), st.sampled_from(["1", "2", ""]))))
def test_margins_are_the_numbers_of_rows(people: list[tuple[str, str]]):
    answers = members(*({"b03_m_edu": edu, "b03_m_sex": sex} for edu, sex in people))
    table = a_crosstab(the_task(), "b03_m_edu", "b03_m_sex", answers)
    assert table.total == len(people) == sum(table.row_totals) == sum(table.column_totals)
    for (code, _), total in zip(table.rows, table.row_totals, strict=True):
        assert total == sum(edu == code for edu, _ in people)
    for (code, _), total in zip(table.columns, table.column_totals, strict=True):
        assert total == sum(sex == code for _, sex in people)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["11", "12", "13", "14"])), max_size=60))
def test_no_count_under_three_goes_outside_and_none_follows_from_the_sums(people: list[tuple[str, str]]):
    answers = members(*({"b03_m_review": row, "b03_m_post_party": column} for row, column in people))
    table = a_crosstab(the_task(), "b03_m_review", "b03_m_post_party", answers)
    told = suppressed(table)
    full = [*([*line, total] for line, total in zip(table.counts, table.row_totals, strict=True))]
    full.append([*table.column_totals, table.total])
    for line, real in zip(told, full, strict=True):
        for one, count in zip(line, real, strict=True):
            assert one == count if not isinstance(one, Hidden) else count > 0
            assert isinstance(one, Hidden) or count not in (1, 2)
    for line, real in [
        *zip(told, full, strict=True),
        *zip(zip(*told, strict=True), zip(*full, strict=True), strict=True),
    ]:
        if sum(isinstance(one, Hidden) for one in line) == 1:
            assert sum(count > 0 for count in real) == 1  # nothing else is there to hide


def test_the_sample_counts_its_people():
    answers = [a_village(one.code).signed()["B03"] for one in SAMPLE_OFFICES]
    table = a_crosstab(the_task(), "b03_m_edu", "b03_m_sex", *answers)
    assert table.total == sum(len(one.rows["b03_m"]) for one in answers)
    assert [label for _, label in table.columns] == ["男性", "女性"]


def test_a_zero_report_counts_as_a_return_with_nobody():
    table = totals_table(the_task(), "B05")
    unit = sums_of(table, a_village(JINGZHEN).signed())
    people = table.column("b05_n")
    assert value(people, figure(people, unit)) == 0
    assert value(table.column("b05_p"), figure(table.column("b05_p"), unit)) == 0
