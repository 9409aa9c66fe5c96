"""After a restore a township too asks for its superior's newest receipt before it signs a decision, and its villages
find the receipt that it wrote last though its numbers begin at 1 again (protocol §5)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cunbao.desks import receiving, restored, settings
from cunbao.desks.county import answers
from cunbao.desks.story.demo import StoryClock
from cunbao.desks.township import certified, deciding, forwarding, receipts, registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import RevokeChoice
from cunbao.desks.village import receipt_files, replies
from cunbao.errors import DeskError
from cunbao.survey.states import ReturnState
from world.desk import (
    MANBANG,
    OFFICER,
    PASSWORD,
    a_bundle,
    a_clock,
    a_county_desk,
    a_town_desk,
    a_village_desk,
    bundle_file,
    reopened_town,
)


def restored_town(town: TownshipDesk, made: Path, folder: Path) -> TownshipDesk:
    town.close()
    settings.restore_backup(made, folder, OFFICER, PASSWORD, clock=a_clock(2025, 12, 17, 1)).close()
    return reopened_town(folder, a_clock(2025, 12, 17, 2))


def dated(town: TownshipDesk, clock: StoryClock) -> TownshipDesk:
    town.clock = clock
    return town


def test_a_restored_township_signs_no_decision_before_it_has_read_the_county_s_receipt(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    made = settings.back_up(town)
    deciding.accept(town, MANBANG, "B01")
    deciding.accept(town, MANBANG, "B02")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    town = restored_town(town, made.path, tmp_path / "again")
    assert restored.asks(town) == made.at
    before = len(town.workspace.journal_entries())
    for act in (
        lambda: deciding.accept(town, MANBANG, "B01"),
        lambda: certified.revoke(town, *a_key(town), "电脑丢了", PASSWORD),
    ):
        with pytest.raises(DeskError) as refused:
            act()
        assert refused.value.code == restored.UNASKED and "县里给的最新回执" in refused.value.todo
    assert len(town.workspace.journal_entries()) == before
    assert town.workspace.decisions_of(MANBANG, "2025") == ()
    # what was decided after the backup comes back with it
    answer = answers.write_answer(county, town.office.code, tmp_path)
    assert receiving.receive(town, [answer]).lines[0].label == "已接收"
    assert restored.asks(town) is None
    assert town.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    deciding.accept(town, MANBANG, "B03")
    town.close()
    county.close()


def a_key(town: TownshipDesk) -> tuple[str, RevokeChoice]:
    key = registry.enrol_view(town).certificates[0].key
    return key, certified.revoke_choices(town, key)[0]


def test_a_receipt_that_was_read_before_the_backup_answers_too_and_so_does_an_explicit_no(tmp_path: Path) -> None:
    town, county = a_town_desk(tmp_path), a_county_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])
    deciding.accept(town, MANBANG, "B01")
    receiving.receive(county, [forwarding.write_forward(town, tmp_path).path])
    answer = answers.write_answer(county, town.office.code, tmp_path)
    receiving.receive(town, [answer])
    made = settings.back_up(town)
    town = restored_town(town, made.path, tmp_path / "again")
    receiving.receive(town, [bundle_file(tmp_path / "stick", MANBANG)])  # a village's word answers nothing
    assert restored.asks(town) is not None
    assert receiving.receive(town, [answer]).known == 1 and restored.asks(town) is None
    town = restored_town(town, made.path, tmp_path / "once more")
    restored.answered(town, restored.NONE)
    deciding.accept(town, MANBANG, "B02")
    told = [one.detail["answered"] for one in town.workspace.journal_entries() if one.act == "after_restore"]
    assert told == [restored.NONE]
    town.close()
    county.close()


def test_nobody_stands_above_a_county(tmp_path: Path) -> None:
    county = a_county_desk(tmp_path)
    county.workspace.set_setting("restored", {"at": "x", "state_of": "2025-12-01T00:00:00+00:00", "lost_epoch": "a"})
    assert restored.asks(county) is None
    county.close()


def test_the_newest_receipt_of_a_restored_township_is_found_by_what_it_says_not_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "up")])
    made = settings.back_up(town)
    stick = tmp_path / "stick"
    stick.mkdir()
    before = [receipts.write_receipts(town, stick, [MANBANG])[0].path for _ in range(3)]
    assert receipt_files.found_at(village, [stick]) == (before[2],)
    town = restored_town(town, made.path, tmp_path / "again")
    restored.answered(town, restored.NONE)
    (written,) = receipts.write_receipts(town, stick, [MANBANG])
    assert "回执第1次" in written.path.name and written.path not in before
    assert receipt_files.found_at(village, [stick]) == (written.path,)
    for path in (before[0], written.path):
        replies.take_receipt(village, path)
    # where the restored computer's clock is behind, what was written in a life that is over is not newer
    monkeypatch.setattr(receipt_files, "_changed", lambda path: 0.0)
    (behind,) = receipts.write_receipts(dated(town, a_clock(2025, 12, 1)), stick, [MANBANG])
    written.path.unlink()
    assert receipt_files.found_at(village, [stick]) == (behind.path,)
    written = behind
    assert receipt_files.found_at(village, [stick]) == (written.path,)
    # nobody else's file, whatever its name, and a damaged one is left alone while a whole one is there
    shutil.copy(bundle_file(tmp_path / "other", MANBANG), stick / "曼蚌村-2025年度-回执第99次.cbsync")
    assert receipt_files.found_at(village, [stick]) == (written.path,)
    written.path.unlink()
    for path in before:
        path.unlink()
    assert [one.name for one in receipt_files.found_at(village, [stick])] == ["曼蚌村-2025年度-回执第99次.cbsync"]
    village.close()
    town.close()
