"""What travels in a receipt beside signed decisions: the notice (提醒) and the proposal (合并建议).

Both are RFC 8785 JSON inside a signed package, with no signature of their own: neither changes where a return stands.
A proposal is nobody's signature until the village has looked at it and signed (protocol §3).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

import rfc8785

from cunbao.errors import ExchangeError
from cunbao.exchange.manifest import count
from cunbao.survey.moments import read_moment

VERSION: Final = 1
_TEXT: Final = 2000
_MOST: Final = 500
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Packages of one life of a computer that have not come. lost: the township has put them down as lost, so they are
    not waited for: a later package carries what was in them."""

    device: str
    epoch: str
    numbers: tuple[int, ...]
    lost: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """A file that could not be taken: its name, what was wrong, what the village should do."""

    file: str
    happened: str
    todo: str


@dataclass(frozen=True, slots=True, order=True)
class Witness:
    """How long the journal of one life of a computer was, and its head, when the sender of this notice saw it last."""

    device: str
    epoch: str
    length: int
    head: str


@dataclass(frozen=True, slots=True)
class Notice:
    """deadline: the day to its end; gaps, troubles, seen: see there; text: further words of the township.

    restore: "" or why this receipt brings everything back (全部还原): it is taken only by a computer that asked."""

    deadline: date
    gaps: tuple[Gap, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    text: str = ""
    restore: str = ""
    seen: tuple[Witness, ...] = ()

    def encode(self) -> bytes:
        return rfc8785.dumps(
            {
                "v": VERSION,
                "kind": "notice",
                "deadline": self.deadline.isoformat(),
                "gaps": [
                    {"device": one.device, "epoch": one.epoch, "numbers": sorted(one.numbers), "lost": one.lost}
                    for one in sorted(self.gaps)
                ],
                "troubles": [
                    {"file": one.file, "happened": one.happened, "todo": one.todo} for one in sorted(self.troubles)
                ],
                "text": self.text,
                "restore": self.restore,
                "seen": [
                    {"device": one.device, "epoch": one.epoch, "length": one.length, "head": one.head}
                    for one in sorted(self.seen)
                ],
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Notice:
        """Reads exactly what `encode` writes; ExchangeError "notice.damaged" for anything else."""
        return _exact(data, cls._from, Notice.encode, "notice.damaged", "回执里的提醒读不懂")

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Notice:
        _version(said, "notice")
        return cls(
            deadline=date.fromisoformat(said["deadline"]),
            gaps=tuple(
                Gap(
                    _text(one["device"]),
                    _text(one["epoch"]),
                    tuple(count(number, 1, 10**9) for number in _few(one["numbers"])),
                    one["lost"],
                )
                for one in _few(said["gaps"])
            ),
            troubles=tuple(
                Trouble(_text(one["file"]), _text(one["happened"]), _text(one["todo"]))
                for one in _few(said["troubles"])
            ),
            text=_text(said["text"]),
            restore=_text(said["restore"]),
            seen=tuple(
                Witness(_text(one["device"]), _text(one["epoch"]), count(one["length"], 0, 10**12), _text(one["head"]))
                for one in _few(said["seen"])
            ),
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A merged version of one return that nobody has signed. heads: the versions it merges, which its signer takes as
    parents; answers: SHA-256 of its answers.xml, which travels beside it. by: who made it; at: aware UTC."""

    office: str
    form: str
    period: str
    heads: tuple[str, ...]
    answers: str
    by: str
    at: datetime
    note: str = ""

    def encode(self) -> bytes:
        return rfc8785.dumps(
            {
                "v": VERSION,
                "kind": "proposal",
                "office": self.office,
                "form": self.form,
                "period": self.period,
                "heads": list(self.heads),
                "answers": self.answers,
                "by": self.by,
                "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "note": self.note,
            }
        )

    @property
    def id(self) -> str:
        return sha256(self.encode()).hexdigest()

    @classmethod
    def decode(cls, data: bytes) -> Proposal:
        """Reads exactly what `encode` writes; ExchangeError "proposal.damaged" for anything else."""
        return _exact(data, cls._from, Proposal.encode, "proposal.damaged", "合并建议读不懂")

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Proposal:
        _version(said, "proposal")
        return cls(
            office=_text(said["office"]),
            form=_text(said["form"]),
            period=_text(said["period"]),
            heads=tuple(map(_text, _few(said["heads"]))),
            answers=_text(said["answers"]),
            by=_text(said["by"]),
            at=read_moment(said["at"]),
            note=_text(said["note"]),
        )


def _exact(
    data: bytes, read: Callable[[dict[str, Any]], _T], write: Callable[[_T], bytes], code: str, happened: str
) -> _T:
    try:
        found = read(json.loads(data))
        if write(found) != data:
            raise ValueError("another spelling")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        raise ExchangeError(
            code,
            happened=happened,
            safe="没有导入任何内容，原文件没有改动",
            todo="请乡镇用最新的村报重新写一份回执",
            detail=str(cause),
        ) from cause
    return found


def _version(said: dict[str, Any], kind: str) -> None:
    if said["v"] != VERSION or said["kind"] != kind:
        raise ValueError("version or kind")


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > _TEXT:
        raise ValueError("text")
    return text


def _few(some: Any) -> list[Any]:
    if not isinstance(some, list) or len(some) > _MOST:
        raise ValueError("list")
    return some
