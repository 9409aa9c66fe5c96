"""CMS (RFC 5652): signatures detached and attached, envelopes. What is written opens with `openssl cms`.

A signature carries its certificate chain without the root, the moment (signing-time) and the hashes of those
certificates (signing-certificate-v2). A signature is believed only in the one spelling that `_assemble` writes: what
is not covered by the signature has no room to differ. Whether to trust the signer is asked in `verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from cunbao.errors import TrustError
from cunbao.trust import der
from cunbao.trust.algorithms import DATA_OID, SIGNED_OID, WRITTEN
from cunbao.trust.certs import Certificate, read_certificate
from cunbao.trust.envelope import envelope, open_envelope
from cunbao.trust.keys import Signer

__all__ = ["Signed", "envelope", "open_envelope", "read_signed", "sign_attached", "sign_detached", "sign_digest"]

_CERTIFICATES = 8  # the signer's and those above it
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"


@dataclass(frozen=True, slots=True)
class Signed:
    """A SignedData taken apart, its signature not yet computed (`computes`).

    content: what was signed, None when detached. others: certificates sent along (DER), not yet trusted.
    signed_at: UTC by the signer's clock; None in a PDF, where the moment stands in the PDF itself.
    """

    content: memoryview | None = field(repr=False)
    signer: Certificate
    others: tuple[bytes, ...] = field(repr=False)
    digest: bytes
    signed_at: datetime | None
    attributes: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def computes(self, digest: bytes) -> bool:
        """Is this the signer's signature over the data of that digest?"""
        if digest != self.digest:
            return False
        try:
            self.signer.public_key.verify(self.signature, self.attributes, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def sign_detached(data: bytes, signer: Signer, *, when: datetime) -> bytes:
    """A signature beside `data`. Gives DER."""
    return sign_digest(hashlib.sha256(data).digest(), signer, when=when)


def sign_attached(data: bytes, signer: Signer, *, when: datetime) -> bytes:
    """A signature around `data`. Gives DER."""
    return _sign(hashlib.sha256(data).digest(), signer, when=when, content=data)


def sign_digest(digest: bytes, signer: Signer, *, when: datetime | None) -> bytes:
    """A detached signature over data whose SHA-256 is known. when=None: PAdES wants the moment in the PDF instead."""
    return _sign(digest, signer, when=when, content=None)


def read_signed(cms: bytes) -> Signed:
    """A signature taken apart. TrustError "signature.damaged" unless it is spelled exactly as we write it."""
    try:
        return _read(cms)
    except (ValueError, IndexError, OverflowError, TrustError) as cause:
        raise TrustError(
            "signature.damaged",
            happened="签名数据损坏，或不是村报写的签名",
            safe="没有导入任何内容，原文件没有改动",
            todo="请重新复制一份文件再试；仍不行就请对方重新导出",
            detail=str(cause),
        ) from cause


def _sign(digest: bytes, signer: Signer, *, when: datetime | None, content: bytes | None) -> bytes:
    carried = [signer.certificate, *(above for above in signer.chain if not read_certificate(above).self_signed)]
    attributes = _attributes(digest, carried, when)
    signature = signer.key.sign(hashlib.sha256(attributes).digest(), ec.ECDSA(Prehashed(hashes.SHA256())))
    before, after = _assemble(content, carried, read_certificate(signer.certificate), attributes, signature)
    return b"".join((before, content or b"", after))


def _attributes(digest: bytes, carried: Sequence[bytes], when: datetime | None) -> bytes:
    """signedAttrs as they are signed: DER SET OF. carried: the signer's certificate first, then those sent along."""
    # ESSCertIDv2 with its default hash, { certHash }; the others are named too, so that none can be exchanged
    named = (der.sequence(der.octets(hashlib.sha256(one).digest())) for one in [carried[0], *sorted(carried[1:])])
    found = [
        _attribute(_CONTENT_TYPE, der.oid(DATA_OID)),
        _attribute(_MESSAGE_DIGEST, der.octets(digest)),
        _attribute(_SIGNING_CERTIFICATE, der.sequence(der.sequence(*named))),
    ]
    if when is not None:
        found.append(_attribute(_SIGNING_TIME, der.time(when)))
    return der.set_of(*found)


def _attribute(dotted: str, value: bytes) -> bytes:
    return der.sequence(der.oid(dotted), der.set_of(value))


def _assemble(
    content: bytes | memoryview | None, carried: Sequence[bytes], signer: Certificate, attributes: bytes,
    signature: bytes,
) -> tuple[bytes, bytes]:  # fmt: skip
    """All of a SignedData before and after its content."""
    digest = der.algorithm(WRITTEN.digest_oid)
    who = der.sequence(signer.x509.issuer.public_bytes(), der.integer(signer.x509.serial_number))
    info = der.sequence(
        der.integer(1),
        who,
        digest,
        der.context(0).to_bytes() + attributes[1:],  # [0] IMPLICIT SET
        der.algorithm(WRITTEN.signature_oid),
        der.octets(signature),
    )
    opening = der.integer(1) + der.set_of(digest)
    closing = der.set_of(*carried, tag=der.context(0)) + der.set_of(info)
    if content is None:
        encapsulated, size = der.sequence(der.oid(DATA_OID)), 0
    else:
        size = len(content)
        inner = der.head(der.OCTETS, size)
        explicit = der.head(der.context(0), len(inner) + size) + inner
        kind = der.oid(DATA_OID)
        encapsulated = der.head(der.SEQUENCE, len(kind) + len(explicit) + size) + kind + explicit
    body = len(opening) + len(encapsulated) + size + len(closing)
    signed = der.head(der.SEQUENCE, body)
    wrapped = der.head(der.context(0), len(signed) + body)
    kind = der.oid(SIGNED_OID)
    outer = der.head(der.SEQUENCE, len(kind) + len(wrapped) + len(signed) + body)
    return outer + kind + wrapped + signed + opening + encapsulated, closing


def _read(cms: bytes) -> Signed:
    kind, wrapped = der.whole(cms).expect(der.SEQUENCE).items()
    if kind.dotted() != SIGNED_OID:
        raise der.NotDer("not SignedData")
    (signed,) = wrapped.expect(der.context(0)).items()
    _version, _digests, encapsulated, certificates, infos = signed.expect(der.SEQUENCE).items()
    inside = encapsulated.expect(der.SEQUENCE).items()
    content = None
    if len(inside) == 2:
        (octets,) = inside[1].expect(der.context(0)).items()
        content = octets.expect(der.OCTETS).content
    carried = [bytes(item.whole) for item in certificates.expect(der.context(0)).items()]
    if len(carried) > _CERTIFICATES:
        raise der.NotDer(f"{len(carried)} certificates")
    (info,) = infos.expect(der.SET).items()
    _version, who, _digest, attributes, _algorithm, signature = info.expect(der.SEQUENCE).items()
    _issuer, serial = who.expect(der.SEQUENCE).items()
    number = int.from_bytes(bytes(serial.expect(der.INTEGER).content), signed=True)
    signer = next((one for one in map(read_certificate, carried) if one.x509.serial_number == number), None)
    if signer is None:
        raise der.NotDer("the signer's certificate is not there")
    digest, when = _read_attributes(attributes)
    others = tuple(one for one in carried if one != signer.der)
    found = Signed(
        content=content,
        signer=signer,
        others=others,
        digest=digest,
        signed_at=when,
        attributes=_attributes(digest, [signer.der, *others], when),
        signature=bytes(signature.expect(der.OCTETS).content),
    )
    before, after = _assemble(content, carried, signer, found.attributes, found.signature)
    view = memoryview(cms)
    size = len(content) if content is not None else 0
    if len(cms) != len(before) + size + len(after) or view[: len(before)] != before or view[-len(after) :] != after:
        raise der.NotDer("another spelling than ours")
    return found


def _read_attributes(attributes: der.Value) -> tuple[bytes, datetime | None]:
    digest, when = b"", None
    for attribute in attributes.expect(der.context(0)).items():
        kind, values = attribute.expect(der.SEQUENCE).items()
        (value,) = values.expect(der.SET).items()
        if kind.dotted() == _MESSAGE_DIGEST:
            digest = bytes(value.expect(der.OCTETS).content)
        elif kind.dotted() == _SIGNING_TIME:
            when = value.moment()
    if len(digest) != 32:
        raise der.NotDer("no message digest")
    return digest, when
