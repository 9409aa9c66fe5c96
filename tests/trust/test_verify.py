"""有效, 不能判断, 无效: each with the sentence that the officer reads."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from cunbao.trust import pki
from cunbao.trust.certs import CertRole, read_certificate
from cunbao.trust.chain import judge_chain, vouched
from cunbao.trust.cms import sign_attached, sign_detached
from cunbao.trust.keys import Signer
from cunbao.trust.verify import Revocation, SignatureVerdict, Standing, verify_attached, verify_detached
from world.county import COUNTY, LIMING, MANBENG, MANGUO, MENGHUN, NAMES, NOW, a_county, a_village, before_enrolment

DATA = b'{"office":"532822103203"}'
ID = sha256(DATA).hexdigest()


def judged(signer: Signer | None = None, **more: object) -> SignatureVerdict:
    world = a_county()
    when = more.pop("when", NOW)
    data = more.pop("data", DATA)
    assert isinstance(data, bytes)
    signature = sign_detached(DATA, signer or world[MANBENG].signer, when=when)  # type: ignore[arg-type]
    return verify_detached(data, signature, **{"roots": world.roots, **more})  # type: ignore[arg-type]


def test_a_village_that_a_township_vouches_for_is_valid() -> None:
    verdict = judged(office=MANBENG, roles=(CertRole.VILLAGE_DEVICE,))
    assert (verdict.standing, verdict.office, verdict.signed_at) == (Standing.VALID, MANBENG, NOW)
    assert [one.role for one in verdict.chain] == [CertRole.VILLAGE_DEVICE, CertRole.TOWNSHIP_CA, CertRole.ROOT]
    assert not verdict.marks


def test_a_changed_return_is_invalid() -> None:
    verdict = judged(data=DATA + b" ")
    assert (verdict.standing, verdict.computes) == (Standing.INVALID, False)
    assert "改动" in verdict.reason


def test_before_enrolment_nobody_can_judge() -> None:
    verdict = judged(before_enrolment(a_county()[MANBENG]).signer, office=MANBENG)
    assert verdict.standing is Standing.UNKNOWN
    assert verdict.reason == "登记前签，钥匙与证书一致"
    assert verdict.before_enrolment and verdict.computes


def test_before_enrolment_a_changed_return_is_invalid_all_the_same() -> None:
    verdict = judged(before_enrolment(a_county()[MANBENG]).signer, data=DATA + b" ")
    assert verdict.standing is Standing.INVALID


def test_without_the_countys_root_nobody_can_judge() -> None:
    assert judged(roots=()).standing is Standing.UNKNOWN
    other = pki.make_root(office="532823000000", name="别县", now=NOW)
    verdict = judged(roots=(other.certificate,))
    assert verdict.standing is Standing.UNKNOWN and "不是本机所认的" in verdict.reason


def test_the_second_computer_of_another_village_cannot_speak_for_this_one() -> None:
    verdict = judged(a_county()[MANGUO].signer, office=MANBENG)
    assert verdict.standing is Standing.INVALID and NAMES[MANGUO] in verdict.reason


def test_a_village_cannot_decide_like_a_township() -> None:
    verdict = judged(roles=(CertRole.TOWNSHIP_DESK, CertRole.COUNTY_DESK))
    assert verdict.standing is Standing.INVALID and "村级填报设备" in verdict.reason


def test_a_township_that_certified_a_foreign_village_is_not_believed() -> None:
    """Its own program refuses; this one was changed. The 12 digits and the name constraint both say no."""
    world = a_county()
    honest = a_village(world.townships[LIMING[:9] + "000"], LIMING)
    certificate = _resigned(honest.issued.signing, world.townships[MENGHUN])
    signer = Signer(honest.keys.signing, certificate, world.townships[MENGHUN].whole_chain)
    verdict = judged(signer, office=LIMING)
    assert verdict.standing is Standing.INVALID and "管辖范围" in verdict.reason


def test_a_key_for_certificates_signs_no_return() -> None:
    authority = a_county().townships[MENGHUN]
    verdict = judged(Signer(authority.key, authority.certificate, authority.chain))
    assert verdict.standing is Standing.INVALID
    root = a_county().root
    assert judged(Signer(root.key, root.certificate)).standing is Standing.INVALID


def test_a_decryption_key_signs_no_return() -> None:
    seat = a_county()[MANBENG]
    verdict = judged(Signer(seat.keys.decryption, seat.issued.decryption, seat.issued.chain))
    assert verdict.standing is Standing.INVALID and "不能签名" in verdict.reason


def test_a_village_cannot_certify_a_friend() -> None:
    world = a_county()
    seat = world[MANBENG]
    friend = a_village(world.townships[MENGHUN], MANGUO)
    certificate = _resigned(friend.issued.signing, pki.Authority(seat.keys.signing, seat.issued.signing))
    verdict = judged(Signer(friend.keys.signing, certificate, (seat.issued.signing, *seat.issued.chain)))
    assert verdict.standing is Standing.INVALID and "不能签发" in verdict.reason


def test_expiry_is_judged_at_the_signed_time_and_never_today() -> None:
    end = read_certificate(a_county()[MANBENG].issued.signing).not_after
    assert judged(when=end - timedelta(seconds=1)).standing is Standing.VALID
    late = judged(when=end + timedelta(seconds=1))
    assert late.standing is Standing.INVALID and "已过期" in late.reason
    # the header's own time decides, when the caller gives it
    assert judged(at=end + timedelta(days=1)).standing is Standing.INVALID


def test_a_slow_clock_is_a_mark_and_not_a_state() -> None:
    verdict = judged(when=NOW - timedelta(days=400))
    assert verdict.standing is Standing.VALID and "时钟" in verdict.marks[0]


def test_a_revoked_key_counts_only_where_it_is_still_honoured() -> None:
    key = read_certificate(a_county()[MANBENG].issued.signing).key_id
    honoured = judged(revocations=(Revocation(key, frozenset({ID})),))
    assert honoured.standing is Standing.VALID and "仍然承认" in honoured.marks[0]
    refused = judged(revocations=(Revocation(key, frozenset()),))
    assert refused.standing is Standing.INVALID and "已吊销" in refused.reason


def test_several_revocations_honour_only_what_all_of_them_honour() -> None:
    key = read_certificate(a_county()[MANBENG].issued.signing).key_id
    both = (Revocation(key, frozenset({ID})), Revocation(key, frozenset({"other"})))
    assert judged(revocations=both).standing is Standing.INVALID
    assert judged(revocations=both[::-1]).standing is Standing.INVALID


def test_a_revocation_reaches_no_further_than_its_signer_s_word() -> None:
    """A township says that a key of its own village is revoked; the key is another township's."""
    key = read_certificate(a_county()[MANBENG].issued.signing).key_id
    assert judged(revocations=(Revocation(key, frozenset(), LIMING),)).standing is Standing.VALID
    assert judged(revocations=(Revocation(key, frozenset(), MANBENG),)).standing is Standing.INVALID


def test_a_root_vouches_for_a_certificate_only_link_by_link() -> None:
    """Also for one that only decrypts, and for one that has expired; never over a village that plays authority."""
    world = a_county()
    seat, authority = world[MANBENG], world.townships[MENGHUN].certificate
    for der in (seat.issued.signing, seat.issued.decryption, authority):
        assert vouched(read_certificate(der), others=(authority,), roots=world.roots)
        assert not vouched(read_certificate(der), others=(authority,), roots=())
    friend = a_village(world.townships[MENGHUN], MANGUO)
    forged = _resigned(friend.issued.signing, pki.Authority(seat.keys.signing, seat.issued.signing))
    assert not vouched(read_certificate(forged), others=(seat.issued.signing, authority), roots=world.roots)
    own = before_enrolment(seat).issued.signing
    assert not vouched(read_certificate(own), others=(authority,), roots=world.roots)


def test_what_is_known_of_a_forged_chain_is_that_nobody_vouches_for_it() -> None:
    world = a_county()
    seat, friend = world[MANBENG], a_village(world.townships[MENGHUN], MANGUO)
    forged = _resigned(friend.issued.signing, pki.Authority(seat.keys.signing, seat.issued.signing))

    def known(der: bytes, **more: object) -> bool:
        certificate = read_certificate(der)
        others = (seat.issued.signing, *seat.issued.chain)
        return judge_chain(certificate, others=others, roots=world.roots, object_id="x", **{"at": NOW, **more}).vouched  # type: ignore[arg-type]

    key = read_certificate(seat.issued.signing).key_id
    assert known(seat.issued.signing) and not known(forged)
    assert known(seat.issued.signing, at=NOW + timedelta(days=9999))
    assert known(seat.issued.signing, revocations=(Revocation(key, frozenset()),))


def test_a_lost_township_key_counts_for_the_devices_the_county_names() -> None:
    world = a_county()
    authority = read_certificate(world.townships[MENGHUN].certificate).key_id
    device = read_certificate(world[MANBENG].issued.signing).key_id
    assert judged(revocations=(Revocation(authority, frozenset({device})),)).standing is Standing.VALID
    assert judged(revocations=(Revocation(authority, frozenset()),)).standing is Standing.INVALID


def test_a_list_alone_leaves_the_question_open_until_the_revocation_comes() -> None:
    world = a_county()
    certificate = read_certificate(world[MANBENG].issued.signing)
    crl = pki.make_crl(
        world.townships[MENGHUN], [pki.Revoked(certificate.x509.serial_number, NOW)], number=1, now=NOW
    )
    assert judged(crls=(crl,)).standing is Standing.UNKNOWN
    known = (Revocation(certificate.key_id, frozenset({ID})),)
    assert judged(crls=(crl,), revocations=known).standing is Standing.VALID


def test_a_list_by_somebody_else_says_nothing() -> None:
    world = a_county()
    serial = read_certificate(world[MANBENG].issued.signing).x509.serial_number
    foreign = pki.make_crl(world.townships[LIMING[:9] + "000"], [pki.Revoked(serial, NOW)], number=1, now=NOW)
    assert judged(crls=(foreign, b"not a list")).standing is Standing.VALID


def test_the_root_is_still_believed_after_its_villages_were_certified_anew() -> None:
    world = a_county()
    later = NOW + timedelta(days=30)
    seat = world[MANBENG]
    authority = pki.make_township_ca(world.root, office=MENGHUN, name="勐混镇", now=later)
    signing = pki.renew(authority, seat.issued.signing, now=later)
    assert judged(Signer(seat.keys.signing, signing, authority.whole_chain)).standing is Standing.VALID


def test_the_countys_own_desk_is_certified_by_the_root() -> None:
    verdict = judged(a_county()[COUNTY].signer, office=COUNTY, roles=(CertRole.COUNTY_DESK,))
    assert verdict.standing is Standing.VALID and len(verdict.chain) == 2


@pytest.mark.parametrize("blob", [b"", b"0", b"\x30\x82\xff\xff" * 9, bytes(999)])
def test_rubbish_is_invalid_and_raises_nothing(blob: bytes) -> None:
    verdict = verify_detached(DATA, blob, roots=a_county().roots)
    assert (verdict.standing, verdict.computes, verdict.signer) == (Standing.INVALID, False, None)


def test_a_signature_with_content_of_its_own_is_no_detached_one() -> None:
    blob = sign_attached(DATA, a_county()[MANBENG].signer, when=NOW)
    assert verify_detached(DATA, blob, roots=a_county().roots).standing is Standing.INVALID
    content, verdict = verify_attached(blob, roots=a_county().roots)
    assert content == DATA and verdict.standing is Standing.VALID


def _resigned(certificate: bytes, authority: pki.Authority) -> bytes:
    """The same subject and key, certified by an authority that should not."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    template, above = read_certificate(certificate).x509, read_certificate(authority.certificate)
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
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)
