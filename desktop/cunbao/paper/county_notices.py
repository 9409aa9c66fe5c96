"""催报通知 of a county to its townships (in the manner of page 09): which villages owe which forms, until when.

Every sentence is made here from the values, so that the same values are the same bytes. Source: print.md §3 (6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from cunbao.paper import letter, parts
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SERIF_BOLD
from cunbao.paper.letter import ListColumn
from cunbao.paper.notices import LEAD, SIZE, TOP_GAP, chasing_letter, in_one_file
from cunbao.paper.pen import MM, Pen
from cunbao.paper.sheet import Drawn, Signed
from cunbao.paper.table import Align, Total
from cunbao.paper.words import NOT_APPLICABLE
from cunbao.survey.values import Office

COLUMNS = (
    ListColumn("序号", 12),
    ListColumn("村（社区）", 28, Align.LEFT),
    ListColumn("统计用区划代码", 34),
    ListColumn("没有报的表", 50, Align.LEFT),
    ListColumn("已报／应报", 23),
    ListColumn("逾期（天）", 20),
)


@dataclass(frozen=True, slots=True)
class OwingVillage:
    """One village that owes something. missing, returned: forms that never came, that were sent back; asked: how many
    it has to file; days_late: 0 before the deadline."""

    office: Office
    missing: Sequence[str]
    returned: Sequence[str]
    asked: int
    days_late: int = 0

    @property
    def owes(self) -> int:
        return len(self.missing) + len(self.returned)


@dataclass(frozen=True, slots=True)
class TownshipNotice:
    """催报通知 to one township. county: 勐海县民政局; number: 勐海催 2025-0001; at: local, until when what came is
    counted; asked: villages of the township that have to file; person: whom to ask at the county."""

    task_title: str
    county: str
    county_code: str
    township: Office
    number: str
    order: int
    at: datetime
    deadline: date
    villages: Sequence[OwingVillage]
    asked: int
    person: str
    signed: Signed | None = None

    @property
    def late(self) -> bool:
        return self.at.date() > self.deadline


def draw_township_notices(notices: Sequence[TownshipNotice]) -> Drawn:
    """All notices in one file, each beginning a page and numbering its own pages, with a bookmark a notice."""
    first = notices[0]
    told = f"催报通知，{'、'.join(one.township.short for one in notices)}，{first.task_title}"
    pen = letter.pen_for(told, first.county, first.at.date(), first.signed)
    return in_one_file(pen, [(one.township.short, partial(_draw, notice=one)) for one in notices], first.signed)


def township_sentence(notice: TownshipNotice) -> str:
    """The first paragraph: the deadline, how things stand, what is asked."""
    level = letter.level(notice.township.name)
    ended = "已于" if notice.late else "将于"
    gone = sum(1 for one in notice.villages if one.missing)
    back = len(notice.villages) - gone
    owing = f"还有 {gone} 个村（社区）没有报齐" if gone else ""
    sent = f"{'，' if gone else '还有 '}{f'另有 {back}' if gone else back} 个村（社区）退回未改" if back else ""
    return (
        f"{notice.task_title}{ended} {letter.long_day(notice.deadline)}截止。截至 {letter.short_day(notice.at.date())} "
        f"{notice.at:%H:%M}，县里收到的报县包中，你{level}应报 {notice.asked} 个村（社区），{owing}{sent}（见下表）。"
        f"请逐村核实，{'尽快补报' if notice.late else '按期报齐'}，审核以后随下一次报县包送来。"
    )


def _draw(pen: Pen, notice: TownshipNotice) -> int:
    code = notice.county_code[:6]
    return chasing_letter(pen, notice, _units(notice), code=code, sender=notice.county, how="纸质")


def _units(notice: TownshipNotice) -> list[Unit]:
    units = [
        letter.lines(f"{notice.township.name}：", size=SIZE, lead=LEAD, face=SERIF_BOLD, above=TOP_GAP),
        parts.paragraph(letter.AT, township_sentence(notice), size=SIZE, lead=LEAD / MM, gap=1.0),
    ]
    rows = [
        (
            str(count),
            one.office.short,
            one.office.code,
            " ".join((*one.missing, *(f"{form}（退回未改）" for form in one.returned))),
            f"{one.asked - one.owes}／{one.asked}",
            str(one.days_late) if one.days_late else NOT_APPLICABLE,
        )
        for count, one in enumerate(notice.villages, 1)
    ]
    owes, asked = sum(one.owes for one in notice.villages), sum(one.asked for one in notice.villages)
    total = Total({3: f"{owes} 张", 4: f"{asked - owes}／{asked}", 5: NOT_APPLICABLE})
    units += letter.list_units(COLUMNS, rows, size=9.5, head=9.0, row=9.0, gap=2.6, total=total)
    level = letter.level(notice.township.name)
    told = [
        f"村里报到{level}里、还没有报县的，不用再催村里，写一次报县包送来即可。",
        f"村里没有电脑的，由{level}里代报，盖村章后附扫描件。",
        "本年没有应填内容的表，也要报零报告，不能不报。",
        f"县里联系人：{notice.person}（{notice.county}）。",
    ]
    return [*units, letter.heading("怎么办", gap=5.0, size=11, high=6.2), *letter.numbered(told, size=10.5, lead=18)]
