"""Text on a screen: a label with the line heights of the tokens, cut with … or wrapped, never cut off at the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from cunbao.ui.kit.fonts import cover
from cunbao.ui.kit.tokens import look

Run = tuple[str, bool, str]  # text, bold, tone ("" = the label's own)


class Text(QLabel):
    """One piece of text in a role (small, base, lead, title, display) and a tone (a colour token).

    lines=1: one line, cut with … and shown whole in the tooltip. lines=0: wraps as long as needed; lines=2: wraps to
    two lines and is cut there. `tabular` text needs no more: digits of Noto Sans are of one width.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "base",
        tone: str = "text",
        *,
        bold: bool = False,
        lines: int = 1,
        align: str = "left",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role, self._tone, self._bold, self._lines, self._align = role, tone, bold, lines, align
        self._runs: tuple[Run, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        across = QSizePolicy.Policy.Preferred
        policy = QSizePolicy(across, QSizePolicy.Policy.Fixed if lines == 1 else QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(lines != 1)
        self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:
        if text == self.text() and not self._runs:
            return
        self._runs = ()
        cover(text)
        super().setText(text)
        self.updateGeometry()

    def set_runs(self, runs: Sequence[Run]) -> None:
        """Pieces of different weight or tone in one line."""
        self._runs = tuple(runs)
        text = "".join(piece for piece, _, _ in runs)
        cover(text)
        super().setText(text)
        self.updateGeometry()
        self.update()

    def set_tone(self, tone: str, *, bold: bool | None = None) -> None:
        self._tone = tone
        self._bold = self._bold if bold is None else bold
        self.updateGeometry()
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        if self._lines == 1:
            return QSize(look.px(12), look.line_height(self._role))
        return QSize(look.px(60), look.line_height(self._role))

    def sizeHint(self) -> QSize:
        layout, _ = self._layout(math.inf)  # kept by name: its lines die with it
        width = math.ceil(layout.lineAt(0).naturalTextWidth()) if self.text() else 0
        if self._lines == 1:
            return QSize(width, look.line_height(self._role))
        width = min(width, look.px(520))
        return QSize(width, self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        return self._lines != 1

    def heightForWidth(self, width: int) -> int:
        if self._lines == 1:
            return look.line_height(self._role)
        count = self._layout(width)[0].lineCount() if self.text() else 1
        if self._lines:
            count = min(count, self._lines)
        return max(1, count) * look.line_height(self._role)

    @property
    def is_cut(self) -> bool:
        """Whether … stands for a part of the text at the width it has now."""
        if self._lines == 0:
            return False
        layout, _ = self._layout(self.width() if self._lines > 1 else math.inf)
        if self._lines > 1:
            return layout.lineCount() > self._lines
        return bool(layout.lineCount()) and layout.lineAt(0).naturalTextWidth() > self.width() + 0.5

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(look.color(self._tone if self.isEnabled() else "text_disabled"))
        step = look.line_height(self._role)
        font = look.font(self._role, self._bold)
        metrics = QFontMetricsF(font)
        if self.is_cut:
            self._paint_cut(painter, step)
        else:
            layout, _ = self._layout(self.width() if self._lines != 1 else math.inf)
            top = (self.height() - step * max(1, layout.lineCount())) / 2
            for number in range(layout.lineCount()):
                line = layout.lineAt(number)
                x = {"left": 0.0, "right": self.width() - line.naturalTextWidth()}.get(
                    self._align, (self.width() - line.naturalTextWidth()) / 2
                )
                line.draw(
                    painter, QPointF(x, top + number * step + (step - metrics.height()) / 2 - look.lift(self._role))
                )
        if self.toolTip() != (self.text() if self.is_cut else self.property("hint") or ""):
            self.setToolTip(self.text() if self.is_cut else self.property("hint") or "")

    def _paint_cut(self, painter: QPainter, step: int) -> None:
        font = look.font(self._role, self._bold)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        text, top = self.text(), (self.height() - step * self._lines) / 2
        if self._lines > 1:
            layout, _ = self._layout(self.width())
            for number in range(self._lines - 1):
                layout.lineAt(number).draw(
                    painter, QPointF(0, top + number * step + (step - metrics.height()) / 2 - look.lift(self._role))
                )
            text = text[layout.lineAt(self._lines - 1).textStart() :]
            top += step * (self._lines - 1)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(
            QPointF(0, top + (step - metrics.height()) / 2 + metrics.ascent() - look.lift(self._role)), shown
        )

    def _layout(self, width: float) -> tuple[QTextLayout, float]:
        layout = QTextLayout(self.text().replace("\n", "\u2028"), look.font(self._role, self._bold))
        option = QTextOption()
        wrap = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if self._lines != 1 else QTextOption.WrapMode.NoWrap
        option.setWrapMode(wrap)
        layout.setTextOption(option)
        if self._runs:
            layout.setFormats(self._formats())
        room = 1e6 if math.isinf(width) else max(1.0, float(width))
        layout.beginLayout()
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(room)
            line.setPosition(QPointF(0, 0))
        layout.endLayout()
        return layout, room

    def _formats(self) -> list[QTextLayout.FormatRange]:
        made: list[Any] = []  # Qt's stubs do not know the members of FormatRange
        start = 0
        for piece, bold, tone in self._runs:
            part: Any = QTextLayout.FormatRange()
            part.start, part.length = start, len(piece)
            ink = QTextCharFormat()
            ink.setFont(look.font(self._role, bold))
            if tone:
                ink.setForeground(look.color(tone))
            part.format = ink
            made.append(part)
            start += len(piece)
        return made
