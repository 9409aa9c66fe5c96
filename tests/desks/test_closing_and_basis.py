"""What a return rests on (protocol §6): a basis that was replaced is shown and leads to a 更正 with the new values in
it; figures 封账时 never move, those of 现在 do; opening a period again is a withdrawal."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import receiving, taking
from cunbao.desks.county import answers, closing, keys
from cunbao.desks.township import deciding, forwarding, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import basis, lineage, practice, receiptpage, replies, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.exchange.content import CarriedRevision, Content
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind, ReturnState
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    bundle_file,
    sign_all,
    text,
    types,
)


def corrects(desk: VillageDesk, name: str, value: str) -> None:
    signing.begin_correction(desk, "B01")
    types(desk, "B01", name, value)
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)


def test_a_basis_that_was_replaced_is_shown_on_both_desks_and_leads_to_the_correction(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    replies.take_receipt(village, written.path)
    assert basis.moved(village) == () and not any(line.note for line in village.home().forms)
    homes = int(text(village, "B01", "b01_hh_resident"))
    corrects(village, "b01_hh_resident", str(homes - 1))
    moved = {one.form: one for one in basis.moved(village)}
    assert moved.keys() == {"B02"} and moved["B02"].values  # B03 and B05 take over other figures of B01
    assert moved["B02"].words == "依据已变：B01 后来换过"
    assert {line.form: line.note for line in village.home().forms}["B02"] == "依据已变：B01 后来换过"
    seen = receiptpage.receipt_view(village)
    assert (village.home().next.act, village.home().next.form) == (seen.next, seen.next_form) == ("correct", "B02")
    assert ("warn", "B02 依据已变：B01 后来换过，要做更正") in seen.reminders
    assert sending.export_view(village).correct == "B02" and not sending.export_view(village).may_send
    # the correction opens with the new figure in it; the signed return stays as it was
    before = village.newest("B02")
    assert before is not None
    signing.begin_correction(village, "B02")
    assert text(village, "B02", "b02_hh") == str(homes - 1)
    assert village.signed_answers(before).values["b02_hh"] == str(homes)
    practice.explain_all(village)
    sign_all(village)
    assert "B02" not in {one.form for one in basis.moved(village)} and sending.export_view(village).may_send
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    marks = {form: town.workspace.standing(MANBANG, form, "2025").marks for form in ("B02", "B03")}
    assert "依据已变" not in marks["B02"] and "依据已变" not in marks["B03"]
    village.close()
    town.close()


def comes_alone(town: TownshipDesk, village: VillageDesk, form: str) -> None:
    """The newest version of a form without those that were filled against it, as another computer may send it."""
    newest, held = village.newest(form), village.workspace.object
    assert newest is not None
    header = held(newest.header)
    carried = CarriedRevision(newest.id, Header.decode(header), header, held(newest.answers), (held(newest.cms),), ())
    taking.apply(town.workspace, town.task, Content(revisions=(carried,)), epoch="other")


def test_a_change_that_touches_no_value_taken_over_is_no_changed_basis(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    corrects(village, "b01_deputies", "41")  # read by nobody else
    assert basis.moved(village) == () and village.home().next.act == "send"
    assert sending.export_view(village).may_send
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    assert not any("依据已变" in stands.marks for _, _, stands in town.workspace.standings("2025"))
    homes = int(text(village, "B01", "b01_hh_resident"))
    corrects(village, "b01_hh_resident", str(homes - 1))  # B02 shows it; B03 and B05 take over other fields
    assert [one.form for one in basis.moved(village)] == ["B02"]
    comes_alone(town, village, "B01")
    marked = [form for _, form, stands in town.workspace.standings("2025") if "依据已变" in stands.marks]
    assert marked == ["B02"]
    corrects(village, "b01_hh_resident", str(homes))  # and what it was filled against is there again
    assert basis.moved(village) == ()
    comes_alone(town, village, "B01")
    assert not any("依据已变" in stands.marks for _, _, stands in town.workspace.standings("2025"))
    for desk in (village, town):
        desk.close()


def test_figures_at_the_closing_never_move_and_those_of_now_do(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    for form in village.task.forms:
        deciding.accept(town, MANBANG, form)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert closing.at_closing(county.workspace, "2025") is None
    answers.close_period(county)
    closed = closing.at_closing(county.workspace, "2025")
    assert closed is not None and closed.closing == closing.now(county.workspace, "2025") and closed.unknown == ()
    figures = closing.indicators(county.workspace, county.task, closed.closing)
    receiving.receive(town, [answers.write_answer(county, town.office.code, tmp_path)])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    # what comes after it is 补报, whatever its header says, and counts 现在 once it was accepted
    assert lineage.period_closed(village) and signing.kind_of(village, "B01") is Kind.LATE
    corrects(village, "b01_deputies", "41")
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    assert "补报" in town.workspace.standing(MANBANG, "B01", "2025").marks
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    late = village.newest("B01")
    assert late is not None and closing.now(county.workspace, "2025")[MANBANG, "B01"] == late.id
    assert closing.at_closing(county.workspace, "2025") == closed
    assert closing.indicators(county.workspace, county.task, closed.closing) == figures
    for desk in (village, town, county):
        desk.close()


def test_opening_a_period_again_is_a_withdrawal_that_reaches_everybody(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    with pytest.raises(DeskError) as refused:
        answers.reopen_period(county, "漏了一个村")
    assert refused.value.code == "close.none"
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    answers.close_period(county)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for place in (tmp_path / "a", tmp_path / "b"):
        receiving.receive(town, [answers.write_answer(county, town.office.code, place)])
        (written,) = receipts.write_receipts(town, place, [MANBANG])
        replies.take_receipt(village, written.path)
        first = place.name == "a"
        assert lineage.period_closed(village) is first
        assert ("补报" in town.workspace.standing(MANBANG, "B02", "2025").marks) is first
        if first:
            with pytest.raises(DeskError):
                answers.reopen_period(county, " ")
            answers.reopen_period(county, "漏了一个村")
            assert closing.at_closing(county.workspace, "2025") is None
    assert signing.kind_of(village, "B01") is not Kind.LATE
    assert village.state("B02") is ReturnState.RECEIVED
    answers.close_period(county)  # and closed once more
    assert closing.at_closing(county.workspace, "2025") is not None
    for desk in (village, town, county):
        desk.close()


def test_what_the_county_decides_of_a_whole_period_knows_all_that_was_decided_of_it(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", office) for office in (MANBANG, MANGUO)])
    last = [deciding.accept(town, office, form) for office in (MANBANG, MANGUO) for form in ("B01", "B02")]
    receiving.receive(county, [forwarding.write_forward(town, tmp_path, include_received=True).path])
    heads = {last[1].id, last[3].id}  # each village's last one has seen the one before
    largest = max(one.n for one in last)
    closed = answers.close_period(county)
    assert set(closed.seen) == heads and closed.n == largest + 1
    opened = answers.reopen_period(county, "漏了一个村")
    assert opened.seen == (closed.id,) and opened.n == closed.n + 1
    again = answers.close_period(county)
    assert again.seen == (opened.id,) and again.n == opened.n + 1
    ca, own = keys.revoke_township(county, town.office.code, "乡镇的电脑丢了")
    assert (ca.seen, own.seen) == ((again.id,), (ca.id,)) and own.n == again.n + 2
    assert closing.at_closing(county.workspace, "2025") is not None
    for desk in (town, county):
        desk.close()
