"""Filling: nothing typed is lost, other forms follow, every step can be taken back, and the state says what is next."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks.village import checking, practice
from cunbao.errors import DeskError
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Severity
from world.desk import MANGUO, a_village_desk, cell, fill_all, reopened, sign_all, text, the_sample, types


def test_a_wrong_value_is_kept_and_marked_and_still_there_tomorrow(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    for name, wrong in (("b01_groups", "十二个"), ("b01_hh_resident", "-3"), ("b01_area_km2", "1.2.3")):
        types(desk, "B01", name, wrong)
    desk.close()
    desk = reopened(tmp_path / "village")
    for name, wrong in (("b01_groups", "十二个"), ("b01_hh_resident", "-3"), ("b01_area_km2", "1.2.3")):
        assert text(desk, "B01", name) == wrong
        assert desk.instance("B01").findings_at(cell(desk, "B01", name))
    assert desk.form_line("B01").mark == "problem"
    desk.close()


def test_full_width_digits_of_a_chinese_keyboard_are_digits(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    types(desk, "B01", "b01_groups", " １２ ")
    assert text(desk, "B01", "b01_groups") == "12"
    desk.close()


def test_what_one_form_takes_from_another_follows_at_once(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    before = text(desk, "B02", "b02_hh")
    types(desk, "B01", "b01_hh_resident", "417")
    assert text(desk, "B02", "b02_hh") == "417" != before
    assert desk.undo() is not None
    assert text(desk, "B02", "b02_hh") == before
    assert desk.redo() is not None
    assert text(desk, "B02", "b02_hh") == "417"
    desk.close()
    desk = reopened(tmp_path / "village")
    assert text(desk, "B02", "b02_hh") == "417"
    desk.close()


def test_undo_and_redo_walk_over_forms_and_restarts(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    groups, reserve = text(desk, "B01", "b01_groups"), text(desk, "B03", "b03_reserve")
    types(desk, "B01", "b01_groups", "91")
    types(desk, "B03", "b03_reserve", "17")
    desk.close()
    desk = reopened(tmp_path / "village")
    assert desk.frame().can_undo and not desk.frame().can_redo
    undone = desk.undo()
    assert undone is not None and undone[0] == "B03" and text(desk, "B03", "b03_reserve") == reserve
    desk.close()
    desk = reopened(tmp_path / "village")
    undone = desk.undo()
    assert undone is not None and undone[0] == "B01" and text(desk, "B01", "b01_groups") == groups
    assert desk.redo() is not None and text(desk, "B01", "b01_groups") == "91"
    assert desk.redo() is not None and text(desk, "B03", "b03_reserve") == "17"
    assert desk.redo() is None and not desk.frame().can_redo
    desk.close()


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_deleted_person_comes_back_whole_after_a_restart(tmp_path: Path, opened_before: bool) -> None:
    desk = a_village_desk(tmp_path, "filled")
    gone = desk.instance("B03").rows("b03_m")[1]
    before = desk.instance("B03").answers()
    desk.keep("B03", desk.delete_row("B03", "b03_m", gone).edits)
    without = desk.instance("B03").answers()
    desk.close()
    desk = reopened(tmp_path / "village")
    if opened_before:
        assert gone not in desk.instance("B03").rows("b03_m")
    assert desk.undo() is not None
    assert desk.instance("B03").answers() == before
    assert desk.redo() is not None
    assert desk.instance("B03").answers() == without
    assert desk.undo() is not None
    desk.close()
    desk = reopened(tmp_path / "village")
    assert desk.instance("B03").answers() == before
    desk.close()


def test_rows_moved_stay_where_they_were_put(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    rows = desk.instance("B03").rows("b03_m")
    desk.keep("B03", desk.move_row("B03", "b03_m", rows[0], 2).edits)
    moved = (rows[1], rows[2], rows[0], *rows[3:])
    assert desk.instance("B03").rows("b03_m") == moved
    desk.close()
    desk = reopened(tmp_path / "village")
    assert desk.instance("B03").rows("b03_m") == moved
    assert desk.undo() is not None and desk.instance("B03").rows("b03_m") == rows
    desk.close()


def test_earlier_values_are_shown_in_words_newest_first(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    for value in ("3", "4", "5"):
        types(desk, "B01", "b01_groups", value)
    for value in ("1", "0"):
        types(desk, "B01", "b01_reloc", value)
    assert [one.text for one in desk.earlier("B01", cell(desk, "B01", "b01_groups"))] == ["4", "3"]
    assert [(one.text, one.shown) for one in desk.earlier("B01", cell(desk, "B01", "b01_reloc"))] == [("1", "是")]
    desk.close()


def test_last_period_is_the_accepted_return_of_the_year_before(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    last = desk.last("B01")
    assert last is not None and last.values["b01_hh_resident"]
    assert [one.title for one in desk.letters()] == ["2024 年度回执"]
    desk.close()
    fresh = a_village_desk(tmp_path / "fresh", "new")
    assert fresh.last("B01") is None and fresh.letters() == ()  # 上年 shows —
    fresh.close()


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_return_walks_from_not_started_to_sent(tmp_path: Path) -> None:
    from cunbao.desks.village import sending
    from world.desk import PASSWORD

    desk = a_village_desk(tmp_path)
    assert desk.state("B01") is ReturnState.NOT_STARTED
    given = the_sample(desk)
    practice.fill(desk, "B01", given["B01"])
    assert desk.state("B01") is ReturnState.FILLING
    assert desk.state("B02") is ReturnState.NOT_STARTED
    types(desk, "B01", "b01_pop_60", "99999")
    checking.run(desk)
    assert desk.state("B01") is ReturnState.PROBLEM
    types(desk, "B01", "b01_pop_60", given["B01"].values["b01_pop_60"])
    assert desk.state("B01") is ReturnState.FILLING  # checked no more since it changed
    fill_all(desk)
    practice.explain_all(desk)
    assert {desk.state(form) for form in desk.task.forms} == {ReturnState.TO_SIGN}
    assert desk.home().next.act == "sign"
    sign_all(desk)
    assert {desk.state(form) for form in desk.task.forms} == {ReturnState.SIGNED}
    assert desk.home().next.act == "send" and desk.frame().locked
    (tmp_path / "stick").mkdir()
    sending.write_bundle(desk, tmp_path / "stick", PASSWORD)
    assert {desk.state(form) for form in desk.task.forms} == {ReturnState.SENT}
    assert desk.home().next.act == "wait"
    desk.close()


def test_undoing_everything_is_not_started_again(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    types(desk, "B01", "b01_groups", "3")
    types(desk, "B01", "b01_groups", "4")
    while desk.undo() is not None:
        pass
    assert desk.state("B01") is ReturnState.NOT_STARTED
    desk.close()


def test_a_change_in_a_partner_form_asks_for_another_check(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    assert desk.state("B04") is ReturnState.TO_SIGN
    types(desk, "B01", "b01_groups", "30")  # B04 is checked together with B01
    assert desk.state("B04") is ReturnState.FILLING
    assert desk.state("B05") is ReturnState.FILLING
    checking.run(desk)
    assert desk.state("B05") is ReturnState.TO_SIGN
    desk.close()


def test_a_signed_return_refuses_typing_until_the_signature_is_taken_back(tmp_path: Path) -> None:
    from cunbao.desks.village import signing

    desk = a_village_desk(tmp_path, "signed")
    before = desk.instance("B01").answers()
    row = desk.instance("B03").rows("b03_m")[0]
    for act in (
        lambda: desk.type("B01", cell(desk, "B01", "b01_groups"), "9"),
        lambda: desk.add_row("B03", "b03_m"),
        lambda: desk.delete_row("B03", "b03_m", row),
        lambda: desk.move_row("B03", "b03_m", row, 1),
    ):
        with pytest.raises(DeskError) as said:
            act()
        assert said.value.code == "return.locked" and "撤回签名" in said.value.todo
    assert desk.undo() is None and not desk.frame().can_undo
    assert desk.instance("B01").answers() == before
    signing.unsign(desk, "B01")
    types(desk, "B01", "b01_groups", "9")
    assert text(desk, "B01", "b01_groups") == "9"
    desk.close()


# --- checking and explaining -----------------------------------------------------------------------------------------


def test_the_check_names_the_cell_in_the_clerks_words(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "filled")
    types(desk, "B02", "b02_f_year", "2205", row=2)
    seen = checking.run(desk)
    card = next(one for one in seen.findings if one.finding.cells[0] == cell(desk, "B02", "b02_f_year", 2))
    assert card.path.startswith("B02 › ") and "第 2 行" in card.path and card.path.endswith("建成（取得）年份")
    assert card.finding.severity is Severity.MUST_FIX and "2205" in card.finding.message
    assert not seen.may_sign and seen.why_not.startswith("改完 1 处")
    assert desk.frame().to_fix == 1
    desk.close()


def test_findings_of_forms_not_begun_are_not_asked(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path)
    types(desk, "B01", "b01_groups", "3")
    assert {one.finding.form for one in checking.run(desk).findings} == {"B01"}
    desk.close()


@pytest.mark.parametrize(
    ("said", "holds"), [("字" * 3, False), ("字" * 4, True), ("字" * 200, True), ("字" * 201, False)]
)
def test_an_explanation_has_4_to_200_characters(tmp_path: Path, said: str, holds: bool) -> None:
    desk = a_village_desk(tmp_path, "filled", office=MANGUO)
    finding = next(one for one in checking.findings(desk) if one.severity is Severity.EXPLAIN)
    if holds:
        checking.explain(desk, finding, f"  {said}\n")
    else:
        with pytest.raises(DeskError) as refused:
            checking.explain(desk, finding, said)
        assert refused.value.code == "explanation.length" and str(len(said)) in refused.value.happened
    card = next(one for one in checking.run(desk).findings if one.finding.key == finding.key)
    assert card.explained is holds and card.explanation == (said if holds else "")
    desk.close()


def test_an_explanation_lapses_when_its_figures_change_and_holds_again_when_they_come_back(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", office=MANGUO)
    # K-018: 常住人口 fell by more than 30 % against last year
    assert "K-018" in {one.check for one in checking.explanations_that_hold(desk, "B01")}
    people = int(text(desk, "B01", "b01_pop_resident"))
    types(desk, "B01", "b01_pop_resident", str(people + 1))
    seen = checking.run(desk)
    card = next(one for one in seen.findings if one.finding.check == "K-018")
    assert not card.explained and card.explanation  # the old words are still there to start from
    assert desk.state("B01") is ReturnState.FILLING and not seen.may_sign
    types(desk, "B01", "b01_pop_resident", str(people))
    assert checking.run(desk).may_sign
    desk.close()


def test_an_explanation_survives_the_next_start(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", office=MANGUO)
    held = checking.explanations_that_hold(desk, "B01")
    desk.close()
    desk = reopened(tmp_path / "village")
    assert checking.explanations_that_hold(desk, "B01") == held != ()
    assert desk.state("B01") is ReturnState.TO_SIGN
    desk.close()
