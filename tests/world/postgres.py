"""A PostgreSQL of our own for the tests: a cluster in a temporary folder, spoken to through its socket there.

Needs the package of `dev.py: TEST_PACKAGES`. As root it runs as the user that the package makes, since it refuses root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLACES = "/usr/lib/postgresql"
NOBODY = "postgres"
SECRET = "密码'1 2"  # of the user that may do nothing; in a DSN it must be spelt


@dataclass(frozen=True)
class Server:
    """socket: the folder of its socket; one user "postgres" without a password, one "reader" who may only read."""

    socket: Path

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"host={self.socket} dbname={database} user={user}"

    def database(self, name: str) -> str:
        """A fresh database; its DSN."""
        import psycopg

        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.dsn(name)


@contextmanager
def a_server() -> Iterator[Server]:
    """Started and answering; stopped and gone afterwards."""
    tools = max(Path(PLACES).glob("*/bin"), key=lambda path: int(path.parent.name))
    place = Path(tempfile.mkdtemp(prefix="cunbao-pg-", dir="/tmp"))  # a socket's path must be short
    root = os.geteuid() == 0
    if root:
        shutil.chown(place, NOBODY)

    def call(*words: object) -> None:
        before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
        done = subprocess.run(
            [*before, *map(str, words)], cwd=place, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
        )
        log = place / "log"
        assert done.returncode == 0, f"{words}: {done.stderr}\n{log.read_text() if log.exists() else ''}"

    data = place / "data"
    try:
        call(tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off -c shared_buffers=16MB"
        call(tools / "pg_ctl", "-D", data, "-l", place / "log", "-w", "-o", settings, "start")
        try:
            yield Server(place)
        finally:
            call(tools / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)
