"""`cunbao export` and `cunbao indicators --dataset`: a county's dataset says what its workspace says."""

from __future__ import annotations

import json
from pathlib import Path

from cli.conftest import Cunbao
from world.county_returns import a_county_with_returns


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
