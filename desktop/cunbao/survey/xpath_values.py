"""Values of expressions and how ODK turns one kind into another. Pure; knows no form and no clock.

Numbers are Decimal, 34 digits, half even; empty is "". NaN stands for "no figure" inside an expression and becomes
empty when it is kept. Source: ODK XForms specification; what differs from JavaRosa on purpose is listed, with a
test for each line, in ARCHITECTURE.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

Value = Decimal | str | bool | date | datetime | time

NAN = Decimal("NaN")
ZERO = Decimal(0)
ONE = Decimal(1)
# Without traps: a doubtful figure is NaN, never an exception in the middle of a form.
CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999, traps=[])
NEAR = Decimal("1e-12")  # as JavaRosa: (1 div 3) * 3 = 1
EPOCH = date(1970, 1, 1).toordinal()

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_LOOSE_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)  # date() takes 2026-1-2 too
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)


class Nodes(Sequence[Value]):
    """A node-set: the values of the chosen cells or rows, in order. filled: how many of them are not empty
    (a row of a repeat is a node with children, so it counts as filled)."""

    __slots__ = ("keys", "values")

    def __init__(self, values: Sequence[Value], keys: Sequence[object] | None = None) -> None:
        self.values = values
        self.keys = keys  # rows or list items when the nodes are such, else None

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.values[index]

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values)

    @property
    def first(self) -> Value:
        return self.values[0] if self.values else ""


def scalar(value: Value | Nodes) -> Value:
    """One value of what may be a node-set: the first node, "" when there is none."""
    return value.first if type(value) is Nodes else value  # type: ignore[return-value]


def parse_date(text: str) -> date | None:
    """YYYY-MM-DD, else None (also for a day that does not exist)."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """HH:MM[:SS[.mmm]][zone]; the zone is dropped, since a time of day is local."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or "0").ljust(6, "0")))
    except ValueError:
        return None


def parse_datetime(text: str) -> datetime | None:
    """YYYY-MM-DDTHH:MM[:SS[.mmm]][zone], or a bare date (midnight). Local times stay naive."""
    day = parse_date(text[:10])
    if day is None:
        return None
    if len(text) == 10:
        return datetime.combine(day, time())
    clock = parse_time(text[11:])
    if clock is None or text[10] not in "T ":
        return None
    zone = _TIME.fullmatch(text[11:])[5]  # type: ignore[index]
    moment = datetime.combine(day, clock)
    if not zone:
        return moment
    if zone == "Z":
        return moment.replace(tzinfo=UTC)
    return datetime.fromisoformat(moment.isoformat() + (zone if ":" in zone else (zone + "00")[:5]))


def _days(value: date) -> Decimal:
    return Decimal(value.toordinal() - EPOCH)


def day_fraction(value: time) -> Decimal:
    """Noon is 0.5."""
    micro = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return CONTEXT.divide(Decimal(micro), Decimal(86_400_000_000))


def moment_number(value: datetime) -> Decimal:
    """Days since 1970-01-01 with their fraction; a time with a zone is taken to UTC first."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return CONTEXT.add(_days(value.date()), day_fraction(value.time()))


def number(value: Value) -> Decimal:
    """number(): NaN for empty and for text that is no number; dates are days since 1970-01-01."""
    if type(value) is Decimal:
        return value
    if type(value) is str:
        return number_of_text(value)
    if value is True:
        return ONE
    if value is False:
        return ZERO
    if isinstance(value, datetime):
        return moment_number(value)
    if isinstance(value, date):
        return _days(value)
    if isinstance(value, time):
        return day_fraction(value)
    return NAN


def number_of_text(text: str) -> Decimal:
    if not text:
        return NAN
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return CONTEXT.create_decimal(text)
    if len(text) >= 10 and text[4] == "-":
        moment = parse_datetime(text)
        if moment is not None:
            return moment_number(moment)
    return NAN


def boolean(value: Value) -> bool:
    """boolean(): a number other than 0, a text that is not empty, any date."""
    if type(value) is bool:
        return value
    if type(value) is Decimal:
        return bool(value) and value == value
    return value != ""


def truth(value: Value | Nodes) -> bool:
    """boolean() of what may be a node-set: one node by its value, several are true."""
    if type(value) is Nodes:
        return len(value) > 1 or boolean(value.first)
    return boolean(value)  # type: ignore[arg-type]


def plain(value: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros, no -0. "NaN" for no figure."""
    if not value.is_finite():
        return "NaN" if value.is_nan() else ("-Infinity" if value < 0 else "Infinity")
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text(value: Value) -> str:
    """string()."""
    if type(value) is str:
        return value
    if type(value) is Decimal:
        return plain(value)
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds")
    return ""


def equal(a: Value, b: Value) -> bool:
    """`=` of two single values: as truths if one is a truth, as numbers if one is a number, else as texts."""
    if type(a) is str and type(b) is str:
        return a == b
    if type(a) is bool or type(b) is bool:
        for truth_, other in ((a, b), (b, a)):
            if type(truth_) is bool and other in ("true", "false"):
                return truth_ is (other == "true")
        return boolean(a) == boolean(b)
    if type(a) is Decimal or type(b) is Decimal:
        x, y = number(a), number(b)
        return x == y or (x == x and y == y and abs(CONTEXT.subtract(x, y)) < NEAR)  # NaN equals nothing
    if isinstance(a, datetime) or isinstance(b, datetime):
        x, y = number(a), number(b)
        if x == x and y == y:
            return x == y
    return text(a) == text(b)


def compare(op: str, a: Value, b: Value) -> bool:
    """< <= > >= of two single values, by number; false when one of them is no number."""
    x, y = number(a), number(b)
    if x != x or y != y:
        return False
    if op == "<":
        return x < y
    if op == "<=":
        return x <= y
    if op == ">":
        return x > y
    return x >= y


def from_float(value: float) -> Decimal:
    """The shortest decimal that names this binary number; NaN and the infinities are NaN."""
    result = Decimal(repr(value))
    return result if result.is_finite() else NAN


def _two_digits(day: re.Match[str]) -> str:
    return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"


def date_of(value: Value) -> Value:
    """date(): from days since 1970-01-01, a text or a moment; "" when it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if type(value) is str:
        moment = parse_datetime(_LOOSE_DAY.sub(_two_digits, value.strip()))
        if moment is not None:
            return moment.date()
    days = number(value)
    if not days.is_finite() or abs(days) > 700_000:
        return ""
    return date.fromordinal(EPOCH + int(days))


def moment_of(value: Value) -> Value:
    """date-time(): like date(), the time of day kept; "" when it is none."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if type(value) is str:
        return parse_datetime(value.strip()) or ""
    days = number(value)
    if not days.is_finite() or abs(days) > 700_000:
        return ""
    micro = int(CONTEXT.to_integral_value(CONTEXT.multiply(days, Decimal(86_400_000_000))))
    return datetime.combine(date(1970, 1, 1), time()) + timedelta(microseconds=micro)
