"""A password opens what it locked; nothing else does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cunbao.errors import TrustError
from cunbao.trust.keys import (
    DEFAULT_STRETCH,
    Stretch,
    load_private,
    new_key,
    private_bytes,
    public_bytes,
    unwrap_secret,
    wrap_secret,
)
from cunbao.trust.recovery import open_recovery, recovery_wrap
from world.county import COUNTY, MANBENG, MENGHUN, a_county

QUICK = Stretch(memory=64, passes=1, lanes=1)
SECRET = bytes(range(32))


def code(wrap: dict[str, Any], password: str, **more: Any) -> str:
    with pytest.raises(TrustError) as trouble:
        unwrap_secret(wrap, password, **more)
    return trouble.value.code


def test_the_right_password_opens_and_the_wrap_survives_json() -> None:
    wrap = json.loads(json.dumps(wrap_secret(SECRET, "曼蚌2025", label="data", stretch=QUICK)))
    assert unwrap_secret(wrap, "曼蚌2025", label="data") == SECRET
    assert code(wrap, "曼蚌2026") == "password.wrong"


def test_full_width_letters_of_an_input_method_are_the_same_password() -> None:
    wrap = wrap_secret(SECRET, "abc123密码", stretch=QUICK)
    assert unwrap_secret(wrap, "ａｂｃ１２３密码") == SECRET


def test_an_altered_wrap_never_opens() -> None:
    wrap = wrap_secret(SECRET, "曼蚌2025", label="data", stretch=QUICK)
    for name, other in {"label": "signing", "memory": 128, "passes": 2, "salt": "A" * 24, "nonce": "A" * 16}.items():
        assert code({**wrap, name: other}, "曼蚌2025") in ("password.wrong", "wrap.damaged"), name
    flipped = ("B" if wrap["wrapped"][0] != "B" else "C") + wrap["wrapped"][1:]
    assert code({**wrap, "wrapped": flipped}, "曼蚌2025") == "password.wrong"


def test_one_wrap_cannot_stand_for_another() -> None:
    wrap = wrap_secret(SECRET, "曼蚌2025", label="signing:岩温", stretch=QUICK)
    assert code(wrap, "曼蚌2025", label="data") == "wrap.damaged"


@pytest.mark.parametrize(
    "damage",
    [{"memory": 1 << 40}, {"passes": 10**9}, {"lanes": 0}, {"salt": "?"}, {"kdf": "scrypt"}, {"v": 2}, {"nonce": ""}],
)
def test_a_wrap_from_elsewhere_cannot_keep_the_computer_busy(damage: dict[str, Any]) -> None:
    assert code({**wrap_secret(SECRET, "曼蚌2025", stretch=QUICK), **damage}, "曼蚌2025") == "wrap.damaged"


def test_what_is_no_wrap_is_said_to_be_damaged() -> None:
    assert code({}, "曼蚌2025") == "wrap.damaged"


def test_an_empty_password_locks_nothing() -> None:
    with pytest.raises(TrustError, match="密码是空的"):
        wrap_secret(SECRET, "")


def test_passwords_are_stretched_as_rfc_9106_asks_of_small_machines() -> None:
    assert (DEFAULT_STRETCH.memory, DEFAULT_STRETCH.passes, DEFAULT_STRETCH.lanes) == (65536, 3, 4)


def test_a_key_reads_back_and_a_broken_one_is_refused() -> None:
    key = new_key()
    assert public_bytes(load_private(private_bytes(key))) == public_bytes(key)
    with pytest.raises(TrustError, match="钥匙文件损坏"):
        load_private(b"not a key")


def test_the_secret_is_nowhere_in_what_is_printed() -> None:
    signer = a_county()[MANBENG].signer
    assert "key" not in repr(signer).split("certificate")[0]


def test_township_and_county_both_open_a_recovery_wrap_and_no_village_does() -> None:
    world = a_county()
    wrap = recovery_wrap(SECRET, [world[MENGHUN].issued.decryption, world[COUNTY].issued.decryption])
    wrap = json.loads(json.dumps(wrap))
    for office in (MENGHUN, COUNTY):
        assert open_recovery(wrap, [world[office].keys.decryption]) == SECRET
    with pytest.raises(TrustError) as trouble:
        open_recovery(wrap, [world[MANBENG].keys.decryption])
    assert trouble.value.code == "envelope.not_for_us"


def test_a_recovery_wrap_opens_whole_or_not_at_all() -> None:
    world = a_county()
    wrap = recovery_wrap(SECRET, [world[MENGHUN].issued.decryption])
    refused = 0
    blob = bytearray(base64.b64decode(wrap["envelope"]))
    for at in range(len(blob) - 160, len(blob)):  # the encrypted content stands last
        changed = bytes(blob[:at]) + bytes([blob[at] ^ 1]) + bytes(blob[at + 1 :])
        try:
            again = {**wrap, "envelope": base64.b64encode(changed).decode()}
            found = open_recovery(again, [world[MENGHUN].keys.decryption])
        except TrustError:
            refused += 1
            continue
        assert found == SECRET  # a byte that says nothing, such as the name of the content's type
    assert refused > 120
