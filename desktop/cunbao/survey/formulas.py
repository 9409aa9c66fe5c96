"""What an indicator's expressions read, compiled once a task: fields of which forms, whose forms, which figures of the
county, and what a township sums up over its villages.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cunbao.survey.beneath import At
from cunbao.survey.logic import Formula, formula
from cunbao.survey.task import Indicator, Task


@dataclass(frozen=True, slots=True)
class Compiled:
    """reads: fields in the order of the expressions; beneath: fields that a township sums up over its villages; levels:
    whose figure it is; params: figures of the task; once: the denominator is nothing but those, one for all offices
    together."""

    applies: Formula | None
    numerator: Formula | None
    denominator: Formula | None
    reads: tuple[At, ...]
    beneath: tuple[At, ...]
    levels: frozenset[str]
    params: tuple[str, ...]
    once: bool


_COMPILED: dict[tuple[str, str, str], Compiled] = {}
_KEPT = 2000  # expressions: some eight tasks


def compiled(task: Task, one: Indicator) -> Compiled:
    """Its expressions, compiled once a task."""
    key = (task.sha256, one.number, one.numerator)  # one level of a task has no expressions of another's forms
    if key not in _COMPILED:
        if len(_COMPILED) > _KEPT:
            _COMPILED.clear()
        _COMPILED[key] = _compile(task, one)
    return _COMPILED[key]


def _compile(task: Task, one: Indicator) -> Compiled:
    applies, above, below = (
        formula(words, task.forms) if words else None for words in (one.applies, one.numerator, one.denominator)
    )
    found = dict.fromkeys(at for some in (applies, above, below) if some for at in some.reads)
    read = tuple(at for at in found if at[0] in task.forms)
    summed = tuple((place.removeprefix("V."), name) for place, name in found if place.startswith("V."))
    whose = {task.levels[form] for form, _ in read} | ({"township"} if summed else set())
    return Compiled(
        applies=applies,
        numerator=above,
        denominator=below,
        reads=read,
        beneath=summed,
        levels=frozenset(whose),
        params=tuple(name for place, name in found if place == "PARAM"),
        once=below is not None and bool(below.reads) and all(place == "PARAM" for place, _ in below.reads),
    )


def computable(task: Task) -> tuple[Indicator, ...]:
    """The indicators that the task's forms can answer."""
    return tuple(one for one in task.indicators if one.numerator)


def reads(task: Task, indicator: Indicator) -> tuple[At, ...]:
    """The fields that a computable indicator reads, as ("B02", "b02_area_total"), in the order of its expressions."""
    return compiled(task, indicator).reads


def summed(task: Task, indicator: Indicator) -> tuple[At, ...]:
    """The villages' fields that a township's figure is the sum of, or is asked by."""
    return compiled(task, indicator).beneath


def all_summed(task: Task) -> tuple[At, ...]:
    """Every field of villages that some township's figure rests on."""
    return tuple(dict.fromkeys(at for one in computable(task) for at in summed(task, one)))


def levels(task: Task, indicator: Indicator) -> frozenset[str]:
    """Whose forms answer: "village", "township", or both where a township adds to what its villages say."""
    return compiled(task, indicator).levels


def touched(task: Task, forms: Collection[str]) -> tuple[Indicator, ...]:
    """The computable indicators that read one of these forms in the return of the office itself."""
    return tuple(one for one in computable(task) if any(form in forms for form, _ in reads(task, one)))


def touched_above(task: Task, forms: Collection[str]) -> tuple[Indicator, ...]:
    """Those of a township that sum up one of these forms over its villages."""
    return tuple(one for one in computable(task) if any(form in forms for form, _ in summed(task, one)))


def missing_params(task: Task, indicator: Indicator) -> tuple[str, ...]:
    """Figures that the county has to put into its task before this can be computed, and has not."""
    return tuple(name for name in compiled(task, indicator).params if name not in task.params)
