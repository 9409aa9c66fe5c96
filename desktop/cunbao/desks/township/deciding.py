"""审核决定: each a signed object on the one revision that it names, made here and nowhere else; a county's likewise.

Who may decide what, and what it changes, is `survey.standing`'s; a decision taken back is a further decision. The desk
refuses what would have no effect, so that nobody signs for nothing. Source: protocol §2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cunbao.desks import decisions, taking
from cunbao.desks.township.desk import TownshipDesk
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, StoredRevision
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.task import Task


class Officer(decisions.Decider, Protocol):
    """A desk that decides on returns: a township's, or the county's."""

    @property
    def task(self) -> Task: ...


@dataclass(frozen=True, slots=True)
class Words:
    """How a desk calls what its sentences name. board: the screen that says where every return stands; filler: who
    filled them; us: itself."""

    board: str
    filler: str
    us: str


AT_TOWNSHIP = Words("总览", "村里", "本镇")


def decide(
    desk: Officer,
    act: Act,
    revision: StoredRevision,
    *,
    reason: str = "",
    comments: Sequence[Comment] = (),
    names: Sequence[str] = (),
    about: Sequence[tuple[str, str]] = (),
) -> DecisionRecord:
    """Sign one decision on a revision held, keep it, judge the office's returns anew; one transaction, journalled."""
    workspace = desk.workspace
    decided = Decision(
        act=act,
        revision=revision.id,
        office=desk.office.code,
        n=workspace.next_n(revision.office, revision.period),
        seen=workspace.decision_heads(revision.office, revision.period),
        person=desk.person.name,
        at=desk.clock().replace(microsecond=0),
        reason=reason,
        comments=tuple(comments),
        names=tuple(names),
        about=tuple(about),
    )
    with workspace.atomic():
        kept = decisions.keep(workspace, decided, desk.signs())
        taking.rejudge(workspace, desk.task, {revision.office}, since=revision.period)
        desk.journal("decide", what=act.value, office=revision.office, form=revision.form, revision=revision.id)
    return kept


def accept(desk: Officer, office: str, form: str, words: Words = AT_TOWNSHIP) -> DecisionRecord:
    """通过 the one head of a return. DeskError "accept.state", "accept.own_proxy"."""
    head = head_of(desk, office, form, words)
    state = desk.workspace.standing(office, form, desk.task.period).state
    if state not in (ReturnState.RECEIVED, ReturnState.RETURNED):
        raise _refused("accept.state", f"这张表现在是“{state.value}”，不用再通过", f"请到{words.board}里选待审核的表")
    why_not = own_proxy(desk, head)
    if why_not:
        raise _refused("accept.own_proxy", why_not, "请换一位审核员来通过；只有一位的，由县里审核")
    return decide(desk, Act.ACCEPT, head)


def send_back(
    desk: Officer, office: str, form: str, comments: Sequence[Comment], words: Words = AT_TOWNSHIP
) -> DecisionRecord:
    """退回 the one head with comments at its cells. DeskError "return.no_comment", "return.state"."""
    head = head_of(desk, office, form, words)
    if not comments:
        happened = f"还没有写意见，{words.filler}不知道改哪里"
        raise _refused("return.no_comment", happened, "请在要改的格子上写一条意见，再退回")
    if desk.workspace.standing(office, form, desk.task.period).state is ReturnState.RETURNED:
        raise _refused("return.state", "这张表已经退回", "要换意见，请先撤回原来的决定")
    return decide(desk, Act.RETURN, head, comments=comments)


def choose(desk: Officer, office: str, form: str, revision: str) -> DecisionRecord:
    """整份用 one of several heads: its signature stays valid, the others are closed, none is deleted."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    chosen = desk.workspace.revision(revision)
    if chosen is None or revision not in stands.heads or len(stands.heads) < 2:
        raise _refused("choose.gone", "这张表现在没有两份可选", "请重新打开看看现在是哪几份")
    return decide(desk, Act.CHOOSE, chosen, names=stands.heads)


def mark_paper(desk: Officer, office: str, form: str) -> DecisionRecord:
    """纸质已收: the sealed paper of the head has come."""
    return decide(desk, Act.PAPER, head_of(desk, office, form))


def waive(desk: Officer, office: str, form: str, key: str, check: str, reason: str) -> DecisionRecord:
    """免说明 of one 需要说明 finding of the head; dies with the revision. The caller has seen that it is one."""
    return decide(
        desk,
        Act.WAIVE,
        head_of(desk, office, form),
        reason=decisions.a_reason(reason),
        about=(("check", check), ("key", key)),
    )


def take_back(desk: Officer, last: DecisionRecord, reason: str) -> DecisionRecord:
    """A 撤回 of one decision in effect; `reviewing.withdraw` says of which."""
    target = desk.workspace.revision(last.revision)
    assert target is not None  # in effect, so its revision is held
    return decide(desk, Act.WITHDRAW, target, reason=reason.strip(), names=(last.id,))


def in_effect(desk: Officer, office: str, form: str) -> tuple[DecisionRecord, ...]:
    """This office's decisions in effect on a return of this period that settle it, in their order."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    settling = {Act.ACCEPT.value, Act.RETURN.value, Act.CHOOSE.value}
    found = [
        one
        for one in desk.workspace.decisions_of(office, desk.task.period)
        if one.id in stands.effective and one.office == desk.office.code and one.act in settling
    ]
    return tuple(found)


def last_uncarried(desk: TownshipDesk) -> DecisionRecord | None:
    """The newest decision in effect of this period that no package has carried: what Ctrl+Z takes back."""
    carried = {name for one in desk.workspace.outgoing() for name in one.objects}
    found: list[tuple[str, int, DecisionRecord]] = []
    for _, form, stands in desk.workspace.standings(desk.task.period):
        if form not in desk.task.forms:
            continue
        for name in stands.effective:
            one = desk.workspace.decision(name)
            if one is not None and one.office == desk.office.code and name not in carried:
                found.append((one.at.isoformat(), one.n, one))
    return max(found, key=lambda one: one[:2])[2] if found else None


def head_of(desk: Officer, office: str, form: str, words: Words = AT_TOWNSHIP) -> StoredRevision:
    """The one head of a return. DeskError "return.no_head" when nothing has come or two versions contend."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    head = desk.workspace.revision(stands.head) if stands.head else None
    if head is None:
        happened = f"这张表现在是“{stands.state.value}”，没有可审核的一份"
        raise _refused("return.no_head", happened, f"请到{words.board}里看看")
    return head


def own_proxy(desk: Officer, head: StoredRevision) -> str:
    """Why this officer cannot accept a 代报 of his own desk, "" when he can (whoever filled it cannot)."""
    from cunbao.survey.revision import Header

    if head.kind != Kind.PROXY.code or desk.office.code != head.office[:9] + "000":
        return ""
    filler = Header.decode(desk.workspace.object(head.header)).person_name
    return f"这张是{filler}代填的，代填的人不能审核自己代填的表" if filler == desk.person.name else ""


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表的状态", todo=todo)
