"""A restored township in a real window: the first decision asks for the county's newest receipt, in one dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cunbao.desks import media, receiving, restored
from cunbao.desks.township import deciding
from cunbao.store import RESTORED
from cunbao.survey.states import ReturnState
from cunbao.ui.screens.receive import ReceiveScreen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from world.desk import MANBANG, a_town_desk, bundle_file


def test_the_first_decision_after_a_restore_asks_for_the_county_s_receipt(  # type: ignore[no-untyped-def]
    show, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "sticks", lambda: ())
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    of = desk.clock().isoformat()
    desk.workspace.set_setting(RESTORED, {"at": of, "state_of": of, "lost_epoch": "a"})
    shell = Shell(Township(), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(desk)
    told: list[str] = []

    def decides(answer: str) -> None:
        shell.ask = lambda box, **more: told.append(box.accessibleName()) or answer  # type: ignore[method-assign]
        shell.run_job(lambda progress, cancel: deciding.accept(desk, MANBANG, "B01"), title="通过")
        qtbot.waitUntil(lambda: shell.jobs.idle, timeout=30_000)

    decides("later")
    assert told == ["签决定前，先读县里最新的回执"] and restored.asks(desk) is not None
    decides("receipt")
    assert isinstance(shell.screen_here, ReceiveScreen)
    decides("none")
    qtbot.waitUntil(lambda: restored.asks(desk) is None, timeout=30_000)
    assert desk.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED
    decides("never asked")
    assert len(told) == 3 and desk.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    shell.jobs.stop()
    desk.close()
