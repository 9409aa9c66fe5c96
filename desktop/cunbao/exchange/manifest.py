"""manifest.json: what a package says of itself. RFC 8785, so equal manifests are equal bytes. Source: protocol §5."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError
from cunbao.exchange import limits
from cunbao.survey.moments import read_moment

VERSION: Final = 2
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_OFFICE: Final = re.compile(r"[0-9]{12}")


class PackageKind(StrEnum):
    BUNDLE = "bundle"  # 报送包: village → township
    FORWARD = "forward"  # 转报包: township → county, with its decisions
    RECEIPT = "receipt"  # 回执包: downwards, with decisions and acknowledgements


class ObjectKind(StrEnum):
    """What a member is, so that the receiver can index it without guessing."""

    HEADER = "header"
    ANSWERS = "answers"
    CMS = "cms"
    PDF = "pdf"
    DECISION = "decision"
    EVIDENCE = "evidence"
    ATTACHMENT = "attachment"
    PROPOSAL = "proposal"  # 合并建议, unsigned: the village looks at it and signs its own
    NOTICE = "notice"  # what a receipt tells beside decisions: deadline, missing numbers
    CERTIFICATE = "certificate"
    REQUEST = "request"
    CRL = "crl"


_MOST: Final = {
    ObjectKind.HEADER: limits.SIGNED,
    ObjectKind.ANSWERS: limits.ANSWERS,
    ObjectKind.CMS: limits.SMALL,
    ObjectKind.DECISION: limits.SIGNED,
    ObjectKind.EVIDENCE: limits.SMALL,
    ObjectKind.ATTACHMENT: limits.ATTACHMENT,
    ObjectKind.PROPOSAL: limits.SMALL,
    ObjectKind.NOTICE: limits.SIGNED,
    ObjectKind.CERTIFICATE: limits.SMALL,
    ObjectKind.REQUEST: limits.SMALL,
    ObjectKind.CRL: limits.CRL,
}


def most(kind: ObjectKind) -> int:
    """How many bytes an object of that kind may have."""
    return _MOST.get(kind, limits.PACKAGE.member)


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """One object of the package. size: bytes. of: the id of the signed object that this one belongs to (the CMS and
    the PDF of a revision, the scan of an evidence; "" for those that stand alone)."""

    sha256: str
    size: int
    kind: ObjectKind
    of: str = ""


def member(data: bytes, kind: ObjectKind, *, of: str = "") -> Member:
    """The line of the manifest for `data`."""
    return Member(hashlib.sha256(data).hexdigest(), len(data), kind, of)


@dataclass(frozen=True, slots=True, order=True)
class Acknowledgement:
    """What the sender of this package holds of a device's packages: all of that epoch up to `through`, but
    `missing`. Open periods only."""

    device: str
    epoch: str
    through: int
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ClosedPeriod:
    """A closed period acknowledged by its digest (`objects` of protocol §7)."""

    period: str
    digest: str


@dataclass(frozen=True, slots=True, order=True)
class Former:
    """A package before this one of the same computer and life that no acknowledgement covers, so that a gap can be told
    from what has come by another way. sha256: of its file. elsewhere: ids of the signed objects that it held and this
    package does not carry; all others that it held are among this one's members.

    One of this package's own number is a file that was begun and does not count: its medium failed."""

    sequence: int
    sha256: str
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """office: 12 digits of the sender; device, epoch: which life of which workspace; to: 12 digits of the addressees.

    sequence: 1, 2 … per (device, epoch); previous: SHA-256 hex of the package before it ("" for the first).
    journal_length, journal_head: of the sender's journal. written_at: aware UTC, whole seconds.
    part of parts: a large content is split, each part complete by itself. earlier: packages before this one; a manifest
    that names none is spelled as version 1, which knew no such list, and older programs read it.
    """

    kind: PackageKind
    office: str
    device: str
    epoch: str
    to: tuple[str, ...]
    task: str
    period: str
    sequence: int
    written_at: datetime
    members: tuple[Member, ...]
    previous: str = ""
    acknowledges: tuple[Acknowledgement, ...] = ()
    closed: tuple[ClosedPeriod, ...] = ()
    journal_length: int = 0
    journal_head: str = ""
    part: int = 1
    parts: int = 1
    task_version: str = ""
    earlier: tuple[Former, ...] = ()

    def __post_init__(self) -> None:
        # one spelling, so that what was written equals what is read back
        for name in ("to", "members", "acknowledges", "closed", "earlier"):
            object.__setattr__(self, name, tuple(sorted(getattr(self, name))))
        earlier = tuple(replace(one, elsewhere=tuple(sorted(one.elsewhere))) for one in self.earlier)
        object.__setattr__(self, "earlier", earlier)
        object.__setattr__(self, "written_at", self.written_at.astimezone(UTC).replace(microsecond=0))

    def encode(self) -> bytes:
        """The bytes of manifest.json."""
        more: dict[str, Any] = {}
        if self.earlier:
            more["earlier"] = [
                {"sequence": one.sequence, "sha256": one.sha256, "elsewhere": sorted(one.elsewhere)}
                for one in self.earlier
            ]
        return rfc8785.dumps(
            {
                "v": VERSION if more else 1,
                "kind": self.kind.value,
                "from": {"office": self.office, "device": self.device, "epoch": self.epoch},
                "to": list(self.to),
                "task": self.task,
                "task_version": self.task_version,
                "period": self.period,
                "sequence": self.sequence,
                "previous": self.previous,
                "written_at": self.written_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "acknowledges": [
                    {"device": one.device, "epoch": one.epoch, "through": one.through, "missing": sorted(one.missing)}
                    for one in self.acknowledges
                ],
                "closed": [{"period": one.period, "digest": one.digest} for one in self.closed],
                "journal": {"length": self.journal_length, "head": self.journal_head},
                "members": [
                    {"sha256": one.sha256, "size": one.size, "kind": one.kind.value, "of": one.of}
                    for one in self.members
                ],
                "part": self.part,
                "parts": self.parts,
                **more,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Manifest:
        """The manifest of those bytes, which must be spelled as `encode` spells them.

        ExchangeError "package.newer" for a later version, "package.manifest" for anything else.
        """
        try:
            said = json.loads(data)
            if isinstance(said, dict) and isinstance(said.get("v"), int) and said["v"] > VERSION:
                raise newer()
            found = cls._from(said)
            if found.encode() != data:  # unknown keys, doubled keys and other spellings end here
                raise ValueError("another spelling")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as cause:
            raise ExchangeError(
                "package.manifest",
                happened="文件里的清单读不懂",
                safe="没有导入任何内容，原文件没有改动",
                todo="请对方用最新的村报重新导出",
                detail=str(cause),
            ) from cause
        return found

    @classmethod
    def _from(cls, said: Mapping[str, Any]) -> Manifest:
        found = cls(
            kind=PackageKind(said["kind"]),
            office=_matching(_OFFICE, said["from"]["office"]),
            device=_short(said["from"]["device"]),
            epoch=_short(said["from"]["epoch"]),
            to=tuple(_matching(_OFFICE, office) for office in said["to"]),
            task=_short(said["task"]),
            task_version=_short(said["task_version"]),
            period=_short(said["period"]),
            sequence=count(said["sequence"], 1, 10**9),
            previous=_hash_or_none(said["previous"]),
            written_at=read_moment(said["written_at"]),
            acknowledges=tuple(
                Acknowledgement(
                    _short(one["device"]),
                    _short(one["epoch"]),
                    count(one["through"], 0, 10**9),
                    tuple(count(number, 1, 10**9) for number in _few(one["missing"], limits.MISSING)),
                )
                for one in said["acknowledges"]
            ),
            closed=tuple(
                ClosedPeriod(_short(one["period"]), _short(one["digest"]))
                for one in _few(said["closed"], limits.CLOSED)
            ),
            earlier=tuple(
                Former(
                    count(one["sequence"], 1, said["sequence"]),
                    _matching(_SHA256, one["sha256"]),
                    tuple(_matching(_SHA256, name) for name in _few(one["elsewhere"], limits.ELSEWHERE)),
                )
                for one in _few(said.get("earlier", []), limits.EARLIER)
            ),
            journal_length=count(said["journal"]["length"], 0, 10**12),
            journal_head=_hash_or_none(said["journal"]["head"]),
            members=tuple(
                Member(
                    _matching(_SHA256, one["sha256"]),
                    count(one["size"], 0, most(ObjectKind(one["kind"]))),
                    ObjectKind(one["kind"]),
                    _hash_or_none(one["of"]),
                )
                for one in said["members"]
            ),
            part=count(said["part"], 1, limits.PARTS),
            parts=count(said["parts"], 1, limits.PARTS),
        )
        if found.part > found.parts or not found.to:
            raise ValueError("part or addressee")
        if len({one.sha256 for one in found.members}) != len(found.members):
            raise ValueError("an object twice")  # one line of a list must not cost as much as a whole return
        if sum(len(one.elsewhere) for one in found.earlier) > limits.ELSEWHERE:
            raise ValueError("too many ids elsewhere")
        return found


def split(groups: Iterable[tuple[Member, ...]], *, content: int = limits.PACKAGE.content) -> list[tuple[Member, ...]]:
    """The members of the parts, in order: a group (a revision with what belongs to it) is never torn apart.

    An object that several groups name is carried in each part that needs it, once. ExchangeError "package.too_large"
    when one group alone is larger than a package may be.
    """
    room = content - limits.MANIFEST // 8  # the manifest and the list of sums weigh too
    parts: list[dict[Member, None]] = [{}]
    for group in groups:
        if sum(one.size for one in group) > room:
            raise too_large("一份报表连同附件")
        joined = {**parts[-1], **dict.fromkeys(group)}
        if sum(one.size for one in joined) > room or len(joined) > limits.PACKAGE.members - 2:
            parts.append(dict.fromkeys(group))
        else:
            parts[-1] = joined
    return [tuple(part) for part in parts]


def too_large(what: str, most: int = limits.PACKAGE.content) -> ExchangeError:
    """The refusal to write more than any reader takes. most: bytes."""
    return ExchangeError(
        "package.too_large",
        happened=f"{what}超过{most // limits.MB}MB，放不进一个报送包",
        safe="没有写出文件，已签名的报表没有改动",
        todo="请缩小或减少扫描件后再导出",
    )


def newer() -> ExchangeError:
    """The refusal of what a later version wrote."""
    return ExchangeError(
        "package.newer",
        happened="这个文件是更新版本的村报写的",
        safe="没有导入任何内容，原文件没有改动",
        todo="请先升级本机的村报，再导入一次",
    )


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text[:80])
    return text


def _hash_or_none(text: str) -> str:
    return _matching(_SHA256, text) if text else _short(text)


def _few(some: Any, most: int) -> list[Any]:
    if not isinstance(some, list) or len(some) > most:
        raise ValueError("no list, or too long a one")
    return some


def _short(text: Any) -> str:
    if not isinstance(text, str) or len(text) > 200:
        raise ValueError("text")
    return text


def count(number: Any, least: int, most: int) -> int:
    """A whole number of JSON between `least` and `most`; ValueError for anything else."""
    if type(number) is not int or not least <= number <= most:
        raise ValueError(f"number {number!r}")
    return int(number)
