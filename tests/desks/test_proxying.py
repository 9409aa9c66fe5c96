"""代报: a village without a computer is filled for, on its paper, under the officer's name, and may take over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import decisions, devices, ledger, receiving, start
from cunbao.desks.digest import state_digest
from cunbao.desks.township import board, deciding, forwarding, officers, paper_receipts, proxying, receipts, registry
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import ProxyBasis
from cunbao.desks.village import enrolment, lineage, otherversions, practice, replies, sending, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import CunbaoError
from cunbao.survey.decision import Comment
from cunbao.survey.people import mask
from cunbao.survey.revision import Header
from cunbao.survey.sample import MANSAI, sample_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from desks.test_evidence import a_photo
from world.desk import (
    MANBANG,
    MANGUO,
    OFFICER,
    PASSWORD,
    a_bare_town_desk,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    begun,
    bundle_file,
    reopened,
    reopened_town,
    types,
)
from world.papers import text_of

FORMS = ("B01", "B02", "B03", "B04", "B05")
BASIS = ProxyBasis(
    reason="村里没有电脑", basis="盖章纸质表 2 张", received_on="2025-12-15", received_from="岩甩送来，已签字",
    filler="", reviewer="岩拉",
)  # fmt: skip
YANLA, HIS = "岩拉", "岩拉的密码12"


def refused(code: str, act: object, *given: object, **more: object) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        act(*given, **more)  # type: ignore[operator]
    assert said.value.code == code
    return said.value


def filled(desk: TownshipDesk, office: str = MANSAI, forms: tuple[str, ...] = FORMS) -> VillageDesk:
    """The officer types what stands on the village's paper, and checks it."""
    village = proxying.begin(desk, office, BASIS)
    for form, answers in sample_answers(desk.task, office, desk.task.period).items():
        if form in forms:
            practice.fill(village, form, answers)
    practice.explain_all(village)
    return village


def signs(desk: TownshipDesk, *forms: str) -> None:
    village = proxying.current(desk)
    assert village is not None
    proxying.sign(desk, signing.prepare(village, forms or None), PASSWORD)


def header_of(desk: TownshipDesk, form: str, office: str = MANSAI) -> Header:
    head = desk.workspace.revision(desk.workspace.standing(office, form, "2025").head)
    assert head is not None
    return Header.decode(desk.workspace.object(head.header))


# --- filled, signed, marked as such ----------------------------------------------------------------------------------


def test_what_the_officer_fills_is_signed_as_a_proxy_return_with_its_basis_inside(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    assert {village.state(form) for form in FORMS} == {ReturnState.TO_SIGN}
    assert desk.frame().proxy_for == "曼赛村"
    signs(desk)
    header = header_of(desk, "B04")
    assert (header.kind, header.office, header.person_name) == ("proxy", MANSAI, OFFICER)
    assert header.device == village.newest("B04").device  # type: ignore[union-attr]
    basis = {one.key: one.text for one in header.explanations if one.check == "代报"}
    assert basis == {
        "代报:原因": "村里没有电脑", "代报:依据": "盖章纸质表 2 张", "代报:收到日期": "2025-12-15",
        "代报:收到自": "岩甩送来，已签字", "代报:代填人": OFFICER, "代报:审核人": YANLA,
    }  # fmt: skip
    for form in FORMS:
        stands = desk.workspace.standing(MANSAI, form, "2025")
        assert stands.state is ReturnState.RECEIVED and "proxy" in stands.marks
        assert village.state(form) is ReturnState.RECEIVED
    row = next(one for one in board.board(desk).rows if one.office == MANSAI)
    assert row.on_paper and row.remark == "镇里代报" and {cell.marks for cell in row.cells} == {("代报",)}


def test_every_page_says_who_filled_it_and_the_notes_do_not_repeat_the_basis(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    signs(desk)
    pdf = village.signed_pdf(village.newest("B02"))  # type: ignore[arg-type]
    text = text_of(pdf)
    for words in (
        "代报情况", "代报单位勐混镇人民政府", "数据来源盖章纸质表2张", "收到2025-12-15，岩甩送来，已签字", "审核人岩拉",
        "代报原因村里没有电脑", "村委会核对确认", "电子签名（代报）", "签名单位：勐混镇人民政府（代曼赛村民委员会）",
    ):  # fmt: skip
        assert words in text, words
    assert text.count("村里没有电脑") == 1 and "代报:" not in text
    assert "第1版·代报·2025-12-16" in text_of(pdf, 1)  # on the last page as on the first


def test_a_page_is_drawn_again_from_the_header_alone(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    signs(desk)
    proxying.set_basis(desk, MANSAI, replace(BASIS, reason="电脑送修了", reviewer="勐海县民政局"))
    again = signing.reading_copy(village, "B01")
    assert "代报原因村里没有电脑" in text_of(again.pdf) and "审核人岩拉" in text_of(again.pdf)


def test_a_draft_shows_the_basis_before_anybody_signs(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    text = text_of(signing.draft_pdf(village, "B01").pdf)
    assert "代报原因村里没有电脑" in text and "代报人玉罕（乡镇审核员）" in text


def test_the_last_period_stands_beside_what_is_filled(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = proxying.begin(desk, MANSAI, BASIS)
    assert village.last("B01") is None  # then 上年 shows —
    assert desk.signer is not None
    other = replace(desk.signer, person=YANLA)
    practice.sign_last_period(
        village, PASSWORD, lambda header: decisions.acceptance(header, other, desk.office, desk.clock())
    )
    village.forget_last()
    assert village.last("B01") is not None
    assert village.last("B01").values["b01_groups"]  # type: ignore[union-attr]


# --- the basis and the paper -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"reason": " "}, "原因"), ({"basis": "表"}, "依据"), ({"received_on": "12月15"}, "收到日期"),
        ({"received_on": "2025-12-17"}, "还没到"), ({"reviewer": OFFICER}, "代填的人自己"),
        ({"received_from": "岩" * 41}, "送来的人"),
    ],
)  # fmt: skip
def test_a_basis_that_says_too_little_is_not_taken(tmp_path: Path, change: dict[str, str], word: str) -> None:
    desk = a_bare_town_desk(tmp_path)
    said = refused("proxy.basis", proxying.begin, desk, MANSAI, replace(BASIS, **change))
    assert word in said.happened
    assert desk.proxy_for == "" and proxying.basis(desk, MANSAI) is None


def test_what_no_page_can_print_is_refused_before_it_is_signed(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    refused("explanation.character", proxying.begin, desk, MANSAI, replace(BASIS, reason="村里没有电脑\U0001f5a5"))


def test_the_scans_lie_beside_each_return_that_is_signed(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    first = proxying.add_scan(desk, MANSAI, a_photo(tmp_path / "第一张.jpg", 60, 80))
    wrong = proxying.add_scan(desk, MANSAI, a_photo(tmp_path / "别的村.png", 30, 30, "PNG"))
    assert proxying.add_scan(desk, MANSAI, tmp_path / "第一张.jpg") == first  # the same file is there once
    proxying.drop_scan(desk, MANSAI, wrong.content)
    assert proxying.scans(desk, MANSAI) == (first,)
    signs(desk)
    for form in FORMS:
        beside = desk.workspace.evidence(village.newest(form).id)  # type: ignore[union-attr]
        assert [(one.content, one.name) for one in beside] == [(first.content, "第一张.jpg")]
    late = proxying.add_scan(desk, MANSAI, a_photo(tmp_path / "第二张.jpg", 61, 80))
    beside = desk.workspace.evidence(village.newest("B05").id)  # type: ignore[union-attr]
    assert [one.content for one in beside] == [first.content, late.content]
    assert ledger.rebuild(desk.workspace, desk.task).changed == ()


def test_a_file_that_is_no_scan_changes_nothing(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    (tmp_path / "表.docx").write_bytes(b"PK nothing to see")
    refused("evidence.kind", proxying.add_scan, desk, MANSAI, tmp_path / "表.docx")
    assert proxying.scans(desk, MANSAI) == ()


# --- beginning, stopping, going on -----------------------------------------------------------------------------------


def test_a_village_that_reports_itself_is_filled_for_only_when_that_was_confirmed(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    said = refused("proxy.own_return", proxying.begin, desk, MANBANG, BASIS)
    assert "B01、B02、B03、B04、B05" in said.happened and desk.proxy_for == ""
    village = proxying.begin(desk, MANBANG, BASIS, confirmed=True)
    assert village.state("B01") is ReturnState.RECEIVED  # locked: the township's own version follows it
    proxying.correct(village, "B01")
    types(village, "B01", "b01_pop_out", "7")
    practice.explain_all(village)
    before = desk.workspace.standing(MANBANG, "B01", "2025").head
    signs(desk, "B01")
    header = header_of(desk, "B01", MANBANG)
    assert (header.kind, header.version, header.parents) == ("proxy", 2, (before,))
    assert desk.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED


def test_the_list_names_who_has_no_computer_and_what_is_filled_already(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    proxying.begin(desk, MANSAI, BASIS)
    found = {one.name: one for one in proxying.proxy_villages(desk)}
    assert next(iter(found)) == "曼赛村" and found["曼赛村"].basis == replace(BASIS, filler=OFFICER)
    assert found["曼蚌村"].warn == "它自己报过 B01、B02、B03、B04、B05"
    assert found["曼国村"].warn == "它有登记过的电脑"
    assert found["曼蚌村"].states[0] == ("B01", "基本情况", ReturnState.RECEIVED)
    assert found["曼国村"].states[0][2] is ReturnState.NOT_STARTED
    bare = a_bare_town_desk(tmp_path / "bare")
    assert {one.warn for one in proxying.proxy_villages(bare)} == {""}


def test_after_a_lock_or_a_power_cut_the_officer_goes_on_where_he_was(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = proxying.begin(desk, MANSAI, BASIS)
    desk.keep("B01", village.type("B01", Cell("b01_groups"), "7").edits)
    desk.close()
    again = reopened_town(tmp_path / "town")
    assert again.frame().proxy_for == "曼赛村"
    going_on = proxying.current(again)
    assert going_on is not None and going_on.instance("B01").text(Cell("b01_groups")) == "7"
    assert going_on.proxy == replace(BASIS, filler=OFFICER)
    proxying.stop(again)
    assert proxying.current(again) is None and again.frame().proxy_for == ""
    assert [one.act for one in again.workspace.journal_entries()][-1] == "stop_proxy"
    again.close()
    assert reopened_town(tmp_path / "town").proxy_for == ""


def test_two_villages_are_filled_side_by_side_and_never_mixed_up(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    one = proxying.begin(desk, MANSAI, BASIS)
    desk.keep("B01", one.type("B01", Cell("b01_groups"), "7").edits)
    two = proxying.begin(desk, MANGUO, replace(BASIS, reason="电脑送修"))
    assert two.instance("B01").text(Cell("b01_groups")) == ""
    desk.keep("B01", two.type("B01", Cell("b01_groups"), "9").edits)
    back = proxying.begin(desk, MANSAI, BASIS)
    assert back.instance("B01").text(Cell("b01_groups")) == "7"
    assert back.undo() is not None and back.instance("B01").text(Cell("b01_groups")) == ""
    assert proxying.basis(desk, MANGUO).reason == "电脑送修"  # type: ignore[union-attr]


# --- who accepts -----------------------------------------------------------------------------------------------------


def test_who_filled_cannot_accept_and_another_officer_can(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    assert proxying.reviewers(desk) == ("勐海县民政局",)
    officers.add_officer(desk, YANLA, HIS, PASSWORD)
    assert proxying.reviewers(desk) == (YANLA, "勐海县民政局")
    filled(desk)
    signs(desk)
    refused("accept.own_proxy", deciding.accept, desk, MANSAI, "B01")
    desk.close()
    other = unlocked(tmp_path / "town", YANLA, HIS)
    deciding.accept(other, MANSAI, "B01")
    assert other.workspace.standing(MANSAI, "B01", "2025").state is ReturnState.ACCEPTED
    assert other.workspace.counted(MANSAI, "B01", "2025") is not None
    refused("proxy.decided", proxying.take_back, other, MANSAI, "B01", "填错了")


def test_with_one_officer_only_the_county_accepts(tmp_path: Path) -> None:
    from cunbao.desks.county import answers as county_answers
    from cunbao.survey.decision import Act

    desk, county = a_bare_town_desk(tmp_path), a_county_desk(tmp_path)
    filled(desk)
    signs(desk)
    sent = forwarding.write_forward(desk, tmp_path, include_received=True)
    assert receiving.receive(county, [sent.path]).lines[0].label == "已接收"
    head = county.workspace.standing(MANSAI, "B01", "2025").head
    county_answers.decide(county, Act.ACCEPT, head)
    assert county.workspace.standing(MANSAI, "B01", "2025").state is ReturnState.ACCEPTED
    receiving.receive(desk, [county_answers.write_answer(county, desk.office.code, tmp_path)])
    assert desk.workspace.standing(MANSAI, "B01", "2025").state is ReturnState.ACCEPTED


def test_what_another_officer_sends_back_is_mended_by_the_filler(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    officers.add_officer(desk, YANLA, HIS, PASSWORD)
    filled(desk)
    signs(desk)
    desk.close()
    other = unlocked(tmp_path / "town", YANLA, HIS)
    deciding.send_back(other, MANSAI, "B01", [Comment(Cell("b01_pop_out"), "纸上是 60")])
    other.close()
    desk = reopened_town(tmp_path / "town", a_clock(2025, 12, 17, 1))
    village = proxying.current(desk)
    assert village is not None and village.state("B01") is ReturnState.RETURNED
    types(village, "B01", "b01_pop_out", "60")
    practice.explain_all(village)
    signs(desk, "B01")
    assert header_of(desk, "B01").version == 2
    assert desk.workspace.standing(MANSAI, "B01", "2025").state is ReturnState.RECEIVED


# --- taken back ------------------------------------------------------------------------------------------------------


def test_a_signature_can_be_taken_back_until_something_carried_it(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    village = filled(desk)
    signs(desk)
    proxying.take_back(desk, MANSAI, "B01", "照错了一张纸")
    assert desk.workspace.standing(MANSAI, "B01", "2025").heads == ()
    assert village.state("B01") is ReturnState.TO_SIGN
    assert len(desk.workspace.voided(MANSAI, "B01", "2025")) == 1
    forwarding.write_forward(desk, tmp_path, include_received=True)
    head = village.newest("B02")
    assert head is not None and desk.workspace.why_not_retract(head.id) == "它已经交出去"
    proxying.take_back(desk, MANSAI, "B02", "照错了一张纸")  # now a signed decision, which goes where it went
    assert desk.workspace.standing(MANSAI, "B02", "2025").heads == ()
    assert [one.act for one in desk.workspace.decisions(head.id)] == ["retract"]
    assert ledger.rebuild(desk.workspace, desk.task).changed == ()


def test_a_village_s_own_return_cannot_be_taken_back_by_the_township(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    refused("proxy.not_ours", proxying.take_back, desk, MANBANG, "B01", "填错了")


# --- the village takes over ------------------------------------------------------------------------------------------


def a_new_computer(tmp_path: Path, town: TownshipDesk) -> VillageDesk:
    """The village gets a computer, and the township approves it."""
    village = begun(tmp_path / "village", MANSAI, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(village, tmp_path)
    request = registry.add_request(town, asked.path)
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    return village


def test_a_village_that_gets_a_computer_replaces_the_proxy_return_by_its_own(tmp_path: Path) -> None:
    town = a_bare_town_desk(tmp_path)
    paper = a_photo(tmp_path / "纸.jpg", 60, 80)
    filled(town)
    proxying.add_scan(town, MANSAI, paper)
    signs(town)
    village = a_new_computer(tmp_path, town)
    types(village, "B01", "b01_groups", "7")  # begun before it knew of the proxy return
    (written,) = receipts.write_receipts(town, tmp_path, [MANSAI])
    replies.take_receipt(village, written.path)
    assert devices.device(village.workspace).enrolled
    proxied = village.newest("B02")
    assert proxied is not None and proxied.kind == "proxy"
    assert village.workspace.object(village.workspace.evidence(proxied.id)[0].content) == paper.read_bytes()
    assert village.state("B02") is ReturnState.RECEIVED and village.state("B01") is ReturnState.FILLING
    copied = text_of(signing.reading_copy(village, "B02").pdf)
    assert "签名单位：勐混镇人民政府（代曼赛村民委员会）" in copied
    (other,) = lineage.other_heads(village, "B01")
    refused("unsign.left", signing.unsign, village, "B02")

    otherversions.take_other(village, "B01", "head", other.id)  # 采用: what the township typed from the paper
    types(village, "B01", "b01_pop_out", "7")
    signing.begin_correction(village, "B02")
    types(village, "B02", "b02_f_act", "1", row=1)
    practice.explain_all(village)
    village.set_ret(replace(village.ret(), head="岩甩", stat_head="岩甩", filler="岩温", phone="13800000000"))
    signed = signing.sign(village, signing.prepare(village), PASSWORD)
    assert {line.form for line in signed} == {"B01", "B02"}
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    for form, before in (("B01", other.id), ("B02", proxied.id)):
        stands = town.workspace.standing(MANSAI, form, "2025")
        assert len(stands.heads) == 1 and stands.state is ReturnState.RECEIVED and "proxy" not in stands.marks
        header = header_of(town, form)
        assert header.parents == (before,) and header.kind != "proxy"
    deciding.accept(town, MANSAI, "B01")  # it is the village's own now, so the filler may
    assert village.task.title == town.task.title


def test_a_village_may_stand_by_what_it_filled_itself(tmp_path: Path) -> None:
    town = a_bare_town_desk(tmp_path)
    filled(town)
    signs(town)
    village = a_new_computer(tmp_path, town)
    practice.fill(village, "B01", sample_answers(village.task, MANSAI, "2025")["B01"])
    types(village, "B01", "b01_pop_out", "8")
    (written,) = receipts.write_receipts(town, tmp_path, [MANSAI])
    replies.take_receipt(village, written.path)
    practice.explain_all(village)
    village.set_ret(replace(village.ret(), head="岩甩", stat_head="岩甩", filler="岩温", phone="13800000000"))
    refused("sign.other_head", signing.sign, village, signing.prepare(village, ["B01"]), PASSWORD)
    lineage.stand_by(village, "B01")
    practice.explain_all(village)
    signing.sign(village, signing.prepare(village, ["B01"]), PASSWORD)
    before = town.workspace.standing(MANSAI, "B01", "2025").head
    sent = sending.write_bundle(village, tmp_path, PASSWORD)
    receiving.receive(town, [sent.path])
    stands = town.workspace.standing(MANSAI, "B01", "2025")
    assert stands.heads == (village.newest("B01").id,)  # type: ignore[union-attr]
    assert header_of(town, "B01").parents == (before,)


def test_signed_on_both_sides_without_a_receipt_is_a_conflict_that_is_chosen(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    filled(town, MANBANG)
    signs(town)
    receiving.receive(town, [bundle_file(tmp_path, MANBANG)])
    stands = town.workspace.standing(MANBANG, "B01", "2025")
    if stands.state is ReturnState.FORK:  # equal answers would be twins
        own = next(one for one in stands.heads if town.workspace.revision(one).kind != "proxy")  # type: ignore[union-attr]
        deciding.choose(town, MANBANG, "B01", own)
        assert town.workspace.standing(MANBANG, "B01", "2025").head == own
    else:
        assert len(stands.heads) == 1
    village = proxying.current(town)
    assert village is not None and village.state("B01") in (ReturnState.RECEIVED, ReturnState.FORK)


def test_a_return_that_comes_while_the_proxy_is_filled_is_not_passed_over(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)
    village = filled(town, MANBANG)
    types(village, "B01", "b01_groups", "9")  # as it stood on the paper
    practice.explain_all(village)
    prepared = signing.prepare(village, ["B01"])
    receiving.receive(town, [bundle_file(tmp_path, MANBANG)])
    said = refused("proxy.other_head", proxying.sign, town, prepared, PASSWORD)
    assert said.happened.startswith("曼蚌村的 B01 又来了一份")
    assert village.state("B01") is ReturnState.RECEIVED
    own = village.newest("B01")
    assert own is not None and own.kind != "proxy"
    proxying.correct(village, "B01")  # goes on from what the village signed, not from what was typed here
    assert village.parents("B01") == (own,)
    assert village.instance("B01").answers(signed=True) == village.signed_answers(own)


def test_the_digest_does_not_see_basis_drafts_or_who_is_filled_for(tmp_path: Path) -> None:
    town = a_bare_town_desk(tmp_path)
    before = state_digest(town.workspace, town.task)
    filled(town)
    assert state_digest(town.workspace, town.task) == before
    signs(town)
    assert state_digest(town.workspace, town.task) != before


def test_a_village_s_signature_from_before_its_certificate_is_never_signed_again_here(tmp_path: Path) -> None:
    """The township's password unlocks the township's key alone; what a village signed is not its to sign."""
    town = a_bare_town_desk(tmp_path)
    other = begun(tmp_path / "village", MANSAI)
    for form, answers in sample_answers(other.task, MANSAI, "2025").items():
        if form != "B04":
            practice.fill(other, form, answers)
    practice.explain_all(other)
    other.set_ret(replace(other.ret(), head="岩甩", stat_head="岩甩", filler="岩温", phone="13800000000"))
    signing.sign(other, signing.prepare(other), PASSWORD)
    asked = enrolment.write_request(other, tmp_path)
    request = registry.add_request(town, asked.path)
    receiving.receive(town, [a_bundle(other, tmp_path / "stick")])
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    head = town.workspace.revision(town.workspace.standing(MANSAI, "B01", "2025").head)
    assert head is not None and not head.others
    proxying.begin(town, MANSAI, BASIS, confirmed=True)
    village = proxying.current(town)
    assert village is not None
    practice.fill(village, "B04", sample_answers(town.task, MANSAI, "2025")["B04"])
    practice.explain_all(village)
    signs(town, "B04")
    assert town.workspace.revision(head.id) == head


# --- the printed receipt ---------------------------------------------------------------------------------------------


def test_a_village_without_a_computer_gets_its_receipt_on_paper(tmp_path: Path) -> None:
    desk = a_bare_town_desk(tmp_path)
    officers.add_officer(desk, YANLA, HIS, PASSWORD)
    filled(desk)
    signs(desk)
    desk.close()
    other = unlocked(tmp_path / "town", YANLA, HIS)
    deciding.accept(other, MANSAI, "B01")
    deciding.accept(other, MANSAI, "B02")
    deciding.send_back(other, MANSAI, "B03", [Comment(person_cell(other, "B03", "b03_m_id"), "与身份证核对")])
    line = next(one for one in receipts_view(other) if one.office == MANSAI)
    assert line.on_paper and not line.ticked
    drawn = receipts.slip(other, MANSAI)
    text = text_of(drawn.pdf)
    for words in (
        "报表退回通知", "退给曼赛村民委员会", "镇里代报", "通过2张，退回1张", "B03", "与身份证核对", "没有，只发纸质",
        "签收人",
    ):  # fmt: skip
        assert words in text, words
    shown = other.workspace.revision(other.workspace.standing(MANSAI, "B03", "2025").head)
    assert shown is not None
    number = proxying.current(reopened_as(other)).signed_answers(shown).rows["b03_m"][0].values["b03_m_id"]  # type: ignore[union-attr]
    assert mask("id", number) in text and number not in text
    assert paper_receipts.slip(other, MANSAI).pdf == drawn.pdf  # says the same, so it is the same slip
    assert "勐混退2025-0001" in text and "验证码" in text
    deciding.accept(other, MANSAI, "B04")
    assert "勐混退2025-0002" in text_of(receipts.slip(other, MANSAI).pdf)


def test_a_slip_of_a_village_that_sends_names_its_bundle(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    for form in FORMS:
        deciding.accept(desk, MANBANG, form)
    text = text_of(receipts.slip(desk, MANBANG).pdf)
    assert "报表回执单" in text and "第1号" in text and "通过5张" in text
    assert "报表回执单" in text_of(receipts.slip(desk, MANSAI).pdf)  # nothing came: it says so
    assert "还没有收到的" in text_of(receipts.slip(desk, MANSAI).pdf)


# --- officers, and several villages on one computer ------------------------------------------------------------------


def test_a_second_officer_opens_the_desk_decides_and_certifies_with_a_password_of_his_own(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    refused("password.wrong", officers.add_officer, desk, YANLA, HIS, "不是这个")
    refused("password.short", officers.add_officer, desk, YANLA, "短", PASSWORD)
    refused("person.known", officers.add_officer, desk, OFFICER, HIS, PASSWORD)
    assert [one.name for one in officers.officers(desk)] == [OFFICER]
    officers.add_officer(desk, f" {YANLA} ", HIS, PASSWORD)
    assert [(one.name, one.role, one.here, one.may_sign) for one in officers.officers(desk)] == [
        (OFFICER, "乡镇审核员", True, True), (YANLA, "乡镇审核员", False, True),
    ]  # fmt: skip
    desk.close()
    refused("password.wrong", unlocked, tmp_path / "town", YANLA, PASSWORD)
    other = unlocked(tmp_path / "town", YANLA, HIS)
    assert other.frame().person == "审核员 岩拉"
    record = deciding.accept(other, MANBANG, "B01")
    assert record.by == YANLA and other.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    village = begun(tmp_path / "village", MANSAI, clock=a_clock(2025, 12, 15, 1))
    asked = enrolment.write_request(village, tmp_path)
    request = registry.add_request(other, asked.path)
    registry.approve(other, request.sha256, asked.code, HIS)  # the CA's key opens by his password too
    assert other.workspace.certificates(office=MANSAI)


def test_one_computer_serves_several_villages_side_by_side(tmp_path: Path) -> None:
    """A workspace folder an office: each with its own lock, password and key, open at the same time if need be."""
    one = begun(tmp_path / MANBANG, MANBANG)
    two = begun(tmp_path / MANSAI, MANSAI)
    types(one, "B01", "b01_groups", "7")
    types(two, "B01", "b01_groups", "9")
    own = [desk.workspace.setting("device", {})["id"] for desk in (one, two)]
    assert own[0] != own[1]
    two.close()
    again = reopened(tmp_path / MANSAI)
    assert again.office.short == "曼赛村" and again.instance("B01").text(Cell("b01_groups")) == "9"
    assert one.instance("B01").text(Cell("b01_groups")) == "7"
    names = {start.unlock_view(folder, one.clock()).office for folder in (tmp_path / MANBANG, tmp_path / MANSAI)}
    assert names == {"勐混镇 曼蚌村", "勐混镇 曼赛村"}
    with pytest.raises(CunbaoError) as busy:
        reopened(tmp_path / MANBANG)
    assert busy.value.code == "workspace.busy"
    again.close()
    one.close()


# --- helpers ---------------------------------------------------------------------------------------------------------


def unlocked(folder: Path, person: str, password: str) -> TownshipDesk:

    return township.unlock_township(folder, person, password, clock=a_clock(2025, 12, 16, 8))


def receipts_view(desk: TownshipDesk):  # type: ignore[no-untyped-def]
    from cunbao.desks.township import receipt_words

    return receipt_words.receipts_view(desk).lines


def person_cell(desk: TownshipDesk, form: str, field: str) -> Cell:
    """A column of the first person of the village's roster as it is signed."""
    from cunbao.survey.revision import read_answers

    head = desk.workspace.revision(desk.workspace.standing(MANSAI, form, "2025").head)
    assert head is not None
    answers = read_answers(desk.task.forms[form], desk.workspace.object(head.answers))
    return Cell(field, answers.rows[desk.task.forms[form].field(field).repeat][0].id)


def reopened_as(desk: TownshipDesk) -> TownshipDesk:
    desk.proxy_for = MANSAI
    return desk
