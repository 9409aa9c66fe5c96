"""总览: village × form, who is where; and the numbers that the frame shows. Reads what was judged, judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cunbao.desks import answering, exempted, sequences
from cunbao.desks.clock import local_day
from cunbao.desks.receiving import TAKEN, copied, missing_numbers
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import BoardCell, BoardRow, BoardView, FileResult, TownFrame
from cunbao.store import Arrival
from cunbao.survey.revision import read_answers
from cunbao.survey.standing import RETRACTED, Standing
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Answers, Office

LATE = "迟报"
KINDS = {kind.code: kind.value for kind in Kind}
# what a refused file leaves behind at its village until a whole one comes
TROUBLES = {FileResult.BROKEN.name: "第{n}次没读全", FileResult.SIGNATURE.name: "签名对不上"}
ORDER = (
    ReturnState.RECEIVED, ReturnState.FORK, ReturnState.CERT_PENDING, ReturnState.RETURNED, ReturnState.MISSING,
    ReturnState.ACCEPTED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the board rests on, read once. waiting: (office, form) that lie aside until a computer is approved."""

    standings: Mapping[tuple[str, str], Standing]
    last: Mapping[str, Arrival]
    came: Mapping[str, datetime]  # revision → when it came first
    waiting: frozenset[tuple[str, str]]
    computers: Mapping[str, int]
    gaps: Mapping[str, tuple[int, ...]]
    refused: Mapping[str, Arrival]
    twice: frozenset[str]


def whereabouts(desk: TownshipDesk) -> Whereabouts:
    workspace, period = desk.workspace, desk.task.period
    came: dict[str, datetime] = {}
    lives: dict[str, set[tuple[str, str]]] = {}
    refused: dict[str, Arrival] = {}
    last: dict[str, Arrival] = {}
    for one in reversed(workspace.arrivals()):  # oldest first
        if one.result in TAKEN and one.period == period:
            for name in one.objects:
                came.setdefault(name, one.at)
            lives.setdefault(one.office, set()).add((one.device, one.epoch))
            last[one.office] = one
            refused.pop(one.office, None)
        elif one.result in TROUBLES and one.office:
            refused[one.office] = one
    gaps = {}
    for office, some in lives.items():
        missing = tuple(number for device, epoch in sorted(some) for number in missing_numbers(desk, device, epoch))
        if missing:
            gaps[office] = missing
    return Whereabouts(
        standings={(office, form): stands for office, form, stands in workspace.standings(period)},
        last=last,
        came=came,
        waiting=frozenset(
            (one.office, form) for one in workspace.aside() if one.period == period for form in one.forms
        ),
        computers={office: len({device for device, _ in some}) for office, some in lives.items()},
        gaps=gaps,
        refused=refused,
        twice=frozenset(office for office in lives if copied(desk, office)),
    )


def board(desk: TownshipDesk) -> BoardView:
    """township-02."""
    facts = whereabouts(desk)
    forms = tuple(desk.task.forms)
    rows = tuple(_row(desk, office, forms, facts) for office in desk.villages)
    counts = Counter(cell.state for row in rows for cell in row.cells)
    waiting = next(
        (
            (row.office, cell.form, f"{row.name} {cell.form}")
            for row in rows
            for cell in row.cells
            if cell.state is ReturnState.RECEIVED
        ),
        None,
    )
    return BoardView(
        forms=tuple((form, f"{form} {desk.task.screens[form].nav}") for form in forms),
        rows=rows,
        counts={state: counts.get(state, 0) for state in ORDER},
        total=len(rows) * len(forms),
        accepted_by_form=tuple(
            sum(row.cells[at].state is ReturnState.ACCEPTED for row in rows) for at in range(len(forms))
        ),
        complete=sum(row.accepted == len(forms) for row in rows),
        next=waiting,
        deadline=desk.task.deadline,
    )


def state_of(facts: Whereabouts, office: str, form: str) -> ReturnState:
    """The state of one return as the board shows it: what lies aside is 证书待核准 where nothing else has come."""
    stands = facts.standings.get((office, form))
    state = stands.state if stands is not None else ReturnState.MISSING
    return ReturnState.CERT_PENDING if state is ReturnState.MISSING and (office, form) in facts.waiting else state


def states(desk: TownshipDesk) -> dict[tuple[str, str], ReturnState]:
    """(office, form) → state, of every village and form of the task."""
    facts = whereabouts(desk)
    return {(one.code, form): state_of(facts, one.code, form) for one in desk.villages for form in desk.task.forms}


def state_words(desk: TownshipDesk) -> dict[tuple[str, str], str]:
    """(office, form) → the word of its state, as totals name what is not counted."""
    return {key: state.value for key, state in states(desk).items()}


def received_answers(desk: TownshipDesk) -> dict[tuple[str, str], Answers]:
    """(office, form) → the signed answers of what waits for review, for totals that say 含未审核."""
    found = {}
    for office, form, stands in desk.workspace.standings(desk.task.period):
        head = desk.workspace.revision(stands.head) if stands.state is ReturnState.RECEIVED else None
        if head is not None and form in desk.task.forms:
            found[office, form] = read_answers(desk.task.forms[form], desk.workspace.object(head.answers))
    return found


def _row(desk: TownshipDesk, office: Office, forms: tuple[str, ...], facts: Whereabouts) -> BoardRow:
    cells = tuple(_cell(desk, office.code, form, facts) for form in forms)
    last = facts.last.get(office.code)
    proxy = any("代报" in cell.marks for cell in cells)
    remark, tone = _remark(office.code, cells, facts, proxy=proxy)
    if not remark:
        remark = _left_out(desk, office.code)
        tone = "info" if remark else ""
    signed = [
        held.signed_at
        for form in forms
        if (stands := facts.standings.get((office.code, form))) is not None
        and (held := desk.workspace.revision(stands.head)) is not None
        and held.kind == Kind.PROXY.code
    ]
    return BoardRow(
        office=office.code,
        name=office.short,
        cells=cells,
        accepted=sum(cell.state is ReturnState.ACCEPTED for cell in cells),
        received_at=last.at if last else max(signed, default=None),
        on_paper=last is None and bool(signed),
        sequence=last.seq if last else None,
        remark=remark,
        tone=tone,
    )


def _cell(desk: TownshipDesk, office: str, form: str, facts: Whereabouts) -> BoardCell:
    state = state_of(facts, office, form)
    stands = facts.standings.get((office, form))
    marks = [KINDS.get(one, one) for one in stands.marks] if stands is not None else []
    if is_late(desk, facts, office, form):
        marks.append(LATE)
    return BoardCell(form=form, state=state, marks=tuple(marks))


def is_late(desk: TownshipDesk, facts: Whereabouts, office: str, form: str) -> bool:
    """迟报: nothing had come by the end of the deadline day, or only afterwards. A mark, never a state."""
    stands = facts.standings.get((office, form))
    if stands is None or not stands.heads:
        return desk.today > desk.task.deadline
    came = [
        facts.came[one.id] for one in desk.workspace.revisions(office, form, desk.task.period) if one.id in facts.came
    ]
    return bool(came) and local_day(min(came)) > desk.task.deadline


def _remark(office: str, cells: tuple[BoardCell, ...], facts: Whereabouts, *, proxy: bool) -> tuple[str, str]:
    """The one thing worth saying about a village, and its tone."""
    if office in facts.twice:
        return "电脑可能被复制", "warn"
    refused = facts.refused.get(office)
    if refused is not None:
        return trouble_of(refused), "error"
    if office in facts.gaps:
        return f"缺{sequences.words(facts.gaps[office])}", "warn"
    if any(cell.state is ReturnState.CERT_PENDING for cell in cells):
        return "等核准证书", ""
    back = [cell.form for cell in cells if RETRACTED in cell.marks]
    if back:
        return f"撤回了 {'、'.join(back)}", "warn"
    if proxy:
        return "镇里代报", "info"
    if all(cell.state is ReturnState.MISSING for cell in cells):
        return "一次也没报", ""
    if any("依据已变" in cell.marks for cell in cells):
        return "依据已变", "warn"
    return ("两台电脑" if facts.computers.get(office, 0) > 1 else ""), ""


def _left_out(desk: TownshipDesk, office: str) -> str:
    """不计入 003-04: what the county has decided of this village's figures, "" nothing."""
    numbers = sorted(exempted.exempted(desk.workspace, desk.task.period).get(office, {}))
    return f"不计入 {numbers[0]}" if len(numbers) == 1 else f"不计入 {len(numbers)} 个指标" if numbers else ""


def trouble_of(refused: Arrival) -> str:
    """第2次没读全: what a refused file is remembered by until a whole one comes."""
    return TROUBLES[refused.result].format(n=_number_named(refused.file_name))


def _number_named(file_name: str) -> str:
    """第 n 次 of a file that could not be opened, by its name."""
    import re

    found = re.search(r"第(\d+)次", file_name)
    return found.group(1) if found else "几"


def frame(desk: TownshipDesk) -> TownFrame:
    """Header, nav and status bar."""
    from cunbao.desks.township import deciding, owing, supplement

    if desk.given is None:
        return _frame_without_task(desk)
    facts = whereabouts(desk)
    found = Counter(state_of(facts, one.code, form) for one in desk.villages for form in desk.task.forms)
    waiting = owing.proposed(desk)
    to_chase = sum(
        any(
            state_of(facts, one.code, form) in (ReturnState.MISSING, ReturnState.RETURNED)
            or (one.code, form) in waiting
            for form in desk.task.forms
        )
        for one in desk.villages
    )
    proxy = next((one.short for one in desk.villages if one.code == desk.proxy_for), "")
    return TownFrame(
        office=desk.line,
        period=f"{desk.task.period} 年度",
        deadline=desk.task.deadline,
        days_left=(desk.task.deadline - desk.today).days,
        saved_at=desk.workspace.last_known,
        can_undo=deciding.last_uncarried(desk) is not None,
        to_review=found[ReturnState.RECEIVED],
        conflicts=found[ReturnState.FORK],
        requests=sum(one.state == "asked" for one in desk.workspace.devices()),
        to_chase=to_chase,
        person=f"审核员 {desk.person.name}",
        backup_at=desk.workspace.last_backup(),
        proxy_for=proxy,
        sample=bool(desk.workspace.setting("practice/deadline", "")),
        own=supplement.lines(desk),
        recoveries=answering.waiting(desk),
    )


def _frame_without_task(desk: TownshipDesk) -> TownFrame:
    return TownFrame(
        office=desk.line,
        period="还没有任务",
        deadline=desk.today,
        days_left=0,
        saved_at=desk.workspace.last_known,
        can_undo=False,
        to_review=0,
        conflicts=0,
        requests=0,
        to_chase=0,
        person=f"审核员 {desk.person.name}",
        backup_at=desk.workspace.last_backup(),
        proxy_for="",
        sample=False,
    )
