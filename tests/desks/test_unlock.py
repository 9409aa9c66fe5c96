"""Opening again: whose password, how often, what a broken, foreign, newer or twice opened workspace gets."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cunbao.desks import keyring, people, start
from cunbao.desks.village import signing
from cunbao.errors import CunbaoError
from cunbao.store import WorkspaceBusy
from world.desk import CLERK, MANBANG, PASSWORD, a_clock, a_village_desk, reopened, text, the_template, types
from world.disks import environment

NOW = datetime(2025, 12, 13, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed workspace."""
    return Path(shutil.copytree(the_template(MANBANG, "filled"), tmp_path / "village"))


def refusal(folder: Path, password: str = PASSWORD, *, person: str = CLERK.name, now: datetime = NOW) -> CunbaoError:
    with pytest.raises(CunbaoError) as said:
        start.unlock(folder, person, password, clock=lambda: now).close()
    assert said.value.happened and said.value.safe and said.value.todo
    return said.value


def contents(folder: Path) -> dict[str, bytes]:
    """Everything but what is meant to change: the count of tries."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != keyring.TRIES_FILE
    }


# --- passwords -------------------------------------------------------------------------------------------------------


def test_the_office_and_its_people_are_shown_before_the_password(folder: Path) -> None:
    seen = start.unlock_view(folder, NOW)
    assert (seen.office, seen.line) == ("勐混镇 曼蚌村", "勐海县 · 村级 · 2025年度")
    assert seen.people == (CLERK,)
    assert seen.last is not None and not seen.backed_up
    assert (seen.tries_left, seen.wait_until) == (5, None)


def test_a_right_password_opens_where_it_was_left(folder: Path) -> None:
    desk = reopened(folder)
    assert not desk.clock_doubt and text(desk, "B01", "b01_kind") != "" and desk.form_line("B01").filled > 20
    assert desk.person == CLERK
    desk.close()


def test_a_wrong_password_says_how_often_one_may_still_try_and_deletes_nothing(folder: Path) -> None:
    before = contents(folder)
    said = [refusal(folder, "不对的密码").todo for _ in range(4)]
    assert said == [f"还可以试 {left} 次" for left in (4, 3, 2, 1)]
    assert contents(folder) == before
    assert start.unlock_view(folder, NOW).tries_left == 1


def test_the_fifth_wrong_password_pauses_a_minute_and_then_goes_on(folder: Path) -> None:
    before = contents(folder)
    for _ in range(5):
        assert refusal(folder, "不对的密码").code == "password.wrong"
    waiting = refusal(folder, PASSWORD, now=NOW + timedelta(seconds=59))
    assert waiting.code == "password.wait" and "09:01" in waiting.todo
    assert start.unlock_view(folder, NOW).wait_until == NOW + timedelta(minutes=1)
    assert contents(folder) == before
    later = NOW + timedelta(minutes=1)
    assert start.unlock_view(folder, later).wait_until is None
    desk = start.unlock(folder, CLERK.name, PASSWORD, clock=lambda: later)
    desk.close()
    assert start.unlock_view(folder, later).tries_left == 5


def test_a_right_password_makes_the_count_begin_anew(folder: Path) -> None:
    for _ in range(4):
        refusal(folder, "不对的密码")
    reopened(folder).close()
    assert refusal(folder, "不对的密码").todo == "还可以试 4 次"


def test_a_clock_put_right_during_the_pause_locks_nobody_out(folder: Path) -> None:
    for _ in range(5):
        refusal(folder, "不对的密码", now=NOW + timedelta(days=3000))
    reopened(folder).close()


def test_full_width_letters_of_a_chinese_keyboard_are_the_same_password(folder: Path) -> None:
    desk = start.unlock(folder, CLERK.name, PASSWORD.replace("2025", "２０２５"), clock=lambda: NOW)
    desk.close()


def test_an_unknown_person_is_no_wrong_password(folder: Path) -> None:
    assert refusal(folder, person="玉香").code == "person.unknown"
    assert start.unlock_view(folder, NOW).tries_left == 5


def test_who_opened_last_is_asked_first(folder: Path) -> None:
    from cunbao.desks.views import Person

    desk = reopened(folder)
    people.add(desk, Person("玉香", "统计负责人"), "玉香的密码2025", own_password=PASSWORD)
    desk.close()
    assert [one.name for one in start.unlock_view(folder, NOW).people] == ["岩温", "玉香"]
    start.unlock(folder, "玉香", "玉香的密码2025", clock=a_clock(2025, 12, 14)).close()
    assert [one.name for one in start.unlock_view(folder, NOW).people] == ["玉香", "岩温"]


@pytest.mark.parametrize("content", ["", "{", '{"count": "x"}', "[]", '{"count": 2, "until": "yesterday"}'])
def test_a_torn_count_of_tries_is_no_reason_to_stay_out(folder: Path, content: str) -> None:
    (folder / keyring.TRIES_FILE).write_text(content)
    reopened(folder).close()


# --- what lies in the folder -----------------------------------------------------------------------------------------


def test_a_second_window_is_told_and_the_first_goes_on(folder: Path) -> None:
    desk = reopened(folder)
    with pytest.raises(WorkspaceBusy):
        reopened(folder)
    types(desk, "B01", "b01_groups", "7")
    assert text(desk, "B01", "b01_groups") == "7"
    desk.close()


def test_a_window_of_another_process_holds_it_too(folder: Path, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(tmp_path),
    )
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == b"open\n"
    assert refusal(folder).code == "workspace.busy"
    looking = start.unlock(folder, CLERK.name, PASSWORD, clock=lambda: NOW, read_only=True)
    with pytest.raises(CunbaoError) as said:
        types(looking, "B01", "b01_groups", "7")
    assert said.value.code == "desk.read_only"
    looking.close()
    child.communicate(b"\n")
    reopened(folder).close()


def test_a_damaged_workspace_is_left_for_the_county_to_look_at(folder: Path) -> None:
    data = bytearray((folder / "data.db").read_bytes())
    data[20] ^= 0xFF
    (folder / "data.db").write_bytes(bytes(data))
    before = contents(folder)
    assert refusal(folder).code == "workspace.damaged"
    assert contents(folder) == before


def test_a_foreign_folder_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"a")
    assert refusal(tmp_path / "photos").code == "workspace.foreign"
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["a.jpg"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"office": {}, "wraps": [{}]}', "\x00\x01"])
def test_keys_that_are_no_keys_are_foreign(folder: Path, content: str) -> None:
    (folder / "keys.json").write_text(content)
    assert refusal(folder).code == "workspace.foreign"
    with pytest.raises(CunbaoError):
        start.unlock_view(folder, NOW)


def test_a_wrap_that_was_tampered_with_opens_nothing(folder: Path) -> None:
    keys = json.loads((folder / "keys.json").read_text())
    keys["wraps"][0]["wrap"]["wrapped"] = "AAAA"
    (folder / "keys.json").write_text(json.dumps(keys))
    assert refusal(folder).code in ("password.wrong", "wrap.damaged")


def test_a_workspace_of_a_newer_program_asks_for_that_program(folder: Path) -> None:
    desk = reopened(folder)
    key = desk.workspace.key
    desk.close()
    from contextlib import closing

    from cunbao.store import schema
    from cunbao.store.driver import connect

    with closing(connect(folder / "data.db", key)) as connection:
        table = next(
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            if "migration" in name
        )
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})").fetchall()]
        first = connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
        values = ["m999_from_the_future" if value == schema.NAMES[0] else value for value in first]
        values = [None if name == "id" else value for name, value in zip(columns, values, strict=True)]
        connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)
        connection.commit()
    assert refusal(folder).code == "workspace.newer"


# --- the clock -------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_opens_shows_and_does_not_sign(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready")
    types(desk, "B01", "b01_groups", text(desk, "B01", "b01_groups"))  # nothing new
    desk.close()
    early = a_clock(2024, 1, 1)
    desk = reopened(tmp_path / "village", early)
    assert desk.clock_doubt
    types(desk, "B02", "b02_zero", "0")  # typing loses nothing
    prepared = signing.prepare(desk)
    with pytest.raises(CunbaoError) as said:
        signing.sign(desk, prepared, PASSWORD)
    assert said.value.code == "sign.clock"
    assert "2024-01-01" in said.value.happened and "先不要签名" in said.value.safe
    assert all(desk.newest(form) is None for form in desk.task.forms)
    desk.close()


def test_a_clock_put_right_signs_again(tmp_path: Path) -> None:
    desk = a_village_desk(tmp_path, "ready", clock=a_clock(2024, 1, 1))
    assert desk.clock_doubt
    desk.close()
    desk = reopened(tmp_path / "village")
    assert not desk.clock_doubt
    assert len(signing.sign(desk, signing.prepare(desk), PASSWORD)) == 5
    desk.close()


_HOLDS = """
import sys
from pathlib import Path
from world.desk import reopened
desk = reopened(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
desk.close()
"""
