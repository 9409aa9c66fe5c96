"""县里填的数: figures that no return has and the county puts into its task (PARAM.x): denominators of the whole county,
a minimum wage. Which there are stands in params.csv, what was put in stands in task.toml under [params].

A figure that is missing leaves what needs it without a figure; nobody guesses it. Pure. Source: fields.md §10.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

NAME = re.compile(r"[a-z][a-z0-9_]*")
NAMED = re.compile(r"\bPARAM\.(\w+)")
_DIGITS = 15  # before the point; what is longer is a slip of the pen
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Param:
    """One figure that the county is asked for. label, unit: for people; note: who knows it; yearly: another year's is
    another figure."""

    name: str
    label: str
    unit: str = ""
    note: str = ""
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the county put in. value: exact; source: where it has it from, or why it was changed."""

    name: str
    value: Decimal
    source: str = ""


def read_params(data: bytes) -> tuple[Param, ...]:
    """params.csv: name, label, unit, note, yearly (1 or "")."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
    return tuple(
        Param(
            name=row["name"].strip(),
            label=row.get("label", "").strip() or row["name"].strip(),
            unit=row.get("unit", "").strip(),
            note=row.get("note", "").strip(),
            yearly=row.get("yearly", "").strip() == "1",
        )
        for row in rows
        if (row.get("name") or "").strip()
    )


def figure(words: object) -> Decimal | None:
    """A figure as somebody typed it, or as it stands in task.toml; None when it is none, or below nought."""
    if isinstance(words, bool):
        return None
    try:
        found = Decimal(str(words).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    if not found.is_finite() or found < 0 or found.adjusted() >= _DIGITS:
        return None
    places = -int(found.as_tuple().exponent)
    return found if places <= _PLACES else None


def given_in(table: object) -> dict[str, Given]:
    """[params] of a task.toml: a figure, or { value = "412", source = "县委组织部" }. What is no figure is left out
    (`wrong_in` tells it)."""
    found = {}
    for name, said in table.items() if isinstance(table, Mapping) else ():
        value, source = _said(said)
        number = figure(value)
        if number is not None:
            found[str(name)] = Given(str(name), number, source)
    return found


def wrong_in(table: object) -> dict[str, str]:
    """Names in [params] with what stands there instead of a figure; an empty text is nothing put in."""
    told = {str(name): str(_said(said)[0]) for name, said in table.items()} if isinstance(table, Mapping) else {}
    return {name: said for name, said in told.items() if said.strip() and figure(said) is None}


def as_table(given: Iterable[Given]) -> dict[str, dict[str, str]]:
    """As task.toml has it."""
    return {one.name: {"value": f"{one.value:f}", "source": one.source} for one in given}


def named_in(*words: str) -> tuple[str, ...]:
    """PARAM.x in expressions and messages, each once."""
    return tuple(dict.fromkeys(name for one in words for name in NAMED.findall(one)))


def of_another_year(given: Iterable[Given], asked: Collection[Param]) -> tuple[Given, ...]:
    """What still holds when the period is another one."""
    yearly = {one.name for one in asked if one.yearly}
    return tuple(one for one in given if one.name not in yearly)


def _said(said: object) -> tuple[object, str]:
    if isinstance(said, Mapping):
        return said.get("value", ""), str(said.get("source", "")).strip()
    return said, ""
