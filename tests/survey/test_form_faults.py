"""A form with faults is refused whole, and every fault says sheet, row, column, what stands there and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from cunbao.cli import run_command
from cunbao.errors import SurveyError
from cunbao.survey.compile import FaultyForm, check_form
from cunbao.survey.evalform import eval_form
from cunbao.survey.form import read_form
from cunbao.survey.resources import forms_path
from world.forms import a_form, an_env, faults

COLUMNS = "type name label relevant constraint calculation choice_filter required constraint_message"
HEAD = "| survey |\n| | " + COLUMNS.replace(" ", " | ") + " |\n"
LISTS = "| choices |\n| | list_name | name | label | grp |\n| | yn | 1 | 是 | a |\n| | yn | 0 | 否 | a |\n"


def one_fault(*rows: str, choices: str = LISTS) -> tuple[int, str, str]:
    """(row, column, found) of the only fault of these survey rows."""
    found = faults(HEAD + "".join(f"| | {row} |\n" for row in rows) + choices)
    assert len(found) == 1, found
    assert found[0].remedy
    return found[0].row, found[0].column, found[0].found


@pytest.mark.parametrize(
    ("rows", "row", "column", "words"),
    [
        (("integer | a | a | | . > ",), 2, "constraint", "末尾"),
        (("integer | a | a | | (. > 1",), 2, "constraint", "读不下去"),
        (("integer | a | a | | . >> 1",), 2, "constraint", "“>”"),
        (("integer | a | a | | . > 1 2",), 2, "constraint", "“2”"),
        (("integer | a | a | | . ＞ 1",), 2, "constraint", "全角"),
        (("integer | a | a | | . = 'x",), 2, "constraint", "引号"),
        (("integer | a | a", "integer | b | b | | | ${c} + 1"), 3, "calculation", "${c}"),
        (("integer | a | a", "text | b | b | ${a"), 3, "relevant", "${a"),
        (("integer | a | a | frist(1)",), 2, "relevant", "frist()"),
        (("integer | a | a | | if(. > 1, 2)",), 2, "constraint", "要 3 个参数，写了 2 个"),
        (("integer | a | a | | substr(.)",), 2, "constraint", "要 2 到 3 个参数"),
        (("text | a | a | | regex(., '[0-9')",), 2, "constraint", "正则"),
        (("text | a | a | | regex(., '*')",), 2, "constraint", "正则"),
        (("intger | a | a",), 2, "type", "intger"),
        (("geopoint | a | a",), 2, "type", "不支持"),
        (("image | a | a",), 2, "type", "不支持"),
        (("range | a | a",), 2, "type", "不支持"),
        (("select_one nolist | a | a",), 2, "type", "nolist"),
        (("select_one | a | a",), 2, "type", "没有写代码表名"),
        (("select_one_from_file lists/no.csv | a | a",), 2, "type", "no.csv"),
        (("integer | | a",), 2, "name", "没有名称"),
        ((" | a | a", "integer | b | b"), 2, "type", "没有写类型"),
        (("integer | 1a | a",), 2, "name", "1a"),
        (("integer | a b | a",), 2, "name", "a b"),
        (("integer | a | a", "text | a | a"), 3, "name", "第2行重复"),
        (("integer | a | a", "begin_group | g | g", "text | a | a", "end_group | | "), 4, "name", "第2行重复"),
        (("begin_group | g | g", "integer | a | a"), 2, "type", "没有结束"),
        (("integer | a | a", "end_repeat | | "), 3, "type", "没有对应"),
        (
            (
                "begin_repeat | r | r",
                "integer | a | a",
                "begin_repeat | q | q",
                "integer | b | b",
                "end_repeat | | ",
                "end_repeat | | ",
            ),
            4,
            "type",
            "名册套名册",
        ),
        (
            (
                "begin_repeat | r | r",
                "begin_group | g | g",
                "begin_repeat | q | q",
                "text | b | b",
                "end_repeat | |",
                "end_group | |",
                "end_repeat | |",
            ),
            4,
            "type",
            "名册套名册",
        ),
        (("begin_group | g | g", "end_group | | ", "text | t | t"), 2, "type", "里面没有问题"),
        (("integer | a | ",), 2, "label", "没有标题"),
        (("calculate | a | a",), 2, "calculation", "没有写算式"),
        (("calculate | a | a | | | ${a} + 1",), 2, "calculation", "自己"),
        (
            ("calculate | a | a | | | ${b} + 1", "calculate | b | b | | | ${c}", "calculate | c | c | | | ${a}"),
            2,
            "calculation",
            "a → b → c → a",
        ),
        (("integer | a | a | ${b} > 1", "integer | b | b | ${a} > 1"), 2, "relevant", "a → b → a"),
        (("begin_group | g | g | ${x} > 1", "integer | x | x", "end_group | | "), 2, "relevant", "g → x → g"),
        (("begin_repeat | r | r | count(${r}) < 2", "integer | x | x", "end_repeat | | "), 2, "relevant", "自己"),
        (("select_one yn | a | a | | | | size > 3",), 2, "choice_filter", "size"),
        (("integer | a | a | | . > 1 | | | | 不大于${zz}",), 2, "constraint_message", "${zz}"),
        (("integer | a | 一共${zz}",), 2, "label", "${zz}"),
        (("integer | a | a | | | instance('B09')/data/x",), 2, "calculation", "B09"),
        (("integer | a | a | | | pulldata('places', 'a', 'b', 1)",), 2, "calculation", "places"),
        (("integer | a | a | | | /data/zz + 1",), 2, "calculation", "/data/zz"),
        (("integer | a | a | | | sum(3)",), 2, "calculation", "sum()"),
        (("decimal | a | a | | . = floor(.)",), 2, "constraint", "floor()"),
        (("integer | a | a | | | a//b",), 2, "calculation", "//"),
        (
            (
                "begin_repeat | r | r",
                "integer | x | x",
                "end_repeat | | ",
                "integer | z | z",
                "calculate | y | | | | indexed-repeat(${z}, ${r}, 1)",
            ),
            6,
            "calculation",
            "indexed-repeat",
        ),
    ],
)
def test_each_fault_is_named_where_it_stands(rows: tuple[str, ...], row: int, column: str, words: str) -> None:
    at, where, found = one_fault(*rows)
    assert (at, where) == (row, column)
    assert words in found


def test_faults_of_the_other_sheets_are_named_too() -> None:
    choices = "| choices |\n| | list_name | name | label |\n"
    choices += "| | yn | 1 | 是 |\n| | yn | 1 | 否 |\n| | | 2 | 否 |\n| | yn | | 否 |\n"
    settings = "| settings |\n| | form_title | form_id | shape |\n| | t | f | round |\n"
    found = faults(HEAD + "| | select_one yn | a | a |\n" + choices + settings)
    assert [(f.sheet, f.row, f.column) for f in found] == [
        ("settings", 1, "shape"),
        ("choices", 3, "name"),
        ("choices", 4, "list_name"),
        ("choices", 5, "name"),
    ]
    found = faults(HEAD.replace("| required |", "| requierd |") + "| | text | a | a |\n")
    assert [(f.sheet, f.row, f.column) for f in found] == [("survey", 1, "requierd")]
    assert [f.found for f in faults("| settings |\n| | form_id |\n| | f |\n| choices |\n| | list_name | name |\n")] == [
        "没有 survey 这张表"
    ]


def test_all_faults_come_at_once_in_the_order_of_the_sheet() -> None:
    rows = [
        "intger | a | a",
        "text | b | b | ${no} = 1 | regex(., '(')",
        "select_one nolist | c | c",
        "calculate | d | d | | | foo(1) + bar(",
    ]
    found = faults(HEAD + "".join(f"| | {row} |\n" for row in rows))
    assert [(f.row, f.column) for f in found] == [
        (2, "type"),
        (3, "relevant"),
        (3, "constraint"),
        (4, "type"),
        (5, "calculation"),
    ]


def test_columns_that_pyxform_knows_and_namespaced_ones_are_no_fault() -> None:
    sheets = """
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | 题 | f | 1 | 中文(zh) | cb="urn:cunbao:bind:1" |
| survey |
| | type | name | label::中文(zh) | hint::中文(zh) | required | required_message | read_only | appearance | default |
| | text | a | 甲 | 提示 | yes | 请填甲 | no | multiline | |
"""
    assert faults(sheets) == ()
    more = "| survey |\n| | type | name | label | bind::cb:unit | media::image |\n| | text | a | 甲 | 个 | |\n"
    settings = '| settings |\n| | form_id | namespaces |\n| | f | cb="urn:cunbao:bind:1" |\n'
    assert a_form(settings + more).field("a").unit == "个"
    form = a_form(sheets)
    field = form.field("a")
    assert (form.title, form.id, field.label, field.hint) == ("题", "f", "甲", "提示")


def test_a_question_that_is_worked_out_needs_no_words() -> None:
    form = a_form(HEAD + "| | integer | a | 人数 |\n| | integer | b | | | | ${a} * 2 |\n")
    assert form.field("b").calculated and form.field("b").hidden
    assert one_fault("note | a | | | | 1 + 1") == (2, "label", "a 没有标题（label）")


def test_blanks_around_the_language_of_a_heading_are_no_fault() -> None:
    sheet = "| survey |\n| | type | name | label :: 中文 (zh) | constraint | constraint_message :: 中文 (zh) |\n"
    assert faults(sheet + "| | integer | a | 人数 | . > 0 | 应大于0 |\n") == ()


def test_choices_from_an_xml_file_that_is_not_there_are_told() -> None:
    xform = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head>
    <h:title>x</h:title><model><instance><data id="x"><a/></data></instance>
    <instance id="towns" src="jr://file/towns.xml"/><bind nodeset="/data/a" type="string"/></model></h:head><h:body>
    <select1 ref="/data/a"><label>a</label><itemset nodeset="instance('towns')/root/item"><value ref="name"/>
    <label ref="label"/></itemset></select1></h:body></h:html>"""
    with pytest.raises(SurveyError) as refused:
        read_form(xform.encode(), {})
    assert refused.value.code == "form.list" and "towns" in refused.value.happened


def test_controls_and_actions_may_name_a_bind_and_the_marked_language_is_shown() -> None:
    xform = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
    xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>x</h:title><model><itext>
    <translation lang="fr"><text id="a"><value>village</value></text></translation>
    <translation lang="zh" default=""><text id="a"><value>村</value></text></translation></itext>
    <instance><data id="x"><a/></data></instance><bind id="first" nodeset="/data/a" type="string"/>
    <setvalue bind="first" event="odk-instance-first-load">勐海</setvalue></model></h:head><h:body>
    <input bind="first"><label ref="jr:itext('a')"/></input></h:body></h:html>"""
    form = read_form(xform.encode(), {})
    assert form.field("a").label == "村" and not form.field("a").hidden
    assert eval_form(form, {}, env=an_env())["values"] == {"a": "勐海"}


def test_a_compiled_form_is_checked_too(tmp_path: Path) -> None:
    xform = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head>
    <h:title>x</h:title><model><instance><data id="x"><a/><c/></data></instance>
    <bind nodeset="/data/a" calculate="frist(1)"/><bind nodeset="/data/c" calculate="/data/b"/></model>
    </h:head><h:body/></h:html>"""
    (tmp_path / "x.xml").write_text(xform, encoding="utf-8")
    found = check_form(tmp_path / "x.xml")
    assert {one.column for one in found} == {"a", "c"}
    (tmp_path / "y.xml").write_text("<h:html", encoding="utf-8")
    assert "读不下去" in check_form(tmp_path / "y.xml")[0].found
    assert "打不开" in check_form(tmp_path / "z.xml")[0].found


def test_a_calculation_wins_over_a_default() -> None:
    sheet = "| survey |\n| | type | name | label | calculation | default |\n"
    form = a_form(sheet + "| | integer | a | 甲 | 1 + 1 | 七 |\n")
    assert eval_form(form, {}, env=an_env())["values"] == {"a": "2"}


def test_chinese_quotation_marks_survive_in_texts_and_work_in_expressions() -> None:
    form = a_form(HEAD + "| | text | a | 选“否” | | . != “x” | | | | 不能写“x” |\n")
    assert (form.field("a").label, form.field("a").constraint_message) == ("选“否”", "不能写“x”")


def test_an_excel_file_is_read_like_the_markdown(tmp_path: Path) -> None:
    book = Workbook()
    survey = book.active
    assert survey is not None
    survey.title = "survey"
    for row in (
        ["type", "name", "label", "relevant"],
        ["integer", "a", "甲", None],
        [],
        ["text", "b", "乙", "${c} = 1"],
        ["begin repeat", "r", "名册"],
        ["decimal", "x", 1.5],
        ["end repeat"],
    ):
        survey.append(row)
    book.save(tmp_path / "form.xlsx")
    found = check_form(tmp_path / "form.xlsx")
    assert [(f.sheet, f.row, f.column, f.found) for f in found] == [("survey", 4, "relevant", "没有 ${c} 这个问题")]
    (tmp_path / "broken.xlsx").write_bytes((tmp_path / "form.xlsx").read_bytes()[:500])
    assert "Excel" in check_form(tmp_path / "broken.xlsx")[0].found


@pytest.mark.parametrize("name", ["B01", "B02", "B03", "B04", "B05", "B06", "B07"])
def test_the_built_in_forms_have_no_fault(name: str) -> None:
    assert (
        check_form(
            forms_path("community-services-2025") / f"{name}.md", forms_path("community-services-2025") / "lists"
        )
        == ()
    )


def test_a_form_with_faults_is_not_compiled_at_all() -> None:
    with pytest.raises(FaultyForm) as refused:
        a_form(HEAD + "| | intger | a | a |\n| | text | b | b | ${no} = 1 |\n")
    assert len(refused.value.faults) == 2
    assert "第3行" in refused.value.happened


def test_the_commands_end_with_the_agreed_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, answers = tmp_path / "good.md", tmp_path / "bad.md", tmp_path / "a.json"
    good.write_text(HEAD + "| | integer | a | 甲 | | . < 5 | | | yes | 甲要小于5 |\n", encoding="utf-8")
    bad.write_text(HEAD + "| | intger | a | 甲 |\n", encoding="utf-8")
    assert run_command(["form", "check", str(good), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run_command(["form", "check", str(bad), "--json"]) == 3
    assert set(json.loads(capsys.readouterr().out)[0]) == {"sheet", "row", "column", "found", "remedy"}
    answers.write_text('{"a": 3}', encoding="utf-8")
    assert run_command(["form", "eval", str(good), "--answers", str(answers), "--today", "2025-12-20", "--json"]) == 0
    expected = {"values": {"a": "3"}, "relevant": {"a": True}, "required": {"a": True}, "findings": []}
    assert json.loads(capsys.readouterr().out) == expected
    answers.write_text('{"a": 7}', encoding="utf-8")
    assert run_command(["form", "eval", str(good), "--answers", str(answers), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == [
        {"path": "a", "kind": "constraint", "message": "甲要小于5"}
    ]
    answers.write_text('{"b": 7}', encoding="utf-8")
    assert run_command(["form", "eval", str(good), "--answers", str(answers), "--json"]) == 2
    assert run_command(["form", "eval", str(bad), "--answers", str(answers), "--json"]) == 3
    assert run_command(["form", "eval", str(tmp_path / "none.md"), "--answers", str(answers)]) == 2


@given(st.binary(max_size=200))
def test_bytes_that_are_no_form_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(SurveyError):
        read_form(data, {})


def test_a_form_cannot_reach_files_or_grow_in_memory() -> None:
    xml = b"""<?xml version="1.0"?><!DOCTYPE h [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>&a;</h:title><model>
<instance><data id="f"><x/></data></instance><bind nodeset="/data/x" type="string"/>
</model></h:head><h:body><input ref="/data/x"><label>x</label></input></h:body></h:html>"""
    assert read_form(xml, {}).title == ""
