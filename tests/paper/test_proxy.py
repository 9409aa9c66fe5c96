"""A 代报 says on paper who filled it for whom, why and from what, and leaves room for the village's hand and seal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.paper import ProxyBasis, ReturnSheet, Signed, draw_return
from cunbao.survey import codes
from cunbao.survey.sample import COMMUNITY, MANBANG
from world.papers import FORMS, a_sheet, draft_stage, fonts_of, glyphs, overlapping, qr_of, text_of, with_rows
from world.township_papers import TOWNSHIP, a_basis

MARGIN = {False: (25, 192, 9.5, 287.5), True: (15, 282, 13.5, 202.5)}  # landscape → left, right, top, bottom in mm


def a_proxy_sheet(form: str, code: str = MANBANG, basis: ProxyBasis | None = None) -> ReturnSheet:
    sheet = a_sheet(form, code, kind="proxy", proxy=basis or a_basis())
    stage = sheet.stage
    assert isinstance(stage, Signed)
    return replace(sheet, stage=replace(stage, signer="玉罕", role="镇审核员", unit=TOWNSHIP.name))


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("form", FORMS)
def test_a_proxy_return_says_who_filled_it_for_whom_why_and_from_what(form: str) -> None:
    sheet = a_proxy_sheet(form)
    drawn = draw_return(sheet)
    text = text_of(drawn.pdf)
    wanted = [f"代报情况代报单位{TOWNSHIP.name}代报人玉罕（镇审核员）", "数据来源盖章纸质表2张代报日期2025年12月15日"]
    wanted += ["收到2025-12-15，岩甩送来审核人岩拉", f"代报原因{a_basis().reason}"]
    wanted += ["电子签名（代报）签名人：玉罕（镇审核员）", f"签名单位：{TOWNSHIP.name}（代{sheet.office.name}）"]
    wanted += ["第1版，代报", "（代报单位公章）代报日期：2025年12月15日", "本表由代报单位用数字证书签名"]
    assert [one for one in wanted if squeezed(one) not in text] == []
    for page in range(drawn.pages):
        assert "第1版·代报·2025-12-15" in text_of(drawn.pdf, page)


@pytest.mark.parametrize("form", FORMS)
def test_the_village_confirms_by_hand_with_its_own_seal_beside_the_signature(form: str) -> None:
    drawn = draw_return(a_proxy_sheet(form))
    last = text_of(drawn.pdf, drawn.pages - 1)
    told = "村委会核对确认（手写签字，盖章有效）以上数据与本村实际情况一致，同意由代报单位签名报送。"
    assert f"{told}村委会负责人签字：日期：年月日（村委会公章）" in last
    assert "电子签名（代报）" in last and "单位负责人：" not in text_of(drawn.pdf)


def test_a_community_confirms_as_one() -> None:
    text = text_of(draw_return(a_proxy_sheet("B01", COMMUNITY)).pdf)
    assert "居委会核对确认" in text and "与本社区实际情况一致" in text and "（居委会公章）" in text
    assert "村委会核对" not in text and "居委会恢复报送能力后" in text


def test_what_is_not_known_of_the_basis_leaves_no_empty_line() -> None:
    basis = a_basis(received_on=None, received_from="", reviewer="")
    text = text_of(draw_return(a_proxy_sheet("B01", basis=basis)).pdf)
    assert "审核人" not in text and "代报日期2025年12月15日代报原因" in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("masked", [False, True])
def test_pages_of_a_proxy_return_hold_to_the_rules(form: str, masked: bool, tmp_path: Path) -> None:
    sheet = a_proxy_sheet(form, basis=a_basis(reason="村里没有电脑，" * 25))
    drawn = draw_return(sheet, masked=masked)
    assert draw_return(sheet, masked=masked).pdf == drawn.pdf
    assert all(embedded for _, embedded in fonts_of(drawn.pdf))
    for page, ((wide, high), found) in enumerate(glyphs(drawn.pdf)):
        left, right, top, bottom = MARGIN[wide > high]
        outside = [one for one in found if one.left < left - 0.1 or one.right > right + 0.1]
        outside += [one for one in found if one.top < top or one.bottom > bottom]
        assert outside == [], page
        assert overlapping(found) == [], page
    (line,) = qr_of(drawn.pdf, drawn.box_page, tmp_path)
    assert codes.read_qr(line).code in text_of(drawn.pdf, drawn.box_page)
    x1, y1, x2, y2 = (one * 25.4 / 72 for one in drawn.box)
    (_, high), found = list(glyphs(drawn.pdf))[drawn.box_page]
    inside = "".join(g.char for g in found if x1 < g.left < x2 and high - y2 < g.top < high - y1)
    assert "电子签名（代报）" in inside and "扫码核对" in inside


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 10, 11, 23])
def test_confirmation_and_signature_stay_on_one_page_however_many_rows(count: int) -> None:
    drawn = draw_return(with_rows(a_proxy_sheet("B04"), count))
    last = text_of(drawn.pdf, drawn.pages - 1)
    assert "核对确认" in last and "电子签名（代报）" in last
    assert text_of(drawn.pdf).count("核对确认") == 1
    for page, (_, found) in enumerate(glyphs(drawn.pdf)):
        assert overlapping(found) == [], page


def test_a_draft_tells_the_basis_and_asks_for_no_seal() -> None:
    sheet = replace(a_proxy_sheet("B01"), stage=draft_stage())
    text = text_of(draw_return(sheet).pdf)
    assert "代报原因" in text and "核对确认" not in text and "（草稿不盖章）" in text and "单位负责人：" in text
