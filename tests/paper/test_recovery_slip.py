"""密码找回核对单: the upper half goes with the request, the lower one is filled by who answers; no digit of it
stands where it would save the listening."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.paper import RecoverySlip, draw_recovery_slip
from cunbao.survey import codes
from cunbao.survey.people import mask
from cunbao.survey.sample import COMMUNITY, sample_office
from world.papers import glyphs, overlapping, qr_of, text_of
from world.township_papers import MANBANG, MOBILE, TOWNSHIP, at, hash_of

ASKED_AT = at(10, 8, 52, 16)


def a_slip(**changes: object) -> RecoverySlip:
    digest, office = hash_of("recovery"), sample_office(MANBANG)
    slip = RecoverySlip(
        county="勐海县",
        office=office,
        full_name=f"勐海县勐混镇{office.name}",
        superior=TOWNSHIP,
        number="01",
        person="岩罕",
        role="填报员",
        made_at=ASKED_AT,
        until=ASKED_AT + timedelta(days=3),
        printed_at=at(10, 8, 53),
        digits=codes.digits24(bytes.fromhex(digest)),
        qr=codes.qr_text("P", (office.code, "01"), digest),
        device="D3F8-60A2",
        computer="MANBENG-PC1",
        phone=MOBILE,
        backed_up=at(9, 17, 20),
        unsent="B02、B03",
    )
    return replace(slip, **changes)  # type: ignore[arg-type]


def of_a_town(**changes: object) -> RecoverySlip:
    return a_slip(office=TOWNSHIP, full_name=f"勐海县{TOWNSHIP.name}", superior=None, **changes)


def lower_half(slip: RecoverySlip) -> str:
    (_, found) = next(iter(glyphs(draw_recovery_slip(slip).pdf)))
    return "".join(one.char for one in found if one.top > 172)


def test_the_upper_half_says_who_asks_and_until_when_and_shows_the_code(tmp_path: Path) -> None:
    slip = a_slip()
    drawn = draw_recovery_slip(slip)
    text = text_of(drawn.pdf)
    assert drawn.pages == 1
    wanted = ["密码找回核对单", f"编号：找回{slip.office.code}-01", f"单位{slip.full_name}区划代码{slip.office.code}"]
    wanted += [f"申请人岩罕（填报员）联系电话{mask('phone', MOBILE)}", "电脑名称MANBENG-PC1设备编号D3F8-60A2"]
    wanted += ["申请时间2025-12-1008:52:16有效期至2025-12-1308:52:16", "最近备份2025-12-0917:20未报送的改动B02、B03"]
    wanted += ["并告诉镇审核员", "沿虚线裁开，下联由镇审核员留存", "（村委会公章）", "打印2025-12-1008:53"]
    assert [one for one in wanted if one not in text] == []
    assert [group for group in codes.grouped(slip.digits).split() if group not in text] == []
    (line,) = qr_of(drawn.pdf, 0, tmp_path)
    read = codes.read_qr(line)
    assert (read.kind, read.fields, codes.digits24(bytes.fromhex(read.sha256))) == ("P", (MANBANG, "01"), slip.digits)


def test_the_lower_half_has_empty_boxes_and_not_one_digit_of_the_code() -> None:
    lower = lower_half(a_slip())
    assert [group for group in codes.grouped(a_slip().digits).split() if group in lower] == []
    wanted = ["听写的比对码", "第6组", "当面", "电话（回拨村委会登记的号码）", "认识本人", "村委会负责人证明"]
    wanted += ["6组全部相同，已答复", "有不同，不答复，已报县民政局", "核对人签字：", "（镇政府公章）", "只能用一次"]
    assert [one for one in wanted if one not in lower] == []


def test_a_superiors_own_print_gives_the_code_away_nowhere() -> None:
    drawn = draw_recovery_slip(a_slip(digits="", qr=""))
    text = text_of(drawn.pdf)
    assert [group for group in codes.grouped(a_slip().digits).split() if group in text] == []
    assert "扫码也可核对" not in text and "比对码" in text and "任何人都不会向你要密码" in text


def test_a_township_is_answered_by_the_county() -> None:
    text = text_of(draw_recovery_slip(of_a_town()).pdf)
    wanted = [
        "二、县民政局填",
        "下联由县民政局留存",
        "告诉县民政局",
        "（镇政府公章）",
        "（县民政局公章）",
        "镇政府负责人证明",
    ]
    assert [one for one in wanted if one not in text] == []
    assert "已报县民政局" not in text


@pytest.mark.parametrize(
    "slip",
    [
        a_slip(),
        of_a_town(),
        a_slip(digits="", qr=""),
        a_slip(office=sample_office(COMMUNITY), full_name="西双版纳傣族自治州勐海县勐海镇佛双社区居民委员会"),
        a_slip(
            person="阿卜杜勒·买买提明·吐尔逊江", role="统计负责人", phone="", computer="", backed_up=None, unsent=""
        ),
    ],
)
def test_nothing_overlaps_and_all_of_it_fits_on_one_page(slip: RecoverySlip) -> None:
    drawn = draw_recovery_slip(slip)
    ((_, found),) = glyphs(drawn.pdf)
    assert drawn.pages == 1 and overlapping(found) == []
    assert draw_recovery_slip(slip).pdf == drawn.pdf
