"""What tests of the window do with their hands: listen to a signal, type Chinese."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget


def said(signal: Any) -> list[Any]:
    """Everything a signal says from now on; one value bare, several as a tuple."""
    heard: list[Any] = []
    signal.connect(lambda *values: heard.append(values[0] if len(values) == 1 else values))
    return heard


def types_chinese(edit: QWidget, text: str) -> None:
    """Text as an input method commits it; QTest's key clicks know Latin letters only."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(edit, event)
