"""From a village's request to its certificate, by two files; an answer fits one computer only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cunbao.errors import ExchangeError
from cunbao.exchange.enrol import read_approval, read_request_file, write_approval, write_request
from cunbao.trust import pki
from cunbao.trust.enrol import comparison_code, make_request
from cunbao.trust.keys import new_device_keys
from world.county import COUNTY, LIMING, MANBENG, MANGUO, MENGHUN, MENGZHE, NAMES, NOW, Seat, a_county


def an_answer(seat: Seat, approver: str = MENGHUN) -> bytes:
    return write_approval(seat.request, seat.issued, a_county()[approver].signer, when=NOW)


def refusal(data: bytes, request: bytes, roots: tuple[bytes, ...] | None = None) -> str:
    with pytest.raises(ExchangeError) as trouble:
        read_approval(data, request, a_county().roots if roots is None else roots)
    assert trouble.value.happened and trouble.value.safe and trouble.value.todo
    return trouble.value.code


def test_request_code_approval_certificate() -> None:
    world = a_county()
    keys = new_device_keys()
    carried = write_request(make_request(keys, office=MANBENG, name=NAMES[MANBENG], device="two", now=NOW))
    asked = read_request_file(carried)
    issued = pki.approve(world.townships[MENGHUN], asked.data, comparison_code(carried), now=NOW)
    answer = write_approval(asked.data, issued, world[MENGHUN].signer, when=NOW)
    approval = read_approval(answer, carried, world.roots)
    assert approval.issued == issued and approval.approved_at == NOW
    assert approval.verdict.office == MENGHUN


def test_an_answer_for_another_computer_is_refused() -> None:
    world = a_county()
    assert refusal(an_answer(world[MANBENG]), world[MANGUO].request) == "approval.other"


def test_certificates_of_other_keys_are_refused() -> None:
    world = a_county()
    mixed = replace(world[MANBENG], issued=world[MANGUO].issued)
    assert refusal(an_answer(mixed), mixed.request) == "approval.certificates"
    half = replace(world[MANBENG], issued=replace(world[MANBENG].issued, decryption=b""))
    assert refusal(an_answer(half), half.request) == "approval.certificates"


@pytest.mark.parametrize("approver", [MENGZHE, COUNTY])
def test_only_the_villages_own_township_answers(approver: str) -> None:
    seat = a_county()[MANBENG]
    assert refusal(an_answer(seat, approver), seat.request) == "approval.certificates"


def test_a_village_does_not_answer() -> None:
    seat = a_county()[MANBENG]
    assert refusal(an_answer(seat, LIMING), seat.request) == "approval.signature"


def test_without_the_root_there_is_no_answer() -> None:
    seat = a_county()[MANBENG]
    assert refusal(an_answer(seat), seat.request, ()) == "approval.signature"


def test_a_damaged_answer_is_refused() -> None:
    seat = a_county()[MANBENG]
    data = an_answer(seat)
    for at in range(0, len(data), 7):
        changed = data[:at] + bytes([data[at] ^ 8]) + data[at + 1 :]
        assert refusal(changed, seat.request) in ("approval.damaged", "approval.signature"), at
    for changed in (b"", data[:-1], bytes(100_000)):
        assert refusal(changed, seat.request) == "approval.damaged"


def test_a_damaged_request_is_refused() -> None:
    with pytest.raises(ExchangeError) as trouble:
        read_request_file(a_county()[MANBENG].request[:-1])
    assert trouble.value.code == "request.damaged"
