"""Choosing among rows of a roster and lines of a list: predicates at work, and what they can be spared.

An equality with something fixed goes through an index, so that a look-up in every row of a roster stays linear.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from cunbao.survey.form import Bind, Choice, CodeList
from cunbao.survey.layout import Layout
from cunbao.survey.records import Record, Scope
from cunbao.survey.values import Row
from cunbao.survey.xpath import Binary, Node, Number, Path, Step
from cunbao.survey.xpath_compile import Compiler, Run
from cunbao.survey.xpath_values import ZERO, Value, equal, number, truth


def predicate(compiler: Compiler, node: Node) -> tuple[bool, Run]:
    """(is it a position, closure)."""
    if isinstance(node, Number):
        return True, compiler.number(node)
    return False, compiler.code(node).run


def filter_rows(rows: list[Record], tests: list[tuple[bool, Run]], scope: Scope) -> list[Record]:
    for positional, test in tests:
        if positional:
            wanted = test(scope)
            rows = [row for at, row in enumerate(rows, 1) if at == wanted]
        else:
            rows = [row for at, row in enumerate(rows, 1) if truth(test(scope.look(row, None, at)))]
    return rows


def filter_items(items: Iterable[Any], tests: list[tuple[bool, Run]], scope: Scope) -> list[Any]:
    found = list(items)
    for positional, test in tests:
        if positional:
            wanted = test(scope)
            found = [one for at, one in enumerate(found, 1) if at == wanted]
        else:
            found = [one for at, one in enumerate(found, 1) if truth(test(scope.look(scope.row, one, at)))]
    return found


def read_item(item: Any, name: str) -> str:
    if isinstance(item, Row):
        return item.values.get(name, "")
    return item.column(name) if isinstance(item, Choice) and name else ""


def matching(codes: CodeList, column: str, wanted: Value) -> Iterable[Choice]:
    if type(wanted) is str:
        return codes.where(column, wanted)
    return (one for one in codes.choices if equal(one.column(column), wanted))


def conjuncts(node: Node) -> list[Node]:
    return [*conjuncts(node.left), *conjuncts(node.right)] if isinstance(node, Binary) and node.op == "and" else [node]


def plain_column(node: Node) -> str:
    """The name of a predicate's own column, "" when the node is something else."""
    match node:
        case Path(start="", steps=(Step(axis="child", name=name, predicates=()),)):
            return name
        case Path(start="", steps=(Step(axis="self", predicates=()), Step(axis="child", name=name, predicates=()))):
            return name
    return ""


def part_share(kind: str, bind: Bind, layout: Layout, tests: list[tuple[bool, Run]]) -> Run:
    """One row's share: its number for sum(), 1 for what count() counts, else 0."""
    checks = [test for _, test in tests]
    if bind.kind == "repeat":
        return lambda scope: Decimal(int(scope.row.alive and all(truth(test(scope)) for test in checks)))
    slot = layout.slots[bind.name]

    def share(scope: Scope) -> Decimal:
        row = scope.row
        if row is None or not row.alive or not row.on[slot] or not all(truth(test(scope)) for test in checks):
            return ZERO
        value = row.seen[slot]
        if kind == "count":
            return Decimal(1)
        if kind == "count-non-empty":
            return Decimal(int(value != ""))
        figure = value if type(value) is Decimal else number(value)
        return figure if figure.is_finite() else ZERO

    return share
