"""Drawing that several components share: frames of one crisp line, one line of text, an icon before a word."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from cunbao.ui.kit import icons
from cunbao.ui.kit.tokens import look

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
# as plain numbers: or-ing Qt's enums costs more than drawing a short word
_FLAGS = {align: int((align | Qt.TextFlag.TextSingleLine).value) for align in (LEFT, RIGHT, CENTER)}
FACES = {"left": LEFT, "right": RIGHT, "center": CENTER}


def frame(
    painter: QPainter, rect: QRect | QRectF, radius: float, fill: str = "", line: str = "", width: float = 0
) -> None:
    """A rounded box inside `rect`: fill and line are token names or "#RRGGBB", "" for none."""
    box = QRectF(rect)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if line and width:
        painter.setPen(QPen(look.color(line), width))
        box = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


def hline(painter: QPainter, x1: int, x2: int, y: int, color: str = "line", width: int = 1) -> None:
    """A line of whole pixels from x1 up to x2 whose upper edge is at y."""
    painter.fillRect(QRect(x1, y, x2 - x1, width), look.color(color))


def words(
    painter: QPainter,
    rect: QRect,
    text: str,
    color: str = "text",
    role: str = "base",
    *,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
    middle: bool = False,
) -> bool:
    """One line of text, cut with … when it does not fit. middle: there, both ends stay. True when it was cut."""
    font = look.font(role, bold)
    shown, room = text, rect.width()
    if len(text) * font.pixelSize() > room:  # no sign is wider than the font is high
        metrics = QFontMetrics(font)
        if metrics.horizontalAdvance(text) > room:
            side = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            shown = metrics.elidedText(text, side, max(0, room))
    painter.setFont(font)
    painter.setPen(look.color(color))
    painter.drawText(rect.translated(0, -look.lift(role)), _FLAGS[align], shown)
    return shown != text


def width(text: str, role: str = "base", bold: bool = False) -> int:
    """Pixels that one line of text takes."""
    return QFontMetrics(look.font(role, bold)).horizontalAdvance(text)


def icon_words(
    painter: QPainter,
    rect: QRect,
    icon: str,
    text: str,
    color: str,
    role: str = "small",
    *,
    bold: bool = False,
    size: int = 0,
    gap: int = 6,
) -> int:
    """An icon and a word in one colour, centred on the height of rect. Returns the width used."""
    side = size or look.control("icon_small")
    icons.paint(painter, icon, rect.left(), rect.top() + (rect.height() - side) // 2, side, color)
    rest = rect.adjusted(side + gap, 0, 0, 0)
    words(painter, rest, text, color, role, bold=bold)
    return side + gap + min(width(text, role, bold), max(0, rest.width()))


def blend(color: str, alpha: float) -> QColor:
    """A token colour made transparent, 0 … 1."""
    made = QColor(look.color(color))
    made.setAlphaF(alpha)
    return made


def field_colors(state: str, focus: bool) -> tuple[str, str, int]:
    """Ground, line and width of an input frame; tables draw their cells with the same."""
    if state == "error":
        return "error_bg", "error", 2
    if focus:
        return ("readonly_bg" if state == "readonly" else "surface"), "focus", 2
    if state == "readonly":
        return "readonly_bg", "line", look.line
    if state == "disabled":
        return "disabled_bg", "line", look.line
    if state == "changed":
        return "info_bg", "info_line", look.line
    return "surface", "line_input", look.line
