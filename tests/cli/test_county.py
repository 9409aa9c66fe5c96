"""The county's commands, and those of village and township that answer them: what they print and what they leave."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from cli.conftest import Cunbao
from cunbao.desks import receiving
from cunbao.desks.county.desk import unlock_county
from cunbao.desks.township import deciding, forwarding
from cunbao.desks.village import sending
from world.desk import (
    MANBANG,
    MENGHUN,
    PASSWORD,
    a_county_desk,
    a_town_desk,
    bundle_file,
    reopened,
)

AREA = "003-04"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A township with one village's B01 and B02 accepted, and the county that has got them; both closed."""
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    for form in ("B01", "B02"):
        deciding.accept(town, MANBANG, form)
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    for desk in (town, county):
        desk.close()
    return town.workspace.folder, county.workspace.folder


def test_a_period_is_closed_and_opened_again(folders: tuple[Path, Path], cunbao: Cunbao) -> None:
    _, county = folders
    closed = cunbao("close", county, "--reason", "各乡镇都报齐了", "--json")
    assert closed.code == 0 and closed.json["returns"] == 2 and closed.json["period"] == "2025"
    assert cunbao("reopen", county, "--reason", " ").code == 3
    assert cunbao("reopen", county, "--reason", "漏了一个村", "--json").code == 0
    again = cunbao("reopen", county, "--reason", "漏了一个村", "--json")
    assert again.code == 3 and again.json["error"]["code"] == "close.none"
    desk = unlock_county(county, "县管理员", PASSWORD)
    assert [one.act for one in desk.workspace.decisions_at_large()] == ["close", "withdraw"]
    desk.close()


def test_an_office_is_left_out_of_an_indicator_and_put_back(folders: tuple[Path, Path], cunbao: Cunbao) -> None:
    _, county = folders
    assert cunbao("exempt", county, MANBANG, AREA, "--reason", "整村搬迁").code == 0
    (listed,) = cunbao("exemptions", county, "--json").json["exemptions"]
    assert listed == {"office": MANBANG, "indicator": AREA, "reason": "整村搬迁", "by": "县管理员"}
    assert "整村搬迁" in cunbao("exemptions", county).out
    assert cunbao("exempt", county, MANBANG, AREA, "--reason", "再一次").code == 3
    assert cunbao("exempt", county, MANBANG, AREA, "--take-back", "--reason", "建好了").code == 0
    assert cunbao("exemptions", county, "--json").json == {"exemptions": []}
    assert cunbao("exempt", county, MANBANG, "999-99", "--reason", "没有这个").code == 3


def test_the_county_answers_a_township_and_writes_all_it_has_of_it(
    folders: tuple[Path, Path], tmp_path: Path, cunbao: Cunbao
) -> None:
    town, county = folders
    (tmp_path / "out").mkdir()
    said = cunbao("answer", county, MENGHUN, "--to", tmp_path / "out", "--json")
    assert said.code == 0 and Path(said.json["file"]).exists()
    read = cunbao("receive", town, said.json["file"], "--json").json
    (line,), digest = read["lines"], sha256(Path(said.json["file"]).read_bytes()).hexdigest()
    assert read["taken"] == 1 and line["check_code"].replace(" ", "").lower() == digest[:12]
    whole = cunbao("restore-township", county, MENGHUN, "--to", tmp_path / "out", "--json")
    (file,) = whole.json["files"]
    assert whole.code == 0 and Path(file).stat().st_size > 10 * Path(said.json["file"]).stat().st_size
    unknown = cunbao("answer", county, "532822999000", "--to", tmp_path / "out", "--json")
    assert unknown.code == 3 and unknown.json["error"]["code"] == "township.unknown"


def test_the_county_decides_on_a_return(folders: tuple[Path, Path], cunbao: Cunbao) -> None:
    _, county = folders
    early = cunbao("decide", county, MANBANG, "B01", "accept", "--json")
    assert early.code == 3 and early.json["error"]["code"] == "accept.state"  # its township has accepted it
    said = cunbao("decide", county, MANBANG, "B01", "return", "--comment", "b01_pop_out=请核对", "--json")
    assert said.code == 0 and said.json == {"office": MANBANG, "form": "B01", "state": "退回"}
    back = cunbao("decide", county, MANBANG, "B01", "withdraw", "--reason", "看错了", "--json")
    assert back.code == 0 and back.json["state"] == "通过"
    assert cunbao("decide", county, MANBANG, "B01", "paper").code == 0
    assert cunbao("decide", county, MANBANG, "B01", "paper").code == 3  # it is noted already
    assert cunbao("decide", county, MANBANG, "B01", "choose", "--revision", "0" * 64).code == 3


def test_a_township_that_lost_its_keys_is_revoked_and_what_it_certified_stays_honoured(
    folders: tuple[Path, Path], cunbao: Cunbao
) -> None:
    town, county = folders
    assert cunbao("certify-again", town, "--json").json == {"computers": 0}  # nothing was lost
    said = cunbao("revoke-township", county, MENGHUN, "--reason", "电脑丢了", "--json")
    assert said.code == 0 and len(said.json["decisions"]) == 2 and said.json["honoured"]
    assert cunbao("revoke-township", county, MENGHUN, "--reason", "电脑丢了").code == 3


def test_a_return_is_taken_back_without_a_window(village: Callable[..., Path], tmp_path: Path, cunbao: Cunbao) -> None:
    folder = village("signed")
    early = cunbao("retract", folder, "B01", "--reason", "户数抄错了", "--json")
    assert early.code == 3 and early.json["error"]["code"] == "retract.state"
    (tmp_path / "stick").mkdir()
    assert cunbao("send", folder, "--to", tmp_path / "stick").code == 0
    said = cunbao("retract", folder, "B01", "--reason", "户数抄错了", "--json")
    assert said.code == 0 and said.json["state"] == "填报中"
    sent = cunbao("send", folder, "--to", tmp_path / "stick", "--json")
    assert sent.code == 0 and sent.json["sequence"] == 2
    desk = reopened(folder)
    assert sending.export_view(desk).retracted == ("B01",)  # until the township has answered
    desk.close()


@pytest.mark.parametrize("words", [("close",), ("exemptions",)])
def test_a_county_s_command_at_a_township_s_folder_is_wrong_use(
    folders: tuple[Path, Path], cunbao: Cunbao, words: tuple[str, ...]
) -> None:
    town, _ = folders
    said = cunbao(*words, town, "--json")
    assert said.code == 2 and said.json["error"]["code"] == "desk.kind"


def test_a_township_begins_without_a_pack(cunbao: Cunbao, tmp_path: Path) -> None:
    made = cunbao(
        "init", tmp_path / "town", "--township", "--office", "532822105000", "--person", "玉罕", "--json"
    )
    assert made.code == 0 and made.json == {"office": "532822105000", "name": "勐满镇人民政府"}
    assert (tmp_path / "town" / "keys.json").exists()
    refused = cunbao("init", tmp_path / "none", "--township", "--office", "532822999000", "--person", "玉罕", "--json")
    assert refused.code == 3 and refused.json["error"]["code"] == "township.unknown"
    assert not (tmp_path / "none").exists()
