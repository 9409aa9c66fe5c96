"""移出往年: a closed year leaves in one file and comes back; neither it nor what remains changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cunbao.cli import run_command
from cunbao.desks import archiving, digest, ledger, newpacks, verifying
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.verified import Outcome
from cunbao.errors import CunbaoError
from cunbao.store import read_keys, rekey
from cunbao.store.compare import figures
from world.county_returns import reopened_county
from world.desk import PASSWORD, a_clock, a_village_desk
from world.disks import told_on_a_disk
from world.years import clerks, the_county_of_years

GOES = "2024"  # between a year that stays and one that was filled against it


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountyDesk]:
    monkeypatch.setenv("CUNBAO_PASSWORD", PASSWORD)
    shutil.copytree(the_county_of_years(), tmp_path / "county")
    made = reopened_county(tmp_path / "county", clock=a_clock(2026, 1, 20, 1))
    yield made
    made.close()


def said(desk: CountyDesk) -> digest.StateDigest:
    return digest.state_digest(desk.workspace, desk.task)


def test_what_remains_keeps_its_digests_and_the_year_that_left_is_named_with_its_own(
    desk: CountyDesk, tmp_path: Path
) -> None:
    before = said(desk)
    done = archiving.move_out(desk, GOES, tmp_path)
    assert done.remain == ("2023", "2025", "2026")
    after = said(desk)
    assert after.whole == before.whole
    assert [(one.period, one.moved) for one in after.periods if one.moved] == [(GOES, done.path.name)]
    assert [(one.objects, one.state) for one in after.periods] == [(one.objects, one.state) for one in before.periods]


def test_out_and_back_again_is_as_if_nothing_had_been(desk: CountyDesk, tmp_path: Path) -> None:
    before, tables = said(desk), figures(desk.workspace._db)
    done = archiving.move_out(desk, GOES, tmp_path)
    archiving.bring_back(desk, GOES, done.path)
    assert said(desk) == before
    after = figures(desk.workspace._db)
    assert {name for name in after if after[name] != tables[name]} == {"journal", "object"}
    assert after["object"].rows == tables["object"].rows + 1  # the record that it went
    assert [one.act for one in desk.workspace.journal_entries(newest=2)] == ["move_out", "bring_back"]


def test_rebuilding_while_a_year_is_away_changes_nothing(desk: CountyDesk, tmp_path: Path) -> None:
    marked = desk.workspace.standing(clerks(4)[1].office.code, "B01", "2025").marks
    assert ledger.BASIS_CHANGED in marked  # by what the year that goes says
    done = archiving.move_out(desk, GOES, tmp_path)
    before = said(desk)
    assert ledger.rebuild(desk.workspace, desk.task).changed == ()
    assert said(desk) == before
    archiving.bring_back(desk, GOES, done.path)
    assert ledger.rebuild(desk.workspace, desk.task).changed == ()


@pytest.mark.parametrize(
    ("period", "code"),
    [("2026", "archive.open"), ("2025", "archive.needed"), ("2022", "archive.unknown")],
)
def test_a_year_that_is_open_read_from_or_not_here_is_refused(
    desk: CountyDesk, tmp_path: Path, period: str, code: str
) -> None:
    before = said(desk)
    with pytest.raises(CunbaoError) as told:
        archiving.move_out(desk, period, tmp_path / "x.cbyear")
    assert told.value.code == code and said(desk) == before and not (tmp_path / "x.cbyear").exists()


def test_the_file_opens_in_ten_years_without_this_program(desk: CountyDesk, tmp_path: Path) -> None:
    done = archiving.move_out(desk, GOES, tmp_path)
    subprocess.run(["unzip", "-q", str(done.path), "-d", str(tmp_path / "year")], check=True)
    out = tmp_path / "opened"
    command = [sys.executable, "-I", "open.py", desk.person.name, str(out)]
    environment = {"PATH": os.environ["PATH"], "CUNBAO_PASSWORD": PASSWORD}
    subprocess.run(command, cwd=tmp_path / "year", env=environment, check=True, capture_output=True)
    village = clerks(4)[2].office.code
    (first,) = (out / village).glob("B02-1-*")
    assert GOES in json.loads((first / "header.json").read_bytes())["period"]
    assert hashlib.sha256((first / "header.json").read_bytes()).hexdigest().startswith(first.name.rpartition("-")[2])
    assert b"<b02_area_total>" in (first / "answers.xml").read_bytes()
    signed = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "header.cms", "-content", "header.json"]
    subprocess.run([*signed, "-noverify", "-out", "/dev/null"], cwd=first, check=True, capture_output=True)


def test_the_room_of_the_year_is_given_back_to_the_disk(desk: CountyDesk, tmp_path: Path) -> None:
    data = desk.workspace.folder / "data.db"
    before, rows = data.stat().st_size, desk.workspace._one("SELECT sum(size) FROM object")
    done = archiving.move_out(desk, GOES, tmp_path)
    left = desk.workspace._one("SELECT sum(size) FROM object")
    assert rows is not None and left is not None
    assert done.shrunk == before - data.stat().st_size and done.shrunk > (rows[0] - left[0]) // 2
    desk.workspace.set_setting("goes on", 1)
    assert desk.workspace._all("PRAGMA freelist_count") == [(0,)] and desk.workspace.verify_journal().good
    again = reopened_county(copied(desk), clock=a_clock(2026, 1, 21, 1))
    assert said(again).whole == said(desk).whole
    again.close()


def copied(desk: CountyDesk) -> Path:
    """The folder as it lies on the disk."""
    return Path(shutil.copytree(desk.workspace.folder, desk.workspace.folder.with_name("copied")))


# --- what is not the file asked for ----------------------------------------------------------------------------------


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def of_the_future(path: Path) -> None:
    says(path, v=2, program="9.0.0")


def of_another(path: Path) -> None:
    says(path, workspace="0" * 32)


def of_another_year(path: Path) -> None:
    says(path, period="2023")


def with_other_tables(path: Path) -> None:
    says(path, tables={"object": [0, "0" * 64]})


def no_zip(path: Path) -> None:
    path.write_bytes(b"PK nothing of ours")


def gone(path: Path) -> None:
    path.unlink()


def says(path: Path, **other: object) -> None:
    """The same archive with another archive.json."""
    with zipfile.ZipFile(path) as bound:
        members = {name: bound.read(name) for name in bound.namelist()}
    members["archive.json"] = json.dumps({**json.loads(members["archive.json"]), **other}).encode()
    with zipfile.ZipFile(path, "w") as bound:
        for name, data in members.items():
            bound.writestr(name, data)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (flipped, "archive.unread"),
        (cut, "archive.unread"),
        (no_zip, "archive.unread"),
        (gone, "archive.unread"),
        (with_other_tables, "archive.unread"),
        (of_the_future, "archive.newer"),
        (of_another, "archive.other"),
        (of_another_year, "archive.period"),
    ],
)
def test_a_file_that_is_not_the_one_asked_for_changes_nothing(
    desk: CountyDesk, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    done = archiving.move_out(desk, GOES, tmp_path)
    before, tables = said(desk), figures(desk.workspace._db)
    spoil(done.path)
    with pytest.raises(CunbaoError) as told:
        archiving.bring_back(desk, GOES, done.path)
    assert told.value.code == code and told.value.happened and told.value.safe and told.value.todo
    assert said(desk) == before and figures(desk.workspace._db) == tables
    assert not list(desk.workspace.folder.glob(".*.part"))


def test_a_year_that_is_here_or_gone_already_and_a_name_that_is_taken_are_told(
    desk: CountyDesk, tmp_path: Path
) -> None:
    (tmp_path / "there.cbyear").write_bytes(b"somebody's")
    for act, code in (
        (lambda: archiving.bring_back(desk, GOES, tmp_path / "there.cbyear"), "archive.here"),
        (lambda: archiving.move_out(desk, GOES, tmp_path / "there.cbyear"), "archive.taken"),
    ):
        with pytest.raises(CunbaoError) as told:
            act()
        assert told.value.code == code
    assert (tmp_path / "there.cbyear").read_bytes() == b"somebody's"
    archiving.move_out(desk, GOES, tmp_path / "named")
    assert (tmp_path / "named.cbyear").is_file()
    with pytest.raises(CunbaoError) as told:
        archiving.move_out(desk, GOES, tmp_path)
    assert told.value.code == "archive.moved" and "named.cbyear" in told.value.happened


def test_both_by_command(desk: CountyDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, folder = said(desk), str(desk.workspace.folder)
    desk.close()

    def run(*words: str) -> dict[str, Any]:
        assert run_command([*words, "--json"], clock=a_clock(2026, 1, 21, 1)) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    moved = run("archive", folder, GOES, str(tmp_path / "year.cbyear"))
    assert moved["remain"] == ["2023", "2025", "2026"] and moved["returns"] == 20 and moved["shrunk"] > 0
    state = run("state", folder)
    assert state["whole"] == before.whole and state["periods"][GOES]["moved"] == "year.cbyear"
    again = run("archive", folder, GOES, str(tmp_path / "year.cbyear"), "--back")
    assert (again["objects"], again["state"]) == (moved["objects"], moved["state"])
    assert run_command(["archive", folder, "2026", str(tmp_path)], clock=a_clock(2026, 1, 21, 1)) == 3
    assert "还没有封账" in capsys.readouterr().err


def test_it_comes_back_after_the_workspace_has_got_another_key(desk: CountyDesk, tmp_path: Path) -> None:
    before = said(desk)
    done = archiving.move_out(desk, GOES, tmp_path)
    keys = read_keys(desk.workspace.folder)
    rekey(desk.workspace, os.urandom(32), keys, now=desk.clock(), change=lambda workspace: None)
    archiving.bring_back(desk, GOES, tmp_path)  # found by its name in the folder
    assert said(desk) == before and done.path.is_file()


def test_a_year_in_a_file_is_not_opened_and_one_that_is_open_does_not_leave(desk: CountyDesk, tmp_path: Path) -> None:
    newpacks.show_period(desk, GOES)
    with pytest.raises(CunbaoError) as told:
        archiving.move_out(desk, GOES, tmp_path)
    assert told.value.code == "archive.shown"
    newpacks.show_period(desk, "2026")
    archiving.move_out(desk, GOES, tmp_path)
    with pytest.raises(CunbaoError) as told:
        newpacks.show_period(desk, GOES)
    assert told.value.code == "archive.moved" and desk.task.period == "2026"


def test_a_full_stick_keeps_the_year_here(tmp_path: Path) -> None:
    shutil.copytree(the_county_of_years(), tmp_path / "county")
    told = told_on_a_disk(
        tmp_path,
        600,
        """
        from cunbao.desks import archiving, digest
        from world.county_returns import reopened_county

        desk = reopened_county(big / "county", clock=a_clock(2026, 1, 20, 1))
        before = digest.state_digest(desk.workspace, desk.task)
        fill(200_000)
        print(refused(lambda: archiving.move_out(desk, "2024", disk)))
        assert digest.state_digest(desk.workspace, desk.task) == before and not desk.workspace.moved_out()
        print(*sorted(one.name for one in disk.iterdir()))
        desk.close()
        """,
    )
    assert told.split() == ["disk.full", "filler"]


def test_a_village_has_nothing_to_move_out(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path)
    with pytest.raises(CunbaoError) as told:
        archiving.move_out(village, "2024", tmp_path)
    assert told.value.code == "archive.kind"
    village.close()


def test_the_file_handed_in_says_what_it_is(desk: CountyDesk, tmp_path: Path) -> None:
    done = archiving.move_out(desk, GOES, tmp_path)
    found = verifying.examine_file(desk, done.path)
    assert found.good and GOES in found.lines[0].text and found.size == done.path.stat().st_size
    flipped(done.path)
    assert verifying.examine_file(desk, done.path).outcome is Outcome.BROKEN
    archiving.move_out(desk, "2023", tmp_path / "other.cbyear")
    of_another(tmp_path / "other.cbyear")
    assert verifying.examine_file(desk, tmp_path / "other.cbyear").outcome is Outcome.SEALED
