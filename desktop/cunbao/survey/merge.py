"""Two signed versions of one return, put together by cell and by row against what they have in common. Pure.

Never decides between two people: where both changed a cell, or one deleted a row that the other changed, it asks.
Calculated and carried-over (取自) cells take no part; they are worked out anew from the result. What a version leaves
out because it is not asked (`relevant`) is no opinion. A result is nobody's signature before the village signs it.
Source: protocol.md §3, design.md §6, ui/design.md (township-04).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from cunbao.errors import SurveyError
from cunbao.survey.form import NONE, Field, Form, Repeat
from cunbao.survey.instance import NO_SOURCES, Instance
from cunbao.survey.merging import Line, Merged, Taken, merging
from cunbao.survey.relevance import NO_DAY
from cunbao.survey.sides import Pair, side_of
from cunbao.survey.values import Answers, Cell, Env, Finding, Row

__all__ = ["Line", "Merged", "MergedAll", "Pair", "Taken", "edges_between", "left_out", "merge", "merge_all",
           "nearest_base", "recomputed", "resolve"]  # fmt: skip

LETTERS = "甲乙丙丁戊己庚辛壬癸"
SO_FAR = "合稿"  # what the first heads gave, when a third is merged into it
CHOICES = {"left": Taken.LEFT, "right": Taken.RIGHT}
NO_CHOICES: Mapping[Cell, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MergedAll:
    """Three heads and more: steps as far as they could be gone; answers: the result, None while a step is open."""

    steps: tuple[Merged, ...]
    answers: Answers | None

    @property
    def step(self) -> int:
        """The step that waits for choices, from 1; 0 when none does."""
        return 0 if self.answers is not None else len(self.steps)


def nearest_base(heads: Iterable[str], parents: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The nearest common ancestors of the heads, sorted; () when they have none. A head counts as its own ancestor.

    parents: by revision, as far as they are known. A parent that has no entry is an ancestor too: the caller may find
    that it does not hold what is named here.
    """
    lines = [_ancestors(head, parents) for head in heads]
    common = set.intersection(*lines) if lines else set()
    further = {parent for one in common for parent in parents.get(one, ())}
    return tuple(sorted(common - further))


def edges_between(kept: Collection[str], parents: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """The parents of each kept revision: an edge that leads through one not kept goes on to the nearest that is. What
    has no entry in `parents` is not known to be anything and stays a parent."""
    found: dict[str, tuple[str, ...]] = {}
    for name in kept:
        waiting, seen, above = list(parents.get(name, ())), {name}, list[str]()
        while waiting:
            one = waiting.pop(0)
            if one in seen:
                continue
            seen.add(one)
            if one in kept or one not in parents:
                above.append(one)
            else:
                waiting += parents[one]
        found[name] = tuple(above)
    return MappingProxyType(found)


def _ancestors(head: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    found, waiting = {head}, [head]
    while waiting:
        fresh = set(parents.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


def merge(
    form: Form,
    base: Sequence[Answers],
    left: Answers,
    right: Answers,
    *,
    names: tuple[str, str] = (LETTERS[0], LETTERS[1]),
    last: Answers | None = None,
    today: date = NO_DAY,
) -> Merged:
    """base: the nearest common ancestors. Of several only what all agree on counts; without any, every difference is
    chosen by hand. names: what the reasons call the sides. last, today: for forms whose `relevant` asks for them."""
    return merging(form, base, (left, right), names, last, today)


def resolve(form: Form, merged: Merged, choices: Mapping[Cell, str] = NO_CHOICES) -> Answers:
    """The raw answers of the result, without calculated and carried-over cells. choices: "left" or "right" by
    `Line.key`; a line that was taken by itself may be chosen too, a choice for no line has no effect.

    Raises SurveyError "merge.open" while a conflict has no choice.
    """
    sides = {line.key: CHOICES[choices[line.key]] if line.key in choices else line.taken for line in merged.lines}
    if still := sum(side is Taken.OPEN for side in sides.values()):
        raise SurveyError(
            "merge.open",
            happened=f"还有 {still} 处两边不一样，没有选用哪一边",
            safe="两份报表都原样留着",
            todo="请逐处选好，或者整份用一边",
        )
    values = _chosen(form.fields, "", merged.left.values, merged.right.values, sides)
    rows = {one.name: _chosen_rows(one, merged, sides) for one in form.repeats}
    return Answers(values, MappingProxyType({name: some for name, some in rows.items() if some}))


def _chosen_rows(repeat: Repeat, merged: Merged, sides: Mapping[Cell, Taken]) -> tuple[Row, ...]:
    left, right = (
        {row.id: row.values for row in side.rows.get(repeat.name, ())} for side in (merged.left, merged.right)
    )
    found = []
    for key in merged.order[repeat.name]:
        side = sides.get(Cell(repeat.name, key), Taken.BOTH)
        if (side is not Taken.RIGHT and key in left) or (side is not Taken.LEFT and key in right):
            found.append(Row(key, _chosen(repeat.fields, key, left.get(key, NONE), right.get(key, NONE), sides)))
    return tuple(found)


def _chosen(
    fields: Sequence[Field],
    row: str,
    left: Mapping[str, str],
    right: Mapping[str, str],
    sides: Mapping[Cell, Taken],
) -> Mapping[str, str]:
    """Without a line both say the same, or only one says anything."""
    found: dict[str, str] = {}
    for one in fields:
        side = sides.get(Cell(one.name, row), Taken.BOTH)
        mine, theirs = left.get(one.name, ""), right.get(one.name, "")
        text = mine if side is Taken.LEFT else theirs if side is Taken.RIGHT else mine or theirs
        if text:
            found[one.name] = text
    return MappingProxyType(found)


def recomputed(
    form: Form,
    answers: Answers,
    env: Env,
    sources: Mapping[str, Answers] = NO_SOURCES,
    last: Answers | None = None,
) -> tuple[Answers, tuple[Finding, ...]]:
    """The result as it would be signed: calculated and carried-over cells worked out, what is not asked left out; and
    the findings of the form's own rules."""
    instance = Instance(form, env, answers=answers, sources=sources, last=last)
    return instance.answers(signed=True), instance.findings()


def left_out(answers: Answers, signed: Answers) -> tuple[Cell, ...]:
    """Cells that the result of `resolve` holds and that are not in it as it would be signed: no longer asked."""
    there = {name: {row.id: row for row in rows} for name, rows in signed.rows.items()}
    found = [Cell(name) for name in answers.values if name not in signed.values]
    for name, rows in answers.rows.items():
        for row in rows:
            kept = there.get(name, {}).get(row.id)
            if kept is None:
                found.append(Cell(name, row.id))
            else:
                found += [Cell(column, row.id) for column in row.values if column not in kept.values]
    return tuple(found)


def merge_all(
    form: Form,
    base: Sequence[Answers],
    heads: Sequence[Answers],
    choices: Mapping[tuple[int, Cell], str] = MappingProxyType({}),
    *,
    last: Answers | None = None,
    today: date = NO_DAY,
) -> MergedAll:
    """Three heads and more, in their order: each step merges the next head into what came of those before it, and
    begins when nothing is left to choose in the step before. choices: by (step from 1, `Line.key`)."""
    steps: list[Merged] = []
    so_far: Answers = heads[0]
    for step, head in enumerate(heads[1:], 1):
        names = (LETTERS[0] if step == 1 else SO_FAR, LETTERS[step] if step < len(LETTERS) else f"第 {step + 1} 份")
        merged = merge(form, base, so_far, head, names=names, last=last, today=today)
        steps.append(merged)
        chosen = {key: side for (at, key), side in choices.items() if at == step}
        if any(line.key not in chosen for line in merged.conflicts):
            return MergedAll(tuple(steps), None)
        so_far = _carrying(form, resolve(form, merged, chosen), heads[0])
    return MergedAll(tuple(steps), side_of(form, "", so_far).answers())


def _carrying(form: Form, answers: Answers, head: Answers) -> Answers:
    """With what the head carried over, so that `relevant` can be asked of a result that nobody has signed."""
    carried = {one.name: head.values[one.name] for one in form.fields if one.source and head.values.get(one.name)}
    return Answers(MappingProxyType({**carried, **answers.values}), answers.rows)
