"""进度: which township has sent on what, which village is missing; and the numbers that the frame shows.

A village takes the state of its least advanced form. 迟报 is said only after the deadline, of a village of which a form
never came; before it the same village is 未报. Reads what was judged, judges nothing. Source: ui/design.md, county-01.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cunbao.desks import answering
from cunbao.desks.clock import local_day
from cunbao.desks.county import building, closing, rootkey
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.views import CountyFrame, MatrixLine, MatrixView, ProgressView, TownshipLine, VillageLine
from cunbao.desks.receiving import TAKEN
from cunbao.store import Arrival
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Office

# the least advanced first: what a village with several forms is said to be
ADVANCE = (
    ReturnState.MISSING, ReturnState.RETURNED, ReturnState.FORK, ReturnState.CERT_PENDING, ReturnState.RECEIVED,
    ReturnState.ACCEPTED,
)  # fmt: skip
Owed = tuple[Office, tuple[str, ...], tuple[str, ...]]
SOON = timedelta(days=30)  # a certificate that ends within this time is told of


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table rests on, read once. waiting: (office, form) that lie aside until a computer is approved."""

    states: Mapping[tuple[str, str], ReturnState]
    waiting: frozenset[tuple[str, str]]
    last: Mapping[str, Arrival]  # township → the newest bundle of its desk
    decided: Mapping[tuple[str, str], datetime]  # when what counts was signed


def forms_of(desk: CountyDesk, level: str) -> tuple[str, ...]:
    """The forms that offices of a level fill, in the task's order."""
    return tuple(form for form in desk.task.forms if desk.task.levels.get(form, "village") == level)


def facts(desk: CountyDesk) -> Facts:
    workspace, period = desk.workspace, desk.task.period
    last = workspace.last_arrivals(period, TAKEN)
    return Facts(
        states={(office, form): stands.state for office, form, stands in workspace.standings(period)},
        waiting=frozenset(
            (one.office, form) for one in workspace.aside() if one.period == period for form in one.forms
        ),
        last={office: one for office, one in last.items() if office},
        decided=workspace.counted_signed_at(period),
    )


def state_of(known: Facts, office: str, form: str) -> ReturnState:
    state = known.states.get((office, form), ReturnState.MISSING)
    return ReturnState.CERT_PENDING if state is ReturnState.MISSING and (office, form) in known.waiting else state


def least(states: Iterable[ReturnState]) -> ReturnState:
    """The least advanced of several; a state that a county never sees counts as not come."""
    return min(states, key=lambda one: ADVANCE.index(one) if one in ADVANCE else 0, default=ReturnState.MISSING)


def progress(desk: CountyDesk, *, by_form: bool = False) -> ProgressView:
    """county-01. by_form: count returns instead of villages. DeskError "task.none"."""
    known, forms, own = facts(desk), forms_of(desk, "village"), forms_of(desk, "township")
    overdue = local_day(desk.clock()) > desk.task.deadline
    rows, missing = [], []
    everyone, under = desk.villages, dict[str, list[Office]]()
    for village in everyone:
        under.setdefault(village.parent, []).append(village)
    for township in desk.townships:
        villages = under.get(township.code, [])
        rows.append(_township(township, villages, forms, own, known, by_form=by_form))
        gone = tuple(one.short for one in villages if _never(known, one, forms))
        if gone:
            missing.append((township.code, gone))
    closed = closing.in_effect(desk.workspace, desk.task.period)
    return ProgressView(
        by_form=by_form,
        forms=len(forms),
        villages=len(everyone),
        rows=tuple(rows),
        overdue=overdue,
        chase=sum(len(names) for _, names in missing),
        missing=tuple(missing),
        own_form=own[0] if own else "",
        nothing_yet=not known.last and not known.states,
        closed_on=local_day(closed.at) if closed is not None else None,
    )


def villages(desk: CountyDesk, township: str) -> tuple[VillageLine, ...]:
    """The villages of one township, the one that needs something first. DeskError "task.none"."""
    known, forms = facts(desk), forms_of(desk, "village")
    overdue = local_day(desk.clock()) > desk.task.deadline
    lines = [_village(one, forms, known, overdue=overdue) for one in desk.villages if one.parent == township]
    return tuple(
        sorted(lines, key=lambda line: (ADVANCE.index(line.state) if line.state in ADVANCE else 0, line.office))
    )


def matrix(desk: CountyDesk, township: str) -> MatrixView:
    """打开本乡: every village of a township, form by form, in code order. DeskError "task.none"."""
    known, forms = facts(desk), forms_of(desk, "village")
    name = next((one.short for one in desk.townships if one.code == township), township)
    return MatrixView(
        name=name,
        forms=tuple((form, desk.task.screens[form].nav) for form in forms),
        rows=tuple(
            MatrixLine(one.code, one.short, tuple(state_of(known, one.code, form) for form in forms))
            for one in desk.villages
            if one.parent == township
        ),
    )


def owed(desk: CountyDesk, township: str) -> tuple[Owed, ...]:
    """(village, forms that never came, forms sent back) of a township, of those villages that owe something."""
    known, forms = facts(desk), forms_of(desk, "village")
    found = []
    for one in desk.villages:
        if one.parent == township:
            states = {form: state_of(known, one.code, form) for form in forms}
            gone = tuple(form for form, state in states.items() if state is ReturnState.MISSING)
            back = tuple(form for form, state in states.items() if state is ReturnState.RETURNED)
            if gone or back:
                found.append((one, gone, back))
    return tuple(found)


def _township(
    office: Office,
    villages: list[Office],
    forms: tuple[str, ...],
    own: tuple[str, ...],
    known: Facts,
    *,
    by_form: bool,
) -> TownshipLine:
    each = [[state_of(known, one.code, form) for form in forms] for one in villages]
    counted = [state for states in each for state in states] if by_form else [least(states) for states in each]
    never = (
        sum(state is ReturnState.MISSING for state in counted)
        if by_form
        else sum(_never(known, one, forms) for one in villages)
    )
    came = known.last.get(office.code)
    return TownshipLine(
        office=office.code,
        name=office.short,
        units=len(counted),
        counts=Counter(counted),
        late=never,
        own=least(state_of(known, office.code, form) for form in own) if own else None,
        came_at=came.at if came else None,
        sequence=came.seq if came else None,
    )


def _never(known: Facts, office: Office, forms: tuple[str, ...]) -> bool:
    """Is a form of this village nowhere to be seen?"""
    return any(state_of(known, office.code, form) is ReturnState.MISSING for form in forms)


def _village(office: Office, forms: tuple[str, ...], known: Facts, *, overdue: bool) -> VillageLine:
    states = {form: state_of(known, office.code, form) for form in forms}
    state = least(states.values())
    gone = [form for form, one in states.items() if one is ReturnState.MISSING]
    back = [form for form, one in states.items() if one is ReturnState.RETURNED]
    if len(gone) == len(forms):
        words = "一次也没报"
    elif gone:
        words = f"报了 {len(forms) - len(gone)} 张，缺 {'、'.join(gone)}"
    elif back:
        words = f"退回 {'、'.join(back)}"
    elif state is ReturnState.ACCEPTED:
        days = [at for (code, _), at in known.decided.items() if code == office.code]
        words = f"{local_day(max(days)):%m-%d} 签名" if days else f"{len(forms)} 张都通过了"
    elif state is ReturnState.RECEIVED:
        waiting = sum(one is ReturnState.RECEIVED for one in states.values())
        words = f"{waiting} 张还没审核" if waiting < len(forms) else f"{len(forms)} 张都没审核"
    else:
        words = "、".join(form for form, one in states.items() if one is state)
    return VillageLine(office=office.code, name=office.short, state=state, words=words, late=bool(gone) and overdue)


# --- the frame -------------------------------------------------------------------------------------------------------


def frame(desk: CountyDesk) -> CountyFrame:
    """Header, nav and status bar; before the first pack there is no task to count."""
    now = desk.clock()
    soon = expiring(desk)
    person = f"管理员 {desk.person.name}"
    if desk.given is None:
        draft = building.draft_of(desk)
        deadline = draft.wanted.deadline if draft is not None else local_day(now)
        return CountyFrame(
            office=desk.full_name,
            period=f"{draft.wanted.period} 年度" if draft is not None else "还没有任务",
            deadline=deadline,
            days_left=(deadline - local_day(now)).days,
            saved_at=desk.workspace.last_known,
            late=0,
            expiring=soon,
            person=person,
            backup_at=desk.workspace.last_backup(),
            warning=rootkey.warning(desk),
            recoveries=answering.waiting(desk),
        )
    known, forms = facts(desk), forms_of(desk, "village")
    overdue = local_day(now) > desk.task.deadline
    return CountyFrame(
        office=desk.full_name,
        period=f"{desk.task.period} 年度",
        deadline=desk.task.deadline,
        days_left=(desk.task.deadline - local_day(now)).days,
        saved_at=desk.workspace.last_known,
        late=sum(_never(known, one, forms) for one in desk.villages) if overdue else 0,
        expiring=soon,
        person=person,
        backup_at=desk.workspace.last_backup(),
        warning=rootkey.warning(desk),
        recoveries=answering.waiting(desk),
    )


def expiring(desk: CountyDesk) -> int:
    """Certificates of townships and of the county's own desk that end within 30 days and that nothing replaces: of
    each office and purpose only the one that lasts longest is looked at."""
    now = desk.clock()
    newest: dict[tuple[str, str, bool], datetime] = {}
    for one in desk.workspace.certificates():
        if one.office.endswith("000"):
            key = (one.office, one.role, one.signs)
            newest[key] = max(newest.get(key, one.not_after), one.not_after)
    return sum(now <= until < now + SOON for until in newest.values())
