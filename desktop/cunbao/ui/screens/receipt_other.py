"""village-11, the right side for a version or a proposal from elsewhere: in what it differs, two ways to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.views import OtherVersion
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.table import CellShow, Column, Table, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

MOST = 8  # differing cells that are listed; the rest is counted
SHORT = 26  # characters that stand beside the buttons


class TwoLines(Table):
    row_px = 50


class OtherCard(Card):
    """`settled()`: it was taken over, or the own version was stood by."""

    settled = Signal()

    def __init__(self, shell: Shell, other: OtherVersion) -> None:
        super().__init__()
        self._shell, self.other = shell, other
        head = QWidget()
        head.setFixedHeight(look.px(40))
        line = row(head, 12, (16, 0, 16, 0))
        line.addWidget(Text(f"{other.title}：{other.who}", bold=True), 1)
        self.add(head)
        self.add_line()
        if other.differs:
            self.add(self._table())
            self.add_line("line_strong")
        foot = QWidget()
        box = column(foot, 8, (16, 12, 16, 12))
        words, buttons = self._words(), row(gap=12)
        if len(words) > SHORT:
            box.addWidget(Text(words, tone="text_2", lines=0))
            buttons.addStretch(1)
        else:
            buttons.addWidget(Text(words, tone="text_2", lines=2), 1)
        self.stay_button = Button("以本机的为准")
        self.stay_button.clicked.connect(self.stand_by)
        leads = other.what == "proposal"
        kind, key = ("filled", "Enter") if leads else ("outlined", "")
        self.take_button = Button("采用这一份", kind=kind, icon="check", key=key)
        self.take_button.clicked.connect(self.take)
        for button in (self.stay_button, self.take_button):
            button.setVisible(not shell.desk.read_only)
            buttons.addWidget(button)
        box.addLayout(buttons)
        self.add(foot)

    def _table(self) -> Table:
        table = TwoLines(
            (
                Column("place", "不一样的地方", 150, 1),
                Column("here", "这里填的", 120, 1),
                Column("there", "那一份", 120, 1, bold=True),
            ),
            name="不一样的地方",
        )
        table.selected = False
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.set_rows(
            [
                TableRow(
                    str(number),
                    {
                        "place": CellShow(one.label, sub=one.row),
                        "here": CellShow(one.here, ink="text_2"),
                        "there": CellShow(one.there),
                    },
                )
                for number, one in enumerate(self.other.differs[:MOST])
            ]
        )
        return table

    def _words(self) -> str:
        other = self.other
        more = len(other.differs) - MOST
        parts = [f"另有 {more} 处没列出来" if more > 0 else "", other.line if other.differs else "内容和这里一样"]
        return "。".join(part.rstrip("。") for part in parts if part) + "。"

    def focus_field(self) -> None:
        self.take_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Nothing is typed here."""

    def take(self) -> None:
        other, desk = self.other, self._shell.desk
        box = DialogBox(
            f"采用{other.who}？",
            f"{other.form} 会换成那一份的内容，{len(other.differs)} 处和这里不一样。",
            "签过名的几份都留着，一份也不删",
            "这里没签名的改动会换掉；采用以后重新检查、签名。",
            (Choice("take", "采用这一份"), Choice("stay", "先不采用")),
            icon="merge",
            tone="accent",
            help="receipt/other",
        )
        if self._shell.ask(box, escape="stay") != "take":
            return

        def work(progress: object, cancel: object) -> None:
            from cunbao.desks.village import otherversions

            otherversions.take_other(desk, other.form, other.what, other.id)

        self._shell.run_job(work, title="采用这一份", done=lambda nothing: self.settled.emit())

    def stand_by(self) -> None:
        other, desk = self.other, self._shell.desk
        box = DialogBox(
            f"{other.form} 以本机的为准？",
            "这里填的不变，重新检查、签名以后，就算这一份。",
            "那一份也留着，不删",
            "签名里会写明看过那一份。",
            (Choice("stay", "再看看"), Choice("mine", "以本机的为准")),
            icon="split",
            tone="accent",
            help="receipt/other",
        )
        if self._shell.ask(box, escape="stay") != "mine":
            return

        def work(progress: object, cancel: object) -> None:
            from cunbao.desks.village import lineage

            lineage.stand_by(desk, other.form)

        self._shell.run_job(work, title="以本机的为准", done=lambda nothing: self.settled.emit())
