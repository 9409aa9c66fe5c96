"""任务包: a pack put together from a folder of XLSForms, and all that is wrong with it found before it is signed.

The draft (folder, forms sent, period, days, plans) is kept in the workspace; the folder's files stay where the county's
people edit them and are read again whenever they are saved. Source: ui/design.md county-04, design.md §3.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from cunbao.desks import packs
from cunbao.desks.clock import local_day
from cunbao.desks.county.desk import CountyDesk
from cunbao.errors import DeskError
from cunbao.progress import Cancel, Report, silent
from cunbao.survey import taskcheck, taskfolder
from cunbao.survey.formnews import form_news
from cunbao.survey.params import Given, figure
from cunbao.survey.taskcheck import FormLine, Inspection, ParamLine, PlanLine, TaskFault
from cunbao.survey.taskfile import FORM_FILE, Wanted, moved_to
from cunbao.survey.taskfolder import task_files
from cunbao.survey.values import Office

DRAFT = "pack/draft"
CHECKED = "pack/checked"
ABOUT = "任务包"  # the "file" of faults that no file has
DAYS = ("ref_date", "deadline", "town_deadline", "valid_until")


@dataclass(frozen=True, slots=True)
class PackDraft:
    """What is being put together. folder: where the forms lie; wanted: what was chosen over its task.toml."""

    folder: Path
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class BuilderView:
    """county-04. draft: None before a folder was chosen. version: the number that the pack will have. checked: nothing
    has changed since the last 检验; townships, villages: of the directory; uncertified: townships of which no computer
    has a certificate: their villages can fill but not send until a further version. issued: 第1版 … of this period.
    params: 县里填的数 that what is sent rests on; one that is missing keeps nobody from issuing."""

    draft: PackDraft | None
    version: int
    forms: tuple[FormLine, ...]
    going: frozenset[str]
    faults: tuple[TaskFault, ...]
    plans: tuple[PlanLine, ...]
    must_fix: int
    to_explain: int
    checked: bool
    checked_at: datetime | None
    townships: int
    villages: int
    uncertified: tuple[str, ...]
    issued: tuple[str, ...]
    params: tuple[ParamLine, ...] = ()

    @property
    def sent(self) -> tuple[FormLine, ...]:
        return tuple(one for one in self.forms if one.form in self.going)

    @property
    def cells(self) -> int:
        return sum(one.cells for one in self.sent)

    @property
    def computable(self) -> int:
        return sum(one.computable for one in self.plans if one.chosen)

    @property
    def may_issue(self) -> bool:
        return self.checked and not self.faults and bool(self.going)


# --- the draft -------------------------------------------------------------------------------------------------------


def draft_of(desk: CountyDesk) -> PackDraft | None:
    kept = desk.workspace.setting(DRAFT, None)
    if kept is None:
        return None
    said = kept["wanted"]
    days = {name: date.fromisoformat(said[name]) for name in DAYS}
    lists = {name: tuple(said[name]) for name in ("forms", "plans")}
    folder = Path(kept["folder"])
    if "params" in said:
        params = tuple(Given(name, Decimal(value), source) for name, value, source in said["params"])
    else:  # a draft from before the county was asked for them
        params = taskfolder.given_params(folder)
    return PackDraft(folder, Wanted(**{**said, **days, **lists, "params": params}))


def choose_folder(desk: CountyDesk, folder: Path) -> PackDraft:
    """Begin a draft from the task in `folder`, as its task.toml has it. SurveyError "task.folder", "task.toml"."""
    draft = PackDraft(folder.resolve(), taskfolder.read_wanted(folder))
    _keep(desk, draft)
    desk.journal("choose_task_folder", folder=folder.name)
    return draft


def change(desk: CountyDesk, **what: Any) -> PackDraft:
    """Change what stands in the pack: title, period_title, any day, forms, plans. DeskError "pack.no_draft"."""
    draft = _draft(desk)
    changed = replace(draft, wanted=replace(draft.wanted, **what))
    _keep(desk, changed)
    return changed


def send_form(desk: CountyDesk, form: str, *, on: bool) -> PackDraft:
    """发 or 不发 a form."""
    forms = _draft(desk).wanted.forms
    return change(desk, forms=tuple(sorted({*forms, form} if on else set(forms) - {form})))


def choose_plan(desk: CountyDesk, plan: str, *, on: bool) -> PackDraft:
    plans = _draft(desk).wanted.plans
    return change(
        desk, plans=(*plans, plan) if on and plan not in plans else tuple(one for one in plans if one != plan or on)
    )


def give_param(desk: CountyDesk, name: str, value: str, source: str = "") -> PackDraft:
    """县里填的数: put in a figure, or take it back with an empty text. DeskError "pack.param_text", "pack.param_source"
    where nobody says where it is from."""
    draft = _draft(desk)
    rest = tuple(one for one in draft.wanted.params if one.name != name)
    if not value.strip():
        return change(desk, params=rest)
    number = figure(value)
    if number is None:
        raise DeskError(
            "pack.param_text",
            happened=f"“{value.strip()}”不是数",
            safe="原来填的数没有改动",
            todo="请只写数，如 412 或 5830.5，单位不用写",
        )
    if not source.strip():
        raise DeskError(
            "pack.param_source",
            happened="没有写这个数是哪里来的",
            safe="原来填的数没有改动",
            todo="请写一句来源，如 县委组织部2025年11月统计",
        )
    return change(desk, params=tuple(sorted((*rest, Given(name, number, source.strip())), key=lambda one: one.name)))


def choose_period(desk: CountyDesk, period: str) -> PackDraft:
    """Another year: titles and days move with it. DeskError "pack.period_text" for what is no year."""
    draft = _draft(desk)
    if not (period.isdigit() and len(period) == 4):
        raise DeskError(
            "pack.period_text",
            happened=f"报告期“{period}”不是年份",
            safe="没有改动任务包",
            todo="请写四位年份，如 2026",
        )
    changed = replace(draft, wanted=moved_to(draft.wanted, period, taskfolder.asked_params(draft.folder)))
    _keep(desk, changed)
    return changed


def add_form(desk: CountyDesk, path: Path) -> PackDraft:
    """加一张 XLSForm: copy a workbook into the folder under its id. DeskError "pack.form_name", "pack.form_there"."""
    draft = _draft(desk)
    name = path.stem[:3].upper()
    if not FORM_FILE.fullmatch(name):
        raise DeskError(
            "pack.form_name",
            happened=f"“{path.name}”开头不是表式编号",
            safe="文件夹里的表式没有改动",
            todo="请把文件名改成 B08.xlsx、T02.xlsx 这样：村填的用 B，乡镇填的用 T",
        )
    target = draft.folder / f"{name}{path.suffix.lower()}"
    if target.resolve() != path.resolve():
        if any((draft.folder / f"{name}{suffix}").exists() for suffix in taskfolder.SHEET_FILES):
            raise DeskError(
                "pack.form_there",
                happened=f"文件夹里已经有 {name}",
                safe="原来的表式没有改动",
                todo="请换一个编号，或者先移走原来的",
            )
        try:
            shutil.copyfile(path, target)
        except OSError as trouble:
            raise DeskError(
                "pack.form_copy",
                happened=f"“{path.name}”没能拷进文件夹",
                safe="文件夹里的表式没有改动",
                todo="请看文件夹是不是只读、硬盘是不是满了",
                detail=str(trouble),
            ) from trouble
    return send_form(desk, name, on=True)


def _draft(desk: CountyDesk) -> PackDraft:
    draft = draft_of(desk)
    if draft is None:
        raise DeskError(
            "pack.no_draft", happened="还没有选表式的文件夹", safe="没有改动任何资料", todo="请先选放着表式的文件夹"
        )
    return draft


def _keep(desk: CountyDesk, draft: PackDraft) -> None:
    said = asdict(draft.wanted)
    said["params"] = [(one.name, f"{one.value:f}", one.source) for one in draft.wanted.params]
    said |= {name: said[name].isoformat() for name in DAYS}
    desk.workspace.set_setting(DRAFT, {"folder": str(draft.folder), "wanted": said})


# --- looked at -------------------------------------------------------------------------------------------------------


def version_of(desk: CountyDesk, period: str) -> int:
    """The number that the next pack of that period has: 1 + the highest ever issued."""
    return 1 + max((one.version for one in packs.held(desk.workspace) if one.period == period), default=0)


def check(desk: CountyDesk, *, progress: Report = silent, cancel: Cancel | None = None) -> BuilderView:
    """检验: look at everything, and remember over what it was done."""
    draft = draft_of(desk)
    if draft is None:
        return view(desk, None)
    seal = seal_of(desk, draft)
    found = inspected(desk, draft, progress=progress, cancel=cancel)
    desk.workspace.set_setting(
        CHECKED, {"seal": seal, "faults": len(found.faults), "at": desk.clock().isoformat(timespec="seconds")}
    )
    return view(desk, found)


def inspected(
    desk: CountyDesk, draft: PackDraft, *, progress: Report = silent, cancel: Cancel | None = None
) -> Inspection:
    """Everything wrong with the folder, and with what was chosen over it."""
    version = version_of(desk, draft.wanted.period)
    found = taskcheck.inspect(draft.folder, draft.wanted, version=version, progress=progress, cancel=cancel)
    more = (*_chosen_faults(desk, draft), *_version_faults(desk, draft, found))
    if not more:
        return found
    return replace(found, faults=(*more, *found.faults), task=None, files={})


def view(desk: CountyDesk, found: Inspection | BuilderView | None) -> BuilderView:
    """found: of the last look, or the view that was made of it; None when there was none since the window opened."""
    draft = draft_of(desk)
    period = draft.wanted.period if draft is not None else ""
    kept = desk.workspace.setting(CHECKED, None)
    fresh = bool(found is not None and draft is not None and kept and kept["seal"] == seal_of(desk, draft))
    from cunbao.desks.county import issuing

    papers = issuing.townships_of(desk)
    offices = offices_of(desk, draft)
    given = {one.name: one for one in draft.wanted.params} if draft is not None else {}
    towns = [one for one in offices if one.level == "township"]
    return BuilderView(
        draft=draft,
        version=version_of(desk, period),
        forms=found.forms if found is not None else (),
        going=found.going if found is not None else frozenset(draft.wanted.forms if draft else ()),
        faults=found.faults if found is not None else (),
        plans=tuple(replace(one, chosen=one.plan in draft.wanted.plans) for one in found.plans)
        if found is not None and draft is not None
        else (),
        params=tuple(replace(one, given=given.get(one.asked.name)) for one in found.params) if found else (),
        must_fix=found.must_fix if found is not None else 0,
        to_explain=found.to_explain if found is not None else 0,
        checked=fresh,
        checked_at=datetime.fromisoformat(kept["at"]) if fresh and kept else None,
        townships=len(towns),
        villages=len(offices) - len(towns),
        uncertified=tuple(one.short for one in towns if one.code not in papers),
        issued=tuple(f"第{one.version}版" for one in packs.held(desk.workspace) if one.period == period),
    )


def offices_of(desk: CountyDesk, draft: PackDraft | None) -> tuple[Office, ...]:
    """Townships and villages that report for the period of the draft, by code; before one was begun, today."""
    day = draft.wanted.ref_date if draft is not None else local_day(desk.clock())
    return tuple(one for one in desk.workspace.offices() if one.level != "county" and one.reports_on(day))


def seal_of(desk: CountyDesk, draft: PackDraft) -> str:
    """One digest over all that a 检验 looked at: any change in files, choices or offices gives another."""
    said = sha256()
    for name, path in sorted(task_files(draft.folder).items()):
        try:
            said.update(f"{name}\n{sha256(path.read_bytes()).hexdigest()}\n".encode())
        except OSError as trouble:
            said.update(f"{name}\n{trouble.errno}\n".encode())
    said.update(repr(draft).encode())
    said.update(repr(desk.workspace.offices()).encode())
    return said.hexdigest()


def _chosen_faults(desk: CountyDesk, draft: PackDraft) -> list[TaskFault]:
    wanted, today = draft.wanted, local_day(desk.clock())
    found = []

    def add(column: str, there: object, what: str, todo: str) -> None:
        found.append(TaskFault("", ABOUT, "", 0, column, str(there), what, todo))

    if not wanted.title.strip():
        add("名称", "", "任务没有名称", "请写上名称，如 2026年度城乡社区服务体系统计")
    if wanted.deadline < today:
        add("村报乡镇", wanted.deadline, f"村报乡镇的日子 {wanted.deadline} 已经过了", "请改成今天以后的日子")
    if wanted.town_deadline < wanted.deadline:
        add("乡镇报县", wanted.town_deadline, "乡镇报县的日子比村报乡镇的还早", "请改成不早于村报乡镇的日子")
    if wanted.valid_until < wanted.deadline:
        add("有效期至", wanted.valid_until, "有效期比截止日期还早", "请改 task.toml 里的 valid_until")
    if wanted.previous and wanted.previous >= wanted.period:
        add(
            "上一期",
            wanted.previous,
            f"上一期 {wanted.previous} 不早于报告期 {wanted.period}",
            "请改 task.toml 里的 previous",
        )
    if not wanted.forms:
        add("报表", "", "一张表也没有选", "请至少选一张表")
    if not any(one.level == "village" for one in offices_of(desk, draft)):
        add("单位", "", "单位名录里还没有村（社区）", "请先在“单位名录”里导入")
    return found


def _version_faults(desk: CountyDesk, draft: PackDraft, found: Inspection) -> list[TaskFault]:
    """Cells of a form that was issued already have changed: its version has to say so, or desks with the earlier pack
    would take the new answers for broken ones."""
    held = [one for one in packs.held(desk.workspace) if one.period == draft.wanted.period]
    if not held or not found.files:
        return []
    before, now = packs.forms_in(desk.workspace.object(held[-1].sha256), held[-1].sha256), packs.forms_from(found.files)
    files = {line.form: line.file for line in found.forms}
    return [
        TaskFault(
            form=name,
            file=files.get(name, name),
            sheet="settings",
            row=2,
            column="version",
            there=form.version,
            found=f"{name} 的格改过，版本号还是第{held[-1].version}版里的 {form.version}",
            remedy=f"请把 version 改大，如 {_next(form.version)}",
        )
        for name, form in now.items()
        if name in before and form.version == before[name].version and form_news(before[name], form).cells
    ]


def _next(version: str) -> str:
    head, dot, last = version.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if last.isdigit() else f"{version}.1"


def watched(draft: PackDraft) -> Mapping[str, Path]:
    """Files to watch, and read again when they are saved."""
    return task_files(draft.folder)
