"""Kill the desk at random moments while the clerk types: every answer that the screen called 已保存 is there again.

CUNBAO_KILLS=200 for the full measure; each run prints the seed it can be repeated with (CUNBAO_SEED).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from cunbao.survey.values import Cell
from desks import typist
from world.desk import a_village_desk, reopened
from world.disks import environment

KILLS = int(os.environ.get("CUNBAO_KILLS", "6"))
Said = tuple[int, str, str, str, str]


@contextmanager
def typing(folder: Path, seed: int, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, typist.__file__, str(folder), str(seed)], stdout=subprocess.PIPE, env=environment(place)
    ) as child:
        try:
            assert child.stdout is not None and child.stdout.readline() == b"open\n"
            yield child
        finally:
            child.kill()


def spin(seconds: float) -> None:
    """Busy, so that the kill falls anywhere within a commit."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def heard(lines: list[bytes]) -> list[Said]:
    """Whole lines only: half a line is an answer that nobody saw acknowledged."""
    found = []
    for line in lines:
        if line.endswith(b"\n"):
            seq, form, field, row, new = line.decode().rstrip("\n").split("\t")
            found.append((int(seq), form, field, row, new))
    return found


def holds(folder: Path, said: list[Said]) -> None:
    """What was said last of each cell stands there, unless a later step of the log took it on."""
    desk = reopened(folder)
    rows = desk.workspace._all(
        "SELECT seq, form, field, row, new FROM edit JOIN draft_key ON draft_key.id = edit.draft"
    )
    log = {seq: (form, field, row, new) for seq, form, field, row, new in rows}
    assert [log.get(seq) for seq, *_ in said] == [tuple(rest) for _, *rest in said]
    last: dict[tuple[str, str, str], str] = {}
    for seq in sorted(log):
        form, field, row, new = log[seq]
        last[form, field, row] = new
    for (form, field, row), new in last.items():
        asked = desk.task.forms[form]
        if field not in asked.by_name or asked.by_name[field].calculated:
            continue
        instance = desk.instance(form)
        if not row or row in instance.rows(asked.by_name[field].repeat):
            assert instance.text(Cell(field, row)) == new
    desk.close()


def test_what_the_screen_called_saved_is_there_after_a_power_cut_and_in_a_copy_made_that_moment(
    tmp_path: Path, same_chance: int
) -> None:
    chance = random.Random(same_chance)
    print(f"{KILLS} kills, CUNBAO_SEED={same_chance}")
    desk = a_village_desk(tmp_path, "filled")
    folder = desk.workspace.folder
    desk.close()
    said: list[Said] = []
    for number in range(KILLS):
        with typing(folder, chance.getrandbits(32), tmp_path) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randint(1, 120))]
            spin(chance.random() / 300)
            os.kill(child.pid, signal.SIGSTOP)  # frozen in the middle of whatever it does
            os.waitpid(child.pid, os.WUNTRACED)
            copy = tmp_path / f"copy{number}"
            shutil.copytree(folder, copy)
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.readlines()
        said += heard(lines)
        holds(copy, said)
        shutil.rmtree(copy)
        holds(folder, said)
    print(f"{len(said)} acknowledged answers")
    assert len(said) >= KILLS
