"""导出数据集 in the county's window: by keys, into the chosen folder; people's data only after the password."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.desks.county import dataset, indicators
from cunbao.errors import TrustError
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.screens.dataset import Wishes, dataset_box
from cunbao.ui.screens.indicators import IndicatorsScreen
from cunbao.ui.shell import Shell
from ui.county_views import CountyStandIn
from ui.countyhall import SomeCounty, settled
from ui.townhall import Answers
from world.indicators import board_view

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def written() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def shell(show: Any, written: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    def export(desk: Any, folder: Path, **how: Any) -> Any:
        if how.get("personal") and how["password"] != "对的":
            raise TrustError("password.wrong", happened="密码不对", safe="没有导出", todo="再输一次")
        written.append({"folder": folder, **{key: how[key] for key in ("formats", "personal") if key in how}})
        periods = (
            SimpleNamespace(period="2024", closed=True, returns=620),
            SimpleNamespace(period="2025", closed=False, returns=552),
        )
        return SimpleNamespace(folder=folder, periods=periods)

    monkeypatch.setattr(indicators, "board", lambda desk, plan="", *, received=False: board_view())
    monkeypatch.setattr(indicators, "must_measure", lambda desk: False)
    monkeypatch.setattr(dataset, "export", export)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *asked: str(tmp_path / "数据集"))
    made = Shell(SomeCounty("indicators"), asks_to_close=False)
    show(made, 1366, 696)
    desk = CountyStandIn()
    desk.given.period_title = "2025年度"
    desk.task = desk.given  # type: ignore[attr-defined]
    made.open_desk(desk)
    made.go("indicators")
    settled(made)
    return made


def note(shell: Shell) -> str:
    screen = shell.screen_here
    assert isinstance(screen, IndicatorsScreen)
    return screen.note.text.text()


def test_by_keys_as_csv_without_people(
    shell: Shell, written: list[dict[str, Any]], qtbot: QtBot, tmp_path: Path
) -> None:
    answers = Answers(shell.window())

    def choose(dialog: Any) -> None:
        target = QApplication.focusWidget()
        assert target is not None and target.accessibleName().startswith("文件格式")
        qtbot.keyClick(target, Qt.Key.Key_Down)
        dialog.box.buttons["go"].click()

    answers.act(choose)
    here = QApplication.focusWidget()
    assert here is not None
    qtbot.keyClick(here, Qt.Key.Key_D, CONTROL)
    qtbot.waitUntil(lambda: "1172 张报表，2025 还没有封账" in note(shell))
    assert written == [{"folder": tmp_path / "数据集", "formats": ("csv",)}]
    assert answers.titles == ["导出数据集"]


def test_with_people_only_after_the_right_password(shell: Shell, written: list[dict[str, Any]], qtbot: QtBot) -> None:
    answers = Answers(shell.window())

    def wants_people(dialog: Any) -> None:
        dialog.box.findChild(Wishes).people.choose("with")
        dialog.box.buttons["go"].click()

    def types(words: str) -> Any:
        def act(dialog: Any) -> None:
            field = dialog.box.findChild(PasswordField)
            qtbot.keyClicks(field.edit, words)
            dialog.box.buttons["act"].click()

        return act

    for act in (wants_people, types("wrong"), lambda dialog: dialog.box.buttons["stay"].click()):
        answers.act(act)
    screen = shell.screen_here
    assert isinstance(screen, IndicatorsScreen)
    screen.ask_dataset()
    qtbot.waitUntil(lambda: len(answers.titles) == 3)
    assert written == [] and answers.titles[1:] == ["含个人信息导出？"] * 2

    def paste(dialog: Any) -> None:
        dialog.box.findChild(PasswordField).edit.setText("对的")
        dialog.box.buttons["act"].click()

    answers.act(wants_people)
    answers.act(paste)
    screen.ask_dataset()
    qtbot.waitUntil(lambda: bool(written))
    assert written[0]["personal"] is True and written[0]["formats"] == ("parquet",)


@pytest.mark.parametrize("narrow", [(1366, 696), (1093, 560)])
def test_the_question_fits_the_window(show: Any, shell: Shell, narrow: tuple[int, int]) -> None:
    shell.window().resize(*narrow)
    wishes = Wishes()
    box = dataset_box(shell, wishes)
    box.setParent(shell.window())
    box.show()
    assert box.sizeHint().width() <= narrow[0] and box.heightForWidth(box.sizeHint().width()) <= narrow[1]
    assert wishes.format.current() == "parquet" and wishes.people.current() == "without"
    box.hide()
