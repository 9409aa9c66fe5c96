"""A forgotten password by two files: the code binds the whole request, the answer opens for that request's key only."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
import rfc8785

from cunbao.errors import CunbaoError, ExchangeError
from cunbao.exchange import recovery
from cunbao.exchange.recovery import RecoveryRequest, read_answer, read_request, write_answer, write_request
from cunbao.trust.cms import sign_attached
from cunbao.trust.keys import PrivateKey, new_key, public_bytes
from cunbao.trust.recovery import open_recovery, recovery_wrap
from world.county import COUNTY, LIMING, MANBENG, MENGHUN, MENGZHE, NAMES, NOW, a_county

SECRET = bytes(range(32))


@dataclass(frozen=True)
class Asked:
    """A village's request and the fresh key that stays at home."""

    request: RecoveryRequest
    key: PrivateKey


def asked(**changes: Any) -> Asked:
    world, key = a_county(), new_key()
    superiors = (world[MENGHUN].issued.decryption, world[COUNTY].issued.decryption)
    wraps = [recovery_wrap(SECRET, superiors, label=recovery.wrap_label(MANBENG))]
    said: dict[str, Any] = {
        "office": MANBENG, "name": NAMES[MANBENG], "person": "岩温", "device": "", "key": public_bytes(key),
        "wraps": wraps, "when": NOW,
    }  # fmt: skip
    return Asked(read_request(write_request(**said | changes)), key)


def answered(request: RecoveryRequest, by: str = MENGHUN) -> bytes:
    """The superior opens the wrap and locks the key for the request."""
    seat = a_county()[by]
    (wrap,) = request.wraps
    secret = open_recovery(wrap, (seat.keys.decryption,), label=recovery.wrap_label(request.office))
    return write_answer(request, secret, seat.signer, when=NOW)


def refusal(data: bytes, one: Asked, roots: tuple[bytes, ...] | None = None) -> str:
    with pytest.raises(ExchangeError) as trouble:
        read_answer(data, one.request, one.key, a_county().roots if roots is None else roots)
    assert trouble.value.happened and trouble.value.safe and trouble.value.todo
    return trouble.value.code


@pytest.mark.parametrize("by", [MENGHUN, COUNTY])
def test_township_or_county_gives_the_key_back_to_the_office_that_asked(by: str) -> None:
    one = asked()
    answer = read_answer(answered(one.request, by), one.request, one.key, a_county().roots)
    assert answer.secret == SECRET and answer.verdict.office == by and answer.answered_at == NOW


def test_the_code_has_24_digits_and_changes_with_every_byte_of_the_request() -> None:
    one = asked()
    groups = one.request.code.split(" ")
    assert [len(group) for group in groups] == [4] * 6 and all(group.isdigit() for group in groups)
    other = asked(person="玉香").request
    assert other.code != one.request.code and asked().request.code != one.request.code


def test_no_secret_stands_in_either_file() -> None:
    one = asked()
    for data in (one.request.data, answered(one.request)):
        assert SECRET not in data


def test_another_computer_cannot_open_the_answer() -> None:
    one, other = asked(), asked()
    assert refusal(answered(one.request), other) == "recovery.other"
    assert refusal(answered(one.request), replace(one, key=other.key)) == "recovery.answer"


def test_the_neighbours_township_cannot_open_what_is_not_locked_for_it() -> None:
    with pytest.raises(CunbaoError) as trouble:
        answered(asked().request, MENGZHE)
    assert trouble.value.code == "envelope.not_for_us"


def test_an_answer_signed_by_a_stranger_is_refused() -> None:
    one = asked()
    signed = {by: write_answer(one.request, SECRET, a_county()[by].signer, when=NOW) for by in (MENGZHE, LIMING)}
    assert refusal(signed[MENGZHE], one) == "recovery.superior"
    assert refusal(signed[LIMING], one) == "recovery.signature"
    assert refusal(answered(one.request), one, roots=()) == "recovery.signature"


def test_a_village_cannot_answer_itself() -> None:
    one = asked()
    own = write_answer(one.request, SECRET, a_county()[MANBENG].signer, when=NOW)
    assert refusal(own, one) == "recovery.signature"


def test_a_changed_answer_is_refused_wherever_it_was_changed() -> None:
    one = asked()
    data = answered(one.request)
    for at in range(0, len(data), 11):
        changed = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        assert refusal(changed, one) in ("recovery.answer", "recovery.signature"), at
    for changed in (b"", data[:-1], data + b"\0", bytes(100_000)):
        assert refusal(changed, one) == "recovery.answer"


def test_a_wrap_of_another_office_is_no_request() -> None:
    """Who has copied a neighbour's keys.json cannot ask for its key in his own name."""
    with pytest.raises(ExchangeError) as trouble:
        asked(office=LIMING)
    assert trouble.value.code == "recovery.request"


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 0}, {"v": True}, {"kind": "recovery-answer"}, {"office": "53282210320x"}, {"office": 532822103203},
        {"person": ""}, {"person": "岩\n温"}, {"person": "岩" * 81}, {"device": "ab"}, {"key": "AAAA"}, {"key": "?"},
        {"wraps": []}, {"wraps": [{}]}, {"wraps": "x"}, {"made_at": "yesterday"}, {"made_at": None}, {"more": 1},
    ],
)  # fmt: skip
def test_a_request_that_says_anything_else_is_refused(changes: dict[str, Any]) -> None:
    said = json.loads(asked().request.data)
    with pytest.raises(ExchangeError) as trouble:
        read_request(rfc8785.dumps(said | changes))
    assert trouble.value.code == "recovery.request"


def test_a_request_in_another_spelling_is_refused() -> None:
    data = asked().request.data
    for changed in (b"", b"[]", b"\xff", b"[" * 50_000, data + b" ", data.replace(b":", b": ", 1), data * 40):
        with pytest.raises(ExchangeError) as trouble:
            read_request(changed)
        assert trouble.value.code == "recovery.request"


def test_a_file_of_a_newer_program_asks_for_that_program() -> None:
    one = asked()
    said = json.loads(one.request.data) | {"v": 2, "more": 1}
    with pytest.raises(ExchangeError) as trouble:
        read_request(rfc8785.dumps(said))
    assert trouble.value.code == "package.newer"
    newer = rfc8785.dumps({"v": 2, "kind": "recovery-answer"})
    assert refusal(sign_attached(newer, a_county()[MENGHUN].signer, when=NOW), one) == "package.newer"
