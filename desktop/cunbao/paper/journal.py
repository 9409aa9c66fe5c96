"""操作记录核对单: one page that says whether a desk's journal is whole, when that was looked at and by whom.

It is no return and bears no verification code: what proves the journal is its last hash, printed whole, which whoever
keeps the page can hold against the journal later. Source: print.md §3 (6), §6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import letter, parts
from cunbao.paper.letter import AT, Letter
from cunbao.paper.pen import MM, Pen
from cunbao.paper.sheet import Drawn

FOOT = 230.0  # mm, where the names are written by hand
LEAD = 19.0  # pt


@dataclass(frozen=True, slots=True)
class JournalSlip:
    """office: whose journal; at: local, when the chain was walked; sentence: what was found; facts: (label, words)."""

    office: str
    code: str
    at: datetime
    person: str
    good: bool
    sentence: str
    facts: Sequence[tuple[str, str]]


def draw_journal_slip(slip: JournalSlip) -> Drawn:
    """The one page of it; the same values give the same bytes."""
    title = "操作记录核对单"
    pen = Pen(landscape=False, title=f"{title}，{slip.office}", author=slip.office, when=slip.at)
    page = Letter(
        title=title,
        number=f"单位代码：{slip.code}",
        day=slip.at.date(),
        head_left=f"{slip.office}“村报”操作记录",
        head_right="核对单",
        foot_left="本单不是报表，不带验证码",
        foot_right=f"核对 {slip.at:%Y-%m-%d %H:%M}",
    )
    units = [
        parts.paragraph(AT, f"{slip.office}于 {letter.long_day(slip.at.date())} {slip.at:%H:%M} 核对本机操作记录。"
                        f"{slip.sentence}", size=11, lead=LEAD / MM, gap=2.0),
        letter.heading("核对情况", gap=5.0, size=11, high=6.2),
        *letter.fact_units([((label, words),) for label, words in slip.facts], (52, 115), 9.0, 1.0),
        letter.heading("怎么用这张单", gap=5.0, size=11, high=6.2),
        *letter.numbered((
            "记录只能往后加，每一条都带着前一条的指纹；改一条，后面的就都接不上。",
            "以后再核对时，同一条的指纹应当和本单印的一样；不一样，就是本单以后被改过。",
            "对得上的只能证明到本单为止；本单请交给纪检或审计保管，不要只放在本机旁边。",
        ), size=10.5, lead=18),
    ]  # fmt: skip

    def end(pen: Pen) -> None:
        letter.hand_line(pen, AT.left, FOOT + 12, "核对人", 40)
        letter.hand_line(pen, AT.left + 84, FOOT + 12, "监督人", 40)
        letter.day_by_hand(pen, AT.left, FOOT + 26, "日期")

    pages = letter.draw_letter(pen, page, units, FOOT - 4, end)
    return Drawn(pdf=pen.finish(), pages=pages, box_page=0, box=(0, 0, 0, 0))
