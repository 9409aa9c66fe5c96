"""One return under review, at whichever desk: what is shown of it, and the acts on it.

A township reviews its villages' returns, the county what townships fill of themselves and whatever it decides over
their heads. `Chair` says in what the two differ; all else is one. Source: protocol §1, §2, §6; township-03.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cunbao.desks import decisions
from cunbao.desks.township import comparing, deciding, proofing, rechecking, remarks, telling
from cunbao.desks.township.deciding import Officer, Words
from cunbao.desks.township.proofing import Opened, Reviewer
from cunbao.desks.township.review_views import PdfCheck, ReviewView
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord, StoredRevision
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.standing import RETRACTED, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity

Place = tuple[str, str]  # office, form
OPEN = (ReturnState.RECEIVED, ReturnState.RETURNED)
READ_ONLY = "现在只能看，不能签审核决定"


@dataclass(frozen=True, slots=True)
class Chair:
    """Who reviews one return.

    desk: signs, and is `us` of the words; by: the desk of the office above the one that filled it, as pages and history
    name it. carrier: the office whose files bring it. forked: who chooses among several versions. waiting: the returns
    that wait; order: where a place stands among them, by which those before and after are found."""

    desk: Officer
    by: Reviewer
    words: Words
    carrier: str
    forked: str
    may_sign: bool
    waiting: Callable[[], tuple[Place, ...]] = field(repr=False)
    order: Callable[[Place], int] = field(repr=False)

    def standing(self, office: str, form: str) -> Standing:
        return self.desk.workspace.standing(office, form, self.desk.task.period)

    def head(self, office: str, form: str) -> Opened:
        """DeskError "return.no_head"."""
        return proofing.opened(self.by, deciding.head_of(self.desk, office, form, self.words))


# --- what is seen ----------------------------------------------------------------------------------------------------


def view(chair: Chair, office: str, form: str, *, against: str = "") -> ReviewView:
    """township-03. against: id of one of the comparisons, "" for what is liked or usual. DeskError "return.no_head",
    "review.against"."""
    by, stands = chair.by, chair.standing(office, form)
    one = proofing.opened(by, _shown(chair, office, form, stands))
    line = comparing.ancestors(by, one.stored)
    beside = comparing.versions(by, one, stands, line)
    chosen = comparing.choose(by, beside, against)
    comments = remarks.drafts(by, one.id)
    lines = comparing.lines(
        by,
        one,
        chosen,
        notes=rechecking.notes(by, one),
        comments=comments,
        last=remarks.last_return(by, one, stands, line),
    )
    pdf, check = proofing.proof(by, one)
    came = telling.first_arrivals(by, chair.carrier)
    waiting = chair.waiting()
    previous, following = _neighbours(chair, waiting, (office, form))
    why_not_accept = _why_not_accept(chair, one, stands, check)
    why_not_return = _why_not_return(chair, stands, comments)
    return ReviewView(
        office=office,
        name=by.village(office).short,
        form=form,
        title=by.task.screens[form].nav,
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
        may_withdraw=chair.may_sign and bool(_on_head(chair, office, form)),
        history=telling.history(by, form, (one.stored, *line), stands),
        previous=previous,
        following=following,
        waiting=len(waiting),
    )


def _shown(chair: Chair, office: str, form: str, stands: Standing) -> StoredRevision:
    """The revision that is looked at: the head; of several the newest; of none that may count what came last."""
    workspace = chair.desk.workspace
    name = stands.head or (stands.heads[-1] if stands.heads else "")
    found = workspace.revision(name) if name else workspace.newest(office, form, chair.desk.task.period)
    if found is None:
        happened = f"{chair.by.village(office).short}的 {form} 还没有报来"
        raise _refused("return.no_head", happened, f"请到{chair.words.board}里看看谁还没报")
    return found


def _neighbours(chair: Chair, waiting: tuple[Place, ...], place: Place) -> tuple[Place | None, Place | None]:
    """The returns that wait before and after this one, which may have been decided just now."""
    here = chair.order(place)
    before = [one for one in waiting if chair.order(one) < here]
    after = [one for one in waiting if chair.order(one) > here]
    return (before[-1] if before else None), (after[0] if after else None)


def _why_not_accept(chair: Chair, one: Opened, stands: Standing, check: PdfCheck) -> str:
    """ "" when the return may be accepted."""
    if stands.state is ReturnState.ACCEPTED:
        return "已经通过"
    if len(stands.heads) > 1:
        return f"有 {len(stands.heads)} 份互不相承，{chair.forked}"
    if RETRACTED in stands.marks:
        workspace = chair.desk.workspace
        back = decisions.taken_back(workspace, one.stored)
        why = Decision.decode(workspace.object(back.id)).reason if back is not None else ""
        return f"村里已经撤回这份报送{f'：{why}' if why else ''}"
    if stands.state is ReturnState.CERT_PENDING:
        return "签名的电脑还没有核准"
    if stands.state not in OPEN:
        return "签名的证书已吊销或过期，不算数"
    if not chair.may_sign:
        return READ_ONLY
    return deciding.own_proxy(chair.desk, one.stored) or ("" if check.ok else check.line)


def _why_not_return(chair: Chair, stands: Standing, comments: Mapping[Cell, str]) -> str:
    if stands.state is ReturnState.RETURNED:
        return "已经退回；要换意见，先撤回决定"
    if stands.state not in (ReturnState.RECEIVED, ReturnState.ACCEPTED):
        return f"这张表现在是“{stands.state.value}”"
    if not chair.may_sign:
        return READ_ONLY
    return "" if comments else "先在有疑问的格上写一条意见，再退回"


# --- acts ------------------------------------------------------------------------------------------------------------


def comment(chair: Chair, office: str, form: str, cell: Cell, text: str) -> None:
    """Keep what is written at a cell of the return so far; "" takes it away. DeskError "comment.cell",
    "return.no_head"."""
    remarks.refuse_unknown(chair.by.task.forms[form], cell)
    remarks.keep(chair.by, chair.head(office, form).id, cell, text)


def accept(chair: Chair, office: str, form: str, *, drop_comments: bool = False) -> DecisionRecord:
    """通过. DeskError "accept.state", "accept.own_proxy", "accept.pdf" when the signed pages are not right,
    "accept.comments" while something is written at cells (drop_comments: it is not wanted any more)."""
    one = chair.head(office, form)
    if remarks.drafts(chair.by, one.id) and not drop_comments:
        raise _refused("accept.comments", "这张表上还写着意见", "请删掉意见再通过，或者带着意见退回")
    return accept_right(chair, one, proofing.proof(chair.by, one)[1])


def accept_right(chair: Chair, one: Opened, check: PdfCheck) -> DecisionRecord:
    """通过 of a head whose signed pages were looked at. DeskError "accept.pdf" when they are not right."""
    if not check.ok:
        raise _refused("accept.pdf", check.line, check.detail)
    with chair.desk.workspace.atomic():
        made = deciding.accept(chair.desk, one.header.office, one.form, chair.words)
        remarks.clear(chair.by, one.id)
    return made


def send_back(chair: Chair, office: str, form: str) -> DecisionRecord:
    """退回 with what is written at its cells. DeskError "return.no_comment", "return.state", "comment.length",
    "comment.character"."""
    one = chair.head(office, form)
    said = remarks.finished(chair.by, one)
    with chair.desk.workspace.atomic():
        made = deciding.send_back(chair.desk, office, form, said, chair.words)
        remarks.clear(chair.by, one.id)
    return made


def withdraw(chair: Chair, office: str, form: str, reason: str) -> DecisionRecord:
    """撤回 this desk's last decision in effect on the head (in a conflict, on any of the heads). What a 退回 had said
    can be written on from. DeskError "withdraw.nothing"."""
    mine = _on_head(chair, office, form)
    if not mine:
        words = chair.words
        happened = f"这一份上没有{words.us}还有效的决定"
        raise _refused("withdraw.nothing", happened, f"请到{words.board}里看它现在的状态")
    return take_back(chair, mine[-1], reason)


def take_back(chair: Chair, last: DecisionRecord, reason: str) -> DecisionRecord:
    """撤回 of one decision in effect; what a 退回 had said is there again to be written on from."""
    with chair.desk.workspace.atomic():
        made = deciding.take_back(chair.desk, last, reason)
        if last.act == Act.RETURN.value:
            said: tuple[Comment, ...] = Decision.decode(chair.desk.workspace.object(last.id)).comments
            remarks.restore(chair.by, last.revision, said)
    return made


def _on_head(chair: Chair, office: str, form: str) -> tuple[DecisionRecord, ...]:
    """Of an accepted version whose 更正 waits, the 更正 is the head: the acceptance is not taken back by mistake."""
    heads = chair.standing(office, form).heads
    return tuple(one for one in deciding.in_effect(chair.desk, office, form) if one.revision in heads)


def choose(chair: Chair, office: str, form: str, revision: str, instead: str) -> DecisionRecord:
    """整份用 one of several versions: its signature stays valid and it waits for review. DeskError "choose.gone",
    "choose.pdf" when its signed pages are not right; `instead` says what is done then."""
    stored = chair.desk.workspace.revision(revision)
    if stored is not None and (stored.office, stored.form) == (office, form):
        _, check = proofing.proof(chair.by, proofing.opened(chair.by, stored))
        if not check.ok:
            raise _refused("choose.pdf", check.line, instead)
    return deciding.choose(chair.desk, office, form, revision)


def waive(chair: Chair, office: str, form: str, key: str, reason: str) -> DecisionRecord:
    """免说明 of one 需要说明 finding of the head. DeskError "waive.none", "waive.must_fix", "waive.already",
    "reason.length"."""
    found = [noted.note for noted in rechecking.notes(chair.by, chair.head(office, form)) if noted.note.key == key]
    if not found:
        raise _refused("waive.none", "这张表上现在没有这个问题", "请重新打开这张表看看")
    if any(note.severity is not Severity.EXPLAIN for note in found):
        raise _refused("waive.must_fix", "只有“需要说明”的问题可以免说明", "必须改正的，请写意见退回")
    if any(note.waived for note in found):
        raise _refused("waive.already", "这个问题已经免说明", "不用再签一次")
    return deciding.waive(chair.desk, office, form, key, found[0].check, reason)


def mark_paper(chair: Chair, office: str, form: str) -> DecisionRecord:
    """纸质已收. DeskError "paper.already", "return.no_head"."""
    one = chair.head(office, form)
    if telling.paper(chair.by, one, chair.standing(office, form)):
        raise _refused("paper.already", "这一份的纸质报表已经记下收到", "不用再记一次")
    return deciding.mark_paper(chair.desk, office, form)


def _refused(code: str, happened: str, todo: str) -> DeskError:
    return DeskError(code, happened=happened, safe="没有改变任何报表的状态", todo=todo)
