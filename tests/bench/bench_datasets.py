"""数据集 of a province: every form of 26,362 villages written as Parquet, against pandas reading the same tables of the
same workspace and writing them; a plan's indicators on DuckDB over the files, against the workspace's own.

The villages are those of 广东 in the bundled regions, their answers the sample's in turn; made once a run.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.bench_totals import VILLAGES, bare
from bench.measure import Row, pairs
from cunbao.store import Workspace
from cunbao.store.datasets.dictionary import package
from cunbao.store.datasets.files import DICTIONARY, Place, Stage
from cunbao.store.datasets.parquet import ParquetEngine
from cunbao.store.datasets.source import Asked, gathered
from cunbao.survey.formulas import computable
from cunbao.survey.sample import SAMPLE_OFFICES
from cunbao.survey.task import Task
from world.dataset import PERIOD, a_county_workspace, asked_of, fill, measure, the_villages
from world.villages import a_village, the_task

PLAN = "003"
COUNTY = "440000"


def rows() -> Iterator[Row]:
    task = the_task().whole
    forms = [name for name, level in task.levels.items() if level == "village"]
    offices = the_villages(VILLAGES)
    signed = [dict(a_village(one.code).signed()) for one in SAMPLE_OFFICES]
    said = [(office, signed[at % len(signed)]) for at, office in enumerate(offices)]
    with tempfile.TemporaryDirectory() as home:
        ws = a_county_workspace(Path(home) / "province")
        with closing(ws):
            fill(ws, task, forms, ((office.code, own) for office, own in said))
            asked, ours, theirs = asked_of(task, offices), Path(home) / "ours", Path(home) / "pandas"
            with closing(bare(ws.folder)) as connection:
                yield pairs(
                    f"数据集：{VILLAGES:,} 村 × {len(forms)} 张表和名册写成 Parquet，对 pandas 由同一个库读出来再写",
                    lambda: export(ws, asked, ours),
                    lambda: by_pandas(connection, theirs),
                    bar=1.5,
                )
            some = [one for one in computable(task) if one.plan == PLAN]
            measure(ws, task, some, said)
            export(ws, asked, ours)
            yield indicators(ws, task, [one.number for one in some], ours)


def indicators(ws: Workspace, task: Task, numbers: list[str], folder: Path) -> Row:
    def on_duckdb() -> None:
        with ParquetEngine(folder) as engine:  # opened each time, so that the files are read each time
            engine.kept(PERIOD, numbers)

    return pairs(
        f"指标：{VILLAGES:,} 村 {len(numbers)} 个指标按乡镇，DuckDB 在数据集上对工作区里",
        on_duckdb,
        lambda: ws.tallies(PERIOD, numbers),
        bar=2.0,  # reported; most of either side is making the tallies of 1,600 townships in Python
    )


def export(ws: Workspace, asked: Asked, folder: Path) -> None:
    with Stage(Place(folder, PERIOD, COUNTY), ("parquet",)) as stage:
        for lines in gathered(ws, asked):
            stage.take(lines)
        facts = {"title": "数据集", "description": "", "county": COUNTY, "period": PERIOD, "task": {}}
        stage.add(DICTIONARY, package(facts, stage.written))
        stage.put_in_place()


def by_pandas(connection: Any, folder: Path) -> None:
    """What somebody would write by hand: each table as a frame, each frame as a file."""
    import pandas as pd

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = [name for (name,) in connection.execute("SELECT name FROM figure_form ORDER BY name")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pandas would rather have SQLAlchemy
        for name in names:
            frame = pd.read_sql(f'SELECT * FROM "{name}" WHERE _period = ?', connection, params=(PERIOD,))
            frame.to_parquet(folder / f"{name}.parquet", compression="zstd")
