"""Waiting for a printer: until it has done with a document, and not for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtPrintSupport import QPrinter

from cunbao.progress import Cancel
from cunbao.ui import printrun

State = QPrinter.PrinterState


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printrun, "LOOK", 0.0)
    monkeypatch.setattr(printrun, "STARTS", 0.0)


def saying(*states: State) -> Callable[[], State]:
    """A printer that says this, one look after the other, and the last of it for ever."""
    left = list(states)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_it_is_waited_for_while_it_prints() -> None:
    states = [State.Active, State.Active, State.Active, State.Idle]
    assert printrun.wait(lambda: states.pop(0), Cancel()) == "" and states == []


def test_a_printer_that_stops_is_not_waited_for() -> None:
    assert "卡纸" in printrun.wait(saying(State.Active, State.Error), Cancel())


def test_whoever_wants_to_stop_may_while_it_prints() -> None:
    cancel = Cancel()
    cancel.ask()
    assert printrun.wait(saying(State.Active), cancel) == "您按了停下"


def test_nothing_is_waited_for_longer_than_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printrun, "PATIENCE", -1.0)
    assert "十分钟" in printrun.wait(saying(State.Active), Cancel())
