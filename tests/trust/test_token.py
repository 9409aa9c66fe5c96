"""A root on a PKCS#11 token, by SoftHSM: it certifies like any other key, openssl agrees, and the key never leaves."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from cunbao.errors import TrustError
from cunbao.trust import token
from cunbao.trust.keys import load_public, new_key, pem
from cunbao.trust.pki import Authority, make_crl, make_root, make_township_ca
from cunbao.trust.token import Token
from world.county import COUNTY, MENGHUN, NAMES, NOW
from world.tokens import PIN, a_module


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Token]:
    """A fresh token of its own label; SoftHSM reads its configuration once a process, so all lie in one place."""
    label = f"county-{secrets.token_hex(4)}"
    yield Token(a_module(label), label)


def test_a_root_on_a_token_certifies_a_township_and_openssl_agrees(held: Token, tmp_path: Path) -> None:
    public = token.make_key(held, PIN)
    with token.opened(held, PIN) as key:
        root = make_root(office=COUNTY, name=NAMES[COUNTY], now=NOW, key=key)
        ca = make_township_ca(root, office=MENGHUN, name=NAMES[MENGHUN], now=NOW)
        crl = make_crl(root, (), number=1, now=NOW)
    assert load_public(public).public_numbers() == key.public_key().public_numbers()
    (tmp_path / "root.pem").write_bytes(pem(root.certificate))
    (tmp_path / "ca.der").write_bytes(ca.certificate)
    (tmp_path / "root.crl").write_bytes(crl)
    for words in (
        ["x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem"],
        ["verify", "-no_check_time", "-CAfile", "root.pem", "ca.pem"],
        ["crl", "-inform", "DER", "-in", "root.crl", "-CAfile", "root.pem", "-noout"],
    ):
        done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_signature_over_a_digest_is_the_same_as_over_the_bytes(held: Token) -> None:
    token.make_key(held, PIN)
    data = os.urandom(100)
    hashed = hashes.Hash(hashes.SHA256())
    hashed.update(data)
    with token.opened(held, PIN) as key:
        whole = key.sign(data, ec.ECDSA(hashes.SHA256()))
        digest = key.sign(hashed.finalize(), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    for one in (whole, digest):
        key.public_key().verify(one, data, ec.ECDSA(hashes.SHA256()))
    for ask in (key.private_numbers, lambda: key.exchange(ec.ECDH(), new_key().public_key())):
        with pytest.raises(TrustError) as told:
            ask()
        assert told.value.code == "token.stays"


def test_a_wrong_pin_a_missing_token_and_a_missing_driver_are_said(held: Token, tmp_path: Path) -> None:
    token.make_key(held, PIN)
    cases = (
        (held, "000000", "password.wrong"),
        (Token(held.module, "somebody-else"), PIN, "token.gone"),
        (Token(held.module, held.label, "no-such-key"), PIN, "token.gone"),
        (Token(str(tmp_path / "none.so"), held.label), PIN, "token.module"),
    )
    for asked, pin, code in cases:
        with pytest.raises(TrustError) as told, token.opened(asked, pin):
            pass
        assert told.value.code == code
    assert held.label in token.labels(Path(held.module))


def test_a_second_root_is_not_made_over_the_first(held: Token) -> None:
    token.make_key(held, PIN)
    with pytest.raises(TrustError) as told:
        token.make_key(held, PIN)
    assert told.value.code == "token.taken"


def test_an_authority_keeps_its_key_out_of_what_is_printed(held: Token) -> None:
    token.make_key(held, PIN)
    with token.opened(held, PIN) as key:
        assert "TokenKey" not in repr(Authority(key, b"certificate"))
