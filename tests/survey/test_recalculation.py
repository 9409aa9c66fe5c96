"""Whatever is typed, in whatever order: what is shown is what working everything out anew would show."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cunbao.survey.cells import parse
from cunbao.survey.form import Field, Kind
from cunbao.survey.instance import Instance
from cunbao.survey.values import Answers, Cell, Edit, EditAct, Row
from world.forms import a_form, an_env, an_instance

SHEETS = """
| survey |
| | type | name | label | required | relevant | constraint | calculation | choice_filter | repeat_count |
| | xml-external | B01 | | | | | | | |
| | integer | hh | hh | | | | instance('B01')/data/hh | | |
| | select_one yn | zero | zero | yes | | | | | |
| | integer | a | a | yes | | . < 50 | | | |
| | begin_group | g | g | | ${a} > 10 | | | | |
| | integer | b | b | yes | | . >= ${a} | | | |
| | calculate | c | | | | | ${b} * 2 | | |
| | end_group | | | | | | | | |
| | begin_repeat | r | r | | ${zero} = '0' | | | | |
| | text | n | n | yes | | count(../../r[n = current()/../n]) = 1 | | | |
| | integer | x | x | yes | ${a} != 7 | . <= ${a} | | | |
| | begin_group | rg | rg | | ${x} > 3 | | | | |
| | decimal | y | y | | | | | | |
| | select_one items | it | it | | | | | grp = ${big} | |
| | end_group | | | | | | | | |
| | calculate | big | | | | | if(${x} > 20, 1, 0) | | |
| | calculate | p | | | | | position(..) | | |
| | calculate | before | | | | | indexed-repeat(${n}, ${r}, position(..) - 1) | | |
| | calculate | part | | | | | round(${x} div sum(../../r/x), 4) | | |
| | end_repeat | | | | | | | | |
| | calculate | sx | | | | | sum(${x}) | | |
| | calculate | sy | | | | | sum(${y}) | | |
| | calculate | ny | | | | | count-non-empty(${y}) | | |
| | calculate | bigs | | | | | count(${r}[big = 1]) | | |
| | calculate | over | | | | | sum(${r}[x > 5 and rg/y > 1]/rg/y) | | |
| | calculate | rows | | | | | count(${r}) | | |
| | calculate | all | | | | | join(',', ${n}) | | |
| | calculate | top | | | | | max(${x}) | | |
| | calculate | rate | | | | | round(${sx} div ${hh}, 2) | | |
| choices |
| | list_name | name | label | grp |
| | yn | 1 | 是 | |
| | yn | 0 | 否 | |
| | items | u | U | 1 |
| | items | v | V | 0 |
"""
SINGLES = ("zero", "a", "b")
COLUMNS = ("n", "x", "y", "it")
TEXTS = st.sampled_from(
    ["", "0", "1", "7", "12", "12", "25", "2.5", "-4", "abc", "u", "１２", "0.333333333333333333333333333333333"]
)
ACTS = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(SINGLES), TEXTS),
    st.tuples(st.just("cell"), st.integers(0, 5), st.sampled_from(COLUMNS), TEXTS),
    st.tuples(st.just("add"), st.integers(0, 5), TEXTS),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("source"), st.sampled_from(["", "10", "400"])),
)
Act = tuple[object, ...]


def act(instance: Instance, one: Act) -> tuple[Edit, ...]:
    rows = instance.rows("r")
    match one:
        case ("set", str(name), str(text)):
            return instance.set(Cell(name), text).edits
        case ("cell", int(at), str(name), str(text)) if rows:
            return instance.set(Cell(name, rows[at % len(rows)]), text).edits
        case ("add", int(at), str(text)):
            return instance.add_row("r", values={"n": text, "x": text}, position=at).edits
        case ("delete", int(at)) if rows:
            return instance.delete_row("r", rows[at % len(rows)]).edits
        case ("move", int(at), int(to)) if rows:
            return instance.move_row("r", rows[at % len(rows)], to).edits
        case ("source", str(text)):
            return instance.refresh({"B01": Answers({"hh": text})}).edits
    return ()


def begun() -> Instance:
    """Something is there to begin with: two rows that look alike, and questions that let them be seen."""
    instance = an_instance(a_form(SHEETS), sources={"B01": Answers({"hh": "10"})})
    for one in (("set", "zero", "0"), ("set", "a", "25"), ("add", 0, "12"), ("add", 1, "1"), ("cell", 1, "y", "2.5")):
        act(instance, one)
    return instance


def seen(instance: Instance) -> object:
    """Everything that a screen, a paper or another form can get from an instance."""
    cells = [Cell(one.name) for one in instance.form.fields]
    cells += [Cell(one.name, row) for one in instance.form.repeat("r").fields for row in instance.rows("r")]
    return (
        instance.answers(),
        instance.answers(signed=True),
        instance.findings(),
        [
            (
                c,
                instance.text(c),
                instance.value(c),
                instance.shown(c),
                instance.relevant(c),
                instance.required(c),
                instance.choices(c),
            )
            for c in cells
        ],
        instance.progress(),
    )


@settings(max_examples=300)
@given(st.lists(ACTS, max_size=25))
def test_what_follows_step_by_step_is_what_follows_at_once(acts: Sequence[Act]) -> None:
    instance = begun()
    for one in acts:
        act(instance, one)
    now = seen(instance)
    hh = instance.text(Cell("hh"))
    fresh = Instance(a_form(SHEETS), an_env(), answers=instance.answers(), sources={"B01": Answers({"hh": hh})})
    assert seen(fresh) == now
    assert instance.recalculate().cells == frozenset()
    assert seen(instance) == now


@settings(max_examples=200)
@given(st.lists(ACTS, max_size=12), st.lists(ACTS, min_size=1, max_size=12))
def test_undo_brings_everything_back_and_redo_does_it_again(before: Sequence[Act], acts: Sequence[Act]) -> None:
    instance = begun()
    for one in before:
        act(instance, one)
    instance.refresh({"B01": Answers({"hh": "10"})})
    start = seen(instance)
    edits = [edit for one in acts if one[0] != "source" for edit in act(instance, one)]
    end = seen(instance)
    assert instance.apply([inverse(edit) for edit in reversed(edits)]).edits == ()
    assert seen(instance) == start
    instance.apply(edits)
    assert seen(instance) == end


@settings(max_examples=50)
@given(st.lists(ACTS, max_size=20))
def test_the_log_of_edits_alone_gives_the_same_form(acts: Sequence[Act]) -> None:
    instance = an_instance(a_form(SHEETS))
    edits = [edit for one in acts if one[0] != "source" for edit in act(instance, one)]
    again = an_instance(a_form(SHEETS))
    again.apply(edits)
    assert seen(again) == seen(instance)


@settings(max_examples=200)
@given(st.lists(ACTS, max_size=15), ACTS)
def test_a_change_names_every_cell_that_is_other_than_before(acts: Sequence[Act], last: Act) -> None:
    instance = begun()
    for one in acts:
        act(instance, one)

    def look() -> dict[Cell, object]:
        cells = [Cell(one.name) for one in instance.form.fields]
        cells += [Cell(one.name, row) for one in instance.form.repeat("r").fields for row in instance.rows("r")]
        return {c: (instance.text(c), instance.value(c), instance.relevant(c), instance.findings_at(c)) for c in cells}

    if last[0] not in ("set", "cell") or (last[0] == "cell" and not instance.rows("r")):
        return
    old = look()
    rows = instance.rows("r")
    cell = Cell(str(last[1])) if last[0] == "set" else Cell(str(last[2]), rows[int(str(last[1])) % len(rows)])
    change = instance.set(cell, str(last[-1]))
    new = look()
    assert {c for c in new if new[c] != old[c]} <= change.cells
    assert change.findings == instance.findings()


@given(st.sampled_from(list(Kind)), st.text(max_size=30), st.sampled_from([None, 2]), st.sampled_from(["", "id"]))
def test_a_canonical_text_is_its_own_canonical_text(kind: Kind, typed: str, places: int | None, mask: str) -> None:
    field = Field("f", "f", kind, places=places, mask=mask)
    kept, value, wrong = parse(field, typed)
    assert parse(field, kept)[:2] == (kept, value)
    assert (wrong is None) == (parse(field, kept)[2] is None)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_an_area_is_kept_with_two_places_half_up(area: Decimal) -> None:
    kept, value, wrong = parse(Field("f", "f", Kind.DECIMAL, places=2), format(area, "f"))
    assert wrong is None
    assert isinstance(value, Decimal)
    assert abs(value - area) <= Decimal("0.005")
    assert Decimal(kept) == value


def test_a_row_added_between_two_others_moves_their_positions() -> None:
    instance = an_instance(a_form(SHEETS))
    instance.apply([Edit(EditAct.ADD_ROW, "r", "one", "", "0"), Edit(EditAct.ADD_ROW, "r", "two", "", "1")])
    instance.set(Cell("zero"), "0")
    instance.set(Cell("n", "one"), "甲")
    instance.add_row("r", row_id="between", position=1)
    assert [instance.text(Cell("p", row)) for row in instance.rows("r")] == ["1", "2", "3"]
    assert instance.text(Cell("before", "between")) == "甲"
    assert instance.answers(signed=True).rows["r"][0] == Row("one", {"n": "甲", "p": "1", "big": "0"})


def inverse(edit: Edit) -> Edit:
    """As the store undoes: what was new is old."""
    match edit.act:
        case EditAct.SET:
            return Edit(EditAct.SET, edit.field, edit.row, edit.new, edit.old)
        case EditAct.ADD_ROW:
            return Edit(EditAct.DELETE_ROW, edit.field, edit.row, edit.new, "")
        case EditAct.DELETE_ROW:
            return Edit(EditAct.ADD_ROW, edit.field, edit.row, "", edit.old)
        case EditAct.MOVE_ROW:
            return Edit(EditAct.MOVE_ROW, edit.field, edit.row, edit.new, edit.old)
