"""一人一证: where the task wants two people, who filled does not sign; everybody signs by a certificate of his own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import devices, ownkeys, people, receiving, settings, start
from cunbao.desks.story.demo import StoryClock
from cunbao.desks.township import proofing, receipts, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import enrolment, practice, replies, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.revision import Header
from cunbao.survey.states import ReturnState
from cunbao.survey.task import load_task
from cunbao.trust.cms import read_signed
from desks.test_people import HERS, YUXIANG
from world.desk import (
    CLERK,
    MANBANG,
    PASSWORD,
    a_clock,
    a_town_desk,
    a_village_desk,
    fill_all,
    the_five,
    types,
)
from world.papers import text_of

PERIOD = "2025"


def refused(code: str, act: object, *given: object, **more: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given, **more)  # type: ignore[operator]
    assert said.value.code == code and said.value.happened and said.value.safe and said.value.todo
    return said.value


def wants_two(desk: VillageDesk | TownshipDesk) -> None:
    """The task as a county would issue it with `two_people = true`."""
    if isinstance(desk, TownshipDesk):
        assert desk.given is not None
        desk.given = replace(desk.given, two_people=True)
    else:
        desk.task = replace(desk.task, two_people=True)


def a_village(tmp_path: Path) -> VillageDesk:
    """Its clerk has filled everything under such a task; a second person may sign."""
    desk = a_village_desk(tmp_path, "enrolled")
    wants_two(desk)
    fill_all(desk)
    practice.explain_all(desk)
    people.add(desk, YUXIANG, HERS, own_password=PASSWORD)
    return desk


def hers(desk: VillageDesk, clock: StoryClock | None = None) -> VillageDesk:
    """The second person sits down."""
    folder = desk.workspace.folder
    desk.close()
    again = start.unlock(folder, YUXIANG.name, HERS, clock=clock or a_clock(2025, 12, 14))
    wants_two(again)
    ownkeys.ensure(again)
    return again


def test_a_task_says_whether_it_wants_two_people(tmp_path: Path) -> None:
    assert not load_task(the_five()).two_people
    folder = tmp_path / "task"
    import shutil

    shutil.copytree(the_five(), folder)
    (folder / "task.toml").write_text("two_people = true\n" + (the_five() / "task.toml").read_text("utf-8"), "utf-8")
    task = load_task(folder)
    assert task.two_people and task.at("village").two_people


def test_who_filled_last_is_refused_and_another_signs(tmp_path: Path) -> None:
    desk = a_village(tmp_path)
    assert ownkeys.filled_by(desk, "B01") == CLERK.name
    assert signing.prepare(desk) == ()
    lines = signing.sign_view(desk, ()).lines
    assert {one.why_not for one in lines} == {"最后是你填的，要由另一个人签"} and not any(one.ticked for one in lines)
    said = refused("sign.filler", signing.sign, desk, signing.prepare(desk, ["B01"]), PASSWORD)
    assert CLERK.name in said.happened and "另一个人" in said.todo
    desk = hers(desk)
    types(desk, "B02", "b02_f_name", "改过的名称", row=1)
    practice.explain_all(desk)
    assert "B02" not in [one.form for one in signing.prepare(desk)]  # now it is she who filled it last
    signed = signing.sign(desk, signing.prepare(desk), HERS)
    assert [one.form for one in signed] == ["B01", "B03", "B04", "B05"]
    desk.close()


def test_a_return_bears_its_signers_own_certificate_and_the_page_says_nothing_of_the_office(tmp_path: Path) -> None:
    desk = hers(a_village(tmp_path))
    signing.sign(desk, signing.prepare(desk, ["B01"]), HERS)
    own, stored = ownkeys.signs_by(desk), desk.newest("B01")
    assert stored is not None and stored.device == own.id != devices.device(desk.workspace).id
    header = Header.decode(desk.workspace.object(stored.header))
    assert (header.person_name, header.device) == (YUXIANG.name, own.id)
    assert read_signed(desk.workspace.object(stored.cms)).signer.key_id == own.read.key_id
    assert "姓名由单位填写" not in text_of(desk.signed_pdf(stored))
    lines = settings.settings_view(desk, settings.Looks()).certificates
    (line,) = [one for one in lines if "本人证书" in one.line and one.person == YUXIANG]
    assert line.state is ReturnState.CERT_PENDING and own.comparison_code in line.line
    desk.close()


def test_without_such_a_task_the_page_says_that_the_name_is_the_offices_word(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "signed")
    stored = desk.newest("B01")
    assert stored is not None and "姓名由单位填写" in text_of(desk.signed_pdf(stored))
    assert ownkeys.cards(desk.workspace) == {}
    desk.close()


def test_the_township_approves_the_person_and_what_she_signed_before_counts(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    wants_two(town)
    desk = hers(a_village(tmp_path))
    signing.sign(desk, signing.prepare(desk), HERS)
    stick = tmp_path / "stick"
    receiving.receive(town, [_sent(desk, stick)])
    stands = town.workspace.standing(MANBANG, "B01", PERIOD)
    assert stands.state is ReturnState.CERT_PENDING
    asked = enrolment.write_request(desk, stick)
    assert YUXIANG.name in asked.path.name
    request = registry.add_request(town, asked.path)
    assert request.person == YUXIANG.name
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    assert town.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.RECEIVED
    assert len(registry.enrol_view(town).certificates) > 1
    # her certificate comes with the receipt, and the next password signs the same headers again
    (written,) = receipts.write_receipts(town, stick, [MANBANG])
    assert replies.take_receipt(desk, written.path).certificate
    assert ownkeys.signs_by(desk).enrolled and len(enrolment.signed_before(desk)) == 5
    signing.sign(desk, (), HERS)
    assert enrolment.signed_before(desk) == ()
    stored = town.workspace.revision(town.workspace.standing(MANBANG, "B01", PERIOD).head)
    assert stored is not None
    _, checked = proofing.proof(town, proofing.opened(town, stored))
    assert checked.ok, checked
    desk.close()
    town.close()


def _sent(desk: VillageDesk, stick: Path) -> Path:
    from cunbao.desks.village import sending

    stick.mkdir(exist_ok=True)
    return sending.write_bundle(desk, stick, HERS).path


def test_revoking_a_persons_key_leaves_the_computer_its_receipts(tmp_path: Path) -> None:
    from cunbao.desks.township import certified

    town = a_town_desk(tmp_path)
    wants_two(town)
    desk = hers(a_village(tmp_path))
    stick = tmp_path / "stick"
    stick.mkdir()
    asked = enrolment.write_request(desk, stick)
    request = registry.add_request(town, asked.path)
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    before = {one.key for one in certified.live_certificates(town, MANBANG)}
    choice = certified.revoke_choices(town, request.sha256)[0]
    certified.revoke(town, request.sha256, choice, "换人了", PASSWORD)
    assert {one.key for one in certified.live_certificates(town, MANBANG)} == before - {request.sha256}
    desk.close()
    town.close()


def test_who_is_removed_leaves_no_key_of_his_own_behind(tmp_path: Path) -> None:
    desk = hers(a_village(tmp_path))
    people.add(desk, replace(CLERK, name="岩罕"), "岩罕的密码2025", own_password=HERS)
    folder = desk.workspace.folder
    desk.close()
    his = start.unlock(folder, "岩罕", "岩罕的密码2025", clock=a_clock(2025, 12, 15))
    wants_two(his)
    ownkeys.ensure(his)
    people.remove(his, YUXIANG.name, own_password="岩罕的密码2025")
    assert his.workspace.setting(f"{ownkeys.KEY}:{YUXIANG.name}") is None
    assert [one.name for one in ownkeys.names(his.workspace)] == ["岩罕"]
    his.close()
