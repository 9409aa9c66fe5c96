"""往年 in the county's settings: what can leave and why the rest stays, out into a folder, and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.desks import archiving
from cunbao.ui.county import County
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.text import Text
from cunbao.ui.shell import Shell
from ui.townhall import Answers
from world.county_returns import reopened_county
from world.desk import a_clock
from world.years import the_county_of_years

LONG = 60_000  # ms


@pytest.fixture
def shell(show: Any, tmp_path: Path) -> Iterator[Shell]:
    shutil.copytree(the_county_of_years(), tmp_path / "county")
    made = Shell(County(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(reopened_county(tmp_path / "county", clock=a_clock(2026, 1, 20, 1)))
    made.go("settings")
    yield made
    made.jobs.stop()
    made.desk.close()


def buttons(shell: Shell) -> dict[str, Button]:
    found = shell.screen_here.findChildren(Button)
    return {one.accessibleName(): one for one in found if one.accessibleName().endswith(("移出", "移回"))}


def said(shell: Shell) -> str:
    return "\n".join(one.text() for one in shell.screen_here.findChildren(Text))


def test_only_closed_years_that_nobody_reads_can_leave(shell: Shell) -> None:
    assert list(buttons(shell)) == ["2024 年度移出", "2023 年度移出"]
    assert "还没有封账，不能移出" in said(shell) and "2026 年度填报时的上期数，不能移出" in said(shell)


def test_a_year_leaves_into_a_folder_and_comes_back(
    shell: Shell, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs = Answers(shell)
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    dialogs.press("out", "ok")
    buttons(shell)["2023 年度移出"].click()
    qtbot.waitUntil(lambda: "2023 年度移回" in buttons(shell), timeout=LONG)
    (path,) = folder.iterdir()
    assert f"在文件 {path.name} 里" in said(shell)
    assert archiving.held_periods(shell.desk.workspace) == ("2024", "2025", "2026")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    buttons(shell)["2023 年度移回"].click()
    qtbot.waitUntil(lambda: archiving.held_periods(shell.desk.workspace)[0] == "2023", timeout=LONG)
    qtbot.waitUntil(lambda: shell.jobs.idle and "2023 年度移回" not in buttons(shell), timeout=LONG)
    assert list(buttons(shell)) == ["2024 年度移出", "2023 年度移出"]
    assert path.is_file() and QApplication.focusWidget() is not None
