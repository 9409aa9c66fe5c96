"""Where a return stands: every rule of the order without clocks, and that the order of arrival never matters."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cunbao.survey.decision import MOST_N, Act, Comment, Decision, next_n
from cunbao.survey.standing import (
    FORKED,
    LATE_RETURN,
    TWO_DECISIONS,
    Held,
    Level,
    Ruling,
    Standing,
    Trusted,
    standing,
)
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell

NOW = datetime(2025, 12, 16, 1, tzinfo=UTC)
OFFICES = {Level.VILLAGE: "532822103203", Level.TOWNSHIP: "532822103000", Level.COUNTY: "532822000000"}


def a_revision(name: str, *parents: str, n: int = 1, answers: str = "", **more: object) -> Held:
    return replace(
        Held(name, n, parents, "normal", "1", answers or name, "岩温", Trusted.YES),
        **more,  # type: ignore[arg-type]
    )


def a_ruling(
    act: Act,
    revision: str,
    n: int,
    *seen: Ruling,
    level: Level = Level.TOWNSHIP,
    names: tuple[str, ...] = (),
    person: str = "玉罕",
    comments: tuple[Comment, ...] = (),
) -> Ruling:
    about = (("check", "K-034"), ("key", "K-034")) if act is Act.WAIVE else ()
    made = Decision(
        *(act, revision, OFFICES[level], n, tuple(one.id for one in seen), person, NOW),
        comments=comments,
        names=names,
        about=about,
    )
    return Ruling(made.id, made, level)


def accept(revision: str, n: int, *seen: Ruling, level: Level = Level.TOWNSHIP) -> Ruling:
    return a_ruling(Act.ACCEPT, revision, n, *seen, level=level)


def send_back(revision: str, n: int, *seen: Ruling, level: Level = Level.TOWNSHIP) -> Ruling:
    return a_ruling(Act.RETURN, revision, n, *seen, level=level)


def withdraw(target: Ruling, n: int, level: Level = Level.TOWNSHIP) -> Ruling:
    return a_ruling(Act.WITHDRAW, target.decision.revision, n, target, level=level, names=(target.id,))


def told(found: Standing) -> tuple[ReturnState, str, str]:
    return found.state, found.head, found.counted


def test_nothing_that_came_is_missing() -> None:
    assert standing([], []).state is ReturnState.MISSING


def test_what_came_waits_for_review_until_it_is_decided() -> None:
    one = a_revision("a")
    assert told(standing([one], [])) == (ReturnState.RECEIVED, "a", "")
    assert told(standing([one], [accept("a", 2)])) == (ReturnState.ACCEPTED, "a", "a")
    assert told(standing([one], [send_back("a", 2)])) == (ReturnState.RETURNED, "a", "")


def test_what_was_accepted_counts_until_its_correction_is() -> None:
    first, second = a_revision("a"), a_revision("b", "a", n=3)
    yes = accept("a", 2)
    assert told(standing([first, second], [yes])) == (ReturnState.RECEIVED, "b", "a")
    later = accept("b", 4, yes)
    assert told(standing([first, second], [yes, later])) == (ReturnState.ACCEPTED, "b", "b")
    back = withdraw(later, 5)
    assert told(standing([first, second], [yes, later, back])) == (ReturnState.RECEIVED, "b", "a")
    assert told(standing([first, second], [yes, later, back, withdraw(back, 6)])) == (ReturnState.ACCEPTED, "b", "b")


def test_a_later_decision_that_saw_the_earlier_one_takes_its_place() -> None:
    yes = accept("a", 2)
    no = send_back("a", 3, yes)
    assert standing([a_revision("a")], [yes, no]).state is ReturnState.RETURNED
    assert standing([a_revision("a")], [yes, no, withdraw(no, 4)]).state is ReturnState.ACCEPTED


def test_two_decisions_that_did_not_know_of_each_other_settle_nothing_until_one_saw_both() -> None:
    yes, no = accept("a", 2), send_back("a", 2)
    found = standing([a_revision("a")], [yes, no])
    assert told(found) == (ReturnState.RECEIVED, "a", "") and TWO_DECISIONS in found.marks
    both = accept("a", 3, yes, no)
    found = standing([a_revision("a")], [yes, no, both])
    assert told(found) == (ReturnState.ACCEPTED, "a", "a") and TWO_DECISIONS not in found.marks


def test_the_county_outranks_a_township_that_did_not_know_of_it() -> None:
    yes, no = accept("a", 2), send_back("a", 2, level=Level.COUNTY)
    assert standing([a_revision("a")], [yes, no]).state is ReturnState.RETURNED
    again = accept("a", 3, no)  # but whoever saw the county's decision and decided after it is heard
    assert standing([a_revision("a")], [no, again]).state is ReturnState.ACCEPTED


def test_nobody_takes_back_what_another_office_decided_but_the_county() -> None:
    county = accept("a", 2, level=Level.COUNTY)
    assert standing([a_revision("a")], [county, withdraw(county, 3)]).state is ReturnState.ACCEPTED
    yes = accept("a", 2)
    assert standing([a_revision("a")], [yes, withdraw(yes, 3, Level.COUNTY)]).state is ReturnState.RECEIVED
    assert standing([a_revision("a")], [yes, withdraw(yes, 3, Level.VILLAGE)]).state is ReturnState.ACCEPTED


def test_an_act_by_somebody_who_may_not_is_kept_without_effect() -> None:
    own = a_ruling(Act.ACCEPT, "a", 2, level=Level.VILLAGE)
    found = standing([a_revision("a")], [own])
    assert told(found) == (ReturnState.RECEIVED, "a", "") and found.effective == ()


def test_two_versions_of_one_return_are_a_conflict_and_nothing_new_counts() -> None:
    base, left, right = a_revision("a"), a_revision("b", "a", n=3), a_revision("c", "a", n=3)
    yes = accept("a", 2)
    found = standing([base, left, right], [yes])
    assert told(found) == (ReturnState.FORK, "", "a") and found.heads == ("b", "c") and FORKED in found.marks
    both = [yes, accept("b", 4), accept("c", 4)]
    found = standing([base, left, right], both)
    assert (found.counted, FORKED in found.marks) == ("a", True)


def test_twins_are_one_and_the_first_by_number_and_hash_stands() -> None:
    left, right = a_revision("b", "a", n=3, answers="same"), a_revision("c", "a", n=3, answers="same")
    assert told(standing([a_revision("a"), right, left], [])) == (ReturnState.RECEIVED, "b", "")
    other_form = replace(right, form_version="2")
    assert standing([a_revision("a"), left, other_form], []).state is ReturnState.FORK


def test_a_choice_closes_the_other_heads_and_keeps_the_signature_of_the_one() -> None:
    left, right = a_revision("b", "a", n=3), a_revision("c", "a", n=3)
    chosen = a_ruling(Act.CHOOSE, "c", 4, names=("b", "c"))
    held = [a_revision("a"), left, right]
    assert told(standing(held, [chosen])) == (ReturnState.RECEIVED, "c", "")
    assert told(standing(held, [chosen, accept("c", 5, chosen)])) == (ReturnState.ACCEPTED, "c", "c")
    on_the_closed = a_revision("d", "b", n=9)
    assert standing([*held, on_the_closed], [chosen]).state is ReturnState.FORK
    on_both = a_revision("e", "b", "c", n=9)
    assert told(standing([*held, on_both], [chosen])) == (ReturnState.RECEIVED, "e", "")


def test_two_choices_that_contradict_each_other_close_nothing_of_each_other() -> None:
    held = [a_revision("b"), a_revision("c")]
    one, other = a_ruling(Act.CHOOSE, "b", 4, names=("b", "c")), a_ruling(Act.CHOOSE, "c", 4, names=("b", "c"))
    found = standing(held, [one, other])
    assert found.state is ReturnState.FORK and TWO_DECISIONS in found.marks
    last = a_ruling(Act.CHOOSE, "c", 5, one, other, names=("b", "c"))
    assert told(standing(held, [one, other, last])) == (ReturnState.RECEIVED, "c", "")


def test_edges_through_a_version_that_counts_nowhere_lead_to_the_next_that_does() -> None:
    first, revoked, last = a_revision("a"), a_revision("b", "a", n=2, trusted=Trusted.NO), a_revision("c", "b", n=3)
    found = standing([first, revoked, last], [accept("a", 2), accept("b", 3)])
    assert told(found) == (ReturnState.RECEIVED, "c", "a") and found.heads == ("c",)


def test_a_version_of_a_computer_not_approved_waits_and_one_of_a_revoked_computer_counts_nowhere() -> None:
    assert standing([a_revision("a", trusted=Trusted.UNKNOWN)], []).state is ReturnState.CERT_PENDING
    assert standing([a_revision("a", trusted=Trusted.NO)], [accept("a", 2)]).state is ReturnState.MISSING


def test_a_village_takes_back_what_nobody_has_accepted() -> None:
    taken_back = a_ruling(Act.RETRACT, "b", 4, level=Level.VILLAGE)
    held = [a_revision("a"), a_revision("b", "a", n=3)]
    assert told(standing(held, [taken_back])) == (ReturnState.RECEIVED, "a", "")
    assert told(standing(held, [taken_back, accept("b", 4)])) == (ReturnState.ACCEPTED, "b", "b")
    not_theirs = a_ruling(Act.RETRACT, "b", 4, level=Level.TOWNSHIP)
    assert standing(held, [not_theirs]).head == "b"


def test_whoever_filled_for_a_village_cannot_accept_it_himself() -> None:
    proxy = a_revision("a", kind="proxy", by_township=True, person="玉罕")
    own = a_ruling(Act.ACCEPT, "a", 2, person="玉罕")
    assert standing([proxy], [own]).state is ReturnState.RECEIVED
    assert standing([proxy], [a_ruling(Act.ACCEPT, "a", 2, person="岩拉")]).state is ReturnState.ACCEPTED
    assert standing([proxy], [replace(own, level=Level.COUNTY)]).state is ReturnState.ACCEPTED


def test_what_a_closing_does_not_name_is_a_late_return_whatever_its_header_says() -> None:
    held = [a_revision("a"), a_revision("b", "a", n=3)]
    assert LATE_RETURN not in standing(held, [], closing=frozenset({"a", "b"})).marks
    assert LATE_RETURN in standing(held, [], closing=frozenset({"a"})).marks


def test_comments_stay_at_the_cells_of_the_version_they_were_made_on() -> None:
    said = Comment(Cell("b02_f_area", "r4"), "验收单上是 22.0 平方米，请核对")
    no = a_ruling(Act.RETURN, "a", 2, comments=(said,))
    held = [a_revision("a"), a_revision("b", "a", n=3)]
    assert standing(held, [no]).comments == (("a", (said,)),)
    assert standing(held, [no, withdraw(no, 4)]).comments == ()


def test_what_was_seen_through_a_decision_without_effect_was_seen() -> None:
    """A forged decision that names the one before it must not make the next look as if it had not known of that."""
    first = send_back("a", 2)
    forged = "f" * 64
    last = a_ruling(Act.ACCEPT, "a", 4)
    last = replace(last, decision=replace(last.decision, seen=(forged,)))
    shown = standing([a_revision("a")], [first, last], seen={forged: (first.id,), first.id: ()})
    assert (shown.state, shown.counted, shown.marks) == (ReturnState.ACCEPTED, "a", ())
    assert standing([a_revision("a")], [first, last]).marks == (TWO_DECISIONS,)


def test_a_number_at_the_end_of_the_numbers_does_not_cut_what_was_seen() -> None:
    first = send_back("a", MOST_N)
    second = accept("a", next_n(MOST_N), first)
    third = send_back("a", next_n(second.decision.n), second)
    assert third.decision.n == MOST_N and Decision.decode(third.decision.encode()) == third.decision
    for rulings in itertools.permutations([first, second, third]):
        assert standing([a_revision("a")], rulings).state is ReturnState.RETURNED


def test_a_forged_loop_of_parents_ends() -> None:
    assert standing([a_revision("a", "b"), a_revision("b", "a")], []).state in (
        ReturnState.MISSING,
        ReturnState.RECEIVED,
    )
    long = [a_revision(str(n), str(n - 1), n=n) for n in range(1, 3000)]
    assert standing(long, []).head == "2999"


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Held], list[Ruling]]:
    """Revisions and decisions as several desks would make them, each knowing only a part."""
    held: list[Held] = []
    rulings: list[Ruling] = []
    for step in range(draw(st.integers(1, 9))):
        n = 1 + max([one.n for one in held] + [one.decision.n for one in rulings], default=0)
        n -= draw(st.integers(0, min(2, n - 1)))  # somebody who has not heard everything
        if not held or draw(st.booleans()):
            parents = draw(st.lists(st.sampled_from(held), max_size=2, unique=True)) if held else []
            trusted = draw(st.sampled_from([Trusted.YES, Trusted.YES, Trusted.YES, Trusted.NO, Trusted.UNKNOWN]))
            answers = draw(st.sampled_from("xyz"))
            names = [one.id for one in parents]
            held.append(a_revision(f"r{step}", *names, n=n, answers=answers, trusted=trusted))
            continue
        act = draw(st.sampled_from([Act.ACCEPT, Act.RETURN, Act.CHOOSE, Act.WITHDRAW, Act.RETRACT]))
        target = draw(st.sampled_from(held)).id
        seen = draw(st.lists(st.sampled_from(rulings), max_size=3, unique=True)) if rulings else []
        level = draw(st.sampled_from(list(Level)))
        names = [one.id for one in draw(st.lists(st.sampled_from(held), max_size=3, unique=True))]
        if act is Act.WITHDRAW:
            names = [one.id for one in seen]
        rulings.append(a_ruling(act, target, n, *seen, level=level, names=tuple(names)))
    return held, rulings


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(history: tuple[list[Held], list[Ruling]], chance) -> None:  # type: ignore[no-untyped-def]
    held, rulings = history
    expected = standing(held, rulings)
    for _ in range(4):
        chance.shuffle(held)
        chance.shuffle(rulings)
        assert standing(held, rulings) == expected


@given(histories())
def test_what_counts_is_accepted_trusted_and_never_a_guess(history: tuple[list[Held], list[Ruling]]) -> None:
    held, rulings = history
    found = standing(held, rulings)
    by_id = {one.id: one for one in held}
    if found.counted:
        assert found.counted in found.accepted and by_id[found.counted].trusted is Trusted.YES
    assert found.accepted.isdisjoint(found.returned)
    assert set(found.heads) <= {name for name, one in by_id.items() if one.trusted is Trusted.YES}
    assert (found.state is ReturnState.FORK) == (len(found.heads) > 1)


@given(histories())
def test_a_decision_repeated_changes_nothing(history: tuple[list[Held], list[Ruling]]) -> None:
    held, rulings = history
    assert standing([*held, *held], [*rulings, *rulings]) == standing(held, rulings)


def test_every_act_by_every_role_has_one_outcome() -> None:
    """The whole table (state before, role, act → state after), written out by a run and looked at once."""
    outcomes = {}
    befores = {"已接收": [], "通过": [accept("a", 2)], "退回": [send_back("a", 2)]}
    for (state, before), level, act in itertools.product(befores.items(), Level, (Act.ACCEPT, Act.RETURN, Act.RETRACT)):
        after = standing([a_revision("a")], [*before, a_ruling(act, "a", 3, *before, level=level)])
        outcomes[state, level.name, act.value] = after.state.value
    changes = {key: after for key, after in outcomes.items() if key[0] != after}
    assert changes == {
        ("已接收", "TOWNSHIP", "accept"): "通过",
        ("已接收", "COUNTY", "accept"): "通过",
        ("已接收", "TOWNSHIP", "return"): "退回",
        ("已接收", "COUNTY", "return"): "退回",
        ("已接收", "VILLAGE", "retract"): "未报",
        ("通过", "TOWNSHIP", "return"): "退回",
        ("通过", "COUNTY", "return"): "退回",
        ("退回", "TOWNSHIP", "accept"): "通过",
        ("退回", "COUNTY", "accept"): "通过",
        ("退回", "VILLAGE", "retract"): "未报",
    }
