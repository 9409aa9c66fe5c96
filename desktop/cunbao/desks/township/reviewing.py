"""审核: one return after another, with all that a reviewer must see, and what he decides.

Everything shown is found anew from signed objects; decisions are made by `deciding` alone. A return is accepted only
when its signed pages say what its data say (`proofing`), however it came to wait. Source: protocol §2, §6; township-03.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cunbao.desks import decisions
from cunbao.desks.ledger import BASIS_CHANGED
from cunbao.desks.township import comparing, deciding, proofing, rechecking, remarks, telling
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.proofing import Opened
from cunbao.desks.township.rechecking import Noted
from cunbao.desks.township.review_views import PdfCheck, ReviewView
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord, StoredRevision
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.standing import FORKED, RETRACTED, TWO_DECISIONS, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity

OPEN = (ReturnState.RECEIVED, ReturnState.RETURNED)
UNDONE = "撤销刚才的决定"
# A return with one of these is never accepted unread.
NOT_CLEAN = frozenset({BASIS_CHANGED, FORKED, TWO_DECISIONS, telling.AFTER_RECEIPT, telling.BEFORE_PARENT})


@dataclass(frozen=True, slots=True)
class AcceptedMany:
    """accepted: (office, form) of the returns that were accepted together; left: how many still wait."""

    accepted: tuple[tuple[str, str], ...]
    left: int


# --- which -----------------------------------------------------------------------------------------------------------


def queue(desk: TownshipDesk) -> tuple[tuple[str, str], ...]:
    """(office, form) of the returns that wait for review, as they stand on the board."""
    waiting = {
        (office, form)
        for office, form, stands in desk.workspace.standings(desk.task.period)
        if stands.state is ReturnState.RECEIVED
    }
    return tuple(place for place in _places(desk) if place in waiting)


def _places(desk: TownshipDesk) -> tuple[tuple[str, str], ...]:
    return tuple((office.code, form) for office in desk.villages for form in desk.task.forms)


def _shown(desk: TownshipDesk, office: str, form: str, stands: Standing) -> StoredRevision:
    """The revision that is looked at: the head; of several the newest; of none that may count what came last."""
    name = stands.head or (stands.heads[-1] if stands.heads else "")
    found = desk.workspace.revision(name) if name else desk.workspace.newest(office, form, desk.task.period)
    if found is None:
        raise DeskError(
            "return.no_head",
            happened=f"{desk.village(office).short}的 {form} 还没有报来",
            safe="没有改变任何报表的状态",
            todo="请到总览里看看谁还没报",
        )
    return found


# --- what is seen ----------------------------------------------------------------------------------------------------


def review(desk: TownshipDesk, office: str, form: str, *, against: str = "") -> ReviewView:
    """township-03. against: id of one of the comparisons, "" for what is liked or usual. DeskError "return.no_head",
    "review.against"."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    one = proofing.opened(desk, _shown(desk, office, form, stands))
    line = comparing.ancestors(desk, one.stored)
    beside = comparing.versions(desk, one, stands, line)
    chosen = comparing.choose(desk, beside, against)
    comments = remarks.drafts(desk, one.id)
    lines = comparing.lines(
        desk,
        one,
        chosen,
        notes=rechecking.notes(desk, one),
        comments=comments,
        last=remarks.last_return(desk, one, stands, line),
    )
    pdf, check = proofing.proof(desk, one)
    came = telling.first_arrivals(desk, office)
    waiting = queue(desk)
    previous, following = _neighbours(desk, waiting, (office, form))
    why_not_accept = _why_not_accept(desk, one, stands, check)
    why_not_return = _why_not_return(desk, stands, comments)
    return ReviewView(
        office=office,
        name=desk.village(office).short,
        form=form,
        title=desk.task.screens[form].nav,
        state=stands.state,
        marks=telling.marks(desk, one, stands, came),
        revision=one.id,
        version=one.header.version,
        came=telling.came(one, came.get(one.id)),
        against=chosen.comparison,
        comparisons=tuple(version.comparison for version in beside),
        changes=lines.changes,
        checked=lines.checked,
        all_lines=lines.all,
        unchanged=lines.unchanged,
        comments=len(comments),
        pdf=pdf,
        pdf_check=check,
        covered=proofing.covered(desk, one),
        attachments=telling.scans(desk, one.stored),
        paper_received=telling.paper(desk, one, stands),
        may_accept=not why_not_accept,
        why_not_accept=why_not_accept,
        may_return=not why_not_return,
        why_not_return=why_not_return,
        decided=telling.decided(desk, stands),
        may_withdraw=_may_sign(desk) and bool(_on_head(desk, office, form)),
        history=telling.history(desk, form, (one.stored, *line), stands),
        previous=previous,
        following=following,
        waiting=len(waiting),
    )


def _neighbours(
    desk: TownshipDesk, waiting: Sequence[tuple[str, str]], place: tuple[str, str]
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """The returns that wait before and after this one, which may have been decided just now."""
    order = {one: at for at, one in enumerate(_places(desk))}
    here = order[place]
    before = [one for one in waiting if order[one] < here]
    after = [one for one in waiting if order[one] > here]
    return (before[-1] if before else None), (after[0] if after else None)


# --- what may be done ------------------------------------------------------------------------------------------------


def _may_sign(desk: TownshipDesk) -> bool:
    return desk.signer is not None and not desk.read_only


def _why_not_accept(desk: TownshipDesk, one: Opened, stands: Standing, check: PdfCheck) -> str:
    """ "" when the return may be accepted."""
    if stands.state is ReturnState.ACCEPTED:
        return "已经通过"
    if len(stands.heads) > 1:
        return f"有 {len(stands.heads)} 份互不相承，先到“冲突”里选一份"
    if RETRACTED in stands.marks:
        back = decisions.taken_back(desk.workspace, one.stored)
        why = Decision.decode(desk.workspace.object(back.id)).reason if back is not None else ""
        return f"村里已经撤回这份报送{f'：{why}' if why else ''}"
    if stands.state is ReturnState.CERT_PENDING:
        return "签名的电脑还没有核准"
    if stands.state not in OPEN:
        return "签名的证书已吊销或过期，不算数"
    if not _may_sign(desk):
        return "现在只能看，不能签审核决定"
    return deciding.own_proxy(desk, one.stored) or ("" if check.ok else check.line)


def _why_not_return(desk: TownshipDesk, stands: Standing, comments: Mapping[Cell, str]) -> str:
    if stands.state is ReturnState.RETURNED:
        return "已经退回；要换意见，先撤回决定"
    if stands.state not in (ReturnState.RECEIVED, ReturnState.ACCEPTED):
        return f"这张表现在是“{stands.state.value}”"
    if not _may_sign(desk):
        return "现在只能看，不能签审核决定"
    return "" if comments else "先在有疑问的格上写一条意见，再退回"


# --- acts ------------------------------------------------------------------------------------------------------------


def comment(desk: TownshipDesk, office: str, form: str, cell: Cell, text: str) -> None:
    """Keep what is written at a cell of the return so far; "" takes it away. DeskError "comment.cell",
    "return.no_head"."""
    remarks.refuse_unknown(desk.task.forms[form], cell)
    remarks.keep(desk, deciding.head_of(desk, office, form).id, cell, text)


def accept(desk: TownshipDesk, office: str, form: str, *, drop_comments: bool = False) -> DecisionRecord:
    """通过. DeskError "accept.state", "accept.own_proxy", "accept.pdf" when the signed pages are not right,
    "accept.comments" while something is written at cells (drop_comments: it is not wanted any more)."""
    one = proofing.opened(desk, deciding.head_of(desk, office, form))
    if remarks.drafts(desk, one.id) and not drop_comments:
        raise _refused("accept.comments", "这张表上还写着意见", "请删掉意见再通过，或者带着意见退回")
    _, check = proofing.proof(desk, one)
    return _accept(desk, one, check)


def _accept(desk: TownshipDesk, one: Opened, check: PdfCheck) -> DecisionRecord:
    if not check.ok:
        raise _refused("accept.pdf", check.line, check.detail)
    with desk.workspace.atomic():
        made = deciding.accept(desk, one.header.office, one.form)
        remarks.clear(desk, one.id)
    return made


def send_back(desk: TownshipDesk, office: str, form: str) -> DecisionRecord:
    """退回 with what is written at its cells. DeskError "return.no_comment", "return.state", "comment.length",
    "comment.character"."""
    one = proofing.opened(desk, deciding.head_of(desk, office, form))
    said = remarks.finished(desk, one)
    with desk.workspace.atomic():
        made = deciding.send_back(desk, office, form, said)
        remarks.clear(desk, one.id)
    return made


def accept_clean(desk: TownshipDesk, *, progress: Report = silent, cancel: Cancel | None = None) -> AcceptedMany:
    """通过 every return that waits and of which there is nothing to see: no finding without 说明 or 免说明, nothing
    between villages, no comment, right pages, no mark that wants a look, nothing changed beside the last 退回. Each is
    one transaction; stopping is possible between them."""
    desk.signs()
    waiting = queue(desk)
    done: list[tuple[str, str]] = []
    for at, (office, form) in enumerate(waiting):
        if cancel is not None:
            cancel.check()
        progress(Progress(at, len(waiting), f"{desk.village(office).short} {form}"))
        one = proofing.opened(desk, deciding.head_of(desk, office, form))
        if _clean(desk, one):
            _, check = proofing.proof(desk, one)
            if check.ok:
                _accept(desk, one, check)
                done.append((office, form))
    progress(Progress(len(waiting), len(waiting), "核对完了"))
    return AcceptedMany(tuple(done), len(queue(desk)))


def _clean(desk: TownshipDesk, one: Opened) -> bool:
    """Is there nothing but its pages left to look at?"""
    office, stored = one.header.office, one.stored
    stands = desk.workspace.standing(office, one.form, desk.task.period)
    if remarks.drafts(desk, one.id) or deciding.own_proxy(desk, stored):
        return False
    if NOT_CLEAN & set(telling.marks(desk, one, stands, telling.first_arrivals(desk, office))):
        return False
    if remarks.last_return(desk, one, stands, comparing.ancestors(desk, stored)).outside:
        return False
    return not rechecking.open_notes(rechecking.notes(desk, one))


def withdraw(desk: TownshipDesk, office: str, form: str, reason: str) -> DecisionRecord:
    """撤回 this desk's last decision in effect on the head (in a conflict, on any of the heads). What a 退回 had said
    can be written on from. DeskError "withdraw.nothing"."""
    mine = _on_head(desk, office, form)
    if not mine:
        raise _refused("withdraw.nothing", "这一份上没有本镇还有效的决定", "请到总览里看它现在的状态")
    with desk.workspace.atomic():
        made = deciding.take_back(desk, mine[-1], reason)
        _comments_back(desk, mine[-1])
    return made


def _on_head(desk: TownshipDesk, office: str, form: str) -> tuple[DecisionRecord, ...]:
    """Of an accepted version whose 更正 waits, the 更正 is the head: the acceptance is not taken back by mistake."""
    stands = desk.workspace.standing(office, form, desk.task.period)
    return tuple(one for one in deciding.in_effect(desk, office, form) if one.revision in stands.heads)


def undo(desk: TownshipDesk) -> tuple[str, str] | None:
    """Take back the last decision of this period, as long as no package has carried it. Gives its (office, form)."""
    last = deciding.last_uncarried(desk)
    target = desk.workspace.revision(last.revision) if last is not None else None
    if last is None or target is None:
        return None
    with desk.workspace.atomic():
        deciding.take_back(desk, last, UNDONE)
        _comments_back(desk, last)
    return target.office, target.form


def _comments_back(desk: TownshipDesk, taken_back: DecisionRecord) -> None:
    if taken_back.act == Act.RETURN.value:
        said: tuple[Comment, ...] = Decision.decode(desk.workspace.object(taken_back.id)).comments
        remarks.restore(desk, taken_back.revision, said)


def waive(desk: TownshipDesk, office: str, form: str, key: str, reason: str) -> DecisionRecord:
    """免说明 of one 需要说明 finding of the head. DeskError "waive.none", "waive.must_fix", "waive.already",
    "reason.length"."""
    one = proofing.opened(desk, deciding.head_of(desk, office, form))
    found: list[Noted] = [noted for noted in rechecking.notes(desk, one) if noted.note.key == key]
    if not found:
        raise _refused("waive.none", "这张表上现在没有这个问题", "请重新打开这张表看看")
    if any(noted.note.severity is not Severity.EXPLAIN for noted in found):
        raise _refused("waive.must_fix", "只有“需要说明”的问题可以免说明", "必须改正的，请写意见退回")
    if any(noted.note.waived for noted in found):
        raise _refused("waive.already", "这个问题已经免说明", "不用再签一次")
    return deciding.waive(desk, office, form, key, found[0].note.check, reason)


def mark_paper(desk: TownshipDesk, office: str, form: str) -> DecisionRecord:
    """纸质已收. DeskError "paper.already", "return.no_head"."""
    one = proofing.opened(desk, deciding.head_of(desk, office, form))
    if telling.paper(desk, one, desk.workspace.standing(office, form, desk.task.period)):
        raise _refused("paper.already", "这一份的纸质报表已经记下收到", "不用再记一次")
    return deciding.mark_paper(desk, office, form)


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表的状态", todo=todo)
