"""Damaged and malicious files: refused with a sentence, or saying exactly what the good one said. None crashes."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from random import Random

import pytest

from cunbao.errors import ExchangeError
from cunbao.exchange import limits
from cunbao.exchange.archive import read_zip, safe_name, write_zip
from cunbao.exchange.manifest import Manifest, ObjectKind, PackageKind, member
from cunbao.exchange.package import OBJECTS, inner_zip, read_package, write_package
from cunbao.trust import der
from cunbao.trust.cms import envelope, sign_attached
from world.county import MANBENG, MENGHUN, NOW, a_county

OBJECTS_CARRIED = (b"<data/>", b"%PDF" + bytes(500), bytes(range(256)) * 3)
ROUNDS = 300


def the_manifest() -> Manifest:
    return Manifest(
        PackageKind.BUNDLE, MANBENG, "one", "e1", (MENGHUN,), "community-services", "2025", 1, NOW,
        tuple(member(one, ObjectKind.ANSWERS) for one in OBJECTS_CARRIED),
    )  # fmt: skip


def the_objects() -> dict[str, bytes]:
    return {one.sha256: data for data in OBJECTS_CARRIED for one in (member(data, ObjectKind.ANSWERS),)}


def outcome(data: bytes) -> str:
    """The code of the refusal, or "equal" when it says what the unmutated one says. Anything else fails."""
    world = a_county()
    try:
        package = read_package(data, [world[MENGHUN].keys.decryption], world.roots)
    except ExchangeError as refused:
        assert refused.happened and refused.safe and refused.todo
        return refused.code
    assert (package.manifest, dict(package.objects)) == (the_manifest(), the_objects())
    assert package.verdict.valid
    return "equal"


def mutated(data: bytes, random: Random) -> Iterator[tuple[str, bytes]]:
    """Flips, cuts, doublings, swaps and foreign bytes, each with a line to repeat it by."""
    for number in range(ROUNDS):
        at, size = random.randrange(len(data)), random.randrange(1, 40)
        kind = number % 6
        if kind < 2:
            yield f"flip {at}", data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        elif kind == 2:
            yield f"cut {at}", data[:at]
        elif kind == 3:
            yield f"without {at} {size}", data[:at] + data[at + size :]
        elif kind == 4:
            yield f"twice {at} {size}", data[: at + size] + data[at : at + size] + data[at + size :]
        else:
            yield f"noise {at} {size}", data[:at] + random.randbytes(size) + data[at + size :]


def test_a_package_damaged_on_the_stick_is_refused_or_says_the_same(same_chance: int) -> None:
    world = a_county()
    recipients = [world[MENGHUN].issued.decryption]
    data = write_package(the_manifest(), the_objects(), world[MANBENG].signer, recipients, when=NOW)
    assert outcome(data) == "equal"
    seen = {}
    for line, changed in mutated(data, Random(same_chance)):
        seen[line] = outcome(changed)
    refused = [code for code in seen.values() if code != "equal"]
    assert len(refused) > ROUNDS * 0.9, f"seed {same_chance}: {seen}"


def test_a_signature_damaged_inside_the_envelope_is_refused(same_chance: int) -> None:
    world = a_county()
    signed = sign_attached(inner_zip(the_manifest().encode(), _members()), world[MANBENG].signer, when=NOW)
    assert outcome(envelope(signed, [world[MENGHUN].issued.decryption])) == "equal"
    for line, changed in mutated(signed, Random(same_chance)):
        code = outcome(envelope(changed, [world[MENGHUN].issued.decryption]))
        assert changed == signed or code in ("package.damaged", "package.signature"), f"seed {same_chance}: {line}"


def test_a_zip_damaged_and_signed_again_is_refused_or_says_the_same(same_chance: int) -> None:
    content = inner_zip(the_manifest().encode(), _members())
    for line, changed in mutated(content, Random(same_chance)):
        code = outcome(_sealed(changed))
        expected = {"equal", "archive.damaged", "archive.limits", "archive.name", "package.hashes", "package.manifest"}
        assert code in expected, f"seed {same_chance}: {line}: {code}"


def test_random_bytes_are_refused(same_chance: int) -> None:
    random = Random(same_chance)
    for _ in range(100):
        assert outcome(random.randbytes(random.randrange(400))) == "package.damaged"
        assert outcome(_sealed(random.randbytes(random.randrange(400)))) == "archive.damaged"


def a_zip(*, name: str = OBJECTS + "0" * 64, data: bytes = b"x", method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return out.getvalue()


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    bomb = a_zip(data=bytes(limits.MB * 15), method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    assert outcome(_sealed(bomb)) == "archive.limits"


def test_a_bomb_that_lies_about_its_size_unfolds_no_further_than_it_said() -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = stream.compress(bytes(limits.MB * 15)) + stream.flush()
    assert outcome(_sealed(_zip_of(packed, size=100, crc=0))) == "archive.damaged"


def test_a_file_of_millions_of_tiny_values_stays_within_the_memory_limit() -> None:
    crowd = b"\x05\0" * (limits.MB * 10)
    inside = der.integer(2) + der.tlv(der.SET, crowd) + der.sequence(der.oid("1.2.3"), der.sequence(), b"\x80\0")
    wide = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.tlv(der.context(0), der.sequence(inside)))
    world = a_county()
    many = der.tlv(der.context(0), crowd)
    certificates = der.sequence(der.integer(1), der.set_of(), der.sequence(), many, der.set_of())
    crowded = der.sequence(der.oid("1.2.840.113549.1.7.2"), der.tlv(der.context(0), certificates))
    sealed = envelope(crowded, [world[MENGHUN].issued.decryption])
    for data in (wide, sealed):
        tracemalloc.start()
        try:
            assert outcome(data) == "package.damaged"
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 8 * limits.PACKAGE.content


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "/etc/passwd", "objects/../../x", "C:\\x", "a\\b", "objects//x", ".hidden", "objects/.x", "x\0y",
        "con", "objects/NUL.txt", "a" * 300, "a/b/c/d/e/f", "x ", "x.", "e\u0301", "", "a/", "x\u202ey", "~", "a:b",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert not safe_name(name, limits.PACKAGE)
    assert not safe_name(name, limits.TASK)


@pytest.mark.parametrize("name", ["../evil", "objects/../../x", "/etc/passwd", "con"])
def test_a_member_that_leads_elsewhere_is_refused(name: str) -> None:
    assert outcome(_sealed(a_zip(name=name))) == "archive.name"


@pytest.mark.parametrize("name", ["task/B01.md", "task/lists/sex_gbt2261_1.csv", "certificates/root.crt", "SHA256SUMS"])
def test_the_names_that_we_write_are_safe(name: str) -> None:
    assert safe_name(name, limits.TASK)


def test_the_same_name_twice_is_refused_also_in_another_case() -> None:
    for second in ("objects/aa", "objects/AA"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("objects/aa", b"1")
            if second == "objects/aa":
                with pytest.warns(UserWarning, match="Duplicate"):
                    archive.writestr(second, b"2")
            else:
                archive.writestr(second, b"2")
        assert outcome(_sealed(out.getvalue())) == "archive.damaged"


def test_too_many_members_are_refused_before_the_list_is_read() -> None:
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 0, 0, 0)
    assert outcome(_sealed(end)) == "archive.limits"


@pytest.mark.parametrize(
    "change",
    [
        lambda good: b"MZ" + good,
        lambda good: good + b"\0",
        lambda good: good[:-2] + b"\1\0x",
        lambda good: good.replace(b"PK\3\4", b"PK\3\5", 1),
        lambda good: good[:6] + b"\1" + good[7:],
    ],
    ids=["before", "behind", "comment", "mark", "locked"],
)
def test_a_zip_with_something_around_it_is_refused(change: Callable[[bytes], bytes]) -> None:
    assert outcome(_sealed(change(write_zip({"objects/aa": b"1"})))) == "archive.damaged"


def test_deflated_members_of_another_tool_are_read_within_the_limits() -> None:
    assert read_zip(a_zip(data=b"abc" * 50, method=zipfile.ZIP_DEFLATED), limits.PACKAGE) == {
        OBJECTS + "0" * 64: b"abc" * 50
    }


def _zip_of(packed: bytes, *, size: int, crc: int) -> bytes:
    """A zip of one deflated member with sizes of our choosing."""
    name = (OBJECTS + "0" * 64).encode()
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0) + name
    entry = struct.pack(
        "<4sBBHHHHHIIIHHHHHII", b"PK\1\2", 20, 3, 20, 0, 8, 0, 33, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, 0
    )
    directory = entry + name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local) + len(packed), 0)
    return local + packed + directory + end


def _members() -> dict[str, bytes]:
    return {OBJECTS + name: body for name, body in the_objects().items()}


def _sealed(content: bytes) -> bytes:
    world = a_county()
    return envelope(sign_attached(content, world[MANBENG].signer, when=NOW), [world[MENGHUN].issued.decryption])
