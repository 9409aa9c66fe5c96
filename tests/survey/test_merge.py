"""Two computers filled one return: what merges without asking, what a person has to choose, and what comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cunbao.errors import SurveyError
from cunbao.survey.merge import Taken, edges_between, left_out, merge, merge_all, nearest_base, recomputed, resolve
from cunbao.survey.pairing import identity_column
from cunbao.survey.sample import MANBANG
from cunbao.survey.values import Answers, Cell
from world.forms import an_env
from world.signed import SOURCES, a_return, edited, number, signed, the_form
from world.villages import a_village, sources, the_task

FORM = the_form()
PEOPLE = {
    "r1": {"name": "岩叫", "id": number(1), "post": "12", "pay": "2000"},
    "r2": {"name": "玉喃", "id": number(2), "post": "12"},
    "r3": {"name": "岩光", "id": number(3), "post": "12"},
    "r4": {"name": "岩坎", "id": number(4), "post": "12", "phone": "13800000000"},
}
BASE = a_return(head="岩温", area="484", hours="35", rented="0", m=PEOPLE, f={"f1": {"name": "凉亭", "area": "20"}})


def merged(left, right, base=BASE):
    return merge(FORM, () if base is None else (base,), left, right)


def result(left, right, choices=None, base=BASE):
    return signed(resolve(FORM, merged(left, right, base), choices or {}))


def line(found, field, row=""):
    return next(one for one in found.lines if one.key == Cell(field, row))


def ids(answers, roster="m"):
    return [row.id for row in answers.rows.get(roster, ())]


def test_two_computers_that_changed_different_cells_merge_without_asking():
    left, right = edited(BASE, area="532.5", m={"r1": {"post": "11"}}), edited(BASE, hours="42", m={"r1": {"pay": "9"}})
    assert merged(left, right).conflicts == ()
    assert result(left, right) == edited(BASE, area="532.5", hours="42", m={"r1": {"post": "11", "pay": "9"}})


def test_the_officer_reads_who_changed_what_and_which_is_taken():
    """The lines of the picture township-04."""
    left = edited(BASE, delete=("r4",), m={"r2": {"cert": "1"}, "r3": {"phone": "13911110000"}}, head="玉波")
    right = edited(
        BASE,
        m={
            "r1": {"post": "11"},
            "r3": {"phone": "13922220000"},
            "r4": {"pay": "800"},
            "r9": {"name": "岩香", "post": "12"},
        },
        head="玉波",
    )
    found = merged(left, right)
    assert [(one.who, one.label, one.base, one.left, one.right, one.taken, one.reason) for one in found.lines] == [
        ("", "负责人", "岩温", "玉波", "玉波", "both", "两边改得一样"),
        ("岩叫", "职务", "委员", "委员", "书记", "right", "只有乙改了，自动取乙"),
        ("玉喃", "持证", "", "是", "", "left", "只有甲改了，自动取甲"),
        ("岩光", "手机号", "", "13911110000", "13922220000", "", "两边都改了，请选一边"),
        ("岩坎", "整行", "委员", "删去这个人", "改了：月报酬 800.00", "", "甲删去、乙修改，请选一边"),
        ("岩香", "整行", "没有这个人", "没有这个人", "新增：委员", "right", "只有乙改了，自动取乙"),
    ]
    assert [(one.left_changed, one.right_changed) for one in found.lines] == [
        (True, True), (False, True), (True, False), (True, True), (True, True), (False, True)
    ]  # fmt: skip
    assert [one.key for one in found.conflicts] == [Cell("m_phone", "r3"), Cell("m", "r4")]
    assert line(found, "m_phone", "r3").mask == "phone"


def test_a_choice_is_asked_for_until_it_is_made_and_can_be_either_side():
    left, right = edited(BASE, area="500"), edited(BASE, area="600")
    with pytest.raises(SurveyError) as refused:
        result(left, right)
    assert refused.value.code == "merge.open" and "还有 1 处" in refused.value.happened
    assert result(left, right, {Cell("area"): "left"}) == left
    assert result(left, right, {Cell("area"): "right"}) == right


def test_what_was_taken_by_itself_may_be_chosen_otherwise():
    left, right = BASE, edited(BASE, area="600", m={"r9": {"name": "岩香"}}, delete=("r2",))
    choices = {Cell("area"): "left", Cell("m", "r9"): "left", Cell("m", "r2"): "left", Cell("gone"): "right"}
    assert result(left, right) == right
    assert result(left, right, choices) == BASE


def test_a_word_that_is_no_side_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        result(edited(BASE, area="500"), edited(BASE, area="600"), {Cell("area"): "both"})


@pytest.mark.parametrize(("first", "second"), [("left", "right"), ("right", "left")])
def test_a_row_that_one_side_deleted_and_the_other_left_alone_goes(first, second):
    sides = {first: edited(BASE, delete=("r4",)), second: edited(BASE, area="500")}
    assert merged(**sides).conflicts == ()
    assert result(**sides) == edited(BASE, delete=("r4",), area="500")


def test_a_row_that_both_deleted_goes_and_is_told():
    left, right = edited(BASE, delete=("r4",)), edited(BASE, delete=("r4", "r2"))
    assert line(merged(left, right), "m", "r4").taken is Taken.BOTH
    assert result(left, right) == right


def test_a_row_deleted_here_and_changed_there_needs_a_choice():
    left, right = edited(BASE, m={"r4": {"phone": "13900001234"}}), edited(BASE, delete=("r4",))
    found = merged(left, right)
    assert [one.reason for one in found.conflicts] == ["甲修改、乙删去，请选一边"]
    assert found.conflicts[0].left == "改了：手机号 139****1234"  # words about a row are covered
    assert result(left, right, {Cell("m", "r4"): "left"}) == left
    assert result(left, right, {Cell("m", "r4"): "right"}) == right


def test_rows_that_both_added_both_stay_after_those_of_the_base():
    left, right = edited(BASE, m={"x2": {"name": "玉罕"}}), edited(BASE, m={"x1": {"name": "岩香"}})
    assert ids(result(left, right)) == ["r1", "r2", "r3", "r4", "x2", "x1"]
    assert merged(left, right).paired == ()


def test_one_person_added_on_both_computers_is_one_row_and_the_pairing_is_shown():
    person = {"name": "岩香", "id": number(9), "post": "12"}
    left, right = edited(BASE, m={"x7": {**person, "pay": "800"}}), edited(BASE, m={"x3": {**person, "post": "11"}})
    found = merged(left, right)
    assert [(one.row, one.who, one.base, one.left, one.right) for one in found.paired] == [
        ("x3", "岩香", "", "x7", "x3")
    ]
    assert [(one.key, one.reason) for one in found.lines] == [
        (Cell("m", "x3"), "两边都新增，逐格对照"),
        (Cell("m_post", "x3"), "两边都改了，请选一边"),
        (Cell("m_pay", "x3"), "只有甲改了，自动取甲"),
    ]
    merged_row = result(left, right, {Cell("m_post", "x3"): "right"}).rows["m"][-1]
    assert (merged_row.id, merged_row.values["m_post"], merged_row.values["m_pay"]) == ("x3", "11", "800")


def test_a_person_typed_again_keeps_the_row_that_last_period_knows():
    left = edited(BASE, delete=("r1",), m={"a0": {**PEOPLE["r1"], "post": "11"}})
    right = edited(BASE, m={"r1": {"pay": "2100"}})
    found = merged(left, right)
    assert found.conflicts == ()
    assert [(one.row, one.base, one.left, one.right) for one in found.paired] == [("r1", "r1", "a0", "r1")]
    assert {row.id: dict(row.values) for row in result(left, right).rows["m"]}["r1"] == {
        "m_name": "岩叫", "m_id": number(1), "m_post": "11", "m_pay": "2100", "m_cert_c": "0"
    }  # fmt: skip


def test_both_mended_a_person_who_stood_twice_and_nobody_is_lost():
    twice = a_return(m={"r1": PEOPLE["r1"], "r2": PEOPLE["r1"]})
    left, right = edited(twice, delete=("r1",)), edited(twice, delete=("r2",))
    assert ids(result(left, right, base=twice)) == ["r1"]
    other = edited(twice, m={"r2": {"post": "11"}})  # the two rows of one person do not say the same
    found = merged(edited(other, delete=("r1",)), edited(other, delete=("r2",)), other)
    assert [(one.key, one.left, one.right) for one in found.conflicts] == [(Cell("m_post", "r1"), "书记", "委员")]


def test_a_person_typed_again_here_and_deleted_there_goes_unless_something_else_was_changed_too():
    deleted = edited(BASE, delete=("r1",))
    again, other = ({**PEOPLE["r1"], "post": post} for post in ("12", "11"))
    assert result(edited(BASE, delete=("r1",), m={"x1": again}), deleted) == deleted
    found = merged(edited(BASE, delete=("r1",), m={"x1": other}), deleted)
    assert [(one.key, one.reason) for one in found.conflicts] == [(Cell("m", "r1"), "甲修改、乙删去，请选一边")]


def test_a_person_whose_number_both_mended_is_one_even_if_one_typed_him_again():
    mended = {**PEOPLE["r1"], "id": number(11)}
    left, right = edited(BASE, delete=("r1",), m={"a0": mended}), edited(BASE, m={"r1": {"id": number(11), "pay": "9"}})
    found = merged(left, right)
    assert found.conflicts == () and [(one.row, one.left, one.right) for one in found.paired] == [("r1", "a0", "r1")]
    assert line(found, "m_id", "r1").taken is Taken.BOTH and line(found, "m_pay", "r1").taken is Taken.RIGHT


def test_numbers_that_were_swapped_stay_with_their_rows():
    swapped = edited(BASE, m={"r1": {"id": number(2)}, "r2": {"id": number(1)}})
    assert merged(BASE, swapped).paired == ()
    assert result(BASE, swapped) == swapped


def test_only_an_identity_number_says_who_somebody_is():
    columns = {
        repeat.name: one.name
        for form in the_task().forms.values()
        for repeat in form.repeats
        if (one := identity_column(repeat))
    }
    assert columns == {"b03_m": "b03_m_id", "b04_p": "b04_p_id"}  # not the phones of B05


def test_a_number_that_stands_twice_on_one_side_pairs_nobody():
    person = {"name": "岩香", "id": number(9)}
    left, right = edited(BASE, m={"x1": person, "x2": person}), edited(BASE, m={"x3": person})
    assert merged(left, right).paired == ()
    assert ids(result(left, right))[-3:] == ["x1", "x2", "x3"]


def test_rows_of_things_are_never_paired():
    left, right = edited(BASE, f={"x1": {"name": "球场"}}), edited(BASE, f={"x2": {"name": "球场"}})
    assert ids(result(left, right), "f") == ["f1", "x1", "x2"]


def test_what_is_not_asked_on_one_side_is_no_opinion():
    base = edited(BASE, rented="1", owner="老王")
    left, right = edited(base, rented="0"), edited(base, owner="老李")
    found = merged(left, right, base)
    assert found.conflicts == () and line(found, "owner").left == "不用填"
    raw = resolve(FORM, found)
    assert raw.values["owner"] == "老李"
    assert signed(raw) == left
    assert left_out(raw, signed(raw)) == (Cell("owner"),)  # so that a screen can say what the result drops


def test_a_roster_that_is_not_asked_deletes_nobody():
    zero = edited(BASE, zero="1")
    assert ids(zero) == []
    right = edited(BASE, m={"r1": {"post": "11"}, "x1": {"name": "岩香"}}, delete=("r3",))
    found = merged(zero, right)
    assert found.conflicts == ()
    assert ids(resolve(FORM, found)) == ["r1", "r2", "r4", "x1"]
    assert result(zero, right, {Cell("zero"): "right"}) == right
    assert result(zero, right) == edited(zero)
    assert [one.key for one in merged(zero, BASE).lines] == [Cell("zero")]


def test_without_a_base_what_only_one_side_is_asked_needs_no_choice():
    left, right = edited(BASE, zero="1", rented="0"), edited(BASE, rented="1", owner="老李")
    found = merged(left, right, None)
    assert {(one.key, one.right) for one in found.conflicts} == {(Cell("zero"), ""), (Cell("rented"), "是")}
    assert line(found, "owner").reason == "只有乙要填，自动取乙"
    assert (line(found, "m", "r1").reason, line(found, "m", "r1").left) == ("只有乙要填，自动取乙", "不用填")


def test_figures_that_follow_are_never_asked_about_and_worked_out_anew():
    left, right = edited(BASE, area="500", m={"x1": {"name": "玉罕"}}), edited(BASE, m={"x2": {"name": "岩香"}})
    found = merged(left, right)
    assert {one.key.field for one in found.lines} == {"area", "m"}
    answers, findings = recomputed(FORM, resolve(FORM, found), an_env(), SOURCES)
    assert (answers.values["per100"], answers.values["n"], answers.values["hh"]) == ("125", "6", "400")
    assert findings == ()


def test_the_findings_of_the_result_are_told():
    raw = resolve(FORM, merged(edited(BASE, area="很大"), BASE))
    _, findings = recomputed(FORM, raw, an_env(), SOURCES)
    assert [one.cells for one in findings] == [(Cell("area"),)]


def test_without_a_base_every_difference_is_chosen_by_hand():
    left = edited(BASE, area="500", delete=("r4",))
    right = edited(BASE, hours="42", m={"x1": {"name": "岩香"}})
    found = merged(left, right, None)
    assert {(one.key, one.taken, one.reason, one.has_base) for one in found.lines} == {
        (key, Taken.OPEN, "没有共同的上一版，请选一边", False)
        for key in (Cell("area"), Cell("hours"), Cell("m", "r4"), Cell("m", "x1"))
    }
    assert result(left, right, {one.key: "right" for one in found.lines}, base=None) == right


def test_of_several_bases_only_what_all_say_counts():
    other = edited(BASE, area="490", delete=("r4",))
    left, right = edited(BASE, area="490", hours="42"), edited(BASE, head="玉波")
    found = merge(FORM, (BASE, other), left, right)
    assert [(one.key, one.taken, one.reason) for one in found.lines] == [
        (Cell("head"), Taken.RIGHT, "只有乙改了，自动取乙"),
        (Cell("hours"), Taken.LEFT, "只有甲改了，自动取甲"),
        (Cell("area"), Taken.OPEN, "共同的上一版各不相同，请选一边"),
    ]
    found = merge(FORM, (BASE, other), left, edited(right, delete=("r4",)))
    assert [(one.key, one.reason) for one in found.conflicts if one.whole_row] == [
        (Cell("m", "r4"), "共同的上一版各不相同，请选一边")
    ]


def test_several_bases_may_know_one_person_by_several_ids():
    other = edited(BASE, delete=("r1",), m={"q1": PEOPLE["r1"]})
    found = merge(FORM, (BASE, other), edited(BASE, m={"r1": {"post": "11"}}), BASE)
    assert [(one.key, one.taken) for one in found.lines] == [(Cell("m_post", "r1"), Taken.LEFT)]


def test_what_stands_in_a_version_without_being_asked_counts_as_absent():
    left, right = edited(BASE, rented="0", zero="1"), edited(BASE, rented="1", owner="老李")
    drafts = Answers({**left.values, "owner": "老赵"}, BASE.rows)
    assert merged(drafts, right) == merged(left, right)


def test_an_order_that_one_side_changed_is_taken():
    turned = a_return(head="岩温", area="484", hours="35", rented="0", m=dict(reversed(PEOPLE.items())))
    moved = edited(turned, f={"f1": {"name": "凉亭", "area": "20"}})
    assert ids(result(moved, edited(BASE, area="500"))) == ["r4", "r3", "r2", "r1"]
    assert ids(result(edited(BASE, area="500", delete=("r3",)), moved)) == ["r4", "r2", "r1"]
    assert ids(result(edited(BASE, m={"x1": {"name": "岩香"}}), moved)) == ["r4", "r3", "r2", "r1", "x1"]


def test_a_row_put_in_between_stays_there():
    between = a_return(head="岩温", area="484", m={"r1": PEOPLE["r1"], "x1": {"name": "岩香"}, "r2": PEOPLE["r2"]})
    base = edited(between, delete=("x1",))
    assert ids(result(edited(base, area="1"), between, base=base)) == ["r1", "x1", "r2"]


def test_three_heads_are_settled_one_after_the_other():
    heads = [edited(BASE, area="500"), edited(BASE, area="600", hours="40"), edited(BASE, hours="42", head="玉波")]
    first = merge_all(FORM, (BASE,), heads)
    assert (first.step, first.answers, [one.key for one in first.steps[0].conflicts]) == (1, None, [Cell("area")])
    second = merge_all(FORM, (BASE,), heads, {(1, Cell("area")): "right"})
    assert (second.step, [(one.key, one.left, one.right) for one in second.steps[1].conflicts]) == (
        2,
        [(Cell("hours"), "40", "42")],
    )
    assert [one.reason for one in second.steps[1].lines] == [
        "只有丙改了，自动取丙",
        "两边都改了，请选一边",
        "只有合稿改了，自动取合稿",
    ]
    done = merge_all(FORM, (BASE,), heads, {(1, Cell("area")): "right", (2, Cell("hours")): "left"})
    assert done.step == 0 and done.answers is not None
    assert signed(done.answers) == edited(BASE, area="600", hours="40", head="玉波")


def test_a_choice_at_one_step_does_not_answer_another():
    heads = [edited(BASE, area="500"), edited(BASE, area="600"), edited(BASE, area="700")]
    found = merge_all(FORM, (BASE,), heads, {(1, Cell("area")): "left"})
    assert found.step == 2 and [(one.left, one.right) for one in found.steps[1].conflicts] == [("500.00", "700.00")]


def test_what_was_emptied_on_the_way_stays_empty_where_asking_rests_on_another_form():
    base = edited(BASE, remark="新建")  # asked because of the households of B01
    found = merge_all(FORM, (base,), [edited(base, remark=""), edited(base, area="500"), edited(base, hours="42")])
    assert found.answers is not None and "remark" not in found.answers.values


def test_a_single_head_is_its_own_result():
    found = merge_all(FORM, (), [BASE])
    assert found.steps == () and found.answers is not None and signed(found.answers) == BASE


@pytest.mark.parametrize(
    ("heads", "parents", "base"),
    [
        ("bc", {"b": "a", "c": "a"}, "a"),
        ("de", {"b": "a", "c": "a", "d": "b", "e": "c"}, "a"),
        ("de", {"b": "a", "c": "a", "d": "bc", "e": "cb"}, "bc"),  # criss-cross
        ("bd", {"c": "b", "d": "c"}, "b"),
        ("bc", {}, ""),
        ("bcd", {"b": "a", "c": "a", "d": "b"}, "a"),
        ("de", {"d": "ab", "e": "ac", "c": "b", "b": "a"}, "b"),
        ("", {"b": "a"}, ""),
    ],
)
def test_the_base_is_what_all_heads_come_from_last(heads, parents, base):
    assert nearest_base(heads, {one: tuple(some) for one, some in parents.items()}) == tuple(base)


def test_a_long_history_has_a_base_too():
    parents = {str(at): (str(at - 1),) for at in range(1, 20_000)} | {"other": ("7",)}
    assert nearest_base(("19999", "other"), parents) == ("7",)


@pytest.mark.parametrize("name", ["B01", "B02", "B03", "B04", "B05", "B06", "B07"])
def test_the_real_forms_merge_two_edits_into_one_return(name):
    """One computer changed a cell, the other took the last row out or changed another cell."""
    village = a_village(MANBANG)
    form, answers = village.task.forms[name], village.signed()[name]
    asked = sources(village.task, village.office, village.instances)

    def again(raw):
        return recomputed(form, raw, an_env(), asked, village.last.get(name))[0]

    def wrote(fields, values):
        """Another text in the first cell where any text will do."""
        first = next(one for one in fields if not one.calculated and one.list is None and values.get(one.name))
        return {**values, first.name: "77"}

    roster = next(iter(answers.rows), "")
    if roster:
        first, *others, last = answers.rows[roster]
        mine = (replace(first, values=wrote(form.repeat(roster).fields, first.values)), *others)
        left = again(replace(answers, rows={**answers.rows, roster: (*mine, last)}))
        right = again(replace(answers, rows={**answers.rows, roster: (first, *others)}))
        both = again(replace(answers, rows={**answers.rows, roster: mine}))
    else:
        left = again(replace(answers, values=wrote(form.fields, answers.values)))
        right = again(replace(answers, values=wrote(form.fields[::-1], answers.values)))
        both = again(replace(left, values=wrote(form.fields[::-1], left.values)))
    found = merge(form, (answers,), left, right)
    assert (len(found.lines), found.conflicts, found.paired) == (2, (), ())
    assert again(resolve(form, found)) == both


def test_an_edge_through_a_version_that_does_not_count_leads_to_the_nearest_that_does():
    """3 and 4 follow 2, which does not count, and 2 follows 1; 5 follows what never came."""
    parents = {"1": (), "2": ("1",), "3": ("2",), "4": ("2", "1"), "5": ("lost",)}
    found = edges_between({"1", "3", "4", "5"}, parents)
    assert found == {"1": (), "3": ("1",), "4": ("1",), "5": ("lost",)}
    assert nearest_base(("3", "4"), found) == ("1",) and nearest_base(("3", "5"), found) == ()
    assert edges_between({"a"}, {"a": ("b",), "b": ("a",)}) == {"a": ()}  # a forged loop ends
