"""找回密码: a village asks its township (or county) for the data key again, a township the county, and sets a new
password with the answer; `answering` is the other side.

Nobody learns a password: the request carries a fresh key whose private half stays here under the *new* password, and
the answer is locked for it. The signing key was locked by the lost password alone, so a new one is made and waits for
its certificate (protocol §4); likewise a township's CA key, unless another officer holds it. Nothing that was filled or
decided changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices, keyring, media, ownkeys, start
from cunbao.desks.clock import LOCAL, Clock, system_clock
from cunbao.desks.views import Person
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError, DeskError, StoreError, TrustError
from cunbao.store import Workspace
from cunbao.store.keyfile import replace_file
from cunbao.store.trouble import told
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.desks.township.desk import TownshipDesk
    from cunbao.exchange.recovery import RecoveryRequest
    from cunbao.paper import Drawn
    from cunbao.trust.keys import Stretch

VALID = timedelta(days=3)  # from asking to taking the answer, both by the clock of the computer that asked
WHAT = "恢复申请"


@dataclass(frozen=True, slots=True)
class RecoveryAsked:
    """A request that waits for its answer. code: 24 digits in six groups, read aloud; path: where the file was written
    (None: asked for again later); until: the last moment for the answer."""

    path: Path | None
    code: str
    person: str
    asked_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    """recovery.json: the request that counts, and its private key under the new password."""

    request: RecoveryRequest
    wrap: dict[str, Any] = field(repr=False)


# --- the village asks ------------------------------------------------------------------------------------------------


def ask(
    folder: Path,
    person: str,
    new_password: str,
    target: Path,
    *,
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
) -> RecoveryAsked:
    """Write the request for `person`'s new password into the folder `target` (a stick). An earlier request ends.

    DeskError "recovery.impossible" (no task pack was taken yet), "person.unknown", "password.short", and what `media`
    says of the stick; then an earlier request still counts."""
    from cunbao.exchange.recovery import REQUEST_SUFFIX, read_request, write_request
    from cunbao.trust.keys import DEFAULT_STRETCH, new_key, private_bytes, public_bytes, wrap_secret

    keyring.refuse_short(new_password)
    keys = keyring.keys_of(folder)
    if not keys.get("recovery"):
        raise _impossible()
    if not any(one["person"] == person for one in keys["wraps"]):
        raise DeskError("person.unknown", happened=f"没有叫{person}的人", safe="资料都在", todo="请在名单里选一个人")
    volume = media.volume_of(target, what=WHAT)
    key, now = new_key(), clock()
    data = write_request(
        office=keys["office"]["code"],
        name=keys["office"]["line"],
        person=person,
        device=keys.get("device", ""),
        key=public_bytes(key),
        wraps=keys["recovery"],
        when=now,
    )
    request = read_request(data)
    wrap = wrap_secret(private_bytes(key), new_password, label=_label(request), stretch=stretch or DEFAULT_STRETCH)
    path = target / f"{request.name.replace(' ', '')}-{WHAT}{REQUEST_SUFFIX}"
    media.write_file(path, data, what=WHAT, on=volume)
    media.read_back(path, data, what=WHAT)
    _keep(folder, _Kept(request, wrap))
    return _asked(request, path)


def asked(folder: Path) -> RecoveryAsked | None:
    """The request that waits here, so that its code can be read again; None when there is none."""
    kept = _kept(folder)
    return _asked(kept.request, None) if kept is not None else None


def slip(folder: Path, *, clock: Clock = system_clock) -> Drawn:
    """核对单 (14) of the request that waits here, with its digits; what nobody knows before the workspace is open is
    left to the pen. DeskError "recovery.none"."""
    import platform

    from cunbao.paper import RecoverySlip, draw_recovery_slip
    from cunbao.store import last_run
    from cunbao.survey.codes import qr_text

    kept = _kept(folder)
    if kept is None:
        raise _none_waits()
    request, keys = kept.request, keyring.keys_of(folder)
    office = office_named(request.office, request.name)
    county = str(keys["office"].get("title", "")).split(" · ")[0]
    town = request.name.split()[0] if office.level == "village" else ""
    before = last_run(folder)
    return draw_recovery_slip(
        RecoverySlip(
            county=county,
            office=office,
            full_name=f"{county}{town}{office.name}",
            superior=office_named(request.office[:9] + "000", town) if town else None,
            number="01",
            person=request.person,
            role=keyring.person_of(folder, request.person).role,
            made_at=request.made_at.astimezone(LOCAL),
            until=(request.made_at + VALID).astimezone(LOCAL),
            printed_at=clock().astimezone(LOCAL),
            digits=request.code.replace(" ", ""),
            qr=qr_text("P", (request.office, "01"), request.sha256),
            device=f"{request.device[:4]}-{request.device[4:8]}".upper() if request.device else "",
            computer=platform.node(),
            backed_up=before.closed_at.astimezone(LOCAL) if before.backed_up and before.closed_at else None,
        )
    )


def _maker(
    folder: Path, clock: Clock, new_id: Callable[[], str]
) -> Callable[[Workspace, Person], VillageDesk | TownshipDesk]:
    if keyring.keys_of(folder).get("kind") == "township":
        from cunbao.desks.township.desk import township_desk

        return partial(township_desk, clock=clock)
    return partial(start.village_desk, clock=clock, new_id=new_id)


def read_answer_file(path: Path) -> bytes:
    """The bytes of a .cbrea on a stick, no more than an answer may weigh. DeskError "file.unreadable"."""
    from cunbao.exchange import limits

    try:
        with path.open("rb") as file:
            return file.read(limits.RECOVERY_FILE + 1)
    except OSError as trouble:
        raise DeskError(
            "file.unreadable",
            happened=f"“{path.name}”读不出来",
            safe="密码没有改，填的内容都在",
            todo="请插好 U 盘再试；还是不行，就请答复的人再写一次",
            detail=str(trouble),
        ) from trouble


def take(
    folder: Path,
    answer: bytes,
    new_password: str,
    *,
    clock: Clock = system_clock,
    new_id: Callable[[], str] = start.new_id,
    stretch: Stretch | None = None,
) -> VillageDesk | TownshipDesk:
    """Open the workspace by the superior's answer; from now on `new_password` is that person's, and this computer has
    new keys that wait for their certificate. All or nothing; other people's passwords stay.

    DeskError "recovery.none" (nothing asked, or used already), "recovery.expired", "recovery.other_key"; TrustError
    "password.wrong"; ExchangeError of `exchange.recovery.read_answer`; StoreError of opening."""
    from cunbao.exchange.recovery import read_answer
    from cunbao.trust.keys import load_private

    kept, now = _kept(folder), clock()
    if kept is None:
        raise _none_waits()
    request = kept.request
    if now > request.made_at + VALID:
        raise _expired(request)
    key = load_private(_unwrapped(kept, new_password))
    root = bytes.fromhex(keyring.keys_of(folder).get("root", ""))
    opened = read_answer(answer, request, key, (root,) if root else ())
    try:
        desk = start.with_key(folder, opened.secret, request.person, _maker(folder, clock, new_id), now=now)
    except StoreError as trouble:
        raise _other_key() if trouble.code == "workspace.key" else trouble from trouble
    try:
        workspace = desk.workspace
        if bytes.fromhex(workspace.setting("root", "")) != root:
            raise _other_root()
        entry = keyring.new_entry(desk.person, new_password, opened.secret, stretch=stretch)
        with workspace.atomic():
            lost, _ = devices.replace_device(workspace, desk.office, entry, now=now)
            ownkeys.renew_lost(workspace, request.person)
            if keyring.keys_of(folder)["kind"] == "township":
                from cunbao.desks.township.desk import replace_lost_ca

                replace_lost_ca(workspace, entry)
            desk.journal(
                "recover", answered_by=opened.verdict.office, request=request.sha256, lost_device=lost.certificate_no
            )
            # last, inside the transaction: password and signing key are new together
            keyring.add_entry(workspace, entry, device=devices.device(workspace).read.key_id)
        _forget(folder)
        keyring.forget_tries(folder, last=request.person)
    except BaseException:
        desk.close()
        raise
    return desk


# --- both sides -----------------------------------------------------------------------------------------------------


def look_at(data: bytes) -> RecoveryRequest:
    """What a .cbrec says, for the officer; its code is not for his screen. ExchangeError "recovery.request"."""
    from cunbao.exchange.recovery import read_request

    return read_request(data)


def office_named(code: str, line: str) -> Office:
    """The office behind a name as it is shown (勐混镇 曼蚌村), where no directory is at hand: 曼蚌村民委员会."""
    short = line.split()[-1]
    if code.endswith("000"):
        ending = "" if short.endswith(("政府", "办事处", "局")) else "人民政府"
    elif short.endswith("社区"):
        ending = "居民委员会"
    else:
        ending = "民委员会" if short.endswith("村") else ""
    return Office(code, short + ending, short_name=short)


# --- recovery.json ---------------------------------------------------------------------------------------------------


def _keep(folder: Path, kept: _Kept) -> None:
    said = {"v": 1, "request": kept.request.data.decode(), "wrap": kept.wrap}
    try:
        replace_file(folder / keyring.RECOVERY_FILE, json.dumps(said, ensure_ascii=False, sort_keys=True).encode())
    except OSError as error:
        raise told(error, folder, doing="恢复申请没有存下") from error


def _kept(folder: Path) -> _Kept | None:
    """What waits here; a torn file is as good as none, a new request replaces it."""
    try:
        said = json.loads((folder / keyring.RECOVERY_FILE).read_bytes())
        return _Kept(look_at(said["request"].encode()), dict(said["wrap"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, CunbaoError):
        return None


def _forget(folder: Path) -> None:
    # the password is new by now: a file that cannot be deleted is no reason to say it failed, and it expires
    with suppress(OSError):
        (folder / keyring.RECOVERY_FILE).unlink(missing_ok=True)


def _asked(request: RecoveryRequest, path: Path | None) -> RecoveryAsked:
    return RecoveryAsked(path, request.code, request.person, request.made_at, request.made_at + VALID)


def _label(request: RecoveryRequest) -> str:
    return f"recovery:{request.sha256}"


def _unwrapped(kept: _Kept, password: str) -> bytes:
    from cunbao.trust.keys import unwrap_secret

    try:
        return unwrap_secret(kept.wrap, password, label=_label(kept.request))
    except TrustError as trouble:
        if trouble.code != "password.wrong":
            raise
        raise TrustError(
            "password.wrong",
            happened="不是写恢复申请时设的新密码",
            safe="资料和答复文件都在",
            todo="请再输一遍新密码；新密码也忘了，就重新写一份申请",
        ) from trouble


# --- the sentences ---------------------------------------------------------------------------------------------------


def _impossible() -> DeskError:
    return DeskError(
        "recovery.impossible",
        happened="这份资料还没有打开过任务包，上级没有能帮着打开的钥匙",
        safe="资料都在，没有改动",
        todo="请别的人用自己的密码打开；都忘了就要任务包重新开始",
    )


def _none_waits() -> DeskError:
    return DeskError(
        "recovery.none",
        happened="这台电脑上没有等着答复的恢复申请，或者答复已经用过",
        safe="密码没有改，填的内容都在",
        todo="请用新密码打开；还是打不开，就重新写一份恢复申请",
    )


def _other_key() -> DeskError:
    return DeskError(
        "recovery.other_key",
        happened="答复里的钥匙打不开这份资料；写了申请以后移出过人的话，钥匙已经换了",
        safe="密码没有改，填的内容都在",
        todo="请重新写一份恢复申请，带给上级",
    )


def _expired(request: RecoveryRequest) -> DeskError:
    day = request.made_at.astimezone(LOCAL)
    return DeskError(
        "recovery.expired",
        happened=f"{day:%m-%d %H:%M} 写的恢复申请已过 {VALID.days} 天，答复不能用了",
        safe="密码没有改，填的内容都在",
        todo="请重新写一份恢复申请，带给上级",
    )


def _other_root() -> DeskError:
    return DeskError(
        "recovery.root",
        happened="资料旁边的县级根证书被换过，答复不能信",
        safe="密码没有改，填的内容都在",
        todo="请打电话问县民政局，并请县里来看这台电脑",
    )


__all__ = ["VALID", "RecoveryAsked", "ask", "asked", "look_at", "office_named", "read_answer_file", "slip", "take"]
