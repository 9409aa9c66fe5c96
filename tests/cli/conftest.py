"""A command line at a village's folder, on the day of the story."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cunbao.cli import run_command
from world.desk import PASSWORD, a_clock, a_village_desk


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cunbao = Callable[..., Answer]


@pytest.fixture
def cunbao(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cunbao:
    """cunbao("check", folder, "--json") → exit code and what was said."""
    monkeypatch.setenv("CUNBAO_PASSWORD", PASSWORD)
    clock = a_clock(2025, 12, 13, 2)

    def run(*words: object) -> Answer:
        capsys.readouterr()
        code = run_command([str(word) for word in words], clock=clock)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@pytest.fixture
def village(tmp_path: Path) -> Callable[..., Path]:
    """village("ready") → the folder of a closed workspace at that stage."""

    def made(stage: str = "enrolled", **how: Any) -> Path:
        desk = a_village_desk(tmp_path, stage, **how)
        desk.close()
        return desk.workspace.folder

    return made
