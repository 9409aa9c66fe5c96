"""The notice of chasing on screen: the sheet as it will be read, and the two small dialogs about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cunbao.desks.township.chased import BODY, HOWS
from cunbao.desks.township.views import ChaseLine
from cunbao.ui.kit.buttons import Button, IconButton, Segmented
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import FieldBox, TextArea
from cunbao.ui.kit.panel import Card, Panel, SideCard, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

INDENT = "\u3000\u3000"  # two characters at the beginning of a paragraph
ENDS = 2  # lines at the right: who, when


class NoticeCard(SideCard):
    """通知样子: the text that is copied and printed. `stepped(±1)`: to another village that is ticked."""

    stepped = Signal(int)

    def __init__(self) -> None:
        self._sheet: QWidget | None = None
        super().__init__("通知样子", "megaphone")
        self.place = Text("", "small", "text_2", align="right")
        self.before = IconButton("chev-l", "上一个勾选的村", framed=True)
        self.after = IconButton("chev-r", "下一个勾选的村", framed=True)
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        for part in (self.place, self.before, self.after):
            self.head_line.addWidget(part)
        self.head_line.setContentsMargins(16, 0, 12, 0)
        ground = Panel("surface_sunken")
        self.paper = Card(ground="paper", line="line_strong", radius="small")
        self.paper.outside = "surface_sunken"
        self._area = scrolled(self.paper)
        column(ground, 0, (14, 14, 14, 14)).addWidget(self._area, 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.add(ground)
        self.box.setStretchFactor(ground, 1)
        self.add_line()
        foot = QWidget()
        line = row(foot, 8, (14, 12, 14, 12))
        self.change = Button("改文字")
        self.noted = Button("记一次", icon="check")
        self.copied = Button("复制文字", icon="copy")
        line.addWidget(self.change)
        line.addStretch(1)
        line.addWidget(self.noted)
        line.addWidget(self.copied)
        self.add(foot)

    def show_line(self, line: ChaseLine, place: str, *, may_step: bool) -> None:
        """place: 3 / 6 of those that are ticked, "" when this one is not."""
        self.place.setText(f"{line.name}，{place}" if place else line.name)
        for button in (self.before, self.after):
            button.setEnabled(may_step)
        while (item := self.paper.box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._sheet = self.paper.add(_written(line.text))
        self._fit()

    def _fit(self) -> None:
        """Where the page scrolls as a whole, the sheet is as high as it needs to be; elsewhere it scrolls by itself."""
        high = self._sheet.heightForWidth(self._area.width() - 2 * look.line) if self._sheet is not None else 0
        self._area.setMinimumHeight(max(look.px(120), high + 2 * look.line) if look.narrow else look.px(120))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _written(text: str) -> QWidget:
    """The plain text laid out as on paper: address, paragraphs, who and when at the right."""
    shown = QWidget()
    box = column(shown, 4, (18, 16, 18, 16))
    box.addWidget(Text("催报通知", "lead", bold=True, align="center"))
    box.addSpacing(4)
    lines = text.split("\n")
    for number, words in enumerate(lines):
        last = number >= len(lines) - ENDS
        if number == len(lines) - ENDS:
            box.addSpacing(8)
        said = words if number == 0 or last else f"{INDENT}{words}"
        box.addWidget(Text(said, "small", lines=0, align="right" if last else "left"))
    box.addStretch(1)
    return shown


class Said(QWidget):
    """How somebody was reached, and what was answered."""

    def __init__(self) -> None:
        super().__init__()
        box = column(self, 8)
        self.ways = Segmented(HOWS, name="怎么催的")
        line = row()
        line.addWidget(self.ways, 0, Qt.AlignmentFlag.AlignLeft)
        line.addStretch(1)
        box.addLayout(line)
        self.field = FieldBox(name="对方怎么说")
        self.field.set_hint("对方怎么说（选填），如：答应 12-18 送")
        box.addWidget(self.field)

    @property
    def how(self) -> str:
        return HOWS[self.ways.current]


def note_box(line: ChaseLine) -> tuple[DialogBox, Said]:
    """记一次催报."""
    said = Said()
    last = "，".join(part for part in line.last if part)
    box = DialogBox(
        f"记一次：催{line.name}",
        f"上次：{last}。" if last else "还没有催过。",
        "",
        "",
        (Choice("stay", "不记了"), Choice("note", "记下")),
        icon="megaphone",
        tone="accent",
        body=said,
        help="chase/notice",
    )
    said.field.next.connect(lambda step: box.answered.emit("note") if step > 0 else said.ways.setFocus())
    return box, said


def text_box(line: ChaseLine, body: str) -> tuple[DialogBox, TextArea]:
    """改文字: the first paragraph; which returns are owed stands below it by itself."""
    area = TextArea(body, lines=6, limit=BODY, name=f"给{line.name}的第一段")
    box = DialogBox(
        f"改给{line.name}的通知",
        "只改第一段，只用这一次；差哪几张表，程序会写在下面。",
        "",
        "",
        (Choice("stay", "不改了"), Choice("usual", "用原来的文字"), Choice("change", "用这段文字")),
        icon="pencil",
        tone="accent",
        body=area,
        help="chase/notice",
    )
    return box, area
