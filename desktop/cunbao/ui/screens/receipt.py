"""回执: what the township answered. Reading receipts comes with the township desk; until then this says where they come from."""

from __future__ import annotations

from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.screen import Screen
from cunbao.ui.shell import Shell


class Receipt(Screen):
    nav = "receipt"
    help = ("乡镇收下报送包后，会给一个回执文件，写着每张表通过还是退回。",)

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        box = column(self, 12)
        box.addWidget(PageHead("回执"))
        card = Card()
        back = Button("去看报送", icon="box-out")
        back.clicked.connect(lambda: shell.go("send"))
        card.add(EmptyState("还没有回执。报送包交给乡镇后，把乡镇给的回执文件用 U 盘带回来。", back))
        box.addWidget(card)
        box.addStretch(1)

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("Esc", "回到本期任务"), ("F1", "帮助"))

    def back(self) -> bool:
        self.shell.go("home")
        return True
