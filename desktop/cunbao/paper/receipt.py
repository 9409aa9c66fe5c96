"""What became of a village's returns, on paper (08): 报表退回通知, or 报表回执单 when nothing is sent back.

Every sentence is made here from the values, so that the same values are the same bytes. Telephone and identity numbers
are masked unless asked for. Ends with the part that the village signs by hand. Source: print.md §3 (6), picture 08.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cunbao.paper import letter, parts, text
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS_MEDIUM, SERIF
from cunbao.paper.letter import Contact, Letter, ListColumn
from cunbao.paper.pen import CENTRE, RIGHT, SEAL_GREY, Pen
from cunbao.paper.sheet import Drawn, Signed
from cunbao.paper.table import Align
from cunbao.paper.words import NOT_APPLICABLE
from cunbao.survey.people import mask
from cunbao.survey.values import Office

ACCEPTED, RETURNED = "通过", "退回"
BOX, CUT = 199.0, 245.4  # mm, top of the signature box; where the tear-off begins
HOW_TO_MEND = "改法：打开“村报”，读入本回执，按 F8 逐处跳到要改的格；改完后点“检查”，没有“必须改正”的再签名。"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of one return. title: as on screens; kind: 正常, 零报告 …; result: 通过, 退回, 建议稿 …; comments:
    how many; at: local time of the decision, None = not decided yet."""

    form: str
    title: str
    version: int
    kind: str
    result: str
    comments: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One place to be mended. place: where it stands on paper, a line break allowed (B02 第 3 行 ⏎ 栏 1 建成年份);
    value: as filed, in words; wanted: 请改正 or 请说明; mask: "id", "phone" when the value is personal."""

    form: str
    place: str
    value: str
    comment: str
    wanted: str = "请改正"
    mask: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptSlip:
    """审核结果 for one village: with returns sent back a 报表退回通知, else a 报表回执单.

    number: 勐混退 2025-0017; bundle: which package, 第 6 号，2025-12-15 16:02 写成; received_at: local; missing:
    sentences on what has not come; deadline: until when it is to come back; receipt: number of the 回执包 that says the
    same, None for a village that gets paper alone; signed None: no box, no code.
    """

    task_title: str
    office: Office
    township: Office
    number: str
    on: date
    bundle: str
    received_at: datetime | None
    results: Sequence[Reviewed]
    contact: Contact
    remarks: Sequence[Remark] = ()
    missing: Sequence[str] = ()
    deadline: date | None = None
    receipt: int | None = None
    signed: Signed | None = None

    @property
    def sent_back(self) -> int:
        return sum(one.result == RETURNED for one in self.results)

    @property
    def title(self) -> str:
        return "报表退回通知" if self.sent_back else "报表回执单"

    @property
    def short(self) -> str:
        return "退回通知" if self.sent_back else "回执单"


def draw_receipt_slip(slip: ReceiptSlip, *, masked: bool = True) -> Drawn:
    """The pages of a slip, with the part that the village signs and sends back at the end of the last.

    PaperError "paper.character", "paper.too_high"."""
    told = f"{slip.title}，{slip.office.name}，{slip.task_title}"
    pen = letter.pen_for(told, slip.township.name, slip.on, slip.signed)
    receipt = f"回执包 {slip.receipt} · " if slip.receipt is not None else ""
    page = Letter(
        title=slip.title,
        number=f"编号：{slip.number}",
        day=slip.on,
        head_left=slip.task_title,
        head_right=f"{slip.short} · {slip.office.code}",
        foot_left=letter.foot_of(slip.signed),
        foot_right=f"{receipt}{slip.on:%Y-%m-%d}",
    )

    def end(pen: Pen) -> None:
        last = ("回执包", f"第 {slip.receipt} 号" if slip.receipt is not None else "没有，只发纸质")
        letter.sign_and_seal(pen, BOX, slip.signed, slip.township.name, slip.on, last)
        _tear_off(pen, slip)

    pages = letter.draw_letter(pen, page, _receipt_units(slip, masked=masked), BOX - 3, end)
    box = letter.field_of(pen, BOX, slip.signed)
    return Drawn(pdf=pen.finish(), pages=pages, box_page=pages - 1, box=box)


def receipt_sentence(slip: ReceiptSlip) -> str:
    """你村报送的 5 张报表已收到并核对：通过 3 张，退回 2 张。…"""
    you = f"你{letter.place(slip.office.name)}"
    if not slip.results:
        return f"{you}的报送情况如下。"
    words = dict.fromkeys((ACCEPTED, RETURNED, *(one.result for one in slip.results)))
    counts = {word: sum(one.result == word for one in slip.results) for word in words}
    said = "，".join(f"{word} {count} 张" for word, count in counts.items() if count)
    told = f"{you}报送的 {len(slip.results)} 张报表已收到并核对：{said}。"
    if slip.remarks:
        told += f"退回的报表有 {len(slip.remarks)} 处要改，列在下面；改好后请重新检查、签名，再写一个报送包送来。"
    if slip.sent_back and counts[ACCEPTED]:
        told += "已通过的报表不用动。"
    return told


def _receipt_units(slip: ReceiptSlip, *, masked: bool) -> list[Unit]:
    received = f"{slip.received_at:%Y-%m-%d %H:%M}" if slip.received_at else NOT_APPLICABLE
    until = f"{letter.long_day(slip.deadline)}以前" if slip.deadline and slip.sent_back else NOT_APPLICABLE
    to = "退给" if slip.sent_back else "发给"
    facts = (
        ((to, slip.office.name), ("报送包", slip.bundle or NOT_APPLICABLE)),
        (("接收时间", received), ("改好再报", until)),
    )
    units = letter.fact_units(facts, (24, 51, 24, 68), 8.0)
    units.append(parts.paragraph(letter.AT, receipt_sentence(slip), gap=3.0))
    order = iter("一二三")
    if slip.results:
        units += [letter.heading(f"{next(order)}、审核结果", gap=1.7), *_result_units(slip)]
    if slip.remarks:
        units += [letter.heading(f"{next(order)}、要改的地方", gap=4.6), *_remark_units(slip, masked=masked)]
    if slip.missing:
        units.append(letter.heading(f"{next(order)}、还没有收到的", gap=4.6))
        units += letter.numbered(slip.missing, size=10, lead=16)
    units.append(letter.lines(_advice(slip, masked=masked), size=9.5, lead=15, gap=3.2))
    return units


def _result_units(slip: ReceiptSlip) -> list[Unit]:
    columns = (
        ListColumn("表号", 16),
        ListColumn("表名", 50, Align.LEFT),
        ListColumn("版次", 26),
        ListColumn("审核结果", 28),
        ListColumn("意见数", 20),
        ListColumn("审核时间", 27),
    )
    rows = [
        (
            one.form,
            one.title,
            f"第 {one.version} 版，{one.kind}",
            one.result,
            str(one.comments or NOT_APPLICABLE),
            f"{one.at:%m-%d %H:%M}" if one.at else NOT_APPLICABLE,
        )
        for one in slip.results
    ]
    return letter.list_units(columns, rows, size=9.5, head=7.6, row=6.6)


def _remark_units(slip: ReceiptSlip, *, masked: bool) -> list[Unit]:
    columns = (
        ListColumn("序号", 10),
        ListColumn("位置", 32, Align.LEFT),
        ListColumn("现在填的", 25),
        ListColumn("问题和改法", 82, Align.LEFT),
        ListColumn("要求", 18),
    )
    rows = [
        (
            str(count),
            one.place,
            (mask(one.mask, one.value) if masked and one.mask else one.value) or "（空）",
            one.comment,
            one.wanted,
        )
        for count, one in enumerate(slip.remarks, 1)
    ]
    return letter.list_units(columns, rows, size=9.5, head=7.4, row=11.0)


def _advice(slip: ReceiptSlip, *, masked: bool) -> str:
    phone = letter.phone_words(slip.contact.phone or slip.contact.mobile, masked=masked)
    ask = f"请打电话：{phone}，" if phone else "请找"
    told = f"对意见有疑问的，{ask}审核人{slip.contact.person}。"
    return f"{HOW_TO_MEND}\n{told}" if slip.sent_back and slip.receipt is not None else told


def _tear_off(pen: Pen, slip: ReceiptSlip) -> None:
    """签收联: signed by hand by the village and given back."""
    at, name = letter.AT, slip.office.name
    letter.cut_line(pen, CUT, "沿虚线裁开")
    pen.text(at.left, 252.7, f"{slip.short}签收联", SANS_MEDIUM, 10)
    pen.text(at.right, 252.7, f"编号：{slip.number}", SERIF, 10, align=RIGHT)
    told = f"{name}已收到本{'通知' if slip.sent_back else '回执单'}"
    if slip.sent_back and slip.deadline:
        told += f"，将在 {letter.long_day(slip.deadline)}以前改好再报"
    lines = text.wrap(f"{told}。", at.wide, SERIF, 10)
    for count, line in enumerate(lines):
        pen.text(at.left, 261.0 + 4.6 * (count - (len(lines) - 1) / 2), line, SERIF, 10)
    letter.hand_line(pen, at.left, 269.8, "签收人：", 46)
    letter.day_by_hand(pen, 93, 269.8, "签收日期：", before=4)
    pen.text(174, 269.8, f"（{letter.seat(name)}公章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
