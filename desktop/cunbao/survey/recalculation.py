"""Keeping everything right while answers change: rules run in their order, only those that a change reaches.

A change in one row of a roster does not look at the other rows; sums over rosters are kept up to date by the
difference. Pure. instance.Instance is this with the words of the contract around it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cunbao.errors import SurveyError
from cunbao.survey.cells import coerce, parse
from cunbao.survey.form import Field, Form, Kind
from cunbao.survey.judging import judge
from cunbao.survey.program import Product, Program, Rule, program_of
from cunbao.survey.records import Record, Scope, World
from cunbao.survey.values import EMPTY, Answers, Cell, Edit, EditAct, Env, Finding
from cunbao.survey.xpath_functions import EXACT
from cunbao.survey.xpath_values import CONTEXT, ZERO, Value, scalar, text

NO_SOURCES: Mapping[str, Answers] = MappingProxyType({})
MOST_ROWS = 20_000  # a roster that grows by a repeat_count stops here


@dataclass(frozen=True, slots=True)
class Change:
    """What one act did. edits: for the disk, in order. cells: whose value, relevance or findings are other than before;
    a row that came or went is named by Cell(roster, row id). findings: all of the form, now."""

    edits: tuple[Edit, ...]
    cells: frozenset[Cell]
    findings: tuple[Finding, ...]


class Recalculation:
    """The records of one return, and what makes them follow from the answers. See instance.Instance."""

    def __init__(self, form: Form, env: Env, *, answers: Answers = EMPTY, sources: Mapping[str, Answers] = NO_SOURCES,
                 last: Answers | None = None) -> None:  # fmt: skip
        self.form = form
        self._program: Program = program_of(form)
        layout, self._layout = self._program.layout, self._program.layout
        self._slots = layout.slots
        outer = self._blank("", "")
        self._world = World(env, outer, tuple(r.name for r in form.repeats), sources, len(self._program.parts))
        if last is not None:
            self._world.sources["last"] = last
        outer.scope = Scope(self._world, None)
        self._exact = [ZERO] * len(self._program.parts)
        self._rows: dict[str, dict[str, Record]] = {repeat.name: {} for repeat in form.repeats}
        self._gone: dict[tuple[str, str], dict[str, str]] = {}
        self._wanted: dict[str, int] = {}
        self._heap: list[tuple[int, int, Rule, Record]] = []
        self._queued: set[tuple[int, int]] = set()
        self._everywhere: set[int] = set()  # rules that wait for every row already
        self._ticket = 0
        self._touched: set[tuple[str, str]] = set()
        self._edits: list[Edit] = []
        self._flat: dict[int, tuple[Finding, ...]] = {}
        self._loading = False
        self._told: tuple[Finding, ...] | None = None  # all findings, until one changes
        self._orders = _orders(form)
        self._load(answers)

    # ---- loading

    def _blank(self, row_id: str, repeat: str) -> Record:
        layout = self._layout
        return Record(
            row_id,
            repeat,
            len(layout.scopes[repeat]),
            layout.gate_counts[repeat],
            self._program.part_counts.get(repeat, 0),
        )

    def _load(self, answers: Answers) -> None:
        self._fill(self._world.outer, answers.values, "")
        for repeat, rows in answers.rows.items():
            if repeat not in self._rows:
                raise SurveyError(
                    "answers.name",
                    happened=f"表式 {self.form.id} 没有名册 {repeat}",
                    safe="没有导入任何内容",
                    todo="请核对表式版本",
                )
            for row in rows:
                record = self._blank(row.id, repeat)
                record.scope = Scope(self._world, record)
                record.at = len(self._world.rows[repeat])
                self._world.rows[repeat].append(record)
                self._rows[repeat][row.id] = record
                self._fill(record, row.values, repeat)
        self._loading = True  # rules run in their order, so each is worked out once and wakes nobody
        for rule in self._program.rules:
            for record in list(self._records(rule.scope)):
                self._work(rule, record)
        self._loading = False
        self._done()

    def _fill(self, record: Record, values: Mapping[str, str], repeat: str) -> None:
        for name, kept in values.items():
            one = self.form.by_name.get(name)
            if one is None or one.repeat != repeat:
                raise SurveyError(
                    "answers.name",
                    happened=f"表式 {self.form.id} 没有问题 {name}",
                    safe="没有导入任何内容",
                    todo="请核对表式版本",
                )
            slot = self._slots[name]
            record.texts[slot], value, record.wrong[slot] = parse(one, kept)
            if one.calculated and not self._program.calculates[name].keeps:
                continue
            record.typed[slot] = record.seen[slot] = coerce(one, value) if one.calculated else value

    # ---- typing

    def _type(self, record: Record, name: str, typed: str, *, exactly: bool = False) -> bool:
        one, slot = self.form.field(name), self._slots[name]
        kept, value, wrong = parse(one, typed)
        if exactly:
            kept = typed  # the log's own words; they were canonical when they were written
        old = record.texts[slot]
        if kept == old:
            return False
        record.texts[slot], record.wrong[slot] = kept, wrong
        if not exactly:
            self._edits.append(Edit(EditAct.SET, name, record.id, old, kept))
        self._touched.add((name, record.id))
        self._hold(record, slot, name, value if not one.calculated else coerce(one, value))
        self._push(self._program.judges[name], record)
        return True

    def _hold(self, record: Record, slot: int, name: str, value: Value) -> None:
        """A new typed value; readers are told when what they see of it differs."""
        record.typed[slot] = value
        self._see(record, slot, name)

    def _see(self, record: Record, slot: int, name: str) -> None:
        value: Value = record.typed[slot] if record.on[slot] else ""
        old = record.seen[slot]
        if type(old) is type(value) and old == value:
            return
        record.seen[slot] = value
        self._touched.add((name, record.id))
        if record.repeat:
            self._world.stamps[name] = self._world.stamps.get(name, 0) + 1
        self._touch(("field", name), record)

    def _put_once(self, event: str, trigger: str, record: Record, *, only_empty: bool = False) -> None:
        for name, run in self._program.puts.get((event, trigger), ()):
            one = self.form.field(name)
            targets = (
                [record]
                if one.repeat == record.repeat
                else [self._world.outer]
                if not one.repeat
                else self._world.rows[one.repeat]
            )
            for target in targets:
                self._settle()
                if one.calculated or (only_empty and target.texts[self._slots[name]]):
                    continue
                value = coerce(one, scalar(run(target.scope)))
                self._type(target, name, text(value))

    # ---- rows

    def _row(self, repeat: str, row_id: str) -> Record:
        return self._rows[repeat][row_id]

    def _insert(self, repeat: str, row_id: str, position: int | None, *, fresh: bool) -> Record:
        if row_id in self._rows[repeat]:
            raise SurveyError(
                "row.twice", happened=f"名册里已有编号 {row_id} 的行", safe="没有改动", todo="请换一个编号"
            )
        rows = self._world.rows[repeat]
        at = len(rows) if position is None else min(max(position, 0), len(rows))
        record = self._blank(row_id, repeat)
        record.scope = Scope(self._world, record)
        rows.insert(at, record)
        self._rows[repeat][row_id] = record
        self._renumber(repeat, at)
        record.alive = self._alive(repeat, record)
        for slot, one in enumerate(self._layout.scopes[repeat]):
            record.on[slot] = self._on(record, one.name)
        if fresh:
            self._edits.append(Edit(EditAct.ADD_ROW, repeat, row_id, "", str(at)))
        for name, kept in self._gone.pop((repeat, row_id), {}).items():
            if not fresh:
                self._type(record, name, kept, exactly=True)
        self._touched.add((repeat, row_id))
        for rule in self._program.by_scope[repeat]:
            self._push(rule, record)
        self._restructured(repeat)
        if fresh:
            self._defaults(record)
        return record

    def _defaults(self, record: Record) -> None:
        for bind in self.form.binds.values():
            if bind.default and bind.kind == "field" and bind.repeat == record.repeat:
                self._type(record, bind.name, bind.default)
        for name, run in self._program.puts.get(("row", ""), ()):
            one = self.form.field(name)
            if one.repeat == record.repeat and not one.calculated:
                self._settle()
                self._type(record, name, text(coerce(one, scalar(run(record.scope)))))

    def _remove(self, record: Record) -> None:
        rows = self._world.rows[record.repeat]
        fields = self._layout.scopes[record.repeat]
        self._gone[(record.repeat, record.id)] = {
            one.name: kept for one, kept in zip(fields, record.texts, strict=True) if kept
        }
        rows.remove(record)
        del self._rows[record.repeat][record.id]
        self._flat.pop(id(record), None)
        for rule in self._program.by_scope[record.repeat]:
            if rule.kind == "part" and record.parts[rule.slot]:
                self._add(int(rule.name), -record.parts[rule.slot])  # type: ignore[operator]
        if self._heap:  # several edits in one go: what waited for this row waits no longer
            self._queued -= {(id(one[2]), id(record)) for one in self._heap if one[3] is record}
            self._heap = [one for one in self._heap if one[3] is not record]
            heapq.heapify(self._heap)
        self._renumber(record.repeat, record.at)
        self._touched.add((record.repeat, record.id))
        self._restructured(record.repeat)

    def _move(self, record: Record, position: int) -> None:
        rows = self._world.rows[record.repeat]
        rows.remove(record)
        rows.insert(min(max(position, 0), len(rows)), record)
        self._renumber(record.repeat, 0)
        self._touched.add((record.repeat, record.id))
        self._restructured(record.repeat)

    def _renumber(self, repeat: str, start: int) -> None:
        rows = self._world.rows[repeat]
        for at in range(start, len(rows)):
            rows[at].at = at

    def _restructured(self, repeat: str) -> None:
        self._told = None
        for one in self._layout.scopes[repeat]:
            self._world.stamps[one.name] = self._world.stamps.get(one.name, 0) + 1
        self._touch(("rows", repeat), None)

    # ---- working out

    def _records(self, scope: str) -> Iterable[Record]:
        return self._world.rows[scope] if scope else (self._world.outer,)

    def _scopes(self) -> Iterable[tuple[Iterable[Record], Sequence[Field]]]:
        yield (self._world.outer,), self.form.fields
        for repeat in self.form.repeats:
            yield [r for r in self._world.rows[repeat.name] if r.alive], repeat.fields

    def _push(self, rule: Rule, record: Record) -> None:
        key = (id(rule), id(record))
        if key not in self._queued:
            self._queued.add(key)
            self._ticket += 1
            heapq.heappush(self._heap, (rule.rank, self._ticket, rule, record))

    def _push_everywhere(self, rule: Rule) -> None:
        if id(rule) in self._everywhere:
            return
        self._everywhere.add(id(rule))
        for record in self._records(rule.scope):
            self._push(rule, record)

    def _touch(self, product: Product, record: Record | None) -> None:
        if self._loading:
            return
        for reader in self._program.readers.get(product, ()):
            if reader.all_rows or not reader.rule.scope:
                self._push_everywhere(reader.rule)
            elif record is not None:
                self._push(reader.rule, record)

    def _settle(self) -> None:
        while self._heap:
            _, _, rule, record = heapq.heappop(self._heap)
            self._queued.discard((id(rule), id(record)))
            self._everywhere.discard(id(rule))
            self._work(rule, record)

    def _drain(self) -> None:
        self._settle()
        while self._grow():
            self._settle()

    def _work(self, rule: Rule, record: Record) -> None:
        if rule.kind == "judge":
            self._judge(rule, record)
            return
        assert rule.run is not None
        result = rule.run(record.scope)
        if rule.kind == "calculate":
            self._calculate(rule, record, result)
        elif rule.kind == "part":
            old = record.parts[rule.slot]
            if old != result:
                record.parts[rule.slot] = result
                self._add(int(rule.name), EXACT.subtract(result, old) if old is not None else result)
        elif rule.kind == "gate":
            if record.gates[rule.slot] != result:
                record.gates[rule.slot] = result
                self._gate(rule, record)
        else:
            self._count(rule, result)

    def _calculate(self, rule: Rule, record: Record, result: Value) -> None:
        one = self.form.field(rule.name)
        value = coerce(one, result)
        old = record.typed[rule.slot]
        if type(old) is type(value) and old == value:
            return
        if rule.keeps:
            kept, before = text(value), record.texts[rule.slot]
            record.texts[rule.slot] = kept
            self._edits.append(Edit(EditAct.SET, rule.name, record.id, before, kept))
        self._hold(record, rule.slot, rule.name, value)

    def _add(self, part: int, difference: object) -> None:
        self._exact[part] = EXACT.add(self._exact[part], difference)  # type: ignore[arg-type]
        self._world.totals[part] = CONTEXT.plus(self._exact[part])
        self._touch(("total", str(part)), None)

    def _gate(self, rule: Rule, record: Record) -> None:
        fields, rosters = self._program.under[(rule.scope, rule.slot)]
        for roster in rosters:
            self._revive(roster)
        for name in fields:
            repeat = self.form.field(name).repeat
            if repeat in rosters:
                continue
            for one in self._world.rows[repeat] if repeat and not rule.scope else (record,):
                self._switch(one, name)

    def _switch(self, record: Record, name: str) -> None:
        slot = self._slots[name]
        on = self._on(record, name)
        if record.on[slot] != on:
            record.on[slot] = on
            self._touched.add((name, record.id))
            self._see(record, slot, name)
            self._touch(("field", name), record)  # also when it is empty: count() and findings look at relevance itself

    def _on(self, record: Record, name: str) -> bool:
        outer = self._world.outer
        return record.alive and all(
            (record if scope else outer).gates[gate] for scope, gate in self._program.gates_of.get(name, ())
        )

    def _alive(self, repeat: str, record: Record | None = None) -> bool:
        wanted = self._wanted.get(repeat)
        if wanted is not None and record is not None and record.at >= wanted:
            return False
        return all(
            self._world.outer.gates[gate] for scope, gate in self._program.gates_of.get(f"{repeat}[]", ()) if not scope
        )

    def _revive(self, repeat: str) -> None:
        changed = False
        for record in self._world.rows[repeat]:
            alive = self._alive(repeat, record)
            changed |= record.alive != alive
            record.alive = alive
            for one in self._layout.scopes[repeat]:
                self._switch(record, one.name)
        if changed:
            self._touch(("alive", repeat), None)

    def _count(self, rule: Rule, result: Value) -> None:
        figure = coerce(Field(rule.name, "", Kind.INTEGER), result)
        wanted = min(max(int(figure), 0), MOST_ROWS) if figure != "" else 0  # type: ignore[arg-type]
        if self._wanted.get(rule.name) != wanted:
            self._wanted[rule.name] = wanted
            self._revive(rule.name)

    def _grow(self) -> bool:
        """Rows that a repeat_count asks for and that are not there yet; surplus rows are kept, not relevant."""
        grown = False
        for repeat, wanted in self._wanted.items():
            while len(self._world.rows[repeat]) < wanted and self._alive(repeat):
                self._insert(repeat, self._world.env.new_id(), None, fresh=True)
                grown = True
        return grown

    # ---- telling

    def _judge(self, rule: Rule, record: Record) -> None:
        assert rule.judge is not None
        found = judge(self._program, rule.judge, rule.slot, record)
        if found == record.findings.get(rule.slot, ()):
            return
        self._touched.add((rule.name, record.id))
        self._told = None
        if found:
            record.findings[rule.slot] = found
        else:
            del record.findings[rule.slot]
        if record.findings:
            self._flat[id(record)] = tuple(one for slot in sorted(record.findings) for one in record.findings[slot])
        else:
            self._flat.pop(id(record), None)

    def _done(self) -> Change:
        self._drain()
        edits, self._edits = tuple(self._edits), []
        cells, self._touched = frozenset(Cell(name, row) for name, row in self._touched), set()
        return Change(edits, cells, self.findings())

    # ---- findings

    def findings(self) -> tuple[Finding, ...]:
        """All findings of the form's own rules, in the order of the sheet, rows in their order."""
        if self._told is not None:
            return self._told
        found: list[tuple[int, Finding]] = [
            (self._orders[one.cells[0].field], one) for one in self._flat.get(id(self._world.outer), ())
        ]
        for repeat, rows in self._world.rows.items():
            order = self._orders[repeat]
            flat = self._flat
            for record in rows:
                if record.findings:
                    found.extend((order, one) for one in flat[id(record)])
        found.sort(key=lambda pair: pair[0])
        self._told = tuple(one for _, one in found)
        return self._told


def _orders(form: Form) -> Mapping[str, int]:
    """Place in the sheet of each item; roster columns stand where their roster stands."""
    return {item.name: at for at, item in enumerate(form.items)}
