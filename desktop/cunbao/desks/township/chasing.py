"""催报: who still owes what, whom to ring, the notice as text, on paper and as an Excel list, and what was done so far.

The text takes its names and numbers from the board; 改文字 changes its first paragraph for one round, until the village
was chased or owes something else. Nothing here touches a return. Source: ui/design.md, township-07; print.md §3 (6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks.clock import LOCAL
from cunbao.desks.stamps import stamp
from cunbao.desks.township import owing
from cunbao.desks.township.chased import Round, keep_text, note, note_trouble, record, refused, trouble_words
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.owing import Owed
from cunbao.desks.township.views import ChaseLine, ChaseView
from cunbao.survey.people import mask

if TYPE_CHECKING:
    from cunbao.paper import ChasingNotice, Drawn
    from cunbao.paper import Owing as OwingOnPaper

__all__ = [
    "body_for",
    "chase_view",
    "export_xlsx",
    "note",
    "note_trouble",
    "notices",
    "record",
    "set_text",
    "text_for",
    "trouble_words",
]

RANKS_TICKED = 2  # who was told today, must sign again or is filled for is not rung by itself


# --- what the screen shows -------------------------------------------------------------------------------------------


def chase_view(desk: TownshipDesk) -> ChaseView:
    """township-07."""
    owed = owing.owed_of(desk)
    round_ = Round(desk)
    counts = Counter(name for one in owed for name in one.groups)
    return ChaseView(
        lines=tuple(_line(desk, one, round_) for one in owed),
        owes=sum(one.count for one in owed),
        complete=len(desk.villages) - len(owed),
        counts={
            name: counts[name]
            for name in (owing.NOTHING, owing.MISSING, owing.RETURNED, owing.RESIGN, owing.PROXY, owing.LATE)
        },
        deadline=desk.task.deadline,
        overdue=desk.today > desk.task.deadline,
    )


def _line(desk: TownshipDesk, one: Owed, round_: Round) -> ChaseLine:
    name, phone = owing.contact_of(desk, one)
    last = round_.last(one.office.code)
    return ChaseLine(
        office=one.office.code,
        name=one.office.short,
        kind=one.kind,
        owes=one.count,
        what=one.words,
        contact=name,
        phone=mask("phone", phone),
        phone_full=phone,
        last=(last.words, last.said) if last else ("", ""),
        late=bool(one.late),
        ticked=one.rank <= RANKS_TICKED,
        text=_text(round_, one),
        groups=one.groups,
    )


# --- the text --------------------------------------------------------------------------------------------------------


def text_for(desk: TownshipDesk, office: str) -> str:
    """The whole notice as plain text, ready to be copied into a chat. DeskError "chase.nothing"."""
    return _text(Round(desk), _owed(desk, office))


def body_for(desk: TownshipDesk, office: str) -> str:
    """Its first paragraph, which 改文字 changes."""
    from cunbao.paper.notices import notice_sentence

    notice = _notice(Round(desk), _owed(desk, office))
    return notice.body or notice_sentence(notice)


def set_text(desk: TownshipDesk, office: str, text: str) -> None:
    """改文字: another first paragraph, for this round only; "" brings the usual one back. DeskError "chase.text",
    "chase.nothing"."""
    keep_text(desk, _owed(desk, office), text)


def _text(round_: Round, owed: Owed) -> str:
    from cunbao.paper.notices import notice_text

    return notice_text(_notice(round_, owed))


# --- on paper --------------------------------------------------------------------------------------------------------


def notices(desk: TownshipDesk, offices: Sequence[str]) -> Drawn:
    """催报单: a notice a village, each with a number of its own and signed with the officer's key; asking for the same
    again on the same day gives the same page. DeskError "chase.nobody"."""
    from cunbao.paper import draw_notices

    chosen = [one for one in owing.owed_of(desk) if one.office.code in set(offices)]
    if not chosen:
        raise refused("chase.nobody", "没有勾选要催的村", "请先勾选一个村，再打印")
    round_ = Round(desk)
    with desk.workspace.atomic():
        ready = [_numbered(desk, one, _notice(round_, one)) for one in chosen]
        desk.journal("chase_notices", offices=[one.office.code for one in chosen])
    return draw_notices(ready)


def _notice(round_: Round, owed: Owed) -> ChasingNotice:
    """The notice to one village, without number and signature."""
    from cunbao.paper import ChasingNotice, Contact

    desk = round_.desk
    return ChasingNotice(
        task_title=desk.task.title,
        township=desk.office,
        number="",
        order=0,
        at=desk.clock().astimezone(LOCAL),
        deadline=desk.task.deadline,
        villages=(_on_paper(round_, owed),),
        asked=len(desk.villages),
        complete=0,
        contact=Contact(desk.person.name),
        body=round_.body(owed),
    )


def _on_paper(round_: Round, owed: Owed) -> OwingOnPaper:
    from cunbao.paper import Owing

    desk, last = round_.desk, round_.last(owed.office.code)
    titles = {form: desk.task.screens[form].nav for form in owing.village_forms(desk)}

    def named(forms: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return tuple((form, titles[form]) for form in forms)

    return Owing(
        office=owed.office,
        missing=named(owed.missing),
        returned=named(owed.returned),
        asked=owed.asked,
        days_late=max(0, (desk.today - desk.task.deadline).days) if owed.late else 0,
        last_contact=last.words if last else "",
        troubles=round_.troubles(owed.office.code),
        resign=named(owed.resign),
    )


def _numbered(desk: TownshipDesk, owed: Owed, notice: ChasingNotice) -> ChasingNotice:
    """With its number, its moment and the signature."""
    said = {
        "to": owed.office.code,
        "missing": list(owed.missing),
        "returned": list(owed.returned),
        "resign": list(owed.resign),
        "body": notice.body,
        "troubles": list(notice.villages[0].troubles),
    }
    made = stamp(desk, "chase", owed.office.code, said, qr=("N", (desk.office.code[:9],)))
    number = f"{_called(desk.office.short)}催 {desk.task.period}-{made.order:04d}"
    return replace(notice, number=number, order=made.order, at=made.at, signed=made.signed)


def _called(short: str) -> str:
    """勐混 of 勐混镇."""
    return next((short.removesuffix(end) for end in ("街道", "镇", "乡") if short.endswith(end)), short)


# --- as a workbook ---------------------------------------------------------------------------------------------------


def export_xlsx(desk: TownshipDesk, path: Path, *, full: bool = False) -> int:
    """催报名单 as a workbook: a line a village, telephones masked unless `full`. Gives its bytes' number; journalled.

    DeskError "disk.full", "folder.readonly", "medium.gone"."""
    from cunbao.desks import media
    from cunbao.desks.township.totals_book import Block, Page, Value, book

    view, at = chase_view(desk), desk.clock().astimezone(LOCAL)
    rows: list[tuple[Value, ...]] = [
        (
            number,
            line.name,
            line.office,
            line.owes,
            line.what,
            "是" if line.late else "",
            line.contact,
            line.phone_full if full else line.phone,
            *line.last,
        )
        for number, line in enumerate(view.lines, 1)
    ]
    heads = ("序号", "村名", "统计用区划代码", "还差（张）", "差什么", "迟报", "联系人", "电话", "上次催", "怎么说")
    page = Page(
        name="催报名单",
        title=f"{desk.office.short}催报名单",
        line=f"{desk.task.title}　截止 {view.deadline:%Y-%m-%d}　{at:%Y-%m-%d %H:%M} 导出",
        blocks=(Block(heads, tuple(rows), (0, None, None, 0, *(None,) * 6), ("", "合计", "", view.owes, *("",) * 6)),),
        notes=(
            f"{len(view.lines)} 个村还差 {view.owes} 张，{view.complete} 个村齐了。",
            "电话完整，请妥善保管。" if full else "电话中间 4 位已隐藏。",
        ),
        fixed=2,
    )
    data = book([page], head=desk.full_name, foot=f"导出人 {desk.person.name}", mark="", made=at)
    media.write_file(path, data, what="催报名单")
    desk.journal("chase_export", name=path.name, villages=len(view.lines), full=full)
    return len(data)


# --- helpers ---------------------------------------------------------------------------------------------------------


def _owed(desk: TownshipDesk, office: str) -> Owed:
    code = desk.village(office).code
    found = next((one for one in owing.owed_of(desk) if one.office.code == code), None)
    if found is None:
        raise refused("chase.nothing", f"{desk.village(office).short}已经报齐", "不用再催，请看总览")
    return found
