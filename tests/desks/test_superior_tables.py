"""上级表格 at the county: filled from what counts alone, — where nothing can be computed, remembered for next year."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from cunbao.desks import receiving
from cunbao.desks.county import superior_tables as tables
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding, forwarding
from cunbao.errors import DeskError
from cunbao.survey.superior import Kind, Rule
from world.desk import MANBANG, MANGUO, a_county_desk, a_town_desk, bundle_file

TOWN, OTHER = MANBANG[:9] + "000", "532822104000"


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    """B01 and B02 of two villages were sent on; both are accepted of one, B01 of the other."""
    town, desk = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", office) for office in (MANBANG, MANGUO)])
    for office, form in ((MANBANG, "B01"), (MANBANG, "B02"), (MANGUO, "B01")):
        deciding.accept(town, office, form)
    receiving.receive(desk, [forwarding.write_forward(town, tmp_path, include_received=True).path])
    return desk


def a_file(folder: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path := folder / "州设施表.xlsx")
    return path


ROWS: tuple[list[object], ...] = (
    ["设施表", None, None, None, None],
    ["填报单位：", None, "填表日期：____"],
    ["乡镇", "村数", "常住户数（户）", "综合服务设施建筑面积合计", "每百户居民拥有社区综合服务设施面积"],
    ["勐混镇"], ["勐遮镇"], ["合计"],
)  # fmt: skip


def test_only_what_counts_goes_in_and_nothing_is_no_nought(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, *ROWS))
    seen = tables.view(county, table)
    villages = [one.code for one in county.villages]
    assert seen.values["B4"] == sum(code.startswith(TOWN[:9]) for code in villages)
    assert seen.values["B6"] == len(villages)
    form = county.task.forms["B01"]
    households = county.workspace.sums(form, "2025")["b01_hh_resident"]
    assert seen.values["C4"] == seen.values["C6"] == int(households or 0)
    assert seen.values["C5"] == seen.values["D5"] == "—"  # nothing of that township has come
    area = county.workspace.sums(county.task.forms["B02"], "2025", offices=[MANBANG])["b02_area_total"]
    assert seen.values["D4"] == area  # what is only received does not count
    whole, own = seen.values["E6"], seen.values["E4"]
    assert isinstance(own, Decimal) and whole == own
    assert (seen.values["A2"], seen.values["C2"]) == ("填报单位：勐海县民政局", "填表日期：2025-12-18")
    assert seen.accepted == 0 and seen.villages == len(villages)


def test_a_number_says_what_it_is_made_of(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, *ROWS))
    said = tables.explain(county, table, "E4")
    assert "÷" in said.sum and said.label == "每百户居民拥有社区综合服务设施面积" and "勐混镇" in said.level
    assert tables.explain(county, table, "E6").level == "全县合计"
    assert tables.explain(county, table, "A1").rule is None


def test_the_written_file_is_read_back_by_excels_own_reader(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, *ROWS))
    (out := tmp_path / "out").mkdir()
    path = out / tables.file_name(county, table)
    assert tables.write(county, table, path) == path.stat().st_size
    sheet = load_workbook(path).active
    assert sheet is not None and sheet["B6"].value == len(county.villages) and sheet["D5"].value == "—"
    assert county.workspace.journal_entries()[-1].act == "write_table"


def test_a_column_is_changed_left_out_and_a_single_cell_is_its_own(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, *ROWS))
    table = tables.set_column(table, "B", Rule(Kind.COUNT, "accepted"))
    table = tables.set_column(table, "D", None)
    table = tables.set_cell(table, "E5", Rule(Kind.SKIP))
    seen = tables.view(county, table)
    assert seen.values["B4"] == 0 and "D4" not in seen.values and "E5" not in seen.values and "E4" in seen.values
    assert seen.open == ("D4",)


def test_the_mapping_comes_back_with_next_years_issue(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, *ROWS))
    tables.remember(county, tables.set_column(table, "B", Rule(Kind.COUNT, "accepted")))
    moved = tuple([row[0], "新的一列" if row[0] == "乡镇" else None, *row[1:]] for row in ROWS)
    (later := tmp_path / "2026").mkdir()
    again = tables.open_table(county, a_file(later, *moved))
    assert again.remembered and again.layout is not None
    assert again.layout.columns["C"] == Rule(Kind.COUNT, "accepted")
    assert ("村数", "B", "C") in {(one.words, one.before, one.after) for one in again.moved}


def test_rows_may_be_villages(county: CountyDesk, tmp_path: Path) -> None:
    rows = (["村名", "常住户数", "每百户居民拥有社区综合服务设施面积"], ["曼蚌村"], ["曼国村"], ["合计"])
    table = tables.open_table(county, a_file(tmp_path, *map(list, rows)))
    seen = tables.view(county, table)
    own = county.workspace.sums(county.task.forms["B01"], "2025", offices=[MANBANG])["b01_hh_resident"]
    assert seen.values["B2"] == int(own or 0) and seen.values["C2"] == seen.values["C4"] and seen.values["C3"] == "—"


def test_a_sheet_without_offices_is_said(county: CountyDesk, tmp_path: Path) -> None:
    table = tables.open_table(county, a_file(tmp_path, ["a"], ["b"]))
    assert table.layout is None and tables.view(county, table).values == {}
    with pytest.raises(DeskError) as told:
        tables.write(county, table, tmp_path / "x.xlsx")
    assert told.value.code == "table.rows"
