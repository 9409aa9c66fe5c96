"""village-01, the first window: a task pack found on the stick is offered first; the sample; a backup. No nav yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.buttons import Button, Keys
from cunbao.ui.kit.marks import Logo, Number
from cunbao.ui.kit.panel import Icon, Panel, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.kit.ways import ActionCard

if TYPE_CHECKING:
    from cunbao.desks.views import PackView

STEPS = ("打开县里发的任务包", "设一个打开密码", "从第一张表开始填")
SIDE = 430


class FirstRun(Panel):
    """Signals: `take(PackView)`, `choose_pack()`, `sample()`, `town_sample()`, `restore()`, `township()`, `county()`,
    `larger()`.

    packs: what was found on sticks, newest first; only the first is offered, the rest are reached by 打开别的."""

    help_place = "first-run"
    take = Signal(object)
    choose_pack = Signal()
    sample = Signal()
    town_sample = Signal()
    restore = Signal()
    township = Signal()
    county = Signal()
    larger = Signal()

    def __init__(self, packs: tuple[PackView, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__("bg", parent=parent)
        self.packs: tuple[PackView, ...] = ()
        across = row(self)
        self._side = self._make_side()
        across.addWidget(self._side)
        across.addWidget(self._make_main(), 1)
        for key, act in (
            ("Ctrl+O", self.choose_pack), ("Ctrl+L", self.sample), ("Ctrl+T", self.town_sample),
            ("Ctrl+R", self.restore), ("Ctrl+J", self.township), ("Ctrl+K", self.county),
        ):  # fmt: skip
            QShortcut(QKeySequence(key), self).activated.connect(act.emit)
        self.show_packs(packs)
        self.restyle()

    def restyle(self) -> None:
        if hasattr(self, "_side"):
            self._side.setFixedWidth(min(look.px(SIDE), 520))

    def _make_side(self) -> Panel:
        side = Panel("nav", "r")
        box = column(side, 0, (44, 56, 40, 36))
        name = row(gap=12)
        name.addWidget(Logo(40))
        name.addWidget(Text("村报", "display", bold=True), 1)
        box.addLayout(name)
        box.addSpacing(20)
        box.addWidget(Text("在这台电脑上填报表、检查、签名，\n用 U 盘报给乡镇。全程不用联网。", "lead", lines=0))
        box.addSpacing(40)
        box.addWidget(Text("第一次用，三步就好", bold=True))
        box.addSpacing(14)
        for number, step in enumerate(STEPS, 1):
            line = row(gap=12)
            line.addWidget(Number(number))
            line.addWidget(Text(step), 1)
            box.addLayout(line)
            box.addSpacing(14)
        box.addStretch(1)
        safe = row(gap=8)
        safe.addWidget(Icon("lock"))
        safe.addWidget(Text("资料加密存在本机，别人打不开。", tone="text_2"), 1)
        box.addLayout(safe)
        return side

    def _make_main(self) -> QWidget:
        main = QWidget()
        box = column(main, 12, (64, 48, 64, 44))
        box.addWidget(Text("从哪里开始？", "title", bold=True))
        self._found = column()
        box.addLayout(self._found)
        self._or = Text("或者", tone="text_2")
        box.addSpacing(11)
        box.addWidget(self._or)
        self.other = ActionCard("folder", "打开别的任务包", "从电脑或 U 盘里选文件，文件名以 .cbtask 结尾", "Ctrl+O")
        self.trial = ActionCard("play", "先用样例练一练", "填一个村，数字是编的", "Ctrl+L")
        self.town_trial = ActionCard("play", "乡镇样例", "审几个村，数字是编的", "Ctrl+T")
        self.again = ActionCard("restore", "从备份恢复", "换了电脑或重装了系统：选备份文件，输入原来的密码", "Ctrl+R")
        for card, act in (
            (self.other, self.choose_pack), (self.trial, self.sample), (self.town_trial, self.town_sample),
            (self.again, self.restore),
        ):  # fmt: skip
            card.go.connect(act.emit)
        box.addWidget(self.other)
        both = row(gap=12)
        both.addWidget(self.trial, 1)
        both.addWidget(self.town_trial, 1)
        box.addLayout(both)
        box.addWidget(self.again)
        last = row(gap=8)
        self.begin_township = Button("乡镇开始", kind="quiet", icon="building")
        self.begin_township.setToolTip("乡镇第一次用：建乡镇资料，再向县里申请证书（Ctrl+J）")
        self.begin_township.clicked.connect(self.township.emit)
        self.begin_county = Button("县级开始", kind="quiet", icon="seal")
        self.begin_county.setToolTip("县里第一次用：建县级资料和根钥匙（Ctrl+K）")
        self.begin_county.clicked.connect(self.county.emit)
        last.addStretch(1)
        last.addWidget(Text("这台电脑给乡镇或县里用？", tone="text_2"))
        last.addWidget(self.begin_township)
        last.addWidget(self.begin_county)
        box.addLayout(last)
        box.addStretch(1)
        foot = row(gap=8)
        foot.addWidget(Icon("help"))
        foot.addWidget(Text("没有任务包？找乡镇社会事务办要，或按", tone="text_2"))
        foot.addWidget(Keys((("F1", ""),)))
        foot.addWidget(Text("看说明。", tone="text_2"))
        foot.addStretch(1)
        bigger = Button("字大一点", kind="quiet", icon="font")
        bigger.clicked.connect(self.larger.emit)
        foot.addWidget(bigger)
        box.addLayout(foot)
        return main

    def show_packs(self, packs: tuple[PackView, ...]) -> None:
        """Offer the newest pack found on a stick; a stick put in later shows up by calling this again."""
        self.packs = packs
        while (item := self._found.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._or.setVisible(bool(packs))
        self.offer: Button | None = None
        if packs:
            from cunbao.ui.kit.banner import Banner

            pack = packs[0]
            self.offer = Button("打开这个任务包", kind="filled", size="large", key="Enter")
            self.offer.clicked.connect(lambda: self.take.emit(pack))
            issued = f"{pack.issued_at:%m-%d} 签发，签名有效" if pack.issued_at else "签名有效"
            whom = f"发给 {len(pack.offices)} 个村（社区）" if len(pack.offices) != 1 else f"发给{pack.offices[0][1]}"
            banner = Banner(
                "ok",
                f"U 盘里有 {len(packs)} 个任务包",
                f"{pack.county} {pack.period_title} · {whom} · {issued}",
                button=self.offer,
                icon="usb",
            )
            self._found.addWidget(banner)

    def first_focus(self) -> None:
        (self.offer or self.other).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.offer is not None:
            self.offer.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
