"""Long work beside the window: what must never happen on the worker."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.ui.jobs import Jobs

MOST = 20_000_000  # cycles made before a job gives up


@pytest.fixture
def collected() -> Iterator[list[str]]:
    """The threads on which Python collected garbage, in order."""
    seen: list[str] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            seen.append(threading.current_thread().name)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs(qapp)
    yield made
    made.stop()


def test_garbage_of_long_work_is_collected_and_never_on_the_worker(
    jobs: Jobs, collected: list[str], qtbot: QtBot
) -> None:
    """Widgets of the window lie among it; one that is destroyed by the worker ends the program."""
    mine = threading.current_thread().name

    def work(progress: object, cancel: object) -> int:
        for made in range(MOST):
            cycle: list[object] = []
            cycle.append(cycle)
            if made % 10_000 == 0 and mine in collected:
                return made
        return MOST

    told: list[int] = []
    gc.collect()
    collected.clear()
    jobs.start(work, done=told.append)
    qtbot.waitUntil(lambda: jobs.idle, timeout=60_000)
    assert told[0] < MOST and set(collected) == {mine}
    assert gc.isenabled()


def test_two_windows_at_work_leave_collecting_as_it_was(qapp: QApplication, qtbot: QtBot) -> None:
    first, second = Jobs(qapp), Jobs(qapp)
    held = threading.Event()
    first.start(lambda progress, cancel: held.wait(30))
    second.start(lambda progress, cancel: None)
    qtbot.waitUntil(lambda: second.idle)
    assert not gc.isenabled()
    held.set()
    first.stop()
    assert gc.isenabled()
    second.stop()
