"""审核 at the county: the returns that townships fill of themselves (T01) are decided here, and a village's return can
be decided over its township's head.

What is seen and what may be done is a township's (`reviewed`), with the county in the place of the office above. Of
what townships fill the county alone decides, also among several versions of it: nobody else is above them. A decision
is answered by a further one: 撤回 names it. Source: protocol §1, §2.
"""

from __future__ import annotations

from dataclasses import dataclass

from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding, proofing, reviewed, telling
from cunbao.desks.township.review_views import ReviewView
from cunbao.desks.township.reviewed import Chair, Place
from cunbao.store import DecisionRecord, Workspace
from cunbao.survey.states import ReturnState
from cunbao.survey.task import Task
from cunbao.survey.values import Cell, Office

LEVEL = "township"
AT_COUNTY = deciding.Words("进度", "乡镇", "县里")


@dataclass(frozen=True, slots=True)
class Above:
    """The county's desk seen as the one above an office: `office` is whose computers certify it, `villages` are its
    own, `task` is the one that offices of that level fill."""

    workspace: Workspace
    task: Task
    office: Office
    county: Office
    villages: tuple[Office, ...]
    read_only: bool

    def village(self, code: str) -> Office:
        return self.workspace.office(code) or Office(code, code)


def above(desk: CountyDesk, office: str) -> Above:
    own = office.endswith("000")
    town = office[:9] + "000"
    over = desk.office if own else desk.workspace.office(town) or desk.office
    return Above(
        desk.workspace,
        desk.task.at(LEVEL if own else "village"),
        over,
        desk.office,
        tuple(one for one in desk.villages if one.parent == town),
        desk.read_only,
    )


def queue(desk: CountyDesk) -> tuple[Place, ...]:
    """(township, form) of the townships' own returns that wait for the county, in the directory's order."""
    return tuple(
        (one.code, form)
        for one in desk.townships
        for form in _own_forms(desk)
        if desk.workspace.standing(one.code, form, desk.task.period).state is ReturnState.RECEIVED
    )


def _own_forms(desk: CountyDesk) -> tuple[str, ...]:
    return tuple(form for form in desk.task.forms if desk.task.levels.get(form, "village") == LEVEL)


def _chair(desk: CountyDesk, office: str) -> Chair:
    town = office[:9] + "000"
    codes = [one.code[:9] for one in desk.townships]
    return Chair(
        desk=desk,
        by=above(desk, office),
        words=AT_COUNTY,
        carrier=town,
        forked="先选定一份" if office == town else "请乡镇先选一份",
        may_sign=desk.signer is not None and not desk.read_only,
        waiting=lambda: queue(desk),
        order=lambda place: codes.index(place[0][:9]) if place[0][:9] in codes else len(codes),
    )


def review(desk: CountyDesk, office: str, form: str, *, against: str = "") -> ReviewView:
    """One return as it was signed, beside what was accepted before. DeskError "return.no_head", "review.against"."""
    return reviewed.view(_chair(desk, office), office, form, against=against)


# --- acts: `reviewed` says what each refuses --------------------------------------------------------------------------


def comment(desk: CountyDesk, office: str, form: str, cell: Cell, text: str) -> None:
    """Keep what is written at a cell so far; "" takes it away."""
    reviewed.comment(_chair(desk, office), office, form, cell, text)


def accept(desk: CountyDesk, office: str, form: str, *, drop_comments: bool = False) -> DecisionRecord:
    """通过 by the county. drop_comments: what is written at cells is not wanted any more."""
    return reviewed.accept(_chair(desk, office), office, form, drop_comments=drop_comments)


def send_back(desk: CountyDesk, office: str, form: str) -> DecisionRecord:
    """退回 with what is written at its cells; told to the township by the next answer."""
    return reviewed.send_back(_chair(desk, office), office, form)


def withdraw(desk: CountyDesk, office: str, form: str, reason: str) -> DecisionRecord:
    """撤回 the county's own last decision in effect on the return."""
    return reviewed.withdraw(_chair(desk, office), office, form, reason)


def versions(desk: CountyDesk, office: str, form: str) -> tuple[tuple[str, str], ...]:
    """(revision, 第 1 版，12-15 10:31 签名：玉罕) of several versions that do not rest on one another, else ()."""
    heads = desk.workspace.standing(office, form, desk.task.period).heads
    if len(heads) < 2:
        return ()
    held = [proofing.opened(above(desk, office), one) for one in map(desk.workspace.revision, heads) if one is not None]
    return tuple(
        (one.id, f"第 {one.header.version} 版，{telling.moment(one.header.signed_at)} 签名：{one.header.person_name}")
        for one in held
    )


def choose(desk: CountyDesk, office: str, form: str, revision: str) -> DecisionRecord:
    """选定 one of several versions: it waits for review, the others are closed. Of what a township fills nobody else
    may; of a village's it is decided over the township's head. DeskError "choose.gone", "choose.pdf"."""
    return reviewed.choose(_chair(desk, office), office, form, revision, "请选定另一份，或者请乡镇重新签一份")


def waive(desk: CountyDesk, office: str, form: str, key: str, reason: str) -> DecisionRecord:
    """免说明 of one 需要说明 finding of the head."""
    return reviewed.waive(_chair(desk, office), office, form, key, reason)


def mark_paper(desk: CountyDesk, office: str, form: str) -> DecisionRecord:
    """纸质已收: its sealed paper has come to the county."""
    return reviewed.mark_paper(_chair(desk, office), office, form)
