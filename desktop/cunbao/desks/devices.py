"""The keys of this computer (填报设备) as the workspace keeps them: who may sign with them, who vouches for them.

The signing key is locked for people alone, who open it by their passwords (`keyring`); the decryption key lies in the
encrypted database, because opening a receipt asks nobody's password. A device signs from its first minute with
certificates of its own making (protocol §4).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cunbao.desks import keyring
from cunbao.desks.clock import local_day
from cunbao.desks.views import Person
from cunbao.errors import TrustError
from cunbao.store import CertificateRecord, Workspace, read_keys, write_keys
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.certs import Certificate, CertRole
    from cunbao.trust.keys import PrivateKey, Signer

SETTING = "device"
LOST = "devices/lost"  # [{key, certificate_no, at}]: to be revoked by the township (protocol §4)


@dataclass(frozen=True)
class Device:
    """id: random, stays through renewals. certificate, decryption: DER; chain: issuers, nearest first, () before
    enrolment. request: the enrolment request (DER). former: decryption keys of the devices before, whose signing key
    was lost with a password: what was on its way to them must still open."""

    id: str
    certificate: bytes
    decryption: bytes
    chain: tuple[bytes, ...]
    request: bytes
    secret: bytes = field(repr=False)
    former: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def enrolled(self) -> bool:
        return bool(self.chain)

    @cached_property
    def read(self) -> Certificate:
        from cunbao.trust.certs import read_certificate

        return read_certificate(self.certificate)

    @property
    def certificate_no(self) -> str:
        """证书编号 as printed: 16 hex digits in groups of 4."""
        return self.read.number

    @property
    def comparison_code(self) -> str:
        """核对码: six groups of four digits, read aloud to the township."""
        from cunbao.survey.codes import grouped
        from cunbao.trust.enrol import comparison_code

        return grouped(comparison_code(self.request))

    @cached_property
    def readers(self) -> tuple[PrivateKey, ...]:
        """The keys that open what is written to this device."""
        from cunbao.trust.keys import load_private

        return tuple(load_private(one) for one in (self.secret, *self.former))

    @property
    def line(self) -> str:
        """One sentence on the certificate, for the sign screen and the settings."""
        if not self.enrolled:
            return "证书待核准：现在就可以签名、报送，乡镇核准后才算数"
        return f"证书到 {local_day(self.read.not_after):%Y-%m-%d} 有效，{self.read.county}已核准"


def make_device(
    workspace: Workspace,
    office: Office,
    person: Person,
    *,
    role: CertRole,
    now: datetime,
    former: tuple[bytes, ...] = (),
    entry: Mapping[str, Any] | None = None,
) -> Device:
    """Fresh keys with self-signed certificates and a request, kept in the workspace; the first signer is `person`.

    entry: what keys.json is about to say of him, None: what it says."""
    from cunbao.trust.certs import device_id
    from cunbao.trust.enrol import make_request
    from cunbao.trust.keys import new_device_keys, private_bytes
    from cunbao.trust.pki import self_signed

    keys = new_device_keys()
    own = self_signed(keys, office=office.code, name=office.name, person=person.name, role=role, now=now)
    name = device_id(own.signing)
    request = make_request(
        keys, office=office.code, name=office.name, role=role, person=person.name, device=name, now=now
    )
    made = Device(
        id=name,
        certificate=own.signing,
        decryption=own.decryption,
        chain=(),
        request=request,
        secret=private_bytes(keys.decryption),
        former=former,
    )
    _keep(workspace, made)
    keep_signing_key(workspace, person, private_bytes(keys.signing), entry=entry)
    return made


def replace_device(
    workspace: Workspace,
    office: Office,
    entry: Mapping[str, Any],
    *,
    now: datetime,
) -> tuple[Device, Device]:
    """New keys for a device whose signing key was lost with a password: (the lost one, the new one, not enrolled).

    entry: of `keyring.new_entry`, of the person who has a new password and is about to stand in keys.json.

    The lost one is noted to be revoked. Others who signed with it cannot until `people.let_sign`."""
    lost, person = device(workspace), Person(entry["person"], entry["role"])
    noted: list[dict[str, str]] = workspace.setting(LOST, [])
    with workspace.atomic():
        for name in (one.name for one in workspace.people() if one.name != person.name):
            workspace.set_setting(f"{SETTING}/signing:{name}", None)
        role, former = lost.read.role, (lost.secret, *lost.former)
        made = make_device(workspace, office, person, role=role, now=now, former=former, entry=entry)
        line = {"key": lost.read.key_id, "certificate_no": lost.certificate_no, "at": now.isoformat()}
        workspace.set_setting(LOST, [*noted, line])
    return lost, made


def device(workspace: Workspace) -> Device:
    """This computer's keys and certificates. TrustError "device.missing" for a workspace without."""
    kept = workspace.setting(SETTING, None)
    if kept is None:
        raise TrustError(
            "device.missing",
            happened="这份资料里没有这台电脑的签名钥匙",
            safe="填的内容都在",
            todo="请到“设置”里重新申请证书",
        )
    return Device(
        id=kept["id"],
        certificate=_bytes(kept["certificate"]),
        decryption=_bytes(kept["decryption"]),
        chain=tuple(_bytes(one) for one in kept["chain"]),
        request=_bytes(kept["request"]),
        secret=_bytes(kept["secret"]),
        former=tuple(_bytes(one) for one in kept.get("former", ())),
    )


def install(workspace: Workspace, certificate: bytes, decryption: bytes, chain: tuple[bytes, ...]) -> Device:
    """Take the issued certificates over. They must be of the very keys that were asked for: TrustError otherwise."""
    from cunbao.trust.certs import read_certificate

    old = device(workspace)
    if read_certificate(certificate).key_id != old.read.key_id:
        raise TrustError(
            "certificate.other_key",
            happened="这份证书不是发给这台电脑的",
            safe="没有换掉原来的证书",
            todo="请向乡镇要发给本机的证书；一村有两台电脑时各有各的证书",
        )
    fresh = Device(
        id=old.id,
        certificate=certificate,
        decryption=decryption or old.decryption,
        chain=chain,
        request=old.request,
        secret=old.secret,
        former=old.former,
    )
    with workspace.atomic():
        _keep(workspace, fresh)
        keep_certificates(workspace, (certificate, decryption, *chain))
    return fresh


def keep_certificates(workspace: Workspace, ders: Iterable[bytes]) -> None:
    """Keep certificates as objects, by which signers are judged (DER; b"" is passed over)."""
    from cunbao.trust.certs import read_certificate

    for der in ders:
        if der:
            read = read_certificate(der)
            workspace.add_certificate(
                CertificateRecord(
                    id=workspace.add_object("certificate", der),
                    key=read.key_id,
                    office=read.office,
                    role=read.role.value,
                    signs=read.may_sign or read.role.authority,
                    not_before=read.not_before,
                    not_after=read.not_after,
                )
            )


def note_device(workspace: Workspace) -> None:
    """Name this computer's signing key in keys.json."""
    keys = read_keys(workspace.folder)
    write_keys(workspace.folder, {**keys, "device": device(workspace).read.key_id})


def keep_signing_key(
    workspace: Workspace, person: Person, key: bytes, *, entry: Mapping[str, Any] | None = None
) -> None:
    """Lock this computer's signing key for a person. DeskError "person.not_renewed"."""
    keep_secret(workspace, f"{SETTING}/signing", person, key, entry=entry)


def keep_secret(
    workspace: Workspace, name: str, person: Person, secret: bytes, *, entry: Mapping[str, Any] | None = None
) -> None:
    """Keep a key as the setting `name`:person, locked for him. entry: what keys.json is about to say of him."""
    label = f"{name.removeprefix(f'{SETTING}/')}:{person.name}"
    if entry is not None:
        locked = keyring.locked(entry, secret, label)
    else:
        locked = keyring.lock_for(workspace.folder, person.name, secret, label=label)
    workspace.set_setting(f"{name}:{person.name}", locked)


def secret_of(workspace: Workspace, name: str, person: Person, password: str) -> bytes | None:
    """What `keep_secret` keeps, None when it keeps nothing for him. TrustError "password.wrong"."""
    kept = workspace.setting(f"{name}:{person.name}", None)
    if kept is None:
        return None
    label = f"{name.removeprefix(f'{SETTING}/')}:{person.name}"
    return keyring.opened(workspace.folder, person.name, password, kept, label=label)


def may_sign(workspace: Workspace, person: Person) -> bool:
    """Has this person a signing key here? Not after somebody else's lost password made the device new."""
    return workspace.setting(f"{SETTING}/signing:{person.name}", None) is not None


def unlock_signer(workspace: Workspace, person: Person, password: str) -> Signer:
    """Whoever types the password signs. TrustError "password.wrong", "signer.unknown"."""
    from cunbao.trust.keys import Signer, load_private

    secret = secret_of(workspace, f"{SETTING}/signing", person, password)
    if secret is None:
        raise TrustError(
            "signer.unknown",
            happened=f"{person.name}在这台电脑上没有签名钥匙",
            safe="一张也没有签，填的内容都在",
            todo="请换能签名的人，或到“设置”里为他申请证书",
        )
    own = device(workspace)
    return Signer(
        key=load_private(secret),
        certificate=own.certificate,
        chain=own.chain,
        person=person.name,
        role=person.role,
        decryption=own.decryption,
    )


def _keep(workspace: Workspace, one: Device) -> None:
    workspace.set_setting(
        SETTING,
        {
            "id": one.id,
            "certificate": _text(one.certificate),
            "decryption": _text(one.decryption),
            "chain": [_text(der) for der in one.chain],
            "request": _text(one.request),
            "secret": _text(one.secret),
            "former": [_text(secret) for secret in one.former],
        },
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
