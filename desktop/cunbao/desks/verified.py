"""验证的结果: what is told of a file that somebody hands in, the same five questions for every kind of file.

Who signed, when, who vouches, was it changed, is it what we hold. Any red line makes the head red. Source: ui/design.md
county-09.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WHO, WHEN, BY, CHANGED, OURS = "谁签的", "什么时候", "谁担保", "改过没有", "和{here}存的"
HERE = {"county": "县里", "township": "镇里", "village": "村里"}  # by the kind of workspace


class Mark(StrEnum):
    """How a line answers its question."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"  # it cannot be told, or there is nothing to tell


class Outcome(StrEnum):
    """The head of the result. The value is the word on screen and paper; {here} is 县里, 镇里 or 村里."""

    GENUINE = "是真的，没有改过"
    CHANGED = "签名后被改过，不能用"
    DIFFERS = "签名对得上，但和{here}存的不一样"
    PAGE = "印的字和里面的数据不一样，不能用"
    NOT_HELD = "{here}没有这份"
    MOVED_OUT = "该年已移出"
    STRANGER = "证书不认识"
    REVOKED = "签名时证书已吊销"
    EXPIRED = "签名时证书已过期"
    SIGNER = "签名人不对，不能用"
    FOREIGN = "不是村报的文件"
    BROKEN = "文件不完整"
    SEALED = "打不开，不是给本单位的"

    @property
    def mark(self) -> Mark:
        if self is Outcome.GENUINE:
            return Mark.GOOD
        return Mark.UNKNOWN if self in _UNKNOWN else Mark.BAD

    def words(self, here: str) -> str:
        return self.value.format(here=here)

    def advice(self, here: str) -> str:
        """What to do with the file."""
        return _ADVICE[self].format(here=here)


_UNKNOWN = frozenset({Outcome.NOT_HELD, Outcome.MOVED_OUT, Outcome.STRANGER, Outcome.FOREIGN, Outcome.SEALED})
_ADVICE = {
    Outcome.GENUINE: "可以归档、可以对外提供",
    Outcome.CHANGED: "请用{here}存的那份，或请村里重新导出",
    Outcome.DIFFERS: "请和{here}存的那份对照，弄清哪一份算数",
    Outcome.PAGE: "请村里用村报重新签名再报",
    Outcome.NOT_HELD: "签名是真的；请对方把它报上来，再和{here}的数据核对",
    Outcome.MOVED_OUT: "请先移回那一年，再和{here}的数据核对",
    Outcome.STRANGER: "请核对是不是本县的文件；电脑还没核准的，核准后再验",
    Outcome.REVOKED: "这台电脑的证书已经吊销，这一份不在仍然承认的名单里",
    Outcome.EXPIRED: "请对方换发证书，重新签名",
    Outcome.SIGNER: "请核对是不是拿错了文件",
    Outcome.FOREIGN: "没有村报的电子签名；参阅件、合成的 PDF 也没有，请用签名的那一份",
    Outcome.BROKEN: "请对方重新拷贝或重新导出一次",
    Outcome.SEALED: "报送包和回执是加密的，请到收件单位去验",
}


@dataclass(frozen=True, slots=True)
class VerifiedLine:
    """One question and its answer. detail: a smaller second line, "" none; parts of it between ** are set off."""

    subject: str
    mark: Mark
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one file. kind: 签名的报表 …; name: file name, or the code that was typed; size: bytes, 0 for a
    code; lines: five, in this order, fewer when the file could not be read; held: id of the return that we hold for it,
    "" none; at: UTC; revocations: the day of the newest revocation known, None when there was none; data: the file, so
    that it can be opened; sha256: of it."""

    name: str
    kind: str
    size: int
    outcome: Outcome
    here: str
    lines: tuple[VerifiedLine, ...]
    at: datetime
    held: str = ""
    revocations: datetime | None = None
    data: bytes = b""
    sha256: str = ""

    @property
    def good(self) -> bool:
        return self.outcome is Outcome.GENUINE

    @property
    def head(self) -> str:
        return self.outcome.words(self.here)

    @property
    def advice(self) -> str:
        return self.outcome.advice(self.here)


def moved_out(here: str, period: str, file_name: str, *, same: bool) -> VerifiedLine:
    """What is said of a return whose year lies in an archive file. same: it is known to be the very one."""
    known = "编号和移出时登记的一样；" if same else ""
    text, detail = f"该年已移出，在文件 {file_name} 里", f"{known}移回 {period} 年度后再比"
    return line(OURS.format(here=here), Mark.UNKNOWN, text, detail)


def line(subject: str, mark: Mark, text: str, detail: str = "") -> VerifiedLine:
    return VerifiedLine(subject, mark, text, detail)
