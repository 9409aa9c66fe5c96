"""Beside a 代报: on what it rests, who will review, the village's forms with their states."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from cunbao.desks.views import ProxyBasis
from cunbao.survey.states import ReturnState
from cunbao.ui.kit import paint
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField
from cunbao.ui.kit.lists import Entry, EntryList
from cunbao.ui.kit.panel import SideCard, row
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

LABEL = 58
TOLD = "代填的人不能审核自己代填的表。填好后转给："


class BasisCard(SideCard):
    """代报依据. `changed()`: it is to be written anew."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("代报依据", "info")
        self.change = Button("改", kind="quiet", size="small")
        self.change.setAccessibleDescription("改代报依据")
        self.change.clicked.connect(self.changed.emit)
        self.head_line.addWidget(self.change)
        self.body.setSpacing(2)
        self.body.setContentsMargins(16, 8, 16, 8)
        self._said: tuple[tuple[str, str], ...] = ()

    def show_basis(self, said: ProxyBasis, filler: str) -> None:
        came = " ".join(part for part in (said.received_on[5:], said.received_from) if part)
        lines = (("原因", said.reason), ("依据", said.basis), ("收到", came), ("代填人", f"{filler}（镇）"))
        if lines == self._said:
            return
        self._said = lines
        while (item := self.body.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for label, text in lines:
            if not text:
                continue
            shown = QWidget()
            parts = row(shown, 8)
            name = Text(label, "small", "text_2")
            name.setFixedWidth(look.px(LABEL))
            parts.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
            parts.addWidget(Text(text, "small", lines=2), 1)
            self.body.addWidget(shown)


class ReviewerCard(SideCard):
    """谁来审核. `chosen(name)`."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__("谁来审核", "users")
        self.body.setSpacing(6)
        self.body.setContentsMargins(16, 8, 16, 10)
        self.body.addWidget(Text(TOLD, "small", "text_2", lines=0))
        self._names: tuple[str, ...] = ()
        self.field = CodeField(lambda: [Item(name, self._word(name)) for name in self._names], name="谁来审核")
        self.field.committed.connect(self.chosen.emit)
        self.body.addWidget(self.field)

    def show_reviewers(self, names: Sequence[str], chosen: str) -> None:
        """names: other officers, then the county."""
        self._names = tuple(names)
        self.field.set_code(chosen, self._word(chosen) if chosen else "")

    def _word(self, name: str) -> str:
        return f"审核员 {name}" if name in self._names[:-1] else name


class StateList(EntryList):
    """Forms with their states, closely set; the one that is being filled is bold."""

    row_px = 24
    pad = 16
    bar = False

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        wide = self.paint_right(painter, box, entry, False)
        paint.words(painter, box.adjusted(0, 0, -wide - 6, 0), entry.text, "text", "small", bold=here)


class FormsCard(SideCard):
    """拉巴村 5 张表. `chosen(form)`."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__("")
        self.list = StateList(name="这个村的表")
        self.list.chosen.connect(self.chosen.emit)
        self.fill(self.list)

    def show_states(self, village: str, states: Sequence[tuple[str, str, ReturnState]], here: str) -> None:
        self.title.setText(f"{village} {len(states)} 张表")
        entries = []
        for form, nav, state in states:
            inks = look.state(state.token)
            icon = "split" if state is ReturnState.FORK else inks.icon
            entries.append(Entry(form, f"{form} {nav}", icon=icon, right=state.value, ink=inks.fg))
        self.list.set_entries(entries, here)
