"""撤回报送: a village takes back what it has sent, before the township has accepted it.

The 撤回 is a signed decision on that one version and goes with the next bundle; the version itself is never deleted,
and the return is open again with it as parent. Where an acceptance crosses it, the acceptance stands
(`survey.standing`). Source: protocol §2.
"""

from __future__ import annotations

from collections.abc import Iterable

from cunbao.desks import decisions, devices, restored, taking
from cunbao.desks.decisions import a_reason
from cunbao.desks.village import lineage, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.store import DecisionRecord
from cunbao.survey.decision import Act, Decision
from cunbao.survey.states import Kind, ReturnState

HEARD = "retracted/heard"  # setting: ids of our 撤回 that the township is known to hold
OPEN = (ReturnState.SENT, ReturnState.RECEIVED)


def why_not(desk: VillageDesk, form: str) -> str:
    """Why the return of a form cannot be taken back, "" when it can."""
    newest, state = desk.newest(form), desk.state(form)
    if newest is None:
        return "还没有签过名"
    if desk.office.level != "village":
        return "乡镇自己填的表，另做一版更正"  # a township's word takes back a 代报 alone (`survey.standing`)
    if newest.kind == Kind.PROXY.code:
        return "这一份是乡镇代报的，请乡镇撤回"
    if state is ReturnState.SIGNED:
        return "还没有送出，撤回签名就可以"
    if state not in OPEN:
        return f"现在是“{state.value}”"
    return "" if devices.device(desk.workspace).enrolled else "这台电脑的证书还没有核准"


def retract(desk: VillageDesk, form: str, reason: str, password: str) -> DecisionRecord:
    """撤回报送 of the newest version of a form; the draft is open again with that version as parent.

    DeskError "retract.state", "reason.length", "sign.restored", "sign.clock"; TrustError "password.wrong"."""
    trouble, newest = why_not(desk, form), desk.newest(form)
    if trouble or newest is None or desk.read_only:
        raise DeskError(
            "retract.state",
            happened=f"{desk.task.forms[form].title}不能撤回报送：{trouble or '现在是只看不改'}",
            safe="报送过的内容没有改动",
            todo="通过以后要改，请点“更正”，另做一版",
        )
    said = a_reason(reason)
    restored.refuse_unasked(desk.workspace)
    signing.refuse_if_clock_is_wrong(desk)
    workspace = desk.workspace
    signer = devices.unlock_signer(workspace, desk.person, password)
    decided = Decision(
        act=Act.RETRACT,
        revision=newest.id,
        office=desk.office.code,
        n=workspace.next_n(newest.office, newest.period),
        seen=workspace.decision_heads(newest.office, newest.period),
        person=desk.person.name,
        at=desk.clock().replace(microsecond=0),
        reason=said,
    )
    with workspace.atomic():
        kept = decisions.keep(workspace, decided, signer)
        taking.rejudge(workspace, desk.task, {desk.office.code})
        lineage.begin_again(desk, form)
        desk.journal("retract_return", form=form, revision=newest.id, reason=said)
    return kept


def follow(desk: VillageDesk, form: str) -> None:
    """After a receipt: what the office's other computer took back is open here too; what the township had accepted
    before our 撤回 came is locked again, unless something was changed since: that goes on as a 更正."""
    newest = desk.newest(form)
    if newest is None:
        return
    if not desk.correcting(form):
        if decisions.taken_back(desk.workspace, newest) is not None:
            lineage.begin_again(desk, form)
    elif too_late(desk, form) and desk.instance(form).answers(signed=True) == desk.signed_answers(newest):
        lineage.give_up(desk, form)


def too_late(desk: VillageDesk, form: str) -> bool:
    """Was our 撤回 of the newest version crossed by an acceptance?"""
    newest = desk.newest(form)
    if newest is None or not newest.accepted:
        return False
    return any(one.act == Act.RETRACT.value for one in desk.workspace.decisions(newest.id))


def note(desk: VillageDesk, form: str) -> str:
    """What stands beside a return that was taken back and not signed anew, "" for any other."""
    newest = desk.newest(form)
    if newest is None or not desk.state(form).editable:
        return ""
    if too_late(desk, form):
        return "撤回送到以前乡镇已经通过，现在改的算更正"
    back = decisions.taken_back(desk.workspace, newest)
    if back is None:
        return ""
    return "已撤回报送" if back.id in _heard(desk) else "已撤回报送，要报送出去乡镇才知道"


# --- carried ---------------------------------------------------------------------------------------------------------


def outgoing(desk: VillageDesk) -> tuple[DecisionRecord, ...]:
    """The office's own decisions of this period that no receipt has acknowledged."""
    mine = desk.workspace.decisions_of(desk.office.code, desk.task.period)
    heard = _heard(desk)
    return tuple(one for one in mine if one.office == desk.office.code and one.id not in heard)


def forms_of(desk: VillageDesk, some: Iterable[DecisionRecord]) -> tuple[str, ...]:
    """The forms whose returns these take back, in the order of the task."""
    on = {held.form for one in some if (held := desk.workspace.revision(one.revision)) is not None}
    return tuple(form for form in desk.task.forms if form in on)


def acknowledged(desk: VillageDesk, names: Iterable[str]) -> None:
    """The township holds these."""
    news = {one.id for one in outgoing(desk)}.intersection(names)
    if news:
        desk.workspace.set_setting(HEARD, sorted(_heard(desk) | news))


def forget(desk: VillageDesk) -> None:
    """The township lives a new life: what the one before held is carried again."""
    desk.workspace.set_setting(HEARD, [])


def _heard(desk: VillageDesk) -> frozenset[str]:
    return frozenset(desk.workspace.setting(HEARD, []))
