"""What stands in a `Grid` and how each kind of cell is drawn: frozen values made by screens, one function a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap, QTextLayout, QTextOption

from cunbao.survey.states import ReturnState
from cunbao.ui.kit import gridbars, icons, paint
from cunbao.ui.kit.fields import paint_check
from cunbao.ui.kit.gridbars import paint_bar
from cunbao.ui.kit.gridfigures import paint_measure, paint_verdict
from cunbao.ui.kit.tokens import StateLook, look

PAD = 10  # left and right inside every cell; not scaled
ALIGN = {"number": "right", "tick": "center", "button": "right", "measure": "right"}
QUIET = "text_3"  # ink of what a filter has left out


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column. width: pixels at 100 %, the least it takes; stretch: share of what is left (0 none).

    kind: text, number (right, digits of one width), chip (state with its ground), state (icon and word), two (text over
    a small `sub`), tick (box), radio (ring and words), button, bar (a bar, its text at the right), measure (a value,
    its unit small behind it), verdict (icon and word, over `sub`). align: left, right, center, "" by kind. lines: 2
    lets a text wrap once. stop: whether the cell cursor stops here. ground: tint of the whole column. middle: a text
    too long is cut there, because both its ends tell it from others.
    head, head_sub: words of the head, the second ones small; head_icon and head_tone before and on them; head_end:
    (icon, word, tone) at the right end of the head.
    """

    key: str
    head: str
    width: int
    stretch: int = 0
    kind: str = "text"
    align: str = ""
    bold: bool = False
    role: str = "base"
    tone: str = "text"
    lines: int = 1
    stop: bool = True
    ground: str = ""
    middle: bool = False
    head_sub: str = ""
    head_icon: str = ""
    head_tone: str = ""
    head_end: tuple[str, str, str] | None = None

    @property
    def face(self) -> str:
        return self.align or ALIGN.get(self.kind, "left")


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell. tone: ink (token or "#RRGGBB"), "" the column's; for a chip it names a tone (warn, error, ok, info).

    state: a state of tokens.json that gives chip and state cells icon and colours; boxed: False draws a chip without
    its ground; mark: a small word after a chip (迟报). on: ticked; None = no box here, the icon stands instead.
    more: grey words after the text (.cbsync); sub: a small second line; badge: a framed word at the right end (改).
    grey: a filter has left it out, or a button that cannot be pressed; ground: tint; tip: what the tooltip says.
    framed: a red frame, for a cell that is wrong. share, target: of a bar, 0…1 of its length; None = no bar, no
    stroke. Its colour is `tone`.
    """

    text: str = ""
    sub: str = ""
    more: str = ""
    icon: str = ""
    tone: str = ""
    state: str = ""
    boxed: bool = True
    mark: str = ""
    on: bool | None = None
    bold: bool = False
    badge: str = ""
    grey: bool = False
    ground: str = ""
    tip: str = ""
    framed: bool = False
    share: float | None = None
    target: float | None = None

    @property
    def words(self) -> str:
        """The cell as a reader of the screen hears it."""
        ticked = {True: "已勾选", False: "没有勾选", None: ""}[self.on]
        word = self.text or (look.state(self.state).word if self.state else "")
        return " ".join(part for part in (word + self.more, self.mark, self.sub, self.badge, ticked) if part)


EMPTY = GridCell()


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row by its stable id. label: which row this is, for a reader of the screen (曼蚌村). ground: a tint that
    stays (row_problem). band: words of a row that only parts the rows above from those below; label is their title."""

    id: str
    cells: Mapping[str, GridCell] = field(default_factory=dict)
    label: str = ""
    grey: bool = False
    ground: str = ""
    band: str = ""

    def cell(self, key: str) -> GridCell:
        return self.cells.get(key, EMPTY)


def state_cell(state: ReturnState, *, boxed: bool = True, mark: str = "", grey: bool = False) -> GridCell:
    """The cell of a return's state: 有冲突 has the icon `split`, 未报 and 通过 need no ground to be seen."""
    icon = "split" if state is ReturnState.FORK else ""
    plain = state in (ReturnState.ACCEPTED, ReturnState.MISSING)
    return GridCell(
        text=state.value, icon=icon, state=state.token, boxed=boxed and not plain and not grey, mark=mark, grey=grey
    )


# --- drawing ---------------------------------------------------------------------------------------------------------


def paint_cell(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    """One cell inside `box` (without the line beneath). grey: left out by a filter; over: the pointer is on it."""
    ground = cell.ground or column.ground
    if ground:
        painter.fillRect(box, look.color(ground))
    if cell.framed:
        paint.frame(painter, box.adjusted(2, 2, -2, -2), look.radius("small"), "", "error", 2)
    inner = inside(column, box)
    if cell.badge:
        inner.setRight(_badge(painter, cell.badge, inner))
    _DRAW[column.kind](painter, column, cell, inner, grey or cell.grey, over)


def inside(column: GridColumn, box: QRect) -> QRect:
    """Where the contents of a cell lie; what is set to the right may come close to the column before it."""
    return box.adjusted(3 if column.face == "right" else PAD, 0, -PAD, 0)


def _ink(column: GridColumn, cell: GridCell, grey: bool) -> str:
    return QUIET if grey else cell.tone or column.tone


def _text(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    ink, bold, role = _ink(column, cell, grey), cell.bold or column.bold, column.role
    if cell.sub:
        _two(painter, column, cell, box, grey, over)
    elif cell.icon:
        paint.icon_words(painter, box, cell.icon, cell.text, ink, role, bold=bold)
    elif column.lines > 1 and paint.width(cell.text, role, bold) > box.width():
        _wrapped(painter, cell.text, box, ink, role, bold)
    else:
        _line(painter, column, cell, box, ink)


def _line(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, ink: str) -> None:
    """The text, and after it what is grey."""
    bold = cell.bold or column.bold
    if not cell.more:
        face = paint.FACES[column.face]
        paint.words(painter, box, cell.text, ink, column.role, bold=bold, align=face, middle=column.middle)
        return
    suffix = cell.more.startswith(".")  # of a file: seen whole, the name gives way; anything else gives way itself
    gap, whole = 0 if suffix else 10, paint.width(cell.text, column.role, bold)
    wide = min(whole, max(0, box.width() - (paint.width(cell.more, "small") if suffix else 0) - gap))
    tail = min(paint.width(cell.more, "small"), max(0, box.width() - wide - gap))
    spot = QRect(box.left(), box.top(), wide + 1, box.height())
    paint.words(painter, spot, cell.text, ink, column.role, bold=bold, middle=column.middle)
    rest = QRect(box.left() + wide + gap, box.top() + look.px(1), tail + 1, box.height())
    paint.words(painter, rest, cell.more, "text_2", "small")


def _two(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    if not cell.sub:
        _line(painter, column, cell, box, _ink(column, cell, grey))
        return
    first, second = look.line_height(column.role) - 2, look.line_height("small")
    top = box.top() + (box.height() - first - second) // 2
    upper = QRect(box.left(), top, box.width(), first)
    _line(painter, column, cell, upper, _ink(column, cell, grey))
    lower = QRect(box.left(), top + first, box.width(), second)
    paint.words(painter, lower, cell.sub, "text_2", "small", align=paint.FACES[column.face])


def _wrapped(painter: QPainter, text: str, box: QRect, ink: str, role: str, bold: bool) -> None:
    high = min(look.line_height(role), box.height() // 2)
    top = box.top() + (box.height() - 2 * high) // 2
    first, rest = _broken(text, box.width(), role, bold, look.scale)
    for number, part in enumerate((first, rest)):
        paint.words(painter, QRect(box.left(), top + number * high, box.width(), high), part, ink, role, bold=bold)


@lru_cache(maxsize=4000)
def _broken(text: str, width: int, role: str, bold: bool, scale: float) -> tuple[str, str]:
    """A text cut where its first line ends: never before a comma, never inside a number. `scale` keys the memory."""
    layout = QTextLayout(text, look.font(role, bold))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(max(1, width))
    end = line.textLength()
    layout.endLayout()
    return text[:end], text[end:].lstrip()


def _chip(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    if not cell.text and not cell.state:
        return
    if not cell.boxed and not cell.state and not cell.icon:  # a plain word among chips: the 0 of a count
        _line(painter, column, cell, box, _ink(column, cell, grey))
        return
    shown = chip_pixmap(cell, grey, box.height() + 1, painter.device().devicePixelRatio())
    ratio = shown.devicePixelRatio()
    size = QSize(round(shown.width() / ratio), round(shown.height() / ratio))
    top = box.top() + (box.height() - size.height()) // 2
    if column.face == "right" and not cell.mark:
        box = box.adjusted(max(0, box.width() - size.width()), 0, 0, 0)
    if size.width() <= box.width():
        painter.drawPixmap(box.left(), top, shown)
    else:  # cut at the edge of the cell; the tooltip says it whole
        part = QRect(0, 0, round(box.width() * ratio), shown.height())
        painter.drawPixmap(QPoint(box.left(), top), shown, part)
    if cell.mark:
        spot, ink = box.adjusted(size.width() + 6, 0, 0, 0), QUIET if grey else look.state("late").fg
        if paint.width(cell.mark, "small") <= spot.width():
            paint.words(painter, spot, cell.mark, ink, "small")
        else:  # the tooltip says the word
            side = look.control("icon_small")
            icon = look.state("late").icon if cell.mark == look.state("late").word else "info"
            icons.paint(painter, icon, spot.left() - 2, spot.top() + (spot.height() - side) // 2, side, ink)


_chips: dict[tuple[object, ...], QPixmap] = {}


def chip_pixmap(cell: GridCell, grey: bool, row_high: int, ratio: float) -> QPixmap:
    """A chip drawn once a word, size and look: a board shows the same eleven words in thousands of cells."""
    boxed = cell.boxed and not grey
    high = min(look.px(26), row_high - 6)
    key = (cell.text, cell.icon, cell.tone, cell.state, boxed, grey, high, look.scale, look.contrast, ratio)
    found = _chips.get(key)
    if found is None:
        inks = _inks(cell)
        word, icon = cell.text or inks.word, cell.icon or inks.icon
        side = look.control("icon_small") if icon else 0
        found = QPixmap(QSize(paint.width(word, "small") + 16 + (side + 5 if icon else 0), high) * ratio)
        found.setDevicePixelRatio(ratio)
        found.fill(Qt.GlobalColor.transparent)
        pen = QPainter(found)
        box = QRect(0, 0, round(found.width() / ratio), high)
        if boxed:
            paint.frame(pen, box, look.radius("control"), inks.bg, inks.line, look.line)
        inner, ink = box.adjusted(8, 0, 0, 0), QUIET if grey else inks.fg
        if icon:
            paint.icon_words(pen, inner, icon, word, ink, gap=5)
        else:
            paint.words(pen, inner, word, ink, "small")
        pen.end()
        if len(_chips) > 500:
            _chips.clear()
        _chips[key] = found
    return found


def _inks(cell: GridCell) -> StateLook:
    return look.state(cell.state) if cell.state else look.tone(cell.tone or "info", cell.text, cell.icon)


def _state(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    if not (cell.text or cell.icon or cell.state):
        return
    inks = look.state(cell.state) if cell.state else None
    icon = cell.icon or (inks.icon if inks else "")
    word = cell.text or (inks.word if inks else "")
    ink = QUIET if grey else cell.tone or (inks.fg if inks else column.tone)
    if column.face == "right":
        wide = paint.width(word, column.role) + (look.control("icon_small") + 6 if icon else 0)
        box = box.adjusted(max(0, box.width() - wide - 1), 0, 0, 0)
    if icon:
        paint.icon_words(painter, box, icon, word, ink, column.role, bold=cell.bold)
    else:
        paint.words(painter, box, word, ink, column.role, bold=cell.bold, align=paint.FACES[column.face])


def _tick(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    if cell.on is None:
        side = look.control("icon")
        if cell.icon:
            icons.paint(
                painter, cell.icon, box.center().x() - side // 2, box.center().y() - side // 2 + 1, side, "text_2"
            )
        return
    paint_check(painter, tick_box(box), cell.on, enabled=not cell.grey)


def tick_box(box: QRect) -> QRect:
    side = look.control("checkbox")
    return QRect(box.center().x() - side // 2, box.top() + (box.height() - side) // 2, side, side)


def _radio(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    side = look.control("checkbox")
    ring = QRect(box.left(), box.top() + (box.height() - side) // 2, side, side)
    if cell.on is not None:
        paint_radio(painter, ring, cell.on)
    paint.words(
        painter, box.adjusted(side + 8, 0, 0, 0), cell.text, _ink(column, cell, grey), column.role, bold=cell.bold
    )


def paint_radio(painter: QPainter, ring: QRect, on: bool) -> None:
    """A ring of 18, filled with a white dot when chosen."""
    half = ring.width() / 2
    paint.frame(painter, ring, half, "accent" if on else "surface", "accent" if on else "line_input", look.line)
    if on:
        inset = round(ring.width() * 0.3)
        dot = ring.adjusted(inset, inset, -inset, -inset)
        paint.frame(painter, dot, dot.width() / 2, "text_on_accent")


def _button(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    if not cell.text:
        return
    spot = button_box(cell, box)
    ink = "text_disabled" if cell.grey else cell.tone or "text"
    ground = "disabled_bg" if cell.grey else "surface_hover" if over else "surface"
    line = "line" if cell.grey else "error" if cell.tone == "error" else "line_strong"
    paint.frame(painter, spot, look.radius("control"), ground, line, look.line)
    inner = spot.adjusted(11, 0, 0, 0)
    if cell.icon:
        paint.icon_words(painter, inner, cell.icon, cell.text, ink, gap=8)
    else:
        paint.words(painter, inner, cell.text, ink, "small")


def _bar(painter: QPainter, column: GridColumn, cell: GridCell, box: QRect, grey: bool, over: bool) -> None:
    wide = paint.width("100%", column.role) if cell.text else 0  # the same in every row, so that bars end in one line
    if cell.share is not None:
        tone = "line_strong" if grey else cell.tone or "accent"
        gap = gridbars.GAP if wide else 0
        paint_bar(painter, box.adjusted(0, 0, -wide - gap, 0), cell.share, cell.target, tone)
    ink = QUIET if grey else cell.tone if cell.bold else column.tone
    paint.words(painter, box, cell.text, ink, column.role, bold=cell.bold, align=paint.FACES["right"])


def button_box(cell: GridCell, inner: QRect) -> QRect:
    """Where a button lies in the inside of its cell."""
    icon = look.control("icon_small") + 8 if cell.icon else 0
    wide = paint.width(cell.text, "small") + 22 + icon
    high = min(look.control("height_small"), inner.height() - 2)
    return QRect(inner.right() + 1 - wide, inner.top() + (inner.height() - high) // 2, wide, high)


def _badge(painter: QPainter, word: str, box: QRect) -> int:
    """A framed word at the right end; returns where the rest of the cell ends."""
    wide, high = paint.width(word, "small") + 10, look.px(20)
    spot = QRect(box.right() + 1 - wide, box.top() + (box.height() - high) // 2, wide, high)
    paint.frame(painter, spot, look.radius("small"), "warn_bg", "warn_line", look.line)
    paint.words(painter, spot, word, "warn", "small", align=paint.CENTER)
    return spot.left() - 8


def cut(column: GridColumn, cell: GridCell, width: int) -> bool:
    """Whether … stands for a part of the cell."""
    room, bold = inside(column, QRect(0, 0, width, 1)).width(), cell.bold or column.bold
    if cell.badge:
        room -= paint.width(cell.badge, "small") + 18
    if column.kind == "chip":
        return QFontMetrics(look.font("small")).horizontalAdvance(f"{cell.text}{cell.mark}") + 43 > room
    head = look.control("icon_small") + 6 if cell.icon or column.kind in ("state", "radio") else 0
    tail = paint.width(cell.more, "small") + 10 if cell.more else 0
    wide = paint.width(cell.text, column.role, bold) + head + tail
    if column.lines > 1 and not cell.sub:
        return wide > 2 * room - look.px(13)
    return max(wide, paint.width(cell.sub, "small") if cell.sub else 0) > room


_DRAW: dict[str, Callable[[QPainter, GridColumn, GridCell, QRect, bool, bool], None]] = {
    "text": _text,
    "number": _text,
    "two": _two,
    "chip": _chip,
    "state": _state,
    "tick": _tick,
    "radio": _radio,
    "button": _button,
    "bar": _bar,
    "measure": paint_measure,
    "verdict": paint_verdict,
}
