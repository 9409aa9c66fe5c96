"""封账 as the window asks for it: what it will name and who is missing is said beforehand, the password is asked again.

The decisions themselves are made in `answers`; figures 封账时 and 现在 are `closing`'s. Source: protocol §2, §6.
"""

from __future__ import annotations

from cunbao.desks.clock import local_day
from cunbao.desks.county import answers, closing, progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.views import ClosingView
from cunbao.desks.settings import confirm_password
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord
from cunbao.survey.states import ReturnState


def preview(desk: CountyDesk) -> ClosingView:
    """What a 封账 of the period would name now, or what the one in effect names. DeskError "task.none"."""
    workspace, period = desk.workspace, desk.task.period
    made = closing.in_effect(workspace, period)
    named = closing.at_closing(workspace, period) if made is not None else None
    standings = workspace.standings(period)
    view = progress.progress(desk)
    names = {line.office: line.name for line in view.rows}
    return ClosingView(
        closed_on=local_day(made.at) if made is not None else None,
        reason=made.reason if made is not None else "",
        returns=len(named.closing) if named is not None else sum(bool(one.counted) for _, _, one in standings),
        waiting=sum(one.state in (ReturnState.RECEIVED, ReturnState.RETURNED) for _, _, one in standings),
        missing=tuple((names[township], villages) for township, villages in view.missing),
    )


def close(desk: CountyDesk, reason: str, password: str) -> DecisionRecord:
    """封账. DeskError "close.already"; TrustError "password.wrong". reason: "" for none."""
    if closing.in_effect(desk.workspace, desk.task.period) is not None:
        raise DeskError(
            "close.already",
            happened="这一期已经封账",
            safe="没有改变任何报表的状态",
            todo="要换，先撤回封账",
        )
    confirm_password(desk, password, act="confirm")
    return answers.close_period(desk, reason)


def reopen(desk: CountyDesk, reason: str, password: str) -> DecisionRecord:
    """撤回封账. DeskError "close.none", "close.reason"; TrustError "password.wrong"."""
    confirm_password(desk, password, act="confirm")
    return answers.reopen_period(desk, reason)
