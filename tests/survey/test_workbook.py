"""A superior's workbook: only the mapped cells change; rows and columns are understood by their words, or asked for."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.errors import SurveyError
from cunbao.survey import superior
from cunbao.survey.superior import Kind, Rule
from cunbao.survey.values import Office
from cunbao.survey.workbook import Book, fill_book, letters_of, number_of, read_book
from world.villages import the_task

COUNTY = "999022000000"
TOWNS = tuple(
    Office(f"9990221{n:02d}000", f"{name}人民政府", "52", short_name=name, parent=COUNTY)
    for n, name in enumerate(("勐海镇", "打洛镇", "格朗和哈尼族乡"), 1)
)
HEADS = (
    "序号",
    "乡镇",
    "村（社区）数",
    "已通过",
    "综合服务设施建筑面积合计（㎡）",
    "每百户居民拥有社区综合服务设施面积（㎡）",
    "备注",
)


def a_book(path: Path, *, names: tuple[str, ...] = ("勐海镇", "打洛镇", "格朗和乡"), insert: int = 0) -> Path:
    """The prefecture's table: title, words to fill, heads, three townships, a 合计 with a formula, a hidden column."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "表1"
    sheet.append(["城乡综合服务设施情况统计表"])
    sheet.append(["填报单位：____", None, "报告期：____", None, "填表日期：____"])
    sheet.append(list(HEADS))
    for number, name in enumerate(names, 1):
        sheet.append([number, name])
    total = len(names) + 4
    sheet.append([None, "合计", f"=SUM(C4:C{total - 1})"])
    sheet.append(["填表人：____", None, None, None, "负责人：____"])
    sheet.merge_cells("A1:G1")
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["E4"].number_format = "#,##0.0"
    sheet.column_dimensions["G"].hidden = True
    sheet.print_title_rows = "1:3"
    sheet.page_setup.orientation = "landscape"
    if insert:
        sheet.insert_cols(insert)
        sheet.cell(3, insert, "新加的一列")
    book.save(path)
    return path


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return read_book(a_book(tmp_path / "设施情况统计表.xlsx"))


def laid(book: Book) -> superior.Layout:
    found = superior.guess(book.sheet("表1"), TOWNS, superior.catalog(the_task()))
    assert found is not None
    return found


def test_rows_and_columns_are_understood_by_their_words(book: Book) -> None:
    layout = laid(book)
    assert layout.rows.rows == {4: TOWNS[0].code, 5: TOWNS[1].code, 6: TOWNS[2].code}  # 格朗和乡 is the only one
    assert (layout.rows.office_column, layout.rows.total, layout.rows.head) == ("B", 7, 3)
    assert layout.columns["C"] == Rule(Kind.COUNT, "villages") and layout.columns["D"] == Rule(Kind.COUNT, "accepted")
    assert layout.columns["F"] == Rule(Kind.INDICATOR, "003-04", 1)  # of the plans that have it, the county's own
    assert layout.columns["E"] == Rule(Kind.FIELD, "B02.b02_area_total", 2)
    assert {ref: rule.what for ref, rule in layout.cells.items()} == {
        "A2": "issuer", "C2": "period", "E2": "day", "A8": "person",
    }  # fmt: skip
    assert "G" not in layout.columns  # hidden
    assert superior.blanks(book.sheet("表1"), layout)[-1] == "E8"  # 负责人：____


def test_only_the_mapped_cells_change(book: Book, tmp_path: Path) -> None:
    data = fill_book(
        book, "表1", {"C4": 8, "E4": Decimal("2515.10"), "F5": "—", "A2": "填报单位：勐海县民政局", "J9": 1}
    )
    (path := tmp_path / "filled.xlsx").write_bytes(data)
    with zipfile.ZipFile(io.BytesIO(book.data)) as old, zipfile.ZipFile(path) as new:
        assert old.namelist() == new.namelist()
        changed = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    from openpyxl import load_workbook

    sheet, before = load_workbook(path)["表1"], load_workbook(io.BytesIO(book.data))["表1"]
    assert (sheet["C4"].value, sheet["E4"].value, sheet["F5"].value) == (8, 2515.1, "—")
    assert (sheet["A2"].value, sheet["J9"].value) == ("填报单位：勐海县民政局", 1)
    assert sheet["C7"].value == "=SUM(C4:C6)" and sheet["E4"].number_format == "#,##0.0"
    assert sheet.column_dimensions["G"].hidden and sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == before.print_title_rows and sheet["A1"].font.size == 16
    for row in before.iter_rows():
        for cell in row:
            if cell.coordinate not in ("C4", "E4", "F5", "A2"):
                assert sheet[cell.coordinate].value == cell.value and sheet[cell.coordinate].style == cell.style


def test_a_formula_is_never_overwritten(book: Book) -> None:
    with pytest.raises(SurveyError) as told:
        fill_book(book, "表1", {"C7": 1})
    assert told.value.code == "book.formula" and "C7" in told.value.happened


def test_next_year_the_columns_are_found_by_their_words(book: Book, tmp_path: Path) -> None:
    kept = superior.from_json(superior.as_json(laid(book)))
    later = read_book(a_book(tmp_path / "later.xlsx", insert=4)).sheet("表1")
    found = superior.carried(kept, later, TOWNS)
    assert found is not None
    layout, moved = found
    assert {(one.before, one.after) for one in moved} == {("D", "E"), ("E", "F"), ("F", "G")}
    assert layout.columns["E"] == Rule(Kind.COUNT, "accepted") and layout.columns["G"].kind is Kind.INDICATOR
    assert layout.columns["C"] == Rule(Kind.COUNT, "villages")


def test_another_table_does_not_take_last_years_mapping(book: Book, tmp_path: Path) -> None:
    from openpyxl import Workbook

    other = Workbook()
    sheet = other.active
    assert sheet is not None
    for row in (["乡镇", "党员数", "团员数"], ["勐海镇"], ["打洛镇"]):
        sheet.append(row)
    other.save(tmp_path / "other.xlsx")
    found = superior.carried(laid(book), read_book(tmp_path / "other.xlsx").sheets[0], TOWNS)
    assert found is None


def test_a_head_that_may_mean_several_things_is_left_open() -> None:
    entries = superior.catalog(the_task())
    assert superior.fitting(entries, "人数") is None
    assert superior.fitting(entries, "合计") is None
    only = superior.fitting(entries, "常住户数（户）")
    assert only is not None and only.rule.what == "B01.b01_hh_resident"


def test_a_table_without_office_names_is_said(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["a", "b"])  # type: ignore[union-attr]
    book.save(tmp_path / "x.xlsx")
    assert superior.guess(read_book(tmp_path / "x.xlsx").sheets[0], TOWNS, ()) is None


def test_bad_workbooks_get_a_sentence(tmp_path: Path) -> None:
    path = a_book(tmp_path / "m.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    cases = [(path, "book.macros")]
    for name, data in (("cut.xlsx", b"PK\x03\x04"), ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("t.xlsx", b"")):
        (made := tmp_path / name).write_bytes(data)
        cases.append((made, "book.file"))
    for made, code in cases:
        with pytest.raises(SurveyError) as told:
            read_book(made)
        assert told.value.code == code and told.value.safe == "原来的文件没有改动"


def test_a_protected_sheet_is_said_and_a_broken_name_noted(tmp_path: Path) -> None:
    from openpyxl import load_workbook
    from openpyxl.workbook.defined_name import DefinedName

    path = a_book(tmp_path / "p.xlsx")
    book = load_workbook(path)
    book["表1"].protection.sheet = True
    book.defined_names["去年"] = DefinedName("去年", attr_text="#REF!$A$1")
    book.save(path)
    held = read_book(path)
    assert held.notes == ("名称“去年”指向的格子已经没有了，原样留着",)
    with pytest.raises(SurveyError) as told:
        fill_book(held, "表1", {"C4": 1})
    assert told.value.code == "book.protected"


def test_letters_and_numbers_of_columns_are_each_others_way_back() -> None:
    for number in (1, 26, 27, 52, 53, 702, 703, 16384):
        assert number_of(letters_of(number)) == number
    assert (letters_of(7), number_of("AA")) == ("G", 27)


def test_a_head_over_several_columns_is_part_of_theirs_and_a_title_is_not(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["统计表"], ["乡镇", "设施", None], [None, "个数", "建筑面积"], ["勐海镇"], ["打洛镇"]):
        sheet.append(row)
    for area in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    book.save(tmp_path / "x.xlsx")
    held = read_book(tmp_path / "x.xlsx").sheets[0]
    rows = superior.rows_of(held, TOWNS)
    assert rows is not None and rows.head == 3
    assert [superior.head_of(held, letters, rows) for letters in "ABC"] == ["乡镇", "设施个数", "设施建筑面积"]
