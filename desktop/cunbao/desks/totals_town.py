"""The township's own numbers behind its 汇总表: the word of each return, and what has come and is not accepted yet."""

from __future__ import annotations

from cunbao.desks import board
from cunbao.desks.totals import totals_forms
from cunbao.desks.township import TownshipDesk
from cunbao.survey.revision import read_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Answers


def words(desk: TownshipDesk) -> dict[tuple[str, str], str]:
    """(office, form) → the word of its return, as on the board."""
    return {key: state.value for key, state in board.states(desk).items()}


def received(desk: TownshipDesk) -> dict[tuple[str, str], Answers]:
    """(office, form) → answers of the one head that waits for review (连已接收的一起看)."""
    workspace, forms = desk.workspace, {name for name, _ in totals_forms(desk.task)}
    found = {}
    for office, form, stands in workspace.standings(desk.task.period, [one.code for one in desk.villages]):
        if form in forms and stands.state is ReturnState.RECEIVED and stands.head:
            held = workspace.revision(stands.head)
            if held is not None:
                found[office, form] = read_answers(desk.task.forms[form], workspace.object(held.answers))
    return found
