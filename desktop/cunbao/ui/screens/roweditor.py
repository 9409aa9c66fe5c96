"""village-06: one person or facility, all columns as fields; the roster narrowed at the left. Leaving saves.

Esc takes back everything that this visit changed (one step, Ctrl+Z brings it back); a row that was added and left empty
does not stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cunbao.desks.views import PersonOffer
from cunbao.desks.village import rosters
from cunbao.errors import CunbaoError
from cunbao.survey.form import Kind
from cunbao.survey.recalculation import Change
from cunbao.survey.values import Cell
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.fieldgrid import FieldGrid
from cunbao.ui.kit.fields import CodeField
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.lists import Entry, PeopleList
from cunbao.ui.kit.panel import Card, column, row, scrolled
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.acts import delete_row, show_draft
from cunbao.ui.screens.cellrow import CellRow
from cunbao.ui.screens.history import ask_earlier
from cunbao.ui.screens.sheet import Message, Sheet
from cunbao.ui.screens.sheets import eye_of, sheet_of
from cunbao.ui.screens.typist import Typist

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

LIST_WIDTH, GUTTER = 272, 16
POSTS = 2  # code columns whose labels stand behind the name in the list
PLAIN = ("", "无", "是", "否")


class RowScreen(Screen):
    """The screen "row": open(form="B03", repeat="b03_m", row=id, cell=Cell(…), section=number)."""

    with_list = True  # the narrowed roster beside the fields
    _head: PageHead
    _offer_slot: QWidget
    _offer_box: QVBoxLayout
    previous_button: Button
    following_button: Button

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.form = self.repeat = self.row = ""
        self._section = 0
        self._before: dict[str, str] = {}
        self._new = False
        self._built: tuple[str, str, float, bool] = ("", "", 0.0, False)
        self._cell: Cell | None = None
        self.fields: dict[str, CellRow] = {}
        self._rows: tuple[str, ...] = ()
        self.typist = Typist(shell, self)
        self.typist.changed.connect(self._changed)
        eye_of(shell).changed.connect(lambda on: self._show_fields())
        self._box = column(self, 12)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def sheet(self) -> Sheet:
        return sheet_of(self.shell, self.form)

    @property
    def noun(self) -> str:
        return "人" if any(one.mask for one in self.sheet.form.repeat(self.repeat).fields) else "行"

    @property
    def help(self) -> Sequence[str]:  # type: ignore[override]
        if self._cell is None:
            return (f"一{self.noun}的各栏都在这里；离开就存下。",)
        one = self.sheet.form.field(self._cell.field)
        return (f"{one.label}：{one.hint or one.constraint_message or '照实填。'}", "以前填过的值按 Alt+H 找回。")

    def nav_key(self) -> str:
        return f"form/{self.form}"

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "下一格"), ("PgDn", f"下一{self.noun}"), ("F4", "打开代码表"), ("Esc", "关闭"))

    def open(
        self, form: str = "", repeat: str = "", row: str = "", cell: Cell | None = None, section: int = 0, **where: Any
    ) -> None:
        self.form, self.repeat, self._section = form or self.form, repeat or self.repeat, section
        self.sheet.take_comments()
        self._show_row(row or self.row)
        self._go(cell)

    def first_focus(self) -> None:
        here = QApplication.focusWidget()
        if here is None or not self.grid.isAncestorOf(here):
            self.grid.focus_field()

    def refresh(self) -> None:
        rows = self._scope()
        if self.row not in rows:  # undo has taken the row away
            self.back()
            return
        self._show_row(self.row)

    def leave(self) -> None:
        here = QApplication.focusWidget()
        for shown in self.fields.values():
            if isinstance(shown.field, CodeField) and shown.field.picker is not None:
                shown.field.picker.leave()
            edit = getattr(shown.field, "edit", None)
            if edit is not None and edit is here:
                commit = getattr(shown.field, "commit", None)
                commit() if commit is not None else edit.clearFocus()
        self.typist.flush()

    # --- building ------------------------------------------------------------------------------------------------

    def _scope(self) -> tuple[str, ...]:
        """Rows that PgUp and PgDn walk: those of the section that it was opened from."""
        sections = self.sheet.sections
        section = sections[self._section] if self._section < len(sections) else None
        if section is None or section.repeat != self.repeat:
            return self.sheet.instance.rows(self.repeat)
        rows = self.sheet.rows_of(section)
        return rows if self.row in rows or not self.row else self.sheet.instance.rows(self.repeat)

    def _build(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        noun = self.noun
        self.fields = {}
        self._head = self.make_head()
        self.previous_button = Button(f"上一{noun}", icon="chev-l", key="PgUp")
        self.previous_button.clicked.connect(lambda: self.page(-1))
        self.following_button = Button(f"下一{noun}", icon="chev-r", key="PgDn")
        self.following_button.clicked.connect(lambda: self.page(1))
        self._head.add(self.previous_button)
        self._head.add(self.following_button)
        self._box.addWidget(self._head)
        self._offer_slot = QWidget()
        self._offer_box = column(self._offer_slot)
        self._offer_slot.hide()
        self._box.addWidget(self._offer_slot)
        ground = QWidget()
        across = row(ground, GUTTER)
        across.addWidget(self._side())
        across.addWidget(self._right(), 1)
        self._box.addWidget(ground, 1)
        ground.show()
        # not before it has its place: it would be a window of its own
        self._side_widget.setVisible(self.with_list and not look.narrow)

    def make_head(self) -> PageHead:
        return PageHead(f"{self.form} {self.sheet.screen.nav}")

    def _side(self) -> QWidget:
        self._side_widget = QWidget()
        self._side_widget.setFixedWidth(look.px(LIST_WIDTH))
        left = Card()
        head = QWidget()
        head.setFixedHeight(look.px(39))
        line = row(head, 8, (16, 0, 16, 0))
        self.count = Text("", bold=True)
        line.addWidget(self.count, 1)
        add = Button("增加", size="small", icon="plus", bold=True)
        add.clicked.connect(self.add)
        line.addWidget(add)
        add.setVisible(self.sheet.editable)
        left.add(head)
        left.add_line()
        self.people = PeopleList(name=f"{self.noun}的名单")
        self.people.chosen.connect(self._choose)
        self.people_area = scrolled(self.people)
        left.add(self.people_area, 1)
        self._people_card = left
        box = column(self._side_widget)
        box.addWidget(left)
        box.addStretch(1)
        return self._side_widget

    def _right(self) -> QWidget:
        right = Card()
        self.grid = FieldGrid(3)
        self.grid.beyond.connect(self._beyond)
        self.area = scrolled(self.grid)
        right.add(self.area, 1)
        right.add_line()
        foot = QWidget()
        buttons = row(foot, 8, (20, 12, 20, 12))
        self.delete_button = Button(f"删除这一{self.noun}", kind="danger_quiet", icon="trash")
        self.delete_button.clicked.connect(self.delete)
        buttons.addWidget(self.delete_button)
        buttons.addStretch(1)
        self.drop_button = Button("放弃修改", key="Esc")
        self.drop_button.clicked.connect(self.back)
        buttons.addWidget(self.drop_button)
        self.next_button = Button(f"存下，看下一{self.noun}", kind="filled", key="Ctrl+Enter")
        self.next_button.clicked.connect(self.go_on)
        buttons.addWidget(self.next_button)
        for button in (self.delete_button, self.drop_button):
            button.setVisible(self.sheet.editable)
        right.add(foot)
        return right

    # --- one row -------------------------------------------------------------------------------------------------

    def _show_row(self, row_id: str) -> None:
        sheet = self.sheet
        built = (self.form, self.repeat, look.scale, sheet.editable)
        again = built != self._built
        if again:
            self._built = built
            self._build()
        if again or row_id != self.row or not self.fields:
            self.row, self._rows = row_id, () if again else self._rows
            self._make_fields()
            self._before = self._texts()
            self._new = not any(self._before.values()) or self._only_preset()
            self._cell = None
        else:
            self._show_fields()
        self._list_people()
        self._name_row()
        self._offer()

    def _texts(self) -> dict[str, str]:
        """What is typed in this row, by column."""
        instance = self.sheet.instance
        fields = self.sheet.form.repeat(self.repeat).fields
        return {one.name: instance.text(Cell(one.name, self.row)) for one in fields if not one.calculated}

    def _only_preset(self) -> bool:
        where = {name for section in self.sheet.sections for name in section.where}
        return not any(text for name, text in self._texts().items() if name not in where)

    def _make_fields(self) -> None:
        sheet = self.sheet
        self.fields = {}
        made = []
        for one in sheet.form.repeat(self.repeat).fields:
            if one.hidden or one.kind is Kind.NOTE:
                continue
            shown = CellRow(sheet, Cell(one.name, self.row))
            shown.committed.connect(self._commit)
            shown.half.connect(lambda cell, text: self.typist.half(self.form, cell, text))
            shown.entered.connect(self._entered)
            shown.escaped.connect(self.typist.drop)
            shown.history.connect(self._history)
            shown.paged.connect(self.page)
            shown.reveal.connect(eye_of(self.shell).toggle)
            self.fields[one.name] = shown
            self.grid.put_away(shown, not shown.asked())
            made.append((shown, shown.span))
        self.grid.set_fields(made)
        self.area.verticalScrollBar().setValue(0)
        self._show_fields()

    def _show_fields(self) -> None:
        moved = False
        for name, shown in self.fields.items():
            if shown.cell != self.typist.open:
                shown.show_cell(self._said_beside(name, shown))
            moved = self.grid.put_away(shown, not shown.asked()) or moved
        if moved:
            self.grid.lay()

    def _said_beside(self, name: str, shown: CellRow) -> Message | None:
        """校验位正确; 和上年不同: said when nothing is wrong."""
        sheet, cell, one = self.sheet, shown.cell, shown.one
        text = sheet.instance.text(cell)
        if not text or one.calculated:
            return None
        if one.mask == "id":
            return Message("ok", "校验位正确")
        before = sheet.last_text(cell)
        lasting = one.kind in (Kind.TEXT, Kind.SELECT_ONE) and not one.label.startswith("本年")
        if before and before != text and lasting and sheet.id_field(sheet.form.repeat(self.repeat)):
            return Message("warn", "和上年不同，核对无误即可")
        return None

    def _name_row(self) -> None:
        rows = self._scope()
        at = rows.index(self.row)
        name = self.sheet.instance.shown(Cell(self.sheet.form.repeat(self.repeat).fields[0].name, self.row))
        self._head.set_crumb(f"第 {at + 1} {self.noun} {name}".rstrip())
        self.previous_button.set_why("" if at else f"这是第一{self.noun}")
        self.following_button.set_why("" if at + 1 < len(rows) else f"这是最后一{self.noun}")
        self.next_button.setText(f"存下，看下一{self.noun}" if at + 1 < len(rows) else "存下，回名册")

    def _list_people(self) -> None:
        rows = self._scope()
        if rows != self._rows or len(self.people.entries) != len(rows):
            self._rows = rows
            self.people.set_entries([self._entry(at, row_id) for at, row_id in enumerate(rows)], self.row)
            room = max(200, self.height() - look.px(39 + 36) - 16) if self.height() > 300 else look.px(460)
            self._people_card.setFixedHeight(min(look.px(39) + 3 * look.line + self.people.sizeHint().height(), room))
        else:
            at = rows.index(self.row)
            self.people.set_entry(self._entry(at, self.row))
        self.people.choose(self.row)
        self.count.setText(f"{len(rows)} {self.noun}")
        box = self.people.box_of(self.people.at)
        self.people_area.ensureVisible(0, box.center().y(), 0, box.height())

    def _entry(self, at: int, row_id: str) -> Entry:
        sheet, instance = self.sheet, self.sheet.instance
        fields = sheet.form.repeat(self.repeat).fields
        bad = missing = False
        for one in fields:
            for found in instance.findings_at(Cell(one.name, row_id)):
                missing = missing or found.check == "required"
                bad = bad or found.check != "required"
        posts = [
            one
            for one in fields
            if one.kind is Kind.SELECT_ONE and ("职务" in one.label or "身份" in one.label or "类别" in one.label)
        ]
        words = [instance.shown(Cell(one.name, row_id)) for one in posts]
        icon, ink = ("alert-circle", "error") if bad else ("pencil", "text_2") if missing else ("check", "ok")
        name = instance.shown(Cell(fields[0].name, row_id)) or f"第 {at + 1} {self.noun}"
        return Entry(
            row_id,
            name,
            str(at + 1),
            "、".join(word for word in words[:POSTS] if word not in PLAIN),
            icon=icon,
            ink=ink,
        )

    # --- typing --------------------------------------------------------------------------------------------------

    def _commit(self, cell: Cell, text: str) -> None:
        if self.typist.commit(self.form, cell, text) is None and cell.field in self.fields:
            self.fields[cell.field].show_cell()

    def _changed(self, form: str, change: Change) -> None:
        if form != self.form or not self.row:
            return
        sheet = self.sheet
        sheet.insisted.difference_update(change.cells)
        sheet.forget_checks({Cell(edit.field, edit.row) for edit in change.edits})
        moved = False
        cells = set(change.cells) | ({self._cell} if self._cell is not None else set())
        for cell in cells:
            shown = self.fields.get(cell.field)
            if shown is None or cell.row != self.row or cell == self.typist.open:
                continue
            shown.show_cell(self._said_beside(cell.field, shown))
            moved = self.grid.put_away(shown, not shown.asked()) or moved
        if moved:
            self.grid.lay()
        if self.typist.open is None:
            self._list_people()
            self._name_row()
            self._offer()

    def _entered(self, cell: Cell) -> None:
        self._cell = cell
        self.area.ensureWidgetVisible(self.fields[cell.field], 0, 40)

    def _history(self, cell: Cell) -> None:
        self.leave()
        text = ask_earlier(self.shell, self.sheet, cell)
        if text is not None:
            self._commit(cell, text)
            self._go(cell)

    def _go(self, cell: Cell | None) -> None:
        """Cursor to a cell of this row, its emptiness said aloud."""
        shown = self.fields.get(cell.field) if cell is not None else None
        if shown is None or cell is None:
            self.grid.focus_field()
            return
        if any(one.check == "required" for one in self.sheet.instance.findings_at(cell)):
            self.sheet.insisted.add(cell)
        self._cell = cell
        shown.show_cell()
        shown.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.area.ensureWidgetVisible(shown, 0, 40)

    # --- the same person elsewhere -------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Above the fields: what the township said of the whole row, else the same person elsewhere."""
        while (item := self._offer_box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        found = rosters.offers(self.shell.desk, self.form, self.repeat, self.row) if self.sheet.editable else ()
        said = self.sheet.comment(Cell(self.repeat, self.row))
        self._offer_slot.setVisible(bool(found) or said is not None)
        if said is not None:
            self._offer_box.addWidget(Banner("returned" if said.tone == "returned" else "ok", said.text))
        elif found:
            offer = found[0]
            labels = [self.sheet.form.field(name).label for name, _, _ in offer.values]
            button = Button("带过来", icon="copy", size="small")
            button.clicked.connect(lambda: self._take(offer))
            words = "、".join(labels[:4]) + ("等" if len(labels) > 4 else "")
            banner = Banner(
                "info", f"{offer.name}在 {offer.form} 里填过", f"可以带来 {len(labels)} 格：{words}", button=button
            )
            self._offer_box.addWidget(banner)

    def _take(self, offer: PersonOffer) -> None:
        self.leave()
        desk, form, row_id, group = self.shell.desk, self.form, self.row, self.shell.desk.new_id()

        def done(_: object) -> None:
            self._show_fields()
            self._list_people()
            self._offer()
            self.shell.refresh_frame()

        self.shell.run_job(
            lambda progress, cancel: rosters.take_offer(desk, form, row_id, offer, group=group),
            done=done,
            title="带过来",
        )

    # --- going on ------------------------------------------------------------------------------------------------

    def _choose(self, row_id: str) -> None:
        self.leave()
        self._show_row(row_id)

    def page(self, step: int) -> bool:
        self.leave()
        rows = self._scope()
        to = rows.index(self.row) + step
        if 0 <= to < len(rows):
            field = self._cell.field if self._cell is not None else ""
            self._show_row(rows[to])
            self._go(Cell(field, self.row) if field in self.fields and self.fields[field].asked() else None)
        return True

    def go_on(self) -> bool:
        self.leave()
        rows = self._scope()
        if rows.index(self.row) + 1 < len(rows):
            self._show_row(rows[rows.index(self.row) + 1])
            self.grid.focus_field()
        else:
            self._to_form()
        return True

    def _beyond(self, step: int) -> None:
        if step > 0:
            self.next_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def back(self) -> bool:
        """Esc: first takes back what this visit changed, then goes back to the roster."""
        if self.row not in self.sheet.instance.rows(self.repeat):
            self._to_form()
            return True
        self.leave()
        changed = {name: text for name, text in self._before.items() if self._texts().get(name, "") != text}
        if self._new and (changed or self._only_preset()):
            change = self.shell.desk.delete_row(self.form, self.repeat, self.row)
            self.shell.keep(self.form, change.edits)
        elif changed and self.sheet.editable:
            self._take_back(changed)
            return True
        self._to_form()
        return True

    def _take_back(self, changed: dict[str, str]) -> None:
        desk, edits = self.shell.desk, []
        try:
            for name, text in changed.items():
                edits += desk.type(self.form, Cell(name, self.row), text).edits
        except CunbaoError as error:
            self.shell.show_error(error)
        self.shell.keep(self.form, edits, group=desk.new_id())
        self._show_fields()
        self._list_people()
        self._name_row()
        self.grid.focus_field()

    def _to_form(self) -> None:
        row_id, self.row = self.row, ""
        self.shell.go("form", form=self.form, section=self._section)
        part = getattr(self.shell.screen_here, "part", None)
        if part is not None and hasattr(part, "table") and row_id:
            part.table.go(row_id)

    # --- rows ----------------------------------------------------------------------------------------------------

    def add(self) -> bool:
        if not self.sheet.editable:
            return False
        self.leave()
        sections = self.sheet.sections
        where = sections[self._section].where if self._section < len(sections) else {}
        change = self.shell.desk.add_row(self.form, self.repeat, {name: codes[0] for name, codes in where.items()})
        self.shell.keep(self.form, change.edits)
        self._show_row(change.edits[0].row)
        self.grid.focus_field()
        return True

    def delete(self) -> bool:
        if not self.sheet.editable:
            return False
        self.leave()
        rows = self._scope()
        at = rows.index(self.row)
        if delete_row(self.shell, self.sheet, self.repeat, self.row, lambda: None):
            left = tuple(row_id for row_id in rows if row_id != self.row)
            if left:
                self._show_row(left[min(at, len(left) - 1)])
                self.grid.focus_field()
            else:
                self._to_form()
        return True

    def next_problem(self, step: int) -> bool:
        self.leave()
        names = {one.name for one in self.sheet.form.repeat(self.repeat).fields}
        cells = [cell for cell in self.sheet.problems() if cell.row and cell.field in names]
        real = [cell for cell in cells if self.sheet.says(cell) and cell not in self.sheet.insisted]
        cells = real or cells
        if cells:
            at = (cells.index(self._cell) + step) % len(cells) if self._cell in cells else 0
            if cells[at].row != self.row:
                self._show_row(cells[at].row)
            self._go(cells[at])
        return True

    def paste(self) -> bool:
        text = QGuiApplication.clipboard().text()
        if not self.sheet.editable or not text.strip():
            return False
        self.leave()
        self.shell.go("paste", form=self.form, repeat=self.repeat, text=text, section=self._section)
        return True

    def preview(self) -> bool:
        self.leave()
        show_draft(self.shell, self.form)
        return True
