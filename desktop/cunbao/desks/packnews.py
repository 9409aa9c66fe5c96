"""What a task pack would change here, said before it is taken: forms, checks, days, the directory. Changes nothing.

The same for village, township and county; what it means for what was filled and signed is added by `village.newpack`.
Source: ui/design.md county-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import ledger, packs, tasks
from cunbao.errors import DeskError
from cunbao.store import Workspace
from cunbao.survey.form import Form
from cunbao.survey.formnews import FormNews, form_news, label_of
from cunbao.survey.task import Task, read_checks
from cunbao.survey.taskfile import TASK_FILE, forms_of, read_toml

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack

NEW, GONE, CELLS, TEXTS, SAME = "new", "gone", "cells", "texts", "same"
WORDS = {NEW: "新加的表", GONE: "不再要填", CELLS: "格改过", TEXTS: "只改了文字或审核", SAME: "没有变"}
MOST_NAMED = 4  # cells of a form that are named; the rest are counted


@dataclass(frozen=True, slots=True)
class FormChange:
    """One form of the pack, or one that it has no more. added, gone, changed: words of the cells; happens: what becomes
    of what is here, "" where nothing is."""

    form: str
    title: str
    kind: str
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    happens: str = ""

    @property
    def words(self) -> str:
        """加了 2 格：甲、乙；去掉 1 格：丙."""
        parts = (("加了", self.added), ("去掉", self.gone), ("改了", self.changed))
        said = [f"{verb} {len(names)} 格：{_some(names)}" for verb, names in parts if names]
        return "；".join(said) or WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class PackNews:
    """A pack beside what is held. before: 2025年度 第1版, "" when its period is new here; next_period: it opens a
    period that is not here yet; lines: what else changes, a sentence each."""

    path: Path
    title: str
    period: str
    period_title: str
    version: int
    issued_at: datetime
    before: str
    next_period: bool
    forms: tuple[FormChange, ...]
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.period_title} 第{self.version}版"


def read(workspace: Workspace, path: Path) -> tuple[TaskPack, bytes]:
    """The pack in a file, verified under the root trusted here. ExchangeError "task.other_root", "task.…"; DeskError
    "file.unreadable", and whatever `packs.refuse_stale` says."""
    from cunbao.exchange import limits

    try:
        if path.stat().st_size > limits.TASK.file:
            raise OSError(f"{path.stat().st_size} bytes")
        data = path.read_bytes()
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来，或不是任务包",
            safe="没有改动任何资料，原来的任务还在",
            todo="请看 U 盘插好了没有，选 .cbtask 文件再试",
            detail=str(trouble),
        ) from trouble
    return verified(workspace, data), data


def verified(workspace: Workspace, data: bytes) -> TaskPack:
    """The pack of those bytes under the root trusted here; refused when it brings nothing new."""
    from cunbao.exchange.taskpack import read_taskpack

    root = workspace.setting("root", "")
    pack = read_taskpack(data, roots=(bytes.fromhex(root),) if root else ())
    packs.refuse_stale(workspace, pack)
    return pack


def pack_of(data: bytes) -> TaskPack:
    """The pack of bytes that were verified before."""
    from cunbao.exchange.taskpack import read_taskpack

    return read_taskpack(data)


def news_of(workspace: Workspace, task: Task | None, pack: TaskPack, path: Path, *, level: str = "") -> PackNews:
    """task: the one of the pack's period that is worked with, None when there is none; level: only the forms that these
    offices fill."""
    own = next((one for one in packs.periods(workspace) if one.period == pack.period), None)
    before = task.whole if task is not None and own is not None and task.period == pack.period else None
    table = read_toml(pack.files[TASK_FILE])
    levels = {name: str(part.get("level", "")) for name, part in forms_of(table).items()}
    now = {name: form for name, form in packs.forms_from(pack.files).items() if not level or levels[name] == level}
    return PackNews(
        path=path,
        title=pack.title,
        period=pack.period,
        period_title=pack.period_title,
        version=pack.version,
        issued_at=pack.issued_at,
        before=own.name if own is not None else "",
        next_period=own is None,
        forms=_forms(before, now, level),
        lines=tuple(_lines(before, table, pack)),
    )


def changes(before: Task, pack: TaskPack) -> dict[str, FormNews]:
    """form → what the pack changes of it, of the forms that both have."""
    now = packs.forms_from(pack.files)
    return {name: form_news(before.whole.forms[name], form) for name, form in now.items() if name in before.whole.forms}


def recount(workspace: Workspace, before: Task, pack: TaskPack) -> None:
    """What counts of forms whose cells are other ones now goes into the form tables anew, once the pack is taken."""
    moved = [form for form, told in changes(before, pack).items() if told.cells]
    if moved:
        ledger.recount(workspace, tasks.task_of(workspace, pack.period), moved)


def _forms(before: Task | None, now: Mapping[str, Form], level: str) -> tuple[FormChange, ...]:
    old = before.at(level).forms if before is not None and level else before.forms if before is not None else {}
    found = []
    for name, form in now.items():
        if name not in old:
            found.append(FormChange(name, form.title, NEW))
            continue
        told = form_news(old[name], form)
        found.append(
            FormChange(
                form=name,
                title=form.title,
                kind=CELLS if told.cells else TEXTS if told.texts else SAME,
                added=tuple(label_of(form, one) for one in told.added),
                gone=tuple(label_of(old[name], one) for one in told.gone),
                changed=tuple(
                    label_of(form, one) for one in (*told.retyped, *told.moved) if not form.by_name[one].hidden
                ),
            )
        )
    return (*found, *(FormChange(name, old[name].title, GONE) for name in old if name not in now))


def _lines(before: Task | None, table: Mapping[str, object], pack: TaskPack) -> list[str]:
    deadline = table.get("deadline")
    if before is None:
        return [f"截止 {deadline}"]
    found = []
    if deadline != before.deadline:
        found.append(f"截止日期由 {before.deadline} 改为 {deadline}")
    rules = {one.id: one for one in read_checks(pack.files["checks.csv"])} if "checks.csv" in pack.files else {}
    mine = {one.id: one for one in before.checks}
    theirs = {name: one for name, one in rules.items() if all(form in forms_of(table) for form in one.forms)}
    added, gone = len(theirs.keys() - mine.keys()), len(mine.keys() - theirs.keys())
    other = sum(theirs[name] != mine[name] for name in theirs.keys() & mine.keys())
    told = [f"{verb} {count} 条" for verb, count in (("加了", added), ("去掉", gone), ("改了", other)) if count]
    if told:
        found.append(f"审核关系{'，'.join(told)}；不用重新签名，没签的重新检查")
    plans = table.get("plans", [])
    if isinstance(plans, list) and tuple(plans) != before.plans:
        found.append("按哪些规划算变了")
    return found


def _some(names: tuple[str, ...]) -> str:
    return "、".join(names[:MOST_NAMED]) + ("等" if len(names) > MOST_NAMED else "")
