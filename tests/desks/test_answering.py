"""答复找回密码: what was heard is compared group by group, ours stay hidden; and an officer who forgot his password."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.desks import answering, devices, people, recovery
from cunbao.desks.answering import ANSWERED, ENDED, EXPIRED, REFUSED, WAITS, Identity, Request, Way
from cunbao.desks.county import desk as county
from cunbao.desks.county import keys as county_keys
from cunbao.desks.recovery import RecoveryAsked
from cunbao.desks.township import desk as township
from cunbao.desks.township import registry, town_papers
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.officers import add_officer
from cunbao.desks.village import enrolment
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey import sample
from world.desk import (
    CLERK,
    MANBANG,
    MENGHUN,
    OFFICER,
    PASSWORD,
    QUICK,
    StoryClock,
    a_clock,
    a_county_desk,
    a_town_desk,
    the_template,
)
from world.papers import text_of

NEW = "新的密码2026"
HIS = "岩拉的密码2025"
ASKED_ON = a_clock(2025, 12, 16, 1)
SURE = {"way": Way.CALLED_BACK, "identity": Identity.KNOWN}


def refused(code: str, act: object, *given: object, **more: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given, **more)  # type: ignore[operator]
    assert said.value.code == code and said.value.happened and said.value.safe and said.value.todo
    return said.value


def a_stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir(exist_ok=True)
    return tmp_path / "stick"


def asks(tmp_path: Path, folder: Path, *, person: str = CLERK.name, clock: StoryClock = ASKED_ON) -> RecoveryAsked:
    return recovery.ask(folder, person, NEW, a_stick(tmp_path), clock=clock, stretch=QUICK)


def a_village_asks(tmp_path: Path) -> RecoveryAsked:
    if not (tmp_path / "village").exists():
        shutil.copytree(the_template(MANBANG, "filled"), tmp_path / "village")
    return asks(tmp_path, tmp_path / "village")


def a_request(tmp_path: Path, desk: TownshipDesk) -> tuple[RecoveryAsked, Request]:
    asked = a_village_asks(tmp_path)
    assert asked.path is not None
    return asked, answering.take_in(desk, asked.path)


def wrong(group: str) -> str:
    return f"{(int(group) + 1) % 10000:04d}"


# --- the officer's side ----------------------------------------------------------------------------------------------


def test_a_request_is_shown_with_whose_computer_it_is_and_without_one_digit(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    asked, one = a_request(tmp_path, desk)
    assert (one.name, one.person, one.state, one.tries) == ("曼蚌村", CLERK.name, WAITS, 3)
    assert one.number == f"找回 {MANBANG}-01" and one.certificate.endswith("，有效")
    assert one.until - one.made_at == timedelta(days=3) and one.answer == "勐混镇曼蚌村-恢复答复.cbrea"
    assert not any(group in repr(one) for group in asked.code.split())
    assert asked.path is not None and answering.take_in(desk, asked.path).number == one.number  # the same, once more
    assert answering.waiting(desk) == 1
    desk.close()


def test_each_group_is_compared_when_it_is_full_and_the_answer_opens_that_computer(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    asked, one = a_request(tmp_path, desk)
    groups = asked.code.split()
    refused("recovery.code_short", answering.compare, desk, one.sha256, 0, groups[0][:3])
    assert all(answering.compare(desk, one.sha256, at, group) for at, group in enumerate(groups))
    stick = a_stick(tmp_path)
    refused("password.wrong", answering.write_answer_file, desk, one.sha256, asked.code, "不对的", stick, **SURE)
    refused("folder.missing", answering.write_answer_file, desk, one.sha256, asked.code, PASSWORD, stick / "x", **SURE)
    path = answering.write_answer_file(desk, one.sha256, asked.code, PASSWORD, stick, **SURE)
    (after,) = answering.requests(desk)
    assert (after.state, answering.waiting(desk)) == (ANSWERED, 0)
    (entry,) = [one for one in desk.workspace.journal_entries() if one.act == "recovery_answer"]
    assert (entry.detail["way"], entry.detail["identity"]) == ("回拨电话", "认识本人")
    opened = recovery.take(tmp_path / "village", path.read_bytes(), NEW, clock=ASKED_ON, stretch=QUICK)
    assert isinstance(opened, VillageDesk)
    # the new keys ask for their certificate, and the officer reads which one is to be revoked
    request = registry.add_request(desk, enrolment.write_request(opened, stick).path)
    assert request.replaces.startswith("找回过密码") and one.certificate.split("，")[0] in request.replaces
    opened.close()
    desk.close()


def test_three_wrong_groups_end_the_request_and_are_written_down(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    asked, one = a_request(tmp_path, desk)
    groups = asked.code.split()
    assert answering.compare(desk, one.sha256, 0, groups[0])
    assert not answering.compare(desk, one.sha256, 1, wrong(groups[1]))
    assert answering.requests(desk)[0].tries == 2
    assert not answering.compare(desk, one.sha256, 1, wrong(groups[1]))
    assert not answering.compare(desk, one.sha256, 4, wrong(groups[4]))
    assert answering.requests(desk)[0].state == ENDED
    refused("recovery.ended", answering.compare, desk, one.sha256, 1, groups[1])
    assert asked.path is not None
    refused("recovery.ended", answering.answer, desk, asked.path.read_bytes(), asked.code, PASSWORD, **SURE)
    told = [one.detail["group"] for one in desk.workspace.journal_entries() if one.act == "recovery_code_wrong"]
    assert told == [2, 2, 5]
    assert not any(group in str([one.detail for one in desk.workspace.journal_entries()]) for group in groups)
    desk.close()


def test_what_was_refused_or_is_too_old_is_not_answered(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    asked, one = a_request(tmp_path, desk)
    answering.refuse(desk, one.sha256)
    assert answering.requests(desk)[0].state == REFUSED
    refused("recovery.refused", answering.compare, desk, one.sha256, 0, asked.code[:4])
    asked, one = a_request(tmp_path, desk)
    assert one.number.endswith("-02") and [one.state for one in answering.requests(desk)] == [WAITS, REFUSED]
    desk.clock = a_clock(2025, 12, 20)
    assert {one.state for one in answering.requests(desk)} == {EXPIRED, REFUSED}
    refused("recovery.expired", answering.compare, desk, one.sha256, 0, asked.code[:4])
    desk.close()


def test_what_is_no_request_or_another_s_is_told(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path, next(one.code for one in sample.SAMPLE_TOWNSHIPS if one.code != MENGHUN))
    asked = a_village_asks(tmp_path)
    assert asked.path is not None
    refused("recovery.not_ours", answering.take_in, desk, asked.path)
    (tmp_path / "x.cbrec").write_bytes(b"nothing")
    refused("recovery.request", answering.take_in, desk, tmp_path / "x.cbrec")
    refused("file.unreadable", answering.take_in, desk, tmp_path / "none.cbrec")
    refused("recovery.gone", answering.compare, desk, "0" * 64, 0, "1234")
    assert answering.requests(desk) == ()
    desk.close()


def test_the_slip_of_the_desk_that_answers_gives_no_digit_away(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    asked, one = a_request(tmp_path, desk)
    text = text_of(answering.slip(desk, one.sha256).pdf)
    assert "勐海县勐混镇曼蚌村民委员会" in text and f"编号：找回{MANBANG}-01" in text and "二、镇审核员填" in text
    assert not any(group in text for group in asked.code.split())
    desk.close()


# --- an officer who forgot his own -----------------------------------------------------------------------------------


def the_county_answers(tmp_path: Path, asked: RecoveryAsked) -> bytes:
    seat = a_county_desk(tmp_path)
    assert asked.path is not None
    one = answering.take_in(seat, asked.path)
    assert one.name == "勐混镇" and "县民政局" in text_of(answering.slip(seat, one.sha256).pdf)
    data = answering.answer(seat, asked.path.read_bytes(), asked.code, PASSWORD, **SURE)
    seat.close()
    return data


def test_an_officer_who_forgot_his_password_is_answered_by_the_county_and_asks_for_papers_anew(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    villages, folder, lost = desk.villages, desk.workspace.folder, township.ca_request(desk)
    desk.close()
    data = the_county_answers(tmp_path, asks(tmp_path, folder, person=OFFICER))
    again = recovery.take(folder, data, NEW, clock=ASKED_ON, stretch=QUICK)
    assert isinstance(again, TownshipDesk) and again.villages == villages and again.signer is None
    assert township.ca_request(again) != lost and town_papers.certificate(again).until is None
    # the county revokes the lost key and certifies the new one
    (tmp_path / "county").rename(tmp_path / "seat")
    seat = county.unlock_county(tmp_path / "seat", "县管理员", PASSWORD, clock=a_clock(2025, 12, 18, 2))
    county_keys.revoke_township(seat, MENGHUN, "审核员忘了密码")
    town = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == MENGHUN)
    papers = county.certify_township(seat, town, township.ca_request(again), PASSWORD)
    township.take_papers(again, papers, NEW)
    assert again.signer is not None and registry.enrol_view(again).certificates
    seat.close()
    again.close()
    township.unlock_township(folder, OFFICER, NEW, clock=a_clock(2025, 12, 19)).close()


def test_where_another_officer_holds_the_ca_key_the_desk_goes_on_under_it(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    add_officer(desk, "岩拉", HIS, PASSWORD)
    folder, before = desk.workspace.folder, township.ca_request(desk)
    desk.close()
    data = the_county_answers(tmp_path, asks(tmp_path, folder, person=OFFICER))
    again = recovery.take(folder, data, NEW, clock=ASKED_ON, stretch=QUICK)
    assert isinstance(again, TownshipDesk) and township.ca_request(again) == before
    assert [one.may_sign for one in people.people(again)] == [True, False]
    (colleague,) = [one for one in people.people(again) if one.name == "岩拉"]
    people.let_sign(again, again_person(colleague), own_password=NEW)
    refused("ca.not_yours", township.unlock_ca, again, NEW)
    again.close()
    # whoever holds the CA key certifies the new desk keys by opening it, and gives the CA key back
    his = township.unlock_township(folder, "岩拉", HIS, clock=a_clock(2025, 12, 17, 1))
    assert devices.device(his.workspace).enrolled and his.signer is not None
    people.let_sign(his, again.person, own_password=HIS)
    his.close()
    hers = township.unlock_township(folder, OFFICER, NEW, clock=a_clock(2025, 12, 17, 2))
    assert hers.signer is not None and township.unlock_ca(hers, NEW).certificate
    hers.close()


def again_person(one: people.Colleague):  # type: ignore[no-untyped-def]
    from cunbao.desks.views import Person

    return Person(one.name, one.role)
