"""The first minute: a task pack is looked at, compared with the notice, and becomes a whole workspace or none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cunbao.desks import start, tasks
from cunbao.desks.devices import device
from cunbao.desks.views import Person
from cunbao.errors import CunbaoError
from cunbao.survey.states import ReturnState
from world.desk import CLERK, MANBANG, PASSWORD, QUICK, a_clock, begun, reopened, the_seat
from world.disks import environment, told_on_a_disk


def refused(folder: Path, code: str, **changes: Any) -> CunbaoError:
    """What beginning says, when nothing of it may stay."""
    there = folder.exists()
    asked: dict[str, Any] = {
        "pack_data": the_seat().pack,
        "office": MANBANG,
        "person": CLERK,
        "password": PASSWORD,
        "root_code": the_seat().root_code,
        "clock": a_clock(),
        "stretch": QUICK,
    }
    with pytest.raises(CunbaoError) as said:
        start.begin(folder, **{**asked, **changes})
    assert said.value.code == code
    assert said.value.happened and said.value.safe and said.value.todo
    assert folder.exists() == there
    return said.value


def test_a_pack_becomes_a_workspace_that_can_be_filled(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    assert desk.directory.line == "勐混镇 曼蚌村"
    assert desk.directory.full_name == "勐海县勐混镇曼蚌村民委员会"
    assert [desk.state(form) for form in desk.task.forms] == [ReturnState.NOT_STARTED] * 5
    assert desk.home().next.act == "form" and desk.home().next.form == "B01"
    assert len(device(desk.workspace).comparison_code.replace(" ", "")) == 24
    assert [one.act for one in desk.workspace.journal_entries()] == ["begin"]
    desk.close()
    assert sorted(path.name for path in desk.workspace.folder.iterdir()) == ["data.db", "keys.json", "lock", "task"]


def test_the_pack_is_shown_before_it_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "通知.cbtask"
    path.write_bytes(the_seat().pack)
    seen = tasks.look_at_pack(path)
    assert seen.valid and seen.county == "勐海县" and seen.period_title == "2025年度"
    assert seen.root_code == the_seat().root_code and len(seen.root_code.split()) == 6
    assert (MANBANG, "勐混镇 曼蚌村民委员会") in seen.offices
    assert [one.path for one in tasks.packs_on([tmp_path])] == [path]


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "text"])
def test_a_bad_pack_is_shown_as_bad_and_never_offered(tmp_path: Path, damage: str) -> None:
    data = bytearray(the_seat().pack)
    data[len(data) // 2] ^= 1
    bad = {"flipped": bytes(data), "cut": the_seat().pack[:-100], "empty": b"", "text": "不是任务包".encode()}[damage]
    path = tmp_path / "坏.cbtask"
    path.write_bytes(bad)
    seen = tasks.look_at_pack(path)
    assert not seen.valid and seen.why_not and seen.offices == ()
    assert tasks.packs_on([tmp_path]) == ()


def test_a_pack_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "读不出来" in tasks.look_at_pack(tmp_path / "没有.cbtask").why_not


def test_other_digits_than_the_notice_take_nothing_over(tmp_path: Path) -> None:
    code = the_seat().root_code
    refused(tmp_path / "village", "pack.root", root_code=("1" if code[0] != "1" else "2") + code[1:])
    refused(tmp_path / "village", "pack.root", root_code="")


def test_the_digits_may_be_typed_without_gaps(tmp_path: Path) -> None:
    code = the_seat().root_code.replace(" ", "")
    desk = start.begin(
        tmp_path / "village", the_seat().pack, office=MANBANG, person=CLERK, password=PASSWORD, root_code=code,
        clock=a_clock(), stretch=QUICK,
    )  # fmt: skip
    desk.close()


def test_an_office_that_the_pack_does_not_name_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "village", "office.not_in_pack", office="532822103299")
    refused(tmp_path / "village", "office.not_in_pack", office="532822103000")  # a township is no village


def test_a_short_password_and_an_empty_name_are_refused(tmp_path: Path) -> None:
    assert "3 个字" in refused(tmp_path / "village", "password.short", password="短密码").happened
    refused(tmp_path / "village", "person.unnamed", person=Person("  ", "填报人"))


def test_a_folder_that_holds_a_workspace_is_left_alone(tmp_path: Path) -> None:
    begun(tmp_path / "village").close()
    before = {path: path.read_bytes() for path in (tmp_path / "village").rglob("*") if path.is_file()}
    refused(tmp_path / "village", "folder.occupied")
    assert {path: path.read_bytes() for path in (tmp_path / "village").rglob("*") if path.is_file()} == before


def test_an_empty_folder_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "village").mkdir()
    begun(tmp_path / "village").close()


def test_a_disk_that_cannot_be_written_gets_its_sentence_and_nothing_stays(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        3000,
        """
        settle()
        read_only()
        print(refused(lambda: begun(disk / "village")), sorted(disk.iterdir()))
        read_only(False)
        for room in (0, 20_000, 200_000, 400_000):
            fill(leave=room)
            print(refused(lambda: begun(disk / "village")), [path.name for path in disk.iterdir()])
            (disk / "filler").unlink()
        begun(disk / "village").close()
        """,
    )
    assert said.splitlines() == ["folder.readonly []"] + ["disk.full ['filler']"] * 4


def test_what_goes_wrong_on_the_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that cannot be made: the last step before the workspace stands."""

    def no_keys(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cunbao.desks.devices.keep_signing_key", no_keys)
    refused(tmp_path / "village", "disk.full")
    (tmp_path / "village").mkdir()
    refused(tmp_path / "village", "disk.full")
    assert list((tmp_path / "village").iterdir()) == []
    monkeypatch.undo()
    begun(tmp_path / "village").close()


def test_a_beginning_that_was_killed_can_be_begun_again(tmp_path: Path, same_chance: int) -> None:
    """Killed at several moments: what lies there is either the whole workspace or none, and another try works."""
    chance = random.Random(same_chance)
    whole = 0
    for number in range(4):
        folder = tmp_path / str(number)
        child = subprocess.Popen(
            [sys.executable, "-c", _BEGINS, str(folder)], stdout=subprocess.PIPE, env=environment(tmp_path)
        )
        assert child.stdout is not None and child.stdout.readline() == b"now\n"
        try:
            child.wait(timeout=chance.random() * 0.12)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if (folder / "data.db").exists():
            whole += 1
        else:
            begun(folder).close()
        desk = reopened(folder)
        assert desk.home().next.form == "B01"
        desk.close()
    print(f"{whole} of 4 were whole")


def test_forms_changed_on_the_disk_are_laid_out_again_from_what_the_county_signed(tmp_path: Path) -> None:
    begun(tmp_path / "village").close()
    checks = next((tmp_path / "village" / "task").rglob("checks.csv"))
    signed = checks.read_bytes()
    checks.write_bytes(signed.splitlines(keepends=True)[0])  # a clerk who would rather not be checked
    desk = reopened(tmp_path / "village")
    assert checks.read_bytes() == signed and len(desk.task.checks) > 50
    desk.close()


def test_county_to_township_to_village_identity(tmp_path: Path) -> None:
    """Requested, read aloud, approved: the village's certificate hangs under its township's, that under the county."""
    from cunbao.desks import devices
    from cunbao.trust.certs import read_certificate
    from world.desk import enrol

    desk = begun(tmp_path / "village")
    assert not device(desk.workspace).enrolled and "证书待核准" in device(desk.workspace).line
    enrol(desk)
    own = device(desk.workspace)
    chain = [read_certificate(der) for der in (own.certificate, *own.chain)]
    assert [one.office for one in chain] == [MANBANG, "532822103000", "532822000000"]
    assert own.chain[-1] == the_seat().county.root == desk.roots()[0]
    with pytest.raises(CunbaoError) as said:  # another computer's certificate
        other = begun(tmp_path / "other")
        devices.install(other.workspace, own.certificate, own.decryption, own.chain)
    assert said.value.code == "certificate.other_key"
    for one in (desk, other):
        one.close()


def test_a_wrong_code_read_over_the_phone_certifies_nobody(tmp_path: Path) -> None:
    from cunbao.desks.township import desk as township

    desk = begun(tmp_path / "village")
    own = device(desk.workspace)
    wrong = own.comparison_code[:-1] + ("1" if own.comparison_code[-1] != "1" else "2")
    with pytest.raises(CunbaoError) as said:
        township.approve_device(the_seat().township(MANBANG), own.request, wrong, PASSWORD)
    assert said.value.code.startswith("enrol.")
    desk.close()


_BEGINS = """
import sys
from pathlib import Path
from world.desk import begun, the_seat
the_seat()
print("now", flush=True)
begun(Path(sys.argv[1])).close()
"""
