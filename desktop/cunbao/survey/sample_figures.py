"""Figures of the sample for forms without a roster: the rules of each field say what would be plausible in it.

An instance of the form tells what is asked, what is carried over and what a field may be at most, so that a form with a
further field needs no line here. The draws are the sample's. Source: fields.md §11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from cunbao.survey.form import Bind, Field, Form, Kind
from cunbao.survey.instance import Instance
from cunbao.survey.values import Answers, Cell, Env

AT_LEAST = re.compile(r"\.\s*>=\s*([0-9]+)\b")
AT_MOST = re.compile(r"\.\s*<=\s*(?:[/.\w]*/)?(\w+)\s*$")  # a number, or another field of the form
NOTHING = ("0", "00")  # 否, 都没有
NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a field's own constraint allows. of_field: the upper bound is another field's value."""

    least: Decimal = Decimal(0)
    most: Decimal | None = None
    of_field: bool = False


class Draws(Protocol):
    """The chance of one office; the same field draws the same."""

    def u(self, field: str) -> Fraction: ...

    def whole(self, field: str, low: int, high: int) -> int: ...


def this_year(
    form: Form, sources: Mapping[str, Answers], draws: Draws, given: Mapping[str, str], today: date
) -> Answers:
    """Every field that is typed and applies. sources: the forms that values are taken over from; given: what the field
    book says of single fields, "" leaves one empty."""

    def typed(field: Field, bounds: Bounds) -> str:
        if field.name in given:
            return given[field.name]
        if field.list is not None:
            codes = [one.code for one in field.list.choices if one.code not in NOTHING]
            return codes[0] if field.kind is Kind.SELECT_ONE else " ".join(codes[: -(-len(codes) // 2)])
        if bounds.of_field and bounds.most is not None:
            return str(int(Fraction(bounds.most) * (Fraction(3, 4) + draws.u(field.name) / 4)))
        return str(draws.whole(field.name, 1, 5))

    return _filled(form, sources, today, typed)


def year_before(form: Form, sources: Mapping[str, Answers], values: Mapping[str, str], today: date) -> Answers:
    """The same form a year earlier: `values` cut to what each field allowed then."""

    def typed(field: Field, bounds: Bounds) -> str:
        text = values.get(field.name, "")
        if not text or field.kind not in NUMBERS:
            return text
        figure = max(Decimal(text), bounds.least)
        return str(figure if bounds.most is None else min(figure, bounds.most))

    return _filled(form, sources, today, typed)


def _filled(form: Form, sources: Mapping[str, Answers], today: date, typed: Callable[[Field, Bounds], str]) -> Answers:
    """Types the form from its first field to its last; what does not apply is left alone."""
    instance = Instance(form, Env(today=today, new_id=str), sources=sources)
    binds = {one.name: one for one in form.binds.values() if one.kind == "field"}
    values: dict[str, str] = {}
    for field in form.fields:
        cell = Cell(field.name)
        if field.calculated or not instance.relevant(cell):
            continue
        text = typed(field, _bounds(binds[field.name], instance))
        if text:
            instance.set(cell, text)
            values[field.name] = text
    return Answers(values)


def _bounds(bind: Bind, instance: Instance) -> Bounds:
    least, most = AT_LEAST.search(bind.constraint), AT_MOST.search(bind.constraint)
    low = Decimal(least[1]) if least else Decimal(0)
    if most is None:
        return Bounds(low)
    if most[1].isdigit():
        return Bounds(low, Decimal(most[1]))
    text = instance.text(Cell(most[1]))
    return Bounds(low, Decimal(text) if text else None, of_field=True)
