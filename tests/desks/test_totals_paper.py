"""汇总表 on paper: the screen's figures, who is missing, a number and a signature; few people stay inside."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.township import deciding, totals, totals_paper, totals_town
from cunbao.desks.township.desk import TownshipDesk
from cunbao.paper import NOTHING_COUNTED
from world.desk import MANBANG, MANGUO, a_town_desk, bundle_file
from world.papers import text_of


@pytest.fixture
def desk(tmp_path: Path) -> TownshipDesk:
    """曼蚌's B02 is accepted, its B03 and all of 曼国 wait for review, 曼赛 has sent nothing."""
    made = a_town_desk(tmp_path)
    receiving.receive(made, [bundle_file(tmp_path, office) for office in (MANBANG, MANGUO)])
    deciding.accept(made, MANBANG, "B02")
    deciding.accept(made, MANBANG, "B03")
    return made


def test_the_words_of_the_returns_are_those_of_the_board(desk: TownshipDesk) -> None:
    said = totals_town.words(desk)
    assert (said[MANBANG, "B02"], said[MANBANG, "B01"]) == ("通过", "已接收")
    assert list(said.values()).count("未报") == 5


def test_what_waits_for_review_can_be_added_and_what_is_accepted_is_not_added_twice(desk: TownshipDesk) -> None:
    found = totals_town.received(desk)
    assert (MANGUO, "B02") in found and (MANBANG, "B02") not in found and len(found) == 8
    states = totals_town.words(desk)
    one = totals.totals_view(desk, "B02", states=states)
    both = totals.totals_view(desk, "B02", states=states, received=found)
    assert (one.counted, both.counted, one.can_include) == (1, 2, 1)


def test_the_page_says_who_is_counted_and_who_is_not(desk: TownshipDesk) -> None:
    drawn = totals_paper.totals_pages(desk, "B02", states=totals_town.words(desk))
    page = text_of(drawn.pdf)
    assert "综合服务设施面积汇总表" in page and "含未审核" not in page
    assert "已计入1个村" in page and "没有计入：曼国村（已接收）、曼赛村（未报）" in page
    assert "每百户面积＝计入面积÷常住户数×100" in page and "达标≥30" in page
    assert "电子签名" in page or "验证码" in page
    acts = [one for one in desk.workspace.journal_entries() if one.act == "print_totals"]
    assert acts[0].detail == {"form": "B02", "number": 1, "unreviewed": False}


def test_received_returns_on_paper_are_marked_on_the_page(desk: TownshipDesk) -> None:
    drawn = totals_paper.totals_pages(desk, "B02", states=totals_town.words(desk), received=totals_town.received(desk))
    page = text_of(drawn.pdf)
    assert page.count("（含未审核）") == 1 and "已计入2个村" in page
    assert "还没有审核的报表" in page


def test_the_figures_of_a_line_are_exact_and_a_missing_one_is_no_nought(desk: TownshipDesk) -> None:
    view = totals.totals_view(desk, "B02", states=totals_town.words(desk))
    sheet = totals_paper.sheet_of(desk, view)
    lines = {row.names[0]: row for row in sheet.rows}
    assert [head.head for head in sheet.columns][:3] == ["常住户数", "常住人口", "设施数"]
    assert lines["曼赛村"].values[0] == NOTHING_COUNTED and lines["曼赛村"].values[-1] == "—"
    assert isinstance(lines["曼蚌村"].values[0], Decimal) and lines["曼蚌村"].values[-1] in ("是", "否")
    assert sheet.total is not None and sheet.total.values[0] == lines["曼蚌村"].values[0]


def test_the_same_figures_of_one_day_are_the_same_sheet(desk: TownshipDesk) -> None:
    states = totals_town.words(desk)
    first = totals_paper.totals_pages(desk, "B02", states=states).pdf
    assert totals_paper.totals_pages(desk, "B02", states=states).pdf == first
    deciding.accept(desk, MANGUO, "B02")
    again = totals_paper.sheet_of(desk, totals.totals_view(desk, "B02", states=totals_town.words(desk)))
    assert again.number == 2 and again.counted == 2


def test_a_cross_tab_on_paper_hides_counts_under_three_people(desk: TownshipDesk) -> None:
    view = totals.crosstab_view(desk, "B03", "b03_m", "b03_m_edu", "b03_m_sex")
    few = [count for line in view.table.counts for count in line if 0 < count < 3]
    assert few, "the sample has no small count"
    sheet = totals_paper.crosstab_sheet(desk, view)
    assert any(value == "＜3" for row in sheet.rows for value in row.values)
    drawn = totals_paper.crosstab_pages(desk, "B03", "b03_m", "b03_m_edu", "b03_m_sex")
    page = text_of(drawn.pdf)
    assert "文化程度×性别" in page and "不满3人，不显示" in page and "已计入1个村" in page
