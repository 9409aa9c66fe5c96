"""A package on the stick: read back as written, refused for every reason of form, and nothing applied."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import ExchangeError
from cunbao.exchange import limits
from cunbao.exchange.archive import write_zip
from cunbao.exchange.manifest import (
    Acknowledgement,
    ClosedPeriod,
    Former,
    Manifest,
    ObjectKind,
    PackageKind,
    member,
    split,
)
from cunbao.exchange.package import (
    MANIFEST,
    OBJECTS,
    SUMS,
    Package,
    inner_zip,
    package_id,
    read_package,
    sums,
    write_package,
)
from cunbao.trust.certs import read_certificate
from cunbao.trust.cms import envelope, open_envelope, sign_attached
from cunbao.trust.verify import Standing
from world.county import LIMING, MANBENG, MANGUO, MENGHUN, NOW, Seat, a_county, before_enrolment


def a_bundle(*objects: bytes, kind: ObjectKind = ObjectKind.ANSWERS, **more: Any) -> tuple[Manifest, dict[str, bytes]]:
    members = tuple(member(one, kind) for one in objects)
    said: dict[str, Any] = {
        "kind": PackageKind.BUNDLE,
        "office": MANBENG,
        "device": "one",
        "epoch": "e1",
        "to": (MENGHUN,),
        "task": "community-services",
        "period": "2025",
        "sequence": 1,
        "written_at": NOW,
        "members": members,
    }
    return Manifest(**{**said, **more}), {sha256(one).hexdigest(): one for one in objects}


def written(manifest: Manifest, objects: dict[str, bytes], seat: Seat | None = None) -> bytes:
    world = a_county()
    seat = seat or world[MANBENG]
    return write_package(manifest, objects, seat.signer, [world[MENGHUN].issued.decryption], when=NOW)


def received(data: bytes, reader: str = MENGHUN, **more: Any) -> Package:
    world = a_county()
    return read_package(data, [world[reader].keys.decryption], world.roots, **more)


def refusal(data: bytes, **more: Any) -> str:
    with pytest.raises(ExchangeError) as trouble:
        received(data, **more)
    assert trouble.value.happened and trouble.value.safe and trouble.value.todo
    return trouble.value.code


def sealed(content: bytes) -> bytes:
    """A package around any content, signed by the village all the same."""
    world = a_county()
    return envelope(sign_attached(content, world[MANBENG].signer, when=NOW), [world[MENGHUN].issued.decryption])


def test_the_township_reads_what_the_village_wrote() -> None:
    manifest, objects = a_bundle(b"answers", b"more answers")
    data = written(manifest, objects)
    package = received(data, us=(MENGHUN,))
    assert (package.manifest, dict(package.objects)) == (manifest, objects)
    assert (package.verdict.standing, package.verdict.office) == (Standing.VALID, MANBENG)
    assert (package.sha256, package.size) == (package_id(data), len(data))


def test_the_village_opens_its_own_package_to_compare() -> None:
    assert received(written(*a_bundle(b"answers")), MANBENG, us=(MANBENG,)).objects


def test_everything_a_manifest_can_say_comes_back() -> None:
    manifest, objects = a_bundle(
        b"a",
        to=(MENGHUN, LIMING),
        sequence=7,
        previous="ab" * 32,
        acknowledges=(Acknowledgement("two", "e9", 5, (2, 4)), Acknowledgement("one", "e1", 3)),
        closed=(ClosedPeriod("2024", "cd" * 32),),
        earlier=(Former(7, "12" * 32), Former(6, "34" * 32, ("ef" * 32, "cd" * 32))),
        journal_length=99,
        journal_head="ef" * 32,
        part=2,
        parts=3,
        task_version="3",
        written_at=NOW + timedelta(microseconds=5),
    )
    assert received(written(manifest, objects)).manifest == manifest


@given(st.lists(st.binary(max_size=60), max_size=8, unique=True), st.randoms(use_true_random=False))
def test_the_same_content_gives_the_same_bytes(objects: list[bytes], random: Random) -> None:
    first, held = a_bundle(*objects)
    shuffled = objects[:]
    random.shuffle(shuffled)
    second, _ = a_bundle(*shuffled)
    assert first == second
    zips = {inner_zip(one.encode(), {OBJECTS + name: held[name] for name in held}) for one in (first, second)}
    assert len(zips) == 1


@given(st.lists(st.binary(max_size=300), max_size=6, unique=True))
def test_any_content_comes_back(objects: list[bytes]) -> None:
    manifest, held = a_bundle(*objects)
    package = received(written(manifest, held))
    assert (package.manifest, dict(package.objects)) == (manifest, held)


def test_a_package_for_somebody_else_is_not_opened() -> None:
    assert refusal(written(*a_bundle(b"a")), reader=LIMING) == "package.not_for_us"


def test_a_package_addressed_past_us_is_refused() -> None:
    manifest, objects = a_bundle(b"a", to=(LIMING,))
    assert refusal(written(manifest, objects), us=(MENGHUN,)) == "package.address"


def test_a_village_that_writes_in_anothers_name_is_refused() -> None:
    manifest, objects = a_bundle(b"a", office=MANGUO)
    assert refusal(written(manifest, objects)) == "package.signature"


def test_before_enrolment_it_is_read_and_carries_the_request_of_that_key() -> None:
    village = a_county()[MANBENG]
    early = before_enrolment(village)
    own = read_certificate(early.signer.certificate).device
    manifest, objects = a_bundle(village.request, kind=ObjectKind.REQUEST, device=own)
    package = received(written(manifest, objects, early))
    assert package.verdict.standing is Standing.UNKNOWN
    assert package.request is not None and package.request.data == village.request
    foreign, other = a_bundle(a_county()[MANGUO].request, kind=ObjectKind.REQUEST, device=own)
    assert received(written(foreign, other, early)).request is None


def test_nobody_writes_in_the_name_of_another_computer() -> None:
    manifest, objects = a_bundle(b"a", device="two")
    assert refusal(written(manifest, objects)) == "package.signature"


def test_one_object_stands_once_in_the_list() -> None:
    manifest, _ = a_bundle(b"a")
    twice = replace(manifest, members=manifest.members * 2)
    with pytest.raises(ExchangeError) as trouble:
        Manifest.decode(twice.encode())
    assert trouble.value.code == "package.manifest"


def test_the_end_of_the_calendar_is_no_date() -> None:
    """A day more must still be a date, wherever a time is shown by the clock on the wall."""
    encoded = a_bundle(b"a")[0].encode()
    for year in (b"9999", b"0001"):
        with pytest.raises(ExchangeError) as trouble:
            Manifest.decode(encoded.replace(b'"written_at":"2025', b'"written_at":"' + year))
        assert trouble.value.code == "package.manifest"


def test_the_writer_refuses_a_list_that_does_not_fit() -> None:
    manifest, objects = a_bundle(b"a", b"b")
    for wrong in ({}, {**objects, "00" * 32: b""}, {name: b"x" for name in objects}):
        with pytest.raises(ExchangeError) as trouble:
            written(manifest, wrong)
        assert trouble.value.code == "package.members"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 0), ("kind", "other"), ("to", []), ("to", ["53282210300"]), ("sequence", 0), ("sequence", True),
        ("part", 2), ("previous", "AB" * 32), ("written_at", "2025-12-15"), ("members", {}), ("extra", 1),
        ("journal", {"length": -1, "head": ""}), ("from", None), ("period", "2" * 999), ("acknowledges", [{}]),
    ],
)  # fmt: skip
def test_a_manifest_that_says_something_else_is_refused(name: str, value: Any) -> None:
    manifest, objects = a_bundle(b"a")
    said = {**json.loads(manifest.encode()), name: value}
    assert refusal(sealed(inner_zip(rfc8785.dumps(said), _members(objects)))) == "package.manifest"


def test_a_later_version_asks_for_an_update() -> None:
    manifest, objects = a_bundle(b"a")
    said = {**json.loads(manifest.encode()), "v": 3, "new": 1}
    assert refusal(sealed(inner_zip(rfc8785.dumps(said), _members(objects)))) == "package.newer"


def test_a_manifest_that_names_no_package_before_it_is_one_of_the_first_version() -> None:
    manifest, objects = a_bundle(b"a")
    assert json.loads(manifest.encode())["v"] == 1  # as older programs wrote it, and as they read it
    assert received(written(manifest, objects)).manifest == manifest
    named = replace(manifest, sequence=2, earlier=(Former(1, "12" * 32),))
    said = json.loads(named.encode())
    assert said["v"] == 2
    for wrong in ({**said, "v": 1}, {**said, "earlier": []}, {**json.loads(manifest.encode()), "v": 2}):
        assert refusal(sealed(inner_zip(rfc8785.dumps(wrong), _members(objects)))) == "package.manifest"


@pytest.mark.parametrize(
    "earlier",
    [
        (Former(3, "12" * 32),),  # after the one that names it
        tuple(Former(1, f"{number:064x}") for number in range(limits.EARLIER + 1)),
        (Former(1, "12" * 32, tuple(f"{number:064x}" for number in range(limits.ELSEWHERE + 1))),),
        tuple(
            Former(at, "12" * 32, tuple(f"{number:064x}" for number in range(limits.ELSEWHERE // 2 + 1)))
            for at in (1, 2)
        ),
        (Former(1, "no hash"),),
        (Former(1, "12" * 32, ("no hash",)),),
    ],
)
def test_what_a_manifest_may_say_of_earlier_packages_is_bounded(earlier: tuple[Former, ...]) -> None:
    manifest, objects = a_bundle(b"a", sequence=2, earlier=earlier)
    assert refusal(written(manifest, objects)) == "package.manifest"


def test_a_manifest_in_another_spelling_is_refused() -> None:
    manifest, objects = a_bundle(b"a")
    for encoded in (manifest.encode() + b"\n", b"[" * 10_000, b"\xff", b"null", b'{"v":1,"v":1}'):
        assert refusal(sealed(inner_zip(encoded, _members(objects)))) == "package.manifest"


def test_members_that_differ_from_the_manifest_are_refused() -> None:
    manifest, objects = a_bundle(b"a", b"b")
    encoded, whole = manifest.encode(), _members(objects)
    one = sorted(whole)[0]
    wrong = {
        "missing": {name: whole[name] for name in whole if name != one},
        "more": {**whole, OBJECTS + "0" * 64: b"c"},
        "changed": {**whole, one: b"c"},
        "misnamed": {**{name: whole[name] for name in whole if name != one}, OBJECTS + "0" * 64: whole[one]},
        "other place": {**whole, "extra.txt": b""},
    }
    for name, members in wrong.items():
        assert refusal(sealed(inner_zip(encoded, members))) == "package.hashes", name


def test_sums_that_differ_are_refused() -> None:
    manifest, objects = a_bundle(b"a")
    whole = {MANIFEST: manifest.encode(), **_members(objects)}
    for listed in (b"", sums({}), sums(whole) + b"\n"):
        assert refusal(sealed(write_zip({**whole, SUMS: listed}))) == "package.hashes"
    assert refusal(sealed(write_zip(whole))) == "package.hashes"


def test_what_is_no_package_is_refused() -> None:
    world = a_county()
    content = inner_zip(*_halves())
    signed = sign_attached(content, world[MANBENG].signer, when=NOW)
    for data in (b"", b"PK\3\4", content, signed, bytes(5000)):
        assert refusal(data) == "package.damaged"
    assert refusal(envelope(b"not signed", [world[MENGHUN].issued.decryption])) == "package.damaged"
    assert refusal(sealed(b"no zip")) == "archive.damaged"


def test_a_content_changed_under_its_signature_is_refused() -> None:
    world = a_county()
    signed = open_envelope(written(*a_bundle(b"answers")), [world[MENGHUN].keys.decryption])
    changed = signed.replace(b"answers", b"ANSWERS", 1)
    assert changed != signed
    assert refusal(envelope(changed, [world[MENGHUN].issued.decryption])) == "package.signature"


def test_a_file_over_the_limit_is_refused_before_it_is_opened() -> None:
    assert refusal(bytes(limits.PACKAGE.file + 1)) == "package.oversize"


def test_too_much_is_not_written() -> None:
    half = [bytes([number]) * (limits.PACKAGE.content // 2) for number in range(2)]
    with pytest.raises(ExchangeError) as trouble:
        written(*a_bundle(*half))
    assert trouble.value.code == "package.too_large"


def test_a_scan_over_4_mb_is_neither_written_nor_read() -> None:
    manifest, objects = a_bundle(bytes(limits.ATTACHMENT + 1), kind=ObjectKind.ATTACHMENT)
    with pytest.raises(ExchangeError, match="超过4MB"):
        written(manifest, objects)
    assert refusal(sealed(inner_zip(manifest.encode(), _members(objects)))) == "package.manifest"


def test_a_large_content_becomes_parts_that_keep_a_return_together() -> None:
    groups = [tuple(member(bytes([n]) * 900 + bytes([k]), ObjectKind.PDF) for k in range(3)) for n in range(10)]
    parts = split(groups, content=limits.MANIFEST // 8 + 6000)
    assert len(parts) == 5
    for group in groups:
        assert sum(set(group) <= set(part) for part in parts) == 1
    with pytest.raises(ExchangeError, match="放不进"):
        split(groups, content=limits.MANIFEST // 8 + 2000)


def test_what_two_returns_share_is_carried_once_in_a_part() -> None:
    shared = member(b"shared", ObjectKind.CRL)
    (part,) = split([(shared, member(b"1", ObjectKind.PDF)), (shared, member(b"2", ObjectKind.PDF))])
    assert part.count(shared) == 1


def test_reading_the_largest_package_stays_within_eight_times_the_limit() -> None:
    random = Random(1)
    manifest, objects = a_bundle(*(random.randbytes(limits.MB * 5) for _ in range(6)), kind=ObjectKind.PDF)
    data = written(manifest, objects)
    tracemalloc.start()
    try:
        assert len(received(data).objects) == 6
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * limits.PACKAGE.content


def _members(objects: dict[str, bytes]) -> dict[str, bytes]:
    return {OBJECTS + name: body for name, body in objects.items()}


def _halves() -> tuple[bytes, dict[str, bytes]]:
    manifest, objects = a_bundle(b"a")
    return manifest.encode(), _members(objects)
