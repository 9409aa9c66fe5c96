"""一人一证: where a task wants two people (`two_people` in task.toml), everybody signs returns by a key and a
certificate of his own, and who filled a return last does not sign it.

The computer's own key goes on signing what the computer writes: a bundle is the computer's word, a return the person's.
Elsewhere the computer's key signs for whoever sits there, and the name beside it is the office's statement; the pages
say so. A 代报 is signed by the township's key as ever. Source: protocol §4.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cunbao.desks import devices
from cunbao.desks.devices import Device
from cunbao.desks.views import Person
from cunbao.errors import DeskError, TrustError
from cunbao.store import Workspace
from cunbao.survey.revision import Header
from cunbao.survey.states import Kind
from cunbao.survey.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cunbao.desks.village.desk import VillageDesk
    from cunbao.trust.keys import Signer

KEY = f"{devices.SETTING}/own"  # setting, with a person's name behind it: his signing key, locked for him
CARDS = "own_card/"  # setting, likewise: certificate, chain and request, all public
FILLERS = "filled_by"  # setting: form → who filled it last


def wanted(desk: VillageDesk) -> bool:
    """Does everybody sign by a key of his own here?"""
    return desk.office.level == "village" and desk.proxy is None and desk.task.two_people


def named(task: Task, header: Header) -> bool:
    """Is the certificate of this return its signer's own? Else the name beside it is what the office says."""
    return task.two_people and header.kind != Kind.PROXY.code


def ensure(desk: VillageDesk) -> None:
    """Make this person's key and request, if the task wants one and he has none yet."""
    from cunbao.trust.certs import CertRole, device_id
    from cunbao.trust.enrol import make_request
    from cunbao.trust.keys import DeviceKeys, load_private, new_key, private_bytes
    from cunbao.trust.pki import self_signed

    workspace, person = desk.workspace, desk.person
    if not wanted(desk) or desk.read_only or workspace.setting(f"{CARDS}{person.name}", None) is not None:
        return
    computer, office, role, now = devices.device(workspace), desk.office, CertRole.VILLAGE_DEVICE, desk.clock()
    keys = DeviceKeys(signing=new_key(), decryption=load_private(computer.secret))
    made = self_signed(keys, office=office.code, name=office.name, person=person.name, role=role, now=now)
    request = make_request(
        keys,
        office=office.code,
        name=office.name,
        role=role,
        person=person.name,
        device=device_id(made.signing),
        now=now,
        with_decryption=False,  # what is written to the office is written to the computer
    )
    with workspace.atomic():
        devices.keep_secret(workspace, KEY, person, private_bytes(keys.signing))
        _keep(workspace, person.name, device_id(made.signing), made.signing, (), request)
        desk.journal("own_key", device=device_id(made.signing))


def cards(workspace: Workspace) -> dict[str, Device]:
    """Everybody's own certificate, by name."""
    computer = workspace.setting(devices.SETTING, None)
    if computer is None:
        return {}
    kept = workspace.settings(CARDS)
    return {name.removeprefix(CARDS): _card(workspace, said) for name, said in kept.items() if said}


def ids(workspace: Workspace) -> frozenset[str]:
    """By what a revision is known to be signed on this computer: its own id, and those of its people's keys."""
    return frozenset((devices.device(workspace).id, *(one.id for one in cards(workspace).values())))


def signs_by(desk: VillageDesk) -> Device:
    """The key and certificate by which this person signs returns: his own where the task wants it, else the
    computer's."""
    if not wanted(desk):
        return devices.device(desk.workspace)
    ensure(desk)
    own = cards(desk.workspace).get(desk.person.name)
    return own if own is not None else devices.device(desk.workspace)


def unlock(desk: VillageDesk, password: str) -> Signer:
    """The signer of returns. TrustError "password.wrong", "signer.unknown"."""
    from cunbao.trust.keys import Signer, load_private

    if not wanted(desk):
        return devices.unlock_signer(desk.workspace, desk.person, password)
    own = signs_by(desk)
    secret = devices.secret_of(desk.workspace, KEY, desk.person, password)
    if secret is None:
        raise TrustError(
            "signer.unknown",
            happened=f"{desk.person.name}在这台电脑上没有自己的签名钥匙",
            safe="一张也没有签，填的内容都在",
            todo="请关闭后用自己的密码重新打开，会给他做一把",
        )
    return Signer(
        key=load_private(secret),
        certificate=own.certificate,
        chain=own.chain,
        person=desk.person.name,
        role=desk.person.role,
        decryption=own.decryption,
    )


def install(workspace: Workspace, person: str, certificate: bytes, chain: tuple[bytes, ...]) -> Device:
    """Take the issued certificate of somebody's own key over; the caller has verified it."""
    card = cards(workspace)[person]
    with workspace.atomic():
        _keep(workspace, person, card.id, certificate, chain, card.request)
        devices.keep_certificates(workspace, (certificate, *chain))
    return cards(workspace)[person]


def renew_lost(workspace: Workspace, person: str) -> None:
    """His own key was locked for keys that are lost with a password: he gets another one when he opens next."""
    workspace.set_setting(f"{KEY}:{person}", None)
    workspace.set_setting(f"{CARDS}{person}", None)


# --- who filled ------------------------------------------------------------------------------------------------------


def note_filler(desk: VillageDesk, form: str) -> None:
    """Remember who typed last; written only when it is another one than before. Inside the transaction of the edit."""
    if not wanted(desk):
        return
    name = f"{FILLERS}/{desk.office.code}/{desk.task.period}/{form}"
    if desk.workspace.setting(name, "") != desk.person.name:
        desk.workspace.set_setting(name, desk.person.name)


def filled_by(desk: VillageDesk, form: str) -> str:
    """Who filled the form last, "" when nobody is known."""
    return str(desk.workspace.setting(f"{FILLERS}/{desk.office.code}/{desk.task.period}/{form}", ""))


def why_not(desk: VillageDesk, form: str) -> str:
    """Why this person may not sign the form, "" when he may."""
    if wanted(desk) and filled_by(desk, form) == desk.person.name:
        return "最后是你填的，要由另一个人签"
    return ""


def refuse_filler(desk: VillageDesk, forms: tuple[str, ...]) -> None:
    """DeskError "sign.filler" when one of the forms was filled last by whoever is about to sign."""
    mine = [form for form in forms if why_not(desk, form)]
    if mine:
        raise DeskError(
            "sign.filler",
            happened=f"{'、'.join(mine)} 最后是{desk.person.name}填的；这次任务要求填表和签名是两个人",
            safe="一张也没有签，填的内容都在",
            todo="请另一个人用自己的密码打开，由他签；还没有另一个人的，在“设置”里加",
        )


# --- what is kept ----------------------------------------------------------------------------------------------------


def _keep(
    workspace: Workspace, person: str, name: str, certificate: bytes, chain: tuple[bytes, ...], request: bytes
) -> None:
    said = {
        "id": name,
        "certificate": _text(certificate),
        "chain": [_text(one) for one in chain],
        "request": _text(request),
    }
    workspace.set_setting(f"{CARDS}{person}", said)


def _card(workspace: Workspace, said: Mapping[str, Any]) -> Device:
    computer = devices.device(workspace)
    return Device(
        id=said["id"],
        certificate=base64.b64decode(said["certificate"]),
        decryption=computer.decryption,
        chain=tuple(base64.b64decode(one) for one in said["chain"]),
        request=base64.b64decode(said["request"]),
        secret=computer.secret,
        former=computer.former,
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def names(workspace: Workspace) -> tuple[Person, ...]:
    """Those who have a certificate of their own, with their roles."""
    from cunbao.desks import keyring

    held = cards(workspace)
    return tuple(one for one in keyring.people_of(workspace.folder) if one.name in held)
