"""A blank form is ready for a pen: known digits printed, room for the rest, nothing asked that the program computes."""

from __future__ import annotations

import pytest

from cunbao.paper import draw_blank
from cunbao.paper.words import printed
from cunbao.survey.form import Kind
from cunbao.survey.sample import MANBANG, sample_office
from world.papers import FORMS, fonts_of, glyphs, overlapping, raw_text, text_of
from world.villages import the_task

VILLAGE, TOWNSHIP = sample_office(MANBANG), sample_office(f"{MANBANG[:9]}000")


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_form_asks_everything_and_knows_the_office(form: str) -> None:
    task = the_task()
    drawn = draw_blank(task, task.forms[form], VILLAGE, TOWNSHIP)
    text = text_of(drawn.pdf)
    assert f"统计用区划代码：{MANBANG}" in text
    assert f"综合机关名称：{TOWNSHIP.name}" in text and f"填报单位：{VILLAGE.name}" in text
    assert "空白表，供手工填写" in text and f"{form}·空白" in text
    assert f"空白表·第{task.forms[form].version}版表样" in text
    assert "（公章）" in text and "单位负责人：" in text and "本表共张，第张" in text
    assert "验证码" not in text
    placed = {*task.papers[form].singles, task.papers[form].headline}
    asked = [one for one in task.forms[form].fields if printed(one) and one.name not in placed and not one.readonly]
    assert [one.label for one in asked if "".join(one.label.split()) not in text] == []


@pytest.mark.parametrize("form", ["B02", "B03", "B04", "B05"])
def test_a_roster_has_twelve_rows_to_fill(form: str) -> None:
    drawn = draw_blank(the_task(), the_task().forms[form], VILLAGE)
    lines = [line.split() for line in raw_text(drawn.pdf, how="-layout").splitlines() if line.split()]
    # rows begin with their number; code rows with 甲
    numbers = [int(line[0]) for line in lines if line[0].isdigit() and len(line[0]) < 3]
    for number in range(1, 13):
        assert numbers.count(number) >= 2, number  # 表一 and 表二


@pytest.mark.parametrize("form", ["B06", "B07"])
def test_a_hand_finds_a_box_for_each_of_many_choices_under_the_heading_of_its_group(form: str) -> None:
    asked = the_task().forms[form]
    text = text_of(draw_blank(the_task(), asked, VILLAGE).pdf)
    words = [choice.label for one in asked.fields if one.kind is Kind.SELECT_MULTIPLE for choice in one.list.choices]
    assert words and [one for one in words if "".join(one.split()) not in text] == []
    heads = list(dict.fromkeys(asked.groups.values()))
    assert len(heads) >= 5 and [text.count(head) for head in heads] == [1] * len(heads)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_lies_over_anything_or_beyond_the_margins(form: str) -> None:
    for office in (VILLAGE, TOWNSHIP):
        pdf = draw_blank(the_task(), the_task().forms[form], office).pdf
        assert all(embedded for _, embedded in fonts_of(pdf))
        for page, ((wide, high), found) in enumerate(glyphs(pdf)):
            left, right = (15, 282) if wide > high else (25, 192)
            assert [one for one in found if one.left < left - 0.1 or one.right > right + 0.1] == [], page
            assert overlapping(found) == [], page


def test_a_township_leaves_the_last_three_digits_and_the_name_open() -> None:
    text = text_of(draw_blank(the_task(), the_task().forms["B01"], TOWNSHIP).pdf)
    assert f"统计用区划代码：{TOWNSHIP.code[:9]}综合机关名称：{TOWNSHIP.name}" in text


def test_what_the_program_finds_is_marked_and_not_asked() -> None:
    text = text_of(draw_blank(the_task(), the_task().forms["B03"], VILLAGE).pdf)
    assert text.count("自动") >= 12 * 3  # 性别, 出生日期, 年龄 in each row
    assert "补充资料" not in text


@pytest.mark.parametrize("form", FORMS)
def test_the_same_blank_form_gives_the_same_bytes(form: str) -> None:
    first, second = (draw_blank(the_task(), the_task().forms[form], VILLAGE) for _ in range(2))
    assert first == second
