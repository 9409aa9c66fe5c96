"""A clerk at the filling screens of a real desk: goes to cells, types with the keyboard, waits for the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.values import Cell
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.screens.form import FormScreen
from cunbao.ui.screens.paste import PasteScreen
from cunbao.ui.screens.roweditor import RowScreen
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.hands import types_chinese

Key = Qt.Key


@dataclass
class Clerk:
    """One window over one desk."""

    bot: QtBot
    desk: VillageDesk
    window: Shell

    # --- where he is ---------------------------------------------------------------------------------------------

    @property
    def form(self) -> FormScreen:
        assert isinstance(self.window.screen_here, FormScreen)
        return self.window.screen_here

    @property
    def row(self) -> RowScreen:
        assert isinstance(self.window.screen_here, RowScreen)
        return self.window.screen_here

    @property
    def paste(self) -> PasteScreen:
        assert isinstance(self.window.screen_here, PasteScreen)
        return self.window.screen_here

    @property
    def focus(self) -> QWidget:
        here = QApplication.focusWidget()
        assert here is not None
        return here

    def cell(self, form: str, name: str, row: int = 0) -> Cell:
        """row: 0 outside rosters, else its number from 1."""
        instance = self.desk.instance(form)
        repeat = self.desk.task.forms[form].field(name).repeat
        return Cell(name, instance.rows(repeat)[row - 1] if row else "")

    def text(self, form: str, name: str, row: int = 0) -> str:
        return self.desk.instance(form).text(self.cell(form, name, row))

    def on_disk(self, form: str, name: str, row: int = 0) -> str:
        """What the draft holds when it is read anew."""
        self.saved()
        cell = self.cell(form, name, row)
        answers = self.desk.workspace.draft(self.desk.key(form)).answers
        if not cell.row:
            return answers.values.get(name, "")
        found = [one for rows in answers.rows.values() for one in rows if one.id == cell.row]
        return found[0].values.get(name, "") if found else ""

    # --- what he does --------------------------------------------------------------------------------------------

    def goes(self, form: str, name: str = "", row: int = 0, section: int | None = None) -> Clerk:
        where: dict[str, Any] = {"section": section} if section is not None else {}
        if name:
            where["cell"] = self.cell(form, name, row)
        self.window.go("form", form=form, **where)
        return self

    def types(self, text: str) -> Clerk:
        if text.isascii():
            QTest.keyClicks(self.focus, text)
        else:
            types_chinese(self.focus, text)
        return self

    def presses(self, *keys: Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Clerk:
        for key in keys:
            QTest.keyClick(self.focus, key, held)
        return self

    def with_ctrl(self, *keys: Key) -> Clerk:
        return self.presses(*keys, held=Qt.KeyboardModifier.ControlModifier)

    def saved(self) -> Clerk:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=10_000)
        return self

    def answers(self, key: str, act: Callable[[], object]) -> Clerk:
        """Do something that asks, at once or when a job is done, and press the button `key` of the dialog."""

        def press() -> None:
            dialog = self.window.findChild(Dialog)
            if dialog is None or not dialog.isVisible():
                QTimer.singleShot(20, self.window, press)
                return
            dialog.box.buttons[key].click()

        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, self.window, press)
        act()
        return self


def a_clerk(bot: QtBot, show: Callable[..., QWidget], desk: VillageDesk) -> Clerk:
    window = Shell(Village(), asks_to_close=False)
    window.open_desk(desk)
    show(window, 1366, 696)
    return Clerk(bot, desk, window)
