"""Pieces of 找回密码, answered: the list of requests, what is said of one, and the frame of its three steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.desks import answering
from cunbao.desks.answering import Request
from cunbao.ui.face import clock_words, local
from cunbao.ui.kit import paint
from cunbao.ui.kit.lists import Entry, EntryList
from cunbao.ui.kit.marks import Number
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

# state → icon, tone, words
STATES = {
    answering.WAITS: ("shield-clock", "warn", "等核对"),
    answering.ANSWERED: ("check-circle", "ok", "已答复"),
    answering.REFUSED: ("alert-circle", "error", "没答复"),
    answering.ENDED: ("alert-circle", "error", "比对码不同，没答复"),
    answering.EXPIRED: ("clock-alert", "text_2", "过了 3 天，没答复"),
}
TOLD = {
    answering.ANSWERED: "已经答复。答复文件丢了，让他拿原来的申请再来读一次，重新核对。",
    answering.REFUSED: "这份申请已经定了不答复。确是本人，让他重新写一份。",
    answering.ENDED: "核对码错了三次，这份申请作废。确是本人，让他重新写一份。",
    answering.EXPIRED: "写了三天还没有答复，答复了也打不开。让他重新写一份。",
}


class RequestList(EntryList):
    """Two lines each: who asks and when; what kind of computer and where it stands."""

    row_px = 60
    pad = 16
    lines = True
    bold = False

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        half = box.height() // 2
        upper = QRect(box.left(), box.top() + look.px(6), box.width(), half - look.px(4))
        lower = QRect(box.left(), box.top() + half, box.width(), half - look.px(6))
        wide = paint.width(entry.lead, "small")
        paint.words(painter, upper, entry.lead, "text_2", "small", align=paint.RIGHT)
        paint.words(painter, upper.adjusted(0, 0, -wide - 8, 0), entry.text, "text", bold=True)
        right = self.paint_right(painter, lower, entry, False)
        paint.words(painter, lower.adjusted(0, 0, -right - 8, 0), entry.more, "text_2", "small")


def whom(desk: Any) -> str:
    if desk.office.level == "county":
        return "乡镇忘了密码，由县里答复；村里的由乡镇答复"
    return "村里忘了密码，由乡镇答复；自己忘了，找县民政局"


def computer(one: Request) -> str:
    return "审核电脑" if one.office.level == "township" else "填报电脑"


def entry_of(one: Request) -> Entry:
    icon, tone, words = STATES[one.state]
    return Entry(one.sha256, one.name, clock_words(one.made_at), computer(one), icon, words, tone)


def facts_of(one: Request) -> Sequence[tuple[str, str]]:
    return (
        ("申请人", one.person),
        ("电脑", f"设备 {one.device}" if one.device else "没有登记过"),
        ("申请时间", f"{local(one.made_at):%Y-%m-%d %H:%M}"),
        ("证书", one.certificate),
        ("有效到", f"{local(one.until):%Y-%m-%d %H:%M}"),
        ("最近收到", one.heard),
    )


def fill(grid: QGridLayout, facts: Sequence[tuple[str, str]]) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
    for at, (name, words) in enumerate(facts):
        down, across = divmod(at, 2)
        for place, text in enumerate((Text(name, "small", "text_2"), Text(words, "small"))):
            grid.addWidget(text, down, across * 2 + place)
            text.show()


def step(number: int, title: str, line: str, *parts: QWidget) -> Any:
    """One of the three steps: its number in a circle, title, a grey line, and what is done there."""
    across = row(gap=10)
    across.addWidget(Number(number, filled=True), 0, Qt.AlignmentFlag.AlignTop)
    box = column(gap=4)
    box.addWidget(Text(title, bold=True, lines=2))
    if line:
        box.addWidget(Text(line, "small", "text_2", lines=0))
    for part in parts:
        box.addWidget(part)
    across.addLayout(box, 1)
    return across


def labelled(name: str, part: QWidget) -> QWidget:
    made = QWidget()
    line = row(made, 8)
    label = Text(name, tone="text_2")
    label.setFixedWidth(look.px(64))
    line.addWidget(label)
    line.addWidget(part, 1)
    return made


def is_stick(folder: Path) -> bool:
    from cunbao.desks import media

    return any(stick.path == folder for stick in media.sticks())
