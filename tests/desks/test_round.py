"""The round between village and township: received, decided, answered, corrected, received again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from cunbao.desks import receiving
from cunbao.desks.township import deciding, receipts, registry, settling
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import (
    checking,
    enrolment,
    lineage,
    opinions,
    otherversions,
    practice,
    receipt_files,
    receipt_slip,
    receiptpage,
    replies,
    sending,
    signing,
)
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.survey.decision import Comment
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    begun,
    cell,
    reopened,
    sign_all,
    text,
    types,
)
from world.forged import NAME, loose
from world.readers import text_of


def test_a_return_sent_back_is_changed_at_its_cell_signed_and_accepted(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    place = Cell("b01_pop_out")
    deciding.accept(town, MANBANG, "B02")
    deciding.send_back(town, MANBANG, "B01", [Comment(place, "派出所的数是 60，请核对")])
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    assert written.ok and written.path.name == "曼蚌村-2025年度-回执第1次.cbsync"

    taken = replies.take_receipt(village, written.path)
    assert (taken.accepted, taken.returned) == (("B02",), ("B01",))
    assert replies.take_receipt(village, written.path).known
    assert village.state("B01") is ReturnState.RETURNED and village.state("B03") is ReturnState.RECEIVED
    seen = receiptpage.receipt_view(village)
    assert [(one.label, one.text, one.state) for one in seen.comments] == [
        ("户籍外出人口", "派出所的数是 60，请核对", "open")
    ]
    assert village.home().next.act == "receipt" and village.letters()[0].title == "2025 年度回执"

    assert receiptpage.begin_changes(village) == ("B01",)
    before = text(village, "B01", "b01_pop_out")
    types(village, "B01", "b01_pop_out", str(int(before) - 1))
    assert receiptpage.receipt_view(village).comments[0].state == "changed"
    practice.explain_all(village)
    assert sign_all(village) == ("B01",)
    newest = village.newest("B01")
    assert newest is not None and (newest.version, newest.kind) == (2, "normal")
    again = sending.write_bundle(village, tmp_path / "stick", PASSWORD)
    assert again.sequence == 2 and again.forms == 1  # what the receipt acknowledged is not carried again
    line = receiving.receive(town, [again.path]).lines[0]
    assert line.act == "review" and town.workspace.standing(MANBANG, "B01", "2025").head == newest.id
    deciding.accept(town, MANBANG, "B01")
    (second,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    assert replies.take_receipt(village, second.path).accepted == ("B01", "B02")


def test_a_comment_can_be_answered_without_a_change(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    from cunbao.desks.village import lineage

    receiptpage.begin_changes(village)
    lineage.reply(village, "B01", Cell("b01_pop_out"), "与派出所核对过，就是这个数")
    assert receiptpage.receipt_view(village).comments[0].state == "answered"
    checking.run(village)
    (signed,) = signing.sign(village, signing.prepare(village), PASSWORD)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    from cunbao.survey.revision import Header

    header = Header.decode(town.workspace.object(signed.revision))
    assert [one.text for one in header.explanations if one.check == "答复"] == ["与派出所核对过，就是这个数"]


def test_what_a_receipt_never_named_is_carried_again_and_a_lost_stick_costs_nothing(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    a_bundle(village, tmp_path / "lost")
    line = receiving.receive(town, [a_bundle(village, tmp_path / "stick")]).lines[0]
    assert line.label == "已接收" and town.workspace.standing(MANBANG, "B05", "2025").state is ReturnState.RECEIVED
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert sending.outgoing(village) == ()
    assert not any("没收到" in words for _, words in receiptpage.receipt_view(village).reminders)


def test_a_bundle_that_nobody_names_is_missed_until_it_is_put_down_as_lost(tmp_path: Path) -> None:
    """As a village with an older program sends it, whose bundles say nothing of those before them."""
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    line = receiving.take(town, loose().saying(sequence=2).sealed(), NAME)
    assert line.label == "缺第1号" and receiving.register_lost(town, MANBANG) == (1,)
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert any("登记遗失" in words for _, words in receiptpage.receipt_view(village).reminders)
    village.close()
    town.close()


def test_a_village_reopened_shows_the_receipt_as_before(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    seen = receiptpage.receipt_view(village)
    village.close()
    again = reopened(tmp_path / "village", a_clock(2025, 12, 17, 1))
    assert receiptpage.receipt_view(again) == seen


# --- what was sent back ----------------------------------------------------------------------------------------------


def sent_back(tmp_path: Path, form: str, comments: Sequence[Comment]) -> VillageDesk:
    """A village that has read the receipt with these comments on one of its returns."""
    tmp_path.mkdir(exist_ok=True)
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "stick")])
    deciding.send_back(town, MANBANG, form, comments)
    (written,) = receipts.write_receipts(town, tmp_path / "stick", [MANBANG])
    replies.take_receipt(village, written.path)
    return village


OUT = Cell("b01_pop_out")


def test_undo_takes_back_what_was_typed_since_and_nothing_that_was_signed(tmp_path: Path) -> None:
    village = sent_back(tmp_path, "B01", [Comment(OUT, "请核对")])
    signed = village.instance("B01").answers(signed=True)
    assert not village.frame().can_undo and village.undo() is None
    assert village.state("B01") is ReturnState.RETURNED
    types(village, "B01", "b01_pop_out", "7")
    assert village.state("B01") is ReturnState.FILLING and village.frame().can_undo
    assert village.undo() is not None
    assert village.undo() is None and not village.frame().can_undo
    assert village.instance("B01").answers(signed=True) == signed
    village.close()
    again = reopened(tmp_path / "village", a_clock(2025, 12, 17, 1))
    assert again.undo() is None
    assert again.redo() is not None and text(again, "B01", "b01_pop_out") == "7"


def test_undo_before_a_signature_still_works_when_the_signature_is_taken_back(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "ready")
    types(village, "B01", "b01_pop_out", "7")
    practice.explain_all(village)
    sign_all(village)
    assert not village.frame().can_undo
    signing.unsign(village, "B01")
    assert village.undo() is not None and text(village, "B01", "b01_pop_out") != "7"


def test_a_reason_alone_opens_the_return_and_is_not_signed_once_its_cell_was_changed(tmp_path: Path) -> None:
    village = sent_back(tmp_path, "B01", [Comment(OUT, "请核对"), Comment(Cell("b01_groups"), "请核对")])
    lineage.reply(village, "B01", OUT, "与派出所核对过，就是这个数")
    assert village.state("B01") is ReturnState.FILLING
    assert [one.state for one in receiptpage.receipt_view(village).comments] == ["open", "answered"]
    assert village.frame().comments == 1 and village.home().next.act == "receipt"
    lineage.reply(village, "B01", Cell("b01_groups"), "公安也是这个数")
    assert receiptpage.receipt_view(village).next == "check" and village.home().next.act == "check"
    types(village, "B01", "b01_pop_out", "7")
    assert [one.text for one in lineage.answers_to_comments(village, "B01")] == ["公安也是这个数"]
    with pytest.raises(DeskError) as refused:
        lineage.reply(village, "B01", OUT, "对的")
    assert refused.value.code == "explanation.length"


def test_giving_a_correction_up_leaves_the_return_sent_back_as_it_was_signed(tmp_path: Path) -> None:
    village = sent_back(tmp_path, "B01", [Comment(OUT, "请核对")])
    before = text(village, "B01", "b01_pop_out")
    types(village, "B01", "b01_pop_out", "7")
    lineage.reply(village, "B01", OUT, "与派出所核对过，就是这个数")
    lineage.give_up(village, "B01")
    assert village.state("B01") is ReturnState.RETURNED and text(village, "B01", "b01_pop_out") == before
    assert receiptpage.receipt_view(village).comments[0].state == "open"
    assert not village.frame().can_undo


def test_a_comment_on_a_row_is_dealt_with_by_any_change_in_it(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    first, second = village.instance("B02").rows("b02_f")[:2]
    area = Cell("b02_f_area", second)
    village.close()
    village = sent_back(
        tmp_path / "again", "B02", [Comment(Cell("b02_f", first), "拆了的请删去"), Comment(area, "请核对")]
    )
    row, one = receiptpage.receipt_view(village).comments
    assert (row.label, row.state, row.path.count("›")) == ("整行", "open", 2)
    assert (one.label, one.unit) == ("建筑面积", "平方米") and one.filed
    village.keep("B02", village.delete_row("B02", "b02_f", first).edits)
    assert [one.state for one in opinions.of_form(village, "B02")] == ["changed", "open"]
    village.undo()
    assert [one.state for one in opinions.of_form(village, "B02")] == ["open", "open"]
    village.keep("B02", village.delete_row("B02", "b02_f", second).edits)
    assert [(one.path, one.state) for one in opinions.of_form(village, "B02")][1] == ("B02 › 已删的一行", "changed")


def test_the_effect_of_a_change_is_told_in_the_form_s_own_figures(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    area = cell(village, "B02", "b02_f_area", 1)
    village.close()
    village = sent_back(tmp_path / "again", "B02", [Comment(area, "请核对")])
    assert opinions.effect(village, "B02") == ""
    types(village, "B02", "b02_f_area", "1", row=1)
    told, now = opinions.effect(village, "B02"), village.instance("B02")
    assert told.startswith(f"改后合计 {now.shown(Cell('b02_area_total'))} 平方米，每百户面积 ")
    assert "目标 30。" in told
    village.undo()
    assert opinions.effect(village, "B02") == ""


# --- two computers ---------------------------------------------------------------------------------------------------


def another_computer(tmp_path: Path, town: TownshipDesk) -> VillageDesk:
    """A second computer of the village, approved, that has read nothing yet."""
    second = begun(tmp_path / "second", MANBANG, clock=a_clock(2025, 12, 15, 1))
    asked = enrolment.write_request(second, tmp_path)
    request = registry.add_request(town, asked.path)
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    return second


def receipt(town: TownshipDesk, folder: Path) -> Path:
    folder.mkdir()
    (written,) = receipts.write_receipts(town, folder, [MANBANG])
    assert written.ok
    return written.path


def corrected(desk: VillageDesk, people: str, grids: str = "") -> None:
    signing.begin_correction(desk, "B01")
    types(desk, "B01", "b01_pop_out", people)
    if grids:
        types(desk, "B01", "b01_grids", grids)
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)


def a_fork(tmp_path: Path) -> tuple[VillageDesk, VillageDesk, TownshipDesk]:
    """B01 was corrected on two computers; the first one has read the receipt with the other's version."""
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(first, tmp_path / "one")])
    second = another_computer(tmp_path, town)
    replies.take_receipt(second, receipt(town, tmp_path / "r1"))
    corrected(first, "61")
    corrected(second, "62", "9")
    receiving.receive(town, [a_bundle(first, tmp_path / "two"), a_bundle(second, tmp_path / "three")])
    replies.take_receipt(first, receipt(town, tmp_path / "r2"))
    return first, second, town


def test_a_version_of_the_other_computer_is_shown_and_taken_over_and_one_signature_ends_it(tmp_path: Path) -> None:
    first, _, town = a_fork(tmp_path)
    assert first.state("B01") is ReturnState.FORK and first.home().next.act == "receipt"
    seen = receiptpage.receipt_view(first)
    (other,) = seen.others
    assert seen.state is ReturnState.FORK and other.who == "另一台电脑签的一份"
    told = {one.label: (one.here, one.there) for one in other.differs}
    assert told["户籍外出人口"] == ("61 人", "62 人") and told["网格数"][1] == "9 个"
    with pytest.raises(DeskError) as refused:  # a correction would begin from one of the two unasked
        signing.begin_correction(first, "B01")
    assert refused.value.code == "sign.other_head"
    otherversions.take_other(first, "B01", other.what, other.id)
    seen = receiptpage.receipt_view(first)
    assert (seen.others, seen.next) == ((), "check") and text(first, "B01", "b01_pop_out") == "62"
    assert first.undo() is None  # what would come back rests on another version
    practice.explain_all(first)
    assert receiptpage.receipt_view(first).next == "sign"
    assert sign_all(first) == ("B01",)
    assert receiptpage.receipt_view(first).next == "send"
    joined = first.newest("B01")
    assert joined is not None and len(joined.parents) == 2
    receiving.receive(town, [a_bundle(first, tmp_path / "four")])
    stands = town.workspace.standing(MANBANG, "B01", "2025")
    assert stands.heads == (joined.id,)


def test_standing_by_one_s_own_version_names_the_other_and_ends_the_conflict(tmp_path: Path) -> None:
    first, _, town = a_fork(tmp_path)
    with pytest.raises(DeskError) as refused:
        lineage.refuse_other_heads(first, "B01")
    assert refused.value.code == "sign.other_head"
    lineage.stand_by(first, "B01")
    assert receiptpage.receipt_view(first).others == () and text(first, "B01", "b01_pop_out") == "61"
    practice.explain_all(first)
    assert sign_all(first) == ("B01",)
    receiving.receive(town, [a_bundle(first, tmp_path / "four")])
    assert len(town.workspace.standing(MANBANG, "B01", "2025").heads) == 1


def test_a_proposal_of_the_township_is_looked_at_taken_over_and_signed(tmp_path: Path) -> None:
    first, _, town = a_fork(tmp_path)
    for line in settling.conflict(town, MANBANG, "B01").lines:
        if not line.automatic:
            settling.choose(town, MANBANG, "B01", line.key, "left" if line.left == "61" else "right")
    settling.propose(town, MANBANG, "B01")
    taken = replies.take_receipt(first, receipt(town, tmp_path / "r3"))
    (other,) = receiptpage.receipt_view(first).others
    assert taken.proposals == ("B01",) and (other.what, other.who) == ("proposal", "乡镇的建议稿")
    otherversions.take_other(first, "B01", other.what, other.id)
    assert (text(first, "B01", "b01_pop_out"), text(first, "B01", "b01_grids")) == ("61", "9")
    practice.explain_all(first)
    assert sign_all(first) == ("B01",) and receiptpage.receipt_view(first).others == ()
    receiving.receive(town, [a_bundle(first, tmp_path / "four")])
    assert len(town.workspace.standing(MANBANG, "B01", "2025").heads) == 1


def test_what_was_begun_here_and_never_signed_stays_beside_what_the_other_computer_signed(tmp_path: Path) -> None:
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(first, tmp_path / "one")])
    second = another_computer(tmp_path, town)
    types(second, "B01", "b01_pop_out", "7")
    replies.take_receipt(second, receipt(town, tmp_path / "r1"))
    assert second.state("B01") is ReturnState.FILLING and text(second, "B01", "b01_pop_out") == "7"
    assert second.state("B02") is ReturnState.RECEIVED
    (other,) = receiptpage.receipt_view(second).others
    otherversions.take_other(second, "B01", other.what, other.id)
    signed = first.newest("B01")
    assert signed is not None and second.signed_answers(signed) == second.instance("B01").answers(signed=True)
    lineage.give_up(second, "B01")
    assert second.state("B01") is ReturnState.RECEIVED


# --- files and paper -------------------------------------------------------------------------------------------------


def test_the_newest_receipt_on_a_stick_is_found_by_its_name(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed")
    stick = tmp_path / "stick"
    folder = stick / "勐混镇回执"
    folder.mkdir(parents=True)
    assert receipt_files.found_at(village, [stick, tmp_path / "pulled out"]) == ()
    for name in ("曼蚌村-2025年度-回执第2次", "曼蚌村-2025年度-回执第10次-1of2", "曼蚌村-2025年度-回执第11次-2of2"):
        (folder / f"{name}.cbsync").touch()
    (stick / "曼蚌村-2025年度-第11次.cbsync").touch()  # its own bundle
    (folder / "曼国村-2025年度-回执第12次.cbsync").touch()
    assert [one.name for one in receipt_files.found_at(village, [stick])] == [
        "曼蚌村-2025年度-回执第10次-1of2.cbsync",
        "曼蚌村-2025年度-回执第11次-2of2.cbsync",
    ]


def test_the_comments_can_be_printed_with_personal_data_covered(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    with pytest.raises(DeskError) as refused:
        receipt_slip.receipt_slip(village)
    assert refused.value.code == "receipt.none"
    phone = cell(village, "B05", "b05_p_phone", 1)
    number = text(village, "B05", "b05_p_phone", 1)
    village.close()
    village = sent_back(tmp_path / "again", "B05", [Comment(phone, "打不通，请换成现在的号码。")])
    printed = tmp_path / "slip.pdf"
    printed.write_bytes(receipt_slip.receipt_slip(village).pdf)
    page = text_of(printed)
    assert "报表退回通知" in page and "打不通" in page and "未签名" in page
    assert number not in page and f"{number[:3]}****{number[-4:]}" in page
