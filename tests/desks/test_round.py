"""The round between village and township: received, decided, answered, corrected, received again."""

from __future__ import annotations

from pathlib import Path

from cunbao.desks import checking, deciding, practice, receipts, receiving, replies, sending, signing
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
    reopened,
    sign_all,
    text,
    types,
)


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
    seen = replies.receipt_view(village)
    assert [(one.label, one.text, one.state) for one in seen.comments] == [
        ("户籍外出人口", "派出所的数是 60，请核对", "open")
    ]
    assert village.home().next.act == "receipt" and village.letters()[0].title == "2025 年度回执"

    assert replies.begin_changes(village) == ("B01",)
    before = text(village, "B01", "b01_pop_out")
    types(village, "B01", "b01_pop_out", str(int(before) - 1))
    assert replies.receipt_view(village).comments[0].state == "changed"
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
    from cunbao.desks import lineage

    replies.begin_changes(village)
    lineage.reply(village, "B01", Cell("b01_pop_out"), "与派出所核对过，就是这个数")
    assert replies.receipt_view(village).comments[0].state == "answered"
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
    assert line.label == "缺第1号" and town.workspace.standing(MANBANG, "B05", "2025").state is ReturnState.RECEIVED
    assert receiving.register_lost(town, MANBANG) == (1,)
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    assert sending.outgoing(village) == ()
    assert any("登记遗失" in words for _, words in replies.receipt_view(village).reminders)


def test_a_village_reopened_shows_the_receipt_as_before(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path)])
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    (written,) = receipts.write_receipts(town, tmp_path, [MANBANG])
    replies.take_receipt(village, written.path)
    seen = replies.receipt_view(village)
    village.close()
    again = reopened(tmp_path / "village", a_clock(2025, 12, 17, 1))
    assert replies.receipt_view(again) == seen
