"""The folder of a task before it is a pack: which files there are, what its task.toml asks for. Reads only."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

from cunbao.errors import SurveyError
from cunbao.survey.params import Given, Param, given_in, read_params
from cunbao.survey.tablecheck import Found
from cunbao.survey.task import rows_of
from cunbao.survey.taskfile import FORM_FILE, TASK_FILE, Wanted, forms_of, read_toml

SHEET_FILES = (".md", ".xlsx")
OTHER_FILES = (".xlsm", ".xls", ".ods", ".et", ".csv")  # what people save a form as by mistake
TABLES = ("checks.csv", "indicators.csv", "plans.csv", "params.csv")


def task_files(folder: Path) -> dict[str, Path]:
    """Every file of the folder that a pack is made of, by its path inside: what has to be watched, and looked at again
    when it was saved."""
    found = [path for path in plain_files(folder) if path.suffix in SHEET_FILES or path.name in (TASK_FILE, *TABLES)]
    found += [path for path in plain_files(folder / "lists") if path.suffix == ".csv"]
    return {path.relative_to(folder).as_posix(): path for path in found}


def read_wanted(folder: Path) -> Wanted:
    """What task.toml itself asks for: where a draft begins. SurveyError "task.toml", "task.folder"."""
    table = read_toml(task_toml(folder))
    known = forms_of(table)
    forms = tuple(dict.fromkeys([*known, *(path.stem for path in sheet_files(folder)[0].values())]))
    days: dict[str, date] = {}
    for name in ("ref_date", "deadline", "valid_until"):
        value = table.get(name)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise SurveyError(
                "task.toml",
                happened=f"{TASK_FILE} 里 {name} 不是日期",
                safe="没有改动任何文件",
                todo=f"请写成 {name} = 2025-12-31 这样",
            )
        days[name] = value
    own = [part["deadline"] for part in known.values() if part.get("level") == "township" and "deadline" in part]
    period = str(table.get("period", ""))
    return Wanted(
        title=str(table.get("title", "")),
        period=period,
        previous=str(table.get("previous", "")),
        period_title=str(table.get("period_title", "") or f"{period}年度"),
        ref_date=days["ref_date"],
        deadline=days["deadline"],
        town_deadline=max([*own, days["deadline"]]),
        valid_until=days["valid_until"],
        forms=forms,
        plans=tuple(one for one in table.get("plans", []) if isinstance(one, str)),
        params=tuple(given_in(table.get("params")).values()),
    )


def asked_params(folder: Path) -> tuple[Param, ...]:
    """The figures that the county is asked for; () where the table cannot be read (the 检验 says so)."""
    path = folder / "params.csv"
    try:
        return read_params(path.read_bytes()) if path.is_file() else ()
    except (UnicodeDecodeError, KeyError, csv.Error):
        return ()


def given_params(folder: Path) -> tuple[Given, ...]:
    """The figures that stand in the folder's task.toml; () where it cannot be read."""
    try:
        return tuple(given_in(read_toml(task_toml(folder)).get("params")).values())
    except SurveyError:
        return ()


def task_toml(folder: Path) -> bytes:
    try:
        return (folder / TASK_FILE).read_bytes()
    except OSError as error:
        raise SurveyError(
            "task.folder",
            happened=f"“{folder.name}”里没有 {TASK_FILE}" if folder.is_dir() else f"没有文件夹“{folder.name}”",
            safe="没有改动任何文件",
            todo=f"请选放着 {TASK_FILE} 和表式的文件夹",
            detail=str(error),
        ) from error


def sheet_files(folder: Path) -> tuple[dict[str, Path], list[tuple[Path, Found]]]:
    """The form files by id, and those that cannot be one with the reason."""
    files: dict[str, Path] = {}
    strange: list[tuple[Path, Found]] = []
    for path in plain_files(folder):
        name = path.stem
        if path.suffix == ".md" and not FORM_FILE.fullmatch(name):
            continue  # notes of whoever keeps the folder
        if path.suffix in OTHER_FILES and path.name not in TABLES and FORM_FILE.fullmatch(name):
            strange.append((path, Found(f"{path.name} 不是能用的格式", "请在 Excel 里另存为 .xlsx（不带宏）")))
        elif path.suffix in SHEET_FILES and not FORM_FILE.fullmatch(name):
            strange.append((path, Found(f"文件名“{path.name}”不是表式编号", "请改成 B08.xlsx、T02.xlsx 这样的编号")))
        elif path.suffix in SHEET_FILES and name in files:
            strange.append(
                (path, Found(f"{name} 有两个文件：{files[name].name} 和 {path.name}", "请留一个，移走另一个"))
            )
        elif path.suffix in SHEET_FILES:
            files[name] = path
    return files, strange


def plain_files(folder: Path) -> list[Path]:
    """The files of a folder by name, without those that office programs lay beside them."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~")))


def rows_in(path: Path) -> list[dict[str, str]]:
    try:
        return rows_of(path.read_bytes()) if path.is_file() else []
    except (UnicodeDecodeError, ValueError):
        return []
