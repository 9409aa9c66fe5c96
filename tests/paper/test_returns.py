"""What a reader finds on a printed return: every value, every name letter by letter, one true code, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.errors import PaperError
from cunbao.paper import ReturnSheet, Signed, draw_return
from cunbao.paper.words import printed, words
from cunbao.survey import codes
from cunbao.survey.form import Kind
from cunbao.survey.sample import COMMUNITY, MANBANG, MANLING
from cunbao.survey.values import Answers, Cell, Explanation, Ret
from world.papers import (
    FORMS,
    NAMES,
    a_sheet,
    a_zero_sheet,
    draft_stage,
    fonts_of,
    glyphs,
    info_of,
    overlapping,
    qr_of,
    raw_text,
    text_of,
    with_rows,
)

ROSTERS = ("B02", "B03", "B04", "B05")
MARGIN = {False: (25, 192, 9.5, 287.5), True: (15, 282, 13.5, 202.5)}  # landscape → left, right, top, bottom in mm


def squeezed(text: str) -> str:
    return "".join(text.split())


def values_of(sheet: ReturnSheet, *, masked: bool = False) -> list[str]:
    """Every value of the return as words."""
    given = sheet.answers.values
    found = [words(one, given.get(one.name, ""), masked=masked) for one in sheet.form.fields if printed(one)]
    for repeat in sheet.form.repeats:
        for row in sheet.answers.rows.get(repeat.name, ()):
            found += [words(one, row.values.get(one.name, ""), masked=masked) for one in repeat.fields if printed(one)]
    return [squeezed(one) for one in found if one]


def stages(form: str) -> dict[str, bytes]:
    """Every kind of page that a form can have."""
    sheet = a_sheet(form, MANLING if form == "B03" else MANBANG)
    told = Explanation("K-022", "K-022", form, "外出务工人员多，" * 12, (Cell(sheet.form.fields[0].name),), "")
    found = {
        "signed": draw_return(sheet).pdf,
        "copy": draw_return(sheet, masked=True).pdf,
        "draft": draw_return(replace(sheet, stage=draft_stage())).pdf,
        "late": draw_return(replace(sheet, kind="late", explanations=(told,) * 3)).pdf,
        "proxy": draw_return(replace(sheet, kind="proxy")).pdf,
        "correction": draw_return(replace(sheet, kind="correction", version=2, replaces=changed(sheet))).pdf,
    }
    if form in ("B02", "B04", "B05"):
        found["zero"] = draw_return(a_zero_sheet(form)).pdf
    return found


def changed(sheet: ReturnSheet) -> Answers:
    """Answers that differ from the sheet's in one value and one row."""
    name = next(one.name for one in sheet.form.fields if sheet.answers.values.get(one.name, "").isdigit())
    rows = {
        repeat: (replace(all_[0], values={**all_[0].values, next(iter(all_[0].values)): "旧名"}), *all_[1:])
        for repeat, all_ in sheet.answers.rows.items()
        if all_
    }
    return Answers({**sheet.answers.values, name: "9"}, rows)


@pytest.mark.parametrize("form", FORMS)
def test_every_value_of_the_return_is_read_back_from_its_pages(form: str) -> None:
    sheet = a_sheet(form, MANLING if form == "B03" else MANBANG)
    text = text_of(draw_return(sheet).pdf)
    assert [one for one in values_of(sheet) if one not in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_labels_notes_persons_and_office_are_read_back(form: str) -> None:
    sheet = a_sheet(form)
    text = text_of(draw_return(sheet).pdf)
    wanted = [sheet.title, sheet.office.code, sheet.full_name, sheet.township.name, sheet.task.issuer, sheet.task.title]
    wanted += [f"村报{form}表", "内部工作用表，未经统计审批", sheet.ret.head, sheet.ret.stat_head, sheet.ret.filler]
    wanted += [sheet.ret.phone, *sheet.paper.notes]
    wanted += [one.label for one in sheet.form.fields if printed(one)]
    wanted += [head for column in sheet.paper.columns for head in column.heads]
    assert [one for one in wanted if squeezed(one) not in text] == []


@pytest.mark.parametrize("form", ["B06", "B07"])
def test_a_long_form_stands_under_its_headings_on_three_pages_and_no_heading_ends_a_page(form: str) -> None:
    drawn = draw_return(a_sheet(form))
    assert drawn.pages == 3
    pages = [raw_text(drawn.pdf, page, "-layout").splitlines() for page in range(drawn.pages)]
    heads = dict.fromkeys(squeezed(one) for one in a_sheet(form).form.groups.values())
    found = [(page, at) for page, lines in enumerate(pages) for at, line in enumerate(lines) if squeezed(line) in heads]
    assert len(found) == len(heads)
    for page, at in found:
        after = [line for line in pages[page][at + 1 :] if line.strip()]
        assert after and "续下页" not in after[0]


@pytest.mark.parametrize("form", ["B06", "B07"])
def test_many_things_in_one_cell_make_its_row_grow_and_keep_their_size(form: str) -> None:
    asked = a_sheet(form).form
    name = next(one for one in asked.fields if one.kind is Kind.SELECT_MULTIPLE and len(one.list.choices) > 5)
    every = " ".join(one.code for one in name.list.choices)
    answers = a_sheet(form).answers
    drawn = draw_return(a_sheet(form, answers=replace(answers, values={**answers.values, name.name: every})))
    text = text_of(drawn.pdf)
    assert squeezed("、".join(one.label for one in name.list.choices)) in text
    for _, page in glyphs(drawn.pdf):
        assert overlapping(page) == []


@pytest.mark.parametrize("form", ROSTERS)
def test_rare_names_come_back_letter_by_letter(form: str) -> None:
    """𠮷 and 𬱖 lie beyond U+FFFF: reportlab alone writes them so that a reader finds other characters."""
    sheet = with_rows(a_sheet(form, MANLING if form == "B03" else MANBANG), 5)
    pdf = draw_return(sheet).pdf
    layout = raw_text(pdf, how="-layout")
    for name in NAMES:
        assert name in layout
        assert name in text_of(pdf)


def test_rare_names_stand_in_the_signature_box_too() -> None:
    ret = Ret("玉𠮷香", "玉𬱖", "岩䶮", "19900000001", "2025-12-15")
    sheet = a_sheet("B01", ret=ret)
    stage = sheet.stage
    assert isinstance(stage, Signed)
    text = text_of(draw_return(replace(sheet, stage=replace(stage, signer="玉𠮷香"))).pdf)
    assert "签名人：玉𠮷香（填报员）" in text
    assert "单位负责人：玉𠮷香" in text and "统计负责人：玉𬱖" in text and "填表人：岩䶮" in text


def test_a_character_that_no_font_has_is_refused_with_its_code() -> None:
    sheet = with_rows(a_sheet("B03"), 2, names=("玉\U000e0100香",))
    with pytest.raises(PaperError, match=r"U\+E0100") as caught:
        draw_return(sheet)
    assert caught.value.code == "paper.character"


@pytest.mark.parametrize("form", FORMS)
def test_no_glyph_leaves_the_text_area_or_lies_over_another(form: str) -> None:
    for name, pdf in stages(form).items():
        for page, ((wide, high), found) in enumerate(glyphs(pdf)):
            left, right, top, bottom = MARGIN[wide > high]
            outside = [one for one in found if one.left < left - 0.1 or one.right > right + 0.1]
            outside += [one for one in found if one.top < top or one.bottom > bottom]
            assert outside == [], (form, name, page)
            assert overlapping(found) == [], (form, name, page)


@pytest.mark.parametrize("form", FORMS)
def test_all_fonts_are_embedded(form: str) -> None:
    for pdf in stages(form).values():
        found = fonts_of(pdf)
        assert found and all(embedded for _, embedded in found), found
        assert not any("Helvetica" in name for name, _ in found)


@pytest.mark.parametrize("form", FORMS)
def test_the_qr_code_is_read_at_200_dpi_and_begins_with_the_printed_code(form: str, tmp_path: Path) -> None:
    for masked in (False, True):
        sheet = a_sheet(form)
        drawn = draw_return(sheet, masked=masked)
        assert isinstance(sheet.stage, Signed)
        assert qr_of(drawn.pdf, drawn.box_page, tmp_path) == [sheet.stage.qr]
        line = codes.read_qr(sheet.stage.qr)
        assert line.fields[:2] == (sheet.office.code, form)
        assert line.code == sheet.stage.code
        assert sheet.stage.code in text_of(drawn.pdf, drawn.box_page)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_return_gives_the_same_bytes(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stages(form)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")  # the environment of another computer
    monkeypatch.setenv("TZ", "America/Lima")
    assert stages(form) == first


def test_the_signature_box_is_where_the_field_will_lie() -> None:
    for form in FORMS:
        drawn = draw_return(a_sheet(form))
        x1, y1, x2, y2 = (one * 25.4 / 72 for one in drawn.box)
        assert (round(x2 - x1, 2), round(y2 - y1, 2)) == (112, 42)
        (_, high), found = list(glyphs(drawn.pdf))[drawn.box_page]
        inside = "".join(g.char for g in found if x1 < g.left < x2 and high - y2 < g.top < high - y1)
        assert "电子签名" in inside and "扫码核对" in inside
        assert drawn.box_page == drawn.pages - 1


def test_a_signed_return_says_what_it_is_in_the_files_own_data() -> None:
    info = info_of(draw_return(a_sheet("B02")).pdf)
    assert info["Title"] == "综合服务设施面积表，勐海县勐混镇曼蚌村民委员会，2025年度，正常"
    assert info["Author"] == "勐海县勐混镇曼蚌村民委员会"
    assert info["CreationDate"].startswith("D:20251215154207")
    pdf = draw_return(a_sheet("B02")).pdf
    assert b"/Lang (zh-CN)" in pdf and b"/DisplayDocTitle true" in pdf


# --- originals and copies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["B03", "B04"])
def test_the_original_is_whole_and_a_copy_is_masked(form: str) -> None:
    sheet = a_sheet(form)
    (rows,) = sheet.answers.rows.values()
    column = next(one.name for one in sheet.form.repeats[0].fields if one.mask == "id")
    whole, copy = text_of(draw_return(sheet).pdf), text_of(draw_return(sheet, masked=True).pdf)
    for row in rows:
        number = row.values[column]
        assert number in whole and number not in copy
        assert f"{number[:6]}********{number[-4:]}" in copy
    assert sheet.ret.phone in whole and sheet.ret.phone not in copy
    assert "参阅件" not in whole
    assert f"参阅件·{form}·{sheet.office.code}" in copy
    assert "参阅件：个人信息已遮盖，不作为报表正本使用。" in copy


def test_a_draft_has_no_code_no_qr_and_no_whole_number(tmp_path: Path) -> None:
    sheet = a_sheet("B03", stage=draft_stage())
    drawn = draw_return(sheet)
    text = text_of(drawn.pdf)
    assert "草稿，未签名，不能作为报表报送" in text and "检查结果：必须改正2处，需要说明1处" in text
    assert "草稿·无验证码" in text and "（草稿不盖章）" in text and "验证码NKZB" not in text
    assert qr_of(drawn.pdf, drawn.box_page, tmp_path) == []
    assert text.count("草稿") >= drawn.pages * 2  # watermark and foot
    (rows,) = sheet.answers.rows.values()
    assert rows[0].values["b03_m_id"] not in text


# --- kinds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["B02", "B04", "B05"])
def test_a_zero_report_says_so_and_why(form: str) -> None:
    sheet = a_zero_sheet(form, reason="全村整体搬迁，本期没有这类人员和房屋")
    text = text_of(draw_return(sheet).pdf)
    assert "本期无应填内容（零报告）以下空白" in text
    assert "零报告声明" in text and "零报告原因：全村整体搬迁，本期没有这类人员和房屋" in text
    assert "第1版，零报告" in text and "上年同期" in text
    assert sheet.last is not None
    top = sheet.form.field(sheet.paper.headline)
    assert squeezed(f"上年同期{words(top, sheet.last.values[top.name], masked=False)}{top.unit}") in text
    assert "合计0" in text


def test_a_zero_report_without_a_year_before_shows_a_dash() -> None:
    assert "上年同期—" in text_of(draw_return(replace(a_zero_sheet("B04"), last=None)).pdf)


@pytest.mark.parametrize(("kind", "mark"), [("late", "补报"), ("proxy", "代报"), ("correction", "更正")])
def test_other_kinds_carry_their_mark(kind: str, mark: str) -> None:
    text = text_of(draw_return(a_sheet("B01", kind=kind, version=2)).pdf)
    assert f"基本情况表{mark}表号" in text
    assert f"第2版，{mark}" in text and f"第2版·{mark}·2025-12-15" in text


def test_a_late_return_names_the_days() -> None:
    text = text_of(draw_return(a_sheet("B01", kind="late")).pdf)
    assert "截止日期2025-12-20，签名日期2025-12-15" in text


def test_a_correction_shows_the_old_values_and_lists_them() -> None:
    sheet = a_sheet("B03", MANLING)
    (rows,) = sheet.answers.rows.values()
    before = Answers(
        {**sheet.answers.values, "b03_reserve": "77"},
        {"b03_m": (replace(rows[0], values={**rows[0].values, "b03_m_name": "岩旧名"}), *rows[1:-1])},
    )
    drawn = draw_return(replace(sheet, kind="correction", version=2, replaces=before))
    text = text_of(drawn.pdf)
    new = words(sheet.form.field("b03_reserve"), sheet.answers.values["b03_reserve"], masked=False)
    assert f"（书记后备）人数：原为77，更正为{new}" in text
    assert f"姓名：原为岩旧名，更正为{rows[0].values['b03_m_name']}" in text
    assert f"{rows[-1].values['b03_m_name']}：新增" in text
    assert f"{rows[0].values['b03_m_name']}岩旧名" in text  # under the new value in its cell
    assert "更正，代替第1版" in text


def test_explanations_are_printed_with_check_row_and_text() -> None:
    sheet = a_sheet("B03", MANLING)
    row = sheet.answers.rows["b03_m"][1]
    told = Explanation("K-040:x", "K-040", "B03", "样例：新当选，资格已补审。", (Cell("b03_m_since", row.id),), "")
    text = text_of(draw_return(replace(sheet, explanations=(told,))).pdf)
    assert f"K-0402{row.values['b03_m_name']}本职务任职日期：样例：新当选，资格已补审。" in text


def test_what_does_not_apply_is_a_dash_what_is_empty_is_nothing_and_nought_is_0() -> None:
    sheet = a_sheet("B01")
    text = raw_text(draw_return(sheet).pdf)
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.split()}
    assert sheet.answers.values["b01_reloc"] == "0"
    assert lines["集中安置户数"] == ["户", "31", "—"]
    assert lines["城镇常住人口"][-1] == "0"


def test_a_column_that_applies_to_no_row_has_no_total_of_nought() -> None:
    """A community has no hamlets: nobody looks after any, which is another thing than 0."""
    text = text_of(draw_return(a_sheet("B05", COMMUNITY)).pdf)
    sheet = a_sheet("B05", COMMUNITY)
    hours, reports = (
        sum(int(row.values[name]) for row in sheet.answers.rows["b05_p"]) for name in ("b05_p_hours", "b05_p_reports")
    )
    assert f"合计{hours}—{reports}" in text


def test_an_office_that_is_not_enrolled_yet_says_so_beside_its_certificate() -> None:
    sheet = a_sheet("B01")
    assert isinstance(sheet.stage, Signed)
    text = text_of(draw_return(replace(sheet, stage=replace(sheet.stage, before_enrolment=True))).pdf)
    assert "4A7F-21C0-98DE-3B05（登记前）" in text


# --- many rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 10, 11, 23, 60, 200])
def test_rows_are_all_there_once_and_in_order_however_many(count: int) -> None:
    sheet = with_rows(a_sheet("B04"), count)
    drawn = draw_return(sheet)
    layout = raw_text(drawn.pdf, how="-layout")
    numbered = [line.split() for line in layout.splitlines() if line.split()[:1] and line.split()[0].isdigit()]
    rows = [(int(line[0]), line[1]) for line in numbered if len(line) > 4]
    expected = [(at, NAMES[(at - 1) % len(NAMES)]) for at in range(1, count + 1)]
    assert rows == expected * 2  # 表一 and 表二
    assert layout.count("（续下页）") == drawn.pages - 1
    for page, ((wide, high), found) in enumerate(glyphs(drawn.pdf)):
        assert overlapping(found) == [], page
        assert max(one.bottom for one in found) < MARGIN[wide > high][3]


def test_a_text_without_end_is_refused_and_not_cut() -> None:
    sheet = with_rows(a_sheet("B04"), 1, names=("岩" * 4000,))
    with pytest.raises(PaperError) as caught:
        draw_return(sheet)
    assert caught.value.code == "paper.too_high"


def test_a_name_of_thirty_characters_is_printed_whole() -> None:
    name = "买买提艾力·" * 4 + "阿卜杜热合曼"
    text = text_of(draw_return(with_rows(a_sheet("B03"), 3, names=(name,))).pdf)
    assert text.count(name) == 6  # three rows in 表一 and 表二
