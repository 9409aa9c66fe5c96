"""A page to read: headings, prose, lists, tables, key caps and pictures in the program's own look, links inside only.

The words come as HTML of few tags (`ui.screens.help_page`); colours and sizes stand in the style sheet made here, so a
page is made anew when the look changes. Nothing is fetched: pictures come from `pictures`, and other
addresses lead nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from cunbao.ui.kit.buttons import cap_width, paint_cap
from cunbao.ui.kit.fonts import cover
from cunbao.ui.kit.tokens import look

PICTURE, KEY = "picture:", "key:"
READABLE = 760  # px at 100 %: longer lines are hard to follow
BAR = 12  # px of the scroll bar, at most
MOST_KEPT = 12  # pictures at the size in which they were shown
SIDE = 28  # px left and right of the text


class Article(QTextBrowser):
    """`show_page(html)`; `followed(place)` for a link inside, `enlarged(name)` for a picture that was chosen."""

    followed = Signal(str)
    enlarged = Signal(str)

    def __init__(self, pictures: Callable[[str], bytes | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._make: Callable[[int], str] = lambda wide: ""
        self._words: tuple[str, ...] = ()
        self._styled = False
        self._drawn_for = 0  # the width at which the page was drawn
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.anchorClicked.connect(self._clicked)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._again)

    # --- what is shown -------------------------------------------------------------------------------------------

    def show_page(self, make: Callable[[int], str], *, words: Sequence[str] = (), place: str = "") -> None:
        """make(wide): the page's HTML for pictures of at most `wide` pixels; words: what is marked; place: an anchor
        to begin at."""
        self._make, self._words = make, tuple(words)
        self._draw()
        self.verticalScrollBar().setValue(0)
        if place:
            self.scrollToAnchor(place)
        elif self._words:
            self._to_first()

    def _draw(self) -> None:
        self._styled = True
        document = self.document()
        document.setDefaultFont(look.font())
        document.setDefaultStyleSheet(sheet())
        document.setIndentWidth(look.px(30))
        document.setDocumentMargin(0)
        self._drawn_for = self.width()
        side = self._side
        self.setViewportMargins(side, 10, side - 10, 0)
        html = self._make(self.wide)
        cover(html)
        self.setHtml(html)
        self._mark()

    @property
    def _side(self) -> int:
        """Pixels that stay free left and right."""
        return max(SIDE, (self.width() - look.px(READABLE)) // 2)

    @property
    def wide(self) -> int:
        """Pixels across that a picture may have, whether the scroll bar stands there or not."""
        return max(200, self.width() - 2 * self._side - BAR)

    def _again(self) -> None:
        """Another width or look: the same page at the same place."""
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum())
        self._draw()
        bar.setValue(round(share * bar.maximum()))

    def _mark(self) -> None:
        """Ground under every word that was looked for."""
        found = []
        ground = QTextCharFormat()
        ground.setBackground(look.color("warn_bg") if not look.contrast else look.color("surface_hover"))
        ground.setForeground(look.color("text"))
        ground.setFontUnderline(True)
        for word in self._words:
            at = QTextCursor(self.document())
            while not (at := self.document().find(word, at)).isNull():
                spot = QTextEdit.ExtraSelection()
                spot.cursor, spot.format = at, ground  # type: ignore[attr-defined]  # not in Qt's stubs
                found.append(spot)
        self.setExtraSelections(found)

    def _to_first(self) -> None:
        found = self.document().find(self._words[0])
        if not found.isNull():
            found.clearSelection()
            self.setTextCursor(found)
            self.ensureCursorVisible()

    # --- Qt ------------------------------------------------------------------------------------------------------

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Pictures and key caps; nothing else is ever loaded."""
        address = QUrl(name).toString()
        if kind == QTextDocument.ResourceType.ImageResource.value or kind == QTextDocument.ResourceType.ImageResource:
            if address.startswith(KEY):
                return key_cap(QUrl.fromPercentEncoding(address.removeprefix(KEY).encode()), self.devicePixelRatioF())
            if address.startswith(PICTURE):
                return self._picture(address.removeprefix(PICTURE))
        return None

    def _picture(self, name: str) -> QPixmap:
        """As wide as there is room, with a line around it. Kept, since a page is drawn again whenever it is opened."""
        ratio, wide = self.devicePixelRatioF(), self.wide
        key = (name, wide, ratio, look.hex("line_strong"))
        if key not in _kept:
            if len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = _drawn(self._pictures(name), wide, ratio)
        return _kept[key]

    def _clicked(self, link: QUrl) -> None:
        address = link.toString()
        if address.startswith(PICTURE):
            self.enlarged.emit(address.removeprefix(PICTURE))
        elif address.startswith("#"):
            self.followed.emit(address[1:])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._styled and self._drawn_for != self.width():
            self._later.start(0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._styled:
            self._later.start(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space turns a page as in any reader; what the article does not use goes on."""
        key, bar = event.key(), self.verticalScrollBar()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        steps = {Qt.Key.Key_Down: look.px(60), Qt.Key.Key_Up: -look.px(60), Qt.Key.Key_Space: bar.pageStep()}
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace) or alt:
            event.ignore()
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            bar.setValue(0 if key == Qt.Key.Key_Home else bar.maximum())
        elif plain and key in steps:
            back = key == Qt.Key.Key_Space and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            bar.setValue(bar.value() + (-steps[Qt.Key(key)] if back else steps[Qt.Key(key)]))
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and key != Qt.Key.Key_C:
            event.ignore()
        else:
            super().keyPressEvent(event)


class PictureView(QWidget):
    """One picture as large as it goes, over what it was chosen in; a click, Esc or Enter takes it away."""

    closed = Signal()

    def __init__(self, data: bytes, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self._picture.loadFromData(data)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setGeometry(parent.rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("surface_sunken"))
        if self._picture.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = QSize(self.width() - 16, self.height() - 16)
        size = self._picture.size().boundedTo(self._picture.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
        shown = self._picture.scaled(
            size * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        shown.setDevicePixelRatio(ratio)
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(x, y, shown)
        painter.setPen(QColor(look.hex("line_strong")))
        painter.drawRect(x - 1, y - 1, size.width() + 1, size.height() + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.closed.emit()

    def mouseReleaseEvent(self, event: object) -> None:
        self.closed.emit()


_kept: dict[tuple[str, int, float, str], QPixmap] = {}


def _drawn(data: bytes | None, wide: int, ratio: float) -> QPixmap:
    made = QPixmap()
    if data is None or not made.loadFromData(data):
        return QPixmap(1, 1)
    made = made.scaledToWidth(round(min(made.width(), wide) * ratio), Qt.TransformationMode.SmoothTransformation)
    painter = QPainter(made)
    painter.setPen(QColor(look.hex("line_strong")))
    painter.drawRect(0, 0, made.width() - 1, made.height() - 1)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def key_cap(key: str, ratio: float) -> QPixmap:
    """A key as the status bar draws it, to stand in a line."""
    wide, high = cap_width(key) + 4, look.px(22)
    made = QPixmap(round(wide * ratio), round(high * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_cap(painter, 2, high // 2, key, "text_2", "line_strong", "surface")
    painter.end()
    return made


def sheet() -> str:
    """The page's style sheet at the look in force."""
    line = look.hex("line" if not look.contrast else "line_strong")
    return f"""
body {{ color: {look.hex("text")}; }}
p {{ margin: 0 0 {look.px(9)}px 0; line-height: 152%; }}
p.crumb {{ color: {look.hex("text_2")}; font-size: {look.px(13)}px; margin-bottom: {look.px(2)}px; }}
p.small, td.small p {{ color: {look.hex("text_2")}; font-size: {look.px(13)}px; }}
p.title {{ font-size: {look.px(23)}px; font-weight: 700; margin: 0 0 {look.px(10)}px 0; line-height: 130%; }}
p.head {{ font-size: {look.px(17)}px; font-weight: 700; margin: {look.px(16)}px 0 {look.px(6)}px 0; }}
li {{ line-height: 152%; margin-bottom: {look.px(4)}px; }}
ol {{ margin: 0 0 {look.px(9)}px 0; }}
a {{ color: {look.hex("accent")}; text-decoration: underline; }}
td, th {{ vertical-align: top; }}
td p, th p {{ margin: 0; line-height: 140%; }}
table.grid {{ border-collapse: collapse; border: 1px solid {line}; margin-bottom: {look.px(12)}px; }}
table.grid td, table.grid th {{ border: 1px solid {line}; padding: {look.px(5)}px {look.px(9)}px; }}
table.grid th {{ background: {look.hex("table_head")}; text-align: left; font-weight: 700; }}
"""
