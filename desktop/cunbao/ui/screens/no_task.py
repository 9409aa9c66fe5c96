"""What every screen of a township shows before its first task pack: why it is empty, and the way to the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.screen import Screen

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

WORDS = "还没有任务包，这里没有内容。先到设置里读入县里的证书，再导入县里发的任务包。"


class NoTask(Screen):
    """Stands for the screen of that name until there is a task."""

    help = (WORDS,)

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__(shell)
        self.nav = name
        card = Card()
        self.button = Button("去设置", kind="filled", icon="settings")
        self.button.clicked.connect(lambda: self.shell.go("settings"))
        card.add(EmptyState(WORDS, self.button))
        box = column(self)
        box.addWidget(card)
        box.addStretch(1)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "去设置"),)

    def first_focus(self) -> None:
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        self.shell.go("settings")
        return True
