"""Opening: each trouble has its own sentence, nothing is changed by a refusal, and one window has the workspace."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cunbao.errors import StoreError
from cunbao.store import BACKUPS, Workspace, WorkspaceBusy, last_run, list_backups, read_keys, schema, write_keys
from store import typist
from store.folders import (
    B02,
    DESKTOP,
    KEY,
    NOW,
    OTHER_KEY,
    a_workspace,
    flip,
    later,
    on_a_small_disk,
    opened,
    put,
    rows_of,
    tampered,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed workspace of many pages."""
    ws = a_workspace(tmp_path / "village")
    for number in range(40):
        ws.keep(B02, [put(f"f{number}", "", "字" * 500)], now=NOW)
    ws.close()
    write_keys(ws.folder, {"wraps": []})
    return ws.folder


def refusal(folder: Path, key: bytes = KEY, **how: Any) -> StoreError:
    """What opening says; the files are as they were."""
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(StoreError) as refused:
        Workspace.open(folder, key, now=NOW, **how).close()
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert refused.value.happened and refused.value.safe and refused.value.todo
    return refused.value


# --- files that do not open ------------------------------------------------------------------------------------------


def test_a_wrong_key_is_told_from_damage(folder: Path) -> None:
    assert refusal(folder, OTHER_KEY).code == "workspace.key"


@pytest.mark.parametrize("offset", [0, 20, 4000])
def test_a_flipped_byte_is_damage(folder: Path, offset: int) -> None:
    flip(folder / "data.db", offset)
    assert refusal(folder).code == "workspace.damaged"


def test_damage_deep_in_the_file_is_found_after_a_power_cut_or_when_asked(folder: Path) -> None:
    flip(folder / "data.db", (folder / "data.db").stat().st_size // 2)
    ws = opened(folder)  # a plain opening reads only what it needs
    with pytest.raises(StoreError) as found:
        ws.self_check()
    assert found.value.code == "workspace.damaged"
    ws.close()
    (folder / "lock").write_text('{"pid": 1, "since": "2025-12-12T02:00:00.000000Z", "window": ""}')
    assert last_run(folder).cut_off
    assert refusal(folder).code == "workspace.damaged"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: b"", "workspace.damaged"),
        (lambda data: data[:5000], "workspace.damaged"),
        (lambda data: data[: len(data) // 2], "workspace.damaged"),
        (lambda data: b"SQLite format 3\0" + data[16:], "workspace.foreign"),
        (lambda data: b"PK\3\4 a spreadsheet" * 999, "workspace.foreign"),
    ],
    ids=["empty", "cut", "half", "plain SQLite", "spreadsheet"],
)
def test_a_file_that_is_none_of_ours_or_cut_says_so(folder: Path, spoil: Callable[[bytes], bytes], code: str) -> None:
    (folder / "data.db").write_bytes(spoil((folder / "data.db").read_bytes()))
    assert refusal(folder).code == code


def test_another_workspaces_database_beside_our_keys_is_a_wrong_key(folder: Path, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "other", OTHER_KEY, kind="village", now=NOW).close()
    shutil.copy(tmp_path / "other" / "data.db", folder / "data.db")
    assert refusal(folder).code == "workspace.key"


def test_an_empty_folder_is_foreign_and_stays_empty(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "workspace.foreign"
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_file_of_another_program_is_foreign(tmp_path: Path) -> None:
    a_workspace(tmp_path / "x").close()
    tampered(tmp_path / "x", "DROP TABLE _sqlite_migrations")
    assert refusal(tmp_path / "x").code == "workspace.foreign"


# --- made ------------------------------------------------------------------------------------------------------------


def test_a_workspace_is_never_made_over_another(folder: Path) -> None:
    before = (folder / "data.db").read_bytes()
    with pytest.raises(StoreError) as refused:
        a_workspace(folder)
    assert refused.value.code == "folder.occupied"
    assert (folder / "data.db").read_bytes() == before
    opened(folder).close()


def test_what_was_half_made_when_the_power_went_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "village").mkdir()
    (tmp_path / "village" / "data.db.part").write_bytes(b"half")
    a_workspace(tmp_path / "village").close()
    opened(tmp_path / "village").close()


# --- one window ------------------------------------------------------------------------------------------------------


def test_the_second_window_is_told_since_when_and_where_the_first_is(folder: Path) -> None:
    first = opened(folder, now=later(60))
    first.announce("cunbao-532822103203")
    with pytest.raises(WorkspaceBusy) as refused:
        opened(folder)
    assert (refused.value.code, refused.value.since) == ("workspace.busy", later(60))
    assert refused.value.window == "cunbao-532822103203"
    first.keep(B02, [put("area", "", "1")], now=NOW)
    first.close()
    opened(folder).close()


def test_a_killed_window_does_not_lock_anybody_out(folder: Path) -> None:
    tests = str(Path(typist.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, typist.__file__, str(folder), "1"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{DESKTOP}:{tests}"},
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(WorkspaceBusy):
            opened(folder)
        os.kill(child.pid, signal.SIGKILL)
    assert last_run(folder).cut_off
    ws = opened(folder)
    assert ws.last_run.cut_off
    ws.close(now=later(9), backed_up=True)
    assert (last_run(folder).closed_at, last_run(folder).backed_up) == (later(9), True)


def test_a_refused_opening_is_no_run(folder: Path) -> None:
    opened(folder).close(now=later(9))
    with pytest.raises(StoreError):
        Workspace.open(folder, OTHER_KEY, now=later(20))
    assert last_run(folder).closed_at == later(9)


# --- the clock -------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_is_reported_and_typing_goes_on(folder: Path) -> None:
    ws = opened(folder, now=later(-3600))
    assert (ws.clock_doubt, ws.last_known) == (True, NOW)
    trouble = ws.clock_trouble(later(-3600))
    assert trouble is not None and trouble.code == "clock.back"
    ws.keep(B02, [put("area", "", "1")], now=later(-3600))
    ws.close()
    ws = opened(folder, now=later(-1800))
    assert not ws.clock_doubt and ws.draft(B02).answers.values["area"] == "1"
    assert not ws.clock_went_back(NOW) and ws.clock_trouble(NOW) is None


def test_a_clock_that_goes_back_while_typing_is_noticed(folder: Path) -> None:
    ws = opened(folder)
    ws.keep(B02, [put("area", "", "1")], now=later(60))
    assert not ws.clock_doubt
    ws.keep(B02, [put("area", "1", "2")], now=later(-60))
    assert ws.clock_doubt and ws.draft(B02).answers.values["area"] == "2"


def test_a_clock_that_was_far_ahead_does_not_nag_for_ever(folder: Path) -> None:
    ws = opened(folder)
    ws.keep(replace(B02, period="2024"), [put("area", "", "1")], now=later(10**9))
    ws.close()
    ws = opened(folder, now=later(60))
    assert ws.clock_doubt
    ws.trust_clock(later(60))
    assert not ws.clock_doubt
    ws.close()
    ws = opened(folder, now=later(120))
    assert not ws.clock_doubt
    ws.keep(B02, [put("area", "", "1")], now=later(180))
    ws.close()
    assert opened(folder, now=later(120)).clock_doubt


def test_the_journal_counts_for_the_clock_too(folder: Path) -> None:
    ws = opened(folder)
    ws.journal("sign", "岩温", {}, now=later(60))
    ws.close()
    ws = opened(folder, now=later(30))
    assert (ws.clock_doubt, ws.last_known) == (True, later(60))


# --- another machine -------------------------------------------------------------------------------------------------


def test_a_workspace_that_wakes_up_elsewhere_begins_a_new_life(folder: Path) -> None:
    ws = opened(folder)
    epoch = ws.epoch
    ws.close()
    again = opened(folder)
    assert (again.moved, again.epoch) == (False, epoch)
    again.close()
    tampered(folder, "UPDATE meta SET value = 'another place' WHERE name = 'place'")
    moved = opened(folder)
    assert moved.moved and moved.epoch != epoch
    moved.close()
    assert not opened(folder).moved


# --- versions --------------------------------------------------------------------------------------------------------


def m002_next(db: Any) -> None:
    db["next"].create({"id": int}, pk="id")


def m002_fails(db: Any) -> None:
    db["next"].create({"id": int}, pk="id")
    raise ZeroDivisionError


def upgraded_program(monkeypatch: pytest.MonkeyPatch, step: Callable[[Any], None]) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    monkeypatch.setattr(schema, "NAMES", (*schema.NAMES, "m002_next"))


def test_an_older_workspace_is_upgraded_on_a_proved_backup(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgraded_program(monkeypatch, m002_next)
    assert refusal(folder, read_only=True).code == "workspace.older"
    ws = opened(folder)
    assert len(ws.draft(B02).answers.values) == 40
    ws.close()
    assert rows_of(folder, "SELECT count(*) FROM next") == [(0,)]
    (backup,) = list_backups(folder / BACKUPS)
    assert backup.why == "upgrade" and "next" not in backup.rows and backup.rows["edit"] == 40
    opened(folder).close()
    assert len(list_backups(folder / BACKUPS)) == 1


def test_an_upgrade_that_fails_leaves_the_old_version_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        upgraded_program(patch, m002_fails)
        with pytest.raises(ZeroDivisionError):
            opened(folder)
    assert rows_of(folder, "SELECT count(*) FROM sqlite_master WHERE name = 'next'") == [(0,)]
    opened(folder).close()


def test_a_newer_workspace_is_refused_untouched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        upgraded_program(patch, m002_next)
        opened(folder).close()
    tampered(folder, "UPDATE meta SET value = '9.9' WHERE name = 'program'")
    refused = refusal(folder)
    assert refused.code == "workspace.newer" and "9.9 版" in refused.happened
    assert refusal(folder, read_only=True).code == "workspace.newer"


# --- keys.json -------------------------------------------------------------------------------------------------------


def test_keys_are_replaced_whole(folder: Path) -> None:
    write_keys(folder, {"wraps": [{"person": "岩温"}]})
    assert read_keys(folder) == {"wraps": [{"person": "岩温"}]}
    assert sorted(path.name for path in folder.iterdir()) == ["data.db", "keys.json", "lock"]


@pytest.mark.parametrize("content", [None, b"{", b"[]", b"\xff"])
def test_keys_that_cannot_be_read_are_foreign(folder: Path, content: bytes | None) -> None:
    (folder / "keys.json").unlink()
    if content is not None:
        (folder / "keys.json").write_bytes(content)
    with pytest.raises(StoreError) as refused:
        read_keys(folder)
    assert refused.value.code == "workspace.foreign"


# --- folders that do not take it -------------------------------------------------------------------------------------


def test_a_folder_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        4000,
        """
ws = a_workspace(disk / "village")
ws.keep(B02, [put("area", "", "1")], now=NOW)
ws.close()
subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
print(refused(lambda: opened(disk / "village")))
print(refused(lambda: a_workspace(disk / "new")), (disk / "new").exists())
print(refused(lambda: write_keys(disk / "village", {})))
subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
ws = opened(disk / "village")
print(ws.draft(B02).answers.values["area"])
""",
    )
    assert said.split() == ["folder.readonly", "folder.readonly", "False", "folder.readonly", "1"]


def test_on_a_shared_computer_nobody_else_can_copy_the_keys(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path / "w", KEY, kind="village", now=NOW)
    write_keys(ws.folder, {"v": 1})
    ws.close()
    for path, mode in ((ws.folder, 0o700), (ws.folder / "keys.json", 0o600), (ws.folder / "data.db", 0o600)):
        assert path.stat().st_mode & 0o777 == mode
