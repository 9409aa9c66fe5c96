"""Whatever two computers did to a return: nothing is invented, nothing is lost unasked, and the sides are equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from cunbao.survey.merge import Taken, merge, merge_all, nearest_base, resolve
from cunbao.survey.sides import side_of
from cunbao.survey.values import Answers, Cell, Row
from world.signed import number, signed, the_form

FORM = the_form()
SIDES = {"left": "right", "right": "left", "both": "both", "": ""}
TEXTS: Mapping[str, Sequence[str]] = {
    "head": ("", "岩温", "玉香"),
    "hours": ("", "35", "42", "不清楚"),
    "area": ("", "12", "12.5"),
    "uses": ("", "01", "01 02"),
    "rented": ("", "0", "1"),
    "owner": ("", "老王", "老李"),
    "remark": ("", "新建", "改建"),
    "zero": ("", "0", "1"),
    "m_name": ("", "岩叫", "玉喃"),
    "m_post": ("", "11", "12"),
    "m_cert": ("", "0", "1"),
    "m_cert_no": ("", "滇-1", "滇-2"),
    "m_pay": ("", "800", "2000"),
    "f_name": ("", "凉亭", "球场"),
    "f_area": ("", "20", "30.5"),
}
OUTSIDE = [one.name for one in FORM.fields if one.name in TEXTS]
COLUMNS = {one.name: [field.name for field in one.fields if field.name in TEXTS] for one in FORM.repeats}


def some_texts(names):
    return st.fixed_dictionaries({name: st.sampled_from(TEXTS[name]) for name in names}).map(filled)


def filled(values):
    return {name: text for name, text in values.items() if text}


def a_row(roster, key):
    return some_texts(COLUMNS[roster]).map(
        lambda values: Row(key, {**values, "m_id": number(int(key[1:]))} if roster == "m" else values)
    )


def some_rows(roster):
    """Up to five rows with ids of few, so that versions share some; who has the id m3 has the number 3."""
    rows = {f"{roster}{at}": a_row(roster, f"{roster}{at}") for at in range(7)}
    keys = st.lists(st.sampled_from(list(rows)), unique=True, max_size=5)
    return keys.flatmap(lambda some: st.tuples(*(rows[key] for key in some)))


ROWS = {roster: some_rows(roster) for roster in COLUMNS}
some_returns = st.builds(
    lambda values, m, f: signed(Answers(values, {name: rows for name, rows in (("m", m), ("f", f)) if rows})),
    some_texts(OUTSIDE),
    ROWS["m"],
    ROWS["f"],
)
some_bases = st.lists(some_returns, max_size=2).map(tuple)
some_sides = st.sampled_from(["left", "right"])


ANY = {name: st.sampled_from(texts) for name, texts in TEXTS.items()}
NAMES = st.lists(st.sampled_from(OUTSIDE), max_size=6, unique=True)
COLUMN = {roster: st.sampled_from(["", *names]) for roster, names in COLUMNS.items()}
RARELY = st.integers(0, 4).map(lambda drawn: drawn == 4)


@st.composite
def near(draw, answers: Answers) -> Answers:
    """The same return after a few edits: cells typed over, rows deleted, moved or added."""
    values = {**answers.values, **{name: draw(ANY[name]) for name in draw(NAMES)}}
    rows = {}
    for roster in COLUMNS:
        kept = [row for row in answers.rows.get(roster, ()) if not draw(RARELY)]
        for at, row in enumerate(kept):
            if name := draw(COLUMN[roster]):
                kept[at] = replace(row, values=filled({**row.values, name: draw(ANY[name])}))
        if draw(RARELY):
            kept.reverse()
        there = {row.id for row in kept}
        rows[roster] = (*kept, *[row for row in draw(ROWS[roster]) if row.id not in there][:1])
    return signed(Answers(filled(values), rows))


@st.composite
def forks(draw) -> tuple[Answers, Answers, Answers]:
    base = draw(some_returns)
    return base, draw(near(base)), draw(near(base))


def own(answers):
    """The cells that take part."""
    return side_of(FORM, "", answers).answers()


def cells(answers):
    """All that stands in it, by place; rows by id, whatever their order."""
    found = {Cell(name): text for name, text in answers.values.items()}
    for roster, rows in answers.rows.items():
        for row in rows:
            found[Cell(roster, row.id)] = "there"
            found |= {Cell(name, row.id): text for name, text in row.values.items()}
    return found


def chosen(merged, side):
    return {line.key: side for line in merged.conflicts}


@given(some_bases, some_returns)
def test_merging_a_return_with_itself_gives_it_back(bases, one):
    merged = merge(FORM, bases, one, one)
    assert merged.conflicts == () and merged.paired == ()
    assert resolve(FORM, merged) == own(one)


@given(forks())
def test_what_only_one_side_did_is_what_comes_out(fork):
    base, one, _ = fork
    for left, right in ((base, one), (one, base)):
        merged = merge(FORM, (base,), left, right)
        assert merged.conflicts == ()
        assert signed(resolve(FORM, merged)) == one


@given(forks(), some_bases)
def test_the_sides_are_equals(fork, more):
    base, left, right = fork
    for bases in ((base,), more):
        ours, theirs = merge(FORM, bases, left, right), merge(FORM, bases, right, left)
        assert {(one.key, one.left, one.right, one.taken.value) for one in ours.lines} == {
            (one.key, one.right, one.left, SIDES[one.taken]) for one in theirs.lines
        }
        assert cells(resolve(FORM, ours, chosen(ours, "left"))) == cells(resolve(FORM, theirs, chosen(theirs, "right")))


@given(forks(), some_sides)
def test_no_value_comes_out_that_neither_side_wrote(fork, side):
    base, left, right = fork
    merged = merge(FORM, (base,), left, right)
    mine, theirs = cells(own(left)), cells(own(right))
    for cell, text in cells(resolve(FORM, merged, chosen(merged, side))).items():
        assert text in (mine.get(cell), theirs.get(cell))


@given(forks(), some_sides)
def test_what_is_chosen_is_exactly_what_that_side_has(fork, side):
    base, left, right = fork
    merged = merge(FORM, (base,), left, right)
    out, taken = cells(resolve(FORM, merged, chosen(merged, side))), cells(own(left if side == "left" else right))
    for line in merged.conflicts:
        assert out.get(line.key) == taken.get(line.key)
        if line.whole_row and line.key in out:  # the row as that side has it
            of_row = {key: text for key, text in taken.items() if key.row == line.key.row}
            assert {key: text for key, text in out.items() if key.row == line.key.row} == of_row


@given(forks(), some_bases)
def test_one_side_taken_at_every_line_is_that_side(fork, more):
    base, left, right = fork
    for bases in ((base,), more):
        merged = merge(FORM, bases, left, right)
        for side, whole in (("left", left), ("right", right)):
            result = signed(resolve(FORM, merged, {line.key: side for line in merged.lines}))
            assert cells(result) == cells(whole)


@given(forks())
def test_only_what_both_touched_differently_is_asked(fork):
    """Said again without the code: a cell is asked about when three texts differ, a row when it went here and other
    cells of it changed there."""
    base, left, right = fork
    old, mine, theirs = cells(own(base)), cells(own(left)), cells(own(right))
    for line in merge(FORM, (base,), left, right).conflicts:
        here, there, was = mine.get(line.key), theirs.get(line.key), old.get(line.key)
        assert here != there
        if line.whole_row:
            assert was and (here is None) != (there is None)
            kept = mine if here else theirs
            assert any(kept.get(cell) != old.get(cell) for cell in {*kept, *old} if cell.row == line.key.row)
        else:
            assert was not in (here, there) or None in (here, there)


@given(forks())
def test_without_a_base_whatever_differs_is_asked(fork):
    _, left, right = fork
    merged = merge(FORM, (), left, right)
    for line in merged.lines:  # what one side is not asked is no difference of opinion
        assert line.taken is Taken.OPEN or "不用填" in (line.left, line.right)


@st.composite
def apart(draw):
    """A base, and two sides each of which changed cells and rows that the other left alone."""
    base = draw(some_returns)
    places = [Cell(name) for name in OUTSIDE if name not in ("rented", "owner", "zero")]
    places += [Cell(name, row.id) for row in base.rows.get("m", ()) for name in ("m_name", "m_post", "m_pay")]
    places += [Cell(name, row.id) for row in base.rows.get("f", ()) for name in COLUMNS["f"]]
    owners = {cell: draw(st.sampled_from(["left", "right", "gone", ""])) for cell in places}
    texts = {cell: draw(st.sampled_from(TEXTS[cell.field])) for cell in places}
    gone = {cell.row: draw(some_sides) for cell, who in owners.items() if cell.row and who == "gone"}
    added = {side: [row for row in draw(ROWS["f"])][:2] for side in ("left", "right")}

    def edited(*sides):
        values = {c.field: texts[c] for c, who in owners.items() if not c.row and who in sides}
        rows = {}
        for roster in COLUMNS:
            kept = [row for row in base.rows.get(roster, ()) if gone.get(row.id) not in sides]
            rows[roster] = [
                replace(row, values={**row.values, **{c.field: texts[c] for c, who in owners.items()
                                                      if c.row == row.id and row.id not in gone and who in sides}})
                for row in kept
            ]  # fmt: skip
        rows["f"] += [replace(row, id=f"{row.id}-{side}") for side in sides for row in added[side]]
        return signed(
            Answers(filled({**base.values, **values}), {name: tuple(some) for name, some in rows.items() if some})
        )

    return base, edited("left"), edited("right"), edited("left", "right")


@given(apart())
def test_edits_of_different_cells_and_rows_merge_without_asking_and_both_are_there(edits):
    base, left, right, both = edits
    merged = merge(FORM, (base,), left, right)
    assert merged.conflicts == ()
    assert signed(resolve(FORM, merged)) == both


@given(forks())
def test_the_result_does_not_depend_on_the_order_in_which_names_are_kept(fork):
    def turned(answers):
        rows = {
            name: tuple(replace(row, values=dict(reversed(row.values.items()))) for row in some)
            for name, some in reversed(answers.rows.items())
        }
        return Answers(dict(reversed(answers.values.items())), rows)

    base, left, right = fork
    assert merge(FORM, (base,), left, right) == merge(FORM, (turned(base),), turned(left), turned(right))


@given(some_returns, st.data())
def test_a_person_whom_both_added_is_there_once(base, data):
    base = signed(replace(base, values={**base.values, "zero": "0"}))
    free = st.lists(st.integers(100, 106), unique=True, max_size=4)

    def adding(side):
        new = [Row(f"{side}{at}", {"m_id": number(at)}) for at in data.draw(free)]
        return signed(replace(base, rows={**base.rows, "m": (*base.rows.get("m", ()), *new)}))

    left, right = adding("x"), adding("a")
    merged = merge(FORM, (base,), left, right)
    found = [row.values["m_id"] for row in resolve(FORM, merged).rows.get("m", ())]
    numbers = [{row.values["m_id"] for row in side.rows.get("m", ())} for side in (left, right)]
    assert len(found) == len(set(found)) and set(found) == numbers[0] | numbers[1]
    new = numbers[0] & numbers[1] - {row.values["m_id"] for row in base.rows.get("m", ())}
    assert {one.row for one in merged.paired} == {f"a{at}" for at in range(100, 107) if number(at) in new}


@settings(max_examples=50)
@given(some_returns, st.data(), some_sides)
def test_many_heads_end_in_one_return_that_holds_only_what_they_wrote(base, data, side):
    heads = [data.draw(near(base)) for _ in range(data.draw(st.integers(1, 4)))]
    choices: dict[tuple[int, Cell], str] = {}
    for _ in heads:
        found = merge_all(FORM, (base,), heads, choices)
        if not found.step:
            break
        choices |= {(found.step, line.key): side for line in found.steps[-1].conflicts}
    assert found.answers is not None
    written = [cells(own(one)) for one in heads]
    assert all(any(text == one.get(cell) for one in written) for cell, text in cells(found.answers).items())


@given(st.integers(2, 9).flatmap(lambda count: st.tuples(
    st.tuples(*(st.sets(st.integers(0, at - 1), max_size=3) if at else st.just(set()) for at in range(count))),
    st.sets(st.integers(0, count - 1), min_size=1, max_size=3),
)))  # fmt: skip
def test_the_base_is_found_in_any_history(drawn):
    links, heads = drawn
    parents = {f"{at}": tuple(f"{one}" for one in some) for at, some in enumerate(links)}

    def line(one: str) -> set[str]:
        return {one}.union(*(line(parent) for parent in parents[one]))

    common = set.intersection(*(line(f"{one}") for one in heads))
    nearest = {one for one in common if not any(one in line(other) for other in common - {one})}
    assert nearest_base([f"{one}" for one in heads], parents) == tuple(sorted(nearest))
    assert all(b not in line(a) for a, b in combinations(sorted(nearest), 2))
