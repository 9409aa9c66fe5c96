"""打印意见: what the receipt said, as a page to be worked through away from the computer. Made at the village from what
it holds, so it is unsigned and says so; the township's own slip is `paper_receipts`.

Source: print.md §3 (6), picture 08; screen village-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from cunbao.desks.clock import LOCAL
from cunbao.desks.village import opinions, receiptpage, replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.decision import Act
from cunbao.survey.states import Kind, ReturnState

if TYPE_CHECKING:
    from cunbao.desks.views import CommentLine
    from cunbao.paper import Drawn, Remark, Reviewed
    from cunbao.store import StoredRevision

KINDS = {kind.code: kind.value for kind in Kind}
WAITS = {ReturnState.RECEIVED: "待审核", ReturnState.FORK: "有两份，待定"}


def receipt_slip(desk: VillageDesk) -> Drawn:
    """The pages: 报表退回通知 where something was sent back, else 报表回执单; personal data masked. DeskError
    "receipt.none" while no receipt of this period has come; PaperError "paper.character"."""
    from cunbao.errors import DeskError
    from cunbao.paper import Contact, ReceiptSlip, draw_receipt_slip

    came = replies.last_taken(desk)
    if came is None:
        raise DeskError(
            "receipt.none", happened="还没有读入回执", safe="没有打印", todo="请先读入乡镇给的回执包，再打印意见"
        )
    decided = replies.decisions(desk)
    packages = desk.workspace.packages(desk.office.code, desk.task.period)
    sent = next((one for one in reversed(packages) if one.written_at <= came.at), None)
    return draw_receipt_slip(
        ReceiptSlip(
            task_title=desk.task.title,
            office=desk.office,
            township=desk.directory.township,
            number=f"回执包 {came.seq}",
            on=desk.today,
            bundle=f"第 {sent.seq} 号，{sent.written_at.astimezone(LOCAL):%Y-%m-%d %H:%M} 写成" if sent else "",
            received_at=None,
            results=tuple(_results(desk)),
            contact=Contact(decided[-1].by if decided else "社会事务办"),
            remarks=tuple(_remark(one) for one in opinions.all_of(desk)),
            missing=tuple(words for tone, words in receiptpage.reminders(desk) if tone != "info"),
            deadline=replies.deadline_told(desk),
            receipt=came.seq,
        )
    )


def _results(desk: VillageDesk) -> Iterator[Reviewed]:
    """What became of every return that was sent, of the version that the township has."""
    from cunbao.paper import Reviewed

    for form in desk.task.forms:
        stands = desk.workspace.standing(desk.office.code, form, desk.task.period)
        head = desk.workspace.revision(stands.head or next(iter(stands.heads), ""))
        if head is None:
            continue
        yield Reviewed(
            form=form,
            title=desk.task.screens[form].nav,
            version=head.version,
            kind=KINDS[head.kind],
            result=_result(head, stands.state),
            comments=len(dict(stands.comments).get(stands.head, ())),
            at=_decided_at(desk, head),
        )


def _result(head: StoredRevision, state: ReturnState) -> str:
    if state in (ReturnState.ACCEPTED, ReturnState.RETURNED):
        return state.value
    return WAITS.get(state, state.value) if head.acknowledged or state is ReturnState.FORK else "还没收到"


def _decided_at(desk: VillageDesk, head: StoredRevision) -> datetime | None:
    acts = (Act.ACCEPT.value, Act.RETURN.value)
    found = [one.at for one in desk.workspace.decisions(head.id) if one.act in acts]
    return max(found).astimezone(LOCAL) if found else None


def _remark(one: CommentLine) -> Remark:
    from cunbao.paper import Remark

    place, whole = one.path.replace(" › ", " "), one.label == opinions.WHOLE_ROW
    value = one.label if whole else one.masked or one.filed
    return Remark(form=one.form, place=f"{place}\n{one.label}", value=value, comment=one.text)
