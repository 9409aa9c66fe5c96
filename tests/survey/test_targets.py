"""What an indicator's figure is worth against its plan: words that never say more than the exact figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cunbao.survey.indicators import NoFigure, Tally, Total, meets, total
from cunbao.survey.targets import (
    Verdict,
    closing,
    display,
    lacking,
    rounded_up,
    shown_unit,
    sum_words,
    target_words,
    verdict,
    verdict_words,
)
from cunbao.survey.task import Indicator
from world.villages import the_task


def indicator(number: str) -> Indicator:
    return next(one for one in the_task().indicators if one.number == number)


def found(number: str, above: str, below: str = "1", **counts: int) -> Total:
    one = replace(indicator(number), numerator=indicator(number).numerator or "1")
    return total(one, Tally(Decimal(above), Decimal(below), **{"counted": 10, **counts}))


def said(one: Total, **changes: object) -> str:
    return verdict_words(one.indicator, verdict(replace(the_task(), **changes), one))  # type: ignore[arg-type]


def test_a_figure_just_short_of_its_target_is_not_shown_as_if_it_had_reached_it() -> None:
    one = found("003-04", "29.96")
    assert said(one) == "没达到" and display(one.indicator, one.value, one.met, 1) == "29.96"
    one = found("003-04", "29.94")
    assert display(one.indicator, one.value, one.met, 1) == "29.9"
    one = found("003-04", "29.99999")
    assert display(one.indicator, one.value, one.met, 2) == "29.99999"
    one = found("003-04", "30")
    assert said(one) == "已达到" and display(one.indicator, one.value, one.met, 1) == "30.0"
    one = found("003-06", "100.04", "100")  # = 100 %, and more than that
    assert said(one) == "没达到" and display(one.indicator, one.value, one.met, 1) == "100.04"


def test_under_half_of_the_offices_there_is_no_word_of_reaching() -> None:
    assert said(found("003-04", "99", counted=9, missing=10)) == "数据不全"
    assert said(found("003-04", "99", counted=10, missing=10)) == "已达到"
    assert said(found("003-04", "99", counted=10, missing=5, unfilled=3, zero=2, exempt=1)) == "数据不全"
    assert said(found("003-04", "0", "0", counted=0, outside=4)) == "不适用"


def test_a_plan_of_elsewhere_is_shown_and_not_judged() -> None:
    one = found("000-03", "99")
    assert one.met is True and said(one) == "只列数"
    assert said(one, plans=("000", "002")) == "已达到"


def test_two_plans_with_two_thresholds_stand_side_by_side() -> None:
    both = {"plans": ("000", "002")}
    for people, three, one_each in ((3, "已达到", "已达到"), (1, "没达到", "已达到")):
        key = found("000-31", str(people), counted=1, judged=1, meeting=int(people >= 3))
        each = found("002-47", str(people), counted=1, judged=1, meeting=int(people >= 1))
        assert (said(key, **both), said(each, **both)) == (three, one_each)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("000-38", "仅省级"),
        ("003-51", "仅州级"),
        ("002-39", "只报人次"),
        ("003-65", "只报人次"),  # 志愿者: nobody knows who is counted in two villages
        ("003-61", "只报人次"),
        ("003-59", "只显示"),
        ("003-08", "报表答不了"),
    ],
)
def test_what_a_county_cannot_reach_or_nobody_can_add_up_is_never_judged(number: str, word: str) -> None:
    one = found(number, "99999")
    if word == "报表答不了":
        one = total(indicator(number), Tally())
    assert said(one, plans=("000", "002", "003")) == word


def test_people_who_stand_in_rosters_with_their_numbers_are_people_and_are_judged() -> None:
    assert said(found("003-60", "30", "30"), plans=("003",)) == "已达到"  # 干部: B03 tells one from another
    assert said(found("003-61", "30", "30"), plans=("003",)) == "只报人次"  # 社区工作者: B06 has numbers alone


def test_targets_in_words() -> None:
    assert [target_words(indicator(one)) for one in ("003-04", "003-06", "003-03")] == ["≥ 30", "= 100", "≥ 10"]
    assert [target_words(indicator(one)) for one in ("004-39", "004-09", "000-12")] == ["7—9", "1 : 300", "每个 ≤ 15"]


def test_what_is_lacking_is_never_nought_and_what_closes_the_gap_is_enough() -> None:
    one = found("003-04", "29.99999", "1")
    assert lacking(one) == Decimal("0.01")
    area, homes = Decimal("108.60"), Decimal("7.76")
    away = closing(indicator("003-04"), area, homes)
    assert away == Decimal("124.2") and rounded_up(away, "平方米") == "124.2"
    assert meets(indicator("003-04"), area + away, homes) is True
    assert meets(indicator("003-04"), area + away - Decimal("0.0001"), homes) is False
    assert closing(indicator("003-04"), Decimal(300), Decimal(10)) is None
    workers = closing(indicator("004-09"), Decimal(2), Decimal(650))  # 1 : 300
    assert workers is not None and rounded_up(workers, "人") == "1"
    assert (
        closing(indicator("004-39"), Decimal(5), Decimal(1)) == 2
        and closing(indicator("004-39"), Decimal(11), Decimal(1)) == -2
    )
    assert closing(indicator("000-12"), Decimal(20), Decimal(1)) == -5  # minutes that are too many
    assert closing(indicator("003-06"), Decimal(5), Decimal(6)) == 1


def test_how_a_value_came_about() -> None:
    assert sum_words(the_task(), found("003-04", "10965.7", "376.35")) == "10\u2009965.7 平方米 ÷ 37\u2009635 户 × 100"
    assert sum_words(the_task(), found("003-01", "58", "62")) == "58 个村 ÷ 62 个村 × 100"
    each = found("003-45", "12", "6", counted=6, judged=6, meeting=5)
    assert shown_unit(each.indicator) == "%" and sum_words(the_task(), each) == "5 个达到 ÷ 6 个能判的"


def test_no_figure_is_shown_by_its_sign() -> None:
    for why in NoFigure:
        sign = "…" if why is NoFigure.UNSET else why.value  # 缺参数 is said by the verdict
        assert display(indicator("003-04"), why, None, 1) == sign
    assert Verdict.MET.value == "已达到"
