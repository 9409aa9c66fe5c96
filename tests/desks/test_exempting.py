"""不计入 (protocol §2): the county takes an office out of an indicator with a reason, and puts it back; neither sum has
it, whoever gets the decision shows the same, and what a closing said never moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import decisions, exempted, receiving, taking
from cunbao.desks.county import answers, closing, exempting
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, deciding, forwarding, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import replies
from cunbao.errors import CunbaoError
from cunbao.exchange.content import CarriedDecision, Content
from cunbao.survey.decision import Act, Decision
from cunbao.survey.indicators import NoFigure, Total
from world.desk import MANBANG, MANGUO, a_clock, a_county_desk, a_town_desk, a_village_desk, bundle_file

AREA = "003-04"  # 每百户居民拥有综合服务设施面积
WHY = "整村搬迁，设施正在重建"


@pytest.fixture
def desks(tmp_path: Path) -> tuple[TownshipDesk, CountyDesk]:
    """A township with two villages accepted, and the county that has got them."""
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", office) for office in (MANBANG, MANGUO)])
    for office in (MANBANG, MANGUO):
        for form in ("B01", "B02"):
            deciding.accept(town, office, form)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path, include_received=True).path])
    return town, county


def area(county: CountyDesk) -> Total:
    return closing.indicators(county.workspace, county.task, closing.now(county.workspace, "2025"))[AREA]


def test_an_office_that_is_exempt_joins_neither_sum_until_it_is_put_back(
    desks: tuple[TownshipDesk, CountyDesk],
) -> None:
    _, county = desks
    before, said = area(county), state_digest(county.workspace, county.task)
    assert before.counted == 2
    given = exempting.exempt(county, MANBANG, AREA, WHY)
    after = area(county)
    assert (after.counted, after.exempt, after.left_out) == (1, 1, 0) and 0 < after.denominator < before.denominator
    (one,) = exempting.exemptions(county)
    assert (one.id, one.office, one.indicator, one.reason) == (given.id, MANBANG, AREA, WHY)
    assert state_digest(county.workspace, county.task) != said
    assert given.seen == county.workspace.decision_heads(MANBANG, "2025")
    exempting.exempt(county, MANGUO, AREA, WHY)
    assert area(county).value is NoFigure.EXEMPT
    for office in (MANBANG, MANGUO):
        back = exempting.take_back(county, office, AREA, "设施建好了")
        assert back.n > given.n
    assert area(county) == before and exempting.exemptions(county) == ()
    exempting.exempt(county, MANBANG, AREA, WHY)  # and once more: the one taken back hides nothing
    assert area(county) == after


def test_what_cannot_be_exempt_is_refused_with_a_sentence(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks

    def refused(office: str, indicator: str, why: str) -> str:
        with pytest.raises(CunbaoError) as said:
            exempting.exempt(county, office, indicator, why)
        assert said.value.safe and said.value.todo
        return said.value.code

    assert refused("532822999999", AREA, WHY) == "exempt.office"
    assert refused(county.office.code, AREA, WHY) == "exempt.office"
    assert refused(MANBANG, "999-99", WHY) == "exempt.indicator"
    assert refused(MANBANG, AREA, " ") == "reason.length"
    with pytest.raises(CunbaoError) as said:
        exempting.take_back(county, MANBANG, AREA, "设施建好了")
    assert said.value.code == "exempt.none"
    exempting.exempt(county, MANBANG, AREA, WHY)
    assert refused(MANBANG, AREA, WHY) == "exempt.already"
    assert county.workspace.decisions_of_act("exempt")[0].by == county.person.name


def test_the_township_and_the_village_get_it_with_their_receipts_and_show_the_same(
    desks: tuple[TownshipDesk, CountyDesk], tmp_path: Path
) -> None:
    town, county = desks
    exempting.exempt(county, MANBANG, AREA, WHY)
    elsewhere = next(one.code for one in county.villages if one.parent != town.office.code)
    other = exempting.exempt(county, elsewhere, AREA, "没有居民")
    assert (
        receiving.receive(town, [answers.write_answer(county, town.office.code, tmp_path)]).lines[0].label == "已接收"
    )
    assert exempted.exempted(town.workspace, "2025") == {MANBANG: {AREA: WHY}}
    remarks = {row.office: row.remark for row in board.board(town).rows}
    assert remarks[MANBANG] == f"不计入 {AREA}" and "不计入" not in remarks[MANGUO]
    assert town.workspace.decision(other.id) is None
    exempting.take_back(county, elsewhere, AREA, "住进去了")
    ours, at_county = state_digest(town.workspace, town.task), state_digest(county.workspace, county.task)
    assert [one.state for one in ours.periods] == [one.state for one in at_county.periods]
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert exempted.exempted(village.workspace, "2025") == {MANBANG: {AREA: WHY}}
    (tmp_path / "two").mkdir()
    exempting.take_back(county, MANBANG, AREA, "设施建好了")
    receiving.receive(town, [answers.write_answer(county, town.office.code, tmp_path / "two")])
    assert exempted.exempted(town.workspace, "2025") == {}


def test_a_township_cannot_exempt_and_nobody_takes_back_what_the_county_decided(
    desks: tuple[TownshipDesk, CountyDesk],
) -> None:
    town, county = desks
    about = (("indicator", AREA), ("office", MANBANG), ("period", "2025"))
    decisions.at_large(town, Act.EXEMPT, "2025", [MANBANG], reason=WHY, about=about)
    assert exempted.exempted(town.workspace, "2025") == {}
    given = exempting.exempt(county, MANBANG, AREA, WHY)
    held = county.workspace.object
    carried = CarriedDecision(given.id, Decision.decode(held(given.id)), held(given.id), held(given.cms))
    taking.apply(town.workspace, town.task, Content(decisions=(carried,)), epoch="x")
    decisions.at_large(town, Act.WITHDRAW, "2025", [MANBANG], reason="不同意", names=[given.id])
    assert exempted.exempted(town.workspace, "2025") == {MANBANG: {AREA: WHY}}


def test_what_was_exempt_at_the_closing_stays_so_in_its_figures(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    exempting.exempt(county, MANBANG, AREA, WHY)
    answers.close_period(county)
    closed = closing.at_closing(county.workspace, "2025")
    assert closed is not None and closed.exempt == {MANBANG: {AREA: WHY}} and closed.unknown == ()
    figures = closing.indicators(county.workspace, county.task, closed.closing, closed.exempt)
    exempting.take_back(county, MANBANG, AREA, "设施建好了")
    exempting.exempt(county, MANGUO, AREA, WHY)
    assert closing.at_closing(county.workspace, "2025") == closed
    assert closing.indicators(county.workspace, county.task, closed.closing, closed.exempt) == figures
    assert area(county).exempt == 1 and area(county).numerator != figures[AREA].numerator
