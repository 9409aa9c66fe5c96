"""A choice of one among several that are named: the chosen word in a frame with an arrow; the others in a list below.

For filters and settings of a screen. A value of a code list is a `CodeField`, where one types to find it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.tokens import look

SIDE = 12  # px at the left and right


class Select(Styled):
    """`chosen(key)` when another one is taken. Up and Down change it; F4, Alt+Down, Enter, Space or a click open the
    list. items: (key, word); name: what is chosen here, for a reader of the screen. wide: it takes what room there is.
    """

    chosen = Signal(str)

    def __init__(
        self, items: Sequence[tuple[str, str]] = (), *, name: str, wide: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._styling = False
        self._items: tuple[tuple[str, str], ...] = ()
        self._at, self._over, self._name = 0, False, name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        across = QSizePolicy.Policy.Expanding if wide else QSizePolicy.Policy.Maximum
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.set_items(items)

    def set_items(self, items: Sequence[tuple[str, str]]) -> None:
        """Others to choose from; what was chosen stays chosen, else the first is."""
        here = self.current()
        self._items = tuple(items)
        keys = [key for key, _ in self._items]
        self._at = keys.index(here) if here in keys else 0
        self._tell()
        self.updateGeometry()

    def current(self) -> str:
        return self._items[self._at][0] if self._at < len(self._items) else ""

    def word(self) -> str:
        return self._items[self._at][1] if self._at < len(self._items) else ""

    def choose(self, key: str) -> None:
        """Show another as chosen; says nothing to anybody."""
        self._at = next((number for number, (one, _) in enumerate(self._items) if one == key), self._at)
        self._tell()

    def _take(self, number: int) -> None:
        if 0 <= number < len(self._items) and number != self._at:
            self._at = number
            self._tell()
            self.chosen.emit(self.current())

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name} {self.word()}")
        self.setToolTip(self.word() if self._cut() else "")
        self.update()

    def _cut(self) -> bool:
        return paint.width(self.word(), "base") > self.width() - 2 * SIDE - look.control("icon") - 6

    # --- the list ------------------------------------------------------------------------------------------------

    def open(self) -> None:
        menu = QMenu(self)
        menu.setFont(look.font())
        for number, (_, word) in enumerate(self._items):
            action = QAction(word.replace("&", "&&"), menu)
            action.triggered.connect(lambda _=False, at=number: self._take(at))
            menu.addAction(action)
            if number == self._at:
                menu.setActiveAction(action)
        menu.setMinimumWidth(self.width())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key in (Qt.Key.Key_F4, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) or (
            alt and key == Qt.Key.Key_Down
        ):
            self.open()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._take(self._at + (1 if key == Qt.Key.Key_Down else -1))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.open()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = False
        self.update()

    # --- looks ---------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        widest = max((paint.width(word, "base") for _, word in self._items), default=40)
        return QSize(widest + 2 * SIDE + look.control("icon") + 8, look.px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(72), look.px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.control("icon")
        ground = "surface" if self.isEnabled() else "disabled_bg"
        if self._over and self.isEnabled():
            ground = "surface_hover"
        focus = self.hasFocus()
        line = "focus" if focus else "line_strong"
        paint.frame(painter, self.rect(), look.radius("control"), ground, line, 2 if focus else look.line)
        room = self.rect().adjusted(SIDE, 0, -SIDE - side - 4, 0)
        tone = "text" if self.isEnabled() else "text_disabled"
        paint.words(painter, room, self.word(), tone, "base")
        icons.paint(painter, "chev-d", self.width() - SIDE - side + 4, (self.height() - side) // 2, side, "text_2")
