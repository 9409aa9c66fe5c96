"""A drop box that is a folder: of a shared drive, of a synchronised cloud, of a stick that goes round.

Written under a part name, flushed, and given its own name in a way that refuses to replace.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from cunbao.exchange.boxwords import WAITS, too_large
from cunbao.exchange.dropbox import CHUNK, LISTED, PART, BoxError, Entry, entry, refuse_place
from cunbao.progress import Cancel


class DropFolder:
    """A `DropBox`."""

    def __init__(self, folder: Path, *, cancel: Cancel | None = None) -> None:
        self._folder, self._cancel = folder, cancel or Cancel()
        self.turn = Lock()

    def close(self) -> None:
        return

    def hello(self) -> None:
        try:
            if not self._folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self._folder))
        except OSError as trouble:
            raise _told(trouble, self._folder) from trouble

    def put(self, place: str, name: str, data: bytes) -> bool:
        refuse_place(place)
        folder = self._folder / place
        part, whole = folder / (name + PART), folder / name
        try:
            self.hello()
            folder.mkdir(exist_ok=True)
            if os.path.lexists(whole):
                return False
            with self.turn, part.open("wb") as file:
                for start in range(0, len(data), CHUNK):
                    self._cancel.check()
                    file.write(data[start : start + CHUNK])
                file.flush()
                os.fsync(file.fileno())
            return _named(part, whole)
        except OSError as trouble:
            raise _told(trouble, self._folder) from trouble
        finally:
            _away(part)

    def entries(self, place: str) -> tuple[Entry, ...]:
        refuse_place(place)
        found = []
        try:
            self.hello()
            with os.scandir(self._folder / place) as inside:
                for _, one in zip(range(LISTED), inside, strict=False):
                    known = entry(one.name, one.stat().st_size) if one.is_file() else None
                    if known is not None:
                        found.append(known)
        except FileNotFoundError:
            return ()
        except OSError as trouble:
            raise _told(trouble, self._folder) from trouble
        return tuple(sorted(found, key=lambda one: one.name))

    def get(self, place: str, name: str, most: int, sink: Callable[[bytes], object]) -> None:
        refuse_place(place)
        came = 0
        try:
            path = self._folder / place / name
            if not stat.S_ISREG(path.stat().st_mode):
                raise OSError(errno.EINVAL, "not a plain file", str(path))
            with path.open("rb") as file:
                while piece := file.read(CHUNK):
                    self._cancel.check()
                    came += len(piece)
                    if came > most:
                        raise too_large(f"{came} > {most}")
                    sink(piece)
        except OSError as trouble:
            raise _told(trouble, self._folder) from trouble


def _named(part: Path, whole: Path) -> bool:
    """The part under its own name, without replacing: a hard link refuses by itself; where the file system knows none
    (FAT, some shares), an empty file is made with the name first and replaced by its own part."""
    try:
        os.link(part, whole)
    except FileExistsError:
        return False
    except OSError as trouble:
        if trouble.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EINVAL, errno.EACCES):
            raise
        try:
            os.close(os.open(whole, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        part.replace(whole)
    return True


def _away(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # the next try writes over it


def _told(trouble: OSError, folder: Path) -> BoxError:
    name, detail = folder.name or str(folder), str(trouble)
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return BoxError(
            "dropbox.full", happened=f"“{name}”满了，放不下", todo="请腾出地方；程序会自己再试", detail=detail,
            ends=True,
        )  # fmt: skip
    if trouble.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return BoxError(
            "dropbox.forbidden", happened=f"“{name}”不让写或不让看", todo="请管共享文件夹的人开权限，再按“现在就试”",
            detail=detail, asks=True, ends=True,
        )  # fmt: skip
    if trouble.errno in (errno.ENOENT, errno.ENOTDIR):
        return BoxError(
            "dropbox.unreachable", happened=f"“{name}”这会儿找不到：共享盘可能没有连上", todo=WAITS, detail=detail,
            ends=True,
        )  # fmt: skip
    return BoxError("dropbox.cut", happened=f"“{name}”读写出错，断开了", todo=WAITS, detail=detail, ends=True)
