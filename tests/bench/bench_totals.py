"""汇总表 of a province: 26,362 villages' accepted returns added up by township, against bare SQL over the same tables.

The villages are those of 广东 in the bundled regions, their answers the sample's in turn; made once a run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from bench.measure import Row, pairs
from cunbao.store import StoredRevision, Workspace
from cunbao.survey.crosstab import axis_of, crosstab
from cunbao.survey.regions import Level, Regions
from cunbao.survey.resources import path
from cunbao.survey.sample import SAMPLE_OFFICES
from cunbao.survey.task import Task
from cunbao.survey.totals import all_together, figure, units_of, value
from cunbao.survey.totals_table import Sum, TotalsTable, totals_table
from world.villages import a_village, the_task

KEY = bytes(range(32))
NOW = datetime(2025, 12, 12, tzinfo=UTC)
VILLAGES = 26_362
TOWNSHIP = 9  # digits
FORMS = ("B01", "B02")  # 常住人口 of the B02 table is B01's


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as home:
        task = the_task()
        ws = a_province(Path(home) / "province", task)
        table = totals_table(task, "B02")
        with closing(ws), closing(bare(ws.folder)) as connection:
            yield pairs(
                f"汇总表：{VILLAGES:,} 村按乡镇合计，对裸 SQL GROUP BY",
                lambda: totals(ws, task, table, TOWNSHIP),
                lambda: [connection.execute(sql, (task.period,)).fetchall() for sql in grouped(table, TOWNSHIP)],
                bar=2.0,
            )
            yield pairs(
                f"汇总表：{VILLAGES:,} 村逐村列出并合计，对裸 SQL GROUP BY",
                lambda: totals(ws, task, table, 12, figures=False),
                lambda: [connection.execute(sql, (task.period,)).fetchall() for sql in grouped(table, 12)],
                bar=2.0,
            )
            yield pairs(
                "交叉表：设施按类别和使用状况，对裸 SQL GROUP BY",
                lambda: crossed(ws, task),
                lambda: connection.execute(CROSSED, (task.period,)).fetchall(),
                bar=2.0,
            )


def totals(ws: Workspace, task: Task, table: TotalsTable, digits: int, *, figures: bool = True) -> None:
    """Every sum and ratio of the table, of each group and of all together; figures False: those of all alone."""
    said = {
        (form, repeat): ws.sums_that_count(task.forms[form], task.period, asked, repeat=repeat, digits=digits)
        for (form, repeat), asked in table.asked.items()
    }
    units = units_of(said).values() if figures else ()
    for unit in (*units, all_together(said)):
        for column in table.columns:
            value(column, figure(column, unit))


def grouped(table: TotalsTable, digits: int) -> Iterator[str]:
    """What somebody would write by hand: every column of ours, summed by the first digits of the office."""
    for (form, repeat), asked in table.asked.items():
        name = f"figure_{form}_{repeat}" if repeat else f"figure_{form}"
        summed = "".join(f", sum({by_hand(one)})" for one in asked)
        yield f"SELECT substr(_office, 1, {digits}), count(*){summed} FROM {name} WHERE _period = ? GROUP BY 1"


def by_hand(one: Sum) -> str:
    return " + ".join(one.fields)


CROSSED = "SELECT b02_f_kind, b02_f_state, count(*) FROM figure_B02_b02_f WHERE _period = ? GROUP BY 1, 2"


def crossed(ws: Workspace, task: Task) -> None:
    form = task.forms["B02"]
    by = (axis_of(form, "b02_f", "b02_f_kind"), axis_of(form, "b02_f", "b02_f_state"))
    crosstab(*by, ws.count_rows(form, task.period, "b02_f", by))


def a_province(folder: Path, task: Task) -> Workspace:
    """Every village's returns accepted; one header object stands for all, which totals never look at."""
    ws = Workspace.create(folder, KEY, kind="county", now=NOW)
    said = [a_village(one.code).signed() for one in SAMPLE_OFFICES]
    with ws.atomic():
        held = ws.add_object("header", b"header")
        for at, office in enumerate(the_villages()):
            for form in FORMS:
                one = a_return(office, form, task.period, held)
                ws.add_revision(one)
                ws.count_revision(task.forms[form], one.id, said[at % len(said)][form])
    return ws


def the_villages() -> list[str]:
    regions = Regions.load(path("regions/regions.zst").read_bytes())
    found = [one.code for one in regions.starting("44", 10**6) if one.level is Level.VILLAGE]
    return found[:VILLAGES]


def a_return(office: str, form: str, period: str, held: str) -> StoredRevision:
    return StoredRevision(
        id=sha256(f"{office} {form}".encode()).hexdigest(),
        office=office,
        form=form,
        period=period,
        kind="normal",
        version=1,
        n=1,
        parents=(),
        device="d",
        signed_at=NOW,
        header=held,
        answers=held,
        accepted=True,
    )


def bare(folder: Path) -> Any:
    """SQLCipher over the same file with the settings that every workspace has."""
    connect: Callable[..., Any] = dbapi2.connect
    connection = connect(str(folder / "data.db"), isolation_level=None)
    connection.execute(f"PRAGMA key=\"x'{KEY.hex()}'\"")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection
