"""Expressions of indicators.csv as SQL over the tables of a dataset: the same tree that `survey.logic` runs, and the
same three values, since SQL's NULL is what is unknown there.

Numbers are exact integers with a number of places that is known while compiling (`Num`): a sum aligns them, a product
adds them, a division by a constant that ends multiplies; nothing is ever rounded and nothing becomes a float. What
cannot be said so is `Unsayable`, and its caller takes what the workspace kept. Source: fields.md §9.1, protocol §8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from cunbao.survey import xpath
from cunbao.survey.form import Field, Form
from cunbao.survey.logic import NUMBERS, PERSON
from cunbao.survey.xpath_values import number

MOST_PLACES = 11  # beyond, equality in `survey` (within 1e-12) is another than of whole numbers


class Unsayable(Exception):
    """This expression has no exact words in SQL."""


@dataclass(frozen=True, slots=True)
class Num:
    """sql × 10^-scale; NULL is unknown or empty."""

    sql: str
    scale: int = 0

    def at(self, scale: int) -> str:
        """The integer with so many places, at least its own."""
        return self.sql if scale == self.scale else f"({self.sql} * {10 ** (scale - self.scale)})"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, NULL when it is empty. known: a literal's words; coded: a code of a list whose codes are whole numbers
    or no numbers at all."""

    sql: str
    known: str | None = None
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Bool:
    sql: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a roster that pass the tests (SQL at one row), or one column of them."""

    form: str
    repeat: str
    tests: tuple[str, ...]
    column: str = ""


Said = Num | Text | Bool | Rows


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where DuckDB and PostgreSQL differ. whole: a type for exact integers; matches: (text, pattern) → truth."""

    whole: str
    matches: Callable[[str, str], str]


@dataclass(slots=True)
class Names:
    """What the names in expressions are called in SQL, and what of them was used.

    fields: (form, field) → SQL for its value; words: OFFICE.x → SQL; params: PARAM.x; rosters: (form, roster, what is
    asked of it) → name of the column that will have it. known: what only the directory says is used instead of answers,
    (form, field) → SQL."""

    forms: Mapping[str, Form]
    dialect: Dialect
    words: Mapping[str, str]
    params: Mapping[str, Decimal]
    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    rosters: dict[tuple[str, str, str], str] = field(default_factory=dict)
    known: Mapping[tuple[str, str], str] | None = None

    def field(self, form: str, name: str) -> Said:
        """Raises Unsayable for a name that the form has not outside its rosters."""
        asked = next((one for one in self.forms[form].fields if one.name == name), None)
        if asked is None:
            raise Unsayable(f"{form}.{name}")
        figure = asked.kind in NUMBERS
        if self.known is not None:
            said = self.known.get((form, name))
            if said is not None and figure:
                raise Unsayable(f"{form}.{name}")
            sql = said or (f"CAST(NULL AS {self.dialect.whole})" if figure else "CAST(NULL AS VARCHAR)")
        else:
            sql = self.fields.setdefault((form, name), f'"f{len(self.fields)}"')
        return Num(f"CAST({sql} AS {self.dialect.whole})", 2) if figure else Text(sql, coded=_coded(asked))

    def roster(self, rows: Rows, asked: str, empty: str) -> str:
        """A column for what is asked of a roster's rows, an aggregate in SQL; empty: what it is without any row."""
        if self.known is not None:
            return empty
        named = self.rosters.setdefault((rows.form, rows.repeat, asked), f'"r{len(self.rosters)}"')
        return f"coalesce({named}, {empty})"


def said(words: str, names: Names) -> Said:
    """The whole expression. Raises Unsayable."""
    return _node(xpath.parse(words), names, None)


def figure(value: Said, names: Names) -> Num:
    """As a number; NULL when it is none."""
    match value:
        case Num():
            return value
        case Bool(sql=sql):
            return Num(f"CAST(CASE WHEN {sql} THEN 1 WHEN NOT {sql} THEN 0 END AS {names.dialect.whole})")
        case Text(known=known) if known is not None:
            found = number(known)
            return Num(f"CAST(NULL AS {names.dialect.whole})") if found.is_nan() else constant(found)
        case Text(sql=sql, coded=True):
            spelt = f"CASE WHEN {names.dialect.matches(sql, _WHOLE_NUMBER)} THEN CAST({sql} AS BIGINT) END"
            return Num(f"CAST({spelt} AS {names.dialect.whole})")
        case _:
            raise Unsayable("a text or rows where a number is wanted")


_WHOLE_NUMBER = "^-?[0-9]{1,15}$"


def _coded(asked: Field) -> bool:
    codes = [choice.code for choice in asked.list.choices] if asked.list is not None else [""]
    return all(re.fullmatch(_WHOLE_NUMBER, code) or number(code).is_nan() for code in codes) and asked.list is not None


def truth(value: Said) -> str:
    """As SQL's three truths."""
    match value:
        case Bool(sql=sql):
            return sql
        case Num(sql=sql):
            return f"({sql} <> 0)"
        case Text(sql=sql):
            return f"(CASE WHEN {sql} IS NOT NULL THEN TRUE END)"
        case _:
            raise Unsayable("rows where a truth is wanted")


def constant(value: Decimal) -> Num:
    """A literal number, exact."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise Unsayable(str(value))
    whole = int("".join(map(str, digits)) or "0") * 10 ** max(exponent, 0)
    return Num(str(-whole if sign else whole), max(-exponent, 0))


def times(a: Num, b: Num) -> Num:
    return Num(f"({a.sql} * {b.sql})", a.scale + b.scale)


def compared(op: str, a: Num, b: Num) -> str:
    """Two numbers, with as many places."""
    scale = max(a.scale, b.scale)
    return f"({a.at(scale)} {op} {b.at(scale)})"


# --- the tree --------------------------------------------------------------------------------------------------------

_At = tuple[str, str] | None  # (form, roster) at a row of which the names stand


def _node(node: xpath.Node, names: Names, at: _At) -> Said:
    match node:
        case xpath.Number(value=value):
            return constant(value)
        case xpath.Literal(value=words):
            return Text("'" + words.replace("'", "''") + "'" if words else "CAST(NULL AS VARCHAR)", words)
        case xpath.Negate(of=of):
            inner = figure(_node(of, names, at), names)
            return Num(f"(-{inner.sql})", inner.scale)
        case xpath.Binary(op=op, left=left, right=right):
            return _binary(op, left, right, names, at)
        case xpath.Call(name=name, args=args):
            return _call(name, args, names, at)
        case xpath.Path(start="", steps=steps, filters=()):
            return _path(steps, names, at)
        case _:
            raise Unsayable("what stands there")


def _binary(op: str, left: xpath.Node, right: xpath.Node, names: Names, at: _At) -> Said:
    a, b = _node(left, names, at), _node(right, names, at)
    if op in ("and", "or"):
        return Bool(f"({truth(a)} {op.upper()} {truth(b)})")
    if op in ("=", "!="):
        return Bool(_same(a, b, op == "=", names))
    x, y = figure(a, names), figure(b, names)
    if op in ("<", "<=", ">", ">="):
        return Bool(compared(op, x, y))
    if op in ("+", "-"):
        scale = max(x.scale, y.scale)
        return Num(f"({x.at(scale)} {op} {y.at(scale)})", scale)
    if op == "*":
        return times(x, y)
    if op == "div" and isinstance(right, xpath.Number) and right.value > 0:
        return times(x, _over(right.value))
    raise Unsayable(op)


def _over(value: Decimal) -> Num:
    """1 ÷ value, where that ends."""
    for places in range(MOST_PLACES + 1):
        scaled = Decimal(10) ** places / value
        if scaled == int(scaled):
            return Num(str(int(scaled)), places)
    raise Unsayable(f"div {value}")


def _same(a: Said, b: Said, wanted: bool, names: Names) -> str:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Text) and one.known == "":
            if isinstance(other, Rows | Bool):
                raise Unsayable("an empty text beside rows")
            return f"({other.sql} IS {'' if wanted else 'NOT '}NULL)"
    op = "=" if wanted else "<>"
    if isinstance(a, Text) and isinstance(b, Text):
        return f"({a.sql} {op} {b.sql})"
    if isinstance(a, Bool) or isinstance(b, Bool):
        raise Unsayable("a truth beside =")
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Text) and one.known is None and isinstance(other, Num):
            return _text_beside(one, other, wanted, names)
    x, y = figure(a, names), figure(b, names)
    if max(x.scale, y.scale) > MOST_PLACES:
        raise Unsayable("too many places to be equal")
    for one, own in ((a, x), (b, y)):
        if isinstance(one, Text) and own.sql.startswith("CAST(NULL"):  # a word that is no number equals none
            known = y if own is x else x
            return f"(CASE WHEN {known.sql} IS NOT NULL THEN {'FALSE' if wanted else 'TRUE'} END)"
    return compared(op, x, y)


def _text_beside(words: Text, other: Num, wanted: bool, names: Names) -> str:
    """A text beside a number is compared as the number that it spells; one that spells none equals nothing."""
    spells = names.dialect.matches(words.sql, r"^\s*-?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*$")
    value = f"CAST({words.sql} AS DECIMAL(38,11))"
    meant = f"CAST({other.sql} AS DECIMAL(38,0)) * {_power(other.scale)}"
    return (
        f"(CASE WHEN {words.sql} IS NULL OR {other.sql} IS NULL THEN NULL "
        f"WHEN {spells} THEN {value} {'=' if wanted else '<>'} {meant} ELSE {'FALSE' if wanted else 'TRUE'} END)"
    )


def _power(scale: int) -> str:
    return "1" if scale == 0 else "0." + "0" * (scale - 1) + "1"


def _path(steps: tuple[xpath.Step, ...], names: Names, at: _At) -> Said:
    place, _, name = steps[0].name.rpartition(".")
    if place in names.forms and any(one.name == name for one in names.forms[place].repeats):
        return _rows(place, name, steps, names)
    if len(steps) > 1 or steps[0].predicates or steps[0].axis != "child":
        raise Unsayable(steps[0].name)
    if place == "" and at is not None:
        return _column(name, names, at)
    if at is not None:
        raise Unsayable(f"{place}.{name} at a row")
    if place in names.forms:
        return names.field(place, name)
    if place == "OFFICE" and name in names.words:
        return Text(names.words[name])
    if place == "PARAM":
        return constant(names.params[name]) if name in names.params else Num(f"CAST(NULL AS {names.dialect.whole})")
    raise Unsayable(f"{place}.{name}")


def _column(name: str, names: Names, at: tuple[str, str]) -> Said:
    column = f"{at[1]}_{name}" if name in PERSON else name
    asked = names.forms[at[0]].repeat(at[1]).field(column)
    sql = '"' + column.replace('"', '""') + '"'
    return Num(f"CAST({sql} AS {names.dialect.whole})", 2) if asked.kind in NUMBERS else Text(sql)


def _rows(form: str, repeat: str, steps: tuple[xpath.Step, ...], names: Names) -> Rows:
    tests = tuple(truth(_node(one, names, (form, repeat))) for one in steps[0].predicates)
    if len(steps) == 1:
        return Rows(form, repeat, tests)
    if len(steps) > 2 or steps[1].predicates:
        raise Unsayable(repeat)
    return Rows(form, repeat, tests, steps[1].name)


def _call(name: str, args: tuple[xpath.Node, ...], names: Names, at: _At) -> Said:
    if name in ("count", "sum", "max") and len(args) == 1:
        return _of_rows(name, _node(args[0], names, at), names)
    parts = [_node(one, names, at) for one in args]
    match name, parts:
        case "if", [test, yes, no]:
            return _choice(truth(test), yes, no, names)
        case "selected", [Text(sql=sql), Text(known=code)] if code is not None:
            return Bool(f"coalesce(position({_literal(f' {code} ')} IN ' ' || {sql} || ' ') > 0, FALSE)")
        case "count-selected", [Text(sql=sql)]:
            count = f"coalesce(length({sql}) - length(replace({sql}, ' ', '')) + 1, 0)"
            return Num(f"CAST({count} AS {names.dialect.whole})")
        case "not", [test]:
            return Bool(f"(NOT {truth(test)})")
        case "coalesce", [first, *rest]:
            return _first(first, rest, names)
        case "number", [value]:
            return figure(value, names)
        case _:
            raise Unsayable(name)


def _choice(test: str, yes: Said, no: Said, names: Names) -> Said:
    def told(a: str, b: str) -> str:
        return f"(CASE WHEN {test} THEN {a} WHEN NOT {test} THEN {b} END)"

    if isinstance(yes, Bool) and isinstance(no, Bool):
        return Bool(told(yes.sql, no.sql))
    if isinstance(yes, Text) and isinstance(no, Text) and not (yes.known and no.known):
        return Text(told(yes.sql, no.sql))
    a, b = figure(yes, names), figure(no, names)
    scale = max(a.scale, b.scale)
    return Num(told(a.at(scale), b.at(scale)), scale)


def _first(first: Said, rest: list[Said], names: Names) -> Said:
    if all(isinstance(one, Text) for one in (first, *rest)):
        return Text(f"coalesce({', '.join(one.sql for one in (first, *rest) if isinstance(one, Text))})")
    found = [figure(one, names) for one in (first, *rest)]
    scale = max(one.scale for one in found)
    return Num(f"coalesce({', '.join(one.at(scale) for one in found)})", scale)


def _of_rows(name: str, rows: Said, names: Names) -> Num:
    """count(), sum(), max() of a roster, as a column that is made once a roster."""
    if not isinstance(rows, Rows):
        raise Unsayable(name)
    passing = f" FILTER (WHERE {' AND '.join(rows.tests)})" if rows.tests else ""
    whole = names.dialect.whole
    if not rows.column:
        if name != "count":
            raise Unsayable(name)
        return Num(f"CAST({names.roster(rows, f'count(*){passing}', '0')} AS {whole})")
    column = _column(rows.column, names, (rows.form, rows.repeat))
    if name == "count" and not isinstance(column, Rows):
        return Num(f"CAST({names.roster(rows, f'count({column.sql}){passing}', '0')} AS {whole})")
    if not isinstance(column, Num):
        raise Unsayable(name)
    empty = "0" if name == "sum" else f"CAST(NULL AS {whole})"
    return Num(f"CAST({names.roster(rows, f'{name}({column.sql}){passing}', empty)} AS {whole})", column.scale)


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
