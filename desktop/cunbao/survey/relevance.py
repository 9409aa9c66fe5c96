"""Which cells a signed return does not ask for, found from the return alone. Pure.

A signed return leaves out what is not relevant, so an empty cell means two things: left empty, or not asked. What was
carried over from other forms stands in the return's own answers, so those forms are not needed.
"""

from __future__ import annotations

from datetime import date
from itertools import count

from cunbao.survey.form import Form
from cunbao.survey.instance import Instance
from cunbao.survey.values import Answers, Cell, Env

NO_DAY = date(1, 1, 1)  # for forms whose conditions never ask for the day


def alone(form: Form, answers: Answers, *, last: Answers | None = None, today: date = NO_DAY) -> Instance:
    """The return opened by itself: each other form as far as it was carried over. today: what today() is in it."""
    carried: dict[str, dict[str, str]] = {}
    for one in form.fields:
        source, dot, name = one.source.partition(".")
        if dot:
            carried.setdefault(source, {})[name] = answers.values.get(one.name, "")
    numbers = count(1)
    return Instance(
        form,
        Env(today=today, new_id=lambda: f"asked-{next(numbers)}"),
        answers=answers,
        sources={source: Answers(values) for source, values in carried.items()},
        last=last,
    )


def unasked(form: Form, answers: Answers, *, last: Answers | None = None, today: date = NO_DAY) -> frozenset[Cell]:
    """The cells that are not relevant, filled or not; a whole roster is Cell(its name)."""
    asked = conditional(form)
    if not asked:
        return frozenset()
    instance = alone(form, answers, last=last, today=today)
    outside = [one.name for one in form.fields] + [one.name for one in form.repeats]
    found = [Cell(name) for name in outside if name in asked]
    for repeat in form.repeats:
        names = [one.name for one in repeat.fields if one.name in asked]
        found += [Cell(name, row.id) for row in answers.rows.get(repeat.name, ()) for name in names]
    return frozenset(cell for cell in found if not instance.relevant(cell))


def conditional(form: Form) -> frozenset[str]:
    """Names of the fields and rosters that have a `relevant`, of their own or around them."""
    gates = {path for path, bind in form.binds.items() if bind.relevant}
    return frozenset(
        bind.name
        for path, bind in form.binds.items()
        if bind.kind != "group" and any(path[:depth] in gates for depth in range(1, len(path) + 1))
    )
