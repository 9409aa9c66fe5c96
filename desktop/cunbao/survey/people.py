"""What an identity number (公民身份号码) says by itself: its check digit, its province, its holder's birthday and sex.

Pure arithmetic on 18 characters; knows no person and keeps none. Source: GB 11643-1999, GB/T 2260 (provinces).
"""

from __future__ import annotations

import re
from datetime import date

ID_SHAPE = re.compile(r"[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"  # by the sum modulo 11
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)


def check_digit(first17: str) -> str:
    """The 18th character of an identity number, MOD 11-2."""
    return CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def id_ok(number: str) -> bool:
    """Right shape and right check digit ({ID18} of fields.md §0.6)."""
    return ID_SHAPE.fullmatch(number) is not None and check_digit(number[:17]) == number[17]


def province_ok(number: str) -> bool:
    """Begins with a province that gives out numbers; 83 stands for 台湾居民居住证."""
    return number[:2] in PROVINCES


def birthday(number: str) -> date | None:
    """None when the eight digits are no day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def mask(kind: str, text: str) -> str:
    """kind "id": 532822********1234, "phone": 138****0000 (decision 21); a text too short for that is stars alone.
    Of a telephone with an area code only that is left: 0691-*******."""
    area, dash, rest = text.partition("-")
    if kind == "phone" and dash:
        return f"{area}-{'*' * len(rest)}"
    head, stars, tail = (6, 8, 4) if kind == "id" else (3, 4, 4)
    if len(text) < head + tail + 1:
        return "*" * len(text)
    return f"{text[:head]}{'*' * stars}{text[-tail:]}"
