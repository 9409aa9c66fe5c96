"""审核 at the county: the returns that townships fill of themselves (T01) are decided here, and a village's return can
be decided over its township's head.

What is seen is found as at a township (`comparing`, `proofing`, `telling`), with the county in the place of the office
above; the decisions are `answers`'. A decision is answered by a further one: 撤回 names it. Source: protocol §1, §2.
"""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.desks.county import answers
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import comparing, proofing, remarks, telling
from cunbao.desks.township.proofing import Opened
from cunbao.desks.township.review_views import PdfCheck, ReviewView
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, StoredRevision, Workspace
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.standing import Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.task import Task
from cunbao.survey.values import Cell, Office

OPEN = (ReturnState.RECEIVED, ReturnState.RETURNED)
SETTLING = (Act.ACCEPT.value, Act.RETURN.value)
LEVEL = "township"


@dataclass(frozen=True, slots=True)
class Above:
    """The county's desk seen as the one above an office: `office` is whose computers certify it."""

    workspace: Workspace
    task: Task
    office: Office
    county: Office
    read_only: bool

    def village(self, code: str) -> Office:
        return self.workspace.office(code) or Office(code, code)


def above(desk: CountyDesk, office: str) -> Above:
    own = office.endswith("000")
    over = desk.office if own else desk.workspace.office(office[:9] + "000") or desk.office
    return Above(desk.workspace, desk.task, over, desk.office, desk.read_only)


def queue(desk: CountyDesk) -> tuple[tuple[str, str], ...]:
    """(township, form) of the townships' own returns that wait for the county, in the directory's order."""
    return tuple(
        (one.code, form)
        for one in desk.townships
        for form in _own_forms(desk)
        if desk.workspace.standing(one.code, form, desk.task.period).state is ReturnState.RECEIVED
    )


def _own_forms(desk: CountyDesk) -> tuple[str, ...]:
    return tuple(form for form in desk.task.forms if desk.task.levels.get(form, "village") == LEVEL)


def review(desk: CountyDesk, office: str, form: str, *, against: str = "") -> ReviewView:
    """One return as it was signed, beside what was accepted before. DeskError "return.no_head", "review.against"."""
    by = above(desk, office)
    stands = desk.workspace.standing(office, form, desk.task.period)
    one = proofing.opened(by, _shown(desk, by, office, form, stands))
    line = comparing.ancestors(by, one.stored)
    beside = comparing.versions(by, one, stands, line)
    chosen = comparing.choose(by, beside, against)
    comments = remarks.drafts(by, one.id)
    last = remarks.last_return(by, one, stands, line)
    lines = comparing.lines(by, one, chosen, notes=(), comments=comments, last=last)
    pdf, check = proofing.proof(by, one)
    came = telling.first_arrivals(by, office[:9] + "000")
    why_not_accept, why_not_return = _why_not_accept(desk, stands, check), _why_not_return(desk, stands)
    waiting = queue(desk)
    previous, following = _neighbours(desk, waiting, office)
    return ReviewView(
        office=office,
        name=by.village(office).short,
        form=form,
        title=desk.task.screens[form].nav,
        state=stands.state,
        marks=telling.marks(by, one, stands, came),
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
        covered=proofing.covered(by, one),
        attachments=telling.scans(by, one.stored),
        paper_received=telling.paper(by, one, stands),
        may_accept=not why_not_accept,
        why_not_accept=why_not_accept,
        may_return=not why_not_return,
        why_not_return=why_not_return,
        decided=telling.decided(by, stands),
        may_withdraw=desk.signer is not None and bool(_mine(desk, stands)),
        history=telling.history(by, form, (one.stored, *line), stands),
        previous=previous,
        following=following,
        waiting=len(waiting),
    )


def _shown(desk: CountyDesk, by: Above, office: str, form: str, stands: Standing) -> StoredRevision:
    """The head; of several the newest; of none what came last."""
    name = stands.head or (stands.heads[-1] if stands.heads else "")
    found = desk.workspace.revision(name) if name else desk.workspace.newest(office, form, desk.task.period)
    if found is None:
        raise _refused("return.no_head", f"{by.village(office).short}的 {form} 还没有报来", "请到进度里看看谁还没报")
    return found


def _neighbours(
    desk: CountyDesk, waiting: tuple[tuple[str, str], ...], office: str
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """Those that wait before and after this township's."""
    before = [one for one in waiting if one[0] < office[:9] + "000"]
    after = [one for one in waiting if one[0] > office[:9] + "000"]
    return (before[-1] if before else None), (after[0] if after else None)


def _why_not_accept(desk: CountyDesk, stands: Standing, check: PdfCheck) -> str:
    if stands.state is ReturnState.ACCEPTED:
        return "已经通过"
    if len(stands.heads) > 1:
        return f"有 {len(stands.heads)} 份互不相承，请乡镇先选一份"
    if stands.state not in OPEN:
        return f"这张表现在是“{stands.state.value}”"
    if desk.signer is None or desk.read_only:
        return "现在只能看，不能签审核决定"
    return "" if check.ok else check.line


def _why_not_return(desk: CountyDesk, stands: Standing) -> str:
    if stands.state not in (ReturnState.RECEIVED, ReturnState.ACCEPTED):
        return f"这张表现在是“{stands.state.value}”"
    return "现在只能看，不能签审核决定" if desk.signer is None or desk.read_only else ""


# --- acts ------------------------------------------------------------------------------------------------------------


def comment(desk: CountyDesk, office: str, form: str, cell: Cell, text: str) -> None:
    """Keep what is written at a cell so far; "" takes it away. DeskError "comment.cell", "return.no_head"."""
    remarks.refuse_unknown(desk.task.forms[form], cell)
    remarks.keep(above(desk, office), _head(desk, office, form).id, cell, text)


def accept(desk: CountyDesk, office: str, form: str, *, drop_comments: bool = False) -> DecisionRecord:
    """通过 by the county. DeskError "accept.state", "accept.pdf", "accept.comments" while something is written at cells
    (drop_comments: it is not wanted any more)."""
    by, one = _opened(desk, office, form)
    state = desk.workspace.standing(office, form, desk.task.period).state
    if state not in OPEN:
        raise _refused("accept.state", f"这张表现在是“{state.value}”，不用再通过", "请到进度里选待审核的表")
    if remarks.drafts(by, one.id) and not drop_comments:
        raise _refused("accept.comments", "这张表上还写着意见", "请删掉意见再通过，或者带着意见退回")
    _, check = proofing.proof(by, one)
    if not check.ok:
        raise _refused("accept.pdf", check.line, check.detail)
    with desk.workspace.atomic():
        made = answers.decide(desk, Act.ACCEPT, one.id)
        remarks.clear(by, one.id)
    return made


def send_back(desk: CountyDesk, office: str, form: str) -> DecisionRecord:
    """退回 with what is written at its cells; told to the township by the next answer. DeskError "return.no_comment",
    "return.state", "comment.length", "comment.character"."""
    by, one = _opened(desk, office, form)
    said: tuple[Comment, ...] = remarks.finished(by, one)
    if not said:
        raise _refused("return.no_comment", "还没有写意见，乡镇不知道改哪里", "请在要改的格子上写一条意见，再退回")
    if desk.workspace.standing(office, form, desk.task.period).state is ReturnState.RETURNED:
        raise _refused("return.state", "这张表已经退回", "要换意见，请先撤回原来的决定")
    with desk.workspace.atomic():
        made = answers.decide(desk, Act.RETURN, one.id, comments=said)
        remarks.clear(by, one.id)
    return made


def withdraw(desk: CountyDesk, office: str, form: str, reason: str) -> DecisionRecord:
    """撤回 the county's own last decision in effect on the return. DeskError "withdraw.nothing"."""
    mine = _mine(desk, desk.workspace.standing(office, form, desk.task.period))
    if not mine:
        raise _refused("withdraw.nothing", "这一份上没有县里还有效的决定", "请到进度里看它现在的状态")
    last = mine[-1]
    with desk.workspace.atomic():
        made = answers.decide(desk, Act.WITHDRAW, last.revision, reason=reason.strip(), names=(last.id,))
        if last.act == Act.RETURN.value:
            said = Decision.decode(desk.workspace.object(last.id)).comments
            remarks.restore(above(desk, office), last.revision, said)
    return made


def _mine(desk: CountyDesk, stands: Standing) -> tuple[DecisionRecord, ...]:
    """The county's decisions in effect on the head that settle it."""
    made = desk.workspace.decisions(stands.head) if stands.head else ()
    return tuple(
        one for one in made if one.id in stands.effective and one.office == desk.office.code and one.act in SETTLING
    )


def _opened(desk: CountyDesk, office: str, form: str) -> tuple[Above, Opened]:
    by = above(desk, office)
    return by, proofing.opened(by, _head(desk, office, form))


def _head(desk: CountyDesk, office: str, form: str) -> StoredRevision:
    stands = desk.workspace.standing(office, form, desk.task.period)
    head = desk.workspace.revision(stands.head) if stands.head else None
    if head is None:
        raise _refused("return.no_head", f"这张表现在是“{stands.state.value}”，没有可审核的一份", "请到进度里看看")
    return head


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表的状态", todo=todo)
