"""Secret keys: made, wrapped by a password, held while somebody signs.

Passwords are stretched by Argon2id (RFC 9106); the parameters stand in the wrap, so they can grow later. A secret is
never written except inside a wrap, and never shown by repr.
"""

from __future__ import annotations

import base64
import binascii
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cunbao.errors import TrustError
from cunbao.trust import algorithms

PrivateKey = ec.EllipticCurvePrivateKey
Random = Callable[[int], bytes]

_CURVES: Final[Mapping[str, ec.EllipticCurve]] = {"secp256r1": ec.SECP256R1()}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Argon2id parameters. memory: KiB. The default is RFC 9106's choice for machines with little memory."""

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


DEFAULT_STRETCH = Stretch()
# A keys.json from elsewhere may ask for at most this: about ten seconds and 1 GiB on an old laptop.
_MOST = Stretch(memory=1024 * 1024, passes=16, lanes=16)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the signing key, its certificate (DER), the issuers (DER, nearest first; () before enrolment).

    person, role: who typed the password (填报人 …); they are the office's statement, the certificate is the office's.
    decryption: DER certificate of the same device's decryption key, so that a writer can open its own packages ("" no).
    """

    key: PrivateKey = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    person: str = ""
    role: str = ""
    decryption: bytes = b""


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """The two keys of a device (protocol §4)."""

    signing: PrivateKey = field(repr=False)
    decryption: PrivateKey = field(repr=False)


def new_key() -> PrivateKey:
    """A fresh key of the profile that is written."""
    return ec.generate_private_key(_CURVES[algorithms.WRITTEN.curve])


def new_device_keys() -> DeviceKeys:
    return DeviceKeys(signing=new_key(), decryption=new_key())


def private_bytes(key: PrivateKey) -> bytes:
    """PKCS#8 DER, plain: only ever the input of `wrap_secret`, or of an encrypted database."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_private(data: bytes) -> PrivateKey:
    """The key of PKCS#8 DER. TrustError "key.damaged"."""
    try:
        key = serialization.load_der_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise _damaged_key(str(cause)) from cause
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != algorithms.WRITTEN.curve:
        raise _damaged_key("not a key of the profile")
    return key


def load_public(data: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of DER SubjectPublicKeyInfo. TrustError "key.damaged" when it is none of the profile's."""
    try:
        key = serialization.load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise _damaged_key(str(cause)) from cause
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != algorithms.WRITTEN.curve:
        raise _damaged_key("not a key of the profile")
    return key


def pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    """DER as PEM, for tools that want text; label: CERTIFICATE, PRIVATE KEY …"""
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


def public_bytes(key: PrivateKey | ec.EllipticCurvePublicKey) -> bytes:
    """DER SubjectPublicKeyInfo."""
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def wrap_secret(
    secret: bytes,
    password: str,
    *,
    label: str = "",
    stretch: Stretch = DEFAULT_STRETCH,
    random: Random = os.urandom,
) -> dict[str, Any]:
    """`secret` locked by `password`, as a JSON-able dict with everything that opening needs but the password.

    label says what lies inside ("data", "signing:岩温"); it is authenticated, so one wrap cannot stand for another.
    TrustError "password.empty".
    """
    if not password:
        raise TrustError(
            "password.empty", happened="密码是空的", safe="没有改动任何钥匙", todo="请输入密码后再试"
        )
    head: dict[str, Any] = {
        "v": 1,
        "label": label,
        "kdf": "argon2id",
        "memory": stretch.memory,
        "passes": stretch.passes,
        "lanes": stretch.lanes,
        "salt": as_text(random(16)),
        "cipher": "aes-256-gcm",
        "nonce": as_text(random(12)),
    }
    key = _stretched(password, from_text(head["salt"]), stretch)
    wrapped = AESGCM(key).encrypt(from_text(head["nonce"]), secret, rfc8785.dumps(head))
    return {**head, "wrapped": as_text(wrapped)}


def unwrap_secret(wrap: Mapping[str, Any], password: str, *, label: str | None = None) -> bytes:
    """The secret inside. TrustError "password.wrong" (also when the wrap was altered: the two cannot be told apart),
    "wrap.damaged" when it is not a wrap at all, or not the one labelled `label`."""
    try:
        head = {name: wrap[name] for name in _WRAP_HEAD}
        stretch = Stretch(memory=int(head["memory"]), passes=int(head["passes"]), lanes=int(head["lanes"]))
        salt, nonce, wrapped = from_text(head["salt"]), from_text(head["nonce"]), from_text(wrap["wrapped"])
        known = head["v"] == 1 and head["kdf"] == "argon2id" and head["cipher"] == "aes-256-gcm"
        sealed = rfc8785.dumps(head)
    except (KeyError, TypeError, ValueError) as cause:
        raise damaged_wrap(str(cause)) from cause
    if not known or not _bearable(stretch) or not 8 <= len(salt) <= 64 or len(nonce) != 12:
        raise damaged_wrap("unknown or unbearable parameters")
    if label is not None and head["label"] != label:
        raise damaged_wrap(f"label {head['label']!r} where {label!r} was expected")
    try:
        return AESGCM(_stretched(password, salt, stretch)).decrypt(nonce, wrapped, sealed)
    except InvalidTag as cause:
        raise TrustError(
            "password.wrong",
            happened="密码不对",
            safe="资料仍在本机，没有任何改动",
            todo="请再输入一次，注意大写锁定键；确实忘记可向乡镇申请恢复",
        ) from cause


_WRAP_HEAD = ("v", "label", "kdf", "memory", "passes", "lanes", "salt", "cipher", "nonce")


def _stretched(password: str, salt: bytes, stretch: Stretch) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    # NFKC: full-width letters of a Chinese input method are the same password
    typed = unicodedata.normalize("NFKC", password).encode()
    return hash_secret_raw(
        typed, salt, stretch.passes, stretch.memory, stretch.lanes, algorithms.WRITTEN.content_key_bytes, Type.ID
    )


def _bearable(stretch: Stretch) -> bool:
    return (
        1 <= stretch.lanes <= _MOST.lanes
        and 1 <= stretch.passes <= _MOST.passes
        and 8 * stretch.lanes <= stretch.memory <= _MOST.memory
    )


def as_text(data: bytes) -> str:
    """Bytes in JSON: base64."""
    return base64.b64encode(data).decode("ascii")


def from_text(text: str) -> bytes:
    """The inverse of `as_text`; ValueError for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as cause:
        raise ValueError(str(cause)) from cause


def _damaged_key(detail: str) -> TrustError:
    return TrustError(
        "key.damaged",
        happened="钥匙文件损坏",
        safe="填报的内容没有改动",
        todo="请用最近的备份恢复，或向乡镇申请恢复",
        detail=detail,
    )


def damaged_wrap(detail: str) -> TrustError:
    """The error of a wrap that is none."""
    return TrustError(
        "wrap.damaged",
        happened="加锁的钥匙损坏或不是本程序写的",
        safe="填报的内容没有改动",
        todo="请用最近的备份恢复，或向乡镇申请恢复",
        detail=detail,
    )
