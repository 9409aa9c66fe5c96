"""DateField: a day typed in any usual way (20251203, 2025.12.3, 2025年12月3日) or chosen from a month sheet with F4."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit import icons, paint, style
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.tokens import look

WEEK = "一二三四五六日"


def tidy(text: str) -> str:
    """2025-12-03 for what stands for a real day; any other text stays as typed, and the form says what is wrong."""
    found = re.fullmatch(r"\s*(\d{4})\s*[-./年 ]?\s*(\d{1,2})\s*[-./月 ]?\s*(\d{1,2})\s*日?\s*", text)
    if not found:
        return text
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


class DateField(FieldBox):
    """Commits YYYY-MM-DD. `today` is where the month sheet begins when the field is empty."""

    def __init__(self, text: str = "", *, today: date, name: str = "", parent: QWidget | None = None) -> None:
        self.sheet: MonthSheet | None = None
        self._today = today
        super().__init__(text, icon="calendar", name=name, parent=parent)
        self.set_hint("年-月-日")

    def commit(self) -> None:
        neat = tidy(self.edit.text())
        if neat != self.edit.text():
            self.edit.setText(neat)
        super().commit()

    def open(self) -> None:
        """The month sheet under the field."""
        if self.sheet is None and self.state not in ("readonly", "disabled"):
            neat = tidy(self.edit.text())
            try:
                day = date.fromisoformat(neat)
            except ValueError:
                day = self._today
            self.sheet = MonthSheet(self, day)
            self.sheet.picked.connect(self._picked)
            self.sheet.closed.connect(self._closed)

    def _picked(self, text: str) -> None:
        self.edit.setText(text)
        self.commit()
        self.edit.selectAll()

    def _closed(self) -> None:
        self.sheet = None

    def on_leave(self) -> None:
        if self.sheet is not None:
            self.sheet.leave()
        super().on_leave()

    def on_key(self, event: QKeyEvent) -> bool:
        if self.sheet is not None and self.sheet.on_key(event):
            return True
        alt_down = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if (event.key() == Qt.Key.Key_F4 and not event.modifiers()) or alt_down:
            self.open()
            return True
        return super().on_key(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.sheet is None:
            self.open()
        else:
            self.sheet.leave()


class MonthSheet(QWidget):
    """One month over the window; arrows move by days, PgUp and PgDn by months, Enter takes, Esc closes."""

    picked = Signal(str)
    closed = Signal()

    def __init__(self, field: QWidget, day: date) -> None:
        super().__init__(field.window())
        self._field, self._day = field, day
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        style.app().installEventFilter(self)
        self._place()
        self.show()
        self.raise_()

    def on_key(self, event: QKeyEvent) -> bool:
        days = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        key = Qt.Key(event.key())
        if key in days and not event.modifiers():
            self._day += timedelta(days=days[key])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._turn(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            self.leave()  # typing goes on in the field
            return False
        self.update()
        return True

    def _turn(self, step: int) -> None:
        months = self._day.year * 12 + self._day.month - 1 + step
        year, month = divmod(months, 12)
        self._day = date(year, month + 1, min(self._day.day, monthrange(year, month + 1)[1]))
        self.update()

    def _take(self) -> None:
        self.leave()
        self.picked.emit(self._day.isoformat())

    def leave(self) -> None:
        if not self.isHidden():
            style.app().removeEventFilter(self)
            self.hide()
            self.closed.emit()
            self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            at = event.globalPosition().toPoint()  # type: ignore[attr-defined]
            inside = self.rect().contains(self.mapFromGlobal(at))
            if not inside and not self._field.rect().contains(self._field.mapFromGlobal(at)):
                self.leave()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if at.y() < look.px(40):
            self._turn(-1 if at.x() < self.width() // 2 else 1)
            return
        for day, box in self._days():
            if box.contains(at):
                self._day = day
                self._take()
                return

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def _place(self) -> None:
        window, side = self._field.window(), look.px(34)
        wide, high = side * 7 + 16, look.px(40) + look.px(24) + side * 6 + 8
        corner = self._field.mapTo(window, QPoint(0, 0))
        below = corner.y() + self._field.height() + 4
        y = below if below + high <= window.height() else max(4, corner.y() - high - 4)
        self.setGeometry(min(corner.x(), window.width() - wide - 8), y, wide, high)

    def _days(self) -> list[tuple[date, QRect]]:
        side, top = look.px(34), look.px(64)
        first = self._day.replace(day=1)
        start = first.weekday()
        made = []
        for number in range(monthrange(first.year, first.month)[1]):
            line, place = divmod(start + number, 7)
            made.append((first + timedelta(days=number), QRect(8 + place * side, top + line * side, side, side)))
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, side = QPainter(self), look.px(34)
        paint.frame(painter, self.rect(), look.radius("card"), "surface", "line_strong", look.line)
        head = QRect(8, 0, self.width() - 16, look.px(40))
        paint.words(painter, head, f"{self._day.year} 年 {self._day.month} 月", bold=True, align=paint.CENTER)
        small = look.control("icon")
        for icon, x in (("chev-l", 14), ("chev-r", self.width() - 14 - small)):
            icons.paint(painter, icon, x, (look.px(40) - small) // 2, small, "text_2")
        for place, word in enumerate(WEEK):
            paint.words(
                painter,
                QRect(8 + place * side, look.px(40), side, look.px(24)),
                word,
                "text_2",
                "small",
                align=paint.CENTER,
            )
        for day, box in self._days():
            here = day == self._day
            if here:
                paint.frame(painter, box.adjusted(2, 2, -2, -2), look.radius("control"), "accent")
            paint.words(painter, box, str(day.day), "text_on_accent" if here else "text", bold=here, align=paint.CENTER)
