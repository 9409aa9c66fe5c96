"""village-04 and -05: filling one form, section by section. Single fields, facility tables and rosters of persons.

Typing goes Typist → desk → only the changed cells are painted → disk. Marks of sections and the page head follow a
moment later, so that they never hold up a stroke. The screen decides nothing: the desk says what is wrong and locked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QApplication, QWidget

from cunbao.desks.village import checking, lineage
from cunbao.errors import CunbaoError
from cunbao.survey.form import Kind
from cunbao.survey.recalculation import Change
from cunbao.survey.task import Section
from cunbao.survey.values import Cell
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.lists import Entry
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.acts import delete_row, show_draft
from cunbao.ui.screens.carry import ask_carry
from cunbao.ui.screens.facility import FacilityPart
from cunbao.ui.screens.fieldset import FieldsPart
from cunbao.ui.screens.formframe import FormFrame
from cunbao.ui.screens.history import ask_earlier
from cunbao.ui.screens.locked import give_up, locked_banner
from cunbao.ui.screens.roster import RosterPart
from cunbao.ui.screens.sheet import Sheet
from cunbao.ui.screens.sheets import eye_of, sheet_of
from cunbao.ui.screens.typist import Typist, after

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

SOON = 120  # ms after a change until marks and head follow
CHECK_SOON = 700  # ms of rest until the checks between cells run again
CHECK_MOST = 0.08  # s: a check that takes longer runs only when the screen opens

Part = FieldsPart | FacilityPart | RosterPart


class FormScreen(Screen):
    """The screen "form": open(form="B02", cell=Cell(…) or section=number)."""

    frame: FormFrame

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.form = ""
        self.at = 0
        self.part: Part | QWidget | None = None
        self._parts: dict[int, QWidget] = {}
        self._places: dict[str, int] = {}  # form → the section that was open last
        self._built: tuple[str, float, str] = ("", 0.0, "?")  # form, scale, why it is locked ("" it is not)
        self._cell: Cell | None = None
        self._check_cost = 0.0
        self.typist = Typist(shell, self)
        self.typist.changed.connect(self._changed)
        self._soon = after(self, SOON, self._show_marks)
        self._check = after(self, CHECK_SOON, self._run_checks)
        eye_of(shell).changed.connect(self._reveal)
        self._box = column(self, 12)

    # --- what the shell asks -------------------------------------------------------------------------------------

    @property
    def sheet(self) -> Sheet:
        return sheet_of(self.shell, self.form)

    @property
    def help(self) -> Sequence[str]:  # type: ignore[override]
        if self._cell is None:
            return ("逐格填，按 Enter 到下一格；填的数随时存到硬盘。",)
        one = self.sheet.form.field(self._cell.field)
        return (f"{one.label}：{one.hint or one.constraint_message or '照实填。'}", "以前填过的值按 Alt+H 找回。")

    def nav_key(self) -> str:
        return f"form/{self.form}"

    def help_part(self) -> str:
        return "roster" if isinstance(self.part, RosterPart) else "table" if isinstance(self.part, FacilityPart) else ""

    def keys(self) -> Sequence[tuple[str, str]]:
        if isinstance(self.part, RosterPart):
            if not self.sheet.editable:
                return (("Enter", "打开一行"), ("Ctrl+F", "找人"))
            return (
                ("Enter", "打开一行"),
                ("Ctrl+N", f"增加一{self.part.unit}"),
                ("Delete", "删除一行"),
                ("F8", "下一处问题"),
            )
        if isinstance(self.part, FacilityPart):
            return (("Enter", "下一格"), ("Alt+Enter", "整行"), ("F8", "下一处问题"), ("Ctrl+Z", "撤销"))
        return (("Enter", "下一格"), ("Shift+Enter", "上一格"), ("F8", "下一处问题"), ("Ctrl+Z", "撤销"))

    def open(self, form: str = "", cell: Cell | None = None, section: int | None = None, **where: Any) -> None:
        if form and form != self.form:
            if self.form:
                self._places[self.form] = self.at
            self.form = form
            self.at = self._places.get(form, -1)
        self.sheet.take_comments()
        self._run_checks(show=False)
        if self.at < 0:
            self.at = self._first_section()
        if section is not None:
            self.at = section
        self._cell = None
        self._built = ("", 0.0, "?")
        self.refresh()
        if cell is not None:
            self.go_to(cell)

    def refresh(self) -> None:
        if not self.form:
            return
        self.sheet.take_comments()
        where = "" if self.sheet.editable else self.shell.desk.state(self.form).token
        built = (self.form, look.scale, where)
        if built != self._built:
            self._build()
            self._built = built
            self._show_section(self.at)
        else:
            shown = self._shown_sections()
            if self.at not in shown:
                self._show_section(shown[0])
            elif isinstance(self.part, FieldsPart | FacilityPart | RosterPart):
                self.part.refresh()
            else:
                self._parts.clear()
                self._show_section(self.at)
            if self.frame.live is not None:
                self.frame.live.show_now()
        self._show_marks()

    def first_focus(self) -> None:
        if self.shell.screen_here is not self:  # a cell that was asked for is typed in the row editor
            return
        if self._cell is not None and self._focus_inside():
            return
        if isinstance(self.part, FieldsPart | FacilityPart | RosterPart) and not self.part.focus_first():
            self.frame.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _focus_inside(self) -> bool:
        here = QApplication.focusWidget()
        return here is not None and self.part is not None and self.part.isAncestorOf(here)

    def leave(self) -> None:
        if isinstance(self.part, FieldsPart | FacilityPart | RosterPart):
            self.part.leave()
        self.typist.flush()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is worked out for a screen that nobody sees; `open` does all of it anew."""
        self._soon.stop()
        self._check.stop()
        super().hideEvent(event)

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._parts.clear()
        self.part = None
        self.frame = frame = self.make_frame()
        frame.chosen.connect(self._show_section)
        frame.step.connect(self._step_section)
        frame.trouble.connect(lambda: self.next_problem(1))
        frame.paste.connect(self.paste_or_open)
        frame.preview.connect(self.preview)
        frame.add.connect(self.add)
        frame.give_up.connect(lambda: give_up(self.shell, self.form, self._unlocked))
        self._box.addWidget(frame)
        frame.show()  # now, not when the events come round: the cursor goes into it next

    def make_frame(self) -> FormFrame:
        """What lies round a section."""
        return FormFrame(self.sheet, locked_banner(self.shell, self.form, self._unlocked))

    def make_rows(self, section: Section) -> RosterPart | FacilityPart:
        """The table of a section that is filled row by row."""
        if self.sheet.people(section):
            return RosterPart(self.sheet, section, self._unit(section.repeat))
        return FacilityPart(self.sheet, section)

    # --- sections ------------------------------------------------------------------------------------------------

    def _shown_sections(self) -> list[int]:
        """Sections that apply: a roster that 零报告 has switched off is gone, its reason stands with the fields."""
        sheet = self.sheet
        return [
            at
            for at, section in enumerate(sheet.sections)
            if not section.repeat or sheet.instance.relevant(Cell(section.repeat)) or self._undecided(at)
        ]

    def _undecided(self, at: int) -> Cell | None:
        """The empty question on which a roster waits (零报告), None when it is answered."""
        sheet = self.sheet
        repeat = sheet.sections[at].repeat
        rule = next(
            (bind.relevant for bind in sheet.form.binds.values() if bind.kind == "repeat" and bind.name == repeat), ""
        )
        for name in {one.name for one in sheet.form.fields}:
            if re.search(rf"\b{name}\b", rule) and not sheet.instance.text(Cell(name)):
                return Cell(name)
        return None

    def _first_section(self) -> int:
        """Where filling goes on: the roster of persons when what stands before it is filled."""
        counts = self.sheet.counts(self.sheet.instance.findings())
        for at in self._shown_sections():
            if self.sheet.people(self.sheet.sections[at]):
                return at
            if any(counts.get(at, (0, 0))):
                return at
        return 0

    def _show_section(self, at: int, *, focus: bool = False, last: bool = False) -> None:
        sheet = self.sheet
        shown = self._shown_sections()
        at = at if at in shown else shown[0]
        if self.part is not None:
            self.leave()
        self.at, section = at, sheet.sections[at]
        part = self._parts.get(at)
        if part is None:
            part = self._parts[at] = self._make_part(at)
        elif isinstance(part, FieldsPart | FacilityPart | RosterPart):
            part.refresh()
        for old in self._parts.values():
            if old is not part:
                old.hide()
        self.part = part
        roster = isinstance(part, RosterPart)
        self.frame.show_part(part, roster=roster)
        self.frame.title.setText(f"{shown.index(at) + 1} {section.title}")
        self._show_facts(section.repeat)
        hint = sheet.form.repeat(section.repeat).hint if section.repeat else ""
        self.frame.help.show_section(section.title, hint)
        unit = self._unit(section.repeat)
        self.frame.add_button.setText(f"增加一{unit}")
        self.frame.add_button.setVisible(bool(section.repeat) and roster and sheet.editable)
        self.frame.paste_button.setVisible(
            bool(section.repeat) and sheet.editable and sheet.instance.relevant(Cell(section.repeat))
        )
        self.frame.list.choose(str(at))
        self._name_steps(shown)
        self._show_marks()
        if focus and not (isinstance(part, FieldsPart | FacilityPart | RosterPart) and part.focus_first(last)):
            (self.frame.roster_next if roster else self.frame.next).setFocus(Qt.FocusReason.OtherFocusReason)
        if self.shell.screen_here is self:
            self.shell.status.set_keys(self.keys())

    def _make_part(self, at: int) -> QWidget:
        sheet, section = self.sheet, self.sheet.sections[at]
        if section.repeat and not sheet.instance.relevant(Cell(section.repeat)):
            waits = self._undecided(at)
            label = sheet.form.field(waits.field).label if waits else ""
            button = Button(f"去选“{label.partition('：')[0]}”")
            button.clicked.connect(lambda: waits and self.go_to(waits))
            return EmptyState(f"先选好“{label}”，再填这一节。", button)
        part: Part = self.make_rows(section) if section.repeat else FieldsPart(sheet, section)
        if isinstance(part, RosterPart):
            part.opened.connect(self._open_row)
            part.carry.connect(self._carry)
            part.add.connect(self.add)
            part.reveal.connect(eye_of(self.shell).toggle)
            part.moved.connect(self._move)
            return part
        if isinstance(part, FacilityPart):
            part.opened.connect(self._open_row)
            part.add.connect(self.add)
        part.committed.connect(self._commit)
        part.half.connect(lambda cell, text: self.typist.half(self.form, cell, text))
        part.entered.connect(self._entered)
        part.escaped.connect(self.typist.drop)
        part.history.connect(self._history)
        part.beyond.connect(self._beyond)
        part.paged.connect(self.page)
        if isinstance(part, FieldsPart):
            part.reveal.connect(eye_of(self.shell).toggle)
        return part

    def _unit(self, repeat: str) -> str:
        return "人" if repeat and any(one.mask for one in self.sheet.form.repeat(repeat).fields) else "行"

    def _show_facts(self, repeat: str) -> None:
        """户数 412 户  来自 B01, above the tables that are worked out with them."""
        if not repeat:
            self.frame.facts.set_runs(())
            return
        runs: list[tuple[str, bool, str]] = []
        sources: list[str] = []
        for one in self.sheet.form.fields:
            text = self.sheet.instance.shown(Cell(one.name)) if one.source and not one.hidden and one.unit else ""
            if text and len(sources) < 2:
                runs += [(f"   {one.label} ", False, "text_2"), (text, True, ""), (f" {one.unit}", False, "text_2")]
                sources.append(one.source.partition(".")[0])
        if sources:
            runs.append((f"   来自 {'、'.join(dict.fromkeys(sources))}", False, "text_2"))
        measure = next((one.unit for one in self.sheet.form.repeat(repeat).fields if one.kind is Kind.DECIMAL), "")
        if measure and look.scale != 1.25:
            runs.append((f"   面积按{measure}填" if measure == "平方米" else f"   单位：{measure}", False, "text_2"))
        self.frame.facts.set_runs(runs)

    def _name_steps(self, shown: list[int]) -> None:
        place, sections = shown.index(self.at), self.sheet.sections
        screens = self.shell.desk.task.screens
        forms = list(self.shell.desk.task.forms)
        form = forms.index(self.form)
        before = (
            f"上一节：{sections[shown[place - 1]].title}" if place else f"上一表：{forms[form - 1]}" if form else ""
        )
        if place + 1 < len(shown):
            after = f"下一节：{sections[shown[place + 1]].title}"
        elif form + 1 < len(forms):
            after = f"下一表：{forms[form + 1]} {screens[forms[form + 1]].nav}"
        else:
            after = "去检查"
        self.frame.name_steps(before, after, form_before=not place)

    def _step_section(self, step: int, *, last: bool = False) -> None:
        shown = self._shown_sections()
        place = shown.index(self.at) + step if self.at in shown else 0
        if 0 <= place < len(shown):
            self._show_section(shown[place], focus=True, last=last)
            return
        forms = list(self.shell.desk.task.forms)
        to = forms.index(self.form) + step
        if 0 <= to < len(forms):
            self.shell.go("form", form=forms[to])
        elif step > 0:
            self.shell.go("check")

    def _go_next(self) -> None:
        self._step_section(1)

    def _beyond(self, step: int) -> None:
        """Enter left the last field: the button that goes on, so that a section is never left unawares."""
        if step > 0:
            self.frame.next.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._shown_sections().index(self.at):
            self._step_section(-1, last=True)

    # --- marks ---------------------------------------------------------------------------------------------------

    def _show_marks(self) -> None:
        """Section list, chip and counts. Deferred while typing."""
        self._soon.stop()
        sheet, desk = self.sheet, self.shell.desk
        findings = sheet.instance.findings()
        counts = sheet.counts(findings)
        entries = []
        shown = self._shown_sections()
        comments = Counter(sheet.section_of(cell) for cell in sheet.open_comments())
        for number, at in enumerate(shown, 1):
            icon, right, ink = self._mark(at, *counts.get(at, (0, 0)), comments[at])
            entries.append(Entry(str(at), sheet.sections[at].title, str(number), icon=icon, right=right, ink=ink))
        self.frame.list.set_entries(entries, str(self.at))
        line = desk.form_line(self.form)
        problems = sum(bad for bad, _ in counts.values())
        if line.state.editable and problems:
            self.frame.head.set_state("problem", str(problems))
        else:
            self.frame.head.set_state(line.state.token, word=line.state.value)
        told = f"已填 {line.filled} / {line.asked} 格"
        if isinstance(self.part, RosterPart):
            here = len(sheet.rows_of(sheet.sections[self.at]))
            before = len(sheet.last.rows.get(self.part.repeat.name, ())) if sheet.last is not None else 0
            told = f"{here} {self.part.unit}" + (f"，上年 {before} {self.part.unit}" if before else "")
        asked, again = comments.total(), sheet.editable and lineage.may_give_up(desk, self.form)
        self.frame.give_up_button.setVisible(again)
        self.frame.head.line.setText(self._head_words(told, asked, again))
        missing = sum(empty for _, empty in counts.values())
        self.frame.show_foot(problems, missing, asked, editable=sheet.editable)
        if shown and self.frame.title.text():
            self._name_steps(shown if self.at in shown else [self.at, *shown])

    def _head_words(self, told: str, comments: int, again: bool) -> str:
        """As much as there is room for beside the buttons; what a roster leaves out stands in its foot."""
        if isinstance(self.part, RosterPart) and look.scale > 1.0:
            return "" if again else told
        if not comments:
            return told
        words = f"{self.shell.desk.above}意见 {comments} 处"
        return words if look.scale == 1.25 else f"{told}，{words}"

    def _mark(self, at: int, bad: int, empty: int, comments: int) -> tuple[str, str, str]:
        """Icon, word and colour at the right of a section."""
        sheet, section = self.sheet, self.sheet.sections[at]
        if bad:
            return "alert-circle", str(bad), look.state("problem").fg
        if comments:
            return "return", str(comments), "returned"
        if self._undecided(at) and not sheet.instance.relevant(Cell(section.repeat)):
            return "", "待定", "text_2"
        if empty:
            return "", f"缺 {empty} 格", "text_2"
        if section.repeat:
            return ("check", "", "ok") if sheet.rows_of(section) else ("", "没有", "text_2")
        asked = [one for name in section.fields if not (one := sheet.form.field(name)).calculated and not one.hidden]
        cells = [Cell(one.name) for one in asked]
        if cells and not any(sheet.instance.required(cell) or sheet.instance.text(cell) for cell in cells):
            return "", "选填", "text_2"
        return "check", "", "ok"

    # --- typing --------------------------------------------------------------------------------------------------

    def _commit(self, cell: Cell, text: str) -> None:
        change = self.typist.commit(self.form, cell, text)
        if change is None and isinstance(self.part, FieldsPart | FacilityPart):
            self.part.show_cells((cell,))  # refused: the old value comes back

    def _changed(self, form: str, change: Change) -> None:
        if form != self.form or self.part is None:
            return
        typing = self.typist.open
        self.sheet.insisted.difference_update(change.cells)
        cells = set(change.cells)
        if self._cell is not None:
            cells.add(self._cell)
        if change.edits:
            self.sheet.forget_checks(edit_cells(change))
        if isinstance(self.part, FieldsPart | FacilityPart):
            self.part.show_cells(cells, typing)
        elif isinstance(self.part, RosterPart):
            self.part.refresh()
        if self.frame.live is not None and not self.frame.live.cells.isdisjoint(change.cells):
            self.frame.live.show_now()
        self._soon.start()
        self._check.start()

    def _entered(self, cell: Cell) -> None:
        self._cell = cell
        one = self.sheet.form.field(cell.field)
        self.frame.help.show_field(
            one, self.sheet.last_shown(cell), self.sheet.source_words(one) if one.calculated else ""
        )

    def _history(self, cell: Cell) -> None:
        self.leave()
        text = ask_earlier(self.shell, self.sheet, cell)
        if text is not None:
            self._commit(cell, text)
            self.go_to(cell)

    def _run_checks(self, show: bool = True) -> None:
        """The checks between cells and forms, when they are quick enough to run beside the typing."""
        self._check.stop()
        if show and self._check_cost > CHECK_MOST:
            return
        begun = perf_counter()
        found = checking.findings(self.shell.desk)
        self._check_cost = perf_counter() - begun
        changed = self.sheet.set_checks(one for one in found if one.form == self.form)
        if show and changed:
            if isinstance(self.part, FieldsPart | FacilityPart):
                self.part.show_cells(changed, self.typist.open)
            elif isinstance(self.part, RosterPart):
                self.part.refresh()
            self._show_marks()

    # --- going places --------------------------------------------------------------------------------------------

    def go_to(self, cell: Cell) -> None:
        """Cursor to a cell, wherever it is typed in: this section, another one, or the row editor."""
        sheet = self.sheet
        at = sheet.section_of(cell)
        if at >= 0 and at != self.at:
            self._show_section(at)
        self._cell = cell if cell.field in sheet.form.by_name else None
        part = self.part
        if not isinstance(part, FieldsPart | FacilityPart | RosterPart):
            return
        if any(one.check == "required" for one in sheet.instance.findings_at(cell)) if self._cell else False:
            sheet.insisted.add(cell)
            if not isinstance(part, RosterPart):
                part.show_cells((cell,))
        if not part.go_to(cell) and cell.row and self._cell is not None:
            self._open_row(cell.row, cell.field)
        elif cell.row and self._cell is None and cell.row in sheet.instance.rows(cell.field):
            self._open_row(cell.row)  # the row as a whole

    def next_problem(self, step: int) -> bool:
        self.leave()
        cells = self.sheet.problems()
        real = [cell for cell in cells if self.sheet.says(cell) and cell not in self.sheet.insisted]
        cells = real or cells
        if not cells:
            self.frame.roster_foot.line.setText("这张表没有要改的。")
            return True
        here = self._cell
        first = 0 if step > 0 else -1
        at = (cells.index(here) + step) % len(cells) if here in cells else first
        self.go_to(cells[at])
        return True

    def go_on(self) -> bool:
        self.leave()
        self._go_next()
        return True

    def main_step(self) -> bool:
        if isinstance(self.part, RosterPart) and self.frame.roster_trouble.isVisible():
            return self.next_problem(1)
        self._go_next()
        return True

    def page(self, step: int) -> bool:
        self._step_section(step)
        return True

    def find(self) -> bool:  # type: ignore[override]
        if isinstance(self.part, RosterPart):
            self.part.to_search()
            return True
        return False

    def preview(self) -> bool:
        self.leave()
        show_draft(self.shell, self.form)
        return True

    def check_again(self) -> bool:
        self.shell.go("check")
        return True

    # --- rows ----------------------------------------------------------------------------------------------------

    def _open_row(self, row_id: str, field: str = "") -> None:
        if not row_id:
            return
        self.leave()
        repeat = self._repeat()
        cell = Cell(field, row_id) if field else None
        self.shell.go("row", form=self.form, repeat=repeat, row=row_id, cell=cell, section=self.at)

    def _repeat(self) -> str:
        return self.sheet.sections[self.at].repeat

    def add(self) -> bool:
        sheet = self.sheet
        section = sheet.sections[self.at]
        if not section.repeat or not sheet.editable or not sheet.instance.relevant(Cell(section.repeat)):
            return False
        self.leave()
        preset = {column: codes[0] for column, codes in section.where.items()}
        try:
            change = self.shell.desk.add_row(self.form, section.repeat, preset)
        except CunbaoError as error:
            self.shell.show_error(error)
            return True
        self.shell.keep(self.form, change.edits)
        row_id = change.edits[0].row
        if isinstance(self.part, FacilityPart):
            self.part.refresh()
            self._show_marks()
            self.part.edit_new(row_id)
        else:
            self._open_row(row_id)
        return True

    def delete(self) -> bool:
        part = self.part
        if not isinstance(part, RosterPart | FacilityPart) or not self.sheet.editable or not part.row_here():
            return False
        delete_row(self.shell, self.sheet, part.repeat.name, part.row_here(), part.refresh)
        self._show_marks()
        return True

    def _move(self, row_id: str, step: int) -> None:
        rows = self.sheet.instance.rows(self._repeat())
        to = rows.index(row_id) + step
        if 0 <= to < len(rows):
            change = self.shell.desk.move_row(self.form, self._repeat(), row_id, to)
            self.shell.keep(self.form, change.edits)
            if isinstance(self.part, RosterPart):
                self.part.refresh()
                self.part.table.go(row_id)

    def _carry(self) -> None:
        if isinstance(self.part, RosterPart):
            ask_carry(self.shell, self.form, self._repeat(), self.part.unit, people=True)

    def paste(self) -> bool:
        """Ctrl+V outside a field, or of more than one cell: the preview."""
        text = QGuiApplication.clipboard().text()
        if not self._repeat() or not self.sheet.editable or not text.strip():
            return False
        self.leave()
        self.shell.go("paste", form=self.form, repeat=self._repeat(), text=text, section=self.at)
        return True

    def paste_or_open(self) -> None:
        """The button: what is on the clipboard, else the screen that offers to open a workbook."""
        self.leave()
        self.shell.go(
            "paste", form=self.form, repeat=self._repeat(), text=QGuiApplication.clipboard().text(), section=self.at
        )

    # --- locked --------------------------------------------------------------------------------------------------

    def _unlocked(self, _: object) -> None:
        self.refresh()
        self.shell.refresh_frame()
        self.first_focus()

    def _reveal(self, on: bool) -> None:
        for part in self._parts.values():
            if isinstance(part, RosterPart | FieldsPart):
                part.refresh()


def edit_cells(change: Change) -> set[Cell]:
    return {Cell(edit.field, edit.row) for edit in change.edits}
