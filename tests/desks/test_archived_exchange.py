"""What goes on between desks while a year lies in an archive file: it is acknowledged by its digest, found by its code,
honoured by revocations; what is news of it waits, and what is known of it comes in no second time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from cunbao.desks import archiving, closed, digest, receiving, sequences, verifying
from cunbao.desks.county import answers, keys
from cunbao.desks.county import certificates as county_certificates
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.township import certified, deciding, forwarding
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.township.views import FileResult
from cunbao.desks.verified import Outcome
from cunbao.errors import DeskError
from cunbao.survey.codes import verification_code
from cunbao.survey.decision import Act
from world.county_returns import WAITING, reopened_county, the_returns
from world.desk import MANGUO, MENGHUN, a_clock, reopened_town, the_shelf
from world.years import take_packs

YEAR = "2025"


@dataclass
class Two:
    """A county and a township of it, 2025 closed and heard of, working on 2027."""

    place: Path
    county: CountyDesk
    town: TownshipDesk

    def close(self) -> None:
        self.county.close()
        self.town.close()


def opened(folder: Path) -> Two:
    return Two(
        folder,
        reopened_county(folder / "county", clock=a_clock(2026, 1, 20, 1)),
        reopened_town(folder / "town", a_clock(2026, 1, 20, 2)),
    )


@cache
def the_two() -> Path:
    """Both closed; beside them `early`, the township before it heard of the closing."""
    place = the_shelf() / "archived-two"
    shutil.copytree(the_returns().parent, place)
    both = opened(place)
    deciding.accept(both.town, *WAITING)
    receiving.receive(both.county, [forwarding.write_forward(both.town, place).path])
    answers.close_period(both.county)
    answer = answers.write_answer(both.county, MENGHUN, place)
    packs = take_packs(both.county, place, ("2026", "2027"), [])
    both.town.close()
    shutil.copytree(place / "town", place / "early")
    for name in ("early", "town"):
        town = reopened_town(place / name, a_clock(2026, 1, 20, 3))
        if name == "town":
            receiving.receive(town, [answer])
        for pack in packs:
            township.take_task(town, pack, sample=True)
        town.close()
    both.county.close()
    return place


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Two]:
    for name in ("county", "town"):
        shutil.copytree(the_two() / name, tmp_path / name)
    made = opened(tmp_path)
    yield made
    made.close()


def the_early_town(both: Two) -> TownshipDesk:
    shutil.copytree(the_two() / "early", both.place / "early")
    return reopened_town(both.place / "early", a_clock(2026, 1, 21, 1))


def whole(desk: CountyDesk | TownshipDesk) -> str:
    return digest.state_digest(desk.workspace, desk.task).whole


def said_of_closed(both: Two) -> list[object]:
    """All that either says of closed periods, and what a revocation would honour."""
    town, county = both.town, both.county
    (computer,) = {one.key for one in town.workspace.certificates(office=MANGUO) if one.signs}
    device = certified.certificate_of(town, town.workspace.certificates(key=computer)[0]).device
    return [
        closed.for_township(county.workspace, MENGHUN),
        closed.for_county(town.workspace, MENGHUN),
        closed.for_village(town.workspace, MANGUO, [device]),
        closed.from_village(town.workspace, MANGUO),
        keys._signed_by_desk(county, MENGHUN),
        sorted(county_certificates._signed(county, MANGUO, computer)),
        [(one.words, sorted(one.ids)) for one in certified.revoke_choices(town, computer)],
        [sequences.come(desk.workspace, *life) for desk in (county, town) for life in lives(desk)],
    ]


def lives(desk: CountyDesk | TownshipDesk) -> list[tuple[str, str]]:
    offices = [MENGHUN, MANGUO, "532822000000"]
    return [life for office in offices for life in desk.workspace.lives(office, receiving.TAKEN)]


def test_a_closed_year_that_was_moved_out_is_acknowledged_and_honoured_as_before(both: Two, tmp_path: Path) -> None:
    before = said_of_closed(both)
    assert before[0] and before[1] and before[4]
    archiving.move_out(both.county, YEAR, tmp_path)
    archiving.move_out(both.town, YEAR, tmp_path)
    assert said_of_closed(both) == before
    line = receiving.receive(both.town, [answers.write_answer(both.county, MENGHUN, tmp_path)]).lines[0]
    assert line.result is FileResult.TAKEN and YEAR not in line.read  # their digests are the same


def test_a_township_keeps_what_the_county_has_not_got(both: Two, tmp_path: Path) -> None:
    early = the_early_town(both)
    with pytest.raises(DeskError) as told:
        archiving.move_out(early, YEAR, tmp_path)
    assert told.value.code == "archive.open"  # it has not heard of the closing either
    early.close()
    stands = both.town.workspace.standing(*WAITING, YEAR)
    made = both.town.workspace.revision(stands.counted)
    assert made is not None
    deciding.decide(both.town, Act.PAPER, made)
    with pytest.raises(DeskError) as told:
        archiving.move_out(both.town, YEAR, tmp_path)
    assert told.value.code == "archive.unsent" and not list(tmp_path.glob("*.cbyear"))


def test_news_of_a_year_that_was_moved_out_waits_until_it_is_back(both: Two, tmp_path: Path) -> None:
    made = both.town.workspace.revision(both.town.workspace.standing(*WAITING, YEAR).counted)
    assert made is not None
    deciding.decide(both.town, Act.PAPER, made)
    sent = forwarding.write_forward(both.town, tmp_path).path
    before = whole(both.county)
    done = archiving.move_out(both.county, YEAR, tmp_path)
    (line,) = receiving.receive(both.county, [sent]).lines
    assert line.result is FileResult.MOVED_OUT and done.path.name in line.read
    assert receiving.history(both.county)[0].result is FileResult.MOVED_OUT and whole(both.county) == before
    archiving.bring_back(both.county, YEAR, done.path)
    (line,) = receiving.receive(both.county, [sent]).lines
    assert line.result is FileResult.TAKEN
    assert digest.signed_ids(both.county.workspace, YEAR) == digest.signed_ids(both.town.workspace, YEAR)


def test_what_is_known_of_it_comes_in_no_second_time(both: Two, tmp_path: Path) -> None:
    done = archiving.move_out(both.county, YEAR, tmp_path)
    before = whole(both.county)
    early = the_early_town(both)  # it has heard of nothing, and sends all of 2025 once more
    assert {one.period for one in forwarding.load(early).revisions} >= {YEAR}
    (line,) = receiving.receive(both.county, [forwarding.write_forward(early, tmp_path).path]).lines
    early.close()
    assert line.result.kept and whole(both.county) == before
    assert archiving.held_periods(both.county.workspace) == ()
    archiving.bring_back(both.county, YEAR, done.path)
    assert whole(both.county) == before


def test_an_old_pdf_and_its_code_say_in_which_file_the_year_lies(both: Two, tmp_path: Path) -> None:
    workspace = both.county.workspace
    made = workspace.revision(workspace.standing(*WAITING, YEAR).counted)
    assert made is not None
    pdf = verifying.held_pdf(both.county, made.id)
    done = archiving.move_out(both.county, YEAR, tmp_path)
    for found in (
        verifying.examine_code(both.county, verification_code(made.id)),
        verifying.examine(both.county, pdf, "B03.pdf"),
    ):
        assert found.outcome is Outcome.MOVED_OUT and done.path.name in found.lines[-1].text
    archiving.bring_back(both.county, YEAR, done.path)
    assert verifying.examine(both.county, pdf, "B03.pdf").good
