"""Files on sticks and disks: written whole or not at all, flushed, closed, and read again from the medium."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cunbao.desks.views import StickView
from cunbao.errors import DeskError

CHUNK = 256 * 1024  # bytes; small enough that a progress bar moves on a slow stick
STICK_ROOTS = ("/media", "/run/media")  # where Debian, 统信UOS and 麒麟 mount sticks


def sticks() -> tuple[StickView, ...]:
    """Removable places that can be written now. Windows drive letters are found by psutil."""
    import psutil

    found = []
    for part in psutil.disk_partitions(all=False):
        removable = "removable" in part.opts or part.mountpoint.startswith(STICK_ROOTS)
        if removable and os.access(part.mountpoint, os.W_OK):
            place = Path(part.mountpoint)
            found.append(
                StickView(path=place, title=f"U 盘（{place.name or place}）", free=shutil.disk_usage(place).free)
            )
    return tuple(found)


def volume_of(folder: Path, *, what: str) -> int:
    """Which volume a folder lies on. DeskError "folder.missing" when it is not there."""
    try:
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        return folder.stat().st_dev
    except OSError as trouble:
        raise DeskError(
            "folder.missing",
            happened=f"“{folder.name or folder}”找不到了，{what}没写下",
            safe="报表和签名都在本机，没有受影响",
            todo="请插好 U 盘，或者换一个文件夹，再写一次",
            detail=str(trouble),
        ) from trouble


def write_file(
    path: Path, data: bytes, *, what: str, moved: Callable[[int], None] | None = None, on: int | None = None
) -> None:
    """Write `data` under a part name, flush it to the medium, rename it into place, flush the folder.

    on: the volume that was chosen (`volume_of`): where a stick was mounted an empty folder may stay behind, and what is
    written there is on no stick. what: 报送包, 备份 … for the sentences. DeskError "disk.full", "folder.readonly",
    "medium.gone"; the part file is removed where that is still possible, an earlier file of the same name stays as it
    was until the rename."""
    part = path.with_name(path.name + ".part")
    done = 0
    try:
        if on is not None and path.parent.stat().st_dev != on:
            raise FileNotFoundError(errno.ENODEV, os.strerror(errno.ENODEV), str(path.parent))
        with part.open("wb") as file:
            while done < len(data):
                done += file.write(data[done : done + CHUNK])
                if moved is not None:
                    moved(done)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
        if on is not None and path.stat().st_dev != on:
            path.unlink()
            raise FileNotFoundError(errno.ENODEV, os.strerror(errno.ENODEV), str(path.parent))
    except OSError as trouble:
        part_left = False
        try:
            part.unlink(missing_ok=True)
        except OSError:
            part_left = True
        raise medium_error(
            trouble, path.parent, what=what, share=done / max(len(data), 1), part_left=part_left
        ) from trouble


def read_whole(path: Path, most: int) -> tuple[int, bytes]:
    """(size, content) of a plain file; where it is larger than `most` bytes the content is not read. OSError for what
    cannot be read, and for what is no plain file: a pipe would never end."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    if found.st_size > most:
        return found.st_size, b""
    with path.open("rb") as file:
        data = file.read(most + 1)  # it may have grown since
    return len(data), data if len(data) <= most else b""


def shown_name(path: Path) -> str:
    """The name of a file as text. A stick that another system wrote may carry names in GBK: they are read as such."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", "replace")
    return path.name


def free_path(path: Path) -> Path:
    """A name that nobody has yet: the office's other computer, and an earlier life of this one, count from 1 too."""
    found, number = path, 1
    while os.path.lexists(found):
        number += 1
        found = path.with_stem(f"{path.stem}（{number}）")
    return found


def read_back(path: Path, expected: bytes, *, what: str) -> bytes:
    """Read the file again from the medium, not from the cache, and compare. DeskError "medium.differs"."""
    try:
        with path.open("rb") as file:
            if sys.platform == "linux":
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            found = file.read()
    except OSError as trouble:
        raise medium_error(trouble, path.parent, what=what, share=1.0) from trouble
    if sha256(found).digest() != sha256(expected).digest():
        raise DeskError(
            "medium.differs",
            happened=f"读回的{what}和写出去的不一样，这个 U 盘可能坏了",
            safe="报表和签名都在本机，没有受影响",
            todo="请换一个 U 盘再写一次",
        )
    return found


def medium_error(trouble: OSError, folder: Path, *, what: str, share: float, part_left: bool = False) -> DeskError:
    """The sentence for what the system said."""
    if trouble.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DeskError(
            "disk.full",
            happened=f"“{folder.name or folder}”满了，{what}没写下",
            safe="报表和签名都在本机，没有受影响",
            todo="请删掉或移走一些文件，腾出 200 MB 以上，再写一次",
            detail=str(trouble),
        )
    if trouble.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DeskError(
            "folder.readonly",
            happened=f"“{folder.name or folder}”不让写，{what}没写下",
            safe="报表和签名都在本机，没有受影响",
            todo="请看 U 盘侧面有没有写保护开关，或者换一个文件夹",
            detail=str(trouble),
        )
    return DeskError(
        "medium.gone",
        happened=f"{what}写到 {share:.0%} 时 U 盘断开，这份文件不能用",
        safe="报表和签名都在本机，没有受影响",
        todo="请插回 U 盘再写一次" + ("，坏文件会先删掉" if part_left else ""),
        detail=str(trouble),
    )


def _flush_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as trouble:
        if trouble.errno != errno.EINVAL:  # FAT through FUSE knows no fsync of a folder
            raise
    finally:
        os.close(handle)


def eject(folder: Path) -> str:
    """Make a stick safe to pull: everything flushed, then unmounted where the system lets us. Gives "" when it is out,
    else one sentence what the clerk does himself; never an error, the bundle is already on the stick."""
    import shutil as tools
    import subprocess

    if sys.platform != "win32":
        os.sync()
    stick = next((one.path for one in sticks() if folder == one.path or one.path in folder.parents), None)
    if stick is None:
        return "这里不是 U 盘，不用弹出"
    command = tools.which("udisksctl") or tools.which("gio")
    if command is None:
        return "请在桌面右下角点“安全弹出”，再拔 U 盘"
    words = ["unmount", "--object-path", str(stick)] if command.endswith("udisksctl") else ["mount", "-u", str(stick)]
    done = subprocess.run([command, *words], capture_output=True, timeout=30, check=False)
    return "" if done.returncode == 0 else "请在桌面右下角点“安全弹出”，再拔 U 盘"
