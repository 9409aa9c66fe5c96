"""Grid: the one painted table of the township's screens. Only what is seen is made and drawn: 10,000 rows cost nothing.

Rows come ready made (`set_rows`) or are asked for when they come into view (`set_source`). Values and the drawing of
each kind of cell are in `gridcells`; keys and the mouse say what the officer wants through signals, nothing is edited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.fields import paint_check
from cunbao.ui.kit.gridcells import (
    EMPTY,
    PAD,
    GridCell,
    GridColumn,
    GridRow,
    button_box,
    cut,
    inside,
    paint_cell,
    state_cell,
    tick_box,
)
from cunbao.ui.kit.gridfigures import paint_band
from cunbao.ui.kit.gridplaces import Places
from cunbao.ui.kit.tokens import look

__all__ = ["EMPTY", "Grid", "GridCell", "GridColumn", "GridRow", "state_cell"]

KEPT = 2000  # rows that are remembered once made
PRESSED = ("button", "radio")
TOTAL_PX = 33  # height of the sum row


class Grid(QAbstractScrollArea):
    """A table that is read, walked and acted on.

    Signals carry the number of the row and the key of the column: `moved`, `activated` (Enter, double click), `pressed`
    (a button or ring), `ticked(row)` (Space or a click on a box), `head_ticked` (the box in the head),
    `head_pressed(key)`. Any other key goes on to the screen.

    cursor: "cell" frames one cell and arrows go in four directions; "row" frames the row. frozen: so many columns stay
    when the rest is scrolled sideways. row_px, head_px: heights at 100 %. framed: the frame stays while the focus is
    elsewhere; quiet: not even the tint of the current row does. paging: PgUp and PgDn are this table's; False leaves
    them to the screen.
    """

    moved = Signal(int, str)
    activated = Signal(int, str)
    pressed = Signal(int, str)
    ticked = Signal(int)
    head_ticked = Signal()
    head_pressed = Signal(str)

    def __init__(
        self,
        columns: Sequence[GridColumn],
        *,
        name: str,
        cursor: str = "row",
        frozen: int = 0,
        row_px: int = 36,
        head_px: int = 30,
        framed: bool = False,
        quiet: bool = False,
        paging: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns: tuple[GridColumn, ...] = tuple(columns)
        self.frozen, self.row_px, self.head_px = frozen, row_px, head_px
        self.spills = False  # a long text covers the empty cells after it
        self.cell_cursor, self.framed, self.quiet, self.paging = cursor == "cell", framed, quiet, paging
        self.count = 0
        self.total: GridRow | None = None
        self._rows: list[GridRow] | None = []
        self._make: Callable[[int], GridRow] = lambda number: GridRow("")
        self._made: dict[int, GridRow] = {}
        self._at = 0
        self._column = self._first_stop()
        self._over = (-1, -1)
        self._head_on: bool | None = None
        self.places = Places()
        self._detail: QWidget | None = None
        self._detail_row = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # lets scrolling move pixels
        self.setAccessibleName(name)

    # --- contents ------------------------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[GridRow], total: GridRow | None = None) -> None:
        """Show these rows; the current row stays if its id is still there. total: the sum row at the foot."""
        here = self.current_id()
        self._rows = list(rows)
        self._begin(len(self._rows), total)
        at = self.find_row(here) if here else -1
        self._at = at if at >= 0 else min(self._at, max(0, self.count - 1))
        self._measure()
        self._tell()

    def set_source(self, count: int, make: Callable[[int], GridRow], total: GridRow | None = None, at: int = 0) -> None:
        """Show `count` rows that are asked for when they come into view; make(number) must be quick. at: current."""
        self._rows, self._make = None, make
        self._begin(count, total)
        self._at = max(0, min(at, count - 1))
        self._measure()
        self._tell()

    def _begin(self, count: int, total: GridRow | None) -> None:
        self.count, self.total = count, total
        self._made.clear()
        if self._detail_row >= count:
            self.set_detail(-1, None)

    def set_row(self, number: int, row: GridRow) -> None:
        """Show one row of `set_rows` anew; much cheaper than all."""
        assert self._rows is not None
        self._rows[number] = row
        self._paint_again(number)
        if number == self._at:
            self._tell()

    def again(self, number: int = -1) -> None:
        """Ask the source anew for one row, or for all, and paint: what they show has changed, their count has not."""
        self._made.pop(number, None) if number >= 0 else self._made.clear()
        self._paint_again(number) if number >= 0 else self.viewport().update()
        self._tell()

    def row(self, number: int) -> GridRow:
        if self._rows is not None:
            return self._rows[number]
        found = self._made.get(number)
        if found is None:
            if len(self._made) > KEPT:
                self._made.clear()
            found = self._made[number] = self._make(number)
        return found

    def find_row(self, row_id: str) -> int:
        """Number of the row of an id, -1 for none. Walks through all of them."""
        return next((number for number in range(self.count) if self.row(number).id == row_id), -1)

    def set_columns(self, columns: Sequence[GridColumn], frozen: int | None = None) -> None:
        key = self.current_key()
        self.columns = tuple(columns)
        self.frozen = self.frozen if frozen is None else frozen
        self._column = next((n for n, column in enumerate(self.columns) if column.key == key), self._first_stop())
        self._measure()

    def set_total(self, total: GridRow | None) -> None:
        changed = (total is None) != (self.total is None)
        self.total = total
        self._measure() if changed else self.viewport().update(self.places.total_rect())

    def set_head_tick(self, on: bool | None) -> None:
        """The box in the head of the tick column: all are ticked, not all, None = no box."""
        self._head_on = on
        self.viewport().update(QRect(0, 0, self.viewport().width(), self.places.head))

    def set_detail(self, number: int, widget: QWidget | None) -> None:
        """Lay a widget beneath one row (comments at a cell); None takes it away. The widget's height is its own."""
        if self._detail is not None and self._detail is not widget:
            self._detail.removeEventFilter(self)
            self._detail.hide()
            self._detail.deleteLater()
        self._detail, self._detail_row = widget, number if widget is not None else -1
        if widget is not None:
            widget.setParent(self.viewport())
            widget.installEventFilter(self)
            self._measure()
            widget.show()
            self._bring(number, self._column)
        self._measure()

    @property
    def detail(self) -> QWidget | None:
        return self._detail

    # --- the cursor ----------------------------------------------------------------------------------------------

    def current_row(self) -> int:
        """Number of the current row, -1 while there is none."""
        return self._at if 0 <= self._at < self.count else -1

    def current_id(self) -> str:
        return self.row(self._at).id if 0 <= self._at < self.count else ""

    def current_key(self) -> str:
        return self.columns[self._column].key if 0 <= self._column < len(self.columns) else ""

    def go(self, number: int, key: str = "") -> None:
        """Make a row, and perhaps a column, current and bring it into view."""
        if not 0 <= number < self.count:
            return
        column = next((n for n, one in enumerate(self.columns) if one.key == key), self._column)
        self._move(number, column)

    def _first_stop(self) -> int:
        return next((n for n, column in enumerate(self.columns) if column.stop), 0)

    def _move(self, number: int, column: int) -> None:
        before = self._at
        self._at, self._column = number, column
        self._bring(number, column)
        self._paint_again(before)
        self._paint_again(number)
        self._tell()
        self.moved.emit(number, self.current_key())

    def _tell(self) -> None:
        """Name the focused cell for a reader of the screen."""
        if not 0 <= self._at < self.count:
            self.setAccessibleDescription("")
            return
        row = self.row(self._at)
        if self.cell_cursor:
            column = self.columns[self._column]
            words = f"{row.label} {column.head} {row.cell(column.key).words}"
        else:
            words = " ".join([row.label, *(row.cell(column.key).words for column in self.columns)])
        self.setAccessibleDescription(f"{' '.join(words.split())}，第 {self._at + 1} 行，共 {self.count} 行")

    # --- places --------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Places anew: rows, columns, the room or the look have changed."""
        places, view = self.places, self.viewport()
        places.frozen, places.count = self.frozen, self.count
        places.width, places.height = view.width(), view.height()
        places.row, places.head = look.px(self.row_px), look.px(self.head_px) + look.line - 1
        places.total = look.px(TOTAL_PX) if self.total is not None else 0
        places.detail, places.detail_row = self._detail_wish(), self._detail_row
        places.spread(self.columns)
        bar, across, seen = self.verticalScrollBar(), self.horizontalScrollBar(), places.body().height()
        bar.setPageStep(max(1, seen))
        bar.setSingleStep(places.row)
        bar.setRange(0, max(0, places.rows_high - seen))
        across.setPageStep(max(1, view.width()))
        across.setSingleStep(look.px(80))
        across.setRange(0, max(0, places.edges[-1] - view.width()))
        places.x, places.y = across.value(), bar.value()
        self._place_detail()
        self.updateGeometry()
        view.update()

    def _detail_wish(self) -> int:
        if self._detail is None:
            return 0
        wide = self.viewport().width()
        high = self._detail.heightForWidth(wide) if self._detail.hasHeightForWidth() else -1
        high = high if high > 0 else self._detail.sizeHint().height()
        return max(1, self._detail.minimumHeight(), min(high, self._detail.maximumHeight()))

    def _place_detail(self) -> None:
        if self._detail is None or not 0 <= self._detail_row < self.count:
            return
        body = self.places.body()
        box = QRect(0, self.row_rect(self._detail_row).bottom() + 1, body.width(), self.places.detail)
        seen = box.intersected(body)
        if seen.isEmpty():
            box.moveTop(-2 * self.places.detail - 100)  # hiding it would take the focus out of it
        self._detail.setGeometry(box)
        if seen.isEmpty() or seen == box:
            self._detail.clearMask()
        else:
            self._detail.setMask(QRegion(seen.translated(-box.topLeft())))

    def row_rect(self, number: int) -> QRect:
        """The line of cells of a row in the viewport; its lowest pixel is the line beneath."""
        return self.places.row_rect(number)

    def cell_rect(self, number: int, key: str) -> QRect:
        """Where a cell is seen, whole even when a part of it is under the frozen columns."""
        column = next(n for n, one in enumerate(self.columns) if one.key == key)
        return self.places.cell(self.row_rect(number), column)

    def row_at(self, y: int) -> int:
        """Number of the row at a height of the viewport, -1 for none."""
        return self.places.row_at(y)

    def column_at(self, x: int) -> int:
        return self.places.column_at(x)

    def _bring(self, number: int, column: int) -> None:
        """Scroll until a cell is in view."""
        places, bar = self.places, self.verticalScrollBar()
        top = places.top_of(number)
        bottom = top + places.row + (places.detail if number == self._detail_row else 0)
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + bar.pageStep():
            bar.setValue(min(top, bottom - bar.pageStep()))
        if column >= self.frozen and self.cell_cursor:
            across, edges = self.horizontalScrollBar(), places.edges
            if edges[column] - across.value() < places.fixed:
                across.setValue(edges[column] - places.fixed)
            elif edges[column + 1] > across.value() + places.width:
                across.setValue(edges[column + 1] - places.width)

    def sizeHint(self) -> QSize:
        high = self.places.head + self.places.rows_high + self.places.total
        if self.horizontalScrollBar().maximum():
            high += self.horizontalScrollBar().sizeHint().height()
        return QSize(look.px(400), min(high, 1 << 20))

    def minimumSizeHint(self) -> QSize:
        least = self.places.head + min(3, self.count) * self.places.row + self.places.total
        return QSize(look.px(200), least)

    # --- events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "places"):
            self._measure()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        asks = watched is self._detail and event.type() == QEvent.Type.LayoutRequest
        if asks and self._detail_wish() != self.places.detail:
            self._measure()
        return super().eventFilter(watched, event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the pixels of the rows, so that only what comes into view is drawn."""
        body, view = self.places.body(), self.viewport()
        self.places.x, self.places.y = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._place_detail()
        if dx or abs(dy) >= body.height() or self._detail is not None:
            view.update()
            return
        view.scroll(0, dy, body)
        if self.total is not None:
            view.update(QRect(0, body.bottom() - 1, body.width(), self.places.total + 2))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.tip_at(event.pos())
            QToolTip.showText(event.globalPos(), words, self) if words else QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1, -1)
        return super().viewportEvent(event)

    def tip_at(self, at: QPoint) -> str:
        """What a cut cell says whole, or what it has to say besides; "" for nothing."""
        number, column = self.row_at(at.y()), self.column_at(at.x())
        if column < 0:
            return ""
        shown = self.columns[column]
        if number < 0:
            wide = self.places.edges[column + 1] - self.places.edges[column] - 2 * PAD
            return shown.head if at.y() < self.places.head and paint.width(shown.head, "small") > wide else ""
        cell = self.row(number).cell(shown.key)
        whole = self.places.edges[column + 1] - self.places.edges[column]
        if cut(shown, cell, whole):
            return "\n".join(part for part in (cell.words, cell.tip) if part)
        return cell.tip

    def _hover(self, number: int, column: int) -> None:
        if (number, column) == self._over:
            return
        before, self._over = self._over[0], (number, column)
        for row in {before, number}:
            self._paint_again(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number, column = self.row_at(at.y()), self.column_at(at.x())
        self._hover(number, column)
        hand = self._acts(number, column, at) or self._head_box(at)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def _acts(self, number: int, column: int, at: QPoint) -> str:
        """What a click at a point does beyond choosing the row: "tick", "press" or nothing."""
        if number < 0 or column < 0:
            return ""
        shown, cell = self.columns[column], self.row(number).cell(self.columns[column].key)
        if cell.grey and shown.kind == "button":
            return ""
        if shown.kind == "tick" and cell.on is not None:
            return "tick"
        if shown.kind == "radio" and cell.on is not None:
            return "press"
        inner = inside(shown, self.places.cell(self.row_rect(number), column))
        return "press" if shown.kind == "button" and cell.text and button_box(cell, inner).contains(at) else ""

    def _head_box(self, at: QPoint) -> bool:
        column = self.column_at(at.x())
        inside = at.y() < self.places.head and column >= 0 and self.columns[column].kind == "tick"
        return inside and self._head_on is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._head_box(at):
            self.head_ticked.emit()
            return
        number, column = self.row_at(at.y()), self.column_at(at.x())
        if number < 0 or event.button() != Qt.MouseButton.LeftButton:
            if at.y() < self.places.head and column >= 0:
                self.head_pressed.emit(self.columns[column].key)
            return
        act = self._acts(number, column, at)
        stops = column >= 0 and self.columns[column].stop
        self._move(number, column if stops else self._column)
        if act == "tick":
            self.ticked.emit(number)
        elif act == "press":
            self.pressed.emit(number, self.columns[column].key)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number, column = self.row_at(at.y()), self.column_at(at.x())
        if number >= 0 and column >= 0:
            if self._acts(number, column, at):  # two quick clicks on a button are two clicks
                self.mousePressEvent(event)
            else:
                self.activated.emit(number, self.columns[column].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._key(Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier):
            event.ignore()

    def _key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        control = modifiers == Qt.KeyboardModifier.ControlModifier
        if (modifiers and not control) or not self.count:
            return False
        if control:
            to = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count - 1}.get(key)
            if to is not None:
                self._move(to, self._column)
            return to is not None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.cell_cursor and self.columns[self._column].kind in PRESSED
            (self.pressed if button else self.activated).emit(self._at, self.current_key())
            return True
        if key == Qt.Key.Key_Space:
            self.ticked.emit(self._at)
            return True
        return self._walk(key)

    def _walk(self, key: Qt.Key) -> bool:
        last = self.count - 1
        page = max(1, self.places.body().height() // max(1, self.places.row) - 1)
        rows = {Qt.Key.Key_Up: self._at - 1, Qt.Key.Key_Down: self._at + 1}
        if self.paging:
            rows |= {Qt.Key.Key_PageUp: self._at - page, Qt.Key.Key_PageDown: self._at + page}
        if not self.cell_cursor:
            rows |= {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if key in rows:
            self._move(self._past_band(max(0, min(last, rows[key]))), self._column)
            return True
        if not self.cell_cursor:
            if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right) or not self.horizontalScrollBar().maximum():
                return False
            step = look.px(80) * (1 if key == Qt.Key.Key_Right else -1)
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + step)
            return True
        stops = [n for n, column in enumerate(self.columns) if column.stop]
        to = {
            Qt.Key.Key_Left: max((n for n in stops if n < self._column), default=self._column),
            Qt.Key.Key_Right: min((n for n in stops if n > self._column), default=self._column),
            Qt.Key.Key_Home: stops[0] if stops else 0,
            Qt.Key.Key_End: stops[-1] if stops else 0,
        }.get(key)
        if to is not None:
            self._move(self._at, to)
        return to is not None

    def _past_band(self, number: int) -> int:
        """The row itself, or the next one beyond a band in the direction of the step; where there is none, it stays."""
        if not self.row(number).band:
            return number
        beyond = number + (1 if number > self._at else -1)
        return beyond if 0 <= beyond < self.count else self._at

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._paint_again(self._at)
        if 0 <= self._at < self.count:
            self._bring(self._at, self._column)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._paint_again(self._at)

    def _paint_again(self, number: int) -> None:
        """Paint one row anew, with a little around it for frames."""
        if 0 <= number < self.count:
            box = self.row_rect(number)
            self.viewport().update(QRect(0, box.top() - 2, self.viewport().width(), box.height() + 4))

    # --- paint ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        dirty, region, body = event.rect(), event.region(), self.places.body()
        painter.fillRect(dirty, look.color("surface"))
        painter.save()
        painter.setClipRect(body)
        for number in range(max(0, self.row_at(max(body.top(), dirty.top()))), self.count):
            line = self.row_rect(number)
            if line.top() > min(body.bottom(), dirty.bottom()):
                break
            if region.intersects(line.adjusted(0, -2, 0, 2)):
                self._paint_row(painter, number, line)
        self._paint_cursor(painter)
        painter.restore()
        if self.total is not None and region.intersects(self.places.total_rect()):
            self._paint_total(painter, self.places.total_rect())
        if dirty.top() < self.places.head:
            self._paint_head(painter, QRect(0, 0, self.viewport().width(), self.places.head))

    def _paint_row(self, painter: QPainter, number: int, line: QRect) -> None:
        row = self.row(number)
        ground = row.ground
        if number == self._at and (not self.quiet or self.hasFocus()):
            ground = ground or "row_selected"
        elif not ground and number == self._over[0]:
            ground = "surface_hover"
        whole = QRect(0, line.top(), self.viewport().width(), line.height())
        if row.band:
            paint_band(painter, row.label, row.band, whole)
            return
        if ground:
            painter.fillRect(whole, look.color(ground))
        for column, clip in self.places.across():
            cell = row.cells.get(self.columns[column].key)
            if cell is None and not self.columns[column].ground:
                continue
            if clip is not None:
                painter.save()
                painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
            over = (number, column) == self._over
            shown, box = self.columns[column], self.places.cell(line, column)
            if self.spills and cell is not None and (wide := self._spilt(row, column, cell, box)) != box:
                paint_cell(painter, shown, GridCell(ground=cell.ground), box, row.grey, over)
                shown, cell, box = replace(shown, align="left"), replace(cell, ground=""), wide
            paint_cell(painter, shown, cell or EMPTY, box, row.grey, over)
            if clip is not None:
                painter.restore()
        last = number + 1 == self.count
        if number != self._detail_row and not (last and (self.total is not None or self._fits())):
            paint.hline(painter, 0, whole.width(), line.bottom(), "line", 1)

    def _spilt(self, row: GridRow, column: int, cell: GridCell, box: QRect) -> QRect:
        """Where a text lies that is longer than its cell: over the empty cells after it, as in any spreadsheet."""
        drawn = self.columns[column]
        needs = paint.width(cell.text, drawn.role, cell.bold or drawn.bold) + 2 * PAD
        wide = QRect(box)
        for following in range(column + 1, len(self.columns)):
            if wide.width() >= needs or self.columns[following].key in row.cells:
                break
            wide.setRight(wide.right() + self.places.edges[following + 1] - self.places.edges[following])
        return wide

    def _fits(self) -> bool:
        """Whether the table ends with the last row, so that the card's own line closes it."""
        return self.viewport().height() <= self.places.head + self.places.rows_high + 1

    def _paint_cursor(self, painter: QPainter) -> None:
        if not 0 <= self._at < self.count:
            return
        line, focus = self.row_rect(self._at), self.hasFocus()
        whole = QRect(0, line.top() - 1, self.viewport().width(), line.height() + 1)
        if not self.cell_cursor:
            if focus or self.framed or (look.contrast and not self.quiet):
                paint.frame(painter, whole, 0, "", "focus", 2)
            return
        if look.contrast:  # the tint of the row is hard to see
            for y in (whole.top(), whole.bottom() - 1):
                paint.hline(painter, 0, whole.width(), y, "focus", 2)
        if focus or self.framed:
            box = self.places.cell(line, self._column).adjusted(0, -1, 0, look.line)
            if self._column >= self.frozen:
                box.setLeft(max(box.left(), self.places.fixed))
            paint.frame(painter, box, 0, "", "focus", 2 if not look.contrast else 3)

    def _paint_head(self, painter: QPainter, band: QRect) -> None:
        painter.fillRect(band, look.color("table_head"))
        for number, clip in self.places.across():
            column = self.columns[number]
            box = self.places.cell(band, number)
            painter.save()
            if clip is not None:
                painter.setClipRect(clip)
            if column.ground:
                painter.fillRect(box, look.color(column.ground))
            if column.kind == "tick" and self._head_on is not None:
                paint_check(painter, tick_box(box), self._head_on)
            else:
                self._paint_title(painter, column, inside(column, box))
            painter.restore()
        if self.frozen and self.horizontalScrollBar().value():
            x = self.places.edges[self.frozen] - 1
            painter.fillRect(QRect(x, 0, look.line, self.viewport().height()), look.color("line_strong"))
        paint.hline(painter, 0, band.width(), band.bottom() - look.line + 1, "line_strong", look.line)

    @staticmethod
    def _paint_title(painter: QPainter, column: GridColumn, box: QRect) -> None:
        ink, face = column.head_tone or "text_2", paint.FACES[column.face]
        if column.head_end is not None:
            icon, word, tone = column.head_end
            wide = paint.width(word, "small") + look.control("icon_small") + 6
            spot = QRect(box.right() - wide, box.top(), wide + 1, box.height() // (2 if column.head_sub else 1))
            paint.icon_words(painter, spot.translated(0, 2 if column.head_sub else 0), icon, word, tone)
            box = box.adjusted(0, 0, 0 if column.head_sub else -wide - 8, 0)
        if column.head_sub:
            half = box.height() // 2
            first = QRect(box.left(), box.top() + 2, box.width(), half)
            paint.words(painter, first, column.head, "text", bold=True, align=face)
            second = QRect(box.left(), box.top() + half, box.width(), half - 2)
            paint.words(painter, second, column.head_sub, "text_2", "small", align=face)
        elif column.head_icon:
            wide = paint.width(column.head, "small") + look.control("icon_small") + 6
            left = box.adjusted(max(0, box.width() - wide - 1), 0, 0, 0) if column.face == "right" else box
            paint.icon_words(painter, left, column.head_icon, column.head, ink)
        else:
            paint.words(painter, box, column.head, ink, "small", align=face)

    def _paint_total(self, painter: QPainter, band: QRect) -> None:
        assert self.total is not None
        painter.fillRect(band, look.color("table_head"))
        for number, clip in self.places.across():
            column = self.columns[number]
            cell = self.total.cells.get(column.key)
            whole = self.places.cell(band.adjusted(0, 0, 0, look.line), number)
            painter.save()
            if clip is not None:
                painter.setClipRect(clip)
            if column.ground:
                painter.fillRect(whole, look.color(column.ground))
            if cell is not None:
                box = inside(column, whole).translated(0, 1)
                ink, bold = cell.tone or "text", cell.bold or not cell.tone
                paint.words(painter, box, cell.text, ink, column.role, bold=bold, align=paint.FACES[column.face])
            painter.restore()
        if self.frozen and self.horizontalScrollBar().value():
            x = self.places.edges[self.frozen] - 1
            painter.fillRect(QRect(x, band.top(), look.line, band.height()), look.color("line_strong"))
        paint.hline(painter, 0, band.width(), band.top(), "line_strong", look.line)
