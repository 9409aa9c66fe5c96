"""A key on a PKCS#11 token (U 盾): it signs there and never leaves. Opened for one act, by its PIN.

`TokenKey` is an EC private key like any other to whoever issues certificates; what a token cannot do (give the key out,
agree on a secret) raises. python-pkcs11 is loaded only here. Source: protocol §4 (all keys P-256), PKCS#11 2.40 §2.3.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cunbao.errors import TrustError

SIDE: Final = 32  # bytes of r and of s on P-256
LABEL: Final = "cunbao-root"


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key lies. module: path of the maker's PKCS#11 library; label: of the token; key: label of the key."""

    module: str
    label: str
    key: str = LABEL

    def as_json(self) -> dict[str, str]:
        return {"module": self.module, "label": self.label, "key": self.key}


class TokenKey(ec.EllipticCurvePrivateKey):
    """The private half on an open token. It logs out when it is closed, or forgotten."""

    def __init__(self, private: Any, public: ec.EllipticCurvePublicKey, session: Any) -> None:
        self._private, self._public = private, public
        self._close = weakref.finalize(self, session.close)

    def close(self) -> None:
        self._close()

    def sign(self, data: Any, signature_algorithm: Any) -> bytes:
        """ECDSA over SHA-256, DER. The digest is made here: many tokens know the bare mechanism alone."""
        import pkcs11
        from pkcs11 import Mechanism

        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, utils.Prehashed):
            digest = bytes(data)
        else:
            hashed = hashes.Hash(algorithm)
            hashed.update(data)
            digest = hashed.finalize()
        try:
            raw = bytes(self._private.sign(digest, mechanism=Mechanism.ECDSA))
        except pkcs11.exceptions.PKCS11Error as trouble:
            raise _gone(str(trouble) or type(trouble).__name__) from trouble
        r, s = (int.from_bytes(raw[at : at + SIDE], "big") for at in (0, SIDE))
        return utils.encode_dss_signature(r, s)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def exchange(self, algorithm: Any, peer_public_key: Any) -> bytes:
        raise _stays()

    def private_numbers(self) -> Any:
        raise _stays()

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> bytes:
        raise _stays()

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: Any) -> TokenKey:
        return self


def labels(module: Path) -> tuple[str, ...]:
    """The tokens that are plugged in. TrustError "token.module": no PKCS#11 library there."""
    return tuple(one.label.strip() for one in _library(str(module)).get_tokens())


def make_key(token: Token, pin: str) -> bytes:
    """Make the key on the token; gives its public half (DER SubjectPublicKeyInfo). TrustError "token.gone",
    "password.wrong" (the PIN), "token.taken" when a key of this label is there already."""
    from pkcs11 import Attribute, KeyType, ObjectClass
    from pkcs11.util.ec import encode_named_curve_parameters

    with _session(token, pin) as session:
        if any(
            True for _ in session.get_objects({Attribute.LABEL: token.key, Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        ):
            raise TrustError(
                "token.taken",
                happened=f"U 盾“{token.label}”上已经有县根证书的钥匙",
                safe="没有改动 U 盾上的钥匙",
                todo="请换一个空的 U 盾；要接着用原来的县根，就打开原来的资料",
            )
        domain = session.create_domain_parameters(
            KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
        )
        public, _ = domain.generate_keypair(store=True, label=token.key, id=b"\x01")
        return _public_der(public)


def forget_key(token: Token, pin: str) -> None:
    """Take the key off the token again: only of one that was made just now and that nothing rests on yet."""
    from pkcs11 import Attribute

    with _session(token, pin) as session:
        for held in list(session.get_objects({Attribute.LABEL: token.key})):
            held.destroy()


def open_key(token: Token, pin: str) -> TokenKey:
    """The key, until it is closed. TrustError "token.gone", "token.module", "token.locked", "password.wrong"."""
    import pkcs11
    from pkcs11 import KeyType, ObjectClass

    session = _open(token, pin)
    try:
        private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, key_type=KeyType.EC, label=token.key)
        public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, key_type=KeyType.EC, label=token.key)
        key = load_der_public_key(_public_der(public))
    except pkcs11.exceptions.PKCS11Error as trouble:
        session.close()
        raise _gone(str(trouble) or type(trouble).__name__) from trouble
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return TokenKey(private, key, session)


@contextmanager
def opened(token: Token, pin: str) -> Iterator[TokenKey]:
    """The key, as long as the block lasts. Errors as `open_key`."""
    key = open_key(token, pin)
    try:
        yield key
    finally:
        key.close()


@contextmanager
def _session(token: Token, pin: str) -> Iterator[Any]:
    session = _open(token, pin, rw=True)
    try:
        yield session
    finally:
        session.close()


def _open(token: Token, pin: str, *, rw: bool = False) -> Any:
    """A session somebody has logged in to."""
    import pkcs11

    try:
        return _library(token.module).get_token(token_label=token.label).open(rw=rw, user_pin=pin)
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid) as trouble:
        raise TrustError(
            "password.wrong", happened="U 盾的 PIN 不对", safe="没有签发任何证书",
            todo="请再输一次；多次输错 U 盾会锁住，要到发盾的地方解锁",
        ) from trouble  # fmt: skip
    except pkcs11.exceptions.PinLocked as trouble:
        raise TrustError(
            "token.locked", happened="U 盾已经锁住", safe="没有签发任何证书", todo="请到发盾的地方解锁，或用备用的 U 盾"
        ) from trouble
    except pkcs11.exceptions.PKCS11Error as trouble:
        raise _gone(str(trouble) or type(trouble).__name__) from trouble


def _library(module: str) -> Any:
    import pkcs11

    try:
        library = pkcs11.lib(module)
        library.reinitialize()  # a token that was plugged in since is seen
    except (RuntimeError, OSError, pkcs11.exceptions.PKCS11Error) as trouble:
        raise TrustError(
            "token.module",
            happened=f"U 盾的驱动用不了：{Path(module).name}",
            safe="没有签发任何证书",
            todo="请装好 U 盾的驱动，选它的 PKCS#11 库文件（.so 或 .dll）",
            detail=str(trouble),
        ) from trouble
    return library


def _public_der(public: Any) -> bytes:
    from pkcs11.util.ec import encode_ec_public_key

    return bytes(encode_ec_public_key(public))


def _gone(detail: str) -> TrustError:
    return TrustError(
        "token.gone", happened="没有找到县根 U 盾", safe="没有签发任何证书",
        todo="请插入县根 U 盾再试；丢了的，用备用的 U 盾", detail=detail,
    )  # fmt: skip


def _stays() -> TrustError:
    return TrustError(
        "token.stays", happened="U 盾里的钥匙取不出来", safe="钥匙还在 U 盾里", todo="要备份的，做一个备用的 U 盾"
    )
