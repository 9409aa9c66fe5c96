"""The sheets of an XLSForm as they were written: Markdown tables or .xlsx, each cell with its row and column.

Reads only. Rows count from 1, the heading is row 1, as in Excel; for Markdown the lines of a sheet's table count the
same way, empty ones left out as pyxform leaves them out. Source: XLSForm.org; pyxform for the Markdown form.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cunbao.errors import SurveyError

SHEETS = ("survey", "choices", "settings")
MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000  # an .xlsx that unpacks to more is refused
_ESCAPED_BAR = re.compile(r"(?<!\\)\|")
_RULER = re.compile(r"[|\-: ]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number and what stands under each heading, empty cells left out."""

    row: int
    cells: Mapping[str, str]

    def get(self, *heads: str) -> tuple[str, str]:
        """(heading, text) of the first of these headings that has something here, else (first heading, "")."""
        for head in heads:
            if head in self.cells:
                return head, self.cells[head]
        return heads[0], ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """heads: headings as written, in order, "" where there is none."""

    name: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def read_sheets(path: Path) -> dict[str, Sheet]:
    """The sheets by lower-case name. Raises SurveyError when the file is no XLSForm at all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refusal(f"{path.name} 打不开", "请检查文件是否还在", str(error)) from error
    if len(data) > MOST_BYTES:
        raise _refusal(f"{path.name} 太大", "请确认选对了文件")
    sheets = _xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") or data[:2] == b"PK" else _markdown(path, data)
    if not sheets:
        raise _refusal(f"{path.name} 里没有表格", "请用 survey、choices、settings 三张表写表式")
    return sheets


def merged_cells(path: Path) -> tuple[tuple[str, int, str, str], ...]:
    """(sheet, row, heading of its column, "A3:B4") of every merged range below the headings or in them: only its first
    cell holds the text, so that the rows beside it would be read as empty."""
    data = path.read_bytes()
    if data[:2] != b"PK":
        return ()
    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(b"<mergeCell " in archive.read(name) for name in sheets):
            return ()
    book, found = load_workbook(path, data_only=True), []
    for sheet in book.worksheets:
        if sheet.title.lower() in SHEETS:
            for one in sorted(sheet.merged_cells.ranges, key=lambda part: (part.min_row, part.min_col)):
                head = _cell(sheet.cell(1, one.min_col).value)
                found.append((sheet.title.lower(), one.min_row, head, one.coord))
    book.close()
    return tuple(found)


def _refuse_macros(path: Path, names: list[str]) -> None:
    if any(name.endswith("vbaProject.bin") for name in names):
        raise _refusal(f"{path.name} 里有宏", "请在 Excel 里另存为不带宏的 .xlsx 再试")


def _refusal(happened: str, todo: str, detail: str = "") -> SurveyError:
    return SurveyError("form.file", happened=happened, safe="没有改动任何文件", todo=todo, detail=detail)


def _markdown(path: Path, data: bytes) -> dict[str, Sheet]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(f"{path.name} 不是 UTF-8 文本", "请另存为 UTF-8 再试", str(error)) from error
    tables: dict[str, list[list[str]]] = {}
    name = ""
    for line in text.splitlines():
        line = line.strip()
        if not line.startswith("|") or line.startswith("#") or (_RULER.fullmatch(line) and "-" in line):
            continue
        bare = line[1:]
        end = max((match.start() for match in _ESCAPED_BAR.finditer(bare)), default=len(bare))
        cells = [cell.strip().replace("\\|", "|") for cell in _ESCAPED_BAR.split(bare[:end])]
        if cells[0]:
            name = cells[0].lower()
            tables.setdefault(name, [])
        if name and any(cells[1:]):
            tables[name].append(cells[1:])
    return {name: _sheet(name, rows) for name, rows in tables.items()}


def _xlsx(path: Path) -> dict[str, Sheet]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise _refusal(f"{path.name} 展开后太大", "请确认选对了文件")
            _refuse_macros(path, archive.namelist())
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            tables = {
                sheet.title.lower(): [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
                for sheet in book.worksheets
            }
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        raise _refusal(
            f"{path.name} 不是完整的 Excel 文件", "请用 Excel 打开后另存为 .xlsx 再试", str(error)
        ) from error
    return {name: _sheet(name, rows) for name, rows in tables.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\u00a0", " ").strip()


def _sheet(name: str, rows: list[list[str]]) -> Sheet:
    heads = tuple(rows[0]) if rows else ()
    lines = []
    for number, row in enumerate(rows[1:], 2):
        cells = {head: cell for head, cell in zip(heads, row, strict=False) if head and cell}
        if cells:
            lines.append(Line(number, cells))
    return Sheet(name, heads, tuple(lines))
