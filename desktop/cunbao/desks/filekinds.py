"""The one table of our files: what each ending is called, which desks take it, what to do where none is here.

Asked by a start with a file (double click), by the packages of the systems (icons, 打开方式) and by their tests. Only
says what a file is; never opens a workspace, believes nothing of what it reads: the desk that takes the file verifies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

VILLAGE, TOWNSHIP, COUNTY = "village", "township", "county"
ALL = (VILLAGE, TOWNSHIP, COUNTY)
ANY_SUFFIX = ".cunbao"  # no file is written under it: what such a file is stands inside
_LOOKED_AT = 1 << 20  # bytes of a file that are looked at to tell what it is
_CMS = bytes.fromhex("06092a864886f70d0107")  # 1.2.840.113549.1.7, then 2 signed or 3 enveloped
_LENGTH = rb"(?:\x82..|\x81.|[\x00-\x7f])"
_PKCS10 = re.compile(rb"0" + _LENGTH + rb"0" + _LENGTH + rb"\x02\x01\x00", re.S)  # a sequence of a sequence of a 0
_KIND = re.compile(rb'"kind":"([a-z-]+)"')


@dataclass(frozen=True, slots=True)
class FileKind:
    """suffix: with its dot; name: as the user calls it; takers: kinds of desks that take it in; what: what lies inside;
    todo: what to do on a computer where no desk takes it; locked: read before the password is known."""

    suffix: str
    name: str
    takers: tuple[str, ...]
    what: str
    todo: str
    locked: bool = False

    @property
    def media_type(self) -> str:
        return f"application/x-cunbao-{self.suffix[1:]}"


PACK = FileKind(".cbtask", "任务包", ALL, "县里发的表式、单位名录和证书", "双击任务包就能开始填报")
PACKAGE = FileKind(
    ".cbsync", "报送包或回执", ALL, "报表和审核决定，封好了的，只有收件单位的电脑打得开",
    "请在收件单位的电脑上打开；本单位还没开始用村报的，先打开县里发的任务包",
)  # fmt: skip
REQUEST = FileKind(
    ".cbreq", "证书申请", (TOWNSHIP, COUNTY), "一台新电脑请上级核准的申请",
    "村里的申请交给乡镇，乡镇的申请交给县里，在那边的电脑上打开",
)  # fmt: skip
CERTIFICATE = FileKind(
    ".cbcert", "村级证书", (VILLAGE,), "乡镇核准一台村里的电脑后给的证书", "请在提出申请的那台村里的电脑上打开"
)
TOWN_CERTIFICATE = FileKind(
    ".cbca", "乡镇证书", (TOWNSHIP,), "县里核准一个乡镇后给的证书", "请在提出申请的那台乡镇的电脑上打开"
)
TOWN_DESK = FileKind(
    ".cbdesk", "乡镇电脑证书", (COUNTY,), "乡镇告诉县里用哪台电脑收报送包", "请交给县里，在县级电脑上打开"
)
ROOT = FileKind(".cbroot", "县根钥匙备份", (COUNTY,), "锁着的县根钥匙", "请放回保险柜；要恢复时在县级电脑上打开")
RECOVERY_REQUEST = FileKind(
    ".cbrec", "恢复申请", (TOWNSHIP, COUNTY), "忘了密码的电脑请上级帮忙的申请", "请交给上级，在上级的电脑上打开"
)
RECOVERY_ANSWER = FileKind(
    ".cbrea", "恢复答复", (VILLAGE, TOWNSHIP), "上级对忘了密码的答复", "请在写申请的那台电脑上打开", locked=True
)
KINDS = (
    *(PACK, PACKAGE, REQUEST, CERTIFICATE, TOWN_CERTIFICATE, TOWN_DESK),
    *(ROOT, RECOVERY_REQUEST, RECOVERY_ANSWER),
)
SUFFIXES = (*(kind.suffix for kind in KINDS), ANY_SUFFIX)

_BY_SUFFIX = {kind.suffix: kind for kind in KINDS}
_BY_WORD = {
    "approval": CERTIFICATE,
    "township-ca": REQUEST,
    "township-papers": TOWN_CERTIFICATE,
    "township-desk": TOWN_DESK,
    "county-root": ROOT,
    "recovery-request": RECOVERY_REQUEST,
    "recovery-answer": RECOVERY_ANSWER,
}


def is_ours(word: str) -> bool:
    """Does a word of the command line name one of our files? Sticks of other systems write endings in capitals."""
    return Path(word).suffix.casefold() in SUFFIXES


def kind_of_file(path: Path) -> FileKind | None:
    """What the file is, by its ending; of a .cunbao by what stands inside. None: no file of ours."""
    suffix = path.suffix.casefold()
    return _BY_SUFFIX.get(suffix) if suffix != ANY_SUFFIX else _inside(path)


def takers_of(path: Path, kind: FileKind) -> tuple[str, ...]:
    """The kinds of desks that take this very file: a request of a township is no township's, one of a village no
    county's."""
    if kind is not REQUEST:
        return kind.takers
    return (COUNTY,) if _head(path).startswith(b"{") else (TOWNSHIP,)


def desks_in_words(takers: Iterable[str]) -> str:
    """村级、乡镇 or 县级, as a sentence needs it."""
    words = {VILLAGE: "村（社区）", TOWNSHIP: "乡镇", COUNTY: "县级"}
    return "、".join(words[one] for one in takers)


def _inside(path: Path) -> FileKind | None:
    data = _head(path)
    word = _KIND.search(data)
    at = data.find(_CMS, 0, 32)
    if at >= 0:
        if data[at + len(_CMS) : at + len(_CMS) + 1] == b"\x03":
            return PACKAGE
        if b"PK\x03\x04" in data[:512]:
            return PACK
        return _BY_WORD.get(word.group(1).decode()) if word else None
    if data.startswith(b"{"):
        return _BY_WORD.get(word.group(1).decode()) if word else None
    return REQUEST if _PKCS10.match(data) else None


def _head(path: Path) -> bytes:
    """How the file begins, b"" when it cannot be read: whoever takes it says why."""
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""
