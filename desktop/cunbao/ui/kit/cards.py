"""Cards with a meaning: a finding, the live indicator, the next step, a way to begin, a box of facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.marks import Bar, Chip, StateWord
from cunbao.ui.kit.panel import Card, Line, SideCard, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look


class FindingCard(Card):
    """One finding: severity chip, path to the cell, what is wrong (bold) and what to do, 去改.

    severity: must_fix, must_explain, hint. A 需要说明 has a text box (4–200 characters) that is committed on leaving
    and then reads 已说明. Signals: `go()`, `explained(text)`. `set_current(True)` makes its button the filled one.
    """

    go = Signal()
    explained = Signal(str)
    chosen = Signal()

    def __init__(
        self,
        severity: str,
        path: str,
        message: str,
        remedy: str = "",
        *,
        explanation: str = "",
        example: str = "",
        current: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent=parent)
        self.severity, self._current = severity, False
        inner = QWidget()
        box = column(inner, 6, (14, 6, 14, 7))
        head = row(gap=8)
        words = column(gap=0)
        first = row(gap=8)
        first.addWidget(Chip.severity(severity))
        first.addWidget(Text(path, "small", "text_2"), 1)
        words.addLayout(first)
        self.words = Text(lines=2)
        self.words.set_runs(((message, True, ""), (f"  {remedy}" if remedy else "", False, "text_2")))
        words.addWidget(self.words)
        head.addLayout(words, 1)
        self.done = StateWord("check", "已说明", "ok")
        head.addWidget(self.done)
        self.button = Button("去改" if severity == "must_fix" else "去看", icon="jump")
        self.button.clicked.connect(self.go.emit)
        head.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(head)
        self.box_text: ExplainBox | None = None
        if severity == "must_explain":
            self.box_text = ExplainBox(explanation, example)
            self.box_text.committed.connect(self._explain)
            box.addWidget(self.box_text)
        self.add(inner)
        show_if(self.done, len(explanation) >= 4)
        self.set_current(current)

    def set_current(self, on: bool) -> None:
        """The card that Enter acts on: a 2 px frame, and the one filled button of the screen."""
        self._current = on
        self.set_colors(line="focus" if on else "line", width=2 if on else 0)
        filled = on and self.severity == "must_fix"
        self.button._key = "Enter" if on else ""
        self.button.set_kind("filled" if filled else "outlined")

    def _explain(self, text: str) -> None:
        show_if(self.done, 4 <= len(text) <= 200)
        self.explained.emit(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit()


class ExplainBox(FieldBox):
    """One line for a 说明, with 27 / 200 at its right; less than 4 or more than 200 characters is said beneath."""

    def __init__(self, text: str = "", example: str = "") -> None:
        super().__init__(text, name="情况说明")
        self.set_hint(f"例如：{example}" if example else "写一句原因，4 到 200 个字")
        self.edit.textChanged.connect(self.update)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        self.line.setContentsMargins(10, 0, 20 + look.px(54), 0)

    def commit(self) -> None:
        self.set_state("error" if 0 < len(self.text().strip()) < 4 or len(self.text()) > 200 else "")
        super().commit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text():
            tone = "error" if len(self.text()) > 200 else "text_2"
            box = self.rect().adjusted(0, 0, -11, -3)
            paint.words(QPainter(self), box, f"{len(self.text())} / 200", tone, "small", align=paint.RIGHT)


class IndicatorCard(SideCard):
    """The live indicator: a figure, the bar with the target, reached or not, how it is worked out, last year."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "chart", parent=parent)
        self.body.setSpacing(2)
        line = row(gap=8)
        self._value = Text("—", "display", bold=True)
        self._unit = Text("")
        line.addWidget(self._value, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self._unit, 1, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)
        self._bar = Bar("ok")
        self.body.addWidget(self._bar)
        self._target = TargetWord()
        self.body.addWidget(self._target)
        self._word = StateWord("circle-dashed", "还算不出来", "text_2", "small")
        self.body.addWidget(self._word)
        self.body.addSpacing(8)
        self.body.addWidget(Line())
        self.body.addSpacing(8)
        self._facts = Facts(())
        self.body.addWidget(self._facts)

    def set(
        self, value: str, unit: str, share: float, mark: float, target: str, reached: bool | None, word: str,
        facts: Sequence[tuple[str, str]],
    ) -> None:  # fmt: skip
        """value: the figure as text ("" = 还算不出来); share and mark: bar and target, 0…1; facts: 算法, 上年."""
        self._value.setText(value or "—")
        self._unit.setText(unit)
        for part in (self._bar, self._target):  # a figure without a target is just a figure
            part.setVisible(bool(target))
        tone = "ok" if reached else "warn"
        self._bar.set(share, mark, tone)
        self._target.set(target, mark)
        if reached is None:
            self._word.set("circle-dashed", word, "text_2")
        else:
            self._word.set("check-circle" if reached else "alert-circle", word, tone)
        self._facts.set(facts)


class TargetWord(QWidget):
    """目标 30, centred under the target stroke of the bar above."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._mark = "", 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, text: str, mark: float) -> None:
        self._text, self._mark = text, mark
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, look.line_height("small"))

    def paintEvent(self, event: QPaintEvent) -> None:
        wide = paint.width(self._text, "small") + 2
        x = min(max(0, round(self.width() * self._mark) - wide // 2), self.width() - wide)
        paint.words(QPainter(self), QRect(x, 0, wide, self.height()), self._text, "text_2", "small")


class Facts(QWidget):
    """Name at the left, value at the right, one line each; `bold` values for sums."""

    def __init__(self, facts: Sequence[tuple[str, str]], *, bold: bool = False, role: str = "small") -> None:
        super().__init__()
        self._box = column(self, 0)
        self._bold, self._role = bold, role
        self.set(facts)

    def set(self, facts: Sequence[tuple[str, str]], tones: Sequence[str] = ()) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, (name, value) in enumerate(facts):
            tone = tones[number] if number < len(tones) else ""
            line = QWidget()
            parts = row(line, 8)
            parts.addWidget(Text(name, self._role, tone or "text_2"))
            parts.addWidget(
                Text(value, self._role, tone or ("text" if self._bold else "text_2"), bold=self._bold, align="right"), 1
            )
            self._box.addWidget(line)
