"""What only a superior can see: villages that count one facility twice, one person in the 两委 of two villages."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from cunbao.survey.crosscheck import CrossNote, compared_forms, crosscheck, seen_in
from cunbao.survey.people import mask
from cunbao.survey.sample import MANBANG, MANGUO, SAMPLE_OFFICES
from cunbao.survey.values import Answers, Cell, Row, Severity
from world.villages import a_village, the_task

MANSAI = "532822103204"
NAMES = {one.code: one.short for one in SAMPLE_OFFICES}
SHARED = "南糯山帕沙联合活动中心"


def returns(*changes: tuple[str, str, Answers]) -> dict[tuple[str, str], Answers]:
    """The sample's returns of three villages, some of them changed."""
    found = {
        (office, form): answers
        for office in (MANBANG, MANSAI, MANGUO)
        for form, answers in a_village(office).signed().items()
    }
    return found | {(office, form): answers for office, form, answers in changes}


def notes(found: dict[tuple[str, str], Answers]) -> tuple[CrossNote, ...]:
    task = the_task()
    seen = {key: seen_in(task, key[1], answers) for key, answers in found.items() if key[1] in compared_forms(task)}
    return crosscheck(task, seen, NAMES)


def with_row(answers: Answers, roster: str, at: int, **values: str) -> Answers:
    rows = list(answers.rows[roster])
    rows[at] = replace(rows[at], values=MappingProxyType({**rows[at].values, **values}))
    return Answers(answers.values, {**answers.rows, roster: tuple(rows)})


def shared_row(answers: Answers) -> tuple[int, Row]:
    return next((at, row) for at, row in enumerate(answers.rows["b02_f"]) if row.values["b02_f_name"] == SHARED)


def shares(manbang: str, mansai: str) -> dict[tuple[str, str], Answers]:
    found = returns()
    for office, percent in ((MANBANG, manbang), (MANSAI, mansai)):
        answers = found[office, "B02"]
        found[office, "B02"] = with_row(answers, "b02_f", shared_row(answers)[0], b02_f_share_pct=percent)
    return found


def test_villages_that_fit_together_get_no_note():
    assert compared_forms(the_task()) == ("B02", "B03")
    assert notes(returns()) == ()


def test_a_facility_counted_over_100_percent_is_told_to_every_village_that_counts_it():
    found = shares("60", "50")
    said = {one.office: one for one in notes(found)}
    assert said.keys() == {MANBANG, MANSAI}
    one = said[MANBANG].finding
    assert (one.check, one.severity, one.form) == ("K-035", Severity.MUST_FIX, "B02")
    assert one.cells == (Cell("b02_f_share_pct", shared_row(found[MANBANG, "B02"])[1].id),)
    assert one.message == f"共用设施“{SHARED}”各村分摊合计110.0%，应为100%（曼蚌村 60%、曼赛村 50%）"
    assert said[MANBANG].others == (MANSAI,)


def test_less_than_100_percent_is_said_only_when_all_that_share_have_reported():
    short = shares("60", "30")
    assert {one.office for one in notes(short)} == {MANBANG, MANSAI}
    alone = {key: answers for key, answers in short.items() if key[0] != MANSAI}
    assert notes(alone) == ()
    assert {one.office for one in notes({**alone, **{(MANBANG, "B02"): shares("101", "0")[MANBANG, "B02"]}})} == {
        MANBANG
    }


def test_one_person_in_the_rosters_of_two_villages_is_told_to_both_with_the_number_covered():
    found = returns()
    number = found[MANGUO, "B03"].rows["b03_m"][1].values["b03_m_id"]
    doubled = with_row(found[MANBANG, "B03"], "b03_m", 2, b03_m_id=number)
    said = {one.office: one for one in notes({**found, (MANBANG, "B03"): doubled})}
    assert said.keys() == {MANBANG, MANGUO}
    here = doubled.rows["b03_m"][2]
    assert said[MANBANG].finding.cells == (Cell("b03_m_id", here.id),)
    assert said[MANBANG].finding.message == (
        f"{here.values['b03_m_name']}（{mask('id', number)}）也登记在曼国村的“{the_task().screens['B03'].nav}”里"
    )
    assert "曼蚌村" in said[MANGUO].finding.message
    assert not any(number in one.finding.message for one in said.values())


def test_a_legal_helper_may_serve_two_villages():
    found = returns()
    number = found[MANGUO, "B04"].rows["b04_p"][0].values["b04_p_id"]
    assert notes({**found, (MANBANG, "B04"): with_row(found[MANBANG, "B04"], "b04_p", 0, b04_p_id=number)}) == ()
