"""待发箱 in the settings of any desk: where it sends, and the way to its screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.shell import Shell


def outbox_card(shell: Shell) -> SideCard:
    from cunbao.desks import outboxview

    view = outboxview.outbox_view(shell.desk, most=0)
    card = SideCard("待发箱", "box-out")
    card.body.setContentsMargins(0, 0, 0, 0)
    shown = QWidget()
    parts = row(shown, 12, (16, 8, 16, 8))
    told = column()
    told.addWidget(Text(view.place or "有网络时，写好的包自己送出去", bold=True, lines=2))
    told.addWidget(Text(view.line, "small", "text_2", lines=2))
    parts.addLayout(told, 1)
    button = Button("打开待发箱" if view.place else "设待发箱", size="small", icon="jump")
    button.clicked.connect(lambda: shell.go("outbox"))
    parts.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    card.add(shown)
    return card
