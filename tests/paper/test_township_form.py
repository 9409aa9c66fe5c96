"""T01 on paper: the township fills it, the county stands above it, 36 lines under five headings."""

from __future__ import annotations

from cunbao.paper import draw_blank, draw_return
from cunbao.survey.sample import MANBANG, SAMPLE_COUNTY, SAMPLE_TOWNSHIPS, sample_office
from world.papers import a_sheet, glyphs, overlapping, text_of
from world.villages import the_task

TOWN = SAMPLE_TOWNSHIPS[0]


def the_pages() -> bytes:
    return draw_return(a_sheet("T01", TOWN.code, township=SAMPLE_COUNTY)).pdf


def test_the_page_names_the_township_once_and_the_county_above_it() -> None:
    text = text_of(the_pages())
    assert "综合机关名称：勐海县民政局" in text and "填报单位：勐海县勐混镇人民政府" in text
    assert f"统计用区划代码：{TOWN.code}" in text and "村报T01表" in text
    heads = [one.partition("、")[2] for one in dict.fromkeys(the_task().forms["T01"].groups.values())]
    assert len(heads) == 5 and all(one in text for one in heads)
    assert "未按时报送的村（社区）" in text and "36" in text


def test_nothing_lies_over_anything_or_beyond_the_margins() -> None:
    blank = draw_blank(the_task(), the_task().forms["T01"], TOWN, SAMPLE_COUNTY).pdf
    for pdf in (the_pages(), blank):
        for page, (_, found) in enumerate(glyphs(pdf)):
            assert [one for one in found if one.left < 24.9 or one.right > 192.1] == [], page
            assert overlapping(found) == [], page


def test_a_blank_of_the_township_s_own_form_has_all_its_digits_and_stays_with_it() -> None:
    text = text_of(draw_blank(the_task(), the_task().forms["T01"], TOWN, SAMPLE_COUNTY).pdf)
    assert f"统计用区划代码：{TOWN.code}" in text and "填报单位：勐混镇人民政府" in text
    assert "综合机关名称：勐海县民政局" in text and "由乡镇留存两年" in text
    of_a_village = text_of(draw_blank(the_task(), the_task().forms["B01"], sample_office(MANBANG), TOWN).pdf)
    assert "由村委会留存两年" in of_a_village
