"""An answer that is durable on the disk, against a bare SQLCipher commit with the same settings in the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlcipher3 import dbapi2

from bench.measure import PAIRS, Row
from cunbao.store import DraftKey, Workspace
from cunbao.survey.values import Edit, EditAct

KEY = bytes(range(32))
NOW = datetime(2025, 12, 12, tzinfo=UTC)
ANSWERS = 400  # commits in one measurement; both sides pass their checkpoints within it
FIELDS = 60


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as home:
        yield committed_answer(Path(home))


def committed_answer(home: Path) -> Row:
    """`Workspace.keep` of one cell against one INSERT of the same texts and its COMMIT, in turns of ANSWERS each."""
    ws = Workspace.create(home / "village", KEY, kind="village", now=NOW)
    bare = a_bare_database(home / "bare.db")
    numbers = count(1)
    shown = [""] * FIELDS

    def keep() -> None:
        number = next(numbers)
        name, text = number % FIELDS, f"{number}.00"
        ws.keep(KEY_OF_DRAFT, [Edit(EditAct.SET, f"b02_field_{name}", "", shown[name], text)], now=NOW)
        shown[name] = text

    def commit() -> None:
        number = next(numbers)
        bare.execute("BEGIN IMMEDIATE")
        bare.execute(
            "INSERT INTO answer (office, form, field, old, new, at) VALUES (?,?,?,?,?,?)",
            (OFFICE, "B02", f"b02_field_{number % FIELDS}", f"{number - 60}.00", f"{number}.00", AT),
        )
        bare.execute("COMMIT")

    pairs = [(times(keep), times(commit)) for _ in range(PAIRS + 1)][1:]  # the first warms both
    ws.close()
    bare.close()
    ours, base = (median(sorted(one)[ANSWERS // 2] for one in side) for side in zip(*pairs, strict=True))
    return Row("已保存：一格落盘（synchronous=FULL）", ours, base, "ms", 2.0, len(pairs) * ANSWERS)


OFFICE = "532822103203"
AT = "2025-12-12T02:42:11.000000Z"
KEY_OF_DRAFT = DraftKey(OFFICE, "B02", "2025")


def times(act: object) -> list[float]:
    """Milliseconds of each of ANSWERS calls."""
    assert callable(act)
    taken = []
    for _ in range(ANSWERS):
        begun = perf_counter()
        act()
        taken.append((perf_counter() - begun) * 1000)
    return taken


def a_bare_database(path: Path) -> dbapi2.Connection:
    """SQLCipher with our settings, read back, and nothing else of ours."""
    connection = dbapi2.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key=\"x'{KEY.hex()}'\"")
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    assert (mode, connection.execute("PRAGMA synchronous").fetchone()[0]) == ("wal", 2)
    connection.execute(
        "CREATE TABLE answer (id INTEGER PRIMARY KEY, office TEXT, form TEXT, field TEXT, old TEXT, new TEXT, at TEXT)"
    )
    return connection
