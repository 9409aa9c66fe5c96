"""What a draft is based on: the versions that the next signature will name as parents, and when it may not be given.

A return is signed only by somebody who has seen every version that stands: what came from the office's other computer,
from the township (代报) or as a proposal is taken over first, or named and kept beside. Source: protocol §3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cunbao.desks import decisions, ledger
from cunbao.errors import CunbaoError, DeskError
from cunbao.survey.recalculation import Change
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Cell, Edit, Explanation

if TYPE_CHECKING:
    from cunbao.desks.village.desk import VillageDesk
    from cunbao.store import StoredRevision

REPLY = "答复"  # check of an answer to a comment, as it is printed


def _name(desk: VillageDesk, what: str, form: str) -> str:
    return f"{what}/{desk.office.code}/{desk.task.period}/{form}"


def based_on(desk: VillageDesk, form: str) -> tuple[str, ...] | None:
    """Ids that the draft rests on, None when nothing was ever said (then it is the newest)."""
    kept = desk.workspace.setting(_name(desk, "based", form), None)
    return None if kept is None else tuple(kept)


def _rest_on(desk: VillageDesk, form: str, revisions: Sequence[str]) -> None:
    desk.workspace.set_setting(_name(desk, "based", form), list(revisions))


def _stands_as(desk: VillageDesk, form: str, revisions: Sequence[str]) -> None:
    """The draft says what these revisions say: it rests on them, and undo does not go behind this point."""
    name, seq = _name(desk, "floors", form), desk.workspace.draft_mark(desk.key(form)).seq
    desk.workspace.set_setting(name, {**desk.workspace.setting(name, {}), **dict.fromkeys(revisions, seq)})
    _rest_on(desk, form, revisions)


def undo_floor(desk: VillageDesk, form: str) -> int:
    """seq of the draft up to which nothing is undone: what was signed or taken over stays as it was signed, what was
    typed into another version of the form is not looked for in this one."""
    floors: dict[str, int] = desk.workspace.setting(_name(desk, "floors", form), {})
    another_form: int = desk.workspace.setting(_name(desk, "packfloor", form), 0)
    return max((another_form, *(floors.get(one.id, 0) for one in desk.parents(form))))


def pin(desk: VillageDesk, form: str) -> None:
    """Before anything comes from elsewhere: what is being filled here rests on what is known now, perhaps nothing."""
    if based_on(desk, form) is None and desk.workspace.draft_mark(desk.key(form)).started:
        _rest_on(desk, form, [one.id for one in desk.parents(form)])


def begin_again(desk: VillageDesk, form: str) -> None:
    """Open a signed return for a further version: the draft goes on from the signed values, the old one stands."""
    newest = desk.newest(form)
    assert newest is not None  # the caller has seen that something was signed
    with desk.workspace.atomic():
        desk.workspace.set_setting(_name(desk, "correcting", form), True)
        desk.workspace.set_setting(_name(desk, "checked", form), None)
        if not desk.workspace.draft_mark(desk.key(form)).started or based_on(desk, form) not in (None, (newest.id,)):
            fill_from(desk, form, desk.signed_answers(newest))  # signed elsewhere: this computer never typed it
        _stands_as(desk, form, [newest.id])
        desk.journal("begin_correction", form=form)


def may_give_up(desk: VillageDesk, form: str) -> bool:
    """Is a 更正 being filled that can be given up? Of a return that was taken back nothing stands to go back to."""
    newest = desk.newest(form)
    return newest is not None and desk.correcting(form) and decisions.taken_back(desk.workspace, newest) is None


def give_up(desk: VillageDesk, form: str) -> None:
    """放弃更正: no further version is wanted; the draft goes back to what was signed, which stays."""
    newest = desk.newest(form)
    if newest is not None and decisions.taken_back(desk.workspace, newest) is not None:
        raise DeskError(
            "correction.retracted",
            happened=f"{desk.task.forms[form].title}已经撤回报送，没有算数的一版可以回去",
            safe="填的内容没有动",
            todo="改好后检查、签名，再报送",
        )
    if newest is None or not desk.correcting(form):
        raise DeskError(
            "correction.none",
            happened=f"{desk.task.forms[form].title}没有在更正",
            safe="填的内容没有动",
            todo="直接看这张表就可以",
        )
    with desk.workspace.atomic():
        fill_from(desk, form, desk.signed_answers(newest))
        desk.workspace.set_setting(_name(desk, "correcting", form), False)
        desk.workspace.set_setting(_name(desk, "replies", form), {})
        _stands_as(desk, form, [newest.id])
        desk.journal("give_up_correction", form=form)


def signed(desk: VillageDesk, form: str, revision: str) -> None:
    """A version was signed; what comes next rests on it. Inside the transaction that keeps it."""
    workspace = desk.workspace
    workspace.set_setting(_name(desk, "correcting", form), False)
    workspace.set_setting(_name(desk, "replies", form), {})
    workspace.set_setting(_name(desk, "proposal", form), None)
    workspace.set_setting(_name(desk, "packmarks", form), {})  # whoever signed has seen what a later pack changed
    _stands_as(desk, form, [revision])
    ledger.settle(workspace, desk.task, desk.office.code, desk.task.period)


def taken_back(desk: VillageDesk, form: str, revision: StoredRevision) -> None:
    """A signature was taken back: the draft rests on what that version rested on, and a 更正 is being filled again."""
    if revision.parents:
        desk.workspace.set_setting(_name(desk, "correcting", form), True)
    _rest_on(desk, form, revision.parents)
    ledger.settle(desk.workspace, desk.task, desk.office.code, desk.task.period)


# --- versions from elsewhere -----------------------------------------------------------------------------------------


def other_heads(desk: VillageDesk, form: str) -> tuple[StoredRevision, ...]:
    """Standing versions that the draft does not rest on: signing waits until they have been looked at."""
    stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
    mine = {one.id for one in desk.parents(form)}
    behind = _behind(desk, mine)
    found = [desk.workspace.revision(name) for name in stands.heads if name not in mine | behind]
    return tuple(one for one in found if one is not None)


def _behind(desk: VillageDesk, names: set[str]) -> set[str]:
    """All that these versions descend from, as far as held."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        held = desk.workspace.revision(waiting.pop())
        for parent in held.parents if held is not None else ():
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def refuse_other_heads(desk: VillageDesk, form: str) -> None:
    """DeskError "sign.other_head" while a version stands that the draft does not rest on."""
    others = other_heads(desk, form)
    if others:
        who = "乡镇代报" if others[0].kind == "proxy" else "另一台电脑"
        raise DeskError(
            "sign.other_head",
            happened=f"{desk.task.forms[form].title}还有一份是{who}签的（第 {others[0].version} 版），这里没有用到",
            safe="两份都留着，填的内容都在，没有签名",
            todo="请到“回执”里看那一份：采用它，或者注明以本机的为准，再签名",
        )


def adopt(desk: VillageDesk, form: str, answers: Answers, heads: Sequence[str]) -> None:
    """采用 a version or a proposal: the draft becomes its answers and rests on `heads`, and on what it rested on
    before, which was seen too. What was in the draft stays in the log of edits; undo does not go back to it, since
    what it would bring back rests on other versions."""
    with desk.workspace.atomic():
        behind = _behind(desk, set(heads))
        seen = [one.id for one in desk.parents(form) if one.id not in behind]
        if desk.newest(form) is not None:
            desk.workspace.set_setting(_name(desk, "correcting", form), True)
        desk.workspace.set_setting(_name(desk, "checked", form), None)
        fill_from(desk, form, answers)
        _stands_as(desk, form, list(dict.fromkeys([*heads, *seen])))
        desk.journal("adopt", form=form, heads=list(heads))


def stand_by(desk: VillageDesk, form: str) -> None:
    """以本机的为准: the other versions were looked at; the next signature names them as parents too."""
    with desk.workspace.atomic():
        names = [one.id for one in (*desk.parents(form), *other_heads(desk, form))]
        if desk.newest(form) is not None and not desk.correcting(form):
            desk.workspace.set_setting(_name(desk, "correcting", form), True)
            desk.workspace.set_setting(_name(desk, "checked", form), None)
        _rest_on(desk, form, names)
        desk.journal("stand_by", form=form, heads=names)


def follow(desk: VillageDesk, form: str) -> None:
    """A version came from elsewhere. Where nothing is being filled here, what is signed next rests on it; what was
    begun here and never signed goes on being filled, and the version waits to be looked at."""
    stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
    head = desk.workspace.revision(stands.head) if stands.head else None
    if desk.correcting(form) or not stands.heads:
        return
    begun = desk.workspace.draft_mark(desk.key(form)).started
    ours = {one.id for one in desk.parents(form)}
    if begun and not ours:
        desk.workspace.set_setting(_name(desk, "correcting", form), True)
    elif head is not None and (not begun or ours <= _behind(desk, {head.id})):
        fill_from(desk, form, desk.signed_answers(head))
        _stands_as(desk, form, [head.id])


def fill_from(desk: VillageDesk, form: str, answers: Answers) -> None:
    """Make the draft say what `answers` says: rows by their id, values that are asked by hand. Kept as one step."""
    instance, asked = desk.instance(form), desk.task.forms[form]
    edits: list[Edit] = []
    for repeat in asked.repeats:
        wanted = {row.id: row.values for row in answers.rows.get(repeat.name, ())}
        for row_id in instance.rows(repeat.name):
            if row_id not in wanted:
                edits += instance.delete_row(repeat.name, row_id).edits
        for at, row_id in enumerate(wanted):
            if row_id not in instance.rows(repeat.name):
                edits += instance.add_row(repeat.name, values={}, row_id=row_id).edits
            if instance.rows(repeat.name)[at] != row_id:
                edits += instance.move_row(repeat.name, row_id, at).edits
            typed = [one.name for one in repeat.fields if not one.calculated]
            edits += _texts(desk, form, typed, wanted[row_id], row_id)
    edits += _texts(desk, form, [one.name for one in asked.fields if not one.calculated], answers.values, "")
    if not edits:
        return
    try:
        desk.workspace.keep(desk.key(form), edits, now=desk.clock(), group=f"adopt-{desk.clock().isoformat()}")
    except CunbaoError:
        desk.instances.pop(form)  # it shows again what is on the disk
        raise
    desk.pass_on(form, Change(tuple(edits), frozenset(Cell(one, "") for one in asked.by_name), ()))


def _texts(desk: VillageDesk, form: str, names: Sequence[str], wanted: Mapping[str, str], row: str) -> list[Edit]:
    instance = desk.instance(form)
    edits: list[Edit] = []
    for name in names:
        if instance.text(Cell(name, row)) != wanted.get(name, ""):
            edits += instance.set(Cell(name, row), wanted.get(name, "")).edits
    return edits


# --- comments answered without a change ------------------------------------------------------------------------------


def reply(desk: VillageDesk, form: str, cell: Cell, text: str) -> None:
    """不改，写原因: an answer to the township's comment at a cell, signed and printed with the next version, which it
    opens; "" takes it back. DeskError "explanation.length" outside 4–200 characters."""
    from cunbao.desks.village.checking import EXPLANATION_LENGTH, refuse_unprintable

    said = " ".join(text.split())
    least, most = EXPLANATION_LENGTH
    if said and not least <= len(said) <= most:
        raise DeskError(
            "explanation.length",
            happened=f"原因写了 {len(said)} 个字",
            safe="原来写的还在",
            todo=f"请写 {least} 到 {most} 个字，说清为什么不改",
        )
    refuse_unprintable(said)
    kept = dict(desk.workspace.setting(_name(desk, "replies", form), {}))
    kept[f"{cell.field}:{cell.row}"] = said
    with desk.workspace.atomic():
        if desk.state(form) is ReturnState.RETURNED:
            begin_again(desk, form)
        desk.workspace.set_setting(_name(desk, "replies", form), {key: text for key, text in kept.items() if text})
        desk.journal("reply", form=form, field=cell.field)


def replies(desk: VillageDesk, form: str) -> Mapping[Cell, str]:
    """Answers written to comments of this form, by cell."""
    kept = desk.workspace.setting(_name(desk, "replies", form), {})
    return {Cell(*key.split(":", 1)): text for key, text in kept.items()}


def answers_to_comments(desk: VillageDesk, form: str) -> tuple[Explanation, ...]:
    """The answers as they are signed beside the 说明, of cells that were indeed left as they were."""
    from cunbao.desks.village import opinions

    left = {one.cell for one in opinions.of_form(desk, form) if one.state == "answered"}
    return tuple(
        Explanation(
            key=f"{REPLY}:{cell.field}:{cell.row}", check=REPLY, form=form, text=text, cells=(cell,), compared=""
        )
        for cell, text in replies(desk, form).items()
        if cell in left
    )


def period_closed(desk: VillageDesk) -> bool:
    """Has the county closed this period (封账), as far as known here?"""
    if not desk.workspace.decisions_of_act("close"):
        return False
    judge = ledger.judge_of(desk.workspace)
    return ledger.closed_ids(judge, desk.office.code, desk.task.period) is not None
