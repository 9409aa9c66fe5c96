"""汇总表 of a township: what is in the sums, who is missing, where a number comes from, what goes out as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from cunbao.desks.township.totals import crosstab_choices, crosstab_view, totals_forms, totals_view
from cunbao.desks.township.totals_book import Block, Page, book, sheet_names
from cunbao.desks.township.totals_export import export_name, export_xlsx
from cunbao.desks.township.totals_source import source_of
from cunbao.desks.township.totals_views import TotalsRow, TotalsView
from cunbao.errors import DeskError
from cunbao.store.arrivals import Arrival
from cunbao.survey.indicators import NoFigure
from cunbao.survey.sample import COMMUNITY, JINGZHEN, MANBANG, MANGUO, MANLING, MANSAI, SAMPLE_OFFICES
from cunbao.survey.values import Answers, Cell, Row
from world.disks import told_on_a_disk
from world.totals import ACCEPTED_AT, NOW, Town, a_town, area, people


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = a_town(tmp_path, MANGUO, MANBANG, MANSAI)
    yield made
    made.workspace.close()


def view_of(town: Town, form: str = "B02", **how: object) -> TotalsView:
    return totals_view(town, form, states=town.states, **how)  # type: ignore[arg-type]


def texts(view: TotalsView, office: str = "") -> dict[str, str]:
    """Column → text, of a village or of the sums."""
    cells = next(one for one in view.rows if one.office == office).cells if office else view.total
    return {head.key: cell.text for head, cell in zip(view.heads, cells, strict=True)}


def row_of(view: TotalsView, office: str) -> TotalsRow:
    return next(one for one in view.rows if one.office == office)


# --- the table ---------------------------------------------------------------------------------------------------


def test_the_sums_are_of_accepted_returns_and_the_missing_are_named_with_their_state(town: Town) -> None:
    town.accepts(MANGUO, "B02", area("128.50", "368"))
    town.accepts(MANBANG, "B02", area("131.00", "455"))
    town.receives(MANSAI, "B02", area("1000000", "1"))
    view = view_of(town)
    assert texts(view, MANGUO)["b02_area_total"] == "128.50"
    assert (texts(view)["b02_area_total"], texts(view)["b02_hh"], texts(view)["b02_per100"]) == (
        "259.50",
        "823",
        "31.53",
    )
    assert set(texts(view, MANSAI).values()) == {"…"}  # missing is never 0
    assert (view.counted, view.villages, view.can_include, view.unreviewed) == (2, 3, 1, False)
    assert [(one.state, one.offices) for one in view.left_out] == [("已接收", ((MANSAI, "曼赛村"),))]
    assert view.notes[0] == "没有计入：曼赛村（已接收）。应报 3 个村，合计不含这 1 个村。"


def test_a_village_below_the_target_says_how_much_is_lacking(town: Town) -> None:
    town.accepts(MANGUO, "B02", area("128.50", "368"))  # 34.92
    town.accepts(MANBANG, "B02", area("131.00", "455"))  # 28.79
    view = view_of(town)
    at = [one.key for one in view.heads].index("b02_per100")
    assert (row_of(view, MANGUO).cells[at].verdict, row_of(view, MANBANG).cells[at].verdict) == ("达到", "差 1.21")
    assert view.meeting == {"b02_per100": 1} and view.total[at].met is True
    assert view.heads[at].formula == "计入面积÷常住户数×100"
    assert "居民活动区域占比＝居民活动区域÷计入面积×100" in view.formulas


def test_nobody_has_reported_yet(town: Town) -> None:
    view = view_of(town)
    assert view.counted == 0 and {one.value for one in view.total} == {NoFigure.MISSING}
    assert [(one.state, len(one.offices)) for one in view.left_out] == [("未报", 3)]


def test_a_number_of_another_form_lacks_the_villages_whose_form_does_not_count(town: Town) -> None:
    town.accepts(MANGUO, "B02").office, town.accepts(MANBANG, "B02"), town.accepts(MANGUO, "B01")
    view = view_of(town)
    key = "B01.b01_pop_resident"
    assert texts(view)[key] == texts(view, MANGUO)[key] == town.said(MANGUO, "B01").values["b01_pop_resident"]
    assert texts(view, MANBANG)[key] == "…" and view.lacking[key] == ("曼蚌村",)
    assert "“常住人口”不含曼蚌村：这 1 个村没有这个数。" in view.notes


def test_the_columns_of_screen_and_paper_are_those_that_the_task_asks_for(town: Town) -> None:
    view = view_of(town)
    assert [view.heads[at].short for at in view.screen] == ["常住户数", "常住人口", "室内", "室外", "每百户"]
    assert [view.heads[at].head for at in view.paper][-2:] == ["每百户面积", "居民活动区域占比"]
    assert totals_forms(town.task)[1] == ("B02", "设施面积 B02") and view.tab == "设施面积 B02"


def test_received_returns_can_be_looked_at_too_and_the_title_says_so(town: Town) -> None:
    town.accepts(MANGUO, "B02", area("100", "1000"))
    town.receives(MANGUO, "B02", area("900", "1000"))  # a correction that waits: what was accepted stands
    town.receives(MANBANG, "B02", area("50", "500"))
    waiting = {(MANGUO, "B02"): area("900", "1000"), (MANBANG, "B02"): area("50", "500")}
    view = view_of(town, received=waiting)
    assert view.title == "综合服务设施面积汇总表（含未审核）" and view.unreviewed
    assert (texts(view)["b02_area_total"], texts(view)["b02_hh"]) == ("150.00", "1500")
    assert row_of(view, MANBANG).unreviewed and not row_of(view, MANBANG).counted
    assert row_of(view, MANGUO).counted and not row_of(view, MANGUO).unreviewed
    assert "含未审核：曼蚌村已接收，还没有审核。" in view.notes
    assert view_of(town, received={}).title.endswith("（含未审核）")


def test_a_proxy_return_is_marked(town: Town) -> None:
    town.accepts(MANSAI, "B02", kind="proxy")
    view = view_of(town)
    assert row_of(view, MANSAI).proxy and "代报 1 个村（曼赛村）。" in view.notes


def test_a_signed_number_that_no_sum_can_hold_is_said(town: Town) -> None:
    town.accepts(MANGUO, "B02", area("1.005", "10"))
    view = view_of(town)
    assert texts(view, MANGUO)["b02_area_total"] == "—"
    assert "曼国村“综合服务设施建筑面积合计”填的“1.005”不能相加，没有计入。" in view.notes


figures = st.none() | st.decimals(min_value=0, max_value=10**8, places=2)


@given(st.dictionaries(st.sampled_from([one.code for one in SAMPLE_OFFICES]), st.tuples(figures, figures)))
@settings(max_examples=15, deadline=None)
def test_totals_are_the_decimal_sums_of_what_was_accepted(
    told: dict[str, tuple[Decimal | None, Decimal | None]],
) -> None:
    with TemporaryDirectory() as home:
        town = a_town(Path(home))
        for office, (total, homes) in told.items():
            town.accepts(office, "B02", area(*("" if one is None else str(one) for one in (total, homes))))
        view = view_of(town)
        cells = dict(zip([one.key for one in view.heads], view.total, strict=True))
        areas = [one for one, _ in told.values() if one is not None]
        both = [(one, homes) for one, homes in told.values() if one is not None and homes is not None]
        assert cells["b02_area_total"].value == (
            sum(areas, Decimal(0)) if areas else NoFigure.OUT_OF_SCOPE if told else NoFigure.MISSING
        )
        ratio, homes = cells["b02_per100"], sum((one for _, one in both), Decimal(0))
        if both and homes:
            exact = Fraction(sum((one for one, _ in both), Decimal(0))) * 100 / Fraction(homes)
            assert isinstance(ratio.value, Decimal) and ratio.met is (exact >= 30)
            assert abs(Fraction(ratio.value) - exact) <= exact * Fraction(1, 10**27)
        else:
            assert isinstance(ratio.value, NoFigure)
        assert view.counted == len(told)
        town.workspace.close()


# --- cross-tabs --------------------------------------------------------------------------------------------------


def test_margins_of_a_cross_tab_are_the_rows_of_the_rosters(tmp_path: Path) -> None:
    town = a_town(tmp_path).accepts_all(*(one.code for one in SAMPLE_OFFICES))
    for one in crosstab_choices(town.task):
        view = crosstab_view(town, one.form, one.repeat, one.rows, one.columns)
        rows = sum(len(town.said(office.code, one.form).rows.get(one.repeat, ())) for office in SAMPLE_OFFICES)
        assert view.table.total == rows == sum(view.table.row_totals) == sum(view.table.column_totals)
        assert (view.counted, view.missing) == (6, 0)
    assert [one.label for one in crosstab_choices(town.task) if one.form == "B03"][:4] == [
        "党组织职务 × 性别", "村（居）委会职务 × 性别", "文化程度 × 性别", "年龄段 × 性别",
    ]  # fmt: skip
    assert crosstab_view(town, "B02", "b02_f", "b02_f_kind", "b02_f_state").unit == "行"
    town.workspace.close()


def test_a_cross_tab_counts_received_rows_when_asked_and_hides_nothing_on_screen(town: Town) -> None:
    town.accepts(MANGUO, "B03", people({"b03_m_sex": "1", "b03_m_edu": "21"}))
    waiting = {(MANBANG, "B03"): people({"b03_m_sex": "2", "b03_m_edu": "21"}, {"b03_m_sex": "1", "b03_m_edu": "21"})}
    alone = crosstab_view(town, "B03", "b03_m", "b03_m_edu", "b03_m_sex")
    assert (alone.table.counts, alone.counted, alone.missing, alone.unit) == (((1,),), 1, 2, "人")
    both = crosstab_view(town, "B03", "b03_m", "b03_m_edu", "b03_m_sex", received=waiting)
    assert (both.table.counts, both.counted) == (((2, 1),), 2)
    assert both.title == "成员：文化程度 × 性别（含未审核）"
    assert ("b03_m_age", "年龄段") in both.axes


# --- where a number comes from -----------------------------------------------------------------------------------


def facilities() -> Answers:
    rows = (
        Row("a", {"b02_f_name": "党群服务中心", "b02_f_area_c": "48"}),
        Row("b", {"b02_f_name": "便民服务站", "b02_f_area_c": "20"}),
        Row("c", {"b02_f_name": "小广场", "b02_f_area_c": "0"}),
        Row("d", {"b02_f_name": "文化活动室", "b02_f_area_c": "30.5"}),
    )
    return Answers({"b02_hh": "368", "b02_area_total": "98.5"}, {"b02_f": rows})


def test_a_number_leads_to_its_signed_return_and_the_rows_that_make_it_up(town: Town) -> None:
    one = town.accepts(MANSAI, "B02", facilities())
    came = datetime(2025, 12, 12, 6, 40, tzinfo=UTC)
    for at, seq in ((came, 1), (NOW, 2)):
        town.workspace.add_arrival(
            Arrival(f"{seq:064}", at, "TAKEN", "bundle", MANSAI, "2025", "d", "e", seq, objects=(one.id,))
        )
    view = source_of(town, MANSAI, "B02", "b02_area_total")
    assert (view.name, view.label, view.text, view.unit) == ("曼赛村", "计入面积", "98.50", "平方米")
    assert [(part.label, part.text) for part in view.parts] == [
        ("党群服务中心", "48.00"), ("便民服务站", "20.00"), ("文化活动室", "30.50"),
    ]  # fmt: skip
    assert sum(part.value for part in view.parts) == view.value
    assert (view.revision, view.version, view.kind, view.package, view.received_at) == (one.id, 1, "正常", 1, came)
    assert (view.accepted_by, view.accepted_at, view.counted) == ("玉罕", ACCEPTED_AT, True)
    assert view.cell == Cell("b02_area_total")


def test_a_ratio_shows_its_terms_and_a_carried_number_its_form(town: Town) -> None:
    town.accepts(MANSAI, "B02", facilities())
    ratio = source_of(town, MANSAI, "B02", "b02_per100")
    assert [(part.label, part.text) for part in ratio.parts] == [
        ("综合服务设施建筑面积合计", "98.50"), ("常住户数", "368"),
    ]  # fmt: skip
    assert ratio.formula == "计入面积÷常住户数×100"
    assert source_of(town, MANSAI, "B02", "b02_hh").carried == "B01"
    women = town.accepts(MANGUO, "B03")
    rate = source_of(town, MANGUO, "B03", "b03_women_rate")
    assert rate.cell == Cell("b03_n_women") and rate.revision == women.id
    names = [part.label for part in source_of(town, MANGUO, "B03", "b03_n_women").parts]
    told = [row.values for row in town.said(MANGUO, "B03").rows["b03_m"] if row.values["b03_m_sex"] == "2"]
    assert names == [row["b03_m_name"] for row in told] != []
    assert len(source_of(town, MANGUO, "B03", "b03_n").parts) == len(town.said(MANGUO, "B03").rows["b03_m"])


def test_every_number_of_the_sample_is_the_sum_of_its_parts(town: Town) -> None:
    town.accepts_all(MANBANG)
    for form, _ in totals_forms(town.task):
        for head in totals_view(town, form, states=town.states).heads:
            view = source_of(town, MANBANG, form, head.key)
            assert view.counted and view.form == head.form
            assert head.ratio or not view.parts or sum(part.value for part in view.parts) == view.value, head.key


def test_a_roster_column_leads_to_its_rows_and_another_form_to_its_return(town: Town) -> None:
    town.accepts_all(MANBANG)
    hours = source_of(town, MANBANG, "B03", "b03_m_hours")
    assert hours.cell == Cell("b03_m_hours", hours.parts[0].row) and hours.parts[0].unit == "学时"
    other = source_of(town, MANBANG, "B02", "B01.b01_pop_resident")
    assert (other.form, other.cell) == ("B01", Cell("b01_pop_resident"))


def test_a_number_that_does_not_count_says_so(town: Town) -> None:
    nothing = source_of(town, MANSAI, "B02", "b02_area_total")
    assert (nothing.text, nothing.revision, nothing.counted, nothing.parts) == ("…", "", False, ())
    one = town.receives(MANSAI, "B02", facilities())
    view = source_of(town, MANSAI, "B02", "b02_area_total", received={(MANSAI, "B02"): facilities()})
    assert (view.text, view.revision, view.counted, view.accepted_by) == ("98.50", one.id, False, "")
    with pytest.raises(KeyError):
        source_of(town, MANSAI, "B02", "b02_f_name")


# --- the workbook ------------------------------------------------------------------------------------------------


def a_book(tmp_path: Path, town: Town, **how: object) -> openpyxl.Workbook:
    path = tmp_path / "汇总表.xlsx"
    export_xlsx(town, path, states=town.states, **how)  # type: ignore[arg-type]
    return openpyxl.load_workbook(path)


def heads(sheet: object, row: int = 3) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[row] if cell.value}  # type: ignore[index]


def test_the_workbook_holds_real_numbers_under_frozen_heads_and_prints_on_a4(tmp_path: Path) -> None:
    town = a_town(tmp_path).accepts_all(MANGUO, MANBANG, COMMUNITY)
    town.states[JINGZHEN, "B02"] = "退回"
    made = a_book(tmp_path, town)
    assert made.sheetnames[:5] == ["基本情况 B01", "设施面积 B02", "两委成员 B03", "法律明白人 B04", "灾害信息员 B05"]
    assert made.sheetnames[5:] == [
        "B02 设施名册", "B03 成员名册", "B04 法律明白人名册", "B05 灾害信息员名册",
        "B02 设施交叉表", "B03 成员交叉表", "B04 法律明白人交叉表", "B05 灾害信息员交叉表", "说明",
    ]  # fmt: skip
    sheet = made["设施面积 B02"]
    assert sheet["A1"].value == "综合服务设施面积汇总表"
    column = heads(sheet)
    view = view_of(town)
    for at, row in enumerate(view.rows, 4):
        assert (sheet.cell(at, 2).value, sheet.cell(at, 2).data_type, sheet.cell(at, 2).number_format) == (
            row.office, "s", "@",
        )  # fmt: skip
        told = sheet.cell(at, column["计入面积（平方米）"])
        if row.counted:
            assert told.data_type == "n" and told.number_format == "0.00"
            assert Decimal(str(told.value)) == row.cells[3].value
        else:
            assert told.value == "…"
    last = 4 + len(view.rows)
    assert sheet.cell(last, 3).value == "合计（已计入 3 个村）"
    assert Decimal(str(sheet.cell(last, column["计入面积（平方米）"]).value)) == view.total[3].value
    assert sheet.cell(last, column["达标（≥30）"]).value == "3 个村"
    under = [str(sheet.cell(row, 1).value) for row in range(last + 1, sheet.max_row + 1)]
    assert "没有计入：景真村（退回）、曼令村（未报）、曼赛村（未报）。应报 6 个村，合计不含这 3 个村。" in under
    assert any("每百户面积＝计入面积÷常住户数×100" in line and "不是各村平均" in line for line in under)
    assert sheet.freeze_panes == "D4" and sheet.print_title_rows == "$1:$3"
    for name, across in (("设施面积 B02", 3), ("灾害信息员 B05", 1), ("B03 成员名册", 2), ("说明", 1)):
        setup = made[name].page_setup
        assert (setup.orientation, int(setup.paperSize), setup.fitToHeight) == ("landscape", 9, 0)
        assert (setup.fitToWidth, made[name].sheet_properties.pageSetUpPr.fitToPage) == (across, True)
    assert sheet.print_title_cols == "$A:$C"  # what is too broad goes on beside it, with its villages
    assert sheet.oddHeader.left.text == "勐海县勐混镇人民政府　综合服务设施面积汇总表"
    assert sheet.oddFooter.right.text == "第 &P 页，共 &N 页" and sheet.oddHeader.center.text is None
    assert all(sheet.column_dimensions[name].width >= 8 for name in "ABCD")
    town.workspace.close()


def test_another_reader_finds_the_same_numbers(tmp_path: Path) -> None:
    town = a_town(tmp_path).accepts_all(MANGUO, MANBANG)
    export_xlsx(town, tmp_path / "a.xlsx", states=town.states)
    read = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    for form, name in totals_forms(town.task):
        rows = read.get_sheet_by_name(name).to_python()
        view = totals_view(town, form, states=town.states)
        at = rows[2].index(next(f"{one.head}（{one.unit}）" if one.unit else one.head for one in view.heads))
        assert at == 4 and rows[3][1] == view.rows[0].office
        total = rows[3 + len(view.rows)]
        assert isinstance(total[4], float) and Decimal(str(total[4])) == view.total[0].value
    roster = read.get_sheet_by_name("B03 成员名册").to_python()
    assert {type(row[roster[2].index("身份证号")]) for row in roster[3:13]} == {str}
    town.workspace.close()


def test_rosters_are_joined_with_their_village_and_hide_numbers_of_people(tmp_path: Path) -> None:
    town = a_town(tmp_path).accepts_all(MANGUO, MANBANG)
    sheet = a_book(tmp_path, town)["B03 成员名册"]
    column, rows = heads(sheet), [row for one in (MANGUO, MANBANG) for row in town.said(one, "B03").rows["b03_m"]]
    told = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4, max_row=3 + len(rows))]
    assert [(line[1], line[2]) for line in told].count((MANBANG, "曼蚌村")) == len(
        town.said(MANBANG, "B03").rows["b03_m"]
    )
    for line, row in zip(told, rows, strict=True):
        number = row.values["b03_m_id"]
        assert line[column["身份证号"] - 1] == f"{number[:6]}********{number[-4:]}"
        assert line[column["手机号"] - 1].count("*") == 4
        assert line[column["姓名"] - 1] == row.values["b03_m_name"]
        assert line[column["性别"] - 1] in ("男性", "女性")
        assert line[column["月报酬（元/月）"] - 1] == float(row.values["b03_m_pay"])
        assert line[column["本职务任职日期"] - 1].date() == date.fromisoformat(row.values["b03_m_since"])
    assert "书记主任一肩挑" not in column  # helpers stay inside
    assert not any(entry.detail["full"] for entry in town.workspace.journal_entries() if entry.act == "export_totals")
    town.workspace.close()


def test_whole_numbers_go_out_only_when_asked_for_and_the_journal_says_so(tmp_path: Path) -> None:
    town = a_town(tmp_path).accepts_all(MANGUO)
    sheet = a_book(tmp_path, town, full=True)["B03 成员名册"]
    number = sheet.cell(4, heads(sheet)["身份证号"])
    assert number.value == town.said(MANGUO, "B03").rows["b03_m"][0].values["b03_m_id"]
    assert (number.data_type, number.number_format) == ("s", "@")
    (entry,) = [one for one in town.workspace.journal_entries() if one.act == "export_totals"]
    assert entry.detail == {"file": "汇总表.xlsx", "full": True, "unreviewed": False} and entry.who == "玉罕"
    town.workspace.close()


def test_counts_under_three_people_stay_inside(tmp_path: Path, town: Town) -> None:
    counts = {("21", "1"): 5, ("31", "1"): 4, ("61", "1"): 6, ("21", "2"): 2, ("31", "2"): 7, ("61", "2"): 3}
    members = [{"b03_m_edu": edu, "b03_m_sex": sex} for (edu, sex), count in counts.items() for _ in range(count)]
    town.accepts(MANGUO, "B03", people(*members))
    town.accepts(MANGUO, "B02", Answers({}, {"b02_f": (Row("a", {"b02_f_kind": "11", "b02_f_state": "1"}),)}))
    made = a_book(tmp_path, town)
    lines = [[cell.value for cell in line][:4] for line in made["B03 成员交叉表"].iter_rows()]
    at = next(at for at, line in enumerate(lines) if line[0] == "成员：文化程度 × 性别")
    assert lines[at + 1 : at + 6] == [
        ["文化程度＼性别", "男性", "女性", "合计"],
        ["大学本科毕业", "＊", "＜3", 7],
        ["大学专科毕业", "＊", "＊", 11],  # or the sums would give the two women away
        ["普通高中毕业", "＊", "＊", 9],
        ["合计", 15, 12, 27],
    ]
    plain = [[cell.value for cell in line] for line in made["B02 设施交叉表"].iter_rows()]
    assert ["党群服务中心（社区综合服务中心）", 1, 1] in [line[:3] for line in plain]  # a building is nobody


def test_received_returns_in_a_workbook_are_marked_on_every_page(tmp_path: Path, town: Town) -> None:
    town.accepts(MANGUO, "B03", people({"b03_m_name": "岩温"}))
    waiting = {(MANBANG, "B03"): people({"b03_m_name": "玉香", "b03_m_pay": "3000.5", "b03_m_since": "不记得"})}
    made = a_book(tmp_path, town, received=waiting)
    for sheet in made:
        assert sheet.oddHeader.center.text == "含未审核"
        assert "含未审核" in str(sheet["A1"].value) or sheet.title == "说明"
    sheet = made["B03 成员名册"]
    column = heads(sheet)
    told = [(line[3].value, line[column["姓名"] - 1].value) for line in sheet.iter_rows(min_row=4, max_row=5)]
    assert told == [("通过", "岩温"), ("已接收", "玉香")]
    assert sheet.cell(5, column["月报酬（元/月）"]).value == 3000.5
    assert sheet.cell(5, column["本职务任职日期"]).value == "不记得"
    assert export_name(town, unreviewed=True) == "勐混镇-2025年度-汇总表（含未审核）-20251216.xlsx"


def test_the_last_sheet_tells_what_counts_and_who_is_missing(tmp_path: Path, town: Town) -> None:
    town.accepts(MANGUO, "B02")
    made = a_book(tmp_path, town)
    told = {str(line[0].value): str(line[1].value) for line in made["说明"].iter_rows(min_row=3)}
    assert told["汇总单位"] == "勐海县勐混镇人民政府"
    assert told["什么算数"].startswith("只算审核通过的报表")
    assert told["设施面积 B02"] == "没有计入：曼蚌村（未报）、曼赛村（未报）。应报 3 个村，合计不含这 2 个村。"
    assert town.task.sha256[:12] in told["任务"] and "2025-12-16 16:05" in told["数据截至"]


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path, town: Town) -> None:
    names = ["=1+1", "+86", "-5", "@SUM(A1)", "#N/A", "0012", "5E+17", "村\x01名"]
    rows = tuple(Row(str(at), {"b02_f_name": name}) for at, name in enumerate(names) if "\x01" not in name)
    town.accepts(MANGUO, "B02", Answers({}, {"b02_f": rows}))
    sheet = a_book(tmp_path, town)["B02 设施名册"]
    at = heads(sheet)["名称"]
    cells = [sheet.cell(row, at) for row in range(4, 4 + len(rows))]
    assert [cell.value for cell in cells] == names[:-1]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells[:4]] == [True] * 4
    data = book([Page(names[-1], "=1", "", (Block(("a",), (), (None,)),))], head="A&B", foot="", mark="", made=NOW)
    (tmp_path / "b.xlsx").write_bytes(data)
    odd = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert odd["A1"].data_type == "s" and odd.oddHeader.left.text == "A&&B　=1"


def test_a_number_longer_than_excel_can_hold_is_written_with_all_its_digits(tmp_path: Path, town: Town) -> None:
    town.accepts(MANGUO, "B02", area("92233720368547758.07", "1"))
    sheet = a_book(tmp_path, town)["设施面积 B02"]
    assert sheet.cell(4, heads(sheet)["计入面积（平方米）"]).value == "92233720368547758.07"


def test_a_misfit_stands_in_its_roster_as_it_was_signed(tmp_path: Path, town: Town) -> None:
    town.accepts(MANGUO, "B02", Answers({}, {"b02_f": (Row("a", {"b02_f_name": "楼", "b02_f_area": "1.005"}),)}))
    sheet = a_book(tmp_path, town)["B02 设施名册"]
    assert sheet.cell(4, heads(sheet)["建筑面积（平方米）"]).value == "1.005"


def test_names_of_sheets_are_what_excel_takes() -> None:
    assert sheet_names(["a/b", "a:b", "名" * 40, "名" * 40, ""]) == ["a b", "a b 2", "名" * 31, f"{'名' * 27} 2", "表"]


def test_a_full_disk_keeps_the_earlier_workbook_and_tells_what_to_do(tmp_path: Path) -> None:
    said = told_on_a_disk(
        tmp_path,
        400,
        """
        from cunbao.desks.township.totals_export import export_xlsx
        from cunbao.survey.sample import MANGUO
        from world.totals import a_town
        town = a_town(big).accepts_all(MANGUO)
        export = lambda: export_xlsx(town, disk / "汇总表.xlsx", states={})
        export()
        before = (disk / "汇总表.xlsx").read_bytes()
        fill()
        print(refused(export), (disk / "汇总表.xlsx").read_bytes() == before)
        (disk / "filler").unlink()
        read_only()
        print(refused(export), sorted(path.name for path in disk.iterdir()))
        """,
    )
    assert said.splitlines() == ["disk.full True", "folder.readonly ['汇总表.xlsx']"]


def test_a_folder_that_is_gone_is_told_in_three_sentences(tmp_path: Path, town: Town) -> None:
    with pytest.raises(DeskError) as refused:
        export_xlsx(town, tmp_path / "gone" / "a.xlsx", states=town.states)
    assert refused.value.happened and refused.value.safe and refused.value.todo


def test_looking_only_may_export_masked_but_not_whole_numbers(tmp_path: Path) -> None:
    town = a_town(tmp_path, MANLING).accepts_all(MANLING)
    town.workspace.read_only = True
    exported = export_xlsx(town, tmp_path / "a.xlsx", states={})
    assert (exported.size, exported.full) == ((tmp_path / "a.xlsx").stat().st_size, False)
    assert exported.rows == sum(
        len(rows) for form in town.task.forms for rows in town.said(MANLING, form).rows.values()
    )
    with pytest.raises(Exception, match="只看不改"):
        export_xlsx(town, tmp_path / "b.xlsx", states={}, full=True)
    assert not (tmp_path / "b.xlsx").exists()
    town.workspace.close()
