"""What a return rests on: of all that its header says it was filled against, what reads otherwise now.

A sibling that was signed anew, or last year's figures that count no more, change nothing for a return that took over
the very same values. Source: protocol §6.
"""

from __future__ import annotations

from collections.abc import Mapping

from cunbao.store import StoredRevision, Workspace
from cunbao.survey.revision import Header, content_sha256, read_answers
from cunbao.survey.task import Task
from cunbao.survey.values import Answers

LAST = "last"  # what `uses` calls the counted return of the last period


def moved(workspace: Workspace, task: Task, header: Header, now: Mapping[str, str]) -> tuple[str, ...]:
    """Of `header.uses`, what reads otherwise now. now: form (or "last") → id of the version that stands there."""
    return tuple(
        what
        for what, used in header.uses
        if (instead := now.get(what, "")) and instead != used and _differs(workspace, task, header, what, used, instead)
    )


def _differs(workspace: Workspace, task: Task, header: Header, what: str, used: str, instead: str) -> bool:
    """What is not held here cannot be compared: then it counts as changed."""
    if what == LAST and (gone := workspace.stub(used)) is not None:  # that year was moved out
        now = workspace.stub(instead)
        return now is None or gone.content != now.content
    before, after = workspace.revision(used), workspace.revision(instead)
    if before is None or after is None or header.form not in task.forms:
        return True
    if before.answers == after.answers:
        return False
    if what == LAST:  # all of it is shown beside what is filled, and checks compare with it
        return content_sha256(workspace.object(before.answers)) != content_sha256(workspace.object(after.answers))
    read = {one: _read(workspace, task, one) for one in (before, after)}
    return any(_said(read[before], name) != _said(read[after], name) for name in taken_over(task, header.form, what))


def taken_over(task: Task, form: str, sibling: str) -> frozenset[str]:
    """The sibling's fields that a form takes over (取自)."""
    sources = (one.source.partition(".") for one in task.forms[form].by_name.values())
    return frozenset(name for of, _, name in sources if of == sibling)


def _read(workspace: Workspace, task: Task, one: StoredRevision) -> Answers:
    return read_answers(task.forms[one.form], workspace.object(one.answers))


def _said(answers: Answers, name: str) -> tuple[str, ...]:
    """A field's value; of a field in a roster those of all rows."""
    if name in answers.values:
        return (answers.values[name],)
    return tuple(row.values[name] for rows in answers.rows.values() for row in rows if name in row.values)
