"""The officer reviews: what he sees of a return before he says 通过 or 退回, and what can never be accepted unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cunbao.desks import evidence, receiving
from cunbao.desks.county import answers as county_answers
from cunbao.desks.township import (
    certified,
    comparing,
    deciding,
    officers,
    proofing,
    proxying,
    rechecking,
    registry,
    reviewing,
)
from cunbao.desks.township import desk as township
from cunbao.desks.township.review_views import ReviewLine, ReviewView
from cunbao.desks.views import ProxyBasis
from cunbao.desks.village import practice, sending, signing
from cunbao.errors import Cancelled, DeskError
from cunbao.progress import Cancel, Progress
from cunbao.survey.people import mask
from cunbao.survey.sample import sample_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell, Severity
from world.contended import (
    MANBANG,
    MANGUO,
    MANSAI,
    a_program_that_prints,
    a_program_that_signs,
    a_reviewer,
    send,
    signed_again,
    with_row_value,
    with_value,
)
from world.desk import (
    OFFICER,
    PASSWORD,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    bundle_file,
    reopened_town,
    sign_all,
    types,
)

OUT = Cell("b01_pop_out")
GROUPS = Cell("b01_groups")
REASON = "上年报表已经说明过"


def line_at(view: ReviewView, cell: Cell) -> ReviewLine:
    return next(line for line in view.all_lines if line.cell == cell)


def code(act: object, *args: object, **more: object) -> str:
    with pytest.raises(DeskError) as refused:
        act(*args, **more)  # type: ignore[operator]
    return refused.value.code


def explained(view: ReviewView) -> tuple[str, str]:
    """Check and key of the one 需要说明 finding of 曼国村's B01: its population grew."""
    note = next(note for line in view.checked for note in line.notes if note.severity is Severity.EXPLAIN)
    return note.check, note.key


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_every_cell_is_read_against_what_was_accepted_last_year(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    view = reviewing.review(desk, MANBANG, "B01")
    assert (view.name, view.title, view.state, view.version) == ("曼蚌村", "基本情况", ReturnState.RECEIVED, 1)
    assert view.against.words == "上次通过的 2024 年度" and view.came == "第 1 次，12-16 08:31 收到"
    assert [one.id for one in view.comparisons][1:] == ["none"]
    assert len(view.changes) + view.unchanged == len(view.all_lines)
    homes = line_at(view, Cell("b01_hh_resident"))
    assert homes in view.changes and homes.unit == "户"
    assert homes.change == f"{int(homes.now) - int(homes.before):+d}"
    assert line_at(view, Cell("b01_area_km2")).change == ""
    people = reviewing.review(desk, MANBANG, "B03")
    number = next(line for line in people.all_lines if line.cell.field == "b03_m_id")
    assert number.masked and number.now == mask("id", number.now_full) != number.now_full
    assert people.covered[number.now_full] == number.now
    assert people.marks == () and people.history == () and people.decided == ""


def test_the_queue_follows_the_board_and_a_decision_leads_to_the_next_return(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    waiting = reviewing.queue(desk)
    assert [place[0] for place in waiting] == [MANGUO] * 5 + [MANBANG] * 5 + [MANSAI] * 5
    assert [place[1] for place in waiting[:5]] == ["B01", "B02", "B03", "B04", "B05"]
    view = reviewing.review(desk, MANBANG, "B02")
    assert (view.previous, view.following, view.waiting) == ((MANBANG, "B01"), (MANBANG, "B03"), 15)
    reviewing.accept(desk, MANBANG, "B02")
    view = reviewing.review(desk, MANBANG, "B02")
    assert view.state is ReturnState.ACCEPTED and view.waiting == 14
    assert (view.previous, view.following) == ((MANBANG, "B01"), (MANBANG, "B03"))
    assert view.decided.endswith("通过，审核员 玉罕") and view.may_withdraw and not view.may_accept
    assert reviewing.review(desk, MANGUO, "B01").previous is None
    assert reviewing.review(desk, MANSAI, "B05").following is None


def test_the_checks_are_run_again_here_and_the_villages_words_stand_beside_them(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    (line,) = reviewing.review(desk, MANGUO, "B01").checked
    (note,) = line.notes
    assert line.label == "常住人口" and (note.check, note.severity) == ("K-018", Severity.EXPLAIN)
    assert note.explanation == "样例数据，仅供演示" and not (note.waived or note.cross)
    assert reviewing.review(desk, MANBANG, "B01").checked == ()


def test_a_township_without_last_years_returns_shows_the_words_all_the_same(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANGUO)])
    view = reviewing.review(desk, MANGUO, "B01")
    (note,) = [note for line in view.checked for note in line.notes]
    assert (note.severity, note.explanation) == (Severity.HINT, "样例数据，仅供演示")
    assert note.message.endswith("本机没有上期报表，没能重查")
    assert view.against.id == "none" and {line.change for line in view.changes} == {"新增"}
    assert view.pdf_check.ok


def test_what_to_compare_with_is_remembered(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    view = reviewing.review(desk, MANBANG, "B01", against="none")
    assert view.against.id == "none" and view.unchanged == 0
    assert reviewing.review(desk, MANSAI, "B04").against.id == "none"
    desk.close()
    again = reopened_town(tmp_path / "town", a_clock(2025, 12, 17, 1))
    assert reviewing.review(again, MANSAI, "B04").against.id == "none"
    last = reviewing.review(again, MANSAI, "B04").comparisons[0]
    assert reviewing.review(again, MANSAI, "B04", against=last.id).against.words == "上次通过的 2024 年度"
    assert code(reviewing.review, again, MANSAI, "B04", against="f0" * 32) == "review.against"


def test_what_has_not_come_cannot_be_reviewed(tmp_path: Path) -> None:
    assert code(reviewing.review, a_town_desk(tmp_path), MANBANG, "B01") == "return.no_head"


# --- the signed pages ------------------------------------------------------------------------------------------------


def test_signature_data_and_pages_agree_before_anything_is_accepted(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    view = reviewing.review(desk, MANBANG, "B02")
    assert view.pdf_check.ok and view.pdf.startswith(b"%PDF") and view.may_accept
    assert view.pdf_check.line == "签名有效：岩温，2025-12-12（本机时间）"
    assert view.pdf_check.detail == "证书由勐混镇签发，报表和数据逐格一致"


@pytest.mark.parametrize("last_year_held", [True, False])
def test_pages_that_say_something_else_than_the_data_are_refused_though_the_signature_holds(
    tmp_path: Path, last_year_held: bool
) -> None:
    """A changed program signs the true figures and prints others. Without last year's return the township cannot draw
    the whole page again; the answers are compared all the same."""
    village = a_village_desk(tmp_path, "ready")
    lie = "9876.54"
    with a_program_that_prints(
        lambda sheet: (
            sheet
            if sheet.form.id != "B02"
            else replace(sheet, answers=with_row_value(sheet.answers, "b02_f", 1, b02_f_area=lie))
        )
    ):
        sign_all(village)
    true = village.instance("B02").text(Cell("b02_f_area", village.instance("B02").rows("b02_f")[0]))
    desk = a_reviewer(tmp_path, empty=True) if last_year_held else a_town_desk(tmp_path)
    send(desk, village, tmp_path / "stick")
    view = reviewing.review(desk, MANBANG, "B02")
    assert view.state is ReturnState.RECEIVED and view.pdf_check.ok is False
    assert f"“{true}" in view.pdf_check.line
    assert (f"印的是“{lie}”" in view.pdf_check.line) == last_year_held
    assert not view.may_accept and view.why_not_accept == view.pdf_check.line
    assert code(reviewing.accept, desk, MANBANG, "B02") == "accept.pdf"
    assert (MANBANG, "B02") not in reviewing.accept_clean(desk).accepted
    assert reviewing.review(desk, MANBANG, "B01").pdf_check.ok


def test_pages_that_another_version_drew_are_good_when_every_figure_stands_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last month's program printed a word otherwise. Under its own number it is not held against today's words; under
    today's number it would be a page that says what the data do not."""
    village = a_village_desk(tmp_path, "ready")
    with (
        monkeypatch.context() as earlier,
        a_program_that_prints(lambda sheet: replace(sheet, ret=replace(sheet.ret, filler="填表人岩温"))),
    ):
        earlier.setattr(signing, "TOOL", "cunbao 0.0.9, pages 0")
        sign_all(village)
    desk = a_reviewer(tmp_path, empty=True)
    send(desk, village, tmp_path / "stick")
    view = reviewing.review(desk, MANBANG, "B02")
    assert view.pdf_check.ok and view.may_accept
    assert view.pdf_check.line.startswith("签名有效：")
    assert view.pdf_check.detail.endswith("数据逐格都在报表上；报表由另一版程序画成，不能逐字重画")


def test_a_page_of_another_return_or_without_data_is_no_page_of_this_one(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    mine, other = (
        proofing.opened(desk, deciding.head_of(desk, office, form))
        for office, form in ((MANBANG, "B01"), (MANSAI, "B01"))
    )
    swapped = replace(mine, stored=replace(mine.stored, pdf=other.stored.pdf))
    assert "不是同一份" in proofing.proof(desk, swapped)[1].line
    damaged = bytearray(desk.workspace.object(mine.stored.pdf))
    damaged[2000] ^= 1
    name = desk.workspace.add_object("pdf", bytes(damaged))
    assert proofing.proof(desk, replace(mine, stored=replace(mine.stored, pdf=name)))[1].ok is False
    none = replace(mine, stored=replace(mine.stored, pdf=""))
    assert proofing.proof(desk, none) == (b"", proofing.NO_PDF)
    desk.workspace.add_signature(mine.id, mine.stored.cms, other.stored.pdf)  # a wrong one beside the right one
    assert reviewing.review(desk, MANBANG, "B01").pdf_check.ok


def test_what_was_found_of_the_pages_is_kept_until_the_trust_in_the_signer_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = a_reviewer(tmp_path)
    seen = reviewing.review(desk, MANBANG, "B01")

    def never(pdf: bytes) -> tuple[str, ...]:
        raise AssertionError("read again")

    monkeypatch.setattr(proofing, "page_texts", never)
    assert reviewing.review(desk, MANBANG, "B01") == seen
    monkeypatch.undo()
    key = next(one.key for one in registry.enrol_view(desk).certificates if one.office == MANBANG)
    nothing = certified.revoke_choices(desk, key)[-1]
    certified.revoke(desk, key, nothing, "电脑被偷", PASSWORD)
    view = reviewing.review(desk, MANBANG, "B01")
    assert view.state is ReturnState.MISSING and view.pdf_check.ok is False and not view.may_accept


def test_totals_that_do_not_follow_from_the_answers_are_found(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "ready")
    with a_program_that_signs(
        lambda answers: with_value(answers, b02_area_total="5000.00") if "b02_area_total" in answers.values else answers
    ):
        sign_all(village)
    desk = a_reviewer(tmp_path, empty=True)
    send(desk, village, tmp_path / "stick")
    view = reviewing.review(desk, MANBANG, "B02")
    assert view.pdf_check.ok  # the page says what was signed
    (note,) = line_at(view, Cell("b02_area_total")).notes
    assert note.severity is Severity.MUST_FIX and "签的是5000" in note.message
    assert (MANBANG, "B02") not in reviewing.accept_clean(desk).accepted


# --- over several villages -------------------------------------------------------------------------------------------


def test_a_facility_counted_twice_and_a_person_in_two_villages_are_shown_at_both(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    village = a_village_desk(tmp_path, "ready")
    at = 1 + [row.values["b02_f_name"] for row in village.instance("B02").answers().rows["b02_f"]].index(
        "南糯山帕沙联合活动中心"
    )
    types(village, "B02", "b02_f_share_pct", "70", row=at)
    other = reviewing.review(desk, MANGUO, "B03")
    number = next(line.now_full for line in other.all_lines if line.cell.field == "b03_m_id")
    types(village, "B03", "b03_m_id", number, row=3)
    practice.explain_all(village)
    sign_all(village)
    empty = a_reviewer(tmp_path / "another", empty=True)
    receiving.receive(empty, [bundle_file(tmp_path / "b", office) for office in (MANGUO, MANSAI)])
    assert reviewing.review(empty, MANSAI, "B02").checked == ()
    send(empty, village, tmp_path / "stick")
    for office, form, words in (
        (MANBANG, "B02", "合计110.0%"), (MANSAI, "B02", "合计110.0%"),
        (MANBANG, "B03", "也登记在曼国村"), (MANGUO, "B03", "也登记在曼蚌村"),
    ):  # fmt: skip
        notes = [note for line in reviewing.review(empty, office, form).checked for note in line.notes if note.cross]
        assert len(notes) == 1 and words in notes[0].message and number not in notes[0].message
    done = reviewing.accept_clean(empty)
    assert not {(MANBANG, "B02"), (MANSAI, "B02"), (MANBANG, "B03"), (MANGUO, "B03")} & set(done.accepted)
    assert done.left == 4


def test_villages_are_compared_again_only_when_something_new_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = a_reviewer(tmp_path)
    assert rechecking.crossing(desk) == ()
    asked: list[object] = []
    monkeypatch.setattr(rechecking, "crosscheck", lambda *args: asked.append(args) or ())
    reviewing.accept(desk, MANBANG, "B02")
    rechecking.crossing(desk)
    assert asked == []
    village = a_village_desk(tmp_path, "signed")
    signed_again(village, "B03", ("b03_reserve", "9", 0))
    send(desk, village, tmp_path / "stick")
    rechecking.crossing(desk)
    assert len(asked) == 1


# --- comments and decisions ------------------------------------------------------------------------------------------


def test_comments_are_kept_as_they_are_typed_and_go_with_the_return(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    reviewing.comment(desk, MANBANG, "B01", OUT, "派出所的数")
    reviewing.comment(desk, MANBANG, "B01", OUT, "派出所的数是 60，\n请核对 ")
    reviewing.comment(desk, MANBANG, "B01", GROUPS, "几个组？")
    reviewing.comment(desk, MANBANG, "B01", GROUPS, "  ")
    desk.close()
    desk = reopened_town(tmp_path / "town", a_clock(2025, 12, 16, 2))
    view = reviewing.review(desk, MANBANG, "B01")
    assert view.comments == 1 and view.may_return and line_at(view, OUT).comment == "派出所的数是 60，\n请核对"
    assert code(reviewing.accept, desk, MANBANG, "B01") == "accept.comments"
    assert reviewing.review(desk, MANSAI, "B01").comments == 0
    reviewing.send_back(desk, MANBANG, "B01")
    view = reviewing.review(desk, MANBANG, "B01")
    assert view.state is ReturnState.RETURNED and view.comments == 0
    assert line_at(view, OUT).last_comment == "派出所的数是 60， 请核对"
    (said,) = view.history
    assert "退回，审核员 玉罕（第 1 版）" in said and said.endswith("户籍外出人口：派出所的数是 60， 请核对")
    assert view.why_not_return.startswith("已经退回")


def test_a_return_is_not_sent_back_without_a_word_or_with_one_that_cannot_be_printed(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    assert code(reviewing.send_back, desk, MANBANG, "B01") == "return.no_comment"
    assert reviewing.review(desk, MANBANG, "B01").why_not_return
    reviewing.comment(desk, MANBANG, "B01", OUT, "长" * 201)
    assert code(reviewing.send_back, desk, MANBANG, "B01") == "comment.length"
    reviewing.comment(desk, MANBANG, "B01", OUT, "请核对\U0001f600")
    assert code(reviewing.send_back, desk, MANBANG, "B01") == "comment.character"
    assert code(reviewing.comment, desk, MANBANG, "B01", Cell("b09_nothing"), "请核对") == "comment.cell"
    assert reviewing.review(desk, MANBANG, "B01").state is ReturnState.RECEIVED
    reviewing.comment(desk, MANBANG, "B03", Cell("b03_m"), "名册少一人，请核对")
    reviewing.send_back(desk, MANBANG, "B03")
    assert line_at(reviewing.review(desk, MANBANG, "B03"), Cell("b03_m")).last_comment == "名册少一人，请核对"


def test_the_next_version_shows_what_was_asked_and_what_was_changed_besides(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path, empty=True)
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 13, 1))
    send(desk, village, tmp_path / "one")
    before = reviewing.review(desk, MANBANG, "B01")
    reviewing.comment(desk, MANBANG, "B01", OUT, "请核对")
    reviewing.send_back(desk, MANBANG, "B01")
    out, groups = (line_at(before, cell).now for cell in (OUT, GROUPS))
    signed_again(
        village, "B01", ("b01_pop_out", str(int(out) - 1), 0), ("b01_groups", str(int(groups) + 1), 0), forms=("B02",)
    )
    village.clock.goes_to(2025, 12, 16, 15)  # type: ignore[attr-defined]
    send(desk, village, tmp_path / "two")
    view = reviewing.review(desk, MANBANG, "B01")
    assert (view.state, view.version, view.came) == (ReturnState.RECEIVED, 2, "第 2 次，12-16 08:31 收到")
    assert line_at(view, OUT).last_comment == "请核对" and not line_at(view, OUT).outside
    outside = {line.cell for line in view.all_lines if line.outside}
    assert outside == {GROUPS}
    assert [one.words for one in view.comparisons] == [
        "上次通过的 2024 年度", "退回的第 1 版，12-12 签名", "不对比"
    ]  # fmt: skip
    against = reviewing.review(desk, MANBANG, "B01", against=view.comparisons[1].id)
    assert {line.cell for line in against.changes if not line.calculated} == {OUT, GROUPS}
    assert line_at(against, OUT).change == "-1"
    assert (MANBANG, "B01") not in reviewing.accept_clean(desk).accepted  # somebody has to look at the other change
    reviewing.accept(desk, MANBANG, "B01")
    assert reviewing.review(desk, MANBANG, "B01").state is ReturnState.ACCEPTED


def test_a_correction_after_acceptance_is_laid_beside_what_was_accepted(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path, empty=True)
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 13, 1))
    send(desk, village, tmp_path / "one")
    reviewing.accept(desk, MANBANG, "B03")
    signed_again(village, "B03", ("b03_reserve", "9", 0))
    send(desk, village, tmp_path / "two")
    view = reviewing.review(desk, MANBANG, "B03")
    assert view.marks == ("更正",) and view.against.words == "上次通过的第 1 版"
    assert [line.cell for line in view.changes] == [Cell("b03_reserve")]
    assert view.may_accept and not view.may_withdraw
    assert code(reviewing.withdraw, desk, MANBANG, "B03", "弄错了") == "withdraw.nothing"
    assert reviewing.accept_clean(desk).accepted[-1] == (MANBANG, "B05")
    counted = desk.workspace.counted(MANBANG, "B03", "2025")
    assert counted is not None and counted.version == 2
    reviewing.withdraw(desk, MANBANG, "B03", "弄错了")
    counted = desk.workspace.counted(MANBANG, "B03", "2025")
    assert counted is not None and counted.version == 1  # what was accepted before counts again


def test_a_return_whose_source_was_replaced_is_checked_against_both_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B05 was filled for so many hamlets; B01 says another number since, and came without B05."""
    desk = a_reviewer(tmp_path, empty=True)
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 13, 1))
    send(desk, village, tmp_path / "one")
    assert reviewing.review(desk, MANBANG, "B05").checked == ()
    hamlets = village.instance("B01").text(Cell("b01_natural_villages"))
    signed_again(village, "B01", ("b01_natural_villages", str(int(hamlets) + 1), 0))
    monkeypatch.setattr(sending, "why_not_sendable", lambda *asked: "")  # as when two computers each send one
    send(desk, village, tmp_path / "two")
    view = reviewing.review(desk, MANBANG, "B05")
    assert view.marks == ("依据已变",)
    (note,) = [note for line in view.checked for note in line.notes]
    assert note.check == "K-084" and note.message.endswith("（按现在的依据，签名后变了）")
    accepted = reviewing.accept_clean(desk).accepted
    assert (MANBANG, "B04") in accepted and (MANBANG, "B05") not in accepted


def test_one_finding_is_waived_with_a_reason_for_this_version_only(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    _, key = explained(reviewing.review(desk, MANGUO, "B01"))
    assert code(reviewing.waive, desk, MANGUO, "B01", key, "") == "reason.length"
    assert code(reviewing.waive, desk, MANGUO, "B01", "K-001", REASON) == "waive.none"
    reviewing.waive(desk, MANGUO, "B01", key, REASON)
    (line,) = reviewing.review(desk, MANGUO, "B01").checked
    assert line.notes[0].waived
    assert code(reviewing.waive, desk, MANGUO, "B01", key, REASON) == "waive.already"
    assert f"免说明，审核员 玉罕（第 1 版）；{REASON}" in reviewing.review(desk, MANGUO, "B01").history[0]
    assert reviewing.undo(desk) == (MANGUO, "B01")
    assert not reviewing.review(desk, MANGUO, "B01").checked[0].notes[0].waived


def test_what_must_be_fixed_cannot_be_waived(tmp_path: Path) -> None:
    village = a_village_desk(tmp_path, "ready")
    with a_program_that_signs(
        lambda answers: with_value(answers, b02_area_total="5000.00") if "b02_area_total" in answers.values else answers
    ):
        sign_all(village)
    desk = a_reviewer(tmp_path, empty=True)
    send(desk, village, tmp_path / "stick")
    (note,) = line_at(reviewing.review(desk, MANBANG, "B02"), Cell("b02_area_total")).notes
    assert code(reviewing.waive, desk, MANBANG, "B02", note.key, REASON) == "waive.must_fix"


def test_the_sealed_paper_and_its_scan_are_seen_with_the_return(tmp_path: Path) -> None:
    from PIL import Image

    desk = a_reviewer(tmp_path, empty=True)
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 13, 1))
    Image.new("L", (60, 80), 200).save(tmp_path / "盖章.png")
    scan = evidence.attach(village, "B01", tmp_path / "盖章.png")
    send(desk, village, tmp_path / "stick")
    view = reviewing.review(desk, MANBANG, "B01")
    assert view.attachments == ((scan.content, "盖章.png"),) and view.paper_received == ""
    reviewing.mark_paper(desk, MANBANG, "B01")
    assert reviewing.review(desk, MANBANG, "B01").paper_received == "纸质已收 12-16 玉罕"
    assert code(reviewing.mark_paper, desk, MANBANG, "B01") == "paper.already"
    assert reviewing.review(desk, MANBANG, "B01").state is ReturnState.RECEIVED


def test_the_last_decision_is_undone_one_after_another_and_comments_come_back(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    assert reviewing.undo(desk) is None
    reviewing.accept(desk, MANBANG, "B02")
    reviewing.comment(desk, MANBANG, "B01", OUT, "请核对")
    reviewing.send_back(desk, MANBANG, "B01")
    assert desk.undo() == (MANBANG, "B01")
    view = reviewing.review(desk, MANBANG, "B01")
    assert view.state is ReturnState.RECEIVED and line_at(view, OUT).comment == "请核对"
    assert any("已撤回" in said for said in view.history) and "撤回" in view.history[0]
    assert desk.undo() == (MANBANG, "B02") and desk.undo() is None
    assert reviewing.review(desk, MANBANG, "B02").state is ReturnState.RECEIVED


def test_who_only_looks_decides_nothing(tmp_path: Path) -> None:
    a_reviewer(tmp_path).close()
    desk = township.unlock_township(
        tmp_path / "town", OFFICER, PASSWORD, clock=a_clock(2025, 12, 17, 1), read_only=True
    )
    view = reviewing.review(desk, MANBANG, "B01", against="none")
    assert view.pdf_check.ok and not (view.may_accept or view.may_return or view.may_withdraw)
    assert view.why_not_accept.startswith("现在只能看")
    assert code(reviewing.accept_clean, desk) == "township.no_key"


# --- all that is clean -----------------------------------------------------------------------------------------------


def test_all_clean_returns_are_accepted_at_once_and_only_those(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    reviewing.comment(desk, MANBANG, "B01", OUT, "请核对")
    steps: list[Progress] = []
    done = reviewing.accept_clean(desk, progress=steps.append)
    assert len(done.accepted) == 14 and done.left == 1 and (MANBANG, "B01") not in done.accepted
    assert (MANGUO, "B01") in done.accepted  # its one finding is explained
    assert steps[0].step == "曼国村 B01" and steps[-1].done == steps[-1].total == 15
    assert reviewing.review(desk, MANBANG, "B01").comments == 1
    assert desk.workspace.standing(MANSAI, "B05", "2025").state is ReturnState.ACCEPTED


def test_stopping_keeps_what_was_accepted_so_far(tmp_path: Path) -> None:
    desk, cancel = a_reviewer(tmp_path), Cancel()

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            cancel.ask()

    with pytest.raises(Cancelled):
        reviewing.accept_clean(desk, progress=stop, cancel=cancel)
    assert len(reviewing.queue(desk)) == 11


def test_a_finding_without_words_waits_for_somebody(tmp_path: Path) -> None:
    """A village whose program asked for no 说明 (a former check table) is not accepted unread; a waiver settles it."""
    desk = a_reviewer(tmp_path)
    head = deciding.head_of(desk, MANGUO, "B01")
    one = proofing.opened(desk, head)
    silent = replace(one, header=replace(one.header, explanations=()))
    (still,) = rechecking.open_notes(rechecking.notes(desk, silent))
    assert still.note.check == "K-018" and still.note.explanation == ""
    reviewing.waive(desk, MANGUO, "B01", still.note.key, REASON)
    assert rechecking.open_notes(rechecking.notes(desk, silent)) == ()


def test_words_written_for_other_figures_no_longer_count(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    one = proofing.opened(desk, deciding.head_of(desk, MANGUO, "B01"))
    stale = replace(
        one,
        header=replace(
            one.header, explanations=tuple(replace(said, compared="0" * 64) for said in one.header.explanations)
        ),
    )
    (still,) = rechecking.open_notes(rechecking.notes(desk, stale))
    assert "是按原来的数写的" in still.note.message


YANLA, HIS = "岩拉", "岩拉的密码12"


def test_whoever_filled_it_for_a_village_does_not_review_it_and_a_colleague_sees_its_pages_proved(
    tmp_path: Path,
) -> None:
    desk = a_town_desk(tmp_path)
    officers.add_officer(desk, YANLA, HIS, PASSWORD)
    basis = ProxyBasis("村里没有电脑", "盖章纸质表 2 张", "2025-12-15", "岩甩送来", filler="", reviewer=YANLA)
    village = proxying.begin(desk, MANSAI, basis)
    for form, answers in sample_answers(desk.task, MANSAI, "2025").items():
        practice.fill(village, form, answers)
    practice.explain_all(village)
    proxying.sign(desk, signing.prepare(village), PASSWORD)
    view = reviewing.review(desk, MANSAI, "B02")
    assert view.marks == ("代报",) and view.came == "12-16 镇里代填、签名"
    assert view.pdf_check.ok and view.pdf_check.detail == "本镇签，是代报，报表和数据逐格一致"
    assert not view.may_accept and "代填的人不能审核自己代填的表" in view.why_not_accept
    assert not any(note.check == "代报" for line in view.checked for note in line.notes)
    assert reviewing.accept_clean(desk).accepted == ()
    desk.close()
    other = township.unlock_township(tmp_path / "town", YANLA, HIS, clock=a_clock(2025, 12, 17, 1))
    assert reviewing.review(other, MANSAI, "B02").may_accept
    reviewing.accept(other, MANSAI, "B02")
    assert reviewing.review(other, MANSAI, "B02").decided.endswith("通过，审核员 岩拉")


def test_a_return_that_comes_after_closing_is_reviewed_as_a_late_one(tmp_path: Path) -> None:
    desk, county = a_reviewer(tmp_path), a_county_desk(tmp_path)
    county_answers.close_period(county, "年报结束")
    receiving.receive(desk, [county_answers.write_answer(county, desk.office.code, tmp_path)])
    view = reviewing.review(desk, MANBANG, "B04")
    assert view.marks == ("补报",) and view.may_accept
    reviewing.accept(desk, MANBANG, "B04")
    assert desk.workspace.counted(MANBANG, "B04", "2025") is not None


def test_the_default_comparison_needs_no_wish(tmp_path: Path) -> None:
    desk = a_reviewer(tmp_path)
    one = proofing.opened(desk, deciding.head_of(desk, MANBANG, "B01"))
    stands = desk.workspace.standing(MANBANG, "B01", "2025")
    found = comparing.versions(desk, one, stands, ())
    assert [version.kind for version in found] == ["last", "none"]
    assert comparing.choose(desk, found, "").kind == "last"
