"""指标 of a county: kept parts follow what counts, everything is told from nought, and every figure walks back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cunbao.desks import ledger, measuring, receiving
from cunbao.desks.county import (
    answers,
    closing,
    exempting,
    indicator_detail,
    indicator_export,
    indicator_paper,
    indicators,
    signed_cells,
)
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import Group, Why
from cunbao.desks.county.measured import measured, parts
from cunbao.desks.township import deciding, forwarding
from cunbao.desks.township.desk import TownshipDesk
from cunbao.errors import DeskError
from cunbao.store.parts import Part
from cunbao.survey.decision import Act, Comment
from cunbao.survey.formulas import computable, touched
from cunbao.survey.indicators import OfficeFigure
from cunbao.survey.targets import Verdict
from cunbao.survey.values import Cell, Office
from world.desk import MANBANG, MANGUO, a_county_desk, a_town_desk, bundle_file
from world.readers import text_of

AREA = "003-04"  # 每百户居民拥有社区综合服务设施面积


@pytest.fixture
def desks(tmp_path: Path) -> tuple[TownshipDesk, CountyDesk]:
    """A township with two villages: one accepted whole, of the other all but its B02, which is received."""
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", office) for office in (MANBANG, MANGUO)])
    for form in county.task.forms:
        for office in (MANBANG, MANGUO):
            if (office, form) != (MANGUO, "B02") and town.workspace.standing(office, form, "2025").head:
                deciding.accept(town, office, form)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path, include_received=True).path])
    return town, county


def kept(county: CountyDesk) -> list[tuple[object, ...]]:
    rows = county.workspace._all("SELECT * FROM indicator_part ORDER BY 1, 2, 3, 4")
    return [tuple(one) for one in rows]


def by_hand(county: CountyDesk) -> dict[str, tuple[Decimal, Decimal, int]]:
    found = closing.indicators(county.workspace, county.task, closing.now(county.workspace, "2025"))
    return {number: (one.numerator, one.denominator, one.counted) for number, one in found.items()}


def on_board(county: CountyDesk) -> dict[str, tuple[Decimal, Decimal, int]]:
    rows = [row for plan in indicators.plans(county.task) for row in indicators.board(county, plan).rows]
    told = [row.total for row in rows if row.indicator.numerator]
    return {one.indicator.number: (one.numerator, one.denominator, one.counted) for one in told}


def test_the_board_says_what_the_signed_answers_add_up_to(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    assert on_board(county) == by_hand(county)


def test_a_decision_changes_only_the_parts_that_it_touches(
    desks: tuple[TownshipDesk, CountyDesk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, county = desks
    indicators.board(county)
    changes: list[tuple[str, str, set[str]]] = []
    set_parts = type(county.workspace).set_parts

    def noted(self, office, period, some):  # type: ignore[no-untyped-def]
        changes.append((office, period, set(some)))
        set_parts(self, office, period, some)

    monkeypatch.setattr(type(county.workspace), "set_parts", noted)
    deciding.accept(town, MANGUO, "B02")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert changes == [(MANGUO, "2025", {one.number for one in touched(county.task, ["B02"])})]
    assert on_board(county) == by_hand(county) and len(changes) == 1  # looking at it computes nothing anew
    head = county.workspace.standing(MANGUO, "B02", "2025").head
    answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("b02_n"), "请核对")])
    assert len(changes) == 2 and on_board(county) == by_hand(county)


def test_a_county_that_kept_parts_from_its_first_return_on_computes_nothing_anew(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    for office in (MANBANG, MANGUO):
        receiving.receive(town, [bundle_file(tmp_path / "stick", office)])
        deciding.accept(town, office, "B01")
        deciding.accept(town, office, "B02")
        receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert not indicators.must_measure(county) and on_board(county) == by_hand(county)


def test_parts_are_made_again_by_rebuild_and_by_a_changed_directory(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    workspace = county.workspace
    indicators.board(county)
    before = kept(county)
    workspace.drop_parts(MANBANG, "2025", ["003-04", "003-01"])
    assert "indicator_part" in ledger.rebuild(workspace, county.task).changed and kept(county) == before
    assert not measuring.stale(workspace, county.task)
    office = workspace.office(MANGUO)
    assert office is not None
    workspace.add_office(type(office)(**{**_facts(office), "kind": "20"}))
    assert measuring.stale(workspace, county.task) and measuring.refresh(workspace, county.task)
    assert not measuring.refresh(workspace, county.task)


def _facts(office: object) -> dict[str, str]:
    return {name: getattr(office, name) for name in ("code", "name", "kind", "ur_class", "short_name", "parent")}


def test_who_could_not_be_computed_stands_beside_with_the_reason(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    exempting.exempt(county, MANBANG, "003-05", "新设村，房屋在建")
    view = indicators.board(county, "003")
    rows = {row.indicator.number: row for row in view.rows}
    asked = len(county.villages)
    assert (rows[AREA].total.counted, rows[AREA].total.asked) == (1, asked)
    assert rows[AREA].left == f"缺报 {asked - 1}" and rows[AREA].verdict is Verdict.THIN
    assert rows["003-05"].left == f"缺报 {asked - 1}，豁免 1"
    assert rows["003-03"].left == f"缺报 {asked - 1}，没填 1"
    assert rows["003-08"].group is Group.CANNOT and rows["003-08"].verdict_words == "报表答不了"
    main = [f"003-0{at}" for at in range(1, 8) if rows[f"003-0{at}"].indicator.numerator]
    assert [row.indicator.number for row in view.of(Group.MAIN)] == main
    lines = {row.office: row for row in indicator_detail.detail(county, "003-05").offices}
    assert (lines[MANBANG].why, lines[MANBANG].reason) == (Why.EXEMPT, "新设村，房屋在建")
    assert (lines[MANGUO].why, lines[MANGUO].reason) == (Why.MISSING, "已接收，还没审核")
    others = [row for office, row in lines.items() if office not in (MANBANG, MANGUO)]
    assert {(row.why, row.reason, row.shown) for row in others} == {(Why.MISSING, "一次也没报", "—")}


def test_received_returns_count_when_asked_for_and_are_marked(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    strict = indicators.board(county, "003")
    wide = indicators.board(county, "003", received=True)
    assert (strict.unreviewed, wide.unreviewed) == (0, 1)
    here = next(row for row in wide.rows if row.indicator.number == AREA)
    assert here.total.counted == 2
    lines = {row.office: row for row in indicator_detail.detail(county, AREA, received=True).offices}
    assert lines[MANGUO].unreviewed and lines[MANGUO].source.endswith("未审定") and not lines[MANBANG].unreviewed
    assert here.total.numerator == lines[MANGUO].above + lines[MANBANG].above
    seen = measured(county)
    assert not next(own for own in parts(seen, here.indicator) if own.office.code == MANGUO).unreviewed


def test_every_figure_walks_back_to_the_signed_cells_and_their_page(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    view = indicator_detail.detail(county, AREA)
    row = next(one for one in view.offices if one.office == MANBANG)
    cells = {(one.form, one.field): one for one in signed_cells.cells(county, AREA, row)}
    assert Decimal(cells["B02", "b02_area_total"].value) == row.above
    assert Decimal(cells["B01", "b01_hh_resident"].value) == row.below
    assert set(row.revisions) == {"B01", "B02"}
    for form, revision in row.revisions.items():
        stands = county.workspace.standing(MANBANG, form, "2025")
        assert revision == stands.counted
        assert signed_cells.signed_pages(county, revision).pdf.startswith(b"%PDF")
    assert (
        "第 1 版" in signed_cells.signatures(county, row)[0].line
        and "通过" in signed_cells.signatures(county, row)[0].line
    )
    town = next(one for one in view.townships if one.total.counted)
    assert (town.total.numerator, town.total.counted) == (row.above, 1)


def test_an_office_that_took_over_others_is_compared_with_all_of_them(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    workspace, gone = county.workspace, ("532822103901", "532822103902")
    workspace.add_office(Office(gone[0], "旧寨村", kind="10", parent=MANBANG[:9] + "000", successor=MANBANG))
    workspace.add_office(Office(gone[1], "更旧寨村", kind="10", parent=MANBANG[:9] + "000", successor=gone[0]))
    measuring.refresh(workspace, county.task)
    for code, area, homes in ((MANBANG, "300", "4"), (gone[0], "100", "3"), (gone[1], "50", "3")):
        workspace.set_parts(code, "2024", {AREA: Part(OfficeFigure(Decimal(area), Decimal(homes)), True)})
    lines = {row.office: row for row in indicator_detail.detail(county, AREA).offices}
    assert lines[MANBANG].last == "45.0"  # 450 平方米 of 10 百户, no mean of three


def test_a_workspace_that_is_only_looked_at_gives_the_same_figures(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    first = on_board(county)
    county.workspace.set_setting("indicators/basis", "")
    county.read_only = True
    assert on_board(county) == first and county.workspace.setting("indicators/basis", "") == ""


def test_a_plan_of_elsewhere_shows_figures_and_no_word_of_reaching(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    view = indicator_detail.detail(county, "000-03")  # 32 平方米 in 广东, for which this county is not asked
    row = next(one for one in view.offices if one.office == MANBANG)
    assert (row.met, row.closing, view.closing_words) == (None, None, "") and row.shown != "—"
    assert {one.met for one in view.townships} == {None}


def test_the_workbook_has_every_figure_with_what_it_is_made_of(
    desks: tuple[TownshipDesk, CountyDesk], tmp_path: Path
) -> None:
    _, county = desks
    view = indicators.board(county, "003", places=2)
    found = indicator_export.export_xlsx(county, tmp_path / "指标.xlsx", "003")
    book = load_workbook(found.path)
    assert tuple(book.sheetnames) == found.sheets == ("指标表", "按乡镇", "按村", "说明")
    plan = [[cell.value for cell in row] for row in book["指标表"].iter_rows()]
    rows = {line[0]: line for line in plan if str(line[0]).startswith("003-")}
    assert list(rows) == [row.indicator.number for row in view.rows]  # complete, and in the plan's own order
    here = next(row for row in view.rows if row.indicator.number == AREA)
    assert AREA in rows and Decimal(str(rows[AREA][10])) == here.total.numerator and rows[AREA][12] == 1
    villages = [[cell.value for cell in row] for row in book["按村"].iter_rows()]
    own = next(line for line in villages if line[0] == AREA and line[2] == MANBANG)
    detail = next(one for one in indicator_detail.detail(county, AREA).offices if one.office == MANBANG)
    assert (Decimal(str(own[5])), Decimal(str(own[6]))) == (detail.above, detail.below) and "B02" in own[11]
    gone = next(line for line in villages if line[0] == AREA and line[2] == MANGUO)
    assert gone[5] in (None, "") and gone[10] == "缺报，已接收，还没审核"  # never nought


def test_the_page_says_what_the_screen_says_and_is_numbered_and_signed(
    desks: tuple[TownshipDesk, CountyDesk], tmp_path: Path
) -> None:
    _, county = desks
    first, again = indicator_paper.pages(county, "003"), indicator_paper.pages(county, "003")
    assert first.pdf == again.pdf and first.pages == 1  # the same paper of the same day
    page = tmp_path / "page.pdf"
    page.write_bytes(first.pdf)
    told = text_of(page)
    row = next(one for one in indicators.board(county, "003", places=2).rows if one.indicator.number == AREA)
    assert row.shown in told and "指标表1" in told and "验证码" in told and "图1" in told
    page.write_bytes(indicator_paper.pages(county, "003", group=Group.OTHER, received=True).pdf)
    wide = text_of(page)
    assert "含未审定" in wide and "1个单位已接收、还没有审定" in wide
    with pytest.raises(DeskError) as said:
        indicator_paper.shortfall_pages(county, AREA)  # the one village that counts meets it
    assert said.value.code == "shortfall.none"


def test_what_is_not_there_is_refused_with_a_sentence(desks: tuple[TownshipDesk, CountyDesk]) -> None:
    _, county = desks
    for act in (lambda: indicators.board(county, "999"), lambda: indicator_detail.detail(county, "003-99")):
        with pytest.raises(DeskError) as said:
            act()
        assert said.value.safe and said.value.todo
    assert indicator_detail.detail(county, "003-08").offices == ()
    assert {one.plan for one in computable(county.task)} <= set(indicators.plans(county.task))
