"""What we sign and lock opens with `openssl cms`, and what openssl locks opens with us."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import TrustError
from cunbao.trust import cms, der
from cunbao.trust.keys import pem, private_bytes
from world.county import LIMING, MANBENG, MENGHUN, NOW, Seat, a_county, before_enrolment

TEXT = "曼蚌村 2025 年度".encode() * 99


def code(blob: bytes, *seats: Seat) -> str:
    with pytest.raises(TrustError) as trouble:
        cms.open_envelope(blob, [seat.keys.decryption for seat in seats])
    return trouble.value.code


def kit(folder: Path, seat: Seat) -> None:
    """Root and the seat's decryption key, as files for openssl."""
    (folder / "root.crt").write_bytes(pem(a_county().root.certificate))
    (folder / "me.crt").write_bytes(pem(seat.issued.decryption))
    (folder / "me.key").write_bytes(pem(private_bytes(seat.keys.decryption), "PRIVATE KEY"))


def openssl(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *line.split()], cwd=folder, capture_output=True, text=True, check=False)


def test_the_two_commands_of_openssl_open_an_envelope_around_a_signature(tmp_path: Path) -> None:
    world = a_county()
    signed = cms.sign_attached(TEXT, world[MANBENG].signer, when=NOW)
    locked = cms.envelope(signed, [world[MENGHUN].issued.decryption, world[MANBENG].issued.decryption])
    (tmp_path / "x.cbsync").write_bytes(locked)
    for reader in (MENGHUN, MANBENG):
        kit(tmp_path, world[reader])
        first = openssl(
            tmp_path, "cms -decrypt -binary -inform DER -in x.cbsync -recip me.crt -inkey me.key -out signed.der"
        )
        assert first.returncode == 0, first.stderr
        second = openssl(
            tmp_path,
            "cms -verify -binary -inform DER -in signed.der -CAfile root.crt -purpose any -no_check_time -out content",
        )
        assert second.returncode == 0, second.stderr
        assert (tmp_path / "content").read_bytes() == TEXT


def test_openssl_verifies_a_detached_signature_and_refuses_changed_data(tmp_path: Path) -> None:
    kit(tmp_path, a_county()[MANBENG])
    (tmp_path / "s").write_bytes(cms.sign_detached(TEXT, a_county()[MANBENG].signer, when=NOW))
    line = "cms -verify -cades -binary -inform DER -in s -content data -CAfile root.crt -purpose any -no_check_time"
    for data, status in ((TEXT, 0), (TEXT + b" ", 4)):
        (tmp_path / "data").write_bytes(data)
        assert openssl(tmp_path, f"{line} -out out").returncode == status


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "aes-128-cbc", "aes-256-gcm", "aes-128-gcm"])
@pytest.mark.parametrize("derivation", ["sha1", "sha256", "sha512"])
def test_what_openssl_locks_opens_here(tmp_path: Path, cipher: str, derivation: str) -> None:
    seat = a_county()[MENGHUN]
    kit(tmp_path, seat)
    (tmp_path / "text").write_bytes(TEXT)
    options = f"-outform DER -out locked -recip me.crt -keyopt ecdh_kdf_md:{derivation}"
    done = openssl(tmp_path, f"cms -encrypt -binary -{cipher} -in text {options}")
    assert done.returncode == 0, done.stderr
    blob = (tmp_path / "locked").read_bytes()
    assert cms.open_envelope(blob, [seat.keys.decryption]) == TEXT
    if cipher.endswith("gcm"):
        assert code(blob[:-1] + bytes([blob[-1] ^ 1]), seat) == "envelope.damaged"


def test_only_the_addressees_open_it() -> None:
    world = a_county()
    locked = cms.envelope(TEXT, [world[MENGHUN].issued.decryption])
    assert cms.open_envelope(locked, [world[LIMING].keys.decryption, world[MENGHUN].keys.decryption]) == TEXT
    assert code(locked, world[LIMING]) == "envelope.not_for_us"
    assert code(locked) == "envelope.not_for_us"


def test_a_device_that_was_enrolled_since_still_opens_what_was_written_before() -> None:
    seat = a_county()[MANBENG]
    locked = cms.envelope(TEXT, [before_enrolment(seat).issued.decryption])
    assert cms.open_envelope(locked, [seat.keys.decryption]) == TEXT


def test_nothing_is_locked_for_nobody_or_for_a_key_that_only_signs() -> None:
    with pytest.raises(TrustError, match="没有可用的收件证书"):
        cms.envelope(TEXT, [])
    with pytest.raises(TrustError, match="不能用来加密"):
        cms.envelope(TEXT, [a_county()[MENGHUN].issued.signing])


@given(st.binary(max_size=200))
def test_every_length_comes_back_whole(data: bytes) -> None:
    world = a_county()
    locked = cms.envelope(data, [world[MENGHUN].issued.decryption])
    assert cms.open_envelope(locked, [world[MENGHUN].keys.decryption]) == data
    signed = cms.read_signed(cms.sign_attached(data, world[MANBENG].signer, when=NOW))
    assert signed.content == data and signed.computes(hashlib.sha256(data).digest())


def test_a_signature_has_one_spelling() -> None:
    """Each single changed byte is refused when read, or no longer computes."""
    data = b"short"
    blob = cms.sign_attached(data, a_county()[MANBENG].signer, when=NOW)
    for at in range(len(blob)):
        for flip in (1, 0x20, 0x80):
            changed = blob[:at] + bytes([blob[at] ^ flip]) + blob[at + 1 :]
            try:
                signed = cms.read_signed(changed)
            except TrustError as trouble:
                assert trouble.code == "signature.damaged"
                continue
            assert signed.content is not None
            assert not signed.computes(hashlib.sha256(signed.content).digest()), (at, flip)


def test_a_number_of_millions_of_digits_is_not_worked_out() -> None:
    """It would take hours, and the file is refused all the same."""
    endless = der.tlv(der.OID, b"\xff" * 8_000_000 + b"\x01")
    for data in (der.sequence(endless, der.tlv(der.context(0))), der.sequence(der.sequence(endless))):
        with pytest.raises(TrustError):
            cms.open_envelope(data, [])
        with pytest.raises(TrustError):
            cms.read_signed(data)


def test_longer_and_shorter_signatures_are_refused() -> None:
    blob = cms.sign_detached(TEXT, a_county()[MANBENG].signer, when=NOW)
    for changed in (blob + b"\0", blob[:-1], b"", b"\x30\x80" + blob[2:], blob[: len(blob) // 2]):
        with pytest.raises(TrustError):
            cms.read_signed(changed)


def test_the_moment_is_kept_to_the_second_across_2049() -> None:
    for when in (NOW, NOW + timedelta(days=365 * 40)):
        signed = cms.read_signed(cms.sign_detached(TEXT, a_county()[MANBENG].signer, when=when))
        assert signed.signed_at == when
