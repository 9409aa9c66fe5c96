"""The way in and out: a workspace is made from a task pack, unlocked, closed with the day's backup.

One door for every kind of desk: `opened`. Nothing of a workspace but its office's name and its people's can be read
without a password.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cunbao.desks import devices, keyring, ownkeys
from cunbao.desks.clock import LOCAL, Clock, system_clock
from cunbao.desks.seat import Seat
from cunbao.desks.tasks import TASKS, directory_of, pack_view, read_pack, refuse_other_root, take_pack, task_of
from cunbao.desks.views import Person, UnlockView
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError, DeskError
from cunbao.store import Workspace, last_run, write_keys
from cunbao.store.base import DATA_FILE
from cunbao.store.keyfile import KEYS_FILE, flush_folder
from cunbao.store.trouble import told
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.keys import Stretch

KEY_BYTES = 32
PART = ".begin"  # inside the folder: a workspace that is not finished yet, and is nobody's
D = TypeVar("D")  # a desk


def new_id() -> str:
    return uuid.uuid4().hex


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
    keyring.refuse_no_name(person)
    keyring.refuse_short(password)
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
                devices.make_device(workspace, directory.office, person, role=role, now=now)
                devices.note_device(workspace)
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
    make = partial(village_desk, clock=clock, new_id=new_id)
    return with_key(folder, workspace.key, person.name, make, now=clock())


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
    """An empty workspace with its random key locked for its first person, who opens it by `password` (decision 11)."""
    key = os.urandom(KEY_BYTES)
    workspace = Workspace.create(folder, key, kind=kind, now=now)
    first = keyring.new_entry(person, password, key, stretch=stretch)
    write_keys(folder, keyring.new_keys(kind, office, line, title, first))
    workspace.add_person(person.name, person.role, now=now)
    return workspace


def refuse_occupied(folder: Path) -> None:
    if (folder / DATA_FILE).exists():
        raise DeskError(
            "folder.occupied",
            happened=f"文件夹“{folder.name}”里已经有资料",
            safe="里面的文件一个也没有改动",
            todo="请打开原来的资料，或换一个空文件夹",
        )


# --- unlocking -------------------------------------------------------------------------------------------------------


def unlock_view(folder: Path, now: datetime) -> UnlockView:
    """What can be said before the password: office, people, when it was last closed, how many tries are left."""
    keys = keyring.keys_of(folder)
    before = last_run(folder)
    wrong = keyring.tries(folder)
    people = [Person(one["person"], one["role"]) for one in keys["wraps"]]
    return UnlockView(
        folder=folder,
        office=keys["office"]["line"],
        line=keys["office"].get("title", ""),
        people=tuple(sorted(people, key=lambda one: one.name != wrong.last)),
        last=before.closed_at,
        backed_up=before.backed_up,
        tries_left=max(0, keyring.TRIES - wrong.count),
        wait_until=keyring.paused(wrong, now),
        may_recover=bool(keys.get("recovery")),
        recovery_asked=(folder / keyring.RECOVERY_FILE).exists(),
    )


def opened(
    folder: Path,
    person: str,
    password: str,
    make: Callable[[Workspace, Person], D],
    *,
    clock: Clock = system_clock,
    read_only: bool = False,
) -> D:
    """The door: the workspace in `folder` unlocked by this person's password, and the desk that `make` puts into it.

    StoreError "workspace.busy", ".damaged", ".newer" …; TrustError for the password. What goes wrong in `make` closes
    the workspace again."""
    now = clock()
    key = keyring.data_key(folder, person, password, now=now)

    def renewed(workspace: Workspace, who: Person) -> D:
        keyring.renew(workspace, person, password, now=now)
        return make(workspace, who)

    return with_key(folder, key, person, renewed, now=now, read_only=read_only)


def with_key(
    folder: Path,
    key: bytes,
    person: str,
    make: Callable[[Workspace, Person], D],
    *,
    now: datetime,
    read_only: bool = False,
) -> D:
    """The same with the database key in hand, as after an answer to a forgotten password."""
    workspace = Workspace.open(folder, key, now=now, read_only=read_only)
    try:
        return make(workspace, keyring.person_of(folder, person))
    except BaseException:
        workspace.close(now=now)
        raise


def unlock(
    folder: Path,
    person: str,
    password: str,
    *,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = new_id,
    read_only: bool = False,
) -> VillageDesk:
    """Open a village's workspace; errors as of `opened`.

    A clock behind the last entry is not an error: the desk opens with `clock_doubt`, and signing waits."""
    make = partial(village_desk, clock=clock, new_id=new_id)
    return opened(folder, person, password, make, clock=clock, read_only=read_only)


def village_desk(
    workspace: Workspace, person: Person, *, clock: Clock, new_id: Callable[[], str] = new_id
) -> VillageDesk:
    """The desk of an open village workspace."""
    desk = VillageDesk(
        workspace=workspace,
        task=task_of(workspace).at("village"),
        directory=directory_of(workspace.offices(), workspace.setting("office", "")),
        person=person,
        clock=clock,
        new_id=new_id,
        read_only=workspace.read_only,
        clock_doubt=workspace.clock_doubt,
    )
    ownkeys.ensure(desk)
    return desk


# --- the end ---------------------------------------------------------------------------------------------------------


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
