"""Whom a connection is made with: the system's own roots, or the one certificate whose fingerprint was written down.

A pinned certificate is compared right after the handshake, before a byte of ours goes out: it then needs no root and no
name. Never offers a way to look away.
"""

from __future__ import annotations

import ssl
from hashlib import sha256

HEX = frozenset("0123456789abcdef")


def pin_of(text: str) -> str:
    """A SHA-256 fingerprint as people write it (colons, blanks, capitals) → 64 hex digits; "" for none. ValueError."""
    said = "".join(sign for sign in text.lower() if sign not in ": -\t\n　")
    said = said.removeprefix("sha256").removeprefix("=")
    if said and (len(said) != 64 or not set(said) <= HEX):
        raise ValueError("a SHA-256 fingerprint has 64 hex digits")
    return said


def context(pin: str) -> ssl.SSLContext:
    """For a connection to the drop box. pin: 64 hex digits, "" for the system's roots."""
    if pin:
        return _pinned(pin)
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _pinned(pin: str) -> ssl.SSLContext:
    def compare(found: bytes | None) -> None:
        said = sha256(found or b"").hexdigest()
        if said != pin:
            raise ssl.SSLCertVerificationError(f"certificate {said}, pinned {pin}")

    class Socket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            compare(self.getpeercert(binary_form=True))

    class Stream(ssl.SSLObject):
        """The same through a proxy that is spoken to over TLS itself."""

        def do_handshake(self) -> None:
            super().do_handshake()
            compare(self.getpeercert(binary_form=True))

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE  # the fingerprint is asked instead, by both ways to shake hands
    made.sslsocket_class = Socket
    made.sslobject_class = Stream
    return made
