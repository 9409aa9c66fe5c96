"""The three engines agree to the last digit: the workspace, DuckDB over the files, PostgreSQL. Compared are numerators,
denominators, met-flags and who stands where (protocol §8), and every sum of every 汇总表."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cunbao.store import Workspace
from cunbao.store.datasets.dictionary import package
from cunbao.store.datasets.engine import Engine
from cunbao.store.datasets.files import DICTIONARY, Place, Stage
from cunbao.store.datasets.parquet import ParquetEngine
from cunbao.store.datasets.postgres import Keeper
from cunbao.store.datasets.served import ServedEngine
from cunbao.store.datasets.server import connected
from cunbao.store.datasets.source import Asked, gathered
from cunbao.store.parts import Part
from cunbao.survey.crosstab import axes
from cunbao.survey.formulas import computable, reads
from cunbao.survey.indicators import NoFigure, OfficeFigure, tally_of
from cunbao.survey.sample import SAMPLE_OFFICES, SAMPLE_TOWNSHIPS
from cunbao.survey.task import Task
from cunbao.survey.totals_table import totals_table
from cunbao.survey.values import Office
from world.dataset import (
    ALL_OF_GUANGDONG,
    PERIOD,
    a_county_workspace,
    accept,
    any_answers,
    asked_of,
    fill,
    measure,
    the_villages,
)
from world.postgres import Server, a_server
from world.villages import a_village, the_task

COUNTY = "532822"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with a_server() as one:
        yield one


@pytest.fixture
def engines(server: Server) -> Iterator[object]:
    """engines(workspace, asked, folder, name) → the two of them over what is in the workspace."""
    with ExitStack() as stack:

        def made(ws: Workspace, asked: Asked, folder: Path, name: str) -> tuple[Engine, Engine]:
            with Stage(Place(folder, PERIOD, COUNTY), ("parquet",)) as stage:
                for lines in gathered(ws, asked):
                    stage.take(lines)
                facts = {"title": "t", "description": "d", "county": COUNTY, "period": PERIOD, "task": {}}
                stage.add(DICTIONARY, package(facts, stage.written))
                stage.put_in_place()
            connection = stack.enter_context(connected(server.database(name)))
            keeper = Keeper(connection)
            keeper.prepare()
            keeper.keep(ws, asked, COUNTY, {}, b"")
            connection.commit()
            return stack.enter_context(ParquetEngine(folder)), ServedEngine(connection, "cunbao", [COUNTY])

        yield made


def whole_task() -> Task:
    """With figures of the county, so that no indicator lacks them."""
    task = the_task().whole
    params = {**task.params, "org_units": Decimal(40), "inservice_members": Decimal(900), "avg_wage_month": Decimal(1)}
    return replace(task, params=params, sha256="with figures of the county")


def same_totals(ws: Workspace, task: Task, engine: Engine) -> int:
    compared = 0
    for name in task.forms:
        for (form, repeat), asked in totals_table(task, name).asked.items():
            for digits in (0, 9, 12):
                ours = ws.sums_that_count(task.forms[form], PERIOD, asked, repeat=repeat, digits=digits)
                theirs = engine.sums_that_count(task.forms[form], PERIOD, asked, repeat=repeat, digits=digits)
                assert {key: one for key, one in ours.items() if one.rows} == theirs, (form, repeat, digits)
                compared += len(theirs)
        for one in task.forms[name].repeats:
            by = axes(task.forms[name], one.name)[:2]
            assert ws.count_rows(task.forms[name], PERIOD, one.name, by) == engine.count_rows(
                task.forms[name], PERIOD, one.name, by
            )
    return compared


def test_on_the_sample_county_every_indicator_and_every_total(tmp_path: Path, engines) -> None:  # type: ignore[no-untyped-def]
    task, ws = whole_task(), a_county_workspace(tmp_path / "county")
    offices = (*SAMPLE_OFFICES, *SAMPLE_TOWNSHIPS)
    for office in offices:
        accept(ws, task, office, a_village(office.code).signed())
    some = computable(task)
    kept = ws.tallies(PERIOD, [one.number for one in some])
    assert len(some) > 200
    for engine in engines(ws, asked_of(task, offices), tmp_path / "out", "sample"):
        assert engine.kept(PERIOD, [one.number for one in some]) == kept
        assert engine.computed(task, PERIOD, some) == kept
        assert same_totals(ws, task, engine) > 100
    ws.close()


def test_whatever_was_signed_each_office_stands_where_the_workspace_says(tmp_path: Path, engines) -> None:  # type: ignore[no-untyped-def]
    """Empty cells, missing returns, noughts below, offices of either kind, of no directory, silent and 不计入."""
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    task, ws = whole_task(), a_county_workspace(tmp_path / "county")
    villages = [
        Office(f"99902210{chance.randrange(1, 4)}2{at:02}", f"第{at}村", kind=chance.choice(("10", "20", "30", "")))
        for at in range(30)
    ]
    towns = [Office(f"99902210{at}000", f"第{at}镇", kind=chance.choice(("51", "52", "53"))) for at in range(1, 4)]
    offices, silent = [*villages, *towns], []
    for office in offices:
        forms = [name for name, level in task.levels.items() if level == office.level and chance.random() < 0.85]
        said = {name: any_answers(task.forms[name], chance) for name in forms} if chance.random() < 0.9 else {}
        accept(ws, task, office, said)
        silent += [] if said else [office]
    some = computable(task)
    left_out = {one.code: {chance.choice(some).number: "房屋在建"} for one in chance.sample(villages, 5)}
    parts = {one.number: dict(ws.parts(PERIOD, one.number)) for one in some}
    asked = asked_of(task, offices, silent)
    for code, number in asked.silent:
        parts[number][code] = nothing(NoFigure.MISSING)
    exempt = {
        code: {number: reason}
        for code, reasons in left_out.items()
        for number, reason in reasons.items()
        if code in parts[number] and parts[number][code].figure.missing is not NoFigure.OUT_OF_SCOPE
    }
    for code, reasons in exempt.items():
        for number in reasons:
            parts[number][code] = nothing(NoFigure.EXEMPT)
    for engine in engines(ws, replace(asked, exempt=exempt), tmp_path / "out", "any"):
        groups = engine.computed(task, PERIOD, some)
        assert groups == engine.kept(PERIOD, [one.number for one in some])
        for one in some:
            if "V." in f"{one.applies} {one.numerator}":
                continue  # a township's sum over its villages is taken from what is kept
            found = {
                code: stands(own)
                for code, own in engine.computed_parts(task, PERIOD, one).items()
                if own.figure.missing is not NoFigure.OUT_OF_SCOPE
            }
            told = {
                code: stands(own)
                for code, own in parts[one.number].items()
                if own.figure.missing is not NoFigure.OUT_OF_SCOPE
            }
            assert found == told, (seed, one.number, one.applies, one.numerator, one.denominator)
            for town in {code[:9] for code in told}:
                by_hand = groups[one.number][town]
                added = [tally_of(one, own.figure) for code, own in parts[one.number].items() if code[:9] == town]
                assert sum(each.counted for each in added) == by_hand.counted
                assert sum((each.above for each in added), Decimal(0)) == by_hand.above
                assert sum((each.below for each in added), Decimal(0)) == by_hand.below
        same_totals(ws, task, engine)
    ws.close()


def test_a_number_that_no_column_holds_leaves_the_figures_those_of_the_workspace(tmp_path: Path, engines) -> None:  # type: ignore[no-untyped-def]
    task, ws = whole_task(), a_county_workspace(tmp_path / "county")
    (office, *_) = SAMPLE_OFFICES
    said = a_village(office.code).signed()
    fine = replace(said["B02"], values={**said["B02"].values, "b02_area_total": "604.2512345"})
    accept(ws, task, office, {**said, "B02": fine})
    some = [one for one in computable(task) if ("B02", "b02_area_total") in reads(task, one)]
    kept = ws.tallies(PERIOD, [one.number for one in some])
    assert any(one.above % 1 for groups in kept.values() for one in groups.values())
    for engine in engines(ws, asked_of(task, [office]), tmp_path / "out", "misfit"):
        assert engine.computed(task, PERIOD, some) == kept
    ws.close()


def test_on_twenty_six_thousand_villages(tmp_path: Path, engines) -> None:  # type: ignore[no-untyped-def]
    """A province: indicators of two forms and a roster, by township, and the totals of both."""
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    task, forms = whole_task(), ("B01", "B02")
    of_these = [one for one in computable(task) if {form for form, _ in reads(task, one)} <= set(forms)]
    some = of_these[::15]
    offices = the_villages()
    pool = [{form: any_answers(task.forms[form], chance, 2) for form in forms} for _ in range(400)]
    said = [(office, pool[at % len(pool)]) for at, office in enumerate(offices)]
    ws = a_county_workspace(tmp_path / "province")
    fill(ws, task, forms, ((office.code, own) for office, own in said))
    measure(ws, task, some, said)
    kept = ws.tallies(PERIOD, [one.number for one in some])
    assert sum(one.counted for one in kept[some[0].number].values()) > ALL_OF_GUANGDONG // 2
    for engine in engines(ws, asked_of(task, offices), tmp_path / "out", "province"):
        assert engine.computed(task, PERIOD, some) == kept == engine.kept(PERIOD, [one.number for one in some])
        for form in forms:
            for (name, repeat), asked in totals_table(task, form).asked.items():
                for digits in (0, 9):
                    ours = ws.sums_that_count(task.forms[name], PERIOD, asked, repeat=repeat, digits=digits)
                    theirs = engine.sums_that_count(task.forms[name], PERIOD, asked, repeat=repeat, digits=digits)
                    assert dict(ours) == theirs
    ws.close()


def nothing(why: NoFigure) -> Part:
    return Part(OfficeFigure(Decimal(0), Decimal(0), why), None)


def stands(own: Part) -> tuple[object, ...]:
    """What the engines are compared on."""
    figure = own.figure
    if figure.missing is None:
        return None, figure.numerator, figure.denominator, own.met
    return (figure.missing,)
