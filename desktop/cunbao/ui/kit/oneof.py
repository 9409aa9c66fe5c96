"""What the painted rows of which one is chosen have in common: filters, tabs, rings, places.

A child says which keys there are, what each is called to a screen reader, where each lies, and paints them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.style import Styled


class OneOf(Styled):
    """`chosen(key)` when another one is chosen, by a click or by the two arrows. One is always chosen."""

    chosen = Signal(str)
    ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
    COUNTED = "个"  # 第 1 个，共 3 个

    def __init__(self, *, name: str, hover: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._at, self._over, self._name = 0, -1, name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(hover)

    # --- what a child says ---------------------------------------------------------------------------------------

    def _keys(self) -> Sequence[str]:
        raise NotImplementedError

    def _told(self, at: int) -> str:
        raise NotImplementedError

    def _boxes(self) -> Sequence[QRect]:
        raise NotImplementedError

    # --- what is chosen ------------------------------------------------------------------------------------------

    def current(self) -> str:
        keys = self._keys()
        return keys[self._at] if self._at < len(keys) else ""

    def choose(self, key: str) -> None:
        """Show another as chosen; says nothing to anybody."""
        keys = self._keys()
        self._at = keys.index(key) if key in keys else self._at
        self._tell()
        self.update()

    def _renewed(self, here: str) -> None:
        """There are others now: what was chosen stays chosen, else the first is."""
        keys = self._keys()
        self._at = keys.index(here) if here in keys else 0
        self._tell()
        self.updateGeometry()
        self.update()

    def _take(self, at: int) -> None:
        changed, self._at = at != self._at, at
        self._tell()
        self.update()
        if changed:
            self.chosen.emit(self.current())

    def _tell(self) -> None:
        self.setAccessibleName(self._name)
        count, unit = len(self._keys()), self.COUNTED
        if self._at < count:
            self.setAccessibleDescription(f"{self._told(self._at)}，第 {self._at + 1} {unit}，共 {count} {unit}")

    # --- hands ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key not in self.ARROWS or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
            return
        at = self._at + (1 if key == self.ARROWS[1] else -1)
        if 0 <= at < len(self._keys()):
            self._take(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._under(event)
        if at >= 0:
            self._take(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._under(event)
        if self.hasMouseTracking() and over != self._over:
            self._over = over
            self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
            self._hovered()
            self.update()

    def _hovered(self) -> None:
        """The mouse stands on another one, `_over`, or on none, -1."""

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def _under(self, event: QMouseEvent) -> int:
        at = event.position().toPoint()
        return next((n for n, box in enumerate(self._boxes()) if box.contains(at)), -1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
