"""Disks that fail: stories told in a process of their own that sees a small, read-only or removable file system."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from world.mounts import own_mounts

ROOT = Path(__file__).resolve().parents[2]
_HEAD = """
import os, subprocess, sys
from pathlib import Path
from cunbao.errors import CunbaoError
from world.desk import *

big = Path(sys.argv[1])
disk = big / "disk"

def fill(leave=0):
    "Take all room of `disk` but `leave` bytes."
    with open(disk / "filler", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))

def refused(act):
    "The code of the sentence that `act` ends with."
    try:
        act()
    except CunbaoError as trouble:
        assert trouble.happened and trouble.safe and trouble.todo
        return trouble.code
    raise AssertionError("nothing was refused")

def read_only(yes=True):
    subprocess.run(["mount", "-o", "remount," + ("ro" if yes else "rw"), str(disk)], check=True)

def pull_out(*_):
    "The stick is gone; whoever has a file open there sees the end of it."
    subprocess.run(["umount", "-l", str(disk)], check=True)

def settle():
    "Make the superiors before anything is measured or mounted away."
    the_seat()
"""


def environment(place: Path) -> dict[str, str]:
    """For a child of ours: the program, the tests' world, and temporary files that end with the test."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'desktop'}:{ROOT / 'tests'}", "TMPDIR": str(place)}


def told_on_a_disk(place: Path, kilobytes: int, body: str) -> str:
    """Run `body` where `disk` (place/disk) is a file system of that size, seen by it alone; what it prints."""
    (place / "disk").mkdir()
    program = place / "story.py"
    program.write_text(_HEAD + textwrap.dedent(body), "utf-8")
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$2/disk" && exec "$0" "$1" "$2"'
    done = subprocess.run(
        [*own_mounts(), "sh", "-c", mount, sys.executable, str(program), str(place)],
        env=environment(place),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
