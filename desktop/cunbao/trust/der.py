"""DER, the little that CMS needs: written piece by piece without copying large contents, read strictly.

Why not asn1crypto here: it keeps several copies of a package of 32 MB, and it reads many spellings of one value. This
reader takes definite lengths in their shortest form only, so that what verifies has one spelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTETS: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
MOST_ITEMS: Final = 1024
OID_BYTES: Final = 64


class NotDer(ValueError):
    """The bytes are not what was expected there."""


def context(number: int, *, constructed: bool = True) -> int:
    """Tag [number]."""
    return (0xA0 if constructed else 0x80) | number


def head(tag: int, length: int) -> bytes:
    """Tag and length, for a content that is written apart."""
    if length < 0x80:
        return bytes((tag, length))
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size)


def tlv(tag: int, *parts: bytes) -> bytes:
    return b"".join((head(tag, sum(map(len, parts))), *parts))


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes, tag: int = SET) -> bytes:
    """SET OF in DER: sorted by encoding."""
    return tlv(tag, *sorted(parts))


def integer(number: int) -> bytes:
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def octets(data: bytes) -> bytes:
    return tlv(OCTETS, data)


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        base128 = [arc & 0x7F]
        while arc := arc >> 7:
            base128.append(arc & 0x7F | 0x80)
        out.extend(reversed(base128))
    return tlv(OID, bytes(out))


def algorithm(dotted: str, *parameters: bytes) -> bytes:
    """AlgorithmIdentifier; parameters absent unless given (RFC 5754, 5758, 3565)."""
    return sequence(oid(dotted), *parameters)


def time(moment: datetime) -> bytes:
    """Time of RFC 5652: UTCTime until 2049, whole seconds, UTC."""
    utc = moment.astimezone(UTC)
    if 1950 <= utc.year < 2050:
        return tlv(UTC_TIME, utc.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERALIZED_TIME, f"{utc.year:04d}{utc:%m%d%H%M%S}Z".encode())


@dataclass(frozen=True, slots=True)
class Value:
    """One value inside `data`: its tag, where it begins, where its content begins and ends."""

    data: memoryview
    tag: int
    start: int
    inside: int
    end: int

    @property
    def content(self) -> memoryview:
        return self.data[self.inside : self.end]

    @property
    def whole(self) -> memoryview:
        return self.data[self.start : self.end]

    def items(self) -> tuple[Value, ...]:
        """The values that make up the content, which must end exactly where the last one does."""
        found: list[Value] = []
        at = self.inside
        while at < self.end:
            if len(found) == MOST_ITEMS:  # two bytes of a file must not become a hundred of memory
                raise NotDer("too many items")
            item = read(self.data, at, self.end)
            found.append(item)
            at = item.end
        return tuple(found)

    def expect(self, tag: int) -> Value:
        if self.tag != tag:
            raise NotDer(f"tag {self.tag:#x} where {tag:#x} was expected")
        return self

    def dotted(self) -> str:
        """The value as an OID."""
        self.expect(OID)
        if len(self.content) > OID_BYTES:  # an arc of megabytes takes hours to multiply out
            raise NotDer("long OID")
        arcs: list[int] = []
        number = 0
        for octet in bytes(self.content):
            number = number << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(number)
                number = 0
        if not arcs:
            raise NotDer("empty OID")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def moment(self) -> datetime:
        """The value as a time, aware UTC."""
        formats = {UTC_TIME: "%y%m%d%H%M%SZ", GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}
        if self.tag not in formats:
            raise NotDer("not a time")
        found = datetime.strptime(bytes(self.content).decode("ascii"), formats[self.tag]).replace(tzinfo=UTC)
        if self.tag == UTC_TIME and found.year >= 2050:  # strptime's pivot is 2069, RFC 5652's is 2050
            found = found.replace(year=found.year - 100)
        return found


def whole(data: bytes | memoryview) -> Value:
    """The one value that `data` is, nothing after it."""
    view = memoryview(data)
    value = read(view, 0, len(view))
    if value.end != len(view):
        raise NotDer("bytes after the end")
    return value


def check_signed(data: bytes) -> None:
    """NotDer unless `data` ends as a certificate or request does: a BIT STRING of whole bytes. The library does not
    look at the count of unused bits, so one signature would have eight spellings."""
    *_, signature = whole(data).expect(SEQUENCE).items()
    if not signature.expect(BIT_STRING).content or signature.content[0] != 0:
        raise NotDer("unused bits")


def read(data: memoryview, at: int, end: int) -> Value:
    """The value that begins at `at` and ends at `end` or before."""
    if end - at < 2:
        raise NotDer("cut short")
    tag, length, inside = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise NotDer("long tag")
    if length == 0x80 or length > 0x84:
        raise NotDer("length")
    if length & 0x80:
        size = length & 0x7F
        inside += size
        if inside > end:
            raise NotDer("cut short")
        length = int.from_bytes(data[at + 2 : inside])
        if length < 0x80 or length.bit_length() <= 8 * (size - 1):
            raise NotDer("length not in its shortest form")
    if inside + length > end:
        raise NotDer("cut short")
    return Value(data, tag, at, inside, inside + length)
