"""The power goes, or the disk is full, in the middle of a folder: each file is there wholly or not at all.

CUNBAO_KILLS=200 for the full measure; each run prints the seed it can be repeated with (CUNBAO_SEED).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest

from cunbao.desks import ledger, receiving
from cunbao.desks.digest import StateDigest, state_digest
from cunbao.desks.township.desk import TownshipDesk
from cunbao.exchange.manifest import ObjectKind
from desks import receiver
from world.desk import MANBANG, MANGUO, a_town_desk, reopened_town, the_bundle, the_shelf
from world.disks import environment, told_on_a_disk
from world.forged import a_strange_file, a_version, loose
from world.villages import the_task

KILLS = int(os.environ.get("CUNBAO_KILLS", "5"))


@cache
def the_stick() -> Path:
    """Two villages' bundles, one of them twice, six further versions of a return, a stranger's, a broken file."""
    place = the_shelf() / "interrupted"
    place.mkdir()
    town = a_town_desk(the_shelf(), name="interrupted-town")
    files = [the_bundle(MANBANG), b"broken", the_bundle(MANGUO), a_strange_file(town), the_bundle(MANBANG)]
    for number in range(2, 8):
        parts = loose()
        made = a_version(parts, the_task().forms["B01"], version=number, n=number)
        files.append(parts.without(*ObjectKind).adding_revision(*made).saying(sequence=number).sealed())
    for number, data in enumerate(files):
        (place / f"{number:02}.cbsync").write_bytes(data)
    town.close()
    return place


@cache
def undisturbed() -> tuple[StateDigest, tuple[str, ...]]:
    """The state after the stick was read whole, and what lies aside."""
    town = a_town_desk(the_shelf(), name="undisturbed")
    receiving.receive(town, [the_stick()])
    found = state_digest(town.workspace, town.task), tuple(one.sha256 for one in town.workspace.aside())
    town.close()
    return found


def killed(folder: Path, place: Path, *, when: str = "", after: int = -1, spin: float = 0.0) -> list[str]:
    """Read the stick in a process of its own whose power goes; what it had said by then. after: lines, then `spin`
    seconds more."""
    with subprocess.Popen(
        [sys.executable, receiver.__file__, str(folder), str(the_stick()), when],
        stdout=subprocess.PIPE,
        env=environment(place),
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == b"open\n"
        lines = []
        if after >= 0:
            lines = [child.stdout.readline() for _ in range(after)]
            end = perf_counter() + spin
            while perf_counter() < end:  # busy, so that the kill falls anywhere within a file
                pass
            os.kill(child.pid, signal.SIGKILL)
        lines += child.stdout.readlines()
    return [line.decode().rstrip("\n") for line in lines if line.endswith(b"\n")]


def holds_whole_files(town: TownshipDesk, said: list[str]) -> None:
    """Every file is there wholly or not at all; what was said is there."""
    workspace = town.workspace
    workspace.self_check()
    named = {name for one in workspace.arrivals() if one.result in receiving.TAKEN for name in one.objects}
    held = {one.id for at in workspace.offices_with_returns() for one in workspace.revisions_of(*at)}
    assert named == held, "a revision without its file in the log, or the other way round"
    for name in held:
        stored = workspace.revision(name)
        assert stored is not None and all(workspace.object(one) for one in stored.objects)
    logged = {one.file_name: one.result for one in workspace.arrivals()}
    for line in said:
        name, result = line.split("\t")
        assert result == "KNOWN" or logged[name] == result
    waiting = {one.sha256 for one in workspace.aside()}
    assert waiting == {one.sha256 for one in workspace.arrivals() if one.result == "HELD"}


def goes_on(folder: Path) -> None:
    """Reading the stick again gives what an undisturbed reading gives, and so does making everything again."""
    town = reopened_town(folder)
    receiving.receive(town, [the_stick()])
    expected, aside = undisturbed()
    assert state_digest(town.workspace, town.task) == expected
    assert tuple(one.sha256 for one in town.workspace.aside()) == aside
    assert ledger.rebuild(town.workspace, town.task).changed == ()
    assert state_digest(town.workspace, town.task) == expected
    town.close()


# the second file is broken and has one commit for its line; the fifth is known and has none
MOMENTS = [("read 1", 0), ("commit 1", 0), ("commit 3", 2), ("commit 4", 3), ("done 3", 2), ("commit 9", 8)]


@pytest.mark.parametrize(("when", "files"), MOMENTS)
def test_a_power_cut_between_verifying_and_committing_leaves_whole_files(tmp_path: Path, when: str, files: int) -> None:
    a_town_desk(tmp_path).close()
    said = [line for line in killed(tmp_path / "town", tmp_path, when=when) if not line.endswith("KNOWN")]
    assert len(said) == files
    town = reopened_town(tmp_path / "town")
    holds_whole_files(town, said)
    assert len(town.workspace.arrivals()) == files + when.startswith("done")
    town.close()
    goes_on(tmp_path / "town")


def test_a_power_cut_at_any_moment_leaves_whole_files_and_reading_again_completes_them(
    tmp_path: Path, same_chance: int
) -> None:
    chance = random.Random(same_chance)
    print(f"{KILLS} kills, CUNBAO_SEED={same_chance}")
    for number in range(KILLS):
        a_town_desk(tmp_path, name=f"town-{number}").close()
        folder = tmp_path / f"town-{number}"
        said: list[str] = []
        for _ in range(2):  # and once more, while the rest is read
            said += killed(folder, tmp_path, after=chance.randrange(9), spin=chance.random() / 20)
            town = reopened_town(folder)
            holds_whole_files(town, said)
            town.close()
        goes_on(folder)
        shutil.rmtree(folder)


def test_a_full_disk_stops_at_that_file_and_the_rest_can_go_on_later(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        20_000,
        """
from cunbao.desks import receiving
from cunbao.desks.digest import state_digest
from cunbao.desks.township.views import FileResult
settle()
stick = big / "stick"
for office in (MANBANG, MANGUO, "532822103204"):
    bundle_file(stick, office)
whole = a_town_desk(big, name="whole")
receiving.receive(whole, [stick])
expected = state_digest(whole.workspace, whole.task)
town = a_town_desk(disk)
for room in (1_500_000, 60_000, 0):
    fill(leave=room)
    seen = receiving.receive(town, [stick])
    results = [line.result.name for line in sorted(seen.lines, key=lambda one: one.file_name)]
    print(" ".join(results))
    stopped = results.index("DISK")
    assert set(results[stopped:]) == {"DISK"} and "DISK" not in results[:stopped]
    full = next(line for line in seen.lines if line.result is FileResult.DISK and line.size)
    assert "硬盘满了" in full.happened and "一点没写" in full.safe and "腾出" in full.todo
    assert all(line.happened and line.safe and line.todo_long for line in seen.lines if line.result is FileResult.DISK)
    named = {name for one in town.workspace.arrivals() for name in one.objects}
    held = {one.id for at in town.workspace.offices_with_returns() for one in town.workspace.revisions_of(*at)}
    assert named == held
    (disk / "filler").unlink()
seen = receiving.receive(town, [stick])
print(" ".join(sorted(line.result.name for line in seen.lines)))
assert state_digest(town.workspace, town.task) == expected
town.workspace.self_check()
town.close()
again = reopened_town(disk / "town")
assert state_digest(again.workspace, again.task) == expected
again.close()
""",
    )
    *full, last = [line.split() for line in said.splitlines()]
    assert [line[0] for line in full] == ["TAKEN", "KNOWN", "KNOWN"] and all(line[-1] == "DISK" for line in full)
    assert last[0] == "KNOWN" and last[-1] == "TAKEN"


def test_a_stick_pulled_out_while_it_is_read_gives_each_missing_file_its_line(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        20_000,
        """
from cunbao.desks import receiving
settle()
for office in (MANBANG, MANGUO):
    bundle_file(disk, office)
(disk / "曼赛村-2025年度-第1次.cbsync").write_bytes(the_bundle(MANBANG))
town = a_town_desk(big)
def pull(progress):
    if progress.done == 1:
        pull_out()
seen = receiving.receive(town, [disk], progress=pull)
print(" ".join(line.result.name for line in sorted(seen.lines, key=lambda one: one.file_name)))
assert all(line.happened and line.safe and line.todo_long for line in seen.lines if line.result.name == "BROKEN")
town.close()
""",
    )
    assert said.split() == ["TAKEN", "BROKEN", "BROKEN"]
