"""The power goes while a year moves: at any flush, any rename, inside either transaction. Nothing is lost: the year is
here or in a whole file, and its digests and those of the others are what they were."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cunbao.desks import archiving, digest
from cunbao.desks.county.desk import CountyDesk
from cunbao.store import archive_rows
from world.county_returns import reopened_county
from world.desk import a_clock
from world.years import the_county_of_years

GOES = "2024"


def again(folder: Path) -> CountyDesk:
    return reopened_county(folder, clock=a_clock(2026, 1, 20, 1))


def whole(desk: CountyDesk) -> str:
    return digest.state_digest(desk.workspace, desk.task).whole


def out(desk: CountyDesk, file: Path) -> None:
    archiving.move_out(desk, GOES, file)


def back(desk: CountyDesk, file: Path) -> None:
    archiving.bring_back(desk, GOES, file)


@pytest.fixture
def before(tmp_path: Path) -> tuple[Path, str]:
    """A county of its own and its digest."""
    shutil.copytree(the_county_of_years(), tmp_path / "first")
    desk = again(tmp_path / "first")
    said = whole(desk)
    desk.close()
    return tmp_path / "first", said


def test_power_cut_while_a_year_leaves_loses_nothing(tmp_path: Path, before: tuple[Path, str]) -> None:
    first, said = before
    seen, number, lived = set(), 0, False
    while not lived:
        number += 1
        place = tmp_path / str(number)
        folder = Path(shutil.copytree(first, place / "county"))
        lived = _lives(partial(_dies, folder, place / "x.cbyear", number, out))
        desk = again(folder)
        gone = archiving.held_periods(desk.workspace) == ("2023", "2025", "2026")
        assert whole(desk) == said and gone is bool(desk.workspace.moved_out())
        assert not list(folder.glob("data.db.*"))
        if gone:
            archiving.bring_back(desk, GOES, place / "x.cbyear")
        else:
            (place / "x.cbyear").unlink(missing_ok=True)  # written, and nothing left by it: it may be thrown away
            archiving.move_out(desk, GOES, place / "x.cbyear")
            archiving.bring_back(desk, GOES, place / "x.cbyear")
        assert whole(desk) == said and archiving.held_periods(desk.workspace)[1] == GOES
        assert [one.name for one in place.iterdir() if one.name.endswith(".part")] == []
        desk.close()
        seen.add(gone)
    assert seen == {False, True} and number > 7


def test_power_cut_while_a_year_comes_back_loses_nothing(tmp_path: Path, before: tuple[Path, str]) -> None:
    first, said = before
    desk = again(first)
    archiving.move_out(desk, GOES, tmp_path / "x.cbyear")
    desk.close()
    for number in (1, 2):
        folder = Path(shutil.copytree(first, tmp_path / str(number)))
        assert not _lives(partial(_dies, folder, tmp_path / "x.cbyear", number, back))
        desk = again(folder)
        assert whole(desk) == said and len(desk.workspace.moved_out()) == 1
        archiving.bring_back(desk, GOES, tmp_path / "x.cbyear")
        assert whole(desk) == said and not desk.workspace.moved_out()
        assert not list(folder.glob("*.part")) and not list(folder.glob(".*.part"))
        desk.close()


def _lives(act: Callable[[], None]) -> bool:
    """Run it in a child; did it come to its end?"""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _dies(folder: Path, file: Path, at: int, act: Callable[[CountyDesk, Path], None]) -> None:
    """In the child: the power goes before the `at`-th flush, rename, row taken out, or entry in the journal."""
    left = [at]

    def counted(call: Callable[..., object], *given: object, **named: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            os._exit(1)
        return call(*given, **named)

    desk = again(folder)
    os.fsync = partial(counted, os.fsync)  # type: ignore[assignment]
    rename = Path.replace
    Path.replace = lambda one, target: counted(rename, one, target)  # type: ignore[method-assign,assignment,return-value]
    archive_rows.remove = partial(counted, archive_rows.remove)  # type: ignore[assignment]
    archive_rows.put_back = partial(counted, archive_rows.put_back)  # type: ignore[assignment]
    journal = CountyDesk.journal
    CountyDesk.journal = lambda one, *given, **named: counted(journal, one, *given, **named)  # type: ignore[method-assign,assignment]
    act(desk, file)
    os._exit(0)
