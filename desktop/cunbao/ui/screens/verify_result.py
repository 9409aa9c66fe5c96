"""county-09, one file's card: the head in its colour, then the five answers, then what can be done with it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.verified import Mark, Verified, VerifiedLine
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Card, Icon, Panel, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

TONES = {Mark.GOOD: "ok", Mark.BAD: "error", Mark.UNKNOWN: "warn"}
ICONS = {Mark.GOOD: "check-circle", Mark.BAD: "alert-circle", Mark.UNKNOWN: "help"}
SUBJECT = 96  # px of the questions at 100 %
BAR = 4


class ResultCard(Card):
    """`open_file(found)`, `open_ours(found)`, `print_slip(found)`. main: its button is the filled one of the screen."""

    open_file = Signal(object)
    open_ours = Signal(object)
    print_slip = Signal(object)

    def __init__(self, found: Verified, *, main: bool = False) -> None:
        tone = TONES[found.outcome.mark]
        super().__init__(line=f"{tone}_line")
        self.found = found
        self._bar = Panel(tone)
        self.add(self._bar)
        self.add(self._make_head(tone))
        self.add(self._make_name())
        self.add_line()
        body = QWidget()
        lines = column(body, 0, (16, 2, 16, 4))
        for number, one in enumerate(found.lines):
            if number:
                lines.addWidget(Panel("line"))
                last = lines.itemAt(lines.count() - 1).widget()
                if last is not None:
                    last.setFixedHeight(look.line)
            lines.addWidget(_answer(one))
        if not found.lines:
            lines.addWidget(Text(_nothing(found), tone="text_2", lines=3))
        self.add(body)
        self.box.addStretch(1)
        self.add_line()
        self.add(self._make_foot(main))
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_bar"):
            self._bar.setFixedHeight(BAR)

    def _make_head(self, tone: str) -> QWidget:
        head = Panel(f"{tone}_bg")
        parts = row(head, 14, (18, 7, 16, 7))
        icon = ICONS[self.found.outcome.mark]
        parts.addWidget(Icon(icon, tone, 24))
        words = column(gap=2)
        words.addWidget(Text(self.found.head, "lead", tone, bold=True, lines=2))
        words.addWidget(Text(self.found.advice, "small", lines=2))
        parts.addLayout(words, 1)
        return head

    def _make_name(self) -> QWidget:
        line = QWidget()
        parts = row(line, 8, (18, 6, 16, 6))
        parts.addWidget(Icon("form" if self.found.size else "search", "text"))
        parts.addWidget(Text(self.found.name, bold=True), 1)
        size = f"{self.found.size / 1024:.0f} KB" if self.found.size else ""
        parts.addWidget(Text(f"{self.found.kind}　{size}".strip(), "small", "text_2"))
        return line

    def _make_foot(self, main: bool) -> QWidget:
        found = self.found
        foot = QWidget()
        parts = row(foot, 8, (16, 6, 16, 6))
        self.file = Button("打开", size="small", icon="eye")
        self.file.clicked.connect(lambda: self.open_file.emit(found))
        show_if(self.file, found.data.startswith(b"%PDF"))
        self.slip = Button("打印验证单", size="small", icon="printer")
        self.slip.clicked.connect(lambda: self.print_slip.emit(found))
        self.ours = Button(
            f"打开{found.here}存的那份",
            kind="filled" if main else "outlined",
            size="normal" if main else "small",
            icon="seal",
            key="Enter" if main else "",
        )
        self.ours.clicked.connect(lambda: self.open_ours.emit(found))
        show_if(self.ours, bool(found.held) and not found.good)
        parts.addWidget(self.file)
        parts.addWidget(self.slip)
        parts.addStretch(1)
        parts.addWidget(self.ours)
        return foot


def _answer(one: VerifiedLine) -> QWidget:
    shown = QWidget()
    parts = row(shown, 10, (0, 5, 0, 5))
    subject = Text(one.subject, "small", "text_2")
    subject.setFixedWidth(look.px(SUBJECT) - 10)
    subject.setContentsMargins(0, 2, 0, 0)
    parts.addWidget(subject, 0, Qt.AlignmentFlag.AlignTop)
    sign = QWidget()
    column(sign, 0, (0, 3, 0, 0)).addWidget(Icon(ICONS[one.mark], TONES[one.mark], 16))
    parts.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    words = column(gap=0)
    bad = one.mark is Mark.BAD
    words.addWidget(Text(one.text, tone="error" if bad else "text", bold=bad, lines=2))
    detail = Text("", "small", "text_2", lines=2)
    pieces = re.split(r"\*\*", one.detail)
    if len(pieces) == 5:  # two of them are set off: this file's and ours
        detail.set_runs([
            (pieces[0], False, ""), (pieces[1], True, "error"), (pieces[2], False, ""), (pieces[3], True, "text"),
            (pieces[4], False, ""),
        ])  # fmt: skip
    else:
        detail.setText("".join(pieces))
    show_if(detail, bool(one.detail))
    words.addWidget(detail)
    parts.addLayout(words, 1)
    return shown


def _nothing(found: Verified) -> str:
    return f"没有什么可以回答的。{found.advice}。"
