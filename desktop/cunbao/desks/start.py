"""The way in: a task pack is looked at and taken, a workspace is made, unlocked, restored.

Passwords open wraps in keys.json; nothing of a workspace but its office's name and its people's can be read without.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, packs
from cunbao.desks.clock import LOCAL, Clock, system_clock
from cunbao.desks.seat import Seat
from cunbao.desks.views import PackView, Person, UnlockView
from cunbao.desks.village.desk import Directory, VillageDesk
from cunbao.errors import CunbaoError, DeskError, TrustError
from cunbao.store import Workspace, last_run, read_keys, write_keys
from cunbao.store.base import DATA_FILE
from cunbao.store.keyfile import KEYS_FILE, flush_folder
from cunbao.store.trouble import foreign, told
from cunbao.survey.codes import grouped
from cunbao.survey.task import Task, load_task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack
    from cunbao.trust.keys import Stretch

KEY_BYTES = 32
TRIES = 5  # wrong passwords before a pause
PAUSE = timedelta(minutes=1)
LEAST_PASSWORD = 6  # characters
PART = ".begin"  # inside the folder: a workspace that is not finished yet, and is nobody's
TASKS = "task"
TRIES_FILE = "tries.json"  # beside keys.json: counted before anything can be opened
RECOVERY_FILE = "recovery.json"  # beside keys.json: a request for a new password that waits for its answer


def new_id() -> str:
    return uuid.uuid4().hex


# --- a task pack -----------------------------------------------------------------------------------------------------


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


# --- a new workspace -------------------------------------------------------------------------------------------------


def begin(
    folder: Path,
    pack_data: bytes,
    *,
    office: str,
    person: Person,
    password: str,
    root_code: str,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = new_id,
    sample: bool = False,
    stretch: Stretch | None = None,
) -> VillageDesk:
    """Make the workspace of village `office` from a task pack; `person` is its first signer.

    root_code: the 24 digits typed from the printed notice; DeskError "pack.root" when they differ from the pack's.
    DeskError "office.not_in_pack", "password.short"; a folder that could not be finished is removed again.
    stretch: how passwords are stretched, None: as trust has it."""
    from cunbao.trust.certs import CertRole

    pack = read_pack(pack_data)
    refuse_no_name(person)
    refuse_short(password)
    refuse_other_root(pack_view(pack, None), root_code)
    directory = directory_of(pack.offices, office)
    refuse_occupied(folder)
    made, now = not folder.exists(), clock()
    part = folder / PART
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)  # of a beginning that was cut off
        workspace = make_workspace(
            part,
            directory.office,
            person,
            password,
            kind="village",
            line=directory.line,
            title=f"{directory.county.short} · 村级 · {pack.period_title}",
            now=now,
            stretch=stretch,
        )
        try:
            with workspace.atomic():
                for one in (directory.office, directory.township, directory.county):
                    workspace.add_office(one)
                workspace.set_setting("sample", sample)
                workspace.set_setting("office", office)
                take_pack(workspace, pack, pack_data)
                role = CertRole.VILLAGE_DEVICE
                devices.make_device(workspace, directory.office, person, password, role=role, now=now, stretch=stretch)
                note_device(workspace)
                workspace.journal("begin", person.name, {"office": office, "task": pack.task}, now=now)
        finally:
            workspace.close(now=now)
        _put_in_place(part, folder)
    except BaseException as trouble:
        shutil.rmtree(part, ignore_errors=True)
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(trouble, OSError):
            raise told(trouble, folder, doing="没有建成") from trouble
        raise
    return open_with_key(folder, workspace.key, person.name, clock=clock, new_id=new_id)


def _put_in_place(part: Path, folder: Path) -> None:
    """Move a finished workspace up; the database last, because with it the workspace is there."""
    shutil.rmtree(folder / TASKS, ignore_errors=True)
    for name in (KEYS_FILE, TASKS, DATA_FILE):
        (part / name).replace(folder / name)
    flush_folder(folder)
    shutil.rmtree(part, ignore_errors=True)


def make_workspace(
    folder: Path,
    office: Office,
    person: Person,
    password: str,
    *,
    kind: str,
    line: str,
    now: datetime,
    title: str = "",
    stretch: Stretch | None = None,
) -> Workspace:
    """An empty workspace with its random key wrapped by the first person's password (decision 11)."""
    from cunbao.trust.keys import DEFAULT_STRETCH, wrap_secret

    key = os.urandom(KEY_BYTES)
    workspace = Workspace.create(folder, key, kind=kind, now=now)
    wrap = wrap_secret(key, password, label=f"data:{person.name}", stretch=stretch or DEFAULT_STRETCH)
    write_keys(
        folder,
        {
            "v": 1,
            "kind": kind,
            "office": {"code": office.code, "line": line, "title": title},
            "wraps": [{"person": person.name, "role": person.role, "wrap": wrap}],
            "recovery": [],
            "root": "",  # DER in hex; public, so that an answer to a forgotten password can be judged before opening
            "device": "",  # key_id of the signing key; public, so that a lost one can be named
        },
    )
    workspace.add_person(person.name, person.role, now=now)
    return workspace


def take_pack(workspace: Workspace, pack: TaskPack, data: bytes) -> None:
    """Keep the pack as an object and lay its task folder beside the database, whence forms are read. The packs before
    stay; the newest version of the newest period is worked with."""
    digest = workspace.add_object("taskpack", data)
    packs.remember(workspace, pack, digest)
    workspace.set_setting("townships", {code: [_hex(der) for der in ders] for code, ders in pack.townships.items()})
    workspace.set_setting("root", _hex(pack.root))
    lay_out_task(workspace.folder / TASKS / digest[:16], pack)
    rewrap_recovery(workspace, workspace.setting("office", ""), pack)


def rewrap_recovery(workspace: Workspace, office: str, pack: TaskPack) -> None:
    """Let the township and the county of `office` open the data key again when a password is forgotten; anew only
    when the pack brings other decryption certificates than those it is wrapped to (protocol §4)."""
    if office.endswith("000000"):  # a county has nobody above it
        return
    town = pack.townships.get(office[:9] + "000")
    superiors = [pack.county[1], *([town[2]] if town and not office.endswith("000") else [])]
    rewrap(workspace, office, superiors, root=pack.root)


def rewrap(workspace: Workspace, office: str, superiors: Sequence[bytes], *, root: bytes = b"") -> None:
    """The same to these decryption certificates (DER). root: to be named from now on, b"" the one that is."""
    from cunbao.exchange.recovery import wrap_label
    from cunbao.trust.recovery import recovery_wrap

    to = sorted(sha256(one).hexdigest() for one in superiors)
    keys = read_keys(workspace.folder)
    named = _hex(root) if root else keys.get("root", "")
    if keys.get("root") == named and any(one["to"] == to for one in keys["recovery"]):
        return
    keys["root"] = named
    keys["recovery"] = [{**recovery_wrap(workspace.key, superiors, label=wrap_label(office)), "to": to}]
    write_keys(workspace.folder, keys)


def note_device(workspace: Workspace) -> None:
    """Name this computer's signing key in keys.json."""
    keys = read_keys(workspace.folder)
    keys["device"] = devices.device(workspace).read.key_id
    write_keys(workspace.folder, keys)


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
    task = load_task(folder, folder / "compiled", sample=True if workspace.setting("sample", False) else None)
    task = packs.with_earlier(workspace, task)
    deadline = "" if period else workspace.setting("practice/deadline", "")
    return replace(task, deadline=date.fromisoformat(deadline)) if deadline else task


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


def refuse_no_name(person: Person) -> None:
    if not person.name.strip():
        raise DeskError(
            "person.unnamed", happened="没有写姓名", safe="没有改动任何资料", todo="请写上姓名，签名和日志都记这个名字"
        )


def refuse_occupied(folder: Path) -> None:
    if (folder / DATA_FILE).exists():
        raise DeskError(
            "folder.occupied",
            happened=f"文件夹“{folder.name}”里已经有资料",
            safe="里面的文件一个也没有改动",
            todo="请打开原来的资料，或换一个空文件夹",
        )


def refuse_short(password: str) -> None:
    if len(password) < LEAST_PASSWORD:
        raise DeskError(
            "password.short",
            happened=f"密码只有 {len(password)} 个字",
            safe="没有改动任何资料",
            todo=f"请至少用 {LEAST_PASSWORD} 个字，好记又不容易猜的",
        )


def refuse_other_root(pack: PackView, typed: str) -> None:
    if "".join(typed.split()) != pack.root_code.replace(" ", ""):
        raise DeskError(
            "pack.root",
            happened="输入的比对码和任务包里县级根证书的不一样",
            safe="没有采用这个任务包",
            todo="请对照县里印发的通知再核一遍；真的不同就打电话问县民政局，不要用这个任务包",
        )


# --- unlocking -------------------------------------------------------------------------------------------------------


def keys_of(folder: Path) -> dict[str, Any]:
    """keys.json with office and wraps. StoreError "workspace.foreign" when it holds anything else."""
    keys = read_keys(folder)
    try:
        whole = bool(keys["wraps"]) and all({"person", "role", "wrap"} <= one.keys() for one in keys["wraps"])
        whole = whole and isinstance(keys["office"]["line"], str)
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise foreign(folder, detail=KEYS_FILE)
    return keys


def unlock_view(folder: Path, now: datetime) -> UnlockView:
    """What can be said before the password: office, people, when it was last closed, how many tries are left."""
    keys = keys_of(folder)
    before = last_run(folder)
    wrong = _tries(folder)
    people = [Person(one["person"], one["role"]) for one in keys["wraps"]]
    return UnlockView(
        folder=folder,
        office=keys["office"]["line"],
        line=keys["office"].get("title", ""),
        people=tuple(sorted(people, key=lambda one: one.name != wrong["last"])),
        last=before.closed_at,
        backed_up=before.backed_up,
        tries_left=max(0, TRIES - wrong["count"]),
        wait_until=_paused(wrong["until"], now),
        may_recover=bool(keys.get("recovery")),
        recovery_asked=(folder / RECOVERY_FILE).exists(),
    )


def data_key(folder: Path, person: str, password: str, *, now: datetime) -> bytes:
    """The database key. TrustError "password.wrong" with the tries that are left, "password.wait" during the pause.

    A wrong password never deletes anything."""
    from cunbao.trust.keys import unwrap_secret

    keys = keys_of(folder)
    wrong = _tries(folder)
    until = _paused(wrong["until"], now)
    if until is not None:
        raise TrustError(
            "password.wait",
            happened=f"密码输错了 {TRIES} 次",
            safe="资料都在，输错不会删资料",
            todo=f"请等到 {until.astimezone(LOCAL):%H:%M:%S} 再试",
        )
    wrap = next((one["wrap"] for one in keys["wraps"] if one["person"] == person), None)
    if wrap is None:
        raise DeskError("person.unknown", happened=f"没有叫{person}的人", safe="资料都在", todo="请在名单里选一个人")
    try:
        key = unwrap_secret(wrap, password, label=f"data:{person}")
    except TrustError as trouble:
        if trouble.code != "password.wrong":
            raise
        left = _count_wrong(folder, wrong["count"] + 1, now, last=wrong["last"])
        raise TrustError(
            "password.wrong",
            happened="密码不对",
            safe="资料都在，输错不会删资料",
            todo=f"还可以试 {left} 次" if left else "请等 1 分钟再试；忘了密码可以向乡镇申请恢复",
        ) from trouble
    _note_tries(folder, count=0, until="", last=person)
    return key


def unlock(
    folder: Path,
    person: str,
    password: str,
    *,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = new_id,
    read_only: bool = False,
) -> VillageDesk:
    """Open a village's workspace. StoreError "workspace.busy", ".damaged", ".newer" …; TrustError for the password.

    A clock behind the last entry is not an error: the desk opens with `clock_doubt`, and signing waits."""
    now = clock()
    return open_with_key(
        folder, data_key(folder, person, password, now=now), person, clock=clock, new_id=new_id, read_only=read_only
    )


def open_with_key(
    folder: Path,
    key: bytes,
    person: str,
    *,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = new_id,
    read_only: bool = False,
) -> VillageDesk:
    now = clock()
    workspace = Workspace.open(folder, key, now=now, read_only=read_only)
    try:
        code = workspace.setting("office", "")
        offices = workspace.offices()
        keys = keys_of(folder)
        role = next(one["role"] for one in keys["wraps"] if one["person"] == person)
        desk = VillageDesk(
            workspace=workspace,
            task=task_of(workspace).at("village"),
            directory=directory_of(offices, code),
            person=Person(person, role),
            clock=clock,
            new_id=new_id,
            read_only=read_only,
            clock_doubt=workspace.clock_doubt,
        )
    except BaseException:
        workspace.close(now=now)
        raise
    return desk


def close(desk: VillageDesk) -> None:
    """Close a village's desk in order, with the day's backup."""
    close_with_backup(desk)


def close_with_backup(desk: Seat) -> None:
    """Close in order, with a verified backup once a day, so that ten backups are ten days. One that fails never keeps
    the window open: the next start says when the last one was."""
    from cunbao.desks import settings

    backed_up = not desk.read_only and not desk.workspace.backup_due(desk.clock().astimezone(LOCAL))
    if not desk.read_only and not backed_up:
        try:
            settings.back_up(desk)
            backed_up = True
        except CunbaoError:
            backed_up = False
    desk.close(backed_up=backed_up)


def _paused(until: datetime | None, now: datetime) -> datetime | None:
    """The end of the pause, None when there is none. Never longer than PAUSE: a clock that was ahead when the pause
    began, and was put right since, must not lock anybody out for years."""
    return until if until is not None and now < until <= now + PAUSE else None


def _tries(folder: Path) -> dict[str, Any]:
    """count: wrong passwords since the last right one; until: end of the pause; last: who opened last."""
    try:
        kept = json.loads((folder / TRIES_FILE).read_text("utf-8"))
        until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
        return {"count": int(kept["count"]), "until": until, "last": str(kept.get("last", ""))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"count": 0, "until": None, "last": ""}


def _count_wrong(folder: Path, count: int, now: datetime, *, last: str) -> int:
    """Remember one more wrong try; after the last one the pause begins and the count starts anew."""
    until = (now + PAUSE).isoformat() if count >= TRIES else ""
    _note_tries(folder, count=0 if until else count, until=until, last=last)
    return max(0, TRIES - count)


def forget_tries(folder: Path, *, last: str) -> None:
    """Count wrong passwords from none again; `last` is asked first next time."""
    _note_tries(folder, count=0, until="", last=last)


def _note_tries(folder: Path, *, count: int, until: str, last: str) -> None:
    said = {"count": count, "until": until, "last": last}
    # a read-only medium keeps no count; the password is asked there all the same
    with suppress(OSError):
        (folder / TRIES_FILE).write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def _hex(data: bytes) -> str:
    return data.hex()
