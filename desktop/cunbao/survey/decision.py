"""A decision (审核决定) as bytes that are signed: RFC 8785, one spelling, its SHA-256 its name.

Never signs and never judges who may: `trust` does the first, `standing` and the desks the second. The list of acts is
closed; each names what it touches and nothing else changes by it. Source: protocol §2, §4, §6.
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
from cunbao.survey.moments import read_moment
from cunbao.survey.values import Cell

VERSION = 1
MEMBERS = frozenset(
    {"v", "act", "revision", "office", "n", "seen", "person", "at", "reason", "comments", "names", "about"}
)
MOST_TEXT = 2000  # characters of a reason or a comment
MOST_N = 2**53 - 1  # the largest whole number that RFC 8785 writes


class Act(StrEnum):
    """What can be decided; the value is written, `word` is shown. `names` and `about` of each are told beside it."""

    ACCEPT = "accept"
    RETURN = "return"  # comments: at cells
    CHOOSE = "choose"  # names: every head that it closes, `revision` stays
    WITHDRAW = "withdraw"  # names: the decisions taken back, all on `revision` ("" for those that touch none)
    RETRACT = "retract"  # by the village, before acceptance
    WAIVE = "waive"  # 免说明; about: key (of the finding), check
    EXEMPT = "exempt"  # 不计入, by the county; about: office, indicator, period
    PAPER = "paper"  # the sealed paper has come
    CLOSE = "close"  # 封账, by the county; about: period; names: the revisions that count
    REVOKE = "revoke"  # about: key (key_id), office; names: the ids still honoured

    @property
    def word(self) -> str:
        return _WORDS[self]


_WORDS = {
    Act.ACCEPT: "通过",
    Act.RETURN: "退回",
    Act.CHOOSE: "选定",
    Act.WITHDRAW: "撤回",
    Act.RETRACT: "撤回报送",
    Act.WAIVE: "免说明",
    Act.EXEMPT: "不计入",
    Act.PAPER: "纸质已收",
    Act.CLOSE: "封账",
    Act.REVOKE: "吊销",
}
ABOUT = {
    Act.WAIVE: {"key", "check"},
    Act.EXEMPT: {"office", "indicator", "period"},
    Act.CLOSE: {"period"},
    Act.REVOKE: {"key", "office"},
}
ON_REVISION = frozenset({Act.ACCEPT, Act.RETURN, Act.CHOOSE, Act.RETRACT, Act.WAIVE, Act.PAPER})


def next_n(n: int) -> int:
    """The n after `n` (protocol §2). At the end of the numbers it stays, so that nobody can stop an office's decisions
    by signing the last one: order then falls to the hash, and what follows from what, parents and `seen` say."""
    return min(n + 1, MOST_N)


@dataclass(frozen=True, slots=True, order=True)
class Comment:
    """批注: what was said at one cell of the revision."""

    cell: Cell
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """act on `revision` (id, "" where the act touches none) by `office` (12 digits of the decider).

    n, seen: its place in the order (protocol §2); at: aware UTC, whole seconds. comments, names, about: see `Act`."""

    act: Act
    revision: str
    office: str
    n: int
    seen: tuple[str, ...]
    person: str
    at: datetime
    reason: str = ""
    comments: tuple[Comment, ...] = ()
    names: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()

    def of(self, name: str) -> str:
        """What `about` says under a name, "" nothing."""
        return dict(self.about).get(name, "")

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
                "comments": [[one.cell.field, one.cell.row, one.text] for one in sorted(self.comments)],
                "names": sorted(self.names),
                "about": dict(self.about),
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
            found = cls._from(said)
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

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Decision:
        act = Act(said["act"])
        comments = tuple(Comment(Cell(_text(field), _text(row)), _text(text)) for field, row, text in said["comments"])
        about = {_text(name): _text(text) for name, text in said["about"].items()}
        touches = bool(said["revision"])
        if set(about) != ABOUT.get(act, set()) or (act is not Act.WITHDRAW and touches != (act in ON_REVISION)):
            raise ValueError("what the act is about")
        if type(said["n"]) is not int or said["n"] < 1:
            raise ValueError("n")
        return cls(
            act=act,
            revision=_text(said["revision"]),
            office=_text(said["office"]),
            n=said["n"],
            seen=tuple(map(_text, said["seen"])),
            person=_text(said["person"]),
            at=read_moment(said["at"]),
            reason=_text(said["reason"]),
            comments=comments,
            names=tuple(map(_text, said["names"])),
            about=tuple(sorted(about.items())),
        )


def _text(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise ValueError("text")
    return text
