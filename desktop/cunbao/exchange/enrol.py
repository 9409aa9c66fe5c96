"""Enrolment as files: `.cbreq` up (the PKCS#10 itself, so `openssl req` reads it), `.cbcert` down when no receipt goes.

The answer is signed by the approving desk and binds exactly the request it answers (protocol §4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange import limits
from cunbao.exchange.manifest import newer
from cunbao.trust.certs import Certificate, CertRole, read_certificate
from cunbao.trust.chain import Standing, judge_chain
from cunbao.trust.cms import sign_attached
from cunbao.trust.enrol import Request, read_request
from cunbao.trust.keys import Signer, as_text, from_text, public_bytes
from cunbao.trust.pki import Issued
from cunbao.trust.verify import SignatureVerdict, verify_attached

VERSION: Final = 1
_KEYS: Final = frozenset({"v", "kind", "request", "signing", "decryption", "chain", "approved_at"})
_APPROVER: Final = {
    CertRole.VILLAGE_DEVICE: CertRole.TOWNSHIP_DESK,
    CertRole.TOWNSHIP_DESK: CertRole.COUNTY_DESK,
    CertRole.COUNTY_DESK: CertRole.COUNTY_DESK,
}


@dataclass(frozen=True, slots=True)
class Approval:
    """An answer whose certificates are of the very keys asked for, under a root we trust. verdict: on the approver."""

    issued: Issued
    approved_at: datetime
    verdict: SignatureVerdict = field(repr=False)


def write_request(request: bytes) -> bytes:
    """The bytes of a .cbreq: the request as it is, once it reads back. TrustError "request.damaged"."""
    return read_request(request).data


def read_request_file(data: bytes) -> Request:
    """The request of a .cbreq. ExchangeError "request.damaged"."""
    try:
        return read_request(data)
    except TrustError as trouble:
        raise ExchangeError(
            trouble.code, happened=trouble.happened, safe=trouble.safe, todo=trouble.todo, detail=trouble.detail
        ) from trouble


def write_approval(request: bytes, issued: Issued, signer: Signer, *, when: datetime) -> bytes:
    """The bytes of a .cbcert. signer: the desk that approved."""
    said: dict[str, Any] = {
        "v": VERSION,
        "kind": "approval",
        "request": hashlib.sha256(request).hexdigest(),
        "signing": as_text(issued.signing),
        "decryption": as_text(issued.decryption),
        "chain": [as_text(above) for above in issued.chain],
        "approved_at": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return sign_attached(rfc8785.dumps(said), signer, when=when)


def read_approval(data: bytes, request: bytes, roots: Sequence[bytes], *, crls: Sequence[bytes] = ()) -> Approval:
    """The answer to our `request`, verified whole. roots: the county roots trusted here.

    ExchangeError "approval.damaged", "approval.signature", "approval.other" (not for this computer),
    "approval.certificates", "package.newer".
    """
    asked = read_request(request)
    try:
        if len(data) > limits.APPROVAL_FILE:
            raise ValueError("too long")
        content, verdict = verify_attached(data, roots=roots, crls=crls, roles=tuple(_APPROVER.values()))
        said = json.loads(bytes(content))
        if verdict.computes and isinstance(said.get("v"), int) and said["v"] > VERSION:  # else a mere slip of a bit
            raise newer()
        if said.keys() != _KEYS or said["v"] != VERSION or said["kind"] != "approval" or rfc8785.dumps(said) != content:
            raise ValueError("fields")
        issued = Issued(
            from_text(said["signing"]), from_text(said["decryption"]), tuple(from_text(one) for one in said["chain"])
        )
        approved_at = datetime.strptime(said["approved_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        signing = read_certificate(issued.signing)
        decryption = read_certificate(issued.decryption) if issued.decryption else None
    except (TrustError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        detail = cause.happened if isinstance(cause, TrustError) else str(cause)
        raise _refused("approval.damaged", "证书答复文件损坏", detail) from cause
    if not verdict.valid:
        raise _refused("approval.signature", f"证书答复的签名{verdict.standing}：{verdict.reason}")
    if said["request"] != asked.sha256:
        raise _refused("approval.other", "这份证书答复不是给这台电脑的")
    _check_certificates(asked, issued, signing, decryption, verdict, roots, approved_at)
    return Approval(issued, approved_at, verdict)


def _check_certificates(
    asked: Request, issued: Issued, signing: Certificate, decryption: Certificate | None, verdict: SignatureVerdict,
    roots: Sequence[bytes], at: datetime,
) -> None:  # fmt: skip
    """Exactly the keys, office and role of the request; the approver is that office's superior; the root is ours."""
    keys = [(signing, asked.signing_key)]
    if decryption is not None and asked.decryption_key is not None:
        keys.append((decryption, asked.decryption_key))
    for certificate, key in keys:
        same_key = public_bytes(certificate.public_key) == public_bytes(key)
        if not same_key or certificate.office != asked.office or certificate.role is not asked.role:
            raise _refused("approval.certificates", "答复里的证书与申请的单位或钥匙不符")
    if (decryption is None) != (asked.decryption_key is None):
        raise _refused("approval.certificates", "答复里的证书不全")
    superior = asked.office[:9] + "000" if asked.role is CertRole.VILLAGE_DEVICE else asked.office[:6] + "000000"
    if verdict.role is not _APPROVER.get(asked.role) or verdict.office != superior:
        raise _refused("approval.certificates", "答复不是本单位的上级签发的")
    found = judge_chain(signing, others=issued.chain, roots=roots, at=at, object_id="")
    if found.standing is not Standing.VALID:
        raise _refused("approval.certificates", f"答复里的证书{found.standing}：{found.reason}")


def _refused(code: str, happened: str, detail: str = "") -> ExchangeError:
    return ExchangeError(
        code,
        happened=happened,
        safe="原来的证书和填报的内容没有改动",
        todo="请向乡镇重新索取证书答复",
        detail=detail,
    )
