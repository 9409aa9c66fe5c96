"""village-05: a roster of persons. Read and opened here, typed in the row editor; numbers stay masked.

The order on screen may be sorted for looking; the printing order stays what `Instance.rows` says.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cunbao.survey.form import Field, Repeat
from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit import paint
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.initials import matches
from cunbao.ui.kit.panel import Card, Icon, column, row
from cunbao.ui.kit.roster import RosterTable
from cunbao.ui.kit.style import Styled
from cunbao.ui.kit.table import CellShow, Column, Note, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.sheet import NUMBERS, Message, Sheet

NUMBER, MARK = "#", "!"
SAMPLE = 200  # rows that a column's width is made for
WIDEST = 150  # px of a column at 100 %
MOST_FACTS = 4  # counts in the foot


class PeopleTable(RosterTable):
    """RosterTable whose head sorts by a click: up, down, back to the printing order. `sorted(key)`, `shifted(step)` for
    Alt+Up and Alt+Down."""

    sorted = Signal(str)
    shifted = Signal(int)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if at.y() < self._head_high() and 0 <= self.column_at(at.x()) < len(self.columns):
            self.sorted.emit(self.columns[self.column_at(at.x())].key)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        at: QPoint = event.position().toPoint()
        if at.y() < self._head_high():
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.shifted.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        super().keyPressEvent(event)


class Swatch(Styled):
    """The grey square of the legend."""

    def restyle(self) -> None:
        self.setFixedSize(look.px(16), look.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.frame(QPainter(self), self.rect(), look.radius("small"), "readonly_bg", "line_strong", 1)


class RosterPart(QWidget):
    """`opened(row_id, field)` for the row editor; `carry()`, `add()`, `reveal()`."""

    opened = Signal(str, str)
    carry = Signal()
    add = Signal()
    reveal = Signal()
    moved = Signal(str, int)

    def __init__(self, sheet: Sheet, section: Section, unit: str) -> None:
        super().__init__()
        self.sheet, self.section, self.unit = sheet, section, unit
        self.repeat: Repeat = sheet.form.repeat(section.repeat)
        self._made: dict[str, TableRow] = {}
        self._only_bad, self._sort, self._down = False, "", False
        box = column(self, 8)
        self.card = Card()
        self._bar = QWidget()
        tools = row(self._bar, 8, (12, 6, 12, 6))
        self.search = FieldBox(icon="search", name=f"找{unit}")
        self.search.set_hint("找人：姓名或拼音首字母")
        self.search.edit.textChanged.connect(lambda _: self._pick())
        self.search.next.connect(lambda step: self._open_first())
        self.search.setFixedWidth(look.px(260))
        tools.addWidget(self.search)
        self.filter = Button("只看有问题的", icon="filter", size="small")
        self.filter.setCheckable(True)
        self.filter.toggled.connect(self._filter)
        tools.addWidget(self.filter)
        self.carry_button = Button("带出上年", kind="quiet", size="small", icon="copy")
        self.carry_button.clicked.connect(self.carry.emit)
        tools.addWidget(self.carry_button)
        tools.addStretch(1)
        self._lock = Icon("lock", "text_2", 15)
        tools.addWidget(self._lock)
        self._masked = Text("", "small", "text_2")
        tools.addWidget(self._masked)
        self.show_button = Button("显示", size="small", icon="eye")
        self.show_button.clicked.connect(self.reveal.emit)
        tools.addWidget(self.show_button)
        self.card.add(self._bar)
        self.table = PeopleTable(self._columns(), name=section.title)
        self.table.opened.connect(lambda row_id: self.opened.emit(row_id, self._bad_field(row_id)))
        self.table.pressed.connect(lambda row_id, key: self.opened.emit(row_id, self._bad_field(row_id)))
        self.table.sorted.connect(self._sort_by)
        self.table.shifted.connect(self._shift)
        self.card.add_line()
        self.card.add(self.table)
        self._add_button = Button(f"增加一{unit}", icon="plus", key="Ctrl+N")
        self._add_button.clicked.connect(self.add.emit)
        self._bring_button = Button("带出上年", icon="copy")
        self._bring_button.clicked.connect(self.carry.emit)
        self._nobody = EmptyState(f"还没有{unit}。", self._add_button)
        self._bring = EmptyState("", self._bring_button)
        self._bring_words: Text = next(iter(self._bring.findChildren(Text)))
        self._none = EmptyState("没有找到。换个字，或清掉上面的条件。")
        for empty in (self._nobody, self._bring, self._none):
            self.card.add(empty)
        box.addWidget(self.card)
        self._legend = QWidget()
        line = row(self._legend, 8, (0, 0, 0, 0))
        self._swatch = Swatch()
        self._swatch.restyle()
        line.addWidget(self._swatch)
        self._grey = Text("", "small", "text_2")
        line.addWidget(self._grey)
        line.addStretch(1)
        self.facts = Text("", "small", "text_2", align="right")
        line.addWidget(self.facts)
        box.addWidget(self._legend)
        box.addStretch(1)
        self.refresh()

    # --- columns -------------------------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        made = [Column(NUMBER, "序", 36, align="right", kind="number")]
        for at, name in enumerate(self.section.columns):
            one = self.repeat.field(name)
            arrow = (" ↓" if self._down else " ↑") if self._sort == name else ""
            born = one.calculated and self.sheet.tells_birth(one) and one.label.endswith("日期")
            title = (one.label[:-2] + "年月" if born else self.sheet.short(one)) + arrow
            longest = max((paint.width(text, bold=at == 0) for text in self._texts(name)), default=0) / look.scale
            width = round(max(min(longest, WIDEST), 13 * len(title), 26)) + 18
            stretch = 1 if one.list is not None and not one.calculated else 0
            made.append(
                Column(
                    name, title, width, stretch, "right" if one.kind in NUMBERS and not one.calculated else "left",
                    "derived" if one.calculated else "text", bold=at == 0,
                )
            )  # fmt: skip
        made.append(Column(MARK, "检查", 74, align="center", kind="mark"))
        return tuple(made)

    def _texts(self, name: str) -> list[str]:
        return [one.cells[name].text for one in list(self._made.values())[:SAMPLE]]

    def _sort_by(self, key: str) -> None:
        if key in (NUMBER, MARK):
            self._sort = ""
        elif key != self._sort:
            self._sort, self._down = key, False
        elif not self._down:
            self._down = True
        else:
            self._sort = ""
        self.table.set_columns(self._columns())
        self._pick()

    # --- rows ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._made = {row_id: self._row(at, row_id) for at, row_id in enumerate(self.sheet.rows_of(self.section))}
        columns = self._columns()
        if columns != self.table.columns:
            self.table.set_columns(columns)
        self._words()
        self._pick()

    def show_cells(self, cells: Iterable[Cell], typing: Cell | None = None) -> None:
        self.refresh()

    def _row(self, at: int, row_id: str) -> TableRow:
        sheet, instance = self.sheet, self.sheet.instance
        shown = {NUMBER: CellShow(str(at + 1))}
        error, other, missing, bad = "", None, 0, set()
        comments = [sheet.comment(Cell(self.repeat.name, row_id))]
        for one in self.repeat.fields:
            if one.hidden:
                continue
            cell = Cell(one.name, row_id)
            missing += any(found.check == "required" for found in instance.findings_at(cell))
            message = sheet.message(cell)
            if (said := sheet.comment(cell)) is not None:
                comments.append(Message(said.tone, f"{one.label}：{said.text}"))
            if message is not None and message.tone == "error":
                error = error or message.text
                bad.add(one.name)
            elif message is not None:
                other = other or message
        for name in self.section.columns:
            one = self.repeat.field(name)
            text = self._shown(one, Cell(name, row_id))
            shown[name] = CellShow(text or "—", tone="error" if name in bad else "", ink="" if text else "text_3")
        key = self.section.columns[0]
        notes = []
        asked = [one for one in comments if one is not None and one.tone == "returned"]
        if error:
            shown[MARK] = CellShow(icon="alert-circle", ink="error")
            notes.append(Note("error", error, key, "去改", "Enter"))
        elif asked:
            shown[MARK] = CellShow(icon="return", ink="returned")
        elif missing:
            shown[MARK] = CellShow(f"缺 {missing} 格", icon="pencil", ink="text_2")
        elif other is not None:
            shown[MARK] = CellShow(icon="message", ink="warn")
        else:
            shown[MARK] = CellShow(icon="check", ink="ok")
        if other is not None and not error and other.tone == "warn":
            notes.append(Note(other.tone, other.text, key))
        for one_said in comments:
            if one_said is not None:
                cap = not notes and one_said in asked[:1]
                button = "去改" if one_said in asked else ""
                notes.append(Note(one_said.tone, one_said.text, key, button, "Enter" if cap else ""))
        return TableRow(row_id, shown, tuple(notes), instance.text(Cell(key, row_id)))

    def _shown(self, one: Field, cell: Cell) -> str:
        text = self.sheet.shown(cell)
        return text[:7] if one.calculated and self.sheet.tells_birth(one) and len(text) == 10 else text

    def _bad_field(self, row_id: str) -> str:
        for one in self.repeat.fields:
            message = self.sheet.message(Cell(one.name, row_id)) if not one.hidden else None
            if message is not None and message.tone == "error":
                return one.name
        asked = self.sheet.open_comments()
        return next((cell.field for cell in asked if cell.row == row_id and cell.field != self.repeat.name), "")

    def _pick(self) -> None:
        """Show the rows that are looked for, in the order that is looked at."""
        name, typed = self.section.columns[0], self.search.text()
        rows = list(self._made.values())
        if typed:
            rows = [one for one in rows if matches(typed, one.label)]
        if self._only_bad:
            rows = [one for one in rows if one.notes or one.cells[MARK].text]
        if self._sort:
            rows.sort(key=lambda one: one.cells[self._sort].text, reverse=self._down)
        self.table.set_rows(rows)
        before = self._waiting()
        self.table.setVisible(bool(rows))
        self._none.setVisible(not rows and bool(self._made))
        self._bring.setVisible(not self._made and bool(before))
        self._nobody.setVisible(not self._made and not before)
        self._bar.setVisible(bool(self._made))
        self._legend.setVisible(bool(rows))
        self.search.edit.setAccessibleDescription(f"找到 {len(rows)} {self.unit}，共 {len(self._made)} {self.unit}")
        assert name in self.table.columns[1].key

    def _waiting(self) -> int:
        """Rows of the last period that are not here."""
        before = self.sheet.last
        if before is None:
            return 0
        return sum(one.id not in self._made for one in before.rows.get(self.repeat.name, ()))

    def _words(self) -> None:
        sheet = self.sheet
        before = self._waiting()
        bad = sum(bool(one.notes or one.cells[MARK].text) for one in self._made.values())
        self.filter.setText("看全部" if self._only_bad else f"只看有问题的 {bad}" if bad else "只看有问题的")
        self.filter.set_why("" if bad or self._only_bad else "没有问题")
        self.carry_button.setText(f"带出上年 {before} {self.unit}")
        self.carry_button.setVisible(bool(before) and sheet.editable)
        self._bring_words.setText(f"还没有{self.unit}。上年有 {before} {self.unit}，可以带过来再改。")
        self._bring_button.setText(f"带出上年 {before} {self.unit}")
        for button in (self._add_button, self._bring_button):
            button.set_why("" if sheet.editable else "已锁定")
        secret = next((one for one in self.repeat.fields if one.mask == "id"), None) or next(
            (one for one in self.repeat.fields if one.mask and one.name in self.section.columns), None
        )
        for part in (self._lock, self._masked, self.show_button):
            part.setVisible(secret is not None)
        if secret is not None:
            word = secret.label
            hidden = f"{word}中间 {8 if secret.mask == 'id' else 4} 位已隐藏"
            self._masked.setText("1 分钟后自动盖住" if sheet.revealed else hidden)
            self.show_button.setText("盖住" if sheet.revealed else "显示")
        derived = [one for name in self.section.columns if (one := self.repeat.field(name)).calculated]
        source = Sheet.id_field(self.repeat)
        self._grey.setText(
            f"灰底{_count(len(derived))}栏由{source.label}自动算出，不用填" if source and derived else ""
        )
        self._swatch.setVisible(bool(source and derived))
        self.facts.setText("     ".join(self._facts()))

    def _facts(self) -> list[str]:
        """男 3 人，女 3 人，待核对 1 人; then what the form itself counts."""
        sheet, said = self.sheet, []
        sex = next(
            (
                one
                for one in self.repeat.fields
                if one.calculated and one.list is not None and len(one.list.choices) <= 4
            ),
            None,
        )
        source = Sheet.id_field(self.repeat)
        if sex is not None and sex.list is not None and source is not None:
            texts = [
                sheet.instance.text(Cell(sex.name, row)) if not sheet.wrong(Cell(source.name, row)) else ""
                for row in self._made
            ]
            parts = [
                f"{choice.label[:1]} {texts.count(choice.code)} {self.unit}"
                for choice in sex.list.choices
                if choice.code in texts
            ]
            if open_ := texts.count(""):
                parts.append(f"待核对 {open_} {self.unit}")
            said.append("，".join(parts))
        for one in sheet.form.fields:
            if len(said) >= MOST_FACTS:
                break
            if one.calculated and not one.hidden and not one.source and one.unit == self.unit and len(one.label) <= 7:
                value = sheet.instance.shown(Cell(one.name))
                if value not in ("", "0", str(len(self._made))):
                    said.append(f"{one.label.removesuffix('人数')} {value} {one.unit}")
        return said

    # --- acts ----------------------------------------------------------------------------------------------------

    def _filter(self, on: bool) -> None:
        self._only_bad = on
        self._words()
        self._pick()

    def _open_first(self) -> None:
        """Enter in the search: to the table, its first row current."""
        if self.table.rows:
            self.table.go(self.table.rows[0].id)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _shift(self, step: int) -> None:
        """Move a row in the printing order; only while that order is shown."""
        here = self.table.current_id()
        if here and not self._sort and not self._only_bad and not self.search.text() and self.sheet.editable:
            self.moved.emit(here, step)

    def to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_first(self, last: bool = False) -> bool:
        if self._made:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        (self._bring_button if self._waiting() else self._add_button).setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def go_to(self, cell: Cell) -> bool:
        """Choose the row; a column of it is typed in the row editor, so that is False."""
        if cell.row in self._made:
            self.table.go(cell.row)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        return False

    def row_here(self) -> str:
        return self.table.current_id()

    def leave(self) -> None:
        """Nothing is typed here."""


def _count(number: int) -> str:
    return "零一两三四五六七八九"[number] if number < 10 else str(number)
