"""Every trouble of a workspace in its own three sentences, and the one door from sqlite and the disk to them.

Never opens, reads or repairs anything. Source of the wording: ui/design.md (words), village-13.
"""

from __future__ import annotations

import errno
import shutil
from datetime import datetime
from pathlib import Path

from cunbao.errors import StoreError

MEGABYTE = 1024 * 1024
ENOUGH = 200  # MB that the clerk is asked to make free

# SQLite's primary result codes (sqlite.org/rescode.html); the extended code is cut to its low byte.
BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
# What sqlite3_errstr says for them.
_WORDS = {
    "database or disk is full": FULL,
    "disk I/O error": IOERR,
    "database disk image is malformed": CORRUPT,
    "file is not a database": NOTADB,
    "attempt to write a readonly database": READONLY,
    "unable to open database file": CANTOPEN,
    "database is locked": BUSY,
}

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR, errno.EIO, errno.ESTALE})


class WorkspaceBusy(StoreError):
    """Another process holds the workspace. since: when it opened; window: the local socket it listens on, or ""."""

    def __init__(self, since: datetime | None, window: str) -> None:
        super().__init__(
            "workspace.busy",
            happened="这个村的报表已经在另一个窗口打开",
            safe="两个窗口不会同时改，资料不会乱",
            todo="到那个窗口接着填；找不到它时，先重启电脑",
        )
        self.since = since
        self.window = window


def told(error: Exception, folder: Path, *, doing: str = "刚才这一步没存下") -> StoreError:
    """The sentence for an error of the database or the disk met while working in `folder`."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, OSError):
        return _of_the_disk(error, folder, doing)
    code = _result_code(error)
    if code == FULL:
        return disk_full(folder, doing=doing, detail=str(error))
    if code in (CORRUPT, NOTADB):
        return damaged(str(error))
    if code in (READONLY, CANTOPEN):
        if not folder.is_dir():
            return gone(folder, doing=doing, detail=str(error))
        return read_only_folder(folder, detail=str(error))
    if code in (BUSY, LOCKED):
        return WorkspaceBusy(None, "")
    if code == IOERR:
        if not folder.is_dir():
            return gone(folder, doing=doing, detail=str(error))
        if _free(folder) < MEGABYTE:
            return disk_full(folder, doing=doing, detail=str(error))
        return disk_trouble(doing=doing, detail=str(error))
    # Anything else (a constraint, a wrong statement) is a bug of ours and must not be dressed up as a sentence.
    raise error


def _result_code(error: Exception) -> int:
    """SQLite's primary code of a driver error, 0 for anything else. `backup` of the driver gives the words alone."""
    code = getattr(error, "sqlite_errorcode", None)
    return int(code) & 0xFF if code else _WORDS.get(str(error), 0)


def _of_the_disk(error: OSError, folder: Path, doing: str) -> StoreError:
    if error.errno in _FULL:
        return disk_full(folder, doing=doing, detail=str(error))
    if error.errno in _READONLY:
        return read_only_folder(folder, detail=str(error))
    if error.errno in _GONE:
        return gone(folder, doing=doing, detail=str(error))
    return disk_trouble(doing=doing, detail=str(error))


def _free(folder: Path) -> int:
    """Free bytes where `folder` lies, 0 when it cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def disk_full(folder: Path, *, doing: str, detail: str = "") -> StoreError:
    return StoreError(
        "disk.full",
        happened=f"硬盘满了，只剩 {_free(folder) // MEGABYTE} MB，{doing}",
        safe="已填的内容都在，之前显示“已保存”的没有丢",
        todo=f"请删掉或移走一些文件，腾出 {ENOUGH} MB 以上，再存一次",
        detail=detail,
    )


def disk_trouble(*, doing: str, detail: str) -> StoreError:
    return StoreError(
        "disk.trouble",
        happened=f"硬盘或 U 盘读写出错，{doing}",
        safe="之前显示“已保存”的内容没有改动",
        todo="请马上备份到另一个盘，再检查这个盘；U 盘请拔下重插后再试",
        detail=detail,
    )


def read_only_folder(folder: Path, *, detail: str = "") -> StoreError:
    return StoreError(
        "folder.readonly",
        happened=f"文件夹“{folder.name}”不许写入，没有存下",
        safe="里面原来的资料没有改动",
        todo="请换一个能写入的文件夹，或请管理电脑的人放开写入权限（U 盘请拨开写保护开关）",
        detail=detail,
    )


def gone(folder: Path, *, doing: str = "刚才这一步没存下", detail: str = "") -> StoreError:
    return StoreError(
        "folder.gone",
        happened=f"文件夹“{folder.name}”找不到了，可能 U 盘中途拔出，或文件夹被移走、改名，{doing}",
        safe="移走之前显示“已保存”的内容还在那个文件夹里",
        todo="请插回 U 盘，或把文件夹放回原处，关闭窗口后重新打开",
        detail=detail,
    )


def damaged(detail: str = "") -> StoreError:
    return StoreError(
        "workspace.damaged",
        happened="资料文件损坏，打不开，多半是突然断电或硬盘出错造成的",
        safe="备份没有受影响，损坏的文件也没有改动",
        todo="请恢复最近一次核对过的备份；损坏的文件会另存一份，留着给县里看",
        detail=detail,
    )


def foreign(folder: Path, detail: str = "") -> StoreError:
    return StoreError(
        "workspace.foreign",
        happened=f"文件夹“{folder.name}”里不是村报的资料",
        safe="里面的文件一个也没有改动",
        todo="请选原来放村报资料的文件夹，或从备份恢复",
        detail=detail,
    )


def newer(found: str, ours: str) -> StoreError:
    """found: the version that kept it; the same as ours where a build between two versions has kept it."""
    wanted = f"{found} 版" if found != ours else "最新的"
    by = f"，资料是 {found} 版存的" if found != ours else f"，资料是 {ours} 版之后的程序存的"
    return StoreError(
        "workspace.newer",
        happened=f"这份资料是用新版本存的：这台电脑上是 {ours} 版{by}",
        safe="资料没有动过，仍是原样",
        todo=f"请向县里要{' ' if found != ours else ''}{wanted}安装文件，装好再打开，不用联网",
    )


def older() -> StoreError:
    return StoreError(
        "workspace.older",
        happened="这份资料是旧版本存的，要先升级才能看",
        safe="资料没有动过，仍是原样",
        todo="请不要选“只看不改”，正常打开一次，会先备份再升级",
    )


def wrong_key(detail: str = "") -> StoreError:
    return StoreError(
        "workspace.key",
        happened="钥匙和这份资料对不上，打不开",
        safe="资料没有动过，仍是原样",
        todo="请把 keys.json 和 data.db 一起放回（两个文件要来自同一份资料或同一份备份），或恢复一份备份",
        detail=detail,
    )


def occupied(folder: Path) -> StoreError:
    return StoreError(
        "folder.occupied",
        happened=f"文件夹“{folder.name}”里已经有资料",
        safe="里面的文件一个也没有改动",
        todo="请换一个空文件夹",
    )


def looking_only() -> StoreError:
    return StoreError(
        "workspace.read_only",
        happened="现在是只看不改，没有存下",
        safe="原来的资料没有动",
        todo="要填报，请关闭后正常打开",
    )


def clock_back(now: datetime, last: datetime) -> StoreError:
    """Not raised by the store: the desk shows it and lets the clerk look, since typing loses nothing."""
    return StoreError(
        "clock.back",
        happened=f"电脑日期往回调了：现在是 {now:%Y-%m-%d}，上次保存是 {last.astimezone(now.tzinfo):%Y-%m-%d}",
        safe="内容没有变，现在可以看，先不要签名",
        todo="请把电脑日期调对；主板电池没电时，关机后日期会变",
    )


def missing_object(sha: str) -> StoreError:
    return StoreError(
        "object.missing",
        happened="要用的一份文件不在这份资料里",
        safe="其他内容没有受影响",
        todo="请向乡镇要最新的回执包接收一次，或恢复一份备份",
        detail=sha,
    )
