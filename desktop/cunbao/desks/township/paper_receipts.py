"""回单: what the next receipt says, on paper, for a village without a computer: numbered and signed like a notice, and
the same slip again as long as it says the same.

Source: print.md §3 (6), picture 08; screen township-06.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from cunbao.desks import receiving
from cunbao.desks.clock import LOCAL
from cunbao.desks.stamps import stamp
from cunbao.desks.township import board, proxying, receipts
from cunbao.desks.township.desk import TownshipDesk
from cunbao.store import DecisionRecord, StoredRevision
from cunbao.survey.decision import Act, Comment
from cunbao.survey.pairing import row_name
from cunbao.survey.revision import read_answers
from cunbao.survey.standing import Standing
from cunbao.survey.states import Kind, ReturnState
from cunbao.survey.values import Answers, Row

if TYPE_CHECKING:
    from cunbao.paper import Drawn, ReceiptSlip, Remark, Reviewed

KINDS = {kind.code: kind.value for kind in Kind}
# What a village reads of a return on which nothing has been decided; 通过 and 退回 stand as they are.
WAITS = {ReturnState.RECEIVED: "待审核", ReturnState.FORK: "有两份，待定"}
ROW = "整行"


def slip(desk: TownshipDesk, office: str) -> Drawn:
    """The pages for one village: 报表退回通知 where something was sent back, else 报表回执单. Numbers of people are
    masked. PaperError "paper.character"."""
    from cunbao.paper import Contact, ReceiptSlip, draw_receipt_slip

    village = desk.village(office)
    stands = {form: desk.workspace.standing(office, form, desk.task.period) for form in desk.task.forms}
    written = receipts.last_written(desk, office)
    last = next((one for one in desk.workspace.arrivals(office=office) if one.result in receiving.TAKEN), None)
    bare = ReceiptSlip(
        task_title=desk.task.title,
        office=village,
        township=desk.office,
        number="",
        on=desk.today,
        bundle=f"第 {last.seq} 号，{last.file_name}" if last is not None else _paper(desk, office),
        received_at=last.at.astimezone(LOCAL) if last is not None else None,
        results=tuple(_results(desk, stands)),
        contact=Contact(desk.person.name),
        remarks=tuple(_remarks(desk, stands)),
        missing=tuple(_missing(desk, office, stands)),
        deadline=desk.task.deadline,
        receipt=written.seq if written is not None else None,
    )
    return draw_receipt_slip(_stamped(desk, bare, stands))


def _stamped(desk: TownshipDesk, bare: ReceiptSlip, stands: dict[str, Standing]) -> ReceiptSlip:
    """With its number and the township's signature over what was decided."""
    said = {
        "to": bare.office.code,
        "results": {form: [one.head, one.state.name] for form, one in stands.items() if one.heads},
        "comments": {
            form: [[c.cell.field, c.cell.row, c.text] for c in _comments(one)] for form, one in stands.items()
        },
        "missing": list(bare.missing),
        "bundle": bare.bundle,
    }
    with desk.workspace.atomic():
        made = stamp(desk, "slip", bare.office.code, said, qr=("N", (desk.office.code[:9],)))
        desk.journal("slip", office=bare.office.code, number=made.order)
    name = desk.office.short.rstrip("镇乡") or desk.office.short
    number = f"{name}{'退' if bare.sent_back else '回'} {desk.task.period}-{made.order:04d}"
    return replace(bare, number=number, on=made.at.date(), signed=made.signed)


def _paper(desk: TownshipDesk, office: str) -> str:
    """What the township filled from, when nothing has come as a file."""
    said = proxying.basis(desk, office)
    if said is None:
        return ""
    day = f"，{said.received_on} 收到" if said.received_on else ""
    return f"镇里代报，{said.basis}{day}"


def _results(desk: TownshipDesk, stands: dict[str, Standing]) -> Iterator[Reviewed]:
    from cunbao.paper import Reviewed

    for form, one in stands.items():
        head = desk.workspace.revision(one.head or next(iter(one.heads), ""))
        if head is None:
            continue
        decided = _decided(desk, head, one)
        yield Reviewed(
            form=form,
            title=desk.task.screens[form].nav,
            version=head.version,
            kind=KINDS[head.kind],
            result=WAITS.get(one.state, one.state.value),
            comments=len(_comments(one)),
            at=decided.at.astimezone(LOCAL) if decided is not None else None,
        )


def _decided(desk: TownshipDesk, head: StoredRevision, stands: Standing) -> DecisionRecord | None:
    acts = {ReturnState.ACCEPTED: Act.ACCEPT.value, ReturnState.RETURNED: Act.RETURN.value}
    found = [
        one
        for one in desk.workspace.decisions(head.id)
        if one.id in stands.effective and one.act == acts.get(stands.state)
    ]
    return found[-1] if found else None


def _comments(stands: Standing) -> tuple[Comment, ...]:
    return dict(stands.comments).get(stands.head, ()) if stands.state is ReturnState.RETURNED else ()


def _remarks(desk: TownshipDesk, stands: dict[str, Standing]) -> Iterator[Remark]:
    for form, one in stands.items():
        head = desk.workspace.revision(one.head) if one.head else None
        comments = _comments(one)
        if head is not None and comments:
            answers = read_answers(desk.task.forms[form], desk.workspace.object(head.answers))
            yield from (_remark(desk, form, answers, comment) for comment in comments)


def _remark(desk: TownshipDesk, form: str, answers: Answers, comment: Comment) -> Remark:
    from cunbao.paper import Remark

    asked, cell = desk.task.forms[form], comment.cell
    field = asked.by_name.get(cell.field)
    repeat = (field.repeat if field is not None else cell.field) if cell.row else ""
    number, row = _row(answers, repeat, cell.row)
    values = row.values if row is not None else answers.values
    text = values.get(cell.field, "")
    if field is not None and field.list is not None:
        text = "、".join(field.list.label(code) or code for code in text.split())
    name = f"第 {number} 行 {row_name(asked.repeat(repeat), row)}".rstrip() if row is not None else ""
    place = " ".join(part for part in (form, name) if part)
    return Remark(
        form=form,
        place=f"{place}\n{field.label if field is not None else ROW}",
        value=text if field is not None else ROW,
        comment=comment.text,
        mask=field.mask if field is not None else "",
    )


def _row(answers: Answers, repeat: str, row_id: str) -> tuple[int, Row | None]:
    rows = answers.rows.get(repeat, ())
    return next(((number, one) for number, one in enumerate(rows, 1) if one.id == row_id), (0, None))


def _missing(desk: TownshipDesk, office: str, stands: dict[str, Standing]) -> Iterator[str]:
    nothing = [f"{form} {desk.task.screens[form].nav}" for form, one in stands.items() if not one.heads]
    if nothing:
        yield f"{len(nothing)} 张表还没有收到：{'、'.join(nothing)}，请在 {desk.task.deadline} 以前送来。"
    facts = board.whereabouts(desk)
    if office in facts.gaps:
        yield f"第 {'、'.join(map(str, facts.gaps[office]))} 号报送包还没有收到，请再送一次。"
