"""Gap marks (protocol §5): a package that never came is missed until everything that it held is here, and no longer.

A later package of the same computer says what the ones before it held; nobody has to put a stick down as lost whose
content came by another.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import devices, hearing, media, receiving, sequences
from cunbao.desks.county import answers
from cunbao.desks.township import board, deciding, forwarding, receipts
from cunbao.desks.village import acknowledged, replies, sending
from cunbao.errors import DeskError
from cunbao.exchange import read_package
from cunbao.exchange.manifest import Acknowledgement, Former, Manifest
from cunbao.survey.states import ReturnState
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
)
from world.exchange import Computer, a_seated_town_desk, the_seats
from world.forged import NAME, loose

GONE = "ab" * 32


def remark(town: object) -> str:
    return next(one for one in board.board(town).rows if one.office == MANBANG).remark  # type: ignore[arg-type]


def manifest_of(path: Path, town: object) -> Manifest:
    own = devices.device(town.workspace)  # type: ignore[attr-defined]
    return read_package(path.read_bytes(), own.readers, ()).manifest


def test_a_later_bundle_that_carries_all_of_a_lost_one_leaves_no_gap_and_it_is_acknowledged(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    lost = a_bundle(village, tmp_path / "lost")
    second = a_bundle(village, tmp_path / "stick")
    (named,) = manifest_of(second, town).earlier
    assert (named.sequence, named.elsewhere) == (1, ()) and named.sha256 == receiving_hash(lost)
    line = receiving.receive(town, [second]).lines[0]
    assert line.label == "已接收" and "缺" not in remark(town)
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    said = manifest_of(written.path, town).acknowledges
    assert [(one.through, one.missing) for one in said] == [(2, ())]
    replies.take_receipt(village, written.path)
    assert sending.outgoing(village) == () and acknowledged.unheard(village) == []
    receiving.receive(town, [lost])  # it may come all the same
    assert town.workspace.standing(MANBANG, "B05", "2025").state is ReturnState.RECEIVED
    assert not receiving.copied(town, MANBANG)


def receiving_hash(path: Path) -> str:
    from cunbao.exchange import package_id

    return package_id(path.read_bytes())


def test_a_gap_stands_while_anything_of_it_is_missing_and_clears_when_the_last_of_it_comes_by_another_file(
    tmp_path: Path,
) -> None:
    """Number 1 is lost; number 2 names what it held and did not carry; number 3 brings it."""
    town, first = a_town_desk(tmp_path), loose()
    headers = [one.sha256 for one in first.manifest.members if one.kind.value == "header"]
    rest = headers[1:]
    second = first.only(headers[0]).saying(sequence=2, earlier=(Former(1, GONE, tuple(rest)),))
    line = receiving.take(town, second.sealed(), NAME)
    assert line.label == "缺第1号" and remark(town) == "缺第1号"
    device, epoch = first.manifest.device, first.manifest.epoch
    (said,) = sequences.acknowledgements(town, MANBANG)
    assert (said.through, said.missing) == (2, (1,))
    third = first.only(rest[0]).saying(sequence=3)  # says nothing of the gap, and brings one more
    assert receiving.take(town, third.sealed(), NAME).label == "缺第1号"
    fourth = first.saying(sequence=4)  # whatever brings it: what is held counts, not who carried it
    assert receiving.take(town, fourth.sealed(), NAME).label == "已接收"
    assert receiving.missing_numbers(town, device, epoch) == () and "缺" not in remark(town)
    (said,) = sequences.acknowledgements(town, MANBANG)
    assert (said.through, said.missing) == (4, ())
    town.close()


def test_a_manifest_of_the_first_version_is_read_and_clears_nothing(tmp_path: Path) -> None:
    town, first = a_town_desk(tmp_path), loose()
    second = first.saying(sequence=2)
    assert b'"v":1' in second.manifest.encode() and b"earlier" not in second.manifest.encode()
    assert receiving.take(town, second.sealed(), NAME).label == "缺第1号"
    town.close()


def test_a_gap_of_the_one_computer_is_not_closed_by_what_another_says_of_itself(tmp_path: Path) -> None:
    town, first = a_town_desk(tmp_path), loose()
    receiving.take(town, first.saying(sequence=2).sealed(), NAME)
    receiving.take(town, first.saying(sequence=2, epoch="another life", earlier=(Former(1, GONE),)).sealed(), NAME)
    device, epoch = first.manifest.device, first.manifest.epoch
    assert receiving.missing_numbers(town, device, epoch) == (1,)
    assert receiving.missing_numbers(town, device, "another life") == ()
    town.close()


def test_of_a_copied_computer_both_files_of_a_number_are_waited_for(tmp_path: Path) -> None:
    """Two copies write a file of the same number; one came, the other is named by its successor and lacks a return."""
    town, first = a_town_desk(tmp_path), loose()
    headers = [one.sha256 for one in first.manifest.members if one.kind.value == "header"]
    receiving.take(town, first.only(headers[0]).saying(sequence=1).sealed(), NAME)
    other = first.only(headers[1]).saying(sequence=2, earlier=(Former(1, GONE, (headers[2],)),))
    assert receiving.take(town, other.sealed(), NAME).label == "缺第1号"
    receiving.take(town, first.only(headers[2]).saying(sequence=3).sealed(), NAME)
    assert receiving.missing_numbers(town, first.manifest.device, first.manifest.epoch) == ()
    town.close()


def test_a_copied_computer_whose_copies_name_their_own_files_is_noticed_still(tmp_path: Path) -> None:
    town = a_seated_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 1))
    computer = Computer(the_seats()[0], town.task, "a", town.clock())
    computer.signs("没有灾害信息员甲")
    receiving.take(town, computer.sends(), NAME)
    copy = computer.copied()
    for one, answer in ((computer, "乙"), (copy, "丙")):
        for _ in range(2):
            one.signs(f"没有灾害信息员{answer}")
            receiving.take(town, one.sends(), NAME)
    assert receiving.copied(town, computer.seat.office)
    town.close()


def test_a_stick_that_failed_under_a_number_is_not_taken_for_a_second_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is whole, the stick gave up before it could be read back; the number is given again. Both come."""
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    left: list[bytes] = []

    def gives_up(path: Path, data: bytes, **how: object) -> bytes:
        left.append(path.read_bytes())
        raise DeskError("medium.gone", happened="U 盘断开", safe="报表都在", todo="换一个再写")

    for _ in range(2):
        with monkeypatch.context() as patch, pytest.raises(DeskError):
            patch.setattr(media, "read_back", gives_up)
            a_bundle(village, tmp_path / "stick")
    third = a_bundle(village, tmp_path / "stick")
    assert len(set(left)) == 2 and manifest_of(third, town).sequence == 1
    for data in (*left, third.read_bytes()):
        receiving.take(town, data, NAME)
    assert not receiving.copied(town, MANBANG) and remark(town) == ""
    fourth = a_bundle(village, tmp_path / "stick")
    receiving.receive(town, [fourth])
    assert not receiving.copied(town, MANBANG)
    village.close()
    town.close()


def test_the_county_misses_nothing_of_a_lost_bundle_whose_content_came_with_the_next(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    deciding.accept(town, MANBANG, "B01")
    forwarding.write_forward(town, tmp_path)
    deciding.accept(town, MANBANG, "B02")
    second = forwarding.write_forward(town, tmp_path)
    assert receiving.receive(county, [second.path]).lines[0].label == "已接收"
    lost = answers.write_answer(county, town.office.code, tmp_path)
    answer = answers.write_answer(county, town.office.code, tmp_path)
    assert receiving.receive(town, [answer]).lines[0].label == "已接收" and lost != answer
    assert not forwarding.send_on_view(town).may_send
    for desk in (village, town, county):
        desk.close()


# --- a computer that was copied --------------------------------------------------------------------------------------


def test_each_copy_of_a_computer_is_told_what_the_other_signed(tmp_path: Path) -> None:
    """A copy in another place begins a life of its own under the same key; the first goes on. What the one has
    acknowledged the other has not got."""
    town = a_seated_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 1))
    seat = the_seats()[0]
    first = Computer(seat, town.task, "first", town.clock())
    first.signs("没有灾害信息员甲")
    receiving.take(town, first.sends(), NAME)
    copy = first.copied("copy")
    theirs = copy.signs("没有灾害信息员乙")
    receiving.take(town, copy.sends(), NAME)
    read: dict[str, list[int]] = {}

    def reads(computer: Computer) -> None:
        """A receipt reaches one of them, who says so in its next bundle."""
        (written,) = receipts.write_receipt(town, tmp_path, receipts.parcel(town, town.village(seat.office)))
        read.setdefault(computer.epoch, []).append(written.seq)
        own = devices.device(town.workspace).id
        said = Acknowledgement(own, town.workspace.epoch, *sequences.acknowledged(read[computer.epoch]))
        receiving.take(town, computer.sends(acknowledges=(said,)), NAME)

    def need_not_be_told() -> bool:
        return theirs in hearing.known(town.workspace, seat.office, seat.device, receipts.KIND)

    assert not need_not_be_told()
    reads(copy)
    assert need_not_be_told()  # nobody knows that the first computer lives
    reads(copy)
    receiving.take(town, first.sends(), NAME)
    assert need_not_be_told()  # this may have lain on a stick for long
    without = replace(receipts.parcel(town, town.village(seat.office)), revisions=())
    (written,) = receipts.write_receipt(town, tmp_path, without)
    late = Acknowledgement(devices.device(town.workspace).id, town.workspace.epoch, written.seq, (1, 2))
    receiving.take(town, first.sends(acknowledges=(late,)), NAME)
    assert not need_not_be_told()  # it has read what was written since the copy began, and not what told of it
    read["first"] = [1, 2, 3]
    reads(first)
    assert need_not_be_told()
    town.close()


def test_a_life_that_is_over_is_not_waited_for_when_its_last_file_comes_late(tmp_path: Path) -> None:
    town = a_seated_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 1))
    seat = the_seats()[0]
    first = Computer(seat, town.task, "first", town.clock())
    first.signs("没有灾害信息员甲")
    receiving.take(town, first.sends(), NAME)
    late = first.sends()
    second = first.copied("after the backup")
    receiving.take(town, second.sends(), NAME)
    receiving.take(town, late, NAME)
    written = town.workspace.outgoing()
    assert hearing.living(town.workspace, seat.office, seat.device, written) == ("after the backup",)
    town.close()


def test_passwords_are_asked_before_a_number_is_put_down(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed")
    with pytest.raises(Exception, match="密码不对"):
        sending.write_bundle(village, tmp_path, PASSWORD + "x")
    assert village.workspace.setting("send/tries", None) is None
    village.close()
