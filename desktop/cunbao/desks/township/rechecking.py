"""复查: the checks run again over signed returns, here, as who filled them ran them: never believed, always recomputed.

First against what the header says it was filled with (`uses`), where that is held, then against what stands now; when
the two differ, each finding says which (protocol §6). Then what looks over several villages. Never decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from weakref import WeakKeyDictionary

from cunbao.desks import proxybasis
from cunbao.desks.township.proofing import Opened, Reviewer, answers_of
from cunbao.desks.township.review_views import NoteView
from cunbao.desks.village.checking import LATER
from cunbao.desks.village.desk import office_sources
from cunbao.desks.village.lineage import REPLY
from cunbao.store import StoredRevision, Workspace
from cunbao.survey.checks import Facts, check
from cunbao.survey.compare import covered
from cunbao.survey.crosscheck import CrossNote, Seen, compared_forms, crosscheck, judge_over_villages, seen_in
from cunbao.survey.decision import Act, Decision
from cunbao.survey.form import Form
from cunbao.survey.instance import Instance
from cunbao.survey.values import EMPTY, Answers, Cell, Env, Explanation, Finding, Severity

THEN = "（按签名时的依据）"
NOW = "（按现在的依据，签名后变了）"
OLD_WORDS = "；村里的说明“{0}”是按原来的数写的"
UNHEARD = {True: "村里对这一条写了说明，现在查不到这个问题", False: "村里对这一条写了说明，本机没有上期报表，没能重查"}
OFFICE = "OFFICE"  # the source that the directory fills
OPTIONAL = "optional"  # 提示 about cells that may be empty: nothing for a reviewer
RECALCULATED = "calculated"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a return is checked against, as far as it is held. ids: form, or "last" → revision; beside, last: answers of
    the village's other forms, and of its last period by form."""

    ids: Mapping[str, str]
    beside: Mapping[str, Answers]
    last: Mapping[str, Answers]


@dataclass(frozen=True, slots=True)
class Noted:
    """A note at a cell of the return."""

    cell: Cell
    note: NoteView


def notes(desk: Reviewer, one: Opened) -> tuple[Noted, ...]:
    """All that is to be said of a signed return: what its own checks find, then what does not fit other villages."""
    waived = waived_keys(desk, one.stored)
    said = {written.key: written for written in one.header.explanations}
    found = [_noted(finding, said, waived) for finding in findings(desk, one)]
    heard = {noted.note.key for noted in found}
    silent = [written for written in proxybasis.notes(one.header.explanations) if written.key not in heard]
    return (
        *found,
        *(_unheard(desk, one, written) for written in silent),
        *(
            replace(noted, note=replace(noted.note, cross=True))
            for cross in crossing(desk)
            if (cross.office, cross.finding.form) == (one.header.office, one.form)
            for noted in (_noted(cross.finding, {}, waived),)
        ),
    )


def waived_keys(desk: Reviewer, head: StoredRevision) -> frozenset[str]:
    """Keys of the findings of this revision that a decision in effect has waived (免说明)."""
    stands = desk.workspace.standing(head.office, head.form, head.period)
    return frozenset(
        Decision.decode(desk.workspace.object(one.id)).of("key")
        for one in desk.workspace.decisions(head.id)
        if one.act == Act.WAIVE.value and one.id in stands.effective
    )


def open_notes(some: Iterable[Noted]) -> tuple[Noted, ...]:
    """Those that keep a return from being accepted unread: no hint, and neither explained nor waived."""
    return tuple(
        one
        for one in some
        if one.note.severity is Severity.MUST_FIX
        or one.note.cross
        or (one.note.severity is Severity.EXPLAIN and not (one.note.explanation or one.note.waived))
    )


def _noted(finding: Finding, said: Mapping[str, Explanation], waived: frozenset[str]) -> Noted:
    written = said.get(finding.key)
    holds = written is not None and written.compared == finding.compared
    message = finding.message
    if written is not None and not holds:
        message += OLD_WORDS.format(written.text)
    return Noted(
        finding.cells[0],
        NoteView(
            check=finding.check,
            key=finding.key,
            severity=finding.severity,
            message=message,
            explanation=written.text if written is not None and holds else "",
            waived=finding.key in waived,
            cross=False,
        ),
    )


def _unheard(desk: Reviewer, one: Opened, written: Explanation) -> Noted:
    """A 说明 that no finding of ours asks for: an answer to a comment, or to what cannot be checked here."""
    if written.check == REPLY:
        message = "村里对上次意见的答复"
    else:
        rule = next((asked.rule for asked in desk.task.checks if asked.id == written.check), written.check)
        last = one.used("last")
        message = f"{rule}：{UNHEARD[not last or desk.workspace.revision(last) is not None]}"
    first = written.cells[0] if written.cells else Cell(desk.task.forms[one.form].fields[0].name)
    return Noted(first, NoteView(written.check, written.key, Severity.HINT, message, written.text, False, False))


# --- the checks of one return ----------------------------------------------------------------------------------------


def findings(desk: Reviewer, one: Opened) -> tuple[Finding, ...]:
    """Of the form's own rules and the task's checks, at this return's cells. A finding that only one basis gives says
    which."""
    then, now = signed_basis(desk, one), present_basis(desk, one)
    wrong, first = (*recalculated(desk, one, then), *over_villages(desk, one, now)), run(desk, one, then)
    if then.ids == now.ids:
        return (*wrong, *first)
    second = run(desk, one, now)
    old, new = set(map(_said, first)), set(map(_said, second))
    return (
        *wrong,
        *(found if _said(found) in new else replace(found, message=found.message + THEN) for found in first),
        *(replace(found, message=found.message + NOW) for found in second if _said(found) not in old),
    )


def _said(found: Finding) -> tuple[str, str, str]:
    return found.key, found.message, found.compared


def run(desk: Reviewer, one: Opened, basis: Basis) -> tuple[Finding, ...]:
    """The checks over one return against one basis."""
    form, task = desk.task.forms[one.form], desk.task
    facts = _facts(desk, one, basis)
    found = check(task, {form.id: instance_of(desk, one, basis)}, facts, beside=basis.beside)
    return tuple(
        finding
        for finding in found
        if finding.form == form.id and finding.check not in LATER and finding.check != OPTIONAL
    )


def _facts(desk: Reviewer, one: Opened, basis: Basis) -> Facts:
    task = desk.task
    return Facts(
        office=desk.village(one.header.office),
        ret=one.header.ret,
        last=basis.last,
        params=task.params,
        sample=task.sample,
    )


def over_villages(desk: Reviewer, one: Opened, basis: Basis) -> tuple[Finding, ...]:
    """What holds a return of the township itself against the sums over its villages (K-115), as far as they came."""
    if not one.header.office.endswith("000"):
        return ()
    found = judge_over_villages(
        desk.task.whole, {**basis.beside, one.form: one.answers}, village_sums(desk), _facts(desk, one, basis)
    )
    return tuple(finding for finding in found if finding.form == one.form)


def village_sums(desk: Reviewer) -> dict[str, Answers]:
    """form → the sums of its numbers over the villages whose return counts; a form that none has is left out."""
    task, codes = desk.task.whole.at("village"), [one.code for one in desk.villages]
    counted = {form for office, form, stands in desk.workspace.standings(task.period, codes) if stands.counted}
    found = {}
    for name in counted & set(task.forms):
        sums = desk.workspace.sums(task.forms[name], task.period, offices=codes)
        found[name] = Answers({field: f"{value:f}" for field, value in sums.items() if value is not None})
    return found


def recalculated(desk: Reviewer, one: Opened, basis: Basis) -> Iterator[Finding]:
    """Calculated cells that are not what the answers give: no program of ours signs that."""
    form = desk.task.forms[one.form]
    if one.header.form_version != form.version:
        return
    found = instance_of(desk, one, basis).answers(signed=True)
    for cell, signed, right in _differences(form, one.answers, found):
        asked = form.field(cell.field)
        yield Finding(
            check=RECALCULATED,
            severity=Severity.MUST_FIX,
            form=form.id,
            cells=(cell,),
            message=f"{asked.label}签的是{covered(asked, signed) or '空'}，照填的数应为{covered(asked, right) or '空'}",
            remedy="请村里用村报重新签名再报",
            key=f"{RECALCULATED}:{cell.field}:{cell.row}",
            forms=(form.id,),
        )


def _differences(form: Form, signed: Answers, found: Answers) -> Iterator[tuple[Cell, str, str]]:
    def of(row: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[Cell, str, str]]:
        for name in dict.fromkeys((*before, *after)):
            if before.get(name, "") != after.get(name, ""):
                yield Cell(name, row), before.get(name, ""), after.get(name, "")

    yield from of("", signed.values, found.values)
    for repeat in form.repeats:
        there = {row.id: row for row in found.rows.get(repeat.name, ())}
        for row in signed.rows.get(repeat.name, ()):
            yield from of(row.id, row.values, there[row.id].values if row.id in there else EMPTY.values)


def instance_of(desk: Reviewer, one: Opened, basis: Basis) -> Instance:
    """The return opened again on the day that it was signed. Of a source that is not held what was taken over from it
    stands in the return itself."""
    form = desk.task.forms[one.form]
    held = {**office_sources(desk.village(one.header.office), desk.task), **basis.beside}
    taken: dict[str, dict[str, str]] = {}
    for asked in form.fields:
        source, dot, name = asked.source.partition(".")
        known = source == OFFICE and name in held[OFFICE].values  # a township knows more of itself: who was late
        if dot and not known and (source == OFFICE or (source in desk.task.forms and source not in basis.beside)):
            taken.setdefault(source, {})[name] = one.answers.values.get(asked.name, "")
    for source, values in taken.items():
        held[source] = Answers({**held.get(source, EMPTY).values, **values})
    numbers = count(1)
    return Instance(
        form,
        Env(today=one.header.today, new_id=lambda: f"review-{next(numbers)}"),
        answers=one.answers,
        sources=held,
        last=basis.last.get(form.id),
    )


def signed_basis(desk: Reviewer, one: Opened) -> Basis:
    """What the header names, where it is held; of forms that it does not name what stands now."""
    now = present_basis(desk, one)
    ids = dict(now.ids)
    beside, last = dict(now.beside), dict(now.last)
    for what, used in one.header.uses:
        if (what not in desk.task.forms and what != "last") or used == ids.get(what):
            continue
        held = desk.workspace.revision(used)
        place, name = (last, one.form) if what == "last" else (beside, what)
        ids.pop(what, None)
        place.pop(name, None)
        if held is not None and held.form == name:
            ids[what], place[name] = used, answers_of(desk, held)
    return Basis(ids, beside, last)


def present_basis(desk: Reviewer, one: Opened) -> Basis:
    """The heads of the village's other returns and what counts of its last period."""
    workspace, task, office = desk.workspace, desk.task, one.header.office
    ids: dict[str, str] = {}
    beside: dict[str, Answers] = {}
    last: dict[str, Answers] = {}
    heads = {form: stands.heads for _, form, stands in workspace.standings(task.period, [office])}
    for form in task.forms:
        before = workspace.counted(office, form, task.previous_period)
        if before is not None:
            last[form] = answers_of(desk, before)
            if form == one.form:
                ids["last"] = before.id
        head = workspace.revision(heads[form][-1]) if form != one.form and heads.get(form) else None
        if head is not None:
            ids[form], beside[form] = head.id, answers_of(desk, head)
    return Basis(ids, beside, last)


# --- over several villages -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Crossed:
    """What was taken out of each revision, and what came of the heads that were compared last."""

    task: str = ""
    seen: dict[str, Seen] = field(default_factory=dict)
    heads: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[CrossNote, ...] = ()


_CROSSED: WeakKeyDictionary[Workspace, dict[str, _Crossed]] = WeakKeyDictionary()  # by township


def crossing(desk: Reviewer) -> tuple[CrossNote, ...]:
    """What does not fit between the newest returns of a township's villages. Compared again only when a head is
    another."""
    workspace, task = desk.workspace, desk.task
    forms, villages = compared_forms(task), {one.code: one.short for one in desk.villages}
    heads = tuple(
        (office, form, stands.heads[-1])
        for office, form, stands in workspace.standings(task.period)
        if form in forms and office in villages and stands.heads
    )
    towns = _CROSSED.setdefault(workspace, {})
    kept = towns.get(desk.office.code)
    if kept is None or kept.task != task.sha256:
        kept = towns[desk.office.code] = _Crossed(task.sha256)
    if heads != kept.heads:
        kept.seen = {name: kept.seen.get(name) or _seen(desk, form, name) for _, form, name in heads}
        kept.notes = crosscheck(task, {(office, form): kept.seen[name] for office, form, name in heads}, villages)
        kept.heads = heads
    return kept.notes


def _seen(desk: Reviewer, form: str, revision: str) -> Seen:
    stored = desk.workspace.revision(revision)
    return seen_in(desk.task, form, EMPTY if stored is None else answers_of(desk, stored))
