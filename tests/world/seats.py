"""Somebody at a workspace, without a task: all that the outbox asks of a desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cunbao.desks.story.demo import StoryClock
from cunbao.desks.views import Person
from cunbao.store import Workspace
from cunbao.survey.values import Office
from world.desk import a_clock


@dataclass
class BareSeat:
    workspace: Workspace
    office: Office
    clock: StoryClock
    person: Person = field(default_factory=lambda: Person("岩温", "填报人"))
    read_only: bool = False

    def journal(self, act: str, **detail: object) -> None:
        self.workspace.journal(act, self.person.name, detail, now=self.clock())

    def close(self, *, backed_up: bool = False) -> None:
        self.workspace.close(now=self.clock())


def a_seat(folder: Path, code: str, kind: str) -> BareSeat:
    clock = a_clock(2025, 12, 15, 7)
    workspace = Workspace.create(folder, secrets.token_bytes(32), kind=kind, now=clock())
    return BareSeat(workspace, Office(code, f"样例{code}"), clock)
