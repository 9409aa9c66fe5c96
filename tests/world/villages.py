"""Villages in memory: the built-in task, the sample's offices filled through real instances, nothing on a disk."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path

from cunbao.survey.checks import Facts, check
from cunbao.survey.instance import Instance
from cunbao.survey.resources import forms_path
from cunbao.survey.sample import SampleError, sample_answers, sample_office, sample_ret
from cunbao.survey.task import Task, load_task
from cunbao.survey.values import EMPTY, Answers, Cell, Env, Finding, Office, Ret
from world.task import TASK, cut_task

TODAY = date(2025, 12, 15)


@cache
def the_task() -> Task:
    return load_task(forms_path(TASK), sample=True)


@cache
def the_five_forms() -> Task:
    """The same with five of its forms."""
    with tempfile.TemporaryDirectory(prefix="cunbao-five-") as place:
        return load_task(cut_task(Path(place) / "task"), sample=True)


def task_of(period: str, level: str = "village") -> Task:
    """What villages see of the task, or townships; of another year, as the demo signs last year's returns."""
    task = the_task().at(level)
    return task if period == task.period else replace(task, period=period, ref_date=date(int(period), 12, 31))


@dataclass
class Village:
    """One office with its forms open."""

    task: Task
    office: Office
    instances: dict[str, Instance]
    last: Mapping[str, Answers]
    ret: Ret

    def facts(self, **changes: object) -> Facts:
        facts = Facts(office=self.office, ret=self.ret, last=self.last, params=self.task.params, sample=True)
        return replace(facts, **changes)  # type: ignore[arg-type]

    def findings(self, **changes: object) -> tuple[Finding, ...]:
        return check(self.task, self.instances, self.facts(**changes))

    def types(self, form: str, field: str, text: str, *, row: int = 0) -> Village:
        """row: 0 for a field outside rosters, else the row's number from 1."""
        instance = self.instances[form]
        repeat = next((one.name for one in instance.form.repeats if any(c.name == field for c in one.fields)), "")
        instance.set(Cell(field, instance.rows(repeat)[row - 1] if row else ""), text)
        self.spread()
        return self

    def slips(self, error: SampleError) -> None:
        self.instances[error.form].set(error.cell, error.wrong)
        self.spread()

    def corrects(self, error: SampleError) -> None:
        self.instances[error.form].set(error.cell, error.right)
        self.spread()

    def spread(self) -> None:
        for instance in self.instances.values():
            instance.refresh(sources=sources(self.task, self.office, self.instances))

    def signed(self) -> dict[str, Answers]:
        return {name: instance.answers(signed=True) for name, instance in self.instances.items()}


def sources(task: Task, office: Office, instances: Mapping[str, Instance]) -> dict[str, Answers]:
    return {
        "OFFICE": Answers({"code": office.code, "name": office.name, "kind": office.kind, "ur_class": office.ur_class}),
        "PACK": Answers({"ref_date": task.ref_date.isoformat(), "period": task.period}),
        "PARAM": Answers({name: str(value) for name, value in task.params.items()}),
        **{name: one.answers() for name, one in instances.items()},
    }


def a_village(code: str, *, period: str = "2025", last: bool = True) -> Village:
    """A sample village with every form filled, or a township with its own."""
    office = sample_office(code)
    task = task_of(period, office.level)
    before = dict(last_year(code)) if last and period == the_task().period else {}
    typed = sample_answers(the_task(), code, period)
    numbers = count(1)
    env = Env(today=TODAY.replace(year=int(period)), new_id=lambda: f"new-{next(numbers)}")
    instances: dict[str, Instance] = {}
    for name, form in task.forms.items():
        instances[name] = Instance(
            form, env, answers=typed.get(name, EMPTY), sources=sources(task, office, instances), last=before.get(name)
        )
    return Village(task, office, instances, before, sample_ret(the_task(), code, f"{period}-12-15"))


@cache
def last_year(code: str) -> Mapping[str, Answers]:
    return a_village(code, period=the_task().previous_period, last=False).signed()


def must_fix(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{one.form} {one.check} {one.message}" for one in findings if one.severity.name == "MUST_FIX"]
