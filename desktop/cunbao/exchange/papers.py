"""A township's CA between its desk and the county, as files: `.cbreq` up (the public key and whose it is), `.cbca` down
(the certificate over that key, with the chain above it).

Neither holds a secret. What comes down proves itself: a certificate over our own key, under a root whose 24 digits the
reader compares with the printed notice. Source: protocol §4.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange.limits import PAPERS_FILE
from cunbao.exchange.manifest import newer
from cunbao.trust.certs import Certificate, CertRole, fingerprint24, read_certificate
from cunbao.trust.chain import vouched
from cunbao.trust.keys import as_text, from_text, load_public, public_bytes

VERSION: Final = 1
MOST: Final = PAPERS_FILE  # bytes of a file that is looked at
_REQUEST: Final = frozenset({"v", "kind", "office", "name", "public"})
_PAPERS: Final = frozenset({"v", "kind", "office", "certificate", "chain"})
_DESK: Final = frozenset({"v", "kind", "office", "signing", "decryption", "authority"})


@dataclass(frozen=True, slots=True)
class CaRequest:
    """office: 12 digits; public: DER SubjectPublicKeyInfo; code: 24 digits over the file, compared by voice."""

    office: str
    name: str
    public: bytes
    code: str


@dataclass(frozen=True, slots=True)
class CaPapers:
    """certificate: over the township's CA key; chain: above it, the root last (DER). read: the certificate."""

    certificate: bytes
    chain: tuple[bytes, ...]
    read: Certificate

    @property
    def root(self) -> bytes:
        return self.chain[-1]

    @property
    def root_code(self) -> str:
        """24 digits of the root, as they stand on the printed notice."""
        return fingerprint24(self.root)


def write_ca_request(office: str, name: str, public: bytes) -> bytes:
    """The bytes of a township's .cbreq."""
    return rfc8785.dumps(
        {"v": VERSION, "kind": "township-ca", "office": office, "name": name, "public": as_text(public)}
    )


def read_ca_request(data: bytes) -> CaRequest:
    """ExchangeError "papers.damaged", "package.newer"."""
    said = _read(data, "township-ca", _REQUEST)
    try:
        public = public_bytes(load_public(from_text(said["public"])))
    except (TrustError, ValueError) as trouble:
        raise _damaged(str(trouble)) from trouble
    return CaRequest(said["office"], said["name"], public, fingerprint24(data))


def write_papers(office: str, certificate: bytes, chain: Sequence[bytes]) -> bytes:
    """The bytes of a .cbca."""
    above = [as_text(one) for one in chain]
    return rfc8785.dumps(
        {"v": VERSION, "kind": "township-papers", "office": office, "certificate": as_text(certificate), "chain": above}
    )


def read_papers(data: bytes, *, office: str, public: bytes) -> CaPapers:
    """What the county certified of our own key. office: ours; public: of our CA key (DER SubjectPublicKeyInfo).

    ExchangeError "papers.damaged", "papers.other" (another office or key), "package.newer"."""
    said = _read(data, "township-papers", _PAPERS)
    try:
        certificate, chain = from_text(said["certificate"]), tuple(from_text(one) for one in said["chain"])
        read = read_certificate(certificate)
        whole = bool(chain) and vouched(read, others=chain, roots=chain[-1:])
    except (TrustError, ValueError, TypeError, AttributeError) as trouble:
        raise _damaged(str(trouble)) from trouble
    ours = (said["office"], read.office, read.role) == (office, office, CertRole.TOWNSHIP_CA)
    if not ours or public_bytes(read.public_key) != public:
        raise ExchangeError(
            "papers.other",
            happened=f"这份证书是发给{read.name or said['office']}的，不是发给本镇这台电脑的",
            safe="原来的证书没有改动",
            todo="请核对是不是拿错了文件；没拿错的，重新写一份申请交给县里",
        )
    if not whole:
        raise _damaged("no chain to a root")
    return CaPapers(certificate, chain, read)


def _read(data: bytes, kind: str, keys: frozenset[str]) -> dict[str, Any]:
    try:
        said = json.loads(data.decode("utf-8")) if len(data) <= MOST else None
        spelt = rfc8785.dumps(said)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as trouble:
        raise _damaged(str(trouble)) from trouble
    if isinstance(said, dict) and isinstance(said.get("v"), int) and said["v"] > VERSION:
        raise newer()
    if not isinstance(said, dict) or set(said) != keys or said["kind"] != kind or spelt != data:
        raise _damaged("not in the one spelling")
    texts = [said[name] for name in keys - {"v", "chain"}]
    if not all(isinstance(one, str) for one in texts):
        raise _damaged("texts are wanted")
    return said


def _damaged(detail: str) -> ExchangeError:
    return ExchangeError(
        "papers.damaged",
        happened="这个文件不是县里给乡镇的证书，或者没有拷完整",
        safe="原来的证书没有改动",
        todo="请重新拷一次；还是不行，请县里重新写一份",
        detail=detail,
    )


# --- the township's own desk, told to the county ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskPapers:
    """The certificates of a township's desk, for the county's next pack (DER): its signing and its decryption key, and
    the CA above them."""

    office: str
    signing: bytes
    decryption: bytes
    authority: bytes


def write_desk(office: str, signing: bytes, decryption: bytes, authority: bytes) -> bytes:
    """The bytes of a .cbdesk."""
    return rfc8785.dumps(
        {
            "v": VERSION, "kind": "township-desk", "office": office, "signing": as_text(signing),
            "decryption": as_text(decryption), "authority": as_text(authority),
        }
    )  # fmt: skip


def read_desk(data: bytes, *, root: bytes) -> DeskPapers:
    """What proves itself: both certificates stand under a CA of that office, and that under `root`.

    ExchangeError "papers.damaged", "papers.root" (another county's), "package.newer"."""
    said = _read(data, "township-desk", _DESK)
    try:
        signing, decryption, authority = (from_text(said[name]) for name in ("signing", "decryption", "authority"))
        above, own, reader = (read_certificate(one) for one in (authority, signing, decryption))
        whole = vouched(own, others=(authority,), roots=(root,)) and vouched(reader, others=(authority,), roots=(root,))
    except (TrustError, ValueError, TypeError, AttributeError) as trouble:
        raise _damaged(str(trouble)) from trouble
    roles = (above.role, own.role, reader.role) == (
        CertRole.TOWNSHIP_CA,
        CertRole.TOWNSHIP_DESK,
        CertRole.TOWNSHIP_DESK,
    )
    offices = {above.office, own.office, reader.office} == {said["office"]}
    if not (roles and offices and own.may_sign and reader.may_decrypt):
        raise _damaged("not a township's desk")
    if not whole:
        raise ExchangeError(
            "papers.root", happened="这份电脑证书不是本县的根证书签发下来的", safe="没有收下",
            todo="请乡镇先读入县里的证书，再写一份给县里",
        )  # fmt: skip
    return DeskPapers(said["office"], signing, decryption, authority)
