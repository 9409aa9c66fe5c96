"""乡镇补充表: a township fills, checks and signs its own form, the county decides on it, the answer comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, deciding, forwarding, owing, supplement
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.supplement import OwnDesk
from cunbao.desks.village import checking, practice, sending, signing
from cunbao.errors import DeskError
from cunbao.survey import sample
from cunbao.survey.decision import Act, Comment
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Cell
from world.desk import (
    MANBANG,
    PASSWORD,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    bundle_file,
    types,
)  # fmt: skip

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
