"""May this key speak for that office? The chain from a certificate up to a county root we hold.

Judged at the signed time, never at today; revocations say what is still honoured, so the answer does not depend on
the order in which they arrived (protocol §1, §4). The hierarchy is fixed and at most three high, so the walk is short
and every refusal has its sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from cunbao.errors import TrustError
from cunbao.trust.certs import UNREADABLE, Certificate, CertRole, read_certificate


class Standing(StrEnum):
    """The three outcomes 结论."""

    VALID = "有效"
    UNKNOWN = "不能判断"
    INVALID = "无效"


@dataclass(frozen=True, slots=True)
class Revocation:
    """One signed 吊销, as the desk read it. key: key_id (SHA-256 hex of the public key) of the revoked key.

    honoured: ids of what it signed and still counts (for a CA key: the key_ids it certified that still count).
    office: 12 digits that the key must be certified for, as far as its signer's word reaches; "" any.
    """

    key: str
    honoured: frozenset[str]
    office: str = ""


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """path: the certificate, its issuers, the root; shorter when it could not be built. marks: never change the
    standing. vouched: a root that we hold certified the key, each link by whoever may, though it may have expired or
    been revoked since."""

    standing: Standing
    reason: str
    path: tuple[Certificate, ...]
    marks: tuple[str, ...] = ()
    vouched: bool = False


_E = TypeVar("_E", bound=x509.ExtensionType)
_CRITICAL_KNOWN: Final = (x509.BasicConstraints, x509.KeyUsage, x509.NameConstraints)
_ISSUER_OF: Final = {
    CertRole.TOWNSHIP_CA: CertRole.ROOT,
    CertRole.COUNTY_DESK: CertRole.ROOT,
    CertRole.TOWNSHIP_DESK: CertRole.TOWNSHIP_CA,
    CertRole.VILLAGE_DEVICE: CertRole.TOWNSHIP_CA,
}


def judge_chain(
    leaf: Certificate,
    *,
    others: Iterable[bytes],
    roots: Sequence[bytes],
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
    at: datetime,
    object_id: str,
) -> ChainVerdict:
    """The standing of `leaf` for a signature made at `at` over the object `object_id`.

    others: certificates that may lie in between (DER, untrusted). roots: the trusted county roots (DER).
    """
    if leaf.self_signed:
        if leaf.role.authority:
            return ChainVerdict(Standing.INVALID, "签发证书只能签证书，不能签报表和文件", (leaf,))
        return ChainVerdict(Standing.UNKNOWN, "登记前签，钥匙与证书一致", (leaf,))
    path = _path(leaf, others, roots)
    fault = _fault(path)
    if fault:
        return ChainVerdict(Standing.INVALID, fault, path)
    if not roots:
        return ChainVerdict(Standing.UNKNOWN, "本机还没有县级根证书，不能核对签名人", path)
    if path[-1].der not in roots:
        return ChainVerdict(Standing.UNKNOWN, "证书不是本机所认的县级根证书签发的", path)
    for one in path:
        if at > one.not_after:
            return ChainVerdict(
                Standing.INVALID, f"签名时{one.name}的证书已过期（{one.not_after:%Y-%m-%d}到期）", path, vouched=True
            )
    marks = ("签名时间早于证书生效时间，填报设备的时钟可能不准",) if at < leaf.not_before else ()
    return _revoked(path, crls, revocations, object_id) or ChainVerdict(
        Standing.VALID, f"内容未改动，{leaf.name}的证书由{path[1].name}签发", path, marks, vouched=True
    )


def vouched(certificate: Certificate, *, others: Iterable[bytes], roots: Sequence[bytes]) -> bool:
    """Did a root that we hold certify this key, each link by whoever may? Whatever the certificate is for, and though
    it may have expired or been revoked since. A certificate that nobody vouches for says nothing about anybody."""
    path = _path(certificate, others, roots)
    return path[-1].der in roots and not _broken(path)


def _path(leaf: Certificate, others: Iterable[bytes], roots: Sequence[bytes]) -> tuple[Certificate, ...]:
    """Issuers by name and signature, as far as they are found; a trusted root is preferred."""
    pool = [*_readable(roots), *_readable(others)]
    path = [leaf]
    while not path[-1].self_signed and len(path) <= len(_ISSUER_OF):
        above = next((one for one in pool if one not in path and issued_by(path[-1].der, one.der)), None)
        if above is None:
            break
        path.append(above)
    return tuple(path)


def _fault(path: tuple[Certificate, ...]) -> str:
    """What is wrong with the chain or with what it is used for, whoever its root is; "" when nothing."""
    fault = _broken(path)
    if not fault and len(path) > 1 and not path[0].may_sign:
        return "这张证书只能用来解密，不能签名"
    return fault


def _broken(path: tuple[Certificate, ...]) -> str:
    """What is wrong with the chain itself; "" when nothing."""
    for below, above in pairwise(path):
        if _ISSUER_OF.get(below.role) is not above.role:
            return f"{above.role.label}不能签发{below.role.label}证书"
        constraints = _extension(above, x509.BasicConstraints)
        usage = _extension(above, x509.KeyUsage)
        if constraints is None or not constraints.ca or usage is None or not usage.key_cert_sign:
            return f"{above.name}的证书不能用来签发证书"
        if not _within(below, above):
            return f"{below.name}（{below.office}）不在{above.name}的管辖范围内"
    for one in path:
        if any(entry.critical and not isinstance(entry.value, _CRITICAL_KNOWN) for entry in one.x509.extensions):
            return f"{one.name}的证书有本程序不认识的限制"
    return ""


def _within(below: Certificate, above: Certificate) -> bool:
    """The 12 digits and the critical name constraint, both."""
    digits = {
        CertRole.TOWNSHIP_CA: below.office[:6] == above.office[:6] and below.office.endswith("000"),
        CertRole.COUNTY_DESK: below.office == above.office,
        CertRole.TOWNSHIP_DESK: below.office == above.office,
        CertRole.VILLAGE_DEVICE: below.prefix == above.prefix and not below.office.endswith("000"),
    }
    if not digits.get(below.role, False):
        return False
    if above.role is CertRole.ROOT:
        return True
    held = _extension(above, x509.NameConstraints)
    names = [name.value for name in (held.permitted_subtrees or ())] if held else []
    subject = list(below.x509.subject.rdns)
    return any(isinstance(name, x509.Name) and subject[: len(name.rdns)] == list(name.rdns) for name in names)


def _revoked(
    path: tuple[Certificate, ...], crls: Sequence[bytes], revocations: Sequence[Revocation], object_id: str
) -> ChainVerdict | None:
    """None when nothing was revoked. The ids still honoured are the intersection of all revocations of the key."""
    marks: list[str] = []
    for place, one in enumerate(path[:-1]):
        touching = [by for by in revocations if by.key == one.key_id and by.office in ("", one.office)]
        asked = object_id if place == 0 else path[place - 1].key_id
        if touching:
            if not all(asked in revocation.honoured for revocation in touching):
                reason = f"{one.name}的证书已吊销，这份不在仍然承认的名单里"
                return ChainVerdict(Standing.INVALID, reason, path, vouched=True)
            marks.append(f"{one.name}的证书后来已吊销，这份仍然承认")
        elif any(_listed(crl, path[place + 1].der, one.x509.serial_number) for crl in crls):
            reason = f"{one.name}的证书已列入吊销名单，还没有收到吊销说明"
            return ChainVerdict(Standing.UNKNOWN, reason, path, vouched=True)
    if not marks:
        return None
    return ChainVerdict(Standing.VALID, "内容未改动，证书签名时可信", path, tuple(marks), vouched=True)


@lru_cache(maxsize=4096)
def issued_by(below: bytes, above: bytes) -> bool:
    """Does `above` (DER) carry the name and the key that signed `below` (DER)?"""
    try:
        read_certificate(below).x509.verify_directly_issued_by(read_certificate(above).x509)
    except (InvalidSignature, *UNREADABLE):  # also an algorithm that this computer does not know
        return False
    return True


@lru_cache(maxsize=1024)
def _listed(crl: bytes, issuer: bytes, serial: int) -> bool:
    """Does the issuer's own list name the serial? A list that does not verify says nothing."""
    try:
        found = x509.load_der_x509_crl(crl)
        authority = read_certificate(issuer)
        if found.issuer != authority.x509.subject or not found.is_signature_valid(authority.public_key):
            return False
    except UNREADABLE:
        return False
    return found.get_revoked_certificate_by_serial_number(serial) is not None


def _readable(many: Iterable[bytes]) -> list[Certificate]:
    found = []
    for der in many:
        try:
            found.append(read_certificate(der))
        except TrustError:  # a damaged one in between vouches for nobody
            continue
    return found


def _extension(one: Certificate, kind: type[_E]) -> _E | None:
    try:
        return one.x509.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
