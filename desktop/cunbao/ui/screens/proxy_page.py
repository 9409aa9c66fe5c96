"""The page of a 代报: the form's head above all, then paper, form and side beside each other.

At 150 % the side lies below and the page scrolls; with the paper large, or with a screen that needs the whole width
(检查, 签名), the others are away.
"""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QWidget

from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import column, scrolled
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.proxy_paper import PaperCard
from cunbao.ui.screens.proxy_side import BasisCard, FormsCard, ReviewerCard

GUTTER = 16
PAPER = {1.0: 312, 1.25: 312, 1.5: 400}  # px at each scale
SIDE = {1.0: 246, 1.25: 258, 1.5: 280}
HIGH = 452  # px of paper and form at 150 %, where the page scrolls
EDGE, MOST = 20, 16777215
DOWN, RIGHT = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight


class ProxyPage(QWidget):
    """`middle` takes the village's screens."""

    def __init__(self) -> None:
        super().__init__()
        self._narrow: bool | None = None
        self._head: PageHead | None = None
        self._top = column()
        self._inner = QWidget()
        self._down = QBoxLayout(RIGHT, self._inner)
        self._down.setSpacing(GUTTER)
        self._down.setContentsMargins(0, 0, 0, 0)
        self._main, self._holder = QWidget(), QWidget()
        across = QBoxLayout(RIGHT, self._main)
        across.setSpacing(GUTTER)
        across.setContentsMargins(0, 0, 0, 0)
        self.paper, self.middle = PaperCard(), column(self._holder)
        across.addWidget(self.paper)
        across.addWidget(self._holder, 1)
        self._down.addWidget(self._main, 1)
        self.basis, self.reviewer, self.forms = BasisCard(), ReviewerCard(), FormsCard()
        self._side = QWidget()
        self._side_box = QBoxLayout(DOWN, self._side)
        self._side_box.setSpacing(12)
        self._side_box.setContentsMargins(0, 0, 0, 0)
        for card in self._cards:
            self._side_box.addWidget(card)
        self._side_box.addStretch(1)
        self._beside, self._page = scrolled(QWidget()), scrolled(QWidget())
        self._down.addWidget(self._beside)
        self._box = column(self, 12)
        self._box.addLayout(self._top)
        self._box.addWidget(self._inner, 1)
        self._box.addWidget(self._page, 1)
        self.lay(beside=True)

    @property
    def _cards(self) -> tuple[QWidget, ...]:
        return self.basis, self.reviewer, self.forms

    def lift(self, head: PageHead | None) -> None:
        """Put a form's head at the top; the one before it goes with its form."""
        old, self._head = self._head, head
        if old is head:
            return
        if old is not None:
            self._top.removeWidget(old)
            old.hide()
            old.deleteLater()
        if head is not None:
            self._top.addWidget(head)
            head.show()

    def to_top(self) -> None:
        self._page.verticalScrollBar().setValue(0)

    def lay(self, *, beside: bool) -> None:
        """Lie as the look in force asks for. beside: paper and side belong to what is in the middle."""
        large = self.paper.large
        narrow = look.narrow and beside and not large
        if narrow != self._narrow:
            self._narrow = narrow
            self._turn(narrow)
        self._top.setContentsMargins(0, 0, EDGE if narrow else 0, 0)
        self._main.setMinimumHeight(HIGH if narrow else 0)
        self._main.setMaximumHeight(HIGH if narrow else MOST)
        self._beside.setFixedWidth(SIDE[look.scale])
        self.paper.setMinimumWidth(0 if large else PAPER[look.scale])
        self.paper.setMaximumWidth(MOST if large else PAPER[look.scale])
        show_if(self.paper, beside or large)
        show_if(self._holder, not large)
        show_if(self._beside, beside and not large and not narrow)
        if self._head is not None:
            show_if(self._head, beside and not large)

    def _turn(self, narrow: bool) -> None:
        """Put side and page where they belong: a part lies in a scroll area only where it scrolls."""
        for area in (self._beside, self._page):
            if area.widget() in (self._side, self._inner):
                area.takeWidget()
        self._box.removeWidget(self._inner)
        self._down.removeWidget(self._side)
        if narrow:
            self._down.addWidget(self._side)
            self._page.setWidget(self._inner)
            self._side.show()
        else:
            self._beside.setWidget(self._side)
            self._box.insertWidget(1, self._inner, 1)
        self._inner.show()
        self._page.setVisible(narrow)
        self._down.setDirection(DOWN if narrow else RIGHT)
        self._down.setContentsMargins(0, 0, EDGE if narrow else 0, 16 if narrow else 0)
        self._side_box.setDirection(RIGHT if narrow else DOWN)
        for card in self._cards:
            self._side_box.setStretchFactor(card, 1 if narrow else 0)
        self._side_box.setStretch(self._side_box.count() - 1, 0 if narrow else 1)
