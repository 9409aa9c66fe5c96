"""写到哪里: sticks and a folder of one's own as rings one under the other, each with what is free and where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.gridcells import paint_radio
from cunbao.ui.kit.oneof import OneOf
from cunbao.ui.kit.tokens import look


@dataclass(frozen=True, slots=True)
class Place:
    """One place. folder None: still to be chosen; asks: its folder is chosen by hand, and may be chosen anew.
    more: grey after the title (空 14.2 GB); line: where, beneath it."""

    key: str
    title: str
    folder: Path | None
    icon: str = "usb"
    more: str = ""
    line: str = ""
    asks: bool = False


class PlaceList(OneOf):
    """`chosen(key)`: Up and Down or a click; `asked(key)`: Enter, Space or another click on a place that asks."""

    ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
    asked = Signal(str)

    def __init__(self, *, name: str = "写到哪里", parent: QWidget | None = None) -> None:
        super().__init__(name=name, parent=parent)
        self.places: tuple[Place, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    def set_places(self, places: Sequence[Place]) -> None:
        """Other places; what is chosen stays chosen, else the first is."""
        here = self.current()
        self.places = tuple(places)
        self._renewed(here)

    def place(self) -> Place | None:
        return self.places[self._at] if self._at < len(self.places) else None

    def _keys(self) -> Sequence[str]:
        return [one.key for one in self.places]

    def _told(self, at: int) -> str:
        one = self.places[at]
        return " ".join(part for part in (one.title, one.more, one.line) if part)

    def _boxes(self) -> list[QRect]:
        return [self.box_of(number) for number in range(len(self.places))]

    # --- places --------------------------------------------------------------------------------------------------

    def _high(self, one: Place) -> int:
        return look.px(27) + (look.line_height("small") if one.line else 0)

    def box_of(self, number: int) -> QRect:
        top = sum(self._high(one) + 4 for one in self.places[:number])
        return QRect(0, top, self.width(), self._high(self.places[number]))

    def sizeHint(self) -> QSize:
        high = sum(self._high(one) + 4 for one in self.places)
        return QSize(look.px(200), max(look.px(27), high - 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(120), self.sizeHint().height())

    # --- hands ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        one = self.place()
        enter = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier and one is not None and one.asks:
            self.asked.emit(one.key)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._under(event)
        if number >= 0:
            again = number == self._at
            self._take(number)
            if self.places[number].asks and (again or self.places[number].folder is None):
                self.asked.emit(self.places[number].key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side, icon = QPainter(self), look.control("checkbox"), look.control("icon")
        for number, one in enumerate(self.places):
            box = self.box_of(number)
            line = QRect(box.left(), box.top(), box.width(), look.px(27))
            ring = QRect(4, line.top() + (line.height() - side) // 2, side, side)
            here = number == self._at
            paint_radio(painter, ring, here)
            if here and self.hasFocus():
                paint.frame(painter, ring.adjusted(-3, -3, 3, 3), ring.height() / 2 + 3, "", "focus", 2)
            x = ring.right() + 10
            icons.paint(painter, one.icon, x, line.top() + (line.height() - icon) // 2, icon, "text")
            x += icon + 8
            wide = paint.width(one.title)
            tail = paint.width(one.more, "small") + 10 if one.more else 0
            wide = min(wide, max(0, line.width() - x - tail))
            paint.words(painter, QRect(x, line.top(), wide + 2, line.height()), one.title)
            if one.more:
                spot = QRect(x + wide + 10, line.top(), line.width() - x - wide - 10, line.height())
                paint.words(painter, spot, one.more, "text_2", "small")
            if one.line:
                under = QRect(x, line.bottom() + 1, line.width() - x, look.line_height("small"))
                paint.words(painter, under, one.line, "text_2", "small")
