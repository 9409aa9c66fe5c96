"""封账时 and 现在: the figures that a closing names never move; those of now take in what was accepted later.

Only the county closes a period and opens it again (`answers`); here it is read off the decisions held.
Source: protocol §6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cunbao.desks import exempted, ledger, reporting
from cunbao.desks.exempted import Exemption
from cunbao.store import Workspace
from cunbao.survey.decision import Act, Decision
from cunbao.survey.indicators import Total, combine, figures_of
from cunbao.survey.revision import read_answers
from cunbao.survey.task import Task
from cunbao.survey.values import Answers

Counted = Mapping[tuple[str, str], str]  # (office, form) → id of the revision that counts
Exempt = Mapping[str, Mapping[str, str]]  # office → number of the indicator → reason


@dataclass(frozen=True, slots=True)
class Closing:
    """closing: what the 封账 in effect counts, as far as held; exempt: who was 不计入 then; unknown: ids that it names
    and this workspace does not hold."""

    closing: Counted
    unknown: tuple[str, ...]
    exempt: Exempt


def at_closing(workspace: Workspace, period: str) -> Closing | None:
    """What counts 封账时; None while the period is open, or opened again."""
    judge = ledger.judge_of(workspace)
    for office in dict.fromkeys(one.office for one in workspace.decisions_about(Act.CLOSE.value, "period", period)):
        names = ledger.closed_ids(judge, office, period)
        if names is not None:
            held = {name: workspace.revision(name) for name in sorted(names)}
            found = {(one.office, one.form): name for name, one in held.items() if one is not None}
            rest = [name for name, one in held.items() if one is None]
            given = {name: one for name in rest if (one := workspace.decision(name)) is not None}
            left_out = [Exemption(name, Decision.decode(workspace.object(name))) for name in given]
            return Closing(found, tuple(name for name in rest if name not in given), exempted.by_office(left_out))
    return None


def in_effect(workspace: Workspace, period: str) -> Decision | None:
    """The newest 封账 of the period that nobody has taken back; None while it is open."""
    judge = ledger.judge_of(workspace)
    held = workspace.decisions_about(Act.CLOSE.value, "period", period)
    closes = [one for one in held if ledger.closed_ids(judge, one.office, period) is not None]
    newest = max(closes, key=lambda one: one.n, default=None)
    return None if newest is None else Decision.decode(workspace.object(newest.id))


def now(workspace: Workspace, period: str) -> Counted:
    """What counts 现在."""
    return {(office, form): stands.counted for office, form, stands in workspace.standings(period) if stands.counted}


def indicators(workspace: Workspace, task: Task, counted: Counted, exempt: Exempt | None = None) -> Mapping[str, Total]:
    """The indicators over what counts. exempt: who is 不计入; None: as decided now."""
    left_out = exempted.exempted(workspace, task.period) if exempt is None else exempt
    answers: dict[str, dict[str, Answers]] = {}
    for (office, form), name in sorted(counted.items()):
        revision = workspace.revision(name)
        if revision is not None and form in task.forms:
            read = read_answers(task.forms[form], workspace.object(revision.answers))
            answers.setdefault(office, {})[form] = read
    known = {one.code: one for one in workspace.offices()}
    asked = [one.code for one in reporting.offices(workspace, task, task.period) if one.level == "village"]
    figures = figures_of(task, known, answers, left_out, asked)
    return combine(task, figures) if figures else {}
