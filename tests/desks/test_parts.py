"""What one file cannot hold goes in parts (protocol §5): each is complete by itself, has a number of its own in its
name and inside, counts when it was read back, and is acknowledged by itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cunbao.desks import devices, evidence, media, receiving
from cunbao.desks.township import deciding, forwarding, receipts
from cunbao.desks.village import papers, practice, replies, sending
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.exchange import read_package
from cunbao.exchange.limits import MB, PACKAGE
from cunbao.progress import Progress
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    begun,
    fill_all,
    sign_all,
)

SEED = 20251215


def with_scans(desk: VillageDesk, each: int = 2, size: int = 39 * MB // 10) -> VillageDesk:
    """Scans beside every signed return, all together more than one file holds."""
    chance = random.Random(SEED)
    for form in desk.task.forms:
        newest = desk.newest(form)
        assert newest is not None
        for number in range(each):
            evidence.keep(desk, newest, chance.randbytes(size), f"{form}-{number}.jpg", says=desk.office.code)
    return desk


def with_pages(desk: VillageDesk, size: int = 7 * MB) -> VillageDesk:
    """Pages beside every signed return so large that five of them are more than one file holds."""
    chance = random.Random(SEED)
    for form in desk.task.forms:
        newest = desk.newest(form)
        assert newest is not None
        pages = desk.workspace.add_object("pdf", b"%PDF-" + chance.randbytes(size))
        desk.workspace.add_signature(newest.id, newest.cms, pages)
        desk.workspace.add_signature(newest.id, newest.cms, newest.pdf)  # the ones that are shown
    return desk


def a_full_village(tmp_path: Path) -> VillageDesk:
    return with_pages(a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)))


def test_a_bundle_too_large_for_one_file_goes_in_parts_that_stand_by_themselves(tmp_path: Path) -> None:
    village, town = a_full_village(tmp_path), a_town_desk(tmp_path)
    assert sending.export_view(village).file_name == "曼蚌村-2025年度-第1次-1of2.cbsync 等 2 个文件"
    (tmp_path / "stick").mkdir()
    steps: list[Progress] = []
    bundle = sending.write_bundle(village, tmp_path / "stick", PASSWORD, progress=steps.append)
    names = ["曼蚌村-2025年度-第1次-1of2.cbsync", "曼蚌村-2025年度-第2次-2of2.cbsync"]
    assert sorted(path.name for path in (tmp_path / "stick").iterdir()) == names
    assert [one.file_name for one in bundle.files] == names and bundle.sequence == 2
    assert all(path.stat().st_size <= PACKAGE.file for path in (tmp_path / "stick").iterdir())
    assert [one.step for one in steps] == [
        *("打包", "写入 1/2", "读回 1/2", "核对 1/2", "写入 2/2", "读回 2/2", "核对 2/2", "写好了，可以拔"),
    ]
    assert [one.done for one in steps] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert papers.delivery_slip(village, bundle)
    # the second alone is taken whole, the first is missed by the number that stands in its name
    first, second = (tmp_path / "stick" / name for name in names)
    (line,) = receiving.receive(town, [second]).lines
    assert line.label == "缺第1号" and town.workspace.offices_with_returns() == ((MANBANG, "2025"),)
    came = {one.form for one in town.workspace.revisions_of(MANBANG, "2025")}
    assert came and came < set(village.task.forms)
    # and is acknowledged by itself: the next bundle carries the rest alone
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    replies.take_receipt(village, written.path)
    assert {one.form for one in sending.outgoing(village)} == set(village.task.forms) - came
    receiving.receive(town, [first])
    assert len(town.workspace.revisions_of(MANBANG, "2025")) == 5
    assert receiving.missing_numbers(town, devices.device(village.workspace).id, village.workspace.epoch) == ()
    village.close()
    town.close()


def test_a_stick_that_vanishes_between_two_parts_leaves_the_first_one_counting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = a_full_village(tmp_path)
    (tmp_path / "stick").mkdir()
    write, parts = media.write_file, []

    def full(path: Path, data: bytes, **how: object) -> None:
        parts.append(path)
        if len(parts) == 2:
            raise media.medium_error(OSError(28, "full"), path.parent, what="报送包", share=0.5)
        write(path, data, **how)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(CunbaoError) as said:
        patch.setattr(media, "write_file", full)
        sending.write_bundle(village, tmp_path / "stick", PASSWORD)
    assert said.value.code == "disk.full" and said.value.safe.startswith("报送包第 1 次已经写好、核对过，算数")
    (record,) = village.workspace.packages()
    states = {form: village.state(form) for form in village.task.forms}
    sent = {one.form for name in record.revisions if (one := village.workspace.revision(name)) is not None}
    assert {form for form, state in states.items() if state is ReturnState.SENT} == sent
    assert {state for form, state in states.items() if form not in sent} == {ReturnState.SIGNED}
    again = sending.write_bundle(village, tmp_path / "stick", PASSWORD)
    assert [one.sequence for one in again.files] == [2, 3]
    village.close()


def test_every_part_of_a_computer_that_nobody_approved_asks_for_its_certificate(tmp_path: Path) -> None:
    village, town = begun(tmp_path / "village"), a_town_desk(tmp_path)
    fill_all(village)
    practice.explain_all(village)
    sign_all(village)
    with_pages(village)
    (tmp_path / "stick").mkdir()
    bundle = sending.write_bundle(village, tmp_path / "stick", PASSWORD)
    for one in bundle.files:
        (line,) = receiving.receive(town, [tmp_path / "stick" / one.file_name]).lines
        assert line.label == "证书待核准"
    assert len(bundle.files) == len(town.workspace.aside()) == 2
    village.close()
    town.close()


def test_what_a_township_sends_on_and_answers_goes_in_parts_of_the_same_kind(tmp_path: Path) -> None:
    village, town, county = a_full_village(tmp_path), a_town_desk(tmp_path), a_county_desk(tmp_path)
    sending.write_bundle(village, tmp_path, PASSWORD)
    receiving.receive(town, [tmp_path])
    for form in village.task.forms:
        deciding.accept(town, MANBANG, form)
    seen = forwarding.send_on_view(town)
    assert (seen.number, seen.file_name) == (1, "勐混镇-2025年度-第1次-1of2.cbsync 等 2 个文件")
    (tmp_path / "up").mkdir()
    sent = forwarding.write_forward(town, tmp_path / "up")
    assert [one.file_name for one in sent.files] == [
        "勐混镇-2025年度-第1次-1of2.cbsync",
        "勐混镇-2025年度-第2次-2of2.cbsync",
    ]
    second, first = (tmp_path / "up" / one.file_name for one in reversed(sent.files))
    assert receiving.receive(county, [second]).lines[0].label == "缺第1号"
    receiving.receive(county, [first])
    assert county.workspace.standings("2025") == town.workspace.standings("2025")
    assert forwarding.send_on_view(town).number == 3
    # a new computer of the village gets everything back in parts, each of which says what it is
    what = receipts.parcel(town, town.village(MANBANG), everything=True, restore="电脑坏了")
    written = receipts.write_receipt(town, tmp_path / "up", what)
    assert [one.file_name for one in written] == [
        "曼蚌村-2025年度-回执第1次-1of2.cbsync",
        "曼蚌村-2025年度-回执第2次-2of2.cbsync",
    ]
    for one in reversed(written):
        assert not replies.take_receipt(village, tmp_path / "up" / one.file_name).known
        notice = replies.notice_of(village)
        assert notice is not None and notice.restore == "电脑坏了"
    for desk in (village, town, county):
        desk.close()


def test_the_other_computer_s_file_of_the_same_number_is_not_written_over(tmp_path: Path) -> None:
    one = a_village_desk(tmp_path / "one", "signed")
    other = a_village_desk(tmp_path / "other", "signed")
    stick = tmp_path / "stick"
    first = a_bundle(one, stick)
    before = first.read_bytes()
    second = a_bundle(other, stick)
    assert first.read_bytes() == before and second.name == "曼蚌村-2025年度-第1次（2）.cbsync"
    assert sending.export_view(other).last is not None
    one.close()
    other.close()


def test_scans_of_sealed_papers_travel_by_themselves_and_no_number_of_them_is_too_many(tmp_path: Path) -> None:
    village = with_scans(a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)))
    town = a_town_desk(tmp_path)
    (tmp_path / "stick").mkdir()
    files = sending.write_bundle(village, tmp_path / "stick", PASSWORD).files
    first, second = (tmp_path / "stick" / one.file_name for one in files)
    (line,) = receiving.receive(town, [second]).lines  # scans alone, of returns that are not here yet
    assert (line.label, line.read) == ("缺第1号", "收下了决定和附件")
    assert town.workspace.offices_with_returns() == ()
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    replies.take_receipt(village, written.path)
    held, waiting = len(village.workspace.evidence_of(MANBANG, "2025")), len(sending.outgoing_scans(village))
    assert held == 10 and 0 < waiting < 10 and len(sending.outgoing(village)) == 5
    receiving.receive(town, [first])
    assert len(town.workspace.evidence_of(MANBANG, "2025")) == 10
    village.close()
    town.close()


def test_a_part_carries_what_its_returns_were_filled_against(tmp_path: Path) -> None:
    village, town = a_full_village(tmp_path), a_town_desk(tmp_path)
    sending.write_bundle(village, tmp_path, PASSWORD)
    readers, roots = devices.device(town.workspace).readers, village.roots()
    parts = [read_package(path.read_bytes(), readers, roots) for path in sorted(tmp_path.glob("*.cbsync"))]
    assert len(parts) == 2
    rested = 0
    for part in parts:
        for form in village.task.forms:
            newest = village.newest(form)
            assert newest is not None
            if newest.id in part.objects:
                for _, used in Header.decode(village.workspace.object(newest.header)).uses:
                    held = village.workspace.revision(used)
                    if held is not None and held.period == "2025":
                        assert used in part.objects
                        rested += 1
    assert rested
    village.close()
    town.close()
