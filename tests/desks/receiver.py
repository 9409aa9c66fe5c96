"""The child of the interrupted stories: an officer who reads a folder of files into a township until the power goes.

Run as `python receiver.py FOLDER STICK WHEN`; prints each file's name when it has been read. WHEN: "" never by itself;
"read 3" once the third file has been verified and nothing is written; "commit 3" when all of it is written and not yet
committed; "done 3" when it is committed and nobody has been told.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cunbao.desks import admitting, receiving
from cunbao.store import Workspace
from world.desk import reopened_town


def main(folder: Path, stick: Path, when: str) -> None:
    desk = reopened_town(folder)
    print("open", flush=True)
    if when:
        point, number = when.split()
        arm(point, int(number))
    for path in receiving.files_in([stick]):
        line = receiving.receive_file(desk, path)
        os.write(1, f"{path.name}\t{line.result.name}\n".encode())  # nothing is said before it is true
    desk.close()


def arm(point: str, number: int) -> None:
    """The power goes at that point of the `number`th file."""
    left = [number]

    def falls() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if point == "read":
        verified = admitting.admit

        def read(*given: Any) -> Any:
            found = verified(*given)
            falls()
            return found

        admitting.admit = read
        return
    whole = Workspace.atomic

    @contextmanager
    def atomic(self: Workspace) -> Iterator[None]:
        outermost = self._depth == 0
        with whole(self):
            yield
            if point == "commit" and outermost:
                falls()
        if point == "done" and outermost:
            falls()

    Workspace.atomic = atomic  # type: ignore[method-assign]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
