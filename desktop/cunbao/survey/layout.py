"""Where the cells of a form stand, and what an expression is known to read.

Made while a form's expressions are compiled; no values here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from cunbao.survey.form import Bind, Field, Form
from cunbao.survey.records import Scope
from cunbao.survey.xpath_compile import Run

Spot = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where cells stand in records: a slot for each field of a scope, a gate for each node with its own `relevant`."""

    form: Form
    slots: dict[str, int]
    scopes: dict[str, tuple[Field, ...]]  # "" and each roster: its fields by slot
    gates: dict[Spot, int]
    gate_counts: dict[str, int]

    @staticmethod
    def of(form: Form) -> Layout:
        scopes: dict[str, tuple[Field, ...]] = {"": form.fields}
        scopes.update({repeat.name: repeat.fields for repeat in form.repeats})
        slots = {one.name: slot for fields in scopes.values() for slot, one in enumerate(fields)}
        gates: dict[Spot, int] = {}
        counts = dict.fromkeys(scopes, 0)
        for path, bind in form.binds.items():
            if bind.relevant:
                scope = home(bind)
                gates[path] = counts[scope]
                counts[scope] += 1
        return Layout(form, slots, scopes, gates, counts)


def home(bind: Bind) -> str:
    """The record a node's own expressions are evaluated in: a roster's own stand outside its rows."""
    return "" if bind.kind == "repeat" else bind.repeat


@dataclass(frozen=True, slots=True)
class Part:
    """What each row adds to a running total: sum or count over a roster, evaluated per row and kept."""

    key: tuple[object, ...]
    repeat: str
    run: Run
    reads: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Reads:
    """What an expression depends on: ("field", name) in the same row or outside; ("all", name) over rows;
    ("rows", roster); ("alive", roster); ("total", number of a Part); ("source", instance)."""

    found: set[tuple[str, str]] = field(default_factory=set)
    totals: list[Total] = field(default_factory=list)


class NotPlain(Exception):
    """Inside a Part's predicate: it looks at more than its own row, so no running total is possible."""


class Total:
    """Reads a running total; `number` is set when the program gives the Part its place."""

    __slots__ = ("number", "part")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.number = -1

    def __call__(self, scope: Scope) -> Decimal:
        return scope.world.totals[self.number]
