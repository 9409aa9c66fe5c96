"""Codes that people read aloud, type and scan: verification code, QR line, 24-digit comparison code.

Pure functions of a hash. Source: print.md §7; symbols: Crockford base32 (0–9, A–Z without I L O U).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cunbao.errors import SurveyError

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {symbol: value for value, symbol in enumerate(SYMBOLS)}
# What a hand or an eye makes of a symbol. U is no symbol and has no twin.
_MEANT: Final = {"O": "0", "I": "1", "L": "1"}
_DASHES: Final = str.maketrans({dash: "-" for dash in "‐‑‒–—―−－ー_·"})

HASH_SYMBOLS: Final = 52  # 256 bits + 4 zero bits
CODE_SYMBOLS: Final = 16  # 80 bits

# kind → number of fields between the kind and the hash
QR_KINDS: Final = {"R": 4, "N": 1, "E": 2, "P": 2, "T": 3, "C": 3, "I": 3}
_QR_FIELD = re.compile(r"[0-9A-Z $%*+\-./]+")


def base32(data: bytes) -> str:
    """Crockford base32, most significant bit first, padded with zero bits on the right."""
    symbols = -(-len(data) * 8 // 5)
    number = int.from_bytes(data) << (symbols * 5 - len(data) * 8)
    return "".join(SYMBOLS[(number >> (5 * place)) & 31] for place in reversed(range(symbols)))


def grouped(text: str, between: str = " ", size: int = 4) -> str:
    """Groups of `size`, as printed: 1234 5678 …"""
    return between.join(text[start : start + size] for start in range(0, len(text), size))


def hash_symbols(sha256: bytes | str) -> str:
    """The whole hash in 52 symbols; the printed code is its first 16. Takes 32 bytes or 64 hex digits."""
    return base32(_digest(sha256))


def check_code(sha256: str) -> str:
    """核对码 of a file: the first 12 hex digits of its SHA-256 (hex), in groups of four. Anybody can compute it."""
    return grouped(sha256[:12].upper())


def verification_code(sha256: bytes | str) -> str:
    """验证码: the first 80 bits in four groups of four, B41W-TEA7-ER23-848B."""
    return grouped(base32(_digest(sha256)[: CODE_SYMBOLS * 5 // 8]), "-")


def read_code(text: str) -> str:
    """The code that was meant by what was typed: lower case, spaces, no hyphens, full-width, O for 0, I and L for 1.

    Gives the printed form. SurveyError "code.typed" tells what does not fit.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
    symbols = [_MEANT.get(sign, sign) for sign in plain if sign != "-" and not sign.isspace()]
    strange = next((sign for sign in symbols if sign not in _VALUES), "")
    if strange:
        raise _not_a_code(text, f"“{strange}”不会出现在验证码里")
    if len(symbols) != CODE_SYMBOLS:
        raise _not_a_code(text, f"验证码是{CODE_SYMBOLS}位，这里有{len(symbols)}位")
    return grouped("".join(symbols), "-")


@dataclass(frozen=True, slots=True)
class QrLine:
    """What a QR says. kind: R return, N notice, E enrolment, P recovery, T totals, C cover, I indicators;
    hash: 52 symbols."""

    kind: str
    fields: tuple[str, ...]
    hash: str

    @property
    def code(self) -> str:
        """The verification code printed beside it."""
        return grouped(self.hash[:CODE_SYMBOLS], "-")

    @property
    def sha256(self) -> str:
        """The hash as 64 hex digits."""
        number = 0
        for symbol in self.hash:
            number = number << 5 | _VALUES[symbol]
        return f"{number >> 4:064x}"


def qr_text(kind: str, fields: Sequence[str], sha256: bytes | str) -> str:
    """CUNBAO:1:<kind>:<fields>:<hash>, only characters of the QR's alphanumeric mode.

    SurveyError "qr.field" when a field does not fit: a caller's mistake that would print an unreadable code.
    """
    upper = [field.upper() for field in fields]
    if QR_KINDS.get(kind) != len(upper) or not all(_QR_FIELD.fullmatch(field) for field in upper):
        raise SurveyError(
            "qr.field",
            happened=f"二维码的内容不合规定（{kind}：{'、'.join(fields)}）",
            safe="没有生成文件",
            todo="请把这条提示告诉县里",
        )
    return ":".join(("CUNBAO", "1", kind, *upper, hash_symbols(sha256)))


def read_qr(text: str) -> QrLine:
    """The line of a scanned QR. SurveyError "qr.foreign" when it is not ours."""
    parts = text.strip().upper().split(":")
    if len(parts) >= 4 and parts[:2] == ["CUNBAO", "1"] and QR_KINDS.get(parts[2]) == len(parts) - 4:
        hash_ = parts[-1]
        whole = len(hash_) == HASH_SYMBOLS and all(sign in _VALUES for sign in hash_)
        # the last symbol carries one bit of the hash and four of padding, which are zero
        if whole and _VALUES[hash_[-1]] & 15 == 0 and all(_QR_FIELD.fullmatch(field) for field in parts[3:-1]):
            return QrLine(parts[2], tuple(parts[3:-1]), hash_)
    raise SurveyError(
        "qr.foreign",
        happened="扫到的不是村报的二维码",
        safe="没有改动任何资料",
        todo="请对准表上签名框里的二维码再扫一次",
    )


def digits24(digest: bytes) -> str:
    """Comparison code 核对码: the first 16 bytes of a SHA-256 as a number, modulo 10^24; 24 digits."""
    return f"{int.from_bytes(digest[:16]) % 10**24:024d}"


def _digest(sha256: bytes | str) -> bytes:
    digest = bytes.fromhex(sha256) if isinstance(sha256, str) else sha256
    if len(digest) != 32:
        raise ValueError(f"a SHA-256 has 32 bytes, not {len(digest)}")
    return digest


def _not_a_code(text: str, why: str) -> SurveyError:
    return SurveyError(
        "code.typed",
        happened=f"“{text.strip()[:40]}”不是验证码：{why}",
        safe="没有改动任何资料",
        todo="请对照纸上的16位验证码再输一次，如 B41W-TEA7-ER23-848B",
    )
