"""撤回报送 (protocol §2): a village takes back what it sent before the township accepted it, as a signed decision that
goes with the next bundle; whichever of 撤回 and 通过 comes first, both desks show the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cunbao.desks import ledger, receiving, taking
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, deciding, forwarding, receipts, reviewing, supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import lineage, practice, replies, retracting, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.exchange.content import CarriedDecision, Content
from cunbao.survey import sample
from cunbao.survey.decision import Comment, Decision
from cunbao.survey.standing import RETRACTED
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Cell
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    reopened,
    text,
    types,
)

WHY = "户数抄错了一行"


@pytest.fixture
def desks(tmp_path: Path) -> tuple[VillageDesk, TownshipDesk]:
    """A village whose first bundle the township has received, and told so."""
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "first")])
    answers(town, village, tmp_path / "told")
    return village, town


def answers(town: TownshipDesk, village: VillageDesk, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (written,) = receipts.write_receipts(town, place, [MANBANG])
    replies.take_receipt(village, written.path)


def stands(town: TownshipDesk, form: str = "B01") -> tuple[ReturnState, tuple[str, ...]]:
    found = town.workspace.standing(MANBANG, form, "2025")
    return found.state, found.marks


def signs_again(village: VillageDesk, form: str = "B01") -> None:
    practice.explain_all(village)
    signing.sign(village, signing.prepare(village, [form]), PASSWORD)


def the_same(village: VillageDesk, town: TownshipDesk) -> None:
    """Promise 3 between the two desks: what both hold of the village stands the same at both."""
    for form in village.task.forms:
        assert village.workspace.standing(MANBANG, form, "2025") == town.workspace.standing(MANBANG, form, "2025")
    assert state_digest(village.workspace, village.task).periods[-1].state == (
        state_digest(town.workspace, town.task).periods[-1].state
    )


def test_a_return_that_was_taken_back_is_open_again_and_its_next_version_follows_it(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path
) -> None:
    village, town = desks
    sent = village.newest("B01")
    assert sent is not None and retracting.why_not(village, "B01") == ""
    made = retracting.retract(village, "B01", f" {WHY} ", PASSWORD)
    assert (made.revision, made.act, made.office, made.by) == (sent.id, "retract", MANBANG, village.person.name)
    assert made.seen == () and made.n > sent.n
    assert village.state("B01").editable and [one.id for one in village.parents("B01")] == [sent.id]
    assert village.form_line("B01").note == "已撤回报送，要报送出去乡镇才知道"
    homes = text(village, "B01", "b01_hh_resident")
    types(village, "B01", "b01_deputies", "41")
    assert text(village, "B01", "b01_hh_resident") == homes
    # the 撤回 goes alone, before anything is signed anew
    view = sending.export_view(village)
    assert view.may_send and view.forms == () and view.retracted == ("B01",)
    line = receiving.receive(town, [a_bundle(village, tmp_path / "second")]).lines[0]
    assert "撤回" in line.read and "B01" in line.read
    assert stands(town) == (ReturnState.MISSING, (RETRACTED,))
    answers(town, village, tmp_path / "heard")
    assert village.form_line("B01").note == "已撤回报送" and not sending.export_view(village).may_send
    the_same(village, town)
    # and what is signed next is a normal return that follows it
    assert signing.kind_of(village, "B01") is Kind.NORMAL
    signs_again(village)
    again = village.newest("B01")
    assert again is not None and again.parents == (sent.id,) and again.version == 2 and again.kind == "normal"
    receiving.receive(town, [a_bundle(village, tmp_path / "third")])
    assert stands(town) == (ReturnState.RECEIVED, ())
    deciding.accept(town, MANBANG, "B01")
    answers(town, village, tmp_path / "done")
    assert village.state("B01") is ReturnState.ACCEPTED
    the_same(village, town)


def test_the_township_sees_that_it_was_taken_back_and_why(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path
) -> None:
    village, town = desks
    retracting.retract(village, "B01", WHY, PASSWORD)
    receiving.receive(town, [a_bundle(village, tmp_path / "second")])
    seen = reviewing.review(town, MANBANG, "B01")
    assert (seen.state, seen.may_accept, seen.may_return) == (ReturnState.MISSING, False, False)
    assert seen.why_not_accept == f"村里已经撤回这份报送：{WHY}" and RETRACTED in seen.marks
    assert any("撤回报送，村里 岩温" in one and WHY in one for one in seen.history)
    row = next(one for one in board.board(town).rows if one.office == MANBANG)
    cell = next(one for one in row.cells if one.form == "B01")
    assert cell.state is ReturnState.MISSING and RETRACTED in cell.marks
    with pytest.raises(CunbaoError) as refused:
        deciding.accept(town, MANBANG, "B01")
    assert refused.value.code == "return.no_head"
    assert (MANBANG, "B01") not in reviewing.queue(town) and (MANBANG, "B02") in reviewing.queue(town)


def test_an_acceptance_that_crossed_it_stands_and_the_return_is_locked_again(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path
) -> None:
    village, town = desks
    retracting.retract(village, "B01", WHY, PASSWORD)
    deciding.accept(town, MANBANG, "B01")  # nobody knows of the other
    line = receiving.receive(town, [a_bundle(village, tmp_path / "second")]).lines[0]
    assert "已先通过" in line.read
    assert stands(town) == (ReturnState.ACCEPTED, ())
    answers(town, village, tmp_path / "heard")
    assert retracting.too_late(village, "B01") and village.state("B01") is ReturnState.ACCEPTED
    the_same(village, town)
    # an acceptance taken back leaves the 撤回 alone
    reviewing.withdraw(town, MANBANG, "B01", "村里要撤回")
    assert stands(town) == (ReturnState.MISSING, (RETRACTED,))
    answers(town, village, tmp_path / "back")
    assert village.state("B01").editable and not lineage.may_give_up(village, "B01")
    the_same(village, town)


def test_what_was_changed_before_the_acceptance_was_known_goes_on_as_a_correction(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path
) -> None:
    village, town = desks
    retracting.retract(village, "B01", WHY, PASSWORD)
    types(village, "B01", "b01_deputies", "41")
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(town, [a_bundle(village, tmp_path / "second")])
    answers(town, village, tmp_path / "heard")
    assert village.state("B01").editable and text(village, "B01", "b01_deputies") == "41"
    assert village.form_line("B01").note == "撤回送到以前乡镇已经通过，现在改的算更正"
    assert signing.kind_of(village, "B01") is Kind.CORRECTION and lineage.may_give_up(village, "B01")
    signs_again(village)
    receiving.receive(town, [a_bundle(village, tmp_path / "third")])
    assert stands(town)[0] is ReturnState.RECEIVED
    counted = town.workspace.counted(MANBANG, "B01", "2025")
    assert counted is not None and counted.version == 1
    the_same(village, town)


@pytest.mark.parametrize("order", [("撤回", "通过"), ("通过", "撤回")])
def test_whichever_comes_first_the_same_set_gives_the_same_state(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path, order: tuple[str, ...]
) -> None:
    village, town = desks
    retracting.retract(village, "B01", WHY, PASSWORD)
    retracted = a_bundle(village, tmp_path / "second")
    deciding.accept(town, MANBANG, "B01")
    (told,) = town.workspace.decisions_of(MANBANG, "2025")
    data, held = town.workspace.object(told.id), town.workspace.object(told.cms)
    accepted = Content(decisions=(CarriedDecision(told.id, Decision.decode(data), data, held),))
    fresh = a_town_desk(tmp_path, name="fresh")
    receiving.receive(fresh, [next((tmp_path / "first").iterdir())])
    for act in order:
        if act == "撤回":
            receiving.receive(fresh, [retracted])
        else:
            taking.apply(fresh.workspace, fresh.task, accepted, epoch="x")
    receiving.receive(town, [retracted])
    assert state_digest(fresh.workspace, fresh.task) == state_digest(town.workspace, town.task)
    assert stands(fresh) == (ReturnState.ACCEPTED, ())
    ledger.rebuild(fresh.workspace, fresh.task)
    assert stands(fresh) == (ReturnState.ACCEPTED, ())


def test_only_what_was_sent_and_is_not_settled_can_be_taken_back(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path
) -> None:
    village, town = desks

    def refused(form: str, why: str = WHY, password: str = PASSWORD) -> CunbaoError:
        with pytest.raises(CunbaoError) as said:
            retracting.retract(village, form, why, password)
        return said.value

    assert refused("B01", "错").code == "reason.length"
    assert refused("B01", password="wrong").code == "password.wrong"
    assert village.state("B01") is ReturnState.RECEIVED  # nothing of it was kept
    deciding.accept(town, MANBANG, "B01")
    deciding.send_back(town, MANBANG, "B02", [Comment(Cell("b02_area_total"), "请核对")])
    answers(town, village, tmp_path / "decided")
    assert refused("B01").code == refused("B02").code == "retract.state"
    retracting.retract(village, "B03", WHY, PASSWORD)
    assert "填报中" in refused("B03").happened
    with pytest.raises(CunbaoError) as said:
        lineage.give_up(village, "B03")
    assert said.value.code == "correction.retracted" and village.state("B03").editable


def test_what_has_not_left_is_unsigned_instead(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed")
    assert retracting.why_not(village, "B01") == "还没有送出，撤回签名就可以"
    assert [one.may_retract for one in signing.signed_returns(village)] == [False] * 5
    sending.write_bundle(village, tmp_path, PASSWORD)
    assert [one.may_retract for one in signing.signed_returns(village)] == [True] * 5


def test_what_a_township_fills_for_itself_is_corrected_and_not_taken_back(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    own = supplement.asked(town)
    for form, said in sample.sample_answers(own.task, town.office.code, "2025").items():
        practice.fill(own, form, said)
    own.set_ret(sample.sample_ret(own.task, town.office.code, "2025-12-15"))
    practice.explain_all(own)
    supplement.sign(town, signing.prepare(own), PASSWORD)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert own.state("T01") in retracting.OPEN
    assert retracting.why_not(own, "T01") == "乡镇自己填的表，另做一版更正"
    assert [one.may_retract for one in signing.signed_returns(own)] == [False]
    with pytest.raises(CunbaoError) as refused:
        retracting.retract(own, "T01", WHY, PASSWORD)
    assert refused.value.code == "retract.state"


def test_a_new_life_of_the_township_is_told_again(
    desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    village, town = desks
    retracting.retract(village, "B01", WHY, PASSWORD)
    receiving.receive(town, [a_bundle(village, tmp_path / "second")])
    answers(town, village, tmp_path / "heard")
    assert retracting.outgoing(village) == ()
    monkeypatch.setattr("cunbao.store.workspace.place_of", lambda folder: "another computer")
    other = a_town_desk(tmp_path, name="reborn")
    assert other.workspace.epoch != town.workspace.epoch
    answers(other, village, tmp_path / "reborn-told")
    assert len(retracting.outgoing(village)) == 1
    receiving.receive(other, [a_bundle(village, tmp_path / "third")])
    assert stands(other) == (ReturnState.MISSING, (RETRACTED,))


def test_the_office_s_other_computer_opens_it_too(desks: tuple[VillageDesk, TownshipDesk], tmp_path: Path) -> None:
    village, town = desks
    shutil.copytree(village.workspace.folder, tmp_path / "other", ignore=shutil.ignore_patterns("*.lock", "lock*"))
    other = reopened(tmp_path / "other")
    retracting.retract(village, "B01", WHY, PASSWORD)
    receiving.receive(town, [a_bundle(village, tmp_path / "second")])
    (tmp_path / "heard").mkdir()
    (written,) = receipts.write_receipts(town, tmp_path / "heard", [MANBANG])
    assert other.state("B01") is ReturnState.RECEIVED
    replies.take_receipt(other, written.path)
    assert other.state("B01").editable and other.form_line("B01").note == "已撤回报送"
    assert [one.version for one in other.parents("B01")] == [1] and signing.kind_of(other, "B01") is Kind.NORMAL
    assert sending.export_view(other).retracted == ()
