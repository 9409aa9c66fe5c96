"""township-03, at the right: the signed pages, the cell in hand framed on them, whether signature and data agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.review_views import PdfCheck, ReviewLine, ReviewView
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import IconButton
from cunbao.ui.kit.panel import Card, Icon, Panel, column, row
from cunbao.ui.kit.pdfview import PdfPages
from cunbao.ui.kit.pdfwords import Spot, Word, cell_spot, row_spot
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

WIDE_ZOOM = 0.75  # of a page that lies across: fitted to this column its figures could not be read
VERDICT = {True: ("seal", "ok"), False: ("alert-circle", "error"), None: ("shield-clock", "warn")}
NOTHING: Mapping[str, str] = MappingProxyType({})


class SignedPages(Card):
    """`pressed(index)`: a line's cell was clicked on the pages; `print_asked()`; `reveal_asked()`: show or cover."""

    pressed = Signal(int)
    print_asked = Signal()
    reveal_asked = Signal()

    def __init__(self, view: ReviewView, *, revealed: bool = False) -> None:
        super().__init__()
        self._view = view
        self._lines: tuple[ReviewLine, ...] = ()
        self._spots: dict[int, Spot | None] = {}
        self.pages = PdfPages()
        self._head = self._make_head()
        self.add(self._head)
        self.add_line()
        if self._opens(revealed):
            self.pages.set_zoom(WIDE_ZOOM if self.pages.across else 0)
            self.add(self.pages, 1)
        else:
            words = "签名的报表打不开，数据照样可以看。" if view.pdf else "这一份没有可看的报表页面，只收到了数据。"
            self.add(EmptyState(words), 1)
        self.add_line()
        self.add(self._verdict(view.pdf_check))
        self.pages.page_changed.connect(self._tell)
        self.pages.pressed.connect(self._clicked)
        self._tell(1)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_head"):
            self._head.setFixedHeight(look.px(41))

    def _opens(self, revealed: bool) -> bool:
        """Show the signed bytes, which may be anything; False when they are no pages."""
        import pypdfium2

        try:
            self.pages.show_pdf(self._view.pdf, self._covered(revealed))
        except pypdfium2.PdfiumError:
            return False
        return self.pages.count > 0

    def _make_head(self) -> QWidget:
        head = Panel("")
        line = row(head, 8, (14, 0, 12, 0))
        line.addWidget(Icon("form", "text"))
        line.addWidget(Text("签名的报表", bold=True))
        self.place = Text("", "small", "text_2")
        line.addWidget(self.place, 1)
        self.eye = IconButton("eye", "显示完整号码", framed=True)
        self.eye.clicked.connect(self.reveal_asked.emit)
        show_if(self.eye, bool(self._view.covered))
        smaller = IconButton("zoom-out", "缩小", framed=True)
        larger = IconButton("zoom-in", "放大", framed=True)
        printer = IconButton("printer", "打印 Ctrl+P", framed=True)
        smaller.clicked.connect(lambda: self.pages.step_zoom(-1))
        larger.clicked.connect(lambda: self.pages.step_zoom(1))
        printer.clicked.connect(self.print_asked.emit)
        for button in (self.eye, smaller, larger, printer):
            line.addWidget(button)
        for button in (smaller, larger, printer):
            button.setEnabled(bool(self._view.pdf))
        return head

    def _verdict(self, check: PdfCheck) -> QWidget:
        icon, tone = VERDICT[check.ok]
        shown = QWidget()
        box = column(shown, 0, (13, 8, 13, 8))
        line = row(gap=6)
        sign = QWidget()
        column(sign, 0, (0, 4, 0, 0)).addWidget(Icon(icon, tone, 16))
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        self.verdict = Text(check.line or "签名还没有核对", tone=tone, lines=2)
        line.addWidget(self.verdict, 1)
        box.addLayout(line)
        if check.detail:
            box.addWidget(Text(check.detail, "small", "text_2", lines=2))
        return shown

    def _covered(self, revealed: bool) -> Mapping[str, str]:
        return NOTHING if revealed else self._view.covered

    def reveal(self, on: bool) -> None:
        """Show what is covered, or cover it again."""
        self.pages.hide_words(self._covered(on))
        name = "盖住号码" if on else "显示完整号码"
        self.eye.setAccessibleName(name)
        self.eye.setToolTip(name)

    def set_lines(self, lines: Sequence[ReviewLine]) -> None:
        """The lines of the table, by whose numbers places are asked for and told."""
        self._lines = tuple(lines)
        self._spots.clear()

    def mark(self, number: int) -> None:
        """Frame the cell of a line where the pages have it; nothing where they do not."""
        self.pages.set_mark(self._spot(number) if 0 <= number < len(self._lines) else None)

    def _spot(self, number: int) -> Spot | None:
        if not self.pages.count:
            return None
        if number not in self._spots:
            self._spots[number] = spot_of(self._lines[number], self.pages.words())
        return self._spots[number]

    def _clicked(self, page: int, x: float, y: float) -> None:
        for number in range(len(self._lines)):
            spot = self._spot(number)
            if spot is not None and spot.page == page and spot.box.holds(x, y):
                self.pressed.emit(number)
                return

    def _tell(self, page: int) -> None:
        self.place.setText(f"第 {page} / {self.pages.count} 页" if self.pages.count else "")


def spot_of(line: ReviewLine, words: Sequence[Sequence[Word]]) -> Spot | None:
    """Where a line's cell stands on the pages; a row that came is framed as a whole, one that went is nowhere."""
    name = row_name(line.row_label)
    if line.row_kind:
        return row_spot(words, name) if line.row_kind == "added" and name else None
    text = (line.now_full or line.now) or "—"
    return cell_spot(words, "".join(text.split()), "".join(line.label.split()), name)


def row_name(label: str) -> str:
    """老年活动室 of 第 4 行 老年活动室."""
    place, _, name = label.partition("行 ")
    return (name if place.startswith(("第", "原第")) else label).strip()
