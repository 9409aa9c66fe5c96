"""核对单 in the village's settings: printed while this computer waits to be approved, and not offered afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.ui.kit import style
from cunbao.ui.screens import preview as preview_screen
from cunbao.ui.screens.settings import Settings
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from world.desk import begun, enrol


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_control_p_shows_the_slip_until_the_computer_is_approved(
    show: Any, qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scale: float
) -> None:
    shown: list[bytes] = []
    monkeypatch.setattr(preview_screen, "show_preview", lambda shell, title, data, line="": shown.append(data))
    style.apply(qapp, scale, False)
    desk = begun(tmp_path / "village")
    shell = Shell(Village(), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(desk)
    here = shell.go("settings")
    assert isinstance(here, Settings) and here.slip is not None
    assert here.slip.width() >= here.slip.sizeHint().width()
    qtbot.keyClick(QApplication.focusWidget() or shell, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(shown), timeout=60_000)
    assert shown[0].startswith(b"%PDF")
    enrol(desk)
    here.refresh()
    assert here.slip is None and not here.preview()
    shell.jobs.stop()
    desk.close()
