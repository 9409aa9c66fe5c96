"""A list of offices as a file: .xlsx or .csv, its head found by its words, rows by Excel's numbers. Reads only.

Lists come with title rows, merged heads, blank rows and codes that Excel has turned into numbers; what a merged cell
hides is said row by row. Pure of any rule: `directory` judges. Source: ui/design.md county-05.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cunbao.errors import SurveyError
from cunbao.survey.directory import ListRow

# heads as lists write them → field of ListRow
HEADS = {
    "代码": "code", "单位代码": "code", "区划代码": "code", "统计用区划代码": "code", "机构代码": "code",
    "名称": "name", "单位名称": "name", "村（社区）名称": "name", "机构名称": "name",
    "类别": "kind", "类型": "kind", "单位类别": "kind",
    "上级代码": "parent", "上级": "parent", "上级单位代码": "parent",
    "生效": "since", "生效日期": "since", "启用日期": "since",
    "失效": "until", "失效日期": "until", "撤销日期": "until",
    "并入": "successor", "并入代码": "successor", "并入单位代码": "successor",
    "城乡分类": "ur_class", "城乡分类代码": "ur_class",
}  # fmt: skip
HEAD_ROWS = 10  # the head stands among the first so many rows
MOST_ROWS = 50_000
MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000


@dataclass(frozen=True, slots=True)
class OfficeList:
    """What a file says. sheet: its name, "" of a CSV; blank: numbers of rows between others that say nothing."""

    file: str
    sheet: str
    rows: tuple[ListRow, ...]
    blank: tuple[int, ...] = ()


def read_list(path: Path) -> OfficeList:
    """Read a list. SurveyError "offices.file": not a table at all, too large, with macros, or without code and name."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(f"{path.name} 打不开", "请检查文件是否还在", str(error)) from error
    if len(data) > MOST_BYTES:
        raise _refused(f"{path.name} 太大", "请确认选对了文件")
    if data[:2] == b"PK":
        return _xlsx(path, data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(f"{path.name} 是旧的 .xls 格式，或者加了打开密码", "请在 Excel 里另存为 .xlsx（不加密码）再试")
    return _csv(path, data)


def _csv(path: Path, data: bytes) -> OfficeList:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused(f"{path.name} 的文字读不出来", "请在 Excel 里另存为“CSV UTF-8”再试")
    try:
        table = [[cell.strip("\ufeff") for cell in row] for row in csv.reader(io.StringIO(text))]
    except csv.Error as error:
        raise _refused(f"{path.name} 不是完整的 CSV 表", "请用 Excel 打开后另存再试", str(error)) from error
    return _listed(path.name, "", table, {})


def _xlsx(path: Path, data: bytes) -> OfficeList:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise _refused(f"{path.name} 展开后太大", "请确认选对了文件")
            if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
                raise _refused(f"{path.name} 里有宏", "名录里不需要宏，请另存为普通的 .xlsx 再试")
        book = load_workbook(io.BytesIO(data), data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        raise _refused(
            f"{path.name} 不是完整的 Excel 文件", "请用 Excel 打开后另存为 .xlsx 再试", str(error)
        ) from error
    told: SurveyError | None = None
    for sheet in book.worksheets:
        if sheet.max_row > MOST_ROWS:
            raise _refused(f"工作表“{sheet.title}”有 {sheet.max_row} 行", f"名录最多 {MOST_ROWS} 行，请去掉多余的行")
        merged: dict[int, str] = {}
        for area in sheet.merged_cells.ranges:
            for row in range(area.min_row + (area.min_row == area.max_row), area.max_row + 1):
                merged.setdefault(row, str(area))
            if area.max_row > area.min_row:
                merged.setdefault(area.min_row, str(area))
        table = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        try:
            return _listed(path.name, sheet.title, table, merged)
        except SurveyError as error:  # a sheet of notes before the list
            told = told or error
    raise told or _refused(f"{path.name} 里没有工作表", "请确认选对了文件")


def _listed(file: str, sheet: str, table: list[list[str]], merged: dict[int, str]) -> OfficeList:
    found = [[HEADS.get("".join(cell.split())) for cell in head] for head in table[:HEAD_ROWS]]
    at = next((number for number, some in enumerate(found) if "code" in some and "name" in some), None)
    if at is None:
        raise _refused(f"{file} 里没有找到名录", "表头要有“代码”和“名称”两列，放在前 10 行里")
    fields = found[at]
    if len([one for one in fields if one]) != len({one for one in fields if one}):
        raise _refused(f"{file} 的表头有两列是一个意思", "代码、名称、上级等各只留一列")
    rows, blank = [], []
    for number, cells in enumerate(table[at + 1 :], at + 2):
        said = {field: cell.strip() for field, cell in zip(fields, cells, strict=False) if field}
        if not any(said.values()) and number not in merged:
            blank.append(number)
            continue
        raw = said.get("name", "")
        plain = "".join(raw.split())
        row = ListRow(row=number, **{**said, "name": plain}, raw_name=raw)
        rows.append(replace(row, merged=merged[number]) if number in merged else row)
    last = rows[-1].row if rows else 0
    if not rows:
        raise _refused(f"{file} 的名录是空的", "表头下面一行单位都没有")
    return OfficeList(file, sheet, tuple(rows), tuple(number for number in blank if number < last))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\u00a0", " ")


def _refused(happened: str, todo: str, detail: str = "") -> SurveyError:
    return SurveyError("offices.file", happened=happened, safe="名录没有改动", todo=todo, detail=detail)
