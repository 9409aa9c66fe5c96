"""A main part with a side panel at its right; at 150 % the side panel lies below and the whole page scrolls.

At the other sizes the main part has the height of the window, so that its table scrolls by itself, and the side panel
scrolls by itself when it is the taller one; or, with `flows`, both scroll together as one page.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid
from cunbao.ui.kit.panel import column, scrolled
from cunbao.ui.kit.tokens import look

GUTTER = 16
EDGE = 20  # that the page leaves free at the right when it reaches the window's edge
MOST_ROWS = 14  # of a table on a page that scrolls as a whole
ANY_WIDTH = 16_777_215  # Qt's own word for it


class Twofold(QWidget):
    """`top` stays in sight above; `main` and `side` are columns to be filled. width: of the side panel, in unscaled
    pixels; larger: at 125 %. flows: the page scrolls as a whole at every size, for several short tables. mirrored: the
    side panel is at the left, and above the main part where the page is narrow. wide: the main part needs the whole
    width already at 125 %, so that the panel lies below it there too."""

    def __init__(
        self,
        width: int,
        *,
        larger: int = 0,
        flows: bool = False,
        mirrored: bool = False,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._needs_all = wide
        self._mirrored = mirrored
        self._wide, self._larger, self._flows = width, larger or width, flows
        self._above = QWidget()
        self.top = column(self._above, 12)
        self._left, self._right = QWidget(), QWidget()
        self.main, self.side = column(self._left, 12), column(self._right, 12)
        inner = QWidget()
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._across.setSpacing(GUTTER)
        self._across.addWidget(self._left, 1)
        self._beside = scrolled(QWidget())
        self._across.addWidget(self._beside, 0)
        self._page = scrolled(inner)
        box = column(self, 12)
        box.addWidget(self._above)
        box.addWidget(self._page, 1)
        self._narrow: bool | None = None
        self.settle()

    def add_head(self, head: PageHead) -> None:
        """The page head, whose line may be cut in a small window and whose title may not."""
        policy = head.title.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Minimum)
        head.title.setSizePolicy(policy)
        self.top.addWidget(head)

    def settle(self) -> None:
        """Lie as the look in force asks for; call it when a screen is shown anew."""
        narrow = self._stacked
        if narrow != self._narrow:
            self._narrow = narrow
            self._turn(narrow)
        wide = self._larger if look.scale > 1.0 else self._wide
        self._right.setMinimumWidth(0 if narrow or not self._flows else wide)
        self._right.setMaximumWidth(ANY_WIDTH if narrow or not self._flows else wide)
        self._beside.setFixedWidth(wide)

    @property
    def _stacked(self) -> bool:
        return look.narrow or (self._needs_all and look.scale > 1.0)

    def _turn(self, narrow: bool) -> None:
        """Put the side panel beside or below the main part."""
        whole = narrow or self._flows
        if whole:
            if self._beside.widget() is self._right:
                self._beside.takeWidget()
            self._across.addWidget(self._right)
            self._right.show()
        else:
            self._across.removeWidget(self._right)
            self._beside.setWidget(self._right)
        self._beside.setVisible(not whole)
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        if self._mirrored:
            down, right = QBoxLayout.Direction.BottomToTop, QBoxLayout.Direction.RightToLeft
        self._across.setDirection(down if narrow else right)
        self._across.setStretch(0, 0 if narrow else 1)
        self._across.setContentsMargins(0, 0, 8 if narrow else 0, 16 if narrow else 0)
        self.top.setContentsMargins(0, 0, EDGE if narrow else 0, 0)
        policy = Qt.ScrollBarPolicy
        self._page.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if whole else policy.ScrollBarAlwaysOff)

    def fit(self, grid: Grid) -> None:
        """Let a table show its rows, or fourteen of them, where the page scrolls; elsewhere it scrolls by itself."""
        self._fit(grid)
        QTimer.singleShot(0, grid, lambda: self._fit(grid))  # its height is known when its width is

    def _fit(self, grid: Grid) -> None:
        most = look.px(grid.row_px) * MOST_ROWS
        whole = self._stacked or self._flows
        grid.setMinimumHeight(min(grid.sizeHint().height(), most) if whole else 0)
