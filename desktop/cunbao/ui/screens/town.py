"""What the township's pages have in common: they flow where the window is narrow, and Esc leads to the board."""

from __future__ import annotations

from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen


class TownScreen(Screen):
    @property
    def to_edge(self) -> bool:
        return look.narrow

    def back(self) -> bool:
        self.shell.go(self.shell.face.home)
        return True
