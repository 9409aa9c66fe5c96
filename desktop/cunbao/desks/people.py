"""人员: who can open this desk, under whose name it signs, and what each holds. The same for village, township, county.

Everybody has a password and a pair of keys of his own (`keyring`); what is shared at a desk is locked for each of them.
Who is removed takes nothing along that opens what is written from then on: the database gets another key.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass

from cunbao.desks import devices, keyring, ownkeys, settings, tasks
from cunbao.desks.seat import Seat
from cunbao.desks.views import Person
from cunbao.errors import CunbaoError, DeskError
from cunbao.progress import Cancel, Report, silent
from cunbao.store import Backup, Workspace, rekey

SHARED = ("device/signing", "township_ca")  # settings of keys that every signer of a desk holds, each locked for him
# A county's root is one person's (setting "root:…"): it is given to nobody by the way.
WORDS = {"device/signing": "签名", "township_ca": "核准电脑", "root": "签发证书"}  # what a key is for
DATA_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of them. here: it is he who sits here; may_sign: the desk's key opens by his password; renewed: he has keys
    of his own (not before he has opened once since there are any)."""

    name: str
    role: str
    here: bool
    may_sign: bool
    renewed: bool


def people(desk: Seat) -> tuple[Colleague, ...]:
    """All who can open this desk, in the order in which they came."""
    folder = desk.workspace.folder
    waiting = keyring.not_renewed(folder)
    return tuple(
        Colleague(
            one.name,
            one.role,
            one.name == desk.person.name,
            devices.may_sign(desk.workspace, one),
            one.name not in waiting,
        )
        for one in keyring.people_of(folder)
    )


def add(desk: Seat, person: Person, password: str, *, own_password: str) -> None:
    """Let another person open this desk and sign, by a password of his own: the keys that are shared here are locked
    for him too (protocol §4). DeskError "person.known", "person.unnamed", "password.short"; TrustError
    "password.wrong"."""
    person = Person(" ".join(person.name.split()), person.role)
    keyring.refuse_no_name(person)
    keyring.refuse_short(password)
    workspace = desk.workspace
    data = keyring.data_key(workspace.folder, desk.person.name, own_password, now=desk.clock())
    keyring.refuse_known(workspace.folder, person)
    entry = keyring.new_entry(person, password, data)
    given = _held(desk, own_password)
    with workspace.atomic():
        workspace.add_person(person.name, person.role, now=desk.clock())
        for name, secret in given.items():
            devices.keep_secret(workspace, name, person, secret, entry=entry)
        desk.journal("add_person", name=person.name, role=person.role)
        keyring.add_entry(workspace, entry)  # last, inside the transaction


def let_sign(desk: Seat, person: Person, *, own_password: str) -> None:
    """Give a known person what this one holds of the keys that are shared here, after a recovery made some new.

    TrustError "password.wrong", "signer.unknown" when the one who gives has none himself; DeskError
    "person.not_renewed"."""
    workspace = desk.workspace
    keyring.data_key(workspace.folder, desk.person.name, own_password, now=desk.clock())
    given = _held(desk, own_password)
    if not given:
        devices.unlock_signer(workspace, desk.person, own_password)  # who holds nothing gives nothing, and is told so
    with workspace.atomic():
        for name, secret in given.items():
            devices.keep_secret(workspace, name, person, secret)
        desk.journal("let_sign", name=person.name)


def change_password(desk: Seat, old: str, new: str) -> None:
    """Change this person's password. All that is locked for him opens by the new one: signing key, a township's CA key,
    a county's root (protocol §4). TrustError "password.wrong"; DeskError "password.short"."""
    keyring.refuse_short(new)
    folder = desk.workspace.folder
    keyring.data_key(folder, desk.person.name, old, now=desk.clock())  # counts a wrong one
    keyring.renew(desk.workspace, desk.person.name, old, now=desk.clock())
    with desk.workspace.atomic():
        desk.journal("change_password")
        keyring.change_password(folder, desk.person.name, old, new)  # last, inside the transaction


@dataclass(frozen=True, slots=True)
class Removed:
    """before: the backup of just before; it and all older ones still open by his password. after: the first one that
    does not, None when it could not be written. certificate: number of his own, which the township is to revoke."""

    name: str
    before: Backup
    after: Backup | None
    certificate: str = ""


def remove(
    desk: Seat, name: str, *, own_password: str, progress: Report = silent, cancel: Cancel | None = None
) -> Removed:
    """移出 a person: the database gets another key, locked for everybody else and for the superiors. What he could open
    until now he still can in copies from until now: older backups (protocol §4).

    DeskError "person.self", "person.unknown", "people.not_renewed" (who has not opened for long has no keys for which
    another database key could be locked), "person.last_holder"; TrustError "password.wrong"; StoreError as of `rekey`.
    Then nothing has changed."""
    workspace, folder = desk.workspace, desk.workspace.folder
    gone = keyring.person_of(folder, name)
    _refuse_removing(desk, gone)
    keyring.data_key(folder, desk.person.name, own_password, now=desk.clock())
    if keyring.unnamed_superiors(folder):
        pack = tasks.read_pack(workspace.object(workspace.setting("taskpack", "")))
        keyring.rewrap_recovery(workspace, desk.office.code, pack)
    key = os.urandom(DATA_KEY_BYTES)
    locks = secrets_of(workspace, name)

    def leaves(changed: Workspace) -> None:
        with changed.atomic():
            for one in locks:
                changed.set_setting(one, None)
            changed.add_person(gone.name, gone.role, now=desk.clock(), active=False)
            changed.journal("remove_person", desk.person.name, {"name": name, "role": gone.role}, now=desk.clock())

    before = rekey(
        workspace,
        key,
        keyring.keys_without(folder, name, key),
        now=desk.clock(),
        change=leaves,
        progress=progress,
        cancel=cancel,
    )
    with suppress(OSError):  # an answer to it would lead to the old key; `recovery.take` says so
        (folder / keyring.RECOVERY_FILE).unlink(missing_ok=True)
    after = None
    with suppress(CunbaoError):  # he is out; that the place for backups is full or gone is told by `after`
        after = settings.back_up(desk)
    own = ownkeys.cards(workspace).get(name)
    return Removed(name, before, after, own.certificate_no if own is not None and own.enrolled else "")


def _refuse_removing(desk: Seat, gone: Person) -> None:
    if gone.name == desk.person.name:
        raise DeskError(
            "person.self",
            happened="不能移出自己",
            safe="没有改动任何密码",
            todo="请别的人打开这份资料，由他来办",
        )
    waiting = [one for one in keyring.not_renewed(desk.workspace.folder) if one != gone.name]
    if waiting:
        raise DeskError(
            "people.not_renewed",
            happened=f"还有人升级以后没有打开过这份资料：{'、'.join(waiting)}",
            safe=f"{gone.name}还在名单里，没有改动任何密码",
            todo="换钥匙要给每个人都锁一份。请他们先用自己的密码打开一次；不再用的人先移出，以后可以再加",
        )
    others = [one.name for one in keyring.people_of(desk.workspace.folder) if one.name != gone.name]
    held = desk.workspace.settings("")
    alone = [
        words
        for prefix, words in WORDS.items()
        if held.get(f"{prefix}:{gone.name}") and not any(held.get(f"{prefix}:{one}") for one in others)
    ]
    if alone:
        raise DeskError(
            "person.last_holder",
            happened=f"只有{gone.name}能{'、'.join(alone)}，移出以后就没有人能办了",
            safe=f"{gone.name}还在名单里，没有改动任何密码",
            todo=f"请{gone.name}先在“设置”里让别的人也能签名，再移出",
        )


def _held(desk: Seat, password: str) -> dict[str, bytes]:
    """The shared keys that this person holds: setting without his name → the key."""
    held = {name: devices.secret_of(desk.workspace, name, desk.person, password) for name in SHARED}
    return {name: secret for name, secret in held.items() if secret is not None}


def secrets_of(workspace: Workspace, person: str) -> tuple[str, ...]:
    """Names of all settings that are locked for this person."""
    return tuple(
        name
        for name, kept in workspace.settings("").items()
        if name.endswith(f":{person}") and isinstance(kept, str) and _is_lock(kept)
    )


def _is_lock(kept: str) -> bool:
    try:
        said = json.loads(kept)
    except ValueError:
        return False
    return isinstance(said, dict) and ("envelope" in said or "kdf" in said)
