"""The certificate comes after the first signatures: they are signed again, both stay, and only then do they count."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import devices
from cunbao.desks.township import desk as township
from cunbao.desks.village import enrolment, practice, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.exchange.enrol import write_approval
from cunbao.trust.pades import verify_pdf
from cunbao.trust.verify import Standing
from world.desk import PASSWORD, begun, fill_all, sign_all, the_seat


def answered(desk: VillageDesk, folder: Path, *, by: str = "") -> Path:
    """The township's .cbcert to the request that the village wrote into `folder`."""
    asked = enrolment.write_request(desk, folder)
    town = the_seat().township(by or desk.office.code)
    request = asked.path.read_bytes()
    issued = township.approve_device(town, request, asked.code, PASSWORD)
    signer = devices.unlock_signer(town.workspace, town.person, PASSWORD)
    path = folder / "证书.cbcert"
    path.write_bytes(write_approval(request, issued, signer, when=town.clock()))
    return path


def test_what_was_signed_before_the_certificate_is_signed_again_and_both_stay(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    fill_all(desk)
    practice.explain_all(desk)
    sign_all(desk)
    before = desk.newest("B01")
    assert before is not None and not before.others
    enrolment.take_certificate(desk, answered(desk, tmp_path))
    assert len(enrolment.signed_before(desk)) == 5
    bundle = sending.write_bundle(desk, tmp_path, PASSWORD)
    after = desk.newest("B01")
    assert after is not None and after.id == before.id and len(after.others) == 2
    assert verify_pdf(desk.signed_pdf(after), desk.roots()).standing is Standing.VALID
    assert desk.workspace.object(after.cms) == desk.workspace.object(before.cms)
    assert enrolment.signed_before(desk) == ()
    assert bundle.forms == 5
    desk.close()


def test_the_bundle_carries_both_signatures(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    fill_all(desk)
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
    enrolment.take_certificate(desk, answered(desk, tmp_path))
    signer = devices.unlock_signer(desk.workspace, desk.person, PASSWORD)
    assert enrolment.sign_again(desk, signer) == 1
    (one,) = sending.outgoing(desk)
    members, objects = sending.carried(desk, [one], request=b"")
    assert set(one.objects) == objects.keys()
    assert sorted(member.kind.value for member in members) == ["answers", "cms", "cms", "header", "pdf", "pdf"]
    desk.close()


def test_a_certificate_for_another_computer_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = begun(tmp_path / "a"), begun(tmp_path / "b")
    theirs = answered(other, tmp_path / "other")
    with pytest.raises(CunbaoError) as refused:
        enrolment.take_certificate(one, theirs)
    assert refused.value.code == "approval.other"
    assert not devices.device(one.workspace).enrolled
    one.close()
    other.close()


def test_any_other_file_is_refused_in_three_sentences(tmp_path: Path) -> None:
    desk = begun(tmp_path / "village")
    for name, data in (("空.cbcert", b""), ("照片.jpg", b"\xff\xd8" * 100), ("大.cbcert", b"0" * 2_000_000)):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(CunbaoError) as refused:
            enrolment.take_certificate(desk, path)
        assert refused.value.safe and refused.value.todo
    desk.close()
