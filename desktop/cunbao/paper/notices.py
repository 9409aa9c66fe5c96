"""What a village still owes, on paper and as text (09): 催报通知 to one village or to several.

Every sentence is made here from the values, so that the same values are the same bytes. Telephone numbers are masked
unless asked for. Source: print.md §3 (6), picture 09.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

from cunbao.paper import letter, parts
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SERIF_BOLD
from cunbao.paper.letter import Contact, Letter, ListColumn
from cunbao.paper.pen import MM, Pen
from cunbao.paper.sheet import Drawn, Signed
from cunbao.paper.table import Align, Total
from cunbao.paper.words import NOT_APPLICABLE
from cunbao.survey.values import Office

BOX = 223.0  # mm, top of the signature box
SIZE, LEAD = 11.0, 20.0  # pt
TOP_GAP = 1.6  # mm between number and address


@dataclass(frozen=True, slots=True)
class Owing:
    """What one village still owes. missing, returned, resign: (form, title) that never came, that were sent back, of
    which a 建议稿 waits for its signature; asked: how many returns it has to file; days_late: 0 before the deadline;
    last_contact: 12-18 电话; troubles: sentences (12 月 16 日送来的第 2 次 U 盘没拷全，请重拷一次。)."""

    office: Office
    missing: Sequence[tuple[str, str]]
    returned: Sequence[tuple[str, str]]
    asked: int
    days_late: int = 0
    last_contact: str = ""
    troubles: Sequence[str] = ()
    resign: Sequence[tuple[str, str]] = ()

    @property
    def owes(self) -> int:
        return len(self.missing) + len(self.returned) + len(self.resign)


@dataclass(frozen=True, slots=True)
class ChasingNotice:
    """催报通知 to one village (its forms by name) or to several (a table of them).

    number: 勐混催 2025-0003; at: local, until when what came is counted; asked, complete: villages of the township that
    have to file, and that have filed everything; until: by when, local, None = the deadline; excuse_by: until when
    difficulties can be told; body: a text that takes the place of the first paragraph (改文字); how: how it was sent;
    order: its number of this period, in the foot.
    """

    task_title: str
    township: Office
    number: str
    order: int
    at: datetime
    deadline: date
    villages: Sequence[Owing]
    asked: int
    complete: int
    contact: Contact
    until: datetime | None = None
    excuse_by: date | None = None
    body: str = ""
    how: str = "纸质"
    signed: Signed | None = None

    @property
    def late(self) -> bool:
        return self.at.date() > self.deadline

    @property
    def one(self) -> bool:
        return len(self.villages) == 1


class Numbered(Protocol):
    """A notice that is numbered and perhaps signed. at: local."""

    @property
    def task_title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def signed(self) -> Signed | None: ...


def draw_notices(notices: Sequence[ChasingNotice], *, masked: bool = True) -> Drawn:
    """All notices in one file, each beginning a page and numbering its own pages, with a bookmark a notice.

    box: the signature box of a single notice; several have none, since they are copies for the post."""
    first = notices[0]
    told = f"催报通知，{address(first.villages)}，{first.task_title}"
    pen = letter.pen_for(told, first.township.name, first.at.date(), first.signed)
    return in_one_file(
        pen,
        [(address(one.villages), partial(_draw_notice, notice=one, masked=masked)) for one in notices],
        first.signed,
    )


def in_one_file(pen: Pen, letters: Sequence[tuple[str, Callable[[Pen], int]]], signed: Signed | None) -> Drawn:
    """Several letters, each on pages of its own under a bookmark of its name; of a single one the box is its
    signature's."""
    total = 0
    for number, (name, draw) in enumerate(letters):
        if number:
            pen.next_page()
        if len(letters) > 1:
            pen.outline(name)
        total += draw(pen)
    single = len(letters) == 1
    box = letter.field_of(pen, BOX, signed if single else None)
    return Drawn(pdf=pen.finish(), pages=total, box_page=total - 1 if single else 0, box=box)


def address(villages: Sequence[Owing]) -> str:
    """曼赛、曼冈、贺开村民委员会: a common ending is said once."""
    names = [one.office.name for one in villages]
    ending = next((end for end in ("村民委员会", "居民委员会") if all(name.endswith(end) for name in names)), "")
    return "、".join(name.removesuffix(ending) for name in names) + ending


def notice_sentence(notice: ChasingNotice) -> str:
    """The first paragraph: the deadline, how things stand, by when."""
    level = letter.level(notice.township.name)
    ended = "已于" if notice.late else "将于"
    told = f"{notice.task_title}{ended} {letter.long_day(notice.deadline)}截止。"
    ask = f"请{_until(notice)}{'补报' if notice.late else '报齐'}。"
    if notice.one:
        village = notice.villages[0]
        you = f"你{letter.place(village.office.name)}"
        told += f"截至 {_hour(notice.at)}，{you}应报 {village.asked} 张，还差 {village.owes} 张。{ask}"
    else:
        told += (
            f"截至 {_hour(notice.at)}，全{level}应报 {notice.asked} 个村，已报齐 {notice.complete} 个村，"
            f"还有 {len(notice.villages)} 个村没有报齐（见下表）。{ask}"
        )
    return told + ("过了截止日期报来的标注“迟报”，封账以后的标注“补报”。" if notice.late else "")


def notice_text(notice: ChasingNotice, *, masked: bool = True) -> str:
    """The notice as plain text, ready to be copied into a chat."""
    told = [f"{address(notice.villages)}：", notice.body or notice_sentence(notice)]
    for village in notice.villages:
        before = "" if notice.one else f"{village.office.short}："
        told += [f"{before}{line}" for line in _owed_lines(village)]
    contact = letter.phone_words(notice.contact.phone or notice.contact.mobile, masked=masked)
    if contact:
        told.append(f"联系人：{notice.contact.person}，{contact}")
    return "\n".join((*told, notice.township.name, letter.long_day(notice.at.date())))


def _draw_notice(pen: Pen, notice: ChasingNotice, *, masked: bool) -> int:
    units, code = _chasing_units(notice, masked=masked), notice.township.code[:9]
    return chasing_letter(pen, notice, units, code=code, sender=notice.township.name, how=notice.how)


def chasing_letter(pen: Pen, notice: Numbered, units: Sequence[Unit], *, code: str, sender: str, how: str) -> int:
    """One 催报通知 with its head, foot, signature and seal: a township's to a village, or a county's to a township.
    code: digits of the sender in the head. Gives the number of pages."""
    day = notice.at.date()
    page = Letter(
        title="催报通知",
        number=f"编号：{notice.number}",
        day=day,
        head_left=notice.task_title,
        head_right=f"催报通知 · {code}",
        foot_left=letter.foot_of(notice.signed),
        foot_right=f"催报 {notice.order} · {day:%Y-%m-%d}",
    )

    def end(pen: Pen) -> None:
        letter.sign_and_seal(pen, BOX, notice.signed, sender, day, ("发送方式", how))

    return letter.draw_letter(pen, page, units, BOX - 4, end)


def _chasing_units(notice: ChasingNotice, *, masked: bool) -> list[Unit]:
    to = letter.lines(f"{address(notice.villages)}：", size=SIZE, lead=LEAD, face=SERIF_BOLD, above=TOP_GAP)
    units = [to, parts.paragraph(letter.AT, notice.body or notice_sentence(notice), size=SIZE, lead=LEAD / MM, gap=1.0)]
    if notice.one:
        owed = _owed_lines(notice.villages[0])
        units += [parts.paragraph(letter.AT, line, size=SIZE, lead=LEAD / MM, gap=0) for line in owed]
    else:
        units += _village_units(notice)
        for village in notice.villages:
            for trouble in village.troubles:
                units.append(letter.lines(f"{village.office.short}：{trouble}", size=10, lead=16, gap=1.6))
    units.append(letter.heading("怎么补报" if notice.late else "怎么报", gap=5.0, size=11, high=6.2))
    units += letter.numbered(_how_to(notice), size=10.5, lead=18)
    facts = _contact_facts(notice.contact, masked=masked)
    if facts:
        units += [letter.heading("联系方式", gap=3.0, size=11), *letter.fact_units(facts, (22, 57, 22, 66), 8.5)]
    return units


def _owed_lines(village: Owing) -> list[str]:
    """没报：B05 灾害信息员; 退回未改：…; 建议稿待重新签名：…; then what else went wrong."""
    told = []
    owed = (("没报", village.missing), ("退回未改", village.returned), ("建议稿待重新签名", village.resign))
    for head, forms in owed:
        if forms:
            told.append(f"{head}：{'、'.join(f'{form} {title}' for form, title in forms)}")
    return [*told, *village.troubles]


def _village_units(notice: ChasingNotice) -> list[Unit]:
    columns = (
        ListColumn("序号", 11),
        ListColumn("村名", 22, Align.LEFT),
        ListColumn("统计用区划代码", 32),
        ListColumn("没有报的表", 44, Align.LEFT),
        ListColumn("已报／应报", 21),
        ListColumn("逾期（天）", 19),
        ListColumn("上次联系", 18),
    )
    rows = [
        (
            str(count),
            one.office.short,
            one.office.code,
            _owed_words(one),
            f"{one.asked - one.owes}／{one.asked}",
            str(one.days_late) if one.days_late else NOT_APPLICABLE,
            one.last_contact or NOT_APPLICABLE,
        )
        for count, one in enumerate(notice.villages, 1)
    ]
    owes, asked = sum(one.owes for one in notice.villages), sum(one.asked for one in notice.villages)
    figures = {3: f"{owes} 张", 4: f"{asked - owes}／{asked}", 5: NOT_APPLICABLE, 6: NOT_APPLICABLE}
    return letter.list_units(columns, rows, size=9.5, head=9.0, row=9.0, gap=2.6, total=Total(figures))


def _owed_words(one: Owing) -> str:
    """B01 B02（退回未改） B03（待重签）."""
    returned = (f"{form}（退回未改）" for form, _ in one.returned)
    resign = (f"{form}（待重签）" for form, _ in one.resign)
    return " ".join((*(form for form, _ in one.missing), *returned, *resign))


def _how_to(notice: ChasingNotice) -> list[str]:
    level, office = letter.level(notice.township.name), letter.government(notice.township.name)
    told = [
        f"能用电脑的：在“村报”填完、检查、签名，写成报送包，用 U 盘送到{office}{notice.contact.unit}。",
        f"电脑坏了的：填空白表并盖章，送到{level}里由审核员代报。",
        "本年没有应填内容的表，也要报零报告，不能不报。",
    ]
    if notice.excuse_by is not None:
        told.append(f"确有困难不能按时报的，请在 {letter.short_day(notice.excuse_by)}以前说明原因。")
    return told


def _contact_facts(contact: Contact, *, masked: bool) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of what is known, two in a row."""
    person = f"{contact.person}（{contact.unit}）" if contact.unit else contact.person
    known = [
        ("联系人", person),
        ("电话", letter.phone_words(contact.phone, masked=masked)),
        ("手机", letter.phone_words(contact.mobile, masked=masked)),
        ("收件地点", contact.place),
    ]
    known = [one for one in known if one[1]]
    if len(known) % 2:
        known.append(("", ""))
    return list(zip(known[::2], known[1::2], strict=True))


def _until(notice: ChasingNotice) -> str:
    """于 2025 年 12 月 25 日 17 时以前, or the deadline's day; a day that is over is not asked for again."""
    if notice.until is not None:
        return f"于 {letter.long_day(notice.until.date())} {_clock(notice.until)}以前"
    return "尽快" if notice.late else f"于 {letter.long_day(notice.deadline)}以前"


def _hour(at: datetime) -> str:
    return f"{letter.short_day(at.date())} {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour} 时 {at.minute} 分" if at.minute else f"{at.hour} 时"
