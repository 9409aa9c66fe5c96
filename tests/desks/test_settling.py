"""Two computers signed one return: what merges by itself, what the officer chooses, what the village gets to sign."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cunbao.desks.township import receipts, reviewing, settling
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.review_views import ConflictLine, ConflictView, SideView
from cunbao.desks.village import lineage, otherversions, practice, replies, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import DeskError
from cunbao.exchange.notes import Proposal
from cunbao.survey.revision import read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from world.contended import (
    MANBANG,
    a_program_that_prints,
    a_reviewer,
    another_computer,
    send,
    signed_again,
    two_computers,
    with_value,
)
from world.desk import PASSWORD, a_clock, a_town_desk, a_village_desk, reopened, reopened_town, sign_all, text, types

OUT, GROUPS, GRIDS = "b01_pop_out", "b01_groups", "b01_grids"
PERIOD = "2025"


def code(act: object, *args: object) -> str:
    with pytest.raises(DeskError) as refused:
        act(*args)  # type: ignore[operator]
    return refused.value.code


def plus(desk: VillageDesk, field: str, more: int) -> str:
    return str(int(text(desk, "B01", field)) + more)


def line_at(view: ConflictView, field: str, row: str = "") -> ConflictLine:
    return next(line for line in view.lines if line.key == f"1/{field}/{row}")


def a_fork(
    tmp_path: Path, town: TownshipDesk, left: dict[str, int], right: dict[str, int]
) -> tuple[VillageDesk, VillageDesk]:
    """B01 corrected on both computers, by that much in these fields; both versions received."""
    first, second = two_computers(tmp_path, town)
    for desk, changes, name in ((first, left, "two"), (second, right, "three")):
        signed_again(desk, "B01", *((field, plus(desk, field, more), 0) for field, more in changes.items()))
        send(town, desk, tmp_path / name)
    assert town.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.FORK
    return first, second


def sides(view: ConflictView, first: VillageDesk, form: str = "B01") -> tuple[str, str]:
    """Which column is the first computer's, which the second's: with equal n the hash decides who is 甲."""
    newest = first.newest(form)
    assert newest is not None
    return ("left", "right") if view.left.revision == newest.id else ("right", "left")


def letters(view: ConflictView, first: VillageDesk, form: str = "B01") -> tuple[str, str]:
    return ("甲", "乙") if sides(view, first, form)[0] == "left" else ("乙", "甲")


def side(view: ConflictView, name: str) -> SideView:
    return view.left if name == "left" else view.right


def result(desk: TownshipDesk, proposal: str) -> dict[str, str]:
    """The values that a proposal carries."""
    said = Proposal.decode(desk.workspace.object(proposal))
    form = desk.task.forms[said.form]
    return dict(read_answers(form, desk.workspace.object(said.answers)).values)


def test_changes_at_different_cells_are_put_together_without_asking(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, second = a_fork(tmp_path, town, {GROUPS: 1}, {GRIDS: 1})
    (item,) = settling.conflicts(town)
    assert (item.name, item.form, item.title) == ("曼蚌村", "B01", "基本情况")
    assert {part[2:] for part in item.line.split("，")} == {"12-13 签名：岩温", "12-15 签名：岩温"}
    assert item.line.startswith("甲 ") and "，乙 " in item.line
    view = settling.conflict(town, MANBANG, "B01")
    assert view.base_line == "12-12 签名：岩温" and (view.to_choose, view.automatic, view.made) == (0, 2, 0)
    assert (view.left.letter, view.right.letter, view.others) == ("甲", "乙", 0)
    (mine, _), (me, _) = sides(view, first), letters(view, first)
    assert side(view, mine).line == "第 2 次，12-13 签名：岩温" and view.left.valid and view.right.valid
    assert view.left.device.startswith("电脑 ") and view.problems == () and view.proposal == ""
    groups, grids = line_at(view, GROUPS), line_at(view, GRIDS)
    assert (groups.column, groups.chosen, groups.automatic) == ("村（居）民小组数", mine, True)
    assert groups.left_changed != groups.right_changed and groups.result == f"只有{me}改了，自动取{me}"
    assert {grids.left, grids.right} == {grids.base, text(second, "B01", GRIDS)} != {grids.base}
    before = {one.id: town.workspace.object(one.header) for one in town.workspace.revisions(MANBANG, "B01", PERIOD)}
    made = settling.propose(town, MANBANG, "B01")
    values = result(town, made)
    assert (values[GROUPS], values[GRIDS]) == (text(first, "B01", GROUPS), text(second, "B01", GRIDS))
    assert values["b01_aged"] == first.instance("B01").text(Cell("b01_aged"))  # worked out, not merged
    assert town.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.FORK
    after = {one.id: town.workspace.object(one.header) for one in town.workspace.revisions(MANBANG, "B01", PERIOD)}
    assert after == before and len(after) == 3
    assert settling.conflict(town, MANBANG, "B01").proposal.endswith("随下次回执带给村里")
    assert settling.propose(town, MANBANG, "B01") == made  # the same again is no news


def test_the_village_signs_the_proposal_and_the_conflict_is_over(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    send(town, first, tmp_path / "one")
    second = another_computer(tmp_path, town)
    replies.take_receipt(second, a_receipt(town, tmp_path / "r1"))
    signed_again(first, "B01", (GROUPS, plus(first, GROUPS, 1), 0))
    signed_again(second, "B01", (GRIDS, plus(second, GRIDS, 1), 0))
    send(town, first, tmp_path / "two")
    send(town, second, tmp_path / "three")
    made = settling.propose(town, MANBANG, "B01")
    receipt = a_receipt(town, tmp_path / "r2")
    assert "已经随回执带给村里" in settling.conflict(town, MANBANG, "B01").proposal
    assert replies.take_receipt(first, receipt).proposals == ("B01",)
    otherversions.take_other(first, "B01", "proposal", made)
    practice.explain_all(first)
    sign_all(first)
    joined = first.newest("B01")
    assert joined is not None and set(joined.parents) == set(Proposal.decode(town.workspace.object(made)).heads)
    send(town, first, tmp_path / "four")
    assert town.workspace.standing(MANBANG, "B01", PERIOD).head == joined.id
    assert settling.conflicts(town) == () and settling.open_proposal(town, MANBANG, "B01") is None
    assert first.signed_answers(joined).values == result(town, made)
    assert code(settling.conflict, town, MANBANG, "B01") == "conflict.gone"
    assert reviewing.review(town, MANBANG, "B01").state is ReturnState.RECEIVED


def a_receipt(town: TownshipDesk, folder: Path) -> Path:
    folder.mkdir()
    (written,) = receipts.write_receipts(town, folder, [MANBANG])
    return written.path


def test_what_both_changed_is_chosen_by_a_person_and_the_choice_survives_closing(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, _ = a_fork(tmp_path, town, {OUT: -1, GROUPS: 1}, {OUT: -2, GROUPS: 1})
    view = settling.conflict(town, MANBANG, "B01")
    (_, theirs), (_, they) = sides(view, first), letters(view, first)
    both = line_at(view, GROUPS)
    assert both.automatic and both.result == "两边改得一样" and both.left == both.right and both.chosen == "left"
    asked = line_at(view, OUT)
    assert not (asked.automatic or asked.chosen) and asked.result == "两边都改了，请选一边" and view.to_choose == 1
    assert code(settling.propose, town, MANBANG, "B01") == "propose.open"
    assert code(settling.choose, town, MANBANG, "B01", "1/b01_kind/", "left") == "conflict.line"
    assert code(settling.choose, town, MANBANG, "B01", asked.key, "both") == "conflict.line"
    settling.choose(town, MANBANG, "B01", asked.key, theirs)
    town.close()
    town = reopened_town(tmp_path / "town", a_clock(2025, 12, 17, 1))
    view = settling.conflict(town, MANBANG, "B01")
    chosen = line_at(view, OUT)
    assert (chosen.chosen, chosen.automatic, chosen.result) == (theirs, False, f"两边都改了，你选了{they}")
    assert (view.to_choose, view.made, view.automatic) == (0, 1, len(view.lines) - 1)
    settling.choose(town, MANBANG, "B01", asked.key, "")
    assert settling.conflict(town, MANBANG, "B01").to_choose == 1
    settling.choose(town, MANBANG, "B01", asked.key, "")  # twice is no harm
    # then the whole is the second computer's anyway, whose signature can stay
    settling.choose(town, MANBANG, "B01", asked.key, theirs)
    assert code(settling.propose, town, MANBANG, "B01") == "propose.whole"


def test_one_side_whole_keeps_its_signature_and_can_be_taken_back(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    a_fork(tmp_path, town, {OUT: -1}, {OUT: -2})
    view = settling.conflict(town, MANBANG, "B01")
    settling.choose(town, MANBANG, "B01", line_at(view, OUT).key, "left")
    settling.choose_whole(town, MANBANG, "B01", view.right.revision)
    seen = reviewing.review(town, MANBANG, "B01")
    assert (seen.state, seen.revision, seen.pdf_check.ok) == (ReturnState.RECEIVED, view.right.revision, True)
    assert settling.conflicts(town) == ()
    assert town.workspace.revision(view.left.revision) is not None
    assert code(settling.choose_whole, town, MANBANG, "B01", view.left.revision) == "choose.gone"
    assert reviewing.undo(town) == (MANBANG, "B01")
    again = settling.conflict(town, MANBANG, "B01")
    assert again.left == view.left and again.to_choose == 1  # choosing begins anew


def test_a_version_whose_pages_lie_is_not_taken_whole(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, second = two_computers(tmp_path, town)
    signed_again(first, "B01", (OUT, plus(first, OUT, -1), 0))
    with a_program_that_prints(lambda sheet: _with_groups(sheet, "99")):
        signed_again(second, "B01", (OUT, plus(second, OUT, -2), 0))
    send(town, first, tmp_path / "two")
    send(town, second, tmp_path / "three")
    view = settling.conflict(town, MANBANG, "B01")
    good, bad = (side(view, name) for name in sides(view, first))
    assert good.valid and not bad.valid and "99" in bad.why_not
    assert code(settling.choose_whole, town, MANBANG, "B01", bad.revision) == "choose.pdf"
    assert town.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.FORK


def _with_groups(sheet: object, number: str) -> object:
    from dataclasses import replace

    return replace(sheet, answers=with_value(sheet.answers, b01_groups=number))  # type: ignore[attr-defined, type-var]


def test_a_person_struck_off_on_one_side_and_changed_on_the_other_is_asked_about(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, second = two_computers(tmp_path, town)
    row = first.instance("B03").rows("b03_m")[4]
    name = text(first, "B03", "b03_m_name", 5)
    signing.begin_correction(first, "B03")
    first.keep("B03", first.delete_row("B03", "b03_m", row).edits)
    practice.explain_all(first)
    signing.sign(first, signing.prepare(first, ["B03"]), PASSWORD)
    signed_again(second, "B03", ("b03_m_hours", "77", 5))
    send(town, first, tmp_path / "two")
    send(town, second, tmp_path / "three")
    view = settling.conflict(town, MANBANG, "B03")
    asked, (mine, _), (me, _) = line_at(view, "b03_m", row), sides(view, first, "B03"), letters(view, first, "B03")
    assert (asked.who, asked.column, view.to_choose) == (name, "整行", 1)
    assert (asked.left if mine == "left" else asked.right) == "删去这个人"
    assert asked.result == {"甲": "甲删去、乙修改，请选一边", "乙": "甲修改、乙删去，请选一边"}[me]
    settling.choose(town, MANBANG, "B03", asked.key, mine)
    assert line_at(settling.conflict(town, MANBANG, "B03"), "b03_m", row).result.endswith(f"，你选了{me}")


def test_what_the_check_says_of_the_result_is_told_before_it_is_proposed(tmp_path: Path) -> None:
    """Each side is right by itself; together they have more people of 65 than of 60."""
    town = a_reviewer(tmp_path, empty=True)
    first, second = two_computers(tmp_path, town)
    young, old = (text(first, "B01", name) for name in ("b01_pop_60", "b01_pop_65"))
    signed_again(first, "B01", ("b01_pop_60", old, 0))
    signed_again(second, "B01", ("b01_pop_65", young, 0))
    send(town, first, tmp_path / "two")
    send(town, second, tmp_path / "three")
    view = settling.conflict(town, MANBANG, "B01")
    assert view.to_choose == 0 and any(said.startswith("必须改正：") for said in view.problems)
    assert settling.propose(town, MANBANG, "B01")  # the village has to mend it before it can sign


def test_personal_data_is_covered_and_a_difference_under_the_cover_is_told(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, second = two_computers(tmp_path, town)
    for desk, middle, name in ((first, "1111", "two"), (second, "2222", "three")):
        phone = text(desk, "B03", "b03_m_phone", 2)
        signed_again(desk, "B03", ("b03_m_phone", f"{phone[:3]}{middle}{phone[7:]}", 2))
        send(town, desk, tmp_path / name)
    (line,) = [one for one in settling.conflict(town, MANBANG, "B03").lines if "b03_m_phone" in one.key]
    assert "****" in line.left and "1111" not in line.left and line.left.endswith("（遮住的几位不同）")
    assert "****" in line.base


# --- what they come from ---------------------------------------------------------------------------------------------


def from_last_year(tmp_path: Path, town: TownshipDesk) -> None:
    """Two computers filled this year's B01 from last year's, neither having seen the other's."""
    desk = a_village_desk(tmp_path, "ready", clock=a_clock(2025, 12, 13, 1))
    desk.close()
    shutil.copytree(tmp_path / "village", tmp_path / "second")
    for name, more, day in (("village", 1, 13), ("second", 2, 15)):
        desk = reopened(tmp_path / name, a_clock(2025, 12, day, 3))
        types(desk, "B01", GROUPS, plus(desk, GROUPS, more))
        practice.explain_all(desk)
        sign_all(desk)
        send(town, desk, tmp_path / f"{name}-stick")


def test_without_a_common_version_last_years_return_is_the_base_where_both_carried_over_from_it(
    tmp_path: Path,
) -> None:
    town = a_reviewer(tmp_path, empty=True)
    from_last_year(tmp_path, town)
    view = settling.conflict(town, MANBANG, "B01")
    assert view.base_line == "2024 年度通过的"
    assert [line.key for line in view.lines if not line.automatic] == [f"1/{GROUPS}/"]
    assert {one.form for one in settling.conflicts(town)} == {"B01"}  # the other forms are twins


def test_without_any_base_every_difference_is_chosen_by_hand(tmp_path: Path) -> None:
    town = a_town_desk(tmp_path)  # which holds nothing of last year
    from_last_year(tmp_path, town)
    view = settling.conflict(town, MANBANG, "B01")
    assert view.base_line == "没有共同的上一版"
    (line,) = view.lines
    assert not line.automatic and line.result == "没有共同的上一版，请选一边" and line.base == ""


def test_a_base_that_never_came_is_no_base(tmp_path: Path) -> None:
    """A township that lost its workspace gets only what its receipts had not acknowledged."""
    lost = a_reviewer(tmp_path / "lost", empty=True)
    first, second = two_computers(tmp_path, lost)
    receipt = a_receipt(lost, tmp_path / "receipt")
    town = a_reviewer(tmp_path, empty=True)
    for desk, more, name in ((first, 1, "two"), (second, 2, "three")):
        replies.take_receipt(desk, receipt)
        signed_again(desk, "B01", (GROUPS, plus(desk, GROUPS, more), 0))
        send(town, desk, tmp_path / name)
    assert len(town.workspace.revisions(MANBANG, "B01", PERIOD)) == 2
    view = settling.conflict(town, MANBANG, "B01")
    assert view.base_line == "共同的上一版没有收到" and view.to_choose == len(view.lines) == 1


# --- three and more --------------------------------------------------------------------------------------------------


def three_computers(tmp_path: Path, town: TownshipDesk) -> None:
    first, second = two_computers(tmp_path, town)
    second.close()
    shutil.copytree(tmp_path / "second", tmp_path / "third")
    third = reopened(tmp_path / "third", a_clock(2025, 12, 15, 5))
    second = reopened(tmp_path / "second", a_clock(2025, 12, 15, 4))
    for desk, more, name in ((first, 1, "a"), (second, 2, "b"), (third, 3, "c")):
        signed_again(desk, "B01", (GROUPS, plus(desk, GROUPS, more), 0))
        send(town, desk, tmp_path / name)


def test_three_versions_are_settled_pair_by_pair(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    three_computers(tmp_path, town)
    view = settling.conflict(town, MANBANG, "B01")
    assert (view.left.letter, view.right.letter, view.others, view.to_choose) == ("甲", "乙", 1, 1)
    settling.choose(town, MANBANG, "B01", f"1/{GROUPS}/", "right")
    view = settling.conflict(town, MANBANG, "B01")
    assert (view.left.letter, view.right.letter, view.others, view.to_choose) == ("合稿", "丙", 0, 1)
    assert not view.left.valid and view.left.revision == ""
    key = f"2/{GROUPS}/"
    assert [line.key for line in view.lines] == [key]
    settling.choose(town, MANBANG, "B01", key, "left")
    done = settling.conflict(town, MANBANG, "B01")
    assert done.to_choose == 0 and done.lines[0].result == "两边都改了，你选了合稿"
    middle = town.workspace.standing(MANBANG, "B01", PERIOD).heads[1]
    assert code(settling.propose, town, MANBANG, "B01") == "propose.whole"  # all chosen of 乙
    settling.choose_whole(town, MANBANG, "B01", middle)
    assert town.workspace.standing(MANBANG, "B01", PERIOD).head == middle


def test_choices_and_a_proposal_lapse_when_another_version_comes(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    first, _ = a_fork(tmp_path, town, {OUT: -1, GRIDS: 1}, {OUT: -2})
    theirs = sides(settling.conflict(town, MANBANG, "B01"), first)[1]
    settling.choose(town, MANBANG, "B01", f"1/{OUT}/", theirs)
    made = settling.propose(town, MANBANG, "B01")
    assert settling.open_proposal(town, MANBANG, "B01") is not None
    lineage.stand_by(first, "B01")
    signed_again_from_here(first)
    send(town, first, tmp_path / "four")
    assert town.workspace.standing(MANBANG, "B01", PERIOD).state is ReturnState.FORK
    view = settling.conflict(town, MANBANG, "B01")
    assert view.to_choose == 1 and view.proposal == ""
    assert settling.open_proposal(town, MANBANG, "B01") is None
    assert town.workspace.has_object(made)


def signed_again_from_here(desk: VillageDesk) -> None:
    types(desk, "B01", GRIDS, plus(desk, GRIDS, 1))
    practice.explain_all(desk)
    signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)


def test_a_return_with_several_versions_can_be_looked_at_but_not_accepted(tmp_path: Path) -> None:
    town = a_reviewer(tmp_path, empty=True)
    a_fork(tmp_path, town, {OUT: -1}, {OUT: -2})
    view = reviewing.review(town, MANBANG, "B01")
    assert view.state is ReturnState.FORK and not (view.may_accept or view.may_return)
    assert view.why_not_accept == "有 2 份互不相承，先到“冲突”里选一份"
    assert code(reviewing.accept, town, MANBANG, "B01") == "return.no_head"
