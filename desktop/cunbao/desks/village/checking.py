"""检查: the whole check of all forms, explanations (情况说明), and the way to a finding's cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from cunbao.desks.views import CheckView, FindingView
from cunbao.desks.village import packmarks
from cunbao.desks.village.desk import VillageDesk, linked_forms
from cunbao.errors import DeskError
from cunbao.survey.checks import Facts, check
from cunbao.survey.instance import Instance
from cunbao.survey.task import Task
from cunbao.survey.values import Answers, Cell, Explanation, Finding, Severity

EXPLANATION_LENGTH = (4, 200)  # characters, decision 21
LATER = frozenset({"K-116", "K-118"})  # about sending and about the boxes of the sign screen (decision 1)
# Every font has these; anything else is looked up.
RARE = re.compile(r"[^\n\x20-\x7e\u00b7\u2014\u2018-\u201d\u2026\u3001-\u3011\u4e00-\u9fa5\uff01-\uff5e]")
ORDER = {Severity.MUST_FIX: 0, Severity.EXPLAIN: 1, Severity.HINT: 2}


def facts(desk: VillageDesk) -> Facts:
    """What checks know besides the forms: office, signature boxes, last period, parameters."""
    last: dict[str, Answers] = {}
    for form in desk.task.forms:
        before = desk.last(form)
        if before is not None:
            last[form] = before
    return Facts(office=desk.office, ret=desk.ret(), last=last, params=desk.task.params, sample=desk.task.sample)


def findings(desk: VillageDesk) -> tuple[Finding, ...]:
    """Every finding of the forms that have been started, 必须改正 first, in the order of forms and rows."""
    started = {
        form: desk.instance(form) for form in desk.task.forms if desk.workspace.draft_mark(desk.key(form)).started
    }
    known = facts(desk)
    found = [one for one in check(desk.task, started, known) if one.check not in LATER]
    found += desk.beyond(started, known)
    found += [one for form, instance in started.items() for one in characters_without_face(form, instance)]
    found += [one for form in started for one in packmarks.marked(desk, form)]
    forms = list(desk.task.forms)
    return tuple(sorted(found, key=lambda one: (ORDER[one.severity], forms.index(one.form))))


def characters_without_face(form: str, instance: Instance) -> Iterator[Finding]:
    """What could not be printed, found before a signature is asked for. Few texts hold anything rare, so the fonts are
    opened only for those."""
    answers = instance.answers()
    rows = [row for some in answers.rows.values() for row in some]
    for row_id, values in (("", answers.values), *((row.id, row.values) for row in rows)):
        for name, text in values.items():
            if not RARE.search(text):
                continue
            from cunbao.paper import unprintable

            missing = unprintable(text)
            if missing and instance.relevant(Cell(name, row_id)) and not instance.findings_at(Cell(name, row_id)):
                yield Finding(
                    check="character",
                    severity=Severity.MUST_FIX,
                    form=form,
                    cells=(Cell(name, row_id),),
                    message=f"“{missing[0]}”（U+{ord(missing[0]):04X}）字库里没有，报表上印不出来",
                    remedy="请照身份证换一个写法，或者问县里怎么写",
                    key=f"character:{name}" + (f":{row_id}" if row_id else ""),
                    forms=(form,),
                )


def run(desk: VillageDesk) -> CheckView:
    """Check everything, remember per form what was left, and say it in the clerk's words."""
    begun = perf_counter()
    found = findings(desk)
    seconds = perf_counter() - begun
    links = linked_forms(desk.task)
    seqs = {form: desk.workspace.draft_mark(desk.key(form)).seq for form in desk.task.forms}
    for form in desk.task.forms:
        mine = [one for one in found if one.form == form]
        desk.workspace.set_setting(
            f"checked/{desk.office.code}/{desk.task.period}/{form}",
            {
                "seqs": {name: seqs[name] for name in links[form]},
                "left": {"must_fix": sum(one.severity is Severity.MUST_FIX for one in mine)},
                "explain": [[one.key, one.compared] for one in mine if one.severity is Severity.EXPLAIN],
            },
        )
    return view(desk, found, seconds=seconds)


def view(desk: VillageDesk, found: tuple[Finding, ...], *, seconds: float = 0.0) -> CheckView:
    written = {(form, one.key): one for form in desk.task.forms for one in desk.workspace.explanations(desk.key(form))}
    cards = []
    for one in found:
        said = written.get((one.form, one.key))
        holds = said is not None and said.compared == one.compared
        cards.append(
            FindingView(finding=one, path=path(desk, one), explanation=said.text if said else "", explained=holds)
        )
    must_fix = sum(one.severity is Severity.MUST_FIX for one in found)
    to_explain = sum(one.severity is Severity.EXPLAIN for one in found)
    explained = sum(card.explained for card in cards if card.finding.severity is Severity.EXPLAIN)
    parts = []
    if must_fix:
        parts.append(f"改完 {must_fix} 处")
    if to_explain > explained:
        parts.append(f"写完 {to_explain - explained} 条说明")
    return CheckView(
        at=desk.clock(),
        forms=len({one for one in desk.task.forms if desk.workspace.draft_mark(desk.key(one)).started}),
        seconds=seconds,
        findings=tuple(cards),
        must_fix=must_fix,
        to_explain=to_explain,
        hints=len(found) - must_fix - to_explain,
        explained=explained,
        may_sign=not parts,
        why_not="、".join(parts) + "后可以签名。" if parts else "",
    )


def explain(desk: VillageDesk, finding: Finding, text: str) -> Explanation:
    """Keep the 说明 to a finding. DeskError "explanation.length" outside 4–200 characters; nothing is kept then."""
    text = " ".join(text.split())
    least, most = EXPLANATION_LENGTH
    if not least <= len(text) <= most:
        raise DeskError(
            "explanation.length",
            happened=f"说明写了 {len(text)} 个字",
            safe="原来的说明还在",
            todo=f"请写 {least} 到 {most} 个字，说清为什么是这个数",
        )
    if RARE.search(text):
        refuse_unprintable(text)
    said = Explanation(
        key=finding.key,
        check=finding.check,
        form=finding.form,
        text=text,
        cells=finding.cells,
        compared=finding.compared,
    )
    desk.workspace.explain(desk.key(finding.form), said, now=desk.clock())
    return said


def refuse_unprintable(text: str) -> None:
    from cunbao.paper import unprintable

    missing = unprintable(text)
    if missing:
        raise DeskError(
            "explanation.character",
            happened=f"说明里的“{missing[0]}”（U+{ord(missing[0]):04X}）字库里没有，报表上印不出来",
            safe="原来的说明还在",
            todo="请换一个写法",
        )


def path(desk: VillageDesk, finding: Finding) -> str:
    """B02 › 室内服务设施 › 第 3 行 文化活动室 › 建成年份."""
    cell = finding.cells[0]
    return " › ".join([finding.form, *cell_path(desk, finding.form, cell)])


def cell_path(desk: VillageDesk, form: str, cell: Cell) -> list[str]:
    asked = desk.task.forms[form]
    parts = [section] if (section := section_of(desk.task, form, cell, desk)) else []
    if cell.row:
        one = asked.field(cell.field) if cell.field in asked.by_name else None
        repeat = asked.repeat(one.repeat if one else cell.field)
        instance = desk.instance(form)
        rows = instance.rows(repeat.name)
        if cell.row in rows:
            name = instance.text(Cell(repeat.fields[0].name, cell.row))
            parts.append(f"第 {rows.index(cell.row) + 1} 行 {name}".rstrip())
        else:
            parts.append("已删的一行")
    if cell.field in asked.by_name:
        parts.append(asked.field(cell.field).label)
    elif not cell.row:
        parts.append(asked.repeat(cell.field).label)
    return parts


def section_of(task: Task, form: str, cell: Cell, desk: VillageDesk) -> str:
    """The title of the screen section that shows the cell, "" when a form has a single one."""
    sections = task.screens[form].sections
    if len(sections) < 2:
        return ""
    asked, instance = task.forms[form], desk.instance(form)
    repeat = asked.field(cell.field).repeat if cell.field in asked.by_name else cell.field
    for section in sections:
        if not cell.row and (cell.field in section.fields or cell.field == section.repeat):
            return section.title
        if cell.row and section.repeat == repeat and cell.row in instance.rows(repeat):
            here = (instance.text(Cell(column, cell.row)) in codes for column, codes in section.where.items())
            if all(here):
                return section.title
    return ""


def explanations_that_hold(desk: VillageDesk, form: str) -> tuple[Explanation, ...]:
    """说明 whose compared values are still those of the finding, in the order of the checks."""
    now = {(one.key, one.compared): one for one in findings(desk) if one.form == form}
    kept = [one for one in desk.workspace.explanations(desk.key(form)) if (one.key, one.compared) in now]
    return tuple(replace(one, cells=now[one.key, one.compared].cells) for one in sorted(kept, key=lambda e: e.key))
