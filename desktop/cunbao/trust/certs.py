"""What a certificate says, in our words: which office, which role, which key. Reads only; `pki` issues.

Subject, in this order: C, O = county, OU = 9 digits (the township; county code + 000 for the county), title = role,
serialNumber = the office's 12 digits, dnQualifier = the device's id, name = person (both may be absent), CN = the
office's name. The first three are what a township CA's name constraint holds fast; facts were measured with openssl,
pdfsig and pyHanko.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cunbao.errors import TrustError
from cunbao.survey.codes import digits24, grouped
from cunbao.trust import algorithms
from cunbao.trust.der import check_signed
from cunbao.trust.keys import public_bytes

# What the library raises for bytes that are no certificate or request of ours
UNREADABLE: Final = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType, UserWarning,  # a name of a wrong length, where warnings are errors
)  # fmt: skip
CERTIFICATE_BYTES: Final = 4 * 1024  # ours have about 700; thousands are remembered
NAME_OID: Final = x509.ObjectIdentifier("2.5.4.41")  # id-at-name: the person


class CertRole(StrEnum):
    """What a key may do (title of the subject)."""

    ROOT = "county-root"
    TOWNSHIP_CA = "township-ca"
    COUNTY_DESK = "county-desk"
    TOWNSHIP_DESK = "township-desk"
    VILLAGE_DEVICE = "village-device"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def authority(self) -> bool:
        """Signs certificates and revocation lists, and nothing else."""
        return self in (CertRole.ROOT, CertRole.TOWNSHIP_CA)


_LABELS = {
    CertRole.ROOT: "县级根证书",
    CertRole.TOWNSHIP_CA: "乡镇签发证书",
    CertRole.COUNTY_DESK: "县级工作台",
    CertRole.TOWNSHIP_DESK: "乡镇工作台",
    CertRole.VILLAGE_DEVICE: "村级填报设备",
}


def prefix9(office: str) -> str:
    """The 9 digits that a township and its villages share."""
    return office[:9]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate read. key_id: SHA-256 hex of the DER public key; office: 12 digits; prefix: 9 digits of OU.

    device: the id by which headers name the computer; a device's own certificate is what its id is made of."""

    der: bytes = field(repr=False)
    x509: x509.Certificate = field(repr=False)
    office: str
    prefix: str
    role: CertRole
    name: str
    person: str
    county: str
    key_id: str
    self_signed: bool
    device: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def number(self) -> str:
        """证书编号 as printed: the first 16 hex digits of the serial in groups of 4."""
        return grouped(f"{self.x509.serial_number:032X}"[:16], " ")

    @property
    def not_before(self) -> datetime:
        return self.x509.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self.x509.not_valid_after_utc

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        key = self.x509.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)  # read_certificate saw to it
        return key

    @property
    def may_sign(self) -> bool:
        return self._usage("digital_signature")

    @property
    def may_decrypt(self) -> bool:
        return self._usage("key_agreement")

    @property
    def subject_key(self) -> bytes:
        """SubjectKeyIdentifier: names the recipient in envelopes, so it survives a renewal of the certificate."""
        extension = self.x509.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return extension.value.digest

    def _usage(self, name: str) -> bool:
        try:
            usage = self.x509.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return False
        return bool(getattr(usage, name))


@lru_cache(maxsize=4096)
def read_certificate(der: bytes) -> Certificate:
    """The certificate of DER bytes. TrustError "certificate.damaged" when it is not one of ours in form."""
    try:
        if len(der) > CERTIFICATE_BYTES:
            raise ValueError(f"{len(der)} bytes")
        check_signed(der)
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != algorithms.WRITTEN.curve:
            raise ValueError("not a key of the profile")
        if found.serial_number <= 0:
            raise ValueError("serial")
        office = _one(found.subject, NameOID.SERIAL_NUMBER)
        if len(office) != 12 or not office.isascii() or not office.isdigit():
            raise ValueError(f"serialNumber {office!r}")
        prefix = _one(found.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        if prefix != prefix9(office):
            raise ValueError(f"OU {prefix!r} beside serialNumber {office!r}")
        found.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return Certificate(
            der=der,
            x509=found,
            office=office,
            prefix=prefix,
            role=CertRole(_one(found.subject, NameOID.TITLE)),
            name=_one(found.subject, NameOID.COMMON_NAME),
            person=_optional(found.subject, NAME_OID),
            county=_one(found.subject, NameOID.ORGANIZATION_NAME),
            key_id=hashlib.sha256(public_bytes(key)).hexdigest(),
            self_signed=(own := _self_signed(found)),
            device=device_id(der) if own else _optional(found.subject, NameOID.DN_QUALIFIER),
        )
    except UNREADABLE as cause:
        raise TrustError(
            "certificate.damaged",
            happened="证书损坏，或不是村报的证书",
            safe="没有导入任何内容",
            todo="请向签发证书的一方重新索取",
            detail=str(cause),
        ) from cause


def device_id(own: bytes) -> str:
    """The id of a device: from the certificate (DER) that it made itself when its keys were new."""
    return hashlib.sha256(own).hexdigest()[:32]


def certificate_number(der: bytes) -> str:
    """证书编号 of the signature box: "7A3F 09C2 …"."""
    return read_certificate(der).number


def fingerprint24(der: bytes) -> str:
    """24 digits over the whole certificate, compared by eye with the printed notice on a first opening."""
    return digits24(hashlib.sha256(der).digest())


def _self_signed(found: x509.Certificate) -> bool:
    if found.issuer != found.subject:
        return False
    try:
        found.verify_directly_issued_by(found)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _one(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = [str(attribute.value) for attribute in name.get_attributes_for_oid(oid)]
    if len(values) != 1:
        raise ValueError(f"{len(values)} values of {oid.dotted_string}")
    return values[0]


def _optional(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return _one(name, oid) if name.get_attributes_for_oid(oid) else ""
