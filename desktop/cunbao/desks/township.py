"""The township desk 乡镇工作台, without screens yet: its keys, approving devices, deciding on a return."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cunbao.desks import devices
from cunbao.desks.clock import Clock, system_clock
from cunbao.desks.county import TownshipPapers
from cunbao.desks.start import make_workspace
from cunbao.desks.views import Person
from cunbao.store import Workspace
from cunbao.survey.decision import Act, Decision
from cunbao.survey.revision import Header
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.trust.keys import Signer, Stretch
    from cunbao.trust.pki import Authority, Issued

CA_SETTING = "township_ca"


@dataclass(slots=True)
class TownshipDesk:
    """An unlocked township workspace."""

    workspace: Workspace
    office: Office
    person: Person
    clock: Clock

    def close(self) -> None:
        self.workspace.close(now=self.clock())


def init_township(
    folder: Path,
    office: Office,
    *,
    person: Person,
    password: str,
    clock: Clock = system_clock,
    stretch: Stretch | None = None,
) -> TownshipDesk:
    """Make the township's CA key and desk keys; both wait for the county's papers."""
    from cunbao.trust.certs import CertRole
    from cunbao.trust.keys import DEFAULT_STRETCH, new_key, private_bytes, public_bytes, wrap_secret

    now = clock()
    workspace = make_workspace(
        folder, office, person, password, kind="township", line=office.name, now=now, stretch=stretch
    )
    key = new_key()
    label = f"{CA_SETTING}:{person.name}"
    with workspace.atomic():
        workspace.add_office(office)
        workspace.set_setting("office", office.code)
        workspace.set_setting(f"{CA_SETTING}/public", public_bytes(key).hex())
        workspace.set_setting(
            label,
            json.dumps(wrap_secret(private_bytes(key), password, label=label, stretch=stretch or DEFAULT_STRETCH)),
        )
        devices.make_device(workspace, office, person, password, role=CertRole.TOWNSHIP_DESK, now=now, stretch=stretch)
        workspace.journal("init_township", person.name, {"office": office.code}, now=now)
    return TownshipDesk(workspace=workspace, office=office, person=person, clock=clock)


def ca_request(township: TownshipDesk) -> bytes:
    """The public half of the CA key, for the county (DER SubjectPublicKeyInfo)."""
    return bytes.fromhex(township.workspace.setting(f"{CA_SETTING}/public", ""))


def take_papers(township: TownshipDesk, papers: TownshipPapers, password: str) -> None:
    """Keep the county's papers and certify the township's own desk with them."""
    from cunbao.trust.pki import make_device

    now = township.clock()
    with township.workspace.atomic():
        township.workspace.set_setting(
            f"{CA_SETTING}/papers",
            {"certificate": papers.certificate.hex(), "chain": [der.hex() for der in papers.chain]},
        )
        issued = make_device(unlock_ca(township, password), devices.device(township.workspace).request, now=now)
        devices.install(township.workspace, issued.signing, issued.decryption, issued.chain)
        township.workspace.journal("take_papers", township.person.name, {}, now=now)


def unlock_ca(township: TownshipDesk, password: str) -> Authority:
    """The township's CA, ready to issue. TrustError "password.wrong"."""
    from cunbao.trust.keys import load_private, unwrap_secret
    from cunbao.trust.pki import Authority

    label = f"{CA_SETTING}:{township.person.name}"
    papers = township.workspace.setting(f"{CA_SETTING}/papers", None)
    key = load_private(unwrap_secret(json.loads(township.workspace.setting(label, "")), password, label=label))
    return Authority(key, bytes.fromhex(papers["certificate"]), tuple(bytes.fromhex(der) for der in papers["chain"]))


def approve_device(township: TownshipDesk, request: bytes, typed_code: str, password: str) -> Issued:
    """Certify a village's device after its 24 digits were read aloud and typed. TrustError "enrol.code"."""
    from cunbao.trust.enrol import read_request
    from cunbao.trust.pki import approve

    now = township.clock()
    issued = approve(unlock_ca(township, password), request, typed_code, now=now)
    asked = read_request(request)
    township.workspace.journal(
        "approve_device", township.person.name, {"office": asked.office, "device": asked.device}, now=now
    )
    return issued


def accept(township: TownshipDesk, header: bytes, password: str) -> tuple[bytes, bytes]:
    """通过 a revision. header: its header.json. Gives the decision's bytes and their detached signature (DER)."""
    read = Header.decode(header)
    now = township.clock().replace(microsecond=0)
    signer = devices.unlock_signer(township.workspace, township.person, password)
    township.workspace.journal("accept", township.person.name, {"form": read.form, "office": read.office}, now=now)
    return acceptance(header, signer, township.office, now)


def acceptance(header: bytes, signer: Signer, office: Office, now: datetime) -> tuple[bytes, bytes]:
    """The bytes of 通过 by `office` on the revision of this header, and their detached signature (DER)."""
    from cunbao.trust.cms import sign_detached

    read = Header.decode(header)
    decision = Decision(
        act=Act.ACCEPT,
        revision=sha256(header).hexdigest(),
        office=office.code,
        n=read.n + 1,
        seen=read.seen,
        person=signer.person,
        at=now,
    ).encode()
    return decision, sign_detached(decision, signer, when=now)
