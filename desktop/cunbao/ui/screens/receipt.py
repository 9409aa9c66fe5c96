"""回执: what the township answered. Until receipts can be read (township desk) it says where they come from."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.screen import Screen
from cunbao.ui.screens import certificate
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
        card.add(EmptyState("还没有回执。报送包交给乡镇后，把乡镇给的文件用 U 盘带回来。", back))
        card.add_line()
        foot = QWidget()
        line = row(foot, 12, (16, 10, 16, 10))
        line.addWidget(Text("现在能读乡镇核准的证书（.cbcert）；回执包要等下一版。", "small", "text_2", lines=2), 1)
        read = Button("读入乡镇给的文件", icon="inbox-in")
        read.clicked.connect(lambda: certificate.ask_and_take(shell, shell.refresh_frame))
        line.addWidget(read)
        card.add(foot)
        box.addWidget(card)
        box.addStretch(1)

    def keys(self) -> tuple[tuple[str, str], ...]:
        return (("Esc", "回到本期任务"), ("F1", "帮助"))

    def back(self) -> bool:
        self.shell.go("home")
        return True
