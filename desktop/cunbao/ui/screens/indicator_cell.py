"""看签名的格: an indicator's figure of one village beside the page that was signed, its cell framed; Enter walks on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.indicator_views import Cell, OfficeRow
from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import Facts
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.panel import Card, Panel, column, row
from cunbao.ui.kit.pdfview import PdfPages
from cunbao.ui.kit.pdfwords import cell_spot
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:
    from cunbao.ui.screens.indicator_detail import IndicatorScreen
    from cunbao.ui.shell import Shell

SIDE = 420  # px at 100 % of the part with the figures
CELL_PX, HEAD_PX = 44, 30


class SignedCell(Panel):
    """Covers the window it is made over; Enter and PgDn go to the next village, PgUp back, Esc closes."""

    def __init__(self, shell: Shell, screen: IndicatorScreen, at: OfficeRow) -> None:
        window = shell.window()
        super().__init__("bg", parent=window)
        self._shell, self._screen, self._window = shell, screen, window
        self._back = window.focusWidget()
        self._row, self._cells, self._shown = at, tuple[Cell, ...](), ""
        box = column(self, 12, (20, 16, 20, 16))
        self.head = PageHead("看签名的格")
        self.onward = Button("下一个村", kind="filled", icon="chev-d", key="Enter")
        self.onward.clicked.connect(lambda: self.step(1))
        close = Button("关闭", key="Esc")
        close.clicked.connect(self.end)
        self.head.add(close)
        self.head.add(self.onward)
        box.addWidget(self.head)
        parts = row(gap=16)
        parts.addWidget(self._make_figures())
        self.page_card = Card()
        self.pages = PdfPages()
        self.page_card.add(self.pages, 1)
        self.no_page = Text("", tone="text_2", lines=0, align="center")
        self.no_page.setContentsMargins(24, 32, 24, 32)
        self.page_card.add(self.no_page, 1)
        parts.addWidget(self.page_card, 1)
        box.addLayout(parts, 1)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.show_row(at)
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_figures(self) -> QWidget:
        self.side = Card()
        self.side.setFixedWidth(min(look.px(SIDE), 520))
        inner = QWidget()
        words = column(inner, 4, (16, 12, 16, 12))
        self.name = Text("", "lead", bold=True)
        self.line = Text("", tone="text_2", lines=2)
        words.addWidget(self.name)
        words.addWidget(self.line)
        self.side.add(inner)
        self.side.add_line()
        columns = (
            GridColumn("form", "表", 44, 0, role="small", tone="text_2"),
            GridColumn("label", "填报项", 150, 2, lines=2),
            GridColumn("value", "签名的数", 110, 1, kind="measure", bold=True),
        )
        self.grid = Grid(columns, name="用到的格", row_px=CELL_PX, head_px=HEAD_PX, framed=True, paging=False)
        self.grid.moved.connect(lambda number, key: self._mark())
        self.grid.activated.connect(lambda number, key: self.step(1))
        self.side.add(self.grid)
        self.side.add_line()
        foot = QWidget()
        self.signed = Facts(())
        column(foot, 0, (16, 10, 16, 10)).addWidget(self.signed)
        self.side.add(foot)
        holder = QWidget()
        stack = column(holder)
        stack.addWidget(self.side)
        stack.addStretch(1)
        return holder

    def show_row(self, one: OfficeRow) -> None:
        """One village: its figure, the cells behind it, who signed them."""
        from cunbao.desks.county import signed_cells

        desk, number = self._shell.desk, self._screen.number
        self._row, self._cells = one, signed_cells.cells(desk, number, one)
        self.head.line.setText(f"{self._screen.whole_name.text()}，{one.township} {one.name}")
        self.name.setText(f"{one.name}\u3000{one.shown}")
        self.line.setText("，".join(filter(None, (one.why.value, one.reason, one.source))))
        self.grid.set_rows([
            GridRow(f"{cell.paper}.{cell.field}", {
                "form": GridCell(cell.form),
                "label": GridCell(f"{cell.village}\u3000{cell.label}".strip()),
                "value": GridCell(cell.value or "没填", more=cell.unit if cell.value else ""),
            }, label=cell.label)
            for cell in self._cells
        ])  # fmt: skip
        show_if(self.grid, bool(self._cells))
        self.signed.set([(each.form, each.line) for each in signed_cells.signatures(desk, one)])
        self._shown = ""
        self.grid.go(0)
        self._mark()

    def _mark(self) -> None:
        """Frame the cell of the current line on its page; another form's pages are opened first."""
        at = self.grid.current_row()
        form = self._cells[at].paper if 0 <= at < len(self._cells) else next(iter(self._row.revisions), "")
        revision = self._row.revisions.get(form, "")
        if not revision or revision == self._shown:
            self._frame()
            return
        from cunbao.desks.county import signed_cells

        self._shown = revision
        try:  # one object read from the disk: quicker than a word that it is being read
            pages = signed_cells.signed_pages(self._shell.desk, revision)
            self.pages.show_pdf(pages.pdf, pages.covered)
        except CunbaoError as trouble:
            self.pages.show_pdf(b"")
            self.no_page.setText(f"{trouble.happened}。{trouble.todo}。")
        show_if(self.pages, self.pages.count > 0)
        show_if(self.no_page, not self.pages.count)
        self._frame()

    def _frame(self) -> None:
        at = self.grid.current_row()
        if not self.pages.count or not 0 <= at < len(self._cells):
            return
        cell = self._cells[at]
        text, label = "".join((cell.value or "—").split()), "".join(cell.label.split())
        self.pages.set_mark(cell_spot(self.pages.words(), text, label))

    def step(self, by: int) -> None:
        """The next or previous village with a signed return; at the end it says so and stays."""
        found = self._screen.step(by)
        if found is not None:
            self.show_row(found)
        self.onward.set_why("" if found is not None or by < 0 else "这是最后一个有报表的村")

    # --- over the window -----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False

    def event(self, event: QEvent) -> bool:
        """No key goes past this to what it covers."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key: Any = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_PageDown):
            self.step(1)
        elif key == Qt.Key.Key_PageUp:
            self.step(-1)

    def end(self) -> None:
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        if self._back is not None and self._back.isVisible():
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)
