"""Ways to go on: the next step with its filled button, and a card that is a button as a whole (first window)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cunbao.ui.kit import icons
from cunbao.ui.kit.buttons import Button, cap_width, paint_cap
from cunbao.ui.kit.panel import Card, Icon, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

LEAST_WITH_CAP = 380  # width of an action card at 100 % from which its key is shown


class NextCard(Card):
    """下一步: a small word, the step in bold, one line why, and the filled button of the screen."""

    go = Signal()

    def __init__(self, title: str, line: str, button: str, *, key: str = "Enter", short: bool = False) -> None:
        super().__init__(accent="accent")
        inner = QWidget()
        parts = row(inner, 16, (20 if not short else 22, 15, 20, 15))
        words = column(gap=0)
        if not short:
            words.addWidget(Text("下一步", "small", "text_2"))
        self.title = Text(f"下一步：{title}" if short else title, "lead", bold=True, lines=2)
        words.addWidget(self.title)
        self.line_text = Text(line, tone="text_2", lines=2)
        words.addWidget(self.line_text)
        parts.addLayout(words, 1)
        self.button = Button(button, kind="filled", size="large", key=key)
        show_if(self.button, bool(button))
        self.button.clicked.connect(self.go.emit)
        parts.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.add(inner)


class ActionCard(Card):
    """A way to begin: icon, bold title, one small line, a key cap and an arrow. The whole card is the button."""

    go = Signal()

    def __init__(self, icon: str, title: str, line: str, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._key, self._over = key, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{title}，{line}")
        inner = QWidget()
        self._parts: QHBoxLayout = row(inner, 18, (18, 14, 18, 14))
        self._parts.addWidget(Icon(icon, "accent", 22))
        words = column(gap=0)
        words.addWidget(Text(title, "lead", bold=True))
        words.addWidget(Text(line, "small", "text_2"))
        self._parts.addLayout(words, 1)
        self.add(inner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_parts"):
            right = 18 + look.control("icon") + (16 + cap_width(self._key) if self._capped() else 0)
            self._parts.setContentsMargins(18, 14, right, 14)

    def _capped(self) -> bool:
        """Is there room for the key cap? The words come first."""
        return bool(self._key) and self.width() >= look.px(LEAST_WITH_CAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.restyle()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the release does it

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.go.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.go.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.set_colors(line="focus", width=2)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.set_colors(line="line", width=0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.ground = "surface_hover" if self.underMouse() else "surface"
        super().paintEvent(event)
        painter, side = QPainter(self), look.control("icon")
        x, middle = self.width() - 16 - side, self.height() // 2
        icons.paint(painter, "chev-r", x, middle - side // 2, side, "text")
        if self._capped():
            paint_cap(painter, x - 16 - cap_width(self._key), middle, self._key, "text_2", "line_strong", "surface")
