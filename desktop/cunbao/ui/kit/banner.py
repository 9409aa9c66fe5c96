"""Banner (info, ok, warn, error, returned) and the empty state. Two banners on a screen at most, one button each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Card, Icon, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

ICONS = {"info": "info", "ok": "check-circle", "warn": "alert", "error": "alert-circle", "returned": "return"}


class Banner(Card):
    """Icon, one bold sentence, an optional second one, and at most one button (any `Button`) at the right.

    tone: info, ok, warn, error, returned. lead=True: the sentence in 17 px. detail: technical text that 详情 folds out.
    """

    def __init__(
        self,
        tone: str,
        title: str,
        line: str = "",
        *,
        button: QWidget | None = None,
        icon: str = "",
        lead: bool = False,
        bold: bool = True,
        detail: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(radius="control", parent=parent)
        inner = QWidget()
        self._row = row(inner, 16, (18, 8, 12, 8))
        self._icon = Icon(icon or ICONS[tone], tone if tone != "returned" else "text")
        self._row.addWidget(self._icon)
        words = column(gap=0)
        self.title = Text(title, "lead" if lead else "base", bold=bold, lines=2)
        words.addStretch(1)
        words.addWidget(self.title)
        self.line_text = Text(line, "base" if lead else "small", "text_2", lines=2)
        show_if(self.line_text, bool(line))
        words.addWidget(self.line_text)
        words.addStretch(1)
        self._row.addLayout(words, 1)
        self.button = button
        if button is not None:
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._more = Button("详情", kind="quiet", size="small")
        show_if(self._more, bool(detail))
        self._row.addWidget(self._more)
        self.add(inner)
        self._detail = Text(detail, "small", "text_2", lines=0)
        self._detail.setContentsMargins(0, 0, 0, 0)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail.hide()
        fold = QWidget()
        fold_row = row(fold, 0, (52, 0, 16, 8))
        fold_row.addWidget(self._detail)
        fold.hide()
        self.add(fold)
        self._more.clicked.connect(
            lambda: (fold.setVisible(not fold.isVisible()), self._detail.setVisible(fold.isVisible()))
        )
        self._tone = tone
        self.set_tone(tone, icon)

    def set_tone(self, tone: str, icon: str = "") -> None:
        self._tone = tone
        self._paint_tone(icon)

    def _paint_tone(self, icon: str = "") -> None:
        inks = look.state("returned") if self._tone == "returned" else look.tone(self._tone)
        self.set_colors(ground=inks.bg, line=inks.line, accent=inks.fg)
        self._icon.set(icon or ICONS[self._tone], inks.fg)
        self._icon_name = icon or ICONS[self._tone]

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_icon_name"):
            self._paint_tone(self._icon_name)

    def set_words(self, title: str, line: str = "") -> None:
        self.title.setText(title)
        self.line_text.setText(line)
        show_if(self.line_text, bool(line))


class EmptyState(QWidget):
    """One sentence why it is empty and the one button that fills it. No drawings."""

    def __init__(self, sentence: str, button: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = column(self, 16, (24, 32, 24, 32))
        box.addStretch(1)
        text = Text(sentence, tone="text_2", lines=0, align="center")
        box.addWidget(text)
        if button is not None:
            line = row()
            line.addStretch(1)
            line.addWidget(button)
            line.addStretch(1)
            box.addLayout(line)
        box.addStretch(1)
