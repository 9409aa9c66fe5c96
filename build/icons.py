"""Icons: the sign and colour of each kind of file, and pictures of an .svg in the sizes that Windows wants (.ico)."""

from __future__ import annotations

import io
import os
from pathlib import Path

from cunbao.desks import filekinds
from cunbao.desks.filekinds import FileKind

SIZES = (16, 24, 32, 48, 64, 128, 256)

# drawn in a square of 36
BOX = '<path d="M3 11l15-8 15 8v15l-15 8-15-8zM3 11l15 8 15-8M18 19v15"/>'
ARROWS = '<path d="M10 32V6M3 13l7-8 7 8M26 4v26M19 24l7 8 7-8"/>'
KEY = '<circle cx="11" cy="18" r="8"/><path d="M19 18h15M28 18v7M34 18v5"/>'
LOCK = '<rect x="5" y="16" width="26" height="17" rx="3"/><path d="M10 16v-4a8 8 0 0 1 16 0v4M18 22v5"/>'
PAGE = '<path d="M8 6h20M8 14h20M8 22h20M8 30h12"/>'
SIGNS = {
    filekinds.PACK: ("#2c7a4b", BOX),
    filekinds.PACKAGE: ("#1d5c9e", ARROWS),
    filekinds.REQUEST: ("#8a5a00", KEY),
    filekinds.CERTIFICATE: ("#7a3e9d", KEY),
    filekinds.TOWN_CERTIFICATE: ("#7a3e9d", KEY),
    filekinds.TOWN_DESK: ("#7a3e9d", KEY),
    filekinds.ROOT: ("#a3262a", KEY),
    filekinds.RECOVERY_REQUEST: ("#8a5a00", LOCK),
    filekinds.RECOVERY_ANSWER: ("#2c7a4b", LOCK),
}


def sign_of(kind: FileKind | None) -> tuple[str, str]:
    """(colour, what is drawn) of a kind of file; None: of one that says itself what it is."""
    return ("#5b6673", PAGE) if kind is None else SIGNS[kind]


def png(svg: str, size: int) -> bytes:
    """A picture of an .svg, `size` pixels wide and high."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    app = QGuiApplication.instance() or QGuiApplication(["icons"])
    assert app is not None
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt takes none
    return bytes(buffer.data().data())


def write_ico(svg: str, path: Path) -> None:
    """An .ico with all sizes, each drawn by itself: lines stay sharp."""
    from PIL import Image

    drawn = [Image.open(io.BytesIO(png(svg, size))) for size in SIZES]
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn[-1].save(path, format="ICO", append_images=drawn[:-1], sizes=[(size, size) for size in SIZES])
