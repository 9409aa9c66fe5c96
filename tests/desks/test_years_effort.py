"""One year's work does not pay for the years beside it: opening, watching, deciding and closing cost the same calls in
a county of four years as in one of a single year."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from cunbao.desks import archiving, ledger, packs
from cunbao.desks.county import answers, progress
from cunbao.desks.county.desk import CountyDesk
from cunbao.survey.decision import Act
from world.county_returns import reopened_county
from world.desk import MENGHUN, a_clock, the_shelf
from world.effort import calls
from world.years import a_county_of_years, clerks, the_county_of_years

YEAR = "2026"


@cache
def the_single_year() -> Path:
    """A closed county with 2026 alone, of the same villages."""
    place = the_shelf() / "county-of-a-year"
    place.mkdir()
    a_county_of_years(place, years=(YEAR,)).close()
    return place / "county"


def just_started() -> None:
    """As in a program that has just been started: what was read before is read again, for either county."""
    packs._FORMS.clear()
    ledger._signed_by.cache_clear()
    ledger.header_of.cache_clear()


def home(folder: Path) -> CountyDesk:
    just_started()
    desk = reopened_county(folder, clock=a_clock(2026, 1, 20, 1))
    desk.frame()
    progress.progress(desk)
    return desk


def decide(desk: CountyDesk) -> None:
    stands = desk.workspace.standing(clerks(4)[0].office.code, "B01", YEAR)
    answers.decide(desk, Act.PAPER, stands.counted)


ACTS: dict[str, Callable[[CountyDesk], object]] = {
    "one township's villages": lambda desk: progress.matrix(desk, MENGHUN),
    "a decision": decide,
    "封账": lambda desk: answers.close_period(desk, "审完了"),
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = (the_county_of_years(), the_single_year())
    return tuple(Path(shutil.copytree(one, tmp_path / str(at))) for at, one in enumerate(made))  # type: ignore[return-value]


def test_from_the_password_to_the_first_screen(folders: tuple[Path, Path]) -> None:
    for one in folders:
        home(one).close()  # what is imported and cached is so for both
    desks: list[CountyDesk] = []
    many, one = (calls(lambda at=at: desks.append(home(at))) for at in folders)  # type: ignore[misc]
    for desk in desks:
        desk.close()
    assert many <= 1.15 * one


@pytest.mark.parametrize("what", ACTS)
def test_an_act_of_the_year(folders: tuple[Path, Path], what: str) -> None:
    many, one = map(home, folders)
    counted = []
    for desk in (many, one):
        just_started()
        counted.append(calls(lambda desk=desk: ACTS[what](desk)))  # type: ignore[misc]
    many.close()
    one.close()
    assert counted[0] <= 1.25 * counted[1]


def test_a_year_that_was_moved_out_costs_the_others_nothing(folders: tuple[Path, Path], tmp_path: Path) -> None:
    desk = home(folders[0])
    before = calls(lambda: progress.progress(desk))
    archiving.move_out(desk, "2023", tmp_path)
    assert calls(lambda: progress.progress(desk)) <= before
    desk.close()
