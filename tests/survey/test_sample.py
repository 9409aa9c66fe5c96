"""The sample county is the same everywhere, belongs to nobody, and makes exactly the slips that it should."""

import json
from pathlib import Path

import pytest

from cunbao.survey import people
from cunbao.survey.sample import (
    MANBANG,
    MANGUO,
    MANLING,
    MANSAI,
    SAMPLE_OFFICES,
    SAMPLE_TOWNSHIPS,
    sample_answers,
    sample_errors,
    sample_office,
)
from cunbao.survey.values import Severity
from world.villages import a_village, last_year, must_fix, task_of, the_task

GOLDEN = Path(__file__).parent / "golden"
CODES = [one.code for one in SAMPLE_OFFICES]
PEOPLE = {"B03": "b03_m", "B04": "b04_p"}


def with_slips():
    village = a_village(MANGUO)
    for error in sample_errors(the_task()):
        village.slips(error)
    return village


def lines(village):
    """Findings as they stand in the golden file; a row by its number, since ids mean nothing to a reader."""
    told = []
    for one in village.findings():
        places, instance = [], village.instances[one.form]
        for cell in one.cells:
            rows = [row for repeat in instance.form.repeats for row in instance.rows(repeat.name)]
            places.append(f"{cell.field}[{rows.index(cell.row) + 1}]" if cell.row else cell.field)
        told.append({
            "check": one.check, "severity": one.severity.value, "form": one.form, "cells": places,
            "message": one.message, "remedy": one.remedy,
        })  # fmt: skip
    return told


@pytest.mark.parametrize("code", CODES)
def test_findings_of_each_village_are_those_reviewed_by_hand(code):
    village = with_slips() if code == MANGUO else a_village(code)
    told = lines(village)
    golden = json.loads((GOLDEN / f"findings-{code}.json").read_text("utf-8"))
    assert told == golden


@pytest.mark.parametrize("code", [code for code in CODES if code != MANGUO])
def test_the_other_villages_can_sign(code):
    assert must_fix(a_village(code).findings()) == []


@pytest.mark.parametrize("code", CODES)
def test_last_year_could_be_signed_too(code):
    assert must_fix(a_village(code, period="2024", last=False).findings()) == []


def test_manguo_makes_the_slips_of_the_field_book():
    told = with_slips().findings()
    assert {one.check for one in told if one.severity is Severity.MUST_FIX} == {"K-022", "K-037", "K-049", "K-098"}
    assert {"K-018", "K-030", "K-072", "K-102"} <= {one.check for one in told if one.severity is Severity.EXPLAIN}


def test_manguo_can_sign_after_its_corrections():
    village = with_slips()
    for error in sample_errors(the_task()):
        village.corrects(error)
    assert must_fix(village.findings()) == []


def test_the_same_seed_gives_the_same_villages_and_another_seed_others():
    assert sample_answers(the_task(), MANBANG, "2025") == sample_answers(the_task(), MANBANG, "2025", 2025)
    assert sample_answers(the_task(), MANBANG, "2025", 7) != sample_answers(the_task(), MANBANG, "2025")


def test_last_year_is_the_same_when_the_task_itself_is_last_years():
    assert sample_answers(task_of("2024"), MANGUO, "2024") == sample_answers(the_task(), MANGUO, "2024")


@pytest.mark.parametrize("code", CODES)
def test_no_sample_number_can_belong_to_a_person(code):
    for period in ("2025", "2024"):
        for form, repeat in PEOPLE.items():
            rows = sample_answers(the_task(), code, period)[form].rows[repeat]
            numbers = [row.values[f"{repeat}_id"] for row in rows]
            assert all(one.startswith("999022") and people.id_ok(one) for one in numbers)
            assert not any(people.province_ok(one) for one in numbers)
            assert len(set(numbers)) == len(numbers)


def test_a_person_keeps_row_id_and_number_over_the_years():
    now = {row.id: row.values["b03_m_id"] for row in sample_answers(the_task(), MANBANG, "2025")["B03"].rows["b03_m"]}
    before = last_year(MANBANG)["B03"].rows["b03_m"]
    assert before and all(now[row.id] == row.values["b03_m_id"] for row in before)


def test_names_are_not_repeated_in_a_village_and_rare_ones_are_there():
    told = {}
    for code in CODES:
        answers = sample_answers(the_task(), code, "2025")
        told[code] = [
            row.values[f"{repeat}_name"]
            for form, repeat in (*PEOPLE.items(), ("B05", "b05_p"))
            for row in answers[form].rows.get(repeat, ())
        ]
        assert len(set(told[code])) == len(told[code])
    assert "李𠮷样" in told[MANLING]
    assert any("岩温香罕样" in some for some in told.values())


def test_the_shared_building_is_shared_in_full():
    parts = [
        row.values["b02_f_share_pct"]
        for code in (MANBANG, MANSAI)
        for row in sample_answers(the_task(), code, "2025")["B02"].rows["b02_f"]
        if row.values["b02_f_share_n"] == "2"
    ]
    assert parts == ["60", "40"]


def test_offices_know_their_township():
    assert {sample_office(code).parent for code in CODES} == {one.code for one in SAMPLE_TOWNSHIPS}
    assert sample_office(MANGUO).name == "曼国村民委员会"
