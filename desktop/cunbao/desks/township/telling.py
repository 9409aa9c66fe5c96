"""What is told of a return under review beside its cells: when it came, its marks, what was decided on it before.

Reads and words only; nothing here judges or changes. Times are local, without the year: a period is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cunbao.desks import ledger
from cunbao.desks.clock import LOCAL, local_day
from cunbao.desks.receiving import TAKEN
from cunbao.desks.township.board import KINDS, LATE
from cunbao.desks.township.proofing import Opened, Reviewer
from cunbao.store import Arrival, DecisionRecord, StoredRevision
from cunbao.survey.decision import Act, Decision
from cunbao.survey.form import Form
from cunbao.survey.standing import Standing
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Cell

AFTER_RECEIPT = "签名时间晚于收到的时间，村里电脑的时钟可能不准"
BEFORE_PARENT = "签名时间早于上一版，村里电脑的时钟可能不准"


def first_arrivals(desk: Reviewer, office: str) -> Mapping[str, Arrival]:
    """Revision → the file that brought it first."""
    found: dict[str, Arrival] = {}
    for one in desk.workspace.arrivals(office=office, period=desk.task.period):  # newest first
        if one.result in TAKEN:
            found.update(dict.fromkeys(one.objects, one))
    return found


def came(one: Opened, arrival: Arrival | None) -> str:
    if arrival is None:
        proxy = one.header.kind == Kind.PROXY.code
        return f"{day(one.header.signed_at)} {'镇里代填、签名' if proxy else '签名'}"
    return f"第 {arrival.seq} 次，{moment(arrival.at)} 收到"


def marks(desk: Reviewer, one: Opened, stands: Standing, came: Mapping[str, Arrival]) -> tuple[str, ...]:
    found = [KINDS.get(mark, mark) for mark in stands.marks]
    mine = [came[held.id].at for held in desk.workspace.revisions(one.header.office, one.form, desk.task.period)
            if held.id in came]  # fmt: skip
    if mine and local_day(min(mine)) > desk.task.deadline_of(one.form):
        found.append(LATE)
    signed = one.header.signed_at
    if one.id in came and signed > came[one.id].at:
        found.append(AFTER_RECEIPT)
    parents = [held for held in map(desk.workspace.revision, one.stored.parents) if held is not None]
    if any(held.signed_at > signed for held in parents):
        found.append(BEFORE_PARENT)
    return tuple(found)


def paper(desk: Reviewer, one: Opened, stands: Standing) -> str:
    found = [
        held for held in desk.workspace.decisions(one.id)
        if held.act == Act.PAPER.value and held.id in stands.effective
    ]  # fmt: skip
    return f"纸质已收 {day(found[-1].at)} {found[-1].by}" if found else ""


def decided(desk: Reviewer, stands: Standing) -> str:
    """The last decision in effect on the head."""
    settling = (Act.ACCEPT.value, Act.RETURN.value)
    found = [one for one in desk.workspace.decisions(stands.head) if one.act in settling and one.id in stands.effective]
    return line_of(desk, found[-1]) if found and stands.state in (ReturnState.ACCEPTED, ReturnState.RETURNED) else ""


def history(desk: Reviewer, form: str, line: Sequence[StoredRevision], stands: Standing) -> tuple[str, ...]:
    """Every decision on the revision and those that it descends from, newest first, with what was said."""
    held = {one.id: one for one in line}
    records = [record for name in held for record in desk.workspace.decisions(name)]
    found = []
    for record in sorted(records, key=lambda record: (record.n, record.id), reverse=True):
        said = Decision.decode(desk.workspace.object(record.id))
        gone = record.id not in stands.effective and record.act != Act.WITHDRAW.value
        words = [
            f"{line_of(desk, record)}（第 {held[record.revision].version} 版）{'，已撤回或不作数' if gone else ''}"
        ]
        words += [said.reason] if said.reason else []
        words += [f"{label_of(desk.task.forms[form], one.cell)}：{one.text}" for one in said.comments]
        found.append("；".join(words))
    return tuple(found)


def label_of(form: Form, cell: Cell) -> str:
    """What a comment stands at, in the words of the form."""
    asked = form.by_name.get(cell.field)
    roster = next((one.label for one in form.repeats if one.name == cell.field), cell.field)
    return asked.label if asked is not None else roster


def line_of(desk: Reviewer, one: DecisionRecord) -> str:
    """12-16 09:12 通过，审核员 玉罕."""
    who = "审核员" if one.office == desk.office.code else "县里" if one.office.endswith("000000") else "村里"
    return f"{moment(one.at)} {Act(one.act).word}，{who} {one.by}"


def moment(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%m-%d %H:%M}"


def day(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%m-%d}"


def scans(desk: Reviewer, one: StoredRevision) -> tuple[tuple[str, str], ...]:
    """(object id, name) of the scans of its sealed paper, oldest first. One that no computer of the village, or of this
    township, has signed for is shown, and said to be no proof."""
    found, judge = [], ledger.judge_of(desk.workspace)
    for scan in desk.workspace.evidence(one.id):
        holds = bool(scan.signatures) and ledger.evidence_holds(judge, scan, one.office)
        doubt = "" if holds else "（签名不算数）" if scan.signatures else "（没有签名）"
        found.append((scan.content, f"{doubt}{scan.name}"))
    return tuple(found)
