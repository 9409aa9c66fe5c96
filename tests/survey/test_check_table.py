"""Every check of the task is silent on a good village and speaks, in whole sentences, when its own rule is broken."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cunbao.survey.checks import compiled_checks, judge
from cunbao.survey.sample import COMMUNITY, MANBANG
from cunbao.survey.values import Answers, Office, Ret
from world.villages import a_village, the_task

# check → what breaks it: "field=value", "field[row]=value" for rosters, "last field=value", several by ";".
# Computed fields are put in directly: the check is tried here, not the form.
NO_PLACE = ";".join(f"b02_f_kind[{row}]=41;b02_f_n_c[{row}]=0" for row in range(1, 7))  # nothing but shops
BREAKS = {
    "K-001": "b01_pop_resident=9999;b01_hh_resident=2",
    "K-002": "b01_pop_resident=700;b01_hh_resident=100",
    "K-003": "b01_pop_registered=100;b01_hh_registered=200",
    "K-004": "b01_pop_out=2000",
    "K-005": "b01_pop_out=99999",
    "K-006": "b01_pop_in=99999",
    "K-007": "b01_pop_3_17=99999",
    "K-008": "b01_pop_65=99999",
    "K-009": "b01_pop_female=1",
    "K-010": "b01_elder_special=99999",
    "K-011": "b01_dibao_hh=99999",
    "K-012": "b01_dibao_pop=99999",
    "K-013": "b01_left_child=99999",
    "K-014": "b01_natural_villages=0",
    "K-015": "b01_party_members=9999",
    "K-016": "b01_reloc=1;b01_reloc_hh=42;b01_reloc_pop=41",
    "K-017": "b01_kind=20",
    "K-018": "last b01_pop_resident=100",
    "K-019": "last b01_hh_resident=10",
    "K-020": "last b01_dibao_pop=1",
    "K-021": "last b01_area_km2=1",
    "K-022": "b02_f_off[1]=9999",
    "K-023": "b02_f_act[1]=0",
    "K-024": "b02_f_sport[3]=99999",
    "K-025": "b02_f_name[2]=同;b02_f_kind[2]=14;b02_f_area[2]=9;b02_f_name[1]=同;b02_f_kind[1]=14;b02_f_area[1]=9",
    "K-026": "b02_zero=1",
    "K-027": "b02_zero=1",
    "K-028": "b02_n=0",
    "K-029": "b02_per100=600",
    "K-030": "b02_act_rate=59.99",
    "K-031": "b02_per100=29.99",
    "K-032": "b02_f_hours[1]=7.9",
    "K-033": "b02_f_state[2]=4",
    "K-034": "last b02_area_total=1",
    "K-037": "b03_m_id[1]=999022199001018010",
    "K-039": "b03_m_birth[2]=1990-02-30",
    "K-042": "b03_m_age[1]=17",
    "K-043": "b03_m_age[1]=66",
    "K-044": "b04_p_age[1]=15",
    "K-045": "b04_p_age[1]=16;b04_p_edu[1]=21",
    "K-046": "b03_m_id[1]=x;b03_m_id[3]=x",
    "K-047": "b04_p_id[1]=x;b04_p_id[3]=x",
    "K-048": "b05_p_name[1]=同;b05_p_phone[1]=1;b05_p_name[2]=同;b05_p_phone[2]=1",
    "K-049": "b03_m_phone[1]=13800000000;b04_p_phone[1]=13800000000",
    "K-050": "b03_m_id[1]=x;b04_p_id[1]=x",
    "K-051": "b03_n_sec=0",
    "K-052": "b03_n_dir=2",
    "K-053": "b03_yjt=0",
    "K-054": "b03_yjt=0",
    "K-055": "last b03_yjt=0",
    "K-056": "b03_n_comm=8",
    "K-058": "b03_n_comm=6",
    "K-059": "b03_n_comm=4",
    "K-060": "b03_n_party=6",
    "K-061": "b03_n_wcomm=0",
    "K-062": "b03_m_political[2]=13",
    "K-063": "b03_m_political[1]=02",
    "K-064": "b03_m_review[2]=2",
    "K-065": "b03_m_review[2]=0",
    "K-066": "b03_m_since[1]=1980-01-01",
    "K-067": "b03_m_since[1]=2020-01-01",
    "K-068": "b03_n=0",
    "K-069": "b01_party_members=4",
    "K-070": "b03_m_pay[1]=30000",
    "K-071": "b03_m_pay[1]=0",
    "K-072": "b04_n_key=2",
    "K-073": "b04_n=0",
    "K-074": "b04_n_key=99",
    "K-075": "b04_zero=1",
    "K-076": "b04_p_tkind[1]=0",
    "K-077": "b04_demo_hh=0",
    "K-078": "b04_demo_hh=9999",
    "K-079": "b05_zero=1",
    "K-080": "b05_n=0",
    "K-081": "b05_zero=1",
    "K-082": "b05_n_a=2",
    "K-083": "b05_n=1",
    "K-084": "b05_cover_sum=1",
    "K-085": "b05_p_system[1]=0",
    "K-086": "b06_grid_full=99",
    "K-087": "b06_grid_branch=99",
    "K-088": "b06_grid_full=7",
    "K-089": "b06_sw_cert=2",
    "K-090": "b06_sw_cert=0",
    "K-091": "b06_vol_reg=9999",
    "K-092": "b06_vol_part=9999",
    "K-093": "b06_vol_hours=999999",
    "K-094": "b06_sub_lead=6",
    "K-095": "last b06_vol_reg=100",
    "K-096": "b06_mediator=2",
    "K-097": "b06_cw_pay=1769.99",
    "K-098": "b07_items_net=500",
    "K-099": "b02_f_rooms[1]=02 03",
    "K-100": "b07_survey_ok=999",
    "K-101": "b07_visit=99",
    "K-102": "b07_visit=1",
    "K-103": "b07_places=500",
    "K-104": "b07_nursery=0",
    "K-105": "b07_pen_due=9999",
    "K-106": "b07_aid_due=1",
    "K-107": "b07_honour=01 02;b07_honour_y=02 05 12",
    "K-108": "b07_min_shop=31",
    "K-109": NO_PLACE,
}
OF_A_COMMUNITY = {"K-057": "b03_n_comm=6", "K-036": "b02_built_area=10"}
TRIED_ELSEWHERE = {"K-038", "K-040", "K-041", "K-116", "K-117", "K-118"}  # test_checks: not about typed answers


def broken(answers, how):
    """The answers with what `how` says put in."""
    result = dict(answers)
    for one in how.split(";"):
        place, _, value = one.partition("=")
        field, _, row = place.partition("[")
        form = field[:3].upper()
        now = result[form]
        if row:
            repeat = field[:5]
            rows = list(now.rows[repeat])
            at = int(row.rstrip("]")) - 1
            rows[at] = replace(rows[at], values={**rows[at].values, field: value})
            result[form] = Answers(now.values, {**now.rows, repeat: tuple(rows)})
        else:
            result[form] = Answers({**now.values, field: value}, now.rows)
    return result


def told(code, check, how=""):
    village = a_village(code)
    answers, last = village.signed(), village.last
    if how.startswith("last "):
        last = broken(last, how.removeprefix("last "))
    elif how:
        answers = broken(answers, how)
    params = {**village.task.params, "min_wage_month": Decimal(1770)}  # 县里填的数
    return [one for one in judge(village.task, answers, village.facts(last=last, params=params)) if one.check == check]


def test_a_wage_that_the_county_has_not_put_in_is_held_against_nobody():
    village = a_village(MANBANG)
    answers = broken(village.signed(), BREAKS["K-097"])
    assert "min_wage_month" not in village.task.params
    assert "K-097" not in [one.check for one in judge(village.task, answers, village.facts())]


CASES = [(MANBANG, *one) for one in BREAKS.items()] + [(COMMUNITY, *one) for one in OF_A_COMMUNITY.items()]


@pytest.mark.parametrize(("code", "check", "how"), CASES)
def test_a_check_speaks_when_its_rule_is_broken_and_not_before(code, check, how):
    assert told(code, check) == []
    found = told(code, check, how)
    assert found
    for one in found:
        assert one.cells and one.compared and one.forms
        assert "{" not in one.message + one.remedy
        assert not any(gap in one.message for gap in ("“”", "第行", "、、", "（）")), one.message


def test_every_check_is_tried():
    compiled = compiled_checks(the_task().at("village"))  # the townships' own: test_township_form
    assert {one.check.id for one in compiled} == set(BREAKS) | set(OF_A_COMMUNITY) | TRIED_ELSEWHERE


def test_what_is_newly_won_and_not_held_is_named_by_its_words():
    (found,) = told(MANBANG, "K-107", BREAKS["K-107"])
    assert found.message == "本年新获得“和谐社区建设示范单位、儿童友好社区”，但现有命名里没有"


def test_the_office_code_decides_which_kind_of_office_it_may_be():
    village = a_village(MANBANG)
    facts = village.facts(office=Office("532822103001", "某社区", kind="10"), ret=Ret("a", "b", "c", "d", "e"))
    assert "K-017" in [one.check for one in judge(village.task, village.signed(), facts)]
