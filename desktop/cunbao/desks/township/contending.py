"""Several signed versions of one return as they contend: what they come from, what was chosen so far, what comes out.

Reads and keeps choices; decides nothing. Base = nearest common ancestor; with none the last period's return that
counts, where all carried over from it; else nothing, and every difference is chosen by hand. Source: protocol §3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from cunbao.desks import ledger
from cunbao.desks.clock import LOCAL
from cunbao.desks.township import rechecking
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.proofing import Opened, answers_of, opened
from cunbao.errors import DeskError
from cunbao.store import StoredRevision
from cunbao.survey.decision import Act
from cunbao.survey.merge import Line, Merged, MergedAll, edges_between, left_out, merge_all, nearest_base
from cunbao.survey.standing import Held, Trusted
from cunbao.survey.values import Answers, Cell, Severity

NO_BASE = "没有共同的上一版"
NOT_HELD = "共同的上一版没有收到"
SEVERAL = "有几个共同的上一版，取它们一致的"


@dataclass(frozen=True, slots=True)
class Contention:
    """heads: in the order (n, id). base_line: what they come from, in words. merged: as far as choices go; choices: by
    key of the line (`key_of`)."""

    office: str
    form: str
    heads: tuple[Opened, ...]
    base_line: str
    merged: MergedAll
    choices: Mapping[str, str]

    @property
    def at(self) -> int:
        """The step that is looked at, from 1: the one that waits, else the last."""
        return self.merged.step or len(self.merged.steps)

    @property
    def step(self) -> Merged:
        return self.merged.steps[self.at - 1]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.heads)


def contention(desk: TownshipDesk, office: str, form: str) -> Contention:
    """DeskError "conflict.gone" when there is one version at most."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    held = [one for one in map(desk.workspace.revision, stands.heads) if one is not None]
    if len(held) < 2:
        raise DeskError(
            "conflict.gone",
            happened=f"{desk.village(office).short}的 {form} 现在没有冲突",
            safe="没有改变任何报表的状态",
            todo="请回到“冲突”看看还有哪几张",
        )
    heads = tuple(opened(desk, one) for one in held)
    bases, line = _base(desk, heads)
    choices = kept_choices(desk, office, form, tuple(one.id for one in heads))
    last = desk.workspace.counted(office, form, desk.task.previous_period)
    merged = merge_all(
        desk.task.forms[form],
        bases,
        [one.answers for one in heads],
        {_place(key): side for key, side in choices.items()},
        last=None if last is None else answers_of(desk, last),
        today=max(one.header.today for one in heads),
    )
    return Contention(office, form, heads, line, merged, choices)


# --- choices ---------------------------------------------------------------------------------------------------------


def key_of(step: int, cell: Cell) -> str:
    """1/b03_m_phone/<row id>: how a choice names a line."""
    return f"{step}/{cell.field}/{cell.row}"


def _place(key: str) -> tuple[int, Cell]:
    step, field, row = key.split("/", 2)
    return int(step), Cell(field, row)


def _name(desk: TownshipDesk, office: str, form: str) -> str:
    return f"conflict/{office}/{desk.task.period}/{form}"


def kept_choices(desk: TownshipDesk, office: str, form: str, heads: Sequence[str]) -> Mapping[str, str]:
    """What was chosen so far between exactly these heads."""
    kept: dict[str, Any] = desk.workspace.setting(_name(desk, office, form), None) or {}
    return kept["choices"] if kept.get("heads") == list(heads) else {}


def keep_choice(desk: TownshipDesk, found: Contention, key: str, side: str) -> None:
    """ "" takes a choice back."""
    choices = {**found.choices, key: side}
    if not side:
        del choices[key]
    said = {"heads": list(found.ids), "choices": choices}
    desk.workspace.set_setting(_name(desk, found.office, found.form), said)


def forget_choices(desk: TownshipDesk, office: str, form: str) -> None:
    desk.workspace.set_setting(_name(desk, office, form), None)


# --- what they come from ---------------------------------------------------------------------------------------------


def _base(desk: TownshipDesk, heads: Sequence[Opened]) -> tuple[tuple[Answers, ...], str]:
    """The answers to merge against, and what they are in words."""
    ids = nearest_base([one.id for one in heads], _edges(desk, heads[0]))
    if ids:
        held = [one for one in map(desk.workspace.revision, ids) if one is not None]
        if len(held) < len(ids):  # an older one would pass what it lacks for a change of one side
            return (), NOT_HELD
        signed = opened(desk, held[0]).header
        line = f"{signed.signed_at.astimezone(LOCAL):%m-%d} 签名：{signed.person_name}" if len(held) == 1 else SEVERAL
        return tuple(answers_of(desk, one) for one in held), line
    header = heads[0].header
    last = desk.workspace.counted(header.office, header.form, desk.task.previous_period)
    if last is not None and all(one.used("last") == last.id for one in heads):
        return (answers_of(desk, last),), f"{desk.task.previous_period} 年度通过的"
    return (), NO_BASE


def _edges(desk: TownshipDesk, one: Opened) -> Mapping[str, tuple[str, ...]]:
    """What each revision of the return that may count follows, through those that may not (protocol §1)."""
    workspace, header = desk.workspace, one.header
    judge = ledger.judge_of(workspace)
    stored = workspace.revisions(header.office, header.form, header.period)
    parents = {held.id: _of_this_return(desk, held) for held in stored}
    good = {held.id for held in stored if _counts(desk, ledger.held_revision(judge, held, opened(desk, held).header))}
    return edges_between(good, parents)


def _of_this_return(desk: TownshipDesk, one: StoredRevision) -> tuple[str, ...]:
    """An edge counts only within the same return; what is not held is not known to be another's."""
    found = []
    for name in one.parents:
        held = desk.workspace.revision(name)
        if held is None or (held.office, held.form, held.period) == (one.office, one.form, one.period):
            found.append(name)
    return tuple(found)


def _counts(desk: TownshipDesk, one: Held) -> bool:
    """Admissible, and not taken back by its own office."""
    if one.trusted is not Trusted.YES:
        return False
    stored = desk.workspace.revision(one.id)
    assert stored is not None  # it was just read
    stands = desk.workspace.standing(stored.office, stored.form, stored.period)
    taken_back = [
        said
        for said in desk.workspace.decisions(one.id)
        if said.act == Act.RETRACT.value and said.id in stands.effective
    ]
    by_own = any((said.office != stored.office) == one.by_township for said in taken_back)
    return one.id in stands.accepted or not by_own


# --- what comes out --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result as it would be signed. problems: what the whole check says of it, one sentence each."""

    answers: Answers
    problems: tuple[str, ...]


def outcome(desk: TownshipDesk, found: Contention) -> Outcome | None:
    """None while something is still to be chosen."""
    raw = found.merged.answers
    if raw is None:
        return None
    form, newest = desk.task.forms[found.form], max(found.heads, key=lambda one: one.header.today)
    first = found.heads[0].answers.values
    carried = {one.name: first[one.name] for one in form.fields if one.source and first.get(one.name)}
    whole = replace(newest, answers=Answers(MappingProxyType({**carried, **raw.values}), raw.rows))
    basis = rechecking.present_basis(desk, whole)
    signed = rechecking.instance_of(desk, whole, basis).answers(signed=True)
    written = {(said.key, said.compared) for one in found.heads for said in one.header.explanations}
    problems = [
        f"{finding.severity.value}：{finding.message}"
        for finding in rechecking.run(desk, whole, basis)
        if finding.severity is Severity.MUST_FIX
        or (finding.severity is Severity.EXPLAIN and (finding.key, finding.compared) not in written)
    ]
    gone = {cell.field for cell in left_out(raw, signed)}
    labels = [form.by_name[name].label for name in gone if name in form.by_name]
    if labels:
        problems.append(f"不再要填，没有放进结果：{'、'.join(sorted(labels))}")
    return Outcome(signed, tuple(problems))


def line_of(found: Contention, key: str) -> Line | None:
    """The line of a step gone so far."""
    return next(
        (line for at, step in enumerate(found.merged.steps, 1) for line in step.lines if key_of(at, line.key) == key),
        None,
    )
