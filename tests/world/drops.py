"""Drop boxes for tests: a real WebDAV server of another make in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("davserver.py")


@dataclass(frozen=True)
class Drop:
    """A running server. root: what it serves, as a folder of this machine."""

    url: str
    port: int
    root: Path

    def files(self) -> list[str]:
        """What lies there, as place/name, without folders."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())


@contextmanager
def a_server(root: Path, *words: str, scheme: str = "http") -> Iterator[Drop]:
    """words: further arguments of `davserver`."""
    root.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(SERVER), str(root), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        said = process.stdout.readline()
        assert said, "the server did not start"
        yield Drop(f"{scheme}://127.0.0.1:{said.strip()}/", int(said), root)
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
