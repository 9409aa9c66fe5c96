"""Who may certify whom, what a request binds, and what other tools say to a certificate out of place."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cunbao.errors import TrustError
from cunbao.survey.codes import digits24
from cunbao.trust import pki
from cunbao.trust.certs import CertRole, certificate_number, fingerprint24, read_certificate
from cunbao.trust.enrol import comparison_code, make_request, read_request
from cunbao.trust.keys import new_device_keys, pem, public_bytes
from world.county import COUNTY, LIMING, MANBENG, MENGHUN, MENGZHE, NAMES, NOW, a_county, a_village


def test_a_village_gets_two_certificates_for_its_12_digits() -> None:
    seat = a_county()[MANBENG]
    signing, decryption = map(read_certificate, (seat.issued.signing, seat.issued.decryption))
    for one in (signing, decryption):
        assert (one.office, one.prefix, one.role) == (MANBENG, MANBENG[:9], CertRole.VILLAGE_DEVICE)
        assert (one.name, one.person, one.county) == (NAMES[MANBENG], "岩温", "勐海县")
    assert (signing.may_sign, signing.may_decrypt) == (True, False)
    assert (decryption.may_sign, decryption.may_decrypt) == (False, True)
    assert public_bytes(signing.public_key) == public_bytes(seat.keys.signing)
    assert public_bytes(decryption.public_key) == public_bytes(seat.keys.decryption)


def test_the_printed_number_is_the_head_of_the_serial() -> None:
    certificate = a_county()[MANBENG].issued.signing
    serial = read_certificate(certificate).x509.serial_number
    assert certificate_number(certificate).replace(" ", "") == f"{serial:032X}"[:16]
    assert [len(group) for group in certificate_number(certificate).split(" ")] == [4, 4, 4, 4]


def test_the_same_clock_and_draw_give_the_same_certificate_but_for_its_signature() -> None:
    world = a_county()
    request = world[MANBENG].request

    def again() -> bytes:
        issued = pki.make_device(world.townships[MENGHUN], request, now=NOW, random=lambda size: bytes(size))
        return read_certificate(issued.signing).x509.tbs_certificate_bytes

    assert again() == again()


def test_a_certificate_covers_what_was_signed_before_the_approval() -> None:
    world = a_county()
    keys = new_device_keys()
    asked_on = NOW + timedelta(days=3)
    request = make_request(keys, office=MANBENG, name="曼蚌村", device="one", now=asked_on)
    issued = pki.make_device(world.townships[MENGHUN], request, now=asked_on + timedelta(days=20))
    assert read_certificate(issued.signing).not_before == asked_on.replace(microsecond=0)


def test_a_clock_before_the_township_existed_does_not_reach_further_back() -> None:
    world = a_county()
    long_ago = NOW - timedelta(days=9999)
    request = make_request(new_device_keys(), office=MANBENG, name="曼蚌村", device="one", now=long_ago)
    issued = pki.make_device(world.townships[MENGHUN], request, now=NOW)
    assert read_certificate(issued.signing).not_before == NOW


def test_the_code_is_over_the_whole_request() -> None:
    keys = new_device_keys()
    one = make_request(keys, office=MANBENG, name="曼蚌村", person="岩温", device="one", now=NOW)
    two = make_request(keys, office=MANBENG, name="曼蚌村", person="玉香", device="one", now=NOW)
    assert comparison_code(one) != comparison_code(two)
    assert len(comparison_code(one)) == 24 and comparison_code(one).isdigit()


def test_the_code_may_be_typed_in_groups_and_a_wrong_one_issues_nothing() -> None:
    world = a_county()
    request = world[MANBENG].request
    code = comparison_code(request)
    grouped = " ".join(code[at : at + 4] for at in range(0, 24, 4))
    assert pki.approve(world.townships[MENGHUN], request, grouped, now=NOW).signing
    with pytest.raises(TrustError) as trouble:
        pki.approve(world.townships[MENGHUN], request, code[:-1] + str((int(code[-1]) + 1) % 10), now=NOW)
    assert trouble.value.code == "enrol.code"


def test_a_request_changed_on_the_way_is_refused() -> None:
    request = a_county()[MANBENG].request
    for at in range(len(request)):
        for flip in (1, 4, 32):
            with pytest.raises(TrustError) as trouble:
                read_request(request[:at] + bytes([request[at] ^ flip]) + request[at + 1 :])
            assert trouble.value.code == "request.damaged", (at, flip)


def test_a_request_says_office_role_person_and_all_keys() -> None:
    seat = a_county()[MANBENG]
    asked = read_request(seat.request)
    assert (asked.office, asked.role, asked.person, asked.made_at) == (MANBENG, CertRole.VILLAGE_DEVICE, "岩温", NOW)
    assert asked.decryption_key is not None
    assert public_bytes(asked.decryption_key) == public_bytes(seat.keys.decryption)


def test_a_second_person_asks_for_a_signing_key_alone() -> None:
    request = make_request(
        new_device_keys(), office=MANBENG, name="曼蚌村", person="玉香", device="one", now=NOW, with_decryption=False
    )
    assert pki.make_device(a_county().townships[MENGHUN], request, now=NOW).decryption == b""


@pytest.mark.parametrize("office", [LIMING, MENGHUN, "532822103000", COUNTY])
def test_a_township_certifies_no_device_outside_its_villages(office: str) -> None:
    request = make_request(new_device_keys(), office=office, name="别处", device="one", now=NOW)
    with pytest.raises(TrustError) as trouble:
        pki.make_device(a_county().townships[MENGHUN], request, now=NOW)
    assert trouble.value.code == "issue.forbidden"


def test_the_root_certifies_no_village_and_no_other_county() -> None:
    world = a_county()
    with pytest.raises(TrustError, match="不能为"):
        pki.make_device(world.root, world[MANBENG].request, now=NOW)
    with pytest.raises(TrustError, match="不能为"):
        pki.make_township_ca(world.root, office="532823103000", name="别县的镇", now=NOW)


def test_a_renewal_keeps_key_and_office_and_the_lost_ca_is_replaced_the_same_way() -> None:
    world = a_county()
    old = read_certificate(world[MANBENG].issued.signing)
    later = NOW + timedelta(days=900)
    fresh_ca = pki.make_township_ca(world.root, office=MENGHUN, name="勐混镇", now=later)
    for authority in (world.townships[MENGHUN], fresh_ca):
        new = read_certificate(pki.renew(authority, old.der, now=later))
        assert (new.key_id, new.office, new.may_sign) == (old.key_id, old.office, True)
        assert new.not_after > old.not_after
    with pytest.raises(TrustError, match="不能为"):
        pki.renew(world.townships[MENGZHE], old.der, now=later)


def test_openssl_reads_the_request_and_the_revocation_list(tmp_path: Path) -> None:
    world = a_county()
    seat = world[MANBENG]
    (tmp_path / "a.cbreq").write_bytes(seat.request)
    shown = _openssl("req", "-inform", "DER", "-in", tmp_path / "a.cbreq", "-noout", "-verify", "-subject")
    assert MANBENG in shown.stdout
    serial = read_certificate(seat.issued.signing).x509.serial_number
    crl = pki.make_crl(world.townships[MENGHUN], [pki.Revoked(serial, NOW)], number=1, now=NOW)
    (tmp_path / "a.crl").write_bytes(crl)
    (tmp_path / "ca.pem").write_bytes(pem(world.townships[MENGHUN].certificate))
    options = ("-noout", "-text", "-CAfile", tmp_path / "ca.pem")
    shown = _openssl("crl", "-inform", "DER", "-in", tmp_path / "a.crl", *options)
    assert f"{serial:X}" in shown.stdout
    assert "verify OK" in shown.stderr


def test_openssl_refuses_a_foreign_village_that_a_township_certified_all_the_same(tmp_path: Path) -> None:
    world = a_county()
    good = world[MANBENG].issued.signing
    # a township whose program was changed: it signs for another township's village
    forged = _certified_out_of_place()
    (tmp_path / "root.pem").write_bytes(pem(world.root.certificate))
    (tmp_path / "ca.pem").write_bytes(pem(world.townships[MENGHUN].certificate))
    results = []
    for name, certificate in (("good", good), ("forged", forged)):
        (tmp_path / name).write_bytes(pem(certificate))
        done = subprocess.run(
            ["openssl", "verify", "-no_check_time", "-CAfile", tmp_path / "root.pem", "-untrusted", tmp_path / "ca.pem",
             tmp_path / name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        results.append((done.returncode, done.stdout + done.stderr))
    assert results[0][0] == 0
    assert results[1][0] != 0 and "permitted subtree" in results[1][1]


def test_the_roots_24_digits_are_of_the_whole_certificate() -> None:
    import hashlib

    root = a_county().root.certificate
    assert fingerprint24(root) == digits24(hashlib.sha256(root).digest())


def test_a_long_name_is_refused_before_it_is_cut() -> None:
    with pytest.raises(TrustError, match="超过64个字"):
        pki.make_root(office=COUNTY, name="很" * 65, now=NOW)


def _certified_out_of_place() -> bytes:
    """A certificate for 黎明社区 of 勐遮镇, signed by 勐混镇's CA key."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    county = a_county()
    honest = a_village(county.townships[MENGZHE], LIMING)
    template = read_certificate(honest.issued.signing).x509
    above = read_certificate(county.townships[MENGHUN].certificate)
    builder = (
        x509.CertificateBuilder()
        .subject_name(template.subject)
        .issuer_name(above.x509.subject)
        .public_key(template.public_key())  # type: ignore[arg-type]
        .serial_number(1 << 126)
        .not_valid_before(template.not_valid_before_utc)
        .not_valid_after(template.not_valid_after_utc)
    )
    for extension in template.extensions:
        value = extension.value
        if isinstance(value, x509.AuthorityKeyIdentifier):
            value = x509.AuthorityKeyIdentifier(above.subject_key, None, None)
        builder = builder.add_extension(value, extension.critical)
    return builder.sign(county.townships[MENGHUN].key, hashes.SHA256()).public_bytes(Encoding.DER)


def _openssl(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=True)
