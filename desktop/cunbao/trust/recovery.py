"""The data key wrapped for recovery: to the township's and the county's certificates, so that either opens it again.

An answer carries it on to a key that was made for this one answer and has no certificate.
Signing keys are never wrapped this way (protocol §4): a superior may read what an office lost, never sign for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from cunbao.trust.envelope import envelope, envelope_to_key, open_envelope
from cunbao.trust.keys import PrivateKey, as_text, damaged_wrap, from_text, load_public


def recovery_wrap(secret: bytes, certificates: Sequence[bytes], *, label: str = "data") -> dict[str, Any]:
    """`secret` for the superiors' decryption certificates (DER): any one of them can open it again (protocol §4)."""
    return {"v": 1, "label": label, "envelope": as_text(envelope(_inside(secret, label), certificates))}


def seal(secret: bytes, key: bytes, *, label: str) -> dict[str, Any]:
    """`secret` for one bare public key (DER SubjectPublicKeyInfo): of a request, or of a person; opened by
    `open_recovery`."""
    return {"v": 1, "label": label, "envelope": as_text(envelope_to_key(_inside(secret, label), load_public(key)))}


def open_recovery(wrap: Mapping[str, Any], keys: Sequence[PrivateKey], *, label: str = "data") -> bytes:
    """The secret, by a superior's decryption key. TrustError "wrap.damaged", "envelope.not_for_us" for other keys."""
    try:
        locked = from_text(wrap["envelope"])
    except (KeyError, TypeError, ValueError) as cause:
        raise damaged_wrap(str(cause)) from cause
    inside = _without_digest(open_envelope(locked, keys))
    try:
        found = json.loads(inside)
        if found["v"] != 1 or found["label"] != label or wrap["label"] != label:
            raise ValueError("another label")
        return from_text(found["secret"])
    except (KeyError, TypeError, ValueError) as cause:
        raise damaged_wrap(str(cause)) from cause


def _inside(secret: bytes, label: str) -> bytes:
    return _with_digest(rfc8785.dumps({"v": 1, "label": label, "secret": as_text(secret)}))


def _with_digest(data: bytes) -> bytes:
    # CBC is not authenticated and nobody signs a recovery wrap: a damaged one must not open as another key
    return hashlib.sha256(data).digest() + data


def _without_digest(data: bytes) -> bytes:
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        raise damaged_wrap("digest")
    return data[32:]
