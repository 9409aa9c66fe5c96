"""乡镇样例: there is something to do in every corner, and a file to receive."""

from __future__ import annotations

from pathlib import Path

import pytest

from cunbao.desks import doors, receiving
from cunbao.desks.story import practice_township
from cunbao.desks.township import board, registry, reviewing, supplement
from cunbao.desks.village.practice import PASSWORD
from cunbao.errors import Cancelled
from cunbao.progress import Cancel
from cunbao.survey.states import ReturnState
from world.desk import a_clock


def test_the_practice_township_has_work_on_every_screen_and_opens_again(tmp_path: Path) -> None:
    clock = a_clock(2026, 3, 2, 1)
    desk = practice_township.begin_sample(tmp_path / "sample", clock=clock)
    frame = board.frame(desk)
    assert (frame.days_left, frame.requests, frame.to_chase, frame.sample) == (4, 1, 6, True)
    own = supplement.asked(desk)
    assert [(one.form, one.state) for one in frame.own] == [("T01", ReturnState.SIGNED)]
    assert own.last("T01") is not None and (own.task.deadline - desk.task.deadline).days == 5
    counts, forms = board.board(desk).counts, len(desk.task.forms)
    assert counts[ReturnState.RETURNED] == 1 and counts[ReturnState.ACCEPTED] == 2
    assert counts[ReturnState.CERT_PENDING] == forms and counts[ReturnState.RECEIVED] == forms - 3
    seen = receiving.receive(desk, [practice_township.sample_files(tmp_path / "sample")])
    assert (seen.taken, seen.refused) == (1, 1)
    office, form = reviewing.queue(desk)[0]
    assert reviewing.review(desk, office, form).pdf_check.ok
    assert registry.enrol_view(desk).requests[0].returns == forms
    desk.close()
    again = doors.unlock(tmp_path / "sample", practice_township.OFFICER.name, PASSWORD, clock=clock)
    assert again.task.deadline == desk.task.deadline
    again.close()


def test_a_practice_township_that_was_stopped_half_way_leaves_nothing(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.ask()
    with pytest.raises(Cancelled):
        practice_township.begin_sample(tmp_path / "sample", clock=a_clock(2026, 3, 2, 1), cancel=cancel)
    assert not (tmp_path / "sample").exists()
