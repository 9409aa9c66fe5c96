"""The backup of a county's root key as a file, `.cbroot`: the certificate, and the key locked by a password of its own.

Whoever has the file and its password is the county: it lies in a safe, never in a mailbox. Source: protocol §4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange.manifest import newer
from cunbao.trust.certs import CertRole, read_certificate
from cunbao.trust.keys import as_text, from_text, load_private, public_bytes, unwrap_secret

SUFFIX: Final = ".cbroot"
VERSION: Final = 1
MOST: Final = 64 * 1024  # bytes of a file that is looked at
LABEL: Final = "county-root-backup"
_KEYS: Final = frozenset({"v", "kind", "office", "certificate", "wrap"})


@dataclass(frozen=True, slots=True)
class RootBackup:
    """office: the county's 12 digits; certificate: the root's (DER); wrap: the locked key, as `wrap_secret` made it."""

    office: str
    certificate: bytes
    wrap: Mapping[str, Any] = field(repr=False)

    def open(self, password: str) -> bytes:
        """The private key (PKCS#8 DER). TrustError "password.wrong"; ExchangeError "root.damaged" when the key is not
        that of the certificate."""
        secret = unwrap_secret(self.wrap, password, label=LABEL)
        if public_bytes(load_private(secret)) != public_bytes(read_certificate(self.certificate).public_key):
            raise _damaged("another key")
        return secret


def write_root_backup(office: str, certificate: bytes, wrap: Mapping[str, Any]) -> bytes:
    return rfc8785.dumps(
        {"v": VERSION, "kind": "county-root", "office": office, "certificate": as_text(certificate), "wrap": dict(wrap)}
    )


def read_root_backup(data: bytes) -> RootBackup:
    """ExchangeError "root.damaged", "package.newer"."""
    try:
        said = json.loads(data.decode("utf-8")) if len(data) <= MOST else None
        spelt = rfc8785.dumps(said)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as trouble:
        raise _damaged(str(trouble)) from trouble
    if isinstance(said, dict) and isinstance(said.get("v"), int) and said["v"] > VERSION:
        raise newer()
    if not isinstance(said, dict) or set(said) != _KEYS or said["kind"] != "county-root" or spelt != data:
        raise _damaged("not in the one spelling")
    try:
        certificate = from_text(said["certificate"])
        read = read_certificate(certificate)
    except (TrustError, ValueError, TypeError, AttributeError) as trouble:
        raise _damaged(str(trouble)) from trouble
    if not isinstance(said["wrap"], dict) or (read.role, read.office) != (CertRole.ROOT, said["office"]):
        raise _damaged("not a root")
    return RootBackup(said["office"], certificate, said["wrap"])


def _damaged(detail: str) -> ExchangeError:
    return ExchangeError(
        "root.damaged",
        happened="这不是完整的县根钥匙备份",
        safe="没有改动任何钥匙和证书",
        todo=f"请找另一份 {SUFFIX} 备份再试",
        detail=detail,
    )
