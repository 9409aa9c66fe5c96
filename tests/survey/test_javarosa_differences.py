"""Where we differ from JavaRosa on purpose: one test for each line of the table in ARCHITECTURE.md.

What JavaRosa does is read from its sources: XPathFuncExpr, XPathEqExpr, IAnswerData, TreeReference.
"""

from __future__ import annotations

from cunbao.survey.values import Cell
from world.forms import a_form, an_instance, calculated, evaluated


def test_01_decimals_are_exact() -> None:
    assert calculated("0.1 + 0.2") == "0.3"  # JavaRosa: 0.30000000000000004
    assert calculated("1.1 * 3") == "3.3"


def test_02_a_quotient_has_34_digits() -> None:
    assert calculated("2 div 3") == "0.6666666666666666666666666666666667"  # JavaRosa: 0.6666666666666666


def test_03_division_by_nothing_is_empty() -> None:
    assert calculated("1 div 0") is None  # JavaRosa: Infinity
    assert calculated("if(1 div 0 > 5, 'a', 'b')") == "b"


def test_04_rounding_to_places_is_half_away_from_zero() -> None:
    assert calculated("round(-2.345, 2)") == "-2.35"  # JavaRosa: -2.34
    assert calculated("round(-2.5)") == "-2"  # as JavaRosa


def test_05_the_greatest_of_negative_numbers_is_one_of_them() -> None:
    assert calculated("max(-3, -1)") == "-1"  # JavaRosa: 4.9E-324


def test_06_lengths_count_characters() -> None:
    assert calculated("string-length('𠮷')") == "1"  # JavaRosa: 2
    assert calculated("substr('𠮷田', 1)") == "田"
    assert calculated("regex('𠮷', '.')") == "true"  # as JavaRosa


def test_07_a_text_that_is_a_date_compares_as_a_date() -> None:
    assert calculated("'2026-01-02' > '2026-01-01'") == "true"  # JavaRosa: false


def test_08_what_is_no_date_is_empty() -> None:
    assert calculated("date('soon')") is None  # JavaRosa: an error that stops the form
    assert calculated("format-date('2025-02-30', '%Y')") is None


def test_09_moments_keep_their_time_in_arithmetic_and_have_no_zone() -> None:
    assert calculated("${b} - ${a}", a="2025-12-20T06:00", b="2025-12-20T18:00") == "0.5"  # JavaRosa: 0
    assert calculated("decimal-date-time('1970-01-02')") == "1"  # JavaRosa: less by the device's zone


def test_10_a_day_is_written_as_a_day() -> None:
    assert calculated("today()") == "2025-12-20"  # JavaRosa: 2025-12-20T00:00:00.000+08:00 in a plain calculate


def test_11_names_of_months_and_days_are_english() -> None:
    assert calculated("format-date('2025-12-20', '%b %a')") == "Dec Sat"  # JavaRosa: the device's language


def test_12_a_truth_is_written_true_or_false() -> None:
    assert calculated("1 = 1") == "true"  # JavaRosa: 1
    assert calculated("(1 = 2) = 'false'") == "true"  # JavaRosa: false, since a text that is not empty is true


def test_13_a_comma_is_no_decimal_point() -> None:
    assert calculated("number('1,5') = 1.5") == "false"  # JavaRosa: true


def test_14_a_number_may_be_looked_for_among_the_selected() -> None:
    assert calculated("selected('1 2', 2)") == "true"  # JavaRosa: an error


def test_15_randomize_keeps_the_order_of_the_list() -> None:
    sheets = "| survey |\n| | type | name | label | parameters |\n| | select_one l | s | s | randomize=true |\n"
    sheets += "| choices |\n| | list_name | name | label |\n"
    form = a_form(sheets + "".join(f"| | l | {n} | {n} |\n" for n in range(9)))
    assert [one.code for one in an_instance(form).choices(Cell("s"))] == [str(n) for n in range(9)]


ROWS = """
| survey |
| | type | name | label | calculation | repeat_count |
| | begin_repeat | r | r | | |
| | integer | x | x | | |
| | calculate | n | | count(${r}) | |
| | calculate | before | | indexed-repeat(${x}, ${r}, position(..) - 1) | |
| | end_repeat | | | | |
| | calculate | one | | ${x} | |
| | calculate | any | | ${x} = 7 | |
| | integer | many | many | | |
| | begin_repeat | q | q | | ${many} |
| | text | t | t | | |
| | end_repeat | | | | |
"""


def test_16_a_roster_begins_without_rows() -> None:
    assert an_instance(a_form(ROWS)).rows("r") == ()  # JavaRosa: one empty row


def test_17_count_inside_a_roster_counts_all_its_rows() -> None:
    rows = evaluated(a_form(ROWS), {"r": [{"x": 1}, {"x": 2}]})["values"]["r"]
    assert [row["n"] for row in rows] == ["2", "2"]  # JavaRosa: 1, the row itself


def test_18_there_is_no_row_before_the_first() -> None:
    rows = evaluated(a_form(ROWS), {"r": [{"x": 1}, {"x": 2}]})["values"]["r"]
    assert [row["before"] for row in rows] == [None, "1"]  # JavaRosa: 1, 1


def test_19_a_column_as_one_value_is_its_first_and_compares_with_any() -> None:
    values = evaluated(a_form(ROWS), {"r": [{"x": 1}, {"x": 7}]})["values"]
    assert (values["one"], values["any"]) == ("1", "true")  # JavaRosa: an error


def test_20_rows_beyond_the_count_are_kept_and_not_counted() -> None:
    instance = an_instance(a_form(ROWS))
    instance.set(Cell("many"), "2")
    instance.set(Cell("t", instance.rows("q")[1]), "typed")
    instance.set(Cell("many"), "1")
    assert instance.text(Cell("t", instance.rows("q")[1])) == "typed"  # Collect: deleted
    assert len(instance.answers(signed=True).rows["q"]) == 1


KINDS = """
| survey |
| | type | name | label | choice_filter | constraint | calculation |
| | integer | i | 户数 | | . < 10 | |
| | select_one g | g | 组 | | | |
| | select_one l | s | 项 | grp = ${g} | | |
| | text | t | 文 | | | |
| | calculate | c | | | | coalesce(${i}, -1) |
| choices |
| | list_name | name | label | grp |
| | g | 1 | 一 | |
| | g | 2 | 二 | |
| | l | a | 甲 | 1 |
| | l | b | 乙 | 2 |
"""


def test_21_a_text_in_a_number_cell_is_kept_marked_and_counts_as_empty() -> None:
    got = evaluated(a_form(KINDS), {"i": "三百"})
    assert (got["values"]["i"], got["values"]["c"]) == ("三百", "-1")  # JavaRosa: refused while typing
    assert [(one["path"], one["kind"]) for one in got["findings"]] == [("i", "type")]


def test_22_a_choice_that_is_no_longer_offered_is_kept_and_marked() -> None:
    instance = an_instance(a_form(KINDS))
    for name, code in (("g", "1"), ("s", "a"), ("g", "2")):
        instance.set(Cell(name), code)
    assert instance.text(Cell("s")) == "a"  # JavaRosa: cleared
    assert [one.check for one in instance.findings_at(Cell("s"))] == ["list"]


def test_23_full_width_digits_and_blanks_around_are_put_right() -> None:
    instance = an_instance(a_form(KINDS))
    instance.set(Cell("i"), " １，２３４ ")
    instance.set(Cell("t"), "　岩三　")
    assert (instance.text(Cell("i")), instance.text(Cell("t"))) == (
        "1234",
        "岩三",
    )  # JavaRosa: refused; kept with blanks


def test_24_a_day_has_no_time() -> None:
    assert calculated("string(date('2026-01-02T10:20'))") == "2026-01-02"  # JavaRosa: 2026-01-02T10:20:00.000
