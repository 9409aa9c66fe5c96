"""Task packs from the command line: a county begins, checks its folder, issues; a village takes the further version."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cunbao.cli import run_command
from cunbao.desks.county.desk import unlock_county
from world.desk import PASSWORD, a_clock, a_county_desk, a_village_desk, reopened
from world.packs import edit, task_folder

Says = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Says:
    """Run a command with --json; its exit code and what it said."""
    monkeypatch.setenv("CUNBAO_PASSWORD", PASSWORD)

    def run(*words: object, day: tuple[int, ...] = (2025, 12, 1, 1)) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = run_command([str(one) for one in (*words, "--json")], clock=a_clock(*day))
        return code, json.loads(capsys.readouterr().out or "{}")

    return run


def test_a_county_begins_with_its_root_and_the_offices_of_the_national_list(says: Says, tmp_path: Path) -> None:
    folder = tmp_path / "county"
    code, said = says("init", "--county", folder, "--office", "532822", "--person", "玉坎")
    assert code == 0 and said["office"] == "532822000000" and (said["townships"], said["villages"]) == (11, 105)
    assert len(str(said["root_code"]).replace(" ", "")) == 24
    desk = unlock_county(folder, "玉坎", PASSWORD, clock=a_clock(2025, 12, 1, 2))
    assert desk.office.name == "勐海县民政局" and desk.given is None
    desk.close()
    code, said = says("init", "--county", tmp_path / "none", "--office", "532822103000", "--person", "玉坎")
    assert code == 3 and not (tmp_path / "none").exists()
    assert says("init", tmp_path / "village", "--office", "532822103203", "--person", "岩温")[0] == 2


def test_a_folder_is_looked_at_and_issued_only_without_faults(says: Says, tmp_path: Path) -> None:
    a_county_desk(tmp_path, clock=a_clock(2025, 11, 10, 1)).close()
    folder, stick = task_folder(tmp_path / "task", ("B01", "B02")), tmp_path / "stick"
    stick.mkdir()
    assert says("task", "check", folder) == (0, [])
    edit(folder, "B01.md", ("div ${b01_pop_resident} * 100", "div ${b01_pop_residnet} * 100"))
    code, said = says("task", "check", folder)
    assert code == 3 and [one["form"] for one in said] == ["B01"]  # type: ignore[index]
    issue = ("task", "issue", tmp_path / "county", "--task", folder, "--to", stick, "--deadline", "2025-12-18")
    assert says(*issue)[0] == 3 and not list(stick.iterdir())
    edit(folder, "B01.md", ("${b01_pop_residnet}", "${b01_pop_resident}"))
    notice = tmp_path / "notice.pdf"
    code, said = says(*issue, "--notice", notice)
    assert code == 0 and said["version"] == 2 and Path(str(said["file"])).parent == stick
    assert notice.read_bytes().startswith(b"%PDF")


def test_figures_that_the_county_has_to_put_in_are_named_and_given_with_their_source(
    says: Says, tmp_path: Path
) -> None:
    a_county_desk(tmp_path, clock=a_clock(2025, 11, 10, 1)).close()
    folder = task_folder(tmp_path / "task", ("B01", "B03", "B06"))
    code, said = says("task", "check", folder)
    names = [one["param"] for one in said]  # type: ignore[index]
    assert code == 1 and names == ["min_wage_month", "org_units", "inservice_members", "avg_wage_month"]
    assert said[1]["needed"] == ["003-26"] and said[1]["label"] == "机关和企事业单位党组织总数"  # type: ignore[index]
    (tmp_path / "stick").mkdir()
    issue = ("task", "issue", tmp_path / "county", "--task", folder, "--to", tmp_path / "stick")
    assert says(*issue, "--param", "org_units=约四百=组织部")[0] == 3
    code, made = says(*issue, "--param", "org_units=412=县委组织部", "--param", "min_wage_month=1990=人社局公布")
    assert code == 0 and made["missing_params"] == ["inservice_members", "avg_wage_month"]


def test_a_village_looks_at_the_further_version_and_takes_it(says: Says, tmp_path: Path) -> None:
    a_county_desk(tmp_path, clock=a_clock(2025, 11, 10, 1)).close()
    folder = task_folder(tmp_path / "task")
    code, said = says("task", "issue", tmp_path / "county", "--task", folder, "--to", tmp_path, "--title", "换了名称")
    assert code == 0
    pack = said["file"]
    desk = a_village_desk(tmp_path, "enrolled")
    village = desk.workspace.folder
    desk.close()
    code, said = says("take-pack", village, pack, "--look")
    assert code == 0 and (said["version"], said["before"]) == (2, "2025年度 第1版")
    assert says("take-pack", village, pack)[0] == 0
    again = reopened(village)
    assert again.task.title == "换了名称"
    again.close()
    assert says("take-pack", village, pack)[0] == 3
