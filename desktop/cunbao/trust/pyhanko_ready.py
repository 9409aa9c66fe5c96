"""pyHanko as this program wants it: silent, and quick over a signature's thousands of hexadecimal digits.

pyHanko writes a traceback for every signer that is not trusted; our verdict says it in a sentence. And it reads a
string of hexadecimal digits one by one, which for a signature takes a third of all that a verdict costs: here such a
string is taken whole. What is not plainly digits up to its > is left to pyHanko's own reader, so that both read alike.
"""

from __future__ import annotations

import binascii
import logging
import re
from collections.abc import Callable
from typing import IO, Any

_PLAIN = re.compile(rb"[0-9A-Fa-f]*")
_PIECE = 1 << 14  # bytes; a return's signature has some four thousand digits

shipped: Callable[[IO[bytes]], Any] | None = None  # pyHanko's own reader of such strings, once ours stands in its place


def ready() -> None:
    """Before pyHanko is asked anything. Costs nothing the second time."""
    global shipped
    if shipped is not None:
        return
    from pyhanko.pdf_utils import generic

    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    shipped = generic.read_hex_string_from_stream
    generic.read_hex_string_from_stream = hex_string


def hex_string(stream: IO[bytes]) -> Any:
    """The string object that begins at the < where the stream stands; the stream is left behind its >."""
    from pyhanko.pdf_utils import generic

    assert shipped is not None
    start = stream.tell()
    stream.seek(start + 1)
    digits, end = bytearray(), -1
    while piece := stream.read(_PIECE):
        end = piece.find(b">")
        digits += piece if end < 0 else piece[:end]
        if end >= 0 or not _PLAIN.fullmatch(piece):
            break
    if end < 0 or not _PLAIN.fullmatch(digits):
        stream.seek(start)
        return shipped(stream)
    stream.seek(start + len(digits) + 2)
    return generic.pdf_string(binascii.unhexlify(digits + b"0" * (len(digits) % 2)))
