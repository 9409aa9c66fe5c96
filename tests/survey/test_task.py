"""The built-in task is whole: every field has its place on the screen and on paper, every check can be run."""

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.errors import SurveyError
from cunbao.survey.checks import compiled_checks
from cunbao.survey.compile import compiled_task
from cunbao.survey.formulas import computable, reads, summed
from cunbao.survey.indicators import office_figures
from cunbao.survey.resources import forms_path
from cunbao.survey.sample import SAMPLE_OFFICES
from cunbao.survey.task import load_task
from world.task import cut_task
from world.villages import TASK, the_task

# fields.md §1–§8
ASKED_BY_HAND = {"B01": 31, "B02": 17, "B03": 22, "B04": 20, "B05": 17, "B06": 53, "B07": 59, "T01": 33}
SHOWN = {"B01": 35, "B02": 36, "B03": 41, "B04": 28, "B05": 23, "B06": 60, "B07": 65, "T01": 36}
HELPERS = {"B01": 0, "B02": 12, "B03": 15, "B04": 5, "B05": 3, "B06": 0, "B07": 0, "T01": 0}


def columns(form):
    return [*form.fields, *(one for repeat in form.repeats for one in repeat.fields)]


def test_each_form_asks_and_shows_as_many_fields_as_the_field_book():
    forms = the_task().forms
    assert {name: sum(not one.calculated for one in columns(form)) for name, form in forms.items()} == ASKED_BY_HAND
    assert {name: sum(not one.hidden for one in columns(form)) for name, form in forms.items()} == SHOWN
    assert {name: sum(one.hidden for one in columns(form)) for name, form in forms.items()} == HELPERS


def test_texts_keep_their_chinese_quotation_marks():
    """pyxform turns “ ” into straight ones unless it is kept from it."""
    form = the_task().forms["B02"]
    assert form.field("b02_zero").hint == "有一处也选“否”"
    assert "“无”" in the_task().forms["B03"].repeat("b03_m").field("b03_m_post_comm").constraint_message


def test_computed_fields_keep_label_unit_and_list():
    form = the_task().forms["B03"]
    assert form.field("b03_n").label == "“两委”成员合计"
    assert form.field("b03_n").unit == "人"
    assert form.repeat("b03_m").field("b03_m_sex").list.label("2") == "女性"
    assert form.repeat("b03_m").hint == "同时在两个班子任职的只填一行"


def test_every_check_and_indicator_compiles():
    task = the_task()
    assert len(task.checks) == 118
    assert len(compiled_checks(task)) == 116  # K-035 and K-115 look over villages
    assert len(task.indicators) == 249
    assert len(computable(task)) == 219
    office_figures(task, SAMPLE_OFFICES[0], {})  # compiles all of them


def test_the_b02_screen_follows_the_kinds_of_facility():
    screen = the_task().screens["B02"]
    assert [one.title for one in screen.sections] == [
        "基本数", "室内服务设施", "专项服务设施", "室外活动场所", "商业服务设施", "合计",
    ]  # fmt: skip
    kinds = [code for one in screen.sections for code in one.where.get("b02_f_kind", ())]
    assert sorted(kinds) == [one.code for one in the_task().lists["facility_kind"].choices]
    assert screen.live is not None and the_task().params[screen.live.target] == Decimal(30)


def copy_of_the_task(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / TASK
    shutil.copytree(forms_path(TASK), folder)
    return folder, compiled_task(forms_path(TASK))


def test_a_task_that_names_what_no_form_has_is_refused_with_every_fault(tmp_path):
    folder, compiled = copy_of_the_task(tmp_path)
    toml = (folder / "task.toml").read_text("utf-8")
    toml = toml.replace('hints = ["b01_built_area"]', 'hints = ["b01_bulit_area"]').replace(
        '{ field = "b02_f_name", heads = ["名称"], mm = 50 }', '{ field = "b02_f_name", heads = ["名称"], mm = 49 }'
    )
    (folder / "task.toml").write_text(toml, "utf-8")
    with pytest.raises(SurveyError) as refused:
        load_task(folder, compiled)
    assert "b01_bulit_area" in refused.value.detail
    assert "表1各栏共宽266毫米" in refused.value.detail


def test_a_broken_check_is_told_by_its_name(tmp_path):
    folder, compiled = copy_of_the_task(tmp_path)
    checks = (folder / "checks.csv").read_text("utf-8")
    (folder / "checks.csv").write_text(checks.replace("B02.b02_n > 0", "B02.b02_m > 0"), "utf-8")
    with pytest.raises(SurveyError) as refused:
        compiled_checks(load_task(folder, compiled))
    assert "b02_m" in refused.value.happened


def test_two_tasks_with_one_changed_byte_have_two_names(tmp_path):
    folder, compiled = copy_of_the_task(tmp_path)
    before = load_task(folder, compiled).sha256
    (folder / "lists" / "yes_no.csv").write_text("code,label\n1,对\n0,否\n", "utf-8")
    assert load_task(folder, compiled).sha256 != before


def test_a_task_with_fewer_forms_drops_the_checks_and_indicators_that_name_the_others(tmp_path):
    task = load_task(cut_task(tmp_path / "task", ("B01", "B02")))
    assert tuple(task.forms) == ("B01", "B02") and task.required_forms == ("B01",)
    named = {check.id for check in the_task().checks if set(check.forms) <= {"B01", "B02"}}
    assert {one.id for one in task.checks} == named and "K-072" not in named
    assert [one.number for one in computable(task) if one.number.startswith("001-")] == ["001-09", "001-13"]


# They ask a township by sums over its villages, or a street by how many live in it: no expression of one office does.


def test_every_indicator_that_a_form_collects_reads_the_fields_that_it_names():
    task = the_task()
    with (forms_path(TASK) / "indicators.csv").open(encoding="utf-8", newline="") as file:
        collected = {row["no"]: row["collected_at"].split("; ") for row in csv.DictReader(file)}
    known = {one.number: one for one in computable(task)}
    assert {number for number, fields in collected.items() if fields != ["-"]} == set(known)
    for number, one in known.items():
        words = f"{one.applies} {one.numerator} {one.denominator}"
        read = {f"{form}.{name}" for form, name in (*reads(task, one), *summed(task, one))}
        read |= set(re.findall(r"B02\.b02_f\b", words))
        columns = {f"B02.{name}" for name in re.findall(r"(?<!\.)\bb02_f_\w+", words)}
        assert set(collected[number]) <= read | columns, number


def test_checks_csv_has_no_id_twice():
    with (forms_path(TASK) / "checks.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["id"] for row in csv.DictReader(file)]
    assert len(ids) == len(set(ids)) == 118
