"""Where a return stands, in the official words. Source: design §6, ui/tokens; a return's state never reads a clock."""

from __future__ import annotations

from enum import StrEnum


class ReturnState(StrEnum):
    """State of one return (office × form × period). The value is the word on screen and paper; `token` names its
    colours and icon in tokens.json. 迟报 is a mark beside the state, never a state."""

    NOT_STARTED = "未开始"
    FILLING = "填报中"
    PROBLEM = "有问题"
    TO_SIGN = "待签名"
    SIGNED = "已签名"
    SENT = "已报送"
    RECEIVED = "已接收"
    CERT_PENDING = "证书待核准"
    FORK = "有冲突"
    RETURNED = "退回"
    ACCEPTED = "通过"
    MISSING = "未报"  # at the township: nothing has come; what the village has in hand is not known there

    @property
    def token(self) -> str:
        """Key under "state" in tokens.json; a fork wears the colours of 有问题."""
        return _TOKENS[self]

    @property
    def step(self) -> int:
        """1…6 on the step bar 填报→检查→签名→报送→接收→通过: the step that is at hand."""
        return _STEPS[self]

    @property
    def editable(self) -> bool:
        """May the clerk type? After signing he takes the signature back, or begins a 更正."""
        return self in _EDITABLE


_TOKENS = {
    ReturnState.NOT_STARTED: "not_started",
    ReturnState.FILLING: "filling",
    ReturnState.PROBLEM: "problem",
    ReturnState.TO_SIGN: "to_sign",
    ReturnState.SIGNED: "signed",
    ReturnState.SENT: "sent",
    ReturnState.RECEIVED: "received",
    ReturnState.CERT_PENDING: "cert_pending",
    ReturnState.FORK: "problem",
    ReturnState.RETURNED: "returned",
    ReturnState.ACCEPTED: "accepted",
    ReturnState.MISSING: "not_started",
}
_STEPS = {
    ReturnState.NOT_STARTED: 1,
    ReturnState.FILLING: 1,
    ReturnState.PROBLEM: 2,
    ReturnState.TO_SIGN: 3,
    ReturnState.SIGNED: 4,
    ReturnState.SENT: 5,
    ReturnState.RECEIVED: 6,
    ReturnState.CERT_PENDING: 6,
    ReturnState.FORK: 6,
    ReturnState.RETURNED: 1,
    ReturnState.ACCEPTED: 7,
    ReturnState.MISSING: 1,
}
_EDITABLE = frozenset(
    {ReturnState.NOT_STARTED, ReturnState.FILLING, ReturnState.PROBLEM, ReturnState.TO_SIGN, ReturnState.RETURNED}
)


class Kind(StrEnum):
    """What kind of revision a header says it is (报表类别)."""

    NORMAL = "正常"
    ZERO = "零报告"
    CORRECTION = "更正"
    LATE = "补报"
    PROXY = "代报"

    @property
    def code(self) -> str:
        return self.name.lower()
