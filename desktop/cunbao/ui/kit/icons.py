"""Line icons of resources/icons, drawn in a token colour and kept by size, colour and stroke.

An icon is never the only sign of a state: a word stands beside it, or an accessible name and a tooltip do.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cunbao.survey import resources
from cunbao.ui.kit.tokens import look

_drawn: dict[tuple[str, int, str, float, float], QPixmap] = {}


@cache
def _source(name: str) -> bytes:
    return resources.path(f"icons/{name}.svg").read_bytes()


def pixmap(name: str, size: int, color: str, ratio: float = 1.0) -> QPixmap:
    """The icon `size` logical pixels square, in a token colour or "#RRGGBB"."""
    key = (name, size, look.hex(color), look.stroke, ratio)
    found = _drawn.get(key)
    if found is None:
        ink = look.hex(color).encode()
        svg = _source(name).replace(b"currentColor", ink)
        svg = svg.replace(b'stroke-width="1.75"', f'stroke-width="{look.stroke}"'.encode())
        found = QPixmap(QSize(size, size) * ratio)
        found.fill(Qt.GlobalColor.transparent)
        painter = QPainter(found)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(svg)).render(painter, QRectF(QPointF(0, 0), QPointF(found.width(), found.height())))
        painter.end()
        found.setDevicePixelRatio(ratio)
        _drawn[key] = found
    return found


def paint(painter: QPainter, name: str, x: int, y: int, size: int, color: str) -> None:
    """Draw the icon with its left upper corner at x, y."""
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(QPoint(x, y), pixmap(name, size, color, ratio))


def icon(name: str, color: str = "text") -> QIcon:
    """For the few places of Qt that take a QIcon (window, tray)."""
    return QIcon(pixmap(name, 48, color))
