"""数字证书申请核对单 (10): the upper half goes with a village's request, the lower stays with the township's officer.

The applicant reads the 24 digits aloud; the officer writes them into the empty boxes and only then compares with his
screen, so the lower half prints no digit of them. Source: print.md §6, §7, picture 10; protocol §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cunbao.paper import letter, qr, readaloud, text
from cunbao.paper.flow import Unit
from cunbao.paper.fonts import SANS, SANS_MEDIUM, SERIF
from cunbao.paper.letter import AT, Letter
from cunbao.paper.pen import CENTRE, MM, RIGHT, SEAL_GREY, SOFT, UNDER_MIDDLE, Pen
from cunbao.paper.sheet import Drawn
from cunbao.survey.people import mask
from cunbao.survey.values import Office

QR_SIDE = 26.0  # mm
CUT = 169.0  # mm
TOLD = "（6 组，每组 4 位数字；两边一组一组念，全部相同才能核准）"
DONE = "核对时由申请人先念，核对人不先念；没有逐组核对，不得核准。本单随证书档案保存至证书失效后 5 年。"


@dataclass(frozen=True, slots=True)
class ApprovalSlip:
    """One request for a certificate. county: 勐海县; number: running number of the office's requests, 03; made_at: when
    the keys were made, local; digits: the 24 of the 核对码; qr: the whole line (kind E); both "" where the township
    prints it. id_number and phone are whole, masked on paper unless asked for; what is "" leaves room for a pen."""

    county: str
    office: Office
    full_name: str
    township: Office
    number: str
    person: str
    role: str
    device: str
    made_at: datetime
    printed_at: datetime
    digits: str
    qr: str
    computer: str = ""
    id_number: str = ""
    phone: str = ""
    purpose: str = "签名、加密报送"
    algorithm: str = "ECDSA P-256，SHA-256"

    @property
    def name(self) -> str:
        """申请 532822103203-03."""
        return f"申请 {self.office.code}-{self.number}"


def draw_approval_slip(slip: ApprovalSlip, *, masked: bool = True) -> Drawn:
    """The one page of it. PaperError "paper.character"; "paper.too_high" when names are too long for half a page."""
    title = "数字证书申请核对单"
    pen = Pen(landscape=False, title=f"{title}，{slip.full_name}", author=slip.full_name, when=slip.printed_at)
    page = Letter(
        title=title,
        number=f"编号：{slip.name}",
        day=slip.printed_at.date(),
        head_left=f"{slip.county}“村报”数字证书",
        head_right=f"证书申请核对单 · {slip.office.code}",
        foot_left=slip.name,
        foot_right=f"打印 {slip.printed_at:%Y-%m-%d %H:%M}",
    )
    units = _upper_units(slip, masked=masked)
    pages = letter.draw_letter(pen, page, units, CUT - 4, lambda pen: _lower_half(pen, slip))
    return Drawn(pdf=pen.finish(), pages=pages, box_page=0, box=(0, 0, 0, 0))


# --- upper half ----------------------------------------------------------------------------------------------------


def _upper_units(slip: ApprovalSlip, *, masked: bool) -> list[Unit]:
    number = mask("id", slip.id_number) if masked and slip.id_number else slip.id_number
    who = f"{text.spaced(slip.person)}（{slip.role}）" if slip.role else text.spaced(slip.person)
    facts = (
        (("单位", slip.full_name), ("区划代码", slip.office.code)),
        (("使用人", who), ("身份证号码", number)),
        (("联系电话", letter.phone_words(slip.phone, masked=masked)), ("证书用途", slip.purpose)),
        (("电脑名称", slip.computer), ("设备编号", slip.device)),
        (("密钥生成", f"{slip.made_at:%Y-%m-%d %H:%M:%S}"), ("算法", slip.algorithm)),
    )
    level = letter.level(slip.township.name)
    how = f"由“村报”打印，带到{level}里或打电话念给{level}审核员" if slip.digits else "核对码由申请人照自己的屏幕填写"
    first = f"一、申请单位填（{how}）"
    return [
        letter.heading(first, gap=0, high=6.5),
        *letter.fact_units(facts, (24, 64, 26, 53), 9.0, 0.0),
        Unit(27.0, lambda pen, top: readaloud.to_read(pen, top, "核对码", TOLD, slip.digits), gap=2.6, glued=True),
        Unit(35.0, lambda pen, top: _declaration(pen, top, slip)),
    ]


def _declaration(pen: Pen, top: float, slip: ApprovalSlip) -> None:
    """The QR, and beside it what the applicant declares and signs."""
    x, name = AT.left + (31 if slip.qr else 0), slip.office.name
    level = letter.level(slip.township.name)
    if slip.qr:
        qr.draw(pen, AT.left, top + 0.6, QR_SIDE, slip.qr)
        pen.text(AT.left, top + 30.4, "扫码也可核对", SANS, 8, grey=SOFT)
    told = (
        f"申请人声明：本人是{name}指定的{slip.role or '使用人'}，证书和开机密码由本人保管，不交给别人使用；"
        f"换人、换电脑或电脑丢失时，当天报告{level}审核员停用本证书。"
    )
    for count, line in enumerate(text.wrap(told, AT.right - x, SERIF, 10.5)):
        pen.text(x, top + 4.9 + count * 5.9, line, SERIF, 10.5)
    letter.hand_line(pen, x, top + 22.8, "申请人签字：", 36)
    letter.day_by_hand(pen, x + 62, top + 22.8, "日期：")
    pen.text(168.2, top + 32.4, f"（{letter.seat(name)}公章）", SERIF, 10, align=CENTRE, grey=SEAL_GREY)


# --- lower half ----------------------------------------------------------------------------------------------------


def _lower_half(pen: Pen, slip: ApprovalSlip) -> None:
    """What the officer fills in by hand; places in mm as on the reference page."""
    level, village = letter.level(slip.township.name), letter.seat(slip.office.name)
    letter.cut_line(pen, CUT, f"沿虚线裁开，下联由{level}审核员留存")
    pen.text(AT.left, 180.7, f"二、{level}审核员填", SANS_MEDIUM, 10.5)
    pen.text(AT.right, 180.6, slip.name, SERIF, 10, align=RIGHT)
    pen.text(AT.left, 187.7, "听写的核对码（先听对方念，再与屏幕上的比对）", SERIF, 9.5)
    readaloud.to_write(pen, 190.3)
    choices = (
        ("核对方式", ("当面", f"电话（回拨{village}登记的号码）")),
        ("核对身份", ("已看身份证", "认识本人", f"已看{village}介绍信")),
        ("核对结果", ("6 组全部相同，核准", "有不同，不予核准")),
    )
    bottom = readaloud.choices(pen, 209.3, (*choices, ("证书有效期", ())))
    blank = "年\u3000\u3000月\u3000\u3000日"
    y = bottom - readaloud.CHOICE_HIGH / 2 + UNDER_MIDDLE * 10 / MM
    pen.text(72.2, y, f"{blank}\u3000至\u3000\u3000\u3000\u3000\u3000{blank}（最长 3 年）", SERIF, 10)
    letter.hand_line(pen, AT.left, 257.2, "核对人签字：", 41)
    letter.day_by_hand(pen, 93, 257.2, "日期：", before=4)
    seal = f"（{letter.government(slip.township.name)}公章）"
    pen.text(171.8, 259.0, seal, SERIF, 10, align=CENTRE, grey=SEAL_GREY)
    pen.text(AT.left, 270.3, DONE, SERIF, 9)
