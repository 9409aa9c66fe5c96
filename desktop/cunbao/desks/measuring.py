"""指标 kept up with what counts: when another revision of an office's return counts, that office's parts of the
indicators that read this form are computed anew, and its township's where they sum up its villages; nothing else
(store.parts).

Only a county's workspace keeps them. Exemptions, 已接收 and offices that reported nothing are no business of what is
kept: whoever reads puts them on top (`county.measured`). Source: protocol §8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256

from cunbao.desks import reporting
from cunbao.progress import Progress, Report, silent
from cunbao.store import Workspace
from cunbao.store.parts import Part
from cunbao.survey.beneath import TOWN, Beneath, beneath
from cunbao.survey.formulas import all_summed, computable, touched, touched_above
from cunbao.survey.indicators import office_figures, office_meets
from cunbao.survey.revision import read_answers
from cunbao.survey.task import Indicator, Task
from cunbao.survey.values import Answers, Office

_BASIS = "indicators/basis"  # setting: what the kept parts were computed with
_HOW = "2"  # the way they are computed; another one computes all anew


def follow(workspace: Workspace, task: Task, office: str, period: str, forms: Collection[str]) -> None:
    """Something else counts of these forms of the office's period. Inside the transaction that brought it."""
    if workspace.kind != "county":
        return
    first = workspace.setting(_BASIS, "") == "" and len(workspace.offices_with_returns()) == 1
    own = _office(workspace, office)
    if own.level == "township":
        _keep_township(workspace, task, own, period, touched(task, forms))
    else:
        _keep_village(workspace, task, own, period, touched(task, forms))
        above = touched_above(task, forms)
        if above:
            _keep_township(workspace, task, _office(workspace, town_of(office)), period, above)
    if first:
        workspace.set_setting(_BASIS, _basis(workspace, task))  # from the first return on all are kept


def refresh(workspace: Workspace, task: Task, report: Report = silent) -> bool:
    """Compute every part anew when the task or the directory is another than the parts were computed with, or nothing
    was kept yet; True when it was so. Later ones follow by themselves."""
    if not stale(workspace, task):
        return False
    with workspace.atomic():
        workspace.clear_parts()
        held = workspace.offices_with_returns()
        towns = sorted({(town_of(office), period) for office, period in held})
        todo = [*(one for one in held if not _is_town(one[0])), *towns]
        for done, (office, period) in enumerate(todo):
            keep = _keep_township if _is_town(office) else _keep_village
            keep(workspace, task, _office(workspace, office), period, computable(task))
            report(Progress(done + 1, len(todo), "计算指标"))
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
    task: Task,
    office: Office,
    answers: Mapping[str, Answers],
    some: Collection[Indicator],
    villages: Beneath | None = None,
) -> dict[str, Part]:
    """The office's part of each of these indicators, with whether it reaches the target by itself. villages: of a
    township, what those beneath it say."""
    figures = office_figures(task, office, answers, only=some, villages=villages)
    return {one.number: Part(figures[one.number], office_meets(one, figures[one.number])) for one in some}


def villages_of(
    workspace: Workspace,
    task: Task,
    town: str,
    period: str,
    instead: Mapping[str, Mapping[str, Answers]] | None = None,
) -> Beneath:
    """What the villages of a township say of all that its figures sum up, from the form tables. instead: village → form
    → answers that stand in place of those that count."""
    asked = all_summed(task)
    codes = [one.code for one in reporting.villages_under(workspace, task, town, period)]
    said = {
        (form, name): dict(workspace.figures_under(task.forms[form], period, name, under=town[:TOWN]))
        for form, name in asked
    }
    newer = beneath(asked, (), {code: one for code, one in (instead or {}).items() if code[:TOWN] == town[:TOWN]})
    return Beneath(frozenset(codes), {at: {**one, **newer.said[at]} for at, one in said.items()})


def town_of(office: str) -> str:
    """The township above a village, 12 digits."""
    return f"{office[:TOWN]}000"


def _is_town(office: str) -> bool:
    return office == town_of(office)


def _keep_village(
    workspace: Workspace, task: Task, office: Office, period: str, some: Collection[Indicator]
) -> None:
    """some: what changed; all of them where nothing was kept yet."""
    answers = counted_answers(workspace, task, office.code, period)
    if not answers:
        workspace.drop_parts(office.code, period, [one.number for one in computable(task)])
        return
    some = some if _known(workspace, task, office.code, period) else computable(task)
    workspace.set_parts(office.code, period, parts_of(task, office, answers, some))


def _keep_township(
    workspace: Workspace, task: Task, office: Office, period: str, some: Collection[Indicator]
) -> None:
    """As of a village; a township is known as soon as one of its villages has said what it sums up."""
    answers = counted_answers(workspace, task, office.code, period)
    villages = villages_of(workspace, task, office.code, period)
    if not answers and villages.silent:
        workspace.drop_parts(office.code, period, [one.number for one in computable(task)])
        return
    some = some if _known(workspace, task, office.code, period) else computable(task)
    workspace.set_parts(office.code, period, parts_of(task, office, answers, some, villages))


def _office(workspace: Workspace, code: str) -> Office:
    return workspace.office(code) or Office(code, code)


def _known(workspace: Workspace, task: Task, office: str, period: str) -> bool:
    """Are there parts of this office, of every indicator?"""
    return bool(workspace.parts_of_office(office, period, [one.number for one in computable(task)[:1]]))


def _basis(workspace: Workspace, task: Task) -> str:
    lines = [_HOW, task.sha256]
    lines += [f"{one.code} {one.kind} {one.ur_class} {one.since} {one.until}" for one in workspace.offices()]
    return sha256("\n".join(lines).encode()).hexdigest()
