"""Scans and photos of paper, one sheet at a time: fitted to the width or larger, dragged with the mouse.

Shows pictures (.jpg, .png, turned as the camera held them) and the pages of PDFs alike. A sheet is drawn when it comes
into view; a few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from cunbao.desks.pagetext import PDFIUM
from cunbao.ui.kit import paint
from cunbao.ui.kit.tokens import look

ZOOMS = (1.0, 1.5, 2.0, 3.0)  # times the width of the view
MARGIN = 12
KEPT = 4  # sheets that stay drawn
MOST = 6000  # pixels of the longer side of what is drawn


class ScanView(QAbstractScrollArea):
    """`turned(n)` when another sheet is shown (from 1; 0 = there is none), `zoomed(factor)`."""

    turned = Signal(int)
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[bytes, ...] = ()
        self._sheets: list[tuple[int, int]] = []  # (file, page in it)
        self._drawn: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._fitted: tuple[tuple[int, int], QImage] | None = None  # sheet and how it was painted last
        self._held: QPoint | None = None
        self.at = 0
        self.zoom = 1.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setAutoFillBackground(False)
        self._tell()

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Sheets of all files together."""
        return len(self._sheets)

    @property
    def file(self) -> int:
        """Number of the file whose sheet is shown, from 0."""
        return self._sheets[self.at][0] if self.count else 0

    def set_files(self, files: Sequence[bytes]) -> None:
        """Show these files, as far as they can be read; the sheet that is looked at stays where it is still there."""
        files = tuple(files)
        if files == self._files:
            return
        self._files, self._fitted = files, None
        self._drawn.clear()
        self._sheets = [(number, page) for number, data in enumerate(files) for page in range(_pages(data))]
        self.at = min(self.at, max(0, self.count - 1))
        self._measure()
        self._tell()

    def go(self, sheet: int) -> None:
        """Show a sheet, counted from 0."""
        if self.count and 0 <= sheet < self.count and sheet != self.at:
            self.at = sheet
            self.verticalScrollBar().setValue(0)
            self._measure()
            self._tell()

    def set_zoom(self, zoom: float) -> None:
        """Times the width of the view; what stood in the middle stays there."""
        middle = self._middle(self.verticalScrollBar()), self._middle(self.horizontalScrollBar())
        self.zoom = zoom
        self._measure()
        for bar, share in zip((self.verticalScrollBar(), self.horizontalScrollBar()), middle, strict=True):
            bar.setValue(round(share * (bar.maximum() + bar.pageStep()) - bar.pageStep() / 2))
        self.zoomed.emit(zoom)

    def step_zoom(self) -> None:
        """The next larger size; after the largest the width again."""
        at = next((number for number, zoom in enumerate(ZOOMS) if zoom > self.zoom + 0.01), 0)
        self.set_zoom(ZOOMS[at])

    @staticmethod
    def _middle(bar: Any) -> float:
        whole = bar.maximum() + bar.pageStep()
        return (bar.value() + bar.pageStep() / 2) / whole if whole and bar.maximum() else 0.5 if bar.value() else 0.0

    def _tell(self) -> None:
        here = self.at + 1 if self.count else 0
        self.setAccessibleName(f"纸质原表，第 {here} / {self.count} 张" if self.count else "还没有纸质原表")
        self.turned.emit(here)

    # --- places --------------------------------------------------------------------------------------------------

    def _size(self) -> QSize:
        """Of the sheet as it is drawn."""
        if not self.count:
            return QSize()
        image = self._image()
        wide = max(60, round((self.viewport().width() - 2 * MARGIN) * self.zoom))
        return QSize(wide, round(wide * image.height() / max(1, image.width())))

    def _measure(self) -> None:
        size, view = self._size(), self.viewport().size()
        for bar, whole, seen in (
            (self.verticalScrollBar(), size.height(), view.height()),
            (self.horizontalScrollBar(), size.width(), view.width()),
        ):
            bar.setRange(0, max(0, whole + 2 * MARGIN - seen) if self.count else 0)
            bar.setPageStep(max(1, seen))
            bar.setSingleStep(look.px(40))
        self.viewport().update()

    def _box(self) -> QRect:
        size = self._size()
        x = max(MARGIN, (self.viewport().width() - size.width()) // 2) if self.zoom <= 1.0 else MARGIN
        return QRect(
            x - self.horizontalScrollBar().value(), MARGIN - self.verticalScrollBar().value(), size.width(),
            size.height(),
        )  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    # --- drawing -------------------------------------------------------------------------------------------------

    def _image(self) -> QImage:
        key = self._sheets[self.at]
        found = self._drawn.get(key)
        if found is None:
            data, page = self._files[key[0]], key[1]
            found = self._drawn[key] = _page_of(data, page) if data.startswith(b"%PDF") else _picture(data)
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        self._drawn.move_to_end(key)
        return found

    def _fit(self, size: QSize) -> QImage:
        """The sheet at the size in which it is painted. Made smaller once and smoothly: a painter that does it takes
        single dots out of thin strokes, and writing is not legible any more."""
        key, wanted = self._sheets[self.at], size * self.devicePixelRatioF()
        if self._fitted is None or self._fitted[0] != key or self._fitted[1].size() != wanted:
            how = Qt.TransformationMode.SmoothTransformation
            made = self._image().scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, how)
            self._fitted = key, made
        return self._fitted[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, view = QPainter(self.viewport()), self.viewport().rect()
        painter.fillRect(view, look.color("surface_sunken"))
        if self.count:
            box = self._box()
            painter.drawImage(box, self._fit(box.size()))
            paint.frame(painter, box.adjusted(-1, -1, 1, 1), 0, "", "line_strong", 1)
        if self.hasFocus():
            paint.frame(painter, view, 0, "", "focus", 2)

    # --- hands ---------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.go(self.at + step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.step_zoom()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._held = event.position().toPoint()
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            here = event.position().toPoint()
            moved, self._held = here - self._held, here
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.step_zoom()


def _pages(data: bytes) -> int:
    """How many sheets a file has; 0 when it cannot be shown."""
    if not data.startswith(b"%PDF"):
        return int(not _picture(data).isNull())
    import pypdfium2

    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            return 0
        try:
            return len(document)
        finally:
            document.close()


def _page_of(data: bytes, page: int) -> QImage:
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(data)
        try:
            wide, high = document.get_page_size(page)
            scale = min(MOST / max(wide, high), 200 / 72)  # 200 dpi
            bitmap = document[page].render(scale=scale, fill_color=(255, 255, 255, 255))
            return QImage(
                bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_BGR888
            ).copy()
        finally:
            document.close()


def _picture(data: bytes) -> QImage:
    """The picture, turned as its camera says; a null one when it is none."""
    device = QBuffer()
    device.setData(QByteArray(data))
    device.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(device)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > MOST:
        reader.setScaledSize(size.scaled(MOST, MOST, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
