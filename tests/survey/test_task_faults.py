"""A task's folder with faults: each is told with form, sheet, row, column, what stands there and what to do."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from cunbao.survey.form import Form
from cunbao.survey.formnews import carried_over, form_news
from cunbao.survey.taskcheck import Inspection, TaskFault, inspect
from cunbao.survey.taskfile import moved_to, read_toml, write_toml
from cunbao.survey.taskfolder import read_wanted
from cunbao.survey.values import Answers, Row
from world.forms import a_form
from world.packs import edit, task_folder

SMALL = ("B01", "B02")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return task_folder(tmp_path / "task", SMALL)


def look(folder: Path, **wanted: object) -> Inspection:
    return inspect(folder, replace(read_wanted(folder), **wanted))  # type: ignore[arg-type]


def only(folder: Path, **wanted: object) -> TaskFault:
    found = look(folder, **wanted)
    assert len(found.faults) == 1, found.faults
    assert found.task is None and found.faults[0].remedy
    return found.faults[0]


def add_line(folder: Path, file: str, line: str) -> int:
    """Append a line to a table; its row number."""
    path = folder / file
    lines = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join([*lines, line]) + "\n", "utf-8")
    return len(lines) + 1


def test_a_folder_without_faults_gives_the_task_as_it_will_be_sent(folder: Path) -> None:
    found = look(folder, title="换了名称", deadline=date(2025, 12, 1))
    assert found.faults == () and found.task is not None
    assert (found.task.title, found.task.deadline, found.task.version) == ("换了名称", date(2025, 12, 1), "2025.1")
    assert {"B01.md", "compiled/B01.xml", "task.toml", "checks.csv", "lists/village_kind.csv"} <= found.files.keys()


def test_a_name_that_is_none_is_told_with_its_place_and_the_one_it_looks_like(folder: Path) -> None:
    edit(folder, "B01.md", ("div ${b01_pop_resident} * 100", "div ${b01_pop_residnet} * 100"))
    fault = only(folder)
    assert (fault.form, fault.file, fault.sheet, fault.column) == ("B01", "B01.md", "survey", "calculation")
    assert "${b01_pop_residnet}" in fault.there and fault.remedy == "也许是 b01_pop_resident（常住人口），请改正"
    line = look(folder).forms[0]
    assert (line.form, line.faults) == ("B01", 1) and line.cells > 30


def test_a_form_that_is_not_sent_keeps_nobody(folder: Path) -> None:
    edit(folder, "B02.md", ("| integer | b02_n |", "| intger | b02_n |"))
    assert [one.form for one in look(folder).faults] == ["B02"]
    found = look(folder, forms=("B01",))
    assert found.faults == () and [one.form for one in found.sent] == ["B01"]
    assert "B02.md" not in found.files and list(found.task.forms) == ["B01"] if found.task else False


def test_what_a_form_takes_over_from_one_that_is_not_sent_is_a_fault_of_its_own(folder: Path) -> None:
    found = look(folder, forms=("B02",))
    assert found.faults and {one.form for one in found.faults} == {"B02"}
    first = found.faults[0]
    assert "取自 B01，B01 没有发" in first.found and first.sheet in ("survey", "") and first.remedy


def test_checks_are_told_by_row_and_column(folder: Path) -> None:
    row = add_line(folder, "checks.csv", "K-900,必须改正,B01,没有这一格,B01.b01_nothing > 0,不对,,")
    fault = only(folder)
    assert (fault.file, fault.row, fault.column, fault.there) == (
        "checks.csv",
        row,
        "expression",
        "B01.b01_nothing > 0",
    )
    add_line(folder, "checks.csv", "K-900,提醒,B01,级别不对,B01.b01_groups > 0,不对,,")
    assert [(one.row, one.column) for one in look(folder).faults] == [
        (row, "expression"), (row + 1, "id"), (row + 1, "severity"),
    ]  # fmt: skip


def test_a_message_that_names_no_cell_and_a_value_that_cannot_be_used_have_their_columns(folder: Path) -> None:
    row = add_line(folder, "checks.csv", "K-901,必须改正,B01,话不对,B01.b01_groups > 0,{b01_grops}不对,,")
    fault = only(folder)
    assert (fault.row, fault.column) == (row, "message") and "{b01_grops}" in fault.found
    edit(folder, "checks.csv", ("{b01_grops}不对,,", "不对,B01.b01_grops,"))
    assert only(folder).column == "value"


def test_indicators_are_told_by_row_and_column(folder: Path) -> None:
    path = folder / "indicators.csv"
    head, first, *rest = path.read_text("utf-8-sig").splitlines()
    names, cells = head.split(","), first.split(",")
    cells[names.index("kind")], cells[names.index("target")] = "rate", "百分之百"
    path.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", "utf-8")
    found = look(folder).faults
    assert {(one.file, one.row, one.column) for one in found} == {
        ("indicators.csv", 2, "kind"), ("indicators.csv", 2, "target"),
    }  # fmt: skip


def test_two_plans_that_mean_different_things_by_one_name_are_not_judged_together(folder: Path) -> None:
    """Plans with one indicator name must define it the same, or one of them is not chosen."""
    import csv

    path = folder / "indicators.csv"
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    mine = next(one for one in rows if one["plan"] == "003" and one["numerator_expression"].startswith("B0"))
    other = {**mine, "plan": "001", "no": "001-99", "numerator_expression": "B01.b01_groups", "unit": "个"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, other])
    fault = next(one for one in look(folder, plans=("003", "001")).faults if one.row == len(rows) + 2)
    assert mine["name"] in fault.found and "001" in fault.found and "003" in fault.found
    assert not any(one.row == len(rows) + 2 for one in look(folder, plans=("003",)).faults)


def test_a_plan_that_is_none_is_told(folder: Path) -> None:
    assert "选了规划 999" in only(folder, plans=("003", "999")).found


def test_a_list_that_is_missing_and_one_with_a_code_twice(folder: Path) -> None:
    add_line(folder, "lists/village_kind.csv", (folder / "lists/village_kind.csv").read_text("utf-8").splitlines()[1])
    twice = only(folder)
    assert twice.file == "lists/village_kind.csv" and "重复" in twice.found and twice.row > 2
    (folder / "lists/village_kind.csv").unlink()
    gone = [one for one in look(folder).faults if "village_kind.csv" in one.found]
    assert gone and gone[0].form == "B01" and gone[0].row > 1 and "lists 文件夹" in gone[0].remedy


def test_a_folder_without_forms_and_one_without_task_toml(tmp_path: Path, folder: Path) -> None:
    for form in SMALL:
        (folder / f"{form}.md").unlink()
    assert any("没有表式" in one.found for one in look(folder).faults)
    wanted = read_wanted(folder)
    empty = tmp_path / "empty"
    empty.mkdir()
    found = inspect(empty, wanted)
    assert len(found.faults) == 1 and "task.toml" in found.faults[0].found


def test_a_task_toml_that_cannot_be_read_says_where(folder: Path) -> None:
    wanted = read_wanted(folder)
    edit(folder, "task.toml", ('id = "community-services-2025"', "id = community"))
    found = inspect(folder, wanted).faults
    assert len(found) == 1 and "第 " in found[0].found and "行" in found[0].found


def test_a_field_that_task_toml_names_and_no_form_has_is_told(folder: Path) -> None:
    edit(folder, "task.toml", ('hints = ["b01_built_area"]', 'hints = ["b01_nothing"]'))
    fault = only(folder)
    assert (fault.form, fault.file) == ("B01", "task.toml") and "b01_nothing" in fault.found


# --- workbooks -------------------------------------------------------------------------------------------------------


def a_workbook(path: Path, *, merged: str = "") -> Path:
    book = Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    for line in (
        ("type", "name", "label"),
        ("integer", "t02_a", "甲"),
        ("integer", "t02_b", "乙"),
        ("text", "t02_c", "丙"),
    ):
        survey.append(line)
    settings = book.create_sheet("settings")
    settings.append(("form_title", "form_id", "version"))
    settings.append(("新加的表", path.stem, "2025.1"))
    if merged:
        survey.merge_cells(merged)
    book.save(path)
    return path


def test_a_workbook_laid_into_the_folder_is_a_form_without_a_word_in_task_toml(folder: Path) -> None:
    a_workbook(folder / "T02.xlsx")
    found = look(folder, forms=("B01", "B02", "T02"))
    assert found.faults == () and found.task is not None
    line = next(one for one in found.forms if one.form == "T02")
    assert (line.title, line.level, line.cells, line.known) == ("新加的表", "township", 3, False)
    assert [one.name for one in found.task.forms["T02"].fields] == ["t02_a", "t02_b", "t02_c"]
    assert found.task.screens["T02"].sections[0].fields == ("t02_a", "t02_b", "t02_c")


def test_merged_cells_and_macros_are_refused_with_a_sentence(folder: Path) -> None:
    path = a_workbook(folder / "T02.xlsx", merged="C2:C3")
    fault = next(one for one in look(folder, forms=("T02",)).faults if "合并" in one.found)
    assert (fault.form, fault.sheet, fault.row, fault.column) == (
        "T02",
        "survey",
        2,
        "label",
    ) and "C2:C3" in fault.found
    a_workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    fault = only(folder, forms=("B01", "B02", "T02"))
    assert "有宏" in fault.found and "不带宏" in fault.remedy
    path.rename(folder / "T02.xlsm")
    assert "另存为 .xlsx" in next(one for one in look(folder).faults).remedy


# --- what another version changes -------------------------------------------------------------------------------------


def form_of(*rows: str) -> Form:
    return a_form("| survey |\n| | type | name | label | constraint |\n" + "".join(f"| | {row} |\n" for row in rows))


def test_words_and_rules_are_no_change_of_cells() -> None:
    before = form_of("integer | a | 甲 | . > 0", "integer | b | 乙 |")
    after = form_of("integer | a | 甲数 | . > 1", "integer | b | 乙 |")
    told = form_news(before, after)
    assert not told.cells and told.texts and not form_news(before, before).texts


def test_new_gone_and_other_kinds_of_cells_are_told_and_answers_kept_by_name() -> None:
    before = form_of("integer | a | 甲 |", "integer | b | 乙 |", "text | c | 丙 |")
    after = form_of("integer | a | 甲 |", "integer | c | 丙 |", "text | d | 丁 |")
    told = form_news(before, after)
    assert (told.added, told.gone, told.retyped) == (("d",), ("b",), ("c",)) and told.cells
    kept = carried_over(after, Answers({"a": "1", "b": "2", "c": "好", "d": ""}, {}))
    assert dict(kept.answers.values) == {"a": "1", "c": "好", "d": ""}
    assert kept.dropped == ("b",) and [one.field for one in kept.unread] == ["c"]
    assert carried_over(after, Answers({}, {"r": (Row("1", {"x": "1"}),)})).dropped == ("r",)


def test_task_toml_written_again_says_the_same() -> None:
    table = {
        "id": "x", "n": 3, "yes": True, "day": date(2025, 12, 20), "part": Decimal("1.50"),
        "texts": ["甲\"乙", "a\\b\n"],
        "some": [{"a": 1}, {"b": [["x", "y"]]}], "form": {"B01": {"screen": {"sections": [{"where": {"k": ["1"]}}]}}},
        "empty": [], "带.点": "键",
    }  # fmt: skip
    assert read_toml(write_toml(table)) == table and write_toml(table) == write_toml(table)


def test_another_year_moves_titles_and_days(folder: Path) -> None:
    moved = moved_to(
        replace(read_wanted(folder), ref_date=date(2024, 2, 29), period="2024", title="2024年度甲"), "2026"
    )
    assert (moved.period, moved.previous, moved.title) == ("2026", "2025", "2026年度甲")
    assert (moved.ref_date, moved.deadline) == (date(2026, 2, 28), date(2027, 12, 20))
