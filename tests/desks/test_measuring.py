"""A township's figures that sum up its villages: kept up with every return, whatever the order, and never smaller than
they are because somebody is missing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.desks import measuring, reporting
from cunbao.desks.county import indicator_detail, signed_cells
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import OfficeRow, Why
from cunbao.desks.county.measured import measured, tallies
from cunbao.desks.views import Person
from cunbao.store import DraftKey, Workspace
from cunbao.survey.formulas import computable, touched, touched_above
from cunbao.survey.revision import answers_xml
from cunbao.survey.sample import SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from cunbao.survey.standing import NOTHING, Standing
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers, Office
from store.folders import KEY, a_revision
from world.villages import a_village, the_task

NOW = datetime(2025, 12, 22, tzinfo=UTC)
PERIOD, KINDER, FORMS = "2025", "002-30", ("B01", "B07")
TASK = the_task().whole
TOWN = SAMPLE_TOWNSHIPS[0]
UNDER = [one for one in SAMPLE_OFFICES if one.code[:9] == TOWN.code[:9]]


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    """A county of six villages of which nothing has come."""
    ws = Workspace.create(tmp_path / "county", KEY, kind="county", now=NOW)
    own = Office(f"{TOWN.code[:6]}000000", "勐海县", parent="")
    for one in (own, *SAMPLE_TOWNSHIPS, *SAMPLE_OFFICES):
        ws.add_office(one)
    return CountyDesk(ws, own, Person("刀岩", "统计负责人"), lambda: NOW, given=TASK)


def comes(county: CountyDesk, office: str, form: str, *, counts: bool = True, **changed: str) -> None:
    """One return, as `ledger.settle` keeps it; counts: the township has accepted it."""
    ws, signed = county.workspace, a_village(office).signed()[form]
    said = Answers({**signed.values, **changed}, signed.rows)
    xml = answers_xml(TASK.forms[form], said, instance_id=f"uuid:{office}{form}")
    one = a_revision(ws, DraftKey(office, form, PERIOD), answers=xml)
    state = ReturnState.ACCEPTED if counts else ReturnState.RECEIVED
    with ws.atomic():
        ws.set_standing(office, form, PERIOD, Standing(state, one.id, (one.id,), one.id if counts else ""))
        if counts:
            ws.count_revision(TASK.forms[form], one.id, said)
            measuring.follow(ws, TASK, office, PERIOD, [form])


def goes(county: CountyDesk, office: str, form: str) -> None:
    """The acceptance is taken back."""
    ws = county.workspace
    with ws.atomic():
        ws.set_standing(office, form, PERIOD, NOTHING)
        ws.uncount(form, office, PERIOD)
        measuring.follow(ws, TASK, office, PERIOD, [form])


def kept(county: CountyDesk) -> list[tuple[object, ...]]:
    return [tuple(one) for one in county.workspace._all("SELECT * FROM indicator_part ORDER BY 1, 2, 3, 4")]


def line(county: CountyDesk, number: str = KINDER, *, received: bool = False) -> OfficeRow:
    return next(
        one
        for one in indicator_detail.detail(county, number, received=received).offices
        if one.office == TOWN.code
    )


def kinder(*offices: Office) -> Decimal:
    return sum((Decimal(a_village(one.code).signed()["B07"].values["b07_kinder"]) for one in offices), Decimal(0))


def test_a_township_is_known_when_its_last_village_has_said_it_and_walks_back_to_every_cell(county: CountyDesk) -> None:
    for at, one in enumerate(UNDER, 1):
        assert line(county).why is Why.MISSING
        comes(county, one.code, "B07")
        left = [other.short for other in UNDER[at:]]
        assert line(county).reason == (f"{len(left)} 个村没有 B07：{'、'.join(left)}" if left else "")
    shown = line(county)
    assert shown.above == kinder(*UNDER) and shown.why is Why.NONE
    found = signed_cells.cells(county, KINDER, shown)
    assert [(one.village, one.form, one.field) for one in found] == [(one.short, "B07", "b07_kinder") for one in UNDER]
    assert sum(Decimal(one.value) for one in found) == shown.above
    assert {one.paper for one in found} == set(shown.revisions)
    goes(county, UNDER[0].code, "B07")
    assert line(county).why is Why.MISSING


def test_an_empty_figure_of_one_village_is_told_from_a_return_that_never_came(county: CountyDesk) -> None:
    for one in UNDER[1:]:
        comes(county, one.code, "B07")
    comes(county, UNDER[0].code, "B07", b07_kinder="")
    assert (line(county).why, line(county).reason) == (
        Why.UNFILLED, f"1 个村没填其中：开设托班的幼儿园：{UNDER[0].short}",
    )  # fmt: skip


def test_what_no_township_has_reviewed_counts_when_it_is_asked_for(county: CountyDesk) -> None:
    for one in UNDER[1:]:
        comes(county, one.code, "B07")
    comes(county, UNDER[0].code, "B07", counts=False)
    assert line(county).why is Why.MISSING
    shown = line(county, received=True)
    assert shown.above == kinder(*UNDER) and shown.unreviewed and len(shown.revisions) == len(UNDER)


def test_kept_parts_are_those_of_computing_all_anew_whatever_came_in_which_order(county: CountyDesk) -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    todo = [(one.code, form) for one in SAMPLE_OFFICES for form in FORMS]
    todo += [(one.code, "T01") for one in SAMPLE_TOWNSHIPS]
    chance.shuffle(todo)
    for at, (office, form) in enumerate(todo):
        comes(county, office, form)
        if at % 4 == 3:
            goes(county, *todo[chance.randrange(at)])
    before = kept(county)
    county.workspace.set_setting("indicators/basis", "of another task")
    assert measuring.refresh(county.workspace, TASK) and kept(county) == before
    assert {str(row[2]) + str(row[3]) for row in before} <= {one.code for one in (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)}


def test_one_more_return_touches_its_village_and_its_township_alone(
    county: CountyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in SAMPLE_OFFICES:
        for form in FORMS:
            comes(county, one.code, form)
    changes: list[tuple[str, set[str]]] = []
    set_parts = Workspace.set_parts

    def noted(self, office, period, some):  # type: ignore[no-untyped-def]
        changes.append((office, set(some)))
        set_parts(self, office, period, some)

    monkeypatch.setattr(Workspace, "set_parts", noted)
    comes(county, UNDER[0].code, "B07")
    own, above = ({one.number for one in how(TASK, ["B07"])} for how in (touched, touched_above))
    assert changes == [(UNDER[0].code, own), (TOWN.code, above)] and above == {KINDER}
    comes(county, UNDER[0].code, "B02")
    assert [office for office, _ in changes[2:]] == [UNDER[0].code]  # nothing of it is summed up


def test_every_indicator_misses_a_township_that_is_known_by_its_villages_alone(county: CountyDesk) -> None:
    towns = [one for one in computable(TASK) if one.scope == "乡镇街道" and one.number != KINDER]

    def missing() -> dict[str, list[int]]:
        found = tallies(measured(county), towns)
        return {
            number: [one.missing for _, one in sorted(towns.items()) if one.asked] for number, towns in found.items()
        }

    before = missing()
    for one in UNDER:
        comes(county, one.code, "B07")
    assert missing() == before and before["000-15"] == [1, 1] and line(county).why is Why.NONE


def test_the_last_period_asks_those_who_reported_then(county: CountyDesk) -> None:
    ws = county.workspace
    new, gone = Office(f"{TOWN.code[:9]}277", "新村", kind="10", since="2025-03-01"), UNDER[0]
    ws.add_office(new)
    ws.add_office(replace(gone, until="2025-06-30"))
    codes = {period: {one.code for one in reporting.offices(ws, TASK, period)} for period in ("2024", "2025")}
    assert new.code not in codes["2024"] and new.code in codes["2025"]
    assert gone.code in codes["2024"] and gone.code not in codes["2025"]
    assert set(measured(county, "2024").offices) == codes["2024"]
    assert {one.code for one in measured(county).silent} == codes["2025"]
