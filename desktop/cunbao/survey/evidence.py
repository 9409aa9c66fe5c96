"""Evidence (盖章扫描件): that a scan shows the sealed paper of one revision, as bytes that are signed.

RFC 8785, one spelling, its SHA-256 its name. It touches no figure and no state. Version 1 was written without a
signature, and is read still. Source: protocol §1, §2; decision 16.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from cunbao.errors import SurveyError
from cunbao.survey.moments import LAST_YEAR, read_moment

VERSION = 2
MEMBERS = frozenset({"v", "revision", "content", "name", "office", "device", "person", "n", "seen", "at"})
UNSIGNED = frozenset({"v", "revision", "content", "name", "at"})  # version 1
MOST_TEXT = 200  # characters


@dataclass(frozen=True, slots=True)
class Evidence:
    """revision: id; content: SHA-256 of the scan; name: of its file; at: aware UTC, whole seconds.

    office (12 digits), device, person: who says so; n, seen: its place in the order (protocol §2). Of version 1 these
    are empty and n is 0."""

    revision: str
    content: str
    name: str
    at: datetime
    office: str = ""
    device: str = ""
    person: str = ""
    n: int = 0
    seen: tuple[str, ...] = ()

    def encode(self) -> bytes:
        return rfc8785.dumps(
            {
                "v": VERSION,
                "revision": self.revision,
                "content": self.content,
                "name": self.name,
                "office": self.office,
                "device": self.device,
                "person": self.person,
                "n": self.n,
                "seen": sorted(self.seen),
                "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )

    @property
    def id(self) -> str:
        return sha256(self.encode()).hexdigest()

    @classmethod
    def decode(cls, data: bytes) -> Evidence:
        """Reads exactly what `encode` writes, and version 1 as it was; SurveyError "evidence.damaged" for anything
        else."""
        try:
            said: dict[str, Any] = json.loads(data)
            if said["v"] == 1:
                return cls._unsigned(said)
            if said.keys() != MEMBERS or said["v"] != VERSION:
                raise ValueError("members")
            found = cls._from(said)
            if found.encode() != data:
                raise ValueError("another spelling")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as cause:
            raise SurveyError(
                "evidence.damaged",
                happened="扫描件的说明读不懂",
                safe="没有导入任何内容",
                todo="请对方重新导出一次",
                detail=str(cause),
            ) from cause
        return found

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Evidence:
        if type(said["n"]) is not int or said["n"] < 1:
            raise ValueError("n")
        return cls(
            revision=_text(said["revision"]),
            content=_text(said["content"]),
            name=_text(said["name"]),
            at=read_moment(said["at"]),
            office=_text(said["office"]),
            device=_text(said["device"]),
            person=_text(said["person"]),
            n=said["n"],
            seen=tuple(map(_text, said["seen"])),
        )

    @classmethod
    def _unsigned(cls, said: dict[str, Any]) -> Evidence:
        if said.keys() != UNSIGNED or not all(isinstance(said[name], str) for name in UNSIGNED - {"v"}):
            raise ValueError("members")
        at = datetime.fromisoformat(said["at"])
        if at.tzinfo is None or not 1000 <= at.year <= LAST_YEAR:
            raise ValueError(f"moment {said['at']}")
        return cls(said["revision"], said["content"], said["name"][:MOST_TEXT], at.astimezone(UTC))


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise ValueError("text")
    return text
