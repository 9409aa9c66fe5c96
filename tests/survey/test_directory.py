"""单位名录: a list is read with all its untidiness, held against the directory, and every fault has its row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import SurveyError
from cunbao.survey.directory import Change, Comparison, ListRow, compare, kind_by_code, predecessors, short_name
from cunbao.survey.officelist import read_list
from cunbao.survey.values import Office

COUNTY = Office("999022000000", "勐海县")
TOWN = Office("999022103000", "勐混镇", "52", parent=COUNTY.code)
OTHER = Office("999022104000", "勐遮镇", "52", parent=COUNTY.code)
MANGANG = Office("999022103207", "曼冈村", "10", "220", parent=TOWN.code)
MANPI = Office("999022103210", "曼皮村", "10", "220", parent=TOWN.code)
KNOWN = {one.code: one for one in (COUNTY, TOWN, OTHER, MANGANG, MANPI)}


def row(number: int, code: str, name: str, **more: str) -> ListRow:
    return ListRow(number, code, name, raw_name=more.pop("raw_name", name), **more)


def held(*rows: ListRow, dropped: frozenset[int] = frozenset()) -> Comparison:
    return compare(rows, KNOWN, COUNTY, dropped=dropped)


def words(*rows: ListRow) -> list[tuple[int, str]]:
    return [(one.row.row, one.word) for one in held(*rows).rows]


def test_what_is_the_same_changed_new_or_ended_is_told_apart() -> None:
    found = held(
        row(2, TOWN.code, "勐混镇"),
        row(3, MANGANG.code, "曼岗村", raw_name="曼 岗村"),
        row(4, "999022103206", "新龙村", since="2025-06-01"),
        row(5, MANPI.code, "曼皮村", until="2025-06-30", successor=MANGANG.code),
    )
    assert [one.change for one in found.rows] == [Change.SAME, Change.CHANGED, Change.NEW, Change.ENDED]
    assert [one.line for one in found.rows] == [
        "", "原来写成“曼冈村”，去掉空格", "2025-06-01 起填报", "并入 …207 曼冈村，旧报表照样查得到",
    ]  # fmt: skip
    new = found.rows[2].office
    assert new is not None and (new.kind, new.parent, new.since) == ("10", TOWN.code, "2025-06-01")
    assert found.ready and {one.code for one in found.offices()} == {MANGANG.code, "999022103206", MANPI.code}
    assert [one.code for one in found.untouched] == [COUNTY.code, OTHER.code]


@pytest.mark.parametrize(
    ("one", "word", "line"),
    [
        (row(2, "99902210320", "曼冈村"), "代码不对", "不是 12 位代码"),
        (row(2, "", "曼冈村"), "代码不对", "没有写代码"),
        (row(2, "9.99022E+11", "曼冈村"), "代码坏了", "设成文本后重输"),
        (row(2, "999033103207", "曼冈村"), "不是本县的", "本县是 999022"),
        (row(2, MANGANG.code, ""), "没有名称", "请填单位名称"),
        (row(2, MANGANG.code, "曼冈村", parent="999022104"), "上级不对", "代码前 9 位是勐混镇，上级写成勐遮镇"),
        (row(2, MANGANG.code, "曼冈村", kind="镇"), "类别不对", "不是村（社区）的类别"),
        (row(2, "999022103777", "怪村"), "没有类别", "从代码看不出"),
        (row(2, MANGANG.code, "曼冈村", since="去年"), "生效不对", "不是日期"),
        (row(2, MANGANG.code, "曼冈村", until="2025-06-30"), "没写并入", "并入哪个单位"),
        (row(2, MANGANG.code, "曼冈村", successor=MANPI.code), "没写失效", "要写失效日期"),
        (row(2, MANGANG.code, "曼冈村", until="2025-06-30", successor=MANGANG.code), "并入不对", "不能并入自己"),
        (row(2, MANGANG.code, "曼冈村", until="2025-06-30", successor="999022103299"), "并入不对", "名录里没有"),
        (row(2, MANGANG.code, "曼冈村", since="2025-07-01", until="2025-06-30", successor=MANPI.code), "失效不对",
         "比生效还早"),
        (replace(row(2, MANGANG.code, ""), merged="A2:A3"), "合并单元格", "取消合并"),
    ],
)  # fmt: skip
def test_every_fault_is_said_with_what_is_there(one: ListRow, word: str, line: str) -> None:
    found = held(one)
    assert found.rows[0].word == word and line in found.rows[0].line
    assert found.faults == 1 and not found.ready and found.offices() == ()


def test_of_two_rows_with_one_code_one_may_be_left_out() -> None:
    rows = (row(35, MANGANG.code, "曼冈村"), row(36, MANGANG.code, "曼岗村"))
    assert words(*rows) == [(35, "代码重复"), (36, "代码重复")]
    assert held(*rows).rows[0].faults[0].twin == 36
    left = held(*rows, dropped=frozenset({36}))
    assert [one.change for one in left.rows] == [Change.SAME]


def test_a_code_is_never_given_to_another_office() -> None:
    ended = replace(MANPI, until="2024-06-30", successor=MANGANG.code)
    found = compare((row(2, MANPI.code, "新皮村"),), {**KNOWN, MANPI.code: ended}, COUNTY)
    assert found.rows[0].word == "代码用过" and "2024-06-30 撤并" in found.rows[0].line


def test_codes_of_townships_may_be_written_with_nine_digits() -> None:
    assert words(row(2, "999022103", "勐混镇"), row(3, MANGANG.code, "曼冈村", parent="999022103")) == [
        (2, "没变"), (3, "没变"),
    ]  # fmt: skip


def test_a_row_that_is_right_in_a_file_with_a_fault_is_not_written() -> None:
    found = held(row(2, MANGANG.code, "曼岗村"), row(3, "1", "坏"))
    assert not found.ready and found.faults == 1


@pytest.mark.parametrize(("code", "kind"), [
    ("999022103001", "20"), ("999022103207", "10"), ("999022103501", "10"), ("999022103999", ""),
    ("999022003000", "51"), ("999022103000", "52"), ("999022205000", "53"), ("999022401000", "54"),
])  # fmt: skip
def test_the_digits_say_the_kind(code: str, kind: str) -> None:
    assert kind_by_code(code) == kind


def test_short_names_are_those_that_people_use() -> None:
    assert [short_name(one) for one in ("曼蚌村民委员会", "黎明社区居民委员会", "勐混镇人民政府", "曼冈村")] == [
        "曼蚌村", "黎明社区", "勐混镇", "",
    ]  # fmt: skip


# --- predecessors ----------------------------------------------------------------------------------------------------


def test_last_years_figures_follow_an_office_through_mergers() -> None:
    day = date(2024, 12, 31)
    old = replace(MANPI, until="2025-06-30", successor=MANGANG.code)
    older = Office("999022103211", "曼迈兑村", until="2025-03-01", successor=MANPI.code)
    gone = Office("999022103212", "早没了", until="2020-01-01", successor=MANGANG.code)
    offices = (MANGANG, old, older, gone)
    assert set(predecessors(offices, MANGANG.code, day)) == {MANGANG.code, old.code, older.code}
    new = Office("999022103001", "曼冈社区", since="2025-06-01")
    turned = replace(MANGANG, until="2025-05-31", successor=new.code)
    assert predecessors((new, turned), new.code, day) == (MANGANG.code,)


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_mergers_that_go_in_a_circle_end(into: list[int]) -> None:
    codes = [f"99902210320{n}" for n in range(8)]
    offices = tuple(
        Office(code, code, until="2025-01-01", successor=codes[target])
        for code, target in zip(codes, into, strict=True)
    )
    found = predecessors(offices, codes[0], date(2024, 12, 31))
    assert len(found) == len(set(found)) <= 8 and codes[0] in found


# --- files -----------------------------------------------------------------------------------------------------------


def a_book(path: Path, rows: list[list[object]], merge: str = "") -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名录"
    for one in rows:
        sheet.append(one)
    if merge:
        sheet.merge_cells(merge)
    book.save(path)
    return path


HEAD: list[object] = ["序号", "统计用区划代码", "单位名称", "类别", "上级代码", "生效", "失效", "并入"]


def test_an_excel_list_is_read_by_the_words_of_its_head(tmp_path: Path) -> None:
    path = a_book(tmp_path / "名录.xlsx", [
        ["勐海县单位名录"], [], HEAD, [1, 999022103207, "曼 冈村", "村委会", "999022103", date(2000, 1, 1), "—"], [],
        [2, "999022103210", "曼皮村", "", "", None, "2025/6/30", "999022103207"],
    ], merge="A1:H1")  # fmt: skip
    found = read_list(path)
    assert (found.file, found.sheet, found.blank) == ("名录.xlsx", "名录", (5,))
    first, second = found.rows
    assert (first.row, first.code, first.name, first.raw_name) == (4, "999022103207", "曼冈村", "曼 冈村")
    assert (second.row, second.until, second.successor) == (6, "2025/6/30", "999022103207")
    compared = compare(found.rows, KNOWN, COUNTY)
    assert [one.change for one in compared.rows] == [Change.SAME, Change.ENDED]
    assert compared.rows[1].office is not None and compared.rows[1].office.until == "2025-06-30"


def test_a_merged_cell_is_a_fault_of_each_row_that_it_hides(tmp_path: Path) -> None:
    path = a_book(tmp_path / "名录.xlsx", [HEAD, [1, "999022103207", "曼冈村"], [2, "999022103210", "曼皮村"]], "C2:C3")
    found = compare(read_list(path).rows, KNOWN, COUNTY)
    assert [one.word for one in found.rows] == ["合并单元格", "合并单元格"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    (path := tmp_path / "名录.csv").write_bytes("代码,名称\r\n999022103207,曼冈村\r\n".encode(encoding))
    assert [(one.row, one.code, one.name) for one in read_list(path).rows] == [(2, "999022103207", "曼冈村")]


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.xlsx", b"PK\x03\x04 cut", "不是完整的 Excel 文件"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "旧的 .xls"),
        ("a.csv", "名称\n曼冈村\n".encode(), "没有找到名录"),
        ("a.csv", "代码,名称\n".encode(), "名录是空的"),
        ("a.csv", "代码,区划代码,名称\n1,2,3\n".encode(), "两列是一个意思"),
        ("a.csv", b"\xff\xfe\x80\x81", "文字读不出来"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(tmp_path: Path, name: str, data: bytes, word: str) -> None:
    (path := tmp_path / name).write_bytes(data)
    with pytest.raises(SurveyError) as told:
        read_list(path)
    assert told.value.code == "offices.file" and word in told.value.happened and "名录没有改动" in told.value.safe


def test_a_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = a_book(tmp_path / "名录.xlsx", [HEAD, [1, "999022103207", "曼冈村"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(SurveyError) as told:
        read_list(path)
    assert "宏" in told.value.happened
