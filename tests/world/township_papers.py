"""What a township prints, ready to draw: receipt slip, chasing notice, approval slip, totals, the basis of a 代报."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from cunbao.paper import (
    NO_BASE,
    NOTHING_COUNTED,
    ApprovalSlip,
    ChasingNotice,
    Contact,
    LeftOut,
    Owing,
    ProxyBasis,
    ReceiptSlip,
    Remark,
    Reviewed,
    SheetColumn,
    SheetRow,
    Signed,
    TotalsSheet,
)
from cunbao.survey import codes
from cunbao.survey.people import check_digit
from cunbao.survey.sample import MANBANG, sample_office
from cunbao.survey.values import Office, Ret
from world.papers import BEIJING

TASK = "勐海县 2025 年度城乡社区服务情况报表"
TOWNSHIP = sample_office(f"{MANBANG[:9]}000")
TITLES = {
    "B01": "基本情况",
    "B02": "综合服务设施面积",
    "B03": "“两委”成员",
    "B04": "法律明白人",
    "B05": "灾害信息员",
}
LANDLINE, MOBILE = "0691-0000000", "19900000000"


def at(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """A moment of December 2025, local."""
    return datetime(2025, 12, day, hour, minute, second, tzinfo=BEIJING)


def hash_of(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def a_village(number: int, name: str = "") -> Office:
    """One of the township's villages, or one that is made up."""
    code = f"{TOWNSHIP.code[:9]}{number:03d}"
    return Office(code, f"{name}村民委员会", short_name=f"{name}村") if name else sample_office(code)


def officer(kind: str = "N", fields: tuple[str, ...] = (TOWNSHIP.code[:9],), when: datetime | None = None) -> Signed:
    """The township's signature over a paper of this kind."""
    digest = hash_of(f"{kind}{fields}")
    return Signed(
        signer="玉罕",
        role="镇审核员",
        unit=TOWNSHIP.name,
        certificate_no="91B3-07EE-5A2C-D418",
        signed_at=when or at(17, 10, 31, 40),
        code=codes.verification_code(digest),
        qr=codes.qr_text(kind, fields, digest),
    )


def a_contact() -> Contact:
    return Contact("玉罕", "社会事务办公室", LANDLINE, MOBILE, "镇政府一楼便民服务中心 3 号窗口")


def a_receipt_slip(**changes: object) -> ReceiptSlip:
    """Three returns accepted, two sent back at four places."""
    results = ("通过", "退回", "退回", "通过", "通过")
    slip = ReceiptSlip(
        task_title=TASK,
        office=sample_office(MANBANG),
        township=TOWNSHIP,
        number="勐混退 2025-0017",
        on=date(2025, 12, 17),
        bundle="第 6 号，2025-12-15 16:02 写成",
        received_at=at(16, 9, 20),
        results=tuple(
            Reviewed(
                form, title, 1, "零报告" if form == "B04" else "正常", result, 2 if result == "退回" else 0, at(17)
            )
            for (form, title), result in zip(TITLES.items(), results, strict=True)
        ),
        contact=a_contact(),
        remarks=(
            Remark("B02", "B02 第 3 行\n栏 1 建成年份", "2005", "镇里的台账记的是 2008 年建成，请核对后改正。"),
            Remark("B02", "B02 第 4 行\n栏 2 建筑面积", "24.00", "比上年多 12.00 平方米，请补写批准单位。", "请说明"),
            Remark("B03", "B03 第 8 行\n栏 2 民族", "汉族", "上年报表填的是傣族，以户口簿为准。"),
            Remark("B03", "B03 第 6 行\n栏 8 任职日期", "2024-05-20", "与换届日期不一致，产生方式改为“补选”。"),
        ),
        deadline=date(2025, 12, 20),
        receipt=9,
        signed=officer(),
    )
    return replace(slip, **changes)  # type: ignore[arg-type]


def forms(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, TITLES[name]) for name in names)


def an_owing(number: int, name: str, *missing: str, returned: tuple[str, ...] = (), **changes: object) -> Owing:
    owing = Owing(a_village(number, name), forms(*missing), forms(*returned), 5, 2, "12-18 电话")
    return replace(owing, **changes)  # type: ignore[arg-type]


def a_notice(**changes: object) -> ChasingNotice:
    """Three villages that owe eight returns, two days after the deadline."""
    notice = ChasingNotice(
        task_title=TASK,
        township=TOWNSHIP,
        number="勐混催 2025-0003",
        order=3,
        at=at(22),
        deadline=date(2025, 12, 20),
        villages=(
            an_owing(204, "曼赛", *TITLES),
            an_owing(207, "曼冈", "B04", "B05", last_contact="12-19 电话"),
            an_owing(206, "贺开", returned=("B02",), last_contact="12-21 口头"),
        ),
        asked=7,
        complete=4,
        contact=a_contact(),
        until=at(25, 17),
        excuse_by=date(2025, 12, 23),
        how="回执包第 11 号、电话、纸质",
        signed=officer(when=at(22, 9, 5, 13)),
    )
    return replace(notice, **changes)  # type: ignore[arg-type]


def an_identity_number() -> str:
    """Of nobody: the region 999022 does not exist."""
    first = "99902219900101801"
    return first + check_digit(first)


def an_approval_slip(**changes: object) -> ApprovalSlip:
    digest, office = hash_of("request"), sample_office(MANBANG)
    slip = ApprovalSlip(
        county="勐海县",
        office=office,
        full_name=f"勐海县勐混镇{office.name}",
        township=TOWNSHIP,
        number="03",
        person="岩罕",
        role="填报员",
        device="D3F8-60A2",
        made_at=at(1, 14, 6, 31),
        printed_at=at(1, 14, 8),
        digits=codes.digits24(bytes.fromhex(digest)),
        qr=codes.qr_text("E", (office.code, "03"), digest),
        computer="MANBENG-PC1",
        id_number=an_identity_number(),
        phone=MOBILE,
    )
    return replace(slip, **changes)  # type: ignore[arg-type]


def a_basis(**changes: object) -> ProxyBasis:
    basis = ProxyBasis(
        unit=TOWNSHIP.name,
        filler="玉罕",
        role="镇审核员",
        reason="村委会电脑损坏送修，截止日前不能恢复；村委会已填纸质表并盖章，由镇审核员录入。",
        basis="盖章纸质表 2 张",
        received_on=date(2025, 12, 15),
        received_from="岩甩送来",
        reviewer="岩拉",
    )
    return replace(basis, **changes)  # type: ignore[arg-type]


def columns(count: int, head: str = "其中：设施面积") -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(f"{head}{number}", "平方米", 2) for number in range(1, count + 1))


def rows(count: int, wide: int) -> tuple[SheetRow, ...]:
    """Villages that all count; every third figure has no base, every fifth nothing to report."""
    marks = {0: NO_BASE, 1: "—"}
    return tuple(
        SheetRow(
            (f"样{number}村", f"{TOWNSHIP.code[:9]}{number:03d}"),
            tuple(marks.get((number + at) % 15, Decimal(number * 37 + at) / 100) for at in range(wide)),
            "通过",
        )
        for number in range(1, count + 1)
    )


def a_totals_sheet(**changes: object) -> TotalsSheet:
    """Five of seven villages counted, one of them a 代报."""
    said = {
        "勐混村": ("655 2788 6 241.80 168.50 32.00 36.92 69.69 是", "通过"),
        "曼国村": ("476 2017 4 128.40 88.20 18.00 26.97 68.69 否", "通过"),
        "曼蚌村": ("412 1836 5 133.50 105.00 18.00 32.40 78.65 是", "通过"),
        "曼赛村": (" ".join([NOTHING_COUNTED] * 9), "未报"),
        "曼扫村": ("538 2241 3 166.50 129.00 20.00 30.95 77.48 是", "代报"),
        "贺开村": (" ".join([NOTHING_COUNTED] * 9), "退回"),
        "曼冈村": ("389 1702 3 119.20 74.60 15.60 30.64 62.58 是", "通过"),
    }
    sheet = TotalsSheet(
        title="综合服务设施面积汇总表",
        form="B02",
        task_title=TASK,
        period_title="2025 年",
        issuer="勐海县民政局",
        office_code=TOWNSHIP.code,
        office_name=f"勐海县{TOWNSHIP.name}",
        unit="平方米",
        columns=(
            SheetColumn("常住户数", "户"),
            SheetColumn("常住人口", "人"),
            SheetColumn("设施数", "处"),
            SheetColumn("计入面积", places=2),
            SheetColumn("其中：居民活动区域", places=2),
            SheetColumn("其中：办公", places=2),
            SheetColumn("每百户面积", places=2),
            SheetColumn("居民活动区域占比", "%", 2),
            SheetColumn("达标≥30", places=None),
        ),
        rows=tuple(
            SheetRow((name, f"{TOWNSHIP.code[:9]}{201 + at}"), values(words), state, state in ("通过", "代报"))
            for at, (name, (words, state)) in enumerate(said.items())
        ),
        total=SheetRow((), (*values("2470 10584 21 789.40 565.30 103.60 31.96 71.61"), "4 个")),
        as_of=at(22),
        counted=5,
        asked=7,
        persons=Ret("岩应", "玉波", "玉罕", LANDLINE, "2025-12-22"),
        left_out=(LeftOut("曼赛村", "未报"), LeftOut("贺开村", "退回未改")),
        formulas=("栏7＝栏4合计÷栏1合计×100", "栏8＝栏5合计÷栏4合计×100"),
        proxies=("曼扫村",),
        number=3,
        signed=officer("T", (TOWNSHIP.code, "B02", "2025"), at(22, 9, 12, 48)),
    )
    return replace(sheet, **changes)  # type: ignore[arg-type]


def values(words: str) -> tuple[Decimal | str, ...]:
    return tuple(Decimal(word) if word[0].isdigit() else word for word in words.split())
