"""A window for each test: offscreen unless a display is there, at 100 % and light unless the test says otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import pytest

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.ui.kit import style

Show = Callable[[QWidget], QWidget]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says this of every window with a least size; on a real display nobody does."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture(autouse=True)
def plain_look(qapp: QApplication) -> Iterator[None]:
    style.apply(qapp, 1.0, False)
    yield
    style.apply(qapp, 1.0, False)


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Show a widget as a window of its own, active, and wait until it is painted."""

    windows: list[QWidget] = []  # Qt's own references do not keep a Python widget alive

    def shown(widget: QWidget, width: int = 1000, height: int = 600) -> QWidget:
        windows.append(widget)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        widget.activateWindow()
        qtbot.waitUntil(lambda: widget.isActiveWindow() and widget.isVisible())
        return widget

    return shown
