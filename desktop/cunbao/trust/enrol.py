"""The enrolment request 证书申请: a PKCS#10 with office, role, person and all keys of a device; and its 核对码.

The request proves that the sender holds the signing key. Who he is, the comparison code proves: over the whole request,
so that approval binds exactly these bytes (protocol §4).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cunbao.errors import TrustError
from cunbao.survey.codes import digits24
from cunbao.survey.moments import read_moment
from cunbao.trust import algorithms
from cunbao.trust.certs import UNREADABLE, CertRole
from cunbao.trust.der import check_signed
from cunbao.trust.keys import DeviceKeys, as_text, from_text, load_public, public_bytes

# An arc of our own under 2.25 (ITU-T X.667: any UUID is one, nobody has to register it).
REQUEST_OID: Final = x509.ObjectIdentifier("2.25.245754342133407428875714183800668738084.1")
REQUEST_BYTES: Final = 16 * 1024
_FIELDS: Final = frozenset({"v", "office", "name", "role", "person", "device", "made_at", "decryption_key"})


@dataclass(frozen=True, slots=True)
class Request:
    """A request read and its own signature verified. made_at: UTC, by the device's clock; device: its random id."""

    data: bytes = field(repr=False)
    office: str
    name: str
    role: CertRole
    person: str
    device: str
    made_at: datetime
    signing_key: ec.EllipticCurvePublicKey = field(repr=False)
    decryption_key: ec.EllipticCurvePublicKey | None = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def make_request(
    keys: DeviceKeys,
    *,
    office: str,
    name: str,
    role: CertRole = CertRole.VILLAGE_DEVICE,
    person: str = "",
    device: str,
    now: datetime,
    with_decryption: bool = True,
) -> bytes:
    """The request's DER bytes. with_decryption=False: a further person of the office asks for a signing key alone."""
    said: dict[str, Any] = {
        "v": 1,
        "office": office,
        "name": name,
        "role": role.value,
        "person": person,
        "device": device,
        "made_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "decryption_key": as_text(public_bytes(keys.decryption)) if with_decryption else "",
    }
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, office),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    extension = x509.UnrecognizedExtension(REQUEST_OID, rfc8785.dumps(said))
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(extension, critical=False)
    return builder.sign(keys.signing, hashes.SHA256()).public_bytes(Encoding.DER)


def read_request(data: bytes) -> Request:
    """The request of DER bytes. TrustError "request.damaged" for anything that is not whole and ours."""
    try:
        if len(data) > REQUEST_BYTES:
            raise ValueError(f"{len(data)} bytes")
        check_signed(data)
        asked = x509.load_der_x509_csr(data)
        if not asked.is_signature_valid:
            raise ValueError("signature")
        (extension,) = asked.extensions
        if not isinstance(extension.value, x509.UnrecognizedExtension) or extension.oid != REQUEST_OID:
            raise ValueError("extension")
        said: dict[str, Any] = json.loads(extension.value.value)
        if said.keys() != _FIELDS or said["v"] != 1 or not all(isinstance(said[k], str) for k in _FIELDS - {"v"}):
            raise ValueError("fields")
        office = said["office"]
        if len(office) != 12 or not office.isascii() or not office.isdigit():
            raise ValueError(f"office {office!r}")
        role = CertRole(said["role"])
        if role.authority:
            raise ValueError("a request never makes an authority")
        return Request(
            data=data,
            office=office,
            name=said["name"],
            role=role,
            person=said["person"],
            device=said["device"],
            made_at=read_moment(said["made_at"]),
            signing_key=_ours(asked.public_key()),
            decryption_key=load_public(from_text(said["decryption_key"])) if said["decryption_key"] else None,
        )
    except (*UNREADABLE, AttributeError, KeyError, RecursionError, TrustError) as cause:
        raise TrustError(
            "request.damaged",
            happened="证书申请文件损坏，或不是村报的证书申请",
            safe="没有签发证书，也没有导入任何内容",
            todo="请让申请单位重新导出一份证书申请",
            detail=str(cause),
        ) from cause


def comparison_code(request: bytes) -> str:
    """核对码: 24 digits of the SHA-256 over the whole request. Shown in six groups of four (`codes.grouped`)."""
    return digits24(hashlib.sha256(request).digest())


def _ours(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != algorithms.WRITTEN.curve:
        raise ValueError("not a key of the profile")
    return key
