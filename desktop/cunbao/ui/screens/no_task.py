"""What a screen shows before the first task pack: why it is empty, and the way to what brings or makes one."""

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
COUNTY_WORDS = "还没有签发过任务包，这里没有内容。先定好单位名录，再做任务包、签发给各乡镇和村。"


class NoTask(Screen):
    """Stands for the screen of that name until there is a task."""

    def __init__(self, shell: Shell, name: str, *, county: bool = False) -> None:
        super().__init__(shell)
        self.nav = name
        words, self._word = (COUNTY_WORDS, "去做任务包") if county else (WORDS, "去设置")
        self._place = "tasks" if county and "tasks" in shell.face.SCREENS else "settings"
        self.help = (words,)
        card = Card()
        self.button = Button(self._word, kind="filled", icon="package" if county else "settings")
        self.button.clicked.connect(lambda: self.shell.go(self._place))
        card.add(EmptyState(words, self.button))
        box = column(self)
        box.addWidget(card)
        box.addStretch(1)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Enter", self._word),)

    def first_focus(self) -> None:
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        self.shell.go(self._place)
        return True
