"""A township fills, checks and signs its own form by commands, and 报县 takes it along."""

from __future__ import annotations

import json
from pathlib import Path

from cli.conftest import Cunbao
from cunbao.survey.sample import sample_answers, sample_ret
from world.desk import a_town_desk
from world.villages import the_task

TOWN = "532822103000"


def test_a_township_fills_checks_and_signs_its_own_form_and_sends_it_on(tmp_path: Path, cunbao: Cunbao) -> None:
    a_town_desk(tmp_path).close()
    folder, answers, stick = tmp_path / "town", tmp_path / "T01.json", tmp_path / "stick"
    stick.mkdir()
    answers.write_text(json.dumps(dict(sample_answers(the_task(), TOWN, "2025")["T01"].values)), "utf-8")
    assert [one["form"] for one in cunbao("home", folder, "--json").json["forms"]] == ["T01"]
    assert cunbao("fill", folder, "T01", "--answers", answers).code == 0
    said = cunbao("check", folder, "--json")
    assert said.code == 1 and [one["check"] for one in said.json["findings"]] == ["K-111"]
    assert cunbao("explain", folder, "K-111", "正在和县民政局商量改建").code == 0
    ret = sample_ret(the_task(), TOWN, "2025-12-16")
    boxes = ("--head", ret.head, "--stat-head", ret.stat_head, "--filler", ret.filler, "--phone", ret.phone)
    signed = cunbao("sign", folder, *boxes, "--json")
    assert [one["form"] for one in signed.json["signed"]] == ["T01"]
    assert cunbao("home", folder, "--json").json["forms"][0]["state"] == "已签名"
    sent = cunbao("forward", folder, "--to", stick, "--json")
    assert sent.code == 0 and [path.suffix for path in stick.iterdir()] == [".cbsync"]
    assert cunbao("home", folder, "--json").json["forms"][0]["state"] == "已报送"
