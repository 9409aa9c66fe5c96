"""Faults of a task pack one under the other: where, what stands there, what is wrong, what to do; one is at hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.survey.taskcheck import TaskFault
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import Card, Icon, Line, column, row, scrolled
from cunbao.ui.kit.style import Styled, show_if
from cunbao.ui.kit.tags import Tag
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

MOST = 60  # faults that are shown; the rest come when these are mended
OPENS = (".md", ".xlsx", ".csv", ".toml", ".xlsm", ".xls")


class FaultList(Card):
    """`opened(TaskFault)`: 打开这一行; `moved(number)`: another fault is at hand."""

    opened = Signal(object)
    moved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.faults: tuple[TaskFault, ...] = ()
        self.at = 0
        self._lines: list[FaultLine] = []
        self.head = _Head()
        self.add(self.head)
        self._inner = QWidget()
        self._body = column(self._inner)
        self.area = scrolled(self._inner)
        self.add(self.area, 1)

    def set_faults(self, faults: Sequence[TaskFault]) -> None:
        """Other faults; the one at hand stays at hand if it is still there."""
        here = self.faults[self.at] if self.at < len(self.faults) else None
        self.faults = tuple(faults)
        self.at = self.faults.index(here) if here in self.faults else min(self.at, max(0, len(self.faults) - 1))
        while (item := self._body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._lines = [FaultLine(one) for one in self.faults[:MOST]]
        for number, line in enumerate(self._lines):
            if number:
                self._body.addWidget(Line())
            line.pressed.connect(lambda number=number: self.go(number))
            line.opened.connect(self.opened.emit)
            self._body.addWidget(line)
            line.show()
        if len(self.faults) > MOST:
            rest = Text(f"还有 {len(self.faults) - MOST} 处，改好上面的再看", "small", "text_2")
            rest.setContentsMargins(16, 8, 16, 8)
            self._body.addWidget(rest)
            rest.show()
        self._body.addStretch(1)
        self.head.set_count(len(self.faults))
        inks = look.tone("error" if self.faults else "ok")
        self.set_colors(line=inks.line if self.faults else "line")
        show_if(self.area, bool(self.faults))
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Expanding if self.faults else policy.Maximum)
        self._tell()

    def go(self, number: int) -> None:
        """Take another fault to hand, in sight."""
        if not self._lines:
            return
        self.at = number % len(self._lines)
        self._tell()
        QTimer.singleShot(0, self, self._show_here)
        self.moved.emit(self.at)

    def step(self, by: int) -> None:
        self.go(self.at + by)

    def here(self) -> TaskFault | None:
        return self.faults[self.at] if self.at < len(self.faults) else None

    def _show_here(self) -> None:
        if self.at < len(self._lines):
            self.area.ensureWidgetVisible(self._lines[self.at], 0, 0)

    def _tell(self) -> None:
        for number, line in enumerate(self._lines):
            line.set_here(number == self.at)


class _Head(Styled):
    """2 处错，改好才能签发, on the ground of its tone."""

    def __init__(self) -> None:
        super().__init__()
        self._styling = False
        self._tone = "error"
        line = row(self, 8, (16, 0, 16, 0))
        self.icon = Icon("alert-circle", "error")
        self.title = Text("", bold=True, tone="error")
        self.note = Text("在 Excel 里改好存盘，这里自动重新检验", "small", "error", align="right")
        line.addWidget(self.icon)
        line.addWidget(self.title)
        line.addStretch(1)
        line.addWidget(self.note)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(look.px(36))

    def set_count(self, count: int) -> None:
        self._tone = "error" if count else "ok"
        inks = look.tone(self._tone)
        self.title.setText(f"{count} 处错，改好才能签发" if count else "没有错，可以签发")
        self.title.set_tone(inks.fg)
        self.note.set_tone(inks.fg)
        self.icon.set("alert-circle" if count else "check-circle", inks.fg)
        show_if(self.note, bool(count) and not look.narrow)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        inks, painter = look.tone(self._tone), QPainter(self)
        painter.fillRect(self.rect(), look.color(inks.bg))
        painter.fillRect(0, self.height() - look.line, self.width(), look.line, look.color(inks.line))


class FaultLine(Styled):
    """One fault. The one at hand has a red bar at its left."""

    pressed = Signal()
    opened = Signal(object)

    def __init__(self, fault: TaskFault) -> None:
        super().__init__()
        self._styling = False
        self._here = False
        whole = row(self, 12, (16, 8, 16, 8))
        whole.addWidget(Icon("alert-circle", "error"), 0, Qt.AlignmentFlag.AlignTop)
        words = column(gap=4)
        where = row(gap=8)
        where.addWidget(Text(fault.form or fault.file, bold=True))
        for word in places(fault):
            where.addWidget(Tag(word))
        if fault.there:
            where.addWidget(Tag(fault.there, quoted=True), 1000)
        where.addStretch(1)
        words.addLayout(where)
        self.told = Text("", lines=0)
        self.told.set_runs([(f"{fault.found}。  ", False, ""), (f"{fault.remedy}。", False, "accent")])
        words.addWidget(self.told)
        whole.addLayout(words, 1)
        self.open_button = Button("打开这一行", icon="jump", size="small")
        self.open_button.clicked.connect(lambda: self.opened.emit(fault))
        show_if(self.open_button, fault.file.endswith(OPENS))
        whole.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("，".join((fault.form or fault.file, *places(fault), fault.found, fault.remedy)))

    def set_here(self, here: bool) -> None:
        self._here = here
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._here:
            painter = QPainter(self)
            painter.fillRect(0, 0, 3 if not look.contrast else 5, self.height(), look.color("error"))


def places(fault: TaskFault) -> list[str]:
    """工作表 survey, 第 27 行, constraint 列; of what no sheet has its file."""
    found = []
    if fault.sheet:
        found.append(f"工作表 {fault.sheet}")
    elif fault.form and fault.file != fault.form:
        found.append(fault.file)
    if fault.row:
        found.append(f"第 {fault.row} 行")
    if fault.column:
        found.append(f"{fault.column} 列" if fault.row or fault.sheet else fault.column)
    return found
