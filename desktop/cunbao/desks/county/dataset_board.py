"""指标 of a dataset: the same table as over the workspace, computed by DuckDB or PostgreSQL from the tables of forms.

Needs no workspace and no password: the task that says what the indicators are lies in the dataset. Several counties
are added up, each by its own task. Never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cunbao.desks.county import indicators
from cunbao.desks.county.indicator_views import BoardView
from cunbao.store.parts import Part, roll_up
from cunbao.survey.beneath import TOWN
from cunbao.survey.formulas import computable
from cunbao.survey.indicators import NoFigure, Tally, Total, as_whole, total
from cunbao.survey.task import Indicator, Task, load_task
from cunbao.survey.values import Office

if TYPE_CHECKING:
    from cunbao.store.datasets.engine import Engine
    from cunbao.store.parts import Groups


@dataclass(frozen=True, slots=True)
class Some:
    """Counties of a dataset that were issued the same task, and what computes on them."""

    task: Task
    engine: Engine
    county: str  # name, or how many


@contextmanager
def over_files(folder: Path) -> Iterator[tuple[Some, ...]]:
    """A dataset on the disk, its counties by the task that they were issued. StoreError "dataset.none",
    "dataset.damaged", "dataset.no_parquet"; SurveyError for a task that cannot be read."""
    from cunbao.store.datasets.files import facts, partitions
    from cunbao.store.datasets.parquet import ParquetEngine

    newest = {one.county: one for one in partitions(folder)}  # by period: the last of each county
    told = {county: facts(place) for county, place in newest.items()}
    by_task: dict[str, list[str]] = {}
    for county, said in told.items():
        by_task.setdefault(str(said["task"].get("sha256")), []).append(county)
    with ExitStack() as open_engines:
        found = []
        for counties in by_task.values():
            at = newest[counties[0]].path / "task"
            engine = open_engines.enter_context(ParquetEngine(folder, counties))
            names_of = "、".join(str(told[one].get("county_name", one)) for one in counties)
            found.append(Some(load_task(at, at / "compiled"), engine, names_of))
        yield tuple(found)


@contextmanager
def over_postgres(dsn: str, schema: str = "") -> Iterator[tuple[Some, ...]]:
    """The same in PostgreSQL. StoreError "postgres.…", "dataset.none"; ExchangeError for a task that is damaged."""
    from cunbao.exchange.archive import read_zip
    from cunbao.exchange.limits import TASK
    from cunbao.store.datasets.postgres import SCHEMA
    from cunbao.store.datasets.served import ServedEngine, served, task_files

    schema = schema or SCHEMA
    with served(dsn, schema) as (connection, told), TemporaryDirectory(prefix="cunbao-") as place:
        by_task: dict[str, list[str]] = {}
        for county, said in told.items():
            by_task.setdefault(str(said["files"]), []).append(county)
        found = []
        for digest, counties in by_task.items():
            at = Path(place) / digest[:16]
            for name, data in read_zip(task_files(connection, schema, digest), TASK).items():
                (at / name).parent.mkdir(parents=True, exist_ok=True)
                (at / name).write_bytes(data)
            names_of = "、".join(str(told[one].get("county_name", one)) for one in counties)
            engine = ServedEngine(connection, schema, counties)
            found.append(Some(load_task(at, at / "compiled"), engine, names_of))
        yield tuple(found)


def board(counties: Sequence[Some], plan: str = "", *, period: str = "", places: int = indicators.PLACES) -> BoardView:
    """The board of one plan (the first that applies without one), as `indicators.board`. DeskError "plan.unknown"."""
    first = counties[0].task
    titles = indicators.plans(first)
    chosen = plan or next(iter(titles), "")
    if chosen not in titles:
        raise indicators.no_such("plan.unknown", f"没有编号 {plan} 的规划")
    now = period or first.period
    before = first.previous_period if now == first.period else ""
    rows = [one for one in first.indicators if one.plan == chosen]
    this, last = totals(counties, now, rows), totals(counties, before, rows)
    return BoardView(
        county="、".join(one.county for one in counties),
        plan=chosen,
        plans=titles,
        applies=chosen in first.plans,
        period_title=first.period_title if now == first.period else now,
        year=now,
        last_year=before,
        rows=tuple(indicators.row_between(first, one, this[one.number], last[one.number], places) for one in rows),
        villages=sum(one.level == "village" for some in counties for one in some.engine.offices(now)),
        accepted=sum(some.engine.complete(now, tuple(some.task.at("village").forms)) for some in counties),
        received=False,
        unreviewed=0,
    )


def totals(counties: Sequence[Some], period: str, some: Sequence[Indicator]) -> dict[str, Total]:
    """Each indicator over all offices of all counties."""
    found = {one.number: Tally() for one in some}
    for county in counties:
        own = {one.number: one for one in computable(county.task)}
        for number, groups in _groups(county, period, [own[one.number] for one in some if one.number in own]).items():
            whole = roll_up(groups, 0).get("", Tally())
            found[number] = found[number].plus(as_whole(county.task, own[number], whole))
    return {one.number: total(one, found[one.number]) for one in some}


def by_township(counties: Sequence[Some], period: str, some: Sequence[Indicator]) -> Mapping[str, dict[str, Total]]:
    """number → 12-digit code of the township → its total, as `indicators.by_township`."""
    found: dict[str, dict[str, Total]] = {one.number: {} for one in some}
    for county in counties:
        groups = _groups(county, period, some)
        towns = {one.code[:TOWN] for one in county.engine.offices(period) if one.level == "township"}
        towns |= {town for one in groups.values() for town in one}
        for one in some:
            own = groups.get(one.number, {})
            found[one.number] |= {f"{town}000": total(one, own.get(town, Tally())) for town in sorted(towns)}
    return found


def by_village(counties: Sequence[Some], period: str, one: Indicator) -> dict[str, Part]:
    """office → its part, of everybody who is asked."""
    found: dict[str, Part] = {}
    for county in counties:
        found |= county.engine.parts(period, one.number)
    return {code: own for code, own in sorted(found.items()) if own.figure.missing is not NoFigure.OUT_OF_SCOPE}


def names(counties: Sequence[Some], period: str) -> dict[str, Office]:
    return {one.code: one for county in counties for one in county.engine.offices(period)}


def _groups(county: Some, period: str, some: Sequence[Indicator]) -> Groups:
    if period not in county.engine.periods or not some:
        return {}
    return county.engine.computed(county.task, period, some)
