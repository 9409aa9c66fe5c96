"""CMS envelopes: EnvelopedData written (AES-256-CBC, ECDH P-256 recipients), AuthEnvelopedData (AES-GCM) also read.

CBC alone is not authenticated: nothing that comes out is believed before the signature inside has been verified.
Source: RFC 5652, RFC 5753, RFC 3565, RFC 5084; opens with `openssl cms -decrypt` (OpenSSL 3.0, measured).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import SubjectKeyIdentifier

from cunbao.errors import TrustError
from cunbao.trust import der
from cunbao.trust.algorithms import (
    AGREEMENT_HASHES,
    AUTH_ENVELOPED_OID,
    CBC_KEY_BYTES,
    DATA_OID,
    ENVELOPED_OID,
    GCM_KEY_BYTES,
    KEY_WRAP_BYTES,
    WRITTEN,
)
from cunbao.trust.certs import read_certificate
from cunbao.trust.keys import PrivateKey, Random, new_key

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
Reader = tuple[ec.EllipticCurvePublicKey, bytes]  # a key and its subject key identifier

_RECIPIENTS = 256  # more would be a way to keep a reader busy
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def envelope(data: bytes, recipients: Sequence[bytes], *, random: Random = os.urandom) -> bytes:
    """`data` locked for the decryption certificates `recipients` (DER; twice the same is once). Gives DER.

    TrustError "recipient.missing" when there is none, or one whose key is not for decryption.
    """
    people = {one.key_id: one for one in map(read_certificate, recipients)}
    wrong = next((one for one in people.values() if not one.may_decrypt), None)
    if not people or wrong is not None:
        raise TrustError(
            "recipient.missing",
            happened="没有可用的收件证书" if wrong is None else f"{wrong.name}的证书不能用来加密",
            safe="没有写出文件",
            todo="请先导入任务包，或向上级索取新的任务包",
        )
    return _enveloped(data, [(one.public_key, one.subject_key) for one in people.values()], random)


def envelope_to_key(data: bytes, key: ec.EllipticCurvePublicKey, *, random: Random = os.urandom) -> bytes:
    """`data` locked for one bare key that has no certificate, made for this one answer. Gives DER."""
    return _enveloped(data, [(key, SubjectKeyIdentifier.from_public_key(key).digest)], random)


def _enveloped(data: bytes, readers: Sequence[Reader], random: Random) -> bytes:
    content_key, vector = random(WRITTEN.content_key_bytes), random(WRITTEN.block_bytes)
    infos = [_recipient(key, name, content_key) for key, name in readers]
    pad = WRITTEN.block_bytes - len(data) % WRITTEN.block_bytes
    encryptor = Cipher(AES(content_key), modes.CBC(vector)).encryptor()
    body = encryptor.update(data)
    tail = encryptor.update(bytes([pad]) * pad) + encryptor.finalize()
    size = len(body) + len(tail)
    cipher = der.algorithm(WRITTEN.content_cipher_oid, der.octets(vector))
    inner = der.oid(DATA_OID) + cipher + der.head(der.context(0, constructed=False), size)
    content = der.head(der.SEQUENCE, len(inner) + size) + inner
    opening = der.integer(2) + der.set_of(*infos) + content
    enveloped = der.head(der.SEQUENCE, len(opening) + size) + opening
    kind = der.oid(ENVELOPED_OID)
    wrapped = der.head(der.context(0), len(enveloped) + size) + enveloped
    return b"".join((der.head(der.SEQUENCE, len(kind) + len(wrapped) + size), kind, wrapped, body, tail))


def open_envelope(data: bytes, keys: Sequence[PrivateKey]) -> bytes:
    """What lies inside, by any of our decryption keys.

    TrustError "envelope.damaged" when it is no envelope, "envelope.not_for_us" when no key of ours fits.
    """
    try:
        return _open(data, keys)
    except (ValueError, IndexError, OverflowError, InvalidTag) as cause:
        raise TrustError(
            "envelope.damaged",
            happened="文件损坏，或不是村报的加密文件",
            safe="没有导入任何内容，原文件没有改动",
            todo="请重新复制一份文件再试；仍不行就请对方重新导出",
            detail=str(cause),
        ) from cause


def _recipient(reader: ec.EllipticCurvePublicKey, name: bytes, content_key: bytes) -> bytes:
    """KeyAgreeRecipientInfo [1] with an ephemeral key of its own. name: the reader's subject key identifier."""
    ephemeral = new_key()
    wrap = der.algorithm(WRITTEN.key_wrap_oid)
    shared = ephemeral.exchange(ec.ECDH(), reader)
    key = _derived(shared, WRITTEN.agreement_oid, wrap, WRITTEN.content_key_bytes, b"")
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    originator = der.tlv(der.context(1), der.algorithm(_EC_PUBLIC_KEY), der.tlv(der.BIT_STRING, b"\0", point))
    whom = der.tlv(der.context(0), der.octets(name))
    return der.tlv(
        der.context(1),
        der.integer(3),
        der.tlv(der.context(0), originator),
        der.algorithm(WRITTEN.agreement_oid, wrap),
        der.sequence(der.sequence(whom, der.octets(aes_key_wrap(key, content_key)))),
    )


def _derived(shared: bytes, agreement: str, wrap: bytes, size: int, ukm: bytes) -> bytes:
    """X9.63 derivation over ECC-CMS-SharedInfo (RFC 5753 §7.2)."""
    entity = der.tlv(der.context(0), der.octets(ukm)) if ukm else b""
    info = der.sequence(wrap, entity, der.tlv(der.context(2), der.octets((size * 8).to_bytes(4))))
    return X963KDF(_HASHES[AGREEMENT_HASHES[agreement]](), size, info).derive(shared)


def _open(data: bytes, keys: Sequence[PrivateKey]) -> bytes:
    kind, wrapped = der.whole(data).expect(der.SEQUENCE).items()
    if kind.dotted() not in (ENVELOPED_OID, AUTH_ENVELOPED_OID):
        raise der.NotDer("not an envelope")
    authenticated = kind.dotted() == AUTH_ENVELOPED_OID
    (enveloped,) = wrapped.expect(der.context(0)).items()
    parts = enveloped.expect(der.SEQUENCE).items()
    at = 2 if parts[1].tag == der.context(0) else 1  # originatorInfo is optional and of no use here
    recipients, content = parts[at].expect(der.SET).items(), parts[at + 1]
    _type, cipher, body = content.expect(der.SEQUENCE).items()
    body.expect(der.context(0, constructed=False))
    name, parameters = cipher.expect(der.SEQUENCE).items()
    content_key = _content_key(recipients, keys)
    if authenticated:
        return _open_gcm(content_key, name.dotted(), parameters, body, parts[at + 2 :])
    return _open_cbc(content_key, name.dotted(), parameters, body)


def _open_cbc(key: bytes, name: str, parameters: der.Value, body: der.Value) -> bytes:
    if CBC_KEY_BYTES.get(name) != len(key):
        raise der.NotDer("unknown cipher")
    decryptor = Cipher(AES(key), modes.CBC(bytes(parameters.expect(der.OCTETS).content))).decryptor()
    plain = bytearray(len(body.content) + WRITTEN.block_bytes)
    size = decryptor.update_into(body.content, plain)
    decryptor.finalize()
    pad = plain[size - 1] if size else 0
    if not 1 <= pad <= WRITTEN.block_bytes or plain[size - pad : size] != bytes([pad]) * pad:
        raise der.NotDer("padding")
    del plain[size - pad :]
    return bytes(plain)


def _open_gcm(key: bytes, name: str, parameters: der.Value, body: der.Value, rest: tuple[der.Value, ...]) -> bytes:
    if GCM_KEY_BYTES.get(name) != len(key):
        raise der.NotDer("unknown cipher")
    nonce = parameters.expect(der.SEQUENCE).items()[0].expect(der.OCTETS).content
    attributes = b""
    if rest and rest[0].tag == der.context(1):  # authAttrs are authenticated as a SET
        attributes, rest = der.SET.to_bytes() + bytes(rest[0].whole)[1:], rest[1:]
    tag = rest[0].expect(der.OCTETS).content
    if len(tag) != 16:
        raise der.NotDer("authentication tag")
    return AESGCM(key).decrypt(bytes(nonce), b"".join((body.content, tag)), attributes)


def _content_key(recipients: tuple[der.Value, ...], keys: Sequence[PrivateKey]) -> bytes:
    """The content key, by whichever key of ours unwraps it; who was meant is not asked, the key wrap tells."""
    if len(recipients) > _RECIPIENTS:
        raise der.NotDer(f"{len(recipients)} recipients")
    for info in recipients:
        if info.tag != der.context(1):  # not a key agreement: somebody else's
            continue
        found = _try_recipient(info, keys)
        if found is not None:
            return found
    raise TrustError(
        "envelope.not_for_us",
        happened="这个文件不是加密给本机的",
        safe="没有导入任何内容，原文件没有改动",
        todo="请核对是不是拿错了文件；换过电脑的，请对方按新证书重新导出",
    )


def _try_recipient(info: der.Value, keys: Sequence[PrivateKey]) -> bytes | None:
    parts = info.items()
    originator, rest = parts[1], parts[2:]
    ukm = b""
    if rest[0].tag == der.context(1):
        (octets,) = rest[0].items()
        ukm, rest = bytes(octets.expect(der.OCTETS).content), rest[1:]
    agreement, wrap = rest[0].expect(der.SEQUENCE).items()
    size = KEY_WRAP_BYTES.get(wrap.items()[0].dotted())
    (public,) = originator.expect(der.context(0)).items()
    if agreement.dotted() not in AGREEMENT_HASHES or size is None or public.tag != der.context(1):
        return None
    point = bytes(public.items()[1].expect(der.BIT_STRING).content)[1:]
    wrapped = [bytes(one.items()[1].expect(der.OCTETS).content) for one in rest[1].expect(der.SEQUENCE).items()]
    for key in keys:
        try:
            ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)
        except ValueError:  # a recipient with a key of another curve: somebody else's
            continue
        shared = key.exchange(ec.ECDH(), ephemeral)
        wrapping = _derived(shared, agreement.dotted(), bytes(wrap.whole), size, ukm)
        for one in wrapped:
            try:
                return aes_key_unwrap(wrapping, one)
            except InvalidUnwrap:
                continue
    return None
