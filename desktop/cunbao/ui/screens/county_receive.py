"""接收 of a county: what the townships send on, read file by file; nothing is decided by reading."""

from __future__ import annotations

from collections.abc import Sequence

from cunbao.desks.township.views import ReceiveView
from cunbao.ui.kit.style import show_if
from cunbao.ui.screens.receive import ReceiveScreen


class CountyReceive(ReceiveScreen):
    help = (
        "把乡镇送来的 U 盘、文件夹或文件拖进来，或按 Ctrl+O 选文件。每个文件单独验证、单独收下。",
        "没收下的文件原样留在原处，县里的数据一点不动。收下以后到“进度”看还缺谁。",
    )
    main_word = "看进度"

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Ctrl+O", "选文件"), ("↑↓", "选一行"), ("Ctrl+Enter", self.main_word))

    def go_on(self) -> bool:
        """Ctrl+Enter: to who is missing."""
        self.shell.go("progress")
        return True

    def _show(self, view: ReceiveView) -> None:
        super()._show(view)
        self.main.setText(self.main_word)
        show_if(self.main, not view.nothing_yet)
