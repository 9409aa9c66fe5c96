"""曼蚌村会看到: what the next receipt tells one village, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import ReceiptLine
from cunbao.ui.kit.panel import Icon, Line, SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

MOST_PLACES = 8  # of comments that are named one by one


class SeenCard(SideCard):
    """曼蚌村会看到: the receipt of the village that is looked at, line by line."""

    def __init__(self) -> None:
        super().__init__("", "eye")
        self.body.setSpacing(8)

    def show_line(self, line: ReceiptLine) -> None:
        self.title.setText(f"{line.name}会看到")
        while (item := self.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for icon, words, more in line.lines:
            self.body.addWidget(_seen(icon, words, more))
        if not line.lines:
            self.body.addWidget(Text(line.inside or "没有新内容", tone="text_2", lines=0))
        if not line.on_paper and not line.why_not:
            self.body.addWidget(Line())
            self.body.addWidget(Text(line.file_name, "small", "text_2"))


def _seen(icon: str, words: str, more: Sequence[str]) -> QWidget:
    shown = QWidget()
    parts = row(shown, 8)
    tone = {"check-circle": "ok", "return": look.state("returned").fg, "alert": "warn"}.get(icon, "text_2")
    held = column(margins=(0, 4, 0, 0))
    held.addWidget(Icon(icon, tone, 16))
    held.addStretch(1)
    parts.addLayout(held)
    said = column(gap=0)
    said.addWidget(Text(words, lines=2))
    for one in more[:MOST_PLACES]:
        said.addWidget(Text(one, "small", lines=2))
    if len(more) > MOST_PLACES:
        said.addWidget(Text(f"还有 {len(more) - MOST_PLACES} 处", "small", "text_2"))
    parts.addLayout(said, 1)
    return shown
