"""`cunbao restore-village`: a village without its computer comes back, and what is refused leaves all as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.conftest import Cunbao
from cunbao.desks import receiving
from cunbao.desks.township import rebirth, registry
from cunbao.desks.village import enrolment, replies
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.states import ReturnState
from world.desk import MANBANG, a_clock, a_town_desk, begun, bundle_file, reopened_town

SLIP = ("--reason", "笔记本被偷，报过案", "--brought-by", "岩温", "--second", "勐海县民政局", "--sealed")


@dataclass
class Lost:
    """A township that holds a village's returns, the village's new computer, its request and the 24 digits."""

    town: Path
    new: VillageDesk
    request: Path
    code: str
    old: str  # the certificate's key of the computer that is gone


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Lost]:
    town = a_town_desk(tmp_path, clock=a_clock(2025, 12, 10, 2))
    receiving.receive(town, [bundle_file(tmp_path / "came", MANBANG)])
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 12, 1))
    asked = enrolment.write_request(new, tmp_path)
    (old,) = rebirth.lost_ones(town, MANBANG)
    town.close()
    (tmp_path / "stick").mkdir()
    yield Lost(town.workspace.folder, new, asked.path, asked.code, old.key)
    new.close()


def test_a_command_brings_everything_back_and_revokes_the_lost_computer(
    lost: Lost, cunbao: Cunbao, tmp_path: Path
) -> None:
    words = ("restore-village", lost.town, lost.request, "--code", lost.code, *SLIP, "--to", tmp_path / "stick")
    which = cunbao(*words)
    assert which.code == 2 and "没有说哪一台电脑丢了" in which.err and lost.old in which.err
    assert cunbao(*words, "--lost", "别的电脑").code == 2
    done = cunbao(*words, "--lost", lost.old, "--json")
    assert done.code == 0 and done.json["office"] == MANBANG
    (path,) = map(Path, done.json["files"])
    assert path.is_file() and path.parent == tmp_path / "stick" / "勐混镇回执"
    assert replies.take_receipt(lost.new, path).restored == 5
    assert lost.new.state("B01") is ReturnState.RECEIVED
    town = reopened_town(lost.town)
    assert lost.old not in {one.key for one in rebirth.lost_ones(town, MANBANG)}
    town.close()

    again = cunbao("restore-village", lost.town, MANBANG, "--again", "--to", tmp_path, "--json")
    assert again.code == 0 and Path(again.json["files"][0]).is_file()
    assert cunbao("restore-village", lost.town, lost.request, "--code", lost.code, *SLIP, "--alive").code == 3


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (("--second", "玉罕"), "还没有第二个人同意"),  # the officer herself
        (("--brought-by", " "), "没有写谁送来的"),
        (("--reason", ""), "原因写了 0 个字"),
        (("--code", "1" * 24), "输入的比对码和这份申请的不一样"),
    ],
)
def test_a_restore_that_is_refused_leaves_the_request_and_the_old_certificate(
    lost: Lost, cunbao: Cunbao, tmp_path: Path, instead: tuple[str, str], said: str
) -> None:
    words = ("restore-village", lost.town, lost.request, "--code", lost.code, *SLIP, "--lost", lost.old)
    refused = cunbao(*words, *instead, "--to", tmp_path / "stick")  # the last of two counts
    assert refused.code == 3 and said in refused.err and not any((tmp_path / "stick").iterdir())
    town = reopened_town(lost.town)
    assert [one.office for one in registry.enrol_view(town).requests] == [MANBANG]
    assert lost.old in {one.key for one in rebirth.lost_ones(town, MANBANG)}
    town.close()


def test_nothing_is_written_again_where_no_restore_was_approved(lost: Lost, cunbao: Cunbao, tmp_path: Path) -> None:
    refused = cunbao("restore-village", lost.town, MANBANG, "--again", "--to", tmp_path)
    assert refused.code == 3 and "没有给这个村办过全部还原" in refused.err
