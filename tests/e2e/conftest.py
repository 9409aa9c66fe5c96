"""Stories in a real window: on the display that `dev.py test` brings (Xvfb), offscreen without one."""

from __future__ import annotations

import os
import sys

import pytest

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the offscreen platform says of windows with a least size and of open lists; a real display is silent."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))
