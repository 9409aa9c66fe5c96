"""county-08, at the right: the pages of the return in hand, and how it is put on paper."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.county.printables import Printable
from cunbao.desks.county.printing import MOST_COPIES
from cunbao.desks.county.printjob import Options
from cunbao.desks.county.volumes import Order
from cunbao.ui.kit.buttons import IconButton, Segmented
from cunbao.ui.kit.fields import Check, FieldBox
from cunbao.ui.kit.panel import Card, Panel, column, row
from cunbao.ui.kit.pdfview import PdfPages
from cunbao.ui.kit.select import Select
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

ORDERS = tuple(Order)
LEAST = 120  # px of the pages at 100 %


class PagesCard(Card):
    """The signed pages of one return, people's numbers covered. `enlarge()`: shown over the window."""

    enlarge = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._line: Printable | None = None
        self.pages = PdfPages()
        self.pages.page_changed.connect(lambda page: self._tell())
        self._head = Panel("")
        parts = row(self._head, 6, (14, 0, 8, 0))
        self.title = Text("", bold=True)
        self.place = Text("", "small", "text_2")
        parts.addWidget(self.title)
        parts.addWidget(self.place, 1)
        self.back = IconButton("chev-l", "上一页")
        self.on = IconButton("chev-r", "下一页")
        self.larger = IconButton("zoom-in", "放大看")
        self.back.clicked.connect(lambda: self.step(-1))
        self.on.clicked.connect(lambda: self.step(1))
        self.larger.clicked.connect(self.enlarge.emit)
        for button in (self.back, self.on, self.larger):
            parts.addWidget(button)
        self.add(self._head)
        self.add_line()
        self.add(self.pages, 1)
        self.nothing = Text("", "small", "text_2", lines=3, align="center")
        self.nothing.setContentsMargins(14, 24, 14, 24)
        self.add(self.nothing)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_head"):
            self._head.setFixedHeight(look.px(38))
            self.pages.setMinimumHeight(look.px(LEAST))

    def show_line(self, line: Printable | None, data: bytes, covered: Mapping[str, str]) -> None:
        """The pages of a return; why there are none."""
        import pypdfium2

        self._line = line
        try:
            self.pages.show_pdf(data, covered)
        except pypdfium2.PdfiumError:
            self.pages.show_pdf(b"")
        show_if(self.pages, self.pages.count > 0)
        show_if(self.nothing, not self.pages.count)
        self.nothing.setText(line.reason if line is not None and line.reason else "没有可看的报表页面。")
        self._tell()

    def step(self, by: int) -> None:
        if self.pages.count:
            self.pages.go(max(1, min(self.pages.count, self.pages.page + by)))
            self._tell()

    def _tell(self) -> None:
        line = self._line
        name = f"{line.office.short} {line.form}" if line is not None else ""
        self.title.setText(name)
        self.place.setText(f"{self.pages.page}/{self.pages.count} 页" if self.pages.count else "")
        self.back.setEnabled(self.pages.count > 0 and self.pages.page > 1)
        self.on.setEnabled(self.pages.page < self.pages.count)
        self.larger.setEnabled(self.pages.count > 0)


class PaperCard(Card):
    """Order, covers, duplex, copies, printer. `changed()` when one of them is."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        body = QWidget()
        box = column(body, 4, (14, 8, 14, 10))
        self.order = Segmented([one.value for one in ORDERS], 0, roles=("small", "small"), name="顺序")
        self.order.chosen.connect(lambda at: self._changed())
        first = row(gap=10)
        self.order_name = Text("顺序", "small", "text_2")
        first.addWidget(self.order_name)
        first.addWidget(self.order)
        first.addStretch(1)
        box.addLayout(first)
        self.covers = Check("每村一张封面", True, role="base")
        self.covers_told = Text("", "small", "text_2")
        self.duplex = Check("双面", True, role="base")
        self.together = Check("一个打印任务", False, role="base")
        for check, told in (
            (self.covers, self.covers_told),
            (self.duplex, Text("每份从新的一张开始", "small", "text_2")),
            (self.together, Text("中间插不进别人的纸", "small", "text_2")),
        ):
            check.toggled.connect(lambda on: self._changed())
            line = row(gap=8)
            line.addWidget(check)
            line.addWidget(told, 1)
            box.addLayout(line)
        self.copies = FieldBox("1", align="right", name="份数")
        self.copies.setFixedWidth(56)
        self.copies.committed.connect(lambda text: self._changed())
        self.copies.typed.connect(lambda text: self._changed())
        self.left = Text("", "small", "text_2", align="right")
        line = row(gap=10)
        line.addWidget(Text("份数", "small", "text_2"))
        line.addWidget(self.copies)
        line.addWidget(self.left, 1)
        box.addLayout(line)
        self.printer = Select(name="打印机", wide=True)
        self.printer.chosen.connect(lambda key: self._changed())
        line = row(gap=10)
        line.addWidget(Text("打印机", "small", "text_2"))
        line.addWidget(self.printer, 1)
        box.addLayout(line)
        self.add(body)

    def options(self) -> Options:
        text = self.copies.text().strip()
        copies = int(text) if text.isdecimal() and 1 <= int(text) <= MOST_COPIES else 1
        order = ORDERS[self.order.current]
        return Options(
            order=order,
            covers=self.covers.is_on() and order is Order.VILLAGE,
            duplex=self.duplex.is_on(),
            copies=copies,
            printer=self.printer.current(),
            together=self.together.is_on(),
        )

    def set_options(self, options: Options) -> None:
        self.order.set_current(ORDERS.index(options.order))
        self.covers.set_on(options.covers)
        self.duplex.set_on(options.duplex)
        self.together.set_on(options.together)
        self.copies.set_text(str(options.copies))
        self.printer.choose(options.printer)

    def set_printers(self) -> None:
        """Those that the system has now, the usual one first."""
        from cunbao.ui.printrun import printers

        names = printers()
        self.printer.set_items([(name, name) for name in names] or [("", "没有打印机")])
        self.printer.setEnabled(bool(names))

    def tell(self, sheets: int, pages: int, covers: int, *, still: bool) -> None:
        """What is wanted of paper. still: the rest of a job."""
        word = "还要" if still else "要"
        self.left.setText(f"{word} {sheets} 张纸，{pages} 页")
        self.covers_told.setText(f"{covers} 张" if covers else "")
        show_if(self.order_name, look.scale == 1.0 or look.narrow)  # at 125 % the two words need all of the panel
        self.covers.setEnabled(ORDERS[self.order.current] is Order.VILLAGE)

    def _changed(self) -> None:
        text = self.copies.text().strip()
        wrong = bool(text) and not (text.isdecimal() and 1 <= int(text) <= MOST_COPIES)
        self.copies.set_state("error" if wrong else "")
        self.changed.emit()
