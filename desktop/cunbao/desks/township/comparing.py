"""What a return is laid beside, and the lines that a reviewer reads: old → new, with all that is to be said at a cell.

Changes nothing but which comparison is liked (a setting of the desk). Source: ui/design.md, township-03.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cunbao.desks.clock import LOCAL
from cunbao.desks.township.proofing import Opened, Reviewer, answers_of
from cunbao.desks.township.rechecking import Noted
from cunbao.desks.township.remarks import LastReturn
from cunbao.desks.township.review_views import Comparison, NoteView, ReviewLine
from cunbao.errors import DeskError
from cunbao.store import StoredRevision
from cunbao.survey.compare import WHOLE_ROW, Change, ChangeKind, everything, reads
from cunbao.survey.form import Form
from cunbao.survey.pairing import row_name
from cunbao.survey.people import mask
from cunbao.survey.standing import Standing
from cunbao.survey.values import Answers, Cell

LIKED = "review/against"  # setting: the kind of comparison that was chosen last
ACCEPTED, LAST, RETURNED, BEFORE, NONE = "accepted", "last", "returned", "before", "none"
NOTHING = Comparison(NONE, "不对比")


@dataclass(frozen=True, slots=True)
class Beside:
    """A version that can be laid beside. stored None: nothing is."""

    kind: str
    comparison: Comparison
    stored: StoredRevision | None


def ancestors(desk: Reviewer, stored: StoredRevision) -> tuple[StoredRevision, ...]:
    """All that a revision descends from, as far as held, the newest first."""
    found: dict[str, StoredRevision] = {}
    waiting = list(stored.parents)
    while waiting:
        held = desk.workspace.revision(waiting.pop())
        if held is not None and held.id not in found and held.id != stored.id:
            found[held.id] = held
            waiting += held.parents
    return tuple(sorted(found.values(), key=lambda one: (one.n, one.id), reverse=True))


def versions(desk: Reviewer, one: Opened, stands: Standing, line: Sequence[StoredRevision]) -> tuple[Beside, ...]:
    """What the return can be laid beside, the default first: what was accepted last of this period, else of the last
    one, else nothing."""
    found: list[Beside] = []
    accepted = next((held for held in line if held.id in stands.accepted), None)
    if accepted is not None:
        found.append(_beside(ACCEPTED, accepted, f"上次通过的第 {accepted.version} 版"))
    task = desk.task
    last = desk.workspace.counted(one.header.office, one.form, task.previous_period)
    if last is not None:
        found.append(_beside(LAST, last, f"上次通过的 {task.previous_period} 年度"))
    for held in line:
        if held is not accepted:
            sent_back = held.id in stands.returned
            day = f"{held.signed_at.astimezone(LOCAL):%m-%d}"
            words = f"{'退回的' if sent_back else ''}第 {held.version} 版，{day} 签名"
            found.append(_beside(RETURNED if sent_back else BEFORE, held, words))
    nothing = Beside(NONE, NOTHING, None)
    return (*found, nothing)


def _beside(kind: str, stored: StoredRevision, words: str) -> Beside:
    return Beside(kind, Comparison(stored.id, words), stored)


def choose(desk: Reviewer, some: Sequence[Beside], against: str) -> Beside:
    """The one that is asked for, which is then liked; without a wish what is liked, where there is such a one, else the
    first. DeskError "review.against"."""
    if not against:
        liked = desk.workspace.setting(LIKED, "")
        return next((one for one in some if one.kind == liked), some[0])
    found = next((one for one in some if one.comparison.id == against), None)
    if found is None:
        raise DeskError(
            "review.against",
            happened="要对比的那一份这里没有",
            safe="没有改变任何报表的状态",
            todo="请从列出的几份里选一份来对比",
        )
    if not desk.read_only and desk.workspace.setting(LIKED, "") != found.kind:
        desk.workspace.set_setting(LIKED, found.kind)
    return found


# --- lines -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lines:
    """changes: what differs; checked: what a check speaks of; all: every cell; unchanged: how many are as they were."""

    changes: tuple[ReviewLine, ...]
    checked: tuple[ReviewLine, ...]
    all: tuple[ReviewLine, ...]
    unchanged: int


def lines(
    desk: Reviewer,
    one: Opened,
    beside: Beside,
    *,
    notes: Iterable[Noted],
    comments: Mapping[Cell, str],
    last: LastReturn,
) -> Lines:
    form = desk.task.forms[one.form]
    before = None if beside.stored is None else answers_of(desk, beside.stored)
    by_cell: dict[Cell, list[NoteView]] = {}
    for noted in notes:
        by_cell.setdefault(noted.cell, []).append(noted.note)

    def told(line: ReviewLine) -> ReviewLine:
        return replace(
            line,
            notes=tuple(by_cell.get(line.cell, ())),
            comment=comments.get(line.cell, ""),
            last_comment=last.said.get(line.cell, ""),
            outside=line.cell in last.outside,
        )

    changed: list[ReviewLine] = []
    every: list[ReviewLine] = []
    unchanged = 0
    for change in everything(form, before, one.answers):
        inner = tuple(told(_line(cell)) for cell in change.cells)
        line = told(_line(change))
        every += (line, *inner)
        if change.kind is not ChangeKind.SAME:
            changed += (line, *(cell for cell in inner if _has_more(cell)))
        elif line.outside:
            changed.append(line)  # changed since it was sent back, though as it was in what it is laid beside
        unchanged += change.kind is ChangeKind.SAME
    there = {line.cell for line in every}
    wanted = (*by_cell, *comments, *last.said)
    empty = [told(_empty(form, one.answers, cell)) for cell in dict.fromkeys(wanted) if cell not in there]
    every += empty
    checked = tuple(line for line in every if line.notes)
    return Lines((*changed, *(line for line in empty if line.comment)), checked, tuple(every), unchanged)


def _has_more(line: ReviewLine) -> bool:
    return bool(line.notes or line.comment or line.last_comment)


def _line(change: Change) -> ReviewLine:
    kinds = {ChangeKind.ADDED_ROW: "added", ChangeKind.DELETED_ROW: "deleted"}
    whole = change.label == WHOLE_ROW and change.kind in kinds

    def shown(text: str) -> str:
        return mask(change.mask, text) if change.mask and text else text

    return ReviewLine(
        cell=change.cell,
        label=change.label,
        unit=change.unit,
        row_label=change.row_label,
        before=shown(change.before),
        now=shown(change.after),
        change=_word(change),
        calculated=change.calculated,
        row_kind=kinds[change.kind] if whole else "",
        before_full=change.before,
        now_full=change.after,
        masked=bool(change.mask),
    )


def _word(change: Change) -> str:
    """+12.0, 改, 新增, 删."""
    if change.kind is ChangeKind.SAME:
        return ""
    if change.kind is ChangeKind.ADDED_ROW or (change.after and not change.before):
        return "新增"
    if change.kind is ChangeKind.DELETED_ROW or (change.before and not change.after):
        return "删"
    return change.difference or "改"


def _empty(form: Form, answers: Answers, cell: Cell) -> ReviewLine:
    """The line of a cell that is empty, hidden or gone, of which something is said all the same."""
    asked = form.by_name.get(cell.field)
    roster = asked.repeat if asked is not None else cell.field if cell.row else ""
    label = WHOLE_ROW if asked is None and cell.row else asked.label if asked is not None else _title(form, cell.field)
    rows = answers.rows.get(roster, ()) if roster else ()
    at = next((number for number, row in enumerate(rows, 1) if row.id == cell.row), 0)
    row = rows[at - 1] if at else None
    text = "" if asked is None else (row.values if row else answers.values).get(asked.name, "")
    name = f"第 {at} 行 {row_name(form.repeat(roster), row)}".rstrip() if row is not None else ""
    now = reads(asked, text) if asked is not None and text else ""
    covered = asked is not None and bool(asked.mask)
    return ReviewLine(
        cell=cell,
        label=label,
        unit=asked.unit if asked is not None else "",
        row_label=name or ("已删的一行" if cell.row else ""),
        before="",
        now=mask(asked.mask, now) if covered and asked is not None and now else now,
        change="",
        calculated=asked is not None and asked.calculated,
        now_full=now,
        masked=covered,
    )


def _title(form: Form, name: str) -> str:
    return next((one.label for one in form.repeats if one.name == name), name)
