"""指标 kept up with what counts: when another revision of an office's return counts, that office's parts of the
indicators that read this form are computed anew, and nothing else (store.parts).

Only a county's workspace keeps them. Exemptions, 已接收 and offices that reported nothing are no business of what is
kept: whoever reads puts them on top (`county.indicator_source`). Source: protocol §8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256

from cunbao.progress import Progress, Report, silent
from cunbao.store import Workspace
from cunbao.store.parts import Part
from cunbao.survey.indicators import computable, office_figures, office_meets, touched
from cunbao.survey.revision import read_answers
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Answers, Office

_BASIS = "indicators/basis"  # setting: what the kept parts were computed with


def follow(workspace: Workspace, task: Task, office: str, period: str, forms: Collection[str]) -> None:
    """Something else counts of these forms of the office's period. Inside the transaction that brought it."""
    if workspace.kind != "county":
        return
    answers = counted_answers(workspace, task, office, period)
    if not answers:
        workspace.drop_parts(office, period, [one.number for one in computable(task)])
        return
    if workspace.setting(_BASIS, "") == "" and len(workspace.offices_with_returns()) == 1:
        workspace.set_setting(_BASIS, _basis(workspace, task))  # from the first return on all are kept
    some = touched(task, forms) if _known(workspace, task, office, period) else computable(task)
    workspace.set_parts(office, period, parts_of(task, _office(workspace, office), answers, some))


def refresh(workspace: Workspace, task: Task, report: Report = silent) -> bool:
    """Compute every part anew when the task or the directory is another than the parts were computed with, or nothing
    was kept yet; True when it was so. Later ones follow by themselves."""
    if not stale(workspace, task):
        return False
    with workspace.atomic():
        workspace.clear_parts()
        held = workspace.offices_with_returns()
        known = {one.code: one for one in workspace.offices()}
        for done, (office, period) in enumerate(held):
            answers = counted_answers(workspace, task, office, period)
            if answers:
                own = known.get(office) or Office(office, office)
                workspace.set_parts(office, period, parts_of(task, own, answers, computable(task)))
            report(Progress(done + 1, len(held), "计算指标"))
        workspace.set_setting(_BASIS, _basis(workspace, task))
    return True


def stale(workspace: Workspace, task: Task) -> bool:
    """Were the kept parts computed with another task or another directory, or never?"""
    return bool(workspace.setting(_BASIS, "") != _basis(workspace, task))


def counted_answers(workspace: Workspace, task: Task, office: str, period: str) -> dict[str, Answers]:
    """The answers of the revisions that count, by form."""
    ids = {form: stands.counted for _, form, stands in workspace.standings(period, [office]) if stands.counted}
    return answers_of(workspace, task, ids)


def answers_of(workspace: Workspace, task: Task, revisions: Mapping[str, str]) -> dict[str, Answers]:
    """The answers of these revisions, by form; forms that the task has not are left out."""
    found = {}
    for form, name in revisions.items():
        stored = workspace.revision(name) if form in task.forms else None
        if stored is not None:
            found[form] = read_answers(task.forms[form], workspace.object(stored.answers))
    return found


def parts_of(
    task: Task, office: Office, answers: Mapping[str, Answers], some: Collection[Indicator]
) -> dict[str, Part]:
    """The office's part of each of these indicators, with whether it reaches the target by itself."""
    figures = office_figures(task, office, answers, only=some)
    return {one.number: Part(figures[one.number], office_meets(one, figures[one.number])) for one in some}


def _office(workspace: Workspace, code: str) -> Office:
    return workspace.office(code) or Office(code, code)


def _known(workspace: Workspace, task: Task, office: str, period: str) -> bool:
    """Are there parts of this office, of every indicator?"""
    return bool(workspace.parts_of_office(office, period, [one.number for one in computable(task)[:1]]))


def _basis(workspace: Workspace, task: Task) -> str:
    lines = [task.sha256, *(f"{one.code} {one.kind} {one.ur_class}" for one in workspace.offices())]
    return sha256("\n".join(lines).encode()).hexdigest()
