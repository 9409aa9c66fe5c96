"""keys.json: who may open a workspace, by which password, and which superiors can help when one is forgotten.

Each person has a pair of keys. Its private half is wrapped by his password and opens all that is his: the database key
here, the signing and CA keys in the database. The public half lies open, so that others can lock something for him
without his password: that is how a new database key reaches everybody when one is removed (protocol §4).
Workspaces from before that have a person's database key wrapped by the password itself; `renew` changes it over when
he opens. Passwords live for one call. Nothing here reads the database's content.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks.clock import LOCAL
from cunbao.desks.views import Person
from cunbao.errors import DeskError, TrustError
from cunbao.store import Workspace, read_keys, write_keys
from cunbao.store.keyfile import KEYS_FILE
from cunbao.store.trouble import foreign
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.exchange.taskpack import TaskPack
    from cunbao.trust.keys import PrivateKey, Stretch

VERSION = 2  # 1: every person's wrap opened to the database key itself
TRIES = 5  # wrong passwords before a pause
PAUSE = timedelta(minutes=1)
LEAST_PASSWORD = 6  # characters
TRIES_FILE = "tries.json"  # beside keys.json: counted before anything can be opened
RECOVERY_FILE = "recovery.json"  # beside keys.json: a request for a new password that waits for its answer
_ENTRY = frozenset({"person", "role", "wrap"})


@dataclass(frozen=True, slots=True)
class Tries:
    """count: wrong passwords since the last right one; until: end of the pause; last: who opened last."""

    count: int = 0
    until: datetime | None = None
    last: str = ""


# --- who is in it ----------------------------------------------------------------------------------------------------


def keys_of(folder: Path) -> dict[str, Any]:
    """keys.json with office and wraps. StoreError "workspace.foreign" when it holds anything else."""
    keys = read_keys(folder)
    try:
        whole = bool(keys["wraps"]) and all(one.keys() >= _ENTRY for one in keys["wraps"])
        whole = whole and isinstance(keys["office"]["line"], str)
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise foreign(folder, detail=KEYS_FILE)
    return keys


def people_of(folder: Path) -> tuple[Person, ...]:
    """All who can open the workspace, in the order in which they came."""
    return tuple(Person(one["person"], one["role"]) for one in keys_of(folder)["wraps"])


def person_of(folder: Path, name: str) -> Person:
    """One of them. DeskError "person.unknown"."""
    one = _entry(keys_of(folder), name)
    return Person(one["person"], one["role"])


def not_renewed(folder: Path) -> tuple[str, ...]:
    """Those who have no pair of keys yet, because they have not opened since there are any."""
    return tuple(one["person"] for one in keys_of(folder)["wraps"] if "public" not in one)


def _entry(keys: Mapping[str, Any], person: str) -> dict[str, Any]:
    found: dict[str, Any] | None = next((one for one in keys["wraps"] if one["person"] == person), None)
    if found is None:
        raise DeskError("person.unknown", happened=f"没有叫{person}的人", safe="资料都在", todo="请在名单里选一个人")
    return found


# --- made and changed ------------------------------------------------------------------------------------------------


def new_keys(kind: str, office: Office, line: str, title: str, first: dict[str, Any]) -> dict[str, Any]:
    """What stands in keys.json of a new workspace. first: of `new_entry`."""
    return {
        "v": VERSION,
        "kind": kind,
        "office": {"code": office.code, "line": line, "title": title},
        "wraps": [first],
        "recovery": [],
        "root": "",  # DER in hex; public, so that an answer to a forgotten password can be judged before opening
        "device": "",  # key_id of the signing key; public, so that a lost one can be named
    }


def new_entry(person: Person, password: str, data: bytes, *, stretch: Stretch | None = None) -> dict[str, Any]:
    """A person with a fresh pair of keys, for whom the database key `data` is locked."""
    from cunbao.trust.keys import as_text, new_key, public_bytes

    key = new_key()
    entry = {
        "person": person.name,
        "role": person.role,
        "wrap": _wrapped(key, person.name, password, stretch),
        "public": as_text(public_bytes(key)),
    }
    return locked_entry(entry, data)


def locked_entry(entry: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """The same person, with this database key locked for his public half."""
    return {**entry, "data": _sealed(entry, data, f"data:{entry['person']}")}


def add_entry(workspace: Workspace, entry: dict[str, Any], *, device: str = "") -> None:
    """Let somebody more open the workspace, or the same person by new keys. device: a new signing key to be named."""
    keys = keys_of(workspace.folder)
    keys["device"] = device or keys.get("device", "")
    others = [one for one in keys["wraps"] if one["person"] != entry["person"]]
    at = next((at for at, one in enumerate(keys["wraps"]) if one["person"] == entry["person"]), len(others))
    keys["wraps"] = [*others[:at], entry, *others[at:]]
    write_keys(workspace.folder, {**keys, "v": VERSION})


def change_password(folder: Path, person: str, old: str, new: str, *, stretch: Stretch | None = None) -> None:
    """Wrap a person's private half by another password; all that it opens stays as it is. One write: either the old
    password opens or the new one. TrustError "password.wrong"."""
    keys = keys_of(folder)
    entry = _entry(keys, person)
    entry["wrap"] = _wrapped(private_half(folder, person, old), person, new, stretch)
    write_keys(folder, keys)


def renew(workspace: Workspace, person: str, password: str, *, now: datetime) -> None:
    """Give a person from before his pair of keys, by the password that he has just typed; everything that was wrapped
    by it is locked for the public half instead. Nothing to do for anybody else."""
    from cunbao.trust.keys import Stretch

    folder = workspace.folder
    entry = _entry(keys_of(folder), person)
    if "public" in entry or workspace.read_only:
        return
    was = entry["wrap"]
    stretch = Stretch(int(was["memory"]), int(was["passes"]), int(was["lanes"]))
    fresh = new_entry(Person(person, entry["role"]), password, workspace.key, stretch=stretch)
    with workspace.atomic():
        for name, kept in workspace.settings("").items():
            label = name.removeprefix("device/")
            if label.endswith(f":{person}") and isinstance(kept, str) and '"kdf"' in kept:
                secret = opened(folder, person, password, kept, label=label)
                workspace.set_setting(name, locked(fresh, secret, label))
        workspace.journal("renew_keys", person, {}, now=now)
        add_entry(workspace, fresh)  # last, inside the transaction: what is locked and who opens it change together


def keys_without(folder: Path, person: str, data: bytes) -> dict[str, Any]:
    """What keys.json is to say when this person is gone and the database has the key `data`: it is locked for everybody
    else's public half, and for the same superiors. They must have keys, and be named."""
    keys = keys_of(folder)
    office = keys["office"]["code"]
    superiors = [[bytes.fromhex(der) for der in one["certificates"]] for one in keys["recovery"]]
    return {
        **keys,
        "v": VERSION,
        "wraps": [locked_entry(one, data) for one in keys["wraps"] if one["person"] != person],
        "recovery": [recovery_entry(data, office, some) for some in superiors],
    }


def unnamed_superiors(folder: Path) -> bool:
    """Was the database key locked for superiors in the time when it was not written down for whom?"""
    return any("certificates" not in one for one in keys_of(folder)["recovery"])


def _wrapped(key: PrivateKey, person: str, password: str, stretch: Stretch | None) -> dict[str, Any]:
    from cunbao.trust.keys import DEFAULT_STRETCH, private_bytes, wrap_secret

    return wrap_secret(private_bytes(key), password, label=f"person:{person}", stretch=stretch or DEFAULT_STRETCH)


def _sealed(entry: Mapping[str, Any], secret: bytes, label: str) -> dict[str, Any]:
    from cunbao.trust.keys import from_text
    from cunbao.trust.recovery import seal

    return seal(secret, from_text(entry["public"]), label=label)


# --- opened ----------------------------------------------------------------------------------------------------------


def lock_for(folder: Path, person: str, secret: bytes, *, label: str) -> str:
    """`secret` so that this person alone opens it, by his password, with `opened`; to be kept in the database.

    DeskError "person.not_renewed" when he has no keys yet."""
    entry = _entry(keys_of(folder), person)
    if "public" not in entry:
        raise DeskError(
            "person.not_renewed",
            happened=f"{person}升级以后还没有打开过这份资料",
            safe="没有改动任何密码和钥匙",
            todo=f"请{person}先用自己的密码打开一次，再来办",
        )
    return locked(entry, secret, label)


def locked(entry: Mapping[str, Any], secret: bytes, label: str) -> str:
    """The same for an entry that is not in keys.json yet."""
    return json.dumps(_sealed(entry, secret, label))


def opened(folder: Path, person: str, password: str, kept: str, *, label: str) -> bytes:
    """What `lock_for` locked. TrustError "password.wrong"; wrong tries are not counted here."""
    from cunbao.trust.keys import unwrap_secret
    from cunbao.trust.recovery import open_recovery

    said: dict[str, Any] = json.loads(kept)
    if "kdf" in said:  # from before: wrapped by the password itself
        return unwrap_secret(said, password, label=label)
    return open_recovery(said, (private_half(folder, person, password),), label=label)


def private_half(folder: Path, person: str, password: str) -> PrivateKey:
    """A person's own key. TrustError "password.wrong"; wrong tries are not counted here."""
    from cunbao.trust.keys import load_private, unwrap_secret

    return load_private(unwrap_secret(_entry(keys_of(folder), person)["wrap"], password, label=f"person:{person}"))


def data_key(folder: Path, person: str, password: str, *, now: datetime) -> bytes:
    """The database key. TrustError "password.wrong" with the tries that are left, "password.wait" during the pause.

    A wrong password never deletes anything."""
    entry = _entry(keys_of(folder), person)
    wrong = tries(folder)
    until = paused(wrong, now)
    if until is not None:
        raise TrustError(
            "password.wait",
            happened=f"密码输错了 {TRIES} 次",
            safe="资料都在，输错不会删资料",
            todo=f"请等到 {until.astimezone(LOCAL):%H:%M:%S} 再试",
        )
    try:
        key = _data_key(folder, entry, password)
    except TrustError as trouble:
        if trouble.code != "password.wrong":
            raise
        left = _count_wrong(folder, wrong.count + 1, now, last=wrong.last)
        raise TrustError(
            "password.wrong",
            happened="密码不对",
            safe="资料都在，输错不会删资料",
            todo=f"还可以试 {left} 次" if left else "请等 1 分钟再试；忘了密码可以向乡镇申请恢复",
        ) from trouble
    forget_tries(folder, last=person)
    return key


def _data_key(folder: Path, entry: Mapping[str, Any], password: str) -> bytes:
    from cunbao.trust.keys import unwrap_secret
    from cunbao.trust.recovery import open_recovery

    person, label = entry["person"], f"data:{entry['person']}"
    if "public" not in entry:
        return unwrap_secret(entry["wrap"], password, label=label)
    return open_recovery(entry["data"], (private_half(folder, person, password),), label=label)


# --- tries -----------------------------------------------------------------------------------------------------------


def paused(wrong: Tries, now: datetime) -> datetime | None:
    """The end of the pause, None when there is none. Never longer than PAUSE: a clock that was ahead when the pause
    began, and was put right since, must not lock anybody out for years."""
    return wrong.until if wrong.until is not None and now < wrong.until <= now + PAUSE else None


def tries(folder: Path) -> Tries:
    """What is remembered of wrong passwords; nothing, when it cannot be read."""
    try:
        kept = json.loads((folder / TRIES_FILE).read_text("utf-8"))
        until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
        return Tries(int(kept["count"]), until, str(kept.get("last", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Tries()


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


# --- for the superiors -----------------------------------------------------------------------------------------------


def rewrap_recovery(workspace: Workspace, office: str, pack: TaskPack) -> None:
    """Let the township and the county of `office` open the data key again when a password is forgotten, the county
    alone that of a township; anew only when the pack brings other decryption certificates (protocol §4)."""
    if office.endswith("000000"):  # a county has nobody above it
        return
    town = pack.townships.get(office[:9] + "000")
    superiors = [pack.county[1], *([town[2]] if town and not office.endswith("000") else [])]
    rewrap(workspace, office, superiors, root=pack.root)


def rewrap(workspace: Workspace, office: str, superiors: Sequence[bytes], *, root: bytes = b"") -> None:
    """The same to these decryption certificates (DER). root: to be named from now on, b"" the one that is."""
    keys = read_keys(workspace.folder)
    named = root.hex() if root else keys.get("root", "")
    kept: dict[str, Any] = next(iter(keys["recovery"]), {})
    if keys.get("root") == named and kept.get("certificates") == [one.hex() for one in superiors]:
        return
    made = recovery_entry(workspace.key, office, superiors)
    write_keys(workspace.folder, {**keys, "root": named, "recovery": [made]})


def recovery_entry(data: bytes, office: str, superiors: Sequence[bytes]) -> dict[str, Any]:
    """The database key for superiors. They stay named, so that another key can be locked for the same ones."""
    from cunbao.exchange.recovery import wrap_label
    from cunbao.trust.recovery import recovery_wrap

    wrap = recovery_wrap(data, superiors, label=wrap_label(office))
    return {**wrap, "certificates": [one.hex() for one in superiors]}


# --- refusals --------------------------------------------------------------------------------------------------------


def refuse_no_name(person: Person) -> None:
    if not person.name.strip():
        raise DeskError(
            "person.unnamed", happened="没有写姓名", safe="没有改动任何资料", todo="请写上姓名，签名和日志都记这个名字"
        )


def refuse_known(folder: Path, person: Person) -> None:
    if any(one.name == person.name for one in people_of(folder)):
        raise DeskError(
            "person.known",
            happened=f"{person.name}已经在名单里",
            safe="没有改动任何密码",
            todo="换一个名字，或请他用原来的密码打开",
        )


def refuse_short(password: str) -> None:
    if len(password) < LEAST_PASSWORD:
        raise DeskError(
            "password.short",
            happened=f"密码只有 {len(password)} 个字",
            safe="没有改动任何资料",
            todo=f"请至少用 {LEAST_PASSWORD} 个字，好记又不容易猜的",
        )
