"""A full disk and a vanishing folder at any point: a sentence, and what was kept before is unharmed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cunbao.errors import StoreError
from store.folders import B02, NOW, a_workspace, on_a_small_disk, opened, put


def test_typing_on_a_full_disk_keeps_all_that_was_confirmed(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        2000,
        """
ws = a_workspace(disk / "village")
fill(leave=100_000)
kept, code = "", ""
for number in range(1000):
    try:
        ws.keep(B02, [put("area", kept, str(number) * 50)], now=NOW)
    except StoreError as error:
        code = error.code
        assert "MB" in error.happened and "200 MB" in error.todo
        break
    kept = str(number) * 50
assert number and ws.draft(B02).answers.values["area"] == kept
assert refused(lambda: ws.set_setting("name", "x" * 9000)) == code
(disk / "filler").unlink()
ws.keep(B02, [put("area", kept, "room again")], now=NOW)
assert ws.undo(VILLAGE, PERIOD, now=NOW).edits[0].new == kept
ws.close()
ws = opened(disk / "village")
assert ws.draft(B02).answers.values["area"] == kept and ws.draft_mark(B02).seq == number + 2
ws.self_check()
print(code)
""",
    )
    assert said.split() == ["disk.full"]


def test_a_workspace_is_not_half_made_on_a_full_disk(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        1000,
        """
for room in (0, 8000, 50_000, 100_000):
    fill(leave=room)
    print(refused(lambda: a_workspace(disk / "village")), (disk / "village").exists())
    os.unlink(disk / "filler")
a_workspace(disk / "village").close()
""",
    )
    assert said.split() == ["disk.full", "False"] * 4


def test_keys_stay_as_they_were_on_a_full_disk(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        500,
        """
write_keys(disk, {"wraps": ["old"]})
fill()
print(refused(lambda: write_keys(disk, {"wraps": ["new"] * 5000})))
assert read_keys(disk) == {"wraps": ["old"]}
assert sorted(path.name for path in disk.iterdir()) == ["filler", "keys.json"]
""",
    )
    assert said.split() == ["disk.full"]


def test_a_backup_to_a_full_stick_leaves_the_older_ones(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        1500,
        """
ws = a_workspace(big / "village")
write_keys(ws.folder, {"wraps": []})
good = backup(ws, disk, now=NOW)
for room in (0, 8000, 100_000, 200_000, 300_000):
    fill(leave=room)
    try:
        backup(ws, disk, now=later(room))
    except StoreError as error:
        print(error.code)
        assert list_backups(disk)[-1] == good and len(list_backups(disk)) == 1
        assert sorted(path.name for path in disk.iterdir()) == [good.path.name, "filler"]
    os.unlink(disk / "filler")
assert ws.last_backup(disk) is not None
ws.keep(B02, [put("area", "", "1")], now=NOW)
assert restore(good.path, big / "again", KEY, now=NOW).backup == good
""",
    )
    codes = said.split()
    assert set(codes) == {"disk.full"} and len(codes) >= 3


def test_a_stick_pulled_out_while_a_backup_is_written(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        4000,
        """
ws = a_workspace(big / "village")
for number in range(300):
    ws.keep(B02, [put(f"f{number}", "", "字" * 1000)], now=NOW)
def pull(progress):
    if progress.done * 2 > progress.total:
        subprocess.run(["umount", "-l", str(disk)])
print(refused(lambda: backup(ws, disk, now=NOW, progress=pull)))
assert list(disk.iterdir()) == [] and ws.last_backup() is None
ws.keep(B02, [put("area", "", "1")], now=NOW)
ws.self_check()
""",
    )
    assert said.split() == ["folder.gone"]


def test_a_restore_onto_a_full_disk_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    said = on_a_small_disk(
        tmp_path,
        1000,
        """
ws = a_workspace(big / "village")
for number in range(50):
    ws.keep(B02, [put(f"f{number}", "", "字" * 1000)], now=NOW)
good = backup(ws, now=NOW)
here = a_workspace(disk / "here")
here.keep(B02, [put("area", "", "mine")], now=NOW)
here.close()
for room in (0, 100_000, 200_000):
    fill(leave=room)
    print(refused(lambda: restore(good.path, disk / "here", KEY, now=NOW, set_aside=True)))
    print(refused(lambda: restore(good.path, disk / "new", KEY, now=NOW)), (disk / "new").exists())
    os.unlink(disk / "filler")
here = opened(disk / "here")
assert here.draft(B02).answers.values["area"] == "mine"
here.close()
assert sorted(path.name for path in (disk / "here").iterdir()) == ["data.db", "lock"]
""",
    )
    assert said.split() == ["disk.full", "disk.full", "False"] * 3


def test_a_folder_that_was_moved_away_is_not_written_to_unseen(tmp_path: Path) -> None:
    ws = a_workspace(tmp_path / "village")
    ws.keep(B02, [put("area", "", "1")], now=NOW)
    (tmp_path / "village").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError) as refused:
        ws.keep(B02, [put("area", "1", "2")], now=NOW)
    assert refused.value.code == "folder.gone"
    ws.close()
    again = opened(tmp_path / "elsewhere")
    assert again.draft(B02).answers.values["area"] in ("1", "2")
    again.close()


def test_a_folder_that_was_deleted_is_not_called_saved(tmp_path: Path) -> None:
    ws = a_workspace(tmp_path / "village")
    shutil.rmtree(tmp_path / "village")
    with pytest.raises(StoreError) as refused:
        ws.keep(B02, [put("area", "", "1")], now=NOW)
    assert refused.value.code == "folder.gone"
    ws.close()
