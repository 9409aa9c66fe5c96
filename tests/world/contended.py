"""A township that reviews: last year's accepted returns held, this year's received; and villages that sign one return
twice, on two computers or with a program that somebody changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

from cunbao.desks import receiving, taking, tasks
from cunbao.desks.township import registry
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import enrolment, practice, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.survey.values import Answers
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    StoryClock,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    begun,
    bundle_file,
    reopened,
    reopened_town,
    the_shelf,
    the_template,
    types,
)

MANSAI = "532822103204"
VILLAGES = (MANBANG, MANGUO, MANSAI)


@cache
def the_reviewer() -> Path:
    """A closed township whose three villages sent everything; it knows that they are a sample's."""
    place = the_shelf() / "reviewing"
    desk = a_town_desk(place, clock=a_clock(2025, 12, 16, 0, 31))
    desk.workspace.set_setting("sample", True)
    desk.given = tasks.task_of(desk.workspace)
    for office in VILLAGES:
        hold_last_year(desk, office)
        receiving.receive(desk, [bundle_file(place / "stick", office)])
    desk.close()
    return place / "town"


def a_reviewer(tmp_path: Path, *, clock: StoryClock | None = None, empty: bool = False) -> TownshipDesk:
    """The desk of 玉罕 with 15 returns to review; empty: last year's are held, nothing of this year."""
    if empty:
        desk = a_town_desk(tmp_path, clock=clock)
        desk.workspace.set_setting("sample", True)
        desk.given = tasks.task_of(desk.workspace)
        for office in VILLAGES:
            hold_last_year(desk, office)
        return desk
    folder = tmp_path / "town"
    shutil.copytree(the_reviewer(), folder)
    return reopened_town(folder, clock or a_clock(2025, 12, 16, 1))


def hold_last_year(town: TownshipDesk, office: str) -> None:
    """What the township accepted of the village a year ago."""
    copy = the_shelf() / f"{office}-last-year"
    if not copy.exists():
        shutil.copytree(the_template(office, "enrolled"), copy)
    village = reopened(copy)
    theirs, ours, year = village.workspace, town.workspace, village.task.previous_period
    with ours.atomic():
        for one in theirs.revisions_of(office, year):
            for kind, name in (("header", one.header), ("answers", one.answers), ("cms", one.cms), ("pdf", one.pdf)):
                ours.add_object(kind, theirs.object(name))
            ours.add_revision(replace(one, accepted=False))
            for said in theirs.decisions(one.id):
                ours.add_object("decision", theirs.object(said.id))
                ours.add_object("cms", theirs.object(said.cms))
                ours.add_decision(said)
        taking.rejudge(ours, town.task, {office})
    village.close()


def signed_again(
    desk: VillageDesk, form: str, *changes: tuple[str, str, int], forms: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Open a signed return again, type (field, text, row), explain and sign it; also `forms` that rest on it."""
    signing.begin_correction(desk, form)
    for field, text, row in changes:
        types(desk, form, field, text, row=row)
    practice.explain_all(desk)
    wanted = [form, *forms]
    return tuple(one.revision for one in signing.sign(desk, signing.prepare(desk, wanted), PASSWORD))


def two_computers(tmp_path: Path, town: TownshipDesk, *, sent: bool = True) -> tuple[VillageDesk, VillageDesk]:
    """The village's computer and a copy of its folder that lives on by itself; the township has what both began with.

    sent False: it has not; both came from a version that the township does not know."""
    first = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 13, 1))
    file = a_bundle(first, tmp_path / "first")
    if sent:
        receiving.receive(town, [file])
    first.close()
    shutil.copytree(tmp_path / "village", tmp_path / "second")
    return reopened(tmp_path / "village", a_clock(2025, 12, 13, 3)), reopened(
        tmp_path / "second", a_clock(2025, 12, 15, 3)
    )


def another_computer(tmp_path: Path, town: TownshipDesk) -> VillageDesk:
    """A second computer of 曼蚌村 with keys of its own, approved by the township, that has read nothing yet."""
    second = begun(tmp_path / "second", MANBANG, clock=a_clock(2025, 12, 15, 1))
    asked = enrolment.write_request(second, tmp_path)
    request = registry.add_request(town, asked.path)
    registry.approve(town, request.sha256, asked.code, PASSWORD)
    return second


def send(town: TownshipDesk, desk: VillageDesk, folder: Path) -> None:
    """The village's bundle, received."""
    view = receiving.receive(town, [a_bundle(desk, folder)])
    assert view.refused == 0, view.lines


@contextmanager
def a_program_that_prints(change: Callable[[Any], Any]) -> Iterator[None]:
    """A village's program that signs true data and draws `change(sheet)` on the pages."""
    draw = signing.draw_return
    with mock.patch.object(signing, "draw_return", lambda sheet: draw(change(sheet))):
        yield


@contextmanager
def a_program_that_signs(change: Callable[[Answers], Answers]) -> Iterator[None]:
    """A village's program that freezes `change(answers)`, on the pages too, whatever the form works out."""
    freeze, draw = signing.freeze, signing.draw_return
    with (
        mock.patch.object(signing, "freeze", lambda form, answers, header: freeze(form, change(answers), header)),
        mock.patch.object(signing, "draw_return", lambda sheet: draw(replace(sheet, answers=change(sheet.answers)))),
    ):
        yield


def with_value(answers: Answers, **values: str) -> Answers:
    return replace(answers, values=MappingProxyType({**answers.values, **values}))


def with_row_value(answers: Answers, roster: str, at: int, **values: str) -> Answers:
    """at: the row's number from 1."""
    rows = list(answers.rows[roster])
    rows[at - 1] = replace(rows[at - 1], values=MappingProxyType({**rows[at - 1].values, **values}))
    return replace(answers, rows=MappingProxyType({**answers.rows, roster: tuple(rows)}))
