"""Backups open again: proved when written, pruned only after that, restored under a new life, never over anything."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.errors import Cancelled, StoreError
from cunbao.progress import Cancel, Progress
from cunbao.store import BACKUPS, RESTORED, Workspace, backup, list_backups, read_backup, restore, write_keys
from cunbao.store.backup import KEEP, PROOF_FILE
from store.folders import (
    B02,
    KEY,
    NOW,
    OTHER_KEY,
    PERIOD,
    VILLAGE,
    a_revision,
    a_workspace,
    flip,
    later,
    opened,
    put,
    tampered,
)  # fmt: skip


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    ws = a_workspace(tmp_path / "village")
    ws.keep(B02, [put("area", "", "120.00")], now=NOW)
    a_revision(ws)
    write_keys(ws.folder, {"wraps": ["sealed"]})
    return ws


def test_a_backup_holds_all_and_says_so(ws: Workspace, tmp_path: Path) -> None:
    assert ws.last_backup() is None and ws.backup_due(NOW)
    done = backup(ws, now=later(60))
    assert done.path.parent == ws.folder / BACKUPS and done.at == later(60)
    assert (done.rows["edit"], done.rows["revision"], done.rows["object"]) == (1, 1, 5)
    assert (ws.last_backup(), ws.backup_due(NOW)) == (later(60), False)
    assert list_backups(ws.folder / BACKUPS) == (done,)
    assert json.loads((done.path / "keys.json").read_text()) == {"wraps": ["sealed"]}
    assert sorted(path.name for path in done.path.iterdir()) == ["data.db", "keys.json", PROOF_FILE]


def test_a_backup_opens_with_the_key_and_with_no_other(ws: Workspace, tmp_path: Path) -> None:
    done = backup(ws, now=NOW)
    restore(done.path, tmp_path / "new", KEY, now=NOW)
    with pytest.raises(StoreError) as refused:
        restore(done.path, tmp_path / "other", OTHER_KEY, now=NOW)
    assert refused.value.code == "workspace.key"
    assert not (tmp_path / "other").exists()


def test_nothing_personal_stands_in_the_open_in_a_backup(ws: Workspace) -> None:
    ws.keep(B02, [put("name", "", "岩温")], now=NOW)
    for path in backup(ws, now=NOW).path.iterdir():
        assert "岩温".encode() not in path.read_bytes()


def test_typing_goes_on_while_a_backup_is_written(ws: Workspace) -> None:
    for number in range(200):
        ws.keep(B02, [put(f"f{number}", "", "字" * 2000)], now=NOW)
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        ws.keep(B02, [put("area", "120.00", str(len(seen)))], now=NOW)

    done = backup(ws, now=later(1), progress=watch)
    assert len(seen) > 1 and seen[-1].done == seen[-1].total
    assert done.rows["edit"] == 201
    assert ws.draft(B02).answers.values["area"] == str(len(seen))


def test_a_cancelled_backup_leaves_nothing(ws: Workspace) -> None:
    cancel = Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        backup(ws, now=NOW, cancel=cancel)
    assert list((ws.folder / BACKUPS).iterdir()) == [] and ws.last_backup() is None


def test_the_last_ten_are_kept_in_each_place_and_another_villages_untouched(ws: Workspace, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with_stick = a_workspace(tmp_path / "neighbour")
    theirs = backup(with_stick, stick, now=NOW)
    done = [backup(ws, stick, now=NOW + timedelta(days=day)) for day in range(KEEP + 3)]
    found = list_backups(stick)
    assert found == (*reversed(done[3:]), theirs)
    assert ws.last_backup(stick) == done[-1].at and ws.last_backup(ws.folder / BACKUPS) is None


def test_two_backups_in_one_second_are_two(ws: Workspace) -> None:
    assert backup(ws, now=NOW).path != backup(ws, now=NOW).path


def test_a_stick_that_is_not_there_is_not_made_out_of_nothing(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        backup(ws, tmp_path / "media" / "stick", now=NOW)
    assert refused.value.code == "folder.gone"
    assert not (tmp_path / "media").exists()


def test_a_damaged_workspace_does_not_become_a_backup(ws: Workspace) -> None:
    good = backup(ws, now=NOW)
    ws.close()
    tampered(ws.folder, "DROP TRIGGER object_never_update", "UPDATE object SET data = x'00' WHERE kind = 'pdf'")
    ws = opened(ws.folder)
    with pytest.raises(StoreError) as refused:
        backup(ws, now=later(60))
    assert refused.value.code == "workspace.damaged"
    assert list_backups(ws.folder / BACKUPS) == (good,)


def test_the_day_of_a_backup_is_that_of_the_village(ws: Workspace) -> None:
    backup(ws, now=NOW)
    assert not ws.backup_due(later(3600)) and ws.backup_due(NOW + timedelta(days=1))


# --- restored --------------------------------------------------------------------------------------------------------


def test_a_restored_workspace_is_the_same_but_for_its_life(ws: Workspace, tmp_path: Path) -> None:
    signed = ws.newest(VILLAGE, "B02", PERIOD)
    assert signed is not None and not ws.has_left(signed.id)
    done = backup(ws, now=NOW)
    restored = restore(done.path, tmp_path / "new", KEY, now=later(60))
    again = opened(tmp_path / "new")
    assert again.draft(B02) == ws.draft(B02) and again.newest(VILLAGE, "B02", PERIOD) == signed
    assert again.object(signed.pdf) == ws.object(signed.pdf)
    assert again.epoch == restored.epoch != ws.epoch
    assert again.setting(RESTORED)["lost_epoch"] == ws.epoch
    assert again.has_left(signed.id)  # no earlier signature can be undone (protocol §5)
    assert (tmp_path / "new" / "keys.json").read_bytes() == (ws.folder / "keys.json").read_bytes()
    assert again.last_run.backed_up and not again.moved


def test_a_restore_never_overwrites(ws: Workspace) -> None:
    done = backup(ws, now=NOW)
    ws.keep(B02, [put("area", "120.00", "150.00")], now=NOW)
    with pytest.raises(StoreError) as refused:
        restore(done.path, ws.folder, KEY, now=NOW)
    assert refused.value.code == "workspace.busy"
    ws.close()
    with pytest.raises(StoreError) as refused:
        restore(done.path, ws.folder, KEY, now=NOW)
    assert refused.value.code == "folder.occupied"
    assert opened(ws.folder).draft(B02).answers.values["area"] == "150.00"


def test_a_damaged_workspace_is_set_aside_for_the_county_and_replaced(ws: Workspace) -> None:
    done = backup(ws, now=NOW)
    ws.close()
    flip(ws.folder / "data.db", 20)
    spoiled = (ws.folder / "data.db").read_bytes()
    restored = restore(done.path, ws.folder, KEY, now=NOW, set_aside=True)
    assert restored.aside is not None and (restored.aside / "data.db").read_bytes() == spoiled
    assert opened(ws.folder).draft(B02).answers.values["area"] == "120.00"
    assert list_backups(ws.folder / BACKUPS) == (done,)


def test_a_log_of_the_damaged_file_is_not_read_into_the_restored_one(ws: Workspace) -> None:
    done = backup(ws, now=NOW)
    ws.close()
    (ws.folder / "data.db-wal").write_bytes(b"left over")
    restore(done.path, ws.folder, KEY, now=NOW, set_aside=True)
    assert opened(ws.folder).draft(B02).answers.values["area"] == "120.00"


@pytest.mark.parametrize("name", ["data.db", PROOF_FILE])
def test_a_backup_that_changed_since_is_refused_whole(ws: Workspace, tmp_path: Path, name: str) -> None:
    done = backup(ws, now=NOW)
    flip(done.path / name, 30)
    for act in (lambda: read_backup(done.path), lambda: restore(done.path, tmp_path / "new", KEY, now=NOW)):
        with pytest.raises(StoreError) as refused:
            act()
        assert refused.value.code == "backup.damaged"
    assert not (tmp_path / "new").exists()
    assert opened_draft(ws) == "120.00"


def opened_draft(ws: Workspace) -> str:
    return ws.draft(B02).answers.values["area"]


def test_a_proof_that_was_forged_with_its_file_is_found_by_opening(ws: Workspace, tmp_path: Path) -> None:
    first, second = backup(ws, now=NOW), backup(ws, now=later(60))
    proof = json.loads((first.path / PROOF_FILE).read_text())
    other = json.loads((second.path / PROOF_FILE).read_text())
    (first.path / "data.db").write_bytes((second.path / "data.db").read_bytes())
    (first.path / PROOF_FILE).write_text(json.dumps({**proof, "sha256": other["sha256"]}))
    with pytest.raises(StoreError) as refused:
        restore(first.path, tmp_path / "new", KEY, now=NOW)
    assert refused.value.code == "backup.damaged"


def test_an_absent_place_holds_no_backups(tmp_path: Path) -> None:
    assert list_backups(tmp_path / "nowhere") == ()
