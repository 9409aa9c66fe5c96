"""Indicators of the sample against figures reviewed by hand, and the four answers that are no figure."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.survey.beneath import Beneath
from cunbao.survey.formulas import computable
from cunbao.survey.indicators import (
    NoFigure,
    asks,
    combine,
    figures_of,
    meets,
    office_figures,
    office_meets,
    office_value,
    shown,
)
from cunbao.survey.sample import COMMUNITY, MANBANG, MANLING, SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from cunbao.survey.values import Office
from world.villages import a_village, the_task

GOLDEN = Path(__file__).parent / "golden" / "indicators.json"


def figures(code, **changed):
    village = a_village(code)
    return office_figures(the_task(), village.office, {**village.signed(), **changed})


def the_county(*without, **changed):
    """Every office's figures. without: codes of offices that sent nothing; changed: form → answers, of 曼蚌村."""
    answers = {one.code: a_village(one.code).signed() for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)}
    answers[MANBANG] = {**answers[MANBANG], **changed}
    known = {one.code: one for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)}
    held = {code: one for code, one in answers.items() if code not in without}
    return figures_of(the_task(), known, held, {}, [one.code for one in SAMPLE_OFFICES])


def indicator(number):
    return next(one for one in the_task().indicators if one.number == number)


def test_the_sample_gives_the_figures_reviewed_by_hand():
    totals = combine(the_task(), the_county())
    told = {
        number: {
            "name": one.indicator.name, "numerator": str(one.numerator), "denominator": str(one.denominator),
            "value": shown(one.indicator, one.value), "met": one.met, "counted": one.counted, "meeting": one.meeting,
            "left_out": one.left_out, "out_of_scope": one.out_of_scope,
        }
        for number, one in totals.items()
    }  # fmt: skip
    assert told == json.loads(GOLDEN.read_text("utf-8"))


def test_area_per_100_households_is_the_sum_over_the_sum():
    offices = [a_village(one.code).signed() for one in SAMPLE_OFFICES]
    area = sum(Decimal(one["B02"].values["b02_area_total"]) for one in offices)
    homes = sum(Decimal(one["B01"].values["b01_hh_resident"]) for one in offices)
    total = combine(the_task(), [figures(one.code) for one in SAMPLE_OFFICES])["003-04"]
    assert total.value.quantize(Decimal("0.0001")) == (area * 100 / homes).quantize(Decimal("0.0001"))
    assert total.met is (area * 100 >= homes * 30)


def test_one_office_says_what_its_form_says():
    own = figures(MANBANG)["003-04"]
    assert shown(indicator("003-04"), office_value(indicator("003-04"), own)) == (
        f"{Decimal(a_village(MANBANG).signed()['B02'].values['b02_per100']):.2f}"
    )


def test_a_missing_return_nothing_to_divide_by_and_not_being_asked_are_three_answers():
    village = a_village(MANBANG)
    signed = village.signed()
    without = {name: one for name, one in signed.items() if name != "B02"}
    own = office_figures(the_task(), village.office, without)
    assert office_value(indicator("003-04"), own["003-04"]) is NoFigure.MISSING
    assert office_value(indicator("004-39"), own["004-39"]) is NoFigure.OUT_OF_SCOPE  # a village is no community
    empty = a_village(MANBANG).types("B02", "b02_zero", "1").types("B02", "b02_zero_reason", "没有任何设施")
    own = office_figures(the_task(), empty.office, empty.signed())
    assert office_value(indicator("003-05"), own["003-05"]) is NoFigure.ZERO_BASE
    assert len({NoFigure.MISSING.value, NoFigure.OUT_OF_SCOPE.value, NoFigure.ZERO_BASE.value, "0"}) == 4


def test_a_missing_office_is_left_out_of_both_sums_and_counted_as_such():
    village = a_village(MANLING)
    here = office_figures(the_task(), village.office, village.signed())
    gone = office_figures(the_task(), a_village(MANBANG).office, {})
    total = combine(the_task(), [here, gone])["003-04"]
    assert (total.counted, total.left_out) == (1, 1)
    assert total.numerator == here["003-04"].numerator


def test_an_exempt_office_joins_neither_sum_though_its_return_has_come():
    village, number = a_village(MANLING), "003-04"
    here = figures(MANBANG)
    own = office_figures(the_task(), village.office, village.signed(), exempt=frozenset({number}))
    assert own[number].missing is office_value(indicator(number), own[number]) is NoFigure.EXEMPT
    assert office_figures(the_task(), village.office, {}, exempt=frozenset({number}))[number] == own[number]
    assert own["003-05"] == figures(MANLING)["003-05"]  # into every other indicator it counts as before
    total = combine(the_task(), [here, own])[number]
    assert (total.counted, total.exempt, total.left_out, total.out_of_scope) == (1, 1, 0, 0)
    assert (total.numerator, total.denominator) == (here[number].numerator, here[number].denominator)
    assert shown(indicator(number), NoFigure.EXEMPT) == "不计入" and len(set(NoFigure)) == 5
    assert combine(the_task(), [own])[number].value is NoFigure.EXEMPT
    gone = office_figures(the_task(), village.office, {})
    assert combine(the_task(), [own, gone])[number].value is NoFigure.MISSING


def test_an_exempt_office_neither_meets_an_each_standard_nor_misses_it():
    every = {one.code: figures(one.code) for one in SAMPLE_OFFICES}
    failing = next(code for code, one in every.items() if office_meets(indicator("003-45"), one["003-45"]) is False)
    village = a_village(failing)
    every[failing] = office_figures(the_task(), village.office, village.signed(), exempt=frozenset({"003-45"}))
    total = combine(the_task(), every.values())["003-45"]
    assert (total.counted, total.meeting, total.exempt, total.met) == (5, 5, 1, True)


def test_nobody_asked_is_not_nothing_found():
    totals = combine(the_task(), [figures(MANBANG), figures(MANLING)])
    assert totals["003-02"].value is NoFigure.OUT_OF_SCOPE  # no community among them
    assert combine(the_task(), [])["003-02"].value is NoFigure.MISSING


@pytest.mark.parametrize(
    ("number", "above", "below", "expected"),
    [
        ("003-04", "30", "1", True),
        ("003-04", "29.9999999999999999999999999999", "1", False),
        ("003-05", "2", "3", True),  # 66.67 % ≥ 60 %
        ("003-05", "1", "3", False),
        ("004-39", "7", "1", True),
        ("004-39", "10", "1", False),
        ("003-04", "1", "0", None),
    ],
)
def test_a_target_is_met_or_not_before_any_rounding(number, above, below, expected):
    assert meets(indicator(number), Decimal(above), Decimal(below)) is expected


def test_an_each_standard_counts_the_offices_that_meet_it():
    total = combine(the_task(), [figures(one.code) for one in SAMPLE_OFFICES])["003-45"]
    assert total.counted == 6 and total.meeting == 5  # 景真村 reports none
    assert total.met is False


def test_an_office_with_nothing_to_divide_by_joins_neither_sum():
    here, number = figures(MANBANG), "003-05"
    empty = a_village(MANLING).types("B02", "b02_zero", "1").types("B02", "b02_zero_reason", "没有任何设施")
    own = office_figures(the_task(), empty.office, empty.signed())
    total = combine(the_task(), [here, own])[number]
    assert (total.counted, total.zero, total.asked) == (1, 1, 2)
    assert (total.numerator, total.denominator) == (here[number].numerator, here[number].denominator)
    assert combine(the_task(), [own])[number].value is NoFigure.ZERO_BASE


def test_a_field_left_empty_is_told_from_a_return_that_never_came():
    village = a_village(MANBANG)
    came = office_figures(the_task(), village.office, village.signed())["003-03"]
    assert came.unfilled and came.lacks == ("B01.b01_built_area",)  # only communities have this figure
    gone = office_figures(the_task(), village.office, {"B01": village.signed()["B01"]})["003-04"]
    assert gone.missing is NoFigure.MISSING and gone.lacks == ("B02",) and not gone.unfilled


def test_the_directory_says_who_is_asked_before_a_return_has_come():
    gone = office_figures(the_task(), a_village(MANBANG).office, {})
    assert gone["003-01"].missing is NoFigure.MISSING and gone["003-02"].missing is NoFigure.OUT_OF_SCOPE
    community = office_figures(the_task(), a_village(COMMUNITY).office, {})
    assert community["003-01"].missing is NoFigure.OUT_OF_SCOPE and community["003-02"].missing is NoFigure.MISSING
    assert (gone["003-30"].missing, community["003-30"].missing) == (NoFigure.OUT_OF_SCOPE, NoFigure.MISSING)  # 社区
    town = office_figures(the_task(), SAMPLE_TOWNSHIPS[0], {})
    assert {one.missing for number, one in town.items() if number in ("003-01", "003-02", "003-04")} == {
        NoFigure.OUT_OF_SCOPE
    }


def test_one_worker_for_at_most_so_many_households():
    one = indicator("004-09")  # 1 : 300
    assert meets(one, Decimal(2), Decimal(600)) is True
    assert meets(one, Decimal(2), Decimal(601)) is False


def test_what_a_plan_merely_allows_is_shown_and_never_judged():
    assert not indicator("003-59").judged and meets(indicator("003-59"), Decimal(5), Decimal(1)) is None
    assert indicator("003-58").judged


def test_a_denominator_of_the_whole_county_stands_once_and_is_missed_where_nobody_put_it_in():
    number, both = "003-26", (MANBANG, MANLING)  # of all 机关和企事业单位党组织, which no village knows
    unset = combine(the_task(), [figures(one) for one in both])[number]
    assert (unset.counted, unset.unfilled, unset.value, unset.met) == (2, 0, NoFigure.UNSET, None)
    assert shown(indicator(number), unset.value) == "缺参数" and figures(COMMUNITY)["003-63"].lacks == (
        "PARAM.avg_wage_month",
    )
    task = replace(the_task(), params={**the_task().params, "org_units": Decimal(40)}, sha256="with the figure")
    offices = [office_figures(task, a_village(one).office, a_village(one).signed()) for one in both]
    total = combine(task, offices)[number]
    assert (total.counted, total.denominator) == (2, Decimal(40))
    assert total.numerator == sum(Decimal(a_village(one).signed()["B06"].values["b06_rep_units"]) for one in both)
    assert office_value(total.indicator, offices[0][number]) is NoFigure.ZERO_BASE  # one village has no share alone


def test_every_computable_indicator_has_an_answer_for_a_full_village():
    own = figures(COMMUNITY)
    assert set(own) == {one.number for one in computable(the_task())}


# --- townships that sum up their villages ----------------------------------------------------------------------------


def kinder(code):
    return Decimal(a_village(code).signed()["B07"].values["b07_kinder"])


def under(town):
    return [one.code for one in SAMPLE_OFFICES if one.code[:9] == town.code[:9]]


def test_every_row_of_the_plans_that_a_return_collects_is_computed():
    assert {one.number for one in the_task().indicators if one.collected_at != "-"} == {
        one.number for one in computable(the_task())
    }


def test_a_township_sums_up_its_villages_and_is_judged_by_itself():
    total = combine(the_task(), the_county())["002-30"]
    sums = [sum(map(kinder, under(town))) for town in SAMPLE_TOWNSHIPS]
    assert (total.counted, total.numerator) == (2, sum(sums))
    assert total.meeting == sum(one >= 1 for one in sums)


@pytest.mark.parametrize("gone", ["the whole village", "its B07", "the figure"])
def test_a_village_that_is_missing_leaves_its_township_unknown_and_never_smaller(gone):
    town = SAMPLE_TOWNSHIPS[0] if MANBANG in under(SAMPLE_TOWNSHIPS[0]) else SAMPLE_TOWNSHIPS[1]
    if gone == "the whole village":
        found = the_county(MANBANG)
    elif gone == "the figure":
        signed = a_village(MANBANG).signed()["B07"]
        without = {name: said for name, said in signed.values.items() if name != "b07_kinder"}
        found = the_county(B07=replace(signed, values=without))
    else:
        known = {one.code: one for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)}
        answers = {code: a_village(code).signed() for code in under(town)}
        answers[MANBANG] = {name: one for name, one in answers[MANBANG].items() if name != "B07"}
        found = figures_of(the_task(), known, answers, {}, under(town))
    told = [one["002-30"] for one in found if one["002-30"].missing is NoFigure.MISSING]
    assert [one.lacks for one in told] == [("V:B07.b07_kinder",) if gone == "the figure" else ("V:B07",)]
    assert told[0].unfilled is (gone == "the figure") and told[0].numerator == 0
    total = combine(the_task(), found)["002-30"]
    assert total.left_out == 1 and total.numerator == sum(
        (sum(map(kinder, under(one))) for one in SAMPLE_TOWNSHIPS if one != town and gone != "its B07"), Decimal(0)
    )


def test_only_a_street_whose_villages_together_are_large_is_asked_for_a_hospital():
    street = Office("440305001000", "某街道", kind="51")
    form = replace(a_village(SAMPLE_TOWNSHIPS[0].code).signed()["T01"])
    said = {**form.values, "t01_kind": "51", "t01_dist_hosp": "0", "t01_hosp": "1", "t01_hosp_area": "4800.50"}
    answers = {"T01": replace(form, values=said)}

    def figure(number, *people, answers=answers, office=street):
        codes = [f"440305001{at:03}" for at in range(1, len(people) + 1)]
        told = {code: None if n is None else Decimal(n) for code, n in zip(codes, people, strict=True)}
        villages = Beneath(frozenset(codes), {("B01", "b01_pop_resident"): told, ("B07", "b07_kinder"): {}})
        return office_figures(the_task(), office, answers, villages=villages)[number]

    assert figure("002-33", 60000, 40001).numerator == 1
    assert figure("002-34", 60000, 40001).numerator == Decimal("4800.50")
    assert figure("002-33", 60000, 40000).missing is NoFigure.OUT_OF_SCOPE  # 100 000 is not above 100 000
    assert figure("002-34", 90000, None).lacks == ("V:B01.b01_pop_resident",)
    none = {"T01": replace(form, values={**said, "t01_hosp": "0", "t01_hosp_area": ""})}
    assert figure("002-34", 200000, answers=none).numerator == 0  # no hospital has no area, and is no empty field
    has = {"T01": replace(form, values={**said, "t01_dist_hosp": "1"})}
    assert figure("002-33", 90000, None, answers=has).missing is NoFigure.OUT_OF_SCOPE  # whatever the villages say
    assert figure("002-33", 150000, answers={}).lacks == ("T01",)
    assert not asks(the_task(), indicator("002-33"), Office("440305100000", "某镇", kind="52"))


@pytest.mark.parametrize(
    ("number", "inside", "outside"),
    [
        ("000-44", ("440103", "441283"), ("445122", "440232", "532822")),
        ("000-45", ("445122", "440232"), ("440103", "441283", "532822")),
        ("004-20", ("440103", "440703"), ("440785", "441283", "441302", "440232", "532822")),
        ("004-21", ("440103", "440703"), ("440785", "441283", "441302", "440232", "532822")),
        ("004-22", ("440785", "441283", "441302", "440232"), ("440103", "440703", "532822")),
        ("004-27", ("440103", "441283"), ("445122", "440232", "532822")),
    ],
)
def test_a_target_for_one_part_of_a_province_asks_no_county_elsewhere(number, inside, outside):
    kind = "10" if number in ("000-44", "000-45", "004-21") else "20"

    def asked(county):
        return asks(the_task(), indicator(number), Office(f"{county}100201", "某村", kind=kind))

    assert all(map(asked, inside)) and not any(map(asked, outside))


def test_a_plan_that_means_towns_alone_asks_communities_alone():
    assert indicator("003-11").scope == "城市"  # 快递员、外卖送餐员
    assert figures(MANBANG)["003-11"].missing is NoFigure.OUT_OF_SCOPE
    assert figures(COMMUNITY)["003-11"].missing is not NoFigure.OUT_OF_SCOPE
