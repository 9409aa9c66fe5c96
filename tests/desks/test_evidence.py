"""The scan of the sealed paper lies beside the return, small enough to travel, and goes with the next bundle."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from cunbao.desks import evidence, ledger, receiving, taking
from cunbao.desks.digest import signed_ids, state_digest
from cunbao.desks.township import deciding, forwarding, receipts, reviewing
from cunbao.desks.village import replies, sending, signing
from cunbao.errors import CunbaoError
from cunbao.exchange import ObjectKind
from cunbao.exchange.content import CarriedEvidence, read_content
from cunbao.exchange.limits import ATTACHMENT
from cunbao.survey.evidence import Evidence
from cunbao.trust.cms import sign_detached
from desks.test_sending import opened_by_the_township
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    reopened,
)
from world.exchange import a_seat


def a_photo(path: Path, width: int, height: int, kind: str = "JPEG") -> Path:
    """Noise, the worst that a camera can deliver."""
    noise = Random(1).randbytes(width * height * 3)
    Image.frombytes("RGB", (width, height), noise).save(path, kind, **({"quality": 97} if kind == "JPEG" else {}))
    return path


def test_a_photo_is_kept_and_travels_with_the_next_bundle(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    stored = desk.newest("B02")
    assert stored is not None
    pdf = desk.signed_pdf(stored)
    photo = a_photo(tmp_path / "盖章.jpg", 300, 400)
    kept = evidence.attach(desk, "B02", photo)
    assert kept.revision == stored.id and kept.name == "盖章.jpg"
    assert desk.workspace.object(kept.content) == photo.read_bytes()
    assert desk.newest("B02") == stored and desk.signed_pdf(stored) == pdf  # no PDF touched, no revision made
    assert desk.workspace.journal_entries()[-1].act == "evidence"
    desk.close()
    desk = reopened(tmp_path / "village")
    assert evidence.attached(desk, "B02") == (kept,)
    (tmp_path / "stick").mkdir()
    package = opened_by_the_township(sending.write_bundle(desk, tmp_path / "stick", PASSWORD).path.read_bytes())
    naming = [one for one in package.manifest.members if one.kind is ObjectKind.EVIDENCE]
    scans = [one for one in package.manifest.members if one.kind is ObjectKind.ATTACHMENT]
    assert [one.sha256 for one in naming] == [kept.id] and [one.sha256 for one in scans] == [kept.content]
    said = json.loads(package.objects[kept.id])
    assert said["revision"] == stored.id and said["content"] == kept.content
    desk.close()


def test_evidence_is_signed_with_the_bundle_and_no_proof_without_a_signature_of_the_village(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    bare = state_digest(town.workspace, town.task)
    kept = evidence.attach(village, "B01", a_photo(tmp_path / "盖章.jpg", 60, 80))
    assert kept.signatures == ()
    receiving.receive(town, [a_bundle(village, tmp_path / "two")])
    (came,) = town.workspace.evidence(kept.revision)
    assert len(came.signatures) == 1 and ledger.evidence_holds(ledger.judge_of(town.workspace), came, MANBANG)
    assert reviewing.review(town, MANBANG, "B01").attachments == ((kept.content, "盖章.jpg"),)
    told = state_digest(town.workspace, town.task)
    assert told.periods[0].objects != bare.periods[0].objects and told.periods[0].state == bare.periods[0].state
    assert kept.id in signed_ids(town.workspace, "2025")
    # somebody else's signature beside it, in whatever order, changes nothing; alone it proves nothing
    content = read_content(opened_by_the_township((tmp_path / "two").glob("*").__next__().read_bytes()))
    (carried,) = content.evidence
    stranger = sign_detached(carried.data, a_seat(None, MANGUO, village.clock()).signer, when=carried.said.at)
    forged = replace(carried, signatures=(stranger,))
    for signed, holds in (((forged,), False), ((forged, carried), True), ((carried, forged), True)):
        fresh = a_town_desk(tmp_path, name=f"fresh-{len(signed)}-{holds}-{signed[0] is forged}")
        for one in signed:
            taking.apply(fresh.workspace, fresh.task, replace(content, evidence=(one,)), epoch="e")
        (held,) = fresh.workspace.evidence(kept.revision)
        assert ledger.evidence_holds(ledger.judge_of(fresh.workspace), held, MANBANG) is holds
        assert (kept.id in signed_ids(fresh.workspace, "2025")) is holds
        before = state_digest(fresh.workspace, fresh.task)
        ledger.rebuild(fresh.workspace, fresh.task)
        assert state_digest(fresh.workspace, fresh.task) == before
        shown = reviewing.review(fresh, MANBANG, "B01").attachments
        assert shown == ((kept.content, "盖章.jpg" if holds else "（签名不算数）盖章.jpg"),)
        fresh.close()
    village.close()
    town.close()


def test_evidence_of_an_older_version_is_read_and_said_to_be_unsigned(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    content = read_content(opened_by_the_township(a_bundle(village, tmp_path / "one").read_bytes()))
    one, scan = content.revisions[0], b"\xff\xd8 scan"
    said = {
        "at": "2025-12-15T07:00:00.123456Z",
        "content": sha256(scan).hexdigest(),
        "name": "旧.jpg",
        "revision": one.id,
    }
    data = json.dumps({"v": 1, **said}, separators=(",", ":"), sort_keys=True).encode()
    old = CarriedEvidence(sha256(data).hexdigest(), Evidence.decode(data), data, scan)
    taking.apply(town.workspace, town.task, replace(content, evidence=(old,)), epoch="e")
    assert reviewing.review(town, MANBANG, one.header.form).attachments == ((said["content"], "（没有签名）旧.jpg"),)
    assert old.id not in signed_ids(town.workspace, "2025")
    # it goes on to the county with the return that it shows
    deciding.accept(town, MANBANG, one.header.form)
    county = a_county_desk(tmp_path)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    assert [held.id for held in county.workspace.evidence(one.id)] == [old.id]
    for desk in (village, town, county):
        desk.close()


def test_a_scan_added_after_the_receipt_travels_alone_and_once(tmp_path: Path) -> None:
    village, town = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7)), a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "one")])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert not sending.export_view(village).may_send
    kept = evidence.attach(village, "B01", a_photo(tmp_path / "盖章.jpg", 60, 80))
    assert sending.export_view(village).may_send
    bundle = sending.write_bundle(village, tmp_path / "one", PASSWORD)
    assert bundle.forms == 1
    (line,) = receiving.receive(town, [bundle.path]).lines
    assert (line.label, line.read) == ("已接收", "收下了决定和附件")
    assert [one.id for one in town.workspace.evidence(kept.revision)] == [kept.id]
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert not sending.export_view(village).may_send and sending.outgoing_scans(village) == ()
    village.close()
    town.close()


def test_one_photo_beside_two_returns_travels_once(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    photo = a_photo(tmp_path / "两张.png", 60, 60, "PNG")
    first, second = evidence.attach(desk, "B01", photo), evidence.attach(desk, "B02", photo)
    assert first.content == second.content and first.id != second.id
    (tmp_path / "stick").mkdir()
    package = opened_by_the_township(sending.write_bundle(desk, tmp_path / "stick", PASSWORD).path.read_bytes())
    assert {first.id, second.id, first.content} <= package.objects.keys()
    desk.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_photo_is_made_smaller_and_stays_readable(tmp_path: Path, kind: str) -> None:
    photo = a_photo(tmp_path / "large", 2600, 3400, kind)
    assert photo.stat().st_size > ATTACHMENT
    data = evidence.fitting(photo)
    assert len(data) <= ATTACHMENT
    with Image.open(io.BytesIO(data)) as smaller:
        assert smaller.format == "JPEG" and max(smaller.size) >= 1700
        assert abs(smaller.width / smaller.height - 2600 / 3400) < 0.01


def test_a_photo_taken_sideways_stands_upright_when_made_smaller(tmp_path: Path) -> None:
    path = tmp_path / "side.jpg"
    noise = Random(1).randbytes(3400 * 2600 * 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.frombytes("RGB", (3400, 2600), noise).save(path, "JPEG", quality=97, exif=exif)
    with Image.open(io.BytesIO(evidence.fitting(path))) as smaller:
        assert smaller.height > smaller.width


def test_a_pdf_is_taken_as_it_is(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    scan = tmp_path / "扫描件.pdf"
    scan.write_bytes(signing.blank(desk, "B01").pdf)
    kept = evidence.attach(desk, "B01", scan)
    assert desk.workspace.object(kept.content) == scan.read_bytes()
    desk.close()


def test_what_is_no_scan_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    good = a_photo(tmp_path / "good.jpg", 300, 300).read_bytes()
    files = {
        "text.jpg": "不是照片".encode(),
        "empty.pdf": b"",
        "half.jpg": good[: len(good) // 2],
        "head.pdf": b"%PDF-1.7\n",
        "gif.jpg": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00"
        b"\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(CunbaoError) as said:
            evidence.attach(desk, "B01", tmp_path / name)
        assert said.value.code == "evidence.kind" and name in said.value.happened
    with pytest.raises(CunbaoError) as said:
        evidence.attach(desk, "B01", tmp_path / "没有.jpg")
    assert said.value.code == "evidence.unreadable"
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(evidence.MOST_READ + 1)
    with pytest.raises(CunbaoError) as said:
        evidence.attach(desk, "B01", tmp_path / "huge.jpg")
    assert said.value.code == "evidence.too_large"
    assert evidence.attached(desk, "B01") == ()
    desk.close()


def test_a_picture_that_would_unpack_to_gigabytes_is_refused_unopened(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    with pytest.raises(CunbaoError) as said:
        evidence.fitting(tmp_path / "bomb.png")
    assert said.value.code in ("evidence.too_large", "evidence.kind")


def test_before_the_signature_there_is_nothing_to_prove(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    with pytest.raises(CunbaoError) as said:
        evidence.attach(desk, "B01", a_photo(tmp_path / "a.jpg", 10, 10))
    assert said.value.code == "evidence.unsigned"
    desk.close()
