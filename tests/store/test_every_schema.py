"""An update opens what any earlier version has kept: on a proved backup, nothing lost, and the same tables as new."""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from cunbao.errors import StoreError
from cunbao.store import BACKUPS, Workspace, list_backups, restore, schema, write_keys
from cunbao.store.driver import connect
from store.folders import B02, KEY, NOW, a_workspace, later, opened, put, rows_of

CMS = sha256(b"\0").hexdigest()
EARLIER = range(1, len(schema.MIGRATIONS))
ENDS = (EARLIER[0], EARLIER[-1])


def an_old_workspace(folder: Path, steps: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace as the program of `steps` migrations made and left it: the real steps, run by the real code."""
    with monkeypatch.context() as then:
        then.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:steps])
        then.setattr(schema, "NAMES", schema.NAMES[:steps])
        ws = a_workspace(folder)
        for number in range(5):
            ws.keep(B02, [put(f"f{number}", "", f"第{number}格")], now=NOW)
        ws.set_setting("sample", True)
        ws.journal("begin", "岩温", {"office": "532822103202"}, now=NOW)
        ws.close(now=NOW)
    with closing(connect(folder / "data.db", KEY)) as connection:
        connection.execute("INSERT INTO office (code, name, kind, ur_class, short_name, parent) VALUES (?,?,?,?,?,?)",
                           ("532822103202", "曼国村民委员会", "village", "220", "曼国村", "532822103000"))  # fmt: skip
        if steps >= 2:
            connection.execute("INSERT INTO heard VALUES ('d1', 'own', 'their', 3, '[2]')")
        if steps >= 3:
            connection.execute("INSERT INTO object VALUES (1, ?, 'cms', 1, x'00')", (CMS,))
            connection.execute("INSERT INTO countersign VALUES ('oo', 0, ?)", (CMS,))
    write_keys(folder, {"wraps": []})
    return folder


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table with its columns, every index and trigger with its words."""
    names = rows_of(folder, "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    columns = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
    found = {f"{kind} {name}": rows_of(folder, columns, name) for kind, name, _ in names if kind == "table"}
    return found | {f"{kind} {name}": [(sql,)] for kind, name, sql in names if kind != "table"}


@pytest.mark.parametrize("steps", EARLIER)
def test_a_workspace_of_every_earlier_version_opens_with_all_that_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    folder = an_old_workspace(tmp_path / "old", steps, monkeypatch)
    assert rows_of(folder, "SELECT count(*) FROM _sqlite_migrations") == [(steps,)]
    ws = opened(folder, now=later(60))
    assert ws.draft(B02).answers.values == {f"f{number}": f"第{number}格" for number in range(5)}
    assert ws.setting("sample", False) is True
    assert ws.office("532822103202").short_name == "曼国村"
    assert ws.verify_journal().good
    ws.keep(B02, [put("f0", "第0格", "改过")], now=later(61))
    ws.close(now=later(62))
    if steps >= 2:
        assert rows_of(folder, "SELECT device, own_epoch, their_epoch, through, missing FROM heard") == [
            ("d1", "own", "their", 3, "[2]")
        ]
    if steps >= 3:
        assert rows_of(folder, "SELECT object, place, cms FROM countersign") == [("oo", 0, CMS)]
    new = a_workspace(tmp_path / "new")
    new.close()
    assert tables(folder) == tables(new.folder)


@pytest.mark.parametrize("steps", ENDS)
def test_the_backup_before_the_update_is_the_workspace_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    folder = an_old_workspace(tmp_path / "old", steps, monkeypatch)
    opened(folder, now=later(60)).close(now=later(61))
    (backup,) = list_backups(folder / BACKUPS)
    assert backup.why == "upgrade" and backup.rows["edit"] == 5
    opened(folder, now=later(70)).close(now=later(71))  # an ordinary start: nothing more to update
    assert len(list_backups(folder / BACKUPS)) == 1
    assert rows_of(backup.path, "SELECT count(*) FROM _sqlite_migrations") == [(steps,)]
    with monkeypatch.context() as then:  # the program of then can go on with it
        then.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:steps])
        then.setattr(schema, "NAMES", schema.NAMES[:steps])
        restore(backup.path, tmp_path / "again", KEY, now=later(80))
        opened(tmp_path / "again", now=later(81)).close()


@pytest.mark.parametrize("steps", ENDS)
def test_the_program_of_then_refuses_what_the_update_left_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    new = a_workspace(tmp_path / "new")
    new.close()
    folder = new.folder
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:steps])
    monkeypatch.setattr(schema, "NAMES", schema.NAMES[:steps])
    before = (folder / "data.db").read_bytes()
    with pytest.raises(StoreError) as refused:
        Workspace.open(folder, KEY, now=later(60))
    assert refused.value.code == "workspace.newer"
    assert "新版本" in refused.value.happened and "安装文件" in refused.value.todo
    assert (folder / "data.db").read_bytes() == before
    assert not (folder / BACKUPS).exists()
