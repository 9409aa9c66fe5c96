"""任务包启用通知: what villages and townships get on paper beside the pack, with the root's 24 digits to be compared.

Never on the same stick as the pack: whoever could forge the one must not be able to forge the other. One page, sealed
by hand. Source: ui/design.md county-06, decision 19, print.md §3 (6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cunbao.paper import letter
from cunbao.paper.flow import Unit
from cunbao.paper.letter import Letter, ListColumn
from cunbao.paper.pen import Pen
from cunbao.paper.sheet import Drawn
from cunbao.paper.table import Align

FOOT = 218.0  # mm: the seal's place begins
SIZE, LEAD = 10.5, 19.0  # pt


@dataclass(frozen=True, slots=True)
class NoticeForm:
    """One form of the pack. who: 村（社区） or 乡镇."""

    form: str
    title: str
    who: str
    department: str


@dataclass(frozen=True, slots=True)
class PackNotice:
    """unit: who issues and seals; number: 编号; digits: the 24 of the root; check_code: first 12 hex digits of the
    pack's hash in groups, "" before it was written; town_deadline: of the townships."""

    unit: str
    number: str
    day: date
    task_title: str
    period_title: str
    version: int
    file_name: str
    digits: str
    forms: Sequence[NoticeForm]
    deadline: date
    town_deadline: date
    townships: int
    villages: int
    check_code: str = ""


def draw_pack_notice(notice: PackNotice) -> Drawn:
    """The notice; a second page only where the list of forms is very long."""
    title = "任务包启用通知"
    pen = letter.pen_for(f"{title}，{notice.task_title}", notice.unit, notice.day, None)
    page = Letter(
        title=title,
        number=f"编号：{notice.number}",
        day=notice.day,
        head_left=notice.task_title,
        head_right=f"任务包 第{notice.version}版",
        foot_left=letter.UNSIGNED,
        foot_right=f"第{notice.version}版 · {notice.day:%Y-%m-%d}",
    )
    pages = letter.draw_letter(pen, page, _units(notice), FOOT, lambda pen: _end(pen, notice))
    return Drawn(pdf=pen.finish(), pages=pages, box_page=0, box=(0, 0, 0, 0))


def _units(notice: PackNotice) -> list[Unit]:
    told = (
        f"{notice.task_title}的任务包（第{notice.version}版）已经签发，发给 {notice.townships} 个乡镇、"
        f"{notice.villages} 个村（社区）。各村 {letter.long_day(notice.deadline)}以前报到乡镇，"
        f"各乡镇 {letter.long_day(notice.town_deadline)}以前报到县里。"
    )
    file = f"文件名：{notice.file_name}" + (f"，核对码 {notice.check_code}" if notice.check_code else "") + "。"
    steps = (
        "U 盘里的任务包（文件名以 .cbtask 结尾）放进电脑，打开“村报”，选“打开任务包”。",
        "第一次打开，屏幕上要输入下面 6 组数字。一组一组对着本通知输，有一组不同就不要用，打电话问县里。",
        "以前打开过任务包的，读入新的一版时不用再输；填过的数都留着，改动的格会标出来。",
    )
    rows = [(one.form, one.title, one.who, one.department) for one in notice.forms]
    return [
        letter.lines("各乡镇人民政府，各村（居）民委员会：", size=SIZE, lead=LEAD),
        letter.lines(f"\u3000\u3000{told}", size=SIZE, lead=LEAD),
        letter.lines(file, size=SIZE, lead=LEAD),
        letter.heading("一、怎么打开", gap=2.4),
        *letter.numbered(steps, size=SIZE, lead=17.0),
        letter.heading("二、县级根证书比对码", gap=2.4),
        Unit(20.0, lambda pen, top: letter.code_boxes(pen, top + 1.0, notice.digits), gap=0.6),
        letter.lines(
            "比对码只印在本通知上，或者在电话里念，不放进 U 盘。请张贴或者留存到下一次换根证书。", size=9.5, lead=15.0
        ),
        letter.heading(f"三、要填的表（{len(rows)} 张）", gap=2.4),
        *letter.list_units(
            (
                ListColumn("编号", 20),
                ListColumn("报表", 67, Align.LEFT),
                ListColumn("谁填", 30),
                ListColumn("主管部门", 50, Align.LEFT),
            ),
            rows,
            size=10,
            head=7.0,
            row=7.0,
            gap=0.8,
        ),
    ]


def _end(pen: Pen, notice: PackNotice) -> None:
    letter.sign_and_seal(pen, FOOT + 2, None, notice.unit, notice.day, ("", ""))
