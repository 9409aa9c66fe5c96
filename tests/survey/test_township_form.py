"""T01: what a level sees of the task, the township's checks broken once each, and the sums over its villages."""

from dataclasses import replace

import pytest

from cunbao.survey.checks import Facts, compiled_checks, judge
from cunbao.survey.crosscheck import judge_over_villages
from cunbao.survey.formulas import computable, levels
from cunbao.survey.sample import SAMPLE_TOWNSHIPS, sample_answers, sample_ret
from cunbao.survey.values import Answers, Severity
from world.villages import a_village, must_fix, the_task

TOWN, OTHER = (one.code for one in SAMPLE_TOWNSHIPS)
BREAKS = {
    "K-110": "t01_hall_area=499.99",
    "K-111": "t01_elder_full=0",
    "K-112": "t01_minor=0",
    "K-113": "t01_sw=0",
    "K-114": "t01_sw_cert=6",
}
TRIED_WITH_VILLAGES = {"K-116", "K-117", "K-118"}  # about the return, the same at every level


def good(code: str = TOWN) -> dict[str, Answers]:
    """A township with nothing to say of: one home of the elderly does all four."""
    town = a_village(code)
    town.types("T01", "t01_elder_fn", "1 2 3 4")
    return town.signed()


def facts(code: str = TOWN, **changes: object) -> Facts:
    return replace(a_village(code).facts(), **changes)  # type: ignore[arg-type]


def broken(how: str) -> dict[str, Answers]:
    field, _, value = how.partition("=")
    return {"T01": Answers({**good()["T01"].values, field: value})}


@pytest.mark.parametrize(("check", "how"), BREAKS.items())
def test_a_check_of_the_township_speaks_when_its_rule_is_broken_and_not_before(check: str, how: str) -> None:
    task = the_task().at("township")
    assert [one.check for one in judge(task, good(), facts()) if one.check in BREAKS] == []
    (found,) = (one for one in judge(task, broken(how), facts()) if one.check == check)
    assert found.form == "T01" and found.cells and found.compared and "{" not in found.message + found.remedy


def test_every_check_of_the_township_is_tried() -> None:
    compiled = compiled_checks(the_task().at("township"))
    assert {one.check.id for one in compiled} == set(BREAKS) | TRIED_WITH_VILLAGES


def test_a_street_needs_less_room_than_a_town() -> None:
    task, small = the_task().at("township"), broken("t01_hall_area=300")
    street = {"T01": Answers({**small["T01"].values, "t01_kind": "51"})}
    (said,) = (one for one in judge(task, small, facts()) if one.check == "K-110")
    assert said.message == "平台面积300平方米，低于500平方米" and said.severity is Severity.EXPLAIN
    assert not any(one.check == "K-110" for one in judge(task, street, facts()))


def test_training_is_held_against_the_workers_of_all_villages() -> None:
    own = broken("t01_train_p=20")
    few, many = {"B06": Answers({"b06_cw_total": "40"})}, {"B06": Answers({"b06_cw_total": "41"})}
    assert judge_over_villages(the_task(), own, few, facts()) == ()
    (said,) = judge_over_villages(the_task(), own, many, facts())
    assert (said.check, said.form, [cell.field for cell in said.cells]) == ("K-115", "T01", ["t01_train_p"])
    assert said.message == "乡镇培训20人，各村社区工作者合计41人"
    assert judge_over_villages(the_task(), own, {}, facts()) == ()  # no village has been accepted: nothing to hold


def test_more_certified_workers_than_workers_is_refused_at_the_cell() -> None:
    town = a_village(TOWN)
    town.types("T01", "t01_sw_cert", "6")
    (said,) = (one for one in town.findings() if one.severity is Severity.MUST_FIX)
    assert (said.check, said.message) == ("K-114", "填的是6，不能小于0，也不能大于“驻站社会工作者”（5人）")


@pytest.mark.parametrize("code", [TOWN, OTHER])
def test_the_sample_s_townships_have_nothing_that_must_be_mended(code: str) -> None:
    for period in ("2025", "2024"):
        town = a_village(code, period=period, last=False)
        assert must_fix(town.findings()) == []
    assert set(sample_answers(the_task(), code, "2025")) == {"T01"}
    assert sample_ret(the_task(), code, "2025-12-15").head


def test_no_level_sees_what_another_one_fills() -> None:
    whole = the_task()
    village, town = whole.at("village"), whole.at("township")
    assert set(village.forms) | set(town.forms) == set(whole.forms) and set(town.forms) == {"T01"}
    assert "T01" not in village.required_forms and town.required_forms == ("T01",)
    assert not any("T01" in one.forms for one in village.checks)
    assert {form for form, _, _ in town.sign_facts} == {"T01"}
    assert village.whole is whole and town.whole is whole and village.at("township") == town
    assert (village.deadline, town.deadline) == (whole.deadline, whole.deadline_of("T01"))
    assert {one.number for one in computable(village)} == {
        one.number for one in computable(whole) if levels(whole, one) <= {"village"}
    }
