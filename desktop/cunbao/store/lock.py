"""One process a workspace: a lock of the operating system on the file `lock`, which also says who holds it.

The lock dies with its process, so a crash never locks anybody out; the words in the file are for the sentence only.
Never waits. Inside: {"pid", "since", "window"} while open, {"closed", "backed_up"} after closing in order, and always
"salt": how data.db began when it last opened, by which damage is told from a wrong key.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cunbao.store.times import moment, text
from cunbao.store.trouble import WorkspaceBusy, told

LOCK_FILE = "lock"
_BYTE = 1 << 30  # Windows locks are mandatory: a byte far behind the words, so that the words stay readable


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the lock file tells before any password. closed_at: None when the last run did not end in order;
    backed_up: a verified backup was made just before closing; since, window: of a run that is or was open; salt: the
    first 16 bytes of data.db then, b"" unknown."""

    closed_at: datetime | None = None
    backed_up: bool = False
    since: datetime | None = None
    window: str = ""
    salt: bytes = b""
    words: bytes = b""  # of the file itself

    @property
    def cut_off(self) -> bool:
        """Did the last run end without closing (power cut, crash)?"""
        return self.since is not None and self.closed_at is None


class FolderLock:
    """Held from opening to closing. Take it with `FolderLock.take`."""

    def __init__(self, descriptor: int, folder: Path, since: datetime, before: LastRun) -> None:
        self._descriptor = descriptor
        self._folder = folder
        self.since = since
        self._salt = before.salt
        self._window = ""
        self.before = before

    @classmethod
    def take(cls, folder: Path, *, now: datetime) -> FolderLock:
        """Lock `folder` for this process. WorkspaceBusy when another holds it, StoreError when it cannot be written."""
        try:
            descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise told(error, folder, doing="打不开") from error
        before = _read(descriptor)
        if not _lock(descriptor):
            os.close(descriptor)
            raise WorkspaceBusy(before.since, before.window)
        lock = cls(descriptor, folder, now, before)
        try:
            lock.announce("")
        except OSError as error:
            lock._let_go()
            raise told(error, folder, doing="打不开") from error
        return lock

    def announce(self, window: str) -> None:
        """Write down the local socket on which this process can be asked to come to the front."""
        self._window = window
        said = {"pid": os.getpid(), "since": text(self.since), "window": window, "salt": self._salt.hex()}
        _write(self._descriptor, said)

    def note_salt(self, salt: bytes) -> None:
        """Remember how the database file begins; it has just been opened with its key."""
        if salt != self._salt:
            self._salt = salt
            self.announce(self._window)

    def release(self, *, now: datetime, backed_up: bool) -> None:
        """Close in order. A disk that can no longer be written does not keep the lock."""
        try:
            _write(self._descriptor, {"closed": text(now), "backed_up": backed_up, "salt": self._salt.hex()})
        except OSError:
            pass  # the next start will only say that this run did not end in order
        finally:
            self._let_go()

    def abandon(self) -> None:
        """Let go of a workspace that did not open: the file says again what it said before."""
        try:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, self.before.words)
        except OSError:
            pass  # as with `release`
        finally:
            self._let_go()

    def _let_go(self) -> None:
        _unlock(self._descriptor)
        os.close(self._descriptor)


def last_run(folder: Path) -> LastRun:
    """How the last run on `folder` ended; all empty when there was none."""
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return LastRun()
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> LastRun:
    os.lseek(descriptor, 0, os.SEEK_SET)
    words = os.read(descriptor, 4096)
    try:
        said: dict[str, Any] = json.loads(words)
        return LastRun(
            closed_at=moment(said["closed"]) if "closed" in said else None,
            backed_up=bool(said.get("backed_up", False)),
            since=moment(said["since"]) if "since" in said else None,
            window=str(said.get("window", "")),
            salt=bytes.fromhex(said.get("salt", "")),
            words=words,
        )
    except (ValueError, TypeError, AttributeError):  # empty the first time, torn after a power cut
        return LastRun()


def _write(descriptor: int, said: dict[str, Any]) -> None:
    data = json.dumps(said).encode()
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, data)
    os.ftruncate(descriptor, len(data))


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        # flock, not lockf: a lockf lock is lost as soon as this process closes any descriptor of the file
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
