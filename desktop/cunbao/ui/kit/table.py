"""The painted table under all tables: only what is visible is drawn, so 10 and 10,000 rows feel the same.

Values (`Column`, `CellShow`, `Note`, `TableRow`) are frozen and made by the screen. A row is one line of cells; its
notes span the line beneath; a total stays last. `RosterTable` and `AreaTable` add what a key or a click does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.buttons import cap_width, paint_cap
from cunbao.ui.kit.tokens import look

NOTE_ICONS = {"error": "alert-circle", "warn": "message", "ok": "check-circle", "returned": "return"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. width: pixels at 100 %, the least it takes; stretch: share of what is left (0 = none).

    kind: text, number (row number), input, choice (code list), last (上年), derived (grey ground), state (icon and
    word), mark (icon alone), button. align: left, right, center.
    """

    key: str
    title: str
    width: int
    stretch: int = 0
    align: str = "left"
    kind: str = "text"
    bold: bool = False
    role: str = "base"


@dataclass(frozen=True, slots=True)
class CellShow:
    """What a cell shows. raw: what the editor begins with, if not the text; sub: a small second line.

    tone: "" | error | warn | returned (framed) | changed | readonly | off (not asked here); icon and ink (token or
    "#RRGGBB") for states.
    """

    text: str = ""
    raw: str | None = None
    tone: str = ""
    sub: str = ""
    icon: str = ""
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence beneath a row. key: the column it begins under; button and cap: an act at its right end."""

    tone: str
    text: str
    key: str = ""
    button: str = ""
    cap: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row by its stable id; label: how a reader of the screen is told which row this is."""

    id: str
    cells: Mapping[str, CellShow]
    notes: tuple[Note, ...] = ()
    label: str = ""
    ground: str = ""


@dataclass(slots=True)
class _Geometry:
    """Places in pixels, made again when rows, columns or the width change."""

    edges: list[int] = field(default_factory=list)  # x of each column, and the end
    tops: list[int] = field(default_factory=list)  # y of each row in the content, and the end
    heights: list[int] = field(default_factory=list)  # of the notes of each row


class Table(QAbstractScrollArea):
    """Painting, scrolling and the current cell. `pressed(row_id, key)`: a button in a row or a note was used."""

    pressed = Signal(str, str)
    opened = Signal(str)
    moved = Signal(str, str)
    pasted = Signal(str)

    row_px = 42
    head_px = 34
    note_px = 25
    head_ground = "table_head"
    ground = "surface"
    pad = 8  # left and right inside every cell; not scaled

    def __init__(self, columns: Sequence[Column], *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[Column, ...] = tuple(columns)
        self.rows: tuple[TableRow, ...] = ()
        self.total: TableRow | None = None
        self.selected = True  # whether the current row carries the tint
        self._index: dict[str, int] = {}
        self._at = 0
        self._column = 0
        self._over = -1
        self._marked = 0  # the row that was last drawn as current
        self._geometry = _Geometry()
        self._styling = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # lets scrolling move pixels
        self._name = name
        self.setAccessibleName(name)

    # --- contents ------------------------------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[TableRow], total: TableRow | None = None) -> None:
        """Show other rows; the current row stays if its id is still there."""
        here = self.current_id()
        self.rows, self.total = tuple(rows), total
        self._index = {row.id: number for number, row in enumerate(self.rows)}
        self._at = self._index.get(here, min(self._at, max(0, len(self.rows) - 1)))
        self._measure()

    def set_row(self, row: TableRow) -> None:
        """Show one row anew; much cheaper than set_rows."""
        number = self._index[row.id]
        before = self.rows[number]
        self.rows = (*self.rows[:number], row, *self.rows[number + 1 :])
        if before.notes != row.notes:
            self._measure()
        else:
            self._update_row(number)

    def _update_row(self, number: int) -> None:
        """Paint one row anew, with a little around it for frames."""
        if 0 <= number < len(self.rows):
            box = self.row_rect(number)
            high = box.height() + self._geometry.heights[number]
            self.viewport().update(QRect(0, box.top() - 2, self.viewport().width(), high + 4))

    def set_columns(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self._column = min(self._column, len(self.columns) - 1)
        self._measure()

    def current_id(self) -> str:
        return self.rows[self._at].id if 0 <= self._at < len(self.rows) else ""

    def current_key(self) -> str:
        return self.columns[self._column].key if self.columns else ""

    def go(self, row_id: str, key: str = "") -> None:
        """Make a cell current and bring it into view."""
        if row_id in self._index:
            self._at = self._index[row_id]
        if key:
            self._column = next((n for n, column in enumerate(self.columns) if column.key == key), self._column)
        self._show_current()

    # --- places --------------------------------------------------------------------------------------------------

    def _row_high(self) -> int:
        return look.px(self.row_px)

    def _head_high(self) -> int:
        return look.px(self.head_px) if self.head_px else 0

    def _measure(self) -> None:
        self._columns_across()
        room = self._geometry.edges[-1] if self._geometry.edges else 0
        room = min(room, self.viewport().width())  # a note is read without scrolling sideways
        line = self._row_high()
        self._geometry.heights = [self._notes_high(row, room) if row.notes else 0 for row in self.rows]
        self._geometry.tops = list(accumulate((line + notes for notes in self._geometry.heights), initial=0))
        self._scroll_range()
        self.updateGeometry()
        self.viewport().update()
        self.placed()

    def placed(self) -> None:
        """Called when places have changed: an editor follows its cell."""

    def _columns_across(self) -> None:
        least = [look.px(column.width) for column in self.columns]
        spare = max(0, self.viewport().width() - sum(least))
        shares = sum(column.stretch for column in self.columns)
        widths = [
            width + (spare * column.stretch // shares if shares else 0)
            for width, column in zip(least, self.columns, strict=True)
        ]
        if shares and widths:  # what integer division left over goes to the last that stretches
            last = max(n for n, column in enumerate(self.columns) if column.stretch)
            widths[last] += max(0, self.viewport().width() - sum(widths))
        self._geometry.edges = list(accumulate(widths, initial=0))

    def _notes_high(self, row: TableRow, room: int) -> int:
        return sum(self._note_high(note, room) for note in row.notes)

    def _note_high(self, note: Note, room: int) -> int:
        wide = room - self._note_left(note) - look.control("icon_small") - 6 - self.pad - self._note_button(note)
        needed = paint.width(note.text, "small")
        lines = 1
        if needed > wide > 40:
            box = QFontMetrics(look.font("small")).boundingRect(
                QRect(0, 0, wide, 9999), Qt.TextFlag.TextWrapAnywhere | Qt.TextFlag.TextWordWrap, note.text
            )
            lines = max(1, round(box.height() / QFontMetrics(look.font("small")).height()))
        least = look.px(37) if note.button else look.px(self.note_px)
        return max(least, lines * look.line_height("small") + 6)

    def _note_left(self, note: Note) -> int:
        for number, column in enumerate(self.columns):
            # a note that would have little room begins further left
            if column.key == note.key and self._geometry.edges[number] < self._geometry.edges[-1] * 0.55:
                return self._geometry.edges[number] + self.pad
        return self._geometry.edges[min(1, len(self.columns) - 1)] + self.pad

    def _note_button(self, note: Note) -> int:
        if not note.button:
            return 0
        cap = cap_width(note.cap) + 8 if note.cap else 0
        return paint.width(note.button, "small") + cap + 2 * 11 + 2 * self.pad

    def _scroll_range(self) -> None:
        total = self._row_high() if self.total else 0
        high = self._geometry.tops[-1] if self._geometry.tops else 0
        seen = self.viewport().height() - self._head_high() - total
        bar = self.verticalScrollBar()
        bar.setPageStep(max(1, seen))
        bar.setSingleStep(self._row_high())
        bar.setRange(0, max(0, high - seen))
        across = self.horizontalScrollBar()
        across.setPageStep(self.viewport().width())
        across.setRange(0, max(0, (self._geometry.edges or [0])[-1] - self.viewport().width()))

    def sizeHint(self) -> QSize:
        high = self._geometry.tops[-1] if self._geometry.tops else 0
        high += self._head_high() + (self._row_high() if self.total else 0)
        if self.horizontalScrollBar().maximum():
            high += self.horizontalScrollBar().sizeHint().height()
        return QSize(look.px(400), high)

    def minimumSizeHint(self) -> QSize:
        return QSize(look.px(200), min(self.sizeHint().height(), self._head_high() + 3 * self._row_high()))

    def row_rect(self, number: int) -> QRect:
        """The line of cells of a row, in the viewport."""
        y = self._head_high() + self._geometry.tops[number] - self.verticalScrollBar().value()
        return QRect(-self.horizontalScrollBar().value(), y, self._geometry.edges[-1], self._row_high())

    def cell_rect(self, number: int, column: int) -> QRect:
        edges, box = self._geometry.edges, self.row_rect(number)
        return QRect(box.left() + edges[column], box.top(), edges[column + 1] - edges[column], box.height())

    def input_rect(self, number: int, column: int) -> QRect:
        """Where the input box of a cell is drawn and its editor lies."""
        return self._input_box(self.cell_rect(number, column))

    def _input_box(self, cell: QRect) -> QRect:
        high = min(look.px(34), cell.height() - 6)
        return QRect(
            cell.left() + self.pad, cell.top() + (cell.height() - 1 - high) // 2, cell.width() - 2 * self.pad, high
        )

    def row_at(self, y: int) -> int:
        """Number of the row at a height of the viewport, -1 for none."""
        below = y - self._head_high()
        if below < 0 or not self.rows:
            return -1
        number = bisect_right(self._geometry.tops, below + self.verticalScrollBar().value()) - 1
        return number if number < len(self.rows) else -1

    def column_at(self, x: int) -> int:
        number = bisect_right(self._geometry.edges, x + self.horizontalScrollBar().value()) - 1
        return number if 0 <= number < len(self.columns) else -1

    def _bring(self, number: int, column: int) -> None:
        """Scroll until a cell is in view."""
        top, bottom = self._geometry.tops[number], self._geometry.tops[number + 1]
        bar = self.verticalScrollBar()
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + bar.pageStep():
            bar.setValue(bottom - bar.pageStep())
        across, edges = self.horizontalScrollBar(), self._geometry.edges
        if edges[column] < across.value():
            across.setValue(edges[column])
        elif edges[column + 1] > across.value() + across.pageStep():
            across.setValue(edges[column + 1] - across.pageStep())

    def _show_current(self) -> None:
        if not self.rows:
            return
        self._bring(self._at, self._column)
        row = self.rows[self._at]
        self.setAccessibleDescription(f"第 {self._at + 1} 行，共 {len(self.rows)} 行 {row.label}".strip())
        self._update_row(self._marked)
        self._update_row(self._at)
        self._marked = self._at
        self.moved.emit(row.id, self.current_key())

    # --- events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_geometry"):
            self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move the pixels of the rows, so that only what comes into view is drawn."""
        head, total = self._head_high(), self._row_high() if self.total else 0
        body = QRect(0, head, self.viewport().width(), self.viewport().height() - head - total)
        if dx or abs(dy) >= body.height():
            self.viewport().update()
        else:
            self.viewport().scroll(0, dy, body)
            if self.total is not None:
                self.viewport().update(QRect(0, body.bottom() - abs(dy), body.width(), total + abs(dy) + 2))
        self.placed()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tip(event.pos(), event.globalPos())
            return True
        if event.type() == QEvent.Type.Leave and self._over != -1:
            before, self._over = self._over, -1
            self._update_row(before)
        return super().viewportEvent(event)

    def _tip(self, at: QPoint, where: QPoint) -> None:
        number, column = self.row_at(at.y()), self.column_at(at.x())
        if number < 0 or column < 0:
            return
        cell = self.rows[number].cells.get(self.columns[column].key)
        shown = self.columns[column]
        room = self.cell_rect(number, column).width() - 2 * self.pad
        if cell and paint.width(cell.text, shown.role, shown.bold) > room:
            QToolTip.showText(where, cell.text, self)
        else:
            QToolTip.hideText()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number = self.row_at(at.y())
        if number != self._over:
            before, self._over = self._over, number
            self._update_row(before)
            self._update_row(number)
        press = number >= 0 and (self._button_under(number, at) or self.note_under(number, at))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if press else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        number, column = self.row_at(at.y()), self.column_at(at.x())
        if number < 0:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._at = number
        self._column = column if column >= 0 else self._column
        self._show_current()
        key = self._button_under(number, at)
        note = self.note_under(number, at)
        if key:
            self.pressed.emit(self.rows[number].id, key)
        elif note is not None:
            self.pressed.emit(self.rows[number].id, note.key)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def _button_under(self, number: int, at: QPoint) -> str:
        column = self.column_at(at.x())
        if column >= 0 and self.columns[column].kind == "button" and self._button_rect(number, column).contains(at):
            return self.columns[column].key
        return ""

    def _button_rect(self, number: int, column: int) -> QRect:
        return self._button_box(self.cell_rect(number, column), self.rows[number].cells[self.columns[column].key].text)

    def _button_box(self, cell: QRect, text: str) -> QRect:
        wide, high = paint.width(text, "small") + 22, look.control("height_small")
        return QRect(cell.right() - self.pad - 1 - wide, cell.top() + (cell.height() - high) // 2, wide, high)

    def note_under(self, number: int, at: QPoint) -> Note | None:
        """The note whose button lies under a point of the viewport."""
        for note, box in self._note_boxes(number):
            if note.button and self._note_button_rect(note, box).contains(at):
                return note
        return None

    def _note_boxes(self, number: int) -> list[tuple[Note, QRect]]:
        line = self.row_rect(number)
        y, made = line.bottom() + 1, []
        for note in self.rows[number].notes:
            high = self._note_high(note, min(line.width(), self.viewport().width()))
            made.append((note, QRect(line.left(), y - 4, line.width(), high)))
            y += high
        return made

    def _note_button_rect(self, note: Note, box: QRect) -> QRect:
        wide, high = self._note_button(note) - 2 * self.pad, look.control("height_small")
        right = min(box.right(), self.viewport().width())
        return QRect(right - self.pad - wide, box.top() + (box.height() - high) // 2, wide, high)

    # --- paint ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        head, bottom = self._head_high(), self.viewport().height()
        total = self._row_high() if self.total else 0
        dirty, region = event.rect(), event.region()
        painter.fillRect(dirty, look.color(self.ground))
        painter.save()
        painter.setClipRect(QRect(0, head, self.viewport().width(), bottom - head - total))
        first = max(0, self.row_at(max(head, dirty.top())))
        for number in range(first, len(self.rows)):
            line = self.row_rect(number)
            if line.top() > min(bottom - total, dirty.bottom()):
                break
            if region.intersects(line.adjusted(0, -2, 0, self._geometry.heights[number] + 2)):
                self._paint_row(painter, number)
        if self.selected and self.rows and look.contrast:
            line = self.row_rect(self._at)
            whole = QRect(
                0, line.top() - 1, self.viewport().width(), line.height() + self._geometry.heights[self._at] + 1
            )
            paint.frame(painter, whole, 0, "", "focus", 2)
        painter.restore()
        if self.total is not None:
            after = head + (self._geometry.tops or [0])[-1] - self.verticalScrollBar().value()
            self._paint_total(painter, min(after, bottom - total))
        if head:
            self._paint_head(painter, head)

    def _paint_head(self, painter: QPainter, high: int) -> None:
        shift, edges = self.horizontalScrollBar().value(), self._geometry.edges
        painter.fillRect(QRect(0, 0, self.viewport().width(), high), look.color(self.head_ground))
        for number, column in enumerate(self.columns):
            box = QRect(edges[number] - shift + self.pad, 0, edges[number + 1] - edges[number] - 2 * self.pad, high - 1)
            paint.words(painter, box, column.title, "text_2", "small", align=paint.FACES[column.align])
        paint.hline(painter, 0, self.viewport().width(), high - look.line, "line_strong", look.line)

    def row_ground(self, number: int) -> str:
        row = self.rows[number]
        if row.ground:
            return row.ground
        if any(note.tone == "error" for note in row.notes):
            return "row_problem"
        if self.selected and number == self._at:
            return "row_selected"
        return "surface_hover" if number == self._over else ""

    def _paint_row(self, painter: QPainter, number: int) -> None:
        row, line = self.rows[number], self.row_rect(number)
        whole = line.adjusted(0, 0, 0, self._geometry.heights[number])
        ground = self.row_ground(number)
        if ground:
            painter.fillRect(QRect(0, whole.top(), self.viewport().width(), whole.height()), look.color(ground))
        edges = self._geometry.edges
        for at, column in enumerate(self.columns):
            cell = row.cells.get(column.key)
            if cell is not None:
                box = QRect(line.left() + edges[at], line.top(), edges[at + 1] - edges[at], line.height())
                self.paint_cell(painter, column, cell, box, bool(ground))
        for note, box in self._note_boxes(number):
            self._paint_note(painter, note, box)
        after = number + 1 < len(self.rows) or self.total is None
        if after and not (number + 1 == len(self.rows) and self._fits()):
            paint.hline(painter, 0, self.viewport().width(), whole.bottom(), "line", 1)

    def _fits(self) -> bool:
        """Whether the table ends with the last row, so that the card's own line closes it."""
        return self.viewport().height() <= self._head_high() + self._geometry.tops[-1] + 1

    def _paint_note(self, painter: QPainter, note: Note, box: QRect) -> None:
        side, left = look.control("icon_small"), box.left() + self._note_left(note)
        tone = note.tone if note.tone in ("error", "warn", "ok", "info", "returned") else "text_2"
        icon = NOTE_ICONS.get(note.tone, "info")
        step = look.line_height("small")
        wide = min(box.right(), self.viewport().width()) - left - side - 6 - self.pad - self._note_button(note)
        one = paint.width(note.text, "small") <= wide
        top = box.top() + ((box.height() - step) // 2 if one else 2)
        icons.paint(painter, icon, left, top + (step - side) // 2, side, tone)
        painter.setFont(look.font("small"))
        painter.setPen(look.color(tone))
        flags = (
            paint.LEFT if one else Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        )
        painter.drawText(QRect(left + side + 6, top, wide, box.bottom() - top if not one else step), flags, note.text)
        if note.button:
            spot = self._note_button_rect(note, box)
            paint.frame(painter, spot, look.radius("control"), "surface", "line_strong", look.line)
            paint.words(painter, spot.adjusted(11, 0, 0, 0), note.button, "text", "small")
            if note.cap:
                x = spot.left() + 11 + paint.width(note.button, "small") + 8
                paint_cap(painter, x, spot.center().y() + 1, note.cap, "text_2", "line_strong")

    def _paint_total(self, painter: QPainter, y: int) -> None:
        assert self.total is not None
        shift, edges = self.horizontalScrollBar().value(), self._geometry.edges
        band = QRect(0, y, self.viewport().width(), self._row_high())
        painter.fillRect(band, look.color("table_head"))
        paint.hline(painter, 0, band.width(), y, "line_strong", look.line)
        for number, column in enumerate(self.columns):
            cell = self.total.cells.get(column.key)
            if cell is None:
                continue
            inset = 11 if column.kind in ("input", "choice") and column.align == "right" else 0
            box = QRect(
                edges[number] - shift + self.pad,
                y + 1,
                edges[number + 1] - edges[number] - 2 * self.pad - inset,
                band.height(),
            )
            ink = "text_2" if column.kind == "last" else "text"
            paint.words(painter, box, cell.text, ink, bold=True, align=paint.FACES[column.align])

    def paint_cell(self, painter: QPainter, column: Column, cell: CellShow, whole: QRect, grounded: bool) -> None:
        """One cell without its editor. whole: its rectangle; grounded: the row has a ground of its own."""
        if column.kind in ("input", "choice"):
            self._paint_input(painter, column, cell, self._input_box(whole))
            return
        box = whole.adjusted(0, 0, 0, -1)
        inner = box.adjusted(self.pad, 0, -self.pad, 0)
        face = paint.FACES[column.align]
        if column.kind == "derived" and not grounded:
            painter.fillRect(box, look.color("readonly_bg"))
        if column.kind in ("state", "mark") and cell.icon:
            side = look.control("icon_small")
            if not cell.text:
                x = {"right": inner.right() - side, "center": inner.center().x() - side // 2}.get(
                    column.align, inner.left()
                )
                icons.paint(painter, cell.icon, x, inner.center().y() - side // 2, side, cell.ink or "text_2")
            else:
                paint.icon_words(painter, inner, cell.icon, cell.text, cell.ink or "text", column.role)
            return
        if column.kind == "button":
            spot = self._button_box(whole, cell.text)
            paint.frame(painter, spot, look.radius("control"), "surface", "line_strong", look.line)
            paint.words(painter, spot, cell.text, "text", "small", align=paint.CENTER)
            return
        ink = cell.ink or ("text_2" if column.kind in ("number", "last") else "text")
        bold = column.bold or cell.tone == "returned"
        if cell.tone == "returned":
            painter.fillRect(box, look.color(look.state("returned").bg))
        if cell.sub:
            base, small = look.line_height(), look.line_height("small")
            top = inner.top() + (inner.height() - base - small) // 2
            first = QRect(inner.left(), top, inner.width(), base)
            paint.words(painter, first, cell.text, ink, column.role, bold=bold, align=face)
            second = QRect(inner.left(), top + base, inner.width(), small)
            paint.words(painter, second, cell.sub, "text_2", "small", align=face)
        else:
            paint.words(painter, inner, cell.text, ink, column.role, bold=bold, align=face)
        if cell.tone in ("error", "returned"):
            paint.frame(painter, box.adjusted(0, 0, 0, 1), 0, "", cell.tone, 2)

    def _paint_input(self, painter: QPainter, column: Column, cell: CellShow, box: QRect) -> None:
        if cell.tone == "off":
            paint.words(painter, box.adjusted(10, 0, -10, 0), "—", "text_3", align=paint.FACES[column.align])
            return
        ground, line, width = paint.field_colors(cell.tone, False)
        paint.frame(painter, box, look.radius("control"), ground, line, width)
        right = 10
        if column.kind == "choice":
            side = look.control("icon")
            icons.paint(painter, "chev-d", box.right() - 9 - side, box.center().y() - side // 2 + 1, side, "text_2")
            right += side + 6
        ink = "text" if cell.tone not in ("readonly", "disabled") else "text_2"
        paint.words(painter, box.adjusted(10, 0, -right, 0), cell.text, ink, align=paint.FACES[column.align])
