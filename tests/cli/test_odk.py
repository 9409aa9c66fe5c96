"""`form export` and `odk` as commands: what they print, what they leave on the disk, how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from cli.conftest import Cunbao
from cunbao.survey.resources import forms_path
from world.desk import MANBANG, reopened, text, types

Village = Callable[..., Path]


def test_the_forms_of_a_task_are_exported_and_checked(tmp_path: Path, cunbao: Cunbao) -> None:
    task = forms_path("community-services-2025")
    made = cunbao("form", "export", task, tmp_path / "out", "--form", "B02", "--json")
    assert made.code == 0 and [one["form"] for one in made.json["forms"]] == ["B02"]
    assert {"file": "B01.xml", "kind": "instance", "filled": False} in made.json["forms"][0]["media"]
    assert cunbao("form", "check", tmp_path / "out" / "B02.xlsx", "--json").json == []
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert {one["file"] for one in listed["forms"][0]["media"]} >= {"B02-media/B01.xml", "B02-media/facility_kind.csv"}
    assert cunbao("form", "export", task, tmp_path / "out", "--form", "B98").code == 3


def test_the_forms_of_a_village_are_filled_for_it(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    made = cunbao("form", "export", village(), tmp_path / "out", "--json")
    assert made.code == 0 and made.json["office"] == MANBANG
    assert [one["form"] for one in made.json["forms"]] == ["B01", "B02", "B03", "B04", "B05"]
    office = (tmp_path / "out" / "B01-media" / "OFFICE.xml").read_text(encoding="utf-8")
    assert "<kind>10</kind>" in office and "<ur_class>220</ur_class>" in office


def test_returns_go_out_and_come_in_without_a_window(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    folder = village("signed")
    out = cunbao("odk", "export", folder, tmp_path / "instances", "--form", "B01", "--personal", "--json")
    assert out.code == 0 and len(out.json["submissions"]) == 1
    (place,) = [path for path in (tmp_path / "instances").iterdir() if path.is_dir()]
    locked = cunbao("odk", "import", folder, place, "--json")
    assert locked.code == 1 and "已签名" in locked.json["files"][0]["refused"]
    cunbao("unsign", folder, "B01")
    desk = reopened(folder)
    types(desk, "B01", "b01_grids", "99")
    desk.close()
    looked = cunbao("odk", "import", folder, place, "--look", "--json")
    assert looked.code == 0 and looked.json["taken"] is None
    (cell,) = [one for one in looked.json["cells"] if one["asked"]]
    assert cell["here"] == "99" and cell["field"] == "b01_grids"
    stopped = cunbao("odk", "import", folder, place)
    assert stopped.code == 2 and "--differing" in stopped.err and "99" in stopped.out
    done = cunbao("odk", "import", folder, place, "--differing", "take", "--json")
    assert done.code == 0 and done.json["taken"]["cells"] == 1
    desk = reopened(folder)
    assert text(desk, "B01", "b01_grids") == cell["given"][0]
    desk.close()


def test_nothing_signed_gives_nothing(tmp_path: Path, cunbao: Cunbao, village: Village) -> None:
    told = cunbao("odk", "export", village(), tmp_path / "out")
    assert told.code == 1 and "没有可以导出" in told.out and not (tmp_path / "out").exists()
