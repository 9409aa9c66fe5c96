"""报送: one encrypted file on a stick, read back before it counts; whatever goes wrong, nothing counts as sent."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import devices
from cunbao.desks.village import practice, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import Cancelled, CunbaoError
from cunbao.exchange import ObjectKind, read_package
from cunbao.exchange.opening import open_kit
from cunbao.exchange.package import Package
from cunbao.progress import Cancel, Progress
from cunbao.survey.states import ReturnState
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_clock,
    a_village_desk,
    reopened,
    sign_all,
    text,
    the_sample,
    the_seat,
    types,
)
from world.disks import told_on_a_disk

NAME = "曼蚌村-2025年度-第1次.cbsync"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def opened_by_the_township(data: bytes, office: str = MANBANG) -> Package:
    town = the_seat().township(office)
    return read_package(data, devices.device(town.workspace).readers, (the_seat().county.root,), us=(town.office.code,))


def nothing_was_sent(desk: VillageDesk) -> bool:
    return (
        desk.workspace.packages() == ()
        and sending.export_view(desk).sequence == 1
        and {desk.state(form) for form in desk.task.forms} == {ReturnState.SIGNED}
        and all(not desk.workspace.why_not_retract(desk.newest(form).id) for form in desk.task.forms)  # type: ignore[union-attr]
    )


# --- written, read back, opened --------------------------------------------------------------------------------------


def test_a_bundle_is_written_read_back_and_then_counts(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    before = sending.export_view(desk)
    assert before.may_send and before.file_name == NAME and before.forms == tuple(desk.task.forms)
    steps: list[Progress] = []
    bundle = sending.write_bundle(desk, stick, PASSWORD, progress=steps.append)
    assert [one.step for one in steps] == ["打包", "写入", "读回", "核对", "写好了，可以拔"]
    assert [path.name for path in stick.iterdir()] == [NAME]
    assert (bundle.sequence, bundle.forms, bundle.reader) == (1, 5, "勐混镇")
    assert bundle.pages == sum(sending.pdf_pages(desk.signed_pdf(desk.newest(form))) for form in desk.task.forms)  # type: ignore[arg-type]
    digest = subprocess.run(["sha256sum", str(bundle.path)], capture_output=True, text=True, check=True).stdout
    assert bundle.check_code.replace(" ", "").lower() == digest[:12]
    after = sending.export_view(desk)
    assert after.sequence == 2 and after.last is not None
    assert replace(after.last, seconds=0.0) == replace(bundle, seconds=0.0)
    assert desk.workspace.journal_entries()[-1].act == "send"
    desk.close()


def test_the_township_finds_every_return_with_answers_signature_and_pages(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    data = sending.write_bundle(desk, stick, PASSWORD).path.read_bytes()
    package = opened_by_the_township(data)
    assert package.verdict.valid and package.manifest.office == MANBANG
    for form in desk.task.forms:
        stored = desk.newest(form)
        assert stored is not None
        for name in stored.objects:
            assert package.objects[name] == desk.workspace.object(name)
    kinds = [one.kind for one in package.manifest.members]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        ObjectKind.HEADER: 5, ObjectKind.ANSWERS: 5, ObjectKind.CMS: 5, ObjectKind.PDF: 5,
    }  # fmt: skip
    length, _ = desk.workspace.journal_head()
    assert package.manifest.journal_length == length - 1  # the sending itself came after
    desk.close()


def test_nobody_else_can_open_it(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    data = sending.write_bundle(desk, stick, PASSWORD).path.read_bytes()
    for office in ("532822104000",):
        with pytest.raises(CunbaoError) as said:
            opened_by_the_township(data, office)
        assert said.value.code == "package.not_for_us"
    assert text(desk, "B03", "b03_m_name", 1).encode() not in data
    other = a_village_desk(tmp_path / "other", "enrolled", office=MANGUO)
    with pytest.raises(CunbaoError):
        read_package(data, devices.device(other.workspace).readers, other.roots())
    for one in (desk, other):
        one.close()


def test_openssl_unzip_and_sha256sum_open_it_without_us(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    bundle = sending.write_bundle(desk, stick, PASSWORD)
    own = devices.device(the_seat().township(MANBANG).workspace)
    kit = tmp_path / "open"
    kit.mkdir()
    for name, data in open_kit(the_seat().county.root, (own.decryption, own.readers[0])).items():
        (kit / name).write_bytes(data)
    done = subprocess.run(
        ["sh", str(kit / "open.sh"), str(bundle.path), str(tmp_path / "out")],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}, cwd=kit,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 21 and "FAILED" not in done.stdout
    stored = desk.newest("B02")
    assert stored is not None
    content = tmp_path / "out" / "content" / "objects"
    assert (content / stored.pdf).read_bytes() == desk.signed_pdf(stored)
    desk.close()


def test_a_second_bundle_carries_all_that_no_receipt_has_named_and_the_first_ones_hash(
    tmp_path: Path, stick: Path
) -> None:
    desk = a_village_desk(tmp_path, "signed")
    first = sending.write_bundle(desk, stick, PASSWORD)
    one = opened_by_the_township(first.path.read_bytes())
    signing.begin_correction(desk, "B01")
    types(desk, "B01", "b01_deputies", "41")
    practice.explain_all(desk)
    sign_all(desk)
    second = sending.write_bundle(desk, stick, PASSWORD)
    two = opened_by_the_township(second.path.read_bytes())
    assert second.file_name == "曼蚌村-2025年度-第2次.cbsync"
    assert (one.manifest.sequence, one.manifest.previous) == (1, "")
    assert (two.manifest.sequence, two.manifest.previous) == (2, one.sha256)
    assert two.manifest.epoch == one.manifest.epoch and two.manifest.journal_length > one.manifest.journal_length
    assert one.objects.keys() < two.objects.keys()
    desk.close()


def test_the_number_in_the_manifest_goes_on_over_the_years(tmp_path: Path, stick: Path) -> None:
    """One number a file, in its name as inside: what the township misses is what the clerk looks for on the stick."""
    desk = a_village_desk(tmp_path, "signed")
    first = opened_by_the_township(sending.write_bundle(desk, stick, PASSWORD).path.read_bytes())
    old = replace(desk, task=practice.of_year(desk.task, 2024), instances={}, _last={})
    bundle = sending.write_bundle(old, stick, PASSWORD)
    assert bundle.file_name == "曼蚌村-2024年度-第2次.cbsync" and bundle.sequence == 2
    package = opened_by_the_township(bundle.path.read_bytes())
    assert (package.manifest.sequence, package.manifest.previous) == (2, first.sha256)
    desk.close()


def test_a_village_without_certificate_sends_its_request_along(tmp_path: Path, stick: Path) -> None:
    from world.desk import begun, fill_all

    desk = begun(tmp_path / "village")
    fill_all(desk)
    practice.explain_all(desk)
    sign_all(desk)
    package = opened_by_the_township(sending.write_bundle(desk, stick, PASSWORD).path.read_bytes())
    request = devices.device(desk.workspace).request
    assert request in package.objects.values() and package.request is not None
    assert not package.verdict.valid and package.verdict.computes
    desk.close()


def test_what_has_left_in_a_bundle_cannot_be_unsigned(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    sending.write_bundle(desk, stick, PASSWORD)
    with pytest.raises(CunbaoError) as said:
        signing.unsign(desk, "B02")
    assert said.value.code == "unsign.left" and "第 1 次报送" in said.value.happened
    desk.close()
    desk = reopened(tmp_path / "village")
    assert desk.state("B02") is ReturnState.SENT
    desk.close()


# --- what may not be sent --------------------------------------------------------------------------------------------


def refused(desk: VillageDesk, stick: Path, code: str, password: str = PASSWORD, **how: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        sending.write_bundle(desk, stick, password, **how)  # type: ignore[arg-type]
    assert said.value.code == code and said.value.safe and said.value.todo
    return said.value


def test_nothing_signed_nothing_sent(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    assert not sending.export_view(desk).may_send
    assert "先签名" in refused(desk, stick, "send.nothing").happened
    assert list(stick.iterdir()) == []
    desk.close()


def test_required_forms_stop_the_sending_and_not_the_signing(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path)
    practice.fill(desk, "B01", the_sample(desk)["B01"])
    practice.explain_all(desk)
    sign_all(desk)
    assert desk.state("B01") is ReturnState.SIGNED
    assert sending.export_view(desk).why_not == "还有必报表没有签名：B03"
    refused(desk, stick, "send.nothing")
    practice.fill(desk, "B03", the_sample(desk)["B03"])
    practice.explain_all(desk)
    sign_all(desk)
    assert sending.write_bundle(desk, stick, PASSWORD).forms == 2
    desk.close()


def test_figures_that_moved_under_a_signed_return_stop_the_sending(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    signing.original(desk, "B01")
    signing.begin_correction(desk, "B01")
    homes = int(text(desk, "B01", "b01_hh_resident"))
    types(desk, "B01", "b01_hh_resident", str(homes - 1))
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
    assert sending.moved_sources(desk) == ("B02",)
    assert "B02 依据的数后来变了" in refused(desk, stick, "send.nothing").happened
    assert list(stick.iterdir()) == []
    # one button: the 更正 of B02 opens with the new figure in it
    signing.unsign(desk, "B02")
    assert text(desk, "B02", "b02_hh") == str(homes - 1)
    practice.explain_all(desk)
    sign_all(desk)
    assert sending.moved_sources(desk) == ()
    sending.write_bundle(desk, stick, PASSWORD)
    desk.close()


def test_a_wrong_password_writes_nothing(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    refused(desk, stick, "password.wrong", "不对的密码")
    assert list(stick.iterdir()) == [] and nothing_was_sent(desk)
    desk.close()


def test_stopped_before_writing_nothing_is_there(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    cancel = Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        sending.write_bundle(desk, stick, PASSWORD, cancel=cancel)
    assert list(stick.iterdir()) == [] and nothing_was_sent(desk)
    desk.close()


# --- sticks that fail ------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    assert "没有的" in refused(desk, tmp_path / "没有的", "folder.missing").happened
    (tmp_path / "文件").write_text("")
    refused(desk, tmp_path / "文件", "folder.missing")
    assert nothing_was_sent(desk)
    sending.write_bundle(desk, stick, PASSWORD)
    desk.close()


def test_what_is_read_back_otherwise_does_not_count(tmp_path: Path, stick: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")

    def rots(step: Progress) -> None:
        if step.done == 2:  # written, not yet read back
            data = bytearray((stick / NAME).read_bytes())
            data[len(data) // 2] ^= 1
            (stick / NAME).write_bytes(bytes(data))

    assert "可能坏了" in refused(desk, stick, "medium.differs", progress=rots).happened
    assert nothing_was_sent(desk)
    sending.write_bundle(desk, stick, PASSWORD)
    assert opened_by_the_township((stick / NAME).read_bytes()).manifest.sequence == 1
    desk.close()


def test_a_full_a_protected_and_a_vanishing_stick(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        4000,
        """
        from cunbao.desks.village import sending
        desk = a_village_desk(big, "signed")
        send = lambda **how: sending.write_bundle(desk, disk, PASSWORD, **how)
        (disk / "照片.jpg").write_bytes(b"her wedding")
        free = lambda: desk.workspace.packages() == () and sending.export_view(desk).sequence == 1
        for room in (0, 4096, 100_000):
            fill(leave=room)
            print(refused(send), free(), sorted(path.name for path in disk.iterdir() if path.name != "filler"))
            (disk / "filler").unlink()
        read_only()
        print(refused(send), free(), sorted(path.name for path in disk.iterdir()))
        read_only(False)
        for step in (0, 1, 2):
            def gone(at):
                if at.done == step:
                    pull_out()
            print(refused(lambda: send(progress=gone)), free(), list(disk.iterdir()))
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=True)
        bundle = send()
        print(bundle.sequence, bundle.path.exists())
        desk.close()
        """,
    )
    assert said.splitlines() == [
        *["disk.full True ['照片.jpg']"] * 3,
        "folder.readonly True ['照片.jpg']",
        *["medium.gone True []"] * 3,
        "1 True",
    ]


def test_a_stick_pulled_out_in_the_middle_of_a_file(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        4000,
        """
        from cunbao.desks import media
        def half(done):
            if done > 600_000:
                subprocess.run(["umount", "-l", str(disk)], check=False)
        try:
            media.write_file(disk / "a.cbsync", bytes(1_000_000), what="报送包", moved=half)
        except CunbaoError as trouble:
            print(trouble.code, list(disk.iterdir()))
            print(trouble.happened)
        """,
    )
    assert said.splitlines() == ["medium.gone []", "报送包写到 100% 时 U 盘断开，这份文件不能用"]


def test_a_disk_full_of_its_own_workspace_keeps_the_bundle_uncounted(tmp_path: Path) -> None:
    """The stick has room, the laptop has none: the file is good, but what is not noted has not been sent."""
    said = told_on_a_disk(
        tmp_path,
        4000,
        """
        from cunbao.desks.village import sending
        desk = a_village_desk(disk, "signed")
        (big / "stick").mkdir()
        def full(at):
            if at.done == 3:
                fill()
        print(refused(lambda: sending.write_bundle(desk, big / "stick", PASSWORD, progress=full)))
        (disk / "filler").unlink()
        print(desk.workspace.packages(), sending.export_view(desk).sequence)
        print(sending.write_bundle(desk, big / "stick", PASSWORD).sequence)
        desk.close()
        """,
    )
    assert said.splitlines() == ["disk.full", "() 1", "1"]


def test_an_older_file_of_that_name_stays(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        2000,
        """
        from cunbao.desks.village import sending
        desk = a_village_desk(big, "signed")
        name = sending.export_view(desk).file_name
        (disk / name).write_bytes(b"from the computer before")
        fill(leave=50_000)
        print(refused(lambda: sending.write_bundle(desk, disk, PASSWORD)), (disk / name).read_bytes())
        desk.close()
        """,
    )
    assert said.strip() == "disk.full b'from the computer before'"


def test_after_a_clock_set_back_the_bundle_is_written_all_the_same(tmp_path: Path, stick: Path) -> None:
    """A doubtful clock is a mark at the township, never a reason to keep a signed return here."""
    desk = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 1))
    assert desk.clock_doubt
    package = opened_by_the_township(sending.write_bundle(desk, stick, PASSWORD).path.read_bytes())
    assert package.manifest.written_at.day == 1
    desk.close()
