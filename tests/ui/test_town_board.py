"""总览: every return of every village at a glance; counts filter, Enter opens what the cell needs, many stay quick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.township import board
from cunbao.desks.township.views import BoardView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.board import BoardScreen
from cunbao.ui.shell import Shell
from ui.hands import types_chinese
from ui.town import TownDesk, board_view, code_of
from ui.townhall import Some, where
from world.effort import calls

KEY = Qt.Key


@pytest.fixture
def view() -> list[BoardView]:
    """What the desk says; a test may put another view in its place."""
    return [board_view()]


@pytest.fixture
def shell(show, view: list[BoardView], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(board, "board", lambda desk: view[0])
    made = Shell(Some("board"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(TownDesk())
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> BoardScreen:
    here = shell.screen_here
    assert isinstance(here, BoardScreen)
    return here


def cell(shell: Shell) -> tuple[str, str]:
    grid = screen(shell).grid
    return grid.row(grid.current_row()).label, grid.current_key()


def test_it_stands_on_the_next_return_and_enter_reviews_it(shell: Shell, qtbot: QtBot) -> None:
    grid = screen(shell).grid
    assert cell(shell) == ("曼蚌村", "B01") and QApplication.focusWidget() is grid
    assert screen(shell).main.accessibleName() == "审核：曼蚌村 B01"
    qtbot.keyClick(grid, KEY.Key_Return)
    assert where(shell) == ("review", {"office": code_of(1), "form": "B01"})


@pytest.mark.parametrize(
    ("village", "form", "place"),
    [
        (0, "B03", "conflict"), (8, "B02", "enrol"), (5, "B04", "chase"), (6, "B03", "review"), (2, "B01", "review"),
        (12, "B02", "review"),
    ],
)  # fmt: skip
def test_enter_opens_what_the_cell_needs(shell: Shell, qtbot: QtBot, village: int, form: str, place: str) -> None:
    grid = screen(shell).grid
    grid.go(village, form)
    qtbot.keyClick(grid, KEY.Key_Return)
    assert where(shell) == (place, {"office": code_of(village), "form": form})


def test_beside_the_forms_enter_opens_what_the_village_needs_first(shell: Shell, qtbot: QtBot) -> None:
    grid = screen(shell).grid
    grid.go(6, "name")
    qtbot.keyClick(grid, KEY.Key_Return)
    assert where(shell) == ("review", {"office": code_of(6), "form": "B03"})  # 退回 comes before 未报


def test_the_number_keys_filter_and_nothing_changes_its_place(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    QApplication.processEvents()
    before = [here.grid.cell_rect(0, column.key) for column in here.grid.columns]
    qtbot.keyClick(here.grid, KEY.Key_3)
    assert here.filters.current() == "FORK"
    assert cell(shell) == ("勐混村", "B03")  # to the first that it shows
    assert here.grid.row(0).cell("B01").grey and not here.grid.row(0).cell("B03").grey
    assert here.grid.row(1).grey
    assert [here.grid.cell_rect(0, column.key) for column in here.grid.columns] == before
    qtbot.keyClick(here.grid, KEY.Key_Escape)
    assert here.filters.current() == "all" and not here.grid.row(1).grey


def test_every_count_is_a_filter_in_the_order_of_the_keys(shell: Shell) -> None:
    assert [(one.word, one.count) for one in screen(shell).filters.filters] == [
        ("全部", "70"), ("已接收", "16"), ("有冲突", "1"), ("证书待核准", "3"), ("退回", "4"), ("未报", "17"),
        ("通过", "29"),
    ]  # fmt: skip


def test_the_sum_row_counts_what_is_accepted_by_form(shell: Shell) -> None:
    total = screen(shell).grid.total
    assert total is not None
    shown = [total.cell(key).text for key in ("B01", "B02", "B03", "B04", "B05", "done", "remark")]
    assert shown == ["9 / 14", "6 / 14", "5 / 14", "5 / 14", "4 / 14", "29 / 70", "完 2 村"]
    paper = screen(shell).grid.row(12)
    assert paper.cell("came").text == "12-15 纸质" and paper.cell("seq").text == "—"


def test_a_village_is_found_by_name_and_by_the_initials_of_its_pinyin(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    qtbot.keyClick(here.grid, KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert here.search.edit.hasFocus()
    qtbot.keyClicks(here.search.edit, "gbc")
    assert cell(shell)[0] == "广别村"
    here.search.edit.clear()
    types_chinese(here.search.edit, "拉巴")
    assert cell(shell)[0] == "拉巴村"
    qtbot.keyClick(here.search.edit, KEY.Key_Return)
    assert QApplication.focusWidget() is here.grid and here.search.text() == ""
    qtbot.keyClick(here.grid, KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(here.search.edit, "qqq")
    assert here.search.state == "error" and cell(shell)[0] == "拉巴村"


def test_marks_stand_beside_the_state_and_are_read_out(shell: Shell, view: list[BoardView]) -> None:
    row = view[0].rows[5]
    late = replace(row, cells=tuple(replace(one, marks=("迟报",)) for one in row.cells))
    view[0] = replace(view[0], rows=(*view[0].rows[:5], late, *view[0].rows[6:]))
    screen(shell).refresh()
    screen(shell).grid.go(5, "B01")
    assert screen(shell).grid.accessibleDescription() == "曼冈村 B01 基本情况 未报 迟报，第 6 行，共 14 行"


def test_the_cursor_stays_by_its_village_when_something_was_received_meanwhile(
    shell: Shell, view: list[BoardView]
) -> None:
    grid = screen(shell).grid
    grid.go(7, "B04")
    view[0] = replace(view[0], rows=(replace(view[0].rows[0], office="999022103199", name="新村"), *view[0].rows))
    screen(shell).refresh()
    assert cell(shell) == ("班盆村", "B04") and grid.current_row() == 8


def test_taking_back_a_decision_shows_which_one_it_was(shell: Shell, qtbot: QtBot) -> None:
    qtbot.keyClick(screen(shell).grid, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: cell(shell) == ("曼扫村", "B04"))
    assert shell.desk.undone == ["undo"]


def test_nothing_left_to_review_shows_no_button(shell: Shell, view: list[BoardView]) -> None:
    view[0] = replace(view[0], next=None)
    screen(shell).refresh()
    assert not screen(shell).main.isVisible()
    view[0] = replace(view[0], rows=(), total=0, counts={})
    screen(shell).refresh()
    assert screen(shell).empty.isVisible() and not screen(shell).grid.isVisible()


def filtered(here: BoardScreen, qtbot: QtBot) -> None:
    for key in (KEY.Key_2, KEY.Key_5, KEY.Key_7, KEY.Key_1):
        qtbot.keyClick(here.grid, key)
        here.grid.viewport().repaint()


def test_three_hundred_villages_are_filtered_and_walked_at_once(
    shell: Shell, view: list[BoardView], qtbot: QtBot
) -> None:
    rows = tuple(
        replace(view[0].rows[number % 14], office=f"9990221{number:05}", name=f"第{number}村") for number in range(330)
    )
    view[0] = replace(view[0], rows=rows)
    here = screen(shell)
    few = calls(lambda: filtered(here, qtbot))
    here.refresh()
    QApplication.processEvents()
    assert calls(lambda: filtered(here, qtbot)) < 4 * few  # 14 villages before; only what is seen is made and painted
    qtbot.keyClick(here.grid, KEY.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert cell(shell)[0] == "第329村"


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
def test_the_board_fits_the_smallest_window(shell: Shell, scale: float, contrast: bool) -> None:
    shell.resize(1180, 640)
    shell.set_look(scale, contrast)
    QApplication.processEvents()
    assert (shell.width(), shell.height()) == (1180, 640)
    here = screen(shell)
    for text in here.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
    bottom = here.grid.mapTo(here, here.grid.rect().bottomLeft()).y()
    assert bottom <= here.height() and here.grid.height() > 5 * here.grid.places.row
    assert here.search.isVisible() and here.search.geometry().right() <= here.width()


def test_states_are_told_by_icon_and_word() -> None:
    from cunbao.ui.kit.grid import state_cell

    fork = state_cell(ReturnState.FORK)
    assert (fork.text, fork.icon, fork.state, fork.boxed) == ("有冲突", "split", "problem", True)
    assert not state_cell(ReturnState.MISSING).boxed and not state_cell(ReturnState.ACCEPTED).boxed
