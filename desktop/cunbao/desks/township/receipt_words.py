"""What the next receipt of each village says, in words: the list of township-06 and what the village will see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cunbao.desks.clock import LOCAL
from cunbao.desks.township import receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import ReceiptLine, ReceiptsView
from cunbao.survey.decision import Act, Comment, Decision
from cunbao.survey.states import Kind
from cunbao.survey.values import Office

if TYPE_CHECKING:
    pass


def receipts_view(desk: TownshipDesk) -> ReceiptsView:
    """township-06."""
    lines = tuple(_line(desk, office) for office in desk.villages)
    written = desk.workspace.outgoing(kind=receipts.KIND)
    return ReceiptsView(
        last_at=written[-1].at if written else None, lines=lines, ticked=sum(one.ticked for one in lines)
    )


def _line(desk: TownshipDesk, office: Office) -> ReceiptLine:
    what = receipts.parcel(desk, office)
    accepted, returned, comments = told(desk, what, only=what.fresh)
    certificates = sum(name in what.fresh for name in what.certificates if _signing(desk, name))
    reminders = len(what.notice.troubles) + sum(len(one.numbers) for one in what.notice.gaps)
    reminders = reminders if receipts.notice_id(what.notice) in what.fresh else 0
    proposals = [one["form"] for one in what.proposals if one["id"] in what.fresh]
    proxies = any(one.kind == Kind.PROXY.code for one in desk.workspace.revisions_of(office.code, desk.task.period))
    on_paper = not what.readers and proxies
    return ReceiptLine(
        office=office.code,
        name=office.short,
        accepted=len(accepted),
        returned=len(returned),
        comments=len(comments),
        proposals=len(proposals),
        certificates=certificates,
        reminders=reminders,
        inside=_inside(desk, office, what, accepted, returned, proposals, certificates, on_paper=on_paper),
        ticked=bool(what.fresh) and bool(what.readers),
        on_paper=on_paper,
        why_not="" if what.readers or on_paper else "还没有登记过的电脑",
        file_name=receipts.file_name(desk, office, receipts.manifest(desk, what)),
        lines=_lines(desk, what, accepted, returned, comments, proposals, certificates),
    )


def told(
    desk: TownshipDesk, what: receipts.Parcel, *, only: frozenset[str] | None = None
) -> tuple[list[str], list[str], list[tuple[str, Comment]]]:
    """Forms accepted, forms sent back and the comments at cells, of the decisions in effect; only: among these."""
    accepted, returned, comments = [], [], []
    for form in desk.task.forms:
        stands = desk.workspace.standing(what.office.code, form, desk.task.period)
        for one in what.decisions:
            if one.id not in stands.effective or (only is not None and one.id not in only):
                continue
            if one.act == Act.ACCEPT.value and one.revision in stands.accepted:
                accepted.append(form)
            elif one.act == Act.RETURN.value and one.revision in stands.returned:
                returned.append(form)
                said = Decision.decode(desk.workspace.object(one.id))
                comments += [(form, comment) for comment in said.comments]
    return list(dict.fromkeys(accepted)), list(dict.fromkeys(returned)), comments


def _inside(
    desk: TownshipDesk, office: Office, what: receipts.Parcel, accepted: Sequence[str], returned: Sequence[str],
    proposals: Sequence[str], certificates: int, *, on_paper: bool,
) -> str:  # fmt: skip
    if on_paper:
        return "没有电脑，打印纸质回单"
    parts = []
    if accepted:
        parts.append(
            f"{len(desk.task.forms)} 张全部通过" if _all_accepted(desk, office) else f"{'、'.join(accepted)} 通过"
        )
    if returned:
        parts.append(f"{'、'.join(returned)} 退回，意见在格子上")
    if proposals:
        parts.append(f"{'、'.join(proposals)} 建议稿请重签")
    if certificates:
        parts.append(f"证书 {certificates} 份")
    if receipts.notice_id(what.notice) in what.fresh:
        parts += [f"{one.happened}，请重新送" for one in what.notice.troubles]
        parts += [
            f"第{'、'.join(map(str, one.numbers))}号{'登记遗失' if one.lost else '还没收到'}"
            for one in what.notice.gaps
        ]
    if parts:
        return "；".join(parts)
    if what.fresh:
        return "有决定撤回或更改"
    last = receipts.last_written(desk, office.code)
    return (
        f"没有新内容，上次 {last.at.astimezone(LOCAL):%m-%d}"
        if last
        else "还没报过"
        if not what.acknowledges
        else "没有新内容"
    )


def _all_accepted(desk: TownshipDesk, office: Office) -> bool:
    return all(
        desk.workspace.standing(office.code, form, desk.task.period).head
        in desk.workspace.standing(office.code, form, desk.task.period).accepted
        for form in desk.task.forms
    )


def _lines(
    desk: TownshipDesk, what: receipts.Parcel, accepted: Sequence[str], returned: Sequence[str],
    comments: Sequence[tuple[str, Comment]], proposals: Sequence[str], certificates: int,
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:  # fmt: skip
    """What the village will see: (icon, words, further lines)."""
    lines: list[tuple[str, str, tuple[str, ...]]] = []
    if accepted:
        lines.append(("check-circle", f"通过 {len(accepted)} 张：{'、'.join(accepted)}", ()))
    if returned:
        places = tuple(f"{form} {place_words(desk, form, one)}" for form, one in comments)
        lines.append(("return", f"退回 {len(returned)} 张，共 {len(comments)} 条意见", places))
    if proposals:
        lines.append(("merge", f"建议稿 {len(proposals)} 张，请看过重签：{'、'.join(proposals)}", ()))
    if certificates:
        lines.append(("key", f"证书 {certificates} 份", ()))
    for one in what.notice.troubles:
        lines.append(("alert", f"{one.file}：{one.happened}", (one.todo,)))
    for gap in what.notice.gaps:
        lines.append(("alert", f"第{'、'.join(map(str, gap.numbers))}号{'登记遗失' if gap.lost else '还没收到'}", ()))
    if returned or proposals:
        lines.append(("calendar", f"请在 {what.notice.deadline:%m-%d} 前改好再报", ()))
    return tuple(lines)


def place_words(desk: TownshipDesk, form: str, comment: Comment) -> str:
    """老年活动室 建筑面积: where a comment is, without its row's number."""
    asked = desk.task.forms[form]
    label = asked.by_name[comment.cell.field].label if comment.cell.field in asked.by_name else "整行"
    return label


def _signing(desk: TownshipDesk, name: str) -> bool:
    from cunbao.trust.certs import read_certificate

    return read_certificate(desk.workspace.object(name)).may_sign
