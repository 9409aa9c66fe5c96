"""A lost computer comes back from the township's copy, under a new certificate, drafts excepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import devices, receiving
from cunbao.desks.township import deciding, rebirth, receipts, registry
from cunbao.desks.village import enrolment, practice, replies, sending, signing
from cunbao.errors import CunbaoError, DeskError, TrustError
from cunbao.survey.states import ReturnState
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    begun,
    sign_all,
    types,
)

COUNTY = "勐海县民政局"
SLIP = rebirth.Slip("笔记本被偷，报过案", "岩温", sealed=True, second=COUNTY)


def test_a_lost_computer_comes_back_with_all_that_was_sent_and_the_old_one_is_revoked(tmp_path: Path) -> None:
    old = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(old, tmp_path / "stick")])
    deciding.accept(town, MANBANG, "B01")
    late = a_bundle(old, tmp_path / "late")  # reaches the township after the computer was reported lost
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(town, asked.path)
    (lost,) = rebirth.lost_ones(town, MANBANG)
    with pytest.raises(TrustError) as refused:
        rebirth.restore(town, request.sha256, "1" * 24, SLIP, [lost.key], tmp_path, PASSWORD)
    assert refused.value.code == "enrol.code" and len(rebirth.lost_ones(town, MANBANG)) == 1
    (path,) = rebirth.restore(town, request.sha256, asked.code, SLIP, [lost.key], tmp_path, PASSWORD).files
    assert path.parent.name == "勐混镇回执" and not registry.unwritten(town)
    taken = replies.take_receipt(new, path)
    assert taken.certificate and taken.restored == 5 and devices.device(new.workspace).enrolled
    assert new.state("B01") is ReturnState.ACCEPTED and new.state("B02") is ReturnState.RECEIVED
    # last year's returns never went to this township: they are named, and told as missing
    assert {one.what[:3] for one in rebirth.missing(new)} <= {"B01", "B02", "B03", "B04", "B05"}
    assert "草稿找不回来" in rebirth.told(new)
    # what the old computer sent is honoured; nothing it signs from now on is
    assert town.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    receiving.receive(town, [late])
    signing.begin_correction(old, "B02")
    practice.explain_all(old)
    signing.sign(old, signing.prepare(old, ["B02"]), PASSWORD)
    line = receiving.receive(town, [a_bundle(old, tmp_path / "thief")]).lines[0]
    assert line.label == "证书已吊销"
    assert len(town.workspace.standing(MANBANG, "B02", "2025").heads) == 1


def test_the_new_computer_corrects_from_what_came_back(tmp_path: Path) -> None:
    old = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(old, tmp_path / "stick")])
    deciding.accept(town, MANBANG, "B01")
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(town, asked.path)
    (lost,) = rebirth.lost_ones(town, MANBANG)
    done = rebirth.restore(town, request.sha256, asked.code, SLIP, [lost.key], tmp_path, PASSWORD)
    replies.take_receipt(new, done.files[0])
    signing.begin_correction(new, "B01")
    types(new, "B01", "b01_pop_out", "61")
    practice.explain_all(new)
    assert sign_all(new) == ("B01",)
    newest = new.newest("B01")
    assert newest is not None and newest.kind == "correction" and newest.version == 2
    receiving.receive(town, [a_bundle(new, tmp_path / "again")])
    stands = town.workspace.standing(MANBANG, "B01", "2025")
    assert stands.head == newest.id and stands.state is ReturnState.RECEIVED and stands.counted == newest.parents[0]


def test_a_stick_that_fails_leaves_the_approval_and_the_receipt_is_written_again(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(a_village_desk(tmp_path, "signed"), tmp_path / "stick")])
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(town, asked.path)
    (lost,) = rebirth.lost_ones(town, MANBANG)
    no_folder = tmp_path / "a-file"
    no_folder.write_bytes(b"")
    with pytest.raises(CunbaoError):
        rebirth.restore(town, request.sha256, asked.code, SLIP, [lost.key], no_folder, PASSWORD)
    assert lost.key not in {one.key for one in rebirth.lost_ones(town, MANBANG)}
    assert [one.code for one in registry.unwritten(town)] == [MANBANG] and not registry.enrol_view(town).requests
    (path,) = rebirth.write_again(town, MANBANG, tmp_path).files
    assert replies.take_receipt(new, path).restored == 5 and not registry.unwritten(town)


def test_three_misses_end_the_request_also_where_a_computer_is_restored(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(town, asked.path)
    for _ in range(3):
        with pytest.raises(TrustError):
            rebirth.restore(town, request.sha256, "1" * 24, SLIP, [], tmp_path, PASSWORD)
    with pytest.raises(DeskError) as refused:
        rebirth.restore(town, request.sha256, asked.code, SLIP, [], tmp_path, PASSWORD)
    assert refused.value.code == "request.gone" and not registry.enrol_view(town).requests


def test_without_seal_reason_or_a_second_officer_nothing_is_restored(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(town, asked.path)
    for slip in (
        rebirth.Slip("被偷", "岩温", sealed=False, second=COUNTY),
        rebirth.Slip("被偷", "岩温", sealed=True, second=""),
        rebirth.Slip("被偷", "岩温", sealed=True, second="玉罕"),
        rebirth.Slip("被偷", "岩温", sealed=True, second="岩拉"),  # no officer of this desk
        rebirth.Slip("被偷", "", sealed=True, second=COUNTY),
        rebirth.Slip("", "岩温", sealed=True, second=COUNTY),
    ):
        with pytest.raises(DeskError):
            rebirth.restore(town, request.sha256, asked.code, slip, [], tmp_path, PASSWORD)
    assert registry.enrol_view(town).requests == (request,)
    with pytest.raises(CunbaoError):
        rebirth.write_again(town, MANBANG, tmp_path)


def test_an_ordinary_receipt_brings_the_other_computer_s_versions(tmp_path: Path) -> None:
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(first, tmp_path / "stick")])
    second = begun(tmp_path / "second", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(second, tmp_path)
    request = registry.add_request(town, asked.path)
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    taken = replies.take_receipt(second, written.path)
    assert taken.certificate and taken.restored == 0
    assert second.state("B03") is ReturnState.RECEIVED and second.newest("B03") is not None
    assert not replies.take_receipt(first, written.path).known  # one file for both computers
    assert sending.outgoing(second) == ()
