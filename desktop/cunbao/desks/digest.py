"""`cunbao state`: two digests a period, by which two computers see that they hold the same and show the same.

`objects` is over the ids of all signed objects and certificates; `state` over where every return stands, who is 不计入,
then totals and indicators as exact numerators and denominators. Equal `objects` give equal `state`.
Source: protocol §7.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from cunbao.desks import exempted, ledger
from cunbao.store import Workspace
from cunbao.survey.indicators import combine, figures_of
from cunbao.survey.revision import read_answers
from cunbao.survey.task import Task
from cunbao.survey.values import Answers


@dataclass(frozen=True, slots=True)
class PeriodDigest:
    """moved: name of the archive file in which the period lies, "" while it is here. Of a year that was moved out
    `objects` is over the ids that are known to lie in the file, `state` as it was when it left."""

    period: str
    objects: str
    state: str
    moved: str = ""


@dataclass(frozen=True, slots=True)
class StateDigest:
    """whole: over the periods."""

    periods: tuple[PeriodDigest, ...]
    whole: str


def state_digest(workspace: Workspace, task: Task) -> StateDigest:
    """The digests of everything held, and of the years moved out. Drafts, journal, packages and local times play no
    part."""
    held = {period for _, period in workspace.offices_with_returns()}
    moved = {one.period for one in workspace.moved_out()}
    periods = tuple(of_period(workspace, task, period) for period in sorted(held | moved))
    lines = "".join(f"{one.period} {one.objects} {one.state}\n" for one in periods)
    return StateDigest(periods, sha256(lines.encode()).hexdigest())


def of_period(workspace: Workspace, task: Task, period: str) -> PeriodDigest:
    """The digests of one period, here or moved out."""
    objects = sha256("".join(f"{name}\n" for name in signed_ids(workspace, period)).encode()).hexdigest()
    year = workspace.moved_out_year(period)
    if year is not None:
        return PeriodDigest(period, objects, year.state, year.file_name)
    said = {"returns": _returns(workspace, period), **_figures(workspace, task.whole, period)}
    return PeriodDigest(period, objects, sha256(rfc8785.dumps(said)).hexdigest())


def signed_ids(workspace: Workspace, period: str) -> tuple[str, ...]:
    """Ids of the signed objects of a period and of every certificate, sorted. Evidence is one where a computer that may
    speak for its office has signed it."""
    judge = ledger.judge_of(workspace)
    signed = {
        one.id
        for office, at in workspace.offices_with_returns()
        if at == period
        for one in workspace.evidence_of(office, period)
        if one.signatures and ledger.evidence_holds(judge, one, office)
    }
    return tuple(sorted({*workspace.signed_ids(period), *signed}))


def without_keys(workspace: Workspace, task: Task) -> dict[str, str]:
    """period → a digest of what the state says to whoever reads it: ids, which hang on keys and moments, are replaced
    by what they stand for. Two tellings of one story with other keys have the same."""
    task = task.whole
    found = {}
    for period in sorted({period for _, period in workspace.offices_with_returns()}):
        returns = [
            {
                "office": office,
                "form": form,
                "heads": sorted(_said(workspace, task, form, name) for name in stands.heads),
                "state": stands.state.name,
                "counted": _said(workspace, task, form, stands.counted),
                "marks": sorted(stands.marks),
                "comments": sorted([c.cell.field, c.cell.row, c.text] for _, some in stands.comments for c in some),
            }
            for office, form, stands in workspace.standings(period)
        ]
        said = {"returns": returns, **_figures(workspace, task, period)}
        found[period] = sha256(rfc8785.dumps(said)).hexdigest()
    return found


def _said(workspace: Workspace, task: Task, form: str, name: str) -> str:
    """What a revision answers, by a digest of its values and rows; "" for none."""
    revision = workspace.revision(name) if name else None
    if revision is None or form not in task.forms:
        return ""
    answers = read_answers(task.forms[form], workspace.object(revision.answers))
    rows: Any = {repeat: [[row.id, dict(row.values)] for row in some] for repeat, some in answers.rows.items()}
    return sha256(rfc8785.dumps([revision.kind, revision.version, dict(answers.values), rows])).hexdigest()


def _returns(workspace: Workspace, period: str) -> list[dict[str, Any]]:
    return [
        {
            "office": office,
            "form": form,
            "heads": list(stands.heads),
            "state": stands.state.name,
            "counted": stands.counted,
            "marks": list(stands.marks),
            "decisions": list(stands.effective),
            "comments": [
                [name, [[one.cell.field, one.cell.row, one.text] for one in some]] for name, some in stands.comments
            ],
        }
        for office, form, stands in workspace.standings(period)
    ]


def _figures(workspace: Workspace, task: Task, period: str) -> dict[str, Any]:
    """Totals of every numeric field, rows of every roster, indicators: all exact, as texts."""
    totals: dict[str, Any] = {}
    for name, form in task.forms.items():
        for repeat in ("", *(one.name for one in form.repeats)):
            sums = workspace.sums(form, period, repeat=repeat)
            # what nobody filled in is left out: a table that was emptied and one never made say the same
            totals[f"{name}/{repeat}"] = {field: f"{v:f}" for field, v in sums.items() if v is not None}
    counted: dict[str, dict[str, Answers]] = {}
    for office, form_id, stands in workspace.standings(period):
        revision = workspace.revision(stands.counted) if stands.counted else None
        if revision is not None and form_id in task.forms:
            answers = read_answers(task.forms[form_id], workspace.object(revision.answers))
            counted.setdefault(office, {})[form_id] = answers
    known = {one.code: one for one in workspace.offices()}
    left_out = exempted.exempted(workspace, period)
    figures = figures_of(task, known, counted, left_out, counted)  # of the villages held: objects alone decide
    combined = combine(task, figures) if figures else {}
    return {
        "exempt": {code: sorted(numbers) for code, numbers in sorted(left_out.items())},
        "totals": totals,
        "indicators": {
            number: [f"{one.numerator:f}", f"{one.denominator:f}", one.counted, one.meeting]
            for number, one in sorted(combined.items())
        },
    }
