"""Grounds and lines: `Panel` paints a ground with lines at chosen sides, `Card` is the framed box of every screen."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cunbao.ui.kit import icons, paint
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

Margins = tuple[int, int, int, int]
NONE: Margins = (0, 0, 0, 0)


def column(parent: QWidget | None = None, gap: int = 0, margins: Margins = NONE) -> QVBoxLayout:
    """A vertical layout with spacing in unscaled pixels."""
    return _box(QVBoxLayout(parent) if parent else QVBoxLayout(), gap, margins)  # type: ignore[return-value]


def row(parent: QWidget | None = None, gap: int = 0, margins: Margins = NONE) -> QHBoxLayout:
    """A horizontal layout with spacing in unscaled pixels."""
    return _box(QHBoxLayout(parent) if parent else QHBoxLayout(), gap, margins)  # type: ignore[return-value]


def _box(layout: QBoxLayout, gap: int, margins: Margins) -> QBoxLayout:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    return layout


class Panel(Styled):
    """A ground in a token colour with lines at some sides: any of "l", "t", "r", "b"."""

    def __init__(self, ground: str = "bg", lines: str = "", tone: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ground, self.lines, self.tone = ground, lines, tone
        self._styling = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        width = look.line
        if self.ground:
            painter.fillRect(self.rect(), look.color(self.ground))
        ink = look.color(self.tone)
        if "t" in self.lines:
            painter.fillRect(QRect(0, 0, self.width(), width), ink)
        if "b" in self.lines:
            painter.fillRect(QRect(0, self.height() - width, self.width(), width), ink)
        if "l" in self.lines:
            painter.fillRect(QRect(0, 0, width, self.height()), ink)
        if "r" in self.lines:
            painter.fillRect(QRect(self.width() - width, 0, width, self.height()), ink)


class Card(Styled):
    """A white box with one line around it; children keep inside the rounded corners.

    accent: a token colour for the 4 px bar at the left (next step, banners); ground and line may be tones.
    """

    def __init__(
        self,
        *,
        ground: str = "surface",
        line: str = "line",
        accent: str = "",
        radius: str = "card",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.ground, self.line, self.accent, self._radius = ground, line, accent, radius
        self.line_width = 0  # 0 = the look's own
        self._styling = False
        self.box = column(self)
        self._edge = _Edge(self)
        self.restyle()

    def restyle(self) -> None:
        self.box.setContentsMargins(*(self.line_width or look.line,) * 4)

    outside = "bg"  # the ground that the corners show

    def set_colors(self, *, ground: str = "", line: str = "", accent: str | None = None, width: int = 0) -> None:
        self.ground, self.line = ground or self.ground, line or self.line
        self.accent = self.accent if accent is None else accent
        self.line_width = width
        self._edge.fit()
        self._edge.update()
        self.update()

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildPolished and hasattr(self, "_edge") and event.child() is not self._edge:
            self._edge.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._edge.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        radius = look.radius(self._radius)
        paint.frame(painter, self.rect(), radius, self.ground, self.line, self.line_width or look.line)

    def add(self, widget: QWidget, stretch: int = 0) -> QWidget:
        self.box.addWidget(widget, stretch)
        return widget

    def add_line(self, tone: str = "line") -> Line:
        made = Line(tone)
        self.box.addWidget(made)
        return made


class _Edge(QWidget):
    """The rounded line of a card, drawn over its children so that no table or list covers the corners."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self._card = card
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self) -> None:
        """Cover the line and the corners only: what lies inside may then scroll by moving its pixels."""
        whole = self._card.rect()
        self.setGeometry(whole)
        side, corner = 6 if self._card.accent else 2, look.radius(self._card._radius) + 1
        ring = QRegion(whole).subtracted(QRegion(whole.adjusted(side, 2, -2, -2)))
        for x in (0, whole.width() - corner):
            for y in (0, whole.height() - corner):
                ring = ring.united(QRegion(x, y, corner, corner))
        self.setMask(ring)

    def paintEvent(self, event: QPaintEvent) -> None:
        card, painter = self._card, QPainter(self)
        radius, width = look.radius(card._radius), card.line_width or look.line
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole, inside = QPainterPath(), QPainterPath()
        whole.addRect(QRectF(self.rect()))
        inside.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.fillPath(whole.subtracted(inside), look.color(card.outside))
        paint.frame(painter, self.rect(), radius, "", card.line, width)
        if card.accent:
            painter.setClipPath(inside)
            painter.fillRect(QRect(0, 0, 4 if not look.contrast else 6, self.height()), look.color(card.accent))


class Line(QWidget):
    """One horizontal (or upright) line."""

    def __init__(self, tone: str = "line", *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._upright = tone, upright
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred
        self.setSizePolicy(fixed if upright else free, free if upright else fixed)

    def sizeHint(self) -> QSize:
        return QSize(look.line, look.px(20)) if self._upright else QSize(10, look.line)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), look.color(self._tone))


class Icon(QWidget):
    """One icon as a widget; decoration beside a word, so it has no accessible name of its own."""

    def __init__(self, name: str, tone: str = "text_2", size: float = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._tone, self._size = name, tone, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, name: str, tone: str) -> None:
        self._name, self._tone = name, tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(look.px(self._size), look.px(self._size))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = look.px(self._size)
        tone = self._tone if self.isEnabled() else "text_disabled"
        x, y = (self.width() - side) // 2, (self.height() - side) // 2
        icons.paint(QPainter(self), self._name, x, y, side, tone)


class SideCard(Card):
    """Side panel card: icon and bold title over a line, then `body` (a column, padding 16)."""

    def __init__(self, title: str, icon: str = "", *, tone: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        head = QWidget()
        line = row(head, 8, (16, 0, 16, 0))
        if icon:
            line.addWidget(Icon(icon, tone))
        self.title = Text(title, tone=tone, bold=True)
        line.addWidget(self.title, 1)
        self.head, self.head_line = head, line
        self.add(head)
        self.under = self.add_line()
        self.body = column(gap=4, margins=(16, 12, 16, 12))
        self.box.addLayout(self.body)
        self.restyle()

    def fill(self, widget: QWidget) -> QWidget:
        """A list or table that reaches the edges, instead of the padded body."""
        self.body.setContentsMargins(0, 0, 0, 0)
        return self.add(widget)

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "head"):
            self.head.setFixedHeight(look.px(39))


def scrolled(inner: QWidget) -> QScrollArea:
    """A scroll area without a frame that follows the width of its contents; its own ground shows through."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    area.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return area
