"""Tabs over a table, the chosen one underlined: 改动 6 · 检查 1 · 全部 24 格. The screen binds Ctrl+Tab (`step`)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

PAD, EDGE, BAR = 12, 8, 3


class Tabs(Styled):
    """[(key, word)]; `chosen(key)` on a click, Left and Right, or `step(±1)`, which goes round."""

    chosen = Signal(str)

    def __init__(
        self, tabs: Sequence[tuple[str, str]] = (), *, name: str = "分页", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self.tabs: tuple[tuple[str, str], ...] = ()
        self._at, self._over, self._name = 0, -1, name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_tabs(tabs)

    def set_tabs(self, tabs: Sequence[tuple[str, str]]) -> None:
        """Other words; what is chosen stays chosen."""
        here = self.current()
        self.tabs = tuple(tabs)
        self._at = next((n for n, (key, _) in enumerate(self.tabs) if key == here), 0)
        self._tell()
        self.updateGeometry()
        self.update()

    def current(self) -> str:
        return self.tabs[self._at][0] if self._at < len(self.tabs) else ""

    def choose(self, key: str) -> None:
        """Show another tab as chosen; says nothing to anybody."""
        self._at = next((n for n, (known, _) in enumerate(self.tabs) if known == key), self._at)
        self._tell()
        self.update()

    def step(self, by: int) -> None:
        if self.tabs:
            self._take((self._at + by) % len(self.tabs))

    def _take(self, at: int) -> None:
        changed, self._at = at != self._at, at
        self._tell()
        self.update()
        if changed:
            self.chosen.emit(self.current())

    def _tell(self) -> None:
        self.setAccessibleName(self._name)
        if self._at < len(self.tabs):
            self.setAccessibleDescription(f"{self.tabs[self._at][1]}，第 {self._at + 1} 页，共 {len(self.tabs)} 页")

    def _boxes(self) -> list[QRect]:
        # as bold as when chosen, so that nothing moves
        wishes = [paint.width(word, "base", True) + 2 * PAD for _, word in self.tabs]
        room, need = self.width() - 2 * EDGE, sum(wishes)
        made, x = [], EDGE
        for wish in wishes:
            wide = wish if need <= room or need == 0 else max(2 * PAD, wish * room // need)
            made.append(QRect(x, 0, wide, self.height()))
            x += wide
        return made

    def sizeHint(self) -> QSize:
        wide = sum(paint.width(word, "base", True) + 2 * PAD for _, word in self.tabs)
        return QSize(wide + 2 * EDGE, look.px(38))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * EDGE + 2 * PAD * len(self.tabs), look.px(38))

    # --- hands ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if 0 <= self._at + step < len(self.tabs):
                self._take(self._at + step)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._under(event)
        if at >= 0:
            self._take(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._under(event)
        if over != self._over:
            self._over = over
            self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
            self.setToolTip(self.tabs[over][1] if over >= 0 and self._cut(over) else "")
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def _under(self, event: QMouseEvent) -> int:
        at = event.position().toPoint()
        return next((n for n, box in enumerate(self._boxes()) if box.contains(at)), -1)

    def _cut(self, at: int) -> bool:
        wide = QFontMetrics(look.font("base", True)).horizontalAdvance(self.tabs[at][1])
        return wide > self._boxes()[at].width() - 2 * PAD

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, ((_, word), box) in enumerate(zip(self.tabs, self._boxes(), strict=True)):
            here = number == self._at
            ink = "accent" if here else "text" if number == self._over else "text_2"
            paint.words(painter, box.adjusted(PAD, 0, -PAD + 2, 0), word, ink, bold=here, align=paint.LEFT)
            if here:
                bar = QRect(box.left(), box.bottom() - BAR + 1, box.width(), BAR)
                painter.fillRect(bar, look.color("accent"))
                if self.hasFocus():
                    paint.frame(painter, box.adjusted(1, 3, -1, -BAR - 2), look.radius("small"), "", "focus", 2)
