"""Waiting: nothing for 0.3 s, then a busy line, after 1 s a bar with the step's name, the count and 取消.

The busy line is a dashed line that stands still under the header: nothing blinks or turns (ui/design.md, principle 7).
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.progress import Progress
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.marks import Bar
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import Styled, show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

BUSY_MS, BAR_MS = 300, 1000
CANCEL = ("取消", "取消后，已有的资料还是原来的样子。")


class BusyLine(Styled):
    """A line of 3 px that moves on by a step with each report, so that it is seen to work without blinking."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._step = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("正在处理")

    def advance(self) -> None:
        self._step += 1
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("accent_tint"))
        wide = max(40, self.width() // 5)
        x = (self._step * 24) % (self.width() + wide) - wide
        painter.fillRect(QRect(x, 0, wide, self.height()), look.color("accent"))


class ProgressCard(Card):
    """Step name, bar, "3 / 14", 取消 with what it leaves (`stop`). `cancelled()`."""

    cancelled = Signal()

    def __init__(
        self,
        title: str,
        *,
        may_cancel: bool = True,
        stop: tuple[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(line="line_strong", radius="dialog", parent=parent)
        inner = QWidget()
        box = column(inner, 8, (20, 16, 20, 16))
        box.addWidget(Text(title, "lead", bold=True))
        self._step = Text("正在准备…", tone="text_2")
        box.addWidget(self._step)
        self._bar = Bar()
        box.addWidget(self._bar)
        foot = row(gap=12)
        self._count = Text("", "small", "text_2")
        foot.addWidget(self._count, 1)
        word, leaves = stop or CANCEL
        self.button = Button(word, key="Esc")
        show_if(self.button, may_cancel)
        self.button.clicked.connect(self._cancel)
        foot.addWidget(self.button)
        box.addLayout(foot)
        self._note = Text(leaves, "small", "text_2")
        show_if(self._note, may_cancel)
        box.addWidget(self._note)
        self.add(inner)

    def report(self, progress: Progress) -> None:
        self._step.setText(progress.step)
        if progress.total:
            self._bar.set(progress.done / progress.total)
            self._count.setText(f"{progress.done} / {progress.total}")

    def _cancel(self) -> None:
        self.button.set_why("正在停下，这一步做完就停")
        self._step.setText("正在停下…")
        self.cancelled.emit()

    def sizeHint(self) -> QSize:
        return QSize(look.px(420), super().sizeHint().height())


class Waiting(QWidget):
    """Lies over a window while a job runs and takes the keys, so that nothing is pressed twice. `cancelled()`."""

    cancelled = Signal()

    def __init__(
        self, window: QWidget, title: str, *, may_cancel: bool = True, stop: tuple[str, str] | None = None
    ) -> None:
        super().__init__(window)
        self.setObjectName("waiting")
        self._card = ProgressCard(title, may_cancel=may_cancel, stop=stop, parent=self)
        self._card.cancelled.connect(self.cancelled.emit)
        self._card.hide()
        self._line = BusyLine(self)
        self._line.hide()
        self._may_cancel = may_cancel
        self.setGeometry(window.rect())
        self.setCursor(Qt.CursorShape.BusyCursor)
        for wait, act in ((BUSY_MS, self._line.show), (BAR_MS, self._show_card)):
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(act)
            timer.start(wait)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._line.advance)
        self._tick.start(200)
        self.show()
        self.raise_()

    def report(self, progress: Progress) -> None:
        self._card.report(progress)
        self._line.advance()

    def _show_card(self) -> None:
        self.setCursor(Qt.CursorShape.ArrowCursor)
        size = self._card.sizeHint()
        self._card.setGeometry(
            (self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height()
        )
        self._card.show()
        if self._may_cancel:
            self._card.button.setFocus()
        self.update()

    def resizeEvent(self, event: object) -> None:
        self._line.setGeometry(0, 0, self.width(), 3)

    def keyPressEvent(self, event: object) -> None:
        if event.key() == Qt.Key.Key_Escape and self._may_cancel and self._card.isVisible():  # type: ignore[attr-defined]
            self._card._cancel()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._card.isVisible():
            from cunbao.ui.kit.paint import blend

            QPainter(self).fillRect(self.rect(), blend("surface_sunken", 0.72))
