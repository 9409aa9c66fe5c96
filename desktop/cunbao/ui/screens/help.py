"""F1: what this screen is for, the keys that work here, and the keys that work everywhere."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cunbao.ui.face import Face
from cunbao.ui.kit.buttons import Keys
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import Line, column
from cunbao.ui.kit.text import Text
from cunbao.ui.screen import Screen

FIRST = (
    "没有任务包时，找乡镇社会事务办拷一份，文件名以 .cbtask 结尾。",
    "想先练一练，按 Ctrl+L 打开样例，里面的数字都是编的。",
)


def help_box(screen: Screen | None, face: Face) -> DialogBox:
    """The dialog of F1 for a screen of the frame, or for the first window."""
    body = QWidget()
    box = column(body, 8)
    for sentence in (screen.help if screen is not None else FIRST) or ():
        box.addWidget(Text(sentence, lines=0))
    if screen is not None and screen.keys():
        box.addWidget(Keys(tuple(screen.keys())))
    box.addWidget(Line())
    for keys in face.help_keys:
        box.addWidget(Keys(keys))
    return DialogBox(
        "帮助", "", "", "", (Choice("close", face.help_close),), icon="help", tone="accent", body=body,
    )  # fmt: skip
