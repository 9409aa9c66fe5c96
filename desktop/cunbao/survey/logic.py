"""The dialect of checks.csv and indicators.csv (fields.md §9.1), evaluated over finished answers.

The grammar is the forms' own (xpath.parse); what differs is knowledge: a check looks over several forms, last period
and the signing boxes, and an empty field makes a comparison unknown instead of false (decision 1). Values are
Decimal, str, bool, or None = unknown; "" is an empty field, which only `= ''` and `!= ''` may look at.
Never changes answers, never asks the clock; a name that no form has is found when the expression is compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cunbao.errors import SurveyError
from cunbao.survey import people, xpath, xpath_functions
from cunbao.survey.beneath import Beneath, is_figure
from cunbao.survey.form import CodeList, Field, Form, Kind
from cunbao.survey.values import EMPTY, Answers, Row
from cunbao.survey.xpath_regex import matches
from cunbao.survey.xpath_values import CONTEXT, equal, number, parse_date, text

Value = Decimal | str | bool | None
Fetch = Callable[["Scope"], "Result"]
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
FORM_NAME = re.compile(r"[A-Z][0-9]{2}")
PERSON = frozenset({"id", "name", "sex", "birth", "age", "edu", "phone"})  # {name} = <repeat>_name of that row


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a roster: `at` counts from 1; `row` as the answers have it."""

    form: str
    repeat: str
    at: int
    row: Row
    fields: Mapping[str, Field]

    def get(self, column: str) -> Value:
        return typed(self.row.values.get(column, ""), self.fields[column])


Result = Value | Sequence[RowView] | Sequence[Value]


@dataclass(slots=True)
class World:
    """All that one evaluation may look at. Answers are canonical, without what is not relevant.

    words: OFFICE, RET, PARAM, P.RET by name; imported: form → row id → column → text of the sheet just imported;
    beneath: of a township, what its villages say; None where nobody asked them.
    """

    forms: Mapping[str, Form]
    answers: Mapping[str, Answers]
    last: Mapping[str, Answers] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    imported: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    lists: Mapping[str, CodeList] = field(default_factory=dict)
    beneath: Beneath | None = None
    _rows: dict[tuple[str, str, bool], tuple[RowView, ...]] = field(default_factory=dict)
    _index: dict[tuple[str, str, bool, str], dict[str, RowView]] = field(default_factory=dict)

    def rows(self, form: str, repeat: str, *, last: bool = False) -> tuple[RowView, ...]:
        key = (form, repeat, last)
        if key not in self._rows:
            fields = {one.name: one for one in self.forms[form].repeat(repeat).fields}
            source = (self.last if last else self.answers).get(form, EMPTY)
            self._rows[key] = tuple(
                RowView(form, repeat, at, row, fields) for at, row in enumerate(source.rows.get(repeat, ()), 1)
            )
        return self._rows[key]

    def find(
        self, rows: Callable[[], Iterable[RowView]], key: tuple[str, str, bool, str], wanted: str
    ) -> RowView | None:
        """The first row whose column (key[3]) has this text; the index is made once, so that a whole roster of
        look-ups stays linear."""
        if key not in self._index:
            index: dict[str, RowView] = {}
            for row in rows():
                index.setdefault(row.row.values.get(key[3], ""), row)
            self._index[key] = index
        return self._index[key].get(wanted) if wanted else None

    def before(self, row: RowView) -> RowView | None:
        """The same person's row of the last period, by identity number."""
        column = f"{row.repeat}_id"
        if column not in row.fields:
            return None
        key = (row.form, row.repeat, True, column)
        return self.find(lambda: self.rows(row.form, row.repeat, last=True), key, row.row.values.get(column, ""))

    def value(self, form: str, name: str, *, last: bool = False) -> Value:
        source = (self.last if last else self.answers).get(form)
        return None if source is None else typed(source.values.get(name, ""), self.forms[form].field(name))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: in the world, and inside every() or […] at a row."""

    world: World
    row: RowView | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled expression. reads: what it looks at, as ("B01", "b01_kind"), ("P.B01", …), ("PARAM", …),
    ("row", column), ("P.row", column), ("I", column), ("V.B01", …) of a township's villages; forms: those it needs."""

    fetch: Fetch
    reads: tuple[tuple[str, str], ...]

    @property
    def forms(self) -> frozenset[str]:
        return frozenset(place for place, _ in self.reads if FORM_NAME.fullmatch(place))

    def __call__(self, world: World, row: RowView | None = None) -> Value:
        return single(self.fetch(Scope(world, row)))


def typed(words: str, asked: Field) -> Value:
    """A field's text as a value: a number where numbers are asked (None when it is none), else the text."""
    if words and asked.kind in NUMBERS:
        figure = number(words)
        return None if figure.is_nan() else figure
    return words


def single(value: Result) -> Value:
    """One value; of several the first, of none the empty text."""
    if isinstance(value, (list, tuple)):
        first = value[0] if value else ""
        return None if isinstance(first, RowView) else first
    return value  # type: ignore[return-value]


def formula(words: str, forms: Mapping[str, Form], at: tuple[str, str] | None = None) -> Formula:
    """Compiles one expression. at: (form, roster) when bare names are columns of that roster.
    Raises SurveyError for names, functions and shapes that the dialect has not."""
    return formula_of(xpath.parse(words), forms, at)


def formula_of(node: xpath.Node, forms: Mapping[str, Form], at: tuple[str, str] | None = None) -> Formula:
    """The same of a part that is parsed already."""
    compiler = Compiler(forms)
    fetch = compiler.node(node, at)
    return Formula(fetch, tuple(dict.fromkeys(compiler.reads)))


class Compiler:
    """Turns a parsed expression into closures; notes what it reads."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self.forms = forms
        self.reads: list[tuple[str, str]] = []

    def node(self, node: xpath.Node, at: tuple[str, str] | None) -> Fetch:
        match node:
            case xpath.Number(value=value):
                return lambda scope: value
            case xpath.Literal(value=words):
                return lambda scope: words
            case xpath.Negate(of=of):
                inner = self.node(of, at)
                return lambda scope: arithmetic("-", Decimal(0), single(inner(scope)))
            case xpath.Binary(op=op, left=left, right=right):
                return self.binary(op, left, right, at)
            case xpath.Call(name=name, args=args):
                return self.call(name, args, at)
            case xpath.Path(start="", steps=steps):
                return self.path(steps, at)
            case _:
                raise unusable("只能用字段名、行和函数")

    def binary(self, op: str, left: xpath.Node, right: xpath.Node, at: tuple[str, str] | None) -> Fetch:
        a, b = self.node(left, at), self.node(right, at)
        if op == "and":
            return lambda scope: both(truth(a(scope)), lambda: truth(b(scope)))
        if op == "or":
            return lambda scope: either(truth(a(scope)), lambda: truth(b(scope)))
        if op in ("=", "!="):
            empty_counts = any(isinstance(one, xpath.Literal) and one.value == "" for one in (left, right))
            wanted = op == "="
            return lambda scope: same(a(scope), b(scope), wanted, empty_counts)
        if op in ("<", "<=", ">", ">="):
            return lambda scope: ordered(op, single(a(scope)), single(b(scope)))
        if op in ("+", "-", "*", "div", "mod"):
            return lambda scope: arithmetic(op, single(a(scope)), single(b(scope)))
        raise unusable(f"不支持“{op}”")

    def path(self, steps: tuple[xpath.Step, ...], at: tuple[str, str] | None) -> Fetch:
        place, _, name = steps[0].name.rpartition(".")
        if place in self.forms and any(one.name == name for one in self.forms[place].repeats):
            return self.rows(place, name, steps, at)
        if len(steps) > 1 or steps[0].predicates or steps[0].axis != "child":
            raise unusable(f"“{steps[0].name}”不是名册")
        if place == "":
            return self.column(name, at, "row")
        if place == "P" and at:
            return self.column(name, at, "P.row")
        if place == "I" and at:
            return self.column(name, at, "I")
        if place.startswith("V."):
            raise unusable(f"“{steps[0].name}”是全乡各村的，要写成 sum({steps[0].name})")
        return self.word(place, name)

    def word(self, place: str, name: str) -> Fetch:
        """A field outside rosters, of this period or the last, or a word of OFFICE, RET, PARAM."""
        self.reads.append((place, name))
        form = place.removeprefix("P.")
        if form in self.forms:
            if not any(one.name == name for one in self.forms[form].fields):
                raise unusable(f"{form}表没有字段 {name}")
            last = place.startswith("P.")
            return lambda scope: scope.world.value(form, name, last=last)
        if place in ("OFFICE", "RET", "PARAM", "P.RET"):
            return lambda scope: scope.world.words.get(place, {}).get(name)
        raise unusable(f"没有“{place}.{name}”")

    def column(self, name: str, at: tuple[str, str] | None, place: str) -> Fetch:
        if at is None:
            raise unusable(f"“{name}”要写明是哪张表的")
        column = f"{at[1]}_{name}" if name in PERSON else name
        if not any(one.name == column for one in self.forms[at[0]].repeat(at[1]).fields):
            raise unusable(f"{at[0]}表的 {at[1]} 没有这一栏：{column}")
        self.reads.append((place, column))
        if place == "row":
            return lambda scope: scope.row.get(column) if scope.row else None
        if place == "P.row":
            return lambda scope: before.get(column) if scope.row and (before := scope.world.before(scope.row)) else None
        return lambda scope: imported(scope, column)

    def rows(self, form: str, repeat: str, steps: tuple[xpath.Step, ...], at: tuple[str, str] | None) -> Fetch:
        inside = (form, repeat)
        self.reads.append((form, repeat))
        tests = [self.inner(one, inside) for one in steps[0].predicates]

        def chosen(scope: Scope) -> Sequence[RowView]:
            world = scope.world
            rows = world.rows(form, repeat)
            if not tests:
                return rows
            return [row for row in rows if all(truth(test(Scope(world, row))) is True for test in tests)]

        if len(steps) == 1:
            return chosen
        if len(steps) > 2 or steps[1].predicates:
            raise unusable(f"“{repeat}”后面只能接一栏")
        column = steps[1].name
        self.inner(xpath.Path("", (steps[1],)), inside)
        return lambda scope: [row.get(column) for row in chosen(scope)]

    def inner(self, node: xpath.Node, at: tuple[str, str]) -> Fetch:
        """A part that stands at another row than ours: its columns are read as the roster's, not as our row's."""
        known = len(self.reads)
        fetch = self.node(node, at)
        self.reads[known:] = [(at[0] if place == "row" else place, name) for place, name in self.reads[known:]]
        return fetch

    def call(self, name: str, args: tuple[xpath.Node, ...], at: tuple[str, str] | None) -> Fetch:
        if name == "lookup":
            return self.lookup(args, at)
        if name == "without":
            return self.without(args, at)
        if name == "sum" and len(args) == 1 and (summed := self.over_villages(args[0])) is not None:
            return summed
        if name not in FUNCTIONS:
            raise unusable(f"没有函数 {name}")
        least, most, function = FUNCTIONS[name]
        if not least <= len(args) <= most:
            raise unusable(f"函数 {name} 的参数个数不对")
        parts = [self.node(one, at) for one in args]
        if name == "if":
            return lambda scope: choice(truth(parts[0](scope)), lambda: parts[1](scope), lambda: parts[2](scope))
        if name == "minage":
            return lambda scope: least_age(scope.world, single(parts[0](scope)))
        return lambda scope: function(*(part(scope) for part in parts))

    def over_villages(self, node: xpath.Node) -> Fetch | None:
        """sum(V.B07.b07_kinder): over all villages of the township, unknown while one of them has not said it."""
        match node:
            case xpath.Path(start="", steps=(step,)) if step.name.startswith("V."):
                form, _, name = step.name.removeprefix("V.").rpartition(".")
            case _:
                return None
        if step.predicates or not is_figure(self.forms, form, name):
            raise unusable(f"“{step.name}”不是各村填的数")
        self.reads.append((f"V.{form}", name))
        return lambda scope: None if scope.world.beneath is None else scope.world.beneath.total(form, name)

    def lookup(self, args: tuple[xpath.Node, ...], at: tuple[str, str] | None) -> Fetch:
        """lookup(rows, key column, value, column): that column of the first row whose key equals the value."""
        match args:
            case (xpath.Path(steps=(step,)) as rows, xpath.Path(steps=(key,)), value, xpath.Path(steps=(column,))):
                form, _, repeat = step.name.rpartition(".")
            case _:
                raise unusable("lookup 应写成 lookup(名册, 键栏, 值, 取的栏)")
        fetch, wanted = self.node(rows, at), self.node(value, at)
        self.inner(xpath.Path("", (key,)), (form, repeat))
        self.inner(xpath.Path("", (column,)), (form, repeat))
        index = (form, f"{repeat}[{len(step.predicates)}]{step.at}", False, key.name)

        def found(scope: Scope) -> Value:
            sought = single(wanted(scope))
            if sought is None or sought == "":
                return None
            row = scope.world.find(lambda: rows_of(fetch(scope)), index, text(sought))
            return "" if row is None else row.get(column.name)

        return found

    def without(self, args: tuple[xpath.Node, ...], at: tuple[str, str] | None) -> Fetch:
        """without(B07.x, B07.y): the labels of what is chosen in x and not in y, joined by 、."""
        match args:
            case (xpath.Path(steps=(step,)) as some, others):
                form, _, name = step.name.rpartition(".")
            case _:
                raise unusable("without 应写成 without(多选题, 多选题)")
        chosen, left_out = self.node(some, at), self.node(others, at)  # refuses what no form has
        asked = self.forms[form].field(name) if form in self.forms else None
        if asked is None or asked.list is None:
            raise unusable(f"“{step.name}”没有代码表")
        codes = asked.list

        def labels(scope: Scope) -> Value:
            gone = set(chosen_codes(left_out(scope)))
            return "、".join(codes.label(code) or code for code in chosen_codes(chosen(scope)) if code not in gone)

        return labels


# --- three values --------------------------------------------------------------------------------------------------


def truth(value: Result) -> bool | None:
    """True, False, or None for unknown: an empty field says nothing either way."""
    one = single(value)
    if isinstance(one, bool) or one is None:
        return one
    return None if one == "" else (bool(one) if isinstance(one, Decimal) else True)


def both(a: bool | None, later: Callable[[], bool | None]) -> bool | None:
    if a is False:
        return False
    b = later()
    return False if b is False else (None if a is None or b is None else True)


def either(a: bool | None, later: Callable[[], bool | None]) -> bool | None:
    if a is True:
        return True
    b = later()
    return True if b is True else (None if a is None or b is None else False)


def choice(test: bool | None, then: Callable[[], Result], other: Callable[[], Result]) -> Result:
    return None if test is None else (then() if test else other())


def same(a: Result, b: Result, wanted: bool, empty_counts: bool) -> bool | None:
    """= and !=; with node-sets as in XPath: is there a pair for which it holds?"""
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        return same_sets(a, b, wanted)
    if a is None or b is None:
        return None
    if a == "" or b == "":
        return (a == b) is wanted if empty_counts else None
    return equal(a, b) is wanted  # type: ignore[arg-type]


def rows_of(value: Result) -> list[RowView]:
    return [one for one in value if isinstance(one, RowView)] if isinstance(value, (list, tuple)) else []


def same_sets(a: Result, b: Result, wanted: bool) -> bool | None:
    left, right = set(many(a)), set(many(b))
    known_left, known_right = left - {"", None}, right - {"", None}
    if wanted and known_left & known_right:
        return True
    if not wanted and any(x != y for x in known_left for y in known_right):
        return True
    return None if len(known_left) < len(left) or len(known_right) < len(right) else False


def many(value: Result) -> list[Value]:
    if isinstance(value, (list, tuple)):
        return [one for one in value if not isinstance(one, RowView)]
    return [value]  # type: ignore[list-item]


def ordered(op: str, a: Value, b: Value) -> bool | None:
    x, y = figure(a), figure(b)
    if x is None or y is None:
        return None
    return x < y if op == "<" else x <= y if op == "<=" else x > y if op == ">" else x >= y


def figure(value: Value) -> Decimal | None:
    """As a number; dates count in days; None when it is none."""
    if value is None:
        return None
    found = number(value)
    return None if found.is_nan() else found


def arithmetic(op: str, a: Value, b: Value) -> Decimal | None:
    """Unknown when either is; division by nought is unknown too (fields.md §9.1)."""
    x, y = figure(a), figure(b)
    if x is None or y is None:
        return None
    if op in ("div", "mod"):
        if not y:
            return None
        return CONTEXT.divide(x, y) if op == "div" else CONTEXT.remainder(x, y)
    return CONTEXT.add(x, y) if op == "+" else CONTEXT.subtract(x, y) if op == "-" else CONTEXT.multiply(x, y)


# --- functions -----------------------------------------------------------------------------------------------------


def imported(scope: Scope, column: str) -> Value:
    """What the sheet that was just imported said, as the form would write it: sex by code, days as YYYY-MM-DD."""
    row = scope.row
    words = scope.world.imported.get(row.form, {}).get(row.row.id, {}).get(column, "") if row else ""
    if not words or row is None:
        return None
    asked = row.fields[column]
    if asked.list is not None:
        return next((one.code for one in asked.list.choices if words == one.code or one.label.startswith(words)), words)
    parts = re.findall(r"[0-9]+", words)
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [words[:4], words[4:6], words[6:8]]
    return "-".join([parts[0], *(one.zfill(2) for one in parts[1:])]) if len(parts) == 3 else words


def least_age(world: World, code: Value) -> Value:
    found = world.lists["education_gbt4658"].get(code) if isinstance(code, str) and code else None
    return figure(found.extra.get("min_age", "")) if found else None


def total(value: Result) -> Decimal:
    return xpath_functions.total(one for one in many(value) if one is not None)


def largest(*values: Result) -> Value:
    """Of a column, or of the arguments; an empty argument makes it unknown, an empty cell of a column does not."""
    if len(values) == 1:
        figures = [one for one in map(figure, many(values[0])) if one is not None]
        return max(figures) if figures else ""
    known = [figure(single(one)) for one in values]
    return None if None in known else max(one for one in known if one is not None)


def first_filled(*values: Result) -> Value:
    return next((one for one in map(single, values) if one is not None and one != ""), "")


def chosen_codes(value: Result) -> list[str]:
    words = single(value)
    return words.split() if isinstance(words, str) else []


def lifted(function: Callable[..., Value]) -> Callable[..., Value]:
    """A function of plain values: an empty or unknown argument makes the result unknown."""

    def known(*values: Result) -> Value:
        plain = [single(one) for one in values]
        return None if any(one is None or one == "" for one in plain) else function(*plain)

    return known


def substring(words: Value, start: Value, end: Value = None) -> Value:
    first = figure(start)
    return None if first is None or words is None else xpath_functions.substr(text(words), first, figure(end))


def rounded(value: Value, places: Value = None) -> Value:
    found, digits = figure(value), figure(places)
    if found is None:
        return None
    return xpath_functions.round_half_up(found) if digits is None else xpath_functions.round_places(found, digits)


def translated(words: Result, old: Result, new: Result) -> Value:
    """translate(): each character of `old` becomes the one of `new`, or goes when `new` is shorter (also empty)."""
    given, from_, to = single(words), text(single(old) or ""), text(single(new) or "")
    if given is None or given == "":
        return None
    return text(given).translate({ord(char): (to[at] if at < len(to) else None) for at, char in enumerate(from_)})


def whole(value: Value) -> Value:
    found = figure(value)
    return None if found is None else xpath_functions.whole(found)


def counted(value: Result) -> Value:
    """How many rows; of a column, how many filled cells."""
    if not isinstance(value, (list, tuple)):
        return None
    return Decimal(sum(1 for one in value if isinstance(one, RowView) or (one is not None and one != "")))


def opposite(value: Result) -> Value:
    known = truth(value)
    return None if known is None else not known


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Value]]] = {
    "if": (3, 3, first_filled),  # only its arguments are counted here: Compiler.call evaluates one branch
    "minage": (1, 1, first_filled),  # needs the code list: Compiler.call
    "sum": (1, 1, total),
    "count": (1, 1, counted),
    "max": (1, 9, largest),
    "coalesce": (1, 9, first_filled),
    "selected": (2, 2, lambda value, code: single(code) in chosen_codes(value)),
    "count-selected": (1, 1, lambda value: Decimal(len(chosen_codes(value)))),
    "subset": (2, 2, lambda some, of: set(chosen_codes(some)) <= set(chosen_codes(of))),
    "not": (1, 1, opposite),
    "abs": (1, 1, lifted(lambda value: None if (one := figure(value)) is None else abs(one))),
    "int": (1, 1, lifted(whole)),
    "round": (1, 2, lifted(rounded)),
    "number": (1, 1, lifted(figure)),
    "string": (1, 1, lifted(lambda value: text(value))),
    "concat": (1, 9, lifted(lambda *values: "".join(text(one) for one in values))),
    "substr": (2, 3, lifted(substring)),
    "string-length": (1, 1, lambda value: Decimal(len(text(single(value) or "")))),
    "regex": (2, 2, lifted(lambda value, pattern: matches(text(value), text(pattern)))),
    "translate": (3, 3, translated),
    "idok": (1, 1, lifted(lambda value: people.id_ok(text(value)))),
    "isdate": (1, 1, lifted(lambda value: parse_date(text(value)) is not None)),
    "provinceok": (1, 1, lifted(lambda value: people.province_ok(text(value)))),
}


PREFIX = "审核或指标用不了："


def unusable(happened: str) -> SurveyError:
    return SurveyError(
        "check.unusable",
        happened=f"{PREFIX}{happened.removeprefix(PREFIX)}",
        safe="没有打开任何表，已填的内容没有改动",
        todo="请改正任务里的 checks.csv 或 indicators.csv 后再试",
    )
