"""A closed period is acknowledged by its digest (protocol §5): equal, and nothing of it goes again even when its holder
begins a new life; different, and it is said and all of it goes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from cunbao.desks import closed, devices, receiving, restored, sequences, settings
from cunbao.desks.county import answers
from cunbao.desks.county.desk import CountyDesk, unlock_county
from cunbao.desks.township import deciding, forwarding, receipts, reviewing
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import acknowledged, practice, receiptpage, replies, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.exchange import read_package
from cunbao.exchange.manifest import Manifest
from world.desk import (
    CLERK,
    MANBANG,
    OFFICER,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    reopened,
    reopened_town,
    types,
)

FORMS = ("B01", "B02", "B03", "B04", "B05")


@dataclass
class Round:
    """A village, its township and their county, all in a folder; the period is closed, everybody has heard of it."""

    place: Path
    village: VillageDesk
    town: TownshipDesk
    county: CountyDesk

    def village_sends(self) -> None:
        receiving.receive(self.town, [a_bundle(self.village, self.place / "up")])

    def town_answers(self) -> Path:
        (written,) = receipts.write_receipts(self.town, self.place, [MANBANG])
        assert written.ok
        return written.path

    def town_sends_on(self) -> str:
        """Gives what the county read."""
        sent = forwarding.write_forward(self.town, self.place)
        return receiving.receive(self.county, [sent.path]).lines[0].read

    def county_answers(self) -> str:
        """Gives what the township read."""
        path = answers.write_answer(self.county, self.town.office.code, self.place)
        return receiving.receive(self.town, [path]).lines[0].read

    def corrects(self, value: str) -> str:
        """补报 of the village: signed, not sent."""
        signing.begin_correction(self.village, "B01")
        types(self.village, "B01", "b01_deputies", value)
        practice.explain_all(self.village)
        (signed,) = signing.sign(self.village, signing.prepare(self.village, ["B01"]), PASSWORD)
        return signed.revision

    def town_lives_again(self, made: Path) -> None:
        self.town.close()
        folder = self.place / f"town-{made.name}"
        settings.restore_backup(made, folder, OFFICER, PASSWORD, clock=a_clock(2025, 12, 20, 1)).close()
        self.town = reopened_town(folder, a_clock(2025, 12, 20, 2))
        restored.answered(self.town, restored.NONE)

    def close(self) -> None:
        for desk in (self.village, self.town, self.county):
            desk.close()


@pytest.fixture
def told(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Round(
        tmp_path,
        a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)),
        a_town_desk(tmp_path),
        a_county_desk(tmp_path),
    )
    made.village_sends()
    for form in FORMS:
        deciding.accept(made.town, MANBANG, form)
    made.town_sends_on()
    answers.close_period(made.county)
    made.county_answers()
    replies.take_receipt(made.village, made.town_answers())
    yield made
    made.close()


def said(path: Path, reader: TownshipDesk | VillageDesk) -> Manifest:
    return read_package(path.read_bytes(), devices.device(reader.workspace).readers, ()).manifest


def outgoing(desk: VillageDesk) -> list[str]:
    return sorted(one.form for one in sending.outgoing(desk))


def warned(desk: VillageDesk) -> bool:
    return any("已封账" in words and "不一样" in words for _, words in receiptpage.receipt_view(desk).reminders)


def test_an_open_period_goes_by_numbers_alone(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    assert said(written.path, village).closed == ()
    assert [one.through for one in said(written.path, village).acknowledges] == [1]
    village.close()
    town.close()


def test_all_three_desks_say_one_digest_of_a_closed_period(told: Round) -> None:
    receipt, own = told.town_answers(), devices.device(told.village.workspace).id
    (up,) = said(receipt, told.village).closed
    assert (up.period, up.digest) == (
        "2025", closed.digest(closed.by_village(told.village.workspace, MANBANG, "2025", own))
    )  # fmt: skip
    town = told.town.office.code
    for may_be_sent in (closed.by_township, closed.by_county):
        ours = may_be_sent(told.town.workspace, town, "2025")
        assert len(ours) >= 5 and ours == may_be_sent(told.county.workspace, town, "2025")
    assert closed.to_village(told.town.workspace, MANBANG, "2025") == closed.to_village(
        told.village.workspace, MANBANG, "2025"
    )
    answers.reopen_period(told.county, "漏了一个村")
    told.county_answers()
    assert said(told.town_answers(), told.village).closed == ()  # open again: numbers speak


def test_a_township_that_lives_again_with_all_of_a_closed_period_is_not_sent_it_again(told: Round) -> None:
    assert outgoing(told.village) == []
    told.town_lives_again(settings.back_up(told.town).path)
    replies.take_receipt(told.village, told.town_answers())
    assert outgoing(told.village) == [] and not warned(told.village)


def test_a_township_that_lost_what_came_last_is_sent_that_alone(told: Round) -> None:
    made = settings.back_up(told.town)
    told.corrects("41")
    told.village_sends()
    replies.take_receipt(told.village, told.town_answers())
    assert outgoing(told.village) == []
    told.town_lives_again(made.path)
    replies.take_receipt(told.village, told.town_answers())
    assert outgoing(told.village) == ["B01"] and not warned(told.village)


def test_where_numbers_say_more_than_is_held_the_whole_closed_period_goes_again_and_the_village_is_told(
    told: Round,
) -> None:
    """A copied computer: both write a second bundle, one comes. Its number speaks for the other's as well."""
    told.village.close()
    shutil.copytree(told.place / "village", told.place / "copy")
    told.village = reopened(told.place / "village", a_clock(2025, 12, 18))
    copy = reopened(told.place / "copy", a_clock(2025, 12, 18))
    copy.workspace.epoch = told.village.workspace.epoch  # as where machine and volume are copied too
    told.corrects("41")
    told.village_sends()
    one, told.village = told.village, copy
    told.corrects("42")
    a_bundle(copy, told.place / "lost")
    replies.take_receipt(copy, told.town_answers())
    assert outgoing(copy) == ["B01", *FORMS] and warned(copy)
    told.village_sends()
    replies.take_receipt(copy, told.town_answers())
    assert outgoing(copy) == [] and not warned(copy)
    one.close()


def test_a_township_that_lost_a_decision_of_a_closed_period_is_told_by_the_village_that_has_it(told: Round) -> None:
    made = settings.back_up(told.town)
    reviewing.withdraw(told.town, MANBANG, "B01", "人数不对")
    replies.take_receipt(told.village, told.town_answers())
    told.town_lives_again(made.path)
    replies.take_receipt(told.village, told.town_answers())
    assert outgoing(told.village) == [] and not warned(told.village)  # it has everything that the village can send
    told.corrects("41")
    line = receiving.receive(told.town, [a_bundle(told.village, told.place / "up")]).lines[0]
    assert "2025 年度已封账，村里的和本机的不一样，下一份回执会再带上" in line.read
    assert len(receipts.parcel(told.town, told.town.village(MANBANG)).revisions) == 6


def test_what_is_on_its_way_when_a_receipt_is_written_makes_no_difference(told: Round) -> None:
    before = told.town_answers()
    told.corrects("41")
    sent = a_bundle(told.village, told.place / "up")
    replies.take_receipt(told.village, before)
    assert outgoing(told.village) == ["B01"] and not warned(told.village)
    receiving.receive(told.town, [sent])
    replies.take_receipt(told.village, told.town_answers())
    assert outgoing(told.village) == []


def test_a_village_that_lives_again_with_all_of_a_closed_period_is_not_brought_it_again(told: Round) -> None:
    made = settings.back_up(told.village)
    told.village.close()
    folder = told.place / "again"
    settings.restore_backup(made.path, folder, CLERK.name, PASSWORD, clock=a_clock(2025, 12, 19)).close()
    told.village = reopened(folder, a_clock(2025, 12, 19, 1))
    restored.answered(told.village, restored.NONE)
    told.corrects("41")
    told.village_sends()
    what = receipts.parcel(told.town, told.town.village(MANBANG))
    own = devices.device(told.village.workspace).id
    newest = told.town.workspace.lives(MANBANG, sequences.TAKEN)[-1]
    assert newest[0] == own and closed.differing(told.town.workspace, *newest) == ()
    assert what.revisions == () and [one.act for one in what.decisions if one.revision] == []


def test_a_county_that_lives_again_with_all_of_a_closed_period_is_not_sent_it_again(told: Round) -> None:
    assert not forwarding.send_on_view(told.town).may_send
    made = settings.back_up(told.county)
    told.county.close()
    settings.restore_backup(made.path, told.place / "c2", "县管理员", PASSWORD, clock=a_clock(2025, 12, 20)).close()
    told.county = unlock_county(told.place / "c2", "县管理员", PASSWORD, clock=a_clock(2025, 12, 20, 1))
    assert "不一样" not in told.county_answers()
    what = forwarding.load(told.town)
    assert (what.revisions, what.decisions, what.told) == ((), (), 5)


def test_a_county_that_lost_what_came_last_is_sent_that_alone(told: Round) -> None:
    made = settings.back_up(told.county)
    late = told.corrects("41")
    told.village_sends()
    deciding.accept(told.town, MANBANG, "B01")
    told.town_sends_on()
    assert "不一样" not in told.county_answers() and forwarding.load(told.town).revisions == ()
    told.county.close()
    settings.restore_backup(made.path, told.place / "c2", "县管理员", PASSWORD, clock=a_clock(2025, 12, 20)).close()
    told.county = unlock_county(told.place / "c2", "县管理员", PASSWORD, clock=a_clock(2025, 12, 20, 1))
    assert "不一样" not in told.county_answers()
    assert [one.id for one in forwarding.load(told.town).revisions] == [late]
    told.town_sends_on()
    assert "不一样" not in told.county_answers() and forwarding.load(told.town).revisions == ()


def test_a_county_that_holds_something_else_is_sent_all_of_it_and_the_officer_is_told(told: Round) -> None:
    """The township was restored and does not know of what it had sent on; the county does."""
    made = settings.back_up(told.town)
    told.corrects("41")
    told.village_sends()
    deciding.accept(told.town, MANBANG, "B01")
    told.town_sends_on()
    told.town_lives_again(made.path)
    path = answers.write_answer(told.county, told.town.office.code, told.place)
    line = receiving.receive(told.town, [path]).lines[0]
    assert "2025 年度已封账，县里的和本机的不一样，下次报县会再带上" in line.read
    assert len(forwarding.load(told.town).revisions) == 5
    everything = answers.write_everything(told.county, told.town.office.code, told.place)
    assert "不一样" not in receiving.receive(told.town, list(everything)).lines[-1].read


def test_a_life_that_is_over_and_sent_nothing_but_what_is_closed_is_not_named_any_more(told: Round) -> None:
    lives = told.town.workspace.lives(MANBANG, sequences.TAKEN)
    told.village.workspace._new_epoch()
    told.corrects("41")
    told.village_sends()
    named = [one.epoch for one in sequences.acknowledgements(told.town, MANBANG)]
    assert named == [told.village.workspace.epoch] and lives[0][1] not in named
    answers.reopen_period(told.county, "漏了一个村")
    told.county_answers()
    assert {one.epoch for one in sequences.acknowledgements(told.town, MANBANG)} == {*named, lives[0][1]}


def test_receipts_of_a_closed_period_say_as_much_when_read_in_any_order(told: Round) -> None:
    first, second = told.town_answers(), told.town_answers()
    for path in (second, first):
        replies.take_receipt(told.village, path)
        assert outgoing(told.village) == [] and acknowledged.differing(told.village) == ()
