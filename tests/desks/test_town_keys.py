"""Keys (protocol §4): one live workspace a township, codes that bind the bytes that ask, expiry at the signed time,
revocations that only accumulate, and a township that loses its keys and goes on under new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.desks import devices, keyring, ledger, receiving, tasks
from cunbao.desks.county import answers as county_answers
from cunbao.desks.county import desk as county
from cunbao.desks.county import keys as county_keys
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.digest import state_digest
from cunbao.desks.township import certified, deciding, forwarding, receipts, registry
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import RevokeChoice
from cunbao.desks.views import Person, TownshipPapers
from cunbao.desks.village import enrolment, practice, replies, sending, signing, superiors
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey import sample
from cunbao.survey.states import ReturnState
from cunbao.trust.certs import read_certificate
from world.desk import (
    MANBANG,
    MANGUO,
    MENGHUN,
    PASSWORD,
    QUICK,
    StoryClock,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    begun,
    bundle_file,
    sign_all,
    the_five,
    types,
)
from world.exchange import FORM, PERIOD, Computer, a_seat

TOWN = next(one for one in sample.SAMPLE_TOWNSHIPS if one.code == MENGHUN)


def refused(code: str, act: object, *given: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given)  # type: ignore[operator]
    assert said.value.code == code and said.value.safe and said.value.todo
    return said.value


# --- one live workspace ----------------------------------------------------------------------------------------------


def test_a_second_desk_of_a_township_is_refused_with_a_sentence_and_its_own_key_may_come_again(tmp_path: Path) -> None:
    seat, town = a_county_desk(tmp_path), a_town_desk(tmp_path)
    other = a_new_town(tmp_path / "second", town.clock)
    said = refused("township.enrolled", county.certify_township, seat, TOWN, township.ca_request(other), PASSWORD)
    assert "已经有一个工作台" in said.happened and "吊销" in said.todo
    assert not devices.device(other.workspace).enrolled and other.signer is None
    papers = county.certify_township(seat, TOWN, township.ca_request(town), PASSWORD)  # 换发: the same key
    township.take_papers(town, papers, PASSWORD)
    assert len(seat.workspace.certificates(office=MENGHUN, role="township-ca")) >= 1
    for desk in (seat, town, other):
        desk.close()


def a_new_town(folder: Path, clock: object) -> TownshipDesk:
    return township.init_township(
        folder,
        TOWN,
        person=Person("玉罕", "乡镇审核员"),
        password=PASSWORD,
        clock=clock,
        stretch=QUICK,  # type: ignore[arg-type]
    )


# --- the comparison code ---------------------------------------------------------------------------------------------


def test_three_misses_end_a_request_for_good_and_the_same_bytes_get_no_more_tries(tmp_path: Path) -> None:
    town, new = a_town_desk(tmp_path), begun(tmp_path / "new", MANBANG)
    asked = enrolment.write_request(new, tmp_path)
    assert len(asked.code.replace(" ", "")) == 24
    request = registry.add_request(town, asked.path)
    for left in ("还可以试 2 次", "还可以试 1 次", "这份申请作废"):
        said = refused("enrol.code", registry.approve, town, request.sha256, "1" * 24, PASSWORD)
        assert left in said.todo
    refused("request.gone", registry.approve, town, request.sha256, asked.code, PASSWORD)
    registry.add_request(town, asked.path)
    assert registry.enrol_view(town).requests == ()
    assert certified.live_certificates(town, MANBANG) and not any(
        one.key == devices.device(new.workspace).read.key_id for one in certified.live_certificates(town, MANBANG)
    )
    new.close()
    town.close()


def test_approval_binds_the_very_bytes_that_asked(tmp_path: Path) -> None:
    """Another request of the same office, however alike, has another code; what is certified is what was read aloud."""
    town = a_town_desk(tmp_path)
    one, other = begun(tmp_path / "one", MANBANG), begun(tmp_path / "other", MANBANG)
    asked = enrolment.write_request(one, tmp_path)
    (tmp_path / "b").mkdir()
    theirs = enrolment.write_request(other, tmp_path / "b")
    assert asked.code != theirs.code
    request = registry.add_request(town, theirs.path)
    refused("enrol.code", registry.approve, town, request.sha256, asked.code, PASSWORD)
    registry.approve(town, request.sha256, theirs.code, PASSWORD)
    own = devices.device(other.workspace)
    held = [read_certificate(town.workspace.object(c.id)) for c in town.workspace.certificates(key=own.read.key_id)]
    assert [(c.office, c.device, c.may_sign) for c in held] == [(MANBANG, own.id, True)]
    for desk in (one, other, town):
        desk.close()


# --- expiry ----------------------------------------------------------------------------------------------------------


def test_expiry_is_judged_at_the_signed_time_and_never_at_today(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 1))
    seat = a_seat(town, MANBANG, town.clock())
    ends = read_certificate(seat.signer.certificate).not_after
    computer = Computer(seat, town.task, "life", town.clock())
    good = computer.signs("没有灾害信息员甲")
    late = a_town_desk(tmp_path, name="late", clock=StoryClock(ends + timedelta(days=400)))
    devices.keep_certificates(late.workspace, (seat.signer.certificate,))
    line = receiving.take(late, computer.sends(), "x.cbsync")
    assert line.label == "已接收" and late.workspace.standing(MANBANG, FORM, PERIOD).head == good
    signed = computer.signs("没有灾害信息员乙", skew=ends - computer.clock + timedelta(days=1))
    assert receiving.take(late, computer.sends([signed]), "y.cbsync").label == "证书已吊销"
    assert late.workspace.revision(signed) is not None
    assert late.workspace.standing(MANBANG, FORM, PERIOD).head == good
    for desk in (town, late):
        desk.close()


# --- revocation ------------------------------------------------------------------------------------------------------


def test_revocations_accumulate_and_what_counts_is_what_all_of_them_honour_in_any_order(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    ids = {one.form: one.id for one in town.workspace.revisions_of(MANBANG, PERIOD)}
    (line,) = (one for one in registry.enrol_view(town).certificates if one.office == MANBANG)
    wide = RevokeChoice(-1, "", tuple(sorted((ids["B01"], ids["B02"]))))
    other = RevokeChoice(-1, "", tuple(sorted((ids["B02"], ids["B03"]))))
    for choice in (wide, other):
        certified.revoke(town, line.key, choice, "电脑丢了", PASSWORD)
    states = {form: town.workspace.standing(MANBANG, form, PERIOD).state for form in ids}
    assert states["B02"] is ReturnState.RECEIVED
    assert {state for form, state in states.items() if form != "B02"} == {ReturnState.MISSING}
    before = state_digest(town.workspace, town.task)
    ledger.rebuild(town.workspace, town.task)
    assert state_digest(town.workspace, town.task) == before
    town.close()


def test_a_village_s_word_on_a_key_is_heard_by_nobody(tmp_path: Path) -> None:
    from cunbao.survey.decision import Act, Decision

    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG), bundle_file(tmp_path / "stick", MANGUO)])
    seat = a_seat(town, MANGUO, town.clock())
    (line,) = (one for one in registry.enrol_view(town).certificates if one.office == MANBANG)
    about = (("key", line.key), ("office", MANBANG))
    said = Decision(Act.REVOKE, "", MANGUO, 99, (), "岩温", town.clock().replace(microsecond=0), about=about)
    before = town.workspace.standings(PERIOD)
    apply_decision(town, said, seat.signer)
    assert town.workspace.standings(PERIOD) == before and line.key not in certified.revoked_keys(town)
    town.close()


def apply_decision(town: TownshipDesk, said, signer) -> None:  # type: ignore[no-untyped-def]
    from cunbao.desks import taking
    from cunbao.exchange.content import CarriedDecision, Content
    from cunbao.trust.cms import sign_detached

    data = said.encode()
    carried = CarriedDecision(said.id, said, data, sign_detached(data, signer, when=said.at))
    taking.apply(town.workspace, town.task, Content(decisions=(carried,)), epoch="x")


# --- a township that lost its keys -----------------------------------------------------------------------------------


@dataclass
class Story:
    """A county, a township whose computer was stolen, a village that reported to it, and the township's new desk."""

    seat: CountyDesk
    stolen: TownshipDesk
    fresh: TownshipDesk
    village: VillageDesk
    place: Path

    def close(self) -> None:
        for desk in (self.seat, self.stolen, self.fresh, self.village):
            desk.close()


def a_theft(place: Path) -> Story:
    """Everything up to the moment at which the new desk has the county's papers, pack and answer."""
    seat = a_county_desk(place, clock=a_clock(2025, 12, 18, 1))
    stolen = a_town_desk(place)
    village = a_village_desk(place, "signed", clock=a_clock(2025, 12, 15, 7))
    receiving.receive(stolen, [a_bundle(village, place / "stick")])
    deciding.accept(stolen, MANBANG, "B01")
    replies.take_receipt(village, receipt(stolen, place / "r1"))
    receiving.receive(seat, [forwarding.write_forward(stolen, place, include_received=True).path])
    # the computer is stolen; the county learns of it
    county_keys.revoke_township(seat, MENGHUN, "乡镇的电脑被偷，报过案")
    fresh = a_new_town(place / "fresh", a_clock(2025, 12, 19, 1))
    papers = county.certify_township(seat, TOWN, township.ca_request(fresh), PASSWORD)
    township.take_papers(fresh, papers, PASSWORD)
    township.take_task(fresh, pack_with(seat, fresh, papers), sample=True)
    receiving.receive(fresh, [county_answers.write_answer(seat, MENGHUN, place)])
    return Story(seat, stolen, fresh, village, place)


def pack_with(seat: CountyDesk, fresh: TownshipDesk, papers: TownshipPapers) -> bytes:
    """The second version of the pack: the other township as it was, this one under its new keys."""
    pack = tasks.read_pack(seat.workspace.object(seat.workspace.setting("taskpack", "")))
    own = devices.device(fresh.workspace)
    others = [
        (TownshipPapers(one, *pack.townships[one.code][:1], (seat.root,)), *pack.townships[one.code][1:])
        for one in sample.SAMPLE_TOWNSHIPS
        if one.code != MENGHUN
    ]
    return county.issue_pack(
        seat, the_five(), villages=sample.SAMPLE_OFFICES,
        townships=[(papers, own.certificate, own.decryption), *others], password=PASSWORD, version=2,
    )  # fmt: skip


def receipt(town: TownshipDesk, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (written,) = receipts.write_receipts(town, folder, [MANBANG])
    assert written.ok, written.trouble
    return written.path


def test_a_township_that_lost_its_keys_goes_on_under_new_ones_with_the_keys_that_the_county_honours(
    tmp_path: Path,
) -> None:
    told = a_theft(tmp_path)
    seat, fresh, village = told.seat, told.fresh, told.village
    # what was signed and decided before, and reached the county, still counts there
    assert seat.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.ACCEPTED
    assert seat.workspace.standing(MANBANG, "B02", PERIOD).state is ReturnState.RECEIVED
    before = {one.key for one in certified.live_certificates(fresh, MANBANG)}
    again = certified.certify_again(fresh, PASSWORD)
    assert again == len([one for one in registry.enrol_view(fresh).certificates]) > 1
    assert {one.key for one in certified.live_certificates(fresh, MANBANG)} == before  # the very same keys
    assert certified.certify_again(fresh, PASSWORD) == 0
    # the village hears of it in an ordinary receipt: new certificate, new reader, what was acknowledged is sent again
    old = devices.device(village.workspace)
    taken = replies.take_receipt(village, receipt(fresh, tmp_path / "r2"))
    own = devices.device(village.workspace)
    assert taken.certificate and own.read.key_id == old.read.key_id and own.certificate != old.certificate
    assert own.chain[0] == devices.device(fresh.workspace).chain[0]
    assert superiors.reader(village) == devices.device(fresh.workspace).decryption
    keys = keyring.keys_of(village.workspace.folder)
    assert len(keys["recovery"][0]["certificates"]) == 2
    assert len(sending.outgoing(village)) == 5 and village.state("B01") is ReturnState.ACCEPTED
    signing.begin_correction(village, "B02")
    types(village, "B02", "b02_f_area", "9", row=1)
    practice.explain_all(village)
    sign_all(village)
    (line,) = receiving.receive(fresh, [a_bundle(village, tmp_path / "two")]).lines
    assert line.result.kept
    newest = village.newest("B02")
    assert newest is not None and fresh.workspace.standing(MANBANG, "B02", PERIOD).head == newest.id
    assert fresh.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.ACCEPTED
    deciding.accept(fresh, MANBANG, "B02")
    receiving.receive(seat, [forwarding.write_forward(fresh, tmp_path).path])
    assert seat.workspace.standing(MANBANG, "B02", PERIOD).counted == newest.id
    told.close()


def test_what_the_thief_signs_with_the_lost_keys_counts_nowhere(tmp_path: Path) -> None:
    told = a_theft(tmp_path)
    seat, stolen, fresh, village = told.seat, told.stolen, told.fresh, told.village
    # he accepts a return, approves a computer of his own, signs a return with it, and sends all of it on
    deciding.accept(stolen, MANBANG, "B02")
    thief = a_seat(stolen, MANGUO, stolen.clock())
    computer = Computer(thief, stolen.task, "thief", stolen.clock())
    computer.signs("没有灾害信息员甲")
    assert receiving.take(stolen, computer.sends(), "x.cbsync").label == "已接收"
    deciding.accept(stolen, MANGUO, FORM)
    (tmp_path / "bad").mkdir()
    line = receiving.receive(seat, [forwarding.write_forward(stolen, tmp_path / "bad").path]).lines[0]
    assert line.result.kept  # well formed, so it is stored; and counts nowhere
    assert seat.workspace.standing(MANBANG, "B02", PERIOD).state is ReturnState.RECEIVED
    assert seat.workspace.standing(MANGUO, FORM, PERIOD).state is ReturnState.MISSING
    # his receipt is not taken once the village has heard of the revocation
    certified.certify_again(fresh, PASSWORD)
    replies.take_receipt(village, receipt(fresh, tmp_path / "r2"))
    refused("receipt.other", replies.take_receipt, village, receipt(stolen, tmp_path / "r3"))
    # nor does a computer that he certified join the new desk
    devices.keep_certificates(fresh.workspace, (thief.signer.certificate, *thief.signer.chain))
    assert certified.certify_again(fresh, PASSWORD) == 0
    told.close()


def test_revoking_a_township_asks_for_a_reason_and_for_something_to_revoke(tmp_path: Path) -> None:
    seat = a_county_desk(tmp_path)
    refused("revoke.reason", county_keys.revoke_township, seat, MENGHUN, " ")
    county_keys.revoke_township(seat, MENGHUN, "电脑坏了")
    refused("township.none", county_keys.revoke_township, seat, MENGHUN, "电脑坏了")
    seat.close()
