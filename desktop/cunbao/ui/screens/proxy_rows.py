"""Rows of a form beside the paper they are typed from: as many columns as there is room for, typed in place.

What does not fit is in the row editor (全部, or Alt+Enter). Identity numbers and phones are covered as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal

from cunbao.survey.form import Field, Kind
from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox, MaskedField
from cunbao.ui.kit.table import Column, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.facility import MORE, MORE_WIDTH, NUMBER, NUMBER_WIDTH, FacilityPart, FacilityTable
from cunbao.ui.screens.sheet import NUMBERS, Sheet, mask

LEAST = {Kind.INTEGER: 72, Kind.DECIMAL: 84, Kind.DATE: 116, Kind.SELECT_ONE: 104}
NAME, TEXT, ID, PHONE = 92, 110, 178, 128  # px at 100 %
ROOM = 534  # px at 100 %, before the table knows its own width


class CoveredTable(FacilityTable):
    """A cell of `covered` columns shows stars until it is typed anew."""

    covered: frozenset[str] = frozenset()
    whole = False

    def make_field(self, column: Column, raw: str, name: str) -> FieldBox:
        if column.key not in self.covered:
            return super().make_field(column, raw, name)
        field = MaskedField(mask, raw, name=name, parent=self.viewport())
        field.show_whole(self.whole)
        field.eye.hide()  # one for the whole table stands above it
        field.line.setContentsMargins(10, 0, 4, 0)
        return field


class ProxyRows(FacilityPart):
    """As FacilityPart, and `carry()` for the rows of the last period."""

    carry = Signal()
    Table = CoveredTable

    def __init__(self, sheet: Sheet, section: Section, unit: str) -> None:
        self._asked = section
        self.unit = unit
        super().__init__(sheet, replace(section, columns=self._fitting(sheet, section, look.px(ROOM))))
        assert isinstance(self.table, CoveredTable)
        self.table.covered = frozenset(one.name for one in self.repeat.fields if one.mask)
        for button in (self.add_button, self._empty_button):
            button.setText(f"增加一{unit}")
        if unit == "人":
            next(iter(self._empty.findChildren(Text))).setText("还没有人。照原表一行一行填；上年报过的可以带过来。")
        self.bring = Button("", kind="quiet", icon="copy")
        self.bring.clicked.connect(self.carry.emit)
        foot = self._foot.layout()
        assert foot is not None
        foot.addWidget(self.bring)
        self._words()

    # --- columns -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _fitting(sheet: Sheet, section: Section, room: int) -> tuple[str, ...]:
        """The columns that are typed, in the form's order, as many as `room` pixels hold; at least two."""
        repeat = sheet.form.repeat(section.repeat)
        typed = [
            one
            for one in map(repeat.field, section.columns)
            if not one.calculated and not one.hidden and one.kind is not Kind.SELECT_MULTIPLE
        ]
        free, found = room - look.px(NUMBER_WIDTH + MORE_WIDTH), list[str]()
        for one in typed:
            free -= look.px(_width(one, first=one is typed[0]))
            if free < 0 and len(found) >= 2:
                break
            found.append(one.name)
        return tuple(found)

    def _columns(self) -> tuple[Column, ...]:
        self._lasts = ()
        made = [Column(NUMBER, "序", NUMBER_WIDTH, align="right", kind="number")]
        for at, one in enumerate(self.columns):
            choice = one.kind is Kind.SELECT_ONE
            made.append(
                Column(
                    one.name, self.sheet.short(one), _width(one, first=at == 0), 1 if choice or not at else 0,
                    align="right" if one.kind in NUMBERS else "left", kind="choice" if choice else "input",
                )
            )  # fmt: skip
        return (*made, Column(MORE, "", MORE_WIDTH, kind="button"))

    def _fit(self) -> None:
        """Wider or narrower: other columns."""
        names = self._fitting(self.sheet, self._asked, self.table.viewport().width())
        if names != self.section.columns:
            here = (self.table.current_id(), self.table.current_key()) if self.table.editor() is not None else None
            self.table.leave()
            self.section = replace(self.section, columns=names)
            self.columns: tuple[Field, ...] = tuple(self.repeat.field(name) for name in names)
            self._sums.clear()
            self.table.set_columns(self._columns())
            self.refresh()
            if here is not None:
                self.table.edit(here[0], here[1] if here[1] in names else names[0])

    # --- rows --------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        if isinstance(self.table, CoveredTable):
            self.table.whole = self.sheet.revealed
        super().refresh()
        self.table.setMinimumHeight(0)  # beside the paper the table scrolls, at every size
        if hasattr(self, "bring"):
            self._words()

    def _row(self, at: int, row_id: str) -> TableRow:
        row = super()._row(at, row_id)
        cells = dict(row.cells)
        for one in self.columns:
            shown = cells[one.name]
            if one.mask and shown.tone != "off":
                text = self.sheet.covered(one, self.sheet.instance.text(Cell(one.name, row_id)))
                cells[one.name] = replace(shown, text=text)
        return replace(row, cells=cells)

    def _total(self) -> TableRow | None:  # type: ignore[override]  # a roster of people has no sum
        return super()._total() if any(one.kind is Kind.DECIMAL for one in self.columns) else None

    def _words(self) -> None:
        before = self.waiting()
        self.bring.setText(f"带出上年 {before} {self.unit}")
        self.bring.setVisible(bool(before) and self.sheet.editable)

    def waiting(self) -> int:
        """Rows of the last period that are not here."""
        last = self.sheet.last
        here = set(self.sheet.instance.rows(self.repeat.name))
        rows: Sequence[object] = () if last is None else last.rows.get(self.repeat.name, ())
        return sum(getattr(one, "id", "") not in here for one in rows)


def _width(one: Field, *, first: bool) -> int:
    if one.mask:
        return ID if one.mask == "id" else PHONE
    return NAME if first else LEAST.get(one.kind, TEXT)
