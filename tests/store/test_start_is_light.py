"""An ordinary start imports neither sqlite_utils nor pandas; making tables keeps pandas and numpy out (decision 12)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from store.folders import DESKTOP, a_workspace

HEAD = """
import sys
from store.folders import *
folder = Path(sys.argv[1])
"""


def run(tmp_path: Path, body: str) -> str:
    """In a process where pandas and numpy are installed, and say so when they are imported."""
    site = tmp_path / "site"
    for name in ("pandas", "numpy"):
        (site / name).mkdir(parents=True, exist_ok=True)
        (site / name / "__init__.py").write_text(f"print('{name} was imported')\n__version__ = '9'")
    tests = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", HEAD + body, str(tmp_path / "village")],
        env={**os.environ, "PYTHONPATH": f"{DESKTOP}:{tests}:{site}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_opening_and_typing_need_neither(tmp_path: Path) -> None:
    a_workspace(tmp_path / "village").close()
    said = run(
        tmp_path,
        """
ws = opened(folder)
ws.keep(B02, [put("area", "", "1")], now=NOW)
print(sorted({"sqlite_utils", "pandas", "numpy", "click", "sqlite3"} & set(sys.modules)))
""",
    )
    assert said == "[]"


def test_the_rooms_that_know_datasets_load_no_engine_before_one_is_asked_for(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        """
import cunbao.cli.datasets, cunbao.cli.indicators, cunbao.ui.screens.dataset
import cunbao.desks.county.dataset_board, cunbao.desks.county.dataset_postgres
import cunbao.store.datasets.files, cunbao.store.datasets.parquet, cunbao.store.datasets.served
print(sorted({"duckdb", "psycopg", "pandas", "numpy", "openpyxl"} & set(sys.modules)))
""",
    )
    assert said == "[]"


def test_making_tables_keeps_pandas_out_and_leaves_no_trace(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        """
a_workspace(folder).close()
print("sqlite_utils" in sys.modules, sorted({"pandas", "numpy", "pysqlite3"} & set(sys.modules)))
import pandas
""",
    )
    assert said.splitlines() == ["True []", "pandas was imported"]


@pytest.mark.parametrize("first", ["", "import pandas"])
def test_sqlite_utils_works_with_our_driver(tmp_path: Path, first: str) -> None:
    said = run(
        tmp_path,
        first
        + """
from cunbao.store.driver import connect, dbapi2, sqlite_utils_database
db = sqlite_utils_database(connect(folder, KEY))
db["t"].insert({"id": 1, "a": "x"}, pk="id")
db["t"].insert({"id": 2, "a": "y", "b": 3}, alter=True)  # needs the right class of OperationalError
import sqlite_utils.utils
print(db["t"].count, sqlite_utils.utils.OperationalError is dbapi2.OperationalError)
""",
    )
    assert said.splitlines()[-1] == "2 True"
