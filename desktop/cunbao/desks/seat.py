"""What every open desk has, whichever level it is: the acts that all desks share are written against this."""

from __future__ import annotations

from typing import Protocol

from cunbao.desks.clock import Clock
from cunbao.desks.views import Person
from cunbao.store import Workspace
from cunbao.survey.values import Office


class Seat(Protocol):
    """An unlocked workspace with somebody at it."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def office(self) -> Office: ...
    @property
    def person(self) -> Person: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def read_only(self) -> bool: ...
    def journal(self, act: str, **detail: object) -> None: ...
    def close(self, *, backed_up: bool = False) -> None: ...
