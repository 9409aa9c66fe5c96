"""`.cbsync`: EnvelopedData around SignedData around a zip of manifest.json, SHA256SUMS and objects/<sha256>.

Reading believes nothing before the inner signature is verified and everything measured; it applies nothing. It refuses
only for form (damage, limits, wrong addressee, hashes, a signature that does not compute); whether the signer is
trusted stands in the verdict, and the desk derives the state from that (protocol §1, §5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange import limits
from cunbao.exchange.archive import read_zip, write_zip
from cunbao.exchange.manifest import (
    Acknowledgement,
    ClosedPeriod,
    Former,
    Manifest,
    Member,
    ObjectKind,
    PackageKind,
    member,
    most,
    split,
    too_large,
)
from cunbao.trust.cms import envelope, open_envelope, sign_attached
from cunbao.trust.enrol import Request, read_request
from cunbao.trust.keys import PrivateKey, Signer, public_bytes
from cunbao.trust.verify import Revocation, SignatureVerdict, verify_attached

__all__ = [
    "Acknowledgement", "ClosedPeriod", "Former", "Manifest", "Member", "ObjectKind", "Package", "PackageKind",
    "member", "package_id", "read_package", "split", "sums", "write_package",
]  # fmt: skip

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
OBJECTS = "objects/"


@dataclass(frozen=True, slots=True)
class Package:
    """A package read whole. objects: SHA-256 hex → bytes, every hash recomputed. verdict: on the package's signer.

    sha256: of the file, by which a known one is found before decryption. size: bytes of the file.
    """

    manifest: Manifest
    objects: Mapping[str, bytes] = field(repr=False)
    verdict: SignatureVerdict
    sha256: str
    size: int

    def of_kind(self, kind: ObjectKind) -> tuple[bytes, ...]:
        """The objects of one kind, in the manifest's order."""
        return tuple(self.objects[one.sha256] for one in self.manifest.members if one.kind is kind)

    @property
    def request(self) -> Request | None:
        """The enrolment request of the key that signed this package, when it carries one."""
        for data in self.of_kind(ObjectKind.REQUEST):
            try:
                asked = read_request(data)
            except TrustError:  # stored like any object; it enrols nobody
                continue
            signer = self.verdict.signer
            if signer is not None and public_bytes(asked.signing_key) == public_bytes(signer.public_key):
                return asked
        return None


def package_id(data: bytes) -> str:
    """SHA-256 hex of the file: its name on a drop box, and how a known one is found."""
    return hashlib.sha256(data).hexdigest()


def write_package(
    manifest: Manifest, objects: Mapping[str, bytes], signer: Signer, recipients: Sequence[bytes], *, when: datetime
) -> bytes:
    """The file's bytes. objects: exactly the members of the manifest, by SHA-256 hex.

    recipients: decryption certificates (DER); the writer's own (`signer.decryption`) is added, so that it can open and
    compare what it wrote. ExchangeError "package.too_large", "package.members"; TrustError "recipient.missing".
    """
    named = {one.sha256 for one in manifest.members}
    if named != objects.keys() or not all(_is(objects[one.sha256], one) for one in manifest.members):
        raise ExchangeError(
            "package.members",
            happened="清单与要写出的内容不一致",
            safe="没有写出文件，已签名的报表没有改动",
            todo="请重新打开程序再导出一次；仍不行请告诉县里",
        )
    for one in manifest.members:
        if one.size > most(one.kind):
            raise too_large("一个附件或文件", most(one.kind))
    data = inner_zip(manifest.encode(), {OBJECTS + sha256: objects[sha256] for sha256 in objects})
    if len(data) > limits.PACKAGE.content:
        raise too_large("要写出的内容")
    own = (signer.decryption,) if signer.decryption else ()
    return envelope(sign_attached(data, signer, when=when), [*recipients, *own])


def read_package(
    data: bytes,
    keys: Sequence[PrivateKey],
    roots: Sequence[bytes],
    *,
    us: Collection[str] = (),
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
    certificates: Sequence[bytes] = (),
) -> Package:
    """The package in `data`, opened by one of our decryption keys, verified whole; nothing is applied.

    us: our 12 digits (several at a township that stands in for villages; () not asked): neither sender nor addressee
    is refused. ExchangeError "package.oversize", "package.damaged", "package.not_for_us", "package.signature",
    "package.newer", "package.manifest", "package.hashes", "package.address", "archive.…".
    """
    if len(data) > limits.PACKAGE.file:
        raise _refused("package.oversize", f"文件有{len(data) // limits.MB}MB，超过一个报送包的上限")
    sha256 = package_id(data)
    size = len(data)
    content, verdict = _opened(data, keys, roots, crls, revocations, certificates)
    members = read_zip(content, limits.PACKAGE)
    del content
    encoded = members.pop(MANIFEST, b"")
    if len(encoded) > limits.MANIFEST:
        raise _refused("package.manifest", "文件里的清单太长")
    manifest = Manifest.decode(encoded)
    _check_members(manifest, encoded, members)
    if us and manifest.office not in us and not set(us) & set(manifest.to):
        raise ExchangeError(
            "package.address",
            happened=f"这个文件是{manifest.office}报给{'、'.join(manifest.to[:3])}的，不是给本单位的",
            safe="没有导入任何内容，原文件没有改动",
            todo="请核对是不是拿错了文件",
        )
    if verdict.office != manifest.office:
        raise _refused("package.signature", f"文件写明由{manifest.office}报出，签名却是{verdict.office}的")
    if verdict.signer is None or verdict.signer.device != manifest.device:
        # numbers and acknowledgements are kept by device: nobody may speak for another one's
        raise _refused("package.signature", "文件写明由一台电脑报出，签名却是另一台电脑的")
    return Package(manifest, {name[len(OBJECTS) :]: body for name, body in members.items()}, verdict, sha256, size)


def inner_zip(manifest: bytes, members: Mapping[str, bytes]) -> bytes:
    """The deterministic zip: the manifest, its members, and SHA256SUMS over both for `sha256sum -c`."""
    whole = {MANIFEST: manifest, **members}
    return write_zip({**whole, SUMS: sums(whole)})


def sums(members: Mapping[str, bytes]) -> bytes:
    """SHA256SUMS as coreutils writes it, sorted by name."""
    return "".join(f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n" for name in sorted(members)).encode()


def _opened(
    data: bytes, keys: Sequence[PrivateKey], roots: Sequence[bytes], crls: Sequence[bytes],
    revocations: Sequence[Revocation], certificates: Sequence[bytes],
) -> tuple[memoryview, SignatureVerdict]:  # fmt: skip
    try:
        signed = open_envelope(data, keys)
        content, verdict = verify_attached(
            signed, roots=roots, crls=crls, revocations=revocations, certificates=certificates
        )
    except TrustError as trouble:
        code = "package.not_for_us" if trouble.code == "envelope.not_for_us" else "package.damaged"
        raise ExchangeError(
            code, happened=trouble.happened, safe=trouble.safe, todo=trouble.todo, detail=trouble.detail
        ) from trouble
    if not verdict.computes:
        raise _refused("package.signature", verdict.reason)
    return content, verdict


def _check_members(manifest: Manifest, encoded: bytes, members: dict[str, bytes]) -> None:
    """Every hash recomputed; nothing missing, nothing more than the manifest says. Takes SHA256SUMS out."""
    listed = members.pop(SUMS, b"")
    if listed != sums({MANIFEST: encoded, **members}):
        raise _refused("package.hashes", "文件里的内容与校验清单不符")
    if members.keys() != _names(manifest.members) or not all(
        _is(members[OBJECTS + one.sha256], one) for one in manifest.members
    ):
        raise _refused("package.hashes", "文件里的内容与清单不符")


def _names(members: Iterable[Member]) -> set[str]:
    return {OBJECTS + one.sha256 for one in members}


def _is(data: bytes, one: Member) -> bool:
    return len(data) == one.size and hashlib.sha256(data).hexdigest() == one.sha256


def _refused(code: str, happened: str) -> ExchangeError:
    return ExchangeError(
        code,
        happened=happened,
        safe="没有导入任何内容，原文件没有改动",
        todo="请重新复制一份文件再试；仍不行就请对方重新导出",
    )
