"""Progress and cancelling for long work. The floor: imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from cunbao.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; `step` names the one at hand in the user's words."""

    done: int
    total: int
    step: str


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A Report that nobody looks at."""


class Cancel:
    """A wish to stop, looked at only between transactions."""

    def __init__(self) -> None:
        self._event = Event()

    def ask(self) -> None:
        self._event.set()

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises Cancelled when the user has asked to stop."""
        if self._event.is_set():
            raise Cancelled
