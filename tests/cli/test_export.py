"""`cunbao export` and `cunbao indicators --dataset`: a county's dataset says what its workspace says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Cunbao
from cunbao.desks.township.totals import totals_view
from world.county_returns import a_county_with_returns
from world.desk import a_village_desk
from world.postgres import a_server


def a_county(tmp_path: Path) -> Path:
    desk = a_county_with_returns(tmp_path)
    desk.close()
    return desk.workspace.folder


def test_indicators_over_a_dataset_are_those_of_the_workspace(cunbao: Cunbao, tmp_path: Path) -> None:
    county, out = a_county(tmp_path), tmp_path / "out"
    said = cunbao("export", county, out, "--json")
    assert said.code == 0, said.err
    for more in (("--plan", "003"), ("--plan", "001", "--by", "township"), ("--plan", "003", "--by", "village")):
        a = cunbao("indicators", county, *more, "--json").json
        b = cunbao("indicators", "--dataset", out, *more, "--json").json
        assert b["accepted"] == a["accepted"] and b["villages"] == a["villages"]
        for one, other in zip(a["indicators"], b["indicators"], strict=True):
            for office in one.get("offices", {}).values():
                office.pop("reason", None), office.pop("unreviewed", None)
            assert json.dumps(one) == json.dumps(other)
    assert cunbao("indicators", county).out == cunbao("indicators", "--dataset", out).out


def test_files_and_postgresql_in_one_run_and_indicators_over_either(cunbao: Cunbao, tmp_path: Path) -> None:
    county, out = a_county(tmp_path), tmp_path / "out"
    with a_server() as server:
        dsn = server.database("county")
        said = cunbao("export", county, out, "--csv", "--xlsx", "--parquet", "--postgres", dsn, "--json").json
        (period,) = said["periods"]
        assert period["returns"] == 9 and period["closed"] is False and said["kept"][0]["new"] == 9
        kinds = {path.suffix for path in Path(period["path"]).rglob("*") if "task" not in path.parts}
        assert kinds >= {".csv", ".parquet", ".xlsx", ".json"}
        told = cunbao("export", county, "--postgres", dsn)
        assert told.code == 0 and "没变的 9 张" in told.out and "不含身份证号" in told.out
        assert cunbao("indicators", "--postgres", dsn, "--by", "township").out == cunbao(
            "indicators", "--dataset", out, "--by", "township"
        ).out


def test_the_totals_of_a_form_over_either_are_those_of_the_desk(cunbao: Cunbao, tmp_path: Path) -> None:
    desk = a_county_with_returns(tmp_path)
    rows = {one.office: one for one in totals_view(desk, "B02", states={}).rows if one.counted}
    heads = totals_view(desk, "B02", states={}).heads
    desk.close()
    with a_server() as server:
        out, dsn = tmp_path / "out", server.database("county")
        cunbao("export", desk.workspace.folder, out, "--parquet", "--postgres", dsn)
        for where in (("--dataset", out), ("--postgres", dsn)):
            said = cunbao("totals", *where, "--form", "B02", "--by", "village", "--json").json
            assert set(said["groups"]) == {*rows, ""} and len(rows) == 2
            for office, row in rows.items():
                told = [said["groups"][office][head.key] for head in heads]
                assert [one["shown"] for one in told] == [cell.text for cell in row.cells]
                assert [one["met"] for one in told] == [cell.met for cell in row.cells]
            assert said["groups"][""]["returns"] == 2
            words = cunbao("totals", *where, "--form", "B02")
            assert words.code == 0 and "合计　计入 2 张" in words.out


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("export", "COUNTY"), 2, "export.nowhere"),
        (("export", "COUNTY", "--csv", "--postgres", "host=/nowhere"), 2, "export.nowhere"),
        (("export", "COUNTY", "OUT", "--period", "1999"), 3, "dataset.no_period"),
        (("export", "COUNTY", "--postgres", "postgresql://["), 3, "postgres.dsn"),
        (("indicators",), 2, "indicators.over"),
        (("indicators", "COUNTY", "--dataset", "OUT"), 2, "indicators.over"),
        (("indicators", "--dataset", "OUT"), 3, "dataset.none"),
        (("indicators", "--postgres", "host=/nowhere"), 3, "postgres.unreachable"),
        (("totals", "--form", "B02"), 2, "totals.over"),
        (("export", "VILLAGE", "OUT"), 2, "desk.kind"),
    ],
)
def test_wrong_use_and_what_cannot_be_reached_have_their_words(
    cunbao: Cunbao, tmp_path: Path, words: tuple[str, ...], code: int, error: str
) -> None:
    places = {"OUT": tmp_path / "out"}
    if "COUNTY" in words:
        places["COUNTY"] = a_county(tmp_path)
    if "VILLAGE" in words:
        village = a_village_desk(tmp_path / "village", "enrolled")
        village.close()
        places["VILLAGE"] = village.workspace.folder
    said = cunbao(*(places.get(word, word) for word in words), "--json")
    assert said.code == code and said.json["error"]["code"] == error
    assert not (tmp_path / "out").exists()
