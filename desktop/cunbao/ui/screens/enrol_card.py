"""A computer that asks for a certificate, as a card of 登记: who asks, the code as it is read out, what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.views import RequestView
from cunbao.errors import CunbaoError
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.digits import DigitsField
from cunbao.ui.kit.fields import Message
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

LABEL = 48


class RequestCard(Card):
    """A computer that asks. `approve()`, `refuse()`, `slip()` wants its 核对单, `restore()` 全部还原 (offered where the
    village had a computer before), `chosen()` when it gets the focus; `code` is what was typed."""

    approve = Signal()
    refuse = Signal()
    slip = Signal()
    restore = Signal()
    chosen = Signal()

    def __init__(self, request: RequestView, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.request = request
        inner = QWidget()
        box = column(inner, 0, (16, 8, 16, 10))
        head = row(gap=10)
        head.addWidget(Text(request.name, "lead", bold=True))
        head.addWidget(Text(request.device, tone="text_2"), 1)
        head.addWidget(Chip.state("cert_pending"))
        box.addLayout(head)
        box.addSpacing(4)
        who = f"申请人 {request.person}，{request.came}" if request.person else request.came
        waits = f"，{request.returns} 张表等着" if request.returns else ""
        box.addWidget(Text(f"{who}{waits}", "small", "text_2"))
        if request.replaces:
            box.addWidget(Text(request.replaces, "small", "warn"))
        self.whole = Button("全部还原…", kind="quiet", size="small", icon="restore", key="F10")
        self.whole.clicked.connect(self.restore.emit)
        lost = QWidget()
        lost_line = row(lost, 8)
        lost_line.addWidget(Text("村里原来有电脑，丢了、坏了的", "small", "text_2"))
        lost_line.addWidget(self.whole)
        lost_line.addStretch(1)
        show_if(lost, request.earlier)
        box.addWidget(lost)
        box.addSpacing(8)
        line = row(gap=12)
        name = Text("比对码", "small", "text_2")
        name.setFixedWidth(look.px(LABEL))
        line.addWidget(name)
        self.code = DigitsField(name=f"{request.name}的比对码")
        self.code.typed.connect(lambda text: self._typed())
        self.code.next.connect(lambda step: self._entered(step))
        self.code.entered.connect(self.chosen.emit)
        line.addWidget(self.code, 1)
        box.addLayout(line)
        under = row(margins=(look.px(LABEL) + 12, 4, 0, 0))
        self.message = Message("", "请村里念自己屏幕上的 24 位数，输全了程序来比")
        under.addWidget(self.message, 1)
        box.addLayout(under)
        self.add(inner, 1)
        self.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (16, 10, 16, 10))
        tries = "还可以对 3 次" if request.tries_left >= 3 else f"对错过，还可以对 {request.tries_left} 次"
        buttons.addWidget(Text(tries, "small", "text_2" if request.tries_left >= 3 else "warn"), 1)
        paper = Button("打印核对单", kind="quiet", icon="printer")
        paper.clicked.connect(self.slip.emit)
        buttons.addWidget(paper)
        self.no = Button("不核准", kind="danger")
        self.no.clicked.connect(self.refuse.emit)
        self.yes = Button("核准", icon="key")
        self.yes.clicked.connect(self.approve.emit)
        for button in (self.no, self.yes):
            buttons.addWidget(button)
        self.add(foot)
        self._typed()

    def set_current(self, on: bool) -> None:
        """The card that the keys act on: a 2 px frame and the filled button of the screen."""
        self.set_colors(line="focus" if on else "line", width=2 if on else 0)
        self.yes.set_kind("filled" if on else "outlined")

    def _typed(self) -> None:
        self.yes.set_why("" if self.code.full else "24 位输全了才能核准")

    def _entered(self, step: int) -> None:
        if step > 0 and self.code.full:
            self.approve.emit()
        elif step > 0:
            left = 24 - len(self.code.digits())
            self.message.set("warn", f"还差 {left} 位，请对方接着念")

    def show_wrong(self, error: CunbaoError) -> None:
        """The code that was read is another one; nothing was issued."""
        self.code.clear()
        self._typed()
        self.message.set("error", f"{error.happened}，{error.todo}")
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)
