"""Township to county: the same objects give the same state, and what the county says comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import receiving, taking
from cunbao.desks.county import answers as county_answers
from cunbao.desks.digest import state_digest
from cunbao.desks.township import deciding, forwarding, receipts, reviewing
from cunbao.desks.village import replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.exchange.content import CarriedDecision, CarriedRevision, Content
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.trust.certs import read_certificate
from world.desk import MANBANG, MANGUO, a_bundle, a_clock, a_county_desk, a_town_desk, a_village_desk, bundle_file

FORMS = ("B01", "B02", "B03", "B04", "B05")


def test_what_a_township_sends_on_stands_at_the_county_as_it_stands_there(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", office) for office in (MANBANG, MANGUO)])
    for form in FORMS:
        deciding.accept(town, MANBANG, form)
    deciding.send_back(town, MANGUO, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    seen = forwarding.send_on_view(town)
    assert (seen.going, seen.acknowledged, seen.number, seen.file_name) == (5, 0, 1, "勐混镇-2025年度-第1次.cbsync")
    sent = forwarding.write_forward(town, tmp_path)
    line = receiving.receive(county, [sent.path]).lines[0]
    assert line.label == "已接收" and "1 个村 5 张表" in line.read
    for form in FORMS:
        theirs = town.workspace.standing(MANBANG, form, "2025")
        assert county.workspace.standing(MANBANG, form, "2025") == theirs and theirs.state is ReturnState.ACCEPTED
    assert county.workspace.standing(MANGUO, "B01", "2025").state is ReturnState.MISSING
    form = county.task.forms["B01"]
    assert county.workspace.rows_that_count(form, "2025") == town.workspace.rows_that_count(form, "2025")
    # everything of both villages sent on: both hold the same, and so show the same
    sent = forwarding.write_forward(town, tmp_path, include_received=True)
    receiving.receive(county, [sent.path])
    ours, theirs = state_digest(town.workspace, town.task), state_digest(county.workspace, county.task)
    assert [one.state for one in ours.periods] == [one.state for one in theirs.periods]


def test_what_goes_along_of_earlier_periods_is_told_by_itself(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "enrolled"), a_town_desk(tmp_path)
    taking.apply(town.workspace, town.task, everything(village), epoch="last year")
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    for form in FORMS:
        deciding.accept(town, MANBANG, form)
    seen = forwarding.send_on_view(town)
    assert (seen.going, seen.decisions, seen.decisions_line) == (5, 5, "通过 5")
    assert seen.earlier == "2024 年度 5 张报表、5 个决定"
    receiving.receive(a_county_desk(tmp_path), [forwarding.write_forward(town, tmp_path).path])


def everything(village: VillageDesk) -> Content:
    """What a village holds of all periods, as a package would carry it."""
    held = village.workspace.object
    pairs = village.workspace.offices_with_returns()
    returns = [one for office, period in pairs for one in village.workspace.revisions_of(office, period)]
    decided = [one for office, period in pairs for one in village.workspace.decisions_of(office, period)]
    return Content(
        revisions=tuple(
            CarriedRevision(one.id, Header.decode(held(one.id)), held(one.id), held(one.answers), (held(one.cms),), ())
            for one in returns
        ),
        decisions=tuple(
            CarriedDecision(one.id, Decision.decode(held(one.id)), held(one.id), held(one.cms)) for one in decided
        ),
        certificates=tuple(read_certificate(held(one.id)) for one in village.workspace.certificates()),
    )


def test_the_county_gets_what_an_accepted_return_was_filled_against(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    deciding.accept(town, MANBANG, "B02")  # its households are those of B01, which nobody has reviewed yet
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert county.workspace.standing(MANBANG, "B02", "2025").state is ReturnState.ACCEPTED
    assert county.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED
    assert county.workspace.standing(MANBANG, "B05", "2025").state is ReturnState.MISSING


def test_what_the_county_acknowledged_is_not_sent_again_and_a_decision_taken_back_is(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    answer = county_answers.write_answer(county, town.office.code, tmp_path)
    assert receiving.receive(town, [answer]).lines[0].label == "已接收"
    assert forwarding.send_on_view(town).acknowledged == 1 and not forwarding.send_on_view(town).may_send
    with pytest.raises(DeskError) as refused:
        forwarding.write_forward(town, tmp_path)
    assert refused.value.code == "forward.nothing"
    reviewing.withdraw(town, MANBANG, "B01", "人数不对")
    sent = forwarding.write_forward(town, tmp_path)
    assert sent.sequence == 2
    receiving.receive(county, [sent.path])
    assert county.workspace.counted(MANBANG, "B01", "2025") is None


def test_the_county_s_decision_reaches_the_village_through_the_township(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    head = county.workspace.standing(MANBANG, "B01", "2025").head
    county_answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("b01_pop_out"), "与统计局的数差得多")])
    county_answers.close_period(county)
    receiving.receive(town, [county_answers.write_answer(county, town.office.code, tmp_path)])
    assert town.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RETURNED
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    taken = replies.take_receipt(village, written.path)
    assert taken.returned == ("B01",) and village.state("B01") is ReturnState.RETURNED
    from cunbao.desks.village import lineage, signing
    from cunbao.survey.states import Kind

    assert lineage.period_closed(village) and signing.kind_of(village, "B01") is Kind.LATE
