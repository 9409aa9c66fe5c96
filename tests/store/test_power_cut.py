"""Kill the process at random moments while it keeps answers: what was acknowledged is there, here and in a copy.

CUNBAO_KILLS=200 for the full measure; every run prints the seed it can be repeated with (CUNBAO_SEED).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import perf_counter

from cunbao.store import DraftKey, Workspace
from cunbao.store.compare import figures, prove_pages
from store import typist
from store.folders import DESKTOP, PERIOD, VILLAGE, a_workspace, opened

KILLS = int(os.environ.get("CUNBAO_KILLS", "20"))
Said = tuple[int, str, str, str, str]


@contextmanager
def typing(folder: Path, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    tests = str(Path(typist.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, typist.__file__, str(folder), str(seed)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{DESKTOP}:{tests}"},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def spin(seconds: float) -> None:
    """Be busy, so that the kill falls anywhere within a commit; sleeping is far too coarse."""
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


def holds(ws: Workspace, said: list[Said]) -> None:
    """Every acknowledged answer is in the log, without gaps, and the drafts show the last of each cell."""
    rows = ws._all("SELECT seq, form, field, row, new FROM edit JOIN draft_key ON draft_key.id = edit.draft")
    log = {seq: rest for seq, *rest in rows}
    assert [log.get(seq) for seq, *_ in said] == [rest for _, *rest in said]
    assert sorted(log) == list(range(1, len(log) + 1))
    drafts = {form: ws.draft(DraftKey(VILLAGE, form, PERIOD)) for form in ("B01", "B02", "B03")}
    last: dict[tuple[str, str, str], str] = {}
    for seq in sorted(log):
        form, field, row, new = log[seq]
        last[form, field, row] = new
    for (form, field, row), new in last.items():
        if not row:
            assert drafts[form].answers.values.get(field, "") == new
    prove_pages(ws._db)


def is_the_sum_of_its_log(ws: Workspace) -> None:
    before = figures(ws._db)
    ws.rebuild_drafts()
    assert figures(ws._db) == before


def test_power_cut_loses_no_confirmed_answer(tmp_path: Path, same_chance: int) -> None:
    chance = random.Random(same_chance)
    print(f"{KILLS} kills, CUNBAO_SEED={same_chance}")
    folder = tmp_path / "village"
    a_workspace(folder).close()
    said: list[Said] = []
    for _ in range(KILLS):
        with typing(folder, chance.getrandbits(32)) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randint(1, 60))]
            spin(chance.random() / 500)
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.readlines()
        said += heard(lines)
        with closing(opened(folder)) as ws:
            assert ws.last_run.cut_off
            holds(ws, said)
    with closing(opened(folder)) as ws:
        is_the_sum_of_its_log(ws)
    print(f"{len(said)} acknowledged answers")


def test_a_copy_taken_at_that_moment_already_holds_it(tmp_path: Path, same_chance: int) -> None:
    chance = random.Random(same_chance + 1)
    print(f"{KILLS} copies, CUNBAO_SEED={same_chance}")
    folder = tmp_path / "village"
    a_workspace(folder).close()
    said: list[Said] = []
    for number in range(KILLS):
        with typing(folder, chance.getrandbits(32)) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randint(1, 60))]
            spin(chance.random() / 500)
            os.kill(child.pid, signal.SIGSTOP)  # frozen in the middle of whatever it does, buffers and all
            os.waitpid(child.pid, os.WUNTRACED)
            copy = tmp_path / f"copy{number}"
            copy.mkdir()
            for name in ("data.db", "data.db-wal"):
                shutil.copyfile(folder / name, copy / name)
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.readlines()
        said += heard(lines)
        with closing(opened(copy)) as ws:
            holds(ws, said)
        shutil.rmtree(copy)
