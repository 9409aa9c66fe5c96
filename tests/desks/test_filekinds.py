"""What a file of ours is: by its ending in any case of letters, and one that has another name by what stands inside."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cunbao.desks import filekinds
from cunbao.desks.filekinds import COUNTY, KINDS, TOWNSHIP, kind_of_file, takers_of
from cunbao.exchange import papers, recovery, rootfile
from world.desk import the_seat

ENVELOPED = bytes.fromhex("3082010006092a864886f70d010703a0820100")


def a_request() -> bytes:
    """A village's request is a plain PKCS#10."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "曼蚌村")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_an_ending_says_it_however_it_is_written(kind: filekinds.FileKind) -> None:
    assert kind_of_file(Path(f"曼蚌村{kind.suffix}")) is kind
    assert kind_of_file(Path(f"曼蚌村{kind.suffix.upper()}")) is kind
    assert filekinds.is_ours(f"X{kind.suffix.upper()}") and not filekinds.is_ours(kind.suffix[1:])
    assert kind.name and kind.what and kind.todo and kind.takers


def test_a_file_under_another_name_is_known_by_its_content(tmp_path: Path) -> None:
    contents = {
        filekinds.PACK: the_seat().pack,
        filekinds.PACKAGE: ENVELOPED + b"\0" * 500,
        filekinds.REQUEST: a_request(),
        filekinds.TOWN_CERTIFICATE: b'{"chain":[],"kind":"township-papers","v":1}',
        filekinds.TOWN_DESK: b'{"kind":"township-desk","v":1}',
        filekinds.ROOT: b'{"kind":"county-root","v":1}',
        filekinds.RECOVERY_REQUEST: b'{"kind":"recovery-request","v":1}',
    }
    for number, (kind, data) in enumerate(contents.items()):
        path = tmp_path / f"{number}.cunbao"
        path.write_bytes(data)
        assert kind_of_file(path) is kind, kind.suffix
    for data in (b"", b"PK\x03\x04", b'{"kind":"notice"}', b"\xff\xd8\xff"):
        (tmp_path / "x.cunbao").write_bytes(data)
        assert kind_of_file(tmp_path / "x.cunbao") is None
    assert kind_of_file(tmp_path / "gone.cunbao") is None
    assert kind_of_file(tmp_path / "0.pdf") is None


def test_the_words_are_those_that_the_writers_use() -> None:
    said = "".join(Path(str(one.__file__)).read_text(encoding="utf-8") for one in (papers, recovery, rootfile))
    for word in filekinds._BY_WORD:
        assert word == "approval" or f'"{word}"' in said, word


def test_a_request_goes_to_the_superior_of_who_wrote_it(tmp_path: Path) -> None:
    village, township = tmp_path / "村.cbreq", tmp_path / "镇.cbreq"
    village.write_bytes(a_request())
    township.write_bytes(papers.write_ca_request("532822103000", "勐混镇", b"key"))
    assert takers_of(village, filekinds.REQUEST) == (TOWNSHIP,)
    assert takers_of(township, filekinds.REQUEST) == (COUNTY,)
