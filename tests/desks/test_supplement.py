"""乡镇补充表: a township fills, checks and signs its own form, the county decides on it, the answer comes back."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from cunbao.desks import devices, receiving, taking
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, deciding, forwarding, owing, supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.supplement import OwnDesk
from cunbao.desks.village import basis, checking, practice, sending, signing
from cunbao.errors import DeskError
from cunbao.exchange.content import CarriedRevision, Content
from cunbao.survey import sample
from cunbao.survey.decision import Act, Comment
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Cell
from cunbao.trust.certs import read_certificate
from cunbao.trust.cms import sign_detached
from cunbao.trust.keys import Signer
from desks.test_promise_three import everything
from world.desk import (
    MANBANG,
    PASSWORD,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    bundle_file,
    types,
)
from world.forged import loose, the_signer

TOWN = "532822103000"


def filled(town: TownshipDesk) -> OwnDesk:
    """The township's own desk with T01 as the sample has it, checked and explained."""
    own = supplement.asked(town)
    for form, answers in sample.sample_answers(own.task, TOWN, "2025").items():
        practice.fill(own, form, answers)
    own.set_ret(sample.sample_ret(own.task, TOWN, "2025-12-15"))
    practice.explain_all(own)
    return own


def signed(town: TownshipDesk) -> OwnDesk:
    own = filled(town)
    assert [one.form for one in supplement.sign(town, signing.prepare(own), PASSWORD)] == ["T01"]
    return own


def sent_on(town: TownshipDesk, county: CountyDesk, place: Path) -> None:
    receiving.receive(county, [forwarding.write_forward(town, place).path])


def answered(town: TownshipDesk, county: CountyDesk, place: Path) -> None:
    receiving.receive(town, [county_answers.write_answer(county, TOWN, place)])


def test_a_township_signs_its_own_form_and_the_county_counts_it_once(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    own = signed(town)
    head = own.newest("T01")
    assert head is not None and own.state("T01") is ReturnState.SIGNED
    header = Header.decode(own.workspace.object(head.header))
    assert (header.office, header.kind, header.ret.head) == (TOWN, Kind.NORMAL.code, "周样表")
    assert town.workspace.standing(TOWN, "T01", "2025").head == head.id
    assert forwarding.send_on_view(town).own_going == 1
    sent_on(town, county, tmp_path)
    assert own.state("T01") is ReturnState.SENT
    assert county.workspace.standing(TOWN, "T01", "2025").state is ReturnState.RECEIVED
    county_answers.decide(county, Act.ACCEPT, head.id)
    sent_on_again = tmp_path / "again"
    sent_on_again.mkdir()
    sent_on(town, county, sent_on_again)  # nothing has been acknowledged: the same comes once more
    counted = county.workspace.rows_that_count(county.task.forms["T01"], "2025")
    assert [(one.office, one.revision) for one in counted] == [(TOWN, head.id)]
    answered(town, county, tmp_path)
    assert own.state("T01") is ReturnState.ACCEPTED and not forwarding.send_on_view(town).may_send
    assert town.workspace.counted(TOWN, "T01", "2025") is not None
    ours, theirs = state_digest(town.workspace, town.task), state_digest(county.workspace, county.task)
    assert [one.state for one in ours.periods] == [one.state for one in theirs.periods]


def test_what_the_county_sends_back_is_mended_and_signed_again(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    own = signed(town)
    sent_on(town, county, tmp_path)
    head = county.workspace.standing(TOWN, "T01", "2025").head
    county_answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("t01_elder_beds"), "与民政台账对不上")])
    answered(town, county, tmp_path)
    assert own.state("T01") is ReturnState.RETURNED and own.form_line("T01").comments == 1
    types(own, "T01", "t01_elder_beds", "60")
    practice.explain_all(own)
    supplement.sign(town, signing.prepare(own), PASSWORD)
    assert own.state("T01") is ReturnState.SIGNED
    sent_on(town, county, tmp_path)
    mended = county.workspace.standing(TOWN, "T01", "2025")
    assert mended.state is ReturnState.RECEIVED and mended.head != head
    county_answers.decide(county, Act.ACCEPT, mended.head)
    answered(town, county, tmp_path)
    counted = town.workspace.counted(TOWN, "T01", "2025")
    assert own.state("T01") is ReturnState.ACCEPTED and counted is not None and counted.version == 2


def test_a_township_cannot_accept_its_own_form_by_whichever_officer(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    own = signed(town)
    head = own.newest("T01")
    assert head is not None
    another = replace(town, person=replace(town.person, name="另一位审核员"))
    deciding.decide(another, Act.ACCEPT, head)
    stands = town.workspace.standing(TOWN, "T01", "2025")
    assert stands.state is ReturnState.RECEIVED and not stands.counted


def test_a_village_never_sees_checks_or_owes_the_township_s_form(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed")
    assert "T01" not in village.task.forms and sending.export_view(village).may_send
    assert not any(one.form == "T01" for one in checking.findings(village))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    assert [form for form, _ in board.board(town).forms] == ["B01", "B02", "B03", "B04", "B05"]
    assert not any("T01" in one.missing for one in owing.owed_of(town))


def test_the_form_goes_with_the_township_s_own_deadline_and_says_when_it_is_missing(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path, clock=a_clock(2025, 12, 22, 1))
    (line,) = supplement.lines(town)
    assert (line.form, line.state, line.signed) == ("T01", ReturnState.NOT_STARTED, False)
    assert f"{line.deadline}" == "2025-12-25" and town.task.deadline < line.deadline
    view = forwarding.send_on_view(town)
    assert view.own == (line,) and view.own_going == 0


def test_late_villages_are_counted_from_what_has_come_once_the_deadline_is_over(tmp_path: Path) -> None:
    early = a_town_desk(tmp_path / "early", clock=a_clock(2025, 12, 20, 1))
    assert supplement.late_count(early) == 0
    town = a_town_desk(tmp_path / "late", clock=a_clock(2025, 12, 22, 1))
    assert supplement.asked(town).instance("T01").text(Cell("t01_late")) == str(len(town.villages))
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    for form in town.task.required_forms:
        deciding.accept(town, MANBANG, form)
    own = supplement.asked(town)
    own.forget()
    assert own.instance("T01").text(Cell("t01_late")) == str(len(town.villages) - 1)
    assert own.instance("T01").text(Cell("t01_kind")) == "52"


def test_a_signed_form_says_when_its_count_of_late_villages_reads_otherwise_and_a_correction_takes_it_over(
    tmp_path: Path,
) -> None:
    town = a_town_desk(tmp_path, clock=a_clock(2025, 12, 22, 1))
    own = signed(town)
    late = len(town.villages)
    assert own.signed_answers(own.newest("T01")).values["t01_late"] == str(late)  # type: ignore[arg-type]
    assert basis.moved(own) == () and supplement.lines(town)[0].note == ""
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    for form in town.task.required_forms:
        deciding.accept(town, MANBANG, form)
    (moved,) = basis.moved(own)
    assert not moved.values  # it goes along all the same: it was true when it was signed
    assert moved.words == f"依据已变：未按时报送的村（社区）（签的 {late}，现在 {late - 1}） 后来换过"
    assert supplement.lines(town)[0].note == moved.words == basis.note(own, "T01")
    stands = town.workspace.standing(TOWN, "T01", "2025")
    assert "依据已变" not in stands.marks  # no other desk can know it
    signing.begin_correction(own, "T01")
    own.forget()
    assert own.instance("T01").text(Cell("t01_late")) == str(late - 1) and basis.moved(own) == ()


def test_a_task_that_asks_nothing_of_townships_has_no_such_form(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    assert town.given is not None
    whole = town.given.whole
    villages = {name: level for name, level in whole.levels.items() if level == "village"}
    town.given = replace(whole, forms={name: whole.forms[name] for name in villages}, levels=villages).at("village")
    assert supplement.current(town) is None and supplement.lines(town) == ()
    with pytest.raises(DeskError) as refused:
        supplement.asked(town)
    assert refused.value.code == "supplement.none"


# --- who may speak for a township --------------------------------------------------------------------------------


def shown(desk: CountyDesk) -> tuple[str, ...]:
    return tuple(one.state for one in state_digest(desk.workspace, desk.task).periods)


def spoken(town: TownshipDesk, signer: Signer, **header: object) -> Content:
    """The township's T01 with another header, signed by somebody."""
    (kept,) = [one for one in everything(town).revisions if one.header.office == TOWN]
    made = replace(kept.header, **header).encode()  # type: ignore[arg-type]
    cms = sign_detached(made, signer, when=kept.header.signed_at)
    name = sha256(made).hexdigest()
    return Content(revisions=(CarriedRevision(name, Header.decode(made), made, kept.answers, (cms,), ()),))


def test_no_key_but_that_of_the_township_s_desk_signs_its_form(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    signed(town)
    village = the_signer(MANBANG)
    ours = devices.unlock_signer(town.workspace, town.person, PASSWORD)
    mine = devices.device(town.workspace).id
    for said in (
        spoken(town, village, device=read_certificate(village.certificate).device),
        spoken(town, village, device=mine),
        spoken(town, ours, kind=Kind.PROXY.code),  # nobody fills instead of a township
        spoken(town, ours, office="532822104000"),  # of another one
    ):
        taking.apply(county.workspace, county.task, said, epoch="x")
    for _, form, stands in county.workspace.standings("2025"):
        assert form == "T01" and not stands.heads and not stands.counted
    taking.apply(county.workspace, county.task, everything(town), epoch="x")
    assert county.workspace.standing(TOWN, "T01", "2025").state is ReturnState.RECEIVED


def test_a_village_s_bundle_that_holds_the_township_s_form_is_refused(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    signed(town)
    (kept,) = spoken(town, the_signer(MANBANG)).revisions
    slipped = loose().adding_revision(kept.header_bytes, kept.answers, *kept.signatures).sealed()
    line = receiving.take(town, slipped, "曼蚌村-2025年度-第2次.cbsync")
    assert not line.result.kept and "别的单位" in line.read + line.happened


def test_in_whatever_order_its_versions_and_decisions_come_the_state_is_the_same(
    tmp_path: Path, same_chance: int
) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    own = signed(town)
    sent_on(town, county, tmp_path)
    head = county.workspace.standing(TOWN, "T01", "2025").head
    county_answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("t01_elder_beds"), "请核对")])
    answered(town, county, tmp_path)
    types(own, "T01", "t01_elder_beds", "60")
    practice.explain_all(own)
    supplement.sign(town, signing.prepare(own), PASSWORD)
    sent_on(town, county, tmp_path)
    county_answers.decide(county, Act.ACCEPT, county.workspace.standing(TOWN, "T01", "2025").head)
    whole = everything(county)
    pieces = [Content(revisions=(one,)) for one in whole.revisions]
    pieces += [Content(decisions=(one,)) for one in whole.decisions]
    assert len(pieces) == 4
    told = {shown(county)}
    chance = Random(same_chance)
    for number in range(4):
        chance.shuffle(pieces)
        other = a_county_desk(tmp_path / f"order-{number}")
        for one in (*pieces, *pieces[:2]):  # some of it twice
            taking.apply(other.workspace, other.task, one, epoch="x")
        told.add(shown(other))
        other.close()
    assert len(told) == 1
