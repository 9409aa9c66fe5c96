"""The zip inside our files: written so that the same content gives the same bytes, read without trusting any of it.

Written: sorted names, fixed date, stored. Stored and not deflated because zlib's output differs between systems, and
what weighs most (PDF) is deflated already. Read: members one after the other from the first byte, directory right
behind them, nothing between, before or after; deflated members are accepted, unpacked only up to the limits.
Source: PKWARE APPNOTE 6.3.10 §4.3.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from cunbao.errors import ExchangeError
from cunbao.exchange.limits import Limits

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_END: Final = struct.Struct("<4sHHHHIIH")
_ENTRY: Final = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_UTF8: Final = 0x800
_STORED: Final = 0
_DEFLATED: Final = 8
# Letters, digits (of any script) and a few signs; no leading dot, no blank at either end of a part
_PART: Final = re.compile(r"[\w(（][\w.()（）+\- ]*(?<![. ])")
_DEVICE_NAME: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # Windows opens a device under these


def write_zip(members: Mapping[str, bytes]) -> bytes:
    """The members as a zip; equal members give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # the same on Windows
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, members[name])
    return out.getvalue()


def read_zip(data: bytes | memoryview, limits: Limits) -> dict[str, bytes]:
    """Name → content, all names safe and different, all sizes within `limits`.

    ExchangeError "archive.damaged", "archive.limits" or "archive.name"; nothing is unpacked beyond the limits.
    """
    view = memoryview(data)
    try:
        return _read(view, limits)
    except (struct.error, zlib.error, UnicodeDecodeError, ValueError) as cause:
        raise damaged(str(cause)) from cause


def safe_name(name: str, limits: Limits) -> bool:
    """May a file of that name be written on any of the three systems, inside its folder and nowhere else?"""
    parts = name.split("/")
    return (
        len(name) <= limits.name
        and len(parts) <= limits.depth
        and unicodedata.is_normalized("NFC", name)
        and all(_PART.fullmatch(part) and not _DEVICE_NAME.fullmatch(part) for part in parts)
    )


def damaged(detail: str) -> ExchangeError:
    return ExchangeError(
        "archive.damaged",
        happened="文件里的压缩包损坏",
        safe="没有导入任何内容，原文件没有改动",
        todo="请重新复制一份文件再试；仍不行就请对方重新导出",
        detail=detail,
    )


def _read(view: memoryview, limits: Limits) -> dict[str, bytes]:
    if len(view) < _END.size:
        raise ValueError("too short")
    mark, disk, first_disk, here, count, size, start, comment = _END.unpack(view[-_END.size :])
    if mark != b"PK\5\6" or disk or first_disk or here != count or comment or start + size + _END.size != len(view):
        raise ValueError("end of directory")
    if count > limits.members:
        raise _too_much(f"{count}个文件，最多{limits.members}个")
    found: dict[str, bytes] = {}
    folded: set[str] = set()
    at, body, left = start, 0, limits.content
    for _ in range(count):
        name, method, crc, packed, unpacked, offset, at = _entry(view, at, start + size)
        if not safe_name(name, limits):
            raise ExchangeError(
                "archive.name",
                happened=f"文件里有不允许的名称：{name[:60]!r}",
                safe="没有导入任何内容，原文件没有改动",
                todo="这不是村报写出的文件，请向给你文件的人核实",
            )
        if name.casefold() in folded:
            raise ValueError(f"twice: {name}")
        folded.add(name.casefold())
        if unpacked > min(limits.member, left):
            raise _too_much(f"“{name}”有{unpacked}字节")
        if unpacked > limits.ratio * max(packed, 1):
            raise _too_much(f"“{name}”展开后是原来的{unpacked // max(packed, 1)}倍")
        left -= unpacked
        body = _local(view, body, start, name, method, crc, packed, unpacked, offset)
        found[name] = _unpacked(view[body - packed : body], method, unpacked, crc)
    if at != start + size or body != start:
        raise ValueError("bytes between")
    return found


def _entry(view: memoryview, at: int, end: int) -> tuple[str, int, int, int, int, int, int]:
    """One line of the directory: name, method, crc, sizes packed and unpacked, offset, where the next begins."""
    if at + _ENTRY.size > end:
        raise ValueError("directory")
    (mark, _by, _system, _need, flags, method, _time, _date, crc, packed, unpacked, long, extra, comment, disk, _inner,
     _outer, offset) = _ENTRY.unpack(view[at : at + _ENTRY.size])  # fmt: skip
    after = at + _ENTRY.size + long
    if mark != b"PK\1\2" or flags & ~_UTF8 or method not in (_STORED, _DEFLATED) or extra or comment or disk:
        raise ValueError("directory")
    if after > end:
        raise ValueError("directory")
    name = bytes(view[at + _ENTRY.size : after]).decode("utf-8" if flags & _UTF8 else "ascii")
    return name, method, crc, packed, unpacked, offset, after


def _local(
    view: memoryview, body: int, start: int, name: str, method: int, crc: int, packed: int, unpacked: int, offset: int
) -> int:
    """Where the member ends that begins at `body`; it must say the same as the directory."""
    if offset != body:
        raise ValueError(f"{name}: not where the directory says")
    mark, _need, flags, m, _time, _date, c, p, u, long, extra = _LOCAL.unpack(view[body : body + _LOCAL.size])
    named = body + _LOCAL.size + long
    same = bytes(view[body + _LOCAL.size : named]) == name.encode()
    if mark != b"PK\3\4" or flags & ~_UTF8 or extra or not same or (m, c, p, u) != (method, crc, packed, unpacked):
        raise ValueError(f"{name}: member and directory differ")
    if named + packed > start:
        raise ValueError(f"{name}: cut short")
    return int(named) + packed


def _unpacked(packed: memoryview, method: int, size: int, crc: int) -> bytes:
    if method == _STORED:
        data = bytes(packed)
    else:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        data = stream.decompress(packed, size + 1)
        if not stream.eof or stream.unused_data:
            raise ValueError("deflate")
    if len(data) != size or zlib.crc32(data) != crc:
        raise ValueError("size or checksum")
    return data


def _too_much(what: str) -> ExchangeError:
    return ExchangeError(
        "archive.limits",
        happened=f"文件超出允许的大小：{what}",
        safe="没有导入任何内容，原文件没有改动",
        todo="村报写出的文件不会这样大，请向给你文件的人核实",
    )
