"""What a form's screens read: values, last period, messages, code lists, sections. Reads the desk, changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING

from cunbao.survey.form import Field, Form, Kind, Repeat
from cunbao.survey.instance import Instance
from cunbao.survey.task import Section
from cunbao.survey.values import Answers, Cell, Finding, Severity
from cunbao.ui.kit.picker import Item

if TYPE_CHECKING:
    from cunbao.desks.views import CommentLine
    from cunbao.desks.village.desk import VillageDesk

STARS = 8
SHOWN_FRONT, SHOWN_END = 6, 4  # digits of an identity number that stay readable
PHONE = re.compile(r"^\d{11}$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
LONG_TEXT = 60  # characters: longer answers get several lines
AT_MOST = re.compile(r"string-length\(\.\)\s*<=\s*(\d+)")
USUAL = 4  # values of a list that are offered first
PAGE_OF_FIELDS = 60  # a section with more is shown in parts, so that it opens at once
TONES = {Severity.MUST_FIX: "error", Severity.EXPLAIN: "warn", Severity.HINT: "info"}
OWN_RULES = ("required", "constraint", "type", "list", "character")  # of the form itself, known while typing
NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


def mask(text: str) -> str:
    """532822********0411, 138****0000; anything shorter has its middle covered too. "" stays ""."""
    if PHONE.match(text):
        return f"{text[:3]}****{text[-4:]}"
    if len(text) > SHOWN_FRONT + SHOWN_END:
        return text[:SHOWN_FRONT] + "*" * STARS + text[-SHOWN_END:]
    return text[:3] + "*" * max(0, len(text) - 3) if len(text) > 3 else text


def number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence under a cell. tone: error, warn, info, ok, returned, note."""

    tone: str
    text: str


class Sheet:
    """One form on screen. insisted: empty cells whose being empty is said aloud (after F8, or a whole check)."""

    def __init__(self, desk: VillageDesk, form: str) -> None:
        self.desk, self.id = desk, form
        self.form: Form = desk.task.forms[form]
        self.screen = desk.task.screens[form]
        self.sections: tuple[Section, ...] = tuple(_in_parts(self.screen.sections))
        self.insisted: set[Cell] = set()
        self.checked: dict[Cell, list[Finding]] = {}  # findings of the checks between cells, by each cell they name
        self.comments: dict[Cell, CommentLine] = {}  # of the township, while this return is being corrected
        self.revealed = False

    @property
    def instance(self) -> Instance:
        return self.desk.instance(self.id)

    @property
    def editable(self) -> bool:
        return not self.desk.read_only and self.desk.state(self.id).editable

    # --- last period ---------------------------------------------------------------------------------------------

    @cached_property
    def last(self) -> Answers | None:
        return self.desk.last(self.id)

    @cached_property
    def _last_rows(self) -> dict[str, dict[str, str]]:
        before = self.last
        return {} if before is None else {row.id: dict(row.values) for rows in before.rows.values() for row in rows}

    def last_text(self, cell: Cell) -> str:
        """The text of the same cell in the last period, rows matched by their id; "" when there is none."""
        if self.last is None:
            return ""
        return (
            self._last_rows.get(cell.row, {}).get(cell.field, "") if cell.row else self.last.values.get(cell.field, "")
        )

    def last_shown(self, cell: Cell) -> str:
        """上年 as it stands beside a cell; "—" without a last period or row."""
        one, text = self.form.field(cell.field), self.last_text(cell)
        return self.covered(one, self.label(one, text)) if text else "—"

    @staticmethod
    def label(one: Field, text: str) -> str:
        if one.list is None:
            return text
        return "、".join(one.list.label(code) or code for code in text.split(" "))

    # --- values --------------------------------------------------------------------------------------------------

    def covered(self, one: Field, text: str) -> str:
        """Masked unless the clerk has asked to see it. Days of birth follow the identity number."""
        if self.revealed or not text:
            return text
        if one.mask:
            return mask(text)
        return f"{text[:8]}**" if self.tells_birth(one) and DAY.match(text) else text

    def tells_birth(self, one: Field) -> bool:
        return bool(one.repeat and one.calculated and self.id_field(self.form.repeat(one.repeat)) is not None)

    @staticmethod
    def id_field(repeat: Repeat) -> Field | None:
        return next((one for one in repeat.fields if one.mask == "id"), None)

    def shown(self, cell: Cell) -> str:
        """What stands in the cell, masked where it must be; derived values wait for a number that is right."""
        one = self.form.field(cell.field)
        if one.repeat and one.calculated and not one.source:
            source = self.id_field(self.form.repeat(one.repeat))
            if source is not None and self.wrong(Cell(source.name, cell.row)):
                return ""
        return self.covered(one, self.instance.shown(cell))

    def wrong(self, cell: Cell) -> bool:
        return any(one.check != "required" for one in self.instance.findings_at(cell))

    def short(self, one: Field) -> str:
        """The head of its column: as short as on paper."""
        heads = next(
            (column.heads for column in self.desk.task.papers[self.id].columns if column.field == one.name), ()
        )
        if not heads:
            return one.label
        return heads[-1] if heads[-1] != "合计" else heads[0]

    def longest(self, one: Field) -> int:
        """Characters that the form allows for an answer in words, 0 = it does not say."""
        path = next((path for path in self.form.binds if path[-1] == one.name), None)
        found = AT_MOST.search(self.form.binds[path].constraint) if path is not None else None
        return int(found[1]) if found else 0

    def source_words(self, one: Field) -> str:
        """Why a field cannot be typed in."""
        source = one.source.partition(".")[0]
        if source in self.desk.task.forms:
            return f"来自 {source}"
        if source:
            return {"OFFICE": "来自单位名录", "PACK": "来自任务包"}.get(source, "自动带出")
        if one.repeat and (number_field := self.id_field(self.form.repeat(one.repeat))) is not None:
            return f"由{number_field.label}算出"
        return "自动算出，不用填"

    def hint(self, one: Field) -> str:
        return self.source_words(one) if one.calculated else one.hint

    # --- what is wrong -------------------------------------------------------------------------------------------

    def message(self, cell: Cell) -> Message | None:
        """The first thing to say about a cell: its own rules, then the checks between cells."""
        for one in self.instance.findings_at(cell):
            if one.check != "required":
                return Message("error", sentence(one))
            if cell in self.insisted:
                return Message("error", one.message)
        for one in self.checked.get(cell, ()):
            if one.cells[0] == cell:
                return Message(TONES[one.severity], sentence(one))
        return None

    def take_comments(self) -> None:
        """Ask anew what the township said here: after a receipt was read, and when the form is shown."""
        from cunbao.desks.village import opinions

        self.comments = {one.cell: one for one in opinions.of_form(self.desk, self.id)} if self.editable else {}

    def comment(self, cell: Cell) -> Message | None:
        """What the township said at a cell, or at a whole row, and what became of it."""
        one = self.comments.get(cell)
        if one is None:
            return None
        state, above = self._comment_state(one), self.desk.above
        if state == "changed":
            before = one.masked or one.filed
            return Message("note", f"已改{f'，报的是 {before}' if before else ''}。{above}意见：{one.text}")
        if state == "answered":
            return Message("note", f"不改，原因：{one.reply.rstrip('。')}。{above}意见：{one.text}")
        return Message("returned", f"{above}意见：{one.text}")

    def open_comments(self) -> list[Cell]:
        """Cells and rows whose comment is still to be dealt with."""
        return [cell for cell, one in self.comments.items() if self._comment_state(one) == "open"]

    def _comment_state(self, one: CommentLine) -> str:
        from cunbao.desks.village import opinions

        return opinions.state_now(self.desk, one)

    def says(self, cell: Cell) -> bool:
        """Is there a sentence at the cell that asks for something to be done?"""
        comment = self.comment(cell)
        return (comment is not None and comment.tone == "returned") or (
            cell.field in self.form.by_name and self.message(cell) is not None
        )

    def problems(self, findings: Iterable[Finding] | None = None) -> list[Cell]:
        """Cells with 必须改正 and cells with an open comment, each once, in the order of the screen; empty cells that
        are asked come too."""
        found = self.instance.findings() if findings is None else findings
        cells = {one.cells[0] for one in found if one.severity is Severity.MUST_FIX}
        for cell, ones in self.checked.items():
            if any(one.severity is Severity.MUST_FIX and one.cells[0] == cell for one in ones):
                cells.add(cell)
        cells.update(self.open_comments())
        order = {name: at for at, name in enumerate(self.form.by_name)}
        rows = {row: at for repeat in self.form.repeats for at, row in enumerate(self.instance.rows(repeat.name))}

        def place(cell: Cell) -> tuple[int, int, int]:
            section = self.section_of(cell)
            return (section, rows.get(cell.row, -1), order.get(cell.field, -1))

        return sorted(cells, key=place)

    def set_checks(self, found: Iterable[Finding]) -> set[Cell]:
        """Take the findings of the checks between cells; the cells whose message may be another now."""
        before, self.checked = self.checked, {}
        for one in found:
            if one.check not in OWN_RULES:
                for cell in one.cells:
                    self.checked.setdefault(cell, []).append(one)
        return {cell for cell in before.keys() | self.checked.keys() if before.get(cell) != self.checked.get(cell)}

    def forget_checks(self, cells: set[Cell]) -> None:
        """What was found about cells that have just changed may no longer hold; the next check says."""
        gone = {id(one) for cell in cells for one in self.checked.get(cell, ())}
        if gone:
            self.checked = {
                cell: left
                for cell, ones in self.checked.items()
                if (left := [one for one in ones if id(one) not in gone])
            }

    # --- sections ------------------------------------------------------------------------------------------------

    def rows_of(self, section: Section) -> tuple[str, ...]:
        """Ids of the rows that belong to a section, in printing order."""
        rows = self.instance.rows(section.repeat)
        if not section.where:
            return rows
        return tuple(row for row in rows if self.belongs(section, row))

    def belongs(self, section: Section, row: str) -> bool:
        return all(self.instance.text(Cell(column, row)) in codes for column, codes in section.where.items())

    def section_of(self, cell: Cell) -> int:
        """Number of the section that shows a cell, -1 for none."""
        repeat = self.form.field(cell.field).repeat if cell.field in self.form.by_name else cell.field
        fits = -1
        for at, section in enumerate(self.sections):
            if cell.field in section.fields:
                return at
            if section.repeat and section.repeat == repeat:
                if not cell.row or not section.where or self.belongs(section, cell.row):
                    return at
                fits = at if fits < 0 else fits
        return fits  # a row whose kind is not chosen yet stands in the first table of its roster

    def people(self, section: Section) -> bool:
        """Is this a roster of persons (read and opened), not a table of facilities (typed in)?"""
        return bool(section.repeat) and any(one.mask for one in self.form.repeat(section.repeat).fields)

    def counts(self, findings: Sequence[Finding]) -> dict[int, tuple[int, int]]:
        """section → (cells with a problem, empty cells that are asked)."""
        bad: dict[int, set[Cell]] = {}
        empty: dict[int, set[Cell]] = {}
        for one in findings:
            into = empty if one.check == "required" else bad
            into.setdefault(self.section_of(one.cells[0]), set()).add(one.cells[0])
        for cell, ones in self.checked.items():
            if any(one.severity is Severity.MUST_FIX and one.cells[0] == cell for one in ones):
                bad.setdefault(self.section_of(cell), set()).add(cell)
        return {at: (len(bad.get(at, ())), len(empty.get(at, ()))) for at in range(len(self.sections))}

    # --- code lists ----------------------------------------------------------------------------------------------

    def items(self, cell: Cell) -> list[Item]:
        """The choices of a cell; values that this village uses in the column stand first."""
        one = self.form.field(cell.field)
        choices = self.instance.choices(cell)
        usual = self._usual(one) if len(choices) > USUAL * 2 else frozenset()
        short = sorted(
            choices, key=lambda choice: choice.extra.get("short", "1") != "1"
        )  # a list's own short form first
        return [Item(choice.code, choice.label, choice.code in usual) for choice in short]

    def _usual(self, one: Field) -> frozenset[str]:
        if not one.repeat:
            return frozenset()
        texts = [self.instance.text(Cell(one.name, row)) for row in self.instance.rows(one.repeat)]
        texts += [values.get(one.name, "") for values in self._last_rows.values()]
        seen = Counter(code for text in texts for code in text.split(" ") if code)
        return frozenset(code for code, _ in seen.most_common(USUAL))


def sentence(one: Finding) -> str:
    """What is wrong and what to do, as one line."""
    words = one.message.rstrip("。")
    return f"{words}。{one.remedy}" if one.remedy else f"{words}。"


def _in_parts(sections: Sequence[Section]) -> Iterable[Section]:
    from dataclasses import replace

    for section in sections:
        if len(section.fields) <= PAGE_OF_FIELDS:
            yield section
            continue
        for at in range(0, len(section.fields), PAGE_OF_FIELDS):
            part = section.fields[at : at + PAGE_OF_FIELDS]
            yield replace(section, title=f"{section.title} {at // PAGE_OF_FIELDS + 1}", fields=part)
