"""Certificates issued: county root → township CA and county desk; township CA → township desk and village devices.

Every issuance takes `now`; only serial numbers are random. A name constraint holds each township CA to its 9 digits, so
that openssl, pdfsig and pyHanko refuse what it may not say. Source: protocol §4; measured in those three tools.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cunbao.errors import TrustError
from cunbao.trust.certs import NAME_OID, Certificate, CertRole, fingerprint24, prefix9, read_certificate
from cunbao.trust.enrol import Request, comparison_code, make_request, read_request
from cunbao.trust.keys import DeviceKeys, PrivateKey, Random, Signer, new_key

__all__ = [
    "Authority", "Issued", "Request", "Revoked", "approve", "certify_township", "comparison_code", "fingerprint24",
    "make_crl", "make_desk", "make_device", "make_request", "make_root", "make_township_ca",
    "read_request", "renew", "self_signed",
]  # fmt: skip

ROOT_YEARS: Final = 20
TOWNSHIP_YEARS: Final = 10
DEVICE_YEARS: Final = 3
_NAME_LIMIT: Final = 64  # RFC 5280 upper bound of O and CN
_ISSUES: Final = {
    CertRole.ROOT: frozenset({CertRole.TOWNSHIP_CA, CertRole.COUNTY_DESK}),
    CertRole.TOWNSHIP_CA: frozenset({CertRole.TOWNSHIP_DESK, CertRole.VILLAGE_DEVICE}),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA that issues: its key, its certificate (DER), the certificates above it (DER, root last; () for the root)."""

    key: PrivateKey = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...] = ()

    @property
    def whole_chain(self) -> tuple[bytes, ...]:
        """What goes along with a certificate that this CA issued: itself, then those above."""
        return (self.certificate, *self.chain)


@dataclass(frozen=True, slots=True)
class Issued:
    """What an approval gives: both certificates (DER; decryption b"" if none was asked) and the chain, root last."""

    signing: bytes
    decryption: bytes
    chain: tuple[bytes, ...] = ()

    def signer(self, key: PrivateKey, *, person: str = "", role: str = "") -> Signer:
        """Whoever holds the signing key, ready to sign."""
        return Signer(key, self.signing, self.chain, person, role, self.decryption)


@dataclass(frozen=True, slots=True)
class Revoked:
    """One line of a CRL: the serial and since when."""

    serial: int
    at: datetime


def make_root(
    *, office: str, name: str, now: datetime, years: int = ROOT_YEARS, key: PrivateKey | None = None,
    random: Random = os.urandom,
) -> Authority:  # fmt: skip
    """The county's root. office: the county's 12 digits (532822000000); name: 勐海县, it becomes O of all below."""
    key = key or new_key()
    subject = _subject(county=name, office=office, role=CertRole.ROOT, name=f"{name}村报根证书")
    builder = _builder(subject, subject, key.public_key(), now, _after(now, years), random)
    builder = _authority_extensions(builder, key.public_key(), path_length=1)
    return Authority(key, _signed(builder, key))


def make_township_ca(
    root: Authority, *, office: str, name: str, now: datetime, years: int = TOWNSHIP_YEARS,
    key: PrivateKey | None = None, random: Random = os.urandom,
) -> Authority:  # fmt: skip
    """A township's CA with its key. office: 12 digits ending in 000; it can certify nothing outside its first 9 digits.

    `key`: the same key again after the county's root or certificate changed. TrustError "issue.forbidden".
    """
    key = key or new_key()
    public = key.public_key()
    certificate = certify_township(root, public, office=office, name=name, now=now, years=years, random=random)
    return Authority(key, certificate, root.whole_chain)


def certify_township(
    root: Authority, key: ec.EllipticCurvePublicKey, *, office: str, name: str, now: datetime,
    years: int = TOWNSHIP_YEARS, random: Random = os.urandom,
) -> bytes:  # fmt: skip
    """The certificate (DER) of a CA key that the township made and keeps: the county sees its public half alone.

    TrustError "issue.forbidden".
    """
    above = read_certificate(root.certificate)
    _allow(above, CertRole.TOWNSHIP_CA, office)
    subject = _subject(above.county, office, CertRole.TOWNSHIP_CA, f"{name}签发证书")
    builder = _builder(subject, above.x509.subject, key, now, _until(above, now, years), random)
    builder = _authority_extensions(builder, key, path_length=0, issuer=above)
    held = x509.DirectoryName(_base(above.county, prefix9(office)))
    builder = builder.add_extension(x509.NameConstraints([held], None), critical=True)
    return _signed(builder, root.key)


def make_device(
    authority: Authority, request: bytes, *, now: datetime, years: int = DEVICE_YEARS, random: Random = os.urandom
) -> Issued:
    """Certificates for exactly the keys in `request`; whoever calls has compared the code (`approve` does both).

    Valid from the day that the device says it made its keys, so that what it signed before enrolment is covered.
    TrustError "request.damaged", "issue.forbidden".
    """
    asked = read_request(request)
    above = read_certificate(authority.certificate)
    _allow(above, asked.role, asked.office)
    since = max(above.not_before, min(now, asked.made_at))
    subject = _subject(above.county, asked.office, asked.role, asked.name, asked.person, asked.device)

    def issue(public_key: ec.EllipticCurvePublicKey, *, signing: bool) -> bytes:
        builder = _builder(subject, above.x509.subject, public_key, since, _until(above, now, years), random)
        return _signed(_device_extensions(builder, public_key, signing=signing, issuer=above), authority.key)

    decryption = asked.decryption_key
    return Issued(
        signing=issue(asked.signing_key, signing=True),
        decryption=issue(decryption, signing=False) if decryption else b"",
        chain=authority.whole_chain,
    )


def approve(
    authority: Authority, request: bytes, typed_code: str, *, now: datetime, years: int = DEVICE_YEARS,
    random: Random = os.urandom,
) -> Issued:  # fmt: skip
    """`make_device` after the code that was read aloud has been compared. TrustError "enrol.code" when it differs."""
    if "".join(sign for sign in typed_code if sign.isdigit()) != comparison_code(request):
        raise TrustError(
            "enrol.code",
            happened="输入的核对码与这份证书申请不符",
            safe="没有签发证书",
            todo="请让申请人把纸上的24位数字再读一遍；三次不符就请对方重新申请",
        )
    return make_device(authority, request, now=now, years=years, random=random)


def make_desk(
    authority: Authority, keys: DeviceKeys, *, office: str, name: str, role: CertRole, person: str = "",
    now: datetime, years: int = DEVICE_YEARS, random: Random = os.urandom,
) -> Issued:  # fmt: skip
    """Certificates for a desk that sits beside its CA (county desk, township desk): no code to compare."""
    request = make_request(keys, office=office, name=name, role=role, person=person, device="", now=now)
    return make_device(authority, request, now=now, years=years, random=random)


def self_signed(
    keys: DeviceKeys, *, office: str, name: str, now: datetime, person: str = "",
    role: CertRole = CertRole.VILLAGE_DEVICE, years: int = DEVICE_YEARS, random: Random = os.urandom,
) -> Issued:  # fmt: skip
    """What a device signs with before enrolment. It says who it claims to be; nobody vouches for it."""
    subject = _subject("登记前", office, role, name, person)

    def own(key: PrivateKey, *, signing: bool) -> bytes:
        builder = _builder(subject, subject, key.public_key(), now, _after(now, years), random)
        return _signed(_device_extensions(builder, key.public_key(), signing=signing), key)

    return Issued(signing=own(keys.signing, signing=True), decryption=own(keys.decryption, signing=False))


def renew(
    authority: Authority, certificate: bytes, *, now: datetime, years: int = DEVICE_YEARS, random: Random = os.urandom
) -> bytes:
    """The same key and subject certified again: before expiry, or by the new CA after a lost one. Gives DER.

    The start stays that of the old certificate, so that earlier signatures stay covered. TrustError "issue.forbidden".
    """
    old = read_certificate(certificate)
    above = read_certificate(authority.certificate)
    _allow(above, old.role, old.office)
    subject = _subject(above.county, old.office, old.role, old.name, old.person, "" if old.self_signed else old.device)
    since = max(above.not_before, min(now, old.not_before))
    builder = _builder(subject, above.x509.subject, old.public_key, since, _until(above, now, years), random)
    return _signed(_device_extensions(builder, old.public_key, signing=old.may_sign, issuer=above), authority.key)


def make_crl(
    authority: Authority, revoked: Sequence[Revoked], *, number: int, now: datetime, days: int = 400
) -> bytes:
    """The CA's revocation list for other tools (DER). Our own verdict reads the signed revocations as well."""
    above = read_certificate(authority.certificate)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(above.x509.subject)
        .last_update(now)
        .next_update(now + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_issuer_key(above), critical=False)
    )
    for line in sorted(revoked, key=lambda entry: entry.serial):
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(line.serial).revocation_date(line.at).build()
        )
    return _der(builder.sign(authority.key, hashes.SHA256()))


def _allow(above: Certificate, role: CertRole, office: str) -> None:
    """May this CA certify that role for that office? Said here so that nothing is issued that no tool would trust."""
    fits = {
        CertRole.TOWNSHIP_CA: re.fullmatch(r"[0-9]{9}000", office) is not None
        and not office.endswith("000000")
        and office[:6] == above.office[:6],
        CertRole.COUNTY_DESK: office == above.office,
        CertRole.TOWNSHIP_DESK: office == above.office,
        CertRole.VILLAGE_DEVICE: not office.endswith("000") and prefix9(office) == above.prefix,
    }
    if role not in _ISSUES.get(above.role, frozenset()) or not fits.get(role, False):
        raise TrustError(
            "issue.forbidden",
            happened=f"{above.name}不能为{office}签发“{role.label}”证书",
            safe="没有签发证书",
            todo="请核对单位代码；别的乡镇的村，由那个乡镇核准",
        )


def _base(county: str, prefix: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, county),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, prefix),
        ]
    )


def _subject(
    county: str, office: str, role: CertRole, name: str, person: str = "", device: str = ""
) -> x509.Name:
    for text in (county, name, person, device):
        if len(text) > _NAME_LIMIT:
            raise TrustError(
                "name.long",
                happened=f"名称超过{_NAME_LIMIT}个字，不能写进证书：{text[:20]}…",
                safe="没有签发证书",
                todo="请改用简称后再试",
            )
    attributes = [
        *_base(county, prefix9(office)),
        x509.NameAttribute(NameOID.TITLE, role.value),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, office),
    ]
    if device:
        attributes.append(x509.NameAttribute(NameOID.DN_QUALIFIER, device))
    if person:
        attributes.append(x509.NameAttribute(NAME_OID, person))
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    return x509.Name(attributes)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, until: datetime,
    random: Random,
) -> x509.CertificateBuilder:  # fmt: skip
    # 127 bits with the highest set: a full 16 digits are printed, whatever was drawn
    serial = int.from_bytes(random(16)) >> 2 | 1 << 126
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _authority_extensions(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePublicKey, *, path_length: int,
    issuer: Certificate | None = None,
) -> x509.CertificateBuilder:  # fmt: skip
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return _key_identifiers(builder, key, issuer)


def _device_extensions(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePublicKey, *, signing: bool,
    issuer: Certificate | None = None,
) -> x509.CertificateBuilder:  # fmt: skip
    usage = _usage("digital_signature", "content_commitment") if signing else _usage("key_agreement")
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    return _key_identifiers(builder, key, issuer)


def _key_identifiers(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePublicKey, issuer: Certificate | None
) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    if issuer is None:
        return builder
    return builder.add_extension(_issuer_key(issuer), critical=False)


def _issuer_key(issuer: Certificate) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier(issuer.subject_key, None, None)


_USAGES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def _usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in _USAGES})


def _after(now: datetime, years: int) -> datetime:
    return now + timedelta(days=365 * years)


def _until(above: Certificate, now: datetime, years: int) -> datetime:
    return min(_after(now, years), above.not_after)


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> bytes:
    return _der(builder.sign(key, hashes.SHA256()))


def _der(signed: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    return signed.public_bytes(Encoding.DER)
