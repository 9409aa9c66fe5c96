"""A dataset on the disk: replaced whole or not at all, equal bytes for equal data, texts that stay texts in Excel."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cunbao.errors import StoreError
from cunbao.store import Workspace
from cunbao.store.datasets.dictionary import package
from cunbao.store.datasets.files import DICTIONARY, Place, Stage, partitions
from cunbao.store.datasets.source import Asked, gathered
from cunbao.survey.sample import SAMPLE_OFFICES
from cunbao.survey.values import Answers
from world.dataset import PERIOD, a_county_workspace, accept, asked_of
from world.villages import a_village, the_task

OFFICE = SAMPLE_OFFICES[0]
TEXTS = ("=1+1", "+2", "-3", "@x", "'引号", '带"引号"，和,逗号', "两\n行", "999022199001011234", "村民活动中心")


@pytest.fixture
def county(tmp_path: Path) -> Workspace:
    """One village, in whose roster of facilities stands every difficult text."""
    ws, task = a_county_workspace(tmp_path / "county"), the_task().whole
    said = a_village(OFFICE.code).signed()
    rows = said["B02"].rows["b02_f"]
    named = tuple(
        type(rows[0])(f"row{at}", {**rows[at % len(rows)].values, "b02_f_name": text}) for at, text in enumerate(TEXTS)
    )
    accept(ws, task, OFFICE, {**said, "B02": Answers(said["B02"].values, {"b02_f": named})})
    return ws


def asked(**more: object) -> Asked:
    return asked_of(the_task().whole, [OFFICE], **more)


def export(ws: Workspace, place: Place, formats: tuple[str, ...] = ("parquet", "csv"), **more: object) -> None:
    with Stage(place, formats) as stage:
        for lines in gathered(ws, asked(**more)):
            stage.take(lines)
        facts = {"title": "数据集", "description": "", "county": "532822", "period": PERIOD, "task": {}}
        stage.add(DICTIONARY, package(facts, stage.written))
        stage.put_in_place()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_equal_data_give_equal_bytes_and_a_second_export_takes_the_place_of_the_first(
    county: Workspace, tmp_path: Path
) -> None:
    one, two = Place(tmp_path / "one", PERIOD, "532822"), Place(tmp_path / "two", PERIOD, "532822")
    export(county, one)
    first = files_of(tmp_path / "one")
    export(county, two)
    export(county, one)
    assert files_of(tmp_path / "one") == first == files_of(tmp_path / "two") and len(first) > 30
    export(county, one, formats=("parquet",))
    assert not any(name.endswith(".csv") for name in files_of(tmp_path / "one"))


def test_what_lay_there_stays_until_the_new_one_is_whole(county: Workspace, tmp_path: Path) -> None:
    place = Place(tmp_path / "out", PERIOD, "532822")
    export(county, place)
    before = files_of(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt), Stage(place, ("parquet",)) as stage:
        for lines in list(gathered(county, asked()))[:3]:
            stage.take(lines)
        raise KeyboardInterrupt
    assert files_of(tmp_path / "out") == before
    place.path.rename(place.path.with_name(".old~county=532822"))  # the power went between the two renames
    assert [one.county for one in partitions(tmp_path / "out")] == ["532822"]
    assert files_of(tmp_path / "out") == before


def test_what_is_not_ours_is_left_alone(county: Workspace, tmp_path: Path) -> None:
    place = Place(tmp_path / "out", PERIOD, "532822")
    place.path.mkdir(parents=True)
    (place.path / "别人的.txt").write_text("x")
    with pytest.raises(StoreError) as refused:
        export(county, place)
    assert refused.value.code == "dataset.foreign" and [one.name for one in place.path.iterdir()] == ["别人的.txt"]
    with pytest.raises(StoreError) as none:
        partitions(tmp_path / "out")
    assert none.value.code == "dataset.none"


def test_no_text_becomes_a_formula_and_each_can_be_had_back(county: Workspace, tmp_path: Path) -> None:
    place = Place(tmp_path / "out", PERIOD, "532822")
    export(county, place)
    path = place.path / "form=B02" / "table=B02_b02_f" / "data.csv"
    assert path.read_bytes().startswith("\ufeff_office,".encode())
    with path.open(encoding="utf-8-sig", newline="") as file:
        told = [row["b02_f_name"] for row in csv.DictReader(file)]
    assert not any(text[0] in "=+-@" or text.isdigit() for text in told)
    assert tuple(text.removeprefix("'") for text in told) == TEXTS


def test_pandas_reads_exact_numbers_codes_and_days(county: Workspace, tmp_path: Path) -> None:
    place = Place(tmp_path / "out", PERIOD, "532822")
    export(county, place, formats=("parquet",))
    said = a_village(OFFICE.code).signed()
    frame = pd.read_parquet(place.path / "form=B02" / "table=B02")
    assert [str(one) for one in frame["b02_area_total"]] == [f"{float(said['B02'].values['b02_area_total']):.2f}"]
    whole = duckdb.sql(f"SELECT period, county, form FROM read_parquet('{tmp_path}/out/*/*/*/table=B02/*.parquet')")
    assert [tuple(map(str, row)) for row in whole.fetchall()] == [(PERIOD, "532822", "B02")]
    assert frame["b02_n"].tolist() == [int(said["B02"].values["b02_n"])]
    people = pd.read_parquet(place.path / "form=B03" / "table=B03_b03_m")
    assert people["b03_m_sex"].iloc[0] == said["B03"].rows["b03_m"][0].values["b03_m_sex"]
    assert str(people["b03_m_since"].iloc[0]) == said["B03"].rows["b03_m"][0].values["b03_m_since"]
    parts = pd.read_parquet(place.path / "indicators")
    counted = parts[parts["why"] == "counted"]
    assert len(counted) > 50 and set(counted["_office"]) == {OFFICE.code}


def test_personal_columns_are_there_only_when_they_are_asked_for(county: Workspace, tmp_path: Path) -> None:
    person = a_village(OFFICE.code).signed()["B03"].rows["b03_m"][0].values
    secrets = [person[name].encode() for name in ("b03_m_id", "b03_m_phone", "b03_m_name", "b03_m_birth")]
    plain, whole = Place(tmp_path / "plain", PERIOD, "532822"), Place(tmp_path / "whole", PERIOD, "532822")
    export(county, plain, formats=("csv",))
    export(county, whole, formats=("csv",), personal=True)
    assert not any(secret in data for secret in secrets for data in files_of(plain.folder).values())
    data = (whole.path / "form=B03" / "table=B03_b03_m" / "data.csv").read_bytes()
    assert all(secret in data for secret in secrets)


def test_the_dictionary_says_of_every_column_what_it_means_and_every_key_holds(
    county: Workspace, tmp_path: Path
) -> None:
    place = Place(tmp_path / "out", PERIOD, "532822")
    export(county, place)
    told = json.loads((place.path / DICTIONARY).read_bytes())
    by_name = {one["name"]: one for one in told["resources"]}
    assert len(by_name) == len(told["resources"])
    frames = {}
    for one in told["resources"]:
        path = place.path / one["path"]
        assert path.stat().st_size == one["bytes"]
        fields = {field["name"]: field for field in one["schema"]["fields"]}
        assert all(field["title"] and field["type"] for field in fields.values())
        if one["format"] == "csv":
            frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        else:
            frame = pd.read_parquet(path)
        assert list(frame.columns) == list(fields) and len(frame) == one["cunbao:rows"]
        frames[one["name"]] = frame
    for name, frame in frames.items():
        schema = by_name[name]["schema"]
        if "primaryKey" in schema:
            assert not frame.duplicated(schema["primaryKey"]).any(), name
        for key in schema.get("foreignKeys", ()):
            theirs = frames[key["reference"]["resource"]][key["reference"]["fields"]]
            known = set(theirs.itertuples(index=False, name=None))
            assert set(frame[key["fields"]].itertuples(index=False, name=None)) <= known, name
    kind = next(one for one in by_name["b02_b02_f.parquet"]["schema"]["fields"] if one["name"] == "b02_f_kind")
    assert {"value": "11", "label": the_task().lists["facility_kind"].label("11")} in kind["categories"]
    area = next(one for one in by_name["b02.csv"]["schema"]["fields"] if one["name"] == "b02_area_total")
    assert area["unit"] == "平方米" and area["type"] == "number"
