"""Receiving: one line a file, all of a file or nothing, and a known one is no news."""

from __future__ import annotations

from pathlib import Path

from cunbao.desks import receiving
from cunbao.desks.township import board, deciding, reviewing
from cunbao.desks.township.views import FileResult
from cunbao.survey.states import ReturnState
from world.desk import MANBANG, MANGUO, a_town_desk, bundle_file

MANSAI = "532822103204"


def test_a_folder_of_bundles_is_received_and_stands_on_the_board(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    stick = tmp_path / "stick"
    for office in (MANBANG, MANGUO):
        bundle_file(stick, office)
    seen = receiving.receive(desk, [stick], source="U 盘")
    assert [line.result for line in seen.lines] == [FileResult.TAKEN] * 2
    assert (seen.taken, seen.known, seen.refused, seen.to_review) == (2, 0, 0, 10)
    rows = {row.office: row for row in board.board(desk).rows}
    assert {cell.state for cell in rows[MANBANG].cells} == {ReturnState.RECEIVED}
    assert {cell.state for cell in rows[MANSAI].cells} == {ReturnState.MISSING}
    again = receiving.receive(desk, [stick])
    assert {line.result for line in again.lines} == {FileResult.KNOWN} and again.known == 2


def test_what_is_accepted_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    deciding.accept(desk, MANBANG, "B01")
    assert desk.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.ACCEPTED
    assert len(desk.workspace.rows_that_count(desk.task.forms["B01"], "2025")) == 1
    assert desk.workspace.counted(MANBANG, "B01", "2025") is not None
    reviewing.withdraw(desk, MANBANG, "B01", "人数和名册对不上")
    assert desk.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED
    assert desk.workspace.rows_that_count(desk.task.forms["B01"], "2025") == ()
