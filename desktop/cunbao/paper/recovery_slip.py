"""密码找回核对单 (14): the upper half goes with the request for a new password, the lower stays with who answers it.

The applicant reads the 24 digits aloud; the officer writes them down and only then compares, so the lower half prints
none of them, and a superior's own print leaves those of the upper half empty. Source: print.md §6, §7, picture 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import letter, qr, readaloud, text
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS, SANS_MEDIUM, SERIF
from cunbao.paper.letter import AT, Letter
from cunbao.paper.pen import CENTRE, RIGHT, SEAL_GREY, SOFT, Pen
from cunbao.paper.sheet import Drawn
from cunbao.survey.values import Office

QR_SIDE = 26.0  # mm
CUT = 169.0  # mm
TITLE = "密码找回核对单"
TOLD = "（6 组，每组 4 位数字；两边一组一组念，全部相同才能答复）"
ASKED = (
    "本人忘记“村报”密码，申请找回。找回后由本人在原电脑上重设密码，已填的数据和已签名的报表都不变。",
    "任何人都不会向你要密码。有人问密码的，不要说，并告诉{who}。",
)
DONE = "答复文件只能在申请的那台电脑上打开，只能用一次；过期要重新申请。本单保存 2 年。"


@dataclass(frozen=True, slots=True)
class RecoverySlip:
    """One request for a new password. county: 勐海县; office: who asks; superior: the township of a village, None for a
    township, which the county answers; number: running number of the office's requests, "01"; digits: the 24 of the
    比对码, "" leaves the boxes empty and prints no QR; qr: the whole line (kind P). Moments are local. What is "" or
    None leaves room for a pen."""

    county: str
    office: Office
    full_name: str
    superior: Office | None
    number: str
    person: str
    role: str
    made_at: datetime
    until: datetime
    printed_at: datetime
    digits: str = ""
    qr: str = ""
    device: str = ""
    computer: str = ""
    phone: str = ""
    backed_up: datetime | None = None
    unsent: str = ""

    @property
    def name(self) -> str:
        """找回 532822103203-01."""
        return f"找回 {self.office.code}-{self.number}"

    @property
    def answers(self) -> str:
        """Who answers it, as people call him: 镇审核员, 县民政局."""
        return "县民政局" if self.superior is None else f"{letter.level(self.superior.name)}审核员"


def draw_recovery_slip(slip: RecoverySlip) -> Drawn:
    """The one page of it; telephones are masked. PaperError "paper.character", "paper.too_high"."""
    pen = Pen(landscape=False, title=f"{TITLE}，{slip.full_name}", author=slip.full_name, when=slip.printed_at)
    page = Letter(
        title=TITLE,
        number=f"编号：{slip.name}",
        day=slip.printed_at.date(),
        head_left=f"{slip.county}“村报”密码找回",
        head_right=f"{TITLE} · {slip.office.code}",
        foot_left=slip.name,
        foot_right=f"打印 {slip.printed_at:%Y-%m-%d %H:%M}",
    )
    pages = letter.draw_letter(pen, page, _upper_units(slip), CUT - 4, lambda pen: _lower_half(pen, slip))
    return Drawn(pdf=pen.finish(), pages=pages, box_page=0, box=(0, 0, 0, 0))


def _upper_units(slip: RecoverySlip) -> list[Unit]:
    name = text.spaced(slip.person)
    backed = f"{slip.backed_up:%Y-%m-%d %H:%M}" if slip.backed_up is not None else ""
    facts = (
        (("单位", slip.full_name), ("区划代码", slip.office.code)),
        (
            ("申请人", f"{name}（{slip.role}）" if slip.role else name),
            ("联系电话", letter.phone_words(slip.phone, masked=True)),
        ),
        (("电脑名称", slip.computer), ("设备编号", slip.device)),
        (("申请时间", f"{slip.made_at:%Y-%m-%d %H:%M:%S}"), ("有效期至", f"{slip.until:%Y-%m-%d %H:%M:%S}")),
        (("最近备份", backed), ("未报送的改动", slip.unsent)),
    )
    return [
        letter.heading("一、申请单位填（由“村报”打印）", gap=0, high=6.5),
        *letter.fact_units(facts, (24, 64, 26, 53), 9.0, 0.0),
        Unit(27.0, lambda pen, top: readaloud.to_read(pen, top, "比对码", TOLD, slip.digits), gap=2.6, glued=True),
        Unit(35.0, lambda pen, top: _declaration(pen, top, slip)),
    ]


def _declaration(pen: Pen, top: float, slip: RecoverySlip) -> None:
    """The QR, and beside it what the applicant says and signs."""
    x = AT.left + 31
    if slip.qr:
        qr.draw(pen, AT.left, top + 0.6, QR_SIDE, slip.qr)
        pen.text(AT.left, top + 30.4, "扫码也可核对", SANS, 8, grey=SOFT)
    else:
        x = AT.left
    y = top + 4.9
    for told, face in zip(ASKED, (SERIF, SANS_MEDIUM), strict=True):
        for line in text.wrap(told.format(who=slip.answers), AT.right - x, face, 10.5):
            pen.text(x, y, line, face, 10.5)
            y += 5.9
        y += 1.2
    letter.hand_line(pen, x, top + 26.6, "申请人签字：", 36)
    letter.day_by_hand(pen, x + 62, top + 26.6, "日期：")
    pen.text(168.2, top + 33.4, f"（{_seat(slip)}公章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)


def _lower_half(pen: Pen, slip: RecoverySlip) -> None:
    """What who answers fills in by hand; places in mm as on the reference page."""
    letter.cut_line(pen, CUT, f"沿虚线裁开，下联由{slip.answers}留存")
    pen.text(AT.left, 180.7, f"二、{slip.answers}填", SANS_MEDIUM, 10.5)
    pen.text(AT.right, 180.6, slip.name, SERIF, 10, align=RIGHT)
    pen.text(AT.left, 187.7, "听写的比对码（先听对方念，再与屏幕上的比对）", SERIF, 9.5)
    readaloud.to_write(pen, 190.3)
    refused = "有不同，不答复" if slip.superior is None else "有不同，不答复，已报县民政局"
    bottom = readaloud.choices(
        pen,
        209.3,
        (
            ("核对方式", ("当面", f"电话（回拨{_seat(slip)}登记的号码）")),
            ("核对身份", ("已看身份证", "认识本人", f"{_seat(slip)}负责人证明")),
            ("核对结果", ("6 组全部相同，已答复", refused)),
        ),
    )
    letter.hand_line(pen, AT.left, bottom + 11.6, "核对人签字：", 41)
    letter.day_by_hand(pen, 93, bottom + 11.6, "日期：", before=4)
    seal = "县民政局" if slip.superior is None else letter.government(slip.superior.name)
    pen.text(171.8, bottom + 13.4, f"（{seal}公章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)
    pen.text(AT.left, bottom + 24.0, DONE, SERIF, 9)


def _seat(slip: RecoverySlip) -> str:
    """村委会, 居委会; of a township 镇政府."""
    return letter.government(slip.office.name) if slip.superior is None else letter.seat(slip.office.name)
