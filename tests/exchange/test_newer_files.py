"""A file that a later version wrote: one sentence says so and what to do, and nothing of it is taken."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from cunbao.errors import ExchangeError
from cunbao.exchange import enrol, rootfile, taskpack
from exchange.test_enrol import an_answer
from exchange.test_taskpack import a_pack
from world.county import COUNTY, MANGUO, a_county


def a_root_backup() -> bytes:
    return rootfile.write_root_backup(COUNTY, a_county().root.certificate, {})


def reads_answer(data: bytes) -> object:
    return enrol.read_approval(data, a_county()[MANGUO].request, a_county().roots)


@pytest.mark.parametrize(
    ("room", "write", "read"),
    [
        (taskpack, a_pack, taskpack.read_taskpack),
        (enrol, lambda: an_answer(a_county()[MANGUO]), reads_answer),
        (rootfile, a_root_backup, rootfile.read_root_backup),
    ],
    ids=["cbtask", "cbcert", "cbroot"],
)
def test_what_a_later_version_wrote_asks_for_the_newer_program(
    monkeypatch: pytest.MonkeyPatch, room: ModuleType, write: Callable[[], bytes], read: Callable[[bytes], object]
) -> None:
    with monkeypatch.context() as later:
        later.setattr(room, "VERSION", 2)
        data = write()
    with pytest.raises(ExchangeError) as refused:
        read(data)
    assert refused.value.code == "package.newer"
    assert "更新版本" in refused.value.happened
    assert refused.value.safe == "没有导入任何内容，原文件没有改动"
    assert "升级" in refused.value.todo
