"""Views of 审核 and 冲突 as the pictures of 2025-12-16 show them, their pages, and desk functions that take notes.

`Reviewing` and `Settling` stand in for the modules of that name in `desks`: the same functions over views made here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from cunbao.desks.township.review_views import (
    Comparison,
    ConflictItem,
    ConflictLine,
    ConflictView,
    NoteView,
    PdfCheck,
    ReviewLine,
    ReviewView,
    SideView,
)
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from ui.town import code_of

MANBANG, MENGHUN, MANGUO, MANSAO = code_of(1), code_of(0), code_of(4), code_of(3)
PHONE, ID = "13800000000", "999022197403120411"
MASKED_PHONE, MASKED_ID = "138****0000", "999022********0411"

# --- 03 --------------------------------------------------------------------------------------------------------------

NOTE = NoteView("K-022", "K-022:4", Severity.EXPLAIN, "比上年增加 1 倍，需要说明",
                "扩建一间，新增 12 平方米，有竣工验收单。", waived=False, cross=False)  # fmt: skip
CHANGES = (
    ReviewLine(Cell("b02_hh"), "常住户数", "户", "", "408", "412", "+4"),
    ReviewLine(Cell("b02_own", "5"), "权属", "", "第 5 行 儿童之家", "村集体", "租用", "改"),
    ReviewLine(Cell("b02_area", "4"), "面积", "平方米", "第 4 行 老年活动室", "12.0", "24.0", "+12.0", notes=(NOTE,)),
    ReviewLine(Cell("b02_total"), "室内面积合计", "平方米", "", "121.5", "133.5", "+12.0", calculated=True),
    ReviewLine(Cell("b02_per100"), "每百户面积", "平方米", "", "29.8", "32.4", "+2.6", calculated=True),
    ReviewLine(Cell("b02_hours"), "每周开放时间", "小时", "", "35", "42", "+7"),
)
AREA = CHANGES[2].cell
FACILITIES = (
    ("1", "党群服务中心", "46.0", "2012", "村集体"), ("2", "便民服务站", "18.5", "2012", "村集体"),
    ("3", "文化活动室", "32.0", "2005", "村集体"), ("4", "老年活动室", "24.0", "2009", "村集体"),
    ("5", "儿童之家", "13.0", "2018", "租用"),
)  # fmt: skip


def all_lines() -> tuple[ReviewLine, ...]:
    """24 cells: those that changed, and the rest of the facilities as they were."""
    known = {line.cell: line for line in CHANGES}
    made = [known[Cell("b02_hh")]]
    for number, name, area, year, owner in FACILITIES:
        label = f"第 {number} 行 {name}"
        for key, column, unit, text in (
            ("b02_name", "设施名称", "", name), ("b02_area", "面积", "平方米", area),
            ("b02_year", "建成年份", "年", year), ("b02_own", "权属", "", owner),
        ):  # fmt: skip
            cell = Cell(key, number)
            made.append(known.get(cell) or ReviewLine(cell, column, unit, label, text, text, ""))
    made += [known[Cell(name)] for name in ("b02_total", "b02_per100", "b02_hours")]
    return tuple(made)


def review_view(place: tuple[str, str] = (MANBANG, "B02"), **changes: Any) -> ReviewView:
    """曼蚌村 B02 as it lies there at 08:48, or another return with the same facts in it."""
    office, form = place
    name = {MANBANG: "曼蚌村", MANGUO: "曼国村", MENGHUN: "勐混村", MANSAO: "曼扫村"}[office]
    made = ReviewView(
        office=office,
        name=name,
        form=form,
        title={"B01": "基本情况", "B02": "设施面积", "B03": "两委成员", "B04": "法律明白人"}[form],
        state=ReturnState.RECEIVED,
        marks=(),
        revision=f"{office}{form}",
        version=1,
        came="第 1 次，12-16 08:31 收到",
        against=Comparison("2024", "上次通过的 2024 年度"),
        comparisons=(Comparison("2024", "上次通过的 2024 年度"), Comparison("none", "不对比")),
        changes=CHANGES,
        checked=(CHANGES[2],),
        all_lines=all_lines(),
        unchanged=18,
        comments=0,
        pdf=area_page(name),
        pdf_check=PdfCheck(True, "签名有效：岩温，2025-12-15（本机时间）", "证书由勐混镇签发，报表和数据逐格一致"),
        covered={PHONE: MASKED_PHONE},
        attachments=(("f0" * 32, "验收单照片 1 张"),),
        may_accept=True,
        may_return=True,
        waiting=15,
    )
    return replace(made, **changes)


def roster_view(**changes: Any) -> ReviewView:
    """勐混村 B03 with personal data among what changed, and a person who came."""
    lines = (
        ReviewLine(Cell("b03_m_phone", "5"), "联系电话", "", "第 5 行 玉波", "137****0001", MASKED_PHONE, "改",
                   before_full="13700000001", now_full=PHONE, masked=True),
        ReviewLine(Cell("b03_m_id", "5"), "证件号码", "", "第 5 行 玉波", "", MASKED_ID, "改",
                   now_full=ID, masked=True),
        ReviewLine(Cell("b03_m", "9"), "整行", "", "第 9 行 岩香", "", "村委会委员", "新增", row_kind="added"),
    )  # fmt: skip
    return review_view(
        (MENGHUN, "B03"), changes=lines, checked=(), all_lines=lines, unchanged=60, attachments=(), pdf=roster_page(),
        covered={PHONE: MASKED_PHONE, ID: MASKED_ID}, **changes,
    )  # fmt: skip


@cache
def area_page(village: str = "曼蚌村") -> bytes:
    """The signed page of the picture, 2 pages, its texts as real text."""
    page = _Page()
    page.text(300, 780, "村级综合服务设施面积", 16, middle=True)
    page.text(50, 745, f"填报单位：勐混镇{village}")
    page.text(300, 745, "2025 年度", middle=True)
    page.text(480, 745, "表号 B02")
    rows = [("行", "设施名称", "面积（平方米）", "建成年份", "权属"), *FACILITIES, ("", "合计", "133.5", "", "")]
    page.table(50, 720, (40, 140, 150, 95, 75), 28, rows)
    page.text(50, 500, "常住户数")
    page.text(100, 500, "412 户")
    page.text(170, 500, "每百户面积")
    page.text(230, 500, "32.4 平方米")
    page.text(310, 500, "每周开放")
    page.text(360, 500, "42 小时")
    page.text(50, 460, "说明　第 4 行：扩建一间，新增 12 平方米，有竣工验收单。")
    page.text(50, 410, "填报人：玉旺")
    page.text(260, 410, "负责人：岩温")
    page.text(450, 410, "2025-12-15")
    page.text(50, 390, "联系电话：")
    page.text(105, 390, PHONE)
    page.next()
    page.text(50, 780, "指标解释")
    return page.data()


@cache
def roster_page() -> bytes:
    """A page that lies across: a roster with personal data."""
    page = _Page(across=True)
    page.text(420, 540, "两委成员名册", 16, middle=True)
    rows = [
        ("序号", "姓名", "证件号码", "联系电话", "职务"), ("5", "玉波", ID, PHONE, "妇联主席"),
        ("9", "岩香", "999022200001010012", "13900000009", "村委会委员"),
    ]  # fmt: skip
    page.table(50, 500, (50, 150, 230, 160, 150), 30, rows)
    return page.data()


class _Page:
    """A plain page drawn as paper draws: every text an object of its own."""

    def __init__(self, *, across: bool = False) -> None:
        from reportlab.pdfgen.canvas import Canvas

        from cunbao.paper import fonts

        self._face = fonts.registered("serif")
        self._out = io.BytesIO()
        size = (842, 595) if across else (595, 842)
        self._canvas = Canvas(self._out, pagesize=size, initialFontName=self._face, invariant=1)

    def text(self, x: float, y: float, words: str, size: float = 10, *, middle: bool = False) -> None:
        self._canvas.setFont(self._face, size)
        (self._canvas.drawCentredString if middle else self._canvas.drawString)(x, y, words)

    def table(self, x: float, top: float, widths: tuple[int, ...], high: float, rows: list[tuple[str, ...]]) -> None:
        for number, row in enumerate(rows):
            left = x
            for wide, words in zip(widths, row, strict=True):
                self._canvas.rect(left, top - high * (number + 1), wide, high)
                self.text(left + wide / 2, top - high * (number + 1) + high / 2 - 4, words, middle=True)
                left += wide

    def next(self) -> None:
        self._canvas.showPage()

    def data(self) -> bytes:
        self._canvas.save()
        return self._out.getvalue()


@dataclass
class Reviewing:
    """desks.reviewing over `views`: what waits is what is RECEIVED. done: what was asked, in order."""

    views: dict[tuple[str, str], ReviewView]
    done: list[tuple[Any, ...]] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    liked: str = ""

    def queue(self, desk: Any) -> tuple[tuple[str, str], ...]:
        return tuple(place for place, view in self.views.items() if view.state is ReturnState.RECEIVED)

    def review(self, desk: Any, office: str, form: str, *, against: str = "") -> ReviewView:
        self.against.append(against)
        view, waits = self.views[office, form], list(self.queue(desk))
        self.liked = against or self.liked
        at = waits.index((office, form)) if (office, form) in waits else -1
        chosen = next((one for one in view.comparisons if one.id == self.liked), view.against)
        return replace(
            view,
            against=chosen,
            waiting=len(waits),
            previous=waits[at - 1] if at > 0 else None,
            following=waits[at + 1] if 0 <= at < len(waits) - 1 else None,
        )

    def _change(self, place: tuple[str, str], **changes: Any) -> None:
        self.views[place] = replace(self.views[place], **changes)

    def comment(self, desk: Any, office: str, form: str, cell: Cell, text: str) -> None:
        self.done.append(("comment", cell, text))
        view = self.views[office, form]

        def said(lines: tuple[ReviewLine, ...]) -> tuple[ReviewLine, ...]:
            return tuple(replace(line, comment=text) if line.cell == cell else line for line in lines)

        lines = said(view.all_lines)
        self._change(
            (office, form),
            changes=said(view.changes),
            checked=said(view.checked),
            all_lines=lines,
            comments=sum(bool(line.comment) for line in lines),
        )

    def accept(self, desk: Any, office: str, form: str, *, drop_comments: bool = False) -> None:
        assert drop_comments or not self.views[office, form].comments
        self.done.append(("accept", office, form, *(["drop"] if drop_comments else [])))
        self._change(
            (office, form), state=ReturnState.ACCEPTED, may_accept=False, may_return=False, may_withdraw=True,
            decided="12-16 08:50 通过，审核员 玉罕",
        )  # fmt: skip

    def send_back(self, desk: Any, office: str, form: str) -> None:
        said = tuple(line.comment for line in self.views[office, form].all_lines if line.comment)
        self.done.append(("send_back", office, form, *said))
        self._change((office, form), state=ReturnState.RETURNED, may_withdraw=True, decided="12-16 08:50 退回")

    def withdraw(self, desk: Any, office: str, form: str, reason: str) -> None:
        self.done.append(("withdraw", office, form, reason))
        self._change((office, form), state=ReturnState.RECEIVED, may_accept=True, may_withdraw=False, decided="")

    def waive(self, desk: Any, office: str, form: str, key: str, reason: str) -> None:
        self.done.append(("waive", key, reason))
        view = self.views[office, form]
        note = replace(NOTE, waived=True)
        lines = tuple(replace(line, notes=(note,)) if line.notes else line for line in view.all_lines)
        self._change((office, form), all_lines=lines, changes=tuple(line for line in lines if line.change))

    def mark_paper(self, desk: Any, office: str, form: str) -> None:
        self.done.append(("mark_paper", office, form))
        self._change((office, form), paper_received="纸质已收 12-16 玉罕")

    def accept_clean(self, desk: Any, *, progress: Any = None, cancel: Any = None) -> Any:
        clean = [place for place in self.queue(desk) if not self.views[place].checked]
        for place in clean:
            self.accept(desk, *place)
        return SimpleNamespace(accepted=tuple(clean), left=len(self.queue(desk)))


# --- 04 --------------------------------------------------------------------------------------------------------------

ONE, BOTH = "只有{0}改了，自动取{0}", "两边都改了，请选一边"
LINES = (
    ConflictLine("post/1", "岩叫", "职务", "村委会副主任", "村委会副主任", "村委会副主任、治保主任",
                 False, True, "right", True, ONE.format("乙")),
    ConflictLine("edu/2", "玉喃", "学历", "大专", "本科", "大专", True, False, "left", True, ONE.format("甲")),
    ConflictLine("since/3", "岩光", "任职时间", "2021-03", "2021-06", "2021-05", True, True, "left", False,
                 "两边都改了，你选了甲"),
    ConflictLine("phone/4", "玉波", "联系电话", "138****0000", "139****0000", "138****0000",
                 True, False, "left", True, ONE.format("甲")),
    ConflictLine("party/4", "玉波", "政治面貌", "群众", "中共预备党员", "中共预备党员",
                 True, True, "left", True, "两边改得一样"),
    ConflictLine("/5", "岩香", "整行", "没有这个人", "没有这个人", "新增：村委会委员",
                 False, True, "right", True, ONE.format("乙")),
    ConflictLine("/6", "岩坎", "整行", "村党总支委员", "删去这个人", "村党总支委员、护林员",
                 True, True, "", False, "甲删去、乙修改，请选一边"),
)  # fmt: skip


def conflict_view(lines: tuple[ConflictLine, ...] = LINES, **changes: Any) -> ConflictView:
    """勐混村 B03, changed on two computers."""
    chosen = [line for line in lines if not line.automatic]
    made = ConflictView(
        office=MENGHUN,
        name="勐混村",
        form="B03",
        title="两委成员",
        base_line="12-08 签名：玉喃",
        left=SideView("甲", "a" * 64, "文书室电脑", "第 1 次，12-13 签名：玉喃", True),
        right=SideView("乙", "b" * 64, "综治室电脑", "第 2 次，12-15 签名：岩叫", True),
        lines=lines,
        to_choose=sum(not line.chosen for line in chosen),
        automatic=len(lines) - len(chosen),
        made=sum(bool(line.chosen) for line in chosen),
        paired=(),
        problems=(),
    )
    return replace(made, **changes)


def _chosen(line: ConflictLine, side: str) -> ConflictLine:
    """A line after a choice, or after the choice was taken back."""
    asked = next(one for one in LINES if one.key == line.key)
    if not side:
        return asked if asked.automatic else replace(asked, chosen="", result=BOTH)
    why = asked.result.partition("，")[0]
    return replace(asked, chosen=side, automatic=False, result=f"{why}，你选了{'甲' if side == 'left' else '乙'}")


@dataclass
class Settling:
    """desks.settling over `views`, by their place. done: what was asked, in order."""

    views: dict[tuple[str, str], ConflictView]
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def conflicts(self, desk: Any) -> tuple[ConflictItem, ...]:
        return tuple(
            ConflictItem(view.office, view.name, view.form, view.title, "两台电脑") for view in self.views.values()
        )

    def conflict(self, desk: Any, office: str, form: str) -> ConflictView:
        return self.views[office, form]

    def choose(self, desk: Any, office: str, form: str, key: str, side: str) -> None:
        self.done.append(("choose", key, side))
        view = self.views[office, form]
        lines = tuple(_chosen(line, side) if line.key == key else line for line in view.lines)
        self.views[office, form] = conflict_view(
            lines, office=view.office, name=view.name, form=view.form, title=view.title, others=view.others
        )

    def choose_whole(self, desk: Any, office: str, form: str, revision: str) -> None:
        self.done.append(("choose_whole", office, form, revision))
        del self.views[office, form]

    def propose(self, desk: Any, office: str, form: str) -> None:
        self.done.append(("propose", office, form))
        self.views[office, form] = replace(
            self.views[office, form], proposal="12-16 09:02 做成建议稿，随回执给村里重新签名"
        )
