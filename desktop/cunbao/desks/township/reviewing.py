"""审核: one return after another, with all that a reviewer must see, and what he decides.

Everything shown is found anew from signed objects (`reviewed`); decisions are made by `deciding` alone. A return is
accepted only when its signed pages say what its data say (`proofing`), however it came to wait. Source: protocol §2,
§6; township-03.
"""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.desks.ledger import BASIS_CHANGED
from cunbao.desks.township import comparing, deciding, proofing, rechecking, remarks, reviewed, telling
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.proofing import Opened
from cunbao.desks.township.review_views import ReviewView
from cunbao.desks.township.reviewed import Chair, Place
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.store import DecisionRecord
from cunbao.survey.standing import FORKED, TWO_DECISIONS
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell

UNDONE = "撤销刚才的决定"
# A return with one of these is never accepted unread.
NOT_CLEAN = frozenset({BASIS_CHANGED, FORKED, TWO_DECISIONS, telling.AFTER_RECEIPT, telling.BEFORE_PARENT})


@dataclass(frozen=True, slots=True)
class AcceptedMany:
    """accepted: (office, form) of the returns that were accepted together; left: how many still wait."""

    accepted: tuple[Place, ...]
    left: int


def queue(desk: TownshipDesk) -> tuple[Place, ...]:
    """(office, form) of the returns that wait for review, as they stand on the board."""
    waiting = {
        (office, form)
        for office, form, stands in desk.workspace.standings(desk.task.period)
        if stands.state is ReturnState.RECEIVED
    }
    return tuple(place for place in _places(desk) if place in waiting)


def _places(desk: TownshipDesk) -> tuple[Place, ...]:
    return tuple((office.code, form) for office in desk.villages for form in desk.task.forms)


def chair(desk: TownshipDesk, office: str = "") -> Chair:
    """A township's officer as `reviewed` wants him. office: whose files brought what is looked at."""
    return Chair(
        desk=desk,
        by=desk,
        words=deciding.AT_TOWNSHIP,
        carrier=office,
        forked="先到“冲突”里选一份",
        may_sign=desk.signer is not None and not desk.read_only,
        waiting=lambda: queue(desk),
        order=_places(desk).index,
    )


def review(desk: TownshipDesk, office: str, form: str, *, against: str = "") -> ReviewView:
    """township-03. against: id of one of the comparisons, "" for what is liked or usual. DeskError "return.no_head",
    "review.against"."""
    return reviewed.view(chair(desk, office), office, form, against=against)


# --- acts: `reviewed` says what each refuses --------------------------------------------------------------------------


def comment(desk: TownshipDesk, office: str, form: str, cell: Cell, text: str) -> None:
    """Keep what is written at a cell of the return so far; "" takes it away."""
    reviewed.comment(chair(desk), office, form, cell, text)


def accept(desk: TownshipDesk, office: str, form: str, *, drop_comments: bool = False) -> DecisionRecord:
    """通过. drop_comments: what is written at cells is not wanted any more."""
    return reviewed.accept(chair(desk), office, form, drop_comments=drop_comments)


def send_back(desk: TownshipDesk, office: str, form: str) -> DecisionRecord:
    """退回 with what is written at its cells."""
    return reviewed.send_back(chair(desk), office, form)


def withdraw(desk: TownshipDesk, office: str, form: str, reason: str) -> DecisionRecord:
    """撤回 this desk's last decision in effect on the head."""
    return reviewed.withdraw(chair(desk), office, form, reason)


def waive(desk: TownshipDesk, office: str, form: str, key: str, reason: str) -> DecisionRecord:
    """免说明 of one 需要说明 finding of the head."""
    return reviewed.waive(chair(desk), office, form, key, reason)


def mark_paper(desk: TownshipDesk, office: str, form: str) -> DecisionRecord:
    """纸质已收."""
    return reviewed.mark_paper(chair(desk), office, form)


def accept_clean(desk: TownshipDesk, *, progress: Report = silent, cancel: Cancel | None = None) -> AcceptedMany:
    """通过 every return that waits and of which there is nothing to see: no finding without 说明 or 免说明, nothing
    between villages, no comment, right pages, no mark that wants a look, nothing changed beside the last 退回. Each is
    one transaction; stopping is possible between them."""
    desk.signs()
    here, waiting = chair(desk), queue(desk)
    done: list[Place] = []
    for at, (office, form) in enumerate(waiting):
        if cancel is not None:
            cancel.check()
        progress(Progress(at, len(waiting), f"{desk.village(office).short} {form}"))
        one = here.head(office, form)
        if _clean(desk, one):
            _, check = proofing.proof(desk, one)
            if check.ok:
                reviewed.accept_right(here, one, check)
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


def undo(desk: TownshipDesk) -> Place | None:
    """Take back the last decision of this period, as long as no package has carried it. Gives its (office, form)."""
    last = deciding.last_uncarried(desk)
    target = desk.workspace.revision(last.revision) if last is not None else None
    if last is None or target is None:
        return None
    reviewed.take_back(chair(desk), last, UNDONE)
    return target.office, target.form
