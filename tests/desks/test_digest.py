"""The state digest (protocol §7): two computers that hold the same say the same. Drafts, journal, packages,
acknowledgements, what waits for a certificate and every local time stay out of it; what was signed goes in."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from cunbao.desks import devices, digest, evidence, receiving
from cunbao.desks.digest import state_digest
from cunbao.desks.township import deciding, receipts
from cunbao.desks.village import replies, sending, signing
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    bundle_file,
    types,
)
from world.exchange import Computer, a_seat


def test_what_an_office_does_without_signing_stays_out(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    deciding.accept(town, MANBANG, "B02")
    here, there = state_digest(town.workspace, town.task), state_digest(village.workspace, village.task)
    # the township: its journal, known and refused files, receipts written, one that waits for its certificate
    town.journal("nothing", at="all")
    town.workspace.set_setting("receipt/text/x", "说一句")
    receiving.receive(town, [tmp_path / "one"])
    (tmp_path / "bad.cbsync").write_bytes(b"rubbish")
    receiving.receive(town, [tmp_path / "bad.cbsync"])
    stranger = Computer(a_seat(None, MANGUO, town.clock()), town.task, "life", town.clock())
    stranger.signs("没有灾害信息员甲")
    assert receiving.take(town, stranger.sends(), "x.cbsync").label == "证书待核准" and town.workspace.aside()
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    assert state_digest(town.workspace, town.task) == here
    # the village: a draft, its journal, a bundle written, what it knows to be acknowledged
    sending.write_bundle(village, tmp_path, PASSWORD)
    assert state_digest(village.workspace, village.task) == there
    replies.take_receipt(village, written.path)
    told = state_digest(village.workspace, village.task)
    assert told != there  # a decision came
    signing.begin_correction(village, "B01")
    types(village, "B01", "b01_deputies", "41")
    village.journal("nothing", at="all")
    village.workspace.unacknowledge(MANBANG, "2025")
    assert state_digest(village.workspace, village.task) == told
    # and what the village says of our receipt
    types(village, "B01", "b01_deputies", "40")
    receiving.receive(town, [bundle_of(village, tmp_path / "ack")])
    assert town.workspace.heard(devices.device(village.workspace).id)
    assert state_digest(town.workspace, town.task) == here
    village.close()
    town.close()


def bundle_of(village, folder: Path) -> Path:  # type: ignore[no-untyped-def]
    """A further bundle that brings nothing new but what the village has read."""
    folder.mkdir()
    return sending.write_bundle(village, folder, PASSWORD).path


def test_when_and_where_something_was_taken_stays_out(tmp_path: Path) -> None:
    early = a_town_desk(tmp_path, name="early", clock=a_clock(2025, 12, 16, 0, 31))
    late = a_town_desk(tmp_path, name="late", clock=a_clock(2031, 3, 4, 5))
    for town, names in ((early, (MANBANG, MANGUO)), (late, (MANGUO, MANBANG, MANGUO))):
        for number, office in enumerate(names):
            receiving.receive(town, [bundle_file(tmp_path / f"{town.clock():%Y}-{number}", office, f"{number}.cbsync")])
    assert state_digest(early.workspace, early.task) == state_digest(late.workspace, late.task)
    early.close()
    late.close()


def test_a_decision_moves_both_values_and_a_scan_only_the_objects(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    (before,) = state_digest(town.workspace, town.task).periods
    deciding.mark_paper(town, MANBANG, "B01")
    (paper,) = state_digest(town.workspace, town.task).periods
    assert paper.objects != before.objects and paper.state != before.state  # it is an effective decision
    newest = village.newest("B01")
    assert newest is not None
    evidence.keep(village, newest, b"\xff\xd8 scan", "章.jpg", says=MANBANG)
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    (scanned,) = state_digest(town.workspace, town.task).periods
    assert scanned.objects != paper.objects and scanned.state == paper.state
    village.close()
    town.close()


def test_the_digest_is_what_its_rule_says(tmp_path: Path) -> None:
    """Sorted ids, a line each; the whole over the periods: anybody can compute it."""
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    found = state_digest(town.workspace, town.task)
    ids = digest.signed_ids(town.workspace, "2025")
    revisions = {one.id for one in town.workspace.revisions_of(MANBANG, "2025")}
    certificates = {one.id for one in town.workspace.certificates()}
    assert set(ids) == revisions | certificates and list(ids) == sorted(ids)
    (period,) = found.periods
    assert period.objects == sha256("".join(f"{name}\n" for name in ids).encode()).hexdigest()
    assert found.whole == sha256(f"{period.period} {period.objects} {period.state}\n".encode()).hexdigest()
    town.close()
