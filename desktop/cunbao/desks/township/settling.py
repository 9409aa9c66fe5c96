"""冲突: two computers signed one return. One side is taken whole, or a mixture is made that the village signs anew.

Nothing of either version is deleted. A whole side is a signed decision (`deciding.choose`); a mixture is a proposal
without anybody's signature, carried by the next receipt, and lapses when the versions are others. Source: protocol §3.
"""

from __future__ import annotations

from typing import Any

from cunbao.desks.clock import LOCAL
from cunbao.desks.township import certified, contending, proofing, reviewed, reviewing, telling
from cunbao.desks.township.contending import Contention, contention, key_of
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.proofing import Opened
from cunbao.desks.township.review_views import ConflictItem, ConflictLine, ConflictView, SideView
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord
from cunbao.survey.merge import LETTERS, SO_FAR, Line, Taken
from cunbao.survey.people import mask
from cunbao.survey.revision import answers_xml
from cunbao.survey.states import Kind, ReturnState

SIDES = ("left", "right")
INSTANCE = "proposal"  # meta/instanceID of answers that nobody has signed
UNSIGNED = "合稿还没有人签名，不能整份用"


def conflicts(desk: TownshipDesk) -> tuple[ConflictItem, ...]:
    """The returns of which several versions contend, as they stand on the board."""
    standing = {
        (office, form): stands
        for office, form, stands in desk.workspace.standings(desk.task.period)
        if stands.state is ReturnState.FORK
    }
    return tuple(
        ConflictItem(
            office=office.code,
            name=office.short,
            form=form,
            title=desk.task.screens[form].nav,
            line="，".join(
                f"{letter(at)} {_signed(proofing.opened(desk, held))}"
                for at, held in enumerate(map(desk.workspace.revision, standing[office.code, form].heads))
                if held is not None
            ),
        )
        for office in desk.villages
        for form in desk.task.forms
        if (office.code, form) in standing
    )


def letter(at: int) -> str:
    """甲, 乙 … of the head at this place, from 0."""
    return LETTERS[at] if at < len(LETTERS) else f"第 {at + 1} 份"


def _signed(one: Opened) -> str:
    return f"{one.header.signed_at.astimezone(LOCAL):%m-%d} 签名：{one.header.person_name}"


# --- what is seen ----------------------------------------------------------------------------------------------------


def conflict(desk: TownshipDesk, office: str, form: str) -> ConflictView:
    """township-04; of three versions and more the pair that waits, with what came of those before. DeskError
    "conflict.gone"."""
    found = contention(desk, office, form)
    result = contending.outcome(desk, found)
    lines = tuple(_line(found, line) for line in found.step.lines)
    return ConflictView(
        office=office,
        name=desk.village(office).short,
        form=form,
        title=desk.task.screens[form].nav,
        base_line=found.base_line,
        left=_side(desk, found, 0) if found.at == 1 else _so_far(found),
        right=_side(desk, found, found.at),
        lines=lines,
        to_choose=sum(not one.chosen for one in lines),
        automatic=sum(one.automatic for one in lines),
        made=sum(bool(one.chosen) and not one.automatic for one in lines),
        paired=tuple(f"两边的“{pair.who}”身份证号相同，按同一人对照" for pair in found.step.paired),
        problems=() if result is None else result.problems,
        proposal=_proposed(desk, found),
        others=len(found.heads) - 1 - found.at,
    )


def _side(desk: TownshipDesk, found: Contention, at: int) -> SideView:
    one = found.heads[at]
    arrival = telling.first_arrivals(desk, found.office).get(one.id)
    _, check = proofing.proof(desk, one)
    proxy = one.header.kind == Kind.PROXY.code
    return SideView(
        letter=letter(at),
        revision=one.id,
        device="镇里代报" if proxy else certified.device_name(one.header.device),
        line=f"第 {arrival.seq} 次，{_signed(one)}" if arrival is not None else _signed(one),
        valid=bool(check.ok),
        why_not="" if check.ok else check.line,
    )


def _so_far(found: Contention) -> SideView:
    letters = "、".join(letter(at) for at in range(found.at))
    return SideView(SO_FAR, "", f"{letters}合成", "前面选好的", False, UNSIGNED)


def _line(found: Contention, line: Line) -> ConflictLine:
    key = key_of(found.at, line.key)
    chosen = found.choices.get(key, "")
    automatic = line.taken is not Taken.OPEN and not chosen
    base, left, right = (mask(line.mask, text) if line.mask and text else text for text in _texts(line))
    if line.mask and left == right and line.left != line.right:
        left, right = (f"{text}（遮住的几位不同）" for text in (left, right))
    return ConflictLine(
        key=key,
        who=line.who,
        column=line.label,
        base=base,
        left=left,
        right=right,
        left_changed=line.left_changed,
        right_changed=line.right_changed,
        chosen=chosen or (Taken.LEFT.value if line.taken is Taken.BOTH else line.taken.value),
        automatic=automatic,
        result=_result(found, line, chosen),
    )


def _texts(line: Line) -> tuple[str, str, str]:
    return line.base, line.left, line.right


def _result(found: Contention, line: Line, chosen: str) -> str:
    """两边都改了，你选了甲."""
    if not chosen:
        return line.reason
    names = (letter(0) if found.at == 1 else SO_FAR, letter(found.at))
    why = line.reason.partition("，")[0]
    return f"{why}，你选了{names[SIDES.index(chosen)]}"


# --- acts ------------------------------------------------------------------------------------------------------------


def choose(desk: TownshipDesk, office: str, form: str, key: str, side: str) -> None:
    """Choose a side at one difference ("left", "right"), or take the choice back (""). DeskError "conflict.gone",
    "conflict.line"."""
    found = contention(desk, office, form)
    if side not in (*SIDES, "") or (contending.line_of(found, key) is None and key not in found.choices):
        raise _refused("conflict.line", "要选的这一处现在没有", "请重新打开这张表看看")
    if side or key in found.choices:
        contending.keep_choice(desk, found, key, side)


def choose_whole(desk: TownshipDesk, office: str, form: str, revision: str) -> DecisionRecord:
    """整份用 one version: its signature stays valid and it waits for review. DeskError "choose.gone", "choose.pdf" when
    its signed pages are not right."""
    with desk.workspace.atomic():
        made = reviewed.choose(
            reviewing.chair(desk), office, form, revision, "请用另一份，或者做成建议稿由村里重签"
        )
        contending.forget_choices(desk, office, form)
        desk.workspace.set_setting(_name(desk, office, form), None)
    return made


def propose(desk: TownshipDesk, office: str, form: str) -> str:
    """做成建议稿: the mixture as chosen, checked whole, for the next receipt. Gives its id; proposing the same again is
    no news. DeskError "conflict.gone", "propose.open" while something is to be chosen, "propose.whole" when it is one
    side anyway."""
    from cunbao.exchange.notes import Proposal

    desk.signs()
    found = contention(desk, office, form)
    result = contending.outcome(desk, found)
    if result is None:
        left = len([line for line in found.step.conflicts if key_of(found.at, line.key) not in found.choices])
        raise _refused("propose.open", f"还有 {left} 处没有选用哪一边", "请逐处选好，再做建议稿")
    asked = desk.task.forms[form]
    data = answers_xml(asked, result.answers, instance_id=INSTANCE)
    for at, one in enumerate(found.heads):
        if data == answers_xml(asked, one.answers, instance_id=INSTANCE):
            raise _refused("propose.whole", f"合出来的和{letter(at)}一样", f"请整份用{letter(at)}，不用村里再签")
    kept = open_proposal(desk, office, form)
    with desk.workspace.atomic():
        answers = desk.workspace.add_object("answers", data)
        if kept is not None and kept["answers"] == answers:
            return str(kept["id"])
        proposal = Proposal(
            office=office,
            form=form,
            period=desk.task.period,
            heads=found.ids,
            answers=answers,
            by=desk.person.name,
            at=desk.clock().replace(microsecond=0),
            note="；".join(f"{letter(at)}：{_signed(one)}" for at, one in enumerate(found.heads)),
        )
        name = desk.workspace.add_object("proposal", proposal.encode())
        said = {"id": name, "answers": answers, "heads": list(found.ids)}
        desk.workspace.set_setting(_name(desk, office, form), said)
        desk.journal("propose", office=office, form=form, proposal=name)
    return name


def open_proposal(desk: TownshipDesk, office: str, form: str) -> dict[str, Any] | None:
    """{id, answers, heads} of what is proposed between the versions that contend now; None when nothing is, or when it
    has lapsed because they are others."""
    kept: dict[str, Any] | None = desk.workspace.setting(_name(desk, office, form), None)
    heads = desk.workspace.standing(office, form, desk.task.period).heads
    return kept if kept and kept["heads"] == list(heads) else None


def _name(desk: TownshipDesk, office: str, form: str) -> str:
    return f"proposal/{office}/{desk.task.period}/{form}"


def _proposed(desk: TownshipDesk, found: Contention) -> str:
    """建议稿 12-16 08:58 做好，随下次回执带给村里."""
    from cunbao.exchange.notes import Proposal

    kept = open_proposal(desk, found.office, found.form)
    if kept is None:
        return ""
    proposal = Proposal.decode(desk.workspace.object(kept["id"]))
    carried = any(kept["id"] in one.objects for one in desk.workspace.outgoing(office=found.office))
    then = "已经随回执带给村里，等村里重新签名" if carried else "随下次回执带给村里"
    return f"建议稿 {telling.moment(proposal.at)} 做好，{then}"


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="两份都原样留着，没有改变任何报表的状态", todo=todo)
