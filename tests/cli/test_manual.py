"""`cunbao manual`: the manual of each desk as a file that is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Cunbao
from cunbao import manual
from cunbao.survey import resources
from world.papers import text_of


@pytest.mark.parametrize("kind", manual.KINDS)
def test_the_manual_of_a_desk_is_written_whole(cunbao: Cunbao, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "手册.pdf"
    said = cunbao("manual", kind, out, "--json")
    assert said.code == 0 and said.json["pages"] > 10
    read = text_of(out.read_bytes())
    for section in manual.read(kind).sections:
        assert "".join(section.title.split()) in read, section.title
    assert "这里的图不在" not in read
    assert f"第{said.json['pages']}页，共{said.json['pages']}页" in read


def test_a_village_s_is_written_when_nothing_is_said(cunbao: Cunbao, tmp_path: Path) -> None:
    said = cunbao("manual", tmp_path / "a.pdf")
    assert said.code == 0 and "村级手册" in said.out


def test_a_folder_in_the_place_of_a_file_is_wrong_use(cunbao: Cunbao, tmp_path: Path) -> None:
    said = cunbao("manual", "county", tmp_path)
    assert said.code == 2 and "是文件夹" in said.err


def test_a_manual_that_is_gone_is_refused_with_a_sentence(
    cunbao: Cunbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_base", lambda: tmp_path)
    manual.read.cache_clear()
    try:
        said = cunbao("manual", "village", tmp_path / "a.pdf")
    finally:
        manual.read.cache_clear()
    assert said.code == 3 and "手册的文件不在" in said.err and not (tmp_path / "a.pdf").exists()
