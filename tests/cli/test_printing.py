"""Printing and verifying from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pikepdf
import pytest

from cunbao.cli import run_command
from cunbao.survey import codes
from world.county_returns import a_county_with_returns
from world.desk import PASSWORD, a_clock, a_town_desk, a_village_desk


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUNBAO_PASSWORD", PASSWORD)


def says(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    code = run_command([*map(str, words), "--json"], clock=a_clock(2025, 12, 22, 5))
    return code, json.loads(capsys.readouterr().out)


def test_a_county_s_returns_become_one_pdf_and_each_original_in_it_is_genuine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = a_county_with_returns(tmp_path)
    folder = desk.workspace.folder
    desk.close()
    out = tmp_path / "全县.pdf"
    code, told = says(capsys, "print", folder, "--out", out, "--covers", "--duplex")
    assert (code, told["returns"], told["volumes"], told["locked"]) == (0, 9, 1, [])
    code, told = says(capsys, "print", folder, "--out", out, "--waiting", "--only", "B03")
    assert (code, told["returns"]) == (0, 2)
    with pikepdf.open(out) as bound:
        originals = [one.get_file().read_bytes() for one in bound.attachments.values()]
    (tmp_path / "一份.pdf").write_bytes(originals[0])
    code, found = says(capsys, "verify", tmp_path / "一份.pdf", "--desk", folder, "--slip", tmp_path / "验证单.pdf")
    assert (code, found["found"]) == (0, "是真的，没有改过")
    answers = found["answers"]
    assert isinstance(answers, list)
    assert [one["asked"] for one in answers] == ["谁签的", "什么时候", "谁担保", "改过没有", "和县里存的"]
    assert (tmp_path / "验证单.pdf").read_bytes().startswith(b"%PDF")
    held = str(found["held"])
    code, again = says(capsys, "verify", codes.verification_code(held).lower(), "--desk", folder)
    assert (code, again["held"]) == (0, held)
    # the bound copy itself bears no signature
    code, copy = says(capsys, "verify", out, "--desk", folder)
    assert (code, copy["found"]) == (1, "不是村报的文件")


def test_a_village_and_a_township_verify_by_what_they_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = a_village_desk(tmp_path, "signed")
    newest = desk.newest("B02")
    assert newest is not None
    pdf, folder = desk.signed_pdf(newest), desk.workspace.folder
    desk.close()
    (tmp_path / "B02.pdf").write_bytes(pdf)
    code, found = says(capsys, "verify", tmp_path / "B02.pdf", "--desk", folder)
    assert (code, found["found"]) == (0, "是真的，没有改过")
    town = a_town_desk(tmp_path)
    place = town.workspace.folder
    town.close()
    code, found = says(capsys, "verify", tmp_path / "B02.pdf", "--desk", place)
    assert (code, found["found"]) == (1, "镇里没有这份")


def test_a_code_without_a_desk_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["verify", "B41W-TEA7-ER23-848B"]) == 2
    assert "--desk" in capsys.readouterr().err
