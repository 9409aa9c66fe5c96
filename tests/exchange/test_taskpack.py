"""A task pack: the county's forms and certificates, taken only under the root that was compared."""

from __future__ import annotations

from dataclasses import fields, replace
from random import Random

import pytest

from cunbao.errors import ExchangeError, TrustError
from cunbao.exchange import limits
from cunbao.exchange.taskpack import Issue, read_taskpack, write_taskpack
from cunbao.survey.values import Office
from cunbao.trust import pki
from cunbao.trust.certs import CertRole, fingerprint24, read_certificate
from cunbao.trust.cms import read_signed, sign_attached
from cunbao.trust.keys import new_device_keys
from cunbao.trust.verify import Revocation
from world.county import COUNTY, MANBENG, MENGHUN, MENGZHE, NAMES, NOW, World, a_county

FILES = {
    "task.toml": b"id = 'x'\n",
    "B01.md": b"| survey |\n",
    "lists/sex.csv": b"code,label\n",
    "compiled/B01.xml": b"<h/>",
}
OFFICES = tuple(
    Office(code, name, kind="220", parent=MENGHUN if code == MANBENG else "") for code, name in sorted(NAMES.items())
)


def three(world: World, code: str) -> tuple[bytes, bytes, bytes]:
    return world.townships[code].certificate, world[code].issued.signing, world[code].issued.decryption


def an_issue(**more: object) -> Issue:
    world = a_county()
    issue = Issue(
        task="community-services", title="社区服务", task_version="3", period="2025", period_title="2025年度",
        version=1, issued_at=NOW, offices=OFFICES, townships={code: three(world, code) for code in (MENGHUN, MENGZHE)},
    )  # fmt: skip
    return replace(issue, **more)  # type: ignore[arg-type]


def a_pack(issue: Issue | None = None, files: dict[str, bytes] | None = None, office: str = COUNTY) -> bytes:
    world = a_county()
    return write_taskpack(
        issue or an_issue(), FILES if files is None else files, root=world.root.certificate, signer=world[office].signer
    )


def refusal(data: bytes, **more: object) -> str:
    with pytest.raises(ExchangeError) as trouble:
        read_taskpack(data, **more)  # type: ignore[arg-type]
    assert trouble.value.happened and trouble.value.safe and trouble.value.todo
    return trouble.value.code


def test_a_village_reads_what_the_county_issued() -> None:
    world = a_county()
    pack = read_taskpack(a_pack(), roots=world.roots)
    issue = an_issue()
    for one in fields(Issue):
        assert getattr(pack, one.name) == getattr(issue, one.name), one.name
    assert pack.files == FILES
    assert pack.root == world.root.certificate
    assert pack.county == (world[COUNTY].issued.signing, world[COUNTY].issued.decryption)
    assert pack.verdict.valid and pack.verdict.role is CertRole.COUNTY_DESK


def test_a_first_opening_shows_24_digits_to_compare() -> None:
    pack = read_taskpack(a_pack())
    assert pack.root_code == fingerprint24(a_county().root.certificate)
    assert len(pack.root_code) == 24


def test_the_same_issue_has_the_same_content_and_only_another_signature() -> None:
    def content(data: bytes) -> bytes:
        found = read_signed(data).content
        assert found is not None
        return bytes(found)

    assert content(a_pack()) == content(a_pack(files=dict(reversed(FILES.items()))))


def test_a_pack_under_another_root_is_refused_where_one_is_trusted() -> None:
    other = pki.make_root(office="532823000000", name="别县", now=NOW)
    assert refusal(a_pack(), roots=[other.certificate]) == "task.other_root"


@pytest.mark.parametrize("office", [MENGHUN, MANBENG])
def test_only_the_county_issues(office: str) -> None:
    with pytest.raises(TrustError) as trouble:
        a_pack(office=office)
    assert trouble.value.code == "issue.signer"


def test_a_pack_that_a_township_signed_is_refused() -> None:
    """Its own program refuses to; this one was changed."""
    content = read_signed(a_pack()).content
    assert content is not None
    forged = sign_attached(bytes(content), a_county()[MENGHUN].signer, when=NOW)
    assert refusal(forged) == "task.signature"


def test_a_pack_under_a_root_of_the_forgers_own_shows_other_digits() -> None:
    """Whoever makes a root of the same name cannot make its digits; where a root is trusted, it is refused."""
    world = a_county()
    root = pki.make_root(office=COUNTY, name=NAMES[COUNTY], now=NOW)
    keys = new_device_keys()
    desk = pki.make_desk(root, keys, office=COUNTY, name="勐海县", role=CertRole.COUNTY_DESK, now=NOW)
    forged = write_taskpack(
        an_issue(townships={}), FILES, root=root.certificate, signer=desk.signer(keys.signing)
    )
    assert read_taskpack(forged).root_code != fingerprint24(world.root.certificate)
    assert refusal(forged, roots=world.roots) == "task.other_root"
    mixed = write_taskpack(
        an_issue(townships={}), FILES, root=world.root.certificate, signer=desk.signer(keys.signing)
    )
    assert refusal(mixed) == "task.signature"


def test_certificates_of_another_office_or_role_are_refused() -> None:
    world = a_county()
    ca, sign, decrypt = three(world, MENGHUN)
    wrong = {
        "another township": three(world, MENGZHE),
        "a village's": (ca, world[MANBENG].issued.signing, world[MANBENG].issued.decryption),
        "swapped": (ca, decrypt, sign),
        "no ca": (sign, sign, decrypt),
        "another's decryption": (ca, sign, world[MENGZHE].issued.decryption),
    }
    for name, certificates in wrong.items():
        assert refusal(a_pack(an_issue(townships={MENGHUN: certificates}))) == "task.certificates", name
    assert refusal(a_pack(an_issue(townships={MENGHUN: (b"0", sign, decrypt)}))) == "task.certificates"


def test_a_pack_that_names_another_recipient_for_the_county_is_refused() -> None:
    """Recovery wraps go to the county's decryption key: it must not be somebody else's."""
    world = a_county()
    signer = replace(world[COUNTY].signer, decryption=world[MENGHUN].issued.decryption)
    data = write_taskpack(an_issue(), FILES, root=world.root.certificate, signer=signer)
    assert refusal(data) == "task.certificates"


def test_a_pack_of_a_revoked_desk_is_refused() -> None:
    world = a_county()
    key = read_certificate(world[COUNTY].issued.signing)
    assert refusal(a_pack(), revocations=[Revocation(key.key_id, frozenset())]) == "task.signature"
    crl = pki.make_crl(world.root, [pki.Revoked(key.x509.serial_number, NOW)], number=1, now=NOW)
    assert refusal(a_pack(), crls=[crl]) == "task.signature"


def test_revocation_lists_travel_in_the_pack() -> None:
    world = a_county()
    crl = pki.make_crl(world.townships[MENGHUN], [], number=1, now=NOW)
    assert read_taskpack(a_pack(an_issue(crls=(crl,)))).crls == (crl,)


@pytest.mark.parametrize("name", ["../x", "a b/.hidden", "con.md", "/x", "a/b/c/d/e"])
def test_a_file_name_that_would_land_elsewhere_is_not_packed(name: str) -> None:
    with pytest.raises(ExchangeError) as trouble:
        a_pack(files={name: b""})
    assert trouble.value.code == "task.name"


def test_too_large_a_task_is_not_packed_and_not_read() -> None:
    with pytest.raises(ExchangeError, match="超过32MB"):
        a_pack(files={f"{n}.csv": bytes(limits.MB * 12) for n in range(3)})
    assert refusal(bytes(limits.TASK.file + 1)) == "task.oversize"


def test_a_damaged_pack_is_refused(same_chance: int) -> None:
    data, random = a_pack(), Random(same_chance)
    for _ in range(300):
        at = random.randrange(len(data))
        for changed in (data[:at], data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]):
            assert refusal(changed) in ("task.damaged", "task.signature"), f"seed {same_chance}: {at}"


def test_what_is_no_pack_is_refused() -> None:
    world = a_county()
    for data in (b"", b"PK\3\4", bytes(999)):
        assert refusal(data) == "task.damaged"
    assert refusal(sign_attached(b"no zip", world[COUNTY].signer, when=NOW)) == "archive.damaged"
