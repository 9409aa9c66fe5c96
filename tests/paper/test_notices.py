"""What a village reads on a receipt slip, a chasing notice and an approval slip: all of it, nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from cunbao.errors import PaperError
from cunbao.paper import (
    ApprovalSlip,
    ChasingNotice,
    Drawn,
    ReceiptSlip,
    Remark,
    draw_approval_slip,
    draw_notices,
    draw_receipt_slip,
    notice_text,
)
from cunbao.survey import codes
from cunbao.survey.people import mask
from cunbao.survey.sample import COMMUNITY, sample_office
from world.papers import fonts_of, glyphs, info_of, overlapping, qr_of, text_of
from world.township_papers import (
    LANDLINE,
    MOBILE,
    TASK,
    TITLES,
    TOWNSHIP,
    a_notice,
    a_receipt_slip,
    a_village,
    an_approval_slip,
    an_identity_number,
    an_owing,
    forms,
)

LEFT, RIGHT, TOP, BOTTOM = 25, 192, 9.5, 287.5  # mm
LONG = "西定哈尼族布朗族乡曼马村哈尼族布朗族第二村民小组"
RARE = "李𠮷样、玉𬱖、岩䶮"


def a_long_slip() -> ReceiptSlip:
    """More remarks than a page holds, a name that is hard to print in each."""
    remark = Remark("B03", f"B03 第 8 行 {LONG}\n栏 2 姓名", RARE, "与户口簿不一致，" * 9 + "请核对后改正。")
    return a_receipt_slip(
        office=a_village(203, LONG), remarks=(remark,) * 40, missing=("第 3 号报送包还没有收到，请重拷一次。",) * 3
    )


def a_long_notice() -> ChasingNotice:
    owing = [an_owing(at, f"{LONG}{at}", *TITLES, troubles=("U 盘没拷全，请重拷一次。",)) for at in range(201, 241)]
    return a_notice(villages=tuple(owing), asked=40, complete=0)


def a_long_request() -> ApprovalSlip:
    name = f"勐海县西定哈尼族布朗族乡{LONG}村民委员会"
    office = a_village(203, LONG)
    return an_approval_slip(full_name=name, office=office, person="买买提艾力·阿卜杜热合曼", computer=LONG)


PAGES: dict[str, Callable[[], Drawn]] = {
    "slip": lambda: draw_receipt_slip(a_receipt_slip()),
    "slip of accepted returns": lambda: draw_receipt_slip(accepted()),
    "slip without signature": lambda: draw_receipt_slip(a_receipt_slip(signed=None, receipt=None)),
    "slip to a community": lambda: draw_receipt_slip(a_receipt_slip(office=sample_office(COMMUNITY))),
    "long slip": lambda: draw_receipt_slip(a_long_slip()),
    "notice": lambda: draw_notices([a_notice()]),
    "notices": lambda: draw_notices(single_notices()),
    "long notice": lambda: draw_notices([a_long_notice()]),
    "approval": lambda: draw_approval_slip(an_approval_slip()),
    "long approval": lambda: draw_approval_slip(a_long_request()),
}


def accepted() -> ReceiptSlip:
    slip = a_receipt_slip()
    done = tuple(replace(one, result="通过", comments=0) for one in slip.results)
    return replace(slip, results=done, remarks=(), deadline=None)


def single_notices() -> list[ChasingNotice]:
    return [a_notice(villages=(one,)) for one in a_notice().villages]


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- what holds for every page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_no_glyph_leaves_the_text_area_or_lies_over_another(name: str) -> None:
    for page, (_, found) in enumerate(glyphs(PAGES[name]().pdf)):
        outside = [one for one in found if one.left < LEFT - 0.1 or one.right > RIGHT + 0.1]
        outside += [one for one in found if one.top < TOP or one.bottom > BOTTOM]
        assert outside == [], page
        assert overlapping(found) == [], page


@pytest.mark.parametrize("name", PAGES)
def test_all_fonts_are_embedded(name: str) -> None:
    found = fonts_of(PAGES[name]().pdf)
    assert found and all(embedded for _, embedded in found), found


@pytest.mark.parametrize("name", PAGES)
def test_the_same_values_give_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = PAGES[name]().pdf
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setenv("TZ", "America/Lima")
    assert PAGES[name]().pdf == first


@pytest.mark.parametrize("name", ["slip", "long slip", "notice"])
def test_the_qr_code_begins_with_the_printed_code_and_lies_in_the_signature_box(name: str, tmp_path: Path) -> None:
    drawn = PAGES[name]()
    (line,) = qr_of(drawn.pdf, drawn.box_page, tmp_path)
    read = codes.read_qr(line)
    assert (read.kind, read.fields) == ("N", (TOWNSHIP.code[:9],))
    text = text_of(drawn.pdf, drawn.box_page)
    assert text.count(read.code) == 2  # box and foot
    x1, y1, x2, y2 = (one * 25.4 / 72 for one in drawn.box)
    assert (round(x2 - x1, 2), round(y2 - y1, 2)) == (112, 42)
    (_, high), found = list(glyphs(drawn.pdf))[drawn.box_page]
    inside = "".join(g.char for g in found if x1 < g.left < x2 and high - y2 < g.top < high - y1)
    assert "电子签名" in inside and "扫码核对" in inside
    assert drawn.box_page == drawn.pages - 1


# --- receipt slip ----------------------------------------------------------------------------------------------------


def test_a_slip_says_of_each_return_what_became_of_it_and_of_each_place_what_to_mend() -> None:
    slip = a_receipt_slip()
    text = text_of(draw_receipt_slip(slip).pdf)
    wanted = [slip.task_title, f"退回通知·{slip.office.code}", f"编号：{slip.number}", "2025年12月17日"]
    wanted += ["报表退回通知", f"退给{slip.office.name}", slip.bundle, "2025-12-16 09:20", "2025年12月20日以前"]
    wanted += ["你村报送的5张报表已收到并核对：通过3张，退回2张。退回的报表有4处要改", "已通过的报表不用动"]
    wanted += [f"{one.form}{one.title}第 1 版，{one.kind}{one.result}" for one in slip.results]
    for count, one in enumerate(slip.remarks, 1):
        wanted.append(f"{count}{one.place}{one.value}{one.comment}{one.wanted}")
    wanted += [
        "签名人：玉罕（镇审核员）",
        "回执包：第9号",
        "证书编号：91B3-07EE-5A2C-D418",
        "审核人玉罕",
        "回执包9·2025-12-17",
    ]
    assert [one for one in wanted if squeezed(one) not in text] == []


def test_the_village_signs_a_tear_off_and_seals_it() -> None:
    text = text_of(draw_receipt_slip(a_receipt_slip()).pdf)
    told = "曼蚌村民委员会已收到本通知，将在2025年12月20日以前改好再报。"
    assert f"沿虚线裁开退回通知签收联编号：勐混退2025-0017{told}签收人：签收日期：年月日（村委会公章）" in text


def test_a_slip_with_everything_accepted_sends_nothing_back() -> None:
    text = text_of(draw_receipt_slip(accepted()).pdf)
    assert "报表回执单" in text and "发给曼蚌村民委员会" in text and "通过5张。" in text and "改好再报—" in text
    assert "退回" not in text and "要改的地方" not in text and "F8" not in text
    assert "曼蚌村民委员会已收到本回执单。" in text


def test_a_community_is_spoken_to_as_one() -> None:
    text = text_of(draw_receipt_slip(a_receipt_slip(office=sample_office(COMMUNITY))).pdf)
    assert "你社区报送的5张报表" in text and "（居委会公章）" in text and "你村" not in text


def test_a_slip_for_a_village_without_computer_has_neither_code_nor_box(tmp_path: Path) -> None:
    drawn = draw_receipt_slip(a_receipt_slip(signed=None, receipt=None))
    text = text_of(drawn.pdf)
    assert "未签名·无验证码" in text and "电子签名" not in text and "（公章）" in text and "F8" not in text
    assert qr_of(drawn.pdf, 0, tmp_path) == [] and drawn.box == (0, 0, 0, 0)


def test_what_has_not_come_is_told_on_its_own() -> None:
    missing = ("第 3 号报送包还没有收到，请重拷一次。", "B05 灾害信息员还没有报。")
    text = text_of(draw_receipt_slip(a_receipt_slip(missing=missing)).pdf)
    assert f"三、还没有收到的1．{squeezed(missing[0])}2．{squeezed(missing[1])}" in text
    only = text_of(draw_receipt_slip(a_receipt_slip(results=(), remarks=(), missing=missing)).pdf)
    assert "你村的报送情况如下。一、还没有收到的" in only


def test_many_remarks_go_on_over_pages_and_the_tear_off_comes_last() -> None:
    slip = a_long_slip()
    drawn = draw_receipt_slip(slip)
    assert drawn.pages > 3
    text = text_of(drawn.pdf)
    assert text.count(squeezed(slip.remarks[0].comment)) == 40
    assert text.count(RARE) == 40
    for page in range(drawn.pages):
        told = text_of(drawn.pdf, page)
        assert ("签收人" in told) == (page == drawn.pages - 1)
        assert f"第{page + 1}页，共{drawn.pages}页" in told
        assert page == 0 or "报表退回通知（续）" in told


@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize("missing", [(), ("第 3 号报送包还没有收到，请重拷一次。",)])
def test_a_page_is_filled_before_the_signature_takes_the_next(count: int, missing: tuple[str, ...]) -> None:
    slip = a_receipt_slip(remarks=a_receipt_slip().remarks[:1] * count, missing=missing)
    drawn = draw_receipt_slip(slip)
    first = text_of(drawn.pdf, 0)
    assert [one.title for one in slip.results if one.title not in first] == []
    assert drawn.pages == 1 or squeezed(slip.remarks[0].comment) in first
    assert text_of(drawn.pdf).count(squeezed(slip.remarks[0].comment)) == count


def test_telephone_and_personal_values_are_masked_unless_asked_for() -> None:
    number = an_identity_number()
    slip = a_receipt_slip(remarks=(Remark("B03", "B03 第 1 行", number, "校验码不对", mask="id"),))
    copy, whole = text_of(draw_receipt_slip(slip).pdf), text_of(draw_receipt_slip(slip, masked=False).pdf)
    assert number not in copy and mask("id", number) in copy and number in whole
    assert LANDLINE not in copy and "0691-*******" in copy and LANDLINE in whole


def test_a_character_that_no_font_has_is_refused() -> None:
    slip = a_receipt_slip(remarks=(Remark("B03", "B03", "\U000e0100", "改"),))
    with pytest.raises(PaperError) as caught:
        draw_receipt_slip(slip)
    assert caught.value.code == "paper.character"


# --- chasing notice --------------------------------------------------------------------------------------------------


def test_a_notice_to_several_villages_names_each_with_what_it_owes() -> None:
    notice = a_notice()
    text = text_of(draw_notices([notice]).pdf)
    wanted = ["催报通知", "曼赛、曼冈、贺开村民委员会：", f"催报通知·{TOWNSHIP.code[:9]}", "催报3·2025-12-22"]
    wanted += [f"{TASK}已于2025年12月20日截止。截至12月22日9时，全镇应报7个村，已报齐4个村，"]
    wanted += ["还有3个村没有报齐（见下表）。"]
    wanted += ["请于2025年12月25日17时以前补报。", "用U盘送到镇政府社会事务办公室。", "请在12月23日以前说明原因。"]
    wanted += ["1曼赛村532822103204B01B02B03B04B050／5212-18电话", "2曼冈村532822103207B04B053／5212-19电话"]
    wanted += ["3贺开村532822103206B02（退回未改）4／5212-21口头", "合计8张7／15——"]
    wanted += ["联系人玉罕（社会事务办公室）电话0691-*******手机199****0000收件地点镇政府一楼便民服务中心3号窗口"]
    wanted += ["发送方式：回执包第11号、电话、纸质", TOWNSHIP.name]
    assert [one for one in wanted if squeezed(one) not in text] == []


def test_a_notice_to_one_village_names_its_forms_and_what_went_wrong() -> None:
    trouble = "12 月 16 日送来的第 2 次 U 盘没拷全，请重拷一次。"
    owing = an_owing(206, "贺开", "B05", returned=("B02", "B03"), troubles=(trouble,))
    text = text_of(draw_notices([a_notice(villages=(owing,))]).pdf)
    assert "贺开村民委员会：" in text and "你村应报5张，还差3张。" in text
    assert "没报：B05灾害信息员退回未改：B02综合服务设施面积、B03“两委”成员" + squeezed(trouble) in text
    assert "见下表" not in text and "合计" not in text


def test_a_return_that_waits_to_be_signed_again_is_owed_too() -> None:
    village = an_owing(204, "", resign=forms("B03"))
    pages = text_of(draw_notices([a_notice(villages=(village,))]).pdf)
    assert "还差1张" in pages
    assert f"建议稿待重新签名：B03{TITLES['B03']}" in pages
    both = text_of(draw_notices([a_notice(villages=(village, an_owing(206, "贺开", "B05")))]).pdf)
    assert "B03（待重签）" in both


def test_before_the_deadline_nobody_is_late() -> None:
    notice = a_notice(deadline=date(2025, 12, 31), until=None, excuse_by=None)
    text = text_of(draw_notices([notice]).pdf)
    assert "将于2025年12月31日截止。" in text and "请于2025年12月31日以前报齐。" in text and "怎么报" in text
    assert "补报" not in text and "迟报" not in text and "说明原因" not in text


def test_a_day_that_is_over_is_not_asked_for_again() -> None:
    told = text_of(draw_notices([a_notice(until=None)]).pdf)
    assert "已于2025年12月20日截止。" in told and "请尽快补报。" in told and "12月20日以前" not in told


def test_each_notice_of_many_begins_a_page_with_its_own_numbers_and_bookmark() -> None:
    notices = single_notices()
    drawn = draw_notices(notices)
    assert drawn.pages == len(notices) and drawn.box == (0, 0, 0, 0)
    for page, notice in enumerate(notices):
        text = text_of(drawn.pdf, page)
        assert notice.villages[0].office.name in text and "第1页，共1页" in text
    with pypdfium2.PdfDocument(drawn.pdf) as document:
        marks = [(one.get_title(), one.get_dest().get_index()) for one in document.get_toc()]
    assert marks == [(one.villages[0].office.name, page) for page, one in enumerate(notices)]


def test_a_notice_with_a_text_of_its_own_prints_that() -> None:
    text = text_of(draw_notices([a_notice(body="请各村务必于本周五以前报齐。")]).pdf)
    assert "请各村务必于本周五以前报齐。" in text and "截至" not in text


def test_the_text_for_a_chat_says_the_same() -> None:
    owing = an_owing(206, "贺开", "B05", returned=("B02",))
    assert notice_text(a_notice(villages=(owing,))).splitlines() == [
        "贺开村民委员会：",
        f"{TASK}已于 2025 年 12 月 20 日截止。截至 12 月 22 日 9 时，你村应报 5 张，还差 2 张。"
        "请于 2025 年 12 月 25 日 17 时以前补报。过了截止日期报来的标注“迟报”，封账以后的标注“补报”。",
        "没报：B05 灾害信息员",
        "退回未改：B02 综合服务设施面积",
        "联系人：玉罕，0691-*******",
        TOWNSHIP.name,
        "2025 年 12 月 22 日",
    ]
    assert LANDLINE in notice_text(a_notice(), masked=False)
    assert "曼冈村：没报：B04 法律明白人、B05 灾害信息员" in notice_text(a_notice())


def test_a_notice_with_many_villages_repeats_its_heads() -> None:
    notice = a_long_notice()
    drawn = draw_notices([notice])
    text = text_of(drawn.pdf)
    assert drawn.pages > 2 and text.count("没有报的表") >= 3
    assert [one.office.code for one in notice.villages if text.count(one.office.code) != 1] == []
    assert text.count("电子签名") == 1 and "电子签名" in text_of(drawn.pdf, drawn.pages - 1)


def test_phones_are_whole_only_when_asked_for() -> None:
    text = text_of(draw_notices([a_notice()]).pdf)
    assert MOBILE not in text and LANDLINE not in text
    whole = text_of(draw_notices([a_notice()], masked=False).pdf)
    assert MOBILE in whole and LANDLINE in whole


# --- approval slip ---------------------------------------------------------------------------------------------------


def test_the_upper_half_shows_the_request_and_its_code_in_six_groups(tmp_path: Path) -> None:
    slip = an_approval_slip()
    drawn = draw_approval_slip(slip)
    text = text_of(drawn.pdf)
    assert drawn.pages == 1
    wanted = [
        "数字证书申请核对单",
        f"编号：申请{slip.office.code}-03",
        f"单位{slip.full_name}区划代码{slip.office.code}",
    ]
    wanted += ["使用人岩罕（填报员）", "证书用途签名、加密报送", "电脑名称MANBENG-PC1设备编号D3F8-60A2"]
    wanted += ["密钥生成2025-12-0114:06:31", "算法ECDSAP-256，SHA-256", "打印2025-12-0114:08", "（村委会公章）"]
    wanted += ["申请人签字：日期：年月日", "沿虚线裁开，下联由镇审核员留存"]
    assert [one for one in wanted if one not in text] == []
    (line,) = qr_of(drawn.pdf, 0, tmp_path)
    read = codes.read_qr(line)
    assert (read.kind, read.fields) == ("E", (slip.office.code, "03"))
    assert codes.digits24(bytes.fromhex(read.sha256)) == slip.digits
    for group in codes.grouped(slip.digits).split():
        assert group in text


def test_the_lower_half_has_empty_boxes_and_not_one_digit_of_the_code() -> None:
    slip = an_approval_slip()
    (_, found) = next(iter(glyphs(draw_approval_slip(slip).pdf)))
    lower = "".join(one.char for one in found if one.top > 172)
    assert [group for group in codes.grouped(slip.digits).split() if group in lower] == []
    wanted = ["听写的核对码", "第6组", "当面", "认识本人", "6组全部相同，核准", "有不同，不予核准", "证书有效期"]
    wanted += ["核对人签字：", "（镇政府公章）", f"申请{slip.office.code}-03"]
    assert [one for one in wanted if one not in lower] == []


def test_identity_and_telephone_are_masked_and_what_is_not_known_is_left_to_the_pen() -> None:
    slip = an_approval_slip()
    text = text_of(draw_approval_slip(slip).pdf)
    assert slip.id_number not in text and mask("id", slip.id_number) in text and MOBILE not in text
    whole = text_of(draw_approval_slip(slip, masked=False).pdf)
    assert slip.id_number in whole and MOBILE in whole
    bare = text_of(draw_approval_slip(an_approval_slip(id_number="", phone="", computer="")).pdf)
    assert "身份证号码联系电话证书用途" in bare and "电脑名称设备编号" in bare


def test_long_names_keep_the_slip_on_one_page() -> None:
    slip = a_long_request()
    drawn = draw_approval_slip(slip)
    assert drawn.pages == 1 and slip.full_name in text_of(drawn.pdf) and slip.person in text_of(drawn.pdf)


def test_the_files_own_data_say_what_they_are() -> None:
    info = info_of(draw_receipt_slip(a_receipt_slip()).pdf)
    assert info["Title"] == "报表退回通知，曼蚌村民委员会，勐海县 2025 年度城乡社区服务情况报表"
    assert info["Author"] == TOWNSHIP.name and info["CreationDate"].startswith("D:20251217103140")
    assert info_of(draw_notices([a_notice()]).pdf)["Title"].startswith("催报通知，曼赛、曼冈、贺开村民委员会")
