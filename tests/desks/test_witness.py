"""操作日志: what a superior has seen of it comes back in its receipt, and a change made afterwards is told."""

from __future__ import annotations

from pathlib import Path

from cunbao.desks import receiving, restored, settings, witness
from cunbao.desks.county import answers as county_answers
from cunbao.desks.township import deciding, forwarding, receipts
from cunbao.desks.village import practice, replies, sending, signing
from cunbao.desks.village.desk import VillageDesk
from store.folders import tampered
from world.desk import (
    CLERK,
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    reopened,
    sign_all,
    types,
)


def receipt_for(town, folder: Path) -> Path:  # type: ignore[no-untyped-def]
    folder.mkdir(exist_ok=True)
    (written,) = receipts.write_receipts(town, folder, [MANBANG])
    return written.path


def corrects(village: VillageDesk, deputies: str) -> None:
    signing.begin_correction(village, "B01")
    types(village, "B01", "b01_deputies", deputies)
    practice.explain_all(village)
    sign_all(village)


def reported(tmp_path: Path) -> VillageDesk:
    """A village whose township has seen its journal, and has said so."""
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    replies.take_receipt(village, receipt_for(town, tmp_path / "stick"))
    town.close()
    return village


def test_what_came_back_in_a_receipt_is_witnessed_and_the_rest_is_said_to_stand_alone(tmp_path: Path) -> None:
    before = a_village_desk(tmp_path / "before", "signed")
    alone = witness.verify(before.workspace)
    assert alone.good and (alone.witnessed, alone.alone) == (0, alone.length) and "还没有见过" in alone.words[1]
    before.close()
    village = reported(tmp_path)
    sent = next(one.n for one in village.workspace.journal_entries() if one.act == "send")
    seen = witness.verify(village.workspace)
    assert seen.good and seen.witnessed == sent - 1  # the sending itself was noted after the file was sealed
    assert seen.alone == seen.length - seen.witnessed > 0
    assert seen.words == (
        f"日志 {seen.length} 条，前后相扣，没有被改过的痕迹",
        f"上级见过的到第 {seen.witnessed} 条",
        f"后面 {seen.alone} 条还没有外面的人见过，只凭这份资料",
    )
    village.close()


def test_a_journal_written_anew_after_it_was_seen_is_contradicted(tmp_path: Path) -> None:
    """Somebody who can open the file drops the end of the journal and goes on: the chain alone looks whole."""
    village = reported(tmp_path)
    seen = witness.verify(village.workspace).witnessed
    folder, key = village.workspace.folder, village.workspace.key
    village.close()
    tampered(folder, "DROP TRIGGER journal_never_delete", f"DELETE FROM journal WHERE n > {seen - 2}", key=key)
    village = reopened(folder, a_clock(2025, 12, 17))
    village.journal("nothing happened")
    village.journal("nothing at all")
    assert village.workspace.verify_journal().good
    found = witness.verify(village.workspace)
    assert not found.good and found.contradicted == (seen,) and "和上级见过的不一样" in found.words[0]
    village.close()


def test_a_backup_that_lives_again_is_no_forgery(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    sending.write_bundle(village, tmp_path, PASSWORD)
    receiving.receive(town, [tmp_path])
    replies.take_receipt(village, receipt_for(town, tmp_path / "r1"))
    first = witness.verify(village.workspace).witnessed
    made = settings.back_up(village)
    corrects(village, "41")
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    village.close()
    again = settings.restore_backup(made.path, tmp_path / "again", CLERK.name, PASSWORD, clock=a_clock(2025, 12, 16))
    # the township tells of a journal that was longer than the backup's: that was another life of it
    replies.take_receipt(again, receipt_for(town, tmp_path / "r2"))
    assert restored.asks(again) is None
    found = witness.verify(again.workspace)
    assert found.good and found.witnessed == first and found.contradicted == ()
    # and from now on this life is vouched for
    corrects(again, "42")
    receiving.receive(town, [a_bundle(again, tmp_path / "three")])
    replies.take_receipt(again, receipt_for(town, tmp_path / "r3"))
    assert witness.verify(again.workspace).witnessed > first
    again.close()
    town.close()


def test_a_township_s_journal_is_witnessed_by_the_county(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert witness.verify(town.workspace).witnessed == 0
    receiving.receive(town, [county_answers.write_answer(county, town.office.code, tmp_path)])
    found, entries = witness.verify(town.workspace), town.workspace.journal_entries()
    assert found.good and entries[found.witnessed - 1].act == "decide" and entries[found.witnessed].act == "forward"
    # what the county saw of the township is not told to its villages
    replies.take_receipt(village, receipt_for(town, tmp_path / "r1"))
    notice = replies.notice_of(village)
    assert notice is not None and {one.epoch for one in notice.seen} == {village.workspace.epoch}
    for desk in (village, town, county):
        desk.close()
