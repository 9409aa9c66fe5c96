"""登录 in 操作记录: who opened and closed a desk, after how many wrong passwords; not each time a screen locked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cunbao.desks import doors, journals
from cunbao.desks.journals import Wanted
from cunbao.errors import TrustError
from world.desk import CLERK, PASSWORD, a_clock, a_village_desk

WRONG = "不对的密码"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    desk = a_village_desk(tmp_path)
    desk.close()
    return desk.workspace.folder


def opens(folder: Path, clock: Callable[..., object], *, wrong: int = 0) -> doors.Desk:
    for _ in range(wrong):
        with pytest.raises(TrustError):
            doors.unlock(folder, CLERK.name, WRONG, clock=clock)  # type: ignore[arg-type]
    return doors.unlock(folder, CLERK.name, PASSWORD, clock=clock)  # type: ignore[arg-type]


def logins(desk: doors.Desk) -> list[tuple[str, str, str]]:
    """As the officer filters them: who, what, about what, the oldest first."""
    found = journals.page(desk, Wanted(kind="登录", since=a_clock()().date()), 0)
    return [(one.who, one.did, one.about) for one in reversed(found)]


def test_opening_and_closing_is_noted_and_wrong_passwords_are_counted(folder: Path) -> None:
    clock = a_clock()
    doors.close(opens(folder, clock))
    desk = opens(folder, clock, wrong=2)
    assert logins(desk) == [
        (CLERK.name, "打开", CLERK.role), (CLERK.name, "关上", ""),
        (CLERK.name, "打开", f"此前输错密码 2 次，{CLERK.role}"),
    ]  # fmt: skip
    said = json.dumps([one.detail for one in desk.workspace.journal_entries()], ensure_ascii=False)
    assert PASSWORD not in said and WRONG not in said
    desk.close()


def test_five_wrong_passwords_and_their_pause_are_noted(folder: Path) -> None:
    clock = a_clock()
    for _ in range(5):
        with pytest.raises(TrustError):
            doors.unlock(folder, CLERK.name, WRONG, clock=clock)
    late = lambda: clock() + timedelta(minutes=5)  # noqa: E731
    desk = opens(folder, late)
    assert logins(desk)[-1][2] == f"此前输错密码 5 次，{CLERK.role}"
    desk.close()


def test_a_screen_that_locked_and_one_command_after_another_are_no_news_that_day(folder: Path) -> None:
    clock = a_clock()
    for _ in range(4):
        doors.close(opens(folder, clock), locked=True)
    desk = opens(folder, clock)
    assert [did for _, did, _ in logins(desk)] == ["打开"]
    desk.close()
    again = opens(folder, lambda: clock() + timedelta(days=1))
    assert [did for _, did, _ in logins(again)] == ["打开", "打开"]  # the day after it is
    again.close()


def test_who_only_looks_writes_nothing(folder: Path) -> None:
    first = opens(folder, a_clock())
    looking = doors.unlock(folder, CLERK.name, PASSWORD, clock=a_clock(), read_only=True)
    before = looking.workspace.journal_head()
    doors.close(looking)
    assert first.workspace.journal_head() == before
    first.close()
