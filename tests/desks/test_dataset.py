"""数据集 of a county that townships have sent to: what is in it, what is journalled, and how PostgreSQL follows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from openpyxl import load_workbook

from cunbao.desks.county import answers, dataset, dataset_board, dataset_postgres, indicators
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.indicator_views import BoardView
from cunbao.errors import CunbaoError, DeskError, StoreError, TrustError
from cunbao.store.datasets import postgres, server
from cunbao.survey.codes import verification_code
from cunbao.survey.decision import Act, Comment
from cunbao.survey.values import Cell
from world.county_returns import a_county_with_returns
from world.desk import MANBANG, MANGUO, PASSWORD
from world.postgres import Server, a_server

COUNTED = 9  # of ten returns of two villages
SECRET = "very secret/words"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with a_server() as one:
        yield one


@pytest.fixture
def county(tmp_path: Path) -> CountyDesk:
    return a_county_with_returns(tmp_path)


def acts(desk: CountyDesk) -> list[str]:
    return [one.act for one in desk.workspace.journal_entries()]


def figures(view: BoardView) -> list[tuple[Any, ...]]:
    return [(one.indicator.number, *one.total[1:]) for one in view.rows]


def rows(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(sql).fetchall()


# --- files -----------------------------------------------------------------------------------------------------------


def test_each_row_names_the_signed_version_that_it_comes_from(county: CountyDesk, tmp_path: Path) -> None:
    (done,) = dataset.export(county, tmp_path / "out").periods
    assert (done.period, done.returns, done.closed) == ("2025", COUNTED, False)
    told = json.loads((done.path / "datapackage.json").read_bytes())
    assert told["cunbao:partition"]["closed"] is False and "还没有封账" in told["description"]
    returns = pd.read_parquet(done.path / "returns" / "data.parquet").set_index("_revision")
    facilities = pd.read_parquet(done.path / "form=B02" / "table=B02" / "data.parquet").set_index("_office")
    held = county.workspace.counted(MANBANG, "B02", "2025")
    assert held is not None and facilities.loc[MANBANG, "_revision"] == held.id
    own = returns.loc[held.id]
    assert own["code"] == verification_code(held.id) and own["version"] == held.version
    assert own["accepted_by"] == f"{MANBANG[:9]}000" and own["accepted_at"] and own["at_close"] is None
    assert len(returns) == COUNTED and "accepted_person" not in returns.columns
    assert (done.path / "task" / "indicators.csv").is_file()


def test_after_closing_the_dataset_says_so_and_which_returns_were_named(county: CountyDesk, tmp_path: Path) -> None:
    answers.close_period(county, "")
    (done,) = dataset.export(county, tmp_path / "out").periods
    returns = pd.read_parquet(done.path / "returns" / "data.parquet")
    assert done.closed and returns["at_close"].tolist() == [True] * COUNTED


def test_people_only_after_the_password_and_never_unnoticed(county: CountyDesk, tmp_path: Path) -> None:
    with pytest.raises(TrustError) as wrong:
        dataset.export(county, tmp_path / "out", personal=True, password="x")
    assert wrong.value.code == "password.wrong" and not (tmp_path / "out").exists()
    (done,) = dataset.export(county, tmp_path / "out", personal=True, password=PASSWORD).periods
    people = pd.read_parquet(done.path / "form=B03" / "table=B03_b03_m" / "data.parquet")
    assert all(re.fullmatch(r"999022\d{11}[\dX]", one) for one in people["b03_m_id"])
    entry = county.workspace.journal_entries()[-1]
    assert entry.act == "export_dataset" and entry.detail["personal"] is True


def test_a_workbook_keeps_the_tails_of_long_numbers(county: CountyDesk, tmp_path: Path) -> None:
    done = dataset.export(county, tmp_path / "out", formats=("xlsx",), personal=True, password=PASSWORD).periods[0]
    (path,) = done.path.glob("*.xlsx")
    book = load_workbook(path, read_only=True)
    heads, *people = [
        row for row in book["B03_b03_m"].iter_rows(values_only=True) if row[0] and len(str(row[0])) in (4, 12)
    ]
    at = next(number for number, head in enumerate(heads) if head and "身份证" in head)
    assert people and all(isinstance(one[at], str) and len(one[at]) == 18 for one in people)


def test_a_period_that_is_not_there_and_a_place_that_refuses_leave_nothing(county: CountyDesk, tmp_path: Path) -> None:
    with pytest.raises(DeskError) as unknown:
        dataset.export(county, tmp_path / "out", some=["1999"])
    assert unknown.value.code == "dataset.no_period" and "export_dataset" not in acts(county)
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeskError):
        dataset.export(county, tmp_path / "file" / "out")
    with pytest.raises(StoreError) as none, dataset_board.over_files(tmp_path):
        pass
    assert none.value.code == "dataset.none"


def test_a_damaged_file_has_its_sentence(county: CountyDesk, tmp_path: Path) -> None:
    (done,) = dataset.export(county, tmp_path / "out").periods
    (done.path / "returns" / "data.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(StoreError) as damaged, dataset_board.over_files(tmp_path / "out") as counties:
        dataset_board.board(counties)
    assert damaged.value.code == "dataset.damaged"


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_touched_and_what_counts_no_more_leaves(county: CountyDesk, postgresql: Server) -> None:
    dsn = postgresql.database("follows")
    (first,) = dataset_postgres.keep(county, dsn).periods
    assert (first.new, first.changed, first.gone, first.same) == (COUNTED, 0, 0, 0)
    marks = "SELECT _office, xmin::text FROM cunbao.b02 ORDER BY 1"
    beside = "SELECT 'r', _revision, xmin::text FROM cunbao.returns UNION ALL SELECT 'i', _office || indicator, "
    beside += "xmin::text FROM cunbao.indicators UNION ALL SELECT 'c', list || code, xmin::text FROM cunbao.codes"
    before, untouched = rows(dsn, marks), sorted(rows(dsn, beside))
    (again,) = dataset_postgres.keep(county, dsn).periods
    assert again.same == COUNTED and again.touched == 0
    assert rows(dsn, marks) == before and sorted(rows(dsn, beside)) == untouched
    head = county.workspace.standing(MANGUO, "B02", "2025").head
    answers.decide(county, Act.RETURN, head, comments=[Comment(Cell("b02_n"), "请核对")])
    (after,) = dataset_postgres.keep(county, dsn).periods
    assert (after.new, after.changed, after.gone, after.same) == (0, 0, 1, COUNTED - 1)
    assert rows(dsn, marks) == [one for one in before if one[0] != MANGUO]
    assert rows(dsn, f"SELECT count(*) FROM cunbao.b02_b02_f WHERE _office = '{MANGUO}'") == [(0,)]
    for plan in ("003", "000"):
        here = figures(indicators.board(county, plan))
        with dataset_board.over_postgres(dsn) as counties:
            assert figures(dataset_board.board(counties, plan)) == here


def test_people_come_and_go_with_the_wish(county: CountyDesk, postgresql: Server) -> None:
    dsn = postgresql.database("people")
    dataset_postgres.keep(county, dsn, personal=True, password=PASSWORD)
    asked = "SELECT count(b03_m_id), count(*) FROM cunbao.b03_b03_m"
    ((named, people),) = rows(dsn, asked)
    assert named == people > 0
    dataset_postgres.keep(county, dsn)
    assert rows(dsn, asked) == [(0, people)]
    assert rows(dsn, "SELECT count(accepted_person) FROM cunbao.returns") == [(0,)]


def test_the_password_of_a_dsn_is_nowhere(county: CountyDesk, postgresql: Server) -> None:
    dsn = f"{postgresql.database('secret')} password='{SECRET}'"
    done = dataset_postgres.keep(county, dsn)
    told = json.dumps([one.detail for one in county.workspace.journal_entries()], ensure_ascii=False)
    assert "keep_postgres" in acts(county) and "secret" in done.where and SECRET not in told + done.where
    for wrong in (f"postgresql://u:{SECRET}@[broken", f"nonsense {SECRET}", f"host=/nowhere password='{SECRET}'"):
        with pytest.raises(StoreError) as refused:
            dataset_postgres.keep(county, wrong)
        assert SECRET not in f"{refused.value} {refused.value.detail} {refused.value.__cause__}"


def test_what_a_server_refuses_is_told_and_nothing_is_half_written(
    county: CountyDesk, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = postgresql.database("refuses")
    dataset_postgres.keep(county, dsn)

    def told(code: str, to: str, **how: Any) -> CunbaoError:
        before = acts(county)
        with pytest.raises(StoreError) as refused:
            dataset_postgres.keep(county, to, **how)
        assert refused.value.code == code and refused.value.safe and refused.value.todo and acts(county) == before
        return refused.value

    told("postgres.dsn", "postgresql://[")
    told("postgres.unreachable", "host=/nowhere")
    told("postgres.unreachable", f"{postgresql.dsn('no such database')!s}".replace("no such database", "nothere"))
    told("postgres.schema", dsn, schema="Robert'); DROP")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE ROLE reader LOGIN; CREATE SCHEMA other; CREATE TABLE other.t (a int)")
    told("postgres.rights", postgresql.dsn("refuses", "reader"))
    told("postgres.foreign", dsn, schema="other")
    with monkeypatch.context() as older:
        older.setattr(server, "LEAST", 99)
        assert "PostgreSQL 15" in told("postgres.old", dsn).happened
    with monkeypatch.context() as broken:
        broken.setattr(postgres.Keeper, "_note", lambda self, *some: self._db.execute("SELECT 1 / 0"))
        answers.close_period(county, "")  # so that there is something to change
        acts_before = rows(dsn, "SELECT count(at_close) FROM cunbao.returns")
        told("postgres.broken", dsn)
        assert rows(dsn, "SELECT count(at_close) FROM cunbao.returns") == acts_before == [(0,)]
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE cunbao.meta SET value = '999' WHERE name = 'version'")
    assert "999" in told("postgres.newer", dsn).happened


def test_a_second_county_beside_the_first_is_left_alone_and_added_up(
    county: CountyDesk, postgresql: Server, tmp_path: Path
) -> None:
    dsn = postgresql.database("two")
    dataset_postgres.keep(county, dsn)
    with psycopg.connect(dsn) as connection:  # the same figures under another county's code
        names = [name for (name,) in connection.execute("SELECT name FROM cunbao.form_table")]
        for table in (*names, "returns", "offices", "indicators", "codes", "definitions", "exemptions", "partition"):
            connection.execute(f"CREATE TEMP TABLE t AS SELECT * FROM cunbao.{table}; UPDATE t SET _county = '999022'")
            if table in (*names, "returns", "offices", "indicators"):
                connection.execute("UPDATE t SET _office = '999022' || substr(_office, 7)")
            connection.execute(f"INSERT INTO cunbao.{table} SELECT * FROM t; DROP TABLE t")
    here = {one[0]: one for one in figures(indicators.board(county, "003"))}
    with dataset_board.over_postgres(dsn) as counties:
        both = {one[0]: one for one in figures(dataset_board.board(counties, "003"))}
    assert all(both[number][1] == 2 * one[1] and both[number][2] == 2 * one[2] for number, one in here.items())
    dataset_postgres.keep(county, dsn)
    assert rows(dsn, "SELECT _county, count(*) FROM cunbao.returns GROUP BY 1 ORDER BY 1") == [
        ("532822", COUNTED),
        ("999022", COUNTED),
    ]
