"""Indicators of the sample against figures reviewed by hand, and the four answers that are no figure."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.survey.indicators import (
    NoFigure,
    combine,
    computable,
    meets,
    office_figures,
    office_meets,
    office_value,
    shown,
)
from cunbao.survey.sample import COMMUNITY, MANBANG, MANLING, SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from world.villages import a_village, the_task

GOLDEN = Path(__file__).parent / "golden" / "indicators.json"


def figures(code, **changed):
    village = a_village(code)
    return office_figures(the_task(), village.office, {**village.signed(), **changed})


def indicator(number):
    return next(one for one in the_task().indicators if one.number == number)


def test_the_sample_gives_the_figures_reviewed_by_hand():
    totals = combine(the_task(), [figures(one.code) for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)])
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
    assert shown(indicator(number), NoFigure.EXEMPT) == "不计入" and len(set(NoFigure)) == 4
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
    assert (unset.counted, unset.unfilled) == (0, 2) and figures(MANBANG)[number].lacks == ("PARAM.org_units",)
    task = replace(the_task(), params={**the_task().params, "org_units": Decimal(40)}, sha256="with the figure")
    offices = [office_figures(task, a_village(one).office, a_village(one).signed()) for one in both]
    total = combine(task, offices)[number]
    assert (total.counted, total.denominator) == (2, Decimal(40))
    assert total.numerator == sum(Decimal(a_village(one).signed()["B06"].values["b06_rep_units"]) for one in both)
    assert office_value(total.indicator, offices[0][number]) is NoFigure.ZERO_BASE  # one village has no share alone


def test_every_computable_indicator_has_an_answer_for_a_full_village():
    own = figures(COMMUNITY)
    assert set(own) == {one.number for one in computable(the_task())}
