"""The verdict on a signature, in three outcomes with a reason in the user's words: 有效, 不能判断, 无效.

有效: unchanged, by a key that a county root we hold vouches for, for the right office and role. 不能判断: unchanged and
by the key in the certificate, but nobody we know vouches for it. 无效: anything else. Source: design §5, protocol §1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cunbao.errors import TrustError
from cunbao.trust.certs import Certificate, CertRole
from cunbao.trust.chain import Revocation, Standing, judge_chain
from cunbao.trust.cms import Signed, read_signed

__all__ = ["Revocation", "SignatureVerdict", "Standing", "verify_attached", "verify_detached"]


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """standing and reason as shown. computes: the signature is that key's over exactly these bytes (False only with
    无效: such a file is refused). signer: None when the signature could not be read. marks: mere remarks.

    signed_at: aware UTC by the signer's clock. before_enrolment: signed with a self-signed certificate.
    """

    standing: Standing
    reason: str
    computes: bool
    signer: Certificate | None = field(default=None, repr=False)
    signed_at: datetime | None = None
    before_enrolment: bool = False
    chain: tuple[Certificate, ...] = field(default=(), repr=False)
    marks: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return self.standing is Standing.VALID

    @property
    def office(self) -> str:
        """12 digits as the certificate says; "" when there is none."""
        return self.signer.office if self.signer else ""

    @property
    def role(self) -> CertRole | None:
        return self.signer.role if self.signer else None


def verify_detached(
    data: bytes,
    cms: bytes,
    *,
    roots: Sequence[bytes],
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
    certificates: Sequence[bytes] = (),
    office: str = "",
    roles: Collection[CertRole] = (),
    at: datetime | None = None,
    object_id: str = "",
) -> SignatureVerdict:
    """The verdict on `cms` beside `data`. Never raises for what it is given: a damaged signature is 无效.

    office: the 12 digits that must have signed ("" any); roles: which roles may (() any but authorities);
    at: the signed time in the header (default: the signature's own); object_id: the id that revocations honour
    (default: SHA-256 of `data`); certificates: further issuers we hold.
    """
    digest = hashlib.sha256(data).digest()
    try:
        signed = read_signed(cms)
    except TrustError as trouble:
        return SignatureVerdict(Standing.INVALID, trouble.happened, computes=False)
    if signed.content is not None:
        return SignatureVerdict(Standing.INVALID, "签名文件里另有内容，不是这份数据的签名", computes=False)
    return judge(
        signed, digest, roots=roots, crls=crls, revocations=revocations, certificates=certificates, office=office,
        roles=roles, at=at, object_id=object_id or digest.hex(),
    )  # fmt: skip


def verify_attached(
    cms: bytes,
    *,
    roots: Sequence[bytes],
    crls: Sequence[bytes] = (),
    revocations: Sequence[Revocation] = (),
    certificates: Sequence[bytes] = (),
    office: str = "",
    roles: Collection[CertRole] = (),
    at: datetime | None = None,
    object_id: str = "",
) -> tuple[memoryview, SignatureVerdict]:
    """The content inside and the verdict on it. TrustError "signature.damaged" when there is no content to give.

    The content is a view into `cms`; when the verdict does not compute, nothing in it may be believed.
    """
    signed = read_signed(cms)
    if signed.content is None:
        raise TrustError(
            "signature.damaged",
            happened="签名文件里没有内容",
            safe="没有导入任何内容，原文件没有改动",
            todo="请重新复制一份文件再试",
        )
    digest = hashlib.sha256(signed.content).digest()
    return signed.content, judge(
        signed, digest, roots=roots, crls=crls, revocations=revocations, certificates=certificates, office=office,
        roles=roles, at=at, object_id=object_id or digest.hex(),
    )  # fmt: skip


def judge(
    signed: Signed,
    digest: bytes,
    *,
    roots: Sequence[bytes],
    crls: Sequence[bytes],
    revocations: Sequence[Revocation],
    certificates: Sequence[bytes],
    office: str,
    roles: Collection[CertRole],
    at: datetime | None,
    object_id: str,
) -> SignatureVerdict:
    """The verdict on a signature that has been taken apart; `digest` is the SHA-256 of what it should cover."""
    signer = signed.signer
    moment = at or signed.signed_at

    def verdict(standing: Standing, reason: str, *, computes: bool = True) -> SignatureVerdict:
        return SignatureVerdict(standing, reason, computes, signer, moment, signer.self_signed)

    if not signed.computes(digest):
        return verdict(Standing.INVALID, "内容在签名后被改动，或签名不是这份内容的", computes=False)
    if moment is None:
        return verdict(Standing.INVALID, "签名没有写明时间")
    if office and signer.office != office:
        return verdict(Standing.INVALID, f"签名单位是{signer.name}（{signer.office}），应为{office}")
    if roles and signer.role not in roles:
        return verdict(Standing.INVALID, f"“{signer.role.label}”证书不能签这类文件")
    found = judge_chain(
        signer,
        others=(*signed.others, *certificates),
        roots=roots,
        crls=crls,
        revocations=revocations,
        at=moment,
        object_id=object_id,
    )
    return SignatureVerdict(
        found.standing, found.reason, True, signer, moment, signer.self_signed, found.path, found.marks
    )
