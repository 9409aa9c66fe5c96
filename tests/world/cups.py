"""A print queue of the system for the tests: a CUPS of our own on a socket in a temporary folder, and its PDF printer
in it, whose paper are files that can be read back.

Needs root, as the printer's backend does, and the packages of `dev.py: TEST_PACKAGES`. The backend reads its settings
from /etc/cups alone: there one file of a name of our own comes and goes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

PPD = "/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd"
SETTINGS = Path("/etc/cups")
PATIENCE = 300.0  # seconds for the server to start, and for a queue to run empty


@dataclass(frozen=True)
class Queue:
    """A printer. folder: where its paper lands; environment: what a program must see to find it."""

    name: str
    folder: Path
    environment: dict[str, str]
    log: Path

    def call(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{self.log.read_text()[-3000:]}"
        return done.stdout

    def pause(self) -> None:
        """As after a paper jam: what is given waits."""
        self.call("cupsdisable", self.name)

    def go_on(self) -> None:
        self.call("cupsenable", self.name)

    def paper(self, count: int) -> list[Path]:
        """The printed documents in the order of their jobs, when the queue has run empty and `count` are there."""
        until = time.monotonic() + PATIENCE
        while True:
            waiting = self.call("lpstat", "-W", "not-completed", "-o", self.name).strip()
            found = sorted(self.folder.glob("*.pdf"), key=lambda path: int(path.stem.rpartition("_")[2]))
            if not waiting and len(found) >= count:
                return found
            assert time.monotonic() < until, f"{len(found)} of {count} came out\n{self.log.read_text()[-3000:]}"
            time.sleep(0.1)  # a real scheduler tells nobody when its queue is empty: it is asked, and only so long


@contextmanager
def a_print_queue(name: str = "PDF") -> Iterator[Queue]:
    """CUPS and its PDF printer for as long as the block runs."""
    # not under pytest's folders: they are closed to the user as whom CUPS runs its filters
    room = Path(tempfile.mkdtemp(prefix="cunbao-cups-"))
    settings = SETTINGS / f"cups-pdf-cunbao{uuid4().hex[:8]}.conf"
    server: subprocess.Popen[bytes] | None = None
    try:
        room.chmod(0o755)
        _lay_out(room)
        # one job after another, each under its own number: titles in Chinese become names that nobody can foresee
        settings.write_text(f"Out {room}/paper\nSpool {room}/backend\nLog {room}/log\nGrp lp\nLabel 2\n")
        socket = room / "cups.sock"
        server = subprocess.Popen(
            [_tool("cupsd"), "-f", "-c", f"{room}/etc/cupsd.conf", "-s", f"{room}/etc/cups-files.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        log = room / "log" / "error"
        until = time.monotonic() + PATIENCE
        while not socket.exists():
            said = log.read_text() if log.exists() else ""
            assert server.poll() is None and time.monotonic() < until, f"cupsd: {said}"
            time.sleep(0.02)  # nor when it listens: its socket is looked for
        queue = Queue(name, room / "paper", {**os.environ, "CUPS_SERVER": str(socket)}, log)
        instance = settings.stem.removeprefix("cups-pdf-")
        queue.call(_tool("lpadmin"), "-p", name, "-v", f"cups-pdf:/{instance}", "-E", "-P", PPD)
        queue.call("lpadmin", "-d", name)
        yield queue
    finally:
        if server is not None:
            server.terminate()
            server.wait()
        settings.unlink(missing_ok=True)
        shutil.rmtree(room, ignore_errors=True)


def _tool(name: str) -> str:
    """Administrators' programs are not on every path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert found, f"{name} is not installed: python3 build/dev.py setup"
    return found


def _lay_out(room: Path) -> None:
    for folder in ("etc/ppd", "spool", "cache", "run", "log", "paper"):
        (room / folder).mkdir(parents=True)
    temporary = room / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    (room / "etc" / "cups-files.conf").write_text(
        f"User lp\nGroup lp\nSystemGroup root\nServerRoot {room}/etc\nCacheDir {room}/cache\nStateDir {room}/run\n"
        f"RequestRoot {room}/spool\nTempDir {temporary}\nAccessLog {room}/log/access\nErrorLog {room}/log/error\n"
        f"PageLog {room}/log/page\n"
    )
    everybody = "Order deny,allow\nAllow all\n"
    (room / "etc" / "cupsd.conf").write_text(
        f"Listen {room}/cups.sock\nLogLevel info\nBrowsing No\nDefaultAuthType None\nMaxJobs 5000\n"
        f"<Location />\n{everybody}</Location>\n<Location /admin>\n{everybody}</Location>\n"
        f"<Policy default>\n<Limit All>\n{everybody}</Limit>\n</Policy>\n"
    )
