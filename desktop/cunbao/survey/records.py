"""What one form being filled holds: a record of the fields outside rosters, and a record a row. Mutable, pure.

Only instance.py changes them; expressions read them through a Scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cunbao.survey.values import Answers, Env, Finding
from cunbao.survey.xpath_values import Value


class Record:
    """All cells of one scope by slot.

    texts: as kept; typed: the values behind them, "" when empty or no value of that kind; seen: what other expressions
    see ("" where not relevant); on: is the cell relevant; gates: results of the `relevant` expressions of this scope;
    alive: does the row itself count; parts: what the row adds to running totals; wrong: why a text is no value.
    """

    __slots__ = (
        "alive",
        "at",
        "findings",
        "gates",
        "id",
        "on",
        "parts",
        "repeat",
        "required",
        "scope",
        "seen",
        "texts",
        "typed",
        "wrong",
    )

    def __init__(self, row_id: str, repeat: str, slots: int, gates: int, parts: int) -> None:
        self.id = row_id
        self.repeat = repeat
        self.at = 0
        self.texts: list[str] = [""] * slots
        self.typed: list[Value] = [""] * slots
        self.seen: list[Value] = [""] * slots
        self.on: list[bool] = [True] * slots
        self.required: list[bool] = [False] * slots
        self.wrong: list[tuple[str, str] | None] = [None] * slots
        self.gates: list[bool] = [True] * gates
        self.parts: list[Decimal | None] = [None] * parts
        self.alive = True
        self.findings: dict[int, tuple[Finding, ...]] = {}
        self.scope: Scope


class World:
    """The outer record, the rows in order, and the other instances that expressions may read."""

    __slots__ = ("env", "indexes", "outer", "rows", "sources", "stamps", "totals")

    def __init__(
        self, env: Env, outer: Record, repeats: tuple[str, ...], sources: Mapping[str, Answers], totals: int
    ) -> None:
        self.env = env
        self.outer = outer
        self.rows: dict[str, list[Record]] = {name: [] for name in repeats}
        self.sources = dict(sources)
        self.totals: list[Decimal] = [Decimal(0)] * totals
        # column → how often it changed; an index over a column is made anew when its stamp is old
        self.stamps: dict[str, int] = {}
        self.indexes: dict[str, tuple[int, dict[Value, list[Record]]]] = {}

    def by_value(self, repeat: str, column: str, slot: int, value: Value) -> list[Record]:
        """The rows whose column holds exactly this value."""
        stamp = self.stamps.get(column, 0)
        known = self.indexes.get(column)
        if known is None or known[0] != stamp:
            index: dict[Value, list[Record]] = {}
            for row in self.rows[repeat]:
                index.setdefault(row.seen[slot], []).append(row)
            known = self.indexes[column] = (stamp, index)
        return known[1].get(value, [])


class Scope:
    """Where an expression is evaluated: the outer record, the row it stands in, the list line or other form's row that
    a predicate looks at, and the place the whole expression belongs to (current())."""

    __slots__ = ("at", "current", "env", "item", "outer", "row", "world")

    def __init__(self, world: World, row: Record | None) -> None:
        self.world = world
        self.env = world.env
        self.outer = world.outer
        self.row = row
        self.item: Any = None
        self.at = 0
        self.current: Scope = self

    def look(self, row: Record | None, item: Any, at: int) -> Scope:
        """The scope of a predicate over `row` or `item`, `at` counting from 1."""
        inner = Scope(self.world, row)
        inner.item, inner.at, inner.current = item, at, self.current
        return inner
