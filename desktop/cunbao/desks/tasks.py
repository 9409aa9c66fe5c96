"""The task of a workspace: a pack 任务包 looked at and taken, its folder laid beside the database, forms read from it.

Nothing of a pack is believed before its signature was verified under its own root, and the root by a person.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cunbao.desks import keyring, packs
from cunbao.desks.views import PackView
from cunbao.desks.village.desk import Directory
from cunbao.errors import CunbaoError, DeskError
from cunbao.store import Workspace
from cunbao.store.trouble import told
from cunbao.survey.codes import grouped
from cunbao.survey.task import Task, load_task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack

TASKS = "task"  # folder beside the database
KEPT = 4  # tasks that were read last
_read_last: dict[tuple[str, bool], Task] = {}  # digest of the files, sample → task; the oldest first
_reading = Lock()


def look_at_pack(path: Path) -> PackView:
    """What a .cbtask says and whether its signature holds. Never raises for a bad file: `valid`, `why_not` say so."""
    try:
        pack = read_pack(path.read_bytes())
    except OSError as trouble:
        return _no_pack(path, f"文件读不出来：{trouble.strerror}")
    except CunbaoError as trouble:
        return _no_pack(path, trouble.happened)
    return pack_view(pack, path)


def pack_view(pack: TaskPack, path: Path | None) -> PackView:
    from cunbao.trust.certs import fingerprint24, read_certificate

    villages = [one for one in pack.offices if one.level == "village"]
    names = {one.code: one for one in pack.offices}
    return PackView(
        path=path,
        title=pack.title,
        county=read_certificate(pack.root).county,
        period_title=pack.period_title,
        issued_at=pack.issued_at,
        root_code=grouped(fingerprint24(pack.root)),
        valid=True,
        why_not="",
        offices=tuple(
            (one.code, f"{names[one.parent].short} {one.name}" if one.parent in names else one.name) for one in villages
        ),
    )


def _no_pack(path: Path, why: str) -> PackView:
    return PackView(
        path=path,
        title=path.stem,
        county="",
        period_title="",
        issued_at=None,
        root_code="",
        valid=False,
        why_not=why,
        offices=(),
    )


def packs_on(folders: Sequence[Path]) -> tuple[PackView, ...]:
    """Valid task packs lying on the given places, newest first."""
    found = [look_at_pack(path) for folder in folders for path in sorted(folder.glob("*.cbtask"))]
    found = [one for one in found if one.valid]
    return tuple(sorted(found, key=lambda one: str(one.issued_at), reverse=True))


def read_pack(data: bytes) -> TaskPack:
    """The pack of those bytes, verified under its own root (the caller compares the root). ExchangeError otherwise."""
    from cunbao.exchange.taskpack import read_taskpack

    return read_taskpack(data)


def take_pack(workspace: Workspace, pack: TaskPack, data: bytes) -> None:
    """Keep the pack as an object and lay its task folder beside the database, whence forms are read. The packs before
    stay; the newest version of the newest period is worked with."""
    digest = workspace.add_object("taskpack", data)
    packs.remember(workspace, pack, digest)
    workspace.set_setting("townships", {code: [der.hex() for der in ders] for code, ders in pack.townships.items()})
    workspace.set_setting("root", pack.root.hex())
    lay_out_task(workspace.folder / TASKS / digest[:16], pack)
    keyring.rewrap_recovery(workspace, workspace.setting("office", ""), pack)


def task_of(workspace: Workspace, period: str = "") -> Task:
    """The task of the workspace's pack, or of the newest pack of an earlier `period`. Its files lie beside the database
    unencrypted, so they are compared with what the county signed, and laid out again when they were lost or changed."""
    digest, files = workspace.setting("taskpack", ""), workspace.setting("task_files", "")
    if period:
        asked = packs.of_period(workspace, period)
        digest, files = asked.sha256, asked.files
    folder = workspace.folder / TASKS / digest[:16]
    if packs.digest_of(_files_in(folder)) != files:
        try:
            shutil.rmtree(folder, ignore_errors=True)
            lay_out_task(folder, read_pack(workspace.object(digest)))
        except OSError as trouble:
            raise told(trouble, workspace.folder, doing="打不开") from trouble
    task = packs.with_earlier(workspace, _read(folder, files, sample=workspace.setting("sample", False)))
    deadline = "" if period else workspace.setting("practice/deadline", "")
    if not deadline:
        return task
    day = date.fromisoformat(deadline)
    later = {form: one + (day - task.deadline) for form, one in task.deadlines.items()}
    return replace(task, deadline=day, deadlines=later)


def _read(folder: Path, files: str, *, sample: bool) -> Task:
    """The task in `folder`, whose files have that digest. What was read last is kept: a desk that goes between periods,
    and a program that opens one workspace after another, read the same few tasks again and again."""
    known = (files, sample)
    with _reading:
        task = _read_last.pop(known, None) or load_task(folder, folder / "compiled", sample=sample or None)
        _read_last[known] = task
        if len(_read_last) > KEPT:
            del _read_last[next(iter(_read_last))]
    return task


def lay_out_task(folder: Path, pack: TaskPack) -> None:
    """The pack's files as a folder; made under a part name first, so that it is whole or not there."""
    if folder.exists():
        return
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for name, data in pack.files.items():
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    part.rename(folder)


def _files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def directory_of(offices: Sequence[Office], code: str) -> Directory:
    by_code = {one.code: one for one in offices}
    office = by_code.get(code)
    if office is None or office.level != "village":
        raise DeskError(
            "office.not_in_pack",
            happened=f"任务包里没有单位 {code}",
            safe="没有建立任何资料",
            todo="请核对12位代码；名录里确实没有的，请县里补进任务包",
        )
    township = by_code[code[:9] + "000"]
    return Directory(office=office, township=township, county=by_code[code[:6] + "000000"])


def refuse_other_root(pack: PackView, typed: str) -> None:
    if "".join(typed.split()) != pack.root_code.replace(" ", ""):
        raise DeskError(
            "pack.root",
            happened="输入的比对码和任务包里县级根证书的不一样",
            safe="没有采用这个任务包",
            todo="请对照县里印发的通知再核一遍；真的不同就打电话问县民政局，不要用这个任务包",
        )
