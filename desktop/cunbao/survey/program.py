"""A form's expressions as rules in an order that is always right: what depends on what, found once per form.

Each rule names what it reads and what it makes. Sorting puts makers before readers; a circle is a fault that names its
members. No values here; instance.py runs the rules, and only those that a changed cell reaches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cunbao.errors import SurveyError
from cunbao.survey.form import Bind, Field, Form, Words
from cunbao.survey.formpaths import FormResolver
from cunbao.survey.layout import Layout, Part, Reads, Spot, home
from cunbao.survey.xpath import Call, ExpressionError, Path, parse, walk
from cunbao.survey.xpath_compile import Compiler, Run

Product = tuple[str, str]  # ("field", name), ("rows", roster), ("alive", roster), ("total", n), ("source", name)


@dataclass(eq=False, slots=True)
class Rule:
    """One thing to work out. kind: gate (relevant), calculate, part, count (repeat_count), judge (findings of a cell).

    scope: "" or the roster in whose rows it runs. slot: of the field, gate or part in its record. makes: products.
    """

    kind: str
    scope: str
    name: str
    slot: int
    run: Run | None = None
    reads: frozenset[Product] = frozenset()
    makes: tuple[Product, ...] = ()
    rank: int = 0
    spot: Spot = ()
    keeps: bool = False  # calculate with once(): its value belongs to the draft
    judge: Judge | None = None


@dataclass(slots=True)
class Judge:
    """What makes the findings of one cell."""

    field: Field
    required: Run | None
    constraint: Run | None
    filter: Run | None  # is a choice allowed here; its scope carries the choice as item
    constraint_message: tuple[tuple[str, Run | None], ...]
    required_message: tuple[tuple[str, Run | None], ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who must be worked out again: rule, and how far: "here" (same record, or outside), "all" (every row)."""

    rule: Rule
    all_rows: bool


@dataclass(slots=True)
class Program:
    """The compiled form."""

    form: Form
    layout: Layout
    rules: list[Rule] = field(default_factory=list)
    by_scope: dict[str, list[Rule]] = field(default_factory=dict)
    readers: dict[Product, tuple[Reader, ...]] = field(default_factory=dict)
    judges: dict[str, Rule] = field(default_factory=dict)
    calculates: dict[str, Rule] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    part_counts: dict[str, int] = field(default_factory=dict)
    gates_of: dict[str, tuple[tuple[str, int], ...]] = field(
        default_factory=dict
    )  # field or roster → (scope, gate) all of which must hold
    under: dict[tuple[str, int], tuple[tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=dict
    )  # gate → fields, rosters
    puts: dict[tuple[str, str], list[tuple[str, Run]]] = field(
        default_factory=lambda: defaultdict(list)
    )  # (event, trigger or "") → (field, closure)
    labels: dict[str, tuple[tuple[str, Run | None], ...]] = field(default_factory=dict)


@lru_cache(maxsize=32)
def _cached(form_id: int, sha256: str, holder: _Holder) -> Program:
    return _Builder(holder.form).program()


class _Holder:
    """Carries a form through the cache: equal when it is the same object."""

    __slots__ = ("form",)

    def __init__(self, form: Form) -> None:
        self.form = form

    def __hash__(self) -> int:
        return id(self.form)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.form is self.form


def program_of(form: Form) -> Program:
    """The form's program, made once. Raises SurveyError when an expression or the order of calculation is broken."""
    return _cached(id(form), form.sha256, _Holder(form))


class _Builder:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.layout = Layout.of(form)
        self.p = Program(form, self.layout)
        self.part_slots: dict[tuple[object, ...], int] = {}
        self.faults: list[Broken] = []

    def program(self) -> Program:
        for spot, bind in self.form.binds.items():
            self._gate(spot, bind)
        for bind in self.form.binds.values():
            if bind.kind == "field":
                self._calculate(bind)
                self._judge(bind)
            elif bind.kind == "repeat" and bind.count:
                self._count(bind)
        self._puts()
        if self.faults:
            raise BrokenForm(self.faults)
        self._order()
        return self.p

    # ---- compiling

    def _products(self, reads: Reads) -> frozenset[Product]:
        """Reads as products; each Part becomes a rule of its own, shared by all who ask for the same."""
        found: set[Product] = set(reads.found)
        for total in reads.totals:
            total.number = self._part(total.part)
            found.add(("total", str(total.number)))
        return frozenset(found)

    def _part(self, part: Part) -> int:
        if part.key not in self.part_slots:
            number = len(self.p.parts)
            self.part_slots[part.key] = number
            slot = self.p.part_counts.get(part.repeat, 0)
            self.p.part_counts[part.repeat] = slot + 1
            self.p.parts.append(part)
            self.p.rules.append(
                Rule("part", part.repeat, str(number), slot, part.run, part.reads, (("total", str(number)),))
            )
        return self.part_slots[part.key]

    def _run(self, text: str, bind: Bind, *, truth: bool = False) -> tuple[Run | None, frozenset[Product]]:
        reads = Reads()
        try:
            compiler = Compiler(FormResolver(self.layout, bind, reads))
            run: Run | None = compiler.truth(parse(text)) if truth else compiler.one(parse(text))
        except ExpressionError as error:
            self.faults.append(Broken(bind.name, text, error.happened, error.todo))
            run = None
        products = self._products(reads)
        return run, products

    # ---- rules

    def _gate(self, spot: Spot, bind: Bind) -> None:
        if not bind.relevant:
            return
        run, reads = self._run(bind.relevant, bind, truth=True)
        scope, slot = home(bind), self.layout.gates[spot]
        inside = [other for path, other in self.form.binds.items() if path[: len(spot)] == spot]
        fields = tuple(other.name for other in inside if other.kind == "field")
        rosters = tuple(other.name for other in inside if other.kind == "repeat")
        self.p.under[(scope, slot)] = (fields, rosters)
        for name in (*fields, *(f"{roster}[]" for roster in rosters)):
            self.p.gates_of[name] = (*self.p.gates_of.get(name, ()), (scope, slot))
        makes: list[Product] = [("field", name) for name in fields] + [("alive", roster) for roster in rosters]
        self.p.rules.append(Rule("gate", scope, bind.name, slot, run, reads, tuple(makes), spot=spot))

    def _calculate(self, bind: Bind) -> None:
        if not bind.calculate:
            return
        run, reads = self._run(bind.calculate, bind)
        try:
            keeps = any(isinstance(node, Call) and node.name == "once" for node in walk(parse(bind.calculate)))
        except ExpressionError:
            keeps = False
        slot = self.layout.slots[bind.name]
        rule = Rule(
            "calculate", bind.repeat, bind.name, slot, run, reads, (("field", bind.name),), spot=bind.path, keeps=keeps
        )
        self.p.calculates[bind.name] = rule
        self.p.rules.append(rule)

    def _count(self, bind: Bind) -> None:
        run, reads = self._run(bind.count, bind)
        self.p.rules.append(
            Rule("count", "", bind.name, 0, run, reads, (("alive", bind.name), ("rows", bind.name)), spot=bind.path)
        )

    def _judge(self, bind: Bind) -> None:
        one = self.form.field(bind.name)
        asked = not one.hidden or (bind.label is not None and bool(bind.label.parts))
        reads: set[Product] = {("field", bind.name)}
        required = constraint = allowed = None
        # What no one is asked for is neither required nor constrained (JavaRosa looks at questions only).
        if asked and bind.required and bind.required != "false()":
            required, found = self._run(bind.required, bind, truth=True)
            reads |= found
        if asked and bind.constraint:
            constraint, found = self._run(bind.constraint, bind, truth=True)
            reads |= found
        if bind.items and bind.choice_filter:
            allowed, found = self._filter(bind)
            reads |= found
        judge = Judge(one, required, constraint, allowed, (), ())
        judge.constraint_message = self._words(bind.constraint_message, bind, reads)
        judge.required_message = self._words(bind.required_message, bind, reads)
        if bind.label is not None and bind.label.live:
            self.p.labels[bind.name] = self._words(bind.label, bind, set())
        rule = Rule(
            "judge",
            bind.repeat,
            bind.name,
            self.layout.slots[bind.name],
            None,
            frozenset(reads),
            (),
            spot=bind.path,
            judge=judge,
        )
        self.p.judges[bind.name] = rule
        self.p.rules.append(rule)

    def _filter(self, bind: Bind) -> tuple[Run | None, frozenset[Product]]:
        codes = self.form.lists[bind.items]
        reads = Reads()
        at = FormResolver(self.layout, bind, reads)
        try:
            run: Run | None = Compiler(FormResolver(self.layout, bind, reads, origin=at, item=codes)).truth(
                parse(bind.choice_filter)
            )
        except ExpressionError as error:
            self.faults.append(Broken(bind.name, bind.choice_filter, error.happened, error.todo))
            run = None
        return run, self._products(reads)

    def _words(self, words: Words | None, bind: Bind, reads: set[Product]) -> tuple[tuple[str, Run | None], ...]:
        parts: list[tuple[str, Run | None]] = []
        for text, live in words.parts if words else ():
            if not live:
                parts.append((text, None))
                continue
            run, found = self._run(text, bind)
            reads |= found
            shown = self._shown_name(text, bind)
            parts.append((shown, run))
        return tuple(parts)

    def _shown_name(self, text: str, bind: Bind) -> str:
        """The field a live part shows, when it is just that: its label is shown instead of its code."""
        try:
            node = parse(text)
            if isinstance(node, Path):
                found = FormResolver(self.layout, bind, Reads()).locate(node).bind
                return found.name if found is not None and found.kind == "field" else ""
        except ExpressionError:
            pass
        return ""

    def _puts(self) -> None:
        for one in self.form.set_values:
            bind = next(b for b in self.form.binds.values() if b.kind == "field" and b.name == one.field)
            run, _ = self._run(one.value, bind)
            if run is not None:
                self.p.puts[(one.event, one.trigger)].append((one.field, run))

    # ---- order

    def _order(self) -> None:
        rules = self.p.rules
        makers: dict[Product, list[Rule]] = defaultdict(list)
        for rule in rules:
            for product in rule.makes:
                makers[product].append(rule)
        before: dict[Rule, list[Rule]] = {}
        for rule in rules:
            found: dict[Rule, None] = {}
            for product in sorted(rule.reads):
                name = ("field", product[1]) if product[0] == "all" else product
                found.update(dict.fromkeys(makers.get(name, ())))
            before[rule] = list(found)
        _refuse_circles(rules, before, self.form)
        for rank, rule in enumerate(_sorted(rules, before)):
            rule.rank = rank
        rules.sort(key=lambda rule: rule.rank)
        self._index()

    def _index(self) -> None:
        readers: dict[Product, list[Reader]] = defaultdict(list)
        scopes: dict[str, list[Rule]] = {name: [] for name in self.layout.scopes}
        for rule in self.p.rules:
            scopes[rule.scope].append(rule)
            for kind, name in rule.reads:
                # An outer product, or other rows of the roster, concern every row of a rule inside a roster.
                inner = kind == "field" and self.form.field(name).repeat != ""
                readers[("field", name) if kind == "all" else (kind, name)].append(
                    Reader(rule, rule.scope != "" and not (inner and kind == "field"))
                )
        for product, found in readers.items():
            merged: dict[Rule, bool] = {}
            for reader in found:
                merged[reader.rule] = merged.get(reader.rule, False) or reader.all_rows
            self.p.readers[product] = tuple(Reader(rule, all_rows) for rule, all_rows in merged.items())
        # A row's own `alive` concerns its own shares only.
        self.p.by_scope = scopes


def _sorted(rules: Sequence[Rule], before: Mapping[Rule, Sequence[Rule]]) -> Iterable[Rule]:
    done: dict[Rule, None] = {}
    judges = [rule for rule in rules if rule.kind == "judge"]
    for start in [rule for rule in rules if rule.kind != "judge"] + judges:
        stack: list[tuple[Rule, bool]] = [(start, False)]
        while stack:
            rule, ready = stack.pop()
            if rule in done:
                continue
            if ready:
                done[rule] = None
                continue
            stack.append((rule, True))
            stack.extend((other, False) for other in before[rule] if other not in done)
    return done


def circles(names: Iterable[str], before: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Each circle once, members in the order they wait for each other. before: who must come before whom."""
    found: list[list[str]] = []
    state: dict[str, int] = {}
    for start in names:
        if state.get(start):
            continue
        trail: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                state[name] = 2
                trail.pop()
            elif state.get(name) == 1:
                found.append(trail[trail.index(name) :])
            elif not state.get(name):
                state[name] = 1
                trail.append(name)
                stack.append((name, True))
                stack.extend((other, False) for other in before.get(name, ()) if state.get(other) != 2)
    return found


def _refuse_circles(rules: Sequence[Rule], before: Mapping[Rule, Sequence[Rule]], form: Form) -> None:
    names = {rule: f"{rule.kind}:{rule.spot}:{rule.name}" for rule in rules}
    by_name = {name: rule for rule, name in names.items()}
    found = circles(
        names.values(), {names[rule]: [names[other] for other in others] for rule, others in before.items()}
    )
    if found:
        members = [[by_name[name].name for name in circle if by_name[name].kind != "part"] for circle in found]
        raise BrokenForm(
            [Broken(one[0], "", circle_words(one), "请改其中一个算式或条件，不要绕回自己") for one in members]
        )


def circle_words(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    if len(unique) == 1:
        return f"{unique[0]} 的表达式用到了它自己"
    return f"互相依赖，算不出来：{' → '.join([*unique, unique[0]])}"


@dataclass(frozen=True, slots=True)
class Broken:
    """One expression that cannot be used: of which node, its text, what is wrong, what to do."""

    name: str
    text: str
    found: str
    remedy: str


class BrokenForm(SurveyError):
    """The form's own expressions are broken; `faults` names each."""

    def __init__(self, faults: Sequence[Broken]) -> None:
        told = "；".join(f"{one.name}：{one.found}" for one in faults)
        super().__init__(
            "form.expressions",
            happened=f"表式有 {len(faults)} 处错误：{told}",
            safe="没有导入任何内容",
            todo="请改正后重新生成表式",
        )
        self.faults = tuple(faults)
