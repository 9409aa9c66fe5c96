"""XLSForm → XForm XML, where a task is built (county, or the repository's own): our walk first, pyxform last.

The only place that imports pyxform, and only inside the function that runs it: a village never needs it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cunbao.errors import SurveyError
from cunbao.survey import resources
from cunbao.survey.form import CodeList, read_form, read_list
from cunbao.survey.program import BrokenForm, program_of
from cunbao.survey.sheets import SHEETS, Sheet, merged_cells, read_sheets
from cunbao.survey.walk import Fault, faults_of
from cunbao.survey.xlsform import EXPRESSIONS, ascii_quotes, key_of

# pyxform turns Chinese quotation marks into ASCII ones; in texts they pass through it under other names.
_QUOTES = str.maketrans({"“": "\ue0f1", "”": "\ue0f2", "‘": "\ue0f3", "’": "\ue0f4"})
_BACK = str.maketrans({"\ue0f1": "“", "\ue0f2": "”", "\ue0f3": "‘", "\ue0f4": "’"})
_ROW = re.compile(r"\[row : (\d+)\]")


class FaultyForm(SurveyError):
    """A form that is refused whole; `faults` has every one of its faults."""

    def __init__(self, file: str, faults: tuple[Fault, ...]) -> None:
        lines = "；".join(f"{f.sheet} 第{f.row}行 {f.column}：{f.found}，{f.remedy}" for f in faults)
        super().__init__(
            "form.faults",
            happened=f"{file} 有 {len(faults)} 处错误：{lines}",
            safe="没有写出任何文件",
            todo="请按上面逐处改正后再试",
        )
        self.faults = faults


def compile_form(path: Path, lists_dir: Path | None) -> bytes:
    """The XForm of one sheet file (.md or .xlsx). lists_dir: where the code lists (CSV) lie, None = beside the file.

    Raises FaultyForm (code "form.faults") that names every fault of the sheets.
    """
    xform, faults = _compile(path, lists_dir)
    if faults:
        raise FaultyForm(path.name, faults)
    return xform


def check_form(path: Path, lists_dir: Path | None = None) -> tuple[Fault, ...]:
    """Every fault of a form, in the order of its sheets; () when it can be used. Of a compiled form (.xml) without the
    sheets, the faults have no row."""
    try:
        if path.suffix == ".xml":
            return _compiled_faults(path, lists_dir)
        return _compile(path, lists_dir)[1]
    except FaultyForm as faulty:
        return faulty.faults
    except SurveyError as error:
        return (Fault("", 0, "", error.happened, error.todo),)


def _compiled_faults(path: Path, lists_dir: Path | None) -> tuple[Fault, ...]:
    try:
        program_of(read_form(path.read_bytes(), _Lists(_finder(lists_beside(path, lists_dir)))))
    except BrokenForm as broken:
        return tuple(Fault("", 0, one.name, one.found, one.remedy) for one in broken.faults)
    except OSError as error:
        return (Fault("", 0, "", f"{path.name} 打不开（{error.strerror}）", "请检查文件是否还在"),)
    return ()


def lists_beside(path: Path, lists_dir: Path | None) -> tuple[Path, ...]:
    """Where the code lists of a form are looked for."""
    if lists_dir is not None:
        return (lists_dir,)
    beside = (path.parent, path.parent / "lists", path.parent / f"{path.stem}-media")  # the last as ODK lays them
    return tuple(folder for folder in beside if folder.is_dir())


def compiled_task(folder: Path) -> Path:
    """The folder of a task's compiled forms, made when it is not there yet (decision 4): complete or not at all."""
    target = resources.compiled_forms(folder)
    sources = [one for one in resources.form_sources(folder) if one.suffix != ".csv"]
    if all((target / f"{one.stem}.xml").exists() for one in sources):
        return target
    made = {f"{one.stem}.xml": compile_form(one, folder / "lists") for one in sources}
    target.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        for name, xform in made.items():
            (making / name).write_bytes(xform)
        if target.exists():
            shutil.rmtree(target)
        try:
            os.rename(making, target)
        except OSError:
            if not target.exists():  # another process was quicker: the same sources give the same bytes
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return target


def _compile(path: Path, lists_dir: Path | None) -> tuple[bytes, tuple[Fault, ...]]:
    sheets = read_sheets(path)
    find = _finder(lists_beside(path, lists_dir))
    faults = [
        Fault(sheet, row, column, f"{where} 是合并的单元格，只有第一格有字", "请取消合并，每一格写全")
        for sheet, row, column, where in merged_cells(path)
    ]
    faults += faults_of(sheets, find)
    if faults:
        return b"", tuple(faults)
    xform, fault = _pyxform(sheets, path.stem)
    if fault is not None:
        return b"", (fault,)
    try:
        program_of(read_form(xform, _Lists(find)))
    except BrokenForm as broken:
        return b"", tuple(_placed(sheets, one.name, one.text, one.found, one.remedy) for one in broken.faults)
    except SurveyError as error:
        return b"", (_placed(sheets, _name_in(error.happened), "", error.happened, error.todo),)
    return xform, ()


class _Lists(dict[str, CodeList]):
    """Code lists found when they are asked for, so that a folder of large lists is not read for one form."""

    def __init__(self, find: Callable[[str], CodeList | None]) -> None:
        super().__init__()
        self.find = find

    def get(self, name: str, default: CodeList | None = None) -> CodeList | None:  # type: ignore[override]
        return self.find(name.rsplit("/", 1)[-1]) or default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __missing__(self, name: str) -> CodeList:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found


def _finder(folders: tuple[Path, ...]) -> Callable[[str], CodeList | None]:
    known: dict[str, CodeList | None] = {}

    def find(stem: str) -> CodeList | None:
        if stem not in known:
            file = next(
                (folder / f"{stem}.csv" for folder in folders if stem and (folder / f"{stem}.csv").is_file()), None
            )
            known[stem] = read_list(stem, file.read_bytes()) if file else None
        return known[stem]

    return find


def _pyxform(sheets: Mapping[str, Sheet], name: str) -> tuple[bytes, Fault | None]:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    book: dict[str, object] = {"sheet_names": list(sheets), "fallback_form_name": name}
    only = len(sheets) == 1 and "survey" not in sheets
    for sheet in sheets.values():
        kind = "survey" if only else sheet.name
        if kind in SHEETS:
            book[kind] = _rows(sheet)
            book[f"{kind}_header"] = [dict.fromkeys(head for head in sheet.heads if head)]
    try:
        xform = str(convert(book, pretty_print=False, form_name="data").xform)
    except PyXFormError as error:
        return b"", _told_by_pyxform(error)
    return xform.translate(_BACK).encode(), None


def _rows(sheet: Sheet) -> list[dict[str, str]]:
    """The rows as pyxform takes them, empty ones in their places so that its row numbers are ours."""
    rows: list[dict[str, str]] = []
    for line in sheet.lines:
        rows.extend({} for _ in range(line.row - 2 - len(rows)))
        rows.append(
            {
                head: ascii_quotes(cell) if key_of(head) in EXPRESSIONS else cell.translate(_QUOTES)
                for head, cell in line.cells.items()
            }
        )
    return rows


def _told_by_pyxform(error: Exception) -> Fault:
    context = getattr(error, "context", None) or {}
    row = context.get("row") or (int(match[1]) if (match := _ROW.search(str(error))) else 0)
    return Fault(
        str(context.get("sheet") or "survey"),
        int(row or 0),
        str(context.get("column") or ""),
        f"pyxform 不接受：{str(error).strip()}",
        "请按提示改正",
    )


def _name_in(text: str) -> str:
    match = re.search(r"问题 (\S+)", text)
    return match[1] if match else ""


def _placed(sheets: Mapping[str, Sheet], name: str, text: str, found: str, remedy: str) -> Fault:
    """A fault found after pyxform, put back where it was written."""
    survey = sheets.get("survey") or next(iter(sheets.values()))
    for line in survey.lines:
        if name and name in (cell for head, cell in line.cells.items() if key_of(head) in ("name", "tag", "value")):
            columns = [head for head in line.cells if key_of(head) in EXPRESSIONS]
            bare = _bare(text)
            column = next(
                (head for head in columns if bare and _bare(line.cells[head]) == bare),
                columns[0] if len(columns) == 1 else "",
            )
            return Fault("survey", line.row, column, found, remedy)
    return Fault("survey", 0, "", found, remedy)


def _bare(text: str) -> str:
    """An expression without what pyxform changes in it: references and blanks."""
    return re.sub(r"\$\{[^}]*\}|[./]*/[\w./\-]+|\s", "", ascii_quotes(text))


__all__ = ["Fault", "FaultyForm", "check_form", "compile_form", "compiled_task", "lists_beside"]
