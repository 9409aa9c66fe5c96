"""What is printed, read aloud, typed and scanned comes back as what was signed."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cunbao.errors import SurveyError
from cunbao.survey.codes import (
    CODE_SYMBOLS,
    HASH_SYMBOLS,
    SYMBOLS,
    base32,
    digits24,
    grouped,
    hash_symbols,
    qr_text,
    read_code,
    read_qr,
    verification_code,
)

REVISION = sha256(b"header").hexdigest()
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def test_the_symbols_leave_out_what_is_misread() -> None:
    assert len(SYMBOLS) == 32 and not set("ILOU") & set(SYMBOLS)


@pytest.mark.parametrize(("data", "text"), [(b"\0" * 5, "0" * 8), (b"\xff" * 5, "Z" * 8), (b"\x80", "G0"), (b"", "")])
def test_base32_counts_from_the_left_and_pads_with_zero_bits(data: bytes, text: str) -> None:
    assert base32(data) == text


@given(st.binary(min_size=32, max_size=32))
def test_the_code_is_the_head_of_the_hash_and_both_come_back(digest: bytes) -> None:
    code, whole = verification_code(digest), hash_symbols(digest)
    assert len(whole) == HASH_SYMBOLS
    assert code.replace("-", "") == whole[:CODE_SYMBOLS]
    line = read_qr(qr_text("R", ("532822103203", "B02", "2025", "1"), digest))
    assert (line.sha256, line.code, line.fields[1]) == (digest.hex(), code, "B02")


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_a_code_typed_by_hand_is_understood(digest: bytes, random: object) -> None:
    code = verification_code(digest)
    for typed in (
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " "),
        code.replace("0", "O").replace("1", "l"),
        code.replace("0", "o").replace("1", "I"),
        f"  {code}\n",
        code.replace("-", "－"),
        code.translate({ord(sign): ord(sign) + 0xFEE0 for sign in SYMBOLS}),
    ):
        assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "B41W", "B41W-TEA7-ER23-848U", "B41W-TEA7-ER23-848B-1", "验证码"])
def test_what_is_no_code_is_explained(typed: str) -> None:
    with pytest.raises(SurveyError) as trouble:
        read_code(typed)
    assert trouble.value.code == "code.typed" and "不是验证码" in trouble.value.happened


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("R", ("532822103203", "B02", "2025", "1")), ("N", ("532822103",)), ("E", ("532822103203", "1")),
        ("P", ("532822103203", "2")), ("T", ("532822103000", "B02", "2025")), ("C", ("532822000000", "2025", "1")),
        ("I", ("532822000000", "14-5", "2025")),
    ],
)  # fmt: skip
def test_a_qr_line_needs_only_the_alphanumeric_mode_and_fits_version_5(kind: str, fields: tuple[str, ...]) -> None:
    line = qr_text(kind, fields, REVISION)
    assert set(line) <= ALPHANUMERIC
    assert len(line) <= 122  # version 5, level M
    assert read_qr(line.lower()) == read_qr(line)


@pytest.mark.parametrize(
    "fields", [("532822103203", "B02", "2025"), ("曼蚌", "B02", "2025", "1"), ("A:B", "C", "D", "E")]
)
def test_a_field_that_would_not_scan_is_refused(fields: tuple[str, ...]) -> None:
    with pytest.raises(SurveyError):
        qr_text("R", fields, REVISION)


def test_a_foreign_qr_is_refused() -> None:
    line = qr_text("R", ("532822103203", "B02", "2025", "1"), REVISION)
    changed = (line[:-1], line[:-1] + "1", line.replace(":R:", ":X:"), line.replace(":1:", ":2:", 1))
    for text in ("", "https://example.org", *changed):
        with pytest.raises(SurveyError):
            read_qr(text)


def test_a_comparison_code_has_24_digits_in_six_groups() -> None:
    code = digits24(sha256(b"request").digest())
    assert len(code) == 24 and code.isdigit()
    assert int(code) == int.from_bytes(sha256(b"request").digest()[:16]) % 10**24
    assert [len(group) for group in grouped(code).split(" ")] == [4] * 6
    assert digits24(bytes(32)) == "0" * 24
