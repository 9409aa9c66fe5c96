"""The bar of a table's cell: how much of a whole, with an upright stroke where the target stands."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from cunbao.ui.kit import paint
from cunbao.ui.kit.tokens import look

HIGH = 7  # px at 100 %
GAP = 8


def paint_bar(painter: QPainter, box: QRect, share: float, target: float | None, tone: str) -> None:
    """A bar in the middle of `box`. share, target: 0…1 of its length; what is beyond is drawn as full."""
    high = look.px(HIGH)
    groove = QRect(box.left(), box.top() + (box.height() - high) // 2, box.width(), high)
    paint.frame(painter, groove, high / 2, "surface_sunken", "line_strong" if look.contrast else "line", look.line)
    done = groove.adjusted(1, 1, -1, -1)
    done.setWidth(round(done.width() * min(1.0, max(0.0, share))))
    if done.width() > 0:
        paint.frame(painter, done, min(done.width(), done.height()) / 2, tone)
    if target is not None:
        x = groove.left() + round((groove.width() - 2) * min(1.0, max(0.0, target)))
        painter.fillRect(QRect(x, groove.top() - look.px(4), 2, high + 2 * look.px(4)), look.color("text"))
