"""Returns as ODK submissions: an instance folder each, as ODK Collect lays them, with the scans beside.

A village gives its own newest signed returns, a township and a county those that count. What says who somebody is stays
here unless it is asked for; either is in the journal.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cunbao.desks import tasks
from cunbao.desks.odk import write_all
from cunbao.desks.seat import Seat
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.store import StoredRevision, Workspace
from cunbao.survey import personal as people
from cunbao.survey.codes import verification_code
from cunbao.survey.revision import Header, read_answers
from cunbao.survey.submission import instance_name, read_submission, submission_xml, without
from cunbao.survey.task import Task

INDEX = "submissions.csv"
HEADS = ("form", "office", "office_name", "period", "form_version", "revision", "code", "instance_id", "replaces",
         "file", "attachments")  # fmt: skip
_ODD = re.compile(r"[^\w.\-]+")
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReturnOut:
    """One submission as it was written. folder: its name, and that of the .xml in it. left_out: fields with data of
    people that are not in it; attachments: files beside it."""

    form: str
    office: str
    revision: str
    folder: str
    instance_id: str
    attachments: tuple[str, ...]
    left_out: tuple[str, ...]


def export_returns(
    desk: Seat, target: Path, *, forms: Sequence[str] = (), period: str = "", personal: bool = False
) -> tuple[ReturnOut, ...]:
    """Write the returns of a period (the one at hand) into `target`, and `submissions.csv` beside them.

    DeskError "odk.form", "odk.exists"; nothing is written then. No return at all is no error: () comes back."""
    workspace = desk.workspace
    task = _task(desk, period)
    unknown = [name for name in forms if name not in task.whole.forms]
    if unknown:
        raise DeskError(
            "odk.form",
            happened=f"任务里没有 {'、'.join(unknown)} 这张表",
            safe="没有写出任何文件",
            todo=f"表有：{'、'.join(task.whole.forms)}",
        )
    files: dict[str, bytes] = {}
    made: list[ReturnOut] = []
    lines: list[Mapping[str, str]] = []
    for one in _revisions(desk, task, forms):
        out, parts, line = _return_out(workspace, task, one, personal=personal)
        made.append(out)
        lines.append(line)
        files |= parts
    if made:
        write_all(target, {**files, INDEX: _csv(lines)}, what="ODK 提交")
        act = "export_odk_whole" if personal else "export_odk"
        desk.journal(act, period=task.period, returns=len(made), forms=sorted({one.form for one in made}))
    return tuple(made)


def _task(desk: Seat, period: str) -> Task:
    task: Task = desk.task  # type: ignore[attr-defined]
    return task if not period or period == task.period else tasks.task_of(desk.workspace, period)


def _revisions(desk: Seat, task: Task, forms: Sequence[str]) -> Iterator[StoredRevision]:
    """A village's own: the newest signed. A superior's: what counts, by office and form."""
    asked = tuple(forms) or tuple(task.whole.forms)
    if isinstance(desk, VillageDesk):
        own = (desk.workspace.newest(desk.office.code, form, task.period) for form in asked)
        yield from (one for one in own if one is not None and not one.retracted)
        return
    held = {(office, form) for office, form, _ in desk.workspace.standings(task.period)}
    for office, form in sorted(held):
        one = desk.workspace.counted(office, form, task.period) if form in asked else None
        if one is not None:
            yield one


def _return_out(
    workspace: Workspace, task: Task, one: StoredRevision, *, personal: bool
) -> tuple[ReturnOut, dict[str, bytes], dict[str, str]]:
    form = task.whole.forms[one.form]
    header = Header.decode(workspace.object(one.header))
    signed = workspace.object(one.answers)
    said = read_submission(signed)
    office = workspace.office(one.office)
    short = office.short if office is not None else one.office
    hidden = NONE if personal else people.personal(form)
    folder = f"{one.form}_{one.office}_{one.period}"
    data = submission_xml(
        form,
        without(read_answers(form, signed), hidden),
        version=header.form_version,
        instance_id=said.instance_id,
        name=instance_name(one.office, short, one.form, one.period),
    )
    scans = _scans(workspace, one) if personal else {}
    out = ReturnOut(one.form, one.office, one.id, folder, said.instance_id, tuple(scans), tuple(sorted(hidden)))
    line = dict(zip(HEADS, (
        one.form, one.office, short, one.period, header.form_version, one.id, verification_code(one.id),
        said.instance_id, _before(workspace, one), f"{folder}/{folder}.xml", " ".join(scans),
    ), strict=True))  # fmt: skip
    parts = {f"{folder}/{folder}.xml": data, **{f"{folder}/{name}": scan for name, scan in scans.items()}}
    return out, parts, line


def _scans(workspace: Workspace, one: StoredRevision) -> dict[str, bytes]:
    """The scans of the sealed paper by file name."""
    found: dict[str, bytes] = {}
    for at, held in enumerate(workspace.evidence(one.id), 1):
        found[f"{at}_{_ODD.sub('_', held.name)}"] = workspace.object(held.content)
    return found


def _before(workspace: Workspace, one: StoredRevision) -> str:
    """instanceID of the version that this one corrects, "" for a first or where it is not held: a server that never saw
    it would refuse a deprecatedID, so it is said in the list alone."""
    parent = workspace.revision(one.parents[0]) if one.parents else None
    return read_submission(workspace.object(parent.answers)).instance_id if parent is not None else ""


def _csv(lines: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADS)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode("utf-8-sig")
