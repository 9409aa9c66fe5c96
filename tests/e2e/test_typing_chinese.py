"""The clerk types Chinese through the system's own input method, as on any office machine."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from world.keyboard import a_pinyin_keyboard

# One field of the kit in a window of its own process: Qt picks its input method when a program starts.
WINDOW = """
import json
from PySide6.QtWidgets import QApplication
app = QApplication(["cunbao"])
from cunbao.ui.kit.fields import FieldBox
field = FieldBox(name="姓名")
tell = lambda what: print(json.dumps({what: field.text()}), flush=True)
field.entered.connect(lambda: tell("focus"))
field.next.connect(lambda step: tell("text"))
field.resize(400, 48)
field.show()
field.activateWindow()
field.setFocus()
app.exec()
"""


@pytest.fixture
def keyboard():
    # not under pytest's folders: the path of a socket may have 107 bytes, and a longer one leaves the keyboard dumb
    with tempfile.TemporaryDirectory(prefix="cunbao-") as folder, a_pinyin_keyboard(Path(folder)) as keyboard:
        yield keyboard


@pytest.fixture
def window(keyboard):
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW], env=keyboard.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert json.loads(process.stdout.readline()) == {"focus": ""}
        yield process
        process.terminate()


def test_the_clerk_types_the_towns_name_by_pinyin(keyboard, window):
    def entered() -> str:
        return json.loads(window.stdout.readline())["text"]

    assert keyboard.type_character("meng", "勐", entered) == "勐"
    assert keyboard.type_character("hun", "混", entered) == "勐混"
