"""Another key for a workspace: everything is still in it, the old key opens nothing of it, and a power cut at any
moment leaves one that opens with the key that keys.json leads to."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from cunbao.errors import Cancelled, StoreError
from cunbao.progress import Cancel, Progress
from cunbao.store import Workspace, list_backups, read_keys, rekey, write_keys
from cunbao.store.compare import figures
from store.folders import B01, KEY, NOW, OTHER_KEY, a_revision, a_workspace, later, opened, put, rows_of


def keys(key: bytes) -> dict[str, str]:
    """A keys.json that leads to this key: the desks' one has it locked."""
    return {"key": key.hex()}


def a_village(folder: Path) -> Workspace:
    ws = a_workspace(folder)
    write_keys(folder, keys(KEY))
    ws.keep(B01, [put("groups", "", "9")], now=NOW)
    a_revision(ws, B01)
    return ws


def leave(ws: Workspace) -> None:
    ws.set_setting("left", "岩温")
    ws.journal("remove_person", "玉罕", {}, now=later(60))


def changed(ws: Workspace) -> None:
    rekey(ws, OTHER_KEY, keys(OTHER_KEY), now=later(60), change=leave)


def as_it_opens(folder: Path) -> Workspace:
    """By the key that keys.json leads to, as a start does."""
    return Workspace.open(folder, bytes.fromhex(read_keys(folder)["key"]), now=later(120))


def test_everything_is_there_under_the_new_key_and_nothing_under_the_old_one(tmp_path: Path) -> None:
    with closing(a_village(tmp_path)) as ws:
        before = figures(ws._db)
        changed(ws)
        assert ws.key == OTHER_KEY and ws.setting("left") == "岩温"
        ws.keep(B01, [put("groups", "9", "8")], now=later(61))  # the open workspace goes on
        ws.announce("socket")
    with pytest.raises(StoreError) as said:
        opened(tmp_path)
    assert said.value.code == "workspace.key"
    with closing(as_it_opens(tmp_path)) as ws:
        now = figures(ws._db)
        same = {"object", "revision", "parent", "line", "draft_key", "meta"}
        assert {name: now[name] for name in same} == {name: before[name] for name in same}
        assert ws.draft(B01).answers.values["groups"] == "8" and ws.verify_journal().good
        assert [one.act for one in ws.journal_entries()] == ["remove_person"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backups", "data.db", "keys.json", "lock"]
    assert rows_of(tmp_path, "PRAGMA journal_mode", key=OTHER_KEY) == [("wal",)]


def test_a_backup_of_before_lies_there_and_opens_with_the_old_key(tmp_path: Path) -> None:
    with closing(a_village(tmp_path)) as ws:
        changed(ws)
    (kept,) = list_backups(tmp_path / "backups")
    assert kept.why == "rekey" and read_keys(kept.path) == keys(KEY)
    assert rows_of(kept.path, "SELECT count(*) FROM edit") == [(1,)]


def test_a_power_cut_at_any_moment_leaves_a_workspace_that_opens(tmp_path: Path) -> None:
    """A child process dies at the n-th flush or rename, for every n until one lives to the end."""
    seen, number = set(), 0
    a_village(tmp_path / "first").close()
    while True:
        number += 1
        folder = Path(shutil.copytree(tmp_path / "first", tmp_path / str(number)))
        child = os.fork()
        if child == 0:
            _dies(folder, number)
        lived = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with closing(as_it_opens(folder)) as ws:
            done = ws.setting("left", "") == "岩温"
            assert ws.draft(B01).answers.values["groups"] == "9"
            assert done is (read_keys(folder) == keys(OTHER_KEY)) is (ws.key == OTHER_KEY)
            ws.keep(B01, [put("groups", "9", "8")], now=later(121))
        assert not list(folder.glob("data.db.*")) and "next" not in (folder / "keys.json").read_text()
        with closing(as_it_opens(folder)) as ws:
            assert ws.draft(B01).answers.values["groups"] == "8"
        seen.add(done)
        if lived:
            break
    assert seen == {False, True} and number > 8


def _dies(folder: Path, at: int) -> None:
    """In the child: the power goes before the `at`-th flush or rename."""
    left = [at]
    flush, rename = os.fsync, Path.replace

    def counted() -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(1)

    def fsync(descriptor: int) -> None:
        counted()
        flush(descriptor)

    def replace(self: Path, target: Path) -> Path:
        counted()
        return rename(self, target)

    try:
        ws = opened(folder)
        os.fsync, Path.replace = fsync, replace  # type: ignore[method-assign]
        changed(ws)
    except BaseException:
        os._exit(2)
    os._exit(0)


def test_somebody_who_is_looking_on_keeps_the_old_key_in_force(tmp_path: Path) -> None:
    with closing(a_village(tmp_path)) as ws, closing(opened(tmp_path, read_only=True)) as other:
        assert other.draft(B01).answers.values["groups"] == "9"
        with other._reading():
            other._db.execute("BEGIN")
            other._db.execute("SELECT count(*) FROM edit").fetchone()
        with pytest.raises(StoreError) as said:
            changed(ws)
        assert said.value.code == "workspace.busy" and "只看不改" in said.value.todo
        assert ws.key == KEY and read_keys(tmp_path) == keys(KEY)
        ws.keep(B01, [put("groups", "9", "8")], now=later(61))
    with closing(as_it_opens(tmp_path)) as ws:
        assert ws.draft(B01).answers.values["groups"] == "8" and ws.key == KEY


def test_stopped_on_the_way_nothing_has_changed(tmp_path: Path) -> None:
    stop, seen = Cancel(), [0]

    def twice(progress: Progress) -> None:
        seen[0] += progress.done == progress.total
        if seen[0] == 1:  # the backup is written, the copy is not
            stop.ask()

    with closing(a_village(tmp_path)) as ws:
        with pytest.raises(Cancelled):
            rekey(ws, OTHER_KEY, keys(OTHER_KEY), now=later(60), change=leave, progress=twice, cancel=stop)
        assert ws.key == KEY and ws.setting("left", "") == ""
        ws.keep(B01, [put("groups", "9", "8")], now=later(61))
    assert not list(tmp_path.glob("data.db.*")) and read_keys(tmp_path) == keys(KEY)
    as_it_opens(tmp_path).close()


def test_a_backup_made_after_a_power_cut_leads_to_its_own_key(tmp_path: Path) -> None:
    """keys.json still names both keys; the copy is another file, with another beginning."""
    folder = tmp_path / "village"
    a_village(folder).close()
    child = os.fork()
    if child == 0:
        _dies_after_the_swap(folder)
    os.waitpid(child, 0)
    assert "next" in (folder / "keys.json").read_text()
    from cunbao.store.backup import write_backup

    made = write_backup(folder, OTHER_KEY, tmp_path / "backups", now=later(90))
    assert read_keys(made.path) == keys(OTHER_KEY)


def _dies_after_the_swap(folder: Path) -> None:
    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        done = rename(self, target)
        if target.name == "data.db":
            os._exit(1)
        return done

    ws = opened(folder)
    Path.replace = replace  # type: ignore[method-assign]
    changed(ws)
    os._exit(0)
