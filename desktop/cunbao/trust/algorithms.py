"""The one table of algorithm identifiers. Callers name a purpose, never an algorithm.

A 国密 profile (SM2/SM3/SM4) is a second row here plus the arithmetic behind `keys` and `cms`; nobody above changes.
Source: NIST curve registry, RFC 5753 (ECDH in CMS), RFC 3565 (AES in CMS); what OpenSSL reads: measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Profile:
    """What one family of algorithms is called inside keys, certificates and CMS. Identifiers are dotted OIDs."""

    name: str
    curve: str  # as the key library spells it
    digest: str  # as hashlib spells it
    digest_oid: str
    signature_oid: str
    agreement_oid: str  # key agreement with its key derivation
    key_wrap_oid: str
    content_cipher_oid: str
    content_key_bytes: int
    block_bytes: int


P256 = Profile(
    name="P-256",
    curve="secp256r1",
    digest="sha256",
    digest_oid="2.16.840.1.101.3.4.2.1",
    signature_oid="1.2.840.10045.4.3.2",  # ecdsa-with-SHA256
    agreement_oid="1.3.132.1.11.1",  # dhSinglePass-stdDH-sha256kdf
    key_wrap_oid="2.16.840.1.101.3.4.1.45",  # aes256-wrap
    content_cipher_oid="2.16.840.1.101.3.4.1.42",  # aes256-CBC
    content_key_bytes=32,
    block_bytes=16,
)

WRITTEN = P256  # what new keys, signatures and envelopes use

# What others' tools write and we read: agreement OID → hash of its X9.63 derivation.
AGREEMENT_HASHES: Mapping[str, str] = MappingProxyType(
    {
        "1.3.133.16.840.63.0.2": "sha1",  # the default of `openssl cms -encrypt`
        "1.3.132.1.11.0": "sha224",
        "1.3.132.1.11.1": "sha256",
        "1.3.132.1.11.2": "sha384",
        "1.3.132.1.11.3": "sha512",
    }
)
KEY_WRAP_BYTES: Mapping[str, int] = MappingProxyType(
    {"2.16.840.1.101.3.4.1.5": 16, "2.16.840.1.101.3.4.1.25": 24, "2.16.840.1.101.3.4.1.45": 32}
)
CBC_KEY_BYTES: Mapping[str, int] = MappingProxyType(
    {"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32}
)
GCM_KEY_BYTES: Mapping[str, int] = MappingProxyType(
    {"2.16.840.1.101.3.4.1.6": 16, "2.16.840.1.101.3.4.1.26": 24, "2.16.840.1.101.3.4.1.46": 32}
)

DATA_OID = "1.2.840.113549.1.7.1"
SIGNED_OID = "1.2.840.113549.1.7.2"
ENVELOPED_OID = "1.2.840.113549.1.7.3"
AUTH_ENVELOPED_OID = "1.2.840.113549.1.9.16.1.23"
