"""The code list that opens under a field: usual values first; typing filters by code, name or pinyin initials.

It lies inside the window over everything else and never takes the focus: the field keeps the cursor and hands its keys
to `on_key`. It opens upwards when there is more room above, and is never taller than the room it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit import icons, paint, style
from cunbao.ui.kit.initials import initials, matches
from cunbao.ui.kit.tokens import look

WIDTH, ROWS, FOOT, HEAD = 300, 9, 31, 28


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a code list; usual: among the values this village uses (本村常用)."""

    code: str
    label: str
    usual: bool = False


class Picker(QWidget):
    """The open list of one field. Signals: `picked(code, label)`, `toggled(codes)` when many, `closed()`."""

    picked = Signal(str, str)
    toggled = Signal(str)
    closed = Signal()

    def __init__(
        self, field: QWidget, items: Sequence[Item], *, chosen: str = "", many: bool = False, area: QRect | None = None
    ) -> None:
        """area: the field's place in `field`'s own coordinates, if it is a part of it (a cell of a table)."""
        super().__init__(field.window())
        self._field, self._area = field, area
        self._items, self._many = tuple(items), many
        self._typed, self._found = "", self._items
        self._chosen = chosen.split(" ") if many and chosen else [chosen]
        self._shown: list[Item | None] = []  # None = a heading or the line under the usual values
        self._heads: dict[int, str] = {}
        self._at = self._top = 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("代码表")
        style.app().installEventFilter(self)
        self.filter("")
        self.show()
        self.raise_()

    # --- what is in it -------------------------------------------------------------------------------------------

    def filter(self, typed: str) -> None:
        """Show what matches; the current value is marked, the first match stands ready for Enter."""
        among = self._found if self._typed and typed.startswith(self._typed) else self._items
        found = [item for item in among if not typed or self._fits(typed, item)]
        self._typed, self._found = typed, tuple(found)  # one more letter looks among these alone
        usual = [item for item in found if item.usual]
        rest = [item for item in found if not item.usual]
        self._shown, self._heads = [], {}
        if usual and len(usual) < len(self._items):
            self._heads[0] = "本村常用"
            self._shown = [None, *usual, *([None] if rest else []), *rest]
        else:
            self._shown = list(found)
        marked = [n for n, item in enumerate(self._shown) if item and item.code in self._chosen and item.code]
        first = next((n for n, item in enumerate(self._shown) if item), -1)
        self._at = marked[0] if marked and not typed else first
        self._top = 0
        self._count = len(found)
        self._place()
        self._follow()
        self.update()

    @staticmethod
    def _fits(typed: str, item: Item) -> bool:
        return item.code.startswith(typed) or matches(typed, item.label)

    def current(self) -> Item | None:
        return self._shown[self._at] if 0 <= self._at < len(self._shown) else None

    # --- keys and mouse ------------------------------------------------------------------------------------------

    def on_key(self, event: QKeyEvent) -> bool:
        """Keys of the field. True when it was for the list."""
        key = event.key()
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self._room(),
            Qt.Key.Key_PageDown: self._room(),
        }
        if key in steps and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move(steps[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._many and not event.modifiers():
                self.leave()
                return False
            self._pick()
        elif key == Qt.Key.Key_Space and self._many:
            self._pick()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.leave()
            return False
        else:
            return False
        return True

    def _pick(self) -> None:
        item = self.current()
        if item is None:
            return
        if not self._many:
            self.leave()
            self.picked.emit(item.code, item.label)
            return
        codes = [code for code in self._chosen if code]
        codes = [code for code in codes if code != item.code] if item.code in codes else [*codes, item.code]
        order = {known.code: number for number, known in enumerate(self._items)}
        self._chosen = sorted(codes, key=lambda code: order.get(code, 9999))
        self.toggled.emit(" ".join(self._chosen))
        self.update()

    def _move(self, step: int) -> None:
        way = 1 if step > 0 else -1
        at = self._at
        for _ in range(abs(step)):
            to = at + way
            while 0 <= to < len(self._shown) and self._shown[to] is None:
                to += way
            if not 0 <= to < len(self._shown):
                break
            at = to
        self._at = at
        self._follow()
        self.update()

    def _follow(self) -> None:
        room = self._room()
        if self._at < self._top + (1 if self._at - 1 in self._heads else 0):
            self._top = max(0, self._at - 1)
        elif self._at >= self._top + room:
            self._top = self._at - room + 1

    def leave(self) -> None:
        """Close without choosing."""
        if self.isHidden():
            return
        style.app().removeEventFilter(self)
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            at = event.globalPosition().toPoint()  # type: ignore[attr-defined]
            inside = self.rect().contains(self.mapFromGlobal(at)) or self._box().contains(self._field.mapFromGlobal(at))
            if not inside:
                self.leave()
        elif (kind == QEvent.Type.Resize and watched is self.parent()) or (
            kind == QEvent.Type.StyleChange and watched is self._field
        ):
            self._place()
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = -1 if event.angleDelta().y() > 0 else 1
        self._top = max(0, min(len(self._shown) - self._room(), self._top + step))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().toPoint())
        if number >= 0 and number != self._at:
            self._at = number
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position().toPoint())
        if number >= 0:
            self._at = number
            self._pick()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    # --- place ---------------------------------------------------------------------------------------------------

    @property
    def _step(self) -> int:
        return look.px(31)

    def _box(self) -> QRect:
        return self._area or self._field.rect()

    def _room(self) -> int:
        return max(1, (self.height() - look.px(FOOT) - 4) // self._step)

    def _place(self) -> None:
        window = self._field.window()
        box = self._box()
        corner = self._field.mapTo(window, box.topLeft())
        below = window.height() - corner.y() - box.height() - 8
        above = corner.y() - 8
        rows = max(1, min(ROWS, len(self._shown)))
        wanted = rows * self._step + look.px(FOOT) + 4
        upwards = wanted > below and above > below
        high = min(wanted, above if upwards else below)
        wide = max(box.width(), look.px(WIDTH))
        x = corner.x() if corner.x() + wide <= window.width() - 8 else corner.x() + box.width() - wide
        y = corner.y() - high - 4 if upwards else corner.y() + box.height() + 4
        self.setGeometry(max(4, x), y, wide, high)

    def _number_at(self, at: QPoint) -> int:
        number = self._top + (at.y() - 2) // self._step
        inside = 2 <= at.y() < self.height() - look.px(FOOT)
        return number if inside and number < len(self._shown) and self._shown[number] else -1

    # --- paint ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width = look.line
        paint.frame(painter, self.rect(), look.radius("card"), "surface", "line_strong", width)
        foot = QRect(width, self.height() - look.px(FOOT), self.width() - 2 * width, look.px(FOOT) - width)
        painter.save()
        painter.setClipRect(QRect(width, 2, self.width() - 2 * width, foot.top() - 2))
        y = 2
        for number in range(self._top, min(len(self._shown), self._top + self._room() + 1)):
            self._paint_row(painter, QRect(width, y, self.width() - 2 * width, self._step), number)
            y += self._step
        if not self._shown:
            box = QRect(12, 2, self.width() - 24, self._step)
            paint.words(painter, box, "没有这一项，请换个字或代码", "text_2", "small")
        painter.restore()
        painter.fillRect(foot.adjusted(2, 0, -2, -1), look.color("bg"))
        paint.hline(painter, foot.left(), foot.right() + 1, foot.top(), "line", width)
        inner = foot.adjusted(11, 0, -11, 0)
        paint.words(painter, inner, f"{self._count} 项", "text_2", "small")
        keys = "↑↓ 选    空格 勾选    Enter 完成" if self._many else "↑↓ 选    Enter 确定    Esc 关"
        paint.words(painter, inner, keys, "text_2", "small", align=paint.RIGHT)

    def _paint_row(self, painter: QPainter, box: QRect, number: int) -> None:
        item = self._shown[number]
        inner = box.adjusted(11, 0, -11, 0)
        if item is None:
            if number in self._heads:
                paint.words(painter, inner, self._heads[number], "text_2", "small")
            else:
                paint.hline(painter, inner.left(), inner.right() + 1, box.center().y(), "line", look.line)
            return
        here = number == self._at
        if here:
            painter.fillRect(box, look.color("accent"))
        ink, dim = ("text_on_accent", "text_on_accent") if here else ("text", "text_2")
        code = max(look.px(34), paint.width(item.code, "small") + 12)
        paint.words(painter, inner, item.code, dim, "small")
        side = look.control("icon_small")
        letters = initials(item.label)
        room = inner.adjusted(code, 0, -side - 12, 0)
        paint.words(painter, room.adjusted(0, 0, -paint.width(letters, "small") - 8, 0), item.label, ink)
        if room.width() > look.px(180):
            paint.words(painter, room, letters, dim, "small", align=paint.RIGHT)
        if item.code in self._chosen:
            icons.paint(painter, "check", inner.right() - side, box.center().y() - side // 2, side, ink)
