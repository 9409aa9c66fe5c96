"""What a form does with answers: relevance, required, constraints, rosters, lists, other instances, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from cunbao.survey.evalform import UnknownName, as_answers
from cunbao.survey.values import Answers, Cell, Row
from world.forms import a_form, an_instance, evaluated

ROSTER = """
| survey |
| | type | name | label | relevant | calculation | constraint | required |
| | integer | limit | limit | | | | |
| | begin_repeat | p | 人员 | | | | |
| | text | name | 姓名 | | | | yes |
| | integer | age | 年龄 | ${name} != '' | | . <= ${limit} | yes |
| | calculate | pos | | | position(..) | | |
| | calculate | adult | | | if(${age} >= 18, 1, 0) | | |
| | calculate | share | | | round(${age} div sum(../../p/age) * 100, 1) | | |
| | calculate | before | | | ${p}[position() = position(current()/..) - 1]/name | | |
| | calculate | first | | | indexed-repeat(${name}, ${p}, 1) | | |
| | calculate | same | | | count(../../p[name = current()/../name]) | | |
| | calculate | rows | | | count(${p}) | | |
| | end_repeat | | | | | | |
| | calculate | adults | | | sum(${adult}) | | |
| | calculate | young | | | count(${p}[age < 18]) | | |
| | calculate | youngname | | | ${p}[age < 18]/name | | |
| | calculate | second | | | ${p}[2]/name | | |
| | calculate | names | | | join('、', ${name}) | | |
| | calculate | oldest | | | max(${age}) | | |
| | calculate | ages | | | sum(${age}) div count-non-empty(${age}) | | |
"""


def test_a_roster_has_figures_in_each_row_and_over_all_rows() -> None:
    people = [{"name": "岩三", "age": 30}, {"name": "玉罕", "age": 10}, {"name": "岩三", "age": None}]
    got = evaluated(a_form(ROSTER), {"limit": 20, "p": people})
    rows = got["values"]["p"]
    assert [row["pos"] for row in rows] == ["1", "2", "3"]
    assert [row["adult"] for row in rows] == ["1", "0", "0"]
    assert [row["share"] for row in rows] == ["75", "25", None]
    assert [row["before"] for row in rows] == [None, "岩三", "玉罕"]
    assert [row["first"] for row in rows] == ["岩三"] * 3
    assert [row["same"] for row in rows] == ["2", "1", "2"]
    assert [row["rows"] for row in rows] == ["3"] * 3
    values = {
        name: got["values"][name] for name in ("adults", "young", "youngname", "second", "names", "oldest", "ages")
    }
    assert values == {
        "adults": "1",
        "young": "1",
        "youngname": "玉罕",
        "second": "玉罕",
        "names": "岩三、玉罕、岩三",
        "oldest": "30",
        "ages": "20",
    }
    assert [(one["path"], one["kind"]) for one in got["findings"]] == [
        ("p[1]/age", "constraint"),
        ("p[3]/age", "required"),
    ]


def test_an_empty_roster_sums_to_nothing_but_is_not_an_error() -> None:
    values = evaluated(a_form(ROSTER), {})["values"]
    assert (values["p"], values["adults"], values["young"], values["names"], values["oldest"], values["ages"]) == (
        [],
        "0",
        "0",
        None,
        None,
        None,
    )


RELEVANCE = """
| survey |
| | type | name | label | relevant | calculation | constraint | required | constraint_message |
| | select_one yn | has | has | | | | yes | |
| | begin_group | g | g | ${has} = 'y' | | | | |
| | integer | a | 甲 | | | . > 0 | yes | 甲应大于0 |
| | begin_group | inner | inner | ${a} > 5 | | | | |
| | integer | b | 乙 | | | . < ${a} | ${a} > 7 | 乙填的${b}不小于甲（${a}） |
| | calculate | twice | | | ${b} * 2 | | | |
| | end_group | | | | | | | |
| | end_group | | | | | | | |
| | begin_repeat | r | r | ${has} = 'y' | | | | |
| | integer | x | x | | | | | |
| | end_repeat | | | | | | | |
| | calculate | c | | | coalesce(${b}, 0) + coalesce(${twice}, 0) | | | |
| | calculate | n | | | count(${r}) | | | |
| | calculate | s | | | sum(${x}) | | | |
| | calculate | hidden | | ${has} = 'y' | 5 | | | |
| | calculate | h | | | concat('[', ${hidden}, ']') | | | |
| choices |
| | list_name | name | label |
| | yn | y | 有 |
| | yn | n | 无 |
"""


def test_what_is_not_relevant_is_empty_for_everything_else() -> None:
    full = {"has": "y", "a": 8, "b": 3, "r": [{"x": 1}, {"x": 2}]}
    got = evaluated(a_form(RELEVANCE), full)
    assert [got["values"][k] for k in ("c", "n", "s", "h")] == ["9", "2", "3", "[5]"]
    assert got["findings"] == []
    got = evaluated(a_form(RELEVANCE), full | {"has": "n"})
    assert [got["values"][k] for k in ("a", "b", "twice", "c", "n", "s", "h", "hidden")] == [
        None,
        None,
        None,
        "0",
        "0",
        "0",
        "[]",
        None,
    ]
    assert got["values"]["r"] == [{"x": None}, {"x": None}]
    assert (got["relevant"]["a"], got["relevant"]["b"], got["relevant"]["r"], got["required"]["a"]) == (
        False,
        False,
        [{"x": False}] * 2,
        False,
    )
    assert got["findings"] == []


def test_a_group_inside_a_group_needs_both_conditions() -> None:
    assert evaluated(a_form(RELEVANCE), {"has": "y", "a": 5, "b": 3})["relevant"]["b"] is False
    assert evaluated(a_form(RELEVANCE), {"has": "y", "a": 6, "b": 3})["relevant"]["b"] is True


def test_required_follows_its_condition_and_a_constraint_needs_a_value() -> None:
    got = evaluated(a_form(RELEVANCE), {"has": "y", "a": 6})
    assert (got["required"]["b"], got["findings"]) == (False, [])
    got = evaluated(a_form(RELEVANCE), {"has": "y", "a": 8})
    assert got["required"]["b"] is True
    assert got["findings"] == [{"path": "b", "kind": "required", "message": "还没填乙"}]
    got = evaluated(a_form(RELEVANCE), {"has": "y", "a": 8, "b": 9})
    assert got["findings"] == [{"path": "b", "kind": "constraint", "message": "乙填的9不小于甲（8）"}]
    assert [one["kind"] for one in evaluated(a_form(RELEVANCE), {"has": "y", "a": 0})["findings"]] == ["constraint"]


def test_the_draft_keeps_what_is_not_relevant_and_the_signed_return_leaves_it_out() -> None:
    instance = an_instance(a_form(RELEVANCE))
    for name, text in (("has", "y"), ("a", "8"), ("b", "3"), ("has", "n")):
        instance.set(Cell(name), text)
    instance.add_row("r", row_id="1", values={"x": "7"})
    assert instance.answers().values["b"] == "3"
    assert instance.answers().rows["r"][0].values == {"x": "7"}
    signed = instance.answers(signed=True)
    assert signed.values == {"has": "n", "c": "0", "n": "0", "s": "0", "h": "[]"}
    assert signed.rows == {}
    instance.set(Cell("has"), "y")
    assert instance.text(Cell("b")) == "3"


CHOICES = """
| survey |
| | type | name | label | choice_filter | calculation | parameters |
| | select_one kinds | kind | kind | | | |
| | select_one items | item | item | grp = ${kind} and number(size) > 1 | | |
| | select_multiple items | some | some | grp = ${kind} | | |
| | select_one_from_file lists/places.csv | place | place | kind = ${kind} | | value=code label=title |
| | calculate | kindname | | | jr:choice-name(${kind}, '${kind}') | |
| | calculate | itemsize | | | instance('items')/root/item[name = ${item}]/size | |
| | calculate | howmany | | | count(instance('items')/root/item[grp = ${kind}]) | |
| | calculate | zip | | | pulldata('places', 'zip', 'code', ${place}) | |
| | calculate | title | | | instance('places')/root/item[code = ${place}]/title | |
| choices |
| | list_name | name | label | grp | size |
| | kinds | k1 | 一 | | |
| | kinds | k2 | 二 | | |
| | items | a | 甲 | k1 | 1 |
| | items | b | 乙 | k1 | 2 |
| | items | c | 丙 | k2 | 3 |
"""
PLACES = (("places", "code,title,kind,zip\n01,勐混,k1,666200\n02,勐海,k2,666201\n"),)


def test_a_choice_filter_offers_what_fits_and_marks_what_does_not() -> None:
    form = a_form(CHOICES, PLACES)
    instance = an_instance(form)
    instance.set(Cell("kind"), "k1")
    assert [one.code for one in instance.choices(Cell("item"))] == ["b"]
    assert [one.label for one in instance.choices(Cell("place"))] == ["勐混"]
    got = evaluated(form, {"kind": "k1", "item": "c", "some": "a c", "place": "02"})
    assert [(one["path"], one["kind"]) for one in got["findings"]] == [
        ("item", "list"),
        ("some", "list"),
        ("place", "list"),
    ]
    assert got["values"]["item"] == "c"
    values = evaluated(form, {"kind": "k1", "item": "b", "some": ["b", "a"], "place": "01"})["values"]
    assert values == {
        "kind": "k1",
        "item": "b",
        "some": "b a",
        "place": "01",
        "kindname": "一",
        "itemsize": "2",
        "howmany": "2",
        "zip": "666200",
        "title": "勐混",
    }
    assert instance.shown(Cell("kind")) == "一"


def test_a_code_that_no_list_has_is_kept_and_marked() -> None:
    got = evaluated(a_form(CHOICES, PLACES), {"kind": "k9", "some": "a x"})
    assert [(one["path"], one["kind"]) for one in got["findings"]] == [("kind", "list"), ("some", "list")]
    assert (got["values"]["kind"], got["values"]["kindname"]) == ("k9", None)


SIBLINGS = """
| survey |
| | type | name | label | calculation | readonly |
| | xml-external | last | | | |
| | xml-external | B01 | | | |
| | integer | hh | hh | instance('B01')/data/b01_hh | yes |
| | select_one yn | k | k | instance('B01')/data/g/kind | yes |
| | integer | now | now | | |
| | calculate | grown | | ${now} - instance('last')/data/now | |
| | calculate | staff | | count(instance('B01')/data/b01_m[post = '11']) | |
| | calculate | boss | | instance('B01')/data/b01_m[post = '11']/who | |
| | calculate | pay | | sum(instance('B01')/data/b01_m/pay) | |
| | calculate | none | | if(instance('last')/data/now = '', '没有上年', '有') | |
| choices |
| | list_name | name | label |
| | yn | 1 | 是 |
"""


def test_other_forms_and_last_period_are_read_and_read_again() -> None:
    b01 = as_answers(
        {
            "b01_hh": "412",
            "kind": "1",
            "b01_m": [{"post": "11", "who": "岩三", "pay": 100}, {"post": "21", "who": "玉罕", "pay": "50.5"}],
        }
    )
    got = evaluated(a_form(SIBLINGS), {"now": 7}, sources={"B01": b01}, last=as_answers({"now": 5}))["values"]
    assert got == {
        "hh": "412",
        "k": "1",
        "now": "7",
        "grown": "2",
        "staff": "1",
        "boss": "岩三",
        "pay": "150.5",
        "none": "有",
    }
    instance = an_instance(a_form(SIBLINGS))
    assert (instance.text(Cell("hh")), instance.text(Cell("grown")), instance.text(Cell("none"))) == (
        "",
        "",
        "没有上年",
    )
    change = instance.refresh({"B01": Answers({"b01_hh": "9"})})
    assert (instance.text(Cell("hh")), change.edits, Cell("hh") in change.cells) == ("9", (), True)
    assert instance.refresh({"B01": Answers({"b01_hh": "9"})}).cells == frozenset()
    instance.refresh(last=Answers({"now": "3"}))
    instance.set(Cell("now"), "10")
    assert instance.text(Cell("grown")) == "7"


DEFAULTS = """
| survey |
| | type | name | label | default | calculation | trigger | repeat_count |
| | integer | a | a | 3 | | | |
| | date | d | d | today() | | | |
| | calculate | c | | | ${a} + 1 | | |
| | text | note_it | t | | concat('a=', ${a}) | ${a} | |
| | begin_repeat | r | r | | | | |
| | integer | x | x | 5 | | | |
| | integer | y | y | ${r}[position() = position(current()/..) - 1]/x | | | |
| | calculate | id | | | once(uuid()) | | |
| | end_repeat | | | | | | |
| | integer | want | want | | | | |
| | begin_repeat | q | q | | | | ${want} |
| | text | t | t | | | | |
| | end_repeat | | | | | | |
| | calculate | made | | | count(${q}) | | |
"""


def test_defaults_stand_where_nothing_was_given_not_even_null() -> None:
    form = a_form(DEFAULTS)
    values = evaluated(form, {"r": [{}, {"x": 9}, {"x": None}, {}]})["values"]
    assert (values["a"], values["d"], values["c"]) == ("3", "2025-12-20", "4")
    assert [(row["x"], row["y"]) for row in values["r"]] == [("5", None), ("9", "5"), (None, "9"), ("5", None)]
    assert evaluated(form, {"a": None})["values"]["c"] is None


def test_a_trigger_puts_a_value_when_its_question_changes() -> None:
    assert evaluated(a_form(DEFAULTS), {"a": 4})["values"]["note_it"] == "a=4"
    instance = an_instance(a_form(DEFAULTS))
    change = instance.set(Cell("a"), "8")
    assert [(edit.field, edit.new) for edit in change.edits] == [("a", "8"), ("note_it", "a=8")]
    instance.set(Cell("note_it"), "own words")
    assert instance.text(Cell("note_it")) == "own words"


def test_once_keeps_its_value_over_a_restart() -> None:
    form = a_form(DEFAULTS)
    instance = an_instance(form)
    change = instance.add_row("r", row_id="row-1")
    first = instance.text(Cell("id", "row-1"))
    assert first.startswith("id-")
    assert ("id", first) in [(edit.field, edit.new) for edit in change.edits]
    from cunbao.survey.instance import Instance
    from world.forms import an_env

    again = Instance(form, an_env(), answers=instance.answers())
    assert again.text(Cell("id", "row-1")) == first


def test_a_repeat_count_makes_rows_and_keeps_surplus_ones_out_of_the_figures() -> None:
    form = a_form(DEFAULTS)
    values = evaluated(form, {"want": 3, "q": [{"t": "one"}]})["values"]
    assert [row["t"] for row in values["q"]] == ["one", None, None]
    assert values["made"] == "3"
    instance = an_instance(form)
    instance.set(Cell("want"), "2")
    instance.set(Cell("t", instance.rows("q")[1]), "kept")
    instance.set(Cell("want"), "1")
    assert instance.text(Cell("made")) == "1"
    assert len(instance.answers(signed=True).rows["q"]) == 1
    instance.set(Cell("want"), "2")
    assert instance.text(Cell("t", instance.rows("q")[1])) == "kept"


def test_a_name_that_the_form_has_not_is_told() -> None:
    for wrong in ({"nobody": 1}, {"p": [{"nobody": 1}]}, {"p": 3}, {"age": 3}):
        with pytest.raises(UnknownName):
            evaluated(a_form(ROSTER), wrong)


def test_numbers_come_as_numbers_or_texts_and_leave_as_plain_decimals() -> None:
    sheets = """
| survey |
| | type | name | label |
| | integer | i | i |
| | decimal | d | d |
| | text | t | t |
| | date | day | day |
| | note | n | 说明 |
"""
    form = a_form(sheets)
    given: dict[str, Any] = {"i": "１２", "d": 1.50, "t": 7, "day": "2025/1/5"}
    assert evaluated(form, given)["values"] == {"i": "12", "d": "1.5", "t": "7", "day": "2025-01-05", "n": None}
    got = evaluated(form, {"i": "12.5", "d": "多", "day": "2025-02-30", "t": "坏\x07字"})
    assert [one["kind"] for one in got["findings"]] == ["type", "type", "character", "type"]
    assert got["values"]["i"] == "12.5"
    assert evaluated(form, {"d": "1234567890123456789.5"})["values"]["d"] == "1234567890123456789.5"


def test_a_select_is_text_even_when_its_codes_look_like_numbers() -> None:
    sheets = """
| survey |
| | type | name | label | calculation |
| | select_one l | s | s | |
| | calculate | t | | ${s} = '1' |
| | calculate | n | | ${s} = 1 |
| choices |
| | list_name | name | label |
| | l | 01 | x |
| | l | 1 | y |
"""
    assert [evaluated(a_form(sheets), {"s": "01"})["values"][k] for k in ("s", "t", "n")] == ["01", "false", "true"]


def test_rows_of_a_roster_are_kept_by_id() -> None:
    form = a_form(ROSTER)
    instance = an_instance(form)
    instance.add_row("p", row_id="a", values={"name": "岩三"})
    instance.add_row("p", row_id="b", values={"name": "玉罕"}, position=0)
    instance.move_row("p", "b", 1)
    assert instance.rows("p") == ("a", "b")
    assert instance.answers().rows["p"][1] == Row(
        "b", {"name": "玉罕", "pos": "2", "adult": "0", "before": "岩三", "first": "岩三", "same": "1", "rows": "2"}
    )
