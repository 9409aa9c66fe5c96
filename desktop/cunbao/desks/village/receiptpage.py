"""回执 as the village sees it: what was said at which cells, what of it is done, what comes next; the letters on home.

Reads what `replies` took; decides nothing but that a return sent back opens again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cunbao.desks import closed, devices
from cunbao.desks.clock import LOCAL
from cunbao.desks.views import CommentLine, FormLine, Letter, ReceiptView
from cunbao.desks.village import acknowledged, basis, lineage, opinions, otherversions, replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.store import Arrival
from cunbao.survey.decision import Act
from cunbao.survey.states import ReturnState

SENT_BACK = 5  # the step of the bar that a return sent back stands at: 接收


def receipt_view(desk: VillageDesk) -> ReceiptView:
    """village-11: what was said, at which cells, and what of it is done."""
    lines = tuple(desk.form_line(form) for form in desk.task.forms)
    comments, others = opinions.all_of(desk), tuple(otherversions.shown(desk))
    back = tuple(one.form for one in lines if one.state is ReturnState.RETURNED)
    returned = tuple(form for form in desk.task.forms if form in back or any(c.form == form for c in comments))
    came = replies.last_taken(desk)
    state = desk.least(lines).state
    title, advice = _told(desk, comments, returned, len(others))
    still = any(one.state == opinions.OPEN for one in comments)
    after = ("", "") if back or others or still or desk.read_only else _next(desk, lines)
    return ReceiptView(
        at=came.at if came else None,
        state=ReturnState.RETURNED if returned else ReturnState.FORK if others else state,
        step=SENT_BACK if back else min(state.step, 7),
        line=_came(desk, came, returned) if came else "",
        title=title,
        advice=advice,
        by=_by(desk),
        comments=comments,
        accepted=tuple(one.form for one in lines if one.state is ReturnState.ACCEPTED),
        returned=returned,
        others=others,
        reminders=tuple(reminders(desk)),
        may_begin=bool(back) and not desk.read_only,
        next=after[0],
        next_form=after[1],
        forms=lines,
    )


def _next(desk: VillageDesk, lines: Sequence[FormLine]) -> tuple[str, str]:
    """What comes next for the forms that are being corrected, must be, or are signed and not sent; and which form."""
    open_ones = [one.state for one in lines if one.state.editable and desk.correcting(one.form)]
    if open_ones:
        return ("sign" if all(state is ReturnState.TO_SIGN for state in open_ones) else "check"), ""
    moved = basis.to_correct(desk)
    if moved is not None:
        return "correct", moved.form
    return ("send" if any(one.state is ReturnState.SIGNED for one in lines) else ""), ""


def _told(desk: VillageDesk, comments: Sequence[CommentLine], returned: Sequence[str], others: int) -> tuple[str, str]:
    """The sentence of the banner and what to do."""
    still, town = sum(one.state == opinions.OPEN for one in comments), desk.directory.township.short
    if returned and still:
        return (
            f"{town}退回，有 {still} 处要改",
            f"其他内容不用动。改完重新检查、签名，再报一次（第 {_next_number(desk)} 次），{_in_time(desk)}。",
        )
    if others:
        return f"有 {others} 份要看一看", "看过以后，采用它，或者以本机的为准；再检查、签名、报送。"
    if returned and not comments:  # decided without a word at a cell
        return f"{town}退回 {len(returned)} 张表", f"请问清楚要改哪里；改完再检查、签名、报送，{_in_time(desk)}。"
    if returned:
        how = f"接着检查、签名，再报一次（第 {_next_number(desk)} 次），{_in_time(desk)}。"
        return f"{town}退回的 {len(comments)} 处都办好了", how
    accepted = replies.forms_in(desk, ReturnState.ACCEPTED)
    if len(accepted) == len(desk.task.forms):
        return "全部通过，本期办结", "不用再做什么；以后要改，可以做更正。"
    again = [form for form in desk.task.forms if desk.state(form).editable and desk.correcting(form)]
    if again:
        how = f"改完接着检查、签名，再报一次（第 {_next_number(desk)} 次）；不想改了，在表里点“放弃更正”。"
        return f"{'、'.join(again)} 正在更正", how
    held = replies.forms_in(desk, ReturnState.RECEIVED)
    parts = [f"通过 {len(accepted)} 张"] if accepted else []
    parts += [f"{len(held)} 张等{town}审核"] if held else []
    rest = len(desk.task.forms) - len(accepted) - len(held)
    parts += [f"{rest} 张还没送到"] if rest and parts else []
    signed = len(replies.forms_in(desk, ReturnState.SIGNED))
    advice = f"签好的 {signed} 张还没送出，请去报送。" if signed else "不用做什么，下一份回执来了再读。"
    return "，".join(parts) or "回执里没有新的审核决定", advice


def _next_number(desk: VillageDesk) -> int:
    """第几次 the next bundle of this computer is."""
    return desk.workspace.next_seq()


def _in_time(desk: VillageDesk) -> str:
    until = replies.deadline_told(desk)
    return f"{until:%m-%d} 前都不算迟报" if desk.today <= until else f"截止 {until:%m-%d} 已过，请尽快"


def _came(desk: VillageDesk, came: Arrival, returned: Sequence[str]) -> str:
    """第 1 次报送，12-16 09:30 退回: the newest bundle written before the receipt was read; when it was decided."""
    packages = desk.workspace.packages(desk.office.code, desk.task.period)
    written = [one for one in packages if one.written_at <= came.at]
    number = f"第 {written[-1].seq} 次报送，" if written else ""
    decided = [one.at for one in replies.decisions(desk) if one.act == Act.RETURN.value] if returned else []
    at = max(decided, default=came.at).astimezone(LOCAL)
    return f"{number}{at:%m-%d %H:%M} {'退回' if returned else '读入回执'}"


def begin_changes(desk: VillageDesk) -> tuple[str, ...]:
    """开始修改: every returned form opens for a further version. Gives the forms."""
    forms = replies.forms_in(desk, ReturnState.RETURNED)
    for form in forms:
        lineage.begin_again(desk, form)
    return forms


def _by(desk: VillageDesk) -> str:
    decided = replies.decisions(desk)
    town = f"{desk.directory.township.short}社会事务办"
    return f"审核人 {decided[-1].by}，{town}" if decided else town


def reminders(desk: VillageDesk) -> Iterator[tuple[str, str]]:
    """(tone, words) of the township's newest notice: files it could not take, bundles it lacks, what else it says."""
    for moved in basis.moved(desk):
        yield "warn", f"{moved.form} {moved.words}，{'要' if moved.values else '可以'}做更正"
    for at in acknowledged.differing(desk):
        yield "warn", closed.words([at], desk.directory.township.short, "下次报送")
    notice = replies.notice_of(desk)
    if notice is None:
        return
    for trouble in notice.troubles:
        yield "error", f"{trouble.file}：{trouble.happened}。{trouble.todo}"
    own = devices.device(desk.workspace)
    for gap in notice.gaps:
        which = "" if gap.device == own.id else "另一台电脑的"
        numbers = "、".join(map(str, gap.numbers))
        yield (
            ("info", f"{which}第 {numbers} 次报送乡镇没收到，已登记遗失；里面的内容后来的报送都带着")
            if gap.lost
            else ("warn", f"{which}第 {numbers} 次报送乡镇还没收到；找得到文件就再送一次")
        )
    if notice.text:
        yield "info", notice.text


def letters(desk: VillageDesk) -> Sequence[Letter]:
    """乡镇来件 of this period, for home."""
    came = replies.last_taken(desk)
    if came is None:
        return ()
    comments = opinions.all_of(desk)
    returned = replies.forms_in(desk, ReturnState.RETURNED) or tuple(one.form for one in comments)
    others = otherversions.waiting(desk)
    title, _ = _told(desk, comments, returned, len(others))
    passed = len(replies.forms_in(desk, ReturnState.ACCEPTED)) == len(desk.task.forms)
    state = ReturnState.FORK if others else ReturnState.ACCEPTED if passed else None
    return (
        Letter(
            title=f"{desk.task.period} 年度回执",
            line=title,
            on=came.at.astimezone(LOCAL).date(),
            state=ReturnState.RETURNED if returned else state,
        ),
    )
