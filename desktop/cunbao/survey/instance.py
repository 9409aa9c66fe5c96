"""One return being filled: put an answer in, see at once what follows from it. Pure: no clock, no disk, no Qt.

Every change runs only the rules that it reaches, in their order: a change in one row of a roster does not look at the
other rows, and sums over rosters are kept up to date by the difference. A wrong value is kept and marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cunbao.survey.cells import shown
from cunbao.survey.form import Choice, Field, Kind
from cunbao.survey.judging import allowed, words
from cunbao.survey.recalculation import Change, Recalculation
from cunbao.survey.records import Record
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Finding, Row
from cunbao.survey.xpath_values import Value, text

NO_SOURCES: Mapping[str, Answers] = MappingProxyType({})
MOST_ROWS = 20_000  # a roster that grows by a repeat_count stops here


class Instance(Recalculation):
    """See the module. sources: what instance('B01') reads, by name; last: the same office's last accepted return.

    Defaults are not put in by loading; `start` does that once for a new draft. Raises SurveyError when the form's own
    expressions are broken.
    """

    # ---- reading

    def text(self, cell: Cell) -> str:
        """The kept text; of a calculated cell its canonical text, "" where it is not relevant."""
        record, slot, one = self._find(cell)
        if one.calculated:
            return text(record.seen[slot])
        return record.texts[slot]

    def value(self, cell: Cell) -> Value | None:
        """The typed value as other expressions see it; None when empty, of no fitting kind or not relevant."""
        record, slot, _ = self._find(cell)
        value = record.seen[slot]
        return None if type(value) is str and not value else value

    def shown(self, cell: Cell) -> str:
        """What a person reads: choice labels, numbers with the places the field keeps."""
        record, slot, one = self._find(cell)
        if one.calculated:
            return shown(one, text(record.seen[slot]), record.seen[slot])
        return shown(one, record.texts[slot], record.typed[slot])

    def label(self, cell: Cell) -> str:
        """The question's words, with values filled in where the form asks for it."""
        record, _, one = self._find(cell)
        parts = self._program.labels.get(cell.field)
        return words(self.form, parts, record) if parts else one.label

    def relevant(self, cell: Cell) -> bool:
        """Also for a roster: Cell("b02_f")."""
        if cell.field in self._rows:
            return self._alive(cell.field)
        record, slot, _ = self._find(cell)
        return record.on[slot]

    def required(self, cell: Cell) -> bool:
        record, slot, _ = self._find(cell)
        return record.required[slot]

    def choices(self, cell: Cell) -> tuple[Choice, ...]:
        """What may be chosen here now, choice_filter applied, in list order."""
        record, _, _ = self._find(cell)
        rule = self._program.judges[cell.field].judge
        return allowed(self._program, rule, record) if rule else ()

    def rows(self, repeat: str) -> tuple[str, ...]:
        """Row ids in order, also while the roster is not relevant."""
        return tuple(record.id for record in self._world.rows[repeat])

    def findings_at(self, cell: Cell) -> tuple[Finding, ...]:
        record, slot, _ = self._find(cell)
        return record.findings.get(slot, ())

    def own_message(self, cell: Cell, check: str) -> str:
        """The form's own sentence for "constraint" or "required" here, values filled in; "" when it has none."""
        record, _, _ = self._find(cell)
        rule = self._program.judges[cell.field].judge
        if rule is None or check not in ("constraint", "required"):
            return ""
        return words(self.form, rule.constraint_message if check == "constraint" else rule.required_message, record)

    def answers(self, *, signed: bool = False) -> Answers:
        """What is in the form, calculated values included. signed: canonical texts of what is relevant; else also the
        drafts of what is not."""
        values = self._texts(self._world.outer, self.form.fields, signed)
        rows: dict[str, tuple[Row, ...]] = {}
        for repeat in self.form.repeats:
            kept = [r for r in self._world.rows[repeat.name] if r.alive or not signed]
            if kept:
                rows[repeat.name] = tuple(Row(r.id, self._texts(r, repeat.fields, signed)) for r in kept)
        return Answers(values, MappingProxyType(rows))

    def progress(self) -> tuple[int, int]:
        """(filled, asked): cells asked by hand and relevant; an optional one counts only when it is filled."""
        filled = asked = 0
        for records, fields in self._scopes():
            slots = [
                (self._slots[one.name])
                for one in fields
                if not (one.calculated or one.hidden or one.readonly or one.kind is Kind.NOTE)
            ]
            for record in records:
                for slot in slots:
                    if record.on[slot]:
                        full = bool(record.texts[slot])
                        filled += full
                        asked += full or record.required[slot]
        return filled, asked

    # ---- changing

    def start(self) -> Change:
        """Put the form's defaults into the cells that are empty: once, when a draft is new."""
        for bind in self.form.binds.values():
            if (
                bind.default
                and bind.kind == "field"
                and not bind.calculate
                and not bind.repeat
                and not self._world.outer.texts[self._slots[bind.name]]
            ):
                self._type(self._world.outer, bind.name, bind.default)
        self._settle()
        self._put_once("load", "", self._world.outer, only_empty=True)
        return self._done()

    def set(self, cell: Cell, text: str) -> Change:
        """Put a text into a cell. Never refuses a text; a calculated cell stays as it is."""
        record, _, one = self._find(cell)
        if not one.calculated:
            changed = self._type(record, cell.field, text)
            if changed:
                self._put_once("change", cell.field, record)
        return self._done()

    def add_row(
        self,
        repeat: str,
        *,
        row_id: str = "",
        values: Mapping[str, str] = MappingProxyType({}),
        position: int | None = None,
    ) -> Change:
        """A new row at `position` (0 = first), by default the last; `values` are its first texts."""
        record = self._insert(repeat, row_id or self._world.env.new_id(), position, fresh=True)
        for name, typed in values.items():
            self._type(record, name, typed)
        return self._done()

    def delete_row(self, repeat: str, row_id: str) -> Change:
        """The row's texts stay in memory, so that applying the inverse edit brings them back."""
        record = self._row(repeat, row_id)
        self._edits.append(Edit(EditAct.DELETE_ROW, repeat, row_id, str(record.at), ""))
        self._remove(record)
        return self._done()

    def move_row(self, repeat: str, row_id: str, position: int) -> Change:
        record = self._row(repeat, row_id)
        before = record.at
        self._move(record, position)
        if record.at != before:
            self._edits.append(Edit(EditAct.MOVE_ROW, repeat, row_id, str(before), str(record.at)))
        return self._done()

    def apply(self, edits: Sequence[Edit]) -> Change:
        """Take over edits made elsewhere (undo, redo, a log being read again); makes no edits of its own."""
        for edit in edits:
            if edit.act is EditAct.SET:
                record = self._world.outer if not edit.row else self._row(self.form.field(edit.field).repeat, edit.row)
                self._type(record, edit.field, edit.new, exactly=True)
            elif edit.act is EditAct.ADD_ROW:
                self._insert(edit.field, edit.row, int(edit.new or len(self._world.rows[edit.field])), fresh=False)
            elif edit.act is EditAct.DELETE_ROW:
                self._remove(self._row(edit.field, edit.row))
            else:
                self._move(self._row(edit.field, edit.row), int(edit.new))
        done = self._done()
        return Change((), done.cells, done.findings)

    def refresh(self, sources: Mapping[str, Answers] | None = None, last: Answers | None = None) -> Change:
        """Another form or the last return changed: work out what reads it. Only the instances given are replaced."""
        given = dict(sources or {})
        if last is not None:
            given["last"] = last
        for name, answers in given.items():
            if self._world.sources.get(name) != answers:
                self._world.sources[name] = answers
                self._touch(("source", name), None)
        return self._done()

    def recalculate(self) -> Change:
        """Work everything out anew; the same as what is there, always (a property test holds it so)."""
        for rule in self._program.rules:
            self._push_everywhere(rule)
        return self._done()

    # ---- cells

    def _texts(self, record: Record, fields: Sequence[Field], signed: bool) -> Mapping[str, str]:
        values: dict[str, str] = {}
        for slot, one in enumerate(fields):
            kept = text(record.seen[slot]) if one.calculated else record.texts[slot]
            if kept and (record.on[slot] or not signed):
                values[one.name] = kept
        return MappingProxyType(values)

    def _find(self, cell: Cell) -> tuple[Record, int, Field]:
        one = self.form.field(cell.field)
        record = self._rows[one.repeat][cell.row] if one.repeat else self._world.outer
        return record, self._slots[cell.field], one
