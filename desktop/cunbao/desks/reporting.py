"""Which offices report for a period: those of the directory on its reference day (基准日), not on today's.

A village that was new this year was not asked last year, and one that ended meanwhile was.
"""

from __future__ import annotations

from datetime import date

from cunbao.desks import packs
from cunbao.store import Workspace
from cunbao.survey.beneath import TOWN
from cunbao.survey.task import Task
from cunbao.survey.taskfile import TASK_FILE, read_toml
from cunbao.survey.values import Office

_YEAR = 4  # digits


def reference_day(workspace: Workspace, task: Task, period: str) -> date:
    """The day whose state a period asks for: as its own task pack says, where it is held; else the day of this task in
    that period's year."""
    if period == task.period:
        return task.ref_date
    pack = next((one for one in packs.periods(workspace) if one.period == period), None)
    said = _said_by(workspace, pack.sha256) if pack is not None else None
    return said or _same_day(task, period)


def offices(workspace: Workspace, task: Task, period: str) -> tuple[Office, ...]:
    """Townships and villages of the directory that report for the period, by code."""
    day = reference_day(workspace, task, period)
    return tuple(one for one in workspace.offices() if one.level != "county" and one.reports_on(day))


def villages_under(workspace: Workspace, task: Task, town: str, period: str) -> tuple[Office, ...]:
    """The villages of a township (its 12 digits) that report for the period, by code."""
    day = reference_day(workspace, task, period)
    found = workspace.offices(under=town[:TOWN])
    return tuple(one for one in found if one.level == "village" and one.reports_on(day))


def _said_by(workspace: Workspace, digest: str) -> date | None:
    if digest not in _DAYS:
        from cunbao.exchange.taskpack import read_taskpack

        said = read_toml(read_taskpack(workspace.object(digest)).files[TASK_FILE]).get("ref_date")
        _DAYS[digest] = said if isinstance(said, date) else None
    return _DAYS[digest]


_DAYS: dict[str, date | None] = {}  # by the pack's hash: packs never change


def _same_day(task: Task, period: str) -> date:
    here, there = task.period[:_YEAR], period[:_YEAR]
    if not (here.isdecimal() and there.isdecimal()):
        return task.ref_date
    year = task.ref_date.year + int(there) - int(here)
    leap = task.ref_date.month == 2 and task.ref_date.day == 29
    return task.ref_date.replace(year=year, day=28 if leap else task.ref_date.day)
