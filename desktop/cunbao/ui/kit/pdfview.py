"""The PDF viewer: pages as images made by pypdfium2 from exactly the bytes that get signed; nothing is drawn anew.

pypdfium2 is loaded when the first PDF is shown. Pages are rendered when they come into view; a few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScrollBar, QSizePolicy, QWidget

from cunbao.desks.pagetext import PDFIUM
from cunbao.ui.kit import paint
from cunbao.ui.kit.buttons import Button, IconButton
from cunbao.ui.kit.panel import Card, Panel, row
from cunbao.ui.kit.pdfwords import Spot, Word, words_of
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
KEPT_PAGES = 6
MARGIN, GAP = 14, 12
NOT_DRAWN = "这一页画不出来，不是空白页。请存成文件，用别的程序看。"
LONGEST = 6000  # pixels of a page's longer side on the screen: a page may say that it is a mile long
POINT = 96 / 72  # screen pixels a point at 100 %


class PdfPages(QAbstractScrollArea):
    """The pages one under the other. `page_changed(n)` counts from 1. zoom 0 = fit the width.

    `pressed(page, x, y)`: where the mouse went down, page from 0, in PDF points from the page's lower left corner.
    """

    page_changed = Signal(int)
    pressed = Signal(int, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Any = None
        self._hidden: Mapping[str, str] = MappingProxyType({})
        self._data = b""  # pypdfium2 reads from it as long as the document lives
        self._sizes: list[tuple[float, float]] = []
        self._images: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._words: tuple[tuple[Word, ...], ...] | None = None
        self.undrawn: set[int] = set()  # pages, from 0, in whose place stands that they cannot be drawn
        self.mark: Spot | None = None
        self.zoom = 0.0
        self.page = 1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def count(self) -> int:
        return len(self._sizes)

    def show_pdf(self, data: bytes, hidden: Mapping[str, str] = MappingProxyType({})) -> None:
        """Show other bytes from their first page; b"" shows nothing.

        hidden: words of the pages → what stands over them on the screen (identity numbers, phones); the bytes stay."""
        if self._document is not None:
            with PDFIUM:
                self._document.close()
        self._document, self._data, self._sizes = None, data, []
        self._hidden, self._words, self.mark = hidden, None, None
        self.undrawn = set()
        self._images.clear()
        if data:
            import pypdfium2

            with PDFIUM:
                self._document = pypdfium2.PdfDocument(data)
                self._sizes = [self._document.get_page_size(number) for number in range(len(self._document))]
        self.page = 1
        self._measure()
        self.verticalScrollBar().setValue(0)
        self._tell()

    def set_zoom(self, zoom: float) -> None:
        """0.5 … 2.0, or 0 for the width of the view."""
        page = self.page
        self.zoom = zoom
        self._images.clear()
        self._measure()
        self.go(page)
        if self.mark is not None:
            self.set_mark(self.mark)

    def step_zoom(self, step: int) -> None:
        """The next of the usual zooms, larger (+1) or smaller (-1)."""
        now = self.zoom or (self._factor(0) / POINT if self.count else 1.0)
        nearest = [zoom for zoom in ZOOMS if (zoom > now + 0.01 if step > 0 else zoom < now - 0.01)]
        if nearest:
            self.set_zoom(nearest[0] if step > 0 else nearest[-1])

    @property
    def across(self) -> bool:
        """Does the first page lie across?"""
        return bool(self.count) and self._sizes[0][0] > self._sizes[0][1]

    def go(self, page: int) -> None:
        if self.count:
            self.verticalScrollBar().setValue(self._top(max(0, min(self.count - 1, page - 1))))
            self._scrolled()

    def hide_words(self, hidden: Mapping[str, str]) -> None:
        """Cover other words on the same pages, which stay where they are."""
        self._hidden = hidden
        self._images.clear()
        self.viewport().update()

    def words(self) -> tuple[tuple[Word, ...], ...]:
        """The words of every page, to find a place by; read when they are first asked for."""
        if self._words is None:
            with PDFIUM:
                self._words = tuple(words_of(self._document[number]) for number in range(self.count))
        return self._words

    def set_mark(self, spot: Spot | None) -> None:
        """Frame one place of the pages and bring it into view; None takes the frame away."""
        self.mark = spot
        if spot is not None:
            box = self._frame(spot)
            self._bring(self.verticalScrollBar(), box.top(), box.bottom(), self.viewport().height())
            self._bring(self.horizontalScrollBar(), box.left(), box.right(), self.viewport().width())
        self.viewport().update()

    @staticmethod
    def _bring(bar: QScrollBar, near: float, far: float, room: int) -> None:
        """Scroll a place to the middle when it is not seen whole. near, far: its edges in the view."""
        if near < MARGIN or far > room - MARGIN:
            bar.setValue(round(bar.value() + (near + far - room) / 2))

    def _frame(self, spot: Spot) -> QRectF:
        """Where a place is framed in the view, a little larger than its words."""
        page, factor, high = self._page_box(spot.page), self._factor(spot.page), self._sizes[spot.page][1]
        words = QRectF(
            page.left() + spot.box.left * factor,
            page.top() + (high - spot.box.top) * factor,
            (spot.box.right - spot.box.left) * factor,
            (spot.box.top - spot.box.bottom) * factor,
        )
        return words.adjusted(-6, -4, 6, 4)

    def _page_box(self, number: int) -> QRect:
        """Where a page lies in the view."""
        size = self._page_size(number)
        x = max(MARGIN, (self.viewport().width() - size.width()) // 2) - self.horizontalScrollBar().value()
        return QRect(x, MARGIN + self._top(number) - self.verticalScrollBar().value(), size.width(), size.height())

    def _factor(self, number: int) -> float:
        wide, high = self._sizes[number]
        wished = self.zoom * POINT if self.zoom else max(50, self.viewport().width() - 2 * MARGIN) / wide
        return min(wished, LONGEST / max(wide, high))

    def _page_size(self, number: int) -> QSize:
        factor = self._factor(number)
        return QSize(round(self._sizes[number][0] * factor), round(self._sizes[number][1] * factor))

    def _top(self, number: int) -> int:
        return sum(self._page_size(before).height() + GAP for before in range(number))

    def _measure(self) -> None:
        if not self.count:
            self.verticalScrollBar().setRange(0, 0)
            self.viewport().update()
            return
        high = MARGIN * 2 + self._top(self.count) - GAP
        self.verticalScrollBar().setRange(0, max(0, high - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(40)
        wide = max(self._page_size(number).width() for number in range(self.count)) + 2 * MARGIN
        self.horizontalScrollBar().setRange(0, max(0, wide - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.viewport().update()

    def _scrolled(self) -> None:
        if not self.count:
            return
        middle = self.verticalScrollBar().value() + self.viewport().height() // 3
        page = max((number for number in range(self.count) if self._top(number) <= middle), default=0) + 1
        if page != self.page:
            self.page = page
            self._tell()
        self.viewport().update()

    def _tell(self) -> None:
        self.setAccessibleName(f"报表页面，第 {self.page} / {self.count} 页" if self.count else "还没有页面")
        self.page_changed.emit(self.page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self.zoom:
            self._images.clear()
        self._measure()
        if self.mark is not None:
            self.set_mark(self.mark)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.go(self.page + (1 if event.key() == Qt.Key.Key_PageDown else -1))
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go(1 if event.key() == Qt.Key.Key_Home else self.count)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        for number in range(self.count):
            page, factor = self._page_box(number), self._factor(number)
            if page.contains(at):
                high = self._sizes[number][1]
                self.pressed.emit(number, (at.x() - page.left()) / factor, high - (at.y() - page.top()) / factor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the press has done it

    def image(self, number: int, size: QSize, ratio: float) -> QImage:
        """One page as it is in the file, on white."""
        key = (number, size.width())
        found = self._images.get(key)
        if found is None:
            found = self._drawn(number, size.width() * ratio / self._sizes[number][0])
            found.setDevicePixelRatio(ratio)
            self._images[key] = found
            while len(self._images) > KEPT_PAGES:
                self._images.popitem(last=False)
        self._images.move_to_end(key)
        return found

    def _drawn(self, number: int, scale: float) -> QImage:
        """A page as PDFium draws it. One that it cannot draw says so in its place: the bytes may be anybody's."""
        import pypdfium2

        wide, high = self._sizes[number]
        with PDFIUM:
            try:
                bitmap = self._document[number].render(scale=scale, fill_color=(255, 255, 255, 255))
                made = QImage(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_BGR888
                ).copy()
                self._cover(made, number, scale)
            except pypdfium2.PdfiumError:
                made = QImage(max(1, round(wide * scale)), max(1, round(high * scale)), QImage.Format.Format_BGR888)
                made.fill(QColor("white"))
                self.undrawn.add(number)
                _say(made, NOT_DRAWN)
        return made

    def _cover(self, image: QImage, number: int, scale: float) -> None:
        """Paint the masked words over the whole ones, where the page's own text says that they stand."""
        if not self._hidden:
            return
        text = self._document[number].get_textpage()
        high, painter = self._sizes[number][1], QPainter(image)
        for whole, shown in self._hidden.items():
            search = text.search(whole, match_case=True)
            while (found := search.get_next()) is not None:
                boxes = [text.get_charbox(at, loose=True) for at in range(found[0], found[0] + found[1])]
                left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
                low, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
                place = QRectF(left * scale, (high - top) * scale, (right - left) * scale, (top - low) * scale)
                painter.fillRect(place, QColor("white"))
                font = QFont(look.font())
                font.setPixelSize(max(5, round(place.height() * 0.72)))
                painter.setFont(font)
                painter.setPen(QColor("black"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
        painter.end()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, view = QPainter(self.viewport()), self.viewport().rect()
        painter.fillRect(view, look.color("surface_sunken"))
        for number in range(self.count):
            box = self._page_box(number)
            if box.intersects(view):
                painter.drawImage(box, self.image(number, box.size(), painter.device().devicePixelRatio()))
                paint.frame(painter, box.adjusted(-1, -1, 1, 1), 0, "", "line_strong", 1)
        if self.mark is not None:
            spot = self._frame(self.mark)
            painter.fillRect(spot, paint.blend("accent", 0.12))
            paint.frame(painter, spot, 0, "", "focus", 2 if not look.contrast else 3)
        if self.hasFocus():
            paint.frame(painter, view, 0, "", "focus", 2)


def _say(image: QImage, words: str) -> None:
    """A sentence across the middle of a page."""
    painter = QPainter(image)
    font = QFont(look.font())
    font.setPixelSize(max(10, min(look.px(16), image.width() // 24)))
    painter.setFont(font)
    painter.setPen(QColor("black"))
    inner = image.rect().adjusted(image.width() // 10, 0, -(image.width() // 10), 0)
    painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), words)
    painter.end()


class PdfViewer(Card):
    """Pages with a bar: previous, 第 2 / 7 页, next; smaller, 适合宽度, larger; 打印 (`print_asked()`)."""

    print_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        bar = Panel("")
        line = row(bar, 12, (12, 0, 12, 0))
        self.back = IconButton("chev-l", "上一页 PgUp", framed=True)
        self.place = Text("", tone="text_2")
        self.forward = IconButton("chev-r", "下一页 PgDn", framed=True)
        self.smaller = IconButton("zoom-out", "缩小", framed=True)
        self.fit = Button("适合宽度", kind="quiet", size="normal")
        self.larger = IconButton("zoom-in", "放大", framed=True)
        self.printer = Button("打印", size="small", icon="printer")
        parts: tuple[QWidget | None, ...] = (
            self.back, self.place, self.forward, None, self.smaller, self.fit, self.larger, self.printer,
        )  # fmt: skip
        for part in parts:
            line.addStretch(1) if part is None else line.addWidget(part)
        self._bar = bar
        self.add(bar)
        self.add_line()
        self.pages = PdfPages()
        self.add(self.pages, 1)
        self.pages.page_changed.connect(self._tell)
        self.back.clicked.connect(lambda: self.pages.go(self.pages.page - 1))
        self.forward.clicked.connect(lambda: self.pages.go(self.pages.page + 1))
        self.smaller.clicked.connect(lambda: self._step(-1))
        self.larger.clicked.connect(lambda: self._step(1))
        self.fit.clicked.connect(lambda: self._zoom(0))
        self.printer.clicked.connect(self.print_asked.emit)
        self.restyle()
        self._tell(1)

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_bar"):
            self._bar.setFixedHeight(look.px(43))

    def show_pdf(self, data: bytes, hidden: Mapping[str, str] = MappingProxyType({})) -> None:
        """The bytes, with the words of `hidden` covered on the screen alone."""
        self.pages.show_pdf(data, hidden)

    def _step(self, step: int) -> None:
        self.pages.step_zoom(step)
        self._tell_zoom()

    def _zoom(self, zoom: float) -> None:
        self.pages.set_zoom(zoom)
        self._tell_zoom()

    def _tell_zoom(self) -> None:
        zoom = self.pages.zoom
        self.fit.setText(f"{round(zoom * 100)}%" if zoom else "适合宽度")

    def _tell(self, page: int) -> None:
        count = self.pages.count
        self.place.setText(f"第 {page} / {count} 页" if count else "还没有页面")
        self.back.setEnabled(page > 1)
        self.forward.setEnabled(page < count)
