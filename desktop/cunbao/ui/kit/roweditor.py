"""RowEditor: the roster narrowed at the left, one person's fields in three columns at the right.

Tab order goes by rows; Enter goes on; PgUp and PgDn change the person; leaving a field saves. At 150 % the list is gone
and the fields stand in two columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow
from cunbao.ui.kit.lists import Entry, PeopleList
from cunbao.ui.kit.panel import Card, column, row, scrolled
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

LIST_WIDTH, GUTTER = 272, 16


class RowEditor(Styled):
    """`chosen(row_id)` from the list, `step(±1)` for PgUp/PgDn, `added`, `deleted`, `dropped`, `saved_next`."""

    chosen = Signal(str)
    step = Signal(int)
    added = Signal()
    deleted = Signal()
    dropped = Signal()
    saved_next = Signal()

    def __init__(self, noun: str = "人", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False
        self._noun = noun
        self._fields: list[tuple[FieldRow, int]] = []
        parts = row(self, GUTTER)
        self.left = Card()
        head = QWidget()
        line = row(head, 8, (16, 0, 16, 0))
        self.count = Text("", bold=True)
        line.addWidget(self.count, 1)
        self.add_button = Button("增加", size="small", icon="plus", bold=True)
        self.add_button.clicked.connect(self.added.emit)
        line.addWidget(self.add_button)
        self._head = head
        self.left.add(head)
        self.left.add_line()
        self.people = PeopleList(name=f"{noun}的名单")
        self.people.chosen.connect(self.chosen.emit)
        self._people_area = scrolled(self.people)
        self.left.add(self._people_area)
        self._side = QWidget()
        side_box = column(self._side)
        side_box.addWidget(self.left)
        side_box.addStretch(1)
        parts.addWidget(self._side)
        self.right = Card()
        self._grid_of = QWidget()
        self._grid = QGridLayout(self._grid_of)
        self._grid.setContentsMargins(20, 14, 20, 14)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(10)
        self.right.add(scrolled(self._grid_of), 1)
        self.right.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (20, 12, 20, 12))
        self.delete_button = Button(f"删除这一{noun}", kind="danger_quiet", icon="trash")
        self.delete_button.clicked.connect(self.deleted.emit)
        buttons.addWidget(self.delete_button)
        buttons.addStretch(1)
        self.drop_button = Button("放弃修改", key="Esc")
        self.drop_button.clicked.connect(self.dropped.emit)
        buttons.addWidget(self.drop_button)
        self.next_button = Button(f"存下，看下一{noun}", kind="filled", key="Ctrl+Enter")
        self.next_button.clicked.connect(self.saved_next.emit)
        buttons.addWidget(self.next_button)
        self.right.add(foot)
        parts.addWidget(self.right, 1)
        self.restyle()

    def restyle(self) -> None:
        self._side.setFixedWidth(look.px(LIST_WIDTH) if not look.narrow else 0)
        self._side.setVisible(not look.narrow)
        self._head.setFixedHeight(look.px(39))
        self._lay()

    def set_people(self, entries: Sequence[Entry], current: str) -> None:
        self.people.set_entries(entries, current)
        self.count.setText(f"{len(entries)} {self._noun}")

    def set_fields(self, fields: Sequence[tuple[FieldRow, int]]) -> None:
        """Field rows in order, each with the columns (1…3) it spans. Enter is wired from one to the next."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._fields = list(fields)
        for number, (shown, _) in enumerate(self._fields):
            shown.field.installEventFilter(self)
            if isinstance(shown.field, FieldBox):
                shown.field.edit.installEventFilter(self)
                shown.field.next.connect(lambda step, at=number: self._next(at, step))
        self._lay()

    def _lay(self) -> None:
        columns = 2 if look.narrow else 3
        for old in range(3):
            self._grid.setColumnStretch(old, 1 if old < columns else 0)
        line = at = 0
        for shown, span in self._fields:
            wide = min(span, columns)
            if at + wide > columns:
                line, at = line + 1, 0
            self._grid.removeWidget(shown)
            self._grid.addWidget(shown, line, at, 1, wide, Qt.AlignmentFlag.AlignTop)
            at += wide
        for old in range(self._grid.rowCount()):
            self._grid.setRowStretch(old, 0)
        self._grid.setRowStretch(line + 1, 1)

    def focus_field(self, number: int = 0) -> None:
        """Cursor into the first field at or after `number` that can be typed in."""
        for shown, _ in self._fields[number:]:
            if getattr(shown.field, "state", "") not in ("readonly", "disabled") and shown.isVisibleTo(self):
                shown.field.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _next(self, at: int, step: int) -> None:
        order = range(at + 1, len(self._fields)) if step > 0 else range(at - 1, -1, -1)
        for number in order:
            field = self._fields[number][0].field
            if getattr(field, "state", "") not in ("readonly", "disabled"):
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        if step > 0:
            self.next_button.setFocus()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            listing = any(isinstance(r.field, CodeField) and r.field.picker is not None for r, _ in self._fields)
            if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not listing:
                self.step.emit(-1 if event.key() == Qt.Key.Key_PageUp else 1)
                return True
        return False
