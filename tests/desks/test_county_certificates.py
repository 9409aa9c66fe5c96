"""证书 of a county: a township is approved by its digits, renewed, revoked; its root backed up, lost, found again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cunbao.desks import receiving
from cunbao.desks.county import certificates, issuing, keys, rootkey, rootlist
from cunbao.desks.county import desk as county_desk
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import deciding, forwarding, town_papers
from cunbao.desks.township import desk as township
from cunbao.desks.views import Person
from cunbao.errors import DeskError, ExchangeError, TrustError
from cunbao.survey import sample
from cunbao.survey.states import ReturnState
from cunbao.trust.token import Token
from world.desk import MANBANG, PASSWORD, QUICK, a_clock, a_county_desk, a_town_desk, bundle_file
from world.tokens import PIN, a_module
from world.villages import the_task

TOWN = sample.SAMPLE_TOWNSHIPS[0]
SECRET = "县委保险柜里的另一个密码"


@pytest.fixture
def fresh(tmp_path: Path) -> CountyDesk:
    """A county that has only just begun: its directory, and no township certified."""
    made = county_desk.init_county(
        tmp_path / "county", sample.SAMPLE_COUNTY, person=Person("玉坎", "县级管理员"), password=PASSWORD,
        clock=a_clock(2025, 1, 6, 1), stretch=QUICK,
    )  # fmt: skip
    for one in sample.SAMPLE_TOWNSHIPS:
        made.workspace.add_office(one)
    return made


def a_township(folder: Path) -> township.TownshipDesk:
    return township.init_township(
        folder,
        TOWN,
        person=Person("玉罕", "乡镇审核员"),
        password=PASSWORD,
        clock=a_clock(2025, 1, 6, 2),
        stretch=QUICK,
    )


# --- townships -------------------------------------------------------------------------------------------------------


def test_a_township_is_approved_by_the_digits_that_are_read_aloud(fresh: CountyDesk, tmp_path: Path) -> None:
    town = a_township(tmp_path / "town")
    (stick := tmp_path / "stick").mkdir()
    asked, digits = town_papers.write_request(town, stick)
    seen = certificates.read_request(fresh, asked)
    assert (seen.name, seen.known, seen.renews, seen.tries_left) == ("勐混镇", True, False, 3)
    papers = certificates.approve(fresh, asked, digits, PASSWORD, stick)
    town_papers.take(town, papers, PASSWORD, root_code=county_desk.root_code(fresh))
    line = certificates.view(fresh).townships[0]
    assert (line.state, line.known, line.prefix) == ("valid", False, TOWN.code[:9])
    told = town_papers.write_desk(town, stick)
    assert certificates.take_desk(fresh, told) == "勐混镇"
    line = certificates.view(fresh).townships[0]
    assert line.known and line.computers[0].own
    from cunbao.desks.county import issuing

    assert set(issuing.townships_of(fresh)) == {TOWN.code}


def test_three_misses_end_a_request(fresh: CountyDesk, tmp_path: Path) -> None:
    asked, digits = town_papers.write_request(a_township(tmp_path / "town"), tmp_path)
    wrong = "".join(digits.split())[::-1]
    for left in (2, 1):
        with pytest.raises(DeskError) as told:
            certificates.approve(fresh, asked, wrong, PASSWORD, tmp_path)
        assert told.value.code == "enrol.code" and f"还可以试 {left} 次" in told.value.todo
    with pytest.raises(DeskError):
        certificates.approve(fresh, asked, wrong, PASSWORD, tmp_path)
    for act in (lambda: certificates.read_request(fresh, asked),
                lambda: certificates.approve(fresh, asked, digits, PASSWORD, tmp_path)):  # fmt: skip
        with pytest.raises(DeskError) as told:
            act()
        assert told.value.code == "request.ended"
    assert certificates.view(fresh).townships[0].state == "none"


def test_a_second_computer_of_a_township_is_told_apart_and_refused(fresh: CountyDesk, tmp_path: Path) -> None:
    first, digits = town_papers.write_request(a_township(tmp_path / "one"), tmp_path)
    certificates.approve(fresh, first, digits, PASSWORD, tmp_path)
    (other := tmp_path / "other").mkdir()
    second, code = town_papers.write_request(a_township(tmp_path / "two"), other)
    assert "已经给另一台电脑签发过" in certificates.read_request(fresh, second).live
    with pytest.raises(DeskError) as told:
        certificates.approve(fresh, second, code, PASSWORD, other)
    assert told.value.code == "township.enrolled"


def test_a_certificate_that_ends_is_renewed_over_the_same_key(fresh: CountyDesk, tmp_path: Path) -> None:
    town = a_township(tmp_path / "town")
    asked, digits = town_papers.write_request(town, tmp_path)
    certificates.approve(fresh, asked, digits, PASSWORD, tmp_path)
    before = certificates.view(fresh).townships[0]
    assert before.until is not None
    end = fresh.workspace.certificates(office=TOWN.code)[0].not_after
    fresh.clock = lambda: end - timedelta(days=24)
    seen = certificates.view(fresh)
    assert (seen.townships[0].words, seen.next, seen.soon) == ("还有 24 天", TOWN.code, 1)
    (place := tmp_path / "new").mkdir()
    certificates.renew(fresh, TOWN.code, PASSWORD, place)
    after = certificates.view(fresh)
    assert after.next == "" and after.townships[0].until is not None and after.townships[0].until > before.until
    assert len(fresh.workspace.certificates(office=TOWN.code)) == 2  # the old one goes on beside it


def test_papers_of_another_county_are_not_taken(fresh: CountyDesk, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError) as told:
        (tmp_path / "x.cbdesk").write_bytes(b"{}")
        certificates.take_desk(fresh, tmp_path / "x.cbdesk")
    assert told.value.code == "papers.damaged"
    town = a_town_desk(tmp_path)  # of the county of the other tests, which has another root
    path = town_papers.write_desk(town, tmp_path)
    with pytest.raises(ExchangeError) as told:
        certificates.take_desk(fresh, path)
    assert told.value.code == "papers.root"


# --- revoking --------------------------------------------------------------------------------------------------------


def test_a_computer_is_revoked_up_to_a_day_and_it_is_said_before_what_falls(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    line = next(one for one in certificates.view(county).townships if one.office == MANBANG[:9] + "000")
    computer = next(one for one in line.computers if one.office == MANBANG)
    choices = certificates.honours(county, computer.key)
    assert choices[0].words == "认收到的全部" and choices[0].falls == ()
    assert choices[-1].falls == (("曼蚌村 B01", "不再算数，要重新签名报送"),)
    with pytest.raises(DeskError):
        certificates.revoke_computer(county, computer.key, choices[-1], " ", PASSWORD)
    with pytest.raises(TrustError):
        certificates.revoke_computer(county, computer.key, choices[-1], "下乡途中丢失", "不是密码")
    assert county.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    certificates.revoke_computer(county, computer.key, choices[-1], "下乡途中丢失，已报派出所", PASSWORD)
    assert county.workspace.standing(MANBANG, "B01", "2025").counted == ""
    shown = next(
        one for town in certificates.view(county).townships for one in town.computers if one.key == computer.key
    )
    assert shown.state == "revoked"
    certificates_before = certificates.view(county).revoked
    certificates.revoke_computer(county, computer.key, choices[0], "找回来了也不改", PASSWORD)  # only adds
    assert certificates.view(county).revoked == certificates_before
    assert county.workspace.standing(MANBANG, "B01", "2025").counted == ""


# --- the root --------------------------------------------------------------------------------------------------------


def test_a_root_without_a_backup_warns_on_every_screen_until_it_has_one(fresh: CountyDesk, tmp_path: Path) -> None:
    assert rootkey.warning(fresh) == fresh.frame().warning == "县根钥匙还没有备份"
    for secret, code in ((PASSWORD, "root.secret"), ("短", "root.secret")):
        with pytest.raises(DeskError) as told:
            rootkey.back_up(fresh, tmp_path, PASSWORD, secret, stretch=QUICK)
        assert told.value.code == code
    with pytest.raises(TrustError):
        rootkey.back_up(fresh, tmp_path, "不是密码", SECRET, stretch=QUICK)
    assert not list(tmp_path.glob("*.cbroot"))
    path = rootkey.back_up(fresh, tmp_path, PASSWORD, SECRET, stretch=QUICK)
    assert rootkey.warning(fresh) == "" and rootkey.root_view(fresh).backed_up is not None
    assert PASSWORD.encode() not in path.read_bytes() and SECRET.encode() not in path.read_bytes()


def test_a_lost_root_key_comes_back_from_its_backup(fresh: CountyDesk, tmp_path: Path) -> None:
    path = rootkey.back_up(fresh, tmp_path, PASSWORD, SECRET, stretch=QUICK)
    fresh.workspace._db.execute("DELETE FROM setting WHERE name LIKE 'root:%'")
    assert rootkey.where(fresh) == rootkey.LOST and "从备份恢复" in rootkey.warning(fresh)
    asked, digits = town_papers.write_request(a_township(tmp_path / "town"), tmp_path)
    with pytest.raises(DeskError) as told:
        certificates.approve(fresh, asked, digits, PASSWORD, tmp_path)
    assert told.value.code == "root.not_yours"
    with pytest.raises(TrustError):
        rootkey.restore(fresh, path, "不是备份的密码", PASSWORD)
    with pytest.raises(TrustError):
        rootkey.restore(fresh, path, SECRET, "不是他的密码")
    assert rootkey.restore(fresh, path, SECRET, PASSWORD).place == rootkey.FILE
    certificates.approve(fresh, asked, digits, PASSWORD, tmp_path)


def test_a_backup_of_another_root_or_a_changed_one_is_refused(fresh: CountyDesk, tmp_path: Path) -> None:
    path = rootkey.back_up(fresh, tmp_path, PASSWORD, SECRET, stretch=QUICK)
    other = a_county_desk(tmp_path / "other")
    with pytest.raises(DeskError) as told:
        rootkey.restore(other, path, SECRET, PASSWORD)
    assert told.value.code == "root.other"
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((ExchangeError, TrustError, DeskError)):
            rootkey.restore(fresh, path, SECRET, PASSWORD)


def test_a_root_on_a_token_certifies_with_its_pin_and_needs_no_backup_file(tmp_path: Path) -> None:
    token = Token(a_module("menghai"), "menghai")
    made = county_desk.init_county(
        tmp_path / "county", sample.SAMPLE_COUNTY, person=Person("玉坎", "县级管理员"), password=PASSWORD,
        clock=a_clock(2025, 1, 6, 1), stretch=QUICK, token=token, pin=PIN,
    )  # fmt: skip
    made.workspace.add_office(TOWN)
    assert rootkey.where(made) == rootkey.ON_TOKEN and rootkey.warning(made) == ""
    with pytest.raises(DeskError) as told:
        rootkey.back_up(made, tmp_path, PIN, SECRET, stretch=QUICK)
    assert told.value.code == "root.on_token"
    asked, digits = town_papers.write_request(a_township(tmp_path / "town"), tmp_path)
    with pytest.raises(TrustError) as wrong:
        certificates.approve(made, asked, digits, "000000", tmp_path)
    assert wrong.value.code == "password.wrong"
    papers = certificates.approve(made, asked, digits, PIN, tmp_path)
    assert papers.exists() and certificates.view(made).townships[0].state == "valid"
    (before,) = rootlist.last(made)  # made while the token was in
    assert rootlist.missing(made) == 0 and issuing.root_lost(made) == ""
    made.given = the_task()
    keys.revoke_township(made, TOWN.code, "电脑丢失")
    assert rootlist.missing(made) == 1 and "少 1 张" in issuing.root_lost(made)  # a pack would carry the old one
    again, code = town_papers.write_request(a_township(tmp_path / "new"), tmp_path)
    certificates.approve(made, again, code, PIN, tmp_path)
    (after,) = rootlist.last(made)
    assert after != before and rootlist.missing(made) == 0
    assert len(list(x509.load_der_x509_crl(after))) == 1
    made.close()
