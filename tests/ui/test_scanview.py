"""Scans of paper on the screen: small as they are shown, what is written on them stays legible."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter

from cunbao.ui.kit.scanview import MARGIN, ScanView


def a_scan(wide: int, high: int, *, apart: int) -> bytes:
    """A white sheet with black strokes of one dot across it."""
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for y in range(3, high, apart):
        painter.drawLine(0, y, wide, y)
    painter.end()
    out = QBuffer()
    out.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(out, "PNG")
    return bytes(out.data().data())


def test_thin_strokes_of_a_large_scan_are_all_to_be_seen(show) -> None:  # type: ignore[no-untyped-def]
    view = ScanView()
    view.set_files([a_scan(2400, 1600, apart=16)])
    show(view, 300 + 2 * MARGIN, 260)
    seen = view.viewport().grab().toImage()
    size = view._box()
    greys = [seen.pixelColor(size.center().x(), y).lightness() for y in range(size.top() + 4, size.bottom() - 4)]
    every = [min(greys[at : at + 4]) for at in range(0, len(greys) - 4, 2)]  # a stroke stands in any four dots
    assert max(every) < 250 and max(greys) - min(greys) < 80
