"""审核 at the county: what a township fills of itself is accepted or sent back, and a village's over its head."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.county import answers, reviewing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import forwarding, supplement
from cunbao.desks.village import practice, signing
from cunbao.errors import DeskError
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from desks.test_supplement import filled, signed
from world.county_returns import ACCEPTED, WAITING, a_county_with_returns
from world.desk import MANBANG, MANGUO, MENGHUN, PASSWORD, a_county_desk, a_town_desk, types


def refused(act: object, *said: object) -> str:
    with pytest.raises(DeskError) as told:
        act(*said)  # type: ignore[operator]
    return told.value.code


def state(county: CountyDesk, office: str, form: str) -> ReturnState:
    return county.workspace.standing(office, form, "2025").state


def test_a_township_s_own_return_is_looked_at_sent_back_and_accepted(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    own = signed(town)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert reviewing.queue(county) == ((MENGHUN, "T01"),)
    view = reviewing.review(county, MENGHUN, "T01")
    assert (view.name, view.state, view.may_accept) == ("勐混镇", ReturnState.RECEIVED, True), view.why_not_accept
    assert view.pdf_check.ok and view.pdf.startswith(b"%PDF") and view.came.startswith("第 1 次")
    assert len(view.all_lines) > 5 and not view.may_withdraw and view.following is None
    found = [note for line in view.checked for note in line.notes]
    assert found and all(note.explanation for note in found if note.severity is not Severity.HINT)  # run again here
    cell = view.all_lines[0].cell
    assert refused(reviewing.send_back, county, MENGHUN, "T01") == "return.no_comment"
    assert refused(reviewing.comment, county, MENGHUN, "T01", Cell("nothing"), "请核对") == "comment.cell"
    reviewing.comment(county, MENGHUN, "T01", cell, "请核对")
    assert refused(reviewing.accept, county, MENGHUN, "T01") == "accept.comments"
    reviewing.send_back(county, MENGHUN, "T01")
    assert state(county, MENGHUN, "T01") is ReturnState.RETURNED and reviewing.queue(county) == ()
    receiving.receive(town, [answers.write_answer(county, MENGHUN, tmp_path)])
    assert supplement.asked(town).state("T01") is ReturnState.RETURNED
    reviewing.withdraw(county, MENGHUN, "T01", "看错了")
    assert state(county, MENGHUN, "T01") is ReturnState.RECEIVED
    again = reviewing.review(county, MENGHUN, "T01")
    assert next(line.comment for line in again.all_lines if line.cell == cell) == "请核对"  # to be written on from
    reviewing.accept(county, MENGHUN, "T01", drop_comments=True)
    done = reviewing.review(county, MENGHUN, "T01")
    assert state(county, MENGHUN, "T01") is ReturnState.ACCEPTED
    assert done.may_withdraw and "通过" in done.decided and len(done.history) >= 3
    assert refused(reviewing.accept, county, MENGHUN, "T01") == "accept.state"
    receiving.receive(town, [answers.write_answer(county, MENGHUN, tmp_path)])
    assert own.state("T01") is ReturnState.ACCEPTED
    for desk in (town, county):
        desk.close()


def test_the_county_decides_over_a_township_s_head(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    view = reviewing.review(county, *WAITING)
    assert view.may_accept and view.pdf_check.ok, view.why_not_accept  # the page of a village, by its township's key
    reviewing.accept(county, *WAITING)
    assert state(county, *WAITING) is ReturnState.ACCEPTED
    decided = reviewing.review(county, MANBANG, "B01")
    assert decided.state is ReturnState.ACCEPTED and not decided.may_withdraw  # it is the township's decision
    assert refused(reviewing.withdraw, county, MANBANG, "B01", "县里不同意") == "withdraw.nothing"
    reviewing.comment(county, MANBANG, "B01", decided.all_lines[0].cell, "和去年差得多，请核对")
    reviewing.send_back(county, MANBANG, "B01")
    assert state(county, MANBANG, "B01") is ReturnState.RETURNED
    county.close()


def test_the_county_waives_an_explanation_and_notes_the_paper_that_came(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    place, explained = next(
        ((office, form), note)
        for office in (MANBANG, MANGUO)
        for form in ACCEPTED
        for line in reviewing.review(county, office, form).checked
        for note in line.notes
        if note.severity is Severity.EXPLAIN and not note.cross
    )
    assert refused(reviewing.waive, county, *place, explained.key, "") == "reason.length"
    assert refused(reviewing.waive, county, *place, "K-000:x", "县里知道") == "waive.none"
    reviewing.waive(county, *place, explained.key, "县里知道，不用说明")
    reviewing.mark_paper(county, *place)
    after = reviewing.review(county, *place)
    assert [note.waived for line in after.checked for note in line.notes if note.key == explained.key] == [True]
    assert after.paper_received.startswith("纸质已收") and after.state is ReturnState.ACCEPTED
    assert refused(reviewing.waive, county, *place, explained.key, "再来一次") == "waive.already"
    assert refused(reviewing.mark_paper, county, *place) == "paper.already"
    county.close()


def test_of_two_versions_of_what_a_township_fills_the_county_chooses_one(tmp_path: Path) -> None:
    county, sent = a_county_desk(tmp_path), []
    for name in ("one", "two"):  # a workspace that was copied: both sign
        town = a_town_desk(tmp_path, name=name)
        own = filled(town)
        if name == "two":
            types(own, "T01", "t01_elder_beds", "61")
            practice.explain_all(own)
        supplement.sign(town, signing.prepare(own), PASSWORD)
        (tmp_path / f"{name}-out").mkdir()
        sent.append(forwarding.write_forward(town, tmp_path / f"{name}-out").path)
        town.close()
    receiving.receive(county, sent)
    assert state(county, MENGHUN, "T01") is ReturnState.FORK
    view = reviewing.review(county, MENGHUN, "T01")
    assert view.why_not_accept == "有 2 份互不相承，先选定一份"
    (first, words), (second, _) = reviewing.versions(county, MENGHUN, "T01")
    assert words.startswith("第 1 版，") and "签名：" in words
    assert refused(reviewing.choose, county, MENGHUN, "T01", "0" * 64) == "choose.gone"
    reviewing.choose(county, MENGHUN, "T01", second)
    stands = county.workspace.standing(MENGHUN, "T01", "2025")
    assert (stands.state, stands.head) == (ReturnState.RECEIVED, second)
    assert reviewing.versions(county, MENGHUN, "T01") == ()
    assert refused(reviewing.choose, county, MENGHUN, "T01", first) == "choose.gone"
    county.close()


def test_what_never_came_is_not_looked_at(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    assert refused(reviewing.review, county, MENGHUN, "T01") == "return.no_head"
    assert refused(reviewing.accept, county, MENGHUN, "T01") == "return.no_head"
    county.close()
