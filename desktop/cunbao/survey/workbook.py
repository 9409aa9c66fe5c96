"""A superior's workbook (.xlsx): read for looking, and filled cell by cell without touching anything else in it.

Reading goes through openpyxl. Writing changes the values of the named cells in the sheet's own XML and nothing more, so
that formats, formulas, hidden columns, print set-up, charts and pictures stay byte for byte. Source: ECMA-376 §18.3.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from cunbao.errors import SurveyError

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_ROWS, MOST_COLUMNS = 2000, 120
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
REF = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")

Value = Decimal | int | str


@dataclass(frozen=True, slots=True)
class BookCell:
    """text: as Excel would show it without its format; formula: it computes by itself and is never filled; number: it
    holds one; bold, centre: how it looks."""

    text: str = ""
    formula: bool = False
    number: bool = False
    bold: bool = False
    centre: bool = False


@dataclass(frozen=True, slots=True)
class BookSheet:
    """cells: by reference (G4), only those that say something or look like something. merged: ranges (A1:H1).
    hidden: letters of hidden columns; widths: of columns, in characters; protected: cells are locked."""

    name: str
    rows: int
    columns: int
    cells: Mapping[str, BookCell]
    merged: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, float] | None = None
    protected: bool = False

    def cell(self, ref: str) -> BookCell:
        return self.cells.get(ref, BookCell())


@dataclass(frozen=True, slots=True)
class Book:
    """notes: what is odd and stays as it is (a broken name)."""

    name: str
    data: bytes
    sheets: tuple[BookSheet, ...]
    notes: tuple[str, ...] = ()

    def sheet(self, name: str) -> BookSheet:
        """SurveyError "book.sheet"."""
        for one in self.sheets:
            if one.name == name:
                return one
        raise _refused("book.sheet", f"{self.name} 里没有工作表“{name}”", "请换一张工作表")


def read_book(path: Path) -> Book:
    """Read a workbook. SurveyError "book.file": not a whole .xlsx, too large, with a password; "book.macros"."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused("book.file", f"{path.name} 打不开", "请检查文件是否还在", str(error)) from error
    if len(data) > MOST_BYTES:
        raise _refused("book.file", f"{path.name} 太大", "请确认选对了文件")
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(
            "book.file", f"{path.name} 是旧的 .xls 格式，或者加了打开密码", "请在 Excel 里另存为 .xlsx（不加密码）再试"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise _refused("book.file", f"{path.name} 展开后太大", "请确认选对了文件")
            if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
                raise _refused("book.macros", f"{path.name} 里有宏", "请向上级要没有宏的 .xlsx，或在 Excel 里另存一份")
        formulas = load_workbook(io.BytesIO(data))
        shown = load_workbook(io.BytesIO(data), data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, TypeError) as error:
        raise _refused(
            "book.file", f"{path.name} 不是完整的 Excel 文件", "请用 Excel 打开后另存为 .xlsx 再试", str(error)
        ) from error
    sheets = tuple(
        _sheet(one, shown[one.title])
        for one in formulas.worksheets
        if one.max_row <= MOST_ROWS and one.max_column <= MOST_COLUMNS and one.sheet_state == "visible"
    )
    if not sheets:
        raise _refused("book.file", f"{path.name} 里没有可以填的工作表", f"最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列")
    return Book(path.name, data, sheets, _notes(formulas))


def _sheet(formulas: Any, shown: Any) -> BookSheet:
    from openpyxl.utils import get_column_letter

    cells: dict[str, BookCell] = {}
    for row in formulas.iter_rows():
        for one in row:
            value = shown[one.coordinate].value
            formula = one.data_type == "f"
            bold = bool(one.font and one.font.b)
            centre = bool(one.alignment and one.alignment.horizontal in ("center", "centerContinuous"))
            if value is not None or formula or bold:
                number = isinstance(value, int | float) and not isinstance(value, bool)
                cells[one.coordinate] = BookCell(_text(value), formula, number, bold, centre)
    dimensions = formulas.column_dimensions
    hidden = {
        get_column_letter(at)
        for one in dimensions.values()
        if one.hidden
        for at in range(one.min or 1, (one.max or one.min or 1) + 1)
    }
    widths = {letter: float(one.width) for letter, one in dimensions.items() if one.width}
    return BookSheet(
        name=formulas.title,
        rows=formulas.max_row,
        columns=formulas.max_column,
        cells=cells,
        merged=tuple(sorted(str(one) for one in formulas.merged_cells.ranges)),
        hidden=frozenset(hidden),
        widths=widths,
        protected=bool(formulas.protection.sheet),
    )


def _notes(book: Any) -> tuple[str, ...]:
    broken = [name for name, one in book.defined_names.items() if "#REF!" in str(one.value)]
    return tuple(f"名称“{name}”指向的格子已经没有了，原样留着" for name in sorted(broken))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
    return str(value).strip()


# --- filling ---------------------------------------------------------------------------------------------------------


def fill_book(book: Book, sheet: str, values: Mapping[str, Value]) -> bytes:
    """The same workbook with these cells filled. A formula is never overwritten; Excel computes all of them anew when
    it opens the file. SurveyError "book.sheet", "book.protected", "book.formula"."""
    held = book.sheet(sheet)
    if held.protected:
        raise _refused(
            "book.protected", f"工作表“{sheet}”加了保护", "请在 Excel 里撤销工作表保护（审阅 → 撤销工作表保护）再试"
        )
    computed = sorted(ref for ref in values if held.cell(ref).formula)
    if computed:
        raise _refused("book.formula", f"{computed[0]} 是公式，不能填", "请把这一格改成不填")
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book.data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        part = _part_of(old, sheet)
        for info in old.infolist():
            data = old.read(info)
            if info.filename == part:
                data = _filled(data, values)
            elif info.filename == "xl/workbook.xml":
                data = _to_compute(data)
            new.writestr(info, data)
    return made.getvalue()


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """xl/worksheets/sheet1.xml of a sheet by its name."""
    tree, links = _parsed(archive.read("xl/workbook.xml")), _parsed(archive.read("xl/_rels/workbook.xml.rels"))
    wanted = next(one.get(f"{{{RELATIONS}}}id") for one in tree.iter(f"{{{MAIN}}}sheet") if one.get("name") == sheet)
    target = next(one.get("Target") for one in links.iter(f"{{{PACKAGE}}}Relationship") if one.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _filled(data: bytes, values: Mapping[str, Value]) -> bytes:
    from lxml import etree

    root = _parsed(data)
    body = root.find(f"{{{MAIN}}}sheetData")
    rows = {int(one.get("r")): one for one in body.iter(f"{{{MAIN}}}row") if one.get("r")}
    for ref in sorted(values, key=_place):
        column, number = _place(ref)
        row = rows.get(number)
        if row is None:
            row = etree.Element(f"{{{MAIN}}}row", r=str(number))
            later = next((rows[at] for at in sorted(rows) if at > number), None)
            later.addprevious(row) if later is not None else body.append(row)
            rows[number] = row
        _set(_cell(row, ref, column), values[ref])
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _cell(row: Any, ref: str, column: int) -> Any:
    """The cell of a row, made at its place when it is not there yet."""
    from lxml import etree

    for one in row.iter(f"{{{MAIN}}}c"):
        here = _place(one.get("r"))[0]
        if here == column:
            return one
        if here > column:
            made = etree.Element(f"{{{MAIN}}}c", r=ref)
            one.addprevious(made)
            return made
    return etree.SubElement(row, f"{{{MAIN}}}c", r=ref)


def _set(cell: Any, value: Value) -> None:
    from lxml import etree

    for one in list(cell):
        cell.remove(one)
    cell.attrib.pop("t", None)
    cell.attrib.pop("cm", None)
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
        text.text = value
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    else:
        etree.SubElement(cell, f"{{{MAIN}}}v").text = f"{value:f}" if isinstance(value, Decimal) else str(value)


def _to_compute(data: bytes) -> bytes:
    """Ask Excel to compute every formula when the file is opened: their kept results are of before."""
    from lxml import etree

    root = _parsed(data)
    held = root.find(f"{{{MAIN}}}calcPr")
    if held is None:
        held = etree.Element(f"{{{MAIN}}}calcPr")
        after = [root.find(f"{{{MAIN}}}{name}") for name in ("definedNames", "externalReferences", "sheets")]
        next(one for one in after if one is not None).addnext(held)
    held.set("fullCalcOnLoad", "1")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _parsed(data: bytes) -> Any:
    """XML without entities or network."""
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _place(ref: str) -> tuple[int, int]:
    """(column number, row number) of G4."""
    found = REF.fullmatch(ref)
    if found is None:
        raise ValueError(ref)
    return number_of(found[1]), int(found[2])


def number_of(letters: str) -> int:
    """7 of G."""
    at = 0
    for one in letters:
        at = at * 26 + ord(one) - 64
    return at


def letters_of(number: int) -> str:
    """G of 7."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def _refused(code: str, happened: str, todo: str, detail: str = "") -> SurveyError:
    return SurveyError(code, happened=happened, safe="原来的文件没有改动", todo=todo, detail=detail)
