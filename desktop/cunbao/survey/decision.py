"""A decision (审核决定) on a revision, as bytes that are signed: RFC 8785, one spelling, its SHA-256 its name.

Never signs and never judges who may: `trust` does the first, `desks` the second. Source: protocol §2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import rfc8785

from cunbao.errors import SurveyError

VERSION = 1
MEMBERS = frozenset({"v", "act", "revision", "office", "n", "seen", "person", "at", "reason"})


class Act(StrEnum):
    """The acts that settle a return; the value is written, `word` is shown."""

    ACCEPT = "accept"
    RETURN = "return"
    WITHDRAW = "withdraw"

    @property
    def word(self) -> str:
        return {"accept": "通过", "return": "退回", "withdraw": "撤回"}[self.value]


@dataclass(frozen=True, slots=True)
class Decision:
    """act on `revision` (id) by `office` (12 digits of the decider); n, seen: its place in the order (protocol §2);
    at: aware UTC, whole seconds."""

    act: Act
    revision: str
    office: str
    n: int
    seen: tuple[str, ...]
    person: str
    at: datetime
    reason: str = ""

    def encode(self) -> bytes:
        return rfc8785.dumps(
            {
                "v": VERSION,
                "act": self.act.value,
                "revision": self.revision,
                "office": self.office,
                "n": self.n,
                "seen": sorted(self.seen),
                "person": self.person,
                "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "reason": self.reason,
            }
        )

    @property
    def id(self) -> str:
        return sha256(self.encode()).hexdigest()

    @classmethod
    def decode(cls, data: bytes) -> Decision:
        """Reads exactly what `encode` writes; SurveyError "decision.damaged" for anything else."""
        try:
            said: dict[str, Any] = json.loads(data)
            if said.keys() != MEMBERS or said["v"] != VERSION:
                raise ValueError("members")
            found = cls(
                act=Act(said["act"]),
                revision=said["revision"],
                office=said["office"],
                n=said["n"],
                seen=tuple(said["seen"]),
                person=said["person"],
                at=datetime.strptime(said["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
                reason=said["reason"],
            )
            if found.encode() != data:
                raise ValueError("another spelling")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
            raise SurveyError(
                "decision.damaged",
                happened="审核决定读不懂",
                safe="没有改变任何报表的状态",
                todo="请乡镇重新写一份回执",
                detail=str(cause),
            ) from cause
        return found
