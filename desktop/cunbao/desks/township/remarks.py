"""批注 while a return is being reviewed: drafts by revision, kept as they are typed; what the last 退回 said and named.

A draft is nobody's decision: it becomes one with `reviewing.send_back`, and is gone with any decision on the revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cunbao.desks.township.proofing import Opened, Reviewer, answers_of
from cunbao.desks.village.checking import RARE
from cunbao.errors import DeskError
from cunbao.store import StoredRevision
from cunbao.survey.compare import ChangeKind, changes
from cunbao.survey.decision import Comment
from cunbao.survey.form import Form
from cunbao.survey.standing import Standing
from cunbao.survey.values import Cell

MOST = 200  # characters of one comment; more has no room on the slip


def _name(revision: str) -> str:
    return f"review/comments/{revision}"


def drafts(desk: Reviewer, revision: str) -> Mapping[Cell, str]:
    """What has been written at cells of a revision and not yet decided, in the order of writing."""
    return {Cell(field, row): text for field, row, text in desk.workspace.setting(_name(revision), [])}


def keep(desk: Reviewer, revision: str, cell: Cell, text: str) -> None:
    """Keep what is typed so far; "" takes it away."""
    kept = dict(drafts(desk, revision))
    if text.strip():
        kept[cell] = text.strip()
    else:
        kept.pop(cell, None)
    _write(desk, revision, kept)


def clear(desk: Reviewer, revision: str) -> None:
    if drafts(desk, revision):
        _write(desk, revision, {})


def restore(desk: Reviewer, revision: str, said: tuple[Comment, ...]) -> None:
    """A 退回 was taken back: what it said can be written on from. What has been typed since stays."""
    _write(desk, revision, {**{one.cell: one.text for one in said}, **drafts(desk, revision)})


def _write(desk: Reviewer, revision: str, kept: Mapping[Cell, str]) -> None:
    desk.workspace.set_setting(_name(revision), [[cell.field, cell.row, text] for cell, text in kept.items()])


def refuse_unknown(form: Form, cell: Cell) -> None:
    """DeskError "comment.cell" for a place that the form has not."""
    if cell.field not in form.by_name and not any(one.name == cell.field for one in form.repeats):
        raise DeskError(
            "comment.cell",
            happened=f"{form.id}表没有“{cell.field}”这一格",
            safe="原来写的意见都还在",
            todo="请在表里选一格再写意见",
        )


def finished(desk: Reviewer, one: Opened) -> tuple[Comment, ...]:
    """The drafts as they would be signed. DeskError "comment.length", "comment.character" names the comment."""
    found = []
    for cell, text in drafts(desk, one.id).items():
        said = " ".join(text.split())
        if len(said) > MOST:
            raise _refused("comment.length", f"意见“{said[:10]}……”有 {len(said)} 个字", f"请写到 {MOST} 个字以内")
        if RARE.search(said) and (missing := _unprintable(said)):
            raise _refused(
                "comment.character",
                f"意见里的“{missing[0]}”（U+{ord(missing[0]):04X}）字库里没有，回执上印不出来",
                "请换一个写法",
            )
        found.append(Comment(cell, said))
    return tuple(found)


def _unprintable(text: str) -> str:
    from cunbao.paper import unprintable

    return "".join(unprintable(text))


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有退回，写的意见都还在", todo=todo)


# --- the last 退回 ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LastReturn:
    """What the newest 退回 in effect said, and which cells or rows were changed since although it named none of them.

    revision: the one that was sent back, "" none was."""

    revision: str
    said: Mapping[Cell, str]
    outside: frozenset[Cell]


NOTHING = LastReturn("", {}, frozenset())


def last_return(desk: Reviewer, one: Opened, stands: Standing, line: tuple[StoredRevision, ...]) -> LastReturn:
    """line: what the revision descends from, the newest first. A revision that is itself sent back says its own."""
    sent = next((held for held in (one.stored, *line) if held.id in stands.returned), None)
    if sent is None:
        return NOTHING
    said = {comment.cell: comment.text for comment in dict(stands.comments).get(sent.id, ())}
    if sent.id == one.id:
        return LastReturn(sent.id, said, frozenset())
    return LastReturn(sent.id, said, frozenset(_outside(desk, one, sent, frozenset(said))))


def _outside(desk: Reviewer, one: Opened, sent: StoredRevision, named: frozenset[Cell]) -> list[Cell]:
    """Asked cells that differ from what was sent back and that no comment names, by themselves or with their row."""
    form = desk.task.forms[one.form]
    rows = {cell.row for cell in named if cell.row}
    found = []
    for change in changes(form, answers_of(desk, sent), one.answers):
        roster = form.field(change.cell.field).repeat if change.kind is ChangeKind.CHANGED else change.cell.field
        whole_row = Cell(roster, change.cell.row) if roster else change.cell
        if change.calculated or named & {change.cell, whole_row, Cell(roster)}:
            continue
        if change.kind is not ChangeKind.CHANGED and change.cell.row in rows:
            continue
        found.append(change.cell)
    return found
