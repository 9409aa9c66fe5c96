"""From what a clerk types to a kept text and a value, and from a value to what is shown. Pure.

Never refuses: what is no value of the field's kind is kept as typed, with the sentence that says so. Canonical texts
are fixed points: canonical(canonical(x)) = canonical(x).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from cunbao.survey.form import Field, Kind
from cunbao.survey.xpath_functions import EXACT
from cunbao.survey.xpath_values import (
    CONTEXT,
    Value,
    date_of,
    moment_of,
    number,
    parse_date,
    parse_datetime,
    parse_time,
    plain,
    text,
)

DIGITS = 34  # more would be rounded somewhere
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))", re.ASCII)

Parsed = tuple[str, Value, tuple[str, str] | None]  # kept text, value ("" = none), (what is wrong, what to do) or None


def parse(field: Field, typed: str) -> Parsed:
    """The kept text, its value, and what is wrong with it."""
    if field.kind in (Kind.TEXT, Kind.NOTE):
        kept = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
        if field.mask:
            kept = "".join(_half(kept).split()).upper()
        return kept, kept, _stray(kept)
    half = _half(typed).strip()
    if not half:
        return "", "", None
    if field.kind in (Kind.INTEGER, Kind.DECIMAL):
        return _number(field, typed, "".join(half.split()))
    if field.kind is Kind.SELECT_ONE:
        return half, half, None
    if field.kind is Kind.SELECT_MULTIPLE:
        codes = " ".join(dict.fromkeys(half.split()))
        return codes, codes, None
    return _moment(field, typed, half)


def _half(typed: str) -> str:
    """Full-width letters, digits and blanks to half-width; nothing else changes."""
    return "".join(
        chr(ord(c) - 0xFEE0)
        if "！" <= c <= "～"
        else " "
        if c in "\u3000\u00a0\u200b\ufeff"
        else "-"
        if c in "−–—"
        else c
        for c in typed
    )


def _stray(kept: str) -> tuple[str, str] | None:
    """A character that no XML and no paper can carry. Planes 2 and 3 are Chinese throughout, also where this Python's
    tables do not know the newest ones."""
    for char in kept:
        kind = unicodedata.category(char)
        if kind in ("Cc", "Cs") and char not in "\t\n":
            return f"里面有一个看不见的字符（U+{ord(char):04X}）", "请删去重输"
        if kind == "Co" or (kind == "Cn" and not 0x20000 <= ord(char) < 0x3FFFE):
            return f"里面有一个不能印出来的字符（U+{ord(char):04X}）", "请换成正式的字再输"
    return None


def _number(field: Field, typed: str, half: str) -> Parsed:
    whole = field.kind is Kind.INTEGER
    if _GROUPED.fullmatch(half):
        half = half.replace(",", "")
    example = "例如 12" if whole else "例如 12.5"
    if not _NUMBER.fullmatch(half):
        return typed.strip(), "", (f"“{_short(typed)}”不是数字", f"请只填数字，{example}")
    value = Decimal(half)
    if len(value.as_tuple().digits) > DIGITS:
        return typed.strip(), "", (f"“{_short(typed)}”位数太多", "请核对后重填")
    if whole and value != value.to_integral_value():
        return typed.strip(), "", (f"“{_short(typed)}”不是整数", f"请填整数，{example}")
    if field.places is not None:
        value = value.quantize(Decimal(1).scaleb(-field.places), ROUND_HALF_UP, EXACT)
    return plain(value), CONTEXT.plus(value), None


def _moment(field: Field, typed: str, half: str) -> Parsed:
    value: Value = ""
    if field.kind is Kind.DATE:
        match = _DAY.fullmatch("".join(half.split()))
        if match:
            try:
                value = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
            except ValueError:
                value = ""
        elif moment := parse_datetime(half):
            value = moment.date()
        wrong = "不是日期", "请写成 2025-12-20 这样"
    elif field.kind is Kind.TIME:
        value = parse_time(half if len(half.split(":", 1)[0]) == 2 else f"0{half}") or ""
        wrong = "不是时间", "请写成 08:30 这样"
    else:
        value = parse_datetime(half) or ""
        wrong = "不是日期和时间", "请写成 2025-12-20T08:30 这样"
    if value == "":
        return typed.strip(), "", (f"“{_short(typed)}”{wrong[0]}", wrong[1])
    return (text(value) if field.kind is Kind.DATE else half.replace(" ", "T")), value, None


def _short(typed: str) -> str:
    typed = typed.strip()
    return typed if len(typed) <= 20 else typed[:20] + "…"


def coerce(field: Field, value: Value) -> Value:
    """What a calculation gives, as the field's kind holds it; what is no figure or no day is empty (decision 5)."""
    if type(value) is Decimal and not value.is_finite():
        return ""
    if value == "" and type(value) is str:
        return ""
    if field.kind is Kind.INTEGER:
        figure = number(value)
        return figure.to_integral_value("ROUND_DOWN") if figure.is_finite() else ""
    if field.kind is Kind.DECIMAL:
        figure = number(value)
        return figure if figure.is_finite() else ""
    if field.kind is Kind.DATE:
        return date_of(value)
    if field.kind is Kind.DATETIME:
        return moment_of(value)
    if field.kind is Kind.TIME:
        if isinstance(value, datetime):
            return value.time()
        return value if isinstance(value, time) else parse_time(text(value)) or ""
    if field.kind in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE):
        return text(value)
    return value


def shown(field: Field, kept: str, value: Value) -> str:
    """What a person reads: labels for codes, two places where the field keeps two, otherwise the kept text."""
    if not kept:
        return ""
    if field.list is not None and type(value) is str:
        labels = [
            field.list.label(code) or code for code in (kept.split() if field.kind is Kind.SELECT_MULTIPLE else [kept])
        ]
        return "、".join(labels)
    if type(value) is Decimal and field.places is not None:
        return format(value, f".{field.places}f")
    if field.kind is Kind.TEXT and (day := parse_date(kept)):
        return day.isoformat()
    return kept
