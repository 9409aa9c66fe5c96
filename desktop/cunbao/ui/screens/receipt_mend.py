"""village-11, the right side for one 意见: the rows around its cell, the new value, or a reason for leaving it.

The cell is typed in as on the form screen: worked out at once, kept while typing; what follows from it is said beneath.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.desks.views import CommentLine
from cunbao.desks.village import opinions
from cunbao.errors import CunbaoError
from cunbao.survey.form import Field, Kind
from cunbao.survey.values import Cell
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.cards import ExplainBox
from cunbao.ui.kit.fields import FieldBox, Message, TextArea
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.table import CellShow, Column, Table, TableRow
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screens.cellrow import CellRow
from cunbao.ui.screens.history import ask_earlier
from cunbao.ui.screens.sheet import NUMBERS, Sheet
from cunbao.ui.screens.sheets import eye_of, sheet_of
from cunbao.ui.screens.typist import Typist

if TYPE_CHECKING:
    from cunbao.survey.task import Section
    from cunbao.ui.shell import Shell

AROUND = 1  # rows that are shown before and after the one concerned
LONG = 60  # characters: a longer comment is cut in the list, so it stands here whole
NUMBER_WIDTH, WORDS_WIDTH = 110, 260  # px of the input


class InlineField(CellRow):
    """A cell's input alone in its line: label, unit and message stand outside. `said(tone, text)`."""

    said = Signal(str, str)

    def show_cell(self, extra: object = None) -> None:
        super().show_cell()
        for part in (self.label, self.optional, self.last, self.comment):
            part.hide()

    def show_message(self, tone: str = "", text: str = "") -> None:
        super().show_message(tone, text)
        self.message.hide()
        self.said.emit(tone, text)


class MendCard(Card):
    """`jump()`: 打开原表; `mended()`: 改好这一处; `reasoned()`: a reason was kept or taken back; `grown()`: higher."""

    jump = Signal()
    mended = Signal()
    reasoned = Signal()
    grown = Signal()

    def __init__(self, shell: Shell, typist: Typist, said: CommentLine) -> None:
        super().__init__()
        self._shell, self._typist, self.said = shell, typist, said
        self.sheet: Sheet = sheet_of(shell, said.form)
        self.field: InlineField | None = None
        self.table: Table | None = None
        self.add(self._head())
        self.add_line()
        if len(said.text) > LONG or "\n" in said.text:
            whole = QWidget()
            column(whole, 0, (16, 8, 16, 8)).addWidget(Message("returned", said.text, "message"))
            self.add(whole)
            self.add_line()
        if self._there():
            self.table = _table(self.sheet, said.cell)
            self.add(self.table)
            self.add_line("line_strong")
        self.told = Message()
        self.reason = ExplainBox(said.reply)
        self.reason.set_name("不改的原因")
        self.reason.committed.connect(self._reason)
        self.reason.next.connect(lambda step: self.reason.state or self.mended.emit())
        self.reason_button = Button("不改，写原因", icon="message")
        self.reason_button.clicked.connect(self.write_reason)
        self.done_button = Button("改好这一处")
        self.done_button.clicked.connect(self.mended.emit)
        self.add(self._tools())
        self.show_now()

    # --- what stands where ---------------------------------------------------------------------------------------

    def _there(self) -> bool:
        """Does the row of the cell still exist?"""
        cell, form = self.said.cell, self.sheet.form
        field = form.by_name.get(cell.field)
        repeat = field.repeat if field is not None else cell.field
        return not cell.row or cell.row in self.sheet.instance.rows(repeat)

    def _head(self) -> QWidget:
        said, head = self.said, QWidget()
        line = row(head, 12, (16, 0, 16, 0))
        head.setFixedHeight(look.px(40))
        parts = [part for part in said.path.split(" › ")[1:] if part.startswith("第 ")]
        name = parts[0].split(" ", 3)[3:] if parts else []
        where = " ".join([said.form, *name, said.label])
        line.addWidget(Text(f"第 {said.number} 条：{where}", bold=True), 1)
        jump = Button("打开原表", size="small", icon="jump")
        jump.clicked.connect(self.jump.emit)
        line.addWidget(jump)
        return head

    def _tools(self) -> QWidget:
        tools, said = QWidget(), self.said
        box = column(tools, 8, (16, 12, 16, 12))
        line = row(gap=12)
        field = self.sheet.form.by_name.get(said.cell.field)
        if field is not None and self._there() and not (field.calculated or field.readonly):
            self._add_field(line, field)
            short = field.kind in NUMBERS or field.kind is Kind.DATE or bool(field.mask) or look.narrow
            wide = not short or look.scale == 1.25
        else:
            why = "整行的意见" if field is None else "这一格自动算出" if self._there() else "这一行已经删了"
            line.addWidget(Text(f"{why}，请打开原表改。" if self._there() else f"{why}。", tone="text_2"), 1)
            self.done_button.hide()
            wide = look.scale == 1.25
        box.addLayout(line)
        buttons = row(gap=12) if wide else line
        if wide:
            line.addStretch(1)
            box.addLayout(buttons)
        buttons.addStretch(1)
        buttons.addWidget(self.reason_button)
        buttons.addWidget(self.done_button)
        box.addWidget(self.reason)
        box.addWidget(self.told)
        self.reason.setVisible(bool(said.reply))
        for part in (self.reason_button, self.done_button):
            part.setVisible(self.sheet.editable and not part.isHidden())
        return tools

    def _add_field(self, line: object, field: Field) -> None:
        from PySide6.QtWidgets import QHBoxLayout

        assert isinstance(line, QHBoxLayout)
        self.field = made = InlineField(self.sheet, self.said.cell)
        made.said.connect(lambda tone, text: self._tell())
        made.committed.connect(self._commit)
        made.half.connect(lambda cell, text: self._typist.half(self.said.form, cell, text))
        made.escaped.connect(self._typist.drop)
        made.history.connect(self._history)
        made.reveal.connect(eye_of(self._shell).toggle)
        if isinstance(made.field, FieldBox):
            made.field.next.connect(lambda step: self.mended.emit())
            made.field.set_name(f"{self.said.label}改成")
        if field.kind in NUMBERS or field.kind is Kind.DATE:
            made.setFixedWidth(look.px(NUMBER_WIDTH if field.kind in NUMBERS else 150))
        elif not isinstance(made.field, TextArea):
            made.setMaximumWidth(look.px(WORDS_WIDTH))
        line.addWidget(Text("改成"))
        line.addWidget(made, 0 if made.maximumWidth() < 9999 else 1)
        if field.unit:
            line.addWidget(Text(field.unit))

    # --- shown ---------------------------------------------------------------------------------------------------

    def show_now(self) -> None:
        """The row, the input and what is said beneath as they stand now; an open input keeps its text."""
        if self.table is not None and self._there():
            self.table.set_rows(_rows(self.sheet, self.said.cell, self.table.columns))
        if self.field is not None and self._typist.open != self.said.cell:
            self.field.show_cell()
        self._tell()

    def set_lead(self, lead: bool) -> None:
        """Whether 改好这一处 is the one filled button of the screen."""
        self.done_button.set_kind("filled" if lead else "outlined")
        self.done_button.set_key("Enter" if lead else "")

    def _tell(self) -> None:
        """What is wrong with the new value, else what follows from it."""
        cell, known = self.said.cell, self.said.cell.field in self.sheet.form.by_name
        wrong = self.sheet.message(cell) if known and self._there() and self._typist.open != cell else None
        effect = opinions.effect(self._shell.desk, self.said.form)
        if wrong is not None:
            self.told.set(wrong.tone, wrong.text)
        elif effect:
            self.told.set("note", effect, "chart")
        else:
            self.told.set("", "")

    def say(self, tone: str, text: str) -> None:
        self.told.set(tone, text)

    # --- acts ----------------------------------------------------------------------------------------------------

    def focus_field(self) -> None:
        if self.field is not None and self.sheet.editable:
            self.field.field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.reason_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def write_reason(self) -> None:
        self.reason.show()
        self.reason.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.grown.emit()

    def leave(self) -> None:
        """Commit what is being typed."""
        edit = getattr(self.field.field, "edit", None) if self.field is not None else None
        if edit is not None and edit.hasFocus():
            commit = getattr(self.field.field, "commit", None) if self.field is not None else None
            commit() if commit is not None else edit.clearFocus()
        if self.reason.edit.hasFocus():
            self.reason.commit()

    def _commit(self, cell: Cell, text: str) -> None:
        if self._typist.commit(self.said.form, cell, text) is None and self.field is not None:
            self.field.show_cell()

    def _history(self, cell: Cell) -> None:
        self.leave()
        text = ask_earlier(self._shell, self.sheet, cell)
        if text is not None:
            self._commit(cell, text)
            self.focus_field()

    def _reason(self, text: str) -> None:
        from cunbao.desks.village import lineage

        try:
            lineage.reply(self._shell.desk, self.said.form, self.said.cell, text)
        except CunbaoError as trouble:
            self.reason.set_state("error")
            self.say("error", f"{trouble.happened}，{trouble.todo}。")
            return
        self.reason.set_state("")
        self.reasoned.emit()


# --- the rows around -------------------------------------------------------------------------------------------------


class AroundTable(Table):
    """Looked at, not worked in."""

    row_px = 38

    def __init__(self, columns: tuple[Column, ...], name: str) -> None:
        super().__init__(columns, name=name)
        self.selected = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _table(sheet: Sheet, cell: Cell) -> AroundTable:
    field = sheet.form.by_name.get(cell.field)
    table = AroundTable(_columns(sheet, cell, field), f"{field.label if field else '整行'}前后几行")
    table.set_rows(_rows(sheet, cell, table.columns))
    return table


def _columns(sheet: Sheet, cell: Cell, field: Field | None) -> tuple[Column, ...]:
    """Number, name, the cell's own column with 上年 beside it, and one or two more of the section."""
    if not cell.row:
        return (
            Column("name", "栏目", 180, 3),
            Column("value", "填的", 120, 1, align="right"),
            Column("last", "上年", 110, 1, align="right", kind="last"),
        )
    repeat = sheet.form.repeat(field.repeat if field is not None else cell.field)
    name = repeat.fields[0]
    made = [Column("#", "行", 44, align="right", kind="number"), Column(name.name, sheet.short(name), 120, 2)]
    if field is not None and field is not name:
        made.append(_column(sheet, field))
    if field is not None:
        wide = 96 if field.kind in NUMBERS else 112
        made.append(Column("last", "上年", wide, align=_align(field), kind="last"))
    known = {one.key for one in made}
    more = [one for one in repeat.fields if one.name not in known and not (one.mask or one.hidden or one.calculated)]
    most = (1 if field is not None else 3) - (look.scale == 1.25)
    made += [_column(sheet, one) for one in sorted(more, key=_tells_little)[:most]]
    return tuple(made)


def _tells_little(field: Field) -> int:
    """Which columns tell a row from the others: what somebody is, then figures and days, then the rest."""
    if "职务" in field.label:
        return 0
    return 1 if field.kind in NUMBERS or field.kind is Kind.DATE else 2 if field.kind is Kind.SELECT_ONE else 3


def _column(sheet: Sheet, field: Field) -> Column:
    stretch = 0 if field.kind in NUMBERS or field.kind is Kind.DATE else 1
    return Column(field.name, sheet.short(field), 122, stretch, align=_align(field))


def _align(field: Field) -> str:
    return "right" if field.kind in NUMBERS or field.kind is Kind.DATE else "left"


def _section(sheet: Sheet, cell: Cell) -> Section | None:
    at = sheet.section_of(cell)
    return sheet.sections[at] if at >= 0 else None


def _rows(sheet: Sheet, cell: Cell, columns: tuple[Column, ...]) -> list[TableRow]:
    return _single(sheet, cell) if not cell.row else _around(sheet, cell, columns)


def _single(sheet: Sheet, cell: Cell) -> list[TableRow]:
    """The fields before and after it in its section."""
    section = _section(sheet, cell)
    names = [
        one
        for one in (section.fields if section is not None else (cell.field,))
        if not sheet.form.field(one).hidden and sheet.instance.relevant(Cell(one))
    ]
    at = names.index(cell.field) if cell.field in names else 0
    made = []
    for name in names[max(0, at - AROUND) : at + AROUND + 1]:
        one = sheet.form.field(name)
        here = name == cell.field
        value = sheet.shown(Cell(name)) or "没填"
        shown = {
            "name": CellShow(f"{one.label}（{one.unit}）" if one.unit else one.label),
            "value": CellShow(value, tone="returned" if here else ""),
            "last": CellShow(sheet.last_shown(Cell(name))),
        }
        made.append(TableRow(name, shown))
    return made


def _around(sheet: Sheet, cell: Cell, columns: tuple[Column, ...]) -> list[TableRow]:
    """The rows before and after it in its section, with their numbers in the whole roster."""
    field = sheet.form.by_name.get(cell.field)
    repeat = sheet.form.repeat(field.repeat if field is not None else cell.field)
    section, numbers = _section(sheet, cell), sheet.instance.rows(repeat.name)
    rows = sheet.rows_of(section) if section is not None and section.repeat == repeat.name else numbers
    rows = rows if cell.row in rows else numbers
    at = rows.index(cell.row)
    made = []
    for row_id in rows[max(0, at - AROUND) : at + AROUND + 1]:
        here = row_id == cell.row
        shown = {"#": CellShow(str(numbers.index(row_id) + 1))}
        for one in columns:
            if one.key in sheet.form.by_name:
                framed = here and (field is None or one.key == field.name)
                text = sheet.shown(Cell(one.key, row_id)) or "—"
                shown[one.key] = CellShow(text, tone="returned" if framed else "")
        if field is not None:
            shown["last"] = CellShow(sheet.last_shown(Cell(field.name, row_id)))
        made.append(TableRow(row_id, shown))
    return made
