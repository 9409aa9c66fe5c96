"""县回执: who has something new is ticked, all are written and read back one by one, and what was told is not news."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.county import answer_words, answers, closingday, exempting
from cunbao.desks.township.views import ReceiptLine
from cunbao.errors import CunbaoError
from cunbao.survey.decision import Act, Comment
from cunbao.survey.values import Cell
from world.county_returns import WAITING, a_county_with_returns
from world.desk import MANBANG, MENGHUN, PASSWORD, a_clock, a_town_desk

AREA = "003-04"


def line_of(county: object, office: str = MENGHUN) -> ReceiptLine:
    return next(one for one in answer_words.answers_view(county).lines if one.office == office)  # type: ignore[arg-type]


def test_what_is_new_is_ticked_written_and_then_told(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    view = answer_words.answers_view(county)
    assert view.last_at is None and [one.office for one in view.lines if one.ticked] == [MENGHUN]
    here = line_of(county)
    assert (here.bundles, here.accepted, here.others, here.inside) == (1, 0, 0, "收下 1 个报县包")
    head = county.workspace.standing(*WAITING, "2025").head
    answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("b03_none_reason"), "请核对")])
    exempting.exempt(county, MANBANG, AREA, "整村搬迁")
    closingday.close(county, "报齐了", PASSWORD)
    here = line_of(county)
    assert (here.returned, here.comments, here.others, here.bundles) == (1, 1, 2, 1)
    assert "曼国村 B03 退回" in here.inside and "封账" in here.inside and f"曼蚌村不计入 {AREA}" in here.inside
    assert ("return", "曼国村 B03 退回", ("请核对",)) in here.lines
    (written,) = answer_words.write_answers(county, tmp_path, [MENGHUN])
    assert written.ok and written.path.name == here.file_name and written.path.parent.name == "勐海县回执"
    told = line_of(county)
    assert not told.ticked and told.inside.startswith("没有新内容，上次")
    closingday.reopen(county, "漏了一个村", PASSWORD)
    assert line_of(county).ticked and line_of(county).inside == "撤回封账"
    county.close()


def test_another_township_hears_of_the_closing_and_not_of_what_is_not_its_own(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    other = next(one.code for one in county.townships if one.code != MENGHUN)
    exempting.exempt(county, MANBANG, AREA, "整村搬迁")
    assert not line_of(county, other).ticked
    closingday.close(county, "", PASSWORD)
    assert line_of(county, other).inside == "封账"
    county.close()


def test_one_that_cannot_be_written_leaves_the_others_valid(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    bad, good = answer_words.write_answers(county, tmp_path, ["532822999000", MENGHUN])
    assert not bad.ok and "没有" in bad.trouble and good.ok and good.path.exists()
    county.close()


def test_a_township_that_lost_all_gets_all_back_with_a_reason_and_the_password(tmp_path: Path) -> None:
    county = a_county_with_returns(tmp_path)
    for reason, password, code in (("", PASSWORD, "reason.length"), ("电脑丢了", "不是密码", "password.wrong")):
        with pytest.raises(CunbaoError) as refused:
            answer_words.restore(county, MENGHUN, tmp_path, reason, password)
        assert refused.value.code == code and not (tmp_path / "勐海县回执").exists()
    files = answer_words.restore(county, MENGHUN, tmp_path, "电脑丢了", PASSWORD)
    last = county.workspace.journal_entries()[-1]
    assert (last.act, last.detail["reason"], last.detail["parts"]) == ("restore_township", "电脑丢了", len(files))
    town = a_town_desk(tmp_path, clock=a_clock(2025, 12, 23, 1))  # an empty desk with the same keys
    assert receiving.receive(town, list(files)).refused == 0
    assert town.workspace.standing(MANBANG, "B01", "2025").counted
    for desk in (town, county):
        desk.close()
