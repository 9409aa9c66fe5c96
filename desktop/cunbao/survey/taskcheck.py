"""Everything of a task's folder looked at before it is signed: each fault with its place, what is there, what to do.

Forms (sheets), code lists, checks.csv, indicators.csv, plans, task.toml. A form with any fault is refused whole, and so
is the pack. Reads the folder, writes only where the caller says. Source: design.md §3, ui/design.md county-04.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao.errors import SurveyError
from cunbao.progress import Cancel, Progress, Report, silent
from cunbao.survey.compile import FaultyForm, compile_form, lists_beside
from cunbao.survey.form import CodeList, Form, Kind, read_form, read_list
from cunbao.survey.formdefaults import default_part
from cunbao.survey.params import Given, Param, named_in, wrong_in
from cunbao.survey.sheets import Sheet, read_sheets
from cunbao.survey.tablecheck import Found, Place, check_rows, indicator_rows, list_rows, param_rows, plan_rows
from cunbao.survey.task import Task, load_task
from cunbao.survey.taskfile import (
    FORM_FILE,
    TASK_FILE,
    Wanted,
    composed,
    forms_of,
    names_in,
    read_toml,
    write_toml,
)
from cunbao.survey.taskfolder import TABLES, asked_params, plain_files, rows_in, sheet_files, task_files, task_toml
from cunbao.survey.values import Severity
from cunbao.survey.walk import Fault

UNSHOWN = ("begin", "end", "note", "calculate", "hidden", "xml-external")  # types of rows that show no cell
MOST_SHOWN = 60  # characters of a cell that a fault quotes
READS_FORM = re.compile(r"instance\(\s*['\"]([A-Z][0-9]{2})['\"]\s*\)/data/([\w./-]+)")


MOST_KEPT = 64  # compiled forms that are remembered
_COMPILED: dict[tuple[str, str, str], bytes] = {}


@dataclass(frozen=True, slots=True, order=True)
class TaskFault:
    """One fault of the folder. form: the form that it keeps out, "" when it is the whole pack; row: from 1 with the
    heading as row 1, 0 when it belongs to no row; there: what stands in the cell, "" when nothing or no cell."""

    form: str
    file: str
    sheet: str
    row: int
    column: str
    there: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form of the folder. cells: what is asked or shown, columns of rosters once; sha256: of the compiled form, ""
    while it has faults; known: task.toml says how it is shown and printed (else that is made up)."""

    form: str
    title: str
    level: str
    department: str
    file: str
    cells: int
    faults: int
    known: bool
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan of indicators.csv. computable: indicators that the forms sent can answer."""

    plan: str
    title: str
    computable: int
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class ParamLine:
    """One figure that the county puts in (县里填的数), asked for by what is sent. given: None while there is none;
    needed: numbers of the chosen plans' indicators and ids of checks that rest on it."""

    asked: Param
    given: Given | None
    needed: tuple[str, ...]

    @property
    def missing(self) -> bool:
        return self.given is None

    @property
    def words(self) -> str:
        """县里还没填在职党员总数（个）：003-27 没有数."""
        unit = f"（{self.asked.unit}）" if self.asked.unit else ""
        rows = [one for one in self.needed if one[0].isdigit()]
        checks = [one for one in self.needed if one not in rows]
        told = [f"{'、'.join(rows)} 没有数"] if rows else []
        told += [f"检查 {'、'.join(checks)} 不运行"] if checks else []
        return f"县里还没填{self.asked.label}{unit}：{'，'.join(told)}"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found. task: of the pack as it would be, None while there is a fault; files: path inside the task's
    folder → bytes, compiled forms included. must_fix, to_explain: 审核关系 that will run."""

    forms: tuple[FormLine, ...]
    faults: tuple[TaskFault, ...]
    plans: tuple[PlanLine, ...]
    must_fix: int
    to_explain: int
    task: Task | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    params: tuple[ParamLine, ...] = ()

    @property
    def sent(self) -> tuple[FormLine, ...]:
        """The forms that go into the pack; `inspect` was told which."""
        return tuple(one for one in self.forms if one.form in self.going)

    going: frozenset[str] = frozenset()


def inspect(
    folder: Path,
    wanted: Wanted,
    *,
    version: int = 1,
    progress: Report = silent,
    cancel: Cancel | None = None,
) -> Inspection:
    """Look at all of it. version: of the pack, it becomes the task's own. Never raises for a fault of the folder."""
    return _Inspecting(folder, wanted, version).run(progress, cancel)


class _Inspecting:
    def __init__(self, folder: Path, wanted: Wanted, version: int) -> None:
        self.folder, self.wanted, self.version = folder, wanted, version
        self.faults: list[TaskFault] = []
        self.forms: dict[str, Form] = {}
        self.compiled: dict[str, bytes] = {}
        self.sheets: dict[str, Mapping[str, Sheet]] = {}
        self.own: dict[str, list[TaskFault]] = {}  # faults of a form's file, of forms that are not sent too
        self.lists: dict[str, CodeList] = {}
        self.lists_digest = ""

    def run(self, progress: Report, cancel: Cancel | None) -> Inspection:
        try:
            table = read_toml(task_toml(self.folder))
        except SurveyError as error:
            self.add("", TASK_FILE, Place(0, "", ""), Found(error.happened, error.todo))
            return Inspection((), tuple(self.faults), (), 0, 0)
        files, strange = sheet_files(self.folder)
        for path, why in strange:
            self.add("", path.name, Place(0, "", ""), why)
        if not files:
            self.add("", self.folder.name, Place(0, "", ""), Found(
                "这个文件夹里没有表式", "请放进 B01.xlsx、T01.md 这样的 XLSForm，或者换一个文件夹"
            ))  # fmt: skip
        self.read_lists()
        for number, (form, path) in enumerate(files.items()):
            if cancel is not None:
                cancel.check()
            progress(Progress(number, len(files), f"检验 {form}"))
            self.form(form, path)
        known = forms_of(table)
        for form in known:
            if form in self.wanted.forms and form not in files:
                self.add(form, TASK_FILE, Place(0, "", form), Found(
                    f"task.toml 里有 {form}，文件夹里没有 {form}.md 或 {form}.xlsx", f"请补上文件，或者不发 {form}"
                ))  # fmt: skip
        going = [form for form in files if form in self.wanted.forms]
        for form in going:
            self.faults += self.own.get(form, [])
            if form in self.forms:
                self.takes_over(form, going)
        self.figures(table)
        table = self.with_defaults(table, going)
        task, made = self.task(table, going)
        self.tables(task)
        checks = self.checks(going)
        whole = not self.faults
        return Inspection(
            forms=tuple(self.line(form, path, known, table) for form, path in sorted(files.items())),
            faults=tuple(sorted(self.faults, key=_order)),
            plans=self.plans(task),
            must_fix=sum(one == Severity.MUST_FIX for one in checks),
            to_explain=sum(one == Severity.EXPLAIN for one in checks),
            task=task if whole else None,
            files=made if whole else {},
            params=self.params(task),
            going=frozenset(going),
        )

    def add(self, form: str, file: str, at: Place, said: Found, there: str = "") -> None:
        self.faults.append(_fault(form, file, at, said, there))

    # ---- forms

    def read_lists(self) -> None:
        seen = sha256()
        for path in plain_files(self.folder / "lists"):
            if path.suffix != ".csv":
                continue
            seen.update(f"{path.name}\n{sha256(path.read_bytes()).hexdigest()}\n".encode())
            name = f"lists/{path.name}"
            for at, said, there in list_rows(path.read_bytes()):
                self.add("", name, at, said, there)
            try:
                self.lists[path.stem] = read_list(path.stem, path.read_bytes())
            except SurveyError:
                continue  # told by list_rows
        self.lists_digest = seen.hexdigest()

    def form(self, form: str, path: Path) -> None:
        try:
            self.sheets[form] = read_sheets(path)
            self.compiled[form] = self.compile(path)
            self.forms[form] = read_form(self.compiled[form], self.lists_of(path))
            said = self.forms[form].id
            if said != form:
                self.own[form] = [_fault(form, path.name, Place(2, "settings", "form_id"), Found(
                    f"form_id 写的是 {said}，文件名是 {form}", f"请把 form_id 改成 {form}，两处要一样"
                ), said)]  # fmt: skip
                del self.forms[form]
        except FaultyForm as faulty:
            self.own[form] = [self.placed(form, path, one) for one in faulty.faults]
        except SurveyError as error:
            self.own[form] = [_fault(form, path.name, Place(0, "", ""), Found(error.happened, error.todo))]

    def compile(self, path: Path) -> bytes:
        """The form's XForm; what was compiled before of the very same sheets and lists is taken again, so that looking
        after one file was saved does not wait for all."""
        key = (path.name, sha256(path.read_bytes()).hexdigest(), self.lists_digest)
        if key not in _COMPILED:
            made = compile_form(path, self.folder / "lists")
            if len(_COMPILED) > MOST_KEPT:
                _COMPILED.clear()
            _COMPILED[key] = made
        return _COMPILED[key]

    def lists_of(self, path: Path) -> dict[str, CodeList]:
        found: dict[str, CodeList] = {}
        for folder in lists_beside(path, self.folder / "lists"):
            found |= self.lists if folder == self.folder / "lists" else {}
        return found

    def placed(self, form: str, path: Path, one: Fault) -> TaskFault:
        sheets = self.sheets.get(form, {})
        sheet = sheets.get(one.sheet)
        line = next((line for line in sheet.lines if line.row == one.row), None) if sheet is not None else None
        there = line.cells.get(one.column, "") if line is not None else ""
        if line is not None and one.sheet == "choices" and one.column == "name":
            there = " ".join(dict.fromkeys([line.get("list_name", "list name")[1], there])).strip()
        return _fault(form, path.name, Place(one.row, one.sheet, one.column), Found(one.found, one.remedy), there)

    def takes_over(self, form: str, going: list[str]) -> None:
        """取自: every value that the form reads of another one is there."""
        for name, one in self.forms[form].by_name.items():
            source, _, wanted = one.source.partition(".")
            if FORM_FILE.fullmatch(source):
                self.reads(form, name, "bind::cb:from", source, wanted, going)
        for bind in self.forms[form].binds.values():
            for source, path in READS_FORM.findall(f"{bind.calculate} {bind.constraint} {bind.relevant}"):
                self.reads(form, bind.name, "calculation", source, path.rsplit("/", 1)[-1], going)

    def reads(self, form: str, name: str, column: str, source: str, wanted: str, going: list[str]) -> None:
        file = f"{form}.md"
        if source not in going:
            said = Found(f"{name} 取自 {source}，{source} 没有发", f"请一起发 {source}，或者把这一格改成自己填")
        elif source in self.forms and not self.has(source, wanted):
            said = Found(f"{name} 取自 {source}.{wanted}，{source} 里没有这一格", f"请对照 {source} 的 name 列改正")
        else:
            return
        row, there, file = self.row_of(form, name, column)
        if not any((one.form, one.row, one.found) == (form, row, said.found) for one in self.faults):
            self.add(form, file, Place(row, "survey", column), said, there)

    def has(self, form: str, name: str) -> bool:
        found = self.forms[form]
        return name in found.by_name or any(one.name == name for one in found.repeats)

    def row_of(self, form: str, name: str, column: str) -> tuple[int, str, str]:
        """(row, what stands in that column, file) of a question."""
        path = sheet_files(self.folder)[0].get(form)
        sheet = self.sheets.get(form, {}).get("survey")
        for line in sheet.lines if sheet is not None else ():
            if line.cells.get("name") == name:
                return line.row, line.cells.get(column, ""), path.name if path else form
        return 0, "", path.name if path else form

    def line(self, form: str, path: Path, known: Mapping[str, Any], table: Mapping[str, Any]) -> FormLine:
        read = self.forms.get(form)
        part = forms_of(table).get(form, {})
        title = read.title if read is not None else _title(self.sheets.get(form, {})) or _paper_title(part) or form
        return FormLine(
            form=form,
            title=title,
            level=str(part.get("level") or ("township" if form.startswith("T") else "village")),
            department=str(part.get("department") or table.get("issuer") or ""),
            file=path.name,
            cells=cells_of(read) if read is not None else _cells_in(self.sheets.get(form, {})),
            faults=len(self.own.get(form, [])) + sum(
                one.form == form and one not in self.own.get(form, []) for one in self.faults
            ),
            known=form in known,
            sha256=read.sha256 if read is not None else "",
        )  # fmt: skip

    # ---- task.toml and what hangs on it

    def with_defaults(self, table: Mapping[str, Any], going: list[str]) -> dict[str, Any]:
        """task.toml, with a screen and a paper made up for forms of which it says nothing."""
        parts = dict(forms_of(table))
        for form in going:
            if form not in parts and form in self.forms:
                parts[form] = default_part(self.forms[form], issuer=str(table.get("issuer", "")))
        return {**table, "form": parts}

    def task(self, table: Mapping[str, Any], going: list[str]) -> tuple[Task | None, dict[str, bytes]]:
        """The task of the forms that can be used, and the pack's files; faults of task.toml are added."""
        usable = tuple(form for form in going if form in self.forms)
        wanted = replace(self.wanted, forms=usable)
        made = composed(table, wanted)
        made["version"] = f"{wanted.period}.{self.version}"
        try:
            files = {TASK_FILE: write_toml(made)}
        except TypeError as error:
            self.add(
                "", TASK_FILE, Place(0, "", ""), Found(f"task.toml 里有用不了的值（{error}）", "请改成文字、数或日期")
            )
            return None, {}
        paths = task_files(self.folder)
        files |= {name: paths[name].read_bytes() for name in paths if name.startswith("lists/") or name in TABLES}
        files |= {f"{form}{path.suffix}": path.read_bytes() for form, path in sheet_files(self.folder)[0].items()
                  if form in usable}  # fmt: skip
        files |= {f"compiled/{form}.xml": self.compiled[form] for form in usable}
        if not usable:
            return None, files
        bare = {name: data for name, data in files.items() if name not in TABLES}
        try:
            loaded = _loaded(bare)
        except SurveyError as error:
            self.toml_faults(error, set(going) - set(usable))
            return None, files
        try:
            return _loaded(files), files
        except (SurveyError, KeyError, ValueError, ArithmeticError):
            return loaded, files  # a table that cannot be read: its rows are told by `tables`

    def toml_faults(self, error: SurveyError, broken: set[str]) -> None:
        """broken: forms with faults of their own, for want of which other places are no fault."""
        for said in (error.detail or error.happened).split("；"):
            where, sign, what = said.partition("：")
            if names_in(what) & broken:
                continue
            named = re.match(r"form\.([A-Z][0-9]{2})", where)
            column = where if sign else ""
            self.add(named[1] if named else "", TASK_FILE, Place(0, "", column), Found(
                what or said, "请对照表式的 name 列，改 task.toml 里的这一处"
            ))  # fmt: skip

    def tables(self, task: Task | None) -> None:
        """checks.csv, indicators.csv and the plans chosen."""
        asked = task.forms if task is not None else {}
        rows: dict[str, Callable[[bytes], Iterator[tuple[Place, Found, str]]]] = {
            "checks.csv": lambda data: check_rows(data, task),
            "indicators.csv": lambda data: indicator_rows(data, asked, self.wanted.plans),
            "plans.csv": plan_rows,
            "params.csv": param_rows,
        }
        for name, look in rows.items():
            path = self.folder / name
            if path.is_file():
                for at, said, there in look(path.read_bytes()):
                    self.add("", name, at, said, there)
        known = {one["plan"] for one in rows_in(self.folder / "indicators.csv") if one.get("plan")}
        for plan in self.wanted.plans:
            if plan not in known:
                self.add("", "indicators.csv", Place(0, "", "plan"), Found(
                    f"选了规划 {plan}，indicators.csv 里没有这个规划", "请不选它，或者补上它的指标"
                ), plan)  # fmt: skip

    def figures(self, table: Mapping[str, Any]) -> None:
        """What stands under [params] must be figures, unless the county has put in others instead."""
        instead = {one.name for one in self.wanted.params}
        for name, said in wrong_in(table.get("params")).items():
            if name not in instead:
                self.add("", TASK_FILE, Place(0, "", f"params.{name}"), Found(
                    f"参数 {name} 不是数", "请只写数，如 412 或 5830.5，单位不用写；还不知道的删去这一行"
                ), said)  # fmt: skip

    def params(self, task: Task | None) -> tuple[ParamLine, ...]:
        """The figures of the county that what is sent rests on, in the order of params.csv."""
        needed: dict[str, list[str]] = {}
        for one in task.indicators if task is not None else ():
            if one.plan in self.wanted.plans:
                for name in named_in(one.applies, one.numerator, one.denominator):
                    needed.setdefault(name, []).append(one.number)
        for check in task.checks if task is not None else ():
            for name in named_in(check.expression, check.value):
                needed.setdefault(name, []).append(check.id)
        given = {one.name: one for one in self.wanted.params}
        asked = {one.name: one for one in asked_params(self.folder)}
        order = [*(name for name in asked if name in needed or name in given), *(n for n in needed if n not in asked)]
        return tuple(
            ParamLine(asked.get(name, Param(name, name)), given.get(name), tuple(needed.get(name, ())))
            for name in order
        )

    def checks(self, going: list[str]) -> list[str]:
        """Severities of the 审核关系 that run with the forms that are sent (decision 1)."""
        rows = rows_in(self.folder / "checks.csv")
        return [
            one.get("severity", "")
            for one in rows
            if all(form in going for form in one.get("forms", "").split() if form != "*")
        ]

    def plans(self, task: Task | None) -> tuple[PlanLine, ...]:
        titles = {one["plan"]: one.get("title", "") for one in rows_in(self.folder / "plans.csv") if one.get("plan")}
        rows = rows_in(self.folder / "indicators.csv")
        answerable = {one.number for one in task.indicators if one.numerator} if task is not None else set()
        found = dict.fromkeys(one["plan"] for one in rows if one.get("plan"))
        order = [*(plan for plan in titles if plan in found), *(plan for plan in found if plan not in titles)]
        return tuple(
            PlanLine(
                plan=plan,
                title=titles.get(plan, "") or f"规划 {plan}",
                computable=sum(one["plan"] == plan and one.get("no") in answerable for one in rows),
                count=sum(one["plan"] == plan for one in rows),
                chosen=plan in self.wanted.plans,
            )
            for plan in order
        )


def cells_of(form: Form) -> int:
    """格: what a person sees of the form, a column of a roster once."""
    return sum(not one.hidden and one.kind is not Kind.NOTE for one in form.by_name.values())


def _cells_in(sheets: Mapping[str, Sheet]) -> int:
    """About the same, of a form that cannot be used yet: the rows that ask or show something."""
    survey = sheets.get("survey")
    lines = survey.lines if survey is not None else ()
    return sum(bool(line.cells.get("label")) and not line.cells.get("type", "").startswith(UNSHOWN) for line in lines)


def _fault(form: str, file: str, at: Place, said: Found, there: str = "") -> TaskFault:
    shown = there if len(there) <= MOST_SHOWN else there[:MOST_SHOWN] + "…"
    return TaskFault(form, file, at.sheet, at.row, at.column, shown, said.found, said.remedy)


def _order(one: TaskFault) -> tuple[bool, str, str, int]:
    """Forms first, then the tables, in the order of their rows; what is about the whole folder comes first of all."""
    return (not one.form and "." in one.file, one.form, one.file, one.row)


def _loaded(files: Mapping[str, bytes]) -> Task:
    """A task read from bytes: laid out for the moment in which it is read."""
    with tempfile.TemporaryDirectory(prefix="cunbao-task-") as place:
        root = Path(place)
        for name, data in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (root / "lists").mkdir(exist_ok=True)
        return load_task(root, root / "compiled")


def _title(sheets: Mapping[str, Sheet]) -> str:
    settings = sheets.get("settings")
    return settings.lines[0].get("form_title", "title")[1] if settings is not None and settings.lines else ""


def _paper_title(part: Mapping[str, Any]) -> str:
    paper = part.get("paper")
    return str(paper.get("title", "")) if isinstance(paper, dict) else ""
